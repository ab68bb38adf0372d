// SPDX-License-Identifier: BSD-3-Clause
#include "src/cpu.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace anisograd {

#if defined(__x86_64__)
namespace {

constexpr unsigned bit(unsigned i) {
    return 1u << i;
}

constexpr bool has(unsigned word, unsigned bits) {
    return (word & bits) == bits;
}

struct Features {
    bool avx2 = false, avx512 = false;
};

Features read_features() {
    Features features;
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0)
        return features;
    // What -mavx2 -mfma -mf16c imply: SSE3, SSSE3, FMA, SSE4.1, SSE4.2, POPCNT, AVX, F16C; and OSXSAVE, to ask
    // further.
    constexpr unsigned leaf1 =
        bit(0) | bit(9) | bit(12) | bit(19) | bit(20) | bit(23) | bit(27) | bit(28) | bit(29);
    if (!has(ecx, leaf1))
        return features;
    // XGETBV: which registers the operating system saves. Bits 1, 2: xmm, ymm; 5 to 7: mask, zmm.
    unsigned low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if (!has(low, bit(1) | bit(2)) || __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0)
        return features;
    features.avx2 = has(ebx, bit(5));
    // AVX-512 F, DQ, CD, BW, VL.
    features.avx512 = features.avx2 && has(low, bit(5) | bit(6) | bit(7)) &&
                      has(ebx, bit(16) | bit(17) | bit(28) | bit(30) | bit(31));
    return features;
}

} // namespace

bool cpu_runs(ag_isa isa) {
    static const Features features = read_features();
    return isa == AG_ISA_PORTABLE || (isa == AG_ISA_AVX2 && features.avx2) ||
           (isa == AG_ISA_AVX512 && features.avx512);
}

#elif defined(__aarch64__)

bool cpu_runs(ag_isa isa) {
    return isa == AG_ISA_PORTABLE || isa == AG_ISA_NEON; // Advanced SIMD is part of the base architecture
}

#else

bool cpu_runs(ag_isa isa) {
    return isa == AG_ISA_PORTABLE;
}

#endif

} // namespace anisograd
