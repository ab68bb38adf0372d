// SPDX-License-Identifier: BSD-3-Clause
//
// A trained model as a text file. Writing and reading gives back the same weights, bit for bit:
//
//     anisograd-logistic-model 1
//     precision f32
//     labels -1 1
//     intercept 1
//     features 123
//     ...                    one weight a line, by feature; with intercept 1 the intercept after them
//     end
#pragma once

#include "dataset.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace train_logistic {

enum class Precision { f32, f64 };

struct Model {
    Precision precision = Precision::f32;
    LabelPair label_pair;
    bool intercept = false;
    std::size_t features = 0;
    // With the intercept last. Weights of single precision are held exactly.
    std::vector<double> weights;
};

void save_model(const std::string& path, const Model& model);
void save_model(std::ostream& stream, const std::string& name, const Model& model);

// Throws DataError where the file is anything but a complete and valid model.
[[nodiscard]] Model load_model(const std::string& path);
[[nodiscard]] Model load_model(std::istream& stream, const std::string& name);

// The weights rounded to Scalar. Throws DataError where one, read from the file of that name, is beyond its
// range.
template <class Scalar>
[[nodiscard]] std::vector<Scalar> weights_of(const Model& model, const std::string& name);

} // namespace train_logistic
