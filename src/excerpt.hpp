// SPDX-License-Identifier: BSD-3-Clause
//
// Some elements of a vector and of what belongs to them, copied so that they follow each other: a sample, or what a
// search has left. Each shard adds its own and then has all, in their order in the vector.
#pragma once

#include "src/parts.hpp"
#include "src/shard.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace anisograd {

// The numbers that so many elements of arrays take: once as threads add them, once in order.
constexpr std::size_t excerpt_memory(std::size_t arrays, std::size_t elements) {
    return 2 * arrays * elements;
}

template <class T>
class Excerpt {
public:
    Excerpt(const Shard& shard, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric)
        : shard_(shard), knapsack_(knapsack), metric_(metric) {
        column_[columns_++] = x;
        for_each_array([&](const T*& array) { column_[columns_++] = array; });
    }
    Excerpt(const Excerpt&) = delete;
    Excerpt& operator=(const Excerpt&) = delete;

    std::size_t capacity_of(std::size_t numbers) const { return numbers / excerpt_memory(columns_, 1); }
    void use(T* memory, std::size_t capacity) {
        unordered_ = memory;
        ordered_ = memory + columns_ * capacity;
        capacity_ = capacity;
    }
    std::size_t capacity() const { return capacity_; }

    // Room for so many of this shard's block at begin, at the position that comes back; from any thread, for each block
    // once. Whether there is room for all shows in their number.
    std::size_t reserve(std::size_t begin, std::size_t count) {
        const std::size_t first = used_.fetch_add(count, std::memory_order_relaxed);
        run_[begin / shard_.block_length()] = {first, count};
        return first;
    }
    // There, the elements at the offsets from begin on; where there is room.
    void copy(std::size_t position, std::size_t begin, const std::uint32_t* offset, std::size_t count) {
        if (position + count > capacity_)
            return;
        for (std::size_t k = 0; k < columns_; ++k) {
            const T* const from = column_[k] + begin;
            T* const to = unordered_ + k * capacity_ + position;
            for (std::size_t i = 0; i < count; ++i)
                to[i] = from[offset[i]];
        }
    }
    // Then, of `total` in all shards, of which so many are in those before this one, at most the capacity.
    void complete(std::size_t before, std::size_t total) {
        std::size_t end = before;
        for (std::size_t block = 0; block < shard_.own_blocks().block_count; ++block) {
            const auto [first, count] = run_[block];
            for (std::size_t k = 0; k < columns_; ++k)
                std::copy_n(unordered_ + k * capacity_ + first, count, ordered_ + k * capacity_ + end);
            end += count;
        }
        if (shard_.is_sharded())
            for (std::size_t k = 0; k < columns_; ++k)
                share(ordered_ + k * capacity_, before, end, total);
        size_ = total;
        std::size_t k = 1;
        for_each_array([&](const T*& array) { array = ordered_ + k++ * capacity_; });
    }
    void clear() {
        used_.store(0, std::memory_order_relaxed);
        size_ = 0;
    }

    std::size_t size() const { return size_; }
    const T* x() const { return ordered_; }
    const Knapsack<T>& knapsack() const { return knapsack_; }
    const Metric<T>& metric() const { return metric_; }

private:
    struct Run {
        std::size_t first, count;
    };

    // Of what belongs to x.
    template <class Action>
    void for_each_array(Action action) {
        for (Operand<T>* const operand :
             {&knapsack_.center, &knapsack_.normal, &knapsack_.lower, &knapsack_.upper})
            if (operand->stride != 0)
                action(operand->data);
        if (metric_.weights != nullptr)
            action(metric_.weights);
        else if (metric_.accumulator != nullptr)
            action(metric_.accumulator);
    }

    // A few kilobytes at a time.
    void share(T* values, std::size_t begin, std::size_t end, std::size_t count) const {
        constexpr std::size_t at_once = 1024;
        for (std::size_t first = 0; first < count; first += at_once) {
            double number[at_once];
            const std::size_t some = std::min(count - first, at_once);
            const auto place = [&](std::size_t i) { return std::clamp(i, first, first + some) - first; };
            std::copy(values + first + place(begin), values + first + place(end), number + place(begin));
            shard_.share(number, place(begin), place(end), some);
            std::transform(number, number + some, values + first, [](double a) { return static_cast<T>(a); });
        }
    }

    const Shard& shard_;
    Knapsack<T> knapsack_;
    Metric<T> metric_;
    static constexpr std::size_t most_columns = 6; // x, center, normal, lower, upper, weights
    const T* column_[most_columns];
    std::size_t columns_ = 0;
    T *unordered_ = nullptr, *ordered_ = nullptr;
    std::size_t capacity_ = 0, size_ = 0;
    std::atomic<std::size_t> used_{0};
    Run run_[max_blocks];
};

} // namespace anisograd
