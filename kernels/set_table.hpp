// SPDX-License-Identifier: BSD-3-Clause
//
// The kernels of cones and of group balls: a part of kernel_table.hpp.
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

// secular.hpp
template <class T>
struct SetKernels {
    SecularSums (*secular_sums)(std::size_t n, const T* x, const Ball<T>&, const Metric<T>&, const Secular&);
};

} // namespace anisograd
