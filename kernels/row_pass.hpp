// SPDX-License-Identifier: BSD-3-Clause
//
// Passes over the rows of a matrix other than the gradient's: margins, Hessian times vector, and sums of squares in
// each column. Blocks of rows, and the orders of margins and of sums over rows, are those of the gradient
// (logistic_rows.hpp).
#pragma once

#include "kernels/logistic_csr.hpp"
#include "kernels/logistic_dense.hpp"
#include "kernels/row_pass_table.hpp"

namespace anisograd {
namespace {

// ---- Margins -------------------------------------------------------------------------------------------

template <class Isa, class T>
AG_OUTLINED void add_to_all(std::size_t n, T* x, T term) {
    const auto terms = Pack<Isa, T>::broadcast(term);
    for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(x, at.load(x) + terms); });
}

// Format: of a dense matrix whose elements are not of T.
template <class Isa, class T, class Matrix, class... Format>
void margins(const Matrix& matrix, const LogisticRows<T>& rows, T* margins) {
    for (std::size_t start = 0; start < rows.count; start += max_block_rows) {
        const std::size_t rest = rows.count - start, count = rest < max_block_rows ? rest : max_block_rows;
        margins_of_rows<Isa>(matrix, rows, start, count, rows.weights, margins + start,
                             asked_by_margins(matrix, rows, start), Format{}...);
    }
    if (rows.has_intercept)
        add_to_all<Isa>(rows.count, margins, rows.weights[rows.cols]);
}

// ---- The loss from margins -----------------------------------------------------------------------------

template <bool between, class Isa, class T>
AG_OUTLINED void losses_with_curvatures(const LogisticRows<T>& rows, RowBlock<T>& block, T* curvature) {
    row_losses<between, Isa>(rows, block, 0, padded_rows<T>(block.count),
                             [&](auto at, const auto& row, auto weight) AG_INLINE_LAMBDA {
                                 at.store(block.loss, row.loss);
                                 at.store(block.residual, row.residual * weight);
                                 at.store(curvature, row.curvature * weight);
                             });
}

template <class Isa, class T>
AG_OUTLINED double canonical_sum(std::size_t n, const T* x) {
    double total[1];
    canonical_sums<ForSums<Isa>, T>(
        n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA { out[0] = to_double(at.load(x)); });
    return total[0];
}

template <class Isa, class T>
AG_OUTLINED double weighted_sum(std::size_t n, const T* x, const T* weight) {
    double total[1];
    canonical_sums<ForSums<Isa>, T>(n, total, [=](auto at, auto& out) AG_INLINE_LAMBDA {
        out[0] = to_double(at.load(x)) * to_double(at.load(weight));
    });
    return total[0];
}

template <class T>
AG_OUTLINED void copy(std::size_t n, const T* from, T* to) {
    for (std::size_t i = 0; i < n; ++i)
        to[i] = from[i];
}

template <class Isa, class T>
double logistic_from_margins(const LogisticRows<T>& rows, const T* margins, T* residuals, T* curvatures) {
    RowBlock<T> block;
    alignas(pack_bytes) T curvature[max_block_rows];
    double sum = 0;
    for (std::size_t start = 0; start < rows.count; start += max_block_rows) {
        const std::size_t rest = rows.count - start, count = rest < max_block_rows ? rest : max_block_rows;
        gather_rows<Isa>(rows, start, count, block);
        copy(count, margins + start, block.margin);
        if (rows.targets.between)
            losses_with_curvatures<true, ForSums<Isa>>(rows, block, curvature);
        else
            losses_with_curvatures<false, ForMath<Isa>>(rows, block, curvature);
        sum += weighted_sum<Isa>(count, block.loss, block.sample_weight);
        if (residuals != nullptr)
            copy(count, block.residual, residuals + start);
        if (curvatures != nullptr)
            copy(count, curvature, curvatures + start);
    }
    return sum;
}

// ---- Sums over rows ------------------------------------------------------------------------------------

// Some rows of a block, from its row `first` on, which is visited at `start`.
struct RowGroup {
    std::size_t first, start, count;
    std::size_t asked; // where rows to be asked for begin, or no_rows

    template <class T>
    AG_INLINE std::size_t end() const {
        return padded_rows<T>(first + count);
    }
};

// coefficients(block, group) fills block.residual for a group of rows, with which add(block, group) adds them to the
// sums.
template <class Isa, class T, class Matrix, class Coefficients, class Add>
AG_INLINE double pass_over_rows(const Matrix& matrix, const LogisticRows<T>& rows, T* sums,
                                Coefficients coefficients, Add add) {
    const GroupPlan groups = plan_groups(matrix, rows);
    double sum = 0;
    RowBlock<T> block;
    for_each_pack<Isa, T>(rows.cols, [&](auto at) AG_INLINE_LAMBDA { at.store(sums, Pack<Isa, T>::zero()); });
    for (std::size_t start = 0; start < rows.count; start += rows.block_rows) {
        const std::size_t rest = rows.count - start;
        gather_rows<Isa>(rows, start, rest < rows.block_rows ? rest : rows.block_rows, block);
        for (std::size_t first = 0; first < block.count; first += groups.length) {
            const std::size_t left = block.count - first, count = left < groups.length ? left : groups.length;
            const std::size_t group_start = start + first;
            const RowGroup group = {first, group_start, count, groups.asked ? group_start + count : no_rows};
            coefficients(block, group);
            add(block, group);
        }
        sum += canonical_sum<Isa>(block.count, block.residual);
    }
    return sum;
}

// block.loss holds the rows' products with the direction. What is beyond the last row is not used.
template <bool between, class Isa, class T>
AG_OUTLINED void hessian_coefficients(const LogisticRows<T>& rows, RowBlock<T>& block, RowGroup group,
                                      T direction_intercept) {
    const auto intercept = Pack<Isa, T>::broadcast(direction_intercept);
    const bool has_intercept = rows.has_intercept;
    row_losses<between, Isa>(rows, block, group.first, group.end<T>(),
                             [&](auto at, const auto& row, auto weight) AG_INLINE_LAMBDA {
                                 const auto product =
                                     has_intercept ? at.load(block.loss) + intercept : at.load(block.loss);
                                 at.store(block.residual, row.curvature * weight * product);
                             });
}

template <class Isa, class T, class Matrix>
double hessian_vector(const Matrix& matrix, const LogisticRows<T>& rows, const T* direction, T* sums) {
    const T intercept = rows.has_intercept ? direction[rows.cols] : T(0);
    return pass_over_rows<Isa>(
        matrix, rows, sums,
        [&](RowBlock<T>& block, RowGroup group) AG_INLINE_LAMBDA {
            const auto product = [&](const T* w, T* margin) AG_INLINE_LAMBDA {
                margins_of_rows<Isa>(matrix, rows, group.start, group.count, w, margin + group.first);
            };
            product(rows.weights, block.margin);
            product(direction, block.loss);
            if (rows.targets.between)
                hessian_coefficients<true, ForSums<Isa>>(rows, block, group, intercept);
            else
                hessian_coefficients<false, ForMath<Isa>>(rows, block, group, intercept);
        },
        [&](RowBlock<T>& block, RowGroup group) AG_INLINE_LAMBDA {
            add_rows<Isa>(matrix, rows, group.start, group.count, block.residual + group.first, sums,
                          group.asked);
        });
}

// ---- Sums of squares and magnitudes --------------------------------------------------------------------

enum class Power { square, magnitude };

template <Power power, class Isa, class T>
AG_INLINE Pack<Isa, T> powered(Pack<Isa, T> x) {
    if constexpr (power == Power::square)
        return x * x;
    else
        return abs(x);
}

// sums += the sum over the rows of coefficient * power(x): groups of 8 rows, as in the gradient; the rows after them one
// by one. Meanwhile as many rows from `asked` on are asked for.
template <Power power, class Isa, class T>
AG_OUTLINED void add_powers(const DenseRows<T>& matrix, const LogisticRows<T>& rows, std::size_t start,
                            std::size_t row_count, const T* coefficient, T* sums, T*, std::size_t asked) {
    using P = Pack<Isa, T>;
    const T *x[max_block_rows], *next[max_block_rows];
    row_addresses(matrix, rows, start, row_count, x);
    if (asked != no_rows)
        row_addresses(matrix, rows, asked, row_count, next);
    const auto of = [](P element) AG_INLINE_LAMBDA { return powered<power>(element); };
    std::size_t i = 0;
    for (; i + gradient_group <= row_count; i += gradient_group)
        if (asked != no_rows)
            add_row_group<gradient_group, SameType<T>, Isa>(rows.cols, x + i, next + i, coefficient + i, sums,
                                                            of);
        else
            add_row_group<0, SameType<T>, Isa>(rows.cols, x + i, x, coefficient + i, sums, of);
    for (; i < row_count; ++i) {
        const P c = P::broadcast(coefficient[i]);
        for_each_pack<Isa, T>(rows.cols, [&](auto at) AG_INLINE_LAMBDA {
            at.store(sums, at.load(sums) + c * powered<power>(at.load(x[i])));
        });
    }
}

// |x|
template <class T>
AG_INLINE T magnitude(T x) {
    return sizeof(T) == 4 ? static_cast<T>(__builtin_fabsf(static_cast<float>(x)))
                          : static_cast<T>(__builtin_fabs(static_cast<double>(x)));
}

template <Power power, class T>
AG_INLINE T powered(T x) {
    return power == Power::square ? x * x : magnitude(x);
}

template <class Index>
AG_INLINE bool increase(std::size_t count, const Index* columns) {
    bool increasing = true;
    for (std::size_t k = 1; k < count; ++k)
        increasing &= columns[k - 1] < columns[k];
    return increasing;
}

// Entry by entry. Where the columns of a row do not increase one may occur twice: what is squared is then the sum
// of its entries, gathered in scratch, which is 0 between rows.
template <Power power, class Isa, class T, class Index>
AG_OUTLINED void add_powers(const CsrRows<T, Index>& matrix, const LogisticRows<T>& rows, std::size_t start,
                            std::size_t row_count, const T* coefficient, T* sums, T* scratch, std::size_t) {
    for_each_csr_row(matrix, rows, start, row_count,
                     [&](std::size_t i, std::size_t count, const Index* columns, const T* values)
                         AG_INLINE_LAMBDA {
                             const T c = coefficient[i];
                             const auto value = [&](std::size_t k) AG_INLINE_LAMBDA {
                                 return values != nullptr ? values[k] : T(1);
                             };
                             if (increase(count, columns)) {
                                 for (std::size_t k = 0; k < count; ++k)
                                     sums[columns[k]] += c * powered<power>(value(k));
                                 return;
                             }
                             for (std::size_t k = 0; k < count; ++k)
                                 scratch[columns[k]] += value(k);
                             for (std::size_t k = 0; k < count; ++k) {
                                 sums[columns[k]] += c * powered<power>(scratch[columns[k]]);
                                 scratch[columns[k]] = 0;
                             }
                         });
}

// norm[i] = the sum of |x| over row i, lane by lane, then folded. For CSR rows whose columns do not increase, entry by
// entry, where a column that occurs twice counts with the sum of its entries, gathered in scratch.
template <class Isa, class T>
AG_OUTLINED void norms_of_rows(const DenseRows<T>& matrix, const LogisticRows<T>& rows, std::size_t start,
                               std::size_t row_count, T* norm, T*) {
    using P = Pack<Isa, T>;
    for (std::size_t i = 0; i < row_count; ++i) {
        const T* x = matrix.values + visited_row(rows, start + i) * matrix.row_stride;
        P sum = P::zero();
        for_each_pack<Isa, T>(rows.cols, [&](auto at) AG_INLINE_LAMBDA { sum = sum + abs(at.load(x)); });
        norm[i] = fold(sum);
    }
}
template <class Isa, class T, class Index>
AG_OUTLINED void norms_of_rows(const CsrRows<T, Index>& matrix, const LogisticRows<T>& rows,
                               std::size_t start, std::size_t row_count, T* norm, T* scratch) {
    using P = Pack<Isa, T>;
    for_each_csr_row(matrix, rows, start, row_count,
                     [&](std::size_t i, std::size_t count, const Index* columns, const T* values)
                         AG_INLINE_LAMBDA {
                             if (values == nullptr) {
                                 // From a signed number, which CPUs convert by an instruction.
                                 norm[i] = static_cast<T>(static_cast<std::ptrdiff_t>(count));
                             } else if (increase(count, columns)) {
                                 P sum = P::zero();
                                 for_each_pack<Isa, T>(count, [&](auto at) AG_INLINE_LAMBDA {
                                     sum = sum + abs(at.load(values));
                                 });
                                 norm[i] = fold(sum);
                             } else {
                                 for (std::size_t k = 0; k < count; ++k)
                                     scratch[columns[k]] += values[k];
                                 T sum = 0;
                                 for (std::size_t k = 0; k < count; ++k) {
                                     sum += magnitude(scratch[columns[k]]);
                                     scratch[columns[k]] = 0;
                                 }
                                 norm[i] = sum;
                             }
                         });
}

// a_i loss''_i or a_i loss'_i^2, where a label's weight of 0 takes the row away.
template <ColumnSum kind, bool between, class Isa, class T>
AG_OUTLINED void loss_coefficients(const LogisticRows<T>& rows, RowBlock<T>& block, RowGroup group) {
    using P = Pack<Isa, T>;
    row_losses<between, Isa>(rows, block, group.first, group.end<T>(),
                             [&](auto at, const auto& row, auto weight) AG_INLINE_LAMBDA {
                                 if constexpr (kind == ColumnSum::curvature_squares)
                                     at.store(block.residual, row.curvature * weight);
                                 else if constexpr (between)
                                     at.store(block.residual,
                                              select(row.label_weight == P::zero(), P::zero(),
                                                     row.residual * row.residual / row.label_weight) *
                                                  weight);
                                 else
                                     at.store(block.residual, row.residual * row.residual * weight);
                             });
}

// a_i, times the row's sum of magnitudes, which block.loss holds, or 1.
template <class Isa, class T>
AG_OUTLINED void weight_coefficients(const LogisticRows<T>& rows, RowBlock<T>& block, RowGroup group,
                                     bool magnitudes) {
    using P = Pack<Isa, T>;
    const P one = P::broadcast(T(1)), intercept = P::broadcast(rows.has_intercept ? T(1) : T(0));
    const P positive = P::broadcast(rows.targets.positive_weight);
    const P negative = P::broadcast(rows.targets.negative_weight);
    const bool between = rows.targets.between;
    for (std::size_t i = group.first; i < group.end<T>(); i += P::lanes) {
        const WholePack<Isa, T> at = {i};
        P c = at.load(block.sample_weight);
        if (between)
            c = c * (at.load(block.sign) * positive + (one - at.load(block.sign)) * negative);
        if (magnitudes)
            c = c * (at.load(block.loss) + intercept);
        at.store(block.residual, c);
    }
}

template <ColumnSum kind, class Isa, class T, class Matrix>
AG_INLINE double column_sums_of(const Matrix& matrix, const LogisticRows<T>& rows, T* sums, T* scratch) {
    constexpr bool of_the_loss = kind == ColumnSum::curvature_squares || kind == ColumnSum::residual_squares;
    constexpr Power power = kind == ColumnSum::magnitudes ? Power::magnitude : Power::square;
    return pass_over_rows<Isa>(
        matrix, rows, sums,
        [&](RowBlock<T>& block, RowGroup group) AG_INLINE_LAMBDA {
            if constexpr (of_the_loss) {
                margins_of_rows<Isa>(matrix, rows, group.start, group.count, rows.weights,
                                     block.margin + group.first);
                if (rows.targets.between)
                    loss_coefficients<kind, true, ForSums<Isa>>(rows, block, group);
                else
                    loss_coefficients<kind, false, ForMath<Isa>>(rows, block, group);
            } else {
                if constexpr (kind == ColumnSum::magnitudes)
                    norms_of_rows<Isa>(matrix, rows, group.start, group.count, block.loss + group.first,
                                       scratch);
                weight_coefficients<Isa>(rows, block, group, kind == ColumnSum::magnitudes);
            }
        },
        [&](RowBlock<T>& block, RowGroup group) AG_INLINE_LAMBDA {
            add_powers<power, Isa>(matrix, rows, group.start, group.count, block.residual + group.first, sums,
                                   scratch, group.asked);
        });
}

template <class Isa, class T, class Matrix>
double column_sums(const Matrix& matrix, const LogisticRows<T>& rows, ColumnSum kind, T* sums, T* scratch) {
    for_each_pack<Isa, T>(scratch != nullptr ? rows.cols : 0,
                          [&](auto at) AG_INLINE_LAMBDA { at.store(scratch, Pack<Isa, T>::zero()); });
    switch (kind) {
    case ColumnSum::curvature_squares:
        return column_sums_of<ColumnSum::curvature_squares, Isa>(matrix, rows, sums, scratch);
    case ColumnSum::residual_squares:
        return column_sums_of<ColumnSum::residual_squares, Isa>(matrix, rows, sums, scratch);
    case ColumnSum::squares:
        return column_sums_of<ColumnSum::squares, Isa>(matrix, rows, sums, scratch);
    default:
        return column_sums_of<ColumnSum::magnitudes, Isa>(matrix, rows, sums, scratch);
    }
}

} // namespace
} // namespace anisograd
