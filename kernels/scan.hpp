// SPDX-License-Identifier: BSD-3-Clause
//
// Searches for the first element that breaks a rule, for the argument checks of src/. Each gives n where none
// does.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"
#include "kernels/projection.hpp"

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
        n,
        [&](auto at) AG_INLINE_LAMBDA {
            read_ahead(at, x);
            return !(abs(at.load(x)) <= largest);
        },
        [&](std::size_t i)
            AG_INLINE_LAMBDA { return !(x[i] >= -largest_finite<T> && x[i] <= largest_finite<T>); });
}

// Not positive and finite.
template <class Isa, class T>
std::size_t first_not_positive(std::size_t n, const T* x) {
    const auto zero = Pack<Isa, T>::zero(), largest = Pack<Isa, T>::broadcast(largest_finite<T>);
    return first_that<Isa, T>(
        n,
        [&](auto at) AG_INLINE_LAMBDA {
            read_ahead(at, x);
            return !((at.load(x) > zero) & (at.load(x) <= largest));
        },
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

// Not in [0, 1].
template <class Isa, class T>
std::size_t first_not_a_probability(std::size_t n, const T* x) {
    const auto zero = Pack<Isa, T>::zero(), one = Pack<Isa, T>::broadcast(T(1));
    return first_that<Isa, T>(
        n, [&](auto at) AG_INLINE_LAMBDA { return !((at.load(x) >= zero) & (at.load(x) <= one)); },
        [&](std::size_t i) AG_INLINE_LAMBDA { return !(x[i] >= 0 && x[i] <= 1); });
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

// What clipping changes.
template <class Isa, class T>
std::size_t first_clipped(std::size_t n, const T* x, const Bounds<T>& b) {
    return first_that<Isa, T>(
        n,
        [&](auto at) AG_INLINE_LAMBDA {
            const auto old_x = at.load(x), p = clipped(at, old_x, b);
            return (p < old_x) | (p > old_x);
        },
        [&](std::size_t i) AG_INLINE_LAMBDA {
            T lower = b.lower_bounds != nullptr ? b.lower_bounds[i] : b.lower;
            T upper = b.upper_bounds != nullptr ? b.upper_bounds[i] : b.upper;
            if (b.center != nullptr) {
                lower = b.center[i] + lower;
                upper = b.center[i] + upper;
            }
            return x[i] < lower || x[i] > upper;
        });
}

// Not in [0, limit). As unsigned numbers: in 0 .. 2^31 - 1 (2^63 - 1) the sign bit of (index - limit) is set
// exactly where index < limit, and a negative index has its own sign bit set.
template <class Isa, class Index>
std::size_t first_not_an_index(std::size_t n, const Index* indices, std::size_t limit) {
    using Unsigned = Bits<Index>;
    using P = Pack<Isa, Unsigned>;
    constexpr Unsigned sign_bit = Unsigned(1) << (8 * sizeof(Index) - 1);
    // A limit beyond the sign bit: then every index that is not negative is below it.
    const Unsigned least_bad = limit < sign_bit ? Unsigned(limit) : sign_bit;
    const P limits = P::broadcast(least_bad), sign = P::broadcast(sign_bit);
    const auto* unsigned_indices = reinterpret_cast<const Unsigned*>(indices);
    std::size_t i = 0;
    for (; i + 4 * P::lanes <= n; i += 4 * P::lanes) {
        P good = sign;
        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
            const P index = P::load(unsigned_indices + i + k * P::lanes);
            good = good & (index - limits) & (index ^ sign);
        });
        if (any(!((good & sign) == sign)))
            break;
    }
    while (i < n && unsigned_indices[i] < least_bad)
        ++i;
    return i;
}

} // namespace
} // namespace anisograd
