// SPDX-License-Identifier: BSD-3-Clause
//
// Inputs that are the same numbers everywhere, and a number that says whether results are.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace selftest {

template <class T>
using Bits =
    std::conditional_t<sizeof(T) == 1, std::uint8_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                          std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

// FNV-1a over the elements' bits, with one pattern for all NaNs, whose payloads are not specified.
class Checksum {
public:
    template <class T>
    void add(const T& value) {
        auto bits = std::bit_cast<Bits<T>>(value);
        if constexpr (std::is_floating_point_v<T>)
            if (std::isnan(value))
                bits = std::bit_cast<Bits<T>>(std::numeric_limits<T>::infinity()) + 1;
        sum_ = (sum_ ^ bits) * 0x100000001b3u;
        sum_ ^= sum_ >> 32; // upper bits of an element reach the lower ones of the sum
    }
    template <class T>
    void add(const std::vector<T>& values) {
        for (const T& value : values)
            add(value);
    }
    std::uint64_t value() const { return sum_; }

private:
    std::uint64_t sum_ = 0xcbf29ce484222325u;
};

// splitmix64
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t bits() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(bits() % n); }

private:
    std::uint64_t state_;
};

// Multiples of 2^-20 in [-4, 4), which every type holds.
template <class T>
std::vector<T> numbers(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    std::vector<T> values(n);
    for (T& x : values)
        x = static_cast<T>(static_cast<double>(static_cast<std::int64_t>(random.bits() >> 41) - (1 << 22)) *
                           0x1p-20);
    return values;
}

template <class T>
std::vector<T> magnitudes(std::vector<T> values) {
    for (T& x : values)
        x = std::fabs(x);
    return values;
}

template <class T>
std::vector<T> weights(std::size_t n, std::uint64_t seed) {
    std::vector<T> values = magnitudes(numbers<T>(n, seed));
    for (T& x : values)
        x += T(0.0625);
    return values;
}

// Numbers with zeros, the ends of the range, infinities and NaNs among them.
template <class T>
std::vector<T> special_numbers(std::size_t n, std::uint64_t seed) {
    using Limits = std::numeric_limits<T>;
    constexpr T special[] = {T(0),
                             T(-0.0),
                             Limits::denorm_min(),
                             Limits::min(),
                             Limits::max(),
                             Limits::min() / 8,
                             Limits::epsilon(),
                             Limits::infinity(),
                             Limits::lowest(),
                             -Limits::infinity(),
                             Limits::quiet_NaN()};
    std::vector<T> values = numbers<T>(n, seed);
    Random random(seed + 1);
    for (T& x : values)
        if (random.below(8) == 0)
            x = special[random.below(std::size(special))];
    return values;
}

} // namespace selftest
