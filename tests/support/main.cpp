// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/support.hpp"

#include <cstdio>

// With ANISOGRAD_ISA set the suite runs on that ISA alone where it checks the environment; everywhere else it
// tries all ISAs that the machine has, and says which it cannot.
int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    for (const ag_isa isa : test::all_isas)
        std::printf("%s: %s\n", ag_isa_name(isa),
                    ag_isa_supported(isa) ? "tested" : "skipped, not on this machine");
    return RUN_ALL_TESTS();
}
