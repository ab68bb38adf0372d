// SPDX-License-Identifier: BSD-3-Clause
//
// The projection onto the second-order cone.
#pragma once

#include "src/projection_result.hpp"

#include "kernels/kernel_table.hpp"

namespace anisograd {

// Projects x onto { (t, y) : ||y|| <= t }, t the first element; n >= 1.
template <class T>
ProjectionResult project_onto_cone(const Kernels<T>& kernels, std::size_t n, T* x, const Metric<T>& metric);

} // namespace anisograd
