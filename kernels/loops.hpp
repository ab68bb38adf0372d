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
    // a, with 0 where there is no element: what a sum's term must have there.
    AG_INLINE Pack<Isa, T> without_padding(Pack<Isa, T> a) const { return a; }
    template <class Index>
    AG_INLINE Pack<Isa, T> gather(const T* p, const Index* indices) const {
        return Pack<Isa, T>::gather(p, indices + index, Pack<Isa, T>::lanes);
    }
    // Numbers of one or two bytes, as many as T's lanes; T is float.
    template <class Short>
    AG_INLINE Pack<Isa, Bits<T>> load_short(const Short* p) const {
        return Pack<Isa, Bits<T>>::load_short(p + index);
    }
    template <class Short>
    AG_INLINE void store_short(Short* p, Pack<Isa, Bits<T>> a) const {
        a.store_short(p + index);
    }
};

// The first count elements of the pack at index; the rest reads as 0 and is not written.
template <class Isa, class T>
struct PartOfPack {
    std::size_t index, count;
    AG_INLINE Pack<Isa, T> load(const T* p) const { return Pack<Isa, T>::load_partial(p + index, count); }
    AG_INLINE void store(T* p, Pack<Isa, T> a) const { a.store_partial(p + index, count); }
    AG_INLINE Pack<Isa, T> without_padding(Pack<Isa, T> a) const {
        alignas(pack_bytes) T lane[Pack<Isa, T>::lanes] = {};
        a.store_partial(lane, count);
        return Pack<Isa, T>::load(lane);
    }
    template <class Index>
    AG_INLINE Pack<Isa, T> gather(const T* p, const Index* indices) const {
        return Pack<Isa, T>::gather(p, indices + index, count);
    }
};

// Asks for the memory of a whole pack.
template <bool write, class Isa, class T, class Element>
AG_INLINE void prefetch(WholePack<Isa, T> at, const Element* p) {
    constexpr std::size_t line = 64 / sizeof(Element);
    for (std::size_t i = 0; i < Pack<Isa, T>::lanes; i += line)
        __builtin_prefetch(p + at.index + i, write ? 1 : 0);
}
template <bool write, class At, class Element>
AG_INLINE void prefetch(At, const Element*) {}

// Some packs ahead, which the hardware does not ask for early enough: a step in memory takes 4 to 6 per cent less time on
// Zen 4, 15 on Sapphire Rapids, there the passes of projections 15 to 35, and no more in cache.
inline constexpr std::size_t elements_ahead = 512;
template <bool write, class At, class Element>
AG_INLINE void prefetch_ahead(At at, const Element* p) {
    prefetch<write>(at, p + elements_ahead);
}

// Two pages ahead, for the one array that a kernel reads: 10 to 20 per cent less time in memory on Zen 5.
template <class T>
inline constexpr std::size_t elements_read_ahead = 8192 / sizeof(T);
template <class T, class At>
AG_INLINE void read_ahead(At at, const T* p) {
    prefetch<false>(at, p + elements_read_ahead<T>);
}

template <class Isa, class T, class Body>
AG_INLINE void for_each_pack(std::size_t n, Body body) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        body(WholePack<Isa, T>{i});
    if (i < n)
        body(PartOfPack<Isa, T>{i, n - i});
}

// body(at) as above, and after it later(at) for the place so many packs before: what takes the results of long chains would
// wait for them, and keep the next chains from being started.
template <std::size_t packs_behind, class Isa, class T, class Body, class Later>
AG_INLINE void for_each_pack_and_later(std::size_t n, Body body, Later later) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes, behind = packs_behind * lanes;
    std::size_t i = 0, done = 0;
    for (; i + lanes <= n && i < behind; i += lanes)
        body(WholePack<Isa, T>{i});
    for (; i + lanes <= n; i += lanes, done += lanes) {
        body(WholePack<Isa, T>{i});
        later(WholePack<Isa, T>{done});
    }
    if (i < n)
        body(PartOfPack<Isa, T>{i, n - i});
    for (; done + lanes <= n; done += lanes)
        later(WholePack<Isa, T>{done});
    if (done < n)
        later(PartOfPack<Isa, T>{done, n - done});
}

// For kernels that take whole packs only: zeros in place of an array's last elements, or a copy of these with
// zeros after them.
template <class T, std::size_t length>
class Padded {
public:
    AG_INLINE explicit Padded(std::size_t count) : count_(count) {}
    AG_INLINE Padded(const T* from, std::size_t count) : Padded(count) {
        for (std::size_t i = 0; i < count; ++i)
            element_[i] = from[i];
    }
    AG_INLINE T* data() { return element_; }
    AG_INLINE void copy_to(T* out) const {
        for (std::size_t i = 0; i < count_; ++i)
            out[i] = element_[i];
    }

private:
    std::size_t count_;
    alignas(pack_bytes) T element_[length] = {};
};

// The same for whole packs in groups: body(at, k) with k = 0 .. group - 1, a constant once inlined. Gives the
// index of the first element that is left.
template <class Isa, class T, std::size_t group, class Body>
AG_INLINE std::size_t for_each_whole_group(std::size_t n, Body body) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    std::size_t i = 0;
    for (; i + group * lanes <= n; i += group * lanes)
        unrolled<group>([&](std::size_t k) AG_INLINE_LAMBDA { body(WholePack<Isa, T>{i + k * lanes}, k); });
    return i;
}

// ---- Computing in double for both types ----------------------------------------------------------------

template <class Isa>
AG_INLINE WidePack<Isa> operator*(const WidePack<Isa>& a, const WidePack<Isa>& b) {
    return {a.low * b.low, a.high * b.high};
}
template <class Isa>
AG_INLINE WidePack<Isa> operator/(const WidePack<Isa>& a, const WidePack<Isa>& b) {
    return {a.low / b.low, a.high / b.high};
}
template <class Isa>
AG_INLINE WidePack<Isa> operator+(const WidePack<Isa>& a, const WidePack<Isa>& b) {
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
AG_INLINE Pack<Isa, T> from_double(const WidePack<Isa>& a) {
    return narrow(a);
}
template <class T, class Isa>
AG_INLINE Pack<Isa, T> from_double(Pack<Isa, double> a) {
    return a;
}

template <class Isa>
AG_INLINE void store_doubles(double* p, const WidePack<Isa>& a) {
    a.low.store(p);
    a.high.store(p + Pack<Isa, double>::lanes);
}
template <class Isa>
AG_INLINE void store_doubles(double* p, Pack<Isa, double> a) {
    a.store(p);
}

// Applies function to the packs of double that correspond to one pack of T.
template <class Isa, class Function, class... More>
AG_INLINE WidePack<Isa> in_doubles(Function function, const WidePack<Isa>& a, const More&... more) {
    return {function(a.low, more.low...), function(a.high, more.high...)};
}
template <class Isa, class Function, class... More>
AG_INLINE Pack<Isa, double> in_doubles(Function function, Pack<Isa, double> a, const More&... more) {
    return function(a, more...);
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

template <class Isa, class T>
AG_INLINE Doubles<Isa, T> load_doubles(const double* p) {
    const auto a = Pack<Isa, double>::load(p);
    if constexpr (sizeof(T) == 4)
        return {a, Pack<Isa, double>::load(p + Pack<Isa, double>::lanes)};
    else
        return a;
}

// Doubles to add up where x is above a threshold, or NaN.
template <class Isa>
struct AddedWhere {
    PackMask<Isa, double> added;
    Pack<Isa, double> value;
};
template <class Isa>
struct WideAddedWhere {
    AddedWhere<Isa> low, high;
};
template <class Isa>
AG_INLINE AddedWhere<Isa> added_above(Pack<Isa, double> x, Pack<Isa, double> threshold,
                                      Pack<Isa, double> value) {
    return {!(x <= threshold), value};
}
template <class Isa>
AG_INLINE WideAddedWhere<Isa> added_above(const WidePack<Isa>& x, const WidePack<Isa>& threshold,
                                          const WidePack<Isa>& value) {
    return {added_above(x.low, threshold.low, value.low), added_above(x.high, threshold.high, value.high)};
}
template <class Isa, class T>
using DoublesAbove = decltype(added_above(Doubles<Isa, T>{}, Doubles<Isa, T>{}, Doubles<Isa, T>{}));

template <class Isa>
AG_INLINE Pack<Isa, double> operator+(Pack<Isa, double> sum, const AddedWhere<Isa>& a) {
    return select(a.added, sum + a.value, sum);
}
template <class Isa>
AG_INLINE WidePack<Isa> operator+(const WidePack<Isa>& sum, const WideAddedWhere<Isa>& a) {
    return {sum.low + a.low, sum.high + a.high};
}
template <class Isa>
AG_INLINE void store_doubles(double* p, const AddedWhere<Isa>& a) {
    select(a.added, a.value, Pack<Isa, double>::zero()).store(p);
}
template <class Isa>
AG_INLINE void store_doubles(double* p, const WideAddedWhere<Isa>& a) {
    store_doubles(p, a.low);
    store_doubles(p + Pack<Isa, double>::lanes, a.high);
}

// Squares to add up. A float's square is exact in double, so that a fused multiply-add gives the same sum.
template <class Isa>
struct ExactSquares {
    WidePack<Isa> root;
};
template <class Isa>
AG_INLINE ExactSquares<Isa> squares(Pack<Isa, float> a) {
    return {widen(a)};
}
template <class Isa>
AG_INLINE Pack<Isa, double> squares(Pack<Isa, double> a) {
    return a * a;
}
template <class Isa, class T>
using Squares = decltype(squares(Pack<Isa, T>{}));

template <class Isa>
AG_INLINE WidePack<Isa> operator+(const WidePack<Isa>& sum, const ExactSquares<Isa>& a) {
    if constexpr (Isa::has_fma)
        return {fma(a.root.low, a.root.low, sum.low), fma(a.root.high, a.root.high, sum.high)};
    else
        return sum + a.root * a.root;
}
template <class Isa>
AG_INLINE void store_doubles(double* p, const ExactSquares<Isa>& a) {
    store_doubles(p, a.root * a.root);
}

// ---- Sums ----------------------------------------------------------------------------------------------

// Sums keep many accumulators at once, so that NEON's 32 registers hold them only if little else is live:
// there, and on the portable ISA, their loops take one register at a time. So do those of kernels that have
// many constants.
template <class Isa>
struct SizeForSums {
    using type = Isa;
};
template <>
struct SizeForSums<Portable> {
    using type = PacksOf<Portable, 16>;
};
#if defined(__aarch64__)
template <>
struct SizeForSums<Neon> {
    using type = PacksOf<Neon, 16>;
};
#endif
template <class Isa>
using ForSums = typename SizeForSums<Isa>::type;

inline constexpr std::size_t sum_accumulators = 16;

template <class Isa>
AG_INLINE double fold_pack(const WidePack<Isa>& a) {
    return fold(a.low + a.high);
}
template <class Isa>
AG_INLINE double fold_pack(Pack<Isa, double> a) {
    return fold(a);
}

// By halves: accumulator i with i + 8, then 4, 2, 1.
template <class Terms, std::size_t count>
AG_INLINE double fold_terms(const Terms (&a)[count]) {
    if constexpr (count == 1) {
        return fold_pack(a[0]);
    } else {
        Terms half[count / 2];
        unrolled<count / 2>([&](std::size_t k) AG_INLINE_LAMBDA { half[k] = a[k] + a[k + count / 2]; });
        return fold_terms(half);
    }
}

// The terms that are left after whole groups, in memory: a function of its own, so that the hot loop stays
// small (cmake/check_objects.py knows it by its name). term is a copy, so that what it has captured stays in
// registers there.
template <class Isa, class T, class Out, std::size_t sums, class Term>
AG_OUTLINED void terms_left(std::size_t first, std::size_t n, double (&last)[sums][sum_accumulators],
                            Term term) {
    constexpr std::size_t lanes = Pack<Isa, T>::lanes;
    std::size_t k = 0;
    for (std::size_t i = first; i < n; i += lanes, k += lanes) {
        Out out[sums];
        term(PartOfPack<Isa, T>{i, n - i < lanes ? n - i : lanes}, out);
        for (std::size_t s = 0; s < sums; ++s)
            store_doubles(last[s] + k, out[s]);
    }
}

// Sums in double, in the order of docs/numerics.md: term i goes to accumulator i mod 16, and these fold by
// halves. term(at, out) writes one pack's terms of each sum; it captures by value. Out: Doubles,
// DoublesAbove or Squares.
template <class Isa, class T, class Out = Doubles<Isa, T>, std::size_t sums, class Term>
AG_INLINE void canonical_sums(std::size_t n, double (&totals)[sums], Term term) {
    using Terms = Doubles<Isa, T>;
    constexpr std::size_t lanes = Pack<Isa, T>::lanes, group = sum_accumulators / lanes;
    Terms accumulator[sums][group];
    unrolled<sums>([&](std::size_t s) AG_INLINE_LAMBDA {
        unrolled<group>([&](std::size_t k)
                            AG_INLINE_LAMBDA { accumulator[s][k] = broadcast_double<Isa, T>(0); });
    });
    const std::size_t left =
        for_each_whole_group<Isa, T, group>(n, [&](auto at, std::size_t k) AG_INLINE_LAMBDA {
            Out out[sums];
            term(at, out);
            unrolled<sums>([&](std::size_t s)
                               AG_INLINE_LAMBDA { accumulator[s][k] = accumulator[s][k] + out[s]; });
        });
    if (left < n) {
        alignas(pack_bytes) double last[sums][sum_accumulators] = {};
        terms_left<Isa, T, Out>(left, n, last, term);
        unrolled<sums>([&](std::size_t s) AG_INLINE_LAMBDA {
            unrolled<group>([&](std::size_t k) AG_INLINE_LAMBDA {
                accumulator[s][k] = accumulator[s][k] + load_doubles<Isa, T>(last[s] + k * lanes);
            });
        });
    }
    unrolled<sums>([&](std::size_t s) AG_INLINE_LAMBDA { totals[s] = fold_terms(accumulator[s]); });
}

} // namespace
} // namespace anisograd
