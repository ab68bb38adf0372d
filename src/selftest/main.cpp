// SPDX-License-Identifier: BSD-3-Clause
//
// anisograd-selftest: whether this library gives, on this machine, the bits that it gives everywhere. A program of its
// own beside "anisograd selftest", since it builds wherever the library does and needs nothing else.
#include "cases.hpp"
#include "comparison.hpp"

#include <anisograd/anisograd.hpp>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <exception>

namespace {

constexpr const char* usage =
    "Usage: anisograd-selftest [--all | --print]\n"
    "\n"
    "Computes checksums of every function's results on each instruction set that this machine has, and "
    "compares\n"
    "them with those that every machine gives.\n"
    "\n"
    "  --all     on 1 to 8 threads; without it, on 1 and on as many as calls would use\n"
    "  --print   print the checksums of the active instruction set in place of comparing them\n"
    "\n"
    "Status: 0 if all are equal, 1 if some differ, 2 if the arguments are wrong.\n";

void print_checksums() {
    for (const selftest::Case& one : selftest::all_cases())
        std::printf("    {\"%s\", 0x%016" PRIx64 "},\n", one.name.c_str(), one.compute());
}

int run(int count, char** arguments) {
    const bool all = count == 2 && std::strcmp(arguments[1], "--all") == 0;
    const bool print = count == 2 && std::strcmp(arguments[1], "--print") == 0;
    if (count == 2 && std::strcmp(arguments[1], "--help") == 0) {
        std::fputs(usage, stdout);
        return 0;
    }
    if (count > 1 && !all && !print) {
        std::fputs(usage, stderr);
        return 2;
    }
    if (print) {
        print_checksums();
        return 0;
    }
    std::printf("anisograd %s\n", ag_version_string());
    const bool same = selftest::compare_everywhere(
        selftest::thread_counts(all), [](const selftest::Comparison& comparison) {
            std::fputs(selftest::text_of(comparison).c_str(), stdout);
        });
    std::puts(selftest::verdict(same));
    return same ? 0 : 1;
}

} // namespace

int main(int count, char** arguments) {
    try {
        return run(count, arguments);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "anisograd-selftest: %s\n", error.what());
        return 1;
    }
}
