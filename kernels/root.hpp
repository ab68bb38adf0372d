// SPDX-License-Identifier: BSD-3-Clause
//
// Square roots and reciprocals from the CPU's estimates and fused multiply-adds. The root has the bits of the
// square root instruction, and is faster where that instruction would hold up a division that follows it.
#pragma once

#include "kernels/pack.hpp"

namespace anisograd {
namespace {

template <class Isa, class T>
inline constexpr bool has_estimates = requires(typename Isa::template Register<T> a) {
    Isa::estimate_inverse_root(a);
};

// What root_from_estimate needs.
inline constexpr double fine_estimate_error = 0x1p-14;

// The packs that suit kernels with a root: one range test per pack, and enough registers in flight.
template <class Isa>
struct SizeForRoots {
    using type = Isa;
};
#if defined(__AVX512F__)
template <>
struct SizeForRoots<Avx512> {
    using type = PacksOf<Avx512, 128>;
};
#elif defined(__AVX2__)
template <>
struct SizeForRoots<Avx2> {
    using type = PacksOf<Avx2, 128>;
};
#endif
template <class Isa>
using ForRoots = typename SizeForRoots<Isa>::type;

// Where nothing below underflows or overflows: 128 binades (f64: 1024) from `least` on, so that one
// subtraction and the two top bits tell. least <= 1, so that infinity is outside.
template <class T>
inline constexpr T least_root_argument = sizeof(T) == 4 ? T(0x1p-80) : T(0x1p-800);

template <class Isa, class T>
AG_INLINE bool all_in_root_range(Pack<Isa, T> x, T least = least_root_argument<T>) {
    constexpr Bits<T> top_bits = Bits<T>(3) << (8 * sizeof(T) - 2);
    return !any_bit(to_bits(x) - to_bits(Pack<Isa, T>::broadcast(least)), top_bits);
}

template <class Isa, class T>
AG_INLINE Pack<Isa, T> estimate_inverse_root(Pack<Isa, T> x) {
    unrolled<Pack<Isa, T>::registers>(
        [&](std::size_t i) AG_INLINE_LAMBDA { x.part[i] = Isa::estimate_inverse_root(x.part[i]); });
    return x;
}

// ---- Strict --------------------------------------------------------------------------------------------

// The correctly rounded root of x in the range, from an estimate of 1/sqrt(x) within 2^-14.
//
// A step of Newton's iteration takes the relative error of half_inverse, about 1/(2 sqrt(x)), from e to 3/2
// e^2, plus roundings; then the exact residual x - root^2 is added (Markstein 1990). One step in f32, coupled
// with root's (Goldschmidt), and two in f64. That the result is correctly rounded was tried
// (tests/exhaustive_root.cpp)
//   f32   for all significands of two binades, each with ALL estimates within the bound on their error, so
//   that
//         it holds for every CPU's table; a factor of 4^k changes nothing in the range;
//   f64   for all x whose root is so near the middle between two numbers that the bound on the error before
//         the last rounding, 13 2^-106 root, does not decide: they follow from congruences.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> root_from_estimate(Pack<Isa, T> x, Pack<Isa, T> inverse) {
    using P = Pack<Isa, T>;
    const P half = P::broadcast(T(0.5));
    P root = x * inverse, half_inverse = half * inverse;
    const P error = fnma(root, half_inverse, half);
    half_inverse = fma(half_inverse, error, half_inverse);
    if constexpr (sizeof(T) == 4) {
        root = fma(root, error, root);
    } else {
        // Not coupled: a root one ULP above that of 1 + 2^-52 would stay so, and keep half_inverse too small.
        const P second_error = fnma(x * half_inverse, half_inverse + half_inverse, half);
        half_inverse = fma(half_inverse, second_error, half_inverse);
        root = x * (half_inverse + half_inverse);
    }
    return fma(fnma(root, root, x), half_inverse, root);
}

// An estimate within 2^-14: AVX2's, within 1.5 2^-12, after a step of Newton's iteration, which leaves 2^-20.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> fine_estimate(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    const P y = estimate_inverse_root(x);
    if constexpr (Isa::estimate_error <= fine_estimate_error)
        return y;
    return fma(P::broadcast(T(0.5)) * y, fnma(x * y, y, P::broadcast(T(1))), y);
}

// Registers of a pack as packs of one register.
template <class Isa, class T>
using OneRegister = Pack<PacksOf<Isa, sizeof(typename Pack<Isa, T>::Register)>, T>;

// The CPU takes roots and divides in one unit, and multiplies in others. So that both are busy, one in so many of a
// pack's registers has its root from an estimate; 0: none has. Estimates that take another step save less.
template <class Isa, class T>
inline constexpr std::size_t estimates_one_in = [] {
    constexpr std::size_t registers = Pack<Isa, T>::registers;
    if constexpr (has_estimates<Isa, T>) {
        if (Isa::estimate_error <= fine_estimate_error)
            return registers == 1 ? std::size_t{1} : std::size_t{2};
        return registers < 4 ? std::size_t{0} : std::size_t{4};
    }
    return std::size_t{0};
}();

// The correctly rounded root of x in the range.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> root_in_range(Pack<Isa, T> x) {
    constexpr std::size_t one_in = estimates_one_in<Isa, T>;
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        const OneRegister<Isa, T> one = {{x.part[i]}};
        x.part[i] =
            (i % one_in == one_in - 1 ? root_from_estimate(one, fine_estimate(one)) : sqrt(one)).part[0];
    });
    return x;
}

// ---- Fast ----------------------------------------------------------------------------------------------

// 1/sqrt(x) of x in the range. Relative error, in units of 2^-24 (f64: 2^-53): 1/2 from the rounding of x *
// y, 1 from the last one, and from the estimate 0.1 (AVX-512; AVX2 0.1; f64 0.5).
template <class Isa, class T>
AG_INLINE Pack<Isa, T> fast_inverse_root(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    const P one = P::broadcast(T(1)), half = P::broadcast(T(0.5));
    P y = estimate_inverse_root(x);
    P error = fnma(x * y, y, one); // 1/sqrt(x) = y (1 - error)^(-1/2)
    if constexpr (Isa::estimate_error > fine_estimate_error)
        return fma(y * error, fma(P::broadcast(T(0.375)), error, half), y);
    y = fma(half * y, error, y);
    if constexpr (sizeof(T) == 4)
        return y;
    return fma(half * y, fnma(x * y, y, one), y);
}

} // namespace
} // namespace anisograd
