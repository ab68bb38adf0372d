// SPDX-License-Identifier: BSD-3-Clause
#include "bench/c_functions.hpp"
#include "bench/peers/peers.hpp"

namespace bench::peers {

#ifdef BENCH_HAS_LIBMVEC

namespace {

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

template <class T>
double margins_loop(std::size_t n, const T* __restrict margins, const T* __restrict labels,
                    T* __restrict residuals) {
    // In blocks, so that both loops are vectorized: a sum in the first one is not.
    constexpr std::size_t block = 256;
    T losses[block];
    double sum = 0;
    for (std::size_t begin = 0; begin < n; begin += block) {
        const std::size_t count = n - begin < block ? n - begin : block;
        const T* const m = margins + begin;
        const T* const label = labels + begin;
        T* const residual = residuals + begin;
        for (std::size_t i = 0; i < count; ++i) {
            const T t = label[i] * m[i];
            const T e = exponential(t > 0 ? -t : t);
            losses[i] = (t > 0 ? 0 : -t) + logarithm_of_1_plus(e);
            residual[i] = -label[i] * (t > 0 ? e : T(1)) / (1 + e);
        }
        for (std::size_t i = 0; i < count; ++i)
            sum += static_cast<double>(losses[i]);
    }
    return sum;
}

} // namespace

template <class T>
MarginFunctions<T> libmvec_margins() {
    return {margins_loop<T>};
}

template <class T>
ElementaryFunctions<T> libmvec() {
    return {exp_loop<T>, log1p_loop<T>, sigmoid_loop<T>, softplus_loop<T>};
}

#else

template <class T>
MarginFunctions<T> libmvec_margins() {
    return {};
}

template <class T>
ElementaryFunctions<T> libmvec() {
    return {};
}

#endif

template MarginFunctions<float> libmvec_margins();
template MarginFunctions<double> libmvec_margins();
template ElementaryFunctions<float> libmvec();
template ElementaryFunctions<double> libmvec();

} // namespace bench::peers
