// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic regression and softmax over dense and sparse matrices.
#include "tests/fuzz/call.hpp"

#include <utility>

namespace fuzz {

namespace {

// ---- Matrices ------------------------------------------------------------------------------------------

template <class Matrix>
constexpr bool is_dense = requires(Matrix X) {
    X.row_stride;
};

// What of a problem a function looks at: all, the numbers of entries and of rows alone, or columns and rows too.
enum class Reads { all, shape, columns };

// Of labels and parameters.
template <class Matrix>
using NumberOf = std::conditional_t<sizeof(*std::declval<Matrix>().values) == sizeof(double), double, float>;

template <class Matrix>
void fill_matrix(Call& call, Matrix& X, Reads reads) {
    using Element = std::remove_cvref_t<decltype(*X.values)>;
    Input& in = call.input;
    X.rows = in.dimension();
    X.cols = in.dimension_beside(X.rows);
    if constexpr (is_dense<Matrix>) {
        X.row_stride = in.rarely() ? in.dimension() : sum(X.cols, in.below(4));
        const bool empty = X.rows == 0 || X.cols == 0;
        X.values = reads != Reads::all
                       ? call.unused<const Element>()
                       : call.numbers<Element>(empty ? 0 : sum(product(X.rows - 1, X.row_stride), X.cols));
    } else {
        using Index = std::remove_cvref_t<decltype(*X.columns)>;
        const std::size_t longest = in.below(12), first = in.below(4);
        const auto fill = [&](Input&, std::int64_t* x, std::size_t) {
            fill_offsets(in, x, X.rows, longest, std::size_t{1} << 17, static_cast<std::int64_t>(first));
        };
        X.row_offsets = X.rows == 0 ? call.unused<const std::int64_t>()
                                    : call.array<std::int64_t>(sum(X.rows, 1), Role::input, fill);
        const bool known = X.rows != 0 && call.exists(X.row_offsets, X.rows) && X.row_offsets[X.rows] > 0;
        const std::size_t entries = known ? static_cast<std::size_t>(X.row_offsets[X.rows]) : 0;
        X.columns = reads == Reads::shape
                        ? call.unused<const Index>()
                        : call.array<Index>(entries, Role::input, [&](Input&, Index* x, std::size_t n) {
                              fill_indices(in, x, n, X.cols);
                          });
        X.values = reads != Reads::all
                       ? call.unused<const Element>()
                       : call.optional_array<Element>(entries, Role::input, fill_numbers<Element>);
    }
}

// ---- Problems ------------------------------------------------------------------------------------------

// A matrix with options, labels and parameters for it.
template <class Matrix>
struct Problem {
    using T = NumberOf<Matrix>;

    Call& call;
    Input& in = call.input;
    Matrix matrix;
    const Matrix* X;
    ag_logistic_options options;
    std::size_t parameters; // of one class
    std::size_t visited;

    explicit Problem(Call& of, Reads reads = Reads::all) : call(of) {
        fill_matrix(call, matrix, reads);
        X = call.structure(matrix);
        fill_options(reads);
    }
    // Of functions without a matrix.
    Problem(Call& of, std::size_t rows) : call(of), matrix{}, X(nullptr) {
        matrix.rows = rows;
        fill_options(Reads::all);
    }

    // Only now, when the workspace is known. workspace_of(X, options, bytes) says how much is needed.
    template <class WorkspaceOf>
    const ag_logistic_options* given_options(WorkspaceOf workspace_of) {
        if (absent_)
            return nullptr;
        std::size_t needed = 0;
        const bool known = X != nullptr && workspace_of(X, &options, &needed) == AG_OK;
        if (options.struct_size > offsetof(ag_logistic_options, workspace_size) && in.below(2) == 0) {
            const std::size_t kind = in.below(8);
            options.workspace_size = kind < 4    ? needed
                                     : kind == 4 ? needed - std::min<std::size_t>(needed, 1)
                                     : kind == 5 ? sum(needed, in.below(200))
                                                 : in.size();
            options.workspace =
                call.array<unsigned char>(options.workspace_size, Role::scratch, fill_numbers<unsigned char>);
        }
        suffices_ = known && options.workspace_size >= needed && options.struct_size == sizeof options;
        return copied_options();
    }
    // Of functions that look at no workspace.
    const ag_logistic_options* given_options() {
        options.workspace = call.unused<void>();
        options.workspace_size = in.byte();
        return absent_ ? nullptr : copied_options();
    }
    // Call::check, and that a workspace as large as the library asks for is enough.
    template <class Function>
    void check(Function function) {
        if (call.check(function) == AG_ERROR_SIZE && suffices_ &&
            std::strstr(ag_last_error(), "workspace_size") != nullptr)
            fail("a workspace as large as was asked for is not enough", ag_last_error());
    }
    const T* labels() {
        return call.array<T>(matrix.rows, Role::input, [this](Input&, T* y, std::size_t n) {
            fill_numbers(in, y, n);
            const T negative = options.labels == AG_LABELS_PLUS_MINUS_ONE ? T(-1) : T(0);
            const bool between = options.labels == AG_LABELS_PROBABILITY;
            if (in.rarely())
                return;
            for (std::size_t i = 0; i < n; ++i)
                y[i] = between && y[i] > 0 && y[i] < 1 ? y[i] : y[i] > 0 ? T(1) : negative;
            if (n != 0 && in.rarely())
                y[in.below(n)] = in.raw<T>();
        });
    }
    const T* weights() { return call.numbers<T>(parameters); }

private:
    void fill_options(Reads reads) {
        ag_logistic_options& o = options;
        ag_logistic_options_init(&o);
        absent_ = in.below(8) == 7;
        if (!absent_) {
            o.struct_size = call.struct_size<ag_logistic_options>();
            o.labels = in.enumerator(3);
            o.reduction = in.enumerator(2);
            o.fit_intercept = in.below(2) == 0 ? 0 : in.byte();
            o.l2 = in.option(0);
            o.positive_weight = in.option(1);
            o.negative_weight = in.option(1);
            o.label_smoothing = in.option(0);
        }
        // Fields that an older struct has not are not looked at.
        if (!absent_ && o.struct_size > offsetof(ag_logistic_options, sample_weight))
            o.sample_weight = reads != Reads::all
                                  ? call.unused<const T>()
                                  : call.optional_array<T>(matrix.rows, Role::input, fill_not_negative<T>);
        if (!absent_ && o.struct_size > offsetof(ag_logistic_options, row_count)) {
            o.row_count = in.below(2) == 0 ? in.raw<std::uint8_t>() : in.dimension();
            o.row_indices = reads == Reads::shape
                                ? call.unused<const std::int64_t>()
                                : call.optional_array<std::int64_t>(
                                      o.row_count, Role::input, [&](Input&, std::int64_t* x, std::size_t n) {
                                          fill_indices(in, x, n, matrix.rows);
                                      });
        }
        parameters = sum(matrix.cols, o.fit_intercept != 0 ? 1 : 0);
        visited = o.row_indices != nullptr ? o.row_count : matrix.rows;
    }
    const ag_logistic_options* copied_options() { return call.sized_structure(options); }

    bool absent_ = false, suffices_ = false;
};

// ---- The functions -------------------------------------------------------------------------------------

template <class Matrix>
using WorkspaceOf = ag_status (*)(const Matrix*, const ag_logistic_options*, std::size_t*);

template <class Matrix, class T>
void loss(Call& call,
          ag_status (*function)(const Matrix*, const T*, const T*, const ag_logistic_options*, double*, T*),
          WorkspaceOf<Matrix> workspace) {
    Problem<Matrix> p(call);
    const T* const y = p.labels();
    const T* const w = p.weights();
    double* const loss = call.optional_results<double>(1);
    T* const gradient = call.optional_results<T>(p.parameters);
    const ag_logistic_options* const options = p.given_options(workspace);
    p.check([&] { return function(p.X, y, w, options, loss, gradient); });
}

template <class Matrix>
void workspace(Call& call, WorkspaceOf<Matrix> function) {
    Problem<Matrix> p(call, Reads::shape);
    std::size_t* const bytes = call.results<std::size_t>(1);
    const ag_logistic_options* const options = p.given_options();
    p.check([&] { return function(p.X, options, bytes); });
}

// Margins or probabilities.
template <class Matrix, class T>
void margins(Call& call, ag_status (*function)(const Matrix*, const T*, const ag_logistic_options*, T*)) {
    Problem<Matrix> p(call);
    const T* const w = p.weights();
    T* const margins = call.results<T>(p.visited);
    const ag_logistic_options* const options = p.given_options();
    p.check([&] { return function(p.X, w, options, margins); });
}

template <class T>
void from_margins(Call& call, ag_status (*function)(std::size_t, const T*, const T*,
                                                    const ag_logistic_options*, double*, T*, T*)) {
    const std::size_t n = call.input.size();
    Problem<std::conditional_t<sizeof(T) == sizeof(double), ag_dense_f64, ag_dense_f32>> p(call, n);
    const T* const margins = call.numbers<T>(p.visited);
    const T* const y = p.labels();
    double* const loss = call.optional_results<double>(1);
    T* const residuals = call.optional_results<T>(p.visited);
    T* const curvatures = call.optional_results<T>(p.visited);
    const ag_logistic_options* const options = p.given_options();
    p.check([&] { return function(n, margins, y, options, loss, residuals, curvatures); });
}

template <class Matrix, class T>
void hessian_vector(Call& call,
                    ag_status (*function)(const Matrix*, const T*, const T*, const T*,
                                          const ag_logistic_options*, T*),
                    WorkspaceOf<Matrix> workspace) {
    Problem<Matrix> p(call);
    const T* const y = p.labels();
    const T* const w = p.weights();
    const T* const direction = p.weights();
    T* const product = call.results<T>(p.parameters);
    const ag_logistic_options* const options = p.given_options(workspace);
    p.check([&] { return function(p.X, y, w, direction, options, product); });
}

// The Hessian's diagonal, or the noise.
template <class Matrix, class T>
void columns(Call& call,
             ag_status (*function)(const Matrix*, const T*, const T*, const ag_logistic_options*, T*),
             WorkspaceOf<Matrix> workspace) {
    Problem<Matrix> p(call);
    const T* const y = p.labels();
    const T* const w = p.weights();
    T* const result = call.results<T>(p.parameters);
    const ag_logistic_options* const options = p.given_options(workspace);
    p.check([&] { return function(p.X, y, w, options, result); });
}

template <class Matrix, class T>
void smoothness(Call& call,
                ag_status (*function)(const Matrix*, const T*, const ag_logistic_options*, ag_smoothness, T*),
                WorkspaceOf<Matrix> workspace) {
    Problem<Matrix> p(call);
    const T* const y = p.labels();
    const ag_smoothness kind = call.input.enumerator(2);
    T* const result = call.results<T>(p.parameters);
    const ag_logistic_options* const options = p.given_options(workspace);
    p.check([&] { return function(p.X, y, options, kind, result); });
}

template <class Matrix>
using SparseWorkspaceOf = ag_status (*)(const Matrix*, const ag_logistic_options*, std::size_t*,
                                        std::size_t*);

template <class Matrix, class T>
void sparse_gradient(Call& call,
                     ag_status (*function)(const Matrix*, const T*, const T*, const ag_logistic_options*,
                                           double*, std::size_t, std::int64_t*, T*, std::size_t*),
                     SparseWorkspaceOf<Matrix> workspace) {
    Problem<Matrix> p(call);
    const T* const y = p.labels();
    const T* const w = p.weights();
    double* const loss = call.optional_results<double>(1);
    std::size_t capacity = 0;
    const ag_logistic_options* const options =
        p.given_options([&](const Matrix* X, const ag_logistic_options* o, std::size_t* bytes) {
            return workspace(X, o, &capacity, bytes);
        });
    const std::size_t kind = call.input.below(8);
    if (kind >= 4)
        capacity = kind == 4 ? capacity - std::min<std::size_t>(capacity, 1) : call.input.size();
    std::int64_t* const listed = call.results<std::int64_t>(capacity);
    T* const values = call.results<T>(capacity);
    std::size_t* const count = call.results<std::size_t>(1);
    p.check([&] { return function(p.X, y, w, options, loss, capacity, listed, values, count); });
}

template <class Matrix>
void sparse_workspace(Call& call, SparseWorkspaceOf<Matrix> function) {
    Problem<Matrix> p(call, Reads::columns);
    std::size_t* const capacity = call.results<std::size_t>(1);
    std::size_t* const bytes = call.results<std::size_t>(1);
    const ag_logistic_options* const options = p.given_options();
    p.check([&] { return function(p.X, options, capacity, bytes); });
}

std::size_t class_count(Input& in) {
    return in.rarely() ? in.size() : in.below(12);
}

template <class Matrix>
using ClassesWorkspaceOf = ag_status (*)(const Matrix*, std::size_t, const ag_logistic_options*,
                                         std::size_t*);

template <class Matrix, class T>
void softmax(Call& call,
             ag_status (*function)(const Matrix*, std::size_t, const std::int32_t*, const T*,
                                   const ag_logistic_options*, double*, T*),
             ClassesWorkspaceOf<Matrix> workspace) {
    Problem<Matrix> p(call);
    Input& in = call.input;
    const std::size_t classes = class_count(in);
    const std::int32_t* const y =
        call.array<std::int32_t>(p.matrix.rows, Role::input, [&](Input&, std::int32_t* x, std::size_t n) {
            fill_indices(in, x, n, classes);
        });
    const T* const w = call.numbers<T>(product(classes, p.parameters));
    double* const loss = call.optional_results<double>(1);
    T* const gradient = call.optional_results<T>(product(classes, p.parameters));
    const ag_logistic_options* const options =
        p.given_options([&](const Matrix* X, const ag_logistic_options* o, std::size_t* bytes) {
            return workspace(X, classes, o, bytes);
        });
    p.check([&] { return function(p.X, classes, y, w, options, loss, gradient); });
}

template <class Matrix>
void softmax_workspace(Call& call, ClassesWorkspaceOf<Matrix> function) {
    Problem<Matrix> p(call, Reads::shape);
    const std::size_t classes = class_count(call.input);
    std::size_t* const bytes = call.results<std::size_t>(1);
    const ag_logistic_options* const options = p.given_options();
    p.check([&] { return function(p.X, classes, options, bytes); });
}

} // namespace

void any_call(Call& call) {
    Input& in = call.input;
    switch (in.below(11)) {
    case 0:
        return with_one_of(
            in, [&](auto f) { loss(call, f.first, f.second); },
            std::make_pair(ag_logistic_dense_f32, ag_logistic_dense_workspace_f32),
            std::make_pair(ag_logistic_dense_f64, ag_logistic_dense_workspace_f64),
            std::make_pair(ag_logistic_csr_f32, ag_logistic_csr_workspace_f32),
            std::make_pair(ag_logistic_csr_f64, ag_logistic_csr_workspace_f64),
            std::make_pair(ag_logistic_csr64_f32, ag_logistic_csr64_workspace_f32),
            std::make_pair(ag_logistic_csr64_f64, ag_logistic_csr64_workspace_f64),
            std::make_pair(ag_logistic_dense_bf16, ag_logistic_dense_workspace_bf16),
            std::make_pair(ag_logistic_dense_f16, ag_logistic_dense_workspace_f16));
    case 1:
        return with_one_of(
            in, [&](auto f) { margins(call, f); }, ag_logistic_margins_dense_f32,
            ag_logistic_margins_dense_f64, ag_logistic_margins_csr_f32, ag_logistic_margins_csr_f64,
            ag_logistic_margins_csr64_f32, ag_logistic_margins_csr64_f64, ag_logistic_margins_dense_bf16,
            ag_logistic_margins_dense_f16, ag_logistic_probabilities_dense_f32,
            ag_logistic_probabilities_dense_f64, ag_logistic_probabilities_csr_f32,
            ag_logistic_probabilities_csr_f64, ag_logistic_probabilities_csr64_f32,
            ag_logistic_probabilities_csr64_f64, ag_logistic_probabilities_dense_bf16,
            ag_logistic_probabilities_dense_f16);
    case 2:
        return with_one_of(
            in, [&](auto f) { from_margins(call, f); }, ag_logistic_from_margins_f32,
            ag_logistic_from_margins_f64);
    case 3:
        return with_one_of(
            in, [&](auto f) { hessian_vector(call, f.first, f.second); },
            std::make_pair(ag_logistic_hessian_vector_dense_f32, ag_logistic_dense_workspace_f32),
            std::make_pair(ag_logistic_hessian_vector_dense_f64, ag_logistic_dense_workspace_f64),
            std::make_pair(ag_logistic_hessian_vector_csr_f32, ag_logistic_csr_workspace_f32),
            std::make_pair(ag_logistic_hessian_vector_csr_f64, ag_logistic_csr_workspace_f64),
            std::make_pair(ag_logistic_hessian_vector_csr64_f32, ag_logistic_csr64_workspace_f32),
            std::make_pair(ag_logistic_hessian_vector_csr64_f64, ag_logistic_csr64_workspace_f64));
    case 4:
        return with_one_of(
            in, [&](auto f) { columns(call, f.first, f.second); },
            std::make_pair(ag_logistic_hessian_diagonal_dense_f32, ag_logistic_columns_workspace_dense_f32),
            std::make_pair(ag_logistic_hessian_diagonal_dense_f64, ag_logistic_columns_workspace_dense_f64),
            std::make_pair(ag_logistic_hessian_diagonal_csr_f32, ag_logistic_columns_workspace_csr_f32),
            std::make_pair(ag_logistic_hessian_diagonal_csr_f64, ag_logistic_columns_workspace_csr_f64),
            std::make_pair(ag_logistic_hessian_diagonal_csr64_f32, ag_logistic_columns_workspace_csr64_f32),
            std::make_pair(ag_logistic_hessian_diagonal_csr64_f64, ag_logistic_columns_workspace_csr64_f64),
            std::make_pair(ag_logistic_noise_dense_f32, ag_logistic_columns_workspace_dense_f32),
            std::make_pair(ag_logistic_noise_dense_f64, ag_logistic_columns_workspace_dense_f64),
            std::make_pair(ag_logistic_noise_csr_f32, ag_logistic_columns_workspace_csr_f32),
            std::make_pair(ag_logistic_noise_csr_f64, ag_logistic_columns_workspace_csr_f64),
            std::make_pair(ag_logistic_noise_csr64_f32, ag_logistic_columns_workspace_csr64_f32),
            std::make_pair(ag_logistic_noise_csr64_f64, ag_logistic_columns_workspace_csr64_f64));
    case 5:
        return with_one_of(
            in, [&](auto f) { smoothness(call, f.first, f.second); },
            std::make_pair(ag_logistic_smoothness_dense_f32, ag_logistic_columns_workspace_dense_f32),
            std::make_pair(ag_logistic_smoothness_dense_f64, ag_logistic_columns_workspace_dense_f64),
            std::make_pair(ag_logistic_smoothness_csr_f32, ag_logistic_columns_workspace_csr_f32),
            std::make_pair(ag_logistic_smoothness_csr_f64, ag_logistic_columns_workspace_csr_f64),
            std::make_pair(ag_logistic_smoothness_csr64_f32, ag_logistic_columns_workspace_csr64_f32),
            std::make_pair(ag_logistic_smoothness_csr64_f64, ag_logistic_columns_workspace_csr64_f64));
    case 6:
        return with_one_of(
            in, [&](auto f) { sparse_gradient(call, f.first, f.second); },
            std::make_pair(ag_logistic_sparse_gradient_csr_f32,
                           ag_logistic_sparse_gradient_workspace_csr_f32),
            std::make_pair(ag_logistic_sparse_gradient_csr_f64,
                           ag_logistic_sparse_gradient_workspace_csr_f64),
            std::make_pair(ag_logistic_sparse_gradient_csr64_f32,
                           ag_logistic_sparse_gradient_workspace_csr64_f32),
            std::make_pair(ag_logistic_sparse_gradient_csr64_f64,
                           ag_logistic_sparse_gradient_workspace_csr64_f64));
    case 7:
        return with_one_of(
            in, [&](auto f) { softmax(call, f.first, f.second); },
            std::make_pair(ag_softmax_dense_f32, ag_softmax_dense_workspace_f32),
            std::make_pair(ag_softmax_dense_f64, ag_softmax_dense_workspace_f64),
            std::make_pair(ag_softmax_csr_f32, ag_softmax_csr_workspace_f32),
            std::make_pair(ag_softmax_csr_f64, ag_softmax_csr_workspace_f64),
            std::make_pair(ag_softmax_csr64_f32, ag_softmax_csr64_workspace_f32),
            std::make_pair(ag_softmax_csr64_f64, ag_softmax_csr64_workspace_f64));
    case 8:
        return with_one_of(
            in, [&](auto f) { workspace(call, f); }, ag_logistic_dense_workspace_f32,
            ag_logistic_dense_workspace_f64, ag_logistic_csr_workspace_f32, ag_logistic_csr_workspace_f64,
            ag_logistic_csr64_workspace_f32, ag_logistic_csr64_workspace_f64,
            ag_logistic_dense_workspace_bf16, ag_logistic_dense_workspace_f16,
            ag_logistic_columns_workspace_dense_f32, ag_logistic_columns_workspace_dense_f64,
            ag_logistic_columns_workspace_csr_f32, ag_logistic_columns_workspace_csr_f64,
            ag_logistic_columns_workspace_csr64_f32, ag_logistic_columns_workspace_csr64_f64);
    case 9:
        return with_one_of(
            in, [&](auto f) { sparse_workspace(call, f); }, ag_logistic_sparse_gradient_workspace_csr_f32,
            ag_logistic_sparse_gradient_workspace_csr_f64, ag_logistic_sparse_gradient_workspace_csr64_f32,
            ag_logistic_sparse_gradient_workspace_csr64_f64);
    default:
        return with_one_of(
            in, [&](auto f) { softmax_workspace(call, f); }, ag_softmax_dense_workspace_f32,
            ag_softmax_dense_workspace_f64, ag_softmax_csr_workspace_f32, ag_softmax_csr_workspace_f64,
            ag_softmax_csr64_workspace_f32, ag_softmax_csr64_workspace_f64);
    }
}

} // namespace fuzz
