// SPDX-License-Identifier: BSD-3-Clause
//
// Compiled once per ISA (cmake/isa.cmake), with
//   ANISOGRAD_ISA_TAG    the tag struct of pack.hpp
//   ANISOGRAD_ISA_ID     its ag_isa
//   ANISOGRAD_ISA_TABLE  the table's name, this object's only external symbol
#include "kernels/adagrad.hpp"
#include "kernels/compressed_adagrad.hpp"
#include "kernels/elementary.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/knapsack.hpp"
#include "kernels/logistic_csr.hpp"
#include "kernels/logistic_dense.hpp"
#include "kernels/projection.hpp"
#include "kernels/scan.hpp"
#include "kernels/short_adagrad.hpp"
#include "kernels/sparse_adagrad.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class T>
constexpr Kernels<T> kernels = {
    .fill = fill<Isa, T>,
    .adagrad_step = adagrad_step<Isa, T>,
    .adagrad_step_clip = adagrad_step_clip<Isa, T>,
    .adagrad_step_squared_norm = adagrad_step_squared_norm<Isa, T>,
    .adagrad_step_average = adagrad_step_average<Isa, T>,
    .dual_averaging_step = dual_averaging_step<Isa, T>,
    .gradient_squared_norm = gradient_squared_norm<Isa, T>,
    .step_with_one_lambda = step_with_one_lambda<Isa, T>,
    .average = average<Isa, T>,
    .adagrad_step_rows = adagrad_step_rows<Isa, T>,
    .adagrad_step_narrow_rows = adagrad_step_narrow_rows<ForSums<Isa>, T>,
    .adagrad_step_rowwise = adagrad_step_rowwise<ForSums<Isa>, T>,
    .clip = clip<Isa, T>,
    .max_abs = max_abs<Isa, T>,
    .squared_norm = squared_norm<Isa, T>,
    .ball_sums = ball_sums<Isa, T>,
    .ball_shrink = ball_shrink<Isa, T>,
    .ball_scale = ball_scale<Isa, T>,
    .knapsack_sums = knapsack_sums<Isa, T>,
    .knapsack_project = knapsack_project<Isa, T>,
    .knapsack_range = knapsack_range<Isa, T>,
    .first_not_finite = first_not_finite<Isa, T>,
    .first_not_positive = first_not_positive<Isa, T>,
    .first_not_a_weight = first_not_a_weight<Isa, T>,
    .first_not_a_label = first_not_a_label<Isa, T>,
    .first_bad_bounds = first_bad_bounds<Isa, T>,
    .first_clipped = first_clipped<ForSums<Isa>, T>,
    .first_not_an_index_i32 = first_not_an_index<Isa, std::int32_t>,
    .first_not_an_index_i64 = first_not_an_index<Isa, std::int64_t>,
    .logistic_dense = logistic_dense<Isa, T>,
    .logistic_csr = logistic_csr<Isa, T>,
    .combine_gradients = combine_gradients<Isa, T>,
    .exp = exp_array<Isa, T>,
    .log1p = log1p_array<Isa, T>,
    .sigmoid = sigmoid_array<Isa, T>,
    .softplus = softplus_array<Isa, T>,
};

template <class Short>
constexpr ShortKernels short_kernels = {
    .step = short_adagrad_step<ForSums<Isa>, Short>,
    .step_master = short_adagrad_step_master<ForSums<Isa>, Short>,
    .from_float = short_from_float<ForSums<Isa>, Short>,
    .to_float = float_from_short<ForSums<Isa>, Short>,
};

} // namespace

extern const KernelTable ANISOGRAD_ISA_TABLE;
constinit const KernelTable ANISOGRAD_ISA_TABLE = {
    .isa = ANISOGRAD_ISA_ID,
    .f32 = kernels<float>,
    .f64 = kernels<double>,
    .bf16 = short_kernels<Bfloat16>,
    .f16 = short_kernels<Binary16>,
    .compressed = {.step = compressed_adagrad_step<ForSums<Isa>>,
                   .encode = encode_accumulator<ForSums<Isa>>,
                   .decode = decode_accumulator<ForSums<Isa>>}};

} // namespace anisograd
