// SPDX-License-Identifier: BSD-3-Clause
//
// What the dense and the CSR logistic kernels share: the walk over blocks of rows, the loss layer between
// margins and residuals, and the combination of private gradients.
//
// Source: loss_i = s_i log(1 + exp(-y_i m_i)), residual_i = d loss_i / d m_i = -y_i s_i / (1 + exp(y_i m_i)).
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/loops.hpp"
#include "kernels/math.hpp"

namespace anisograd {
namespace {

inline constexpr std::size_t max_block_rows = 256;

// A block of rows on its way through the kernel. Arrays are padded to whole packs.
template <class T>
struct RowBlock {
    std::size_t count;
    std::size_t row[max_block_rows]; // rows of X
    alignas(pack_bytes) T margin[max_block_rows];
    alignas(pack_bytes) T residual[max_block_rows];
    alignas(pack_bytes) T sign[max_block_rows]; // the label as -1 or +1
    alignas(pack_bytes) T sample_weight[max_block_rows];
};

template <class T>
AG_INLINE void gather_rows(const LogisticRows<T>& rows, std::size_t start, std::size_t count,
                           RowBlock<T>& block) {
    block.count = count;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t visited = rows.first + start + i;
        const std::size_t row =
            rows.row_indices != nullptr ? static_cast<std::size_t>(rows.row_indices[visited]) : visited;
        block.row[i] = row;
        block.sign[i] = rows.zero_one_labels ? rows.labels[row] * 2 - 1 : rows.labels[row];
        block.sample_weight[i] = rows.sample_weight != nullptr ? rows.sample_weight[row] : T(1);
    }
    // A margin of 0 with a weight of 0 adds nothing.
    for (std::size_t i = count; i % (pack_bytes / sizeof(T)) != 0; ++i) {
        block.margin[i] = 0;
        block.sign[i] = 1;
        block.sample_weight[i] = 0;
    }
}

// From margins to residuals and the block's share of the sums, in the canonical order over its rows.
template <class Isa, class T>
AG_INLINE void apply_loss(const LogisticRows<T>& rows, RowBlock<T>& block, LogisticSums& sums) {
    using P = Pack<Isa, T>;
    const P intercept = P::broadcast(rows.has_intercept ? rows.weights[rows.cols] : T(0));
    const std::size_t padded = (block.count + P::lanes - 1) / P::lanes * P::lanes;
    CanonicalSum<Isa, T> losses, residuals;
    for_each_pack_in_groups<Isa, T, sum_group<T>>(padded, [&](auto at, std::size_t k) AG_INLINE_LAMBDA {
        const P sign = at.load(block.sign);
        const P weight = at.load(block.sample_weight);
        const P margin = rows.has_intercept ? at.load(block.margin) + intercept : at.load(block.margin);
        const LogisticLoss<Isa, T> value = logistic_loss(sign * margin);
        const P residual = -(sign * value.sigmoid) * weight;
        at.store(block.residual, residual);
        losses.add(k, to_double(value.loss) * to_double(weight));
        residuals.add(k, to_double(residual));
    });
    sums.loss += losses.total();
    sums.residual += residuals.total();
}

// margins(block) fills block.margin; add_gradient(block) adds the block's rows, times their residuals.
template <class Isa, class T, class Margins, class AddGradient>
AG_INLINE LogisticSums for_each_row_block(const LogisticRows<T>& rows, T* gradient, Margins margins,
                                          AddGradient add_gradient) {
    LogisticSums sums = {0, 0};
    RowBlock<T> block;
    if (gradient != nullptr)
        for_each_pack<Isa, T>(rows.cols, [&](auto at) AG_INLINE_LAMBDA { at.store(gradient, Pack<Isa, T>::zero()); });
    for (std::size_t start = 0; start < rows.count; start += rows.block_rows) {
        const std::size_t rest = rows.count - start;
        gather_rows(rows, start, rest < rows.block_rows ? rest : rows.block_rows, block);
        margins(block);
        apply_loss<Isa>(rows, block, sums);
        if (gradient != nullptr)
            add_gradient(block);
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
