// SPDX-License-Identifier: BSD-3-Clause
//
// Threads: with parallel.cpp the only place that knows OpenMP. Threads take whole blocks, in contiguous runs.
// In a build without OpenMP the caller's thread takes them all.
#pragma once

#include "src/floating_point_environment.hpp"
#include "src/shard.hpp"

#include <limits>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace anisograd {

// The number of threads for this much work, in elements; at least 1.
int threads_for(std::size_t work);

// Notes that this process is about to have worker threads of this library's.
void note_threads_used();

// Calls body(first_block, last_block) for runs of blocks that together cover the plan once. work: the number
// of elements that all blocks together touch.
template <class Body>
void for_each_run_of_blocks(const BlockPlan& plan, std::size_t work, Body body) {
    const std::size_t blocks = plan.block_count;
    const int threads =
        static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(threads_for(work)), blocks));
    if (threads <= 1) {
        if (blocks != 0)
            body(std::size_t{0}, blocks);
        return;
    }
#if defined(_OPENMP)
    note_threads_used();
#pragma omp parallel num_threads(threads)
    {
        const FloatingPointEnvironment environment;
        const auto thread = static_cast<std::size_t>(omp_get_thread_num());
        const auto team = static_cast<std::size_t>(omp_get_num_threads());
        const std::size_t first = blocks * thread / team, last = blocks * (thread + 1) / team;
        if (first < last)
            body(first, last);
    }
#endif
}

// Elementwise work: body(begin, length). work: as above.
template <class Body>
void for_each_range(const BlockPlan& plan, std::size_t work, Body body) {
    for_each_run_of_blocks(plan, work, [&](std::size_t first, std::size_t last) {
        body(plan.begin(first), plan.length(first, last));
    });
}
template <class Body>
void for_each_range(std::size_t n, std::size_t work, Body body) {
    for_each_range(plan_elements(n), work, body);
}
template <class Body>
void for_each_range(std::size_t n, Body body) {
    for_each_range(n, n, body);
}

// Work with a result per block: body(block, begin, length).
template <class Body>
void for_each_block(const BlockPlan& plan, std::size_t work, Body body) {
    for_each_run_of_blocks(plan, work, [&](std::size_t first, std::size_t last) {
        for (std::size_t block = first; block < last; ++block)
            body(block, plan.begin(block), plan.length(block, block + 1));
    });
}

// Elementwise writes to a shard, of which nothing is written where the reducer or a deferred check failed.
template <class Body>
void write_ranges(const Shard& shard, Body body) {
    if (DeferredCheck* const check = shard.take_deferred()) {
        for_each_range(shard.own_blocks(), shard.size(),
                       [&](std::size_t begin, std::size_t length) { check->look_at(begin, length); });
        shard.conclude(check);
    }
    if (shard.is_one_block())
        body(std::size_t{0}, shard.size());
    else if (!shard.failed())
        for_each_range(shard.own_blocks(), shard.size(), body);
}

// combine(total, kernel(begin, length)) for the blocks of a vector, in index order, from a first total on. A result
// consists of doubles. Of a sharded vector begin counts from the shard's first element.
template <class Result, class Kernel, class Combine>
Result combine_unchecked(const Shard& shard, Result total, Kernel kernel, Combine combine) {
    if (shard.is_one_block()) { // with no other call's
        combine(total, kernel(std::size_t{0}, shard.size()));
        return total;
    }
    Result partial[max_blocks];
    Result* const own = partial + shard.first_block();
    for_each_block(shard.own_blocks(), shard.size(),
                   [&](std::size_t block, std::size_t begin, std::size_t length) {
                       own[block] = kernel(begin, length);
                   });
    shard.share_blocks(partial);
    for (std::size_t block = 0; block < shard.block_count(); ++block)
        combine(total, partial[block]);
    return total;
}

// The same with a check that was left to the first pass; where it fails, NaNs.
template <class Result, class Kernel, class Combine>
Result combine_blocks(const Shard& shard, Result total, Kernel kernel, Combine combine) {
    DeferredCheck* const check = shard.take_deferred();
    if (check == nullptr)
        return combine_unchecked(shard, total, kernel, combine);
    total = combine_unchecked(
        shard, total,
        [&](std::size_t begin, std::size_t length) {
            check->look_at(begin, length);
            return kernel(begin, length);
        },
        combine);
    shard.conclude(check);
    // NOLINTNEXTLINE(bugprone-sizeof-expression): where a result is one double, this is 1
    constexpr std::size_t numbers = sizeof(Result) / sizeof(double);
    if (shard.failed())
        std::fill_n(reinterpret_cast<double*>(&total), numbers, std::numeric_limits<double>::quiet_NaN());
    return total;
}

template <class Kernel>
double sum_over_blocks(const Shard& shard, Kernel kernel) {
    return combine_blocks(shard, 0.0, kernel, [](double& total, double one) { total += one; });
}

// Of numbers >= 0.
template <class Kernel>
double max_over_blocks(const Shard& shard, Kernel kernel) {
    return combine_blocks(shard, 0.0, kernel,
                          [](double& total, double one) { total = std::max(total, one); });
}

// The same for the chunks of a sample, which are few: in the caller's thread.
template <class Result, class Kernel, class Combine>
Result combine_sample(const Shard& shard, const SamplePlan& plan, Result total, Kernel kernel,
                      Combine combine) {
    Result partial[max_chunks];
    const auto chunks_before = [&](std::size_t end) {
        std::size_t chunk = 0;
        while (chunk < plan.chunk_count && plan.begin(chunk) < end)
            ++chunk;
        return chunk;
    };
    const std::size_t first = chunks_before(shard.begin()),
                      last = chunks_before(shard.begin() + shard.size());
    for (std::size_t chunk = first; chunk < last; ++chunk)
        partial[chunk] = kernel(plan.begin(chunk) - shard.begin(), plan.chunk_length);
    shard.share(partial, first, last, plan.chunk_count);
    for (std::size_t chunk = 0; chunk < plan.chunk_count; ++chunk)
        combine(total, partial[chunk]);
    return total;
}

// The first position for which scan(begin, length) — which gives a position in its range, or length — finds
// something; n where none does.
template <class Scan>
std::size_t find_first(std::size_t n, Scan scan) {
    const BlockPlan plan = plan_elements(n);
    std::size_t found[max_blocks];
    for_each_block(plan, n, [&](std::size_t block, std::size_t begin, std::size_t length) {
        found[block] = scan(begin, length);
    });
    for (std::size_t block = 0; block < plan.block_count; ++block)
        if (found[block] < plan.length(block, block + 1))
            return plan.begin(block) + found[block];
    return n;
}

} // namespace anisograd
