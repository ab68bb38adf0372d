// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers of 16 bits: conversions, steps, stochastic rounding; and compressed accumulators.
#include "tests/reference/adagrad.hpp"
#include "tests/reference/short_floats.hpp"
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

namespace {

using namespace test;
using Short = std::uint16_t;

struct Bf16 {
    static constexpr reference::Format format = reference::bf16;
    static constexpr auto step = ag_adagrad_step_bf16;
    static constexpr auto step_master = ag_adagrad_step_master_bf16;
    static constexpr auto from_f32 = ag_bf16_from_f32;
    static constexpr auto to_f32 = ag_f32_from_bf16;
};
struct F16 {
    static constexpr reference::Format format = reference::f16;
    static constexpr auto step = ag_adagrad_step_f16;
    static constexpr auto step_master = ag_adagrad_step_master_f16;
    static constexpr auto from_f32 = ag_f16_from_f32;
    static constexpr auto to_f32 = ag_f32_from_f16;
};

template <class F>
class ShortFloats : public ::testing::Test {};
using Formats = ::testing::Types<Bf16, F16>;
TYPED_TEST_SUITE(ShortFloats, Formats);

template <class F>
bool same_number(Short a, Short b) {
    const Short infinity = F::format.infinity();
    return a == b || ((a & 0x7fff) > infinity && (b & 0x7fff) > infinity);
}

template <class F>
::testing::AssertionResult same_numbers(const std::vector<Short>& a, const std::vector<Short>& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!same_number<F>(a[i], b[i]))
            return ::testing::AssertionFailure()
                   << "at " << i << " of " << a.size() << ": " << a[i] << " and " << b[i];
    return ::testing::AssertionSuccess();
}

template <class F>
std::vector<float> widened(const std::vector<Short>& a) {
    std::vector<float> out;
    for (const Short bits : a)
        out.push_back(static_cast<float>(reference::value(F::format, bits)));
    return out;
}

template <class F>
std::vector<Short> rounded(const std::vector<float>& x, const ag_adagrad_options& o) {
    std::vector<Short> out;
    for (std::size_t j = 0; j < x.size(); ++j)
        out.push_back(o.rounding == AG_ROUNDING_STOCHASTIC
                          ? reference::stochastic(F::format, x[j], reference::random_bits(o.seed, o.step, j))
                          : reference::nearest(F::format, x[j]));
    return out;
}

// Any bits: NaNs, infinities and subnormal numbers among them.
std::vector<Short> any_shorts(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    std::vector<Short> values(n);
    for (Short& x : values)
        x = static_cast<Short>(random.bits());
    return values;
}

// About normal.
template <class F>
std::vector<Short> normal_shorts(std::size_t n, std::uint64_t seed) {
    std::vector<Short> values;
    for (const float x : normal_values<float>(n, seed))
        values.push_back(reference::nearest(F::format, x));
    return values;
}

std::vector<ag_adagrad_options> option_cases() {
    std::vector<ag_adagrad_options> all(4, adagrad_options());
    all[1].epsilon_mode = AG_EPSILON_OUTSIDE;
    all[1].weight_decay = 0.125;
    all[1].gradient_scale = 0.3;
    all[2].epsilon_mode = AG_EPSILON_INSIDE;
    all[2].l1 = 0.01;
    all[2].decoupled_weight_decay = 0.3;
    all[2].learning_rate = 0.3;
    all[3].rounding = AG_ROUNDING_STOCHASTIC;
    all[3].seed = 0x123456789abcdef0;
    all[3].step = 0xfedcba9876543210;
    all[3].math = AG_MATH_FAST; // changes nothing
    return all;
}

TEST(Threefry, GivesThePublishedNumbers) {
    // Random123's known answers for threefry2x32 with 13 rounds.
    const reference::Words cases[][3] = {
        {{0, 0}, {0, 0}, {0x9d1c5ec6, 0x8bd50731}},
        {{~0u, ~0u}, {~0u, ~0u}, {0xfd36d048, 0x2d17272c}},
        {{0x243f6a88, 0x85a308d3}, {0x13198a2e, 0x03707344}, {0xba3e4725, 0xf27d669e}}};
    for (const auto& [counter, key, expected] : cases) {
        const reference::Words x = reference::threefry(counter, key);
        EXPECT_EQ(x.low, expected.low);
        EXPECT_EQ(x.high, expected.high);
    }
}

TYPED_TEST(ShortFloats, EveryNumberIsWidenedExactly) {
    on_every_isa([](ag_isa) {
        std::vector<Short> all(65536);
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<Short>(i);
        std::vector<float> out(all.size());
        ASSERT_EQ(TypeParam::to_f32(all.size(), all.data(), out.data()), AG_OK);
        ASSERT_TRUE(same_bits(out, widened<TypeParam>(all)));
        // And back; then every number's neighbourhood and the middles between neighbours.
        std::vector<Short> back(all.size());
        ASSERT_EQ(TypeParam::from_f32(out.size(), out.data(), back.data()), AG_OK);
        ASSERT_TRUE(same_numbers<TypeParam>(back, all));
        std::vector<float> near;
        for (std::size_t i = 0; i + 1 < out.size(); ++i)
            for (const float x : {out[i], out[i] / 2 + out[i + 1] / 2}) {
                near.push_back(x);
                near.push_back(std::nextafter(x, HUGE_VALF));
                near.push_back(std::nextafter(x, -HUGE_VALF));
            }
        Random random(1);
        for (std::size_t i = 0; i < cases(200000); ++i)
            near.push_back(random.any<float>());
        std::vector<Short> got(near.size());
        ASSERT_EQ(TypeParam::from_f32(near.size(), near.data(), got.data()), AG_OK);
        for (std::size_t i = 0; i < near.size(); ++i)
            ASSERT_TRUE(same_number<TypeParam>(got[i], reference::nearest(TypeParam::format, near[i])))
                << near[i] << " gave " << got[i];
    });
}

TYPED_TEST(ShortFloats, ConversionsOfEverySize) {
    on_every_isa([](ag_isa) {
        for (const std::size_t n : sizes<float>())
            for (const std::size_t gap : gaps) {
                const std::vector<float> x = mixed_values<float>(n, n);
                const std::vector<Short> shorts = any_shorts(n, n);
                GuardedArray<float> x_array(x, gap), wide(n, gap);
                GuardedArray<Short> shorts_array(shorts, gap), out(n, gap);
                ASSERT_EQ(TypeParam::from_f32(n, x_array.data(), out.data()), AG_OK);
                ASSERT_EQ(TypeParam::to_f32(n, shorts_array.data(), wide.data()), AG_OK);
                ASSERT_TRUE(same_numbers<TypeParam>(out.values(), rounded<TypeParam>(x, adagrad_options())));
                ASSERT_TRUE(same_bits(wide.values(), widened<TypeParam>(shorts)));
                ASSERT_TRUE(x_array.intact() && out.intact() && shorts_array.intact() && wide.intact());
            }
    });
}

TYPED_TEST(ShortFloats, StepsEqualReference) {
    on_every_isa([](ag_isa) {
        for (const ag_adagrad_options& options : option_cases())
            for (const std::size_t n : sizes<float>())
                for (const bool wild : {false, true}) {
                    const auto shorts = wild ? any_shorts : normal_shorts<TypeParam>;
                    const std::vector<Short> w0 = shorts(n, n), g = shorts(n, n + 1);
                    std::vector<float> w = widened<TypeParam>(w0),
                                       v = absolute(normal_values<float>(n, n + 2));
                    GuardedArray<Short> w_array(w0, n % 3), g_array(g, n % 2);
                    GuardedArray<float> v_array(v, n % 3);
                    reference::adagrad_step(w, widened<TypeParam>(g), v, options);
                    ASSERT_EQ(TypeParam::step(n, w_array.data(), g_array.data(), v_array.data(), &options),
                              AG_OK);
                    ASSERT_TRUE(same_numbers<TypeParam>(w_array.values(), rounded<TypeParam>(w, options)))
                        << "n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "n " << n;
                    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact());
                }
    });
}

TYPED_TEST(ShortFloats, MasterStepsEqualReference) {
    on_every_isa([](ag_isa) {
        for (const ag_adagrad_options& options : option_cases())
            for (const std::size_t n : sizes<float>())
                for (const bool with_copy : {false, true}) {
                    const std::vector<Short> g = any_shorts(n, n + 1);
                    std::vector<float> w = mixed_values<float>(n, n),
                                       v = absolute(mixed_values<float>(n, n + 2));
                    GuardedArray<float> w_array(w, n % 3), v_array(v, n % 2);
                    GuardedArray<Short> g_array(g, n % 2), copy(n, n % 3);
                    reference::adagrad_step(w, widened<TypeParam>(g), v, options);
                    ASSERT_EQ(TypeParam::step_master(n, w_array.data(), with_copy ? copy.data() : nullptr,
                                                     g_array.data(), v_array.data(), &options),
                              AG_OK);
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "n " << n;
                    if (with_copy) {
                        ASSERT_TRUE(same_numbers<TypeParam>(copy.values(), rounded<TypeParam>(w, options)));
                    }
                    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact() && copy.intact());
                }
    });
}

TYPED_TEST(ShortFloats, ThreadsDoNotChangeTheResult) {
    const std::size_t n = threaded_size;
    const ag_adagrad_options options = option_cases()[3];
    const std::vector<Short> w0 = normal_shorts<TypeParam>(n, 1), g = normal_shorts<TypeParam>(n, 2);
    std::vector<float> w = widened<TypeParam>(w0), v(n, 1);
    reference::adagrad_step(w, widened<TypeParam>(g), v, options);
    const std::vector<Short> expected = rounded<TypeParam>(w, options);
    on_every_isa_and_thread_count([&] {
        std::vector<Short> w1 = w0, copy(n);
        std::vector<float> v1(n, 1), master = widened<TypeParam>(w0), v2(n, 1);
        ASSERT_EQ(TypeParam::step(n, w1.data(), g.data(), v1.data(), &options), AG_OK);
        ASSERT_EQ(TypeParam::step_master(n, master.data(), copy.data(), g.data(), v2.data(), &options),
                  AG_OK);
        ASSERT_TRUE(same_numbers<TypeParam>(w1, expected));
        ASSERT_TRUE(same_bits(v1, v));
        ASSERT_TRUE(same_bits(master, w));
        ASSERT_EQ(copy, expected);
    });
}

// The mean over many seeds is the number itself, and a number of 16 bits stays; at every magnitude.
TYPED_TEST(ShortFloats, StochasticRoundingIsUnbiased) {
    const reference::Format f = TypeParam::format;
    const std::size_t n = 64, trials = 4096;
    std::vector<float> x;
    for (std::size_t j = 0; j < n; ++j) {
        const int exponent = static_cast<int>(j) - 32;
        const float base = std::ldexp(1.5f, f.exponent_bits == 5 ? exponent * 3 / 4 : exponent * 3);
        const float unit = static_cast<float>(reference::unit(f, base));
        x.push_back(std::isinf(base) || base > f.largest()
                        ? 1.0f
                        : std::max(std::floor(base / unit), 1.0f) * unit + unit * (float(j % 9) / 8.0f));
    }
    std::vector<double> sum(n);
    ag_adagrad_options options = adagrad_options();
    options.learning_rate = 0;
    options.rounding = AG_ROUNDING_STOCHASTIC;
    const std::vector<Short> g(n);
    for (std::size_t t = 0; t < trials; ++t) {
        options.step = t;
        std::vector<float> w = x, v(n, 1);
        std::vector<Short> copy(n);
        ASSERT_EQ(TypeParam::step_master(n, w.data(), copy.data(), g.data(), v.data(), &options), AG_OK);
        for (std::size_t j = 0; j < n; ++j) {
            const double got = reference::value(f, copy[j]), unit = reference::unit(f, x[j]);
            ASSERT_LT(std::fabs(got - x[j]), unit) << x[j];
            sum[j] += (got - x[j]) / unit;
        }
    }
    for (std::size_t j = 0; j < n; ++j) // the standard deviation of a mean is at most 1/2 / sqrt(trials)
        EXPECT_LT(std::fabs(sum[j] / trials), 5 * 0.5 / std::sqrt(double(trials))) << x[j];
}

// ---- Compressed accumulators ---------------------------------------------------------------------------

// The code's values, by its definition.
std::vector<double> code_values() {
    std::vector<double> values = {0};
    for (int d = 0; d < 7; ++d)
        for (int j = 0; j < 2 << d; ++j)
            values.push_back(std::pow(10.0, d - 6) * (0.1 + 0.9 * (j + 0.5) / (2 << d)));
    values.push_back(1);
    return values;
}

TEST(Compressed, EveryCodeHasItsValue) {
    const std::vector<double> expected = code_values();
    ASSERT_EQ(expected.size(), 256u);
    std::vector<std::uint8_t> codes(256);
    for (std::size_t c = 0; c < 256; ++c)
        codes[c] = static_cast<std::uint8_t>(c);
    on_every_isa([&](ag_isa) {
        const float scale = 1;
        std::vector<float> v(256);
        ASSERT_EQ(ag_accumulator_decode_f32(256, codes.data(), &scale, v.data()), AG_OK);
        for (std::size_t c = 0; c < 256; ++c)
            EXPECT_NEAR(v[c], expected[c], 0x1p-19 * expected[c]) << "code " << c;
        EXPECT_EQ(v[0], 0);
        EXPECT_EQ(v[255], 1);
        // A code's value has that code again.
        std::vector<std::uint8_t> again(256);
        float new_scale = 0;
        ASSERT_EQ(ag_accumulator_encode_f32(256, v.data(), again.data(), &new_scale), AG_OK);
        EXPECT_EQ(again, codes);
        EXPECT_EQ(new_scale, 1);
    });
}

TEST(Compressed, EncodesToTheNearestValue) {
    const std::vector<double> values = code_values();
    on_every_isa([&](ag_isa) {
        Random random(3);
        for (std::size_t round = 0; round < cases(400); ++round) {
            std::vector<float> v(256);
            for (float& x : v)
                x = static_cast<float>(std::pow(10.0, random.uniform(-9, 0)));
            for (std::size_t k = 0; k < 40; ++k) { // at the joints of decades, and between values
                const std::size_t c = random.below(255);
                v[k] =
                    static_cast<float>((values[c] + values[c + 1]) / 2 * (1 + random.uniform(-1e-5, 1e-5)));
            }
            v[255] = 1;
            std::vector<std::uint8_t> codes(256);
            float scale = 0;
            ASSERT_EQ(ag_accumulator_encode_f32(256, v.data(), codes.data(), &scale), AG_OK);
            for (std::size_t j = 0; j < 256; ++j) {
                double best = HUGE_VAL;
                for (const double value : values)
                    best = std::min(best, std::fabs(value - v[j]));
                // Between two values the arithmetic's last places may decide.
                ASSERT_LE(std::fabs(values[codes[j]] - v[j]), best + 0x1p-19 * v[j]) << v[j];
            }
        }
    });
}

std::size_t blocks(std::size_t n) {
    return (n + AG_ACCUMULATOR_BLOCK - 1) / AG_ACCUMULATOR_BLOCK;
}

// The codes and scales by the reference: decode and encode are tested above.
TEST(Compressed, StepsDecodeStepAndEncode) {
    on_every_isa([](ag_isa) {
        std::vector<ag_adagrad_options> options = option_cases();
        for (const ag_adagrad_options& o : options)
            for (const std::size_t n : {0, 1, 15, 16, 17, 255, 256, 257, 512, 1000, 4099}) {
                const auto size = static_cast<std::size_t>(n);
                std::vector<float> w = normal_values<float>(size, 1), v(size),
                                   scales = absolute(normal_values<float>(blocks(size), 2));
                std::vector<float> g = normal_values<float>(size, 3);
                if (size > 300)
                    std::fill(g.begin(), g.begin() + 256, 0.0f); // a block that stays, and one of zeros
                if (size > 600)
                    std::fill(g.begin() + 256, g.begin() + 512, 0.0f), scales[1] = 0;
                std::vector<std::uint8_t> codes(size);
                Random random(size);
                for (std::uint8_t& c : codes)
                    c = static_cast<std::uint8_t>(random.bits());
                GuardedArray<float> w_array(w), g_array(g), scales_array(scales);
                GuardedArray<std::uint8_t> codes_array(codes, size % 3);
                ASSERT_EQ(ag_accumulator_decode_f32(size, codes.data(), scales.data(), v.data()), AG_OK);
                reference::adagrad_step(w, g, v, o);
                std::vector<std::uint8_t> expected(size);
                std::vector<float> expected_scales(blocks(size));
                for (std::size_t j = 0; j < size; ++j) {
                    float& scale = expected_scales[j / AG_ACCUMULATOR_BLOCK];
                    scale = std::max(scale, v[j]);
                }
                ASSERT_EQ(ag_accumulator_encode_f32(size, v.data(), expected.data(), scales.data()), AG_OK);
                ASSERT_EQ(scales, expected_scales);
                ASSERT_EQ(ag_adagrad_step_compressed_f32(size, w_array.data(), g_array.data(),
                                                         codes_array.data(), scales_array.data(), &o),
                          AG_OK);
                ASSERT_TRUE(same_bits(w_array.values(), w)) << "n " << n;
                ASSERT_EQ(codes_array.values(), expected) << "n " << n;
                ASSERT_TRUE(same_bits(scales_array.values(), expected_scales)) << "n " << n;
                ASSERT_TRUE(w_array.intact() && g_array.intact() && codes_array.intact() &&
                            scales_array.intact());
            }
    });
}

TEST(Compressed, NonFiniteSumsMakeTheirBlockNaN) {
    on_every_isa([](ag_isa) {
        for (const float bad : {HUGE_VALF, std::numeric_limits<float>::quiet_NaN(), 1e30f}) {
            std::vector<float> w(700, 1), g(700, 1), scales(3, 1), v(700);
            std::vector<std::uint8_t> codes(700, 255);
            g[300] = bad;
            ASSERT_EQ(
                ag_adagrad_step_compressed_f32(700, w.data(), g.data(), codes.data(), scales.data(), nullptr),
                AG_OK);
            EXPECT_EQ(scales[0], 2);
            EXPECT_TRUE(std::isnan(scales[1]));
            EXPECT_EQ(scales[2], 2);
            ASSERT_EQ(ag_accumulator_decode_f32(700, codes.data(), scales.data(), v.data()), AG_OK);
            for (std::size_t j = 0; j < 700; ++j)
                ASSERT_EQ(std::isnan(v[j]), j >= 256 && j < 512) << j;
        }
    });
}

TEST(Compressed, ThreadsDoNotChangeTheResult) {
    const std::size_t n = threaded_size;
    const std::vector<float> w0 = normal_values<float>(n, 1), g = normal_values<float>(n, 2);
    std::vector<float> first_w;
    std::vector<std::uint8_t> first_codes;
    on_every_isa_and_thread_count([&] {
        std::vector<float> w = w0, scales(blocks(n), 1), decoded(n), again(blocks(n));
        std::vector<std::uint8_t> codes(n, 200), encoded(n);
        ASSERT_EQ(ag_adagrad_step_compressed_f32(n, w.data(), g.data(), codes.data(), scales.data(), nullptr),
                  AG_OK);
        ASSERT_EQ(ag_accumulator_decode_f32(n, codes.data(), scales.data(), decoded.data()), AG_OK);
        ASSERT_EQ(ag_accumulator_encode_f32(n, decoded.data(), encoded.data(), again.data()), AG_OK);
        ASSERT_EQ(encoded, codes);
        if (first_w.empty())
            first_w = w, first_codes = codes;
        ASSERT_TRUE(same_bits(w, first_w));
        ASSERT_EQ(codes, first_codes);
    });
}

} // namespace
