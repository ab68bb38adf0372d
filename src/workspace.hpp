// SPDX-License-Identifier: BSD-3-Clause
//
// The memory that a call works in: the caller's workspace, or an allocation of this call.
#pragma once

#include "src/checks.hpp"

#include <cstdint>
#include <cstdlib>

namespace anisograd {

class Workspace {
public:
    static constexpr std::size_t alignment = 64;

    // holder: the argument that has the caller's. purpose: of these bytes, as a message names it.
    Workspace(Checks& checks, const char* holder, void* given, std::size_t given_size, std::size_t bytes,
              const char* purpose)
        : start_(given) {
        if (checks.failed() || bytes == 0)
            return;
        if (given == nullptr)
            start_ = allocation_ = std::malloc(bytes);
        if (start_ == nullptr)
            checks.fail(AG_ERROR_OUT_OF_MEMORY, "%zu bytes for %s could not be allocated", bytes, purpose);
        else if (given != nullptr && given_size < bytes)
            checks.fail(AG_ERROR_SIZE, "%s->workspace_size = %zu is less than the %zu bytes needed", holder,
                        given_size, bytes);
    }
    ~Workspace() { std::free(allocation_); }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    template <class T>
    T* aligned() const {
        const std::size_t beyond = reinterpret_cast<std::uintptr_t>(start_) % alignment;
        void* const first = static_cast<char*>(start_) + (alignment - beyond) % alignment;
        return static_cast<T*>(first);
    }

private:
    void* start_;
    void* allocation_ = nullptr;
};

} // namespace anisograd
