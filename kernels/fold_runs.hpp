// SPDX-License-Identifier: BSD-3-Clause
//
// Sums of short runs of doubles that follow each other in memory: what lies on either side of each run's middle is
// added, until one number is left of each, which is to fold by halves. And the way back: a number for each of a run.
#pragma once

#include "kernels/pack.hpp"

namespace anisograd {
namespace {

// Of the registers a and b, one after the other: in each 2 * distance lanes, the first half plus the second.
template <std::size_t distance, class Register>
AG_INLINE Register add_halves_in_registers(Register a, Register b) {
#if defined(__AVX512F__)
    const __m512d x(a), y(b);
    if constexpr (distance == 4)
        return _mm512_add_pd(_mm512_shuffle_f64x2(x, y, 0x44), _mm512_shuffle_f64x2(x, y, 0xee));
    else if constexpr (distance == 2)
        return _mm512_add_pd(_mm512_shuffle_f64x2(x, y, 0x88), _mm512_shuffle_f64x2(x, y, 0xdd));
    else
        return _mm512_add_pd(_mm512_permutex2var_pd(x, _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), y),
                             _mm512_permutex2var_pd(x, _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15), y));
#elif defined(__AVX2__)
    const __m256d x(a), y(b);
    if constexpr (distance == 2)
        return _mm256_add_pd(_mm256_permute2f128_pd(x, y, 0x20), _mm256_permute2f128_pd(x, y, 0x31));
    else // the lanes of the sum are those of x, y, x, y
        return _mm256_permute4x64_pd(_mm256_add_pd(_mm256_unpacklo_pd(x, y), _mm256_unpackhi_pd(x, y)), 0xd8);
#elif defined(__aarch64__)
    static_assert(distance == 1);
    return vpaddq_f64(float64x2_t(a), float64x2_t(b));
#else
    static_assert(distance == 1);
    return Register{a[0] + a[1], b[0] + b[1]};
#endif
}

// The same of packs, which have more lanes.
template <std::size_t distance, class Isa>
AG_INLINE Pack<Isa, double> add_halves_of_runs(const Pack<Isa, double>& a, const Pack<Isa, double>& b) {
    using P = Pack<Isa, double>;
    P sum;
    const auto part = [&](std::size_t i) AG_INLINE_LAMBDA {
        return i < P::registers ? a.part[i] : b.part[i - P::registers];
    };
    unrolled<P::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        if constexpr (distance < P::register_lanes) {
            sum.part[i] = add_halves_in_registers<distance>(part(2 * i), part(2 * i + 1));
        } else {
            constexpr std::size_t apart = distance / P::register_lanes;
            const std::size_t first = i / apart * 2 * apart + i % apart;
            sum.part[i] = part(first) + part(first + apart);
        }
    });
    return sum;
}

// The sums of as many runs of `length` numbers as a pack has lanes. number(i) gives pack i of the first two, four, ...:
// depth first, so that few are in registers at a time.
template <std::size_t length, class Numbers, std::size_t distance = 1, std::size_t pack = 0>
AG_INLINE auto fold_runs(Numbers numbers) {
    constexpr std::size_t lanes = decltype(numbers(0))::lanes;
    if constexpr (distance == length) {
        return numbers(pack);
    } else {
        // Halves of whole packs lie `apart` from each other.
        constexpr std::size_t apart = distance > lanes ? distance / lanes : 1;
        constexpr std::size_t number = pack / apart * 2 * apart + pack % apart;
        // In the order of memory, which a call's arguments may not be in.
        const auto first = fold_runs<length, Numbers, 2 * distance, number>(numbers),
                   second = fold_runs<length, Numbers, 2 * distance, number + apart>(numbers);
        if constexpr (distance < lanes)
            return add_halves_of_runs<distance>(first, second);
        else
            return first + second;
    }
}

// Lane i / length + first of a register with more lanes, in lane i.
template <std::size_t length, class Register>
AG_INLINE Register spread_in_register(Register a, [[maybe_unused]] std::size_t first) {
#if defined(__AVX512F__)
    const __m512i from =
        length == 2 ? _mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3) : _mm512_setr_epi64(0, 0, 0, 0, 1, 1, 1, 1);
    return _mm512_permutexvar_pd(_mm512_add_epi64(from, _mm512_set1_epi64(static_cast<long long>(first))), a);
#elif defined(__AVX2__)
    static_assert(length == 2);
    return first == 0 ? _mm256_permute4x64_pd(a, 0x50) : _mm256_permute4x64_pd(a, 0xfa);
#else
    static_assert(length == 0, "no register has more lanes than the shortest run has elements");
    return a;
#endif
}

// A pack of numbers, each of a run of `length` elements, as a number for each element.
template <class Isa, std::size_t length>
class RunNumbers {
public:
    using P = Pack<Isa, double>;

    AG_INLINE explicit RunNumbers(const P& numbers) : numbers_(numbers) {
        if constexpr (length >= P::register_lanes)
            numbers.store(memory_);
    }
    // Those of pack `pack` of the elements.
    AG_INLINE P pack(std::size_t pack) const {
        P spread;
        unrolled<P::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            const std::size_t number = (pack * P::lanes + i * P::register_lanes) / length;
            if constexpr (length >= P::register_lanes)
                spread.part[i] = Isa::template broadcast<double>(memory_[number]);
            else
                spread.part[i] = spread_in_register<length>(numbers_.part[number / P::register_lanes],
                                                            number % P::register_lanes);
        });
        return spread;
    }

private:
    P numbers_;
    alignas(pack_bytes) double memory_[length >= P::register_lanes ? P::lanes : 1];
};

} // namespace
} // namespace anisograd
