// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "comparison.hpp"
#include "number.hpp"
#include "progress.hpp"
#include "report.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

std::string hexadecimal(std::uint64_t number) {
    char text[17] = {};
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
    return text;
}

Json comparison_json(const selftest::Comparison& comparison) {
    Json json = {{"isa", anisograd::isa_name(comparison.isa)},
                 {"supported", comparison.checksums > 0},
                 {"threads", comparison.threads},
                 {"checksums", comparison.checksums},
                 {"differences", Json::array()}};
    for (const selftest::Difference& difference : comparison.differences) {
        json["differences"].push_back({{"name", difference.name},
                                       {"found", hexadecimal(difference.found)},
                                       {"expected", hexadecimal(difference.expected)}});
    }
    return json;
}

} // namespace

bool run_selftest(const SelftestCommand& command) {
    const std::set<int> threads = selftest::thread_counts(command.all);
    const std::size_t total = selftest::comparison_count(threads);
    Json json = run_json();
    json["comparisons"] = Json::array();
    std::size_t done = 0;
    Progress progress;
    const auto show_progress = [&] {
        progress.show("self-test", static_cast<double>(done) / static_cast<double>(total));
    };
    show_progress();
    const bool same = selftest::compare_everywhere(threads, [&](const selftest::Comparison& comparison) {
        progress.clear();
        if (command.json) {
            json["comparisons"].push_back(comparison_json(comparison));
        } else {
            std::cout << selftest::text_of(comparison) << std::flush;
        }
        done += comparison.checksums > 0 ? 1 : 0;
        show_progress();
    });
    progress.clear();
    if (command.json) {
        json["same"] = same;
        print_json(json);
    } else {
        std::cout << selftest::verdict(same) << '\n';
    }
    return same;
}

} // namespace cli
