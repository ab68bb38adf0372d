// SPDX-License-Identifier: BSD-3-Clause
#include "libsvm_reader.hpp"

#include "data_error.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace cli {
namespace {

template <class Scalar = double>
Dataset<Scalar> read(const std::string& text, const LibsvmOptions& options = {}) {
    std::istringstream stream(text);
    return read_libsvm<Scalar>(stream, "data", options);
}

// The message of the error that text leads to.
template <class Scalar = double>
std::string error_of(const std::string& text, const LibsvmOptions& options = {}) {
    try {
        (void)read<Scalar>(text, options);
    } catch (const DataError& error) {
        return error.what();
    }
    return "no error";
}

using Values = std::vector<double>;
using Columns = std::vector<std::int32_t>;
using Offsets = std::vector<std::int64_t>;

TEST(LibsvmReader, ReadsRows) {
    const auto data = read("-1 3:1 11:0.5\n+1 1:-2e-3\n-1\n");
    EXPECT_EQ(data.labels, (Values{-1, 1, -1}));
    EXPECT_EQ(data.row_offsets, (Offsets{0, 2, 3, 3}));
    EXPECT_EQ(data.columns, (Columns{2, 10, 0}));
    EXPECT_EQ(data.values, (Values{1, 0.5, -2e-3}));
    EXPECT_EQ(data.features, 11U);
    EXPECT_EQ(data.label_pair, (LabelPair{-1, 1}));
}

TEST(LibsvmReader, ReadsSinglePrecision) {
    const auto data = read<float>("1 1:0.1\n-1 1:1e-60\n");
    EXPECT_EQ(data.values.at(0), 0.1F);
    EXPECT_EQ(data.rows(), 2U);
}

TEST(LibsvmReader, AcceptsCarriageReturnsBlanksAndMissingLineEnd) {
    const auto data = read("-1 1:1\r\n\r\n \t\n1\t2:3   4:5 \r\n+1 1:2");
    EXPECT_EQ(data.labels, (Values{-1, 1, 1}));
    EXPECT_EQ(data.columns, (Columns{0, 1, 3, 0}));
    EXPECT_EQ(data.values, (Values{1, 3, 5, 2}));
}

TEST(LibsvmReader, SkipsComments) {
    const auto data = read("# a comment\n-1 1:1 # 2:2\n  # another\r\n1 1:2# 3:4\r\n");
    EXPECT_EQ(data.labels, (Values{-1, 1}));
    EXPECT_EQ(data.values, (Values{1, 2}));
}

TEST(LibsvmReader, DropsExplicitZerosButCountsTheirIndex) {
    const auto data = read("-1 1:1 123:0\n1 2:-0.0 5:0e5\n");
    EXPECT_EQ(data.columns, (Columns{0}));
    EXPECT_EQ(data.row_offsets, (Offsets{0, 1, 1}));
    EXPECT_EQ(data.features, 123U);
}

TEST(LibsvmReader, SortsIndices) {
    const auto data = read("1 5:50 1:10 3:30\n");
    EXPECT_EQ(data.columns, (Columns{0, 2, 4}));
    EXPECT_EQ(data.values, (Values{10, 30, 50}));
}

TEST(LibsvmReader, IndexBaseZero) {
    LibsvmOptions options;
    options.index_base = 0;
    const auto data = read("1 0:1 4:2\n", options);
    EXPECT_EQ(data.columns, (Columns{0, 4}));
    EXPECT_EQ(data.features, 5U);
}

TEST(LibsvmReader, FeatureCount) {
    LibsvmOptions options;
    options.features = 123;
    EXPECT_EQ(read("1 122:1\n", options).features, 123U);
    EXPECT_EQ(read("1 123:1\n", options).features, 123U);
    EXPECT_EQ(error_of("1 1:1\n-1 124:1\n", options), "data:2: index '124' is beyond the 123 features");
    EXPECT_EQ(error_of("1 124:0\n", options), "data:1: index '124' is beyond the 123 features");
    options.index_base = 0;
    EXPECT_EQ(error_of("1 123:1\n", options), "data:1: index '123' is beyond the 123 features");
}

TEST(LibsvmReader, LargestIndex) {
    EXPECT_EQ(read("1 2147483647:1\n").features, 2147483647U);
    LibsvmOptions options;
    options.index_base = 0;
    EXPECT_EQ(read("1 2147483647:1\n", options).features, 2147483648U);
}

TEST(LibsvmReader, MapsLabels) {
    EXPECT_EQ(read("+1\n-1\n").labels, (Values{1, -1}));
    EXPECT_EQ(read("1.0\n-1.0\n+1e0\n").labels, (Values{1, -1, 1}));
    EXPECT_EQ(read("1\n0\n-0\n").labels, (Values{1, -1, -1}));
    EXPECT_EQ(read("1\n2\n2.0\n").labels, (Values{-1, 1, 1}));
    EXPECT_EQ(read("1\n2\n").label_pair, (LabelPair{1, 2}));
    EXPECT_EQ(read("1\n0\n").label_pair, (LabelPair{0, 1}));
}

TEST(LibsvmReader, MapsFilesWithOneLabel) {
    EXPECT_EQ(read("1\n1\n").labels, (Values{1, 1}));
    EXPECT_EQ(read("-1\n").labels, (Values{-1}));
    EXPECT_EQ(read("0\n").labels, (Values{-1}));
    EXPECT_EQ(read("2\n").labels, (Values{1}));
}

TEST(LibsvmReader, GivenLabelPairDecides) {
    LibsvmOptions options;
    options.label_pair = LabelPair{1, 2};
    EXPECT_EQ(read("1\n1\n", options).labels, (Values{-1, -1}));
    EXPECT_EQ(error_of("1\n0\n", options), "data:2: label '0' does not fit: the labels are 1/2 so far");
}

TEST(LibsvmReader, RefusesOtherLabels) {
    EXPECT_EQ(error_of("3 1:1\n"),
              "data:1: label '3' does not fit: the labels are -1/1 or 0/1 or 1/2 so far");
    EXPECT_EQ(error_of("1\n-1\n\n0\n"), "data:4: label '0' does not fit: the labels are -1/1 so far");
    EXPECT_EQ(error_of("0\n2\n"), "data:2: label '2' does not fit: the labels are 0/1 so far");
    EXPECT_EQ(error_of("0.5\n"),
              "data:1: label '0.5' does not fit: the labels are -1/1 or 0/1 or 1/2 so far");
}

struct Malformed {
    const char* line;
    const char* reason;
};

TEST(LibsvmReader, RefusesMalformedLines) {
    const Malformed cases[] = {
        {"x 1:1", "label 'x' is not a number"},
        {"1x 1:1", "label '1x' is not a number"},
        {"+-1 1:1", "label '+-1' is not a number"},
        {"++1 1:1", "label '++1' is not a number"},
        {"+ 1:1", "label '+' is not a number"},
        {"nan 1:1", "label 'nan' is not finite"},
        {"1,2 1:1", "label '1,2' is not a number"},
        {"1:1 2:1", "the line has no label before '1:1'"},
        {"1 1", "no colon in '1'"},
        {"1 1:1 2 3:1", "no colon in '2'"},
        {"1 0:1", "index 0, but indices start at 1"},
        {"1 -3:1", "index '-3' is negative"},
        {"1 -99999999999999999999:1", "index '-99999999999999999999' is negative"},
        {"1 2147483648:1", "index '2147483648' is larger than 2147483647"},
        {"1 99999999999999999999:1", "index '99999999999999999999' is larger than 2147483647"},
        {"1 1.5:1", "index '1.5' is not a whole number"},
        {"1 +1:1", "index '+1' is not a whole number"},
        {"1 :1", "index '' is not a whole number"},
        {"1 a:1", "index 'a' is not a whole number"},
        {"1 0x1:1", "index '0x1' is not a whole number"},
        {"1 qid:1 1:1", "index 'qid' is not a whole number"},
        {"1 1:", "value '' is not a number"},
        {"1 1: 2", "value '' is not a number"},
        {"1 1:x", "value 'x' is not a number"},
        {"1 1:1x", "value '1x' is not a number"},
        {"1 1:1.0.0", "value '1.0.0' is not a number"},
        {"1 1:0x1", "value '0x1' is not a number"},
        {"1 1:1:2", "value '1:2' is not a number"},
        {"1 1:1,5", "value '1,5' is not a number"},
        {"1 1:nan", "value 'nan' is not finite"},
        {"1 1:-NaN", "value '-NaN' is not finite"},
        {"1 1:inf", "value 'inf' is not finite"},
        {"1 1:-Infinity", "value '-Infinity' is not finite"},
        {"1 1:1e999", "value '1e999' is out of range"},
        {"1 2:1 2:1", "index 2 appears twice"},
        {"1 2:1 1:1 2:0", "index 2 appears twice"},
        {"1 1:1\r2:1", "value '1?2:1' is not a number"},
        {"1 1:\xff", "value '?' is not a number"},
        {"1 1:0123456789012345678901234567890123456789x",
         "value '0123456789012345678901234567890123456789...' is not a number"},
    };
    for (const Malformed& malformed : cases) {
        EXPECT_EQ(error_of(std::string("-1 1:1\n# comment\n") + malformed.line + "\n"),
                  std::string("data:3: ") + malformed.reason);
    }
    EXPECT_EQ(error_of(std::string("1 1:1\0\n", 7)), "data:1: value '1?' is not a number");
}

TEST(LibsvmReader, DuplicateIsNamedInTheFilesBase) {
    LibsvmOptions options;
    options.index_base = 0;
    EXPECT_EQ(error_of("1 0:1 0:2\n", options), "data:1: index 0 appears twice");
    EXPECT_EQ(error_of("1 -1:1\n", options), "data:1: index '-1' is negative");
}

TEST(LibsvmReader, SinglePrecisionRange) {
    EXPECT_EQ(error_of<float>("1 1:1e39\n"), "data:1: value '1e39' is out of range in single precision");
    EXPECT_EQ(read<double>("1 1:1e39\n").values, (Values{1e39}));
}

TEST(LibsvmReader, RefusesFilesWithoutRows) {
    EXPECT_EQ(error_of(""), "data: no rows");
    EXPECT_EQ(error_of("\n# nothing\r\n"), "data: no rows");
}

TEST(LibsvmReader, NamesFilesThatCannotBeRead) {
    try {
        (void)read_libsvm<float>("/nonexistent/file");
        FAIL();
    } catch (const DataError& error) {
        EXPECT_STREQ(error.what(), "/nonexistent/file: cannot be opened");
    }
    EXPECT_THROW((void)read_libsvm<float>("/"), DataError);
}

TEST(LibsvmReader, RowsToBeLabelledMayHaveAnyLabelOrNone) {
    LibsvmOptions options;
    options.read_labels = false;
    options.label_pair = LabelPair{0, 1};
    const auto data = read("3 1:1\n? 2:1\n2:1 3:5\n\n0\n", options);
    EXPECT_EQ(data.row_offsets, (Offsets{0, 1, 2, 4, 4}));
    EXPECT_EQ(data.columns, (Columns{0, 1, 1, 2}));
    EXPECT_EQ(data.labels, (Values{1, 1, 1, 1}));
    EXPECT_EQ(error_of("1 x\n", options), "data:1: no colon in 'x'");
    EXPECT_EQ(error_of("1:x\n", options), "data:1: value 'x' is not a number");
}

} // namespace
} // namespace cli
