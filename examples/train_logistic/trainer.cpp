// SPDX-License-Identifier: BSD-3-Clause
#include "trainer.hpp"

#include "shuffle.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace train_logistic {
namespace {

template <class Scalar>
anisograd::Set<Scalar> make_set(const TrainingOptions& options) {
    switch (options.constraint) {
    case Constraint::none:
        break;
    case Constraint::box:
        return anisograd::Set<Scalar>::box(-options.radius, options.radius);
    case Constraint::l2_ball:
        return anisograd::Set<Scalar>::l2_ball(options.radius);
    }
    return {};
}

} // namespace

template <class Scalar>
Trainer<Scalar>::Trainer(const Dataset<Scalar>& dataset, const TrainingOptions& options)
    : dataset_(dataset), options_(options), set_(make_set<Scalar>(options)), generator_(options.seed),
      order_(dataset.rows()), parameters_(dataset.features + (options.intercept ? 1 : 0)),
      gradient_(parameters_.size()) {
    if (options.batch_size == 0) {
        throw std::invalid_argument("the batch size is 0");
    }
    step_options_.learning_rate = options.learning_rate;
    loss_options_.fit_intercept = options.intercept ? 1 : 0;
    loss_options_.l2 = options.l2;
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
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
    shuffle(std::span(order_), generator_);
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

template <class Scalar>
void Trainer<Scalar>::update() {
    // The constraint is on the weights alone. Steps are per coordinate, and so is the metric of the
    // projection: the intercept can be updated by itself.
    const std::size_t features = dataset_.features;
    const auto weights = std::span(parameters_).first(features);
    const auto weights_gradient = std::span(gradient_).first(features);
    const auto intercept = std::span(parameters_).subspan(features);
    const auto intercept_gradient = std::span(gradient_).subspan(features);

    if (options_.method == Method::sgd) {
        anisograd::sgd_step(parameters_, gradient_, step_options_);
        if (options_.constraint != Constraint::none) {
            anisograd::project(weights, set_);
        }
    } else if (options_.constraint == Constraint::none) {
        anisograd::adagrad_step(parameters_, gradient_, accumulator_, step_options_);
    } else {
        const auto accumulator = std::span(accumulator_);
        anisograd::adagrad_step_projected(weights, weights_gradient, accumulator.first(features),
                                          step_options_, set_);
        anisograd::adagrad_step(intercept, intercept_gradient, accumulator.subspan(features), step_options_);
    }
}

template class Trainer<float>;
template class Trainer<double>;

} // namespace train_logistic
