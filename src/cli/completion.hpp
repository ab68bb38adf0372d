// SPDX-License-Identifier: BSD-3-Clause
//
// What the shells' completions ask the program, so that they need not know its options.
#pragma once

#include <CLI/CLI.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace cli {

// The first argument; the words after the program's name follow, the last of them the one to complete, or "".
inline constexpr const char* completion_option = "--complete";

// Prints the line "files" where a file's name is wanted and "words" elsewhere, then the words that fit, one a line.
void print_completions(std::ostream& stream, const CLI::App& app, std::vector<std::string> words);

} // namespace cli
