// SPDX-License-Identifier: BSD-3-Clause
//
// Kinds of options, with their checks, for the command line's description.
#pragma once

#include "number.hpp"
#include "report.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

// By itself CLI11 also takes "inf", hexadecimal and octal numbers: these do not. They name no type, so that
// the help text says NUMBER and no more.
inline CLI::Validator number_if(const std::function<bool(double)>& accepted, const std::string& condition) {
    return CLI::Validator(
        [=](const std::string& text) -> std::string {
            double number = 0;
            const bool valid = parse_number(std::string_view(text), number) == std::errc() &&
                               std::isfinite(number) && accepted(number);
            return valid ? "" : "'" + text + "' is not a number " + condition;
        },
        "");
}

inline CLI::Validator positive_number() {
    return number_if([](double number) { return number > 0; }, "greater than 0");
}

inline CLI::Validator number_from_zero() {
    return number_if([](double number) { return number >= 0; }, "of at least 0");
}

inline CLI::Validator whole_number(std::uint64_t lowest, std::uint64_t highest) {
    return CLI::Validator(
        [=](const std::string& text) -> std::string {
            std::uint64_t number = 0;
            const bool octal = text.size() > 1 && text.front() == '0';
            const bool valid = parse_number(std::string_view(text), number) == std::errc() && !octal &&
                               number >= lowest && number <= highest;
            return valid ? ""
                         : "'" + text + "' is not a whole number from " + std::to_string(lowest) + " to " +
                               std::to_string(highest);
        },
        "");
}

// An option with a number; its present value is the default.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& number, const std::string& help,
                        const CLI::Validator& validator) {
    return app.add_option(name, number, help)->check(validator)->type_name("NUMBER")->capture_default_str();
}

// An option with a number that may be absent.
template <class Number>
CLI::Option* add_optional_number(CLI::App& app, const std::string& name, std::optional<Number>& number,
                                 const std::string& help, const CLI::Validator& validator) {
    return app.add_option(name, number, help)->check(validator)->type_name("NUMBER");
}

// An option with numbers in one argument, so that FILE can follow.
template <class Number>
CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<Number>& numbers,
                      const std::string& help, const CLI::Validator& validator) {
    return app.add_option(name, numbers, help + ", separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(validator)
        ->type_name("LIST")
        ->capture_default_str();
}

// An option with one of a few names, for a Choice or a std::optional of it. The type is the list of names, from which
// the completion takes them.
template <class Choice, class Target>
CLI::Option* add_choice_without_default(CLI::App& app, const std::string& name, Target& target,
                                        const std::vector<Choice>& choices, const std::string& help) {
    std::vector<std::string> names;
    std::string type;
    for (const Choice choice : choices) {
        names.emplace_back(name_of(choice));
        type += (type.empty() ? "{" : ",") + names.back();
    }
    const auto choose = [&target, choices](const std::string& text) {
        target = *std::find_if(choices.begin(), choices.end(),
                               [&](Choice choice) { return name_of(choice) == text; });
    };
    return app.add_option_function<std::string>(name, choose, help)
        ->check(CLI::IsMember(names).description(""))
        ->type_name(type + "}");
}

// The same; its present value is the default.
template <class Choice>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Choice& choice,
                        const std::vector<Choice>& choices, const std::string& help) {
    return add_choice_without_default(app, name, choice, choices, help)
        ->default_str(std::string(name_of(choice)));
}

inline CLI::Option* add_file(CLI::App& app, const std::string& name, std::string& path,
                             const std::string& help) {
    return app.add_option(name, path, help)->type_name("FILE");
}

} // namespace cli
