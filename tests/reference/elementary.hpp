// SPDX-License-Identifier: BSD-3-Clause
//
// exp, log1p, sigmoid and softplus straight from their definitions, and how far a result is from them: in
// long double for float results, for double ones in MPFR (where ANISOGRAD_HAVE_MPFR is 1) or in a long double of
// 113 bits.
#pragma once

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#if ANISOGRAD_HAVE_MPFR
#include <mpfr.h>
#endif

namespace reference {

enum class Elementary { exp, log1p, sigmoid, softplus };

// In R, to a few units of its last place: R is double or long double.
template <class R>
R evaluate(Elementary function, R x) {
    switch (function) {
    case Elementary::exp:
        return std::exp(x);
    case Elementary::log1p:
        return std::log1p(x);
    case Elementary::sigmoid:
        return 1 / (1 + std::exp(-x));
    case Elementary::softplus:
        return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    }
    return x;
}

// The distance of T's numbers at the exact value, below the smallest normal number that of the subnormal ones. An R
// that is a double must be normal there, or 0.
template <class T, class R>
R spacing(R exact) {
    constexpr int least = std::numeric_limits<T>::min_exponent - 1,
                  places = std::numeric_limits<T>::digits - 1;
    if constexpr (std::is_same_v<R, double> && sizeof(T) < sizeof(double)) { // for speed
        const auto exponent = static_cast<int>(std::bit_cast<std::uint64_t>(exact) >> 52 & 0x7ff) - 1023;
        return std::bit_cast<double>(static_cast<std::uint64_t>(std::max(exponent, least) - places + 1023)
                                     << 52);
    } else
        return std::ldexp(R(1), std::max(exact == 0 ? least : std::ilogb(exact), least) - places);
}

// |result - exact| in units of T's spacing at the exact value. An infinite result counts as the first power of two
// that is not finite: right from half a spacing above the largest number on, and an error of at most 1 from the
// largest number on.
template <class T, class Result, class R>
double ulps(Result result, R exact) {
    if (std::isnan(result) || std::isnan(exact))
        return std::isnan(result) && std::isnan(exact) ? 0 : HUGE_VAL;
    const R beyond = std::ldexp(R(1), std::numeric_limits<T>::max_exponent);
    if (std::fabs(exact) >= beyond || exact == 0)
        return static_cast<R>(result) == exact ||
                       (std::isinf(result) && std::signbit(result) == std::signbit(exact) && exact != 0)
                   ? 0
                   : HUGE_VAL;
    const R value =
        std::isinf(result) ? std::copysign(beyond, static_cast<R>(result)) : static_cast<R>(result);
    return static_cast<double>(std::fabs(value - exact) / spacing<T>(exact));
}

template <class T, class R>
double ulp_error(T result, R exact) {
    return ulps<T>(result, exact);
}

inline double ulp_error(Elementary function, float x, float result) {
    return ulp_error(result, evaluate(function, static_cast<long double>(x)));
}

#if ANISOGRAD_HAVE_MPFR
class Number {
public:
    explicit Number(double x) {
        mpfr_init2(value_, 200);
        mpfr_set_d(value_, x, MPFR_RNDN);
    }
    ~Number() { mpfr_clear(value_); }
    Number(const Number&) = delete;
    Number& operator=(const Number&) = delete;
    mpfr_ptr get() { return value_; }

private:
    mpfr_t value_;
};

// y = f(x)
inline void evaluate(Elementary function, double x, mpfr_ptr y) {
    mpfr_set_d(y, x, MPFR_RNDN);
    switch (function) {
    case Elementary::exp:
        mpfr_exp(y, y, MPFR_RNDN);
        break;
    case Elementary::log1p:
        mpfr_log1p(y, y, MPFR_RNDN);
        break;
    case Elementary::sigmoid:
        mpfr_neg(y, y, MPFR_RNDN);
        mpfr_exp(y, y, MPFR_RNDN);
        mpfr_add_ui(y, y, 1, MPFR_RNDN);
        mpfr_ui_div(y, 1, y, MPFR_RNDN);
        break;
    case Elementary::softplus:
        mpfr_set_d(y, -std::fabs(x), MPFR_RNDN);
        mpfr_exp(y, y, MPFR_RNDN);
        mpfr_log1p(y, y, MPFR_RNDN);
        if (x > 0)
            mpfr_add_d(y, y, x, MPFR_RNDN);
        break;
    }
}

inline double ulp_error(Elementary function, double x, double result) {
    if (std::isnan(x) || std::isinf(x))
        return ulp_error(result, evaluate(function, static_cast<long double>(x)));
    Number exact_number(0), error_number(std::isinf(result) ? 0 : result);
    mpfr_ptr exact = exact_number.get(), error = error_number.get();
    evaluate(function, x, exact);
    if (mpfr_nan_p(exact) || !mpfr_number_p(exact) || mpfr_zero_p(exact) || std::isnan(result))
        return ulp_error(result, mpfr_get_ld(exact, MPFR_RNDN));
    // Both scaled into the range of long double, by powers of two.
    const long exponent =
        std::max<long>(mpfr_get_exp(exact) - 1, std::numeric_limits<double>::min_exponent - 1);
    if (exponent >= std::numeric_limits<double>::max_exponent)
        return std::isinf(result) && std::signbit(result) == (mpfr_sgn(exact) < 0) ? 0 : HUGE_VAL;
    if (std::isinf(result))
        mpfr_set_si_2exp(error, result > 0 ? 1 : -1, std::numeric_limits<double>::max_exponent, MPFR_RNDN);
    mpfr_sub(error, error, exact, MPFR_RNDN);
    mpfr_mul_2si(error, error, std::numeric_limits<double>::digits - 1 - exponent, MPFR_RNDN);
    return std::fabs(mpfr_get_d(error, MPFR_RNDN));
}
#elif LDBL_MANT_DIG >= 113
inline double ulp_error(Elementary function, double x, double result) {
    return ulp_error(result, evaluate(function, static_cast<long double>(x)));
}
#endif

} // namespace reference
