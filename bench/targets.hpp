// SPDX-License-Identifier: BSD-3-Clause
//
// The performance targets: ours and its baseline, measured in turns (ours, baseline, ours, baseline, …) in
// one run, on the same arrays. A row's ratio is the median of the ratios of neighbouring measurements, so
// that what disturbs the machine for longer than two of them disturbs both sides.
#pragma once

#include "bench/machine.hpp"
#include "bench/problems.hpp"

#include <string>
#include <vector>

namespace bench {

enum class Sense {
    at_least, // ratio = baseline's time / our time: how many times as fast
    at_most   // ratio = our time / baseline's time: how many times as long
};

struct Side {
    std::string function, variant;
    ag_isa isa;
    int threads;
    std::string label; // in the report
};

struct Target {
    std::string name;
    Shape shape;
    Side ours, baseline;
    Sense sense;
    double bound;
};

struct Comparison {
    bool installed = true;                                 // false: nothing was measured
    double ours = 0, baseline = 0;                         // medians, seconds a call
    double ratio = 0, lowest_ratio = 0, highest_ratio = 0; // per pair: median and spread
};

struct TargetOptions {
    std::string filter; // regular expression, looked for in names; empty: all
    int repetitions = 25;
    int runs = 1;
    std::string json_path; // empty: none
};

// The rows for what can run here.
std::vector<Target> targets();

Comparison compare(const Target& target, int repetitions);

void list_targets(const TargetOptions& options);
void run_targets(const TargetOptions& options);

} // namespace bench
