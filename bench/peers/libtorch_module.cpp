// SPDX-License-Identifier: BSD-3-Clause
//
// A module of its own, which libtorch.cpp loads when a row first needs it.
#include "bench/peers/libtorch_module.hpp"

#include <cstdlib>
#include <malloc.h>
#include <torch/optim/adagrad.h>
#include <torch/utils.h>

namespace {

// A step allocates a tensor, of sqrt(sum). Its memory shall come from the heap and stay there: new pages from the
// system each time would take longer than the step. No M_MMAP_THRESHOLD would do: the largest is 32 MiB. The heap gets
// its pages at once, more than a tensor's, since aligned tensors leave gaps.
void keep_memory(std::size_t tensor_bytes) {
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    const std::size_t bytes = 4 * tensor_bytes;
    void* const memory = std::malloc(bytes);
    if (memory != nullptr)
        for (std::size_t i = 0; i < bytes; i += 4096)
            static_cast<volatile char*>(memory)[i] = 0; // not left out by the compiler
    std::free(memory);
}

struct Optimizer {
    torch::Tensor parameter;
    torch::optim::Adagrad adagrad;

    Optimizer(std::int64_t n, float* w, float* g, float* v, double learning_rate, double epsilon)
        : parameter(torch::from_blob(w, {n})),
          adagrad({parameter}, torch::optim::AdagradOptions(learning_rate).eps(epsilon)) {
        parameter.mutable_grad() = torch::from_blob(g, {n});
        for (auto& [key, state] : adagrad.state())
            static_cast<torch::optim::AdagradParamState&>(*state).sum(torch::from_blob(v, {n}));
    }
};

} // namespace

extern "C" {

const LibtorchModule libtorch_module = {
    .make = [](std::size_t n, float* w, float* g, float* v, double learning_rate, double epsilon) -> void* {
        keep_memory(n * sizeof(float));
        return new Optimizer(static_cast<std::int64_t>(n), w, g, v, learning_rate, epsilon);
    },
    .step =
        [](void* optimizer, int threads) {
            if (torch::get_num_threads() != threads)
                torch::set_num_threads(threads);
            static_cast<Optimizer*>(optimizer)->adagrad.step();
        },
    .free = [](void* optimizer) { delete static_cast<Optimizer*>(optimizer); }};
}
