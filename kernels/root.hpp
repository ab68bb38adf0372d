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
#endif
template <class Isa>
using ForRoots = typename SizeForRoots<Isa>::type;

// Where nothing below underflows or overflows: 128 binades (f64: 1024) from here on, so that one subtraction
// and the two top bits tell.
template <class T>
inline constexpr T least_root_argument = sizeof(T) == 4 ? T(0x1p-80) : T(0x1p-800);

template <class Isa, class T>
AG_INLINE bool all_in_root_range(Pack<Isa, T> x) {
    constexpr Bits<T> top_bits = Bits<T>(3) << (8 * sizeof(T) - 2);
    return !any_bit(to_bits(x) - to_bits(Pack<Isa, T>::broadcast(least_root_argument<T>)), top_bits);
}

template <class Isa, class T>
AG_INLINE Pack<Isa, T> estimate_inverse_root(Pack<Isa, T> x) {
    unrolled<Pack<Isa, T>::registers>(
        [&](std::size_t i) AG_INLINE_LAMBDA { x.part[i] = Isa::estimate_inverse_root(x.part[i]); });
    return x;
}
template <class Isa, class T>
AG_INLINE Pack<Isa, T> estimate_inverse(Pack<Isa, T> x) {
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i)
                                          AG_INLINE_LAMBDA { x.part[i] = Isa::estimate_inverse(x.part[i]); });
    return x;
}

// ---- Strict --------------------------------------------------------------------------------------------

// The correctly rounded root of x in the range, from an estimate of 1/sqrt(x).
//
// A step of Newton's iteration takes the relative error of half_inverse, about 1/(2 sqrt(x)), from e to 3/2
// e^2, plus roundings; then the exact residual x - root^2 is added (Markstein 1990). One step in f32, coupled
// with root's (Goldschmidt); two from AVX2's coarser estimates, and in f64. That the result is correctly
// rounded was tried (tests/exhaustive_root.cpp)
//   f32   for all significands of two binades, each with ALL estimates within the architecture's bound on
//         their error, so that it holds for every CPU's table; a factor of 4^k changes nothing in the range;
//   f64   for all x whose root is so near the middle between two numbers that the bound on the error before
//         the last rounding, 13 2^-106 root, does not decide: they follow from congruences.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> root_from_estimate(Pack<Isa, T> x, Pack<Isa, T> inverse) {
    using P = Pack<Isa, T>;
    const P half = P::broadcast(T(0.5));
    P root = x * inverse, half_inverse = half * inverse;
    const P error = fnma(root, half_inverse, half);
    half_inverse = fma(half_inverse, error, half_inverse);
    if constexpr (sizeof(T) == 4 && Isa::estimate_error <= 0x1p-14) {
        root = fma(root, error, root);
    } else {
        // Not coupled: a root one ULP above that of 1 + 2^-52 would stay so, and keep half_inverse too small.
        const P second_error = fnma(x * half_inverse, half_inverse + half_inverse, half);
        half_inverse = fma(half_inverse, second_error, half_inverse);
        root = x * (half_inverse + half_inverse);
    }
    return fma(fnma(root, root, x), half_inverse, root);
}

// The correctly rounded root of any x.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> root(Pack<Isa, T> x) {
    if constexpr (has_estimates<Isa, T>)
        if (all_in_root_range(x)) [[likely]]
            return root_from_estimate(x, estimate_inverse_root(x));
    return sqrt(x);
}

// ---- Fast: relative errors of at most 1.6 2^-24 (f64: 2^-53) -------------------------------------------

// 1/(2 sqrt(x)) of x in the range.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> fast_half_inverse_root(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    const P half = P::broadcast(T(0.5)), inverse = estimate_inverse_root(x);
    P half_inverse = half * inverse;
    P error = fnma(x * inverse, half_inverse, half);
    if constexpr (sizeof(T) == 8) {
        half_inverse = fma(half_inverse, error, half_inverse);
        error = fnma(x * (half_inverse + half_inverse), half_inverse, half);
    } else if constexpr (Isa::estimate_error > 0x1p-13) {
        error = fma(P::broadcast(T(1.5)) * error, error, error); // the series' next term
    }
    return fma(half_inverse, error, half_inverse);
}

// 1/x, of x and 1/x in the range.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> fast_inverse(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    const P one = P::broadcast(T(1));
    P inverse = estimate_inverse(x);
    P error = fnma(x, inverse, one);
    if constexpr (sizeof(T) == 8) {
        inverse = fma(inverse, error, inverse);
        error = fnma(x, inverse, one);
    } else if constexpr (Isa::estimate_error > 0x1p-13) {
        error = fma(error, error, error);
    }
    return fma(inverse, error, inverse);
}

} // namespace
} // namespace anisograd
