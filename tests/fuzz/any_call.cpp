// SPDX-License-Identifier: BSD-3-Clause
//
// The entry of the targets that call the C interface.
#include "tests/fuzz/call.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Call call(data, size);
    fuzz::any_call(call);
    return 0;
}
