// SPDX-License-Identifier: BSD-3-Clause
#include "bench/machine.hpp"

#include "bench/cpu_model.hpp"
#include "bench/thread_count.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <omp.h>

namespace bench {

namespace {

int threads_in_use = 1;

std::string joined_names(const std::vector<ag_isa>& isas) {
    std::string names;
    for (const ag_isa isa : isas)
        names.append(names.empty() ? "" : " ").append(ag_isa_name(isa));
    return names;
}

} // namespace

const std::vector<std::pair<std::string, std::string>>& context() {
    static const std::vector<std::pair<std::string, std::string>> pairs = {
        {"cpu", cpu_model()},
        {"processors", std::to_string(omp_get_num_procs())},
        {"load average", load_average()},
        {"compiler", BENCH_COMPILER},
        {"flags", BENCH_FLAGS},
        {"baseline flags", BENCH_BASELINE_FLAGS},
        {"commit", BENCH_COMMIT},
        {"anisograd", ag_version_string()},
        {"active isa", ag_isa_name(ag_active_isa())},
        {"runnable isas", joined_names(runnable_isas())},
        {"library threads", std::to_string(ag_get_num_threads())}};
    return pairs;
}

std::string load_average() {
    double load = 0;
    if (getloadavg(&load, 1) != 1)
        return "unknown";
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", load);
    return load > 0.5 ? std::string(text) + " (busy: the rows for two threads mean little)" : text;
}

std::vector<ag_isa> runnable_isas() {
    std::vector<ag_isa> isas;
    for (const ag_isa isa : {AG_ISA_AVX512, AG_ISA_AVX2, AG_ISA_NEON, AG_ISA_PORTABLE})
        if (ag_isa_supported(isa) != 0)
            isas.push_back(isa);
    return isas;
}

int most_threads() {
    return std::min(2, omp_get_num_procs());
}

void use(ag_isa isa, int threads) {
    check(ag_set_isa(isa));
    check(ag_set_num_threads(threads));
    threads_in_use = threads;
}

int thread_count() {
    return threads_in_use;
}

void check(ag_status status) {
    if (status == AG_OK)
        return;
    std::fprintf(stderr, "anisograd_bench: %s: %s\n", ag_status_string(status), ag_last_error());
    std::exit(EXIT_FAILURE);
}

} // namespace bench
