// SPDX-License-Identifier: BSD-3-Clause
//
// What the functions over the rows of a matrix share: views of dense and CSR matrices, the checks of labels, weights,
// rows and options, the plan of private gradients and their memory.
#pragma once

#include "kernels/row_pass_table.hpp"
#include "src/checks.hpp"
#include "src/parts.hpp"
#include "src/plan.hpp"
#include "src/workspace.hpp"

#include <algorithm>

namespace anisograd {

// ---- The matrices --------------------------------------------------------------------------------------

template <class T, class Element = T>
struct Dense {
    static constexpr std::size_t scratch_vectors = 0; // over the columns, in sums of squares
    static constexpr const char* suffix = type_suffix<T>;
    DenseRows<Element> matrix{};
    std::size_t rows = 0, cols = 0, size = 0; // size: elements from the first to the last

    Dense(Checks& checks, const auto* X) {
        checks.not_null("X", X);
        if (checks.failed())
            return;
        rows = X->rows;
        cols = X->cols;
        if (rows == 0 || cols == 0)
            return;
        matrix = {X->values, X->row_stride};
        if (X->row_stride < cols)
            checks.fail(AG_ERROR_SIZE, "X->row_stride = %zu is less than X->cols = %zu", X->row_stride, cols);
        else if (__builtin_mul_overflow(rows - 1, X->row_stride, &size) ||
                 __builtin_add_overflow(size, cols, &size))
            checks.fail(AG_ERROR_SIZE, "X->rows = %zu rows of X->row_stride = %zu overflow", rows,
                        X->row_stride);
    }
    // What says how many entries the rows have.
    Array offsets(Checks&) const { return {"", nullptr, 0, Access::read}; }
    void arrays(Checks& checks, Array (&out)[3]) const {
        out[0] = checks.array("X->values", matrix.values, size);
        out[1] = out[2] = out[0];
    }
    double work_per_row() const { return static_cast<double>(cols); }
    // Of rows of T, so that a row of 16-bit numbers is summed in the order of one of float.
    std::size_t row_bytes() const { return cols * sizeof(T); }
    // Dense rows hold nothing that could be wrong.
    static constexpr bool has_columns = false;
    void check_rows(Checks&, const Kernels<T>&, std::size_t, std::size_t, bool) const {}
    void check_row(Checks&, const Kernels<T>&, std::size_t, bool) const {}
    auto kernel(const Kernels<T>& kernels) const { return kernels.logistic.dense; }
    auto kernel(const KernelTable& table) const { return kernel(kernels_of<T>(table)); }
    auto margins(const KernelTable& table) const { return row_pass(kernels_of<T>(table)).margins; }
    const auto& row_pass(const Kernels<T>& kernels) const { return kernels.row_pass.dense; }
};

struct DenseBf16 : Dense<float, std::uint16_t> {
    using Dense::Dense;
    static constexpr const char* suffix = "_bf16";
    auto kernel(const KernelTable& table) const { return table.short_logistic.bf16.dense; }
    auto margins(const KernelTable& table) const { return table.short_logistic.bf16.margins; }
};
struct DenseF16 : Dense<float, std::uint16_t> {
    using Dense::Dense;
    static constexpr const char* suffix = "_f16";
    auto kernel(const KernelTable& table) const { return table.short_logistic.f16.dense; }
    auto margins(const KernelTable& table) const { return table.short_logistic.f16.margins; }
};

template <class T, class Index>
struct Csr {
    static constexpr std::size_t scratch_vectors = 1;
    static constexpr const char* suffix = type_suffix<T>;
    CsrRows<T, Index> matrix{};
    std::size_t rows = 0, cols = 0;
    std::int64_t end = 0; // of the stored entries

    Csr(Checks& checks, const auto* X) {
        checks.not_null("X", X);
        if (checks.failed())
            return;
        rows = X->rows;
        cols = X->cols;
        matrix = {X->row_offsets, X->columns, X->values};
        if (rows == 0)
            return;
        checks.array("X->row_offsets", matrix.row_offsets, rows == SIZE_MAX ? rows : rows + 1);
        if (checks.failed())
            return;
        end = matrix.row_offsets[rows];
        if (end < 0)
            checks.fail(AG_ERROR_OUT_OF_RANGE, "X->row_offsets[%zu] = %lld is negative", rows,
                        static_cast<long long>(end));
    }
    Array offsets(Checks& checks) const {
        return checks.array("X->row_offsets", matrix.row_offsets, rows == 0 ? 0 : rows + 1);
    }
    void arrays(Checks& checks, Array (&out)[3]) const {
        const auto entries = static_cast<std::size_t>(end);
        out[0] = offsets(checks);
        out[1] = checks.array("X->columns", matrix.columns, entries);
        out[2] = checks.optional_array("X->values", matrix.values, entries);
    }
    double work_per_row() const {
        if (rows == 0)
            return 0;
        const std::int64_t entries = end - std::clamp<std::int64_t>(matrix.row_offsets[0], 0, end);
        return static_cast<double>(entries) / static_cast<double>(rows);
    }
    std::size_t row_bytes() const {
        return static_cast<std::size_t>(work_per_row() + 1) * (sizeof(T) + sizeof(Index));
    }

    // Offsets, and columns too unless a kernel will do that.
    static constexpr bool has_columns = true;
    void check_rows(Checks& checks, const Kernels<T>& kernels, std::size_t first, std::size_t count,
                    bool columns) const {
        const std::size_t bad = find_first(count, [&](std::size_t begin, std::size_t length) {
            std::size_t i = 0;
            while (i < length && offsets_in_order(first + begin + i))
                ++i;
            return i;
        });
        if (bad < count)
            fail_offsets(checks, first + bad);
        else if (count != 0 && columns)
            check_columns(checks, kernels, matrix.row_offsets[first], matrix.row_offsets[first + count]);
    }
    void check_row(Checks& checks, const Kernels<T>& kernels, std::size_t row, bool columns) const {
        if (!offsets_in_order(row))
            fail_offsets(checks, row);
        else if (columns)
            check_columns(checks, kernels, matrix.row_offsets[row], matrix.row_offsets[row + 1]);
    }
    auto kernel(const Kernels<T>& kernels) const {
        if constexpr (sizeof(Index) == 8)
            return kernels.logistic.csr64;
        else
            return kernels.logistic.csr;
    }
    auto kernel(const KernelTable& table) const { return kernel(kernels_of<T>(table)); }
    auto margins(const KernelTable& table) const { return row_pass(kernels_of<T>(table)).margins; }
    const auto& row_pass(const Kernels<T>& kernels) const {
        if constexpr (sizeof(Index) == 8)
            return kernels.row_pass.csr64;
        else
            return kernels.row_pass.csr;
    }

    // Of a row that has been checked.
    std::size_t entries(std::size_t row) const {
        return static_cast<std::size_t>(matrix.row_offsets[row + 1] - matrix.row_offsets[row]);
    }
    template <class Action>
    void for_each_entry(std::size_t row, Action action) const {
        for (std::int64_t k = matrix.row_offsets[row]; k < matrix.row_offsets[row + 1]; ++k)
            action(static_cast<std::size_t>(matrix.columns[k]),
                   matrix.values != nullptr ? matrix.values[k] : T(1));
    }

private:
    bool offsets_in_order(std::size_t row) const {
        const std::int64_t first = matrix.row_offsets[row], last = matrix.row_offsets[row + 1];
        return 0 <= first && first <= last && last <= end;
    }
    void fail_offsets(Checks& checks, std::size_t row) const {
        checks.fail(AG_ERROR_OUT_OF_RANGE,
                    "X->row_offsets[%zu] = %lld and [%zu] = %lld decrease or leave 0 ... %lld", row,
                    static_cast<long long>(matrix.row_offsets[row]), row + 1,
                    static_cast<long long>(matrix.row_offsets[row + 1]), static_cast<long long>(end));
    }
    void check_columns(Checks& checks, const Kernels<T>& kernels, std::int64_t first,
                       std::int64_t last) const {
        const auto count = static_cast<std::size_t>(last - first);
        const Index* columns = matrix.columns + first;
        const std::size_t bad = first_bad_index(kernels, count, columns, cols);
        if (bad < count)
            checks.fail(AG_ERROR_OUT_OF_RANGE,
                        "X->columns[%zu] = %lld is not below X->cols = %zu or is negative",
                        static_cast<std::size_t>(first) + bad, static_cast<long long>(columns[bad]), cols);
    }
};

// ---- The plan ------------------------------------------------------------------------------------------

struct RowsPlan {
    BlockPlan blocks;         // of visited rows, each with a private gradient
    std::size_t most_blocks;  // that these rows, or fewer, are ever cut into
    std::size_t work;         // entries in all visited rows
    std::size_t part_stride;  // elements from one private gradient to the next
    std::size_t part_count;   // private gradients beside the caller's own array
    std::size_t buffer_bytes; // for them, or for those of fewer rows, with room to align
};

inline constexpr std::size_t part_alignment = Workspace::alignment;

// Entries in so many rows.
template <class Matrix>
std::size_t work_of(const Matrix& matrix, std::size_t rows) {
    return static_cast<std::size_t>(std::min(static_cast<double>(rows) * matrix.work_per_row(), 0x1p62));
}

template <class T, class Matrix>
RowsPlan plan_gradients(const Matrix& matrix, std::size_t visited) {
    RowsPlan p = {};
    const RowBlockPlan row_plan = plan_rows(visited, matrix.work_per_row(), matrix.cols);
    p.blocks = row_plan.blocks;
    p.most_blocks = row_plan.most_blocks;
    p.work = work_of(matrix, visited);
    p.part_stride = (matrix.cols * sizeof(T) / part_alignment + 1) * part_alignment / sizeof(T);
    p.part_count = p.blocks.block_count > 1 ? p.blocks.block_count - 1 : 0;
    const std::size_t most_parts = row_plan.most_blocks > 1 ? row_plan.most_blocks - 1 : 0;
    p.buffer_bytes = most_parts == 0 ? 0 : most_parts * p.part_stride * sizeof(T) + part_alignment - 1;
    return p;
}

// The rows that a call visits: first, …, first + count - 1 where row_indices is null. A batch's indices that increase
// by one are such a run too.
struct VisitedRows {
    std::size_t first, count;
    const std::int64_t* row_indices;
};

inline VisitedRows visited_rows(const ag_logistic_options& o, std::size_t rows) {
    if (o.row_indices == nullptr)
        return {0, rows, nullptr};
    const std::int64_t first = o.row_count != 0 ? o.row_indices[0] : -1;
    if (first < 0 || o.row_count > rows || static_cast<std::uint64_t>(first) > rows - o.row_count)
        return {0, o.row_count, o.row_indices};
    for (std::size_t i = 1; i < o.row_count; ++i)
        if (o.row_indices[i] != first + static_cast<std::int64_t>(i))
            return {0, o.row_count, o.row_indices};
    return {static_cast<std::size_t>(first), o.row_count, nullptr};
}

// ---- The entries ---------------------------------------------------------------------------------------

template <class T>
LogisticTargets<T> targets(const ag_logistic_options& o) {
    return {.positive_weight = static_cast<T>(o.positive_weight),
            .negative_weight = static_cast<T>(o.negative_weight),
            .zero_one_labels = o.labels != AG_LABELS_PLUS_MINUS_ONE,
            .between = o.labels == AG_LABELS_PROBABILITY || o.label_smoothing != 0,
            .least = static_cast<T>(o.label_smoothing / 2),
            .range = static_cast<T>(1 - o.label_smoothing)};
}

// The weight of a row's label: 1, but for class weights. In double.
template <class T>
double label_weight(const LogisticTargets<T>& targets, T label) {
    const double positive = static_cast<double>(targets.positive_weight);
    const double negative = static_cast<double>(targets.negative_weight);
    if (positive == negative)
        return positive;
    double target = static_cast<double>(targets.zero_one_labels ? label : (label + 1) / 2);
    if (targets.between)
        target = static_cast<double>(targets.least) + static_cast<double>(targets.range) * target;
    return positive * target + negative * (1 - target);
}

// Checks labels, sample weights and the matrix in every visited row, and gives the sum of the weights. Labels or
// weights that are null are not looked at; columns: whether the matrix's columns are.
template <class T, class Matrix>
double check_visited_rows(Checks& checks, const Kernels<T>& kernels, const Matrix& matrix, const T* y,
                          const T* sample_weight, const ag_logistic_options& o, const VisitedRows& visited,
                          bool columns = true) {
    const T negative = o.labels == AG_LABELS_ZERO_ONE ? T(0) : T(-1);
    const char* label_rule = o.labels == AG_LABELS_PROBABILITY ? "is not in [0, 1] (AG_LABELS_PROBABILITY)"
                             : o.labels == AG_LABELS_ZERO_ONE  ? "is not 0 or 1 (AG_LABELS_ZERO_ONE)"
                                                               : "is not -1 or +1";
    const auto first_bad_label = [&](std::size_t n, const T* labels) {
        return o.labels == AG_LABELS_PROBABILITY ? kernels.scan.first_not_a_probability(n, labels)
                                                 : kernels.scan.first_not_a_label(n, labels, negative);
    };
    const char* weight_rule = "is negative or not finite";

    if (visited.row_indices == nullptr) {
        const std::size_t begin = visited.first, count = visited.count;
        const auto first_bad = [&](const T* array, auto scan) {
            return find_first(count, [&](std::size_t first, std::size_t length) {
                return scan(length, array + begin + first);
            });
        };
        if (y != nullptr)
            checks.element("y", y + begin, count, first_bad(y, first_bad_label), AG_ERROR_LABEL, label_rule,
                           begin);
        if (sample_weight != nullptr)
            checks.element("options->sample_weight", sample_weight + begin, count,
                           first_bad(sample_weight, kernels.scan.first_not_a_weight), AG_ERROR_INVALID_VALUE,
                           weight_rule, begin);
        if (!checks.failed())
            matrix.check_rows(checks, kernels, begin, count, columns);
    } else {
        for (std::size_t i = 0; i < visited.count && !checks.failed(); ++i) {
            const std::int64_t index = visited.row_indices[i];
            if (index < 0 || static_cast<std::uint64_t>(index) >= matrix.rows) {
                checks.fail(AG_ERROR_OUT_OF_RANGE,
                            "options->row_indices[%zu] = %lld is not one of the %zu rows", i,
                            static_cast<long long>(index), matrix.rows);
                break;
            }
            const auto row = static_cast<std::size_t>(index);
            if (y != nullptr && first_bad_label(1, y + row) == 0)
                checks.element("y", y, matrix.rows, row, AG_ERROR_LABEL, label_rule);
            if (sample_weight != nullptr && kernels.scan.first_not_a_weight(1, sample_weight + row) == 0)
                checks.element("options->sample_weight", sample_weight, matrix.rows, row,
                               AG_ERROR_INVALID_VALUE, weight_rule);
            if (!checks.failed())
                matrix.check_row(checks, kernels, row, columns);
        }
    }
    const LogisticTargets<T> t = targets<T>(o);
    const bool equal_classes = t.positive_weight == 1 && t.negative_weight == 1;
    if (checks.failed() || (sample_weight == nullptr && (equal_classes || y == nullptr)))
        return static_cast<double>(visited.count);
    double sum = 0;
    for (std::size_t i = 0; i < visited.count; ++i) {
        const std::size_t row = visited.row_indices != nullptr
                                    ? static_cast<std::size_t>(visited.row_indices[i])
                                    : visited.first + i;
        const double weight = sample_weight != nullptr ? static_cast<double>(sample_weight[row]) : 1;
        sum += equal_classes || y == nullptr ? weight : weight * label_weight(t, y[row]);
    }
    return sum;
}

// What sums over the visited rows are divided by, given the sum of the weights.
inline double divisor_of(Checks& checks, const ag_logistic_options& o, double weights) {
    if (o.reduction == AG_REDUCTION_SUM)
        return 1;
    if (!(weights > 0 && std::isfinite(weights)))
        checks.fail(AG_ERROR_INVALID_VALUE,
                    "options->reduction is AG_REDUCTION_MEAN, but the weights of the rows visited sum to %g",
                    weights);
    return weights;
}

// The kernels' arguments for the visited rows number begin, …, begin + length - 1.
template <class T, class Matrix>
LogisticRows<T> part_of_rows(const Matrix& matrix, const T* y, const T* w, const ag_logistic_options& o,
                             const VisitedRows& visited, std::size_t begin, std::size_t length,
                             bool check_columns = false) {
    return {.first = visited.first + begin,
            .count = length,
            .row_indices = visited.row_indices,
            .labels = y,
            .sample_weight = static_cast<const T*>(o.sample_weight),
            .weights = w,
            .cols = matrix.cols,
            .block_rows = rows_in_cache(matrix.row_bytes()),
            .in_memory = are_in_memory(visited.count, matrix.row_bytes()),
            .targets = targets<T>(o),
            .has_intercept = o.fit_intercept != 0,
            .check_columns = check_columns};
}

template <class T>
void check_options(Checks& checks, const ag_logistic_options& o) {
    checks.one_of("options->labels", o.labels, AG_LABELS_PLUS_MINUS_ONE, AG_LABELS_PROBABILITY);
    checks.one_of("options->reduction", o.reduction, AG_REDUCTION_MEAN, AG_REDUCTION_SUM);
    checks.not_negative<T>("options->l2", o.l2);
    checks.not_negative<T>("options->positive_weight", o.positive_weight);
    checks.not_negative<T>("options->negative_weight", o.negative_weight);
    checks.not_negative<T>("options->label_smoothing", o.label_smoothing);
    if (!checks.failed() && o.label_smoothing > 1)
        checks.fail(AG_ERROR_INVALID_VALUE, "options->label_smoothing = %g is above 1", o.label_smoothing);
}

template <class T>
void check_cols(Checks& checks, std::size_t cols) {
    if (!checks.failed() && cols > static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T) / (2 * max_row_blocks))
        checks.fail(AG_ERROR_SIZE, "X->cols = %zu: its private gradients are more than memory can hold",
                    cols);
}

// The memory of the private gradients.
inline Workspace gradient_workspace(Checks& checks, const ag_logistic_options& o, std::size_t bytes) {
    return {checks, "options", o.workspace, o.workspace_size, bytes, "private gradients"};
}

// What a _workspace function does: bytes_of(matrix, visited rows) is what a call needs.
template <class T, class Matrix, class BytesOf>
ag_status workspace_query(const char* name, const auto* X, const ag_logistic_options* given,
                          std::size_t* bytes, BytesOf bytes_of) {
    const FloatingPointEnvironment environment; // the call that will be made plans in this one
    Checks checks({name, Matrix::suffix});
    const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
    check_options<T>(checks, o);
    checks.not_null("bytes", bytes);
    const Matrix matrix(checks, X);
    check_cols<T>(checks, matrix.cols);
    checks.size<T>("X->rows", matrix.rows);
    if (o.row_indices != nullptr)
        checks.size<std::int64_t>("options->row_count", o.row_count);
    checks.disjoint({matrix.offsets(checks), checks.array("bytes", bytes, 1, Access::write)});
    if (!checks.failed())
        *bytes = bytes_of(matrix, o.row_indices != nullptr ? o.row_count : matrix.rows);
    return checks.status();
}

} // namespace anisograd
