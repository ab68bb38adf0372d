// SPDX-License-Identifier: BSD-3-Clause
//
// A line on the terminal that shows how far a long task is. Where stderr is not a terminal there is no
// display, so that logs stay plain.
#pragma once

#include <iosfwd>
#include <string>

namespace cli {

class Progress {
public:
    Progress(); // on stderr
    Progress(std::ostream& stream, bool terminal);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Shows the task and the share of it that is done, from 0 to 1.
    void show(const std::string& task, double done);
    // Removes the line, so that other text can be printed.
    void clear();

private:
    std::ostream& stream_;
    bool terminal_;
    std::string shown_;
};

} // namespace cli
