// SPDX-License-Identifier: BSD-3-Clause
//
// Constraint sets: an ag_set, checked and turned into what kernels take, and the projection onto an L2 ball.
#pragma once

#include "src/checks.hpp"

namespace anisograd {

template <class T>
struct Set {
    ag_set_kind kind;
    Bounds<T> bounds; // of the sets that clip
    const T* center;  // of the balls
    double radius;

    bool clips() const { return kind != AG_SET_L2_BALL; }
};

// Checks everything about the set but overlaps, for which arrays holds its (at most two) arrays.
template <class T>
Set<T> check_set(Checks& checks, const Kernels<T>& kernels, const ag_set* set, std::size_t n,
                 Array (&arrays)[2]);

// Projects x onto the ball of this radius around center, given squared_norm = sum (x - center)^2 as the
// canonical order gives it. metric: null for the Euclidean norm.
template <class T>
void project_onto_ball(const Kernels<T>& kernels, std::size_t n, T* x, const T* center, double radius,
                       const Metric<T>* metric, double squared_norm);

// Sums kernel(begin, length) over the blocks of n elements, in index order.
template <class Kernel>
double sum_over_blocks(std::size_t n, Kernel kernel) {
    const BlockPlan plan = plan_elements(n);
    double partial[max_blocks];
    for_each_block(plan, n, [&](std::size_t block, std::size_t begin, std::size_t length) {
        partial[block] = kernel(begin, length);
    });
    double sum = 0;
    for (std::size_t block = 0; block < plan.block_count; ++block)
        sum += partial[block];
    return sum;
}

// The part of an array, or null where there is none.
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
    return {part(m.weights, begin),
            part(m.accumulator, begin),
            m.epsilon,
            m.epsilon_mode,
            m.scale,
            m.least,
            m.most};
}

} // namespace anisograd
