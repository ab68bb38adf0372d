// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/projection.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr ProjectionKernels<T> kernels = {
    .clip = clip<Isa, T>,
    .max_abs = max_abs<Isa, T>,
    .squared_norm = squared_norm<Isa, T>,
    .ball_sums = ball_sums<Isa, T>,
    .ball_moments = ball_moments<Isa, T>,
    .ball_shrink = ball_shrink<Isa, T>,
    .ball_scale = ball_scale<Isa, T>,
};

} // namespace

constinit const ForBothTypes<ProjectionKernels> ANISOGRAD_ISA::projection_kernels = {kernels<float>,
                                                                                     kernels<double>};

} // namespace anisograd
