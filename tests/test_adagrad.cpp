// SPDX-License-Identifier: BSD-3-Clause
//
// Elementwise steps equal the reference bit for bit: on every ISA, at every size and alignment, for any data.
#include "tests/reference/adagrad.hpp"
#include "tests/reference/elementary.hpp"
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

namespace {

using namespace test;

// Options that between them take every branch of the step.
std::vector<ag_adagrad_options> option_cases() {
    std::vector<ag_adagrad_options> all;
    for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE}) {
        ag_adagrad_options o = adagrad_options();
        o.epsilon_mode = mode;
        all.push_back(o);
        o.epsilon = 0;
        o.weight_decay = 0.125;
        all.push_back(o);
        o.maximize = 1;
        o.gradient_scale = 0.3;
        o.decoupled_weight_decay = 0.7;
        all.push_back(o);
        o.l1 = 0.2;
        all.push_back(o);
        o.l2 = 3;
        all.push_back(o);
        o.l1 = 0;
        all.push_back(o);
        o.l2 = 0;
        o.weight_decay = 0;
        o.learning_rate = 0;
        o.epsilon = 1e-3;
        all.push_back(o);
    }
    return all;
}

template <class T>
class Steps : public ::testing::Test {};
TYPED_TEST_SUITE(Steps, Types);

TYPED_TEST(Steps, AdagradEqualsReference) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_adagrad_options& options : option_cases())
            for (const std::size_t n : sizes<T>())
                for (const std::size_t gap : gaps) {
                    std::vector<T> w = mixed_values<T>(n, n), v = absolute(mixed_values<T>(n, n + 1));
                    const std::vector<T> g = mixed_values<T>(n, n + 2);
                    GuardedArray<T> w_array(w, gap), g_array(g, 2 * gap), v_array(v, 3 * gap);
                    reference::adagrad_step(w, g, v, options);
                    ASSERT_EQ(
                        Api<T>::adagrad_step(n, w_array.data(), g_array.data(), v_array.data(), &options),
                        AG_OK);
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "w, n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "v, n " << n;
                    ASSERT_TRUE(same_bits(g_array.values(), g)) << "g, n " << n;
                    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact()) << "n " << n;
                }
    });
}

// Accumulators in the range where square roots are made from estimates; above, most packs have one that is
// not.
TYPED_TEST(Steps, AdagradEqualsReferenceWhereEstimatesServe) {
    using T = TypeParam;
    const std::size_t n = 4099;
    on_every_isa([&](ag_isa) {
        Random random(5);
        for (std::size_t i = 0; i < cases(40); ++i)
            for (const ag_adagrad_options& options : option_cases()) {
                std::vector<T> w = normal_values<T>(n, random.bits()), v(n);
                const std::vector<T> g =
                    normal_values<T>(n, random.bits(), std::ldexp(1.0, -int(random.below(40))));
                const double middle = random.uniform(-60, 40);
                for (T& a : v)
                    a = static_cast<T>(std::exp2(middle + random.uniform(-8, 8)));
                GuardedArray<T> w_array(w), g_array(g), v_array(v);
                reference::adagrad_step(w, g, v, options);
                ASSERT_EQ(Api<T>::adagrad_step(n, w_array.data(), g_array.data(), v_array.data(), &options),
                          AG_OK);
                ASSERT_TRUE(same_bits(w_array.values(), w));
                ASSERT_TRUE(same_bits(v_array.values(), v));
            }
    });
}

// AG_MATH_FAST: v exact, and w's change, which is w itself where w was 0, within 3 ULP; for any data.
TYPED_TEST(Steps, FastIsWithinThreeUlp) {
    using T = TypeParam;
    double worst = 0;
    on_every_isa([&](ag_isa) {
        Random random(6);
        for (std::size_t i = 0; i < cases(40); ++i)
            for (ag_adagrad_options options : option_cases()) {
                options.weight_decay = options.decoupled_weight_decay = options.l1 = options.l2 = 0;
                options.math = AG_MATH_FAST;
                const std::size_t n = i % 4 == 0 ? random.below(300) : 4099;
                std::vector<T> w(n), v(n);
                const std::vector<T> g =
                    i % 4 == 1 ? mixed_values<T>(n, random.bits()) : normal_values<T>(n, random.bits());
                for (T& a : v)
                    a = static_cast<T>(std::exp2(random.uniform(-100, 60)));
                if (i % 8 == 1)
                    v = absolute(mixed_values<T>(n, random.bits()));
                GuardedArray<T> w_array(w), g_array(g), v_array(v);
                reference::adagrad_step(w, g, v, options);
                ASSERT_EQ(Api<T>::adagrad_step(n, w_array.data(), g_array.data(), v_array.data(), &options),
                          AG_OK);
                ASSERT_TRUE(same_bits(v_array.values(), v));
                const std::vector<T> fast = w_array.values();
                for (std::size_t j = 0; j < n; ++j) {
                    const double error = reference::ulp_error(fast[j], static_cast<long double>(w[j]));
                    ASSERT_LE(error, 3)
                        << "j " << j << ", v " << v[j] << ", g " << g[j] << ", strict " << w[j];
                    worst = std::max(worst, error);
                }
            }
    });
    this->RecordProperty("worst_ulp", std::to_string(worst));
}

TYPED_TEST(Steps, SgdEqualsReference) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_adagrad_options& options : option_cases())
            for (const std::size_t n : sizes<T>()) {
                std::vector<T> w = mixed_values<T>(n, n);
                const std::vector<T> g = mixed_values<T>(n, n + 2);
                GuardedArray<T> w_array(w), g_array(g);
                reference::sgd_step(w, g, options);
                ASSERT_EQ(Api<T>::sgd_step(n, w_array.data(), g_array.data(), &options), AG_OK);
                ASSERT_TRUE(same_bits(w_array.values(), w)) << "n " << n;
                ASSERT_TRUE(w_array.intact() && g_array.intact()) << "n " << n;
            }
    });
}

TYPED_TEST(Steps, AverageEqualsReference) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t n : sizes<T>()) {
            std::vector<T> mean(n);
            GuardedArray<T> mean_array(mean);
            for (std::size_t t = 1; t <= 5; ++t) {
                const std::vector<T> w = t < 4 ? normal_values<T>(n, t) : mixed_values<T>(n, t);
                GuardedArray<T> w_array(w);
                reference::average(mean, w, t);
                ASSERT_EQ(Api<T>::average(n, mean_array.data(), w_array.data(), t), AG_OK);
                ASSERT_TRUE(same_bits(mean_array.values(), mean)) << "n " << n << ", t " << t;
                ASSERT_TRUE(mean_array.intact());
            }
        }
    });
}

TYPED_TEST(Steps, InitFills) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t n : sizes<T>()) {
            GuardedArray<T> v(n);
            ASSERT_EQ(Api<T>::adagrad_init(n, v.data(), 0.1), AG_OK);
            ASSERT_TRUE(same_bits(v.values(), std::vector<T>(n, static_cast<T>(0.1 * 0.1))));
            ASSERT_TRUE(v.intact());
        }
    });
}

// Threads cut the work, never the result.
TYPED_TEST(Steps, ThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    const std::size_t n = threaded_size;
    ag_adagrad_options options = adagrad_options();
    options.weight_decay = 0.01;
    const std::vector<T> w0 = normal_values<T>(n, 1), g = normal_values<T>(n, 2),
                         v0 = absolute(normal_values<T>(n, 3));
    const T start = static_cast<T>(0.1 * 0.1);
    std::vector<T> w = w0, v = v0, s = w0, mean = v0;
    reference::adagrad_step(w, g, v, options);
    reference::sgd_step(s, g, options);
    reference::average(mean, w0, 3);
    on_every_isa_and_thread_count([&] {
        std::vector<T> w1 = w0, v1 = v0, s1 = w0, mean1 = v0, started(n);
        ASSERT_EQ(Api<T>::adagrad_step(n, w1.data(), g.data(), v1.data(), &options), AG_OK);
        ASSERT_EQ(Api<T>::sgd_step(n, s1.data(), g.data(), &options), AG_OK);
        ASSERT_EQ(Api<T>::average(n, mean1.data(), w0.data(), 3), AG_OK);
        ASSERT_EQ(Api<T>::adagrad_init(n, started.data(), 0.1), AG_OK);
        ASSERT_TRUE(same_bits(w1, w));
        ASSERT_TRUE(same_bits(v1, v));
        ASSERT_TRUE(same_bits(s1, s));
        ASSERT_TRUE(same_bits(mean1, mean));
        ASSERT_TRUE(same_bits(started, std::vector<T>(n, start)));
    });
}

// 100 steps: one checksum for every ISA, number of threads, compiler and processor family.
TYPED_TEST(Steps, HundredStepsHaveTheRecordedChecksum) {
    using T = TypeParam;
    const std::uint64_t recorded = sizeof(T) == 4 ? 0x2690516fa3e9cb67u : 0x46613a065f3f8893u;
    const std::size_t n = threaded_size / 2;
    on_every_isa([&](ag_isa) {
        for (const int threads : {1, 2}) {
            ASSERT_EQ(ag_set_num_threads(threads), AG_OK);
            std::vector<T> w = normal_values<T>(n, 1), v(n), g(n);
            ASSERT_EQ(Api<T>::adagrad_init(n, v.data(), 1e-3), AG_OK);
            for (int step = 0; step < 100; ++step) {
                for (std::size_t j = 0; j < n; ++j)
                    g[j] = w[j] * static_cast<T>(1 + (j + static_cast<std::size_t>(step)) % 7) - T(0.25);
                ASSERT_EQ(Api<T>::adagrad_step(n, w.data(), g.data(), v.data(), nullptr), AG_OK);
            }
            EXPECT_EQ(checksum(v, checksum(w)), recorded);
        }
        ASSERT_EQ(ag_set_num_threads(0), AG_OK);
    });
}

} // namespace
