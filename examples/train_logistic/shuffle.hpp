// SPDX-License-Identifier: BSD-3-Clause
//
// A shuffle that gives the same order on every platform.
//
// std::mt19937_64 is specified to the bit, but std::shuffle and std::uniform_int_distribution are not:
// each standard library turns the generator's output into an order in its own way, so the same seed
// would train a different model elsewhere. Hence this Fisher-Yates shuffle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>

namespace train_logistic {

// A number in [0, bound), each equally likely. bound > 0.
[[nodiscard]] inline std::uint64_t random_below(std::mt19937_64& generator, std::uint64_t bound) {
    // The 2^64 outputs do not divide evenly among the bound results: the first 2^64 mod bound are skipped.
    const std::uint64_t skipped = (0 - bound) % bound;
    std::uint64_t output = generator();
    while (output < skipped) {
        output = generator();
    }
    return output % bound;
}

template <class Element>
void shuffle(std::span<Element> elements, std::mt19937_64& generator) {
    for (std::size_t i = elements.size(); i > 1; --i) {
        const auto other = static_cast<std::size_t>(random_below(generator, i));
        std::swap(elements[i - 1], elements[other]);
    }
}

} // namespace train_logistic
