// SPDX-License-Identifier: BSD-3-Clause
//
// Projections onto balls of the mixed norm l1/l2, held against their conditions of optimality, which have one
// solution: every p_j is its formula's value for the reported multiplier and its group's norm, a group at its center
// has ||lambda y|| <= mu, and the norms add up to the radius.
#include "tests/reference/adagrad.hpp"
#include "tests/reference/extended.hpp"
#include "tests/support/guarded_set.hpp"
#include "tests/support/projected.hpp"

namespace {

using namespace test;
using reference::Extended;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double double_u = 0x1p-53;
template <class T>
constexpr double u = std::numeric_limits<T>::epsilon() / 2;
constexpr int most_passes = 163;

template <class T>
class GroupBall : public ::testing::Test {};
TYPED_TEST_SUITE(GroupBall, Types);

// Empty arrays are NULL; offsets empty: groups of length.
template <class T>
struct Problem {
    std::vector<T> x, lambda, center;
    double radius = 1;
    std::size_t length = 1;
    std::vector<std::int64_t> offsets = {};
};

template <class T>
ag_set set_of(const Problem<T>& c) {
    ag_set set = make_set(AG_SET_GROUP_L1_BALL);
    set.radius = c.radius;
    set.center = data_or_null(c.center);
    if (c.offsets.empty())
        set.group_length = c.length;
    else {
        set.group_offsets = c.offsets.data();
        set.group_count = c.offsets.size() - 1;
    }
    return set;
}

template <class T>
Projected<T> project(const Problem<T>& c) {
    return test::project(c.x, c.lambda, set_of(c));
}
template <class T>
Projected<T> project_on_every_isa(const Problem<T>& c) {
    return test::project_on_every_isa(c.x, c.lambda, set_of(c));
}

// First elements of the groups, and n.
template <class T>
std::vector<std::size_t> boundaries(const Problem<T>& c) {
    std::vector<std::size_t> all;
    for (const std::int64_t offset : c.offsets)
        all.push_back(static_cast<std::size_t>(offset));
    if (c.offsets.empty()) {
        for (std::size_t j = 0; j < c.x.size(); j += c.length)
            all.push_back(j);
        all.push_back(c.x.size());
    }
    return all;
}

template <class T>
T y_of(const Problem<T>& c, std::size_t j) {
    return c.center.empty() ? c.x[j] : c.x[j] - c.center[j]; // rounded to T, as documented
}
template <class T>
double center_of(const Problem<T>& c, std::size_t j) {
    return c.center.empty() ? 0 : static_cast<double>(c.center[j]);
}
template <class T>
Extended weight_of(const Problem<T>& c, std::size_t j) {
    const double most = sizeof(T) == 4 ? 0x1p126 : 0x1p300;
    return c.lambda.empty() ? 1 : std::clamp(static_cast<double>(c.lambda[j]), 1 / most, most);
}

// Whether found is the projection. Tolerances, in units of 2^-53 but for roundings to T, which are u:
//
// A group: the search for rho ends at a ||q|| within 4 of 1; a q_j has 5 roundings (a product and a sum, a reciprocal,
// two products), its square, their sum and its root 2 and half of the additions; p_j - center_j has 4 more (the quotient
// mu / rho, a sum, a quotient, a product), one in the sum with center_j, and one to T, u (|p_j - center_j| +
// |center_j|). So ||p - center|| is within 16 and half of the additions, and u, of rho: less than
// e = 24 u + additions; and p_j within e of its formula for that norm in place of rho, besides what these differ by,
// of which p_j feels the part mu / (lambda_j rho + mu). (Of up to 16 elements the q_j^2 add up one after the other in the
// norm of Lambda, in 15 additions, of which half is less than the 24 + 6 - 16 that are left.)
//
// The sum: that of rho - rho' mu, which is at most ||y||, is off by the search's 2^-26 or 2^-51 (at most 4 u); a rho by
// as much as 11 and half of the additions of ||q|| make it, in which d rho / d ||q|| is at most ||y||, too; then the sum's
// own additions, one after the other within a block.
template <class T>
::testing::AssertionResult is_projection(const Problem<T>& c, const Projected<T>& found) {
    const std::size_t n = c.x.size();
    const double mu = found.report.multiplier;
    const auto failure = [&] {
        return ::testing::AssertionFailure()
               << "n " << n << ", length " << c.length << ", offsets " << c.offsets.size() << ", radius "
               << c.radius << ", multiplier " << mu << ", passes " << found.report.passes << ", inside "
               << found.report.inside << ": ";
    };
    if (found.report.passes < 1 || found.report.passes > most_passes)
        return failure() << "passes";
    if (!(mu >= 0) || !std::isfinite(mu))
        return failure() << "not a multiplier";
    const std::vector<std::size_t> groups = boundaries(c);
    const Extended least = std::numeric_limits<T>::denorm_min();
    Extended sum = 0, sum_of_y = 0, sum_tolerance = 0;
    double most_additions = 0;
    for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
        const std::size_t size = groups[g + 1] - groups[g];
        const double e = 24 * u<T> + reference::canonical_additions(size) * double_u;
        most_additions = std::max(most_additions, reference::canonical_additions(size));
        Extended squares = 0, squares_of_y = 0, squares_of_center = 0;
        bool at_center = true;
        for (std::size_t j = groups[g]; j < groups[g + 1]; ++j) {
            const Extended offset = Extended(found.p[j]) - center_of(c, j), y = y_of(c, j);
            at_center = at_center && offset == 0;
            squares += offset * offset;
            squares_of_y += y * y;
            squares_of_center += Extended(center_of(c, j)) * center_of(c, j);
        }
        const Extended rho = reference::square_root(squares),
                       norm_of_y = reference::square_root(squares_of_y),
                       norm_of_center = reference::square_root(squares_of_center);
        sum += rho;
        sum_of_y += norm_of_y;
        if (mu == 0)
            continue;
        // What rounding may have taken away.
        const Extended lost = 2 * u<T> * norm_of_center + static_cast<double>(size) * least;
        if (at_center) {
            Extended squares_of_q = 0;
            for (std::size_t j = groups[g]; j < groups[g + 1]; ++j) {
                const Extended z = weight_of(c, j) * y_of(c, j) / (weight_of(c, j) * lost + mu);
                squares_of_q += z * z;
            }
            if (!(squares_of_q <= (1 + Extended(e)) * (1 + Extended(e))))
                return failure() << "group " << g << " should not be at its center";
            // At its center by rounding, perhaps.
            sum_tolerance +=
                squares_of_q >= (1 - Extended(e)) * (1 - Extended(e)) ? e * norm_of_y + lost : lost;
            continue;
        }
        sum_tolerance += e * (rho + norm_of_y + norm_of_center) + lost;
        const Extended rho_error = e * rho + lost;
        for (std::size_t j = groups[g]; j < groups[g + 1]; ++j) {
            const Extended w = weight_of(c, j), exact = y_of(c, j) * (w * rho / (w * rho + mu));
            const Extended offset = Extended(found.p[j]) - center_of(c, j);
            // Of the smaller norm's p_j, at most twice the first order.
            const Extended felt = 2 * rho_error / rho * (mu / (w * rho + mu));
            const Extended tolerance =
                reference::absolute(exact) * (e + felt) + 2 * u<T> * std::fabs(center_of(c, j)) + least;
            if (!(reference::absolute(offset - exact) <= tolerance))
                return failure() << "p[" << j << "] = " << found.p[j] << " of group " << g << ", not "
                                 << center_of(c, j) + static_cast<double>(exact);
        }
    }
    const double groups_count = static_cast<double>(groups.size());
    const double e = 24 * u<T> + most_additions * double_u + groups_count * double_u;
    if (found.report.inside == 1) {
        if (!same_bits(found.p, c.x) || mu != 0)
            return failure() << "inside, but changed";
        if (!(sum_of_y <= c.radius + e * sum_of_y))
            return failure() << "not inside: the norms' sum is " << static_cast<double>(sum_of_y);
        return ::testing::AssertionSuccess();
    }
    if (sum_of_y < c.radius * (1 - Extended(e)))
        return failure() << "inside, but not found so";
    if (!(reference::absolute(sum - c.radius) <= 2 * sum_tolerance + groups_count * double_u * c.radius))
        return failure() << "the norms' sum is off by " << static_cast<double>(sum - c.radius) << " of "
                         << static_cast<double>(2 * sum_tolerance);
    return ::testing::AssertionSuccess();
}

// Neighbours: n cut at random places, at some twice.
std::vector<std::int64_t> any_offsets(std::size_t n, Random& random) {
    std::vector<std::int64_t> offsets = {0, static_cast<std::int64_t>(n)};
    for (std::size_t i = random.below(n + 2); i > 0; --i)
        offsets.push_back(static_cast<std::int64_t>(random.below(n + 1)));
    std::sort(offsets.begin(), offsets.end());
    return offsets;
}

template <class T>
double sum_of_norms(const Problem<T>& c) {
    const std::vector<std::size_t> groups = boundaries(c);
    double sum = 0;
    for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
        double squares = 0;
        for (std::size_t j = groups[g]; j < groups[g + 1]; ++j)
            squares += static_cast<double>(y_of(c, j)) * static_cast<double>(y_of(c, j));
        sum += std::sqrt(squares);
    }
    return sum;
}

template <class T>
Problem<T> any_problem(std::size_t n, Random& random) {
    Problem<T> c = {any_vector<T>(n, random), any_weights<T>(n, random), {}};
    if (random.below(3) == 0)
        c.center = filled<T>(n, [&](std::size_t j) {
            return random.below(4) == 0 ? static_cast<double>(c.x[j])
                                        : 0.5 * static_cast<double>(c.x[random.below(n)]) * random.normal();
        });
    c.length = 1 + random.below(1 + random.below(40));
    if (random.below(2) == 0)
        c.offsets = any_offsets(n, random);
    const std::size_t kind = random.below(8);
    c.radius = sum_of_norms(c) * (kind == 0   ? 0
                                  : kind == 1 ? 1e-20
                                  : kind == 2 ? 1 + 1e-7 * random.normal()
                                  : kind == 3 ? random.uniform(1, 3)
                                  : kind == 4 ? power_of_ten(random, -6, 0)
                                              : random.uniform(0, 1));
    return c;
}

TYPED_TEST(GroupBall, RandomProblemsAreSolved) {
    using T = TypeParam;
    Random random(11);
    for (std::size_t i = 0; i < cases(10000); ++i) {
        std::size_t n = 1 + random.below(1 + random.below(60));
        if (i % 5000 == 2499)
            n = 50000 + random.below(50000);
        else if (i % 500 == 499)
            n = 1 + random.below(5000);
        const Problem<T> c = any_problem<T>(n, random);
        const Projected<T> found = project_on_every_isa(c);
        ASSERT_TRUE(is_projection(c, found)) << "case " << i;
        ASSERT_FALSE(this->HasFailure()) << "case " << i;
        if (i % 16 == 1) {
            Problem<T> again = c;
            again.x = found.p;
            ASSERT_TRUE(is_projection(again, project_on_every_isa(again))) << "case " << i << ", again";
        }
    }
}

// Their multiplier is as sharp as one group's norm, though their sum has thousands of terms.
TYPED_TEST(GroupBall, ManyEqualGroupsAreSolved) {
    using T = TypeParam;
    for (const double value : {0.011089310550593439, 0.7})
        for (const double weight : {111882828.7300597, 0.3})
            for (const double share : {1e-20, 1e-3}) {
                constexpr std::size_t n = 3961;
                Problem<T> c = {filled<T>(n, [&](std::size_t j) { return j % 7 == 6 ? value : value / 9; }),
                                std::vector<T>(n, static_cast<T>(weight)),
                                {}};
                c.length = 1;
                c.radius = sum_of_norms(c) * share;
                ASSERT_TRUE(is_projection(c, project_on_every_isa(c)));
            }
}

// Each group, and each element of one, on a scale of its own.
TYPED_TEST(GroupBall, StaircasesAreSolved) {
    using T = TypeParam;
    for (const double base : {2.0, 10.0})
        for (const double power : {-2.0, -1.0, 0.0, 1.0, 2.0})
            for (const std::size_t length : {1, 3, 10, 30})
                for (const bool descending : {true, false})
                    for (const double radius : {1.5, 1e-3, 1e-9, 1e-20}) {
                        constexpr std::size_t n = 30;
                        const auto stair = [&](std::size_t j) {
                            return std::pow(base, -static_cast<double>(descending ? j : n - 1 - j));
                        };
                        Problem<T> c = {filled<T>(n, stair), {}, {}, radius, length, {}};
                        if (power != 0)
                            c.lambda = filled<T>(n, [&](std::size_t j) {
                                return std::clamp(std::pow(stair(j), power), 1e-30, 1e30);
                            });
                        ASSERT_TRUE(is_projection(c, project_on_every_isa(c)))
                            << "base " << base << ", power " << power;
                        ASSERT_FALSE(this->HasFailure());
                    }
}

// Groups of one element make an L1 ball, one group an L2 ball: their projections fulfil the conditions.
TYPED_TEST(GroupBall, OtherBallsAreSpecialCases) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        Random random(13);
        for (std::size_t i = 0; i < cases(200); ++i) {
            Problem<T> c = {normal_values<T>(60, random.bits()), {}, {}};
            if (i % 2 == 0)
                c.lambda = filled<T>(60, [&](std::size_t) { return random.uniform(0.1, 10); });
            if (i % 3 == 0)
                c.center = normal_values<T>(60, random.bits());
            for (const std::size_t length : {1, 60}) {
                c.length = length;
                c.radius = sum_of_norms(c) * random.uniform(0.1, 0.9);
                ag_set ball = make_set(length == 1 ? AG_SET_L1_BALL : AG_SET_L2_BALL);
                ball.radius = c.radius;
                ball.center = data_or_null(c.center);
                Projected<T> other = test::project(c.x, c.lambda, ball);
                if (length != 1)
                    other.report.multiplier *= c.radius; // p = c + y lambda / (lambda + mu)
                ASSERT_TRUE(is_projection(c, other)) << "length " << length;
                ASSERT_TRUE(is_projection(c, project(c))) << "length " << length;
            }
        }
    });
}

TYPED_TEST(GroupBall, SmallProblemsByHand) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const auto expect = [](const Problem<T>& c, const std::vector<double>& p, double mu) {
            const Projected<T> found = project(c);
            EXPECT_TRUE(is_projection(c, found));
            for (std::size_t j = 0; j < p.size(); ++j)
                EXPECT_NEAR(static_cast<double>(found.p[j]), p[j], 32 * u<T>) << "j " << j;
            EXPECT_NEAR(found.report.multiplier, mu, 32 * u<T>);
        };
        const std::vector<T> x = {3, 4, 0, T(0.5), -2};
        Problem<T> c = {x, {}, {}, 5.5, 2, {}}; // norms 5, 0.5, 2
        expect(c, {2.55, 3.4, 0, 0, -1.25}, 0.75);
        c.offsets = {0, 2, 2, 4, 5};
        expect(c, {2.55, 3.4, 0, 0, -1.25}, 0.75);
        c.radius = 7.5;
        expect(c, {3, 4, 0, 0.5, -2}, 0);
        EXPECT_TRUE(same_bits(project(c).p, x));
        EXPECT_EQ(project(c).report.inside, 1);
        c = {x, {}, {3, 4, 1, T(0.5), 0}, 1.5, 2, {}};
        expect(c, {3, 4, 0.75, 0.5, -1.25}, 0.75);
        // Weights that are equal within groups: rho = max(||y|| - mu / lambda, 0).
        c = {x, {1, 1, 3, 3, 2}, {}, 4, 2, {}};
        expect(c, {1.8, 2.4, 0, 0, -1}, 2);
    });
}

TYPED_TEST(GroupBall, RadiusZeroGivesTheCenter) {
    using T = TypeParam;
    Random random(17);
    for (std::size_t i = 0; i < cases(300); ++i) {
        Problem<T> c = any_problem<T>(1 + random.below(100), random);
        c.radius = 0;
        const Projected<T> found = project_on_every_isa(c);
        ASSERT_TRUE(is_projection(c, found)) << "case " << i;
        for (std::size_t j = 0; j < c.x.size(); ++j)
            ASSERT_EQ(static_cast<double>(found.p[j]), center_of(c, j)) << "case " << i;
        ASSERT_FALSE(this->HasFailure());
    }
}

// Any numbers of the type: squares that overflow or vanish, of all sizes side by side.
TYPED_TEST(GroupBall, WhateverTheRangesThereIsAResult) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    Random random(19);
    for (std::size_t i = 0; i < cases(6000); ++i) {
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
        Problem<T> c = {anywhere(), {}, {}};
        for (T& value : c.x)
            value = random.below(2) == 0 ? -value : value;
        if (random.below(4) != 0)
            c.lambda = anywhere();
        for (T& value : c.lambda)
            value = value == 0 ? 1 : value;
        c.length = 1 + random.below(6);
        c.radius = static_cast<double>(anywhere()[0]) * random.uniform(0, 1);
        const Projected<T> found = project_on_every_isa(c);
        for (const T p : found.p)
            ASSERT_FALSE(std::isnan(p)) << "case " << i;
        ASSERT_LE(found.report.passes, most_passes) << "case " << i;
        if (sizeof(T) == sizeof(float)) { // far from the ends of double
            ASSERT_TRUE(is_projection(c, found)) << "case " << i;
        }
        ASSERT_FALSE(this->HasFailure()) << "case " << i;
    }
}

TYPED_TEST(GroupBall, NaNsAndInfinities) {
    using T = TypeParam;
    on_every_isa([&](ag_isa) {
        for (const std::size_t n : {1, 5, 100, 20011})
            for (const bool weighted : {false, true})
                for (const std::size_t place : {std::size_t(0), n / 2, n - 1})
                    for (const double bad : {nan, infinity, -infinity}) {
                        Problem<T> c = {normal_values<T>(n, 1), {}, normal_values<T>(n, 2)};
                        c.length = 7;
                        if (weighted)
                            c.lambda = std::vector<T>(n, 2);
                        c.x[place] = static_cast<T>(bad);
                        const Projected<T> found = project(c);
                        for (std::size_t j = 0; j < n; ++j)
                            if (std::isnan(bad) || j == place) {
                                ASSERT_TRUE(std::isnan(found.p[j])) << "n " << n << ", j " << j;
                            } else {
                                ASSERT_EQ(found.p[j], c.center[j]) << "n " << n << ", j " << j;
                            }
                    }
    });
}

// The limits of weights in a step: 0 gives way first, all that are 0 alike; infinite moves last.
TYPED_TEST(GroupBall, WeightsAtTheEndsInAStep) {
    using T = TypeParam;
    const T inf = std::numeric_limits<T>::infinity();
    on_every_isa([&](ag_isa) {
        const auto expect = [](double radius, const std::vector<T>& x, const std::vector<T>& v,
                               const std::vector<double>& p) {
            ag_set set = make_set(AG_SET_GROUP_L1_BALL);
            set.radius = radius;
            set.group_length = 2;
            const Projected<T> found = project_by_step(x, v, set);
            for (std::size_t j = 0; j < p.size(); ++j)
                EXPECT_NEAR(static_cast<double>(found.p[j]), p[j], 64 * u<T>) << "j " << j;
        };
        // Norms 5 and 10, all alike.
        expect(9, {3, 4, 6, 8}, {0, 0, 0, 0}, {1.2, 1.6, 4.2, 5.6});
        expect(9, {3, 4, 6, 8}, {inf, inf, inf, inf}, {1.2, 1.6, 4.2, 5.6});
        // The first group alone, then the second too.
        expect(12, {3, 4, 6, 8}, {0, 0, 1, 1}, {1.2, 1.6, 6, 8});
        expect(5, {3, 4, 6, 8}, {0, 0, 1, 1}, {0, 0, 3, 4});
        expect(12, {3, 4, 6, 8}, {1, 1, inf, inf}, {1.2, 1.6, 6, 8});
        // Of each group the second element.
        expect(9, {3, 4, 6, 8}, {1, 0, 1, 0}, {3, 0, 6, 0});
    });
}

TYPED_TEST(GroupBall, StepsEqualStepsThenProjectionsAndStayInTheirArrays) {
    using T = TypeParam;
    for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE})
        for (const std::size_t n : sizes<T>()) {
            ag_adagrad_options options = adagrad_options();
            options.epsilon_mode = mode;
            options.epsilon = 1e-3;
            options.learning_rate = 0.3;
            Problem<T> c = {normal_values<T>(n, 1), {}, {}};
            if (n % 2 == 0)
                c.center = normal_values<T>(n, 4, 0.3);
            c.length = 1 + n % 9;
            c.radius = 0.1 * static_cast<double>(n);
            std::vector<T> v = absolute(normal_values<T>(n, 2));
            const std::vector<T> w0 = c.x, v0 = v, g = normal_values<T>(n, 3);
            const std::size_t gap = gaps[(n + static_cast<std::size_t>(mode)) % 3];
            reference::adagrad_step(c.x, g, v, options);
            c.lambda = filled<T>(n, [&](std::size_t j) { return reference::lambda(v[j], options); });
            const Projected<T> expected = n != 0 ? project_on_every_isa(c) : Projected<T>{};
            on_every_isa([&](ag_isa) {
                GuardedArray<T> w_array(w0, gap), g_array(g, 2 * gap), v_array(v0, 3 * gap),
                    x_array(c.x, gap), lambda_array(c.lambda, 2 * gap);
                const GuardedSet<T> set(set_of(c), n, gap);
                ASSERT_EQ(Api<T>::adagrad_step_projected(n, w_array.data(), g_array.data(), v_array.data(),
                                                         &options, set.get()),
                          AG_OK)
                    << ag_last_error();
                ASSERT_EQ(Api<T>::project(n, x_array.data(), lambda_array.data(), set.get()), AG_OK);
                ASSERT_TRUE(same_bits(w_array.values(), expected.p)) << "n " << n;
                ASSERT_TRUE(same_bits(x_array.values(), expected.p)) << "n " << n;
                ASSERT_TRUE(same_bits(v_array.values(), v)) << "n " << n;
                ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact() && x_array.intact() &&
                            lambda_array.intact() && set.intact());
            });
            ASSERT_FALSE(this->HasFailure());
        }
}

// Short groups, groups of several blocks, and one that is shared by the threads.
TYPED_TEST(GroupBall, ThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    for (const auto& [weighted, length] : {std::pair<bool, std::size_t>{false, 5},
                                           {false, 16},
                                           {true, 5},
                                           {true, 16},
                                           {true, 40000},
                                           {false, threaded_size},
                                           {true, threaded_size}}) {
        if (is_slow() && (weighted ? length == threaded_size || length == 16 : length == 5))
            continue;
        Problem<T> c = {normal_values<T>(threaded_size, 1), {}, {}};
        if (weighted)
            c.lambda = filled<T>(threaded_size,
                                 [](std::size_t j) { return 1 + 0.01 * static_cast<double>(j % 97); });
        c.length = length;
        c.radius = 0.3 * sum_of_norms(c);
        const Projected<T> expected = project(c);
        if (!is_slow()) {
            ASSERT_TRUE(is_projection(c, expected));
        }
        on_every_isa_and_thread_count([&] {
            const Projected<T> found = project(c);
            ASSERT_TRUE(same_bits(found.p, expected.p));
            ASSERT_TRUE(same_report(found.report, expected.report));
        });
    }
}

// The sample, of many groups the first in each block, may be far from the rest, or have numbers of no use.
TYPED_TEST(GroupBall, AMisleadingSampleMisleadsNobody) {
    using T = TypeParam;
    constexpr std::size_t length = 4, n = 17 * 16384;
    ag_set set = make_set(AG_SET_GROUP_L1_BALL);
    set.group_length = length;
    std::size_t block = 0;
    ASSERT_EQ(ag_shard_granule(n, &set, &block), AG_OK);
    ASSERT_LE(16 * block, n) << "fewer blocks have no sample";
    for (const double factor : {0.0, 1e-3, 1.1, 1e3, sizeof(T) == 4 ? 1e30 : 1e150})
        for (const double share : {1e-3, 0.3, 0.999, 1.001}) {
            if (is_slow() && share != 0.3)
                continue;
            Random random(31);
            Problem<T> c = {filled<T>(n,
                                      [&](std::size_t j) {
                                          const double x = random.uniform(-1, 1);
                                          return j % block < 64 * length ? factor * x : x;
                                      }),
                            {},
                            {}};
            c.length = length;
            c.radius = sum_of_norms(c) * share;
            const Projected<T> found = project_on_every_isa(c);
            if (!is_slow()) {
                ASSERT_TRUE(is_projection(c, found)) << "factor " << factor << ", share " << share;
            }
            if (is_slow() || factor == 1.1) {
                c.lambda = filled<T>(n, [&](std::size_t) { return std::exp(random.uniform(-3, 3)); });
                ASSERT_TRUE(is_projection(c, project_on_every_isa(c)))
                    << "factor " << factor << ", share " << share << ", in the norm of Lambda";
            }
        }
}

// A sample of normal numbers leaves few norms to list, with which the search ends; of equal ones it cannot tell which.
TYPED_TEST(GroupBall, OnePassListsTheNormsNearTheRoot) {
    using T = TypeParam;
    constexpr std::size_t n = 17 * 16384; // fewer blocks have no sample
    for (const bool equal : {false, true})
        for (const std::size_t length : {2, 4, 8, 10, 16, 100}) {
            if (is_slow() && (equal ? length != 2 : length != 8 && length != 10))
                continue;
            Problem<T> c = {
                equal ? std::vector<T>(n, static_cast<T>(0.7)) : normal_values<T>(n, length), {}, {}};
            c.length = length;
            c.radius = 0.4 * sum_of_norms(c);
            const Projected<T> found = project_on_every_isa(c);
            if (!is_slow()) {
                EXPECT_TRUE(is_projection(c, found));
            }
            if (!equal) {
                EXPECT_EQ(found.report.passes, 1) << "length " << length;
            }
        }
}

// Of norms whose sum is beyond what sums are safe in, the search starts again with scaled ones, and no list.
TYPED_TEST(GroupBall, LongVectorsOfHugeNumbers) {
    using T = TypeParam;
    constexpr std::size_t n = 17 * 16384;
    for (const bool equal : {true, false})
        for (const double share : {0.3, 0.97}) {
            if (is_slow() && (equal != (share == 0.97)))
                continue;
            Problem<T> c = {
                equal ? std::vector<T>(n, static_cast<T>(1e20)) : normal_values<T>(n, 3, 1e20), {}, {}};
            c.length = 32;
            c.radius = share * sum_of_norms(c);
            const Projected<T> found = project_on_every_isa(c);
            EXPECT_GT(found.report.multiplier, 0);
            if (!is_slow()) {
                EXPECT_TRUE(is_projection(c, found)) << "equal " << equal << ", share " << share;
            }
        }
}

// Kernels take short groups, and copies of them, beside groups that they do not take.
TYPED_TEST(GroupBall, GroupsOfMixedSizesAreSolved) {
    using T = TypeParam;
    for (const std::vector<std::int64_t>& sizes :
         {std::vector<std::int64_t>{0, 1, 15, 16, 17, 33}, {0, 0, 1, 2, 3, 17}, {1, 200}, {17, 18}, {0, 1}})
        for (const bool has_center : {false, true}) {
            Problem<T> c;
            c.offsets = {0};
            for (std::size_t g = 0; g < 150; ++g)
                c.offsets.push_back(c.offsets.back() + sizes[(g * 7 + g / 3) % sizes.size()]);
            const auto n = static_cast<std::size_t>(c.offsets.back());
            c.x = normal_values<T>(n, 1);
            c.lambda = absolute(normal_values<T>(n, 2));
            if (has_center)
                c.center = normal_values<T>(n, 3);
            for (const double share : {0.0, 1e-3, 0.5, 0.99}) {
                c.radius = share * sum_of_norms(c);
                ASSERT_TRUE(is_projection(c, project_on_every_isa(c)))
                    << "sizes from " << sizes[0] << ", center " << has_center << ", share " << share;
            }
        }
}

// A root of a few units beside the norm, which rounding must not put below 0; and elements of so many scales that the
// search in lanes does not end.
TYPED_TEST(GroupBall, ShortGroupsAtTheEndsAreSolved) {
    using T = TypeParam;
    for (std::size_t seed = 0; seed < cases(20000); ++seed) {
        const std::size_t length = 1 + seed % 16;
        Problem<T> c = {normal_values<T>(length, seed), std::vector<T>(length, 1), {}, 0, length, {}};
        c.radius = 1e-20 * sum_of_norms(c);
        ASSERT_TRUE(is_projection(c, project(c))) << "seed " << seed;
    }
    const double scale = sizeof(T) == 4 ? 1e-2 : 1e-6;
    Problem<T> c;
    c.length = 16;
    for (int k = 0; k < 16; ++k) {
        c.x.push_back(static_cast<T>(std::pow(scale, k)));
        c.lambda.push_back(static_cast<T>(std::pow(scale, 8 - k)));
    }
    for (const double share : {1e-9, 1e-3, 0.1, 0.3, 0.5, 0.8, 0.999}) {
        c.radius = share * sum_of_norms(c);
        ASSERT_TRUE(is_projection(c, project_on_every_isa(c))) << "share " << share;
    }
}

TYPED_TEST(GroupBall, EqualAndListedGroupsGiveTheSameBits) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t n : {1, 10, 99, 5000}) {
            Problem<T> c = {normal_values<T>(n, 1),
                            absolute(normal_values<T>(n, 2)),
                            {},
                            0.1 * static_cast<double>(n),
                            8,
                            {}};
            const Projected<T> equal = project(c);
            for (std::size_t j = 0; j < n; j += c.length)
                c.offsets.push_back(static_cast<std::int64_t>(j));
            c.offsets.push_back(static_cast<std::int64_t>(n));
            EXPECT_TRUE(same_bits(project(c).p, equal.p)) << "n " << n;
        }
    });
}

// Short groups have kernels of their own, which take them 16 at a time, from chunks of 64.
TYPED_TEST(GroupBall, ShortGroupsAreGroupsAndStayInTheirArrays) {
    using T = TypeParam;
    const double most = sizeof(T) == 4 ? 0x1p100 : 0x1p900; // whose squares leave double's range, or f32's
    on_every_isa([&](ag_isa) {
        for (const std::size_t length : {1, 2, 3, 4, 7, 8, 13, 16, 17})
            for (const std::size_t n :
                 {std::size_t(1), 64 * length - 1, 64 * length, 64 * length + 1, 3000 + length})
                for (const double magnitude : {1.0, most})
                    for (const bool has_center : {false, true})
                        for (const bool has_lambda : {false, true}) {
                            Problem<T> c = {normal_values<T>(n, 1), {}, {}, 0, length, {}};
                            if (has_lambda)
                                c.lambda = absolute(normal_values<T>(n, 2));
                            for (T& x : c.x)
                                x *= static_cast<T>(magnitude);
                            if (has_center)
                                c.center = filled<T>(n, [&](std::size_t j) {
                                    return 0.1 * magnitude * static_cast<double>(j % 5);
                                });
                            c.radius = 0.2 * magnitude * static_cast<double>(n);
                            GuardedArray<T> x(c.x), center(c.center), lambda(c.lambda);
                            ag_set set = set_of(c);
                            set.center = has_center ? center.data() : nullptr;
                            ASSERT_EQ(
                                Api<T>::project(n, x.data(), has_lambda ? lambda.data() : nullptr, &set),
                                AG_OK)
                                << ag_last_error();
                            for (std::size_t j = 0; j < n; j += length)
                                c.offsets.push_back(static_cast<std::int64_t>(j));
                            c.offsets.push_back(static_cast<std::int64_t>(n));
                            ASSERT_TRUE(same_bits(x.values(), project(c).p) && x.intact())
                                << "n " << n << ", length " << length << ", center " << has_center
                                << ", lambda " << has_lambda;
                        }
    });
}

TYPED_TEST(GroupBall, BadCallsChangeNothing) {
    using T = TypeParam;
    std::vector<T> x = {3, 4, 0, T(0.5), -2};
    const std::vector<T> before = x;
    std::vector<std::int64_t> offsets = {0, 2, 2, 4, 5};
    ag_set set = make_set(AG_SET_GROUP_L1_BALL);
    const auto expect = [&](ag_status status, const char* culprit) {
        EXPECT_EQ(Api<T>::project(5, x.data(), nullptr, &set), status);
        EXPECT_NE(std::string(ag_last_error()).find(culprit), std::string::npos) << ag_last_error();
        EXPECT_TRUE(same_bits(x, before));
    };
    expect(AG_ERROR_INVALID_VALUE, "group_length = 0");
    EXPECT_EQ(Api<T>::project(0, nullptr, nullptr, &set), AG_ERROR_INVALID_VALUE);
    set.group_length = 2;
    for (const double bad : {-1.0, nan, infinity}) {
        set.radius = bad;
        expect(AG_ERROR_INVALID_VALUE, "radius");
    }
    set.radius = 1;
    set.center = x.data();
    expect(AG_ERROR_OVERLAP, "center");
    set.center = nullptr;
    set.group_offsets = offsets.data();
    set.group_count = 4;
    for (const auto& [place, bad] : {std::pair<std::size_t, std::int64_t>{0, 1},
                                     {0, -1},
                                     {1, 3},
                                     {2, 1},
                                     {2, 6},
                                     {3, 9},
                                     {4, 4},
                                     {4, 6}}) {
        const std::int64_t good = offsets[place];
        offsets[place] = bad;
        // The offset itself, or the one after it, which is then less.
        const std::size_t named = place == 1 ? 2 : place;
        expect(AG_ERROR_OUT_OF_RANGE, ("group_offsets[" + std::to_string(named) + "]").c_str());
        offsets[place] = good;
    }
    set.group_count = 3; // the last offset is 4
    expect(AG_ERROR_OUT_OF_RANGE, "group_offsets[3]");
    set.group_count = SIZE_MAX;
    expect(AG_ERROR_SIZE, "group_offsets");
    set.group_count = 4;
    std::vector<std::int64_t> memory = {0, 5, 0, 0, 0};
    set.group_offsets = memory.data();
    set.group_count = 1;
    EXPECT_EQ(Api<T>::project(5, reinterpret_cast<T*>(memory.data()), nullptr, &set), AG_ERROR_OVERLAP);
    EXPECT_NE(std::string(ag_last_error()).find("group_offsets"), std::string::npos) << ag_last_error();
    EXPECT_EQ(memory, (std::vector<std::int64_t>{0, 5, 0, 0, 0}));
    set.group_count = 4;
    set.group_offsets = offsets.data();
    EXPECT_EQ(Api<T>::project(5, x.data(), nullptr, &set), AG_OK) << ag_last_error();
    const std::int64_t zero[] = {0};
    set.group_offsets = zero;
    set.group_count = 0;
    EXPECT_EQ(Api<T>::project(0, nullptr, nullptr, &set), AG_OK) << ag_last_error();
}

} // namespace
