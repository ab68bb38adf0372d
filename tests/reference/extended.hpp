// SPDX-License-Identifier: BSD-3-Clause
//
// The type in which conditions of optimality are looked at.
#pragma once

#include <cfloat>
#include <cmath>

namespace reference {

// 113 bits and 15 of exponent: products of two doubles are exact, and no sum of them overflows. Not x86's
// long double, in which valgrind computes with 53 bits.
#if defined(__SIZEOF_FLOAT128__)
__extension__ typedef __float128 Extended;
#else
using Extended = long double;
static_assert(LDBL_MANT_DIG >= 64);
#endif

inline Extended absolute(Extended x) {
    return x < 0 ? -x : x;
}

// Of a number of double's range: its root, improved by one step of Newton's method.
inline Extended square_root(Extended x) {
    const Extended root = std::sqrt(static_cast<double>(x));
    return root > 0 ? (root + x / root) / 2 : root;
}

} // namespace reference
