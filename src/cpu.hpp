// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "anisograd/anisograd.h"

namespace anisograd {

// Whether this CPU has, and the operating system saves, everything that the flags of the ISA's row in
// cmake/isa.cmake let the compiler use.
bool cpu_runs(ag_isa isa);

} // namespace anisograd
