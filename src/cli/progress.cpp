// SPDX-License-Identifier: BSD-3-Clause
#include "progress.hpp"

#include "report.hpp"

#include <iostream>

#include <unistd.h>

namespace cli {

Progress::Progress() : Progress(std::cerr, isatty(STDERR_FILENO) == 1) {}

Progress::Progress(std::ostream& stream, bool terminal) : stream_(stream), terminal_(terminal) {}

Progress::~Progress() {
    clear();
}

void Progress::show(const std::string& task, double done) {
    if (!terminal_) {
        return;
    }
    constexpr std::size_t width = 24;
    const std::string text = task + "  [" + text_bar(done, width) + "] " +
                             right_aligned(std::to_string(static_cast<int>(done * 100)), 3) + " %";
    // Writing only what changed keeps the terminal out of the way of short steps.
    if (text != shown_) {
        stream_ << "\r\033[K" << text << std::flush;
        shown_ = text;
    }
}

void Progress::clear() {
    if (!shown_.empty()) {
        stream_ << "\r\033[K" << std::flush;
        shown_.clear();
    }
}

} // namespace cli
