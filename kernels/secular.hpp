// SPDX-License-Identifier: BSD-3-Clause
//
// The sums of the secular equations from which src/ builds projections onto second-order cones and group balls.
// Everything is in double for both types.
#pragma once

#include "kernels/projection.hpp"
#include "kernels/set_table.hpp"

namespace anisograd {
namespace {

// A weight that counts as within the metric's least and most; NaN stays.
template <class Isa>
AG_INLINE Pack<Isa, double> within(Pack<Isa, double> lambda, double least, double most) {
    using P = Pack<Isa, double>;
    return greater(P::broadcast(least), lesser(P::broadcast(most), lambda));
}
template <class Isa>
AG_INLINE WidePack<Isa> within(const WidePack<Isa>& lambda, double least, double most) {
    return {within(lambda.low, least, most), within(lambda.high, least, most)};
}

// At least 2^-700, so that a quotient by it is finite, and 0 times that is 0; NaN stays.
template <class Isa>
AG_INLINE Pack<Isa, double> divisor(Pack<Isa, double> a) {
    return greater(Pack<Isa, double>::broadcast(0x1p-700), a);
}
template <class Isa>
AG_INLINE WidePack<Isa> divisor(const WidePack<Isa>& a) {
    return {divisor(a.low), divisor(a.high)};
}

// How many of the two sums have their accumulators in registers beside the constants.
template <class Isa>
inline constexpr std::size_t secular_sums_at_once = sizeof(typename Isa::template Register<double>) == 16 ? 1
                                                                                                          : 2;

template <class Isa, class T>
SecularSums secular_sums(std::size_t n, const T* x, const Ball<T>& ball, const Metric<T>& metric,
                         const Secular& secular) {
    using Sums = ForSums<Isa>;
    constexpr std::size_t at_once = secular_sums_at_once<Sums>;
    double totals[2];
    with_metric<Sums>(metric, [&](auto lambda_at) AG_INLINE_LAMBDA {
        const auto radius = broadcast_double<Sums, T>(secular.radius);
        const auto shift = broadcast_double<Sums, T>(secular.shift);
        const auto factor = broadcast_double<Sums, T>(secular.lambda_factor);
        const auto term = broadcast_double<Sums, T>(secular.term);
        const auto one = broadcast_double<Sums, T>(1);
        const double least = metric.least, most = metric.most;
        unrolled<2 / at_once>([&](std::size_t part) AG_INLINE_LAMBDA {
            double some[at_once];
            canonical_sums<Sums, T>(n, some, [=](auto at, auto& out) AG_INLINE_LAMBDA {
                const auto lambda = within(to_double(lambda_at(at)), least, most);
                const auto reciprocal = one / divisor(lambda * radius + shift);
                const auto q = offset_from_center(at, at.load(x), ball) * (lambda * reciprocal);
                const auto square = q * q;
                const auto slope = square * ((factor * lambda + term) * reciprocal);
                out[0] = part == 0 ? square : slope;
                if constexpr (at_once == 2)
                    out[1] = slope;
            });
            for (std::size_t i = 0; i < at_once; ++i)
                totals[part * at_once + i] = some[i];
        });
    });
    return {totals[0], totals[1]};
}

} // namespace
} // namespace anisograd
