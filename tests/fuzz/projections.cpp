// SPDX-License-Identifier: BSD-3-Clause
//
// Projections, of a vector, of rows, after a step, and of a vector that a reducer connects with others.
#include "tests/fuzz/call.hpp"

namespace fuzz {

namespace {

// The reducer of a vector that is not spread after all. Fails at some time, and is not called again then.
struct Reducer {
    std::size_t sums = 0, failing = SIZE_MAX;

    static int sum(void* context, std::size_t count, double* values) {
        auto& self = *static_cast<Reducer*>(context);
        if (self.sums > self.failing)
            fail("a reducer was called after it had failed");
        if (count > 1024)
            fail("a reducer was asked for the sums of too many numbers");
        for (std::size_t i = 0; i < count; ++i)
            values[i] += 0.0;
        return self.sums++ == self.failing ? 1 : 0;
    }
};

// Which fields a kind of set looks at.
bool has_bounds(ag_set_kind kind) {
    return kind == AG_SET_BOX || kind == AG_SET_CAPPED_SIMPLEX || kind == AG_SET_BOX_SECTION;
}
bool is_ball(ag_set_kind kind) {
    return (kind >= AG_SET_LINF_BALL && kind <= AG_SET_WEIGHTED_L1_BALL) || kind == AG_SET_GROUP_L1_BALL;
}
bool has_normal(ag_set_kind kind) {
    return kind == AG_SET_WEIGHTED_L1_BALL || (kind >= AG_SET_BOX_SECTION && kind <= AG_SET_SLAB);
}

// Whether all are finite, and so small that no sum or difference of such numbers overflows.
template <class T>
bool moderate(const T* x, std::size_t n) {
    constexpr T most = static_cast<T>(sizeof(T) == 4 ? 0x1p100 : 0x1p300);
    return x == nullptr || std::all_of(x, x + n, [](T value) { return std::fabs(value) <= most; });
}

template <class T>
class AnySet {
public:
    // For vectors of n elements, `reports` of them.
    AnySet(Call& call, std::size_t n, std::size_t reports) {
        Input& in = call.input;
        ag_set set;
        ag_set_init(&set);
        set.struct_size = call.struct_size<ag_set>();
        set.kind = in.enumerator(AG_SET_GROUP_L1_BALL + 1);
        const bool known = set.kind >= AG_SET_BOX && set.kind <= AG_SET_GROUP_L1_BALL;
        // Fields that a kind has no use for, or that an older struct has not, are not looked at.
        const auto has = [&](std::size_t offset) { return set.struct_size > offset; };
        const auto array = [&](std::size_t offset, bool used, auto fill) -> const T* {
            return has(offset) && (used || !known) ? call.optional_array<T>(n, Role::input, fill)
                                                   : call.unused<const T>();
        };
        set.radius = in.option(1);
        set.lower = in.option(-1);
        set.upper = in.option(2);
        set.lower_bounds = array(offsetof(ag_set, lower_bounds),
                                 has_bounds(set.kind) && set.kind != AG_SET_CAPPED_SIMPLEX, fill_numbers<T>);
        set.upper_bounds = array(
            offsetof(ag_set, upper_bounds), has_bounds(set.kind), [](Input& input, T* x, std::size_t count) {
                fill_numbers(input, x, count);
                const T rise = static_cast<T>(input.option(4)); // above the lower ones, as a rule
                for (std::size_t i = 0; i < count; ++i)
                    x[i] += rise;
            });
        set.center = array(offsetof(ag_set, center), is_ball(set.kind), fill_numbers<T>);
        set.normal = array(offsetof(ag_set, normal), has_normal(set.kind),
                           set.kind == AG_SET_WEIGHTED_L1_BALL ? fill_not_negative<T> : fill_numbers<T>);
        set.offset = in.option(0.5);
        set.lower_offset = in.option(0);
        set.report = !has(offsetof(ag_set, report)) || in.below(2) == 0
                         ? nullptr
                         : reinterpret_cast<ag_projection_report*>(call.results<double>(product(reports, 2)));
        const bool grouped = set.kind == AG_SET_GROUP_L1_BALL && has(offsetof(ag_set, group_count));
        set.group_length = grouped ? in.size() : in.raw<std::uint8_t>();
        set.group_count = in.dimension();
        // A struct that ends before the count has none.
        set.group_offsets = set.kind == AG_SET_GROUP_L1_BALL && has(offsetof(ag_set, group_offsets))
                                ? offsets(call, grouped ? set.group_count : 0, n)
                                : call.unused<const std::int64_t>();
        if (in.below(8) == 7) {
            reducer_.failing = in.below(2) == 0 ? SIZE_MAX : in.below(20);
            call.before_each([this] { reducer_.sums = 0; });
            ag_reducer reducer = {in.rarely() ? nullptr : Reducer::sum, &reducer_, n, 0};
            if (in.below(4) == 3)
                reducer.total = in.size();
            if (in.below(8) == 7)
                reducer.begin = in.size();
            set.reducer = call.structure(reducer);
        }
        pointer_ = in.rarely() ? nullptr : call.sized_structure(set);
        const double numbers[] = {set.radius, set.lower, set.upper, set.offset, set.lower_offset};
        moderate_ = std::all_of(std::begin(numbers), std::end(numbers),
                                [](double x) { return std::fabs(x) <= 0x1p100; });
        for (const void* const values : {set.lower_bounds, set.upper_bounds, set.center, set.normal})
            moderate_ = moderate_ && (!call.exists(values, product(n, sizeof(T))) ||
                                      moderate(static_cast<const T*>(values), n));
    }
    AnySet(const AnySet&) = delete;
    AnySet& operator=(const AnySet&) = delete;

    const ag_set* pointer() const { return pointer_; }
    bool is_moderate() const { return moderate_; }

private:
    static const std::int64_t* offsets(Call& call, std::size_t count, std::size_t n) {
        if (call.input.below(2) == 0)
            return nullptr;
        return call.array<std::int64_t>(
            sum(count, 1), Role::input, [&](Input& in, std::int64_t* x, std::size_t) {
                fill_offsets(in, x, count, count != 0 ? 2 * (n / count + 1) : 0, n);
                if (!in.rarely())
                    x[count] = static_cast<std::int64_t>(n);
            });
    }

    Reducer reducer_;
    const ag_set* pointer_;
    bool moderate_;
};

template <class T>
const T* weights(Call& call, std::size_t n) {
    return call.optional_array<T>(n, Role::input, fill_positive<T>);
}

template <class T>
void project(Call& call, ag_status (*function)(std::size_t, T*, const T*, const ag_set*)) {
    const std::size_t n = call.input.size();
    T* const x = call.results<T>(n);
    const T* const lambda = weights<T>(call, n);
    const AnySet<T> set(call, n, 1);
    const bool finite = n != 0 && call.exists(x, n) && moderate(x, n) && set.is_moderate();
    if (call.check([&] { return function(n, x, lambda, set.pointer()); }) == AG_OK && finite)
        for (std::size_t j = 0; j < n; ++j)
            if (std::isnan(x[j]))
                fail("a projection of finite numbers is not a number");
}

template <class T>
void project_rows(Call& call, ag_status (*function)(std::size_t, std::size_t, std::size_t, T*, const T*,
                                                    std::size_t, const double*, const ag_set*)) {
    Input& in = call.input;
    const std::size_t rows = in.dimension(), cols = in.dimension_beside(rows);
    const auto stride = [&] { return in.rarely() ? in.dimension() : sum(cols, in.below(4)); };
    const auto elements = [&](std::size_t row_stride) {
        return rows == 0 || cols == 0 ? 0 : sum(product(rows - 1, row_stride), cols);
    };
    const std::size_t row_stride = stride(), lambda_stride = in.below(2) == 0 ? 0 : stride();
    T* const x = call.results<T>(elements(row_stride));
    const T* const lambda = weights<T>(call, elements(lambda_stride));
    const double* const radii = call.optional_array<double>(rows, Role::input, fill_not_negative<double>);
    const AnySet<T> set(call, cols, rows);
    call.check(
        [&] { return function(rows, cols, row_stride, x, lambda, lambda_stride, radii, set.pointer()); });
}

template <class T>
void step_projected(Call& call, ag_status (*function)(std::size_t, T*, const T*, T*,
                                                      const ag_adagrad_options*, const ag_set*)) {
    const std::size_t n = call.input.size();
    T* const w = call.results<T>(n);
    const T* const g = call.numbers<T>(n);
    T* const v = call.accumulators<T>(n);
    const StepOptions options = step_options(call);
    const AnySet<T> set(call, n, 1);
    call.check([&] { return function(n, w, g, v, options.pointer, set.pointer()); }, options.strict);
}

void shard_granule(Call& call) {
    const std::size_t total = call.input.size();
    const AnySet<float> set(call, 0, 0); // its arrays are not looked at
    std::size_t* const granule = call.results<std::size_t>(1);
    if (call.check([&] { return ag_shard_granule(total, set.pointer(), granule); }) == AG_OK && *granule == 0)
        fail("a granule of no elements");
}

template <class T>
void workspace(Call& call, ag_status (*function)(std::size_t, const ag_set*, std::size_t*)) {
    const std::size_t n = call.input.size();
    const AnySet<T> set(call, 0, 0); // its arrays are not looked at
    std::size_t* const bytes = call.results<std::size_t>(1);
    if (call.check([&] { return function(n, set.pointer(), bytes); }) == AG_OK && *bytes > 16u << 20)
        fail("a workspace of more than 16 MiB");
}

} // namespace

void any_call(Call& call) {
    Input& in = call.input;
    switch (in.below(4)) {
    case 0:
        return with_one_of(
            in, [&](auto f) { project(call, f); }, ag_project_f32, ag_project_f64);
    case 1:
        return with_one_of(
            in, [&](auto f) { project_rows(call, f); }, ag_project_rows_f32, ag_project_rows_f64);
    case 2:
        return with_one_of(
            in, [&](auto f) { step_projected(call, f); }, ag_adagrad_step_projected_f32,
            ag_adagrad_step_projected_f64);
    default:
        if (in.below(2) == 0)
            return shard_granule(call);
        return in.below(2) == 0 ? workspace<float>(call, ag_project_workspace_f32)
                                : workspace<double>(call, ag_project_workspace_f64);
    }
}

} // namespace fuzz
