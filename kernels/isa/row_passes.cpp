// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/row_pass.hpp"
#include "kernels/softmax.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T, class Matrix>
constexpr RowPassKernelsOf<T, Matrix> kernels_of = {
    .margins = margins<Isa, T, Matrix>,
    .hessian_vector = hessian_vector<Isa, T, Matrix>,
    .column_sums = column_sums<Isa, T, Matrix>,
    .softmax = softmax<Isa, T, Matrix>,
};

template <class T>
constexpr RowPassKernels<T> kernels = {
    .dense = kernels_of<T, DenseRows<T>>,
    .csr = kernels_of<T, CsrRows<T, std::int32_t>>,
    .csr64 = kernels_of<T, CsrRows<T, std::int64_t>>,
    .from_margins = logistic_from_margins<Isa, T>,
};

} // namespace

constinit const ForBothTypes<RowPassKernels> ANISOGRAD_ISA::row_pass_kernels = {kernels<float>,
                                                                                kernels<double>};

} // namespace anisograd
