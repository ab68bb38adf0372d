// SPDX-License-Identifier: BSD-3-Clause
//
// Sums of vectors over ranks: by MPI, in whatever order it chooses, or in an order that no number of ranks changes.
#pragma once

#include "sharded_rows.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <concepts>
#include <utility>

namespace distributed {

template <class Number>
[[nodiscard]] MPI_Datatype mpi_type() {
    if constexpr (std::same_as<Number, float>) {
        return MPI_FLOAT;
    } else {
        static_assert(std::same_as<Number, double>);
        return MPI_DOUBLE;
    }
}

// A vector that is cut into one slice for each rank, in their order; slices may be empty.
class Slices {
public:
    // bounds: where the ranks' slices begin, and the vector's end.
    Slices(std::vector<int> bounds, std::size_t rank) : begins_(std::move(bounds)), rank_(rank) {
        for (std::size_t i = 0; i + 1 < begins_.size(); ++i) {
            counts_.push_back(begins_[i + 1] - begins_[i]);
        }
    }

    // Slices of equal length, to within one element.
    static Slices even(std::size_t length, const Dealing& dealing) {
        std::vector<int> bounds;
        for (std::size_t i = 0; i <= dealing.ranks(); ++i) {
            bounds.push_back(static_cast<int>(length * i / dealing.ranks()));
        }
        return {std::move(bounds), dealing.rank()};
    }

    [[nodiscard]] std::size_t length() const { return static_cast<std::size_t>(begins_.back()); }
    [[nodiscard]] std::size_t begin() const { return static_cast<std::size_t>(begins_[rank_]); }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(counts_[rank_]); }
    [[nodiscard]] const int* begins() const { return begins_.data(); }
    [[nodiscard]] const int* counts() const { return counts_.data(); }

    // Gives each rank the other ranks' slices.
    template <class Number>
    void gather(std::span<Number> vector, MPI_Comm communicator) const {
        MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, vector.data(), counts(), begins(),
                       mpi_type<Number>(), communicator);
    }

private:
    std::vector<int> begins_, counts_;
    std::size_t rank_;
};

// Vectors, one for each part of the rows, that are added up over all parts. With `ordered` the sum is that of
// docs/numerics.md's canonical order, which folds by halves: parts p and p + parts / 2 first, each addition in the
// vectors' type. It needs a power of two of parts, and does not depend on the ranks that have them. Without, each rank
// has one part.
template <class Number>
class SumOverParts {
public:
    SumOverParts(const Dealing& dealing, std::size_t length, bool ordered, MPI_Comm communicator)
        : dealing_(dealing), length_(length), ordered_(ordered), communicator_(communicator),
          own_(dealing.own_parts() * length) {
        assert(ordered ? std::has_single_bit(dealing.parts()) : dealing.own_parts() == 1);
    }

    // The vector of an own part, to be filled in before each sum, which overwrites it.
    [[nodiscard]] std::span<Number> part(std::size_t own_part) {
        return std::span(own_).subspan(own_part * length_, length_);
    }

    // Gives each rank its slice of the sum. A collective call.
    void slice(const Slices& slices, std::span<Number> result) {
        if (!ordered_) {
            MPI_Reduce_scatter(own_.data(), result.data(), slices.counts(), mpi_type<Number>(), MPI_SUM,
                               communicator_);
            return;
        }
        const std::size_t left = fold_own_parts();
        // Each of the vectors left goes from its owner to all ranks, a slice to each.
        received_.resize(left * slices.size());
        std::vector<MPI_Request> requests(left);
        for (std::size_t part = 0; part < left; ++part) {
            const std::size_t owner = dealing_.owner(part);
            const Number* const sent =
                owner == dealing_.rank() ? this->part(part / dealing_.ranks()).data() : nullptr;
            MPI_Iscatterv(sent, slices.counts(), slices.begins(), mpi_type<Number>(),
                          received_.data() + part * slices.size(), slices.counts()[dealing_.rank()],
                          mpi_type<Number>(), static_cast<int>(owner), communicator_, &requests[part]);
        }
        MPI_Waitall(static_cast<int>(left), requests.data(), MPI_STATUSES_IGNORE);
        fold(received_, slices.size(), left);
        std::copy_n(received_.begin(), slices.size(), result.begin());
    }

    // Gives each rank the whole sum. A collective call.
    void all(std::span<Number> result) {
        if (!ordered_) {
            MPI_Allreduce(own_.data(), result.data(), static_cast<int>(length_), mpi_type<Number>(), MPI_SUM,
                          communicator_);
            return;
        }
        const Slices slices = Slices::even(length_, dealing_);
        slice(slices, result.subspan(slices.begin(), slices.size()));
        slices.gather(result, communicator_);
    }

private:
    static void add(std::span<Number> sum, std::span<const Number> other) {
        for (std::size_t j = 0; j < sum.size(); ++j) {
            sum[j] += other[j];
        }
    }

    // Adds up vectors of `length`, whose number is a power of two, by halves into the first.
    static void fold(std::span<Number> vectors, std::size_t length, std::size_t count) {
        for (std::size_t half = count / 2; half > 0; half /= 2) {
            add(vectors.first(half * length), vectors.subspan(half * length, half * length));
        }
    }

    // The halvings in which both parts of each sum have one owner. Returns how many parts are left, over all ranks.
    [[nodiscard]] std::size_t fold_own_parts() {
        std::size_t left = dealing_.parts();
        while (left > 1 && left / 2 % dealing_.ranks() == 0) {
            left /= 2;
            const std::size_t own = left / dealing_.ranks();
            add(std::span(own_).first(own * length_), std::span(own_).subspan(own * length_, own * length_));
        }
        return left;
    }

    Dealing dealing_;
    std::size_t length_;
    bool ordered_;
    MPI_Comm communicator_;
    std::vector<Number> own_, received_;
};

} // namespace distributed
