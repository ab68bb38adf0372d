// SPDX-License-Identifier: BSD-3-Clause
#include "svg_plot.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace cli {
namespace {

std::string svg(const Plot& plot) {
    std::ostringstream stream;
    write_svg(stream, plot);
    return stream.str();
}

Plot plot_of(std::vector<Point> points) {
    return {"title", "x", "y", {{"curve", 0, false, std::move(points)}}};
}

void expect_drawable(const std::string& text) {
    EXPECT_TRUE(text.ends_with("</svg>\n"));
    EXPECT_EQ(text.find("nan"), std::string::npos);
    EXPECT_EQ(text.find("inf"), std::string::npos);
}

TEST(SvgPlot, DrawsOddData) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    expect_drawable(svg({"title", "x", "y", {}}));
    expect_drawable(svg(plot_of({})));
    expect_drawable(svg(plot_of({{1, 0.5}})));
    expect_drawable(svg(plot_of({{1, 0}, {2, 0}})));
    expect_drawable(svg(plot_of({{1, nan}, {2, infinity}})));
    expect_drawable(svg(plot_of({{1, 1}, {2, nan}, {3, 1e30}})));
    expect_drawable(svg(plot_of({{1, 1}, {2, 1 + 1e-15}})));
}

// The labels of the y axis, from below.
std::vector<std::string> y_labels(const std::string& text) {
    const std::string before = "text-anchor=\"end\">";
    std::vector<std::string> labels;
    for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
        at += before.size();
        labels.push_back(text.substr(at, text.find('<', at) - at));
    }
    return labels;
}

TEST(SvgPlot, TicksAreFewAndDistinctWhateverTheValues) {
    constexpr double smallest = std::numeric_limits<double>::denorm_min();
    constexpr double largest = std::numeric_limits<double>::max();
    const std::vector<double> cases[] = {
        // nearly equal
        {0.6931471805599452, 0.6931471805599451},
        {1, std::nextafter(1, 2)},
        {-1, std::nextafter(-1, 0)},
        {1e-300, std::nextafter(1e-300, 1)},
        {1e300, std::nextafter(1e300, 0)},
        {0.5, 0.5 + 1e-8},
        {0.5, 0.5 + 1e-6},
        {1e9, 1e9 + 1e4},
        // equal
        {0, 0},
        {0.25, 0.25},
        {-3, -3},
        // huge
        {1, 1e30},
        {3e8, 5e8},
        {-1e300, 1e300},
        {1e300, 1e300},
        {1, largest},
        {largest, largest},
        // tiny
        {1e-20, 3e-20},
        {1e-300, 1e-300},
        {0, smallest},
        {smallest, smallest},
        {1e-310, 2e-310},
        // one point
        {0},
        {0.7},
        {1e-20},
        {1e20},
    };
    for (const std::vector<double>& values : cases) {
        std::vector<Point> points;
        for (const double value : values) {
            points.push_back({static_cast<double>(points.size() + 1), value});
        }
        const std::string text = svg(plot_of(points));
        SCOPED_TRACE(text);
        expect_drawable(text);
        const std::vector<std::string> labels = y_labels(text);
        EXPECT_GE(labels.size(), 2U);
        EXPECT_LE(labels.size(), 9U);
        for (std::size_t i = 1; i < labels.size(); ++i) {
            EXPECT_LT(std::strtod(labels[i - 1].c_str(), nullptr), std::strtod(labels[i].c_str(), nullptr));
        }
    }
}

TEST(SvgPlot, DrawsNearlyEqualValuesAsALevelLine) {
    const std::string text = svg(plot_of({{1, 0.6931471805599452}, {2, 0.6931471805599451}}));
    EXPECT_EQ(y_labels(text), (std::vector<std::string>{"0.68", "0.70", "0.72", "0.74", "0.76", "0.78"}));
    EXPECT_NE(text.find("<path d=\"M340.0 354.0L600.0 354.0L600.0 354.0\""), std::string::npos) << text;
}

TEST(SvgPlot, EscapesText) {
    EXPECT_NE(svg({"a < b & c", "x", "y", {}}).find("a &lt; b &amp; c"), std::string::npos);
}

TEST(SvgPlot, LabelsTicks) {
    const std::string text = svg(plot_of({{1, 0.32}, {20, 0.36}}));
    for (const char* label : {">0.32<", ">0.34<", ">0.36<", ">0<", ">5<", ">20<"}) {
        EXPECT_NE(text.find(label), std::string::npos) << label;
    }
    EXPECT_EQ(y_labels(svg(plot_of({{1, 1.2e-20}, {2, 2.9e-20}}))),
              (std::vector<std::string>{"1e-20", "1.5e-20", "2e-20", "2.5e-20", "3e-20"}));
    EXPECT_EQ(y_labels(svg(plot_of({{1, 0}, {2, 9e29}}))),
              (std::vector<std::string>{"0", "2e+29", "4e+29", "6e+29", "8e+29", "1e+30"}));
}

} // namespace
} // namespace cli
