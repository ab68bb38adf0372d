// SPDX-License-Identifier: BSD-3-Clause
//
// The control bits of the floating-point unit. Kernels compute with the default ones (round to nearest,
// subnormals honoured, exceptions masked), whatever the caller has set.
#pragma once

#include <cstdint>

namespace anisograd {

class FloatingPointEnvironment {
public:
    FloatingPointEnvironment() {
        if ((saved & control_bits) != default_control)
            write((saved & ~control_bits) | default_control);
    }
    // Status flags raised meanwhile stay raised.
    ~FloatingPointEnvironment() {
        if ((saved & control_bits) != default_control)
            write((read() & ~control_bits) | (saved & control_bits));
    }
    FloatingPointEnvironment(const FloatingPointEnvironment&) = delete;
    FloatingPointEnvironment& operator=(const FloatingPointEnvironment&) = delete;

private:
#if defined(__x86_64__)
    using Register = std::uint32_t; // MXCSR: flags in bits 0 to 5; DAZ, masks, rounding, FTZ in 6 to 15
    static constexpr Register control_bits = 0xffc0, default_control = 0x1f80;
    static Register read() {
        Register value; // NOLINT(cppcoreguidelines-init-variables): the instruction writes it
        __asm__ volatile("stmxcsr %0" : "=m"(value) : : "memory");
        return value;
    }
    static void write(Register value) {
        __asm__ volatile("ldmxcsr %0" : : "m"(value) : "memory");
    }
#elif defined(__aarch64__)
    using Register = std::uint64_t; // FPCR: control alone; the flags are in FPSR
    static constexpr Register control_bits = ~Register(0), default_control = 0;
    static Register read() {
        Register value;
        __asm__ volatile("mrs %0, fpcr" : "=r"(value) : : "memory");
        return value;
    }
    static void write(Register value) {
        __asm__ volatile("msr fpcr, %0" : : "r"(value) : "memory");
    }
#else
    using Register = int;
    static constexpr Register control_bits = 0, default_control = 0;
    static Register read() {
        return 0;
    }
    static void write(Register) {}
#endif
    Register saved = read();
};

} // namespace anisograd
