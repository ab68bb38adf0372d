// SPDX-License-Identifier: BSD-3-Clause
//
// The root of a secular equation ||q(u)|| = radius, where 1/||q(u)|| is a concave, increasing function of u: the
// search that projections onto L2 balls, second-order cones and the groups of a group ball share.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace anisograd {

// The most passes over x that look for the root; Newton's method alone takes 4 to 8.
inline constexpr int most_secular_passes = 160;
// After so many, every other pass halves the bracket of the root (of its exponent).
inline constexpr int newton_passes = 24;
// | ||q|| - radius | / radius that ends the search: about the rounding error of the norm.
inline constexpr double secular_tolerance = 2 * std::numeric_limits<double>::epsilon();

// ||q||^2, and -1/2 times its derivative by u.
struct SecularValue {
    double squared_norm, slope;
};

// The root from a start and the values there. Newton's method on 1/||q|| - 1/radius climbs to the root without passing
// it (More and Sorensen 1983). Each step settles the coordinates of one scale of lambda; halving bounds the number
// of passes where there are many scales, and goes on where the values overflow. Gives up where the norm is NaN or u
// reaches a finite limit.
template <class ValueAt>
double secular_root(ValueAt value_at, double u, SecularValue at, double radius, double limit, double error) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double below = 0, above = infinity;
    for (int pass = 1; pass < most_secular_passes; ++pass) {
        const double norm = std::sqrt(at.squared_norm);
        if (std::isnan(norm))
            return norm;
        if (std::fabs(norm - radius) <= error * radius)
            return u;
        double next = u + (norm - radius) / radius * (at.squared_norm / at.slope);
        if (norm > radius && limit < infinity && !(next < limit))
            return next;
        (norm > radius ? below : above) = u;
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
