// SPDX-License-Identifier: BSD-3-Clause
//
// Whether a library gives, on this machine, the checksums that every machine gives.
#pragma once

#include <anisograd/anisograd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace selftest {

struct Difference {
    std::string name; // of the case
    std::uint64_t found, expected;
};

// The checksums of one instruction set and number of threads.
struct Comparison {
    ag_isa isa = AG_ISA_NONE;
    int threads = 0;
    std::size_t checksums = 0; // 0: the instruction set is not on this machine, or not in this build
    std::vector<Difference> differences;
};

// 1 and as many threads as calls would use; with all, 1 to 8 as well.
std::set<int> thread_counts(bool all);

// The comparisons that compare_everywhere makes.
std::size_t comparison_count(const std::set<int>& threads);

// Compares on every instruction set and number of threads. Calls report after each, and once for an instruction
// set that is missing. Returns whether all checksums are those expected. The process's instruction set and number of
// threads are others afterwards.
bool compare_everywhere(const std::set<int>& threads, const std::function<void(const Comparison&)>& report);

// For people: the lines of a comparison, and of all of them together.
std::string text_of(const Comparison& comparison);
const char* verdict(bool same);

} // namespace selftest
