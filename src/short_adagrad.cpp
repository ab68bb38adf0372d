// SPDX-License-Identifier: BSD-3-Clause
//
// Steps with numbers of 16 bits, and with accumulators of 8.
#include "src/step.hpp"

#include <optional>

namespace anisograd {

namespace {

using ShortTable = ShortKernels NarrowKernels::*;

// The rounding of the elements from begin on, which is a multiple of 64: plan_elements cuts nowhere else.
std::optional<StochasticRounding> rounding_from(const ag_adagrad_options& o, std::size_t begin) {
    if (o.rounding != AG_ROUNDING_STOCHASTIC)
        return std::nullopt;
    return StochasticRounding{o.seed, o.step, begin};
}

ag_status short_step(FunctionName function, ShortTable kernels, std::size_t n, std::uint16_t* w,
                     const std::uint16_t* g, float* v, const ag_adagrad_options* options) {
    return run_entry(function, [&](Checks& checks, const KernelTable& table) {
        const ag_adagrad_options o = complete_options(checks, options);
        const StepParameters<float> parameters = check_step<float>(checks, o);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n),
                         checks.array("v", v, n, Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                const auto rounding = rounding_from(o, begin);
                (table.narrow.*kernels)
                    .step(length, w + begin, g + begin, v + begin, parameters,
                          rounding ? &*rounding : nullptr);
            });
    });
}

ag_status short_step_master(FunctionName function, ShortTable kernels, std::size_t n, float* w,
                            std::uint16_t* copy, const std::uint16_t* g, float* v,
                            const ag_adagrad_options* options) {
    return run_entry(function, [&](Checks& checks, const KernelTable& table) {
        const ag_adagrad_options o = complete_options(checks, options);
        const StepParameters<float> parameters = check_step<float>(checks, o);
        checks.disjoint({checks.array("w", w, n, Access::write),
                         checks.optional_array("w_copy", copy, n, Access::write), checks.array("g", g, n),
                         checks.array("v", v, n, Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                const auto rounding = rounding_from(o, begin);
                (table.narrow.*kernels)
                    .step_master(length, w + begin, copy != nullptr ? copy + begin : nullptr, g + begin,
                                 v + begin, parameters, rounding ? &*rounding : nullptr);
            });
    });
}

template <class From, class To>
ag_status convert(FunctionName function, ShortTable kernels,
                  void (*ShortKernels::*kernel)(std::size_t, const From*, To*), std::size_t n, const From* x,
                  To* out) {
    return run_entry(function, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("x", x, n), checks.array("out", out, n, Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                ((table.narrow.*kernels).*kernel)(length, x + begin, out + begin);
            });
    });
}

// ---- Compressed accumulators ---------------------------------------------------------------------------

static_assert(accumulator_block == AG_ACCUMULATOR_BLOCK);

std::size_t accumulator_blocks(std::size_t n) {
    return n / accumulator_block + (n % accumulator_block != 0);
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

ag_status ag_adagrad_step_bf16(size_t n, ag_bf16* w, const ag_bf16* g, float* v,
                               const ag_adagrad_options* options) {
    return short_step({"ag_adagrad_step", "_bf16"}, &NarrowKernels::bf16, n, w, g, v, options);
}
ag_status ag_adagrad_step_f16(size_t n, ag_f16* w, const ag_f16* g, float* v,
                              const ag_adagrad_options* options) {
    return short_step({"ag_adagrad_step", "_f16"}, &NarrowKernels::f16, n, w, g, v, options);
}

ag_status ag_adagrad_step_master_bf16(size_t n, float* w, ag_bf16* w_copy, const ag_bf16* g, float* v,
                                      const ag_adagrad_options* options) {
    return short_step_master({"ag_adagrad_step_master", "_bf16"}, &NarrowKernels::bf16, n, w, w_copy, g, v,
                             options);
}
ag_status ag_adagrad_step_master_f16(size_t n, float* w, ag_f16* w_copy, const ag_f16* g, float* v,
                                     const ag_adagrad_options* options) {
    return short_step_master({"ag_adagrad_step_master", "_f16"}, &NarrowKernels::f16, n, w, w_copy, g, v,
                             options);
}

ag_status ag_bf16_from_f32(size_t n, const float* x, ag_bf16* out) {
    return convert({"ag_bf16_from", "_f32"}, &NarrowKernels::bf16, &ShortKernels::from_float, n, x, out);
}
ag_status ag_f16_from_f32(size_t n, const float* x, ag_f16* out) {
    return convert({"ag_f16_from", "_f32"}, &NarrowKernels::f16, &ShortKernels::from_float, n, x, out);
}
ag_status ag_f32_from_bf16(size_t n, const ag_bf16* x, float* out) {
    return convert({"ag_f32_from", "_bf16"}, &NarrowKernels::bf16, &ShortKernels::to_float, n, x, out);
}
ag_status ag_f32_from_f16(size_t n, const ag_f16* x, float* out) {
    return convert({"ag_f32_from", "_f16"}, &NarrowKernels::f16, &ShortKernels::to_float, n, x, out);
}

ag_status ag_adagrad_step_compressed_f32(size_t n, float* w, const float* g, uint8_t* v, float* scales,
                                         const ag_adagrad_options* options) {
    return run_entry({"ag_adagrad_step_compressed", "_f32"}, [&](Checks& checks, const KernelTable& table) {
        const StepParameters<float> parameters = check_step<float>(checks, options);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n),
                         checks.array("v", v, n, Access::write),
                         checks.array("scales", scales, accumulator_blocks(n), Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                table.narrow.compressed.step(length, w + begin, g + begin, v + begin,
                                             scales + begin / accumulator_block, parameters);
            });
    });
}

ag_status ag_accumulator_encode_f32(size_t n, const float* v, uint8_t* codes, float* scales) {
    return run_entry({"ag_accumulator_encode", "_f32"}, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("v", v, n), checks.array("codes", codes, n, Access::write),
                         checks.array("scales", scales, accumulator_blocks(n), Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                table.narrow.compressed.encode(length, v + begin, codes + begin,
                                               scales + begin / accumulator_block);
            });
    });
}

ag_status ag_accumulator_decode_f32(size_t n, const uint8_t* codes, const float* scales, float* v) {
    return run_entry({"ag_accumulator_decode", "_f32"}, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("codes", codes, n),
                         checks.array("scales", scales, accumulator_blocks(n)),
                         checks.array("v", v, n, Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                table.narrow.compressed.decode(length, codes + begin, scales + begin / accumulator_block,
                                               v + begin);
            });
    });
}

} // extern "C"
