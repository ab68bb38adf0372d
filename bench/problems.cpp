// SPDX-License-Identifier: BSD-3-Clause
#include "bench/problems.hpp"

#include "bench/arrays.hpp"
#include "bench/baselines.hpp"
#include "bench/machine.hpp"
#include "bench/peers/peers.hpp"
#include "bench/scalar_projection.hpp"
#include "bench/sparse_data.hpp"
#include "bench/thread_count.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <type_traits>

namespace bench {

namespace {

using std::size_t;
using Implementations = std::vector<Implementation>;

// The C function for T.
template <class T, class F32, class F64>
constexpr auto by_type(F32 f32, F64 f64) {
    if constexpr (std::is_same_v<T, float>)
        return f32;
    else
        return f64;
}

// What the implementations of one function have in common.
struct Function {
    Implementations& implementations;
    std::string name;
    double items, bytes;
    std::function<void()> prepare = {};

    const Function& add(const std::string& variant, std::function<void()> run, bool threaded = true,
                        bool lasting = false) const {
        implementations.push_back({name, variant, items, bytes, std::move(run), prepare, threaded, lasting});
        return *this;
    }
    template <class Call>
    const Function& library(Call call) const {
        return add(library_variant, [call] { check(call()); });
    }
};

// ---- AdaGrad, SGD, and the projected step --------------------------------------------------------------

template <class T>
struct StepData {
    size_t n;
    // Steps of about 0.01/sqrt(v), with v spread over four orders of magnitude, as after some training. v
    // grows by at most 0.01 a step and nothing comes near the subnormal numbers.
    Array<T> w, g, v, mean;
    ag_adagrad_options in_state, outside, in_state_fast, outside_fast;
    double norm = 1; // AdaGrad-Norm's accumulator
    ag_set box, ball;

    explicit StepData(size_t n_)
        : n(n_), w(n, [](size_t i) { return uniform(1, i, -1, 1); }),
          g(n, [](size_t i) { return uniform(2, i, -0.1, 0.1); }),
          v(n, [](size_t i) { return log_uniform(3, i, 1e-2, 1e2); }), mean(n, [](size_t) { return 0; }) {
        ag_adagrad_options_init(&in_state);
        in_state.learning_rate = learning_rate;
        outside = in_state;
        outside.epsilon_mode = AG_EPSILON_OUTSIDE;
        outside.epsilon = epsilon;
        in_state_fast = in_state;
        outside_fast = outside;
        in_state_fast.math = outside_fast.math = AG_MATH_FAST;
        ag_set_init(&box);
        box.lower = -bound;
        box.upper = bound;
        ag_set_init(&ball);
        ball.kind = AG_SET_L2_BALL;
        ball.radius =
            0.5 * std::sqrt(static_cast<double>(n) / 3); // half the norm of w; each step leaves it again
    }
    static constexpr double learning_rate = 0.1, epsilon = 1e-8, bound = 0.5;
};

template <class T>
Implementations steps(const Shape& shape) {
    const size_t n = shape.rows;
    const auto d = std::make_shared<StepData<T>>(n);
    Implementations all;
    const auto function = [&](const std::string& name, double accesses) {
        const double items = static_cast<double>(n);
        return Function{all, name + "/" + type_name<T>, items, items * accesses * sizeof(T)};
    };
    const T rate = T(d->learning_rate), epsilon = T(d->epsilon), bound = T(d->bound), factor = T(1e-12);
    const auto limit = [=] { limit::update_both<T>(n, d->w.data(), d->g.data(), d->v.data(), factor); };
    const auto textbook = [=] {
        autovectorized::native::adagrad_step<T>(n, d->w.data(), d->g.data(), d->v.data(), rate, epsilon);
    };

    const auto step = by_type<T>(ag_adagrad_step_f32, ag_adagrad_step_f64);
    const Function plain = function("adagrad/step", 5);
    plain.library([=] { return step(n, d->w.data(), d->g.data(), d->v.data(), &d->outside); })
        .add("limit", limit)
        .add("autovectorized", textbook);
    if constexpr (std::is_same_v<T, float>)
        plain.add("libtorch",
                  peers::libtorch_adagrad_step(n, d->w.data(), d->g.data(), d->v.data(), d->learning_rate,
                                               d->epsilon),
                  true, true);
#ifdef BENCH_HAS_AVX2_LOOPS
    if (ag_isa_supported(AG_ISA_AVX2) != 0)
        plain.add("autovectorized-avx2", [=] {
            autovectorized::avx2::adagrad_step<T>(n, d->w.data(), d->g.data(), d->v.data(), rate, epsilon);
        });
#endif
    const auto variant = [&](const char* name, const ag_adagrad_options* options) {
        function(name, 5)
            .library([=] { return step(n, d->w.data(), d->g.data(), d->v.data(), options); })
            .add("limit", limit)
            .add("autovectorized", textbook);
    };
    variant("adagrad/step_in_state", &d->in_state);
    variant("adagrad/step_fast", &d->outside_fast);
    variant("adagrad/step_fast_in_state", &d->in_state_fast);
    const auto projected = by_type<T>(ag_adagrad_step_projected_f32, ag_adagrad_step_projected_f64);
    function("projection/step_box", 5)
        .library([=] { return projected(n, d->w.data(), d->g.data(), d->v.data(), &d->outside, &d->box); })
        .add("limit", limit)
        .add("autovectorized", [=] {
            autovectorized::native::adagrad_step_box<T>(n, d->w.data(), d->g.data(), d->v.data(), rate,
                                                        epsilon, -bound, bound);
        });
    function("projection/step_l2_ball", 5)
        .library([=] { return projected(n, d->w.data(), d->g.data(), d->v.data(), &d->outside, &d->ball); })
        .add("limit", limit);
    function("adagrad/sgd_step", 3)
        .library([=] {
            return by_type<T>(ag_sgd_step_f32, ag_sgd_step_f64)(n, d->w.data(), d->g.data(), &d->in_state);
        })
        .add("limit", [=] { limit::update_from<T>(n, d->w.data(), d->g.data(), factor); })
        .add("autovectorized",
             [=] { autovectorized::native::sgd_step<T>(n, d->w.data(), d->g.data(), rate); });
    function("adagrad/average", 3)
        .library(
            [=] { return by_type<T>(ag_average_f32, ag_average_f64)(n, d->mean.data(), d->w.data(), 1000); })
        .add("limit", [=] { limit::update_from<T>(n, d->mean.data(), d->w.data(), factor); })
        .add("autovectorized",
             [=] { autovectorized::native::average<T>(n, d->mean.data(), d->w.data(), T(1000)); });
    const auto averaged = by_type<T>(ag_adagrad_step_averaged_f32, ag_adagrad_step_averaged_f64);
    const auto average = by_type<T>(ag_average_f32, ag_average_f64);
    function("adagrad/step_averaged", 7)
        .library([=] {
            return averaged(n, d->w.data(), d->g.data(), d->v.data(), d->mean.data(), 1000, &d->in_state);
        })
        .add("separate-calls", [=] {
            check(step(n, d->w.data(), d->g.data(), d->v.data(), &d->in_state));
            check(average(n, d->mean.data(), d->w.data(), 1000));
        });
    // As many tensors as a small network has, of a few sizes.
    struct Tensors {
        std::vector<size_t> sizes;
        std::vector<T*> w, v;
        std::vector<const T*> g;
    };
    const auto tensors = std::make_shared<Tensors>();
    for (size_t begin = 0, i = 0; begin < n; ++i) {
        const size_t length = std::min(n - begin, std::max<size_t>(n / (i % 4 == 0 ? 20 : 200), 1));
        tensors->sizes.push_back(length);
        tensors->w.push_back(d->w.data() + begin);
        tensors->v.push_back(d->v.data() + begin);
        tensors->g.push_back(d->g.data() + begin);
        begin += length;
    }
    const auto step_list = by_type<T>(ag_adagrad_step_list_f32, ag_adagrad_step_list_f64);
    function("adagrad/step_list", 5)
        .library([=] {
            return step_list(tensors->sizes.size(), tensors->sizes.data(), tensors->w.data(),
                             tensors->g.data(), tensors->v.data(), &d->in_state);
        })
        .add("separate-calls", [=] {
            for (size_t i = 0; i < tensors->sizes.size(); ++i)
                check(step(tensors->sizes[i], tensors->w[i], tensors->g[i], tensors->v[i], &d->in_state));
        });
    function("adagrad/norm_step", 4)
        .library([=] {
            return by_type<T>(ag_adagrad_norm_step_f32, ag_adagrad_norm_step_f64)(n, d->w.data(), d->g.data(),
                                                                                  &d->norm, &d->in_state);
        })
        .add("limit", [=] {
            limit::read<T>(n, d->g.data());
            limit::update_from<T>(n, d->w.data(), d->g.data(), factor);
        });
    const auto dual_averaging =
        by_type<T>(ag_adagrad_dual_averaging_step_f32, ag_adagrad_dual_averaging_step_f64);
    function("adagrad/dual_averaging_step", 6)
        .library([=] {
            return dual_averaging(n, d->w.data(), d->g.data(), d->v.data(), d->mean.data(), 1000,
                                  &d->in_state);
        })
        .add("limit", limit);
    const auto squared_norm = by_type<T>(ag_squared_norm_f32, ag_squared_norm_f64);
    function("adagrad/squared_norm", 1)
        .library([=] {
            double result;
            return squared_norm(n, d->g.data(), &result);
        })
        .add("limit", [=] { limit::read<T>(n, d->g.data()); })
        .add(
            "autovectorized",
            [=] { benchmark::DoNotOptimize(autovectorized::native::squared_norm<T>(n, d->g.data())); },
            false);
    const auto first_non_finite = by_type<T>(ag_first_non_finite_f32, ag_first_non_finite_f64);
    function("adagrad/first_non_finite", 1)
        .library([=] {
            size_t position;
            return first_non_finite(n, d->g.data(), &position);
        })
        .add("limit", [=] { limit::read<T>(n, d->g.data()); });
    function("adagrad/init", 1)
        .library([=] { return by_type<T>(ag_adagrad_init_f32, ag_adagrad_init_f64)(n, d->v.data(), 1); })
        .add("limit", [=] { limit::write<T>(n, d->v.data(), 1); });
    return all;
}

// ---- Steps that move less memory -----------------------------------------------------------------------

Implementations short_steps(const Shape& shape) {
    const size_t n = shape.rows;
    struct Data {
        Array<float> w, g, v, scales;
        Array<std::uint16_t> bf16_w, bf16_g, f16_w, f16_g;
        Array<std::uint8_t> codes;
        ag_adagrad_options options, stochastic;
    };
    const auto zeros = [](size_t) { return 0; };
    const auto d = std::make_shared<Data>(Data{{n, [](size_t i) { return uniform(1, i, -1, 1); }},
                                               {n, [](size_t i) { return uniform(2, i, -0.1, 0.1); }},
                                               {n, [](size_t i) { return log_uniform(3, i, 1e-2, 1e2); }},
                                               {n / AG_ACCUMULATOR_BLOCK + 1, zeros},
                                               {n, zeros},
                                               {n, zeros},
                                               {n, zeros},
                                               {n, zeros},
                                               {n, zeros},
                                               {},
                                               {}});
    check(ag_bf16_from_f32(n, d->w.data(), d->bf16_w.data()));
    check(ag_bf16_from_f32(n, d->g.data(), d->bf16_g.data()));
    check(ag_f16_from_f32(n, d->w.data(), d->f16_w.data()));
    check(ag_f16_from_f32(n, d->g.data(), d->f16_g.data()));
    check(ag_accumulator_encode_f32(n, d->v.data(), d->codes.data(), d->scales.data()));
    ag_adagrad_options_init(&d->options);
    d->options.epsilon_mode = AG_EPSILON_OUTSIDE;
    d->options.epsilon = 1e-8;
    d->stochastic = d->options;
    d->stochastic.rounding = AG_ROUNDING_STOCHASTIC;
    Implementations all;
    const double items = static_cast<double>(n);
    const auto add = [&](const std::string& name, double bytes, auto call) {
        Function{all, "adagrad/" + name, items, items * bytes}.library(call).add("f32-step", [=] {
            check(ag_adagrad_step_f32(n, d->w.data(), d->g.data(), d->v.data(), &d->options));
        });
    };
    add("step/bf16", 14, [=] {
        return ag_adagrad_step_bf16(n, d->bf16_w.data(), d->bf16_g.data(), d->v.data(), &d->options);
    });
    add("step/f16", 14,
        [=] { return ag_adagrad_step_f16(n, d->f16_w.data(), d->f16_g.data(), d->v.data(), &d->options); });
    add("step_stochastic/bf16", 14, [=] {
        return ag_adagrad_step_bf16(n, d->bf16_w.data(), d->bf16_g.data(), d->v.data(), &d->stochastic);
    });
    add("step_stochastic/f16", 14, [=] {
        return ag_adagrad_step_f16(n, d->f16_w.data(), d->f16_g.data(), d->v.data(), &d->stochastic);
    });
    add("step_master/bf16", 20, [=] {
        return ag_adagrad_step_master_bf16(n, d->w.data(), d->bf16_w.data(), d->bf16_g.data(), d->v.data(),
                                           &d->options);
    });
    add("step_compressed/f32", 14, [=] {
        return ag_adagrad_step_compressed_f32(n, d->w.data(), d->g.data(), d->codes.data(), d->scales.data(),
                                              &d->options);
    });
    return all;
}

// ---- Steps of listed rows ------------------------------------------------------------------------------

template <class T>
Implementations row_steps(const Shape& shape) {
    const size_t rows = shape.rows, cols = shape.cols, listed = rows / 4;
    struct Data {
        Array<T> w, v, row_v, g;
        Array<std::int64_t> list, rising;
    };
    const auto d =
        std::make_shared<Data>(Data{{rows * cols, [](size_t i) { return uniform(1, i, -1, 1); }},
                                    {rows * cols, [](size_t i) { return log_uniform(3, i, 1e-2, 1e2); }},
                                    {rows, [](size_t i) { return log_uniform(3, i, 1e-2, 1e2); }},
                                    {listed * cols, [](size_t i) { return uniform(2, i, -0.1, 0.1); }},
                                    {listed, [](size_t i) { return static_cast<std::int64_t>(4 * i); }},
                                    {listed, [](size_t i) { return static_cast<std::int64_t>(4 * i); }}});
    for (size_t i = listed; i > 1; --i)
        std::swap(d->list.data()[i - 1],
                  d->list.data()[static_cast<size_t>(uniform(4, i, 0, static_cast<double>(i)))]);
    ag_adagrad_options options;
    ag_adagrad_options_init(&options);
    options.epsilon_mode = AG_EPSILON_OUTSIDE;
    options.epsilon = 1e-8;
    const double elements = static_cast<double>(listed * cols);
    const T factor = T(1e-12);
    Implementations all;
    const auto add = [&](const std::string& name, double accesses, bool one_per_row, bool rising) {
        const auto step = one_per_row ? by_type<T>(ag_adagrad_step_rowwise_f32, ag_adagrad_step_rowwise_f64)
                                      : by_type<T>(ag_adagrad_step_rows_f32, ag_adagrad_step_rows_f64);
        const auto list = [=] { return rising ? d->rising.data() : d->list.data(); };
        const auto v = [=] { return one_per_row ? d->row_v.data() : d->v.data(); };
        Function{all, name + "/" + type_name<T>, elements, elements * accesses * sizeof(T)}
            .library(
                [=] { return step(rows, cols, d->w.data(), v(), listed, list(), d->g.data(), &options); })
            .add("limit", [=] {
                limit::update_rows<T>(listed, list(), cols, one_per_row ? 1 : cols, d->w.data(), d->g.data(),
                                      v(), factor);
            });
    };
    add("adagrad/step_rows", 5, false, false);
    add("adagrad/step_rows_rising", 5, false, true);
    add("adagrad/step_rowwise", 3, true, false);
    add("adagrad/step_rowwise_rising", 3, true, true);
    return all;
}

// ---- Projections ---------------------------------------------------------------------------------------

template <class T>
struct PointData {
    size_t n;
    Array<T> x, outside, lambda;

    explicit PointData(size_t n_)
        : n(n_), x(n, [](size_t i) { return uniform(1, i, -1, 1); }),
          outside(n, [](size_t i) { return uniform(1, i, -1, 1); }),
          lambda(n, [](size_t i) { return log_uniform(2, i, 0.1, 10); }) {}
};

template <class T>
Implementations projections(const Shape& shape) {
    const size_t n = shape.rows;
    const auto d = std::make_shared<PointData<T>>(n);
    Implementations all;
    // A projected point is inside and its next projection would be cheap: every call starts from outside.
    const auto restore = [=] { limit::copy<T>(n, d->outside.data(), d->x.data()); };
    const auto function = [&](const std::string& name, double accesses) {
        const double items = static_cast<double>(n);
        return Function{all, "projection/" + name + "/" + type_name<T>, items, items * accesses * sizeof(T),
                        restore};
    };
    const auto project = by_type<T>(ag_project_f32, ag_project_f64);
    const auto set = [&](ag_set_kind kind) {
        ag_set s;
        ag_set_init(&s);
        s.kind = kind;
        s.lower = -0.5;
        s.upper = 0.5;
        s.radius = kind == AG_SET_L2_BALL ? 0.5 * std::sqrt(static_cast<double>(n) / 3) : 0.5;
        return s;
    };
    const auto pass = [=] { limit::update<T>(n, d->x.data(), 1); };
    const std::pair<const char*, ag_set_kind> kinds[] = {{"box", AG_SET_BOX},
                                                         {"nonnegative", AG_SET_NONNEGATIVE},
                                                         {"linf_ball", AG_SET_LINF_BALL},
                                                         {"l2_ball", AG_SET_L2_BALL}};
    for (const auto& [name, kind] : kinds)
        function(name, 2)
            .library([=, s = set(kind)] { return project(n, d->x.data(), nullptr, &s); })
            .add("limit", pass);
    function("second_order_cone", 2)
        .library([=, s = set(AG_SET_SECOND_ORDER_CONE)] { return project(n, d->x.data(), nullptr, &s); })
        .add("limit", pass);
    // Half of the norms' sum, which is about 0.58 sqrt(length) for each group.
    for (const size_t length : {size_t(4), size_t(16), size_t(256)}) {
        ag_set groups = set(AG_SET_GROUP_L1_BALL);
        groups.group_length = length;
        groups.radius = 0.29 * static_cast<double>(n) / std::sqrt(static_cast<double>(length));
        const std::string name = "group_ball_" + std::to_string(length);
        function(name, 2)
            .library([=] { return project(n, d->x.data(), nullptr, &groups); })
            .add("limit", pass);
        function(name + "_weighted", 3)
            .library([=] { return project(n, d->x.data(), d->lambda.data(), &groups); })
            .add("limit", [=] { limit::update_from<T>(n, d->x.data(), d->lambda.data(), 0); });
    }
    function("l2_ball_weighted", 3)
        .library([=, s = set(AG_SET_L2_BALL)] { return project(n, d->x.data(), d->lambda.data(), &s); })
        .add("limit", [=] { limit::update_from<T>(n, d->x.data(), d->lambda.data(), 0); });
    function("second_order_cone_weighted", 3)
        .library(
            [=, s = set(AG_SET_SECOND_ORDER_CONE)] { return project(n, d->x.data(), d->lambda.data(), &s); })
        .add("limit", [=] { limit::update_from<T>(n, d->x.data(), d->lambda.data(), 0); });
    return all;
}

// ---- Projections onto the L1 ball and the simplex -------------------------------------------------------

// How many coordinates a projection leaves other than 0.
struct Support {
    const char* name;
    size_t (*count)(size_t n);
};
constexpr Support supports[] = {{"dense", [](size_t n) { return n / 2; }},
                                {"medium", [](size_t n) { return n / 100; }},
                                {"tiny", [](size_t n) { return std::min<size_t>(20, n / 8); }}};

enum class Order { random, ascending, descending };

const char* name_of(scalar::Set set) {
    return set == scalar::Set::simplex ? "simplex" : "l1_ball";
}

ag_set set_of(scalar::Set set) {
    ag_set s;
    ag_set_init(&s);
    s.kind = set == scalar::Set::simplex ? AG_SET_SIMPLEX : AG_SET_L1_BALL;
    return s;
}

// What the sets bound in a coordinate.
template <class T>
double bounded(scalar::Set set, T x) {
    const auto value = static_cast<double>(x);
    return set == scalar::Set::l1_ball ? std::abs(value) : value;
}

// The radius for which the projection of x has this support. lambda: null for the Euclidean norm.
template <class T>
double radius_for(size_t support, scalar::Set set, size_t n, const T* x, const T* lambda) {
    const auto weight = [=](size_t j) { return lambda == nullptr ? 1 : static_cast<double>(lambda[j]); };
    std::vector<double> breakpoints(n);
    for (size_t j = 0; j < n; ++j)
        breakpoints[j] = weight(j) * bounded(set, x[j]);
    const auto next =
        breakpoints.begin() + static_cast<std::ptrdiff_t>(std::clamp<size_t>(support, 1, n - 1));
    std::nth_element(breakpoints.begin(), next, breakpoints.end(), std::greater<>());
    const double multiplier = (*next + *std::min_element(breakpoints.begin(), next)) / 2;
    double radius = 0;
    for (size_t j = 0; j < n; ++j)
        radius += std::max(bounded(set, x[j]) - multiplier / weight(j), 0.0);
    return radius;
}

template <class T>
struct LinearData {
    Array<T> x, outside, lambda;
    // Not touched before the algorithm that needs it is measured.
    std::unique_ptr<T[]> memory;
    std::unique_ptr<scalar::Breakpoint<T>[]> breakpoints;
};

// Of short vectors a call projects many, each with data and radius of its own: one would be over before the clock
// could tell, and its branches be known by heart.
template <class T>
Implementations linear_projections(scalar::Set set, bool in_lambda_norm, Order order, const Shape& shape) {
    const size_t n = shape.rows;
    const size_t copies = n == 0 ? 0 : std::max<size_t>(1, (64 << 10) / n), total = copies * n;
    const auto outside = [](size_t i) { return normal(1, i); };
    const auto d = std::make_shared<LinearData<T>>(
        LinearData<T>{{total, outside},
                      {total, outside},
                      {in_lambda_norm ? total : 0, [](size_t i) { return std::exp(normal(2, i)); }},
                      std::make_unique_for_overwrite<T[]>(2 * n),
                      std::make_unique_for_overwrite<scalar::Breakpoint<T>[]>(n)});
    const T* lambda = in_lambda_norm ? d->lambda.data() : nullptr;
    const auto lambda_at = [=](size_t begin) { return lambda == nullptr ? nullptr : lambda + begin; };
    if (order != Order::random)
        for (size_t begin = 0; begin < total; begin += n)
            std::sort(d->outside.data() + begin, d->outside.data() + begin + n, [=](T a, T b) {
                return order == Order::ascending ? bounded(set, a) < bounded(set, b)
                                                 : bounded(set, a) > bounded(set, b);
            });

    Implementations all;
    const double items = static_cast<double>(total), accesses = in_lambda_norm ? 3 : 2;
    const std::string name = std::string("projection/") + name_of(set) + (in_lambda_norm ? "_lambda_" : "_"),
                      suffix = order == Order::ascending    ? "_ascending/"
                               : order == Order::descending ? "_descending/"
                                                            : "/";
    const auto restore = [=] { limit::copy<T>(total, d->outside.data(), d->x.data()); };
    const auto project = by_type<T>(ag_project_f32, ag_project_f64);
    const auto ours = std::make_shared<ag_set>(set_of(set));
    for (const Support& support : supports) {
        const auto radii = std::make_shared<std::vector<double>>();
        for (size_t begin = 0; begin < total; begin += n)
            radii->push_back(
                radius_for<T>(support.count(n), set, n, d->outside.data() + begin, lambda_at(begin)));
        const auto each = [=](auto projection) {
            return [=] {
                for (size_t copy = 0; copy < copies; ++copy)
                    projection(d->x.data() + copy * n, lambda_at(copy * n), (*radii)[copy]);
            };
        };
        const Function function{all, name + support.name + suffix + type_name<T>, items,
                                items * accesses * sizeof(T), restore};
        function.add(library_variant, each([=](T* x, const T* weights, double radius) {
                         ours->radius = radius;
                         check(project(n, x, weights, ours.get()));
                     }));
        if (in_lambda_norm)
            function.add("limit", [=] { limit::update_from<T>(total, d->x.data(), d->lambda.data(), 0); })
                .add("sort", each([=](T* x, const T* weights, double radius) {
                         scalar::sort_projection_lambda(set, n, x, weights, radius, d->breakpoints.get());
                     }),
                     false)
                .add("michelot", each([=](T* x, const T* weights, double radius) {
                         scalar::michelot_projection_lambda(set, n, x, weights, radius, d->memory.get());
                     }),
                     false);
        else
            function.add("limit", [=] { limit::update<T>(total, d->x.data(), 1); })
                .add("sort", each([=](T* x, const T*, double radius) {
                         scalar::sort_projection(set, n, x, radius, d->memory.get());
                     }),
                     false)
                .add("condat", each([=](T* x, const T*, double radius) {
                         scalar::condat_projection(set, n, x, radius, d->memory.get());
                     }),
                     false);
    }
    return all;
}

// Steps that start in the set, with half of the coordinates other than 0, as in the course of a training. Each
// call starts from the same w and v: with the same gradients again and again w would end in a corner of the set.
template <class T>
Implementations projected_steps(scalar::Set set, const Shape& shape) {
    const size_t n = shape.rows;
    struct Data {
        Array<T> w, g, v, first_w, first_v;
        ag_adagrad_options options;
        ag_set s;
    };
    const auto value = [](size_t i) { return uniform(1, i, -1, 1); };
    const auto accumulator = [](size_t i) { return log_uniform(3, i, 1e-2, 1e2); };
    const auto d = std::make_shared<Data>(Data{{n, value},
                                               {n, [](size_t i) { return uniform(2, i, -0.1, 0.1); }},
                                               {n, accumulator},
                                               {n, value},
                                               {n, accumulator},
                                               {},
                                               set_of(set)});
    ag_adagrad_options_init(&d->options);
    d->options.learning_rate = StepData<T>::learning_rate;
    d->options.epsilon_mode = AG_EPSILON_OUTSIDE;
    d->options.epsilon = StepData<T>::epsilon;
    if (n != 0) {
        std::vector<T> lambda(n), memory(2 * n);
        for (size_t j = 0; j < n; ++j)
            lambda[j] = std::sqrt(d->first_v.data()[j]) + static_cast<T>(StepData<T>::epsilon);
        d->s.radius = radius_for<T>(n / 2, set, n, d->first_w.data(), lambda.data());
        scalar::michelot_projection_lambda(set, n, d->first_w.data(), lambda.data(), d->s.radius,
                                           memory.data());
    }
    const auto restore = [=] {
        limit::copy<T>(n, d->first_w.data(), d->w.data());
        limit::copy<T>(n, d->first_v.data(), d->v.data());
    };
    Implementations all;
    const double items = static_cast<double>(n);
    const auto step = by_type<T>(ag_adagrad_step_f32, ag_adagrad_step_f64);
    const auto projected = by_type<T>(ag_adagrad_step_projected_f32, ag_adagrad_step_projected_f64);
    const std::string name = std::string("projection/step_") + name_of(set) + "/" + type_name<T>;
    const double bytes = items * 5 * sizeof(T);
    Function{all, name, items, bytes, restore}
        .library([=] { return projected(n, d->w.data(), d->g.data(), d->v.data(), &d->options, &d->s); })
        .add("bare-step", [=] { check(step(n, d->w.data(), d->g.data(), d->v.data(), &d->options)); });
    Function{all, name, items, bytes}.add(
        "limit", [=] { limit::update_both<T>(n, d->w.data(), d->g.data(), d->v.data(), T(1e-12)); });
    return all;
}

// ---- Elementary functions ------------------------------------------------------------------------------

template <class T>
Implementations elementary_functions(const Shape& shape) {
    const size_t n = shape.rows;
    struct Data {
        Array<T> x, positive, out;
    };
    const auto d = std::make_shared<Data>(Data{{n, [](size_t i) { return uniform(1, i, -8, 8); }},
                                               {n, [](size_t i) { return uniform(2, i, 0, 4); }},
                                               {n, [](size_t) { return 0; }}});
    Implementations all;
    const auto add = [&](const std::string& name, auto call, auto argument, auto sleef, auto libmvec) {
        const auto peer = [=](auto function) {
            return function == nullptr ? std::function<void()>()
                                       : [=] { function(n, argument(), d->out.data()); };
        };
        const double items = static_cast<double>(n);
        Function{all, "math/" + name + "/" + type_name<T>, items, items * 2 * sizeof(T)}
            .library([=] { return call(n, argument(), d->out.data()); })
            .add("limit", [=] { limit::copy<T>(n, argument(), d->out.data()); })
            .add("sleef", peer(sleef), false)
            .add("libmvec", peer(libmvec), false);
    };
    const auto any = [d = d.get()] { return d->x.data(); };
    const auto positive = [d = d.get()] { return d->positive.data(); };
    const auto sleef = peers::sleef<T>(), libmvec = peers::libmvec<T>();
    add("exp", by_type<T>(ag_exp_f32, ag_exp_f64), any, sleef.exp, libmvec.exp);
    add("log1p", by_type<T>(ag_log1p_f32, ag_log1p_f64), positive, sleef.log1p, libmvec.log1p);
    add("sigmoid", by_type<T>(ag_sigmoid_f32, ag_sigmoid_f64), any, sleef.sigmoid, libmvec.sigmoid);
    add("softplus", by_type<T>(ag_softplus_f32, ag_softplus_f64), any, sleef.softplus, libmvec.softplus);
    return all;
}

// ---- Logistic loss and gradient ------------------------------------------------------------------------

double random_label(size_t i) {
    return uniform(7, i, -1, 1) < 0 ? -1 : 1;
}

// What a peer computed is what we measure: sums in another order, and no more.
template <class T>
void expect_near(const char* peer, double theirs, double ours) {
    if (!(std::fabs(theirs - ours) <= (sizeof(T) == sizeof(float) ? 1e-4 : 1e-10) * std::fabs(ours)))
        throw std::runtime_error(std::string(peer) + " gives " + std::to_string(theirs) + " and not " +
                                 std::to_string(ours));
}

// Adds scikit-learn's loss and gradient; our_loss() is the sum of the losses, too.
template <class T, class Loss>
void add_scikit_learn(const Function& function, const peers::LogisticProblem<T>& problem, Loss our_loss) {
    const peers::ScikitLearnFunctions scikit_learn = peers::scikit_learn(problem);
    std::function<void()> run;
    if (scikit_learn.loss_and_gradient)
        run = [=, ours = std::numeric_limits<double>::quiet_NaN()]() mutable {
            const double theirs = scikit_learn.loss_and_gradient();
            if (std::isnan(ours)) {
                ours = our_loss();
                expect_near<T>("scikit-learn", theirs, ours);
            }
        };
    function.add("scikit-learn", run, false);
    function.implementations.back().seconds_elsewhere = scikit_learn.processor_seconds;
}

template <class T>
Implementations dense_logistic(const Shape& shape) {
    const size_t rows = shape.rows, cols = shape.cols;
    struct Data {
        Array<T> X, y, w, margins, gradient;
        double loss;
    };
    // Margins of about 1.
    const double scale = 3 / std::sqrt(static_cast<double>(cols));
    const auto d = std::make_shared<Data>(Data{{rows * cols, [](size_t i) { return uniform(1, i, -1, 1); }},
                                               {rows, random_label},
                                               {cols, [=](size_t i) { return uniform(2, i, -scale, scale); }},
                                               {rows, [](size_t) { return 0; }},
                                               {cols, [](size_t) { return 0; }},
                                               0});
    using Matrix = std::conditional_t<std::is_same_v<T, float>, ag_dense_f32, ag_dense_f64>;
    Implementations all;
    const double items = static_cast<double>(rows * cols);
    const auto gemv_pair = peers::openblas<T>().gemv_pair;
    const auto pair = [=] {
        gemv_pair(rows, cols, d->X.data(), d->w.data(), d->margins.data(), d->gradient.data());
    };
    const Function gradient{all, "logistic/dense/" + type_name<T>, items, items * sizeof(T)};
    gradient
        .library([=] {
            const Matrix X = {rows, cols, cols, d->X.data()};
            return by_type<T>(ag_logistic_dense_f32, ag_logistic_dense_f64)(
                &X, d->y.data(), d->w.data(), nullptr, &d->loss, d->gradient.data());
        })
        .add("read-once", [=] { benchmark::DoNotOptimize(limit::read<T>(rows * cols, d->X.data())); })
        .add("openblas-gemv-pair", gemv_pair == nullptr ? std::function<void()>() : pair)
        .add(
            "autovectorized",
            [=] {
                d->loss = autovectorized::native::logistic<T>(rows, cols, d->X.data(), d->y.data(),
                                                              d->w.data(), d->gradient.data());
            },
            false);
    add_scikit_learn<T>(gradient, {rows, cols, nullptr, nullptr, d->X.data(), d->y.data(), d->w.data()}, [=] {
        const Matrix X = {rows, cols, cols, d->X.data()};
        check(by_type<T>(ag_logistic_dense_f32, ag_logistic_dense_f64)(&X, d->y.data(), d->w.data(), nullptr,
                                                                       &d->loss, nullptr));
        return d->loss * static_cast<double>(rows);
    });
    const auto add = [&](const char* name, auto call) {
        Function{all, std::string("logistic/") + name + "/dense/" + type_name<T>, items, items * sizeof(T)}
            .library([=] {
                const Matrix X = {rows, cols, cols, d->X.data()};
                return call(&X);
            })
            .add("read-once", [=] { benchmark::DoNotOptimize(limit::read<T>(rows * cols, d->X.data())); });
    };
    add("margins", [=](const Matrix* X) {
        return by_type<T>(ag_logistic_margins_dense_f32,
                          ag_logistic_margins_dense_f64)(X, d->w.data(), nullptr, d->margins.data());
    });
    Function{all, "logistic/margins/dense/" + type_name<T>, items, items * sizeof(T)}.add(
        "autovectorized",
        [=] { autovectorized::native::margins<T>(rows, cols, d->X.data(), d->w.data(), d->margins.data()); },
        false);
    add("hessian_vector", [=](const Matrix* X) {
        return by_type<T>(ag_logistic_hessian_vector_dense_f32, ag_logistic_hessian_vector_dense_f64)(
            X, d->y.data(), d->w.data(), d->w.data(), nullptr, d->gradient.data());
    });
    add("hessian_diagonal", [=](const Matrix* X) {
        return by_type<T>(ag_logistic_hessian_diagonal_dense_f32, ag_logistic_hessian_diagonal_dense_f64)(
            X, d->y.data(), d->w.data(), nullptr, d->gradient.data());
    });
    add("smoothness", [=](const Matrix* X) {
        return by_type<T>(ag_logistic_smoothness_dense_f32, ag_logistic_smoothness_dense_f64)(
            X, d->y.data(), nullptr, AG_SMOOTHNESS_COORDINATE, d->gradient.data());
    });
    add("noise", [=](const Matrix* X) {
        return by_type<T>(ag_logistic_noise_dense_f32, ag_logistic_noise_dense_f64)(
            X, d->y.data(), d->w.data(), nullptr, d->gradient.data());
    });
    return all;
}

template <class T>
Implementations dense_softmax(const Shape& shape) {
    const size_t rows = shape.rows, cols = shape.cols;
    using Matrix = std::conditional_t<std::is_same_v<T, float>, ag_dense_f32, ag_dense_f64>;
    struct Data {
        Array<T> X, w, gradient;
        Array<std::int32_t> y;
        double loss;
    };
    const double scale = 3 / std::sqrt(static_cast<double>(cols));
    const auto d = std::make_shared<Data>(
        Data{{rows * cols, [](size_t i) { return uniform(1, i, -1, 1); }},
             {softmax_classes * cols, [=](size_t i) { return uniform(2, i, -scale, scale); }},
             {softmax_classes * cols, [](size_t) { return 0; }},
             {rows, [](size_t i) { return uniform(7, i, 0, softmax_classes); }},
             0});
    Implementations all;
    const double items = static_cast<double>(rows * cols);
    Function{all, "logistic/softmax/dense/" + type_name<T>, items, items * sizeof(T)}
        .library([=] {
            const Matrix X = {rows, cols, cols, d->X.data()};
            return by_type<T>(ag_softmax_dense_f32, ag_softmax_dense_f64)(
                &X, softmax_classes, d->y.data(), d->w.data(), nullptr, &d->loss, d->gradient.data());
        })
        .add("read-once", [=] { benchmark::DoNotOptimize(limit::read<T>(rows * cols, d->X.data())); });
    return all;
}

// The loss layer.
template <class T>
Implementations margins_alone(const Shape& shape) {
    const size_t n = shape.rows;
    struct Data {
        Array<T> margins, y, residuals;
        double loss;
    };
    const auto d = std::make_shared<Data>(Data{{n, [](size_t i) { return uniform(1, i, -8, 8); }},
                                               {n, random_label},
                                               {n, [](size_t) { return 0; }},
                                               0});
    Implementations all;
    const double items = static_cast<double>(n);
    const auto libmvec = peers::libmvec_margins<T>().losses_and_residuals;
    const auto call = by_type<T>(ag_logistic_from_margins_f32, ag_logistic_from_margins_f64);
    Function{all, "logistic/from_margins/" + type_name<T>, items, items * 3 * sizeof(T)}
        .library([=] {
            return call(n, d->margins.data(), d->y.data(), nullptr, &d->loss, d->residuals.data(), nullptr);
        })
        .add("limit",
             [=] { limit::combine<T>(n, d->margins.data(), d->y.data(), d->residuals.data(), T(0.5)); })
        .add(
            "libmvec",
            libmvec == nullptr
                ? std::function<void()>()
                : [=] { d->loss = libmvec(n, d->margins.data(), d->y.data(), d->residuals.data()); },
            false);
    return all;
}

// An epoch's order of rows, beside std::shuffle.
Implementations shuffles(const Shape& shape) {
    const size_t n = shape.rows;
    const auto indices = std::make_shared<Array<std::int64_t>>(n, [](size_t i) { return i; });
    Implementations all;
    const double items = static_cast<double>(n);
    Function{all, "logistic/shuffle_indices", items, items * sizeof(std::int64_t)}
        .library([=] { return ag_shuffle_indices(n, 1, 2, indices->data()); })
        .add(
            "std-shuffle",
            [=, random = std::mt19937_64(1)]() mutable {
                std::iota(indices->data(), indices->data() + n, std::int64_t{0});
                std::shuffle(indices->data(), indices->data() + n, random);
            },
            false);
    return all;
}

template <class T>
Implementations csr_logistic(const Shape& shape) {
    struct Data {
        SparseData<T> sparse;
        Array<T> w, gradient, margins;
        double loss;
    };
    SparseData<T> sparse =
        shape.name == "a9a" ? SparseData<T>::a9a() : SparseData<T>::random(shape.rows, shape.cols);
    const size_t rows = sparse.rows, cols = sparse.cols, entries = sparse.entries;
    using Matrix = std::conditional_t<std::is_same_v<T, float>, ag_csr_f32, ag_csr_f64>;
    const auto d = std::make_shared<Data>(Data{std::move(sparse),
                                               {cols, [](size_t i) { return uniform(2, i, -1, 1); }},
                                               {cols, [](size_t) { return 0; }},
                                               {rows, [](size_t) { return 0; }},
                                               0});
    Implementations all;
    const double items = static_cast<double>(entries);
    const auto matrix = [=] {
        SparseData<T>& s = d->sparse;
        return Matrix{s.rows, s.cols, s.row_offsets.data(), s.columns.data(), s.values.data()};
    };
    const auto evaluate = [=](T* gradient) {
        const Matrix X = matrix();
        return by_type<T>(ag_logistic_csr_f32, ag_logistic_csr_f64)(&X, d->sparse.labels.data(), d->w.data(),
                                                                    nullptr, &d->loss, gradient);
    };
    const auto diagonal = [=](const Matrix& X) {
        return by_type<T>(ag_logistic_hessian_diagonal_csr_f32, ag_logistic_hessian_diagonal_csr_f64)(
            &X, d->sparse.labels.data(), d->w.data(), nullptr, d->gradient.data());
    };
    const auto margins = [=](const Matrix& X) {
        return by_type<T>(ag_logistic_margins_csr_f32, ag_logistic_margins_csr_f64)(&X, d->w.data(), nullptr,
                                                                                    d->margins.data());
    };
    const peers::LogisticProblem<T> problem = {rows,
                                               cols,
                                               d->sparse.row_offsets.data(),
                                               d->sparse.columns.data(),
                                               d->sparse.values.data(),
                                               d->sparse.labels.data(),
                                               d->w.data()};
    const Function gradient{all, "logistic/csr/" + type_name<T>, items,
                            items * (sizeof(T) + sizeof(std::int32_t))};
    gradient.library([=] { return evaluate(d->gradient.data()); }).add("read-once", [=] {
        benchmark::DoNotOptimize(limit::read<T>(entries, d->sparse.values.data()));
        benchmark::DoNotOptimize(limit::read<std::int32_t>(entries, d->sparse.columns.data()));
    });
    add_scikit_learn<T>(gradient, problem, [=] {
        check(evaluate(nullptr));
        return d->loss * static_cast<double>(rows);
    });
    if constexpr (std::is_same_v<T, double>) {
        const auto theirs = std::make_shared<std::vector<double>>(rows);
        const peers::LiblinearFunctions liblinear = peers::liblinear(problem, theirs->data());
        Function{all, "logistic/two_gradients_and_diagonal/csr/f64", items, items * 3 * 12}
            .library([=] {
                check(evaluate(d->gradient.data()));
                check(evaluate(d->gradient.data()));
                return diagonal(matrix());
            })
            .add("liblinear-train", liblinear.train_without_a_step, false);
        const auto predict = [=, compared = false]() mutable {
            liblinear.margins();
            if (!compared) {
                check(margins(matrix()));
                for (size_t i = 0; i < rows; ++i)
                    expect_near<float>("liblinear", (*theirs)[i], d->margins.data()[i]);
                compared = true;
            }
        };
        Function{all, "logistic/margins/csr/f64", items, items * 12}
            .library([=] { return margins(matrix()); })
            .add("liblinear-predict",
                 liblinear.margins ? std::function<void()>(predict) : std::function<void()>(), false);
    } else {
        Function{all, "logistic/margins/csr/f32", items, items * 8}.library(
            [=] { return margins(matrix()); });
    }
    const auto add = [&](const char* name, auto work) {
        Function{all, std::string("logistic/") + name + "/csr/" + type_name<T>, items,
                 items * (sizeof(T) + sizeof(std::int32_t))}
            .library([=] { return work(matrix()); });
    };
    add("hessian_vector", [=](const auto& X) {
        return by_type<T>(ag_logistic_hessian_vector_csr_f32, ag_logistic_hessian_vector_csr_f64)(
            &X, d->sparse.labels.data(), d->w.data(), d->w.data(), nullptr, d->gradient.data());
    });
    add("hessian_diagonal", diagonal);
    add("smoothness", [=](const auto& X) {
        return by_type<T>(ag_logistic_smoothness_csr_f32, ag_logistic_smoothness_csr_f64)(
            &X, d->sparse.labels.data(), nullptr, AG_SMOOTHNESS_COORDINATE, d->gradient.data());
    });
    add("noise", [=](const auto& X) {
        return by_type<T>(ag_logistic_noise_csr_f32, ag_logistic_noise_csr_f64)(
            &X, d->sparse.labels.data(), d->w.data(), nullptr, d->gradient.data());
    });
    // A batch of 64 rows: its sparse gradient, and the one over all columns.
    const size_t batch_rows = std::min<size_t>(rows, 64);
    struct Batch {
        std::vector<std::int64_t> rows, columns;
        std::vector<T> values;
        size_t count = 0;
        double loss = 0;
        ag_logistic_options options;
    };
    const auto batch = std::make_shared<Batch>();
    for (size_t i = 0; i < batch_rows; ++i)
        batch->rows.push_back(static_cast<std::int64_t>(i * 7919 % rows));
    ag_logistic_options_init(&batch->options);
    batch->options.row_indices = batch->rows.data();
    batch->options.row_count = batch_rows;
    size_t batch_entries = 0;
    const std::int64_t* offsets = d->sparse.row_offsets.data();
    for (const std::int64_t row : batch->rows)
        batch_entries += static_cast<size_t>(offsets[row + 1] - offsets[row]);
    batch->columns.resize(batch_entries);
    batch->values.resize(batch_entries);
    const auto of_batch = static_cast<double>(batch_entries);
    Function{all, "logistic/sparse_gradient/csr/" + type_name<T>, of_batch, of_batch * sizeof(T)}
        .library([=] {
            const Matrix X = matrix();
            return by_type<T>(ag_logistic_sparse_gradient_csr_f32, ag_logistic_sparse_gradient_csr_f64)(
                &X, d->sparse.labels.data(), d->w.data(), &batch->options, &batch->loss,
                batch->columns.size(), batch->columns.data(), batch->values.data(), &batch->count);
        })
        .add("all-columns", [=] {
            const Matrix X = matrix();
            check(by_type<T>(ag_logistic_csr_f32, ag_logistic_csr_f64)(
                &X, d->sparse.labels.data(), d->w.data(), &batch->options, &batch->loss, d->gradient.data()));
        });
    return all;
}

// ---- Projections of many short rows --------------------------------------------------------------------

template <class T>
Implementations row_projections(const Shape& shape) {
    const size_t rows = shape.rows, cols = shape.cols;
    const auto d = std::make_shared<PointData<T>>(rows * cols);
    const auto memory = std::make_shared<std::vector<T>>(cols);
    Implementations all;
    const auto restore = [=] { limit::copy<T>(rows * cols, d->outside.data(), d->x.data()); };
    const double items = static_cast<double>(rows * cols);
    for (const auto& [name, kind] : {std::pair<const char*, ag_set_kind>{"simplex", AG_SET_SIMPLEX},
                                     {"l1_ball", AG_SET_L1_BALL},
                                     {"l2_ball", AG_SET_L2_BALL}}) {
        ag_set set;
        ag_set_init(&set);
        set.kind = kind;
        // Of numbers between -1 and 1: about half of the coordinates are left.
        set.radius = kind == AG_SET_L2_BALL ? 0.3 * std::sqrt(static_cast<double>(cols))
                                            : 0.06 * static_cast<double>(cols);
        for (const bool weighted : {false, true}) {
            const T* const lambda = weighted ? d->lambda.data() : nullptr;
            Function function{
                all, std::string("projection/rows_") + name + (weighted ? "_lambda/" : "/") + type_name<T>,
                items, items * (weighted ? 3 : 2) * sizeof(T), restore};
            function
                .library([=] {
                    return by_type<T>(ag_project_rows_f32, ag_project_rows_f64)(rows, cols, cols, d->x.data(),
                                                                                lambda, cols, nullptr, &set);
                })
                .add(
                    "calls",
                    [=] {
                        for (size_t row = 0; row < rows; ++row)
                            check(by_type<T>(ag_project_f32,
                                             ag_project_f64)(cols, d->x.data() + row * cols,
                                                             weighted ? lambda + row * cols : nullptr, &set));
                    },
                    false);
            if (kind != AG_SET_L2_BALL && !weighted)
                function.add(
                    "condat",
                    [=] {
                        for (size_t row = 0; row < rows; ++row)
                            scalar::condat_projection(
                                kind == AG_SET_SIMPLEX ? scalar::Set::simplex : scalar::Set::l1_ball, cols,
                                d->x.data() + row * cols, set.radius, memory->data());
                    },
                    false);
        }
    }
    return all;
}

// X in 16 bits beside the same in f32.
Implementations short_dense_logistic(const Shape& shape) {
    const size_t rows = shape.rows, cols = shape.cols;
    struct Data {
        Array<float> X, y, w, gradient;
        Array<std::uint16_t> bf16, f16;
        double loss;
    };
    const double scale = 3 / std::sqrt(static_cast<double>(cols));
    const auto zero = [](size_t) { return 0; };
    const auto d = std::make_shared<Data>(Data{{rows * cols, [](size_t i) { return uniform(1, i, -1, 1); }},
                                               {rows, random_label},
                                               {cols, [=](size_t i) { return uniform(2, i, -scale, scale); }},
                                               {cols, zero},
                                               {rows * cols, zero},
                                               {rows * cols, zero},
                                               0});
    check(ag_bf16_from_f32(rows * cols, d->X.data(), d->bf16.data()));
    check(ag_f16_from_f32(rows * cols, d->X.data(), d->f16.data()));
    Implementations all;
    const double items = static_cast<double>(rows * cols);
    const auto f32 = [=] {
        const ag_dense_f32 X = {rows, cols, cols, d->X.data()};
        check(ag_logistic_dense_f32(&X, d->y.data(), d->w.data(), nullptr, &d->loss, d->gradient.data()));
    };
    Function{all, "logistic/dense/bf16", items, items * 2}
        .library([=] {
            const ag_dense_bf16 X = {rows, cols, cols, d->bf16.data()};
            return ag_logistic_dense_bf16(&X, d->y.data(), d->w.data(), nullptr, &d->loss,
                                          d->gradient.data());
        })
        .add("f32-kernel", f32);
    Function{all, "logistic/dense/f16", items, items * 2}
        .library([=] {
            const ag_dense_f16 X = {rows, cols, cols, d->f16.data()};
            return ag_logistic_dense_f16(&X, d->y.data(), d->w.data(), nullptr, &d->loss, d->gradient.data());
        })
        .add("f32-kernel", f32);
    return all;
}

// ---- The list ------------------------------------------------------------------------------------------

template <class T>
void add_problems(std::vector<Problem>& all) {
    std::vector<Shape> vectors;
    for (const char* place : {"L1", "L2", "L3", "DRAM"})
        vectors.push_back(vector_shape<T>(place));
    all.push_back({vectors, steps<T>});
    all.push_back({table_shapes<T>(), row_steps<T>});
    all.push_back({vectors, projections<T>});
    std::vector<Shape> short_rows;
    for (const size_t cols : {size_t(4), size_t(16), size_t(64), size_t(256)})
        short_rows.push_back({std::to_string(cols) + "-columns", 64 * 1024 / cols, cols});
    all.push_back({short_rows, row_projections<T>});
    for (const scalar::Set set : {scalar::Set::l1_ball, scalar::Set::simplex}) {
        const auto add = [&](const std::vector<Shape>& shapes, bool in_lambda_norm, Order order) {
            all.push_back({shapes, [=](const Shape& shape) {
                               return linear_projections<T>(set, in_lambda_norm, order, shape);
                           }});
        };
        for (const bool in_lambda_norm : {false, true})
            add(vectors, in_lambda_norm, Order::random);
        for (const Order order : {Order::ascending, Order::descending})
            add({vector_shape<T>("DRAM")}, false, order);
        all.push_back({vectors, [=](const Shape& shape) { return projected_steps<T>(set, shape); }});
    }
    all.push_back({vectors, elementary_functions<T>});

    all.push_back({dense_shapes<T>(), dense_logistic<T>});
    all.push_back({dense_shapes<T>(), dense_softmax<T>});
    all.push_back({vectors, margins_alone<T>});

    std::vector<Shape> sparse = csr_shapes();
    if (a9a_is_there())
        sparse.push_back(a9a_shape());
    all.push_back({sparse, csr_logistic<T>});
}

} // namespace

bool Implementation::is_library() const {
    return variant == library_variant;
}

template <class T>
Shape vector_shape(const std::string& name) {
    // In bytes, so that an f64 array fits where an f32 array does.
    const size_t bytes = name == "L1"   ? 4 * 4096
                         : name == "L2" ? 4 * 65536
                         : name == "L3" ? 4 << 20
                                        : 64 << 20;
    return {name, bytes / sizeof(T), 1, bytes >= 4 << 20};
}
template Shape vector_shape<float>(const std::string&);
template Shape vector_shape<double>(const std::string&);

Shape dense_shape(size_t cols, size_t elements, const std::string& place) {
    return {std::to_string(cols) + "-columns/" + place, elements / cols, cols, elements >= 1 << 20};
}

template <class T>
std::vector<Shape> dense_shapes() {
    std::vector<Shape> shapes;
    for (const char* place : {"L2", "DRAM"}) {
        const Shape vector = vector_shape<T>(place);
        // One array alone could partly stay in a large last cache: four times as much as a vector.
        const size_t elements = vector.pays_for_threads ? 4 * vector.rows : vector.rows;
        constexpr size_t columns[] = {32, 64, 128, 1024, 4096};
        for (const size_t cols : columns)
            shapes.push_back(dense_shape(cols, elements, place));
    }
    return shapes;
}
template std::vector<Shape> dense_shapes<float>();
template std::vector<Shape> dense_shapes<double>();

std::vector<Shape> csr_shapes() {
    return {{"75-per-row/L2", 1000, 10000, false}, {"75-per-row/DRAM", 200000, 50000, true}};
}

Shape a9a_shape() {
    return {"a9a", a9a_rows, a9a_cols, true};
}

template <class T>
std::vector<Shape> table_shapes() {
    std::vector<Shape> shapes;
    constexpr size_t columns[] = {1, 16, 64, 128};
    for (const size_t cols : columns)
        shapes.push_back(dense_shape(cols, vector_shape<T>("DRAM").rows, "DRAM"));
    return shapes;
}
template std::vector<Shape> table_shapes<float>();
template std::vector<Shape> table_shapes<double>();

const std::vector<Problem>& problems() {
    static const std::vector<Problem> list = [] {
        std::vector<Problem> all;
        add_problems<float>(all);
        add_problems<double>(all);
        all.push_back({{vector_shape<float>("L2"), vector_shape<float>("DRAM")}, short_steps});
        all.push_back({dense_shapes<float>(), short_dense_logistic});
        all.push_back({{{"1M", 1 << 20, 1, true}}, shuffles});
        return all;
    }();
    return list;
}

const Problem* find_problem(const std::string& function) {
    for (const Problem& problem : problems()) {
        const Implementations names = problem.make(Shape{});
        if (std::any_of(names.begin(), names.end(), [&](const auto& i) { return i.function == function; }))
            return &problem;
    }
    return nullptr;
}

const Implementations& instance(const Problem& problem, const Shape& shape) {
    static Implementations last;
    static const Problem* last_problem = nullptr;
    static std::string last_shape;
    static int last_threads = 0;
    if (last_problem != &problem || last_shape != shape.name || last_threads != thread_count()) {
        last.clear(); // give the memory back first
        last = problem.make(shape);
        last_problem = &problem;
        last_shape = shape.name;
        last_threads = thread_count();
    }
    return last;
}

const Implementation* find_implementation(const Implementations& implementations, const std::string& function,
                                          const std::string& variant) {
    for (const Implementation& implementation : implementations)
        if (implementation.function == function && implementation.variant == variant)
            return &implementation;
    return nullptr;
}

} // namespace bench
