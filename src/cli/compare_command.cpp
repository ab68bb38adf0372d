// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "input.hpp"
#include "number.hpp"
#include "output_file.hpp"
#include "progress.hpp"
#include "report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <ostream>
#include <span>
#include <string_view>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

struct Run {
    double learning_rate = 0;
    History last;
    History average;

    [[nodiscard]] const History& history(Iterate iterate) const {
        return iterate == Iterate::last ? last : average;
    }

    // Infinite for a run that diverged, so that it is never the best.
    [[nodiscard]] double final_loss(Iterate iterate) const {
        const double loss = history(iterate).back().training.loss;
        return std::isfinite(loss) ? loss : std::numeric_limits<double>::infinity();
    }
};

// The runs of one method with one batch size, one for each step size in increasing order.
struct Series {
    Method method = Method::sgd;
    std::size_t batch_size = 0;
    std::vector<Run> runs;

    [[nodiscard]] std::size_t best(Iterate iterate) const {
        const auto by_loss = [&](const Run& a, const Run& b) {
            return a.final_loss(iterate) < b.final_loss(iterate);
        };
        return static_cast<std::size_t>(std::min_element(runs.begin(), runs.end(), by_loss) - runs.begin());
    }

    // A best step size at an end of the grid: a wider grid may hold a better one.
    [[nodiscard]] bool best_at_edge(Iterate iterate) const {
        const std::size_t index = best(iterate);
        return index == 0 || index + 1 == runs.size();
    }
};

constexpr Iterate iterates[] = {Iterate::last, Iterate::average};

std::string_view method_text(Method method) {
    return method == Method::sgd ? "SGD" : "AdaGrad";
}

template <class Scalar>
Run run_one(const Input<Scalar>& input, const TrainingOptions& options, std::size_t epochs,
            const std::function<void(double)>& progress) {
    Run run;
    run.learning_rate = options.learning_rate;
    Trainer<Scalar> trainer(input.training, options);
    for (std::size_t epoch = 1; epoch <= epochs; ++epoch) {
        trainer.run_epoch();
        const auto record = [&](std::span<const Scalar> parameters) {
            return EpochRecord{epoch,
                               evaluate(input.training, parameters, options.intercept, options.penalties),
                               input.evaluate_validation(parameters, options.intercept)};
        };
        run.last.push_back(record(trainer.parameters()));
        run.average.push_back(record(trainer.average()));
        progress(static_cast<double>(epoch) / static_cast<double>(epochs));
    }
    return run;
}

template <class Scalar>
std::vector<Series> run_all(const Input<Scalar>& input, const CompareCommand& command) {
    const std::size_t total = command.batch_sizes.size() *
                              (command.sgd_learning_rates.size() + command.adagrad_learning_rates.size());
    std::size_t number = 0;
    Progress progress;
    std::vector<Series> result;
    for (const Method method : {Method::sgd, Method::adagrad}) {
        auto learning_rates =
            method == Method::sgd ? command.sgd_learning_rates : command.adagrad_learning_rates;
        std::sort(learning_rates.begin(), learning_rates.end());
        for (const std::size_t batch_size : command.batch_sizes) {
            Series series = {method, batch_size, {}};
            for (const double learning_rate : learning_rates) {
                TrainingOptions options = command.training;
                options.method = method;
                options.batch_size = batch_size;
                options.learning_rate = learning_rate;
                options.average = true;
                const std::string task = "run " + std::to_string(number + 1) + " of " + std::to_string(total);
                series.runs.push_back(run_one(input, options, command.epochs, [&](double done) {
                    progress.show(task, (static_cast<double>(number) + done) / static_cast<double>(total));
                }));
                ++number;
            }
            result.push_back(std::move(series));
        }
    }
    return result;
}

void print_table(const std::vector<Series>& all_series, bool with_validation) {
    const auto print_line = [](const std::vector<std::string>& cells) {
        for (const std::string& cell : cells) {
            std::cout << right_aligned(cell, 17);
        }
        std::cout << '\n';
    };
    std::vector<std::string> header = {"method",         "batch size",    "iterate",
                                       "best step size", "training loss", "accuracy"};
    if (with_validation) {
        header.insert(header.end(), {"validation loss", "accuracy"});
    }
    print_line(header);
    bool any_at_edge = false;
    for (const Series& series : all_series) {
        for (const Iterate iterate : iterates) {
            const Run& run = series.runs[series.best(iterate)];
            const EpochRecord& record = run.history(iterate).back();
            const bool at_edge = series.best_at_edge(iterate);
            any_at_edge = any_at_edge || at_edge;
            std::vector<std::string> cells = {std::string(method_text(series.method)),
                                              std::to_string(series.batch_size),
                                              std::string(name_of(iterate)),
                                              (at_edge ? "* " : "") + format_number(run.learning_rate),
                                              loss_text(record.training.loss),
                                              accuracy_text(record.training.accuracy())};
            if (record.validation) {
                cells.push_back(loss_text(record.validation->loss));
                cells.push_back(accuracy_text(record.validation->accuracy()));
            }
            print_line(cells);
        }
    }
    if (any_at_edge) {
        std::cout << "* at the end of the grid: a step size beyond it may do better\n";
    }
}

// All runs, so that the choice of the step size can be looked at; those of the table have best = 1.
void write_csv(std::ostream& stream, const std::vector<Series>& all_series, bool with_validation) {
    stream << "method,batch_size,iterate,learning_rate,best," << csv_header(with_validation) << '\n';
    for (const Series& series : all_series) {
        for (const Iterate iterate : iterates) {
            const Run& best = series.runs[series.best(iterate)];
            for (const Run& run : series.runs) {
                for (const EpochRecord& record : run.history(iterate)) {
                    stream << method_text(series.method) << ',' << series.batch_size << ','
                           << name_of(iterate) << ',' << format_number(run.learning_rate) << ','
                           << (&run == &best ? 1 : 0) << ',' << csv_columns(record) << '\n';
                }
            }
        }
    }
}

// Each method's and batch size's best runs, and how all step sizes did.
Json series_json(const Series& series) {
    Json json = {{"method", name_of(series.method)}, {"batch_size", series.batch_size}};
    for (const Iterate iterate : iterates) {
        const Run& best = series.runs[series.best(iterate)];
        Json final_losses = Json::array();
        for (const Run& run : series.runs) {
            final_losses.push_back(
                {{"learning_rate", run.learning_rate}, {"loss", run.history(iterate).back().training.loss}});
        }
        json[std::string(name_of(iterate))] = {{"best_learning_rate", best.learning_rate},
                                               {"best_at_edge", series.best_at_edge(iterate)},
                                               {"final_training_losses", final_losses},
                                               {"epochs", history_json(best.history(iterate))}};
    }
    return json;
}

template <class Scalar>
Json json_of(const CompareCommand& command, const Input<Scalar>& input,
             const std::vector<Series>& all_series) {
    Json json = run_json();
    json["data"] = dataset_json(command.input.file, input.training);
    if (input.validation) {
        json["validation_data"] = dataset_json(command.input.validation_file, *input.validation);
    }
    json["precision"] = name_of(precision_of<Scalar>());
    json["epochs"] = command.epochs;
    json["series"] = Json::array();
    for (const Series& series : all_series) {
        json["series"].push_back(series_json(series));
    }
    return json;
}

Plot best_curves(const std::vector<Series>& all_series) {
    Plot plot = {"Training loss, each with its best step size", "epoch", "training loss", {}};
    for (std::size_t i = 0; i < all_series.size(); ++i) {
        const Series& series = all_series[i];
        for (const Iterate iterate : iterates) {
            const Run& run = series.runs[series.best(iterate)];
            const std::string name = std::string(method_text(series.method)) + ", batch " +
                                     std::to_string(series.batch_size) + ", " + std::string(name_of(iterate));
            Curve curve = loss_curve(name, run.history(iterate));
            curve.color = i;
            curve.dashed = iterate == Iterate::average;
            plot.curves.push_back(curve);
        }
    }
    return plot;
}

template <class Scalar>
void compare(const CompareCommand& command) {
    OutputFile csv_file(command.csv_file);
    OutputFile svg_file(command.svg_file);
    const auto input = read_input<Scalar>(command.input);
    if (!command.json) {
        std::cout << input_summary(input.training) << "; " << command.epochs << " epochs\n" << std::flush;
    }
    const std::vector<Series> all_series = run_all(input, command);
    const bool with_validation = input.validation.has_value();
    if (command.json) {
        print_json(json_of(command, input, all_series));
    } else {
        print_table(all_series, with_validation);
    }
    csv_file.write([&](std::ostream& stream) { write_csv(stream, all_series, with_validation); });
    svg_file.write([&](std::ostream& stream) { write_svg(stream, best_curves(all_series)); });
}

} // namespace

bool run_compare(const CompareCommand& command) {
    if (command.precision == Precision::f32) {
        compare<float>(command);
    } else {
        compare<double>(command);
    }
    return true;
}

} // namespace cli
