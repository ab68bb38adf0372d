// SPDX-License-Identifier: BSD-3-Clause
#include "model_file.hpp"

#include "data_error.hpp"
#include "number.hpp"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <istream>
#include <limits>
#include <ostream>
#include <string_view>

namespace cli {
namespace {

constexpr std::string_view first_line = "anisograd-logistic-model 2";
constexpr std::string_view first_word = "anisograd-logistic-model ";
// Columns are 32-bit, so no data set has more.
constexpr std::size_t most_features = std::size_t{std::numeric_limits<std::int32_t>::max()} + 1;
constexpr std::size_t lines_before_weights = 6;

class ModelReader {
public:
    ModelReader(std::istream& stream, std::string name) : stream_(stream), name_(std::move(name)) {}

    Model read() {
        Model model;
        read_version();
        model.precision = read_precision();
        model.label_pair = read_label_pair();
        model.intercept = read_flag("intercept");
        model.features = read_features();
        const bool with_average = read_flag("average");
        const std::size_t count = model.features + (model.intercept ? 1 : 0);
        model.weights = read_weights(model.precision, count);
        if (with_average) {
            model.average = read_weights(model.precision, count);
        }
        read_end();
        return model;
    }

private:
    [[noreturn]] void fail(const std::string& reason) const { throw DataError(name_, line_number_, reason); }

    const std::string& next_line() {
        ++line_number_;
        if (!std::getline(stream_, line_)) {
            fail(stream_.bad() ? "cannot be read" : "the file ends too early");
        }
        if (line_.ends_with('\r')) {
            line_.pop_back();
        }
        return line_;
    }

    // The rest of the next line, which must start with the key.
    std::string_view next_field(std::string_view key) {
        std::string_view line = next_line();
        if (!line.starts_with(std::string(key) + ' ')) {
            fail("expected the line '" + std::string(key) + " ...'");
        }
        line.remove_prefix(key.size() + 1);
        return line;
    }

    void read_version() {
        const std::string& line = next_line();
        if (!line.starts_with(first_word)) {
            fail("not a model file");
        }
        if (line != first_line) {
            fail("this version of the model file is unknown; expected '" + std::string(first_line) + "'");
        }
    }

    Precision read_precision() {
        const std::string_view field = next_field("precision");
        if (field != "f32" && field != "f64") {
            fail("the precision is f32 or f64");
        }
        return field == "f32" ? Precision::f32 : Precision::f64;
    }

    LabelPair read_label_pair() {
        const std::string_view field = next_field("labels");
        for (const LabelPair pair : {LabelPair{-1, 1}, LabelPair{0, 1}, LabelPair{1, 2}}) {
            if (field == std::to_string(pair.negative) + " " + std::to_string(pair.positive)) {
                return pair;
            }
        }
        fail("the labels are '-1 1', '0 1' or '1 2'");
    }

    bool read_flag(std::string_view key) {
        const std::string_view field = next_field(key);
        if (field != "0" && field != "1") {
            fail(std::string(key) + " is 0 or 1");
        }
        return field == "1";
    }

    std::size_t read_features() {
        std::size_t features = 0;
        if (parse_number(next_field("features"), features) != std::errc() || features > most_features) {
            fail("the number of features is not a whole number up to " + std::to_string(most_features));
        }
        return features;
    }

    std::vector<double> read_weights(Precision precision, std::size_t count) {
        std::vector<double> weights;
        for (std::size_t i = 0; i < count; ++i) {
            weights.push_back(precision == Precision::f32 ? static_cast<double>(read_weight<float>())
                                                          : read_weight<double>());
        }
        return weights;
    }

    template <class Scalar>
    Scalar read_weight() {
        Scalar weight = 0;
        if (parse_number(std::string_view(next_line()), weight) != std::errc() || !std::isfinite(weight)) {
            fail("expected a weight, a finite number");
        }
        return weight;
    }

    // Without a last line a number cut short would pass for a shorter one.
    void read_end() {
        if (next_line() != "end") {
            fail("expected 'end'");
        }
        ++line_number_;
        if (std::getline(stream_, line_)) {
            fail("text after 'end'");
        }
    }

    std::istream& stream_;
    std::string name_;
    std::string line_;
    std::size_t line_number_ = 0;
};

void require_finite(const std::string& name, const std::vector<double>& weights) {
    for (const double weight : weights) {
        if (!std::isfinite(weight)) {
            throw DataError(name, "not written: the model has a weight that is not finite");
        }
    }
}

void write_weights(std::ostream& stream, Precision precision, const std::vector<double>& weights) {
    for (const double weight : weights) {
        stream << (precision == Precision::f32 ? format_number(static_cast<float>(weight))
                                               : format_number(weight))
               << '\n';
    }
}

} // namespace

void save_model(std::ostream& stream, const std::string& name, const Model& model) {
    require_finite(name, model.weights);
    require_finite(name, model.average);
    stream << first_line << "\nprecision " << (model.precision == Precision::f32 ? "f32" : "f64")
           << "\nlabels " << format_number(model.label_pair.negative) << ' '
           << format_number(model.label_pair.positive) << "\nintercept " << (model.intercept ? 1 : 0)
           << "\nfeatures " << format_number(model.features) << "\naverage "
           << (model.average.empty() ? 0 : 1) << '\n';
    write_weights(stream, model.precision, model.weights);
    write_weights(stream, model.precision, model.average);
    stream << "end\n";
}

Model load_model(std::istream& stream, const std::string& name) {
    return ModelReader(stream, name).read();
}

Model load_model(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw DataError(path, "cannot be opened");
    }
    return load_model(stream, path);
}

template <class Scalar>
std::vector<Scalar> weights_of(const Model& model, Iterate iterate, const std::string& name) {
    const bool average = iterate == Iterate::average;
    if (average && model.average.empty() && !model.weights.empty()) {
        throw DataError(name, "the model has no average; train --average saves one");
    }
    const std::size_t lines_before = lines_before_weights + (average ? model.weights.size() : 0);
    std::vector<Scalar> weights;
    weights.reserve(model.weights.size());
    for (const double weight : average ? model.average : model.weights) {
        weights.push_back(static_cast<Scalar>(weight));
        if (!std::isfinite(weights.back())) {
            throw DataError(name, lines_before + weights.size(),
                            "weight '" + format_number(weight) +
                                "' is out of range in single precision; --precision f64 has room for it");
        }
    }
    return weights;
}

template std::vector<float> weights_of(const Model&, Iterate, const std::string&);
template std::vector<double> weights_of(const Model&, Iterate, const std::string&);

} // namespace cli
