// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays for measurements, and the numbers in them.
#pragma once

#include "bench/thread_count.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace bench {

// A number in [low, high) that depends on the seed and the position alone (splitmix64), so that threads can
// fill an array in any order.
inline double uniform(std::uint64_t seed, std::size_t position, double low, double high) {
    std::uint64_t bits = (seed << 40) + (position + 1) * 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    bits ^= bits >> 31;
    return low + (high - low) * (static_cast<double>(bits >> 11) * 0x1p-53);
}

// Evenly spread over the orders of magnitude between low and high.
inline double log_uniform(std::uint64_t seed, std::size_t position, double low, double high) {
    return std::exp(uniform(seed, position, std::log(low), std::log(high)));
}

// Standard normal (Box and Muller).
inline double normal(std::uint64_t seed, std::size_t position) {
    constexpr double circle = 6.283185307179586;
    return std::sqrt(-2 * std::log(1 - uniform(seed, 2 * position, 0, 1))) *
           std::cos(uniform(seed, 2 * position + 1, 0, circle));
}

// n elements, 64-byte aligned. value(i) is written by the thread that will use element i, so that the page is
// on that thread's memory node. Arrays made one after the other start at different offsets in their page:
// otherwise a store to one and a load from the next would agree in their low 12 address bits, and the
// processor would hold the load back ("4K aliasing"), in ours and the baseline alike but not to the same
// degree.
template <class T>
class Array {
public:
    template <class Value>
    Array(std::size_t n, Value value) {
        constexpr std::size_t page = 4096, stagger = 13 * 64, staggers = 5;
        static std::size_t made = 0;
        const std::size_t offset = made++ % staggers * stagger;
        const std::size_t bytes = (n * sizeof(T) + staggers * stagger + page - 1) / page * page;
        memory_.reset(std::aligned_alloc(page, bytes));
        if (memory_ == nullptr)
            throw std::bad_alloc();
        data_ = reinterpret_cast<T*>(static_cast<char*>(memory_.get()) + offset);
        T* data = data_;
#pragma omp parallel for schedule(static) num_threads(thread_count())
        for (std::size_t i = 0; i < n; ++i)
            data[i] = static_cast<T>(value(i));
    }
    T* data() {
        return data_;
    }

private:
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };
    std::unique_ptr<void, Free> memory_;
    T* data_;
};

} // namespace bench
