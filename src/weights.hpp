// SPDX-License-Identifier: BSD-3-Clause
//
// Weights, and the range of them that the secular equations of cones and group balls need.
#pragma once

#include "kernels/kernel_table.hpp"

#include <cmath>

namespace anisograd {

// In v's type.
template <class V, class T>
V lambda_of(V v, const Epsilon<T>& epsilon) {
    return std::sqrt(v + epsilon.inside) + epsilon.outside;
}

template <class T>
bool is_euclidean(const Metric<T>& metric) {
    return metric.weights == nullptr && metric.accumulator == nullptr;
}

// The range of lambda: with x of about 1, products and quotients of weights stay within double's. 0 and
// infinity come to its ends, far from the root of any number, which is how they take their limits.
template <class T>
inline constexpr double largest_secular_weight = sizeof(T) == 4 ? 0x1p126 : 0x1p300;

template <class T>
Metric<T> within_secular_range(Metric<T> metric) {
    metric.most = largest_secular_weight<T>;
    metric.least = 1 / metric.most;
    return metric;
}

} // namespace anisograd
