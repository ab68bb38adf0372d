// SPDX-License-Identifier: BSD-3-Clause
//
// How work is cut into blocks: a function of the shape alone, never of the ISA or of the threads, so that
// sums over blocks in index order have the same bits everywhere.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace anisograd {

// Below this many elements a second thread costs more than it brings (bench/: threads/…).
inline constexpr std::size_t parallel_threshold = 128 * 1024;

// A cut of n elements into blocks of one length, the last one shorter.
struct BlockPlan {
    std::size_t size, block_length, block_count;

    std::size_t begin(std::size_t block) const { return block * block_length; }
    std::size_t length(std::size_t first_block, std::size_t last_block) const {
        return std::min(last_block * block_length, size) - begin(first_block);
    }
};

// Few enough blocks that one partial sum per block fits the stack.
inline constexpr std::size_t max_blocks = 256;

inline BlockPlan cut_into_blocks(std::size_t size, std::size_t granule, std::size_t at_most,
                                 std::size_t shortest) {
    const std::size_t even = size / at_most + (size % at_most != 0);
    const std::size_t wanted = std::max(even, shortest);
    const std::size_t length = wanted + (granule - wanted % granule) % granule;
    // A division takes longer than all else here, and most vectors are short.
    return {size, length, size <= length ? size != 0 : size / length + (size % length != 0)};
}

// Elements of vectors.
inline BlockPlan plan_elements(std::size_t n) {
    return cut_into_blocks(n, 1024, max_blocks, 16 * 1024);
}

// Some of n elements, from which to guess what all will give: chunks, spread evenly, so that they cost little more than
// their share of a pass. None of a short vector. A chunk lies in one block of plan_elements.
struct SamplePlan {
    std::size_t chunk_length, chunk_count, stride;

    std::size_t size() const { return chunk_count * chunk_length; }
    std::size_t begin(std::size_t chunk) const { return chunk * stride / chunk_length * chunk_length; }
    // One chunk of so many; all where there are fewer.
    SamplePlan one_in(std::size_t many) const {
        return chunk_count < many ? *this : SamplePlan{chunk_length, chunk_count / many, stride * many};
    }
};

inline constexpr std::size_t max_chunks = 256;
inline constexpr std::size_t shortest_sampled = 8 * 1024; // of vectors

inline SamplePlan plan_sample(std::size_t n) {
    constexpr std::size_t length = 128;
    const std::size_t chunks = n < shortest_sampled ? 0 : std::min(n / (16 * length), max_chunks);
    return {length, chunks, chunks != 0 ? n / chunks : 0};
}

// A sample of knapsacks' elements, which are copied, so that they need not be neighbours: of each block of plan_elements
// some runs, spread evenly but at random places, for data with a period.
struct RunPlan {
    std::size_t run_length, stride, places; // where a run may begin in its stride
    std::size_t runs_in_block;              // of a whole block

    // Runs in a block of this length.
    std::size_t count(std::size_t block_length) const {
        return std::min(runs_in_block, block_length / stride);
    }
    // From the block's first element on.
    std::size_t begin(std::size_t block, std::size_t run) const {
        std::uint64_t random = (static_cast<std::uint64_t>(block) << 32 | run) * 0x9e3779b97f4a7c15u;
        random = (random ^ random >> 32) * 0xd6e8feb86659fd93u;
        return run * stride + static_cast<std::size_t>((random >> 32) * places >> 32) * run_length;
    }
    std::size_t size(const BlockPlan& blocks) const {
        return run_length * ((blocks.block_count - 1) * count(blocks.block_length) +
                             count(blocks.length(blocks.block_count - 1, blocks.block_count)));
    }
};

// About so many of the elements of blocks, of which there are some, and at least a run of each block: by rounding up to
// 9/8 of what is wanted, where that is at most an eighth of all.
inline RunPlan plan_runs(const BlockPlan& blocks, std::size_t run_length, std::size_t wanted) {
    const double share = static_cast<double>(wanted) / static_cast<double>(blocks.size);
    const double in_block =
        share * static_cast<double>(blocks.block_length) / static_cast<double>(run_length);
    const std::size_t runs = std::max<std::size_t>(static_cast<std::size_t>(in_block), 1);
    const std::size_t places = std::max(blocks.block_length / runs / run_length, std::size_t{1});
    return {run_length, places * run_length, places, runs};
}

// Rows of a table that a call lists.
inline BlockPlan plan_listed_rows(std::size_t count, std::size_t row_work) {
    return cut_into_blocks(count, 1, max_blocks, std::max<std::size_t>(16 * 1024 / row_work, 64));
}

// Rows of a matrix: each block has a private gradient, so there are at most 8 blocks, and each does far more
// work than adding its gradient to the others (cols operations) costs.
inline constexpr std::size_t max_row_blocks = 8;

struct RowBlockPlan {
    BlockPlan blocks;
    std::size_t most_blocks; // that this many rows or fewer are ever cut into: it never falls with more rows
};

inline RowBlockPlan plan_rows(std::size_t rows, double work_per_row, std::size_t gradient_length) {
    constexpr std::size_t granule = 8;
    const double block_work = std::max(64.0 * 1024, 16.0 * static_cast<double>(gradient_length));
    const double rows_per_block = std::ceil(block_work / std::max(work_per_row, 1.0));
    const std::size_t shortest = rows_per_block < static_cast<double>(rows)
                                     ? static_cast<std::size_t>(rows_per_block)
                                     : std::max<std::size_t>(rows, 1);
    const BlockPlan blocks = cut_into_blocks(rows, granule, max_row_blocks, shortest);
    return {blocks, std::min(cut_into_blocks(rows, granule, rows + 1, shortest).block_count, max_row_blocks)};
}

// How many rows a kernel takes from margins to gradient at once: what half of a small L2 cache holds, in groups of 8; of
// long rows 8, or as many as fit a large cache.
inline std::size_t rows_in_cache(std::size_t row_bytes) {
    constexpr std::size_t small_cache = 128 * 1024, large_cache = 512 * 1024, group = 8, most = 256;
    const std::size_t bytes = std::max<std::size_t>(row_bytes, 1);
    if (bytes * group > large_cache)
        return std::bit_floor(std::max<std::size_t>(large_cache / bytes, 1));
    return std::clamp(small_cache / bytes / group * group, group, most);
}

// Whether so many rows are more than stays in a second cache.
inline bool are_in_memory(std::size_t rows, std::size_t row_bytes) {
    constexpr std::size_t cache = 512 * 1024;
    return rows > cache / (row_bytes + 1);
}

} // namespace anisograd
