// SPDX-License-Identifier: BSD-3-Clause
//
// Reads what the command line names, the same way for each command.
#pragma once

#include "commands.hpp"
#include "evaluation.hpp"

#include <optional>
#include <span>

namespace train_logistic {

template <class Scalar>
struct Input {
    Dataset<Scalar> training;
    std::optional<Dataset<Scalar>> test; // as many features, and the same labels

    // Loss and accuracy on the test file, if there is one. Its loss is without the l2 term.
    [[nodiscard]] std::optional<Evaluation> evaluate_test(std::span<const Scalar> parameters,
                                                          bool intercept) const {
        if (!test) {
            return std::nullopt;
        }
        return evaluate(*test, parameters, intercept, 0);
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
    if (!options.test_file.empty()) {
        libsvm.features = input.training.features;
        libsvm.label_pair = input.training.label_pair;
        input.test = read_libsvm<Scalar>(options.test_file, libsvm);
    }
    return input;
}

} // namespace train_logistic
