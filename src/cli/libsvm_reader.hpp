// SPDX-License-Identifier: BSD-3-Clause
//
// Reads the LIBSVM text format, one row a line:
//
//     LABEL INDEX:VALUE INDEX:VALUE ...   # comment
//
// Empty lines and comments are skipped; CRLF line ends are accepted. Indices may be in any order but not
// twice in a row. An explicit zero is not stored, but its index counts for the number of features (and
// as a duplicate). Labels are -1/+1, 0/1 or 1/2 in any spelling of these numbers; which of the three is
// decided over the whole file. A file with the label 1 alone is read as +1. Rows that are to be labelled may have any
// word for a label, or none.
#pragma once

#include "dataset.hpp"

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

namespace cli {

struct LibsvmOptions {
    int index_base = 1;                  // the first feature's index: 0 or 1
    std::optional<std::size_t> features; // a larger index is an error; absent: the largest index decides
    std::optional<LabelPair> label_pair; // the only labels accepted, such as those of the training file
    bool read_labels = true;             // false: any label or none will do, and each counts as +1
};

// Reads a file, a line at a time. Scalar is float or double; values are read as double and rounded.
// Throws DataError, with the line where one is at fault.
template <class Scalar>
[[nodiscard]] Dataset<Scalar> read_libsvm(const std::string& path, const LibsvmOptions& options = {});

// The same from a stream; name stands for the file in messages.
template <class Scalar>
[[nodiscard]] Dataset<Scalar> read_libsvm(std::istream& stream, const std::string& name,
                                          const LibsvmOptions& options = {});

} // namespace cli
