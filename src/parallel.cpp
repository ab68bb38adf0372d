// SPDX-License-Identifier: BSD-3-Clause
#include "src/parallel.hpp"

#include "src/error.hpp"

#include <atomic>
#include <cstdlib>
#include <pthread.h>

namespace anisograd {

namespace {

constexpr int most_threads = 65536;

#if defined(_OPENMP)

std::atomic<int> requested_threads{0}; // by ag_set_num_threads; 0: automatic
std::atomic<bool> threads_used{false}; // by this library, in this process or a parent
std::atomic<bool> forked{false};

// OpenMP's worker threads do not survive fork(), and its runtime would wait for them for ever. Whether the
// program has had some of its own is not known.
void after_fork_in_child() {
    forked.store(true, std::memory_order_relaxed);
}

[[maybe_unused]] const int registered = pthread_atfork(nullptr, nullptr, after_fork_in_child);

// ANISOGRAD_NUM_THREADS, or 0 where it is not a positive number.
int threads_from_environment() {
    const char* text = std::getenv("ANISOGRAD_NUM_THREADS");
    if (text == nullptr)
        return 0;
    char* end = nullptr;
    const long value = std::strtol(text, &end, 10);
    return end != text && *end == '\0' && value > 0 && value <= most_threads ? static_cast<int>(value) : 0;
}

int max_threads() {
    if (forked.load(std::memory_order_relaxed) || omp_get_active_level() >= omp_get_max_active_levels())
        return 1;
    if (const int requested = requested_threads.load(std::memory_order_relaxed))
        return std::min(requested, static_cast<int>(max_blocks));
    static const int from_environment = threads_from_environment();
    return std::min(from_environment != 0 ? from_environment : omp_get_max_threads(),
                    static_cast<int>(max_blocks));
}

void request_threads(int n) {
    requested_threads.store(n, std::memory_order_relaxed);
    if (!threads_used.load(std::memory_order_relaxed))
        forked.store(false, std::memory_order_relaxed);
}

#else

int max_threads() {
    return 1;
}

void request_threads(int) {}

#endif

} // namespace

int threads_for(std::size_t work) {
    return work < parallel_threshold ? 1 : max_threads();
}

#if defined(_OPENMP)
void note_threads_used() {
    threads_used.store(true, std::memory_order_relaxed);
}
#endif

} // namespace anisograd

using namespace anisograd;

extern "C" {

ag_status ag_set_num_threads(int n) {
    if (n < 0 || n > most_threads)
        return set_error({"ag_set_num_threads", ""}, AG_ERROR_INVALID_VALUE, "n = %d is not in 0 ... %d", n,
                         most_threads);
    request_threads(n);
    return AG_OK;
}

int ag_get_num_threads(void) {
    return max_threads();
}

} // extern "C"
