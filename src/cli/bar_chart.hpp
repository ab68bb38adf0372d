// SPDX-License-Identifier: BSD-3-Clause
//
// Draws shares of a whole as bars, as an SVG picture.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace cli {

struct Bar {
    std::string name;
    double share = 0; // of the whole line; longer than that is drawn so, up to the page's end
    std::string text; // after the bar
};

struct BarChart {
    std::string title;
    std::string subtitle;
    std::vector<Bar> bars;
};

void write_svg(std::ostream& stream, const BarChart& chart);

} // namespace cli
