// SPDX-License-Identifier: BSD-3-Clause
//
// ag_adagrad_…, ag_sgd_…, ag_average_…
#include "src/step.hpp"
#include "src/weights.hpp"

namespace anisograd {

namespace {

template <class T>
ag_status adagrad_init(std::size_t n, T* v, double epsilon) {
    return run_entry({"ag_adagrad_init", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        checks.array("v", v, n, Access::elementwise_write);
        checks.not_negative<T>("epsilon", epsilon);
        checks.finite<T>("epsilon^2", epsilon * epsilon);
        if (!checks.failed())
            // A store alone is half the work of other elements.
            for_each_range(n, n / 2, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).step.fill(length, v + begin, static_cast<T>(epsilon * epsilon));
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
                kernels_of<T>(table).step.adagrad_step(length, w + begin, g + begin, v + begin, parameters);
            });
    });
}

template <class T>
ag_status sgd_step(std::size_t n, T* w, const T* g, const ag_adagrad_options* options) {
    return run_entry({"ag_sgd_step", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const StepParameters<T> parameters = check_step<T>(checks, options);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).step.step_with_one_lambda(length, w + begin, g + begin, T(1),
                                                               parameters);
            });
    });
}

void check_iteration(Checks& checks, std::size_t t) {
    if (t == 0)
        checks.fail(AG_ERROR_INVALID_VALUE, "t = 0; the first iterate has t = 1");
}

template <class T>
ag_status adagrad_step_averaged(std::size_t n, T* w, const T* g, T* v, T* mean, std::size_t t,
                                const ag_adagrad_options* options) {
    return run_entry({"ag_adagrad_step_averaged", type_suffix<T>}, [&](Checks& checks,
                                                                       const KernelTable& table) {
        const StepParameters<T> parameters = check_step<T>(checks, options);
        check_iteration(checks, t);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n),
                         checks.array("v", v, n, Access::write),
                         checks.array("mean", mean, n, Access::write)});
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).step.adagrad_step_average(length, w + begin, g + begin, v + begin,
                                                               mean + begin, static_cast<T>(t), parameters);
            });
    });
}

template <class T>
ag_status adagrad_norm_step(std::size_t n, T* w, const T* g, double* v, const ag_adagrad_options* options) {
    return run_entry({"ag_adagrad_norm_step", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const StepParameters<T> parameters = check_step<T>(checks, options);
        checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n),
                         checks.array("v", v, n != 0 ? 1 : 0, Access::write)});
        if (checks.failed() || n == 0)
            return;
        *v += sum_over_blocks(n, [&](std::size_t begin, std::size_t length) {
            return kernels.step.gradient_squared_norm(length, w + begin, g + begin, parameters);
        });
        const double lambda = lambda_of(*v, parameters.epsilon);
        for_each_range(n, [&](std::size_t begin, std::size_t length) {
            kernels.step.step_with_one_lambda(length, w + begin, g + begin, static_cast<T>(lambda),
                                              parameters);
        });
    });
}

template <class T>
ag_status dual_averaging_step(std::size_t n, T* w, const T* g, T* v, T* gradient_sum, std::size_t t,
                              const ag_adagrad_options* options) {
    return run_entry(
        {"ag_adagrad_dual_averaging_step", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
            const ag_adagrad_options o = complete_options(checks, options);
            const StepParameters<T> parameters = check_step<T>(checks, o);
            const double steps = static_cast<double>(t);
            check_iteration(checks, t);
            checks.finite<T>("t * options->l1", steps * o.l1);
            checks.finite<T>("options->learning_rate * t * options->l2", o.learning_rate * steps * o.l2);
            checks.disjoint({checks.array("w", w, n, Access::write), checks.array("g", g, n),
                             checks.array("v", v, n, Access::write),
                             checks.array("gradient_sum", gradient_sum, n, Access::write)});
            if (checks.failed())
                return;
            const DualAveraging<T> regularizer = {static_cast<T>(steps * o.l1),
                                                  static_cast<T>(o.learning_rate * steps * o.l2)};
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).step.dual_averaging_step(length, w + begin, g + begin, v + begin,
                                                              gradient_sum + begin, parameters, regularizer);
            });
        });
}

template <class T>
ag_status squared_norm(std::size_t n, const T* x, double* result) {
    return run_entry({"ag_squared_norm", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("x", x, n), checks.array("result", result, 1, Access::write)});
        if (!checks.failed())
            *result = sum_over_blocks(n, [&](std::size_t begin, std::size_t length) {
                return kernels_of<T>(table).projection.squared_norm(length, x + begin, Ball<T>{nullptr, 1.0});
            });
    });
}

template <class T>
ag_status first_non_finite(std::size_t n, const T* x, std::size_t* position) {
    return run_entry({"ag_first_non_finite", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("x", x, n), checks.array("position", position, 1, Access::write)});
        if (!checks.failed())
            *position = find_first(n, [&](std::size_t begin, std::size_t length) {
                return kernels_of<T>(table).scan.first_not_finite(length, x + begin);
            });
    });
}

template <class T>
ag_status average(std::size_t n, T* mean, const T* w, std::size_t t) {
    return run_entry({"ag_average", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        checks.disjoint({checks.array("mean", mean, n, Access::write), checks.array("w", w, n)});
        check_iteration(checks, t);
        if (!checks.failed())
            for_each_range(n, [&](std::size_t begin, std::size_t length) {
                kernels_of<T>(table).step.average(length, mean + begin, w + begin, static_cast<T>(t));
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
                    .l1 = 0,
                    .l2 = 0,
                    .math = AG_MATH_STRICT,
                    .rounding = AG_ROUNDING_NEAREST,
                    .seed = 0,
                    .step = 0};
}

void ag_adagrad_options_init_sized(ag_adagrad_options* options, size_t struct_size) {
    initialize_sized(options, struct_size, (ag_adagrad_options_init));
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

ag_status ag_adagrad_step_averaged_f32(size_t n, float* w, const float* g, float* v, float* mean, size_t t,
                                       const ag_adagrad_options* options) {
    return adagrad_step_averaged(n, w, g, v, mean, t, options);
}
ag_status ag_adagrad_step_averaged_f64(size_t n, double* w, const double* g, double* v, double* mean,
                                       size_t t, const ag_adagrad_options* options) {
    return adagrad_step_averaged(n, w, g, v, mean, t, options);
}

ag_status ag_adagrad_norm_step_f32(size_t n, float* w, const float* g, double* v,
                                   const ag_adagrad_options* options) {
    return adagrad_norm_step(n, w, g, v, options);
}
ag_status ag_adagrad_norm_step_f64(size_t n, double* w, const double* g, double* v,
                                   const ag_adagrad_options* options) {
    return adagrad_norm_step(n, w, g, v, options);
}

ag_status ag_adagrad_dual_averaging_step_f32(size_t n, float* w, const float* g, float* v,
                                             float* gradient_sum, size_t t,
                                             const ag_adagrad_options* options) {
    return dual_averaging_step(n, w, g, v, gradient_sum, t, options);
}
ag_status ag_adagrad_dual_averaging_step_f64(size_t n, double* w, const double* g, double* v,
                                             double* gradient_sum, size_t t,
                                             const ag_adagrad_options* options) {
    return dual_averaging_step(n, w, g, v, gradient_sum, t, options);
}

ag_status ag_squared_norm_f32(size_t n, const float* x, double* result) {
    return squared_norm(n, x, result);
}
ag_status ag_squared_norm_f64(size_t n, const double* x, double* result) {
    return squared_norm(n, x, result);
}

ag_status ag_first_non_finite_f32(size_t n, const float* x, size_t* position) {
    return first_non_finite(n, x, position);
}
ag_status ag_first_non_finite_f64(size_t n, const double* x, size_t* position) {
    return first_non_finite(n, x, position);
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
