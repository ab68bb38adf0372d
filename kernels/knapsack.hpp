// SPDX-License-Identifier: BSD-3-Clause
//
// Continuous quadratic knapsack problems: the passes from which src/knapsack.cpp builds the projections onto sets
// with one linear constraint. For a multiplier mu, and with s_j = 1 / lambda_j,
//
//     p_j = clip(x_j - mu a_j s_j)  and  sum_j a_j p_j,  which falls as mu grows.
//
// Each of these is in double for both types; s_j is rounded to T, a change of lambda_j by half a unit in the last
// place.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"
#include "kernels/scan.hpp"

#include <type_traits>

namespace anisograd {
namespace {

template <class Isa, class T>
AG_INLINE Pack<Isa, T> load_operand(WholePack<Isa, T> at, const Operand<T>& o) {
    return Pack<Isa, T>::load(o.data + at.index * o.stride);
}
template <class Isa, class T>
AG_INLINE Pack<Isa, T> load_operand(PartOfPack<Isa, T> at, const Operand<T>& o) {
    return Pack<Isa, T>::load_partial(o.data + at.index * o.stride, at.count);
}

// Zero beyond the last element, so that nothing moves there.
template <class Isa, class T>
AG_INLINE Pack<Isa, T> only_elements(WholePack<Isa, T>, Pack<Isa, T> a) {
    return a;
}
template <class Isa, class T>
AG_INLINE Pack<Isa, T> only_elements(PartOfPack<Isa, T> at, Pack<Isa, T> a) {
    T lane[Pack<Isa, T>::lanes];
    a.store(lane);
    return Pack<Isa, T>::load_partial(lane, at.count);
}

// ---- Inverse weights -----------------------------------------------------------------------------------

// The range of lambda: 1 / lambda is a normal number, and sums of many do not overflow. 0 and infinity come to its
// ends, far from the root of any number, which is how they take their limits.
template <class T>
inline constexpr T least_weight = sizeof(T) == 4 ? T(0x1p-126) : T(0x1p-960);

template <class Isa, class T>
AG_INLINE Pack<Isa, T> inverse_weight(Pack<Isa, T> lambda) {
    using P = Pack<Isa, T>;
    const P least = P::broadcast(least_weight<T>), most = P::broadcast(1 / least_weight<T>);
    return P::broadcast(T(1)) / greater(least, lesser(most, lambda)); // NaN stays
}

template <class T>
struct InverseWeights {
    const T* weights;
    template <class At>
    AG_INLINE auto operator()(At at) const {
        prefetch_ahead<false>(at, weights);
        return only_elements(at, inverse_weight(at.load(weights)));
    }
};

// Calls action with a function that gives one pack of s.
template <class Isa, class T, class Action>
AG_INLINE void with_inverse_weights(const Metric<T>& metric, Action action) {
    using P = Pack<Isa, T>;
    if (metric.weights != nullptr) {
        action(InverseWeights<T>{metric.weights});
    } else if (metric.accumulator != nullptr) {
        action([accumulator = metric.accumulator, epsilon = metric.epsilon](auto at) AG_INLINE_LAMBDA {
            prefetch_ahead<false>(at, accumulator);
            return only_elements(at, inverse_weight(lambda_of<false>(at.load(accumulator), epsilon)));
        });
    } else {
        action([](auto at) AG_INLINE_LAMBDA { return only_elements(at, P::broadcast(T(1))); });
    }
}

// ---- Terms ---------------------------------------------------------------------------------------------

// max(a, 0), where NaN and -0 stay.
template <class P>
AG_INLINE P positive_part(P a) {
    return greater(P::zero(), a);
}
template <class P>
AG_INLINE P clip_to(P a, P lower, P upper) {
    return greater(lower, lesser(upper, a)); // NaN stays
}
template <class P>
AG_INLINE P with_sign_of(P magnitude, P sign) {
    using T = decltype(fold(magnitude));
    return from_bits<T>(to_bits(magnitude) | (to_bits(sign) ^ to_bits(abs(sign))));
}

template <class Isa, class T, class At>
AG_INLINE Doubles<Isa, T> load_normal(At at, const Knapsack<T>& k) {
    const auto normal = to_double(load_operand(at, k.normal));
    if constexpr (sizeof(T) == sizeof(double))
        return normal * broadcast_double<Isa, T>(k.normal_scale);
    else
        return normal;
}

// What one pack of a problem holds, in double, and what it gives for a multiplier.
template <KnapsackShape shape, class Isa, class T>
struct KnapsackPack {
    using D = Doubles<Isa, T>;
    using P = Pack<Isa, double>;
    static constexpr bool magnitudes =
        shape == KnapsackShape::magnitudes || shape == KnapsackShape::weighted_magnitudes;
    static constexpr bool bounded = shape == KnapsackShape::bounded;
    static constexpr bool weighted = bounded || shape == KnapsackShape::weighted_magnitudes;

    D x;            // of magnitudes: |x - center|
    D signed_x;     // of magnitudes: x - center
    D center;       // of magnitudes
    D normal;       // of weighted shapes
    D lower, upper; // of bounded shapes
    D h;            // a s

    template <class At>
    AG_INLINE KnapsackPack(At at, const T* array, const Knapsack<T>& k, Pack<Isa, T> s) {
        const auto value = at.load(array);
        if constexpr (magnitudes) {
            const auto c = load_operand(at, k.center);
            const auto y = value - c;
            x = to_double(abs(y));
            signed_x = to_double(y);
            center = to_double(c);
        } else {
            x = to_double(value);
        }
        h = to_double(s);
        if constexpr (weighted) {
            normal = load_normal<Isa>(at, k);
            h = normal * h;
        }
        if constexpr (bounded) {
            lower = to_double(load_operand(at, k.lower));
            upper = to_double(load_operand(at, k.upper));
        }
    }

    // x - mu h. With a normal, h may be 0, and mu infinite; and the sign of x = -0 is to stay where nothing moves.
    static AG_INLINE P moved(P mu, P x, P h) {
        if constexpr (!weighted)
            return x - mu * h;
        const P step = select(h == P::zero(), P::zero(), mu * h);
        return select(step == P::zero(), x, x - step);
    }
    // Of magnitudes: |p - center|.
    AG_INLINE D p(const D& mu) const {
        if constexpr (bounded)
            return in_doubles([](P mu_, P x_, P h_, P lower_, P upper_)
                                  AG_INLINE_LAMBDA { return clip_to(moved(mu_, x_, h_), lower_, upper_); },
                              mu, x, h, lower, upper);
        else
            return in_doubles([](P mu_, P x_, P h_)
                                  AG_INLINE_LAMBDA { return positive_part(moved(mu_, x_, h_)); },
                              mu, x, h);
    }
    using Terms = std::conditional_t<bounded, D, DoublesAbove<Isa, T>>;

    // What the two sums add up: a x and a h of what is not at its bound; of bounded shapes a p in place of a x.
    AG_INLINE Terms sum_terms(const D& mu) const {
        if constexpr (bounded)
            return normal * p(mu);
        else if constexpr (weighted)
            return added_above(x, mu * h, normal * x);
        else
            return added_above(x, mu * h, x);
    }
    AG_INLINE Terms slope_terms(const D& mu) const {
        if constexpr (bounded)
            return normal *
                   in_doubles(
                       [](P mu_, P x_, P h_, P lower_, P upper_) AG_INLINE_LAMBDA {
                           const P raw = moved(mu_, x_, h_);
                           return select(raw > lower_, select(raw < upper_, h_, P::zero()), P::zero());
                       },
                       mu, x, h, lower, upper);
        else if constexpr (weighted)
            return added_above(x, mu * h, normal * h);
        else
            return added_above(x, mu * h, h);
    }

    // 1 where p is not linear between two multipliers, the first the lesser, else 0.
    AG_INLINE D undecided(const D& mu0, const D& mu1) const {
        const auto differ = [](auto a, auto b) AG_INLINE_LAMBDA { return (a & !b) | (b & !a); };
        const auto flag = [](auto mask)
                              AG_INLINE_LAMBDA { return select(mask, P::broadcast(1.0), P::zero()); };
        if constexpr (bounded)
            return in_doubles(
                [=](P first, P second, P x_, P h_, P lower_, P upper_) AG_INLINE_LAMBDA {
                    const P raw0 = moved(first, x_, h_), raw1 = moved(second, x_, h_);
                    return flag(differ(raw0 <= lower_, raw1 <= lower_) |
                                differ(raw0 >= upper_, raw1 >= upper_));
                },
                mu0, mu1, x, h, lower, upper);
        else
            return in_doubles(
                [=](P first, P second, P x_, P h_)
                    AG_INLINE_LAMBDA { return flag(differ(x_ <= first * h_, x_ <= second * h_)); },
                mu0, mu1, x, h);
    }
    // a p = constant - mu slope, of what is decided: the constant.
    AG_INLINE Terms constant_terms(const D& mu, const D& is_undecided) const {
        if constexpr (bounded)
            return in_doubles(
                [](P mu_, P x_, P h_, P lower_, P upper_, P normal_, P undecided_) AG_INLINE_LAMBDA {
                    const P raw = moved(mu_, x_, h_);
                    const auto moves = (raw > lower_) & (raw < upper_);
                    const P constant = normal_ * select(moves, x_, clip_to(raw, lower_, upper_));
                    return select(undecided_ == P::zero(), constant, P::zero());
                },
                mu, x, h, lower, upper, normal, is_undecided);
        else
            return sum_terms(mu); // what is undecided is not above the greater multiplier
    }
    AG_INLINE Terms decided_slope_terms(const D& mu, const D& is_undecided) const {
        if constexpr (bounded)
            return in_doubles(
                [](P slope, P undecided_)
                    AG_INLINE_LAMBDA { return select(undecided_ == P::zero(), slope, P::zero()); },
                slope_terms(mu), is_undecided);
        else
            return slope_terms(mu);
    }

    // sum a p and the slope, from the two sums.
    static AG_INLINE KnapsackSums result(double sum, double slope, double mu) {
        // A sum that is infinite or NaN stays so.
        const bool finite = sum >= -largest_finite<double> && sum <= largest_finite<double>;
        return {bounded || !finite ? sum : sum - mu * slope, slope};
    }

    // Rounded to T.
    AG_INLINE Pack<Isa, T> projected(const D& mu) const {
        if constexpr (magnitudes)
            return from_double<T>(center +
                                  in_doubles([](P magnitude, P sign)
                                                 AG_INLINE_LAMBDA { return with_sign_of(magnitude, sign); },
                                             p(mu), signed_x));
        else
            return from_double<T>(p(mu));
    }
};

// ---- Kernels -------------------------------------------------------------------------------------------

template <KnapsackShape shape>
struct KnapsackShapeConstant {};

template <class Action>
AG_INLINE void with_knapsack_shape(KnapsackShape shape, Action action) {
    if (shape == KnapsackShape::magnitudes)
        action(KnapsackShapeConstant<KnapsackShape::magnitudes>{});
    else if (shape == KnapsackShape::weighted_magnitudes)
        action(KnapsackShapeConstant<KnapsackShape::weighted_magnitudes>{});
    else if (shape == KnapsackShape::nonnegative)
        action(KnapsackShapeConstant<KnapsackShape::nonnegative>{});
    else
        action(KnapsackShapeConstant<KnapsackShape::bounded>{});
}

// How many of the four sums have their accumulators in registers at once. Where not all do, the block, which a cache
// holds unless n is very large, is read again.
template <class Isa, bool weighted>
inline constexpr std::size_t sums_at_once = sizeof(typename Isa::template Register<double>) == 64 ? 4
                                            : sizeof(typename Isa::template Register<double>) == 32 ||
                                                    !weighted
                                                ? 2
                                                : 1;

template <KnapsackShape shape, class Isa, class T, class InverseWeights>
AG_INLINE void knapsack_sums_of(std::size_t n, const T* x, const Knapsack<T>& knapsack, InverseWeights s_at,
                                const double (&mu)[2], KnapsackSums (&sums)[2]) {
    using D = Doubles<Isa, T>;
    using One = KnapsackPack<shape, Isa, T>;
    using Terms = typename One::Terms;
    constexpr std::size_t at_once = sums_at_once<Isa, One::weighted>;
    constexpr std::size_t multipliers = at_once == 4 ? 2 : 1;
    for (std::size_t i = 0; i < 2; i += multipliers) {
        if (i == 1 && mu[0] == mu[1]) {
            sums[1] = sums[0]; // as when one value is asked for
            break;
        }
        double totals[4];
        const D mu0 = broadcast_double<Isa, T>(mu[i]), mu1 = broadcast_double<Isa, T>(mu[1]);
        unrolled<4 / at_once / (2 / multipliers)>([&](std::size_t part) AG_INLINE_LAMBDA {
            double some[at_once];
            canonical_sums<Isa, T, Terms>(n, some, [=](auto at, auto& out) AG_INLINE_LAMBDA {
                const One pack(at, x, knapsack, s_at(at));
                if constexpr (at_once == 1) {
                    out[0] = part == 0 ? pack.sum_terms(mu0) : pack.slope_terms(mu0);
                } else {
                    out[0] = pack.sum_terms(mu0);
                    out[1] = pack.slope_terms(mu0);
                }
                if constexpr (at_once == 4) {
                    out[2] = pack.sum_terms(mu1);
                    out[3] = pack.slope_terms(mu1);
                }
            });
            for (std::size_t k = 0; k < at_once; ++k)
                totals[part * at_once + k] = some[k];
        });
        for (std::size_t k = 0; k < multipliers; ++k)
            sums[i + k] = One::result(totals[2 * k], totals[2 * k + 1], mu[i + k]);
    }
}

template <class Isa, class T>
void knapsack_sums(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                   const double (&mu)[2], KnapsackSums (&sums)[2]) {
    with_knapsack_shape(knapsack.shape,
                        [&]<KnapsackShape shape>(KnapsackShapeConstant<shape>) AG_INLINE_LAMBDA {
                            with_inverse_weights<ForSums<Isa>>(metric, [&](auto s_at) AG_INLINE_LAMBDA {
                                knapsack_sums_of<shape, ForSums<Isa>>(n, x, knapsack, s_at, mu, sums);
                            });
                        });
}

template <class Isa, class T>
double knapsack_total(std::size_t n, const T* x, const Knapsack<T>& knapsack) {
    using Sums = ForSums<Isa>;
    double total[1];
    with_knapsack_shape(knapsack.shape,
                        [&]<KnapsackShape shape>(KnapsackShapeConstant<shape>) AG_INLINE_LAMBDA {
                            using One = KnapsackPack<shape, Sums, T>;
                            canonical_sums<Sums, T, typename One::Terms>(
                                n, total, [=, k = knapsack](auto at, auto& out) AG_INLINE_LAMBDA {
                                    const auto s = only_elements(at, Pack<Sums, T>::broadcast(T(1)));
                                    out[0] = One(at, x, k, s).sum_terms(broadcast_double<Sums, T>(0));
                                });
                        });
    return total[0];
}

// Whether any of a pack's flags is not 0.
template <class Isa>
AG_INLINE bool any_flag(Pack<Isa, double> flags) {
    return any(flags > Pack<Isa, double>::zero());
}
template <class Isa>
AG_INLINE bool any_flag(const WidePack<Isa>& flags) {
    return any((flags.low > Pack<Isa, double>::zero()) | (flags.high > Pack<Isa, double>::zero()));
}

// The elements whose p is not linear between two rising multipliers, as a list, and their number, which may exceed what
// the list holds; of all others, sum a p = sums.total - mu * sums.slope.
template <class Isa, class T>
std::size_t knapsack_list(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                          const double (&mu)[2], KnapsackSums& sums, std::uint32_t* list,
                          std::size_t capacity) {
    using Sums = ForSums<Isa>;
    double totals[2];
    std::size_t count = 0, *const counter = &count;
    with_knapsack_shape(
        knapsack.shape, [&]<KnapsackShape shape>(KnapsackShapeConstant<shape>) AG_INLINE_LAMBDA {
            with_inverse_weights<Sums>(metric, [&](auto s_at) AG_INLINE_LAMBDA {
                using One = KnapsackPack<shape, Sums, T>;
                const auto mu0 = broadcast_double<Sums, T>(mu[0]), mu1 = broadcast_double<Sums, T>(mu[1]);
                canonical_sums<Sums, T, typename One::Terms>(
                    n, totals, [=, k = knapsack](auto at, auto& out) AG_INLINE_LAMBDA {
                        const One pack(at, x, k, s_at(at));
                        const auto undecided = pack.undecided(mu0, mu1);
                        out[0] = pack.constant_terms(mu1, undecided);
                        out[1] = pack.decided_slope_terms(mu1, undecided);
                        if (__builtin_expect(any_flag(undecided), 0)) {
                            constexpr std::size_t lanes = Pack<Sums, T>::lanes;
                            double flag[lanes];
                            store_doubles(flag, undecided);
                            unrolled<lanes>([&](std::size_t i) AG_INLINE_LAMBDA {
                                if (*counter < capacity)
                                    list[*counter] = static_cast<std::uint32_t>(at.index + i);
                                *counter += flag[i] != 0;
                            });
                        }
                    });
            });
        });
    sums = {totals[0], totals[1]};
    return count;
}

// x becomes p; whether any bit of it changed.
template <class Isa, class T>
bool knapsack_project(std::size_t n, T* x, const Knapsack<T>& knapsack, const Metric<T>& metric, double mu) {
    using Sums = ForSums<Isa>;
    using U = Pack<Sums, Bits<T>>;
    U changed = U::zero();
    with_knapsack_shape(
        knapsack.shape, [&]<KnapsackShape shape>(KnapsackShapeConstant<shape>) AG_INLINE_LAMBDA {
            with_inverse_weights<Sums>(metric, [&](auto s_at) AG_INLINE_LAMBDA {
                const auto mus = broadcast_double<Sums, T>(mu);
                U differences = U::zero();
                for_each_pack<Sums, T>(n, [&, k = knapsack](auto at) AG_INLINE_LAMBDA {
                    const auto old_x = at.load(x);
                    const auto p = KnapsackPack<shape, Sums, T>(at, x, k, s_at(at)).projected(mus);
                    differences = differences | (to_bits(p) ^ to_bits(old_x));
                    at.store(x, p);
                });
                changed = differences;
            });
        });
    return any_bit(changed, static_cast<Bits<T>>(~Bits<T>(0)));
}

// The least and the largest value of sum a_j p_j within the bounds.
template <class Isa, class T>
KnapsackRange knapsack_range(std::size_t n, const Knapsack<T>& knapsack) {
    using Sums = ForSums<Isa>;
    using P = Pack<Sums, double>;
    const auto sums_of_products = [&](auto& totals, auto terms) AG_INLINE_LAMBDA {
        canonical_sums<Sums, T>(n, totals, [=](auto at, auto& out) AG_INLINE_LAMBDA {
            terms(load_normal<Sums>(at, knapsack), to_double(load_operand(at, knapsack.lower)),
                  to_double(load_operand(at, knapsack.upper)), out);
        });
    };
    double range[2], magnitude[1];
    sums_of_products(
        range, [](const auto& normal, const auto& lower, const auto& upper, auto& out) AG_INLINE_LAMBDA {
            // An infinite bound as the largest number, which times 0 is 0.
            const auto product = [](P bound, P a) AG_INLINE_LAMBDA {
                const P largest = P::broadcast(largest_finite<double>);
                return a * clip_to(bound, -largest, largest);
            };
            const auto one = in_doubles(product, lower, normal), other = in_doubles(product, upper, normal);
            out[0] = in_doubles([](P x, P y) AG_INLINE_LAMBDA { return lesser(x, y); }, one, other);
            out[1] = in_doubles([](P x, P y) AG_INLINE_LAMBDA { return greater(y, x); }, one, other);
        });
    sums_of_products(
        magnitude, [](const auto& normal, const auto& lower, const auto& upper, auto& out) AG_INLINE_LAMBDA {
            // Infinite bounds have no rounding that counts.
            const auto size = [](P bound, P a) AG_INLINE_LAMBDA {
                return select(abs(bound) <= P::broadcast(largest_finite<double>), abs(a * bound), P::zero());
            };
            out[0] = in_doubles(size, lower, normal) + in_doubles(size, upper, normal);
        });
    return {range[0], range[1], magnitude[0]};
}

} // namespace
} // namespace anisograd
