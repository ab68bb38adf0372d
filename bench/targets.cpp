// SPDX-License-Identifier: BSD-3-Clause
#include "bench/targets.hpp"

#include "bench/measuring.hpp"
#include "bench/sparse_data.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace bench {

// ---- The rows ------------------------------------------------------------------------------------------

namespace {

class TargetList {
public:
    std::vector<Target> all;

    template <class T>
    void add_steps() {
        const std::string step = "adagrad/step/" + type_name<T>;
        const Shape l1 = vector_shape<T>("L1"), l2 = vector_shape<T>("L2"), dram = vector_shape<T>("DRAM");
        for (int threads = 1; threads <= most_threads(); ++threads)
            add(step, dram, "limit", Sense::at_least, 0.95, threads);
        constexpr bool is_f32 = sizeof(T) == sizeof(float);
        // On the hardware's square root and division the two tie in f32; ours is ahead by its own square
        // root.
        if (best_ == AG_ISA_AVX512)
            for (const Shape& shape : is_f32 ? std::vector{l1, l2} : std::vector{l1}) {
                for (const char* mode : {"step", "step_in_state"})
                    add("adagrad/" + std::string(mode) + "/" + type_name<T>, shape, "autovectorized",
                        Sense::at_least, is_f32 ? 1.15 : 1.4);
                for (const char* mode : {"step_fast", "step_fast_in_state"})
                    add("adagrad/" + std::string(mode) + "/" + type_name<T>, shape, "autovectorized",
                        Sense::at_least,
                        !is_f32                 ? 2.0
                        : shape.name == l1.name ? 1.9
                                                : 1.5);
            }
        if (is_f32)
            add("adagrad/step_fast/" + type_name<T>, vector_shape<T>("L3"), "limit", Sense::at_least, 0.95);
        add("adagrad/step_averaged/" + type_name<T>, dram, "separate-calls", Sense::at_least, 1.0);
        for (int threads = 1; threads <= most_threads(); ++threads)
            add("adagrad/step_list/" + type_name<T>, vector_shape<T>("L3"), "separate-calls", Sense::at_least,
                1.0, threads);
        if (ag_isa_supported(AG_ISA_AVX2) != 0)
            for (const Shape& shape : {l1, l2})
                add(step, shape, "autovectorized-avx2", Sense::at_least, 1.0, 1, AG_ISA_AVX2);
    }

    template <class T>
    void add_row_steps() {
        for (const Shape& shape : table_shapes<T>())
            for (const char* function :
                 {"step_rows", "step_rows_rising", "step_rowwise", "step_rowwise_rising"})
                for (int threads = 1; threads <= most_threads(); ++threads)
                    if (shape.cols != 1)
                        add("adagrad/" + std::string(function) + "/" + type_name<T>, shape, "limit",
                            Sense::at_least, 0.95, threads);
    }

    void add_short_steps() {
        const Shape dram = vector_shape<float>("DRAM");
        for (int threads = 1; threads <= most_threads(); ++threads) {
            for (const char* function :
                 {"step/bf16", "step/f16", "step_stochastic/bf16", "step_stochastic/f16"})
                add("adagrad/" + std::string(function), dram, "f32-step", Sense::at_most, 0.75, threads);
            // The same bytes as the step in 32 bits; and 14 of its 20, with more arithmetic.
            add("adagrad/step_master/bf16", dram, "f32-step", Sense::at_most, 1.05, threads);
            add("adagrad/step_compressed/f32", dram, "f32-step", Sense::at_most, 1.0, threads);
        }
    }

    template <class T>
    void add_projections() {
        const Shape dram = vector_shape<T>("DRAM");
        const std::string type = type_name<T>, step = "adagrad/step/" + type;
        for (const char* place : {"L1", "L2", "DRAM"})
            add("projection/step_box/" + type, vector_shape<T>(place), step, library_variant, "bare-step",
                Sense::at_most, 1.05);
        for (int threads = 1; threads <= most_threads(); ++threads) {
            add("projection/step_l2_ball/" + type, dram, step, library_variant, "bare-step", Sense::at_most,
                3.0, threads);
            add("projection/l2_ball/" + type, dram, "limit", Sense::at_most, 3.5, threads);
            for (const char* place : {"L3", "DRAM"})
                for (const std::string set : {"l2_ball", "second_order_cone"})
                    add("projection/" + set + "_weighted/" + type, vector_shape<T>(place), "limit",
                        Sense::at_most, 3.5, threads);
            for (const std::string length : {"4", "16", "256"})
                add("projection/group_ball_" + length + "/" + type, dram, "limit", Sense::at_most, 3.5,
                    threads);
            add("projection/second_order_cone/" + type, dram, "limit", Sense::at_most, 3.5, threads);
        }
    }

    // What the order of sums costs, beside loops that the compiler orders as it likes. (That of the operations in a
    // step: add_steps.)
    template <class T>
    void add_sums_in_any_order() {
        const std::string type = type_name<T>;
        for (const char* place : {"L1", "L2", "DRAM"})
            add("adagrad/squared_norm/" + type, vector_shape<T>(place), "autovectorized", Sense::at_least,
                0.9);
        for (const Shape& shape : dense_shapes<T>())
            for (const char* function : {"logistic/margins/dense/", "logistic/dense/"})
                add(function + type, shape, "autovectorized", Sense::at_least, 0.9);
    }

    // Matrices of short rows, beside one call for each row and a scalar algorithm.
    template <class T>
    void add_row_projections() {
        for (const std::size_t cols : {4, 16, 64, 256}) {
            const Shape shape = {std::to_string(cols) + "-columns", 64 * 1024 / cols, cols};
            for (const std::string set : {"simplex", "l1_ball", "l2_ball"}) {
                const std::string function = "projection/rows_" + set;
                add(function + "/" + type_name<T>, shape, "calls", Sense::at_most, 1.0);
                add(function + "_lambda/" + type_name<T>, shape, "calls", Sense::at_most, 1.0);
                if (set != "l2_ball")
                    add(function + "/" + type_name<T>, shape, "condat", Sense::at_most, 1.05);
            }
        }
    }

    // The L1 ball and the simplex. Rows that share their data follow each other.
    template <class T>
    void add_linear_projections() {
        for (const char* set : {"l1_ball", "simplex"}) {
            add_linear_projections_beside_passes<T>(set);
            add_linear_projections_beside_scalar_ones<T>(set);
            for (int threads = 1; threads <= most_threads(); ++threads)
                add("projection/step_" + std::string(set) + "/" + type_name<T>, vector_shape<T>("DRAM"),
                    "bare-step", Sense::at_most, 3.0, threads);
        }
    }
    template <class T>
    void add_linear_projections_beside_passes(const std::string& set) {
        constexpr bool is_f32 = sizeof(T) == sizeof(float);
        constexpr double euclidean_bound = 2.5, lambda_bound = 3.5;
        const auto beside_pass = [&](const std::string& form, const char* place, double bound, int threads) {
            add("projection/" + set + "_" + form + "/" + type_name<T>, vector_shape<T>(place), "limit",
                Sense::at_most, bound, threads);
        };
        for (const char* place : {"L3", "DRAM"})
            for (int threads = 1; threads <= most_threads(); ++threads)
                if (is_f32)
                    for (const char* support : {"dense", "medium", "tiny"})
                        beside_pass(support, place, euclidean_bound, threads);
                else if (place == std::string("DRAM"))
                    beside_pass("dense", place, euclidean_bound, threads);
        if (is_f32)
            for (const char* order : {"ascending", "descending"})
                for (const std::string support : {"dense_", "tiny_"})
                    beside_pass(support + order, "DRAM", euclidean_bound, 1);
        for (int threads = 1; threads <= most_threads(); ++threads) {
            if (is_f32)
                beside_pass("lambda_dense", "L3", lambda_bound, threads);
            beside_pass("lambda_dense", "DRAM", lambda_bound, threads);
            if (is_f32 && threads == 1)
                for (const char* support : {"lambda_medium", "lambda_tiny"})
                    beside_pass(support, "DRAM", lambda_bound, threads);
        }
    }
    template <class T>
    void add_linear_projections_beside_scalar_ones(const std::string& set) {
        constexpr bool is_f32 = sizeof(T) == sizeof(float);
        struct Length {
            const char* name;
            std::size_t n;
            std::vector<const char*> f32_supports;
            bool f64;
        };
        const Length lengths[] = {
            {"16", 16, {"dense"}, false},        {"64", 64, {"dense", "tiny"}, true},
            {"256", 256, {"dense"}, false},      {"4K", 4 << 10, {"dense", "medium", "tiny"}, true},
            {"64K", 64 << 10, {"dense"}, false}, {"1M", 1 << 20, {"dense", "medium", "tiny"}, true}};
        const auto beside = [&](const std::string& form, const Length& length, const char* peer, Sense sense,
                                double bound) {
            add("projection/" + set + "_" + form + "/" + type_name<T>, {length.name, length.n}, peer, sense,
                bound);
        };
        for (const Length& length : lengths) {
            if (is_f32)
                for (const char* support : length.f32_supports)
                    beside(support, length, "condat", Sense::at_most, 1.05);
            else if (length.f64)
                beside("dense", length, "condat", Sense::at_most, 1.05);
            if (is_f32 && length.name == std::string("64K")) {
                beside("dense", length, "sort", Sense::at_least, 1.0);
                beside("lambda_dense", length, "sort", Sense::at_least, 1.0);
                beside("lambda_dense", length, "michelot", Sense::at_most, 1.05);
            }
        }
    }

    template <class T>
    void add_elementary_functions() {
        for (const char* name : {"exp", "log1p", "sigmoid", "softplus"})
            add("math/" + std::string(name) + "/" + type_name<T>, vector_shape<T>("L1"), "sleef",
                Sense::at_least, 1.0);
    }

    template <class T>
    void add_logistic() {
        const std::string dense = "logistic/dense/" + type_name<T>;
        for (const Shape& shape : dense_shapes<T>()) {
            const bool in_memory = shape.pays_for_threads, wide = shape.cols >= 1024;
            if (wide && !in_memory)
                continue;
            const double read_once_bound = wide ? 1.2 : in_memory ? 1.15 : 1.4;
            for (int threads = 1; threads <= (in_memory ? most_threads() : 1); ++threads)
                add(dense, shape, "read-once", Sense::at_most, read_once_bound, threads);
            // On one thread: OpenBLAS's and OpenMP's waiting threads would take each other's time.
            add(dense, shape, "openblas-gemv-pair", Sense::at_least, wide ? 1.7 : 2.0);
            if (in_memory)
                add(dense, shape, "scikit-learn", Sense::at_least, wide ? 1.6 : 3.0);
        }
        if (most_threads() > 1)
            for (const Shape& shape : csr_shapes())
                if (shape.pays_for_threads)
                    add_threads("logistic/csr/" + type_name<T>, shape, 1.8);
    }

    // Sparse matrices in memory, and a9a where it is there.
    template <class T>
    void add_sparse_logistic() {
        constexpr bool is_f64 = sizeof(T) == sizeof(double);
        std::vector<Shape> shapes = csr_shapes();
        if (a9a_is_there())
            shapes.push_back(a9a_shape());
        for (const Shape& shape : shapes) {
            if (!shape.pays_for_threads)
                continue;
            add("logistic/csr/" + type_name<T>, shape, "scikit-learn", Sense::at_least, is_f64 ? 1.5 : 1.4);
            if (is_f64) {
                add("logistic/two_gradients_and_diagonal/csr/f64", shape, "liblinear-train", Sense::at_least,
                    1.6);
                add("logistic/margins/csr/f64", shape, "liblinear-predict", Sense::at_least, 1.0);
            }
        }
    }

    // What reads X once and writes little; the loss layer; orders of rows.
    template <class T>
    void add_other_logistic() {
        for (const Shape& shape : dense_shapes<T>()) {
            if (!shape.pays_for_threads)
                continue;
            for (const char* function : {"margins", "hessian_vector", "hessian_diagonal", "smoothness"})
                add("logistic/" + std::string(function) + "/dense/" + type_name<T>, shape, "read-once",
                    Sense::at_most, 1.2);
            // The deviations of rows from the mean gradient, which is a pass of its own.
            add("logistic/noise/dense/" + type_name<T>, shape, "read-once", Sense::at_most, 2 * 1.2);
            add("logistic/softmax/dense/" + type_name<T>, shape, "read-once", Sense::at_most,
                1.2 * softmax_classes);
        }
        add("logistic/from_margins/" + type_name<T>, vector_shape<T>("L1"), "libmvec", Sense::at_least, 1.4);
        if (sizeof(T) == sizeof(double))
            for (const Shape& shape : csr_shapes())
                add("logistic/sparse_gradient/csr/f64", shape, "all-columns", Sense::at_least, 1.0);
        else
            add("logistic/shuffle_indices", {"1M", 1 << 20, 1, true}, "std-shuffle", Sense::at_least, 1.0);
    }

    // X in 16 bits is half as much to read.
    void add_short_logistic() {
        for (const Shape& shape : dense_shapes<float>())
            if (shape.pays_for_threads)
                for (int threads = 1; threads <= most_threads(); ++threads)
                    for (const char* type : {"bf16", "f16"})
                        add(std::string("logistic/dense/") + type, shape, "f32-kernel", Sense::at_least, 1.7,
                            threads);
    }

    // Two threads against one. Where both run the same code, on one thread, the ratio is 1 but for noise.
    void add_thread_rows() {
        constexpr double never_slower = 0.97;
        constexpr std::size_t kilos[] = {4, 64, 96, 128, 160, 256, 512, 1024, 4096, 16384};
        if (most_threads() < 2)
            return;
        for (const std::size_t kilo : kilos) {
            const std::string length = std::to_string(kilo) + "K";
            const Shape vector = {length, kilo << 10, 1, true};
            for (const char* function :
                 {"adagrad/step/f32", "adagrad/step_fast/f32", "adagrad/step_averaged/f32",
                  "adagrad/sgd_step/f32", "adagrad/norm_step/f32", "adagrad/dual_averaging_step/f32",
                  "adagrad/average/f32", "adagrad/squared_norm/f32", "adagrad/first_non_finite/f32",
                  "adagrad/init/f32", "adagrad/step/bf16", "adagrad/step/f16", "adagrad/step_stochastic/bf16",
                  "adagrad/step_master/bf16", "adagrad/step_compressed/f32", "projection/step_box/f32",
                  "projection/step_l2_ball/f32", "projection/l2_ball_weighted/f32", "math/exp/f32"})
                add_threads(function, vector, never_slower);
            const Shape matrix = dense_shape(64, kilo << 10, length);
            // Of a table's rows a quarter is listed.
            add_threads("adagrad/step_rows/f32", dense_shape(1, 4 * (kilo << 10), length), never_slower);
            for (const char* function : {"adagrad/step_rows/f32", "adagrad/step_rowwise/f32"})
                add_threads(function, dense_shape(64, 4 * (kilo << 10), length), never_slower);
            add_threads("logistic/dense/f32", matrix, never_slower);
        }
    }

    // After all others, since libtorch stays in the process. In L2 ours is on one thread whatever is allowed.
    void add_libtorch() {
        const std::string step = "adagrad/step/f32";
        add(step, vector_shape<float>("L2"), "libtorch", Sense::at_least, 1.0);
        for (int threads = 1; threads <= most_threads(); ++threads)
            add(step, vector_shape<float>("DRAM"), "libtorch", Sense::at_least, 1.0, threads);
    }

private:
    void add(const std::string& function, const Shape& shape, const std::string& baseline, Sense sense,
             double bound, int threads = 1, ag_isa isa = AG_ISA_NONE) {
        add(function, shape, function, baseline, baseline, sense, bound, threads, isa);
    }
    void add(const std::string& function, const Shape& shape, const std::string& baseline_function,
             const std::string& baseline, const std::string& label, Sense sense, double bound,
             int threads = 1, ag_isa isa = AG_ISA_NONE) {
        const ag_isa used = isa == AG_ISA_NONE ? best_ : isa;
        all.push_back({function + "/" + ag_isa_name(used) + "/" + shape.name +
                           "/threads:" + std::to_string(threads) + "/vs:" + label,
                       shape,
                       {function, library_variant, used, threads, "ours"},
                       {baseline_function, baseline, used, threads, label},
                       sense,
                       bound});
    }
    void add_threads(const std::string& function, const Shape& shape, double bound) {
        all.push_back({function + "/" + ag_isa_name(best_) + "/" + shape.name + "/threads:2/vs:one-thread",
                       shape,
                       {function, library_variant, best_, 2, "ours"},
                       {function, library_variant, best_, 1, "one-thread"},
                       Sense::at_least,
                       bound});
    }

    const ag_isa best_ = runnable_isas().front();
};

} // namespace

std::vector<Target> targets() {
    TargetList list;
    list.add_steps<float>();
    list.add_steps<double>();
    list.add_sums_in_any_order<float>();
    list.add_sums_in_any_order<double>();
    list.add_short_steps();
    list.add_row_steps<float>();
    list.add_row_steps<double>();
    list.add_projections<float>();
    list.add_projections<double>();
    list.add_row_projections<float>();
    list.add_row_projections<double>();
    list.add_linear_projections<float>();
    list.add_linear_projections<double>();
    list.add_elementary_functions<float>();
    list.add_elementary_functions<double>();
    list.add_logistic<float>();
    list.add_logistic<double>();
    list.add_sparse_logistic<float>();
    list.add_sparse_logistic<double>();
    list.add_other_logistic<float>();
    list.add_other_logistic<double>();
    list.add_short_logistic();
    list.add_thread_rows();
    list.add_libtorch();
    return list.all;
}

// ---- Measuring -----------------------------------------------------------------------------------------

namespace {

Setting setting_of(const Side& side) {
    return {side.isa, side.threads};
}

// Some runs of one row as one: medians, and how far the runs' ratios spread.
Comparison combined(const std::vector<Comparison>& runs) {
    Comparison result = runs.front();
    if (runs.size() == 1)
        return result;
    const auto values_of = [&](double Comparison::*field) {
        std::vector<double> values;
        for (const Comparison& run : runs)
            values.push_back(run.*field);
        return values;
    };
    const std::vector<double> ratios = values_of(&Comparison::ratio);
    result.ours = median(values_of(&Comparison::ours));
    result.baseline = median(values_of(&Comparison::baseline));
    result.ratio = median(ratios);
    result.lowest_ratio = *std::min_element(ratios.begin(), ratios.end());
    result.highest_ratio = *std::max_element(ratios.begin(), ratios.end());
    return result;
}

const Implementation& implementation_of(const Side& side,
                                        const std::vector<Implementation>& implementations) {
    const Implementation* found = find_implementation(implementations, side.function, side.variant);
    if (found == nullptr)
        throw std::logic_error("no implementation " + side.function + " " + side.variant);
    return *found;
}

} // namespace

Comparison compare(const Target& target, int repetitions) {
    const Problem* problem = find_problem(target.ours.function);
    if (problem == nullptr)
        throw std::logic_error("no function " + target.ours.function);
    Comparison result;
    const int most = std::max(target.ours.threads, target.baseline.threads);
    use(target.ours.isa, most);
    if (!implementation_of(target.baseline, problem->make(Shape{})).run) {
        result.installed = false;
        return result;
    }
    const std::vector<Implementation>& implementations = instance(*problem, target.shape);
    const Implementation& ours = implementation_of(target.ours, implementations);
    const Implementation& baseline = implementation_of(target.baseline, implementations);
    // The first call may load a library, which says nothing about the time of a call.
    if (baseline.lasting)
        baseline.run();
    const std::size_t our_calls = calls_per_sample(setting_of(target.ours), ours, most > 1);
    const std::size_t baseline_calls = calls_per_sample(setting_of(target.baseline), baseline, most > 1);
    std::vector<double> our_times, baseline_times, ratios;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        our_times.push_back(sample(setting_of(target.ours), ours, our_calls, most > 1));
        baseline_times.push_back(sample(setting_of(target.baseline), baseline, baseline_calls, most > 1));
        const double longer = our_times.back() / baseline_times.back();
        ratios.push_back(target.sense == Sense::at_most ? longer : 1 / longer);
    }
    result.ours = median(our_times);
    result.baseline = median(baseline_times);
    result.ratio = median(ratios);
    const auto [lowest, highest] = std::minmax_element(ratios.begin(), ratios.end());
    result.lowest_ratio = *lowest;
    result.highest_ratio = *highest;
    return result;
}

// ---- Reporting -----------------------------------------------------------------------------------------

namespace {

std::string formatted(const char* format, double value) {
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string duration(double seconds) {
    return seconds < 1e-6   ? formatted("%.1f ns", seconds * 1e9)
           : seconds < 1e-3 ? formatted("%.2f us", seconds * 1e6)
                            : formatted("%.2f ms", seconds * 1e3);
}

const char* relation(const Target& target) {
    return target.sense == Sense::at_least ? ">=" : "<=";
}

const char* verdict(const Target& target, const Comparison& c) {
    if (!c.installed)
        return "not installed";
    const bool holds = target.sense == Sense::at_least ? c.ratio >= target.bound : c.ratio <= target.bound;
    return holds ? "holds" : "falls short";
}

bool is_beside_libtorch(const Target& target) {
    return target.baseline.variant == "libtorch";
}

std::vector<Target> selected_targets(const std::string& filter) {
    const std::regex expression(filter);
    std::vector<Target> selected = targets();
    std::erase_if(selected, [&](const Target& t) { return !std::regex_search(t.name, expression); });
    return selected;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return out + '"';
}

std::string json_row(const Target& target, const Comparison& c) {
    std::ostringstream out;
    out << "{\"name\": " << quoted(target.name) << ", \"baseline\": " << quoted(target.baseline.label)
        << ", \"target\": " << target.bound << ", \"relation\": " << quoted(relation(target));
    if (c.installed)
        out << ", \"ours_seconds\": " << c.ours << ", \"baseline_seconds\": " << c.baseline
            << ", \"ratio\": " << c.ratio << ", \"lowest_ratio\": " << c.lowest_ratio
            << ", \"highest_ratio\": " << c.highest_ratio;
    out << ", \"verdict\": " << quoted(verdict(target, c)) << "}";
    return out.str();
}

void write_json(std::ostream& out, const std::vector<std::string>& rows) {
    out << "{\n  \"context\": {";
    const char* separator = "\n    ";
    for (const auto& [key, value] : context()) {
        out << separator << quoted(key) << ": " << quoted(value);
        separator = ",\n    ";
    }
    out << "\n  },\n  \"rows\": [";
    separator = "\n    ";
    for (const std::string& row : rows) {
        out << separator << row;
        separator = ",\n    ";
    }
    out << "\n  ]\n}\n";
}

} // namespace

void list_targets(const TargetOptions& options) {
    for (const Target& target : selected_targets(options.filter))
        std::printf("%s\n", target.name.c_str());
}

void run_targets(const TargetOptions& options) {
    const std::vector<Target> rows = selected_targets(options.filter);
    if (rows.empty())
        throw std::runtime_error("no row matches " + options.filter);
    std::ofstream json = opened(options.json_path);
    std::printf("%s", context_lines().c_str());
    std::printf(
        "# ratio: of neighbouring measurements, median [lowest, highest]; with \">=\" how many times as fast "
        "as the baseline, with \"<=\" how many times as long\n");
    if (options.runs > 1)
        std::printf(
            "# %d runs of all rows, one after the other: the median [lowest, highest] of the runs' ratios\n",
            options.runs);
    // Libtorch stays in the process: its rows' runs come after all runs of the others.
    const auto first_lasting =
        static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), is_beside_libtorch) - rows.begin());
    if (first_lasting < rows.size())
        std::printf(
            "# libtorch: torch::optim::Adagrad; for its rows malloc keeps freed memory (M_MMAP_MAX 0, no "
            "trimming), which leaves out new pages for the tensor that each step allocates\n");
    const auto any_beside = [&](const char* peer) {
        return std::any_of(rows.begin(), rows.end(),
                           [&](const Target& t) { return t.baseline.variant == peer; });
    };
    if (any_beside("scikit-learn"))
        std::printf(
            "# scikit-learn: LinearModelLoss(HalfBinomialLoss()).loss_gradient on the same numbers, on one "
            "thread of a process of its own; its times are both processes' processor time, messages "
            "included\n");
    if (any_beside("liblinear-train"))
        std::printf(
            "# liblinear-train: train() -s 0 whose tolerance the start fulfils: loss and gradient twice and "
            "the Hessian's diagonal, on rows made beforehand; ours: the same three calls\n");
    if (any_beside("libmvec"))
        std::printf("# libmvec: one loop with -ffast-math for losses and residuals, both within 4 ULP on "
                    "these margins\n");
    std::size_t width = 0;
    for (const Target& target : rows)
        width = std::max(width, target.name.size());
    std::vector<std::string> json_rows;
    const auto report = [&](const Target& target, const Comparison& c) {
        std::printf("%-*s  ", static_cast<int>(width), target.name.c_str());
        if (c.installed)
            std::printf("ours %10s  baseline %10s  ratio %5.2f  target %s %.2f  [%.2f, %.2f]  ",
                        duration(c.ours).c_str(), duration(c.baseline).c_str(), c.ratio, relation(target),
                        target.bound, c.lowest_ratio, c.highest_ratio);
        std::printf("%s\n", verdict(target, c));
        std::fflush(stdout);
        json_rows.push_back(json_row(target, c));
    };
    const auto measure = [&](std::size_t first, std::size_t last) {
        std::vector<std::vector<Comparison>> runs(last - first);
        for (int run = 1; run <= options.runs; ++run)
            for (std::size_t row = first; row < last; ++row) {
                runs[row - first].push_back(compare(rows[row], options.repetitions));
                if (run == options.runs)
                    report(rows[row], combined(runs[row - first]));
            }
    };
    measure(0, first_lasting);
    measure(first_lasting, rows.size());
    write_json(json, json_rows);
}

} // namespace bench
