// SPDX-License-Identifier: BSD-3-Clause
//
// ag_logistic_sparse_gradient_…: the gradient of a batch of sparse rows, at the columns that it holds.
#include "src/logistic_problem.hpp"
#include "src/row_list.hpp"

namespace anisograd {

namespace {

// What a call needs, from the visited rows' entries.
struct SparsePlan {
    std::size_t entries, residual_bytes, buffer_bytes;
};

template <class T>
SparsePlan plan_sparse(std::size_t visited, std::size_t entries) {
    const std::size_t residuals =
        (visited * sizeof(T) + part_alignment - 1) / part_alignment * part_alignment;
    return {entries, residuals, residuals + 2 * entries * sizeof(RowEntry<T>) + part_alignment - 1};
}

std::size_t row_of(const VisitedRows& visited, std::size_t i) {
    return visited.row_indices != nullptr ? static_cast<std::size_t>(visited.row_indices[i])
                                          : visited.first + i;
}

// Fails where the entries are more than memory can hold, which repeated rows might be.
template <class T, class Index>
std::size_t count_entries(Checks& checks, const Csr<T, Index>& matrix, const VisitedRows& visited) {
    constexpr std::size_t most = static_cast<std::size_t>(PTRDIFF_MAX) / (4 * sizeof(RowEntry<T>));
    std::size_t entries = 0;
    for (std::size_t i = 0; i < visited.count && entries <= most; ++i)
        entries += matrix.entries(row_of(visited, i));
    if (!checks.failed() && entries > most)
        checks.fail(AG_ERROR_SIZE, "options->row_indices: their rows have more entries than memory can hold");
    return entries;
}

template <class T>
void check_no_l2(Checks& checks, const ag_logistic_options& o) {
    check_options<T>(checks, o);
    if (!checks.failed() && o.l2 != 0)
        checks.fail(AG_ERROR_INVALID_VALUE,
                    "options->l2 = %g: its gradient is not sparse; leave it to the step", o.l2);
}

template <class T, class Index>
ag_status sparse_gradient(const char* name, const auto* X, const T* y, const T* w,
                          const ag_logistic_options* given, double* loss, std::size_t capacity,
                          std::int64_t* columns, T* values, std::size_t* count) {
    return run_entry({name, type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
        check_no_l2<T>(checks, o);
        const Csr<T, Index> matrix(checks, X);
        check_cols<T>(checks, matrix.cols);
        const std::size_t cols = matrix.cols;
        const bool intercept = o.fit_intercept != 0;
        const T* sample_weight = static_cast<const T*>(o.sample_weight);
        checks.not_null("count", count);
        Array x_arrays[3];
        matrix.arrays(checks, x_arrays);
        checks.disjoint({x_arrays[0], x_arrays[1], x_arrays[2], checks.array("y", y, matrix.rows),
                         checks.array("w", w, cols + (intercept ? 1 : 0)),
                         checks.optional_array("options->sample_weight", sample_weight, matrix.rows),
                         checks.optional_array("options->row_indices", o.row_indices,
                                               o.row_indices != nullptr ? o.row_count : 0),
                         checks.optional_array("loss", loss, 1, Access::write),
                         checks.array("columns", columns, capacity, Access::write),
                         checks.array("values", values, capacity, Access::write),
                         checks.optional_array("count", count, 1, Access::write),
                         checks.optional_array("options->workspace", static_cast<char*>(o.workspace),
                                               o.workspace_size, Access::write)});
        if (checks.failed())
            return;
        const VisitedRows visited = visited_rows(o, matrix.rows);
        const double divisor =
            divisor_of(checks, o, check_visited_rows(checks, kernels, matrix, y, sample_weight, o, visited));
        if (checks.failed())
            return;
        const SparsePlan p = plan_sparse<T>(visited.count, count_entries(checks, matrix, visited));
        const Workspace buffer = gradient_workspace(checks, o, visited.count != 0 ? p.buffer_bytes : 0);
        if (checks.failed())
            return;

        // Margins, and in their place residuals.
        T* const residuals = buffer.template aligned<T>();
        const BlockPlan blocks = plan_elements(visited.count);
        double losses[max_blocks];
        ag_logistic_options without_intercept = o;
        without_intercept.fit_intercept = 0;
        for_each_block(blocks, p.entries, [&](std::size_t block, std::size_t begin, std::size_t length) {
            matrix.row_pass(kernels).margins(
                matrix.matrix, part_of_rows(matrix, y, w, o, visited, begin, length), residuals + begin);
            losses[block] = kernels.row_pass.from_margins(
                part_of_rows(matrix, y, w, without_intercept, visited, begin, length), residuals + begin,
                residuals + begin, nullptr);
        });

        auto* const entries =
            reinterpret_cast<RowEntry<T>*>(reinterpret_cast<char*>(residuals) + p.residual_bytes);
        std::size_t filled = 0;
        double residual_sum = 0;
        for (std::size_t i = 0; i < visited.count; ++i) {
            const T residual = residuals[i];
            residual_sum += static_cast<double>(residual);
            matrix.for_each_entry(row_of(visited, i), [&](std::size_t column, T value) {
                entries[filled++] = {column, 0, residual * value};
            });
        }
        const RowEntry<T>* const sorted = sort_by_row(entries, entries + p.entries, p.entries, cols);
        std::size_t found = intercept ? 1 : 0;
        for (std::size_t k = 0; k < p.entries; ++k)
            found += k == 0 || sorted[k].row != sorted[k - 1].row;
        if (found > capacity) {
            checks.fail(AG_ERROR_SIZE, "capacity = %zu is less than the gradient's %zu columns", capacity,
                        found);
            return;
        }

        std::size_t out = 0;
        for (std::size_t k = 0; k < p.entries; ++out) {
            const std::size_t column = sorted[k].row;
            T sum = 0;
            for (; k < p.entries && sorted[k].row == column; ++k)
                sum += sorted[k].weight;
            columns[out] = static_cast<std::int64_t>(column);
            values[out] = static_cast<T>(static_cast<double>(sum) / divisor);
        }
        if (intercept) {
            columns[out] = static_cast<std::int64_t>(cols);
            values[out] = static_cast<T>(residual_sum / divisor);
        }
        *count = found;
        if (loss != nullptr) {
            double sum = 0;
            for (std::size_t block = 0; block < blocks.block_count; ++block)
                sum += losses[block];
            *loss = sum / divisor;
        }
    });
}

template <class T, class Index>
ag_status sparse_workspace(const char* name, const auto* X, const ag_logistic_options* given,
                           std::size_t* capacity, std::size_t* bytes) {
    return run_entry({name, type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
        check_no_l2<T>(checks, o);
        checks.not_null("capacity", capacity);
        checks.not_null("bytes", bytes);
        const Csr<T, Index> matrix(checks, X);
        check_cols<T>(checks, matrix.cols);
        Array x_arrays[3];
        matrix.arrays(checks, x_arrays);
        checks.disjoint({x_arrays[0], x_arrays[1],
                         checks.optional_array("options->row_indices", o.row_indices,
                                               o.row_indices != nullptr ? o.row_count : 0),
                         checks.array("capacity", capacity, 1, Access::write),
                         checks.array("bytes", bytes, 1, Access::write)});
        if (checks.failed())
            return;
        const VisitedRows visited = visited_rows(o, matrix.rows);
        const T* const nothing = nullptr;
        check_visited_rows(checks, kernels_of<T>(table), matrix, nothing, nothing, o, visited);
        if (checks.failed())
            return;
        const std::size_t entries = count_entries(checks, matrix, visited);
        if (checks.failed())
            return;
        *capacity = std::min(entries, matrix.cols) + (o.fit_intercept != 0 ? 1 : 0);
        *bytes = visited.count != 0 ? plan_sparse<T>(visited.count, entries).buffer_bytes : 0;
    });
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

ag_status ag_logistic_sparse_gradient_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                              const ag_logistic_options* options, double* loss,
                                              size_t capacity, int64_t* columns, float* values,
                                              size_t* count) {
    return sparse_gradient<float, std::int32_t>("ag_logistic_sparse_gradient_csr", X, y, w, options, loss,
                                                capacity, columns, values, count);
}
ag_status ag_logistic_sparse_gradient_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                              const ag_logistic_options* options, double* loss,
                                              size_t capacity, int64_t* columns, double* values,
                                              size_t* count) {
    return sparse_gradient<double, std::int32_t>("ag_logistic_sparse_gradient_csr", X, y, w, options, loss,
                                                 capacity, columns, values, count);
}
ag_status ag_logistic_sparse_gradient_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                                const ag_logistic_options* options, double* loss,
                                                size_t capacity, int64_t* columns, float* values,
                                                size_t* count) {
    return sparse_gradient<float, std::int64_t>("ag_logistic_sparse_gradient_csr64", X, y, w, options, loss,
                                                capacity, columns, values, count);
}
ag_status ag_logistic_sparse_gradient_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                                const ag_logistic_options* options, double* loss,
                                                size_t capacity, int64_t* columns, double* values,
                                                size_t* count) {
    return sparse_gradient<double, std::int64_t>("ag_logistic_sparse_gradient_csr64", X, y, w, options, loss,
                                                 capacity, columns, values, count);
}

ag_status ag_logistic_sparse_gradient_workspace_csr_f32(const ag_csr_f32* X,
                                                        const ag_logistic_options* options, size_t* capacity,
                                                        size_t* bytes) {
    return sparse_workspace<float, std::int32_t>("ag_logistic_sparse_gradient_workspace_csr", X, options,
                                                 capacity, bytes);
}
ag_status ag_logistic_sparse_gradient_workspace_csr_f64(const ag_csr_f64* X,
                                                        const ag_logistic_options* options, size_t* capacity,
                                                        size_t* bytes) {
    return sparse_workspace<double, std::int32_t>("ag_logistic_sparse_gradient_workspace_csr", X, options,
                                                  capacity, bytes);
}
ag_status ag_logistic_sparse_gradient_workspace_csr64_f32(const ag_csr64_f32* X,
                                                          const ag_logistic_options* options,
                                                          size_t* capacity, size_t* bytes) {
    return sparse_workspace<float, std::int64_t>("ag_logistic_sparse_gradient_workspace_csr64", X, options,
                                                 capacity, bytes);
}
ag_status ag_logistic_sparse_gradient_workspace_csr64_f64(const ag_csr64_f64* X,
                                                          const ag_logistic_options* options,
                                                          size_t* capacity, size_t* bytes) {
    return sparse_workspace<double, std::int64_t>("ag_logistic_sparse_gradient_workspace_csr64", X, options,
                                                  capacity, bytes);
}

} // extern "C"
