// SPDX-License-Identifier: BSD-3-Clause
//
// The projection onto a ball of the mixed norm: the sum over groups of their L2 norms.
#pragma once

#include "src/projection_result.hpp"
#include "src/shard.hpp"

#include "kernels/kernel_table.hpp"

#include <cstdint>
#include <span>

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

inline BlockPlan plan_groups(const Groups& groups) {
    const std::size_t shortest = 16 * 1024 / std::max<std::size_t>(groups.mean_size(), 1);
    return cut_into_blocks(groups.count, 1, max_blocks, std::max<std::size_t>(shortest, 1));
}

// The groups of a sharded vector are of equal lengths, its blocks those of plan_groups. memory: group_ball_memory(total)
// numbers, or none.
template <class T>
ProjectionResult project_onto_group_ball(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center,
                                         double radius, const Groups& groups, const Metric<T>& metric,
                                         std::span<double> memory);

std::size_t group_ball_memory(std::size_t n);

} // namespace anisograd
