// SPDX-License-Identifier: BSD-3-Clause
#include "bench/rows.hpp"

#include "bench/machine.hpp"
#include "bench/problems.hpp"

#include <benchmark/benchmark.h>
#include <chrono>

namespace bench {

namespace {

void run(benchmark::State& state, const Problem& problem, const Shape& shape, std::size_t index, ag_isa isa,
         int threads) {
    use(isa, threads);
    const Implementation& implementation = instance(problem, shape)[index];
    if (implementation.lasting)
        implementation.run();
    for (auto _ : state) {
        if (!implementation.prepare) {
            implementation.run();
            continue;
        }
        // Pausing the timer would cost as much as a small kernel.
        using Clock = std::chrono::steady_clock;
        implementation.prepare();
        const auto start = Clock::now();
        implementation.run();
        state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
    }
    const auto calls = static_cast<double>(state.iterations());
    state.SetItemsProcessed(static_cast<std::int64_t>(calls * implementation.items));
    state.SetBytesProcessed(static_cast<std::int64_t>(calls * implementation.bytes));
}

void register_row(const Problem& problem, const Shape& shape, std::size_t index, const Implementation& names,
                  ag_isa isa, int threads) {
    const std::string variant = names.is_library() ? ag_isa_name(isa) : names.variant;
    const std::string name = names.function + "/" + variant + "/" + shape.name +
                             (threads > 1 ? "/threads:" + std::to_string(threads) : "");
    auto* row =
        benchmark::RegisterBenchmark(name.c_str(), [&problem, shape, index, isa, threads](auto& state) {
            run(state, problem, shape, index, isa, threads);
        });
    if (names.prepare)
        row->UseManualTime();
    else
        row->UseRealTime();
}

void register_rows_that_are(bool lasting) {
    const std::vector<ag_isa> isas = runnable_isas();
    for (const Problem& problem : problems()) {
        const std::vector<Implementation> names = problem.make(Shape{});
        for (const Shape& shape : problem.shapes)
            for (int threads = 1; threads <= (shape.pays_for_threads ? most_threads() : 1); ++threads)
                for (std::size_t index = 0; index < names.size(); ++index) {
                    if (names[index].lasting != lasting || !names[index].run ||
                        (threads > 1 && !names[index].threaded))
                        continue;
                    const std::size_t isa_count = names[index].is_library() ? isas.size() : 1;
                    for (std::size_t k = 0; k < isa_count; ++k)
                        register_row(problem, shape, index, names[index], isas[k], threads);
                }
    }
}

} // namespace

void register_rows() {
    register_rows_that_are(false);
    register_rows_that_are(true);
}

} // namespace bench
