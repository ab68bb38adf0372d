// SPDX-License-Identifier: BSD-3-Clause
//
// ag_logistic_…: one flow for dense and CSR matrices; what differs is in Dense and Csr.
#include "src/set.hpp"

#include <cstdlib>

namespace anisograd {

namespace {

// ---- The matrices --------------------------------------------------------------------------------------

template <class T>
struct Dense {
    static constexpr const char* name = "ag_logistic_dense";
    static constexpr const char* workspace_name = "ag_logistic_dense_workspace";
    DenseRows<T> matrix;
    std::size_t rows, cols, size; // size: elements from the first to the last

    Dense(Checks& checks, const auto* X) : matrix{}, rows(0), cols(0), size(0) {
        checks.not_null("X", X);
        if (checks.failed())
            return;
        rows = X->rows;
        cols = X->cols;
        matrix = {X->values, X->row_stride};
        if (rows == 0 || cols == 0)
            return;
        if (X->row_stride < cols)
            checks.fail(AG_ERROR_SIZE, "X->row_stride = %zu is less than X->cols = %zu", X->row_stride, cols);
        else if (__builtin_mul_overflow(rows - 1, X->row_stride, &size) ||
                 __builtin_add_overflow(size, cols, &size))
            checks.fail(AG_ERROR_SIZE, "X: %zu rows of stride %zu overflow", rows, X->row_stride);
    }
    void arrays(Checks& checks, Array (&out)[3]) const {
        out[0] = checks.array("X->values", matrix.values, size);
        out[1] = out[2] = out[0];
    }
    double work_per_row() const { return static_cast<double>(cols); }
    std::size_t row_bytes() const { return cols * sizeof(T); }
    // Dense rows hold nothing that could be wrong.
    void check_rows(Checks&, const Kernels<T>&) const {}
    void check_row(Checks&, const Kernels<T>&, std::size_t) const {}
    auto kernel(const Kernels<T>& kernels) const { return kernels.logistic.dense; }
};

template <class T>
struct Csr {
    static constexpr const char* name = "ag_logistic_csr";
    static constexpr const char* workspace_name = "ag_logistic_csr_workspace";
    CsrRows<T> matrix;
    std::size_t rows, cols;
    std::int64_t end; // of the stored entries

    Csr(Checks& checks, const auto* X) : matrix{}, rows(0), cols(0), end(0) {
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
    void arrays(Checks& checks, Array (&out)[3]) const {
        const auto entries = static_cast<std::size_t>(end);
        out[0] = checks.array("X->row_offsets", matrix.row_offsets, rows == 0 ? 0 : rows + 1);
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
        return static_cast<std::size_t>(work_per_row() + 1) * (sizeof(T) + sizeof(std::int32_t));
    }

    void check_rows(Checks& checks, const Kernels<T>& kernels) const {
        const std::size_t bad = find_first(rows, [&](std::size_t begin, std::size_t length) {
            std::size_t i = 0;
            while (i < length && offsets_in_order(begin + i))
                ++i;
            return i;
        });
        if (bad < rows)
            fail_offsets(checks, bad);
        else if (rows != 0)
            check_columns(checks, kernels, matrix.row_offsets[0], end);
    }
    void check_row(Checks& checks, const Kernels<T>& kernels, std::size_t row) const {
        if (!offsets_in_order(row))
            fail_offsets(checks, row);
        else
            check_columns(checks, kernels, matrix.row_offsets[row], matrix.row_offsets[row + 1]);
    }
    auto kernel(const Kernels<T>& kernels) const { return kernels.logistic.csr; }

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
        const std::int32_t* columns = matrix.columns + first;
        const std::size_t bad = first_bad_index(kernels, count, columns, cols);
        if (bad < count)
            checks.fail(AG_ERROR_OUT_OF_RANGE,
                        "X->columns[%zu] = %d is not below X->cols = %zu or is negative",
                        static_cast<std::size_t>(first) + bad, static_cast<int>(columns[bad]), cols);
    }
};

// ---- The plan ------------------------------------------------------------------------------------------

struct RowsPlan {
    BlockPlan blocks;         // of visited rows, each with a private gradient
    std::size_t work;         // entries in all visited rows
    std::size_t part_stride;  // elements from one private gradient to the next
    std::size_t part_count;   // private gradients beside the caller's own array
    std::size_t buffer_bytes; // for them, or for those of fewer rows, with room to align
};

constexpr std::size_t part_alignment = 64;

template <class T, class Matrix>
RowsPlan plan(const Matrix& matrix, std::size_t visited) {
    RowsPlan p = {};
    const RowBlockPlan row_plan = plan_rows(visited, matrix.work_per_row(), matrix.cols);
    p.blocks = row_plan.blocks;
    p.work = static_cast<std::size_t>(static_cast<double>(visited) * matrix.work_per_row());
    p.part_stride = (matrix.cols * sizeof(T) / part_alignment + 1) * part_alignment / sizeof(T);
    p.part_count = p.blocks.block_count > 1 ? p.blocks.block_count - 1 : 0;
    const std::size_t most_parts = row_plan.most_blocks > 1 ? row_plan.most_blocks - 1 : 0;
    p.buffer_bytes = most_parts == 0 ? 0 : most_parts * p.part_stride * sizeof(T) + part_alignment - 1;
    return p;
}

std::size_t visited_rows(const ag_logistic_options& o, std::size_t rows) {
    return o.row_indices != nullptr ? o.row_count : rows;
}

// ---- The entries ---------------------------------------------------------------------------------------

// Checks labels, sample weights and the matrix in every visited row, and gives the sum of the weights.
template <class T, class Matrix>
double check_visited_rows(Checks& checks, const Kernels<T>& kernels, const Matrix& matrix, const T* y,
                          const ag_logistic_options& o) {
    const T* sample_weight = static_cast<const T*>(o.sample_weight);
    const T negative = o.labels == AG_LABELS_ZERO_ONE ? T(0) : T(-1);
    const char* label_rule =
        o.labels == AG_LABELS_ZERO_ONE ? "is not 0 or 1 (AG_LABELS_ZERO_ONE)" : "is not -1 or +1";
    const char* weight_rule = "is negative or not finite";

    if (o.row_indices == nullptr) {
        checks.element("y", y, matrix.rows,
                       find_first(matrix.rows,
                                  [&](std::size_t begin, std::size_t length) {
                                      return kernels.scan.first_not_a_label(length, y + begin, negative);
                                  }),
                       AG_ERROR_LABEL, label_rule);
        if (sample_weight != nullptr)
            checks.element("sample_weight", sample_weight, matrix.rows,
                           find_first(matrix.rows,
                                      [&](std::size_t begin, std::size_t length) {
                                          return kernels.scan.first_not_a_weight(length,
                                                                                 sample_weight + begin);
                                      }),
                           AG_ERROR_INVALID_VALUE, weight_rule);
        if (!checks.failed())
            matrix.check_rows(checks, kernels);
    } else {
        for (std::size_t i = 0; i < o.row_count && !checks.failed(); ++i) {
            const std::int64_t index = o.row_indices[i];
            if (index < 0 || static_cast<std::uint64_t>(index) >= matrix.rows) {
                checks.fail(AG_ERROR_OUT_OF_RANGE,
                            "row_indices[%zu] = %lld is not below X->rows = %zu or is negative", i,
                            static_cast<long long>(index), matrix.rows);
                break;
            }
            const auto row = static_cast<std::size_t>(index);
            if (kernels.scan.first_not_a_label(1, y + row, negative) == 0)
                checks.element("y", y, matrix.rows, row, AG_ERROR_LABEL, label_rule);
            if (sample_weight != nullptr && kernels.scan.first_not_a_weight(1, sample_weight + row) == 0)
                checks.element("sample_weight", sample_weight, matrix.rows, row, AG_ERROR_INVALID_VALUE,
                               weight_rule);
            if (!checks.failed())
                matrix.check_row(checks, kernels, row);
        }
    }
    const std::size_t visited = visited_rows(o, matrix.rows);
    if (checks.failed() || sample_weight == nullptr)
        return static_cast<double>(visited);
    double sum = 0;
    for (std::size_t i = 0; i < visited; ++i)
        sum += static_cast<double>(
            sample_weight[o.row_indices != nullptr ? static_cast<std::size_t>(o.row_indices[i]) : i]);
    return sum;
}

template <class T>
void check_options(Checks& checks, const ag_logistic_options& o) {
    checks.one_of("options->labels", o.labels, AG_LABELS_PLUS_MINUS_ONE, AG_LABELS_ZERO_ONE);
    checks.one_of("options->reduction", o.reduction, AG_REDUCTION_MEAN, AG_REDUCTION_SUM);
    checks.not_negative<T>("options->l2", o.l2);
}

template <class T>
void check_cols(Checks& checks, std::size_t cols) {
    if (!checks.failed() && cols > static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T) / (2 * max_row_blocks))
        checks.fail(AG_ERROR_SIZE, "X->cols = %zu: its private gradients are more than memory can hold",
                    cols);
}

// The memory of the private gradients: the caller's workspace, or an allocation of this call.
class Buffer {
public:
    Buffer(Checks& checks, const ag_logistic_options& o, std::size_t bytes) : start_(o.workspace) {
        if (checks.failed() || bytes == 0)
            return;
        if (o.workspace == nullptr)
            start_ = allocation_ = std::malloc(bytes);
        if (start_ == nullptr)
            checks.fail(AG_ERROR_OUT_OF_MEMORY, "%zu bytes for private gradients could not be allocated",
                        bytes);
        else if (o.workspace != nullptr && o.workspace_size < bytes)
            checks.fail(AG_ERROR_SIZE, "options->workspace_size = %zu is less than the %zu bytes needed",
                        o.workspace_size, bytes);
    }
    ~Buffer() { std::free(allocation_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    template <class T>
    T* aligned() const {
        const auto address = reinterpret_cast<std::uintptr_t>(start_);
        return reinterpret_cast<T*>((address + part_alignment - 1) / part_alignment * part_alignment);
    }

private:
    void* start_;
    void* allocation_ = nullptr;
};

template <class T, class Matrix>
ag_status logistic(const auto* X, const T* y, const T* w, const ag_logistic_options* given, double* loss,
                   T* gradient) {
    return run_entry({Matrix::name, type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
        check_options<T>(checks, o);
        const Matrix matrix(checks, X);
        check_cols<T>(checks, matrix.cols);
        const std::size_t cols = matrix.cols, parameters = cols + (o.fit_intercept != 0 ? 1 : 0);
        const T* sample_weight = static_cast<const T*>(o.sample_weight);

        Array x_arrays[3];
        matrix.arrays(checks, x_arrays);
        const std::size_t indices = o.row_indices != nullptr ? o.row_count : 0;
        checks.disjoint({x_arrays[0], x_arrays[1], x_arrays[2], checks.array("y", y, matrix.rows),
                         checks.array("w", w, parameters),
                         checks.optional_array("sample_weight", sample_weight, matrix.rows),
                         checks.optional_array("row_indices", o.row_indices, indices),
                         checks.optional_array("loss", loss, 1, Access::write),
                         checks.optional_array("gradient", gradient, parameters, Access::write),
                         checks.optional_array("workspace", static_cast<char*>(o.workspace), o.workspace_size,
                                               Access::write)});
        if (checks.failed())
            return;
        double divisor = check_visited_rows(checks, kernels, matrix, y, o);
        if (o.reduction == AG_REDUCTION_SUM)
            divisor = 1;
        else if (!(divisor > 0 && std::isfinite(divisor)))
            checks.fail(AG_ERROR_INVALID_VALUE,
                        "the sample weights of the visited rows sum to %g; no mean exists", divisor);

        const std::size_t visited = visited_rows(o, matrix.rows);
        const RowsPlan p = plan<T>(matrix, visited);
        const Buffer buffer(checks, o, gradient != nullptr ? p.buffer_bytes : 0);
        if (checks.failed())
            return;

        LogisticRows<T> rows = {.first = 0,
                                .count = 0,
                                .row_indices = o.row_indices,
                                .labels = y,
                                .sample_weight = sample_weight,
                                .weights = w,
                                .cols = cols,
                                .block_rows = rows_in_cache(matrix.row_bytes()),
                                .zero_one_labels = o.labels == AG_LABELS_ZERO_ONE,
                                .has_intercept = o.fit_intercept != 0};
        T* const parts = buffer.template aligned<T>();
        LogisticSums partial[max_row_blocks] = {};
        for_each_block(p.blocks, p.work, [&](std::size_t block, std::size_t begin, std::size_t length) {
            LogisticRows<T> mine = rows;
            mine.first = begin;
            mine.count = length;
            T* part_gradient = gradient;
            if (gradient != nullptr && block != 0)
                part_gradient = parts + (block - 1) * p.part_stride;
            partial[block] = matrix.kernel(kernels)(matrix.matrix, mine, part_gradient);
        });
        LogisticSums sums = {0, 0};
        for (std::size_t block = 0; block < p.blocks.block_count; ++block) {
            sums.loss += partial[block].loss;
            sums.residual += partial[block].residual;
        }

        if (loss != nullptr) {
            *loss = sums.loss / divisor;
            if (o.l2 != 0)
                *loss += o.l2 / 2 * sum_over_blocks(cols, [&](std::size_t begin, std::size_t length) {
                             return kernels.projection.squared_norm(length, w + begin, Ball<T>{nullptr, 1.0});
                         });
        }
        if (gradient != nullptr) {
            if (p.blocks.block_count == 0)
                kernels.step.fill(cols, gradient, T(0));
            for_each_range(cols, [&](std::size_t begin, std::size_t length) {
                kernels.logistic.combine_gradients(length, gradient + begin, parts + begin, p.part_count,
                                                   p.part_stride, divisor, o.l2, w + begin);
            });
            if (o.fit_intercept != 0)
                gradient[cols] = static_cast<T>(sums.residual / divisor);
        }
    });
}

template <class T, class Matrix>
ag_status workspace(const auto* X, const ag_logistic_options* given, std::size_t* bytes) {
    Checks checks({Matrix::workspace_name, type_suffix<T>});
    const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
    check_options<T>(checks, o);
    checks.not_null("bytes", bytes);
    const Matrix matrix(checks, X);
    check_cols<T>(checks, matrix.cols);
    checks.size<T>("X->rows", matrix.rows);
    if (o.row_indices != nullptr)
        checks.size<std::int64_t>("options->row_count", o.row_count);
    if (!checks.failed())
        *bytes = plan<T>(matrix, visited_rows(o, matrix.rows)).buffer_bytes;
    return checks.status();
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

void(ag_logistic_options_init)(ag_logistic_options* options) {
    if (options != nullptr)
        *options = {.struct_size = sizeof(ag_logistic_options),
                    .labels = AG_LABELS_PLUS_MINUS_ONE,
                    .reduction = AG_REDUCTION_MEAN,
                    .fit_intercept = 0,
                    .l2 = 0,
                    .sample_weight = nullptr,
                    .row_indices = nullptr,
                    .row_count = 0,
                    .workspace = nullptr,
                    .workspace_size = 0};
}

void ag_logistic_options_init_sized(ag_logistic_options* options, size_t struct_size) {
    initialize_sized(options, struct_size, (ag_logistic_options_init));
}

ag_status ag_logistic_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                const ag_logistic_options* options, double* loss, float* gradient) {
    return logistic<float, Dense<float>>(X, y, w, options, loss, gradient);
}
ag_status ag_logistic_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                const ag_logistic_options* options, double* loss, double* gradient) {
    return logistic<double, Dense<double>>(X, y, w, options, loss, gradient);
}
ag_status ag_logistic_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                              const ag_logistic_options* options, double* loss, float* gradient) {
    return logistic<float, Csr<float>>(X, y, w, options, loss, gradient);
}
ag_status ag_logistic_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                              const ag_logistic_options* options, double* loss, double* gradient) {
    return logistic<double, Csr<double>>(X, y, w, options, loss, gradient);
}

ag_status ag_logistic_dense_workspace_f32(const ag_dense_f32* X, const ag_logistic_options* options,
                                          size_t* bytes) {
    return workspace<float, Dense<float>>(X, options, bytes);
}
ag_status ag_logistic_dense_workspace_f64(const ag_dense_f64* X, const ag_logistic_options* options,
                                          size_t* bytes) {
    return workspace<double, Dense<double>>(X, options, bytes);
}
ag_status ag_logistic_csr_workspace_f32(const ag_csr_f32* X, const ag_logistic_options* options,
                                        size_t* bytes) {
    return workspace<float, Csr<float>>(X, options, bytes);
}
ag_status ag_logistic_csr_workspace_f64(const ag_csr_f64* X, const ag_logistic_options* options,
                                        size_t* bytes) {
    return workspace<double, Csr<double>>(X, options, bytes);
}

} // extern "C"
