// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers of 16 bits in memory: bfloat16 and IEEE 754 binary16. From them exactly, to them by rounding to
// nearest, ties to even, or by stochastic rounding, which goes up with the probability of the discarded fraction.
// NaNs stay NaNs.
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
    static AG_INLINE Pack<Isa, float> load(const std::uint16_t* p) {
        using P = Pack<Isa, float>;
        P a;
        unrolled<P::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            a.part[i] = Isa::load_bfloat16(p + i * P::register_lanes);
        });
        return a;
    }

    // The first count <= lanes numbers; the other lanes are 0.
    template <class Isa>
    static AG_INLINE Pack<Isa, float> load_partial(const std::uint16_t* p, std::size_t count) {
        return widened(Pack<Isa, std::uint32_t>::load_short_partial(p, count));
    }

    // From numbers in the low halves.
    template <class Isa>
    static AG_INLINE Pack<Isa, float> widened(Pack<Isa, std::uint32_t> a) {
        return from_bits<float>(shift_left<16>(a));
    }

    template <class Isa>
    static AG_INLINE void store_nearest(std::uint16_t* p, Pack<Isa, float> x) {
        using P = Pack<Isa, float>;
        const auto bits = to_bits(x);
        if constexpr (P::registers == 2 && requires { Isa::store_bfloat16(p, bits.part[0], bits.part[1]); }) {
            // NaN where one of the two is, or where infinities cancel.
            const auto sum = x.part[0] + x.part[1];
            if (!Isa::template any<float>(~(sum == sum))) [[likely]] { // xsimd 8's != is false there
                Isa::store_bfloat16(p, bits.part[0], bits.part[1]);
                return;
            }
        }
        nearest(x).store_high(p);
    }

    // By all 16 random bits. They are added below the last place, where infinities and NaNs must not carry.
    template <class Isa>
    static AG_INLINE void store_stochastic(std::uint16_t* p, Pack<Isa, float> x,
                                           Pack<Isa, std::uint32_t> random) {
        auto bits = to_bits(x) + random;
        const auto finite = abs(x) <= Pack<Isa, float>::broadcast(__FLT_MAX__);
        if (any(!finite)) [[unlikely]]
            bits = select_bits(finite, bits, nearest(x));
        bits.store_high(p);
    }

private:
    // In the high halves.
    template <class Isa>
    static AG_INLINE Pack<Isa, std::uint32_t> nearest(Pack<Isa, float> x) {
        using Words = Pack<Isa, std::uint32_t>;
        const Words bits = to_bits(x);
        const Words odd = shift_right<16>(bits) & Words::broadcast(1);
        // A NaN's carry could make it an infinity or a zero.
        return select_bits(x == x, bits + Words::broadcast(0x7fff) + odd, bits | Words::broadcast(0x400000));
    }
};

struct Binary16 {
    template <class Isa>
    static AG_INLINE Pack<Isa, float> load(const std::uint16_t* p) {
        using P = Pack<Isa, float>;
        if constexpr (requires { Isa::load_binary16(p); }) {
            P a;
            unrolled<P::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
                a.part[i] = Isa::load_binary16(p + i * P::register_lanes);
            });
            return a;
        } else {
            return widened(Pack<Isa, std::uint32_t>::load_short(p));
        }
    }

    // The first count <= lanes numbers; the other lanes are 0.
    template <class Isa>
    static AG_INLINE Pack<Isa, float> load_partial(const std::uint16_t* p, std::size_t count) {
        using P = Pack<Isa, float>;
        if constexpr (P::registers == 1 && requires { Isa::load_binary16_partial(p, count); })
            return {{Isa::load_binary16_partial(p, count)}};
        else
            return widened(Pack<Isa, std::uint32_t>::load_short_partial(p, count));
    }

    // From numbers in the low halves. A NaN becomes quiet, as ISAs' conversions make it.
    template <class Isa>
    static AG_INLINE Pack<Isa, float> widened(Pack<Isa, std::uint32_t> a) {
        using P = Pack<Isa, float>;
        using Words = Pack<Isa, std::uint32_t>;
        const Words rebias = Words::broadcast(112u << 23), least_normal = Words::broadcast(113u << 23);
        const Words sign = shift_left<16>(a & Words::broadcast(0x8000));
        const Words shifted = shift_left<13>(a & Words::broadcast(0x7fff));
        const P normal = from_bits<float>(shifted + rebias);
        // A subnormal number is the excess over 2^-14 of what has its bits and 2^-14's exponent.
        const P subnormal = from_bits<float>(shifted + least_normal) - from_bits<float>(least_normal);
        const Words infinite = to_bits(normal) + rebias, quiet = Words::broadcast(0x400000);
        const Words beyond = select_bits(normal == P::broadcast(0x1p16f), infinite, infinite | quiet);
        const Words magnitude =
            select_bits(normal < P::broadcast(0x1p-14f), to_bits(subnormal),
                        select_bits(normal >= P::broadcast(0x1p16f), beyond, to_bits(normal)));
        return from_bits<float>(magnitude | sign);
    }

    template <class Isa>
    static AG_INLINE void store_nearest(std::uint16_t* p, Pack<Isa, float> x) {
        using P = Pack<Isa, float>;
        if constexpr (requires { Isa::store_binary16(p, x.part[0]); })
            unrolled<P::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
                Isa::store_binary16(p + i * P::register_lanes, x.part[i]);
            });
        else
            nearest(x).store_short(p);
    }

    // By the low 13 random bits, r: what they carry over the last place stays. In the subnormal range, rounds
    // x + (r + 1/2 - 2^12) 2^-37 to nearest: at most half a unit, 2^-24, is added, and never half of one to a
    // number that needs no rounding.
    template <class Isa>
    static AG_INLINE void store_stochastic(std::uint16_t* p, Pack<Isa, float> x,
                                           Pack<Isa, std::uint32_t> random) {
        using P = Pack<Isa, float>;
        using Words = Pack<Isa, std::uint32_t>;
        const Words r = random & Words::broadcast(0x1fff), kept_bits = Words::broadcast(~0x1fffu);
        const P magnitude = abs(x);
        const auto normal = (magnitude >= P::broadcast(0x1p-14f)) & (magnitude <= P::broadcast(__FLT_MAX__));
        P rounded = from_bits<float>((to_bits(x) + r) & kept_bits);
        if (any(!normal)) [[unlikely]] {
            const P whole = from_bits<float>(r | Words::broadcast(0x4b000000)) - P::broadcast(0x1p23f);
            const P shift = (whole - P::broadcast(4095.5f)) * P::broadcast(0x1p-37f);
            const Words sign = to_bits(x) & Words::broadcast(0x80000000);
            const P subnormal = from_bits<float>(to_bits(abs(magnitude + shift)) | sign);
            rounded = select(normal, rounded, select(magnitude < P::broadcast(0x1p-14f), subnormal, x));
        }
        store_nearest(p, rounded);
    }

private:
    // To numbers in the low halves, for ISAs without conversions. A NaN becomes quiet, as theirs do.
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
        const Words subnormal = to_bits(magnitude + half) - to_bits(half);
        const Words finite = select_bits(magnitude < P::broadcast(0x1p-14f), subnormal, normal);
        const Words nan = (shift_right<13>(bits) & Words::broadcast(0x1ff)) | Words::broadcast(0x7e00);
        const Words number = select_bits(magnitude < P::broadcast(0x1p16f), finite,
                                         select_bits(x == x, Words::broadcast(0x7c00), nan));
        return number | (shift_right<16>(to_bits(x)) & Words::broadcast(0x8000));
    }
};

} // namespace
} // namespace anisograd
