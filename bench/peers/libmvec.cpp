// SPDX-License-Identifier: BSD-3-Clause
#include "bench/peers/peers.hpp"

#include <math.h>

namespace bench::peers {

#ifdef BENCH_HAS_LIBMVEC

namespace {

inline float exponential(float x) {
    return expf(x);
}
inline double exponential(double x) {
    return exp(x);
}
inline float logarithm_of_1_plus(float x) {
    return log1pf(x);
}
inline double logarithm_of_1_plus(double x) {
    return log1p(x);
}

template <class T>
void exp_loop(std::size_t n, const T* __restrict x, T* __restrict out) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = exponential(x[i]);
}

template <class T>
void log1p_loop(std::size_t n, const T* __restrict x, T* __restrict out) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = logarithm_of_1_plus(x[i]);
}

template <class T>
void sigmoid_loop(std::size_t n, const T* __restrict x, T* __restrict out) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = 1 / (1 + exponential(-x[i]));
}

template <class T>
void softplus_loop(std::size_t n, const T* __restrict x, T* __restrict out) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = (x[i] > 0 ? x[i] : 0) + logarithm_of_1_plus(exponential(x[i] > 0 ? -x[i] : x[i]));
}

} // namespace

template <class T>
ElementaryFunctions<T> libmvec() {
    return {exp_loop<T>, log1p_loop<T>, sigmoid_loop<T>, softplus_loop<T>};
}

#else

template <class T>
ElementaryFunctions<T> libmvec() {
    return {};
}

#endif

template ElementaryFunctions<float> libmvec();
template ElementaryFunctions<double> libmvec();

} // namespace bench::peers
