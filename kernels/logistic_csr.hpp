// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic loss and gradient over sparse rows (CSR).
//
// Orders, the same on every ISA (products and sums are rounded separately, in T):
//   margin    entry k of a row goes to lane k mod (lanes of a pack), then the lanes fold by halves: rows of a
//             few dozen entries would leave the canonical order's four packs almost empty;
//   gradient  entry by entry, in the order of the rows and of their entries.
#pragma once

#include "kernels/logistic_rows.hpp"
#include "kernels/scan.hpp"

namespace anisograd {
namespace {

template <class Isa, class T, class Index>
AG_INLINE T csr_margin(std::size_t count, const Index* columns, const T* values, const T* w) {
    using P = Pack<Isa, T>;
    P sum = P::zero();
    for_each_pack<Isa, T>(count, [&](auto at) AG_INLINE_LAMBDA {
        const P gathered = at.gather(w, columns);
        sum = sum + (values != nullptr ? at.load(values) * gathered : gathered);
    });
    return fold(sum);
}

template <class T, class Index>
AG_INLINE void add_csr_row(std::size_t count, const Index* columns, const T* values, T residual,
                           T* gradient) {
    if (values != nullptr) {
        for (std::size_t k = 0; k < count; ++k)
            gradient[columns[k]] += residual * values[k];
    } else {
        for (std::size_t k = 0; k < count; ++k)
            gradient[columns[k]] += residual;
    }
}

// action(i, count, columns, values) for the rows visited at start + i, i = 0 .. row_count - 1.
template <class T, class Index, class Action>
AG_INLINE void for_each_csr_row(const CsrRows<T, Index>& matrix, const LogisticRows<T>& rows,
                                std::size_t start, std::size_t row_count, Action action) {
    for (std::size_t i = 0; i < row_count; ++i) {
        const std::size_t row = visited_row(rows, start + i);
        const std::int64_t begin = matrix.row_offsets[row], end = matrix.row_offsets[row + 1];
        action(i, static_cast<std::size_t>(end - begin), matrix.columns + begin,
               matrix.values != nullptr ? matrix.values + begin : nullptr);
    }
}

// ---- As for dense rows, but none are asked for: the hardware has them in time --------------------------

template <class T, class Index>
AG_INLINE std::size_t asked_by_margins(const CsrRows<T, Index>&, const LogisticRows<T>&, std::size_t) {
    return no_rows;
}

template <class T, class Index>
AG_INLINE GroupPlan plan_groups(const CsrRows<T, Index>&, const LogisticRows<T>&) {
    return {max_block_rows, false};
}

template <class Isa, class T, class Index>
AG_OUTLINED void margins_of_rows(const CsrRows<T, Index>& matrix, const LogisticRows<T>& rows,
                                 std::size_t start, std::size_t row_count, const T* w, T* margin,
                                 std::size_t = no_rows) {
    for_each_csr_row(matrix, rows, start, row_count,
                     [&](std::size_t i, std::size_t count, const Index* columns, const T* values)
                         AG_INLINE_LAMBDA { margin[i] = csr_margin<Isa>(count, columns, values, w); });
}

template <class Isa, class T, class Index>
AG_OUTLINED void add_rows(const CsrRows<T, Index>& matrix, const LogisticRows<T>& rows, std::size_t start,
                          std::size_t row_count, const T* residual, T* gradient, std::size_t = no_rows) {
    for_each_csr_row(matrix, rows, start, row_count,
                     [&](std::size_t i, std::size_t count, const Index* columns, const T* values)
                         AG_INLINE_LAMBDA { add_csr_row(count, columns, values, residual[i], gradient); });
}

// Of a block of rows whose offsets have been checked: while it reads the columns they come into the cache.
template <class Isa, class T, class Index>
AG_OUTLINED bool columns_in_range(const CsrRows<T, Index>& matrix, const LogisticRows<T>& rows,
                                  std::size_t start, std::size_t row_count) {
    if (rows.row_indices == nullptr) {
        const std::int64_t* const offsets = matrix.row_offsets + rows.first + start;
        const std::int64_t begin = offsets[0];
        const auto count = static_cast<std::size_t>(offsets[row_count] - begin);
        return first_not_an_index<Isa>(count, matrix.columns + begin, rows.cols) == count;
    }
    bool good = true;
    for_each_csr_row(matrix, rows, start, row_count,
                     [&](std::size_t, std::size_t count, const Index* columns, const T*) AG_INLINE_LAMBDA {
                         good &= first_not_an_index<Isa>(count, columns, rows.cols) == count;
                     });
    return good;
}

template <class Isa, class T, class Index>
LogisticSums logistic_csr(const CsrRows<T, Index>& matrix, const LogisticRows<T>& rows, T* gradient) {
    return for_each_row_block<Isa>(
        rows, gradient, [&](RowBlock<T>& block, std::size_t start) AG_INLINE_LAMBDA {
            if (rows.check_columns && !columns_in_range<Isa>(matrix, rows, start, block.count))
                return false;
            margins_of_rows<Isa>(matrix, rows, start, block.count, rows.weights, block.margin);
            apply_loss<Isa>(rows, block);
            if (gradient != nullptr)
                add_rows<Isa>(matrix, rows, start, block.count, block.residual, gradient);
            return true;
        });
}

} // namespace
} // namespace anisograd
