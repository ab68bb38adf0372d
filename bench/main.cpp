// SPDX-License-Identifier: BSD-3-Clause
//
// anisograd_bench: Google Benchmark's rows, or with --targets the performance targets as ratios, or with --sweep the
// main kernels' times over the number of elements.
#include "bench/machine.hpp"
#include "bench/rows.hpp"
#include "bench/sweep.hpp"
#include "bench/targets.hpp"

#include <CLI/CLI.hpp>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <exception>

namespace {

void run_google_benchmark(const char* program, const std::vector<std::string>& arguments) {
    std::vector<std::string> copies = {program};
    copies.insert(copies.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& copy : copies)
        pointers.push_back(copy.data());
    pointers.push_back(nullptr);
    int count = static_cast<int>(copies.size());
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data()))
        throw std::runtime_error("see --help");
    for (const auto& [key, value] : bench::context())
        benchmark::AddCustomContext(key, value);
    bench::register_rows();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures anisograd. Without a mode: Google Benchmark's rows, with its own options "
                 "(--benchmark_filter=REGEX, --benchmark_list_tests, --benchmark_out=FILE, ...).");
    bool targets = false, rows = false;
    bench::TargetOptions options;
    bench::SweepOptions sweep;
    auto* targets_flag = app.add_flag("--targets", targets, "the performance targets, one row each");
    auto* rows_flag = app.add_flag("--rows", rows, "list the targets' rows");
    auto* sweep_option =
        app.add_option("--sweep", sweep.path,
                       "the main kernels' times over the number of elements, on each ISA and on one "
                       "thread and all, beside the limit and peers; tab-separated into this file");
    targets_flag->excludes(rows_flag)->excludes(sweep_option);
    rows_flag->excludes(sweep_option);
    app.add_option("--filter", options.filter,
                   "only targets, or functions of the sweep, whose name contains a match of this expression");
    auto* repetitions_option = app.add_option("--repetitions", options.repetitions,
                                              "pairs of measurements for each target; measurements for each "
                                              "point of the sweep, 7 if not given")
                                   ->check(CLI::Range(1, 1000000))
                                   ->capture_default_str();
    app.add_option("--runs", options.runs, "measure all targets so many times, and take each one's median")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->needs(targets_flag);
    app.add_option("--json", options.json_path, "also write the targets to this file")->needs(targets_flag);
    app.allow_extras();
    CLI11_PARSE(app, argc, argv);
    try {
        bench::context(); // before anything is set
        if (targets)
            bench::run_targets(options);
        else if (rows)
            bench::list_targets(options);
        else if (!sweep.path.empty()) {
            sweep.filter = options.filter;
            if (repetitions_option->count() > 0)
                sweep.repetitions = options.repetitions;
            bench::run_sweep(sweep);
        } else
            run_google_benchmark(argv[0], app.remaining());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "anisograd_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
