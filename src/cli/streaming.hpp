// SPDX-License-Identifier: BSD-3-Clause
//
// Plain loops that do nothing but read and write arrays, the limit for kernels that read and write as much. None of
// them changes a number. Each cuts its arrays into one part per thread.
#pragma once

#include <cstddef>
#include <span>

namespace cli::streaming {

// Reads x.
void read(std::span<const std::byte> x, int threads);

// Reads x, writes out, of the same length.
template <class Scalar>
void map(std::span<const Scalar> x, std::span<Scalar> out, int threads);

// Reads x and y, writes x.
template <class Scalar>
void update(std::span<Scalar> x, std::span<const Scalar> y, int threads);

// Reads w, g and v, writes w and v.
template <class Scalar, class State>
void update_both(std::span<Scalar> w, std::span<const Scalar> g, std::span<State> v, int threads);

} // namespace cli::streaming
