// SPDX-License-Identifier: BSD-3-Clause
//
// Random bits that depend on a counter and a key alone.
//
// Source: Salmon, Moraes, Dror, Shaw, Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011): Threefry-2x32
// with 13 rounds, the fewest that pass BigCrush there. It adds, rotates and xors 32-bit words only.
#pragma once

#include <cstdint>

namespace anisograd {
namespace {

#define AG_WORDS inline __attribute__((always_inline))

template <int count>
AG_WORDS std::uint32_t rotate_left(std::uint32_t a) {
    return (a << count) | (a >> (32 - count));
}

// Two words, or two packs of them.
template <class Word>
struct WordPair {
    Word low, high;
};

template <int count, class Word>
AG_WORDS void mix(WordPair<Word>& x) {
    x.low = x.low + x.high;
    x.high = rotate_left<count>(x.high) ^ x.low;
}

template <class Word>
AG_WORDS WordPair<Word> threefry(WordPair<Word> counter, WordPair<std::uint32_t> key) {
    const auto constant = [](std::uint32_t a) __attribute__((always_inline)) {
        if constexpr (sizeof(Word) == 4)
            return a;
        else
            return Word::broadcast(a);
    };
    const std::uint32_t parity = 0x1bd11bda ^ key.low ^ key.high;
    WordPair<Word> x = {counter.low + constant(key.low), counter.high + constant(key.high)};
    mix<13>(x), mix<15>(x), mix<26>(x), mix<6>(x);
    x = {x.low + constant(key.high), x.high + constant(parity + 1)};
    mix<17>(x), mix<29>(x), mix<16>(x), mix<24>(x);
    x = {x.low + constant(parity), x.high + constant(key.low + 2)};
    mix<13>(x), mix<15>(x), mix<26>(x), mix<6>(x);
    x = {x.low + constant(key.low), x.high + constant(key.high + 3)};
    mix<17>(x);
    return x;
}

AG_WORDS WordPair<std::uint32_t> words_of(std::uint64_t a) {
    return {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32)};
}

#undef AG_WORDS

} // namespace
} // namespace anisograd
