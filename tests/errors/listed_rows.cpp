// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of the steps of listed coordinates and rows, by both types of indices.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

template <class T, class Index>
struct ListedRows {
    using Bags = typename Api<T>::Bags;
    T w_array[40], v_array[40], g_array[40], weights[5];
    Index list_array[5];
    std::int64_t bag_offsets[4];
    std::size_t rows, cols, count;
    T *w, *v;
    const T* g;
    const Index* list;
    Bags bags_struct;
    const Bags* bags;
    ag_adagrad_options options;

    void set_up() {
        const Index numbers[] = {3, 1, 3, 7, 0};
        std::copy_n(numbers, 5, list_array);
        const std::int64_t offsets[] = {0, 2, 2, 5};
        std::copy_n(offsets, 4, bag_offsets);
        std::fill_n(v_array, 40, T(1));
        std::fill_n(g_array, 40, T(0.5));
        std::fill_n(weights, 5, T(2));
        rows = 8;
        cols = 5;
        count = 5;
        w = w_array;
        v = v_array;
        g = g_array;
        list = list_array;
        bags_struct = {3, bag_offsets, weights, AG_POOLING_MEAN};
        bags = &bags_struct;
        options = adagrad_options();
    }
};

template <class T, class Index>
void add_typed_rows(BadCalls& table) {
    using A = ListedRows<T, Index>;
    using Functions = std::vector<Function<A>>;
    const auto name = [](const char* function) {
        return typed<T>(function) + (sizeof(Index) == 4 ? "_i32" : "");
    };
    const Functions sparse = {{name("ag_adagrad_step_sparse"), [](A& a) {
                                   return Api<T>::template sparse<Index>(a.rows, a.w, a.v, a.count, a.list,
                                                                         a.g, &a.options);
                               }}};
    const Functions single = {{name("ag_adagrad_step_rows"),
                               [](A& a) {
                                   return Api<T>::template rows<Index>(a.rows, a.cols, a.w, a.v, a.count,
                                                                       a.list, nullptr, a.g, &a.options);
                               }},
                              {name("ag_adagrad_step_rowwise"), [](A& a) {
                                   return Api<T>::template rowwise<Index>(a.rows, a.cols, a.w, a.v, a.count,
                                                                          a.list, nullptr, a.g, &a.options);
                               }}};
    const Functions pooled = {{name("ag_adagrad_step_rows_pooled"),
                               [](A& a) {
                                   return Api<T>::template rows_pooled<Index>(
                                       a.rows, a.cols, a.w, a.v, a.count, a.list, a.bags, a.g, &a.options);
                               }},
                              {name("ag_adagrad_step_rowwise_pooled"), [](A& a) {
                                   return Api<T>::template rowwise_pooled<Index>(
                                       a.rows, a.cols, a.w, a.v, a.count, a.list, a.bags, a.g, &a.options);
                               }}};

    // What all have; the lists have names of their own.
    for (const Functions& functions : {sparse, single, pooled}) {
        const std::string list = functions[0].name == sparse[0].name ? "indices" : "row_indices";
        const auto add = [&](const std::string& culprit, ag_status status, auto spoil) {
            table.add(functions, culprit, status, spoil);
        };
        add_adagrad_options<T>(table, functions);
        add("w is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w = nullptr; });
        add("v is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.v = nullptr; });
        add("g is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.g = nullptr; });
        add(list + " is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.list = nullptr; });
        add(list + ": ", AG_ERROR_SIZE, [](A& a) { a.count = too_many; });
        for (const std::size_t place : {0, 2, 4}) {
            const std::string element = list + "[" + std::to_string(place) + "]";
            for (const Index bad :
                 {Index(-1), std::numeric_limits<Index>::max(), std::numeric_limits<Index>::min()})
                add(element + " = " + std::to_string(bad), AG_ERROR_OUT_OF_RANGE,
                    [=](A& a) { a.list_array[place] = bad; });
        }
        add(list + "[1] = 8", AG_ERROR_OUT_OF_RANGE, [](A& a) { // the first of two
            a.rows = 8;
            a.list_array[1] = 8;
            a.list_array[3] = -1;
        });
        add(list == "indices" ? "is not below n = 0" : "is not below rows = 0", AG_ERROR_OUT_OF_RANGE,
            [](A& a) { a.rows = 0; });
        add("w overlaps v", AG_ERROR_OVERLAP, [](A& a) { a.v = a.w; });
        add("w overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.w + 1; });
        add("v overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.v; });
        add("overlaps " + list, AG_ERROR_OVERLAP,
            [](A& a) { a.list = reinterpret_cast<const Index*>(a.v_array); });
    }
    table.add(sparse, "n: ", AG_ERROR_SIZE, [](A& a) { a.rows = too_many; });
    table.add(single, "m = ", AG_ERROR_SIZE, [](A& a) { a.count = SIZE_MAX / 32; });
    for (const Functions& functions : {single, pooled}) {
        table.add(functions, "rows = ", AG_ERROR_SIZE, [](A& a) { a.rows = SIZE_MAX / 16; });
        table.add(functions, "cols = ", AG_ERROR_SIZE, [](A& a) { a.cols = SIZE_MAX / 16; });
    }

    const auto add = [&](const char* culprit, ag_status status, auto spoil) {
        table.add(pooled, culprit, status, spoil);
    };
    add("bags is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.bags = nullptr; });
    add("bags->offsets is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.bags_struct.offsets = nullptr; });
    for (const std::int32_t bad : {-1, 2, 1000})
        add("bags->pooling", AG_ERROR_INVALID_ENUM, [=](A& a) { a.bags_struct.pooling = bad; });
    for (const std::size_t bad : {SIZE_MAX, too_many})
        add("bags->count", AG_ERROR_SIZE, [=](A& a) { a.bags_struct.count = bad; });
    add("bags->offsets[0] = 1", AG_ERROR_OUT_OF_RANGE, [](A& a) { a.bag_offsets[0] = 1; });
    add("bags->offsets[1] = -1", AG_ERROR_OUT_OF_RANGE, [](A& a) { a.bag_offsets[1] = -1; });
    add("bags->offsets[2] = 2", AG_ERROR_OUT_OF_RANGE, [](A& a) { a.bag_offsets[1] = 3; });
    add("bags->offsets[3] = 4", AG_ERROR_OUT_OF_RANGE, [](A& a) { a.bag_offsets[3] = 4; });
    add("bags->offsets[2] = 2", AG_ERROR_OUT_OF_RANGE, [](A& a) { a.bags_struct.count = 2; });
    add("w overlaps bags->weights", AG_ERROR_OVERLAP, [](A& a) { a.bags_struct.weights = a.w_array; });
    add("v overlaps bags->offsets", AG_ERROR_OVERLAP, [](A& a) {
        // Zeros, which are good offsets of an empty list.
        a.count = 0;
        std::fill_n(a.v_array, 40, T(0));
        a.bags_struct.offsets = reinterpret_cast<const std::int64_t*>(a.v_array);
    });
}

} // namespace

void add_listed_rows(BadCalls& table) {
    add_typed_rows<float, std::int64_t>(table);
    add_typed_rows<float, std::int32_t>(table);
    add_typed_rows<double, std::int64_t>(table);
    add_typed_rows<double, std::int32_t>(table);
}

} // namespace test
