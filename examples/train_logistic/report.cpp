// SPDX-License-Identifier: BSD-3-Clause
#include "report.hpp"

#include "number.hpp"
#include "output_file.hpp"

#include <cstdio>
#include <ostream>
#include <type_traits>
#include <utility>

namespace train_logistic {
namespace {

std::string fixed(const char* pattern, double number) {
    char text[400]; // enough for the largest double
    std::snprintf(text, sizeof text, pattern, number);
    return text;
}

std::string csv_columns(const Evaluation& evaluation) {
    return format_number(evaluation.loss) + "," + format_number(evaluation.accuracy);
}

} // namespace

std::string loss_text(double loss) {
    return fixed("%.6f", loss);
}

std::string accuracy_text(double accuracy) {
    return fixed("%.2f %%", 100 * accuracy);
}

std::string right_aligned(std::string_view text, std::size_t width) {
    return std::string(text.size() < width ? width - text.size() : 0, ' ') + std::string(text);
}

template <class Scalar>
std::string input_summary(const Dataset<Scalar>& dataset) {
    return std::to_string(dataset.rows()) + " rows, " + std::to_string(dataset.features) + " features, " +
           std::to_string(dataset.values.size()) + " non-zeros, labels " +
           std::to_string(dataset.label_pair.negative) + "/" + (dataset.label_pair.negative < 0 ? "+" : "") +
           std::to_string(dataset.label_pair.positive) + "; anisograd " +
           std::string(anisograd::version_string()) + ", " + (std::is_same_v<Scalar, float> ? "f32" : "f64") +
           ", " + std::string(anisograd::isa_name(anisograd::active_isa()));
}

template std::string input_summary(const Dataset<float>&);
template std::string input_summary(const Dataset<double>&);

std::string csv_header(bool with_test) {
    return std::string("epoch,training_loss,training_accuracy") +
           (with_test ? ",test_loss,test_accuracy" : "");
}

std::string csv_columns(const EpochRecord& record) {
    std::string text = std::to_string(record.epoch) + "," + csv_columns(record.training);
    if (record.test) {
        text += ',';
        text += csv_columns(*record.test);
    }
    return text;
}

Curve loss_curve(std::string name, const History& history) {
    Curve curve;
    curve.name = std::move(name);
    for (const EpochRecord& record : history) {
        curve.points.push_back({static_cast<double>(record.epoch), record.training.loss});
    }
    return curve;
}

void write_plot(const std::string& path, const Plot& plot) {
    write_file(path, [&](std::ostream& stream) { write_svg(stream, plot); });
}

} // namespace train_logistic
