// SPDX-License-Identifier: BSD-3-Clause
//
// The kernels of cones, of group balls and of short rows: a part of kernel_table.hpp.
#pragma once

#include "kernels/kernel_table.hpp"

namespace anisograd {

// y = scale * (x - center) of elements that share a norm, and what it is divided by:
//     q_j = lambda_j y_j / (lambda_j radius + shift)
struct Secular {
    double radius, shift;
    // The second sum's: sum of q_j^2 (lambda_factor * lambda_j + term) / (lambda_j radius + shift).
    double lambda_factor, term;
};

struct SecularSums {
    double squared_norm; // sum q^2
    double slope;
};

// Rows of at most so many elements are projected side by side, a lane for each.
inline constexpr std::size_t short_row_length = 32;

// Onto L1 balls or simplices.
template <class T>
struct ShortRows {
    T* x;
    std::size_t count, cols, row_stride;
    Metric<T> metric;
    std::size_t metric_stride; // 0: one row for all
    const T* center;           // of L1 balls, one row for all; null: the origin
    bool is_l1_ball;
    const double* radii;
    std::size_t radius_stride; // 0: one for all
    T* memory;                 // short_row_memory elements
    double* numbers;           // short_row_numbers; both aligned as a pack
};
inline constexpr std::size_t short_row_memory = 2 * short_row_length * 16, short_row_numbers = 3 * 16;

struct ShortRowResult {
    double multiplier;
    double passes;
    bool found; // if not, as where a sum overflows, a radius is 0 or an element is NaN, the row is as it was
    bool changed; // any bit of the row
};

// Groups of at most so many elements have their norms side by side, a lane for each, so many at a time.
inline constexpr std::size_t short_group_length = 16, groups_at_once = 16;
inline constexpr std::size_t excess_lanes = 8;
// Those whose elements lie in packs as whole groups, or as whole packs of one.
constexpr bool is_run_length(std::size_t length) {
    return length == 2 || length == 4 || length == 8 || length == 16;
}

// For two multipliers: what of the norms is above them, and of how many groups.
struct ExcessSums {
    double total[2], above[2];
};

// For two multipliers: the norm of each projected group in the norm of Lambda, NaN where it is to be found by other
// means; and -1 times its derivative by the multiplier.
struct GroupRoots {
    double *root[2], *slope[2];
};

// secular.hpp, short_rows.hpp, group_norms.hpp, group_roots.hpp
template <class T>
struct SetKernels {
    SecularSums (*secular_sums)(std::size_t n, const T* x, const Ball<T>&, const Metric<T>&, const Secular&);
    void (*project_short_rows)(const ShortRows<T>&, ShortRowResult*);
    // Norms of `count` groups, a multiple of groups_at_once, of `length` elements that begin at x + begins[i].
    void (*short_group_norms)(std::size_t count, std::size_t length, const T* x, const Ball<T>&,
                              const std::int32_t* begins, double* norms);
    // As many groups, one after the other, of which is_run_length holds: center + y (1 - mu / norm), or the center.
    // For the norms ball has its scale, and mu is scaled too.
    void (*shrink_runs)(std::size_t count, std::size_t length, T* x, const Ball<T>&, double mu);
    // Norms, a multiple of excess_lanes of them, become what the elements of their groups are multiplied by.
    void (*shrink_factors)(std::size_t count, double* norms, double mu);
    // Of a multiple of excess_lanes norms, for each multiplier its own.
    ExcessSums (*excess_sums)(std::size_t count, const double* const (&norms)[2], const double (&mu)[2]);
    // Those norms, of a multiple of excess_lanes, that are above mu[0] and not above mu[1], in their order; their number.
    std::size_t (*norms_between)(std::size_t count, const double* norms, const double (&mu)[2],
                                 double* between);
    // factors: n and as many more as make whole packs, of at most short_group_length.
    void (*scale_each)(std::size_t n, T* x, const Ball<T>&, const double* factors);
    // Norms of projected groups, given as for short_group_norms.
    void (*short_group_roots)(std::size_t count, std::size_t length, const T* x, const Ball<T>&,
                              const Metric<T>&, const std::int32_t* begins, const double (&mu)[2],
                              const GroupRoots&);
    // quotients: as many as factors.
    void (*shrink_each)(std::size_t n, T* x, const T* center, const Metric<T>&, const double* quotients);
};

} // namespace anisograd
