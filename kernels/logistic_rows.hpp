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

// A block of rows on its way through the kernel. The arrays are padded to whole packs.
template <class T>
struct RowBlock {
    std::size_t count;
    std::size_t row[max_block_rows]; // rows of X
    alignas(pack_bytes) T margin[max_block_rows];
    alignas(pack_bytes) T loss[max_block_rows];
    alignas(pack_bytes) T residual[max_block_rows];
    alignas(pack_bytes) T sign[max_block_rows]; // the label as -1 or +1
    alignas(pack_bytes) T sample_weight[max_block_rows];
};

// A whole number of packs of any size.
template <class T>
AG_INLINE std::size_t padded_rows(std::size_t count) {
    constexpr std::size_t unit = 2 * pack_bytes / sizeof(T);
    return (count + unit - 1) / unit * unit;
}

template <class T>
AG_OUTLINED void gather_rows(const LogisticRows<T>& rows, std::size_t start, std::size_t count,
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
    for (std::size_t i = count; i < padded_rows<T>(count); ++i)
        block.margin[i] = block.sign[i] = block.sample_weight[i] = 0;
}

// From margins to residuals and the block's share of the sums, in the canonical order over its rows.
template <class Isa, class T>
AG_OUTLINED void apply_loss(const LogisticRows<T>& rows, RowBlock<T>& block, LogisticSums& sums) {
    using Math = ForMath<Isa>;
    using P = Pack<Math, T>;
    const P intercept = P::broadcast(rows.has_intercept ? rows.weights[rows.cols] : T(0));
    for_each_pack<Math, T>(padded_rows<T>(block.count), [&](auto at) AG_INLINE_LAMBDA {
        const P sign = at.load(block.sign);
        const P margin = rows.has_intercept ? at.load(block.margin) + intercept : at.load(block.margin);
        const LogisticLoss<Math, T> value = logistic_loss(sign * margin);
        at.store(block.loss, value.loss);
        at.store(block.residual, -(sign * value.sigmoid) * at.load(block.sample_weight));
    });
    const T *loss = block.loss, *residual = block.residual, *weight = block.sample_weight;
    double total[1];
    canonical_sums<ForSums<Isa>, T>(block.count, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
        out[0] = to_double(at.load(loss)) * to_double(at.load(weight));
    });
    sums.loss += total[0];
    canonical_sums<ForSums<Isa>, T>(block.count, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
        out[0] = to_double(at.load(residual));
    });
    sums.residual += total[0];
}

// A RowBlock is on the stack; its users are functions of their own, so that stack accesses in their loops can
// only be spills. margins(block) fills block.margin; add_gradient(block) adds the block's rows, times their
// residuals.
template <class Isa, class T, class Margins, class AddGradient>
AG_INLINE LogisticSums for_each_row_block(const LogisticRows<T>& rows, T* gradient, Margins margins,
                                          AddGradient add_gradient) {
    LogisticSums sums = {0, 0};
    RowBlock<T> block;
    if (gradient != nullptr)
        for_each_pack<Isa, T>(rows.cols,
                              [&](auto at) AG_INLINE_LAMBDA { at.store(gradient, Pack<Isa, T>::zero()); });
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
