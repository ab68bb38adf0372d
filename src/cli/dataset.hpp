// SPDX-License-Identifier: BSD-3-Clause
//
// A labelled sparse data set in memory, in the layout that the library reads.
#pragma once

#include <anisograd/anisograd.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cli {

// The two label values of a file, and so how they map to -1 and +1.
struct LabelPair {
    int negative = -1;
    int positive = 1;

    friend bool operator==(const LabelPair&, const LabelPair&) = default;
};

template <class Scalar>
struct Dataset {
    std::size_t features = 0;
    std::vector<std::int64_t> row_offsets = {0}; // one more than there are rows
    std::vector<std::int32_t> columns;           // from 0, increasing within a row
    std::vector<Scalar> values;
    std::vector<Scalar> labels; // -1 or +1
    LabelPair label_pair;       // what they were in the file

    [[nodiscard]] std::size_t rows() const { return labels.size(); }

    [[nodiscard]] anisograd::Csr<Scalar> matrix() const {
        return anisograd::csr(features, row_offsets, columns, values);
    }
};

} // namespace cli
