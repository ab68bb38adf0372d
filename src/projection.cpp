// SPDX-License-Identifier: BSD-3-Clause
//
// ag_project_… and ag_adagrad_step_projected_…
#include "src/ball.hpp"
#include "src/cone.hpp"
#include "src/group_ball.hpp"
#include "src/set.hpp"
#include "src/step.hpp"

namespace anisograd {

namespace {

void write_report(ag_projection_report* report, const ProjectionResult& result) {
    if (report != nullptr)
        *report = {.multiplier = result.multiplier, .passes = result.passes, .inside = result.inside ? 1 : 0};
}

template <class T>
bool is_inside(const Kernels<T>& kernels, std::size_t n, const T* x, const Bounds<T>& bounds) {
    return find_first(n, [&](std::size_t begin, std::size_t length) {
               return kernels.scan.first_clipped(length, x + begin, part(bounds, begin));
           }) == n;
}

template <class T>
ProjectionResult project_in_place(const Kernels<T>& kernels, std::size_t n, T* x, const Set<T>& set,
                                  const Metric<T>& metric) {
    if (n == 0)
        return {};
    if (set.clips()) {
        const bool inside = set.report() != nullptr && is_inside(kernels, n, x, set.bounds());
        for_each_range(n, [&](std::size_t begin, std::size_t length) {
            kernels.projection.clip(length, x + begin, part(set.bounds(), begin));
        });
        return {.inside = inside};
    }
    if (set.is_cone())
        return project_onto_cone(kernels, n, x, metric);
    if (set.is_group_ball())
        return project_onto_group_ball(kernels, x, set.bounds().center, set.radius(), set.groups(), metric);
    if (!set.is_l2_ball())
        return project_onto_knapsack(kernels, n, x, set.knapsack(), metric);
    const double squared_norm = sum_over_blocks(n, [&](std::size_t begin, std::size_t length) {
        return kernels.projection.squared_norm(length, x + begin, part(set.l2_ball(), begin));
    });
    return project_onto_ball(kernels, n, x, set.l2_ball().center, set.radius(), metric, squared_norm);
}

template <class T>
ag_status project(std::size_t n, T* x, const T* lambda, const ag_set* given_set) {
    return run_entry({"ag_project", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const Kernels<T>& kernels = kernels_of<T>(table);
        const Array x_array = checks.array("x", x, n, Access::write);
        const Array lambda_array = checks.optional_array("lambda", lambda, n);
        const Set<T> set(checks, kernels, given_set, n);
        checks.disjoint({x_array, lambda_array}, set.arrays());
        if (!checks.failed() && lambda != nullptr)
            checks.element("lambda", lambda, n,
                           find_first(n,
                                      [&](std::size_t begin, std::size_t length) {
                                          return kernels.scan.first_not_positive(length, lambda + begin);
                                      }),
                           AG_ERROR_INVALID_VALUE, "is not positive and finite");
        if (checks.failed())
            return;

        const Metric<T> metric = {lambda, nullptr, T(0), AG_EPSILON_IN_STATE};
        write_report(set.report(), project_in_place(kernels, n, x, set, metric));
    });
}

template <class T>
ag_status adagrad_step_projected(std::size_t n, T* w, const T* g, T* v, const ag_adagrad_options* options,
                                 const ag_set* given_set) {
    return run_entry(
        {"ag_adagrad_step_projected", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
            const Kernels<T>& kernels = kernels_of<T>(table);
            const StepParameters<T> parameters = check_step<T>(checks, options);
            const Array w_array = checks.array("w", w, n, Access::write), g_array = checks.array("g", g, n),
                        v_array = checks.array("v", v, n, Access::write);
            const Set<T> set(checks, kernels, given_set, n);
            checks.disjoint({w_array, g_array, v_array}, set.arrays());
            if (checks.failed())
                return;

            const Metric<T> metric = {nullptr, v, parameters.epsilon, parameters.epsilon_mode};
            ProjectionResult result;
            if (set.clips() && set.report() == nullptr) {
                for_each_range(n, [&](std::size_t begin, std::size_t length) {
                    kernels.step.adagrad_step_clip(length, w + begin, g + begin, v + begin, parameters,
                                                   part(set.bounds(), begin));
                });
            } else if (set.is_l2_ball()) {
                const double squared_norm = sum_over_blocks(n, [&](std::size_t begin, std::size_t length) {
                    return kernels.step.adagrad_step_squared_norm(length, w + begin, g + begin, v + begin,
                                                                  parameters, part(set.l2_ball(), begin));
                });
                if (n != 0)
                    result = project_onto_ball(kernels, n, w, set.l2_ball().center, set.radius(), metric,
                                               squared_norm);
            } else {
                for_each_range(n, [&](std::size_t begin, std::size_t length) {
                    kernels.step.adagrad_step(length, w + begin, g + begin, v + begin, parameters);
                });
                result = project_in_place(kernels, n, w, set, metric);
            }
            write_report(set.report(), result);
        });
}

} // namespace

} // namespace anisograd

using namespace anisograd;

extern "C" {

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
                .center = nullptr,
                .normal = nullptr,
                .offset = 0,
                .lower_offset = 0,
                .report = nullptr,
                .group_length = 0,
                .group_offsets = nullptr,
                .group_count = 0};
}

void ag_set_init_sized(ag_set* set, size_t struct_size) {
    initialize_sized(set, struct_size, (ag_set_init));
}

ag_status ag_project_f32(size_t n, float* x, const float* lambda, const ag_set* set) {
    return project(n, x, lambda, set);
}
ag_status ag_project_f64(size_t n, double* x, const double* lambda, const ag_set* set) {
    return project(n, x, lambda, set);
}

ag_status ag_adagrad_step_projected_f32(size_t n, float* w, const float* g, float* v,
                                        const ag_adagrad_options* options, const ag_set* set) {
    return adagrad_step_projected(n, w, g, v, options, set);
}
ag_status ag_adagrad_step_projected_f64(size_t n, double* w, const double* g, double* v,
                                        const ag_adagrad_options* options, const ag_set* set) {
    return adagrad_step_projected(n, w, g, v, options, set);
}

} // extern "C"
