// SPDX-License-Identifier: BSD-3-Clause
//
// accuracy: how far results are from exact ones, beside what anisograd.h promises; and whether every ISA of this
// machine gives the same bits. CTest runs it with a stride.
#include "bench/cpu_model.hpp"
#include "tests/accuracy/table.hpp"

#include <chrono>
#include <ctime>
#include <fstream>
#include <sstream>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

using accuracy::Row;
using accuracy::Run;

constexpr const char* usage =
    "usage: accuracy [--stride N] [--compare-one-in N] [--document FILE] [PART...]\n"
    "\n"
    "  --stride N           every N-th of all inputs; odd, so that every low bit occurs; default 1: hours\n"
    "  --compare-one-in N   the bits of all instruction sets for one input in N, in chunks; default 1: all\n"
    "  --document FILE      put each part's rows between its two marks in this file, too\n"
    "  PART                 elementary, logistic, softmax, steps, conversions, projections; default all\n"
    "\n"
    "Status: 0 if every bound holds, 1 if not, 2 if the arguments are wrong.\n";

struct Part {
    const char* name;
    void (*measure)(Run&);
};
constexpr Part parts[] = {
    {"elementary", accuracy::measure_elementary},   {"logistic", accuracy::measure_logistic},
    {"softmax", accuracy::measure_softmax},         {"steps", accuracy::measure_steps},
    {"conversions", accuracy::measure_conversions}, {"projections", accuracy::measure_projections}};

const Part* find_part(const std::string& name) {
    for (const Part& part : parts)
        if (name == part.name)
            return &part;
    return nullptr;
}

// 4294967296 as 4,294,967,296.
std::string with_commas(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (std::size_t i = digits.size(); i > 3; i -= 3)
        digits.insert(i - 3, ",");
    return digits;
}

// Rounded up: a bound may not look better kept than it is.
std::string error_text(double error) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3f", std::ceil(error * 1000) / 1000);
    return error == 0 ? "0" : buffer;
}

std::string table(const std::vector<Row>& rows) {
    std::ostringstream out;
    out << "| result | type | inputs | largest error seen | bound promised | in units of | seen at |\n"
           "|---|---|--:|--:|--:|---|---|\n";
    for (const Row& row : rows)
        out << "| " << row.what << " | " << row.type << " | " << with_commas(row.inputs) << " | "
            << error_text(row.error) << " | " << row.bound << " | " << row.unit << " | " << row.worst
            << " |\n";
    return out.str();
}

std::string one_in(std::uint64_t n) {
    return n == 1 ? "all" : "one in " + std::to_string(n);
}

// On which ISAs, and of which the bits were compared.
std::string isa_names(const Run& run) {
    const std::vector<ag_isa> isas = accuracy::isas();
    const bool compared =
        std::any_of(run.rows.begin(), run.rows.end(), [](const Row& row) { return row.chunks != 0; });
    const bool same =
        std::all_of(run.rows.begin(), run.rows.end(), [](const Row& row) { return row.differing == 0; });
    std::string names = ag_isa_name(isas.front());
    if (compared && isas.size() > 1)
        names += "; for " + one_in(run.compared_one_in) + " of these " + (same ? "the same" : "OTHER") +
                 " bits on";
    for (std::size_t i = 1; i < isas.size(); ++i)
        names += std::string(compared && i == 1 ? " " : ", ") + ag_isa_name(isas[i]);
    return names;
}

// What was measured, where and when.
std::string caption(const Run& run, double seconds) {
    std::ostringstream out;
    char date[16];
    const std::time_t now = std::time(nullptr);
    std::strftime(date, sizeof date, "%Y-%m-%d", std::gmtime(&now));
    out << "Of " << date << ", " << one_in(run.stride) << " of the inputs, on an " << bench::cpu_model()
        << ", " << isa_names(run) << ". Compiled by "
#ifdef __clang__
        << "clang "
#else
        << "g++ "
#endif
        << __VERSION__ << "; " << static_cast<long>(std::ceil(seconds)) << " s.\n";
    return out.str();
}

// Replaces what is between the part's marks.
void put_into(const std::string& path, const std::string& part, const std::string& content) {
    std::ifstream in(path);
    std::stringstream buffer;
    buffer << in.rdbuf();
    std::string document = buffer.str();
    const std::string begin = "<!-- accuracy " + part + " -->\n", end = "<!-- end of " + part + " -->\n";
    const std::size_t first = document.find(begin), last = document.find(end);
    if (first == std::string::npos || last == std::string::npos || last < first) {
        std::fprintf(stderr, "accuracy: no marks of %s in %s\n", part.c_str(), path.c_str());
        std::exit(2);
    }
    document.replace(first + begin.size(), last - first - begin.size(), content);
    std::ofstream(path) << document;
}

int count_failures(const std::vector<Row>& rows) {
    int failures = 0;
    for (const Row& row : rows)
        if (!row.holds()) {
            ++failures;
            std::printf("FAULT: %s, %s: error %g of %g at %s; other bits on another ISA: %llu\n",
                        row.what.c_str(), row.type.c_str(), row.error, row.bound, row.worst.c_str(),
                        static_cast<unsigned long long>(row.differing));
        }
    return failures;
}

// Emulators and sanitizers take fewer inputs.
std::uint64_t scaled(std::uint64_t stride) {
    return stride == 1 ? 1 : stride * 1000 / std::min<std::size_t>(test::cases(1000), 1000) | 1;
}

} // namespace

int main(int argc, char** argv) {
#ifdef __GLIBC__
    // Chunks' arrays come and go: without asking the system for each anew, which a fifth of the time went to.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
    std::uint64_t stride = 1, compared_one_in = 1;
    std::string document;
    std::vector<const Part*> chosen;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--stride" && i + 1 < argc)
            stride = std::strtoull(argv[++i], nullptr, 10);
        else if (argument == "--compare-one-in" && i + 1 < argc)
            compared_one_in = std::strtoull(argv[++i], nullptr, 10);
        else if (argument == "--document" && i + 1 < argc)
            document = argv[++i];
        else if (const Part* part = find_part(argument); part != nullptr)
            chosen.push_back(part);
        else
            stride = 0;
    }
    if (stride == 0 || compared_one_in == 0) {
        std::fputs(usage, stderr);
        return 2;
    }
    if (chosen.empty())
        for (const Part& part : parts)
            chosen.push_back(&part);
    int failures = 0;
    for (const Part* part : chosen) {
        Run run = {scaled(stride), compared_one_in};
        const auto start = std::chrono::steady_clock::now();
        part->measure(run);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        const std::string content = table(run.rows) + "\n" + caption(run, seconds.count());
        std::printf("%s\n\n%s\n", part->name, content.c_str());
        failures += count_failures(run.rows);
        std::fflush(stdout);
        if (!document.empty())
            put_into(document, part->name, content);
    }
    std::puts(failures == 0 ? "Every bound holds." : "Some bounds DO NOT HOLD.");
    return failures == 0 ? 0 : 1;
}
