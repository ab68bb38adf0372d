// SPDX-License-Identifier: BSD-3-Clause
//
// The projection onto an L2 ball.
#pragma once

#include "src/projection_result.hpp"
#include "src/shard.hpp"

#include "kernels/kernel_table.hpp"

namespace anisograd {

// Projects x onto the ball of this radius around center.
template <class T>
ProjectionResult project_onto_ball(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center,
                                   double radius, const Metric<T>& metric);

// The same where squared_norm = sum (x - center)^2 is known, as the canonical order gives it.
template <class T>
ProjectionResult project_onto_ball(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center,
                                   double radius, const Metric<T>& metric, double squared_norm);

} // namespace anisograd
