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
