// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace bench {

// Registers with Google Benchmark: every function, the library on every ISA and each baseline, at every size,
// with 1 and 2 threads where threads pay. FUNCTION/ISA or BASELINE/SIZE[/threads:2].
void register_rows();

} // namespace bench
