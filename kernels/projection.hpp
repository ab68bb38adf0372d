// SPDX-License-Identifier: BSD-3-Clause
//
// The passes from which src/ builds projections: clipping to intervals, and for the L2 ball the sums and the final
// shrink. These are in double for both types: a product of two floats is exact there, and no float overflows; but for
// the terms of moments, which src/ takes where none does, and the shrink of f32 by weights that are not far from 1.
#pragma once

#include "kernels/group_sum.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/root.hpp"

#include <type_traits>

namespace anisograd {
namespace {

// ---- Lambda --------------------------------------------------------------------------------------------

template <class T>
AG_INLINE T lambda_of(T v, const Epsilon<T>& epsilon) {
    return sqrt(v + epsilon.inside) + epsilon.outside;
}
// by_estimate: the root, where that is faster; it takes more registers.
template <bool by_estimate = true, class Isa, class T>
AG_INLINE Pack<Isa, T> lambda_of(Pack<Isa, T> v, const Epsilon<T>& epsilon) {
    using P = Pack<Isa, T>;
    const P argument = v + P::broadcast(epsilon.inside), outside = P::broadcast(epsilon.outside);
    if constexpr (by_estimate && estimates_one_in<Isa, T> != 0)
        if (all_in_root_range(argument)) [[likely]]
            return root_in_range(argument) + outside;
    return sqrt(argument) + outside;
}

// Functions that give one pack of Lambda's diagonal.
template <class T>
struct Weights {
    const T* weights;
    template <class At>
    AG_INLINE auto operator()(At at) const {
        prefetch_ahead<false>(at, weights);
        return at.load(weights);
    }
};
template <class T>
struct RootsOf {
    const T* accumulator;
    Epsilon<T> epsilon;
    template <class At>
    AG_INLINE auto operator()(At at) const {
        prefetch_ahead<false>(at, accumulator);
        return lambda_of(at.load(accumulator), epsilon);
    }
};
// Calls action with one of them.
template <class Isa, class T, class Action>
AG_INLINE void with_metric(const Metric<T>& metric, Action action) {
    if (metric.weights != nullptr)
        action(Weights<T>{metric.weights});
    else
        action(RootsOf<T>{metric.accumulator, metric.epsilon});
}

template <class T>
inline constexpr T least_positive = sizeof(T) == 4 ? T(__FLT_DENORM_MIN__) : T(__DBL_DENORM_MIN__);

// Whether weights are from `least` to `most`; or NaN, of which sums that they enter tell.
template <class Isa, class T>
class WeightRange {
public:
    AG_INLINE void add(WholePack<Isa, T> at, const T* weights) {
        const P lambda = at.load(weights);
        least_ = lesser(lambda, least_);
        largest_ = greater(largest_, lambda);
    }
    AG_INLINE void add(PartOfPack<Isa, T> at, const T* weights) {
        for (std::size_t i = 0; i < at.count; ++i) {
            const T lambda = weights[at.index + i];
            least_of_part_ = lambda < least_of_part_ ? lambda : least_of_part_;
            largest_of_part_ = lambda > largest_of_part_ ? lambda : largest_of_part_;
        }
    }
    AG_INLINE bool is_within(T least, T most) const {
        T low[P::lanes], high[P::lanes];
        least_.store(low);
        largest_.store(high);
        bool result = (least_of_part_ >= least) & (largest_of_part_ <= most);
        for (std::size_t i = 0; i < P::lanes; ++i)
            result = result && low[i] >= least && high[i] <= most;
        return result;
    }

private:
    using P = Pack<Isa, T>;
    P least_ = P::broadcast(T(1)), largest_ = P::broadcast(T(1));
    T least_of_part_ = 1, largest_of_part_ = 1;
};

// ---- Intervals -----------------------------------------------------------------------------------------

template <class Isa, class T, class At>
AG_INLINE Pack<Isa, T> clipped(At at, Pack<Isa, T> x, const Bounds<T>& b) {
    using P = Pack<Isa, T>;
    P lower = b.lower_bounds != nullptr ? at.load(b.lower_bounds) : P::broadcast(b.lower);
    P upper = b.upper_bounds != nullptr ? at.load(b.upper_bounds) : P::broadcast(b.upper);
    if (b.center != nullptr) {
        const P center = at.load(b.center);
        lower = center + lower;
        upper = center + upper;
    }
    return lesser(upper, greater(lower, x)); // NaN stays
}

// The same two numbers for all elements.
template <class T>
struct Interval {
    T lower, upper;
};
template <class Isa, class T, class At>
AG_INLINE Pack<Isa, T> clipped(At, Pack<Isa, T> x, const Interval<T>& i) {
    using P = Pack<Isa, T>;
    return lesser(P::broadcast(i.upper), greater(P::broadcast(i.lower), x));
}

// Calls action with an interval, where that is all that there is.
template <class T, class Action>
AG_INLINE void with_bounds(const Bounds<T>& b, Action action) {
    if (b.lower_bounds == nullptr && b.upper_bounds == nullptr && b.center == nullptr)
        action(Interval<T>{b.lower, b.upper});
    else
        action(b);
}

template <class Isa, class T>
void clip(std::size_t n, T* x, const Bounds<T>& bounds) {
    with_bounds(bounds, [=](auto b) AG_INLINE_LAMBDA {
        for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(x, clipped(at, at.load(x), b)); });
    });
}

// ---- The L2 ball ---------------------------------------------------------------------------------------

template <class Isa, class T, class At>
AG_INLINE Pack<Isa, T> minus_center(At at, Pack<Isa, T> x, const T* center) {
    return center != nullptr ? x - at.load(center) : x;
}

// y = scale * (x - center) as double; the difference is rounded to T.
template <class Isa, class T, class At>
AG_INLINE Doubles<Isa, T> offset_from_center(At at, Pack<Isa, T> x, const Ball<T>& ball) {
    return to_double(minus_center(at, x, ball.center)) * broadcast_double<Isa, T>(ball.scale);
}

// max |x_j - center_j|, NaNs left out.
template <class Isa, class T>
double max_abs(std::size_t n, const T* x, const T* center) {
    auto largest = Pack<Isa, T>::zero();
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        const auto a = abs(minus_center(at, at.load(x), center));
        largest = greater(a, largest);
    });
    T lane[Pack<Isa, T>::lanes];
    largest.store(lane);
    T result = 0;
    for (const T a : lane)
        result = a > result ? a : result;
    return double(result);
}

template <class Isa, class T>
double squared_norm(std::size_t n, const T* x, const Ball<T>& ball) {
    double total[1];
    canonical_sums<ForSums<Isa>, T>(n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
        read_ahead(at, x);
        const auto y = offset_from_center(at, at.load(x), ball);
        out[0] = y * y;
    });
    return total[0];
}

// What the kernels below take from an element, in doubles: y, a weight in the range that they need, and a quotient by
// the sum of that and mu. usual, as nearly always: nothing is to be scaled, and 1 / mu is finite.
template <bool usual, class Isa, class T, class LambdaAt>
struct BallElements {
    using D = Doubles<Isa, T>;
    using P = Pack<Isa, double>;
    const T* x;
    Ball<T> ball;
    Metric<T> metric;
    double mu, massless_factor; // the latter in place of lambda / (lambda + mu) where lambda is 0
    LambdaAt lambda_at;

    template <class At>
    AG_INLINE D y(At at) const {
        if constexpr (usual)
            return to_double(minus_center(at, at.load(x), ball.center));
        else
            return offset_from_center(at, at.load(x), ball);
    }
    template <class At>
    AG_INLINE D lambda(At at) const {
        const double scale = metric.scale, least = metric.least, most = metric.most;
        return in_doubles(
            [=](P a) AG_INLINE_LAMBDA {
                if constexpr (usual)
                    return lesser(P::broadcast(most), a);
                a = lesser(P::broadcast(most), a * P::broadcast(scale));
                return select(a < P::broadcast(least), P::zero(), a);
            },
            to_double(lambda_at(at)));
    }
    // 1 where lambda is 0, as in padding: such a coordinate's p is then 0 * y, whatever mu is.
    AG_INLINE D reciprocal(const D& lambda_) const {
        const double mu_ = mu;
        return in_doubles(
            [=](P a) AG_INLINE_LAMBDA {
                const P one = P::broadcast(1), sum = a + P::broadcast(mu_);
                if constexpr (usual)
                    return one / sum;
                else
                    return one / select(a == P::zero(), one, sum);
            },
            lambda_);
    }
    AG_INLINE D shrink_factor(const D& lambda_) const {
        const double mu_ = mu, massless = massless_factor;
        return in_doubles(
            [=](P a) AG_INLINE_LAMBDA {
                const P factor = a / (a + P::broadcast(mu_));
                if constexpr (usual)
                    return factor;
                else
                    return select(a == P::zero(), P::broadcast(massless), factor);
            },
            lambda_);
    }
};

template <class Isa, class T, class Action>
AG_INLINE void with_ball(const T* x, const Ball<T>& ball, const Metric<T>& metric, double mu,
                         double massless_factor, Action action) {
    with_metric<Isa>(metric, [&](auto lambda_at) AG_INLINE_LAMBDA {
        using LambdaAt = decltype(lambda_at);
        if (ball.scale == 1 && metric.scale == 1 && metric.least == 0 && mu >= 0x1p-1000)
            action(BallElements<true, Isa, T, LambdaAt>{x, ball, metric, mu, massless_factor, lambda_at});
        else
            action(BallElements<false, Isa, T, LambdaAt>{x, ball, metric, mu, massless_factor, lambda_at});
    });
}

template <class Isa, class T>
BallSums ball_sums(std::size_t n, const T* x, const Ball<T>& ball, const Metric<T>& metric, double mu) {
    using Sums = ForSums<Isa>;
    double totals[2];
    with_ball<Sums>(x, ball, metric, mu, 0, [&](auto of) AG_INLINE_LAMBDA {
        canonical_sums<Sums, T>(n, totals, [=](auto at, auto& out) AG_INLINE_LAMBDA {
            const auto lambda = of.lambda(at), reciprocal = of.reciprocal(lambda);
            const auto p = of.y(at) * (lambda * reciprocal);
            out[0] = p * p;
            out[1] = out[0] * reciprocal;
        });
    });
    return {totals[0], totals[1]};
}

// How many moments are added up at once; where not all are, the block is read again. AVX2's accumulators are partly in
// memory, which costs less than to divide again.
template <class Isa, class T>
inline constexpr std::size_t moments_at_once = sizeof(typename Isa::template Register<double>) != 16
                                                   ? ball_moment_count<T>
                                               : sizeof(T) == 4 ? 2
                                                                : 4;

// A weight from here on leaves its element where it is, as far as T shows: mu is far less.
template <class T>
inline constexpr T most_moment_weight = sizeof(T) == 4 ? T(0x1p100) : T(0x1p1000);

// In the orders of group_sum.hpp. Each term of moment k is off by at most 11 + 3 k roundings, and 7 more for k > 0: of a
// sum, a reciprocal, two products, which the square doubles, of its own, of two products for each power, and those of
// groups. Weights have to be from the metric's least to its `most`; else the sums are NaN.
template <bool with_norm, class Isa, class T>
AG_INLINE BallMoments<T> ball_moments_of(std::size_t n, const T* x, const T* center, const Metric<T>& metric,
                                         T mu) {
    using Parts = ForGroups<Isa>;
    using P = Pack<Parts, T>;
    constexpr bool groups = sizeof(T) == 4;
    using Sum = std::conditional_t<groups, GroupSum<Parts, T>, LaneSum<Parts>>;
    using SumOfFewDigits = std::conditional_t<groups, LongGroupSum<Parts, T>, LaneSum<Parts>>;
    constexpr std::size_t count = ball_moment_count<T>, at_once = moments_at_once<Parts, T>,
                          parts = (count + at_once - 1) / at_once,
                          stretch = LongGroupSum<Parts, T>::groups * 4 * pack_bytes / sizeof(T);
    BallMoments<T> result = {};
    with_metric<Parts>(metric, [&](auto lambda_at) AG_INLINE_LAMBDA {
        constexpr bool has_weights = std::is_same_v<decltype(lambda_at), Weights<T>>;
        const T least = T(metric.least),
                most = metric.most < double{most_moment_weight<T>} ? T(metric.most) : most_moment_weight<T>;
        const P one = P::broadcast(T(1)), mus = P::broadcast(mu);
        WeightRange<Parts, T> range;
        unrolled<parts>([&](std::size_t part) AG_INLINE_LAMBDA {
            const std::size_t first = part * at_once;
            const bool adds_norm = with_norm && part + 1 == parts; // of the fewest moments
            Sum lowest, norm;
            SumOfFewDigits sum[at_once];
            for (std::size_t begin = 0; begin < n; begin += stretch) {
                const std::size_t end = n - begin < stretch ? n : begin + stretch;
                for_each_four<Parts, T>(begin, end, [&](std::size_t q, const auto& at) AG_INLINE_LAMBDA {
                    P lambda[4], reciprocal[4]; // divisions take long: they start first
                    unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                        lambda[k] = lambda_at(at[k]);
                        if constexpr (has_weights)
                            range.add(at[k], lambda_at.weights);
                        else
                            lambda[k] = greater(P::broadcast(least), lesser(P::broadcast(most), lambda[k]));
                        reciprocal[k] = one / (lambda[k] + mus);
                    });
                    unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                        const P y = minus_center(at[k], at[k].load(x), center);
                        prefetch_ahead<false>(at[k], x);
                        const P p = y * (lambda[k] * reciprocal[k]), t = mus * reciprocal[k];
                        if (adds_norm)
                            norm.add(q, k, y * y);
                        P term = p * p;
                        unrolled<count>([&](std::size_t s) AG_INLINE_LAMBDA {
                            if (s == 0 && first == 0)
                                lowest.add(q, k, term);
                            else if (s >= first && s < first + at_once)
                                sum[s - first].add(q, k, term);
                            term = term * t;
                        });
                    });
                });
                unrolled<at_once>([&](std::size_t s) AG_INLINE_LAMBDA { sum[s].end_groups(); });
            }
            unrolled<at_once>([&](std::size_t s) AG_INLINE_LAMBDA {
                if (first + s < count)
                    result.moment[first + s] = first + s == 0 ? lowest.result() : sum[s].result();
            });
            if (adds_norm)
                result.squared_norm = norm.result();
        });
        if (!range.is_within(least > 0 ? least : least_positive<T>, most))
            result.squared_norm = result.moment[0] = __builtin_nan("");
    });
    return result;
}

template <class Isa, class T>
BallMoments<T> ball_moments(std::size_t n, const T* x, const T* center, const Metric<T>& metric, T mu,
                            bool with_norm) {
    return with_norm ? ball_moments_of<true, Isa>(n, x, center, metric, mu)
                     : ball_moments_of<false, Isa>(n, x, center, metric, mu);
}

// x = center + y * factor, in double, rounded to T once.
template <class Isa, class T, class At>
AG_INLINE void store_scaled(At at, T* x, const Ball<T>& ball, const Doubles<Isa, T>& factor) {
    auto p = offset_from_center(at, at.load(x), ball) * factor;
    if (ball.center != nullptr)
        p = to_double(at.load(ball.center)) + p;
    at.store(x, from_double<T>(p));
}

// Where f32 has every quotient lambda / (lambda + mu) as a normal number: both from 1 / this to this.
inline constexpr float most_in_float = 0x1p60f;

template <class Isa>
AG_INLINE PackMask<Isa, float> fits_float(Pack<Isa, float> a) {
    using P = Pack<Isa, float>;
    return (a >= P::broadcast(1 / most_in_float)) & (a <= P::broadcast(most_in_float));
}
// Whether lambda is the metric's weight as it is.
template <class T>
AG_INLINE bool is_plain_in_float(const Metric<T>& metric) {
    return metric.scale == 1 && metric.least <= 1 / most_in_float && metric.most >= most_in_float;
}

// y lambda / (lambda + mu), each operation in f32: with mu's, four roundings. Other elements are in_double(), whose
// divisions take three times as long.
template <class Isa, class InDouble>
AG_INLINE Pack<Isa, float> shrunk_in_float(Pack<Isa, float> y, Pack<Isa, float> lambda, Pack<Isa, float> mu,
                                           InDouble in_double) {
    const auto p = y * (lambda / (lambda + mu));
    const auto fits = fits_float(lambda) & fits_float(mu);
    if (any(!fits)) [[unlikely]]
        return select(fits, p, in_double());
    return p;
}

template <class Isa, class T>
void ball_shrink(std::size_t n, T* x, const T* center, const Metric<T>& metric, double mu,
                 double massless_factor) {
    using Sums = ForSums<Isa>;
    using P = Pack<Sums, T>;
    const Ball<T> ball = {center, 1.0};
    const P mus = P::broadcast(is_plain_in_float(metric) ? T(mu) : T(__builtin_nan("")));
    with_ball<Sums>(x, ball, metric, mu, massless_factor, [&](auto of) AG_INLINE_LAMBDA {
        for_each_pack<Sums, T>(n, [&](auto at) AG_INLINE_LAMBDA {
            prefetch_ahead<true>(at, x);
            if constexpr (sizeof(T) == 4) {
                const P y = minus_center(at, at.load(x), center);
                const P p = shrunk_in_float(y, of.lambda_at(at), mus, [&]() AG_INLINE_LAMBDA {
                    return from_double<T>(of.y(at) * of.shrink_factor(of.lambda(at)));
                });
                at.store(x, center != nullptr ? at.load(center) + p : p);
            } else {
                store_scaled<Sums, T>(at, x, ball, of.shrink_factor(of.lambda(at)));
            }
        });
    });
}

template <class Isa, class T>
void ball_scale(std::size_t n, T* x, const Ball<T>& ball, double factor) {
    using Sums = ForSums<Isa>;
    const auto factors = broadcast_double<Sums, T>(factor);
    for_each_pack<Sums, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        prefetch_ahead<true>(at, x);
        store_scaled<Sums, T>(at, x, ball, factors);
    });
}

} // namespace
} // namespace anisograd
