// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls of projections: of vectors, of rows, within a step; and of what sharded vectors ask for.
#include "tests/errors/bad_calls.hpp"

namespace test {
namespace {

// A matrix of 3 rows; as a vector, the first row.
template <class T>
struct Projections {
    T x_array[120], lambda_array[120], g_array[40], v_array[40];
    T low[40], high[40], center[40], normal[40];
    double levels[3];
    std::int64_t group_offsets[4];
    ag_projection_report reports[3];
    ag_reducer reducer;
    std::size_t n, rows, row_stride, lambda_stride, granule, *granule_pointer;
    T *x, *v;
    const T *g, *lambda;
    const double* radii;
    ag_adagrad_options options;
    ag_set set_struct;
    const ag_set* set;

    void set_up() {
        std::fill_n(x_array, 120, T(0.5));
        std::fill_n(lambda_array, 120, T(1));
        std::fill_n(g_array, 40, T(0.5));
        std::fill_n(v_array, 40, T(1));
        std::fill_n(low, 40, T(-1));
        std::fill_n(high, 40, T(1));
        std::fill_n(center, 40, T(0.25));
        std::fill_n(normal, 40, T(2));
        std::fill_n(levels, 3, 0.75);
        const std::int64_t offsets[] = {0, 5, 20, 40};
        std::copy_n(offsets, 4, group_offsets);
        // One shard, whose sums are its own.
        reducer = {[](void*, std::size_t, double*) { return 0; }, nullptr, 40, 0};
        n = row_stride = lambda_stride = 40;
        rows = 3;
        granule = 7;
        granule_pointer = &granule;
        x = x_array;
        v = v_array;
        g = g_array;
        lambda = lambda_array;
        radii = levels;
        options = adagrad_options();
        set_struct = make_set(AG_SET_BOX);
        set_struct.upper = 0.25;
        set = &set_struct;
    }
};

// Which fields of a set a kind has.
bool has_radius(ag_set_kind kind) {
    return (kind >= AG_SET_LINF_BALL && kind <= AG_SET_CAPPED_SIMPLEX) || kind == AG_SET_GROUP_L1_BALL;
}
bool has_offset(ag_set_kind kind) {
    return kind >= AG_SET_BOX_SECTION && kind <= AG_SET_SLAB;
}
bool has_center(ag_set_kind kind) {
    return (kind >= AG_SET_LINF_BALL && kind <= AG_SET_WEIGHTED_L1_BALL) || kind == AG_SET_GROUP_L1_BALL;
}
bool has_normal(ag_set_kind kind) {
    return kind == AG_SET_WEIGHTED_L1_BALL || has_offset(kind);
}
bool has_lower(ag_set_kind kind) {
    return kind == AG_SET_BOX || kind == AG_SET_BOX_SECTION;
}
bool has_upper(ag_set_kind kind) {
    return has_lower(kind) || kind == AG_SET_CAPPED_SIMPLEX;
}

template <class T>
void add_typed_projections(BadCalls& table) {
    using A = Projections<T>;
    using Functions = std::vector<Function<A>>;
    const Function<A> project = {typed<T>("ag_project"),
                                 [](A& a) { return Api<T>::project(a.n, a.x, a.lambda, a.set); }};
    const Function<A> step = {
        typed<T>("ag_adagrad_step_projected"),
        [](A& a) { return Api<T>::adagrad_step_projected(a.n, a.x, a.g, a.v, &a.options, a.set); }};
    const Function<A> project_rows = {typed<T>("ag_project_rows"), [](A& a) {
                                          return Api<T>::project_rows(a.rows, a.n, a.row_stride, a.x,
                                                                      a.lambda, a.lambda_stride, a.radii,
                                                                      a.set);
                                      }};
    const Functions all = {project, step, project_rows};
    const Functions of_vectors = {project, step};
    const Functions with_lambda = {project, project_rows};
    // Without levels of their own rows have the set's.
    const auto without_levels = [](auto spoil) {
        return [=](A& a) {
            a.radii = nullptr;
            spoil(a);
        };
    };

    // Arrays and sizes.
    table.add(all, "set is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.set = nullptr; });
    table.add(with_lambda, "x is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.x = nullptr; });
    table.add<A>({step}, "w is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.x = nullptr; });
    table.add<A>({step}, "g is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.g = nullptr; });
    table.add<A>({step}, "v is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.v = nullptr; });
    for (const std::size_t bad : {too_many, SIZE_MAX}) {
        table.add<A>({project}, "x: ", AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
        table.add<A>({step}, "w: ", AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
        table.add<A>({project_rows}, "row_stride", AG_ERROR_SIZE, [=](A& a) { a.n = bad; });
        table.add<A>({project_rows}, "row_stride", AG_ERROR_SIZE, [=](A& a) { a.row_stride = bad; });
        table.add<A>({project_rows}, "lambda_stride", AG_ERROR_SIZE, [=](A& a) { a.lambda_stride = bad; });
        table.add<A>({project_rows}, "rows = ", AG_ERROR_SIZE, [=](A& a) { a.rows = bad; });
    }
    table.add<A>({project_rows}, "x: ", AG_ERROR_SIZE, [](A& a) { a.row_stride = SIZE_MAX / 8; });
    table.add<A>({project_rows}, "row_stride = 39", AG_ERROR_SIZE, [](A& a) { a.row_stride = 39; });
    table.add<A>({project_rows}, "lambda_stride = 39", AG_ERROR_SIZE, [](A& a) { a.lambda_stride = 39; });
    table.add(with_lambda, "x overlaps lambda", AG_ERROR_OVERLAP, [](A& a) { a.lambda = a.x; });
    table.add(with_lambda, "x overlaps lambda", AG_ERROR_OVERLAP, [](A& a) {
        a.x = a.lambda_array + 39;
        a.rows = 1;
        a.radii = nullptr;
    });
    table.add<A>({project_rows}, "x overlaps radii", AG_ERROR_OVERLAP,
                 [](A& a) { a.radii = reinterpret_cast<const double*>(a.x_array + 80); });
    table.add<A>({step}, "w overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.x; });
    table.add<A>({step}, "w overlaps v", AG_ERROR_OVERLAP, [](A& a) { a.v = a.x; });
    table.add<A>({step}, "v overlaps g", AG_ERROR_OVERLAP, [](A& a) { a.g = a.v; });

    // Weights.
    for (const double bad : {0.0, -1.0, nan, infinity, -infinity}) {
        for (const std::size_t place : {0, 17, 39})
            table.add<A>({project}, "lambda[" + std::to_string(place) + "]", AG_ERROR_INVALID_VALUE,
                         [=](A& a) { a.lambda_array[place] = static_cast<T>(bad); });
        table.add<A>({project_rows}, "lambda: [3] of row 2", AG_ERROR_INVALID_VALUE,
                     [=](A& a) { a.lambda_array[83] = static_cast<T>(bad); });
        table.add<A>({project_rows}, "lambda: [3] of row 0", AG_ERROR_INVALID_VALUE, [=](A& a) {
            a.lambda_stride = 0;
            a.lambda_array[3] = static_cast<T>(bad);
        });
    }
    add_adagrad_options<T>(table, Functions{step});

    // The set's own fields.
    for (const std::size_t bad : {std::size_t(0), std::size_t(1), sizeof(ag_set) + 8, SIZE_MAX})
        table.add(all, "set: struct_size", AG_ERROR_STRUCT_SIZE,
                  [=](A& a) { a.set_struct.struct_size = bad; });
    for (const std::int32_t bad : {-1, AG_SET_GROUP_L1_BALL + 1, 1000})
        table.add(all, "set->kind = " + std::to_string(bad), AG_ERROR_INVALID_ENUM,
                  [=](A& a) { a.set_struct.kind = bad; });
    table.add(all, "overlaps set->report", AG_ERROR_OVERLAP,
              [](A& a) { a.set_struct.report = reinterpret_cast<ag_projection_report*>(a.x_array); });
    for (ag_set_kind kind = AG_SET_BOX; kind <= AG_SET_GROUP_L1_BALL; ++kind) {
        const auto add = [&](const std::string& culprit, ag_status status, auto spoil) {
            table.add(all, culprit, status, without_levels([=](A& a) {
                          a.set_struct.kind = kind;
                          a.set_struct.group_length = 7;
                          spoil(a);
                      }));
        };
        const auto add_invalid = [&](const std::string& culprit, auto spoil) {
            add(culprit, AG_ERROR_INVALID_VALUE, spoil);
        };
        if (has_radius(kind)) {
            for (const double bad : {-1.0, nan, infinity, -infinity})
                add_invalid("set->radius = ", [=](A& a) { a.set_struct.radius = bad; });
            if (sizeof(T) == 4)
                add_invalid("set->radius = 1e+39", [](A& a) { a.set_struct.radius = 1e39; });
        }
        if (has_offset(kind))
            for (const double bad : {nan, infinity, -infinity})
                add_invalid("set->offset = ", [=](A& a) { a.set_struct.offset = bad; });
        if (has_center(kind))
            add("overlaps set->center", AG_ERROR_OVERLAP, [](A& a) { a.set_struct.center = a.x_array; });
        if (has_normal(kind)) {
            for (const std::size_t place : {0, 17, 39}) {
                const std::string culprit = "set->normal[" + std::to_string(place) + "]";
                for (const double bad : {nan, infinity, -1.0})
                    if (bad != -1 || kind == AG_SET_WEIGHTED_L1_BALL)
                        add_invalid(culprit, [=](A& a) {
                            a.normal[place] = static_cast<T>(bad);
                            a.set_struct.normal = a.normal;
                        });
            }
            for (const double zero : {0.0, -0.0})
                add_invalid("set->normal is 0", [=](A& a) {
                    std::fill_n(a.normal, 40, static_cast<T>(zero));
                    a.set_struct.normal = a.normal;
                });
            add("overlaps set->normal", AG_ERROR_OVERLAP, [](A& a) { a.set_struct.normal = a.x_array; });
        }
        if (has_lower(kind)) {
            for (const double bad : {nan, infinity})
                add_invalid("set->lower = ", [=](A& a) { a.set_struct.lower = bad; });
            add_invalid("set->lower = 2 is above set->upper = 1", [](A& a) {
                a.set_struct.lower = 2;
                a.set_struct.upper = 1;
            });
            add("overlaps set->lower_bounds", AG_ERROR_OVERLAP, [](A& a) {
                a.set_struct.lower_bounds = a.x_array;
                a.set_struct.upper = 1;
            });
        }
        if (has_upper(kind)) {
            for (const double bad : {nan, -infinity})
                add_invalid("set->upper = ", [=](A& a) { a.set_struct.upper = bad; });
            add("overlaps set->upper_bounds", AG_ERROR_OVERLAP,
                [](A& a) { a.set_struct.upper_bounds = a.x_array; });
        }
        for (const std::size_t place : {0, 17, 39}) {
            const std::string element = "_bounds[" + std::to_string(place) + "]";
            if (has_lower(kind)) {
                for (const double bad : {nan, 1.5}) {
                    add_invalid("set->lower" + element, [=](A& a) { // below a number
                        a.low[place] = static_cast<T>(bad);
                        a.set_struct.lower_bounds = a.low;
                        a.set_struct.upper = 1;
                    });
                    add_invalid((bad > 0 ? "set->upper" : "set->lower") + element, [=](A& a) {
                        a.low[place] = static_cast<T>(bad);
                        a.set_struct.lower_bounds = a.low;
                        a.set_struct.upper_bounds = a.high;
                    });
                }
                add_invalid("set->upper" + element, [=](A& a) {
                    a.high[place] = -3;
                    a.set_struct.lower = -2;
                    a.set_struct.upper_bounds = a.high;
                });
            }
            if (has_upper(kind))
                for (const double bad : {nan, -1.5})
                    add_invalid("set->upper" + element, [=](A& a) {
                        a.high[place] = static_cast<T>(bad);
                        a.set_struct.lower_bounds = a.low;
                        a.set_struct.upper_bounds = a.high;
                    });
        }
        // Rows' levels.
        const auto add_level = [&](const char* culprit, auto spoil) {
            table.add<A>({project_rows}, culprit, AG_ERROR_INVALID_VALUE, [=](A& a) {
                a.set_struct.kind = kind;
                a.set_struct.group_length = 7;
                spoil(a);
            });
        };
        if (has_radius(kind) || has_offset(kind))
            for (const double bad : {nan, infinity, -infinity})
                add_level("radii[1] = ", [=](A& a) { a.levels[1] = a.levels[2] = bad; });
        if (has_radius(kind))
            add_level("radii[2] = -1", [](A& a) { a.levels[2] = -1; });
        if (kind == AG_SET_SLAB)
            add_level("radii[0] = 0.75 is less than set->lower_offset",
                      [](A& a) { a.set_struct.lower_offset = 1; });
        if (kind == AG_SET_CAPPED_SIMPLEX)
            add_level("radii[0] = 0.75", [](A& a) { a.set_struct.upper = 0.01; });
    }
    const auto add = [&](const std::string& culprit, ag_status status, ag_set_kind kind, auto spoil) {
        table.add(all, culprit, status, without_levels([=](A& a) {
                      a.set_struct.kind = kind;
                      spoil(a.set_struct, a);
                  }));
    };
    // Sums that no point within the bounds has.
    add("set->radius = 41", AG_ERROR_INVALID_VALUE, AG_SET_CAPPED_SIMPLEX, [](ag_set& s, A&) {
        s.upper = 1;
        s.radius = 41;
    });
    for (const double bad : {-81.0, 81.0})
        add("set->offset = ", AG_ERROR_INVALID_VALUE, AG_SET_BOX_SECTION, [=](ag_set& s, A& a) {
            s.lower_bounds = a.low;
            s.upper_bounds = a.high;
            s.normal = a.normal;
            s.offset = bad;
        });
    for (const double bad : {nan, infinity, -infinity})
        add("set->lower_offset = ", AG_ERROR_INVALID_VALUE, AG_SET_SLAB,
            [=](ag_set& s, A&) { s.lower_offset = bad; });
    add("set->lower_offset = 2 is above set->offset = 1", AG_ERROR_INVALID_VALUE, AG_SET_SLAB,
        [](ag_set& s, A&) {
            s.lower_offset = 2;
            s.offset = 1;
        });
    add("set->center[17]", AG_ERROR_INVALID_VALUE, AG_SET_LINF_BALL, [](ag_set& s, A& a) {
        a.center[17] = static_cast<T>(nan);
        s.center = a.center;
    });
    // Groups.
    add("set->group_length = 0", AG_ERROR_INVALID_VALUE, AG_SET_GROUP_L1_BALL, [](ag_set&, A&) {});
    struct GroupOffset {
        std::size_t place;
        std::int64_t bad;
        std::size_t named; // the offset itself, or the one after it, which is then less
    };
    for (const GroupOffset& offset :
         {GroupOffset{0, 1, 0}, {0, -1, 0}, {1, -1, 1}, {1, 21, 2}, {2, 41, 2}, {3, 39, 3}, {3, 41, 3}})
        add("set->group_offsets[" + std::to_string(offset.named) + "]", AG_ERROR_OUT_OF_RANGE,
            AG_SET_GROUP_L1_BALL, [=](ag_set& s, A& a) {
                a.group_offsets[offset.place] = offset.bad;
                s.group_offsets = a.group_offsets;
                s.group_count = 3;
            });
    add("set->group_offsets[2] = 20, the last", AG_ERROR_OUT_OF_RANGE, AG_SET_GROUP_L1_BALL,
        [](ag_set& s, A& a) {
            s.group_offsets = a.group_offsets;
            s.group_count = 2;
        });
    add("set->group_offsets: ", AG_ERROR_SIZE, AG_SET_GROUP_L1_BALL, [](ag_set& s, A& a) {
        s.group_offsets = a.group_offsets;
        s.group_count = SIZE_MAX;
    });

    // Shards. A fault is found before a sum is asked for.
    const auto add_sharded = [&](const char* culprit, ag_status status, auto spoil) {
        table.add(of_vectors, culprit, status, [=](A& a) {
            a.set_struct.kind = AG_SET_L2_BALL;
            a.set_struct.reducer = &a.reducer;
            spoil(a);
        });
    };
    add_sharded("set->reducer->sum is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.reducer.sum = nullptr; });
    add_sharded("set->reducer->sum failed", AG_ERROR_REDUCER,
                [](A& a) { a.reducer.sum = [](void*, std::size_t, double*) { return 1; }; });
    add_sharded("set->reducer->total", AG_ERROR_SIZE, [](A& a) { a.reducer.total = too_many; });
    add_sharded("set->reducer->total = 39", AG_ERROR_SIZE, [](A& a) { a.reducer.total = 39; });
    add_sharded("set->reducer->begin = 41", AG_ERROR_SIZE, [](A& a) { a.reducer.begin = 41; });
    add_sharded("set->reducer->begin = 1", AG_ERROR_INVALID_VALUE, [](A& a) {
        a.reducer.begin = 1;
        a.reducer.total = 41;
    });
    add_sharded("set->group_offsets", AG_ERROR_INVALID_VALUE, [](A& a) {
        a.set_struct.kind = AG_SET_GROUP_L1_BALL;
        a.set_struct.group_offsets = a.group_offsets;
        a.set_struct.group_count = 3;
    });
    // A sum that says that there is another shard, which refuses its arguments.
    add_sharded("of 2 shards", AG_ERROR_SHARDS, [](A& a) {
        a.reducer.sum = [](void*, std::size_t, double* values) {
            values[0] = 2; // shards
            values[1] = 1; // that refuse
            return 0;
        };
    });
    table.add<A>({project_rows}, "set->reducer is not NULL", AG_ERROR_INVALID_VALUE,
                 [](A& a) { a.set_struct.reducer = &a.reducer; });

    const Functions workspace = {{typed<T>("ag_project_workspace"), [](A& a) {
                                      return Api<T>::project_workspace(a.n, a.set, a.granule_pointer);
                                  }}};
    table.add(workspace, "set is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.set = nullptr; });
    table.add(workspace, "bytes is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.granule_pointer = nullptr; });
    table.add(workspace, "n: ", AG_ERROR_SIZE, [](A& a) { a.n = SIZE_MAX / 2; });
    for (const std::size_t bad : {std::size_t(0), std::size_t(1), sizeof(ag_set) + 8})
        table.add(workspace, "set: struct_size", AG_ERROR_STRUCT_SIZE,
                  [=](A& a) { a.set_struct.struct_size = bad; });
    for (const std::int32_t bad : {-1, AG_SET_GROUP_L1_BALL + 1, 1000})
        table.add(workspace, "set->kind", AG_ERROR_INVALID_ENUM, [=](A& a) { a.set_struct.kind = bad; });

    if (sizeof(T) == 8) // not typed
        return;
    const Functions granule = {
        {"ag_shard_granule", [](A& a) { return ag_shard_granule(a.n, a.set, a.granule_pointer); }}};
    table.add(granule, "set is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.set = nullptr; });
    table.add(granule, "granule is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.granule_pointer = nullptr; });
    for (const std::size_t bad : {std::size_t(0), std::size_t(1), sizeof(ag_set) + 8})
        table.add(granule, "set: struct_size", AG_ERROR_STRUCT_SIZE,
                  [=](A& a) { a.set_struct.struct_size = bad; });
    for (const std::int32_t bad : {-1, AG_SET_GROUP_L1_BALL + 1, 1000})
        table.add(granule, "set->kind", AG_ERROR_INVALID_ENUM, [=](A& a) { a.set_struct.kind = bad; });
    table.add(granule, "set->group_length", AG_ERROR_INVALID_VALUE,
              [](A& a) { a.set_struct.kind = AG_SET_GROUP_L1_BALL; });
    table.add(granule, "set->group_offsets", AG_ERROR_INVALID_VALUE, [](A& a) {
        a.set_struct.kind = AG_SET_GROUP_L1_BALL;
        a.set_struct.group_offsets = a.group_offsets;
        a.set_struct.group_count = 3;
    });
}

} // namespace

void add_projections(BadCalls& table) {
    add_typed_projections<float>(table);
    add_typed_projections<double>(table);
}

} // namespace test
