// SPDX-License-Identifier: BSD-3-Clause
//
// The program's three commands and what each is told on the command line. They print to standard output
// and throw DataError, or an exception of the library or of the standard, where something is wrong.
#pragma once

#include "libsvm_reader.hpp"
#include "model_file.hpp"
#include "trainer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace train_logistic {

struct InputOptions {
    std::string file;
    std::string test_file; // empty: none
    int index_base = 1;
    std::optional<std::size_t> features;
};

struct TrainCommand {
    InputOptions input;
    std::optional<Precision> precision; // empty: that of the model to load, or else f32
    TrainingOptions training;
    std::size_t epochs = 20;
    // Files; empty: none.
    std::string load_file;
    std::string save_file;
    std::string csv_file;
    std::string svg_file;
};

struct EvaluateCommand {
    std::string model_file;
    InputOptions input; // without a test file, and with the model's number of features
};

struct CompareCommand {
    InputOptions input;
    Precision precision = Precision::f32;
    TrainingOptions training; // what the runs have in common
    std::size_t epochs = 20;
    std::vector<std::size_t> batch_sizes = {64, 1024};
    std::vector<double> sgd_learning_rates = {0.01, 0.03, 0.1, 0.3, 1, 3, 10};
    std::vector<double> adagrad_learning_rates = {0.003, 0.01, 0.03, 0.1, 0.3, 1, 3};
    std::string csv_file;
    std::string svg_file;
};

// Trains one model and reports after each epoch.
void run_train(const TrainCommand& command);

// Loss and accuracy of a saved model on a file.
void run_evaluate(const EvaluateCommand& command);

// SGD against AdaGrad: the full objective after the same number of epochs, each method and batch size
// with the step size from its grid that does best, for the last and for the average iterate.
void run_compare(const CompareCommand& command);

} // namespace train_logistic
