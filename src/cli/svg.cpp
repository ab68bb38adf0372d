// SPDX-License-Identifier: BSD-3-Clause
#include "svg.hpp"

#include "number.hpp"

#include <ostream>

namespace cli::svg {

void begin(std::ostream& stream, double width, double height) {
    stream << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << ' ' << height
           << "\" width=\"" << width << "\" height=\"" << height
           << "\" font-family=\"sans-serif\" font-size=\"13\">\n"
           << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}

void end(std::ostream& stream) {
    stream << "</svg>\n";
}

std::string coordinate(double number) {
    return format_number("%.1f", number);
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char character : text) {
        switch (character) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        default:
            result += character;
        }
    }
    return result;
}

} // namespace cli::svg
