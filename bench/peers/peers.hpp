// SPDX-License-Identifier: BSD-3-Clause
//
// The same work done by other libraries, on one thread unless said otherwise. A null pointer says that the
// library was not there when the program was built. T is float or double.
#pragma once

#include <cstddef>
#include <cstdint>
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

// Losses (in margins' type) and their derivatives by the margins, from margins and labels of -1 and +1, in one loop that
// calls libmvec; gives the sum of the losses. Measured beside long double on margins of -8 ... 8 with glibc 2.36:
// losses within 3.5 ULP, derivatives within 4. Null where libmvec is not there.
template <class T>
struct MarginFunctions {
    using Function = double (*)(std::size_t n, const T* margins, const T* labels, T* residuals);
    Function losses_and_residuals;
};
template <class T>
MarginFunctions<T> libmvec_margins();

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

// Labels are -1 and +1. With row_offsets (from 0) a CSR matrix, else a dense one without gaps. The arrays are looked
// at when a function is called.
template <class T>
struct LogisticProblem {
    std::size_t rows, cols;
    const std::int64_t* row_offsets;
    const std::int32_t* columns;
    const T *values, *labels, *w;
};

// The sum of the losses, beside the gradient, as scikit-learn's estimators evaluate them (LinearModelLoss), on one
// thread of a process of its own, and this process's processor time so far; a call includes a message each way.
struct ScikitLearnFunctions {
    std::function<double()> loss_and_gradient, processor_seconds;
};
template <class T>
ScikitLearnFunctions scikit_learn(const LogisticProblem<T>& problem);

// liblinear has no public function for the loss. train() with a tolerance that the start fulfils evaluates loss and
// gradient twice, at 0 and at the start, and then the Hessian's diagonal; it reads rows of (column, value) pairs, which
// are made beforehand. margins: predict_values() for each row.
struct LiblinearFunctions {
    std::function<void()> train_without_a_step, margins;
};
LiblinearFunctions liblinear(const LogisticProblem<double>& problem, double* margins);

// A step of PyTorch's torch::optim::Adagrad (epsilon outside) on thread_count() threads, with the kernels that
// libtorch chooses for the processor. The first call loads libtorch and makes malloc keep freed memory, for the rest
// of the process.
std::function<void()> libtorch_adagrad_step(std::size_t n, float* w, float* g, float* v, double learning_rate,
                                            double epsilon);

} // namespace bench::peers
