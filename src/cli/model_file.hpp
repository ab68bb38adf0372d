// SPDX-License-Identifier: BSD-3-Clause
//
// A trained model as a text file. Writing and reading gives back the same weights, bit for bit:
//
//     anisograd-logistic-model 2
//     precision f32
//     labels -1 1
//     intercept 1
//     features 123
//     average 1
//     ...                    one weight a line, by feature; with intercept 1 the intercept after them
//     ...                    with average 1: as many lines again, of the average of the iterates
//     end
#pragma once

#include "dataset.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace cli {

enum class Precision { f32, f64 };

// Where training ended, or the average of all the points that it went through.
enum class Iterate { last, average };

struct Model {
    Precision precision = Precision::f32;
    LabelPair label_pair;
    bool intercept = false;
    std::size_t features = 0;
    // With the intercept last. Weights of single precision are held exactly.
    std::vector<double> weights;
    std::vector<double> average; // as many, or none

    // The one to predict with, unless told otherwise.
    [[nodiscard]] Iterate preferred() const { return average.empty() ? Iterate::last : Iterate::average; }
};

// name stands for the file in messages. Throws DataError, with nothing written, where a weight is not finite.
void save_model(std::ostream& stream, const std::string& name, const Model& model);

// Throws DataError where the file is anything but a complete and valid model.
[[nodiscard]] Model load_model(const std::string& path);
[[nodiscard]] Model load_model(std::istream& stream, const std::string& name);

// The weights, or their average, rounded to Scalar. Throws DataError where one, read from the file of that name, is
// beyond its range, and where there is no average.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> weights_of(const Model& model, Iterate iterate, const std::string& name);

} // namespace cli
