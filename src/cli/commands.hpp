// SPDX-License-Identifier: BSD-3-Clause
//
// The program's commands and what each is told on the command line. They print to standard output, return whether
// all is well, and throw DataError, or an exception of the library or of the standard, where something is wrong.
#pragma once

#include "libsvm_reader.hpp"
#include "model_file.hpp"
#include "trainer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cli {

struct InputOptions {
    std::string file;
    std::string validation_file; // empty: none
    int index_base = 1;
    std::optional<std::size_t> features;
};

// A saved model, the iterate of it to use, and the file to use it on.
struct ModelOptions {
    std::string model_file;
    std::optional<Iterate> iterate; // empty: the average, where the model has one
    InputOptions input;             // without a validation file, and with the model's number of features
};

struct InfoCommand {
    bool json = false;
};

struct TrainCommand {
    InputOptions input;
    std::optional<Precision> precision; // empty: that of the model to load, or else f32
    TrainingOptions training;
    std::size_t epochs = 20;
    std::optional<double> tolerance; // empty: no early stopping
    std::size_t patience = 5;
    // Files; empty: none.
    std::string load_file;
    std::string save_file;
    std::string csv_file;
    std::string svg_file;
    bool json = false;
};

enum class Prediction { labels, probabilities, margins };

struct PredictCommand {
    ModelOptions model;
    Prediction prediction = Prediction::labels;
    std::string output_file; // empty: standard output
};

struct EvaluateCommand {
    ModelOptions model;
    bool json = false;
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
    bool json = false;
};

struct BenchCommand {
    Precision precision = Precision::f32;
    std::size_t megabytes = 64; // of each array
    std::string svg_file;
    bool json = false;
};

struct SelftestCommand {
    bool all = false; // numbers of threads
    bool json = false;
};

// The library and the build: version, instruction sets, threads, compiler.
bool run_info(const InfoCommand& command);

// Trains one model and reports after each epoch.
bool run_train(const TrainCommand& command);

// What a saved model says of each row of a file.
bool run_predict(const PredictCommand& command);

// Loss and accuracy of a saved model on a file.
bool run_evaluate(const EvaluateCommand& command);

// SGD against AdaGrad: the full objective after the same number of epochs, each method and batch size
// with the step size from its grid that does best, for the last and for the average iterate.
bool run_compare(const CompareCommand& command);

// The speed of the main kernels as shares of what the memory allows.
bool run_bench(const BenchCommand& command);

// Whether the library gives the bits that it gives everywhere; false where it does not.
bool run_selftest(const SelftestCommand& command);

} // namespace cli
