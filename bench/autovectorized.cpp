// SPDX-License-Identifier: BSD-3-Clause
//
// Compiled once per set of flags; BENCH_LOOPS names the set. Nothing here may come from the standard
// library's templates: the linker could take the copy compiled with these flags for the whole program.
#include "bench/baselines.hpp"
#include "bench/over_threads.hpp"

#include <math.h>

namespace bench::autovectorized::BENCH_LOOPS {

namespace {

inline float root(float x) {
    return sqrtf(x);
}
inline double root(double x) {
    return sqrt(x);
}

} // namespace

template <class T>
void adagrad_step(std::size_t n, T* __restrict w, const T* __restrict g, T* __restrict v, T learning_rate,
                  T epsilon) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            v[i] += g[i] * g[i];
            w[i] -= learning_rate * g[i] / (root(v[i]) + epsilon);
        }
    });
}

template <class T>
void adagrad_step_box(std::size_t n, T* __restrict w, const T* __restrict g, T* __restrict v, T learning_rate,
                      T epsilon, T lower, T upper) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            v[i] += g[i] * g[i];
            const T stepped = w[i] - learning_rate * g[i] / (root(v[i]) + epsilon);
            const T raised = stepped < lower ? lower : stepped;
            w[i] = raised > upper ? upper : raised;
        }
    });
}

template <class T>
void sgd_step(std::size_t n, T* __restrict w, const T* __restrict g, T learning_rate) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            w[i] -= learning_rate * g[i];
    });
}

template <class T>
void average(std::size_t n, T* __restrict mean, const T* __restrict w, T t) {
    over_threads(n, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            mean[i] += (w[i] - mean[i]) / t;
    });
}

#define BENCH_INSTANTIATE(T)                                                                                 \
    template void adagrad_step(std::size_t, T*, const T*, T*, T, T);                                         \
    template void adagrad_step_box(std::size_t, T*, const T*, T*, T, T, T, T);                               \
    template void sgd_step(std::size_t, T*, const T*, T);                                                    \
    template void average(std::size_t, T*, const T*, T);
BENCH_INSTANTIATE(float)
BENCH_INSTANTIATE(double)

} // namespace bench::autovectorized::BENCH_LOOPS
