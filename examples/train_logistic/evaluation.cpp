// SPDX-License-Identifier: BSD-3-Clause
#include "evaluation.hpp"

#include <cstddef>

namespace train_logistic {
namespace {

template <class Scalar>
double margin(const Dataset<Scalar>& dataset, std::size_t row, std::span<const Scalar> parameters,
              bool intercept) {
    double sum = intercept ? static_cast<double>(parameters.back()) : 0.0;
    const auto end = static_cast<std::size_t>(dataset.row_offsets[row + 1]);
    for (auto k = static_cast<std::size_t>(dataset.row_offsets[row]); k < end; ++k) {
        const auto column = static_cast<std::size_t>(dataset.columns[k]);
        sum += static_cast<double>(dataset.values[k]) * static_cast<double>(parameters[column]);
    }
    return sum;
}

} // namespace

template <class Scalar>
Evaluation evaluate(const Dataset<Scalar>& dataset, std::span<const Scalar> parameters, bool intercept,
                    double l2) {
    anisograd::LogisticOptions<Scalar> options;
    options.fit_intercept = intercept ? 1 : 0;
    options.l2 = l2;
    Evaluation result;
    result.loss = anisograd::logistic_loss(dataset.matrix(), dataset.labels, parameters, options);

    std::size_t right = 0;
    for (std::size_t row = 0; row < dataset.rows(); ++row) {
        const bool positive = margin(dataset, row, parameters, intercept) >= 0;
        right += positive == (dataset.labels[row] > 0) ? 1 : 0;
    }
    result.accuracy = static_cast<double>(right) / static_cast<double>(dataset.rows());
    return result;
}

template Evaluation evaluate(const Dataset<float>&, std::span<const float>, bool, double);
template Evaluation evaluate(const Dataset<double>&, std::span<const double>, bool, double);

} // namespace train_logistic
