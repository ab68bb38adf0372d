// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad and SGD steps. Multiply and add are rounded separately, so that a step equals plain C or NumPy bit
// for bit; at the speed of memory a fused multiply-add would gain nothing. With Math::fast, and on the way
// to the square root (root.hpp), they are fused.
//
// Sources: Liu, Pan, Zhang, AdaGrad under Anisotropic Smoothness (ICLR 2025), Algorithm 1; Duchi, Hazan,
// Singer, Adaptive Subgradient Methods (JMLR 2011), for l1, l2 (composite mirror descent, there also FOBOS)
// and dual averaging; Ward, Wu, Bottou, AdaGrad Stepsizes (ICML 2019), for one accumulator.
#pragma once

#include "kernels/divisor.hpp"
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

template <class Isa, class T>
AG_INLINE Pack<Isa, T> averaged(Pack<Isa, T> mean, Pack<Isa, T> w, const Divisor<Isa, T>& t) {
    return mean + (w - mean) / t;
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

// |w| less the threshold, at least 0, with w's sign.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> soft_threshold(Pack<Isa, T> w, Pack<Isa, T> threshold) {
    using P = Pack<Isa, T>;
    const P magnitude = abs(w) - threshold;
    const P positive = select(magnitude <= P::zero(), P::zero(), magnitude); // NaN stays
    return from_bits<T>(to_bits(positive) | (to_bits(w) ^ to_bits(abs(w))));
}

// w - step / lambda, then the proximal step of l1 |w| + l2 / 2 w^2 in the norm of lambda (FOBOS). Nothing
// moves where lambda is 0.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> moved_by(Pack<Isa, T> lambda, Pack<Isa, T> w, Pack<Isa, T> step,
                                const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const auto massless = lambda == P::zero();
    w = w - select(massless, P::zero(), step / lambda);
    if (p.l1_step != 0)
        w = soft_threshold(w, select(massless, P::zero(), P::broadcast(p.l1_step) / lambda));
    if (p.l2_step != 0)
        w = w / (P::broadcast(T(1)) + select(massless, P::zero(), P::broadcast(p.l2_step) / lambda));
    return w;
}

// What is constant in a step's loop. plain: the gradient is g, w does not decay, there is no proximal step, and
// an epsilon that lambda adds is not 0; inside, outside: whether there may be one.
template <Math math_, bool plain_, bool inside_ = true, bool outside_ = true>
struct StepKind {
    static constexpr Math math = math_;
    static constexpr bool plain = plain_, inside = inside_, outside = outside_;
};

template <class T>
AG_INLINE bool has_plain_gradient(const StepParameters<T>& p) {
    return p.gradient_scale == 1 && p.weight_decay == 0;
}
template <class T>
AG_INLINE bool is_plain(const StepParameters<T>& p) {
    return has_plain_gradient(p) && !p.has_decoupled_weight_decay && p.l1_step == 0 && p.l2_step == 0 &&
           (p.epsilon_mode == EpsilonMode::in_state || p.epsilon.inside + p.epsilon.outside > 0);
}

// Turn the options into constants: action(StepKind<…>{}). Every kind is another copy of a kernel's loop; so
// kernels that do more than a step have no fast ones, and where a plain one gains nothing there is the general one
// alone.
template <Math math, class T, class Action>
AG_INLINE void with_step_kind_of(const StepParameters<T>& p, Action action) {
    if (!is_plain(p))
        action(StepKind<math, false>{});
    else if (p.epsilon_mode == EpsilonMode::in_state)
        action(StepKind<math, true, false, false>{});
    else if (p.epsilon_mode == EpsilonMode::inside)
        action(StepKind<math, true, true, false>{});
    else
        action(StepKind<math, true, false, true>{});
}
template <class T, class Action>
AG_INLINE void with_step_kind(const StepParameters<T>& p, Action action) {
    p.math == Math::fast ? with_step_kind_of<Math::fast>(p, action)
                         : with_step_kind_of<Math::strict>(p, action);
}
template <class T, class Action>
AG_INLINE void with_strict_step_kind(const StepParameters<T>& p, Action action) {
    with_step_kind_of<Math::strict>(p, action);
}
using GeneralStep = StepKind<Math::strict, false>;

// w - step / lambda by multiplication with 1/lambda; false, and nothing done, where v is out of the range.
// The error of step / lambda before it is taken from w, in units of 2^-24 (f64: 2^-53): at most 2. With
// epsilon outside 3: there is one more rounding, and with t = epsilon / sqrt(v), 1/(1 + t) is taken for 1 - t
// in f32, where t <= 2^-13, and for 1 - t + t^2 in f64, where t <= 2^-18 (src/step.hpp: least_for_fast).
// Where the estimate is fine and epsilon outside, the first register divides: another unit does that meanwhile, as in
// root_in_range.
template <class Kind, class Isa, class T>
AG_INLINE bool move_fast(Pack<Isa, T>& w, Pack<Isa, T> step, Pack<Isa, T> v, const StepParameters<T>& p) {
    constexpr bool outside = Kind::outside;
    if (!all_in_root_range(v, outside ? p.least_for_fast : least_root_argument<T>)) [[unlikely]]
        return false;
    using One = OneRegister<Isa, T>;
    unrolled<Pack<Isa, T>::registers>([&](std::size_t i) AG_INLINE_LAMBDA {
        const One old_w = {{w.part[i]}}, one_step = {{step.part[i]}}, one_v = {{v.part[i]}};
        const One epsilon = One::broadcast(p.epsilon.outside);
        if (outside && estimates_one_in<Isa, T> == 2 && i == 0) {
            w.part[i] = (old_w - one_step / (sqrt(one_v) + epsilon)).part[0];
            return;
        }
        One inverse = fast_inverse_root(one_v);
        if constexpr (outside) {
            const One t = epsilon * inverse;
            inverse = fnma(inverse, sizeof(T) == 4 ? t : fnma(t, t, t), inverse);
        }
        w.part[i] = fnma(one_step, inverse, old_w).part[0];
    });
    return true;
}

// The second half of a step.
template <class Kind, class Isa, class T>
AG_INLINE Pack<Isa, T> moved(Pack<Isa, T> w, Pack<Isa, T> gradient, Pack<Isa, T> v,
                             const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const P argument = Kind::inside ? v + P::broadcast(p.epsilon.inside) : v;
    const P step = P::broadcast(p.learning_rate) * gradient;
    if constexpr (!Kind::plain)
        if (p.l1_step != 0 || p.l2_step != 0)
            return moved_by(lambda_of(v, p.epsilon), w, step, p);
    if constexpr (Kind::math == Math::fast && has_estimates<Isa, T>)
        if (move_fast<Kind>(w, step, argument, p)) [[likely]]
            return w;
    if constexpr (Kind::math == Math::strict && estimates_one_in<Isa, T> != 0)
        if (all_in_root_range(argument)) [[likely]] {
            const P root = root_in_range(argument);
            return w - step / (Kind::outside ? root + P::broadcast(p.epsilon.outside) : root);
        }
    const P root = sqrt(argument), lambda = Kind::outside ? root + P::broadcast(p.epsilon.outside) : root;
    if constexpr (Kind::plain && (Kind::inside || Kind::outside))
        return w - step / lambda;
    return moved_by(lambda, w, step, p);
}

// One pack of a step of w by the gradient g: writes v, gives the new w.
template <class Kind, class Isa, class T, class At>
AG_INLINE Pack<Isa, T> stepped(At at, Pack<Isa, T> w, Pack<Isa, T> g, T* v, const StepParameters<T>& p) {
    const auto gradient = effective_gradient<Kind::plain>(g, w, p);
    const auto new_v = at.load(v) + gradient * gradient;
    at.store(v, new_v);
    return moved<Kind>(shrunk<Kind::plain>(w, p), gradient, new_v, p);
}

template <class At, class Parameter, class Gradient, class Accumulator>
AG_INLINE void prefetch_step(At at, const Parameter* w, const Gradient* g, const Accumulator* v) {
    prefetch_ahead<true>(at, w);
    prefetch_ahead<false>(at, g);
    prefetch_ahead<true>(at, v);
}

// The parameters are copied, so that stores to w and v cannot change them.
template <class Isa, class T>
void adagrad_step(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters) {
    using Roots = ForRoots<Isa>;
    with_step_kind(parameters, [=, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        for_each_pack<Roots, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            prefetch_step(at, w, g, v);
            at.store(w, stepped<Kind>(at, at.load(w), at.load(g), v, p));
        });
    });
}

// Option I for sets of independent intervals: the projection does not depend on Lambda.
template <class Isa, class T>
void adagrad_step_clip(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters,
                       const Bounds<T>& bounds) {
    using Roots = ForRoots<Isa>;
    with_strict_step_kind(parameters, [=, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        with_bounds(bounds, [=](auto b) AG_INLINE_LAMBDA {
            const auto stepped_at = [&](auto at) AG_INLINE_LAMBDA {
                prefetch_step(at, w, g, v);
                return stepped<Kind>(at, at.load(w), at.load(g), v, p);
            };
            // Up to the second cache it takes less time to clip later, beyond more.
            constexpr std::size_t most_in_cache = (std::size_t{256} << 10) / sizeof(T);
            if (std::is_same_v<decltype(b), Interval<T>> && n <= most_in_cache)
                for_each_pack_and_later<8, Roots, T>(
                    n, [&](auto at) AG_INLINE_LAMBDA { at.store(w, stepped_at(at)); },
                    [&](auto at) AG_INLINE_LAMBDA { at.store(w, clipped(at, at.load(w), b)); });
            else
                for_each_pack<Roots, T>(
                    n, [&](auto at) AG_INLINE_LAMBDA { at.store(w, clipped(at, stepped_at(at), b)); });
        });
    });
}

// A step that also gives the squared norm which decides whether w has left the ball.
template <class Isa, class T>
double adagrad_step_squared_norm(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>& parameters,
                                 const Ball<T>& ball) {
    double total[1];
    with_strict_step_kind(parameters, [&, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        canonical_sums<ForSums<Isa>, T>(n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
            prefetch_step(at, w, g, v);
            const auto new_w = stepped<Kind>(at, at.load(w), at.load(g), v, p);
            at.store(w, new_w);
            const auto y = offset_from_center(at, new_w, ball);
            out[0] = y * y;
        });
    });
    return total[0];
}

// A step that also takes the new w into the running average.
template <class Isa, class T>
void adagrad_step_average(std::size_t n, T* w, const T* g, T* v, T* mean, T t,
                          const StepParameters<T>& parameters) {
    using Roots = ForRoots<Isa>;
    with_strict_step_kind(parameters, [=, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        const Divisor<Roots, T> divisor(t);
        for_each_pack<Roots, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            prefetch_step(at, w, g, v);
            prefetch_ahead<true>(at, mean);
            const auto new_w = stepped<Kind>(at, at.load(w), at.load(g), v, p);
            at.store(w, new_w);
            at.store(mean, averaged(at.load(mean), new_w, divisor));
        });
    });
}

// Regularised dual averaging: G = G + q, v = v + q^2, and the w that minimises
// eta G w + eta t (l1 |w| + l2 / 2 w^2) + lambda / 2 w^2.
template <class Isa, class T>
void dual_averaging_step(std::size_t n, T* w, const T* g, T* v, T* gradient_sum,
                         const StepParameters<T>& parameters, const DualAveraging<T>& regularizer) {
    using P = Pack<Isa, T>;
    const auto r = regularizer;
    for_each_pack<Isa, T>(n, [=, p = parameters](auto at) AG_INLINE_LAMBDA {
        prefetch_step(at, w, g, v);
        prefetch_ahead<true>(at, gradient_sum);
        const P gradient = effective_gradient<false>(at.load(g), at.load(w), p);
        const P new_v = at.load(v) + gradient * gradient;
        const P sum = at.load(gradient_sum) + gradient;
        at.store(v, new_v);
        at.store(gradient_sum, sum);
        const P denominator = lambda_of(new_v, p.epsilon) + P::broadcast(r.l2_weight);
        const P numerator = P::broadcast(p.learning_rate) * soft_threshold(sum, P::broadcast(r.threshold));
        at.store(w, -select(denominator == P::zero(), P::zero(), numerator / denominator));
    });
}

// sum q^2, in double, by the gradients gradient(at). A loop for each kind: a choice of packs within one would go
// through memory. plain: q = g.
template <bool plain, class Isa, class T, class Gradient>
AG_INLINE double sum_of_squares(std::size_t n, const T* w, Gradient gradient, const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const T scale = p.gradient_scale, weight_decay = p.weight_decay;
    double total[1] = {0};
    const auto sum = [&](auto effective) AG_INLINE_LAMBDA {
        canonical_sums<Isa, T, Squares<Isa, T>>(
            n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA { out[0] = squares(effective(at)); });
    };
    if (plain)
        sum(gradient);
    else if (weight_decay == 0)
        sum([=](auto at) AG_INLINE_LAMBDA { return P::broadcast(scale) * gradient(at); });
    else
        sum([=](auto at) AG_INLINE_LAMBDA {
            return P::broadcast(scale) * gradient(at) + P::broadcast(weight_decay) * at.load(w);
        });
    return total[0];
}

template <class Isa, class T>
double gradient_squared_norm(std::size_t n, const T* w, const T* g, const StepParameters<T>& p) {
    const auto gradient = [=](auto at) AG_INLINE_LAMBDA {
        read_ahead(at, g);
        return at.load(g);
    };
    return has_plain_gradient(p) ? sum_of_squares<true, ForSums<Isa>>(n, w, gradient, p)
                                 : sum_of_squares<false, ForSums<Isa>>(n, w, gradient, p);
}

// A step with the same lambda for all coordinates: AdaGrad-Norm's, or 1 for SGD.
template <class Isa, class T>
void step_with_one_lambda(std::size_t n, T* w, const T* g, T lambda, const StepParameters<T>& parameters) {
    using P = Pack<Isa, T>;
    const StepParameters<T> p = parameters;
    const auto step_all = [=](auto move) AG_INLINE_LAMBDA {
        for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            prefetch_ahead<true>(at, w);
            prefetch_ahead<false>(at, g);
            const P old_w = at.load(w);
            const P gradient = effective_gradient<false>(at.load(g), old_w, p);
            at.store(w, move(shrunk<false>(old_w, p), P::broadcast(p.learning_rate) * gradient));
        });
    };
    if (lambda == 1 && p.l1_step == 0 && p.l2_step == 0)
        step_all([](P old_w, P step) AG_INLINE_LAMBDA { return old_w - step; });
    else if (lambda != 0 && p.l1_step == 0 && p.l2_step == 0)
        step_all([divisor = Divisor<Isa, T>(lambda)](P old_w, P step)
                     AG_INLINE_LAMBDA { return old_w - step / divisor; });
    else
        step_all([&](P old_w, P step)
                     AG_INLINE_LAMBDA { return moved_by(P::broadcast(lambda), old_w, step, p); });
}

template <class Isa, class T>
void average(std::size_t n, T* mean, const T* w, T t) {
    const Divisor<Isa, T> divisor(t);
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        prefetch_ahead<true>(at, mean);
        prefetch_ahead<false>(at, w);
        at.store(mean, averaged(at.load(mean), at.load(w), divisor));
    });
}

} // namespace
} // namespace anisograd
