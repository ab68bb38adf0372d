// SPDX-License-Identifier: BSD-3-Clause
#include "commands.hpp"

#include "bar_chart.hpp"
#include "bench_kernels.hpp"
#include "number.hpp"
#include "output_file.hpp"
#include "progress.hpp"
#include "report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <limits>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

struct Measurement {
    std::string name;
    double bytes = 0;
    double seconds = 0;       // of a call
    double limit_seconds = 0; // of the plain loop

    [[nodiscard]] double share() const { return limit_seconds / seconds; }
    [[nodiscard]] double gigabytes_per_second() const { return bytes / seconds * 1e-9; }
    [[nodiscard]] double limit_gigabytes_per_second() const { return bytes / limit_seconds * 1e-9; }
};

double seconds_of(const std::function<void()>& function) {
    const auto start = std::chrono::steady_clock::now();
    function();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The fastest calls: what else runs on the machine can only slow them down. The kernel and its limit in turns.
Measurement measure(const BenchKernel& kernel) {
    constexpr double enough_seconds = 0.25;
    constexpr int least = 3, most = 15;
    const auto prepare = [&] {
        if (kernel.prepare) {
            kernel.prepare();
        }
    };
    prepare();
    kernel.run(); // starts threads and touches memory
    Measurement result = {kernel.name, kernel.bytes, std::numeric_limits<double>::infinity(),
                          std::numeric_limits<double>::infinity()};
    double total = 0;
    for (int repetition = 0; repetition < least || (repetition < most && total < enough_seconds);
         ++repetition) {
        prepare();
        const double seconds = seconds_of(kernel.run);
        const double limit_seconds = seconds_of(kernel.limit);
        result.seconds = std::min(result.seconds, seconds);
        result.limit_seconds = std::min(result.limit_seconds, limit_seconds);
        total += seconds + limit_seconds;
    }
    return result;
}

std::string share_text(double share) {
    return format_number("%.0f %%", share * 100);
}

void print_header() {
    std::cout << right_aligned("", 20) << right_aligned("GB/s", 8) << right_aligned("limit", 8)
              << "  share of the limit\n";
}

void print(const Measurement& measurement) {
    constexpr std::size_t width = 40;
    std::cout << right_aligned(measurement.name, 20)
              << right_aligned(format_number("%.1f", measurement.gigabytes_per_second()), 8)
              << right_aligned(format_number("%.1f", measurement.limit_gigabytes_per_second()), 8) << "  |"
              << text_bar(measurement.share(), width) << "| "
              << right_aligned(share_text(measurement.share()), 5) << std::endl;
}

std::string summary(const BenchCommand& command) {
    const int threads = anisograd::get_num_threads();
    return "anisograd " + std::string(anisograd::version_string()) + ", " +
           std::string(anisograd::isa_name(anisograd::active_isa())) + ", " +
           std::string(name_of(command.precision)) + ", " + std::to_string(threads) + " thread" +
           (threads == 1 ? "" : "s") + ", arrays of " + std::to_string(command.megabytes) + " MiB";
}

constexpr const char* explanation = "The limit is a plain loop that reads and writes the same arrays once. "
                                    "Projections are in the norm of Lambda;\n"
                                    "those onto balls and simplices pass over their arrays several times.\n";

// Of the last minute.
double load_average() {
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : 0;
}

Json json_of(const BenchCommand& command, double load, const std::vector<Measurement>& measurements) {
    Json json = run_json();
    json["load_average"] = load;
    json["precision"] = name_of(command.precision);
    json["megabytes"] = command.megabytes;
    json["kernels"] = Json::array();
    for (const Measurement& measurement : measurements) {
        json["kernels"].push_back({{"name", measurement.name},
                                   {"bytes", measurement.bytes},
                                   {"seconds", measurement.seconds},
                                   {"limit_seconds", measurement.limit_seconds},
                                   {"share_of_limit", measurement.share()}});
    }
    return json;
}

BarChart chart_of(const BenchCommand& command, const std::vector<Measurement>& measurements) {
    BarChart chart = {"Speed as a share of what the memory allows", summary(command), {}};
    for (const Measurement& measurement : measurements) {
        chart.bars.push_back({measurement.name, measurement.share(),
                              share_text(measurement.share()) + ", " +
                                  format_number("%.1f GB/s", measurement.gigabytes_per_second())});
    }
    return chart;
}

template <class Scalar>
void bench(const BenchCommand& command) {
    OutputFile svg_file(command.svg_file);
    const double load = load_average();
    if (!command.json) {
        std::cout << summary(command) << '\n' << explanation;
        if (load > 0.5) {
            std::cout << "Other programs run (load average " << format_number("%.1f", load)
                      << "): the numbers mean little.\n";
        }
        std::cout << '\n';
        print_header();
    }
    std::vector<Measurement> measurements;
    Progress progress;
    const auto groups = bench_groups<Scalar>(command.megabytes << 20U, anisograd::get_num_threads());
    for (std::size_t group = 0; group < groups.size(); ++group) {
        const double done = static_cast<double>(group) / static_cast<double>(groups.size());
        progress.show("preparing arrays", done);
        for (const BenchKernel& kernel : groups[group]()) {
            progress.show(kernel.name, done);
            measurements.push_back(measure(kernel));
            progress.clear();
            if (!command.json) {
                print(measurements.back());
            }
        }
    }
    if (command.json) {
        print_json(json_of(command, load, measurements));
    }
    svg_file.write([&](std::ostream& stream) { write_svg(stream, chart_of(command, measurements)); });
}

} // namespace

bool run_bench(const BenchCommand& command) {
    if (command.precision == Precision::f32) {
        bench<float>(command);
    } else {
        bench<double>(command);
    }
    return true;
}

} // namespace cli
