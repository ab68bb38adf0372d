// SPDX-License-Identifier: BSD-3-Clause
//
// Mini-batch training of logistic regression by AdaGrad over ranks.
#pragma once

#include "constraint.hpp"
#include "sums.hpp"

#include <anisograd/anisograd.hpp>

#include <numeric>

namespace distributed {

struct TrainingOptions {
    std::size_t batch_size = 0; // 0: all rows
    double learning_rate = 0.1;
    double epsilon = 1e-10; // accumulators start at epsilon^2
    std::uint64_t seed = 1; // of the order of the rows
    double l2 = 0;
    bool intercept = false;
    // Over the weights, not the intercept.
    cli::Constraint constraint = cli::Constraint::none;
    double radius = 1;
    bool reproducible = false; // the same bits for any number of ranks
    bool sharded = false; // each rank steps a shard of the parameters, and has the accumulators of that alone
};

// Every rank has one, and calls its functions together with the others. The data set must outlive it.
template <class Scalar>
class Trainer {
public:
    Trainer(const ShardedRows<Scalar>& rows, const Dealing& dealing, const TrainingOptions& options,
            MPI_Comm communicator)
        : rows_(rows), dealing_(dealing), options_(options), communicator_(communicator),
          features_(rows.own.features), parameters_(features_ + (options.intercept ? 1 : 0)),
          set_(cli::make_set<Scalar>(options.constraint, options.radius)),
          slices_(options.sharded ? shards() : Slices::even(0, dealing)),
          begin_(options.sharded ? slices_.begin() : 0),
          size_(options.sharded ? slices_.size() : parameters_.size()),
          gradients_(dealing, parameters_.size(), options.reproducible, communicator),
          losses_(dealing, 1, options.reproducible, communicator), sum_{communicator},
          reducer_(sum_, features_, std::min(begin_, features_)), gradient_(size_), accumulator_(size_),
          batches_(dealing.own_parts()), order_(rows.total) {
        weight_options_.learning_rate = options.learning_rate;
        intercept_options_.learning_rate = options.learning_rate;
        weight_options_.weight_decay = options.l2;
        logistic_.reduction = AG_REDUCTION_SUM;
        logistic_.fit_intercept = options.intercept ? 1 : 0;
        anisograd::adagrad_init(accumulator_, options.epsilon);
        if (options.sharded) {
            set_.reducer = &reducer_;
        }
    }

    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;

    // Visits each row once, in an order that all ranks agree on, as batches that are the same for any number of ranks.
    void run_epoch() {
        if (options_.batch_size == 0) {
            std::iota(order_.begin(), order_.end(), std::int64_t{0});
        } else {
            anisograd::shuffle_indices(order_, options_.seed, epochs_);
        }
        ++epochs_;
        const std::size_t most = options_.batch_size == 0 ? order_.size() : options_.batch_size;
        for (std::size_t begin = 0; begin < order_.size(); begin += most) {
            step(std::span(order_).subspan(begin, std::min(most, order_.size() - begin)));
        }
    }

    // The mean loss of all rows, and (l2 / 2) ||w||^2.
    [[nodiscard]] double objective() {
        std::iota(order_.begin(), order_.end(), std::int64_t{0});
        deal(order_);
        for (std::size_t part = 0; part < batches_.size(); ++part) {
            logistic_.set_row_indices(batches_[part]);
            losses_.part(part)[0] =
                anisograd::logistic_loss(rows_.own.matrix(), rows_.own.labels, parameters_, logistic_);
        }
        double sum = 0;
        losses_.all(std::span(&sum, 1));
        const auto weights = std::span<const Scalar>(parameters_).first(features_);
        return sum / static_cast<double>(rows_.total) + options_.l2 / 2 * anisograd::squared_norm(weights);
    }

    // Such as ", shards of 16384,16384 parameters"; empty where there are none.
    [[nodiscard]] std::string shards_text() const {
        if (!options_.sharded) {
            return {};
        }
        std::string text = ", shards of ";
        for (std::size_t rank = 0; rank < dealing_.ranks(); ++rank) {
            text += (rank > 0 ? "," : "") + std::to_string(slices_.counts()[rank]);
        }
        return text + " parameters";
    }

    // One weight per feature, and with intercept the intercept after them; of every rank the same.
    [[nodiscard]] std::span<const Scalar> parameters() const { return parameters_; }

private:
    struct SumOverRanks {
        MPI_Comm communicator;

        void operator()(std::span<double> values) const {
            MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_DOUBLE, MPI_SUM,
                          communicator);
        }
    };

    // The weights' shards consist of whole granules. The last rank has the intercept too.
    [[nodiscard]] Slices shards() const {
        const std::size_t granule = anisograd::shard_granule(features_, set_);
        const std::size_t granules = (features_ + granule - 1) / granule;
        std::vector<int> bounds;
        for (std::size_t rank = 0; rank < dealing_.ranks(); ++rank) {
            const std::size_t begin = granules * rank / dealing_.ranks() * granule;
            bounds.push_back(static_cast<int>(std::min(begin, features_)));
        }
        bounds.push_back(static_cast<int>(parameters_.size()));
        return {std::move(bounds), dealing_.rank()};
    }

    // Sorts rows, by their numbers in the file, into the own parts' batches; drops those of other ranks.
    void deal(std::span<const std::int64_t> rows) {
        for (auto& batch : batches_) {
            batch.clear();
        }
        for (const std::int64_t row : rows) {
            const auto number = static_cast<std::size_t>(row);
            if (dealing_.owns_row(number)) {
                batches_[dealing_.own_part(number)].push_back(
                    static_cast<std::int64_t>(dealing_.own_row(number)));
            }
        }
    }

    void step(std::span<const std::int64_t> batch) {
        deal(batch);
        for (std::size_t part = 0; part < batches_.size(); ++part) {
            logistic_.set_row_indices(batches_[part]);
            anisograd::logistic_gradient(rows_.own.matrix(), rows_.own.labels, parameters_,
                                         gradients_.part(part), logistic_);
        }
        if (options_.sharded) {
            gradients_.slice(slices_, gradient_);
        } else {
            gradients_.all(gradient_);
        }
        update(1 / static_cast<double>(batch.size()));
        if (options_.sharded) {
            slices_.gather(std::span(parameters_), communicator_);
        }
    }

    // Steps what this rank steps: its shard, or everything.
    void update(double gradient_scale) {
        weight_options_.gradient_scale = gradient_scale;
        intercept_options_.gradient_scale = gradient_scale;
        const auto own = std::span(parameters_).subspan(begin_, size_);
        const auto gradient = std::span<const Scalar>(gradient_);
        const auto accumulator = std::span(accumulator_);
        const std::size_t weights = std::min(begin_ + size_, features_) - std::min(begin_, features_);
        if (options_.constraint == cli::Constraint::none) {
            anisograd::adagrad_step(own.first(weights), gradient.first(weights), accumulator.first(weights),
                                    weight_options_);
        } else {
            anisograd::adagrad_step_projected(own.first(weights), gradient.first(weights),
                                              accumulator.first(weights), weight_options_, set_);
        }
        anisograd::adagrad_step(own.subspan(weights), gradient.subspan(weights), accumulator.subspan(weights),
                                intercept_options_);
    }

    const ShardedRows<Scalar>& rows_;
    Dealing dealing_;
    TrainingOptions options_;
    MPI_Comm communicator_;
    std::size_t features_;
    std::vector<Scalar> parameters_;
    anisograd::Set<Scalar> set_;
    Slices slices_;            // the shards
    std::size_t begin_, size_; // of parameters_, what this rank steps
    SumOverParts<Scalar> gradients_;
    SumOverParts<double> losses_;
    SumOverRanks sum_;
    anisograd::Reducer<SumOverRanks> reducer_;
    std::vector<Scalar> gradient_, accumulator_;     // of what this rank steps
    std::vector<std::vector<std::int64_t>> batches_; // of each own part, its rows in the present batch
    std::vector<std::int64_t> order_;                // of all ranks' rows
    anisograd::AdagradOptions weight_options_, intercept_options_;
    anisograd::LogisticOptions<Scalar> logistic_;
    std::uint64_t epochs_ = 0;
};

} // namespace distributed
