// SPDX-License-Identifier: BSD-3-Clause
//
// Multinomial logistic loss and gradient. The margins of a block of rows are kept class by class, so that packs hold rows,
// and every class's margins and share of the gradient are those of the logistic kernels.
//
// With M the largest margin of a row, at class c, and rest the sum of exp(m_k - M) over the other classes, in their order:
//
//     loss = log1p(rest) + (M - m_y),  p_k = exp(m_k - M) / (1 + rest),  p_c - 1 = -rest / (1 + rest)
//
// so that neither the loss nor a residual cancels where the row's own class has almost all of the probability.
#pragma once

#include "kernels/row_pass.hpp"

namespace anisograd {
namespace {

template <class T>
struct SoftmaxBlock {
    std::size_t count;
    alignas(pack_bytes) T label[softmax_block_rows];
    alignas(pack_bytes) T sample_weight[softmax_block_rows];
    alignas(pack_bytes) T largest[softmax_block_rows];  // margin
    alignas(pack_bytes) T at[softmax_block_rows];       // its class
    alignas(pack_bytes) T of_label[softmax_block_rows]; // the margin of the row's class
    alignas(pack_bytes) T rest[softmax_block_rows];
    alignas(pack_bytes) T loss[softmax_block_rows];
};

template <class T>
AG_OUTLINED void gather_softmax_rows(const SoftmaxRows<T>& problem, std::size_t start, std::size_t count,
                                     SoftmaxBlock<T>& block) {
    const LogisticRows<T>& rows = problem.rows;
    block.count = count;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t row = visited_row(rows, start + i);
        block.label[i] = static_cast<T>(problem.class_of_row[row]);
        block.sample_weight[i] = rows.sample_weight != nullptr ? rows.sample_weight[row] : T(1);
    }
}

// The largest margin of each row and its class, the first of equal ones, and the margin of the row's own class.
template <class Isa, class T>
AG_OUTLINED void largest_margins(const SoftmaxRows<T>& problem, const T* margins, SoftmaxBlock<T>& block) {
    using P = Pack<Isa, T>;
    for_each_pack<Isa, T>(padded_rows<T>(block.count), [&](auto at) AG_INLINE_LAMBDA {
        P largest = at.load(margins), largest_at = P::zero(), of_label = largest;
        const P label = at.load(block.label);
        for (std::size_t k = 1; k < problem.classes; ++k) {
            const P margin = at.load(margins + k * softmax_block_rows),
                    number = P::broadcast(static_cast<T>(k));
            const auto larger = margin > largest;
            largest = select(larger, margin, largest);
            largest_at = select(larger, number, largest_at);
            of_label = select(label == number, margin, of_label);
        }
        at.store(block.largest, largest);
        at.store(block.at, largest_at);
        at.store(block.of_label, of_label);
        at.store(block.rest, largest - largest); // 0, or NaN where the largest is not finite
    });
}

// margins of one class become exp(m - M), and are added to the rest, but for the largest one's.
template <class Isa, class T>
AG_OUTLINED void exponentials(std::size_t k, T* margins, SoftmaxBlock<T>& block) {
    using P = Pack<Isa, T>;
    const P number = P::broadcast(static_cast<T>(k));
    for_each_pack<Isa, T>(padded_rows<T>(block.count), [&](auto at) AG_INLINE_LAMBDA {
        const P e = exp(at.load(margins) - at.load(block.largest));
        at.store(margins, e);
        const P rest = at.load(block.rest);
        at.store(block.rest, select(at.load(block.at) == number, rest, rest + e));
    });
}

template <class Isa, class T>
AG_OUTLINED void softmax_losses(SoftmaxBlock<T>& block) {
    for_each_pack<Isa, T>(padded_rows<T>(block.count), [&](auto at) AG_INLINE_LAMBDA {
        at.store(block.loss, log1p(at.load(block.rest)) + (at.load(block.largest) - at.load(block.of_label)));
    });
}

// The exponentials of one class become its residuals, times the sample weights.
template <class Isa, class T>
AG_OUTLINED void softmax_residuals(std::size_t k, T* exponentials, const SoftmaxBlock<T>& block) {
    using P = Pack<Isa, T>;
    const P number = P::broadcast(static_cast<T>(k)), one = P::broadcast(T(1));
    for_each_pack<Isa, T>(padded_rows<T>(block.count), [&](auto at) AG_INLINE_LAMBDA {
        const P rest = at.load(block.rest), sum = one + rest;
        const auto is_largest = at.load(block.at) == number, is_label = at.load(block.label) == number;
        const P probability = at.load(exponentials) / sum;
        const P of_label = select(is_largest, -(rest / sum), probability - one);
        at.store(exponentials, select(is_label, of_label, probability) * at.load(block.sample_weight));
    });
}

template <class Isa, class T, class Matrix>
double softmax(const Matrix& matrix, const SoftmaxRows<T>& problem, T* margins, T* gradient,
               double* residual_sums) {
    const LogisticRows<T>& rows = problem.rows;
    SoftmaxBlock<T> block = {}; // what packs hold beyond the last row is not used, but read
    double loss = 0;
    for (std::size_t k = 0; k < problem.classes; ++k) {
        residual_sums[k] = 0;
        if (gradient != nullptr)
            for_each_pack<Isa, T>(rows.cols, [&](auto at) AG_INLINE_LAMBDA {
                at.store(gradient + k * problem.class_stride, Pack<Isa, T>::zero());
            });
    }
    for (std::size_t start = 0; start < rows.count; start += rows.block_rows) {
        const std::size_t rest = rows.count - start;
        gather_softmax_rows(problem, start, rest < rows.block_rows ? rest : rows.block_rows, block);
        for (std::size_t k = 0; k < problem.classes; ++k) {
            T* const margin = margins + k * softmax_block_rows;
            const T* const w = rows.weights + k * problem.class_stride;
            margins_of_rows<Isa>(matrix, rows, start, block.count, w, margin);
            for (std::size_t i = block.count; i < padded_rows<T>(block.count); ++i)
                margin[i] = 0;
            if (rows.has_intercept)
                add_to_all<Isa>(block.count, margin, w[rows.cols]);
        }
        largest_margins<ForSums<Isa>>(problem, margins, block);
        for (std::size_t k = 0; k < problem.classes; ++k)
            exponentials<ForMath<Isa>>(k, margins + k * softmax_block_rows, block);
        softmax_losses<ForMath<Isa>>(block);
        loss += weighted_sum<Isa>(block.count, block.loss, block.sample_weight);
        if (gradient == nullptr)
            continue;
        for (std::size_t k = 0; k < problem.classes; ++k) {
            T* const residual = margins + k * softmax_block_rows;
            softmax_residuals<ForSums<Isa>>(k, residual, block);
            residual_sums[k] += canonical_sum<Isa>(block.count, residual);
            add_rows<Isa>(matrix, rows, start, block.count, residual, gradient + k * problem.class_stride);
        }
    }
    return loss;
}

} // namespace
} // namespace anisograd
