// SPDX-License-Identifier: BSD-3-Clause
//
// Projections onto sets with one linear constraint. Each result is held against its conditions of optimality,
// which have one solution: every p_j is its formula's value for the reported multiplier, and the constraint
// holds. Small problems are solved by sorting, too.
#include "tests/reference/adagrad.hpp"
#include "tests/reference/knapsack.hpp"
#include "tests/support/api.hpp"
#include "tests/support/guarded_set.hpp"

#include <functional>

namespace {

using namespace test;
using reference::Extended;
using reference::Knapsack;
using reference::KnapsackItem;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

template <class T>
class KnapsackProjection : public ::testing::Test {};
TYPED_TEST_SUITE(KnapsackProjection, Types);

// ---- Problems ------------------------------------------------------------------------------------------

constexpr ag_set_kind kinds[] = {
    AG_SET_L1_BALL,     AG_SET_WEIGHTED_L1_BALL, AG_SET_SIMPLEX,    AG_SET_CAPPED_SIMPLEX,
    AG_SET_BOX_SECTION, AG_SET_HALFSPACE,        AG_SET_HYPERPLANE, AG_SET_SLAB};

bool is_ball(ag_set_kind kind) {
    return kind == AG_SET_L1_BALL || kind == AG_SET_WEIGHTED_L1_BALL;
}
bool is_simplex(ag_set_kind kind) {
    return kind == AG_SET_SIMPLEX || kind == AG_SET_CAPPED_SIMPLEX;
}
bool is_inequality(ag_set_kind kind) {
    return is_ball(kind) || kind == AG_SET_HALFSPACE || kind == AG_SET_SLAB;
}
// The fields that a kind uses.
bool has_radius(ag_set_kind kind) {
    return is_ball(kind) || is_simplex(kind);
}
bool has_offset(ag_set_kind kind) {
    return !has_radius(kind);
}
bool has_lower(ag_set_kind kind) {
    return kind == AG_SET_BOX_SECTION;
}
bool has_upper(ag_set_kind kind) {
    return kind == AG_SET_BOX_SECTION || kind == AG_SET_CAPPED_SIMPLEX;
}
bool has_normal(ag_set_kind kind) {
    return kind == AG_SET_WEIGHTED_L1_BALL || has_offset(kind);
}

// x, the weights and what the set points to: empty arrays are NULL. The other fields as in ag_set.
template <class T>
struct Problem {
    ag_set_kind kind;
    std::vector<T> x, lambda, center, normal, lower_bounds, upper_bounds;
    double radius = 1, lower = -infinity, upper = infinity, offset = 0, lower_offset = 0;
};

template <class T>
const T* data_or_null(const std::vector<T>& values) {
    return values.empty() ? nullptr : values.data();
}

template <class T>
ag_set set_of(const Problem<T>& c) {
    ag_set set = make_set(c.kind);
    set.radius = c.radius;
    set.lower = c.lower;
    set.upper = c.upper;
    set.offset = c.offset;
    set.lower_offset = c.lower_offset;
    set.center = data_or_null(c.center);
    set.normal = data_or_null(c.normal);
    set.lower_bounds = data_or_null(c.lower_bounds);
    set.upper_bounds = data_or_null(c.upper_bounds);
    return set;
}

// A report that no projection writes.
constexpr ag_projection_report unwritten = {-7.5, -7, -7};

bool same_report(const ag_projection_report& a, const ag_projection_report& b) {
    return same_bits(a.multiplier, b.multiplier) && a.passes == b.passes && a.inside == b.inside;
}

template <class T>
struct Outcome {
    std::vector<T> p;
    ag_projection_report report;
};

template <class T>
Outcome<T> project(const Problem<T>& c) {
    Outcome<T> found = {c.x, unwritten};
    ag_set set = set_of(c);
    set.report = &found.report;
    EXPECT_EQ(Api<T>::project(c.x.size(), found.p.data(), data_or_null(c.lambda), &set), AG_OK)
        << ag_last_error();
    return found;
}

// Projects on each ISA that this machine can run, for tests that switch between them often.
class EveryIsa {
public:
    EveryIsa() : before_(ag_active_isa()) {
        for (const ag_isa isa : all_isas)
            if (ag_isa_supported(isa))
                isas_.push_back(isa);
    }
    ~EveryIsa() { ag_set_isa(before_); }
    EveryIsa(const EveryIsa&) = delete;
    EveryIsa& operator=(const EveryIsa&) = delete;

    std::size_t count() const { return isas_.size(); }

    // The first's outcome; a failure where another's differs in any bit.
    template <class T>
    Outcome<T> project(const Problem<T>& c) const {
        Outcome<T> first;
        for (const ag_isa isa : isas_) {
            EXPECT_EQ(ag_set_isa(isa), AG_OK);
            Outcome<T> found = ::project(c);
            if (isa == isas_.front()) {
                first = std::move(found);
                continue;
            }
            EXPECT_TRUE(same_bits(found.p, first.p)) << ag_isa_name(isa) << ", kind " << c.kind;
            EXPECT_TRUE(same_report(found.report, first.report)) << ag_isa_name(isa) << ", kind " << c.kind;
        }
        return first;
    }

private:
    ag_isa before_;
    std::vector<ag_isa> isas_;
};

// ---- Conditions of optimality --------------------------------------------------------------------------

// The problem that a set means: a ball's is that of |p - center|.
template <class T>
Knapsack knapsack(const Problem<T>& c) {
    const T most = std::ldexp(T(1), std::numeric_limits<T>::max_exponent - 2);
    Knapsack items(c.x.size());
    for (std::size_t j = 0; j < items.size(); ++j) {
        KnapsackItem& item = items[j];
        // s_j, and y_j, are rounded to T, as documented.
        const T s = c.lambda.empty() ? T(1) : 1 / std::clamp(c.lambda[j], 1 / most, most);
        item.normal = has_normal(c.kind) && !c.normal.empty() ? c.normal[j] : T(1);
        item.step = item.normal * s;
        item.value = c.x[j];
        item.lower = is_ball(c.kind) || is_simplex(c.kind) ? 0 : -infinity;
        item.upper = infinity;
        if (is_ball(c.kind))
            item.value = std::fabs(c.center.empty() ? c.x[j] : c.x[j] - c.center[j]);
        if (has_lower(c.kind))
            item.lower = c.lower_bounds.empty() ? static_cast<T>(c.lower) : c.lower_bounds[j];
        if (has_upper(c.kind))
            item.upper = c.upper_bounds.empty() ? static_cast<T>(c.upper) : c.upper_bounds[j];
    }
    return items;
}

template <class T>
T center(const Problem<T>& c, std::size_t j) {
    return is_ball(c.kind) && !c.center.empty() ? c.center[j] : T(0);
}

// p_j for z_j of the knapsack problem, and back.
template <class T>
Extended coordinate(const Problem<T>& c, std::size_t j, Extended z) {
    if (!is_ball(c.kind))
        return z;
    return c.x[j] < center(c, j) ? center(c, j) - z : center(c, j) + z;
}
template <class T>
Extended item_value(const Problem<T>& c, std::size_t j, T p) {
    return is_ball(c.kind) ? reference::absolute(Extended(p) - center(c, j)) : Extended(p);
}

// What the constraint's sum has to be, given the multiplier.
template <class T>
double right_side(const Problem<T>& c, double mu) {
    if (has_radius(c.kind))
        return c.radius;
    return c.kind == AG_SET_SLAB && mu < 0 ? c.lower_offset : c.offset;
}

double rounded(Extended x) {
    return static_cast<double>(x);
}

// Half a unit in the last place of 1, of T and of what the library computes in.
template <class T>
constexpr double u = std::numeric_limits<T>::epsilon() / 2;
constexpr double double_u = u<double>;

// How far p may be from its formula, and the constraint's sum from its right side.
//
// A free coordinate: the roundings of mu and of mu a s, of its difference from y, of the sum with center, and to T, or
// fewer of them. The first two are of at most |y|, or of |x| + |p| where mu moves x outwards, which it does only
// without a center. With the reference's own rounding, which is less than one in double, that is within
//     4 u (|p| + |x| + |center|).
// At a bound p is the bound.
//
// The sum: that rounding of the free coordinates; what 4 u of mu moves, in terms of the same sizes; and how well the
// library can see a sum: it has two, each with at most three roundings in double in every term, for float with two
// more additions, and the additions that a term goes through. It cannot be known better where mu is the quotient of two
// sums, or where the search ends at a sum that looks right.
template <class T>
struct Formulas {
    std::vector<Extended> p;       // the formulas' values
    std::vector<double> tolerance; // of each
    double sum_tolerance = 0;

    Formulas(const Problem<T>& c, const Knapsack& items, const Outcome<T>& found)
        : p(items.size()), tolerance(items.size()) {
        double terms = 0;
        for (std::size_t j = 0; j < items.size(); ++j) {
            const KnapsackItem& item = items[j];
            const Extended z = reference::unclipped(item, found.report.multiplier);
            p[j] = coordinate(c, j, std::min(std::max(z, item.lower), item.upper));
            const double a = std::fabs(rounded(item.normal));
            const double length = std::fabs(static_cast<double>(found.p[j]));
            const double size =
                std::fabs(static_cast<double>(c.x[j])) + std::fabs(static_cast<double>(center(c, j)));
            const double least = static_cast<double>(std::numeric_limits<T>::denorm_min());
            // An item is free, too, where it is for a multiplier that is off by a few roundings, relative, and by
            // those of the sums.
            const double beyond = std::max(rounded(item.lower - z), rounded(z - item.upper));
            const double moved = std::fabs(rounded(item.value)) + std::fabs(rounded(item.value - z));
            if (beyond < 4 * u<T> * moved)
                tolerance[j] = 4 * u<T> * (length + size) + least;
            if (beyond < (4 * u<T> + 4 * double_u) * moved + seen(items.size(), moved)) {
                sum_tolerance += a * (u<T> * length + (4 * u<T> + 6 * double_u) * (size + length) + least);
                terms += a * (size + length);
            } else
                terms += a * std::fabs(rounded(item_value(c, j, found.p[j])));
        }
        sum_tolerance += seen(items.size(), terms);
    }
    // How well a sum of n terms is seen.
    static double seen(std::size_t n, double terms) {
        return 2 * (reference::canonical_additions(n) + 3) * double_u * terms;
    }
};

template <class T>
bool is_unchanged(const Problem<T>& c, const Outcome<T>& found) {
    return c.x.empty() || std::memcmp(c.x.data(), found.p.data(), c.x.size() * sizeof(T)) == 0;
}

// Whether p fulfils the conditions of optimality with the reported multiplier, and the report is right.
template <class T>
::testing::AssertionResult is_projection(const Problem<T>& c, const Outcome<T>& found) {
    const std::size_t n = c.x.size();
    const double mu = found.report.multiplier;
    const auto failure = [&] {
        return ::testing::AssertionFailure()
               << "kind " << c.kind << ", n " << n << ", multiplier " << mu << ", passes "
               << found.report.passes << ", inside " << found.report.inside << ": ";
    };
    const bool unchanged = is_unchanged(c, found);
    if (found.report.inside != (unchanged ? 1 : 0))
        return failure() << (unchanged ? "nothing has changed" : "a coordinate has changed");
    if (found.report.passes < 0 || found.report.passes > 200)
        return failure() << "passes";
    if (!std::isfinite(mu) || (mu < 0 && is_inequality(c.kind) && c.kind != AG_SET_SLAB))
        return failure() << "not a multiplier";

    const Knapsack items = knapsack(c);
    const Formulas<T> formulas(c, items, found);
    Extended sum = 0, sum_of_x = 0;
    double terms_of_x = 0;
    for (std::size_t j = 0; j < n; ++j) {
        const T p = found.p[j];
        const Extended off = reference::absolute(p - formulas.p[j]);
        if (!std::isfinite(p) || !(off <= formulas.tolerance[j])) // the tolerance of an infinity is infinite
            return failure() << "p[" << j << "] = " << ::testing::PrintToString(p) << ", not "
                             << rounded(formulas.p[j]) << ", off by " << rounded(off) << " of "
                             << formulas.tolerance[j] << ", x " << ::testing::PrintToString(c.x[j]);
        if (!is_ball(c.kind) && !(p >= items[j].lower && p <= items[j].upper))
            return failure() << "p[" << j << "] = " << ::testing::PrintToString(p) << " is out of bounds";
        sum += items[j].normal * item_value(c, j, p);
        if (!is_inequality(c.kind))
            continue;
        sum_of_x += items[j].normal * items[j].value;
        terms_of_x += std::fabs(rounded(items[j].normal) * static_cast<double>(c.x[j])) +
                      std::fabs(rounded(items[j].normal) * static_cast<double>(center(c, j)));
    }

    const Extended right = right_side(c, mu);
    const Extended least = c.kind == AG_SET_SLAB ? c.lower_offset : -infinity;
    const bool fulfilled =
        is_inequality(c.kind) && mu == 0
            ? sum <= right + formulas.sum_tolerance && sum >= least - formulas.sum_tolerance
            : reference::absolute(sum - right) <= formulas.sum_tolerance;
    if (!fulfilled)
        return failure() << "the sum is " << rounded(sum) << ", which is " << rounded(sum - right)
                         << " from its right side " << rounded(right) << ", of " << formulas.sum_tolerance;
    if (!is_inequality(c.kind))
        return ::testing::AssertionSuccess();
    if (mu == 0 && !unchanged)
        return failure() << "something has moved";
    const double margin = Formulas<T>::seen(n, terms_of_x);
    const Extended most = has_radius(c.kind) ? c.radius : c.offset;
    if (sum_of_x < most - margin && sum_of_x > least + margin && (mu != 0 || !unchanged))
        return failure() << "x is inside: its sum is " << rounded(sum_of_x);
    return ::testing::AssertionSuccess();
}

// Whether p is near the solution by sorting.
//
// The terms a_j z_j(mu) of the sum move in one direction as mu moves. So none moves by more than the sum does
// from the exact to the reported mu: what the sum of the formulas is off by, which is at most the tolerance
// of the sum over p and as much for p's roundings. And all that are free at both move linearly.
template <class T>
::testing::AssertionResult is_near_reference(const Problem<T>& c, const Outcome<T>& found) {
    const Knapsack items = knapsack(c);
    const Extended sum = reference::sum(items, 0);
    const double right = has_radius(c.kind) ? c.radius : c.offset;
    Extended mu = 0;
    if (!is_inequality(c.kind) || sum > right)
        mu = reference::multiplier(items, right);
    else if (c.kind == AG_SET_SLAB && sum < c.lower_offset)
        mu = reference::multiplier(items, c.lower_offset);

    const Formulas<T> formulas(c, items, found);
    const double moved = 2 * formulas.sum_tolerance;
    Extended slope = 0;
    for (std::size_t j = 0; j < items.size(); ++j) {
        const KnapsackItem& item = items[j];
        const Extended exact = coordinate(c, j, reference::clipped(item, mu));
        const Extended a = reference::absolute(item.normal);
        const Extended own = 0x1p-100 * reference::absolute(item.value); // the reference's rounding
        if (!(a * (reference::absolute(found.p[j] - exact) - formulas.tolerance[j] - own) <= moved))
            return ::testing::AssertionFailure()
                   << "kind " << c.kind << ", n " << items.size() << ": p[" << j
                   << "] = " << ::testing::PrintToString(found.p[j]) << ", by sorting " << rounded(exact)
                   << "; multiplier " << found.report.multiplier << ", by sorting " << rounded(mu);
        const auto is_off_bounds = [&](Extended z) { return z > item.lower && z < item.upper; };
        if (is_off_bounds(reference::unclipped(item, mu)) &&
            is_off_bounds(reference::unclipped(item, found.report.multiplier)))
            slope += item.normal * item.step;
    }
    if (!(reference::absolute(mu - found.report.multiplier) * slope <= moved))
        return ::testing::AssertionFailure() << "kind " << c.kind << ", n " << items.size() << ": multiplier "
                                             << found.report.multiplier << ", by sorting " << rounded(mu);
    return ::testing::AssertionSuccess();
}

// ---- Random problems -----------------------------------------------------------------------------------

template <class T, class Value>
std::vector<T> filled(std::size_t n, Value value) {
    std::vector<T> values(n);
    for (std::size_t j = 0; j < n; ++j)
        values[j] = static_cast<T>(value(j));
    return values;
}

// One of 10 ^ -low ... 10 ^ high.
double magnitude(Random& random, double low, double high) {
    return std::pow(10.0, random.uniform(low, high));
}

// Vectors that a search for the multiplier may find hard.
template <class T>
std::vector<T> any_shape(std::size_t n, Random& random) {
    const double scale = magnitude(random, -5, 5);
    const auto normal = [&](std::size_t) { return scale * random.normal(); };
    std::vector<T> x;
    switch (random.below(11)) {
    case 0:
    case 1: // sorted, either way
        x = filled<T>(n, normal);
        std::sort(x.begin(), x.end());
        if (random.below(2) == 0)
            std::reverse(x.begin(), x.end());
        break;
    case 2: // all equal
        x = filled<T>(n, [&, value = normal(0)](std::size_t) { return value; });
        break;
    case 3: // ties
        x = filled<T>(n, [&](std::size_t) { return scale * static_cast<double>(1 + random.below(3)); });
        break;
    case 4: // each as large as all after it
        x = filled<T>(n, [&](std::size_t j) { return std::ldexp(scale, -static_cast<int>(j % 100)); });
        break;
    case 5: { // steps of one size in the exponent
        const double step = random.uniform(0.2, 4);
        x = filled<T>(n, [&](std::size_t j) {
            return scale *
                   std::pow(10.0, -step * static_cast<double>(j % static_cast<std::size_t>(30 / step)));
        });
        break;
    }
    case 6: // mostly zeros of both signs
        x = filled<T>(n, [&](std::size_t j) { return j % 4 == 3 ? normal(j) : j % 4 == 2 ? -0.0 : 0.0; });
        break;
    case 7: // one above all
        x = filled<T>(n, normal);
        x[random.below(n)] = static_cast<T>(scale * magnitude(random, 1, 8));
        break;
    case 8: // each of a size of its own
        x = filled<T>(n, [&](std::size_t) { return scale * magnitude(random, -12, 12); });
        break;
    case 9: // almost equal
        x = filled<T>(n, [&](std::size_t) { return scale * (1 + 1e-6 * random.normal()); });
        break;
    default:
        x = filled<T>(n, normal);
    }
    const std::size_t signs = random.below(4);
    for (T& value : x)
        if (signs == 1 || (signs == 2 && random.below(2) == 0))
            value = -value;
    return x;
}

// No weights, equal ones, moderate ones, and 30 orders of magnitude at random and in order.
template <class T>
std::vector<T> any_weights(std::size_t n, Random& random) {
    const double step = random.uniform(0.2, 5);
    const auto staircase = [&](std::size_t j) {
        return std::pow(10.0, step * static_cast<double>(j % static_cast<std::size_t>(30 / step)) - 15);
    };
    switch (random.below(7)) {
    case 0:
    case 1:
        return {};
    case 2:
        return filled<T>(n, [&, value = magnitude(random, -5, 5)](std::size_t) { return value; });
    case 3:
        return filled<T>(n, [&](std::size_t) { return random.uniform(0.5, 2); });
    case 4:
        return filled<T>(n, [&](std::size_t) { return magnitude(random, -15, 15); });
    case 5:
        return filled<T>(n, staircase);
    default:
        return filled<T>(n, [&](std::size_t j) { return 1 / staircase(j); });
    }
}

// >= 0 for a ball, and not all zeros.
template <class T>
std::vector<T> any_normal(ag_set_kind kind, std::size_t n, Random& random) {
    std::vector<T> a;
    switch (random.below(4)) {
    case 0:
        return {};
    case 1:
        a = filled<T>(n, [&](std::size_t) { return random.uniform(0.1, 2); });
        break;
    case 2:
        a = filled<T>(n, [&](std::size_t) { return random.below(2) == 0 ? random.normal() : 0; });
        break;
    default:
        a = filled<T>(n, [&](std::size_t) { return magnitude(random, -5, 5); });
        for (T& value : a)
            value = random.below(2) == 0 ? -value : value;
    }
    a[random.below(n)] = T(0.75);
    return kind == AG_SET_WEIGHTED_L1_BALL ? absolute(a) : a;
}

// A part of a whole: none, a trace, some of any size, about all, more.
double any_fraction(Random& random) {
    switch (random.below(8)) {
    case 0:
        return 0;
    case 1:
        return 1e-30;
    case 2:
        return 1 + 1e-7 * random.normal();
    case 3:
        return random.uniform(1, 10);
    case 4:
    case 5:
        return magnitude(random, -6, 0);
    default:
        return random.uniform(0, 1);
    }
}

template <class T>
double element(const std::vector<T>& values, std::size_t j, double otherwise) {
    return values.empty() ? otherwise : static_cast<double>(values[j]);
}

// sum_j a_j value_j, and with absolute values.
template <class T>
std::pair<double, double> sums(const Problem<T>& c, const std::vector<T>& values) {
    std::pair<double, double> total = {0, 0};
    for (std::size_t j = 0; j < values.size(); ++j) {
        const double term = element(c.normal, j, 1) * static_cast<double>(values[j]);
        total.first += term;
        total.second += std::fabs(term);
    }
    return total;
}

template <class T>
Problem<T> any_problem(ag_set_kind kind, std::size_t n, Random& random) {
    Problem<T> c = {kind, any_shape<T>(n, random), any_weights<T>(n, random), {}, {}, {}, {}};
    const double scale = std::fabs(static_cast<double>(c.x[random.below(n)]));
    if (has_normal(kind))
        c.normal = any_normal<T>(kind, n, random);
    if (is_ball(kind)) {
        std::vector<T> y = c.x;
        if (random.below(3) == 0) {
            c.center = filled<T>(n, [&](std::size_t j) {
                return random.below(4) == 0 ? static_cast<double>(c.x[j]) : 0.5 * scale * random.normal();
            });
            y = filled<T>(n, [&](std::size_t j) { return c.x[j] - c.center[j]; });
        }
        c.radius = sums(c, y).second * any_fraction(random);
    }
    if (kind == AG_SET_SIMPLEX)
        c.radius = (random.below(4) == 0 ? 1 : sums(c, c.x).second) * any_fraction(random);
    if (kind == AG_SET_CAPPED_SIMPLEX) {
        double all = 0; // the sum of the caps that are finite
        if (random.below(3) == 0) {
            c.upper = static_cast<double>(static_cast<T>((scale + 1e-3) * random.uniform(0.1, 2)));
            all = c.upper * static_cast<double>(n);
        } else {
            const std::size_t style = random.below(4);
            c.upper_bounds = filled<T>(n, [&](std::size_t) {
                const double cap =
                    style == 0 ? scale * magnitude(random, -10, 3) : scale * random.uniform(0, 2);
                return style != 1 || random.below(4) != 0 ? cap : random.below(2) == 0 ? 0 : infinity;
            });
            for (const T cap : c.upper_bounds)
                all += std::isfinite(cap) ? static_cast<double>(cap) : 0;
        }
        c.radius = all * std::min(any_fraction(random), 0.999);
    }
    if (kind == AG_SET_BOX_SECTION) {
        // A point of the box, for a sum that its points can have.
        std::vector<T> low(n), high(n), point(n);
        const double way = random.uniform(0, 1);
        const bool free = random.below(2) == 0, constant = random.below(4) == 0;
        for (std::size_t j = 0; j < n; ++j) {
            double ends[2] = {(scale + 1e-3) * random.normal(), (scale + 1e-3) * random.normal()};
            std::sort(ends, ends + 2);
            if (constant && j > 0) {
                low[j] = low[0];
                high[j] = high[0];
            } else {
                low[j] = static_cast<T>(ends[0]);
                high[j] = static_cast<T>(ends[1]);
            }
            point[j] = low[j] + static_cast<T>(way) * (high[j] - low[j]);
            if (free && random.below(4) == 0 && !constant)
                low[j] = -std::numeric_limits<T>::infinity();
            if (free && random.below(4) == 0 && !constant)
                high[j] = std::numeric_limits<T>::infinity();
        }
        c.offset = sums(c, point).first;
        if (constant) {
            c.lower = static_cast<double>(low[0]);
            c.upper = static_cast<double>(high[0]);
        } else {
            c.lower_bounds = low;
            c.upper_bounds = high;
        }
    }
    if (kind == AG_SET_HALFSPACE || kind == AG_SET_HYPERPLANE || kind == AG_SET_SLAB) {
        const auto total = sums(c, c.x);
        c.offset = total.first + (random.below(2) == 0 ? -1 : 1) * total.second * any_fraction(random);
        c.lower_offset = c.offset - total.second * any_fraction(random);
    }
    return c;
}

TYPED_TEST(KnapsackProjection, RandomProblemsAreSolved) {
    using T = TypeParam;
    const EveryIsa isas;
    for (const ag_set_kind kind : kinds) {
        Random random(static_cast<std::uint64_t>(1000 + kind));
        for (std::size_t i = 0; i < std::max<std::size_t>(1, cases(30000) / isas.count()); ++i) {
            // The search starts from a sample where there are many elements.
            std::size_t n = 1 + random.below(1 + random.below(40));
            if (i % 20000 == 9999)
                n = 100000 + random.below(50000);
            else if (i % 1000 == 999)
                n = 1 + random.below(5000);
            const Problem<T> c = any_problem<T>(kind, n, random);
            const Outcome<T> found = isas.project(c);
            ASSERT_TRUE(is_projection(c, found)) << "case " << i;
            if (i % 8 == 0) {
                ASSERT_TRUE(is_near_reference(c, found)) << "case " << i;
            }
            if (i % 16 == 1) { // what is on the set already
                Problem<T> again = c;
                again.x = found.p;
                ASSERT_TRUE(is_projection(again, isas.project(again))) << "case " << i << ", again";
            }
            ASSERT_FALSE(this->HasFailure()) << "case " << i;
        }
    }
}

// Long enough for samples and lists. Ties are more than a list holds; in order, all of a list comes from one block; and
// sparse points have their sum in few places, of which a sample knows nothing.
TYPED_TEST(KnapsackProjection, LongVectorsAreSolved) {
    using T = TypeParam;
    const EveryIsa isas;
    for (const ag_set_kind kind : kinds) {
        Random random(static_cast<std::uint64_t>(2000 + kind));
        for (std::size_t i = 0; i < std::max<std::size_t>(4, cases(60) / isas.count()); ++i) {
            const std::size_t n = 8192 + random.below(i % 16 == 15 ? 400000 : 30000);
            Problem<T> c = any_problem<T>(kind, n, random);
            if (i % 4 == 1) {
                for (T& x : c.x)
                    x = c.x[random.below(3)];
            } else if (i % 4 == 2) {
                std::sort(c.x.begin(), c.x.end());
            } else if (i % 4 == 3) {
                for (std::size_t j = 0; j < n; ++j)
                    c.x[j] = j % 1000 == 7 ? c.x[j] : c.x[j] * static_cast<T>(0x1p-30);
            }
            if (i % 3 == 0)
                c.lambda = {};
            const Outcome<T> found = isas.project(c);
            ASSERT_TRUE(is_projection(c, found)) << "case " << i;
            ASSERT_FALSE(this->HasFailure()) << "case " << i;
        }
    }
}

// What two samples leave undecided is listed in one pass, whatever the order of the elements and however few are above the
// threshold; heavy tails, of which samples say less, take some more.
TYPED_TEST(KnapsackProjection, LongRandomVectorsTakeFewPasses) {
    using T = TypeParam;
    const std::size_t n = threaded_size;
    const EveryIsa isas;
    std::uint64_t seed = 0;
    const auto rise = [](T a, T b) { return std::fabs(a) < std::fabs(b); };
    const auto fall = [](T a, T b) { return std::fabs(a) > std::fabs(b); };
    enum class Order { none, rising, falling };
    for (const bool has_tails : {false, true})
        for (const Order order : {Order::none, Order::rising, Order::falling})
            for (const std::size_t support : {std::size_t(20), n / 100, n / 2}) {
                Problem<T> c = {seed % 2 == 0 ? AG_SET_L1_BALL : AG_SET_SIMPLEX, {}, {}, {}, {}, {}, {}};
                c.x = normal_values<T>(n, ++seed);
                if (has_tails)
                    for (T& x : c.x)
                        x = std::exp(2 * x);
                if (seed % 4 < 2)
                    c.lambda = absolute(normal_values<T>(n, 100 + seed));
                if (order != Order::none)
                    order == Order::rising ? std::sort(c.x.begin(), c.x.end(), rise)
                                           : std::sort(c.x.begin(), c.x.end(), fall);
                std::vector<T> sizes = c.x;
                std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(support),
                                 sizes.end(), fall);
                c.radius = 0;
                for (std::size_t j = 0; j < support; ++j)
                    c.radius += std::fabs(static_cast<double>(sizes[j])) -
                                std::fabs(static_cast<double>(sizes[support]));
                const Outcome<T> found = isas.project(c);
                const bool is_as_samples_say = !has_tails && order == Order::none;
                ASSERT_TRUE(is_projection(c, found)) << "case " << seed;
                ASSERT_LE(found.report.passes, is_as_samples_say ? 2 : 8) << "case " << seed;
                ASSERT_FALSE(this->HasFailure()) << "case " << seed;
            }
}

// In order, one run of the second sample stands for the largest elements of all.
TYPED_TEST(KnapsackProjection, LongVectorsInOrderTakeOnePass) {
    using T = TypeParam;
    if (is_slow())
        GTEST_SKIP() << "too long for an emulator";
    constexpr std::size_t n = 4 * 1024 * 1024;
    for (const bool rising : {false, true})
        for (const double radius : {0.02, 0.2}) {
            Problem<T> c = {AG_SET_L1_BALL, {}, {}, {}, {}, {}, {}};
            c.x = filled<T>(n, [&](std::size_t j) {
                const double share =
                    (static_cast<double>(rising ? n - 1 - j : j) + 0.5) / static_cast<double>(n);
                return std::sqrt(-2 * std::log(share)); // of the elements are larger
            });
            c.radius = radius * static_cast<double>(n);
            EXPECT_EQ(project(c).report.passes, 1) << "rising " << rising << ", radius " << radius;
        }
}

// The infinite element is in the first list, whose upper end times 1 / lambda is infinite too.
TYPED_TEST(KnapsackProjection, AnInfiniteElementOfALongVectorIsNotListed) {
    using T = TypeParam;
    const EveryIsa isas;
    for (const ag_set_kind kind : {AG_SET_L1_BALL, AG_SET_WEIGHTED_L1_BALL, AG_SET_SIMPLEX})
        for (const std::size_t n : {std::size_t(8192), threaded_size}) {
            Problem<T> c = {kind, {}, {}, {}, {}, {}, {}};
            for (std::size_t i = 0; i < n; ++i)
                c.x.push_back(std::pow(static_cast<T>(i * 7919 % n) / static_cast<T>(n), T(50)));
            c.lambda.assign(n, T(0.5));
            if (kind == AG_SET_WEIGHTED_L1_BALL)
                c.normal.assign(n, 1);
            for (const std::size_t at : {std::size_t(0), std::size_t(4321), n - 3}) {
                Problem<T> infinite = c;
                infinite.x[at] = std::numeric_limits<T>::infinity();
                const Outcome<T> found = isas.project(infinite);
                for (std::size_t i = 0; i < n; ++i)
                    ASSERT_TRUE(i == at ? std::isnan(found.p[i]) : found.p[i] == 0)
                        << "kind " << kind << ", n " << n << ", " << i;
            }
        }
}

// Terms that cancel: the sum says nothing of a sample's error.
TYPED_TEST(KnapsackProjection, LongSectionsThatCancelTakeFewPasses) {
    using T = TypeParam;
    const EveryIsa isas;
    for (const std::size_t n : {std::size_t(20000), threaded_size})
        for (const double offset : {0.0, -20.0}) {
            Problem<T> c = {AG_SET_BOX_SECTION, normal_values<T>(n, 1), {}, {}, {}, {}, {}};
            for (std::size_t i = 0; i < n; ++i)
                c.normal.push_back(i % 2 == 0 ? T(1) : T(-1));
            c.lower = 0;
            c.upper = 1;
            c.offset = offset;
            const Outcome<T> found = isas.project(c);
            ASSERT_TRUE(is_projection(c, found)) << "n " << n << ", offset " << offset;
            ASSERT_LE(found.report.passes, 3) << "n " << n << ", offset " << offset;
        }
}

// The sample looks as if the radius were far away, and sums in f32 come out above it by their rounding; it is the sum.
TEST(KnapsackSample, AnInsideThatTheSampleHidesIsSeen) {
    const std::size_t n = 8192;
    const float small = 0.75f + 6 * 0x1p-24f;
    Problem<float> c = {AG_SET_L1_BALL, {}, {}, {}, {}, {}, {}};
    for (std::size_t i = 0; i < n; ++i)
        c.x.push_back(i % 2048 < 128 || i / 16 % 2 == 1 ? 2.25f : small);
    c.radius = 0;
    for (const float x : c.x)
        c.radius += static_cast<double>(x); // exact
    const Outcome<float> found = EveryIsa().project(c);
    EXPECT_TRUE(is_unchanged(c, found));
    EXPECT_EQ(found.report.inside, 1);
    EXPECT_EQ(found.report.multiplier, 0);
}

// Coordinates that reach their bounds one after the other, each at a multiple of the multiplier that the one
// before needs: Newton's method alone would find them one by one.
TYPED_TEST(KnapsackProjection, StaircasesAreSolved) {
    using T = TypeParam;
    const EveryIsa isas;
    for (const ag_set_kind kind : kinds)
        for (const double base : {2.0, 10.0})
            for (const double power : {-2.0, -1.0, 0.0, 1.0})
                for (const std::size_t n : {std::size_t(1), std::size_t(2), std::size_t(7), std::size_t(30),
                                            std::size_t(base == 2 ? 100 : 30)})
                    for (const bool descending : {true, false})
                        for (const double radius : {1.5, 1e-3, 1e-9, 1e-20}) {
                            const auto stair = [&](std::size_t j) {
                                return std::pow(base, -static_cast<double>(descending ? j : n - 1 - j));
                            };
                            Problem<T> c = {kind, filled<T>(n, stair), {}, {}, {}, {}, {}};
                            if (power != 0)
                                c.lambda = filled<T>(n, [&](std::size_t j) {
                                    return std::clamp(std::pow(stair(j), power), 1e-30, 1e30);
                                });
                            if (has_normal(kind))
                                c.normal =
                                    filled<T>(n, [&](std::size_t j) { return std::fmax(stair(j), 1e-9); });
                            if (has_upper(kind))
                                c.upper_bounds = filled<T>(n, [&](std::size_t j) { return 2 * stair(j); });
                            c.lower = 0;
                            c.radius = c.offset = radius;
                            c.lower_offset = radius / 2;
                            const Outcome<T> found = isas.project(c);
                            ASSERT_TRUE(is_projection(c, found)) << "base " << base << ", power " << power;
                            ASSERT_TRUE(is_near_reference(c, found))
                                << "base " << base << ", power " << power;
                            ASSERT_FALSE(this->HasFailure());
                        }
}

// ---- Single points and sets ----------------------------------------------------------------------------

TYPED_TEST(KnapsackProjection, SmallProblemsByHand) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const auto expect = [](const Problem<T>& c, const std::vector<T>& p, double mu) {
            const Outcome<T> found = project(c);
            for (std::size_t j = 0; j < p.size(); ++j)
                EXPECT_NEAR(found.p[j], p[j], 16 * u<T>) << "kind " << c.kind << ", j " << j;
            EXPECT_NEAR(found.report.multiplier, mu, 16 * u<T>) << "kind " << c.kind;
            EXPECT_TRUE(is_projection(c, found));
            if (mu == 0) {
                EXPECT_TRUE(is_unchanged(c, found));
            }
        };
        const std::vector<T> x = {3, -1, T(0.5), 0};
        Problem<T> c = {AG_SET_L1_BALL, x, {}, {}, {}, {}, {}};
        c.radius = 1.5;
        expect(c, {T(1.5), 0, 0, 0}, 1.5);
        c.radius = 2.5;
        expect(c, {T(2.25), T(-0.25), 0, 0}, 0.75);
        c.lambda = {1, 2, 1, 1};
        expect(c, {2, T(-0.5), 0, 0}, 1);
        c.center = {1, 1, T(0.5), 0};
        c.radius = 2;
        c.lambda = {};
        expect(c, {2, 0, T(0.5), 0}, 1);

        c = {AG_SET_WEIGHTED_L1_BALL, x, {}, {}, {2, 1, 1, 1}, {}, {}};
        c.radius = 3.25;
        expect(c, {T(1.5), T(-0.25), 0, 0}, 0.75);

        c = {AG_SET_SIMPLEX, x, {}, {}, {}, {}, {}};
        expect(c, {1, 0, 0, 0}, 2);
        c.radius = 5;
        expect(c, {T(3.5), 0, 1, T(0.5)}, -0.5);
        c.kind = AG_SET_CAPPED_SIMPLEX;
        c.radius = 2;
        c.upper = 1;
        expect(c, {1, 0, T(0.75), T(0.25)}, -0.25);

        c = {AG_SET_BOX_SECTION, x, {}, {}, {1, -1, 2, 1}, {}, {}};
        c.lower = -1;
        c.upper = 1;
        expect(c, {1, T(-0.5), T(-0.5), T(-0.5)}, 0.5);

        c = {AG_SET_HALFSPACE, {3, -1, T(0.5), 4}, {}, {}, {1, -1, 2, 0}, {}, {}}; // the sum is 5
        c.offset = 2;
        expect(c, {T(2.5), T(-0.5), T(-0.5), 4}, 0.5);
        c.offset = 6;
        expect(c, c.x, 0);
        c.kind = AG_SET_HYPERPLANE;
        c.offset = 8;
        expect(c, {T(3.5), T(-1.5), T(1.5), 4}, -0.5);
        c.kind = AG_SET_SLAB;
        c.lower_offset = 8;
        c.offset = 9;
        expect(c, {T(3.5), T(-1.5), T(1.5), 4}, -0.5);
        c.lower_offset = 1;
        c.offset = 2;
        expect(c, {T(2.5), T(-0.5), T(-0.5), 4}, 0.5);
        c.lower_offset = 4;
        c.offset = 6;
        expect(c, c.x, 0);
    });
}

// Sums that are exact in any order, so that there is no doubt that x is on the set.
TYPED_TEST(KnapsackProjection, PointsOfTheSetStay) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_set_kind kind : kinds)
            for (const bool weighted : {false, true}) {
                Problem<T> c = {kind, {T(0.25), T(-0.0), T(0.5), 0, T(0.25)}, {}, {}, {}, {}, {}};
                if (weighted)
                    c.lambda = {1, 3, T(1e-20), 5, T(1e20)};
                c.lower = 0;
                c.upper = 0.5;
                c.offset = c.lower_offset = 1;
                Outcome<T> found = project(c);
                EXPECT_TRUE(same_bits(found.p, c.x)) << "kind " << kind;
                EXPECT_EQ(found.report.multiplier, 0) << "kind " << kind;
                EXPECT_EQ(found.report.inside, 1) << "kind " << kind;
                EXPECT_TRUE(is_projection(c, found));
                // Far inside, where there is an inside.
                c.radius = 1.5;
                c.offset = 2;
                c.lower_offset = -2;
                if (is_inequality(kind)) {
                    found = project(c);
                    EXPECT_TRUE(same_bits(found.p, c.x)) << "kind " << kind;
                    EXPECT_EQ(found.report.multiplier, 0) << "kind " << kind;
                    EXPECT_EQ(found.report.inside, 1) << "kind " << kind;
                }
            }
    });
}

TYPED_TEST(KnapsackProjection, RadiusZeroGivesTheCenter) {
    using T = TypeParam;
    const EveryIsa isas;
    Random random(31);
    for (const ag_set_kind kind : kinds)
        for (std::size_t i = 0; has_radius(kind) && i < cases(300); ++i) {
            Problem<T> c = any_problem<T>(kind, 1 + random.below(100), random);
            c.radius = 0;
            const Outcome<T> found = isas.project(c);
            ASSERT_TRUE(is_projection(c, found)) << "case " << i;
            for (std::size_t j = 0; j < c.x.size(); ++j)
                if (element(c.normal, j, 1) != 0) {
                    ASSERT_EQ(found.p[j], center(c, j)) << "kind " << kind << ", case " << i << ", j " << j;
                }
            ASSERT_FALSE(this->HasFailure());
        }
}

// Sums of bounds that are the right side but for rounding: the bounds are the projection.
TYPED_TEST(KnapsackProjection, SumsThatRoundingMissesAreAccepted) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t n : {1, 2, 3, 7, 10, 49, 100, 1000, 4099, 100003}) {
            Problem<T> c = {AG_SET_CAPPED_SIMPLEX, std::vector<T>(n), {}, {}, {}, {}, {}};
            c.upper_bounds = std::vector<T>(n, 1 / static_cast<T>(n));
            const double seen = Formulas<T>::seen(n, 1);
            const double caps = static_cast<double>(n) * static_cast<double>(c.upper_bounds[0]);
            for (const bool zeros : {true, false}) {
                if (!zeros)
                    c.x = normal_values<T>(n, n);
                const Outcome<T> found = project(c);
                Extended sum = 0;
                for (std::size_t j = 0; j < n; ++j) {
                    ASSERT_GE(found.p[j], 0) << "n " << n;
                    ASSERT_LE(found.p[j], c.upper_bounds[j]) << "n " << n;
                    sum += found.p[j];
                }
                if (zeros) {
                    ASSERT_LE(std::fabs(rounded(sum - 1)), 8 * u<T> + seen) << "n " << n;
                }
                if (caps < 1 - seen) {
                    ASSERT_TRUE(same_bits(found.p, c.upper_bounds)) << "n " << n;
                }
            }
        }
        // What is accepted and what is not.
        for (const ag_set_kind kind : {AG_SET_CAPPED_SIMPLEX, AG_SET_BOX_SECTION})
            for (const double beyond : {4.0, -4.0, 128.0, -128.0}) {
                Problem<T> c = {kind, normal_values<T>(40, 1), {}, {}, {}, {}, {}};
                c.lower = -1;
                c.upper = 1;
                c.radius = c.offset = (beyond < 0 ? -40 : 40) * (1 + std::fabs(beyond) * u<T>);
                if (c.radius < 0 && kind == AG_SET_CAPPED_SIMPLEX)
                    continue;
                const ag_set set = set_of(c);
                std::vector<T> p = c.x;
                if (std::fabs(beyond) < 8) {
                    ASSERT_EQ(Api<T>::project(40, p.data(), nullptr, &set), AG_OK) << ag_last_error();
                    EXPECT_EQ(p, std::vector<T>(40, beyond < 0 ? -1 : 1)) << "kind " << kind;
                } else {
                    ASSERT_EQ(Api<T>::project(40, p.data(), nullptr, &set), AG_ERROR_INVALID_VALUE);
                    EXPECT_TRUE(same_bits(p, c.x));
                }
            }
    });
}

TYPED_TEST(KnapsackProjection, EqualCoordinatesStayEqual) {
    using T = TypeParam;
    const EveryIsa isas;
    constexpr std::size_t classes = 6;
    Random random(41);
    for (const ag_set_kind kind : kinds)
        for (const std::size_t n : {7, 50, 1003, 5003}) {
            // What the first elements are, all after them are.
            Problem<T> c = any_problem<T>(kind, n, random);
            for (std::vector<T>* array :
                 {&c.x, &c.lambda, &c.center, &c.normal, &c.lower_bounds, &c.upper_bounds})
                for (std::size_t j = classes; j < array->size(); ++j)
                    (*array)[j] = (*array)[j - classes];
            c.normal = kind == AG_SET_WEIGHTED_L1_BALL ? std::vector<T>(n, T(0.75)) : std::vector<T>();
            if (has_upper(kind) && !c.upper_bounds.empty())
                c.radius = 0.5 * static_cast<double>(n) *
                           std::min(1.0, static_cast<double>(*std::min_element(c.upper_bounds.begin(),
                                                                               c.upper_bounds.end())));
            if (kind == AG_SET_BOX_SECTION) {
                c.lower_bounds = c.upper_bounds = {};
                c.lower = -0.5;
                c.upper = 0.75;
                c.offset = 0.1 * static_cast<double>(n);
            }
            const Outcome<T> found = isas.project(c);
            ASSERT_TRUE(is_projection(c, found));
            for (std::size_t j = classes; j < n; ++j)
                ASSERT_TRUE(same_bits(found.p[j], found.p[j - classes])) << "kind " << kind << ", j " << j;
            ASSERT_FALSE(this->HasFailure());
        }
}

// Without a normal, it is one of ones; without caps that matter, a capped simplex is a simplex.
TYPED_TEST(KnapsackProjection, KindsThatMeanTheSameAgree) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        Random random(43);
        for (const ag_set_kind kind : kinds) {
            Problem<T> c = any_problem<T>(kind, 200, random);
            c.normal = {};
            if (kind == AG_SET_BOX_SECTION) {
                c.lower_bounds = c.upper_bounds = {};
                c.lower = -infinity;
                c.upper = infinity;
            }
            if (is_ball(kind))
                c.radius = 0.3 * sums(c, c.x).second;
            Problem<T> same = c;
            same.normal = std::vector<T>(200, 1);
            if (kind == AG_SET_L1_BALL)
                same.kind = AG_SET_WEIGHTED_L1_BALL;
            if (kind == AG_SET_CAPPED_SIMPLEX) {
                c.kind = AG_SET_SIMPLEX;
                same.upper_bounds = {};
                same.upper = infinity;
            }
            const Outcome<T> found = project(c), other = project(same);
            EXPECT_TRUE(is_projection(same, other));
            EXPECT_TRUE(is_projection(same, found)) << "kind " << kind;
        }
    });
}

// By less than the search's tolerance.
TYPED_TEST(KnapsackProjection, APointJustOutsideIsProjected) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        Problem<T> c = {AG_SET_L1_BALL, {1, static_cast<T>(0x1p-30)}, {}, {}, {}, {}, {}};
        c.radius = 1;
        const Outcome<T> found = project(c);
        // The sum may be off by 4 u of what it adds up, about 1, which the two coordinates share.
        EXPECT_NEAR(found.report.multiplier, 0x1p-31, 2 * double_u);
        EXPECT_NEAR(found.p[1], 0x1p-31, 4 * double_u);
        EXPECT_NEAR(found.p[0], 1 - 0x1p-31, 4 * u<T>);
        EXPECT_EQ(found.report.inside, 0);
    });
}

// Any numbers of the type, so that products and sums leave double's range, or vanish.
TYPED_TEST(KnapsackProjection, WhateverTheRangesThereIsAResult) {
    using T = TypeParam;
    using Limits = std::numeric_limits<T>;
    const EveryIsa isas;
    for (const ag_set_kind kind : kinds) {
        Random random(static_cast<std::uint64_t>(2000 + kind));
        for (std::size_t i = 0; i < cases(6000); ++i) {
            const std::size_t n = 1 + random.below(20);
            const auto anywhere = [&] {
                const double middle = random.uniform(-1, 1), spread = random.uniform(0, 1);
                return filled<T>(n, [&](std::size_t) {
                    switch (random.below(12)) {
                    case 0:
                        return static_cast<double>(Limits::max());
                    case 1:
                        return static_cast<double>(Limits::denorm_min());
                    case 2:
                        return 0.0;
                    default:
                        const double place = std::clamp(middle + random.uniform(-spread, spread), -1.0, 1.0);
                        return std::ldexp(random.uniform(0.5, 0.99),
                                          static_cast<int>(place * Limits::max_exponent));
                    }
                });
            };
            const auto signed_anywhere = [&] {
                std::vector<T> values = anywhere();
                for (T& value : values)
                    value = random.below(2) == 0 ? -value : value;
                return values;
            };
            Problem<T> c = {kind, signed_anywhere(), {}, {}, {}, {}, {}};
            if (random.below(2) == 0) {
                c.lambda = anywhere();
                for (T& weight : c.lambda)
                    weight = weight == 0 ? 1 : weight;
            }
            if (is_ball(kind) && random.below(2) == 0) {
                c.center = signed_anywhere();
                for (std::size_t j = 0; j < n; ++j) { // differences stay finite
                    c.x[j] /= 2;
                    c.center[j] /= 2;
                }
            }
            if (has_normal(kind) && random.below(3) != 0) {
                c.normal = kind == AG_SET_WEIGHTED_L1_BALL ? anywhere() : signed_anywhere();
                c.normal[0] = 1;
            }
            if (has_upper(kind))
                c.upper_bounds = anywhere();
            if (has_lower(kind))
                c.lower_bounds = filled<T>(n, [values = anywhere()](std::size_t j) { return -values[j]; });
            // Sums of both signs have to stay finite: infinity less infinity is no number.
            if (has_normal(kind) && !is_ball(kind))
                for (std::vector<T>* values : {&c.x, &c.lower_bounds, &c.upper_bounds})
                    for (T& value : *values)
                        value /= 32;
            const double some = static_cast<double>(anywhere()[0]) * random.uniform(0, 1);
            // One cap is enough.
            c.radius = has_upper(kind) ? static_cast<double>(c.upper_bounds[0]) * random.uniform(0, 1) : some;
            c.offset = has_upper(kind) ? c.radius : random.below(2) == 0 ? -some : some;
            c.lower_offset = random.below(2) == 0 ? c.offset : -std::fabs(c.offset);

            const Outcome<T> found = isas.project(c);
            ASSERT_GE(found.report.passes, 0);
            ASSERT_LE(found.report.passes, 200) << "kind " << kind << ", case " << i;
            const Knapsack items = knapsack(c);
            bool finite = true;
            for (std::size_t j = 0; j < n; ++j) {
                const T p = found.p[j];
                ASSERT_FALSE(std::isnan(p)) << "kind " << kind << ", case " << i << ", j " << j;
                if (!is_ball(kind)) {
                    ASSERT_TRUE(p >= items[j].lower && p <= items[j].upper)
                        << "kind " << kind << ", case " << i << ", j " << j;
                }
                finite = finite && std::isfinite(p);
            }
            // What floats give is far from the ends of double.
            if (sizeof(T) == sizeof(float) && finite) {
                ASSERT_TRUE(is_projection(c, found)) << "case " << i;
            }
            ASSERT_FALSE(this->HasFailure()) << "case " << i;
        }
    }
}

// ---- NaN and infinities --------------------------------------------------------------------------------

// A problem of this kind that moves about half of the coordinates, with all of its arrays.
template <class T>
Problem<T> usual_problem(ag_set_kind kind, std::size_t n) {
    Random random(7);
    const auto uniform = [&](double low, double high) {
        return filled<T>(n, [&](std::size_t) { return random.uniform(low, high); });
    };
    Problem<T> c = {kind, normal_values<T>(n, 1), uniform(0.1, 10), {}, {}, {}, {}};
    if (is_ball(kind))
        c.center = normal_values<T>(n, 3, 0.3);
    if (has_normal(kind))
        c.normal = uniform(0.25, 2);
    if (has_lower(kind))
        c.lower_bounds = uniform(-2, -0.5);
    if (has_upper(kind))
        c.upper_bounds = uniform(0.5, 2);
    const double size = static_cast<double>(n);
    c.radius = 0.2 * size;
    c.offset = -0.1 * size;
    c.lower_offset = -0.2 * size;
    return c;
}

// Few elements, and so many that a sample is looked at first.
constexpr std::size_t few_and_many[] = {1, 5, 100, 20011};

TYPED_TEST(KnapsackProjection, ANaNAnywhereGivesNaNEverywhere) {
    using T = TypeParam;
    for (const ag_set_kind kind : kinds)
        for (const std::size_t n : few_and_many) {
            const Problem<T> usual = usual_problem<T>(kind, n);
            on_every_isa([&](ag_isa) {
                for (const std::size_t position : {std::size_t(0), n / 2, n - 1})
                    for (const bool weighted : {false, true})
                        for (const bool in_center : {false, true}) {
                            if (in_center && !is_ball(kind))
                                continue;
                            Problem<T> c = usual;
                            if (!weighted)
                                c.lambda = {};
                            if (n > 1 && !c.normal.empty())
                                c.normal[position] = 0; // even there
                            (in_center ? c.center : c.x)[position] = static_cast<T>(nan);
                            const Outcome<T> found = project(c);
                            for (std::size_t j = 0; j < n; ++j)
                                ASSERT_TRUE(std::isnan(found.p[j])) << "kind " << kind << ", n " << n
                                                                    << ", NaN at " << position << ", j " << j;
                            ASSERT_LE(found.report.passes, 200);
                        }
            });
        }
}

TYPED_TEST(KnapsackProjection, AnInfiniteCoordinateTakesTheRadius) {
    using T = TypeParam;
    for (const ag_set_kind kind : {AG_SET_L1_BALL, AG_SET_WEIGHTED_L1_BALL, AG_SET_SIMPLEX})
        for (const std::size_t n : few_and_many) {
            const Problem<T> usual = usual_problem<T>(kind, n);
            on_every_isa([&](ag_isa) {
                for (const bool weighted : {false, true})
                    for (const double sign : {1.0, -1.0}) {
                        if (sign < 0 && !is_ball(kind))
                            continue;
                        Problem<T> c = usual;
                        if (!weighted)
                            c.lambda = {};
                        c.x[n / 2] = static_cast<T>(sign * infinity);
                        const Outcome<T> found = project(c);
                        for (std::size_t j = 0; j < n; ++j)
                            if (j == n / 2) {
                                ASSERT_TRUE(std::isnan(found.p[j])) << "kind " << kind << ", n " << n;
                            } else {
                                ASSERT_EQ(found.p[j], center(c, j)) << "kind " << kind << ", j " << j;
                            }
                        ASSERT_LE(found.report.passes, 200);
                    }
            });
        }
}

// ---- Steps, memory and threads -------------------------------------------------------------------------

// A projected step and what it has to equal: the step, then the projection in the step's own norm.
template <class T>
struct StepCase {
    Problem<T> c; // x = w, weights unused
    std::vector<T> g, v;
    ag_adagrad_options options = adagrad_options();

    StepCase(ag_set_kind kind, std::size_t n, ag_epsilon_mode mode)
        : c(usual_problem<T>(kind, n)), g(normal_values<T>(n, 12)), v(absolute(normal_values<T>(n, 13))) {
        c.lambda = {};
        options.epsilon_mode = mode;
        options.learning_rate = 0.3;
        options.epsilon = 1e-3;
        options.weight_decay = 0.01;
    }

    // v becomes the step's.
    Problem<T> after_step(std::vector<T>& new_v) const {
        Problem<T> stepped = c;
        new_v = v;
        reference::adagrad_step(stepped.x, g, new_v, options);
        stepped.lambda =
            filled<T>(v.size(), [&](std::size_t j) { return reference::lambda(new_v[j], options); });
        return stepped;
    }

    Outcome<T> run(std::vector<T>& new_v) const {
        Outcome<T> found = {c.x, unwritten};
        new_v = v;
        ag_set set = set_of(c);
        set.report = &found.report;
        EXPECT_EQ(Api<T>::adagrad_step_projected(c.x.size(), found.p.data(), g.data(), new_v.data(), &options,
                                                 &set),
                  AG_OK)
            << ag_last_error();
        return found;
    }
};

// Arrays that end at an inaccessible page: nothing beyond them is read or written, wherever they start.
TYPED_TEST(KnapsackProjection, StepsEqualStepsThenProjectionsAndStayInTheirArrays) {
    using T = TypeParam;
    for (const ag_set_kind kind : kinds)
        for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE})
            for (const std::size_t n : sizes<T>()) {
                const StepCase<T> step(kind, n, mode);
                std::vector<T> v;
                const Problem<T> stepped = step.after_step(v);
                const Outcome<T> expected = EveryIsa().project(stepped);
                ASSERT_TRUE(is_projection(stepped, expected));
                // Each size with each gap, by turns.
                const std::size_t gap = gaps[(n + static_cast<std::size_t>(mode)) % 3];
                on_every_isa([&](ag_isa) {
                    GuardedArray<T> w_array(step.c.x, gap), g_array(step.g, 2 * gap),
                        v_array(step.v, 3 * gap);
                    ag_projection_report report = unwritten;
                    ag_set set = set_of(step.c);
                    set.report = &report;
                    const GuardedSet<T> guarded(set, n, gap);
                    ASSERT_EQ(Api<T>::adagrad_step_projected(n, w_array.data(), g_array.data(),
                                                             v_array.data(), &step.options, guarded.get()),
                              AG_OK)
                        << ag_last_error();
                    ASSERT_TRUE(same_bits(w_array.values(), expected.p)) << "kind " << kind << ", n " << n;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "kind " << kind << ", n " << n;
                    ASSERT_TRUE(same_bits(report.multiplier, expected.report.multiplier)) << "kind " << kind;
                    ASSERT_EQ(report.inside, expected.report.inside) << "kind " << kind << ", n " << n;
                    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact() && guarded.intact());

                    // The projection alone, and without a report.
                    GuardedArray<T> x_array(stepped.x, gap), lambda_array(stepped.lambda, 2 * gap);
                    ag_set silent = *guarded.get();
                    silent.report = nullptr;
                    ASSERT_EQ(Api<T>::project(n, x_array.data(), lambda_array.data(), &silent), AG_OK);
                    ASSERT_TRUE(same_bits(x_array.values(), expected.p)) << "kind " << kind << ", n " << n;
                    ASSERT_TRUE(x_array.intact() && lambda_array.intact() && guarded.intact());

                    Problem<T> euclidean = stepped;
                    euclidean.lambda = {};
                    GuardedArray<T> y_array(stepped.x, 3 * gap);
                    ASSERT_EQ(Api<T>::project(n, y_array.data(), nullptr, &silent), AG_OK);
                    ASSERT_TRUE(same_bits(y_array.values(), project(euclidean).p)) << "kind " << kind;
                    ASSERT_TRUE(y_array.intact() && guarded.intact());
                });
                ASSERT_FALSE(this->HasFailure());
            }
}

TYPED_TEST(KnapsackProjection, ThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    for (const ag_set_kind kind : kinds)
        for (const std::size_t n : {std::size_t(5000), std::size_t(20000), threaded_size}) {
            const StepCase<T> step(kind, n, n == 20000 ? AG_EPSILON_OUTSIDE : AG_EPSILON_IN_STATE);
            std::vector<T> v;
            std::vector<Problem<T>> problems = {step.after_step(v)};
            if (n != threaded_size) {
                problems.push_back(problems[0]);
                problems[1].lambda = {};
            }
            std::vector<Outcome<T>> expected;
            for (const Problem<T>& c : problems)
                expected.push_back(project(c));
            // From 8192 elements on a step's search knows more.
            Outcome<T> of_step;
            on_every_isa_and_thread_count([&] {
                // Of the largest size the step alone, which does as much.
                for (std::size_t i = 0; i < problems.size() && n != threaded_size; ++i) {
                    const Outcome<T> found = project(problems[i]);
                    ASSERT_TRUE(same_bits(found.p, expected[i].p)) << "kind " << kind << ", n " << n;
                    ASSERT_TRUE(same_report(found.report, expected[i].report)) << "kind " << kind;
                }
                std::vector<T> v1;
                const Outcome<T> found = step.run(v1);
                if (of_step.p.empty())
                    of_step = found;
                ASSERT_TRUE(same_bits(found.p, of_step.p)) << "kind " << kind << ", n " << n;
                ASSERT_TRUE(same_report(found.report, of_step.report)) << "kind " << kind << ", n " << n;
                ASSERT_TRUE(same_bits(v1, v)) << "kind " << kind << ", n " << n;
            });
            if (n < 8192) {
                ASSERT_TRUE(same_bits(of_step.p, expected[0].p)) << "kind " << kind << ", n " << n;
            }
            ASSERT_TRUE(is_projection(problems[0], of_step));
            for (std::size_t i = 0; i < problems.size() && n != threaded_size; ++i)
                ASSERT_TRUE(is_projection(problems[i], expected[i]));
            ASSERT_FALSE(this->HasFailure());
        }
}

// As in the course of a training: from a point on the set, by little, and from one inside by less than to its bound.
TYPED_TEST(KnapsackProjection, LongStepsFromThePreviousProjection) {
    using T = TypeParam;
    for (const ag_set_kind kind : kinds)
        for (const double learning_rate : {1e-6, 1e-3, 1e-1})
            for (const std::size_t n : {std::size_t(8192), std::size_t(20011)}) {
                StepCase<T> step(kind, n, AG_EPSILON_OUTSIDE);
                step.c.x = project(step.c).p;
                step.options.learning_rate = learning_rate;
                std::vector<T> v, v1;
                const Problem<T> stepped = step.after_step(v);
                const Outcome<T> found = step.run(v1);
                ASSERT_TRUE(same_bits(v1, v));
                ASSERT_TRUE(is_projection(stepped, found)) << "kind " << kind << ", n " << n;
            }
}

// Of few elements other than 0 a sample says little.
TYPED_TEST(KnapsackProjection, LongStepsOfSparseVectorsTakeFewPasses) {
    using T = TypeParam;
    const std::size_t n = 100003;
    for (const std::size_t nonzeros : {1, 10, 100, 1000})
        for (const double learning_rate : {1e-6, 1e-3, 1e-1}) {
            StepCase<T> step(AG_SET_L1_BALL, n, AG_EPSILON_OUTSIDE);
            step.options.learning_rate = learning_rate;
            step.c.center = {};
            const std::vector<T> values = step.c.x;
            step.c.radius = 0;
            step.c.x.assign(n, 0);
            step.g.assign(n, 0);
            for (std::size_t i = 0; i < nonzeros; ++i) {
                const std::size_t at = (i * 7919 + 500) % n;
                step.c.x[at] = values[at];
                step.g[at] = -values[at]; // away from 0
                step.c.radius += std::fabs(static_cast<double>(values[at]));
            }
            std::vector<T> v, v1;
            const Problem<T> stepped = step.after_step(v);
            const Outcome<T> found = step.run(v1);
            ASSERT_TRUE(same_bits(v1, v));
            ASSERT_TRUE(is_projection(stepped, found)) << nonzeros << " nonzeros";
            ASSERT_LE(found.report.passes, 8) << nonzeros << " nonzeros, learning rate " << learning_rate;
        }
}

// The weights of long vectors are looked at in the first pass.
TYPED_TEST(KnapsackProjection, BadWeightsOfLongVectorsLeaveThemAsTheyWere) {
    using T = TypeParam;
    for (const ag_set_kind kind : kinds)
        for (const double bad : {0.0, -1.0, infinity, nan})
            for (const std::size_t at : {std::size_t(0), std::size_t(77777), threaded_size - 1}) {
                Problem<T> c = usual_problem<T>(kind, threaded_size);
                c.lambda = absolute(normal_values<T>(threaded_size, 13));
                c.lambda[at] = static_cast<T>(bad);
                std::vector<T> x = c.x;
                ag_projection_report report = unwritten;
                ag_set set = set_of(c);
                set.report = &report;
                ASSERT_EQ(Api<T>::project(x.size(), x.data(), c.lambda.data(), &set), AG_ERROR_INVALID_VALUE)
                    << "kind " << kind << ", " << bad << " at " << at;
                ASSERT_NE(std::string(ag_last_error()).find("lambda[" + std::to_string(at) + "]"),
                          std::string::npos);
                ASSERT_TRUE(same_bits(x, c.x));
                ASSERT_TRUE(same_report(report, unwritten));
            }
}

// One weight beyond those that passes in the element type invert as they are.
TYPED_TEST(KnapsackProjection, OneWeightOutOfRangeOfALongVector) {
    using T = TypeParam;
    constexpr std::size_t n = 20'013;
    const T least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
    on_every_isa([&](ag_isa) {
        for (const ag_set_kind kind : {AG_SET_L1_BALL, AG_SET_SIMPLEX})
            for (const T weight : {least / 2, least, 1 / least, most})
                for (const std::size_t at : {std::size_t(7), n - 1}) {
                    Problem<T> c = usual_problem<T>(kind, n);
                    c.lambda = absolute(normal_values<T>(n, 13));
                    c.lambda[at] = weight;
                    c.radius = 0.1 * n;
                    const Outcome<T> found = project(c);
                    ASSERT_TRUE(is_projection(c, found)) << "kind " << kind << ", " << weight << " at " << at;
                }
    });
}

// ---- Weights at the ends -------------------------------------------------------------------------------

// The sets of points >= 0 with a sum of total, or what such a set is with one more or fewer bounds.
template <class T>
Problem<T> total_problem(ag_set_kind kind, const std::vector<T>& x, double total) {
    Problem<T> c = {kind, x, {}, {}, {}, {}, {}};
    c.lower = 0;
    c.radius = c.offset = total;
    c.lower_offset = total - 1;
    return c;
}

// A step without a gradient, which moves nothing itself.
template <class T>
Outcome<T> projected_by_step(const Problem<T>& c, std::vector<T> v) {
    Outcome<T> found = {c.x, unwritten};
    ag_set set = set_of(c);
    set.report = &found.report;
    const std::vector<T> g(c.x.size());
    EXPECT_EQ(Api<T>::adagrad_step_projected(c.x.size(), found.p.data(), g.data(), v.data(), nullptr, &set),
              AG_OK)
        << ag_last_error();
    return found;
}

TYPED_TEST(KnapsackProjection, MasslessCoordinatesGiveWayFirst) {
    using T = TypeParam;
    const T least = std::numeric_limits<T>::min(); // what lambda counts as, at least
    on_every_isa([&](ag_isa) {
        for (const ag_set_kind kind : kinds) {
            const bool unbounded = has_offset(kind) && !has_lower(kind);
            // 6 too much, for the first and third.
            Problem<T> c = total_problem<T>(kind, {6, 3, 8, 4}, 15);
            Outcome<T> found = projected_by_step(c, {0, 1, 0, 4});
            EXPECT_NEAR(found.p[0], 3, 8 * 6 * u<T>) << "kind " << kind;
            EXPECT_EQ(found.p[1], 3) << "kind " << kind;
            EXPECT_NEAR(found.p[2], 5, 8 * 8 * u<T>) << "kind " << kind;
            EXPECT_EQ(found.p[3], 4) << "kind " << kind;
            c.lambda = {least, 1, least, 2};
            EXPECT_TRUE(same_bits(found.p, project(c).p)) << "kind " << kind;

            // 16 too much: 14 are there, unless they may be negative, and 2 come from the others.
            c = total_problem<T>(kind, {6, 3, 8, 4}, 5);
            found = projected_by_step(c, {0, 1, 0, 4});
            const std::vector<double> expected =
                unbounded ? std::vector<double>{-2, 3, 0, 4} : std::vector<double>{0, 5.0 / 3, 0, 10.0 / 3};
            for (std::size_t j = 0; j < 4; ++j)
                EXPECT_NEAR(found.p[j], expected[j], 8 * 8 * u<T>) << "kind " << kind << ", j " << j;
            c.lambda = {least, 1, least, 2};
            EXPECT_TRUE(same_bits(found.p, project(c).p)) << "kind " << kind;

            // So many that the sum of their 1 / lambda overflows.
            std::vector<T> x(22, 1), v(22);
            x[7] = 3;
            v[7] = 1;
            found = projected_by_step(total_problem<T>(kind, x, 13.5), v);
            for (std::size_t j = 0; j < x.size(); ++j)
                EXPECT_NEAR(found.p[j], j == 7 ? 3 : 0.5, j == 7 ? 0 : 8 * u<T>)
                    << "kind " << kind << ", j " << j;

            // None that has mass.
            found = projected_by_step(total_problem<T>(kind, x, 13), std::vector<T>(22));
            for (std::size_t j = 0; j < x.size(); ++j)
                EXPECT_NEAR(found.p[j], j == 7 ? 2.5 : 0.5, 24 * u<T>) << "kind " << kind << ", j " << j;
        }
    });
}

// An accumulator that overflows makes its own coordinate the last to move.
TYPED_TEST(KnapsackProjection, AnInfiniteWeightMovesLast) {
    using T = TypeParam;
    const T inf = std::numeric_limits<T>::infinity();
    const T most = std::ldexp(T(1), std::numeric_limits<T>::max_exponent - 2);
    on_every_isa([&](ag_isa) {
        for (const ag_set_kind kind : kinds) {
            Problem<T> c = total_problem<T>(kind, {3, 4, 8}, 12);
            Outcome<T> found = projected_by_step(c, {1, inf, 4});
            EXPECT_NEAR(found.p[0], 1, 8 * 3 * u<T>) << "kind " << kind;
            EXPECT_EQ(found.p[1], 4) << "kind " << kind;
            EXPECT_NEAR(found.p[2], 7, 8 * 8 * u<T>) << "kind " << kind;
            c.lambda = {1, most, 2};
            EXPECT_TRUE(same_bits(found.p, project(c).p)) << "kind " << kind;

            if (has_offset(kind) && !has_lower(kind))
                continue; // the others can give way without end
            c = total_problem<T>(kind, {3, 4, 8}, 2);
            found = projected_by_step(c, {1, inf, 4});
            EXPECT_EQ(found.p[0], 0) << "kind " << kind;
            EXPECT_NEAR(found.p[1], 2, 8 * 4 * u<T>) << "kind " << kind;
            EXPECT_EQ(found.p[2], 0) << "kind " << kind;
            c.lambda = {1, most, 2};
            EXPECT_TRUE(same_bits(found.p, project(c).p)) << "kind " << kind;
        }
    });
}

// ---- Arguments -----------------------------------------------------------------------------------------

TYPED_TEST(KnapsackProjection, NothingIsProjected) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_set_kind kind : kinds) {
            ag_projection_report report = unwritten;
            ag_set set = make_set(kind);
            set.report = &report;
            EXPECT_EQ(Api<T>::project(0, nullptr, nullptr, &set), AG_OK) << ag_last_error();
            EXPECT_EQ(report.multiplier, 0) << "kind " << kind;
            EXPECT_EQ(report.inside, 1) << "kind " << kind;
            report = unwritten;
            EXPECT_EQ(Api<T>::adagrad_step_projected(0, nullptr, nullptr, nullptr, nullptr, &set), AG_OK);
            EXPECT_EQ(report.multiplier, 0) << "kind " << kind;
            EXPECT_EQ(report.inside, 1) << "kind " << kind;
        }
    });
}

TYPED_TEST(KnapsackProjection, UnusedFieldsAreNotLookedAt) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_set_kind kind : kinds) {
            const Problem<T> c = usual_problem<T>(kind, 100);
            // NOLINTNEXTLINE(performance-no-int-to-ptr): an address that must not be read
            const void* const nowhere = reinterpret_cast<const void*>(alignof(double));
            ag_set set = set_of(c);
            if (!has_radius(kind))
                set.radius = nan;
            if (!is_ball(kind))
                set.center = nowhere;
            if (!has_normal(kind))
                set.normal = nowhere;
            if (!has_lower(kind))
                set.lower_bounds = nowhere;
            if (!has_upper(kind))
                set.upper_bounds = nowhere;
            set.lower = set.upper = nan; // usual problems have arrays
            if (!has_offset(kind))
                set.offset = nan;
            if (kind != AG_SET_SLAB)
                set.lower_offset = nan;
            std::vector<T> p = c.x;
            ASSERT_EQ(Api<T>::project(100, p.data(), c.lambda.data(), &set), AG_OK) << ag_last_error();
            EXPECT_TRUE(same_bits(p, project(c).p)) << "kind " << kind;
        }
    });
}

// What an older struct, without the last fields, lacks takes its default.
TYPED_TEST(KnapsackProjection, AnOlderStructTakesDefaults) {
    using T = TypeParam;
    const ag_set defaults = make_set(AG_SET_BOX);
    EXPECT_EQ(defaults.normal, nullptr);
    EXPECT_EQ(defaults.offset, 0);
    EXPECT_EQ(defaults.lower_offset, 0);
    EXPECT_EQ(defaults.report, nullptr);

    ag_projection_report report = unwritten;
    ag_set set = make_set(AG_SET_HYPERPLANE);
    set.struct_size = offsetof(ag_set, normal);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): an address that must not be read
    set.normal = reinterpret_cast<const void*>(alignof(double));
    set.offset = set.lower_offset = nan;
    set.report = &report;
    std::vector<T> x = {1, 2, 6};
    ASSERT_EQ(Api<T>::project(3, x.data(), nullptr, &set), AG_OK) << ag_last_error();
    EXPECT_EQ(x, (std::vector<T>{-2, -1, 3}));
    EXPECT_TRUE(same_report(report, unwritten));
}

TYPED_TEST(KnapsackProjection, OtherKindsReportToo) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_set_kind kind : {AG_SET_BOX, AG_SET_NONNEGATIVE, AG_SET_LINF_BALL, AG_SET_L2_BALL})
            for (const bool inside : {true, false})
                for (const bool weighted : {true, false}) {
                    Problem<T> c = {kind, {T(0.25), T(0.5), T(0.125)}, {}, {}, {}, {}, {}};
                    c.lower = 0;
                    c.upper = 1;
                    if (weighted)
                        c.lambda = {1, 2, 3};
                    if (!inside)
                        c.x[1] = kind == AG_SET_NONNEGATIVE ? -2 : 2;
                    const Outcome<T> found = project(c);
                    EXPECT_EQ(is_unchanged(c, found), inside) << "kind " << kind;
                    EXPECT_EQ(found.report.inside, inside ? 1 : 0) << "kind " << kind;
                    EXPECT_GE(found.report.passes, 0) << "kind " << kind;
                    if (kind != AG_SET_L2_BALL || inside) {
                        EXPECT_EQ(found.report.multiplier, 0) << "kind " << kind;
                    } else if (weighted) { // p = x lambda / (lambda + mu)
                        for (std::size_t j = 0; j < 3; ++j)
                            EXPECT_NEAR(found.p[j],
                                        c.x[j] * c.lambda[j] / (c.lambda[j] + found.report.multiplier),
                                        8 * 2 * u<T>);
                    }
                }
    });
}

// A call that has to fail. Everything that it may write is looked at afterwards.
template <class T>
struct Arguments {
    Problem<T> c;
    std::size_t n = c.x.size();
    std::vector<T> w = c.x, g = std::vector<T>(n, 1), v = std::vector<T>(n, 2);
    T *w_pointer = w.data(), *v_pointer = v.data();
    const T* g_pointer = g.data();
    ag_projection_report report = unwritten;
    ag_set set;
    const ag_set* set_pointer = &set;

    explicit Arguments(const Problem<T>& problem) : c(problem), set(set_of(c)) { set.report = &report; }
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;

    ag_status project() { return Api<T>::project(n, w_pointer, data_or_null(c.lambda), set_pointer); }
    // w, as an array that would be in order in the set.
    const T* filled_w(double value) {
        w.assign(w.size(), static_cast<T>(value));
        return w.data();
    }
    ag_status step() {
        return Api<T>::adagrad_step_projected(n, w_pointer, g_pointer, v_pointer, nullptr, set_pointer);
    }
};

template <class T>
struct BadCall {
    const char* culprit; // in the message
    ag_status status;
    std::function<void(Arguments<T>&)> spoil;
    bool of_step = true, of_projection = true;
};

template <class T>
std::vector<BadCall<T>> bad_calls(ag_set_kind kind) {
    using A = Arguments<T>;
    std::vector<BadCall<T>> calls;
    const auto add = [&](const char* culprit, ag_status status, std::function<void(A&)> spoil) {
        calls.push_back({culprit, status, std::move(spoil)});
    };
    const auto add_invalid = [&](const char* culprit, std::function<void(A&)> spoil) {
        add(culprit, AG_ERROR_INVALID_VALUE, std::move(spoil));
    };
    for (const std::int32_t bad : {-1, 100, 1000})
        add("kind", AG_ERROR_INVALID_ENUM, [=](A& a) { a.set.kind = bad; });
    for (const std::size_t bad : {std::size_t(0), std::size_t(1), sizeof(ag_set) + 8})
        add("struct_size", AG_ERROR_STRUCT_SIZE, [=](A& a) { a.set.struct_size = bad; });
    add("set is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.set_pointer = nullptr; });
    add("is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w_pointer = nullptr; });
    for (const double bad : {0.0, -1.0, nan, infinity}) {
        add_invalid("lambda[17]", [=](A& a) { a.c.lambda[17] = static_cast<T>(bad); });
        calls.back().of_step = false;
    }
    if (has_radius(kind))
        for (const double bad : {-1.0, -1e-300, nan, infinity, -infinity})
            add_invalid("radius", [=](A& a) { a.set.radius = bad; });
    if (has_offset(kind))
        for (const double bad : {nan, infinity, -infinity})
            add_invalid("offset", [=](A& a) { a.set.offset = bad; });
    if (kind == AG_SET_SLAB) {
        for (const double bad : {nan, infinity, -infinity})
            add_invalid("lower_offset", [=](A& a) { a.set.lower_offset = bad; });
        add_invalid("lower_offset",
                    [](A& a) { a.set.lower_offset = std::nextafter(a.set.offset, infinity); });
    }
    if (has_normal(kind)) {
        for (const std::size_t position : {0, 17, 39}) {
            static const char* const places[] = {"normal[0]", "normal[17]", "normal[39]"};
            for (const double bad : {nan, infinity, -infinity})
                add_invalid(places[position / 17], [=](A& a) { a.c.normal[position] = static_cast<T>(bad); });
            if (is_ball(kind)) {
                add_invalid(places[position / 17], [=](A& a) { a.c.normal[position] = -1; });
                add_invalid(places[position / 17],
                            [=](A& a) { a.c.normal[position] = -std::numeric_limits<T>::denorm_min(); });
            }
        }
        for (const double zero : {0.0, -0.0})
            add_invalid("normal", [=](A& a) { a.c.normal.assign(a.n, static_cast<T>(zero)); });
        add("normal", AG_ERROR_OVERLAP, [](A& a) { a.set.normal = a.filled_w(1); });
        add("normal", AG_ERROR_OVERLAP, [](A& a) { // by a part
            a.n = 30;
            a.set.normal = a.filled_w(1) + 10;
        });
        add("normal", AG_ERROR_OVERLAP, [](A& a) { a.set.normal = a.v.data(); });
        calls.back().of_projection = false;
    }
    if (is_ball(kind))
        add("center", AG_ERROR_OVERLAP, [](A& a) { a.set.center = a.w.data(); });
    if (has_upper(kind)) {
        add_invalid("[17]", [](A& a) { a.c.upper_bounds[17] = -3; });
        add_invalid("[17]", [](A& a) { a.c.upper_bounds[17] = static_cast<T>(nan); });
        add("upper_bounds", AG_ERROR_OVERLAP, [](A& a) { a.set.upper_bounds = a.filled_w(1); });
    }
    if (has_lower(kind)) {
        add_invalid("[17]", [](A& a) { a.c.lower_bounds[17] = 3; });
        add_invalid("[17]", [](A& a) { a.c.lower_bounds[17] = static_cast<T>(nan); });
        add("lower_bounds", AG_ERROR_OVERLAP, [](A& a) { a.set.lower_bounds = a.filled_w(-1); });
    }
    const auto by_numbers = [](A& a, double lower, double upper) {
        a.set.lower_bounds = a.set.upper_bounds = nullptr;
        a.set.lower = lower;
        a.set.upper = upper;
    };
    // Sums that no point of the box has.
    if (kind == AG_SET_CAPPED_SIMPLEX) {
        add_invalid("", [](A& a) { a.set.radius = 1000; });
        add_invalid("", [](A& a) { a.c.upper_bounds.assign(a.n, T(0.19)); });
        add_invalid("", [=](A& a) { by_numbers(a, 0, 0.19); });
        add_invalid("", [=](A& a) { by_numbers(a, 0, 0); });
        for (const double bad : {-1.0, nan})
            add_invalid("upper", [=](A& a) { by_numbers(a, 0, bad); });
    }
    if (kind == AG_SET_BOX_SECTION) {
        for (const double bad : {1000.0, -1000.0}) {
            add_invalid("", [=](A& a) { a.set.offset = bad; });
            add_invalid("", [=](A& a) {
                a.c.normal[3] = -a.c.normal[3];
                a.set.offset = bad;
            });
        }
        add_invalid("", [=](A& a) { by_numbers(a, 0, 1); }); // the offset is negative
        add_invalid("", [=](A& a) {
            a.set.normal = nullptr;
            by_numbers(a, -0.09, 1);
        });
        add_invalid("lower", [=](A& a) { by_numbers(a, 1, -1); });
        add_invalid("lower", [=](A& a) { by_numbers(a, nan, 1); });
        add_invalid("upper", [=](A& a) { by_numbers(a, -1, nan); });
    }
    return calls;
}

TYPED_TEST(KnapsackProjection, BadCallsChangeNothing) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_set_kind kind : kinds) {
            const Problem<T> usual = usual_problem<T>(kind, 40);
            std::size_t number = 0;
            for (const BadCall<T>& bad : bad_calls<T>(kind)) {
                for (const bool step : {true, false}) {
                    if (!(step ? bad.of_step : bad.of_projection))
                        continue;
                    Arguments<T> a(usual);
                    bad.spoil(a);
                    const std::vector<T> w = a.w, v = a.v;
                    EXPECT_EQ(step ? a.step() : a.project(), bad.status)
                        << "kind " << kind << ", case " << number << ", " << bad.culprit << ": "
                        << ag_last_error();
                    EXPECT_NE(std::string(ag_last_error()).find(bad.culprit), std::string::npos)
                        << "\"" << ag_last_error() << "\" lacks \"" << bad.culprit << "\"";
                    EXPECT_TRUE(same_bits(a.w, w) && same_bits(a.v, v)) << bad.culprit;
                    EXPECT_TRUE(same_report(a.report, unwritten)) << bad.culprit;
                }
                ++number;
            }
        }
    });
}

// Searches look at packs, and at the last elements one by one.
TYPED_TEST(KnapsackProjection, ABadNormalIsFoundAtEveryPosition) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const ag_set_kind kind : {AG_SET_WEIGHTED_L1_BALL, AG_SET_HYPERPLANE})
            for (const double bad : {nan, infinity, -1.0}) {
                if (bad == -1 && !is_ball(kind))
                    continue;
                Arguments<T> a(usual_problem<T>(kind, 300));
                for (std::size_t position = 0; position < a.n; ++position) {
                    const T good = a.c.normal[position];
                    a.c.normal[position] = static_cast<T>(bad);
                    ASSERT_EQ(a.project(), AG_ERROR_INVALID_VALUE) << "kind " << kind << " at " << position;
                    a.c.normal[position] = good;
                    const std::string place = "normal[" + std::to_string(position) + "]";
                    ASSERT_NE(std::string(ag_last_error()).find(place), std::string::npos)
                        << "\"" << ag_last_error() << "\" lacks " << place;
                }
            }
    });
}

} // namespace
