// SPDX-License-Identifier: BSD-3-Clause
//
// Mini-batch training of logistic regression by SGD or AdaGrad.
#pragma once

#include "dataset.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <vector>

namespace train_logistic {

enum class Method { sgd, adagrad };
enum class Constraint { none, box, l2_ball };

struct TrainingOptions {
    Method method = Method::adagrad;
    std::size_t batch_size = 64;
    double learning_rate = 0.1;
    double epsilon = 1e-10; // AdaGrad's accumulator starts at epsilon^2
    std::uint64_t seed = 1;
    double l2 = 0;
    bool intercept = false;
    // Over the weights, not the intercept. The box is |w_j| <= radius.
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

    const Dataset<Scalar>& dataset_;
    TrainingOptions options_;
    anisograd::AdagradOptions step_options_;
    anisograd::LogisticOptions<Scalar> loss_options_;
    anisograd::Set<Scalar> set_;
    std::mt19937_64 generator_;
    std::size_t steps_ = 0;
    std::vector<std::int64_t> order_; // of the rows in this epoch
    std::vector<Scalar> parameters_;
    std::vector<Scalar> gradient_;
    std::vector<Scalar> accumulator_;
    std::vector<Scalar> average_;
    std::vector<std::byte> workspace_;
};

} // namespace train_logistic
