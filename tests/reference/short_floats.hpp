// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers of 16 bits by their definitions, in double; and the random bits of docs/numerics.md.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace reference {

// A binary format: bits of exponent and of fraction.
struct Format {
    int exponent_bits, fraction_bits;

    int bias() const { return (1 << (exponent_bits - 1)) - 1; }
    std::uint16_t infinity() const {
        return static_cast<std::uint16_t>(((1 << exponent_bits) - 1) << fraction_bits);
    }
    double largest() const { return std::ldexp(2 - std::ldexp(1, -fraction_bits), bias()); }
};
inline constexpr Format bf16 = {8, 7}, f16 = {5, 10};

inline double value(Format f, std::uint16_t bits) {
    const int magnitude = bits & 0x7fff, exponent = magnitude >> f.fraction_bits;
    const int fraction = magnitude & ((1 << f.fraction_bits) - 1);
    double x = 0;
    if ((magnitude & f.infinity()) == f.infinity())
        x = fraction == 0 ? HUGE_VAL : std::numeric_limits<double>::quiet_NaN();
    else if (exponent == 0)
        x = std::ldexp(fraction, 1 - f.bias() - f.fraction_bits);
    else
        x = std::ldexp(fraction + (1 << f.fraction_bits), exponent - f.bias() - f.fraction_bits);
    return (bits & 0x8000) != 0 ? -x : x;
}

// The distance of the numbers around x.
inline double unit(Format f, double x) {
    const int exponent = x == 0 ? -10000 : std::ilogb(x);
    return std::ldexp(1, (exponent < 1 - f.bias() ? 1 - f.bias() : exponent) - f.fraction_bits);
}

// A whole number of units of |x|, with x's sign.
inline std::uint16_t from_units(Format f, double x, double units) {
    const std::uint16_t sign = std::signbit(x) ? 0x8000 : 0;
    const double magnitude = units * unit(f, std::fabs(x));
    if (magnitude > f.largest())
        return sign | f.infinity();
    // Numbers are in the order of their bits, one unit apart.
    const double one_unit = unit(f, magnitude);
    const int exponent = magnitude < std::ldexp(1, 1 - f.bias()) ? 0 : std::ilogb(magnitude) + f.bias();
    const double fraction = magnitude / one_unit - (exponent == 0 ? 0 : 1 << f.fraction_bits);
    return static_cast<std::uint16_t>(sign | ((exponent << f.fraction_bits) + static_cast<int>(fraction)));
}

inline std::uint16_t nearest(Format f, float x) {
    if (std::isnan(x))
        return f.infinity() | 1;
    if (std::isinf(x))
        return from_units(f, x, HUGE_VAL);
    return from_units(f, x, std::nearbyint(std::fabs(double(x)) / unit(f, std::fabs(double(x)))));
}

struct Words {
    std::uint32_t low, high;
};

// Threefry-2x32, 13 rounds.
inline Words threefry(Words counter, Words key) {
    const int rotations[] = {13, 15, 26, 6, 17, 29, 16, 24};
    const std::uint32_t keys[] = {key.low, key.high, 0x1bd11bda ^ key.low ^ key.high};
    Words x = {counter.low + keys[0], counter.high + keys[1]};
    for (int round = 0; round < 13; ++round) {
        const int r = rotations[round % 8];
        x.low += x.high;
        x.high = ((x.high << r) | (x.high >> (32 - r))) ^ x.low;
        if (round % 4 == 3) {
            const int injection = round / 4 + 1;
            x.low += keys[injection % 3];
            x.high += keys[(injection + 1) % 3] + static_cast<std::uint32_t>(injection);
        }
    }
    return x;
}

inline Words words(std::uint64_t a) {
    return {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32)};
}

inline std::uint32_t random_bits(std::uint64_t seed, std::uint64_t step, std::uint64_t element) {
    const Words x = threefry(words(element / 64 * 16 + element % 16), threefry(words(step), words(seed)));
    const std::uint64_t both = x.low | std::uint64_t(x.high) << 32;
    return (both >> element / 16 % 4 * 16) & 0xffff;
}

// Up with the probability of the fraction: bf16 by 16 random bits, f16 by 13 of them.
inline std::uint16_t stochastic(Format f, float x, std::uint32_t random) {
    if (!std::isfinite(x))
        return nearest(f, x);
    const double magnitude = std::fabs(double(x)), units = magnitude / unit(f, magnitude);
    const int bits = 23 - f.fraction_bits;
    const double part = random & ((1u << bits) - 1), range = std::ldexp(1, bits);
    if (f.exponent_bits == 5 && magnitude < 0x1p-14) {
        // The sum with the centred random number is rounded to float, then to a unit.
        const float shift = static_cast<float>((part + 0.5) / range - 0.5) * 0x1p-24f;
        return from_units(f, x, std::nearbyint(double(std::fabs(x) + shift) / 0x1p-24));
    }
    return from_units(f, x, std::floor(units + part / range));
}

} // namespace reference
