// SPDX-License-Identifier: BSD-3-Clause
//
// A projection and what it reported, on one ISA or on all of them with the same bits; vectors to project.
#pragma once

#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

namespace test {

template <class T>
struct Projected {
    std::vector<T> p;
    ag_projection_report report = {-7.5, -7, -7}; // what no projection writes
};

template <class T>
const T* data_or_null(const std::vector<T>& values) {
    return values.empty() ? nullptr : values.data();
}

// lambda: empty for the Euclidean norm.
template <class T>
Projected<T> project(const std::vector<T>& x, const std::vector<T>& lambda, ag_set set) {
    Projected<T> found = {x};
    set.report = &found.report;
    EXPECT_EQ(Api<T>::project(x.size(), found.p.data(), data_or_null(lambda), &set), AG_OK)
        << ag_last_error();
    return found;
}

// By a step without a gradient, which moves nothing itself and has the accumulator's square roots for lambda.
template <class T>
Projected<T> project_by_step(const std::vector<T>& x, std::vector<T> v, ag_set set) {
    Projected<T> found = {x};
    set.report = &found.report;
    const std::vector<T> g(x.size());
    EXPECT_EQ(Api<T>::adagrad_step_projected(x.size(), found.p.data(), g.data(), v.data(), nullptr, &set),
              AG_OK)
        << ag_last_error();
    return found;
}

inline bool same_report(const ag_projection_report& a, const ag_projection_report& b) {
    return same_bits(a.multiplier, b.multiplier) && a.passes == b.passes && a.inside == b.inside;
}

// The result of portable, the first ISA; a failure where another's differs in any bit.
template <class T>
Projected<T> project_on_every_isa(const std::vector<T>& x, const std::vector<T>& lambda, const ag_set& set) {
    Projected<T> first;
    on_every_isa([&](ag_isa isa) {
        const Projected<T> found = project(x, lambda, set);
        if (isa == AG_ISA_PORTABLE)
            first = found;
        EXPECT_TRUE(same_bits(found.p, first.p));
        EXPECT_TRUE(same_report(found.report, first.report));
    });
    return first;
}

template <class T, class Value>
std::vector<T> filled(std::size_t n, Value value) {
    std::vector<T> values(n);
    for (std::size_t j = 0; j < n; ++j)
        values[j] = static_cast<T>(value(j));
    return values;
}

// One of 10 ^ low ... 10 ^ high.
inline double power_of_ten(Random& random, double low, double high) {
    return std::pow(10.0, random.uniform(low, high));
}

// Normal, equal, mostly zero, one above all, each of a size of its own, in steps of one size.
template <class T>
std::vector<T> any_vector(std::size_t n, Random& random) {
    const double scale = power_of_ten(random, -5, 5), step = random.uniform(0.2, 4);
    const std::size_t shape = random.below(7), place = random.below(n);
    return filled<T>(n, [&](std::size_t j) {
        const double normal = random.normal();
        switch (shape) {
        case 0:
            return scale;
        case 1:
            return j % 4 == 3 ? scale * normal : j % 4 == 2 ? -0.0 : 0.0;
        case 2:
            return j == place ? scale * 1e6 : scale * normal;
        case 3:
            return std::copysign(scale * power_of_ten(random, -12, 12), normal);
        case 4:
            return scale *
                   std::pow(10.0, -step * static_cast<double>(j % static_cast<std::size_t>(30 / step)));
        default:
            return scale * normal;
        }
    });
}

// None, equal ones, moderate ones, and 30 orders of magnitude at random and in order.
template <class T>
std::vector<T> any_weights(std::size_t n, Random& random) {
    const std::size_t kind = random.below(6);
    const double step = random.uniform(0.2, 5), one = power_of_ten(random, -5, 5);
    if (kind == 0)
        return {};
    return filled<T>(n, [&](std::size_t j) {
        const double stair =
            std::pow(10.0, step * static_cast<double>(j % static_cast<std::size_t>(30 / step)) - 15);
        return kind == 1   ? one
               : kind == 2 ? random.uniform(0.5, 2)
               : kind == 3 ? power_of_ten(random, -15, 15)
               : kind == 4 ? stair
                           : 1 / stair;
    });
}

} // namespace test
