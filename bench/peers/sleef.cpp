// SPDX-License-Identifier: BSD-3-Clause
#include "bench/peers/peers.hpp"

#ifdef BENCH_HAS_SLEEF
#include <sleef.h>
#endif

namespace bench::peers {

#if defined(BENCH_HAS_SLEEF) &&                                                                              \
    (defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__)) || defined(__aarch64__))

namespace {

// The widest vector, and SLEEF's functions on it.
template <class T>
struct Wide;

#if defined(__AVX512F__)
#define BENCH_SLEEF_F32(f) Sleef_##f##f16_u10avx512f
#define BENCH_SLEEF_F64(f) Sleef_##f##d8_u10avx512f
using VectorF32 = __m512;
using VectorF64 = __m512d;
#elif defined(__AVX2__)
#define BENCH_SLEEF_F32(f) Sleef_##f##f8_u10avx2
#define BENCH_SLEEF_F64(f) Sleef_##f##d4_u10avx2
using VectorF32 = __m256;
using VectorF64 = __m256d;
#else
#define BENCH_SLEEF_F32(f) Sleef_##f##f4_u10advsimd
#define BENCH_SLEEF_F64(f) Sleef_##f##d2_u10advsimd
using VectorF32 = float32x4_t;
using VectorF64 = float64x2_t;
#endif

template <>
struct Wide<float> {
    using Vector = VectorF32;
    static Vector exp(Vector x) { return BENCH_SLEEF_F32(exp)(x); }
    static Vector log1p(Vector x) { return BENCH_SLEEF_F32(log1p)(x); }
};
template <>
struct Wide<double> {
    using Vector = VectorF64;
    static Vector exp(Vector x) { return BENCH_SLEEF_F64(exp)(x); }
    static Vector log1p(Vector x) { return BENCH_SLEEF_F64(log1p)(x); }
};

// The compilers' operators on vector types do the rest.
struct Exp {
    template <class W>
    static auto apply(W, typename W::Vector x) {
        return W::exp(x);
    }
};
struct Log1p {
    template <class W>
    static auto apply(W, typename W::Vector x) {
        return W::log1p(x);
    }
};
struct Sigmoid {
    template <class W>
    static auto apply(W, typename W::Vector x) {
        return 1 / (1 + W::exp(-x));
    }
};
struct Softplus {
    template <class W>
    static auto apply(W, typename W::Vector x) {
        const typename W::Vector zero = {};
        return (x > zero ? x : zero) + W::log1p(W::exp(x > zero ? -x : x));
    }
};

template <class F, class T>
void over_array(std::size_t n, const T* x, T* out) {
    using Vector = typename Wide<T>::Vector;
    for (std::size_t i = 0; i < n; i += sizeof(Vector) / sizeof(T))
        *reinterpret_cast<Vector*>(out + i) = F::apply(Wide<T>(), *reinterpret_cast<const Vector*>(x + i));
}

} // namespace

template <class T>
ElementaryFunctions<T> sleef() {
    return {over_array<Exp, T>, over_array<Log1p, T>, over_array<Sigmoid, T>, over_array<Softplus, T>};
}

#else

template <class T>
ElementaryFunctions<T> sleef() {
    return {};
}

#endif

template ElementaryFunctions<float> sleef();
template ElementaryFunctions<double> sleef();

} // namespace bench::peers
