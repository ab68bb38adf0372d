// SPDX-License-Identifier: BSD-3-Clause
//
// A text file that the program writes: a full disk or a missing folder is an error, not a short file.
#pragma once

#include "data_error.hpp"

#include <fstream>
#include <string>

namespace train_logistic {

// Calls write(stream) on a new file at path.
template <class Write>
void write_file(const std::string& path, Write write) {
    std::ofstream stream(path, std::ios::binary);
    if (!stream) {
        throw DataError(path, "cannot be opened for writing");
    }
    write(stream);
    stream.close();
    if (!stream) {
        throw DataError(path, "cannot be written");
    }
}

} // namespace train_logistic
