// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad steps of listed rows of a table: the rows' gradients are somewhere else in memory, and equal rows,
// which follow one another in the list, add up first. Such steps wait for memory, so that Math::fast changes
// nothing.
//
// Sources: Duchi, Hazan, Singer, Adaptive Subgradient Methods (JMLR 2011). One accumulator per row: the
// row-wise AdaGrad of Mudigere et al., Software-Hardware Co-design for Fast and Scalable Training of Deep
// Learning Recommendation Models (ISCA 2022), section 4.1.4.
#pragma once

#include "kernels/adagrad.hpp"

namespace anisograd {
namespace {

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

// Gives the row that comes some places after an entry, as far ahead as the first cache has room for, or the last that
// may be looked at. row_bytes: what is asked for of a row, not 0.
template <class T>
class RowsAhead {
public:
    AG_INLINE RowsAhead(const RowList<T>& list, std::size_t row_bytes)
        : ahead_(rows_held(row_bytes)), last_(list.entries + list.readable - 1),
          end_(list.readable > ahead_ ? list.entries + (list.readable - ahead_) : list.entries) {}

    AG_INLINE RowToCome of(const RowEntry<T>* entry) const {
        const RowEntry<T>& next = entry < end_ ? entry[ahead_] : *last_;
        return {next.row, next.gradient};
    }

private:
    static AG_INLINE std::size_t rows_held(std::size_t row_bytes) {
        constexpr std::size_t cache_share = 16 * 1024;
        const std::size_t held = cache_share / row_bytes;
        return held > listed_rows_ahead ? listed_rows_ahead : held == 0 ? 1 : held;
    }

    std::size_t ahead_;
    const RowEntry<T>*last_, *end_; // end_: of the entries that have one so many places on
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
    const RowsAhead<T> ahead(list, 2 * cols * sizeof(T));
    with_strict_step_kind(parameters, [&, p = parameters]<class Kind>(Kind) AG_INLINE_LAMBDA {
        for_each_listed_row(list, [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
            T* const row_w = w + first->row * cols;
            T* const row_v = v + first->row * cols;
            const RowToCome to_come = ahead.of(first);
            with_run_gradient(list, first, last, g, cols, [&](auto gradient) AG_INLINE_LAMBDA {
                for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
                    to_come.prefetch(w, cols, at.index);
                    to_come.prefetch(v, cols, at.index);
                    to_come.prefetch_gradient(g, cols, at.index);
                    at.store(row_w, stepped<Kind>(at, at.load(row_w), gradient(at), row_v, p));
                });
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
    const RowsAhead<T> ahead(rows, 2 * cols * sizeof(T));
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
        const RowToCome to_come = ahead.of(first);
        to_come.prefetch(w, cols, 0);
        to_come.prefetch(v, cols, 0);
        to_come.prefetch_gradient(g, cols, 0);
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

// ---- One accumulator per row ------------------------------------------------------------------------------

inline constexpr std::size_t rowwise_batch = 8;

template <class T>
struct RowwiseBatch {
    std::size_t count;
    const RowEntry<T>*first[rowwise_batch], *last[rowwise_batch]; // a run for each row
    T lambda[rowwise_batch];
};

// plain: as is_plain.
template <bool plain, class Isa, class T, class Gradient>
AG_INLINE void step_row_by(T row_lambda, std::size_t cols, T* row_w, Gradient gradient, const T* g,
                           const RowToCome& to_come, const StepParameters<T>& p) {
    using P = Pack<Isa, T>;
    const bool moved_alone = plain || (p.l1_step == 0 && p.l2_step == 0 && row_lambda != 0);
    const Divisor<Isa, T> lambda(row_lambda);
    for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
        to_come.prefetch_gradient(g, cols, at.index);
        const P old_w = at.load(row_w), kept_w = shrunk<plain>(old_w, p);
        const P step = P::broadcast(p.learning_rate) * effective_gradient<plain>(gradient(at), old_w, p);
        at.store(row_w, moved_alone ? kept_w - step / lambda : moved_by(lambda.value(), kept_w, step, p));
    });
}

// A few rows with one accumulator each, which takes the mean of the row's squares. Their sums come before their
// steps: a step waits for its row's sum, and the next row need not. single: each row has one gradient, unweighted.
template <bool single, bool plain, class Isa, class T>
AG_OUTLINED void step_rowwise_batch(RowwiseBatch<T>& batch, bool weighted, const RowsAhead<T>& rows_ahead,
                                    std::size_t cols, T* w, const T* g, T* v,
                                    const StepParameters<T>& parameters) {
    const StepParameters<T> p = parameters;
    const RowsAhead<T> ahead = rows_ahead;
    const auto gradient_of = [=, &batch](std::size_t i) AG_INLINE_LAMBDA {
        const RowEntry<T>* const first = batch.first[i];
        return RunGradient<single, T>{first, batch.last[i], single ? g + first->gradient * cols : g, cols,
                                      weighted};
    };
    for (std::size_t i = 0; i < batch.count; ++i) {
        const std::size_t row = batch.first[i]->row;
        const RowToCome to_come = ahead.of(batch.first[i]);
        to_come.prefetch(v, 1, 0);
        for (std::size_t column = 0; !single && column < cols; column += 64 / sizeof(T))
            to_come.prefetch(w, cols, column);
        // A weight may be infinite, and times padding not 0.
        const double squares = sum_of_squares<plain, Isa>(
            cols, w + row * cols,
            [=, gradient = gradient_of(i)](auto at) AG_INLINE_LAMBDA {
                if constexpr (single) // else the loop has registers for its sums alone
                    to_come.prefetch(w, cols, at.index);
                return at.without_padding(gradient(at));
            },
            p);
        v[row] = v[row] + T(squares / double(cols));
        batch.lambda[i] = lambda_of(v[row], p.epsilon);
    }
    for (std::size_t i = 0; i < batch.count; ++i) {
        if (plain && batch.lambda[i] == 0) // nothing moves
            continue;
        step_row_by<plain, Isa>(batch.lambda[i], cols, w + batch.first[i]->row * cols, gradient_of(i), g,
                                ahead.of(batch.first[i]), p);
    }
}

template <class Isa, class T>
void adagrad_step_rowwise(const RowList<T>& rows, std::size_t cols, T* w, const T* g, T* v,
                          const StepParameters<T>& parameters) {
    const RowsAhead<T> ahead(rows, cols * sizeof(T));
    const bool plain = is_plain(parameters);
    RowwiseBatch<T> batch;
    batch.count = 0;
    bool single = !rows.weighted;
    const auto step_batch = [&]() AG_INLINE_LAMBDA {
        if (!single)
            step_rowwise_batch<false, false, Isa>(batch, rows.weighted, ahead, cols, w, g, v, parameters);
        else if (!plain)
            step_rowwise_batch<true, false, Isa>(batch, false, ahead, cols, w, g, v, parameters);
        else
            step_rowwise_batch<true, true, Isa>(batch, false, ahead, cols, w, g, v, parameters);
        batch.count = 0;
        single = !rows.weighted;
    };
    for_each_listed_row(rows, [&](const RowEntry<T>* first, const RowEntry<T>* last) AG_INLINE_LAMBDA {
        batch.first[batch.count] = first;
        batch.last[batch.count] = last;
        single = single && first + 1 == last;
        if (++batch.count == rowwise_batch)
            step_batch();
    });
    step_batch();
}

} // namespace
} // namespace anisograd
