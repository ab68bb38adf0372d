// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic regression by AdaGrad over the ranks of MPI.
//
//     mpirun -n 4 train_mpi a9a --constraint l2-ball --radius 5 --reproducible
//
// Each rank reads the rows that are its own, and evaluates their gradient; the gradients are added up over the ranks.
// docs/distributed.md explains.
#include "trainer.hpp"

#include "data_error.hpp"
#include "number.hpp"

#include <CLI/CLI.hpp>

#include <bit>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <map>
#include <sstream>
#include <type_traits>

namespace distributed {
namespace {

struct Command {
    std::string file;
    std::optional<std::size_t> features;
    int index_base = 1;
    bool single = false; // precision
    std::size_t epochs = 10;
    std::size_t parts = 16;
    int threads = 0;
    std::string weights_file;
    TrainingOptions training;
};

void add_options(CLI::App& app, Command& command) {
    TrainingOptions& training = command.training;
    app.add_option("FILE", command.file, "LIBSVM file, which every rank can read")->required();
    app.add_option("--features", command.features,
                   "number of features; by default FILE's largest index decides")
        ->check(CLI::Range(1, std::numeric_limits<int>::max() - 1));
    app.add_option("--index-base", command.index_base, "index of the first feature, 0 or 1")
        ->check(CLI::Range(0, 1))
        ->capture_default_str();
    app.add_flag("--single", command.single, "data and arithmetic in f32, not f64");
    app.add_option("--epochs", command.epochs, "passes over the data")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--batch-size", training.batch_size, "rows of a mini-batch, over all ranks; 0: all rows")
        ->capture_default_str();
    app.add_option("--learning-rate", training.learning_rate, "step size")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--epsilon", training.epsilon, "accumulators start at its square")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--seed", training.seed, "of the order of the rows")->capture_default_str();
    app.add_option("--l2", training.l2, "adds (l2 / 2) ||w||^2 to the objective")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_flag("--intercept", training.intercept, "fit an intercept, without penalty or constraint");
    std::map<std::string, cli::Constraint> constraints;
    for (const cli::Constraint constraint : cli::all_constraints) {
        constraints.emplace(cli::name_of(constraint), constraint);
    }
    app.add_option("--constraint", training.constraint, "on the weights")
        ->transform(CLI::CheckedTransformer(constraints)
                        .description("{none,box,nonnegative,l1-ball,l2-ball,simplex}"));
    app.add_option("--radius", training.radius, "of a ball; of the box |w_j| <= radius; the simplex's sum")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_flag("--sharded", training.sharded,
                 "each rank steps a shard of the parameters, and keeps the accumulators of that alone");
    auto* reproducible =
        app.add_flag("--reproducible", training.reproducible, "the same bits for any number of ranks");
    app.add_option(
           "--parts", command.parts,
           "of the rows, whose gradients are added up in a fixed order: a power of two, and at least the "
           "number of ranks; the result depends on it")
        ->needs(reproducible)
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    app.add_option("--weights", command.weights_file, "write the parameters, one a line");
    app.add_option("--threads", command.threads, "of each rank; 0 is automatic")
        ->check(CLI::Range(0, 65536))
        ->capture_default_str();
}

// FNV-1a over the parameters' bits, low bytes first.
template <class Scalar>
std::uint64_t checksum(std::span<const Scalar> values) {
    using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
    std::uint64_t sum = 0xcbf29ce484222325;
    for (const Scalar value : values) {
        const auto bits = std::bit_cast<Bits>(value);
        for (std::size_t byte = 0; byte < sizeof bits; ++byte) {
            sum = (sum ^ (bits >> (8 * byte) & 0xff)) * 0x100000001b3;
        }
    }
    return sum;
}

// Replicas of the parameters drift apart if an MPI library's sums differ from rank to rank, which its standard only
// advises against.
void expect_equal(std::uint64_t number, MPI_Comm communicator) {
    std::uint64_t least = 0, most = 0;
    MPI_Allreduce(&number, &least, 1, MPI_UINT64_T, MPI_MIN, communicator);
    MPI_Allreduce(&number, &most, 1, MPI_UINT64_T, MPI_MAX, communicator);
    if (least != most) {
        throw std::runtime_error("the ranks' parameters have become different");
    }
}

template <class Scalar>
void train(const Command& command, const Dealing& dealing, MPI_Comm communicator) {
    const auto rows =
        read_rows<Scalar>(command.file, dealing, command.features, command.index_base, communicator);
    if (rows.own.features >= static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        throw cli::DataError(command.file, "more features than MPI can count");
    }
    const bool first = dealing.rank() == 0;
    Trainer<Scalar> trainer(rows, dealing, command.training, communicator);
    if (first) {
        std::cout << rows.total << " rows, " << rows.own.features << " features, " << dealing.ranks()
                  << " ranks" << trainer.shards_text() << '\n';
    }
    for (std::size_t epoch = 1; epoch <= command.epochs; ++epoch) {
        trainer.run_epoch();
        const double objective = trainer.objective();
        if (first) {
            std::cout << "epoch " << epoch << " objective " << cli::format_number(objective) << '\n';
        }
    }
    const std::uint64_t sum = checksum(trainer.parameters());
    expect_equal(sum, communicator);
    if (!first) {
        return;
    }
    std::cout << "checksum " << std::hex << std::setfill('0') << std::setw(16) << sum << std::endl;
    if (!command.weights_file.empty()) {
        std::ofstream file(command.weights_file);
        for (const Scalar parameter : trainer.parameters()) {
            file << cli::format_number(parameter) << '\n';
        }
        if (!file.flush()) {
            throw cli::DataError(command.weights_file, "cannot be written");
        }
    }
}

// The exit code: 0, or 2 where the arguments are at fault, which every rank finds and the first reports.
int run(int argument_count, char** arguments, MPI_Comm communicator) {
    int rank = 0, ranks = 0;
    MPI_Comm_rank(communicator, &rank);
    MPI_Comm_size(communicator, &ranks);
    CLI::App app("Logistic regression by AdaGrad, over the ranks of MPI.", "train_mpi");
    Command command;
    add_options(app, command);
    try {
        app.parse(argument_count, arguments);
        if (!command.training.reproducible) {
            command.parts = static_cast<std::size_t>(ranks);
        } else if (!std::has_single_bit(command.parts) || command.parts < static_cast<std::size_t>(ranks)) {
            throw CLI::ValidationError("--parts", "must be a power of two, and no less than the " +
                                                      std::to_string(ranks) + " ranks");
        }
    } catch (const CLI::ParseError& error) {
        std::ostringstream nowhere;
        const int code = rank == 0 ? app.exit(error) : app.exit(error, nowhere, nowhere);
        return code == 0 ? 0 : 2;
    }
    anisograd::set_num_threads(command.threads);
    const Dealing dealing(command.parts, static_cast<std::size_t>(rank), static_cast<std::size_t>(ranks));
    if (command.single) {
        train<float>(command, dealing, communicator);
    } else {
        train<double>(command, dealing, communicator);
    }
    return 0;
}

} // namespace
} // namespace distributed

int main(int argument_count, char** arguments) {
    int provided = 0; // the library's threads do not call MPI
    MPI_Init_thread(&argument_count, &arguments, MPI_THREAD_FUNNELED, &provided);
    int code = 0;
    try {
        code = distributed::run(argument_count, arguments, MPI_COMM_WORLD);
    } catch (const std::exception& error) {
        // The others wait for this rank.
        std::cerr << "train_mpi: " << error.what() << std::endl;
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    MPI_Finalize();
    return code;
}
