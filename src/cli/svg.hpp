// SPDX-License-Identifier: BSD-3-Clause
//
// What the program's SVG pictures have in common.
#pragma once

#include <array>
#include <iosfwd>
#include <string>
#include <string_view>

namespace cli::svg {

// Okabe and Ito's colours, which people with colour blindness can tell apart.
inline constexpr std::array<std::string_view, 6> colors = {"#0072b2", "#d55e00", "#009e73",
                                                           "#cc79a7", "#e69f00", "#56b4e9"};

// A white page, and its end.
void begin(std::ostream& stream, double width, double height);
void end(std::ostream& stream);

[[nodiscard]] std::string coordinate(double number);

// Text with the characters that mean something in SVG written out.
[[nodiscard]] std::string escaped(std::string_view text);

} // namespace cli::svg
