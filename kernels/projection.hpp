// SPDX-License-Identifier: BSD-3-Clause
//
// The passes from which src/ builds projections: clipping to intervals, and for the L2 ball the
// sums and the final shrink. Sums and the shrink are in double for both types: a product of two floats is
// exact there, and no float overflows.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"

namespace anisograd {
namespace {

// ---- Lambda --------------------------------------------------------------------------------------------

template <class T>
AG_INLINE T lambda_of(T v, const Epsilon<T>& epsilon) {
    return sqrt(v + epsilon.inside) + epsilon.outside;
}
template <class Isa, class T>
AG_INLINE Pack<Isa, T> lambda_of(Pack<Isa, T> v, const Epsilon<T>& epsilon) {
    using P = Pack<Isa, T>;
    return sqrt(v + P::broadcast(epsilon.inside)) + P::broadcast(epsilon.outside);
}

// Calls action(lambda) with a function that gives one pack of Lambda's diagonal.
template <class Isa, class T, class Action>
AG_INLINE void with_metric(const Metric<T>& metric, Action action) {
    if (metric.weights != nullptr)
        action([weights = metric.weights](auto at) AG_INLINE_LAMBDA { return at.load(weights); });
    else
        action([accumulator = metric.accumulator, epsilon = metric.epsilon](auto at)
                   AG_INLINE_LAMBDA { return lambda_of(at.load(accumulator), epsilon); });
}

// ---- Intervals -----------------------------------------------------------------------------------------

template <class Isa, class T, class At>
AG_INLINE Pack<Isa, T> clipped(At at, Pack<Isa, T> x, const Bounds<T>& b) {
    using P = Pack<Isa, T>;
    P lower = b.lower_bounds != nullptr ? at.load(b.lower_bounds) : P::broadcast(b.lower);
    P upper = b.upper_bounds != nullptr ? at.load(b.upper_bounds) : P::broadcast(b.upper);
    if (b.center != nullptr) {
        const P center = at.load(b.center);
        lower = center + lower;
        upper = center + upper;
    }
    return lesser(upper, greater(lower, x)); // NaN stays
}

template <class Isa, class T>
void clip(std::size_t n, T* x, const Bounds<T>& b) {
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(x, clipped(at, at.load(x), b)); });
}

// ---- The L2 ball ---------------------------------------------------------------------------------------

template <class Isa, class T, class At>
AG_INLINE Pack<Isa, T> minus_center(At at, Pack<Isa, T> x, const T* center) {
    return center != nullptr ? x - at.load(center) : x;
}

// y = scale * (x - center) as double; the difference is rounded to T.
template <class Isa, class T, class At>
AG_INLINE Doubles<Isa, T> offset_from_center(At at, Pack<Isa, T> x, const Ball<T>& ball) {
    return to_double(minus_center(at, x, ball.center)) * broadcast_double<Isa, T>(ball.scale);
}

// max |x_j - center_j|, NaNs left out.
template <class Isa, class T>
double max_abs(std::size_t n, const T* x, const T* center) {
    auto largest = Pack<Isa, T>::zero();
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        const auto a = abs(minus_center(at, at.load(x), center));
        largest = select(a > largest, a, largest);
    });
    T lane[Pack<Isa, T>::lanes];
    largest.store(lane);
    T result = 0;
    for (const T a : lane)
        result = a > result ? a : result;
    return double(result);
}

template <class Isa, class T>
double squared_norm(std::size_t n, const T* x, const Ball<T>& ball) {
    double total[1];
    canonical_sums<ForSums<Isa>, T>(n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
        const auto y = offset_from_center(at, at.load(x), ball);
        out[0] = y * y;
    });
    return total[0];
}

// A weight in the range that the sums need.
template <class Isa>
AG_INLINE Pack<Isa, double> in_range(Pack<Isa, double> lambda, double scale, double least, double most) {
    using P = Pack<Isa, double>;
    lambda = lambda * P::broadcast(scale);
    lambda = select(lambda > P::broadcast(most), P::broadcast(most), lambda);
    return select(lambda < P::broadcast(least), P::zero(), lambda);
}
template <class Isa>
AG_INLINE WidePack<Isa> in_range(const WidePack<Isa>& lambda, double scale, double least, double most) {
    return {in_range(lambda.low, scale, least, most), in_range(lambda.high, scale, least, most)};
}

// 1 / (lambda + mu), with 1 where both are 0: such a coordinate's p is then 0 * y.
template <class Isa>
AG_INLINE Pack<Isa, double> reciprocal_of_sum(Pack<Isa, double> lambda, Pack<Isa, double> mu) {
    using P = Pack<Isa, double>;
    const P one = P::broadcast(1.0);
    const P sum = lambda + mu;
    return one / select(sum == P::zero(), one, sum);
}
template <class Isa>
AG_INLINE WidePack<Isa> reciprocal_of_sum(const WidePack<Isa>& lambda, const WidePack<Isa>& mu) {
    return {reciprocal_of_sum(lambda.low, mu.low), reciprocal_of_sum(lambda.high, mu.high)};
}

template <class Isa, class T>
BallSums ball_sums(std::size_t n, const T* x, const Ball<T>& ball, const Metric<T>& metric, double mu) {
    using Sums = ForSums<Isa>;
    double totals[2];
    with_metric<Sums>(metric, [&](auto lambda_at) AG_INLINE_LAMBDA {
        const auto mus = broadcast_double<Sums, T>(mu);
        const double scale = metric.scale, least = metric.least, most = metric.most;
        canonical_sums<Sums, T>(n, totals, [=](auto at, auto& out) AG_INLINE_LAMBDA {
            const auto lambda = in_range(to_double(lambda_at(at)), scale, least, most);
            const auto reciprocal = reciprocal_of_sum(lambda, mus);
            const auto p = offset_from_center(at, at.load(x), ball) * (lambda * reciprocal);
            out[0] = p * p;
            out[1] = out[0] * reciprocal;
        });
    });
    return {totals[0], totals[1]};
}

// lambda / (lambda + mu), and massless_factor where lambda is 0.
template <class Isa>
AG_INLINE Pack<Isa, double> shrink_factor(Pack<Isa, double> lambda, double mu, double massless_factor) {
    using P = Pack<Isa, double>;
    const auto massless = lambda == P::zero();
    return select(massless, P::broadcast(massless_factor), lambda / (lambda + P::broadcast(mu)));
}
template <class Isa>
AG_INLINE WidePack<Isa> shrink_factor(const WidePack<Isa>& lambda, double mu, double massless_factor) {
    return {shrink_factor(lambda.low, mu, massless_factor), shrink_factor(lambda.high, mu, massless_factor)};
}

// x = center + y * factor, in double, rounded to T once.
template <class Isa, class T, class At>
AG_INLINE void store_scaled(At at, T* x, const Ball<T>& ball, const Doubles<Isa, T>& factor) {
    auto p = offset_from_center(at, at.load(x), ball) * factor;
    if (ball.center != nullptr)
        p = to_double(at.load(ball.center)) + p;
    at.store(x, from_double<T>(p));
}

template <class Isa, class T>
void ball_shrink(std::size_t n, T* x, const T* center, const Metric<T>& metric, double mu,
                 double massless_factor) {
    using Sums = ForSums<Isa>;
    with_metric<Sums>(metric, [&](auto lambda_at) AG_INLINE_LAMBDA {
        const double scale = metric.scale, least = metric.least, most = metric.most;
        for_each_pack<Sums, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            const auto lambda = in_range(to_double(lambda_at(at)), scale, least, most);
            store_scaled<Sums, T>(at, x, {center, 1.0}, shrink_factor(lambda, mu, massless_factor));
        });
    });
}

template <class Isa, class T>
void ball_scale(std::size_t n, T* x, const Ball<T>& ball, double factor) {
    using Sums = ForSums<Isa>;
    const auto factors = broadcast_double<Sums, T>(factor);
    for_each_pack<Sums, T>(n, [&](auto at) AG_INLINE_LAMBDA { store_scaled<Sums, T>(at, x, ball, factors); });
}

} // namespace
} // namespace anisograd
