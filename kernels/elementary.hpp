// SPDX-License-Identifier: BSD-3-Clause
//
// exp, log1p, sigmoid and softplus of arrays. out may be x.
#pragma once

#include "kernels/loops.hpp"
#include "kernels/math.hpp"

namespace anisograd {
namespace {

template <class Isa, class T>
void exp_array(std::size_t n, const T* x, T* out) {
    for_each_pack<ForMath<Isa>, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(out, exp(at.load(x))); });
}

template <class Isa, class T>
void log1p_array(std::size_t n, const T* x, T* out) {
    for_each_pack<ForMath<Isa>, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(out, log1p(at.load(x))); });
}

template <class Isa, class T>
void sigmoid_array(std::size_t n, const T* x, T* out) {
    for_each_pack<ForMath<Isa>, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(out, sigmoid(at.load(x))); });
}

template <class Isa, class T>
void softplus_array(std::size_t n, const T* x, T* out) {
    for_each_pack<ForMath<Isa>, T>(n, [&](auto at) AG_INLINE_LAMBDA { at.store(out, softplus(at.load(x))); });
}

} // namespace
} // namespace anisograd
