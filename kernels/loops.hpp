// SPDX-License-Identifier: BSD-3-Clause
//
// The loops that kernels share. A kernel's body is written once, for a place in the arrays that is either a
// whole pack or the tail's part of one:
//
//     for_each_pack<Isa, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(out, at.load(x) + at.load(y)); });
#pragma once

#include "kernels/pack.hpp"

namespace anisograd {
namespace {

// The pack at elements index .. index + lanes - 1.
template <class Isa, class T>
struct WholePack {
    std::size_t index;
    AG_INLINE Pack<Isa, T> load(const T* p) const { return Pack<Isa, T>::load(p + index); }
    AG_INLINE void store(T* p, Pack<Isa, T> a) const { a.store(p + index); }
    AG_INLINE Pack<Isa, T> gather(const T* p, const std::int32_t* indices) const {
        return Pack<Isa, T>::gather(p, indices + index, Pack<Isa, T>::lanes);
    }
};

// The first count elements of the pack at index; the rest reads as 0 and is not written.
template <class Isa, class T>
struct PartOfPack {
    std::size_t index, count;
    AG_INLINE Pack<Isa, T> load(const T* p) const { return Pack<Isa, T>::load_partial(p + index, count); }
    AG_INLINE void store(T* p, Pack<Isa, T> a) const { a.store_partial(p + index, count); }
    AG_INLINE Pack<Isa, T> gather(const T* p, const std::int32_t* indices) const {
        return Pack<Isa, T>::gather(p, indices + index, count);
    }
};

template <class Isa, class T, class Body>
AG_INLINE void for_each_pack(std::size_t n, Body body) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        body(WholePack<Isa, T>{i});
    if (i < n)
        body(PartOfPack<Isa, T>{i, n - i});
}

// Calls body(at, k) for every pack in order, with k = 0 .. group - 1 in turn, a constant once inlined: the
// number of the accumulator that a canonical sum gives the pack to.
template <class Isa, class T, std::size_t group, class Body>
AG_INLINE void for_each_pack_in_groups(std::size_t n, Body body) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    std::size_t i = 0;
    for (; i + group * lanes <= n; i += group * lanes)
        unrolled<group>([&](std::size_t k) AG_INLINE_LAMBDA { body(WholePack<Isa, T>{i + k * lanes}, k); });
    unrolled<group>([&](std::size_t k) AG_INLINE_LAMBDA {
        const std::size_t start = i + k * lanes;
        if (start < n)
            body(PartOfPack<Isa, T>{start, n - start < lanes ? n - start : lanes}, k);
    });
}

// ---- Computing in double for both types ----------------------------------------------------------------

template <class Isa>
AG_INLINE WidePack<Isa> operator*(WidePack<Isa> a, WidePack<Isa> b) {
    return {a.low * b.low, a.high * b.high};
}
template <class Isa>
AG_INLINE WidePack<Isa> operator/(WidePack<Isa> a, WidePack<Isa> b) {
    return {a.low / b.low, a.high / b.high};
}
template <class Isa>
AG_INLINE WidePack<Isa> operator+(WidePack<Isa> a, WidePack<Isa> b) {
    return {a.low + b.low, a.high + b.high};
}

// T's values as double, so that a kernel can compute in double for both types.
template <class Isa>
AG_INLINE WidePack<Isa> to_double(Pack<Isa, float> a) {
    return widen(a);
}
template <class Isa>
AG_INLINE Pack<Isa, double> to_double(Pack<Isa, double> a) {
    return a;
}
template <class T, class Isa>
AG_INLINE Pack<Isa, T> from_double(WidePack<Isa> a) {
    return narrow(a);
}
template <class T, class Isa>
AG_INLINE Pack<Isa, T> from_double(Pack<Isa, double> a) {
    return a;
}

// The packs of double that correspond to one pack of T.
template <class Isa, class T>
using Doubles = decltype(to_double(Pack<Isa, T>{}));

template <class Isa, class T>
AG_INLINE Doubles<Isa, T> broadcast_double(double x) {
    const auto a = Pack<Isa, double>::broadcast(x);
    if constexpr (sizeof(T) == 4)
        return {a, a};
    else
        return a;
}

// How many packs of T go around the four accumulators of a canonical sum in double.
template <class T>
inline constexpr std::size_t sum_group = sizeof(T) == 4 ? 2 : 4;

// A sum in double in the canonical order of docs/numerics.md: packs of double go to the four accumulators in
// turn, then (p0 + p1) + (p2 + p3), then the lanes fold by halves.
template <class Isa, class T>
struct CanonicalSum {
    Pack<Isa, double> accumulator[4];

    AG_INLINE CanonicalSum() {
        unrolled<4>([&](std::size_t k) AG_INLINE_LAMBDA { accumulator[k] = Pack<Isa, double>::zero(); });
    }
    // k: the pack's number modulo sum_group<T>.
    AG_INLINE void add(std::size_t k, Pack<Isa, double> a) { accumulator[k] = accumulator[k] + a; }
    AG_INLINE void add(std::size_t k, WidePack<Isa> a) {
        accumulator[2 * k] = accumulator[2 * k] + a.low;
        accumulator[2 * k + 1] = accumulator[2 * k + 1] + a.high;
    }
    AG_INLINE double total() const {
        return fold((accumulator[0] + accumulator[1]) + (accumulator[2] + accumulator[3]));
    }
};

} // namespace
} // namespace anisograd
