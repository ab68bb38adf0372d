// SPDX-License-Identifier: BSD-3-Clause
#include "libsvm_reader.hpp"

#include "data_error.hpp"
#include "number.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <istream>
#include <limits>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cli {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::int64_t largest_index = std::numeric_limits<std::int32_t>::max();

// Text from a file, fit for a message: short and printable.
std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 40;
    std::string result = "'";
    for (const char character : text.substr(0, longest)) {
        const bool printable = character >= ' ' && character <= '~';
        result += printable ? character : '?';
    }
    return result + (text.size() > longest ? "...'" : "'");
}

// Removes the next word from the front of text and returns it; empty at the end.
std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

// What the file says of its labels so far.
class LabelSet {
public:
    explicit LabelSet(const std::optional<LabelPair>& only) {
        if (only) {
            candidates_ = {*only};
        }
    }

    // Narrows the choice; false if no pair is left.
    bool add(double label) {
        std::erase_if(candidates_, [&](const LabelPair& pair) {
            return label != pair.negative && label != pair.positive;
        });
        return !candidates_.empty();
    }

    // The first is the choice where several are left: a file with the label 1 alone means +1.
    [[nodiscard]] LabelPair pair() const { return candidates_.front(); }

    [[nodiscard]] std::string description() const {
        std::string text;
        for (const LabelPair& pair : candidates_) {
            text += (text.empty() ? "" : " or ") + std::to_string(pair.negative) + "/" +
                    std::to_string(pair.positive);
        }
        return text;
    }

private:
    std::vector<LabelPair> candidates_ = {{-1, 1}, {0, 1}, {1, 2}};
};

template <class Scalar>
class Reader {
public:
    Reader(std::string name, const LibsvmOptions& options)
        : name_(std::move(name)), options_(options), label_set_(options.label_pair) {}

    void read_line(std::string_view line) {
        ++line_number_;
        line = line.substr(0, line.find('#'));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        std::string_view word = take_word(line);
        if (word.empty()) {
            return;
        }
        if (options_.read_labels) {
            read_label(word);
            word = take_word(line);
        } else {
            dataset_.labels.push_back(1);
            if (word.find(':') == std::string_view::npos) {
                word = take_word(line);
            }
        }
        entries_.clear();
        for (; !word.empty(); word = take_word(line)) {
            read_entry(word);
        }
        store_row();
    }

    Dataset<Scalar> finish() {
        if (dataset_.labels.empty()) {
            throw DataError(name_, "no rows");
        }
        dataset_.label_pair = label_set_.pair();
        if (options_.read_labels) {
            const auto negative = static_cast<Scalar>(dataset_.label_pair.negative);
            for (Scalar& label : dataset_.labels) {
                label = static_cast<Scalar>(label == negative ? -1 : 1);
            }
        }
        dataset_.features = options_.features.value_or(dataset_.features);
        return std::move(dataset_);
    }

private:
    struct Entry {
        std::int32_t column;
        Scalar value;
    };

    [[noreturn]] void fail(const std::string& reason) const { throw DataError(name_, line_number_, reason); }

    double read_finite(std::string_view word, const char* what) const {
        std::string_view digits = word;
        // std::from_chars takes no plus sign, which LIBSVM files have before positive labels.
        if (digits.starts_with('+') && !digits.starts_with("+-")) {
            digits.remove_prefix(1);
        }
        double number = 0;
        const std::errc error = parse_number(digits, number);
        if (error == std::errc::result_out_of_range) {
            fail(std::string(what) + " " + quoted(word) + " is out of range");
        }
        if (error != std::errc()) {
            fail(std::string(what) + " " + quoted(word) + " is not a number");
        }
        if (!std::isfinite(number)) {
            fail(std::string(what) + " " + quoted(word) + " is not finite");
        }
        return number;
    }

    void read_label(std::string_view word) {
        if (word.find(':') != std::string_view::npos) {
            fail("the line has no label before " + quoted(word));
        }
        const double label = read_finite(word, "label");
        const std::string expected = label_set_.description();
        if (!label_set_.add(label)) {
            fail("label " + quoted(word) + " does not fit: the labels are " + expected + " so far");
        }
        dataset_.labels.push_back(static_cast<Scalar>(label));
    }

    std::int32_t read_column(std::string_view word) const {
        std::int64_t index = 0;
        const std::errc error = parse_number(word, index);
        if (error == std::errc::invalid_argument) {
            fail("index " + quoted(word) + " is not a whole number");
        }
        if (word.starts_with('-')) {
            fail("index " + quoted(word) + " is negative");
        }
        if (error == std::errc::result_out_of_range || index > largest_index) {
            fail("index " + quoted(word) + " is larger than " + std::to_string(largest_index));
        }
        if (index < options_.index_base) {
            fail("index 0, but indices start at 1");
        }
        const std::int64_t column = index - options_.index_base;
        if (options_.features && static_cast<std::size_t>(column) >= *options_.features) {
            fail("index " + quoted(word) + " is beyond the " + std::to_string(*options_.features) +
                 " features");
        }
        return static_cast<std::int32_t>(column);
    }

    void read_entry(std::string_view word) {
        const std::size_t colon = word.find(':');
        if (colon == std::string_view::npos) {
            fail("no colon in " + quoted(word));
        }
        const std::int32_t column = read_column(word.substr(0, colon));
        const std::string_view value_word = word.substr(colon + 1);
        const double value = read_finite(value_word, "value");
        if constexpr (std::is_same_v<Scalar, float>) {
            // Compared before the conversion, which is undefined for what float cannot hold.
            if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
                fail("value " + quoted(value_word) + " is out of range in single precision");
            }
        }
        entries_.push_back({column, static_cast<Scalar>(value)});
    }

    void store_row() {
        const auto by_column = [](const Entry& a, const Entry& b) { return a.column < b.column; };
        if (!std::is_sorted(entries_.begin(), entries_.end(), by_column)) {
            std::sort(entries_.begin(), entries_.end(), by_column);
        }
        const auto duplicate =
            std::adjacent_find(entries_.begin(), entries_.end(),
                               [](const Entry& a, const Entry& b) { return a.column == b.column; });
        if (duplicate != entries_.end()) {
            fail("index " + std::to_string(std::int64_t{duplicate->column} + options_.index_base) +
                 " appears twice");
        }
        for (const Entry& entry : entries_) {
            dataset_.features = std::max(dataset_.features, static_cast<std::size_t>(entry.column) + 1);
            if (entry.value != 0) {
                dataset_.columns.push_back(entry.column);
                dataset_.values.push_back(entry.value);
            }
        }
        dataset_.row_offsets.push_back(static_cast<std::int64_t>(dataset_.columns.size()));
    }

    std::string name_;
    LibsvmOptions options_;
    std::size_t line_number_ = 0;
    std::vector<Entry> entries_; // of the present line
    LabelSet label_set_;
    Dataset<Scalar> dataset_; // its labels are the file's until finish()
};

} // namespace

template <class Scalar>
Dataset<Scalar> read_libsvm(std::istream& stream, const std::string& name, const LibsvmOptions& options) {
    Reader<Scalar> reader(name, options);
    std::string line;
    while (std::getline(stream, line)) {
        reader.read_line(line);
    }
    if (stream.bad()) {
        throw DataError(name, "cannot be read");
    }
    return reader.finish();
}

template <class Scalar>
Dataset<Scalar> read_libsvm(const std::string& path, const LibsvmOptions& options) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw DataError(path, "cannot be opened");
    }
    return read_libsvm<Scalar>(stream, path, options);
}

template Dataset<float> read_libsvm(const std::string&, const LibsvmOptions&);
template Dataset<double> read_libsvm(const std::string&, const LibsvmOptions&);
template Dataset<float> read_libsvm(std::istream&, const std::string&, const LibsvmOptions&);
template Dataset<double> read_libsvm(std::istream&, const std::string&, const LibsvmOptions&);

} // namespace cli
