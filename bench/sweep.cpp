// SPDX-License-Identifier: BSD-3-Clause
#include "bench/sweep.hpp"

#include "bench/baselines.hpp"
#include "bench/measuring.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <omp.h>
#include <ostream>
#include <regex>
#include <stdexcept>
#include <vector>

namespace bench {

namespace {

struct Kernel {
    std::string function;
    // Per element, in floating point: additions, subtractions, multiplications, divisions and roots, a fused
    // multiply-add as two; not comparisons. Of a projection those of its formula alone, not of the search for the
    // multiplier; of elementary functions those that the kernel executes (kernels/math.hpp).
    double operations;
    std::string shape = {}; // where functions differ in it
};

// Fewer elements do not pay for threads, whose start would take longer than the loops that are the limit.
constexpr std::size_t fewest_for_threads = 1 << 16;

// Kernels on the same data, and sizes from 2^smallest to 2^largest elements.
struct Group {
    std::vector<Kernel> kernels;
    int smallest, largest;
    Shape (*shape)(std::size_t elements);
};

Shape vector_of(std::size_t n) {
    return {std::to_string(n), n};
}
template <std::size_t cols>
Shape matrix_of(std::size_t elements) {
    return dense_shape(cols, elements, std::to_string(elements));
}
// 75 entries a row, 300 a column.
Shape sparse_matrix_of(std::size_t entries) {
    const std::size_t rows = entries / 75;
    return {std::to_string(entries), rows, std::max<std::size_t>(rows / 4, 1024)};
}

const std::vector<Group>& groups() {
    // The step: v + g g, its root, + epsilon, learning rate times g, the quotient, w minus it.
    constexpr double step = 7;
    static const std::vector<Group> list = {
        {{{"adagrad/step/f32", step},
          {"projection/step_box/f32", step},
          // w lambda / (lambda + mu)
          {"projection/step_l2_ball/f32", step + 3}},
         10,
         26,
         vector_of},
        {{{"adagrad/step/f64", step}}, 10, 24, vector_of},
        // |w| - mu / lambda. Each call is timed for itself, which takes too long for fewer elements.
        {{{"projection/step_l1_ball/f32", step + 2}}, 12, 24, vector_of},
        {{{"projection/l1_ball_dense/f32", 1}}, 10, 24, vector_of},
        {{{"projection/simplex_dense/f32", 1}}, 10, 24, vector_of},
        {{{"math/softplus/f32", 61}, {"math/sigmoid/f32", 36}}, 10, 26, vector_of},
        {{{"logistic/from_margins/f32", 42}}, 10, 26, vector_of},
        // Both products; of the losses a row has one.
        {{{"logistic/dense/f32", 4, "/64-columns"}}, 14, 26, matrix_of<64>},
        {{{"logistic/dense/f32", 4, "/1024-columns"}}, 14, 26, matrix_of<1024>},
        {{{"logistic/csr/f32", 4}}, 14, 24, sparse_matrix_of}};
    return list;
}

bool is_left_out(const Implementation& i, int threads) {
    // Our own functions once more, and loops for one ISA.
    for (const char* variant : {"bare-step", "sort", "autovectorized-avx2"})
        if (i.variant == variant)
            return true;
    // OpenBLAS's and OpenMP's waiting threads would take each other's time.
    return threads > 1 && (!i.threaded || i.variant == "openblas-gemv-pair");
}

struct Series {
    std::string name;
    const Implementation* implementation;
    Setting setting;
    std::size_t calls = 0;
    std::vector<double> seconds = {};
};

class Sweep {
public:
    Sweep(std::ostream& table, const SweepOptions& options)
        : table_(table), filter_(options.filter), repetitions_(options.repetitions),
          isas_(runnable_isas()), threads_{1} {
        if (omp_get_num_procs() > 1)
            threads_.push_back(omp_get_num_procs());
        table_ << context_lines() << "# repetitions: " << repetitions_ << '\n'
               << "function\tseries\tthreads\telements\tbytes\toperations\tfirst_quartile\tmedian\tthird_"
                  "quartile\n";
    }

    // lasting: only what changes the process, else only what does not.
    void measure_all(bool lasting) {
        for (const Group& group : groups()) {
            const Problem* problem = find_problem(group.kernels.front().function);
            if (problem == nullptr)
                throw std::logic_error("no function " + group.kernels.front().function);
            const std::vector<Implementation> names = problem->make(Shape{});
            for (int exponent = group.smallest; exponent <= group.largest; exponent += 2)
                if (any_to_measure(names, group, lasting, exponent)) {
                    use(isas_.front(), threads_.back());
                    const std::vector<Implementation> implementations =
                        problem->make(group.shape(std::size_t{1} << exponent));
                    for (const Kernel& kernel : group.kernels)
                        if (is_selected(kernel.function))
                            for (const int threads : threads_)
                                measure_point(kernel, std::size_t{1} << exponent, implementations, threads,
                                              lasting);
                }
        }
    }

    template <class T>
    void measure_arithmetic() {
        constexpr std::size_t n = 1 << 28; // some milliseconds, beside which the start of threads is nothing
        const std::string function = "arithmetic/" + type_name<T>;
        if (!is_selected(function))
            return;
        const Implementation loop = {function,
                                     "limit",
                                     n,
                                     0,
                                     [] { benchmark::DoNotOptimize(limit::multiply_add<T>(n, T(0.5), T(1))); },
                                     {}};
        for (const int threads : threads_)
            measure({function, 2}, n, {{"limit", &loop, {isas_.front(), threads}}}, threads);
    }

private:
    bool is_selected(const std::string& function) const { return std::regex_search(function, filter_); }

    // A lasting one keeps memory, of which it needs more than it uses.
    static bool is_wanted(const Implementation& i, bool lasting, std::size_t elements) {
        return i.run && i.lasting == lasting && !(lasting && elements > 1 << 24);
    }

    bool any_to_measure(const std::vector<Implementation>& names, const Group& group, bool lasting,
                        int exponent) const {
        return std::any_of(group.kernels.begin(), group.kernels.end(), [&](const Kernel& kernel) {
            return is_selected(kernel.function) &&
                   std::any_of(names.begin(), names.end(), [&](const Implementation& i) {
                       return i.function == kernel.function &&
                              is_wanted(i, lasting, std::size_t{1} << exponent);
                   });
        });
    }

    void measure_point(const Kernel& kernel, std::size_t elements,
                       const std::vector<Implementation>& implementations, int threads, bool lasting) {
        std::vector<Series> series;
        if (threads > 1 && elements < fewest_for_threads)
            return;
        for (const Implementation& i : implementations) {
            if (i.function != kernel.function || !is_wanted(i, lasting, elements) || is_left_out(i, threads))
                continue;
            if (!i.is_library())
                series.push_back({i.variant, &i, {isas_.front(), threads}});
            else
                for (const ag_isa isa : isas_)
                    series.push_back({ag_isa_name(isa), &i, {isa, threads}});
        }
        measure(kernel, elements, std::move(series), threads);
    }

    // In turns, so that what disturbs the machine disturbs all.
    void measure(const Kernel& kernel, std::size_t elements, std::vector<Series> series, int threads) {
        for (Series& s : series) {
            if (s.implementation->lasting || s.implementation->seconds_elsewhere)
                s.implementation->run(); // loads a library, or starts a process
            s.calls = calls_per_sample(s.setting, *s.implementation, threads > 1);
        }
        for (int repetition = 0; repetition < repetitions_; ++repetition)
            for (Series& s : series)
                s.seconds.push_back(sample(s.setting, *s.implementation, s.calls, threads > 1));
        for (const Series& s : series) {
            const Implementation& i = *s.implementation;
            const double operations = i.items * kernel.operations, seconds = median(s.seconds);
            const std::string function = i.function + kernel.shape;
            char line[256];
            std::snprintf(line, sizeof line, "%s\t%s\t%d\t%zu\t%.0f\t%.0f\t%.4g\t%.4g\t%.4g\n",
                          function.c_str(), s.name.c_str(), threads, elements, i.bytes, operations,
                          quantile(s.seconds, 0.25), seconds, quantile(s.seconds, 0.75));
            table_ << line << std::flush;
            std::printf("%-36s %-20s threads:%d %10zu elements %8.2f GB/s %8.2f GFLOP/s\n", function.c_str(),
                        s.name.c_str(), threads, elements, i.bytes / seconds * 1e-9,
                        operations / seconds * 1e-9);
        }
        std::fflush(stdout);
    }

    std::ostream& table_;
    std::regex filter_;
    int repetitions_;
    std::vector<ag_isa> isas_;
    std::vector<int> threads_;
};

} // namespace

void run_sweep(const SweepOptions& options) {
    std::ofstream table = opened(options.path);
    std::printf("%s", context_lines().c_str());
    Sweep sweep(table, options);
    sweep.measure_arithmetic<float>();
    sweep.measure_arithmetic<double>();
    sweep.measure_all(false);
    sweep.measure_all(true);
    // Other programs may have come since the start, and their load is then above that of these threads alone.
    table << "# load average at the end: " << load_average() << '\n';
    if (!table.flush())
        throw std::runtime_error("cannot write " + options.path);
}

} // namespace bench
