// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays of more elements than a machine has memory for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace test {

// Zeros, of which only those that are written take memory.
template <class T>
class ZeroArray {
public:
    explicit ZeroArray(std::size_t n)
        : bytes_(n * sizeof(T)), memory_(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
        // Reading it takes minutes otherwise, in page faults.
        if (available())
            madvise(memory_, bytes_, MADV_HUGEPAGE);
    }
    ~ZeroArray() {
        if (available())
            munmap(memory_, bytes_);
    }
    ZeroArray(const ZeroArray&) = delete;
    ZeroArray& operator=(const ZeroArray&) = delete;

    bool available() const { return memory_ != MAP_FAILED; }
    T* data() { return static_cast<T*>(memory_); }
    T& operator[](std::size_t i) { return data()[i]; }

private:
    std::size_t bytes_;
    void* memory_;
};

// Memory for functions that write all of it: a few chunks that are mapped again and again, but for the chunks of some
// bytes, each of which is there once. Linux counts each mapping as resident; there is far less.
class LargeMemory {
public:
    // own: the bytes whose chunks are there once.
    LargeMemory(std::size_t bytes, std::vector<std::size_t> own)
        : chunks_((bytes + chunk - 1) / chunk), own_(std::move(own)), file_(memfd_create("anisograd", 0)) {
        for (std::size_t& byte : own_)
            byte /= chunk;
        std::sort(own_.begin(), own_.end());
        own_.erase(std::unique(own_.begin(), own_.end()), own_.end());
        const int protection = PROT_READ | PROT_WRITE;
        const std::size_t file_chunks = regions + own_.size();
        if (file_ < 0 || ftruncate(file_, static_cast<off_t>(file_chunks * chunk)) != 0)
            return;
        content_ = mmap(nullptr, file_chunks * chunk, protection, MAP_SHARED, file_, 0);
        void* const memory =
            mmap(nullptr, chunks_ * chunk, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (content_ == MAP_FAILED || memory == MAP_FAILED)
            return;
        memory_ = static_cast<char*>(memory);
        available_ = true;
        std::size_t own_before = 0;
        for (std::size_t c = 0; c < chunks_ && available_; ++c) {
            const bool is_own = std::binary_search(own_.begin(), own_.end(), c);
            const std::size_t place = is_own ? regions + own_before++ : c * regions / chunks_;
            available_ = mmap(memory_ + c * chunk, chunk, protection, MAP_SHARED | MAP_FIXED, file_,
                              static_cast<off_t>(place * chunk)) != MAP_FAILED;
        }
    }
    ~LargeMemory() {
        if (memory_ != nullptr)
            munmap(memory_, chunks_ * chunk);
        if (content_ != MAP_FAILED)
            munmap(content_, (regions + own_.size()) * chunk);
        if (file_ >= 0)
            close(file_);
    }
    LargeMemory(const LargeMemory&) = delete;
    LargeMemory& operator=(const LargeMemory&) = delete;

    bool available() const { return available_; }
    void clear() { std::memset(content_, 0, (regions + own_.size()) * chunk); }
    void allow_writes(bool allowed) {
        mprotect(memory_, chunks_ * chunk, allowed ? PROT_READ | PROT_WRITE : PROT_READ);
    }
    template <class T>
    T* at(std::size_t byte) {
        return reinterpret_cast<T*>(memory_ + byte);
    }

    static constexpr std::size_t chunk = std::size_t(1)
                                         << 22; // above a usual L2 cache, in which aliases are slow

private:
    // Threads, which take one part of an array each, should not write to the same cache lines.
    static constexpr std::size_t regions = 8;

    std::size_t chunks_;
    std::vector<std::size_t> own_;
    int file_;
    void* content_ = MAP_FAILED;
    char* memory_ = nullptr;
    bool available_ = false;
};

} // namespace test
