// SPDX-License-Identifier: BSD-3-Clause
//
// Projections straight from their definitions, in long double (at least 64 bits of precision everywhere that
// the tests run).
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace reference {

// p_j = x_j moved to the nearest point of [lower_j, upper_j]; NaN stays.
template <class T>
T clip(T x, T lower, T upper) {
    if (x < lower)
        return lower;
    if (x > upper)
        return upper;
    return x;
}

struct BallProjection {
    std::vector<long double> offset; // p - center
    long double mu = 0;              // the multiplier; offset_j = y_j lambda_j / (lambda_j + mu)
    bool inside = false;
};

inline long double norm(const std::vector<long double>& y) {
    long double largest = 0;
    for (const long double a : y)
        largest = std::fmax(largest, std::fabs(a));
    if (largest == 0)
        return 0;
    long double sum = 0;
    for (const long double a : y)
        sum += (a / largest) * (a / largest);
    return largest * std::sqrt(sum);
}

inline std::vector<long double> shrunk(const std::vector<long double>& y,
                                       const std::vector<long double>& lambda, long double mu) {
    std::vector<long double> p(y.size());
    for (std::size_t j = 0; j < y.size(); ++j)
        p[j] = y[j] * (lambda[j] / (lambda[j] + mu));
    return p;
}

// min sum lambda_j (p_j - y_j)^2 subject to ||p|| <= radius, for lambda > 0: halving the bracket of mu, whose
// upper end is max lambda * ||y|| / radius.
inline BallProjection project_onto_ball(const std::vector<long double>& y,
                                        const std::vector<long double>& lambda, long double radius) {
    BallProjection result;
    const long double length = norm(y);
    if (length <= radius) {
        result.offset = y;
        result.inside = true;
        return result;
    }
    long double largest = 0;
    for (const long double l : lambda)
        largest = std::fmax(largest, l);
    long double low = 0, high = largest * (length / radius);
    // In the exponent first: the root may lie anywhere in the range.
    long double low_positive = high * 0x1p-16000L;
    for (int i = 0; i < 40 && low_positive > 0; ++i) {
        const long double middle = std::sqrt(low_positive) * std::sqrt(high);
        if (norm(shrunk(y, lambda, middle)) > radius)
            low = low_positive = middle;
        else
            high = middle;
    }
    for (int i = 0; i < 200; ++i) {
        const long double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (norm(shrunk(y, lambda, middle)) > radius)
            low = middle;
        else
            high = middle;
    }
    result.mu = high;
    result.offset = shrunk(y, lambda, high);
    return result;
}

} // namespace reference
