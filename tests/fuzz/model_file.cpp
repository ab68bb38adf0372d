// SPDX-License-Identifier: BSD-3-Clause
//
// The reader of model files: what it accepts is written and read again without a change.
#include "tests/fuzz/input.hpp"

#include "data_error.hpp"
#include "model_file.hpp"

#include <cstdlib>
#include <optional>
#include <sstream>

using namespace cli;

namespace {

std::optional<Model> load(const std::string& text) {
    std::istringstream stream(text);
    try {
        return load_model(stream, "file");
    } catch (const DataError&) {
        return std::nullopt;
    }
}

std::string save(const Model& model) {
    std::ostringstream stream;
    save_model(stream, "file", model);
    return stream.str();
}

// Asking for an average that a model has not is refused.
bool has(const Model& model, Iterate iterate) {
    if (iterate == Iterate::last || !model.average.empty() || model.weights.empty())
        return true;
    try {
        (void)weights_of<double>(model, iterate, "file");
    } catch (const DataError&) {
        return false;
    }
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::optional<Model> model = load(std::string(fuzz::Input(data, size).rest()));
    if (!model)
        return 0;
    const std::string text = save(*model);
    const std::optional<Model> again = load(text);
    const std::size_t count = model->features + (model->intercept ? 1 : 0);
    if (!again || again->weights.size() != count ||
        (!again->average.empty() && again->average.size() != count) || save(*again) != text)
        std::abort();
    for (const Iterate iterate : {Iterate::last, Iterate::average}) {
        const std::vector<double>& weights = iterate == Iterate::last ? model->weights : model->average;
        if (!has(*model, iterate))
            continue;
        for (const Model& one : {*model, *again})
            if (weights_of<double>(one, iterate, "file") != weights) // finite: none is a NaN
                std::abort();
        try {
            if (weights_of<float>(*model, iterate, "file").size() != count)
                std::abort();
        } catch (const DataError&) {
            if (model->precision == Precision::f32)
                std::abort();
        }
    }
    return 0;
}
