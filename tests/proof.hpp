// SPDX-License-Identifier: BSD-3-Clause
//
// What the proofs by enumeration share. They are compiled for one ISA, with ANISOGRAD_ISA_TAG and ANISOGRAD_ISA_ID as
// kernels/isa/.
#pragma once

#include "kernels/pack.hpp"

#include "anisograd/anisograd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace anisograd {
namespace {

using TestedIsa = ANISOGRAD_ISA_TAG;

unsigned long long failures = 0;
std::uint64_t random_state = 1;

[[maybe_unused]] std::uint64_t random_bits() { // splitmix64
    std::uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

template <class Isa, class T>
unsigned long long wrong_lanes(Pack<Isa, T> a, Pack<Isa, T> b) {
    T x[Pack<Isa, T>::lanes], y[Pack<Isa, T>::lanes];
    a.store(x);
    b.store(y);
    unsigned long long wrong = 0;
    for (std::size_t i = 0; i < Pack<Isa, T>::lanes; ++i)
        wrong += memcmp(&x[i], &y[i], sizeof x[i]) != 0 && !(x[i] != x[i] && y[i] != y[i]);
    return wrong;
}

// main's result: prove(stride) with the argument, or 1.
template <class Prove>
int run_proof(int argument_count, char** arguments, Prove prove) {
    if (ag_isa_supported(ANISOGRAD_ISA_ID) == 0) {
        printf("skipped: %s does not run here\n", ag_isa_name(ANISOGRAD_ISA_ID));
        return 77;
    }
    prove(argument_count > 1 ? std::uint32_t(atoi(arguments[1])) : std::uint32_t(1));
    return failures != 0;
}

} // namespace
} // namespace anisograd
