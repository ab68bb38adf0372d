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
    std::size_t row[max_block_rows];
    for (std::size_t start = 0; start < rows.count; start += max_block_rows) {
        const std::size_t rest = rows.count - start, count = rest < max_block_rows ? rest : max_block_rows;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t visited = rows.first + start + i;
            row[i] =
                rows.row_indices != nullptr ? static_cast<std::size_t>(rows.row_indices[visited]) : visited;
        }
        margins_of_rows<Isa, T, Format...>(matrix, rows.cols, row, count, rows.weights, margins + start);
    }
    if (rows.has_intercept)
        add_to_all<Isa>(rows.count, margins, rows.weights[rows.cols]);
}

// ---- The loss from margins -----------------------------------------------------------------------------

template <bool between, class Isa, class T>
AG_OUTLINED void losses_with_curvatures(const LogisticRows<T>& rows, RowBlock<T>& block, T* curvature) {
    for_each_row_loss<between, Isa>(rows, block, [&](auto at, const auto& row, auto weight) AG_INLINE_LAMBDA {
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

// coefficients(block) fills block.residual, with which add(block) adds the rows to the sums.
template <class Isa, class T, class Coefficients, class Add>
AG_INLINE double pass_over_rows(const LogisticRows<T>& rows, T* sums, Coefficients coefficients, Add add) {
    double sum = 0;
    RowBlock<T> block;
    for_each_pack<Isa, T>(rows.cols, [&](auto at) AG_INLINE_LAMBDA { at.store(sums, Pack<Isa, T>::zero()); });
    for (std::size_t start = 0; start < rows.count; start += rows.block_rows) {
        const std::size_t rest = rows.count - start;
        gather_rows<Isa>(rows, start, rest < rows.block_rows ? rest : rows.block_rows, block);
        coefficients(block);
        sum += canonical_sum<Isa>(block.count, block.residual);
        add(block);
    }
    return sum;
}

// block.loss holds the rows' products with the direction. What is beyond the last row is not used.
template <bool between, class Isa, class T>
AG_OUTLINED void hessian_coefficients(const LogisticRows<T>& rows, RowBlock<T>& block,
                                      T direction_intercept) {
    const auto intercept = Pack<Isa, T>::broadcast(direction_intercept);
    const bool has_intercept = rows.has_intercept;
    for_each_row_loss<between, Isa>(rows, block, [&](auto at, const auto& row, auto weight) AG_INLINE_LAMBDA {
        const auto product = has_intercept ? at.load(block.loss) + intercept : at.load(block.loss);
        at.store(block.residual, row.curvature * weight * product);
    });
}

template <class Isa, class T, class Matrix>
double hessian_vector(const Matrix& matrix, const LogisticRows<T>& rows, const T* direction, T* sums) {
    const T intercept = rows.has_intercept ? direction[rows.cols] : T(0);
    return pass_over_rows<Isa>(
        rows, sums,
        [&](RowBlock<T>& block) AG_INLINE_LAMBDA {
            margins_of_rows<Isa>(matrix, rows.cols, block.row, block.count, rows.weights, block.margin);
            margins_of_rows<Isa>(matrix, rows.cols, block.row, block.count, direction, block.loss);
            if (rows.targets.between)
                hessian_coefficients<true, ForSums<Isa>>(rows, block, intercept);
            else
                hessian_coefficients<false, ForMath<Isa>>(rows, block, intercept);
        },
        [&](RowBlock<T>& block) AG_INLINE_LAMBDA {
            add_rows<Isa>(matrix, rows.cols, block.row, block.count, block.residual, sums);
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

// sums += the sum over the rows of coefficient * power(x): groups of 8 rows, as in the gradient.
template <Power power, class Isa, class T>
AG_OUTLINED void add_powers(const DenseRows<T>& matrix, std::size_t cols, const std::size_t* row,
                            std::size_t row_count, const T* coefficient, T* sums, T*) {
    using P = Pack<Isa, T>;
    std::size_t i = 0;
    for (; i + gradient_group <= row_count; i += gradient_group) {
        const T* x[gradient_group];
        P c[gradient_group];
        unrolled<gradient_group>([&](std::size_t k) AG_INLINE_LAMBDA {
            x[k] = matrix.values + row[i + k] * matrix.row_stride;
            c[k] = P::broadcast(coefficient[i + k]);
        });
        for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
            P sum = c[0] * powered<power>(at.load(x[0]));
            sum = sum + c[1] * powered<power>(at.load(x[1]));
            sum = sum + c[2] * powered<power>(at.load(x[2]));
            sum = sum + c[3] * powered<power>(at.load(x[3]));
            sum = sum + c[4] * powered<power>(at.load(x[4]));
            sum = sum + c[5] * powered<power>(at.load(x[5]));
            sum = sum + c[6] * powered<power>(at.load(x[6]));
            sum = sum + c[7] * powered<power>(at.load(x[7]));
            at.store(sums, at.load(sums) + sum);
        });
    }
    for (; i < row_count; ++i) {
        const T* x = matrix.values + row[i] * matrix.row_stride;
        const P c = P::broadcast(coefficient[i]);
        for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
            at.store(sums, at.load(sums) + c * powered<power>(at.load(x)));
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
AG_OUTLINED void add_powers(const CsrRows<T, Index>& matrix, std::size_t, const std::size_t* row,
                            std::size_t row_count, const T* coefficient, T* sums, T* scratch) {
    for_each_csr_row(matrix, row, row_count,
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
AG_OUTLINED void norms_of_rows(const DenseRows<T>& matrix, std::size_t cols, const std::size_t* row,
                               std::size_t row_count, T* norm, T*) {
    using P = Pack<Isa, T>;
    for (std::size_t i = 0; i < row_count; ++i) {
        const T* x = matrix.values + row[i] * matrix.row_stride;
        P sum = P::zero();
        for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA { sum = sum + abs(at.load(x)); });
        norm[i] = fold(sum);
    }
}
template <class Isa, class T, class Index>
AG_OUTLINED void norms_of_rows(const CsrRows<T, Index>& matrix, std::size_t, const std::size_t* row,
                               std::size_t row_count, T* norm, T* scratch) {
    using P = Pack<Isa, T>;
    for_each_csr_row(matrix, row, row_count,
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
AG_OUTLINED void loss_coefficients(const LogisticRows<T>& rows, RowBlock<T>& block) {
    using P = Pack<Isa, T>;
    for_each_row_loss<between, Isa>(rows, block, [&](auto at, const auto& row, auto weight) AG_INLINE_LAMBDA {
        if constexpr (kind == ColumnSum::curvature_squares)
            at.store(block.residual, row.curvature * weight);
        else if constexpr (between)
            at.store(block.residual, select(row.label_weight == P::zero(), P::zero(),
                                            row.residual * row.residual / row.label_weight) *
                                         weight);
        else
            at.store(block.residual, row.residual * row.residual * weight);
    });
}

// a_i, times the row's sum of magnitudes, which block.loss holds, or 1.
template <class Isa, class T>
AG_OUTLINED void weight_coefficients(const LogisticRows<T>& rows, RowBlock<T>& block, bool magnitudes) {
    using P = Pack<Isa, T>;
    const P one = P::broadcast(T(1)), intercept = P::broadcast(rows.has_intercept ? T(1) : T(0));
    const P positive = P::broadcast(rows.targets.positive_weight);
    const P negative = P::broadcast(rows.targets.negative_weight);
    const bool between = rows.targets.between;
    for_each_pack<Isa, T>(padded_rows<T>(block.count), [&](auto at) AG_INLINE_LAMBDA {
        P c = at.load(block.sample_weight);
        if (between)
            c = c * (at.load(block.sign) * positive + (one - at.load(block.sign)) * negative);
        if (magnitudes)
            c = c * (at.load(block.loss) + intercept);
        at.store(block.residual, c);
    });
}

template <ColumnSum kind, class Isa, class T, class Matrix>
AG_INLINE double column_sums_of(const Matrix& matrix, const LogisticRows<T>& rows, T* sums, T* scratch) {
    constexpr bool of_the_loss = kind == ColumnSum::curvature_squares || kind == ColumnSum::residual_squares;
    constexpr Power power = kind == ColumnSum::magnitudes ? Power::magnitude : Power::square;
    return pass_over_rows<Isa>(
        rows, sums,
        [&](RowBlock<T>& block) AG_INLINE_LAMBDA {
            if constexpr (of_the_loss) {
                margins_of_rows<Isa>(matrix, rows.cols, block.row, block.count, rows.weights, block.margin);
                if (rows.targets.between)
                    loss_coefficients<kind, true, ForSums<Isa>>(rows, block);
                else
                    loss_coefficients<kind, false, ForMath<Isa>>(rows, block);
            } else {
                if constexpr (kind == ColumnSum::magnitudes)
                    norms_of_rows<Isa>(matrix, rows.cols, block.row, block.count, block.loss, scratch);
                weight_coefficients<Isa>(rows, block, kind == ColumnSum::magnitudes);
            }
        },
        [&](RowBlock<T>& block) AG_INLINE_LAMBDA {
            add_powers<power, Isa>(matrix, rows.cols, block.row, block.count, block.residual, sums, scratch);
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
