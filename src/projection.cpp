// SPDX-License-Identifier: BSD-3-Clause
//
// ag_project_… and ag_adagrad_step_projected_…
#include "src/ball.hpp"
#include "src/cone.hpp"
#include "src/group_ball.hpp"
#include "src/set.hpp"
#include "src/short_row.hpp"
#include "src/step.hpp"

#include "kernels/set_table.hpp"

#include <atomic>

namespace anisograd {

namespace {

void write_report(ag_projection_report* report, const ProjectionResult& result) {
    if (report != nullptr)
        *report = {.multiplier = result.multiplier, .passes = result.passes, .inside = result.inside ? 1 : 0};
}

template <class T>
bool is_inside(const Kernels<T>& kernels, std::size_t n, const T* x, const Bounds<T>& bounds) {
    return find_first(n, [&](std::size_t begin, std::size_t length) {
               return kernels.scan.first_clipped(length, x + begin, part(bounds, begin));
           }) == n;
}

// L1 balls and simplices of few elements.
template <class T>
bool is_short(std::size_t n, const SetAtLevel<T>& set) {
    return n <= short_row_length && (set.kind == AG_SET_L1_BALL || set.kind == AG_SET_SIMPLEX);
}

// Rows for which is_short holds. body(i, result) for each row i, which is as it was where nothing was found.
template <class T, class Body>
void project_short_rows(const Kernels<T>& kernels, ShortRows<T> rows, Body body) {
    constexpr std::size_t at_once = 64;
    alignas(64) T memory[short_row_memory];
    alignas(64) double numbers[short_row_numbers];
    ShortRowResult results[at_once];
    rows.memory = memory;
    rows.numbers = numbers;
    for (std::size_t first = 0, count = rows.count; first < count; first += at_once) {
        rows.count = std::min(count - first, at_once);
        kernels.sets.project_short_rows(rows, results);
        for (std::size_t i = 0; i < rows.count; ++i)
            body(first + i, results[i]);
        rows.x += at_once * rows.row_stride;
        rows.metric = part(rows.metric, at_once * rows.metric_stride);
        rows.radii += at_once * rows.radius_stride;
    }
}

ProjectionResult result_of(const ShortRowResult& row) {
    return {.multiplier = row.multiplier, .passes = static_cast<int>(row.passes), .inside = !row.changed};
}

template <class T>
ShortRows<T> short_rows(const SetAtLevel<T>& set, const Metric<T>& metric) {
    return {nullptr,    1, 0,       0,      metric, 0, set.bounds.center, set.kind == AG_SET_L1_BALL,
            &set.level, 0, nullptr, nullptr};
}

// One short vector; of a sharded one, one shard has all elements.
template <class T>
ShortRowResult project_short(const Shard& shard, T* x, const SetAtLevel<T>& set, const Metric<T>& metric) {
    const std::size_t n = shard.size();
    const ShortRow<T> row(n, x, metric, set.bounds.center, set.kind == AG_SET_L1_BALL);
    if (!shard.is_sharded())
        return row.project(x, set.level);
    T copy[short_row_length];
    std::copy_n(x, n, copy);
    const ShortRowResult own = n != 0 ? row.project(copy, set.level) : ShortRowResult{};
    double numbers[] = {own.multiplier, own.passes, own.found ? 1.0 : 0.0, own.changed ? 1.0 : 0.0};
    shard.sum(std::size(numbers), numbers);
    const ShortRowResult result = {numbers[0], numbers[1], numbers[2] != 0, numbers[3] != 0};
    if (result.found && !shard.failed())
        std::copy_n(copy, n, x);
    return result;
}

// reported: whether any shard wants a report.
template <class T>
ProjectionResult project_in_place(const Kernels<T>& kernels, const Shard& shard, T* x,
                                  const SetAtLevel<T>& set, const Metric<T>& metric, bool reported) {
    if (shard.total() == 0)
        return {};
    if (set.clips()) {
        double clipped = reported && !is_inside(kernels, shard.size(), x, set.bounds) ? 1 : 0;
        if (reported)
            shard.sum(1, &clipped);
        write_ranges(shard, [&](std::size_t begin, std::size_t length) {
            kernels.projection.clip(length, x + begin, part(set.bounds, begin));
        });
        return {.inside = clipped == 0};
    }
    if (set.kind == AG_SET_SECOND_ORDER_CONE)
        return project_onto_cone(kernels, shard, x, metric);
    if (set.kind == AG_SET_GROUP_L1_BALL)
        return project_onto_group_ball(kernels, shard, x, set.bounds.center, set.level, set.groups, metric,
                                       {static_cast<double*>(set.memory), group_ball_memory(shard.total())});
    if (is_short(shard.total(), set)) {
        const ShortRowResult found = project_short(shard, x, set, metric);
        if (found.found)
            return result_of(found);
    }
    if (set.kind != AG_SET_L2_BALL)
        return project_onto_knapsack(kernels, shard, x, set.knapsack, metric, static_cast<T*>(set.memory),
                                     reported);
    return project_onto_ball(kernels, shard, x, set.bounds.center, set.level, metric);
}

// That weights are positive and finite.
template <class T>
class WeightCheck final : public DeferredCheck {
public:
    WeightCheck(const Kernels<T>& kernels, const T* lambda) : kernels_(kernels), lambda_(lambda) {}

    void look_at(std::size_t begin, std::size_t length) override {
        if (kernels_.scan.first_not_positive(length, lambda_ + begin) < length)
            holds_.store(false, std::memory_order_relaxed);
    }
    bool holds() const override { return holds_.load(std::memory_order_relaxed); }

    void report(Checks& checks, std::size_t n) const {
        checks.element("lambda", lambda_, n,
                       find_first(n,
                                  [&](std::size_t begin, std::size_t length) {
                                      return kernels_.scan.first_not_positive(length, lambda_ + begin);
                                  }),
                       AG_ERROR_INVALID_VALUE, "is not positive and finite");
    }

private:
    const Kernels<T>& kernels_;
    const T* lambda_;
    std::atomic<bool> holds_{true};
};

template <class T>
ag_status project(std::size_t n, T* x, const T* lambda, const ag_set* given_set) {
    return run_entry({"ag_project", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        Set<T> set(checks, kernels, given_set, n);
        checks.disjoint({checks.array("x", x, n, Access::write), checks.optional_array("lambda", lambda, n)},
                        set.arrays());
        WeightCheck<T> weight_check(kernels, lambda);
        const bool is_deferred = lambda != nullptr && set.may_defer_checks();
        if (!checks.failed() && lambda != nullptr && !is_deferred)
            weight_check.report(checks, n);
        const T* weights = lambda;
        set.complete(checks, Fingerprint().add(std::uint64_t{0}), weights);
        if (checks.failed())
            return;

        const Metric<T> metric = {weights, nullptr};
        if (is_deferred)
            set.shard().defer(weight_check);
        const ProjectionResult result =
            project_in_place(kernels, set.shard(), x, set.at_level(), metric, set.is_reported());
        if (set.shard().take_deferred() != nullptr || !weight_check.holds())
            weight_check.report(checks, n);
        set.shard().check(checks);
        if (!checks.failed())
            write_report(set.report(), result);
    });
}

// The extent of rows that lie stride elements apart; checked.
template <class T>
std::size_t extent_of_rows(Checks& checks, const char* stride_name, std::size_t rows, std::size_t cols,
                           std::size_t stride) {
    std::size_t extent = 0;
    if (rows == 0 || cols == 0)
        return 0;
    if (stride < cols)
        checks.fail(AG_ERROR_SIZE, "%s = %zu is less than cols = %zu", stride_name, stride, cols);
    else if (__builtin_mul_overflow(rows - 1, stride, &extent) ||
             __builtin_add_overflow(extent, cols, &extent))
        checks.fail(AG_ERROR_SIZE, "rows = %zu of %s = %zu overflow", rows, stride_name, stride);
    return extent;
}

// The first row's level that is out of its range, or that no point of the set has.
template <class T>
void check_levels(Checks& checks, const Kernels<T>& kernels, std::size_t rows, std::size_t cols,
                  const double* levels, const Set<T>& set, double lower_offset) {
    constexpr double most = static_cast<double>(std::numeric_limits<T>::max());
    const auto check = [&](const char* rule, auto holds) {
        if (checks.failed())
            return;
        const std::size_t bad = find_first(rows, [&](std::size_t begin, std::size_t length) {
            std::size_t i = 0;
            while (i < length && holds(levels[begin + i]))
                ++i;
            return i;
        });
        checks.element("radii", levels, rows, bad, AG_ERROR_INVALID_VALUE, rule);
    };
    if (level_of(set.kind()) == Level::radius)
        check("is not >= 0 and finite in the element type",
              [](double level) { return level >= 0 && level <= most; });
    else
        check("is not finite in the element type", [](double level) { return std::fabs(level) <= most; });
    if (set.kind() == AG_SET_SLAB)
        check("is less than set->lower_offset", [=](double level) { return level >= lower_offset; });
    if (set.kind() == AG_SET_CAPPED_SIMPLEX || set.kind() == AG_SET_BOX_SECTION)
        check("is a sum that no p within the bounds has",
              [&](double level) { return is_feasible(kernels, cols, set.at_level(level).knapsack); });
}

template <class T>
ag_status project_rows(std::size_t rows, std::size_t cols, std::size_t row_stride, T* x, const T* lambda,
                       std::size_t lambda_stride, const double* radii, const ag_set* given_set) {
    return run_entry({"ag_project_rows", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const std::size_t lambda_rows = lambda == nullptr ? 0 : lambda_stride == 0 ? 1 : rows;
        const std::size_t x_extent = extent_of_rows<T>(checks, "row_stride", rows, cols, row_stride);
        const std::size_t lambda_extent = rows == 0
                                              ? 0
                                              : extent_of_rows<T>(checks, "lambda_stride", lambda_rows, cols,
                                                                  lambda_stride == 0 ? cols : lambda_stride);
        const Array x_array = checks.array("x", x, x_extent, Access::write);
        const Array lambda_array = checks.optional_array("lambda", lambda, lambda_extent);
        const Array radii_array = checks.optional_array("radii", radii, rows);
        Set<T> set(checks, kernels, given_set, cols, radii != nullptr, rows);
        const double* const levels = level_of(set.kind()) != Level::none ? radii : nullptr;
        if (set.shard().is_sharded())
            checks.fail(AG_ERROR_INVALID_VALUE, "set->reducer is not NULL, but rows are not sharded");
        checks.disjoint({x_array, lambda_array, radii_array}, set.arrays());
        // Without rows there may be more columns than any array has, and looking through bounds that are numbers ends
        // with the last column.
        if (checks.failed() || rows == 0)
            return;
        const T* weights_of_all = lambda;
        set.complete(checks, {}, weights_of_all);
        if (!checks.failed() && levels != nullptr && cols != 0)
            check_levels(checks, kernels, rows, cols, levels, set, set.lower_offset());
        for (std::size_t row = 0; row < lambda_rows && lambda_extent != 0 && !checks.failed(); ++row) {
            const T* const weights = lambda + row * lambda_stride;
            const std::size_t bad = find_first(cols, [&](std::size_t begin, std::size_t length) {
                return kernels.scan.first_not_positive(length, weights + begin);
            });
            if (bad < cols)
                checks.fail(AG_ERROR_INVALID_VALUE,
                            "lambda: [%zu] of row %zu = %g is not positive and finite", bad, row,
                            static_cast<double>(weights[bad]));
        }
        if (checks.failed())
            return;

        ag_projection_report* const reports = set.report();
        if (cols == 0) {
            for (std::size_t row = 0; row < rows && reports != nullptr; ++row)
                write_report(reports + row, {});
            return;
        }
        const auto project_row = [&](std::size_t row) {
            const T* const weights = lambda != nullptr ? lambda + row * lambda_stride : nullptr;
            const ProjectionResult result =
                project_in_place(kernels, cols, x + row * row_stride,
                                 levels != nullptr ? set.at_level(levels[row]) : set.at_level(),
                                 Metric<T>{weights, nullptr}, reports != nullptr);
            write_report(reports != nullptr ? reports + row : nullptr, result);
        };
        // A long row has threads of its own.
        if (cols >= parallel_threshold) {
            for (std::size_t row = 0; row < rows; ++row)
                project_row(row);
            return;
        }
        const std::size_t rows_at_least = 16 * 1024 / std::max<std::size_t>(cols, 1);
        const BlockPlan plan = cut_into_blocks(rows, 1, max_blocks, std::max<std::size_t>(rows_at_least, 1));
        for_each_run_of_blocks(plan, x_extent, [&](std::size_t first, std::size_t last) {
            const std::size_t begin = plan.begin(first), count = plan.length(first, last);
            const SetAtLevel<T> of_all = set.at_level();
            if (!is_short(cols, of_all)) {
                for (std::size_t i = 0; i < count; ++i)
                    project_row(begin + i);
                return;
            }
            ShortRows<T> some = short_rows(of_all, Metric<T>{lambda, nullptr});
            some.x = x + begin * row_stride;
            some.count = count;
            some.cols = cols;
            some.row_stride = row_stride;
            some.metric = part(some.metric, begin * lambda_stride);
            some.metric_stride = lambda_stride;
            if (levels != nullptr) {
                some.radii = levels + begin;
                some.radius_stride = 1;
            }
            project_short_rows(kernels, some, [&](std::size_t i, const ShortRowResult& result) {
                if (!result.found)
                    project_row(begin + i);
                else if (reports != nullptr)
                    write_report(reports + begin + i, result_of(result));
            });
        });
    });
}

template <class T>
Fingerprint fingerprint(const StepParameters<T>& p) {
    Fingerprint result;
    result.add(std::uint64_t{1}).add(static_cast<std::uint64_t>(p.epsilon_mode));
    for (const T number : {p.learning_rate, p.epsilon.inside, p.epsilon.outside, p.gradient_scale,
                           p.weight_decay, p.shrink, p.l1_step, p.l2_step})
        result.add(double{number});
    return result;
}

template <class T>
ag_status adagrad_step_projected(std::size_t n, T* w, const T* g, T* v, const ag_adagrad_options* options,
                                 const ag_set* given_set) {
    return run_entry({"ag_adagrad_step_projected", type_suffix<T>}, [&](Checks& checks,
                                                                        const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        Set<T> set(checks, kernels, given_set, n);
        const StepParameters<T> parameters = check_step<T>(checks, options);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n),
                         checks.array("v", v, n, Access::write)},
                        set.arrays());
        const T* accumulator = v;
        set.complete(checks, set.shard().is_sharded() ? fingerprint(parameters) : Fingerprint(), accumulator);
        if (checks.failed())
            return;

        const Shard& shard = set.shard();
        const Metric<T> metric = {nullptr, accumulator, parameters.epsilon};
        ProjectionResult result;
        if (set.clips() && !set.is_reported()) {
            write_ranges(shard, [&](std::size_t begin, std::size_t length) {
                kernels.step.adagrad_step_clip(length, w + begin, g + begin, v + begin, parameters,
                                               part(set.bounds(), begin));
            });
        } else if (set.is_l2_ball()) {
            const double squared_norm = sum_over_blocks(shard, [&](std::size_t begin, std::size_t length) {
                return kernels.step.adagrad_step_squared_norm(length, w + begin, g + begin, v + begin,
                                                              parameters, part(set.l2_ball(), begin));
            });
            if (shard.total() != 0)
                result = project_onto_ball(kernels, shard, w, set.l2_ball().center, set.at_level().level,
                                           metric, squared_norm);
        } else if (set.is_bounded_knapsack() && shard.total() >= shortest_sampled) {
            const SetAtLevel<T> at_level = set.at_level();
            const KnapsackProblem<T>& problem = at_level.knapsack;
            // While a block is in cache.
            const double total = sum_over_blocks(shard, [&](std::size_t begin, std::size_t length) {
                kernels.step.adagrad_step(length, w + begin, g + begin, v + begin, parameters);
                return knapsack_total(kernels, problem, begin, length, w + begin);
            });
            result = project_onto_knapsack(kernels, shard, w, problem, metric,
                                           static_cast<T*>(at_level.memory), set.is_reported(), total);
        } else {
            write_ranges(shard, [&](std::size_t begin, std::size_t length) {
                kernels.step.adagrad_step(length, w + begin, g + begin, v + begin, parameters);
            });
            result = project_in_place(kernels, shard, w, set.at_level(), metric, set.is_reported());
        }
        shard.check(checks, AG_ERROR_NOT_PROJECTED);
        if (!checks.failed())
            write_report(set.report(), result);
    });
}

template <class T>
ag_status projection_workspace(std::size_t n, const ag_set* given_set, std::size_t* bytes) {
    Checks checks({"ag_project_workspace", type_suffix<T>});
    checks.size<T>("n", n);
    checks.not_null("set", given_set);
    checks.not_null("bytes", bytes);
    const ag_set set = checks.options("set", given_set, ag_set_init);
    checks.one_of("set->kind", set.kind, AG_SET_BOX, AG_SET_GROUP_L1_BALL);
    if (!checks.failed())
        *bytes = workspace_bytes<T>(set.kind, n);
    return checks.status();
}

ag_status shard_granule(std::size_t total, const ag_set* given_set, std::size_t* granule) {
    Checks checks({"ag_shard_granule", ""});
    checks.not_null("set", given_set);
    checks.not_null("granule", granule);
    const ag_set set = checks.options("set", given_set, ag_set_init);
    checks.one_of("set->kind", set.kind, AG_SET_BOX, AG_SET_GROUP_L1_BALL);
    const BlockPlan plan = plan_shards(checks, total, set);
    if (!checks.failed())
        *granule = plan.block_length;
    return checks.status();
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

void(ag_set_init)(ag_set* set) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (set != nullptr)
        *set = {.struct_size = sizeof(ag_set),
                .kind = AG_SET_BOX,
                .radius = 1,
                .lower = -infinity,
                .upper = infinity,
                .lower_bounds = nullptr,
                .upper_bounds = nullptr,
                .center = nullptr,
                .normal = nullptr,
                .offset = 0,
                .lower_offset = 0,
                .report = nullptr,
                .group_length = 0,
                .group_offsets = nullptr,
                .group_count = 0,
                .reducer = nullptr,
                .workspace = nullptr,
                .workspace_size = 0};
}

void ag_set_init_sized(ag_set* set, size_t struct_size) {
    initialize_sized(set, struct_size, (ag_set_init));
}

ag_status ag_project_f32(size_t n, float* x, const float* lambda, const ag_set* set) {
    return project(n, x, lambda, set);
}
ag_status ag_project_f64(size_t n, double* x, const double* lambda, const ag_set* set) {
    return project(n, x, lambda, set);
}

ag_status ag_project_workspace_f32(size_t n, const ag_set* set, size_t* bytes) {
    return projection_workspace<float>(n, set, bytes);
}
ag_status ag_project_workspace_f64(size_t n, const ag_set* set, size_t* bytes) {
    return projection_workspace<double>(n, set, bytes);
}

ag_status ag_shard_granule(size_t total, const ag_set* set, size_t* granule) {
    return shard_granule(total, set, granule);
}

ag_status ag_project_rows_f32(size_t rows, size_t cols, size_t row_stride, float* x, const float* lambda,
                              size_t lambda_stride, const double* radii, const ag_set* set) {
    return project_rows(rows, cols, row_stride, x, lambda, lambda_stride, radii, set);
}
ag_status ag_project_rows_f64(size_t rows, size_t cols, size_t row_stride, double* x, const double* lambda,
                              size_t lambda_stride, const double* radii, const ag_set* set) {
    return project_rows(rows, cols, row_stride, x, lambda, lambda_stride, radii, set);
}

ag_status ag_adagrad_step_projected_f32(size_t n, float* w, const float* g, float* v,
                                        const ag_adagrad_options* options, const ag_set* set) {
    return adagrad_step_projected(n, w, g, v, options, set);
}
ag_status ag_adagrad_step_projected_f64(size_t n, double* w, const double* g, double* v,
                                        const ag_adagrad_options* options, const ag_set* set) {
    return adagrad_step_projected(n, w, g, v, options, set);
}

} // extern "C"
