// SPDX-License-Identifier: BSD-3-Clause
//
// What the commands print and write: tables, CSV files, pictures.
#pragma once

#include "dataset.hpp"
#include "evaluation.hpp"
#include "model_file.hpp"
#include "svg_plot.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace train_logistic {

// The state after an epoch.
struct EpochRecord {
    std::size_t epoch = 0;
    Evaluation training;
    std::optional<Evaluation> test;
};
using History = std::vector<EpochRecord>;

// A fixed number of digits, for tables.
[[nodiscard]] std::string loss_text(double loss);
[[nodiscard]] std::string accuracy_text(double accuracy);
// Text with blanks before it, so that columns line up.
[[nodiscard]] std::string right_aligned(std::string_view text, std::size_t width);

// One line that says what is being worked on and with what.
template <class Scalar>
[[nodiscard]] std::string input_summary(const Dataset<Scalar>& dataset);

// The columns of a record in a CSV file, without the line end; test columns only where with_test.
[[nodiscard]] std::string csv_header(bool with_test);
[[nodiscard]] std::string csv_columns(const EpochRecord& record);

// The curve of a history's training loss.
[[nodiscard]] Curve loss_curve(std::string name, const History& history);

void write_plot(const std::string& path, const Plot& plot);

} // namespace train_logistic
