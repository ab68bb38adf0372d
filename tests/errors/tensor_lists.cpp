// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of the step of many tensors.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

template <class T>
struct Tensors {
    T w_memory[160], v_memory[160], g_memory[100]; // inputs may share memory
    std::size_t count, sizes_array[3], *sizes;
    T *w_array[3], **w, *v_array[3], **v;
    const T *g_array[3], **g;
    ag_adagrad_options options;

    void set_up() {
        count = 3;
        std::size_t begin = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            sizes_array[i] = i == 0 ? 100 : i == 1 ? 50 : 10;
            w_array[i] = w_memory + begin;
            v_array[i] = v_memory + begin;
            g_array[i] = g_memory;
            begin += sizes_array[i];
        }
        std::fill_n(v_memory, 160, T(1));
        std::fill_n(g_memory, 100, T(1));
        sizes = sizes_array;
        w = w_array;
        v = v_array;
        g = g_array;
        options = adagrad_options();
    }
};

template <class T>
void add_typed_lists(BadCalls& table) {
    using A = Tensors<T>;
    const std::vector<Function<A>> step = {
        {typed<T>("ag_adagrad_step_list"),
         [](A& a) { return Api<T>::adagrad_step_list(a.count, a.sizes, a.w, a.g, a.v, &a.options); }}};
    add_adagrad_options<T>(table, step);
    const auto add = [&](const char* culprit, ag_status status, auto spoil) {
        table.add(step, culprit, status, spoil);
    };
    add("sizes is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.sizes = nullptr; });
    add("w is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w = nullptr; });
    add("g is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.g = nullptr; });
    add("v is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.v = nullptr; });
    add("w[1] is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w[1] = nullptr; });
    add("g[0] is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.g[0] = nullptr; });
    add("v[2] is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.v[2] = nullptr; });
    add("count: ", AG_ERROR_SIZE, [](A& a) { a.count = too_many; });
    add("sizes[2] = ", AG_ERROR_SIZE, [](A& a) { a.sizes[2] = too_many; });
    add("sizes[1] = ", AG_ERROR_SIZE, [](A& a) { // together
        a.sizes[0] = a.sizes[1] = SIZE_MAX / 4 / sizeof(T) + 1;
    });
    add("w[1] overlaps w[0]", AG_ERROR_OVERLAP, [](A& a) { a.w[1] = a.w_memory + 99; });
    add("v[2] overlaps g[", AG_ERROR_OVERLAP, [](A& a) { a.v[2] = a.g_memory + 90; });
    add("v[2] overlaps w[0]", AG_ERROR_OVERLAP, [](A& a) { a.v[2] = a.w_memory + 10; });
    add("v[1] overlaps w[1]", AG_ERROR_OVERLAP, [](A& a) { a.v[1] = a.w[1]; });
}

} // namespace

void add_tensor_lists(BadCalls& table) {
    add_typed_lists<float>(table);
    add_typed_lists<double>(table);
}

} // namespace test
