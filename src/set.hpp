// SPDX-License-Identifier: BSD-3-Clause
//
// Constraint sets: an ag_set, checked and turned into what kernels take.
#pragma once

#include "src/checks.hpp"
#include "src/group_ball.hpp"
#include "src/knapsack.hpp"
#include "src/parts.hpp"

namespace anisograd {

// A pack of one number, for an Operand.
template <class T>
struct alignas(64) Constant {
    T element[64 / sizeof(T)];

    Constant() = default;
    explicit Constant(double x) { std::fill(std::begin(element), std::end(element), static_cast<T>(x)); }
    Operand<T> operand() const { return {element, 0}; }
};

// Refers to itself, so that it stays where it is.
// The radius of a ball or simplex, or the offset of another linear constraint: what can differ from row to row.
enum class Level { none, radius, offset };
inline Level level_of(ag_set_kind kind) {
    return kind == AG_SET_BOX || kind == AG_SET_NONNEGATIVE || kind == AG_SET_SECOND_ORDER_CONE ? Level::none
           : kind >= AG_SET_BOX_SECTION && kind <= AG_SET_SLAB ? Level::offset
                                                               : Level::radius;
}

// What a projection has to know of a set, of which it refers to the arrays.
template <class T>
struct SetAtLevel {
    ag_set_kind kind;
    double level;
    Bounds<T> bounds;
    KnapsackProblem<T> knapsack;
    Groups groups;

    bool clips() const { return kind <= AG_SET_LINF_BALL; }
};

template <class T>
class Set {
public:
    // Checks everything about the set but overlaps; not its level where that is given apart. It has so many reports.
    Set(Checks& checks, const Kernels<T>& kernels, const ag_set* given, std::size_t n,
        bool level_apart = false, std::size_t reports = 1);
    Set(const Set&) = delete;
    Set& operator=(const Set&) = delete;

    ag_set_kind kind() const { return kind_; }
    // Projections that clip each coordinate by itself.
    bool clips() const { return kind_ <= AG_SET_LINF_BALL; }
    const Bounds<T>& bounds() const { return bounds_; }
    bool is_l2_ball() const { return kind_ == AG_SET_L2_BALL; }
    Ball<T> l2_ball() const { return {bounds_.center, 1.0}; }

    SetAtLevel<T> at_level() const { return {kind_, level_, bounds_, problem_, groups_}; }
    SetAtLevel<T> at_level(double level) const {
        SetAtLevel<T> result = {kind_, level, bounds_, problem_, groups_};
        if (kind_ == AG_SET_LINF_BALL) {
            result.bounds.upper = static_cast<T>(level);
            result.bounds.lower = -result.bounds.upper;
        }
        result.knapsack.offset = problem_.knapsack.normal_scale * level;
        return result;
    }

    double lower_offset() const { return lower_offset_; }

    // What else the caller handed over, for overlaps.
    static constexpr std::size_t array_count = 5;
    const Array (&arrays() const)[array_count] { return arrays_; }
    ag_projection_report* report() const { return report_; }

private:
    void check_level(Checks& checks, const ag_set& set);
    void check_bounds(Checks& checks, const ag_set& set);
    void check_linear(Checks& checks, const ag_set& set);
    void check_groups(Checks& checks, const ag_set& set);

    const Kernels<T>& kernels_;
    std::size_t n_;
    ag_set_kind kind_ = AG_SET_BOX;
    bool level_apart_;
    double level_ = 0, lower_offset_ = 0;
    Bounds<T> bounds_;
    KnapsackProblem<T> problem_;
    Groups groups_ = {0, 0, 1, nullptr};
    Constant<T> zero_{0}, one_{1}, lower_, upper_;
    Array arrays_[array_count];
    ag_projection_report* report_ = nullptr;
};

} // namespace anisograd
