// SPDX-License-Identifier: BSD-3-Clause
#include "progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace cli {
namespace {

TEST(Progress, IsForTerminalsAlone) {
    std::ostringstream stream;
    {
        Progress progress(stream, false);
        progress.show("task", 0.5);
    }
    EXPECT_EQ(stream.str(), "");
}

TEST(Progress, DrawsABarAndRemovesIt) {
    std::ostringstream stream;
    {
        Progress progress(stream, true);
        progress.show("task", 0.5);
        progress.show("task", 0.501); // looks the same
    }
    EXPECT_EQ(stream.str(), "\r\033[Ktask  [############            ]  50 %\r\033[K");
}

TEST(Progress, ShowsEachStep) {
    std::ostringstream stream;
    Progress progress(stream, true);
    progress.show("task", 0);
    progress.show("task", 1);
    EXPECT_EQ(stream.str(), "\r\033[Ktask  [                        ]   0 %"
                            "\r\033[Ktask  [########################] 100 %");
}

} // namespace
} // namespace cli
