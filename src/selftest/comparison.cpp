// SPDX-License-Identifier: BSD-3-Clause
#include "comparison.hpp"

#include "cases.hpp"
#include "expected.hpp"

#include <anisograd/anisograd.hpp>

#include <cinttypes>
#include <cstdio>

namespace selftest {
namespace {

constexpr ag_isa all_isas[] = {AG_ISA_PORTABLE, AG_ISA_AVX2, AG_ISA_AVX512, AG_ISA_NEON};

std::vector<Difference> differences_of(const std::vector<Case>& cases) {
    std::vector<Difference> differences;
    for (const Case& one : cases) {
        const std::uint64_t found = one.compute();
        const Expected* expected = find_expected(one.name);
        if (expected == nullptr || found != expected->checksum)
            differences.push_back({one.name, found, expected != nullptr ? expected->checksum : 0});
    }
    return differences;
}

} // namespace

std::set<int> thread_counts(bool all) {
    std::set<int> counts = {1, anisograd::get_num_threads()};
    for (int threads = 2; all && threads <= 8; ++threads) {
        anisograd::set_num_threads(threads);
        counts.insert(anisograd::get_num_threads()); // 1 in a library without OpenMP
    }
    anisograd::set_num_threads(0);
    return counts;
}

std::size_t comparison_count(const std::set<int>& threads) {
    std::size_t supported = 0;
    for (const ag_isa isa : all_isas)
        supported += anisograd::isa_supported(isa) ? 1 : 0;
    return supported * threads.size();
}

bool compare_everywhere(const std::set<int>& threads, const std::function<void(const Comparison&)>& report) {
    const std::vector<Case> cases = all_cases();
    bool same = true;
    for (const ag_isa isa : all_isas) {
        if (!anisograd::isa_supported(isa)) {
            report({isa, 0, 0, {}});
            continue;
        }
        anisograd::set_isa(isa);
        for (const int count : threads) {
            anisograd::set_num_threads(count);
            const Comparison comparison = {isa, count, cases.size(), differences_of(cases)};
            same = same && comparison.differences.empty();
            report(comparison);
        }
    }
    anisograd::set_num_threads(0);
    return same;
}

std::string text_of(const Comparison& comparison) {
    const auto format = [](const char* pattern, const auto&... values) {
        char line[200];
        std::snprintf(line, sizeof line, pattern, values...);
        return std::string(line);
    };
    const char* isa = ag_isa_name(comparison.isa);
    if (comparison.checksums == 0)
        return format("%-9s not on this machine, or not in this build\n", isa);
    std::string text;
    for (const Difference& difference : comparison.differences)
        text += format("  %s: %016" PRIx64 ", expected %016" PRIx64 "\n", difference.name.c_str(),
                       difference.found, difference.expected);
    return text + format("%-9s %d thread%s: %zu checksums, %zu differ\n", isa, comparison.threads,
                         comparison.threads == 1 ? "" : "s", comparison.checksums,
                         comparison.differences.size());
}

const char* verdict(bool same) {
    return same ? "The same bits as everywhere." : "DIFFERENT: please report it.";
}

} // namespace selftest
