// SPDX-License-Identifier: BSD-3-Clause
//
// What the tests share: the ISAs that this machine can run, arrays with guards on both sides, reproducible
// inputs with special values, and comparison of bits.
#pragma once

#include "anisograd/anisograd.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <sys/mman.h>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

namespace test {

// A number of random cases, scaled by ANISOGRAD_TEST_SCALE (emulators and valgrind run fewer).
inline std::size_t cases(std::size_t wanted) {
    const char* text = std::getenv("ANISOGRAD_TEST_SCALE");
    const double scale = text != nullptr ? std::strtod(text, nullptr) : 1.0;
    return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(wanted) * scale));
}

// An emulator or valgrind, on which a combination less is worth more than a minute.
inline bool is_slow() {
    return cases(100) < 20;
}

// AddressSanitizer or ThreadSanitizer, which have a memory of their own for all of the program's.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool has_shadow_memory = true;
#elif defined(__has_feature)
inline constexpr bool has_shadow_memory = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool has_shadow_memory = false;
#endif

// ---- ISAs ----------------------------------------------------------------------------------------------

inline constexpr ag_isa all_isas[] = {AG_ISA_PORTABLE, AG_ISA_AVX2, AG_ISA_AVX512, AG_ISA_NEON};

// Calls action(isa) on every ISA that this machine can run, portable first, and restores the one that was
// active. The binary's main says which ones it skips.
template <class Action>
void on_every_isa(Action action) {
    const ag_isa before = ag_active_isa();
    for (const ag_isa isa : all_isas)
        if (ag_isa_supported(isa)) {
            SCOPED_TRACE(std::string("isa ") + ag_isa_name(isa));
            ASSERT_EQ(ag_set_isa(isa), AG_OK);
            action(isa);
        }
    ASSERT_EQ(ag_set_isa(before), AG_OK);
}

// Thread counts that divide blocks unevenly, and one more than most machines here have.
inline constexpr int thread_counts[] = {1, 2, 3, 7};

// Calls action() on every ISA and every number of threads.
template <class Action>
void on_every_isa_and_thread_count(Action action) {
    on_every_isa([&](ag_isa) {
        for (const int threads : thread_counts) {
            if (is_slow() && threads != 3) // the comparison of numbers is made natively
                continue;
            SCOPED_TRACE("threads " + std::to_string(threads));
            ASSERT_EQ(ag_set_num_threads(threads), AG_OK);
            action();
        }
        ASSERT_EQ(ag_set_num_threads(0), AG_OK);
    });
}

// Every size up to 4 packs and one element, and some beyond.
template <class T>
std::vector<std::size_t> sizes() {
    std::vector<std::size_t> result;
    for (std::size_t n = 0; n <= 4 * 64 / sizeof(T) + 1; ++n)
        result.push_back(n);
    for (const std::size_t n : {100, 127, 1000, 4099})
        result.push_back(n);
    return result;
}

// Enough for several threads, and not a multiple of a pack.
inline constexpr std::size_t threaded_size = 300007;

// ---- Memory --------------------------------------------------------------------------------------------

// n elements that end at an inaccessible page (or, with a gap, some elements before it, which then must not
// change either), after a page of canary bytes. The default gap of 0 gives whatever alignment n leaves, so
// that sizes from 0 up try every misalignment.
template <class T>
class GuardedArray {
public:
    explicit GuardedArray(std::size_t n, std::size_t gap = 0) : size_(n), gap_(gap) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const std::size_t bytes = (n + gap) * sizeof(T);
        usable_ = (bytes + page - 1) / page * page + page;
        void* memory =
            mmap(nullptr, usable_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            std::abort();
        base_ = static_cast<unsigned char*>(memory);
        if (guard_pages())
            mprotect(base_ + usable_, page, PROT_NONE);
        page_ = page;
        std::memset(base_, canary, usable_);
        data_ = reinterpret_cast<T*>(base_ + usable_ - bytes);
    }
    explicit GuardedArray(const std::vector<T>& values, std::size_t gap = 0)
        : GuardedArray(values.size(), gap) {
        std::copy(values.begin(), values.end(), data_);
    }
    ~GuardedArray() { munmap(base_, usable_ + page_); }
    GuardedArray(const GuardedArray&) = delete;
    GuardedArray& operator=(const GuardedArray&) = delete;

    T* data() { return data_; }
    const T* data() const { return data_; }
    T& operator[](std::size_t i) { return data_[i]; }
    std::size_t size() const { return size_; }
    std::vector<T> values() const { return {data_, data_ + size_}; }

    // Whether every byte around the elements is as it was.
    bool intact() const {
        const auto is_canary = [](unsigned char byte) { return byte == canary; };
        const auto* begin = reinterpret_cast<const unsigned char*>(data_);
        const auto* end = reinterpret_cast<const unsigned char*>(data_ + size_);
        return std::all_of(static_cast<const unsigned char*>(base_), begin, is_canary) &&
               std::all_of(end, static_cast<const unsigned char*>(base_ + usable_), is_canary);
    }

private:
    // An emulator that reads all lanes of a masked load cannot run with them: ANISOGRAD_TEST_GUARD_PAGES=0.
    static bool guard_pages() {
        const char* text = std::getenv("ANISOGRAD_TEST_GUARD_PAGES");
        return text == nullptr || std::strcmp(text, "0") != 0;
    }

    static constexpr unsigned char canary = 0xa5;
    std::size_t size_, gap_, usable_ = 0, page_ = 0;
    unsigned char* base_ = nullptr;
    T* data_ = nullptr;
};

// Gaps to try: at the page, and misaligned for every register.
inline constexpr std::size_t gaps[] = {0, 1, 3};

// ---- Inputs --------------------------------------------------------------------------------------------

// splitmix64: the same numbers on every platform, which the standard distributions do not promise.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t bits() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    double uniform(double low, double high) {
        return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1p-53);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(bits() % n); }
    // About normal, by the sum of twelve uniform numbers: exact arithmetic gives the same everywhere.
    double normal() {
        double sum = -6;
        for (int i = 0; i < 12; ++i)
            sum += uniform(0, 1);
        return sum;
    }
    // Any bit pattern: NaNs, infinities, subnormals and all magnitudes.
    template <class T>
    T any() {
        if constexpr (sizeof(T) == 4)
            return from_bits<T>(static_cast<std::uint32_t>(bits()));
        else
            return from_bits<T>(bits());
    }

private:
    template <class T, class U>
    static T from_bits(U u) {
        T x;
        std::memcpy(&x, &u, sizeof x);
        return x;
    }
    std::uint64_t state_;
};

template <class T>
std::vector<T> normal_values(std::size_t n, std::uint64_t seed, double scale = 1) {
    Random random(seed);
    std::vector<T> values(n);
    for (T& x : values)
        x = static_cast<T>(scale * random.normal());
    return values;
}

template <class T>
std::vector<T> special_values() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> values;
    for (const T x : {T(0), T(1), T(0.5), T(3), Limits::epsilon(), Limits::min(), Limits::denorm_min(),
                      Limits::min() / 3, Limits::max(), std::sqrt(Limits::max()),
                      std::sqrt(Limits::min()) / 8, Limits::infinity(), Limits::quiet_NaN()}) {
        values.push_back(x);
        values.push_back(-x);
    }
    return values;
}

// Normal values with a special one at every fourth position or so.
template <class T>
std::vector<T> mixed_values(std::size_t n, std::uint64_t seed) {
    std::vector<T> values = normal_values<T>(n, seed);
    const std::vector<T> special = special_values<T>();
    Random random(seed + 1);
    for (T& x : values)
        if (random.below(4) == 0)
            x = special[random.below(special.size())];
        else if (random.below(8) == 0)
            x = random.any<T>();
    return values;
}

template <class T>
std::vector<T> absolute(std::vector<T> values) {
    for (T& x : values)
        x = std::fabs(x);
    return values;
}

// ---- Comparison ----------------------------------------------------------------------------------------

template <class T>
bool same_bits(T a, T b) {
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): the bits, by which 0 and -0 differ
    return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

template <class T>
::testing::AssertionResult same_bits(const T* a, const T* b, std::size_t n) {
    if (n == 0 || std::memcmp(a, b, n * sizeof(T)) == 0)
        return ::testing::AssertionSuccess();
    for (std::size_t i = 0; i < n; ++i)
        if (!same_bits(a[i], b[i]))
            return ::testing::AssertionFailure()
                   << "at " << i << " of " << n << ": " << ::testing::PrintToString(a[i]) << " and "
                   << ::testing::PrintToString(b[i]);
    return ::testing::AssertionSuccess();
}

template <class T>
::testing::AssertionResult same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    if (a.size() != b.size())
        return ::testing::AssertionFailure() << a.size() << " and " << b.size() << " elements";
    return same_bits(a.data(), b.data(), a.size());
}

// FNV-1a over the bytes, with one pattern for all NaNs.
template <class T>
std::uint64_t checksum(const std::vector<T>& values, std::uint64_t sum = 0xcbf29ce484222325u) {
    for (T x : values) {
        if (std::isnan(x))
            x = std::numeric_limits<T>::quiet_NaN();
        unsigned char bytes[sizeof(T)];
        std::memcpy(bytes, &x, sizeof x);
        if (std::isnan(x))
            bytes[sizeof(T) - 1] &= 0x7f;
        for (const unsigned char byte : bytes)
            sum = (sum ^ byte) * 0x100000001b3u;
    }
    return sum;
}

// Typed tests over float and double.
using Types = ::testing::Types<float, double>;

} // namespace test
