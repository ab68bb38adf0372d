// SPDX-License-Identifier: BSD-3-Clause
//
// Steps of whole vectors, and what they are made of.
#include "tests/fuzz/call.hpp"

namespace fuzz {

namespace {

template <class T>
void initialize(Call& call, ag_status (*function)(std::size_t, T*, double)) {
    const std::size_t n = call.input.size();
    T* const v = call.results<T>(n);
    const double epsilon = call.input.option(0.1);
    call.check([&] { return function(n, v, epsilon); });
}

template <class T>
void step(Call& call, ag_status (*function)(std::size_t, T*, const T*, T*, const ag_adagrad_options*)) {
    const std::size_t n = call.input.size();
    T* const w = call.results<T>(n);
    const T* const g = call.numbers<T>(n);
    T* const v = call.accumulators<T>(n);
    const StepOptions options = step_options(call);
    call.check([&] { return function(n, w, g, v, options.pointer); }, options.strict);
}

// The averaged step's mean, or dual averaging's sum of gradients.
template <class T>
void step_with_sum(Call& call, ag_status (*function)(std::size_t, T*, const T*, T*, T*, std::size_t,
                                                     const ag_adagrad_options*)) {
    const std::size_t n = call.input.size(), t = call.input.size();
    T* const w = call.results<T>(n);
    const T* const g = call.numbers<T>(n);
    T* const v = call.accumulators<T>(n);
    T* const sum = call.results<T>(n);
    const StepOptions options = step_options(call);
    call.check([&] { return function(n, w, g, v, sum, t, options.pointer); });
}

template <class T>
void step_list(Call& call, ag_status (*function)(std::size_t, const std::size_t*, T* const*, const T* const*,
                                                 T* const*, const ag_adagrad_options*)) {
    constexpr std::size_t most = 8;
    Input& in = call.input;
    const std::size_t count = in.rarely() ? in.size() : in.below(most + 1);
    std::vector<std::size_t> sizes;
    std::vector<T*> w, v;
    std::vector<const T*> g;
    for (std::size_t i = 0; i < std::min(count, most); ++i) {
        sizes.push_back(in.size());
        w.push_back(call.results<T>(sizes[i]));
        g.push_back(call.numbers<T>(sizes[i]));
        v.push_back(call.accumulators<T>(sizes[i]));
    }
    // Of a longer list the rest are empty tensors. What it says must stay, so that no other array has its memory.
    const auto list = [&](const auto& elements) {
        using Element = typename std::decay_t<decltype(elements)>::value_type;
        const auto fill = [&](Input&, Element* to, std::size_t) {
            std::fill_n(to, count, Element());
            std::copy(elements.begin(), elements.end(), to);
        };
        return call.array<Element>(count, Role::input, fill, Format::bits, false);
    };
    const auto* const sizes_list = list(sizes);
    const auto *const w_list = list(w), *const v_list = list(v);
    const auto* const g_list = list(g);
    const StepOptions options = step_options(call);
    call.check([&] { return function(count, sizes_list, w_list, g_list, v_list, options.pointer); },
               options.strict);
}

template <class T>
void norm_step(Call& call,
               ag_status (*function)(std::size_t, T*, const T*, double*, const ag_adagrad_options*)) {
    const std::size_t n = call.input.size();
    T* const w = call.results<T>(n);
    const T* const g = call.numbers<T>(n);
    double* const v = call.accumulators<double>(1);
    const StepOptions options = step_options(call);
    call.check([&] { return function(n, w, g, v, options.pointer); });
}

template <class T>
void sgd_step(Call& call, ag_status (*function)(std::size_t, T*, const T*, const ag_adagrad_options*)) {
    const std::size_t n = call.input.size();
    T* const w = call.results<T>(n);
    const T* const g = call.numbers<T>(n);
    const StepOptions options = step_options(call);
    call.check([&] { return function(n, w, g, options.pointer); });
}

template <class T>
void average(Call& call, ag_status (*function)(std::size_t, T*, const T*, std::size_t)) {
    const std::size_t n = call.input.size(), t = call.input.size();
    T* const mean = call.results<T>(n);
    const T* const w = call.numbers<T>(n);
    call.check([&] { return function(n, mean, w, t); });
}

// A squared norm, or a position.
template <class T, class Result>
void reduction(Call& call, ag_status (*function)(std::size_t, const T*, Result*)) {
    const std::size_t n = call.input.size();
    const T* const x = call.numbers<T>(n);
    Result* const result = call.results<Result>(1);
    call.check([&] { return function(n, x, result); });
}

using ShortStep = ag_status (*)(std::size_t, std::uint16_t*, const std::uint16_t*, float*,
                                const ag_adagrad_options*);
void short_step(Call& call, ShortStep function, Format format) {
    const std::size_t n = call.input.size();
    std::uint16_t* const w = call.results<std::uint16_t>(n, format);
    const std::uint16_t* const g = call.numbers<std::uint16_t>(n);
    float* const v = call.accumulators<float>(n);
    const StepOptions options = step_options(call);
    call.check([&] { return function(n, w, g, v, options.pointer); });
}

using MasterStep = ag_status (*)(std::size_t, float*, std::uint16_t*, const std::uint16_t*, float*,
                                 const ag_adagrad_options*);
void master_step(Call& call, MasterStep function, Format format) {
    const std::size_t n = call.input.size();
    float* const w = call.results<float>(n);
    std::uint16_t* const copy = call.input.below(4) == 3 ? nullptr : call.results<std::uint16_t>(n, format);
    const std::uint16_t* const g = call.numbers<std::uint16_t>(n);
    float* const v = call.accumulators<float>(n);
    const StepOptions options = step_options(call);
    call.check([&] { return function(n, w, copy, g, v, options.pointer); });
}

std::size_t blocks_of(std::size_t n) {
    return n / AG_ACCUMULATOR_BLOCK + (n % AG_ACCUMULATOR_BLOCK != 0);
}

void compressed_step(Call& call) {
    const std::size_t n = call.input.size();
    float* const w = call.results<float>(n);
    const float* const g = call.numbers<float>(n);
    std::uint8_t* const v = call.results<std::uint8_t>(n);
    float* const scales = call.accumulators<float>(blocks_of(n));
    const StepOptions options = step_options(call);
    call.check([&] { return ag_adagrad_step_compressed_f32(n, w, g, v, scales, options.pointer); });
}

void encode(Call& call) {
    const std::size_t n = call.input.size();
    const float* const v = call.array<float>(n, Role::input, fill_not_negative<float>);
    std::uint8_t* const codes = call.results<std::uint8_t>(n);
    float* const scales = call.results<float>(blocks_of(n));
    call.check([&] { return ag_accumulator_encode_f32(n, v, codes, scales); });
}

void decode(Call& call) {
    const std::size_t n = call.input.size();
    const std::uint8_t* const codes = call.numbers<std::uint8_t>(n);
    const float* const scales = call.numbers<float>(blocks_of(n));
    float* const v = call.results<float>(n);
    call.check([&] { return ag_accumulator_decode_f32(n, codes, scales, v); });
}

} // namespace

void any_call(Call& call) {
    Input& in = call.input;
    switch (in.below(15)) {
    case 0:
        return with_one_of(
            in, [&](auto f) { step(call, f); }, ag_adagrad_step_f32, ag_adagrad_step_f64);
    case 1:
        return with_one_of(
            in, [&](auto f) { initialize(call, f); }, ag_adagrad_init_f32, ag_adagrad_init_f64);
    case 2:
        return with_one_of(
            in, [&](auto f) { step_with_sum(call, f); }, ag_adagrad_step_averaged_f32,
            ag_adagrad_step_averaged_f64, ag_adagrad_dual_averaging_step_f32,
            ag_adagrad_dual_averaging_step_f64);
    case 3:
        return with_one_of(
            in, [&](auto f) { step_list(call, f); }, ag_adagrad_step_list_f32, ag_adagrad_step_list_f64);
    case 4:
        return with_one_of(
            in, [&](auto f) { norm_step(call, f); }, ag_adagrad_norm_step_f32, ag_adagrad_norm_step_f64);
    case 5:
        return with_one_of(
            in, [&](auto f) { sgd_step(call, f); }, ag_sgd_step_f32, ag_sgd_step_f64);
    case 6:
        return with_one_of(
            in, [&](auto f) { average(call, f); }, ag_average_f32, ag_average_f64);
    case 7:
        return with_one_of(
            in, [&](auto f) { reduction(call, f); }, ag_squared_norm_f32, ag_squared_norm_f64,
            ag_first_non_finite_f32, ag_first_non_finite_f64);
    case 8:
        return short_step(call, ag_adagrad_step_bf16, Format::bf16);
    case 9:
        return short_step(call, ag_adagrad_step_f16, Format::f16);
    case 10:
        return master_step(call, ag_adagrad_step_master_bf16, Format::bf16);
    case 11:
        return master_step(call, ag_adagrad_step_master_f16, Format::f16);
    case 12:
        return compressed_step(call);
    case 13:
        return encode(call);
    default:
        return decode(call);
    }
}

} // namespace fuzz
