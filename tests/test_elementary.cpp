// SPDX-License-Identifier: BSD-3-Clause
//
// exp, log1p, sigmoid, softplus: at most 1 ULP, the same bits on every ISA, special values, every size.
//
// ANISOGRAD_EXHAUSTIVE=1 tries all 2^32 floats instead of about a million (hours; exhaustive_elementary.cpp
// does it in minutes).
#include "tests/reference/elementary.hpp"
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

namespace {

using namespace test;
using reference::Elementary;

template <class T>
struct Function {
    const char* name;
    Elementary exact;
    ag_status (*call)(std::size_t, const T*, T*);
};

template <class T>
constexpr Function<T> functions[] = {{"exp", Elementary::exp, Api<T>::exp},
                                     {"log1p", Elementary::log1p, Api<T>::log1p},
                                     {"sigmoid", Elementary::sigmoid, Api<T>::sigmoid},
                                     {"softplus", Elementary::softplus, Api<T>::softplus}};

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

// The largest error over x, on every ISA. What has the same bits as the ISA before is not evaluated again.
template <class T>
void expect_within_one_ulp(const Function<T>& function, const std::vector<T>& x) {
    SCOPED_TRACE(function.name);
    std::vector<T> checked;
    on_every_isa([&](ag_isa) {
        const std::vector<T> out = evaluate(function, x);
        if (!checked.empty() && same_bits(out, checked))
            return;
        checked = out;
        double worst = 0;
        std::size_t where = 0;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (const double error = reference::ulp_error(function.exact, x[i], out[i]); !(error <= worst)) {
                worst = error;
                where = i;
            }
        EXPECT_LE(worst, 1.0) << "at " << ::testing::PrintToString(x[where]) << " the result is "
                              << ::testing::PrintToString(out[where]);
    });
}

// The end points of everything that the kernels distinguish, and all their neighbours within 3.
template <class T>
std::vector<T> with_neighbours(const std::vector<double>& points) {
    std::vector<T> x;
    for (const double point : points)
        for (const double sign : {1.0, -1.0}) {
            T up = static_cast<T>(sign * point), down = up;
            x.push_back(up);
            for (int step = 0; step < 3; ++step) {
                up = std::nextafter(up, std::numeric_limits<T>::infinity());
                down = std::nextafter(down, -std::numeric_limits<T>::infinity());
                x.push_back(up);
                x.push_back(down);
            }
        }
    return x;
}

template <class T>
std::vector<T> hard_cases() {
    using Limits = std::numeric_limits<T>;
    const double ln2 = std::log(2.0);
    std::vector<double> points = {
        0, 0.25, 0.3125, 0.5, 1, 2, 85, 87, 88, 89, 104, 706, 708, 710, 746,
        // the last finite, the first infinite, the first zero results
        Limits::max_exponent * ln2, (Limits::min_exponent - 1) * ln2,
        (Limits::min_exponent - Limits::digits) * ln2, (Limits::min_exponent - Limits::digits - 1) * ln2,
        // from here on 1 + x is x, and log1p's power of two is no longer normal
        1 / static_cast<double>(Limits::epsilon()), std::ldexp(1.0, 64), std::ldexp(1.0, 127),
        std::ldexp(1.5, 127), std::ldexp(1.0, 512), std::ldexp(1.0, 1023), std::ldexp(1.5, 1023),
        static_cast<double>(Limits::epsilon()), static_cast<double>(Limits::min()),
        static_cast<double>(Limits::denorm_min()), static_cast<double>(Limits::max()),
        // the largest errors of all floats, and those that a search of some 10^7 random doubles found
        0x1.dfaf98p+5, 0x1.01f264p-2, 0x1.63a4d8p-2, 0x1.006436p+0, 0x1.620385d62908fp+9,
        0x1.620627472d269p+9, 0x1.62048b6dc5af6p+9, 0x1.6b691aae153a6p-2, 0x1.6457b3e4cf73ap-2,
        0x1.ff9840b771706p-1, 0x1.0a67def801992p-2, 0x1.03f6dd2730914p+0, 0x1.0a1db406e62edp-2,
        0x1.ffdd612888aa3p-1, 0x1.69760dc9191bbp-2};
    // Where the exponentials change n, and the middle between; where log1p changes k.
    for (int half = 1; half <= 2200; half += half < 300 ? 1 : 37)
        points.push_back(half * ln2 / 2);
    for (int k = -53; k <= 60; ++k)
        for (const double m : {0.75, 1.0, std::sqrt(2.0)})
            points.push_back(m * std::ldexp(1.0, k) - 1);
    return with_neighbours<T>(points);
}

// n inputs of all kinds: dense where the results vary, every magnitude, every bit pattern.
template <class T>
std::vector<T> wide_sweep(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    std::vector<T> x(n);
    const double range = sizeof(T) == 4 ? 110 : 760;
    for (std::size_t i = 0; i < n; ++i) {
        const double sign = random.below(2) == 0 ? 1 : -1;
        switch (i % 6) {
        case 0:
            x[i] = static_cast<T>(random.uniform(-1.1, 1.1));
            break;
        case 1:
            x[i] = static_cast<T>(random.uniform(-range, range));
            break;
        case 2:
            x[i] = static_cast<T>(random.uniform(-40, 40));
            break;
        case 3:
            x[i] = static_cast<T>(sign * std::exp2(random.uniform(-60, 20)));
            break;
        case 4: // close to -1, for log1p, and to the ends of the range, for the exponentials
            x[i] = static_cast<T>(random.below(2) == 0 ? std::exp2(random.uniform(-52, 0)) - 1
                                                       : sign * range * random.uniform(0.78, 1));
            break;
        default:
            x[i] = random.any<T>();
        }
    }
    return x;
}

// ---- Accuracy ------------------------------------------------------------------------------------------

TEST(ElementaryF32, WithinOneUlpOnASampleOfAllBitPatterns) {
    const bool exhaustive = std::getenv("ANISOGRAD_EXHAUSTIVE") != nullptr;
    // Odd, so that every combination of the low bits occurs.
    const std::uint64_t stride = exhaustive ? 1 : (std::uint64_t(1) << 32) / cases(1050000) | 1;
    constexpr std::size_t chunk = std::size_t(1) << 20;
    std::uint64_t pattern = 0;
    while (pattern < std::uint64_t(1) << 32) {
        std::vector<float> x;
        for (; x.size() < chunk && pattern < std::uint64_t(1) << 32; pattern += stride) {
            const auto bits = static_cast<std::uint32_t>(pattern);
            float value;
            std::memcpy(&value, &bits, sizeof value);
            x.push_back(value);
        }
        for (const Function<float>& function : functions<float>)
            expect_within_one_ulp(function, x);
    }
}

TEST(ElementaryF32, WithinOneUlpOnHardCases) {
    for (const Function<float>& function : functions<float>)
        expect_within_one_ulp(function, hard_cases<float>());
}

#if ANISOGRAD_HAVE_MPFR
TEST(ElementaryF64, WithinOneUlpOnHardCases) {
    for (const Function<double>& function : functions<double>)
        expect_within_one_ulp(function, hard_cases<double>());
}

TEST(ElementaryF64, WithinOneUlpOnAWideSweep) {
    for (const Function<double>& function : functions<double>)
        expect_within_one_ulp(function, wide_sweep<double>(cases(100000), 1));
}
#else
TEST(ElementaryF64, WithinOneUlp) {
    GTEST_SKIP() << "built without MPFR";
}
#endif

// ---- The rest, for both types --------------------------------------------------------------------------

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
