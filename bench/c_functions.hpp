// SPDX-License-Identifier: BSD-3-Clause
//
// The C library's functions by overload. Of each file its own, since files differ in flags; not the standard library's
// templates, of which the linker keeps one copy.
#pragma once

#include <math.h>

namespace bench {
namespace {

[[maybe_unused]] inline float root(float x) {
    return sqrtf(x);
}
[[maybe_unused]] inline double root(double x) {
    return sqrt(x);
}
[[maybe_unused]] inline float exponential(float x) {
    return expf(x);
}
[[maybe_unused]] inline double exponential(double x) {
    return exp(x);
}
[[maybe_unused]] inline float logarithm_of_1_plus(float x) {
    return log1pf(x);
}
[[maybe_unused]] inline double logarithm_of_1_plus(double x) {
    return log1p(x);
}

} // namespace
} // namespace bench
