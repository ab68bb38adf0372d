// SPDX-License-Identifier: BSD-3-Clause
//
// The allocations of the library's own code, counted and made to fail. For programs of the static library, which the
// linker's --wrap leads to watched_allocation.cpp; those of OpenMP's and the C++ runtime do not come there.
#pragma once

#include "anisograd/anisograd.h"

#include <cstddef>
#include <functional>

namespace test {

struct Watched {
    ag_status status;
    std::size_t allocations;
    std::ptrdiff_t leaked;
};

// Runs call, of whose allocations the k-th fails; k = 0: none.
Watched run_watched(const std::function<ag_status()>& call, std::size_t k = 0);

} // namespace test
