// SPDX-License-Identifier: BSD-3-Clause
#include "bench/measuring.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <time.h>

namespace bench {

namespace {

// Less than a scheduler's time slice, so that most pairs of samples pass undisturbed.
constexpr double seconds_per_sample = 0.001;

double seconds_now(const Implementation& implementation, bool threads) {
    timespec time;
    clock_gettime(threads ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec) +
           (!threads && implementation.seconds_elsewhere ? implementation.seconds_elsewhere() : 0);
}

} // namespace

double sample(Setting setting, const Implementation& implementation, std::size_t calls, bool threads) {
    use(setting.isa, setting.threads);
    double seconds = 0;
    if (implementation.prepare) {
        for (std::size_t call = 0; call < calls; ++call) {
            implementation.prepare();
            const double start = seconds_now(implementation, threads);
            implementation.run();
            seconds += seconds_now(implementation, threads) - start;
        }
    } else {
        const double start = seconds_now(implementation, threads);
        for (std::size_t call = 0; call < calls; ++call)
            implementation.run();
        seconds = seconds_now(implementation, threads) - start;
    }
    return seconds / static_cast<double>(calls);
}

std::size_t calls_per_sample(Setting setting, const Implementation& implementation, bool threads) {
    for (std::size_t calls = 1;; calls *= 4) {
        const double seconds = sample(setting, implementation, calls, threads);
        if (seconds * static_cast<double>(calls) > seconds_per_sample / 4)
            return static_cast<std::size_t>(std::ceil(seconds_per_sample / seconds));
    }
}

double quantile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    const double position = part * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (position - static_cast<double>(below)) * (values[above] - values[below]);
}

double median(std::vector<double> values) {
    return quantile(std::move(values), 0.5);
}

std::ofstream opened(const std::string& path) {
    std::ofstream file;
    if (!path.empty()) {
        file.open(path);
        if (!file)
            throw std::runtime_error("cannot write " + path);
    }
    return file;
}

std::string context_lines() {
    std::string lines;
    for (const auto& [key, value] : context())
        lines.append("# ").append(key).append(": ").append(value).append("\n");
    return lines;
}

} // namespace bench
