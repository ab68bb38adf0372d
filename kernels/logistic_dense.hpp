// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic loss and gradient over dense rows. A block of rows is read from memory for its margins and, still
// in cache, once more for its share of the gradient.
//
// Orders, the same on every ISA (products and sums are rounded separately, in T):
//   margin    the canonical order over the columns;
//   gradient  groups of 8 consecutive rows sum from the first to the last; the groups add up in order.
#pragma once

#include "kernels/logistic_rows.hpp"

namespace anisograd {
namespace {

inline constexpr std::size_t gradient_group = 8;

template <class Isa, class T>
AG_INLINE T dense_margin(std::size_t cols, const T* x, const T* w) {
    using P = Pack<Isa, T>;
    P sum[4] = {P::zero(), P::zero(), P::zero(), P::zero()};
    const std::size_t left = for_each_whole_group<Isa, T, 4>(
        cols, [&](auto at, std::size_t k) AG_INLINE_LAMBDA { sum[k] = sum[k] + at.load(x) * at.load(w); });
    for_each_left<Isa, T, 4>(left, cols, [&](auto at, std::size_t k) AG_INLINE_LAMBDA {
        sum[k] = sum[k] + at.load(x) * at.load(w);
    });
    return fold((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

// gradient += the sum over count rows (at most 8) of residual * x.
template <class Isa, class T>
AG_INLINE void add_row_group(std::size_t cols, std::size_t count, const T* const* x, const T* residual,
                             T* gradient) {
    using P = Pack<Isa, T>;
    if (count == gradient_group) {
        P r[gradient_group];
        unrolled<gradient_group>([&](std::size_t i) AG_INLINE_LAMBDA { r[i] = P::broadcast(residual[i]); });
        for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
            P sum = r[0] * at.load(x[0]);
            sum = sum + r[1] * at.load(x[1]);
            sum = sum + r[2] * at.load(x[2]);
            sum = sum + r[3] * at.load(x[3]);
            sum = sum + r[4] * at.load(x[4]);
            sum = sum + r[5] * at.load(x[5]);
            sum = sum + r[6] * at.load(x[6]);
            sum = sum + r[7] * at.load(x[7]);
            at.store(gradient, at.load(gradient) + sum);
        });
    } else {
        for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
            P sum = P::broadcast(residual[0]) * at.load(x[0]);
            for (std::size_t i = 1; i < count; ++i)
                sum = sum + P::broadcast(residual[i]) * at.load(x[i]);
            at.store(gradient, at.load(gradient) + sum);
        });
    }
}

// margin[i] = <row i of count, w>
template <class Isa, class T>
AG_OUTLINED void margins_of_rows(const DenseRows<T>& matrix, std::size_t cols, const std::size_t* row,
                                 std::size_t count, const T* w, T* margin) {
    for (std::size_t i = 0; i < count; ++i)
        margin[i] = dense_margin<Isa>(cols, matrix.values + row[i] * matrix.row_stride, w);
}

// gradient += the sum over the rows of residual * x.
template <class Isa, class T>
AG_OUTLINED void add_rows(const DenseRows<T>& matrix, std::size_t cols, const std::size_t* row,
                          std::size_t row_count, const T* residual, T* gradient) {
    for (std::size_t i = 0; i < row_count; i += gradient_group) {
        const std::size_t rest = row_count - i;
        const std::size_t count = rest < gradient_group ? rest : gradient_group;
        const T* x[gradient_group];
        for (std::size_t k = 0; k < count; ++k)
            x[k] = matrix.values + row[i + k] * matrix.row_stride;
        add_row_group<Isa>(cols, count, x, residual + i, gradient);
    }
}

template <class Isa, class T>
LogisticSums logistic_dense(const DenseRows<T>& matrix, const LogisticRows<T>& rows, T* gradient) {
    return for_each_row_block<Isa>(
        rows, gradient,
        [&](RowBlock<T>& block) AG_INLINE_LAMBDA {
            margins_of_rows<Isa>(matrix, rows.cols, block.row, block.count, rows.weights, block.margin);
        },
        [&](RowBlock<T>& block) AG_INLINE_LAMBDA {
            add_rows<Isa>(matrix, rows.cols, block.row, block.count, block.residual, gradient);
        });
}

} // namespace
} // namespace anisograd
