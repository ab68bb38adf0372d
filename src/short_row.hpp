// SPDX-License-Identifier: BSD-3-Clause
//
// One short vector on an L1 ball or a simplex: the operations of kernels/short_rows.hpp, in the same order and with
// the same bits. There each lane has a row; a single row would leave all lanes but one idle.
#pragma once

#include "src/weights.hpp"

#include "kernels/set_table.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace anisograd {

template <class T>
class ShortRow {
public:
    ShortRow(std::size_t n, const T* x, const Metric<T>& metric, const T* center, bool is_l1_ball)
        : n_(n), center_(center), is_l1_ball_(is_l1_ball) {
        for (std::size_t j = 0; j < n; ++j) {
            y_[j] = center != nullptr ? x[j] - center[j] : x[j];
            value_[j] = static_cast<double>(is_l1_ball ? std::fabs(y_[j]) : y_[j]);
            step_[j] = static_cast<double>(inverse_weight(metric, j));
        }
    }

    ShortRowResult project(T* x, double radius) const {
        double passes = 0;
        const double mu = find(radius, passes);
        ShortRowResult result = {mu, passes, std::isfinite(mu) && radius > 0, false};
        if (!result.found || (is_l1_ball_ && mu == 0))
            return result;
        Bits changed = 0;
        for (std::size_t j = 0; j < n_; ++j) {
            const double moved = value_[j] - mu * step_[j], magnitude = moved < 0 ? 0 : moved;
            const double c = center_ != nullptr ? static_cast<double>(center_[j]) : 0;
            const T p = static_cast<T>(is_l1_ball_ ? c + std::copysign(magnitude, static_cast<double>(y_[j]))
                                                   : magnitude);
            changed |= std::bit_cast<Bits>(p) ^ std::bit_cast<Bits>(x[j]);
            x[j] = p;
        }
        result.changed = changed != 0;
        return result;
    }

private:
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

    static T inverse_weight(const Metric<T>& metric, std::size_t j) {
        constexpr T least = sizeof(T) == 4 ? T(0x1p-126) : T(0x1p-960),
                    most = 1 / least; // as kernels/knapsack.hpp
        if (metric.weights == nullptr && metric.accumulator == nullptr)
            return 1;
        const T lambda =
            metric.weights != nullptr ? metric.weights[j] : lambda_of(metric.accumulator[j], metric.epsilon);
        return 1 / (lambda < least ? least : lambda > most ? most : lambda); // NaN stays
    }

    // Without a branch, which would be mispredicted.
    static double only_where(bool condition, double x) {
        return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & -std::uint64_t(condition));
    }

    struct Sums {
        double value = 0, slope = 0;
    };
    void add(std::size_t j, double mu, Sums& sums) const {
        const bool above = !(value_[j] <= mu * step_[j]); // NaN is
        sums.value += only_where(above, value_[j]);
        sums.slope += only_where(above, step_[j]);
    }

    double find(double radius, double& passes) const {
        double mu = is_l1_ball_ ? 0 : -std::numeric_limits<double>::infinity();
        for (;;) {
            Sums even, odd; // columns
            for (std::size_t j = 0; j + 2 <= n_; j += 2) {
                add(j, mu, even);
                add(j + 1, mu, odd);
            }
            if (n_ % 2 != 0)
                add(n_ - 1, mu, even);
            ++passes;
            const double next = (even.value + odd.value - radius) / (even.slope + odd.slope);
            if (next <= mu)
                return mu;
            const bool climbs = next > mu;
            mu = next;
            if (!climbs)
                return mu; // NaN
        }
    }

    std::size_t n_;
    const T* center_;
    bool is_l1_ball_;
    T y_[short_row_length];
    double value_[short_row_length], step_[short_row_length];
};

} // namespace anisograd
