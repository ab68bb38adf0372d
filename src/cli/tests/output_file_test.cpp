// SPDX-License-Identifier: BSD-3-Clause
#include "output_file.hpp"

#include "data_error.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace cli {
namespace {

namespace fs = std::filesystem;

// In a folder of its own.
class OutputFiles : public testing::Test {
protected:
    OutputFiles()
        : folder_(fs::path(testing::TempDir()) /
                  testing::UnitTest::GetInstance()->current_test_info()->name()) {
        fs::remove_all(folder_);
        fs::create_directory(folder_);
    }
    ~OutputFiles() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path(const char* name) const { return folder_ / name; }

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

private:
    fs::path folder_;
};

std::string content_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

void write_text(const std::string& path, const char* text) {
    OutputFile(path).write([&](std::ostream& stream) { stream << text; });
}

TEST_F(OutputFiles, AppearsComplete) {
    OutputFile file(path("a"));
    EXPECT_FALSE(fs::exists(path("a")));
    file.write([&](std::ostream& stream) {
        stream << "one\n" << std::flush;
        EXPECT_FALSE(fs::exists(path("a")));
    });
    EXPECT_EQ(content_of(path("a")), "one\n");
    EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFiles, AnOlderFileStaysUntilThen) {
    write_text(path("a"), "old\n");
    fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_THROW(OutputFile(path("a")).write([](std::ostream& stream) {
        stream << "new\n";
        throw std::runtime_error("a fault");
    }),
                 std::runtime_error);
    EXPECT_EQ(content_of(path("a")), "old\n");
    { OutputFile never_written(path("a")); }
    EXPECT_EQ(content_of(path("a")), "old\n");
    write_text(path("a"), "new\n");
    EXPECT_EQ(content_of(path("a")), "new\n");
    EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFiles, OfTwoOfThemTheLastIsComplete) {
    OutputFile first(path("a")), second(path("a"));
    first.write([](std::ostream& stream) { stream << "the first, which is longer\n"; });
    second.write([](std::ostream& stream) { stream << "second\n"; });
    EXPECT_EQ(content_of(path("a")), "second\n");
    EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFiles, ASymbolicLinkStays) {
    write_text(path("a"), "old\n");
    fs::create_symlink("a", path("link"));
    write_text(path("link"), "new\n");
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_EQ(content_of(path("a")), "new\n");
}

TEST_F(OutputFiles, WhatIsNoFileIsNotReplaced) {
    write_text("/dev/null", "text\n");
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(OutputFiles, FaultsAreKnownAtOnce) {
    EXPECT_THROW(OutputFile(path("missing") + "/a"), DataError);
    EXPECT_THROW(OutputFile(path(".")), DataError);
    EXPECT_EQ(files(), 0U);
}

TEST_F(OutputFiles, WithoutAPathNothingIsWritten) {
    OutputFile("").write([](std::ostream&) { FAIL(); });
}

} // namespace
} // namespace cli
