// SPDX-License-Identifier: BSD-3-Clause
#include "model_file.hpp"

#include "data_error.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

std::string text_of(const Model& model) {
    std::ostringstream stream;
    save_model(stream, "model", model);
    return stream.str();
}

Model model_of(const std::string& text) {
    std::istringstream stream(text);
    return load_model(stream, "model");
}

std::string error_of(const std::string& text) {
    try {
        (void)model_of(text);
    } catch (const DataError& error) {
        return error.what();
    }
    return "no error";
}

void expect_round_trip(const Model& model) {
    const Model copy = model_of(text_of(model));
    EXPECT_EQ(copy.precision, model.precision);
    EXPECT_EQ(copy.label_pair, model.label_pair);
    EXPECT_EQ(copy.intercept, model.intercept);
    EXPECT_EQ(copy.features, model.features);
    EXPECT_EQ(copy.preferred(), model.preferred());
    for (const auto weights : {&Model::weights, &Model::average}) {
        ASSERT_EQ((copy.*weights).size(), (model.*weights).size());
        for (std::size_t i = 0; i < (copy.*weights).size(); ++i) {
            // Bits, so that -0 and 0 differ.
            EXPECT_EQ(std::bit_cast<std::uint64_t>((copy.*weights)[i]),
                      std::bit_cast<std::uint64_t>((model.*weights)[i]))
                << (model.*weights)[i];
        }
    }
}

template <class Scalar, class Bits>
std::vector<double> many_weights() {
    using Limits = std::numeric_limits<Scalar>;
    std::vector<double> weights = {0.0,
                                   -0.0,
                                   0.1F,
                                   1.0 / 3.0F,
                                   Limits::min(),
                                   Limits::max(),
                                   Limits::lowest(),
                                   Limits::denorm_min(),
                                   Limits::epsilon()};
    std::mt19937_64 generator(1);
    while (weights.size() < 10000) {
        const auto weight = std::bit_cast<Scalar>(static_cast<Bits>(generator()));
        if (std::isfinite(weight)) {
            weights.push_back(static_cast<double>(weight));
        }
    }
    for (double& weight : weights) {
        weight = static_cast<double>(static_cast<Scalar>(weight));
    }
    return weights;
}

TEST(ModelFile, RoundTripIsExact) {
    Model model;
    model.weights = many_weights<float, std::uint32_t>();
    model.features = model.weights.size();
    expect_round_trip(model);
    model.precision = Precision::f64;
    model.weights = many_weights<double, std::uint64_t>();
    model.intercept = true;
    model.features = model.weights.size() - 1;
    model.label_pair = {1, 2};
    expect_round_trip(model);
    model.average.assign(model.weights.rbegin(), model.weights.rend());
    expect_round_trip(model);
}

TEST(ModelFile, RoundTripOfNoFeatures) {
    expect_round_trip({Precision::f64, {0, 1}, false, 0, {}, {}});
}

const std::string valid = "anisograd-logistic-model 2\nprecision f32\nlabels -1 1\nintercept 1\nfeatures 2\n"
                          "average 0\n0.5\n-1e-05\n2\nend\n";
const std::string with_average =
    "anisograd-logistic-model 2\nprecision f32\nlabels -1 1\nintercept 1\nfeatures 2\n"
    "average 1\n0.5\n-1e-05\n2\n0.25\n0\n1\nend\n";

TEST(ModelFile, FormatIsStable) {
    Model model = {Precision::f32, {-1, 1}, true, 2, {0.5, static_cast<double>(-1e-5F), 2}, {}};
    EXPECT_EQ(text_of(model), valid);
    model.average = {0.25, 0, 1};
    EXPECT_EQ(text_of(model), with_average);
}

TEST(ModelFile, TheAverageIsPreferredWhereThereIsOne) {
    EXPECT_EQ(model_of(valid).preferred(), Iterate::last);
    const Model model = model_of(with_average);
    EXPECT_EQ(model.preferred(), Iterate::average);
    EXPECT_EQ(weights_of<double>(model, Iterate::average, "model"), (std::vector<double>{0.25, 0, 1}));
    EXPECT_EQ(weights_of<float>(model, Iterate::last, "model"), (std::vector<float>{0.5F, -1e-5F, 2}));
    EXPECT_THROW((void)weights_of<float>(model_of(valid), Iterate::average, "model"), DataError);
}

TEST(ModelFile, AcceptsCarriageReturnsAndMissingLastLineEnd) {
    std::string text;
    for (const char character : valid) {
        text += character == '\n' ? "\r\n" : std::string(1, character);
    }
    EXPECT_EQ(model_of(text).weights.size(), 3U);
    EXPECT_EQ(model_of(valid.substr(0, valid.size() - 1)).weights.size(), 3U);
}

TEST(ModelFile, RefusesEveryShorterFile) {
    for (const std::string& text : {valid, with_average}) {
        for (std::size_t size = 0; size + 1 < text.size(); ++size) {
            EXPECT_NE(error_of(text.substr(0, size)), "no error") << size;
        }
    }
}

std::string replaced(const std::string& old_text, const std::string& new_text) {
    std::string text = valid;
    return text.replace(text.find(old_text), old_text.size(), new_text);
}

TEST(ModelFile, NamesTheFault) {
    EXPECT_EQ(error_of("1 1:1\n"), "model:1: not a model file");
    EXPECT_EQ(error_of(""), "model:1: the file ends too early");
    EXPECT_EQ(error_of(replaced("model 2", "model 1")),
              "model:1: this version of the model file is unknown; expected 'anisograd-logistic-model 2'");
    EXPECT_EQ(error_of(replaced("f32", "f16")), "model:2: the precision is f32 or f64");
    EXPECT_EQ(error_of(replaced("precision", "accuracy")), "model:2: expected the line 'precision ...'");
    EXPECT_EQ(error_of(replaced("-1 1", "3 4")), "model:3: the labels are '-1 1', '0 1' or '1 2'");
    EXPECT_EQ(error_of(replaced("intercept 1", "intercept 2")), "model:4: intercept is 0 or 1");
    for (const char* features : {"-1", "x", "2.0", "2 ", "2147483649", "99999999999999999999"}) {
        EXPECT_EQ(error_of(replaced("features 2", std::string("features ") + features)),
                  "model:5: the number of features is not a whole number up to 2147483648");
    }
    EXPECT_EQ(error_of(replaced("average 0", "average 2")), "model:6: average is 0 or 1");
    for (const char* weight : {"", "x", "nan", "inf", "1e39", "0.5 ", "0.5x", "+0.5", "0.5 0.5"}) {
        EXPECT_EQ(error_of(replaced("0.5", weight)), "model:7: expected a weight, a finite number");
    }
    EXPECT_EQ(error_of(replaced("features 2", "features 1")), "model:9: expected 'end'");
    EXPECT_EQ(error_of(replaced("features 2", "features 3")), "model:10: expected a weight, a finite number");
    EXPECT_EQ(error_of(replaced("features 2", "features 2147483648")),
              "model:10: expected a weight, a finite number");
    EXPECT_EQ(error_of(valid + "more"), "model:11: text after 'end'");
    EXPECT_EQ(error_of(valid + "\n"), "model:11: text after 'end'");
}

TEST(ModelFile, WeightsAreRoundedToThePrecisionAskedFor) {
    const Model model = {Precision::f64, {-1, 1}, false, 3, {0.1, -1e300, 1e-300}, {}};
    EXPECT_EQ(weights_of<double>(model, Iterate::last, "model"), model.weights);
    Model smaller = model;
    smaller.weights[1] = -3.4028235677973362e38; // the largest that rounds to a float
    EXPECT_EQ(weights_of<float>(smaller, Iterate::last, "model"),
              (std::vector<float>{0.1F, std::numeric_limits<float>::lowest(), 0}));
}

TEST(ModelFile, RefusesWeightsBeyondThePrecisionAskedFor) {
    // With the line of the weight in the file.
    for (const auto& [weight, text] :
         {std::pair{-1e300, "-1e+300"}, {3.4028235677973366e38, "3.4028235677973366e+38"}}) {
        const Model model = model_of(text_of({Precision::f64, {-1, 1}, false, 2, {1, weight}, {weight, 1}}));
        for (const auto& [iterate, line] : {std::pair{Iterate::last, "8"}, {Iterate::average, "9"}}) {
            try {
                (void)weights_of<float>(model, iterate, "model");
                FAIL();
            } catch (const DataError& error) {
                EXPECT_EQ(error.what(),
                          "model:" + std::string(line) + ": weight '" + std::string(text) +
                              "' is out of range in single precision; --precision f64 has room for it");
            }
        }
    }
}

TEST(ModelFile, RefusesToSaveWhatIsNotFinite) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW((void)text_of({Precision::f32, {-1, 1}, false, 1, {nan}, {}}), DataError);
    EXPECT_THROW((void)text_of({Precision::f32, {-1, 1}, false, 1, {1}, {nan}}), DataError);
}

TEST(ModelFile, NamesFilesThatCannotBeOpened) {
    EXPECT_THROW((void)load_model("/nonexistent/model"), DataError);
}

} // namespace
} // namespace cli
