// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/compressed_adagrad.hpp"
#include "kernels/isa/isa.hpp"
#include "kernels/short_adagrad.hpp"

namespace anisograd {

namespace {

using Isa = ANISOGRAD_ISA_TAG;

template <class Short>
constexpr ShortKernels short_kernels = {
    .step = short_adagrad_step<ForSums<Isa>, Short>,
    .step_master = short_adagrad_step_master<ForSums<Isa>, Short>,
    .from_float = short_from_float<ForSums<Isa>, Short>,
    .to_float = float_from_short<ForSums<Isa>, Short>,
};

} // namespace

constinit const NarrowKernels ANISOGRAD_ISA::narrow_kernels = {
    .bf16 = short_kernels<Bfloat16>,
    .f16 = short_kernels<Binary16>,
    .compressed = {.step = compressed_adagrad_step<ForSums<Isa>>,
                   .encode = encode_accumulator<ForSums<Isa>>,
                   .decode = decode_accumulator<ForSums<Isa>>}};

} // namespace anisograd
