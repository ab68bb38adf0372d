// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/group_norms.hpp"
#include "kernels/group_roots.hpp"
#include "kernels/isa/isa.hpp"
#include "kernels/secular.hpp"
#include "kernels/short_rows.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr SetKernels<T> kernels = {
    .secular_sums = secular_sums<Isa, T>,
    .project_short_rows = project_short_rows<Isa, T>,
    .short_group_norms = short_group_norms<Isa, T>,
    .shrink_runs = shrink_runs<Isa, T>,
    .shrink_factors = shrink_factors<Isa>,
    .excess_sums = excess_sums<Isa>,
    .norms_between = norms_between<Isa>,
    .scale_each = scale_each<Isa, T>,
    .short_group_roots = short_group_roots<Isa, T>,
    .shrink_each = shrink_each<Isa, T>,
};

} // namespace

constinit const ForBothTypes<SetKernels> ANISOGRAD_ISA::set_kernels = {kernels<float>, kernels<double>};

} // namespace anisograd
