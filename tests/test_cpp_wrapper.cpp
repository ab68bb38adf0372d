// SPDX-License-Identifier: BSD-3-Clause
//
// anisograd.hpp: each function gives what the C function gives, refuses spans of other lengths, and throws
// what the C function refuses.
#include "anisograd/anisograd.hpp"

#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

#include <functional>

namespace {

using namespace test;

constexpr std::size_t n = 37;

// The message begins with the function's name, and has the culprit's.
template <class Action>
void expect_error(ag_status status, const std::string& function, const std::string& culprit, Action action) {
    try {
        action();
    } catch (const anisograd::Error& error) {
        const std::string message = error.what();
        EXPECT_EQ(error.status(), status) << message;
        EXPECT_EQ(message.find(function), 0u) << message;
        EXPECT_NE(message.find(culprit), std::string::npos) << "\"" << message << "\" lacks " << culprit;
        return;
    }
    ADD_FAILURE() << function << " did not refuse " << culprit;
}

// A length that differs: refused before the C function is called, which would have another name.
template <class Action>
void expect_length_error(const std::string& function, const std::string& argument, Action action) {
    expect_error(AG_ERROR_SIZE, function + ": ", argument + " has ", action);
}

template <class T>
std::string c_name(const char* function) {
    return std::string(function).append(sizeof(T) == 4 ? "_f32: " : "_f64: ");
}

// ---- Errors, library, threads --------------------------------------------------------------------------

TEST(CppLibrary, AnErrorHasStatusAndMessage) {
    static_assert(std::is_base_of_v<std::runtime_error, anisograd::Error>);
    const anisograd::Error error(AG_ERROR_LABEL, "a message");
    EXPECT_EQ(error.status(), AG_ERROR_LABEL);
    EXPECT_STREQ(error.what(), "a message");
    EXPECT_EQ(anisograd::status_string(AG_ERROR_LABEL), "AG_ERROR_LABEL");

    std::vector<double> v(3);
    try {
        anisograd::adagrad_init(v, -2);
        ADD_FAILURE() << "no error";
    } catch (const anisograd::Error& thrown) {
        EXPECT_EQ(thrown.status(), AG_ERROR_INVALID_VALUE);
        EXPECT_STREQ(thrown.what(), "ag_adagrad_init_f64: epsilon = -2 is negative");
        EXPECT_STREQ(thrown.what(), ag_last_error());
        EXPECT_EQ(anisograd::last_error(), thrown.what());
    }
    try {
        anisograd::exp(v, std::span<double>(v).first(2));
        ADD_FAILURE() << "no error";
    } catch (const std::runtime_error& thrown) {
        EXPECT_STREQ(thrown.what(), "exp: out has 2 elements, expected 3");
    }
}

TEST(CppLibrary, VersionAndIsa) {
    EXPECT_EQ(anisograd::version_string(), ag_version_string());
    for (const ag_isa isa : all_isas) {
        EXPECT_EQ(anisograd::isa_name(isa), ag_isa_name(isa));
        EXPECT_EQ(anisograd::isa_supported(isa), ag_isa_supported(isa) != 0);
    }
    const ag_isa before = anisograd::active_isa();
    EXPECT_EQ(before, ag_active_isa());
    anisograd::set_isa(AG_ISA_PORTABLE);
    EXPECT_EQ(anisograd::active_isa(), AG_ISA_PORTABLE);
    EXPECT_EQ(ag_active_isa(), AG_ISA_PORTABLE);
    expect_error(AG_ERROR_UNSUPPORTED_ISA, "ag_set_isa", "", [] { anisograd::set_isa(AG_ISA_NONE); });
    anisograd::set_isa(before);
    EXPECT_EQ(anisograd::active_isa(), before);
}

TEST(CppLibrary, NumberOfThreads) {
    constexpr int expected = ANISOGRAD_HAS_OPENMP ? 3 : 1;
    anisograd::set_num_threads(3);
    EXPECT_EQ(anisograd::get_num_threads(), expected);
    EXPECT_EQ(ag_get_num_threads(), expected);
    expect_error(AG_ERROR_INVALID_VALUE, "ag_set_num_threads", "-1", [] { anisograd::set_num_threads(-1); });
    anisograd::set_num_threads(0);
    EXPECT_GE(anisograd::get_num_threads(), 1);
}

template <class T>
class CppWrapper : public ::testing::Test {};
TYPED_TEST_SUITE(CppWrapper, Types);

// ---- Steps ---------------------------------------------------------------------------------------------

TEST(CppOptions, AdagradDefaultsAreThoseOfC) {
    const anisograd::AdagradOptions options;
    const ag_adagrad_options expected = adagrad_options();
    EXPECT_EQ(options.struct_size, expected.struct_size);
    EXPECT_EQ(options.learning_rate, expected.learning_rate);
    EXPECT_EQ(options.epsilon, expected.epsilon);
    EXPECT_EQ(options.epsilon_mode, expected.epsilon_mode);
    EXPECT_EQ(options.maximize, expected.maximize);
    EXPECT_EQ(options.weight_decay, expected.weight_decay);
    EXPECT_EQ(options.decoupled_weight_decay, expected.decoupled_weight_decay);
    EXPECT_EQ(options.gradient_scale, expected.gradient_scale);
    EXPECT_EQ(options.l1, expected.l1);
    EXPECT_EQ(options.l2, expected.l2);
    EXPECT_EQ(options.math, expected.math);
}

// Functions that macros of the same names hide from C++, but not from other languages.
TEST(CppOptions, DefaultsOfTheFunctionsWithoutASize) {
    ag_adagrad_options step;
    (ag_adagrad_options_init)(&step);
    EXPECT_EQ(step.learning_rate, anisograd::AdagradOptions().learning_rate);
    ag_set set;
    (ag_set_init)(&set);
    EXPECT_EQ(set.radius, 1);
    ag_logistic_options logistic;
    (ag_logistic_options_init)(&logistic);
    EXPECT_EQ(logistic.positive_weight, 1);
}

TYPED_TEST(CppWrapper, StepsAreThoseOfC) {
    using T = TypeParam;
    const std::vector<T> w0 = normal_values<T>(n, 1), g = normal_values<T>(n, 2),
                         v0 = absolute(normal_values<T>(n, 3));
    std::vector<T> started(n), started_by_c(n);
    anisograd::adagrad_init(started, 0.3);
    ASSERT_EQ(Api<T>::adagrad_init(n, started_by_c.data(), 0.3), AG_OK);
    EXPECT_TRUE(same_bits(started, started_by_c));

    anisograd::AdagradOptions given;
    given.learning_rate = 0.5;
    given.weight_decay = 0.1;
    for (const anisograd::AdagradOptions* options :
         {static_cast<anisograd::AdagradOptions*>(nullptr), &given}) {
        std::vector<T> w = w0, v = v0, w_by_c = w0, v_by_c = v0;
        if (options != nullptr)
            anisograd::adagrad_step(w, g, v, *options);
        else
            anisograd::adagrad_step(w, g, v);
        ASSERT_EQ(Api<T>::adagrad_step(n, w_by_c.data(), g.data(), v_by_c.data(), options), AG_OK);
        EXPECT_FALSE(same_bits(w, w0));
        EXPECT_TRUE(same_bits(w, w_by_c));
        EXPECT_TRUE(same_bits(v, v_by_c));

        w = w_by_c = w0;
        if (options != nullptr)
            anisograd::sgd_step(w, g, *options);
        else
            anisograd::sgd_step(w, g);
        ASSERT_EQ(Api<T>::sgd_step(n, w_by_c.data(), g.data(), options), AG_OK);
        EXPECT_FALSE(same_bits(w, w0));
        EXPECT_TRUE(same_bits(w, w_by_c));
    }
    std::vector<T> mean = v0, mean_by_c = v0;
    anisograd::average(mean, w0, 3);
    ASSERT_EQ(Api<T>::average(n, mean_by_c.data(), w0.data(), 3), AG_OK);
    EXPECT_TRUE(same_bits(mean, mean_by_c));
}

TYPED_TEST(CppWrapper, VariantsAreThoseOfC) {
    using T = TypeParam;
    const std::vector<T> w0 = normal_values<T>(n, 1), g = normal_values<T>(n, 2), ones(n, 1);
    anisograd::AdagradOptions options;
    options.l1 = 0.01;
    std::vector<T> w = w0, v = ones, mean = ones, w_by_c = w0, v_by_c = ones, mean_by_c = ones;
    anisograd::adagrad_step_averaged(w, g, v, mean, 4, options);
    ASSERT_EQ(Api<T>::adagrad_step_averaged(n, w_by_c.data(), g.data(), v_by_c.data(), mean_by_c.data(), 4,
                                            &options),
              AG_OK);
    EXPECT_TRUE(same_bits(w, w_by_c) && same_bits(v, v_by_c) && same_bits(mean, mean_by_c));
    EXPECT_FALSE(same_bits(mean, ones));

    anisograd::adagrad_dual_averaging_step(w, g, v, mean, 4, options);
    ASSERT_EQ(
        Api<T>::dual_averaging_step(n, w_by_c.data(), g.data(), v_by_c.data(), mean_by_c.data(), 4, &options),
        AG_OK);
    EXPECT_TRUE(same_bits(w, w_by_c) && same_bits(v, v_by_c) && same_bits(mean, mean_by_c));

    double norm = 2, norm_by_c = 2;
    anisograd::adagrad_norm_step(w, g, norm, options);
    ASSERT_EQ(Api<T>::adagrad_norm_step(n, w_by_c.data(), g.data(), &norm_by_c, &options), AG_OK);
    EXPECT_TRUE(same_bits(w, w_by_c));
    EXPECT_EQ(norm, norm_by_c);
    EXPECT_GT(norm, 2);

    const std::size_t sizes[] = {30, n - 30};
    T* const w_parts[] = {w.data(), w.data() + 30};
    const T* const g_parts[] = {g.data(), g.data() + 30};
    T* const v_parts[] = {v.data(), v.data() + 30};
    anisograd::adagrad_step_list(sizes, w_parts, g_parts, v_parts, options);
    ASSERT_EQ(Api<T>::adagrad_step(n, w_by_c.data(), g.data(), v_by_c.data(), &options), AG_OK);
    EXPECT_TRUE(same_bits(w, w_by_c) && same_bits(v, v_by_c));

    double squared_norm = 0;
    ASSERT_EQ(Api<T>::squared_norm(n, g.data(), &squared_norm), AG_OK);
    EXPECT_EQ(anisograd::squared_norm(g), squared_norm);
    EXPECT_EQ(anisograd::first_non_finite(g), n);
    w[7] = std::numeric_limits<T>::infinity();
    EXPECT_EQ(anisograd::first_non_finite(w), 7u);
}

TYPED_TEST(CppWrapper, VariantsRefuseBadCalls) {
    using T = TypeParam;
    const std::vector<T> g(n, 1);
    std::vector<T> w = g, v = g, mean = g;
    double norm = 1;
    for (const std::size_t size : {n - 1, n + 1}) {
        std::vector<T> other(size, 1);
        expect_length_error("adagrad_step_averaged", "g",
                            [&] { anisograd::adagrad_step_averaged(w, other, v, mean, 1); });
        expect_length_error("adagrad_step_averaged", "v",
                            [&] { anisograd::adagrad_step_averaged(w, g, other, mean, 1); });
        expect_length_error("adagrad_step_averaged", "mean",
                            [&] { anisograd::adagrad_step_averaged(w, g, v, other, 1); });
        expect_length_error("adagrad_dual_averaging_step", "g",
                            [&] { anisograd::adagrad_dual_averaging_step(w, other, v, mean, 1); });
        expect_length_error("adagrad_dual_averaging_step", "v",
                            [&] { anisograd::adagrad_dual_averaging_step(w, g, other, mean, 1); });
        expect_length_error("adagrad_dual_averaging_step", "gradient_sum",
                            [&] { anisograd::adagrad_dual_averaging_step(w, g, v, other, 1); });
        expect_length_error("adagrad_norm_step", "g", [&] { anisograd::adagrad_norm_step(w, other, norm); });
    }
    const std::size_t sizes[] = {1, 2};
    T* const two[] = {w.data(), w.data() + 2};
    T* const none[] = {nullptr, v.data()};
    const T* const inputs[] = {g.data(), g.data()};
    for (const std::size_t count : {1, 3}) {
        const std::vector<T*> other(count);
        const std::vector<const T*> other_inputs(count);
        expect_length_error("adagrad_step_list", "w",
                            [&] { anisograd::adagrad_step_list(sizes, other, inputs, two); });
        expect_length_error("adagrad_step_list", "g",
                            [&] { anisograd::adagrad_step_list(sizes, two, other_inputs, two); });
        expect_length_error("adagrad_step_list", "v",
                            [&] { anisograd::adagrad_step_list(sizes, two, inputs, other); });
    }
    expect_error(AG_ERROR_NULL_POINTER, c_name<T>("ag_adagrad_step_list"), "v[0]",
                 [&] { anisograd::adagrad_step_list(sizes, two, inputs, none); });
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_adagrad_step_averaged"), "t = 0",
                 [&] { anisograd::adagrad_step_averaged(w, g, v, mean, 0); });
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_adagrad_dual_averaging_step"), "t = 0",
                 [&] { anisograd::adagrad_dual_averaging_step(w, g, v, mean, 0); });
    expect_error(AG_ERROR_OVERLAP, c_name<T>("ag_adagrad_norm_step"), "overlaps",
                 [&] { anisograd::adagrad_norm_step(w, w, norm); });
    const std::span<const T> absurd(g.data(), SIZE_MAX / 2);
    expect_error(AG_ERROR_SIZE, c_name<T>("ag_squared_norm"), "elements",
                 [&] { static_cast<void>(anisograd::squared_norm(absurd)); });
    expect_error(AG_ERROR_SIZE, c_name<T>("ag_first_non_finite"), "elements",
                 [&] { static_cast<void>(anisograd::first_non_finite(absurd)); });
    EXPECT_EQ(w, g);
    EXPECT_EQ(v, g);
    EXPECT_EQ(mean, g);
    EXPECT_EQ(norm, 1);
}

TYPED_TEST(CppWrapper, StepsRefuseBadCalls) {
    using T = TypeParam;
    std::vector<T> w(n, 1), v(n, 1);
    const std::vector<T> g(n, 1), shorter(n - 1), longer(n + 1);
    for (const std::vector<T>& other : {shorter, longer}) {
        std::vector<T> other_v = other;
        expect_length_error("adagrad_step", "g", [&] { anisograd::adagrad_step(w, other, v); });
        expect_length_error("adagrad_step", "v", [&] { anisograd::adagrad_step(w, g, other_v); });
        expect_length_error("sgd_step", "g", [&] { anisograd::sgd_step(w, other); });
        expect_length_error("average", "w", [&] { anisograd::average(w, other, 1); });
    }
    anisograd::AdagradOptions bad;
    bad.learning_rate = -1;
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_adagrad_init"), "epsilon",
                 [&] { anisograd::adagrad_init(v, -1); });
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_adagrad_step"), "learning_rate",
                 [&] { anisograd::adagrad_step(w, g, v, bad); });
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_sgd_step"), "learning_rate",
                 [&] { anisograd::sgd_step(w, g, bad); });
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_average"), "t = 0",
                 [&] { anisograd::average(w, g, 0); });
    EXPECT_EQ(w, std::vector<T>(n, 1));
    EXPECT_EQ(v, std::vector<T>(n, 1));
}

// ---- Listed rows, 16-bit numbers, compressed accumulators ----------------------------------------------

template <class T, class Index>
void listed_steps_are_those_of_c() {
    const std::size_t rows = 12, cols = 5;
    const std::vector<Index> list = {7, 0, 7, 11};
    const std::vector<std::int64_t> offsets = {0, 1, 4};
    const anisograd::Bags<T> bags = {2, offsets.data(), nullptr, AG_POOLING_MEAN};
    const std::vector<T> w0 = normal_values<T>(rows * cols, 1), g = normal_values<T>(list.size() * cols, 2);
    const std::span<const T> few(g.data(), list.size()), pooled(g.data(), bags.count * cols);
    anisograd::AdagradOptions options;
    options.learning_rate = 0.3;
    const auto compare = [&](std::size_t accumulators, auto step, auto c_step) {
        std::vector<T> w = w0, v(accumulators, 1), w_by_c = w0, v_by_c(accumulators, 1);
        step(w, v);
        ASSERT_EQ(c_step(w_by_c.data(), v_by_c.data()), AG_OK);
        EXPECT_FALSE(same_bits(w, w0));
        EXPECT_TRUE(same_bits(w, w_by_c));
        EXPECT_TRUE(same_bits(v, v_by_c));
    };
    using A = Api<T>;
    compare(
        w0.size(), [&](auto& w, auto& v) { anisograd::adagrad_step_sparse(w, v, list, few, options); },
        [&](T* w, T* v) {
            return A::template sparse<Index>(w0.size(), w, v, list.size(), list.data(), g.data(), &options);
        });
    compare(
        w0.size(),
        [&](auto& w, auto& v) { anisograd::adagrad_step_rows(rows, cols, w, v, list, g, options); },
        [&](T* w, T* v) {
            return A::template rows<Index>(rows, cols, w, v, list.size(), list.data(), nullptr, g.data(),
                                           &options);
        });
    compare(
        w0.size(),
        [&](auto& w, auto& v) {
            anisograd::adagrad_step_rows_pooled(rows, cols, w, v, list, bags, pooled, options);
        },
        [&](T* w, T* v) {
            return A::template rows<Index>(rows, cols, w, v, list.size(), list.data(), &bags, g.data(),
                                           &options);
        });
    compare(
        rows, [&](auto& w, auto& v) { anisograd::adagrad_step_rowwise(rows, cols, w, v, list, g, options); },
        [&](T* w, T* v) {
            return A::template rowwise<Index>(rows, cols, w, v, list.size(), list.data(), nullptr, g.data(),
                                              &options);
        });
    compare(
        rows,
        [&](auto& w, auto& v) {
            anisograd::adagrad_step_rowwise_pooled(rows, cols, w, v, list, bags, pooled, options);
        },
        [&](T* w, T* v) {
            return A::template rowwise<Index>(rows, cols, w, v, list.size(), list.data(), &bags, g.data(),
                                              &options);
        });

    std::vector<T> w = w0, v(w0.size(), 1), row_v(rows, 1);
    const std::vector<Index> bad = {12};
    const std::span<const T> one_row(g.data(), cols);
    expect_error(AG_ERROR_OUT_OF_RANGE, "ag_adagrad_step_rows_", "row_indices[0] = 12",
                 [&] { anisograd::adagrad_step_rows(rows, cols, w, v, bad, one_row); });
    expect_length_error("adagrad_step_sparse", "v",
                        [&] { anisograd::adagrad_step_sparse(w, row_v, list, few); });
    expect_length_error("adagrad_step_sparse", "g", [&] { anisograd::adagrad_step_sparse(w, v, list, g); });
    expect_length_error("adagrad_step_rows", "w",
                        [&] { anisograd::adagrad_step_rows(rows, cols + 1, w, v, list, g); });
    expect_length_error("adagrad_step_rows", "v",
                        [&] { anisograd::adagrad_step_rows(rows, cols, w, row_v, list, g); });
    expect_length_error("adagrad_step_rows", "g",
                        [&] { anisograd::adagrad_step_rows(rows, cols, w, v, list, few); });
    expect_length_error("adagrad_step_rowwise", "v",
                        [&] { anisograd::adagrad_step_rowwise(rows, cols, w, v, list, g); });
    expect_length_error("adagrad_step_rows_pooled", "g",
                        [&] { anisograd::adagrad_step_rows_pooled(rows, cols, w, v, list, bags, g); });
    expect_length_error("adagrad_step_rowwise_pooled", "g",
                        [&] { anisograd::adagrad_step_rowwise_pooled(rows, cols, w, row_v, list, bags, g); });
    expect_error(AG_ERROR_SIZE, "adagrad_step_rows: ", "overflows",
                 [&] { anisograd::adagrad_step_rows(SIZE_MAX, 2, w, v, list, g); });
    EXPECT_TRUE(same_bits(w, w0));
}

TYPED_TEST(CppWrapper, ListedStepsAreThoseOfC) {
    listed_steps_are_those_of_c<TypeParam, std::int64_t>();
    listed_steps_are_those_of_c<TypeParam, std::int32_t>();
}

TEST(CppShort, StepsAndConversionsAreThoseOfC) {
    const std::vector<float> x = normal_values<float>(n, 1);
    const auto try_format = [&](auto from, auto to, auto step, auto master, auto c_from, auto c_to,
                                auto c_step, auto c_master) {
        std::vector<std::uint16_t> bits(n), bits_by_c(n);
        from(x, bits);
        ASSERT_EQ(c_from(n, x.data(), bits_by_c.data()), AG_OK);
        EXPECT_EQ(bits, bits_by_c);
        std::vector<float> wide(n), wide_by_c(n);
        to(bits, wide);
        ASSERT_EQ(c_to(n, bits.data(), wide_by_c.data()), AG_OK);
        EXPECT_EQ(wide, wide_by_c);

        const std::vector<std::uint16_t> g = bits;
        std::vector<float> v(n, 1), v_by_c(n, 1), w = x, w_by_c = x;
        step(bits, g, v, anisograd::AdagradOptions{});
        ASSERT_EQ(c_step(n, bits_by_c.data(), g.data(), v_by_c.data(), nullptr), AG_OK);
        EXPECT_EQ(bits, bits_by_c);
        EXPECT_EQ(v, v_by_c);
        master(w, bits, g, v, anisograd::AdagradOptions{});
        ASSERT_EQ(c_master(n, w_by_c.data(), bits_by_c.data(), g.data(), v_by_c.data(), nullptr), AG_OK);
        EXPECT_EQ(w, w_by_c);
        EXPECT_EQ(bits, bits_by_c);
        master(w, {}, g, v, anisograd::AdagradOptions{}); // no copy

        std::vector<std::uint16_t> less(n - 1);
        std::vector<float> less_wide(n - 1);
        for (const auto& action : std::vector<std::function<void()>>{
                 [&] { from(x, less); }, [&] { to(bits, less_wide); }, [&] { step(less, g, v, {}); },
                 [&] { step(bits, g, less_wide, {}); }, [&] { master(w, less, g, v, {}); },
                 [&] { master(w, bits, less, v, {}); }, [&] { master(w, bits, g, less_wide, {}); }})
            expect_error(AG_ERROR_SIZE, "", " elements, expected ", action);
    };
    using In = std::span<const float>;
    using ShortIn = std::span<const std::uint16_t>;
    using Short = std::span<std::uint16_t>;
    using Out = std::span<float>;
    using Options = anisograd::AdagradOptions;
    try_format([](In a, Short b) { anisograd::bf16_from_f32(a, b); },
               [](ShortIn a, Out b) { anisograd::f32_from_bf16(a, b); },
               [](Short w, ShortIn g, Out v, const Options& o) { anisograd::adagrad_step_bf16(w, g, v, o); },
               [](Out w, Short c, ShortIn g, Out v, const Options& o) {
                   anisograd::adagrad_step_master_bf16(w, c, g, v, o);
               },
               ag_bf16_from_f32, ag_f32_from_bf16, ag_adagrad_step_bf16, ag_adagrad_step_master_bf16);
    try_format([](In a, Short b) { anisograd::f16_from_f32(a, b); },
               [](ShortIn a, Out b) { anisograd::f32_from_f16(a, b); },
               [](Short w, ShortIn g, Out v, const Options& o) { anisograd::adagrad_step_f16(w, g, v, o); },
               [](Out w, Short c, ShortIn g, Out v, const Options& o) {
                   anisograd::adagrad_step_master_f16(w, c, g, v, o);
               },
               ag_f16_from_f32, ag_f32_from_f16, ag_adagrad_step_f16, ag_adagrad_step_master_f16);
}

TEST(CppCompressed, StepsAreThoseOfC) {
    const std::size_t size = 300;
    EXPECT_EQ(anisograd::accumulator_blocks(size), 2u);
    EXPECT_EQ(anisograd::accumulator_blocks(256), 1u);
    const std::vector<float> x = normal_values<float>(size, 1), v = absolute(normal_values<float>(size, 2));
    std::vector<std::uint8_t> codes(size), codes_by_c(size);
    std::vector<float> scales(2), scales_by_c(2), w = x, w_by_c = x, back(size), back_by_c(size), wrong(3);
    anisograd::accumulator_encode(v, codes, scales);
    ASSERT_EQ(ag_accumulator_encode_f32(size, v.data(), codes_by_c.data(), scales_by_c.data()), AG_OK);
    EXPECT_EQ(codes, codes_by_c);
    EXPECT_EQ(scales, scales_by_c);
    anisograd::adagrad_step_compressed(w, x, codes, scales);
    ASSERT_EQ(ag_adagrad_step_compressed_f32(size, w_by_c.data(), x.data(), codes_by_c.data(),
                                             scales_by_c.data(), nullptr),
              AG_OK);
    EXPECT_EQ(w, w_by_c);
    EXPECT_EQ(codes, codes_by_c);
    anisograd::accumulator_decode(codes, scales, back);
    ASSERT_EQ(ag_accumulator_decode_f32(size, codes.data(), scales.data(), back_by_c.data()), AG_OK);
    EXPECT_EQ(back, back_by_c);
    expect_length_error("adagrad_step_compressed", "scales",
                        [&] { anisograd::adagrad_step_compressed(w, x, codes, wrong); });
    expect_length_error("accumulator_encode", "scales",
                        [&] { anisograd::accumulator_encode(v, codes, wrong); });
    expect_length_error("accumulator_decode", "scales",
                        [&] { anisograd::accumulator_decode(codes, wrong, back); });
}

// ---- Projections ---------------------------------------------------------------------------------------

// A set, and what the C struct should be. The arrays outlive both.
template <class T>
struct SetCase {
    anisograd::Set<T> set;
    ag_set expected;
};

template <class T>
std::vector<SetCase<T>> set_cases(const std::vector<T>& low, const std::vector<T>& high,
                                  const std::vector<T>& center) {
    using Set = anisograd::Set<T>;
    std::vector<SetCase<T>> all;
    const auto add = [&](const Set& set, ag_set_kind kind) -> ag_set& {
        all.push_back({set, make_set(kind)});
        return all.back().expected;
    };
    add(Set(), AG_SET_BOX);
    {
        ag_set& box = add(Set::box(-0.25, 0.5), AG_SET_BOX);
        box.lower = -0.25;
        box.upper = 0.5;
    }
    {
        ag_set& box = add(Set::box(low, high), AG_SET_BOX);
        box.lower_bounds = low.data();
        box.upper_bounds = high.data();
    }
    add(Set::nonnegative(), AG_SET_NONNEGATIVE);
    add(Set::linf_ball(0.5), AG_SET_LINF_BALL).radius = 0.5;
    {
        ag_set& ball = add(Set::linf_ball(0.5, center), AG_SET_LINF_BALL);
        ball.radius = 0.5;
        ball.center = center.data();
    }
    add(Set::l2_ball(0.75), AG_SET_L2_BALL).radius = 0.75;
    {
        ag_set& ball = add(Set::l2_ball(0.75, center), AG_SET_L2_BALL);
        ball.radius = 0.75;
        ball.center = center.data();
    }
    add(Set::l1_ball(0.75), AG_SET_L1_BALL).radius = 0.75;
    {
        ag_set& ball = add(Set::l1_ball(0.75, center), AG_SET_L1_BALL);
        ball.radius = 0.75;
        ball.center = center.data();
    }
    const auto with_normal = [&](const Set& set, ag_set_kind kind, double offset) -> ag_set& {
        ag_set& expected = add(set, kind);
        expected.normal = high.data();
        expected.offset = offset;
        return expected;
    };
    with_normal(Set::weighted_l1_ball(0.75, high), AG_SET_WEIGHTED_L1_BALL, 0).radius = 0.75;
    add(Set::simplex(2), AG_SET_SIMPLEX).radius = 2;
    {
        ag_set& simplex = add(Set::capped_simplex(2, 0.5), AG_SET_CAPPED_SIMPLEX);
        simplex.radius = 2;
        simplex.upper = 0.5;
    }
    {
        ag_set& simplex = add(Set::capped_simplex(2, high), AG_SET_CAPPED_SIMPLEX);
        simplex.radius = 2;
        simplex.upper_bounds = high.data();
    }
    {
        ag_set& section = with_normal(Set::box_section(low, high, high, 0.25), AG_SET_BOX_SECTION, 0.25);
        section.lower_bounds = low.data();
        section.upper_bounds = high.data();
    }
    {
        ag_set& section = with_normal(Set::box_section(-0.5, 0.75, high, 0.25), AG_SET_BOX_SECTION, 0.25);
        section.lower = -0.5;
        section.upper = 0.75;
    }
    {
        ag_set& ball = with_normal(Set::weighted_l1_ball(0.75, high, center), AG_SET_WEIGHTED_L1_BALL, 0);
        ball.radius = 0.75;
        ball.center = center.data();
    }
    with_normal(Set::halfspace(high, -0.5), AG_SET_HALFSPACE, -0.5);
    with_normal(Set::hyperplane(high, 0.5), AG_SET_HYPERPLANE, 0.5);
    with_normal(Set::slab(high, -0.5, 0.25), AG_SET_SLAB, 0.25).lower_offset = -0.5;
    add(Set::second_order_cone(), AG_SET_SECOND_ORDER_CONE);
    {
        ag_set& ball = add(Set::group_l1_ball(0.75, 3), AG_SET_GROUP_L1_BALL);
        ball.radius = 0.75;
        ball.group_length = 3;
    }
    {
        static const std::int64_t offsets[] = {0, 2, static_cast<std::int64_t>(n)};
        ag_set& ball = add(Set::group_l1_ball(0.75, offsets), AG_SET_GROUP_L1_BALL);
        ball.radius = 0.75;
        ball.group_offsets = offsets;
        ball.group_count = 2;
    }
    return all;
}

TYPED_TEST(CppWrapper, SetsAndProjectionsAreThoseOfC) {
    using T = TypeParam;
    const std::vector<T> low(n, T(-0.5)), high(n, T(0.25)), center = normal_values<T>(n, 1);
    const std::vector<T> x = normal_values<T>(n, 2), lambda(n, T(0.5)), g = normal_values<T>(n, 3),
                         v0 = absolute(normal_values<T>(n, 4));
    anisograd::AdagradOptions options;
    options.learning_rate = 0.5;
    for (const auto& [set, expected] : set_cases(low, high, center)) {
        SCOPED_TRACE("kind " + std::to_string(expected.kind));
        EXPECT_EQ(set.struct_size, expected.struct_size);
        EXPECT_EQ(set.kind, expected.kind);
        EXPECT_EQ(set.radius, expected.radius);
        EXPECT_EQ(set.lower, expected.lower);
        EXPECT_EQ(set.upper, expected.upper);
        EXPECT_EQ(set.lower_bounds, expected.lower_bounds);
        EXPECT_EQ(set.upper_bounds, expected.upper_bounds);
        EXPECT_EQ(set.center, expected.center);
        EXPECT_EQ(set.normal, expected.normal);
        EXPECT_EQ(set.offset, expected.offset);
        EXPECT_EQ(set.lower_offset, expected.lower_offset);
        EXPECT_EQ(set.group_length, expected.group_length);
        EXPECT_EQ(set.group_offsets, expected.group_offsets);
        EXPECT_EQ(set.group_count, expected.group_count);
        EXPECT_EQ(set.workspace, nullptr);
        EXPECT_EQ(set.workspace_size, 0u);
        const bool has_arrays = expected.lower_bounds != nullptr || expected.upper_bounds != nullptr ||
                                expected.center != nullptr || expected.normal != nullptr;
        EXPECT_EQ(set.array_size, has_arrays ? std::optional<std::size_t>(n) : std::nullopt);

        std::vector<T> p = x, p_by_c = x;
        anisograd::project(p, set);
        ASSERT_EQ(Api<T>::project(n, p_by_c.data(), nullptr, &expected), AG_OK);
        EXPECT_TRUE(same_bits(p, p_by_c));

        p = p_by_c = x;
        anisograd::project(p, lambda, set);
        ASSERT_EQ(Api<T>::project(n, p_by_c.data(), lambda.data(), &expected), AG_OK);
        EXPECT_TRUE(same_bits(p, p_by_c));

        std::vector<T> w = x, v = v0, w_by_c = x, v_by_c = v0;
        anisograd::adagrad_step_projected(w, g, v, options, set);
        ASSERT_EQ(
            Api<T>::adagrad_step_projected(n, w_by_c.data(), g.data(), v_by_c.data(), &options, &expected),
            AG_OK);
        EXPECT_TRUE(same_bits(w, w_by_c));
        EXPECT_TRUE(same_bits(v, v_by_c));
    }
}

TYPED_TEST(CppWrapper, ReducersAreCalled) {
    using T = TypeParam;
    using Set = anisograd::Set<T>;
    Set set = Set::l2_ball(1);
    EXPECT_EQ(anisograd::shard_granule(40000, set), 16384u);
    expect_error(AG_ERROR_INVALID_VALUE, "ag_shard_granule", "group_length",
                 [] { (void)anisograd::shard_granule(1, Set::group_l1_ball(1, 0)); });

    const std::vector<T> x = normal_values<T>(20000, 1);
    std::vector<T> p = x, expected = x;
    anisograd::project(expected, set);
    std::size_t numbers = 0;
    const auto sum = [&](std::span<double> values) { numbers += values.size(); }; // one shard has all
    anisograd::Reducer reducer(sum, p.size(), 0);
    set.reducer = &reducer;
    anisograd::project(p, set);
    EXPECT_TRUE(same_bits(p, expected));
    EXPECT_GT(numbers, 2u); // a squared norm of each of two blocks, after what the shards say of themselves

    auto failing = [](std::span<double>) { throw 1; };
    anisograd::Reducer failing_reducer(failing, p.size(), 0);
    set.reducer = &failing_reducer;
    p = x;
    expect_error(AG_ERROR_REDUCER, "ag_project", "sum failed", [&] { anisograd::project(p, set); });
    EXPECT_TRUE(same_bits(p, x));
}

TYPED_TEST(CppWrapper, WorkspaceOfProjections) {
    using T = TypeParam;
    using Set = anisograd::Set<T>;
    constexpr std::size_t size = 150000;
    const std::vector<T> x = normal_values<T>(size, 1);
    Set set = Set::l1_ball(9);
    std::size_t bytes = 0;
    ASSERT_EQ(Api<T>::project_workspace(size, &set, &bytes), AG_OK);
    ASSERT_GT(bytes, 0u);
    EXPECT_EQ(anisograd::project_workspace(size, set), bytes);
    EXPECT_EQ(anisograd::project_workspace(n, set), 0u);
    Set bad;
    bad.kind = -1;
    expect_error(AG_ERROR_INVALID_ENUM, c_name<T>("ag_project_workspace"), "set->kind",
                 [&] { static_cast<void>(anisograd::project_workspace(size, bad)); });

    std::vector<T> p = x, expected = x;
    anisograd::project(expected, set);
    const std::vector<std::byte> fresh(bytes, std::byte(0x5a));
    std::vector<std::byte> memory = fresh;
    EXPECT_EQ(&set.set_workspace(memory), &set);
    EXPECT_EQ(set.workspace, memory.data());
    EXPECT_EQ(set.workspace_size, bytes);
    anisograd::project(p, set);
    EXPECT_TRUE(same_bits(p, expected));
    EXPECT_NE(memory, fresh) << "the memory was not used";

    p = x;
    for (const std::span<std::byte> less : {std::span(memory).first(bytes - 1), std::span<std::byte>()}) {
        set.set_workspace(less);
        EXPECT_NE(set.workspace, nullptr) << "which would let the call allocate";
        expect_error(AG_ERROR_SIZE, c_name<T>("ag_project"), "workspace_size",
                     [&] { anisograd::project(p, set); });
    }
    EXPECT_TRUE(same_bits(p, x));
}

TYPED_TEST(CppWrapper, ProjectionsOfRowsAreThoseOfC) {
    using T = TypeParam;
    using Set = anisograd::Set<T>;
    constexpr std::size_t rows = 4, cols = 5, stride = 7;
    const std::vector<T> x = normal_values<T>((rows - 1) * stride + cols, 1),
                         lambda = absolute(normal_values<T>(rows * cols, 2));
    const std::vector<double> radii = {0.5, 1, 0, 2};
    const Set set = Set::l1_ball(0.75);
    const auto expect_same = [&](const T* weights, std::size_t lambda_stride, const double* levels,
                                 const anisograd::RowProjection<T>& options) {
        std::vector<T> p = x, p_by_c = x;
        anisograd::project_rows(rows, cols, stride, p, set, options);
        ASSERT_EQ(
            Api<T>::project_rows(rows, cols, stride, p_by_c.data(), weights, lambda_stride, levels, &set),
            AG_OK);
        EXPECT_TRUE(same_bits(p, p_by_c));
    };
    expect_same(nullptr, 0, nullptr, {});
    expect_same(lambda.data(), cols, radii.data(), {lambda, cols, radii});
    expect_same(lambda.data(), 0, nullptr, {lambda});

    std::vector<T> p = x;
    const std::vector<T> few(cols - 1, 1);
    expect_length_error("project_rows", "x",
                        [&] { anisograd::project_rows(rows + 1, cols, stride, p, set); });
    expect_length_error("project_rows", "lambda",
                        [&] { anisograd::project_rows(rows, cols, stride, p, set, {few}); });
    expect_length_error("project_rows", "lambda", [&] {
        anisograd::project_rows(rows, cols, stride, p, set, {lambda, cols + 1});
    });
    expect_length_error("project_rows", "radii", [&] {
        anisograd::project_rows(rows, cols, stride, p, set, {{}, 0, std::span(radii).first(3)});
    });
    expect_length_error("project_rows", "set",
                        [&] { anisograd::project_rows(rows, cols, stride, p, Set::l1_ball(1, few)); });
    expect_error(AG_ERROR_SIZE, "ag_project_rows", "row_stride",
                 [&] { anisograd::project_rows(rows, cols, cols - 1, p, set); });
    EXPECT_TRUE(same_bits(p, x));
}

TYPED_TEST(CppWrapper, ProjectionsRefuseBadCalls) {
    using T = TypeParam;
    using Set = anisograd::Set<T>;
    std::vector<T> x(n, 1), v(n, 1);
    const std::vector<T> ones(n, 1);
    const anisograd::AdagradOptions options;
    for (const std::size_t size : {n - 1, n + 1}) {
        std::vector<T> other(size, 1);
        expect_length_error("Set::box", "upper", [&] { static_cast<void>(Set::box(ones, other)); });
        const Set ball = Set::l2_ball(1);
        expect_length_error("project", "lambda", [&] { anisograd::project(x, other, ball); });
        expect_length_error("adagrad_step_projected", "g",
                            [&] { anisograd::adagrad_step_projected(x, other, v, options, ball); });
        expect_length_error("adagrad_step_projected", "v",
                            [&] { anisograd::adagrad_step_projected(x, ones, other, options, ball); });
        for (const Set& set : {Set::box(other, other), Set::linf_ball(1, other), Set::l2_ball(1, other)}) {
            expect_length_error("project", "an array of set", [&] { anisograd::project(x, set); });
            expect_length_error("project", "an array of set", [&] { anisograd::project(x, ones, set); });
            expect_length_error("adagrad_step_projected", "an array of set",
                                [&] { anisograd::adagrad_step_projected(x, ones, v, options, set); });
        }
    }
    const Set bad = Set::l2_ball(-1);
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_project"), "radius",
                 [&] { anisograd::project(x, bad); });
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_project"), "radius",
                 [&] { anisograd::project(x, ones, bad); });
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>("ag_adagrad_step_projected"), "radius",
                 [&] { anisograd::adagrad_step_projected(x, ones, v, options, bad); });
    EXPECT_EQ(x, ones);
    EXPECT_EQ(v, ones);
}

// ---- Elementary functions ------------------------------------------------------------------------------

// expect_elementary(anisograd::exp, "exp", C function)
template <class T, class Function>
void expect_elementary(Function function, const char* name, ag_status (*by_c)(std::size_t, const T*, T*)) {
    SCOPED_TRACE(name);
    const std::vector<T> x = absolute(normal_values<T>(n, 1));
    std::vector<T> out(n), out_by_c(n), in_place = x;
    function(x, out);
    ASSERT_EQ(by_c(n, x.data(), out_by_c.data()), AG_OK);
    EXPECT_TRUE(same_bits(out, out_by_c));
    function(in_place, in_place);
    EXPECT_TRUE(same_bits(in_place, out_by_c));

    for (const std::size_t size : {n - 1, n + 1}) {
        std::vector<T> other(size);
        expect_length_error(name, "out", [&] { function(x, other); });
    }
    std::span<T> all(in_place);
    expect_error(AG_ERROR_OVERLAP, c_name<T>((std::string("ag_") + name).c_str()), "overlaps",
                 [&] { function(all.first(n - 1), all.last(n - 1)); });
}

TYPED_TEST(CppWrapper, ElementaryFunctionsAreThoseOfC) {
    using T = TypeParam;
    using In = std::span<const T>;
    using Out = std::span<T>;
    expect_elementary<T>([](In x, Out out) { anisograd::exp(x, out); }, "exp", Api<T>::exp);
    expect_elementary<T>([](In x, Out out) { anisograd::log1p(x, out); }, "log1p", Api<T>::log1p);
    expect_elementary<T>([](In x, Out out) { anisograd::sigmoid(x, out); }, "sigmoid", Api<T>::sigmoid);
    expect_elementary<T>([](In x, Out out) { anisograd::softplus(x, out); }, "softplus", Api<T>::softplus);
}

// ---- Matrices ------------------------------------------------------------------------------------------

static_assert(std::is_same_v<anisograd::Dense<float>, ag_dense_f32>);
static_assert(std::is_same_v<anisograd::Dense<double>, ag_dense_f64>);
static_assert(std::is_same_v<anisograd::Csr<float>, ag_csr_f32>);
static_assert(std::is_same_v<anisograd::Csr<double>, ag_csr_f64>);
static_assert(std::is_same_v<anisograd::ScalarOf<ag_dense_f32>, float>);
static_assert(std::is_same_v<anisograd::ScalarOf<ag_csr_f64>, double>);
static_assert(anisograd::LogisticMatrix<ag_dense_f64> && anisograd::LogisticMatrix<ag_csr_f32>);
static_assert(!anisograd::LogisticMatrix<double> && !anisograd::LogisticMatrix<std::vector<float>>);

TYPED_TEST(CppWrapper, DenseMatrices) {
    using T = TypeParam;
    // The last row needs no room up to the stride.
    const std::vector<T> values(3 * 5 + 4);
    const auto strided = anisograd::dense(values, 4, 4, 5);
    static_assert(std::is_same_v<decltype(strided), const anisograd::Dense<T>>);
    EXPECT_EQ(strided.rows, 4u);
    EXPECT_EQ(strided.cols, 4u);
    EXPECT_EQ(strided.row_stride, 5u);
    EXPECT_EQ(strided.values, values.data());
    const auto compact = anisograd::dense(values, 9, 2);
    EXPECT_EQ(compact.rows, 9u);
    EXPECT_EQ(compact.cols, 2u);
    EXPECT_EQ(compact.row_stride, 2u);
    EXPECT_EQ(compact.values, values.data());
    const std::vector<T> nothing;
    EXPECT_EQ(anisograd::dense(nothing, 0, 5).rows, 0u);
    EXPECT_EQ(anisograd::dense(nothing, 5, 0).rows, 5u);
    EXPECT_EQ(anisograd::dense(nothing, 5, 0, 3).row_stride, 3u);

    expect_length_error("dense", "values", [&] { static_cast<void>(anisograd::dense(values, 4, 5)); });
    expect_length_error("dense", "values", [&] { static_cast<void>(anisograd::dense(values, 4, 5, 5)); });
    expect_length_error("dense", "values", [&] { static_cast<void>(anisograd::dense(nothing, 1, 1)); });
    expect_error(AG_ERROR_SIZE, "dense: ", "row_stride",
                 [&] { static_cast<void>(anisograd::dense(values, 2, 4, 3)); });
    for (const std::size_t rows : {SIZE_MAX, SIZE_MAX / 4 + 2})
        expect_error(AG_ERROR_SIZE, "dense: ", "overflows",
                     [&] { static_cast<void>(anisograd::dense(values, rows, 4)); });
}

TYPED_TEST(CppWrapper, SparseMatrices) {
    using T = TypeParam;
    const std::vector<std::int64_t> offsets = {0, 2, 2, 3}, negative = {0, -1}, no_rows = {0}, none;
    const std::vector<std::int32_t> columns = {3, 0, 1};
    const std::vector<T> values = {1, 2, 3};
    const auto X = anisograd::csr(4, offsets, columns, values);
    static_assert(std::is_same_v<decltype(X), const anisograd::Csr<T>>);
    const auto ones = anisograd::csr_of_ones<T>(4, offsets, columns);
    static_assert(std::is_same_v<decltype(ones), const anisograd::Csr<T>>);
    for (const auto& matrix : {X, ones}) {
        EXPECT_EQ(matrix.rows, 3u);
        EXPECT_EQ(matrix.cols, 4u);
        EXPECT_EQ(matrix.row_offsets, offsets.data());
        EXPECT_EQ(matrix.columns, columns.data());
    }
    EXPECT_EQ(X.values, values.data());
    EXPECT_EQ(ones.values, nullptr);
    EXPECT_EQ(anisograd::csr(4, no_rows, columns, values).rows, 0u);

    const std::span<const std::int32_t> two_columns = std::span(columns).first(2);
    const std::span<const T> two_values = std::span(values).first(2);
    expect_length_error("csr", "row_offsets",
                        [&] { static_cast<void>(anisograd::csr(4, none, columns, values)); });
    expect_length_error("csr", "row_offsets",
                        [&] { static_cast<void>(anisograd::csr_of_ones<T>(4, none, columns)); });
    expect_length_error("csr", "columns",
                        [&] { static_cast<void>(anisograd::csr(4, offsets, two_columns, two_values)); });
    expect_length_error("csr", "columns",
                        [&] { static_cast<void>(anisograd::csr_of_ones<T>(4, offsets, two_columns)); });
    expect_length_error("csr", "values",
                        [&] { static_cast<void>(anisograd::csr(4, offsets, columns, two_values)); });
    // Negative offsets are left to the C function.
    const auto bad = anisograd::csr(4, negative, columns, values);
    const std::vector<T> y(1, 1), w(4);
    expect_error(AG_ERROR_OUT_OF_RANGE, c_name<T>("ag_logistic_csr"), "row_offsets",
                 [&] { static_cast<void>(anisograd::logistic_loss(bad, y, w)); });
}

// ---- Logistic loss and gradient ------------------------------------------------------------------------

TYPED_TEST(CppWrapper, LogisticOptionsAreThoseOfC) {
    using T = TypeParam;
    anisograd::LogisticOptions<T> options;
    const ag_logistic_options expected = logistic_options();
    EXPECT_EQ(options.struct_size, expected.struct_size);
    EXPECT_EQ(options.labels, expected.labels);
    EXPECT_EQ(options.reduction, expected.reduction);
    EXPECT_EQ(options.fit_intercept, expected.fit_intercept);
    EXPECT_EQ(options.l2, expected.l2);
    EXPECT_EQ(options.sample_weight, nullptr);
    EXPECT_EQ(options.row_indices, nullptr);
    EXPECT_EQ(options.workspace, nullptr);
    EXPECT_EQ(options.sample_weight_size, std::nullopt);

    const std::vector<T> weights(5);
    const std::vector<std::int64_t> indices(3);
    std::vector<std::byte> memory(64);
    options.set_sample_weight(weights).set_row_indices(indices).set_workspace(memory);
    EXPECT_EQ(options.sample_weight, weights.data());
    EXPECT_EQ(options.sample_weight_size, std::optional<std::size_t>(5));
    EXPECT_EQ(options.row_indices, indices.data());
    EXPECT_EQ(options.row_count, 3u);
    EXPECT_EQ(options.workspace, memory.data());
    EXPECT_EQ(options.workspace_size, 64u);
    options.set_row_indices({});
    EXPECT_NE(options.row_indices, nullptr) << "which would mean all rows";
    EXPECT_EQ(options.row_count, 0u);
}

// Labels, weights and a batch for a matrix of 6 rows and 4 columns, with an intercept.
template <class T>
struct Problem {
    std::vector<T> values = normal_values<T>(24, 1), y = {1, -1, 1, 1, -1, -1}, w = normal_values<T>(5, 2),
                   weights = absolute(normal_values<T>(6, 3));
    std::vector<std::int64_t> offsets = {0, 4, 8, 12, 16, 20, 24}, indices = {5, 0, 5};
    std::vector<std::int32_t> columns;
    anisograd::LogisticOptions<T> options;

    Problem() {
        for (std::int32_t k = 0; k < 24; ++k)
            columns.push_back(k % 4);
        options.fit_intercept = 1;
        options.l2 = 0.25;
    }
    Problem(const Problem&) = delete;
    Problem& operator=(const Problem&) = delete;
};

// Every function, on a matrix in any form, against its C function.
template <class T, class Matrix>
void expect_logistic(const Matrix& X,
                     ag_status (*evaluate)(const Matrix*, const T*, const T*, const ag_logistic_options*,
                                           double*, T*),
                     const char* name) {
    SCOPED_TRACE(name);
    Problem<T> p;
    for (const bool weighted : {false, true})
        for (const bool batch : {false, true}) {
            if (weighted)
                p.options.set_sample_weight(p.weights);
            if (batch)
                p.options.set_row_indices(p.indices);
            double loss_by_c = 0;
            std::vector<T> gradient_by_c(5), gradient(5), gradient_alone(5);
            ASSERT_EQ(evaluate(&X, p.y.data(), p.w.data(), &p.options, &loss_by_c, gradient_by_c.data()),
                      AG_OK)
                << ag_last_error();
            EXPECT_EQ(anisograd::logistic_loss(X, p.y, p.w, p.options), loss_by_c);
            anisograd::logistic_gradient(X, p.y, p.w, gradient_alone, p.options);
            EXPECT_TRUE(same_bits(gradient_alone, gradient_by_c));
            EXPECT_EQ(anisograd::logistic_loss_and_gradient(X, p.y, p.w, gradient, p.options), loss_by_c);
            EXPECT_TRUE(same_bits(gradient, gradient_by_c));
        }
    // The defaults.
    const std::span<const T> w = std::span<const T>(p.w).first(4);
    double loss_by_c = 0;
    std::vector<T> gradient_by_c(4), gradient(4), gradient_alone(4);
    ASSERT_EQ(evaluate(&X, p.y.data(), w.data(), nullptr, &loss_by_c, gradient_by_c.data()), AG_OK);
    EXPECT_EQ(anisograd::logistic_loss(X, p.y, w), loss_by_c);
    anisograd::logistic_gradient(X, p.y, w, gradient_alone);
    EXPECT_TRUE(same_bits(gradient_alone, gradient_by_c));
    EXPECT_EQ(anisograd::logistic_loss_and_gradient(X, p.y, w, gradient), loss_by_c);
    EXPECT_TRUE(same_bits(gradient, gradient_by_c));
}

TYPED_TEST(CppWrapper, LogisticFunctionsAreThoseOfC) {
    using T = TypeParam;
    const Problem<T> p;
    expect_logistic<T>(anisograd::dense(p.values, 6, 4), Api<T>::logistic_dense, "dense");
    expect_logistic<T>(anisograd::csr(4, p.offsets, p.columns, p.values), Api<T>::logistic_csr, "csr");
    expect_logistic<T>(anisograd::csr_of_ones<T>(4, p.offsets, p.columns), Api<T>::logistic_csr, "ones");
    const std::vector<std::int64_t> columns(p.columns.begin(), p.columns.end());
    expect_logistic<T>(anisograd::csr(4, p.offsets, columns, p.values), Api<T>::logistic_csr64, "csr64");
    expect_logistic<T>(anisograd::csr_of_ones<T>(4, p.offsets, columns), Api<T>::logistic_csr64, "ones64");
}

TEST(CppWrapper16, DenseMatricesOfSixteenBits) {
    const std::vector<std::uint16_t> bf16 = {0x3f80, 0xc000, 0x3f00, 0x4040},
                                     f16 = {0x3c00, 0xc000, 0x3800, 0x4200};
    const std::vector<float> values = {1, -2, 0.5f, 3}, y = {1, -1}, w = {0.25f, -0.5f};
    std::vector<float> expected(2), gradient(2);
    const double loss = anisograd::logistic_loss_and_gradient(anisograd::dense(values, 2, 2), y, w, expected);
    EXPECT_EQ(anisograd::logistic_loss_and_gradient(anisograd::dense_bf16(bf16, 2, 2), y, w, gradient), loss);
    EXPECT_EQ(gradient, expected);
    EXPECT_EQ(anisograd::logistic_loss_and_gradient(anisograd::dense_f16(f16, 2, 2), y, w, gradient), loss);
    EXPECT_EQ(gradient, expected);
    EXPECT_EQ(anisograd::logistic_workspace(anisograd::dense_bf16(bf16, 2, 2, 2)), 0u);
    EXPECT_EQ(anisograd::logistic_workspace(anisograd::dense_f16(f16, 2, 2, 2)), 0u);
    std::size_t bytes = 0;
    const ag_dense_f32 X = anisograd::dense(values, 2, 2);
    ASSERT_EQ(ag_logistic_columns_workspace_dense_f32(&X, nullptr, &bytes), AG_OK);
    EXPECT_EQ(anisograd::logistic_columns_workspace(X), bytes);
    const auto expect_rows = [&](const auto& function) {
        function(anisograd::dense(values, 2, 2), expected);
        function(anisograd::dense_bf16(bf16, 2, 2), gradient);
        EXPECT_EQ(gradient, expected);
        function(anisograd::dense_f16(f16, 2, 2), gradient);
        EXPECT_EQ(gradient, expected);
    };
    expect_rows([&](const auto& X, std::span<float> out) { anisograd::logistic_margins(X, w, out); });
    expect_rows([&](const auto& X, std::span<float> out) { anisograd::logistic_probabilities(X, w, out); });
    EXPECT_THROW(static_cast<void>(anisograd::dense_bf16(bf16, 2, 3)), anisograd::Error);
    EXPECT_THROW(static_cast<void>(anisograd::dense_f16(f16, 3, 2)), anisograd::Error);
}

// Each of the three functions, called by name.
template <class T, class Matrix>
void expect_logistic_errors(const Matrix& X, const char* name) {
    SCOPED_TRACE(name);
    using Values = std::span<const T>;
    using Options = anisograd::LogisticOptions<T>;
    const std::vector<T> untouched(5, 7);
    std::vector<T> gradient = untouched;
    const struct {
        const char* name;
        std::function<void(Values y, Values w, const Options&)> call;
    } functions[] = {
        {"logistic_loss", [&](Values y, Values w,
                              const Options& o) { static_cast<void>(anisograd::logistic_loss(X, y, w, o)); }},
        {"logistic_gradient",
         [&](Values y, Values w, const Options& o) { anisograd::logistic_gradient(X, y, w, gradient, o); }},
        {"logistic_loss_and_gradient",
         [&](Values y, Values w, const Options& o) {
             static_cast<void>(anisograd::logistic_loss_and_gradient(X, y, w, gradient, o));
         }},
    };
    for (const auto& each : functions) {
        const auto& function = each.name;
        const auto& call = each.call;
        Problem<T> p;
        for (const std::size_t size : {5, 7}) {
            const std::vector<T> other(size, 1);
            expect_length_error(function, "y", [&] { call(other, p.w, p.options); });
            p.options.set_sample_weight(other);
            expect_length_error(function, "sample_weight", [&] { call(p.y, p.w, p.options); });
            p.options.set_sample_weight(p.weights);
        }
        const std::vector<T> four(4), six(6);
        expect_length_error(function, "w", [&] { call(p.y, four, p.options); });
        expect_length_error(function, "w", [&] { call(p.y, six, p.options); });
        p.options.fit_intercept = 0;
        expect_length_error(function, "w", [&] { call(p.y, p.w, p.options); });
        p.options.fit_intercept = 1;
        // An empty batch, whose mean does not exist, is not all rows.
        p.options.set_row_indices({});
        expect_error(AG_ERROR_INVALID_VALUE, c_name<T>(name), "sum to 0", [&] { call(p.y, p.w, p.options); });
        p.options.set_row_indices(p.indices);
        p.y[5] = 3;
        expect_error(AG_ERROR_LABEL, c_name<T>(name), "y[5]", [&] { call(p.y, p.w, p.options); });
    }
    Problem<T> p;
    for (const std::size_t size : {4, 6}) {
        std::vector<T> other(size);
        expect_length_error("logistic_gradient", "gradient",
                            [&] { anisograd::logistic_gradient(X, p.y, p.w, other, p.options); });
        expect_length_error("logistic_loss_and_gradient", "gradient", [&] {
            static_cast<void>(anisograd::logistic_loss_and_gradient(X, p.y, p.w, other, p.options));
        });
    }
    EXPECT_EQ(gradient, untouched);
}

TYPED_TEST(CppWrapper, LogisticFunctionsRefuseBadCalls) {
    using T = TypeParam;
    const Problem<T> p;
    expect_logistic_errors<T>(anisograd::dense(p.values, 6, 4), "ag_logistic_dense");
    expect_logistic_errors<T>(anisograd::csr(4, p.offsets, p.columns, p.values), "ag_logistic_csr");
    const std::vector<std::int64_t> columns(p.columns.begin(), p.columns.end());
    expect_logistic_errors<T>(anisograd::csr(4, p.offsets, columns, p.values), "ag_logistic_csr64");
}

TYPED_TEST(CppWrapper, AnEmptyBatchHasNoDataTerm) {
    using T = TypeParam;
    Problem<T> p;
    p.options.reduction = AG_REDUCTION_SUM;
    p.options.l2 = 0;
    p.options.set_row_indices(std::vector<std::int64_t>());
    std::vector<T> gradient(5, 7);
    EXPECT_EQ(anisograd::logistic_loss_and_gradient(anisograd::dense(p.values, 6, 4), p.y, p.w, gradient,
                                                    p.options),
              0);
    EXPECT_EQ(gradient, std::vector<T>(5));
}

// Enough rows for several private gradients.
template <class T, class Matrix>
void expect_workspace(const Matrix& X, const std::vector<T>& y, const std::vector<T>& w,
                      ag_status (*by_c)(const Matrix*, const ag_logistic_options*, std::size_t*),
                      const std::string& name) {
    SCOPED_TRACE(name);
    anisograd::LogisticOptions<T> options;
    std::size_t bytes = 0, bytes_of_batch = 1;
    ASSERT_EQ(by_c(&X, nullptr, &bytes), AG_OK) << ag_last_error();
    ASSERT_GT(bytes, 0u);
    EXPECT_EQ(anisograd::logistic_workspace(X), bytes);
    EXPECT_EQ(anisograd::logistic_workspace(X, options), bytes);

    std::vector<T> expected(w.size()), gradient(w.size());
    const double loss = anisograd::logistic_loss_and_gradient(X, y, w, expected, options);
    const std::vector<std::byte> fresh(bytes, std::byte(0x5a));
    std::vector<std::byte> memory = fresh;
    options.set_workspace(memory);
    EXPECT_EQ(anisograd::logistic_loss_and_gradient(X, y, w, gradient, options), loss);
    EXPECT_TRUE(same_bits(gradient, expected));
    EXPECT_NE(memory, fresh) << "the memory was not used";
    options.set_workspace(std::span(memory).first(bytes - 1));
    expect_error(AG_ERROR_SIZE, c_name<T>(name.c_str()), "workspace_size",
                 [&] { anisograd::logistic_gradient(X, y, w, gradient, options); });

    const std::vector<std::int64_t> indices = {1, 2, 3};
    options.set_row_indices(indices);
    ASSERT_EQ(by_c(&X, &options, &bytes_of_batch), AG_OK);
    EXPECT_EQ(bytes_of_batch, 0u);
    EXPECT_EQ(anisograd::logistic_workspace(X, options), 0u);
    options.l2 = -1;
    expect_error(AG_ERROR_INVALID_VALUE, c_name<T>((name + "_workspace").c_str()), "l2",
                 [&] { static_cast<void>(anisograd::logistic_workspace(X, options)); });
}

TYPED_TEST(CppWrapper, Workspace) {
    using T = TypeParam;
    const std::size_t rows = 5000, cols = 40;
    const std::vector<T> values = normal_values<T>(rows * cols, 1), w = normal_values<T>(cols, 2), y(rows, 1);
    std::vector<std::int64_t> offsets;
    std::vector<std::int32_t> columns;
    for (std::size_t i = 0; i <= rows; ++i)
        offsets.push_back(static_cast<std::int64_t>(i * cols));
    for (std::size_t k = 0; k < rows * cols; ++k)
        columns.push_back(static_cast<std::int32_t>(k % cols));
    expect_workspace<T>(anisograd::dense(values, rows, cols), y, w, Api<T>::logistic_dense_workspace,
                        "ag_logistic_dense");
    expect_workspace<T>(anisograd::csr(cols, offsets, columns, values), y, w, Api<T>::logistic_csr_workspace,
                        "ag_logistic_csr");
    const std::vector<std::int64_t> columns64(columns.begin(), columns.end());
    expect_workspace<T>(anisograd::csr(cols, offsets, columns64, values), y, w,
                        Api<T>::logistic_csr64_workspace, "ag_logistic_csr64");
}

// ---- Margins, probabilities, second derivatives ----------------------------------------------------------

template <class T, class Matrix>
void expect_passes(const Matrix& X, const char* name) {
    SCOPED_TRACE(name);
    Problem<T> p;
    p.options.set_sample_weight(p.weights);
    p.options.label_smoothing = 0.1;
    const std::vector<T> direction = normal_values<T>(5, 77);
    for (const bool batch : {false, true}) {
        if (batch)
            p.options.set_row_indices(p.indices);
        const std::size_t visited = batch ? p.indices.size() : p.y.size();
        std::vector<T> margins(visited), expected(visited);
        anisograd::logistic_margins(X, p.w, margins, p.options);
        ASSERT_EQ(logistic_margins(&X, p.w.data(), &p.options, expected.data()), AG_OK);
        EXPECT_TRUE(same_bits(margins, expected));
        std::vector<T> probabilities(visited);
        anisograd::logistic_probabilities(X, p.w, probabilities, p.options);
        ASSERT_EQ(logistic_probabilities(&X, p.w.data(), &p.options, expected.data()), AG_OK);
        EXPECT_TRUE(same_bits(probabilities, expected));

        double loss = 0;
        std::vector<T> residuals(visited), curvatures(visited), residuals_by_c(visited),
            curvatures_by_c(visited);
        ASSERT_EQ(Api<T>::from_margins(p.y.size(), margins.data(), p.y.data(), &p.options, &loss,
                                       residuals_by_c.data(), curvatures_by_c.data()),
                  AG_OK);
        EXPECT_EQ(anisograd::logistic_from_margins<T>(margins, p.y, residuals, curvatures, p.options), loss);
        EXPECT_TRUE(same_bits(residuals, residuals_by_c));
        EXPECT_TRUE(same_bits(curvatures, curvatures_by_c));
        EXPECT_EQ(anisograd::logistic_from_margins<T>(margins, p.y, {}, {}, p.options), loss);

        std::vector<T> out(5), by_c(5);
        anisograd::logistic_hessian_vector(X, p.y, p.w, direction, out, p.options);
        ASSERT_EQ(
            logistic_hessian_vector(&X, p.y.data(), p.w.data(), direction.data(), &p.options, by_c.data()),
            AG_OK);
        EXPECT_TRUE(same_bits(out, by_c));
        anisograd::logistic_hessian_diagonal(X, p.y, p.w, out, p.options);
        ASSERT_EQ(logistic_hessian_diagonal(&X, p.y.data(), p.w.data(), &p.options, by_c.data()), AG_OK);
        EXPECT_TRUE(same_bits(out, by_c));
        anisograd::logistic_noise(X, p.y, p.w, out, p.options);
        ASSERT_EQ(logistic_noise(&X, p.y.data(), p.w.data(), &p.options, by_c.data()), AG_OK);
        EXPECT_TRUE(same_bits(out, by_c));
        for (const ag_smoothness kind : {AG_SMOOTHNESS_COORDINATE, AG_SMOOTHNESS_ANISOTROPIC}) {
            anisograd::logistic_smoothness(X, p.y, kind, out, p.options);
            ASSERT_EQ(logistic_smoothness(&X, p.y.data(), &p.options, kind, by_c.data()), AG_OK);
            EXPECT_TRUE(same_bits(out, by_c));
        }
        std::size_t bytes = 0;
        ASSERT_EQ(logistic_columns_workspace(&X, &p.options, &bytes), AG_OK);
        EXPECT_EQ(anisograd::logistic_columns_workspace(X, p.options), bytes);
    }
    std::vector<T> four(4), five(5), six(6), three(3);
    expect_length_error("logistic_margins", "margins",
                        [&] { anisograd::logistic_margins(X, p.w, four, p.options); });
    expect_length_error("logistic_margins", "w",
                        [&] { anisograd::logistic_margins(X, four, four, p.options); });
    expect_length_error("logistic_probabilities", "probabilities",
                        [&] { anisograd::logistic_probabilities(X, p.w, six, p.options); });
    expect_length_error("logistic_from_margins", "margins",
                        [&] { anisograd::logistic_from_margins<T>(six, p.y, {}, {}, p.options); });
    const std::vector<T> margins(p.indices.size());
    expect_length_error("logistic_from_margins", "residuals",
                        [&] { anisograd::logistic_from_margins<T>(margins, p.y, six, {}, p.options); });
    expect_length_error("logistic_from_margins", "curvatures",
                        [&] { anisograd::logistic_from_margins<T>(margins, p.y, {}, six, p.options); });
    expect_length_error("logistic_hessian_vector", "direction",
                        [&] { anisograd::logistic_hessian_vector(X, p.y, p.w, four, five, p.options); });
    expect_length_error("logistic_hessian_vector", "product",
                        [&] { anisograd::logistic_hessian_vector(X, p.y, p.w, direction, four, p.options); });
    expect_length_error("logistic_hessian_diagonal", "diagonal",
                        [&] { anisograd::logistic_hessian_diagonal(X, p.y, p.w, six, p.options); });
    expect_length_error("logistic_noise", "noise",
                        [&] { anisograd::logistic_noise(X, p.y, p.w, four, p.options); });
    expect_length_error("logistic_smoothness", "smoothness", [&] {
        anisograd::logistic_smoothness(X, p.y, AG_SMOOTHNESS_COORDINATE, four, p.options);
    });
    expect_error(AG_ERROR_INVALID_ENUM, c_name<T>(name), "kind",
                 [&] { anisograd::logistic_smoothness(X, p.y, 2, five, p.options); });
}

TYPED_TEST(CppWrapper, PassesOverRowsAreThoseOfC) {
    using T = TypeParam;
    const Problem<T> p;
    expect_passes<T>(anisograd::dense(p.values, 6, 4), "ag_logistic_smoothness_dense");
    expect_passes<T>(anisograd::csr(4, p.offsets, p.columns, p.values), "ag_logistic_smoothness_csr");
    const std::vector<std::int64_t> columns(p.columns.begin(), p.columns.end());
    expect_passes<T>(anisograd::csr(4, p.offsets, columns, p.values), "ag_logistic_smoothness_csr64");
}

template <class T, class Matrix>
void expect_sparse_gradient(const Matrix& X) {
    Problem<T> p;
    p.options.l2 = 0;
    p.options.set_row_indices(p.indices);
    const auto size = anisograd::logistic_sparse_gradient_size(X, p.options);
    EXPECT_EQ(size.capacity, 5u);
    std::vector<std::int64_t> columns(size.capacity), columns_by_c(size.capacity);
    std::vector<T> values(size.capacity), values_by_c(size.capacity);
    std::vector<std::byte> memory(size.workspace);
    p.options.set_workspace(memory);
    const auto found = anisograd::logistic_sparse_gradient(X, p.y, p.w, columns, values, p.options);
    double loss = 0;
    std::size_t count = 0;
    ASSERT_EQ(logistic_sparse_gradient(&X, p.y.data(), p.w.data(), &p.options, &loss, size.capacity,
                                       columns_by_c.data(), values_by_c.data(), &count),
              AG_OK);
    EXPECT_EQ(found.loss, loss);
    EXPECT_EQ(found.count, count);
    EXPECT_EQ(columns, columns_by_c);
    EXPECT_TRUE(same_bits(values, values_by_c));
    std::vector<T> other(3);
    expect_length_error("logistic_sparse_gradient", "values", [&] {
        static_cast<void>(anisograd::logistic_sparse_gradient(X, p.y, p.w, columns, other, p.options));
    });
}

TYPED_TEST(CppWrapper, MiniBatches) {
    using T = TypeParam;
    const Problem<T> p;
    expect_sparse_gradient<T>(anisograd::csr(4, p.offsets, p.columns, p.values));
    const std::vector<std::int64_t> columns(p.columns.begin(), p.columns.end());
    expect_sparse_gradient<T>(anisograd::csr(4, p.offsets, columns, p.values));
    std::vector<std::int64_t> indices(100), by_c(100);
    anisograd::shuffle_indices(indices, 1, 2);
    ASSERT_EQ(ag_shuffle_indices(100, 1, 2, by_c.data()), AG_OK);
    EXPECT_EQ(indices, by_c);
}

template <class T, class Matrix>
void expect_softmax(const Matrix& X) {
    Problem<T> p;
    const std::vector<std::int32_t> y = {0, 2, 1, 1, 0, 2};
    const std::vector<T> w = normal_values<T>(15, 3);
    std::vector<T> gradient(15), by_c(15), other(14);
    double loss = 0;
    ASSERT_EQ(softmax(&X, 3, y.data(), w.data(), &p.options, &loss, by_c.data()), AG_OK);
    EXPECT_EQ(anisograd::softmax_loss_and_gradient(X, 3, y, w, gradient, p.options), loss);
    EXPECT_TRUE(same_bits(gradient, by_c));
    std::vector<std::byte> memory(anisograd::softmax_workspace(X, 3, p.options));
    p.options.set_workspace(memory);
    EXPECT_EQ(anisograd::softmax_loss_and_gradient(X, 3, y, w, {}, p.options), loss);
    expect_length_error("softmax_loss_and_gradient", "gradient",
                        [&] { anisograd::softmax_loss_and_gradient(X, 3, y, w, other, p.options); });
    expect_length_error("softmax_loss_and_gradient", "w",
                        [&] { anisograd::softmax_loss_and_gradient(X, 3, y, other, {}, p.options); });
    expect_length_error("softmax_loss_and_gradient", "y", [&] {
        anisograd::softmax_loss_and_gradient(X, 3, std::span(y).first(5), w, gradient, p.options);
    });
}

TYPED_TEST(CppWrapper, SoftmaxIsThatOfC) {
    using T = TypeParam;
    const Problem<T> p;
    expect_softmax<T>(anisograd::dense(p.values, 6, 4));
    expect_softmax<T>(anisograd::csr(4, p.offsets, p.columns, p.values));
    const std::vector<std::int64_t> columns(p.columns.begin(), p.columns.end());
    expect_softmax<T>(anisograd::csr(4, p.offsets, columns, p.values));
}

} // namespace
