// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad steps of listed rows of a table: the rows' gradients are somewhere else in memory, and equal rows,
// which follow one another in the list, add up first. Such steps wait for memory, so that roots come from
// the instruction and AG_MATH_FAST changes nothing.
//
// Sources: Duchi, Hazan, Singer, Adaptive Subgradient Methods (JMLR 2011). One accumulator per row: the
// row-wise AdaGrad of Mudigere et al., Software-Hardware Co-design for Fast and Scalable Training of Deep
// Learning Recommendation Models (ISCA 2022), section 4.1.4.
#pragma once

#include "kernels/adagrad.hpp"

namespace anisograd {
namespace {

template <ag_epsilon_mode mode>
using SparseStepKind = StepKind<mode, AG_MATH_STRICT, false>;

// Asks for the beginning of a row; the CPU itself follows a long one.
template <bool write, class T>
AG_INLINE void prefetch_row(const T* row, std::size_t cols) {
    constexpr std::size_t line = 64 / sizeof(T), most_lines = 8;
    const std::size_t wanted = cols < most_lines * line ? cols : most_lines * line;
    for (std::size_t j = 0; j < wanted; j += line)
        __builtin_prefetch(row + j, write ? 1 : 0);
    __builtin_prefetch(row + wanted - 1, write ? 1 : 0); // rows need not begin at a line
}

// Calls prefetch(entry) some entries ahead, and body(first, last) for each run of entries of the same row.
template <class T, class Prefetch, class Body>
AG_INLINE void for_each_listed_row(const RowList<T>& list, Prefetch prefetch, Body body) {
    const RowEntry<T>* const end = list.entries + list.count;
    const RowEntry<T>* const readable = list.entries + list.readable;
    const RowEntry<T>* ahead = list.entries;
    for (const RowEntry<T>* first = list.entries; first != end;) {
        const RowEntry<T>* last = first + 1;
        while (last != end && last->row == first->row)
            ++last;
        for (; ahead < readable && ahead < last + rows_ahead; ++ahead)
            prefetch(*ahead);
        body(first, last);
        first = last;
    }
}

// One pack of the sum of a run's gradients, from the first on.
template <class Isa, class T, class At>
AG_INLINE Pack<Isa, T> summed_gradient(At at, const RowEntry<T>* first, const RowEntry<T>* last,
                                       bool weighted, const T* g, std::size_t cols) {
    using P = Pack<Isa, T>;
    const auto term = [&](const RowEntry<T>* k) AG_INLINE_LAMBDA {
        const P row = at.load(g + k->gradient * cols);
        return weighted ? P::broadcast(k->weight) * row : row;
    };
    P sum = term(first);
    for (const RowEntry<T>* k = first + 1; k < last; ++k)
        sum = sum + term(k);
    return sum;
}

// Rows of at least a pack, one accumulator per element.
template <class Isa, class T>
void adagrad_step_rows(const RowList<T>& rows, std::size_t cols, T* w, const T* g, T* v,
                       const StepParameters<T>& parameters) {
    with_epsilon_mode(parameters.epsilon_mode, [=, list = rows, p = parameters]<ag_epsilon_mode mode>(
                                                   EpsilonMode<mode>) AG_INLINE_LAMBDA {
        for_each_listed_row(
            list,
            [&](const RowEntry<T>& entry) AG_INLINE_LAMBDA {
                prefetch_row<true>(w + entry.row * cols, cols);
                prefetch_row<true>(v + entry.row * cols, cols);
                prefetch_row<false>(g + entry.gradient * cols, cols);
            },
            [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
                T* const row_w = w + first->row * cols;
                T* const row_v = v + first->row * cols;
                for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
                    const auto gradient = summed_gradient<Isa>(at, first, last, list.weighted, g, cols);
                    at.store(row_w, stepped<SparseStepKind<mode>>(at, row_w, gradient, row_v, p));
                });
            });
    });
}

// Rows of less than a pack, single elements among them: gathered into packs, stepped, and put back.
template <class Isa, class T>
void adagrad_step_narrow_rows(const RowList<T>& rows, std::size_t cols, T* w, const T* g, T* v,
                              const StepParameters<T>& parameters) {
    constexpr std::size_t room = 256;
    const std::size_t most_rows = room / cols;
    const RowEntry<T>* at_row[room];
    alignas(pack_bytes) T w_buffer[room], v_buffer[room], g_buffer[room];
    std::size_t count = 0;
    const auto step_gathered = [&] {
        with_epsilon_mode(
            parameters.epsilon_mode, [&]<ag_epsilon_mode mode>(EpsilonMode<mode>) AG_INLINE_LAMBDA {
                for_each_pack<Isa, T>(count * cols, [&, p = parameters](auto at) AG_INLINE_LAMBDA {
                    at.store(w_buffer,
                             stepped<SparseStepKind<mode>>(at, w_buffer, at.load(g_buffer), v_buffer, p));
                });
            });
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j < cols; ++j) {
                w[at_row[i]->row * cols + j] = w_buffer[i * cols + j];
                v[at_row[i]->row * cols + j] = v_buffer[i * cols + j];
            }
        count = 0;
    };
    for_each_listed_row(
        rows,
        [&](const RowEntry<T>& entry) AG_INLINE_LAMBDA {
            prefetch_row<true>(w + entry.row * cols, cols);
            prefetch_row<true>(v + entry.row * cols, cols);
            prefetch_row<false>(g + entry.gradient * cols, cols);
        },
        [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
            at_row[count] = first;
            for (std::size_t j = 0; j < cols; ++j) {
                w_buffer[count * cols + j] = w[first->row * cols + j];
                v_buffer[count * cols + j] = v[first->row * cols + j];
                const auto term = [&](const RowEntry<T>* k) AG_INLINE_LAMBDA {
                    const T element = g[k->gradient * cols + j];
                    return rows.weighted ? k->weight * element : element;
                };
                T sum = term(first);
                for (const RowEntry<T>* k = first + 1; k < last; ++k)
                    sum += term(k);
                g_buffer[count * cols + j] = sum;
            }
            if (++count == most_rows)
                step_gathered();
        });
    step_gathered();
}

// One accumulator per row, which takes the mean of the row's squares.
template <class Isa, class T>
void adagrad_step_rowwise(const RowList<T>& rows, std::size_t cols, T* w, const T* g, T* v,
                          const StepParameters<T>& parameters) {
    using P = Pack<Isa, T>;
    with_epsilon_mode(parameters.epsilon_mode, [=, list = rows, p = parameters]<ag_epsilon_mode mode>(
                                                   EpsilonMode<mode>) AG_INLINE_LAMBDA {
        for_each_listed_row(
            list,
            [&](const RowEntry<T>& entry) AG_INLINE_LAMBDA {
                prefetch_row<true>(w + entry.row * cols, cols);
                __builtin_prefetch(v + entry.row, 1);
                prefetch_row<false>(g + entry.gradient * cols, cols);
            },
            [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
                T* const row_w = w + first->row * cols;
                const bool weighted = list.weighted;
                const auto gradient = [=](auto at, auto old_w) AG_INLINE_LAMBDA {
                    const auto sum = summed_gradient<Isa>(at, first, last, weighted, g, cols);
                    return effective_gradient<false>(sum, old_w, p);
                };
                double squares[1];
                canonical_sums<Isa, T>(cols, squares, [=](auto at, auto& out) AG_INLINE_LAMBDA {
                    const auto q = to_double(gradient(at, at.load(row_w)));
                    out[0] = q * q;
                });
                const T new_v = v[first->row] + T(squares[0] / double(cols));
                v[first->row] = new_v;
                const P lambda = lambda_of<mode>(P::broadcast(new_v), p.epsilon);
                for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
                    const P old_w = at.load(row_w);
                    const P step = P::broadcast(p.learning_rate) * gradient(at, old_w);
                    at.store(row_w, moved_by(lambda, shrunk<false>(old_w, p), step, p));
                });
            });
    });
}

} // namespace
} // namespace anisograd
