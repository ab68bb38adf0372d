// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad steps with numbers of 16 bits in memory and of 32 in between: parameters and gradients, or gradients
// and a copy of the parameters. They move less memory; Math::fast changes nothing.
#pragma once

#include "kernels/adagrad.hpp"
#include "kernels/random.hpp"
#include "kernels/short_floats.hpp"

namespace anisograd {
namespace {

// What a call of a whole-pack kernel must be a multiple of, so that random bits need no more.
inline constexpr std::size_t short_group = 64;

// Calls body(StepKind, at, store) for each pack of floats; store(p, x) writes the rounded x to the pack's place
// from p on.
template <class Isa, class Short, class Body>
AG_INLINE void for_each_rounded_pack(std::size_t n, const StepParameters<float>& parameters,
                                     const StochasticRounding* rounding, Body body) {
    using Roots = ForRoots<Isa>;
    using P = Pack<Roots, float>;
    if (rounding == nullptr) {
        with_strict_step_kind(parameters, [&]<class Kind>(Kind kind) AG_INLINE_LAMBDA {
            for (std::size_t i = 0; i < n; i += P::lanes)
                body(kind, WholePack<Roots, float>{i},
                     [=](std::uint16_t* p, P x) AG_INLINE_LAMBDA { Short::store_nearest(p + i, x); });
        });
        return;
    }
    with_strict_step_kind(parameters, [&]<class Kind>(Kind kind) AG_INLINE_LAMBDA {
        constexpr std::size_t block = 1024;
        alignas(pack_bytes) std::uint32_t random[block / 2];
        for (std::size_t begin = 0; begin < n; begin += block) {
            const std::size_t end = n - begin < block ? n : begin + block;
            random_bits<Isa>(*rounding, rounding->first_element + begin, end - begin, random);
            const std::uint32_t* words = random;
            for (std::size_t i = begin; i < end; i += 32, words += 16)
                unrolled<32 / P::lanes>([&](std::size_t k) AG_INLINE_LAMBDA {
                    const auto bits = random_of_pack<Roots>(words, k * P::lanes);
                    const std::size_t at = i + k * P::lanes;
                    body(kind, WholePack<Roots, float>{at}, [=](std::uint16_t* p, P x) AG_INLINE_LAMBDA {
                        Short::store_stochastic(p + at, x, bits);
                    });
                });
        }
    });
}

template <class Isa, class Short>
AG_OUTLINED void short_step_groups(std::size_t n, std::uint16_t* w, const std::uint16_t* g, float* v,
                                   const StepParameters<float>& parameters,
                                   const StochasticRounding* rounding) {
    using Roots = ForRoots<Isa>;
    for_each_rounded_pack<Isa, Short>(
        n, parameters, rounding, [=, p = parameters]<class Kind>(Kind, auto at, auto store) AG_INLINE_LAMBDA {
            prefetch_step(at, w, g, v);
            const auto old_w = Short::template load<Roots>(w + at.index);
            store(w, stepped<Kind>(at, old_w, Short::template load<Roots>(g + at.index), v, p));
        });
}

template <class Isa, class Short>
AG_OUTLINED void
short_master_step_groups(std::size_t n, float* w, std::uint16_t* copy, const std::uint16_t* g, float* v,
                         const StepParameters<float>& parameters, const StochasticRounding* rounding) {
    using Roots = ForRoots<Isa>;
    for_each_rounded_pack<Isa, Short>(
        n, parameters, rounding, [=, p = parameters]<class Kind>(Kind, auto at, auto store) AG_INLINE_LAMBDA {
            prefetch_step(at, w, g, v);
            const auto gradient = Short::template load<Roots>(g + at.index);
            const auto new_w = stepped<Kind>(at, at.load(w), gradient, v, p);
            at.store(w, new_w);
            if (copy != nullptr)
                store(copy, new_w);
        });
}

// Calls action(whole, left, rounding of those left) with the numbers of elements in whole groups and after.
template <class Action>
AG_INLINE void with_last_group(std::size_t n, const StochasticRounding* rounding, Action action) {
    const std::size_t whole = n / short_group * short_group;
    StochasticRounding last = {};
    if (rounding != nullptr) {
        last = *rounding;
        last.first_element += whole;
    }
    action(whole, n - whole, rounding != nullptr ? &last : nullptr);
}

// Parameters and gradients in 16 bits.
template <class Isa, class Short>
void short_adagrad_step(std::size_t n, std::uint16_t* w, const std::uint16_t* g, float* v,
                        const StepParameters<float>& p, const StochasticRounding* rounding) {
    with_last_group(n, rounding, [&](std::size_t whole, std::size_t left, const StochasticRounding* last) {
        short_step_groups<Isa, Short>(whole, w, g, v, p, rounding);
        if (left == 0)
            return;
        Padded<std::uint16_t, short_group> last_w(w + whole, left), last_g(g + whole, left);
        Padded<float, short_group> last_v(v + whole, left);
        short_step_groups<Isa, Short>(short_group, last_w.data(), last_g.data(), last_v.data(), p, last);
        last_w.copy_to(w + whole);
        last_v.copy_to(v + whole);
    });
}

// Master parameters in 32 bits, of which a copy in 16 is written.
template <class Isa, class Short>
void short_adagrad_step_master(std::size_t n, float* w, std::uint16_t* copy, const std::uint16_t* g, float* v,
                               const StepParameters<float>& p, const StochasticRounding* rounding) {
    with_last_group(n, rounding, [&](std::size_t whole, std::size_t left, const StochasticRounding* last) {
        short_master_step_groups<Isa, Short>(whole, w, copy, g, v, p, rounding);
        if (left == 0)
            return;
        Padded<float, short_group> last_w(w + whole, left), last_v(v + whole, left);
        Padded<std::uint16_t, short_group> last_copy(left), last_g(g + whole, left);
        short_master_step_groups<Isa, Short>(short_group, last_w.data(), last_copy.data(), last_g.data(),
                                             last_v.data(), p, last);
        last_w.copy_to(w + whole);
        last_v.copy_to(v + whole);
        if (copy != nullptr)
            last_copy.copy_to(copy + whole);
    });
}

template <class Isa, class Short>
void short_from_float(std::size_t n, const float* x, std::uint16_t* out) {
    using P = Pack<ForRoots<Isa>, float>;
    std::size_t i = 0;
    for (; i + P::lanes <= n; i += P::lanes)
        Short::store_nearest(out + i, P::load(x + i));
    if (i < n) {
        Padded<std::uint16_t, P::lanes> last(n - i);
        Short::store_nearest(last.data(), P::load_partial(x + i, n - i));
        last.copy_to(out + i);
    }
}

template <class Isa, class Short>
void float_from_short(std::size_t n, const std::uint16_t* x, float* out) {
    constexpr std::size_t lanes = Pack<Isa, float>::lanes;
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        Short::template load<Isa>(x + i).store(out + i);
    if (i < n) {
        Padded<std::uint16_t, lanes> last(x + i, n - i);
        Short::template load<Isa>(last.data()).store_partial(out + i, n - i);
    }
}

} // namespace
} // namespace anisograd
