// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "data_error.hpp"
#include "input.hpp"
#include "output_file.hpp"
#include "progress.hpp"
#include "report.hpp"

#include <cmath>
#include <iostream>
#include <ostream>
#include <span>
#include <type_traits>

namespace train_logistic {
namespace {

void print_header(bool with_test) {
    std::cout << right_aligned("epoch", 6) << right_aligned("training loss", 16)
              << right_aligned("accuracy", 12);
    if (with_test) {
        std::cout << right_aligned("test loss", 16) << right_aligned("accuracy", 12);
    }
    std::cout << '\n';
}

void print_record(const EpochRecord& record) {
    std::cout << right_aligned(std::to_string(record.epoch), 6);
    const auto print = [](const Evaluation& evaluation) {
        std::cout << right_aligned(loss_text(evaluation.loss), 16)
                  << right_aligned(accuracy_text(evaluation.accuracy), 12);
    };
    print(record.training);
    if (record.test) {
        print(*record.test);
    }
    // Flushed, so that a log can be followed.
    std::cout << std::endl;
}

void write_csv(const std::string& path, const History& history) {
    write_file(path, [&](std::ostream& stream) {
        stream << csv_header(history.front().test.has_value()) << '\n';
        for (const EpochRecord& record : history) {
            stream << csv_columns(record) << '\n';
        }
    });
}

void write_loss_plot(const std::string& path, const History& history) {
    Plot plot = {"Logistic regression", "epoch", "loss", {loss_curve("training", history)}};
    if (history.front().test) {
        Curve test;
        test.name = "test";
        test.color = 1;
        for (const EpochRecord& record : history) {
            test.points.push_back({static_cast<double>(record.epoch), record.test->loss});
        }
        plot.curves.push_back(test);
    }
    write_plot(path, plot);
}

template <class Scalar>
void train(const TrainCommand& command, const std::optional<Model>& start) {
    TrainingOptions options = command.training;
    if (start) {
        options.intercept = start->intercept;
    }
    const auto input = read_input<Scalar>(command.input, start ? &*start : nullptr);
    Trainer<Scalar> trainer(input.training, options);
    if (start) {
        trainer.set_parameters(weights_of<Scalar>(*start, command.load_file));
    }
    const std::span<const Scalar> result = options.average ? trainer.average() : trainer.parameters();

    std::cout << input_summary(input.training) << '\n';
    print_header(input.test.has_value());
    History history;
    Progress progress;
    for (std::size_t epoch = 1; epoch <= command.epochs; ++epoch) {
        const std::string task = "epoch " + std::to_string(epoch) + " of " + std::to_string(command.epochs);
        trainer.run_epoch([&](double done) { progress.show(task, done); });
        progress.clear();
        history.push_back({epoch, evaluate(input.training, result, options.intercept, options.l2),
                           input.evaluate_test(result, options.intercept)});
        print_record(history.back());
        if (!std::isfinite(history.back().training.loss)) {
            throw DataError(command.input.file, "the training diverged; a smaller --learning-rate may help");
        }
    }

    if (!command.save_file.empty()) {
        save_model(command.save_file, {std::is_same_v<Scalar, float> ? Precision::f32 : Precision::f64,
                                       input.training.label_pair,
                                       options.intercept,
                                       input.training.features,
                                       {result.begin(), result.end()}});
    }
    if (!command.csv_file.empty()) {
        write_csv(command.csv_file, history);
    }
    if (!command.svg_file.empty()) {
        write_loss_plot(command.svg_file, history);
    }
}

} // namespace

void run_train(const TrainCommand& command) {
    std::optional<Model> start;
    if (!command.load_file.empty()) {
        start = load_model(command.load_file);
    }
    if (command.precision.value_or(start ? start->precision : Precision::f32) == Precision::f32) {
        train<float>(command, start);
    } else {
        train<double>(command, start);
    }
}

} // namespace train_logistic
