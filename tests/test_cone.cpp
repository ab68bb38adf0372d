// SPDX-License-Identifier: BSD-3-Clause
//
// Projections onto the second-order cone, held against their conditions of optimality, which have one solution:
// each y_j is its formula's value for the reported multiplier, the first element's equation holds, and p is on the
// cone; or p is 0 and x in the polar cone.
#include "tests/reference/adagrad.hpp"
#include "tests/reference/extended.hpp"
#include "tests/support/projected.hpp"

namespace {

using namespace test;
using reference::Extended;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double double_u = 0x1p-53;
template <class T>
constexpr double u = std::numeric_limits<T>::epsilon() / 2;
constexpr int most_passes = 165;

template <class T>
class Cone : public ::testing::Test {};
TYPED_TEST_SUITE(Cone, Types);

ag_set cone() {
    return make_set(AG_SET_SECOND_ORDER_CONE);
}

// lambda_j, as the library has it.
template <class T>
Extended weight(const std::vector<T>& lambda, std::size_t j) {
    const double most = sizeof(T) == 4 ? 0x1p126 : 0x1p300;
    return lambda.empty() ? 1 : std::clamp(static_cast<double>(lambda[j]), 1 / most, most);
}

// Whether found is the projection of x. Tolerances, in units of 2^-53 but for roundings to T, which are u:
//
// ||y|| and t: the search ends at a ||q|| within 4 of 1. Each q_j has 6 roundings (two products and a sum, a
// reciprocal, two products), its square, their sum and its root 2 and half of the additions. A y_j has 5 (mu's two, a
// sum, a quotient, a product) and one to T, t one and one to T: 18 and 2 u and half of the additions, below 24 u and the
// additions; f32, from 8192 elements on, 6.5 u instead for ||q||, as in test_projection.cpp. Where numbers are subnormal, each element is off by half of the least, besides.
//
// The first element's equation: mu is lambda_0 (t - x_0) / t but for 2 roundings; t, and t - x_0, have one each, and t
// one to T. The polar cone: ||q|| at t = 0 has 6 + 2 and half of the additions, and the search may end there at 4
// more than 1.
template <class T>
::testing::AssertionResult is_projection(const std::vector<T>& x, const std::vector<T>& lambda,
                                         const Projected<T>& found) {
    const std::size_t n = x.size();
    const double mu = found.report.multiplier;
    const auto failure = [&] {
        return ::testing::AssertionFailure()
               << "n " << n << ", x_0 " << x[0] << ", t " << found.p[0] << ", multiplier " << mu
               << ", passes " << found.report.passes << ", inside " << found.report.inside << ": ";
    };
    if (found.report.passes < 1 || found.report.passes > most_passes)
        return failure() << "passes";
    const Extended least = std::numeric_limits<T>::denorm_min(), x0 = x[0], t = found.p[0],
                   weight0 = weight(lambda, 0);
    const double sum_error = 2 * (reference::canonical_additions(n) + 8) * double_u; // of a sum of squares
    Extended squares_of_x = 0, squares_of_z = 0, squares = 0;
    for (std::size_t j = 1; j < n; ++j) {
        const Extended z = weight(lambda, j) * x[j];
        squares_of_x += Extended(x[j]) * x[j];
        squares_of_z += z * z;
        squares += Extended(found.p[j]) * found.p[j];
    }
    const bool surely_inside = x0 >= 0 && squares_of_x * (1 + Extended(sum_error)) < x0 * x0;
    if (found.report.inside == 1) {
        if (!same_bits(found.p, x) || mu != 0)
            return failure() << "inside, but changed";
        if (!(x0 >= 0) || squares_of_x > x0 * x0 * (1 + Extended(sum_error)))
            return failure() << "not inside";
        return ::testing::AssertionSuccess();
    }
    if (surely_inside)
        return failure() << "inside, but not found so";
    if (mu == infinity) {
        for (const T p : found.p)
            if (p != 0)
                return failure() << "not the apex";
        const Extended z0 = weight0 * x0;
        if (x0 > 0 ||
            squares_of_z >
                z0 * z0 * (1 + 2 * Extended((16 + reference::canonical_additions(n)) * 2 * double_u)))
            return failure() << "x is not in the polar cone";
        return ::testing::AssertionSuccess();
    }
    if (!(mu >= 0) || !(t > 0 || (t == 0 && static_cast<double>(x[0]) < 1e-30)) || !std::isfinite(found.p[0]))
        return failure() << "no multiplier, or no number";
    // f32: mu's rounding, and those of a sum, a quotient and a product; in double rounded once more.
    const double quotient_error = sizeof(T) == 4 ? (4 + 0x1p-20) * u<T> : u<T> + 6 * double_u;
    for (std::size_t j = 1; j < n; ++j) {
        const Extended w = weight(lambda, j), exact = w * x[j] / (w + mu);
        if (!(reference::absolute(found.p[j] - exact) <= quotient_error * reference::absolute(exact) + least))
            return failure() << "p[" << j << "] = " << found.p[j] << ", not " << static_cast<double>(exact);
    }
    const Extended elements = static_cast<double>(n);
    const double tolerance = 24 * u<T> + reference::canonical_additions(n) * double_u;
    if (!(reference::absolute(squares - t * t) <=
          2 * tolerance * t * t + 2 * t * least * elements + elements * least * least))
        return failure() << "||y||^2 is " << static_cast<double>(squares);
    const Extended off = reference::absolute(weight0 * (t - x0) - mu * t);
    if (!(off <= 4 * u<T> * (weight0 * (t + reference::absolute(x0)) + mu * t) + (weight0 + mu) * least))
        return failure() << "the first element's equation is off by " << static_cast<double>(off);
    return ::testing::AssertionSuccess();
}

template <class T>
double norm_of_others(const std::vector<T>& x, const std::vector<T>& lambda) {
    double squares = 0;
    for (std::size_t j = 1; j < x.size(); ++j) {
        const double z = static_cast<double>(x[j]) * (lambda.empty() ? 1 : static_cast<double>(lambda[j]));
        squares += z * z;
    }
    return std::sqrt(squares);
}

// One pass with moments finds the multiplier of most.
TYPED_TEST(Cone, LongProblemsAreSolved) {
    using T = TypeParam;
    int one_pass = 0, problems = 0;
    for (const std::size_t n : {std::size_t(8192), std::size_t(100003)})
        for (const double share : {-3.0, -0.5, -0.01, 0.0, 0.01, 0.5, 0.99})
            for (const double spread : {0.3, 1.0, 3.0}) {
                std::vector<T> x = normal_values<T>(n, 3), lambda = normal_values<T>(n, 4);
                for (T& weight : lambda)
                    weight = static_cast<T>(std::exp(spread * static_cast<double>(weight)));
                x[0] = static_cast<T>(share * norm_of_others(x, {}));
                const Projected<T> found = project(x, lambda, cone());
                ASSERT_TRUE(is_projection(x, lambda, found)) << "share " << share << ", spread " << spread;
                ++problems;
                one_pass += found.report.passes == 1;
            }
    EXPECT_GE(one_pass, problems / 3);
}

// Weights at and beyond the range in which they count.
TYPED_TEST(Cone, LongProblemsAtTheEndsOfTheWeights) {
    using T = TypeParam;
    const std::size_t n = 8192;
    const double most = sizeof(T) == 4 ? 0x1p126 : 0x1p300;
    for (const double weight : {most, 1 / most})
        for (const double beyond : {0.0009765625, 0.75, 0.99, 1.0, 1.25, 1.75})
            for (const double share : {-0.5, 0.0, 0.5}) {
                const std::vector<T> ones(n, 1), lambda(n, static_cast<T>(weight * beyond));
                std::vector<T> x = ones;
                x[0] = static_cast<T>(share * norm_of_others(ones, {}));
                const Projected<T> found = project(x, lambda, cone());
                ASSERT_TRUE(is_projection(x, lambda, found)) << "weight " << weight << ", share " << share;
                // One of which the others say nothing.
                std::vector<T> uneven = lambda;
                uneven[n / 2 + 100] = 1;
                ASSERT_TRUE(is_projection(x, uneven, project(x, uneven, cone()))) << "weight " << weight;
            }
}

TYPED_TEST(Cone, RandomProblemsAreSolved) {
    using T = TypeParam;
    Random random(5);
    for (std::size_t i = 0; i < cases(30000); ++i) {
        std::size_t n = 1 + random.below(1 + random.below(40));
        if (i % 20000 == 9999)
            n = 100000 + random.below(50000);
        else if (i % 500 == 499)
            n = 1 + random.below(5000);
        std::vector<T> x = any_vector<T>(n, random);
        const std::vector<T> lambda = any_weights<T>(n, random);
        const double norm = norm_of_others(x, {}), near = 1 + power_of_ten(random, -17, 0) * random.normal();
        const double polar =
            norm_of_others(x, lambda) / (lambda.empty() ? 1 : static_cast<double>(lambda[0]));
        switch (random.below(8)) {
        case 0:
            x[0] = 0;
            break;
        case 1:
            x[0] = static_cast<T>(norm * near);
            break;
        case 2:
        case 3:
            x[0] = static_cast<T>(-std::fmin(polar, 1e30) * near);
            break;
        case 4:
            x[0] = static_cast<T>(norm * random.normal());
            break;
        case 5:
            x[0] = static_cast<T>(norm * random.normal() * power_of_ten(random, -12, 12));
            break;
        default:
            break;
        }
        const Projected<T> found = project_on_every_isa(x, lambda, cone());
        ASSERT_TRUE(is_projection(x, lambda, found)) << "case " << i;
        ASSERT_FALSE(this->HasFailure()) << "case " << i;
        if (i % 16 == 1) {
            ASSERT_TRUE(is_projection(found.p, lambda, project_on_every_isa(found.p, lambda, cone())))
                << "case " << i << ", again";
        }
    }
}

// Coordinates that count one after the other, each on a scale of its own.
TYPED_TEST(Cone, StaircasesAreSolved) {
    using T = TypeParam;
    for (const double base : {2.0, 10.0})
        for (const double power : {-3.0, -1.0, 1.0, 3.0})
            for (const std::size_t n : {2, 7, 30})
                for (const bool descending : {true, false})
                    for (const double first : {0.0, 1e-9, -1e-9, 0.7, -0.7, 1e3, -1e3, 1e9, -1e9})
                        for (const double first_weight : {1e-15, 1.0, 1e15}) {
                            const auto stair = [&](std::size_t j) {
                                return std::pow(base, -static_cast<double>(descending ? j : n - 1 - j));
                            };
                            std::vector<T> x = filled<T>(n, stair),
                                           lambda = filled<T>(n, [&](std::size_t j) {
                                               return std::clamp(std::pow(stair(j), power), 1e-30, 1e30);
                                           });
                            x[0] = static_cast<T>(first);
                            lambda[0] = static_cast<T>(first_weight);
                            const Projected<T> found = project_on_every_isa(x, lambda, cone());
                            ASSERT_TRUE(is_projection(x, lambda, found))
                                << "base " << base << ", power " << power;
                            ASSERT_FALSE(this->HasFailure());
                        }
}

TYPED_TEST(Cone, SmallProblemsByHand) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const auto expect = [](const std::vector<T>& x, const std::vector<T>& lambda, const std::vector<T>& p,
                               double mu) {
            const Projected<T> found = project(x, lambda, cone());
            for (std::size_t j = 0; j < p.size(); ++j)
                EXPECT_NEAR(found.p[j], p[j], 32 * u<T>) << "j " << j;
            if (std::isfinite(mu)) {
                EXPECT_NEAR(found.report.multiplier, mu, 32 * double_u);
            } else {
                EXPECT_EQ(found.report.multiplier, mu);
            }
        };
        for (const std::vector<T>& one : {std::vector<T>{}, std::vector<T>{1, 1, 1}}) {
            expect({1, 3, 4}, one, {3, T(1.8), T(2.4)}, 2.0 / 3);
            expect({0, 3, -4}, one, {T(2.5), T(1.5), T(-2)}, 1);
            expect({-1, 3, -4}, one, {2, T(1.2), T(-1.6)}, 1.5);
            expect({-5, 3, 4}, one, {0, 0, 0}, infinity);
            expect({-6, 3, 4}, one, {0, 0, 0}, infinity);
            expect({5, 3, 4}, one, {5, 3, 4}, 0);
        }
        // lambda_0 (t - x_0) = mu t and t = x_1 lambda_1 / (lambda_1 + mu): for one y, t is the weighted mean.
        expect({1, 4}, {1, 2}, {3, 3}, 2.0 / 3);
        expect({-1, 4}, {1, 2}, {T(7.0 / 3), T(7.0 / 3)}, 10.0 / 7);
        expect({-8, 4}, {1, 2}, {0, 0}, infinity);
        // The half line.
        expect({2}, {}, {2}, 0);
        expect({-2}, {}, {0}, infinity);
        expect({-2}, {3}, {0}, infinity);
        EXPECT_TRUE(same_bits(project<T>({T(-0.0)}, {}, cone()).p, std::vector<T>{T(-0.0)}));
        EXPECT_TRUE(same_bits(project<T>({5, -3, T(-0.0), 4}, {1, 2, 3, 4}, cone()).p, {5, -3, T(-0.0), 4}));
        EXPECT_TRUE(same_bits(project<T>({0, 0, T(-0.0)}, {}, cone()).p, {0, 0, T(-0.0)}));
    });
}

// Any numbers of the type: squares that overflow or vanish, of all sizes side by side.
TYPED_TEST(Cone, WhateverTheRangesThereIsAResult) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    Random random(7);
    for (std::size_t i = 0; i < cases(20000); ++i) {
        const std::size_t n = 1 + random.below(20);
        const auto anywhere = [&] {
            const double middle = random.uniform(-1, 1), spread = random.uniform(0, 1);
            return filled<T>(n, [&](std::size_t) {
                const double place = std::clamp(middle + random.uniform(-spread, spread), -1.0, 1.0);
                const std::size_t special = random.below(12);
                return special == 0   ? static_cast<double>(Limits::max())
                       : special == 1 ? static_cast<double>(Limits::denorm_min())
                       : special == 2 ? 0.0
                                      : std::ldexp(random.uniform(0.5, 0.99),
                                                   static_cast<int>(place * Limits::max_exponent));
            });
        };
        std::vector<T> x = anywhere(), lambda;
        for (T& value : x)
            value = random.below(2) == 0 ? -value : value;
        if (random.below(4) != 0)
            lambda = anywhere();
        for (T& value : lambda)
            value = value == 0 ? 1 : value;
        const Projected<T> found = project_on_every_isa(x, lambda, cone());
        for (const T p : found.p)
            ASSERT_FALSE(std::isnan(p)) << "case " << i;
        ASSERT_LE(found.report.passes, most_passes) << "case " << i;
        // What floats give is far from the ends of double. Where t overflows there is nothing to compare.
        if (sizeof(T) == sizeof(float) && std::isfinite(found.p[0])) {
            ASSERT_TRUE(is_projection(x, lambda, found)) << "case " << i;
        }
        ASSERT_FALSE(this->HasFailure()) << "case " << i;
    }
}

// A cone: what is k times the same has k times the same projection, near the ends of the range too.
TYPED_TEST(Cone, PowersOfTwoChangeNothingElse) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const int reach = std::numeric_limits<T>::max_exponent - 40;
        for (const double first : {0.5, -0.5, 0.0, -20.0})
            for (const bool weighted : {false, true}) {
                std::vector<T> x = normal_values<T>(50, 3), lambda = absolute(normal_values<T>(50, 4));
                x[0] = static_cast<T>(first);
                if (!weighted)
                    lambda = {};
                const Projected<T> usual = project(x, lambda, cone());
                for (const int exponent : {-reach, -100, 50, reach}) {
                    std::vector<T> scaled = x, expected = usual.p;
                    for (std::vector<T>* values : {&scaled, &expected})
                        for (T& value : *values)
                            value = std::ldexp(value, exponent);
                    const Projected<T> found = project(scaled, lambda, cone());
                    for (std::size_t j = 0; j < x.size(); ++j)
                        ASSERT_NEAR(std::ldexp(found.p[j], -exponent), usual.p[j],
                                    64 * u<T> * std::fabs(usual.p[j]))
                            << "j " << j << ", exponent " << exponent;
                }
            }
    });
}

TYPED_TEST(Cone, NaNsAndInfinities) {
    using T = TypeParam;
    const T inf = std::numeric_limits<T>::infinity();
    on_every_isa([&](ag_isa) {
        for (const std::size_t n : {1, 3, 100, 20011})
            for (const bool weighted : {false, true}) {
                const std::vector<T> x = normal_values<T>(n, 1),
                                     lambda = weighted ? filled<T>(n, [](std::size_t j) { return 1 + j % 3; })
                                                       : std::vector<T>();
                const auto all_nan = [](const std::vector<T>& p) {
                    return std::all_of(p.begin(), p.end(), [](T value) { return std::isnan(value); });
                };
                for (const std::size_t place : {std::size_t(0), n / 2, n - 1})
                    for (const double first : {0.0, 1.0, -1.0}) {
                        std::vector<T> bad = x;
                        bad[0] = static_cast<T>(first);
                        bad[place] = static_cast<T>(nan);
                        EXPECT_TRUE(all_nan(project(bad, lambda, cone()).p)) << "n " << n << " at " << place;
                        if (place == 0)
                            continue;
                        bad[place] = inf;
                        EXPECT_TRUE(all_nan(project(bad, lambda, cone()).p)) << "n " << n << " at " << place;
                        bad[0] = -inf;
                        EXPECT_TRUE(all_nan(project(bad, lambda, cone()).p)) << "n " << n << " at " << place;
                    }
                std::vector<T> bad = x;
                bad[0] = inf;
                EXPECT_TRUE(same_bits(project(bad, lambda, cone()).p, bad));
                bad[0] = -inf;
                for (const T p : project(bad, lambda, cone()).p)
                    EXPECT_EQ(p, 0);
            }
    });
}

// The limits of weights in a step: 0 gives way first, all that are 0 alike; infinite moves last.
TYPED_TEST(Cone, WeightsAtTheEndsInAStep) {
    using T = TypeParam;
    const T inf = std::numeric_limits<T>::infinity();
    on_every_isa([&](ag_isa) {
        const auto expect = [](const std::vector<T>& x, const std::vector<T>& v,
                               const std::vector<double>& p) {
            const Projected<T> found = project_by_step(x, v, cone());
            for (std::size_t j = 0; j < p.size(); ++j)
                EXPECT_NEAR(static_cast<double>(found.p[j]), p[j], 64 * u<T>) << "j " << j;
        };
        // 5 holds 3 and four tenths of (6, 8).
        expect({5, 3, 6, 8}, {1, 1, 0, 0}, {5, 3, 2.4, 3.2});
        // t alone, or with the others of weight 0.
        expect({1, 3, 4}, {0, 1, 1}, {5, 3, 4});
        expect({-1, 3, 4}, {0, 1, 4}, {5, 3, 4});
        expect({1, 3, 4}, {0, 0, 0}, {3, 1.8, 2.4});
        expect({-7, 3, 4}, {0, 0, 0}, {0, 0, 0});
        // Not enough: those of weight 0 vanish.
        expect({-1, 2, 3, 4}, {1, 1, 0, 0}, {0.5, 0.5, 0, 0});
        // t stays: an L2 ball. The others stay: t gives way.
        expect({2.5, 3, 4}, {inf, 1, 1}, {2.5, 1.5, 2});
        expect({1, 3, 4}, {1, inf, inf}, {5, 3, 4});
        expect({-1, 3, 4}, {inf, 1, 1}, {0, 0, 0});
        expect({1, 3, 4}, {inf, inf, inf}, {3, 1.8, 2.4});
    });
}

TYPED_TEST(Cone, StepsEqualStepsThenProjectionsAndStayInTheirArrays) {
    using T = TypeParam;
    for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE})
        for (const std::size_t n : sizes<T>())
            for (const double first : {1.0, -1.0}) {
                if (n == 0)
                    continue;
                ag_adagrad_options options = adagrad_options();
                options.epsilon_mode = mode;
                options.epsilon = 1e-3;
                options.learning_rate = 0.3;
                std::vector<T> w = normal_values<T>(n, 1), v = absolute(normal_values<T>(n, 2));
                w[0] = static_cast<T>(first);
                const std::vector<T> g = normal_values<T>(n, 3);
                const std::size_t gap = gaps[(n + static_cast<std::size_t>(mode)) % 3];
                const std::vector<T> w0 = w, v0 = v;
                reference::adagrad_step(w, g, v, options);
                std::vector<T> lambda(n);
                for (std::size_t j = 0; j < n; ++j)
                    lambda[j] = reference::lambda(v[j], options);
                const Projected<T> expected = project_on_every_isa(w, lambda, cone());
                ASSERT_TRUE(is_projection(w, lambda, expected)) << "n " << n;
                on_every_isa([&](ag_isa) {
                    GuardedArray<T> w_array(w0, gap), g_array(g, 2 * gap), v_array(v0, 3 * gap),
                        x_array(w, gap), lambda_array(lambda, 2 * gap);
                    ag_projection_report report;
                    ag_set set = cone();
                    set.report = &report;
                    ASSERT_EQ(Api<T>::adagrad_step_projected(n, w_array.data(), g_array.data(),
                                                             v_array.data(), &options, &set),
                              AG_OK)
                        << ag_last_error();
                    ASSERT_EQ(Api<T>::project(n, x_array.data(), lambda_array.data(), &set), AG_OK);
                    ASSERT_TRUE(same_report(report, expected.report));
                    ASSERT_TRUE(same_bits(w_array.values(), expected.p)) << "n " << n;
                    ASSERT_TRUE(same_bits(x_array.values(), expected.p)) << "n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "n " << n;
                    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact() &&
                                x_array.intact() && lambda_array.intact());
                });
                ASSERT_FALSE(this->HasFailure());
            }
}

TYPED_TEST(Cone, ThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    for (const bool weighted : {false, true})
        for (const double first : {100.0, -0.5}) {
            std::vector<T> x = normal_values<T>(threaded_size, 1);
            const std::vector<T> lambda =
                weighted ? absolute(normal_values<T>(threaded_size, 2)) : std::vector<T>();
            x[0] = static_cast<T>(first);
            const Projected<T> expected = project(x, lambda, cone());
            ASSERT_TRUE(is_projection(x, lambda, expected));
            on_every_isa_and_thread_count([&] {
                const Projected<T> found = project(x, lambda, cone());
                ASSERT_TRUE(same_bits(found.p, expected.p));
                ASSERT_TRUE(same_report(found.report, expected.report));
            });
        }
}

template <class T>
double norm_of(const std::vector<T>& x) {
    Extended squares = 0;
    for (const T a : x)
        squares += Extended(a) * a;
    return std::sqrt(static_cast<double>(squares));
}

// f32 elements whose weights are far from 1 are computed in double, beside others in the same pack: which ones does not
// depend on an ISA's packs, nor on whether groups are listed.
TYPED_TEST(Cone, WeightsFarApartGiveTheSameBitsEverywhere) {
    using T = TypeParam;
    constexpr std::size_t n = 203;
    Random random(17);
    for (const double largest : {20.0, 25.0, 37.0})
        for (const std::size_t group : {1, 8, 40}) {
            std::vector<T> x = normal_values<T>(n, 5), lambda(n);
            for (T& weight : lambda)
                weight = static_cast<T>(random.below(3) == 0 ? power_of_ten(random, -largest, largest)
                                                             : random.uniform(0.5, 2));
            ag_set groups = make_set(AG_SET_GROUP_L1_BALL);
            groups.group_length = group;
            groups.radius = 5;
            ag_set ball = make_set(AG_SET_L2_BALL);
            ball.radius = 3;
            const Projected<T> in_ball = project_on_every_isa(x, lambda, ball);
            EXPECT_NEAR(norm_of(in_ball.p), ball.radius, 16 * u<T> * ball.radius);
            const Projected<T> equal = project_on_every_isa(x, lambda, groups);
            std::vector<std::int64_t> offsets;
            for (std::size_t j = 0; j < n; j += group)
                offsets.push_back(static_cast<std::int64_t>(j));
            offsets.push_back(n);
            groups.group_length = 0;
            groups.group_count = offsets.size() - 1;
            groups.group_offsets = offsets.data();
            EXPECT_TRUE(same_bits(project_on_every_isa(x, lambda, groups).p, equal.p));
            x[0] = 2;
            lambda[0] = 1;
            EXPECT_TRUE(is_projection(x, lambda, project_on_every_isa(x, lambda, cone())));
        }
}

TYPED_TEST(Cone, UnusedFieldsAreNotLookedAt) {
    using T = TypeParam;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): an address that must not be read
    const void* const nowhere = reinterpret_cast<const void*>(alignof(double));
    ag_set set = cone();
    set.radius = set.lower = set.upper = set.offset = set.lower_offset = nan;
    set.center = set.normal = set.lower_bounds = set.upper_bounds = nowhere;
    const std::vector<T> x = {1, 3, 4};
    EXPECT_TRUE(same_bits(project(x, {}, set).p, project(x, {}, cone()).p));
    std::vector<T> none;
    ag_projection_report report = {-1, -1, -1};
    set.report = &report;
    EXPECT_EQ(Api<T>::project(0, nullptr, nullptr, &set), AG_OK);
    EXPECT_EQ(report.inside, 1);
}

} // namespace
