// SPDX-License-Identifier: BSD-3-Clause
#include "src/ball.hpp"

#include "src/parallel.hpp"
#include "src/parts.hpp"
#include "src/secular.hpp"
#include "src/weights.hpp"

#include <limits>

namespace anisograd {

namespace {

// Sums of squares outside this range have lost digits, or are about to.
bool is_safe(double x) {
    return x >= 0x1p-900 && x <= 0x1p900;
}

// The power of two that brings x to about 1.
double normalizing_scale(double x) {
    return std::ldexp(1.0, std::clamp(-std::ilogb(x), -1022, 1022));
}

template <class T>
class BallProjection {
public:
    BallProjection(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center, double radius)
        : kernels_(kernels), shard_(shard), x_(x), ball_{center, 1.0}, radius_(radius) {}

    // The first pass looks, beside the norm, at where a sample's root is.
    ProjectionResult run(const Metric<T>& metric) {
        radius_in_scale_ = radius_;
        const double start = is_euclidean(metric) || !is_safe(radius_ * radius_)
                                 ? 0
                                 : in_element_type(metric, root_of_sample(metric, largest_root));
        if (start != 0) {
            const BallMoments<T> first = moments(metric, start, true);
            if (fits_element_type(first.squared_norm) &&
                std::isfinite(first.squared_norm + first.moment[0])) {
                shard_.take_deferred(); // of weights, of which these sums tell
                return run(metric, first.squared_norm, Start{start, secular_value(first, start)});
            }
            ++result_.passes;
        }
        return run(metric, sum_over_blocks(shard_, [&](std::size_t begin, std::size_t length) {
                       return squared_norm(begin, length);
                   }));
    }

    ProjectionResult run(const Metric<T>& metric, double squared_norm) {
        return run(metric, squared_norm, Start{});
    }

private:
    // mu stays far below Metric::most, so that weights above that keep their p_j at y_j.
    static constexpr double largest_root = 0x1p900;

    // A guess of mu, and the values there; mu = 0: none.
    struct Start {
        double mu = 0;
        SecularValue at = {0, 0};
    };
    // ---- Moments, which are taken in the element type ----

    // mu as a number of T with which that can be done; else 0. Squares that vanish are far less than the radius feels.
    double in_element_type(const Metric<T>& metric, double mu) const {
        constexpr double most = sizeof(T) == 4 ? 0x1p60 : largest_root;
        const bool is_scaled = ball_.scale != 1 || metric.scale != 1 || metric.least != 0,
                   is_tiny = sizeof(T) == 4 && !(radius_in_scale_ >= 0x1p-40);
        return is_scaled || !has_moments_ || is_tiny || !(mu >= 1 / most && mu <= most)
                   ? 0
                   : static_cast<double>(static_cast<T>(mu));
    }
    // For such a mu: no square overflows, and the norm is so far above the radius that a value which is off by 7 2^-24
    // (docs/numerics.md) and of which the series does not have the root is on the right side of it.
    bool fits_element_type(double squared_norm) const {
        const double square = radius_in_scale_ * radius_in_scale_;
        return sizeof(T) == 8 || (squared_norm <= 0x1p120 && squared_norm - square >= 0x1p-16 * square);
    }

    ProjectionResult run(const Metric<T>& metric, double squared_norm, const Start& start) {
        if (!is_safe(squared_norm) && !std::isnan(squared_norm))
            squared_norm = rescaled_squared_norm();
        const double norm = std::sqrt(squared_norm);
        radius_in_scale_ = radius_ * ball_.scale;
        if (norm <= radius_in_scale_)
            return result_;
        result_.inside = false;
        result_.multiplier = norm / radius_in_scale_ - 1;
        if (!std::isfinite(norm))
            scale_by(std::isnan(norm) ? norm : 0.0); // 0 times an infinite y_j is NaN
        else if (is_euclidean(metric) || radius_in_scale_ == 0)
            scale_by(radius_ / norm);
        else
            shrink(metric, squared_norm, start);
        return result_;
    }

    double rescaled_squared_norm() {
        const double largest = max_abs(x_, ball_.center);
        if (largest == 0 || std::isinf(largest))
            return largest;
        ball_.scale = normalizing_scale(largest);
        return squared_norm_in_scale();
    }

    double squared_norm_in_scale() {
        ++result_.passes;
        return sum_over_blocks(
            shard_, [&](std::size_t begin, std::size_t length) { return squared_norm(begin, length); });
    }

    void shrink(const Metric<T>& metric, double squared_norm, const Start& start) {
        const double square = radius_in_scale_ * radius_in_scale_;
        if (!is_safe(square) ||
            !shrink_within(metric, squared_norm, square, largest_root, ball_.scale == 1 ? start : Start{}))
            shrink_at_the_ends(metric, squared_norm);
    }

    // Finds mu and shrinks, with sums in the present scale; false where they leave double's range, or mu the
    // limit.
    bool shrink_within(const Metric<T>& metric, double squared_norm, double squared_radius, double limit,
                       Start start) {
        if (start.mu == 0)
            start = start_from_sample(metric, squared_norm, limit);
        if (start.mu == 0 && shrink_massless(metric, squared_norm, squared_radius, start.at.squared_norm))
            return true;
        if (!is_safe(start.at.slope))
            return false;
        const bool near = start.mu != 0, fits = fits_element_type(squared_norm);
        const double mu = secular_root(
            [&](double mu_) {
                return near && fits && mu_ != 0 && in_element_type(metric, mu_) == mu_
                           ? value_near(metric, mu_)
                           : value(metric, mu_);
            },
            start.mu, start.at, radius_in_scale_, limit, near ? series_tolerance<T> : secular_tolerance);
        if (mu == 0) {
            const double massive = value(metric, 0).squared_norm;
            squared_norm = squared_norm_in_scale(); // moments' may be off by a few roundings of T
            if (shrink_massless(metric, squared_norm, squared_radius, massive))
                return true;
            if (!(massive <= squared_radius * (1 + 4 * secular_tolerance)))
                return false;
            shrink_by(metric, 0, 0); // outside by rounding alone
            return true;
        }
        if (!(mu < limit))
            return false;
        shrink_by(metric, mu, 0);
        return true;
    }

    // Where the coordinates with lambda = 0 alone can bring the point inside; massive: the squared norm of the others.
    bool shrink_massless(const Metric<T>& metric, double squared_norm, double squared_radius,
                         double massive) {
        if (!(massive <= squared_radius))
            return false;
        const double massless = squared_norm - massive;
        shrink_by(metric, 0,
                  massless > 0 ? std::min(1.0, std::sqrt((squared_radius - massive) / massless)) : 1.0);
        return true;
    }

    Start start_from_sample(const Metric<T>& metric, double squared_norm, double limit) {
        const double mu = root_of_sample(metric, limit, squared_norm);
        const double rounded = fits_element_type(squared_norm) ? in_element_type(metric, mu) : 0;
        return rounded != 0 ? Start{rounded, value_near(metric, rounded)} : Start{mu, value(metric, mu)};
    }

    // The same for any data. y is scaled so that its norm and the radius are 2^k and 2^-k, k <= 200, and
    // lambda so that the largest is about 1, and those below 2^-400 are 0, which nothing near the set feels.
    // A radius that would need a larger k is reached by a last, Euclidean, step. An infinite lambda counts as
    // the largest.
    void shrink_at_the_ends(Metric<T> metric, double squared_norm) {
        constexpr int widest = 400;
        const int norm_exponent = std::ilogb(squared_norm) / 2 - std::ilogb(ball_.scale);
        const int radius_exponent = std::max(std::ilogb(radius_), norm_exponent - widest);
        const double radius =
            radius_exponent > std::ilogb(radius_) ? std::ldexp(1.0, radius_exponent) : radius_;
        ball_.scale = std::ldexp(1.0, std::clamp(-(norm_exponent + radius_exponent) / 2, -1022, 1022));
        radius_in_scale_ = radius * ball_.scale;
        const double largest = largest_weight(metric);
        if (shard_.failed())
            return;
        metric.scale = normalizing_scale(std::min(largest, std::numeric_limits<double>::max()));
        metric.least = 0x1p-400;
        metric.most = 4;
        squared_norm = squared_norm_in_scale();
        constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
        if (!shrink_within(metric, squared_norm, radius_in_scale_ * radius_in_scale_,
                           std::numeric_limits<double>::infinity(), {}))
            shrink_by(metric, not_a_number, not_a_number); // a weight is NaN
        else if (radius != radius_) {
            ball_.scale = 1;
            scale_by(radius_ / radius);
        }
    }

    // The root for a sample of x; 0 where there is none, or nothing to learn from it. squared_norm: of x; NaN: not known.
    // A part of the sample has it first, so that mostly one look at all of it does.
    double root_of_sample(const Metric<T>& metric, double limit,
                          double squared_norm = std::numeric_limits<double>::quiet_NaN()) const {
        const SamplePlan plan = plan_sample(shard_.total());
        if (plan.size() == 0)
            return 0;
        const double start = root_of_sample(plan.one_in(8), 0, metric, limit, squared_norm);
        return root_of_sample(plan, start, metric, limit, squared_norm);
    }
    double root_of_sample(const SamplePlan& plan, double start, const Metric<T>& metric, double limit,
                          double squared_norm) const {
        const auto sums_of_sample = [&](double mu) {
            const BallSums found = combine_sample(
                shard_, plan, BallSums{0, 0},
                [&](std::size_t begin, std::size_t length) { return ball_sums(metric, begin, length, mu); },
                add_sums);
            return value_of(found, mu);
        };
        const double share = static_cast<double>(plan.size()) / static_cast<double>(shard_.total());
        const double square = radius_in_scale_ * radius_in_scale_, surplus = squared_norm - square;
        // What a sample is to lose has to be more than what rounding to T changes.
        start = surplus < 0x1p-10 * square ? 0 : in_element_type(metric, start);
        SecularValue at_zero = {0, 0}, at = {0, 0};
        if (start != 0) {
            const BallMoments<T> found = combine_sample(
                shard_, plan, BallMoments<T>{},
                [&](std::size_t begin, std::size_t length) {
                    return ball_moments(metric, begin, length, start, true);
                },
                add_moments<T>);
            at_zero = {found.squared_norm, 0};
            at = secular_value(found, start);
        }
        if (start == 0 || !std::isfinite(at.squared_norm + at_zero.squared_norm)) {
            start = 0;
            at = at_zero = sums_of_sample(0);
        }
        double squared_radius = square * share, error = 0x1p-12;
        // Of a point that is near the ball, as after a step, the sample is to say what it loses, which is far less.
        if (surplus < square / 2) {
            squared_radius = at_zero.squared_norm - surplus * share;
            error = std::max(error * (surplus / square), secular_tolerance);
        }
        if (!(squared_radius > 0 && at_zero.squared_norm > squared_radius))
            return 0;
        const double mu = secular_root(sums_of_sample, start, at, std::sqrt(squared_radius), limit, error);
        return mu > 0 && mu < limit ? mu : 0;
    }

    static SecularValue value_of(const BallSums& sums, double mu) {
        return {sums.squared_norm, sums.weighted_squared_norm, 1 / mu};
    }
    static void add_sums(BallSums& total, const BallSums& more) {
        total.squared_norm += more.squared_norm;
        total.weighted_squared_norm += more.weighted_squared_norm;
    }

    double squared_norm(std::size_t begin, std::size_t length) const {
        return kernels_.projection.squared_norm(length, x_ + begin, part(ball_, begin));
    }
    BallSums ball_sums(const Metric<T>& metric, std::size_t begin, std::size_t length, double mu) const {
        return kernels_.projection.ball_sums(length, x_ + begin, part(ball_, begin), part(metric, begin), mu);
    }
    // For a mu of the element type.
    BallMoments<T> ball_moments(const Metric<T>& metric, std::size_t begin, std::size_t length, double mu,
                                bool with_norm) const {
        return kernels_.projection.ball_moments(length, x_ + begin, part(ball_.center, begin),
                                                part(metric, begin), static_cast<T>(mu), with_norm);
    }
    BallMoments<T> moments(const Metric<T>& metric, double mu, bool with_norm) const {
        return combine_unchecked(
            shard_, BallMoments<T>{},
            [&](std::size_t begin, std::size_t length) {
                return ball_moments(metric, begin, length, mu, with_norm);
            },
            add_moments<T>);
    }

    SecularValue value(const Metric<T>& metric, double mu) {
        ++result_.passes;
        return value_of(
            combine_blocks(
                shard_, BallSums{0, 0},
                [&](std::size_t begin, std::size_t length) { return ball_sums(metric, begin, length, mu); },
                add_sums),
            mu);
    }
    // The same with moments, for a mu > 0 of the element type: worth their time where the root is near.
    SecularValue value_near(const Metric<T>& metric, double mu) {
        ++result_.passes;
        const BallMoments<T> found = moments(metric, mu, false);
        has_moments_ = std::isfinite(found.moment[0]);
        return has_moments_ ? secular_value(found, mu) : value(metric, mu);
    }

    double max_abs(const T* x, const T* center) {
        ++result_.passes;
        return max_over_blocks(shard_, [&](std::size_t begin, std::size_t length) {
            return kernels_.projection.max_abs(length, x + begin, part(center, begin));
        });
    }

    // The largest lambda, to within its rounding.
    double largest_weight(const Metric<T>& metric) {
        if (metric.weights != nullptr)
            return max_abs(metric.weights, nullptr);
        return lambda_of(max_abs(metric.accumulator, nullptr), metric.epsilon);
    }

    void scale_by(double factor) {
        write_ranges(shard_, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_scale(length, x_ + begin, part(ball_, begin), factor);
        });
    }

    void shrink_by(const Metric<T>& metric, double mu, double massless_factor) {
        result_.multiplier = mu / metric.scale;
        write_ranges(shard_, [&](std::size_t begin, std::size_t length) {
            kernels_.projection.ball_shrink(length, x_ + begin, part(ball_.center, begin),
                                            part(metric, begin), mu, massless_factor);
        });
    }

    const Kernels<T>& kernels_;
    const Shard& shard_;
    T* x_;
    Ball<T> ball_;
    double radius_;
    double radius_in_scale_ = 0;
    bool has_moments_ = true;                 // as far as is known: not of weights out of range
    ProjectionResult result_ = {.passes = 1}; // the one that gave the squared norm
};

} // namespace

template <class T>
ProjectionResult project_onto_ball(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center,
                                   double radius, const Metric<T>& metric) {
    return BallProjection<T>(kernels, shard, x, center, radius).run(metric);
}

template <class T>
ProjectionResult project_onto_ball(const Kernels<T>& kernels, const Shard& shard, T* x, const T* center,
                                   double radius, const Metric<T>& metric, double squared_norm) {
    return BallProjection<T>(kernels, shard, x, center, radius).run(metric, squared_norm);
}

template ProjectionResult project_onto_ball(const Kernels<float>&, const Shard&, float*, const float*, double,
                                            const Metric<float>&);
template ProjectionResult project_onto_ball(const Kernels<double>&, const Shard&, double*, const double*,
                                            double, const Metric<double>&);
template ProjectionResult project_onto_ball(const Kernels<float>&, const Shard&, float*, const float*, double,
                                            const Metric<float>&, double);
template ProjectionResult project_onto_ball(const Kernels<double>&, const Shard&, double*, const double*,
                                            double, const Metric<double>&, double);

} // namespace anisograd
