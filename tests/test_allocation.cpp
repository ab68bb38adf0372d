// SPDX-License-Identifier: BSD-3-Clause
//
// Memory: which functions allocate, and what each does where an allocation fails: AG_ERROR_OUT_OF_MEMORY, a message,
// no output written, nothing leaked.
#include "tests/support/matrix.hpp"
#include "tests/support/watched_allocation.hpp"

#include <functional>
#include <memory>
#include <span>

namespace {

using namespace test;

struct Call {
    std::string function; // with which its message begins
    std::function<ag_status()> run;
    std::vector<std::span<unsigned char>> outputs;
    std::shared_ptr<void> memory; // what run and outputs refer to

    std::vector<unsigned char> bytes() const {
        std::vector<unsigned char> all;
        for (const auto output : outputs)
            all.insert(all.end(), output.begin(), output.end());
        return all;
    }
};

template <class T>
std::span<unsigned char> bytes_of(std::vector<T>& values) {
    return {reinterpret_cast<unsigned char*>(values.data()), values.size() * sizeof(T)};
}
template <class T>
std::span<unsigned char> bytes_of(T& value) {
    return {reinterpret_cast<unsigned char*>(&value), sizeof value};
}

// make(): a Call with arguments of its own, the same each time. Each of its `expected` allocations fails once.
template <class Make>
void expect_every_failure_is_reported(std::size_t expected, Make make) {
    const Call undisturbed = make();
    SCOPED_TRACE(undisturbed.function);
    const Watched all = run_watched(undisturbed.run);
    ASSERT_EQ(all.status, AG_OK) << ag_last_error();
    ASSERT_EQ(all.allocations, expected);
    ASSERT_EQ(all.leaked, 0);
    const Call call = make();
    const std::vector<unsigned char> before = call.bytes();
    if (expected != 0) {
        ASSERT_NE(before, undisturbed.bytes());
    }
    for (std::size_t k = 1; k <= expected; ++k) {
        SCOPED_TRACE("allocation " + std::to_string(k));
        const Watched failed = run_watched(call.run, k);
        ASSERT_EQ(failed.status, AG_ERROR_OUT_OF_MEMORY);
        const std::string message = ag_last_error();
        EXPECT_EQ(message.find(undisturbed.function + ": "), 0u) << message;
        EXPECT_NE(message.find("could not be allocated"), std::string::npos) << message;
        EXPECT_EQ(failed.leaked, 0);
        EXPECT_EQ(call.bytes(), before);
    }
    ASSERT_EQ(call.run(), AG_OK);
    EXPECT_EQ(call.bytes(), undisturbed.bytes());
}

template <class T>
std::string named(const char* function, const char* suffix = "") {
    return std::string(function) + (sizeof(T) == 4 ? "_f32" : "_f64") + suffix;
}

template <class Body>
void on_one_thread_and_on_two(Body body) {
    for (const int threads : {1, 2}) {
        ASSERT_EQ(ag_set_num_threads(threads), AG_OK);
        body();
    }
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

template <class T>
class Allocation : public ::testing::Test {};
TYPED_TEST_SUITE(Allocation, Types);

// ---- Steps of listed coordinates and rows --------------------------------------------------------------

// Falling, and some of them twice; enough for several threads.
template <class Index>
std::vector<Index> listed_rows(bool repeats) {
    std::vector<Index> rows;
    for (int i = 1499; i >= 0; --i)
        rows.push_back(static_cast<Index>(2 * i));
    if (repeats)
        for (int i = 0; i < 500; ++i)
            rows.push_back(static_cast<Index>(6 * i));
    return rows;
}

enum class Step { sparse, rows, rows_pooled, rowwise, rowwise_pooled };

template <class T, class Index>
struct ListedArguments {
    std::size_t rows = 3000, cols;
    std::vector<T> w, v, g;
    std::vector<Index> indices;
    std::vector<std::int64_t> offsets;
    typename Api<T>::Bags bags;

    ListedArguments(std::size_t cols_, bool accumulator_per_row, const std::vector<Index>& list)
        : cols(cols_), w(rows * cols, 3), v(accumulator_per_row ? rows : rows * cols, 1),
          g(list.size() * cols, T(0.5)), indices(list) {
        for (std::size_t bag = 0; bag <= list.size() / 4; ++bag)
            offsets.push_back(static_cast<std::int64_t>(4 * bag));
        bags = {list.size() / 4, offsets.data(), nullptr, AG_POOLING_MEAN};
    }
};

template <class T, class Index>
Call listed_call(Step step, std::size_t cols, const std::vector<Index>& list) {
    using A = Api<T>;
    using Arguments = ListedArguments<T, Index>;
    constexpr const char* names[] = {"ag_adagrad_step_sparse", "ag_adagrad_step_rows",
                                     "ag_adagrad_step_rows_pooled", "ag_adagrad_step_rowwise",
                                     "ag_adagrad_step_rowwise_pooled"};
    const bool per_row = step == Step::rowwise || step == Step::rowwise_pooled;
    const bool pooled = step == Step::rows_pooled || step == Step::rowwise_pooled;
    auto a = std::make_shared<Arguments>(cols, per_row, list);
    const auto run = [=, &x = *a] {
        if (step == Step::sparse)
            return A::template sparse<Index>(x.rows, x.w.data(), x.v.data(), x.indices.size(),
                                             x.indices.data(), x.g.data(), nullptr);
        const auto function = per_row ? A::template rowwise<Index> : A::template rows<Index>;
        return function(x.rows, cols, x.w.data(), x.v.data(), x.indices.size(), x.indices.data(),
                        pooled ? &x.bags : nullptr, x.g.data(), nullptr);
    };
    return {named<T>(names[static_cast<int>(step)], sizeof(Index) == 4 ? "_i32" : ""),
            run,
            {bytes_of(a->w), bytes_of(a->v)},
            a};
}

template <class T, class Index>
void expect_steps_report_failures() {
    std::vector<Index> increasing = listed_rows<Index>(false);
    std::reverse(increasing.begin(), increasing.end());
    // The bits of listed rows; those of rows listed twice; and lists of these.
    struct {
        std::size_t allocations;
        std::vector<Index> list;
    } const lists[] = {{0, increasing}, {1, listed_rows<Index>(false)}, {3, listed_rows<Index>(true)}};
    for (const auto& one : lists) {
        expect_every_failure_is_reported(one.allocations,
                                         [&] { return listed_call<T, Index>(Step::sparse, 1, one.list); });
        for (const std::size_t cols : {3, 90})
            for (const Step step : {Step::rows, Step::rows_pooled, Step::rowwise, Step::rowwise_pooled})
                expect_every_failure_is_reported(one.allocations,
                                                 [&] { return listed_call<T, Index>(step, cols, one.list); });
    }
}

TYPED_TEST(Allocation, StepsOfListedRows) {
    on_one_thread_and_on_two([] {
        expect_steps_report_failures<TypeParam, std::int64_t>();
        expect_steps_report_failures<TypeParam, std::int32_t>();
    });
}

TYPED_TEST(Allocation, StepList) {
    using T = TypeParam;
    struct Arguments {
        std::vector<T> w[2], v[2], g;
        T *w_pointers[2], *v_pointers[2];
        const T* g_pointers[2];
        std::size_t sizes[2];
    };
    on_one_thread_and_on_two([] {
        expect_every_failure_is_reported(1, [] {
            auto a = std::make_shared<Arguments>();
            a->g = normal_values<T>(threaded_size, 9);
            for (int i = 0; i < 2; ++i) {
                a->sizes[i] = i == 0 ? 100 : threaded_size;
                a->w[i] = a->v[i] = std::vector<T>(a->sizes[i], 1);
                a->w_pointers[i] = a->w[i].data();
                a->v_pointers[i] = a->v[i].data();
                a->g_pointers[i] = a->g.data();
            }
            return Call{named<T>("ag_adagrad_step_list"),
                        [&x = *a] {
                            return Api<T>::adagrad_step_list(2, x.sizes, x.w_pointers, x.g_pointers,
                                                             x.v_pointers, nullptr);
                        },
                        {bytes_of(a->w[0]), bytes_of(a->w[1]), bytes_of(a->v[0]), bytes_of(a->v[1])},
                        a};
        });
    });
}

// ---- Functions over the rows of a matrix ---------------------------------------------------------------

constexpr std::size_t rows = 4000, cols = 40, classes = 3; // several chunks of rows, and threads

template <class T>
struct RowArguments {
    std::vector<T> y, w, direction, gradient, values;
    std::vector<std::int32_t> class_numbers;
    std::vector<std::int64_t> columns;
    std::size_t count = 7;
    double loss = 7;
    ag_logistic_options options = logistic_options();
    std::vector<unsigned char> workspace;

    RowArguments()
        : y(random_signs<T>(rows, 2)), w(normal_values<T>(classes * (cols + 1), 3, 0.1)),
          direction(normal_values<T>(cols + 1, 4)), gradient(classes * (cols + 1), 7), values(cols + 1, 7),
          class_numbers(rows), columns(cols + 1, 7) {
        for (std::size_t i = 0; i < rows; ++i)
            class_numbers[i] = static_cast<std::int32_t>(i % classes);
        options.fit_intercept = 1;
    }
    void take_workspace(std::size_t bytes) {
        workspace.resize(bytes);
        options.workspace = workspace.data();
        options.workspace_size = bytes;
    }
};

ag_status loss_and_gradient(const ag_dense_f32* X, RowArguments<float>& a) {
    return ag_logistic_dense_f32(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
ag_status loss_and_gradient(const ag_dense_f64* X, RowArguments<double>& a) {
    return ag_logistic_dense_f64(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
ag_status loss_and_gradient(const ag_csr_f32* X, RowArguments<float>& a) {
    return ag_logistic_csr_f32(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
ag_status loss_and_gradient(const ag_csr_f64* X, RowArguments<double>& a) {
    return ag_logistic_csr_f64(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
ag_status loss_and_gradient(const ag_csr64_f32* X, RowArguments<float>& a) {
    return ag_logistic_csr64_f32(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
ag_status loss_and_gradient(const ag_csr64_f64* X, RowArguments<double>& a) {
    return ag_logistic_csr64_f64(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
ag_status loss_and_gradient(const ag_dense_bf16* X, RowArguments<float>& a) {
    return ag_logistic_dense_bf16(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
ag_status loss_and_gradient(const ag_dense_f16* X, RowArguments<float>& a) {
    return ag_logistic_dense_f16(X, a.y.data(), a.w.data(), &a.options, &a.loss, a.gradient.data());
}
template <class T>
std::size_t workspace_of_gradient(const Matrix<T>& X, Form form, const ag_logistic_options* o) {
    std::size_t bytes = 0;
    const auto dense = X.as_dense();
    const auto csr = X.as_csr();
    const auto csr64 = X.as_csr64();
    EXPECT_EQ(form == Form::dense ? Api<T>::logistic_dense_workspace(&dense, o, &bytes)
              : form == Form::csr ? Api<T>::logistic_csr_workspace(&csr, o, &bytes)
                                  : Api<T>::logistic_csr64_workspace(&csr64, o, &bytes),
              AG_OK);
    return bytes;
}

// One allocation without a workspace, none with one. call(RowArguments&).
template <class T, class RunCall>
void expect_one_failure(const std::string& function, std::size_t workspace_bytes, RunCall call) {
    ASSERT_NE(workspace_bytes, 0u) << function;
    for (const bool with_workspace : {false, true})
        expect_every_failure_is_reported(with_workspace ? 0 : 1, [&] {
            auto a = std::make_shared<RowArguments<T>>();
            if (with_workspace)
                a->take_workspace(workspace_bytes);
            return Call{function,
                        [call, &x = *a] { return call(x); },
                        {bytes_of(a->gradient), bytes_of(a->loss), bytes_of(a->values), bytes_of(a->columns),
                         bytes_of(a->count)},
                        a};
        });
}

template <class T>
void expect_row_functions_report_failures(const Matrix<T>& X, Form form) {
    const std::string suffix = std::string(form == Form::dense ? "_dense"
                                           : form == Form::csr ? "_csr"
                                                               : "_csr64") +
                               (sizeof(T) == 4 ? "_f32" : "_f64");
    const auto with = [&](auto action) { return with_form(form, X, action); };
    ag_logistic_options o = logistic_options();
    o.fit_intercept = 1;
    const std::size_t of_gradient = workspace_of_gradient(X, form, &o);
    std::size_t of_columns = 0, of_softmax = 0;
    ASSERT_EQ(with([&](const auto* x) { return logistic_columns_workspace(x, &o, &of_columns); }), AG_OK);
    ASSERT_EQ(with([&](const auto* x) { return softmax_workspace(x, classes, &o, &of_softmax); }), AG_OK);

    using A = RowArguments<T>;
    expect_one_failure<T>("ag_logistic" + suffix, of_gradient,
                          [=](A& a) { return with([&](const auto* x) { return loss_and_gradient(x, a); }); });
    expect_one_failure<T>("ag_logistic_hessian_vector" + suffix, of_gradient, [=](A& a) {
        return with([&](const auto* x) {
            return logistic_hessian_vector(x, a.y.data(), a.w.data(), a.direction.data(), &a.options,
                                           a.gradient.data());
        });
    });
    expect_one_failure<T>("ag_logistic_hessian_diagonal" + suffix, of_columns, [=](A& a) {
        return with([&](const auto* x) {
            return logistic_hessian_diagonal(x, a.y.data(), a.w.data(), &a.options, a.gradient.data());
        });
    });
    for (const ag_smoothness kind : {AG_SMOOTHNESS_COORDINATE, AG_SMOOTHNESS_ANISOTROPIC})
        expect_one_failure<T>("ag_logistic_smoothness" + suffix, of_columns, [=](A& a) {
            return with([&](const auto* x) {
                return logistic_smoothness(x, a.y.data(), &a.options, kind, a.gradient.data());
            });
        });
    expect_one_failure<T>("ag_logistic_noise" + suffix, of_columns, [=](A& a) {
        return with([&](const auto* x) {
            return logistic_noise(x, a.y.data(), a.w.data(), &a.options, a.gradient.data());
        });
    });
    expect_one_failure<T>("ag_softmax" + suffix, of_softmax, [=](A& a) {
        return with([&](const auto* x) {
            return softmax(x, classes, a.class_numbers.data(), a.w.data(), &a.options, &a.loss,
                           a.gradient.data());
        });
    });
    // It allocates for the losses alone too.
    expect_one_failure<T>("ag_softmax" + suffix, of_softmax, [=](A& a) {
        T* const no_gradient = nullptr;
        return with([&](const auto* x) {
            return softmax(x, classes, a.class_numbers.data(), a.w.data(), &a.options, &a.loss, no_gradient);
        });
    });
}

template <class T, class Csr>
void expect_sparse_gradient_reports_failure(const char* name, const Csr& X) {
    std::size_t capacity = 0, bytes = 0;
    ag_logistic_options o = logistic_options();
    o.fit_intercept = 1;
    ASSERT_EQ(logistic_sparse_gradient_workspace(&X, &o, &capacity, &bytes), AG_OK);
    expect_one_failure<T>(named<T>(name), bytes, [&X](RowArguments<T>& a) {
        return logistic_sparse_gradient(&X, a.y.data(), a.w.data(), &a.options, &a.loss, a.values.size(),
                                        a.columns.data(), a.values.data(), &a.count);
    });
}

TYPED_TEST(Allocation, FunctionsOverRows) {
    using T = TypeParam;
    const Matrix<T> X = make_matrix<T>(rows, cols, 1);
    on_one_thread_and_on_two([&] {
        for (const Form form : all_forms)
            expect_row_functions_report_failures(X, form);
        expect_sparse_gradient_reports_failure<T>("ag_logistic_sparse_gradient_csr", X.as_csr());
        expect_sparse_gradient_reports_failure<T>("ag_logistic_sparse_gradient_csr64", X.as_csr64());
    });
}

TEST(AllocationOf16Bits, LossAndGradient) {
    const std::vector<std::uint16_t> values(rows * cols, 0x3c00);
    const ag_dense_bf16 bf16 = {rows, cols, cols, values.data()};
    const ag_dense_f16 f16 = {rows, cols, cols, values.data()};
    std::size_t bytes = 0;
    ASSERT_EQ(ag_logistic_dense_workspace_bf16(&bf16, nullptr, &bytes), AG_OK);
    on_one_thread_and_on_two([&] {
        expect_one_failure<float>("ag_logistic_dense_bf16", bytes,
                                  [&](auto& a) { return loss_and_gradient(&bf16, a); });
        expect_one_failure<float>("ag_logistic_dense_f16", bytes,
                                  [&](auto& a) { return loss_and_gradient(&f16, a); });
    });
}

// ---- Projections of long vectors -----------------------------------------------------------------------

template <class T>
std::vector<ag_set> all_sets(const std::vector<T>& normal) {
    std::vector<ag_set> sets;
    for (ag_set_kind kind = AG_SET_BOX; kind <= AG_SET_GROUP_L1_BALL; ++kind) {
        ag_set set = make_set(kind);
        set.normal = normal.data();
        set.upper = kind == AG_SET_CAPPED_SIMPLEX ? 0.5 : 2;
        set.lower = -2;
        set.radius = 10;
        set.group_length = 7;
        sets.push_back(set);
    }
    return sets;
}

template <class T>
std::vector<std::byte> projection_workspace(std::size_t n, const ag_set& set) {
    std::size_t bytes = 0;
    EXPECT_EQ(Api<T>::project_workspace(n, &set, &bytes), AG_OK);
    return std::vector<std::byte>(bytes);
}

TYPED_TEST(Allocation, OneByProjectionsOfLongVectors) {
    using T = TypeParam;
    using A = Api<T>;
    const std::size_t n = threaded_size;
    const std::vector<T> values = normal_values<T>(n, 1), ones(n, 1);
    struct Arguments {
        std::vector<T> x, v;
    };
    on_one_thread_and_on_two([&] {
        for (const ag_set& set : all_sets(ones)) {
            SCOPED_TRACE("set " + std::to_string(set.kind));
            const std::size_t expected = projection_workspace<T>(n, set).empty() ? 0 : 1;
            const auto expect = [&](const char* name, auto function) {
                expect_every_failure_is_reported(expected, [&] {
                    auto a = std::make_shared<Arguments>(Arguments{values, ones});
                    return Call{named<T>(name),
                                [&set, &ones, n, function, &x = *a] { return function(x, set); },
                                {bytes_of(a->x), bytes_of(a->v)},
                                a};
                });
            };
            expect("ag_project", [&](Arguments& a, const ag_set& onto) {
                return A::project(n, a.x.data(), ones.data(), &onto);
            });
            expect("ag_project_rows", [&](Arguments& a, const ag_set& onto) {
                return A::project_rows(1, n, n, a.x.data(), nullptr, n, nullptr, &onto);
            });
            expect("ag_adagrad_step_projected", [&](Arguments& a, const ag_set& onto) {
                return A::adagrad_step_projected(n, a.x.data(), ones.data(), a.v.data(), nullptr, &onto);
            });
        }
    });
}

// A workspace of one byte less than what is needed, one that begins anywhere, and others' bytes around it.
TYPED_TEST(Allocation, WorkspacesOfProjections) {
    using T = TypeParam;
    using A = Api<T>;
    const std::size_t n = threaded_size;
    const std::vector<T> values = normal_values<T>(n, 1), ones(n, 1);
    std::size_t of_all = 0;
    for (ag_set set : all_sets(ones)) {
        SCOPED_TRACE("set " + std::to_string(set.kind));
        const std::size_t bytes = projection_workspace<T>(n, set).size();
        std::size_t shorter = 1;
        EXPECT_EQ(A::project_workspace(n / 2, &set, &shorter), AG_OK);
        EXPECT_LE(shorter, bytes);
        of_all += bytes;
        std::vector<T> expected = values, x = values;
        ASSERT_EQ(A::project(n, expected.data(), ones.data(), &set), AG_OK);
        std::vector<unsigned char> memory(bytes + 8, 0xa5);
        set.workspace = memory.data() + 3;
        if (bytes != 0) {
            set.workspace_size = bytes - 1;
            EXPECT_EQ(A::project(n, x.data(), ones.data(), &set), AG_ERROR_SIZE);
            EXPECT_NE(std::string(ag_last_error()).find("set->workspace_size"), std::string::npos);
            EXPECT_TRUE(same_bits(x, values));
        }
        set.workspace_size = bytes;
        ASSERT_EQ(A::project(n, x.data(), ones.data(), &set), AG_OK) << ag_last_error();
        EXPECT_TRUE(same_bits(x, expected));
        for (std::size_t i = 0; i < 8; ++i)
            EXPECT_EQ(memory[i < 3 ? i : bytes + i], 0xa5) << i;
    }
    EXPECT_NE(of_all, 0u);
}

// ---- Functions that allocate nothing -------------------------------------------------------------------

// call(): a status.
template <class RunCall>
void expect_no_allocation(const char* name, RunCall call) {
    const Watched watched = run_watched(call);
    EXPECT_EQ(watched.status, AG_OK) << ag_last_error();
    EXPECT_EQ(watched.allocations, 0u) << name;
}

TYPED_TEST(Allocation, NoneByVectorFunctions) {
    using T = TypeParam;
    using A = Api<T>;
    const std::size_t n = threaded_size;
    const std::vector<T> g = normal_values<T>(n, 1), ones(n, 1);
    std::vector<T> w = normal_values<T>(n, 2), v(n, 1), out(n);
    double number = 1;
    std::size_t position = 0;
    on_one_thread_and_on_two([&] {
        expect_no_allocation("init", [&] { return A::adagrad_init(n, v.data(), 1); });
        expect_no_allocation("step",
                             [&] { return A::adagrad_step(n, w.data(), g.data(), v.data(), nullptr); });
        expect_no_allocation("averaged", [&] {
            return A::adagrad_step_averaged(n, w.data(), g.data(), v.data(), out.data(), 2, nullptr);
        });
        expect_no_allocation("norm step",
                             [&] { return A::adagrad_norm_step(n, w.data(), g.data(), &number, nullptr); });
        expect_no_allocation("dual averaging", [&] {
            return A::dual_averaging_step(n, w.data(), g.data(), v.data(), out.data(), 2, nullptr);
        });
        expect_no_allocation("squared norm", [&] { return A::squared_norm(n, g.data(), &number); });
        expect_no_allocation("first non-finite", [&] { return A::first_non_finite(n, g.data(), &position); });
        expect_no_allocation("sgd", [&] { return A::sgd_step(n, w.data(), g.data(), nullptr); });
        expect_no_allocation("average", [&] { return A::average(n, w.data(), g.data(), 2); });
        for (const auto function : {A::exp, A::log1p, A::sigmoid, A::softplus})
            expect_no_allocation("elementary", [&] { return function(n, g.data(), out.data()); });
        for (ag_set set : all_sets(ones)) {
            SCOPED_TRACE("set " + std::to_string(set.kind));
            std::vector<std::byte> workspace = projection_workspace<T>(n, set);
            set.workspace = workspace.data();
            set.workspace_size = workspace.size();
            for (const T* lambda : {static_cast<const T*>(nullptr), ones.data()}) {
                out = g;
                expect_no_allocation("project", [&] { return A::project(n, out.data(), lambda, &set); });
                out = g;
                expect_no_allocation("project rows", [&] {
                    return A::project_rows(n / 100, 100, 100, out.data(), lambda, 100, nullptr, &set);
                });
            }
            out = g;
            expect_no_allocation("projected step", [&] {
                return A::adagrad_step_projected(n, out.data(), g.data(), v.data(), nullptr, &set);
            });
        }
    });
}

TYPED_TEST(Allocation, NoneByMarginsAndQueries) {
    using T = TypeParam;
    const Matrix<T> X = make_matrix<T>(rows, cols, 1);
    RowArguments<T> a;
    std::vector<T> out(rows), curvatures(rows);
    std::size_t bytes = 0;
    on_one_thread_and_on_two([&] {
        for (const Form form : all_forms) {
            const auto run = [&](const char* name, auto function) {
                expect_no_allocation(name, [&] { return with_form(form, X, function); });
            };
            run("margins", [&](auto* x) { return logistic_margins(x, a.w.data(), &a.options, out.data()); });
            run("probabilities",
                [&](auto* x) { return logistic_probabilities(x, a.w.data(), &a.options, out.data()); });
            run("columns workspace",
                [&](auto* x) { return logistic_columns_workspace(x, &a.options, &bytes); });
            run("softmax workspace", [&](auto* x) { return softmax_workspace(x, 3, &a.options, &bytes); });
            expect_no_allocation("gradient workspace", [&] {
                bytes = workspace_of_gradient(X, form, &a.options);
                return AG_OK;
            });
        }
        expect_no_allocation("from margins", [&] {
            return Api<T>::from_margins(rows, a.y.data(), a.y.data(), &a.options, &a.loss, out.data(),
                                        curvatures.data());
        });
    });
}

TEST(AllocationOf16Bits, NoneByMarginsAndQueries) {
    const std::vector<std::uint16_t> values(rows * cols, 0x3c00);
    const ag_dense_bf16 bf16 = {rows, cols, cols, values.data()};
    const ag_dense_f16 f16 = {rows, cols, cols, values.data()};
    RowArguments<float> a;
    std::vector<float> out(rows);
    std::size_t bytes = 0;
    const auto run = [](const char* name, auto function) { expect_no_allocation(name, function); };
    on_one_thread_and_on_two([&] {
        run("bf16",
            [&] { return ag_logistic_margins_dense_bf16(&bf16, a.w.data(), &a.options, out.data()); });
        run("f16", [&] { return ag_logistic_margins_dense_f16(&f16, a.w.data(), &a.options, out.data()); });
        run("bf16",
            [&] { return ag_logistic_probabilities_dense_bf16(&bf16, a.w.data(), &a.options, out.data()); });
        run("f16",
            [&] { return ag_logistic_probabilities_dense_f16(&f16, a.w.data(), &a.options, out.data()); });
        run("bf16", [&] { return ag_logistic_dense_workspace_bf16(&bf16, &a.options, &bytes); });
        run("f16", [&] { return ag_logistic_dense_workspace_f16(&f16, &a.options, &bytes); });
    });
}

TEST(AllocationOf16Bits, NoneBySteps) {
    const std::size_t n = threaded_size;
    const std::vector<float> x = normal_values<float>(n, 1);
    const std::vector<std::uint16_t> g(n, 0x3c00);
    std::vector<std::uint16_t> w(n);
    std::vector<float> v(n, 1), master = x, scales(n / AG_ACCUMULATOR_BLOCK + 1);
    std::vector<std::uint8_t> codes(n);
    std::vector<std::int64_t> indices(n);
    const auto run = [](const char* name, auto function) { expect_no_allocation(name, function); };
    run("bf16", [&] { return ag_bf16_from_f32(n, x.data(), w.data()); });
    run("bf16", [&] { return ag_f32_from_bf16(n, w.data(), v.data()); });
    run("f16", [&] { return ag_f16_from_f32(n, x.data(), w.data()); });
    run("f16", [&] { return ag_f32_from_f16(n, w.data(), v.data()); });
    run("bf16", [&] { return ag_adagrad_step_bf16(n, w.data(), g.data(), v.data(), nullptr); });
    run("f16", [&] { return ag_adagrad_step_f16(n, w.data(), g.data(), v.data(), nullptr); });
    run("bf16",
        [&] { return ag_adagrad_step_master_bf16(n, master.data(), w.data(), g.data(), v.data(), nullptr); });
    run("f16",
        [&] { return ag_adagrad_step_master_f16(n, master.data(), w.data(), g.data(), v.data(), nullptr); });
    const std::vector<float> ones(n, 1);
    run("encode", [&] { return ag_accumulator_encode_f32(n, ones.data(), codes.data(), scales.data()); });
    run("decode", [&] { return ag_accumulator_decode_f32(n, codes.data(), scales.data(), v.data()); });
    run("compressed", [&] {
        return ag_adagrad_step_compressed_f32(n, master.data(), x.data(), codes.data(), scales.data(),
                                              nullptr);
    });
    run("shuffle", [&] { return ag_shuffle_indices(n, 1, 2, indices.data()); });
}

TEST(AllocationOfSettings, None) {
    const ag_isa isa = ag_active_isa();
    ag_adagrad_options adagrad;
    ag_logistic_options logistic;
    ag_set set;
    std::size_t granule = 0;
    const char* texts[3] = {};
    const Watched watched = run_watched([&] {
        (ag_adagrad_options_init)(&adagrad);
        ag_adagrad_options_init_sized(&adagrad, sizeof adagrad);
        (ag_logistic_options_init)(&logistic);
        ag_logistic_options_init_sized(&logistic, sizeof logistic);
        (ag_set_init)(&set);
        ag_set_init_sized(&set, sizeof set);
        texts[0] = ag_isa_name(ag_active_isa());
        texts[1] = ag_status_string(AG_ERROR_OUT_OF_MEMORY);
        texts[2] = ag_version_string();
        const bool set_all = ag_isa_supported(isa) != 0 && ag_set_isa(isa) == AG_OK &&
                             ag_set_num_threads(ag_get_num_threads()) == AG_OK;
        const bool refused = ag_set_num_threads(-1) == AG_ERROR_INVALID_VALUE && *ag_last_error() != '\0';
        return set_all && refused ? ag_shard_granule(1000, &set, &granule) : AG_ERROR_INVALID_VALUE;
    });
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
    EXPECT_EQ(watched.status, AG_OK) << ag_last_error();
    EXPECT_EQ(watched.allocations, 0u);
    for (const char* text : texts)
        EXPECT_STRNE(text, "");
}

} // namespace
