// SPDX-License-Identifier: BSD-3-Clause
//
// The continuous quadratic knapsack problem
//
//     min sum_j (z_j - value_j)^2 / s_j for lower_j <= z_j <= upper_j,  sum_j normal_j z_j = right_side
//
// from its definition: z_j(mu) = value_j - mu normal_j s_j, clipped. Every term of the sum of normal_j z_j(mu)
// falls or stays as mu rises, and it is linear between the values of mu at which some z_j meets a bound.
#pragma once

#include "tests/reference/extended.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace reference {

struct KnapsackItem {
    Extended value, normal, step; // step = normal * s
    Extended lower, upper;
};
using Knapsack = std::vector<KnapsackItem>;

inline Extended unclipped(const KnapsackItem& item, Extended mu) {
    return item.step == 0 ? item.value
                          : item.value - mu * item.step; // an infinite mu moves no item of step 0
}

inline Extended clipped(const KnapsackItem& item, Extended mu) {
    return std::min(std::max(unclipped(item, mu), item.lower), item.upper);
}

inline Extended sum(const Knapsack& items, Extended mu) {
    Extended total = 0;
    for (const KnapsackItem& item : items)
        total += item.normal * clipped(item, mu);
    return total;
}

// The values of mu between which an item of step != 0 is off its bounds.
inline std::pair<Extended, Extended> free_range(const KnapsackItem& item) {
    const std::pair<Extended, Extended> ends = {(item.value - item.upper) / item.step,
                                                (item.value - item.lower) / item.step};
    return item.step > 0 ? ends : std::pair<Extended, Extended>{ends.second, ends.first};
}

// The mu of a sum of right_side, by sorting the ends of the items' ranges.
inline Extended multiplier(const Knapsack& items, Extended right_side) {
    const Extended infinity = std::numeric_limits<double>::infinity();
    std::vector<Extended> ends;
    for (const KnapsackItem& item : items)
        if (item.step != 0)
            for (const Extended end : {free_range(item).first, free_range(item).second})
                if (end > -infinity && end < infinity)
                    ends.push_back(end);
    std::sort(ends.begin(), ends.end());
    const auto next = std::partition_point(ends.begin(), ends.end(),
                                           [&](Extended mu) { return sum(items, mu) > right_side; });
    const Extended low = next == ends.begin() ? -infinity : next[-1];
    const Extended high = next == ends.end() ? infinity : *next;
    // From low to high the sum is constant - mu * slope.
    Extended constant = 0, slope = 0;
    for (const KnapsackItem& item : items) {
        if (item.step == 0) {
            constant += item.normal * clipped(item, 0);
            continue;
        }
        const auto [first, last] = free_range(item);
        if (first <= low && high <= last) {
            constant += item.normal * item.value;
            slope += item.normal * item.step;
        } else
            constant += item.normal * ((last <= low) == (item.step > 0) ? item.lower : item.upper);
    }
    if (slope != 0) // rounding may have taken the root for one beyond an end
        return std::clamp((constant - right_side) / slope, low, high);
    // The ends of one item's range may be equal but for rounding: there the sum falls at once.
    if (high < infinity && (low == -infinity || constant > right_side))
        return high;
    return low > -infinity ? low : 0;
}

} // namespace reference
