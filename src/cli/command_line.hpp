// SPDX-License-Identifier: BSD-3-Clause
//
// The command line: what the program is told, and its exit code.
#pragma once

namespace cli {

constexpr int exit_success = 0;
constexpr int exit_failure = 1; // a file or the computation is at fault
constexpr int exit_usage = 2;   // the arguments are

// Runs the command that the arguments name and returns the exit code. Throws what the command throws.
int run_command_line(int argument_count, char** arguments);

} // namespace cli
