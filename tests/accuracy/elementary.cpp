// SPDX-License-Identifier: BSD-3-Clause
#include "tests/reference/elementary.hpp"
#include "tests/accuracy/table.hpp"
#include "tests/support/api.hpp"

namespace accuracy {

namespace {

using reference::Elementary;

// The error as exactly as the reference has it, where it may be larger than the largest seen. What is exact to 8 units
// of its last place, which are 2^-26 ULP of a float and 2^-8 of a double, decides that: the C library's exp and log1p
// are within 2 units in any of its types, and sigmoid and softplus add less than 5 to their exp's.
template <class T>
double error_of(Elementary function, T x, T result, double seen) {
    constexpr int more_digits = std::numeric_limits<Exact<T>>::digits - std::numeric_limits<T>::digits;
    const double error =
        reference::ulp_error(result, reference::evaluate(function, static_cast<Exact<T>>(x))) +
        std::ldexp(8.0, -more_digits);
    return error <= seen ? error : reference::ulp_error(function, x, result);
}

template <class T>
void measure(Run& run, const char* name, Elementary function, ag_status (*call)(std::size_t, const T*, T*)) {
    Row row = {name, type_name<T>, 1};
    for_each_input<T>(run.stride, [&](const std::vector<T>& x) {
        const std::vector<T> results = on_every_isa(run, row, [&] {
            std::vector<T> out(x.size());
            check(call(x.size(), x.data(), out.data()));
            return out;
        });
        see_errors(
            row, x.size(),
            [&](std::size_t i, double seen) { return error_of(function, x[i], results[i], seen); },
            [&](std::size_t i) { return text(x[i]); });
    });
    run.rows.push_back(row);
}

template <class T>
void measure_type(Run& run) {
    using Api = test::Api<T>;
    measure<T>(run, "`ag_exp`", Elementary::exp, Api::exp);
    measure<T>(run, "`ag_log1p`", Elementary::log1p, Api::log1p);
    measure<T>(run, "`ag_sigmoid`", Elementary::sigmoid, Api::sigmoid);
    measure<T>(run, "`ag_softplus`", Elementary::softplus, Api::softplus);
}

} // namespace

void measure_elementary(Run& run) {
    measure_type<float>(run);
#if ANISOGRAD_HAVE_MPFR || LDBL_MANT_DIG >= 113
    measure_type<double>(run);
#else
    std::fprintf(stderr, "accuracy: built without MPFR, so elementary functions in f64 are left out\n");
#endif
}

} // namespace accuracy
