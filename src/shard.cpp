// SPDX-License-Identifier: BSD-3-Clause
#include "src/shard.hpp"

#include "src/checks.hpp"

namespace anisograd {

void Shard::sum(std::size_t count, double* values) const {
    if (sum_ == nullptr)
        return;
    constexpr std::size_t most = 1024; // that anisograd.h promises
    for (std::size_t first = 0; first < count; first += most)
        failed_ = failed_ || sum_(context_, std::min(most, count - first), values + first) != 0;
    if (failed_)
        std::fill(values, values + count, std::numeric_limits<double>::quiet_NaN());
}

void Shard::share_numbers(double* values, std::size_t first, std::size_t last, std::size_t count) const {
    std::fill(values, values + first, 0.0);
    std::fill(values + last, values + count, 0.0);
    sum(count, values);
}

void Shard::report_failure(Checks& checks, ag_status status) const {
    checks.fail(status, status == AG_ERROR_REDUCER
                            ? "set->reducer->sum failed; nothing is written"
                            : "set->reducer->sum failed after the step, which w and v hold");
}

void Shard::agree(Checks& checks, const Fingerprint& fingerprint, std::span<bool> given,
                  bool& reported) const {
    // The same numbers in each shard, so that all draw the same conclusions. Sums of whole numbers are exact.
    constexpr std::size_t words = 4, most_arrays = 8;
    struct Sums {
        double shards, refusing, not_empty, reporting;
        double word[words], square[words]; // of the fingerprint
        double given[most_arrays];
        double covering[max_blocks]; // shards that have the block
    } sums = {};
    double word[words];
    for (std::size_t i = 0; i < words; ++i)
        word[i] = static_cast<double>(fingerprint.value() >> (16 * i) & 0xffff);
    sums.shards = 1;
    if (checks.failed()) {
        sums.refusing = 1;
    } else {
        sums.not_empty = size() != 0 ? 1 : 0;
        sums.reporting = reported ? 1 : 0;
        for (std::size_t i = 0; i < words; ++i) {
            sums.word[i] = word[i];
            sums.square[i] = word[i] * word[i];
        }
        for (std::size_t i = 0; i < given.size(); ++i)
            sums.given[i] = size() != 0 && given[i] ? 1 : 0;
        std::fill_n(sums.covering + first_block(), own_blocks().block_count, 1.0);
    }
    sum(sizeof sums / sizeof(double), reinterpret_cast<double*>(&sums));
    check(checks);
    if (checks.failed())
        return;
    if (sums.refusing != 0) {
        checks.fail(AG_ERROR_SHARDS, "%g of %g shards refused their arguments", sums.refusing, sums.shards);
        return;
    }
    // Equal numbers alone have the mean of their squares for the square of their mean.
    for (std::size_t i = 0; i < words; ++i)
        if (sums.word[i] != sums.shards * word[i] || sums.square[i] != sums.shards * word[i] * word[i])
            checks.fail(AG_ERROR_SHARDS,
                        "the %g shards' calls differ in function, type, options, set or total", sums.shards);
    for (std::size_t block = 0; block < block_count(); ++block)
        if (sums.covering[block] != 1)
            checks.fail(AG_ERROR_SHARDS, "elements from %zu on are in %g shards", block * block_length(),
                        sums.covering[block]);
    for (std::size_t i = 0; i < given.size(); ++i) {
        given[i] = sums.given[i] != 0;
        if (given[i] && sums.given[i] != sums.not_empty)
            checks.fail(AG_ERROR_SHARDS, "%g of %g shards have an array that the others lack", sums.given[i],
                        sums.not_empty);
    }
    reported = sums.reporting != 0;
}

} // namespace anisograd
