// SPDX-License-Identifier: BSD-3-Clause
//
// The C functions by overload, so that a typed test can call them.
#pragma once

#include "anisograd/anisograd.h"

#include <cstddef>
#include <cstdint>

namespace test {

template <class T>
struct Api;

template <>
struct Api<float> {
    using Dense = ag_dense_f32;
    using Csr = ag_csr_f32;
    using Csr64 = ag_csr64_f32;
    static constexpr auto adagrad_init = ag_adagrad_init_f32;
    static constexpr auto adagrad_step = ag_adagrad_step_f32;
    static constexpr auto adagrad_step_projected = ag_adagrad_step_projected_f32;
    static constexpr auto adagrad_step_averaged = ag_adagrad_step_averaged_f32;
    static constexpr auto adagrad_step_list = ag_adagrad_step_list_f32;
    using Bags = ag_bags_f32;
    template <class Index>
    static ag_status sparse(std::size_t n, float* w, float* v, std::size_t nnz, const Index* indices,
                            const float* g, const ag_adagrad_options* options) {
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_sparse_f32(n, w, v, nnz, indices, g, options);
        else
            return ag_adagrad_step_sparse_f32_i32(n, w, v, nnz, indices, g, options);
    }
    template <class Index>
    static ag_status rows_pooled(std::size_t rows, std::size_t cols, float* w, float* v, std::size_t m,
                                 const Index* indices, const Bags* bags, const float* g,
                                 const ag_adagrad_options* options) {
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rows_pooled_f32(rows, cols, w, v, m, indices, bags, g, options);
        else
            return ag_adagrad_step_rows_pooled_f32_i32(rows, cols, w, v, m, indices, bags, g, options);
    }
    // Pooled where there are bags.
    template <class Index>
    static ag_status rows(std::size_t rows, std::size_t cols, float* w, float* v, std::size_t m,
                          const Index* indices, const Bags* bags, const float* g,
                          const ag_adagrad_options* options) {
        if (bags != nullptr)
            return rows_pooled(rows, cols, w, v, m, indices, bags, g, options);
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rows_f32(rows, cols, w, v, m, indices, g, options);
        else
            return ag_adagrad_step_rows_f32_i32(rows, cols, w, v, m, indices, g, options);
    }
    template <class Index>
    static ag_status rowwise_pooled(std::size_t rows, std::size_t cols, float* w, float* v, std::size_t m,
                                    const Index* indices, const Bags* bags, const float* g,
                                    const ag_adagrad_options* options) {
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rowwise_pooled_f32(rows, cols, w, v, m, indices, bags, g, options);
        else
            return ag_adagrad_step_rowwise_pooled_f32_i32(rows, cols, w, v, m, indices, bags, g, options);
    }
    // Pooled where there are bags.
    template <class Index>
    static ag_status rowwise(std::size_t rows, std::size_t cols, float* w, float* v, std::size_t m,
                             const Index* indices, const Bags* bags, const float* g,
                             const ag_adagrad_options* options) {
        if (bags != nullptr)
            return rowwise_pooled(rows, cols, w, v, m, indices, bags, g, options);
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rowwise_f32(rows, cols, w, v, m, indices, g, options);
        else
            return ag_adagrad_step_rowwise_f32_i32(rows, cols, w, v, m, indices, g, options);
    }
    static constexpr auto adagrad_norm_step = ag_adagrad_norm_step_f32;
    static constexpr auto dual_averaging_step = ag_adagrad_dual_averaging_step_f32;
    static constexpr auto squared_norm = ag_squared_norm_f32;
    static constexpr auto first_non_finite = ag_first_non_finite_f32;
    static constexpr auto sgd_step = ag_sgd_step_f32;
    static constexpr auto average = ag_average_f32;
    static constexpr auto project = ag_project_f32;
    static constexpr auto project_rows = ag_project_rows_f32;
    static constexpr auto project_workspace = ag_project_workspace_f32;
    static constexpr auto exp = ag_exp_f32;
    static constexpr auto log1p = ag_log1p_f32;
    static constexpr auto sigmoid = ag_sigmoid_f32;
    static constexpr auto softplus = ag_softplus_f32;
    static constexpr auto logistic_dense = ag_logistic_dense_f32;
    static constexpr auto logistic_csr = ag_logistic_csr_f32;
    static constexpr auto logistic_csr64 = ag_logistic_csr64_f32;
    static constexpr auto logistic_dense_workspace = ag_logistic_dense_workspace_f32;
    static constexpr auto logistic_csr_workspace = ag_logistic_csr_workspace_f32;
    static constexpr auto from_margins = ag_logistic_from_margins_f32;
    static constexpr auto logistic_csr64_workspace = ag_logistic_csr64_workspace_f32;
};

template <>
struct Api<double> {
    using Dense = ag_dense_f64;
    using Csr = ag_csr_f64;
    using Csr64 = ag_csr64_f64;
    static constexpr auto adagrad_init = ag_adagrad_init_f64;
    static constexpr auto adagrad_step = ag_adagrad_step_f64;
    static constexpr auto adagrad_step_projected = ag_adagrad_step_projected_f64;
    static constexpr auto adagrad_step_averaged = ag_adagrad_step_averaged_f64;
    static constexpr auto adagrad_step_list = ag_adagrad_step_list_f64;
    using Bags = ag_bags_f64;
    template <class Index>
    static ag_status sparse(std::size_t n, double* w, double* v, std::size_t nnz, const Index* indices,
                            const double* g, const ag_adagrad_options* options) {
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_sparse_f64(n, w, v, nnz, indices, g, options);
        else
            return ag_adagrad_step_sparse_f64_i32(n, w, v, nnz, indices, g, options);
    }
    template <class Index>
    static ag_status rows_pooled(std::size_t rows, std::size_t cols, double* w, double* v, std::size_t m,
                                 const Index* indices, const Bags* bags, const double* g,
                                 const ag_adagrad_options* options) {
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rows_pooled_f64(rows, cols, w, v, m, indices, bags, g, options);
        else
            return ag_adagrad_step_rows_pooled_f64_i32(rows, cols, w, v, m, indices, bags, g, options);
    }
    // Pooled where there are bags.
    template <class Index>
    static ag_status rows(std::size_t rows, std::size_t cols, double* w, double* v, std::size_t m,
                          const Index* indices, const Bags* bags, const double* g,
                          const ag_adagrad_options* options) {
        if (bags != nullptr)
            return rows_pooled(rows, cols, w, v, m, indices, bags, g, options);
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rows_f64(rows, cols, w, v, m, indices, g, options);
        else
            return ag_adagrad_step_rows_f64_i32(rows, cols, w, v, m, indices, g, options);
    }
    template <class Index>
    static ag_status rowwise_pooled(std::size_t rows, std::size_t cols, double* w, double* v, std::size_t m,
                                    const Index* indices, const Bags* bags, const double* g,
                                    const ag_adagrad_options* options) {
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rowwise_pooled_f64(rows, cols, w, v, m, indices, bags, g, options);
        else
            return ag_adagrad_step_rowwise_pooled_f64_i32(rows, cols, w, v, m, indices, bags, g, options);
    }
    // Pooled where there are bags.
    template <class Index>
    static ag_status rowwise(std::size_t rows, std::size_t cols, double* w, double* v, std::size_t m,
                             const Index* indices, const Bags* bags, const double* g,
                             const ag_adagrad_options* options) {
        if (bags != nullptr)
            return rowwise_pooled(rows, cols, w, v, m, indices, bags, g, options);
        if constexpr (sizeof(Index) == 8)
            return ag_adagrad_step_rowwise_f64(rows, cols, w, v, m, indices, g, options);
        else
            return ag_adagrad_step_rowwise_f64_i32(rows, cols, w, v, m, indices, g, options);
    }
    static constexpr auto adagrad_norm_step = ag_adagrad_norm_step_f64;
    static constexpr auto dual_averaging_step = ag_adagrad_dual_averaging_step_f64;
    static constexpr auto squared_norm = ag_squared_norm_f64;
    static constexpr auto first_non_finite = ag_first_non_finite_f64;
    static constexpr auto sgd_step = ag_sgd_step_f64;
    static constexpr auto average = ag_average_f64;
    static constexpr auto project = ag_project_f64;
    static constexpr auto project_rows = ag_project_rows_f64;
    static constexpr auto project_workspace = ag_project_workspace_f64;
    static constexpr auto exp = ag_exp_f64;
    static constexpr auto log1p = ag_log1p_f64;
    static constexpr auto sigmoid = ag_sigmoid_f64;
    static constexpr auto softplus = ag_softplus_f64;
    static constexpr auto logistic_dense = ag_logistic_dense_f64;
    static constexpr auto logistic_csr = ag_logistic_csr_f64;
    static constexpr auto logistic_csr64 = ag_logistic_csr64_f64;
    static constexpr auto logistic_dense_workspace = ag_logistic_dense_workspace_f64;
    static constexpr auto logistic_csr_workspace = ag_logistic_csr_workspace_f64;
    static constexpr auto from_margins = ag_logistic_from_margins_f64;
    static constexpr auto logistic_csr64_workspace = ag_logistic_csr64_workspace_f64;
};

// The functions over the rows of a matrix, for each of its forms.
inline ag_status logistic(const ag_dense_f32* X, const float* y, const float* w, const ag_logistic_options* o,
                          double* loss, float* gradient) {
    return ag_logistic_dense_f32(X, y, w, o, loss, gradient);
}
inline ag_status logistic(const ag_dense_f64* X, const double* y, const double* w,
                          const ag_logistic_options* o, double* loss, double* gradient) {
    return ag_logistic_dense_f64(X, y, w, o, loss, gradient);
}
inline ag_status logistic(const ag_dense_bf16* X, const float* y, const float* w,
                          const ag_logistic_options* o, double* loss, float* gradient) {
    return ag_logistic_dense_bf16(X, y, w, o, loss, gradient);
}
inline ag_status logistic(const ag_dense_f16* X, const float* y, const float* w, const ag_logistic_options* o,
                          double* loss, float* gradient) {
    return ag_logistic_dense_f16(X, y, w, o, loss, gradient);
}
inline ag_status logistic(const ag_csr_f32* X, const float* y, const float* w, const ag_logistic_options* o,
                          double* loss, float* gradient) {
    return ag_logistic_csr_f32(X, y, w, o, loss, gradient);
}
inline ag_status logistic(const ag_csr_f64* X, const double* y, const double* w, const ag_logistic_options* o,
                          double* loss, double* gradient) {
    return ag_logistic_csr_f64(X, y, w, o, loss, gradient);
}
inline ag_status logistic(const ag_csr64_f32* X, const float* y, const float* w, const ag_logistic_options* o,
                          double* loss, float* gradient) {
    return ag_logistic_csr64_f32(X, y, w, o, loss, gradient);
}
inline ag_status logistic(const ag_csr64_f64* X, const double* y, const double* w,
                          const ag_logistic_options* o, double* loss, double* gradient) {
    return ag_logistic_csr64_f64(X, y, w, o, loss, gradient);
}
inline ag_status logistic_workspace(const ag_dense_f32* X, const ag_logistic_options* o, std::size_t* bytes) {
    return ag_logistic_dense_workspace_f32(X, o, bytes);
}
inline ag_status logistic_workspace(const ag_dense_f64* X, const ag_logistic_options* o, std::size_t* bytes) {
    return ag_logistic_dense_workspace_f64(X, o, bytes);
}
inline ag_status logistic_workspace(const ag_dense_bf16* X, const ag_logistic_options* o,
                                    std::size_t* bytes) {
    return ag_logistic_dense_workspace_bf16(X, o, bytes);
}
inline ag_status logistic_workspace(const ag_dense_f16* X, const ag_logistic_options* o, std::size_t* bytes) {
    return ag_logistic_dense_workspace_f16(X, o, bytes);
}
inline ag_status logistic_workspace(const ag_csr_f32* X, const ag_logistic_options* o, std::size_t* bytes) {
    return ag_logistic_csr_workspace_f32(X, o, bytes);
}
inline ag_status logistic_workspace(const ag_csr_f64* X, const ag_logistic_options* o, std::size_t* bytes) {
    return ag_logistic_csr_workspace_f64(X, o, bytes);
}
inline ag_status logistic_workspace(const ag_csr64_f32* X, const ag_logistic_options* o, std::size_t* bytes) {
    return ag_logistic_csr64_workspace_f32(X, o, bytes);
}
inline ag_status logistic_workspace(const ag_csr64_f64* X, const ag_logistic_options* o, std::size_t* bytes) {
    return ag_logistic_csr64_workspace_f64(X, o, bytes);
}
inline ag_status logistic_margins(const ag_dense_f32* X, const float* w, const ag_logistic_options* o,
                                  float* out) {
    return ag_logistic_margins_dense_f32(X, w, o, out);
}
inline ag_status logistic_margins(const ag_dense_f64* X, const double* w, const ag_logistic_options* o,
                                  double* out) {
    return ag_logistic_margins_dense_f64(X, w, o, out);
}
inline ag_status logistic_margins(const ag_csr_f32* X, const float* w, const ag_logistic_options* o,
                                  float* out) {
    return ag_logistic_margins_csr_f32(X, w, o, out);
}
inline ag_status logistic_margins(const ag_csr_f64* X, const double* w, const ag_logistic_options* o,
                                  double* out) {
    return ag_logistic_margins_csr_f64(X, w, o, out);
}
inline ag_status logistic_margins(const ag_csr64_f32* X, const float* w, const ag_logistic_options* o,
                                  float* out) {
    return ag_logistic_margins_csr64_f32(X, w, o, out);
}
inline ag_status logistic_margins(const ag_csr64_f64* X, const double* w, const ag_logistic_options* o,
                                  double* out) {
    return ag_logistic_margins_csr64_f64(X, w, o, out);
}
inline ag_status logistic_margins(const ag_dense_bf16* X, const float* w, const ag_logistic_options* o,
                                  float* out) {
    return ag_logistic_margins_dense_bf16(X, w, o, out);
}
inline ag_status logistic_margins(const ag_dense_f16* X, const float* w, const ag_logistic_options* o,
                                  float* out) {
    return ag_logistic_margins_dense_f16(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_dense_f32* X, const float* w, const ag_logistic_options* o,
                                        float* out) {
    return ag_logistic_probabilities_dense_f32(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_dense_f64* X, const double* w, const ag_logistic_options* o,
                                        double* out) {
    return ag_logistic_probabilities_dense_f64(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_csr_f32* X, const float* w, const ag_logistic_options* o,
                                        float* out) {
    return ag_logistic_probabilities_csr_f32(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_csr_f64* X, const double* w, const ag_logistic_options* o,
                                        double* out) {
    return ag_logistic_probabilities_csr_f64(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_csr64_f32* X, const float* w, const ag_logistic_options* o,
                                        float* out) {
    return ag_logistic_probabilities_csr64_f32(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_csr64_f64* X, const double* w, const ag_logistic_options* o,
                                        double* out) {
    return ag_logistic_probabilities_csr64_f64(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_dense_bf16* X, const float* w, const ag_logistic_options* o,
                                        float* out) {
    return ag_logistic_probabilities_dense_bf16(X, w, o, out);
}
inline ag_status logistic_probabilities(const ag_dense_f16* X, const float* w, const ag_logistic_options* o,
                                        float* out) {
    return ag_logistic_probabilities_dense_f16(X, w, o, out);
}
inline ag_status logistic_hessian_vector(const ag_dense_f32* X, const float* y, const float* w,
                                         const float* direction, const ag_logistic_options* o, float* out) {
    return ag_logistic_hessian_vector_dense_f32(X, y, w, direction, o, out);
}
inline ag_status logistic_hessian_vector(const ag_dense_f64* X, const double* y, const double* w,
                                         const double* direction, const ag_logistic_options* o, double* out) {
    return ag_logistic_hessian_vector_dense_f64(X, y, w, direction, o, out);
}
inline ag_status logistic_hessian_vector(const ag_csr_f32* X, const float* y, const float* w,
                                         const float* direction, const ag_logistic_options* o, float* out) {
    return ag_logistic_hessian_vector_csr_f32(X, y, w, direction, o, out);
}
inline ag_status logistic_hessian_vector(const ag_csr_f64* X, const double* y, const double* w,
                                         const double* direction, const ag_logistic_options* o, double* out) {
    return ag_logistic_hessian_vector_csr_f64(X, y, w, direction, o, out);
}
inline ag_status logistic_hessian_vector(const ag_csr64_f32* X, const float* y, const float* w,
                                         const float* direction, const ag_logistic_options* o, float* out) {
    return ag_logistic_hessian_vector_csr64_f32(X, y, w, direction, o, out);
}
inline ag_status logistic_hessian_vector(const ag_csr64_f64* X, const double* y, const double* w,
                                         const double* direction, const ag_logistic_options* o, double* out) {
    return ag_logistic_hessian_vector_csr64_f64(X, y, w, direction, o, out);
}
inline ag_status logistic_hessian_diagonal(const ag_dense_f32* X, const float* y, const float* w,
                                           const ag_logistic_options* o, float* out) {
    return ag_logistic_hessian_diagonal_dense_f32(X, y, w, o, out);
}
inline ag_status logistic_hessian_diagonal(const ag_dense_f64* X, const double* y, const double* w,
                                           const ag_logistic_options* o, double* out) {
    return ag_logistic_hessian_diagonal_dense_f64(X, y, w, o, out);
}
inline ag_status logistic_hessian_diagonal(const ag_csr_f32* X, const float* y, const float* w,
                                           const ag_logistic_options* o, float* out) {
    return ag_logistic_hessian_diagonal_csr_f32(X, y, w, o, out);
}
inline ag_status logistic_hessian_diagonal(const ag_csr_f64* X, const double* y, const double* w,
                                           const ag_logistic_options* o, double* out) {
    return ag_logistic_hessian_diagonal_csr_f64(X, y, w, o, out);
}
inline ag_status logistic_hessian_diagonal(const ag_csr64_f32* X, const float* y, const float* w,
                                           const ag_logistic_options* o, float* out) {
    return ag_logistic_hessian_diagonal_csr64_f32(X, y, w, o, out);
}
inline ag_status logistic_hessian_diagonal(const ag_csr64_f64* X, const double* y, const double* w,
                                           const ag_logistic_options* o, double* out) {
    return ag_logistic_hessian_diagonal_csr64_f64(X, y, w, o, out);
}
inline ag_status logistic_smoothness(const ag_dense_f32* X, const float* y, const ag_logistic_options* o,
                                     ag_smoothness kind, float* out) {
    return ag_logistic_smoothness_dense_f32(X, y, o, kind, out);
}
inline ag_status logistic_smoothness(const ag_dense_f64* X, const double* y, const ag_logistic_options* o,
                                     ag_smoothness kind, double* out) {
    return ag_logistic_smoothness_dense_f64(X, y, o, kind, out);
}
inline ag_status logistic_smoothness(const ag_csr_f32* X, const float* y, const ag_logistic_options* o,
                                     ag_smoothness kind, float* out) {
    return ag_logistic_smoothness_csr_f32(X, y, o, kind, out);
}
inline ag_status logistic_smoothness(const ag_csr_f64* X, const double* y, const ag_logistic_options* o,
                                     ag_smoothness kind, double* out) {
    return ag_logistic_smoothness_csr_f64(X, y, o, kind, out);
}
inline ag_status logistic_smoothness(const ag_csr64_f32* X, const float* y, const ag_logistic_options* o,
                                     ag_smoothness kind, float* out) {
    return ag_logistic_smoothness_csr64_f32(X, y, o, kind, out);
}
inline ag_status logistic_smoothness(const ag_csr64_f64* X, const double* y, const ag_logistic_options* o,
                                     ag_smoothness kind, double* out) {
    return ag_logistic_smoothness_csr64_f64(X, y, o, kind, out);
}
inline ag_status logistic_noise(const ag_dense_f32* X, const float* y, const float* w,
                                const ag_logistic_options* o, float* out) {
    return ag_logistic_noise_dense_f32(X, y, w, o, out);
}
inline ag_status logistic_noise(const ag_dense_f64* X, const double* y, const double* w,
                                const ag_logistic_options* o, double* out) {
    return ag_logistic_noise_dense_f64(X, y, w, o, out);
}
inline ag_status logistic_noise(const ag_csr_f32* X, const float* y, const float* w,
                                const ag_logistic_options* o, float* out) {
    return ag_logistic_noise_csr_f32(X, y, w, o, out);
}
inline ag_status logistic_noise(const ag_csr_f64* X, const double* y, const double* w,
                                const ag_logistic_options* o, double* out) {
    return ag_logistic_noise_csr_f64(X, y, w, o, out);
}
inline ag_status logistic_noise(const ag_csr64_f32* X, const float* y, const float* w,
                                const ag_logistic_options* o, float* out) {
    return ag_logistic_noise_csr64_f32(X, y, w, o, out);
}
inline ag_status logistic_noise(const ag_csr64_f64* X, const double* y, const double* w,
                                const ag_logistic_options* o, double* out) {
    return ag_logistic_noise_csr64_f64(X, y, w, o, out);
}

inline ag_status logistic_columns_workspace(const ag_dense_f32* X, const ag_logistic_options* o,
                                            std::size_t* bytes) {
    return ag_logistic_columns_workspace_dense_f32(X, o, bytes);
}
inline ag_status logistic_columns_workspace(const ag_dense_f64* X, const ag_logistic_options* o,
                                            std::size_t* bytes) {
    return ag_logistic_columns_workspace_dense_f64(X, o, bytes);
}
inline ag_status logistic_columns_workspace(const ag_csr_f32* X, const ag_logistic_options* o,
                                            std::size_t* bytes) {
    return ag_logistic_columns_workspace_csr_f32(X, o, bytes);
}
inline ag_status logistic_columns_workspace(const ag_csr_f64* X, const ag_logistic_options* o,
                                            std::size_t* bytes) {
    return ag_logistic_columns_workspace_csr_f64(X, o, bytes);
}
inline ag_status logistic_columns_workspace(const ag_csr64_f32* X, const ag_logistic_options* o,
                                            std::size_t* bytes) {
    return ag_logistic_columns_workspace_csr64_f32(X, o, bytes);
}
inline ag_status logistic_columns_workspace(const ag_csr64_f64* X, const ag_logistic_options* o,
                                            std::size_t* bytes) {
    return ag_logistic_columns_workspace_csr64_f64(X, o, bytes);
}

inline ag_status logistic_sparse_gradient(const ag_csr_f32* X, const float* y, const float* w,
                                          const ag_logistic_options* o, double* loss, std::size_t capacity,
                                          std::int64_t* columns, float* values, std::size_t* count) {
    return ag_logistic_sparse_gradient_csr_f32(X, y, w, o, loss, capacity, columns, values, count);
}
inline ag_status logistic_sparse_gradient_workspace(const ag_csr_f32* X, const ag_logistic_options* o,
                                                    std::size_t* capacity, std::size_t* bytes) {
    return ag_logistic_sparse_gradient_workspace_csr_f32(X, o, capacity, bytes);
}
inline ag_status logistic_sparse_gradient(const ag_csr_f64* X, const double* y, const double* w,
                                          const ag_logistic_options* o, double* loss, std::size_t capacity,
                                          std::int64_t* columns, double* values, std::size_t* count) {
    return ag_logistic_sparse_gradient_csr_f64(X, y, w, o, loss, capacity, columns, values, count);
}
inline ag_status logistic_sparse_gradient_workspace(const ag_csr_f64* X, const ag_logistic_options* o,
                                                    std::size_t* capacity, std::size_t* bytes) {
    return ag_logistic_sparse_gradient_workspace_csr_f64(X, o, capacity, bytes);
}
inline ag_status logistic_sparse_gradient(const ag_csr64_f32* X, const float* y, const float* w,
                                          const ag_logistic_options* o, double* loss, std::size_t capacity,
                                          std::int64_t* columns, float* values, std::size_t* count) {
    return ag_logistic_sparse_gradient_csr64_f32(X, y, w, o, loss, capacity, columns, values, count);
}
inline ag_status logistic_sparse_gradient_workspace(const ag_csr64_f32* X, const ag_logistic_options* o,
                                                    std::size_t* capacity, std::size_t* bytes) {
    return ag_logistic_sparse_gradient_workspace_csr64_f32(X, o, capacity, bytes);
}
inline ag_status logistic_sparse_gradient(const ag_csr64_f64* X, const double* y, const double* w,
                                          const ag_logistic_options* o, double* loss, std::size_t capacity,
                                          std::int64_t* columns, double* values, std::size_t* count) {
    return ag_logistic_sparse_gradient_csr64_f64(X, y, w, o, loss, capacity, columns, values, count);
}
inline ag_status logistic_sparse_gradient_workspace(const ag_csr64_f64* X, const ag_logistic_options* o,
                                                    std::size_t* capacity, std::size_t* bytes) {
    return ag_logistic_sparse_gradient_workspace_csr64_f64(X, o, capacity, bytes);
}

inline ag_status softmax(const ag_dense_f32* X, std::size_t classes, const std::int32_t* y, const float* w,
                         const ag_logistic_options* o, double* loss, float* gradient) {
    return ag_softmax_dense_f32(X, classes, y, w, o, loss, gradient);
}
inline ag_status softmax_workspace(const ag_dense_f32* X, std::size_t classes, const ag_logistic_options* o,
                                   std::size_t* bytes) {
    return ag_softmax_dense_workspace_f32(X, classes, o, bytes);
}
inline ag_status softmax(const ag_dense_f64* X, std::size_t classes, const std::int32_t* y, const double* w,
                         const ag_logistic_options* o, double* loss, double* gradient) {
    return ag_softmax_dense_f64(X, classes, y, w, o, loss, gradient);
}
inline ag_status softmax_workspace(const ag_dense_f64* X, std::size_t classes, const ag_logistic_options* o,
                                   std::size_t* bytes) {
    return ag_softmax_dense_workspace_f64(X, classes, o, bytes);
}
inline ag_status softmax(const ag_csr_f32* X, std::size_t classes, const std::int32_t* y, const float* w,
                         const ag_logistic_options* o, double* loss, float* gradient) {
    return ag_softmax_csr_f32(X, classes, y, w, o, loss, gradient);
}
inline ag_status softmax_workspace(const ag_csr_f32* X, std::size_t classes, const ag_logistic_options* o,
                                   std::size_t* bytes) {
    return ag_softmax_csr_workspace_f32(X, classes, o, bytes);
}
inline ag_status softmax(const ag_csr_f64* X, std::size_t classes, const std::int32_t* y, const double* w,
                         const ag_logistic_options* o, double* loss, double* gradient) {
    return ag_softmax_csr_f64(X, classes, y, w, o, loss, gradient);
}
inline ag_status softmax_workspace(const ag_csr_f64* X, std::size_t classes, const ag_logistic_options* o,
                                   std::size_t* bytes) {
    return ag_softmax_csr_workspace_f64(X, classes, o, bytes);
}
inline ag_status softmax(const ag_csr64_f32* X, std::size_t classes, const std::int32_t* y, const float* w,
                         const ag_logistic_options* o, double* loss, float* gradient) {
    return ag_softmax_csr64_f32(X, classes, y, w, o, loss, gradient);
}
inline ag_status softmax_workspace(const ag_csr64_f32* X, std::size_t classes, const ag_logistic_options* o,
                                   std::size_t* bytes) {
    return ag_softmax_csr64_workspace_f32(X, classes, o, bytes);
}
inline ag_status softmax(const ag_csr64_f64* X, std::size_t classes, const std::int32_t* y, const double* w,
                         const ag_logistic_options* o, double* loss, double* gradient) {
    return ag_softmax_csr64_f64(X, classes, y, w, o, loss, gradient);
}
inline ag_status softmax_workspace(const ag_csr64_f64* X, std::size_t classes, const ag_logistic_options* o,
                                   std::size_t* bytes) {
    return ag_softmax_csr64_workspace_f64(X, classes, o, bytes);
}

inline ag_adagrad_options adagrad_options() {
    ag_adagrad_options options;
    ag_adagrad_options_init(&options);
    return options;
}

inline ag_set make_set(ag_set_kind kind) {
    ag_set set;
    ag_set_init(&set);
    set.kind = kind;
    return set;
}

inline ag_logistic_options logistic_options() {
    ag_logistic_options options;
    ag_logistic_options_init(&options);
    return options;
}

} // namespace test
