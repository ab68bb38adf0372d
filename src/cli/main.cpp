// SPDX-License-Identifier: BSD-3-Clause
#include "command_line.hpp"

#include <exception>
#include <iostream>
#include <new>

int main(int argument_count, char** arguments) {
    try {
        return cli::run_command_line(argument_count, arguments);
    } catch (const std::bad_alloc&) {
        std::cerr << "anisograd: out of memory\n";
    } catch (const std::exception& error) {
        std::cerr << "anisograd: " << error.what() << '\n';
    }
    return cli::exit_failure;
}
