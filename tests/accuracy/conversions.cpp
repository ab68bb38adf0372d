// SPDX-License-Identifier: BSD-3-Clause
#include "tests/accuracy/table.hpp"
#include "tests/reference/short_floats.hpp"

namespace accuracy {

namespace {

using Short = std::uint16_t;
constexpr const char* unit = "wrong results";

// By their bits.
std::vector<float> all_values(reference::Format format) {
    std::vector<float> values(65536);
    for (std::size_t bits = 0; bits < values.size(); ++bits)
        values[bits] = static_cast<float>(reference::value(format, static_cast<Short>(bits)));
    return values;
}

void measure_rounding(Run& run, const char* name, reference::Format format,
                      ag_status (*call)(std::size_t, const float*, Short*)) {
    Row row = {name, "f32", 0, unit};
    // Results are widened, so that NaNs are compared as such.
    const std::vector<float> values = all_values(format);
    for_each_float(run.stride, [&](const std::vector<float>& x) {
        const std::vector<float> results = on_every_isa(run, row, [&] {
            std::vector<Short> out(x.size());
            check(call(x.size(), x.data(), out.data()));
            std::vector<float> widened(x.size());
            for (std::size_t i = 0; i < x.size(); ++i)
                widened[i] = values[out[i]];
            return widened;
        });
        see_errors(
            row, x.size(),
            [&](std::size_t i) {
                return test::same_bits(results[i], values[reference::nearest(format, x[i])]) ? 0 : 1;
            },
            [&](std::size_t i) { return text(x[i]); });
    });
    run.rows.push_back(row);
}

void measure_widening(Run& run, const char* name, reference::Format format,
                      ag_status (*call)(std::size_t, const Short*, float*)) {
    Row row = {name, "f32", 0, unit};
    const std::vector<float> values = all_values(format);
    std::vector<Short> all(values.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<Short>(i);
    const std::vector<float> results = on_every_isa(run, row, [&] {
        std::vector<float> out(all.size());
        check(call(all.size(), all.data(), out.data()));
        return out;
    });
    see_errors(
        row, all.size(), [&](std::size_t i) { return test::same_bits(results[i], values[i]) ? 0 : 1; },
        [&](std::size_t i) { return std::to_string(i); });
    run.rows.push_back(row);
}

} // namespace

void measure_conversions(Run& run) {
    measure_rounding(run, "`ag_bf16_from_f32`", reference::bf16, ag_bf16_from_f32);
    measure_rounding(run, "`ag_f16_from_f32`", reference::f16, ag_f16_from_f32);
    measure_widening(run, "`ag_f32_from_bf16`", reference::bf16, ag_f32_from_bf16);
    measure_widening(run, "`ag_f32_from_f16`", reference::f16, ag_f32_from_f16);
}

} // namespace accuracy
