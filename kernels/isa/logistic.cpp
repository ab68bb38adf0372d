// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/logistic_csr.hpp"
#include "kernels/logistic_dense.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr LogisticKernels<T> kernels = {
    .dense = logistic_dense<Isa, T, SameType<T>>,
    .csr = logistic_csr<Isa, T, std::int32_t>,
    .csr64 = logistic_csr<Isa, T, std::int64_t>,
    .combine_gradients = combine_gradients<Isa, T>,
};

} // namespace

constinit const ForBothTypes<LogisticKernels> ANISOGRAD_ISA::logistic_kernels = {kernels<float>,
                                                                                 kernels<double>};

} // namespace anisograd
