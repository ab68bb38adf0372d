// SPDX-License-Identifier: BSD-3-Clause
//
// Reads what the command line names, the same way for each command.
#pragma once

#include "commands.hpp"
#include "evaluation.hpp"

#include <optional>
#include <span>

namespace cli {

template <class Scalar>
struct Input {
    Dataset<Scalar> training;
    std::optional<Dataset<Scalar>> validation; // as many features, and the same labels

    // How the parameters do on the validation file, if there is one. Its loss is without penalties.
    [[nodiscard]] std::optional<Evaluation> evaluate_validation(std::span<const Scalar> parameters,
                                                                bool intercept) const {
        if (!validation) {
            return std::nullopt;
        }
        return evaluate(*validation, parameters, intercept);
    }
};

// With a model, both files must fit its features and labels.
template <class Scalar>
[[nodiscard]] Input<Scalar> read_input(const InputOptions& options, const Model* model = nullptr) {
    LibsvmOptions libsvm;
    libsvm.index_base = options.index_base;
    libsvm.features = options.features;
    if (model != nullptr) {
        libsvm.features = model->features;
        libsvm.label_pair = model->label_pair;
    }
    Input<Scalar> input;
    input.training = read_libsvm<Scalar>(options.file, libsvm);
    if (!options.validation_file.empty()) {
        libsvm.features = input.training.features;
        libsvm.label_pair = input.training.label_pair;
        input.validation = read_libsvm<Scalar>(options.validation_file, libsvm);
    }
    return input;
}

// A saved model and the rows to use it on.
template <class Scalar>
struct ModelInput {
    Dataset<Scalar> dataset;
    std::vector<Scalar> parameters;
    Iterate iterate;
};

template <class Scalar>
[[nodiscard]] ModelInput<Scalar> read_model_input(const ModelOptions& options, const Model& model,
                                                  bool read_labels) {
    LibsvmOptions libsvm;
    libsvm.index_base = options.input.index_base;
    libsvm.features = model.features;
    libsvm.label_pair = model.label_pair;
    libsvm.read_labels = read_labels;
    const Iterate iterate = options.iterate.value_or(model.preferred());
    return {read_libsvm<Scalar>(options.input.file, libsvm),
            weights_of<Scalar>(model, iterate, options.model_file), iterate};
}

} // namespace cli
