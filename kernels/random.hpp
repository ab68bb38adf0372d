// SPDX-License-Identifier: BSD-3-Clause
//
// Random bits that depend on a seed, a step and an element's index alone.
//
// Source: Salmon, Moraes, Dror, Shaw, Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011): Threefry-2x32
// with 13 rounds, the fewest that pass BigCrush there. It adds, rotates and xors 32-bit words only.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"

namespace anisograd {
namespace {

template <int count>
AG_INLINE std::uint32_t rotate_left(std::uint32_t a) {
    return (a << count) | (a >> (32 - count));
}

// Two words, or two packs of them.
template <class Word>
struct WordPair {
    Word low, high;
};

template <int count, class Word>
AG_INLINE void mix(WordPair<Word>& x) {
    x.low = x.low + x.high;
    x.high = rotate_left<count>(x.high) ^ x.low;
}

template <class Word>
AG_INLINE WordPair<Word> threefry(WordPair<Word> counter, WordPair<std::uint32_t> key) {
    const auto constant = [](std::uint32_t a) AG_INLINE_LAMBDA {
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

AG_INLINE WordPair<std::uint32_t> words_of(std::uint64_t a) {
    return {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32)};
}

// Writes 16 random bits for each of `count` elements, a multiple of 64, from first_element on. Element e has, of
// the four 16-bit parts of threefry(counter = e / 64 * 16 + e mod 16, key), the part e / 16 mod 4, from the low
// end of the low word on; key = threefry(counter = step, key = seed).
template <class Isa>
AG_OUTLINED void random_bits(const StochasticRounding& rounding, std::uint64_t first_element,
                             std::size_t count, std::uint16_t* out) {
    using Words = Pack<Isa, std::uint32_t>;
    static constexpr std::uint32_t lane_numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const auto key = threefry(words_of(rounding.step), words_of(rounding.seed));
    const Words low_half = Words::broadcast(0xffff);
    for (std::size_t i = 0; i < count; i += 64) {
        const auto counter = words_of((first_element + i) / 64 * 16);
        for (std::size_t lane = 0; lane < 16; lane += Words::lanes) {
            const Words low = Words::broadcast(counter.low) + Words::load(lane_numbers + lane);
            const auto bits = threefry<Words>({low, Words::broadcast(counter.high)}, key);
            (bits.low & low_half).store_short(out + i + lane);
            shift_right<16>(bits.low).store_short(out + i + 16 + lane);
            (bits.high & low_half).store_short(out + i + 32 + lane);
            shift_right<16>(bits.high).store_short(out + i + 48 + lane);
        }
    }
}

} // namespace
} // namespace anisograd
