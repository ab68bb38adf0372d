// SPDX-License-Identifier: BSD-3-Clause
//
// The published algorithms for the simplex and the L1 ball, one coordinate at a time on one thread, to measure
// against. In place; the caller owns the memory, so that none is allocated while time is measured. T is float or
// double. Sums and multipliers are in double, as in Condat's own program and in the library.
#pragma once

#include <cstddef>

namespace bench::scalar {

enum class Set {
    simplex, // p_j >= 0, sum_j p_j = radius
    l1_ball  // sum_j |p_j| <= radius
};

// Euclidean. radius >= 0; memory: n elements.

// Sorts and sums: M. Held, P. Wolfe, H. P. Crowder. Validation of subgradient optimization. Math. Program. 6,
// 1974; J. Duchi, S. Shalev-Shwartz, Y. Singer, T. Chandra. Efficient projections onto the l1-ball for learning
// in high dimensions. ICML 2008.
template <class T>
void sort_projection(Set set, std::size_t n, T* x, double radius, T* memory);

// L. Condat. Fast projection onto the simplex and the l1 ball. Math. Program. 158, 2016.
template <class T>
void condat_projection(Set set, std::size_t n, T* x, double radius, T* memory);

// In the norm of diag(lambda), lambda_j > 0.

template <class T>
struct Breakpoint {
    T multiplier;     // from which on the coordinate is 0
    T value, inverse; // x_j or |x_j|; 1 / lambda_j
};

// Sorts the breakpoints lambda_j |x_j| and sums. memory: n breakpoints.
template <class T>
void sort_projection_lambda(Set set, std::size_t n, T* x, const T* lambda, double radius,
                            Breakpoint<T>* memory);

// Newton's method on the coordinates that are not 0 yet, of which each pass leaves some out. For lambda = 1: C.
// Michelot. A finite algorithm for finding the projection of a point onto the canonical simplex of R^n. J. Optim.
// Theory Appl. 50, 1986. memory: 2 n elements.
template <class T>
void michelot_projection_lambda(Set set, std::size_t n, T* x, const T* lambda, double radius, T* memory);

} // namespace bench::scalar
