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

namespace anisograd {
namespace {

template <class Isa, class T>
AG_INLINE T csr_margin(std::size_t count, const std::int32_t* columns, const T* values, const T* w) {
    using P = Pack<Isa, T>;
    P sum = P::zero();
    for_each_pack<Isa, T>(count, [&](auto at) AG_INLINE_LAMBDA {
        const P gathered = at.gather(w, columns);
        sum = sum + (values != nullptr ? at.load(values) * gathered : gathered);
    });
    return fold(sum);
}

template <class T>
AG_INLINE void add_csr_row(std::size_t count, const std::int32_t* columns, const T* values, T residual,
                           T* gradient) {
    if (values != nullptr) {
        for (std::size_t k = 0; k < count; ++k)
            gradient[columns[k]] += residual * values[k];
    } else {
        for (std::size_t k = 0; k < count; ++k)
            gradient[columns[k]] += residual;
    }
}

template <class Isa, class T>
LogisticSums logistic_csr(const CsrRows<T>& matrix, const LogisticRows<T>& rows, T* gradient) {
    // action(i, count, columns, values) for each row of the block
    const auto for_each_row = [&](const RowBlock<T>& block, auto action) AG_INLINE_LAMBDA {
        for (std::size_t i = 0; i < block.count; ++i) {
            const std::int64_t begin = matrix.row_offsets[block.row[i]];
            const std::int64_t end = matrix.row_offsets[block.row[i] + 1];
            action(i, static_cast<std::size_t>(end - begin), matrix.columns + begin,
                   matrix.values != nullptr ? matrix.values + begin : nullptr);
        }
    };
    return for_each_row_block<Isa>(
        rows, gradient,
        [&](RowBlock<T>& block) AG_OUTLINED {
            for_each_row(block, [&](std::size_t i, std::size_t count, const std::int32_t* columns,
                                    const T* values) AG_INLINE_LAMBDA {
                block.margin[i] = csr_margin<Isa>(count, columns, values, rows.weights);
            });
        },
        [&](RowBlock<T>& block) AG_OUTLINED {
            for_each_row(block, [&](std::size_t i, std::size_t count, const std::int32_t* columns,
                                    const T* values) AG_INLINE_LAMBDA {
                add_csr_row(count, columns, values, block.residual[i], gradient);
            });
        });
}

} // namespace
} // namespace anisograd
