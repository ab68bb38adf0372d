// SPDX-License-Identifier: BSD-3-Clause
//
// The projection onto a ball of the mixed norm: the sum over groups of their L2 norms.
#pragma once

#include "src/plan.hpp"
#include "src/projection_result.hpp"

#include "kernels/kernel_table.hpp"

#include <cstdint>

namespace anisograd {

// Neighbouring elements, together all n.
struct Groups {
    std::size_t n, count;
    std::size_t length;          // of equal groups, the last of which may be shorter
    const std::int64_t* offsets; // of listed groups: count + 1; else null

    std::size_t begin(std::size_t group) const {
        return offsets != nullptr ? static_cast<std::size_t>(offsets[group]) : std::min(group * length, n);
    }
    std::size_t size(std::size_t group) const { return begin(group + 1) - begin(group); }
    std::size_t mean_size() const { return count != 0 ? n / count : 0; }
};

template <class T>
ProjectionResult project_onto_group_ball(const Kernels<T>& kernels, T* x, const T* center, double radius,
                                         const Groups& groups, const Metric<T>& metric);

} // namespace anisograd
