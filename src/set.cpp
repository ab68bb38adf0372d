// SPDX-License-Identifier: BSD-3-Clause
#include "src/set.hpp"

namespace anisograd {

namespace {

template <class T>
Operand<T> operand(const T* array, const Constant<T>& otherwise) {
    return array != nullptr ? Operand<T>{array, 1} : otherwise.operand();
}

Groups equal_groups(Checks& checks, std::size_t total, const ag_set& set) {
    const std::size_t length = set.group_length;
    if (length == 0) {
        checks.fail(AG_ERROR_INVALID_VALUE, "set->group_length = 0, and set->group_offsets is NULL");
        return {0, 0, 1, nullptr};
    }
    return {total, total / length + (total % length != 0), length, nullptr};
}

} // namespace

template <class T>
std::size_t workspace_bytes(ag_set_kind kind, std::size_t n) {
    const auto aligned = [](std::size_t bytes) { return bytes == 0 ? 0 : bytes + Workspace::alignment - 1; };
    const auto bytes_for = [&](std::size_t arrays) {
        return aligned(knapsack_memory(n, arrays) * sizeof(T));
    };
    switch (kind) {
    case AG_SET_SIMPLEX:
        return bytes_for(2);
    case AG_SET_L1_BALL: // with a center
    case AG_SET_CAPPED_SIMPLEX:
        return bytes_for(3);
    case AG_SET_WEIGHTED_L1_BALL:
        return bytes_for(4);
    case AG_SET_BOX_SECTION:
        return bytes_for(5);
    case AG_SET_GROUP_L1_BALL:
        return aligned(group_ball_memory(n) * sizeof(double));
    default:
        return 0;
    }
}

BlockPlan plan_shards(Checks& checks, std::size_t total, const ag_set& set) {
    if (set.kind != AG_SET_GROUP_L1_BALL)
        return plan_elements(total);
    if (set.group_offsets != nullptr)
        checks.fail(AG_ERROR_INVALID_VALUE, "set->group_offsets are for vectors that are not sharded");
    const Groups groups = equal_groups(checks, total, set);
    const BlockPlan plan = plan_groups(groups);
    std::size_t length = 0;
    if (__builtin_mul_overflow(plan.block_length, groups.length, &length))
        length = std::max<std::size_t>(total, 1);
    return {total, length, plan.block_count};
}

template <class T>
Set<T>::Set(Checks& checks, const Kernels<T>& kernels, const ag_set* given, std::size_t n, bool level_apart,
            std::size_t reports)
    : kernels_(kernels), n_(n), level_apart_(level_apart), shard_(n) {
    std::fill(std::begin(arrays_), std::end(arrays_), Array{"", nullptr, 0, Access::read});
    checks.not_null("set", given);
    const ag_set set = checks.options("set", given, ag_set_init);
    checks.one_of("set->kind", set.kind, AG_SET_BOX, AG_SET_GROUP_L1_BALL);
    check_reducer(checks, set);
    report_ = set.report;
    reported_ = report_ != nullptr;
    arrays_[0] = checks.optional_array("set->report", report_, reports, Access::write);
    if (checks.failed())
        return;

    kind_ = set.kind;
    switch (kind_) {
    case AG_SET_BOX:
    case AG_SET_CAPPED_SIMPLEX:
    case AG_SET_BOX_SECTION:
        check_bounds(checks, set);
        break;
    case AG_SET_NONNEGATIVE:
        bounds_.lower = 0;
        break;
    case AG_SET_LINF_BALL:
    case AG_SET_L2_BALL:
    case AG_SET_L1_BALL:
    case AG_SET_WEIGHTED_L1_BALL:
    case AG_SET_GROUP_L1_BALL:
        check_level(checks, set);
        bounds_.center = static_cast<const T*>(set.center);
        arrays_[1] = checks.optional_array("set->center", bounds_.center, n);
        break;
    default:
        break;
    }
    if (!checks.failed() && kind_ == AG_SET_LINF_BALL) {
        bounds_.upper = static_cast<T>(level_);
        bounds_.lower = -bounds_.upper;
        if (bounds_.center != nullptr)
            checks.element("set->center", bounds_.center, n,
                           find_first(n,
                                      [&](std::size_t begin, std::size_t length) {
                                          return kernels.scan.first_bad_bounds(length, part(bounds_, begin));
                                      }),
                           AG_ERROR_INVALID_VALUE, "is not a number");
    }
    if (!checks.failed() && kind_ == AG_SET_GROUP_L1_BALL)
        check_groups(checks, set);
    if (!checks.failed() && kind_ >= AG_SET_L1_BALL && kind_ <= AG_SET_SLAB)
        check_linear(checks, set);
    if (reports != 0) // there is something to project
        take_workspace(checks, set);
}

template <class T>
void Set<T>::take_workspace(Checks& checks, const ag_set& set) {
    const std::size_t bytes = workspace_bytes<T>(kind_, shard_.total());
    if (bytes == 0)
        return;
    arrays_[5] = checks.optional_array("set->workspace", static_cast<char*>(set.workspace),
                                       set.workspace_size, Access::write);
    workspace_.emplace(checks, "set", set.workspace, set.workspace_size, bytes, "what a search keeps of x");
}

template <class T>
void Set<T>::check_level(Checks& checks, const ag_set& set) {
    if (level_apart_)
        return;
    const bool is_radius = level_of(kind_) == Level::radius;
    level_ = is_radius ? set.radius : set.offset;
    if (is_radius)
        checks.not_negative<T>("set->radius", level_);
    else
        checks.finite<T>("set->offset", level_);
}

template <class T>
void Set<T>::check_bounds(Checks& checks, const ag_set& set) {
    const bool is_simplex = kind_ == AG_SET_CAPPED_SIMPLEX;
    Bounds<T>& b = bounds_;
    options_.add(set.lower).add(set.upper);
    if (is_simplex)
        b.lower = 0;
    else
        b.lower_bounds = static_cast<const T*>(set.lower_bounds);
    b.upper_bounds = static_cast<const T*>(set.upper_bounds);
    arrays_[1] = checks.optional_array("set->lower_bounds", b.lower_bounds, n_);
    arrays_[2] = checks.optional_array("set->upper_bounds", b.upper_bounds, n_);
    if (!is_simplex && b.lower_bounds == nullptr && set.lower != b.lower) {
        checks.finite<T>("set->lower", set.lower);
        b.lower = static_cast<T>(set.lower);
    }
    if (b.upper_bounds == nullptr && set.upper != b.upper) {
        checks.finite<T>("set->upper", set.upper);
        b.upper = static_cast<T>(set.upper);
    }
    if (checks.failed())
        return;
    if (b.lower_bounds == nullptr && b.upper_bounds == nullptr) {
        const double lower = is_simplex ? 0 : set.lower;
        if (lower > set.upper)
            checks.fail(AG_ERROR_INVALID_VALUE, "set->lower = %g is above set->upper = %g", lower, set.upper);
        return;
    }
    const std::size_t bad = find_first(n_, [&](std::size_t begin, std::size_t length) {
        return kernels_.scan.first_bad_bounds(length, part(b, begin));
    });
    if (bad == n_)
        return;
    // NaN, or on the wrong side of the other bound.
    const auto lower = static_cast<double>(b.lower_bounds != nullptr ? b.lower_bounds[bad] : b.lower);
    const auto upper = static_cast<double>(b.upper_bounds != nullptr ? b.upper_bounds[bad] : b.upper);
    if (b.upper_bounds == nullptr ||
        (b.lower_bounds != nullptr && !(lower <= std::numeric_limits<double>::infinity())))
        checks.fail(AG_ERROR_INVALID_VALUE, "set->lower_bounds[%zu] = %g is not at most the upper bound, %g",
                    bad, lower, upper);
    else
        checks.fail(AG_ERROR_INVALID_VALUE, "set->upper_bounds[%zu] = %g is not at least the lower bound, %g",
                    bad, upper, lower);
}

template <class T>
void Set<T>::check_linear(Checks& checks, const ag_set& set) {
    const bool is_weighted_ball = kind_ == AG_SET_WEIGHTED_L1_BALL;
    const bool is_ball = kind_ <= AG_SET_WEIGHTED_L1_BALL;
    const bool has_normal = is_weighted_ball || kind_ >= AG_SET_BOX_SECTION;
    if (!is_ball)
        check_level(checks, set);
    if (kind_ == AG_SET_SLAB) {
        checks.finite<T>("set->lower_offset", set.lower_offset);
        lower_offset_ = set.lower_offset;
        if (!checks.failed() && !level_apart_ && set.lower_offset > set.offset)
            checks.fail(AG_ERROR_INVALID_VALUE, "set->lower_offset = %g is above set->offset = %g",
                        set.lower_offset, set.offset);
    }
    normal_ = has_normal ? static_cast<const T*>(set.normal) : nullptr;
    arrays_[3] = checks.optional_array("set->normal", normal_, n_);
    if (checks.failed() || normal_ == nullptr)
        return;
    const auto breaks = is_weighted_ball ? kernels_.scan.first_not_a_weight : kernels_.scan.first_not_finite;
    checks.element("set->normal", normal_, n_,
                   find_first(n_, [&](std::size_t begin,
                                      std::size_t length) { return breaks(length, normal_ + begin); }),
                   AG_ERROR_INVALID_VALUE, is_weighted_ball ? "is not >= 0 and finite" : "is not finite");
}

template <class T>
void Set<T>::complete_linear(Checks& checks) {
    const bool is_weighted_ball = kind_ == AG_SET_WEIGHTED_L1_BALL;
    double scale = 1;
    if (normal_ != nullptr && shard_.total() != 0) {
        const double largest = max_over_blocks(shard_, [&](std::size_t begin, std::size_t length) {
            return kernels_.projection.max_abs(length, normal_ + begin, nullptr);
        });
        shard_.check(checks);
        if (largest == 0)
            checks.fail(AG_ERROR_INVALID_VALUE, "set->normal is 0 everywhere");
        // Squares of f64 could overflow.
        if (std::is_same_v<T, double> && largest > 0 && std::isfinite(largest))
            scale = std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1022, 1022));
    }
    if (checks.failed())
        return;

    lower_ = Constant<T>(static_cast<double>(bounds_.lower));
    upper_ = Constant<T>(static_cast<double>(bounds_.upper));
    Knapsack<T>& k = problem_.knapsack;
    k.shape = kind_ == AG_SET_L1_BALL   ? KnapsackShape::magnitudes
              : is_weighted_ball        ? KnapsackShape::weighted_magnitudes
              : kind_ == AG_SET_SIMPLEX ? KnapsackShape::nonnegative
                                        : KnapsackShape::bounded;
    k.center = operand(bounds_.center, zero_);
    k.normal = operand(normal_, one_);
    k.lower = operand(bounds_.lower_bounds, lower_);
    k.upper = operand(bounds_.upper_bounds, upper_);
    problem_.constraint = kind_ <= AG_SET_WEIGHTED_L1_BALL || kind_ == AG_SET_HALFSPACE ? Constraint::at_most
                          : kind_ == AG_SET_SLAB                                        ? Constraint::between
                                                                                        : Constraint::equal;
    k.normal_scale = scale;
    problem_.offset = scale * level_;
    problem_.lower_offset = scale * lower_offset_;
    problem_.has_bounds = kind_ <= AG_SET_BOX_SECTION;
    if (shard_.total() == 0 || level_apart_ ||
        (kind_ != AG_SET_CAPPED_SIMPLEX && kind_ != AG_SET_BOX_SECTION))
        return;
    const bool feasible = is_feasible(kernels_, shard_, problem_);
    shard_.check(checks);
    if (!feasible)
        checks.fail(AG_ERROR_INVALID_VALUE, "set->%s = %g is a sum that no p within the bounds has",
                    level_of(kind_) == Level::radius ? "radius" : "offset", level_);
}

template <class T>
void Set<T>::agree(Checks& checks, Fingerprint call, const T*& lambda) {
    const T** const arrays[] = {&lambda, &bounds_.lower_bounds, &bounds_.upper_bounds, &bounds_.center,
                                &normal_};
    bool given[std::size(arrays)];
    std::transform(std::begin(arrays), std::end(arrays), given,
                   [](const T** array) { return *array != nullptr; });
    call.add(sizeof(T)).add(shard_.total()).add(std::uint64_t(kind_)).add(level_).add(lower_offset_);
    call.add(groups_.length).add(options_.value());
    shard_.agree(checks, call, given, reported_);
    if (shard_.size() == 0) // arrays that nothing is read of
        for (std::size_t i = 0; i < std::size(arrays); ++i)
            *arrays[i] = given[i] ? zero_.element : nullptr;
}

template <class T>
void Set<T>::check_groups(Checks& checks, const ag_set& set) {
    const std::int64_t* const offsets = set.group_offsets;
    if (offsets == nullptr) {
        groups_ = equal_groups(checks, shard_.total(), set);
        return;
    }
    const std::size_t count = set.group_count;
    checks.size<std::int64_t>("set->group_offsets", count);
    if (checks.failed())
        return;
    arrays_[4] = checks.array("set->group_offsets", offsets, count + 1);
    if (checks.failed())
        return;
    const auto last = static_cast<std::int64_t>(n_);
    if (offsets[0] != 0)
        checks.fail(AG_ERROR_OUT_OF_RANGE, "set->group_offsets[0] = %lld is not 0",
                    static_cast<long long>(offsets[0]));
    const std::size_t bad = find_first(count, [&](std::size_t begin, std::size_t length) {
        std::size_t i = 0;
        while (i < length && offsets[begin + i + 1] >= offsets[begin + i] && offsets[begin + i + 1] <= last)
            ++i;
        return i;
    });
    if (bad < count)
        checks.fail(AG_ERROR_OUT_OF_RANGE,
                    "set->group_offsets[%zu] = %lld is less than the one before it or more than n = %zu",
                    bad + 1, static_cast<long long>(offsets[bad + 1]), n_);
    else if (offsets[count] != last)
        checks.fail(AG_ERROR_OUT_OF_RANGE, "set->group_offsets[%zu] = %lld, the last, is not n = %zu", count,
                    static_cast<long long>(offsets[count]), n_);
    groups_ = {n_, count, 0, offsets};
}

// Reads the reducer whatever was found so far, since the other shards wait for what this one has to say.
template <class T>
void Set<T>::check_reducer(Checks& checks, const ag_set& set) {
    if (set.reducer == nullptr)
        return;
    const ag_reducer reducer = *set.reducer;
    if (reducer.sum == nullptr) {
        checks.fail(AG_ERROR_NULL_POINTER, "set->reducer->sum is NULL");
        return;
    }
    const BlockPlan plan = plan_shards(checks, reducer.total, set);
    shard_ = Shard(plan, n_, reducer);
    checks.size<T>("set->reducer->total", reducer.total);
    if (reducer.begin > reducer.total || n_ > reducer.total - reducer.begin)
        checks.fail(AG_ERROR_SIZE,
                    "set->reducer->begin = %zu and n = %zu are not within set->reducer->total = %zu",
                    reducer.begin, n_, reducer.total);
    for (const std::size_t end : {reducer.begin, reducer.begin + n_})
        if (end % plan.block_length != 0 && end != reducer.total)
            checks.fail(
                AG_ERROR_INVALID_VALUE,
                "set->reducer->begin = %zu and n = %zu: a shard that ends at %zu of %zu is not of whole "
                "blocks of %zu",
                reducer.begin, n_, end, reducer.total, plan.block_length);
}

template std::size_t workspace_bytes<float>(ag_set_kind, std::size_t);
template std::size_t workspace_bytes<double>(ag_set_kind, std::size_t);
template class Set<float>;
template class Set<double>;

} // namespace anisograd
