// SPDX-License-Identifier: BSD-3-Clause
//
// Plain loops to measure against. T is float or double; all use thread_count() threads.
#pragma once

#include <cstddef>
#include <cstdint>

// The limit: streaming loops with the same reads and writes as a kernel, and next to no arithmetic. The
// factors keep the data as it is, which the compiler cannot know.
namespace bench::limit {

template <class T>
void write(std::size_t n, T* x, T value);
template <class T>
void copy(std::size_t n, const T* x, T* out);
// Reads and writes x.
template <class T>
void update(std::size_t n, T* x, T factor);
// Reads and writes x, reads y.
template <class T>
void update_from(std::size_t n, T* x, const T* y, T factor);
// Reads and writes w and v, reads g.
template <class T>
void update_both(std::size_t n, T* w, const T* g, T* v, T factor);
// Reads and writes listed rows of w and of v (rows of one element where v_cols is 1), reads g, and asks for
// memory some rows ahead.
template <class T>
void update_rows(std::size_t count, const std::int64_t* rows, std::size_t cols, std::size_t v_cols, T* w,
                 const T* g, T* v, T factor);
// Reads x and y, writes out.
template <class T>
void combine(std::size_t n, const T* x, const T* y, T* out, T factor);
// Reads x. T: std::int32_t as well.
template <class T>
T read(std::size_t n, const T* x);
// The other limit: 2 n operations on numbers in registers, as fused multiply-adds where the processor has them.
template <class T>
T multiply_add(std::size_t n, T factor, T summand);

} // namespace bench::limit

// Textbook loops, left to the compiler with -ffast-math; the same source for two sets of flags. The step has
// the form of PyTorch, FBGEMM and DeepSpeed: AG_EPSILON_OUTSIDE. The last three, of sums in any order, use one thread:
// squares in double; margins; and the mean logistic loss, returned, with its gradient.
#define BENCH_DECLARE_LOOPS(flags)                                                                           \
    namespace bench::autovectorized::flags {                                                                 \
    template <class T>                                                                                       \
    void adagrad_step(std::size_t n, T* w, const T* g, T* v, T learning_rate, T epsilon);                    \
    template <class T>                                                                                       \
    void adagrad_step_box(std::size_t n, T* w, const T* g, T* v, T learning_rate, T epsilon, T lower,        \
                          T upper);                                                                          \
    template <class T>                                                                                       \
    void sgd_step(std::size_t n, T* w, const T* g, T learning_rate);                                         \
    template <class T>                                                                                       \
    void average(std::size_t n, T* mean, const T* w, T t);                                                   \
    template <class T>                                                                                       \
    double squared_norm(std::size_t n, const T* x);                                                          \
    template <class T>                                                                                       \
    void margins(std::size_t rows, std::size_t cols, const T* X, const T* w, T* margins);                    \
    template <class T>                                                                                       \
    double logistic(std::size_t rows, std::size_t cols, const T* X, const T* y, const T* w, T* gradient);    \
    }
BENCH_DECLARE_LOOPS(native) // -march=native
BENCH_DECLARE_LOOPS(avx2)   // -mavx2 -mfma
#undef BENCH_DECLARE_LOOPS
