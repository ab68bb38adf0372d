// SPDX-License-Identifier: BSD-3-Clause
#include "src/group_ball.hpp"

#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/root_search.hpp"
#include "src/secular.hpp"
#include "src/weights.hpp"

#include "kernels/set_table.hpp"

#include <limits>

namespace anisograd {

namespace {

// With y = x - center, the conditions of optimality of a group of norm rho > 0 are, for one mu >= 0 of all groups,
//     p_j - center_j = y_j lambda_j / (lambda_j + mu / rho),
// so that ||q|| = 1 for q_j = lambda_j y_j / (lambda_j rho + mu); and rho = 0 where ||lambda_j y_j|| <= mu. 1/||q|| is
// concave in (rho, mu), as a power mean of linear functions. Therefore Newton's method finds rho for a given mu, and
// rho, the lower edge of the convex set where 1/||q|| >= 1, is a convex function of mu: so is the sum over the groups,
// and RootSearch finds its mu by tangents and secants. Nothing is kept of a group: each pass computes its norm anew.
template <class T>
class GroupBallProjection {
public:
    GroupBallProjection(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center, double radius,
                        const Groups& groups, const Metric<T>& metric)
        : kernels_(kernels), shard_(shard), groups_(groups), x_(x), ball_{center, 1.0}, radius_(radius),
          metric_(within_secular_range(metric)), euclidean_(is_euclidean(metric)),
          // Threads share the groups, or where these are few and long, the elements of each.
          threads_in_group_(groups.mean_size() >= parallel_threshold),
          short_(groups.offsets == nullptr && groups.length <= short_group_length),
          plan_(plan_groups(groups)), begin_(shard.begin()),
          first_block_(shard.is_sharded() ? shard.first_block() : 0),
          own_blocks_(shard.is_sharded() ? shard.own_blocks().block_count : plan_.block_count) {
        for (std::size_t i = 0; i < chunk && short_; ++i)
            begins_[i] = static_cast<std::int32_t>(i * groups.length);
    }

    ProjectionResult run() {
        constexpr double tolerance = RootSearch::tolerance_for<T>;
        double multiplier[2];
        if (suggest_from_sample(multiplier)) {
            const Sums at_suggestion = sums(multiplier);
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
            record(search, multiplier, search.passes() == 1 ? first : sums(multiplier));
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

    // Two multipliers about the root of the same problem for the first groups of each block, where that is a small part
    // of many groups.
    bool suggest_from_sample(double (&multiplier)[2]) {
        const std::size_t from_block = std::min<std::size_t>(plan_.block_length / 16, chunk);
        if (radius_ == 0 || plan_.block_count < 16 || from_block == 0)
            return false;
        std::size_t sampled = 0;
        for (std::size_t block = 0; block < plan_.block_count; ++block)
            sampled += std::min(from_block, plan_.length(block, block + 1));
        const double target = radius_ * (static_cast<double>(sampled) / static_cast<double>(plan_.size));
        RootSearch sample(target, true, 0, RootSearch::sample_tolerance);
        double most_slope = 0;
        while (sample.passes() < RootSearch::most_sample_passes && sample.next(multiplier)) {
            const Sums at =
                sums_of_first(from_block, shard_.size() / plan_.block_length * from_block, multiplier);
            record(sample, multiplier, at);
            most_slope = std::max({most_slope, at.at[0].slope, at.at[1].slope});
        }
        sample.enclose_root(static_cast<double>(sampled), most_slope, target, multiplier);
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

    // rho, and the derivative of 1 - ||q|| by it.
    GroupNorm find_norm(std::size_t group, double mu) const {
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
        const SecularValue at_zero = at(0);
        if (at_zero.squared_norm <= 1)
            return {0, 0};
        const double rho = secular_root(at, 0, at_zero, 1, RootSearch::infinity, secular_tolerance);
        return {rho, slope};
    }

    // In the norm of Lambda.
    GroupNorm group_norm(std::size_t group, double mu) const {
        const GroupNorm norm = find_norm(group, mu);
        if (!(norm.total > 0)) // 0, or NaN
            return {norm.total, 0};
        return {norm.total, secular(group, {norm.total, mu, 0, 1}).slope / norm.slope};
    }

    // What the elements of a group of this norm are multiplied by, in the Euclidean norm.
    static double factor_of(double norm, double mu) {
        // 0 where norm <= mu, without a jump that could not be predicted; the root of a square is far above the least.
        return (std::max(norm, mu) - mu) / std::max(norm, std::numeric_limits<double>::min());
    }

    void shrink(std::size_t group, double mu) {
        if (euclidean_) {
            scale(group, factor_of(norm_of(group), mu));
            return;
        }
        const double rho = find_norm(group, mu).total;
        if (rho == 0) {
            scale(group, 0.0);
            return;
        }
        const double quotient = mu / rho;
        each_range(group, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_shrink(length, x_ + begin, part(ball_.center, begin),
                                            part(metric_, begin), quotient,
                                            metric_.least / (metric_.least + quotient));
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

    // ---- Some groups, in the Euclidean norm ----

    // So many at a time, whose norms are in a buffer.
    static constexpr std::size_t chunk = 64;
    static_assert(chunk % groups_at_once == 0 && chunk % excess_lanes == 0);

    // Of count <= chunk groups from first on, and zeros up to a multiple of excess_lanes.
    void find_norms(std::size_t first, std::size_t count, double (&norms)[chunk]) const {
        std::size_t known = 0;
        if (short_) {
            const bool last_is_shorter =
                groups_.begin(first + count) - groups_.begin(first) < count * groups_.length;
            known = (count - last_is_shorter) / groups_at_once * groups_at_once;
            kernels_.sets.short_group_norms(known, groups_.length, x_ + first_of(first),
                                            part(ball_, first_of(first)), begins_, norms);
        }
        for (; known < count; ++known)
            norms[known] = norm_of(first + known);
        for (; known % excess_lanes != 0; ++known)
            norms[known] = 0;
    }

    static std::size_t chunk_from(std::size_t first, std::size_t last) {
        return std::min(last - first, chunk);
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

    // Short groups. A longer one is scaled by itself, while it is in cache.
    void shrink_chunk(std::size_t first, std::size_t count, double mu) {
        double norms[chunk];
        find_norms(first, count, norms);
        double of_element[chunk * short_group_length + short_group_length];
        const std::size_t begin = first_of(first),
                          length = groups_.begin(first + count) - groups_.begin(first);
        for (std::size_t i = 0; i < count; ++i)
            norms[i] = factor_of(norms[i], mu);
        std::fill_n(spread(norms, count, of_element), short_group_length, 0.0);
        kernels_.sets.scale_each(length, x_ + begin, {part(ball_.center, begin), 1.0}, of_element);
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

    Sums sums(const double (&mu)[2]) {
        ++result_.passes;
        return sums_of_first(plan_.block_length, shard_.size(), mu);
    }

    // Over the first so many groups of each block, in which there are about `work` elements.
    Sums sums_of_first(std::size_t most, std::size_t work, const double (&mu)[2]) const {
        Sums partial[max_blocks];
        for_each_group_block(work, [&](std::size_t block, std::size_t first, std::size_t end) {
            const std::size_t last = std::min(end, first + most);
            Sums total = {}, lost = {};
            if (euclidean_)
                for (std::size_t group = first; group < last; group += chunk)
                    add_exactly(total, lost, chunk_sums(group, chunk_from(group, last), mu));
            else
                for (std::size_t group = first; group < last; ++group)
                    add_exactly(total, lost, group_sums(group, mu));
            add(total, lost);
            partial[block] = total;
        });
        shard_.share(partial, first_block_, first_block_ + own_blocks_, plan_.block_count);
        Sums total = {};
        for (std::size_t block = 0; block < plan_.block_count; ++block)
            add(total, partial[block]);
        return total;
    }

    Sums chunk_sums(std::size_t first, std::size_t count, const double (&mu)[2]) const {
        double norms[chunk];
        find_norms(first, count, norms);
        const ExcessSums sums =
            kernels_.sets.excess_sums((count + excess_lanes - 1) / excess_lanes * excess_lanes, norms, mu);
        return {{{sums.total[0], sums.above[0]}, {sums.total[1], sums.above[1]}}};
    }

    Sums group_sums(std::size_t group, const double (&mu)[2]) const {
        const GroupNorm first = group_norm(group, mu[0]);
        return {{first, mu[0] == mu[1] ? first : group_norm(group, mu[1])}};
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
        for_each_group_block(shard_.size(), [&](std::size_t, std::size_t first, std::size_t last) {
            if (std::isfinite(mu) && euclidean_ && short_)
                for (std::size_t group = first; group < last; group += chunk)
                    shrink_chunk(group, chunk_from(group, last), mu);
            else
                for (std::size_t group = first; group < last; ++group)
                    if (std::isfinite(mu))
                        shrink(group, mu);
                    else
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
    bool short_; // equal groups, whose norms one kernel finds
    BlockPlan plan_;
    std::size_t begin_, first_block_, own_blocks_; // this shard's
    std::int32_t begins_[chunk] = {};              // of short groups
    ProjectionResult result_;
};

} // namespace

template <class T>
ProjectionResult project_onto_group_ball(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center,
                                         double radius, const Groups& groups, const Metric<T>& metric) {
    return GroupBallProjection<T>(kernels, shard, x, center, radius, groups, metric).run();
}

template ProjectionResult project_onto_group_ball(const Kernels<float>&, const Shard&, float*, const float*,
                                                  double, const Groups&, const Metric<float>&);
template ProjectionResult project_onto_group_ball(const Kernels<double>&, const Shard&, double*,
                                                  const double*, double, const Groups&,
                                                  const Metric<double>&);

} // namespace anisograd
