// SPDX-License-Identifier: BSD-3-Clause
#include "src/cone.hpp"

#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/secular.hpp"
#include "src/weights.hpp"

#include "kernels/set_table.hpp"

#include <limits>

namespace anisograd {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The conditions of optimality are, for a multiplier mu >= 0,
//     lambda_0 (t - t_0) = mu t,  y_j = lambda_j x_j / (lambda_j + mu),  ||y|| = t,
// or t = 0 where Lambda x is in the polar cone, ||lambda_j x_j|| <= -lambda_0 t_0. With mu = lambda_0 (t - t_0) / t the
// last of them is ||q|| = 1 for
//     q_j = y_j / t = lambda_j x_j / (lambda_j t + lambda_0 (t - t_0)),
// where 1/||q|| is concave and increasing in t, for any sign of t_0. The unknown is the lesser of t and t - t_0, from
// which both result without cancellation.
template <class T>
class ConeProjection {
public:
    ConeProjection(const Kernels<T>& kernels, std::size_t n, T* x, const Metric<T>& metric)
        : kernels_(kernels), n_(n), x_(x), y_(x + 1), metric_(within_secular_range(metric)),
          euclidean_(is_euclidean(metric)), tail_(part(metric_, 1)) {}

    ProjectionResult run() {
        first_ = static_cast<double>(x_[0]);
        double norm = norm_in_scale();
        const double size = std::fmax(norm, std::fabs(first_)); // NaNs left out
        if (!(size >= 0x1p-64 && size <= 0x1p64) && !std::isnan(norm) && !std::isnan(first_)) {
            ++result_.passes;
            const double largest = max_abs(n_, x_);
            if (std::isinf(largest))
                return project_infinite();
            if (largest != 0) {
                ball_.scale = std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1022, 1022));
                first_ *= ball_.scale;
                norm = norm_in_scale();
            }
        }
        if (norm <= first_)
            return result_;
        result_.inside = false;
        if (std::isnan(norm) || std::isnan(first_))
            become_nan();
        else if (euclidean_)
            project_euclidean(norm);
        else
            project_weighted();
        return result_;
    }

private:
    double norm_in_scale() {
        ++result_.passes;
        return std::sqrt(sum_over_blocks(n_ - 1, [&](std::size_t begin, std::size_t length) {
            return kernels_.projection.squared_norm(length, y_ + begin, ball_);
        }));
    }

    double max_abs(std::size_t n, const T* x) const {
        return max_over_blocks(n, [&](std::size_t begin, std::size_t length) {
            return kernels_.projection.max_abs(length, x + begin, nullptr);
        });
    }

    ProjectionResult project_infinite() {
        result_.inside = first_ == infinity;
        if (first_ == -infinity && std::isfinite(max_abs(n_ - 1, y_)))
            apex();
        else if (!result_.inside)
            become_nan();
        return result_;
    }

    // S. Boyd, L. Vandenberghe. Convex Optimization, 8.1; N. Parikh, S. Boyd. Proximal Algorithms, 6.3.2.
    void project_euclidean(double norm) {
        if (norm <= -first_) {
            apex();
            return;
        }
        const double t = 0.5 * first_ + 0.5 * norm;
        store(t, t / norm, (0.5 * norm - 0.5 * first_) / t);
    }

    void project_weighted() {
        const double weight = first_weight();
        // Where the root would be without t_0: ||q|| at t and t - t_0 differs by no more than t_0 does.
        const double without_first = std::sqrt(value_at(1, 1, weight).squared_norm);
        if (std::isnan(without_first)) { // a weight is
            become_nan();
            return;
        }
        const bool from_first = first_ > 0; // the unknown is t - t_0
        const auto at = [&](double u) {
            return from_first ? value_at(first_ + u, u, weight) : value_at(u, u - first_, weight);
        };
        const double least = std::fmax(from_first ? without_first - first_ : without_first + first_, 0);
        double u = least;
        if (least != 0 || first_ != 0) {
            const SecularValue at_least = at(least);
            if (least != 0 || from_first || !(at_least.squared_norm <= 1))
                u = secular_root(at, least, at_least, 1, infinity, secular_tolerance);
        }
        if (u == 0 && !from_first) {
            apex();
            return;
        }
        const double t = from_first ? first_ + u : u;
        const double mu = weight * (from_first ? u : u - first_) / t;
        result_.multiplier = mu;
        store_first(t);
        for_each_range(n_ - 1, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_shrink(length, y_ + begin, nullptr, part(tail_, begin), mu,
                                            tail_.least / (tail_.least + mu));
        });
    }

    // ||q||^2 and its derivative by t; rise = t - t_0.
    SecularValue value_at(double t, double rise, double weight) {
        ++result_.passes;
        const Secular secular = {t, weight * rise, 1, weight};
        const SecularSums sums = combine_blocks(
            n_ - 1, SecularSums{0, 0},
            [&](std::size_t begin, std::size_t length) {
                return kernels_.sets.secular_sums(length, y_ + begin, ball_, part(tail_, begin), secular);
            },
            [](SecularSums& total, const SecularSums& more) {
                total.squared_norm += more.squared_norm;
                total.slope += more.slope;
            });
        return {sums.squared_norm, sums.slope};
    }

    // lambda_0, as the kernels have the others.
    double first_weight() const {
        const T lambda = metric_.weights != nullptr ? metric_.weights[0]
                                                    : lambda_of(metric_.accumulator[0], metric_.epsilon);
        const auto weight = static_cast<double>(lambda);
        return std::isnan(weight) ? weight : std::clamp(weight, metric_.least, metric_.most);
    }

    void apex() { store(0, 0, infinity); }
    void become_nan() {
        constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
        store(not_a_number, not_a_number, not_a_number);
    }

    // t in scale, and y times a factor.
    void store(double t, double factor, double multiplier) {
        result_.multiplier = multiplier;
        store_first(t);
        for_each_range(n_ - 1, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_scale(length, y_ + begin, {nullptr, 1.0}, factor);
        });
    }
    void store_first(double t) { x_[0] = static_cast<T>(t / ball_.scale); }

    const Kernels<T>& kernels_;
    std::size_t n_;
    T* x_;
    T* y_;
    Metric<T> metric_;
    bool euclidean_;
    Metric<T> tail_; // y's
    Ball<T> ball_ = {nullptr, 1.0};
    double first_ = 0; // t_0, in scale
    ProjectionResult result_;
};

} // namespace

template <class T>
ProjectionResult project_onto_cone(const Kernels<T>& kernels, std::size_t n, T* x, const Metric<T>& metric) {
    return ConeProjection<T>(kernels, n, x, metric).run();
}

template ProjectionResult project_onto_cone(const Kernels<float>&, std::size_t, float*, const Metric<float>&);
template ProjectionResult project_onto_cone(const Kernels<double>&, std::size_t, double*,
                                            const Metric<double>&);

} // namespace anisograd
