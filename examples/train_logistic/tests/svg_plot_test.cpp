// SPDX-License-Identifier: BSD-3-Clause
#include "svg_plot.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>
#include <string>

namespace train_logistic {
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

TEST(SvgPlot, EscapesText) {
    EXPECT_NE(svg({"a < b & c", "x", "y", {}}).find("a &lt; b &amp; c"), std::string::npos);
}

TEST(SvgPlot, LabelsTicks) {
    const std::string text = svg(plot_of({{1, 0.32}, {20, 0.36}}));
    for (const char* label : {">0.32<", ">0.34<", ">0.36<", ">0<", ">5<", ">20<"}) {
        EXPECT_NE(text.find(label), std::string::npos) << label;
    }
}

} // namespace
} // namespace train_logistic
