// SPDX-License-Identifier: BSD-3-Clause
//
// Option structs of other versions: a smaller one is read to its end and no further, and what it lacks has its
// default; a larger one is refused; _init_sized writes what fits.
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

#include <memory>

namespace {

using namespace test;

constexpr double infinity = std::numeric_limits<double>::infinity();

// ---- What an _init function does -----------------------------------------------------------------------

template <class Options>
bool is_a_version(std::size_t size) {
    return size >= sizeof(std::size_t) && size <= sizeof(Options) && size % alignof(Options) == 0;
}

template <class Options>
Options defaults(void (*init_sized)(Options*, std::size_t)) {
    Options options;
    init_sized(&options, sizeof options);
    return options;
}

// No field, so of any content.
void clear_padding(ag_adagrad_options&) {}
void clear_padding(ag_set& set) {
    std::memset(&set.kind + 1, 0, offsetof(ag_set, radius) - offsetof(ag_set, kind) - sizeof set.kind);
}
void clear_padding(ag_logistic_options& options) {
    std::memset(&options.fit_intercept + 1, 0,
                offsetof(ag_logistic_options, l2) - offsetof(ag_logistic_options, fit_intercept) -
                    sizeof options.fit_intercept);
}

template <class Options>
void expect_init_stays_inside(void (*init_sized)(Options*, std::size_t)) {
    const Options full = defaults(init_sized);
    EXPECT_EQ(full.struct_size, sizeof full);
    for (std::size_t size = 0; size <= sizeof(Options) + 16; size += 4) {
        SCOPED_TRACE("size " + std::to_string(size));
        // At its end a page that cannot be written; in front of it the array's canary.
        GuardedArray<std::uint64_t> memory((size + 7) / 8);
        const std::vector<std::uint64_t> before = memory.values();
        init_sized(reinterpret_cast<Options*>(memory.data()), size);
        EXPECT_TRUE(memory.intact());
        if (!is_a_version<Options>(size)) {
            EXPECT_EQ(memory.values(), before);
            continue;
        }
        Options expected = full, found = full;
        expected.struct_size = size;
        std::memcpy(&found, memory.data(), size);
        clear_padding(expected);
        clear_padding(found);
        EXPECT_EQ(std::memcmp(&found, &expected, sizeof found), 0);
    }
    init_sized(nullptr, sizeof full);
}

TEST(StructSize, InitWritesWhatFits) {
    expect_init_stays_inside(ag_adagrad_options_init_sized);
    expect_init_stays_inside(ag_set_init_sized);
    expect_init_stays_inside(ag_logistic_options_init_sized);
}

TEST(StructSize, InitWithoutASizeFillsThisVersion) {
    ag_adagrad_options options;
    (ag_adagrad_options_init)(&options);
    EXPECT_EQ(options.struct_size, sizeof options);
    ag_set set;
    (ag_set_init)(&set);
    EXPECT_EQ(set.struct_size, sizeof set);
    ag_logistic_options logistic;
    (ag_logistic_options_init)(&logistic);
    EXPECT_EQ(logistic.struct_size, sizeof logistic);
    (ag_adagrad_options_init)(nullptr);
    (ag_set_init)(nullptr);
    (ag_logistic_options_init)(nullptr);
}

TEST(StructSize, DefaultsAreTheDocumentedOnes) {
    const ag_adagrad_options o = adagrad_options();
    EXPECT_EQ(o.learning_rate, 0.01);
    EXPECT_EQ(o.epsilon, 1e-10);
    EXPECT_EQ(o.epsilon_mode, AG_EPSILON_IN_STATE);
    EXPECT_EQ(o.maximize, 0);
    EXPECT_EQ(o.weight_decay, 0);
    EXPECT_EQ(o.decoupled_weight_decay, 0);
    EXPECT_EQ(o.gradient_scale, 1);
    EXPECT_EQ(o.l1, 0);
    EXPECT_EQ(o.l2, 0);
    EXPECT_EQ(o.math, AG_MATH_STRICT);
    EXPECT_EQ(o.rounding, AG_ROUNDING_NEAREST);
    EXPECT_EQ(o.seed, 0u);
    EXPECT_EQ(o.step, 0u);
    const ag_set s = make_set(AG_SET_BOX);
    EXPECT_EQ(s.radius, 1);
    EXPECT_EQ(s.lower, -infinity);
    EXPECT_EQ(s.upper, infinity);
    EXPECT_EQ(s.offset, 0);
    EXPECT_EQ(s.lower_offset, 0);
    for (const void* array : {s.lower_bounds, s.upper_bounds, s.center, s.normal})
        EXPECT_EQ(array, nullptr);
    EXPECT_EQ(s.report, nullptr);
    EXPECT_EQ(s.group_length, 0u);
    EXPECT_EQ(s.group_offsets, nullptr);
    EXPECT_EQ(s.group_count, 0u);
    EXPECT_EQ(s.reducer, nullptr);
    EXPECT_EQ(s.workspace, nullptr);
    EXPECT_EQ(s.workspace_size, 0u);
    const ag_logistic_options l = logistic_options();
    EXPECT_EQ(l.labels, AG_LABELS_PLUS_MINUS_ONE);
    EXPECT_EQ(l.reduction, AG_REDUCTION_MEAN);
    EXPECT_EQ(l.fit_intercept, 0);
    EXPECT_EQ(l.l2, 0);
    EXPECT_EQ(l.sample_weight, nullptr);
    EXPECT_EQ(l.row_indices, nullptr);
    EXPECT_EQ(l.row_count, 0u);
    EXPECT_EQ(l.workspace, nullptr);
    EXPECT_EQ(l.workspace_size, 0u);
    EXPECT_EQ(l.positive_weight, 1);
    EXPECT_EQ(l.negative_weight, 1);
    EXPECT_EQ(l.label_smoothing, 0);
}

// ---- What a call makes of an older struct --------------------------------------------------------------

// What a call left behind: status, message, and all the memory that it may have written.
struct Outcome {
    ag_status status;
    std::string message;
    std::vector<unsigned char> memory;

    bool operator==(const Outcome& other) const {
        return status == other.status && memory == other.memory &&
               (status == AG_OK || message == other.message);
    }
};

// Memory that is the same before each call, as bytes.
template <class Memory>
Outcome outcome(ag_status status, const Memory& memory) {
    static_assert(std::is_trivially_copyable_v<Memory>);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&memory);
    return {status, ag_last_error(), {bytes, bytes + sizeof memory}};
}

// Calls with structs of all sizes, which end at an inaccessible page, and with a full struct of the same meaning:
// given fields, then defaults. Marks the words without which a full struct means something else.
template <class Options, class Call>
void expect_missing_fields_have_defaults(const Options& given, void (*init_sized)(Options*, std::size_t),
                                         Call call, std::vector<bool>& matters) {
    const Options plain = defaults(init_sized);
    const Outcome of_given = call(&given);
    for (std::size_t size = 0; size <= sizeof(Options) + 16; size += 4) {
        SCOPED_TRACE("size " + std::to_string(size));
        GuardedArray<std::uint64_t> older((std::max<std::size_t>(size, 8) + 7) / 8);
        std::memcpy(older.data(), &given, std::min(size, sizeof given));
        older[0] = size;
        const Outcome found = call(reinterpret_cast<const Options*>(older.data()));
        if (!is_a_version<Options>(size)) {
            EXPECT_EQ(found.status, AG_ERROR_STRUCT_SIZE);
            EXPECT_NE(found.message.find("struct_size = " + std::to_string(size)), std::string::npos)
                << found.message;
            continue;
        }
        Options full = plain;
        std::memcpy(&full, &given, size);
        full.struct_size = sizeof full;
        EXPECT_EQ(found, call(&full)) << found.message;
        if (size > 8) {
            // The same but for the last word of this size.
            Options without = given;
            std::memcpy(reinterpret_cast<char*>(&without) + size - 8,
                        reinterpret_cast<const char*>(&plain) + size - 8, 8);
            if (!(call(&without) == of_given))
                matters[size / 8 - 1] = true;
        }
    }
}

// All words behind struct_size.
void expect_all_matter(const std::vector<bool>& matters) {
    for (std::size_t word = 1; word < matters.size(); ++word)
        EXPECT_TRUE(matters[word]) << "no call tells whether the field at byte " << 8 * word << " is given";
}

TEST(StructSize, MissingAdagradOptionsHaveTheirDefaults) {
    ag_adagrad_options given = adagrad_options();
    given.learning_rate = 0.3;
    given.epsilon = 0.7;
    given.epsilon_mode = AG_EPSILON_OUTSIDE;
    given.maximize = 1;
    given.weight_decay = 0.2;
    given.decoupled_weight_decay = 0.15;
    given.gradient_scale = 1.7;
    given.l1 = 0.05;
    given.l2 = 0.4;
    given.math = AG_MATH_FAST;
    given.rounding = AG_ROUNDING_STOCHASTIC;
    given.seed = 12;
    given.step = 34;
    std::vector<bool> matters(sizeof given / 8);
    struct Memory {
        float w[40], v[40], sum[40], loss;
        double norm, w_double[40], v_double[40];
        std::uint16_t w_short[40], codes[40];
        float scales[1];
    };
    const std::vector<float> g = normal_values<float>(40, 1);
    const std::vector<double> g_double = normal_values<double>(40, 1);
    std::vector<std::uint16_t> g_short(40);
    ASSERT_EQ(ag_bf16_from_f32(40, g.data(), g_short.data()), AG_OK);
    Memory start = {};
    std::fill(std::begin(start.w), std::end(start.w), 1.5f);
    std::fill(std::begin(start.v), std::end(start.v), 0.5f);
    std::fill(std::begin(start.w_double), std::end(start.w_double), 1.5);
    std::fill(std::begin(start.v_double), std::end(start.v_double), 0.5);
    std::fill(std::begin(start.w_short), std::end(start.w_short), std::uint16_t(0x3fc0)); // 1.5
    const std::int64_t indices[] = {3, 7, 39};
    const ag_set ball = make_set(AG_SET_L2_BALL);
    const auto expect = [&](auto call) {
        expect_missing_fields_have_defaults(
            given, ag_adagrad_options_init_sized,
            [&](const ag_adagrad_options* options) {
                Memory m = start;
                const ag_status status = call(m, options);
                return outcome(status, m);
            },
            matters);
    };
    using O = const ag_adagrad_options*;
    expect([&](Memory& m, O o) { return ag_adagrad_step_f32(40, m.w, g.data(), m.v, o); });
    expect([&](Memory& m, O o) { return ag_adagrad_step_bf16(40, m.w_short, g_short.data(), m.v, o); });
    expect(
        [&](Memory& m, O o) { return ag_adagrad_step_f64(40, m.w_double, g_double.data(), m.v_double, o); });
    expect([&](Memory& m, O o) { return ag_adagrad_norm_step_f32(40, m.w, g.data(), &m.norm, o); });
    expect([&](Memory& m, O o) {
        return ag_adagrad_dual_averaging_step_f32(40, m.w, g.data(), m.v, m.sum, 3, o);
    });
    expect([&](Memory& m, O o) { return ag_sgd_step_f32(40, m.w, g.data(), o); });
    expect([&](Memory& m, O o) { return ag_adagrad_step_sparse_f32(40, m.w, m.v, 3, indices, g.data(), o); });
    expect([&](Memory& m, O o) { return ag_adagrad_step_projected_f32(40, m.w, g.data(), m.v, o, &ball); });
    expect_all_matter(matters);
}

TEST(StructSize, MissingFieldsOfASetHaveTheirDefaults) {
    struct Memory {
        float x[40];
        ag_projection_report report;
        int sums;
        ag_reducer reducer;
    };
    const std::vector<float> values = normal_values<float>(40, 1, 3);
    const std::vector<float> center = normal_values<float>(40, 2, 0.1);
    const std::vector<float> normal = absolute(normal_values<float>(40, 3));
    const std::vector<float> low(40, -0.75f), high(40, 0.5f);
    const std::int64_t group_offsets[] = {0, 5, 40};
    std::vector<bool> matters(sizeof(ag_set) / 8);
    // All kinds, since each has its own fields; with arrays and without, as they hide numbers; and in one shard.
    for (ag_set_kind kind = AG_SET_BOX; kind <= AG_SET_GROUP_L1_BALL; ++kind)
        for (const bool arrays : {false, true})
            for (const bool sharded : {false, true}) {
                SCOPED_TRACE("kind " + std::to_string(kind));
                Memory m;
                ag_set given = make_set(kind);
                given.radius = 1.25;
                given.lower = -0.5;
                given.upper = 0.25;
                given.offset = -0.125;
                given.lower_offset = -0.5;
                given.group_length = 7;
                given.report = &m.report;
                if (arrays) {
                    given.lower_bounds = low.data();
                    given.upper_bounds = high.data();
                    given.center = center.data();
                    given.normal = normal.data();
                    given.group_offsets = group_offsets;
                    given.group_count = 2;
                }
                if (sharded)
                    given.reducer = &m.reducer;
                const auto call = [&](const ag_set* set) {
                    std::memset(static_cast<void*>(&m), 0, sizeof m);
                    std::copy(values.begin(), values.end(), m.x);
                    m.reducer = {[](void* context, std::size_t, double*) {
                                     ++static_cast<Memory*>(context)->sums;
                                     return 0;
                                 },
                                 &m, 40, 0};
                    const ag_status status = ag_project_f32(40, m.x, nullptr, set);
                    return outcome(status, m);
                };
                expect_missing_fields_have_defaults(given, ag_set_init_sized, call, matters);
            }
    // A workspace is looked at, and written to, for long vectors.
    struct LongMemory {
        float x[131072];
        unsigned char workspace[256 * 1024];
    };
    const auto m = std::make_unique<LongMemory>();
    const std::vector<float> long_values = normal_values<float>(std::size(m->x), 4);
    ag_set given = make_set(AG_SET_SIMPLEX);
    given.workspace = m->workspace;
    given.workspace_size = sizeof m->workspace;
    const auto call = [&](const ag_set* set) {
        std::memset(static_cast<void*>(m.get()), 0, sizeof *m);
        std::copy(long_values.begin(), long_values.end(), m->x);
        const ag_status status = ag_project_f32(std::size(m->x), m->x, nullptr, set);
        return outcome(status, *m);
    };
    ASSERT_EQ(ag_set_num_threads(1), AG_OK); // which add to it in their own order
    expect_missing_fields_have_defaults(given, ag_set_init_sized, call, matters);
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
    expect_all_matter(matters);
}

TEST(StructSize, MissingLogisticOptionsHaveTheirDefaults) {
    constexpr std::size_t rows = 8000, cols = 16; // enough for private gradients
    struct Memory {
        double loss, gradient[cols + 1];
        std::size_t bytes;
        unsigned char workspace[64 * 1024];
    };
    const auto start = std::make_unique<Memory>();
    std::memset(static_cast<void*>(start.get()), 0x5a, sizeof *start);
    const auto m = std::make_unique<Memory>(*start);
    const std::vector<double> X_values = normal_values<double>(rows * cols, 1),
                              w = normal_values<double>(cols + 1, 2);
    const std::vector<double> weights = absolute(normal_values<double>(rows, 3));
    const std::vector<double> y(rows, 1); // good in every encoding
    std::vector<std::int64_t> indices(rows - 1);
    for (std::size_t i = 0; i < indices.size(); ++i)
        indices[i] = static_cast<std::int64_t>(i + 1);
    const ag_dense_f64 X = {rows, cols, cols, X_values.data()};
    std::vector<bool> matters(sizeof(ag_logistic_options) / 8);

    ag_logistic_options given = logistic_options();
    given.labels = AG_LABELS_ZERO_ONE;
    given.reduction = AG_REDUCTION_SUM;
    given.fit_intercept = 1;
    given.l2 = 0.25;
    given.sample_weight = weights.data();
    given.row_indices = indices.data();
    given.row_count = indices.size();
    given.workspace = m->workspace;
    given.workspace_size = sizeof m->workspace;
    given.positive_weight = 1.5;
    given.negative_weight = 2.5;
    given.label_smoothing = 0.125;
    std::size_t needed = 0;
    ASSERT_EQ(ag_logistic_dense_workspace_f64(&X, &given, &needed), AG_OK);
    ASSERT_GT(needed, 0u); // or the workspace would not matter
    ASSERT_LE(needed, sizeof m->workspace);

    const auto expect = [&](auto call) {
        expect_missing_fields_have_defaults(
            given, ag_logistic_options_init_sized,
            [&](const ag_logistic_options* options) {
                std::memcpy(static_cast<void*>(m.get()), start.get(), sizeof *m);
                return outcome(call(options), *m);
            },
            matters);
    };
    using O = const ag_logistic_options*;
    expect([&](O o) { return ag_logistic_dense_f64(&X, y.data(), w.data(), o, &m->loss, m->gradient); });
    expect([&](O o) { return ag_logistic_dense_workspace_f64(&X, o, &m->bytes); });
    expect(
        [&](O o) { return ag_logistic_hessian_diagonal_dense_f64(&X, y.data(), w.data(), o, m->gradient); });
    expect_all_matter(matters);
}

} // namespace
