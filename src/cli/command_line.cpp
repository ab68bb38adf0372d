// SPDX-License-Identifier: BSD-3-Clause
#include "command_line.hpp"

#include "arguments.hpp"
#include "commands.hpp"
#include "completion.hpp"

#include <iostream>
#include <limits>
#include <stdexcept>

namespace cli {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t most_features = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t most_threads = 65536;
constexpr std::uint64_t most_megabytes = 65536;

const std::vector<Precision> precisions = {Precision::f32, Precision::f64};

void add_examples(CLI::App& app, const std::string& examples) {
    app.footer("Examples:\n" + examples);
}

void add_threads(CLI::App& app, int& threads) {
    add_number(app, "--threads", threads, "the most threads to use; 0 is automatic",
               whole_number(0, most_threads));
}

void add_json(CLI::App& app, bool& json) {
    app.add_flag("--json", json, "print JSON");
}

void add_input_file(CLI::App& app, InputOptions& input) {
    add_file(app, "FILE", input.file, "LIBSVM file")->type_name("")->required();
    add_number(app, "--index-base", input.index_base, "index of the first feature, 0 or 1",
               whole_number(0, 1));
}

void add_training_input(CLI::App& app, InputOptions& input) {
    add_input_file(app, input);
    add_file(app, "--validation", input.validation_file, "LIBSVM file to report on as well");
    add_optional_number(app, "--features", input.features,
                        "number of features; by default FILE's largest index decides",
                        whole_number(0, most_features));
}

// The options that every run of train and compare has.
void add_training_options(CLI::App& app, TrainingOptions& training, std::size_t& epochs) {
    add_number(app, "--epochs", epochs, "passes over the data", whole_number(1, most));
    add_number(app, "--seed", training.seed, "of the order of the rows",
               whole_number(0, std::numeric_limits<std::uint64_t>::max()));
    add_number(app, "--epsilon", training.epsilon, "AdaGrad's accumulators start at its square",
               number_from_zero());
    add_number(app, "--l1", training.penalties.l1, "adds l1 ||w||_1 to the training loss",
               number_from_zero());
    add_number(app, "--l2", training.penalties.l2, "adds (l2 / 2) ||w||^2 to the training loss",
               number_from_zero());
    app.add_flag("--intercept", training.intercept, "fit an intercept, without penalties or constraint");
    auto* constraint = add_choice(app, "--constraint", training.constraint,
                                  {std::begin(all_constraints), std::end(all_constraints)}, "on the weights");
    auto* radius = add_number(app, "--radius", training.radius,
                              "of a ball; of the box |w_j| <= radius; the simplex's sum", number_from_zero())
                       ->needs(constraint);
    app.parse_complete_callback([radius, &training] {
        if (radius->count() > 0 && !has_radius(training.constraint)) {
            throw CLI::ValidationError(
                "--radius", "the constraint " + std::string(name_of(training.constraint)) + " has none");
        }
    });
}

void add_output_files(CLI::App& app, std::string& csv_file, std::string& svg_file) {
    add_file(app, "--csv", csv_file, "write the epochs' numbers");
    add_file(app, "--svg", svg_file, "draw the loss curves");
}

void add_model(CLI::App& app, ModelOptions& model) {
    add_file(app, "--load", model.model_file, "model that train has saved")->required();
    add_choice_without_default(app, "--iterate", model.iterate,
                               std::vector<Iterate>{Iterate::last, Iterate::average},
                               "by default the average, where the model has one");
    add_input_file(app, model.input);
}

// The subcommands, in the order of the help text, and what each is told.
class CommandLine {
public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", "anisograd " + std::string(anisograd::version_string()));
        app_.get_formatter()->column_width(34);
        app_.footer("anisograd COMMAND --help tells each command's options, with examples.\n"
                    "Exit code 0: done; 1: a file or the computation is at fault; 2: the arguments are.");
        add_info();
        add_train();
        add_predict();
        add_evaluate();
        add_compare();
        add_bench();
        add_selftest();
    }

    [[nodiscard]] CLI::App& app() { return app_; }

    // After parsing.
    [[nodiscard]] bool run() {
        anisograd::set_num_threads(threads_);
        return run_();
    }

private:
    // A subcommand that is run by run(command).
    template <class Command>
    CLI::App& add(const char* name, const char* help, Command& command, bool (*run)(const Command&)) {
        CLI::App& app = *app_.add_subcommand(name, help);
        app.final_callback([this, &command, run] { run_ = [&command, run] { return run(command); }; });
        return app;
    }

    void add_info() {
        CLI::App& app = add("info", "Show version, instruction sets, threads and build", info_, run_info);
        add_json(app, info_.json);
        add_examples(app, "  anisograd info\n"
                          "  ANISOGRAD_ISA=avx2 anisograd info --json\n");
    }

    void add_train() {
        CLI::App& app = add("train", "Train a logistic regression", train_, run_train);
        add_training_input(app, train_.input);
        add_choice_without_default(app, "--precision", train_.precision, precisions,
                                   "of data and arithmetic; by default the model's, or else f32");
        TrainingOptions& training = train_.training;
        add_choice(app, "--method", training.method, {Method::adagrad, Method::adagrad_norm, Method::sgd},
                   "of the steps");
        add_number(app, "--batch-size", training.batch_size, "rows of a mini-batch", whole_number(1, most));
        add_number(app, "--learning-rate", training.learning_rate, "step size", positive_number());
        add_training_options(app, training, train_.epochs);
        auto* tolerance = add_optional_number(
            app, "--tolerance", train_.tolerance,
            "stop where the training loss falls by less than this share of it",
            number_if([](double number) { return number >= 0 && number < 1; }, "of at least 0 and below 1"));
        add_number(app, "--patience", train_.patience, "for so many epochs in a row", whole_number(1, most))
            ->needs(tolerance);
        app.add_flag("--average", training.average,
                     "report the average of the iterates, and save it with the last");
        add_file(app, "--load", train_.load_file, "model to start from, instead of zero")
            ->excludes("--features")
            ->excludes("--intercept");
        add_file(app, "--save", train_.save_file, "write the model");
        add_output_files(app, train_.csv_file, train_.svg_file);
        add_json(app, train_.json);
        add_threads(app, threads_);
        add_examples(
            app, "  anisograd train a9a --intercept --l2 1e-4 --save a9a.model\n"
                 "  anisograd train a9a --validation a9a.t --features 123 --tolerance 1e-3 --svg loss.svg\n"
                 "  anisograd train a9a --constraint l1-ball --radius 10 --batch-size 256 --average\n"
                 "  anisograd train a9a --method sgd --learning-rate 0.3 --epochs 5 --json\n");
    }

    void add_predict() {
        CLI::App& app = add("predict", "Predict the rows of a file, one a line", predict_, run_predict);
        add_model(app, predict_.model);
        add_choice(app, "--as", predict_.prediction,
                   {Prediction::labels, Prediction::probabilities, Prediction::margins},
                   "labels, probabilities of the positive class, or margins <x, w>");
        add_file(app, "--output", predict_.output_file, "write to this file, not to standard output");
        add_threads(app, threads_);
        add_examples(app, "  anisograd predict --load a9a.model a9a.t --output labels.txt\n"
                          "  anisograd predict --load a9a.model a9a.t --as probabilities | head\n"
                          "FILE's labels are not looked at, and may be missing.\n");
    }

    void add_evaluate() {
        CLI::App& app =
            add("evaluate", "Report a saved model's loss and accuracy on a file", evaluate_, run_evaluate);
        add_model(app, evaluate_.model);
        add_json(app, evaluate_.json);
        add_threads(app, threads_);
        add_examples(app, "  anisograd evaluate --load a9a.model a9a.t\n"
                          "  anisograd evaluate --load a9a.model a9a.t --iterate last --json\n");
    }

    void add_compare() {
        CLI::App& app = add("compare", "Compare SGD with AdaGrad, each with the best step size of a grid",
                            compare_, run_compare);
        add_training_input(app, compare_.input);
        add_choice(app, "--precision", compare_.precision, precisions, "of data and arithmetic");
        add_list(app, "--batch-sizes", compare_.batch_sizes, "rows of a mini-batch", whole_number(1, most));
        add_list(app, "--sgd-rates", compare_.sgd_learning_rates, "SGD's step sizes", positive_number());
        add_list(app, "--adagrad-rates", compare_.adagrad_learning_rates, "AdaGrad's step sizes",
                 positive_number());
        add_training_options(app, compare_.training, compare_.epochs);
        add_output_files(app, compare_.csv_file, compare_.svg_file);
        add_json(app, compare_.json);
        add_threads(app, threads_);
        add_examples(app, "  anisograd compare a9a --validation a9a.t --features 123 --svg a9a.svg\n"
                          "  anisograd compare a9a --batch-sizes 16,256,4096 --epochs 5 --json\n");
    }

    void add_bench() {
        CLI::App& app =
            add("bench", "Measure the main kernels' share of what the memory allows", bench_, run_bench);
        add_choice(app, "--precision", bench_.precision, precisions, "of the arrays");
        add_number(app, "--megabytes", bench_.megabytes, "of each array; more than the caches hold",
                   whole_number(1, most_megabytes));
        add_file(app, "--svg", bench_.svg_file, "draw the bars");
        add_json(app, bench_.json);
        add_threads(app, threads_);
        add_examples(app, "  anisograd bench\n"
                          "  anisograd bench --precision f64 --threads 1 --svg bench.svg\n");
    }

    void add_selftest() {
        CLI::App& app = add("selftest", "Check that results have the bits that they have everywhere",
                            selftest_, run_selftest);
        app.add_flag("--all", selftest_.all,
                     "on 1 to 8 threads; without it, on 1 and on as many as calls would use");
        add_json(app, selftest_.json);
        add_examples(app, "  anisograd selftest\n"
                          "  anisograd selftest --all --json\n");
    }

    CLI::App app_{
        "Logistic regression by AdaGrad and SGD, and the speed and soundness of the anisograd library.",
        "anisograd"};
    InfoCommand info_;
    TrainCommand train_;
    PredictCommand predict_;
    EvaluateCommand evaluate_;
    CompareCommand compare_;
    BenchCommand bench_;
    SelftestCommand selftest_;
    int threads_ = 0;
    std::function<bool()> run_;
};

} // namespace

int run_command_line(int argument_count, char** arguments) {
    CommandLine command_line;
    const std::vector<std::string> words(arguments + 1, arguments + argument_count);
    bool succeeded = true;
    if (!words.empty() && words.front() == completion_option) {
        print_completions(std::cout, command_line.app(), {words.begin() + 1, words.end()});
    } else {
        try {
            command_line.app().parse(argument_count, arguments);
        } catch (const CLI::ParseError& error) {
            return command_line.app().exit(error) == 0 ? exit_success : exit_usage;
        }
        succeeded = command_line.run();
    }
    std::cout.flush();
    if (!std::cout) {
        throw std::runtime_error("standard output cannot be written");
    }
    return succeeded ? exit_success : exit_failure;
}

} // namespace cli
