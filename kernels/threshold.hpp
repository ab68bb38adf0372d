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

// What is compared with a threshold, and where a step towards 0, or to the center, leads x.
template <class T>
struct Itself {
    template <class At>
    AG_INLINE auto value(At at, const T* x) const {
        return at.load(x);
    }
    template <class At, class P>
    AG_INLINE P moved(At, P x, P step) const {
        return positive_part(x - step);
    }
};
template <class T>
struct Magnitude {
    template <class At>
    AG_INLINE auto value(At at, const T* x) const {
        return abs(at.load(x));
    }
    template <class At, class P>
    AG_INLINE P moved(At, P x, P step) const {
        return x - clip_to(x, -step, step);
    }
};
template <class T>
struct DistanceToCenter {
    Operand<T> center;
    template <class At>
    AG_INLINE auto value(At at, const T* x) const {
        return abs(at.load(x) - load_operand(at, center));
    }
    template <class At, class P>
    AG_INLINE P moved(At at, P x, P step) const {
        const P c = load_operand(at, center), y = x - c;
        return c + (y - clip_to(y, -step, step));
    }
};

// The Euclidean norm, in which s = 1 and a sum of s counts.
struct Unweighted {};
struct NoWeights {
    template <class At>
    AG_INLINE Unweighted operator()(At) const {
        return {};
    }
};

// 1 / lambda of weights in the range of inverse_weight: see is_invertible.
template <class T>
struct InverseInRange {
    const T* array;
    template <class At>
    AG_INLINE auto operator()(At at) const {
        const auto lambda = at.load(array);
        return only_elements(at, decltype(lambda)::broadcast(T(1)) / lambda);
    }
};

// 1 / lambda of any weights.
template <class T>
struct InverseInAnyRange {
    const T* array;
    template <class At>
    AG_INLINE auto operator()(At at) const {
        return only_elements(at, inverse_weight(at.load(array)));
    }
};

// 1 / lambda of an accumulator.
template <class T>
struct InverseRoots {
    const T* array;
    Epsilon<T> epsilon;
    template <class At>
    AG_INLINE auto operator()(At at) const {
        return only_elements(at, inverse_weight(lambda_of(at.load(array), epsilon)));
    }
};

// s of four packs at once, whose roots are looked at together.
template <class Isa, class T, class SAt, class At, class S>
AG_INLINE void inverse_of_four(const SAt& s_at, const At (&at)[4], S (&s)[4]) {
    if constexpr (std::is_same_v<SAt, InverseRoots<T>>) {
        using P = Pack<Isa, T>;
        constexpr std::size_t registers = P::registers;
        Pack<PacksOf<Isa, 4 * pack_bytes_of<Isa>>, T> four;
        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
            const P v = at[k].load(s_at.array);
            unrolled<registers>([&](std::size_t i)
                                    AG_INLINE_LAMBDA { four.part[k * registers + i] = v.part[i]; });
        });
        four = lambda_of(four, s_at.epsilon);
        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
            P lambda;
            unrolled<registers>([&](std::size_t i)
                                    AG_INLINE_LAMBDA { lambda.part[i] = four.part[k * registers + i]; });
            s[k] = only_elements(at[k], inverse_weight(lambda));
        });
    } else {
        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA { s[k] = s_at(at[k]); });
    }
}

// A threshold never becomes infinite, so that an infinite x is above it.
template <class Isa, class T, class S>
AG_INLINE PackMask<Isa, T> above(Pack<Isa, T> value, T mu, S s) {
    using P = Pack<Isa, T>;
    if constexpr (std::is_same_v<S, Unweighted>)
        return not_at_most(value, P::broadcast(mu));
    else
        return not_at_most(value, lesser(P::broadcast(largest_finite<T>), P::broadcast(mu) * s));
}

// Asks for the memory of a pack of x, and of what s_at reads, this far from `at`.
template <class T, class At, class SAt>
AG_INLINE void ask_for(At at, std::size_t distance, const T* x, const SAt& s_at) {
    prefetch<false>(at, x + distance);
    if constexpr (requires { s_at.array; })
        prefetch<false>(at, s_at.array + distance);
}
template <class T, class At, class SAt>
AG_INLINE void ask_ahead(At at, const T* x, const SAt& s_at) {
    ask_for(at, std::is_same_v<SAt, NoWeights> ? elements_read_ahead<T> : elements_ahead, x, s_at);
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

// Sums over what is above one threshold; of s NaN unless all that they rest on holds.
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
        count_ = add_one(count_, above);
    }
    AG_INLINE KnapsackSums result(bool holds) const {
        Bits<T> number[Count::lanes];
        count_.store(number);
        std::size_t all = 0;
        for (const Bits<T> one : number)
            all += one;
        return {value_.result(), holds ? slope_.result() + static_cast<double>(all) : __builtin_nan("")};
    }

private:
    using Count = Pack<Isa, Bits<T>>;

    GroupSum<Isa, T> value_, slope_;
    Count count_ = Count::zero(); // of the Euclidean norm, in place of slope
};

// Calls action(compared, s_at) with one of what is compared and a function that gives one pack of s, or Unweighted: of
// weights as they are, which the kernel has to look at, InverseInRange; of any InverseInAnyRange.
template <template <class> class OfWeights, class T, class Action>
AG_INLINE void with_threshold_problem(const Knapsack<T>& knapsack, const Metric<T>& metric, Action action) {
    const auto with_metric_and = [&](auto compared) AG_INLINE_LAMBDA {
        if (metric.weights != nullptr)
            action(compared, OfWeights<T>{metric.weights});
        else if (metric.accumulator != nullptr)
            action(compared, InverseRoots<T>{metric.accumulator, metric.epsilon});
        else
            action(compared, NoWeights{});
    };
    if (knapsack.shape != KnapsackShape::magnitudes)
        with_metric_and(Itself<T>{});
    else if (knapsack.center.stride == 0) // there is none
        with_metric_and(Magnitude<T>{});
    else
        with_metric_and(DistanceToCenter<T>{knapsack.center});
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

// Notes the weights that s_at inverts as they are, and whether those are in the range of inverse_weight.
template <class Isa, class T, class SAt, class At>
AG_INLINE void note_weights(WeightRange<Isa, T>& range, const SAt& s_at, At at) {
    if constexpr (std::is_same_v<SAt, InverseInRange<T>>)
        range.add(at, s_at.array);
}
template <class Isa, class T>
AG_INLINE bool is_invertible(const WeightRange<Isa, T>& range) {
    return range.is_within(least_weight<T>, 1 / least_weight<T>);
}

template <std::size_t count, class Isa, class T>
AG_INLINE void sums_above(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                          const T* mu, KnapsackSums* sums) {
    with_threshold_problem<InverseInRange>(knapsack, metric, [&](auto compared, auto s_at) AG_INLINE_LAMBDA {
        ThresholdSum<Isa, T> sum[count];
        WeightRange<Isa, T> range;
        T threshold[count];
        unrolled<count>([&](std::size_t i) AG_INLINE_LAMBDA { threshold[i] = mu[i]; });
        for_each_four<Isa, T>(0, n, [&](std::size_t q, const auto& at) AG_INLINE_LAMBDA {
            decltype(s_at(at[0])) s[4];
            inverse_of_four<Isa, T>(s_at, at, s);
            unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                const auto value = compared.value(at[k], x);
                ask_ahead(at[k], x, s_at);
                note_weights(range, s_at, at[k]);
                unrolled<count>([&](std::size_t i) AG_INLINE_LAMBDA {
                    sum[i].add(q, k, above(value, threshold[i], s[k]), value, s[k]);
                });
            });
        });
        unrolled<count>([&](std::size_t i)
                            AG_INLINE_LAMBDA { sums[i] = sum[i].result(is_invertible(range)); });
    });
    unrolled<count>([&](std::size_t i) AG_INLINE_LAMBDA { leave_out_padding(sums[i], n, mu[i], metric); });
}

// For two multipliers, sum x_j and sum s_j over the j above the threshold; the latter NaN where weights are not
// invertible.
template <class Isa, class T>
void threshold_sums(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                    const T (&mu)[2], KnapsackSums (&sums)[2]) {
    using Parts = ForGroups<Isa>;
    constexpr std::size_t count = thresholds_at_once<Parts>;
    for (std::size_t i = 0; i < 2; i += count)
        sums_above<count, Parts>(n, x, knapsack, metric, mu + i, sums + i);
}

// The same for one multiplier and some runs.
template <class Isa, class T>
void threshold_sums_of_runs(const ElementRuns& runs, const T* x, const Knapsack<T>& knapsack,
                            const Metric<T>& metric, T mu, KnapsackSums& sums) {
    using Parts = ForGroups<Isa>;
    with_threshold_problem<InverseInRange>(knapsack, metric, [&](auto compared, auto s_at) AG_INLINE_LAMBDA {
        ThresholdSum<Parts, T> sum;
        WeightRange<Parts, T> range;
        for (std::size_t r = 0; r < runs.count; ++r) {
            const std::size_t begin = runs.begin[r],
                              distance = r + 1 < runs.count ? runs.begin[r + 1] - begin : 0;
            for_each_four<Parts, T>(begin, begin + runs.length,
                                    [&](std::size_t q, const auto& at) AG_INLINE_LAMBDA {
                                        decltype(s_at(at[0])) s[4];
                                        inverse_of_four<Parts, T>(s_at, at, s);
                                        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                                            const auto value = compared.value(at[k], x);
                                            ask_for(at[k], distance, x, s_at);
                                            note_weights(range, s_at, at[k]);
                                            sum.add(q, k, above(value, mu, s[k]), value, s[k]);
                                        });
                                    });
        }
        sums = sum.result(is_invertible(range));
    });
    for (std::size_t r = 0; r < runs.count; ++r)
        leave_out_padding(sums, runs.length, mu, metric);
}

// Which of four packs' elements are between two rising thresholds: above the lower one, not over the other.
template <class Isa, class T>
class Between {
public:
    using P = Pack<Isa, T>;
    using Mask = PackMask<Isa, T>;

    AG_INLINE Between(T low, T high)
        : low_(low), middle_(low / 2 + high / 2),
          most_(middle_ - low < high - middle_ ? high - middle_ : middle_ - low),
          is_open_(high == largest_finite<T>) {}
    // False where none is. Without weights by the distances to the middle, which rounding leaves at most the ends'.
    AG_INLINE bool may_hold(const P (&value)[4], const Unweighted (&)[4], const Mask (&)[4]) const {
        if (is_open_)
            return any(greater(greater(value[0], value[1]), greater(value[2], value[3])) >
                       P::broadcast(low_));
        const P middle = P::broadcast(middle_);
        return any(lesser_magnitude(lesser_magnitude(value[0] - middle, value[1] - middle),
                                    lesser_magnitude(value[2] - middle, value[3] - middle)) <=
                   P::broadcast(most_));
    }
    AG_INLINE bool may_hold(const P (&value)[4], const P (&s)[4], const Mask (&over)[4]) const {
        return any((held(value[0], s[0], over[0]) | held(value[1], s[1], over[1])) |
                   (held(value[2], s[2], over[2]) | held(value[3], s[3], over[3])));
    }
    // Bit i: element i of the group's, from the first pack's first on.
    template <class S, class At>
    AG_INLINE std::uint64_t elements(const P (&value)[4], const S (&s)[4], const Mask (&over)[4],
                                     const At (&at)[4]) const {
        constexpr std::size_t wide = pack_bytes / sizeof(T);
        std::uint64_t bits = 0;
        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
            const std::uint64_t elements = (std::uint64_t{1} << elements_in(at[k])) - 1;
            bits |= (set_lanes(held(value[k], s[k], over[k])) & elements) << (k * wide);
        });
        return bits;
    }

private:
    AG_INLINE Mask held(P value, Unweighted, Mask over) const { return (value > P::broadcast(low_)) & !over; }
    AG_INLINE Mask held(P value, P s, Mask over) const { return (value > P::broadcast(low_) * s) & !over; }

    T low_, middle_, most_;
    bool is_open_; // without an upper end, to which rounding would pull the middle
};

// The sums over the j above the second of two rising thresholds, and the list of the j between the two: their number,
// which may exceed what the list holds. Weights as above.
template <class Isa, class T>
std::size_t threshold_list(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                           const T (&mu)[2], KnapsackSums& sums, std::uint32_t* list, std::size_t capacity) {
    using Sums = ForGroups<Isa>;
    std::size_t found = 0;
    with_threshold_problem<InverseInRange>(knapsack, metric, [&](auto compared, auto s_at) AG_INLINE_LAMBDA {
        ThresholdSum<Sums, T> sum;
        WeightRange<Sums, T> range;
        const Between<Sums, T> between(mu[0], mu[1]);
        std::size_t count = 0, group = 0;
        std::uint64_t listed = 0; // of a group, whose parts come one after the other: bit i is its element i
        for_each_four<Sums, T>(0, n, [&, mu1 = mu[1]](std::size_t q, const auto& at) AG_INLINE_LAMBDA {
            constexpr std::size_t lanes = Pack<Sums, T>::lanes, wide = pack_bytes / sizeof(T);
            Pack<Sums, T> value[4];
            decltype(s_at(at[0])) s[4];
            PackMask<Sums, T> over[4];
            inverse_of_four<Sums, T>(s_at, at, s);
            unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA {
                value[k] = compared.value(at[k], x);
                ask_ahead(at[k], x, s_at);
                note_weights(range, s_at, at[k]);
                over[k] = above(value[k], mu1, s[k]);
                sum.add(q, k, over[k], value[k], s[k]);
            });
            if (q == 0)
                group = at[0].index;
            if (__builtin_expect(between.may_hold(value, s, over), 0))
                listed |= between.elements(value, s, over, at) << (q * lanes);
            if (q + 1 == wide / lanes)
                for (; __builtin_expect(listed != 0, 0); listed &= listed - 1) {
                    const auto element = static_cast<std::size_t>(__builtin_ctzll(listed));
                    if (count < capacity)
                        list[count] = static_cast<std::uint32_t>(group + element);
                    ++count;
                }
        });
        sums = sum.result(is_invertible(range));
        found = count;
    });
    leave_out_padding(sums, n, mu[1], metric);
    return found;
}

// x becomes p, each operation in T.
template <class Isa, class T>
void threshold_project(std::size_t n, T* x, const Knapsack<T>& knapsack, const Metric<T>& metric, T mu) {
    constexpr std::size_t most_in_cache = (std::size_t{8} << 20) / sizeof(T); // there asking ahead takes time
    with_threshold_problem<InverseInAnyRange>(
        knapsack, metric, [&](auto compared, auto s_at) AG_INLINE_LAMBDA {
            using Packs =
                std::conditional_t<std::is_same_v<decltype(s_at), InverseRoots<T>>, ForRoots<Isa>, Isa>;
            const auto project = [&](auto asks_ahead) AG_INLINE_LAMBDA {
                for_each_pack<Packs, T>(n, [&](auto at) AG_INLINE_LAMBDA {
                    const auto s = s_at(at);
                    if constexpr (decltype(asks_ahead)::value)
                        ask_ahead(at, x, s_at);
                    at.store(x, compared.moved(at, at.load(x), moved_by(Pack<Packs, T>::broadcast(mu), s)));
                });
            };
            if (n > most_in_cache)
                project(std::true_type{});
            else
                project(std::false_type{});
        });
}

// Whether threshold_project would change any bit of x, up to the first that it would.
template <class Isa, class T>
bool threshold_changes(std::size_t n, const T* x, const Knapsack<T>& knapsack, const Metric<T>& metric,
                       T mu) {
    using P = Pack<Isa, T>;
    constexpr Bits<T> all_bits = static_cast<Bits<T>>(~Bits<T>(0));
    bool changes = false;
    with_threshold_problem<InverseInAnyRange>(
        knapsack, metric, [&](auto compared, auto s_at) AG_INLINE_LAMBDA {
            const auto differs = [&](auto at) AG_INLINE_LAMBDA {
                const P old_x = at.load(x),
                        p = compared.moved(at, old_x, moved_by(P::broadcast(mu), s_at(at)));
                return any_bit(to_bits(only_elements(at, p)) ^ to_bits(old_x), all_bits);
            };
            std::size_t i = 0;
            for (; i + P::lanes <= n && !changes; i += P::lanes)
                changes = differs(WholePack<Isa, T>{i});
            if (i < n && !changes)
                changes = differs(PartOfPack<Isa, T>{i, n - i});
        });
    return changes;
}

} // namespace
} // namespace anisograd
