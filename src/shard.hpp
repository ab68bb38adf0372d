// SPDX-License-Identifier: BSD-3-Clause
//
// A vector as a call has it: all of it, or a shard of it and a reducer that adds up over the shards. Shards consist of
// whole blocks, so that sums over the blocks in index order have the same bits however the vector is spread.
#pragma once

#include "src/plan.hpp"

#include "anisograd/anisograd.h"

#include <bit>
#include <cstdint>
#include <span>
#include <utility>

namespace anisograd {

class Checks;

// A number in which calls that must be alike agree.
class Fingerprint {
public:
    Fingerprint& add(std::uint64_t x) {
        hash_ = (hash_ ^ x) * 0x9e3779b97f4a7c15u;
        hash_ ^= hash_ >> 29;
        return *this;
    }
    Fingerprint& add(double x) { return add(std::bit_cast<std::uint64_t>(x)); }
    std::uint64_t value() const { return hash_; }

private:
    std::uint64_t hash_ = AG_VERSION_MAJOR * 1000000 + AG_VERSION_MINOR * 1000 + AG_VERSION_PATCH;
};

// A check of a whole array, which reads as much as a pass does. It is made with the first pass, block by block, so that
// each finds the other's elements in cache; or, where a write comes first, before that.
class DeferredCheck {
public:
    virtual void look_at(std::size_t begin, std::size_t length) = 0; // from any thread
    virtual bool holds() const = 0;                                  // of all that was looked at

protected:
    ~DeferredCheck() = default;
};

class Shard {
public:
    // All of n elements.
    Shard(std::size_t n) : Shard(plan_elements(n)) {}
    // Elements reducer.begin ... reducer.begin + size - 1 of the vector that the plan cuts.
    Shard(const BlockPlan& plan, std::size_t size, const ag_reducer& reducer)
        : plan_(plan), own_{size, plan.block_length,
                            size / plan.block_length + (size % plan.block_length != 0)},
          begin_(reducer.begin), first_block_(begin_ / plan.block_length), sum_(reducer.sum),
          context_(reducer.context) {}

    std::size_t total() const { return plan_.size; } // elements of the whole vector
    std::size_t begin() const { return begin_; }
    std::size_t size() const { return own_.size; }
    bool is_sharded() const { return sum_ != nullptr; }
    // A vector for which neither threads nor other shards have results.
    bool is_one_block() const { return plan_.block_count == 1 && !is_sharded(); }

    std::size_t block_length() const { return plan_.block_length; }
    std::size_t block_count() const { return plan_.block_count; } // of the whole vector
    std::size_t first_block() const { return first_block_; }
    const BlockPlan& own_blocks() const { return own_; }

    // ---- What all shards must do together, in the same order ----

    // Adds up over all shards; NaNs once the reducer has failed, which is not called again.
    void sum(std::size_t count, double* values) const;

    // Results, each of doubles, of which this shard has those from first to last - 1: then each has all of them. A
    // number and zeros have the same sum in any order.
    template <class Result>
    void share(Result* results, std::size_t first, std::size_t last, std::size_t count) const {
        // NOLINTNEXTLINE(bugprone-sizeof-expression): where a result is one double, this is 1
        constexpr std::size_t numbers = sizeof(Result) / sizeof(double);
        static_assert(sizeof(Result) % sizeof(double) == 0);
        if (is_sharded())
            share_numbers(reinterpret_cast<double*>(results), numbers * first, numbers * last,
                          numbers * count);
    }
    // The same for a result per block.
    template <class Result>
    void share_blocks(Result* results) const {
        share(results, first_block(), first_block() + own_blocks().block_count, block_count());
    }

    // The first thing in which all shards take part, those too that refuse their arguments: otherwise, if each block is
    // in one shard and the fingerprints agree, this shard goes on. given: which arrays this shard has; then which the
    // vector has. reported: whether this shard wants a report; then whether any does.
    void agree(Checks& checks, const Fingerprint& fingerprint, std::span<bool> given, bool& reported) const;

    // Where the check fails, so does this shard: nothing is written, and sums are NaN.
    void defer(DeferredCheck& check) const { deferred_ = &check; }
    // Once.
    DeferredCheck* take_deferred() const { return std::exchange(deferred_, nullptr); }
    void conclude(const DeferredCheck* check) const {
        failed_ = failed_ || (check != nullptr && !check->holds());
    }

    // Whether the reducer has failed, and that as a fault; or a deferred check.
    bool failed() const { return failed_; }
    void check(Checks& checks, ag_status status = AG_ERROR_REDUCER) const {
        if (failed_)
            report_failure(checks, status);
    }

private:
    explicit Shard(const BlockPlan& plan) : plan_(plan), own_(plan) {}

    void report_failure(Checks& checks, ag_status status) const;
    void share_numbers(double* values, std::size_t first, std::size_t last, std::size_t count) const;

    BlockPlan plan_, own_; // own_ counts from this shard's first element
    std::size_t begin_ = 0, first_block_ = 0;
    int (*sum_)(void* context, std::size_t count, double* values) = nullptr;
    void* context_ = nullptr;
    mutable bool failed_ = false;
    mutable DeferredCheck* deferred_ = nullptr;
};

} // namespace anisograd
