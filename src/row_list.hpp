// SPDX-License-Identifier: BSD-3-Clause
//
// From a caller's list of rows, in any order and with repeats, to lists for kernels in which equal rows
// follow one another.
#pragma once

#include "kernels/kernel_table.hpp"
#include "src/parallel.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>
#include <utility>

namespace anisograd {

// The caller's list, checked, and how its positions find their gradients: one each, or one per bag.
template <class T, class Index>
struct ListedRows {
    std::size_t rows, count;
    const Index* indices;
    std::size_t bag_count;       // 0: not pooled
    const std::int64_t* offsets; // of the bags
    const T* weights;            // one per position, or null
    bool mean;

    bool weighted() const { return weights != nullptr || mean; }

    bool increase_strictly() const {
        for (std::size_t k = 1; k < count; ++k)
            if (indices[k] <= indices[k - 1])
                return false;
        return true;
    }

    // The entries of positions first, first + 1, … (not pooled: gradient k belongs to position k).
    void fill(std::size_t first, std::size_t length, RowEntry<T>* entries) const {
        if (bag_count == 0) {
            for (std::size_t k = 0; k < length; ++k)
                entries[k] = {static_cast<std::size_t>(indices[first + k]), first + k, T(1)};
            return;
        }
        std::size_t bag = static_cast<std::size_t>(
            std::upper_bound(offsets, offsets + bag_count, static_cast<std::int64_t>(first)) - offsets - 1);
        for (std::size_t k = 0; k < length; ++k) {
            const std::size_t position = first + k;
            while (static_cast<std::size_t>(offsets[bag + 1]) <= position)
                ++bag;
            const T weight = weights != nullptr ? weights[position] : T(1);
            const T divisor = static_cast<T>(offsets[bag + 1] - offsets[bag]);
            entries[k] = {static_cast<std::size_t>(indices[position]), bag, mean ? weight / divisor : weight};
        }
    }
};

struct FreeMemory {
    void operator()(void* memory) const { std::free(memory); }
};

// Room for the sorted list and for sorting it; null where there is no memory.
template <class T>
using EntryBuffer = std::unique_ptr<RowEntry<T>[], FreeMemory>;

template <class T>
EntryBuffer<T> allocate_entries(std::size_t count) {
    return EntryBuffer<T>(static_cast<RowEntry<T>*>(std::malloc(2 * count * sizeof(RowEntry<T>))));
}

// Sorts entries[0 … count) by row, equal rows in the order in which they were; buffer: as many more. Gives
// the one of the two that holds the result. A radix sort: its time does not depend on the data.
template <class T>
RowEntry<T>* sort_by_row(RowEntry<T>* entries, RowEntry<T>* buffer, std::size_t count, std::size_t rows) {
    constexpr std::size_t few = 48;
    if (count <= few) {
        for (std::size_t i = 1; i < count; ++i) {
            const RowEntry<T> entry = entries[i];
            std::size_t k = i;
            for (; k != 0 && entries[k - 1].row > entry.row; --k)
                entries[k] = entries[k - 1];
            entries[k] = entry;
        }
        return entries;
    }
    constexpr int most_digit_bits = 11;
    const int bits = static_cast<int>(std::bit_width(rows - 1));
    const int passes = (bits + most_digit_bits - 1) / most_digit_bits;
    const int digit_bits = passes != 0 ? (bits + passes - 1) / passes : 0;
    const std::size_t digits = std::size_t{1} << digit_bits;
    for (int pass = 0; pass < passes; ++pass) {
        const int shift = pass * digit_bits;
        std::size_t place[std::size_t{1} << most_digit_bits] = {};
        for (std::size_t i = 0; i < count; ++i)
            ++place[(entries[i].row >> shift) & (digits - 1)];
        std::size_t before = 0;
        for (std::size_t digit = 0; digit < digits; ++digit)
            before += std::exchange(place[digit], before);
        for (std::size_t i = 0; i < count; ++i)
            buffer[place[(entries[i].row >> shift) & (digits - 1)]++] = entries[i];
        std::swap(entries, buffer);
    }
    return entries;
}

// Calls body(RowList) for lists that together hold every entry once, on several threads; no row is in two
// of them. sorted: the entries, equal rows together, or null where the caller's rows increase strictly.
// work: elements that all rows together have.
template <class T, class Index, class Body>
void for_each_row_list(const ListedRows<T, Index>& listed, const RowEntry<T>* sorted, std::size_t work,
                       Body body) {
    const std::size_t shortest =
        std::max<std::size_t>(16 * 1024 / std::max<std::size_t>(work / listed.count, 1), 64);
    const BlockPlan plan = cut_into_blocks(listed.count, 1, max_blocks, shortest);
    for_each_run_of_blocks(plan, work, [&](std::size_t first_block, std::size_t last_block) {
        std::size_t first = plan.begin(first_block);
        std::size_t last = first + plan.length(first_block, last_block);
        if (sorted != nullptr) {
            // A run of equal rows belongs to where it begins.
            const auto begin_of_run = [&](std::size_t k) {
                while (k != 0 && k < listed.count && sorted[k].row == sorted[k - 1].row)
                    ++k;
                return k;
            };
            first = begin_of_run(first), last = begin_of_run(last);
            if (first < last)
                body(RowList<T>{sorted + first, last - first, listed.count - first, listed.weighted()});
            return;
        }
        constexpr std::size_t most = 256;
        RowEntry<T> entries[most + rows_ahead];
        for (; first < last; first += std::min(most, last - first)) {
            const std::size_t readable = std::min(most + rows_ahead, last - first);
            listed.fill(first, readable, entries);
            body(RowList<T>{entries, std::min(most, last - first), readable, listed.weighted()});
        }
    });
}

} // namespace anisograd
