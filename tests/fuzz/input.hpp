// SPDX-License-Identifier: BSD-3-Clause
//
// A fuzzer's bytes as the choices of a call. Where they end, zeros follow: every choice's first, the ordinary one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fuzz {

class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

    template <class T>
    T raw() {
        unsigned char bytes[sizeof(T)] = {};
        const std::size_t count = std::min(sizeof(T), size_);
        if (count != 0)
            std::memcpy(bytes, data_, count);
        data_ += count;
        size_ -= count;
        T value;
        std::memcpy(&value, bytes, sizeof value);
        return value;
    }
    unsigned byte() { return raw<std::uint8_t>(); }

    // One of 0, ..., n - 1.
    std::size_t below(std::size_t n) {
        return (n <= 256 ? raw<std::uint8_t>() : raw<std::uint32_t>()) % std::max<std::size_t>(n, 1);
    }
    // Once in 32 times, for what ends most calls early.
    bool rarely() { return byte() >= 248; }

    template <class T, std::size_t count>
    T one_of(const T (&values)[count]) {
        return values[below(count)];
    }

    // Elements of a vector: mostly few, sometimes about as many as one block has, enough for several threads, or more
    // than memory holds.
    std::size_t size() {
        const unsigned kind = byte();
        if (kind < 192)
            return kind;
        if (kind < 240)
            return below(1000);
        if (kind < 248)
            return one_of({8192, 16384, 32768}) - 64 + below(128);
        return kind < 250 ? threaded_size + below(2000) : huge();
    }
    // Rows or columns of a matrix.
    std::size_t dimension() {
        const unsigned kind = byte();
        if (kind < 200)
            return kind % 40;
        if (kind < 244)
            return below(300);
        return kind < 250 ? below(20000) : huge();
    }
    // Columns for so many rows: beside more than memory holds sometimes so many that the product, if it may overflow, is
    // small.
    std::size_t dimension_beside(std::size_t rows) {
        constexpr std::size_t many = SIZE_MAX >> 33;
        return rows > many && below(2) == 0 ? SIZE_MAX / rows + 1 : dimension();
    }

    // An option for which the usual number is valid.
    double option(double usual) {
        constexpr double valid[] = {0, 1, 0.5, 2, 1e-3, 10, 0x1p-20, 1e6};
        constexpr double special[] = {-0.0,
                                      -1,
                                      1e300,
                                      1e39,
                                      3.4028234663852886e38,
                                      5e-324,
                                      1e-42,
                                      1e-310,
                                      __builtin_inf(),
                                      -__builtin_inf(),
                                      __builtin_nan("")};
        const unsigned kind = byte();
        if (kind < 144)
            return usual;
        if (kind < 216)
            return one_of(valid);
        return kind < 240 ? one_of(special) : raw<double>();
    }
    // A value of an enumeration whose values are 0, ..., count - 1.
    std::int32_t enumerator(std::size_t count) {
        return rarely() ? raw<std::int32_t>() : static_cast<std::int32_t>(below(count));
    }

    // All bytes that are left, as text.
    std::string_view rest() const { return {reinterpret_cast<const char*>(data_), size_}; }

private:
    static constexpr std::size_t threaded_size = 128 * 1024; // src/plan.hpp's parallel_threshold

    std::size_t huge() {
        constexpr std::size_t most = SIZE_MAX;
        constexpr std::size_t sizes[] = {most,         most / 2,   most / 2 + 1, most / 4,
                                         most / 4 + 1, most / 8,   most / 8 + 1, most / 16 + 1,
                                         most / 256,   most >> 31, most >> 32,   (most >> 32) + 1};
        return rarely() ? raw<std::size_t>() : one_of(sizes);
    }

    const std::uint8_t* data_;
    std::size_t size_;
};

} // namespace fuzz
