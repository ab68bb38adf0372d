// SPDX-License-Identifier: BSD-3-Clause
//
// Inputs of the elementary functions, and margins: where rounding is hardest, and everywhere.
#pragma once

#include "tests/support/support.hpp"

namespace test {

// The end points of everything that the kernels distinguish, and all their neighbours within 3.
template <class T>
std::vector<T> with_neighbours(const std::vector<double>& points) {
    std::vector<T> x;
    for (const double point : points)
        for (const double sign : {1.0, -1.0}) {
            T up = static_cast<T>(sign * point), down = up;
            x.push_back(up);
            for (int step = 0; step < 3; ++step) {
                up = std::nextafter(up, std::numeric_limits<T>::infinity());
                down = std::nextafter(down, -std::numeric_limits<T>::infinity());
                x.push_back(up);
                x.push_back(down);
            }
        }
    return x;
}

template <class T>
std::vector<T> hard_cases() {
    using Limits = std::numeric_limits<T>;
    const double ln2 = std::log(2.0);
    std::vector<double> points = {
        0, 0.25, 0.3125, 0.5, 1, 2, 85, 87, 88, 89, 104, 706, 708, 710, 746,
        // the last finite, the first infinite, the first zero results
        Limits::max_exponent * ln2, (Limits::min_exponent - 1) * ln2,
        (Limits::min_exponent - Limits::digits) * ln2, (Limits::min_exponent - Limits::digits - 1) * ln2,
        // from here on 1 + x is x, and log1p's power of two is no longer normal
        1 / static_cast<double>(Limits::epsilon()), std::ldexp(1.0, 64), std::ldexp(1.0, 127),
        std::ldexp(1.5, 127), std::ldexp(1.0, 512), std::ldexp(1.0, 1023), std::ldexp(1.5, 1023),
        static_cast<double>(Limits::epsilon()), static_cast<double>(Limits::min()),
        static_cast<double>(Limits::denorm_min()), static_cast<double>(Limits::max()),
        // the largest errors of all floats, and those that a search of some 10^7 random doubles found
        0x1.dfaf98p+5, 0x1.01f264p-2, 0x1.63a4d8p-2, 0x1.006436p+0, 0x1.620385d62908fp+9,
        0x1.620627472d269p+9, 0x1.62048b6dc5af6p+9, 0x1.6b691aae153a6p-2, 0x1.6457b3e4cf73ap-2,
        0x1.ff9840b771706p-1, 0x1.0a67def801992p-2, 0x1.03f6dd2730914p+0, 0x1.0a1db406e62edp-2,
        0x1.ffdd612888aa3p-1, 0x1.69760dc9191bbp-2};
    // Where the exponentials change n, and the middle between; where log1p changes k.
    for (int half = 1; half <= 2200; half += half < 300 ? 1 : 37)
        points.push_back(half * ln2 / 2);
    for (int k = -53; k <= 60; ++k)
        for (const double m : {0.75, 1.0, std::sqrt(2.0)})
            points.push_back(m * std::ldexp(1.0, k) - 1);
    return with_neighbours<T>(points);
}

// n inputs of all kinds: dense where the results vary, every magnitude, every bit pattern.
template <class T>
std::vector<T> wide_sweep(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    std::vector<T> x(n);
    const double range = sizeof(T) == 4 ? 110 : 760;
    for (std::size_t i = 0; i < n; ++i) {
        const double sign = random.below(2) == 0 ? 1 : -1;
        switch (i % 6) {
        case 0:
            x[i] = static_cast<T>(random.uniform(-1.1, 1.1));
            break;
        case 1:
            x[i] = static_cast<T>(random.uniform(-range, range));
            break;
        case 2:
            x[i] = static_cast<T>(random.uniform(-40, 40));
            break;
        case 3:
            x[i] = static_cast<T>(sign * std::exp2(random.uniform(-60, 20)));
            break;
        case 4: // close to -1, for log1p, and to the ends of the range, for the exponentials
            x[i] = static_cast<T>(random.below(2) == 0 ? std::exp2(random.uniform(-52, 0)) - 1
                                                       : sign * range * random.uniform(0.78, 1));
            break;
        default:
            x[i] = random.any<T>();
        }
    }
    return x;
}

} // namespace test
