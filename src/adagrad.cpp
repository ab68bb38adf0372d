// SPDX-License-Identifier: BSD-3-Clause
//
// ag_adagrad_…, ag_sgd_…, ag_average_…, and ag_project_…
#include "src/set.hpp"

#include <algorithm>

namespace anisograd {

namespace {

template <class T>
StepParameters<T> check_step(Checks& checks, const ag_adagrad_options* given) {
    const ag_adagrad_options o = checks.options("options", given, ag_adagrad_options_init);
    checks.not_negative<T>("options->learning_rate", o.learning_rate);
    checks.not_negative<T>("options->epsilon", o.epsilon);
    checks.one_of("options->epsilon_mode", o.epsilon_mode, AG_EPSILON_IN_STATE, AG_EPSILON_INSIDE);
    checks.not_negative<T>("options->weight_decay", o.weight_decay);
    checks.not_negative<T>("options->decoupled_weight_decay", o.decoupled_weight_decay);
    checks.finite<T>("options->gradient_scale", o.gradient_scale);
    checks.one_of("options->math", o.math, AG_MATH_STRICT, AG_MATH_FAST);
    if (checks.failed())
        return {};
    const T learning_rate = static_cast<T>(o.learning_rate);
    const T scale = static_cast<T>(o.gradient_scale);
    const T decoupled = static_cast<T>(o.decoupled_weight_decay);
    // FAST with epsilon outside needs a small epsilon / sqrt(v); kernels/adagrad.hpp.
    constexpr bool is_f32 = sizeof(T) == sizeof(float);
    const double least =
        std::max(o.epsilon * o.epsilon * (is_f32 ? 0x1p26 : 0x1p36), is_f32 ? 0x1p-80 : 0x1p-800);
    const bool fast = o.math == AG_MATH_FAST && (o.epsilon_mode != AG_EPSILON_OUTSIDE || least <= 1);
    return {.learning_rate = learning_rate,
            .epsilon = static_cast<T>(o.epsilon),
            .gradient_scale = o.maximize != 0 ? -scale : scale,
            .weight_decay = static_cast<T>(o.weight_decay),
            .shrink = T(1) - learning_rate * decoupled,
            .least_for_fast = static_cast<T>(std::min(least, 1.0)),
            .epsilon_mode = o.epsilon_mode,
            .math = fast ? AG_MATH_FAST : AG_MATH_STRICT,
            .has_decoupled_weight_decay = decoupled != 0};
}

template <class T>
ag_status adagrad_init(std::size_t n, T* v, double epsilon) {
    return run_entry({"ag_adagrad_init", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        checks.array("v", v, n, Access::elementwise_write);
        checks.not_negative<T>("epsilon", epsilon);
        checks.finite<T>("epsilon^2", epsilon * epsilon);
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).fill(length, v + begin, static_cast<T>(epsilon * epsilon));
            });
    });
}

template <class T>
ag_status adagrad_step(std::size_t n, T* w, const T* g, T* v, const ag_adagrad_options* options) {
    return run_entry({"ag_adagrad_step", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const StepParameters<T> parameters = check_step<T>(checks, options);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n),
                         checks.array("v", v, n, Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).adagrad_step(length, w + begin, g + begin, v + begin, parameters);
            });
    });
}

template <class T>
ag_status adagrad_step_projected(std::size_t n, T* w, const T* g, T* v, const ag_adagrad_options* options,
                                 const ag_set* given_set) {
    return run_entry(
        {"ag_adagrad_step_projected", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
            const Kernels<T>& kernels = kernels_of<T>(table);
            const StepParameters<T> parameters = check_step<T>(checks, options);
            const Array arrays[3] = {checks.array("w", w, n, Access::write), checks.array("g", g, n),
                                     checks.array("v", v, n, Access::write)};
            Array set_arrays[2];
            const Set<T> set = check_set(checks, kernels, given_set, n, set_arrays);
            checks.disjoint({arrays[0], arrays[1], arrays[2], set_arrays[0], set_arrays[1]});
            if (checks.failed())
                return;

            if (set.clips()) {
                for_each_range(n, [&](std::size_t begin, std::size_t length) {
                    kernels.adagrad_step_clip(length, w + begin, g + begin, v + begin, parameters,
                                              part(set.bounds, begin));
                });
            } else {
                const Ball<T> ball = {set.center, 1.0};
                const double squared_norm = sum_over_blocks(n, [&](std::size_t begin, std::size_t length) {
                    return kernels.adagrad_step_squared_norm(length, w + begin, g + begin, v + begin,
                                                             parameters, part(ball, begin));
                });
                const Metric<T> metric = {nullptr, v, parameters.epsilon, parameters.epsilon_mode};
                project_onto_ball(kernels, n, w, set.center, set.radius, &metric, squared_norm);
            }
        });
}

template <class T>
ag_status project(std::size_t n, T* x, const T* lambda, const ag_set* given_set) {
    return run_entry({"ag_project", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const Array x_array = checks.array("x", x, n, Access::write);
        const Array lambda_array = checks.optional_array("lambda", lambda, n);
        Array set_arrays[2];
        const Set<T> set = check_set(checks, kernels, given_set, n, set_arrays);
        checks.disjoint({x_array, lambda_array, set_arrays[0], set_arrays[1]});
        if (!checks.failed() && lambda != nullptr)
            checks.element("lambda", lambda, n,
                           find_first(n,
                                      [&](std::size_t begin, std::size_t length) {
                                          return kernels.first_not_positive(length, lambda + begin);
                                      }),
                           AG_ERROR_INVALID_VALUE, "is not positive and finite");
        if (checks.failed())
            return;

        if (set.clips()) {
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels.clip(length, x + begin, part(set.bounds, begin));
            });
        } else {
            const Ball<T> ball = {set.center, 1.0};
            const double squared_norm = sum_over_blocks(n, [&](std::size_t begin, std::size_t length) {
                return kernels.squared_norm(length, x + begin, part(ball, begin));
            });
            const Metric<T> metric = {lambda, nullptr, T(0), AG_EPSILON_IN_STATE};
            project_onto_ball(kernels, n, x, set.center, set.radius, lambda != nullptr ? &metric : nullptr,
                              squared_norm);
        }
    });
}

template <class T>
ag_status sgd_step(std::size_t n, T* w, const T* g, const ag_adagrad_options* options) {
    return run_entry({"ag_sgd_step", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const StepParameters<T> parameters = check_step<T>(checks, options);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).sgd_step(length, w + begin, g + begin, parameters);
            });
    });
}

template <class T>
ag_status average(std::size_t n, T* mean, const T* w, std::size_t t) {
    return run_entry({"ag_average", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("mean", mean, n, Access::write), checks.array("w", w, n)});
        if (t == 0)
            checks.fail(AG_ERROR_INVALID_VALUE, "t = 0; the first iterate has t = 1");
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).average(length, mean + begin, w + begin, static_cast<T>(t));
            });
    });
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

void(ag_adagrad_options_init)(ag_adagrad_options* options) {
    if (options != nullptr)
        *options = {.struct_size = sizeof(ag_adagrad_options),
                    .learning_rate = 0.01,
                    .epsilon = 1e-10,
                    .epsilon_mode = AG_EPSILON_IN_STATE,
                    .maximize = 0,
                    .weight_decay = 0,
                    .decoupled_weight_decay = 0,
                    .gradient_scale = 1,
                    .math = AG_MATH_STRICT};
}

void ag_adagrad_options_init_sized(ag_adagrad_options* options, size_t struct_size) {
    initialize_sized(options, struct_size, (ag_adagrad_options_init));
}

void(ag_set_init)(ag_set* set) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (set != nullptr)
        *set = {.struct_size = sizeof(ag_set),
                .kind = AG_SET_BOX,
                .radius = 1,
                .lower = -infinity,
                .upper = infinity,
                .lower_bounds = nullptr,
                .upper_bounds = nullptr,
                .center = nullptr};
}

void ag_set_init_sized(ag_set* set, size_t struct_size) {
    initialize_sized(set, struct_size, (ag_set_init));
}

ag_status ag_adagrad_init_f32(size_t n, float* v, double epsilon) {
    return adagrad_init(n, v, epsilon);
}
ag_status ag_adagrad_init_f64(size_t n, double* v, double epsilon) {
    return adagrad_init(n, v, epsilon);
}

ag_status ag_adagrad_step_f32(size_t n, float* w, const float* g, float* v,
                              const ag_adagrad_options* options) {
    return adagrad_step(n, w, g, v, options);
}
ag_status ag_adagrad_step_f64(size_t n, double* w, const double* g, double* v,
                              const ag_adagrad_options* options) {
    return adagrad_step(n, w, g, v, options);
}

ag_status ag_adagrad_step_projected_f32(size_t n, float* w, const float* g, float* v,
                                        const ag_adagrad_options* options, const ag_set* set) {
    return adagrad_step_projected(n, w, g, v, options, set);
}
ag_status ag_adagrad_step_projected_f64(size_t n, double* w, const double* g, double* v,
                                        const ag_adagrad_options* options, const ag_set* set) {
    return adagrad_step_projected(n, w, g, v, options, set);
}

ag_status ag_project_f32(size_t n, float* x, const float* lambda, const ag_set* set) {
    return project(n, x, lambda, set);
}
ag_status ag_project_f64(size_t n, double* x, const double* lambda, const ag_set* set) {
    return project(n, x, lambda, set);
}

ag_status ag_sgd_step_f32(size_t n, float* w, const float* g, const ag_adagrad_options* options) {
    return sgd_step(n, w, g, options);
}
ag_status ag_sgd_step_f64(size_t n, double* w, const double* g, const ag_adagrad_options* options) {
    return sgd_step(n, w, g, options);
}

ag_status ag_average_f32(size_t n, float* mean, const float* w, size_t t) {
    return average(n, mean, w, t);
}
ag_status ag_average_f64(size_t n, double* mean, const double* w, size_t t) {
    return average(n, mean, w, t);
}

} // extern "C"
