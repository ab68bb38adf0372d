// SPDX-License-Identifier: BSD-3-Clause
//
// From a caller's list of rows, in any order and with repeats, to lists for kernels in which equal rows
// follow one another. Rows that occur once, mostly all, keep the caller's order, in which their gradients are
// read one after the other; the rest is sorted.
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

    // Calls action(entry) for the positions first … last - 1.
    template <class Action>
    void for_each_entry(std::size_t first, std::size_t last, Action action) const {
        if (bag_count == 0) {
            for (std::size_t k = first; k < last; ++k)
                action(RowEntry<T>{static_cast<std::size_t>(indices[k]), k, T(1)});
            return;
        }
        std::size_t bag = static_cast<std::size_t>(
            std::upper_bound(offsets, offsets + bag_count, static_cast<std::int64_t>(first)) - offsets - 1);
        for (std::size_t k = first; k < last; ++k) {
            while (static_cast<std::size_t>(offsets[bag + 1]) <= k)
                ++bag;
            const T weight = weights != nullptr ? weights[k] : T(1);
            const T divisor = static_cast<T>(offsets[bag + 1] - offsets[bag]);
            action(RowEntry<T>{static_cast<std::size_t>(indices[k]), bag, mean ? weight / divisor : weight});
        }
    }
};

struct FreeMemory {
    void operator()(void* memory) const { std::free(memory); }
};

template <class Element>
using Buffer = std::unique_ptr<Element[], FreeMemory>;

// Null where there is no memory.
template <class Element>
Buffer<Element> allocate(std::size_t count) {
    return Buffer<Element>(static_cast<Element*>(std::calloc(count, sizeof(Element))));
}

// Finds the rows that may be listed more than once: those whose bit another listed row has too. There are 16
// bits per listed row or, with fewer rows than that, one for each.
class RepeatedRows {
public:
    // False where there is no memory.
    template <class T, class Index>
    bool find(const ListedRows<T, Index>& listed) {
        exact_ = listed.rows / 16 < listed.count;
        const std::size_t wanted = exact_ ? listed.rows : 16 * listed.count;
        bits_ = std::max(static_cast<int>(std::bit_width(wanted - 1)), 6);
        seen_ = allocate<std::uint64_t>(words());
        if (seen_ == nullptr)
            return false;
        std::uint64_t collisions = 0;
        for (std::size_t k = 0; k < listed.count; ++k)
            collisions += set(seen_.get(), static_cast<std::size_t>(listed.indices[k]));
        if (collisions == 0)
            return true;
        repeated_ = allocate<std::uint64_t>(words());
        if (repeated_ == nullptr)
            return false;
        std::fill_n(seen_.get(), words(), 0);
        for (std::size_t k = 0; k < listed.count; ++k) {
            const auto row = static_cast<std::size_t>(listed.indices[k]);
            if (set(seen_.get(), row))
                set(repeated_.get(), row);
        }
        for (std::size_t k = 0; k < listed.count; ++k)
            count_ += (*this)(static_cast<std::size_t>(listed.indices[k]));
        return true;
    }

    std::size_t count() const { return count_; } // of positions
    bool operator()(std::size_t row) const {
        return repeated_ != nullptr && ((repeated_[bit(row) / 64] >> bit(row) % 64) & 1) != 0;
    }

private:
    std::size_t words() const { return std::size_t{1} << (bits_ - 6); }
    // Else the top bits of the product with 2^64 / golden ratio.
    std::size_t bit(std::size_t row) const {
        return exact_ ? row : (static_cast<std::uint64_t>(row) * 0x9e3779b97f4a7c15u) >> (64 - bits_);
    }
    bool set(std::uint64_t* words, std::size_t row) const {
        const std::uint64_t mask = std::uint64_t{1} << bit(row) % 64;
        return (std::exchange(words[bit(row) / 64], words[bit(row) / 64] | mask) & mask) != 0;
    }

    bool exact_ = true; // a bit for each row
    int bits_ = 6;
    std::size_t count_ = 0;
    Buffer<std::uint64_t> seen_, repeated_;
};

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

// Calls body(RowList) for lists that together hold the entries whose rows `repeated` does not name, in the
// caller's order, on several threads. row_work: elements that a row has.
template <class T, class Index, class Body>
void for_each_list_of_single_rows(const ListedRows<T, Index>& listed, const RepeatedRows& repeated,
                                  std::size_t row_work, Body body) {
    for_each_range(plan_listed_rows(listed.count, row_work), listed.count * row_work,
                   [&](std::size_t first, std::size_t length) {
                       constexpr std::size_t most = 256;
                       RowEntry<T> entries[most + listed_rows_ahead];
                       std::size_t filled = 0;
                       const auto work = [&](std::size_t count) {
                           body(RowList<T>{entries, count, filled, listed.weighted()});
                           std::copy(entries + count, entries + filled, entries);
                           filled -= count;
                       };
                       listed.for_each_entry(first, first + length, [&](const RowEntry<T>& entry) {
                           if (repeated(entry.row))
                               return;
                           entries[filled++] = entry;
                           if (filled == most + listed_rows_ahead)
                               work(most);
                       });
                       while (filled != 0)
                           work(std::min(filled, most));
                   });
}

// The same for entries that are sorted by row; no row is in two lists.
template <class T, class Body>
void for_each_list_of_sorted_rows(const RowEntry<T>* sorted, std::size_t count, bool weighted,
                                  std::size_t row_work, Body body) {
    const auto begin_of_run = [&](std::size_t k) {
        while (k != 0 && k < count && sorted[k].row == sorted[k - 1].row)
            ++k;
        return k;
    };
    for_each_range(plan_listed_rows(count, row_work), count * row_work,
                   [&](std::size_t begin, std::size_t length) {
                       const std::size_t first = begin_of_run(begin), last = begin_of_run(begin + length);
                       if (first < last)
                           body(RowList<T>{sorted + first, last - first, count - first, weighted});
                   });
}

} // namespace anisograd
