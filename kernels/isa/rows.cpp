// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/sparse_adagrad.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr RowKernels<T> kernels = {
    .adagrad_step_rows = adagrad_step_rows<Isa, T>,
    .adagrad_step_narrow_rows = adagrad_step_narrow_rows<ForSums<Isa>, T>,
    .adagrad_step_rowwise = adagrad_step_rowwise<ForSums<Isa>, T>,
};

} // namespace

constinit const ForBothTypes<RowKernels> ANISOGRAD_ISA::row_kernels = {kernels<float>, kernels<double>};

} // namespace anisograd
