// SPDX-License-Identifier: BSD-3-Clause
//
// More than 2^31 elements, stored entries, rows and columns, in memory that is mapped again and again: 200 MB, and address
// space.
#include "tests/support/large_memory.hpp"
#include "tests/support/matrix.hpp"

#include <array>
#include <memory>

namespace {

using namespace test;

constexpr std::size_t two_to_31 = std::size_t(1) << 31, many = two_to_31 + 12345;

// Where the elements' numbers, and their bytes, leave 32 bits, and both ends: here arrays are checked.
constexpr std::size_t window = 1000;
constexpr std::size_t windows[] = {0, two_to_31 / 2 - window / 2, two_to_31 - window / 2, many - window};

constexpr const char* skipped = "an emulator, a sanitizer, or not enough address space";

class LargeArrays : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        if (is_slow() || has_shadow_memory)
            return;
        std::vector<std::size_t> own;
        for (const std::size_t first : windows)
            for (const std::size_t i : {first, first + window - 1})
                own.insert(own.end(), {4 * i, 2 * i}); // of f32, and of numbers of 16 bits
        memory = std::make_unique<LargeMemory>(4 * many, own);
    }
    static void TearDownTestSuite() { memory.reset(); }
    void SetUp() override {
        if (memory == nullptr || !memory->available())
            GTEST_SKIP() << skipped;
        memory->clear();
    }

    inline static std::unique_ptr<LargeMemory> memory;
};

// ---- Vectors -------------------------------------------------------------------------------------------

TEST_F(LargeArrays, SumsAndSearches) {
    auto* const x = memory->at<float>(0);
    double norm = -1;
    std::size_t position = 0;
    x[5] = 1;
    x[two_to_31 - 1] = 2;
    x[two_to_31] = 4;
    x[many - 1] = 8;
    ASSERT_EQ(ag_squared_norm_f32(many, x, &norm), AG_OK);
    EXPECT_EQ(norm, 1 + 4 + 16 + 64);
    ASSERT_EQ(ag_first_non_finite_f32(many, x, &position), AG_OK);
    EXPECT_EQ(position, many);
    x[two_to_31 + 77] = std::numeric_limits<float>::infinity();
    ASSERT_EQ(ag_first_non_finite_f32(many, x, &position), AG_OK);
    EXPECT_EQ(position, two_to_31 + 77);
}

// An elementwise function gives, in every window, what it gives for the window alone. Elsewhere x is written many times
// over. call(n, x, g): g is read.
template <class Call>
void expect_elementwise(float* x, float* g, Call call) {
    std::vector<std::vector<float>> expected;
    for (const std::size_t first : windows) {
        for (std::size_t i = first; i < first + window; ++i) {
            x[i] = static_cast<float>(i % 1021 + 1) / 256;
            if (g != nullptr)
                g[i] = static_cast<float>(i % 127 + 1);
        }
        expected.emplace_back(x + first, x + first + window);
        ASSERT_EQ(call(window, expected.back().data(), g != nullptr ? g + first : nullptr), AG_OK);
    }
    ASSERT_EQ(call(many, x, g), AG_OK) << ag_last_error();
    for (std::size_t k = 0; k < std::size(windows); ++k)
        EXPECT_TRUE(same_bits(x + windows[k], expected[k].data(), window)) << windows[k];
}

TEST_F(LargeArrays, Constant) {
    expect_elementwise(memory->at<float>(0), nullptr,
                       [](std::size_t n, float* v, const float*) { return ag_adagrad_init_f32(n, v, 0.25); });
}

TEST_F(LargeArrays, Step) {
    ZeroArray<float> g(many);
    if (!g.available())
        GTEST_SKIP() << skipped;
    expect_elementwise(memory->at<float>(0), g.data(), [](std::size_t n, float* w, const float* gradient) {
        return ag_sgd_step_f32(n, w, gradient, nullptr);
    });
}

TEST_F(LargeArrays, ElementaryFunction) {
    expect_elementwise(memory->at<float>(0), nullptr,
                       [](std::size_t n, float* x, const float*) { return ag_sigmoid_f32(n, x, x); });
}

// Zeros, and four numbers that the set moves to others, which are exact.
void expect_projection(LargeMemory& memory, const ag_set& set, std::array<float, 4> before,
                       std::array<float, 4> after) {
    const std::size_t places[] = {0, two_to_31 - 1, two_to_31 + 4, many - 1};
    memory.clear();
    auto* const x = memory.at<float>(0);
    for (std::size_t k = 0; k < 4; ++k)
        x[places[k]] = before[k];
    ASSERT_EQ(ag_project_f32(many, x, nullptr, &set), AG_OK) << ag_last_error();
    for (std::size_t k = 0; k < 4; ++k)
        EXPECT_EQ(std::exchange(x[places[k]], 0.f), after[k]) << k;
    for (const std::size_t first : windows)
        EXPECT_EQ(std::count(x + first, x + first + window, 0.f), window);
}

TEST_F(LargeArrays, L2Ball) {
    ag_set set = make_set(AG_SET_L2_BALL);
    set.radius = 5;
    expect_projection(*memory, set, {2, 4, -4, 8}, {1, 2, -2, 4});
}

TEST_F(LargeArrays, L1BallAndSimplex) {
    ag_set set = make_set(AG_SET_L1_BALL);
    set.radius = 14;
    expect_projection(*memory, set, {4, -5, 6, 7}, {2, -3, 4, 5});
    set.kind = AG_SET_SIMPLEX;
    expect_projection(*memory, set, {4, 5, 6, 7}, {2, 3, 4, 5});
}

TEST_F(LargeArrays, SecondOrderCone) {
    expect_projection(*memory, make_set(AG_SET_SECOND_ORDER_CONE), {2, 4, -4, 2},
                      {4, 8.f / 3, -8.f / 3, 4.f / 3});
}

// A group of 2^31 + 1 elements, and the rest.
TEST_F(LargeArrays, GroupBall) {
    const std::int64_t offsets[] = {0, two_to_31 + 1, many};
    ag_set set = make_set(AG_SET_GROUP_L1_BALL);
    set.group_offsets = offsets;
    set.group_count = 2;
    set.radius = 11;
    expect_projection(*memory, set, {6, 8, 6, -8}, {3.3f, 4.4f, 3.3f, -4.4f});
}

// What is inside is only read.
TEST_F(LargeArrays, InsideOfABall) {
    auto* const x = memory->at<float>(0);
    x[two_to_31 + 9] = 3;
    ag_projection_report report = {};
    ag_set set = make_set(AG_SET_L2_BALL);
    set.radius = 3;
    set.report = &report;
    memory->allow_writes(false);
    const ag_status status = ag_project_f32(many, x, nullptr, &set);
    memory->allow_writes(true);
    ASSERT_EQ(status, AG_OK);
    EXPECT_EQ(report.inside, 1);
}

// ---- Coordinates and rows that a call lists ------------------------------------------------------------

TEST_F(LargeArrays, ListedCoordinates) {
    const std::size_t n = 4 * two_to_31 + 3;
    ZeroArray<float> w(n), v(n);
    if (!(w.available() && v.available()))
        GTEST_SKIP() << skipped;
    const std::int64_t indices[] = {std::int64_t(n - 1), 5, two_to_31, 2 * two_to_31 + 5, two_to_31};
    const float g[] = {1, 2, 3, 4, 5}, sums[] = {1, 2, 8, 4};
    float small_w[4] = {}, small_v[4] = {};
    ASSERT_EQ(ag_adagrad_step_sparse_f32(n, w.data(), v.data(), 5, indices, g, nullptr), AG_OK);
    ASSERT_EQ(ag_adagrad_step_f32(4, small_w, sums, small_v, nullptr), AG_OK);
    for (std::size_t k = 0; k < 4; ++k) {
        EXPECT_EQ(w[static_cast<std::size_t>(indices[k])], small_w[k]);
        EXPECT_EQ(v[static_cast<std::size_t>(indices[k])], small_v[k]);
    }
    EXPECT_EQ(w[0], 0);
    EXPECT_EQ(w[two_to_31 - 1], 0);
}

// A table of more than 2^32 elements.
TEST_F(LargeArrays, ListedRows) {
    const std::size_t rows = 150'000'001, cols = 40;
    const std::int64_t listed[] = {150'000'000, 7, 110'000'000};
    const std::int32_t listed_i32[] = {150'000'000, 7, 110'000'000};
    const std::int64_t all[] = {0, 1, 2}, offsets[] = {0, 1, 2, 3};
    const ag_bags_f32 bags = {3, offsets, nullptr, AG_POOLING_SUM};
    const std::vector<float> g = normal_values<float>(3 * cols, 1);
    const auto expect_rows = [&](bool per_row, auto large_step, auto small_step) {
        ZeroArray<float> w(rows * cols), v(rows * cols);
        if (!(w.available() && v.available()))
            GTEST_SKIP() << skipped;
        std::vector<float> small_w(3 * cols), small_v(per_row ? 3 : 3 * cols);
        ASSERT_EQ(large_step(w.data(), v.data()), AG_OK) << ag_last_error();
        ASSERT_EQ(small_step(small_w.data(), small_v.data()), AG_OK);
        const std::size_t accumulators = per_row ? 1 : cols;
        for (std::size_t k = 0; k < 3; ++k) {
            const auto row = static_cast<std::size_t>(listed[k]);
            EXPECT_TRUE(same_bits(w.data() + row * cols, small_w.data() + k * cols, cols));
            EXPECT_TRUE(
                same_bits(v.data() + row * accumulators, small_v.data() + k * accumulators, accumulators));
        }
    };
    const auto small_rows = [&](float* w, float* v) {
        return ag_adagrad_step_rows_f32(3, cols, w, v, 3, all, g.data(), nullptr);
    };
    const auto small_rowwise = [&](float* w, float* v) {
        return ag_adagrad_step_rowwise_f32(3, cols, w, v, 3, all, g.data(), nullptr);
    };
    expect_rows(
        false,
        [&](float* w, float* v) {
            return ag_adagrad_step_rows_f32(rows, cols, w, v, 3, listed, g.data(), nullptr);
        },
        small_rows);
    expect_rows(
        false,
        [&](float* w, float* v) {
            return ag_adagrad_step_rows_pooled_f32_i32(rows, cols, w, v, 3, listed_i32, &bags, g.data(),
                                                       nullptr);
        },
        small_rows);
    expect_rows(
        true,
        [&](float* w, float* v) {
            return ag_adagrad_step_rowwise_f32_i32(rows, cols, w, v, 3, listed_i32, g.data(), nullptr);
        },
        small_rowwise);
    expect_rows(
        true,
        [&](float* w, float* v) {
            return ag_adagrad_step_rowwise_pooled_f32(rows, cols, w, v, 3, listed, &bags, g.data(), nullptr);
        },
        small_rowwise);
}

// ---- Matrices ------------------------------------------------------------------------------------------

// Zeros, but for one element in each of three rows, the last of which is beyond 2^31 elements.
constexpr std::size_t rows = (std::size_t(1) << 21) + 3, cols = 1024;
constexpr std::size_t marked_rows[] = {0, 1 << 20, rows - 1}, marked_columns[] = {1, 500, 1023};

TEST_F(LargeArrays, DenseMatrix) {
    auto* const values = memory->at<float>(0);
    for (std::size_t k = 0; k < 3; ++k)
        values[marked_rows[k] * cols + marked_columns[k]] = static_cast<float>(2 + k);
    const ag_dense_f32 X = {rows, cols, cols, values};
    const std::vector<float> y(rows, -1), no_w(cols), w(cols, 3);
    std::vector<float> gradient(cols), margins(rows);
    ag_logistic_options o = logistic_options();
    o.reduction = AG_REDUCTION_SUM;
    double loss = 0;
    ASSERT_EQ(ag_logistic_dense_f32(&X, y.data(), no_w.data(), &o, &loss, gradient.data()), AG_OK);
    // At w = 0 each residual is 1/2.
    std::vector<float> expected(cols);
    for (std::size_t k = 0; k < 3; ++k)
        expected[marked_columns[k]] = static_cast<float>(2 + k) / 2;
    EXPECT_EQ(gradient, expected);
    const double exact = double(rows) * std::log(2.0);
    EXPECT_NEAR(loss, exact,
                double(rows) * 4 * 0x1p-24); // 4 ULP per row, of f32; what the sum rounds is far less
    ASSERT_EQ(ag_logistic_margins_dense_f32(&X, w.data(), nullptr, margins.data()), AG_OK);
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(margins[marked_rows[k]], 3 * static_cast<float>(2 + k));
        margins[marked_rows[k]] = 0;
    }
    EXPECT_EQ(margins, std::vector<float>(rows));
}

TEST_F(LargeArrays, DenseMatrixOf16Bits) {
    auto* const values = memory->at<ag_bf16>(0);
    for (std::size_t k = 0; k < 3; ++k)
        values[marked_rows[k] * cols + marked_columns[k]] = 0x4000; // 2
    const ag_dense_bf16 X = {rows, cols, cols, values};
    const std::vector<float> w(cols, 3);
    std::vector<float> margins(rows);
    ASSERT_EQ(ag_logistic_margins_dense_bf16(&X, w.data(), nullptr, margins.data()), AG_OK);
    for (const std::size_t row : marked_rows) {
        EXPECT_EQ(margins[row], 6);
        margins[row] = 0;
    }
    EXPECT_EQ(margins, std::vector<float>(rows));
}

// More than 2^31 rows, and a batch of the last ones.
TEST_F(LargeArrays, RowsOfABatch) {
    ZeroArray<float> values(2 * many), y(many);
    if (!(values.available() && y.available()))
        GTEST_SKIP() << skipped;
    const std::int64_t batch[] = {many - 1, two_to_31 + 3, two_to_31};
    for (const std::int64_t row : batch) {
        y[static_cast<std::size_t>(row)] = 1;
        values[2 * static_cast<std::size_t>(row) + 1] = 4;
    }
    const ag_dense_f32 X = {many, 2, 2, values.data()};
    ag_logistic_options o = logistic_options();
    o.row_indices = batch;
    o.row_count = 3;
    const float w[] = {0, 0};
    float gradient[] = {7, 7};
    ASSERT_EQ(ag_logistic_dense_f32(&X, y.data(), w, &o, nullptr, gradient), AG_OK) << ag_last_error();
    EXPECT_EQ(gradient[0], 0);
    EXPECT_EQ(gradient[1], -2);
    y[two_to_31 + 3] = 0;
    ASSERT_EQ(ag_logistic_dense_f32(&X, y.data(), w, &o, nullptr, gradient), AG_ERROR_LABEL);
    EXPECT_NE(std::strstr(ag_last_error(), "y[2147483651]"), nullptr) << ag_last_error();
}

// More than 2^31 entries, all 1 and in column 0 but for three.
template <class Csr, class Index>
void expect_sparse_matrix(Index* columns,
                          ag_status (*logistic)(const Csr*, const float*, const float*,
                                                const ag_logistic_options*, double*, float*)) {
    const std::size_t places[] = {77, two_to_31 + 1, many - 1}, csr_rows = 1001;
    for (const std::size_t place : places)
        columns[place] = 3;
    std::vector<std::int64_t> offsets;
    for (std::size_t i = 0; i <= csr_rows; ++i)
        offsets.push_back(
            static_cast<std::int64_t>(many / csr_rows * i + (i == csr_rows ? many % csr_rows : 0)));
    const Csr X = {csr_rows, 4, offsets.data(), columns, nullptr};
    const std::vector<float> y(csr_rows, -1);
    const float w[] = {0, 0, 0, 5}, no_w[] = {0, 0, 0, 0};
    std::vector<float> margins(csr_rows), expected(csr_rows);
    for (const std::size_t place : places)
        expected[std::min(place / (many / csr_rows), csr_rows - 1)] += 5;
    ASSERT_EQ(logistic_margins(&X, w, nullptr, margins.data()), AG_OK);
    EXPECT_EQ(margins, expected);
    if (sizeof(Index) == 4) {
        ag_logistic_options o = logistic_options();
        o.reduction = AG_REDUCTION_SUM;
        float gradient[4] = {};
        ASSERT_EQ(logistic(&X, y.data(), no_w, &o, nullptr, gradient), AG_OK);
        EXPECT_EQ(gradient[3], 1.5f);
        EXPECT_EQ(gradient[1], 0);
    }
    columns[two_to_31 + 99] = 4;
    ASSERT_EQ(logistic_margins(&X, w, nullptr, margins.data()), AG_ERROR_OUT_OF_RANGE);
    EXPECT_NE(std::strstr(ag_last_error(), "X->columns[2147483747] = 4"), nullptr) << ag_last_error();
}

TEST_F(LargeArrays, SparseMatrix) {
    expect_sparse_matrix<ag_csr_f32, std::int32_t>(memory->at<std::int32_t>(0), ag_logistic_csr_f32);
}

TEST_F(LargeArrays, SparseMatrixOf64BitColumns) {
    ZeroArray<std::int64_t> columns(many);
    if (!columns.available())
        GTEST_SKIP() << skipped;
    expect_sparse_matrix<ag_csr64_f32, std::int64_t>(columns.data(), ag_logistic_csr64_f32);
}

// More than 2^31 columns.
TEST_F(LargeArrays, SparseGradientOfManyColumns) {
    const std::size_t columns_of_x = std::size_t(1) << 34;
    ZeroArray<float> w(columns_of_x);
    if (!(w.available()))
        GTEST_SKIP() << skipped;
    const std::int64_t columns[] = {std::int64_t(columns_of_x - 1), two_to_31 + 5, 3, two_to_31 + 5};
    const std::int64_t offsets[] = {0, 2, 4};
    const float values[] = {2, 4, 6, 8}, y[] = {1, -1};
    const ag_csr64_f32 X = {2, columns_of_x, offsets, columns, values};
    std::int64_t found_columns[4];
    float found[4];
    std::size_t count = 0;
    ASSERT_EQ(ag_logistic_sparse_gradient_csr64_f32(&X, y, w.data(), nullptr, nullptr, 4, found_columns,
                                                    found, &count),
              AG_OK)
        << ag_last_error();
    ASSERT_EQ(count, 3u);
    // Residuals are -1/2 and 1/2; the mean is of two rows.
    const std::int64_t expected_columns[] = {3, two_to_31 + 5, std::int64_t(columns_of_x - 1)};
    const float expected[] = {1.5, -1 + 2, -0.5};
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(found_columns[k], expected_columns[k]);
        EXPECT_EQ(found[k], expected[k]);
    }
}

TEST_F(LargeArrays, ProjectedRows) {
    auto* const x = memory->at<float>(0);
    ag_set set = make_set(AG_SET_L1_BALL);
    set.radius = 4;
    for (const std::size_t row : marked_rows)
        for (const std::size_t column : {1, 400})
            x[row * cols + column] = 5;
    ASSERT_EQ(ag_project_rows_f32(rows, cols, cols, x, nullptr, 0, nullptr, &set), AG_OK);
    for (const std::size_t row : marked_rows) {
        for (const std::size_t column : {1, 400})
            EXPECT_EQ(std::exchange(x[row * cols + column], 0.f), 2);
        EXPECT_EQ(std::count(x + row * cols, x + (row + 1) * cols, 0.f), cols);
    }
}

} // namespace
