// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/adagrad.hpp"
#include "kernels/isa/isa.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr StepKernels<T> kernels = {
    .fill = fill<Isa, T>,
    .adagrad_step = adagrad_step<Isa, T>,
    .adagrad_step_clip = adagrad_step_clip<Isa, T>,
    .adagrad_step_squared_norm = adagrad_step_squared_norm<Isa, T>,
    .adagrad_step_average = adagrad_step_average<Isa, T>,
    .dual_averaging_step = dual_averaging_step<Isa, T>,
    .gradient_squared_norm = gradient_squared_norm<Isa, T>,
    .step_with_one_lambda = step_with_one_lambda<Isa, T>,
    .average = average<Isa, T>,
};

} // namespace

constinit const ForBothTypes<StepKernels> ANISOGRAD_ISA::step_kernels = {kernels<float>, kernels<double>};

} // namespace anisograd
