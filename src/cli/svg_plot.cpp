// SPDX-License-Identifier: BSD-3-Clause
#include "svg_plot.hpp"

#include "number.hpp"
#include "svg.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>

namespace cli {
namespace {

// The page, and on it the area of the curves. The legend is to the right of the area.
constexpr double page_width = 890;
constexpr double page_height = 460;
constexpr double left = 80;
constexpr double right = 600;
constexpr double top = 50;
constexpr double bottom = 400;

// Beyond this, the ends and the length of an axis might overflow.
constexpr double largest_number = 1e300;

bool drawable(const Point& point) {
    return std::abs(point.x) <= largest_number && std::abs(point.y) <= largest_number; // false for NaN
}

// One axis: which numbers it spans, where on the page, and the distance of its ticks.
class Axis {
public:
    Axis(double lowest, double highest, double page_low, double page_high, bool whole_numbers)
        : page_low_(page_low), page_high_(page_high) {
        constexpr double wished_ticks = 6;
        const double length = axis_length(lowest, highest);
        step_ = round_step(length / wished_ticks);
        if (whole_numbers) {
            step_ = std::max(step_, 1.0);
            low_ = lowest;
            high_ = lowest + length;
        } else {
            low_ = std::floor(lowest / step_) * step_;
            high_ = std::ceil((lowest + length) / step_) * step_;
        }
    }

    [[nodiscard]] double position(double number) const {
        return page_low_ + (number - low_) / (high_ - low_) * (page_high_ - page_low_);
    }

    [[nodiscard]] std::vector<double> ticks() const {
        const double slack = step_ * 1e-6; // multiples of the step are rounded
        const double first = std::ceil((low_ - slack) / step_);
        const int count = static_cast<int>(std::floor((high_ + slack) / step_) - first) + 1;
        std::vector<double> result;
        for (int i = 0; i < count; ++i) {
            result.push_back((first + i) * step_);
        }
        return result;
    }

    // As many digits as tell neighbouring ticks apart.
    [[nodiscard]] std::string label(double tick) const {
        const double size = std::max(std::abs(low_), std::abs(high_));
        const int last_digit = power_of_ten(step_);
        const bool plain = size >= 1e-4 && size < 1e7;
        const int precision = plain ? std::max(-last_digit, 0) : power_of_ten(size) - last_digit + 1;
        const std::string pattern = "%." + std::to_string(precision) + (plain ? "f" : "g");
        return format_number(pattern.c_str(), tick == 0 ? 0 : tick);
    }

private:
    // Numbers whose difference is lost in their size count as equal, and get an axis of a tenth of their
    // size: closer ticks would be hard to tell apart, and in the end the same number.
    static double axis_length(double lowest, double highest) {
        constexpr double least_length = 1e-300; // so that the step is not subnormal
        const double size = std::max(std::abs(lowest), std::abs(highest));
        const double length = highest - lowest;
        if (length > size * 1e-6) {
            return std::max(length, least_length);
        }
        return size == 0 ? 0.1 : std::max(size * 0.1, least_length);
    }

    // That of the number's first digit. The slack is for a step of 10^k that is rounded down.
    static int power_of_ten(double number) { return static_cast<int>(std::floor(std::log10(number) + 1e-9)); }

    // 1, 2 or 5 times a power of ten, at least length.
    static double round_step(double length) {
        const double power = std::pow(10.0, std::floor(std::log10(length)));
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (factor * power >= length) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    double low_ = 0;
    double high_ = 1;
    double page_low_;
    double page_high_;
    double step_ = 1;
};

void draw_axes(std::ostream& stream, const Plot& plot, const Axis& x_axis, const Axis& y_axis) {
    stream << "<g fill=\"#333333\" stroke=\"none\">\n";
    for (const double tick : y_axis.ticks()) {
        const std::string y = svg::coordinate(y_axis.position(tick));
        stream << "<path d=\"M" << left << ' ' << y << 'H' << right << "\" stroke=\"#dddddd\"/>\n"
               << "<text x=\"" << left - 8 << "\" y=\"" << y << "\" dy=\"4\" text-anchor=\"end\">"
               << y_axis.label(tick) << "</text>\n";
    }
    for (const double tick : x_axis.ticks()) {
        const std::string x = svg::coordinate(x_axis.position(tick));
        stream << "<path d=\"M" << x << ' ' << bottom << "v5\" stroke=\"#333333\"/>\n"
               << "<text x=\"" << x << "\" y=\"" << bottom + 20 << "\" text-anchor=\"middle\">"
               << x_axis.label(tick) << "</text>\n";
    }
    const double center_x = (left + right) / 2;
    const double center_y = (top + bottom) / 2;
    stream << "<path d=\"M" << left << ' ' << top << 'V' << bottom << 'H' << right
           << "\" fill=\"none\" stroke=\"#333333\"/>\n"
           << "<text x=\"" << center_x << "\" y=\"" << top - 22
           << "\" text-anchor=\"middle\" font-size=\"16\">" << svg::escaped(plot.title) << "</text>\n"
           << "<text x=\"" << center_x << "\" y=\"" << bottom + 44 << "\" text-anchor=\"middle\">"
           << svg::escaped(plot.x_label) << "</text>\n"
           << "<text transform=\"translate(22 " << center_y << ") rotate(-90)\" text-anchor=\"middle\">"
           << svg::escaped(plot.y_label) << "</text>\n</g>\n";
}

std::string stroke(const Curve& curve) {
    return "stroke=\"" + std::string(svg::colors[curve.color % svg::colors.size()]) +
           "\" stroke-width=\"2\"" + (curve.dashed ? " stroke-dasharray=\"6 4\"" : "");
}

void draw_curve(std::ostream& stream, const Curve& curve, const Axis& x_axis, const Axis& y_axis) {
    std::string path;
    std::string last_point;
    for (const Point& point : curve.points) {
        if (drawable(point)) {
            last_point =
                svg::coordinate(x_axis.position(point.x)) + ' ' + svg::coordinate(y_axis.position(point.y));
            path += (path.empty() ? "M" : "L") + last_point;
        }
    }
    if (!path.empty()) {
        // The zero-length end makes a lone point visible, as a dot.
        stream << "<path d=\"" << path << 'L' << last_point << "\" fill=\"none\" stroke-linejoin=\"round\" "
               << "stroke-linecap=\"round\" " << stroke(curve) << "/>\n";
    }
}

void draw_legend(std::ostream& stream, const std::vector<Curve>& curves) {
    double y = top + 10;
    for (const Curve& curve : curves) {
        stream << "<path d=\"M" << right + 20 << ' ' << y << "h30\" fill=\"none\" " << stroke(curve) << "/>\n"
               << "<text x=\"" << right + 58 << "\" y=\"" << y << "\" dy=\"4\" fill=\"#333333\">"
               << svg::escaped(curve.name) << "</text>\n";
        y += 22;
    }
}

} // namespace

void write_svg(std::ostream& stream, const Plot& plot) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Point lowest = {infinity, infinity};
    Point highest = {-infinity, -infinity};
    for (const Curve& curve : plot.curves) {
        for (const Point& point : curve.points) {
            if (drawable(point)) {
                lowest = {std::min(lowest.x, point.x), std::min(lowest.y, point.y)};
                highest = {std::max(highest.x, point.x), std::max(highest.y, point.y)};
            }
        }
    }
    if (lowest.x > highest.x) { // nothing to draw: empty axes
        lowest = {0, 0};
        highest = {1, 1};
    }
    // Epochs count from 1; the axis starts at the beginning of the first.
    const Axis x_axis(std::min(lowest.x, 0.0), highest.x, left, right, true);
    const Axis y_axis(lowest.y, highest.y, bottom, top, false);

    svg::begin(stream, page_width, page_height);
    draw_axes(stream, plot, x_axis, y_axis);
    for (const Curve& curve : plot.curves) {
        draw_curve(stream, curve, x_axis, y_axis);
    }
    draw_legend(stream, plot.curves);
    svg::end(stream);
}

} // namespace cli
