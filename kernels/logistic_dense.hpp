// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic loss and gradient over dense rows. A block of rows, of shorter rows a group within it, is read from memory
// for its margins and, still in cache, once more for its share of the gradient; meanwhile later rows are asked for.
//
// Orders, the same on every ISA (products and sums are rounded separately, in T):
//   margin    column j goes to lane j mod (lanes of a pack), then the lanes fold by halves: several rows are summed
//             at once, so one accumulator each is enough;
//   gradient  groups of 8 consecutive rows of a block, or of all rows if it has fewer, sum from the first to the last;
//             the groups add up in order.
#pragma once

#include "kernels/fold_rows.hpp"
#include "kernels/logistic_rows.hpp"
#include "kernels/short_floats.hpp"

#include <type_traits>

namespace anisograd {
namespace {

inline constexpr std::size_t gradient_group = 8; // rows

// How X's elements are in memory: as T, or as the numbers of 16 bits of Short, which widen to float exactly.
template <class T>
struct SameType {
    using Element = T;
    // For the gradient, whose order is that of the rows for any size of pack.
    template <class Isa>
    using GradientSize = Isa;
    template <class Isa>
    static AG_INLINE Pack<Isa, T> load(WholePack<Isa, T> at, const T* x) {
        return at.load(x);
    }
    template <class Isa>
    static AG_INLINE Pack<Isa, T> load(PartOfPack<Isa, T> at, const T* x) {
        return at.load(x);
    }
};
template <class Short>
struct Widened {
    using Element = std::uint16_t;
    // What is to be converted takes registers too.
    template <class Isa>
    using GradientSize = ForSums<Isa>;
    template <class Isa>
    static AG_INLINE Pack<Isa, float> load(WholePack<Isa, float> at, const std::uint16_t* x) {
        return Short::template load<Isa>(x + at.index);
    }
    template <class Isa>
    static AG_INLINE Pack<Isa, float> load(PartOfPack<Isa, float> at, const std::uint16_t* x) {
        return Short::template load_partial<Isa>(x + at.index, at.count);
    }
};

// ---- Asking for rows -----------------------------------------------------------------------------------

// Of the rows at the places start, start + 1, …; the last row in place of those after it.
template <class T, class Element>
AG_OUTLINED void row_addresses(const DenseRows<Element>& matrix, const LogisticRows<T>& rows,
                               std::size_t start, std::size_t count, const Element** x) {
    const std::size_t rest = start < rows.count ? rows.count - start : 0, real = rest < count ? rest : count;
    for (std::size_t i = 0; i < real; ++i)
        x[i] = matrix.values + visited_row(rows, start + i) * matrix.row_stride;
    if (real < count) {
        const Element* const last = matrix.values + visited_row(rows, rows.count - 1) * matrix.row_stride;
        for (std::size_t i = real; i < count; ++i)
            x[i] = last;
    }
}

// Whole groups of so many rows, far enough ahead of those that are computed with.
template <class T, class Element>
AG_INLINE std::size_t rows_ahead_of(const DenseRows<Element>&, const LogisticRows<T>& rows,
                                    std::size_t group) {
    constexpr std::size_t bytes_ahead = 16 * 1024;
    const std::size_t row_bytes = rows.cols != 0 ? rows.cols * sizeof(Element) : 1;
    const std::size_t wanted = bytes_ahead / row_bytes / group * group;
    return wanted < group ? group : wanted < max_block_rows ? wanted : max_block_rows;
}

// The place from which on a pass that computes margins alone is to ask for rows. Long ones the hardware has in time.
template <class T, class Element>
AG_INLINE std::size_t asked_by_margins(const DenseRows<Element>& matrix, const LogisticRows<T>& rows,
                                       std::size_t start) {
    constexpr std::size_t short_row = 256;
    return rows.in_memory && rows.cols * sizeof(Element) <= short_row
               ? start + rows_ahead_of(matrix, rows, gradient_group)
               : no_rows;
}

template <class Isa, class T, class Element>
AG_INLINE void prefetch_row(WholePack<Isa, T> at, const Element* x) {
    constexpr std::size_t line = 64 / sizeof(Element);
    if (Pack<Isa, T>::lanes == line || at.index % line == 0)
        __builtin_prefetch(x + at.index, 0, 2);
}
template <class Isa, class T, class Element>
AG_INLINE void prefetch_row(PartOfPack<Isa, T> at, const Element* x) {
    __builtin_prefetch(x + at.index, 0, 2);
}

// ---- Margins -------------------------------------------------------------------------------------------

// Rows that share the loads of w: as many as there are registers for their accumulators, and at most 8, which is also
// what memory delivers fastest.
template <class Isa>
inline constexpr std::size_t rows_at_once = 4;
template <>
inline constexpr std::size_t rows_at_once<Portable> = 2;
#if defined(__AVX512F__)
template <>
inline constexpr std::size_t rows_at_once<Avx512> = 8;
#endif

// Meanwhile rows next[0] .. next[ahead - 1] are asked for.
template <std::size_t count, std::size_t ahead, class Format, class Isa, class T>
AG_INLINE void sums_of_rows(std::size_t cols, const typename Format::Element* const* x,
                            const typename Format::Element* const* next, const T* w,
                            Pack<Isa, T> (&sum)[count]) {
    using P = Pack<Isa, T>;
    unrolled<count>([&](std::size_t k) AG_INLINE_LAMBDA { sum[k] = P::zero(); });
    for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
        const P weights = at.load(w);
        unrolled<count>([&](std::size_t k)
                            AG_INLINE_LAMBDA { sum[k] = sum[k] + Format::load(at, x[k]) * weights; });
        unrolled<ahead>([&](std::size_t k) AG_INLINE_LAMBDA { prefetch_row(at, next[k]); });
    });
}

// For each 8 rows, `ahead` of the next ones are asked for.
template <std::size_t ahead, class Isa, class T, class Format>
AG_OUTLINED void margins_at(std::size_t cols, std::size_t count, const typename Format::Element* const* x,
                            const typename Format::Element* const* next, const T* w, T* margin) {
    constexpr std::size_t together = rows_at_once<Isa>, ahead_together = ahead * together / gradient_group;
    static_assert(ahead_together * gradient_group == ahead * together);
    std::size_t i = 0;
    for (; i + together <= count; i += together, next += ahead_together) {
        Pack<Isa, T> sum[together];
        sums_of_rows<together, ahead_together, Format>(cols, x + i, next, w, sum);
        unrolled<together>([&](std::size_t k) AG_INLINE_LAMBDA { margin[i + k] = fold(sum[k]); });
    }
    for (; i < count; ++i) {
        Pack<Isa, T> sum[1];
        sums_of_rows<1, 0, Format>(cols, x + i, next, w, sum);
        margin[i] = fold(sum[0]);
    }
}

// ---- The gradient --------------------------------------------------------------------------------------

struct Itself {
    template <class P>
    AG_INLINE P operator()(P x) const {
        return x;
    }
};

// gradient += the sum over 8 rows of residual * of(x). Meanwhile rows next[0] .. next[ahead - 1] are asked for, into the
// second cache.
template <std::size_t ahead, class Format, class Isa, class T, class Of = Itself>
AG_INLINE void add_row_group(std::size_t cols, const typename Format::Element* const* x,
                             const typename Format::Element* const* next, const T* residual, T* gradient,
                             Of of = {}) {
    using P = Pack<Isa, T>;
    using Row = const typename Format::Element*;
    // Copies, since to the compiler a store of a pack could change an address in memory: it would load each anew in
    // every turn. Long rows, of which a few are asked for, gain nothing by it (measured on Zen 5: up to 8 % longer).
    constexpr bool copied = ahead == 0 || ahead == gradient_group;
    Row row_copy[gradient_group], next_copy[gradient_group];
    Row const* const row = copied ? row_copy : x;
    Row const* const row_ahead = copied ? next_copy : next;
    P r[gradient_group];
    unrolled<gradient_group>([&](std::size_t i) AG_INLINE_LAMBDA {
        r[i] = P::broadcast(residual[i]);
        row_copy[i] = x[i];
    });
    unrolled<ahead>([&](std::size_t i) AG_INLINE_LAMBDA { next_copy[i] = next[i]; });
    for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
        P sum = r[0] * of(Format::load(at, row[0]));
        unrolled<gradient_group - 1>(
            [&](std::size_t i) AG_INLINE_LAMBDA { sum = sum + r[i + 1] * of(Format::load(at, row[i + 1])); });
        unrolled<ahead>([&](std::size_t i) AG_INLINE_LAMBDA { prefetch_row(at, row_ahead[i]); });
        at.store(gradient, at.load(gradient) + sum);
    });
}

// The same for fewer rows.
template <class Format, class Isa, class T>
AG_OUTLINED void add_last_rows(std::size_t cols, std::size_t count, const typename Format::Element* const* x,
                               const T* residual, T* gradient) {
    using P = Pack<Isa, T>;
    for_each_pack<Isa, T>(cols, [&](auto at) AG_INLINE_LAMBDA {
        P sum = P::broadcast(residual[0]) * Format::load(at, x[0]);
        for (std::size_t i = 1; i < count; ++i)
            sum = sum + P::broadcast(residual[i]) * Format::load(at, x[i]);
        at.store(gradient, at.load(gradient) + sum);
    });
}

// gradient += the sum over the rows of residual * x, in groups. Of each group of next rows the first `ahead` are
// asked for.
template <std::size_t ahead, class Format, class Isa, class T>
AG_INLINE void add_rows_at(std::size_t cols, std::size_t count, const typename Format::Element* const* x,
                           const typename Format::Element* const* next, const T* residual, T* gradient) {
    using Size = typename Format::template GradientSize<Isa>;
    std::size_t i = 0;
    for (; i + gradient_group <= count; i += gradient_group, next += ahead)
        add_row_group<ahead, Format, Size>(cols, x + i, next, residual + i, gradient);
    if (i < count)
        add_last_rows<Format, Size>(cols, count - i, x + i, residual + i, gradient);
}

// The same for a group of rows; those rows_ahead after each are asked for where that is not 0.
template <class Format, class Isa, class T>
AG_INLINE void add_group(std::size_t cols, std::size_t count, const typename Format::Element* const* x,
                         std::size_t rows_ahead, const T* residual, T* gradient) {
    if (rows_ahead != 0)
        add_rows_at<gradient_group, Format, Isa>(cols, count, x, x + rows_ahead, residual, gradient);
    else
        add_rows_at<0, Format, Isa>(cols, count, x, x, residual, gradient);
}

// ---- Narrow matrices -----------------------------------------------------------------------------------
//
// One or two packs of rows go from margin to gradient within the first cache, and the margins of the next ones are
// computed while the loss layer is busy. Memory is asked for steadily, so far ahead that it has arrived.

template <class Isa, class T, class Format>
constexpr bool is_narrow(std::size_t cols) {
    constexpr std::size_t first_cache_share = 8 * 1024;
    return cols * sizeof(typename Format::Element) * Pack<Isa, T>::lanes <= first_cache_share;
}

// Of rows of this many packs at most, w is kept in registers.
template <class Isa>
inline constexpr std::size_t most_packs_kept = 0;
// The packs for the loss layer of one pack of rows: two at once, as suit long blocks, would be more than there is.
template <class Isa>
struct SizeForGroupMath : SizeForMath<Isa> {};
#if defined(__AVX512F__)
template <>
inline constexpr std::size_t most_packs_kept<Avx512> = 8;
template <>
struct SizeForGroupMath<Avx512> {
    using type = Avx512;
};
#endif
template <class Isa>
using ForGroupMath = typename SizeForGroupMath<Isa>::type;

// How w is kept: in so many packs, the last of which is whole or a part. None: it is not.
template <std::size_t packs_, bool whole_>
struct Kept {
    static constexpr std::size_t packs = packs_;

    template <class Isa, class T>
    static AG_INLINE auto last(std::size_t cols) {
        constexpr std::size_t first = (packs - 1) * Pack<Isa, T>::lanes;
        if constexpr (whole_)
            return WholePack<Isa, T>{first};
        else
            return PartOfPack<Isa, T>{first, cols - first};
    }
};

// The margins of a pack of rows.
template <class Keeping, class Format, class Isa, class T, std::size_t kept_packs>
AG_INLINE void margins_of_group(std::size_t cols, const typename Format::Element* const* x, const T* w,
                                const Pack<Isa, T> (&kept)[kept_packs], T* margin) {
    using P = Pack<Isa, T>;
    constexpr std::size_t together = rows_at_once<Isa>;
    if constexpr (Keeping::packs != 0) {
        const auto last = Keeping::template last<Isa, T>(cols);
        typename P::Register row[P::lanes];
        unrolled<P::lanes>([&](std::size_t i) AG_INLINE_LAMBDA {
            constexpr std::size_t before_last = Keeping::packs - 1;
            const auto product = [&](auto at, std::size_t k)
                                     AG_INLINE_LAMBDA { return Format::load(at, x[i]) * kept[k]; };
            if constexpr (before_last == 0) {
                row[i] = product(last, 0).part[0];
            } else {
                P sum = product(WholePack<Isa, T>{0}, 0);
                unrolled<before_last - 1>([&](std::size_t k) AG_INLINE_LAMBDA {
                    sum = sum + product(WholePack<Isa, T>{(k + 1) * P::lanes}, k + 1);
                });
                row[i] = (sum + product(last, before_last)).part[0];
            }
        });
        // A sum that starts with a product and not with 0 can be -0.
        const P sums = {{fold_rows(row)}};
        (sums + P::zero()).store(margin);
    } else {
        for (std::size_t i = 0; i < P::lanes; i += together) {
            P sum[together];
            sums_of_rows<together, 0, Format>(cols, x + i, x, w, sum);
            unrolled<together>([&](std::size_t k) AG_INLINE_LAMBDA { margin[i + k] = fold(sum[k]); });
        }
    }
}

// Labels between the classes are rarer.
template <class Isa, class T>
AG_OUTLINED void losses_of_group(const LogisticRows<T>& rows, RowBlock<T>& block, std::size_t first,
                                 std::size_t end) {
    losses_and_residuals<true, ForSums<Isa>>(rows, block, first, end);
}

template <class Keeping, class Isa, class T, class Format>
AG_OUTLINED void narrow_block(const LogisticRows<T>& rows, RowBlock<T>& block,
                              const typename Format::Element* const* x, std::size_t rows_ahead, T* gradient) {
    using P = Pack<Isa, T>;
    // The loss layer of one pack of rows takes longer than so few columns: it is done for two at once.
    constexpr std::size_t packs = Keeping::packs, few_columns = 32;
    constexpr bool few = packs != 0 && packs * P::lanes <= few_columns;
    using LossSize = std::conditional_t<few, ForMath<Isa>, ForGroupMath<Isa>>;
    constexpr std::size_t loss_lanes = Pack<LossSize, T>::lanes;
    constexpr std::size_t group_rows = loss_lanes > P::lanes ? loss_lanes : P::lanes;
    const std::size_t cols = rows.cols, count = block.count;
    const bool between = rows.targets.between;
    const T* w = rows.weights;
    P kept[packs != 0 ? packs : 1];
    if constexpr (packs != 0) {
        unrolled<packs - 1>([&](std::size_t k) AG_INLINE_LAMBDA { kept[k] = P::load(w + k * P::lanes); });
        kept[packs - 1] = Keeping::template last<Isa, T>(cols).load(w);
    }
    for (std::size_t i = 0; i < count + group_rows; i += group_rows) {
        if (i != 0 && between)
            losses_of_group<Isa>(rows, block, i - group_rows, i);
        else if (i != 0)
            losses_and_residuals<false, LossSize>(rows, block, i - group_rows, i);
        unrolled<group_rows / P::lanes>([&](std::size_t k) AG_INLINE_LAMBDA {
            const std::size_t first = i + k * P::lanes;
            if (first < count)
                margins_of_group<Keeping, Format>(cols, x + first, w, kept, block.margin + first);
        });
        if (i != 0 && gradient != nullptr) {
            const std::size_t first = i - group_rows;
            const std::size_t group = count - first < group_rows ? count - first : group_rows;
            add_group<Format, Isa>(cols, group, x + first, rows_ahead, block.residual + first, gradient);
        }
    }
}

template <class Isa, class T, class Format, std::size_t packs = most_packs_kept<Isa>>
AG_INLINE auto narrow_block_for(std::size_t cols) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    if constexpr (packs == 0)
        return narrow_block<Kept<0, true>, Isa, T, Format>;
    else if (cols == packs * lanes)
        return narrow_block<Kept<packs, true>, Isa, T, Format>;
    else
        return cols < packs * lanes && cols > (packs - 1) * lanes
                   ? narrow_block<Kept<packs, false>, Isa, T, Format>
                   : narrow_block_for<Isa, T, Format, packs - 1>(cols);
}

// ---- Rows of a few kilobytes ---------------------------------------------------------------------------
//
// A group of 8 rows, which the first cache holds or nearly holds, goes from margins to gradient at once; meanwhile a later
// one is asked for.

inline constexpr std::size_t most_bytes_of_grouped_row = 8 * 1024;

template <class Isa, class T, class Format>
AG_OUTLINED void grouped_block(const LogisticRows<T>& rows, RowBlock<T>& block,
                               const typename Format::Element* const* x, std::size_t rows_ahead,
                               T* gradient) {
    using P = Pack<Isa, T>;
    for (std::size_t i = 0; i < block.count; i += gradient_group) {
        const std::size_t rest = block.count - i, group = rest < gradient_group ? rest : gradient_group;
        // The loss layer takes whole packs: rows before these get the same losses once more, and those after them, for now,
        // that of the margin 0.
        const std::size_t first = i / P::lanes * P::lanes;
        if (i == first)
            WholePack<Isa, T>{first}.store(block.margin, P::zero());
        margins_at<0, Isa, T, Format>(rows.cols, group, x + i, x, rows.weights, block.margin + i);
        if (rows.targets.between)
            losses_of_group<Isa>(rows, block, first, first + P::lanes);
        else
            losses_and_residuals<false, ForGroupMath<Isa>>(rows, block, first, first + P::lanes);
        if (gradient != nullptr)
            add_group<Format, Isa>(rows.cols, group, x + i, rows_ahead, block.residual + i, gradient);
    }
}

// ---- All rows ------------------------------------------------------------------------------------------

template <class Isa, class T, class Format>
LogisticSums logistic_dense(const DenseRows<typename Format::Element>& matrix, const LogisticRows<T>& rows,
                            T* gradient) {
    using Element = typename Format::Element;
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    const std::size_t row_bytes = rows.cols * sizeof(Element);
    const Element* x[2 * max_block_rows];
    // group: the rows that go from margins to gradient at once.
    const auto for_each_block = [&](std::size_t group, auto visit_block) AG_INLINE_LAMBDA {
        const std::size_t rows_ahead = rows.in_memory ? rows_ahead_of(matrix, rows, group) : 0;
        return for_each_row_block<Isa>(
            rows, gradient, [&](RowBlock<T>& block, std::size_t start) AG_INLINE_LAMBDA {
                row_addresses(matrix, rows, start, (block.count + lanes - 1) / lanes * lanes + rows_ahead, x);
                visit_block(rows, block, x, rows_ahead, gradient);
                return true;
            });
    };
    if (rows.cols != 0 && is_narrow<Isa, T, Format>(rows.cols))
        return for_each_block(lanes, narrow_block_for<Isa, T, Format>(rows.cols));
    if (rows.cols != 0 && row_bytes <= most_bytes_of_grouped_row)
        return for_each_block(gradient_group, grouped_block<Isa, T, Format>);
    // While the block's gradient is computed there is time for a quarter of the next one, of 16 bits for half of it.
    constexpr std::size_t ahead = sizeof(Element) == 2 ? 4 : 2;
    const auto add_block = [&](RowBlock<T>& block) AG_OUTLINED {
        if (rows.in_memory)
            add_rows_at<ahead, Format, Isa>(rows.cols, block.count, x, x + block.count, block.residual,
                                            gradient);
        else
            add_rows_at<0, Format, Isa>(rows.cols, block.count, x, x, block.residual, gradient);
    };
    return for_each_row_block<Isa>(
        rows, gradient, [&](RowBlock<T>& block, std::size_t start) AG_INLINE_LAMBDA {
            row_addresses(matrix, rows, start, block.count + (block.count * ahead + 7) / 8, x);
            margins_at<0, Isa, T, Format>(rows.cols, block.count, x, x, rows.weights, block.margin);
            apply_loss<Isa>(rows, block);
            if (gradient != nullptr)
                add_block(block);
            return true;
        });
}

// ---- For other passes over the rows --------------------------------------------------------------------

// margin[i] = <row visited at start + i, w>. Meanwhile the rows from `asked` on are asked for, as many.
template <class Isa, class T, class Element, class Format = SameType<T>>
AG_OUTLINED void margins_of_rows(const DenseRows<Element>& matrix, const LogisticRows<T>& rows,
                                 std::size_t start, std::size_t count, const T* w, T* margin,
                                 std::size_t asked = no_rows, Format = {}) {
    const Element *x[max_block_rows], *next[max_block_rows];
    row_addresses(matrix, rows, start, count, x);
    if (asked != no_rows) {
        row_addresses(matrix, rows, asked, count, next);
        margins_at<gradient_group, Isa, T, Format>(rows.cols, count, x, next, w, margin);
    } else {
        margins_at<0, Isa, T, Format>(rows.cols, count, x, x, w, margin);
    }
}

template <class T>
AG_INLINE GroupPlan plan_groups(const DenseRows<T>& matrix, const LogisticRows<T>& rows) {
    constexpr std::size_t short_row = 1024;
    if (rows.cols * sizeof(T) > short_row)
        return {max_block_rows, false};
    return {rows_ahead_of(matrix, rows, whole_packs_of_rows<T>), rows.in_memory};
}

// gradient += the sum over the rows of residual * x.
template <class Isa, class T>
AG_OUTLINED void add_rows(const DenseRows<T>& matrix, const LogisticRows<T>& rows, std::size_t start,
                          std::size_t count, const T* residual, T* gradient, std::size_t asked = no_rows) {
    const T *x[max_block_rows], *next[max_block_rows];
    row_addresses(matrix, rows, start, count, x);
    if (asked != no_rows) {
        row_addresses(matrix, rows, asked, count, next);
        add_rows_at<gradient_group, SameType<T>, Isa>(rows.cols, count, x, next, residual, gradient);
    } else {
        add_rows_at<0, SameType<T>, Isa>(rows.cols, count, x, x, residual, gradient);
    }
}

} // namespace
} // namespace anisograd
