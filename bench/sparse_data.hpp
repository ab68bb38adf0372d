// SPDX-License-Identifier: BSD-3-Clause
//
// Sparse matrices with labels: text-like random ones, and the LIBSVM data set a9a.
#pragma once

#include "bench/arrays.hpp"

#include <cstddef>
#include <cstdint>

namespace bench {

inline constexpr std::size_t a9a_rows = 32561, a9a_cols = 123;

// Whether the folder that the environment variable ANISOGRAD_DATA names has the file a9a.
bool a9a_is_there();

template <class T>
struct SparseData {
    std::size_t rows, cols, entries;
    Array<std::int64_t> row_offsets;
    Array<std::int32_t> columns;
    Array<T> values, labels;

    // Rows of 50 to 100 entries, 75 on average, in rising columns of which the first ones are the most
    // frequent, as words in texts are.
    static SparseData random(std::size_t rows, std::size_t cols);
    static SparseData a9a();
};

} // namespace bench
