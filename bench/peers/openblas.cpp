// SPDX-License-Identifier: BSD-3-Clause
#include "bench/peers/peers.hpp"
#include "bench/thread_count.hpp"

#ifdef BENCH_HAS_OPENBLAS
#include <cblas.h>
#endif

namespace bench::peers {

#ifdef BENCH_HAS_OPENBLAS

namespace {

void gemv(CBLAS_TRANSPOSE transpose, blasint rows, blasint cols, const float* X, const float* x, float* y) {
    cblas_sgemv(CblasRowMajor, transpose, rows, cols, 1, X, cols, x, 1, 0, y, 1);
}
void gemv(CBLAS_TRANSPOSE transpose, blasint rows, blasint cols, const double* X, const double* x,
          double* y) {
    cblas_dgemv(CblasRowMajor, transpose, rows, cols, 1, X, cols, x, 1, 0, y, 1);
}

template <class T>
void gemv_pair(std::size_t rows, std::size_t cols, const T* X, const T* w, T* margins, T* gradient) {
    if (openblas_get_num_threads() != thread_count())
        openblas_set_num_threads(thread_count());
    const auto m = static_cast<blasint>(rows), n = static_cast<blasint>(cols);
    gemv(CblasNoTrans, m, n, X, w, margins);
    gemv(CblasTrans, m, n, X, margins, gradient);
}

} // namespace

template <class T>
MatrixProducts<T> openblas() {
    return {gemv_pair<T>};
}

#else

template <class T>
MatrixProducts<T> openblas() {
    return {};
}

#endif

template MatrixProducts<float> openblas();
template MatrixProducts<double> openblas();

} // namespace bench::peers
