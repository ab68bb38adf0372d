// SPDX-License-Identifier: BSD-3-Clause
#include "report.hpp"

#include "number.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <type_traits>
#include <utility>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

std::string csv_columns(const Evaluation& evaluation) {
    return format_number(evaluation.loss) + "," + format_number(evaluation.accuracy());
}

} // namespace

std::string loss_text(double loss) {
    return format_number("%.6f", loss);
}

std::string accuracy_text(double accuracy) {
    return format_number("%.2f %%", 100 * accuracy);
}

std::string right_aligned(std::string_view text, std::size_t width) {
    return std::string(text.size() < width ? width - text.size() : 0, ' ') + std::string(text);
}

std::string text_bar(double share, std::size_t width) {
    const auto filled =
        static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
    return std::string(filled, '#') + std::string(width - filled, ' ');
}

template <class Scalar>
std::string input_summary(const Dataset<Scalar>& dataset) {
    return std::to_string(dataset.rows()) + " rows, " + std::to_string(dataset.features) + " features, " +
           std::to_string(dataset.values.size()) + " non-zeros, labels " +
           std::to_string(dataset.label_pair.negative) + "/" + (dataset.label_pair.negative < 0 ? "+" : "") +
           std::to_string(dataset.label_pair.positive) + "; anisograd " +
           std::string(anisograd::version_string()) + ", " + std::string(name_of(precision_of<Scalar>())) +
           ", " + std::string(anisograd::isa_name(anisograd::active_isa()));
}

template std::string input_summary(const Dataset<float>&);
template std::string input_summary(const Dataset<double>&);

std::string_view name_of(Precision precision) {
    return precision == Precision::f32 ? "f32" : "f64";
}

std::string_view name_of(Iterate iterate) {
    return iterate == Iterate::last ? "last" : "average";
}

std::string_view name_of(Method method) {
    switch (method) {
    case Method::sgd:
        return "sgd";
    case Method::adagrad:
        return "adagrad";
    case Method::adagrad_norm:
        break;
    }
    return "adagrad-norm";
}

std::string_view name_of(Prediction prediction) {
    switch (prediction) {
    case Prediction::labels:
        return "labels";
    case Prediction::probabilities:
        return "probabilities";
    case Prediction::margins:
        break;
    }
    return "margins";
}

template <class Scalar>
Precision precision_of() {
    return std::is_same_v<Scalar, float> ? Precision::f32 : Precision::f64;
}

template Precision precision_of<float>();
template Precision precision_of<double>();

Json run_json() {
    return {{"anisograd", anisograd::version_string()},
            {"isa", anisograd::isa_name(anisograd::active_isa())},
            {"threads", anisograd::get_num_threads()}};
}

template <class Scalar>
Json dataset_json(const std::string& file, const Dataset<Scalar>& dataset) {
    return {{"file", file},
            {"rows", dataset.rows()},
            {"features", dataset.features},
            {"non_zeros", dataset.values.size()},
            {"labels", {dataset.label_pair.negative, dataset.label_pair.positive}}};
}

template Json dataset_json(const std::string&, const Dataset<float>&);
template Json dataset_json(const std::string&, const Dataset<double>&);

Json evaluation_json(const Evaluation& evaluation) {
    return {{"loss", evaluation.loss},
            {"accuracy", evaluation.accuracy()},
            {"true_positives", evaluation.true_positives},
            {"true_negatives", evaluation.true_negatives},
            {"false_positives", evaluation.false_positives},
            {"false_negatives", evaluation.false_negatives}};
}

Json history_json(const History& history) {
    Json epochs = Json::array();
    for (const EpochRecord& record : history) {
        Json epoch = {{"epoch", record.epoch}, {"training", evaluation_json(record.training)}};
        if (record.validation) {
            epoch["validation"] = evaluation_json(*record.validation);
        }
        epochs.push_back(std::move(epoch));
    }
    return epochs;
}

Json training_json(const TrainingOptions& options) {
    Json json = {{"method", name_of(options.method)},
                 {"batch_size", options.batch_size},
                 {"learning_rate", options.learning_rate},
                 {"epsilon", options.epsilon},
                 {"seed", options.seed},
                 {"l1", options.penalties.l1},
                 {"l2", options.penalties.l2},
                 {"intercept", options.intercept},
                 {"constraint", name_of(options.constraint)}};
    if (has_radius(options.constraint)) {
        json["radius"] = options.radius;
    }
    return json;
}

void print_json(const Json& json) {
    // File names may be anything.
    std::cout << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::string csv_header(bool with_validation) {
    return std::string("epoch,training_loss,training_accuracy") +
           (with_validation ? ",validation_loss,validation_accuracy" : "");
}

std::string csv_columns(const EpochRecord& record) {
    std::string text = std::to_string(record.epoch) + "," + csv_columns(record.training);
    if (record.validation) {
        text += ',';
        text += csv_columns(*record.validation);
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

} // namespace cli
