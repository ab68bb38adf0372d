// SPDX-License-Identifier: BSD-3-Clause
//
// The same work done by other libraries, on one thread unless said otherwise. A null pointer says that the
// library was not there when the program was built. T is float or double.
#pragma once

#include <cstddef>
#include <functional>

namespace bench::peers {

template <class T>
struct ElementaryFunctions {
    using Function = void (*)(std::size_t n, const T* x, T* out);
    Function exp, log1p, sigmoid, softplus;
};

// SLEEF's functions with an error of at most 1 ULP, with the widest vectors of the machine that builds; n
// must be a multiple of 16. sigmoid and softplus, which SLEEF does not have, are composed from them and are
// less accurate than that.
template <class T>
ElementaryFunctions<T> sleef();

// glibc's vector functions (at most 4 ULP), called by loops that g++ vectorizes with -ffast-math.
template <class T>
ElementaryFunctions<T> libmvec();

// The two matrix products of a logistic gradient: margins = X w, gradient = X^T margins, by OpenBLAS on
// thread_count() threads. X is row-major, without gaps.
template <class T>
struct MatrixProducts {
    using Function = void (*)(std::size_t rows, std::size_t cols, const T* X, const T* w, T* margins,
                              T* gradient);
    Function gemv_pair;
};
template <class T>
MatrixProducts<T> openblas();

// A step of PyTorch's torch::optim::Adagrad (epsilon outside) on thread_count() threads, with the kernels that
// libtorch chooses for the processor. The first call loads libtorch and makes malloc keep freed memory, for the rest
// of the process.
std::function<void()> libtorch_adagrad_step(std::size_t n, float* w, float* g, float* v, double learning_rate,
                                            double epsilon);

} // namespace bench::peers
