// SPDX-License-Identifier: BSD-3-Clause
#include "bench_kernels.hpp"

#include "checksum.hpp"
#include "streaming.hpp"

#include <anisograd/anisograd.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace cli {
namespace {

// Arrays of n elements that start at different offsets in their pages: otherwise a store to one and a load from the
// next would agree in their low 12 address bits, and the processor would hold the load back.
template <class Element>
class Arrays {
public:
    Arrays(std::size_t n, std::size_t count) : n_(n), memory_(count * (n + stagger)) {}

    [[nodiscard]] std::span<Element> at(std::size_t number) {
        return std::span(memory_).subspan(number * (n_ + stagger), n_);
    }

private:
    static constexpr std::size_t stagger = 13 * 64 / sizeof(Element);
    std::size_t n_;
    std::vector<Element> memory_;
};

template <class Element>
void fill(std::span<Element> array, const std::vector<Element>& values) {
    std::copy(values.begin(), values.end(), array.begin());
}

// Nothing to prepare, but arrays that live as long as the kernel.
template <class... Owner>
std::function<void()> keep(const Owner&... owner) {
    return [owner...] {};
}

template <class Scalar>
std::string type_name() {
    return sizeof(Scalar) == sizeof(float) ? "f32" : "f64";
}

template <class Scalar>
std::vector<BenchKernel> step(std::size_t bytes, int threads) {
    const std::size_t n = bytes / sizeof(Scalar);
    const auto arrays = std::make_shared<Arrays<Scalar>>(n, 3);
    const std::span<Scalar> w = arrays->at(0), g = arrays->at(1), v = arrays->at(2);
    fill(w, selftest::numbers<Scalar>(n, 1));
    fill(g, selftest::numbers<Scalar>(n, 2));
    fill(v, selftest::weights<Scalar>(n, 3));
    return {{"AdaGrad step, " + type_name<Scalar>(), 5.0 * static_cast<double>(bytes),
             [=] { anisograd::adagrad_step(w, g, v); },
             [=] { streaming::update_both<Scalar, Scalar>(w, g, v, threads); }, keep(arrays)}};
}

std::vector<BenchKernel> short_step(std::size_t bytes, int threads) {
    const std::size_t n = bytes / sizeof(float);
    const auto short_arrays = std::make_shared<Arrays<std::uint16_t>>(n, 2);
    const auto states = std::make_shared<Arrays<float>>(n, 1);
    const std::span<std::uint16_t> w = short_arrays->at(0), g = short_arrays->at(1);
    const std::span<float> v = states->at(0);
    anisograd::bf16_from_f32(selftest::numbers<float>(n, 1), w);
    anisograd::bf16_from_f32(selftest::numbers<float>(n, 2), g);
    fill(v, selftest::weights<float>(n, 3));
    return {{"AdaGrad step, bf16", 14.0 * static_cast<double>(n),
             [=] { anisograd::adagrad_step_bf16(w, g, v); },
             [=] { streaming::update_both<std::uint16_t, float>(w, g, v, threads); },
             keep(short_arrays, states)}};
}

// Of x in the norm of lambda, and exp from one of two arrays to the other.
template <class Scalar>
std::vector<BenchKernel> projections_and_exp(std::size_t bytes, int threads) {
    const std::size_t n = bytes / sizeof(Scalar);
    const auto arrays = std::make_shared<Arrays<Scalar>>(n, 3);
    const std::span<Scalar> x = arrays->at(0), lambda = arrays->at(1), start = arrays->at(2);
    fill(start, selftest::numbers<Scalar>(n, 1));
    fill(lambda, selftest::weights<Scalar>(n, 3));
    // A projection leaves x inside the set, where the next one would have nothing to do.
    const auto restore = [arrays, x, start] { std::copy(start.begin(), start.end(), x.begin()); };
    // The numbers are spread evenly over [-4, 4): each of these cuts off a part of them.
    const auto elements = static_cast<double>(n);
    const std::pair<const char*, anisograd::Set<Scalar>> sets[] = {
        {"box", anisograd::Set<Scalar>::box(-1, 2)},
        {"L2 ball", anisograd::Set<Scalar>::l2_ball(std::sqrt(elements))},
        {"L1 ball", anisograd::Set<Scalar>::l1_ball(elements / 10)},
        {"simplex", anisograd::Set<Scalar>::simplex(elements / 10)}};
    std::vector<BenchKernel> kernels;
    for (const auto& [name, set] : sets) {
        kernels.push_back({std::string("projection, ") + name, 3.0 * static_cast<double>(bytes),
                           [=, set = set] { anisograd::project(x, lambda, set); },
                           [=] { streaming::update<Scalar>(x, lambda, threads); }, restore});
    }
    kernels.push_back({"exp", 2.0 * static_cast<double>(bytes), [=] { anisograd::exp(start, x); },
                       [=] { streaming::map<Scalar>(start, x, threads); }, keep(arrays)});
    return kernels;
}

template <class Scalar>
std::vector<Scalar> labels(std::size_t rows) {
    std::vector<Scalar> values = selftest::numbers<Scalar>(rows, 5);
    for (Scalar& value : values) {
        value = static_cast<Scalar>(value < 0 ? -1 : 1);
    }
    return values;
}

// A matrix and what its loss and gradient need.
template <class Scalar>
struct Problem {
    std::size_t rows, cols;
    std::vector<Scalar> values;
    std::vector<std::int64_t> row_offsets; // CSR
    std::vector<std::int32_t> columns;     // CSR
    std::vector<Scalar> y, w, gradient;
    std::vector<std::byte> workspace;
    anisograd::LogisticOptions<Scalar> options;

    Problem(std::size_t row_count, std::size_t column_count)
        : rows(row_count), cols(column_count), y(labels<Scalar>(rows)), w(selftest::numbers<Scalar>(cols, 6)),
          gradient(cols) {}
    // options refers to the workspace.
    Problem(const Problem&) = delete;
    Problem& operator=(const Problem&) = delete;
};

// read: the bytes of the matrix.
template <class Scalar, class Matrix>
BenchKernel logistic_kernel(const std::string& name, const std::shared_ptr<Problem<Scalar>>& problem,
                            const Matrix& matrix, const std::vector<std::span<const std::byte>>& read,
                            int threads) {
    problem->workspace.resize(anisograd::logistic_workspace(matrix, problem->options));
    problem->options.set_workspace(problem->workspace);
    double bytes = 0;
    for (const auto& part : read) {
        bytes += static_cast<double>(part.size());
    }
    return {name,
            bytes,
            [=] {
                (void)anisograd::logistic_loss_and_gradient(matrix, std::span<const Scalar>(problem->y),
                                                            std::span<const Scalar>(problem->w),
                                                            std::span(problem->gradient), problem->options);
            },
            [=] {
                for (const auto& part : read) {
                    streaming::read(part, threads);
                }
            },
            {}};
}

template <class Scalar>
std::vector<BenchKernel> logistic_dense(std::size_t bytes, int threads) {
    constexpr std::size_t cols = 128;
    const std::size_t rows = bytes / (cols * sizeof(Scalar));
    const auto problem = std::make_shared<Problem<Scalar>>(rows, cols);
    problem->values = selftest::numbers<Scalar>(rows * cols, 4);
    return {logistic_kernel("logistic, dense", problem, anisograd::dense(problem->values, rows, cols),
                            {std::as_bytes(std::span(problem->values))}, threads)};
}

template <class Scalar>
std::vector<BenchKernel> logistic_csr(std::size_t bytes, int threads) {
    constexpr std::size_t entries = 64, cols = 4096;
    const std::size_t rows = bytes / (entries * (sizeof(Scalar) + sizeof(std::int32_t)));
    const auto problem = std::make_shared<Problem<Scalar>>(rows, cols);
    problem->values = selftest::numbers<Scalar>(rows * entries, 4);
    selftest::Random random(7);
    problem->row_offsets.push_back(0);
    problem->columns.reserve(rows * entries);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t entry = 0; entry < entries; ++entry) { // increasing
            problem->columns.push_back(
                static_cast<std::int32_t>(entry * (cols / entries) + random.below(cols / entries)));
        }
        problem->row_offsets.push_back(static_cast<std::int64_t>(problem->columns.size()));
    }
    return {logistic_kernel(
        "logistic, CSR", problem,
        anisograd::csr(cols, problem->row_offsets, problem->columns, problem->values),
        {std::as_bytes(std::span(problem->values)), std::as_bytes(std::span(problem->columns))}, threads)};
}

} // namespace

template <class Scalar>
std::vector<BenchGroup> bench_groups(std::size_t bytes, int threads) {
    std::vector<BenchGroup> groups = {[=] { return step<Scalar>(bytes, threads); }};
    if (sizeof(Scalar) == sizeof(float)) {
        groups.push_back([=] { return short_step(bytes, threads); });
    }
    groups.push_back([=] { return projections_and_exp<Scalar>(bytes, threads); });
    groups.push_back([=] { return logistic_dense<Scalar>(bytes, threads); });
    groups.push_back([=] { return logistic_csr<Scalar>(bytes, threads); });
    return groups;
}

template std::vector<BenchGroup> bench_groups<float>(std::size_t, int);
template std::vector<BenchGroup> bench_groups<double>(std::size_t, int);

} // namespace cli
