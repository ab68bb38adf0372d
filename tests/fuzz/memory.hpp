// SPDX-License-Identifier: BSD-3-Clause
//
// Memory for a call's arrays, in which an access outside of an array faults or is noticed: each array has one end at an
// inaccessible page. What the call may write is known, and everything else is compared.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <type_traits>
#include <unistd.h>
#include <vector>

namespace fuzz {

[[noreturn]] inline void fail(const char* what, const char* detail = "") {
    std::fprintf(stderr, "fuzz: %s%s%s\n", what, *detail != '\0' ? ": " : "", detail);
    std::abort();
}

enum class Role {
    input,  // never written
    output, // written by a call that succeeds, or that was not able to project
    scratch // written by any call
};

// How elements are compared: the payloads of NaNs are not specified.
enum class Format { bits, bf16, f16, f32, f64 };

template <class T>
inline constexpr Format format_of = std::is_same_v<T, float>    ? Format::f32
                                    : std::is_same_v<T, double> ? Format::f64
                                                                : Format::bits;

struct Block {
    unsigned char* data;
    std::size_t bytes;
    Role role;
    Format format;
};

class Memory {
public:
    static constexpr std::size_t capacity = std::size_t{1} << 21; // of the largest array

    Memory() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))), stride_(capacity + page_) {
        void* memory = mmap(nullptr, slots * stride_ + page_, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            fail("no memory");
        base_ = static_cast<unsigned char*>(memory);
        for (std::size_t slot = 0; slot <= slots; ++slot)
            if (mprotect(base_ + slot * stride_, page_, PROT_NONE) != 0)
                fail("no inaccessible page");
    }

    void clear() { blocks_.clear(), used_ = 0, images_.clear(); }
    const std::vector<Block>& blocks() const { return blocks_; }

    // A pointer through which nothing may be read or written.
    template <class T>
    T* forbidden() const {
        return reinterpret_cast<T*>(base_);
    }

    // A new block, at the front of its memory or at its end. bytes: at most capacity, a multiple of the alignment.
    unsigned char* add(std::size_t bytes, Role role, Format format, bool at_front) {
        if (used_ == slots)
            fail("too many arrays");
        unsigned char* const slot = base_ + used_++ * stride_ + page_;
        unsigned char* const data = at_front ? slot : slot + capacity - bytes;
        std::memset(at_front ? data + bytes : data - margin(bytes), 0xa5, margin(bytes));
        blocks_.push_back({data, bytes, role, format});
        return data;
    }
    // A block in the memory of an earlier one, `offset` bytes from its begin; false where that has no room for it there.
    bool add_overlapping(std::size_t earlier, std::size_t offset, std::size_t bytes, std::size_t alignment,
                         Role role, Format format) {
        const Block& other = blocks_[earlier];
        if (offset > other.bytes || bytes > other.bytes - offset ||
            reinterpret_cast<std::uintptr_t>(other.data + offset) % alignment != 0)
            return false;
        blocks_.push_back({other.data + offset, bytes, role, format});
        return true;
    }

    // ---- Before and after calls ----

    void save() {
        images_.clear();
        for (const Block& block : blocks_) {
            const Range r = range_of(block);
            images_.push_back({r.begin, std::vector<unsigned char>(r.begin, r.end)});
        }
    }
    void restore() const {
        for (const Image& image : images_)
            std::memcpy(image.begin, image.bytes.data(), image.bytes.size());
    }
    // Whether everything is as it was saved, but scratch and, if they may be written, outputs.
    bool unchanged_except(bool outputs) const {
        for (const Image& image : images_) {
            std::vector<unsigned char> expected = image.bytes;
            unsigned char* const end = image.begin + image.bytes.size();
            for (const Block& block : blocks_)
                if ((block.role == Role::scratch || (outputs && block.role == Role::output)) &&
                    block.data < end && block.data + block.bytes > image.begin) {
                    unsigned char* const from = std::max(block.data, image.begin);
                    unsigned char* const to = std::min(block.data + block.bytes, end);
                    std::memcpy(expected.data() + (from - image.begin), from,
                                static_cast<std::size_t>(to - from));
                }
            if (std::memcmp(expected.data(), image.begin, expected.size()) != 0)
                return false;
        }
        return true;
    }
    std::vector<std::vector<unsigned char>> outputs() const {
        std::vector<std::vector<unsigned char>> result;
        for (const Block& block : blocks_)
            if (block.role == Role::output)
                result.emplace_back(block.data, block.data + block.bytes);
        return result;
    }
    bool outputs_are(const std::vector<std::vector<unsigned char>>& expected) const {
        std::size_t i = 0;
        for (const Block& block : blocks_)
            if (block.role == Role::output && !same(block, expected[i++].data()))
                return false;
        return true;
    }
    // Whether two arrays, of which one is written, share some of their elements but not all.
    bool overlap_in_part() const {
        for (const Block& a : blocks_)
            for (const Block& b : blocks_)
                if (a.role != Role::input && &a != &b && a.data < b.data + b.bytes &&
                    b.data < a.data + a.bytes && (a.data != b.data || a.bytes != b.bytes))
                    return true;
        return false;
    }

private:
    static constexpr std::size_t slots = 40;
    // Beside each array, to notice writes past its other end.
    static constexpr std::size_t most_margin = 256;

    struct Range {
        unsigned char *begin, *end;
    };
    struct Image {
        unsigned char* begin;
        std::vector<unsigned char> bytes;
    };

    static std::size_t margin(std::size_t bytes) { return std::min(most_margin, capacity - bytes); }
    Range range_of(const Block& block) const {
        unsigned char* const slot =
            base_ + static_cast<std::size_t>(block.data - base_) / stride_ * stride_ + page_;
        return {std::max(slot, block.data - margin(block.bytes)),
                std::min(slot + capacity, block.data + block.bytes + margin(block.bytes))};
    }

    template <class T>
    static bool same_numbers(const unsigned char* a, const unsigned char* b, std::size_t bytes) {
        for (std::size_t i = 0; i + sizeof(T) <= bytes; i += sizeof(T)) {
            T x, y;
            std::memcpy(&x, a + i, sizeof x);
            std::memcpy(&y, b + i, sizeof y);
            if (std::memcmp(&x, &y, sizeof x) != 0 && !(std::isnan(x) && std::isnan(y)))
                return false;
        }
        return true;
    }
    // infinity: the bits of +Inf.
    static bool same_short(const unsigned char* a, const unsigned char* b, std::size_t bytes,
                           unsigned infinity) {
        for (std::size_t i = 0; i + 2 <= bytes; i += 2) {
            std::uint16_t x, y;
            std::memcpy(&x, a + i, sizeof x);
            std::memcpy(&y, b + i, sizeof y);
            if (x != y && ((x & 0x7fffu) <= infinity || (y & 0x7fffu) <= infinity))
                return false;
        }
        return true;
    }
    static bool same(const Block& block, const unsigned char* expected) {
        if (block.bytes == 0 || std::memcmp(block.data, expected, block.bytes) == 0)
            return true;
        switch (block.format) {
        case Format::f32:
            return same_numbers<float>(block.data, expected, block.bytes);
        case Format::f64:
            return same_numbers<double>(block.data, expected, block.bytes);
        case Format::bf16:
            return same_short(block.data, expected, block.bytes, 0x7f80);
        case Format::f16:
            return same_short(block.data, expected, block.bytes, 0x7c00);
        case Format::bits:
            break;
        }
        return false;
    }

    std::size_t page_, stride_, used_ = 0;
    unsigned char* base_;
    std::vector<Block> blocks_;
    std::vector<Image> images_;
};

} // namespace fuzz
