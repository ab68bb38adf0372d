// SPDX-License-Identifier: BSD-3-Clause
#include "streaming.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace cli::streaming {
namespace {

// Calls body(begin, end) for contiguous parts of 0 ... n, one a thread.
template <class Body>
void over_threads(std::size_t n, int threads, const Body& body) {
    constexpr std::size_t granule = 1024; // whole cache lines
    const auto parts = static_cast<std::size_t>(threads);
    const auto begin_of = [=](std::size_t part) {
        return part == parts ? n : n / granule * part / parts * granule;
    };
    std::vector<std::thread> others;
    for (std::size_t part = 1; part < parts; ++part) {
        others.emplace_back([&, part] { body(begin_of(part), begin_of(part + 1)); });
    }
    body(begin_of(0), begin_of(1));
    for (std::thread& other : others) {
        other.join();
    }
}

// 0, which the compiler does not know.
template <class Scalar>
Scalar zero() {
    static volatile int number = 0;
    return static_cast<Scalar>(number);
}

} // namespace

void read(std::span<const std::byte> x, int threads) {
    // Where the sums go, so that the compiler has to make them.
    static std::atomic<std::uint64_t> total = 0;
    over_threads(x.size() / sizeof(std::uint64_t), threads, [&](std::size_t begin, std::size_t end) {
        // Several sums, since one would wait for its own last addition.
        constexpr std::size_t sums = 16;
        std::uint64_t sum[sums] = {};
        for (; begin + sums <= end; begin += sums) {
            std::uint64_t words[sums];
            std::memcpy(words, x.data() + begin * sizeof *words, sizeof words);
            for (std::size_t k = 0; k < sums; ++k) {
                sum[k] += words[k];
            }
        }
        for (const std::uint64_t one : sum) {
            total += one;
        }
    });
}

template <class Scalar>
void map(std::span<const Scalar> x, std::span<Scalar> out, int threads) {
    const Scalar* __restrict const from = x.data();
    Scalar* __restrict const to = out.data();
    const Scalar offset = zero<Scalar>();
    over_threads(x.size(), threads, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            to[i] = from[i] + offset;
        }
    });
}

template <class Scalar>
void update(std::span<Scalar> x, std::span<const Scalar> y, int threads) {
    Scalar* __restrict const to = x.data();
    const Scalar* __restrict const from = y.data();
    const Scalar factor = zero<Scalar>();
    over_threads(x.size(), threads, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            to[i] = static_cast<Scalar>(to[i] + factor * from[i]);
        }
    });
}

template <class Scalar, class State>
void update_both(std::span<Scalar> w, std::span<const Scalar> g, std::span<State> v, int threads) {
    Scalar* __restrict const parameters = w.data();
    const Scalar* __restrict const gradient = g.data();
    State* __restrict const state = v.data();
    const Scalar factor = zero<Scalar>();
    over_threads(w.size(), threads, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const auto change = static_cast<Scalar>(factor * gradient[i]);
            parameters[i] = static_cast<Scalar>(parameters[i] + change);
            state[i] += static_cast<State>(change);
        }
    });
}

template void map(std::span<const float>, std::span<float>, int);
template void map(std::span<const double>, std::span<double>, int);
template void update(std::span<float>, std::span<const float>, int);
template void update(std::span<double>, std::span<const double>, int);
template void update_both(std::span<float>, std::span<const float>, std::span<float>, int);
template void update_both(std::span<double>, std::span<const double>, std::span<double>, int);
template void update_both(std::span<std::uint16_t>, std::span<const std::uint16_t>, std::span<float>, int);

} // namespace cli::streaming
