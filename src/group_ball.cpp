// SPDX-License-Identifier: BSD-3-Clause
#include "src/group_ball.hpp"

#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/root_search.hpp"
#include "src/secular.hpp"
#include "src/weights.hpp"

#include "kernels/set_table.hpp"

#include <cstring>
#include <limits>

namespace anisograd {

namespace {

// With y = x - center, the conditions of optimality of a group of norm rho > 0 are, for one mu >= 0 of all groups,
//     p_j - center_j = y_j lambda_j / (lambda_j + mu / rho),
// so that ||q|| = 1 for q_j = lambda_j y_j / (lambda_j rho + mu); and rho = 0 where ||lambda_j y_j|| <= mu. 1/||q|| is
// concave in (rho, mu), as a power mean of linear functions. Therefore Newton's method, or Halley's, finds rho for a
// given mu, and rho, the lower edge of the convex set where 1/||q|| >= 1, is a convex function of mu: so is the sum over
// the groups, and RootSearch finds its mu by tangents and secants. Each pass computes the norms anew.
template <class T>
class GroupBallProjection {
public:
    GroupBallProjection(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center, double radius,
                        const Groups& groups, const Metric<T>& metric, std::span<double> memory)
        : kernels_(kernels), shard_(shard), groups_(groups), x_(x), ball_{center, 1.0}, radius_(radius),
          metric_(within_secular_range(metric)), euclidean_(is_euclidean(metric)),
          // Threads share the groups, or where these are few and long, the elements of each.
          threads_in_group_(groups.mean_size() >= parallel_threshold),
          short_(groups.offsets == nullptr && groups.length <= short_group_length),
          lane_length_(short_ ? groups.length : short_group_length), plan_(plan_groups(groups)),
          begin_(shard.begin()), first_block_(shard.is_sharded() ? shard.first_block() : 0),
          own_blocks_(shard.is_sharded() ? shard.own_blocks().block_count : plan_.block_count),
          room_(euclidean_ ? memory.size() / std::max<std::size_t>(plan_.block_count, 1) / excess_lanes *
                                 excess_lanes
                           : 0),
          memory_(memory.data()) {
        for (std::size_t i = 0; i < chunk; ++i)
            begins_[i] = static_cast<std::int32_t>(i * lane_length_);
    }

    ProjectionResult run() {
        constexpr double tolerance = RootSearch::tolerance_for<T>;
        double multiplier[2] = {0, 0};
        if (suggest_from_sample(multiplier)) {
            const Sums at_suggestion = sums_and_list(multiplier);
            if (is_safe(at_suggestion.at[0].total)) {
                RootSearch search(radius_, true, 0, tolerance);
                search.suggest(multiplier[0], multiplier[1]);
                return run(search, at_suggestion);
            }
        }
        Sums at_zero = sums({0, 0});
        const double norm = at_zero.at[0].total;
        if (!is_safe(norm) && !std::isnan(norm)) {
            ++result_.passes;
            const double largest = max_over_blocks(shard_, [&](std::size_t begin, std::size_t length) {
                return kernels_.projection.max_abs(length, x_ + begin, part(ball_.center, begin));
            });
            if (std::isinf(largest)) {
                shrink_all(RootSearch::infinity);
                return result_;
            }
            if (largest == 0)
                return result_;
            ball_.scale = std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1022, 1022));
            list_ = {};
            at_zero = sums({0, 0});
        }
        RootSearch search(radius_ * ball_.scale, true, 0, tolerance);
        return run(search, at_zero);
    }

private:
    // The norm of a projected group, or their sum, and -1 times its derivative by mu.
    struct GroupNorm {
        double total, slope;
    };
    struct Sums {
        GroupNorm at[2];
    };

    ProjectionResult run(RootSearch& search, const Sums& first) {
        double multiplier[2];
        while (search.next(multiplier))
            record(search, multiplier,
                   search.passes() == 1 ? first
                   : covers(multiplier) ? listed_sums(multiplier)
                                        : sums(multiplier));
        const double mu = search.root();
        if (mu != 0)
            shrink_all(mu);
        result_.multiplier = mu / ball_.scale;
        return result_;
    }

    static void record(RootSearch& search, const double (&multiplier)[2], const Sums& at) {
        for (std::size_t i = 0; i < 2; ++i)
            search.record({multiplier[i], at.at[i].total, at.at[i].slope});
    }

    // Squares of elements do not leave double's range.
    static bool is_safe(double norm) { return norm >= 0x1p-64 && norm <= 0x1p64; }

    // Two multipliers about the root: from the first groups of each block, where these are a small part of many groups;
    // then, where norms are listed, from more of them, so that few norms are between the two.
    bool suggest_from_sample(double (&multiplier)[2]) {
        const std::size_t most = plan_.block_length / 16, few = std::min(most, chunk);
        if (radius_ == 0 || plan_.block_count < 16 || few == 0)
            return false;
        double most_slope = 0; // of a group
        if (!enclose_root(few, RootSearch::most_sample_passes, most_slope, multiplier))
            return false;
        double nearer[2] = {multiplier[0], multiplier[1]};
        if (room_ != 0 && most > few && enclose_root(most, 1, most_slope, nearer))
            std::copy_n(nearer, 2, multiplier);
        return true;
    }

    // Of the same problem for the first so many groups of each block, from the multipliers given; what comes back nearly
    // always encloses the root of all groups.
    bool enclose_root(std::size_t from_block, int most_passes, double& most_slope, double (&multiplier)[2]) {
        std::size_t number = 0;
        for (std::size_t block = 0; block < plan_.block_count; ++block)
            number += std::min(from_block, plan_.length(block, block + 1));
        const auto sampled = static_cast<double>(number);
        const double target = radius_ * (sampled / static_cast<double>(plan_.size));
        RootSearch sample(target, true, 0, RootSearch::sample_tolerance);
        sample.suggest(multiplier[0], multiplier[1]);
        while (sample.next(multiplier) && sample.passes() <= most_passes) {
            const Sums at =
                sums_of_first(from_block, shard_.size() / plan_.block_length * from_block, multiplier);
            record(sample, multiplier, at);
            most_slope = std::max({most_slope, at.at[0].slope / sampled, at.at[1].slope / sampled});
        }
        if (!sample.is_settled() && !sample.is_enclosed())
            return false;
        sample.enclose_root(sampled, most_slope * sampled, target, multiplier);
        if (multiplier[0] < 0x1p-20 * multiplier[1]) // too near 0 to tell what is inside
            multiplier[0] = 0;
        return std::isfinite(multiplier[0]) && std::isfinite(multiplier[1]);
    }

    // ---- One group ----

    // The position in this shard.
    std::size_t first_of(std::size_t group) const { return groups_.begin(group) - begin_; }

    // The kernel's sums over the group's elements, in the order of any vector's.
    template <class Result, class Kernel, class Combine>
    Result combine_group(std::size_t group, Result total, Kernel kernel, Combine combine) const {
        const std::size_t first = first_of(group), size = groups_.size(group);
        const auto at = [&](std::size_t begin, std::size_t length) { return kernel(first + begin, length); };
        if (threads_in_group_)
            return combine_blocks(size, total, at, combine);
        const BlockPlan plan = plan_elements(size);
        for (std::size_t block = 0; block < plan.block_count; ++block)
            combine(total, at(plan.begin(block), plan.length(block, block + 1)));
        return total;
    }

    double norm_of(std::size_t group) const {
        return std::sqrt(combine_group(
            group, 0.0,
            [&](std::size_t begin, std::size_t length) {
                return kernels_.projection.squared_norm(length, x_ + begin, part(ball_, begin));
            },
            [](double& total, double one) { total += one; }));
    }

    SecularValue secular(std::size_t group, const Secular& s) const {
        const SecularSums sums = combine_group(
            group, SecularSums{0, 0},
            [&](std::size_t begin, std::size_t length) {
                return kernels_.sets.secular_sums(length, x_ + begin, part(ball_, begin),
                                                  part(metric_, begin), s);
            },
            add_secular_sums);
        return {sums.squared_norm, sums.slope};
    }

    // rho, and the derivative of 1 - ||q|| by it. start: near rho, or 0.
    GroupNorm find_norm(std::size_t group, double mu, double start) const {
        if (mu == 0) {
            const double norm = norm_of(group);
            return {norm, 1 / norm}; // y / rho is q
        }
        double slope = 0;
        const auto at = [&](double rho) {
            const SecularValue value = secular(group, {rho, mu, 1, 0});
            slope = value.slope;
            return value;
        };
        const SecularValue at_start = at(start);
        if (start == 0 && at_start.squared_norm <= 1)
            return {0, 0};
        const double rho = secular_root(at, start, at_start, 1, RootSearch::infinity, secular_tolerance);
        return {rho, slope};
    }

    // In the norm of Lambda.
    GroupNorm group_norm(std::size_t group, double mu, double start) const {
        const GroupNorm norm = find_norm(group, mu, start);
        if (!(norm.total > 0)) // 0, or NaN
            return {norm.total, 0};
        return {norm.total, secular(group, {norm.total, mu, 0, 1}).slope / norm.slope};
    }

    // number: a factor in the Euclidean norm, else mu / rho.
    void shrink(std::size_t group, double number) {
        if (euclidean_) {
            scale(group, number);
            return;
        }
        each_range(group, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_shrink(length, x_ + begin, part(ball_.center, begin),
                                            part(metric_, begin), number,
                                            metric_.least / (metric_.least + number));
        });
    }

    void scale(std::size_t group, double factor) {
        each_range(group, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_scale(length, x_ + begin, {part(ball_.center, begin), 1.0}, factor);
        });
    }

    template <class Body>
    void each_range(std::size_t group, Body body) const {
        const std::size_t first = first_of(group), size = groups_.size(group);
        if (threads_in_group_)
            for_each_range(size, [&](std::size_t begin, std::size_t length) { body(first + begin, length); });
        else if (size != 0)
            body(first, size);
    }

    // ---- Some groups ----

    // So many at a time, whose norms are in a buffer.
    static constexpr std::size_t chunk = 64;
    static_assert(chunk % groups_at_once == 0 && chunk % excess_lanes == 0);

    // How many of count groups from first on a kernel takes side by side.
    std::size_t side_by_side(std::size_t first, std::size_t count) const {
        if (!short_)
            return 0;
        const bool last_is_shorter =
            groups_.begin(first + count) - groups_.begin(first) < count * groups_.length;
        return (count - last_is_shorter) / groups_at_once * groups_at_once;
    }
    static std::size_t padded(std::size_t count) {
        return (count + excess_lanes - 1) / excess_lanes * excess_lanes;
    }

    // In the Euclidean norm; zeros follow, up to padded(count).
    void find_norms(std::size_t first, std::size_t count, double (&norms)[chunk]) const {
        const std::size_t known = side_by_side(first, count);
        kernels_.sets.short_group_norms(known, groups_.length, x_ + first_of(first),
                                        part(ball_, first_of(first)), begins_, norms);
        for (std::size_t i = known; i < count; ++i)
            norms[i] = norm_of(first + i);
        std::fill(norms + count, norms + padded(count), 0.0);
    }

    // In the norm of Lambda, for two multipliers; zeros follow. others(group): of a group that is no short one, or whose
    // search in a lane did not end. Short groups that do not lie as the kernel takes them go there as copies, with zeros
    // after them, which add nothing: the bits are the same.
    struct Roots {
        double root[2][chunk], slope[2][chunk];
    };
    template <class Others>
    void find_roots(std::size_t first, std::size_t count, const double (&mu)[2], Roots& roots,
                    Others others) const {
        const std::size_t known = side_by_side(first, count), begin = first_of(first);
        find_short_roots(known, groups_.length, x_ + begin, part(ball_, begin), part(metric_, begin), mu,
                         roots, 0);
        for (std::size_t i = known; i < count; i += groups_at_once)
            find_roots_of_copies(first + i, std::min(count - i, groups_at_once), mu, roots, i);
        for (std::size_t i = 0; i < padded(count); ++i) {
            const bool is_known = i < count && groups_.size(first + i) <= lane_length_ &&
                                  !std::isnan(roots.root[0][i]) && !std::isnan(roots.root[1][i]);
            if (is_known)
                continue;
            const Sums found = i < count ? others(first + i) : Sums{};
            for (std::size_t k = 0; k < 2; ++k) {
                roots.root[k][i] = found.at[k].total;
                roots.slope[k][i] = found.at[k].slope;
            }
        }
    }
    void find_short_roots(std::size_t count, std::size_t length, const T* x, const Ball<T>& ball,
                          const Metric<T>& metric, const double (&mu)[2], Roots& roots,
                          std::size_t at) const {
        kernels_.sets.short_group_roots(
            count, length, x, ball, metric, begins_, mu,
            {{roots.root[0] + at, roots.root[1] + at}, {roots.slope[0] + at, roots.slope[1] + at}});
    }
    void find_roots_of_copies(std::size_t first, std::size_t count, const double (&mu)[2], Roots& roots,
                              std::size_t at) const {
        std::size_t longest = 0;
        bool any = false;
        for (std::size_t group = first; group < first + count; ++group)
            if (const std::size_t size = groups_.size(group); size <= lane_length_) {
                longest = std::max(longest, size);
                any = true;
            }
        if (!any)
            return;
        using Copies = T[groups_at_once * short_group_length];
        Copies x = {}, center = {}, weights = {}, accumulator = {};
        const auto copy = [](const T* from, std::size_t size, T* to) {
            if (from != nullptr)
                std::copy_n(from, size, to);
        };
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t begin = first_of(first + i), size = groups_.size(first + i),
                              to = i * lane_length_;
            if (size > lane_length_)
                continue;
            copy(x_ + begin, size, x + to);
            copy(part(ball_.center, begin), size, center + to);
            copy(part(metric_.weights, begin), size, weights + to);
            copy(part(metric_.accumulator, begin), size, accumulator + to);
        }
        Metric<T> metric = metric_;
        metric.weights = metric_.weights != nullptr ? weights : nullptr;
        metric.accumulator = metric_.accumulator != nullptr ? accumulator : nullptr;
        find_short_roots(groups_at_once, std::max<std::size_t>(longest, 1), x,
                         {ball_.center != nullptr ? center : nullptr, ball_.scale}, metric, mu, roots, at);
    }

    // Each group's number for each of its elements; gives the end.
    template <std::size_t length>
    static double* spread_over(const double* numbers, std::size_t count, double* out) {
        for (std::size_t i = 0; i < count; ++i, out += length)
            for (std::size_t k = 0; k < length; ++k)
                out[k] = numbers[i];
        return out;
    }
    double* spread(const double* numbers, std::size_t count, double* out) const {
        switch (groups_.length) { // the usual lengths, in loops that the compiler unrolls
        case 2:
            return spread_over<2>(numbers, count, out);
        case 4:
            return spread_over<4>(numbers, count, out);
        case 8:
            return spread_over<8>(numbers, count, out);
        case 16:
            return spread_over<16>(numbers, count, out);
        default:
            for (std::size_t i = 0; i < count; ++i)
                out = std::fill_n(out, groups_.length, numbers[i]);
            return out;
        }
    }

    void shrink_chunk(std::size_t first, std::size_t count, double mu) {
        double numbers[chunk]; // see shrink
        if (euclidean_) {
            find_norms(first, count, numbers);
            kernels_.sets.shrink_factors(padded(count), numbers, mu);
        } else {
            Roots roots;
            find_roots(first, count, {mu, mu}, roots, [&](std::size_t group) {
                const double root = find_norm(group, mu, 0).total;
                return Sums{{{root, 0}, {root, 0}}};
            });
            for (std::size_t i = 0; i < count; ++i)
                numbers[i] = mu / roots.root[0][i]; // infinite where the group comes to its center
        }
        if (!short_) {
            for (std::size_t i = 0; i < count; ++i)
                shrink(first + i, numbers[i]);
            return;
        }
        double of_element[chunk * short_group_length + short_group_length];
        const std::size_t begin = first_of(first),
                          length = groups_.begin(first + count) - groups_.begin(first);
        std::fill_n(spread(numbers, count, of_element), short_group_length, 0.0);
        const T* const center = part(ball_.center, begin);
        if (euclidean_)
            kernels_.sets.scale_each(length, x_ + begin, {center, 1.0}, of_element);
        else
            kernels_.sets.shrink_each(length, x_ + begin, center, part(metric_, begin), of_element);
    }

    // ---- Euclidean norms between two multipliers, kept from a pass, so that the search ends without another ----

    struct NormList {
        double low = 0, high = -1; // multipliers
        std::size_t count = 0;     // with zeros that follow the norms
        GroupNorm above = {0, 0};  // what the norms above high are above it
    };
    struct BlockList {
        double* norm;      // null: none are listed
        std::size_t count; // more than room_: some are missing
    };

    void list_between(std::size_t count, const double* norms, const double (&mu)[2], BlockList& list) const {
        if (list.count + count <= room_)
            list.count += kernels_.sets.norms_between(count, norms, mu, list.norm + list.count);
        else
            list.count = room_ + 1;
    }

    Sums sums_and_list(const double (&mu)[2]) {
        if (room_ == 0 || !(mu[0] < mu[1]))
            return sums(mu);
        double listed[max_blocks];
        const Sums found = sums(mu, listed);
        shard_.share(listed, first_block_, first_block_ + own_blocks_, plan_.block_count);
        // The blocks' lists become one, in their order.
        std::size_t count = 0, own_begin = 0, own_end = 0;
        for (std::size_t block = 0; block < plan_.block_count; ++block) {
            if (!(listed[block] <= static_cast<double>(room_)))
                return found;
            const auto of_block = static_cast<std::size_t>(listed[block]);
            if (block == first_block_)
                own_begin = own_end = count;
            if (block - first_block_ < own_blocks_) {
                std::memmove(memory_ + count, memory_ + block * room_, of_block * sizeof(double));
                own_end += of_block;
            }
            count += of_block;
        }
        shard_.share(memory_, own_begin, own_end, count);
        list_ = {mu[0], mu[1], padded(count), found.at[1]};
        std::fill(memory_ + count, memory_ + list_.count, 0.0);
        return found;
    }
    bool covers(const double (&mu)[2]) const {
        const auto is_within = [&](double m) { return m >= list_.low && m <= list_.high; };
        return is_within(mu[0]) && is_within(mu[1]);
    }
    Sums listed_sums(const double (&mu)[2]) const {
        Sums found = norm_sums(list_.count, memory_, mu);
        for (std::size_t i = 0; i < 2; ++i) {
            found.at[i].total += list_.above.total + list_.above.slope * (list_.high - mu[i]);
            found.at[i].slope += list_.above.slope;
        }
        return found;
    }

    // Those first groups that a kernel shrinks as it finds their norms; their number.
    std::size_t shrink_first_runs(std::size_t first, std::size_t count, double mu) const {
        if (!euclidean_ || !is_run_length(groups_.length))
            return 0;
        const std::size_t known = side_by_side(first, count), begin = first_of(first);
        kernels_.sets.shrink_runs(known, groups_.length, x_ + begin, part(ball_, begin), mu);
        return known;
    }

    // ---- All groups ----

    // body(block, first group, last group); this shard's blocks of the plan, in threads unless each group takes them.
    template <class Body>
    void for_each_group_block(std::size_t work, Body body) const {
        const auto run = [&](std::size_t first, std::size_t last) {
            for (std::size_t block = first_block_ + first; block < first_block_ + last; ++block)
                body(block, plan_.begin(block), plan_.begin(block) + plan_.length(block, block + 1));
        };
        if (threads_in_group_)
            run(0, own_blocks_);
        else
            for_each_run_of_blocks(BlockPlan{plan_.size, plan_.block_length, own_blocks_}, work, run);
    }

    // listed: see sums_of_first.
    Sums sums(const double (&mu)[2], double* listed = nullptr) {
        ++result_.passes;
        return sums_of_first(plan_.block_length, shard_.size(), mu, listed);
    }

    // Over the first so many groups of each block, in which there are about `work` elements. listed: how many norms are
    // between the multipliers, block by block, of which memory_ then has the first; null: they are not listed.
    Sums sums_of_first(std::size_t most, std::size_t work, const double (&mu)[2],
                       double* listed = nullptr) const {
        Sums partial[max_blocks];
        for_each_group_block(work, [&](std::size_t block, std::size_t first, std::size_t end) {
            const std::size_t last = std::min(end, first + most);
            BlockList list = {listed != nullptr ? memory_ + block * room_ : nullptr, 0};
            Sums total = {}, lost = {};
            for (std::size_t group = first; group < last; group += chunk)
                add_exactly(total, lost, chunk_sums(group, std::min(last - group, chunk), mu, list));
            add(total, lost);
            partial[block] = total;
            if (listed != nullptr)
                listed[block] = static_cast<double>(list.count);
        });
        shard_.share(partial, first_block_, first_block_ + own_blocks_, plan_.block_count);
        Sums total = {};
        for (std::size_t block = 0; block < plan_.block_count; ++block)
            add(total, partial[block]);
        return total;
    }

    Sums chunk_sums(std::size_t first, std::size_t count, const double (&mu)[2], BlockList& list) const {
        if (euclidean_) {
            double norms[chunk];
            find_norms(first, count, norms);
            const Sums found = norm_sums(padded(count), norms, mu);
            if (list.norm != nullptr && found.at[0].slope != found.at[1].slope)
                list_between(padded(count), norms, mu, list);
            return found;
        }
        Roots roots;
        find_roots(first, count, mu, roots, [&](std::size_t group) { return group_sums(group, mu); });
        const auto sums_of = [&](const double(&numbers)[2][chunk]) {
            return kernels_.sets.excess_sums(padded(count), {numbers[0], numbers[1]}, {0, 0});
        };
        const ExcessSums norms = sums_of(roots.root), slopes = sums_of(roots.slope);
        return {{{norms.total[0], slopes.total[0]}, {norms.total[1], slopes.total[1]}}};
    }
    // Of whole packs of norms.
    Sums norm_sums(std::size_t count, const double* norms, const double (&mu)[2]) const {
        const ExcessSums sums = kernels_.sets.excess_sums(count, {norms, norms}, mu);
        return {{{sums.total[0], sums.above[0]}, {sums.total[1], sums.above[1]}}};
    }

    Sums group_sums(std::size_t group, const double (&mu)[2]) const {
        const GroupNorm first = group_norm(group, mu[0], 0);
        if (mu[0] == mu[1])
            return {{first, first}};
        // rho is a convex function of mu: above its tangent.
        const double tangent = first.total - first.slope * (mu[1] - mu[0]);
        return {{first, group_norm(group, mu[1], tangent > 0 ? tangent : 0)}};
    }

    static void add(Sums& total, const Sums& more) {
        for (std::size_t i = 0; i < 2; ++i) {
            total.at[i].total += more.at[i].total;
            total.at[i].slope += more.at[i].slope;
        }
    }

    // Knuth's two-sum: many equal groups have a root as sharp as their norms, which plain additions would blur.
    static void add_exactly(double& total, double& lost, double more) {
        const double sum = total + more, added = sum - total;
        if (std::isfinite(sum))
            lost += (total - (sum - added)) + (more - added);
        total = sum;
    }
    static void add_exactly(Sums& total, Sums& lost, const Sums& more) {
        for (std::size_t i = 0; i < 2; ++i) {
            add_exactly(total.at[i].total, lost.at[i].total, more.at[i].total);
            add_exactly(total.at[i].slope, lost.at[i].slope, more.at[i].slope);
        }
    }

    // An infinite mu gives the center, and NaN where x is infinite; NaN gives NaN everywhere.
    void shrink_all(double mu) {
        result_.inside = false;
        result_.multiplier = mu;
        if (shard_.failed())
            return;
        // A longer group is shrunk while it is in cache.
        const std::size_t most = groups_.mean_size() <= short_group_length ? chunk : 1;
        for_each_group_block(shard_.size(), [&](std::size_t, std::size_t first, std::size_t last) {
            if (std::isfinite(mu))
                for (std::size_t group = first + shrink_first_runs(first, last - first, mu); group < last;
                     group += most)
                    shrink_chunk(group, std::min(last - group, most), mu);
            else
                for (std::size_t group = first; group < last; ++group)
                    scale(group, std::isnan(mu) ? mu : 0.0);
        });
    }

    const Kernels<T>& kernels_;
    const Shard& shard_;
    const Groups groups_;
    T* x_;
    Ball<T> ball_;
    double radius_;
    Metric<T> metric_;
    bool euclidean_, threads_in_group_;
    bool short_;              // equal groups, whose norms one kernel finds
    std::size_t lane_length_; // of the groups that kernels take side by side, at most
    BlockPlan plan_;
    std::size_t begin_, first_block_, own_blocks_; // this shard's
    std::size_t room_;                             // for each block's list; 0: norms are not listed
    double* memory_;                               // of all lists
    NormList list_;
    std::int32_t begins_[chunk]; // of groups of lane_length_
    ProjectionResult result_;
};

} // namespace

template <class T>
ProjectionResult project_onto_group_ball(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center,
                                         double radius, const Groups& groups, const Metric<T>& metric,
                                         std::span<double> memory) {
    return GroupBallProjection<T>(kernels, shard, x, center, radius, groups, metric, memory).run();
}

std::size_t group_ball_memory(std::size_t n) {
    constexpr std::size_t of_block = 1024;
    return n < parallel_threshold ? 0 : of_block * std::min(n / (16 * 1024) + 1, max_blocks);
}

template ProjectionResult project_onto_group_ball(const Kernels<float>&, const Shard&, float*, const float*,
                                                  double, const Groups&, const Metric<float>&,
                                                  std::span<double>);
template ProjectionResult project_onto_group_ball(const Kernels<double>&, const Shard&, double*,
                                                  const double*, double, const Groups&, const Metric<double>&,
                                                  std::span<double>);

} // namespace anisograd
