// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "report.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <sstream>
#include <thread>

namespace cli {
namespace {

// The names of those in this build, best first.
std::vector<std::string> built_isas() {
    std::istringstream names(ANISOGRAD_BUILT_ISAS);
    std::vector<std::string> result;
    for (std::string name; names >> name;) {
        result.push_back(name);
    }
    return result;
}

std::vector<std::string> supported_isas() {
    std::vector<std::string> result;
    for (const ag_isa isa : {AG_ISA_AVX512, AG_ISA_AVX2, AG_ISA_NEON, AG_ISA_PORTABLE}) {
        if (anisograd::isa_supported(isa)) {
            result.emplace_back(anisograd::isa_name(isa));
        }
    }
    return result;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

} // namespace

bool run_info(const InfoCommand& command) {
    const std::string active(anisograd::isa_name(anisograd::active_isa()));
    const unsigned processors = std::thread::hardware_concurrency();
    if (command.json) {
        nlohmann::ordered_json json = run_json();
        json["processors"] = processors;
        json["built_isas"] = built_isas();
        json["supported_isas"] = supported_isas();
        json["compiler"] = ANISOGRAD_COMPILER;
        json["build_type"] = ANISOGRAD_BUILD_TYPE;
        json["flags"] = ANISOGRAD_FLAGS;
        print_json(json);
    } else {
        std::cout << "anisograd      " << anisograd::version_string() << "\nISA in use     " << active
                  << "\non this CPU    " << joined(supported_isas()) << "\nin this build  "
                  << joined(built_isas()) << "\nthreads        " << anisograd::get_num_threads() << ", of "
                  << processors << " processors"
                  << "\ncompiler       " << ANISOGRAD_COMPILER << ", " << ANISOGRAD_BUILD_TYPE
                  << "\nflags          " << ANISOGRAD_FLAGS << '\n';
    }
    // Without an ISA every kernel fails: this one says why.
    (void)anisograd::squared_norm(std::span<const float>());
    return true;
}

} // namespace cli
