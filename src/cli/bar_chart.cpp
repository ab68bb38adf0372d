// SPDX-License-Identifier: BSD-3-Clause
#include "bar_chart.hpp"

#include "svg.hpp"

#include <algorithm>
#include <ostream>

namespace cli {
namespace {

constexpr double page_width = 760;
constexpr double left = 230;  // of the bars
constexpr double whole = 360; // a share of 1
constexpr double longest = 1.1;
constexpr double top = 84;
constexpr double row_height = 28;
constexpr double bar_height = 18;

void draw_text(std::ostream& stream, double x, double y, std::string_view attributes, std::string_view text) {
    stream << "<text x=\"" << x << "\" y=\"" << svg::coordinate(y) << "\" " << attributes << '>'
           << svg::escaped(text) << "</text>\n";
}

} // namespace

void write_svg(std::ostream& stream, const BarChart& chart) {
    const double bottom = top + row_height * static_cast<double>(chart.bars.size());
    svg::begin(stream, page_width, bottom + 20);
    stream << "<g fill=\"#333333\">\n";
    draw_text(stream, 20, 28, "font-size=\"16\"", chart.title);
    draw_text(stream, 20, 48, "", chart.subtitle);
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const std::string x = svg::coordinate(left + share * whole);
        stream << "<path d=\"M" << x << ' ' << top - 6 << 'V' << svg::coordinate(bottom) << "\" stroke=\""
               << (share == 1 ? "#333333" : "#dddddd") << "\"/>\n"
               << "<text x=\"" << x << "\" y=\"" << top - 12 << "\" text-anchor=\"middle\">" << share * 100
               << " %</text>\n";
    }
    double y = top;
    for (const Bar& bar : chart.bars) {
        // Neither a negative number nor NaN.
        const double length = bar.share > 0 ? std::min(bar.share, longest) * whole : 0;
        draw_text(stream, left - 10, y + bar_height / 2, "dy=\"4\" text-anchor=\"end\"", bar.name);
        stream << "<rect x=\"" << left << "\" y=\"" << svg::coordinate(y) << "\" width=\""
               << svg::coordinate(length) << "\" height=\"" << bar_height << "\" fill=\"" << svg::colors[0]
               << "\"/>\n";
        draw_text(stream, left + longest * whole + 10, y + bar_height / 2, "dy=\"4\"", bar.text);
        y += row_height;
    }
    stream << "</g>\n";
    svg::end(stream);
}

} // namespace cli
