// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers of 16 bits: bfloat16 and IEEE 754 binary16, in the low halves of 32-bit lanes. From them exactly, to
// them by rounding to nearest, ties to even, or by stochastic rounding, which goes up with the probability of
// the discarded fraction. By integer operations on every ISA.
#pragma once

#include "kernels/pack.hpp"

namespace anisograd {
namespace {

// a where the mask is set, else b, for lanes of bits.
template <class Isa>
AG_INLINE Pack<Isa, std::uint32_t> select_bits(PackMask<Isa, float> mask, Pack<Isa, std::uint32_t> a,
                                               Pack<Isa, std::uint32_t> b) {
    return to_bits(select(mask, from_bits<float>(a), from_bits<float>(b)));
}

struct Bfloat16 {
    template <class Isa>
    static AG_INLINE Pack<Isa, float> widen(Pack<Isa, std::uint32_t> a) {
        return from_bits<float>(shift_left<16>(a));
    }

    template <class Isa>
    static AG_INLINE Pack<Isa, std::uint32_t> nearest(Pack<Isa, float> x) {
        using Words = Pack<Isa, std::uint32_t>;
        const Words bits = to_bits(x);
        const Words odd = shift_right<16>(bits) & Words::broadcast(1);
        const Words rounded = shift_right<16>(bits + Words::broadcast(0x7fff) + odd);
        // A NaN's carry could make it an infinity or a zero.
        return select_bits(x == x, rounded, shift_right<16>(bits) | Words::broadcast(0x40));
    }

    // By all 16 random bits. They are added below the last place, where infinities and NaNs must not carry.
    template <class Isa>
    static AG_INLINE Pack<Isa, std::uint32_t> stochastic(Pack<Isa, float> x,
                                                         Pack<Isa, std::uint32_t> random) {
        const auto finite = abs(x) <= Pack<Isa, float>::broadcast(__FLT_MAX__);
        return select_bits(finite, shift_right<16>(to_bits(x) + random), nearest(x));
    }
};

struct Binary16 {
    template <class Isa>
    static AG_INLINE Pack<Isa, float> widen(Pack<Isa, std::uint32_t> a) {
        using P = Pack<Isa, float>;
        using Words = Pack<Isa, std::uint32_t>;
        const Words rebias = Words::broadcast(112u << 23), least_normal = Words::broadcast(113u << 23);
        const Words sign = shift_left<16>(a & Words::broadcast(0x8000));
        const Words shifted = shift_left<13>(a & Words::broadcast(0x7fff));
        const P normal = from_bits<float>(shifted + rebias);
        // A subnormal number is the excess over 2^-14 of what has its bits and 2^-14's exponent.
        const P subnormal = from_bits<float>(shifted + least_normal) - from_bits<float>(least_normal);
        const Words magnitude = select_bits(
            normal < P::broadcast(0x1p-14f), to_bits(subnormal),
            select_bits(normal >= P::broadcast(0x1p16f), to_bits(normal) + rebias, to_bits(normal)));
        return from_bits<float>(magnitude | sign);
    }

    template <class Isa>
    static AG_INLINE Pack<Isa, std::uint32_t> nearest(Pack<Isa, float> x) {
        using P = Pack<Isa, float>;
        using Words = Pack<Isa, std::uint32_t>;
        const P magnitude = abs(x);
        const Words bits = to_bits(magnitude);
        const Words odd = shift_right<13>(bits) & Words::broadcast(1);
        const Words normal =
            shift_right<13>(bits - Words::broadcast(112u << 23) + Words::broadcast(0xfff) + odd);
        // 0.5's last place is the subnormal numbers' unit, 2^-24.
        const P half = P::broadcast(0.5f);
        return finished(x, normal, to_bits(magnitude + half) - to_bits(half));
    }

    // By the low 13 random bits, r. In the subnormal range, rounds x + (r + 1/2 - 2^12) 2^-37 to nearest: at
    // most half a unit, 2^-24, is added, and never half of one to a number that needs no rounding.
    template <class Isa>
    static AG_INLINE Pack<Isa, std::uint32_t> stochastic(Pack<Isa, float> x,
                                                         Pack<Isa, std::uint32_t> random) {
        using P = Pack<Isa, float>;
        using Words = Pack<Isa, std::uint32_t>;
        const P magnitude = abs(x);
        random = random & Words::broadcast(0x1fff);
        const Words normal = shift_right<13>(to_bits(magnitude) - Words::broadcast(112u << 23) + random);
        const P whole = from_bits<float>(random | Words::broadcast(0x4b000000)) - P::broadcast(0x1p23f);
        const P shift = (whole - P::broadcast(4095.5f)) * P::broadcast(0x1p-37f);
        const P base = P::broadcast(0.75f);
        return finished(x, normal, to_bits((magnitude + shift) + base) - to_bits(base));
    }

private:
    template <class Isa>
    static AG_INLINE Pack<Isa, std::uint32_t> finished(Pack<Isa, float> x, Pack<Isa, std::uint32_t> normal,
                                                       Pack<Isa, std::uint32_t> subnormal) {
        using P = Pack<Isa, float>;
        using Words = Pack<Isa, std::uint32_t>;
        const P magnitude = abs(x);
        const Words finite = select_bits(magnitude < P::broadcast(0x1p-14f), subnormal, normal);
        const Words number =
            select_bits(magnitude < P::broadcast(0x1p16f), finite,
                        select_bits(x == x, Words::broadcast(0x7c00), Words::broadcast(0x7e00)));
        return number | (shift_right<16>(to_bits(x)) & Words::broadcast(0x8000));
    }
};

} // namespace
} // namespace anisograd
