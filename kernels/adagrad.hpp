// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad and SGD steps. Multiply and add are rounded separately, so that a step equals plain C or NumPy bit
// for bit; at the speed of memory a fused multiply-add would gain nothing. With AG_MATH_FAST, and on the way
// to the square root (root.hpp), they are fused.
//
// Source: Liu, Pan, Zhang, AdaGrad under Anisotropic Smoothness (ICLR 2025), Algorithm 1.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"
#include "kernels/projection.hpp"

namespace anisograd {
namespace {

template <ag_math_mode math>
struct MathMode {};

template <class Isa, class T>
void fill(std::size_t n, T* out, T value) {
    const auto a = Pack<Isa, T>::broadcast(value);
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(out, a); });
}

// scale * g + weight_decay * w. A decay of 0 adds nothing, so that an infinite w does not turn into NaN.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> effective_gradient(Pack<Isa, T> g, Pack<Isa, T> w, const StepParameters<T>& p) {
    const auto scaled = Pack<Isa, T>::broadcast(p.gradient_scale) * g;
    return p.weight_decay != 0 ? scaled + Pack<Isa, T>::broadcast(p.weight_decay) * w : scaled;
}

template <class Isa, class T>
AG_INLINE Pack<Isa, T> shrunk(Pack<Isa, T> w, const StepParameters<T>& p) {
    return p.has_decoupled_weight_decay ? w * Pack<Isa, T>::broadcast(p.shrink) : w;
}

// Turns the options that choose the arithmetic into constants: action(EpsilonMode<mode>{}, MathMode<math>{}).
template <class T, class Action>
AG_INLINE void with_modes(const StepParameters<T>& p, Action action) {
    with_epsilon_mode(p.epsilon_mode, [&](auto mode) AG_INLINE_LAMBDA {
        if (p.math == AG_MATH_FAST)
            action(mode, MathMode<AG_MATH_FAST>{});
        else
            action(mode, MathMode<AG_MATH_STRICT>{});
    });
}

// The second half of a step, from the decayed w, step = eta * gradient, and the new v.
template <ag_epsilon_mode mode, ag_math_mode math, class Isa, class T>
AG_INLINE Pack<Isa, T> moved(Pack<Isa, T> w, Pack<Isa, T> step, Pack<Isa, T> v, T epsilon) {
    using P = Pack<Isa, T>;
    const P argument = mode == AG_EPSILON_INSIDE ? v + P::broadcast(epsilon) : v;
    if constexpr (has_estimates<Isa, T>) {
        if (all_in_root_range(argument)) [[likely]] {
            if constexpr (math == AG_MATH_FAST && mode != AG_EPSILON_OUTSIDE) {
                const P half_inverse = fast_half_inverse_root(argument);
                return fnma(step, half_inverse + half_inverse, w);
            }
            P lambda = root_from_estimate(argument, estimate_inverse_root(argument));
            if constexpr (mode == AG_EPSILON_OUTSIDE)
                lambda = lambda + P::broadcast(epsilon);
            return math == AG_MATH_FAST ? fnma(step, fast_inverse(lambda), w) : w - step / lambda;
        }
    }
    const P lambda = mode == AG_EPSILON_OUTSIDE ? sqrt(argument) + P::broadcast(epsilon) : sqrt(argument);
    return w - select(lambda == P::zero(), P::zero(), step / lambda);
}

// One pack of a step: writes v, gives the new w.
template <ag_epsilon_mode mode, ag_math_mode math, class Isa, class T, class At>
AG_INLINE Pack<Isa, T> stepped(At at, const T* w, const T* g, T* v, const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const P old_w = at.load(w);
    const P gradient = effective_gradient(at.load(g), old_w, p);
    const P new_v = at.load(v) + gradient * gradient;
    at.store(v, new_v);
    return moved<mode, math>(shrunk(old_w, p), P::broadcast(p.learning_rate) * gradient, new_v, p.epsilon);
}

// A copy of the parameters, which the stores to w and v cannot change.
template <class Isa, class T>
void adagrad_step(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters) {
    using Roots = ForRoots<Isa>;
    with_modes(parameters, [=, p = parameters]<ag_epsilon_mode mode, ag_math_mode math>(
                               EpsilonMode<mode>, MathMode<math>) AG_INLINE_LAMBDA {
        for_each_pack<Roots, T>(
            n, [&](auto at) AG_INLINE_LAMBDA { at.store(w, stepped<mode, math, Roots>(at, w, g, v, p)); });
    });
}

// Option I for sets of independent intervals: the projection does not depend on Lambda.
template <class Isa, class T>
void adagrad_step_clip(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters,
                       const Bounds<T>& bounds) {
    using Roots = ForRoots<Isa>;
    with_modes(parameters, [=, p = parameters, b = bounds]<ag_epsilon_mode mode, ag_math_mode math>(
                               EpsilonMode<mode>, MathMode<math>) AG_INLINE_LAMBDA {
        for_each_pack<Roots, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            at.store(w, clipped(at, stepped<mode, math, Roots>(at, w, g, v, p), b));
        });
    });
}

// A step that also gives the squared norm which decides whether w has left the ball.
template <class Isa, class T>
double adagrad_step_squared_norm(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters,
                                 const Ball<T>& ball) {
    double total[1];
    with_modes(parameters, [&, p = parameters]<ag_epsilon_mode mode, ag_math_mode math>(
                               EpsilonMode<mode>, MathMode<math>) AG_INLINE_LAMBDA {
        canonical_sums<ForSums<Isa>, T>(n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
            const auto new_w = stepped<mode, math, ForSums<Isa>>(at, w, g, v, p);
            at.store(w, new_w);
            const auto y = offset_from_center(at, new_w, ball);
            out[0] = y * y;
        });
    });
    return total[0];
}

template <class Isa, class T>
void sgd_step(std::size_t n, T* w, const T* g, const StepParameters<T>& parameters) {
    using P = Pack<Isa, T>;
    const StepParameters<T> p = parameters;
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        const P old_w = at.load(w);
        const P gradient = effective_gradient(at.load(g), old_w, p);
        at.store(w, shrunk(old_w, p) - P::broadcast(p.learning_rate) * gradient);
    });
}

template <class Isa, class T>
void average(std::size_t n, T* mean, const T* w, T t) {
    const auto divisor = Pack<Isa, T>::broadcast(t);
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        const Pack<Isa, T> m = at.load(mean);
        at.store(mean, m + (at.load(w) - m) / divisor);
    });
}

} // namespace
} // namespace anisograd
