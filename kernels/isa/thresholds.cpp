// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/threshold.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr ThresholdKernels<T> kernels = {
    .sums = threshold_sums<Isa, T>,
    .sums_of_runs = threshold_sums_of_runs<Isa, T>,
    .list = threshold_list<Isa, T>,
    .project = threshold_project<Isa, T>,
    .changes = threshold_changes<Isa, T>,
};

} // namespace

constinit const ForBothTypes<ThresholdKernels> ANISOGRAD_ISA::threshold_kernels = {kernels<float>,
                                                                                   kernels<double>};

} // namespace anisograd
