// SPDX-License-Identifier: BSD-3-Clause
//
// How well a vector of parameters does on a data set.
#pragma once

#include "dataset.hpp"

#include <span>

namespace train_logistic {

struct Evaluation {
    double loss = 0;     // mean logistic loss, plus (l2 / 2) ||w||^2
    double accuracy = 0; // the share of rows on the right side; a margin of 0 counts as +1
};

// parameters: one weight per feature, and with intercept the intercept after them.
template <class Scalar>
[[nodiscard]] Evaluation evaluate(const Dataset<Scalar>& dataset, std::span<const Scalar> parameters,
                                  bool intercept, double l2);

} // namespace train_logistic
