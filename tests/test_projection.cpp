// SPDX-License-Identifier: BSD-3-Clause
#include "tests/reference/adagrad.hpp"
#include "tests/reference/projection.hpp"
#include "tests/support/api.hpp"
#include "tests/support/guarded_set.hpp"
#include "tests/support/projected.hpp"

namespace {

using namespace test;

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
class Projection : public ::testing::Test {};
TYPED_TEST_SUITE(Projection, Types);

// ---- Sets of intervals ---------------------------------------------------------------------------------

// A set that clips, with the bounds that its definition gives each coordinate.
template <class T>
struct IntervalCase {
    ag_set set;
    std::vector<T> lower, upper; // what the reference clips to
    std::vector<T> arrays[2];    // what the set points to
};

template <class T>
std::vector<IntervalCase<T>> interval_cases(std::size_t n) {
    std::vector<IntervalCase<T>> all;
    const auto add = [&](ag_set set, std::vector<T> lower, std::vector<T> upper) -> IntervalCase<T>& {
        all.push_back({set, std::move(lower), std::move(upper), {}});
        return all.back();
    };
    const auto constant = [&](double x) { return std::vector<T>(n, static_cast<T>(x)); };
    all.reserve(9);

    add(make_set(AG_SET_BOX), constant(-infinity), constant(infinity));
    ag_set box = make_set(AG_SET_BOX);
    box.lower = -0.3;
    box.upper = 0.7;
    add(box, constant(-0.3), constant(0.7));
    add(make_set(AG_SET_NONNEGATIVE), constant(0), constant(infinity));
    ag_set ball = make_set(AG_SET_LINF_BALL);
    ball.radius = 0.4;
    add(ball, constant(-0.4), constant(0.4));
    ball.radius = 0;
    add(ball, constant(-0.0), constant(0));

    std::vector<T> low = normal_values<T>(n, 71), high = normal_values<T>(n, 72);
    for (std::size_t j = 0; j < n; ++j) {
        if (low[j] > high[j])
            std::swap(low[j], high[j]);
        if (j % 5 == 0)
            low[j] = -std::numeric_limits<T>::infinity();
        if (j % 7 == 0)
            high[j] = std::numeric_limits<T>::infinity();
    }
    {
        auto& both = add(make_set(AG_SET_BOX), low, high);
        both.arrays[0] = low;
        both.arrays[1] = high;
        both.set.lower_bounds = both.arrays[0].data();
        both.set.upper_bounds = both.arrays[1].data();
    }
    {
        std::vector<T> capped(n);
        for (std::size_t j = 0; j < n; ++j)
            capped[j] = std::min(low[j], T(0.5));
        ag_set one = make_set(AG_SET_BOX);
        one.upper = 0.5;
        auto& lower_only = add(one, capped, constant(0.5));
        lower_only.arrays[0] = capped;
        lower_only.set.lower_bounds = lower_only.arrays[0].data();
    }
    {
        std::vector<T> raised(n);
        for (std::size_t j = 0; j < n; ++j)
            raised[j] = std::max(high[j], T(-0.5));
        ag_set one = make_set(AG_SET_BOX);
        one.lower = -0.5;
        auto& upper_only = add(one, constant(-0.5), raised);
        upper_only.arrays[0] = raised;
        upper_only.set.upper_bounds = upper_only.arrays[0].data();
    }
    {
        const std::vector<T> center = normal_values<T>(n, 73);
        ag_set centered = make_set(AG_SET_LINF_BALL);
        centered.radius = 0.25;
        std::vector<T> lower(n), upper(n);
        for (std::size_t j = 0; j < n; ++j) {
            lower[j] = center[j] + T(-0.25);
            upper[j] = center[j] + T(0.25);
        }
        auto& c = add(centered, lower, upper);
        c.arrays[0] = center;
        c.set.center = c.arrays[0].data();
    }
    return all;
}

TYPED_TEST(Projection, IntervalsClipExactly) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t n : sizes<T>())
            for (const IntervalCase<T>& c : interval_cases<T>(n)) {
                const std::vector<T> x = mixed_values<T>(n, n + 5);
                const std::vector<T> lambda = absolute(normal_values<T>(n, n + 6));
                std::vector<T> expected(n);
                for (std::size_t j = 0; j < n; ++j)
                    expected[j] = reference::clip(x[j], c.lower[j], c.upper[j]);
                for (const std::size_t gap : gaps) {
                    GuardedArray<T> p(x, gap), weighted(x, 2 * gap), lambda_array(lambda, 3 * gap);
                    const GuardedSet<T> set(c.set, n, gap);
                    ASSERT_EQ(Api<T>::project(n, p.data(), nullptr, set.get()), AG_OK) << ag_last_error();
                    ASSERT_EQ(Api<T>::project(n, weighted.data(), lambda_array.data(), set.get()), AG_OK)
                        << ag_last_error();
                    ASSERT_TRUE(same_bits(p.values(), expected)) << "kind " << c.set.kind;
                    ASSERT_TRUE(same_bits(weighted.values(), expected)) << "kind " << c.set.kind;
                    ASSERT_TRUE(p.intact() && weighted.intact() && lambda_array.intact() && set.intact());
                }
            }
    });
}

TYPED_TEST(Projection, ProjectedStepEqualsStepThenClip) {
    using T = TypeParam;
    ag_adagrad_options options = adagrad_options();
    options.learning_rate = 0.5;
    options.weight_decay = 0.01;
    on_every_isa([&](ag_isa) {
        for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE})
            for (const std::size_t n : sizes<T>()) {
                std::size_t turn = static_cast<std::size_t>(mode);
                for (const IntervalCase<T>& c : interval_cases<T>(n)) {
                    options.epsilon_mode = mode;
                    std::vector<T> w = mixed_values<T>(n, 1), v = absolute(mixed_values<T>(n, 2));
                    const std::vector<T> g = mixed_values<T>(n, 3);
                    // Each case and size with each gap, by turns.
                    const std::size_t gap = gaps[turn++ % 3];
                    GuardedArray<T> w_array(w, gap), g_array(g, 2 * gap), v_array(v, 3 * gap);
                    const GuardedSet<T> set(c.set, n, gap);
                    reference::adagrad_step(w, g, v, options);
                    for (std::size_t j = 0; j < n; ++j)
                        w[j] = reference::clip(w[j], c.lower[j], c.upper[j]);
                    ASSERT_EQ(Api<T>::adagrad_step_projected(n, w_array.data(), g_array.data(),
                                                             v_array.data(), &options, set.get()),
                              AG_OK);
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "kind " << c.set.kind << ", n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v));
                    ASSERT_TRUE(w_array.intact() && v_array.intact() && g_array.intact() && set.intact());
                }
            }
    });
}

TYPED_TEST(Projection, IntervalsThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    const std::size_t n = threaded_size;
    const std::vector<T> x = mixed_values<T>(n, 1), g = mixed_values<T>(n, 2),
                         v0 = absolute(mixed_values<T>(n, 3));
    std::vector<T> stepped = x, v = v0;
    reference::adagrad_step(stepped, g, v, adagrad_options());
    for (const IntervalCase<T>& c : interval_cases<T>(n)) {
        std::vector<T> clipped(n), stepped_and_clipped(n);
        for (std::size_t j = 0; j < n; ++j) {
            clipped[j] = reference::clip(x[j], c.lower[j], c.upper[j]);
            stepped_and_clipped[j] = reference::clip(stepped[j], c.lower[j], c.upper[j]);
        }
        on_every_isa_and_thread_count([&] {
            std::vector<T> p = x, w1 = x, v1 = v0;
            ASSERT_EQ(Api<T>::project(n, p.data(), nullptr, &c.set), AG_OK) << ag_last_error();
            ASSERT_EQ(Api<T>::adagrad_step_projected(n, w1.data(), g.data(), v1.data(), nullptr, &c.set),
                      AG_OK);
            ASSERT_TRUE(same_bits(p, clipped)) << "kind " << c.set.kind;
            ASSERT_TRUE(same_bits(w1, stepped_and_clipped)) << "kind " << c.set.kind;
            ASSERT_TRUE(same_bits(v1, v));
        });
        if (::testing::Test::HasFatalFailure())
            return;
    }
}

// ---- The L2 ball ---------------------------------------------------------------------------------------

template <class T>
struct BallCase {
    std::vector<T> x, lambda, center; // lambda and center may be empty
    double radius;
    std::size_t repeats = 1; // of the first n / repeats coordinates
};

// Checks a projection against the reference in long double, with u half the spacing of T at 1.
//
// The radius: in units of 2^-53, the search ends within 4 of the radius (f32, from 8192 elements on, 2^25, which is
// 1/16 u); the norm that it looks at is off by at most 4 per element (a sum, a reciprocal, two products), 2 for a
// square and the root, and half of the additions, of which moments, with half as many accumulators, have up to twice
// as many, and in f32, whose terms are rounded to it and add up by fours, 6.5 u (11 u of the square, and 2 u through the
// moments beyond, with |z| <= 1/16); the final element by 3 (a sum, a quotient, a product), and then by one rounding to
// T, or two with a center, in f32 by these and mu's, 4 u or 5 u: 13 or 14 in all, f32 12 u, and the additions, below
// 16 u and these. A coordinate: how far the search lets p_j = y_j lambda_j / (lambda_j + mu) stray follows from
// d p_j / d mu = -p_j / (lambda_j + mu), and d ||p|| / d mu = -sum p^2 / (lambda + mu) / ||p||.
//
// A problem that is k times the same has k times the same projection, by the same mu, for a radius that is
// sqrt(k) times as large: the reference, which takes its time, looks at one of them.
template <class T>
void expect_projection(const BallCase<T>& c, const std::vector<T>& p) {
    const std::size_t n = c.x.size();
    const long double u = std::numeric_limits<T>::epsilon() / 2;
    std::vector<long double> y(n), lambda(n, 1), offset(n), center(n);
    for (std::size_t j = 0; j < n; ++j) {
        // y is rounded to T, as documented.
        y[j] = c.center.empty() ? c.x[j] : static_cast<T>(c.x[j] - c.center[j]);
        center[j] = c.center.empty() ? T(0) : c.center[j];
        if (!c.lambda.empty())
            lambda[j] = c.lambda[j];
        offset[j] = p[j] - center[j];
    }
    const std::size_t period = n / c.repeats;
    const long double radius = c.radius, center_norm = reference::norm(center);
    const long double radius_of_one = radius / std::sqrt(static_cast<long double>(c.repeats));
    const auto expected = reference::project_onto_ball(
        {y.data(), y.data() + period}, {lambda.data(), lambda.data() + period}, radius_of_one);
    if (expected.inside && reference::norm(y) < radius * (1 - 1e-12L)) {
        ASSERT_TRUE(same_bits(p, c.x));
        return;
    }
    const long double additions = reference::canonical_additions(n) * 0x1p-53L;
    ASSERT_LE(std::fabs(reference::norm(offset) - radius), (16 * u + additions) * (radius + center_norm))
        << "radius " << c.radius << ", n " << n;
    const long double search = sizeof(T) == 4 && n >= 8192 ? 0x1p-28L + 6.5L * u : 4 * 0x1p-53L;
    long double slope = 0; // radius * d ||p|| / d log mu, of one
    for (std::size_t j = 0; j < period; ++j)
        slope += expected.offset[j] * (expected.offset[j] * (expected.mu / (lambda[j] + expected.mu)));
    const long double mu_error =
        slope > 0 ? (search + 12 * 0x1p-53L + additions) * radius_of_one * radius_of_one / slope : 0;
    for (std::size_t j = 0; j < n; ++j) {
        const long double sensitivity = std::fmin(1.0L, expected.mu / (lambda[j] + expected.mu) * mu_error);
        const long double exact = expected.offset[j % period];
        const long double tolerance = std::fabs(exact) * (8 * u + sensitivity) +
                                      8 * u * std::fabs(center[j]) + std::numeric_limits<T>::denorm_min();
        ASSERT_LE(std::fabs(offset[j] - exact), tolerance)
            << "j " << j << " of " << n << ", expected " << exact << ", lambda " << lambda[j];
    }
}

template <class T>
std::vector<T> project(const BallCase<T>& c, std::size_t gap = 0) {
    ag_set ball = make_set(AG_SET_L2_BALL);
    ball.radius = c.radius;
    ball.center = c.center.empty() ? nullptr : c.center.data();
    const GuardedSet<T> set(ball, c.x.size(), gap);
    GuardedArray<T> p(c.x, 2 * gap), lambda(c.lambda, 3 * gap);
    EXPECT_EQ(Api<T>::project(c.x.size(), p.data(), c.lambda.empty() ? nullptr : lambda.data(), set.get()),
              AG_OK)
        << ag_last_error();
    EXPECT_TRUE(p.intact() && lambda.intact() && set.intact());
    return p.values();
}

// Weights over many orders of magnitude: as many as T has, nearly.
template <class T>
std::vector<T> wide_weights(std::size_t n, Random& random, double decades) {
    std::vector<T> lambda(n);
    for (T& l : lambda)
        l = static_cast<T>(std::pow(10.0, random.uniform(-decades, decades)));
    return lambda;
}

TYPED_TEST(Projection, BallMatchesReference) {
    using T = TypeParam;
    const double most_decades = sizeof(T) == 4 ? 30 : 140;
    on_every_isa([&](ag_isa) {
        Random random(17);
        for (std::size_t i = 0; i < cases(400); ++i) {
            const std::size_t n = 1 + random.below(i % 10 == 0 ? 3000 : 40);
            BallCase<T> c;
            const double scale = std::pow(10.0, random.uniform(-5, 5));
            c.x = normal_values<T>(n, random.bits(), scale);
            if (i % 2 == 0)
                c.lambda = wide_weights<T>(n, random, i % 4 == 0 ? 1 : most_decades * random.uniform(0, 1));
            if (i % 3 == 0)
                c.center = normal_values<T>(n, random.bits(), scale / 2);
            c.radius = scale * std::sqrt(static_cast<double>(n)) * std::pow(10.0, random.uniform(-6, 0.3));
            expect_projection(c, project(c, gaps[i / 6 % 3]));
            if (::testing::Test::HasFatalFailure()) {
                ADD_FAILURE() << "case " << i;
                return;
            }
        }
    });
}

// The additions of equal squares all round to the same side.
TYPED_TEST(Projection, BallOfManyEqualCoordinates) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t n : {6458, 16384, 100000})
            for (const double radius : {48.008474189024767, 0.3}) {
                BallCase<T> c;
                c.x.assign(n, static_cast<T>(5485.4437859612271));
                c.lambda.assign(n, static_cast<T>(2.3032670939515022e-05));
                c.radius = radius;
                c.repeats = n;
                expect_projection(c, project(c));
            }
    });
}

// Every coordinate on a scale of its own, so that Newton's method has to climb them one by one.
TYPED_TEST(Projection, BallWithStaircaseOfWeights) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const int step : {1, 2, 5})
            for (const double growth : {0.5, 1.0, 2.0, 4.0}) {
                BallCase<T> c;
                for (int k = -28; k <= 28; k += step) {
                    c.lambda.push_back(static_cast<T>(std::pow(10.0, k)));
                    c.x.push_back(static_cast<T>(std::pow(growth, -k)));
                }
                for (const double radius : {1e-6, 1e-2, 1.0, 1e3}) {
                    c.radius = radius;
                    expect_projection(c, project(c));
                }
            }
    });
}

// Squares that overflow or vanish in the element type, and in double.
TYPED_TEST(Projection, BallAtTheEndsOfTheRange) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    on_every_isa([](ag_isa) {
        for (const double x : {double(Limits::max()), double(Limits::max()) / 8, double(Limits::min()),
                               double(Limits::min()) * 64, std::sqrt(double(Limits::min())) / 32})
            for (const double ratio : {0.5, 1e-3, 2.0})
                for (const bool weighted : {false, true}) {
                    BallCase<T> c;
                    c.x = {static_cast<T>(x), static_cast<T>(-x / 2), static_cast<T>(x / 4), 0,
                           static_cast<T>(x)};
                    if (weighted)
                        c.lambda = {1, 2, static_cast<T>(1e-20), 3, static_cast<T>(1e15)};
                    c.radius = x * ratio;
                    if (c.radius > double(Limits::max()) || c.radius < double(Limits::min()))
                        continue;
                    expect_projection(c, project(c));
                }
    });
}

TYPED_TEST(Projection, BallWithWeightsAtTheEndsOfTheRange) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    on_every_isa([](ag_isa) {
        for (const T lambda : {Limits::max(), Limits::max() / 4, Limits::min(), Limits::denorm_min()}) {
            BallCase<T> c;
            c.x = {3, -4, T(0.5), 0, 1};
            c.lambda = {lambda, lambda / 2 > 0 ? lambda / 2 : lambda, lambda, lambda, lambda};
            c.radius = 2;
            expect_projection(c, project(c));
        }
    });
}

// Weights, coordinates and radius far apart, at all ends of the range at once: at least the norm is right.
TYPED_TEST(Projection, BallWhateverTheRanges) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    on_every_isa([](ag_isa) {
        Random random(23);
        for (std::size_t i = 0; i < cases(4000); ++i) {
            const std::size_t n = 1 + random.below(12);
            const auto anywhere = [&](double most) {
                const double middle = random.uniform(-1, 1), spread = random.uniform(0, 0.5);
                std::vector<T> values(n);
                for (T& value : values)
                    value = static_cast<T>(std::ldexp(
                        random.uniform(1, 2),
                        static_cast<int>(std::clamp(middle + random.uniform(-spread, spread), -1.0, 0.99) *
                                         most)));
                return values;
            };
            BallCase<T> c = {anywhere(Limits::max_exponent - 8), anywhere(Limits::max_exponent - 1), {}, 0};
            const long double length = reference::norm({c.x.begin(), c.x.end()});
            c.radius =
                static_cast<double>(length * std::pow(10.0L, -random.uniform(0, i % 2 == 0 ? 3 : 250)));
            if (c.radius < static_cast<double>(Limits::min()))
                continue;
            const std::vector<T> p = project(c);
            const long double norm = reference::norm({p.begin(), p.end()});
            ASSERT_LE(std::fabs(norm - c.radius), 8 * Limits::epsilon() * c.radius) << "case " << i;
        }
    });
}

TYPED_TEST(Projection, LinfBallWithANaNCenterIsAnError) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t bad : {0, 299, 499}) {
            std::vector<T> x(500, 2), center(500, 1);
            center[bad] = std::numeric_limits<T>::quiet_NaN();
            ag_set set = make_set(AG_SET_LINF_BALL);
            set.center = center.data();
            ASSERT_EQ(Api<T>::project(500, x.data(), nullptr, &set), AG_ERROR_INVALID_VALUE);
            EXPECT_NE(std::string(ag_last_error()).find("center[" + std::to_string(bad) + "]"),
                      std::string::npos)
                << ag_last_error();
            EXPECT_EQ(x, std::vector<T>(500, 2));
        }
    });
}

// An accumulator that overflows freezes its own coordinate; the others still give way.
TYPED_TEST(Projection, BallWithAnInfiniteWeight) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        ag_set set = make_set(AG_SET_L2_BALL);
        set.radius = 5;
        const T large = std::numeric_limits<T>::max() / 2;
        std::vector<T> w = {3, 4, 12}, v = {1, 1, 1};
        const std::vector<T> g = {0, large, 0};
        ASSERT_EQ(Api<T>::adagrad_step_projected(3, w.data(), g.data(), v.data(), nullptr, &set), AG_OK);
        EXPECT_NEAR(static_cast<double>(w[1]), 4, 1e-6);
        EXPECT_NEAR(std::hypot(static_cast<double>(w[0]), static_cast<double>(w[2])), 3, 1e-5);
        w = {3, 40, 12};
        ASSERT_EQ(Api<T>::adagrad_step_projected(3, w.data(), g.data(), v.data(), nullptr, &set), AG_OK);
        EXPECT_NEAR(static_cast<double>(w[1]), 5, 1e-5);
        EXPECT_NEAR(static_cast<double>(w[0]), 0, 1e-5);
    });
}

TYPED_TEST(Projection, BallSpecialCases) {
    using T = TypeParam;
    const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
    on_every_isa([&](ag_isa) {
        for (const bool weighted : {false, true}) {
            const std::vector<T> lambda = weighted ? std::vector<T>{1, 2, 3, 4} : std::vector<T>{};
            // Inside, on the boundary and at radius 0.
            EXPECT_TRUE(same_bits(project<T>({{3, 0, 4, T(-0.0)}, lambda, {}, 5}), {3, 0, 4, T(-0.0)}));
            EXPECT_TRUE(same_bits(project<T>({{0, 0, 0, 0}, lambda, {}, 0}), {0, 0, 0, 0}));
            for (const T p : project<T>({{1, -2, 3, 4}, lambda, {}, 0}))
                EXPECT_EQ(p, 0);
            EXPECT_EQ(project<T>({{1, -2, 3, 4}, lambda, {5, 6, 7, 8}, 0}), (std::vector<T>{5, 6, 7, 8}));
            // A NaN enters the norm; an infinite coordinate takes all of the radius that there is.
            EXPECT_TRUE(same_bits(project<T>({{1, nan, 3, 4}, lambda, {}, 1}), {nan, nan, nan, nan}));
            EXPECT_TRUE(same_bits(project<T>({{1, inf, -3, 4}, lambda, {}, 1}), {0, nan, T(-0.0), 0}));
        }
        // Projecting again moves nothing by more than the tolerance.
        BallCase<T> c = {normal_values<T>(1000, 5), absolute(normal_values<T>(1000, 6)), {}, 1.0};
        c.x = project(c);
        expect_projection(c, project(c));
    });
}

// Option I: the same bits as the step, then the projection in the norm of the step's own lambda.
TYPED_TEST(Projection, ProjectedStepEqualsStepThenBall) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE})
            for (const std::size_t n : sizes<T>()) {
                std::size_t turn = static_cast<std::size_t>(mode);
                for (const double radius : {1e3, 1.0, 1e-3}) {
                    ag_adagrad_options options = adagrad_options();
                    options.epsilon_mode = mode;
                    options.learning_rate = 0.3;
                    ag_set ball = make_set(AG_SET_L2_BALL);
                    ball.radius = radius;
                    const std::vector<T> center = normal_values<T>(n, 9, 0.1);
                    ball.center = n % 2 == 0 ? center.data() : nullptr;
                    std::vector<T> w = normal_values<T>(n, 1), v = absolute(normal_values<T>(n, 2));
                    const std::vector<T> g = normal_values<T>(n, 3);
                    // Each radius and size with each gap, by turns.
                    const std::size_t gap = gaps[turn++ % 3];
                    GuardedArray<T> w_array(w, gap), g_array(g, 2 * gap), v_array(v, 3 * gap);
                    const GuardedSet<T> set(ball, n, gap);
                    reference::adagrad_step(w, g, v, options);
                    std::vector<T> lambda(n);
                    for (std::size_t j = 0; j < n; ++j)
                        lambda[j] = reference::lambda(v[j], options);
                    ASSERT_EQ(Api<T>::project(n, w.data(), lambda.data(), &ball), AG_OK) << ag_last_error();
                    ASSERT_EQ(Api<T>::adagrad_step_projected(n, w_array.data(), g_array.data(),
                                                             v_array.data(), &options, set.get()),
                              AG_OK);
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "n " << n << ", radius " << radius;
                    ASSERT_TRUE(same_bits(v_array.values(), v));
                    ASSERT_TRUE(w_array.intact() && v_array.intact() && g_array.intact() && set.intact());
                }
            }
    });
}

// Coordinates with lambda = 0 give way together before any other moves, and vanish once that is not enough.
TYPED_TEST(Projection, MasslessCoordinatesGiveWayFirst) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        ag_set set = make_set(AG_SET_L2_BALL);
        const auto step = [&](std::vector<T> w, double radius) {
            std::vector<T> v = {0, 1, 0, 4}, g(4);
            set.radius = radius;
            EXPECT_EQ(Api<T>::adagrad_step_projected(4, w.data(), g.data(), v.data(), nullptr, &set), AG_OK);
            return w;
        };
        const double u = std::numeric_limits<T>::epsilon();
        const std::vector<T> some = step({6, 3, 8, 4}, std::sqrt(50.0)); // 25 is left for (6, 8): half of it
        EXPECT_NEAR(some[0], 3, 8 * u * 3);
        EXPECT_EQ(some[1], 3);
        EXPECT_NEAR(some[2], 4, 8 * u * 4);
        EXPECT_EQ(some[3], 4);
        const std::vector<T> none = step({6, 3, 8, 4}, 4.0);
        EXPECT_EQ(none[0], 0);
        EXPECT_EQ(none[2], 0);
        EXPECT_NEAR(std::hypot(double(none[1]), double(none[3])), 4.0, 8 * u * 4);
        EXPECT_EQ(step({6, 0, 8, 0}, 20.0), (std::vector<T>{6, 0, 8, 0}));
    });
}

template <class T>
std::vector<T> repeated(const std::vector<T>& values, std::size_t times) {
    std::vector<T> all;
    for (std::size_t i = 0; i < times; ++i)
        all.insert(all.end(), values.begin(), values.end());
    return all;
}

// The sample, 128 of every 2048 elements here, may be far from the rest: whether a series from its root has the vector's
// is for the series to tell.
TYPED_TEST(Projection, BallWithAMisleadingSample) {
    using T = TypeParam;
    constexpr std::size_t period = 2048, repeats = 64;
    for (const double decades : {0.5, 4.0})
        for (const double factor : {1e-3, 0.9, 0.98, 1.0, 1.1, 2.0, 1e3}) {
            if (is_slow() && factor != 1e-3 && factor != 1.0)
                continue;
            Random random(29);
            std::vector<T> x = normal_values<T>(period, random.bits());
            for (std::size_t j = 0; j < 128; ++j)
                x[j] = static_cast<T>(x[j] * factor);
            const BallCase<T> c = {repeated(x, repeats),
                                   repeated(wide_weights<T>(period, random, decades), repeats),
                                   {},
                                   0.4 * std::sqrt(static_cast<double>(period * repeats)),
                                   repeats};
            std::vector<T> first;
            on_every_isa([&](ag_isa) {
                const std::vector<T> p = project(c);
                if (first.empty()) {
                    first = p;
                    expect_projection(c, p);
                }
                ASSERT_TRUE(same_bits(p, first));
            });
            ASSERT_FALSE(::testing::Test::HasFatalFailure())
                << "factor " << factor << ", decades " << decades;
        }
}

TYPED_TEST(Projection, BallOfManyElementsTakesOnePass) {
    using T = TypeParam;
    if (is_slow())
        GTEST_SKIP() << "too long for an emulator";
    constexpr std::size_t n = 1 << 19;
    Random random(37);
    BallCase<T> c = {normal_values<T>(n, 5), std::vector<T>(n), {}, 0.7 * std::sqrt(double(n))};
    for (T& lambda : c.lambda)
        lambda = static_cast<T>(random.uniform(0.5, 2));
    ag_set set = make_set(AG_SET_L2_BALL);
    set.radius = c.radius;
    const Projected<T> found = project_on_every_isa(c.x, c.lambda, set);
    EXPECT_EQ(found.report.passes, 1);
    expect_projection(c, found.p);
}

// The reciprocal of mu is infinite: what pads the last elements must not make it a NaN on some ISAs.
TYPED_TEST(Projection, BallWithATinyMultiplier) {
    using T = TypeParam;
    if (sizeof(T) == 4)
        GTEST_SKIP() << "no float is so small";
    for (const std::size_t n : {2, 8194}) {
        ag_set set = make_set(AG_SET_L2_BALL);
        set.radius = std::sqrt(static_cast<double>(n)) * 1e-50 / 1.001;
        const Projected<T> found =
            project_on_every_isa(std::vector<T>(n, T(1e-50)), std::vector<T>(n, T(1e-306)), set);
        EXPECT_NEAR(static_cast<double>(found.p[0]) * 1e50, 1 / 1.001, 1e-12);
    }
}

TYPED_TEST(Projection, BallThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    // Blocks start at 16 K, which no period divides.
    constexpr std::size_t period = 4691, repeats = 64;
    // The squares of tiny coordinates, and the reciprocals of tiny weights, leave double's range: scales are
    // looked for first.
    std::vector<std::pair<double, double>> scales = {{1.0, 1.0}};
    if (sizeof(T) == 8)
        scales.push_back({1e-160, 1e-280});
    for (const auto& [scale, lambda_scale] : scales)
        for (const bool weighted : {false, true})
            for (const bool centered : {false, true}) {
                BallCase<T> c = {
                    repeated(normal_values<T>(period, 1, scale), repeats), {}, {}, 3 * scale, repeats};
                if (weighted)
                    c.lambda = repeated(absolute(normal_values<T>(period, 3, lambda_scale)), repeats);
                if (centered)
                    c.center = repeated(normal_values<T>(period, 5, scale / 2), repeats);
                std::vector<T> first;
                on_every_isa_and_thread_count([&] {
                    const std::vector<T> p = project(c);
                    if (first.empty()) {
                        first = p;
                        expect_projection(c, p);
                    }
                    ASSERT_TRUE(same_bits(p, first));
                });
                if (::testing::Test::HasFatalFailure()) {
                    ADD_FAILURE() << "scale " << scale << ", weighted " << weighted << ", centered "
                                  << centered;
                    return;
                }
            }
}

// As in the course of a training: from a point on the ball, by little.
TYPED_TEST(Projection, LongStepsFromTheBall) {
    using T = TypeParam;
    const std::size_t n = 20011;
    for (const double learning_rate : {1e-6, 1e-3, 1e-1})
        for (const bool centered : {false, true}) {
            BallCase<T> c = {normal_values<T>(n, 1), absolute(normal_values<T>(n, 2)), {}, 30};
            if (centered)
                c.center = normal_values<T>(n, 5, 0.1);
            std::vector<T> w = project(c), v = absolute(normal_values<T>(n, 3));
            const std::vector<T> g = normal_values<T>(n, 4);
            ag_adagrad_options options = adagrad_options();
            options.learning_rate = learning_rate;
            c.x = w;
            std::vector<T> new_v = v;
            reference::adagrad_step(c.x, g, new_v, options);
            for (std::size_t j = 0; j < n; ++j)
                c.lambda[j] = reference::lambda(new_v[j], options);
            ag_set ball = make_set(AG_SET_L2_BALL);
            ball.radius = c.radius;
            ball.center = centered ? c.center.data() : nullptr;
            ASSERT_EQ(Api<T>::adagrad_step_projected(n, w.data(), g.data(), v.data(), &options, &ball),
                      AG_OK);
            expect_projection(c, w);
            ASSERT_FALSE(this->HasFailure()) << "learning rate " << learning_rate;
        }
}

// A radius that is less than the norm by all orders of magnitude: no search takes long where moments tell no more.
TYPED_TEST(Projection, LongStepsThatEndJustOutsideTheBall) {
    using T = TypeParam;
    for (const std::size_t n : {std::size_t(8192), std::size_t(20011)})
        for (int exponent = -52; exponent <= -1; ++exponent) {
            BallCase<T> c = {normal_values<T>(n, 1), std::vector<T>(n, 1), {}, 0};
            std::vector<long double> y(c.x.begin(), c.x.end());
            c.radius = static_cast<double>(reference::norm(y) * (1 - std::ldexp(1.0L, exponent)));
            std::vector<T> w = c.x, v(n, 1);
            const std::vector<T> g(n);
            ag_set ball = make_set(AG_SET_L2_BALL);
            ag_projection_report report = {};
            ball.radius = c.radius;
            ball.report = &report;
            ASSERT_EQ(Api<T>::adagrad_step_projected(n, w.data(), g.data(), v.data(), nullptr, &ball), AG_OK);
            expect_projection(c, w);
            ASSERT_LE(report.passes, 8) << "n " << n << ", 2^" << exponent;
            ASSERT_FALSE(this->HasFailure());
        }
}

TYPED_TEST(Projection, ProjectedStepThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    const std::size_t n = threaded_size;
    const std::vector<T> w0 = normal_values<T>(n, 1), g = normal_values<T>(n, 2),
                         v0 = absolute(normal_values<T>(n, 3));
    std::vector<T> center(n);
    for (std::size_t j = 0; j < n; ++j)
        center[j] = T(0.4) * w0[j];
    // Far less than ||w - center||, and a little more; too little for coordinates with others' centers.
    const double outside = 3, inside = 0.7 * std::sqrt(static_cast<double>(n));
    ag_set set = make_set(AG_SET_L2_BALL);
    for (const auto& [mode, radius] : {std::pair{AG_EPSILON_IN_STATE, outside},
                                       {AG_EPSILON_IN_STATE, inside},
                                       {AG_EPSILON_OUTSIDE, outside},
                                       {AG_EPSILON_INSIDE, outside}}) {
        ag_adagrad_options options = adagrad_options();
        options.epsilon_mode = mode;
        set.center = mode == AG_EPSILON_OUTSIDE ? nullptr : center.data();
        set.radius = radius;
        std::vector<T> w = w0, v = v0, lambda(n);
        reference::adagrad_step(w, g, v, options);
        for (std::size_t j = 0; j < n; ++j)
            lambda[j] = reference::lambda(v[j], options);
        if (radius == outside) {
            ASSERT_EQ(Api<T>::project(n, w.data(), lambda.data(), &set), AG_OK) << ag_last_error();
        }
        on_every_isa_and_thread_count([&] {
            std::vector<T> w1 = w0, v1 = v0;
            ASSERT_EQ(Api<T>::adagrad_step_projected(n, w1.data(), g.data(), v1.data(), &options, &set),
                      AG_OK);
            ASSERT_TRUE(same_bits(w1, w)) << "mode " << options.epsilon_mode << ", radius " << set.radius;
            ASSERT_TRUE(same_bits(v1, v));
        });
    }
}

} // namespace
