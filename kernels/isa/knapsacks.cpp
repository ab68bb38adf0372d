// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/knapsack.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr KnapsackKernels<T> kernels = {
    .sums = knapsack_sums<Isa, T>,
    .total = knapsack_total<Isa, T>,
    .project = knapsack_project<Isa, T>,
    .range = knapsack_range<Isa, T>,
    .list = knapsack_list<Isa, T>,
};

} // namespace

constinit const ForBothTypes<KnapsackKernels> ANISOGRAD_ISA::knapsack_kernels = {kernels<float>,
                                                                                 kernels<double>};

} // namespace anisograd
