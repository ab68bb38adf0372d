// SPDX-License-Identifier: BSD-3-Clause
#include "sharded_rows.hpp"

#include "data_error.hpp"
#include "libsvm_reader.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace distributed {
namespace {

// The first word of a line before its comment: a row's label, or nothing.
std::string_view first_word(std::string_view line) {
    constexpr std::string_view blanks = " \t\r";
    line = line.substr(0, line.find('#'));
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    return line.substr(0, line.find_first_of(blanks));
}

} // namespace

template <class Scalar>
ShardedRows<Scalar> read_rows(const std::string& path, const Dealing& dealing,
                              const std::optional<std::size_t>& features, int index_base,
                              MPI_Comm communicator) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw cli::DataError(path, "cannot be opened");
    }
    // What is left out leaves an empty line, so that messages have the file's line numbers.
    std::stringstream own, labels;
    std::unordered_set<std::string> known_labels;
    std::size_t rows = 0, own_rows = 0;
    for (std::string line; std::getline(file, line); own << '\n', labels << '\n') {
        const std::string_view word = first_word(line);
        if (word.empty()) {
            continue;
        }
        if (known_labels.emplace(word).second) {
            labels << word;
        }
        if (dealing.owns_row(rows++)) {
            own << line;
            ++own_rows;
        }
    }
    if (file.bad()) {
        throw cli::DataError(path, "cannot be read");
    }

    cli::LibsvmOptions options;
    options.index_base = index_base;
    options.features = features;
    // Which two labels there are is decided over the whole file: a rank's rows may have one of them alone.
    options.label_pair = cli::read_libsvm<Scalar>(labels, path, options).label_pair;
    ShardedRows<Scalar> result{rows, {}};
    if (own_rows > 0) {
        result.own = cli::read_libsvm<Scalar>(own, path, options);
    }
    std::uint64_t columns = features.value_or(result.own.features);
    MPI_Allreduce(MPI_IN_PLACE, &columns, 1, MPI_UINT64_T, MPI_MAX, communicator);
    result.own.features = columns;
    return result;
}

template ShardedRows<float> read_rows(const std::string&, const Dealing&, const std::optional<std::size_t>&,
                                      int, MPI_Comm);
template ShardedRows<double> read_rows(const std::string&, const Dealing&, const std::optional<std::size_t>&,
                                       int, MPI_Comm);

} // namespace distributed
