// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/isa/isa.hpp"
#include "kernels/scan.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr ScanKernels<T> kernels = {
    .first_not_finite = first_not_finite<Isa, T>,
    .first_not_positive = first_not_positive<Isa, T>,
    .first_not_a_weight = first_not_a_weight<Isa, T>,
    .first_not_a_label = first_not_a_label<Isa, T>,
    .first_not_a_probability = first_not_a_probability<Isa, T>,
    .first_bad_bounds = first_bad_bounds<Isa, T>,
    .first_clipped = first_clipped<ForSums<Isa>, T>,
    .first_not_an_index_i32 = first_not_an_index<Isa, std::int32_t>,
    .first_not_an_index_i64 = first_not_an_index<Isa, std::int64_t>,
};

} // namespace

constinit const ForBothTypes<ScanKernels> ANISOGRAD_ISA::scan_kernels = {kernels<float>, kernels<double>};

} // namespace anisograd
