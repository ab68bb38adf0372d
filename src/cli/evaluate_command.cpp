// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "input.hpp"
#include "report.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <span>

namespace cli {
namespace {

template <class Scalar>
void evaluate_model(const Model& model, const EvaluateCommand& command) {
    const auto input = read_model_input<Scalar>(command.model, model, true);
    const Evaluation evaluation =
        evaluate(input.dataset, std::span<const Scalar>(input.parameters), model.intercept);
    if (command.json) {
        nlohmann::ordered_json json = run_json();
        json["model"] = command.model.model_file;
        json["precision"] = name_of(model.precision);
        json["iterate"] = name_of(input.iterate);
        json["data"] = dataset_json(command.model.input.file, input.dataset);
        json["evaluation"] = evaluation_json(evaluation);
        print_json(json);
        return;
    }
    const LabelPair pair = model.label_pair;
    std::cout << input_summary(input.dataset) << "\nloss " << loss_text(evaluation.loss) << ", accuracy "
              << accuracy_text(evaluation.accuracy()) << "\n\n";
    const auto print_line = [](const std::string& name, const auto& negative, const auto& positive) {
        std::cout << right_aligned(name, 12) << right_aligned(negative, 16) << right_aligned(positive, 16)
                  << '\n';
    };
    const auto text = [](std::size_t count) { return std::to_string(count); };
    print_line("", "predicted " + std::to_string(pair.negative),
               "predicted " + std::to_string(pair.positive));
    print_line("label " + std::to_string(pair.negative), text(evaluation.true_negatives),
               text(evaluation.false_positives));
    print_line("label " + std::to_string(pair.positive), text(evaluation.false_negatives),
               text(evaluation.true_positives));
}

} // namespace

bool run_evaluate(const EvaluateCommand& command) {
    const Model model = load_model(command.model.model_file);
    if (model.precision == Precision::f32) {
        evaluate_model<float>(model, command);
    } else {
        evaluate_model<double>(model, command);
    }
    return true;
}

} // namespace cli
