// SPDX-License-Identifier: BSD-3-Clause
#include "evaluation.hpp"

#include <cmath>

namespace cli {
namespace {

template <class Scalar>
anisograd::LogisticOptions<Scalar> loss_options(bool intercept) {
    anisograd::LogisticOptions<Scalar> options;
    options.fit_intercept = intercept ? 1 : 0;
    return options;
}

template <class Scalar>
double l1_norm(std::span<const Scalar> weights) {
    double sum = 0;
    for (const Scalar weight : weights) {
        sum += std::abs(static_cast<double>(weight));
    }
    return sum;
}

} // namespace

double Evaluation::accuracy() const {
    const std::size_t right = true_positives + true_negatives;
    return static_cast<double>(right) / static_cast<double>(right + false_positives + false_negatives);
}

template <class Scalar>
std::vector<Scalar> margins_of(const Dataset<Scalar>& dataset, std::span<const Scalar> parameters,
                               bool intercept) {
    std::vector<Scalar> margins(dataset.rows());
    anisograd::logistic_margins(dataset.matrix(), parameters, std::span(margins),
                                loss_options<Scalar>(intercept));
    return margins;
}

template <class Scalar>
Evaluation evaluate(const Dataset<Scalar>& dataset, std::span<const Scalar> parameters, bool intercept,
                    const Penalties& penalties) {
    anisograd::LogisticOptions<Scalar> options = loss_options<Scalar>(intercept);
    options.l2 = penalties.l2;
    Evaluation result;
    result.loss = anisograd::logistic_loss(dataset.matrix(), dataset.labels, parameters, options);
    if (penalties.l1 > 0) {
        result.loss += penalties.l1 * l1_norm(parameters.first(dataset.features));
    }
    const std::vector<Scalar> margins = margins_of(dataset, parameters, intercept);
    for (std::size_t row = 0; row < dataset.rows(); ++row) {
        const bool positive = dataset.labels[row] > 0;
        if (predicts_positive(margins[row])) {
            ++(positive ? result.true_positives : result.false_positives);
        } else {
            ++(positive ? result.false_negatives : result.true_negatives);
        }
    }
    return result;
}

template std::vector<float> margins_of(const Dataset<float>&, std::span<const float>, bool);
template std::vector<double> margins_of(const Dataset<double>&, std::span<const double>, bool);
template Evaluation evaluate(const Dataset<float>&, std::span<const float>, bool, const Penalties&);
template Evaluation evaluate(const Dataset<double>&, std::span<const double>, bool, const Penalties&);

} // namespace cli
