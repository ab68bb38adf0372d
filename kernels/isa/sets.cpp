// SPDX-License-Identifier: BSD-3-Clause
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
};

} // namespace

constinit const ForBothTypes<SetKernels> ANISOGRAD_ISA::set_kernels = {kernels<float>, kernels<double>};

} // namespace anisograd
