// SPDX-License-Identifier: BSD-3-Clause
#include "anisograd/anisograd.h"
#include "kernels/isa/isa.hpp"
#include "kernels/row_pass_table.hpp"
#include "kernels/set_table.hpp"

namespace anisograd::ANISOGRAD_ISA {

constinit const KernelTable kernel_table = {
    .isa = ANISOGRAD_ISA_ID,
    .f32 = {.step = step_kernels.f32,
            .rows = row_kernels.f32,
            .projection = projection_kernels.f32,
            .knapsack = knapsack_kernels.f32,
            .sets = set_kernels.f32,
            .threshold = threshold_kernels.f32,
            .scan = scan_kernels.f32,
            .logistic = logistic_kernels.f32,
            .row_pass = row_pass_kernels.f32,
            .elementary = elementary_kernels.f32},
    .f64 = {.step = step_kernels.f64,
            .rows = row_kernels.f64,
            .projection = projection_kernels.f64,
            .knapsack = knapsack_kernels.f64,
            .sets = set_kernels.f64,
            .threshold = threshold_kernels.f64,
            .scan = scan_kernels.f64,
            .logistic = logistic_kernels.f64,
            .row_pass = row_pass_kernels.f64,
            .elementary = elementary_kernels.f64},
    .narrow = narrow_kernels,
    .short_logistic = short_logistic_kernels,
};

} // namespace anisograd::ANISOGRAD_ISA
