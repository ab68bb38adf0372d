// SPDX-License-Identifier: BSD-3-Clause
//
// Searches for the first element that breaks a rule, for the argument checks of src/. Each gives n where none
// does.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"

namespace anisograd {
namespace {

// breaks(at): a mask of the lanes that break the rule, looked at 4 packs at a time; breaks_one(i): the same
// for one element, to find it within those.
template <class Isa, class T, class Breaks, class BreaksOne>
AG_INLINE std::size_t first_that(std::size_t n, Breaks breaks, BreaksOne breaks_one) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    std::size_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        const auto a = breaks(WholePack<Isa, T>{i}) | breaks(WholePack<Isa, T>{i + lanes});
        const auto b = breaks(WholePack<Isa, T>{i + 2 * lanes}) | breaks(WholePack<Isa, T>{i + 3 * lanes});
        if (any(a | b))
            break;
    }
    while (i < n && !breaks_one(i))
        ++i;
    return i;
}

template <class T>
inline constexpr T largest_finite = sizeof(T) == 4 ? T(__FLT_MAX__) : T(__DBL_MAX__);

// Infinite or NaN.
template <class Isa, class T>
std::size_t first_not_finite(std::size_t n, const T* x) {
    const auto largest = Pack<Isa, T>::broadcast(largest_finite<T>);
    return first_that<Isa, T>(
        n, [&](auto at) AG_INLINE_LAMBDA { return !(abs(at.load(x)) <= largest); },
        [&](std::size_t i)
            AG_INLINE_LAMBDA { return !(x[i] >= -largest_finite<T> && x[i] <= largest_finite<T>); });
}

// Not positive and finite.
template <class Isa, class T>
std::size_t first_not_positive(std::size_t n, const T* x) {
    const auto zero = Pack<Isa, T>::zero(), largest = Pack<Isa, T>::broadcast(largest_finite<T>);
    return first_that<Isa, T>(
        n, [&](auto at) AG_INLINE_LAMBDA { return !((at.load(x) > zero) & (at.load(x) <= largest)); },
        [&](std::size_t i) AG_INLINE_LAMBDA { return !(x[i] > 0 && x[i] <= largest_finite<T>); });
}

// Not a sample weight: negative or not finite.
template <class Isa, class T>
std::size_t first_not_a_weight(std::size_t n, const T* x) {
    const auto zero = Pack<Isa, T>::zero(), largest = Pack<Isa, T>::broadcast(largest_finite<T>);
    return first_that<Isa, T>(
        n, [&](auto at) AG_INLINE_LAMBDA { return !((at.load(x) >= zero) & (at.load(x) <= largest)); },
        [&](std::size_t i) AG_INLINE_LAMBDA { return !(x[i] >= 0 && x[i] <= largest_finite<T>); });
}

// Neither 1 nor the negative label, -1 or 0.
template <class Isa, class T>
std::size_t first_not_a_label(std::size_t n, const T* x, T negative_label) {
    const auto one = Pack<Isa, T>::broadcast(T(1)), negative = Pack<Isa, T>::broadcast(negative_label);
    return first_that<Isa, T>(
        n, [&](auto at) AG_INLINE_LAMBDA { return !((at.load(x) == one) | (at.load(x) == negative)); },
        [&](std::size_t i) AG_INLINE_LAMBDA { return x[i] != 1 && x[i] != negative_label; });
}

// Not lower <= upper; with a center, NaN.
template <class Isa, class T>
std::size_t first_bad_bounds(std::size_t n, const Bounds<T>& b) {
    const auto lower = Pack<Isa, T>::broadcast(b.lower), upper = Pack<Isa, T>::broadcast(b.upper);
    if (b.center != nullptr)
        return first_that<Isa, T>(
            n, [&](auto at) AG_INLINE_LAMBDA { return !(at.load(b.center) == at.load(b.center)); },
            [&](std::size_t i) AG_INLINE_LAMBDA { return b.center[i] != b.center[i]; });
    return first_that<Isa, T>(
        n,
        [&](auto at) AG_INLINE_LAMBDA {
            return !((b.lower_bounds != nullptr ? at.load(b.lower_bounds) : lower) <=
                     (b.upper_bounds != nullptr ? at.load(b.upper_bounds) : upper));
        },
        [&](std::size_t i) AG_INLINE_LAMBDA {
            return !((b.lower_bounds != nullptr ? b.lower_bounds[i] : b.lower) <=
                     (b.upper_bounds != nullptr ? b.upper_bounds[i] : b.upper));
        });
}

// Not in [0, cols). As unsigned numbers: in 0 .. 2^31 - 1 the sign bit of (column - cols) is set exactly
// where column < cols, and a negative column has its own sign bit set.
template <class Isa>
std::size_t first_not_a_column(std::size_t n, const std::int32_t* columns, std::size_t cols) {
    using P = Pack<Isa, std::uint32_t>;
    // cols may exceed 2^31: then every non-negative column is below it.
    const std::uint32_t limit = cols < 0x80000000u ? std::uint32_t(cols) : 0x80000000u;
    const P limits = P::broadcast(limit), sign = P::broadcast(0x80000000u);
    const auto* unsigned_columns = reinterpret_cast<const std::uint32_t*>(columns);
    std::size_t i = 0;
    for (; i + 4 * P::lanes <= n; i += 4 * P::lanes) {
        P good = sign;
        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
            const P column = P::load(unsigned_columns + i + k * P::lanes);
            good = good & (column - limits) & (column ^ sign);
        });
        if (any(!((good & sign) == sign)))
            break;
    }
    while (i < n && unsigned_columns[i] < limit)
        ++i;
    return i;
}

} // namespace
} // namespace anisograd
