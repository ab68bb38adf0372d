// SPDX-License-Identifier: BSD-3-Clause
//
// Times of implementations.
#pragma once

#include "bench/machine.hpp"
#include "bench/problems.hpp"

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

namespace bench {

struct Setting {
    ag_isa isa;
    int threads;
};

// Seconds a call, over so many calls in a row. Threads are timed by the wall clock (threads true). Where all that is
// compared has one thread its processor time is taken, which is the same on an idle machine and leaves out, on a busy
// one, the time that other programs took.
double sample(Setting setting, const Implementation& implementation, std::size_t calls, bool threads);

// How many calls fill a sample. The measurements that it takes warm up caches, threads and clock.
std::size_t calls_per_sample(Setting setting, const Implementation& implementation, bool threads);

// Between two values linearly. part 0: the least, 0.5: the median, 1: the largest.
double quantile(std::vector<double> values, double part);
double median(std::vector<double> values);

// Nothing is measured for a file that cannot be written. Not open if path is empty.
std::ofstream opened(const std::string& path);

// One line a pair, after a "# ".
std::string context_lines();

} // namespace bench
