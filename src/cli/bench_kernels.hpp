// SPDX-License-Identifier: BSD-3-Clause
//
// The main kernels on arrays that do not fit the caches, each with the plain loop that is its limit.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace cli {

struct BenchKernel {
    std::string name;
    double bytes = 0;              // that a call reads and writes at least
    std::function<void()> run;     // a call of the library
    std::function<void()> limit;   // the loop that reads and writes the same bytes
    std::function<void()> prepare; // before each run, not timed; may be empty
};

// A group of kernels that share arrays. They are made when they are asked for, so that the groups' arrays need not be
// in memory together.
using BenchGroup = std::function<std::vector<BenchKernel>()>;

// Arrays have so many bytes; the loops use so many threads.
template <class Scalar>
[[nodiscard]] std::vector<BenchGroup> bench_groups(std::size_t bytes, int threads);

} // namespace cli
