// SPDX-License-Identifier: BSD-3-Clause
//
// The search for the multiplier of a projection: where a sum, of which a pass over the data gives two values and
// their slopes, comes to its target.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace anisograd {

// A falling function of the multiplier; slope: -1 times its derivative (from one side where it has two).
struct Value {
    double multiplier, total, slope;
};

// The search for where a falling function comes to its target. Where it is convex, it lies above its tangents and
// below the secant between two of its points, so that these enclose the root: two values in each pass shrink the
// bracket as its square. Elsewhere the bracket is that of the values themselves. Between its ends the search tries
// both sides of a cubic interpolation, of the function's logarithm where that exists: sums of what exceeds a
// threshold fall about exponentially. Where all that is slow, as for numbers on many scales, it halves the bracket
// by its count of doubles, which bounds the number of passes for any data.
class RootSearch {
public:
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr double largest = std::numeric_limits<double>::max();
    // Room for 64 halvings, in every other pass, after the first few.
    static constexpr int most_passes = 160;
    // What a root is wanted to, beyond which elements of T do not feel it: of the size of their own rounding, or less.
    template <class T>
    static constexpr double tolerance_for = sizeof(T) == 4 ? 0x1p-26 : 0x1p-51;
    // A search in a sample.
    static constexpr int most_sample_passes = 12;
    static constexpr double sample_tolerance = 0x1p-10;

    // The root is known to be at least `lowest` (0 or -infinity), or else `lowest` stands for it. tolerance: of the
    // root, relative.
    RootSearch(double target, bool convex, double lowest, double tolerance)
        : target_(target), convex_(convex), lowest_(lowest), tolerance_(tolerance) {}

    // The first pass's multipliers, where something is known about the root.
    void suggest(double low, double high) {
        suggestion_[0] = std::max(low, -largest);
        suggestion_[1] = std::min(high, largest);
    }

    // The next pass's multipliers, or false where the root is settled.
    bool next(double (&multiplier)[2]) {
        if (settled_ || passes_ == most_passes)
            return false;
        if (passes_ == 0) {
            multiplier[0] = std::max(suggestion_[0], lowest_);
            multiplier[1] = std::max(suggestion_[1], lowest_);
        } else {
            choose(multiplier);
        }
        if (settled_)
            return false;
        ++passes_;
        return true;
    }

    // The same multiplier may come again, with a slope that was not known.
    void record(const Value& at) {
        if (settled_)
            return;
        const double residual = residual_of(at);
        if (std::isnan(residual)) {
            settle(residual);
            return;
        }
        if (residual > 0 && !(below_.multiplier > at.multiplier))
            below_ = at;
        if (residual <= 0 && !(above_.multiplier < at.multiplier))
            above_ = at;
        const bool at_the_end =
            residual > 0 ? at.multiplier == largest : at.multiplier == -largest || at.multiplier == lowest_;
        // What is beyond an inequality's bound is never taken for inside.
        if (residual == 0 || at_the_end || (is_root(at) && at.multiplier != lowest_))
            settle(at.multiplier);
    }

    void settle(double root) {
        root_ = root;
        settled_ = true;
    }

    bool is_settled() const { return settled_; }
    bool is_enclosed() const { return has_below() && has_above(); }
    // The best known.
    double root() const { return root_; }
    int passes() const { return passes_; }
    // The nearest values on either side; NaN where there is none.
    const Value& below() const { return below_; }
    const Value& above() const { return above_; }
    // Of the values near the root.
    double slope() const {
        const bool nearer_above =
            has_above() && above_.slope > 0 && -residual_of(above_) < residual_of(below_);
        return nearer_above || !has_below() ? above_.slope : below_.slope;
    }

    // About how many of a sample's terms, at least 1. most_slope: of all values.
    double terms_not_at_a_bound(double sampled, double most_slope) const {
        return std::max(1.0, sampled * (slope() / most_slope));
    }
    // Of a search in a sample, of so many terms: multipliers that nearly always enclose the root of the whole. The root's
    // standard error is about that of a sum of as many terms as are not at a bound; a few of these, since missing the
    // root costs more than a wide bracket. estimated: what the sample is to say.
    void enclose_root(double sampled, double most_slope, double estimated, double (&multiplier)[2]) const {
        const double error =
            4 * std::fabs(estimated) / slope() / std::sqrt(terms_not_at_a_bound(sampled, most_slope));
        multiplier[0] = std::max(root() - error, lowest_);
        multiplier[1] = root() + error;
    }

private:
    bool has_below() const { return !std::isnan(below_.multiplier); }
    bool has_above() const { return !std::isnan(above_.multiplier); }

    double residual_of(const Value& at) const { return at.total - target_; }
    // log(total / target), by exact operations alone: the library's logarithm differs between machines. |z| <= 0.172.
    double log_ratio(const Value& at) const {
        const double ratio = at.total / target_;
        if (!(ratio > 0 && ratio <= largest))
            return unknown;
        int exponent = 0;
        double fraction = std::frexp(ratio, &exponent);
        if (fraction < 0x1.6a09e667f3bcdp-1) { // sqrt(1/2)
            fraction *= 2;
            --exponent;
        }
        const double z = (fraction - 1) / (fraction + 1), square = z * z;
        double series = 0;
        for (int k = 17; k >= 1; k -= 2)
            series = series * square + 1.0 / k;
        return exponent * 0x1.62e42fefa39efp-1 + 2 * z * series;
    }

    static double finite_or_nan(double x) { return std::isfinite(x) ? x : unknown; }
    // Where the tangent at a point comes to the target; NaN without one.
    double root_of_tangent(const Value& at) const {
        return finite_or_nan(at.multiplier + residual_of(at) / at.slope);
    }
    // The same for the tangent of the logarithm.
    double root_of_log_tangent(const Value& at) const {
        return finite_or_nan(at.multiplier + log_ratio(at) * at.total / at.slope);
    }

    // How far a tangent's root is off by the rounding of its point and its own.
    double rounding(const Value& at) const { return 0x1p-52 * std::fabs(sum_of(at) / at.slope); }
    // Of a convex function: what the numbers above the threshold add up to.
    double sum_of(const Value& at) const { return std::fabs(at.multiplier) * at.slope + std::fabs(at.total); }

    // Doubles in their order, as integers.
    static std::int64_t ordinal(double x) {
        const auto bits = std::bit_cast<std::int64_t>(x);
        return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
    }
    static double from_ordinal(std::int64_t i) {
        return std::bit_cast<double>(i >= 0 ? i : std::numeric_limits<std::int64_t>::min() - i);
    }
    static double middle(double low, double high) {
        const std::int64_t a = ordinal(low), b = ordinal(high);
        return from_ordinal((a & b) + ((a ^ b) >> 1)); // the mean, without overflow
    }
    static std::uint64_t count_between(double low, double high) {
        return static_cast<std::uint64_t>(ordinal(high)) - static_cast<std::uint64_t>(ordinal(low));
    }

    // Between two points: a cubic with their values and slopes, of the multiplier by the function or its logarithm.
    double interpolated() const {
        const double width = above_.multiplier - below_.multiplier;
        const auto cubic = [&](double first_value, double first_slope, double last_value, double last_slope) {
            const double fall = first_value - last_value, t = first_value / fall;
            const double first = fall / first_slope, last = fall / last_slope; // d multiplier / d t
            return below_.multiplier + t * t * (3 - 2 * t) * width +
                   t * (1 - t) * ((1 - t) * first - t * last);
        };
        const double by_log = cubic(log_ratio(below_), below_.slope / below_.total, log_ratio(above_),
                                    above_.slope / above_.total);
        if (std::isfinite(by_log))
            return by_log;
        const double by_value = cubic(residual_of(below_), below_.slope, residual_of(above_), above_.slope);
        if (std::isfinite(by_value))
            return by_value;
        // One end is flat.
        return std::fmin(root_of_log_tangent(below_), below_.multiplier + width / 2);
    }
    double secant() const {
        const double rest = residual_of(below_);
        return below_.multiplier +
               rest / (rest - residual_of(above_)) * (above_.multiplier - below_.multiplier);
    }

    void choose(double (&multiplier)[2]) {
        double low = has_below() ? below_.multiplier : std::max(lowest_, -largest);
        double high = has_above() ? above_.multiplier : largest;
        const std::uint64_t count = count_between(low, high);
        const bool slow = passes_ > 8 && count > last_count_ / 2 && !halved_;
        last_count_ = count;
        halved_ = slow;

        const double tangents[2] = {root_of_tangent(below_), root_of_tangent(above_)};
        if (convex_) {
            const double lows[2] = {tangents[0] - rounding(below_), tangents[1] - rounding(above_)};
            // Not past 0, where it bounds the root, before it was tried: there an inequality's inside is decided.
            if (has_below() || lowest_ != 0)
                for (const double bound : lows)
                    low = bound > low ? std::min(bound, high) : low;
            if (is_enclosed()) {
                const double bound = secant() + rounding(below_) + rounding(above_);
                high = bound < high ? std::max(bound, low) : high;
            }
        }
        if (!(low < high)) {
            settle(low);
            return;
        }
        const double estimate =
            is_enclosed() ? std::clamp(interpolated(), low, high) : outwards(tangents, low, high, multiplier);
        root_ = estimate;
        if (is_close(low, high) || count_between(low, high) <= 1) {
            settle(estimate);
            return;
        }
        if (is_enclosed()) {
            const double spread = convex_ ? (high - low) / 1024
                                          : std::max(std::fabs(tangents[1] - tangents[0]) / 16,
                                                     std::fabs(estimate) * tolerance_);
            multiplier[0] = std::fmax(estimate - spread, low);
            multiplier[1] = std::fmin(estimate + spread, high);
        }
        if (slow) {
            multiplier[0] = estimate;
            multiplier[1] = middle(low, high);
        }
        // Not what is known already, nor the result of an overflow.
        for (double& m : multiplier)
            if (m == below_.multiplier || m == above_.multiplier || !(m >= low && m <= high))
                m = middle(low, high);
    }

    // One side is still open. Where the logarithm is concave, its tangent's root lies beyond the function's.
    double outwards(const double (&tangents)[2], double low, double high, double (&multiplier)[2]) const {
        if (has_below()) {
            const double tangent = tangents[0], beyond = root_of_log_tangent(below_);
            const bool known = tangent > below_.multiplier;
            multiplier[1] = beyond > below_.multiplier ? std::fmin(beyond, high)
                            : known                    ? tangent + 8 * (tangent - below_.multiplier)
                                                       : high;
            multiplier[0] = known ? tangent + (multiplier[1] - tangent) / 2 : middle(low, high);
        } else {
            const double tangent = tangents[1], beyond = root_of_log_tangent(above_);
            const bool known = tangent < above_.multiplier;
            multiplier[0] = lowest_ == 0 ? 0 : known ? std::fmax(tangent, low) : low;
            multiplier[1] =
                beyond < above_.multiplier ? std::fmax(beyond, low) : middle(low, above_.multiplier);
        }
        return multiplier[0];
    }

    bool is_close(double low, double high) const {
        return high - low <= tolerance_ * std::max(std::fabs(low), std::fabs(high)) && is_enclosed();
    }
    // What is left is of the size of the sum's rounding, or of the multiplier's.
    bool is_root(const Value& at) const {
        // Of a function that is not convex, total may be what is at bounds, which has no part in f32's tolerance.
        const double allowed = convex_ ? tolerance_ * sum_of(at)
                                       : tolerance_ * std::fabs(at.multiplier) * at.slope +
                                             0x1p-51 * (std::fabs(at.total) + std::fabs(target_));
        return allowed <= largest && std::fabs(residual_of(at)) <= allowed;
    }

    double target_;
    bool convex_;
    double lowest_, tolerance_;
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    Value below_ = {unknown, unknown, unknown}; // the greatest multiplier with more than the target
    Value above_ = {unknown, unknown, unknown}; // the least with less
    double suggestion_[2] = {0, 0};
    double root_ = unknown;
    std::uint64_t last_count_ = ~std::uint64_t{0};
    int passes_ = 0;
    bool settled_ = false, halved_ = false;
};

} // namespace anisograd
