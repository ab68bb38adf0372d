// SPDX-License-Identifier: BSD-3-Clause
//
// The rows of a LIBSVM file, dealt out to ranks.
#pragma once

#include "dataset.hpp"

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace distributed {

// Row i belongs to part i mod parts, and part p to rank p mod ranks: which rows a part has does not depend on the ranks.
class Dealing {
public:
    // parts >= ranks, so that no rank is without one.
    Dealing(std::size_t parts, std::size_t rank, std::size_t ranks)
        : parts_(parts), rank_(rank), ranks_(ranks) {}

    [[nodiscard]] std::size_t parts() const { return parts_; }
    [[nodiscard]] std::size_t rank() const { return rank_; }
    [[nodiscard]] std::size_t ranks() const { return ranks_; }
    [[nodiscard]] std::size_t owner(std::size_t part) const { return part % ranks_; }
    // The parts of this rank: rank, rank + ranks, ...
    [[nodiscard]] std::size_t own_parts() const { return (parts_ - rank_ + ranks_ - 1) / ranks_; }
    [[nodiscard]] bool owns_row(std::size_t row) const { return owner(row % parts_) == rank_; }

    // Of an own row: its part's number among the own ones, and its number among the own rows.
    [[nodiscard]] std::size_t own_part(std::size_t row) const { return row % parts_ / ranks_; }
    [[nodiscard]] std::size_t own_row(std::size_t row) const {
        return row / parts_ * own_parts() + own_part(row);
    }

private:
    std::size_t parts_, rank_, ranks_;
};

template <class Scalar>
struct ShardedRows {
    std::size_t total = 0;    // rows of the file
    cli::Dataset<Scalar> own; // this rank's, in the file's order; its number of features is the file's
};

// Every rank goes through the file, and parses its own rows. A collective call. Throws cli::DataError, in some ranks
// or in all.
template <class Scalar>
[[nodiscard]] ShardedRows<Scalar> read_rows(const std::string& path, const Dealing& dealing,
                                            const std::optional<std::size_t>& features, int index_base,
                                            MPI_Comm communicator);

} // namespace distributed
