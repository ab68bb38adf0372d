// SPDX-License-Identifier: BSD-3-Clause
#include "tests/reference/logistic.hpp"
#include "tests/reference/short_floats.hpp"
#include "tests/support/matrix.hpp"

namespace {

using namespace test;

template <class T>
ag_status call(Form form, const Matrix<T>& X, const T* y, const T* w, const ag_logistic_options* o,
               double* loss, T* gradient) {
    if (form == Form::dense) {
        const auto view = X.as_dense();
        return Api<T>::logistic_dense(&view, y, w, o, loss, gradient);
    }
    if (form == Form::csr64) {
        const auto view = X.as_csr64();
        return Api<T>::logistic_csr64(&view, y, w, o, loss, gradient);
    }
    const auto view = X.as_csr();
    return Api<T>::logistic_csr(&view, y, w, o, loss, gradient);
}

template <class T>
class Logistic : public ::testing::Test {};
TYPED_TEST_SUITE(Logistic, Types);

// One problem in all its variants.
template <class T>
void expect_matches_reference(Form form, std::size_t rows, std::size_t cols, std::uint64_t seed) {
    Random random(seed);
    const bool intercept = random.below(2) == 1, mean = random.below(2) == 1, weighted = random.below(2) == 1;
    const bool zero_one = random.below(2) == 1, batch = random.below(2) == 1;
    const double l2 = random.below(2) == 1 ? 0.3 : 0;
    const Matrix<T> X = make_matrix<T>(rows, cols, random.bits(), form == Form::dense ? 1 : 0.3);
    const std::vector<T> sign = random_signs<T>(rows, random.bits());
    const std::vector<T> y = zero_one ? as_zero_one(sign) : sign;
    const std::vector<T> ones(rows, T(1)), weights = absolute(normal_values<T>(rows, random.bits()));
    std::vector<std::int64_t> indices;
    std::vector<std::size_t> visited;
    for (std::size_t i = 0; i < (batch ? rows / 2 + 1 : rows); ++i) {
        indices.push_back(static_cast<std::int64_t>(batch ? random.below(rows) : i));
        visited.push_back(static_cast<std::size_t>(indices.back()));
    }
    const std::vector<T> w = normal_values<T>(cols + intercept, random.bits(), 0.5);
    const std::size_t gap = gaps[random.below(3)];
    GuardedArray<T> weight_array(weights, gap), w_array(w, gap), y_array(y, 2 * gap);
    GuardedArray<std::int64_t> index_array(indices, gap);

    ag_logistic_options o = logistic_options();
    o.labels = zero_one ? AG_LABELS_ZERO_ONE : AG_LABELS_PLUS_MINUS_ONE;
    o.reduction = mean ? AG_REDUCTION_MEAN : AG_REDUCTION_SUM;
    o.fit_intercept = intercept;
    o.l2 = l2;
    o.sample_weight = weighted ? weight_array.data() : nullptr;
    o.row_indices = batch ? index_array.data() : nullptr;
    o.row_count = batch ? indices.size() : 0;
    const auto expected =
        reference::logistic(X.reference, visited, sign, weighted ? weights : ones, w, intercept, mean, l2);

    double loss = 0, loss_alone = 0;
    GuardedArray<T> gradient(cols + intercept), gradient_alone(cols + intercept, 1);
    ASSERT_EQ(call(form, X, y_array.data(), w_array.data(), &o, &loss, gradient.data()), AG_OK)
        << ag_last_error();
    ASSERT_EQ(call<T>(form, X, y.data(), w.data(), &o, &loss_alone, nullptr), AG_OK);
    ASSERT_EQ(call(form, X, y.data(), w.data(), &o, nullptr, gradient_alone.data()), AG_OK);
    ASSERT_EQ(call<T>(form, X, y.data(), w.data(), &o, nullptr, nullptr), AG_OK);
    ASSERT_TRUE(gradient.intact() && gradient_alone.intact());
    ASSERT_TRUE(weight_array.intact() && w_array.intact() && y_array.intact() && index_array.intact());
    ASSERT_TRUE(same_bits(loss, loss_alone));
    ASSERT_TRUE(same_bits(gradient.values(), gradient_alone.values()));
    ASSERT_LE(std::fabs(loss - expected.loss), expected.loss_bound);
    for (std::size_t j = 0; j < cols + intercept; ++j)
        ASSERT_LE(std::fabs(gradient[j] - expected.gradient[j]), expected.gradient_bound[j]) << "j " << j;
}

TYPED_TEST(Logistic, MatchesReference) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        std::uint64_t seed = 1;
        for (const Form form : {Form::dense, Form::csr, Form::csr64})
            for (const std::size_t cols :
                 {0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 128, 130, 517})
                for (const std::size_t rows : {1, 2, 7, 8, 9, 16, 17, 33, 100, 300}) {
                    if (rows > 33 && cols > 130)
                        continue;
                    ++seed;
                    expect_matches_reference<T>(form, rows, cols, seed);
                    if (::testing::Test::HasFatalFailure()) {
                        ADD_FAILURE()
                            << "rows " << rows << ", cols " << cols << ", form " << static_cast<int>(form);
                        return;
                    }
                }
    });
}

// values == NULL is the same as ones, bit for bit.
TYPED_TEST(Logistic, MissingValuesAreOnes) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const Matrix<T> X = make_matrix<T>(200, 90, 3, 0.2, true);
        const std::vector<T> y = random_signs<T>(200, 4), w = normal_values<T>(90, 5);
        auto csr = X.as_csr();
        double loss = 0, loss_of_ones = 0;
        std::vector<T> gradient(90), gradient_of_ones(90);
        ASSERT_EQ(
            Api<T>::logistic_csr(&csr, y.data(), w.data(), nullptr, &loss_of_ones, gradient_of_ones.data()),
            AG_OK);
        csr.values = nullptr;
        ASSERT_EQ(Api<T>::logistic_csr(&csr, y.data(), w.data(), nullptr, &loss, gradient.data()), AG_OK);
        EXPECT_TRUE(same_bits(loss, loss_of_ones));
        EXPECT_TRUE(same_bits(gradient, gradient_of_ones));
    });
}

// 64-bit columns give the bits that 32-bit ones give.
TYPED_TEST(Logistic, ColumnsMayHave64Bits) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const Matrix<T> X = make_matrix<T>(300, 90, 3, 0.2);
        const std::vector<T> y = random_signs<T>(300, 4), w = normal_values<T>(90, 5);
        const auto csr = X.as_csr();
        auto csr64 = X.as_csr64();
        double loss = 0, loss64 = 0;
        std::vector<T> gradient(90), gradient64(90);
        ASSERT_EQ(Api<T>::logistic_csr(&csr, y.data(), w.data(), nullptr, &loss, gradient.data()), AG_OK);
        ASSERT_EQ(Api<T>::logistic_csr64(&csr64, y.data(), w.data(), nullptr, &loss64, gradient64.data()),
                  AG_OK);
        EXPECT_TRUE(same_bits(loss, loss64));
        EXPECT_TRUE(same_bits(gradient, gradient64));
        std::size_t bytes = 1, bytes64 = 2;
        ASSERT_EQ(Api<T>::logistic_csr_workspace(&csr, nullptr, &bytes), AG_OK);
        ASSERT_EQ(Api<T>::logistic_csr64_workspace(&csr64, nullptr, &bytes64), AG_OK);
        EXPECT_EQ(bytes, bytes64);
        // What does not fit 32 bits is not cut to them.
        std::vector<std::int64_t> columns = X.columns64;
        const auto first = static_cast<std::size_t>(X.offsets[0]);
        columns[first] += std::int64_t{1} << 32;
        csr64.columns = columns.data();
        EXPECT_EQ(Api<T>::logistic_csr64(&csr64, y.data(), w.data(), nullptr, &loss64, gradient64.data()),
                  AG_ERROR_OUT_OF_RANGE);
        EXPECT_NE(std::string(ag_last_error()).find("X->columns[" + std::to_string(first) + "]"),
                  std::string::npos)
            << ag_last_error();
    });
}

// The last matrix row, label and weight end at an inaccessible page, or a few elements before it, as do a
// batch's indices.
TYPED_TEST(Logistic, ReadsNothingBeyondTheEnds) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t cols : {1, 5, 16, 33, 70, 150, 300})
            for (const std::size_t rows : {19, 200})
                for (const std::size_t gap : gaps) {
                    if (is_slow() && rows * cols > 200 * 70)
                        continue;
                    const auto last = static_cast<std::int64_t>(rows - 1);
                    const Matrix<T> X = make_matrix<T>(rows, cols, cols, 0.7);
                    GuardedArray<T> dense(X.dense, gap), values(X.values, gap),
                        y(random_signs<T>(rows, 1), gap), w(normal_values<T>(cols, 2), gap),
                        weights(absolute(normal_values<T>(rows, 3)), gap);
                    GuardedArray<std::int32_t> columns(X.columns, gap);
                    GuardedArray<std::int64_t> offsets(X.offsets, gap),
                        indices(std::vector<std::int64_t>{last, 0, last}, gap);
                    GuardedArray<T> gradient(cols, gap);
                    ag_logistic_options o = logistic_options();
                    o.sample_weight = weights.data();
                    for (const bool batch : {false, true}) {
                        o.row_indices = batch ? indices.data() : nullptr;
                        o.row_count = 3;
                        const typename Api<T>::Dense dense_view = {rows, cols, X.stride, dense.data()};
                        const typename Api<T>::Csr csr_view = {rows, cols, offsets.data(), columns.data(),
                                                               values.data()};
                        double loss;
                        ASSERT_EQ(Api<T>::logistic_dense(&dense_view, y.data(), w.data(), &o, &loss,
                                                         gradient.data()),
                                  AG_OK);
                        ASSERT_EQ(
                            Api<T>::logistic_csr(&csr_view, y.data(), w.data(), &o, &loss, gradient.data()),
                            AG_OK);
                        ASSERT_TRUE(gradient.intact() && w.intact() && y.intact() && weights.intact());
                        ASSERT_TRUE(dense.intact() && values.intact() && columns.intact());
                        ASSERT_TRUE(offsets.intact() && indices.intact());
                    }
                }
    });
}

TYPED_TEST(Logistic, EveryFiniteMarginHasAFiniteLossAndGradient) {
    using T = TypeParam;
    const T huge = std::numeric_limits<T>::max();
    on_every_isa([&](ag_isa) {
        for (const T margin : {T(0), T(17), T(37), T(89), T(104), T(710), T(746), T(1e4), T(1e30), huge})
            for (const T sign : {T(-1), T(1)}) {
                const std::vector<T> x = {1}, y = {sign}, w = {margin};
                const typename Api<T>::Dense X = {1, 1, 1, x.data()};
                double loss;
                T gradient;
                ASSERT_EQ(Api<T>::logistic_dense(&X, y.data(), w.data(), nullptr, &loss, &gradient), AG_OK);
                const long double z = sign * static_cast<long double>(margin);
                const long double exact_loss =
                    z > 0 ? std::log1p(std::exp(-z)) : -z + std::log1p(std::exp(z));
                const long double exact_gradient = -sign / (1 + std::exp(z));
                const long double ulps = 4 * std::numeric_limits<T>::epsilon(),
                                  tiny = 4 * std::numeric_limits<T>::denorm_min();
                EXPECT_NEAR(loss, double(exact_loss), double(ulps * exact_loss + tiny)) << "z " << z;
                EXPECT_NEAR(gradient, double(exact_gradient), double(ulps * std::fabs(exact_gradient) + tiny))
                    << "z " << z;
            }
    });
}

// All rows at once: every lane gives the derivative that a row alone has.
TYPED_TEST(Logistic, EveryLaneGivesWhatARowAloneGives) {
    using T = TypeParam;
    const double range = sizeof(T) == 4 ? 120 : 800;
    const std::size_t n = cases(20000);
    Random random(21);
    std::vector<T> margin(n);
    for (std::size_t i = 0; i < n; ++i)
        margin[i] = static_cast<T>(i % 2 == 0 ? random.uniform(-range, range) : random.uniform(0, 20));
    const std::vector<T> sign = random_signs<T>(n, 22);
    const T one = 1;
    const typename Api<T>::Dense row = {1, 1, 1, &one};
    const Identity<T> rows(n);
    ag_logistic_options sum = logistic_options();
    sum.reduction = AG_REDUCTION_SUM;
    on_every_isa([&](ag_isa) {
        std::vector<T> derivative(n), derivative_of_all(n);
        for (std::size_t i = 0; i < n; ++i)
            ASSERT_EQ(Api<T>::logistic_dense(&row, &sign[i], &margin[i], nullptr, nullptr, &derivative[i]),
                      AG_OK);
        ASSERT_EQ(Api<T>::logistic_csr(rows.view(), sign.data(), margin.data(), &sum, nullptr,
                                       derivative_of_all.data()),
                  AG_OK);
        EXPECT_TRUE(same_bits(derivative_of_all, derivative));
    });
}

TYPED_TEST(Logistic, NanStaysInItsRowAndColumn) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        Matrix<T> X = make_matrix<T>(20, 40, 1, 0.5);
        const std::vector<T> y = random_signs<T>(20, 1), w = normal_values<T>(40, 2);
        X.values[static_cast<std::size_t>(X.offsets[3])] = std::numeric_limits<T>::quiet_NaN();
        double loss;
        std::vector<T> gradient(40);
        ASSERT_EQ(call(Form::csr, X, y.data(), w.data(), nullptr, &loss, gradient.data()), AG_OK);
        EXPECT_TRUE(std::isnan(loss));
        for (std::size_t j = 0; j < 40; ++j) {
            const bool touched = std::any_of(X.reference.row[3].begin(), X.reference.row[3].end(),
                                             [&](const auto& entry) { return entry.first == j; });
            EXPECT_EQ(std::isnan(gradient[j]), touched) << "j " << j;
        }
    });
}

TYPED_TEST(Logistic, EmptyProblems) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const std::vector<T> w = {3, 4};
        const typename Api<T>::Dense dense = {0, 2, 2, nullptr};
        const typename Api<T>::Csr csr = {0, 2, nullptr, nullptr, nullptr};
        ag_logistic_options o = logistic_options();
        o.reduction = AG_REDUCTION_SUM;
        o.l2 = 0.5;
        for (const Form form : {Form::dense, Form::csr}) {
            double loss = -1;
            std::vector<T> gradient(2, -1);
            ASSERT_EQ(form == Form::dense
                          ? Api<T>::logistic_dense(&dense, nullptr, w.data(), &o, &loss, gradient.data())
                          : Api<T>::logistic_csr(&csr, nullptr, w.data(), &o, &loss, gradient.data()),
                      AG_OK)
                << ag_last_error();
            EXPECT_EQ(loss, 6.25);
            EXPECT_EQ(gradient, (std::vector<T>{1.5, 2}));
        }
    });
}

// The same bits on every ISA and for every number of threads, in the caller's memory or the call's own,
// within the bounds of the reference.
TYPED_TEST(Logistic, IsasAndThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    struct Shape {
        Form form;
        std::size_t rows, cols;
        double density;
        bool batch;
    };
    // Narrow rows, rows of a few kilobytes and longer ones, in groups of fewer than 8 too; the last one's gradients are long
    // enough for several threads to add them.
    for (const Shape& shape :
         {Shape{Form::dense, 3000, 61, 1, false}, Shape{Form::dense, 3000, 61, 1, true},
          Shape{Form::dense, 9000, 28, 1, false}, Shape{Form::dense, 405, 700, 1, true},
          Shape{Form::dense, 300, 1500, 1, false}, Shape{Form::dense, 3000, 1500, 1, false},
          Shape{Form::dense, 12000, 128, 1, true}, Shape{Form::dense, 40, 20000, 1, false},
          Shape{Form::csr, 9000, 300, 0.06, false}, Shape{Form::csr, 9000, 300, 0.06, true},
          Shape{Form::dense, 40, 140001, 0.01, false}}) {
        SCOPED_TRACE(std::to_string(shape.rows) + " rows, " + std::to_string(shape.cols) + " columns");
        const Matrix<T> X = make_matrix<T>(shape.rows, shape.cols, 8, shape.density);
        const std::vector<T> y = random_signs<T>(shape.rows, 9),
                             w = normal_values<T>(shape.cols + 1, 10, 0.3);
        const std::vector<T> weights = absolute(normal_values<T>(shape.rows, 11));
        std::vector<std::int64_t> indices;
        std::vector<std::size_t> visited;
        Random random(12);
        for (std::size_t i = 0; i < shape.rows; ++i) {
            visited.push_back(shape.batch ? random.below(shape.rows) : i);
            indices.push_back(static_cast<std::int64_t>(visited.back()));
        }
        ag_logistic_options o = logistic_options();
        o.fit_intercept = 1;
        o.sample_weight = weights.data();
        o.l2 = 0.01;
        o.row_indices = shape.batch ? indices.data() : nullptr;
        o.row_count = indices.size();
        const auto dense = X.as_dense();
        const auto csr = X.as_csr();
        std::size_t bytes = 0;
        ASSERT_EQ(shape.form == Form::dense ? Api<T>::logistic_dense_workspace(&dense, &o, &bytes)
                                            : Api<T>::logistic_csr_workspace(&csr, &o, &bytes),
                  AG_OK);
        ASSERT_GT(bytes, 0u) << "the problem should need several private gradients";
        GuardedArray<unsigned char> workspace(bytes);
        double first_loss = 0;
        std::vector<T> first_gradient;
        on_every_isa_and_thread_count([&] {
            for (const bool own : {false, true}) {
                o.workspace = own ? workspace.data() : nullptr;
                o.workspace_size = own ? bytes : 0;
                double loss = 0;
                std::vector<T> gradient(shape.cols + 1);
                ASSERT_EQ(call(shape.form, X, y.data(), w.data(), &o, &loss, gradient.data()), AG_OK)
                    << ag_last_error();
                if (first_gradient.empty()) {
                    first_loss = loss;
                    first_gradient = gradient;
                    const auto expected =
                        reference::logistic(X.reference, visited, y, weights, w, true, true, o.l2);
                    ASSERT_LE(std::fabs(loss - expected.loss), expected.loss_bound);
                    for (std::size_t j = 0; j <= shape.cols; ++j)
                        ASSERT_LE(std::fabs(gradient[j] - expected.gradient[j]), expected.gradient_bound[j])
                            << "j " << j;
                }
                ASSERT_TRUE(same_bits(loss, first_loss));
                ASSERT_TRUE(same_bits(gradient, first_gradient));
                ASSERT_TRUE(workspace.intact());
            }
        });
        o.workspace = workspace.data();
        o.workspace_size = bytes - 1;
        double loss = 7;
        std::vector<T> gradient(shape.cols + 1, 7);
        EXPECT_EQ(call(shape.form, X, y.data(), w.data(), &o, &loss, gradient.data()), AG_ERROR_SIZE);
        EXPECT_EQ(loss, 7);
        EXPECT_EQ(gradient, std::vector<T>(shape.cols + 1, 7));
    }
}

// Of rows that are cut into chunks the kernels check the columns: none beyond the ends is followed, the first bad one is
// named, whichever chunk it is in, and the outputs stay.
TYPED_TEST(Logistic, ABadColumnOfAChunkIsNotFollowed) {
    using T = TypeParam;
    constexpr std::size_t rows = 4100, cols = 50;
    Matrix<T> X = make_matrix<T>(rows, cols, 61, 0.8);
    const std::vector<T> y = random_signs<T>(rows, 62);
    const GuardedArray<T> w(normal_values<T>(cols, 63));
    Random random(64);
    std::vector<std::int64_t> indices(rows);
    for (std::size_t i = 0; i < rows; ++i)
        indices[i] = static_cast<std::int64_t>(i);
    for (std::size_t i = rows; i-- > 1;)
        std::swap(indices[i], indices[random.below(i + 1)]);
    ag_logistic_options o = logistic_options();
    o.row_count = rows;
    const auto csr = X.as_csr();
    const auto csr64 = X.as_csr64();
    std::size_t bytes = 0;
    ASSERT_EQ(Api<T>::logistic_csr_workspace(&csr, &o, &bytes), AG_OK);
    ASSERT_GT(bytes, 0u) << "the problem should be cut into chunks";
    const auto first = static_cast<std::size_t>(X.offsets[0]), last = X.columns.size() - 1;
    // In the first chunk's first block, between chunks, and last of all.
    for (const std::size_t position : {first, first + 17, (first + last) / 2, last})
        for (const std::int32_t bad : {-1, static_cast<std::int32_t>(cols)}) {
            SCOPED_TRACE("position " + std::to_string(position) + ", column " + std::to_string(bad));
            const std::int32_t good = X.columns[position];
            X.columns[position] = bad;
            X.columns64[position] = bad;
            const auto expect_refused = [&](auto function, const auto& matrix) {
                double loss = 7;
                GuardedArray<T> gradient(std::vector<T>(cols, 7));
                for (T* const out : {gradient.data(), static_cast<T*>(nullptr)})
                    ASSERT_EQ(function(&matrix, y.data(), w.data(), &o, &loss, out), AG_ERROR_OUT_OF_RANGE);
                ASSERT_NE(std::string(ag_last_error()).find("X->columns[" + std::to_string(position) + "]"),
                          std::string::npos)
                    << ag_last_error();
                ASSERT_EQ(loss, 7);
                ASSERT_TRUE(gradient.intact());
                ASSERT_EQ(gradient.values(), std::vector<T>(cols, 7));
            };
            for (const bool batch : {false, true}) {
                o.row_indices = batch ? indices.data() : nullptr;
                on_every_isa_and_thread_count([&] {
                    expect_refused(Api<T>::logistic_csr, csr);
                    expect_refused(Api<T>::logistic_csr64, csr64);
                });
            }
            X.columns[position] = good;
            X.columns64[position] = good;
        }
}

// More rows never need less memory, whether they are X's or a batch's.
TYPED_TEST(Logistic, WorkspaceNeverFallsWithMoreRows) {
    using T = TypeParam;
    constexpr std::size_t most_rows = 3000;
    for (const std::size_t cols : {1, 30, 4096}) {
        const std::int64_t first_row = 0;
        ag_logistic_options batch = logistic_options();
        batch.row_indices = &first_row; // its rows are not looked at
        std::size_t before = 0;
        for (std::size_t rows = 1; rows <= most_rows; ++rows) {
            const typename Api<T>::Dense X = {rows, cols, cols, nullptr},
                                         larger = {most_rows, cols, cols, nullptr};
            batch.row_count = rows;
            std::size_t bytes = 0, bytes_of_batch = 0;
            ASSERT_EQ(Api<T>::logistic_dense_workspace(&X, nullptr, &bytes), AG_OK) << ag_last_error();
            ASSERT_EQ(Api<T>::logistic_dense_workspace(&larger, &batch, &bytes_of_batch), AG_OK)
                << ag_last_error();
            ASSERT_GE(bytes, before) << rows << " rows, " << cols << " columns";
            ASSERT_EQ(bytes_of_batch, bytes) << rows << " rows, " << cols << " columns";
            before = bytes;
        }
        // 3000 rows of one column are not worth a second private gradient.
        EXPECT_EQ(before > 0, cols > 1) << cols << " columns";
    }
}

// Dense and CSR agree within their bounds, and a batch of all rows equals the call without a batch.
TYPED_TEST(Logistic, ABatchOfAllRowsIsTheWhole) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const Matrix<T> X = make_matrix<T>(500, 40, 1, 0.4);
        const std::vector<T> y = random_signs<T>(500, 1), w = normal_values<T>(40, 2);
        std::vector<std::int64_t> all(500);
        for (std::size_t i = 0; i < 500; ++i)
            all[i] = static_cast<std::int64_t>(i);
        ag_logistic_options o = logistic_options();
        for (const Form form : {Form::dense, Form::csr}) {
            double whole, batch;
            std::vector<T> whole_gradient(40), batch_gradient(40);
            o.row_indices = nullptr;
            ASSERT_EQ(call(form, X, y.data(), w.data(), &o, &whole, whole_gradient.data()), AG_OK);
            o.row_indices = all.data();
            o.row_count = 500;
            ASSERT_EQ(call(form, X, y.data(), w.data(), &o, &batch, batch_gradient.data()), AG_OK);
            EXPECT_TRUE(same_bits(whole, batch));
            EXPECT_TRUE(same_bits(whole_gradient, batch_gradient));
        }
    });
}

// ---- X in 16 bits --------------------------------------------------------------------------------------

struct Bf16 {
    using Dense = ag_dense_bf16;
    static constexpr reference::Format format = reference::bf16;
    static constexpr auto logistic = ag_logistic_dense_bf16;
    static constexpr auto margins = ag_logistic_margins_dense_bf16;
    static constexpr auto probabilities = ag_logistic_probabilities_dense_bf16;
    static constexpr auto from_f32 = ag_bf16_from_f32;
};
struct F16 {
    using Dense = ag_dense_f16;
    static constexpr reference::Format format = reference::f16;
    static constexpr auto logistic = ag_logistic_dense_f16;
    static constexpr auto margins = ag_logistic_margins_dense_f16;
    static constexpr auto probabilities = ag_logistic_probabilities_dense_f16;
    static constexpr auto from_f32 = ag_f16_from_f32;
};

template <class F>
class ShortLogistic : public ::testing::Test {};
using ShortFormats = ::testing::Types<Bf16, F16>;
TYPED_TEST_SUITE(ShortLogistic, ShortFormats);

// The reference widens by the format's definition. Beside its bounds the bits are those of the f32 functions, on every
// ISA and for every number of threads; nothing beyond the ends of the arrays is touched. Of the largest two shapes a
// chunk of rows is more than a cache holds, so that rows are asked for ahead.
TYPED_TEST(ShortLogistic, IsThatOfTheWidenedMatrix) {
    struct Shape {
        std::size_t rows, cols, gap;
    };
    std::vector<Shape> shapes = {{1, 1, 0},    {5, 7, 1},    {17, 16, 0},    {40, 33, 3},  {40, 64, 0},
                                 {70, 256, 0}, {30, 517, 5}, {1500, 128, 0}, {260, 700, 0}};
    if (!is_slow())
        shapes.insert(shapes.end(), {{16500, 128, 0}, {3100, 700, 0}});
    for (const Shape& shape : shapes) {
        SCOPED_TRACE(std::to_string(shape.rows) + " rows, " + std::to_string(shape.cols) + " columns");
        const std::size_t stride = shape.cols + shape.gap, size = (shape.rows - 1) * stride + shape.cols;
        std::vector<float> values = normal_values<float>(size, 31);
        // Among them subnormal numbers and zeros of 16 bits.
        for (std::size_t i = 0; i < size; i += 5)
            values[i] *= i % 2 == 0 ? 0x1p-20f : 0x1p-130f;
        std::vector<std::uint16_t> bits(size);
        ASSERT_EQ(TypeParam::from_f32(size, values.data(), bits.data()), AG_OK);
        reference::Rows<float> widened = {shape.cols, {}};
        for (std::size_t i = 0; i < size; ++i)
            values[i] = static_cast<float>(reference::value(TypeParam::format, bits[i]));
        for (std::size_t i = 0; i < shape.rows; ++i) {
            widened.row.emplace_back();
            for (std::size_t j = 0; j < shape.cols; ++j)
                widened.row.back().emplace_back(j, values[i * stride + j]);
        }
        const std::vector<float> y = random_signs<float>(shape.rows, 32),
                                 w = normal_values<float>(shape.cols + 1, 33, 0.2),
                                 weights = absolute(normal_values<float>(shape.rows, 34));
        Random random(35);
        std::vector<std::int64_t> indices;
        std::vector<std::size_t> visited[2];
        for (std::size_t i = 0; i < shape.rows; ++i) {
            visited[0].push_back(i);
            visited[1].push_back(random.below(shape.rows));
            indices.push_back(static_cast<std::int64_t>(visited[1].back()));
        }
        GuardedArray<std::uint16_t> guarded_bits(bits, shape.gap);
        ag_logistic_options o = logistic_options();
        o.fit_intercept = 1;
        o.sample_weight = weights.data();
        o.l2 = 0.1;
        o.row_count = indices.size();
        for (const bool batch : {false, true}) {
            o.row_indices = batch ? indices.data() : nullptr;
            const auto expected =
                reference::logistic(widened, visited[batch], y, weights, w, true, true, o.l2);
            on_every_isa_and_thread_count([&] {
                const typename TypeParam::Dense X = {shape.rows, shape.cols, stride, guarded_bits.data()};
                const ag_dense_f32 X_f32 = {shape.rows, shape.cols, stride, values.data()};
                double loss = 0, loss_f32 = 0;
                GuardedArray<float> gradient(shape.cols + 1);
                std::vector<float> gradient_f32(shape.cols + 1);
                ASSERT_EQ(TypeParam::logistic(&X, y.data(), w.data(), &o, &loss, gradient.data()), AG_OK)
                    << ag_last_error();
                ASSERT_EQ(
                    ag_logistic_dense_f32(&X_f32, y.data(), w.data(), &o, &loss_f32, gradient_f32.data()),
                    AG_OK);
                ASSERT_TRUE(gradient.intact() && guarded_bits.intact());
                ASSERT_TRUE(same_bits(loss, loss_f32));
                ASSERT_TRUE(same_bits(gradient.values(), gradient_f32));
                ASSERT_LE(std::fabs(loss - expected.loss), expected.loss_bound);
                for (std::size_t j = 0; j <= shape.cols; ++j)
                    ASSERT_LE(std::fabs(gradient[j] - expected.gradient[j]), expected.gradient_bound[j])
                        << "j " << j;
                const auto expect_rows = [&](auto function, auto function_f32) {
                    GuardedArray<float> out(shape.rows);
                    std::vector<float> out_f32(shape.rows);
                    ASSERT_EQ(function(&X, w.data(), &o, out.data()), AG_OK) << ag_last_error();
                    ASSERT_EQ(function_f32(&X_f32, w.data(), &o, out_f32.data()), AG_OK);
                    ASSERT_TRUE(out.intact() && guarded_bits.intact());
                    ASSERT_TRUE(same_bits(out.values(), out_f32));
                };
                expect_rows(TypeParam::margins, ag_logistic_margins_dense_f32);
                expect_rows(TypeParam::probabilities, ag_logistic_probabilities_dense_f32);
            });
        }
    }
}

TYPED_TEST(ShortLogistic, InfinitiesAndNansPropagate) {
    const std::uint16_t infinity = TypeParam::format.infinity();
    const float y = 1, w = 0.5;
    on_every_isa([&](ag_isa) {
        for (const bool nan : {false, true}) {
            const std::vector<std::uint16_t> value = {static_cast<std::uint16_t>(infinity + nan)};
            const typename TypeParam::Dense X = {1, 1, 1, value.data()};
            double loss = -1;
            float gradient = -1;
            ASSERT_EQ(TypeParam::logistic(&X, &y, &w, nullptr, &loss, &gradient), AG_OK);
            // A margin of +infinity has no loss, and 0 times infinity is NaN.
            EXPECT_TRUE(nan ? std::isnan(loss) : loss == 0) << loss;
            EXPECT_TRUE(std::isnan(gradient)) << gradient;
        }
    });
}

} // namespace
