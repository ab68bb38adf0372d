// SPDX-License-Identifier: BSD-3-Clause
#include "progress.hpp"

#include <iostream>

#include <unistd.h>

namespace train_logistic {

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    clear();
}

void Progress::show(const std::string& task, double done) {
    if (!terminal_) {
        return;
    }
    const std::string text = task + "  " + std::to_string(static_cast<int>(done * 100)) + " %";
    // Writing only what changed keeps the terminal out of the way of short steps.
    if (text != shown_) {
        std::cerr << "\r\033[K" << text << std::flush;
        shown_ = text;
    }
}

void Progress::clear() {
    if (!shown_.empty()) {
        std::cerr << "\r\033[K" << std::flush;
        shown_.clear();
    }
}

} // namespace train_logistic
