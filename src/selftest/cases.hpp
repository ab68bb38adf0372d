// SPDX-License-Identifier: BSD-3-Clause
//
// What the self-test computes: every function that promises the same bits everywhere, over fixed inputs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace selftest {

// A function and an element type, and the checksum of its results. compute() throws where a call fails.
struct Case {
    std::string name; // such as "adagrad_step/f32"
    std::function<std::uint64_t()> compute;
};

std::vector<Case> all_cases();

} // namespace selftest
