// SPDX-License-Identifier: BSD-3-Clause
//
// Sums of which each four packs add up in the element type before they are added in double.
//
// The order of a sum: with W = 64 / sizeof(T), the elements W j + i of a group of four, j = 0 .. 3, add up in T as
// (0 + 1) + (2 + 3); of these W numbers, in double, those of f32 add up as i + (i + 8); and groups go to 8 accumulators,
// number i, which fold by halves. Two additions in T are off by at most one unit in a term's last place; overflow, to
// infinity, is for the caller to see.
#pragma once

#include "kernels/loops.hpp"

namespace anisograd {
namespace {

// The parts of 64 bytes that loops take at a time, so that the sums stay in registers.
template <class Isa>
struct SizeForGroups {
    using type = ForSums<Isa>;
};
#if defined(__AVX2__) && !defined(__AVX512F__)
template <>
struct SizeForGroups<Avx2> {
    using type = PacksOf<Avx2, 32>;
};
#endif
template <class Isa>
using ForGroups = typename SizeForGroups<Isa>::type;

// Adds up in double what groups have added up in T.
template <class Isa, class T>
class GroupSum {
public:
    static constexpr std::size_t parts = pack_bytes / pack_bytes_of<Isa>;
    using P = Pack<Isa, T>;
    using Double = Pack<Isa, double>;

    AG_INLINE GroupSum() {
        unrolled<parts>([&](std::size_t q) AG_INLINE_LAMBDA { sum_[q] = Double::zero(); });
    }
    // Pack k of part q, where it is above; in the order of for_each_four.
    AG_INLINE void add(std::size_t q, std::size_t k, const PackMask<Isa, T>& above, P a) {
        P& half = pair_[k / 2];
        half = k % 2 == 0 ? select(above, a, P::zero()) : select(above, half + a, half);
        if (k == 3)
            add_group(q, to_double(pair_[0] + pair_[1]));
    }
    AG_INLINE void add(std::size_t q, std::size_t k, P a) {
        P& half = pair_[k / 2];
        half = k % 2 == 0 ? a : half + a;
        if (k == 3)
            add_group(q, to_double(pair_[0] + pair_[1]));
    }
    // A number for each lane of part q, in the order of for_each_four.
    AG_INLINE void add(std::size_t q, P a) { add_group(q, to_double(a)); }
    AG_INLINE double result() const { return fold_terms(sum_); }

private:
    AG_INLINE void add_group(std::size_t q, Double a) { sum_[q] = sum_[q] + a; }
    AG_INLINE void add_group(std::size_t q, const WidePack<Isa>& a) {
        if constexpr (parts == 1) {
            sum_[0] = sum_[0] + (a.low + a.high);
        } else {
            constexpr std::size_t half = parts / 2;
            if (q < half) {
                first_ = a;
            } else {
                sum_[2 * (q - half)] = sum_[2 * (q - half)] + (first_.low + a.low);
                sum_[2 * (q - half) + 1] = sum_[2 * (q - half) + 1] + (first_.high + a.high);
            }
        }
    }

    Double sum_[parts];
    P pair_[2];
    WidePack<Isa> first_;
};

// The parts of for_each_four in its order: parts that are half of 64 bytes apart follow each other.
template <std::size_t parts>
AG_INLINE std::size_t part_in_order(std::size_t i) {
    return parts == 1 ? 0 : i / 2 + i % 2 * (parts / 2);
}

// The same for terms of which fewer digits count: `groups` of them add up in T, in order, before they do in double.
template <class Isa, class T>
class LongGroupSum {
public:
    static constexpr std::size_t groups = 8;
    static constexpr std::size_t parts = pack_bytes / pack_bytes_of<Isa>;
    using P = Pack<Isa, T>;

    AG_INLINE LongGroupSum() {
        unrolled<parts>([&](std::size_t q) AG_INLINE_LAMBDA { part_[q] = P::zero(); });
    }
    AG_INLINE void add(std::size_t q, std::size_t k, P a) {
        P& half = pair_[k / 2];
        half = k % 2 == 0 ? a : half + a;
        if (k == 3)
            part_[q] = part_[q] + (pair_[0] + pair_[1]);
    }
    // After so many groups, or the last one.
    AG_INLINE void end_groups() {
        unrolled<parts>([&](std::size_t i) AG_INLINE_LAMBDA {
            const std::size_t q = part_in_order<parts>(i);
            sum_.add(q, part_[q]);
            part_[q] = P::zero();
        });
    }
    AG_INLINE double result() const { return sum_.result(); }

private:
    GroupSum<Isa, T> sum_;
    P part_[parts], pair_[2];
};

// The same without groups, of doubles: term i goes to accumulator i mod 8. It takes fewer registers.
template <class Isa>
class LaneSum {
public:
    static constexpr std::size_t parts = pack_bytes / pack_bytes_of<Isa>;
    using P = Pack<Isa, double>;

    AG_INLINE LaneSum() {
        unrolled<parts>([&](std::size_t q) AG_INLINE_LAMBDA { sum_[q] = P::zero(); });
    }
    AG_INLINE void add(std::size_t q, std::size_t, P a) { sum_[q] = sum_[q] + a; }
    AG_INLINE void end_groups() {}
    AG_INLINE double result() const { return fold_terms(sum_); }

private:
    P sum_[parts];
};

// Calls body(q, at) for the parts q of the groups of 4 * 64 bytes from begin to end, where at[k] are the places of four
// packs; the last group may end with parts of packs, and packs of no element.
template <class Isa, class T, class Body>
AG_INLINE void for_each_four(std::size_t begin, std::size_t end, Body body) {
    constexpr std::size_t wide = pack_bytes / sizeof(T), lanes = Pack<Isa, T>::lanes, parts = wide / lanes;
    std::size_t i = begin;
    for (; i + 4 * wide <= end; i += 4 * wide)
        unrolled<parts>([&](std::size_t p) AG_INLINE_LAMBDA {
            const std::size_t q = part_in_order<parts>(p), first = i + q * lanes;
            const WholePack<Isa, T> at[4] = {{first}, {first + wide}, {first + 2 * wide}, {first + 3 * wide}};
            body(q, at);
        });
    if (i < end)
        unrolled<parts>([&](std::size_t p) AG_INLINE_LAMBDA {
            const std::size_t q = part_in_order<parts>(p);
            const auto place = [=](std::size_t k) AG_INLINE_LAMBDA {
                const std::size_t first = i + k * wide + q * lanes, left = first < end ? end - first : 0;
                return PartOfPack<Isa, T>{left != 0 ? first : i, left < lanes ? left : lanes};
            };
            const PartOfPack<Isa, T> at[4] = {place(0), place(1), place(2), place(3)};
            body(q, at);
        });
}

} // namespace
} // namespace anisograd
