// SPDX-License-Identifier: BSD-3-Clause
//
// The part of the contract of kernel_table.hpp for passes over the rows of a matrix other than the gradient's.
#pragma once

#include "kernels/kernel_table.hpp"

namespace anisograd {

// What is added up in each column j over the rows i, with a the weight of row i: its sample weight times that of its
// label. The derivatives are those of a row of weight 1.
enum class ColumnSum {
    curvature_squares, // a_i loss''_i x_ij^2
    residual_squares,  // a_i loss'_i^2 x_ij^2
    squares,           // a_i x_ij^2
    magnitudes         // a_i (|x_i0| + |x_i1| + …) |x_ij|
};

// The visited rows of a problem with several classes, whose models follow one another, class_stride elements apart.
template <class T>
struct SoftmaxRows {
    LogisticRows<T> rows; // without labels
    std::size_t classes, class_stride;
    const std::int32_t* class_of_row;
};

// The rows that softmax takes at once.
inline constexpr std::size_t softmax_block_rows = 256;

// row_pass.hpp. Sums over columns are overwritten; with an intercept the column of ones is the last, whose sum is the
// result.
template <class T, class Matrix>
struct RowPassKernelsOf {
    // Of the visited rows, with the intercept.
    void (*margins)(const Matrix&, const LogisticRows<T>&, T* margins);
    // sum_i a_i loss''_i <x_i, direction> x_ij
    double (*hessian_vector)(const Matrix&, const LogisticRows<T>&, const T* direction, T* sums);
    // scratch: cols elements, for CSR rows whose columns do not increase
    double (*column_sums)(const Matrix&, const LogisticRows<T>&, ColumnSum, T* sums, T* scratch);
    // softmax.hpp: gives the sum of the losses. margins: scratch of softmax_block_rows elements per class, aligned to
    // packs. gradient: null, or written in class_stride; its intercepts' sums go to residual_sums, one per class.
    double (*softmax)(const Matrix&, const SoftmaxRows<T>&, T* margins, T* gradient, double* residual_sums);
};

template <class T>
struct RowPassKernels {
    RowPassKernelsOf<T, DenseRows<T>> dense;
    RowPassKernelsOf<T, CsrRows<T, std::int32_t>> csr;
    RowPassKernelsOf<T, CsrRows<T, std::int64_t>> csr64;
    // Each visited row's residual and curvature, times its sample weight, from its margin; either may be null, and
    // residuals may be margins. Gives the sum of the losses.
    double (*from_margins)(const LogisticRows<T>&, const T* margins, T* residuals, T* curvatures);
};

} // namespace anisograd
