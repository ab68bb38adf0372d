// SPDX-License-Identifier: BSD-3-Clause
//
// That kernels/root.hpp gives correctly rounded square roots, whatever table the CPU makes its estimates
// from: the proofs by enumeration that its comment speaks of. Compiled for one ISA, with ANISOGRAD_ISA_TAG
// and ANISOGRAD_ISA_ID as kernels/isa/.
//
//     exhaustive_root_<isa> [STRIDE]     f32: every STRIDE-th significand, default 1, which takes seconds.
//     CTest runs
//                                        it with a stride.
#include "kernels/root.hpp"
#include "tests/proof.hpp"

#include <math.h>

namespace anisograd {
namespace {

template <class To, class From>
To bits_as(From from) {
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}

// root_from_estimate(x, every float within the bound of 1/sqrt(x)): how many are wrong.
template <class Isa>
unsigned long long wrong_with_any_estimate(float x) {
    using P = Pack<Isa, float>;
    using Integers = Pack<Isa, std::uint32_t>;
    const double exact = 1 / ::sqrt(double(x));
    const auto first = bits_as<std::uint32_t>(float(exact * (1 - fine_estimate_error)));
    const auto last = bits_as<std::uint32_t>(float(exact * (1 + fine_estimate_error)));
    const P xs = P::broadcast(x), expected = P::broadcast(::sqrtf(x));
    std::uint32_t lane[P::lanes];
    for (std::uint32_t i = 0; i < P::lanes; ++i)
        lane[i] = first + i;
    Integers estimate = Integers::load(lane);
    unsigned long long wrong = 0;
    for (std::uint32_t bits = first; bits <= last; bits += P::lanes) {
        const P result = root_from_estimate(xs, from_bits<float>(estimate));
        if (any(!(result == expected)))
            wrong += wrong_lanes(result, expected);
        estimate = estimate + Integers::broadcast(P::lanes);
    }
    return wrong;
}

template <class Isa>
void try_all_estimates(std::uint32_t stride) {
    unsigned long long wrong = 0;
    for (std::uint32_t bits = 0x3f800000; bits < 0x40800000; bits += stride)
        wrong += wrong_with_any_estimate<Isa>(bits_as<float>(bits));
    printf("f32, x in [1, 4), every estimate within %a: %llu wrong\n", fine_estimate_error, wrong);
    failures += wrong;
}

// All floats in the range, from the CPU's own estimates.
template <class Isa>
void try_all_floats(std::uint32_t stride) {
    using P = Pack<ForRoots<Isa>, float>;
    unsigned long long wrong = 0, packs = 0;
    std::uint32_t lane[P::lanes];
    const std::uint64_t step = std::uint64_t(P::lanes) * stride;
    for (std::uint64_t first = 0; first < 0x100000000; first += step) {
        for (std::size_t i = 0; i < P::lanes; ++i)
            lane[i] = std::uint32_t(first + i);
        float x[P::lanes], result[P::lanes];
        memcpy(x, lane, sizeof x);
        const P xs = P::load(x);
        if (!all_in_root_range(xs))
            continue;
        ++packs;
        for (const P& roots : {root_from_estimate(xs, fine_estimate(xs)), root_in_range(xs)}) {
            roots.store(result);
            for (std::size_t i = 0; i < P::lanes; ++i) {
                const float expected = ::sqrtf(x[i]);
                wrong += memcmp(&result[i], &expected, sizeof expected) != 0 &&
                         !(result[i] != result[i] && expected != expected);
            }
        }
    }
    printf("f32, the CPU's estimates, %llu packs in the range: %llu wrong\n", packs, wrong);
    failures += wrong + (packs == 0);
}

// With the CPU's estimate, and with random ones within the bound.
template <class Isa>
unsigned long long wrong_with_some_estimates(double x, int packs) {
    using P = Pack<Isa, double>;
    const P xs = P::broadcast(x), expected = P::broadcast(::sqrt(x));
    const double exact = 1 / ::sqrt(x);
    unsigned long long wrong = wrong_lanes(root_from_estimate(xs, estimate_inverse_root(xs)), expected);
    for (int k = 0; k < packs; ++k) {
        double estimate[P::lanes];
        for (double& e : estimate)
            e = exact * (1 + fine_estimate_error * (double(std::int64_t(random_bits())) * 0x1p-63));
        wrong += wrong_lanes(root_from_estimate(xs, P::load(estimate)), expected);
    }
    return wrong;
}

// The f64 roots that are nearest to the middle between two numbers. With m = M 2^-53, M odd, the middle
// between two neighbours in [1, 2), and x = X 2^-52 or X 2^-51, X in [2^52, 2^53): M^2 - X 2^54 (2^55) = k,
// and the root of x is |k| 2^-107 / m away from m. The error before the last rounding: half_inverse is
// within 1.93 2^-53 of 1/(2 root) (half of the rounding of x * half_inverse, 3/2 2^-55.2 from the step, its
// own rounding), root within 2.93 2^-53, so that root + residual * half_inverse is off by 2.93 (1.93 + 2.93 /
// 2) 2^-106, and the rounding of the residual adds 2.93 2^-106: below 13 2^-106 root together. Only |k| <= 26
// root^2 <= 104 can matter. For each k, the square roots of k modulo 2^54 (2^55), bit by bit.
template <class Isa>
void try_hard_cases() {
    unsigned long long wrong = 0;
    int cases = 0;
    for (int shift = 54; shift <= 55; ++shift)
        for (std::int64_t k = -127; k <= 127; k += 2) {
            const auto residue = std::uint64_t(k);
            std::uint64_t candidates[64] = {1};
            int count = 1;
            for (int bit = 1; bit < shift; ++bit) {
                // Those of the candidates M, M + 2^bit whose squares are right modulo 2^(bit + 1).
                const std::uint64_t mask = (std::uint64_t(2) << bit) - 1;
                std::uint64_t next[64];
                int next_count = 0;
                for (int i = 0; i < count; ++i)
                    for (const std::uint64_t candidate :
                         {candidates[i], candidates[i] + (std::uint64_t(1) << bit)})
                        if (((candidate * candidate - residue) & mask) == 0 && next_count < 64)
                            next[next_count++] = candidate;
                count = next_count;
                memcpy(candidates, next, sizeof next);
            }
            for (int i = 0; i < count; ++i) {
                const std::uint64_t middle = candidates[i];
                if (middle < (std::uint64_t(1) << 53) || middle >= (std::uint64_t(1) << 54))
                    continue;
                __extension__ using Wide = unsigned __int128;
                const Wide rest = Wide(middle) * middle - Wide(__int128(k));
                const auto significand = std::uint64_t(rest >> shift);
                if (significand < (std::uint64_t(1) << 52) || significand >= (std::uint64_t(1) << 53))
                    continue;
                const double x = double(significand) * (shift == 54 ? 0x1p-52 : 0x1p-51);
                wrong += wrong_with_some_estimates<Isa>(x, 20000);
                ++cases;
            }
        }
    printf("f64, %d hardest cases: %llu wrong\n", cases, wrong);
    failures += wrong + (cases != 47);
}

template <class Isa>
void try_random_doubles(int count) {
    unsigned long long wrong = 0;
    for (int i = 0; i < count; ++i) {
        const double x =
            ::ldexp(double(random_bits() >> 11 | std::uint64_t(1) << 52), int(random_bits() % 800) - 700);
        wrong += wrong_with_some_estimates<Isa>(x, 1);
    }
    printf("f64, %d random x: %llu wrong\n", count, wrong);
    failures += wrong;
}

template <class Isa>
void try_doubles(int count) {
    if constexpr (has_estimates<Isa, double>) {
        try_hard_cases<Isa>();
        try_random_doubles<Isa>(count);
    }
}

} // namespace
} // namespace anisograd

int main(int argument_count, char** arguments) {
    using namespace anisograd;
    return run_proof(argument_count, arguments, [](std::uint32_t stride) {
        try_all_estimates<TestedIsa>(stride);
        try_all_floats<TestedIsa>(stride);
        try_doubles<TestedIsa>(int(20000000 / stride) + 1);
    });
}
