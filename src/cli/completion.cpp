// SPDX-License-Identifier: BSD-3-Clause
#include "completion.hpp"

#include <algorithm>
#include <ostream>

namespace cli {
namespace {

const CLI::App* subcommand_of(const CLI::App& app, const std::vector<std::string>& words) {
    for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (std::find(words.begin(), words.end(), subcommand->get_name()) != words.end()) {
            return subcommand;
        }
    }
    return nullptr;
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

// What may follow the option: the names of a type such as {f32,f64}.
std::vector<std::string> choices_of(const std::string& type) {
    std::vector<std::string> choices;
    if (type.starts_with('{')) {
        for (std::size_t begin = 1; begin < type.size();) {
            const std::size_t end = type.find_first_of(",}", begin);
            choices.push_back(type.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    return choices;
}

void print(std::ostream& stream, const char* kind, const std::vector<std::string>& words,
           const std::string& beginning) {
    stream << kind << '\n';
    for (const std::string& word : words) {
        if (word.starts_with(beginning)) {
            stream << word << '\n';
        }
    }
}

} // namespace

void print_completions(std::ostream& stream, const CLI::App& app, std::vector<std::string> words) {
    std::string last = words.empty() ? "" : words.back();
    if (!words.empty()) {
        words.pop_back();
    }
    // Bash makes three words of --option=value.
    if (last == "=") {
        last.clear();
    } else if (!words.empty() && words.back() == "=") {
        words.pop_back();
    }
    const CLI::App* const subcommand = subcommand_of(app, words);
    const CLI::App& here = subcommand != nullptr ? *subcommand : app;
    const std::string before = words.empty() ? "" : words.back();
    const CLI::Option* const option = before.starts_with("--") ? here.get_option_no_throw(before) : nullptr;
    if (option != nullptr && option->get_expected_max() > 0) {
        const std::string type = option->get_type_name();
        print(stream, type == "FILE" ? "files" : "words", choices_of(type), last);
    } else if (last.starts_with('-')) {
        print(stream, "words", option_names(here), last);
    } else if (subcommand == nullptr) {
        std::vector<std::string> names;
        for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
            names.push_back(one->get_name());
        }
        print(stream, "words", names, last);
    } else {
        const bool takes_a_file = here.get_option_no_throw("FILE") != nullptr;
        print(stream, takes_a_file ? "files" : "words", {}, last);
    }
}

} // namespace cli
