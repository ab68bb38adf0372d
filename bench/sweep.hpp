// SPDX-License-Identifier: BSD-3-Clause
//
// The main kernels over the number of elements, on each ISA, on one thread and on all, beside the limit and the peers
// of the targets; and the machine's rate of arithmetic. bench/plots.py draws what this writes.
#pragma once

#include <string>

namespace bench {

struct SweepOptions {
    std::string path;
    std::string filter; // regular expression, looked for in functions' names; empty: all
    int repetitions = 7;
};

// Writes a table: lines of context after "# ", a line of names, and a line for each series at each point: function,
// series (an ISA's name, or a baseline's), threads, elements, bytes and operations of a call (which may be of several
// short vectors), and seconds of a call:
// lower quartile, median, upper quartile.
void run_sweep(const SweepOptions& options);

} // namespace bench
