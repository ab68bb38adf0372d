// SPDX-License-Identifier: BSD-3-Clause
//
// Mini-batch training of logistic regression by SGD, AdaGrad or AdaGrad-Norm.
#pragma once

#include "constraint.hpp"
#include "dataset.hpp"
#include "evaluation.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cli {

enum class Method { sgd, adagrad, adagrad_norm };

struct TrainingOptions {
    Method method = Method::adagrad;
    std::size_t batch_size = 64;
    double learning_rate = 0.1;
    double epsilon = 1e-10; // accumulators start at epsilon^2
    std::uint64_t seed = 1;
    Penalties penalties;
    bool intercept = false;
    // Over the weights, not the intercept.
    Constraint constraint = Constraint::none;
    double radius = 1;
    bool average = false; // keep the average of the iterates
};

// Holds on to the data set; one call of run_epoch() visits each row once.
template <class Scalar>
class Trainer {
public:
    Trainer(const Dataset<Scalar>& dataset, const TrainingOptions& options);
    // The data set is referred to, so it must not be a temporary.
    Trainer(Dataset<Scalar>&& dataset, const TrainingOptions& options) = delete;

    // Where to start, instead of at zero. The length is that of parameters().
    void set_parameters(std::span<const Scalar> start);

    // After each mini-batch, progress gets the share of the epoch that is done.
    void run_epoch(const std::function<void(double)>& progress = {});

    // One weight per feature, and with intercept the intercept after them.
    [[nodiscard]] std::span<const Scalar> parameters() const { return parameters_; }
    // The mean of the iterates after each step so far; empty unless asked for.
    [[nodiscard]] std::span<const Scalar> average() const { return average_; }

private:
    void step(std::span<const std::int64_t> batch);
    void update();
    void update_by_norm();

    [[nodiscard]] std::span<Scalar> weights_in(std::vector<Scalar>& values) const {
        return std::span(values).first(dataset_.features);
    }
    [[nodiscard]] std::span<Scalar> intercept_in(std::vector<Scalar>& values) const {
        return std::span(values).subspan(dataset_.features); // empty without
    }

    const Dataset<Scalar>& dataset_;
    TrainingOptions options_;
    anisograd::AdagradOptions weight_options_; // with the proximal l1
    anisograd::AdagradOptions intercept_options_;
    anisograd::LogisticOptions<Scalar> loss_options_;
    anisograd::Set<Scalar> set_;
    std::uint64_t epochs_ = 0;
    std::size_t steps_ = 0;
    std::vector<std::int64_t> order_; // of the rows in this epoch
    std::vector<Scalar> parameters_;
    std::vector<Scalar> gradient_;
    std::vector<Scalar> accumulator_; // AdaGrad's
    double norm_accumulator_ = 0;     // AdaGrad-Norm's
    std::vector<Scalar> average_;
    std::vector<std::byte> workspace_;
};

} // namespace cli
