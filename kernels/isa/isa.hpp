// SPDX-License-Identifier: BSD-3-Clause
//
// The files of this folder are compiled once per ISA (cmake/isa.cmake), each for one family of kernels, with
//   ANISOGRAD_ISA        the ISA's name: the namespace of its tables, each its object's only external symbol
//   ANISOGRAD_ISA_TAG    the tag struct of pack.hpp
//   ANISOGRAD_ISA_ID     its ag_isa
#pragma once

#include "kernels/kernel_table.hpp"

namespace anisograd::ANISOGRAD_ISA {

extern const ForBothTypes<StepKernels> step_kernels;
extern const ForBothTypes<RowKernels> row_kernels;
extern const ForBothTypes<ProjectionKernels> projection_kernels;
extern const ForBothTypes<KnapsackKernels> knapsack_kernels;
extern const ForBothTypes<SetKernels> set_kernels;
extern const ForBothTypes<ThresholdKernels> threshold_kernels;
extern const ForBothTypes<ScanKernels> scan_kernels;
extern const ForBothTypes<LogisticKernels> logistic_kernels;
extern const ForBothTypes<RowPassKernels> row_pass_kernels;
extern const ForBothTypes<ElementaryKernels> elementary_kernels;
extern const NarrowKernels narrow_kernels;
extern const ShortLogisticKernels short_logistic_kernels;
extern const KernelTable kernel_table;

} // namespace anisograd::ANISOGRAD_ISA
