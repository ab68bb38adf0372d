// SPDX-License-Identifier: BSD-3-Clause
//
// The reader of LIBSVM files. The first byte chooses how a file is read; the others are the file.
#include "tests/fuzz/input.hpp"

#include "data_error.hpp"
#include "libsvm_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <sstream>

using namespace cli;

namespace {

template <class Scalar>
bool is_valid(const Dataset<Scalar>& data) {
    const auto entries = static_cast<std::int64_t>(data.columns.size());
    if (data.rows() == 0 || data.row_offsets.size() != data.rows() + 1 || data.row_offsets.front() != 0 ||
        data.row_offsets.back() != entries || data.values.size() != data.columns.size())
        return false;
    for (std::size_t i = 0; i < data.rows(); ++i) {
        if ((data.labels[i] != 1 && data.labels[i] != -1) || data.row_offsets[i] > data.row_offsets[i + 1])
            return false;
        for (auto k = static_cast<std::size_t>(data.row_offsets[i]);
             k < static_cast<std::size_t>(data.row_offsets[i + 1]); ++k) {
            const bool first = static_cast<std::int64_t>(k) == data.row_offsets[i];
            if (data.columns[k] < 0 || static_cast<std::size_t>(data.columns[k]) >= data.features ||
                (!first && data.columns[k] <= data.columns[k - 1]) || !std::isfinite(data.values[k]))
                return false;
        }
    }
    return true;
}

template <class Scalar>
void read(const std::string& text, const LibsvmOptions& options) {
    std::istringstream stream(text);
    try {
        if (!is_valid(read_libsvm<Scalar>(stream, "file", options)))
            std::abort();
    } catch (const DataError&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const unsigned choices = input.byte();
    LibsvmOptions options;
    options.index_base = choices & 1 ? 0 : 1;
    if (choices & 2)
        options.features = 10;
    if (choices & 4)
        options.label_pair = LabelPair{0, 1};
    options.read_labels = (choices & 16) == 0;
    const std::string text(input.rest());
    choices & 8 ? read<double>(text, options) : read<float>(text, options);
    return 0;
}
