// SPDX-License-Identifier: BSD-3-Clause
//
// The floating-point modes that a caller may be in: the control bits of MXCSR, or of FPCR.
#pragma once

#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace test {

#if defined(__x86_64__)
using Mode = std::uint32_t;
inline Mode read_mode() {
    return _mm_getcsr() & 0xffc0; // the rest are flags, which functions may raise
}
inline void write_mode(Mode mode) {
    _mm_setcsr(mode);
}
inline constexpr Mode default_mode = 0x1f80;
#elif defined(__aarch64__)
using Mode = std::uint64_t;
inline Mode read_mode() {
    Mode mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}
inline void write_mode(Mode mode) {
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}
inline constexpr Mode default_mode = 0;
#endif

struct NamedMode {
    const char* name;
    Mode mode;
};

inline constexpr NamedMode all_modes[] = {
#if defined(__x86_64__)
    {"flush", 0x9fc0}, // results to zero, and denormals as zero
    {"down", 0x3f80},  {"up", 0x5f80}, {"zero", 0x7f80}, {"unmasked", 0x0000}, // every exception is a signal
#elif defined(__aarch64__)
    {"flush", Mode(1) << 24},
    {"down", Mode(2) << 22},
    {"up", Mode(1) << 22},
    {"zero", Mode(3) << 22},
// Few CPUs have signals for exceptions; on others these bits stay 0.
#endif
};

} // namespace test
