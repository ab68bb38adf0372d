// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers from and to text, exactly and without regard to the locale.
#pragma once

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

namespace cli {

// Reads the whole of text as a number; anything left over is std::errc::invalid_argument.
template <class Number>
[[nodiscard]] std::errc parse_number(std::string_view text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop != end) {
        return std::errc::invalid_argument;
    }
    return error;
}

// The shortest text that reads back as the same number.
template <class Number>
[[nodiscard]] std::string format_number(Number number) {
    char text[64]; // the longest double has 24 characters
    const auto result = std::to_chars(text, text + sizeof text, number);
    return std::string(text, result.ptr);
}

// By a pattern of printf.
[[nodiscard]] inline std::string format_number(const char* pattern, double number) {
    char text[400]; // enough for the largest double
    std::snprintf(text, sizeof text, pattern, number);
    return text;
}

} // namespace cli
