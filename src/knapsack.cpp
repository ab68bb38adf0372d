// SPDX-License-Identifier: BSD-3-Clause
#include "src/knapsack.hpp"

#include "src/excerpt.hpp"
#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/root_search.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

namespace anisograd {

namespace {

// The larger sample: where memory is what counts, half of what it is in cache, though it leaves more undecided.
std::size_t second_sample_length(std::size_t n) {
    return std::min(n / 8, std::max<std::size_t>(n / 16, 512 * 1024));
}
// More elements than samples of normal numbers leave undecided, about 14 times the square root of n in long vectors.
std::size_t excerpt_capacity(std::size_t n) {
    return std::clamp<std::size_t>(n / 32, 8 * 1024, std::max<std::size_t>(n / 256, 128 * 1024));
}

// Whether kernels/threshold.hpp knows the shape. With radius 0, p is exact, for which mu has to be seen in double.
template <class T>
bool has_thresholds(const KnapsackProblem<T>& problem) {
    const KnapsackShape shape = problem.knapsack.shape;
    return (shape == KnapsackShape::magnitudes || shape == KnapsackShape::nonnegative) && problem.offset != 0;
}

template <class T>
class KnapsackProjection {
public:
    KnapsackProjection(const Kernels<T>& kernels, const Shard& shard, T* x, const KnapsackProblem<T>& problem,
                       const Metric<T>& metric, T* memory, bool reported, double total)
        : kernels_(kernels), shard_(shard), n_(shard.total()), x_(x), problem_(problem), metric_(metric),
          memory_(memory), reported_(reported), total_(is_clear(total) ? total : nothing) {}

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
    static constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

    // Whether a sum that is off by a few roundings, each of at most half of epsilon, tells what is inside.
    bool is_clear(double total) const {
        constexpr double of_additions = 0x1p-40;
        constexpr double error = 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) + of_additions;
        return !has_thresholds(problem_) ||
               std::fabs(total - problem_.offset) > error * std::max(total, problem_.offset);
    }

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
            if (are_finite(found)) {
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

    static bool are_finite(const Sums& sums) {
        return std::isfinite(sums.at[0].total) && std::isfinite(sums.at[1].total);
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

    // Rounds multipliers to numbers of T with which passes can be made in T; false where there are none. What is inside is
    // decided in double, unless it is clear (is_clear), but not of a sample.
    bool round_to_element_type(double (&multiplier)[2], bool of_sample = false) const {
        if (!may_use_element_type_ ||
            (multiplier[0] == 0 && problem_.constraint == Constraint::at_most && !of_sample))
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
        return threshold_sums(length, x_ + begin, part(problem_.knapsack, begin), part(metric_, begin),
                              multiplier);
    }
    Sums threshold_sums(std::size_t length, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                        const double (&multiplier)[2]) const {
        Sums found;
        const T mu[2] = {static_cast<T>(multiplier[0]), static_cast<T>(multiplier[1])};
        kernels_.threshold.sums(length, x, knapsack, metric, mu, found.at);
        for (std::size_t i = 0; i < 2; ++i)
            found.at[i].total -= multiplier[i] * found.at[i].slope;
        return found;
    }
    std::size_t part_list(std::size_t begin, std::size_t length, const double (&multiplier)[2], bool in_type,
                          KnapsackSums& sums, std::uint32_t* found, std::size_t capacity) const {
        if (in_type)
            return threshold_list(begin, length, multiplier, sums, found, capacity);
        return kernels_.knapsack.list(length, x_ + begin, part(problem_.knapsack, begin),
                                      part(metric_, begin), multiplier, sums, found, capacity);
    }
    std::size_t threshold_list(std::size_t begin, std::size_t length, const double (&multiplier)[2],
                               KnapsackSums& sums, std::uint32_t* found, std::size_t capacity) const {
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
            search.record({0, total_, nothing});
        }
        if (is_long()) {
            if (n_ >= parallel_threshold)
                excerpt_.use(memory_, excerpt_capacity(n_));
            else
                excerpt_.use(own_memory_, excerpt_.capacity_of(std::size(own_memory_)));
            if (!search.is_settled())
                suggest_from_sample(search, convex, lowest);
        }
        double multiplier[2];
        while (search.next(multiplier)) {
            double list_multiplier[2] = {std::min(multiplier[0], multiplier[1]),
                                         std::max(multiplier[0], multiplier[1])};
            if (covers(multiplier)) {
                record(search, multiplier, undecided_sums(multiplier));
                continue;
            }
            const bool is_listed = (search.passes() == 1 ? take_suggested_list(list_multiplier)
                                                         : widen_for_list(search, list_multiplier)) &&
                                   list(list_multiplier);
            // Beyond that there may be no number of T left to try.
            if (!is_listed)
                may_use_element_type_ = may_use_element_type_ && search.passes() <= most_rounded_passes;
            const Sums at = is_listed ? undecided_sums(list_multiplier) : sums(multiplier);
            if ((is_listed || search.passes() == 1) && std::isinf(at.at[0].total) && has_infinite_element()) {
                search.settle(RootSearch::infinity);
                break;
            }
            record(search, is_listed ? list_multiplier : multiplier, at);
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

    static constexpr int most_lists = 8;
    static constexpr std::size_t most_listed = 2 * 1024; // of a block at a time

    // Offsets in blocks have 32 bits.
    bool is_long() const { return n_ >= shortest_sampled && shard_.block_length() <= std::size_t{1} << 31; }

    bool covers(const double (&multiplier)[2]) const {
        const auto [low, high] = std::minmax(multiplier[0], multiplier[1]);
        return undecided_low_ <= low && high <= undecided_high_;
    }

    Sums excerpt_sums(const double (&multiplier)[2]) const {
        Sums found;
        kernels_.knapsack.sums(excerpt_.size(), excerpt_.x(), excerpt_.knapsack(), excerpt_.metric(),
                               multiplier, found.at);
        return found;
    }
    Sums undecided_sums(const double (&multiplier)[2]) const {
        Sums found = excerpt_sums(multiplier);
        for (std::size_t i = 0; i < 2; ++i)
            add_one(found.at[i], {decided_.total - multiplier[i] * decided_.slope, decided_.slope});
        return found;
    }

    // How many to list at once: of a long vector far more than there is work in as many passes, still few of them all.
    double wanted_in_list() const {
        return static_cast<double>(std::min(std::max<std::size_t>(n_ / 512, 512), excerpt_.capacity() / 2));
    }

    // What a sample suggests for the first list.
    bool take_suggested_list(double (&multiplier)[2]) const {
        if (has_suggested_list_)
            std::copy_n(suggested_list_, 2, multiplier);
        return has_suggested_list_;
    }

    // Moves two multipliers apart, up to where the wanted number is undecided between them; false where more are between
    // them already, as far as can be told.
    bool widen_for_list(const RootSearch& search, double (&multiplier)[2]) {
        const Value below = search.below(), above = search.above();
        const bool convex = problem_.knapsack.shape != KnapsackShape::bounded;
        if (!is_long() || lists_ == most_lists)
            return false;
        const double last = std::isnan(above.multiplier) ? RootSearch::largest : above.multiplier;
        if (convex &&
            below.slope * undecided_per_slope_ <= wanted_in_list()) { // all that is above the threshold
            multiplier[0] = below.multiplier;
            multiplier[1] = last;
            return true;
        }
        if (!search.is_enclosed())
            return convex && reach_beyond(below, above, multiplier);
        if (convex)
            density_ = (below.slope - above.slope) * undecided_per_slope_ / (last - below.multiplier);
        else if (density_ == 0)
            density_ = static_cast<double>(n_) / (last - below.multiplier);
        const double missing = wanted_in_list() - density_ * (multiplier[1] - multiplier[0]);
        if (!(missing >= 0))
            return false;
        const double margin = density_ > 0 ? missing / density_ / 2 : RootSearch::infinity;
        multiplier[0] = std::max(multiplier[0] - margin, below.multiplier);
        multiplier[1] = std::min(multiplier[1] + margin, last);
        return multiplier[1] - multiplier[0] <= widest_list_;
    }

    // The same where all values lie on one side of the root, as when a sample's bracket has missed it by a little: the
    // function is above the tangent's root, and hardly further away than as much again.
    bool reach_beyond(const Value& below, const Value& above, double (&multiplier)[2]) const {
        const bool from_below = !std::isnan(below.multiplier);
        const Value& nearest = from_below ? below : above;
        const double distance = (nearest.total - problem_.offset) / nearest.slope; // NaN: not known
        if (!(std::fabs(distance) * density_ <= wanted_in_list() / 2) || density_ == 0)
            return false;
        multiplier[0] = from_below ? nearest.multiplier : nearest.multiplier + distance;
        multiplier[1] = from_below ? nearest.multiplier + 2 * distance : nearest.multiplier;
        return problem_.constraint != Constraint::at_most || multiplier[0] > 0;
    }

    // A pass; false where the list has no room.
    bool list(double (&multiplier)[2]) {
        ++lists_;
        ++result_.passes;
        struct Part {
            KnapsackSums decided;
            double number; // of those that are not
        };
        excerpt_.clear();
        undecided_low_ = 0;
        undecided_high_ = -1;
        const bool in_type = round_to_element_type(multiplier);
        std::size_t block = 0;
        double before = 0; // in the shards before this one
        const auto list_block = [&](std::size_t begin, std::size_t length) {
            Part one;
            std::uint32_t found[most_listed];
            const std::size_t number =
                part_list(begin, length, multiplier, in_type, one.decided, found, most_listed);
            std::size_t position = excerpt_.reserve(begin, number);
            const auto copy = [&](std::size_t first, std::size_t count) {
                if (!in_type)
                    insertion_sort(found, count);
                excerpt_.copy(position, begin + first, found, count);
                position += count;
            };
            if (number <= most_listed)
                copy(0, number);
            else if (number <= excerpt_.capacity()) // such as neighbours in sorted numbers: piece by piece
                for (std::size_t first = 0; first < length; first += most_listed) {
                    KnapsackSums same;
                    const std::size_t some = std::min(length - first, most_listed);
                    copy(first, part_list(begin + first, some, multiplier, in_type, same, found, some));
                }
            one.number = static_cast<double>(number);
            return one;
        };
        const auto add_part = [&](Part& total, const Part& one) {
            if (block++ < shard_.first_block())
                before += one.number;
            add_one(total.decided, one.decided);
            total.number += one.number;
        };
        const Part all = in_type ? combine_unchecked(shard_, Part{{0, 0}, 0}, list_block, add_part)
                                 : combine_blocks(shard_, Part{{0, 0}, 0}, list_block, add_part);
        const bool is_finite = std::isfinite(all.decided.total) && std::isfinite(all.decided.slope);
        if (in_type && is_finite)
            shard_.take_deferred(); // of weights, of which these sums tell
        if (!(all.number <= static_cast<double>(excerpt_.capacity())) || !is_finite) {
            undecided_per_slope_ *= std::max(2.0, all.number / wanted_in_list());
            density_ = std::max(2 * density_, all.number / (multiplier[1] - multiplier[0]));
            widest_list_ = (multiplier[1] - multiplier[0]) / 4;
            return false;
        }
        excerpt_.complete(static_cast<std::size_t>(before), static_cast<std::size_t>(all.number));
        undecided_low_ = multiplier[0];
        undecided_high_ = multiplier[1];
        decided_ = all.decided;
        return true;
    }

    // The lists of kernels/knapsack.hpp are sorted but for elements near each other.
    static void insertion_sort(std::uint32_t* list, std::size_t count) {
        for (std::size_t i = 1; i < count; ++i) {
            const std::uint32_t one = list[i];
            std::size_t k = i;
            for (; k > 0 && list[k - 1] > one; --k)
                list[k] = list[k - 1];
            list[k] = one;
        }
    }

    // ---- The start: the root of the same problem for a sample, and for a larger one ----

    static constexpr std::size_t sample_length = 4 * 1024;
    static constexpr double sample_tolerance = 0x1p-14;
    static constexpr int most_sample_passes = 30;
    static constexpr std::size_t shortest_for_second_sample = 256 * 1024;

    // A copy of some elements, which are its size.
    void take_sample() {
        const BlockPlan blocks = plan_elements(n_);
        // The plan may have 9/8 of what is wanted.
        const RunPlan runs =
            plan_runs(blocks, 1, std::min({n_ / 8, sample_length, excerpt_.capacity() / 9 * 8}));
        excerpt_.clear();
        for_each_block(shard_.own_blocks(), shard_.size(),
                       [&](std::size_t block, std::size_t begin, std::size_t length) {
                           std::uint32_t offset[most_listed];
                           const std::size_t count = runs.count(length);
                           for (std::size_t k = 0; k < count; ++k)
                               offset[k] =
                                   static_cast<std::uint32_t>(runs.begin(shard_.first_block() + block, k));
                           excerpt_.copy(excerpt_.reserve(begin, count), begin, offset, count);
                       });
        excerpt_.complete(shard_.first_block() * runs.count(blocks.block_length), runs.size(blocks));
    }

    // What a sample says of the root of the whole.
    struct Estimate {
        double root, low = 0, high = 0; // low and high nearly always enclose the root
        double standard_error;          // of the sample's sum
        double slope;                   // there
        double curvature = 0;           // minus the slope's derivative, on average from low to high
        double least_tried;             // of all multipliers
        double below;                   // the nearest multiplier below the root
    };

    // After a step the sum of all is near its right side: of what it loses, which is far less, a sample says more.
    bool is_near_offset() const {
        return std::fabs(total_ - problem_.offset) < std::fabs(problem_.offset) / 2;
    }
    // What a sample with this share of all is to come to, or to lose.
    double target(double share) const {
        return (is_near_offset() ? total_ - problem_.offset : problem_.offset) * share;
    }

    // Multipliers are rounded to T where that will do.
    Sums sample_sums(double (&multiplier)[2]) const {
        if (round_to_element_type(multiplier, true)) {
            const Sums found = threshold_sums(excerpt_.size(), excerpt_.x(), excerpt_.knapsack(),
                                              excerpt_.metric(), multiplier);
            if (are_finite(found))
                return found;
        }
        return excerpt_sums(multiplier);
    }
    double sample_slope(double multiplier) const {
        double both[2] = {multiplier, multiplier};
        return sample_sums(both).at[0].slope;
    }

    Estimate estimate_root(bool convex, double lowest) {
        const auto size = static_cast<double>(excerpt_.size());
        const double share = size / static_cast<double>(n_);
        double offset = target(share), tolerance = sample_tolerance, multiplier[2] = {0, 0};
        if (is_near_offset()) {
            tolerance *= std::fabs(target(share) / (problem_.offset * share));
            offset = excerpt_sums(multiplier).at[0].total - target(share);
        }
        RootSearch sample(offset, convex, lowest, tolerance);
        double least = RootSearch::infinity;
        double most_slope = convex ? sample_slope(-RootSearch::largest) : 0;
        while (sample.passes() < most_sample_passes && sample.next(multiplier)) {
            const Sums at = sample_sums(multiplier);
            record(sample, multiplier, at);
            most_slope = std::max({most_slope, at.at[0].slope, at.at[1].slope});
            least = std::min({least, multiplier[0], multiplier[1]});
        }
        if (most_slope > 0 && most_slope <= RootSearch::largest)
            undecided_per_slope_ = size / most_slope;
        Estimate estimate = {.root = sample.root(),
                             .standard_error =
                                 convex ? std::fabs(target(share)) /
                                              std::sqrt(sample.terms_not_at_a_bound(size, most_slope))
                                        : standard_error_of_pieces(sample.root()),
                             .slope = sample.slope(),
                             .least_tried = least,
                             .below = sample.below().multiplier};
        const double error =
            4 * estimate.standard_error / estimate.slope + tolerance * std::fabs(estimate.root);
        estimate.low = std::max(estimate.root - error, lowest);
        estimate.high = estimate.root + error;
        return estimate;
    }

    // Of the sample's sum at its root, from neighbouring pieces: the sum of what exceeds a threshold has about that of as
    // many equal terms, but with bounds on both sides terms may cancel.
    double standard_error_of_pieces(double root) const {
        constexpr std::size_t length = 16;
        const double multiplier[2] = {is_near_offset() ? 0 : root, root};
        double squares = 0, last = 0;
        std::size_t pieces = 0;
        for (std::size_t begin = 0; begin + length <= excerpt_.size(); begin += length) {
            KnapsackSums at[2];
            kernels_.knapsack.sums(length, excerpt_.x() + begin, part(excerpt_.knapsack(), begin),
                                   part(excerpt_.metric(), begin), multiplier, at);
            const double sum = is_near_offset() ? at[1].total - at[0].total : at[1].total;
            if (pieces++ != 0)
                squares += (sum - last) * (sum - last);
            last = sum;
        }
        const auto count = static_cast<double>(pieces);
        return std::sqrt(squares / 2 * (count / (count - 1)));
    }

    // How many are undecided between two multipliers, which may be rounded to T.
    double count_in_excerpt(double low, double high) const {
        KnapsackSums sums;
        double multiplier[2] = {low, high};
        const auto count = [&](const auto& list, const auto& mu) {
            return static_cast<double>(list(excerpt_.size(), excerpt_.x(), excerpt_.knapsack(),
                                            excerpt_.metric(), mu, sums, nullptr, 0));
        };
        if (round_to_element_type(multiplier, true)) {
            const T mu[2] = {static_cast<T>(multiplier[0]), static_cast<T>(multiplier[1])};
            const double found = count(kernels_.threshold.list, mu);
            if (std::isfinite(sums.slope))
                return found;
        }
        return count(kernels_.knapsack.list, multiplier);
    }

    // How many elements are undecided between two multipliers about the root of the sample.
    void learn_density(Estimate& estimate) {
        double multiplier[2] = {estimate.low, estimate.high};
        const Sums at = sample_sums(multiplier);
        const double count = count_in_excerpt(multiplier[0], multiplier[1]),
                     fall = at.at[0].slope - at.at[1].slope;
        constexpr double enough = 8;
        if (!(count >= enough))
            return;
        undecided_per_slope_ = count / fall;
        density_ = count / (multiplier[1] - multiplier[0]) *
                   (static_cast<double>(n_) / static_cast<double>(excerpt_.size()));
        estimate.curvature = fall / (multiplier[1] - multiplier[0]);
    }

    // Of a larger sample, which is read where it is: one value, from which a parabola leads to its root; or two, where the
    // slope changes so much between low and high that the root's neighbourhood has to tell how.
    void refine(Estimate& estimate, bool convex) {
        // Long enough for memory, which is asked for the next one ahead; short enough for elements in order, where one run
        // stands for the largest of all.
        constexpr std::size_t run = 256;
        const BlockPlan blocks = plan_elements(n_);
        const RunPlan runs = plan_runs(blocks, run, second_sample_length(n_));
        const auto size = static_cast<double>(runs.size(blocks));
        const double times_larger = size / static_cast<double>(excerpt_.size());
        const double share = size / static_cast<double>(n_), width = estimate.high - estimate.low;
        const double apart =
            !is_near_offset() && estimate.curvature * width > 2 * estimate.slope ? width / 16 : 0;
        double multiplier[2] = {is_near_offset() ? 0 : estimate.root - apart, estimate.root + apart};
        const bool in_type = round_to_element_type(multiplier, true);
        const Sums at = combine_unchecked(
            shard_, Sums{},
            [&](std::size_t begin, std::size_t length) {
                return sums_of_runs(runs, begin, length, multiplier, in_type);
            },
            add);
        const KnapsackSums& nearest = at.at[1];
        const double offset = is_near_offset() ? at.at[0].total - target(share) : target(share);
        const double curvature = apart == 0
                                     ? estimate.curvature * times_larger
                                     : (at.at[0].slope - nearest.slope) / (multiplier[1] - multiplier[0]);
        const double rest = nearest.total - offset;
        const double way =
            2 * rest / (nearest.slope + std::sqrt(nearest.slope * nearest.slope - 2 * curvature * rest));
        const double root = multiplier[1] + way, slope = nearest.slope - curvature * way;
        const double error = 3 * estimate.standard_error * std::sqrt(times_larger) / slope;
        if (!(std::fabs(root - estimate.root) <= width && slope > 0 && error < width))
            return;
        estimate.root = root;
        estimate.low = root - error;
        estimate.high = root + error;
        if (apart != 0 && convex)
            density_ = curvature * undecided_per_slope_ * (static_cast<double>(n_) / size);
    }

    // Of those of a block; of equal multipliers the second alone.
    Sums sums_of_runs(const RunPlan& runs, std::size_t begin, std::size_t length,
                      const double (&multiplier)[2], bool in_type) const {
        const std::size_t block = shard_.first_block() + begin / shard_.block_length();
        Sums all{};
        if (!in_type) {
            for (std::size_t k = 0; k < runs.count(length); ++k)
                add(all, part_sums(begin + runs.begin(block, k), runs.run_length, multiplier));
            return all;
        }
        constexpr std::size_t at_once = 64;
        std::size_t first[at_once];
        for (std::size_t k = 0; k < runs.count(length); k += at_once) {
            const std::size_t count = std::min(runs.count(length) - k, at_once);
            for (std::size_t i = 0; i < count; ++i)
                first[i] = runs.begin(block, k + i);
            for (std::size_t i = multiplier[0] == multiplier[1]; i < 2; ++i) {
                KnapsackSums one;
                kernels_.threshold.sums_of_runs({first, count, runs.run_length}, x_ + begin,
                                                part(problem_.knapsack, begin), part(metric_, begin),
                                                static_cast<T>(multiplier[i]), one);
                one.total -= multiplier[i] * one.slope;
                add_one(all.at[i], one);
            }
        }
        return all;
    }

    void suggest_from_sample(RootSearch& search, bool convex, double lowest) {
        take_sample();
        const auto sampled = static_cast<double>(excerpt_.size());
        if (sampled == 0)
            return;
        Estimate estimate = estimate_root(convex, lowest);
        const bool is_known = std::isfinite(estimate.low) && std::isfinite(estimate.high);
        if (is_known)
            suggest(search, estimate);
        const double few = wanted_in_list() * (sampled / static_cast<double>(n_));
        const double above_root = convex ? count_in_excerpt(estimate.below, RootSearch::largest) : few;
        if (above_root <= few / 2) {
            // Of so few above its root the sample does not even tell the number.
            if (above_root > 0)
                suggest_list(multiplier_below(few, estimate), RootSearch::largest, lowest);
        } else if (is_known && estimate.low < estimate.high) {
            learn_density(estimate);
            if (n_ >= shortest_for_second_sample &&
                density_ * (estimate.high - estimate.low) > wanted_in_list()) {
                refine(estimate, convex);
                suggest(search, estimate);
            }
            if (density_ * (estimate.high - estimate.low) <= 0.75 * static_cast<double>(excerpt_.capacity()))
                suggest_list(estimate.low, estimate.high, lowest);
        }
    }

    // A multiplier above which as many of the sample are, or somewhat fewer.
    double multiplier_below(double few, const Estimate& estimate) const {
        double low = estimate.least_tried, high = estimate.below;
        for (int pass = 0; pass < 10; ++pass) {
            const double middle = low + (high - low) / 2;
            (count_in_excerpt(middle, RootSearch::largest) > few ? low : high) = middle;
        }
        return high;
    }

    void suggest(RootSearch& search, Estimate& estimate) const {
        if (total_ > problem_.offset)
            estimate.low = std::max(estimate.low, 0.0);
        if (total_ < problem_.offset)
            estimate.high = std::min(estimate.high, 0.0);
        search.suggest(estimate.low, estimate.high);
    }
    // Not where the root may be at its lowest: what is inside is decided by the sums of all.
    void suggest_list(double low, double high, double lowest) {
        has_suggested_list_ = low > lowest && low < high;
        suggested_list_[0] = low;
        suggested_list_[1] = high;
    }

    // Whether any element changed. Of a sharded vector that is found out beforehand, so that nothing that could fail comes
    // after a write.
    bool project() const {
        const bool changes = shard_.is_sharded() && reported_ && would_change();
        std::atomic<bool> changed{shard_.is_sharded()}; // known, or nobody's concern
        write_ranges(shard_, [&](std::size_t begin, std::size_t length) {
            if (project_part(begin, length, changed.load(std::memory_order_relaxed)))
                changed.store(true, std::memory_order_relaxed);
        });
        return shard_.is_sharded() ? changes : changed.load();
    }

    bool would_change() const {
        return max_over_blocks(shard_, [&](std::size_t begin, std::size_t length) {
                   if (is_projected_in_type())
                       return threshold_changes(begin, length) ? 1.0 : 0.0;
                   constexpr std::size_t at_once = 1024;
                   T copy[at_once];
                   for (const std::size_t end = begin + length; begin < end; begin += at_once) {
                       const std::size_t count = std::min(end - begin, at_once);
                       std::copy_n(x_ + begin, count, copy);
                       if (knapsack_project(begin, count, copy))
                           return 1.0;
                   }
                   return 0.0;
               }) != 0;
    }

    // Whether any changed, where that is not known.
    bool project_part(std::size_t begin, std::size_t length, bool is_known) const {
        if (!is_projected_in_type())
            return knapsack_project(begin, length, x_ + begin);
        const bool changes = is_known || threshold_changes(begin, length);
        kernels_.threshold.project(length, x_ + begin, part(problem_.knapsack, begin), part(metric_, begin),
                                   static_cast<T>(result_.multiplier));
        return changes;
    }

    bool is_projected_in_type() const { return is_threshold_problem_ && is_normal(result_.multiplier); }
    bool threshold_changes(std::size_t begin, std::size_t length) const {
        return kernels_.threshold.changes(length, x_ + begin, part(problem_.knapsack, begin),
                                          part(metric_, begin), static_cast<T>(result_.multiplier));
    }
    // Of elements that are, or are as, those from begin on.
    bool knapsack_project(std::size_t begin, std::size_t length, T* x) const {
        return kernels_.knapsack.project(length, x, part(problem_.knapsack, begin), part(metric_, begin),
                                         result_.multiplier);
    }

    const Kernels<T>& kernels_;
    const Shard& shard_;
    std::size_t n_; // of the whole vector
    T* x_;
    const KnapsackProblem<T>& problem_;
    const Metric<T>& metric_;
    T* memory_; // of long vectors
    bool reported_;
    double total_; // for the multiplier 0; NaN: not known well enough
    // For blocks whose counts 32 bits of each lane hold.
    const bool is_threshold_problem_ = has_thresholds(problem_) && shard_.block_length() <= std::size_t(1)
                                                                                                << 26;
    bool may_use_element_type_ = is_threshold_problem_;
    ProjectionResult result_;
    // About how many elements are not decided, for a difference of slopes (infinite: not known), or of multipliers.
    double undecided_per_slope_ = RootSearch::infinity, density_ = 0;
    int lists_ = 0;
    double widest_list_ = RootSearch::infinity; // that may have room, as far as is known
    bool has_suggested_list_ = false;
    double suggested_list_[2];
    Excerpt<T> excerpt_{shard_, x_, problem_.knapsack, metric_};
    T own_memory_[64 * 1024 / sizeof(T)];            // of short vectors
    double undecided_low_ = 0, undecided_high_ = -1; // multipliers
    KnapsackSums decided_ = {0, 0};                  // of the rest, sum a p = total - mu * slope
};

} // namespace

template <class T>
ProjectionResult project_onto_knapsack(const Kernels<T>& kernels, const Shard& shard, T* x,
                                       const KnapsackProblem<T>& problem, const Metric<T>& metric, T* memory,
                                       bool reported, double total) {
    return KnapsackProjection<T>(kernels, shard, x, problem, metric, memory, reported, total).run();
}

template <class T>
double knapsack_total(const Kernels<T>& kernels, const KnapsackProblem<T>& problem, std::size_t begin,
                      std::size_t length, const T* x) {
    const Knapsack<T> knapsack = part(problem.knapsack, begin);
    if (!has_thresholds(problem))
        return kernels.knapsack.total(length, x, knapsack);
    const std::size_t first = 0;
    KnapsackSums sums;
    kernels.threshold.sums_of_runs({&first, 1, length}, x, knapsack, Metric<T>{}, 0, sums);
    return sums.total;
}

std::size_t knapsack_memory(std::size_t n, std::size_t arrays) {
    return n < parallel_threshold ? 0 : excerpt_memory(arrays, excerpt_capacity(n));
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
                                                const KnapsackProblem<float>&, const Metric<float>&, float*,
                                                bool, double);
template ProjectionResult project_onto_knapsack(const Kernels<double>&, const Shard&, double*,
                                                const KnapsackProblem<double>&, const Metric<double>&,
                                                double*, bool, double);
template double knapsack_total(const Kernels<float>&, const KnapsackProblem<float>&, std::size_t, std::size_t,
                               const float*);
template double knapsack_total(const Kernels<double>&, const KnapsackProblem<double>&, std::size_t,
                               std::size_t, const double*);
template bool is_feasible(const Kernels<float>&, const Shard&, const KnapsackProblem<float>&);
template bool is_feasible(const Kernels<double>&, const Shard&, const KnapsackProblem<double>&);

} // namespace anisograd
