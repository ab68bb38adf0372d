// SPDX-License-Identifier: BSD-3-Clause
//
// ag_logistic_dense_…, ag_logistic_csr_…, ag_logistic_csr64_…: one flow for all matrices; what differs is in Dense and Csr.
#include "src/logistic_problem.hpp"

namespace anisograd {

namespace {

// Where rows are cut into several chunks the kernels check the columns of a sparse matrix, block by block, which saves
// a pass over them. No chunk's gradient is the caller's then, which must stay as it is if a check fails.
template <class T, class Matrix>
struct LossPlan : RowsPlan {
    bool kernels_check;

    LossPlan(const Matrix& matrix, std::size_t visited)
        : RowsPlan(plan_gradients<T>(matrix, visited)),
          kernels_check(Matrix::has_columns && part_count != 0) {
        if (kernels_check)
            ++part_count;
        if (Matrix::has_columns && buffer_bytes != 0)
            buffer_bytes += part_stride * sizeof(T);
    }
};

template <class T, class Matrix>
ag_status logistic(const char* name, const auto* X, const T* y, const T* w, const ag_logistic_options* given,
                   double* loss, T* gradient) {
    return run_entry({name, Matrix::suffix}, [&](Checks& checks, const KernelTable& table) {
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
                         checks.optional_array("options->sample_weight", sample_weight, matrix.rows),
                         checks.optional_array("options->row_indices", o.row_indices, indices),
                         checks.optional_array("loss", loss, 1, Access::write),
                         checks.optional_array("gradient", gradient, parameters, Access::write),
                         checks.optional_array("options->workspace", static_cast<char*>(o.workspace),
                                               o.workspace_size, Access::write)});
        if (checks.failed())
            return;
        const VisitedRows visited = visited_rows(o, matrix.rows);
        const LossPlan<T, Matrix> p(matrix, visited.count);
        const double weights =
            check_visited_rows(checks, kernels, matrix, y, sample_weight, o, visited, !p.kernels_check);
        const double divisor = divisor_of(checks, o, weights);
        const Workspace buffer = gradient_workspace(checks, o, gradient != nullptr ? p.buffer_bytes : 0);
        if (checks.failed())
            return;

        T* const parts = buffer.template aligned<T>();
        LogisticSums partial[max_row_blocks] = {};
        for_each_block(p.blocks, p.work, [&](std::size_t block, std::size_t begin, std::size_t length) {
            T* part_gradient = gradient;
            const std::size_t first_part = p.kernels_check ? 0 : 1;
            if (gradient != nullptr && block >= first_part)
                part_gradient = parts + (block - first_part) * p.part_stride;
            partial[block] = matrix.kernel(table)(
                matrix.matrix, part_of_rows(matrix, y, w, o, visited, begin, length, p.kernels_check),
                part_gradient);
        });
        for (const LogisticSums& of_block : partial)
            if (of_block.bad_column) {
                check_visited_rows(checks, kernels, matrix, y, sample_weight, o, visited);
                if (!checks.failed())
                    checks.fail(AG_ERROR_OUT_OF_RANGE, "X->columns: changed during the call");
                return;
            }
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
            for_each_range(cols, [&](std::size_t begin, std::size_t length) {
                if (p.blocks.block_count == 0 || p.kernels_check)
                    kernels.step.fill(length, gradient + begin, T(0));
                kernels.logistic.combine_gradients(length, gradient + begin, part<T>(parts, begin),
                                                   p.part_count, p.part_stride, divisor, o.l2, w + begin);
            });
            if (o.fit_intercept != 0)
                gradient[cols] = static_cast<T>(sums.residual / divisor);
        }
    });
}

template <class T, class Matrix>
ag_status workspace(const char* name, const auto* X, const ag_logistic_options* given, std::size_t* bytes) {
    return workspace_query<T, Matrix>(name, X, given, bytes, [](const Matrix& matrix, std::size_t visited) {
        return LossPlan<T, Matrix>(matrix, visited).buffer_bytes;
    });
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
                    .workspace_size = 0,
                    .positive_weight = 1,
                    .negative_weight = 1,
                    .label_smoothing = 0};
}

void ag_logistic_options_init_sized(ag_logistic_options* options, size_t struct_size) {
    initialize_sized(options, struct_size, (ag_logistic_options_init));
}

ag_status ag_logistic_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                const ag_logistic_options* options, double* loss, float* gradient) {
    return logistic<float, Dense<float>>("ag_logistic_dense", X, y, w, options, loss, gradient);
}
ag_status ag_logistic_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                const ag_logistic_options* options, double* loss, double* gradient) {
    return logistic<double, Dense<double>>("ag_logistic_dense", X, y, w, options, loss, gradient);
}
ag_status ag_logistic_dense_bf16(const ag_dense_bf16* X, const float* y, const float* w,
                                 const ag_logistic_options* options, double* loss, float* gradient) {
    return logistic<float, DenseBf16>("ag_logistic_dense", X, y, w, options, loss, gradient);
}
ag_status ag_logistic_dense_f16(const ag_dense_f16* X, const float* y, const float* w,
                                const ag_logistic_options* options, double* loss, float* gradient) {
    return logistic<float, DenseF16>("ag_logistic_dense", X, y, w, options, loss, gradient);
}
ag_status ag_logistic_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                              const ag_logistic_options* options, double* loss, float* gradient) {
    return logistic<float, Csr<float, std::int32_t>>("ag_logistic_csr", X, y, w, options, loss, gradient);
}
ag_status ag_logistic_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                              const ag_logistic_options* options, double* loss, double* gradient) {
    return logistic<double, Csr<double, std::int32_t>>("ag_logistic_csr", X, y, w, options, loss, gradient);
}
ag_status ag_logistic_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                const ag_logistic_options* options, double* loss, float* gradient) {
    return logistic<float, Csr<float, std::int64_t>>("ag_logistic_csr64", X, y, w, options, loss, gradient);
}
ag_status ag_logistic_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                const ag_logistic_options* options, double* loss, double* gradient) {
    return logistic<double, Csr<double, std::int64_t>>("ag_logistic_csr64", X, y, w, options, loss, gradient);
}

ag_status ag_logistic_dense_workspace_f32(const ag_dense_f32* X, const ag_logistic_options* options,
                                          size_t* bytes) {
    return workspace<float, Dense<float>>("ag_logistic_dense_workspace", X, options, bytes);
}
ag_status ag_logistic_dense_workspace_f64(const ag_dense_f64* X, const ag_logistic_options* options,
                                          size_t* bytes) {
    return workspace<double, Dense<double>>("ag_logistic_dense_workspace", X, options, bytes);
}
ag_status ag_logistic_dense_workspace_bf16(const ag_dense_bf16* X, const ag_logistic_options* options,
                                           size_t* bytes) {
    return workspace<float, DenseBf16>("ag_logistic_dense_workspace", X, options, bytes);
}
ag_status ag_logistic_dense_workspace_f16(const ag_dense_f16* X, const ag_logistic_options* options,
                                          size_t* bytes) {
    return workspace<float, DenseF16>("ag_logistic_dense_workspace", X, options, bytes);
}
ag_status ag_logistic_csr_workspace_f32(const ag_csr_f32* X, const ag_logistic_options* options,
                                        size_t* bytes) {
    return workspace<float, Csr<float, std::int32_t>>("ag_logistic_csr_workspace", X, options, bytes);
}
ag_status ag_logistic_csr_workspace_f64(const ag_csr_f64* X, const ag_logistic_options* options,
                                        size_t* bytes) {
    return workspace<double, Csr<double, std::int32_t>>("ag_logistic_csr_workspace", X, options, bytes);
}
ag_status ag_logistic_csr64_workspace_f32(const ag_csr64_f32* X, const ag_logistic_options* options,
                                          size_t* bytes) {
    return workspace<float, Csr<float, std::int64_t>>("ag_logistic_csr64_workspace", X, options, bytes);
}
ag_status ag_logistic_csr64_workspace_f64(const ag_csr64_f64* X, const ag_logistic_options* options,
                                          size_t* bytes) {
    return workspace<double, Csr<double, std::int64_t>>("ag_logistic_csr64_workspace", X, options, bytes);
}

} // extern "C"
