// SPDX-License-Identifier: BSD-3-Clause
//
// Random bits that depend on a seed, a step and an element's index alone.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"
#include "kernels/threefry.hpp"

namespace anisograd {
namespace {

// Writes 16 random bits for each of `count` elements, a multiple of 64, from first_element on. Element e has, of
// the four 16-bit parts of threefry(counter = e / 64 * 16 + e mod 16, key), the part e / 16 mod 4, from the low
// end of the low word on; key = threefry(counter = step, key = seed). For each 32 elements there are 16 words, of which
// word i has the bits of element i in its low half and those of element 16 + i in its high one.
template <class Isa>
AG_OUTLINED void random_bits(const StochasticRounding& rounding, std::uint64_t first_element,
                             std::size_t count, std::uint32_t* out) {
    using Words = Pack<Isa, std::uint32_t>;
    static constexpr std::uint32_t lane_numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const auto key = threefry(words_of(rounding.step), words_of(rounding.seed));
    for (std::size_t i = 0; i < count; i += 64, out += 32) {
        const auto counter = words_of((first_element + i) / 64 * 16);
        for (std::size_t lane = 0; lane < 16; lane += Words::lanes) {
            const Words low = Words::broadcast(counter.low) + Words::load(lane_numbers + lane);
            const auto bits = threefry<Words>({low, Words::broadcast(counter.high)}, key);
            bits.low.store(out + lane);
            bits.high.store(out + 16 + lane);
        }
    }
}

// The bits of the pack that begins at that one of 32 elements, whose words these are.
template <class Isa>
AG_INLINE Pack<Isa, std::uint32_t> random_of_pack(const std::uint32_t* words, std::size_t first) {
    using P = Pack<Isa, std::uint32_t>;
    using One = Pack<PacksOf<Isa, sizeof(typename P::Register)>, std::uint32_t>;
    P bits;
    unrolled<P::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        const std::size_t element = first + i * One::lanes;
        const One word = One::load(words + element % 16);
        bits.part[i] = (element < 16 ? word & One::broadcast(0xffff) : shift_right<16>(word)).part[0];
    });
    return bits;
}

} // namespace
} // namespace anisograd
