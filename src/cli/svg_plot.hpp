// SPDX-License-Identifier: BSD-3-Clause
//
// Draws curves over epochs as an SVG picture.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace cli {

struct Point {
    double x;
    double y;
};

struct Curve {
    std::string name;
    std::size_t color = 0; // curves that belong together share one
    bool dashed = false;
    std::vector<Point> points; // those with a number beyond +-1e300, or NaN, are left out
};

struct Plot {
    std::string title;
    std::string x_label;
    std::string y_label;
    std::vector<Curve> curves;
};

void write_svg(std::ostream& stream, const Plot& plot);

} // namespace cli
