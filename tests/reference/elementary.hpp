// SPDX-License-Identifier: BSD-3-Clause
//
// exp, log1p, sigmoid and softplus straight from their definitions, and how far a result is from them: in
// long double for float results, in MPFR for double ones (where ANISOGRAD_HAVE_MPFR is 1).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#if ANISOGRAD_HAVE_MPFR
#include <mpfr.h>
#endif

namespace reference {

enum class Elementary { exp, log1p, sigmoid, softplus };

inline long double evaluate(Elementary function, long double x) {
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

// |result - exact| in units of the spacing of T at the exact value, below the smallest normal number that of
// the subnormal ones. An infinite result counts as the first power of two that is not finite: right from half
// a spacing above the largest number on, and an error of at most 1 from the largest number on.
template <class T>
double ulp_error(T result, long double exact) {
    using Limits = std::numeric_limits<T>;
    if (std::isnan(result) || std::isnan(exact))
        return std::isnan(result) && std::isnan(exact) ? 0 : HUGE_VAL;
    const long double beyond = std::ldexp(1.0L, Limits::max_exponent);
    if (std::fabs(exact) >= beyond || exact == 0)
        return static_cast<long double>(result) == exact ||
                       (std::isinf(result) && std::signbit(result) == std::signbit(exact) && exact != 0)
                   ? 0
                   : HUGE_VAL;
    const long double value =
        std::isinf(result) ? std::copysign(beyond, static_cast<long double>(result)) : result;
    const int exponent = std::max(std::ilogb(exact), Limits::min_exponent - 1);
    return static_cast<double>(std::fabs(value - exact) / std::ldexp(1.0L, exponent - (Limits::digits - 1)));
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
    const mpfr_ptr exact = exact_number.get(), error = error_number.get();
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
#endif

} // namespace reference
