// SPDX-License-Identifier: BSD-3-Clause
//
// Argument checks, made before any write. A Checks object keeps the first fault; later checks then do
// nothing, so that an entry can list its checks and ask once.
#pragma once

#include "src/dispatch.hpp"
#include "src/error.hpp"
#include "src/parallel.hpp"

#include <cmath>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <span>

namespace anisograd {

// Option structs start with their size; a smaller one is an older version's. Every version's size is a
// multiple of the alignment, and fields never lie across such a multiple.
template <class Options>
bool is_struct_size(std::size_t size) {
    return size >= sizeof(std::size_t) && size <= sizeof(Options) && size % alignof(Options) == 0;
}

// Fills in the part of the defaults that fits a caller's struct of this size.
template <class Options>
void initialize_sized(Options* options, std::size_t size, void (*initialize)(Options*)) {
    if (options == nullptr || !is_struct_size<Options>(size))
        return;
    Options defaults;
    std::memset(static_cast<void*>(&defaults), 0,
                sizeof defaults); // padding too: the caller gets no stranger's bytes
    initialize(&defaults);
    defaults.struct_size = size;
    std::memcpy(static_cast<void*>(options), &defaults, size);
}

enum class Access { read, write, elementwise_write }; // elementwise_write: may be exactly another array

struct Array {
    const char* name;
    const void* data;
    std::size_t bytes;
    Access access;
};

class Checks {
public:
    explicit Checks(FunctionName function) : function_(function) {}

    bool failed() const { return status_ != AG_OK; }
    ag_status status() const { return status_; }

    [[gnu::format(printf, 3, 4)]] void fail(ag_status status, const char* format, ...) {
        if (failed())
            return;
        std::va_list values;
        va_start(values, format);
        status_ = set_error_from_list(function_, status, format, values);
        va_end(values);
    }

    void not_null(const char* name, const void* pointer) {
        if (!failed() && pointer == nullptr)
            fail(AG_ERROR_NULL_POINTER, "%s is NULL", name);
    }

    template <class T>
    void size(const char* name, std::size_t n) {
        if (!failed() && n > static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T))
            fail(AG_ERROR_SIZE, "%s: %zu elements of %zu bytes are more than memory can hold", name, n,
                 sizeof(T));
    }

    // An array of n elements that must be there if n > 0; its bytes must be a size.
    template <class T>
    Array array(const char* name, const T* data, std::size_t n, Access access = Access::read) {
        size<T>(name, n);
        if (!failed() && n != 0 && data == nullptr)
            fail(AG_ERROR_NULL_POINTER, "%s is NULL, but has %zu elements", name, n);
        return {name, data, n * sizeof(T), access};
    }
    // The same, where NULL means that there is no such array.
    template <class T>
    Array optional_array(const char* name, const T* data, std::size_t n, Access access = Access::read) {
        return data != nullptr ? array(name, data, n, access) : Array{name, nullptr, 0, access};
    }

    // No output overlaps another array, except where that is allowed.
    void disjoint(std::initializer_list<Array> arrays) { disjoint(arrays, {}); }
    void disjoint(std::initializer_list<Array> arrays, std::span<const Array> more) {
        const auto at = [&](std::size_t i) -> const Array& {
            return i < arrays.size() ? arrays.begin()[i] : more[i - arrays.size()];
        };
        std::size_t count = arrays.size() + more.size();
        while (count != 0 && at(count - 1).bytes == 0) // most sets have few arrays
            --count;
        for (std::size_t i = 0; i < count; ++i) {
            if (at(i).access == Access::read || at(i).bytes == 0)
                continue;
            for (std::size_t k = 0; k < count; ++k)
                if (i != k && overlap(at(i), at(k)))
                    fail(AG_ERROR_OVERLAP, "the output %s overlaps %s", at(i).name, at(k).name);
        }
    }

    // A finite number >= 0 that does not overflow T.
    template <class T>
    void not_negative(const char* name, double value) {
        if (value >= 0 && value <= largest<T>)
            return;
        finite<T>(name, value);
        if (!failed() && value < 0)
            fail(AG_ERROR_INVALID_VALUE, "%s = %g is negative", name, value);
    }
    template <class T>
    void finite(const char* name, double value) {
        if (std::fabs(value) <= largest<T>)
            return;
        if (!std::isfinite(value))
            fail(AG_ERROR_INVALID_VALUE, "%s = %g is not finite", name, value);
        else
            fail(AG_ERROR_INVALID_VALUE, "%s = %g overflows the element type", name, value);
    }

    void one_of(const char* name, std::int32_t value, std::int32_t least, std::int32_t most) {
        if (!failed() && (value < least || value > most))
            fail(AG_ERROR_INVALID_ENUM, "%s = %d is not one of the values %d ... %d of this version", name,
                 static_cast<int>(value), static_cast<int>(least), static_cast<int>(most));
    }

    // The caller's struct on top of the defaults.
    template <class Options>
    Options options(const char* name, const Options* given, void (*initialize)(Options*)) {
        if (given != nullptr && !failed() && given->struct_size == sizeof(Options))
            return *given; // this version's, as nearly always: the compiler copies it, without a call
        Options result;
        initialize(&result);
        if (given == nullptr || failed())
            return result;
        const std::size_t size = given->struct_size;
        if (!is_struct_size<Options>(size)) {
            fail(AG_ERROR_STRUCT_SIZE,
                 "%s: struct_size = %zu is not a multiple of %zu up to %zu; fill it by its _init function",
                 name, size, alignof(Options), sizeof(Options));
            return result;
        }
        std::memcpy(static_cast<void*>(&result), given, size);
        return result;
    }

    // An element that breaks a rule, at the position that a scan found; data is element `first` of the caller's.
    template <class T>
    void element(const char* name, const T* data, std::size_t n, std::size_t found, ag_status status,
                 const char* rule, std::size_t first = 0) {
        if (!failed() && found < n)
            fail(status, "%s[%zu] = %g %s", name, first + found, static_cast<double>(data[found]), rule);
    }

private:
    template <class T>
    static constexpr double largest = std::numeric_limits<T>::max();

    // Of an array a that is not empty.
    static bool overlap(const Array& a, const Array& b) {
        if (b.bytes == 0)
            return false;
        const auto a_begin = reinterpret_cast<std::uintptr_t>(a.data);
        const auto b_begin = reinterpret_cast<std::uintptr_t>(b.data);
        if (a.access == Access::elementwise_write && a_begin == b_begin && a.bytes == b.bytes)
            return false;
        return a_begin < b_begin ? b_begin - a_begin < a.bytes : a_begin - b_begin < b.bytes;
    }

    FunctionName function_;
    ag_status status_ = AG_OK;
};

// The position of the first index that is not in [0, limit), or count.
template <class T, class Index>
std::size_t first_bad_index(const Kernels<T>& kernels, std::size_t count, const Index* indices,
                            std::size_t limit) {
    return find_first(count, [&](std::size_t begin, std::size_t length) {
        if constexpr (sizeof(Index) == 4)
            return kernels.scan.first_not_an_index_i32(length, indices + begin, limit);
        else
            return kernels.scan.first_not_an_index_i64(length, indices + begin, limit);
    });
}

// What every kernel's entry does: find the table, take the caller's floating-point mode aside, run the body.
// body(checks, table) checks its arguments and, unless that failed, works.
template <class Body>
ag_status run_entry(FunctionName function, Body body) {
    const KernelTable* table = active_table(function);
    if (table == nullptr)
        return AG_ERROR_UNSUPPORTED_ISA;
    const FloatingPointEnvironment environment;
    Checks checks(function);
    body(checks, *table);
    return checks.status();
}

} // namespace anisograd
