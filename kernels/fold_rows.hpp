// SPDX-License-Identifier: BSD-3-Clause
//
// The folds of as many registers as a register has lanes, all at once, where that pays: on AVX-512.
#pragma once

#include "kernels/pack.hpp"

namespace anisograd {
namespace {

#if defined(__AVX512F__)

// The sum of a's halves, then that of b's.
AG_INLINE __m512 add_halves(__m512 a, __m512 b) {
    return _mm512_add_ps(_mm512_mask_blend_ps(0xff00, a, b), _mm512_shuffle_f32x4(a, b, 0x4e));
}
AG_INLINE __m512d add_halves(__m512d a, __m512d b) {
    return _mm512_add_pd(_mm512_mask_blend_pd(0xf0, a, b), _mm512_shuffle_f64x2(a, b, 0x4e));
}
// In each 16 bytes: the sum of a's pairs of lanes, then that of b's.
AG_INLINE __m512 add_pairs(__m512 a, __m512 b) {
    const __m512d x = _mm512_castps_pd(a), y = _mm512_castps_pd(b);
    return _mm512_add_ps(_mm512_castpd_ps(_mm512_mask_blend_pd(0xaa, x, y)),
                         _mm512_castpd_ps(_mm512_shuffle_pd(x, y, 0x55)));
}

// Lane i is fold(row[i]): each step adds the halves of what is left of two registers' rows.
AG_INLINE __m512 fold_rows(const Avx512::Register<float> (&row)[16]) {
    __m512 quarter[4];
    unrolled<4>([&](std::size_t i) AG_INLINE_LAMBDA {
        const __m512 a = add_halves(__m512(row[i]), __m512(row[i + 4]));
        const __m512 b = add_halves(__m512(row[i + 8]), __m512(row[i + 12]));
        quarter[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
    });
    const __m512 a = add_pairs(quarter[0], quarter[1]), b = add_pairs(quarter[2], quarter[3]);
    return _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x88), _mm512_shuffle_ps(a, b, 0xdd));
}
AG_INLINE __m512d fold_rows(const Avx512::Register<double> (&row)[8]) {
    __m512d half[2];
    unrolled<2>([&](std::size_t i) AG_INLINE_LAMBDA {
        const __m512d a = add_halves(__m512d(row[i]), __m512d(row[i + 2]));
        const __m512d b = add_halves(__m512d(row[i + 4]), __m512d(row[i + 6]));
        half[i] = _mm512_add_pd(_mm512_shuffle_f64x2(a, b, 0x88), _mm512_shuffle_f64x2(a, b, 0xdd));
    });
    return _mm512_add_pd(_mm512_mask_blend_pd(0xaa, half[0], half[1]),
                         _mm512_shuffle_pd(half[0], half[1], 0x55));
}

#endif

} // namespace
} // namespace anisograd
