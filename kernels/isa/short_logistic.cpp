// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/row_pass.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class Short>
constexpr ShortMatrixKernels kernels = {
    .dense = logistic_dense<Isa, float, Widened<Short>>,
    .margins = margins<Isa, float, DenseRows<std::uint16_t>, Widened<Short>>,
};

} // namespace

constinit const ShortLogisticKernels ANISOGRAD_ISA::short_logistic_kernels = {
    .bf16 = kernels<Bfloat16>,
    .f16 = kernels<Binary16>,
};

} // namespace anisograd
