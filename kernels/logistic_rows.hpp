// SPDX-License-Identifier: BSD-3-Clause
//
// What the dense and the CSR logistic kernels share: the walk over blocks of rows, the loss layer between
// margins and residuals, and the combination of private gradients.
//
// Source: loss_i = s_i log(1 + exp(-y_i m_i)), residual_i = d loss_i / d m_i = -y_i s_i / (1 + exp(y_i m_i)).
// A label between the classes is a positive row and a negative one: see loss_between.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"
#include "kernels/math.hpp"

namespace anisograd {
namespace {

inline constexpr std::size_t max_block_rows = 256;

// A block of rows on its way through the kernel. The arrays are padded to whole packs.
template <class T>
struct RowBlock {
    std::size_t count;
    alignas(pack_bytes) T margin[max_block_rows];
    alignas(pack_bytes) T loss[max_block_rows];
    alignas(pack_bytes) T residual[max_block_rows];
    alignas(pack_bytes) T sign[max_block_rows]; // the label as -1 or +1, or the target
    alignas(pack_bytes) T sample_weight[max_block_rows];
};

// The row of X that a call visits at that place.
template <class T>
AG_INLINE std::size_t visited_row(const LogisticRows<T>& rows, std::size_t place) {
    const std::size_t visited = rows.first + place;
    return rows.row_indices != nullptr ? static_cast<std::size_t>(rows.row_indices[visited]) : visited;
}

// A place that no row has.
inline constexpr std::size_t no_rows = static_cast<std::size_t>(-1);

// Rows that are a whole number of packs of any size.
template <class T>
inline constexpr std::size_t whole_packs_of_rows = 2 * pack_bytes / sizeof(T);

template <class T>
AG_INLINE std::size_t padded_rows(std::size_t count) {
    constexpr std::size_t unit = whole_packs_of_rows<T>;
    return (count + unit - 1) / unit * unit;
}

template <class Isa, class T>
AG_OUTLINED void gather_rows(const LogisticRows<T>& rows, std::size_t start, std::size_t count,
                             RowBlock<T>& block) {
    using P = Pack<Isa, T>;
    const P one = P::broadcast(T(1)), two = P::broadcast(T(2));
    block.count = count;
    if (rows.row_indices == nullptr) {
        const T* const labels = rows.labels + rows.first + start;
        const T* const weights =
            rows.sample_weight != nullptr ? rows.sample_weight + rows.first + start : nullptr;
        for_each_pack<Isa, T>(count, [&](auto at) AG_INLINE_LAMBDA {
            at.store(block.sign, at.load(labels));
            at.store(block.sample_weight, weights != nullptr ? at.load(weights) : one);
        });
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t row = visited_row(rows, start + i);
            block.sign[i] = rows.labels[row];
            block.sample_weight[i] = rows.sample_weight != nullptr ? rows.sample_weight[row] : T(1);
        }
    }
    const LogisticTargets<T> targets = rows.targets;
    const bool zero_one = targets.zero_one_labels;
    if (targets.between) {
        const P least = P::broadcast(targets.least), range = P::broadcast(targets.range);
        for_each_pack<Isa, T>(count, [&](auto at) AG_INLINE_LAMBDA {
            const P label = at.load(block.sign);
            at.store(block.sign, least + range * (zero_one ? label : (label + one) / two));
        });
    } else if (zero_one || targets.positive_weight != 1 || targets.negative_weight != 1) {
        const P positive = P::broadcast(targets.positive_weight);
        const P negative = P::broadcast(targets.negative_weight);
        for_each_pack<Isa, T>(count, [&](auto at) AG_INLINE_LAMBDA {
            const P label = at.load(block.sign), weight = at.load(block.sample_weight);
            at.store(block.sign, zero_one ? label * two - one : label);
            at.store(block.sample_weight, weight * select(label > P::zero(), positive, negative));
        });
    }
    for (std::size_t i = count; i < padded_rows<T>(count); ++i)
        block.margin[i] = block.sign[i] = block.sample_weight[i] = 0;
}

// A row's loss with its first two derivatives by the margin, without its sample weight, and the weight that its label
// has in place of 1.
template <class Isa, class T>
struct RowLoss {
    Pack<Isa, T> loss, residual, curvature, label_weight;
};

// For a label that is one of the two classes, as -1 or +1.
template <class Isa, class T>
AG_INLINE RowLoss<Isa, T> loss_of_class(Pack<Isa, T> sign, Pack<Isa, T> margin) {
    const LogisticLoss<Isa, T> value = logistic_loss(sign * margin);
    return {value.loss, -(sign * value.sigmoid), value.sigmoid * value.opposite_sigmoid,
            Pack<Isa, T>::broadcast(T(1))};
}

// For a target between the classes, whose weights are a and b:
//
//     loss = a log(1 + e^-m) + b log(1 + e^m),  residual = b sigmoid(m) - a sigmoid(-m)
//
// A weight of 0 takes its loss away whatever the margin.
template <class Isa, class T>
AG_INLINE RowLoss<Isa, T> loss_between(const LogisticTargets<T>& targets, Pack<Isa, T> target,
                                       Pack<Isa, T> margin) {
    using P = Pack<Isa, T>;
    const P zero = P::zero();
    const P a = target * P::broadcast(targets.positive_weight);
    const P b = (P::broadcast(T(1)) - target) * P::broadcast(targets.negative_weight);
    const LogisticLoss<Isa, T> value = logistic_loss(margin);
    return {select(a == zero, zero, a * value.loss) + select(b == zero, zero, b * value.opposite_loss),
            b * value.opposite_sigmoid - a * value.sigmoid,
            (a + b) * (value.sigmoid * value.opposite_sigmoid), a + b};
}

// Calls store(at, RowLoss, sample weights) for rows first to end - 1 of the block, which are whole packs. Packs suit of
// which one fits the registers between the classes (ForSums), and as many as suit the functions otherwise (ForMath).
template <bool between, class Isa, class T, class Store>
AG_INLINE void row_losses(const LogisticRows<T>& rows, const RowBlock<T>& block, std::size_t first,
                          std::size_t end, Store store) {
    using P = Pack<Isa, T>;
    const P intercept = P::broadcast(rows.has_intercept ? rows.weights[rows.cols] : T(0));
    const LogisticTargets<T> targets = rows.targets;
    const bool has_intercept = rows.has_intercept;
    for (std::size_t i = first; i < end; i += P::lanes) {
        const WholePack<Isa, T> at = {i};
        const P margin = has_intercept ? at.load(block.margin) + intercept : at.load(block.margin);
        if constexpr (between)
            store(at, loss_between(targets, at.load(block.sign), margin), at.load(block.sample_weight));
        else
            store(at, loss_of_class(at.load(block.sign), margin), at.load(block.sample_weight));
    }
}

template <bool between, class Isa, class T>
AG_INLINE void losses_and_residuals(const LogisticRows<T>& rows, RowBlock<T>& block, std::size_t first,
                                    std::size_t end) {
    row_losses<between, Isa>(rows, block, first, end,
                             [&](auto at, const auto& row, auto weight) AG_INLINE_LAMBDA {
                                 at.store(block.loss, row.loss);
                                 at.store(block.residual, row.residual * weight);
                             });
}

template <bool between, class Isa, class T>
AG_OUTLINED void losses_of_block(const LogisticRows<T>& rows, RowBlock<T>& block) {
    losses_and_residuals<between, Isa>(rows, block, 0, padded_rows<T>(block.count));
}

// From margins to losses and residuals.
template <class Isa, class T>
AG_INLINE void apply_loss(const LogisticRows<T>& rows, RowBlock<T>& block) {
    if (rows.targets.between)
        losses_of_block<true, ForSums<Isa>>(rows, block);
    else
        losses_of_block<false, ForMath<Isa>>(rows, block);
}

// The block's share of the sums, in the canonical order over its rows.
template <class Isa, class T>
AG_OUTLINED void add_sums(const LogisticRows<T>& rows, const RowBlock<T>& block, LogisticSums& sums) {
    const T *loss = block.loss, *residual = block.residual, *weight = block.sample_weight;
    double total[1];
    canonical_sums<ForSums<Isa>, T>(block.count, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
        out[0] = to_double(at.load(loss)) * to_double(at.load(weight));
    });
    sums.loss += total[0];
    if (!rows.has_intercept)
        return;
    canonical_sums<ForSums<Isa>, T>(block.count, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
        out[0] = to_double(at.load(residual));
    });
    sums.residual += total[0];
}

// How many rows go from margins to sums at once, whole packs of them, and whether the next ones are asked for meanwhile.
struct GroupPlan {
    std::size_t length;
    bool asked;
};

// A RowBlock is on the stack; its users are functions of their own, so that stack accesses in their loops can
// only be spills. visit(block, start) takes the block, whose first row is visited row rows.first + start, from
// margins to residuals, and adds its rows, times their residuals, to the gradient where that is not null. Where it gives
// false a row has a bad column.
template <class Isa, class T, class Visit>
AG_INLINE LogisticSums for_each_row_block(const LogisticRows<T>& rows, T* gradient, Visit visit) {
    LogisticSums sums = {0, 0};
    RowBlock<T> block;
    if (gradient != nullptr)
        for_each_pack<Isa, T>(rows.cols,
                              [&](auto at) AG_INLINE_LAMBDA { at.store(gradient, Pack<Isa, T>::zero()); });
    for (std::size_t start = 0; start < rows.count; start += rows.block_rows) {
        const std::size_t rest = rows.count - start;
        gather_rows<Isa>(rows, start, rest < rows.block_rows ? rest : rows.block_rows, block);
        if (!visit(block, start)) {
            sums.bad_column = true;
            return sums;
        }
        add_sums<Isa>(rows, block, sums);
    }
    return sums;
}

// gradient = (gradient + parts, in order) / divisor + l2 * w, in double, rounded to T once. w is looked at
// only where l2 is not 0.
template <class Isa, class T>
void combine_gradients(std::size_t n, T* gradient, const T* parts, std::size_t part_count,
                       std::size_t part_stride, double divisor, double l2, const T* w) {
    const auto divisors = broadcast_double<Isa, T>(divisor), l2s = broadcast_double<Isa, T>(l2);
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA {
        auto sum = to_double(at.load(gradient));
        for (std::size_t k = 0; k < part_count; ++k)
            sum = sum + to_double(at.load(parts + k * part_stride));
        sum = sum / divisors;
        if (l2 != 0)
            sum = sum + l2s * to_double(at.load(w));
        at.store(gradient, from_double<T>(sum));
    });
}

} // namespace
} // namespace anisograd
