// SPDX-License-Identifier: BSD-3-Clause
//
// Pack<Isa, T>: a vector of 64 bytes on every ISA, so that one kernel source gives the same bits on all.
//
//   Avx512    1 register of 64 bytes        Neon      4 registers of 16 bytes
//   Avx2      2 registers of 32 bytes       Portable  4 compiler vectors of 16 bytes
//
// This is the only file that includes xsimd. An ISA supplies, in its tag struct, what xsimd lacks or gets
// wrong on some release (fused multiply-add, NEON division and root, masked tails, conversions, folds);
// everything else is written once, on top of xsimd's operators.
//
// Everything is in an anonymous namespace: a function compiled for one ISA must never be the definition
// that the linker keeps for a file compiled without it. For the same reason nothing here or in a kernel
// calls an inline function of the standard library.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__AVX2__) || defined(__aarch64__)
#include <xsimd/xsimd.hpp>
#endif
#if defined(__AVX2__)
#include <immintrin.h>
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

// A kernel is one loop: a call in it, of a lambda too, would keep packs in memory.
#define AG_INLINE inline __attribute__((always_inline))
#define AG_INLINE_LAMBDA __attribute__((always_inline))
// For functions, and lambdas, whose own loops are the hot ones.
#define AG_OUTLINED __attribute__((noinline))

namespace anisograd {
namespace {

inline constexpr std::size_t pack_bytes = 64;

// PacksOf<Isa, bytes>: the ISA with packs of another size. Long elementwise chains are faster where as many
// registers are in flight together as the register file has room for.
template <class Isa, std::size_t bytes>
struct PacksOf : Isa {};
template <class Isa>
inline constexpr std::size_t pack_bytes_of = pack_bytes;
template <class Isa, std::size_t bytes>
inline constexpr std::size_t pack_bytes_of<PacksOf<Isa, bytes>> = bytes;

template <std::size_t bytes>
struct UnsignedOf;
template <>
struct UnsignedOf<4> {
    using type = std::uint32_t;
};
template <>
struct UnsignedOf<8> {
    using type = std::uint64_t;
};

// The unsigned integer of T's size.
template <class T>
using Bits = typename UnsignedOf<sizeof(T)>::type;

template <class Register>
struct RegisterPair {
    Register low, high;
};

// Calls function(0), …, function(count - 1), with constants for indices once inlined. One call alone is no
// loop: g++ 12 would leave it in until too late to keep structs of packs in registers.
template <std::size_t count, class Function>
AG_INLINE void unrolled(Function&& function) {
    if constexpr (count == 1) {
        function(0);
    } else if constexpr (count > 1) {
#pragma GCC unroll 16
        for (std::size_t i = 0; i < count; ++i)
            function(i);
    }
}

// An instruction: no ISA object calls the library's function (-fno-math-errno).
AG_INLINE float sqrt(float x) {
    return __builtin_sqrtf(x);
}
AG_INLINE double sqrt(double x) {
    return __builtin_sqrt(x);
}

// ---- The ISAs ------------------------------------------------------------------------------------------
//
// Each supplies, for T = float and double: load, store, load_partial, store_partial, broadcast, select, any,
// divide, sqrt, fma, fnma, fold; between the two: widen, narrow; for their unsigned integers: shifts; for
// std::uint32_t from and to memory as std::uint8_t or std::uint16_t: load_short, store_short, and with the
// numbers in the lanes' high halves: store_high; bfloat16 numbers from memory: load_bfloat16; look_up; and has_fma,
// whether fma is an instruction.
//
// Where it has a better way than the general one: gather; load_short_partial; lesser, greater; lesser_magnitude; not_at_most; add_one; any_bit;
// rotate_left; binary16 numbers from memory, and to it to nearest: load_binary16(_partial), store_binary16; the store of
// two registers' nearest bfloat16 numbers, for which no lane may be NaN: store_bfloat16. Where it pays
// (root.hpp): an estimate of 1/sqrt(a), and the architecture's bound on its relative error, for normal a.

// The compiler's own 16-byte vectors: the baseline vector unit where the processor family has one.
struct Portable {
    template <class T>
    struct VectorOf {
        typedef T type __attribute__((vector_size(16)));
    };
    template <class T>
    using Register = typename VectorOf<T>::type;
    template <class T>
    using Mask = decltype(Register<T>{} < Register<T>{});

    template <class T>
    static constexpr std::size_t lanes = 16 / sizeof(T);

    template <class T>
    static AG_INLINE Register<T> load(const T* p) {
        Register<T> a;
        __builtin_memcpy(&a, p, sizeof a);
        return a;
    }
    template <class T>
    static AG_INLINE void store(T* p, Register<T> a) {
        __builtin_memcpy(p, &a, sizeof a);
    }
    // Lane by lane: a copy through memory would be a call.
    template <class T>
    static AG_INLINE Register<T> load_partial(const T* p, std::size_t count) {
        Register<T> a = {};
        unrolled<lanes<T>>([&](std::size_t i) AG_INLINE_LAMBDA {
            if (i < count)
                a[i] = p[i];
        });
        return a;
    }
    template <class T>
    static AG_INLINE void store_partial(T* p, Register<T> a, std::size_t count) {
        unrolled<lanes<T>>([&](std::size_t i) AG_INLINE_LAMBDA {
            if (i < count)
                p[i] = a[i];
        });
    }
    template <class T, class Index>
    static AG_INLINE Register<T> gather(const T* p, const Index* indices, std::size_t count) {
        Register<T> a = {};
        unrolled<lanes<T>>([&](std::size_t i) AG_INLINE_LAMBDA {
            if (i < count)
                a[i] = p[indices[i]];
        });
        return a;
    }
    template <class T>
    static AG_INLINE Register<T> broadcast(T x) {
        return x - Register<T>{}; // x - 0 is x for every x, -0 included; x + 0 is not
    }
    template <class T>
    static AG_INLINE Register<T> select(Mask<T> mask, Register<T> a, Register<T> b) {
        const auto a_bits = __builtin_bit_cast(Mask<T>, a), b_bits = __builtin_bit_cast(Mask<T>, b);
        return __builtin_bit_cast(Register<T>, (a_bits & mask) | (b_bits & ~mask));
    }
    template <class T>
    static AG_INLINE bool any(Mask<T> mask) {
        const auto words = __builtin_bit_cast(Register<std::uint64_t>, mask);
        return (words[0] | words[1]) != 0;
    }
    template <class T>
    static AG_INLINE Register<T> divide(Register<T> a, Register<T> b) {
        return a / b;
    }
    template <class T>
    static AG_INLINE Register<T> sqrt(Register<T> a) {
        for (std::size_t i = 0; i < lanes<T>; ++i)
            a[i] = anisograd::sqrt(T(a[i]));
        return a;
    }
    static constexpr bool has_fma = false;
    template <class T>
    static AG_INLINE Register<T> fma(Register<T> a, Register<T> b, Register<T> c) {
        for (std::size_t i = 0; i < lanes<T>; ++i) {
            if constexpr (sizeof(T) == 4)
                c[i] = __builtin_fmaf(a[i], b[i], c[i]);
            else
                c[i] = __builtin_fma(a[i], b[i], c[i]);
        }
        return c;
    }
    template <class T>
    static AG_INLINE Register<T> fnma(Register<T> a, Register<T> b, Register<T> c) {
        return fma<T>(-a, b, c);
    }
    template <int count, class U>
    static AG_INLINE Register<U> shift_left(Register<U> a) {
        return a << count;
    }
    template <int count, class U>
    static AG_INLINE Register<U> shift_right(Register<U> a) {
        return a >> count;
    }
    static AG_INLINE Register<float> look_up(const float (&table)[8], Register<std::uint32_t> index) {
        index &= 7;
        const Register<float> a = {table[index[0]], table[index[1]], table[index[2]], table[index[3]]};
        return a;
    }
    template <class Short>
    static AG_INLINE Register<std::uint32_t> load_short(const Short* p) {
        const Register<std::uint32_t> a = {p[0], p[1], p[2], p[3]};
        return a;
    }
    template <class Short>
    static AG_INLINE void store_short(Short* p, Register<std::uint32_t> a) {
        unrolled<4>([&](std::size_t i) AG_INLINE_LAMBDA { p[i] = static_cast<Short>(a[i]); });
    }
    static AG_INLINE Register<float> load_bfloat16(const std::uint16_t* p) {
        return __builtin_bit_cast(Register<float>, load_short(p) << 16);
    }
    static AG_INLINE void store_high(std::uint16_t* p, Register<std::uint32_t> a) { store_short(p, a >> 16); }
    static AG_INLINE RegisterPair<Register<double>> widen(Register<float> a) {
        const Register<double> low = {double(a[0]), double(a[1])}, high = {double(a[2]), double(a[3])};
        return {low, high};
    }
    static AG_INLINE Register<float> narrow(Register<double> low, Register<double> high) {
        const Register<float> a = {float(low[0]), float(low[1]), float(high[0]), float(high[1])};
        return a;
    }
    template <class T>
    static AG_INLINE T fold(Register<T> a) {
        if constexpr (sizeof(T) == 4)
            return (a[0] + a[2]) + (a[1] + a[3]);
        else
            return a[0] + a[1];
    }
};

#if defined(__AVX2__) || defined(__aarch64__)
// What xsimd does well enough to serve every ISA that it knows.
template <class Arch>
struct WithXsimd {
    static constexpr bool has_fma = true;
    template <class T>
    using Register = xsimd::batch<T, Arch>;
    template <class T>
    using Mask = xsimd::batch_bool<T, Arch>;

    template <class T>
    static constexpr std::size_t lanes = Register<T>::size;

    template <class T>
    static AG_INLINE Register<T> load(const T* p) {
        return Register<T>::load_unaligned(p);
    }
    template <class T>
    static AG_INLINE void store(T* p, Register<T> a) {
        a.store_unaligned(p);
    }
    template <class T>
    static AG_INLINE Register<T> broadcast(T x) {
        return Register<T>(x);
    }
    template <class T>
    static AG_INLINE Register<T> select(Mask<T> mask, Register<T> a, Register<T> b) {
        return xsimd::select(mask, a, b);
    }
    template <class T>
    static AG_INLINE bool any(Mask<T> mask) {
        return xsimd::any(mask);
    }
    template <class T>
    static AG_INLINE Register<T> divide(Register<T> a, Register<T> b) {
        return a / b;
    }
    template <class T>
    static AG_INLINE Register<T> sqrt(Register<T> a) {
        return xsimd::sqrt(a);
    }
};
#endif

#if defined(__AVX2__) && !defined(__AVX512F__)
// Eight set lanes, then eight clear ones: read from 8 - k on, a mask whose first k lanes are set.
constexpr std::int32_t set_then_clear[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

struct Avx2 : WithXsimd<xsimd::fma3<xsimd::avx2>> {
    template <class T>
    static AG_INLINE __m256i first(std::size_t count) {
        const std::int32_t* from = set_then_clear + 8 - count * (sizeof(T) / 4);
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    template <class T>
    static AG_INLINE Register<T> load_partial(const T* p, std::size_t count) {
        if constexpr (sizeof(T) == 4)
            return _mm256_maskload_ps(p, first<T>(count));
        else
            return _mm256_maskload_pd(p, first<T>(count));
    }
    template <class T>
    static AG_INLINE void store_partial(T* p, Register<T> a, std::size_t count) {
        if constexpr (sizeof(T) == 4)
            _mm256_maskstore_ps(p, first<T>(count), a);
        else
            _mm256_maskstore_pd(p, first<T>(count), a);
    }
    template <class T>
    static AG_INLINE Register<T> fma(Register<T> a, Register<T> b, Register<T> c) {
        if constexpr (sizeof(T) == 4)
            return _mm256_fmadd_ps(a, b, c);
        else
            return _mm256_fmadd_pd(a, b, c);
    }
    template <class T>
    static AG_INLINE Register<T> fnma(Register<T> a, Register<T> b, Register<T> c) {
        if constexpr (sizeof(T) == 4)
            return _mm256_fnmadd_ps(a, b, c);
        else
            return _mm256_fnmadd_pd(a, b, c);
    }
    template <class T>
    static AG_INLINE unsigned set_lanes(Mask<T> mask) {
        if constexpr (sizeof(T) == 4)
            return static_cast<unsigned>(_mm256_movemask_ps(mask));
        else
            return static_cast<unsigned>(_mm256_movemask_pd(mask));
    }
    template <class T>
    static AG_INLINE Mask<T> not_at_most(Register<T> a, Register<T> b) {
        if constexpr (sizeof(T) == 4)
            return _mm256_cmp_ps(a, b, _CMP_NLE_UQ);
        else
            return _mm256_cmp_pd(a, b, _CMP_NLE_UQ);
    }
    template <class T>
    static AG_INLINE Register<T> lesser(Register<T> a, Register<T> b) {
        if constexpr (sizeof(T) == 4)
            return _mm256_min_ps(a, b);
        else
            return _mm256_min_pd(a, b);
    }
    template <class T>
    static AG_INLINE Register<T> greater(Register<T> a, Register<T> b) {
        if constexpr (sizeof(T) == 4)
            return _mm256_max_ps(a, b);
        else
            return _mm256_max_pd(a, b);
    }
    static AG_INLINE bool any_bit(__m256i a, __m256i bits) { return _mm256_testz_si256(a, bits) == 0; }
    // There is none for double.
    static constexpr double estimate_error = 0x1.8p-12;
    static AG_INLINE Register<float> estimate_inverse_root(Register<float> a) { return _mm256_rsqrt_ps(a); }
    template <int count, class U>
    static AG_INLINE Register<U> shift_left(Register<U> a) {
        if constexpr (sizeof(U) == 4)
            return _mm256_slli_epi32(a, count);
        else
            return _mm256_slli_epi64(a, count);
    }
    template <int count, class U>
    static AG_INLINE Register<U> shift_right(Register<U> a) {
        if constexpr (sizeof(U) == 4)
            return _mm256_srli_epi32(a, count);
        else
            return _mm256_srli_epi64(a, count);
    }
    static AG_INLINE Register<float> look_up(const float (&table)[8], Register<std::uint32_t> index) {
        return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), index);
    }
    template <class Short>
    static AG_INLINE Register<std::uint32_t> load_short(const Short* p) {
        if constexpr (sizeof(Short) == 2)
            return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
        else
            return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
    }
    template <class Short>
    static AG_INLINE void store_short(Short* p, Register<std::uint32_t> a) {
        const __m128i low = _mm256_castsi256_si128(a), high = _mm256_extracti128_si256(a, 1);
        const __m128i words = _mm_packus_epi32(low, high);
        if constexpr (sizeof(Short) == 2)
            _mm_storeu_si128(reinterpret_cast<__m128i*>(p), words);
        else
            _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(words, words));
    }
    static AG_INLINE Register<float> load_bfloat16(const std::uint16_t* p) {
        return _mm256_castsi256_ps(shift_left<16, std::uint32_t>(load_short(p)));
    }
    static AG_INLINE void store_high(std::uint16_t* p, Register<std::uint32_t> a) {
        store_short(p, shift_right<16, std::uint32_t>(a));
    }
    static AG_INLINE Register<float> load_binary16(const std::uint16_t* p) {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static AG_INLINE void store_binary16(std::uint16_t* p, Register<float> a) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
    }
    static AG_INLINE RegisterPair<Register<double>> widen(Register<float> a) {
        return {_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))};
    }
    static AG_INLINE Register<float> narrow(Register<double> low, Register<double> high) {
        return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
    }
    template <class T>
    static AG_INLINE T fold(Register<T> a) {
        if constexpr (sizeof(T) == 4) {
            const __m128 four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
            const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
        } else {
            const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
            return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
        }
    }
};
#endif

#if defined(__AVX512F__)
struct Avx512 : WithXsimd<xsimd::avx512bw> {
    template <class T>
    static AG_INLINE auto first(std::size_t count) {
        const unsigned bits = (1u << count) - 1;
        if constexpr (sizeof(T) == 4)
            return static_cast<__mmask16>(bits);
        else
            return static_cast<__mmask8>(bits);
    }
    template <class T>
    static AG_INLINE Register<T> load_partial(const T* p, std::size_t count) {
        if constexpr (sizeof(T) == 4)
            return _mm512_maskz_loadu_ps(first<T>(count), p);
        else
            return _mm512_maskz_loadu_pd(first<T>(count), p);
    }
    template <class T>
    static AG_INLINE void store_partial(T* p, Register<T> a, std::size_t count) {
        if constexpr (sizeof(T) == 4)
            _mm512_mask_storeu_ps(p, first<T>(count), a);
        else
            _mm512_mask_storeu_pd(p, first<T>(count), a);
    }
    template <class T>
    static AG_INLINE Register<T> gather(const T* p, const std::int32_t* indices, std::size_t count) {
        const auto mask = first<T>(count);
        if constexpr (sizeof(T) == 4)
            return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask,
                                            _mm512_maskz_loadu_epi32(mask, indices), p, 4);
        else
            return _mm512_mask_i32gather_pd(_mm512_setzero_pd(), mask,
                                            _mm256_maskz_loadu_epi32(mask, indices), p, 8);
    }
    template <class T>
    static AG_INLINE Register<T> gather(const T* p, const std::int64_t* indices, std::size_t count) {
        if constexpr (sizeof(T) == 4) {
            const unsigned mask = (1u << count) - 1;
            const auto low = static_cast<__mmask8>(mask), high = static_cast<__mmask8>(mask >> 8);
            const __m256 zero = _mm256_setzero_ps();
            return _mm512_insertf32x8(
                _mm512_castps256_ps512(
                    _mm512_mask_i64gather_ps(zero, low, _mm512_maskz_loadu_epi64(low, indices), p, 4)),
                _mm512_mask_i64gather_ps(zero, high, _mm512_maskz_loadu_epi64(high, indices + 8), p, 4), 1);
        } else {
            const auto mask = first<T>(count);
            return _mm512_mask_i64gather_pd(_mm512_setzero_pd(), mask,
                                            _mm512_maskz_loadu_epi64(mask, indices), p, 8);
        }
    }
    // xsimd 8's multiplies, then adds.
    template <class T>
    static AG_INLINE Register<T> fma(Register<T> a, Register<T> b, Register<T> c) {
        if constexpr (sizeof(T) == 4)
            return _mm512_fmadd_ps(a, b, c);
        else
            return _mm512_fmadd_pd(a, b, c);
    }
    template <class T>
    static AG_INLINE Register<T> fnma(Register<T> a, Register<T> b, Register<T> c) {
        if constexpr (sizeof(T) == 4)
            return _mm512_fnmadd_ps(a, b, c);
        else
            return _mm512_fnmadd_pd(a, b, c);
    }
    template <class T>
    static AG_INLINE unsigned set_lanes(Mask<T> mask) {
        return decltype(first<T>(0)){mask};
    }
    static AG_INLINE bool any_bit(__m512i a, __m512i bits) { return _mm512_test_epi32_mask(a, bits) != 0; }
    static constexpr double estimate_error = 0x1p-14;
    static AG_INLINE Register<float> estimate_inverse_root(Register<float> a) {
        return _mm512_maskz_rsqrt14_ps(0xffff, a);
    }
    static AG_INLINE Register<double> estimate_inverse_root(Register<double> a) {
        return _mm512_maskz_rsqrt14_pd(0xff, a);
    }
    // By the masked forms, since g++ 12 warns about the undefined source of the plain ones.
    template <int count, class U>
    static AG_INLINE Register<U> shift_left(Register<U> a) {
        if constexpr (sizeof(U) == 4)
            return _mm512_maskz_slli_epi32(0xffff, a, count);
        else
            return _mm512_maskz_slli_epi64(0xff, a, count);
    }
    template <int count, class U>
    static AG_INLINE Register<U> shift_right(Register<U> a) {
        if constexpr (sizeof(U) == 4)
            return _mm512_maskz_srli_epi32(0xffff, a, count);
        else
            return _mm512_maskz_srli_epi64(0xff, a, count);
    }
    // The table twice, since four bits count.
    static AG_INLINE Register<float> look_up(const float (&table)[8], Register<std::uint32_t> index) {
        const __m512 twice = _mm512_maskz_broadcast_f32x8(0xffff, _mm256_loadu_ps(table));
        return _mm512_maskz_permutexvar_ps(0xffff, index, twice);
    }
    template <class Short>
    static AG_INLINE Register<std::uint32_t> load_short(const Short* p) {
        if constexpr (sizeof(Short) == 2)
            return _mm512_maskz_cvtepu16_epi32(0xffff,
                                               _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
        else
            return _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static AG_INLINE Register<std::uint32_t> load_short_partial(const std::uint16_t* p, std::size_t count) {
        return _mm512_maskz_cvtepu16_epi32(0xffff, _mm256_maskz_loadu_epi16(first<float>(count), p));
    }
    template <class Short>
    static AG_INLINE void store_short(Short* p, Register<std::uint32_t> a) {
        if constexpr (sizeof(Short) == 2)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_maskz_cvtepi32_epi16(0xffff, a));
        else
            _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_maskz_cvtepi32_epi8(0xffff, a));
    }
    template <class T>
    static AG_INLINE Register<T> lesser(Register<T> a, Register<T> b) {
        if constexpr (sizeof(T) == 4)
            return _mm512_maskz_min_ps(0xffff, a, b);
        else
            return _mm512_maskz_min_pd(0xff, a, b);
    }
    template <class T>
    static AG_INLINE Mask<T> not_at_most(Register<T> a, Register<T> b) {
        if constexpr (sizeof(T) == 4)
            return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ);
        else
            return _mm512_cmp_pd_mask(a, b, _CMP_NLE_UQ);
    }
    template <class T>
    static AG_INLINE Register<Bits<T>> add_one(Register<Bits<T>> a, Mask<T> where) {
        if constexpr (sizeof(T) == 4)
            return _mm512_mask_add_epi32(a, where, a, _mm512_set1_epi32(1));
        else
            return _mm512_mask_add_epi64(a, where, a, _mm512_set1_epi64(1));
    }
    template <class T>
    static AG_INLINE Register<T> lesser_magnitude(Register<T> a, Register<T> b) {
        constexpr int of_magnitudes = 2, without_sign = 2 << 2;
        if constexpr (sizeof(T) == 4)
            return _mm512_range_ps(a, b, of_magnitudes | without_sign);
        else
            return _mm512_range_pd(a, b, of_magnitudes | without_sign);
    }
    template <class T>
    static AG_INLINE Register<T> greater(Register<T> a, Register<T> b) {
        if constexpr (sizeof(T) == 4)
            return _mm512_maskz_max_ps(0xffff, a, b);
        else
            return _mm512_maskz_max_pd(0xff, a, b);
    }
    template <int count>
    static AG_INLINE Register<std::uint32_t> rotate_left(Register<std::uint32_t> a) {
        return _mm512_maskz_rol_epi32(0xffff, a, count);
    }
    // Not by one permutation in place of both: its index takes a register, which kernels that keep w in registers lack.
    static AG_INLINE Register<float> load_bfloat16(const std::uint16_t* p) {
        return _mm512_castsi512_ps(shift_left<16, std::uint32_t>(load_short(p)));
    }
    static constexpr std::uint16_t high_halves[32] = {1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21,
                                                      23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43,
                                                      45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
    static AG_INLINE void store_high(std::uint16_t* p, Register<std::uint32_t> a) {
        const __m512i high = _mm512_maskz_permutexvar_epi16(0xffffffff, _mm512_loadu_si512(high_halves), a);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_castsi512_si256(high));
    }
    // Up where the low half is above 1/2, or is 1/2 and the high half odd: the sum saturates.
    static AG_INLINE void store_bfloat16(std::uint16_t* p, Register<std::uint32_t> a,
                                         Register<std::uint32_t> b) {
        static constexpr std::uint16_t low_halves[32] = {0,  2,  4,  6,  8,  10, 12, 14, 16, 18, 20,
                                                         22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42,
                                                         44, 46, 48, 50, 52, 54, 56, 58, 60, 62};
        const __m512i high = _mm512_permutex2var_epi16(a, _mm512_loadu_si512(high_halves), b);
        const __m512i low = _mm512_permutex2var_epi16(a, _mm512_loadu_si512(low_halves), b);
        const __m512i one = _mm512_set1_epi16(1), half = _mm512_set1_epi16(-0x8000);
        const __mmask32 up =
            _mm512_cmpgt_epu16_mask(_mm512_adds_epu16(low, _mm512_and_si512(high, one)), half);
        _mm512_storeu_si512(p, _mm512_mask_add_epi16(high, up, high, one));
    }
    static AG_INLINE Register<float> load_binary16_partial(const std::uint16_t* p, std::size_t count) {
        return _mm512_maskz_cvtph_ps(0xffff, _mm256_maskz_loadu_epi16(first<float>(count), p));
    }
    static AG_INLINE Register<float> load_binary16(const std::uint16_t* p) {
        __m256i numbers = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
#if defined(__clang__)
        __asm__("" : "+v"(numbers)); // clang 14 takes the register apart, number by number, outside the loop
#endif
        return _mm512_maskz_cvtph_ps(0xffff, numbers);
    }
    static AG_INLINE void store_binary16(std::uint16_t* p, Register<float> a) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                            _mm512_maskz_cvtps_ph(0xffff, a, _MM_FROUND_TO_NEAREST_INT));
    }
    static AG_INLINE RegisterPair<Register<double>> widen(Register<float> a) {
        return {_mm512_cvtps_pd(_mm512_castps512_ps256(a)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1))};
    }
    static AG_INLINE Register<float> narrow(Register<double> low, Register<double> high) {
        return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
    }
    template <class T>
    static AG_INLINE T fold(Register<T> a) {
        if constexpr (sizeof(T) == 4) {
            const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
            const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
            const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
        } else {
            const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
            const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
            return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
        }
    }
};
#endif

#if defined(__aarch64__)
struct Neon : WithXsimd<xsimd::neon64> {
    // Lane by lane, as the compiler's own vectors do it.
    template <class T>
    static AG_INLINE Register<T> load_partial(const T* p, std::size_t count) {
        return __builtin_bit_cast(Register<T>, Portable::load_partial<T>(p, count));
    }
    template <class T>
    static AG_INLINE void store_partial(T* p, Register<T> a, std::size_t count) {
        Portable::store_partial<T>(p, __builtin_bit_cast(Portable::Register<T>, a), count);
    }
    template <class T, class Index>
    static AG_INLINE Register<T> gather(const T* p, const Index* indices, std::size_t count) {
        return __builtin_bit_cast(Register<T>, Portable::gather<T>(p, indices, count));
    }
    // xsimd 8 divides and takes roots in f32 by estimates.
    template <class T>
    static AG_INLINE Register<T> divide(Register<T> a, Register<T> b) {
        if constexpr (sizeof(T) == 4)
            return vdivq_f32(a, b);
        else
            return vdivq_f64(a, b);
    }
    template <class T>
    static AG_INLINE Register<T> sqrt(Register<T> a) {
        if constexpr (sizeof(T) == 4)
            return vsqrtq_f32(a);
        else
            return vsqrtq_f64(a);
    }
    template <class T>
    static AG_INLINE Register<T> fma(Register<T> a, Register<T> b, Register<T> c) {
        if constexpr (sizeof(T) == 4)
            return vfmaq_f32(c, a, b);
        else
            return vfmaq_f64(c, a, b);
    }
    template <class T>
    static AG_INLINE Register<T> fnma(Register<T> a, Register<T> b, Register<T> c) {
        if constexpr (sizeof(T) == 4)
            return vfmsq_f32(c, a, b);
        else
            return vfmsq_f64(c, a, b);
    }
    template <int count, class U>
    static AG_INLINE Register<U> shift_left(Register<U> a) {
        if constexpr (sizeof(U) == 4)
            return vshlq_n_u32(a, count);
        else
            return vshlq_n_u64(a, count);
    }
    template <int count, class U>
    static AG_INLINE Register<U> shift_right(Register<U> a) {
        if constexpr (sizeof(U) == 4)
            return vshrq_n_u32(a, count);
        else
            return vshrq_n_u64(a, count);
    }
    // By the bytes of the two registers that hold the table.
    static AG_INLINE Register<float> look_up(const float (&table)[8], Register<std::uint32_t> index) {
        const uint8x16x2_t bytes = {
            {vreinterpretq_u8_f32(vld1q_f32(table)), vreinterpretq_u8_f32(vld1q_f32(table + 4))}};
        const uint32x4_t first = vmulq_n_u32(vandq_u32(index, vdupq_n_u32(7)), 0x04040404);
        const uint32x4_t places = vaddq_u32(first, vdupq_n_u32(0x03020100));
        return vreinterpretq_f32_u8(vqtbl2q_u8(bytes, vreinterpretq_u8_u32(places)));
    }
    template <class Short>
    static AG_INLINE Register<std::uint32_t> load_short(const Short* p) {
        if constexpr (sizeof(Short) == 2) {
            return vmovl_u16(vld1_u16(p));
        } else {
            std::uint32_t four;
            __builtin_memcpy(&four, p, sizeof four);
            return vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(four))));
        }
    }
    template <class Short>
    static AG_INLINE void store_short(Short* p, Register<std::uint32_t> a) {
        const uint16x4_t words = vmovn_u32(a);
        if constexpr (sizeof(Short) == 2) {
            vst1_u16(p, words);
        } else {
            const uint8x8_t bytes = vmovn_u16(vcombine_u16(words, words));
            const std::uint32_t four = vget_lane_u32(vreinterpret_u32_u8(bytes), 0);
            __builtin_memcpy(p, &four, sizeof four);
        }
    }
    static AG_INLINE Register<float> load_bfloat16(const std::uint16_t* p) {
        return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16));
    }
    static AG_INLINE void store_high(std::uint16_t* p, Register<std::uint32_t> a) {
        vst1_u16(p, vshrn_n_u32(a, 16));
    }
    static AG_INLINE Register<float> load_binary16(const std::uint16_t* p) {
        return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
    }
    static AG_INLINE void store_binary16(std::uint16_t* p, Register<float> a) {
        vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(a)));
    }
    static AG_INLINE RegisterPair<Register<double>> widen(Register<float> a) {
        return {vcvt_f64_f32(vget_low_f32(a)), vcvt_high_f64_f32(a)};
    }
    static AG_INLINE Register<float> narrow(Register<double> low, Register<double> high) {
        return vcvt_high_f32_f64(vcvt_f32_f64(low), high);
    }
    template <class T>
    static AG_INLINE T fold(Register<T> a) {
        if constexpr (sizeof(T) == 4) {
            const float32x2_t two = vadd_f32(vget_low_f32(a), vget_high_f32(a));
            return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
        } else {
            return vgetq_lane_f64(a, 0) + vgetq_lane_f64(a, 1);
        }
    }
};
#endif

// ---- Pack ----------------------------------------------------------------------------------------------

// Bit i: lane i of a register's mask.
template <class Isa, class T>
AG_INLINE unsigned lanes_of(typename Isa::template Mask<T> mask) {
    if constexpr (requires { Isa::template set_lanes<T>(mask); }) {
        return Isa::template set_lanes<T>(mask);
    } else {
        T lane[Isa::template lanes<T>];
        Isa::template store<T>(lane, Isa::template select<T>(mask, Isa::template broadcast<T>(T(1)),
                                                             Isa::template broadcast<T>(T(0))));
        unsigned bits = 0;
        unrolled<Isa::template lanes<T>>([&](std::size_t i)
                                             AG_INLINE_LAMBDA { bits |= unsigned{lane[i] != 0} << i; });
        return bits;
    }
}

// The result of comparing two packs, lane by lane.
template <class Isa, class T>
struct PackMask {
    static constexpr std::size_t registers = pack_bytes_of<Isa> / sizeof(T) / Isa::template lanes<T>;
    typename Isa::template Mask<T> part[registers];

    friend AG_INLINE PackMask operator&(PackMask a, PackMask b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] & b.part[i]; });
        return a;
    }
    friend AG_INLINE PackMask operator|(PackMask a, PackMask b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] | b.part[i]; });
        return a;
    }
    friend AG_INLINE PackMask operator!(PackMask a) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = ~a.part[i]; });
        return a;
    }
    friend AG_INLINE bool any(PackMask a) {
        auto together = a.part[0];
        if constexpr (registers > 1)
            together = together | a.part[1];
        if constexpr (registers > 2)
            together = together | (a.part[2] | a.part[3]);
        return Isa::template any<T>(together);
    }
    // Bit i: lane i.
    friend AG_INLINE std::uint64_t set_lanes(PackMask a) {
        std::uint64_t bits = 0;
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            bits |= std::uint64_t{lanes_of<Isa, T>(a.part[i])} << (i * Isa::template lanes<T>);
        });
        return bits;
    }
};

// 64 bytes of T. T is float, double, or the unsigned integer of either's size; integers have + - & | ^ and
// shifts only.
template <class Isa, class T>
struct Pack {
    using Register = typename Isa::template Register<T>;
    static constexpr std::size_t lanes = pack_bytes_of<Isa> / sizeof(T);
    static constexpr std::size_t register_lanes = Isa::template lanes<T>;
    static constexpr std::size_t registers = lanes / register_lanes;

    Register part[registers];

    static AG_INLINE Pack broadcast(T x) {
        Pack a;
        unrolled<registers>([&](std::size_t i)
                                AG_INLINE_LAMBDA { a.part[i] = Isa::template broadcast<T>(x); });
        return a;
    }
    static AG_INLINE Pack zero() { return broadcast(T(0)); }
    static AG_INLINE Pack load(const T* p) {
        Pack a;
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            a.part[i] = Isa::template load<T>(p + i * register_lanes);
        });
        return a;
    }
    AG_INLINE void store(T* p) const {
        unrolled<registers>(
            [&](std::size_t i) AG_INLINE_LAMBDA { Isa::template store<T>(p + i * register_lanes, part[i]); });
    }

    // The first count <= lanes elements; the other lanes are 0, and their memory is not touched.
    static AG_INLINE Pack load_partial(const T* p, std::size_t count) {
        Pack a;
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            a.part[i] = Isa::template load_partial<T>(p + i * register_lanes, lanes_in_register(count, i));
        });
        return a;
    }
    AG_INLINE void store_partial(T* p, std::size_t count) const {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            Isa::template store_partial<T>(p + i * register_lanes, part[i], lanes_in_register(count, i));
        });
    }

    // For T = std::uint32_t, from and to numbers of one or two bytes; storing, the lanes must fit in them.
    template <class Short>
    static AG_INLINE Pack load_short(const Short* p) {
        Pack a;
        unrolled<registers>([&](std::size_t i)
                                AG_INLINE_LAMBDA { a.part[i] = Isa::load_short(p + i * register_lanes); });
        return a;
    }
    template <class Short>
    AG_INLINE void store_short(Short* p) const {
        unrolled<registers>([&](std::size_t i)
                                AG_INLINE_LAMBDA { Isa::store_short(p + i * register_lanes, part[i]); });
    }

    // The first count <= lanes numbers of two bytes; the other lanes are 0, and their memory is not touched.
    static AG_INLINE Pack load_short_partial(const std::uint16_t* p, std::size_t count) {
        Pack a;
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            const std::uint16_t* const first = p + i * register_lanes;
            const std::size_t rest = lanes_in_register(count, i);
            if constexpr (requires { Isa::load_short_partial(first, rest); }) {
                a.part[i] = Isa::load_short_partial(first, rest);
            } else { // lane by lane: a copy through memory would be a call
                struct {
                    Portable::Register<std::uint32_t> four[register_lanes / 4];
                } lanes_of = {};
                unrolled<register_lanes>([&](std::size_t k) AG_INLINE_LAMBDA {
                    if (k < rest)
                        lanes_of.four[k / 4][k % 4] = first[k];
                });
                a.part[i] = __builtin_bit_cast(Register, lanes_of);
            }
        });
        return a;
    }

    // The lanes' high halves.
    AG_INLINE void store_high(std::uint16_t* p) const {
        unrolled<registers>([&](std::size_t i)
                                AG_INLINE_LAMBDA { Isa::store_high(p + i * register_lanes, part[i]); });
    }

    // p[indices[0]], …, p[indices[count - 1]], then zeros.
    template <class Index>
    static AG_INLINE Pack gather(const T* p, const Index* indices, std::size_t count) {
        if constexpr (requires { Isa::template gather<T>(p, indices, count); }) {
            Pack a;
            unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
                a.part[i] =
                    Isa::template gather<T>(p, indices + i * register_lanes, lanes_in_register(count, i));
            });
            return a;
        } else {
            T lane[lanes] = {};
            for (std::size_t i = 0; i < count; ++i)
                lane[i] = p[indices[i]];
            return load(lane);
        }
    }

    friend AG_INLINE Pack operator+(Pack a, Pack b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] + b.part[i]; });
        return a;
    }
    friend AG_INLINE Pack operator-(Pack a, Pack b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] - b.part[i]; });
        return a;
    }
    friend AG_INLINE Pack operator*(Pack a, Pack b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] * b.part[i]; });
        return a;
    }
    friend AG_INLINE Pack operator/(Pack a, Pack b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            a.part[i] = Isa::template divide<T>(a.part[i], b.part[i]);
        });
        return a;
    }
    friend AG_INLINE Pack operator&(Pack a, Pack b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] & b.part[i]; });
        return a;
    }
    friend AG_INLINE Pack operator|(Pack a, Pack b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] | b.part[i]; });
        return a;
    }
    friend AG_INLINE Pack operator^(Pack a, Pack b) {
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = a.part[i] ^ b.part[i]; });
        return a;
    }

    // Ordered comparisons: false where either side is NaN (== and the rest; != is the negation of ==).
    friend AG_INLINE PackMask<Isa, T> operator<(Pack a, Pack b) {
        PackMask<Isa, T> m;
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { m.part[i] = a.part[i] < b.part[i]; });
        return m;
    }
    friend AG_INLINE PackMask<Isa, T> operator<=(Pack a, Pack b) {
        PackMask<Isa, T> m;
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { m.part[i] = a.part[i] <= b.part[i]; });
        return m;
    }
    friend AG_INLINE PackMask<Isa, T> operator==(Pack a, Pack b) {
        PackMask<Isa, T> m;
        unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA { m.part[i] = a.part[i] == b.part[i]; });
        return m;
    }
    friend AG_INLINE PackMask<Isa, T> operator>(Pack a, Pack b) { return b < a; }
    friend AG_INLINE PackMask<Isa, T> operator>=(Pack a, Pack b) { return b <= a; }

private:
    // How many of the pack's first count lanes lie in register i.
    static AG_INLINE std::size_t lanes_in_register(std::size_t count, std::size_t i) {
        const std::size_t before = i * register_lanes;
        const std::size_t rest = count > before ? count - before : 0;
        return rest < register_lanes ? rest : register_lanes;
    }
};

// a where the mask is set, else b.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> select(PackMask<Isa, T> mask, Pack<Isa, T> a, Pack<Isa, T> b) {
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        a.part[i] = Isa::template select<T>(mask.part[i], a.part[i], b.part[i]);
    });
    return a;
}

// a where it is less (greater) than b, else b, which includes NaN in either: x86's minimum and maximum.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> lesser(Pack<Isa, T> a, Pack<Isa, T> b) {
    if constexpr (requires { Isa::template lesser<T>(a.part[0], b.part[0]); }) {
        unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            a.part[i] = Isa::template lesser<T>(a.part[i], b.part[i]);
        });
        return a;
    } else {
        return select(a < b, a, b);
    }
}
template <class Isa, class T>
AG_INLINE Pack<Isa, T> greater(Pack<Isa, T> a, Pack<Isa, T> b) {
    if constexpr (requires { Isa::template greater<T>(a.part[0], b.part[0]); }) {
        unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            a.part[i] = Isa::template greater<T>(a.part[i], b.part[i]);
        });
        return a;
    } else {
        return select(a > b, a, b);
    }
}

// Where a > b, or one of them is NaN.
template <class Isa, class T>
AG_INLINE PackMask<Isa, T> not_at_most(Pack<Isa, T> a, Pack<Isa, T> b) {
    if constexpr (requires { Isa::template not_at_most<T>(a.part[0], b.part[0]); }) {
        PackMask<Isa, T> m;
        unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            m.part[i] = Isa::template not_at_most<T>(a.part[i], b.part[i]);
        });
        return m;
    } else {
        return !(a <= b);
    }
}

// a, and one more where the mask of packs of T is set.
template <class Isa, class T>
AG_INLINE Pack<Isa, Bits<T>> add_one(Pack<Isa, Bits<T>> a, PackMask<Isa, T> where) {
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        if constexpr (requires { Isa::template add_one<T>(a.part[i], where.part[i]); })
            a.part[i] = Isa::template add_one<T>(a.part[i], where.part[i]);
        else // set lanes are -1
            a.part[i] =
                a.part[i] - __builtin_bit_cast(typename Isa::template Register<Bits<T>>, where.part[i]);
    });
    return a;
}

// The lesser of |a| and |b|; where one of them is NaN, either.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> lesser_magnitude(Pack<Isa, T> a, Pack<Isa, T> b) {
    if constexpr (requires { Isa::template lesser_magnitude<T>(a.part[0], b.part[0]); }) {
        unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
            a.part[i] = Isa::template lesser_magnitude<T>(a.part[i], b.part[i]);
        });
        return a;
    } else {
        return lesser(abs(a), abs(b));
    }
}

// The correctly rounded square root.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> sqrt(Pack<Isa, T> a) {
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i)
                                          AG_INLINE_LAMBDA { a.part[i] = Isa::template sqrt<T>(a.part[i]); });
    return a;
}

// a * b + c, rounded once.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> fma(Pack<Isa, T> a, Pack<Isa, T> b, Pack<Isa, T> c) {
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        c.part[i] = Isa::template fma<T>(a.part[i], b.part[i], c.part[i]);
    });
    return c;
}

// c - a * b, rounded once.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> fnma(Pack<Isa, T> a, Pack<Isa, T> b, Pack<Isa, T> c) {
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        c.part[i] = Isa::template fnma<T>(a.part[i], b.part[i], c.part[i]);
    });
    return c;
}

// The same 64 bytes read as unsigned integers, and back.
template <class Isa, class T>
AG_INLINE Pack<Isa, Bits<T>> to_bits(Pack<Isa, T> a) {
    Pack<Isa, Bits<T>> b;
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        b.part[i] = __builtin_bit_cast(typename Isa::template Register<Bits<T>>, a.part[i]);
    });
    return b;
}
template <class T, class Isa>
AG_INLINE Pack<Isa, T> from_bits(Pack<Isa, Bits<T>> b) {
    Pack<Isa, T> a;
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        a.part[i] = __builtin_bit_cast(typename Isa::template Register<T>, b.part[i]);
    });
    return a;
}

// Logical shifts of unsigned lanes by a constant.
template <int count, class Isa, class U>
AG_INLINE Pack<Isa, U> shift_left(Pack<Isa, U> a) {
    unrolled<Pack<Isa, U>::registers>(
        [&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = Isa::template shift_left<count, U>(a.part[i]); });
    return a;
}
template <int count, class Isa, class U>
AG_INLINE Pack<Isa, U> shift_right(Pack<Isa, U> a) {
    unrolled<Pack<Isa, U>::registers>(
        [&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = Isa::template shift_right<count, U>(a.part[i]); });
    return a;
}

template <int count, class Isa>
AG_INLINE Pack<Isa, std::uint32_t> rotate_left(Pack<Isa, std::uint32_t> a) {
    if constexpr (requires { Isa::template rotate_left<count>(a.part[0]); }) {
        unrolled<Pack<Isa, std::uint32_t>::registers>(
            [&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = Isa::template rotate_left<count>(a.part[i]); });
        return a;
    } else {
        return shift_left<count>(a) | shift_right<32 - count>(a);
    }
}

// table[index mod 8].
template <class Isa>
AG_INLINE Pack<Isa, float> look_up(const float (&table)[8], Pack<Isa, std::uint32_t> index) {
    Pack<Isa, float> a;
    unrolled<Pack<Isa, float>::registers>(
        [&](std::size_t i) AG_INLINE_LAMBDA { a.part[i] = Isa::look_up(table, index.part[i]); });
    return a;
}

// Whether any lane has one of these bits.
template <class Isa, class U>
AG_INLINE bool any_bit(Pack<Isa, U> a, U bits) {
    using P = Pack<Isa, U>;
    auto together = a.part[0];
    unrolled<P::registers - 1>([&](std::size_t i) AG_INLINE_LAMBDA { together = together | a.part[i + 1]; });
    const auto looked_at = Isa::template broadcast<U>(bits);
    if constexpr (requires { Isa::any_bit(together, looked_at); })
        return Isa::any_bit(together, looked_at);
    const auto zero = Isa::template broadcast<U>(U(0));
    return Isa::template any<U>((together & looked_at) != zero);
}

template <class Isa, class T>
AG_INLINE Pack<Isa, T> abs(Pack<Isa, T> a) {
    constexpr Bits<T> sign = Bits<T>(1) << (8 * sizeof(T) - 1);
    return from_bits<T>(to_bits(a) & Pack<Isa, Bits<T>>::broadcast(Bits<T>(sign - 1)));
}
template <class Isa, class T>
AG_INLINE Pack<Isa, T> operator-(Pack<Isa, T> a) {
    constexpr Bits<T> sign = Bits<T>(1) << (8 * sizeof(T) - 1);
    return from_bits<T>(to_bits(a) ^ Pack<Isa, Bits<T>>::broadcast(sign));
}

// Two packs of double that hold a pack of float: lanes 0 to 7, and 8 to 15.
template <class Isa>
struct WidePack {
    Pack<Isa, double> low, high;
};
template <class Isa>
AG_INLINE WidePack<Isa> widen(Pack<Isa, float> a) {
    constexpr std::size_t registers = Pack<Isa, float>::registers;
    if constexpr (registers == 1) {
        const auto pair = Isa::widen(a.part[0]);
        const Pack<Isa, double> low = {{pair.low}}, high = {{pair.high}};
        return {low, high};
    }
    typename Isa::template Register<double> wide[2 * registers];
    unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        const auto pair = Isa::widen(a.part[i]);
        wide[2 * i] = pair.low;
        wide[2 * i + 1] = pair.high;
    });
    WidePack<Isa> b;
    unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        b.low.part[i] = wide[i];
        b.high.part[i] = wide[registers + i];
    });
    return b;
}
template <class Isa>
AG_INLINE Pack<Isa, float> narrow(const WidePack<Isa>& a) {
    constexpr std::size_t registers = Pack<Isa, float>::registers;
    if constexpr (registers == 1)
        return {{Isa::narrow(a.low.part[0], a.high.part[0])}};
    typename Isa::template Register<double> wide[2 * registers];
    unrolled<registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        wide[i] = a.low.part[i];
        wide[registers + i] = a.high.part[i];
    });
    Pack<Isa, float> b;
    unrolled<registers>([&](std::size_t i)
                            AG_INLINE_LAMBDA { b.part[i] = Isa::narrow(wide[2 * i], wide[2 * i + 1]); });
    return b;
}

// The sum of the lanes, folded by halves: lane i + lane i + lanes/2, and so on down to one.
template <class Isa, class T>
AG_INLINE T fold(Pack<Isa, T> a) {
    if constexpr (Pack<Isa, T>::registers == 4) {
        a.part[0] = a.part[0] + a.part[2];
        a.part[1] = a.part[1] + a.part[3];
    }
    if constexpr (Pack<Isa, T>::registers >= 2)
        a.part[0] = a.part[0] + a.part[1];
    return Isa::template fold<T>(a.part[0]);
}

} // namespace
} // namespace anisograd
