// SPDX-License-Identifier: BSD-3-Clause
//
// The choice of an ISA: once, at the first use.
#pragma once

#include "kernels/kernel_table.hpp"
#include "src/error.hpp"

namespace anisograd {

// The tables in this build: one per ISA, best first (the list that cmake/isa.cmake generates).
extern const KernelTable* const kernel_tables[];
extern const int kernel_table_count;

// The table that kernels run on; null, with the error set, where ANISOGRAD_ISA cannot be honoured.
const KernelTable* active_table(FunctionName function);

template <class T>
const Kernels<T>& kernels_of(const KernelTable& table) {
    if constexpr (sizeof(T) == 4)
        return table.f32;
    else
        return table.f64;
}

} // namespace anisograd
