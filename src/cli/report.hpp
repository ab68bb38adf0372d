// SPDX-License-Identifier: BSD-3-Clause
//
// What the commands print and write: tables, JSON, CSV files, pictures.
#pragma once

#include "commands.hpp"
#include "dataset.hpp"
#include "evaluation.hpp"
#include "model_file.hpp"
#include "svg_plot.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

// The state after an epoch.
struct EpochRecord {
    std::size_t epoch = 0;
    Evaluation training;
    std::optional<Evaluation> validation;
};
using History = std::vector<EpochRecord>;

// A fixed number of digits, for tables.
[[nodiscard]] std::string loss_text(double loss);
[[nodiscard]] std::string accuracy_text(double accuracy);
// Text with blanks before it, so that columns line up.
[[nodiscard]] std::string right_aligned(std::string_view text, std::size_t width);
// A bar of which the share, from 0 to 1, is filled.
[[nodiscard]] std::string text_bar(double share, std::size_t width);

// One line that says what is being worked on and with what.
template <class Scalar>
[[nodiscard]] std::string input_summary(const Dataset<Scalar>& dataset);

// The names that the command line and the output have for these.
[[nodiscard]] std::string_view name_of(Precision precision);
[[nodiscard]] std::string_view name_of(Iterate iterate);
[[nodiscard]] std::string_view name_of(Method method);
[[nodiscard]] std::string_view name_of(Prediction prediction);
template <class Scalar>
[[nodiscard]] Precision precision_of();

// JSON objects: what each command's begins with, and its parts.
[[nodiscard]] nlohmann::ordered_json run_json();
template <class Scalar>
[[nodiscard]] nlohmann::ordered_json dataset_json(const std::string& file, const Dataset<Scalar>& dataset);
[[nodiscard]] nlohmann::ordered_json evaluation_json(const Evaluation& evaluation);
[[nodiscard]] nlohmann::ordered_json history_json(const History& history);
[[nodiscard]] nlohmann::ordered_json training_json(const TrainingOptions& options);
void print_json(const nlohmann::ordered_json& json);

// The columns of a record in a CSV file, without the line end; validation columns only where with_validation.
[[nodiscard]] std::string csv_header(bool with_validation);
[[nodiscard]] std::string csv_columns(const EpochRecord& record);

// The curve of a history's training loss.
[[nodiscard]] Curve loss_curve(std::string name, const History& history);

} // namespace cli
