// SPDX-License-Identifier: BSD-3-Clause
//
// The other members of the family: averaged, many tensors, AdaGrad-Norm, dual averaging, and what goes with
// them.
#include "tests/reference/adagrad.hpp"
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

namespace {

using namespace test;

std::vector<ag_adagrad_options> option_cases() {
    std::vector<ag_adagrad_options> all;
    for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE}) {
        ag_adagrad_options o = adagrad_options();
        o.epsilon_mode = mode;
        all.push_back(o);
        o.weight_decay = 0.125;
        o.gradient_scale = 0.3;
        o.maximize = 1;
        o.decoupled_weight_decay = 0.7;
        all.push_back(o);
        o.epsilon = 0;
        o.l1 = 0.01;
        o.l2 = 0.5;
        all.push_back(o);
    }
    return all;
}

template <class T>
class Variants : public ::testing::Test {};
TYPED_TEST_SUITE(Variants, Types);

TYPED_TEST(Variants, AveragedEqualsTwoCalls) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_adagrad_options& options : option_cases())
            for (const std::size_t n : sizes<T>())
                for (const std::size_t gap : {0, 1}) {
                    std::vector<T> w = mixed_values<T>(n, n), v = absolute(mixed_values<T>(n, n + 1)),
                                   mean = mixed_values<T>(n, n + 3);
                    const std::vector<T> g = mixed_values<T>(n, n + 2);
                    GuardedArray<T> w_array(w, gap), g_array(g, 2 * gap), v_array(v, 3 * gap),
                        mean_array(mean, gap);
                    reference::adagrad_step(w, g, v, options);
                    reference::average(mean, w, 3);
                    ASSERT_EQ(Api<T>::adagrad_step_averaged(n, w_array.data(), g_array.data(), v_array.data(),
                                                            mean_array.data(), 3, &options),
                              AG_OK);
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "n " << n;
                    ASSERT_TRUE(same_bits(mean_array.values(), mean)) << "n " << n;
                    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact() &&
                                mean_array.intact());
                }
    });
}

TYPED_TEST(Variants, DualAveragingEqualsReference) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_adagrad_options& options : option_cases())
            for (const std::size_t n : sizes<T>())
                for (const std::size_t gap : {0, 1}) {
                    std::vector<T> w = mixed_values<T>(n, n), v = absolute(mixed_values<T>(n, n + 1)),
                                   sum = mixed_values<T>(n, n + 3);
                    const std::vector<T> g = mixed_values<T>(n, n + 2);
                    GuardedArray<T> w_array(w, gap), g_array(g, 2 * gap), v_array(v, 3 * gap),
                        sum_array(sum, gap);
                    reference::dual_averaging_step(w, g, v, sum, 7, options);
                    ASSERT_EQ(Api<T>::dual_averaging_step(n, w_array.data(), g_array.data(), v_array.data(),
                                                          sum_array.data(), 7, &options),
                              AG_OK);
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "n " << n;
                    ASSERT_TRUE(same_bits(sum_array.values(), sum)) << "n " << n;
                    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact() &&
                                sum_array.intact());
                }
    });
}

// l1 by dual averaging gives exact zeros, and the w that minimises its objective.
TYPED_TEST(Variants, DualAveragingMinimisesItsObjective) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const std::size_t n = 300, t = 5;
        ag_adagrad_options o = adagrad_options();
        o.l1 = 0.3;
        o.l2 = 0.2;
        o.learning_rate = 0.5;
        std::vector<T> w(n), v(n, 1), sum = normal_values<T>(n, 4, 3);
        const std::vector<T> g = normal_values<T>(n, 5);
        ASSERT_EQ(Api<T>::dual_averaging_step(n, w.data(), g.data(), v.data(), sum.data(), t, &o), AG_OK);
        std::size_t zeros = 0;
        for (std::size_t j = 0; j < n; ++j) {
            const double lambda = std::sqrt(double(v[j])), eta = o.learning_rate;
            const auto objective = [&](double x) {
                return eta * double(sum[j]) * x + eta * double(t) * (o.l1 * std::fabs(x) + o.l2 / 2 * x * x) +
                       lambda / 2 * x * x;
            };
            zeros += w[j] == 0;
            for (const double other : {double(w[j]) + 1e-3, double(w[j]) - 1e-3, 0.0})
                ASSERT_LE(objective(double(w[j])), objective(other) + 1e-6) << "j " << j;
        }
        EXPECT_GT(zeros, n / 10);
        EXPECT_LT(zeros, n);
    });
}

TYPED_TEST(Variants, NormStepEqualsReference) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_adagrad_options& options : option_cases())
            for (const std::size_t n : sizes<T>())
                for (const double start : {0.0, 1e-12, 2.5}) {
                    std::vector<T> w = normal_values<T>(n, n);
                    const std::vector<T> g = n % 3 == 0 ? std::vector<T>(n) : normal_values<T>(n, n + 2);
                    GuardedArray<T> w_array(w, n % 2), g_array(g, n % 3);
                    double expected = start, v = start;
                    if (n != 0)
                        reference::adagrad_norm_step(w, g, expected, options);
                    ASSERT_EQ(Api<T>::adagrad_norm_step(n, w_array.data(), g_array.data(), &v, &options),
                              AG_OK);
                    ASSERT_EQ(v, expected) << "n " << n;
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "n " << n;
                    ASSERT_TRUE(w_array.intact() && g_array.intact());
                }
    });
}

TYPED_TEST(Variants, SquaredNormAndFirstNonFinite) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t n : sizes<T>()) {
            std::vector<T> x = normal_values<T>(n, n);
            std::vector<double> squares(n);
            for (std::size_t j = 0; j < n; ++j)
                squares[j] = double(x[j]) * double(x[j]);
            GuardedArray<T> x_array(x, n % 3);
            double result = -1;
            std::size_t position = 12345;
            ASSERT_EQ(Api<T>::squared_norm(n, x_array.data(), &result), AG_OK);
            ASSERT_EQ(result, reference::canonical_sum(squares)) << "n " << n;
            ASSERT_EQ(Api<T>::first_non_finite(n, x_array.data(), &position), AG_OK);
            ASSERT_EQ(position, n);
            for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(),
                                -std::numeric_limits<T>::infinity()})
                for (std::size_t j = 0; j < n; j += 1 + n / 7) {
                    x_array.data()[j] = bad;
                    ASSERT_EQ(Api<T>::first_non_finite(n, x_array.data(), &position), AG_OK);
                    ASSERT_EQ(position, j);
                    x_array.data()[j] = std::numeric_limits<T>::max();
                }
        }
    });
}

TYPED_TEST(Variants, ListEqualsSeparateCalls) {
    using T = TypeParam;
    on_every_isa_and_thread_count([] {
        ag_adagrad_options options = adagrad_options();
        options.weight_decay = 0.01;
        const std::vector<std::size_t> lengths = {0, 1, 200000, 17, 0, 4099, 100003, 0};
        std::vector<std::vector<T>> w, g, v, expected_w, expected_v;
        std::vector<T*> w_pointers, v_pointers;
        std::vector<const T*> g_pointers;
        for (const std::size_t n : lengths) {
            w.push_back(normal_values<T>(n, n));
            g.push_back(normal_values<T>(n, n + 1));
            v.push_back(absolute(normal_values<T>(n, n + 2)));
        }
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            expected_w.push_back(w[i]);
            expected_v.push_back(v[i]);
            reference::adagrad_step(expected_w[i], g[i], expected_v[i], options);
            w_pointers.push_back(w[i].data());
            g_pointers.push_back(g[i].data());
            v_pointers.push_back(v[i].data());
        }
        w_pointers[0] = nullptr; // no elements
        ASSERT_EQ(Api<T>::adagrad_step_list(lengths.size(), lengths.data(), w_pointers.data(),
                                            g_pointers.data(), v_pointers.data(), &options),
                  AG_OK)
            << ag_last_error();
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            ASSERT_TRUE(same_bits(w[i], expected_w[i])) << "tensor " << i;
            ASSERT_TRUE(same_bits(v[i], expected_v[i])) << "tensor " << i;
        }
        ASSERT_EQ(Api<T>::adagrad_step_list(0, nullptr, nullptr, nullptr, nullptr, nullptr), AG_OK);
    });
}

TYPED_TEST(Variants, ThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    const std::size_t n = threaded_size;
    ag_adagrad_options options = adagrad_options();
    options.l1 = 0.001;
    const std::vector<T> w0 = normal_values<T>(n, 1), g = normal_values<T>(n, 2);
    std::vector<T> w = w0, v(n, 1), s = w0, r = w0, r_v(n, 1), sum(n);
    double norm = 1;
    reference::adagrad_step(w, g, v, options);
    std::vector<T> mean(n);
    reference::average(mean, w, 2);
    reference::adagrad_norm_step(s, g, norm, options);
    reference::dual_averaging_step(r, g, r_v, sum, 3, options);
    on_every_isa_and_thread_count([&] {
        std::vector<T> w1 = w0, v1(n, 1), mean1(n), s1 = w0, r1 = w0, r_v1(n, 1), sum1(n);
        double norm1 = 1;
        ASSERT_EQ(Api<T>::adagrad_step_averaged(n, w1.data(), g.data(), v1.data(), mean1.data(), 2, &options),
                  AG_OK);
        ASSERT_EQ(Api<T>::adagrad_norm_step(n, s1.data(), g.data(), &norm1, &options), AG_OK);
        ASSERT_EQ(Api<T>::dual_averaging_step(n, r1.data(), g.data(), r_v1.data(), sum1.data(), 3, &options),
                  AG_OK);
        ASSERT_TRUE(same_bits(w1, w) && same_bits(v1, v) && same_bits(mean1, mean));
        ASSERT_EQ(norm1, norm);
        ASSERT_TRUE(same_bits(s1, s));
        ASSERT_TRUE(same_bits(r1, r) && same_bits(sum1, sum));
        std::size_t position = 0;
        r1[n - 2] = std::numeric_limits<T>::quiet_NaN();
        ASSERT_EQ(Api<T>::first_non_finite(n, r1.data(), &position), AG_OK);
        ASSERT_EQ(position, n - 2);
    });
}

} // namespace
