// SPDX-License-Identifier: BSD-3-Clause
#include "bar_chart.hpp"

#include "report.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>
#include <string>

namespace cli {
namespace {

std::string svg(const BarChart& chart) {
    std::ostringstream stream;
    write_svg(stream, chart);
    return stream.str();
}

// The widths of the bars, without the page's.
std::vector<std::string> bar_widths(const std::string& text) {
    const std::string before = "<rect x=";
    const std::string width = "width=\"";
    std::vector<std::string> widths;
    for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
        const std::size_t begin = text.find(width, at) + width.size();
        widths.push_back(text.substr(begin, text.find('"', begin) - begin));
    }
    return widths;
}

TEST(BarChart, DrawsSharesInProportion) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::string text = svg({"title",
                                  "subtitle",
                                  {{"half", 0.5, ""},
                                   {"whole", 1, ""},
                                   {"none", 0, ""},
                                   {"odd", nan, ""},
                                   {"negative", -1, ""},
                                   {"large", 50, ""},
                                   {"infinite", infinity, ""}}});
    EXPECT_EQ(bar_widths(text),
              (std::vector<std::string>{"180.0", "360.0", "0.0", "0.0", "0.0", "396.0", "396.0"}));
    EXPECT_TRUE(text.ends_with("</svg>\n"));
}

TEST(BarChart, EscapesText) {
    const std::string text = svg({"a < b", "c & d", {{"e > f", 1, "<g>"}}});
    for (const char* part : {"a &lt; b", "c &amp; d", "e &gt; f", "&lt;g&gt;"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part;
    }
}

TEST(TextBar, IsFilledInProportion) {
    EXPECT_EQ(text_bar(0, 4), "    ");
    EXPECT_EQ(text_bar(0.5, 4), "##  ");
    EXPECT_EQ(text_bar(1, 4), "####");
    EXPECT_EQ(text_bar(-1, 4), "    ");
    EXPECT_EQ(text_bar(50, 4), "####");
}

} // namespace
} // namespace cli
