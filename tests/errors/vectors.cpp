// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of the steps and the elementary functions, whose arrays have n elements each.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

template <class T>
struct Vectors {
    T w_array[40], g_array[40], v_array[40], sum_array[40];
    double norm, *norm_pointer;
    std::size_t position, *position_pointer;
    std::size_t n, t;
    T *w, *v, *sum;
    const T* g;
    double epsilon;
    ag_adagrad_options options;

    void set_up() {
        std::fill_n(w_array, 40, T(0.5));
        std::fill_n(g_array, 40, T(0.25));
        std::fill_n(v_array, 40, T(2));
        n = 40;
        t = 2;
        w = w_array;
        g = g_array;
        v = v_array;
        sum = sum_array;
        norm = 3;
        norm_pointer = &norm;
        position = 7;
        position_pointer = &position;
        epsilon = 0.1;
        options = adagrad_options();
    }
};

template <class T>
void add_typed_vectors(BadCalls& table) {
    using A = Vectors<T>;
    using Functions = std::vector<Function<A>>;
    const Function<A> init = {typed<T>("ag_adagrad_init"),
                              [](A& a) { return Api<T>::adagrad_init(a.n, a.v, a.epsilon); }};
    const Function<A> step = {typed<T>("ag_adagrad_step"),
                              [](A& a) { return Api<T>::adagrad_step(a.n, a.w, a.g, a.v, &a.options); }};
    const Function<A> averaged = {
        typed<T>("ag_adagrad_step_averaged"),
        [](A& a) { return Api<T>::adagrad_step_averaged(a.n, a.w, a.g, a.v, a.sum, a.t, &a.options); }};
    const Function<A> norm = {typed<T>("ag_adagrad_norm_step"), [](A& a) {
                                  return Api<T>::adagrad_norm_step(a.n, a.w, a.g, a.norm_pointer, &a.options);
                              }};
    const Function<A> dual = {
        typed<T>("ag_adagrad_dual_averaging_step"),
        [](A& a) { return Api<T>::dual_averaging_step(a.n, a.w, a.g, a.v, a.sum, a.t, &a.options); }};
    const Function<A> sgd = {typed<T>("ag_sgd_step"),
                             [](A& a) { return Api<T>::sgd_step(a.n, a.w, a.g, &a.options); }};
    const Function<A> average = {typed<T>("ag_average"),
                                 [](A& a) { return Api<T>::average(a.n, a.sum, a.w, a.t); }};
    const Function<A> squared_norm = {typed<T>("ag_squared_norm"),
                                      [](A& a) { return Api<T>::squared_norm(a.n, a.g, a.norm_pointer); }};
    const Function<A> first_non_finite = {typed<T>("ag_first_non_finite"), [](A& a) {
                                              return Api<T>::first_non_finite(a.n, a.g, a.position_pointer);
                                          }};
    const Functions elementary = {
        {typed<T>("ag_exp"), [](A& a) { return Api<T>::exp(a.n, a.g, a.w); }},
        {typed<T>("ag_log1p"), [](A& a) { return Api<T>::log1p(a.n, a.g, a.w); }},
        {typed<T>("ag_sigmoid"), [](A& a) { return Api<T>::sigmoid(a.n, a.g, a.w); }},
        {typed<T>("ag_softplus"), [](A& a) { return Api<T>::softplus(a.n, a.g, a.w); }}};
    const Functions steps = {step, averaged, norm, dual, sgd};

    // Missing arrays, and sizes.
    table.add(steps, "w is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w = nullptr; });
    table.add(steps, "g is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.g = nullptr; });
    table.add<A>({init, step, averaged, dual}, "v is NULL", AG_ERROR_NULL_POINTER,
                 [](A& a) { a.v = nullptr; });
    table.add<A>({norm}, "v is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.norm_pointer = nullptr; });
    table.add<A>({averaged, average}, "mean is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.sum = nullptr; });
    table.add<A>({average}, "w is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w = nullptr; });
    table.add<A>({dual}, "gradient_sum is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.sum = nullptr; });
    table.add<A>({squared_norm, first_non_finite}, "x is NULL", AG_ERROR_NULL_POINTER,
                 [](A& a) { a.g = nullptr; });
    table.add<A>({squared_norm}, "result is NULL", AG_ERROR_NULL_POINTER,
                 [](A& a) { a.norm_pointer = nullptr; });
    table.add<A>({first_non_finite}, "position is NULL", AG_ERROR_NULL_POINTER,
                 [](A& a) { a.position_pointer = nullptr; });
    table.add(elementary, "x is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.g = nullptr; });
    table.add(elementary, "out is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w = nullptr; });
    for (const std::size_t bad : {too_many, SIZE_MAX, SIZE_MAX / sizeof(T) + 1}) {
        const std::string elements = std::to_string(bad) + " elements";
        table.add(steps, "w: " + elements, AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
        table.add<A>({init}, "v: " + elements, AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
        table.add<A>({average}, "mean: " + elements, AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
        table.add<A>({squared_norm, first_non_finite}, "x: " + elements, AG_ERROR_SIZE,
                     [=](A& a) { a.n = bad; });
        table.add(elementary, "x: " + elements, AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
    }

    // Numbers.
    add_adagrad_options<T>(table, steps);
    for (const double bad : {-1.0, nan, infinity, -infinity})
        table.add<A>({init}, "epsilon = ", AG_ERROR_INVALID_VALUE, [=](A& a) { a.epsilon = bad; });
    table.add<A>({init}, "epsilon^2", AG_ERROR_INVALID_VALUE,
                 [](A& a) { a.epsilon = double(std::numeric_limits<T>::max()); });
    table.add<A>({averaged, dual, average}, "t = 0", AG_ERROR_INVALID_VALUE, [](A& a) { a.t = 0; });
    // Products with the number of the step.
    table.add<A>({dual}, "t * options->l1", AG_ERROR_INVALID_VALUE,
                 [](A& a) { a.options.l1 = double(std::numeric_limits<T>::max()); });
    table.add<A>({dual}, "options->learning_rate * t * options->l2", AG_ERROR_INVALID_VALUE, [](A& a) {
        a.options.learning_rate = 1;
        a.options.l2 = double(std::numeric_limits<T>::max());
    });

    // Overlaps: the same array, a part, and the last element alone.
    table.add(steps, "w overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.w; });
    for (const std::size_t shift : {1, 10, 19})
        for (const bool behind : {false, true}) {
            const auto spoil = [=](A& a) {
                a.n = 20;
                a.g = a.w_array + (behind ? shift : 0);
                a.w = a.w_array + (behind ? 0 : shift);
            };
            table.add(steps, "w overlaps g", AG_ERROR_OVERLAP, spoil);
            table.add(elementary, "out overlaps x", AG_ERROR_OVERLAP, spoil);
        }
    table.add<A>({step, averaged, dual}, "w overlaps v", AG_ERROR_OVERLAP, [](A& a) { a.v = a.w; });
    table.add<A>({step, averaged, dual}, "v overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.v; });
    table.add<A>({averaged}, "w overlaps mean", AG_ERROR_OVERLAP, [](A& a) { a.sum = a.w; });
    table.add<A>({averaged}, "mean overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.sum; });
    table.add<A>({averaged}, "v overlaps mean", AG_ERROR_OVERLAP, [](A& a) { a.sum = a.v; });
    table.add<A>({dual}, "w overlaps gradient_sum", AG_ERROR_OVERLAP, [](A& a) { a.sum = a.w; });
    table.add<A>({dual}, "gradient_sum overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.sum; });
    table.add<A>({dual}, "v overlaps gradient_sum", AG_ERROR_OVERLAP, [](A& a) { a.sum = a.v; });
    table.add<A>({norm}, "w overlaps v", AG_ERROR_OVERLAP,
                 [](A& a) { a.norm_pointer = reinterpret_cast<double*>(a.w); });
    table.add<A>({norm}, "v overlaps g", AG_ERROR_OVERLAP,
                 [](A& a) { a.norm_pointer = reinterpret_cast<double*>(a.g_array); });
    table.add<A>({average}, "mean overlaps w", AG_ERROR_OVERLAP, [](A& a) { a.w = a.sum; });
    table.add<A>({squared_norm}, "result overlaps x", AG_ERROR_OVERLAP,
                 [](A& a) { a.norm_pointer = reinterpret_cast<double*>(a.g_array + 38); });
    table.add<A>({first_non_finite}, "position overlaps x", AG_ERROR_OVERLAP,
                 [](A& a) { a.position_pointer = reinterpret_cast<std::size_t*>(a.g_array); });
}

} // namespace

void add_vectors(BadCalls& table) {
    add_typed_vectors<float>(table);
    add_typed_vectors<double>(table);
}

} // namespace test
