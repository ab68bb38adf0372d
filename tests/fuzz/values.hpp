// SPDX-License-Identifier: BSD-3-Clause
//
// What arrays hold: a few of a fuzzer's bytes make many elements.
#pragma once

#include "src/selftest/checksum.hpp"
#include "tests/fuzz/input.hpp"

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace fuzz {

using selftest::Random;

// Any numbers, of ordinary size as a rule. 16-bit numbers are their bits.
template <class T>
void fill_numbers(Input& in, T* x, std::size_t n) {
    const std::size_t kind = in.below(8);
    Random random(in.byte());
    const auto fill = [&](auto value) {
        for (std::size_t i = 0; i < n; ++i)
            x[i] = value(i);
    };
    if constexpr (std::is_floating_point_v<T>) {
        const std::vector<T> moderate = selftest::numbers<T>(n, random.bits());
        std::copy(moderate.begin(), moderate.end(), x);
    } else { // 1 ... 2 of binary16, 0.008 ... 0.06 of bfloat16, or a small code, with either sign
        fill([&](std::size_t) { return static_cast<T>(0x3c00u ^ (random.bits() & 0x83ffu)); });
    }
    switch (kind) {
    case 1: { // special values at some positions
        T special[4];
        for (T& value : special)
            value = in.raw<T>();
        fill([&](std::size_t i) { return random.below(4) == 0 ? special[random.below(4)] : x[i]; });
        break;
    }
    case 2: // the same everywhere
        std::fill_n(x, n, in.raw<T>());
        break;
    case 3:
        fill([&](std::size_t) {
            const std::uint64_t bits = random.bits();
            T value;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        });
        break;
    case 4: // sizes of many powers of two
        if constexpr (std::is_floating_point_v<T>) {
            const std::size_t range = in.byte() * (sizeof(T) == 4 ? 1u : 8u);
            fill([&](std::size_t i) {
                return std::ldexp(x[i],
                                  static_cast<int>(random.below(range + 1)) - static_cast<int>(range / 2));
            });
        }
        break;
    case 5: { // the input's own, over and over
        std::vector<T> run(1 + in.below(24));
        for (T& value : run)
            value = in.raw<T>();
        fill([&](std::size_t i) { return run[i % run.size()]; });
        break;
    }
    case 6:
        if constexpr (std::is_floating_point_v<T>) {
            const std::vector<T> values =
                selftest::special_numbers<T>(std::min<std::size_t>(n, 64), in.byte());
            fill([&](std::size_t i) { return values[i % values.size()]; });
        }
        break;
    default:
        break;
    }
    if (n != 0 && in.rarely())
        x[in.below(n)] = in.raw<T>();
}

// Numbers > 0 as a rule.
template <class T>
void fill_positive(Input& in, T* x, std::size_t n) {
    fill_numbers(in, x, n);
    if (in.rarely())
        return;
    for (std::size_t i = 0; i < n; ++i) {
        x[i] = std::fabs(x[i]);
        if (!(x[i] > 0 && x[i] <= std::numeric_limits<T>::max()))
            x[i] = 1;
    }
}

// Numbers >= 0 as a rule.
template <class T>
void fill_not_negative(Input& in, T* x, std::size_t n) {
    fill_numbers(in, x, n);
    if (in.rarely())
        return;
    for (std::size_t i = 0; i < n; ++i)
        x[i] = std::isfinite(x[i]) ? std::fabs(x[i]) : 0;
}

// Indices in [0, limit) as a rule, in an order of some kind.
template <class Index>
void fill_indices(Input& in, Index* x, std::size_t n, std::size_t limit) {
    const std::size_t kind = in.below(4), first = in.below(limit);
    Random random(in.byte());
    limit = std::min<std::size_t>(std::max<std::size_t>(limit, 1),
                                  static_cast<std::size_t>(std::numeric_limits<Index>::max()));
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t value = kind == 0   ? random.bits()
                                  : kind == 1 ? first + i // increasing until it starts again
                                  : kind == 2 ? first + i / 3
                                              : random.bits() % 4;
        x[i] = static_cast<Index>(value % limit);
    }
    if (n != 0 && in.rarely()) { // one that is wrong, by one or by much, at an end or between
        const std::size_t place = in.below(3), wrong = in.below(3);
        const Index any = in.raw<Index>();
        x[place == 0   ? n - 1
          : place == 1 ? 0
                       : in.below(n)] = wrong == 0   ? static_cast<Index>(limit)
                                        : wrong == 1 ? Index(-1)
                                                     : any;
    }
}

// count + 1 offsets that do not decrease, as a rule; the last is at most `most`.
inline void fill_offsets(Input& in, std::int64_t* x, std::size_t count, std::size_t longest, std::size_t most,
                         std::int64_t first = 0) {
    Random random(in.byte());
    std::int64_t next = first;
    for (std::size_t i = 0; i <= count; ++i) {
        x[i] = next;
        next = std::min(next + static_cast<std::int64_t>(random.below(longest + 1)),
                        std::max(static_cast<std::int64_t>(most), first));
    }
    if (in.rarely())
        x[in.below(count + 1)] = in.raw<std::int64_t>();
    else if (in.rarely())
        x[in.below(count + 1)] = static_cast<std::int64_t>(in.below(most + 2));
}

} // namespace fuzz
