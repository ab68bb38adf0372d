// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of the loss layer, which takes margins for a matrix.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

template <class T>
struct Margins {
    T margins_array[30], y_array[30], weights[30], residuals_array[30], curvatures_array[30];
    std::int64_t indices[3];
    double loss_value, *loss;
    std::size_t n;
    const T *margins, *y;
    T *residuals, *curvatures;
    ag_logistic_options options;

    void set_up() {
        std::fill_n(y_array, 30, T(1));
        std::fill_n(weights, 30, T(1));
        indices[0] = 0;
        indices[1] = 29;
        indices[2] = 5;
        loss_value = 7;
        loss = &loss_value;
        n = 30;
        margins = margins_array;
        y = y_array;
        residuals = residuals_array;
        curvatures = curvatures_array;
        options = logistic_options();
    }
    void take_batch() {
        options.row_indices = indices;
        options.row_count = 3;
    }
};

template <class T>
void add_typed_margins(BadCalls& table) {
    using A = Margins<T>;
    const std::vector<Function<A>> function = {
        {typed<T>("ag_logistic_from_margins"), [](A& a) {
             return Api<T>::from_margins(a.n, a.margins, a.y, &a.options, a.loss, a.residuals, a.curvatures);
         }}};
    const auto add = [&](const std::string& culprit, ag_status status, auto spoil) {
        table.add(function, culprit, status, spoil);
    };
    add_logistic_options<T>(table, function);
    add("margins is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.margins = nullptr; });
    add("margins is NULL", AG_ERROR_NULL_POINTER, [](A& a) { // not in place
        a.margins = nullptr;
        a.residuals = nullptr;
    });
    add("y is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.y = nullptr; });
    add("margins: ", AG_ERROR_SIZE, [](A& a) { a.n = too_many; });
    add("margins: ", AG_ERROR_SIZE, [](A& a) {
        a.take_batch();
        a.options.row_count = too_many;
    });
    for (const std::int64_t bad :
         {std::int64_t(-1), std::int64_t(30), std::numeric_limits<std::int64_t>::min()})
        add("options->row_indices[1] = " + std::to_string(bad) + " is not one of the 30 rows",
            AG_ERROR_OUT_OF_RANGE, [=](A& a) {
                a.take_batch();
                a.indices[1] = bad;
            });
    for (const double bad : {0.0, 2.0, nan, infinity})
        add("y[13]", AG_ERROR_LABEL, [=](A& a) { a.y_array[13] = static_cast<T>(bad); });
    for (const double bad : {-1.0, nan, infinity})
        add("options->sample_weight[29]", AG_ERROR_INVALID_VALUE, [=](A& a) {
            a.take_batch();
            a.weights[29] = static_cast<T>(bad);
            a.options.sample_weight = a.weights;
        });
    add("options->reduction is AG_REDUCTION_MEAN", AG_ERROR_INVALID_VALUE, [](A& a) { a.n = 0; });
    add("sum to 0", AG_ERROR_INVALID_VALUE, [](A& a) { a.options.positive_weight = 0; });
    add("residuals overlaps margins", AG_ERROR_OVERLAP, [](A& a) { // not where the margins begin
        a.n = 20;
        a.residuals = a.margins_array + 1;
    });
    add("residuals overlaps y", AG_ERROR_OVERLAP, [](A& a) { a.residuals = a.y_array; });
    add("residuals overlaps curvatures", AG_ERROR_OVERLAP, [](A& a) { a.curvatures = a.residuals; });
    add("curvatures overlaps margins", AG_ERROR_OVERLAP, [](A& a) { a.curvatures = a.margins_array; });
    add("loss overlaps margins", AG_ERROR_OVERLAP,
        [](A& a) { a.loss = reinterpret_cast<double*>(a.margins_array); });
    add("residuals overlaps options->sample_weight", AG_ERROR_OVERLAP, [](A& a) {
        a.options.sample_weight = a.weights;
        a.residuals = a.weights;
    });
}

} // namespace

void add_margins(BadCalls& table) {
    add_typed_margins<float>(table);
    add_typed_margins<double>(table);
}

} // namespace test
