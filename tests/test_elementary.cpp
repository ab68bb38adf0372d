// SPDX-License-Identifier: BSD-3-Clause
//
// exp, log1p, sigmoid, softplus: the same bits on every ISA, special values, every size. How exact they are is
// measured in tests/accuracy/.
#include "tests/support/api.hpp"
#include "tests/support/elementary_inputs.hpp"

namespace {

using namespace test;

template <class T>
struct Function {
    const char* name;
    ag_status (*call)(std::size_t, const T*, T*);
};

template <class T>
constexpr Function<T> functions[] = {{"exp", Api<T>::exp},
                                     {"log1p", Api<T>::log1p},
                                     {"sigmoid", Api<T>::sigmoid},
                                     {"softplus", Api<T>::softplus}};

template <class T>
std::vector<T> evaluate(const Function<T>& function, const std::vector<T>& x) {
    std::vector<T> out(x.size());
    EXPECT_EQ(function.call(x.size(), x.data(), out.data()), AG_OK) << ag_last_error();
    return out;
}

template <class T>
T evaluate(const Function<T>& function, T x) {
    return evaluate(function, std::vector<T>{x})[0];
}

template <class T>
class Elementaries : public ::testing::Test {};
TYPED_TEST_SUITE(Elementaries, Types);

TYPED_TEST(Elementaries, SameBitsOnEveryIsa) {
    using T = TypeParam;
    std::vector<T> x = wide_sweep<T>(cases(600000), 2);
    for (const std::vector<T>& more : {hard_cases<T>(), special_values<T>(), mixed_values<T>(1000, 3)})
        x.insert(x.end(), more.begin(), more.end());
    for (const Function<T>& function : functions<T>) {
        SCOPED_TRACE(function.name);
        std::vector<T> portable; // on_every_isa starts with it
        on_every_isa([&](ag_isa isa) {
            const std::vector<T> out = evaluate(function, x);
            if (isa == AG_ISA_PORTABLE)
                portable = out;
            EXPECT_TRUE(same_bits(out, portable));
        });
    }
}

TYPED_TEST(Elementaries, SpecialValues) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    const T infinity = Limits::infinity(), nan = Limits::quiet_NaN(), largest = Limits::max();
    const T smallest = Limits::denorm_min();
    const struct {
        std::size_t function;
        T x, expected;
    } expectations[] = {
        {0, T(0), T(1)},
        {0, -T(0), T(1)},
        {0, infinity, infinity},
        {0, -infinity, T(0)},
        {0, largest, infinity},
        {0, -largest, T(0)},
        {0, smallest, T(1)},
        {0, nan, nan},
        {0, -nan, nan},
        {1, T(0), T(0)},
        {1, -T(0), -T(0)},
        {1, infinity, infinity},
        {1, -infinity, nan},
        {1, T(-1), -infinity},
        {1, std::nextafter(T(-1), T(-2)), nan},
        {1, -largest, nan},
        {1, smallest, smallest},
        {1, -smallest, -smallest},
        {1, nan, nan},
        {1, -nan, nan},
        {2, T(0), T(0.5)},
        {2, -T(0), T(0.5)},
        {2, infinity, T(1)},
        {2, -infinity, T(0)},
        {2, largest, T(1)},
        {2, -largest, T(0)},
        {2, nan, nan},
        {2, -nan, nan},
        {3, T(0), static_cast<T>(std::log(2.0L))},
        {3, infinity, infinity},
        {3, -infinity, T(0)},
        {3, largest, largest},
        {3, -largest, T(0)},
        {3, nan, nan},
        {3, -nan, nan},
    };
    on_every_isa([&](ag_isa) {
        for (const auto& [function, x, expected] : expectations)
            EXPECT_TRUE(same_bits(evaluate(functions<T>[function], x), expected))
                << functions<T>[function].name << "(" << ::testing::PrintToString(x) << ")";
    });
}

// A special value must not disturb its neighbours in the pack, wherever it stands.
TYPED_TEST(Elementaries, SpecialValuesLeaveTheirNeighboursAlone) {
    using T = TypeParam;
    on_every_isa([&](ag_isa) {
        for (const Function<T>& function : functions<T>) {
            SCOPED_TRACE(function.name);
            const std::vector<T> x = normal_values<T>(67, 4), plain = evaluate(function, x);
            for (const T special : special_values<T>())
                for (std::size_t i = 0; i < x.size(); i += 5) {
                    std::vector<T> changed = x, expected = plain;
                    changed[i] = special;
                    expected[i] = evaluate(function, special);
                    ASSERT_TRUE(same_bits(evaluate(function, changed), expected));
                }
        }
    });
}

TYPED_TEST(Elementaries, EverySizeInAndOutOfPlace) {
    using T = TypeParam;
    for (const Function<T>& function : functions<T>) {
        SCOPED_TRACE(function.name);
        on_every_isa([&](ag_isa) {
            for (const std::size_t n : sizes<T>()) {
                const std::vector<T> values = mixed_values<T>(n, n);
                std::vector<T> expected;
                for (const T x : values)
                    expected.push_back(evaluate(function, x));
                for (const std::size_t gap : {std::size_t(0), std::size_t(1)}) {
                    GuardedArray<T> x(values, gap), out(n, 1 - gap);
                    ASSERT_EQ(function.call(n, x.data(), out.data()), AG_OK);
                    ASSERT_TRUE(same_bits(out.values(), expected)) << n;
                    ASSERT_TRUE(same_bits(x.values(), values)) << n;
                    ASSERT_EQ(function.call(n, x.data(), x.data()), AG_OK);
                    ASSERT_TRUE(same_bits(x.values(), expected)) << n;
                    ASSERT_TRUE(x.intact() && out.intact()) << n;
                }
            }
        });
    }
}

TYPED_TEST(Elementaries, SameBitsOnAnyNumberOfThreads) {
    using T = TypeParam;
    const std::vector<T> x = wide_sweep<T>(threaded_size, 5);
    for (const Function<T>& function : functions<T>) {
        SCOPED_TRACE(function.name);
        std::vector<T> expected;
        for (const int threads : thread_counts) {
            ASSERT_EQ(ag_set_num_threads(threads), AG_OK);
            const std::vector<T> out = evaluate(function, x);
            if (expected.empty())
                expected = out;
            EXPECT_TRUE(same_bits(out, expected)) << threads;
        }
        ASSERT_EQ(ag_set_num_threads(0), AG_OK);
    }
}

// Beyond the ends of their range the functions stay at their limits, and reach them without overshooting.
TYPED_TEST(Elementaries, Saturate) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    const T overflow = static_cast<T>(Limits::max_exponent * std::log(2.0L)) + 1;
    const T underflow = static_cast<T>((Limits::min_exponent - Limits::digits) * std::log(2.0L)) - 1;
    const T absorbed = static_cast<T>((Limits::digits + 1) * std::log(2.0L));
    std::vector<T> magnitudes(2000);
    for (std::size_t i = 0; i < magnitudes.size(); ++i)
        magnitudes[i] = static_cast<T>(std::exp2(static_cast<double>(i) * 0.01));
    on_every_isa([&](ag_isa) {
        const auto& [exp, log1p, sigmoid, softplus] = functions<T>;
        for (const T x : magnitudes) {
            const T above = evaluate(sigmoid, x), below = evaluate(sigmoid, -x);
            EXPECT_TRUE(above >= T(0.5) && above <= 1 && below >= 0 && below <= T(0.5)) << x;
            EXPECT_GE(evaluate(softplus, x), x);
            EXPECT_GE(evaluate(softplus, -x), 0);
            if (x >= overflow) {
                EXPECT_EQ(evaluate(exp, x), Limits::infinity()) << x;
            }
            if (-x <= underflow) {
                EXPECT_EQ(evaluate(exp, -x), 0) << x;
                EXPECT_EQ(below, 0) << x;
                EXPECT_EQ(evaluate(softplus, -x), 0) << x;
            }
            if (x >= absorbed) {
                EXPECT_EQ(above, 1) << x;
                EXPECT_EQ(evaluate(softplus, x), x);
            }
        }
    });
}

} // namespace
