// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "data_error.hpp"
#include "early_stopping.hpp"
#include "input.hpp"
#include "output_file.hpp"
#include "progress.hpp"
#include "report.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iostream>
#include <ostream>
#include <span>

namespace cli {
namespace {

void print_header(bool with_validation) {
    std::cout << right_aligned("epoch", 6) << right_aligned("training loss", 16)
              << right_aligned("accuracy", 12);
    if (with_validation) {
        std::cout << right_aligned("validation loss", 18) << right_aligned("accuracy", 12);
    }
    std::cout << '\n';
}

void print_record(const EpochRecord& record) {
    std::cout << right_aligned(std::to_string(record.epoch), 6);
    const auto print = [](const Evaluation& evaluation, std::size_t width) {
        std::cout << right_aligned(loss_text(evaluation.loss), width)
                  << right_aligned(accuracy_text(evaluation.accuracy()), 12);
    };
    print(record.training, 16);
    if (record.validation) {
        print(*record.validation, 18);
    }
    // Flushed, so that a log can be followed.
    std::cout << std::endl;
}

void write_csv(std::ostream& stream, const History& history) {
    stream << csv_header(history.front().validation.has_value()) << '\n';
    for (const EpochRecord& record : history) {
        stream << csv_columns(record) << '\n';
    }
}

Plot loss_plot(const History& history) {
    Plot plot = {"Logistic regression", "epoch", "loss", {loss_curve("training", history)}};
    if (history.front().validation) {
        Curve validation;
        validation.name = "validation";
        validation.color = 1;
        for (const EpochRecord& record : history) {
            validation.points.push_back({static_cast<double>(record.epoch), record.validation->loss});
        }
        plot.curves.push_back(validation);
    }
    return plot;
}

template <class Scalar>
Model model_of(const Trainer<Scalar>& trainer, const Dataset<Scalar>& dataset, bool intercept) {
    const auto copy = [](std::span<const Scalar> values) {
        return std::vector<double>(values.begin(), values.end());
    };
    return {precision_of<Scalar>(), dataset.label_pair,         intercept,
            dataset.features,       copy(trainer.parameters()), copy(trainer.average())};
}

template <class Scalar>
nlohmann::ordered_json json_of(const TrainCommand& command, const TrainingOptions& options,
                               const Input<Scalar>& input, const History& history, bool stopped_early) {
    nlohmann::ordered_json json = run_json();
    json["data"] = dataset_json(command.input.file, input.training);
    if (input.validation) {
        json["validation_data"] = dataset_json(command.input.validation_file, *input.validation);
    }
    json["precision"] = name_of(precision_of<Scalar>());
    json["training"] = training_json(options);
    json["iterate"] = name_of(options.average ? Iterate::average : Iterate::last);
    json["epochs"] = history_json(history);
    json["stopped_early"] = stopped_early;
    return json;
}

template <class Scalar>
void train(const TrainCommand& command, const std::optional<Model>& start) {
    TrainingOptions options = command.training;
    if (start) {
        options.intercept = start->intercept;
    }
    OutputFile save_file(command.save_file);
    OutputFile csv_file(command.csv_file);
    OutputFile svg_file(command.svg_file);
    const auto input = read_input<Scalar>(command.input, start ? &*start : nullptr);
    Trainer<Scalar> trainer(input.training, options);
    if (start) {
        trainer.set_parameters(weights_of<Scalar>(*start, Iterate::last, command.load_file));
    }
    const std::span<const Scalar> result = options.average ? trainer.average() : trainer.parameters();

    if (!command.json) {
        std::cout << input_summary(input.training) << '\n';
        print_header(input.validation.has_value());
    }
    History history;
    EarlyStopping early_stopping(command.tolerance, command.patience);
    bool stopped = false;
    Progress progress;
    for (std::size_t epoch = 1; epoch <= command.epochs && !stopped; ++epoch) {
        const std::string task = "epoch " + std::to_string(epoch) + " of " + std::to_string(command.epochs);
        trainer.run_epoch([&](double done) {
            progress.show(task,
                          (static_cast<double>(epoch - 1) + done) / static_cast<double>(command.epochs));
        });
        progress.clear();
        history.push_back({epoch, evaluate(input.training, result, options.intercept, options.penalties),
                           input.evaluate_validation(result, options.intercept)});
        const double loss = history.back().training.loss;
        if (!command.json) {
            print_record(history.back());
        }
        if (!std::isfinite(loss)) {
            throw DataError(command.input.file, "the training diverged; a smaller --learning-rate may help");
        }
        stopped = early_stopping.stops(loss);
    }
    const bool stopped_early = history.size() < command.epochs;

    save_file.write([&](std::ostream& stream) {
        save_model(stream, command.save_file, model_of(trainer, input.training, options.intercept));
    });
    csv_file.write([&](std::ostream& stream) { write_csv(stream, history); });
    svg_file.write([&](std::ostream& stream) { write_svg(stream, loss_plot(history)); });
    if (command.json) {
        print_json(json_of(command, options, input, history, stopped_early));
    } else if (stopped_early) {
        std::cout << "stopped early: " << command.patience << " epochs without progress\n";
    }
}

} // namespace

bool run_train(const TrainCommand& command) {
    std::optional<Model> start;
    if (!command.load_file.empty()) {
        start = load_model(command.load_file);
    }
    if (command.precision.value_or(start ? start->precision : Precision::f32) == Precision::f32) {
        train<float>(command, start);
    } else {
        train<double>(command, start);
    }
    return true;
}

} // namespace cli
