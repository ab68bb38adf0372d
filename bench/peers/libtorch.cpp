// SPDX-License-Identifier: BSD-3-Clause
#include "bench/peers/libtorch_module.hpp"
#include "bench/peers/peers.hpp"
#include "bench/thread_count.hpp"

#include <dlfcn.h>
#include <memory>
#include <stdexcept>

namespace bench::peers {

#ifdef BENCH_LIBTORCH_MODULE

namespace {

const LibtorchModule& module() {
    static const LibtorchModule* const loaded = [] {
        void* const handle = dlopen(BENCH_LIBTORCH_MODULE, RTLD_NOW | RTLD_LOCAL);
        void* const symbol = handle != nullptr ? dlsym(handle, "libtorch_module") : nullptr;
        if (symbol == nullptr)
            throw std::runtime_error(dlerror());
        return static_cast<const LibtorchModule*>(symbol);
    }();
    return *loaded;
}

} // namespace

std::function<void()> libtorch_adagrad_step(std::size_t n, float* w, float* g, float* v, double learning_rate,
                                            double epsilon) {
    const auto optimizer = std::make_shared<std::unique_ptr<void, void (*)(void*)>>(nullptr, [](void*) {});
    return [=] {
        if (*optimizer == nullptr)
            *optimizer = {module().make(n, w, g, v, learning_rate, epsilon), module().free};
        module().step(optimizer->get(), thread_count());
    };
}

#else

std::function<void()> libtorch_adagrad_step(std::size_t, float*, float*, float*, double, double) {
    return {};
}

#endif

} // namespace bench::peers
