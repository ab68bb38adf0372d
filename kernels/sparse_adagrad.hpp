// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad steps of listed rows of a table: the rows' gradients are somewhere else in memory, and equal rows,
// which follow one another in the list, add up first. Such steps wait for memory, so that roots come from
// the instruction and Math::fast changes nothing.
//
// Sources: Duchi, Hazan, Singer, Adaptive Subgradient Methods (JMLR 2011). One accumulator per row: the
// row-wise AdaGrad of Mudigere et al., Software-Hardware Co-design for Fast and Scalable Training of Deep
// Learning Recommendation Models (ISCA 2022), section 4.1.4.
#pragma once

#include "kernels/adagrad.hpp"

namespace anisograd {
namespace {

// The entry that many places on, or the last that may be looked at.
template <class T>
AG_INLINE const RowEntry<T>& entry_ahead(const RowList<T>& list, const RowEntry<T>* entry,
                                         std::size_t ahead) {
    const RowEntry<T>* const last = list.entries + list.readable - 1;
    return static_cast<std::size_t>(last - entry) > ahead ? entry[ahead] : *last;
}

// Rows whose steps come later are asked for, into the first cache. (Measured on Zen 5: first into the second one, from
// farther away, takes 5 to 25 per cent longer.)
struct RowToCome {
    std::size_t row, gradient;

    template <class T>
    AG_INLINE void prefetch(const T* array, std::size_t cols, std::size_t column) const {
        __builtin_prefetch(array + row * cols + column, 1);
    }
    // Gradients mostly follow one another, and yet the hardware does not have them in time: row-wise steps of 64 and 128
    // columns take 0.6 times as long with this on Zen 5.
    template <class T>
    AG_INLINE void prefetch_gradient(const T* g, std::size_t cols, std::size_t column) const {
        __builtin_prefetch(g + gradient * cols + column);
    }
};

// Gives the row that comes some places after an entry: as far ahead as the first cache has room for. row_bytes: what is
// asked for of a row, not 0.
class RowsAhead {
public:
    AG_INLINE explicit RowsAhead(std::size_t row_bytes) {
        constexpr std::size_t cache_share = 16 * 1024;
        const std::size_t held = cache_share / row_bytes;
        ahead_ = held > listed_rows_ahead ? listed_rows_ahead : held == 0 ? 1 : held;
    }

    template <class T>
    AG_INLINE RowToCome of(const RowList<T>& list, const RowEntry<T>* entry) const {
        const RowEntry<T>& next = entry_ahead(list, entry, ahead_);
        return {next.row, next.gradient};
    }

private:
    std::size_t ahead_;
};

// Calls body(first, last) for each run of entries of the same row.
template <class T, class Body>
AG_INLINE void for_each_listed_row(const RowList<T>& list, Body body) {
    const RowEntry<T>* const end = list.entries + list.count;
    for (const RowEntry<T>* first = list.entries; first != end;) {
        const RowEntry<T>* last = first + 1;
        while (last != end && last->row == first->row)
            ++last;
        body(first, last);
        first = last;
    }
}

// term(entry), added up over a run of entries from the first on.
template <class T, class Term>
AG_INLINE auto sum_over_run(const RowEntry<T>* first, const RowEntry<T>* last, Term term) {
    auto sum = term(first);
    for (const RowEntry<T>* k = first + 1; k < last; ++k)
        sum = sum + term(k);
    return sum;
}

// The gradients of a run of entries. single: there is but one, unweighted.
template <bool single, class T>
struct RunGradient {
    const RowEntry<T>*first, *last;
    const T* g; // single: its row; else the array's beginning
    std::size_t cols;
    bool weighted;

    template <class At>
    AG_INLINE auto operator()(At at) const {
        if constexpr (single) {
            return at.load(g);
        } else {
            using P = decltype(at.load(g));
            return sum_over_run(first, last, [&](const RowEntry<T>* k) AG_INLINE_LAMBDA {
                const P row = at.load(g + k->gradient * cols);
                return weighted ? P::broadcast(k->weight) * row : row;
            });
        }
    }
};

template <class T, class Action>
AG_INLINE void with_run_gradient(const RowList<T>& list, const RowEntry<T>* first, const RowEntry<T>* last,
                                 const T* g, std::size_t cols, Action action) {
    if (first + 1 == last && !list.weighted) [[likely]]
        action(RunGradient<true, T>{first, last, g + first->gradient * cols, cols, false});
    else
        action(RunGradient<false, T>{first, last, g, cols, list.weighted});
}

// Rows of at least a pack, one accumulator per element.
template <class Isa, class T>
void adagrad_step_rows(const RowList<T>& rows, std::size_t cols, T* w, const T* g, T* v,
                       const StepParameters<T>& parameters) {
    const RowList<T> list = rows;
    const StepParameters<T> p = parameters;
    const RowsAhead ahead(2 * cols * sizeof(T));
    for_each_listed_row(list, [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
        T* const row_w = w + first->row * cols;
        T* const row_v = v + first->row * cols;
        const RowToCome to_come = ahead.of(list, first);
        with_run_gradient(list, first, last, g, cols, [&](auto gradient) AG_INLINE_LAMBDA {
            for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
                to_come.prefetch(w, cols, at.index);
                to_come.prefetch(v, cols, at.index);
                to_come.prefetch_gradient(g, cols, at.index);
                at.store(row_w, stepped<GeneralStep>(at, at.load(row_w), gradient(at), row_v, p));
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
        for_each_pack<Isa, T>(count * cols, [&, p = parameters](auto at) AG_INLINE_LAMBDA {
            at.store(w_buffer, stepped<GeneralStep>(at, at.load(w_buffer), at.load(g_buffer), v_buffer, p));
        });
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j < cols; ++j) {
                w[at_row[i]->row * cols + j] = w_buffer[i * cols + j];
                v[at_row[i]->row * cols + j] = v_buffer[i * cols + j];
            }
        count = 0;
    };
    for_each_listed_row(rows, [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
        const RowEntry<T>& next = entry_ahead(rows, first, listed_rows_ahead);
        __builtin_prefetch(w + next.row * cols, 1);
        __builtin_prefetch(v + next.row * cols, 1);
        __builtin_prefetch(g + next.gradient * cols);
        at_row[count] = first;
        for (std::size_t j = 0; j < cols; ++j) {
            w_buffer[count * cols + j] = w[first->row * cols + j];
            v_buffer[count * cols + j] = v[first->row * cols + j];
            g_buffer[count * cols + j] =
                sum_over_run(first, last, [&](const RowEntry<T>* k) AG_INLINE_LAMBDA {
                    const T element = g[k->gradient * cols + j];
                    return rows.weighted ? k->weight * element : element;
                });
        }
        if (++count == most_rows)
            step_gathered();
    });
    step_gathered();
}

// One accumulator per row, which takes the mean of the row's squares. A few rows' sums come before their steps:
// a step waits for its row's sum, and the next row need not.
template <class Isa, class T>
void adagrad_step_rowwise(const RowList<T>& rows, std::size_t cols, T* w, const T* g, T* v,
                          const StepParameters<T>& parameters) {
    using P = Pack<Isa, T>;
    constexpr std::size_t batch = 8;
    const RowList<T> list = rows;
    const StepParameters<T> p = parameters;
    const RowsAhead ahead(cols * sizeof(T));
    // Short rows of w are asked for before their sums, long ones within their steps.
    const bool short_rows = cols * sizeof(T) <= 1024;
    const RowEntry<T>*firsts[batch], *lasts[batch];
    T lambdas[batch];
    std::size_t count = 0;
    const auto step_batch = [&]() AG_INLINE_LAMBDA {
        for (std::size_t i = 0; i < count; ++i) {
            const T* const row_w = w + firsts[i]->row * cols;
            const RowToCome to_come = ahead.of(list, firsts[i]);
            to_come.prefetch(v, 1, 0);
            for (std::size_t column = 0; short_rows && column < cols; column += 64 / sizeof(T))
                to_come.prefetch(w, cols, column);
            double squares = 0;
            with_run_gradient(list, firsts[i], lasts[i], g, cols, [&](auto gradient) AG_INLINE_LAMBDA {
                // A weight may be infinite, and times padding not 0.
                squares = sum_of_squares<Isa>(
                    cols, row_w, [=](auto at) AG_INLINE_LAMBDA { return at.without_padding(gradient(at)); },
                    p);
            });
            T& accumulator = v[firsts[i]->row];
            accumulator = accumulator + T(squares / double(cols));
            lambdas[i] = lambda_of(accumulator, p.epsilon);
        }
        for (std::size_t i = 0; i < count; ++i) {
            T* const row_w = w + firsts[i]->row * cols;
            const P lambda = P::broadcast(lambdas[i]);
            const RowToCome to_come = ahead.of(list, firsts[i]);
            with_run_gradient(list, firsts[i], lasts[i], g, cols, [&](auto gradient) AG_INLINE_LAMBDA {
                for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
                    if (!short_rows)
                        to_come.prefetch(w, cols, at.index);
                    to_come.prefetch_gradient(g, cols, at.index);
                    const P old_w = at.load(row_w);
                    const P q = effective_gradient<false>(gradient(at), old_w, p);
                    const P step = P::broadcast(p.learning_rate) * q;
                    at.store(row_w, moved_by(lambda, shrunk<false>(old_w, p), step, p));
                });
            });
        }
        count = 0;
    };
    for_each_listed_row(list, [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
        firsts[count] = first;
        lasts[count] = last;
        if (++count == batch)
            step_batch();
    });
    step_batch();
}

} // namespace
} // namespace anisograd
