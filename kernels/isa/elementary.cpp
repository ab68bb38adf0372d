// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/elementary.hpp"
#include "kernels/isa/isa.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr ElementaryKernels<T> kernels = {
    .exp = exp_array<Isa, T>,
    .log1p = log1p_array<Isa, T>,
    .sigmoid = sigmoid_array<Isa, T>,
    .softplus = softplus_array<Isa, T>,
};

} // namespace

constinit const ForBothTypes<ElementaryKernels> ANISOGRAD_ISA::elementary_kernels = {kernels<float>,
                                                                                     kernels<double>};

} // namespace anisograd
