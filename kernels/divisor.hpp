// SPDX-License-Identifier: BSD-3-Clause
//
// Many quotients by one divisor, with the bits of the division instruction, which takes several times as long.
//
// Sources: Markstein, Computation of elementary functions on the IBM RISC System/6000 processor (1990); Brisebarre,
// Muller, Raina, Accelerating correctly rounded floating-point division when the divisor is known in advance (IEEE
// Transactions on Computers, 2004).
#pragma once

#include "kernels/root.hpp"

namespace anisograd {
namespace {

// inverse is 1/divisor, correctly rounded, and rest is what is missing from it, so that their sum has a relative
// error below 2^-45 (f64: 2^-103). A quotient by the sum is off by little more than half a unit in the last place;
// where it is off by less than one, the exact remainder, times inverse, added to it, rounds it correctly (Markstein).
template <class Isa, class T>
class Divisor {
    using P = Pack<Isa, T>;

public:
    AG_INLINE explicit Divisor(T divisor) : divisor_(P::broadcast(divisor)) {
        if constexpr (by_multiplication) {
            // Nothing underflows or overflows, with a dividend in all_in_root_range, too, but f32's a * rest_, which
            // loses less than 2^-45 of the quotient.
            in_range_ = divisor >= least && divisor <= 1 / least;
            const T inverse = 1 / divisor;
            inverse_ = P::broadcast(inverse);
            rest_ = fnma(divisor_, inverse_, P::broadcast(T(1))) * inverse_;
        }
    }

    AG_INLINE P value() const { return divisor_; }

    friend AG_INLINE P operator/(P a, const Divisor& d) {
        if constexpr (by_multiplication)
            if (d.in_range_ && all_in_root_range(abs(a), least_dividend)) [[likely]]
                return d.quotient_in_range(a);
        return a / d.divisor_;
    }

private:
    static constexpr bool by_multiplication = has_estimates<Isa, float>; // measured where there are estimates
    static constexpr T least = sizeof(T) == 4 ? T(0x1p-40) : T(0x1p-400);
    static constexpr T least_dividend = sizeof(T) == 4 ? T(0x1p-64) : T(0x1p-512);

    AG_INLINE P quotient_in_range(P a) const {
        const P quotient = fma(a, inverse_, a * rest_);
        return fma(fnma(quotient, divisor_, a), inverse_, quotient);
    }

    P divisor_, inverse_, rest_;
    bool in_range_;
};

} // namespace
} // namespace anisograd
