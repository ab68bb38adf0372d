// SPDX-License-Identifier: BSD-3-Clause
//
// Projections of the rows of a matrix: the same bits, and reports, as of each row by itself.
#include "tests/support/projected.hpp"

namespace {

using namespace test;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

template <class T>
class ProjectRows : public ::testing::Test {};
TYPED_TEST_SUITE(ProjectRows, Types);

constexpr ag_set_kind last_kind = AG_SET_GROUP_L1_BALL;

bool has_offset(ag_set_kind kind) {
    return kind >= AG_SET_BOX_SECTION && kind <= AG_SET_SLAB;
}
bool has_level(ag_set_kind kind) {
    return kind != AG_SET_BOX && kind != AG_SET_NONNEGATIVE && kind != AG_SET_SECOND_ORDER_CONE;
}

// A set with all the arrays that its kind takes, and rows of which some are inside.
template <class T>
struct Rows {
    std::size_t rows, cols, stride, lambda_stride;
    std::vector<T> x, lambda, center, normal, lower, upper;
    std::vector<double> levels;
    ag_set set;

    // lambda_stride: 0 for one row of weights.
    Rows(ag_set_kind kind, std::size_t rows_, std::size_t cols_, bool weights_for_each_row,
         std::uint64_t seed)
        : rows(rows_), cols(cols_), stride(cols_ + seed % 3),
          lambda_stride(weights_for_each_row ? cols_ + 2 : 0), x(normal_values<T>(rows * stride, seed)),
          set(make_set(kind)) {
        Random random(seed);
        lambda = filled<T>(weights_for_each_row ? rows * lambda_stride : cols,
                           [&](std::size_t) { return random.uniform(0.1, 10); });
        center = normal_values<T>(cols, seed + 1, 0.3);
        normal = filled<T>(cols, [&](std::size_t) { return random.uniform(0.25, 2); });
        lower = filled<T>(cols, [&](std::size_t) { return random.uniform(-2, -0.5); });
        upper = filled<T>(cols, [&](std::size_t) { return random.uniform(0.5, 2); });
        const double size = static_cast<double>(cols);
        levels.resize(rows);
        for (double& level : levels) // some beyond what a row has; all within what the bounds allow
            level = has_offset(kind)                ? random.uniform(-0.1, 0.1) * size
                    : kind == AG_SET_CAPPED_SIMPLEX ? random.uniform(0, 0.5) * size
                    : kind == AG_SET_LINF_BALL      ? random.uniform(0.1, 3)
                                                    : random.uniform(0.01, 1.2) * size;
        if (kind != AG_SET_LINF_BALL && !has_offset(kind))
            levels[rows / 2] = 0;
        set.center = seed % 2 == 0 ? center.data() : nullptr;
        set.normal = normal.data();
        set.lower_bounds = lower.data();
        set.upper_bounds = upper.data();
        set.lower_offset = -0.2 * size;
        set.group_length = 3;
        set.radius = set.offset = levels[0];
    }

    ag_set set_of(std::size_t row, bool own_levels) const {
        ag_set one = set;
        if (own_levels)
            one.radius = one.offset = levels[row];
        return one;
    }

    // What ag_project makes of each row.
    void project_each(std::vector<T>& p, std::vector<ag_projection_report>& reports, bool weighted,
                      bool own_levels) const {
        p = x;
        reports.resize(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            ag_set one = set_of(row, own_levels);
            one.report = &reports[row];
            ASSERT_EQ(Api<T>::project(cols, p.data() + row * stride,
                                      weighted ? lambda.data() + row * lambda_stride : nullptr, &one),
                      AG_OK)
                << ag_last_error();
        }
    }
};

TYPED_TEST(ProjectRows, EachRowHasTheBitsOfAgProject) {
    using T = TypeParam;
    on_every_isa([&](ag_isa) {
        std::uint64_t seed = 1;
        for (ag_set_kind kind = 0; kind <= last_kind; ++kind)
            for (const std::size_t cols : {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 300})
                for (const std::size_t rows : {1, 3, 8, 37})
                    for (const bool weighted : {false, true}) {
                        const Rows<T> c(kind, rows, cols, seed % 4 < 2, seed);
                        const bool own_levels = seed % 3 != 0;
                        ++seed;
                        std::vector<T> expected;
                        std::vector<ag_projection_report> expected_reports, reports(rows);
                        c.project_each(expected, expected_reports, weighted, own_levels);
                        const std::size_t last = (rows - 1) * c.stride + cols, gap = gaps[seed % 3];
                        expected.resize(last);
                        for (const bool reported : {false, true}) {
                            GuardedArray<T> x({c.x.begin(), c.x.begin() + static_cast<std::ptrdiff_t>(last)},
                                              gap);
                            GuardedArray<T> lambda(
                                std::vector<T>(c.lambda.begin(),
                                               c.lambda.begin() + static_cast<std::ptrdiff_t>(
                                                                      (rows - 1) * c.lambda_stride + cols)),
                                2 * gap);
                            ag_set set = c.set;
                            set.report = reported ? reports.data() : nullptr;
                            ASSERT_EQ(Api<T>::project_rows(
                                          rows, cols, c.stride, x.data(), weighted ? lambda.data() : nullptr,
                                          c.lambda_stride, own_levels ? c.levels.data() : nullptr, &set),
                                      AG_OK)
                                << ag_last_error();
                            ASSERT_TRUE(same_bits(x.values(), expected))
                                << "kind " << kind << ", " << rows << " x " << cols << ", weighted "
                                << weighted;
                            ASSERT_TRUE(x.intact() && lambda.intact());
                        }
                        for (std::size_t row = 0; row < rows; ++row)
                            ASSERT_TRUE(same_report(reports[row], expected_reports[row])) << "kind " << kind;
                    }
    });
}

// Rows of any kind of number: NaNs, infinities, the ends of the range.
TYPED_TEST(ProjectRows, UnusualRowsTooAndTheirNeighbours) {
    using T = TypeParam;
    on_every_isa([&](ag_isa) {
        std::uint64_t seed = 1;
        for (ag_set_kind kind = 0; kind <= last_kind; ++kind)
            for (const std::size_t cols : {2, 16, 40})
                for (const bool weighted : {false, true}) {
                    Rows<T> c(kind, 40, cols, true, ++seed);
                    const std::vector<T> mixed = mixed_values<T>(c.x.size(), seed);
                    for (std::size_t row = 0; row < c.rows; row += 3)
                        std::copy_n(mixed.begin() + static_cast<std::ptrdiff_t>(row * c.stride), cols,
                                    c.x.begin() + static_cast<std::ptrdiff_t>(row * c.stride));
                    for (std::size_t row = 1; row < c.rows; row += 3)
                        for (std::size_t j = 0; j < cols; ++j) // by tens, up and down
                            c.x[row * c.stride + j] = static_cast<T>(
                                std::pow(10.0, (row % 2 == 0 ? 1.0 : -1.0) * static_cast<double>(j % 30)));
                    std::vector<T> expected, found = c.x;
                    std::vector<ag_projection_report> reports;
                    c.project_each(expected, reports, weighted, true);
                    ASSERT_EQ(Api<T>::project_rows(c.rows, cols, c.stride, found.data(),
                                                   weighted ? c.lambda.data() : nullptr, c.lambda_stride,
                                                   c.levels.data(), &c.set),
                              AG_OK)
                        << ag_last_error();
                    ASSERT_TRUE(same_bits(found, expected)) << "kind " << kind << ", cols " << cols;
                }
    });
}

// Many rows are shared by the threads, and so is a long one.
TYPED_TEST(ProjectRows, ThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    for (const ag_set_kind kind : {AG_SET_BOX, AG_SET_L2_BALL, AG_SET_L1_BALL, AG_SET_SIMPLEX})
        for (const bool many : {true, false}) {
            const std::size_t rows = many ? 30011 : 2, cols = many ? 10 : 140000;
            const Rows<T> c(kind, rows, cols, true, 7);
            std::vector<T> expected;
            std::vector<ag_projection_report> reports;
            c.project_each(expected, reports, true, true);
            on_every_isa_and_thread_count([&] {
                std::vector<T> found = c.x;
                ASSERT_EQ(Api<T>::project_rows(rows, cols, c.stride, found.data(), c.lambda.data(),
                                               c.lambda_stride, c.levels.data(), &c.set),
                          AG_OK);
                ASSERT_TRUE(same_bits(found, expected)) << "kind " << kind;
            });
        }
}

TYPED_TEST(ProjectRows, NothingIsProjected) {
    using T = TypeParam;
    const ag_set set = make_set(AG_SET_L1_BALL);
    EXPECT_EQ(Api<T>::project_rows(0, 5, 5, nullptr, nullptr, 0, nullptr, &set), AG_OK) << ag_last_error();
    EXPECT_EQ(Api<T>::project_rows(0, 5, 0, nullptr, nullptr, 0, nullptr, &set), AG_OK) << ag_last_error();
    // Bounds that are numbers hold for as many columns as one likes: nothing may go through them.
    ag_set section = make_set(AG_SET_BOX_SECTION);
    section.lower = -1;
    section.upper = 1;
    constexpr std::size_t most = PTRDIFF_MAX / sizeof(T);
    EXPECT_EQ(Api<T>::project_rows(0, most, most, nullptr, nullptr, 0, nullptr, &section), AG_OK)
        << ag_last_error();
    section.offset = 10; // which no p within the bounds has: not looked at
    EXPECT_EQ(Api<T>::project_rows(0, 5, 5, nullptr, nullptr, 0, nullptr, &section), AG_OK)
        << ag_last_error();
    const double radii[] = {1, 2};
    EXPECT_EQ(Api<T>::project_rows(2, 0, 0, nullptr, nullptr, 0, radii, &set), AG_OK) << ag_last_error();
    // Levels that a set does not have are not looked at.
    std::vector<T> x = {-1, 2};
    const double bad[] = {nan, nan};
    const ag_set orthant = make_set(AG_SET_NONNEGATIVE);
    EXPECT_EQ(Api<T>::project_rows(2, 1, 1, x.data(), nullptr, 0, bad, &orthant), AG_OK) << ag_last_error();
    EXPECT_EQ(x, (std::vector<T>{0, 2}));
}

TYPED_TEST(ProjectRows, BadCallsChangeNothing) {
    using T = TypeParam;
    on_every_isa([&](ag_isa) {
        const std::size_t rows = 5, cols = 4;
        for (ag_set_kind kind = 0; kind <= last_kind; ++kind) {
            const Rows<T> usual(kind, rows, cols, true, 4);
            struct Arguments {
                std::size_t rows, cols, stride;
                T* x;
                const T* lambda;
                std::size_t lambda_stride;
                const double* radii;
                const ag_set* set;
            };
            const auto expect = [&](ag_status status, const std::string& culprit, auto spoil) {
                Rows<T> c = usual; // its set points to the usual one's arrays
                Arguments a = {
                    rows,  cols, c.stride, c.x.data(), c.lambda.data(), c.lambda_stride, c.levels.data(),
                    &c.set};
                spoil(a, c);
                const std::vector<T> before = c.x;
                EXPECT_EQ(Api<T>::project_rows(a.rows, a.cols, a.stride, a.x, a.lambda, a.lambda_stride,
                                               a.radii, a.set),
                          status)
                    << "kind " << kind << ", " << culprit << ": " << ag_last_error();
                EXPECT_NE(std::string(ag_last_error()).find(culprit), std::string::npos)
                    << "\"" << ag_last_error() << "\" lacks \"" << culprit << "\"";
                EXPECT_TRUE(same_bits(c.x, before)) << culprit;
            };
            expect(AG_ERROR_NULL_POINTER, "x is NULL", [](auto& a, auto&) { a.x = nullptr; });
            expect(AG_ERROR_NULL_POINTER, "set is NULL", [](auto& a, auto&) { a.set = nullptr; });
            expect(AG_ERROR_SIZE, "row_stride = 3", [](auto& a, auto&) { a.stride = 3; });
            expect(AG_ERROR_SIZE, "lambda_stride = 3", [](auto& a, auto&) { a.lambda_stride = 3; });
            expect(AG_ERROR_SIZE, "row_stride", [](auto& a, auto&) { a.stride = SIZE_MAX / 2; });
            expect(AG_ERROR_SIZE, "x", [](auto& a, auto&) { a.stride = SIZE_MAX / 16; });
            expect(AG_ERROR_OVERLAP, "lambda",
                   [](auto& a, auto& c) { a.lambda = c.x.data() + 1, a.lambda_stride = 0; });
            expect(AG_ERROR_OVERLAP, "radii",
                   [](auto& a, auto& c) { a.radii = reinterpret_cast<const double*>(c.x.data()); });
            expect(AG_ERROR_OVERLAP, "report", [](auto&, auto& c) {
                c.set.report = reinterpret_cast<ag_projection_report*>(c.x.data());
            });
            for (const double bad : {0.0, -1.0, nan, infinity})
                expect(AG_ERROR_INVALID_VALUE, "lambda: [3] of row 4",
                       [=](auto&, auto& c) { c.lambda[4 * c.lambda_stride + 3] = static_cast<T>(bad); });
            expect(AG_ERROR_INVALID_VALUE, "lambda: [1] of row 0", [](auto& a, auto& c) {
                c.lambda[1] = 0;
                a.lambda_stride = 0;
            });
            if (!has_level(kind))
                continue;
            for (const double bad : {nan, infinity, -infinity})
                expect(AG_ERROR_INVALID_VALUE, "radii[3]", [=](auto&, auto& c) { c.levels[3] = bad; });
            if (!has_offset(kind))
                expect(AG_ERROR_INVALID_VALUE, "radii[4] = -1", [](auto&, auto& c) { c.levels[4] = -1; });
            if (sizeof(T) == 4)
                expect(AG_ERROR_INVALID_VALUE, "radii[2] = 1e+300",
                       [](auto&, auto& c) { c.levels[2] = 1e300; });
            if (kind == AG_SET_CAPPED_SIMPLEX || kind == AG_SET_BOX_SECTION)
                expect(AG_ERROR_INVALID_VALUE, "radii[1] = 1000", [](auto&, auto& c) { c.levels[1] = 1000; });
            if (kind == AG_SET_SLAB)
                expect(AG_ERROR_INVALID_VALUE, "radii[1] = -3", [](auto&, auto& c) { c.levels[1] = -3; });
        }
    });
}

TEST(ProjectRows, RowsWithoutColumnsAreAtOnceDone) {
    ag_set set;
    ag_set_init(&set);
    set.kind = AG_SET_L1_BALL;
    EXPECT_EQ(ag_project_rows_f32(SIZE_MAX, 0, 0, nullptr, nullptr, 0, nullptr, &set), AG_OK);
    ag_projection_report reports[2] = {{1, 7, 0}, {1, 7, 0}};
    set.report = reports;
    EXPECT_EQ(ag_project_rows_f32(2, 0, 0, nullptr, nullptr, 0, nullptr, &set), AG_OK);
    for (const ag_projection_report& report : reports) {
        EXPECT_EQ(report.multiplier, 0);
        EXPECT_EQ(report.passes, 0);
        EXPECT_EQ(report.inside, 1);
    }
}

} // namespace
