// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/watched_allocation.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> watching{false};
std::atomic<std::size_t> allocations{0}, failing{0};
std::atomic<std::ptrdiff_t> live{0};

template <class Allocate>
void* allocate(Allocate allocate_memory) {
    if (!watching)
        return allocate_memory();
    if (++allocations == failing)
        return nullptr;
    void* const memory = allocate_memory();
    live += memory != nullptr;
    return memory;
}

} // namespace

namespace test {

Watched run_watched(const std::function<ag_status()>& call, std::size_t k) {
    allocations = 0;
    live = 0;
    failing = k;
    watching = true;
    const ag_status status = call();
    watching = false;
    return {status, allocations, live};
}

} // namespace test

// The names are the linker's.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

void* __real_malloc(std::size_t);
void* __real_calloc(std::size_t, std::size_t);
void* __real_realloc(void*, std::size_t);
void* __real_aligned_alloc(std::size_t, std::size_t);
void __real_free(void*);

void* __wrap_malloc(std::size_t bytes) {
    return allocate([=] { return __real_malloc(bytes); });
}
void* __wrap_calloc(std::size_t count, std::size_t bytes) {
    return allocate([=] { return __real_calloc(count, bytes); });
}
void* __wrap_realloc(void* old, std::size_t bytes) {
    return allocate([=] {
        live -= watching && old != nullptr;
        return __real_realloc(old, bytes);
    });
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
    return allocate([=] { return __real_aligned_alloc(alignment, bytes); });
}
void __wrap_free(void* memory) {
    live -= watching && memory != nullptr;
    __real_free(memory);
}

} // extern "C"
// NOLINTEND(bugprone-reserved-identifier)

// The library has no exceptions: where it allocated by new, a failure would end the process, and the test with it.
void* operator new(std::size_t bytes) {
    if (void* const memory = std::malloc(bytes != 0 ? bytes : 1))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
