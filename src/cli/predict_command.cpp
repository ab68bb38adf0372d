// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "evaluation.hpp"
#include "input.hpp"
#include "number.hpp"
#include "output_file.hpp"

#include <iostream>
#include <ostream>
#include <span>
#include <vector>

namespace cli {
namespace {

template <class Scalar>
void write_predictions(std::ostream& stream, Prediction prediction, std::span<const Scalar> margins,
                       const LabelPair& pair) {
    if (prediction == Prediction::labels) {
        for (const Scalar margin : margins) {
            stream << (predicts_positive(margin) ? pair.positive : pair.negative) << '\n';
        }
        return;
    }
    std::vector<Scalar> values(margins.begin(), margins.end());
    if (prediction == Prediction::probabilities) {
        anisograd::sigmoid(values, values);
    }
    for (const Scalar value : values) {
        stream << format_number(value) << '\n';
    }
}

template <class Scalar>
void predict(const Model& model, const PredictCommand& command) {
    OutputFile output(command.output_file);
    const auto input = read_model_input<Scalar>(command.model, model, false);
    const std::vector<Scalar> margins =
        margins_of(input.dataset, std::span<const Scalar>(input.parameters), model.intercept);
    const auto write = [&](std::ostream& stream) {
        write_predictions(stream, command.prediction, std::span<const Scalar>(margins), model.label_pair);
    };
    if (command.output_file.empty()) {
        write(std::cout);
    } else {
        output.write(write);
    }
}

} // namespace

bool run_predict(const PredictCommand& command) {
    const Model model = load_model(command.model.model_file);
    if (model.precision == Precision::f32) {
        predict<float>(model, command);
    } else {
        predict<double>(model, command);
    }
    return true;
}

} // namespace cli
