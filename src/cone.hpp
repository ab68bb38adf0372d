// SPDX-License-Identifier: BSD-3-Clause
//
// The projection onto the second-order cone.
#pragma once

#include "src/projection_result.hpp"
#include "src/shard.hpp"

#include "kernels/kernel_table.hpp"

namespace anisograd {

// Projects x onto { (t, y) : ||y|| <= t }, t the first element.
template <class T>
ProjectionResult project_onto_cone(const Kernels<T>& kernels, const Shard& shard, T* x,
                                   const Metric<T>& metric);

} // namespace anisograd
