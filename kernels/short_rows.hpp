// SPDX-License-Identifier: BSD-3-Clause
//
// L1 balls and simplices for short vectors: a lane for each of as many rows as a pack has. Of the sum over
// max(x_j - mu s_j, 0), convex and falling in mu, Newton's method climbs to the root from the left, and is there as soon
// as the same elements are above their thresholds twice: after at most one step per element (Michelot 1986). A lane
// does not feel the others. Each sum has one accumulator for the even columns and one for the odd ones.
#pragma once

#include "kernels/knapsack.hpp"
#include "kernels/set_table.hpp"

namespace anisograd {
namespace {

// Elements of `count` rows, column by column, with `otherwise` for the lanes without a row.
template <class P, class T>
AG_INLINE void load_columns(T* columns, const T* rows, std::size_t count, std::size_t cols,
                            std::size_t stride, T otherwise) {
    if (count < P::lanes)
        for (std::size_t j = 0; j < cols; ++j)
            P::broadcast(otherwise).store(columns + j * P::lanes);
    for (std::size_t lane = 0; lane < count; ++lane)
        for (std::size_t j = 0; j < cols; ++j)
            columns[j * P::lanes + lane] = rows[lane * stride + j];
}

template <class Isa, class T>
struct ShortRowGroup {
    using P = Pack<Isa, T>;
    using D = Doubles<Isa, T>;
    using Wide = Pack<Isa, double>;
    static constexpr std::size_t lanes = P::lanes;

    std::size_t cols;
    bool is_l1_ball;
    T *y, *s; // column by column: x - center, and 1 / lambda

    AG_INLINE D value(std::size_t j) const {
        const auto a = P::load(y + j * lanes);
        return is_l1_ball ? to_double(abs(a)) : to_double(a);
    }
    AG_INLINE D step(std::size_t j) const { return to_double(P::load(s + j * lanes)); }

    AG_INLINE void subtract(const T* center) {
        for (std::size_t j = 0; j < cols; ++j)
            (P::load(y + j * lanes) - P::broadcast(center[j])).store(y + j * lanes);
    }
    template <class Lambda>
    AG_INLINE void invert_weights(Lambda lambda) {
        for (std::size_t j = 0; j < cols; ++j)
            inverse_weight(lambda(P::load(s + j * lanes))).store(s + j * lanes);
    }

    // The multipliers, and how many sums each took.
    AG_INLINE void find(const double* radii, double* multipliers, double* passes) const {
        const D radius = load_doubles<Isa, T>(radii), one = broadcast_double<Isa, T>(1);
        D mu = broadcast_double<Isa, T>(is_l1_ball ? 0 : -__builtin_inf());
        D pending = one, count = broadcast_double<Isa, T>(0);
        while (fold_pack(pending) != 0) {
            const D zero = broadcast_double<Isa, T>(0);
            D even_sum = zero, even_slope = zero, odd_sum = zero, odd_slope = zero;
            for (std::size_t j = 0; j + 2 <= cols; j += 2) {
                add(j, mu, even_sum, even_slope);
                add(j + 1, mu, odd_sum, odd_slope);
            }
            if (cols % 2 != 0)
                add(cols - 1, mu, even_sum, even_slope);
            count = count + pending;
            const D next = in_doubles([](Wide a, Wide r, Wide h) AG_INLINE_LAMBDA { return (a - r) / h; },
                                      even_sum + odd_sum, radius, even_slope + odd_slope);
            const D to = in_doubles(
                [](Wide a, Wide from, Wide was) AG_INLINE_LAMBDA {
                    return select(was == Wide::zero(), from, select(a <= from, from, a)); // NaN is taken
                },
                next, mu, pending);
            pending = in_doubles([](Wide a, Wide from, Wide was)
                                     AG_INLINE_LAMBDA { return select(a > from, was, Wide::zero()); },
                                 to, mu, pending);
            mu = to;
        }
        store_doubles(multipliers, mu);
        store_doubles(passes, count);
    }

    // y becomes p.
    AG_INLINE void project(const double* multipliers, const T* center) const {
        const D mu = load_doubles<Isa, T>(multipliers);
        for (std::size_t j = 0; j < cols; ++j) {
            const auto moved =
                in_doubles([](Wide a, Wide m, Wide h) AG_INLINE_LAMBDA { return positive_part(a - m * h); },
                           value(j), mu, step(j));
            if (is_l1_ball) {
                const auto c = center != nullptr ? P::broadcast(center[j]) : P::zero();
                from_double<T>(to_double(c) +
                               in_doubles([](Wide a, Wide sign)
                                              AG_INLINE_LAMBDA { return with_sign_of(a, sign); },
                                          moved, to_double(P::load(y + j * lanes))))
                    .store(y + j * lanes);
            } else {
                from_double<T>(moved).store(y + j * lanes);
            }
        }
    }

private:
    AG_INLINE void add(std::size_t j, const D& mu, D& sum, D& slope) const {
        const D a = value(j), h = step(j), threshold = mu * h;
        sum = sum + added_above(a, threshold, a);
        slope = slope + added_above(a, threshold, h);
    }
};

template <class Isa, class T>
void project_short_rows(const ShortRows<T>& rows, ShortRowResult* results) {
    using Group = ShortRowGroup<ForSums<Isa>, T>;
    constexpr std::size_t lanes = Group::lanes;
    const Metric<T>& metric = rows.metric;
    const T* const weights = metric.weights != nullptr ? metric.weights : metric.accumulator;
    for (std::size_t first = 0; first < rows.count; first += lanes) {
        const std::size_t count = rows.count - first < lanes ? rows.count - first : lanes;
        Group group = {rows.cols, rows.is_l1_ball, rows.memory, rows.memory + short_row_length * lanes};
        T* const x = rows.x + first * rows.row_stride;
        load_columns<typename Group::P>(group.y, x, count, rows.cols, rows.row_stride, T(0));
        if (rows.center != nullptr)
            group.subtract(rows.center);
        load_columns<typename Group::P>(group.s,
                                        weights != nullptr ? weights + first * rows.metric_stride : nullptr,
                                        weights != nullptr ? count : 0, rows.cols, rows.metric_stride, T(1));
        if (metric.weights != nullptr)
            group.invert_weights([](auto lambda) AG_INLINE_LAMBDA { return lambda; });
        double *const radii = rows.numbers, *const multipliers = radii + lanes,
                      *const passes = multipliers + lanes;
        for (std::size_t lane = 0; lane < lanes; ++lane)
            radii[lane] = lane < count ? rows.radii[(first + lane) * rows.radius_stride] : 1.0;
        group.find(radii, multipliers, passes);
        group.project(multipliers, rows.center);
        for (std::size_t lane = 0; lane < count; ++lane) {
            const double mu = multipliers[lane];
            const bool found =
                mu >= -largest_finite<double> && mu <= largest_finite<double> && radii[lane] > 0;
            Bits<T> changed = 0;
            if (found && !(rows.is_l1_ball && mu == 0))
                for (std::size_t j = 0; j < rows.cols; ++j) {
                    T& to = x[lane * rows.row_stride + j];
                    const T p = group.y[j * lanes + lane];
                    changed |= __builtin_bit_cast(Bits<T>, p) ^ __builtin_bit_cast(Bits<T>, to);
                    to = p;
                }
            results[first + lane] = {mu, passes[lane], found, changed != 0};
        }
    }
}

} // namespace
} // namespace anisograd
