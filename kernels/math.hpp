// SPDX-License-Identifier: BSD-3-Clause
//
// exp, log1p, sigmoid, softplus on packs, and the logistic loss with its derivative.
//
// One algorithm for both types; float and double differ in their constants only. No tables: a gather costs
// more than the polynomial terms that it would save, and not every ISA has one.
//
// These kernels use fused multiply-adds, for two reasons. The argument reductions and the rounding errors of
// sums and products are then exact in one operation, and that is what the bound of 1 ULP rests on. And the
// polynomials take half the instructions. Everything else is + - * /, comparisons and integer operations, in
// the order written here, so the bits are the same on every ISA.
//
// Polynomials: Sollya 8.0, fpminimax in the monomial basis with coefficients of the type (for the logistic
// loss, remez weighted by the relative error, then rounded). Each array says its function, interval, and the
// error of the finished expression relative to the function's value.
//
// Error budgets are in ULPs of the result, at the inputs where their parts are largest. The largest errors
// found:
//
//             exp    log1p  sigmoid  softplus  logistic loss, derivative
//     f32     0.888  0.804  0.832    0.857     1.8  2.8    all 2^32 inputs (the last two: every seventh)
//     f64     0.886  0.828  0.886    0.886     2.1  2.8    some 10^7 random inputs
#pragma once

#include "kernels/pack.hpp"

namespace anisograd {
namespace {

// The packs that suit these functions best: about a dozen values are live at once in each register of a pack.
template <class Isa>
struct SizeForMath {
    using type = Isa;
};
template <class Isa>
using ForMath = typename SizeForMath<Isa>::type;
#if defined(__AVX512F__)
// 32 registers and long latencies: two at once.
template <>
struct SizeForMath<Avx512> {
    using type = PacksOf<Avx512, 128>;
};
#endif
#if defined(__aarch64__)
// 32 registers too, but four times as many in a pack.
template <>
struct SizeForMath<Neon> {
    using type = PacksOf<Neon, 16>;
};
#endif

// One read-only table per type, whose address is hidden from the compiler (see math_constants): it would
// otherwise keep each constant in a register of its own around a loop, and then run out of registers.
template <class T>
struct MathConstants;

template <>
struct MathConstants<float> {
    static constexpr int mantissa_bits = 23;

    float one = 1, minus_one = -1, minus_two = -2, half = 0.5f, minus_half = -0.5f;
    // Added to |x| < 2^22, it rounds to an integer n; the low bits of the sum are then those of 2^n's
    // exponent.
    float round_to_integer = 0x1.8p23f + 127;
    // Within it, e^x and the power of two nearest to it are normal numbers, and the errors of sums of that
    // size can be represented.
    float exp_plain = 85, minus_exp_plain = -85;
    // Beyond these e^x is 0 or infinite.
    float exp_zero = -104, exp_infinite = 89;
    // Half the range of the exponent: what is out of range times one of these powers of two is not.
    static constexpr std::uint32_t half_range = 64;
    float up = 0x1p64f, down = 0x1p-64f;
    float infinity = __builtin_inff(), not_a_number = __builtin_nanf("");

    float log2_e = 0x1.715476p0f, minus_log2_e = -0x1.715476p0f;
    // ln 2 in two parts; the first has so few bits that its product with an exponent is exact.
    float ln2_high = 0x1.62e4p-1f, minus_ln2_high = -0x1.62e4p-1f;
    float ln2_low = 0x1.7f7d1cp-20f, minus_ln2_low = -0x1.7f7d1cp-20f;

    // (e^r - 1 - r) / r^2 on [-0.3466, 0.3466], for 1 + r + r^2 p(r): 2^-31.6, and shorter 2^-26.5.
    float exp[6] = {0x1p-1f,        0x1.555556p-3f,  0x1.555502p-5f,
                    0x1.110fc2p-7f, 0x1.6d2e06p-10f, 0x1.a2d99ap-13f};
    float exp_short[5] = {0x1p-1f, 0x1.5554dcp-3f, 0x1.5554eap-5f, 0x1.120c08p-7f, 0x1.6d4bfep-10f};
    // -(2 atanh(s) / s - 2) / s^2 in z = s^2 on [0, 0.04], for 2 s - s z p(z): 2^-32.7.
    float log[4] = {-0x1.555556p-1f, -0x1.99992cp-2f, -0x1.246afep-2f, -0x1.df6bc2p-3f};
    // The same on [0, 1/9]: 2^-27.4.
    float log_third[4] = {-0x1.555502p-1f, -0x1.99d208p-2f, -0x1.1ebd0ep-2f, -0x1.1ed7bep-2f};

    std::uint32_t sign = 0x80000000, exponent_unit = 0x00800000, exponent_mask = 0xff800000;
    // For log1p: 0.75, where k changes; what -k is added to, to stay above 0, as an exponent; and 2^23.
    std::uint32_t log1p_split = 0x3f400000, log1p_index = 0x7f800000, log1p_integer = 0x4b000000;
    float log1p_integer_value = 0x1p23f + 255;
};

template <>
struct MathConstants<double> {
    static constexpr int mantissa_bits = 52;

    double one = 1, minus_one = -1, minus_two = -2, half = 0.5, minus_half = -0.5;
    double round_to_integer = 0x1.8p52 + 1023;
    double exp_plain = 706, minus_exp_plain = -706;
    double exp_zero = -746, exp_infinite = 710;
    static constexpr std::uint64_t half_range = 512;
    double up = 0x1p512, down = 0x1p-512;
    double infinity = __builtin_inf(), not_a_number = __builtin_nan("");

    double log2_e = 0x1.71547652b82fep0, minus_log2_e = -0x1.71547652b82fep0;
    double ln2_high = 0x1.62e42fefa38p-1, minus_ln2_high = -0x1.62e42fefa38p-1;
    double ln2_low = 0x1.ef35793c7673p-45, minus_ln2_low = -0x1.ef35793c7673p-45;

    // 2^-61.9, and shorter 2^-55.7.
    double exp[11] = {0x1p-1,
                      0x1.5555555555557p-3,
                      0x1.5555555555557p-5,
                      0x1.1111111110051p-7,
                      0x1.6c16c16c156a5p-10,
                      0x1.a01a01ac1de81p-13,
                      0x1.a01a01ab9882bp-16,
                      0x1.71de01acf7607p-19,
                      0x1.27e4cfaf0e60fp-22,
                      0x1.af4ecab92d52fp-26,
                      0x1.1f86f0b035526p-29};
    double exp_short[10] = {0x1.0000000000001p-1,  0x1.5555555555558p-3,  0x1.5555555553cd6p-5,
                            0x1.111111110f8d9p-7,  0x1.6c16c178acbaap-10, 0x1.a01a01afb874ap-13,
                            0x1.a019b8b2468d4p-16, 0x1.71ddf783208c6p-19, 0x1.2891d915cad64p-22,
                            0x1.af61c91537733p-26};
    // 2^-60.9.
    double log[8] = {-0x1.5555555555555p-1, -0x1.9999999999ff8p-2, -0x1.24924923ceefcp-2,
                     -0x1.c71c72ee3d6e6p-3, -0x1.745ca89d5bfc1p-3, -0x1.3b2a4a4c31065p-3,
                     -0x1.0e843fb6ba302p-3, -0x1.16d2ef8be9e48p-3};
    // 2^-54.1.
    double log_third[9] = {-0x1.5555555555937p-1, -0x1.99999998ebdd5p-2, -0x1.2492497829bd2p-2,
                           -0x1.c71c4a6db4c4cp-3, -0x1.74624fedfe917p-3, -0x1.3aa9287943489p-3,
                           -0x1.163f693ea1de2p-3, -0x1.959ea6ac4dd3cp-4, -0x1.6b4f5f81111cbp-3};

    std::uint64_t sign = 0x8000000000000000, exponent_unit = 0x0010000000000000;
    std::uint64_t exponent_mask = 0xfff0000000000000;
    std::uint64_t log1p_split = 0x3fe8000000000000, log1p_index = 0x7ff0000000000000;
    std::uint64_t log1p_integer = 0x4330000000000000;
    double log1p_integer_value = 0x1p52 + 2047;
};

template <class T>
constexpr MathConstants<T> math_constants_table;

template <class T>
AG_INLINE const MathConstants<T>& math_constants() {
    const MathConstants<T>* table = &math_constants_table<T>;
    __asm__ volatile("" : "+r"(table));
    return *table;
}

// c[0] + c[1] x + c[2] x^2 + …, given x and x^2: the even and the odd terms side by side, each by Horner's
// rule, for half the latency.
template <std::size_t i, std::size_t count, class Isa, class T>
AG_INLINE Pack<Isa, T> every_second_term(Pack<Isa, T> x2, const T (&c)[count]) {
    const Pack<Isa, T> term = Pack<Isa, T>::broadcast(c[i]);
    if constexpr (i + 2 < count)
        return fma(every_second_term<i + 2>(x2, c), x2, term);
    else
        return term;
}
template <std::size_t count, class Isa, class T>
AG_INLINE Pack<Isa, T> polynomial(Pack<Isa, T> x, Pack<Isa, T> x2, const T (&c)[count]) {
    return fma(every_second_term<1>(x2, c), x, every_second_term<0>(x2, c));
}

// The argument reduction of the exponentials: with n the integer nearest to sign * x / ln 2,
//
//     e^x = 2^(sign * n) * (1 + high + low),    scale = 2^n,
//
// where |high| <= 0.3466 is exact and |low| <= 0.07 has been rounded twice. For |x| <= exp_plain.
template <int sign, class Isa, class T, std::size_t count>
AG_INLINE void reduce_exp(Pack<Isa, T> x, const T (&coefficients)[count], Pack<Isa, T>& scale,
                          Pack<Isa, T>& high, Pack<Isa, T>& low) {
    using P = Pack<Isa, T>;
    const MathConstants<T>& c = math_constants<T>();
    const P to_integer = P::broadcast(c.round_to_integer);
    const P shifted = fma(x, P::broadcast(sign > 0 ? c.log2_e : c.minus_log2_e), to_integer);
    const P n = shifted - to_integer;
    scale = from_bits<T>(shift_left<MathConstants<T>::mantissa_bits>(to_bits(shifted)));
    high = fma(n, P::broadcast(sign > 0 ? c.minus_ln2_high : c.ln2_high), x);
    const P correction = n * P::broadcast(sign > 0 ? c.minus_ln2_low : c.ln2_low);
    const P r = high + correction;
    const P r2 = r * r;
    low = fma(polynomial(r, r2, coefficients), r2, correction);
}

// e^x from its reduced form where the scale, or the result, leaves the range of normal numbers, by two
// scalings. A subnormal result is rounded twice, and the first rounding counts half or less.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> exp_extreme(Pack<Isa, T> x, Pack<Isa, T> scale, Pack<Isa, T> sum) {
    using P = Pack<Isa, T>;
    const MathConstants<T>& c = math_constants<T>();
    constexpr Bits<T> half_range = MathConstants<T>::half_range << MathConstants<T>::mantissa_bits;
    const auto negative = x < P::zero();
    const P raise = from_bits<T>(Pack<Isa, Bits<T>>::broadcast(half_range));
    const P lower = from_bits<T>(Pack<Isa, Bits<T>>::broadcast(Bits<T>(0) - half_range));
    const P inner = from_bits<T>(to_bits(scale) + to_bits(select(negative, raise, lower)));
    const P outer = select(negative, P::broadcast(c.down), P::broadcast(c.up));
    P y = fma(inner, sum, inner) * outer;
    y = select(x < P::broadcast(c.exp_zero), P::zero(), y);
    return select(x > P::broadcast(c.exp_infinite), P::broadcast(c.infinity), y);
}

// Budget: 0.5 the last rounding, 0.25 that of high + low (below 0.5, and e^x above 0.7, in units of scale),
// 0.1 low, 0.01 the polynomial.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> exp(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    const MathConstants<T>& c = math_constants<T>();
    P scale, high, low;
    reduce_exp<1>(x, c.exp, scale, high, low);
    const P sum = high + low;
    P y = fma(scale, sum, scale);
    const auto plain = abs(x) <= P::broadcast(c.exp_plain);
    if (__builtin_expect(any(!plain), false))
        y = select(plain, y, exp_extreme(x, scale, sum));
    return y;
}

// log(1 + f) - f + carried for -0.33 <= f <= 0.5 and a tiny carried, from log(1 + f) = 2 atanh(s), s = f / (2
// + f), arranged so that the square of f enters exactly and one rounding at the end covers all:
//
//     -f^2 / 2 + (s (f^2 / 2 + s^2 p(s^2)) + carried)
template <class Isa, class T>
AG_INLINE Pack<Isa, T> log1p_minus_argument(Pack<Isa, T> f, Pack<Isa, T> carried) {
    using P = Pack<Isa, T>;
    const MathConstants<T>& c = math_constants<T>();
    const P minus_s = f / (P::broadcast(c.minus_two) - f);
    const P z = minus_s * minus_s;
    const P minus_half_f = f * P::broadcast(c.minus_half);
    const P inner = fma(z, polynomial(z, z * z, c.log), minus_half_f * f);
    return fma(minus_half_f, f, minus_s * inner + carried);
}

// With 1 + x = 2^k m, 0.75 <= m < 1.5, and f = m - 1:
//
//     log1p(x) = k ln 2 + log1p(f),    f = x / 2^k + (1 / 2^k - 1).
//
// That sum is exact for this range of m (both terms are within a factor 2 of each other, or k = 0), so the
// rounding of 1 + x, from which k is taken, does not matter. The error of k ln 2 + f is carried along.
//
// Budget: 0.5 the last rounding, 0.13 that of log1p(f) - f, 0.2 the term in s, 0.01 the polynomial.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> log1p(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    using B = Pack<Isa, Bits<T>>;
    const MathConstants<T>& c = math_constants<T>();
    const P one = P::broadcast(c.one);
    const P u = one + x;
    // k in the place of an exponent. Taken from those of 1 and of x, it divides them by 2^k.
    const B exponent = (to_bits(u) - B::broadcast(c.log1p_split)) & B::broadcast(c.exponent_mask);
    const P scaled = from_bits<T>(to_bits(x) - exponent);
    P inverse = from_bits<T>(to_bits(one) - exponent);
    // For the two largest k, 1 / 2^k is not a normal number, and its bits not even close.
    inverse = select(u < P::broadcast(c.up), inverse, P::zero());
    const P f = scaled - (one - inverse);
    // -k, from an integer above 0 in the low bits of a large number.
    const P minus_k =
        from_bits<T>(shift_right<MathConstants<T>::mantissa_bits>(B::broadcast(c.log1p_index) - exponent) |
                     B::broadcast(c.log1p_integer)) -
        P::broadcast(c.log1p_integer_value);

    // The signs are such that each zero here is -0 for x = -0.
    const P high = fma(minus_k, P::broadcast(c.minus_ln2_high), f);
    const P high_error = f - fma(minus_k, P::broadcast(c.ln2_high), high);
    const P carried = fma(minus_k, P::broadcast(c.minus_ln2_low), high_error);
    P y = high + log1p_minus_argument(f, carried);

    const P infinity = P::broadcast(c.infinity);
    const auto plain = (u > P::zero()) & (u < infinity);
    if (__builtin_expect(any(!plain), false)) {
        const P positive_or_nan = select(x > P::zero(), x, P::broadcast(c.not_a_number));
        y = select(plain, y, select(u == P::zero(), -infinity, positive_or_nan));
    }
    return y;
}

// With e^|x| = 2^k (1 + high + low):
//
//     sigmoid(x) = 2^-k w for x < 0, else 1 - 2^-k w,    w = 1 / (2^-k + 1 + high + low).
//
// The denominator is summed exactly in two parts, each time with the larger term first, and one Newton step
// corrects the quotient.
//
// Budget: 0.5 the last rounding, 0.2 low (twice its error, since an ULP of the result can be half as large),
// 0.06 the remainder, 0.2 the polynomial; for x > 0 half of those and half an ULP of w.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> sigmoid(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    const MathConstants<T>& c = math_constants<T>();
    const P one = P::broadcast(c.one);
    const P magnitude = abs(x);
    P scale, high, low;
    reduce_exp<-1>(magnitude, c.exp_short, scale, high, low);

    const P first = one + high;
    const P first_error = high - (first - one);
    const P second = first + scale;
    const P second_error = scale - (second - first);
    const P rest = low + (first_error + second_error);
    const P denominator = second + rest;

    const P minus_inverse = P::broadcast(c.minus_one) / denominator;
    const P remainder = fma(minus_inverse, rest, fma(minus_inverse, second, one));
    const P minus_w = fma(remainder, minus_inverse, minus_inverse);
    // For x < 0 this is minus the result, otherwise the result.
    P y = abs(fma(minus_w, scale, select(x < P::zero(), P::zero(), one)));

    const auto plain = magnitude <= P::broadcast(c.exp_plain);
    if (__builtin_expect(any(!plain), false))
        y = select(plain, y, select(x > P::zero(), one, exp(x)));
    return y;
}

// max(x, 0) + log1p(e), e = e^-|x| = 2^n (1 + high + low). As in log1p, 1 + e is 2 (1 + f) or 1 + f:
//
//     n >= -1:  ln 2 + max(x, 0) + log1p(f),  f = (2^n - 1) / 2 + 2^n / 2 (high + low),  |f| < 1/3
//     n < -1:          max(x, 0) + log1p(f),  f = e,  and max(x, 0) is 0 or larger than f
//
// f is kept in two parts, and the sum of the first terms with it is exact, with the larger term first.
//
// Budget: 0.5 the last rounding, 0.13 that of log1p(f) - f, 0.1 the term in s, 0.1 low, 0.08 the derivative.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> softplus(Pack<Isa, T> x) {
    using P = Pack<Isa, T>;
    using B = Pack<Isa, Bits<T>>;
    const MathConstants<T>& c = math_constants<T>();
    const P zero = P::zero();
    const P argument = from_bits<T>(to_bits(x) | B::broadcast(c.sign));
    P scale, high, low;
    reduce_exp<1>(argument, c.exp, scale, high, low);

    const auto near = scale >= P::broadcast(c.half);
    const P half_scale = from_bits<T>(to_bits(scale) - B::broadcast(c.exponent_unit));
    const P factor = select(near, half_scale, scale);
    const P base = select(near, half_scale - P::broadcast(c.half), scale);
    const P f_high = fma(factor, high, base);
    const P f_rest = fma(factor, low, fma(factor, high, base - f_high));
    const P f = f_high + f_rest;
    const P f_low = f_rest - (f - f_high);

    const P ln2_high = select(near, P::broadcast(c.ln2_high), zero);
    const P ln2_low = select(near, P::broadcast(c.ln2_low), zero);
    const P positive_part = greater(x, zero);
    const P first = ln2_high + positive_part;
    const P first_error = positive_part - (first - ln2_high);
    const P second = first + f;
    const P second_error = f - (second - first);
    // The derivative of log1p at f is 1 - f to within 0.16, and f_low is half an ULP of f at most.
    const P carried = fma(f_low, P::broadcast(c.one) - f, (first_error + second_error) + ln2_low);
    P y = second + log1p_minus_argument(f, carried);

    const auto plain = argument >= P::broadcast(c.minus_exp_plain);
    if (__builtin_expect(any(!plain), false))
        y = select(plain, y, select(x > zero, x, exp(x)));
    return y;
}

// log(1 + e^-z) and minus its derivative, 1 / (1 + e^z) = sigmoid(-z), and the same of -z, each within 4 ULP. What a
// caller does not use costs nothing.
template <class Isa, class T>
struct LogisticLoss {
    Pack<Isa, T> loss, sigmoid;
    Pack<Isa, T> opposite_loss, opposite_sigmoid;
};
template <class Isa, class T>
AG_INLINE LogisticLoss<Isa, T> logistic_loss(Pack<Isa, T> z) {
    using P = Pack<Isa, T>;
    const MathConstants<T>& c = math_constants<T>();
    const P one = P::broadcast(c.one);
    const P argument = from_bits<T>(to_bits(z) | Pack<Isa, Bits<T>>::broadcast(c.sign));
    P scale, high, low;
    reduce_exp<1>(argument, c.exp_short, scale, high, low);
    const P e = fma(scale, high + low, scale);

    // log1p(e) = 2 atanh(s), s = e / (2 + e). A second division costs less than a polynomial in e.
    const P minus_s = e / (P::broadcast(c.minus_two) - e), s2 = minus_s * minus_s;
    const P log = fma(minus_s, fma(s2, polynomial(s2, s2 * s2, c.log_third), e), e);
    const P inverse = one / (one + e);
    const auto negative = z<P::zero(), positive = z> P::zero();
    const P small = e * inverse;
    LogisticLoss<Isa, T> value;
    value.loss = log - select(negative, z, P::zero());
    value.opposite_loss = log + select(positive, z, P::zero());
    value.sigmoid = select(positive, small, inverse);
    value.opposite_sigmoid = select(negative, small, inverse);

    const auto plain = argument >= P::broadcast(c.minus_exp_plain);
    if (__builtin_expect(any(!plain), false)) {
        const P tiny = exp(argument);
        value.loss = select(plain, value.loss, select(negative, -z, tiny));
        value.opposite_loss = select(plain, value.opposite_loss, select(positive, z, tiny));
        value.sigmoid = select(plain, value.sigmoid, select(negative, one, tiny));
        value.opposite_sigmoid = select(plain, value.opposite_sigmoid, select(positive, one, tiny));
    }
    return value;
}

} // namespace
} // namespace anisograd
