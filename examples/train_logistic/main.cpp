// SPDX-License-Identifier: BSD-3-Clause
//
// The command line. Exit code 0: done; 1: a file or the computation is at fault; 2: the usage is.
#include "commands.hpp"
#include "number.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace train_logistic;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t most_features = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t most_threads = 65536;

// By itself CLI11 also takes "inf", hexadecimal and octal numbers: these do not. They name no type, so that
// the help text says NUMBER and no more.
CLI::Validator number_if(const std::function<bool(double)>& accepted, const std::string& condition) {
    return CLI::Validator(
        [=](const std::string& text) -> std::string {
            double number = 0;
            const bool valid = parse_number(std::string_view(text), number) == std::errc() &&
                               std::isfinite(number) && accepted(number);
            return valid ? "" : "'" + text + "' is not a number " + condition;
        },
        "");
}

CLI::Validator positive_number() {
    return number_if([](double number) { return number > 0; }, "greater than 0");
}

CLI::Validator number_from_zero() {
    return number_if([](double number) { return number >= 0; }, "of at least 0");
}

CLI::Validator whole_number(std::uint64_t lowest, std::uint64_t highest) {
    return CLI::Validator(
        [=](const std::string& text) -> std::string {
            std::uint64_t number = 0;
            const bool octal = text.size() > 1 && text.front() == '0';
            const bool valid = parse_number(std::string_view(text), number) == std::errc() && !octal &&
                               number >= lowest && number <= highest;
            return valid ? ""
                         : "'" + text + "' is not a whole number from " + std::to_string(lowest) + " to " +
                               std::to_string(highest);
        },
        "");
}

// An option with a number; its present value is the default.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& number, const std::string& help,
                        const CLI::Validator& validator) {
    return app.add_option(name, number, help)->check(validator)->type_name("NUMBER")->capture_default_str();
}

// An option with numbers in one argument, so that FILE can follow.
template <class Number>
CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<Number>& numbers,
                      const std::string& help, const CLI::Validator& validator) {
    return app.add_option(name, numbers, help + ", separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(validator)
        ->type_name("LIST")
        ->capture_default_str();
}

// An option with one of a few names, for a Choice or a std::optional of it.
template <class Choice, class Target>
CLI::Option* add_choice_without_default(CLI::App& app, const std::string& name, Target& target,
                                        const std::map<std::string, Choice>& choices,
                                        const std::string& help) {
    return app
        .add_option_function<std::string>(
            name, [&target, choices](const std::string& text) { target = choices.at(text); }, help)
        ->check(CLI::IsMember(choices).description(""))
        ->type_name("NAME");
}

// An option with one of a few names; its present value is the default.
template <class Choice>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Choice& choice,
                        const std::map<std::string, Choice>& choices, const std::string& help) {
    const auto present = std::find_if(choices.begin(), choices.end(),
                                      [&](const auto& named) { return named.second == choice; });
    return add_choice_without_default(app, name, choice, choices, help)->default_str(present->first);
}

CLI::Option* add_file(CLI::App& app, const std::string& name, std::string& path, const std::string& help) {
    return app.add_option(name, path, help)->type_name("FILE");
}

void add_input_file(CLI::App& app, InputOptions& input) {
    add_file(app, "FILE", input.file, "LIBSVM file")->type_name("")->required();
    add_number(app, "--index-base", input.index_base, "index of the first feature, 0 or 1",
               whole_number(0, 1));
}

const std::map<std::string, Precision> precisions = {{"f32", Precision::f32}, {"f64", Precision::f64}};
const std::string precision_help = "of data and arithmetic, f32 or f64";

void add_training_input(CLI::App& app, InputOptions& input) {
    add_input_file(app, input);
    add_file(app, "--test", input.test_file, "LIBSVM file to report on as well");
    app.add_option("--features", input.features,
                   "number of features; by default FILE's largest index decides")
        ->check(whole_number(0, most_features))
        ->type_name("NUMBER");
}

// The options that every run of train and compare has.
void add_training_options(CLI::App& app, TrainingOptions& training, std::size_t& epochs) {
    add_number(app, "--epochs", epochs, "passes over the data", whole_number(1, most));
    add_number(app, "--seed", training.seed, "of the order of the rows",
               whole_number(0, std::numeric_limits<std::uint64_t>::max()));
    add_number(app, "--epsilon", training.epsilon, "AdaGrad's accumulator starts at its square",
               number_from_zero());
    add_number(app, "--l2", training.l2, "adds (l2 / 2) ||w||^2 to the training loss", number_from_zero());
    app.add_flag("--intercept", training.intercept, "fit an intercept, without l2 or constraint");
    auto* constraint =
        add_choice(app, "--constraint", training.constraint,
                   {{"none", Constraint::none}, {"box", Constraint::box}, {"l2-ball", Constraint::l2_ball}},
                   "on the weights: none, box (|w_j| <= radius) or l2-ball (||w|| <= radius)");
    add_number(app, "--radius", training.radius, "of the constraint", number_from_zero())->needs(constraint);
}

void add_output_files(CLI::App& app, std::string& csv_file, std::string& svg_file) {
    add_file(app, "--csv", csv_file, "write the epochs' numbers");
    add_file(app, "--svg", svg_file, "draw the loss curves");
}

void add_threads(CLI::App& app, int& threads) {
    add_number(app, "--threads", threads, "the most threads to use; 0 is automatic",
               whole_number(0, most_threads));
}

CLI::App* add_train(CLI::App& app, TrainCommand& command, int& threads) {
    CLI::App* train = app.add_subcommand("train", "Train one model");
    add_training_input(*train, command.input);
    add_choice_without_default(*train, "--precision", command.precision, precisions,
                               precision_help + "; by default the model's, or else f32");
    TrainingOptions& training = command.training;
    add_choice(*train, "--method", training.method, {{"sgd", Method::sgd}, {"adagrad", Method::adagrad}},
               "sgd or adagrad");
    add_number(*train, "--batch-size", training.batch_size, "rows of a mini-batch", whole_number(1, most));
    add_number(*train, "--learning-rate", training.learning_rate, "step size", positive_number());
    add_training_options(*train, training, command.epochs);
    train->add_flag("--average", training.average, "report and save the average of the iterates");
    add_file(*train, "--load", command.load_file, "model to start from, instead of zero")
        ->excludes("--features")
        ->excludes("--intercept");
    add_file(*train, "--save", command.save_file, "write the model");
    add_output_files(*train, command.csv_file, command.svg_file);
    add_threads(*train, threads);
    return train;
}

CLI::App* add_evaluate(CLI::App& app, EvaluateCommand& command, int& threads) {
    CLI::App* evaluate = app.add_subcommand("evaluate", "Report a saved model's loss and accuracy on a file");
    add_file(*evaluate, "--load", command.model_file, "model")->required();
    add_input_file(*evaluate, command.input);
    add_threads(*evaluate, threads);
    return evaluate;
}

CLI::App* add_compare(CLI::App& app, CompareCommand& command, int& threads) {
    CLI::App* compare =
        app.add_subcommand("compare", "Compare SGD with AdaGrad, each with the best step size of a grid");
    add_training_input(*compare, command.input);
    add_choice(*compare, "--precision", command.precision, precisions, precision_help);
    add_list(*compare, "--batch-sizes", command.batch_sizes, "rows of a mini-batch", whole_number(1, most));
    add_list(*compare, "--sgd-rates", command.sgd_learning_rates, "SGD's step sizes", positive_number());
    add_list(*compare, "--adagrad-rates", command.adagrad_learning_rates, "AdaGrad's step sizes",
             positive_number());
    add_training_options(*compare, command.training, command.epochs);
    add_output_files(*compare, command.csv_file, command.svg_file);
    add_threads(*compare, threads);
    return compare;
}

int run(int argument_count, char** arguments) {
    CLI::App app("Logistic regression by SGD and AdaGrad, with the anisograd library.", "train_logistic");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string(anisograd::version_string()));
    app.get_formatter()->column_width(32);
    TrainCommand train_command;
    EvaluateCommand evaluate_command;
    CompareCommand compare_command;
    int threads = 0;
    const CLI::App* train = add_train(app, train_command, threads);
    const CLI::App* evaluate = add_evaluate(app, evaluate_command, threads);
    const CLI::App* compare = add_compare(app, compare_command, threads);

    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    anisograd::set_num_threads(threads);
    if (*train) {
        run_train(train_command);
    } else if (*evaluate) {
        run_evaluate(evaluate_command);
    } else if (*compare) {
        run_compare(compare_command);
    }
    std::cout.flush();
    if (!std::cout) {
        throw std::runtime_error("standard output cannot be written");
    }
    return 0;
}

} // namespace

int main(int argument_count, char** arguments) {
    try {
        return run(argument_count, arguments);
    } catch (const std::bad_alloc&) {
        std::cerr << "train_logistic: out of memory\n";
        return exit_failure;
    } catch (const std::exception& error) {
        std::cerr << "train_logistic: " << error.what() << '\n';
        return exit_failure;
    }
}
