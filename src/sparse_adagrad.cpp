// SPDX-License-Identifier: BSD-3-Clause
//
// ag_adagrad_step_sparse_…, ag_adagrad_step_rows_…, ag_adagrad_step_rowwise_…, pooled or not.
#include "src/row_list.hpp"
#include "src/step.hpp"

namespace anisograd {

namespace {

template <class T>
struct BagsOf;
template <>
struct BagsOf<float> {
    using type = ag_bags_f32;
};
template <>
struct BagsOf<double> {
    using type = ag_bags_f64;
};
template <class T>
using Bags = typename BagsOf<T>::type;

template <class T, class Index>
constexpr const char* index_suffix = sizeof(Index) == 8 ? type_suffix<T>
                                     : sizeof(T) == 4   ? "_f32_i32"
                                                        : "_f64_i32";

enum class Accumulators { per_element, per_row };

// What differs between the functions, and what they call their arguments.
struct Kind {
    const char* function;
    Accumulators accumulators;
    bool pooled;
    const char *rows = "rows", *count = "m", *indices = "row_indices";
};

// The size in elements of a table of so many rows.
template <class T>
std::size_t table_size(Checks& checks, const char* name, std::size_t rows, std::size_t cols) {
    if (cols == 1)
        checks.size<T>(name, rows);
    else if (cols != 0 && rows > static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T) / cols)
        checks.fail(AG_ERROR_SIZE, "%s = %zu times cols = %zu elements are more than memory can hold", name,
                    rows, cols);
    return checks.failed() ? 0 : rows * cols;
}

template <class T>
void check_bags(Checks& checks, const Bags<T>* bags, std::size_t listed, Array (&arrays)[2]) {
    checks.not_null("bags", bags);
    if (checks.failed())
        return;
    checks.one_of("bags->pooling", bags->pooling, AG_POOLING_SUM, AG_POOLING_MEAN);
    checks.size<std::int64_t>("bags->count", bags->count);
    if (checks.failed())
        return;
    arrays[0] = checks.array("bags->offsets", bags->offsets, bags->count + 1);
    arrays[1] = checks.optional_array("bags->weights", bags->weights, listed);
    if (checks.failed())
        return;
    const std::int64_t* const offsets = bags->offsets;
    if (offsets[0] != 0)
        checks.fail(AG_ERROR_OUT_OF_RANGE, "bags->offsets[0] = %lld is not 0",
                    static_cast<long long>(offsets[0]));
    for (std::size_t b = 0; b < bags->count && !checks.failed(); ++b)
        if (offsets[b + 1] < offsets[b])
            checks.fail(AG_ERROR_OUT_OF_RANGE, "bags->offsets[%zu] = %lld is less than the one before", b + 1,
                        static_cast<long long>(offsets[b + 1]));
    if (!checks.failed() && static_cast<std::uint64_t>(offsets[bags->count]) != listed)
        checks.fail(AG_ERROR_OUT_OF_RANGE, "bags->offsets[%zu] = %lld is not the list's length, %zu",
                    bags->count, static_cast<long long>(offsets[bags->count]), listed);
}

template <class T, class Index>
ag_status step_rows(const Kind& kind, std::size_t rows, std::size_t cols, T* w, T* v, std::size_t count,
                    const Index* indices, const Bags<T>* bags, const T* g,
                    const ag_adagrad_options* options) {
    return run_entry({kind.function, index_suffix<T, Index>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const StepParameters<T> parameters = check_step<T>(checks, options);
        const std::size_t elements = table_size<T>(checks, kind.rows, rows, cols);
        const Array w_array = checks.array("w", w, elements, Access::write);
        const Array v_array =
            checks.array("v", v, kind.accumulators == Accumulators::per_row ? rows : elements, Access::write);
        const Array index_array = checks.array(kind.indices, indices, count);
        Array bag_arrays[2] = {};
        if (kind.pooled)
            check_bags<T>(checks, bags, count, bag_arrays);
        if (checks.failed())
            return;
        const std::size_t gradients = kind.pooled ? bags->count : count;
        const Array g_array = checks.array(
            "g", g, table_size<T>(checks, kind.pooled ? "bags->count" : kind.count, gradients, cols));
        checks.disjoint({w_array, v_array, index_array, g_array, bag_arrays[0], bag_arrays[1]});
        if (checks.failed())
            return;
        const std::size_t bad = first_bad_index(kernels, count, indices, rows);
        if (bad < count)
            checks.fail(AG_ERROR_OUT_OF_RANGE, "%s[%zu] = %lld is not below %s = %zu or is negative",
                        kind.indices, bad, static_cast<long long>(indices[bad]), kind.rows, rows);
        if (checks.failed() || count == 0 || cols == 0)
            return;

        ListedRows<T, Index> listed = {rows, count, indices, 0, nullptr, nullptr, false};
        if (kind.pooled) {
            listed.bag_count = bags->count;
            listed.offsets = bags->offsets;
            listed.weights = bags->weights;
            listed.mean = bags->pooling == AG_POOLING_MEAN;
        }
        // Everything that may fail comes before the first row.
        RepeatedRows repeated;
        const bool single = listed.increase_strictly();
        bool allocated = single || repeated.find(listed);
        Buffer<RowEntry<T>> buffer;
        if (repeated.count() != 0) {
            buffer = allocate<RowEntry<T>>(2 * repeated.count());
            allocated = buffer != nullptr;
        }
        if (!allocated) {
            checks.fail(AG_ERROR_OUT_OF_MEMORY, "memory to find repeats in %s could not be allocated",
                        kind.indices);
            return;
        }
        constexpr std::size_t pack_lanes = 64 / sizeof(T);
        const auto kernel = kind.accumulators == Accumulators::per_row && cols > 1
                                ? kernels.rows.adagrad_step_rowwise
                            : cols < pack_lanes ? kernels.rows.adagrad_step_narrow_rows
                                                : kernels.rows.adagrad_step_rows;
        const auto step = [&](const RowList<T>& list) { kernel(list, cols, w, g, v, parameters); };
        if (repeated.count() != 0) {
            std::size_t filled = 0;
            listed.for_each_entry(0, count, [&](const RowEntry<T>& entry) {
                if (repeated(entry.row))
                    buffer[filled++] = entry;
            });
            const RowEntry<T>* const sorted = sort_by_row(buffer.get(), buffer.get() + filled, filled, rows);
            for_each_list_of_sorted_rows(sorted, filled, listed.weighted(), cols, step);
        }
        if (repeated.count() != count)
            for_each_list_of_single_rows(listed, repeated, cols, step);
    });
}

constexpr Kind sparse = {"ag_adagrad_step_sparse", Accumulators::per_element, false, "n", "nnz", "indices"};
constexpr Kind elementwise = {"ag_adagrad_step_rows", Accumulators::per_element, false};
constexpr Kind rowwise = {"ag_adagrad_step_rowwise", Accumulators::per_row, false};
constexpr Kind elementwise_pooled = {"ag_adagrad_step_rows_pooled", Accumulators::per_element, true};
constexpr Kind rowwise_pooled = {"ag_adagrad_step_rowwise_pooled", Accumulators::per_row, true};

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

ag_status ag_adagrad_step_sparse_f32(size_t n, float* w, float* v, size_t nnz, const int64_t* indices,
                                     const float* g, const ag_adagrad_options* options) {
    return step_rows<float, int64_t>(sparse, n, 1, w, v, nnz, indices, nullptr, g, options);
}
ag_status ag_adagrad_step_sparse_f64(size_t n, double* w, double* v, size_t nnz, const int64_t* indices,
                                     const double* g, const ag_adagrad_options* options) {
    return step_rows<double, int64_t>(sparse, n, 1, w, v, nnz, indices, nullptr, g, options);
}
ag_status ag_adagrad_step_sparse_f32_i32(size_t n, float* w, float* v, size_t nnz, const int32_t* indices,
                                         const float* g, const ag_adagrad_options* options) {
    return step_rows<float, int32_t>(sparse, n, 1, w, v, nnz, indices, nullptr, g, options);
}
ag_status ag_adagrad_step_sparse_f64_i32(size_t n, double* w, double* v, size_t nnz, const int32_t* indices,
                                         const double* g, const ag_adagrad_options* options) {
    return step_rows<double, int32_t>(sparse, n, 1, w, v, nnz, indices, nullptr, g, options);
}

ag_status ag_adagrad_step_rows_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                   const int64_t* row_indices, const float* g,
                                   const ag_adagrad_options* options) {
    return step_rows<float, int64_t>(elementwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}
ag_status ag_adagrad_step_rows_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                   const int64_t* row_indices, const double* g,
                                   const ag_adagrad_options* options) {
    return step_rows<double, int64_t>(elementwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}
ag_status ag_adagrad_step_rows_f32_i32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                       const int32_t* row_indices, const float* g,
                                       const ag_adagrad_options* options) {
    return step_rows<float, int32_t>(elementwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}
ag_status ag_adagrad_step_rows_f64_i32(size_t rows, size_t cols, double* w, double* v, size_t m,
                                       const int32_t* row_indices, const double* g,
                                       const ag_adagrad_options* options) {
    return step_rows<double, int32_t>(elementwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}

ag_status ag_adagrad_step_rowwise_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                      const int64_t* row_indices, const float* g,
                                      const ag_adagrad_options* options) {
    return step_rows<float, int64_t>(rowwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}
ag_status ag_adagrad_step_rowwise_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                      const int64_t* row_indices, const double* g,
                                      const ag_adagrad_options* options) {
    return step_rows<double, int64_t>(rowwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}
ag_status ag_adagrad_step_rowwise_f32_i32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                          const int32_t* row_indices, const float* g,
                                          const ag_adagrad_options* options) {
    return step_rows<float, int32_t>(rowwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}
ag_status ag_adagrad_step_rowwise_f64_i32(size_t rows, size_t cols, double* w, double* v, size_t m,
                                          const int32_t* row_indices, const double* g,
                                          const ag_adagrad_options* options) {
    return step_rows<double, int32_t>(rowwise, rows, cols, w, v, m, row_indices, nullptr, g, options);
}

ag_status ag_adagrad_step_rows_pooled_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                          const int64_t* row_indices, const ag_bags_f32* bags, const float* g,
                                          const ag_adagrad_options* options) {
    return step_rows<float, int64_t>(elementwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}
ag_status ag_adagrad_step_rows_pooled_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                          const int64_t* row_indices, const ag_bags_f64* bags,
                                          const double* g, const ag_adagrad_options* options) {
    return step_rows<double, int64_t>(elementwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}
ag_status ag_adagrad_step_rows_pooled_f32_i32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                              const int32_t* row_indices, const ag_bags_f32* bags,
                                              const float* g, const ag_adagrad_options* options) {
    return step_rows<float, int32_t>(elementwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}
ag_status ag_adagrad_step_rows_pooled_f64_i32(size_t rows, size_t cols, double* w, double* v, size_t m,
                                              const int32_t* row_indices, const ag_bags_f64* bags,
                                              const double* g, const ag_adagrad_options* options) {
    return step_rows<double, int32_t>(elementwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}

ag_status ag_adagrad_step_rowwise_pooled_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                             const int64_t* row_indices, const ag_bags_f32* bags,
                                             const float* g, const ag_adagrad_options* options) {
    return step_rows<float, int64_t>(rowwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}
ag_status ag_adagrad_step_rowwise_pooled_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                             const int64_t* row_indices, const ag_bags_f64* bags,
                                             const double* g, const ag_adagrad_options* options) {
    return step_rows<double, int64_t>(rowwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}
ag_status ag_adagrad_step_rowwise_pooled_f32_i32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                                 const int32_t* row_indices, const ag_bags_f32* bags,
                                                 const float* g, const ag_adagrad_options* options) {
    return step_rows<float, int32_t>(rowwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}
ag_status ag_adagrad_step_rowwise_pooled_f64_i32(size_t rows, size_t cols, double* w, double* v, size_t m,
                                                 const int32_t* row_indices, const ag_bags_f64* bags,
                                                 const double* g, const ag_adagrad_options* options) {
    return step_rows<double, int32_t>(rowwise_pooled, rows, cols, w, v, m, row_indices, bags, g, options);
}

} // extern "C"
