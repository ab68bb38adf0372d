// SPDX-License-Identifier: BSD-3-Clause
#include "streaming.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

namespace cli {
namespace {

template <class Number>
std::vector<Number> counted(std::size_t n, Number first) {
    std::vector<Number> numbers(n);
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

// Sizes that the threads' parts do not divide, and numbers of threads.
const std::size_t sizes[] = {0, 1, 1000, 5000};
const int thread_counts[] = {1, 2, 3, 7};

TEST(Streaming, MapReachesEveryElement) {
    for (const std::size_t n : sizes) {
        for (const int threads : thread_counts) {
            const auto x = counted<double>(n, 1);
            std::vector<double> out(n);
            streaming::map<double>(x, out, threads);
            EXPECT_EQ(out, x);
        }
    }
}

TEST(Streaming, UpdatesChangeNoNumber) {
    for (const std::size_t n : sizes) {
        for (const int threads : thread_counts) {
            const auto x = counted<float>(n, 1), y = counted<float>(n, 2), z = counted<float>(n, 3);
            std::vector<float> updated = x;
            streaming::update<float>(updated, y, threads);
            EXPECT_EQ(updated, x);
            std::vector<float> state = z;
            streaming::update_both<float, float>(updated, y, state, threads);
            EXPECT_EQ(updated, x);
            EXPECT_EQ(state, z);
            const auto short_x = counted<std::uint16_t>(n, 1), short_y = counted<std::uint16_t>(n, 7);
            std::vector<std::uint16_t> short_updated = short_x;
            streaming::update_both<std::uint16_t, float>(short_updated, short_y, state, threads);
            EXPECT_EQ(short_updated, short_x);
            EXPECT_EQ(state, z);
            streaming::read(std::as_bytes(std::span(x)), threads);
        }
    }
}

} // namespace
} // namespace cli
