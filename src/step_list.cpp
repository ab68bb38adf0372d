// SPDX-License-Identifier: BSD-3-Clause
//
// ag_adagrad_step_list_…: the steps of many tensors as one piece of work.
#include "src/step.hpp"

#include <algorithm>
#include <cstdlib>

namespace anisograd {

namespace {

// The bytes of one array of one tensor.
struct Extent {
    std::uintptr_t begin, end;
    std::size_t tensor;
    const char* array;
    bool is_output;
};

// Refuses outputs that overlap anything: sorted by their beginnings, an extent can only overlap an earlier
// one that reaches furthest.
template <class T>
void check_disjoint(Checks& checks, std::size_t count, const std::size_t* sizes, T* const* w,
                    const T* const* g, T* const* v) {
    if (checks.failed())
        return;
    auto* const extents = static_cast<Extent*>(std::malloc(3 * count * sizeof(Extent)));
    if (extents == nullptr) {
        checks.fail(AG_ERROR_OUT_OF_MEMORY, "%zu bytes for the check of overlaps could not be allocated",
                    3 * count * sizeof(Extent));
        return;
    }
    std::size_t used = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto add = [&](const char* array, const T* data, bool is_output) {
            const auto begin = reinterpret_cast<std::uintptr_t>(data);
            if (sizes[i] != 0)
                extents[used++] = {begin, begin + sizes[i] * sizeof(T), i, array, is_output};
        };
        add("w", w[i], true);
        add("g", g[i], false);
        add("v", v[i], true);
    }
    std::sort(extents, extents + used, [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
    // The earlier extents that reach furthest: of all, and of the outputs.
    const Extent* furthest = nullptr;
    const Extent* furthest_output = nullptr;
    for (const Extent* e = extents; e != extents + used; ++e) {
        const Extent* const other = e->is_output ? furthest : furthest_output;
        if (other != nullptr && other->end > e->begin) {
            const Extent &output = e->is_output ? *e : *other, &rest = e->is_output ? *other : *e;
            checks.fail(AG_ERROR_OVERLAP, "the output %s[%zu] overlaps %s[%zu]", output.array, output.tensor,
                        rest.array, rest.tensor);
            break;
        }
        if (furthest == nullptr || e->end > furthest->end)
            furthest = e;
        if (e->is_output && (furthest_output == nullptr || e->end > furthest_output->end))
            furthest_output = e;
    }
    std::free(extents);
}

template <class T>
ag_status step_list(std::size_t count, const std::size_t* sizes, T* const* w, const T* const* g, T* const* v,
                    const ag_adagrad_options* options) {
    return run_entry({"ag_adagrad_step_list", type_suffix<T>}, [&](Checks& checks, const KernelTable& table) {
        const StepParameters<T> parameters = check_step<T>(checks, options);
        checks.size<Extent[3]>("count", count);
        checks.array("sizes", sizes, count);
        checks.array("w", w, count);
        checks.array("g", g, count);
        checks.array("v", v, count);
        constexpr std::size_t most = static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T);
        std::size_t total = 0;
        for (std::size_t i = 0; i < count && !checks.failed(); ++i) {
            total += sizes[i];
            if (sizes[i] > most || total > most)
                checks.fail(AG_ERROR_SIZE,
                            "sizes[%zu] = %zu elements, or those up to them, are more than memory can hold",
                            i, sizes[i]);
            if (sizes[i] != 0)
                for (const auto& [array, data] :
                     {std::pair<const char*, const T*>{"w", w[i]}, {"g", g[i]}, {"v", v[i]}})
                    if (data == nullptr)
                        checks.fail(AG_ERROR_NULL_POINTER, "%s[%zu] is NULL, but has %zu elements", array, i,
                                    sizes[i]);
        }
        check_disjoint(checks, count, sizes, w, g, v);
        if (checks.failed())
            return;
        // The tensors one after another as one vector; steps are elementwise, so that it may be cut anywhere.
        for_each_range(total, [&](std::size_t begin, std::size_t length) {
            std::size_t i = 0;
            for (; begin >= sizes[i]; ++i)
                begin -= sizes[i];
            for (; length != 0; ++i, begin = 0) {
                const std::size_t part_length = std::min(length, sizes[i] - begin);
                kernels_of<T>(table).step.adagrad_step(part_length, w[i] + begin, g[i] + begin, v[i] + begin,
                                                       parameters);
                length -= part_length;
            }
        });
    });
}

} // namespace

} // namespace anisograd

extern "C" {

ag_status ag_adagrad_step_list_f32(size_t count, const size_t* sizes, float* const* w, const float* const* g,
                                   float* const* v, const ag_adagrad_options* options) {
    return anisograd::step_list(count, sizes, w, g, v, options);
}
ag_status ag_adagrad_step_list_f64(size_t count, const size_t* sizes, double* const* w,
                                   const double* const* g, double* const* v,
                                   const ag_adagrad_options* options) {
    return anisograd::step_list(count, sizes, w, g, v, options);
}

} // extern "C"
