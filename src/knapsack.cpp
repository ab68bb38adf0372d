// SPDX-License-Identifier: BSD-3-Clause
#include "src/knapsack.hpp"

#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/root_search.hpp"

#include <limits>

namespace anisograd {

namespace {

template <class T>
class KnapsackProjection {
public:
    KnapsackProjection(const Kernels<T>& kernels, std::size_t n, T* x, const KnapsackProblem<T>& problem,
                       const Metric<T>& metric)
        : kernels_(kernels), n_(n), x_(x), problem_(problem), metric_(metric) {}

    ProjectionResult run() {
        if (!problem_.has_bounds)
            find_quotient();
        else
            search();
        if (result_.multiplier != 0 || problem_.constraint == Constraint::equal)
            result_.inside = !project() && !std::isnan(result_.multiplier);
        result_.multiplier *= problem_.knapsack.normal_scale;
        return result_;
    }

private:
    // Of the multiplier, beyond which p does not feel it: of the size of p's own rounding, or less.
    static constexpr double tolerance = sizeof(T) == 4 ? 0x1p-26 : 0x1p-51;

    struct Sums {
        KnapsackSums at[2];
    };

    Sums sums(const double (&multiplier)[2]) const {
        return combine_blocks(
            n_, Sums{},
            [&](std::size_t begin, std::size_t length) { return part_sums(begin, length, multiplier); }, add);
    }

    Sums part_sums(std::size_t begin, std::size_t length, const double (&multiplier)[2]) const {
        Sums one;
        kernels_.knapsack.sums(length, x_ + begin, part(problem_.knapsack, begin), part(metric_, begin),
                               multiplier, one.at);
        return one;
    }

    static void add(Sums& total, const Sums& more) {
        for (std::size_t i = 0; i < 2; ++i) {
            total.at[i].total += more.at[i].total;
            total.at[i].slope += more.at[i].slope;
        }
    }

    // The sum is linear: one pass.
    void find_quotient() {
        const KnapsackSums at_zero = sums({0, 0}).at[0];
        result_.passes = 1;
        const double above = at_zero.total - problem_.offset, below = at_zero.total - problem_.lower_offset;
        const double residual = problem_.constraint == Constraint::equal || !(above <= 0) ? above
                                : problem_.constraint == Constraint::between && below < 0 ? below
                                                                                          : 0;
        result_.multiplier = residual != 0 ? residual / at_zero.slope : 0;
    }

    void search() {
        const bool convex = problem_.knapsack.shape != KnapsackShape::bounded;
        const double lowest = problem_.constraint == Constraint::at_most ? 0 : -RootSearch::infinity;
        RootSearch search(problem_.offset, convex, lowest, tolerance);
        suggest_from_sample(search, convex, lowest);
        double multiplier[2];
        while (search.next(multiplier)) {
            const Sums at = sums(multiplier);
            if (search.passes() == 1 && std::isinf(at.at[0].total) && has_infinite_element()) {
                search.settle(RootSearch::infinity);
                break;
            }
            for (std::size_t i = 0; i < 2; ++i)
                search.record({multiplier[i], at.at[i].total, at.at[i].slope});
        }
        result_.multiplier = search.root();
        result_.passes += search.passes();
    }

    // A sum may also be infinite because it overflows.
    bool has_infinite_element() {
        if (problem_.knapsack.shape == KnapsackShape::bounded)
            return false;
        ++result_.passes;
        const T* const center =
            problem_.knapsack.center.stride != 0 ? problem_.knapsack.center.data : nullptr;
        return std::isinf(max_over_blocks(n_, [&](std::size_t begin, std::size_t length) {
            return kernels_.projection.max_abs(length, x_ + begin, part(center, begin));
        }));
    }

    // ---- The start: the root of the same problem for a sample ----

    Sums sample_sums(const SamplePlan& plan, const double (&multiplier)[2]) const {
        Sums total = {};
        for (std::size_t chunk = 0; chunk < plan.chunk_count; ++chunk)
            add(total, part_sums(plan.begin(chunk), plan.chunk_length, multiplier));
        return total;
    }

    void suggest_from_sample(RootSearch& search, bool convex, double lowest) const {
        const SamplePlan plan = plan_sample(n_);
        if (plan.size() == 0)
            return;
        const auto sampled = static_cast<double>(plan.size());
        const double offset = problem_.offset * (sampled / static_cast<double>(n_));
        RootSearch sample(offset, convex, lowest, 0x1p-10);
        constexpr int most_sample_passes = 12;
        double multiplier[2], most_slope = 0;
        while (sample.passes() < most_sample_passes && sample.next(multiplier)) {
            const Sums at = sample_sums(plan, multiplier);
            for (std::size_t i = 0; i < 2; ++i) {
                sample.record({multiplier[i], at.at[i].total, at.at[i].slope});
                most_slope = std::max(most_slope, at.at[i].slope);
            }
        }
        // The root's standard error is about that of a sum of as many terms as are not at a bound. A few of
        // these, since missing the root costs more than a wide bracket.
        const double terms = std::max(1.0, sampled * (sample.slope() / most_slope));
        const double error = 4 * std::fabs(offset) / sample.slope() / std::sqrt(terms);
        if (std::isfinite(sample.root()) && std::isfinite(error))
            search.suggest(sample.root() - error, sample.root() + error);
    }

    // Whether any element changed.
    bool project() const {
        return combine_blocks(
            n_, false,
            [&](std::size_t begin, std::size_t length) {
                return kernels_.knapsack.project(length, x_ + begin, part(problem_.knapsack, begin),
                                                 part(metric_, begin), result_.multiplier);
            },
            [](bool& changed, bool one) { changed = changed || one; });
    }

    const Kernels<T>& kernels_;
    std::size_t n_;
    T* x_;
    const KnapsackProblem<T>& problem_;
    const Metric<T>& metric_;
    ProjectionResult result_;
};

} // namespace

template <class T>
ProjectionResult project_onto_knapsack(const Kernels<T>& kernels, std::size_t n, T* x,
                                       const KnapsackProblem<T>& problem, const Metric<T>& metric) {
    return KnapsackProjection<T>(kernels, n, x, problem, metric).run();
}

template <class T>
bool is_feasible(const Kernels<T>& kernels, std::size_t n, const KnapsackProblem<T>& problem) {
    const BlockPlan plan = plan_elements(n);
    const KnapsackRange range = combine_blocks(
        n, KnapsackRange{0, 0, 0},
        [&](std::size_t begin, std::size_t length) {
            return kernels.knapsack.range(length, part(problem.knapsack, begin));
        },
        [](KnapsackRange& total, const KnapsackRange& one) {
            total.least += one.least;
            total.largest += one.largest;
            total.magnitude += one.magnitude;
        });
    // The bounds' rounding, and that of their sums: each term's and its additions'.
    const double additions = static_cast<double>(std::min(n, plan.block_length) / 16 + plan.block_count + 12);
    const double slack =
        (4 * static_cast<double>(std::numeric_limits<T>::epsilon()) + additions * 0x1p-52) * range.magnitude;
    return problem.offset >= range.least - slack && problem.offset <= range.largest + slack;
}

template ProjectionResult project_onto_knapsack(const Kernels<float>&, std::size_t, float*,
                                                const KnapsackProblem<float>&, const Metric<float>&);
template ProjectionResult project_onto_knapsack(const Kernels<double>&, std::size_t, double*,
                                                const KnapsackProblem<double>&, const Metric<double>&);
template bool is_feasible(const Kernels<float>&, std::size_t, const KnapsackProblem<float>&);
template bool is_feasible(const Kernels<double>&, std::size_t, const KnapsackProblem<double>&);

} // namespace anisograd
