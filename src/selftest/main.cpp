// SPDX-License-Identifier: BSD-3-Clause
//
// anisograd-selftest: whether this library gives, on this machine, the bits that it gives everywhere.
#include "src/selftest/cases.hpp"
#include "src/selftest/expected.hpp"

#include <anisograd/anisograd.hpp>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <exception>
#include <set>

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

constexpr ag_isa all_isas[] = {AG_ISA_PORTABLE, AG_ISA_AVX2, AG_ISA_AVX512, AG_ISA_NEON};

void print_checksums(const std::vector<selftest::Case>& cases) {
    for (const selftest::Case& one : cases)
        std::printf("    {\"%s\", 0x%016" PRIx64 "},\n", one.name.c_str(), one.compute());
}

// The number of checksums that differ from what is expected, each of which is named.
int compare(const std::vector<selftest::Case>& cases) {
    int different = 0;
    for (const selftest::Case& one : cases) {
        const std::uint64_t found = one.compute();
        const selftest::Expected* expected = selftest::find_expected(one.name);
        if (expected != nullptr && found == expected->checksum)
            continue;
        ++different;
        std::printf("  %s: %016" PRIx64 ", expected %016" PRIx64 "\n", one.name.c_str(), found,
                    expected != nullptr ? expected->checksum : 0);
    }
    return different;
}

int compare_everywhere(const std::vector<selftest::Case>& cases, const std::set<int>& thread_counts) {
    int different = 0;
    for (const ag_isa isa : all_isas) {
        const std::string name(anisograd::isa_name(isa));
        if (!anisograd::isa_supported(isa)) {
            std::printf("%-9s not on this machine, or not in this build\n", name.c_str());
            continue;
        }
        anisograd::set_isa(isa);
        for (const int threads : thread_counts) {
            anisograd::set_num_threads(threads);
            const int found = compare(cases);
            std::printf("%-9s %d thread%s: %zu checksums, %d differ\n", name.c_str(), threads,
                        threads == 1 ? "" : "s", cases.size(), found);
            different += found;
        }
        anisograd::set_num_threads(0);
    }
    return different;
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
    const std::vector<selftest::Case> cases = selftest::all_cases();
    if (print) {
        print_checksums(cases);
        return 0;
    }
    std::printf("anisograd %s\n", ag_version_string());
    std::set<int> thread_counts = {1, anisograd::get_num_threads()};
    for (int threads = 2; all && threads <= 8; ++threads) {
        anisograd::set_num_threads(threads);
        thread_counts.insert(anisograd::get_num_threads()); // 1 in a library without OpenMP
    }
    const int different = compare_everywhere(cases, thread_counts);
    std::puts(different == 0 ? "The same bits as everywhere." : "DIFFERENT: please report it.");
    return different == 0 ? 0 : 1;
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
