// SPDX-License-Identifier: BSD-3-Clause
//
// Constraint sets: an ag_set, checked and turned into what kernels take.
#pragma once

#include "src/checks.hpp"
#include "src/group_ball.hpp"
#include "src/knapsack.hpp"
#include "src/parts.hpp"
#include "src/workspace.hpp"

#include <limits>
#include <optional>

namespace anisograd {

// A pack of one number, for an Operand.
template <class T>
struct alignas(64) Constant {
    T element[64 / sizeof(T)];

    Constant() = default;
    explicit constexpr Constant(double x) {
        std::fill(std::begin(element), std::end(element), static_cast<T>(x));
    }
    Operand<T> operand() const { return {element, 0}; }
};

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
    void* memory; // in which the projection works

    bool clips() const { return kind <= AG_SET_LINF_BALL; }
};

// The bytes that a projection of n elements of T works in.
template <class T>
std::size_t workspace_bytes(ag_set_kind kind, std::size_t n);

// The cut of a vector whose shards consist of whole blocks: of a group ball, blocks of whole groups.
BlockPlan plan_shards(Checks& checks, std::size_t total, const ag_set& set);

// Refers to itself, so that it stays where it is.
template <class T>
class Set {
public:
    // Checks what is to be known of a shard by itself, but overlaps; not the level where that is given apart. The set has
    // so many reports.
    Set(Checks& checks, const Kernels<T>& kernels, const ag_set* given, std::size_t n,
        bool level_apart = false, std::size_t reports = 1);
    // Then all else, together with the other shards, whose calls must have the same fingerprint: to be called whatever was
    // found so far. lambda: replaced where the shard is empty, and so does not know whether the others have weights.
    void complete(Checks& checks, Fingerprint call, const T*& lambda) {
        if (shard_.is_sharded())
            agree(checks, call, lambda);
        if (kind_ >= AG_SET_L1_BALL && kind_ <= AG_SET_SLAB && !checks.failed())
            complete_linear(checks);
    }
    Set(const Set&) = delete;
    Set& operator=(const Set&) = delete;

    ag_set_kind kind() const { return kind_; }
    // Projections that clip each coordinate by itself.
    bool clips() const { return kind_ <= AG_SET_LINF_BALL; }
    const Bounds<T>& bounds() const { return bounds_; }
    bool is_l2_ball() const { return kind_ == AG_SET_L2_BALL; }
    Ball<T> l2_ball() const { return {bounds_.center, 1.0}; }

    SetAtLevel<T> at_level() const { return {kind_, level_, bounds_, problem_, groups_, memory()}; }
    SetAtLevel<T> at_level(double level) const {
        SetAtLevel<T> result = {kind_, level, bounds_, problem_, groups_, memory()};
        if (kind_ == AG_SET_LINF_BALL) {
            result.bounds.upper = static_cast<T>(level);
            result.bounds.lower = -result.bounds.upper;
        }
        result.knapsack.offset = problem_.knapsack.normal_scale * level;
        return result;
    }

    double lower_offset() const { return lower_offset_; }
    const Shard& shard() const { return shard_; }
    bool is_bounded_knapsack() const {
        return kind_ >= AG_SET_L1_BALL && kind_ <= AG_SET_SLAB && problem_.has_bounds;
    }
    // Whether its projections read all weights in a pass over the blocks before they write.
    bool may_defer_checks() const {
        return !shard_.is_sharded() && !shard_.is_one_block() && !clips() && kind_ != AG_SET_GROUP_L1_BALL;
    }
    // Whether any shard wants to know what was found.
    bool is_reported() const { return reported_; }

    // What else the caller handed over, for overlaps.
    static constexpr std::size_t array_count = 6;
    const Array (&arrays() const)[array_count] { return arrays_; }
    ag_projection_report* report() const { return report_; }

private:
    void check_level(Checks& checks, const ag_set& set);
    void check_bounds(Checks& checks, const ag_set& set);
    void check_linear(Checks& checks, const ag_set& set);
    void check_groups(Checks& checks, const ag_set& set);
    void check_reducer(Checks& checks, const ag_set& set);
    void take_workspace(Checks& checks, const ag_set& set);
    void* memory() const { return workspace_ ? workspace_->template aligned<void>() : nullptr; }
    void agree(Checks& checks, Fingerprint call, const T*& lambda);
    void complete_linear(Checks& checks);

    const Kernels<T>& kernels_;
    std::size_t n_;
    ag_set_kind kind_ = AG_SET_BOX;
    bool level_apart_;
    double level_ = 0, lower_offset_ = 0;
    Bounds<T> bounds_ = {-std::numeric_limits<T>::infinity(), std::numeric_limits<T>::infinity(), nullptr,
                         nullptr, nullptr};
    KnapsackProblem<T> problem_;
    const T* normal_ = nullptr;
    Groups groups_ = {0, 0, 1, nullptr};
    Shard shard_;
    Fingerprint options_; // what all shards must have alike
    bool reported_ = false;
    static constexpr Constant<T> zero_{0}, one_{1};
    Constant<T> lower_, upper_;
    Array arrays_[array_count];
    ag_projection_report* report_ = nullptr;
    std::optional<Workspace> workspace_;
};

} // namespace anisograd
