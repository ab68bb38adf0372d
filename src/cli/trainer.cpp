// SPDX-License-Identifier: BSD-3-Clause
#include "trainer.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace cli {

template <class Scalar>
Trainer<Scalar>::Trainer(const Dataset<Scalar>& dataset, const TrainingOptions& options)
    : dataset_(dataset), options_(options), set_(make_set<Scalar>(options.constraint, options.radius)),
      order_(dataset.rows()), parameters_(dataset.features + (options.intercept ? 1 : 0)),
      gradient_(parameters_.size()), norm_accumulator_(options.epsilon * options.epsilon) {
    if (options.batch_size == 0) {
        throw std::invalid_argument("the batch size is 0");
    }
    intercept_options_.learning_rate = options.learning_rate;
    weight_options_ = intercept_options_;
    weight_options_.l1 = options.penalties.l1;
    loss_options_.fit_intercept = options.intercept ? 1 : 0;
    loss_options_.l2 = options.penalties.l2;
    if (options.method == Method::adagrad) {
        accumulator_.resize(parameters_.size());
        anisograd::adagrad_init(accumulator_, options.epsilon);
    }
    if (options.average) {
        average_.resize(parameters_.size());
    }
}

template <class Scalar>
void Trainer<Scalar>::set_parameters(std::span<const Scalar> start) {
    if (start.size() != parameters_.size()) {
        throw std::invalid_argument("the starting point has the wrong length");
    }
    std::copy(start.begin(), start.end(), parameters_.begin());
}

template <class Scalar>
void Trainer<Scalar>::run_epoch(const std::function<void(double)>& progress) {
    anisograd::shuffle_indices(order_, options_.seed, epochs_);
    ++epochs_;
    for (std::size_t begin = 0; begin < order_.size();) {
        const std::size_t size = std::min(options_.batch_size, order_.size() - begin);
        step(std::span(order_).subspan(begin, size));
        begin += size;
        if (progress) {
            progress(static_cast<double>(begin) / static_cast<double>(order_.size()));
        }
    }
}

template <class Scalar>
void Trainer<Scalar>::step(std::span<const std::int64_t> batch) {
    const anisograd::Csr<Scalar> matrix = dataset_.matrix();
    loss_options_.set_row_indices(batch);
    // Memory kept from step to step, so that none is allocated within one.
    workspace_.resize(std::max(workspace_.size(), anisograd::logistic_workspace(matrix, loss_options_)));
    loss_options_.set_workspace(workspace_);
    anisograd::logistic_gradient(matrix, dataset_.labels, parameters_, gradient_, loss_options_);
    update();
    ++steps_;
    if (options_.average) {
        anisograd::average(average_, parameters_, steps_);
    }
}

// Penalties and constraint are on the weights alone. Steps are per coordinate, and so is the metric of the
// projection: the intercept can be updated by itself.
template <class Scalar>
void Trainer<Scalar>::update() {
    const auto weights = weights_in(parameters_);
    const auto intercept = intercept_in(parameters_);
    const bool constrained = options_.constraint != Constraint::none;
    switch (options_.method) {
    case Method::sgd:
        anisograd::sgd_step(weights, weights_in(gradient_), weight_options_);
        anisograd::sgd_step(intercept, intercept_in(gradient_), intercept_options_);
        if (constrained) {
            anisograd::project(weights, set_);
        }
        break;
    case Method::adagrad:
        if (constrained) {
            anisograd::adagrad_step_projected(weights, weights_in(gradient_), weights_in(accumulator_),
                                              weight_options_, set_);
        } else {
            anisograd::adagrad_step(weights, weights_in(gradient_), weights_in(accumulator_),
                                    weight_options_);
        }
        anisograd::adagrad_step(intercept, intercept_in(gradient_), intercept_in(accumulator_),
                                intercept_options_);
        break;
    case Method::adagrad_norm:
        update_by_norm();
        break;
    }
}

// The accumulator is one of all parameters, so the step is one too. Its metric is a multiple of the Euclidean one.
template <class Scalar>
void Trainer<Scalar>::update_by_norm() {
    anisograd::adagrad_norm_step(parameters_, gradient_, norm_accumulator_, intercept_options_);
    const auto weights = weights_in(parameters_);
    if (options_.penalties.l1 > 0 && norm_accumulator_ > 0) {
        // The proximal step of l1 alone: that of SGD with AdaGrad-Norm's step size, and no gradient.
        anisograd::AdagradOptions shrinkage = weight_options_;
        shrinkage.learning_rate /= std::sqrt(norm_accumulator_);
        std::fill(gradient_.begin(), gradient_.end(), Scalar(0));
        anisograd::sgd_step(weights, weights_in(gradient_), shrinkage);
    }
    if (options_.constraint != Constraint::none) {
        anisograd::project(weights, set_);
    }
}

template class Trainer<float>;
template class Trainer<double>;

} // namespace cli
