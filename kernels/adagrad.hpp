// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad and SGD steps. Multiply and add are rounded separately, so that a step equals plain C or NumPy bit
// for bit; at the speed of memory a fused multiply-add would gain nothing.
//
// Source: Liu, Pan, Zhang, AdaGrad under Anisotropic Smoothness (ICLR 2025), Algorithm 1.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"
#include "kernels/projection.hpp"

namespace anisograd {
namespace {

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

// One pack of a step: writes v, gives the new w.
template <ag_epsilon_mode mode, class Isa, class T, class At>
AG_INLINE Pack<Isa, T> stepped(At at, const T* w, const T* g, T* v, const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const P old_w = at.load(w);
    const P gradient = effective_gradient(at.load(g), old_w, p);
    const P new_v = at.load(v) + gradient * gradient;
    at.store(v, new_v);
    const P lambda = lambda_of<mode>(new_v, p.epsilon);
    const P quotient = (P::broadcast(p.learning_rate) * gradient) / lambda;
    return shrunk(old_w, p) - select(lambda == P::zero(), P::zero(), quotient);
}

template <class Isa, class T>
void adagrad_step(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& p) {
    with_epsilon_mode(p.epsilon_mode, [&]<ag_epsilon_mode mode>(EpsilonMode<mode>) AG_INLINE_LAMBDA {
        for_each_pack<Isa, T>(n, [&](auto at)
                                     AG_INLINE_LAMBDA { at.store(w, stepped<mode, Isa>(at, w, g, v, p)); });
    });
}

// Option I for sets of independent intervals: the projection does not depend on Lambda.
template <class Isa, class T>
void adagrad_step_clip(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& p,
                       const Bounds<T>& b) {
    with_epsilon_mode(p.epsilon_mode, [&]<ag_epsilon_mode mode>(EpsilonMode<mode>) AG_INLINE_LAMBDA {
        for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            at.store(w, clipped(at, stepped<mode, Isa>(at, w, g, v, p), b));
        });
    });
}

// A step that also gives the squared norm which decides whether w has left the ball.
template <class Isa, class T>
double adagrad_step_squared_norm(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& p,
                                 const Ball<T>& ball) {
    double total[1];
    with_epsilon_mode(p.epsilon_mode, [&]<ag_epsilon_mode mode>(EpsilonMode<mode>) AG_INLINE_LAMBDA {
        canonical_sums<ForSums<Isa>, T>(n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
            const auto new_w = stepped<mode, ForSums<Isa>>(at, w, g, v, p);
            at.store(w, new_w);
            const auto y = offset_from_center(at, new_w, ball);
            out[0] = y * y;
        });
    });
    return total[0];
}

template <class Isa, class T>
void sgd_step(std::size_t n, T* w, const T* g, const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
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
