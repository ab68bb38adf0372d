// SPDX-License-Identifier: BSD-3-Clause
//
// The fault of a file: what the program reports with exit code 1.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace cli {

class DataError : public std::runtime_error {
public:
    DataError(const std::string& file, const std::string& reason)
        : std::runtime_error(file + ": " + reason) {}

    // The form that compilers use, so that editors can jump to the line.
    DataError(const std::string& file, std::size_t line, const std::string& reason)
        : std::runtime_error(file + ":" + std::to_string(line) + ": " + reason) {}
};

} // namespace cli
