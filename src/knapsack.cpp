// SPDX-License-Identifier: BSD-3-Clause
#include "src/knapsack.hpp"

#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/root_search.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

namespace anisograd {

namespace {

template <class T>
class KnapsackProjection {
public:
    KnapsackProjection(const Kernels<T>& kernels, const Shard& shard, T* x, const KnapsackProblem<T>& problem,
                       const Metric<T>& metric, bool reported, double total)
        : kernels_(kernels), shard_(shard), n_(shard.total()), x_(x), problem_(problem), metric_(metric),
          reported_(reported), total_(total) {}

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
    static constexpr int most_rounded_passes = 6;
    static constexpr std::size_t most_tangents = 16;

    struct Sums {
        KnapsackSums at[2];
    };

    Sums sums(double (&multiplier)[2]) {
        ++result_.passes;
        if (round_to_element_type(multiplier)) {
            const Sums found = combine_unchecked(
                shard_, Sums{},
                [&](std::size_t begin, std::size_t length) {
                    return threshold_sums(begin, length, multiplier);
                },
                add);
            if (std::isfinite(found.at[0].total) && std::isfinite(found.at[1].total)) {
                shard_.take_deferred(); // of weights, of which these sums tell
                return found;
            }
            may_use_element_type_ = false; // four elements may overflow in T
            ++result_.passes;
        }
        return combine_blocks(
            shard_, Sums{},
            [&](std::size_t begin, std::size_t length) { return part_sums(begin, length, multiplier); }, add);
    }

    Sums part_sums(std::size_t begin, std::size_t length, const double (&multiplier)[2]) const {
        Sums one;
        kernels_.knapsack.sums(length, x_ + begin, part(problem_.knapsack, begin), part(metric_, begin),
                               multiplier, one.at);
        return one;
    }

    static void add(Sums& total, const Sums& more) {
        for (std::size_t i = 0; i < 2; ++i)
            add_one(total.at[i], more.at[i]);
    }
    static void add_one(KnapsackSums& total, const KnapsackSums& more) {
        total.total += more.total;
        total.slope += more.slope;
    }

    // ---- Passes in the element type ----

    static bool is_normal(double multiplier) {
        return multiplier == 0 ||
               (std::fabs(multiplier) >= static_cast<double>(std::numeric_limits<T>::min()) &&
                std::fabs(multiplier) <= static_cast<double>(std::numeric_limits<T>::max()));
    }

    // Rounds multipliers to numbers of T with which passes can be made in T; false where there are none.
    bool round_to_element_type(double (&multiplier)[2]) const {
        // What is inside is decided in double.
        if (!may_use_element_type_ || (multiplier[0] == 0 && problem_.constraint == Constraint::at_most))
            return false;
        double rounded[2];
        for (std::size_t i = 0; i < 2; ++i) {
            rounded[i] = std::min(multiplier[i], static_cast<double>(std::numeric_limits<T>::max()));
            if (!is_normal(rounded[i]))
                return false;
            rounded[i] = static_cast<double>(static_cast<T>(rounded[i]));
        }
        if (multiplier[0] < multiplier[1] && rounded[0] == rounded[1])
            return false;
        multiplier[0] = rounded[0];
        multiplier[1] = rounded[1];
        return true;
    }

    // For multipliers that are numbers of T.
    Sums threshold_sums(std::size_t begin, std::size_t length, const double (&multiplier)[2]) const {
        Sums one;
        const T mu[2] = {static_cast<T>(multiplier[0]), static_cast<T>(multiplier[1])};
        kernels_.threshold.sums(length, x_ + begin, part(problem_.knapsack, begin), part(metric_, begin), mu,
                                one.at);
        for (std::size_t i = 0; i < 2; ++i)
            one.at[i].total -= multiplier[i] * one.at[i].slope;
        return one;
    }
    std::size_t part_list(std::size_t begin, std::size_t length, const double (&multiplier)[2], bool in_type,
                          KnapsackSums& sums, std::size_t* found, std::size_t capacity) const {
        if (in_type)
            return threshold_list(begin, length, multiplier, sums, found, capacity);
        return kernels_.knapsack.list(length, x_ + begin, part(problem_.knapsack, begin),
                                      part(metric_, begin), multiplier, sums, found, capacity);
    }
    std::size_t threshold_list(std::size_t begin, std::size_t length, const double (&multiplier)[2],
                               KnapsackSums& sums, std::size_t* found, std::size_t capacity) const {
        const T mu[2] = {static_cast<T>(multiplier[0]), static_cast<T>(multiplier[1])};
        return kernels_.threshold.list(length, x_ + begin, part(problem_.knapsack, begin),
                                       part(metric_, begin), mu, sums, found, capacity);
    }

    // Newton's method from below: each step settles some elements at least, so that it ends; but it may take as many
    // steps as there are elements, and is for few. False where the numbers leave T's range.
    bool search_by_tangents() {
        constexpr std::size_t most_elements = 1024;
        if (n_ > most_elements || !may_use_element_type_)
            return false;
        constexpr double lowest = static_cast<double>(std::numeric_limits<T>::lowest());
        const bool has_inside = problem_.constraint == Constraint::at_most;
        double multiplier = has_inside ? 0 : lowest;
        for (std::size_t pass = 1; pass <= most_tangents; ++pass) {
            const KnapsackSums at = combine_blocks(
                shard_, KnapsackSums{0, 0},
                [&](std::size_t begin, std::size_t length) {
                    KnapsackSums one;
                    if (multiplier == 0)
                        one = part_sums(begin, length, {0, 0}).at[0]; // what is inside is decided in double
                    else
                        threshold_list(begin, length, {multiplier, multiplier}, one, nullptr, 0);
                    return one;
                },
                add_one);
            result_.passes = static_cast<int>(pass);
            if (!std::isfinite(at.total) || !std::isfinite(at.slope))
                return false;
            if (at.slope == 0)
                return pass > 1 || has_inside; // nothing is above the last threshold
            const double next = (at.total - problem_.offset) / at.slope;
            if (pass == 1 && has_inside && !(next > 0))
                return true; // inside
            if (!is_normal(next))
                return false;
            // A threshold that was rounded up may be beyond the root, whose tangent says nothing then.
            const double rounded = static_cast<double>(static_cast<T>(next));
            if (multiplier != lowest && !(rounded > multiplier)) {
                result_.multiplier = std::max(result_.multiplier, next);
                return true;
            }
            result_.multiplier = next;
            multiplier = rounded;
        }
        return false;
    }

    // The sum is linear: one pass.
    void find_quotient() {
        double zero[2] = {0, 0};
        const KnapsackSums at_zero = sums(zero).at[0];
        const double above = at_zero.total - problem_.offset, below = at_zero.total - problem_.lower_offset;
        const double residual = problem_.constraint == Constraint::equal || !(above <= 0) ? above
                                : problem_.constraint == Constraint::between && below < 0 ? below
                                                                                          : 0;
        result_.multiplier = residual != 0 ? residual / at_zero.slope : 0;
    }

    void search() {
        const bool convex = problem_.knapsack.shape != KnapsackShape::bounded;
        if (convex && search_by_tangents())
            return;
        result_.multiplier = 0;
        const double lowest = problem_.constraint == Constraint::at_most ? 0 : -RootSearch::infinity;
        RootSearch search(problem_.offset, convex, lowest, RootSearch::tolerance_for<T>);
        if (std::isfinite(total_)) {
            ++result_.passes; // the one that gave the total
            search.record({0, total_, std::numeric_limits<double>::quiet_NaN()});
        }
        if (!search.is_settled())
            suggest_from_sample(search, convex, lowest);
        double multiplier[2];
        while (search.next(multiplier)) {
            double list_multiplier[2] = {std::min(multiplier[0], multiplier[1]),
                                         std::max(multiplier[0], multiplier[1])};
            if (covers(multiplier)) {
                record(search, multiplier, undecided_sums(multiplier));
            } else if (widen_for_list(search, list_multiplier) && list(list_multiplier)) {
                record(search, list_multiplier, undecided_sums(list_multiplier));
            } else {
                // Beyond that there may be no number of T left to try.
                may_use_element_type_ = may_use_element_type_ && search.passes() <= most_rounded_passes;
                const Sums at = sums(multiplier);
                if (search.passes() == 1 && std::isinf(at.at[0].total) && has_infinite_element()) {
                    search.settle(RootSearch::infinity);
                    break;
                }
                record(search, multiplier, at);
            }
        }
        result_.multiplier = search.root();
    }

    static void record(RootSearch& search, const double (&multiplier)[2], const Sums& at) {
        for (std::size_t i = 0; i < 2; ++i)
            search.record({multiplier[i], at.at[i].total, at.at[i].slope});
    }

    // A sum may also be infinite because it overflows.
    bool has_infinite_element() {
        if (problem_.knapsack.shape == KnapsackShape::bounded)
            return false;
        ++result_.passes;
        const T* const center =
            problem_.knapsack.center.stride != 0 ? problem_.knapsack.center.data : nullptr;
        return std::isinf(max_over_blocks(shard_, [&](std::size_t begin, std::size_t length) {
            return kernels_.projection.max_abs(length, x_ + begin, part(center, begin));
        }));
    }

    // ---- What is not decided: elements whose p is not linear between two multipliers. Once they are few they are
    //      listed, and the passes that remain are over copies of them ----

    static constexpr std::size_t most_undecided = 1024, shortest_for_lists = 8 * 1024;
    static constexpr int most_lists = 8;

    struct Undecided {
        double low = 0, high = -1; // multipliers
        std::size_t count = 0;
        KnapsackSums decided = {0, 0}; // of the rest, sum a p = total - mu * slope
        T x[most_undecided], weight[most_undecided];
        T center[most_undecided], normal[most_undecided], lower[most_undecided], upper[most_undecided];
        Knapsack<T> knapsack;
        Metric<T> metric;
    };

    bool covers(const double (&multiplier)[2]) const {
        const auto [low, high] = std::minmax(multiplier[0], multiplier[1]);
        return undecided_.low <= low && high <= undecided_.high;
    }

    Sums undecided_sums(const double (&multiplier)[2]) const {
        Sums found;
        kernels_.knapsack.sums(undecided_.count, undecided_.x, undecided_.knapsack, undecided_.metric,
                               multiplier, found.at);
        for (std::size_t i = 0; i < 2; ++i) {
            const KnapsackSums& decided = undecided_.decided;
            add_one(found.at[i], {decided.total - multiplier[i] * decided.slope, decided.slope});
        }
        return found;
    }

    // Moves two multipliers apart, up to where half a list is undecided between them; false where more are between
    // them already, as far as can be told.
    bool widen_for_list(const RootSearch& search, double (&multiplier)[2]) {
        constexpr double wanted = 0.5 * most_undecided;
        const Value below = search.below(), above = search.above();
        if (n_ < shortest_for_lists || lists_ == most_lists || std::isnan(below.multiplier))
            return false;
        const bool convex = problem_.knapsack.shape != KnapsackShape::bounded;
        const double last = std::isnan(above.multiplier) ? RootSearch::largest : above.multiplier;
        if (convex && below.slope * undecided_per_slope_ <= wanted) { // all that is above the threshold
            multiplier[0] = below.multiplier;
            multiplier[1] = last;
            return true;
        }
        if (std::isnan(above.multiplier))
            return false;
        if (convex)
            density_ = (below.slope - above.slope) * undecided_per_slope_ / (last - below.multiplier);
        else if (density_ == 0)
            density_ = static_cast<double>(n_) / (last - below.multiplier);
        const double missing = wanted - density_ * (multiplier[1] - multiplier[0]);
        if (!(missing >= 0))
            return false;
        const double margin = density_ > 0 ? missing / density_ / 2 : RootSearch::infinity;
        multiplier[0] = std::max(multiplier[0] - margin, below.multiplier);
        multiplier[1] = std::min(multiplier[1] + margin, last);
        return true;
    }

    // A pass; false where the list has no room.
    bool list(double (&multiplier)[2]) {
        ++lists_;
        ++result_.passes;
        struct Part {
            KnapsackSums decided;
            double number; // of those that are not
        };
        std::size_t position[most_undecided];
        std::atomic<std::size_t> own_count{0};
        const bool in_type = round_to_element_type(multiplier);
        std::size_t block = 0;
        double before = 0; // in the shards before this one
        const Part all = combine_blocks(
            shard_, Part{{0, 0}, 0},
            [&](std::size_t begin, std::size_t length) {
                Part one;
                std::size_t found[most_undecided];
                const std::size_t number =
                    part_list(begin, length, multiplier, in_type, one.decided, found, most_undecided);
                const std::size_t first = own_count.fetch_add(number, std::memory_order_relaxed);
                for (std::size_t i = 0; i < number && first + i < most_undecided; ++i)
                    position[first + i] = begin + found[i];
                one.number = static_cast<double>(number);
                return one;
            },
            [&](Part& total, const Part& one) {
                if (block++ < shard_.first_block())
                    before += one.number;
                add_one(total.decided, one.decided);
                total.number += one.number;
            });
        if (!(all.number <= most_undecided) || !std::isfinite(all.decided.total) ||
            !std::isfinite(all.decided.slope)) {
            undecided_per_slope_ *= std::max(2.0, all.number / (0.5 * most_undecided));
            density_ = std::max(2 * density_, all.number / (multiplier[1] - multiplier[0]));
            return false;
        }
        std::sort(position, position + own_count); // threads add theirs in any order
        undecided_.low = multiplier[0];
        undecided_.high = multiplier[1];
        undecided_.decided = all.decided;
        undecided_.count = static_cast<std::size_t>(all.number);
        copy_undecided(position, own_count, static_cast<std::size_t>(before));
        return true;
    }

    // This shard's elements at these positions come after so many of the shards before it.
    void copy_undecided(const std::size_t* position, std::size_t own_count, std::size_t before) {
        Undecided& u = undecided_;
        const Knapsack<T>& k = problem_.knapsack;
        const T* const weights = metric_.weights != nullptr ? metric_.weights : metric_.accumulator;
        u.knapsack = k;
        u.metric = metric_;
        const auto copy = [&](const T* from, T* to) {
            for (std::size_t i = 0; i < own_count; ++i)
                to[before + i] = from[position[i]];
            if (shard_.is_sharded()) {
                double number[most_undecided];
                std::copy(to + before, to + before + own_count, number + before);
                shard_.share(number, before, before + own_count, u.count);
                std::transform(number, number + u.count, to, [](double x) { return static_cast<T>(x); });
            }
            return to;
        };
        const auto copy_operand = [&](Operand<T>& operand, T* to) {
            if (operand.stride != 0)
                operand.data = copy(operand.data, to);
        };
        copy(x_, u.x);
        copy_operand(u.knapsack.center, u.center);
        copy_operand(u.knapsack.normal, u.normal);
        copy_operand(u.knapsack.lower, u.lower);
        copy_operand(u.knapsack.upper, u.upper);
        if (weights != nullptr)
            (metric_.weights != nullptr ? u.metric.weights : u.metric.accumulator) = copy(weights, u.weight);
    }

    // ---- The start: the root of the same problem for a sample ----

    Sums sample_sums(const SamplePlan& plan, double (&multiplier)[2]) const {
        const auto sum_of = [&](auto part_of) { return combine_sample(shard_, plan, Sums{}, part_of, add); };
        if (round_to_element_type(multiplier)) {
            const Sums found = sum_of([&](std::size_t begin, std::size_t length) {
                return threshold_sums(begin, length, multiplier);
            });
            if (std::isfinite(found.at[0].total) && std::isfinite(found.at[1].total))
                return found;
        }
        return sum_of(
            [&](std::size_t begin, std::size_t length) { return part_sums(begin, length, multiplier); });
    }

    // How many elements are undecided between two multipliers about the root of a sample.
    void learn_density(const SamplePlan& plan, double low, double high) {
        double multiplier[2] = {low, high};
        const Sums at = sample_sums(plan, multiplier);
        const bool in_type = round_to_element_type(multiplier);
        const double count = combine_sample(
            shard_, plan, 0.0,
            [&](std::size_t begin, std::size_t length) {
                KnapsackSums sums;
                return static_cast<double>(part_list(begin, length, multiplier, in_type, sums, nullptr, 0));
            },
            [](double& total, double one) { total += one; });
        constexpr double enough = 8;
        if (!(count >= enough))
            return;
        undecided_per_slope_ = count / (at.at[0].slope - at.at[1].slope);
        density_ = count / (multiplier[1] - multiplier[0]) *
                   (static_cast<double>(n_) / static_cast<double>(plan.size()));
    }

    void suggest_from_sample(RootSearch& search, bool convex, double lowest) {
        const SamplePlan plan = plan_sample(n_);
        if (plan.size() == 0)
            return;
        const auto sampled = static_cast<double>(plan.size());
        const double share = sampled / static_cast<double>(n_);
        double offset = problem_.offset * share, estimated = offset, multiplier[2] = {0, 0}, most_slope = 0;
        double tolerance = RootSearch::sample_tolerance;
        // Of a sum that is near its right side, as after a step, the sample is to say what it loses, which is far less.
        if (std::fabs(total_ - problem_.offset) < std::fabs(problem_.offset) / 2) {
            estimated = (total_ - problem_.offset) * share;
            tolerance *= std::fabs(estimated / offset);
            offset = sample_sums(plan, multiplier).at[0].total - estimated;
        }
        RootSearch sample(offset, convex, lowest, tolerance);
        while (sample.passes() < RootSearch::most_sample_passes && sample.next(multiplier)) {
            const Sums at = sample_sums(plan, multiplier);
            for (std::size_t i = 0; i < 2; ++i) {
                sample.record({multiplier[i], at.at[i].total, at.at[i].slope});
                most_slope = std::max(most_slope, at.at[i].slope);
            }
        }
        if (most_slope > 0 && most_slope <= RootSearch::largest)
            undecided_per_slope_ = sampled / most_slope;
        sample.enclose_root(sampled, most_slope, estimated, multiplier);
        double low = multiplier[0], high = multiplier[1];
        if (!std::isfinite(low) || !std::isfinite(high))
            return;
        if (total_ > problem_.offset)
            low = std::max(low, 0.0);
        if (total_ < problem_.offset)
            high = std::min(high, 0.0);
        search.suggest(low, high);
        if (low < high)
            learn_density(plan, low, high);
    }

    // Whether any element changed. Of a sharded vector that is found out beforehand, so that nothing that could fail comes
    // after a write.
    bool project() const {
        const bool changes = shard_.is_sharded() && reported_ && would_change();
        std::atomic<bool> changed{false};
        write_ranges(shard_, [&](std::size_t begin, std::size_t length) {
            if (project_part(begin, length, x_ + begin))
                changed.store(true, std::memory_order_relaxed);
        });
        return shard_.is_sharded() ? changes : changed.load();
    }

    bool would_change() const {
        return max_over_blocks(shard_, [&](std::size_t begin, std::size_t length) {
                   constexpr std::size_t at_once = 1024;
                   T copy[at_once];
                   for (const std::size_t end = begin + length; begin < end; begin += at_once) {
                       const std::size_t count = std::min(end - begin, at_once);
                       std::copy_n(x_ + begin, count, copy);
                       if (project_part(begin, count, copy))
                           return 1.0;
                   }
                   return 0.0;
               }) != 0;
    }

    // Of elements that are, or are as, those from begin on.
    bool project_part(std::size_t begin, std::size_t length, T* x) const {
        if (is_threshold_problem_ && is_normal(result_.multiplier))
            return kernels_.threshold.project(length, x, part(problem_.knapsack, begin), part(metric_, begin),
                                              static_cast<T>(result_.multiplier));
        return kernels_.knapsack.project(length, x, part(problem_.knapsack, begin), part(metric_, begin),
                                         result_.multiplier);
    }

    const Kernels<T>& kernels_;
    const Shard& shard_;
    std::size_t n_; // of the whole vector
    T* x_;
    const KnapsackProblem<T>& problem_;
    const Metric<T>& metric_;
    bool reported_;
    double total_; // for the multiplier 0; NaN: not known
    // Of shapes that kernels/threshold.hpp knows, for blocks whose counts 32 bits of each lane hold. With radius 0, p is
    // exact, for which mu has to be seen in double.
    const bool is_threshold_problem_ = (problem_.knapsack.shape == KnapsackShape::magnitudes ||
                                        problem_.knapsack.shape == KnapsackShape::nonnegative) &&
                                       problem_.offset != 0 && shard_.block_length() <= std::size_t(1) << 26;
    bool may_use_element_type_ = is_threshold_problem_;
    ProjectionResult result_;
    // About how many elements are not decided, for a difference of slopes (infinite: not known), or of multipliers.
    double undecided_per_slope_ = RootSearch::infinity, density_ = 0;
    int lists_ = 0;
    Undecided undecided_;
};

} // namespace

template <class T>
ProjectionResult project_onto_knapsack(const Kernels<T>& kernels, const Shard& shard, T* x,
                                       const KnapsackProblem<T>& problem, const Metric<T>& metric,
                                       bool reported, double total) {
    return KnapsackProjection<T>(kernels, shard, x, problem, metric, reported, total).run();
}

template <class T>
bool is_feasible(const Kernels<T>& kernels, const Shard& shard, const KnapsackProblem<T>& problem) {
    const KnapsackRange range = combine_blocks(
        shard, KnapsackRange{0, 0, 0},
        [&](std::size_t begin, std::size_t length) {
            return kernels.knapsack.range(length, part(problem.knapsack, begin));
        },
        [](KnapsackRange& total, const KnapsackRange& one) {
            total.least += one.least;
            total.largest += one.largest;
            total.magnitude += one.magnitude;
        });
    // The bounds' rounding, and that of their sums: each term's and its additions'.
    const std::size_t most_additions =
        std::min(shard.total(), shard.block_length()) / 16 + shard.block_count() + 12;
    const auto additions = static_cast<double>(most_additions);
    const double slack =
        (4 * static_cast<double>(std::numeric_limits<T>::epsilon()) + additions * 0x1p-52) * range.magnitude;
    return problem.offset >= range.least - slack && problem.offset <= range.largest + slack;
}

template ProjectionResult project_onto_knapsack(const Kernels<float>&, const Shard&, float*,
                                                const KnapsackProblem<float>&, const Metric<float>&, bool,
                                                double);
template ProjectionResult project_onto_knapsack(const Kernels<double>&, const Shard&, double*,
                                                const KnapsackProblem<double>&, const Metric<double>&, bool,
                                                double);
template bool is_feasible(const Kernels<float>&, const Shard&, const KnapsackProblem<float>&);
template bool is_feasible(const Kernels<double>&, const Shard&, const KnapsackProblem<double>&);

} // namespace anisograd
