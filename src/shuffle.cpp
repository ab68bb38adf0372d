// SPDX-License-Identifier: BSD-3-Clause
//
// ag_shuffle_indices: the Fisher-Yates shuffle with counter-based random numbers.
#include "kernels/threefry.hpp"
#include "src/checks.hpp"

#include <utility>

namespace anisograd {

namespace {

// The high 64 bits of a * b.
std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>(a) * b >> 64);
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" ag_status ag_shuffle_indices(size_t n, uint64_t seed, uint64_t epoch, int64_t* indices) {
    Checks checks({"ag_shuffle_indices", ""});
    checks.array("indices", indices, n, Access::write);
    if (checks.failed())
        return checks.status();
    const auto key = threefry(words_of(epoch), words_of(seed));
    for (std::size_t i = 0; i < n; ++i)
        indices[i] = static_cast<std::int64_t>(i);
    for (std::size_t i = n; i > 1; --i) {
        const auto bits = threefry(words_of(i - 1), key);
        const std::uint64_t random = bits.low | static_cast<std::uint64_t>(bits.high) << 32;
        std::swap(indices[i - 1], indices[high_product(random, i)]);
    }
    return AG_OK;
}
