// SPDX-License-Identifier: BSD-3-Clause
//
// Steps under AG_MATH_FAST. (Under AG_MATH_STRICT they equal the formulas, which test_adagrad tests.)
#include "tests/accuracy/table.hpp"
#include "tests/reference/adagrad.hpp"
#include "tests/reference/elementary.hpp"
#include "tests/support/api.hpp"

namespace accuracy {

namespace {

using test::Random;

// Accumulators, and gradients from far below them, which leave them as they are, to above.
template <class T>
void with_gradients(Row& row, std::vector<T> v, const ag_adagrad_options& options, std::uint64_t seed) {
    const std::size_t n = v.size();
    std::vector<T> g(n);
    constexpr std::size_t block = 4096; // of one sequence of random numbers
#pragma omp parallel for schedule(static)
    for (std::size_t begin = 0; begin < n; begin += block) {
        Random random(seed + begin);
        for (std::size_t i = begin; i < std::min(begin + block, n); ++i)
            g[i] = static_cast<T>(
                std::sqrt(v[i]) *
                static_cast<T>(std::copysign(std::exp2(random.uniform(-40, 4)), random.uniform(-1, 1))));
    }
    // From w = 0: the result is the change. Where FAST is not faster it is STRICT, and every ISA may be another case.
    for (const ag_isa isa : isas()) {
        check(ag_set_isa(isa));
        std::vector<T> w(n), sums = v;
        check(test::Api<T>::adagrad_step(n, w.data(), g.data(), sums.data(), &options));
        see_errors(
            row, n,
            [&](std::size_t i) {
                using R = Exact<T>;
                const T step = static_cast<T>(options.learning_rate) * g[i],
                        epsilon = static_cast<T>(options.epsilon);
                // With the accumulator that the step leaves, and the operations before the root rounded as ever.
                const T inside = options.epsilon_mode == AG_EPSILON_INSIDE ? sums[i] + epsilon : sums[i];
                const R lambda =
                    std::sqrt(static_cast<R>(inside)) +
                    (options.epsilon_mode == AG_EPSILON_OUTSIDE ? static_cast<R>(epsilon) : R(0));
                return reference::ulp_error(w[i], lambda == 0 ? R(0) : -static_cast<R>(step) / lambda);
            },
            [&](std::size_t i) {
                return "v " + text(v[i]) + ", g " + text(g[i]) + ", on " + ag_isa_name(isa);
            });
    }
}

template <class T>
void measure(Run& run, const char* name, ag_epsilon_mode mode) {
    Row row = {name, type_name<T>, 3};
    ag_adagrad_options options = test::adagrad_options();
    options.math = AG_MATH_FAST;
    options.epsilon_mode = mode;
    std::uint64_t seed = 0;
    const auto with_any_options = [&](const std::vector<T>& v) {
        Random random(++seed);
        options.learning_rate = std::exp2(random.uniform(-12, 1));
        options.epsilon = mode == AG_EPSILON_IN_STATE ? 0 : std::pow(10.0, random.uniform(-12, -1));
        with_gradients(row, v, options, random.bits());
    };
    if constexpr (sizeof(T) == sizeof(float))
        for_each_float(run.stride, [&](const std::vector<T>& x) {
            std::vector<T> v;
            v.reserve(x.size());
            for (const T a : x)
                if (!std::signbit(a) && std::isfinite(a))
                    v.push_back(a);
            if (!v.empty())
                with_any_options(v);
        });
    else
        for_each_chunk(std::uint64_t(1) << 28, run.stride, [&](std::size_t n, std::uint64_t chunk_seed) {
            Random random(chunk_seed);
            std::vector<T> v(n);
            for (std::size_t i = 0; i < n; ++i)
                v[i] = static_cast<T>(
                    std::exp2(i % 2 == 0 ? random.uniform(-60, 60) : random.uniform(-1074, 1020)));
            with_any_options(v);
        });
    run.rows.push_back(row);
}

template <class T>
void measure_type(Run& run) {
    measure<T>(run, "`ag_adagrad_step`, FAST, epsilon in the state", AG_EPSILON_IN_STATE);
    measure<T>(run, "`ag_adagrad_step`, FAST, epsilon outside", AG_EPSILON_OUTSIDE);
    measure<T>(run, "`ag_adagrad_step`, FAST, epsilon inside", AG_EPSILON_INSIDE);
}

} // namespace

void measure_steps(Run& run) {
    measure_type<float>(run);
    measure_type<double>(run);
}

} // namespace accuracy
