// SPDX-License-Identifier: BSD-3-Clause
//
// The machine, the build, and the setting that a measurement runs in.
#pragma once

#include "anisograd/anisograd.h"

#include <string>
#include <utility>
#include <vector>

namespace bench {

// What every report says first: CPU, compiler, flags, commit, library version, ISA, threads; as they were at
// the first call.
const std::vector<std::pair<std::string, std::string>>& context();

// Of the last minute. On a busy machine one thread of two waits for its processor, and the other for that thread.
std::string load_average();

// The ISAs that run here, best first.
std::vector<ag_isa> runnable_isas();

// 2, or 1 where there is one processor.
int most_threads();

// Sets the library's ISA and, for the library and the baselines alike, the number of threads.
void use(ag_isa isa, int threads);

// Ends the program with the library's message if a call has failed.
void check(ag_status status);

} // namespace bench
