// SPDX-License-Identifier: BSD-3-Clause
//
// The root of a secular equation ||q(u)|| = radius, where 1/||q(u)|| is a concave, increasing function of u: the
// search that projections onto L2 balls, second-order cones and the groups of a group ball share.
#pragma once

#include "kernels/set_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace anisograd {

// The most passes over x that look for the root; Newton's method alone takes 4 to 8.
inline constexpr int most_secular_passes = 160;
// After so many, every other pass halves the bracket of the root (of its exponent).
inline constexpr int newton_passes = 24;
// | ||q|| - radius | / radius that ends the search: about the rounding error of the norm.
inline constexpr double secular_tolerance = 2 * std::numeric_limits<double>::epsilon();

// ||q||^2, and -1/2 times its derivative by u. most_rate: a bound of all s_j = -q_j' / q_j, where each 1 / q_j is linear
// in u: for q_j = y_j lambda_j / (lambda_j + u), of 1 / (lambda_j + u). Of such q_j moments can be known, sum q_j^2 t_j^k
// for k = 0, 1, ..., where t_j = u / (lambda_j + u).
struct SecularValue {
    double squared_norm, slope;
    double most_rate = std::numeric_limits<double>::infinity();
    std::size_t moment_count = 0;
    double moment[8] = {};
};

inline void add_secular_sums(SecularSums& total, const SecularSums& more) {
    total.squared_norm += more.squared_norm;
    total.slope += more.slope;
}
template <class T>
void add_moments(BallMoments<T>& total, const BallMoments<T>& more) {
    total.squared_norm += more.squared_norm;
    for (std::size_t k = 0; k < ball_moment_count<T>; ++k)
        total.moment[k] += more.moment[k];
}
// Of sum p^2, from the moments at u.
template <class T>
SecularValue secular_value(const BallMoments<T>& moments, double u) {
    SecularValue value = {moments.moment[0], moments.moment[1] / u, 1 / u, ball_moment_count<T>};
    std::copy_n(moments.moment, ball_moment_count<T>, value.moment);
    return value;
}

// Of a root by a series of moments, in place of secular_tolerance: a float has less than half of these digits.
template <class T>
inline constexpr double series_tolerance = sizeof(T) == 4 ? 0x1p-28 : secular_tolerance;

// How far from u, relative to it, Taylor's series of as many terms as there are moments is looked at,
//     ||q(u + z u)||^2 = sum (-1)^k (k + 1) moment_k z^k.
inline constexpr double furthest_in_series = 0x1p-4;

struct SeriesValue {
    double squared_norm, derivative; // by z
};
inline SeriesValue series_at(const SecularValue& at, double z) {
    SeriesValue value = {0, 0};
    for (std::size_t k = at.moment_count; k-- > 0;) {
        value.derivative = -value.squared_norm - value.derivative * z;
        value.squared_norm = static_cast<double>(k + 1) * at.moment[k] - value.squared_norm * z;
    }
    return value;
}

// Whether the terms beyond cannot change ||q|| by more than error * radius. With K moments these are, as t_j <= 1,
// together at most (K + 1) |z|^K / (1 - |z|)^2 times the last one.
inline bool is_within_series(const SecularValue& at, double z, double radius, double error) {
    if (!(std::fabs(z) <= furthest_in_series))
        return false;
    const std::size_t count = at.moment_count;
    double beyond = static_cast<double>(count + 1) / ((1 - furthest_in_series) * (1 - furthest_in_series)) *
                    at.moment[count - 1];
    for (std::size_t k = 0; k < count; ++k)
        beyond *= std::fabs(z);
    return beyond <= 2 * error * (radius * radius);
}

// Where the series has the root; NaN where it does not tell. next: Newton's next u.
inline double root_of_series(const SecularValue& at, double u, double next, double radius, double error) {
    double z = (next - u) / u;
    for (int i = 0; i < 4 && std::fabs(z) <= furthest_in_series; ++i) { // each squares z's error
        const SeriesValue value = series_at(at, z);
        z += 2 * value.squared_norm / value.derivative *
             (1 - std::sqrt(value.squared_norm) / radius); // of 1/||q||
    }
    return is_within_series(at, z, radius, error) ? u + z * u : std::numeric_limits<double>::quiet_NaN();
}

// The root, where it follows from the values at u without another pass; else NaN.
//
// Newton's last step needs no pass that confirms it. With the mean E by the weights q_j^2, 1/||q|| has the derivatives
// E[s] / ||q|| and -3 Var(s) / ||q||, so that a step from a relative residual r leaves 3/2 Var(s) / E[s]^2 r^2, at most
// 3/2 r d where the step is d / most_rate; twice that, where d is small, covers what s changes by.
inline double last_step(const SecularValue& at, double u, double next, double radius, double error) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    if (!(at.squared_norm >= 0x1p-900 && at.slope >= 0x1p-900)) // terms may have underflowed
        return unknown;
    if (at.moment_count != 0)
        return root_of_series(at, u, next, radius, error);
    const double residual = (std::sqrt(at.squared_norm) - radius) / radius;
    const double relative_step = std::fabs(residual) * at.most_rate * (at.squared_norm / at.slope);
    return relative_step <= 0x1p-8 && 3 * std::fabs(residual) * relative_step <= error ? next : unknown;
}

// The root from a start and the values there. Newton's method on 1/||q|| - 1/radius climbs to the root without passing
// it (More and Sorensen 1983). Each step settles the coordinates of one scale of lambda; halving bounds the number
// of passes where there are many scales, and goes on where the values overflow. Gives up where the norm is NaN or u
// reaches a finite limit. From a start above 0, 0 where the norm is too small even there.
template <class ValueAt>
double secular_root(ValueAt value_at, double u, SecularValue at, double radius, double limit, double error) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double below = 0, above = infinity;
    bool zero_is_below = u == 0;
    for (int pass = 1; pass < most_secular_passes; ++pass) {
        const double norm = std::sqrt(at.squared_norm);
        if (std::isnan(norm))
            return norm;
        if (std::fabs(norm - radius) <= error * radius)
            return u;
        const double residual = (norm - radius) / radius;
        double next = u + residual * (at.squared_norm / at.slope);
        if (norm > radius && limit < infinity && !(next < limit))
            return next;
        (norm > radius ? below : above) = u;
        const double last = last_step(at, u, next, radius, error);
        if (last > below && last < above)
            return last;
        if (!(next > 0) && !zero_is_below) {
            u = 0;
            at = value_at(u);
            if (at.squared_norm <= radius * radius)
                return 0;
            zero_is_below = true;
            continue;
        }
        if (!(next > below && next < above) || !(next < infinity) || (pass > newton_passes && pass % 2 == 0))
            next = std::sqrt(std::max(below, 0x1p-1022)) * std::sqrt(std::min(above, 0x1p1022));
        if (!(next > below && next < above))
            return u; // no number is left between the two
        u = next;
        at = value_at(u);
    }
    return u;
}

} // namespace anisograd
