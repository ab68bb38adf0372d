// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace bench {

// The threads of the measurement in progress, which use() in machine.hpp sets.
int thread_count();

} // namespace bench
