// SPDX-License-Identifier: BSD-3-Clause
//
// Balls of many short groups in the norm of Lambda: the norms of the projected groups, a lane for each, and the shrink
// that follows. Norms are in double for both types, but for x - center.
#pragma once

#include "kernels/group_norms.hpp"
#include "kernels/secular.hpp"

namespace anisograd {
namespace {

// Element `number` of as many groups as a pack has lanes.
template <class Isa, class T>
struct ElementOfGroups {
    std::size_t number;
    const std::int32_t* begins;
    AG_INLINE Pack<Isa, T> load(const T* p) const {
        return Pack<Isa, T>::gather(p + number, begins, Pack<Isa, T>::lanes);
    }
};

// Sums over a group, where share_j = lambda_j / (lambda_j rho + mu), in the order of its elements: q_j^2; -1/2 times its
// derivative by rho; q_j^2 share_j^2; -1/2 times its derivative by mu.
template <class Isa>
struct GroupSums {
    Pack<Isa, double> square, by_root, curvature, by_multiplier;
};

// Packs of as many lanes as hide the time of divisions, one after the other in each lane, behind those of others.
template <class Isa>
struct SizeForGroupRoots {
    using type = ForSums<Isa>;
};
#if defined(__AVX512F__)
template <>
struct SizeForGroupRoots<Avx512> {
    using type = PacksOf<Avx512, 128>;
};
#endif
template <class Isa>
using ForGroupRoots = typename SizeForGroupRoots<Isa>::type;

// Groups side by side: element k of them is at y + k * groups_at_once.
template <class Isa>
struct GroupLanes {
    using P = Pack<Isa, double>;
    const double *y, *lambda;
    std::size_t length;

    // reciprocal(lambda): 1 / (lambda rho + mu).
    template <class Reciprocal>
    AG_INLINE GroupSums<Isa> sums(Reciprocal reciprocal) const {
        GroupSums<Isa> sum = {P::zero(), P::zero(), P::zero(), P::zero()};
        for (std::size_t k = 0; k < length; ++k) {
            const P weight = P::load(lambda + k * groups_at_once), by = reciprocal(weight),
                    share = weight * by;
            const P q = P::load(y + k * groups_at_once) * share, square = q * q, by_root = square * share;
            sum.square = sum.square + square;
            sum.by_root = sum.by_root + by_root;
            sum.curvature = sum.curvature + by_root * share;
            sum.by_multiplier = sum.by_multiplier + square * by;
        }
        return sum;
    }
    AG_INLINE GroupSums<Isa> sums_at(P root, double mu) const {
        return sums([one = P::broadcast(1), shift = P::broadcast(mu), root](P weight)
                        AG_INLINE_LAMBDA { return one / divisor(weight * root + shift); });
    }
};

// rho, NaN where the search does not end soon; and -1 times its derivative by mu.
template <class Isa>
struct GroupRoot {
    Pack<Isa, double> root, slope;
};

// So many steps at most: 2 to 4 are usual, more where the weights of a group are of many scales.
inline constexpr int most_group_steps = 24;

// Halley's method on 1/||q||: with the sums s of q_j^2 share_j^k, where d q_j / d rho = -q_j share_j, 1/||q|| has the
// derivatives s_1 / ||q||^3 and 3 (s_1^2 - s_0 s_2) / ||q||^5. Lanes that are done wait for the others. start: about the
// root, or less.
template <class Isa>
AG_INLINE GroupRoot<Isa> group_root(const GroupLanes<Isa>& groups, double mu, Pack<Isa, double> start) {
    using P = Pack<Isa, double>;
    const P zero = P::zero(), one = P::broadcast(1);
    if (mu == 0) {
        const P norm = sqrt(folded_squares<0, 1>(groups.length, [&](std::size_t k) AG_INLINE_LAMBDA {
            const P y = P::load(groups.y + k * groups_at_once);
            return y * y;
        }));
        const GroupSums<Isa> at = groups.sums_at(norm, 0);
        return {norm, select(norm == zero, zero, at.by_multiplier / at.by_root)};
    }
    // Newton's step from 0, where no element has a quotient of its own, does not pass the root.
    const GroupSums<Isa> at_zero =
        groups.sums([reciprocal = P::broadcast(1 / mu)](P) AG_INLINE_LAMBDA { return reciprocal; });
    auto done = at_zero.square <= one;
    const P from_zero = (sqrt(at_zero.square) - one) * (at_zero.square / at_zero.by_root);
    P root = select(done, zero, greater(start, from_zero)), slope = zero;
    for (int step = 0; step < most_group_steps && any(!done); ++step) {
        const GroupSums<Isa> at = groups.sums_at(root, mu);
        const P residual = sqrt(at.square) - one, reciprocal = one / at.by_root,
                newton = at.square * reciprocal;
        const auto ends = abs(residual) <= P::broadcast(0x1p-51);
        slope = select(done, slope, at.by_multiplier * reciprocal);
        // At most twice Newton's step, which itself does not pass the root from below.
        const P variance = at.curvature * reciprocal * newton - one;
        const P divided = greater(P::broadcast(0.5), one - P::broadcast(1.5) * residual * variance);
        // A root of a few units beside the group's norm could be missed by as many, and be less than 0.
        root = select(done | ends, root, greater(zero, root + residual * newton / divided));
        done = done | ends | !(root == root);
    }
    return {select(done, root, zero / zero), slope};
}

// Of the groups in y and lambda, whose first is number `first` in roots.
template <class Isa>
AG_INLINE void find_roots(const double* y, const double* lambda, std::size_t length, const double (&mu)[2],
                          std::size_t first, const GroupRoots& roots) {
    using P = Pack<Isa, double>;
    static_assert(groups_at_once % P::lanes == 0);
    for (std::size_t i = 0; i < groups_at_once; i += P::lanes) {
        const GroupLanes<Isa> groups = {y + i, lambda + i, length};
        GroupRoot<Isa> found = group_root(groups, mu[0], P::zero());
        found.root.store(roots.root[0] + first + i);
        found.slope.store(roots.slope[0] + first + i);
        // rho is a convex function of mu: above its tangent.
        if (mu[1] != mu[0])
            found = group_root(groups, mu[1], found.root - found.slope * P::broadcast(mu[1] - mu[0]));
        found.root.store(roots.root[1] + first + i);
        found.slope.store(roots.slope[1] + first + i);
    }
}

template <class Isa, class T>
void short_group_roots(std::size_t count, std::size_t length, const T* x, const Ball<T>& ball,
                       const Metric<T>& metric, const std::int32_t* begins, const double (&mu)[2],
                       const GroupRoots& roots) {
    using Sums = ForSums<Isa>;
    constexpr std::size_t lanes = Pack<Sums, T>::lanes;
    static_assert(groups_at_once % lanes == 0);
    alignas(pack_bytes) double y[short_group_length * groups_at_once],
        lambda[short_group_length * groups_at_once];
    with_metric<Sums>(metric, [&](auto lambda_at) AG_INLINE_LAMBDA {
        for (std::size_t first = 0; first < count; first += groups_at_once) {
            for (std::size_t k = 0; k < length; ++k)
                for (std::size_t i = 0; i < groups_at_once; i += lanes) {
                    const ElementOfGroups<Sums, T> at = {k, begins + first + i};
                    store_doubles(y + k * groups_at_once + i, offset_from_center(at, at.load(x), ball));
                    store_doubles(lambda + k * groups_at_once + i,
                                  within(to_double(lambda_at(at)), metric.least, metric.most));
                }
            find_roots<ForGroupRoots<Isa>>(y, lambda, length, mu, first, roots);
        }
    });
}

// x = center + y lambda / (lambda + quotient), with a quotient for each element, as ball_shrink.
template <class Isa, class T>
void shrink_each(std::size_t n, T* x, const T* center, const Metric<T>& metric, const double* quotients) {
    using Sums = ForSums<Isa>;
    using P = Pack<Sums, T>;
    const Ball<T> ball = {center, 1.0};
    const bool is_plain = is_plain_in_float(metric);
    with_metric<Sums>(metric, [&](auto lambda_at) AG_INLINE_LAMBDA {
        for_each_pack<Sums, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            const P lambda = lambda_at(at);
            const auto quotient = load_doubles<Sums, T>(quotients + at.index);
            const auto factor = [&]() AG_INLINE_LAMBDA {
                const auto weight = within(to_double(lambda), metric.least, metric.most);
                return weight / (weight + quotient);
            };
            if constexpr (sizeof(T) == 4) {
                const P y = minus_center(at, at.load(x), center);
                const P mu = is_plain ? from_double<T>(quotient) : P::broadcast(__builtin_nanf(""));
                const P p = shrunk_in_float(y, lambda, mu, [&]() AG_INLINE_LAMBDA {
                    return from_double<T>(to_double(y) * factor());
                });
                at.store(x, center != nullptr ? at.load(center) + p : p);
            } else {
                store_scaled<Sums, T>(at, x, ball, factor());
            }
        });
    });
}

} // namespace
} // namespace anisograd
