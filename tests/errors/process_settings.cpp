// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of what is not a kernel: settings of the process, and shuffled indices.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

struct Settings {
    std::int64_t indices_array[40], *indices;
    std::size_t n;
    ag_isa isa;
    std::int32_t threads;

    void set_up() {
        indices = indices_array;
        n = 40;
        isa = ag_active_isa();
        threads = 0;
    }
};

} // namespace

void add_process_settings(BadCalls& table) {
    using A = Settings;
    const Function<A> set_isa = {"ag_set_isa", [](A& a) { return ag_set_isa(a.isa); }};
    const Function<A> set_threads = {"ag_set_num_threads",
                                     [](A& a) { return ag_set_num_threads(a.threads); }};
    const Function<A> shuffle = {"ag_shuffle_indices",
                                 [](A& a) { return ag_shuffle_indices(a.n, 1, 2, a.indices); }};
    for (const ag_isa bad : {ag_isa(AG_ISA_NONE), ag_isa(AG_ISA_NEON + 1), ag_isa(1000), ag_isa(-1000)})
        table.add<A>({set_isa}, "isa = " + std::to_string(bad), AG_ERROR_UNSUPPORTED_ISA,
                     [=](A& a) { a.isa = bad; });
    for (const int bad : {-1, 65537, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()})
        table.add<A>({set_threads}, "n = " + std::to_string(bad), AG_ERROR_INVALID_VALUE,
                     [=](A& a) { a.threads = bad; });
    table.add<A>({shuffle}, "indices is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.indices = nullptr; });
    for (const std::size_t bad : {too_many, SIZE_MAX, SIZE_MAX / 8 + 1})
        table.add<A>({shuffle}, "indices: ", AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
}

} // namespace test
