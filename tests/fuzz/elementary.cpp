// SPDX-License-Identifier: BSD-3-Clause
//
// Elementary functions, conversions, permutations, and the functions without arrays.
#include "tests/fuzz/call.hpp"

#include <initializer_list>

namespace fuzz {

namespace {

template <class From, class To>
void map(Call& call, ag_status (*function)(std::size_t, const From*, To*), Format format = format_of<To>) {
    const std::size_t n = call.input.size();
    const From* const x = call.numbers<From>(n);
    To* const out = call.results<To>(n, format);
    call.check([&] { return function(n, x, out); });
}

void shuffle(Call& call) {
    const std::size_t n = call.input.size();
    std::int64_t* const indices = call.results<std::int64_t>(n);
    const auto seed = call.input.raw<std::uint64_t>(), epoch = call.input.raw<std::uint64_t>();
    call.check([&] { return ag_shuffle_indices(n, seed, epoch, indices); });
}

// Structs of any size: only what belongs to one of this version, or of an older one, is written.
template <class Options>
void initialize(Call& call, void (*initialize_sized)(Options*, std::size_t),
                void (*initialize_all)(Options*)) {
    using Word = std::uint64_t;
    static_assert(alignof(Options) == alignof(Word));
    Input& in = call.input;
    const bool all = in.below(4) == 3;
    const std::size_t size = all                ? sizeof(Options)
                             : in.below(2) == 0 ? in.below(2 * sizeof(Options))
                                                : in.size();
    const bool known = size != 0 && size <= sizeof(Options) && size % alignof(Options) == 0;
    auto* const options = reinterpret_cast<Options*>(call.array<Word>(
        known ? size / sizeof(Word) : 1, known ? Role::output : Role::input, fill_numbers<Word>));
    call.check(
        [&] {
            if (all)
                initialize_all(options);
            else
                initialize_sized(options, size);
            if (known && options != nullptr && options->struct_size != size)
                fail("an initialised struct has another size");
            return AG_OK;
        },
        false); // padding
}

void without_arrays(Input& in) {
    const auto number = in.below(2) == 0 ? static_cast<std::int32_t>(in.byte()) - 64 : in.raw<std::int32_t>();
    for (const char* text :
         {ag_status_string(number), ag_isa_name(number), ag_version_string(), ag_last_error()})
        if (text == nullptr)
            fail("a text is NULL");

    if ((ag_set_isa(number) == AG_OK) != (ag_isa_supported(number) == 1))
        fail("an ISA is supported and cannot be set, or the other way round");
    if (ag_isa_supported(number) == 1 && ag_active_isa() != number)
        fail("the ISA that was set is not active");

    const bool valid = number >= 0 && number <= 65536;
    if ((ag_set_num_threads(number) == AG_OK) != valid)
        fail("a number of threads");
    const int threads = ag_get_num_threads();
    if (threads < 1 || (valid && number > 0 && threads > number))
        fail("more threads than were set");
    ag_set_num_threads(0);
}

} // namespace

void any_call(Call& call) {
    Input& in = call.input;
    switch (in.below(9)) {
    case 0:
        return with_one_of(
            in, [&](auto f) { map(call, f); }, ag_exp_f32, ag_exp_f64, ag_log1p_f32, ag_log1p_f64,
            ag_sigmoid_f32, ag_sigmoid_f64, ag_softplus_f32, ag_softplus_f64);
    case 1:
        return with_one_of(
            in, [&](auto f) { map(call, f); }, ag_f32_from_bf16, ag_f32_from_f16);
    case 2:
        return map(call, ag_bf16_from_f32, Format::bf16);
    case 3:
        return map(call, ag_f16_from_f32, Format::f16);
    case 4:
        return shuffle(call);
    case 5:
        return initialize(call, ag_adagrad_options_init_sized, (ag_adagrad_options_init));
    case 6:
        return initialize(call, ag_set_init_sized, (ag_set_init));
    case 7:
        return initialize(call, ag_logistic_options_init_sized, (ag_logistic_options_init));
    default:
        return without_arrays(in);
    }
}

} // namespace fuzz
