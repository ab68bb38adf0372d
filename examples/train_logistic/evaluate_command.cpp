// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "input.hpp"
#include "report.hpp"

#include <iostream>
#include <span>

namespace train_logistic {
namespace {

template <class Scalar>
void evaluate_model(const Model& model, const EvaluateCommand& command) {
    const auto input = read_input<Scalar>(command.input, &model);
    const std::vector<Scalar> parameters = weights_of<Scalar>(model, command.model_file);
    const Evaluation evaluation =
        evaluate(input.training, std::span<const Scalar>(parameters), model.intercept, 0);
    std::cout << input_summary(input.training) << "\nloss " << loss_text(evaluation.loss) << ", accuracy "
              << accuracy_text(evaluation.accuracy) << '\n';
}

} // namespace

void run_evaluate(const EvaluateCommand& command) {
    const Model model = load_model(command.model_file);
    if (model.precision == Precision::f32) {
        evaluate_model<float>(model, command);
    } else {
        evaluate_model<double>(model, command);
    }
}

} // namespace train_logistic
