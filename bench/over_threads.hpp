// SPDX-License-Identifier: BSD-3-Clause
//
// Threads for the baselines, cut as the library cuts its own work. In an unnamed namespace: each file
// compiles it with flags of its own, and the linker must not merge them.
#pragma once

#include "bench/thread_count.hpp"

#include <cstddef>
#include <omp.h>

namespace bench {
namespace {

// Calls body(begin, end) for contiguous parts of 0 ... n, one a thread.
template <class Body>
inline void over_threads(std::size_t n, Body body) {
    if (thread_count() == 1)
        return body(0, n);
#pragma omp parallel num_threads(thread_count())
    {
        constexpr std::size_t granule = 1024; // whole cache lines, and whole vectors
        const auto thread = static_cast<std::size_t>(omp_get_thread_num());
        const auto team = static_cast<std::size_t>(omp_get_num_threads());
        const std::size_t granules = n / granule;
        body(granules * thread / team * granule,
             thread + 1 == team ? n : granules * (thread + 1) / team * granule);
    }
}

} // namespace
} // namespace bench
