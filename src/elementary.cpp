// SPDX-License-Identifier: BSD-3-Clause
//
// ag_exp_…, ag_log1p_…, ag_sigmoid_…, ag_softplus_…
#include "src/checks.hpp"

namespace anisograd {

namespace {

template <class T>
ag_status apply(const char* name, void (*ElementaryKernels<T>::*kernel)(std::size_t, const T*, T*),
                std::size_t n, const T* x, T* out) {
    return run_entry({name, type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("x", x, n), checks.array("out", out, n, Access::elementwise_write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                (kernels_of<T>(table).elementary.*kernel)(length, x + begin, out + begin);
            });
    });
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

ag_status ag_exp_f32(size_t n, const float* x, float* out) {
    return apply<float>("ag_exp", &ElementaryKernels<float>::exp, n, x, out);
}
ag_status ag_exp_f64(size_t n, const double* x, double* out) {
    return apply<double>("ag_exp", &ElementaryKernels<double>::exp, n, x, out);
}

ag_status ag_log1p_f32(size_t n, const float* x, float* out) {
    return apply<float>("ag_log1p", &ElementaryKernels<float>::log1p, n, x, out);
}
ag_status ag_log1p_f64(size_t n, const double* x, double* out) {
    return apply<double>("ag_log1p", &ElementaryKernels<double>::log1p, n, x, out);
}

ag_status ag_sigmoid_f32(size_t n, const float* x, float* out) {
    return apply<float>("ag_sigmoid", &ElementaryKernels<float>::sigmoid, n, x, out);
}
ag_status ag_sigmoid_f64(size_t n, const double* x, double* out) {
    return apply<double>("ag_sigmoid", &ElementaryKernels<double>::sigmoid, n, x, out);
}

ag_status ag_softplus_f32(size_t n, const float* x, float* out) {
    return apply<float>("ag_softplus", &ElementaryKernels<float>::softplus, n, x, out);
}
ag_status ag_softplus_f64(size_t n, const double* x, double* out) {
    return apply<double>("ag_softplus", &ElementaryKernels<double>::softplus, n, x, out);
}

} // extern "C"
