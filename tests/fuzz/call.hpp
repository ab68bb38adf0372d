// SPDX-License-Identifier: BSD-3-Clause
//
// One call of a function of the library with arguments from a fuzzer's bytes, and what must hold of every call.
//
// The arguments keep to what the header asks of a caller and no more: a pointer is NULL, or valid for its elements and
// aligned to their type, unless the sizes say that they cannot exist or that nothing is to be looked at.
#pragma once

#include "anisograd/anisograd.h"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/memory.hpp"
#include "tests/fuzz/values.hpp"

#include <functional>
#include <string>
#include <type_traits>

namespace fuzz {

// SIZE_MAX where the product overflows.
inline std::size_t product(std::size_t a, std::size_t b) {
    std::size_t result;
    return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}
inline std::size_t sum(std::size_t a, std::size_t b) {
    std::size_t result;
    return __builtin_add_overflow(a, b, &result) ? SIZE_MAX : result;
}

class Call {
public:
    Call(const std::uint8_t* data, std::size_t size) : input(data, size), memory_(shared_memory()) {
        memory_.clear();
    }

    Input input;

    // An array of `count` elements, which fill(input, data, count) writes. Of more than memory holds there is none: NULL
    // where that says so to the library, and anything where the size does.
    template <class T, class Fill>
    T* array(std::size_t count, Role role, Fill fill, Format format = format_of<T>, bool may_overlap = true) {
        if (input.rarely())
            return nullptr;
        if (count == 0)
            return memory_.forbidden<T>();
        if (count > static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T)) {
            must_fail_ = true;
            return memory_.forbidden<T>();
        }
        const std::size_t bytes = count * sizeof(T);
        if (bytes > Memory::capacity)
            return nullptr;
        threaded_ = threaded_ || bytes > std::size_t{1} << 18;
        if (may_overlap && input.rarely() && overlap(bytes, alignof(T), role, format))
            return reinterpret_cast<T*>(memory_.blocks().back().data); // holds what the other array has there
        T* const data = reinterpret_cast<T*>(memory_.add(bytes, role, format, input.below(2) == 1));
        arrays_.push_back(memory_.blocks().size() - 1);
        fill(input, data, count);
        return data;
    }
    // The same of inputs, outputs, and updated arrays with any numbers.
    template <class T>
    const T* numbers(std::size_t count) {
        return array<T>(count, Role::input, fill_numbers<T>);
    }
    template <class T>
    T* results(std::size_t count, Format format = format_of<T>) {
        return array<T>(count, Role::output, fill_numbers<T>, format);
    }
    template <class T>
    T* accumulators(std::size_t count) {
        return array<T>(count, Role::output, fill_not_negative<T>);
    }
    // NULL half of the time.
    template <class T, class Fill>
    T* optional_array(std::size_t count, Role role, Fill fill) {
        return input.below(2) == 0 ? nullptr : array<T>(count, role, fill);
    }
    template <class T>
    T* optional_results(std::size_t count) {
        return input.below(4) == 3 ? nullptr : results<T>(count);
    }
    // A pointer that the call has no use for.
    template <class T>
    T* unused() {
        return input.below(2) == 0 ? nullptr : memory_.forbidden<T>();
    }

    // Whether there are elements to look at.
    template <class T>
    bool exists(const T* array, std::size_t count) const {
        return array != nullptr && array != memory_.forbidden<const T>() && count <= Memory::capacity;
    }

    // A copy of a struct.
    template <class Struct>
    const Struct* structure(const Struct& value) {
        return input.rarely() ? nullptr : copy(value, sizeof value);
    }
    // The size that a struct of options says it has: this version's as a rule, an older one's, or none of any.
    template <class Options>
    std::size_t struct_size() {
        const unsigned kind = input.byte();
        if (kind < 216)
            return sizeof(Options);
        if (kind < 240)
            return alignof(Options) * (1 + input.below(sizeof(Options) / alignof(Options)));
        return input.one_of({std::size_t{0}, sizeof(Options) + alignof(Options), std::size_t{1},
                             sizeof(Options) - 4, std::size_t{SIZE_MAX}, input.raw<std::size_t>()});
    }
    // A copy of such a struct in no more memory than it says.
    template <class Options>
    const Options* sized_structure(const Options& value) {
        const std::size_t known = std::clamp(value.struct_size, sizeof(std::size_t), sizeof value);
        return copy(value, (known + alignof(Options) - 1) / alignof(Options) * alignof(Options));
    }

    // Before each of a check's calls.
    template <class Action>
    void before_each(Action action) {
        before_ = action;
    }

    // Calls function() -> ag_status on each ISA and on several threads, and looks at what it did. reproducible: whether
    // the results must be the same. Leaves the first call's results.
    template <class Function>
    ag_status check(Function function, bool reproducible = true) {
        memory_.save();
        bool first = true;
        ag_status status = AG_OK;
        std::string message;
        std::vector<std::vector<unsigned char>> outputs;
        for (const ag_isa isa : {AG_ISA_PORTABLE, AG_ISA_AVX2, AG_ISA_AVX512, AG_ISA_NEON})
            for (const int threads : {1, 2}) {
                // Of long vectors, which several threads share, the first and the last of these are compared.
                if (ag_isa_supported(isa) == 0 || (threads > 1 && !threaded_) ||
                    (threaded_ && (isa == AG_ISA_PORTABLE) != (threads == 1)))
                    continue;
                memory_.restore();
                if (ag_set_isa(isa) != AG_OK || ag_set_num_threads(threads) != AG_OK)
                    fail("the ISA or the number of threads could not be set", ag_last_error());
                const ag_status found = checked_call(function);
                if (first) {
                    status = found;
                    message = ag_last_error();
                    outputs = memory_.outputs();
                } else {
                    if (found != status || (status != AG_OK && message != ag_last_error()))
                        fail("another status or message", ag_isa_name(isa));
                    if (reproducible && !memory_.outputs_are(outputs))
                        fail("other bits", ag_isa_name(isa));
                }
                first = false;
            }
        return status;
    }

private:
    static Memory& shared_memory() {
        static Memory memory;
        return memory;
    }

    // A block in the memory of an earlier array that has room for it.
    bool overlap(std::size_t bytes, std::size_t alignment, Role role, Format format) {
        if (arrays_.empty())
            return false;
        const std::size_t earlier = arrays_[input.below(arrays_.size())];
        const std::size_t room = memory_.blocks()[earlier].bytes;
        const std::size_t offset = room > bytes ? input.below(room - bytes + 1) / alignment * alignment : 0;
        return memory_.add_overlapping(earlier, offset, bytes, alignment, role, format);
    }

    template <class Struct>
    const Struct* copy(const Struct& value, std::size_t bytes) {
        unsigned char* const data = memory_.add(bytes, Role::input, Format::bits, input.below(2) == 1);
        std::memcpy(data, &value, bytes);
        return reinterpret_cast<const Struct*>(data);
    }

    template <class Function>
    ag_status checked_call(Function function) {
        const std::string before = ag_last_error();
        if (before_)
            before_();
        const ag_status status = function();
        const std::string message = ag_last_error();
        if (!memory_.unchanged_except(status == AG_OK || status == AG_ERROR_NOT_PROJECTED))
            fail("what may not be written was written", message.c_str());
        if (status == AG_OK) {
            if (message != before)
                fail("a success changed the message", message.c_str());
            if (must_fail_)
                fail("sizes beyond memory were accepted");
            if (memory_.overlap_in_part())
                fail("an output that overlaps another array was accepted");
        } else {
            if (message.compare(0, 3, "ag_") != 0)
                fail("the message does not begin with a function's name", message.c_str());
            if (status < 0 || status > AG_ERROR_NOT_PROJECTED || status == AG_ERROR_UNSUPPORTED_ISA ||
                status == AG_ERROR_OUT_OF_MEMORY || status == AG_ERROR_INTERNAL)
                fail(ag_status_string(status), message.c_str());
        }
        return status;
    }

    Memory& memory_;
    std::vector<std::size_t> arrays_; // among the memory's blocks, the others of which are structs
    bool must_fail_ = false, threaded_ = false;
    std::function<void()> before_;
};

// Calls action(function) with one of the functions.
template <class Action, class... Functions>
void with_one_of(Input& input, Action action, Functions... functions) {
    std::size_t chosen = input.below(sizeof...(functions));
    (void)((chosen-- == 0 ? (action(functions), true) : false) || ...);
}

// A target's: calls one of its functions.
void any_call(Call& call);

// ---- Options -------------------------------------------------------------------------------------------

struct StepOptions {
    const ag_adagrad_options* pointer;
    bool strict;
};

inline StepOptions step_options(Call& call) {
    Input& in = call.input;
    ag_adagrad_options o;
    ag_adagrad_options_init(&o);
    if (in.below(8) == 7)
        return {nullptr, true};
    o.struct_size = call.struct_size<ag_adagrad_options>();
    o.learning_rate = in.option(0.1);
    o.epsilon = in.option(o.epsilon);
    o.epsilon_mode = in.enumerator(3);
    o.maximize = in.below(4) == 3 ? in.raw<std::int32_t>() : 0;
    o.weight_decay = in.option(0);
    o.decoupled_weight_decay = in.option(0);
    o.gradient_scale = in.option(1);
    o.l1 = in.option(0);
    o.l2 = in.option(0);
    o.math = in.enumerator(2);
    o.rounding = in.enumerator(2);
    o.seed = in.byte();
    o.step = in.raw<std::uint16_t>();
    return {call.sized_structure(o), o.math == AG_MATH_STRICT};
}

} // namespace fuzz
