// SPDX-License-Identifier: BSD-3-Clause
#include "src/cone.hpp"

#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/secular.hpp"
#include "src/weights.hpp"

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
    ConeProjection(const Kernels<T>& kernels, const Shard& shard, T* x, const Metric<T>& metric)
        : kernels_(kernels), shard_(shard), x_(x), metric_(within_secular_range(metric)),
          euclidean_(is_euclidean(metric)) {}

    ProjectionResult run() {
        find_first_element();
        const double start = euclidean_ ? 0 : multiplier_of_sample();
        // Moments' norm is off by a few roundings of T: it tells where it is clearly more than t.
        double norm = start != 0 ? moments_at(start) : 0;
        const bool has_moments = start != 0 && norm > first_ * (1 + 0x1p-16) &&
                                 std::isfinite(norm + moments_.moment[0]) && weight_ > metric_.least &&
                                 weight_ < metric_.most;
        if (has_moments)
            shard_.take_deferred(); // of weights, of which these sums tell, and lambda_0
        else
            norm = norm_in_scale();
        const double size = std::fmax(norm, std::fabs(first_)); // NaNs left out
        if (!(size >= 0x1p-64 && size <= 0x1p64) && !std::isnan(norm) && !std::isnan(first_)) {
            ++result_.passes;
            const double largest = std::max(max_abs(), std::fabs(first_));
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
        if (has_moments && project_by_series(start, norm))
            return result_;
        if (std::isnan(norm) || std::isnan(first_))
            become_nan();
        else if (euclidean_)
            project_euclidean(norm);
        else
            project_weighted();
        return result_;
    }

private:
    bool has_first_element() const { return shard_.begin() == 0 && shard_.size() != 0; }

    // t_0 and lambda_0, which one shard has.
    void find_first_element() {
        struct {
            double element, weight;
        } first = {0, 0};
        if (has_first_element())
            first = {static_cast<double>(x_[0]), euclidean_ ? 1 : first_weight()};
        shard_.share(&first, 0, has_first_element() ? 1 : 0, 1);
        first_ = first.element;
        weight_ = first.weight;
    }

    // body(begin, length) for a part of a shard, but for t.
    template <class Body>
    auto skip_first(std::size_t begin, std::size_t length, Body body) const {
        const std::size_t skipped = has_first_element() && begin == 0 ? 1 : 0;
        return body(begin + skipped, length - skipped);
    }
    template <class Result, class Kernel, class Combine>
    Result combine(Result total, Kernel kernel, Combine combine) const {
        return combine_blocks(
            shard_, total,
            [&](std::size_t begin, std::size_t length) { return skip_first(begin, length, kernel); },
            combine);
    }
    // Of y, and of t by the shard that has it.
    template <class Body>
    void write(double t, Body body) {
        write_ranges(shard_, [&](std::size_t begin, std::size_t length) {
            if (has_first_element() && begin == 0)
                x_[0] = static_cast<T>(t / ball_.scale);
            skip_first(begin, length, body);
        });
    }

    double norm_in_scale() {
        ++result_.passes;
        return std::sqrt(combine(
            0.0,
            [&](std::size_t begin, std::size_t length) {
                return kernels_.projection.squared_norm(length, x_ + begin, ball_);
            },
            [](double& total, double one) { total += one; }));
    }

    // Of y.
    double max_abs() const {
        return combine(
            0.0,
            [&](std::size_t begin, std::size_t length) {
                return kernels_.projection.max_abs(length, x_ + begin, nullptr);
            },
            [](double& total, double one) { total = std::max(total, one); });
    }

    ProjectionResult project_infinite() {
        result_.inside = first_ == infinity;
        if (first_ == -infinity && std::isfinite(max_abs()))
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
        const Root root = solve([&](double t, double rise) { return value_at(t, rise); }, secular_tolerance);
        if (std::isnan(root.t))
            become_nan();
        else if (root.t == 0)
            apex();
        else
            shrink_by(root.multiplier, root.t);
    }

    struct Root {
        double t, multiplier; // NaN: a weight is; t = 0: the apex
    };

    // value_at(t, t - t_0): ||q||^2 and its derivative by t.
    template <class ValueAt>
    Root solve(ValueAt value_at, double error) const {
        // Where the root would be without t_0: ||q|| at t and t - t_0 differs by no more than t_0 does.
        const double without_first = std::sqrt(value_at(1.0, 1.0).squared_norm);
        if (std::isnan(without_first))
            return {without_first, without_first};
        const bool from_first = first_ > 0; // the unknown is t - t_0
        const auto at = [&](double u) {
            return from_first ? value_at(first_ + u, u) : value_at(u, u - first_);
        };
        const double least = std::fmax(from_first ? without_first - first_ : without_first + first_, 0);
        double u = least;
        if (least != 0 || first_ != 0) {
            const SecularValue at_least = at(least);
            if (least != 0 || from_first || !(at_least.squared_norm <= 1))
                u = secular_root(at, least, at_least, 1, infinity, error);
        }
        if (u == 0 && !from_first)
            return {0, infinity};
        const double t = from_first ? first_ + u : u;
        return {t, weight_ * (from_first ? u : u - first_) / t};
    }

    void shrink_by(double mu, double t) {
        result_.multiplier = mu;
        write(t, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_shrink(length, x_ + begin, nullptr, part(metric_, begin), mu,
                                            metric_.least / (metric_.least + mu));
        });
    }

    // ---- Of a long vector: moments of y at a sample's multiplier, in the element type (src/ball.cpp) ----

    // As a number of T with which moments can be taken; 0: nothing is learnt.
    double multiplier_of_sample() const {
        const SamplePlan plan = plan_sample(shard_.total());
        if (plan.size() == 0)
            return 0;
        const double share = static_cast<double>(plan.size()) / static_cast<double>(shard_.total());
        const auto value_at = [&](double t, double rise) {
            const SecularSums sums = combine_sample(
                shard_, plan, SecularSums{0, 0},
                [&](std::size_t begin, std::size_t length) {
                    return skip_first(begin, length, [&](std::size_t from, std::size_t count) {
                        return secular_sums(from, count, t, rise);
                    });
                },
                add_secular_sums);
            return SecularValue{sums.squared_norm / share, sums.slope / share, 1 / std::min(t, rise)};
        };
        const double mu = solve(value_at, 0x1p-12).multiplier;
        constexpr double most = sizeof(T) == 4 ? 0x1p60 : 0x1p300;
        return mu >= 1 / most && mu <= most ? static_cast<double>(static_cast<T>(mu)) : 0;
    }

    double moments_at(double mu) {
        ++result_.passes;
        moments_ = combine_unchecked(
            shard_, BallMoments<T>{},
            [&](std::size_t begin, std::size_t length) {
                return skip_first(begin, length, [&](std::size_t from, std::size_t count) {
                    return kernels_.projection.ball_moments(count, x_ + from, nullptr, part(metric_, from),
                                                            static_cast<T>(mu), true);
                });
            },
            add_moments<T>);
        return std::sqrt(moments_.squared_norm);
    }

    // From the moments at mu, where the root of ||y|| (lambda_0 - mu) = lambda_0 t_0 is near; else false, and nothing is
    // written. norm: of y as it was.
    bool project_by_series(double mu, double norm) {
        if (ball_.scale != 1 || !(sizeof(T) == 8 || norm <= 0x1p60))
            return false;
        const SecularValue at = secular_value(moments_, mu);
        double z = 0, t = 0, rest = 0; // mu (1 + z), ||y||, lambda_0 less that
        for (int i = 0; i < 8 && std::fabs(z) <= furthest_in_series; ++i) {
            const SeriesValue value = series_at(at, z);
            t = std::sqrt(value.squared_norm);
            rest = weight_ - (mu + mu * z);
            z -= (t * rest - weight_ * first_) / (value.derivative / (2 * t) * rest - t * mu);
        }
        if (!is_within_series(at, z, t, series_tolerance<T>))
            return false;
        rest = weight_ - (mu + mu * z);
        // Where it does not cancel, the quotient fulfils the condition more exactly.
        t = std::fabs(rest) >= weight_ / 2 ? weight_ * first_ / rest
                                           : std::sqrt(series_at(at, z).squared_norm);
        // Next to the apex a float's moments do not tell.
        if (!(t >= (sizeof(T) == 4 ? 0x1p-40 : 0x1p-400) && t < infinity) ||
            (sizeof(T) == 4 && mu > 0x1p10 * weight_))
            return false;
        shrink_by(mu + mu * z, t);
        return true;
    }

    SecularSums secular_sums(std::size_t begin, std::size_t length, double t, double rise) const {
        return kernels_.sets.secular_sums(length, x_ + begin, ball_, part(metric_, begin),
                                          {t, weight_ * rise, 1, weight_});
    }

    // ||q||^2 and its derivative by t; rise = t - t_0.
    SecularValue value_at(double t, double rise) {
        ++result_.passes;
        const SecularSums sums = combine(
            SecularSums{0, 0},
            [&](std::size_t begin, std::size_t length) { return secular_sums(begin, length, t, rise); },
            add_secular_sums);
        // (lambda_j + lambda_0) / (lambda_j t + lambda_0 rise) is between 1 / t and 1 / rise.
        return {sums.squared_norm, sums.slope, 1 / std::min(t, rise)};
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
        write(t, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_scale(length, x_ + begin, {nullptr, 1.0}, factor);
        });
    }

    const Kernels<T>& kernels_;
    const Shard& shard_;
    T* x_; // t and y
    Metric<T> metric_;
    bool euclidean_;
    Ball<T> ball_ = {nullptr, 1.0};
    double first_ = 0, weight_ = 1; // t_0, in scale, and lambda_0
    BallMoments<T> moments_ = {};
    ProjectionResult result_;
};

} // namespace

template <class T>
ProjectionResult project_onto_cone(const Kernels<T>& kernels, const Shard& shard, T* x,
                                   const Metric<T>& metric) {
    return ConeProjection<T>(kernels, shard, x, metric).run();
}

template ProjectionResult project_onto_cone(const Kernels<float>&, const Shard&, float*,
                                            const Metric<float>&);
template ProjectionResult project_onto_cone(const Kernels<double>&, const Shard&, double*,
                                            const Metric<double>&);

} // namespace anisograd
