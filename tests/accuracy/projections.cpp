// SPDX-License-Identifier: BSD-3-Clause
//
// Projections, held against the formulas and constraints that anisograd.h promises of them: each coordinate's formula
// for the multiplier that the call reported, and the constraint. Intervals are exact, which test_projection tests.
#include "tests/accuracy/table.hpp"
#include "tests/reference/knapsack.hpp"
#include "tests/support/projected.hpp"

namespace accuracy {

namespace {

using reference::absolute;
using reference::Extended;
using test::Random;

constexpr double infinity = std::numeric_limits<double>::infinity();
template <class T>
constexpr double u = std::numeric_limits<T>::epsilon() / 2;

// A problem, which owns what its set points to.
template <class T>
struct Problem {
    std::vector<T> x, lambda, center = {}, normal = {};
    ag_set set = {};

    explicit Problem(ag_set_kind kind, Random& random) {
        const std::size_t n =
            random.below(500) == 0 ? 1 + random.below(20000) : 1 + random.below(1 + random.below(60));
        x = test::any_vector<T>(n, random);
        lambda = test::any_weights<T>(n, random);
        set = test::make_set(kind);
        const bool has_center = kind == AG_SET_L2_BALL || kind == AG_SET_L1_BALL ||
                                kind == AG_SET_WEIGHTED_L1_BALL || kind == AG_SET_GROUP_L1_BALL;
        if (has_center && random.below(3) == 0)
            center = test::filled<T>(n, [&](std::size_t) {
                return 0.5 * static_cast<double>(x[random.below(n)]) * random.normal();
            });
        const bool positive = kind == AG_SET_WEIGHTED_L1_BALL;
        if (positive || (kind >= AG_SET_BOX_SECTION && kind <= AG_SET_SLAB))
            normal = test::filled<T>(n, [&](std::size_t) {
                return positive ? random.uniform(0.1, 2)
                                : std::copysign(random.uniform(0.1, 2), random.normal());
            });
        set_limits(random);
    }
    Problem(const Problem&) = delete;
    Problem& operator=(const Problem&) = delete;

    std::size_t size() const { return x.size(); }
    T y(std::size_t j) const { return center.empty() ? x[j] : static_cast<T>(x[j] - center[j]); }
    double center_at(std::size_t j) const { return center.empty() ? 0 : static_cast<double>(center[j]); }
    double normal_at(std::size_t j) const { return normal.empty() ? 1 : static_cast<double>(normal[j]); }
    // As the call takes it, of sets that look at weights from 1 / most to most.
    double weight(std::size_t j, double most) const {
        return lambda.empty() ? 1 : std::clamp(static_cast<double>(lambda[j]), 1 / most, most);
    }
    // The first elements of the groups, and n.
    std::vector<std::size_t> groups() const {
        std::vector<std::size_t> all;
        for (std::size_t j = 0; j < size(); j += set.group_length)
            all.push_back(j);
        all.push_back(size());
        return all;
    }

private:
    // Most problems have x outside of the set, most coordinates within their bounds.
    void set_limits(Random& random) {
        set.center = test::data_or_null(center);
        set.normal = test::data_or_null(normal);
        set.group_length = 1 + random.below(1 + random.below(20));
        double sum = 0, squares = 0, most = 0;
        for (std::size_t j = 0; j < size(); ++j) {
            const double value = std::fabs(static_cast<double>(y(j)));
            sum += normal_at(j) * value;
            squares += value * value;
            most = std::max(most, std::fabs(static_cast<double>(x[j])));
        }
        const double fraction = test::power_of_ten(random, -6, 0.1);
        set.radius = fraction * (set.kind == AG_SET_L2_BALL ? std::sqrt(squares) : sum);
        set.offset = random.uniform(-1, 1) * most;
        if (set.kind == AG_SET_SLAB)
            set.lower_offset = set.offset - fraction * most;
        if (set.kind == AG_SET_CAPPED_SIMPLEX) {
            set.upper = static_cast<double>(static_cast<T>(most * random.uniform(0.1, 2)));
            set.radius = set.upper * static_cast<double>(size()) * random.uniform(0, 0.99);
        }
        if (set.kind == AG_SET_BOX_SECTION) {
            set.upper = static_cast<double>(static_cast<T>(most * random.uniform(0.1, 2) + 1e-6));
            set.lower = -set.upper;
            double reach = 0;
            for (const T a : normal)
                reach += std::fabs(static_cast<double>(a)) * set.upper;
            set.offset = reach * random.uniform(-0.99, 0.99);
        }
        if (set.kind == AG_SET_GROUP_L1_BALL)
            set.radius *= random.uniform(0.1, 1);
    }
};

// k of anisograd.h.
double additions(std::size_t n) {
    const double size = static_cast<double>(n);
    return 12 + std::max(std::min(size, 16384.0) / 16, size / 4096) + std::min(size / 16384, 256.0);
}

// The largest of a projection's errors, in units of the rows' bounds. Less than the type's least number is none.
template <class T>
struct Errors {
    double coordinate = 0, constraint = 0;

    void see_coordinate(Extended off, double unit) { see(coordinate, off - least, unit); }
    void see_constraint(Extended off, Extended unit) { see(constraint, off, static_cast<double>(unit)); }
    static constexpr double least = std::numeric_limits<T>::denorm_min();

private:
    static void see(double& worst, Extended off, double unit) {
        const double error = !(off > 0) && off == off ? 0 : static_cast<double>(off) / unit;
        if (!(error <= worst))
            worst = std::isnan(error) ? HUGE_VAL : error;
    }
};

template <class T>
Extended norm(std::size_t begin, std::size_t end, T element) {
    Extended squares = 0;
    for (std::size_t j = begin; j < end; ++j)
        squares += Extended(element(j)) * Extended(element(j));
    return reference::square_root(squares);
}

template <class T>
Errors<T> errors_of_ball(const Problem<T>& c, const std::vector<T>& p, double mu) {
    Errors<T> errors;
    for (std::size_t j = 0; j < c.size(); ++j) {
        const double center = c.center_at(j);
        const Extended w = c.lambda.empty() ? 1 : Extended(c.lambda[j]), offset = Extended(p[j]) - center;
        errors.see_coordinate(absolute(offset - c.y(j) * (w / (w + mu))),
                              u<T> * (static_cast<double>(absolute(offset)) + std::fabs(center)));
    }
    const Extended length = norm(0, c.size(), [&](std::size_t j) { return Extended(p[j]) - c.center_at(j); });
    const Extended length_of_center = norm(0, c.size(), [&](std::size_t j) { return c.center_at(j); });
    errors.see_constraint(absolute(length - c.set.radius) - Errors<T>::least * static_cast<double>(c.size()),
                          (16 * u<T> + additions(c.size()) * 0x1p-53) * (c.set.radius + length_of_center));
    return errors;
}

// Sets with one linear constraint.
template <class T>
Errors<T> errors_of_linear(const Problem<T>& c, const std::vector<T>& p, double mu) {
    const ag_set_kind kind = c.set.kind;
    const bool ball = kind == AG_SET_L1_BALL || kind == AG_SET_WEIGHTED_L1_BALL;
    const bool simplex = kind == AG_SET_SIMPLEX || kind == AG_SET_CAPPED_SIMPLEX;
    const double k = additions(c.size());
    Errors<T> errors;
    Extended sum = 0, tolerance = 0;
    for (std::size_t j = 0; j < c.size(); ++j) {
        const T s = static_cast<T>(1 / static_cast<T>(c.weight(j, sizeof(T) == 4 ? 0x1p126 : 0x1p960)));
        reference::KnapsackItem item = {};
        item.value = ball ? std::fabs(static_cast<double>(c.y(j))) : Extended(c.x[j]);
        item.normal = c.normal_at(j);
        item.step = item.normal * s;
        item.lower = ball || simplex ? 0 : kind == AG_SET_BOX_SECTION ? c.set.lower : -infinity;
        item.upper = kind == AG_SET_CAPPED_SIMPLEX || kind == AG_SET_BOX_SECTION ? c.set.upper : infinity;
        const double center = c.center_at(j);
        const Extended z = reference::clipped(item, mu);
        const Extended exact = !ball ? z : c.y(j) < 0 ? center - z : center + z;
        const double size = std::fabs(static_cast<double>(c.x[j])) + std::fabs(center),
                     length = std::fabs(static_cast<double>(p[j]));
        errors.see_coordinate(absolute(p[j] - exact), u<T> * (length + size));
        const Extended value = ball ? absolute(Extended(p[j]) - center) : Extended(p[j]);
        sum += item.normal * value;
        const Extended z_unclipped = reference::unclipped(item, mu), near = (8 * u<T> + k * 0x1p-52) * size;
        if (z_unclipped > item.lower - near && z_unclipped < item.upper + near)
            tolerance +=
                (8 * u<T> + k * 0x1p-52) * absolute(item.normal) * (length + size) + Errors<T>::least;
        else
            tolerance += k * 0x1p-52 * absolute(item.normal * value);
    }
    const double right_side = ball || simplex                 ? c.set.radius
                              : kind == AG_SET_SLAB && mu < 0 ? c.set.lower_offset
                                                              : c.set.offset;
    errors.see_constraint(absolute(sum - right_side), tolerance);
    return errors;
}

constexpr double most_of_cones(std::size_t bytes) {
    return bytes == 4 ? 0x1p126 : 0x1p300;
}

template <class T>
Errors<T> errors_of_cone(const Problem<T>& c, const std::vector<T>& p, double mu) {
    Errors<T> errors;
    if (mu == infinity) // the apex
        return errors;
    const double most = most_of_cones(sizeof(T)), k = additions(c.size());
    for (std::size_t j = 1; j < c.size(); ++j) {
        const Extended w = c.weight(j, most);
        errors.see_coordinate(absolute(p[j] - c.x[j] * (w / (w + mu))),
                              u<T> * std::fabs(static_cast<double>(p[j])));
    }
    const Extended t = p[0], x0 = c.x[0], w = c.weight(0, most);
    const Extended length = norm(1, c.size(), [&](std::size_t j) { return p[j]; });
    const Extended underflow = Errors<T>::least * static_cast<double>(c.size());
    errors.see_constraint(absolute(length - t) - underflow, (24 * u<T> + k * 0x1p-52) * t);
    errors.see_constraint(absolute(w * (t - x0) - mu * t) - (w + mu) * Errors<T>::least,
                          4 * u<T> * (w * (t + absolute(x0)) + mu * t));
    return errors;
}

template <class T>
Errors<T> errors_of_groups(const Problem<T>& c, const std::vector<T>& p, double mu) {
    Errors<T> errors;
    const std::vector<std::size_t> groups = c.groups();
    Extended sum = 0, tolerance = 0;
    for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
        const std::size_t begin = groups[g], end = groups[g + 1];
        const Extended e = 24 * u<T> + additions(end - begin) * 0x1p-52;
        const auto weight = [&](std::size_t j) { return Extended(c.weight(j, most_of_cones(sizeof(T)))); };
        const Extended rho = norm(begin, end, [&](std::size_t j) { return Extended(p[j]) - c.center_at(j); });
        const Extended length = norm(begin, end, [&](std::size_t j) { return c.y(j); });
        const Extended length_of_center = norm(begin, end, [&](std::size_t j) { return c.center_at(j); });
        const Extended gradient = norm(begin, end, [&](std::size_t j) { return weight(j) * c.y(j); });
        sum += rho;
        if (rho == 0 && gradient < mu - e * mu) // at its center; beyond, it may be by rounding
            continue;
        tolerance +=
            2 * e * (rho + length + length_of_center) + Errors<T>::least * static_cast<double>(end - begin);
        if (rho == 0)
            continue;
        const Extended strayed = e * (rho + length_of_center);
        for (std::size_t j = begin; j < end; ++j) {
            const auto formula = [&](Extended r) {
                return absolute(c.y(j)) * (weight(j) * r / (weight(j) * r + mu));
            };
            const Extended offset = absolute(Extended(p[j]) - c.center_at(j));
            // From what it is for one of the norms near rho.
            const Extended low = formula(std::max(rho - strayed, Extended(0))), high = formula(rho + strayed);
            errors.see_coordinate(std::max(low - offset, offset - high),
                                  static_cast<double>(e * (offset + std::fabs(c.center_at(j)))));
        }
    }
    tolerance += static_cast<double>(groups.size() - 1) * 0x1p-52 * c.set.radius;
    errors.see_constraint(absolute(sum - c.set.radius), tolerance);
    return errors;
}

template <class T, class ErrorsOf>
void measure(Run& run, ag_set_kind kind, const std::string& name, Row coordinate, Row constraint,
             ErrorsOf errors_of) {
    coordinate.what = name + ": " + coordinate.what;
    constraint.what = name + ": " + constraint.what;
    for_each_chunk(std::uint64_t(1) << 20, run.stride, [&](std::size_t problems, std::uint64_t seed) {
        for (std::size_t i = 0; i < problems; ++i) {
            Random random(seed << 32 | i);
            Problem<T> c(kind, random);
            ag_projection_report report;
            c.set.report = &report;
            const std::vector<T> p = on_every_isa(run, coordinate, [&] {
                std::vector<T> out = c.x;
                check(test::Api<T>::project(c.size(), out.data(), test::data_or_null(c.lambda), &c.set));
                return out;
            });
            if (report.inside != 0)
                continue;
            const Errors<T> errors = errors_of(c, p, report.multiplier);
            const auto where = [&] { return "problem " + std::to_string(i) + " of " + std::to_string(seed); };
            ++coordinate.inputs;
            ++constraint.inputs;
            coordinate.see(errors.coordinate, where);
            constraint.see(errors.constraint, where);
        }
    });
    run.rows.push_back(coordinate);
    run.rows.push_back(constraint);
}

template <class T>
void measure_type(Run& run) {
    const std::string type = type_name<T>, formula = "a coordinate, from its formula";
    measure<T>(run, AG_SET_L2_BALL, "L2 ball", {formula, type, 8, "u (\\|p − c\\| + \\|c\\|)"},
               {"norm, from the radius", type, 1, "the bound"}, errors_of_ball<T>);
    const struct {
        ag_set_kind kind;
        const char* name;
    } linear[] = {{AG_SET_L1_BALL, "L1 ball"},         {AG_SET_WEIGHTED_L1_BALL, "weighted L1 ball"},
                  {AG_SET_SIMPLEX, "simplex"},         {AG_SET_CAPPED_SIMPLEX, "capped simplex"},
                  {AG_SET_BOX_SECTION, "box section"}, {AG_SET_HALFSPACE, "halfspace"},
                  {AG_SET_HYPERPLANE, "hyperplane"},   {AG_SET_SLAB, "slab"}};
    for (const auto& set : linear)
        measure<T>(run, set.kind, set.name, {formula, type, 4, "u (\\|p\\| + \\|x\\| + \\|c\\|)"},
                   {"sum, from its right side", type, 1, "the bound"}, errors_of_linear<T>);
    measure<T>(run, AG_SET_SECOND_ORDER_CONE, "second-order cone", {formula, type, 8, "u \\|p\\|"},
               {"norm and first element", type, 1, "the bounds"}, errors_of_cone<T>);
    measure<T>(run, AG_SET_GROUP_L1_BALL, "group L1 ball", {formula, type, 1, "the bound"},
               {"sum of norms, from the radius", type, 1, "the bound"}, errors_of_groups<T>);
}

} // namespace

void measure_projections(Run& run) {
    measure_type<float>(run);
    measure_type<double>(run);
}

} // namespace accuracy
