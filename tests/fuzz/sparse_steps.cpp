// SPDX-License-Identifier: BSD-3-Clause
//
// Steps of listed coordinates and rows.
#include "tests/fuzz/call.hpp"

namespace fuzz {

namespace {

template <class Index>
const Index* indices(Call& call, std::size_t count, std::size_t limit) {
    return call.array<Index>(
        count, Role::input, [limit](Input& in, Index* to, std::size_t n) { fill_indices(in, to, n, limit); });
}

template <class T, class Index>
void sparse(Call& call, ag_status (*function)(std::size_t, T*, T*, std::size_t, const Index*, const T*,
                                              const ag_adagrad_options*)) {
    const std::size_t n = call.input.size(), count = call.input.size();
    T* const w = call.results<T>(n);
    T* const v = call.accumulators<T>(n);
    const Index* const list = indices<Index>(call, count, n);
    const T* const g = call.numbers<T>(count);
    const StepOptions options = step_options(call);
    call.check([&] { return function(n, w, v, count, list, g, options.pointer); });
}

// A table and a list of its rows, with an accumulator per element or per row.
template <class T, class Index>
struct Table {
    std::size_t rows, cols, count;
    T *w, *v;
    const Index* list;

    Table(Call& call, bool rowwise)
        : rows(call.input.dimension()), cols(call.input.dimension_beside(rows)),
          count(call.input.dimension()), w(call.results<T>(product(rows, cols))),
          v(call.accumulators<T>(rowwise ? rows : product(rows, cols))),
          list(indices<Index>(call, count, rows)) {}
};

template <class T, class Index>
using RowsStep = ag_status (*)(std::size_t, std::size_t, T*, T*, std::size_t, const Index*, const T*,
                               const ag_adagrad_options*);

template <class T, class Index>
void rows(Call& call, RowsStep<T, Index> function, bool rowwise) {
    const Table<T, Index> t(call, rowwise);
    const T* const g = call.numbers<T>(product(t.count, t.cols));
    const StepOptions options = step_options(call);
    call.check([&] { return function(t.rows, t.cols, t.w, t.v, t.count, t.list, g, options.pointer); });
}

template <class T, class Index, class Bags>
using PooledStep = ag_status (*)(std::size_t, std::size_t, T*, T*, std::size_t, const Index*, const Bags*,
                                 const T*, const ag_adagrad_options*);

template <class T, class Index, class Bags>
void pooled_rows(Call& call, PooledStep<T, Index, Bags> function, bool rowwise) {
    const Table<T, Index> t(call, rowwise);
    Input& in = call.input;
    Bags bags;
    bags.count = in.dimension();
    // Offsets that end at the list's length, as a rule.
    bags.offsets = call.array<std::int64_t>(sum(bags.count, 1), Role::input,
                                            [&](Input&, std::int64_t* to, std::size_t n) {
                                                const std::size_t each = n > 1 ? t.count / (n - 1) + 1 : 0;
                                                fill_offsets(in, to, n - 1, 2 * each, t.count);
                                                if (!in.rarely())
                                                    to[n - 1] = static_cast<std::int64_t>(t.count);
                                            });
    bags.weights = call.optional_array<T>(t.count, Role::input, fill_numbers<T>);
    bags.pooling = in.enumerator(2);
    const Bags* const given = call.structure(bags);
    const T* const g = call.numbers<T>(product(bags.count, t.cols));
    const StepOptions options = step_options(call);
    call.check(
        [&] { return function(t.rows, t.cols, t.w, t.v, t.count, t.list, given, g, options.pointer); });
}

} // namespace

void any_call(Call& call) {
    Input& in = call.input;
    switch (in.below(5)) {
    case 0:
        return with_one_of(
            in, [&](auto f) { sparse(call, f); }, ag_adagrad_step_sparse_f32, ag_adagrad_step_sparse_f64,
            ag_adagrad_step_sparse_f32_i32, ag_adagrad_step_sparse_f64_i32);
    case 1:
        return with_one_of(
            in, [&](auto f) { rows(call, f, false); }, ag_adagrad_step_rows_f32, ag_adagrad_step_rows_f64,
            ag_adagrad_step_rows_f32_i32, ag_adagrad_step_rows_f64_i32);
    case 2:
        return with_one_of(
            in, [&](auto f) { rows(call, f, true); }, ag_adagrad_step_rowwise_f32,
            ag_adagrad_step_rowwise_f64, ag_adagrad_step_rowwise_f32_i32, ag_adagrad_step_rowwise_f64_i32);
    case 3:
        return with_one_of(
            in, [&](auto f) { pooled_rows(call, f, false); }, ag_adagrad_step_rows_pooled_f32,
            ag_adagrad_step_rows_pooled_f64, ag_adagrad_step_rows_pooled_f32_i32,
            ag_adagrad_step_rows_pooled_f64_i32);
    default:
        return with_one_of(
            in, [&](auto f) { pooled_rows(call, f, true); }, ag_adagrad_step_rowwise_pooled_f32,
            ag_adagrad_step_rowwise_pooled_f64, ag_adagrad_step_rowwise_pooled_f32_i32,
            ag_adagrad_step_rowwise_pooled_f64_i32);
    }
}

} // namespace fuzz
