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
template <class T>
class Set {
public:
    // Checks everything about the set but overlaps.
    Set(Checks& checks, const Kernels<T>& kernels, const ag_set* given, std::size_t n);
    Set(const Set&) = delete;
    Set& operator=(const Set&) = delete;

    // Projections that clip each coordinate by itself.
    bool clips() const { return kind_ <= AG_SET_LINF_BALL; }
    const Bounds<T>& bounds() const { return bounds_; }

    bool is_l2_ball() const { return kind_ == AG_SET_L2_BALL; }
    Ball<T> l2_ball() const { return {bounds_.center, 1.0}; }
    double radius() const { return radius_; }

    bool is_cone() const { return kind_ == AG_SET_SECOND_ORDER_CONE; }
    bool is_group_ball() const { return kind_ == AG_SET_GROUP_L1_BALL; }
    const Groups& groups() const { return groups_; }

    const KnapsackProblem<T>& knapsack() const { return problem_; }

    // What else the caller handed over, for overlaps.
    static constexpr std::size_t array_count = 5;
    const Array (&arrays() const)[array_count] { return arrays_; }
    ag_projection_report* report() const { return report_; }

private:
    void check_bounds(Checks& checks, const ag_set& set);
    void check_linear(Checks& checks, const ag_set& set);
    void check_groups(Checks& checks, const ag_set& set);

    const Kernels<T>& kernels_;
    std::size_t n_;
    ag_set_kind kind_ = AG_SET_BOX;
    double radius_ = 0;
    Bounds<T> bounds_;
    KnapsackProblem<T> problem_;
    Groups groups_ = {0, 0, 1, nullptr};
    Constant<T> zero_{0}, one_{1}, lower_, upper_;
    Array arrays_[array_count];
    ag_projection_report* report_ = nullptr;
};

} // namespace anisograd
