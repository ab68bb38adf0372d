// SPDX-License-Identifier: BSD-3-Clause
#include "cases.hpp"

#include "checksum.hpp"

#include <anisograd/anisograd.hpp>

namespace selftest {

namespace {

using anisograd::AdagradOptions;
using anisograd::Set;

// Sizes around registers, and one for several threads.
constexpr std::size_t short_sizes[] = {1, 15, 64, 257, 1000};
constexpr std::size_t threaded_size = 140'003;

class Cases {
public:
    explicit Cases(const char* type) : type_(type) {}

    // body(Checksum&)
    template <class Body>
    void add(const std::string& function, Body body) {
        cases_.push_back({function + "/" + type_, [body] {
                              Checksum checksum;
                              body(checksum);
                              return checksum.value();
                          }});
    }
    std::vector<Case> take() { return std::move(cases_); }

private:
    std::string type_;
    std::vector<Case> cases_;
};

// ---- Steps ---------------------------------------------------------------------------------------------

// Every epsilon mode, plain and with every option.
std::vector<AdagradOptions> step_options() {
    std::vector<AdagradOptions> all;
    for (const ag_epsilon_mode mode : {AG_EPSILON_IN_STATE, AG_EPSILON_OUTSIDE, AG_EPSILON_INSIDE}) {
        AdagradOptions o;
        o.learning_rate = 0.1;
        o.epsilon = 0x1p-20;
        o.epsilon_mode = mode;
        all.push_back(o);
        o.gradient_scale = 0.7;
        o.weight_decay = 0.03;
        o.decoupled_weight_decay = 0.02;
        o.l1 = 0.01;
        o.l2 = 0.3;
        o.maximize = 1;
        all.push_back(o);
    }
    return all;
}

// body(n, w, g, v, options), and what it leaves of w and v.
template <class T, class Body>
void steps(Checksum& checksum, Body body) {
    for (const AdagradOptions& options : step_options())
        for (const std::size_t n : short_sizes) {
            std::vector<T> w = special_numbers<T>(n, 1), v = magnitudes(special_numbers<T>(n, 3));
            body(w, special_numbers<T>(n, 2), v, options);
            checksum.add(w);
            checksum.add(v);
        }
    std::vector<T> w = numbers<T>(threaded_size, 1), v = weights<T>(threaded_size, 3);
    body(w, numbers<T>(threaded_size, 2), v, AdagradOptions{});
    checksum.add(w);
    checksum.add(v);
}

template <class T>
void add_steps(Cases& cases) {
    cases.add("adagrad_step", [](Checksum& checksum) {
        steps<T>(checksum,
                 [](auto& w, const auto& g, auto& v, const auto& o) { anisograd::adagrad_step(w, g, v, o); });
    });
    cases.add("adagrad_step_averaged", [](Checksum& checksum) {
        steps<T>(checksum, [&](auto& w, const auto& g, auto& v, const auto& o) {
            std::vector<T> mean = numbers<T>(w.size(), 4);
            anisograd::adagrad_step_averaged(w, g, v, mean, 3, o);
            checksum.add(mean);
        });
    });
    cases.add("adagrad_step_projected", [](Checksum& checksum) {
        steps<T>(checksum, [](auto& w, const auto& g, auto& v, const auto& o) {
            anisograd::adagrad_step_projected(w, g, v, o, Set<T>::box(-1.5, 2));
        });
        for (const Set<T>& set : {Set<T>::l2_ball(3), Set<T>::l1_ball(5), Set<T>::simplex(1)})
            for (const std::size_t n : {std::size_t(20), std::size_t(1000), threaded_size}) {
                std::vector<T> w = numbers<T>(n, 1), v = weights<T>(n, 3);
                anisograd::adagrad_step_projected(w, numbers<T>(n, 2), v, AdagradOptions{}, set);
                checksum.add(w);
                checksum.add(v);
            }
    });
    cases.add("adagrad_norm_step", [](Checksum& checksum) {
        for (const AdagradOptions& o : step_options())
            for (const std::size_t n : {std::size_t(257), threaded_size}) {
                std::vector<T> w = numbers<T>(n, 1);
                double v = 0.5;
                anisograd::adagrad_norm_step(w, numbers<T>(n, 2), v, o);
                checksum.add(w);
                checksum.add(v);
            }
    });
    cases.add("adagrad_dual_averaging_step", [](Checksum& checksum) {
        steps<T>(checksum, [&](auto& w, const auto& g, auto& v, const auto& o) {
            std::vector<T> sum = numbers<T>(w.size(), 4);
            anisograd::adagrad_dual_averaging_step(w, g, v, sum, 3, o);
            checksum.add(sum);
        });
    });
    cases.add("sgd_step", [](Checksum& checksum) {
        steps<T>(checksum,
                 [](auto& w, const auto& g, auto&, const auto& o) { anisograd::sgd_step(w, g, o); });
    });
    cases.add("adagrad_step_rows", [](Checksum& checksum) {
        for (const AdagradOptions& o : step_options())
            for (const std::size_t cols : {1, 3, 16, 40}) {
                const std::size_t rows = 50, listed = 200;
                std::vector<T> w = numbers<T>(rows * cols, 1), v = weights<T>(rows * cols, 2);
                std::vector<T> row_v = weights<T>(rows, 3);
                const std::vector<T> g = numbers<T>(listed * cols, 4);
                std::vector<std::int64_t> indices;
                Random random(5);
                for (std::size_t i = 0; i < listed; ++i)
                    indices.push_back(static_cast<std::int64_t>(random.below(rows)));
                anisograd::adagrad_step_rows(rows, cols, w, v, indices, g, o);
                anisograd::adagrad_step_rowwise(rows, cols, w, row_v, indices, g, o);
                checksum.add(w);
                checksum.add(v);
                checksum.add(row_v);
            }
    });
    cases.add("squared_norm", [](Checksum& checksum) {
        for (const std::size_t n : {std::size_t(1), std::size_t(999), threaded_size})
            checksum.add(anisograd::squared_norm(numbers<T>(n, 1)));
    });
}

// ---- Projections ---------------------------------------------------------------------------------------

template <class T>
void add_projections(Cases& cases) {
    // make(n): the set for vectors of n elements.
    const auto add = [&](const char* name, auto make) {
        cases.add(std::string("project/") + name, [make](Checksum& checksum) {
            for (const std::size_t n : {std::size_t(5), std::size_t(100), std::size_t(3000), threaded_size}) {
                const std::vector<T> other = numbers<T>(n, 7);
                Set<T> set = make(n, other);
                ag_projection_report report;
                set.report = &report;
                for (const bool weighted : {false, true}) {
                    std::vector<T> x = numbers<T>(n, 1);
                    if (weighted)
                        anisograd::project(x, weights<T>(n, 2), set);
                    else
                        anisograd::project(x, set);
                    checksum.add(x);
                    checksum.add(report.multiplier);
                    checksum.add(report.passes);
                    checksum.add(report.inside);
                }
            }
        });
    };
    using Vector = const std::vector<T>&;
    add("box", [](std::size_t, Vector) { return Set<T>::box(-1, 1.25); });
    add("l2_ball", [](std::size_t n, Vector center) {
        return Set<T>::l2_ball(0.5 * std::sqrt(static_cast<double>(n)), center);
    });
    add("l1_ball",
        [](std::size_t n, Vector center) { return Set<T>::l1_ball(0.25 * static_cast<double>(n), center); });
    add("simplex", [](std::size_t n, Vector) { return Set<T>::simplex(0.01 * static_cast<double>(n)); });
    add("capped_simplex",
        [](std::size_t n, Vector) { return Set<T>::capped_simplex(0.5 * static_cast<double>(n), 1); });
    add("box_section", [](std::size_t, Vector normal) { return Set<T>::box_section(-2, 2, normal, 0.5); });
    add("halfspace", [](std::size_t, Vector normal) { return Set<T>::halfspace(normal, -1); });
    add("slab", [](std::size_t, Vector normal) { return Set<T>::slab(normal, -1, 1); });
    add("second_order_cone", [](std::size_t, Vector) { return Set<T>::second_order_cone(); });
    add("group_l1_ball",
        [](std::size_t n, Vector) { return Set<T>::group_l1_ball(0.1 * static_cast<double>(n), 7); });
    cases.add("project_rows", [](Checksum& checksum) {
        for (const std::size_t cols : {3, 16, 60}) {
            std::vector<T> x = numbers<T>(100 * cols, 1);
            anisograd::project_rows(100, cols, cols, x, Set<T>::l1_ball(2));
            checksum.add(x);
        }
    });
}

// ---- Elementary functions ------------------------------------------------------------------------------

template <class T>
void add_elementary(Cases& cases) {
    const auto add = [&](const char* name, auto function) {
        cases.add(name, [function](Checksum& checksum) {
            for (const std::size_t n : {std::size_t(1), std::size_t(999), threaded_size}) {
                std::vector<T> x = special_numbers<T>(n, 1), y(n);
                for (std::size_t i = 0; i < n; i += 3)
                    x[i] *= 32; // beyond where results round to a constant
                function(x, y);
                checksum.add(y);
            }
        });
    };
    add("exp", [](const auto& x, auto& y) { anisograd::exp(x, y); });
    add("log1p", [](const auto& x, auto& y) { anisograd::log1p(x, y); });
    add("sigmoid", [](const auto& x, auto& y) { anisograd::sigmoid(x, y); });
    add("softplus", [](const auto& x, auto& y) { anisograd::softplus(x, y); });
}

// ---- Logistic regression -------------------------------------------------------------------------------

template <class T>
struct Problem {
    std::size_t rows, cols;
    std::vector<T> dense, values, y, w, direction;
    std::vector<std::int64_t> offsets = {0};
    std::vector<std::int32_t> columns, classes;

    static constexpr std::size_t class_count = 4;

    Problem(std::size_t rows_, std::size_t cols_)
        : rows(rows_), cols(cols_), dense(numbers<T>(rows_ * cols_, 1)) {
        Random random(2);
        for (std::size_t i = 0; i < rows; ++i) {
            y.push_back(random.below(2) == 0 ? T(-1) : T(1));
            classes.push_back(static_cast<std::int32_t>(random.below(class_count)));
            for (std::size_t j = 0; j < cols; ++j)
                if (random.below(4) != 0) {
                    dense[i * cols + j] = 0;
                } else {
                    columns.push_back(static_cast<std::int32_t>(j));
                    values.push_back(dense[i * cols + j]);
                }
            offsets.push_back(static_cast<std::int64_t>(columns.size()));
        }
        w = numbers<T>(class_count * (cols + 1), 3);
        for (T& x : w)
            x /= 16;
        direction = numbers<T>(cols + 1, 4);
    }
};

template <class T, class Matrix>
void logistic(Checksum& checksum, const Matrix& X, const Problem<T>& p) {
    anisograd::LogisticOptions<T> o;
    o.fit_intercept = 1;
    o.l2 = 0.125;
    const std::vector<T> w(p.w.begin(), p.w.begin() + static_cast<std::ptrdiff_t>(p.cols + 1));
    std::vector<T> out(p.cols + 1), of_rows(p.rows), curvatures(p.rows), of_classes(p.w.size());
    checksum.add(anisograd::logistic_loss_and_gradient(X, p.y, w, out, o));
    checksum.add(out);
    anisograd::logistic_margins(X, w, of_rows, o);
    checksum.add(of_rows);
    const std::vector<T> margins = of_rows;
    checksum.add(anisograd::logistic_from_margins<T>(margins, p.y, of_rows, curvatures, o));
    checksum.add(of_rows);
    checksum.add(curvatures);
    anisograd::logistic_probabilities(X, w, of_rows, o);
    checksum.add(of_rows);
    anisograd::logistic_hessian_vector(X, p.y, w, p.direction, out, o);
    checksum.add(out);
    anisograd::logistic_hessian_diagonal(X, p.y, w, out, o);
    checksum.add(out);
    anisograd::logistic_smoothness(X, p.y, AG_SMOOTHNESS_ANISOTROPIC, out, o);
    checksum.add(out);
    anisograd::logistic_noise(X, p.y, w, out, o);
    checksum.add(out);
    checksum.add(
        anisograd::softmax_loss_and_gradient(X, Problem<T>::class_count, p.classes, p.w, of_classes, o));
    checksum.add(of_classes);
}

// Narrow rows and wide ones, and enough work for several threads.
constexpr std::size_t shapes[][2] = {{1, 1}, {33, 7}, {500, 61}, {70, 300}, {2500, 90}};

template <class T>
void add_logistic(Cases& cases) {
    cases.add("logistic_dense", [](Checksum& checksum) {
        for (const auto& [rows, cols] : shapes) {
            const Problem<T> p(rows, cols);
            logistic(checksum, anisograd::dense(std::span<const T>(p.dense), rows, cols), p);
        }
    });
    cases.add("logistic_csr", [](Checksum& checksum) {
        for (const auto& [rows, cols] : shapes) {
            const Problem<T> p(rows, cols);
            const auto X = anisograd::csr(cols, p.offsets, std::span<const std::int32_t>(p.columns),
                                          std::span<const T>(p.values));
            logistic(checksum, X, p);
            const std::vector<T> w(p.w.begin(), p.w.begin() + static_cast<std::ptrdiff_t>(cols));
            const auto size = anisograd::logistic_sparse_gradient_size(X);
            std::vector<std::int64_t> columns(size.capacity);
            std::vector<T> values(size.capacity);
            const auto found = anisograd::logistic_sparse_gradient(X, p.y, w, columns, values);
            columns.resize(found.count);
            values.resize(found.count);
            checksum.add(found.loss);
            checksum.add(columns);
            checksum.add(values);
        }
    });
}

// Matrices of 16 bits.
void add_short_logistic(Cases& cases) {
    const auto results_of = [](Checksum& checksum, const auto& X, const Problem<float>& p) {
        const std::vector<float> w(p.w.begin(), p.w.begin() + static_cast<std::ptrdiff_t>(p.cols));
        std::vector<float> gradient(p.cols), of_rows(p.rows);
        checksum.add(anisograd::logistic_loss_and_gradient(X, p.y, w, gradient));
        checksum.add(gradient);
        anisograd::logistic_margins(X, w, of_rows);
        checksum.add(of_rows);
    };
    cases.add("logistic_dense_16_bits", [results_of](Checksum& checksum) {
        for (const auto& [rows, cols] : shapes) {
            const Problem<float> p(rows, cols);
            std::vector<std::uint16_t> values(p.dense.size());
            anisograd::bf16_from_f32(p.dense, values);
            results_of(checksum, anisograd::dense_bf16(values, rows, cols), p);
            anisograd::f16_from_f32(p.dense, values);
            results_of(checksum, anisograd::dense_f16(values, rows, cols), p);
        }
    });
}

// ---- Without an element type, or with one alone ---------------------------------------------------------

void add_short(Cases& cases) {
    const auto steps_of = [](Checksum& checksum, auto to_short, auto step, auto master_step) {
        for (const ag_rounding rounding : {AG_ROUNDING_NEAREST, AG_ROUNDING_STOCHASTIC})
            for (const std::size_t n : {std::size_t(100), threaded_size}) {
                AdagradOptions o;
                o.rounding = rounding;
                o.seed = 11;
                o.step = 5;
                std::vector<float> v = weights<float>(n, 3), w = numbers<float>(n, 1);
                std::vector<std::uint16_t> short_w(n), short_g(n);
                to_short(w, short_w);
                to_short(numbers<float>(n, 2), short_g);
                step(short_w, short_g, v, o);
                checksum.add(short_w);
                checksum.add(v);
                master_step(w, short_w, short_g, v, o);
                checksum.add(w);
                checksum.add(short_w);
            }
    };
    cases.add("adagrad_step_bf16", [steps_of](Checksum& checksum) {
        steps_of(
            checksum, [](const auto& x, auto& out) { anisograd::bf16_from_f32(x, out); },
            [](auto& w, auto& g, auto& v, auto& o) { anisograd::adagrad_step_bf16(w, g, v, o); },
            [](auto& w, auto& copy, auto& g, auto& v, auto& o) {
                anisograd::adagrad_step_master_bf16(w, copy, g, v, o);
            });
    });
    cases.add("adagrad_step_f16", [steps_of](Checksum& checksum) {
        steps_of(
            checksum, [](const auto& x, auto& out) { anisograd::f16_from_f32(x, out); },
            [](auto& w, auto& g, auto& v, auto& o) { anisograd::adagrad_step_f16(w, g, v, o); },
            [](auto& w, auto& copy, auto& g, auto& v, auto& o) {
                anisograd::adagrad_step_master_f16(w, copy, g, v, o);
            });
    });
    cases.add("adagrad_step_compressed", [](Checksum& checksum) {
        for (const std::size_t n : {std::size_t(300), threaded_size}) {
            std::vector<float> w = numbers<float>(n, 1), scales(anisograd::accumulator_blocks(n));
            std::vector<std::uint8_t> codes(n);
            anisograd::accumulator_encode(weights<float>(n, 3), codes, scales);
            anisograd::adagrad_step_compressed(w, numbers<float>(n, 2), codes, scales);
            checksum.add(w);
            checksum.add(codes);
            checksum.add(scales);
        }
    });
    cases.add("shuffle_indices", [](Checksum& checksum) {
        std::vector<std::int64_t> indices(1000);
        anisograd::shuffle_indices(indices, 17, 3);
        checksum.add(indices);
    });
}

template <class T>
void append(std::vector<Case>& all, const char* type) {
    Cases cases(type);
    add_steps<T>(cases);
    add_projections<T>(cases);
    add_elementary<T>(cases);
    add_logistic<T>(cases);
    if constexpr (sizeof(T) == sizeof(float)) {
        add_short(cases);
        add_short_logistic(cases);
    }
    for (Case& one : cases.take())
        all.push_back(std::move(one));
}

} // namespace

std::vector<Case> all_cases() {
    std::vector<Case> all;
    append<float>(all, "f32");
    append<double>(all, "f64");
    return all;
}

} // namespace selftest
