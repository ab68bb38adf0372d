// SPDX-License-Identifier: BSD-3-Clause
#include "shuffle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

namespace train_logistic {
namespace {

// The order is part of what the program promises: it must never change.
TEST(Shuffle, OrderIsFixed) {
    std::mt19937_64 generator(1);
    std::vector<int> order(10);
    std::iota(order.begin(), order.end(), 0);
    shuffle(std::span(order), generator);
    EXPECT_EQ(order, (std::vector<int>{1, 7, 3, 9, 4, 0, 5, 2, 6, 8}));
}

TEST(Shuffle, GivesEveryOrderEquallyOften) {
    std::mt19937_64 generator(2);
    std::map<std::vector<int>, int> counts;
    for (int i = 0; i < 24000; ++i) {
        std::vector<int> order = {0, 1, 2, 3};
        shuffle(std::span(order), generator);
        ++counts[order];
    }
    ASSERT_EQ(counts.size(), 24U);
    for (const auto& [order, count] : counts) {
        EXPECT_NEAR(count, 1000, 160); // five standard deviations
    }
}

TEST(Shuffle, BoundedNumbersAreUniformWhereTheBoundIsLarge) {
    // With a bound of 3/4 of 2^64, taking the remainder alone would give the lower third twice as often.
    std::mt19937_64 generator(3);
    constexpr std::uint64_t third = std::uint64_t{1} << 62U;
    int lower = 0;
    for (int i = 0; i < 30000; ++i) {
        const std::uint64_t number = random_below(generator, 3 * third);
        ASSERT_LT(number, 3 * third);
        lower += number < third ? 1 : 0;
    }
    EXPECT_NEAR(lower, 10000, 410);
    EXPECT_EQ(random_below(generator, 1), 0U);
}

} // namespace
} // namespace train_logistic
