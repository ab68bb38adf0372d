// SPDX-License-Identifier: BSD-3-Clause
//
// A text file that the program writes: there is a complete one at its path, or what was there before.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <string>

namespace cli {

// Writes to a new file beside the path, which takes the path's place once everything is written. What is there and
// no regular file, such as a pipe or /dev/stdout, is written to as it is. Throws DataError: a full disk or a missing
// folder is an error, not a short file.
class OutputFile {
public:
    // Opens the new file, so that a path which cannot be written is known before the work is done. An empty path: no
    // file, and write() does nothing.
    explicit OutputFile(const std::string& path);
    // Removes what write() has not finished.
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    // Calls write(stream) and puts the file in its place. Once.
    void write(const std::function<void(std::ostream&)>& write);

private:
    std::string path_;
    std::filesystem::path target_; // the path without symbolic links
    std::filesystem::path new_;    // empty where the target is written to as it is
    std::ofstream stream_;
};

} // namespace cli
