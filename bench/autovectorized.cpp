// SPDX-License-Identifier: BSD-3-Clause
//
// Compiled once per set of flags; BENCH_LOOPS names the set. Nothing here may come from the standard
// library's templates: the linker could take the copy compiled with these flags for the whole program.
#include "bench/baselines.hpp"
#include "bench/c_functions.hpp"
#include "bench/over_threads.hpp"

namespace bench::autovectorized::BENCH_LOOPS {

namespace {

template <class T>
T dot(std::size_t n, const T* __restrict x, const T* __restrict y) {
    T sum = 0;
    for (std::size_t i = 0; i < n; ++i)
        sum += x[i] * y[i];
    return sum;
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

template <class T>
double squared_norm(std::size_t n, const T* x) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
        sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    return sum;
}

template <class T>
void margins(std::size_t rows, std::size_t cols, const T* X, const T* w, T* margins) {
    for (std::size_t i = 0; i < rows; ++i)
        margins[i] = dot(cols, X + i * cols, w);
}

template <class T>
double logistic(std::size_t rows, std::size_t cols, const T* X, const T* y, const T* w,
                T* __restrict gradient) {
    double loss = 0;
    for (std::size_t j = 0; j < cols; ++j)
        gradient[j] = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        const T* __restrict const row = X + i * cols;
        const T z = y[i] * dot(cols, row, w), e = exponential(z > 0 ? -z : z);
        loss += static_cast<double>((z > 0 ? 0 : -z) + logarithm_of_1_plus(e));
        const T residual = -y[i] * (z > 0 ? e : 1) / (1 + e);
        for (std::size_t j = 0; j < cols; ++j)
            gradient[j] += residual * row[j];
    }
    for (std::size_t j = 0; j < cols; ++j)
        gradient[j] /= static_cast<T>(rows);
    return loss / static_cast<double>(rows);
}

#define BENCH_INSTANTIATE(T)                                                                                 \
    template void adagrad_step(std::size_t, T*, const T*, T*, T, T);                                         \
    template void adagrad_step_box(std::size_t, T*, const T*, T*, T, T, T, T);                               \
    template void sgd_step(std::size_t, T*, const T*, T);                                                    \
    template void average(std::size_t, T*, const T*, T);                                                     \
    template double squared_norm(std::size_t, const T*);                                                     \
    template void margins(std::size_t, std::size_t, const T*, const T*, T*);                                 \
    template double logistic(std::size_t, std::size_t, const T*, const T*, const T*, T*);
BENCH_INSTANTIATE(float)
BENCH_INSTANTIATE(double)

} // namespace bench::autovectorized::BENCH_LOOPS
