// SPDX-License-Identifier: BSD-3-Clause
//
// ag_softmax_…: multinomial logistic loss and gradient.
#include "src/logistic_problem.hpp"

namespace anisograd {

namespace {

constexpr std::size_t most_classes = std::size_t{1} << 24; // whose numbers are exact in f32

// The memory of a call: for each chunk of rows a private gradient (the first one's is the caller's), margins, and the
// sums of the residuals of each class.
struct SoftmaxPlan {
    RowBlockPlan rows;
    std::size_t work, gradient_bytes, margin_bytes, sum_bytes;

    std::size_t chunk_bytes() const { return gradient_bytes + margin_bytes + sum_bytes; }
    std::size_t bytes(std::size_t chunks) const {
        return chunks == 0 ? 0 : chunks * chunk_bytes() + part_alignment - 1;
    }
};

inline std::size_t whole_lines(std::size_t bytes) {
    return (bytes + part_alignment - 1) / part_alignment * part_alignment;
}

template <class T, class Matrix>
SoftmaxPlan plan_softmax(const Matrix& matrix, std::size_t classes, std::size_t parameters,
                         std::size_t visited) {
    const auto class_count = static_cast<double>(classes);
    return {.rows = plan_rows(visited, matrix.work_per_row() * class_count, classes * parameters),
            .work = static_cast<std::size_t>(
                std::min(static_cast<double>(work_of(matrix, visited)) * class_count, 0x1p62)),
            .gradient_bytes = whole_lines(classes * parameters * sizeof(T)),
            .margin_bytes = classes * softmax_block_rows * sizeof(T),
            .sum_bytes = whole_lines(classes * sizeof(double))};
}

// Checks what does not depend on the rows.
template <class T, class Matrix>
void check_problem(Checks& checks, const ag_logistic_options& o, const Matrix& matrix, std::size_t classes) {
    check_options<T>(checks, o);
    if (checks.failed())
        return;
    if (o.label_smoothing != 0)
        checks.fail(AG_ERROR_INVALID_VALUE, "options->label_smoothing = %g is not 0", o.label_smoothing);
    else if (classes == 0 || classes > most_classes)
        checks.fail(AG_ERROR_INVALID_VALUE, "classes = %zu is not one of 1 ... %zu", classes, most_classes);
    else if (matrix.cols >=
             static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T) / (2 * max_row_blocks) / classes -
                 2 * softmax_block_rows)
        checks.fail(AG_ERROR_SIZE,
                    "X->cols = %zu: private gradients of %zu classes are more than memory can hold",
                    matrix.cols, classes);
}

void check_classes(Checks& checks, const VisitedRows& visited, const std::int32_t* y, std::size_t classes) {
    for (std::size_t i = 0; i < visited.count && !checks.failed(); ++i) {
        const std::size_t row = visited.row_indices != nullptr
                                    ? static_cast<std::size_t>(visited.row_indices[i])
                                    : visited.first + i;
        if (y[row] < 0 || static_cast<std::size_t>(y[row]) >= classes)
            checks.fail(AG_ERROR_LABEL, "y[%zu] = %d is not below classes = %zu or is negative", row,
                        static_cast<int>(y[row]), classes);
    }
}

template <class T, class Matrix>
ag_status softmax(const char* name, const auto* X, std::size_t classes, const std::int32_t* y, const T* w,
                  const ag_logistic_options* given, double* loss, T* gradient) {
    return run_entry({name, type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
        const Matrix matrix(checks, X);
        check_problem<T>(checks, o, matrix, classes);
        if (checks.failed())
            return;
        o.positive_weight = o.negative_weight = 1;
        const std::size_t cols = matrix.cols, parameters = cols + (o.fit_intercept != 0 ? 1 : 0);
        const T* sample_weight = static_cast<const T*>(o.sample_weight);
        Array x_arrays[3];
        matrix.arrays(checks, x_arrays);
        checks.disjoint({x_arrays[0], x_arrays[1], x_arrays[2], checks.array("y", y, matrix.rows),
                         checks.array("w", w, classes * parameters),
                         checks.optional_array("options->sample_weight", sample_weight, matrix.rows),
                         checks.optional_array("options->row_indices", o.row_indices,
                                               o.row_indices != nullptr ? o.row_count : 0),
                         checks.optional_array("loss", loss, 1, Access::write),
                         checks.optional_array("gradient", gradient, classes * parameters, Access::write),
                         checks.optional_array("options->workspace", static_cast<char*>(o.workspace),
                                               o.workspace_size, Access::write)});
        if (checks.failed())
            return;
        const VisitedRows visited = visited_rows(o, matrix.rows);
        const T* const no_labels = nullptr;
        const double weights =
            check_visited_rows(checks, kernels, matrix, no_labels, sample_weight, o, visited);
        if (!checks.failed())
            check_classes(checks, visited, y, classes);
        const double divisor = divisor_of(checks, o, weights);
        const SoftmaxPlan p = plan_softmax<T>(matrix, classes, parameters, visited.count);
        const BlockPlan& blocks = p.rows.blocks;
        const Workspace buffer = gradient_workspace(checks, o, p.bytes(blocks.block_count));
        if (checks.failed())
            return;

        char* const memory = buffer.template aligned<char>();
        const auto private_gradient = [&](std::size_t block) {
            return block == 0 ? gradient : reinterpret_cast<T*>(memory + block * p.chunk_bytes());
        };
        const auto sums = [&](std::size_t block) {
            return reinterpret_cast<double*>(memory + block * p.chunk_bytes() + p.gradient_bytes +
                                             p.margin_bytes);
        };
        double losses[max_row_blocks] = {};
        for_each_block(blocks, p.work, [&](std::size_t block, std::size_t begin, std::size_t length) {
            const SoftmaxRows<T> rows = {part_of_rows(matrix, no_labels, w, o, visited, begin, length),
                                         classes, parameters, y};
            auto* const margins = reinterpret_cast<T*>(memory + block * p.chunk_bytes() + p.gradient_bytes);
            losses[block] = matrix.row_pass(kernels).softmax(
                matrix.matrix, rows, margins, gradient != nullptr ? private_gradient(block) : nullptr,
                sums(block));
        });

        if (loss != nullptr) {
            double sum = 0, squares = 0;
            for (std::size_t block = 0; block < blocks.block_count; ++block)
                sum += losses[block];
            for (std::size_t k = 0; k < classes && o.l2 != 0; ++k)
                squares += sum_over_blocks(cols, [&](std::size_t begin, std::size_t length) {
                    return kernels.projection.squared_norm(length, w + k * parameters + begin,
                                                           Ball<T>{nullptr, 1.0});
                });
            *loss = sum / divisor + o.l2 / 2 * squares;
        }
        if (gradient == nullptr)
            return;
        for_each_range(classes * parameters, [&](std::size_t begin, std::size_t length) {
            for (std::size_t j = begin; j < begin + length; ++j) {
                const std::size_t k = j / parameters, column = j % parameters;
                double sum = 0;
                for (std::size_t block = 0; block < blocks.block_count; ++block)
                    sum += column == cols ? sums(block)[k] : static_cast<double>(private_gradient(block)[j]);
                sum /= divisor;
                if (column != cols && o.l2 != 0)
                    sum += o.l2 * static_cast<double>(w[j]);
                gradient[j] = static_cast<T>(sum);
            }
        });
    });
}

template <class T, class Matrix>
ag_status workspace(const char* name, const auto* X, std::size_t classes, const ag_logistic_options* given,
                    std::size_t* bytes) {
    const FloatingPointEnvironment environment; // the call that will be made plans in this one
    Checks checks({name, type_suffix<T>});
    const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
    checks.not_null("bytes", bytes);
    const Matrix matrix(checks, X);
    check_problem<T>(checks, o, matrix, classes);
    checks.size<T>("X->rows", matrix.rows);
    if (o.row_indices != nullptr)
        checks.size<std::int64_t>("options->row_count", o.row_count);
    checks.disjoint({matrix.offsets(checks), checks.array("bytes", bytes, 1, Access::write)});
    if (checks.failed())
        return checks.status();
    const SoftmaxPlan p = plan_softmax<T>(matrix, classes, matrix.cols + (o.fit_intercept != 0 ? 1 : 0),
                                          o.row_indices != nullptr ? o.row_count : matrix.rows);
    *bytes = p.bytes(p.rows.most_blocks);
    return AG_OK;
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

ag_status ag_softmax_dense_f32(const ag_dense_f32* X, size_t classes, const int32_t* y, const float* w,
                               const ag_logistic_options* options, double* loss, float* gradient) {
    return softmax<float, Dense<float>>("ag_softmax_dense", X, classes, y, w, options, loss, gradient);
}
ag_status ag_softmax_dense_f64(const ag_dense_f64* X, size_t classes, const int32_t* y, const double* w,
                               const ag_logistic_options* options, double* loss, double* gradient) {
    return softmax<double, Dense<double>>("ag_softmax_dense", X, classes, y, w, options, loss, gradient);
}
ag_status ag_softmax_csr_f32(const ag_csr_f32* X, size_t classes, const int32_t* y, const float* w,
                             const ag_logistic_options* options, double* loss, float* gradient) {
    return softmax<float, Csr<float, std::int32_t>>("ag_softmax_csr", X, classes, y, w, options, loss,
                                                    gradient);
}
ag_status ag_softmax_csr_f64(const ag_csr_f64* X, size_t classes, const int32_t* y, const double* w,
                             const ag_logistic_options* options, double* loss, double* gradient) {
    return softmax<double, Csr<double, std::int32_t>>("ag_softmax_csr", X, classes, y, w, options, loss,
                                                      gradient);
}
ag_status ag_softmax_csr64_f32(const ag_csr64_f32* X, size_t classes, const int32_t* y, const float* w,
                               const ag_logistic_options* options, double* loss, float* gradient) {
    return softmax<float, Csr<float, std::int64_t>>("ag_softmax_csr64", X, classes, y, w, options, loss,
                                                    gradient);
}
ag_status ag_softmax_csr64_f64(const ag_csr64_f64* X, size_t classes, const int32_t* y, const double* w,
                               const ag_logistic_options* options, double* loss, double* gradient) {
    return softmax<double, Csr<double, std::int64_t>>("ag_softmax_csr64", X, classes, y, w, options, loss,
                                                      gradient);
}

ag_status ag_softmax_dense_workspace_f32(const ag_dense_f32* X, size_t classes,
                                         const ag_logistic_options* options, size_t* bytes) {
    return workspace<float, Dense<float>>("ag_softmax_dense_workspace", X, classes, options, bytes);
}
ag_status ag_softmax_dense_workspace_f64(const ag_dense_f64* X, size_t classes,
                                         const ag_logistic_options* options, size_t* bytes) {
    return workspace<double, Dense<double>>("ag_softmax_dense_workspace", X, classes, options, bytes);
}
ag_status ag_softmax_csr_workspace_f32(const ag_csr_f32* X, size_t classes,
                                       const ag_logistic_options* options, size_t* bytes) {
    return workspace<float, Csr<float, std::int32_t>>("ag_softmax_csr_workspace", X, classes, options, bytes);
}
ag_status ag_softmax_csr_workspace_f64(const ag_csr_f64* X, size_t classes,
                                       const ag_logistic_options* options, size_t* bytes) {
    return workspace<double, Csr<double, std::int32_t>>("ag_softmax_csr_workspace", X, classes, options,
                                                        bytes);
}
ag_status ag_softmax_csr64_workspace_f32(const ag_csr64_f32* X, size_t classes,
                                         const ag_logistic_options* options, size_t* bytes) {
    return workspace<float, Csr<float, std::int64_t>>("ag_softmax_csr64_workspace", X, classes, options,
                                                      bytes);
}
ag_status ag_softmax_csr64_workspace_f64(const ag_csr64_f64* X, size_t classes,
                                         const ag_logistic_options* options, size_t* bytes) {
    return workspace<double, Csr<double, std::int64_t>>("ag_softmax_csr64_workspace", X, classes, options,
                                                        bytes);
}

} // extern "C"
