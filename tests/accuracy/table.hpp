// SPDX-License-Identifier: BSD-3-Clause
//
// How exact results are: what is measured makes rows of a table, each beside what anisograd.h promises.
#pragma once

#include "tests/support/elementary_inputs.hpp"

#include <bit>
#include <cstdio>
#include <functional>
#include <string>
#include <type_traits>

namespace accuracy {

// A row: the largest error that was seen, in the unit of its bound.
struct Row {
    std::string what, type;
    double bound;
    std::string unit = "ULP";
    std::uint64_t inputs = 0;
    double error = 0;
    std::string worst = {}; // the input that it was seen at
    std::uint64_t chunks = 0;
    std::uint64_t differing = 0; // results that another ISA gave other bits for

    // NaN counts as infinite.
    void see(double found, const std::function<std::string()>& input) {
        if (found <= error)
            return;
        error = std::isnan(found) ? HUGE_VAL : found;
        worst = input();
    }
    bool holds() const { return error <= bound && differing == 0 && inputs != 0; }
};

// A run: every stride-th of all inputs, and of its chunks one in so many on every ISA.
struct Run {
    std::uint64_t stride = 1, compared_one_in = 1;
    std::vector<Row> rows = {};
};

// The parts of the table.
void measure_elementary(Run& run);
void measure_logistic(Run& run);
void measure_softmax(Run& run);
void measure_steps(Run& run);
void measure_conversions(Run& run);
void measure_projections(Run& run);

// ---- Inputs --------------------------------------------------------------------------------------------

inline constexpr std::size_t chunk = std::size_t(1) << 18;

// action(x) for every stride-th of all floats, in the order of their bits.
template <class Action>
void for_each_float(std::uint64_t stride, Action action) {
    constexpr std::uint64_t patterns = std::uint64_t(1) << 32;
    const std::uint64_t inputs = (patterns + stride - 1) / stride;
    std::vector<float> x;
    for (std::uint64_t begin = 0; begin < inputs; begin += chunk) {
        x.resize(static_cast<std::size_t>(std::min<std::uint64_t>(chunk, inputs - begin)));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = std::bit_cast<float>(static_cast<std::uint32_t>((begin + i) * stride));
        action(static_cast<const std::vector<float>&>(x));
    }
}

// action(size, seed) for chunks that have one in stride of so many random inputs, and at least 1000.
template <class Action>
void for_each_chunk(std::uint64_t inputs, std::uint64_t stride, Action action) {
    const std::uint64_t wanted = std::max<std::uint64_t>(inputs / stride, 1000);
    for (std::uint64_t begin = 0; begin < wanted; begin += chunk)
        action(static_cast<std::size_t>(std::min<std::uint64_t>(chunk, wanted - begin)), begin / chunk + 1);
}

// action(x) with a type's inputs of one number: for float all of them, for double a sweep; and all hard cases.
template <class T, class Action>
void for_each_input(std::uint64_t stride, Action action) {
    constexpr bool is_float = sizeof(T) == sizeof(float);
    if (!is_float || stride != 1)
        action(test::hard_cases<T>());
    if constexpr (is_float)
        for_each_float(stride, action);
    else
        for_each_chunk(std::uint64_t(1) << 28, stride,
                       [&](std::size_t n, std::uint64_t seed) { action(test::wide_sweep<T>(n, seed)); });
}

// ---- Results -------------------------------------------------------------------------------------------

// What exact values are computed in: 29 bits more than a float has, 11 or more than a double.
template <class T>
using Exact = std::conditional_t<sizeof(T) == sizeof(float), double, long double>;

template <class T>
inline const std::string type_name = sizeof(T) == sizeof(float) ? "f32" : "f64";

// With as many digits as tell x from its neighbours.
template <class T>
std::string text(T x) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*g", std::numeric_limits<T>::max_digits10,
                  static_cast<double>(x));
    return buffer;
}

inline void check(ag_status status) {
    if (status == AG_OK)
        return;
    std::fprintf(stderr, "accuracy: %s\n", ag_last_error());
    std::exit(2);
}

// The ISAs of this machine, the fastest first.
inline std::vector<ag_isa> isas() {
    std::vector<ag_isa> all;
    for (const ag_isa isa : {AG_ISA_AVX512, AG_ISA_AVX2, AG_ISA_NEON, AG_ISA_PORTABLE})
        if (ag_isa_supported(isa))
            all.push_back(isa);
    return all;
}

// error_of(i), the error of result i of n, at input(i); or error_of(i, seen), for which any number up to seen will do
// where the error is not larger.
template <class ErrorOf, class Input>
void see_errors(Row& row, std::size_t n, ErrorOf error_of, Input input) {
    double worst = row.error;
    std::size_t where = 0;
#pragma omp parallel
    {
        double mine = row.error;
        std::size_t here = 0;
#pragma omp for schedule(static)
        for (std::size_t i = 0; i < n; ++i) {
            double error = 0;
            if constexpr (std::is_invocable_v<ErrorOf, std::size_t, double>)
                error = error_of(i, mine);
            else
                error = error_of(i);
            if (!(error <= mine)) {
                mine = std::isnan(error) ? HUGE_VAL : error;
                here = i;
            }
        }
#pragma omp critical
        if (mine > worst) {
            worst = mine;
            where = here;
        }
    }
    row.inputs += n;
    row.see(worst, [&] { return input(where); });
}

template <class T>
std::uint64_t differences(const std::vector<T>& a, const std::vector<T>& b) {
    if (std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0)
        return 0;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        count += !test::same_bits(a[i], b[i]);
    return count;
}

// What evaluate(), a vector of results, gives on the fastest ISA; the others must give the same bits.
template <class Evaluate>
auto on_every_isa(const Run& run, Row& row, Evaluate evaluate) {
    const std::vector<ag_isa> all = isas();
    check(ag_set_isa(all.front()));
    auto results = evaluate();
    if (row.chunks++ % run.compared_one_in != 0)
        return results;
    for (std::size_t i = 1; i < all.size(); ++i) {
        check(ag_set_isa(all[i]));
        row.differing += differences(results, evaluate());
    }
    check(ag_set_isa(all.front()));
    return results;
}

} // namespace accuracy
