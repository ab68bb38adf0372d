// SPDX-License-Identifier: BSD-3-Clause
//
// Group balls of many groups: the norms of short groups, a lane for each; what of the norms is above a multiplier;
// and elements scaled each by its group's factor. In double for both types, but for x - center.
#pragma once

#include "kernels/fold_runs.hpp"
#include "kernels/knapsack.hpp"
#include "kernels/projection.hpp"
#include "kernels/set_table.hpp"

namespace anisograd {
namespace {

// The squares at first, first + step, ... below length, added up as canonical_sums does, which folds by halves: depth
// first, so that few are in registers at a time.
static_assert(short_group_length == sum_accumulators);
template <std::size_t first, std::size_t step, class Square>
AG_INLINE auto folded_squares(std::size_t length, Square square) {
    auto sum = [&]() AG_INLINE_LAMBDA {
        if constexpr (step == short_group_length)
            return square(first);
        else
            return folded_squares<first, 2 * step>(length, square);
    }();
    if constexpr (step != short_group_length)
        if (first + step < length)
            sum = sum + folded_squares<first + step, 2 * step>(length, square);
    return sum;
}

template <class Isa, class T>
AG_INLINE Doubles<Isa, T> scaled_square(Pack<Isa, T> y, const Doubles<Isa, T>& scale) {
    const auto scaled = to_double(y) * scale;
    return scaled * scaled;
}

template <class Isa>
AG_INLINE Pack<Isa, double> half(const WidePack<Isa>& a, std::size_t i) {
    return i == 0 ? a.low : a.high;
}
template <class Isa>
AG_INLINE Pack<Isa, double> half(Pack<Isa, double> a, std::size_t) {
    return a;
}

// Of as many groups as a pack has doubles, from number i on: read as they lie, and folded by permutations.
template <std::size_t length, class Isa, class T>
AG_INLINE Pack<Isa, double> norms_of_runs(std::size_t i, const T* x, const Ball<T>& ball,
                                          const Doubles<Isa, T>& scale) {
    using P = Pack<Isa, T>;
    constexpr std::size_t halves = P::lanes / Pack<Isa, double>::lanes;
    return sqrt(fold_runs<length>([&](std::size_t pack) AG_INLINE_LAMBDA {
        const WholePack<Isa, T> at = {i * length + pack / halves * P::lanes};
        prefetch_ahead<false>(at, x);
        return half(scaled_square(minus_center(at, at.load(x), ball.center), scale), pack % halves);
    }));
}

// Calls action with is_run_length's length as a constant; false where it is none.
template <class Action>
AG_INLINE bool with_run_length(std::size_t length, Action action) {
    if (length == 16)
        action(std::integral_constant<std::size_t, 16>{});
    else if (length == 8)
        action(std::integral_constant<std::size_t, 8>{});
    else if (length == 4)
        action(std::integral_constant<std::size_t, 4>{});
    else if (length == 2)
        action(std::integral_constant<std::size_t, 2>{});
    else
        return false;
    return true;
}

template <class Isa, class T>
void short_group_norms(std::size_t count, std::size_t length, const T* x, const Ball<T>& ball,
                       const std::int32_t* begins, double* norms) {
    using Sums = ForSums<Isa>;
    const bool is_done = with_run_length(length, [&](auto run_length) AG_INLINE_LAMBDA {
        const auto scale = broadcast_double<Sums, T>(ball.scale);
        for (std::size_t i = 0; i < count; i += Pack<Sums, double>::lanes)
            norms_of_runs<decltype(run_length)::value, Sums>(i, x, ball, scale).store(norms + i);
    });
    if (is_done)
        return;
    using P = Pack<Sums, T>;
    static_assert(groups_at_once % P::lanes == 0);
    const auto scale = broadcast_double<Sums, T>(ball.scale);
    const T* const center = ball.center;
    for (std::size_t i = 0; i < count; i += P::lanes) {
        const auto sum = folded_squares<0, 1>(length, [&](std::size_t k) AG_INLINE_LAMBDA {
            // The hardware does not see that gathers go through memory in order.
            constexpr std::size_t ahead = 4096 / sizeof(T);
            __builtin_prefetch(x + i * length + k * P::lanes + ahead);
            P y = P::gather(x + k, begins + i, P::lanes);
            if (center != nullptr)
                y = y - P::gather(center + k, begins + i, P::lanes);
            return scaled_square(y, scale);
        });
        store_doubles(norms + i,
                      in_doubles([](Pack<Sums, double> a) AG_INLINE_LAMBDA { return sqrt(a); }, sum));
    }
}

// max(norm - mu, 0) / norm, and NaN of NaN: what the elements of a group of this norm are multiplied by.
template <class P>
AG_INLINE P shrink_factor(P norm, P mu) {
    const P least = P::broadcast(0x1p-1022); // the root of a square is far above
    return (select(norm < mu, mu, norm) - mu) / select(norm < least, least, norm);
}

template <class Isa>
void shrink_factors(std::size_t count, double* norms, double mu) {
    for_each_pack<Isa, double>(count, [&](auto at) AG_INLINE_LAMBDA {
        at.store(norms, shrink_factor(at.load(norms), Pack<Isa, double>::broadcast(mu)));
    });
}

// Groups shrink while their elements are in the first cache.
template <class Isa, class T>
void shrink_runs(std::size_t count, std::size_t length, T* x, const Ball<T>& ball, double mu) {
    using Sums = ForSums<Isa>;
    using P = Pack<Sums, T>;
    using D = Pack<Sums, double>;
    with_run_length(length, [&](auto run_length) AG_INLINE_LAMBDA {
        constexpr std::size_t size = decltype(run_length)::value;
        const auto scale = broadcast_double<Sums, T>(ball.scale);
        for (std::size_t i = 0; i < count; i += D::lanes) {
            const D norm = norms_of_runs<size, Sums>(i, x, ball, scale);
            const RunNumbers<Sums, size> numbers(shrink_factor(norm, D::broadcast(mu)));
            unrolled<D::lanes * size / P::lanes>([&](std::size_t pack) AG_INLINE_LAMBDA {
                Doubles<Sums, T> factors;
                if constexpr (sizeof(T) == sizeof(double))
                    factors = numbers.pack(pack);
                else
                    factors = {numbers.pack(2 * pack), numbers.pack(2 * pack + 1)};
                store_scaled<Sums, T>(WholePack<Sums, T>{i * size + pack * P::lanes}, x, {ball.center, 1.0},
                                      factors);
            });
        }
    });
}

// Of whole packs of excess_lanes norms, for each of two mu its own: the sum of max(norm - mu, 0), and how many are
// above. Norm i goes to accumulator i mod excess_lanes, by Knuth's two-sum as in src/group_ball.cpp; these fold by halves.
template <class Isa>
ExcessSums excess_sums(std::size_t count, const double* const (&norms)[2], const double (&mu)[2]) {
    using Sums = ForSums<Isa>;
    using P = Pack<Sums, double>;
    constexpr std::size_t group = excess_lanes / P::lanes;
    static_assert(group * P::lanes == excess_lanes);
    constexpr std::size_t at_once = sizeof(typename Sums::template Register<double>) == 16 ? 1 : 2;
    ExcessSums result;
    unrolled<2 / at_once>([&](std::size_t part) AG_INLINE_LAMBDA {
        P total[at_once][group], lost[at_once][group], above[at_once][group], threshold[at_once];
        unrolled<at_once>([&](std::size_t s) AG_INLINE_LAMBDA {
            threshold[s] = P::broadcast(mu[part * at_once + s]);
            unrolled<group>([&](std::size_t k)
                                AG_INLINE_LAMBDA { total[s][k] = lost[s][k] = above[s][k] = P::zero(); });
        });
        const P one = P::broadcast(1);
        for_each_whole_group<Sums, double, group>(count, [&](auto at, std::size_t k) AG_INLINE_LAMBDA {
            unrolled<at_once>([&](std::size_t s) AG_INLINE_LAMBDA {
                const P norm = at.load(norms[part * at_once + s]);
                const auto is_below = norm <= threshold[s];
                const P more = select(is_below, P::zero(), norm - threshold[s]);
                const P sum = total[s][k] + more, added = sum - total[s][k];
                lost[s][k] = lost[s][k] + ((total[s][k] - (sum - added)) + (more - added));
                total[s][k] = sum;
                above[s][k] = above[s][k] + select(is_below, P::zero(), one);
            });
        });
        unrolled<at_once>([&](std::size_t s) AG_INLINE_LAMBDA {
            // What was lost of an infinite total is NaN.
            unrolled<group>([&](std::size_t k) AG_INLINE_LAMBDA {
                total[s][k] = select(total[s][k] <= P::broadcast(largest_finite<double>),
                                     total[s][k] + lost[s][k], total[s][k]);
            });
            result.total[part * at_once + s] = fold_terms(total[s]);
            result.above[part * at_once + s] = fold_terms(above[s]);
        });
    });
    return result;
}

template <class Isa>
std::size_t norms_between(std::size_t count, const double* norms, const double (&mu)[2], double* between) {
    using Sums = ForSums<Isa>;
    using P = Pack<Sums, double>;
    std::size_t found = 0;
    for_each_pack<Sums, double>(count, [&](auto at) AG_INLINE_LAMBDA {
        const P norm = at.load(norms);
        const auto is_between = (norm > P::broadcast(mu[0])) & (norm <= P::broadcast(mu[1]));
        if (__builtin_expect(any(is_between), 0))
            for (std::uint64_t lanes = set_lanes(is_between); lanes != 0; lanes &= lanes - 1)
                between[found++] = norms[at.index + static_cast<std::size_t>(__builtin_ctzll(lanes))];
    });
    return found;
}

// ball_scale with a factor for each element.
template <class Isa, class T>
void scale_each(std::size_t n, T* x, const Ball<T>& ball, const double* factors) {
    using Sums = ForSums<Isa>;
    for_each_pack<Sums, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        store_scaled<Sums, T>(at, x, ball, load_doubles<Sums, T>(factors + at.index));
    });
}

} // namespace
} // namespace anisograd
