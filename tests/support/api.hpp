// SPDX-License-Identifier: BSD-3-Clause
//
// The C functions by overload, so that a typed test can call them.
#pragma once

#include "anisograd/anisograd.h"

#include <cstddef>

namespace test {

template <class T>
struct Api;

template <>
struct Api<float> {
    using Dense = ag_dense_f32;
    using Csr = ag_csr_f32;
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
    static constexpr auto exp = ag_exp_f32;
    static constexpr auto log1p = ag_log1p_f32;
    static constexpr auto sigmoid = ag_sigmoid_f32;
    static constexpr auto softplus = ag_softplus_f32;
    static constexpr auto logistic_dense = ag_logistic_dense_f32;
    static constexpr auto logistic_csr = ag_logistic_csr_f32;
    static constexpr auto logistic_dense_workspace = ag_logistic_dense_workspace_f32;
    static constexpr auto logistic_csr_workspace = ag_logistic_csr_workspace_f32;
};

template <>
struct Api<double> {
    using Dense = ag_dense_f64;
    using Csr = ag_csr_f64;
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
    static constexpr auto exp = ag_exp_f64;
    static constexpr auto log1p = ag_log1p_f64;
    static constexpr auto sigmoid = ag_sigmoid_f64;
    static constexpr auto softplus = ag_softplus_f64;
    static constexpr auto logistic_dense = ag_logistic_dense_f64;
    static constexpr auto logistic_csr = ag_logistic_csr_f64;
    static constexpr auto logistic_dense_workspace = ag_logistic_dense_workspace_f64;
    static constexpr auto logistic_csr_workspace = ag_logistic_csr_workspace_f64;
};

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
