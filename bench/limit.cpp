// SPDX-License-Identifier: BSD-3-Clause
#include "bench/baselines.hpp"
#include "bench/over_threads.hpp"

#include <cstdint>

namespace bench::limit {

template <class T>
void write(std::size_t n, T* x, T value) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            x[i] = value;
    });
}

template <class T>
void copy(std::size_t n, const T* __restrict x, T* __restrict out) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            out[i] = x[i];
    });
}

template <class T>
void update(std::size_t n, T* x, T factor) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            x[i] *= factor;
    });
}

template <class T>
void update_from(std::size_t n, T* __restrict x, const T* __restrict y, T factor) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            x[i] += factor * y[i];
    });
}

template <class T>
void update_both(std::size_t n, T* __restrict w, const T* __restrict g, T* __restrict v, T factor) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            v[i] += factor * g[i];
            w[i] += factor * g[i];
        }
    });
}

template <class T>
void update_rows(std::size_t count, const std::int64_t* rows, std::size_t cols, std::size_t v_cols, T* w,
                 const T* g, T* v, T factor) {
    constexpr std::size_t ahead = 12, line = 64 / sizeof(T);
    over_threads(count, [=](std::size_t begin, std::size_t end) {
        for (std::size_t k = begin; k < end; ++k) {
            if (k + ahead < end) {
                const auto next = static_cast<std::size_t>(rows[k + ahead]);
                for (std::size_t j = 0; j < cols; j += line)
                    __builtin_prefetch(w + next * cols + j, 1);
                for (std::size_t j = 0; j < v_cols; j += line)
                    __builtin_prefetch(v + next * v_cols + j, 1);
            }
            const auto row = static_cast<std::size_t>(rows[k]);
            T* __restrict const row_w = w + row * cols;
            T* __restrict const row_v = v + row * v_cols;
            const T* __restrict const row_g = g + k * cols;
            for (std::size_t j = 0; j < v_cols; ++j)
                row_v[j] += factor * row_g[j];
            for (std::size_t j = 0; j < cols; ++j)
                row_w[j] += factor * row_g[j];
        }
    });
}

template <class T>
void combine(std::size_t n, const T* __restrict x, const T* __restrict y, T* __restrict out, T factor) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            out[i] = x[i] + factor * y[i];
    });
}

// Four accumulators of 64 bytes, since one would wait for its own last addition.
template <class T>
T read(std::size_t n, const T* x) {
    constexpr std::size_t lanes = 64 / sizeof(T), accumulators = 4;
    typedef T Vector __attribute__((vector_size(64), aligned(sizeof(T))));
    T total = 0;
    over_threads(n, [&](std::size_t begin, std::size_t end) {
        Vector sums[accumulators] = {};
        std::size_t i = begin;
        for (; i + accumulators * lanes <= end; i += accumulators * lanes)
            for (std::size_t k = 0; k < accumulators; ++k)
                sums[k] += *reinterpret_cast<const Vector*>(x + i + k * lanes);
        const Vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        T part = 0;
        for (std::size_t lane = 0; lane < lanes; ++lane)
            part += sum[lane];
        for (; i < end; ++i)
            part += x[i];
#pragma omp atomic
        total += part;
    });
    return total;
}

// As many accumulators as keep two units of four cycles' latency busy, and fit into the registers.
template <class T>
T multiply_add(std::size_t n, T factor, T summand) {
#if defined(__AVX512F__)
    constexpr std::size_t bytes = 64;
#else
    constexpr std::size_t bytes = 32;
#endif
    constexpr std::size_t lanes = bytes / sizeof(T), accumulators = 8;
    typedef T Vector __attribute__((vector_size(bytes)));
    T total = 0;
    over_threads(n, [=, &total](std::size_t begin, std::size_t end) {
        Vector values[accumulators] = {};
        for (std::size_t i = begin; i + accumulators * lanes <= end; i += accumulators * lanes)
            for (Vector& value : values)
                value = value * factor + summand;
        T part = 0;
        for (const Vector& value : values)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                part += value[lane];
#pragma omp atomic
        total += part;
    });
    return total;
}

#define BENCH_INSTANTIATE(T)                                                                                 \
    template void write(std::size_t, T*, T);                                                                 \
    template void copy(std::size_t, const T*, T*);                                                           \
    template void update(std::size_t, T*, T);                                                                \
    template void update_from(std::size_t, T*, const T*, T);                                                 \
    template void update_both(std::size_t, T*, const T*, T*, T);                                             \
    template void update_rows(std::size_t, const std::int64_t*, std::size_t, std::size_t, T*, const T*, T*,  \
                              T);                                                                            \
    template void combine(std::size_t, const T*, const T*, T*, T);                                           \
    template T multiply_add(std::size_t, T, T);                                                              \
    template T read(std::size_t, const T*);
BENCH_INSTANTIATE(float)
BENCH_INSTANTIATE(double)
template std::int32_t read(std::size_t, const std::int32_t*);

} // namespace bench::limit
