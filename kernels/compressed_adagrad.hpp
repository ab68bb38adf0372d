// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad with an accumulator of 8 bits: v_j = scale of its block of 256 * the value of its code.
//
// Source: Dettmers, Lewis, Shleifer, Zettlemoyer, 8-bit Optimizers via Block-wise Quantization (ICLR 2022).
// The code is its "dynamic" one, without a sign: a decade has twice as many values as the one below. With
// L = 2^(d + 1) values in decade d = 0 … 6, from 10^(d-7) to 10^(d-6), code number c has, with u = c + 1,
//
//     u = 1                 0
//     L <= u < 2 L          10^(d-6) (0.1 + 0.9 (u - L + 1/2) / L)
//     u = 256               1
//
// so that the values of a decade are the middles of L equal parts of it.
#pragma once

#include "kernels/adagrad.hpp"

namespace anisograd {
namespace {

inline constexpr int decades = 7;

// For decade d: its first u; u = slope * y + 8/9 L in [L, 2 L) for its part of the y; value = step * u +
// least.
struct Decade {
    float first, slope, step, least;
    float begin; // the smallest y that is nearest to one of its values
};

constexpr Decade decade(int d) {
    double top = 1; // 10^(d-6)
    for (int i = d; i < 6; ++i)
        top /= 10;
    const double first = double(2 << d);
    // Between the last value of the decade below, and the first of this one.
    const double begin = d == 0 ? top * (0.1 + 0.45 / first) / 2 : top / 10 * (1 + 1.8 / first);
    return {float(first), float(first / (0.9 * top)), float(0.9 * top / first),
            float(top * (0.45 / first - 0.8)), float(begin)};
}

inline constexpr Decade decade_table[decades] = {decade(0), decade(1), decade(2), decade(3),
                                                 decade(4), decade(5), decade(6)};

// A field of the decades, and what stands for decade 7.
template <float Decade::*field>
struct DecadeField {
    float value[decades + 1] = {};
    constexpr explicit DecadeField(float after) {
        for (int d = 0; d < decades; ++d)
            value[d] = decade_table[d].*field;
        value[decades] = after;
    }
};

// u's exponent tells its decade, mod 8 for decade 7: u = 1, whose value is 0, and u = 256, whose value is 1.
inline constexpr float step_of_ends = 1.0f / 255;
static_assert(256 * step_of_ends - step_of_ends == 1);
inline constexpr DecadeField<&Decade::step> steps(step_of_ends);
inline constexpr DecadeField<&Decade::least> leasts(-step_of_ends);

// The values of codes.
template <class Isa>
AG_INLINE Pack<Isa, float> decoded(Pack<Isa, std::uint32_t> codes) {
    using P = Pack<Isa, float>;
    // As a float: 2^23 has room for them in its last places.
    const P code = from_bits<float>(codes | Pack<Isa, std::uint32_t>::broadcast(0x4b000000));
    const P u = code - P::broadcast(0x1p23f - 1);
    const auto exponent = shift_right<23>(to_bits(u));
    return u * look_up<Isa>(steps.value, exponent) + look_up<Isa>(leasts.value, exponent);
}

// The three binades from 2^(3 k - 23) on hold the beginning of decade k, and no other; 1 is in those of 7, as the last
// decade's end is.
inline constexpr DecadeField<&Decade::begin> begins(0);
inline constexpr DecadeField<&Decade::slope> slopes(decade_table[decades - 1].slope);
inline constexpr DecadeField<&Decade::first> firsts(decade_table[decades - 1].first);

constexpr bool three_binades_hold_each_beginning() {
    float low = 0x1p-23f;
    for (int d = 0; d < decades; ++d, low *= 8) // NOLINT(cert-flp30-c): powers of 2 are exact
        if (decade_table[d].begin < low || decade_table[d].begin >= 8 * low)
            return false;
    return true;
}
static_assert(three_binades_hold_each_beginning());

// The codes of the values nearest to y in [0, 1]; 0 for NaN.
template <class Isa>
AG_INLINE Pack<Isa, std::uint32_t> encoded(Pack<Isa, float> y) {
    using P = Pack<Isa, float>;
    using Words = Pack<Isa, std::uint32_t>;
    const P half = P::broadcast(0.5f);
    // k = (exponent - 104) / 3, rounded down, in the last places of 2^23 + 64 + k. What is below 2^-23 gets any decade,
    // and at last code 0.
    const P exponent = from_bits<float>(shift_right<23>(to_bits(y)) | Words::broadcast(0x4b000000));
    const P third = (exponent - P::broadcast(0x1p23f + 105)) * P::broadcast(1.0f / 3);
    const Words k = to_bits(third + P::broadcast(0x1p23f + 64));
    const auto before = y < look_up<Isa>(begins.value, k);
    const Words d = to_bits(select(before, from_bits<float>(k - Words::broadcast(1)), from_bits<float>(k)));
    const P first = look_up<Isa>(firsts.value, d);
    P u = y * look_up<Isa>(slopes.value, d) + P::broadcast(float(8.0 / 9.0)) * first;
    u = greater(first, u); // what the decade below could have had, but for the last places
    u = lesser(first + first - half, u);
    // The integer below: half less, to nearest.
    P at_23 = u + P::broadcast(0x1p23f - 0.5f);
    at_23 = select(y >= P::broadcast(decade_table[0].begin), at_23, P::broadcast(0x1p23f + 1));
    constexpr float last_middle = float(1 - 0.225 / 128); // between the last decade's last value and 1
    at_23 = select(y >= P::broadcast(last_middle), P::broadcast(0x1p23f + 256), at_23);
    return to_bits(at_23 - P::broadcast(1)) & Words::broadcast(0xff);
}

// The largest of a block's accumulators, or NaN where one is not finite.
template <class Isa>
class BlockScale {
public:
    using P = Pack<Isa, float>;
    AG_INLINE void take(P v) {
        largest_ = greater(v, largest_);
        not_finite_ = not_finite_ + (v - v);
    }
    AG_INLINE float scale() const {
        float lane[P::lanes];
        (largest_ + not_finite_).store(lane);
        float result = lane[0];
        for (const float a : lane)
            result = a > result || a != a ? a : result;
        return result;
    }

private:
    P largest_ = P::zero(), not_finite_ = P::zero();
};

// Calls action(blocks, whole, left): the number of whole blocks, of their elements, and of those after them.
template <class Action>
AG_INLINE void with_last_block(std::size_t n, Action action) {
    const std::size_t blocks = n / accumulator_block;
    action(blocks, blocks * accumulator_block, n % accumulator_block);
}

// Calls body(at) for the packs of a block.
template <class Isa, class Body>
AG_INLINE void for_each_pack_of_block(Body body) {
    for (std::size_t i = 0; i < accumulator_block; i += Pack<Isa, float>::lanes)
        body(WholePack<Isa, float>{i});
}

template <class Isa>
AG_INLINE void encode_block(const float* v, Pack<Isa, float> scale, std::uint8_t* codes) {
    for_each_pack_of_block<Isa>([&](auto at)
                                    AG_INLINE_LAMBDA { at.store_short(codes, encoded(at.load(v) / scale)); });
}

// A function of its own, which has the registers that the tables of codes take.
template <class Kind, class Isa>
AG_OUTLINED void step_block(float* w, const float* g, const float* v,
                            const StepParameters<float>& parameters) {
    const StepParameters<float> p = parameters;
    for_each_pack_of_block<Isa>([&](auto at) AG_INLINE_LAMBDA {
        const auto old_w = at.load(w), gradient = effective_gradient<Kind::plain>(at.load(g), old_w, p);
        at.store(w, moved<Kind>(shrunk<Kind::plain>(old_w, p), gradient, at.load(v), p));
    });
}

// block_v: room for a block's accumulators, of which the largest is their scale.
template <class Isa>
AG_OUTLINED void compressed_step_blocks(std::size_t blocks, float* w, const float* g, std::uint8_t* codes,
                                        float* scales, float* block_v,
                                        const StepParameters<float>& parameters) {
    using P = Pack<Isa, float>;
    with_strict_step_kind(parameters, [=, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        for (std::size_t block = 0; block < blocks; ++block) {
            float* const block_w = w + block * accumulator_block;
            const float* const block_g = g + block * accumulator_block;
            std::uint8_t* const block_codes = codes + block * accumulator_block;
            const P old_scale = P::broadcast(scales[block]);
            BlockScale<Isa> largest;
            for_each_pack_of_block<Isa>([&](auto at) AG_INLINE_LAMBDA {
                prefetch_ahead<true>(at, block_w);
                prefetch_ahead<false>(at, block_g);
                const P gradient = effective_gradient<Kind::plain>(at.load(block_g), at.load(block_w), p);
                const P v = decoded(at.load_short(block_codes)) * old_scale + gradient * gradient;
                at.store(block_v, v);
                largest.take(v);
            });
            step_block<Kind, Isa>(block_w, block_g, block_v, p);
            scales[block] = largest.scale();
            encode_block<Isa>(block_v, P::broadcast(scales[block]), block_codes);
        }
    });
}

template <class Isa>
void compressed_adagrad_step(std::size_t n, float* w, const float* g, std::uint8_t* codes, float* scales,
                             const StepParameters<float>& p) {
    with_last_block(n, [&](std::size_t blocks, std::size_t whole, std::size_t left) {
        alignas(pack_bytes) float block_v[accumulator_block];
        compressed_step_blocks<Isa>(blocks, w, g, codes, scales, block_v, p);
        if (left == 0)
            return;
        Padded<float, accumulator_block> last_w(w + whole, left), last_g(g + whole, left);
        Padded<std::uint8_t, accumulator_block> last_codes(codes + whole, left);
        compressed_step_blocks<Isa>(1, last_w.data(), last_g.data(), last_codes.data(), scales + blocks,
                                    block_v, p);
        last_w.copy_to(w + whole);
        last_codes.copy_to(codes + whole);
    });
}

template <class Isa>
AG_OUTLINED void encode_blocks(std::size_t blocks, const float* v, std::uint8_t* codes, float* scales) {
    using P = Pack<Isa, float>;
    for (std::size_t block = 0; block < blocks; ++block) {
        const float* const block_v = v + block * accumulator_block;
        BlockScale<Isa> largest;
        for_each_pack_of_block<Isa>([&](auto at) AG_INLINE_LAMBDA { largest.take(at.load(block_v)); });
        scales[block] = largest.scale();
        encode_block<Isa>(block_v, P::broadcast(scales[block]), codes + block * accumulator_block);
    }
}

template <class Isa>
void encode_accumulator(std::size_t n, const float* v, std::uint8_t* codes, float* scales) {
    with_last_block(n, [&](std::size_t blocks, std::size_t whole, std::size_t left) {
        encode_blocks<Isa>(blocks, v, codes, scales);
        if (left == 0)
            return;
        Padded<float, accumulator_block> last_v(v + whole, left);
        Padded<std::uint8_t, accumulator_block> last_codes(left);
        encode_blocks<Isa>(1, last_v.data(), last_codes.data(), scales + blocks);
        last_codes.copy_to(codes + whole);
    });
}

template <class Isa>
AG_OUTLINED void decode_blocks(std::size_t blocks, const std::uint8_t* codes, const float* scales, float* v) {
    using P = Pack<Isa, float>;
    for (std::size_t block = 0; block < blocks; ++block) {
        const P scale = P::broadcast(scales[block]);
        for_each_pack_of_block<Isa>([&](auto at) AG_INLINE_LAMBDA {
            at.store(v + block * accumulator_block,
                     decoded(at.load_short(codes + block * accumulator_block)) * scale);
        });
    }
}

template <class Isa>
void decode_accumulator(std::size_t n, const std::uint8_t* codes, const float* scales, float* v) {
    with_last_block(n, [&](std::size_t blocks, std::size_t whole, std::size_t left) {
        decode_blocks<Isa>(blocks, codes, scales, v);
        if (left == 0)
            return;
        Padded<float, accumulator_block> last_v(left);
        Padded<std::uint8_t, accumulator_block> last_codes(codes + whole, left);
        decode_blocks<Isa>(1, last_codes.data(), scales + blocks, last_v.data());
        last_v.copy_to(v + whole);
    });
}

} // namespace
} // namespace anisograd
