// SPDX-License-Identifier: BSD-3-Clause
//
// That kernels/divisor.hpp gives the quotients of the division instruction: for the quotients that are nearest to the
// middle between two numbers, for random ones, and outside the range where it multiplies. Compiled for one ISA, as
// exhaustive_root.cpp.
//
//     hard_quotients_<isa> [STRIDE]     every STRIDE-th odd significand of an f32 divisor, default 1
#include "kernels/divisor.hpp"
#include "tests/proof.hpp"

#include <float.h>
#include <math.h>

namespace anisograd {
namespace {

template <class T>
unsigned long long wrong_quotients(const T (&dividend)[Pack<TestedIsa, T>::lanes], T divisor) {
    using P = Pack<TestedIsa, T>;
    T expected[P::lanes];
    for (std::size_t i = 0; i < P::lanes; ++i)
        expected[i] = dividend[i] / divisor;
    return wrong_lanes(P::load(dividend) / Divisor<TestedIsa, T>(divisor), P::load(expected));
}

// 1/b modulo 2^64: each turn doubles the right bits, of which b itself has three.
std::uint64_t inverse_of_odd(std::uint64_t b) {
    std::uint64_t inverse = b;
    for (int turn = 0; turn < 5; ++turn)
        inverse *= 2 - b * inverse;
    return inverse;
}

// Dividends A of p bits for the odd divisor B of p bits, whose quotients are next to the middle between two
// neighbours: M 2^-p (M 2^-(p+1) where A < B), M of p + 1 bits and odd. A 2^p - M B = k for an odd k gives M modulo
// 2^p, hence M and A; small k are the nearest. A lane that has no such A gets a random one.
template <class T>
unsigned long long wrong_for_divisor(std::uint64_t b, unsigned long long& hard) {
    constexpr int p = sizeof(T) == 4 ? 24 : 53;
    constexpr std::uint64_t one = 1, least = one << (p - 1);
    __extension__ using Wide = __int128;
    const std::uint64_t inverse = inverse_of_odd(b);
    // In the range where it multiplies.
    constexpr int divisor_range = sizeof(T) == 4 ? 39 : 399, dividend_range = sizeof(T) == 4 ? 62 : 500;
    const int exponent = int(random_bits() % (2 * divisor_range)) - divisor_range;
    T dividend[Pack<TestedIsa, T>::lanes];
    int lane = 0;
    for (const int shift : {p, p + 1})
        for (std::int64_t k = 1; k < std::int64_t(Pack<TestedIsa, T>::lanes); k += 2) {
            const std::int64_t signed_k = k % 4 == 1 ? (k + 1) / 2 : -(k - 1) / 2; // 1, -1, 3, -3, ...
            const std::uint64_t middle =
                ((-std::uint64_t(signed_k) * inverse) & ((one << p) - 1)) | (one << p);
            const Wide scaled = Wide(middle) * Wide(b) + signed_k;
            std::uint64_t a = std::uint64_t(scaled >> shift);
            const bool exact = (scaled & ((Wide(1) << shift) - 1)) == 0;
            if (exact && a >= least && a < 2 * least)
                ++hard;
            else
                a = least | (random_bits() & (least - 1));
            const int place = int(random_bits() % (2 * dividend_range)) - dividend_range - p + 1;
            dividend[lane++] = T(::ldexp(random_bits() & 1 ? double(a) : -double(a), place));
        }
    return wrong_quotients(dividend, T(::ldexp(double(b), exponent - p + 1)));
}

template <class T>
void try_hard_cases(const char* type, std::uint64_t stride, std::uint64_t divisors) {
    constexpr std::uint64_t least = std::uint64_t(1) << (sizeof(T) == 4 ? 23 : 52);
    unsigned long long wrong = 0, hard = 0;
    for (std::uint64_t i = 0; i < divisors; i += stride)
        wrong += wrong_for_divisor<T>(
            sizeof(T) == 4 ? least + 1 + 2 * i : least | (random_bits() & (least - 1)) | 1, hard);
    for (std::uint64_t last = 1; last < 4096; last += 2) // significands of almost only ones, or zeros
        wrong += wrong_for_divisor<T>(2 * least - last, hard) + wrong_for_divisor<T>(least + last, hard);
    printf("%s, %llu quotients next to the middle, and as many others: %llu wrong\n", type, hard, wrong);
    failures += wrong + (hard == 0);
}

// All bit patterns are as likely: most are out of the range.
template <class T>
void try_everything(const char* type, int count) {
    const T special[] = {
        T(0),       -T(0),       T(1),        T(INFINITY),        -T(INFINITY),       T(NAN),
        T(1) / 3,   T(0x1p-149), T(0x1p-64),  T(0x1p-40),         T(0x1.8p-40),       T(0x1p40),
        T(0x1p-63), T(0x1p63),   T(0x1p-512), T(0x1.fffffep62),   T(0x1p-400),        T(0x1p400),
        T(0x1p64),  T(0x1p-126), T(FLT_MAX),  T(0x1.fffffep-127), T(0x1.000002p-40f), T(5)};
    constexpr std::size_t specials = sizeof special / sizeof special[0], lanes = Pack<TestedIsa, T>::lanes;
    unsigned long long wrong = 0;
    for (int i = 0; i < count; ++i) {
        T value[lanes + 1];
        for (std::size_t k = 0; k <= lanes; ++k) {
            const std::uint64_t bits = random_bits();
            memcpy(&value[k], &bits, sizeof value[k]);
            const std::uint64_t kind = random_bits() % 4;
            if (kind == 0)
                value[k] = special[random_bits() % specials];
            else if (kind == 1)
                value[k] = T(random_bits() % 1000) / 8;
        }
        T dividend[lanes];
        memcpy(dividend, value, sizeof dividend);
        wrong += wrong_quotients(dividend, value[lanes]);
        for (const T divisor : special)
            wrong += wrong_quotients(dividend, divisor);
    }
    printf("%s, %d packs of any numbers: %llu wrong\n", type, count, wrong);
    failures += wrong;
}

} // namespace
} // namespace anisograd

int main(int argument_count, char** arguments) {
    using namespace anisograd;
    return run_proof(argument_count, arguments, [](std::uint32_t stride) {
        try_hard_cases<float>("f32", stride, std::uint64_t(1) << 22);
        try_hard_cases<double>("f64", stride, std::uint64_t(1) << 22);
        try_everything<float>("f32", 20000);
        try_everything<double>("f64", 20000);
    });
}
