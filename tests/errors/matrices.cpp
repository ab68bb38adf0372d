// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of the functions over the rows of a matrix, in all of its forms.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

constexpr std::size_t row_count = 30, col_count = 40, entry_count = 90, class_count = 3;

template <class X>
constexpr bool is_sparse = requires(X matrix) {
    matrix.row_offsets;
};
template <class X>
using Element = std::remove_cvref_t<decltype(*X{}.values)>;
template <class X>
using Value = std::conditional_t<sizeof(Element<X>) == 8, double, float>; // of labels, parameters and results
template <class X>
constexpr bool is_short = sizeof(Element<X>) == 2;

// The form in functions' names, and their ending.
template <class X>
constexpr const char* form = "dense";
template <>
constexpr const char* form<ag_csr_f32> = "csr";
template <>
constexpr const char* form<ag_csr_f64> = "csr";
template <>
constexpr const char* form<ag_csr64_f32> = "csr64";
template <>
constexpr const char* form<ag_csr64_f64> = "csr64";
template <class X>
constexpr const char* suffix = sizeof(Element<X>) == 8 ? "_f64" : "_f32";
template <>
constexpr const char* suffix<ag_dense_bf16> = "_bf16";
template <>
constexpr const char* suffix<ag_dense_f16> = "_f16";

// Of sparse rows, each has 3 entries.
template <class X>
struct Entries {
    std::remove_cvref_t<decltype(*X{}.columns)> columns[entry_count];
    std::int64_t offsets[row_count + 1];
};
struct NoEntries {};

template <class X>
struct Rows {
    using T = Value<X>;
    Element<X> values[is_sparse<X> ? entry_count : row_count * col_count];
    decltype([] {
        if constexpr (is_sparse<X>)
            return Entries<X>();
        else
            return NoEntries();
    }()) entries;
    T w_array[class_count * col_count], y_array[row_count], weights[row_count], direction_array[col_count];
    T out_array[class_count * col_count], rows_array[row_count];
    std::int32_t labels_array[row_count];
    std::int64_t indices[3], columns_array[col_count];
    double loss_value, *loss;
    std::size_t bytes_value, capacity_value, *bytes, *capacity_pointer, capacity, classes;
    unsigned char workspace[64];
    X matrix;
    const X* X_pointer;
    const T *y, *w, *direction;
    const std::int32_t* labels;
    T *out, *rows;
    std::int64_t* columns;
    ag_smoothness kind;
    ag_logistic_options options;

    void set_up() {
        std::fill(std::begin(values), std::end(values), Element<X>(1));
        std::fill(std::begin(w_array), std::end(w_array), T(0.25));
        std::fill(std::begin(direction_array), std::end(direction_array), T(0.5));
        std::fill(std::begin(y_array), std::end(y_array), T(1));
        std::fill(std::begin(weights), std::end(weights), T(1));
        for (std::size_t i = 0; i < row_count; ++i)
            labels_array[i] = static_cast<std::int32_t>(i % class_count);
        matrix.rows = row_count;
        matrix.cols = col_count;
        matrix.values = values;
        if constexpr (is_sparse<X>) {
            for (std::size_t i = 0; i <= row_count; ++i)
                entries.offsets[i] = static_cast<std::int64_t>(3 * i);
            for (std::size_t k = 0; k < entry_count; ++k)
                entries.columns[k] = static_cast<std::int32_t>(k * 7 % col_count);
            matrix.row_offsets = entries.offsets;
            matrix.columns = entries.columns;
        } else {
            matrix.row_stride = col_count;
        }
        X_pointer = &matrix;
        y = y_array;
        w = w_array;
        direction = direction_array;
        labels = labels_array;
        out = out_array;
        rows = rows_array;
        columns = columns_array;
        loss = &loss_value;
        bytes = &bytes_value;
        std::fill(std::begin(out_array), std::end(out_array), T(7));
        loss_value = 7;
        bytes_value = capacity_value = 7;
        capacity = col_count;
        capacity_pointer = &capacity_value;
        classes = class_count;
        kind = AG_SMOOTHNESS_ANISOTROPIC;
        indices[0] = 0;
        indices[1] = 29;
        indices[2] = 5;
        options = logistic_options();
    }
    // Visits rows 0, 29 and 5 alone: of sparse ones the entries 0 to 2, 87 to 89 and 15 to 17.
    void take_batch() {
        options.row_indices = indices;
        options.row_count = 3;
    }
};

// What functions over rows have in common.
template <class X>
struct FunctionsOf {
    using A = Rows<X>;
    using Functions = std::vector<Function<A>>;
    Functions loss, workspaces, margins, sums, sparse, sparse_workspace, softmax, softmax_workspace;

    static std::string named(const char* begin, const char* end = "") {
        return std::string(begin) + form<X> + end + suffix<X>;
    }

    FunctionsOf() {
        loss = {{named("ag_logistic_"),
                 [](A& a) { return logistic(a.X_pointer, a.y, a.w, &a.options, a.loss, a.out); }}};
        workspaces = {{named("ag_logistic_", "_workspace"),
                       [](A& a) { return logistic_workspace(a.X_pointer, &a.options, a.bytes); }}};
        margins = {{named("ag_logistic_margins_"),
                    [](A& a) { return logistic_margins(a.X_pointer, a.w, &a.options, a.rows); }},
                   {named("ag_logistic_probabilities_"),
                    [](A& a) { return logistic_probabilities(a.X_pointer, a.w, &a.options, a.rows); }}};
        if constexpr (!is_short<X>) {
            workspaces.push_back({named("ag_logistic_columns_workspace_"), [](A& a) {
                                      return logistic_columns_workspace(a.X_pointer, &a.options, a.bytes);
                                  }});
            sums = {
                {named("ag_logistic_hessian_vector_"),
                 [](A& a) {
                     return logistic_hessian_vector(a.X_pointer, a.y, a.w, a.direction, &a.options, a.out);
                 }},
                {named("ag_logistic_hessian_diagonal_"),
                 [](A& a) { return logistic_hessian_diagonal(a.X_pointer, a.y, a.w, &a.options, a.out); }},
                {named("ag_logistic_noise_"),
                 [](A& a) { return logistic_noise(a.X_pointer, a.y, a.w, &a.options, a.out); }},
                {named("ag_logistic_smoothness_"),
                 [](A& a) { return logistic_smoothness(a.X_pointer, a.y, &a.options, a.kind, a.out); }}};
            softmax = {{named("ag_softmax_"), [](A& a) {
                            return test::softmax(a.X_pointer, a.classes, a.labels, a.w, &a.options, a.loss,
                                                 a.out);
                        }}};
            softmax_workspace = {
                {named("ag_softmax_", "_workspace"),
                 [](A& a) { return test::softmax_workspace(a.X_pointer, a.classes, &a.options, a.bytes); }}};
        }
        if constexpr (is_sparse<X>) {
            sparse = {{named("ag_logistic_sparse_gradient_"), [](A& a) {
                           return logistic_sparse_gradient(a.X_pointer, a.y, a.w, &a.options, a.loss,
                                                           a.capacity, a.columns, a.out, a.bytes);
                       }}};
            sparse_workspace = {{named("ag_logistic_sparse_gradient_workspace_"), [](A& a) {
                                     return logistic_sparse_gradient_workspace(a.X_pointer, &a.options,
                                                                               a.capacity_pointer, a.bytes);
                                 }}};
        }
    }
    static Functions together(std::initializer_list<Functions> lists) {
        Functions all;
        for (const Functions& list : lists)
            all.insert(all.end(), list.begin(), list.end());
        return all;
    }
};

template <class X>
void add_matrix(BadCalls& table) {
    using A = Rows<X>;
    using T = Value<X>;
    using Functions = std::vector<Function<A>>;
    const FunctionsOf<X> f;
    const auto together = FunctionsOf<X>::together;
    const Functions queries = together({f.workspaces, f.softmax_workspace});
    const Functions with_y = together({f.loss, f.sums, f.sparse});
    const Functions over_rows = together({with_y, f.margins, f.softmax});
    const Functions reading_rows = together({over_rows, f.sparse_workspace});
    const Functions all = together({reading_rows, queries});
    // Of sums over columns the last, smoothness, has no w.
    const Functions sums_with_w(f.sums.begin(), f.sums.empty() ? f.sums.end() : f.sums.end() - 1);
    const Functions with_w = together({f.loss, sums_with_w, f.sparse, f.margins, f.softmax});
    const Functions products(f.sums.begin(), f.sums.empty() ? f.sums.end() : f.sums.begin() + 1);
    const Functions smoothness(f.sums.empty() ? f.sums.end() : f.sums.end() - 1, f.sums.end());
    const Functions with_gradient = together({f.loss, f.softmax});

    add_logistic_options<T>(table, all);
    const auto is_null = [&](const Functions& functions, const char* culprit, auto spoil) {
        table.add(functions, culprit, AG_ERROR_NULL_POINTER, spoil);
    };
    const auto is_size = [&](const Functions& functions, const char* culprit, auto spoil) {
        table.add(functions, culprit, AG_ERROR_SIZE, spoil);
    };
    const auto is_overlap = [&](const Functions& functions, const char* culprit, auto spoil) {
        table.add(functions, culprit, AG_ERROR_OVERLAP, spoil);
    };
    const auto is_invalid = [&](const Functions& functions, const char* culprit, auto spoil) {
        table.add(functions, culprit, AG_ERROR_INVALID_VALUE, spoil);
    };
    const auto is_out_of_range = [&](const Functions& functions, const std::string& culprit, auto spoil) {
        table.add(functions, culprit, AG_ERROR_OUT_OF_RANGE, spoil);
    };

    // Arrays.
    is_null(all, "X is NULL", [](A& a) { a.X_pointer = nullptr; });
    is_null(with_y, "y is NULL", [](A& a) { a.y = nullptr; });
    is_null(f.softmax, "y is NULL", [](A& a) { a.labels = nullptr; });
    is_null(with_w, "w is NULL", [](A& a) { a.w = nullptr; });
    is_null(products, "direction is NULL", [](A& a) { a.direction = nullptr; });
    const char* const names_of_sums[] = {"product is NULL", "diagonal is NULL", "noise is NULL",
                                         "smoothness is NULL"};
    for (std::size_t i = 0; i < f.sums.size(); ++i)
        is_null({f.sums[i]}, names_of_sums[i], [](A& a) { a.out = nullptr; });
    is_null({f.margins[0]}, "margins is NULL", [](A& a) { a.rows = nullptr; });
    is_null({f.margins[1]}, "probabilities is NULL", [](A& a) { a.rows = nullptr; });
    is_null(queries, "bytes is NULL", [](A& a) { a.bytes = nullptr; });

    // Options that go with the rows.
    is_size(all, "options->row_", [](A& a) {
        a.take_batch();
        a.options.row_count = too_many;
    });
    for (const std::int64_t bad :
         {std::int64_t(-1), std::int64_t(30), std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min()})
        is_out_of_range(reading_rows, "options->row_indices[1] = " + std::to_string(bad), [=](A& a) {
            a.take_batch();
            a.indices[1] = bad;
            a.indices[2] = -1; // not the first
        });
    // A run of rows, whose end is beyond the last one.
    is_out_of_range(reading_rows, "options->row_indices[2] = 30", [](A& a) {
        a.take_batch();
        for (int i = 0; i < 3; ++i)
            a.indices[i] = 28 + i;
    });
    for (const double bad : {-1.0, nan, infinity, -infinity}) {
        is_invalid(over_rows, "options->sample_weight[5]", [=](A& a) {
            a.weights[5] = a.weights[6] = static_cast<T>(bad);
            a.options.sample_weight = a.weights;
        });
        is_invalid(over_rows, "options->sample_weight[29]", [=](A& a) { // the first that is visited
            a.take_batch();
            a.weights[5] = a.weights[28] = a.weights[29] = static_cast<T>(bad);
            a.options.sample_weight = a.weights;
        });
    }
    const Functions means = together({with_y, f.softmax});
    is_invalid(means, "weights of the rows visited sum to 0", [](A& a) {
        std::fill(std::begin(a.weights), std::end(a.weights), T(0));
        a.options.sample_weight = a.weights;
    });
    is_invalid(means, "options->reduction is AG_REDUCTION_MEAN",
               [](A& a) { a.options.row_indices = a.indices; });
    is_invalid(with_y, "sum to 0", [](A& a) { a.options.positive_weight = 0; });
    is_overlap(f.loss, "loss overlaps", [](A& a) { a.loss = reinterpret_cast<double*>(a.w_array); });
    is_overlap(together({f.loss, sums_with_w, f.sparse, f.softmax}), "options->workspace overlaps w",
               [](A& a) {
                   a.options.workspace = a.w_array;
                   a.options.workspace_size = 8;
               });

    // Labels.
    for (const double bad : {0.0, 2.0, -0.5, nan, infinity, -infinity}) {
        const auto spoil = [=](A& a) { a.y_array[13] = a.y_array[20] = static_cast<T>(bad); };
        table.add(with_y, "y[13]", AG_ERROR_LABEL, spoil);
        table.add(with_y, "y[13]", AG_ERROR_LABEL, [=](A& a) { // in a run of rows
            spoil(a);
            a.take_batch();
            for (int i = 0; i < 3; ++i)
                a.indices[i] = 12 + i;
        });
    }
    table.add(with_y, "y[29]", AG_ERROR_LABEL, [](A& a) {
        a.options.labels = AG_LABELS_ZERO_ONE;
        a.y_array[29] = -1;
    });
    for (const double bad : {-0.5, 1.5, nan, infinity})
        table.add(with_y, "y[29]", AG_ERROR_LABEL, [=](A& a) {
            a.options.labels = AG_LABELS_PROBABILITY;
            a.y_array[29] = static_cast<T>(bad);
        });
    for (const std::int32_t bad :
         {-1, 3, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()}) {
        table.add(f.softmax, "y[2] = " + std::to_string(bad), AG_ERROR_LABEL,
                  [=](A& a) { a.labels_array[2] = a.labels_array[7] = bad; });
        table.add(f.softmax, "y[29] = " + std::to_string(bad), AG_ERROR_LABEL, [=](A& a) {
            a.take_batch();
            a.labels_array[29] = a.labels_array[5] = bad;
        });
    }

    // Outputs over inputs.
    is_overlap(with_gradient, "gradient overlaps w", [](A& a) { a.w = a.out; });
    is_overlap(f.loss, "gradient overlaps y", [](A& a) { a.y = a.out; });
    is_overlap(together({f.loss, f.sums}), "overlaps options->sample_weight",
               [](A& a) { a.options.sample_weight = a.out; });
    is_overlap(with_gradient, "loss overlaps gradient",
               [](A& a) { a.loss = reinterpret_cast<double*>(a.out_array); });
    is_overlap(f.softmax, "gradient overlaps y",
               [](A& a) { a.labels = reinterpret_cast<const std::int32_t*>(a.out_array); });
    is_overlap(sums_with_w, "overlaps w", [](A& a) { a.w = a.out; });
    is_overlap(f.sums, "overlaps y", [](A& a) { a.y = a.out; });
    is_overlap(products, "product overlaps direction", [](A& a) { a.direction = a.out; });
    is_overlap(f.margins, "overlaps w", [](A& a) { a.w = a.rows; });
    is_overlap(f.margins, "overlaps options->row_indices", [](A& a) {
        a.take_batch();
        a.rows = reinterpret_cast<T*>(a.indices);
    });
    for (const std::int32_t bad : {-1, 2, 1000})
        table.add(smoothness, "kind = " + std::to_string(bad), AG_ERROR_INVALID_ENUM,
                  [=](A& a) { a.kind = bad; });

    // Classes.
    const Functions with_classes = together({f.softmax, f.softmax_workspace});
    for (const std::size_t bad : {std::size_t(0), (std::size_t(1) << 24) + 1, SIZE_MAX})
        is_invalid(with_classes, "classes = ", [=](A& a) { a.classes = bad; });
    is_invalid(with_classes, "options->label_smoothing = 0.5", [](A& a) { a.options.label_smoothing = 0.5; });
    is_size(f.softmax, "options->workspace_size = 64", [](A& a) {
        a.options.workspace = a.workspace;
        a.options.workspace_size = sizeof a.workspace;
    });

    if constexpr (!is_sparse<X>) {
        is_null(over_rows, "X->values is NULL", [](A& a) { a.matrix.values = nullptr; });
        is_size(all, "X->row_stride = 39", [](A& a) { a.matrix.row_stride = 39; });
        is_size(all, "X->row_stride = 4611686018427387903 overflow",
                [](A& a) { a.matrix.row_stride = SIZE_MAX / 4; });
        // The last row's end alone overflows.
        is_size(all, "X->row_stride", [](A& a) {
            a.matrix.rows = 2;
            a.matrix.row_stride = SIZE_MAX - 38;
        });
        is_size(all, "X->rows = 30", [](A& a) { a.matrix.cols = a.matrix.row_stride = too_many; });
        is_size(all, "X->cols", [](A& a) {
            a.matrix.rows = 1;
            a.matrix.cols = a.matrix.row_stride = too_many;
        });
        is_size(queries, "X->rows", [](A& a) {
            a.matrix.rows = too_many;
            a.matrix.cols = 0;
        });
        is_overlap(f.loss, "gradient overlaps X->values",
                   [](A& a) { a.out = reinterpret_cast<T*>(a.values + row_count * col_count - 4); });
    } else {
        is_null(reading_rows, "X->columns is NULL", [](A& a) { a.matrix.columns = nullptr; });
        is_null(all, "X->row_offsets is NULL", [](A& a) { a.matrix.row_offsets = nullptr; });
        is_size(all, "X->cols", [](A& a) { a.matrix.cols = too_many; });
        for (const std::size_t bad : {SIZE_MAX, SIZE_MAX - 1, too_many})
            is_size(all, "X->row_offsets", [=](A& a) { a.matrix.rows = bad; });
        is_out_of_range(all, "X->row_offsets[30] = -5", [](A& a) { a.entries.offsets[30] = -5; });
        is_overlap(f.loss, "gradient overlaps X->values", [](A& a) { a.out = a.values + 30; });
        for (const bool batch : {false, true}) {
            using Column = std::remove_cvref_t<decltype(A().entries.columns[0])>;
            using Limits = std::numeric_limits<Column>;
            for (const Column bad : {Column(-1), Column(40), Limits::max(), Limits::min()})
                for (const std::size_t place : {0, 16, 89})
                    is_out_of_range(reading_rows, "X->columns[" + std::to_string(place) + "] = ", [=](A& a) {
                        if (batch)
                            a.take_batch();
                        a.entries.columns[place] = bad;
                    });
            // Entry 4 of the offsets ends row 3, and begins row 4; 5 those of rows 4 and 5.
            for (const std::int64_t bad :
                 {std::int64_t(-1), std::int64_t(91), std::numeric_limits<std::int64_t>::max()})
                is_out_of_range(reading_rows, batch ? "X->row_offsets[5]" : "X->row_offsets[4]", [=](A& a) {
                    if (batch)
                        a.take_batch();
                    a.entries.offsets[5] = bad;
                });
        }

        is_null(f.sparse, "columns is NULL", [](A& a) { a.columns = nullptr; });
        is_null(f.sparse, "values is NULL", [](A& a) { a.out = nullptr; });
        is_null(f.sparse, "count is NULL", [](A& a) { a.bytes = nullptr; });
        is_null(f.sparse_workspace, "bytes is NULL", [](A& a) { a.bytes = nullptr; });
        is_null(f.sparse_workspace, "capacity is NULL", [](A& a) { a.capacity_pointer = nullptr; });
        is_invalid(together({f.sparse, f.sparse_workspace}), "options->l2 = 0.5",
                   [](A& a) { a.options.l2 = 0.5; });
        is_overlap(queries, "bytes overlaps X->row_offsets",
                   [](A& a) { a.bytes = reinterpret_cast<std::size_t*>(a.entries.offsets + 2); });
        is_overlap(f.sparse_workspace, "bytes overlaps X->row_offsets",
                   [](A& a) { a.bytes = reinterpret_cast<std::size_t*>(a.entries.offsets + 2); });
        is_overlap(f.sparse_workspace, "capacity overlaps X->columns",
                   [](A& a) { a.capacity_pointer = reinterpret_cast<std::size_t*>(a.entries.columns + 2); });
        is_overlap(f.sparse_workspace, "bytes overlaps options->row_indices", [](A& a) {
            a.take_batch();
            a.bytes = reinterpret_cast<std::size_t*>(a.indices);
        });
        is_overlap(f.sparse_workspace, "capacity overlaps bytes", [](A& a) { a.capacity_pointer = a.bytes; });
        // The rows hold all 40 columns.
        is_size(f.sparse, "capacity = 39", [](A& a) { a.capacity = 39; });
        is_size(f.sparse, "capacity = 40", [](A& a) { a.options.fit_intercept = 1; });
        is_size(f.sparse, "columns: ", [](A& a) { a.capacity = too_many; });
        is_size(f.sparse, "options->workspace_size = 64", [](A& a) {
            a.options.workspace = a.workspace;
            a.options.workspace_size = sizeof a.workspace;
        });
        is_overlap(f.sparse, "values overlaps w", [](A& a) { a.w = a.out; });
        is_overlap(f.sparse, "columns overlaps values",
                   [](A& a) { a.columns = reinterpret_cast<std::int64_t*>(a.out_array); });
        is_overlap(f.sparse, "columns overlaps X->row_offsets", [](A& a) {
            a.columns = a.entries.offsets;
            a.capacity = 31;
        });
    }
}

} // namespace

void add_matrices(BadCalls& table) {
    add_matrix<ag_dense_f32>(table);
    add_matrix<ag_dense_f64>(table);
    add_matrix<ag_dense_bf16>(table);
    add_matrix<ag_dense_f16>(table);
    add_matrix<ag_csr_f32>(table);
    add_matrix<ag_csr_f64>(table);
    add_matrix<ag_csr64_f32>(table);
    add_matrix<ag_csr64_f64>(table);
}

} // namespace test
