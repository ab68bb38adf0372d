// SPDX-License-Identifier: BSD-3-Clause
//
// The passes of kernels/knapsack.hpp for the commonest sets, L1 balls and simplices without weights: what is above
// a threshold, x_j > mu s_j, in the element type. A number of T is as far above a double as above that double
// rounded down to T, so that only what is added up differs from the passes in double, by less than x_j's own rounding.
#pragma once

#include "kernels/group_sum.hpp"
#include "kernels/knapsack.hpp"

namespace anisograd {
namespace {

// What is compared with a threshold: x, or |x - center|.
template <bool magnitudes, class T, class At>
AG_INLINE auto threshold_value(At at, const T* x, const Operand<T>& center) {
    if constexpr (magnitudes)
        return abs(at.load(x) - load_operand(at, center));
    else
        return at.load(x);
}

// The Euclidean norm, in which s = 1 and a sum of s counts.
struct Unweighted {};

// A threshold never becomes infinite, so that an infinite x is above it.
template <class Isa, class T, class Inverse>
AG_INLINE PackMask<Isa, T> above(Pack<Isa, T> value, T mu, Inverse s) {
    using P = Pack<Isa, T>;
    return !(value <= lesser(P::broadcast(largest_finite<T>), P::broadcast(mu) * s));
}
template <class Isa, class T>
AG_INLINE PackMask<Isa, T> above(Pack<Isa, T> value, T mu, Unweighted) {
    return !(value <= Pack<Isa, T>::broadcast(mu));
}

template <class T, class At>
AG_INLINE void ask_ahead(At at, const T* x, Unweighted) {
    read_ahead(at, x);
}
template <class T, class At, class Inverse>
AG_INLINE void ask_ahead(At at, const T* x, const Inverse&) {
    prefetch_ahead<false>(at, x);
}

template <class P>
AG_INLINE P moved_by(P mu, P s) {
    return mu * s;
}
template <class P>
AG_INLINE P moved_by(P mu, Unweighted) {
    return mu;
}

template <class Isa>
inline constexpr std::size_t thresholds_at_once = pack_bytes_of<Isa> == 64 ? 2 : 1;

// Sums over what is above one threshold.
template <class Isa, class T>
class ThresholdSum {
public:
    using P = Pack<Isa, T>;

    AG_INLINE void add(std::size_t q, std::size_t k, const PackMask<Isa, T>& above, P x, P s) {
        value_.add(q, k, above, x);
        slope_.add(q, k, above, s);
    }
    AG_INLINE void add(std::size_t q, std::size_t k, const PackMask<Isa, T>& above, P x, Unweighted) {
        value_.add(q, k, above, x);
        count_ = count_ + to_bits(select(above, from_bits<T>(Count::broadcast(1)), P::zero()));
    }
    AG_INLINE KnapsackSums result() const {
        Bits<T> number[Count::lanes];
        count_.store(number);
        std::size_t all = 0;
        for (const Bits<T> one : number)
            all += one;
        return {value_.result(), slope_.result() + static_cast<double>(all)};
    }

private:
    using Count = Pack<Isa, Bits<T>>;

    GroupSum<Isa, T> value_, slope_;
    Count count_ = Count::zero(); // of the Euclidean norm, in place of slope
};

// Calls action(s_at) with a function that gives one pack of s, or Unweighted.
template <class Isa, class T, class Action>
AG_INLINE void with_threshold_metric(const Metric<T>& metric, Action action) {
    if (metric.weights == nullptr && metric.accumulator == nullptr)
        action([](auto) AG_INLINE_LAMBDA { return Unweighted{}; });
    else
        with_inverse_weights<true, Isa>(metric, action);
}

// Calls action(magnitudes, s_at), the first a constant.
template <bool value>
struct Flag {};
template <class Isa, class T, class Action>
AG_INLINE void with_threshold_problem(const Knapsack<T>& knapsack, const Metric<T>& metric, Action action) {
    with_threshold_metric<Isa>(metric, [&](auto s_at) AG_INLINE_LAMBDA {
        if (knapsack.shape == KnapsackShape::magnitudes)
            action(Flag<true>{}, s_at);
        else
            action(Flag<false>{}, s_at);
    });
}

// Padding is 0, which a negative threshold counts where s does not tell it from the elements.
template <class T>
AG_INLINE void leave_out_padding(KnapsackSums& sums, std::size_t n, T mu, const Metric<T>& metric) {
    constexpr std::size_t group = 4 * pack_bytes / sizeof(T);
    if (mu < 0 && metric.weights == nullptr && metric.accumulator == nullptr && n % group != 0)
        sums.slope -= static_cast<double>(group - n % group);
}

template <class Isa, class T>
AG_INLINE std::size_t elements_in(WholePack<Isa, T>) {
    return Pack<Isa, T>::lanes;
}
template <class Isa, class T>
AG_INLINE std::size_t elements_in(PartOfPack<Isa, T> at) {
    return at.count;
}

// Whether weights are positive and finite; or NaN, of which the sums tell.
template <class Isa, class T>
class WeightRange {
public:
    template <class Inverse, class At>
    AG_INLINE void add(const Inverse&, At) {}
    AG_INLINE void add(const InverseWeights<T>& inverse, WholePack<Isa, T> at) {
        const P lambda = at.load(inverse.weights);
        least_ = lesser(lambda, least_);
        largest_ = greater(largest_, lambda);
    }
    AG_INLINE void add(const InverseWeights<T>& inverse, PartOfPack<Isa, T> at) {
        for (std::size_t i = 0; i < at.count; ++i)
            part_holds_ &= is_valid(inverse.weights[at.index + i]);
    }
    AG_INLINE bool holds() const {
        T least[P::lanes], largest[P::lanes];
        least_.store(least);
        largest_.store(largest);
        bool result = part_holds_;
        for (std::size_t i = 0; i < P::lanes; ++i)
            result = result && is_valid(least[i]) && is_valid(largest[i]);
        return result;
    }

private:
    using P = Pack<Isa, T>;
    static AG_INLINE bool is_valid(T lambda) { return (lambda > 0) & (lambda <= largest_finite<T>); }

    P least_ = P::broadcast(T(1)), largest_ = P::broadcast(T(1));
    bool part_holds_ = true;
};

template <std::size_t count, bool asks_ahead, class Isa, class T>
AG_INLINE void sums_above(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                          const T* mu, KnapsackSums* sums) {
    with_threshold_problem<Isa>(
        knapsack, metric, [&]<bool magnitudes>(Flag<magnitudes>, auto s_at) AG_INLINE_LAMBDA {
            ThresholdSum<Isa, T> sum[count];
            WeightRange<Isa, T> range;
            T threshold[count];
            unrolled<count>([&](std::size_t i) AG_INLINE_LAMBDA { threshold[i] = mu[i]; });
            for_each_four<Isa, T>(
                n, [&, center = knapsack.center](std::size_t q, const auto& at) AG_INLINE_LAMBDA {
                    unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                        const auto value = threshold_value<magnitudes>(at[k], x, center);
                        const auto s = s_at(at[k]);
                        if constexpr (asks_ahead)
                            ask_ahead(at[k], x, s);
                        range.add(s_at, at[k]);
                        unrolled<count>([&](std::size_t i) AG_INLINE_LAMBDA {
                            sum[i].add(q, k, above(value, threshold[i], s), value, s);
                        });
                    });
                });
            const bool holds = range.holds();
            unrolled<count>([&](std::size_t i) AG_INLINE_LAMBDA {
                sums[i] = sum[i].result();
                if (!holds)
                    sums[i].slope = __builtin_nan("");
            });
        });
    unrolled<count>([&](std::size_t i) AG_INLINE_LAMBDA { leave_out_padding(sums[i], n, mu[i], metric); });
}

// For two multipliers, sum x_j and sum s_j over the j above the threshold; the latter NaN where a weight is not positive
// and finite.
template <class Isa, class T>
void threshold_sums(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                    const T (&mu)[2], KnapsackSums (&sums)[2]) {
    using Parts = ForGroups<Isa>;
    constexpr std::size_t count = thresholds_at_once<Parts>;
    constexpr std::size_t run_of_sample = 4096; // at most: what follows it is not read
    for (std::size_t i = 0; i < 2; i += count)
        if (n > run_of_sample)
            sums_above<count, true, Parts>(n, x, knapsack, metric, mu + i, sums + i);
        else
            sums_above<count, false, Parts>(n, x, knapsack, metric, mu + i, sums + i);
}

// The sums over the j above the second of two rising thresholds, and the list of the j between the two, in the order of
// for_each_four: their number, which may exceed what the list holds. Weights as above.
template <class Isa, class T>
std::size_t threshold_list(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                           const T (&mu)[2], KnapsackSums& sums, std::uint32_t* list, std::size_t capacity) {
    using Sums = ForGroups<Isa>;
    using P = Pack<Sums, T>;
    constexpr std::size_t wide = pack_bytes / sizeof(T);
    std::size_t found = 0;
    with_threshold_problem<Sums>(
        knapsack, metric, [&]<bool magnitudes>(Flag<magnitudes>, auto s_at) AG_INLINE_LAMBDA {
            ThresholdSum<Sums, T> sum;
            WeightRange<Sums, T> range;
            std::size_t count = 0;
            for_each_four<Sums, T>(n, [&, center = knapsack.center, mu0 = mu[0],
                                       mu1 = mu[1]](std::size_t q, const auto& at) AG_INLINE_LAMBDA {
                PackMask<Sums, T> between[4];
                unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                    const P value = threshold_value<magnitudes>(at[k], x, center);
                    const auto s = s_at(at[k]);
                    ask_ahead(at[k], x, s);
                    range.add(s_at, at[k]);
                    const auto over = above(value, mu1, s);
                    between[k] = above(value, mu0, s) & !over;
                    sum.add(q, k, over, value, s);
                });
                if (__builtin_expect(any((between[0] | between[1]) | (between[2] | between[3])), 0)) {
                    std::uint64_t listed = 0; // bit i: element i of the group
                    unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                        const std::uint64_t elements = (std::uint64_t{1} << elements_in(at[k])) - 1;
                        listed |= (set_lanes(between[k]) & elements) << (k * wide);
                    });
                    for (; listed != 0; listed &= listed - 1) {
                        if (count < capacity)
                            list[count] = static_cast<std::uint32_t>(
                                at[0].index + static_cast<std::size_t>(__builtin_ctzll(listed)));
                        ++count;
                    }
                }
            });
            sums = sum.result();
            if (!range.holds())
                sums.slope = __builtin_nan("");
            found = count;
        });
    leave_out_padding(sums, n, mu[1], metric);
    return found;
}

// x becomes p, each operation in T; whether any bit of it changed.
template <class Isa, class T>
bool threshold_project(std::size_t n, T* x, const Knapsack<T>& knapsack, const Metric<T>& metric, T mu) {
    using U = Pack<Isa, Bits<T>>;
    U changed = U::zero();
    with_threshold_problem<Isa>(
        knapsack, metric, [&]<bool magnitudes>(Flag<magnitudes>, auto s_at) AG_INLINE_LAMBDA {
            using P = Pack<Isa, T>;
            U differences = U::zero();
            for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
                const auto s = s_at(at);
                ask_ahead(at, x, s);
                const P old_x = at.load(x), step = moved_by(P::broadcast(mu), s);
                P p;
                if constexpr (magnitudes) {
                    const P c = load_operand(at, knapsack.center), y = old_x - c;
                    p = c + with_sign_of(positive_part(abs(y) - step), y);
                } else {
                    p = positive_part(old_x - step);
                }
                differences = differences | (to_bits(only_elements(at, p)) ^ to_bits(old_x));
                at.store(x, p);
            });
            changed = differences;
        });
    return any_bit(changed, static_cast<Bits<T>>(~Bits<T>(0)));
}

} // namespace
} // namespace anisograd
