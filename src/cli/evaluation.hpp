// SPDX-License-Identifier: BSD-3-Clause
//
// How well a vector of parameters does on a data set.
#pragma once

#include "dataset.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace cli {

// What training adds to the mean logistic loss: l1 ||w||_1 + (l2 / 2) ||w||^2, without the intercept.
struct Penalties {
    double l1 = 0;
    double l2 = 0;
};

struct Evaluation {
    double loss = 0; // mean logistic loss, plus the penalties
    // Rows by their label and the one predicted.
    std::size_t true_positives = 0;
    std::size_t true_negatives = 0;
    std::size_t false_positives = 0;
    std::size_t false_negatives = 0;

    // The share of rows whose label is predicted.
    [[nodiscard]] double accuracy() const;
};

// <x, w> (+ intercept) of each row. parameters: one weight per feature, and with intercept the intercept after them.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> margins_of(const Dataset<Scalar>& dataset,
                                             std::span<const Scalar> parameters, bool intercept);

// The label that a margin predicts: +1 or -1. A margin of 0 counts as +1.
template <class Scalar>
[[nodiscard]] bool predicts_positive(Scalar margin) {
    return margin >= 0;
}

template <class Scalar>
[[nodiscard]] Evaluation evaluate(const Dataset<Scalar>& dataset, std::span<const Scalar> parameters,
                                  bool intercept, const Penalties& penalties = {});

} // namespace cli
