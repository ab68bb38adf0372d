// SPDX-License-Identifier: BSD-3-Clause
//
// Projections onto sets with one linear constraint: continuous quadratic knapsack problems.
#pragma once

#include "src/projection_result.hpp"
#include "src/shard.hpp"

#include "kernels/kernel_table.hpp"

#include <limits>

namespace anisograd {

enum class Constraint {
    at_most, // sum <= offset
    equal,   // sum = offset
    between  // lower_offset <= sum <= offset
};

// sum a_j p_j, of which p is what the knapsack says, and its right side.
template <class T>
struct KnapsackProblem {
    Knapsack<T> knapsack;
    Constraint constraint;
    double offset, lower_offset; // times knapsack.normal_scale
    bool has_bounds;             // without, the sum is linear in the multiplier
};

// The numbers of T that such a projection works in, of a vector of n elements to which so many arrays belong, x and the
// weights included. Shorter ones need none: rows of which threads project several at a time.
std::size_t knapsack_memory(std::size_t n, std::size_t arrays);

// The sum for the multiplier 0 of the elements x[0] ... x[length - 1], which are those from begin on: to within a few
// roundings of T.
template <class T>
double knapsack_total(const Kernels<T>& kernels, const KnapsackProblem<T>& problem, std::size_t begin,
                      std::size_t length, const T* x);

// memory: as many numbers. reported: where there are shards, whether it matters which way `inside` comes out. total: such
// a sum of the whole vector, where it is known; else NaN.
template <class T>
ProjectionResult project_onto_knapsack(const Kernels<T>& kernels, const Shard& shard, T* x,
                                       const KnapsackProblem<T>& problem, const Metric<T>& metric, T* memory,
                                       bool reported,
                                       double total = std::numeric_limits<double>::quiet_NaN());

// Whether some p within the bounds fulfils the constraint, but for rounding in the bounds.
template <class T>
bool is_feasible(const Kernels<T>& kernels, const Shard& shard, const KnapsackProblem<T>& problem);

} // namespace anisograd
