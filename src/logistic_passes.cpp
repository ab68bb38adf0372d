// SPDX-License-Identifier: BSD-3-Clause
//
// ag_logistic_margins_…, _probabilities_…, _from_margins_…, _hessian_vector_…, _hessian_diagonal_…, _smoothness_… and
// _noise_…
#include "src/logistic_problem.hpp"

namespace anisograd {

namespace {

// ---- Margins -------------------------------------------------------------------------------------------

// Rows whose results are independent of one another.
BlockPlan plan_independent_rows(std::size_t count, double work_per_row) {
    const double rows = 64.0 * 1024 / std::max(work_per_row, 1.0);
    return cut_into_blocks(count, 8, max_blocks, static_cast<std::size_t>(rows) + 1);
}

template <class T, class Matrix>
ag_status margins(const char* name, bool probabilities, const auto* X, const T* w,
                  const ag_logistic_options* given, T* out) {
    return run_entry({name, Matrix::suffix}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
        check_options<T>(checks, o);
        const Matrix matrix(checks, X);
        check_cols<T>(checks, matrix.cols);
        Array x_arrays[3];
        matrix.arrays(checks, x_arrays);
        const std::size_t indices = o.row_indices != nullptr ? o.row_count : 0;
        const auto* const sample_weight = static_cast<const T*>(o.sample_weight);
        checks.disjoint({x_arrays[0], x_arrays[1], x_arrays[2],
                         checks.array("w", w, matrix.cols + (o.fit_intercept != 0 ? 1 : 0)),
                         checks.optional_array("options->row_indices", o.row_indices, indices),
                         checks.optional_array("options->sample_weight", sample_weight, matrix.rows),
                         checks.array(probabilities ? "probabilities" : "margins", out,
                                      o.row_indices != nullptr ? o.row_count : matrix.rows, Access::write)});
        if (checks.failed())
            return;
        const VisitedRows visited = visited_rows(o, matrix.rows);
        const T* const nothing = nullptr;
        check_visited_rows(checks, kernels, matrix, nothing, sample_weight, o, visited);
        if (checks.failed())
            return;
        const BlockPlan blocks = plan_independent_rows(visited.count, matrix.work_per_row());
        for_each_block(
            blocks, work_of(matrix, visited.count), [&](std::size_t, std::size_t begin, std::size_t length) {
                matrix.margins(table)(
                    matrix.matrix, part_of_rows(matrix, nothing, w, o, visited, begin, length), out + begin);
                if (probabilities)
                    kernels.elementary.sigmoid(length, out + begin, out + begin);
            });
    });
}

// ---- The loss from margins -----------------------------------------------------------------------------

// Rows without a matrix.
template <class T>
struct RowsAlone {
    std::size_t rows, cols;

    std::size_t row_bytes() const { return 0; }
    void check_rows(Checks&, const Kernels<T>&, std::size_t, std::size_t, bool) const {}
    void check_row(Checks&, const Kernels<T>&, std::size_t, bool) const {}
};

template <class T>
ag_status from_margins(std::size_t n, const T* margins, const T* y, const ag_logistic_options* given,
                       double* loss, T* residuals, T* curvatures) {
    const char* name = "ag_logistic_from_margins";
    return run_entry({name, type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
        check_options<T>(checks, o);
        o.fit_intercept = 0; // the margins have it
        const T* sample_weight = static_cast<const T*>(o.sample_weight);
        const std::size_t count = o.row_indices != nullptr ? o.row_count : n;
        const bool in_place = residuals != nullptr && residuals == margins;
        checks.disjoint({checks.array("margins", margins, in_place ? 0 : count), checks.array("y", y, n),
                         checks.optional_array("options->sample_weight", sample_weight, n),
                         checks.optional_array("options->row_indices", o.row_indices,
                                               o.row_indices != nullptr ? o.row_count : 0),
                         checks.optional_array("loss", loss, 1, Access::write),
                         checks.optional_array("residuals", residuals, count, Access::write),
                         checks.optional_array("curvatures", curvatures, count, Access::write)});
        if (checks.failed())
            return;
        const RowsAlone<T> rows = {n, 0};
        const VisitedRows visited = visited_rows(o, n);
        const double divisor =
            divisor_of(checks, o, check_visited_rows(checks, kernels, rows, y, sample_weight, o, visited));
        if (checks.failed())
            return;
        const BlockPlan blocks = plan_elements(count);
        double partial[max_blocks];
        for_each_block(blocks, count, [&](std::size_t block, std::size_t begin, std::size_t length) {
            const T* const no_model = nullptr;
            partial[block] = kernels.row_pass.from_margins(
                part_of_rows(rows, y, no_model, o, visited, begin, length), margins + begin,
                residuals != nullptr ? residuals + begin : nullptr,
                curvatures != nullptr ? curvatures + begin : nullptr);
        });
        double sum = 0;
        for (std::size_t block = 0; block < blocks.block_count; ++block)
            sum += partial[block];
        if (loss != nullptr)
            *loss = sum / divisor;
    });
}

// ---- Sums over the rows, for each column ---------------------------------------------------------------

// What the functions below check alike. y, w and direction: null where the function has none.
template <class T>
struct ColumnArguments {
    const T *y, *w, *direction;
    bool has_w, has_direction;
    T* out;
    const char* out_name;
};

template <class T, class Matrix, class Work>
ag_status column_pass(const char* name, const auto* X, const ColumnArguments<T>& a,
                      const ag_logistic_options* given, Work work) {
    return run_entry({name, type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const ag_logistic_options o = checks.options("options", given, ag_logistic_options_init);
        check_options<T>(checks, o);
        const Matrix matrix(checks, X);
        check_cols<T>(checks, matrix.cols);
        const std::size_t parameters = matrix.cols + (o.fit_intercept != 0 ? 1 : 0);
        const T* sample_weight = static_cast<const T*>(o.sample_weight);
        Array x_arrays[3];
        matrix.arrays(checks, x_arrays);
        checks.disjoint({x_arrays[0], x_arrays[1], x_arrays[2], checks.array("y", a.y, matrix.rows),
                         checks.array("w", a.w, a.has_w ? parameters : 0),
                         checks.array("direction", a.direction, a.has_direction ? parameters : 0),
                         checks.optional_array("options->sample_weight", sample_weight, matrix.rows),
                         checks.optional_array("options->row_indices", o.row_indices,
                                               o.row_indices != nullptr ? o.row_count : 0),
                         checks.array(a.out_name, a.out, parameters, Access::write),
                         checks.optional_array("options->workspace", static_cast<char*>(o.workspace),
                                               o.workspace_size, Access::write)});
        if (checks.failed())
            return;
        const VisitedRows visited = visited_rows(o, matrix.rows);
        const double weights = check_visited_rows(checks, kernels, matrix, a.y, sample_weight, o, visited);
        const double divisor = divisor_of(checks, o, weights);
        if (!checks.failed())
            work(checks, kernels, o, matrix, visited, weights, divisor);
    });
}

template <class T, class Matrix>
ag_status hessian_vector(const char* name, const auto* X, const T* y, const T* w, const T* direction,
                         const ag_logistic_options* given, T* out) {
    const ColumnArguments<T> a = {y, w, direction, true, true, out, "product"};
    return column_pass<T, Matrix>(
        name, X, a, given,
        [&](Checks& checks, const Kernels<T>& kernels, const ag_logistic_options& o, const Matrix& matrix,
            const VisitedRows& visited, double, double divisor) {
            const RowsPlan p = plan_gradients<T>(matrix, visited.count);
            const Workspace buffer = gradient_workspace(checks, o, p.buffer_bytes);
            if (checks.failed())
                return;
            T* const parts = buffer.template aligned<T>();
            double partial[max_row_blocks] = {};
            for_each_block(p.blocks, 2 * p.work,
                           [&](std::size_t block, std::size_t begin, std::size_t length) {
                               partial[block] = matrix.row_pass(kernels).hessian_vector(
                                   matrix.matrix, part_of_rows(matrix, y, w, o, visited, begin, length),
                                   direction, block == 0 ? out : parts + (block - 1) * p.part_stride);
                           });
            double intercept = 0;
            for (std::size_t block = 0; block < p.blocks.block_count; ++block)
                intercept += partial[block];
            if (p.blocks.block_count == 0)
                kernels.step.fill(matrix.cols, out, T(0));
            for_each_range(matrix.cols, [&](std::size_t begin, std::size_t length) {
                kernels.logistic.combine_gradients(length, out + begin, part<T>(parts, begin), p.part_count,
                                                   p.part_stride, divisor, o.l2, direction + begin);
            });
            if (o.fit_intercept != 0)
                out[matrix.cols] = static_cast<T>(intercept / divisor);
        });
}

// The private sums of the blocks of rows: some vectors over the columns for each.
template <class T>
class PrivateSums {
public:
    template <class Matrix>
    PrivateSums(Checks& checks, const ag_logistic_options& o, const Matrix& matrix, std::size_t visited,
                std::size_t vectors)
        : plan_(plan_gradients<T>(matrix, visited)), vectors_(vectors),
          memory_(gradient_workspace(checks, o, bytes(plan_, vectors))),
          first_(memory_.template aligned<T>()) {}

    static std::size_t bytes(const RowsPlan& plan, std::size_t vectors) {
        return plan.most_blocks == 0
                   ? 0
                   : plan.most_blocks * vectors * plan.part_stride * sizeof(T) + part_alignment - 1;
    }
    T* vector(std::size_t block, std::size_t k) const {
        return first_ + (block * vectors_ + k) * plan_.part_stride;
    }
    template <class Work>
    void for_each_block_of_rows(Work work) const {
        for_each_block(plan_.blocks, plan_.work, work);
    }
    // Of vector k, in double; the intercepts, one for each block, are that of the column of ones.
    double total(std::size_t k, std::size_t column, std::size_t cols, const double* intercepts) const {
        double sum = 0;
        for (std::size_t block = 0; block < plan_.blocks.block_count; ++block)
            sum += column == cols ? intercepts[block] : static_cast<double>(vector(block, k)[column]);
        return sum;
    }

private:
    RowsPlan plan_;
    std::size_t vectors_;
    Workspace memory_;
    T* first_;
};

template <class Matrix>
constexpr std::size_t vectors_of_column_sums = 1 + Matrix::scratch_vectors;
template <class Matrix>
constexpr std::size_t vectors_of_noise = 2 + Matrix::scratch_vectors;

template <class T, class Matrix>
ag_status columns_workspace(const char* name, const auto* X, const ag_logistic_options* given,
                            std::size_t* bytes) {
    return workspace_query<T, Matrix>(name, X, given, bytes, [](const Matrix& matrix, std::size_t visited) {
        return PrivateSums<T>::bytes(plan_gradients<T>(matrix, visited), vectors_of_noise<Matrix>);
    });
}

// out_j = factor * sum / divisor + l2, the latter not for the intercept.
template <class T, class Matrix>
ag_status column_sums(const char* name, const auto* X, const ColumnArguments<T>& a,
                      const ag_logistic_options* given, ColumnSum kind, double factor) {
    return column_pass<T, Matrix>(
        name, X, a, given,
        [&](Checks& checks, const Kernels<T>& kernels, const ag_logistic_options& o, const Matrix& matrix,
            const VisitedRows& visited, double, double divisor) {
            const PrivateSums<T> sums(checks, o, matrix, visited.count, vectors_of_column_sums<Matrix>);
            if (checks.failed())
                return;
            double intercepts[max_row_blocks] = {};
            sums.for_each_block_of_rows([&](std::size_t block, std::size_t begin, std::size_t length) {
                intercepts[block] = matrix.row_pass(kernels).column_sums(
                    matrix.matrix, part_of_rows(matrix, a.y, a.w, o, visited, begin, length), kind,
                    sums.vector(block, 0), Matrix::scratch_vectors != 0 ? sums.vector(block, 1) : nullptr);
            });
            const std::size_t cols = matrix.cols, parameters = cols + (o.fit_intercept != 0 ? 1 : 0);
            for_each_range(parameters, [&](std::size_t begin, std::size_t length) {
                for (std::size_t j = begin; j < begin + length; ++j)
                    a.out[j] = static_cast<T>(factor * sums.total(0, j, cols, intercepts) / divisor +
                                              (j < cols ? o.l2 : 0));
            });
        });
}

template <class T, class Matrix>
ag_status smoothness(const char* name, const auto* X, const T* y, const ag_logistic_options* given,
                     ag_smoothness kind, T* out) {
    if (kind != AG_SMOOTHNESS_COORDINATE && kind != AG_SMOOTHNESS_ANISOTROPIC) {
        Checks checks({name, type_suffix<T>});
        checks.one_of("kind", kind, AG_SMOOTHNESS_COORDINATE, AG_SMOOTHNESS_ANISOTROPIC);
        return checks.status();
    }
    const ColumnArguments<T> a = {y, nullptr, nullptr, false, false, out, "smoothness"};
    return column_sums<T, Matrix>(
        name, X, a, given, kind == AG_SMOOTHNESS_COORDINATE ? ColumnSum::squares : ColumnSum::magnitudes,
        0.25);
}

template <class T, class Matrix>
ag_status hessian_diagonal(const char* name, const auto* X, const T* y, const T* w,
                           const ag_logistic_options* given, T* out) {
    const ColumnArguments<T> a = {y, w, nullptr, true, false, out, "diagonal"};
    return column_sums<T, Matrix>(name, X, a, given, ColumnSum::curvature_squares, 1);
}

template <class T, class Matrix>
ag_status noise(const char* name, const auto* X, const T* y, const T* w, const ag_logistic_options* given,
                T* out) {
    const ColumnArguments<T> a = {y, w, nullptr, true, false, out, "noise"};
    return column_pass<T, Matrix>(
        name, X, a, given,
        [&](Checks& checks, const Kernels<T>& kernels, const ag_logistic_options& o, const Matrix& matrix,
            const VisitedRows& visited, double weights, double) {
            const PrivateSums<T> sums(checks, o, matrix, visited.count, vectors_of_noise<Matrix>);
            if (checks.failed())
                return;
            double squares[max_row_blocks] = {}, residuals[max_row_blocks] = {};
            sums.for_each_block_of_rows([&](std::size_t block, std::size_t begin, std::size_t length) {
                const LogisticRows<T> rows = part_of_rows(matrix, y, w, o, visited, begin, length);
                squares[block] = matrix.row_pass(kernels).column_sums(
                    matrix.matrix, rows, ColumnSum::residual_squares, sums.vector(block, 0),
                    Matrix::scratch_vectors != 0 ? sums.vector(block, 2) : nullptr);
                residuals[block] =
                    matrix.kernel(kernels)(matrix.matrix, rows, sums.vector(block, 1)).residual;
            });
            const double scale = o.reduction == AG_REDUCTION_SUM ? weights : 1;
            const std::size_t cols = matrix.cols, parameters = cols + (o.fit_intercept != 0 ? 1 : 0);
            for_each_range(parameters, [&](std::size_t begin, std::size_t length) {
                for (std::size_t j = begin; j < begin + length; ++j) {
                    const double mean = weights != 0 ? sums.total(1, j, cols, residuals) / weights : 0;
                    const double mean_square = weights != 0 ? sums.total(0, j, cols, squares) / weights : 0;
                    const double variance = mean_square - mean * mean;
                    // Not below 0 by rounding; a NaN stays.
                    out[j] = static_cast<T>(scale * (variance <= 0 ? 0 : std::sqrt(variance)));
                }
            });
        });
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

ag_status ag_logistic_margins_dense_f32(const ag_dense_f32* X, const float* w,
                                        const ag_logistic_options* options, float* margins) {
    return anisograd::margins<float, Dense<float>>("ag_logistic_margins_dense", false, X, w, options,
                                                   margins);
}
ag_status ag_logistic_margins_dense_f64(const ag_dense_f64* X, const double* w,
                                        const ag_logistic_options* options, double* margins) {
    return anisograd::margins<double, Dense<double>>("ag_logistic_margins_dense", false, X, w, options,
                                                     margins);
}
ag_status ag_logistic_margins_dense_bf16(const ag_dense_bf16* X, const float* w,
                                         const ag_logistic_options* options, float* margins) {
    return anisograd::margins<float, DenseBf16>("ag_logistic_margins_dense", false, X, w, options, margins);
}
ag_status ag_logistic_margins_dense_f16(const ag_dense_f16* X, const float* w,
                                        const ag_logistic_options* options, float* margins) {
    return anisograd::margins<float, DenseF16>("ag_logistic_margins_dense", false, X, w, options, margins);
}
ag_status ag_logistic_margins_csr_f32(const ag_csr_f32* X, const float* w, const ag_logistic_options* options,
                                      float* margins) {
    return anisograd::margins<float, Csr<float, std::int32_t>>("ag_logistic_margins_csr", false, X, w,
                                                               options, margins);
}
ag_status ag_logistic_margins_csr_f64(const ag_csr_f64* X, const double* w,
                                      const ag_logistic_options* options, double* margins) {
    return anisograd::margins<double, Csr<double, std::int32_t>>("ag_logistic_margins_csr", false, X, w,
                                                                 options, margins);
}
ag_status ag_logistic_margins_csr64_f32(const ag_csr64_f32* X, const float* w,
                                        const ag_logistic_options* options, float* margins) {
    return anisograd::margins<float, Csr<float, std::int64_t>>("ag_logistic_margins_csr64", false, X, w,
                                                               options, margins);
}
ag_status ag_logistic_margins_csr64_f64(const ag_csr64_f64* X, const double* w,
                                        const ag_logistic_options* options, double* margins) {
    return anisograd::margins<double, Csr<double, std::int64_t>>("ag_logistic_margins_csr64", false, X, w,
                                                                 options, margins);
}

ag_status ag_logistic_probabilities_dense_f32(const ag_dense_f32* X, const float* w,
                                              const ag_logistic_options* options, float* probabilities) {
    return anisograd::margins<float, Dense<float>>("ag_logistic_probabilities_dense", true, X, w, options,
                                                   probabilities);
}
ag_status ag_logistic_probabilities_dense_f64(const ag_dense_f64* X, const double* w,
                                              const ag_logistic_options* options, double* probabilities) {
    return anisograd::margins<double, Dense<double>>("ag_logistic_probabilities_dense", true, X, w, options,
                                                     probabilities);
}
ag_status ag_logistic_probabilities_dense_bf16(const ag_dense_bf16* X, const float* w,
                                               const ag_logistic_options* options, float* probabilities) {
    return anisograd::margins<float, DenseBf16>("ag_logistic_probabilities_dense", true, X, w, options,
                                                probabilities);
}
ag_status ag_logistic_probabilities_dense_f16(const ag_dense_f16* X, const float* w,
                                              const ag_logistic_options* options, float* probabilities) {
    return anisograd::margins<float, DenseF16>("ag_logistic_probabilities_dense", true, X, w, options,
                                               probabilities);
}
ag_status ag_logistic_probabilities_csr_f32(const ag_csr_f32* X, const float* w,
                                            const ag_logistic_options* options, float* probabilities) {
    return anisograd::margins<float, Csr<float, std::int32_t>>("ag_logistic_probabilities_csr", true, X, w,
                                                               options, probabilities);
}
ag_status ag_logistic_probabilities_csr_f64(const ag_csr_f64* X, const double* w,
                                            const ag_logistic_options* options, double* probabilities) {
    return anisograd::margins<double, Csr<double, std::int32_t>>("ag_logistic_probabilities_csr", true, X, w,
                                                                 options, probabilities);
}
ag_status ag_logistic_probabilities_csr64_f32(const ag_csr64_f32* X, const float* w,
                                              const ag_logistic_options* options, float* probabilities) {
    return anisograd::margins<float, Csr<float, std::int64_t>>("ag_logistic_probabilities_csr64", true, X, w,
                                                               options, probabilities);
}
ag_status ag_logistic_probabilities_csr64_f64(const ag_csr64_f64* X, const double* w,
                                              const ag_logistic_options* options, double* probabilities) {
    return anisograd::margins<double, Csr<double, std::int64_t>>("ag_logistic_probabilities_csr64", true, X,
                                                                 w, options, probabilities);
}

ag_status ag_logistic_from_margins_f32(size_t n, const float* margins, const float* y,
                                       const ag_logistic_options* options, double* loss, float* residuals,
                                       float* curvatures) {
    return from_margins(n, margins, y, options, loss, residuals, curvatures);
}
ag_status ag_logistic_from_margins_f64(size_t n, const double* margins, const double* y,
                                       const ag_logistic_options* options, double* loss, double* residuals,
                                       double* curvatures) {
    return from_margins(n, margins, y, options, loss, residuals, curvatures);
}

ag_status ag_logistic_hessian_vector_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                               const float* direction, const ag_logistic_options* options,
                                               float* product) {
    return hessian_vector<float, Dense<float>>("ag_logistic_hessian_vector_dense", X, y, w, direction,
                                               options, product);
}
ag_status ag_logistic_hessian_vector_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                               const double* direction, const ag_logistic_options* options,
                                               double* product) {
    return hessian_vector<double, Dense<double>>("ag_logistic_hessian_vector_dense", X, y, w, direction,
                                                 options, product);
}
ag_status ag_logistic_hessian_vector_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                             const float* direction, const ag_logistic_options* options,
                                             float* product) {
    return hessian_vector<float, Csr<float, std::int32_t>>("ag_logistic_hessian_vector_csr", X, y, w,
                                                           direction, options, product);
}
ag_status ag_logistic_hessian_vector_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                             const double* direction, const ag_logistic_options* options,
                                             double* product) {
    return hessian_vector<double, Csr<double, std::int32_t>>("ag_logistic_hessian_vector_csr", X, y, w,
                                                             direction, options, product);
}
ag_status ag_logistic_hessian_vector_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                               const float* direction, const ag_logistic_options* options,
                                               float* product) {
    return hessian_vector<float, Csr<float, std::int64_t>>("ag_logistic_hessian_vector_csr64", X, y, w,
                                                           direction, options, product);
}
ag_status ag_logistic_hessian_vector_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                               const double* direction, const ag_logistic_options* options,
                                               double* product) {
    return hessian_vector<double, Csr<double, std::int64_t>>("ag_logistic_hessian_vector_csr64", X, y, w,
                                                             direction, options, product);
}

ag_status ag_logistic_hessian_diagonal_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                                 const ag_logistic_options* options, float* diagonal) {
    return hessian_diagonal<float, Dense<float>>("ag_logistic_hessian_diagonal_dense", X, y, w, options,
                                                 diagonal);
}
ag_status ag_logistic_hessian_diagonal_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                                 const ag_logistic_options* options, double* diagonal) {
    return hessian_diagonal<double, Dense<double>>("ag_logistic_hessian_diagonal_dense", X, y, w, options,
                                                   diagonal);
}
ag_status ag_logistic_hessian_diagonal_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                               const ag_logistic_options* options, float* diagonal) {
    return hessian_diagonal<float, Csr<float, std::int32_t>>("ag_logistic_hessian_diagonal_csr", X, y, w,
                                                             options, diagonal);
}
ag_status ag_logistic_hessian_diagonal_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                               const ag_logistic_options* options, double* diagonal) {
    return hessian_diagonal<double, Csr<double, std::int32_t>>("ag_logistic_hessian_diagonal_csr", X, y, w,
                                                               options, diagonal);
}
ag_status ag_logistic_hessian_diagonal_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                                 const ag_logistic_options* options, float* diagonal) {
    return hessian_diagonal<float, Csr<float, std::int64_t>>("ag_logistic_hessian_diagonal_csr64", X, y, w,
                                                             options, diagonal);
}
ag_status ag_logistic_hessian_diagonal_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                                 const ag_logistic_options* options, double* diagonal) {
    return hessian_diagonal<double, Csr<double, std::int64_t>>("ag_logistic_hessian_diagonal_csr64", X, y, w,
                                                               options, diagonal);
}

ag_status ag_logistic_smoothness_dense_f32(const ag_dense_f32* X, const float* y,
                                           const ag_logistic_options* options, ag_smoothness kind,
                                           float* smoothness) {
    return anisograd::smoothness<float, Dense<float>>("ag_logistic_smoothness_dense", X, y, options, kind,
                                                      smoothness);
}
ag_status ag_logistic_smoothness_dense_f64(const ag_dense_f64* X, const double* y,
                                           const ag_logistic_options* options, ag_smoothness kind,
                                           double* smoothness) {
    return anisograd::smoothness<double, Dense<double>>("ag_logistic_smoothness_dense", X, y, options, kind,
                                                        smoothness);
}
ag_status ag_logistic_smoothness_csr_f32(const ag_csr_f32* X, const float* y,
                                         const ag_logistic_options* options, ag_smoothness kind,
                                         float* smoothness) {
    return anisograd::smoothness<float, Csr<float, std::int32_t>>("ag_logistic_smoothness_csr", X, y, options,
                                                                  kind, smoothness);
}
ag_status ag_logistic_smoothness_csr_f64(const ag_csr_f64* X, const double* y,
                                         const ag_logistic_options* options, ag_smoothness kind,
                                         double* smoothness) {
    return anisograd::smoothness<double, Csr<double, std::int32_t>>("ag_logistic_smoothness_csr", X, y,
                                                                    options, kind, smoothness);
}
ag_status ag_logistic_smoothness_csr64_f32(const ag_csr64_f32* X, const float* y,
                                           const ag_logistic_options* options, ag_smoothness kind,
                                           float* smoothness) {
    return anisograd::smoothness<float, Csr<float, std::int64_t>>("ag_logistic_smoothness_csr64", X, y,
                                                                  options, kind, smoothness);
}
ag_status ag_logistic_smoothness_csr64_f64(const ag_csr64_f64* X, const double* y,
                                           const ag_logistic_options* options, ag_smoothness kind,
                                           double* smoothness) {
    return anisograd::smoothness<double, Csr<double, std::int64_t>>("ag_logistic_smoothness_csr64", X, y,
                                                                    options, kind, smoothness);
}

ag_status ag_logistic_noise_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                      const ag_logistic_options* options, float* noise) {
    return anisograd::noise<float, Dense<float>>("ag_logistic_noise_dense", X, y, w, options, noise);
}
ag_status ag_logistic_noise_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                      const ag_logistic_options* options, double* noise) {
    return anisograd::noise<double, Dense<double>>("ag_logistic_noise_dense", X, y, w, options, noise);
}
ag_status ag_logistic_noise_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                    const ag_logistic_options* options, float* noise) {
    return anisograd::noise<float, Csr<float, std::int32_t>>("ag_logistic_noise_csr", X, y, w, options,
                                                             noise);
}
ag_status ag_logistic_noise_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                    const ag_logistic_options* options, double* noise) {
    return anisograd::noise<double, Csr<double, std::int32_t>>("ag_logistic_noise_csr", X, y, w, options,
                                                               noise);
}
ag_status ag_logistic_noise_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                      const ag_logistic_options* options, float* noise) {
    return anisograd::noise<float, Csr<float, std::int64_t>>("ag_logistic_noise_csr64", X, y, w, options,
                                                             noise);
}
ag_status ag_logistic_noise_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                      const ag_logistic_options* options, double* noise) {
    return anisograd::noise<double, Csr<double, std::int64_t>>("ag_logistic_noise_csr64", X, y, w, options,
                                                               noise);
}

ag_status ag_logistic_columns_workspace_dense_f32(const ag_dense_f32* X, const ag_logistic_options* options,
                                                  size_t* bytes) {
    return columns_workspace<float, Dense<float>>("ag_logistic_columns_workspace_dense", X, options, bytes);
}
ag_status ag_logistic_columns_workspace_dense_f64(const ag_dense_f64* X, const ag_logistic_options* options,
                                                  size_t* bytes) {
    return columns_workspace<double, Dense<double>>("ag_logistic_columns_workspace_dense", X, options, bytes);
}
ag_status ag_logistic_columns_workspace_csr_f32(const ag_csr_f32* X, const ag_logistic_options* options,
                                                size_t* bytes) {
    return columns_workspace<float, Csr<float, std::int32_t>>("ag_logistic_columns_workspace_csr", X, options,
                                                              bytes);
}
ag_status ag_logistic_columns_workspace_csr_f64(const ag_csr_f64* X, const ag_logistic_options* options,
                                                size_t* bytes) {
    return columns_workspace<double, Csr<double, std::int32_t>>("ag_logistic_columns_workspace_csr", X,
                                                                options, bytes);
}
ag_status ag_logistic_columns_workspace_csr64_f32(const ag_csr64_f32* X, const ag_logistic_options* options,
                                                  size_t* bytes) {
    return columns_workspace<float, Csr<float, std::int64_t>>("ag_logistic_columns_workspace_csr64", X,
                                                              options, bytes);
}
ag_status ag_logistic_columns_workspace_csr64_f64(const ag_csr64_f64* X, const ag_logistic_options* options,
                                                  size_t* bytes) {
    return columns_workspace<double, Csr<double, std::int64_t>>("ag_logistic_columns_workspace_csr64", X,
                                                                options, bytes);
}

} // extern "C"
