// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace anisograd {

// What a projection did; ag_projection_report without its promises to callers.
struct ProjectionResult {
    double multiplier = 0;
    int passes = 0;
    bool inside = true;
};

} // namespace anisograd
