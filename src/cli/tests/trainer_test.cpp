// SPDX-License-Identifier: BSD-3-Clause
#include "trainer.hpp"

#include "evaluation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace cli {
namespace {

// Rows of random entries, labelled by a random hyperplane through the origin and some noise.
template <class Scalar>
Dataset<Scalar> random_dataset(std::size_t rows, std::size_t features, std::size_t entries_per_row) {
    std::mt19937_64 generator(7);
    const auto uniform = [&] { return static_cast<double>(generator() % 2001) / 1000 - 1; };
    std::vector<double> hyperplane(features);
    for (double& weight : hyperplane) {
        weight = uniform();
    }
    Dataset<Scalar> dataset;
    dataset.features = features;
    const std::size_t stride = features / entries_per_row;
    for (std::size_t row = 0; row < rows; ++row) {
        double margin = 0.2 * uniform();
        for (std::size_t entry = 0; entry < entries_per_row; ++entry) {
            const std::size_t column = entry * stride + generator() % stride;
            const double value = uniform();
            margin += hyperplane[column] * value;
            dataset.columns.push_back(static_cast<std::int32_t>(column));
            dataset.values.push_back(static_cast<Scalar>(value));
        }
        dataset.row_offsets.push_back(static_cast<std::int64_t>(dataset.columns.size()));
        dataset.labels.push_back(static_cast<Scalar>(margin >= 0 ? 1 : -1));
    }
    return dataset;
}

double norm(std::span<const float> weights) {
    double sum = 0;
    for (const float weight : weights) {
        sum += static_cast<double>(weight) * static_cast<double>(weight);
    }
    return std::sqrt(sum);
}

template <class Scalar>
class TrainerOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(TrainerOf, Scalars);

double good_learning_rate(Method method) {
    switch (method) {
    case Method::sgd:
        return 1;
    case Method::adagrad:
        return 0.3;
    case Method::adagrad_norm:
        break;
    }
    return 10;
}

TYPED_TEST(TrainerOf, EveryKindOfRunLowersTheLoss) {
    const auto dataset = random_dataset<TypeParam>(500, 40, 10);
    const std::pair<Constraint, double> constraints[] = {
        {Constraint::none, 0}, {Constraint::box, 1}, {Constraint::l1_ball, 20}, {Constraint::l2_ball, 4}};
    for (const Method method : {Method::sgd, Method::adagrad, Method::adagrad_norm}) {
        for (const auto& [constraint, radius] : constraints) {
            for (const bool intercept : {false, true}) {
                TrainingOptions options;
                options.method = method;
                options.learning_rate = good_learning_rate(method);
                options.constraint = constraint;
                options.radius = radius;
                options.intercept = intercept;
                options.average = true;
                Trainer<TypeParam> trainer(dataset, options);
                for (int epoch = 0; epoch < 10; ++epoch) {
                    trainer.run_epoch();
                }
                const auto last = evaluate(dataset, trainer.parameters(), intercept);
                const auto average = evaluate(dataset, trainer.average(), intercept);
                EXPECT_LT(last.loss, 0.4);
                EXPECT_GT(last.accuracy(), 0.85);
                EXPECT_LT(average.loss, 0.45);
            }
        }
    }
}

TEST(Trainer, ConstraintHoldsForTheWeightsButNotTheIntercept) {
    auto dataset = random_dataset<float>(500, 40, 10);
    for (float& label : dataset.labels) { // an intercept that wants to be large
        label = 1;
    }
    for (const Method method : {Method::sgd, Method::adagrad, Method::adagrad_norm}) {
        const auto train = [&](Constraint constraint, double radius) {
            TrainingOptions options;
            options.method = method;
            options.learning_rate = 1;
            options.intercept = true;
            options.constraint = constraint;
            options.radius = radius;
            Trainer<float> trainer(dataset, options);
            for (int epoch = 0; epoch < 5; ++epoch) {
                trainer.run_epoch();
            }
            EXPECT_GT(trainer.parameters().back(), 1);
            const auto weights = trainer.parameters().first(dataset.features);
            return std::vector<float>(weights.begin(), weights.end());
        };
        for (const float weight : train(Constraint::box, 0.05)) {
            EXPECT_LE(std::abs(weight), 0.05F);
        }
        EXPECT_LE(norm(train(Constraint::l2_ball, 0.05)), 0.05 * (1 + 1e-6));
        double magnitudes = 0;
        for (const float weight : train(Constraint::l1_ball, 0.05)) {
            magnitudes += std::abs(weight);
        }
        EXPECT_LE(magnitudes, 0.05 * (1 + 1e-5));
        for (const float weight : train(Constraint::nonnegative, 0)) {
            EXPECT_GE(weight, 0);
        }
        const std::vector<float> shares = train(Constraint::simplex, 2);
        EXPECT_GE(*std::min_element(shares.begin(), shares.end()), 0);
        EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 2, 1e-5);
    }
}

// So large a penalty that no weight leaves 0; the intercept is free.
TEST(Trainer, L1IsOnTheWeightsButNotTheIntercept) {
    auto dataset = random_dataset<double>(300, 20, 5);
    std::fill(dataset.labels.begin(), dataset.labels.begin() + 200, 1.0);
    for (const Method method : {Method::sgd, Method::adagrad, Method::adagrad_norm}) {
        const auto train = [&](double l1) {
            TrainingOptions options;
            options.method = method;
            options.intercept = true;
            options.penalties.l1 = l1;
            Trainer<double> trainer(dataset, options);
            for (int epoch = 0; epoch < 5; ++epoch) {
                trainer.run_epoch();
            }
            EXPECT_GT(trainer.parameters().back(), 0);
            const auto weights = trainer.parameters().first(dataset.features);
            return std::count(weights.begin(), weights.end(), 0.0);
        };
        EXPECT_EQ(train(0), 0);
        EXPECT_EQ(train(1), 20);
    }
}

// With one coordinate AdaGrad-Norm is AdaGrad, and its shrinkage by l1 the proximal step.
TEST(Trainer, AdagradNormOfOneCoordinateIsAdagrad) {
    const auto dataset = random_dataset<double>(200, 1, 1);
    for (const double l1 : {0.0, 0.02}) {
        std::vector<double> results;
        for (const Method method : {Method::adagrad, Method::adagrad_norm}) {
            TrainingOptions options;
            options.method = method;
            options.penalties.l1 = l1;
            Trainer<double> trainer(dataset, options);
            trainer.run_epoch();
            results.push_back(trainer.parameters()[0]);
        }
        EXPECT_NEAR(results[0], results[1], 1e-12);
        EXPECT_GT(std::abs(results[0]), 0.1);
    }
}

// Large enough that the library uses its threads.
TEST(Trainer, ResultDoesNotDependOnTheThreads) {
    const auto dataset = random_dataset<float>(20000, 2000, 20);
    std::vector<std::vector<float>> results;
    std::vector<double> losses;
    for (const int threads : {1, 2}) {
        anisograd::set_num_threads(threads);
        TrainingOptions options;
        options.batch_size = 8000;
        options.constraint = Constraint::l2_ball;
        options.radius = 3;
        Trainer<float> trainer(dataset, options);
        for (int epoch = 0; epoch < 3; ++epoch) {
            trainer.run_epoch();
        }
        results.emplace_back(trainer.parameters().begin(), trainer.parameters().end());
        losses.push_back(evaluate(dataset, trainer.parameters(), false).loss);
    }
    anisograd::set_num_threads(0);
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(losses[0], losses[1]);
    EXPECT_LT(losses[0], 0.65);
}

TEST(Trainer, SeedDecidesTheOrder) {
    const auto dataset = random_dataset<float>(200, 20, 5);
    const auto parameters_of = [&](std::uint64_t seed) {
        TrainingOptions options;
        options.batch_size = 16;
        options.seed = seed;
        Trainer<float> trainer(dataset, options);
        trainer.run_epoch();
        return std::vector<float>(trainer.parameters().begin(), trainer.parameters().end());
    };
    EXPECT_EQ(parameters_of(1), parameters_of(1));
    EXPECT_NE(parameters_of(1), parameters_of(2));
}

TEST(Trainer, OneBatchStepIsTheFormula) {
    const auto dataset = random_dataset<double>(50, 20, 5);
    TrainingOptions options;
    options.method = Method::sgd;
    options.batch_size = 1000; // more than there are rows
    options.learning_rate = 0.5;
    options.average = true;
    Trainer<double> trainer(dataset, options);
    trainer.run_epoch();
    // At zero each row's derivative is -y / 2.
    std::vector<double> expected(20);
    for (std::size_t row = 0; row < 50; ++row) {
        for (std::size_t k = row * 5; k < (row + 1) * 5; ++k) {
            expected[static_cast<std::size_t>(dataset.columns[k])] +=
                0.5 * dataset.labels[row] / 2 * dataset.values[k] / 50;
        }
    }
    for (std::size_t j = 0; j < 20; ++j) {
        EXPECT_NEAR(trainer.parameters()[j], expected[j], 1e-14);
        EXPECT_EQ(trainer.average()[j], trainer.parameters()[j]);
    }
}

TEST(Trainer, RefusesAStartOfTheWrongLength) {
    const auto dataset = random_dataset<float>(10, 20, 5);
    Trainer<float> trainer(dataset, {});
    EXPECT_THROW(trainer.set_parameters(std::vector<float>(19)), std::invalid_argument);
}

TEST(Trainer, ReportsProgress) {
    const auto dataset = random_dataset<float>(10, 20, 5);
    TrainingOptions options;
    options.batch_size = 4;
    Trainer<float> trainer(dataset, options);
    std::vector<double> shares;
    trainer.run_epoch([&](double done) { shares.push_back(done); });
    EXPECT_EQ(shares, (std::vector<double>{0.4, 0.8, 1}));
}

TEST(Evaluation, AtZeroTheLossIsLnTwo) {
    const auto dataset = random_dataset<double>(100, 20, 5);
    const std::vector<double> zero(21);
    const Evaluation evaluation = evaluate(dataset, std::span<const double>(zero), true, {1, 1});
    EXPECT_NEAR(evaluation.loss, std::log(2.0), 1e-15);
}

TEST(Evaluation, CountsRowsAndAddsPenaltiesWithoutTheIntercept) {
    Dataset<double> dataset;
    dataset.features = 2;
    dataset.row_offsets = {0, 1, 2, 3, 4, 4};
    dataset.columns = {0, 0, 1, 1};
    dataset.values = {1, 1, 1, 1};
    dataset.labels = {1, -1, -1, 1, 1};
    const std::vector<double> parameters = {3, -2, 0.5}; // margins 3.5, 3.5, -1.5, -1.5, 0.5
    const auto with = [&](const Penalties& penalties) {
        return evaluate(dataset, std::span<const double>(parameters), true, penalties);
    };
    const Evaluation evaluation = with({});
    EXPECT_EQ(evaluation.true_positives, 2U);
    EXPECT_EQ(evaluation.false_positives, 1U);
    EXPECT_EQ(evaluation.true_negatives, 1U);
    EXPECT_EQ(evaluation.false_negatives, 1U);
    EXPECT_DOUBLE_EQ(evaluation.accuracy(), 0.6);
    double loss = 0;
    for (const double margin : {3.5, -3.5, 1.5, -1.5, 0.5}) { // times the label
        loss += std::log1p(std::exp(-margin)) / 5;
    }
    EXPECT_NEAR(evaluation.loss, loss, 1e-14);
    EXPECT_NEAR(with({0.1, 0}).loss, loss + 0.1 * 5, 1e-14);
    EXPECT_NEAR(with({0, 0.1}).loss, loss + 0.05 * 13, 1e-14);
}

} // namespace
} // namespace cli
