// SPDX-License-Identifier: BSD-3-Clause
#include "output_file.hpp"

#include "data_error.hpp"

#include <system_error>

#include <unistd.h>

namespace cli {

namespace fs = std::filesystem;

OutputFile::OutputFile(const std::string& path) : path_(path), target_(path) {
    if (path.empty()) {
        return;
    }
    std::error_code error;
    const fs::file_status there = fs::status(target_, error);
    if (fs::is_directory(there)) {
        throw DataError(path, "is a folder");
    }
    // /dev/stdout may lead to a regular file, into which others write too.
    if (!path.starts_with("/dev/") && (!fs::exists(there) || fs::is_regular_file(there))) {
        const fs::path canonical = fs::weakly_canonical(target_, error);
        if (!error) {
            target_ = canonical;
        }
        // Another one for each file, since two may be told the same path.
        static int number = 0;
        new_ = target_;
        new_ += "." + std::to_string(getpid()) + "." + std::to_string(++number) + ".new";
    }
    stream_.open(new_.empty() ? target_ : new_, std::ios::binary);
    if (!stream_) {
        throw DataError(path, "cannot be opened for writing");
    }
    if (!new_.empty() && fs::exists(there)) {
        fs::permissions(new_, there.permissions(), error);
    }
}

OutputFile::~OutputFile() {
    if (!new_.empty()) {
        stream_.close();
        std::error_code error;
        fs::remove(new_, error);
    }
}

void OutputFile::write(const std::function<void(std::ostream&)>& write) {
    if (path_.empty()) {
        return;
    }
    write(stream_);
    stream_.close();
    std::error_code error;
    if (stream_ && !new_.empty()) {
        fs::rename(new_, target_, error);
    }
    if (!stream_ || error) {
        throw DataError(path_, "cannot be written");
    }
    new_.clear();
}

} // namespace cli
