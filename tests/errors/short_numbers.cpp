// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of the functions for numbers of 16 bits and accumulators of 8. bf16 and f16 are the same integers.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

constexpr std::size_t count = 300; // two blocks of an accumulator of 8 bits

struct ShortNumbers {
    float w_array[count], g_array[count], v_array[count], scales_array[2];
    std::uint16_t short_array[count], short_g_array[count];
    std::uint8_t codes_array[count];
    std::size_t n;
    float *w, *v, *scales;
    const float* g;
    std::uint16_t* short_w;
    const std::uint16_t* short_g;
    std::uint8_t* codes;
    ag_adagrad_options options;

    void set_up() {
        std::fill_n(w_array, count, 0.5f);
        std::fill_n(g_array, count, 0.25f);
        std::fill_n(v_array, count, 2.0f);
        std::fill_n(short_array, count, std::uint16_t(0x3f00));
        std::fill_n(short_g_array, count, std::uint16_t(0x3e00));
        n = count;
        w = w_array;
        g = g_array;
        v = v_array;
        scales = scales_array;
        short_w = short_array;
        short_g = short_g_array;
        codes = codes_array;
        options = adagrad_options();
    }
};

} // namespace

void add_short_numbers(BadCalls& table) {
    using A = ShortNumbers;
    using Functions = std::vector<Function<A>>;
    const Functions short_steps = {
        {"ag_adagrad_step_bf16",
         [](A& a) { return ag_adagrad_step_bf16(a.n, a.short_w, a.short_g, a.v, &a.options); }},
        {"ag_adagrad_step_f16",
         [](A& a) { return ag_adagrad_step_f16(a.n, a.short_w, a.short_g, a.v, &a.options); }}};
    const Functions master_steps = {
        {"ag_adagrad_step_master_bf16",
         [](A& a) { return ag_adagrad_step_master_bf16(a.n, a.w, a.short_w, a.short_g, a.v, &a.options); }},
        {"ag_adagrad_step_master_f16",
         [](A& a) { return ag_adagrad_step_master_f16(a.n, a.w, a.short_w, a.short_g, a.v, &a.options); }}};
    const Functions to_short = {
        {"ag_bf16_from_f32", [](A& a) { return ag_bf16_from_f32(a.n, a.g, a.short_w); }},
        {"ag_f16_from_f32", [](A& a) { return ag_f16_from_f32(a.n, a.g, a.short_w); }}};
    const Functions from_short = {
        {"ag_f32_from_bf16", [](A& a) { return ag_f32_from_bf16(a.n, a.short_g, a.w); }},
        {"ag_f32_from_f16", [](A& a) { return ag_f32_from_f16(a.n, a.short_g, a.w); }}};
    const Functions compressed = {
        {"ag_adagrad_step_compressed_f32",
         [](A& a) { return ag_adagrad_step_compressed_f32(a.n, a.w, a.g, a.codes, a.scales, &a.options); }}};
    const Functions encode = {{"ag_accumulator_encode_f32",
                               [](A& a) { return ag_accumulator_encode_f32(a.n, a.v, a.codes, a.scales); }}};
    const Functions decode = {{"ag_accumulator_decode_f32",
                               [](A& a) { return ag_accumulator_decode_f32(a.n, a.codes, a.scales, a.v); }}};

    for (const Functions& steps : {short_steps, master_steps, compressed})
        add_adagrad_options<float>(table, steps);
    const auto all_sizes = [&](const Functions& functions, const char* culprit) {
        for (const std::size_t bad : {too_many, SIZE_MAX})
            table.add(functions, culprit, AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
    };
    const auto is_null = [&](const Functions& functions, const char* culprit, auto pointer) {
        table.add(functions, culprit, AG_ERROR_NULL_POINTER, [=](A& a) { a.*pointer = nullptr; });
    };

    for (const Functions& steps : {short_steps, master_steps}) {
        is_null(steps, "g is NULL", &A::short_g);
        is_null(steps, "v is NULL", &A::v);
        all_sizes(steps, "w: ");
        table.add(steps, "v overlaps g", AG_ERROR_OVERLAP,
                  [](A& a) { a.short_g = reinterpret_cast<const std::uint16_t*>(a.v_array); });
    }
    is_null(short_steps, "w is NULL", &A::short_w);
    table.add(short_steps, "w overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.short_g = a.short_w; });
    table.add(short_steps, "w overlaps v", AG_ERROR_OVERLAP,
              [](A& a) { a.short_w = reinterpret_cast<std::uint16_t*>(a.v_array + 150); });
    is_null(master_steps, "w is NULL", &A::w);
    table.add(master_steps, "w overlaps v", AG_ERROR_OVERLAP, [](A& a) { a.v = a.w_array + 1; });
    table.add(master_steps, "w overlaps w_copy", AG_ERROR_OVERLAP,
              [](A& a) { a.short_w = reinterpret_cast<std::uint16_t*>(a.w_array + 150); });
    table.add(master_steps, "w_copy overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.short_g = a.short_w; });

    is_null(to_short, "x is NULL", &A::g);
    is_null(to_short, "out is NULL", &A::short_w);
    is_null(from_short, "x is NULL", &A::short_g);
    is_null(from_short, "out is NULL", &A::w);
    for (const Functions& conversions : {to_short, from_short})
        all_sizes(conversions, "x: ");
    table.add(to_short, "out overlaps x", AG_ERROR_OVERLAP,
              [](A& a) { a.short_w = reinterpret_cast<std::uint16_t*>(a.g_array); });
    table.add(from_short, "out overlaps x", AG_ERROR_OVERLAP,
              [](A& a) { a.short_g = reinterpret_cast<const std::uint16_t*>(a.w_array); });

    is_null(compressed, "w is NULL", &A::w);
    is_null(compressed, "g is NULL", &A::g);
    is_null(compressed, "v is NULL", &A::codes);
    is_null(compressed, "scales is NULL, but has 2", &A::scales);
    all_sizes(compressed, "w: ");
    table.add(compressed, "w overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.w; });
    table.add(compressed, "w overlaps scales", AG_ERROR_OVERLAP, [](A& a) { a.scales = a.w_array + 299; });
    table.add(compressed, "v overlaps scales", AG_ERROR_OVERLAP,
              [](A& a) { a.codes = reinterpret_cast<std::uint8_t*>(a.scales_array); });

    is_null(encode, "v is NULL", &A::v);
    is_null(encode, "codes is NULL", &A::codes);
    is_null(encode, "scales is NULL, but has 2", &A::scales);
    all_sizes(encode, "v: ");
    table.add(encode, "codes overlaps v", AG_ERROR_OVERLAP,
              [](A& a) { a.codes = reinterpret_cast<std::uint8_t*>(a.v_array); });
    table.add(encode, "scales overlaps v", AG_ERROR_OVERLAP, [](A& a) { a.scales = a.v_array + 298; });

    is_null(decode, "codes is NULL", &A::codes);
    is_null(decode, "scales is NULL, but has 2", &A::scales);
    is_null(decode, "v is NULL", &A::v);
    table.add(decode, "codes: ", AG_ERROR_SIZE, [](A& a) { a.n = SIZE_MAX; });
    table.add(decode, "v: ", AG_ERROR_SIZE, [](A& a) { a.n = too_many; });
    table.add(decode, "v overlaps codes", AG_ERROR_OVERLAP,
              [](A& a) { a.codes = reinterpret_cast<std::uint8_t*>(a.v_array) + 900; });
    table.add(decode, "v overlaps scales", AG_ERROR_OVERLAP, [](A& a) { a.scales = a.v_array + 1; });
}

} // namespace test
