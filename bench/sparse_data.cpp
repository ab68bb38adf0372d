// SPDX-License-Identifier: BSD-3-Clause
#include "bench/sparse_data.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace bench {

namespace {

constexpr std::size_t fewest = 50, most = 100; // entries in a random row

std::string a9a_path() {
    const char* folder = std::getenv("ANISOGRAD_DATA");
    return folder != nullptr ? std::string(folder) + "/a9a" : std::string();
}

template <class T, class Value>
SparseData<T> with_offsets(std::size_t rows, std::size_t cols, const std::vector<std::int64_t>& offsets,
                           const std::vector<std::int32_t>& columns, Value value,
                           const std::vector<int>& labels) {
    const std::size_t entries = columns.size();
    return {rows,
            cols,
            entries,
            {rows + 1, [&](std::size_t i) { return offsets[i]; }},
            {entries, [&](std::size_t k) { return columns[k]; }},
            {entries, value},
            {rows, [&](std::size_t i) { return labels[i]; }}};
}

} // namespace

bool a9a_is_there() {
    return std::ifstream(a9a_path()).good();
}

template <class T>
SparseData<T> SparseData<T>::random(std::size_t rows, std::size_t cols) {
    std::vector<std::int64_t> offsets(rows + 1, 0);
    std::vector<int> labels(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        offsets[i + 1] = offsets[i] + static_cast<std::int64_t>(uniform(11, i, fewest, most + 1));
        labels[i] = uniform(12, i, -1, 1) < 0 ? -1 : 1;
    }
    std::vector<std::int32_t> columns(static_cast<std::size_t>(offsets[rows]));
    for (std::size_t i = 0; i < rows; ++i) {
        const auto begin = columns.begin() + offsets[i], end = columns.begin() + offsets[i + 1];
        for (auto column = begin; column != end; ++column) {
            const double u = uniform(13, static_cast<std::size_t>(column - columns.begin()), 0, 1);
            *column = static_cast<std::int32_t>(u * u * u * static_cast<double>(cols - most));
        }
        std::sort(begin, end);
        for (auto column = begin; column != end && column + 1 != end; ++column)
            column[1] = std::max(column[1], column[0] + 1);
    }
    // Rows of norm 1 or so.
    return with_offsets<T>(
        rows, cols, offsets, columns, [](std::size_t k) { return uniform(14, k, 0.02, 0.2); }, labels);
}

template <class T>
SparseData<T> SparseData<T>::a9a() {
    std::vector<std::int64_t> offsets = {0};
    std::vector<std::int32_t> columns;
    std::vector<int> labels;
    std::ifstream file(a9a_path());
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        int label = 0, index = 0;
        fields >> label;
        labels.push_back(label);
        for (std::string value; fields >> index >> value;) // each value is ":1"
            columns.push_back(index - 1);
        offsets.push_back(static_cast<std::int64_t>(columns.size()));
    }
    return with_offsets<T>(
        labels.size(), a9a_cols, offsets, columns, [](std::size_t) { return 1; }, labels);
}

template struct SparseData<float>;
template struct SparseData<double>;

} // namespace bench
