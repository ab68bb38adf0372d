// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

extern "C" {

// torch::optim::Adagrad on arrays of the caller's.
struct LibtorchModule {
    void* (*make)(std::size_t n, float* w, float* g, float* v, double learning_rate, double epsilon);
    void (*step)(void* optimizer, int threads);
    void (*free)(void* optimizer);
};

extern const LibtorchModule libtorch_module;
}
