// SPDX-License-Identifier: BSD-3-Clause
#include "early_stopping.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cli {
namespace {

// The epoch after which training stops, from 1; 0: it does not.
std::size_t stop_after(EarlyStopping stopping, const std::vector<double>& losses) {
    for (std::size_t epoch = 0; epoch < losses.size(); ++epoch) {
        if (stopping.stops(losses[epoch])) {
            return epoch + 1;
        }
    }
    return 0;
}

TEST(EarlyStopping, NeverWithoutATolerance) {
    EXPECT_EQ(stop_after({{}, 1}, {1, 1, 2, 3}), 0U);
}

TEST(EarlyStopping, CountsEpochsInARowWithoutProgress) {
    EXPECT_EQ(stop_after({0.1, 1}, {1, 0.8, 0.7, 0.69}), 4U);
    EXPECT_EQ(stop_after({0.1, 2}, {1, 0.95, 0.8, 0.79, 0.5, 0.49, 0.48}), 7U);
    EXPECT_EQ(stop_after({0.0, 1}, {1, 0.999999, 0.999998}), 0U);
    EXPECT_EQ(stop_after({0.0, 1}, {1, 1}), 2U);
}

TEST(EarlyStopping, ComparesWithTheLowest) {
    // After 0.5 a fall from 1 to 0.6 is no progress.
    EXPECT_EQ(stop_after({0.1, 3}, {1, 0.5, 1, 0.6, 0.55}), 5U);
    // Many small falls are not one large fall.
    EXPECT_EQ(stop_after({0.1, 3}, {1, 0.95, 0.9, 0.85}), 4U);
}

} // namespace
} // namespace cli
