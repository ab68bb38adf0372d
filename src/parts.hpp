// SPDX-License-Identifier: BSD-3-Clause
//
// The part of kernels' arguments that belongs to the elements from begin on.
#pragma once

#include "kernels/kernel_table.hpp"

namespace anisograd {

// Null where there is no array.
template <class T>
const T* part(const T* array, std::size_t begin) {
    return array != nullptr ? array + begin : nullptr;
}

template <class T>
Bounds<T> part(const Bounds<T>& b, std::size_t begin) {
    return {b.lower, b.upper, part(b.lower_bounds, begin), part(b.upper_bounds, begin),
            part(b.center, begin)};
}

template <class T>
Ball<T> part(const Ball<T>& ball, std::size_t begin) {
    return {part(ball.center, begin), ball.scale};
}

template <class T>
Metric<T> part(const Metric<T>& m, std::size_t begin) {
    return {part(m.weights, begin), part(m.accumulator, begin), m.epsilon, m.scale, m.least, m.most};
}

template <class T>
Operand<T> part(const Operand<T>& o, std::size_t begin) {
    return {o.data + begin * o.stride, o.stride};
}

template <class T>
Knapsack<T> part(const Knapsack<T>& k, std::size_t begin) {
    return {k.shape,
            part(k.center, begin),
            part(k.normal, begin),
            part(k.lower, begin),
            part(k.upper, begin),
            k.normal_scale};
}

} // namespace anisograd
