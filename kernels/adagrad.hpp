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
#include "kernels/root.hpp"

namespace anisograd {
namespace {

template <class Isa, class T>
void fill(std::size_t n, T* out, T value) {
    const auto a = Pack<Isa, T>::broadcast(value);
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(out, a); });
}

// scale * g + weight_decay * w. A decay of 0 adds nothing, so that an infinite w does not turn into NaN.
template <bool plain, class Isa, class T>
AG_INLINE Pack<Isa, T> effective_gradient(Pack<Isa, T> g, Pack<Isa, T> w, const StepParameters<T>& p) {
    if constexpr (plain)
        return g;
    const auto scaled = Pack<Isa, T>::broadcast(p.gradient_scale) * g;
    return p.weight_decay != 0 ? scaled + Pack<Isa, T>::broadcast(p.weight_decay) * w : scaled;
}

template <bool plain, class Isa, class T>
AG_INLINE Pack<Isa, T> shrunk(Pack<Isa, T> w, const StepParameters<T>& p) {
    return !plain && p.has_decoupled_weight_decay ? w * Pack<Isa, T>::broadcast(p.shrink) : w;
}

// What is constant in a step's loop. plain: the gradient is g, w does not decay, and an epsilon that lambda
// adds is not 0.
template <ag_epsilon_mode epsilon_mode_, ag_math_mode math_, bool plain_>
struct StepKind {
    static constexpr ag_epsilon_mode epsilon_mode = epsilon_mode_;
    static constexpr ag_math_mode math = math_;
    static constexpr bool plain = plain_;
};

// Turns the options into constants: action(StepKind<…>{}).
template <class T, class Action>
AG_INLINE void with_step_kind(const StepParameters<T>& p, Action action) {
    with_epsilon_mode(p.epsilon_mode, [&]<ag_epsilon_mode mode>(EpsilonMode<mode>) AG_INLINE_LAMBDA {
        const bool plain = p.gradient_scale == 1 && p.weight_decay == 0 && !p.has_decoupled_weight_decay &&
                           (mode == AG_EPSILON_IN_STATE || p.epsilon > 0);
        if (p.math == AG_MATH_FAST)
            plain ? action(StepKind<mode, AG_MATH_FAST, true>{})
                  : action(StepKind<mode, AG_MATH_FAST, false>{});
        else
            plain ? action(StepKind<mode, AG_MATH_STRICT, true>{})
                  : action(StepKind<mode, AG_MATH_STRICT, false>{});
    });
}

// w - step / lambda by multiplication with 1/lambda; false, and nothing done, where v is out of the range.
// The error of step / lambda before it is taken from w, in units of 2^-24 (f64: 2^-53): at most 2. With
// epsilon outside 3: t = epsilon / sqrt(v) <= 2^-12 (f64: 2^-20), 1/(1 + t) = 1 - t + t^2 is off by t^3, and
// one more rounding.
template <class Kind, class Isa, class T>
AG_INLINE bool move_fast(Pack<Isa, T>& w, Pack<Isa, T> step, Pack<Isa, T> v, const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    constexpr bool outside = Kind::epsilon_mode == AG_EPSILON_OUTSIDE;
    if (!all_in_root_range(v, outside ? p.least_for_fast : least_root_argument<T>)) [[unlikely]]
        return false;
    P inverse = fast_inverse_root(v);
    if constexpr (outside) {
        const P t = P::broadcast(p.epsilon) * inverse;
        inverse = fnma(inverse, sizeof(T) == 4 ? t : fnma(t, t, t), inverse);
    }
    w = fnma(step, inverse, w);
    return true;
}

// The second half of a step: w - (eta * gradient) / lambda.
template <class Kind, class Isa, class T>
AG_INLINE Pack<Isa, T> moved(Pack<Isa, T> w, Pack<Isa, T> gradient, Pack<Isa, T> v,
                             const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const P epsilon = P::broadcast(p.epsilon);
    const P argument = Kind::epsilon_mode == AG_EPSILON_INSIDE ? v + epsilon : v;
    const P step = P::broadcast(p.learning_rate) * gradient;
    if constexpr (Kind::math == AG_MATH_FAST && has_estimates<Isa, T>)
        if (move_fast<Kind>(w, step, argument, p)) [[likely]]
            return w;
    if constexpr (Kind::math == AG_MATH_STRICT && has_fine_estimates<Isa, T>)
        if (all_in_root_range(argument)) [[likely]] {
            const P root = root_from_estimate(argument, estimate_inverse_root(argument));
            return w - step / (Kind::epsilon_mode == AG_EPSILON_OUTSIDE ? root + epsilon : root);
        }
    const P lambda = lambda_of<Kind::epsilon_mode>(v, p.epsilon);
    if constexpr (Kind::plain && Kind::epsilon_mode != AG_EPSILON_IN_STATE)
        return w - step / lambda;
    return w - select(lambda == P::zero(), P::zero(), step / lambda);
}

// One pack of a step: writes v, gives the new w.
template <class Kind, class Isa, class T, class At>
AG_INLINE Pack<Isa, T> stepped(At at, const T* w, const T* g, T* v, const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const P old_w = at.load(w);
    const P gradient = effective_gradient<Kind::plain>(at.load(g), old_w, p);
    const P new_v = at.load(v) + gradient * gradient;
    at.store(v, new_v);
    return moved<Kind>(shrunk<Kind::plain>(old_w, p), gradient, new_v, p);
}

// The parameters are copied, so that stores to w and v cannot change them.
template <class Isa, class T>
void adagrad_step(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters) {
    using Roots = ForRoots<Isa>;
    with_step_kind(parameters, [=, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        for_each_pack<Roots, T>(
            n, [&](auto at) AG_INLINE_LAMBDA { at.store(w, stepped<Kind, Roots>(at, w, g, v, p)); });
    });
}

// Option I for sets of independent intervals: the projection does not depend on Lambda.
template <class Isa, class T>
void adagrad_step_clip(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters,
                       const Bounds<T>& bounds) {
    using Roots = ForRoots<Isa>;
    with_step_kind(parameters, [=, p = parameters, b = bounds]<class Kind>(Kind) AG_INLINE_LAMBDA {
        for_each_pack<Roots, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            at.store(w, clipped(at, stepped<Kind, Roots>(at, w, g, v, p), b));
        });
    });
}

// A step that also gives the squared norm which decides whether w has left the ball.
template <class Isa, class T>
double adagrad_step_squared_norm(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters,
                                 const Ball<T>& ball) {
    double total[1];
    with_step_kind(parameters, [&, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        canonical_sums<ForSums<Isa>, T>(n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
            const auto new_w = stepped<Kind, ForSums<Isa>>(at, w, g, v, p);
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
        const P gradient = effective_gradient<false>(at.load(g), old_w, p);
        at.store(w, shrunk<false>(old_w, p) - P::broadcast(p.learning_rate) * gradient);
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
