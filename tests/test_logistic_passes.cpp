// SPDX-License-Identifier: BSD-3-Clause
#include "tests/reference/logistic_passes.hpp"
#include "tests/support/matrix.hpp"

#include <functional>
#include <optional>

namespace {

using namespace test;
using reference::Bounded;

template <class T>
class LogisticPasses : public ::testing::Test {};
TYPED_TEST_SUITE(LogisticPasses, Types);

// Labels and options, drawn at random, and what they mean.
template <class T>
struct Problem {
    Matrix<T> X;
    std::vector<T> y, w, direction, weights;
    std::vector<std::int64_t> indices;
    std::vector<std::size_t> visited;
    ag_logistic_options o = logistic_options();

    Problem(std::size_t rows, std::size_t cols, std::uint64_t seed, bool sparse) {
        Random random(seed);
        const auto coin = [&] { return random.below(2) == 1; };
        X = make_matrix<T>(rows, cols, random.bits(), sparse ? 0.3 : 1);
        o.labels = static_cast<ag_label_encoding>(random.below(3));
        o.reduction = coin() ? AG_REDUCTION_MEAN : AG_REDUCTION_SUM;
        o.fit_intercept = coin();
        o.l2 = coin() ? 0.3 : 0;
        if (coin()) {
            o.positive_weight = 2.5;
            o.negative_weight = 0.75;
        }
        o.label_smoothing = coin() ? 0.2 : 0;
        y = random_signs<T>(rows, random.bits());
        if (o.labels == AG_LABELS_ZERO_ONE)
            y = as_zero_one(y);
        if (o.labels == AG_LABELS_PROBABILITY)
            for (T& label : y)
                label = random.below(4) == 0 ? static_cast<T>(random.below(2))
                                             : static_cast<T>(random.uniform(0, 1));
        weights = absolute(normal_values<T>(rows, random.bits()));
        o.sample_weight = coin() ? weights.data() : nullptr;
        const std::size_t parameters = cols + (o.fit_intercept != 0);
        w = normal_values<T>(parameters, random.bits(), 0.5);
        direction = normal_values<T>(parameters, random.bits());
        // All rows, a run of them, or any.
        const std::size_t kind = random.below(3), first = random.below(rows);
        for (std::size_t i = kind == 1 ? first : 0; i < rows; ++i) {
            visited.push_back(kind == 2 ? random.below(rows) : i);
            indices.push_back(static_cast<std::int64_t>(visited.back()));
        }
        o.row_indices = kind != 0 ? indices.data() : nullptr;
        o.row_count = kind != 0 ? indices.size() : 0;
    }
    Problem(const Problem&) = delete;
    Problem& operator=(const Problem&) = delete;

    std::vector<reference::RowLoss> losses() const {
        std::vector<reference::RowLoss> rows;
        for (const std::size_t i : visited) {
            const T s = o.sample_weight != nullptr ? weights[i] : T(1);
            reference::RowLoss row =
                reference::row_loss<T>(reference::dot(X.reference.row[i], w, X.cols, o.fit_intercept != 0),
                                       reference::row_weights(y[i], s, o));
            row.product = reference::dot(X.reference.row[i], direction, X.cols, o.fit_intercept != 0);
            rows.push_back(row);
        }
        return rows;
    }
    long double sample_weight(std::size_t k) const {
        return o.sample_weight != nullptr ? weights[visited[k]] : T(1);
    }
    long double total_weight() const {
        long double sum = 0;
        for (const auto& row : losses())
            sum += row.weight;
        return sum;
    }
    long double divisor() const { return o.reduction == AG_REDUCTION_MEAN ? total_weight() : 1; }
};

template <class T>
void expect_within(const std::vector<T>& actual, const std::vector<Bounded>& expected, const char* what) {
    for (std::size_t j = 0; j < actual.size(); ++j)
        ASSERT_LE(std::fabs(static_cast<long double>(actual[j]) - expected[j].value), expected[j].error)
            << what << " " << j << ": " << actual[j] << ", not " << expected[j].value;
}

// Calls action(problem, form) on every ISA for problems of many shapes.
template <class T, class Action>
void on_problems(Action action) {
    on_every_isa([&](ag_isa) {
        std::uint64_t seed = 100;
        for (const Form form : all_forms)
            for (const std::size_t cols : {1, 2, 7, 16, 17, 33, 64, 65, 130})
                for (const std::size_t rows : {1, 7, 8, 9, 33, 300}) {
                    if (is_slow() && rows * cols > 33 * 33)
                        continue;
                    const Problem<T> problem(rows, cols, ++seed, form != Form::dense);
                    SCOPED_TRACE("rows " + std::to_string(rows) + ", cols " + std::to_string(cols) +
                                 ", form " + std::to_string(static_cast<int>(form)));
                    action(problem, form);
                    if (::testing::Test::HasFatalFailure())
                        return;
                }
    });
}

// The loss and gradient themselves, with class weights and targets between the classes.
TYPED_TEST(LogisticPasses, LossAndGradientWithEveryOption) {
    using T = TypeParam;
    on_problems<T>([](const Problem<T>& p, Form form) {
        double loss = 0;
        std::vector<T> gradient(p.w.size());
        const ag_status status = with_form(form, p.X, [&](auto* X) {
            using View = std::remove_cv_t<std::remove_pointer_t<decltype(X)>>;
            if constexpr (std::is_same_v<View, typename Api<T>::Dense>)
                return Api<T>::logistic_dense(X, p.y.data(), p.w.data(), &p.o, &loss, gradient.data());
            else if constexpr (std::is_same_v<View, typename Api<T>::Csr>)
                return Api<T>::logistic_csr(X, p.y.data(), p.w.data(), &p.o, &loss, gradient.data());
            else
                return Api<T>::logistic_csr64(X, p.y.data(), p.w.data(), &p.o, &loss, gradient.data());
        });
        ASSERT_EQ(status, AG_OK) << ag_last_error();
        const auto rows = p.losses();
        const long double u = std::numeric_limits<T>::epsilon() / 2;
        Bounded expected_loss;
        std::vector<Bounded> residuals;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const long double s = p.sample_weight(k);
            expected_loss.value += s * rows[k].loss.value;
            expected_loss.error += s * (rows[k].loss.error + 4 * u * rows[k].loss.value);
            residuals.push_back({s * rows[k].residual.value,
                                 s * rows[k].residual.error + 4 * u * std::fabs(s * rows[k].residual.value)});
        }
        long double norm = 0;
        for (std::size_t j = 0; j < p.X.cols; ++j)
            norm += static_cast<long double>(p.w[j]) * static_cast<long double>(p.w[j]);
        const long double penalty = p.o.l2 / 2 * norm;
        const long double value = expected_loss.value / p.divisor() + penalty;
        // Sums in double: one rounding per addition; the divisor's weights are those of the rounded options.
        ASSERT_LE(std::fabs(loss - value),
                  expected_loss.error / p.divisor() + 8 * u * (expected_loss.value / p.divisor()) +
                      (static_cast<long double>(rows.size()) + 16) * 0x1p-53L * value);
        auto sums = reference::column_sums(p.X.reference, p.visited, residuals, 1);
        for (std::size_t j = 0; j < gradient.size(); ++j) {
            sums[j].error += 8 * u * std::fabs(sums[j].value);
            sums[j] = reference::finished<T>(sums[j], p.divisor(), j < p.X.cols ? p.o.l2 * p.w[j] : 0);
        }
        expect_within(gradient, sums, "gradient");
    });
}

TYPED_TEST(LogisticPasses, MarginsAndProbabilities) {
    using T = TypeParam;
    on_problems<T>([](const Problem<T>& p, Form form) {
        GuardedArray<T> margins(p.visited.size()), probabilities(p.visited.size(), 1);
        ASSERT_EQ(with_form(form, p.X,
                            [&](auto* X) { return logistic_margins(X, p.w.data(), &p.o, margins.data()); }),
                  AG_OK)
            << ag_last_error();
        ASSERT_EQ(with_form(form, p.X,
                            [&](auto* X) {
                                return logistic_probabilities(X, p.w.data(), &p.o, probabilities.data());
                            }),
                  AG_OK);
        ASSERT_TRUE(margins.intact() && probabilities.intact());
        std::vector<Bounded> expected;
        for (const auto& row : p.losses())
            expected.push_back(row.margin);
        ASSERT_NO_FATAL_FAILURE(expect_within(margins.values(), expected, "margin"));
        std::vector<T> sigmoids(p.visited.size());
        ASSERT_EQ(Api<T>::sigmoid(sigmoids.size(), margins.data(), sigmoids.data()), AG_OK);
        ASSERT_TRUE(same_bits(probabilities.values(), sigmoids));

        // The loss of one row has the bits that its margin gives alone, and so has its residual.
        ag_logistic_options one = p.o;
        one.l2 = 0;
        one.reduction = AG_REDUCTION_SUM;
        for (std::size_t k = 0; k < std::min<std::size_t>(p.visited.size(), 5); ++k) {
            one.row_indices = &p.indices[k];
            one.row_count = 1;
            double loss = 0, loss_from_margin = 1;
            std::vector<T> gradient(p.w.size());
            T residual = 0;
            ASSERT_EQ(with_form(form, p.X,
                                [&](auto* X) {
                                    using View = std::remove_cv_t<std::remove_pointer_t<decltype(X)>>;
                                    if constexpr (std::is_same_v<View, typename Api<T>::Dense>)
                                        return Api<T>::logistic_dense(X, p.y.data(), p.w.data(), &one, &loss,
                                                                      gradient.data());
                                    else if constexpr (std::is_same_v<View, typename Api<T>::Csr>)
                                        return Api<T>::logistic_csr(X, p.y.data(), p.w.data(), &one, &loss,
                                                                    gradient.data());
                                    else
                                        return Api<T>::logistic_csr64(X, p.y.data(), p.w.data(), &one, &loss,
                                                                      gradient.data());
                                }),
                      AG_OK);
            ASSERT_EQ(Api<T>::from_margins(p.X.rows, &margins[k], p.y.data(), &one, &loss_from_margin,
                                           &residual, nullptr),
                      AG_OK)
                << ag_last_error();
            ASSERT_TRUE(same_bits(loss, loss_from_margin)) << "row " << k;
            if (p.o.fit_intercept != 0) {
                ASSERT_EQ(gradient.back(), residual) << "row " << k;
            }
        }
    });
}

TYPED_TEST(LogisticPasses, HessianTimesVector) {
    using T = TypeParam;
    on_problems<T>([](const Problem<T>& p, Form form) {
        GuardedArray<T> product(p.w.size(), 1), w(p.w), direction(p.direction, 1);
        ASSERT_EQ(with_form(form, p.X,
                            [&](auto* X) {
                                return logistic_hessian_vector(X, p.y.data(), w.data(), direction.data(),
                                                               &p.o, product.data());
                            }),
                  AG_OK)
            << ag_last_error();
        ASSERT_TRUE(product.intact() && w.intact() && direction.intact());
        const long double u = std::numeric_limits<T>::epsilon() / 2;
        const auto rows = p.losses();
        std::vector<Bounded> c;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const auto& row = rows[k];
            const long double s = p.sample_weight(k), value = s * row.curvature.value * row.product.value;
            c.push_back({value, s * row.curvature.error * (std::fabs(row.product.value) + row.product.error) +
                                    s * row.curvature.value * row.product.error + 8 * u * std::fabs(value)});
        }
        auto sums = reference::column_sums(p.X.reference, p.visited, c, 1);
        for (std::size_t j = 0; j < sums.size(); ++j) {
            sums[j].error += 8 * u * std::fabs(sums[j].value); // the weights' sum
            sums[j] =
                reference::finished<T>(sums[j], p.divisor(), j < p.X.cols ? p.o.l2 * p.direction[j] : 0);
        }
        expect_within(product.values(), sums, "product");
    });
}

TYPED_TEST(LogisticPasses, HessianDiagonal) {
    using T = TypeParam;
    on_problems<T>([](const Problem<T>& p, Form form) {
        GuardedArray<T> diagonal(p.w.size(), 1);
        ASSERT_EQ(with_form(form, p.X,
                            [&](auto* X) {
                                return logistic_hessian_diagonal(X, p.y.data(), p.w.data(), &p.o,
                                                                 diagonal.data());
                            }),
                  AG_OK)
            << ag_last_error();
        ASSERT_TRUE(diagonal.intact());
        const long double u = std::numeric_limits<T>::epsilon() / 2;
        const auto rows = p.losses();
        std::vector<Bounded> c;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const long double s = p.sample_weight(k), value = s * rows[k].curvature.value;
            c.push_back({value, s * rows[k].curvature.error + 4 * u * value});
        }
        auto sums = reference::column_sums(p.X.reference, p.visited, c, 2);
        for (std::size_t j = 0; j < sums.size(); ++j) {
            sums[j].error += 8 * u * sums[j].value;
            sums[j] = reference::finished<T>(sums[j], p.divisor(), j < p.X.cols ? p.o.l2 : 0);
        }
        expect_within(diagonal.values(), sums, "diagonal");
    });
}

TYPED_TEST(LogisticPasses, Smoothness) {
    using T = TypeParam;
    on_problems<T>([](const Problem<T>& p, Form form) {
        const long double u = std::numeric_limits<T>::epsilon() / 2;
        const auto rows = p.losses();
        for (const ag_smoothness kind : {AG_SMOOTHNESS_COORDINATE, AG_SMOOTHNESS_ANISOTROPIC}) {
            GuardedArray<T> smoothness(p.w.size(), 1);
            ASSERT_EQ(with_form(form, p.X,
                                [&](auto* X) {
                                    return logistic_smoothness(X, p.y.data(), &p.o, kind, smoothness.data());
                                }),
                      AG_OK)
                << ag_last_error();
            ASSERT_TRUE(smoothness.intact());
            std::vector<Bounded> c;
            for (std::size_t k = 0; k < rows.size(); ++k) {
                long double norm = p.o.fit_intercept != 0 ? 1 : 0;
                for (const auto& entry : p.X.reference.row[p.visited[k]])
                    norm += std::fabs(static_cast<long double>(entry.second));
                const long double entries =
                    static_cast<long double>(p.X.reference.row[p.visited[k]].size()) + 16;
                const long double value = rows[k].weight * (kind == AG_SMOOTHNESS_ANISOTROPIC ? norm : 1) / 4;
                c.push_back({value, entries * u * value});
            }
            auto sums = reference::column_sums(p.X.reference, p.visited, c,
                                               kind == AG_SMOOTHNESS_ANISOTROPIC ? 0 : 2);
            for (std::size_t j = 0; j < sums.size(); ++j) {
                sums[j].error += 8 * u * sums[j].value;
                sums[j] = reference::finished<T>(sums[j], p.divisor(), j < p.X.cols ? p.o.l2 : 0);
            }
            ASSERT_NO_FATAL_FAILURE(expect_within(smoothness.values(), sums, "smoothness"));
        }
    });
}

TYPED_TEST(LogisticPasses, Noise) {
    using T = TypeParam;
    on_problems<T>([](const Problem<T>& p, Form form) {
        GuardedArray<T> noise(p.w.size(), 1);
        ASSERT_EQ(
            with_form(form, p.X,
                      [&](auto* X) { return logistic_noise(X, p.y.data(), p.w.data(), &p.o, noise.data()); }),
            AG_OK)
            << ag_last_error();
        ASSERT_TRUE(noise.intact());
        const long double u = std::numeric_limits<T>::epsilon() / 2;
        const auto rows = p.losses();
        std::vector<Bounded> first, second;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const auto& row = rows[k];
            const long double s = p.sample_weight(k), label_weight = s != 0 ? row.weight / s : 1;
            const long double r = row.residual.value, e = row.residual.error;
            first.push_back({s * r, s * e + 4 * u * std::fabs(s * r)});
            const long double square = s * r * r / label_weight;
            second.push_back({square, s * (2 * std::fabs(r) * e + e * e) / label_weight + 16 * u * square});
        }
        const auto means = reference::column_sums(p.X.reference, p.visited, first, 1);
        const auto squares = reference::column_sums(p.X.reference, p.visited, second, 2);
        const long double S = p.total_weight(), scale = p.o.reduction == AG_REDUCTION_SUM ? S : 1;
        for (std::size_t j = 0; j < noise.size(); ++j) {
            const long double mean = means[j].value / S,
                              mean_error = means[j].error / S + 8 * u * std::fabs(mean);
            const long double square = squares[j].value / S;
            const long double variance = square - mean * mean;
            const long double error = squares[j].error / S + 8 * u * square +
                                      2 * std::fabs(mean) * mean_error + mean_error * mean_error +
                                      8 * 0x1p-53L * (square + mean * mean);
            const long double actual = static_cast<long double>(noise[j]) / scale;
            ASSERT_LE(std::fabs(actual * actual - variance), error + 16 * u * actual * actual + 1e-30L)
                << "noise " << j;
        }
    });
}

// Sums over columns have the same bits in memory of the caller, and refuse less of it than they need; more rows never
// need less.
TYPED_TEST(LogisticPasses, ColumnSumsTakeAWorkspace) {
    using T = TypeParam;
    const std::size_t rows = 2100, cols = 70;
    const Matrix<T> X = make_matrix<T>(rows, cols, 71);
    const std::vector<T> y = random_signs<T>(rows, 72), w = normal_values<T>(cols + 1, 73, 0.1);
    ag_logistic_options own = logistic_options();
    own.fit_intercept = 1;
    const auto expect = [&](auto* view) {
        std::size_t bytes = 0, bytes_of_fewer = 0;
        auto fewer = *view;
        fewer.rows = 40;
        ASSERT_EQ(logistic_columns_workspace(view, &own, &bytes), AG_OK) << ag_last_error();
        ASSERT_EQ(logistic_columns_workspace(&fewer, &own, &bytes_of_fewer), AG_OK);
        EXPECT_GT(bytes, bytes_of_fewer) << "the problem should be cut into chunks";
        GuardedArray<unsigned char> memory(bytes);
        ag_logistic_options given = own;
        given.workspace = memory.data();
        given.workspace_size = bytes;
        const auto both = [&](auto call) {
            std::vector<T> one(cols + 1), other(cols + 1);
            ASSERT_EQ(call(&own, one.data()), AG_OK) << ag_last_error();
            ASSERT_EQ(call(&given, other.data()), AG_OK) << ag_last_error();
            EXPECT_TRUE(same_bits(one, other));
            EXPECT_TRUE(memory.intact());
            ag_logistic_options little = given;
            little.workspace_size = 1;
            EXPECT_EQ(call(&little, other.data()), AG_ERROR_SIZE);
            EXPECT_TRUE(same_bits(one, other));
        };
        both([&](auto* o, T* out) { return logistic_hessian_diagonal(view, y.data(), w.data(), o, out); });
        for (const ag_smoothness kind : {AG_SMOOTHNESS_COORDINATE, AG_SMOOTHNESS_ANISOTROPIC})
            both([&](auto* o, T* out) { return logistic_smoothness(view, y.data(), o, kind, out); });
        both([&](auto* o, T* out) { return logistic_noise(view, y.data(), w.data(), o, out); });
        given.workspace_size = bytes - 1;
        std::vector<T> out(cols + 1, 7);
        EXPECT_EQ(logistic_noise(view, y.data(), w.data(), &given, out.data()), AG_ERROR_SIZE);
        EXPECT_EQ(out, std::vector<T>(cols + 1, 7));
        EXPECT_EQ(logistic_columns_workspace(view, &own, nullptr), AG_ERROR_NULL_POINTER);
        EXPECT_EQ(logistic_columns_workspace(static_cast<decltype(view)>(nullptr), &own, &bytes),
                  AG_ERROR_NULL_POINTER);
    };
    const auto dense = X.as_dense();
    const auto csr = X.as_csr();
    const auto csr64 = X.as_csr64();
    on_every_isa([&](ag_isa) {
        expect(&dense);
        expect(&csr);
        expect(&csr64);
    });
}

// Rows that list a column twice: as if its entries had been added before.
TYPED_TEST(LogisticPasses, DuplicatesInARowAddUpFirst) {
    using T = TypeParam;
    const std::vector<std::int64_t> offsets = {0, 4, 6, 8}, merged_offsets = {0, 2, 4, 6};
    const std::vector<std::int32_t> columns = {2, 0, 2, 2, 1, 2, 2, 0}, merged_columns = {0, 2, 1, 2, 0, 2};
    // Sums that are exact in any order.
    const std::vector<T> values = {1, 3, -4, 0.5, 2, 8, 0.25, 2}, merged_values = {3, -2.5, 2, 8, 2, 0.25};
    const typename Api<T>::Csr X = {3, 3, offsets.data(), columns.data(), values.data()};
    const typename Api<T>::Csr merged = {3, 3, merged_offsets.data(), merged_columns.data(),
                                         merged_values.data()};
    const std::vector<T> y = {1, -1, 1}, w = {0.5, -1, 0.25};
    on_every_isa([&](ag_isa) {
        const auto both = [&](auto call, const char* what) {
            std::vector<T> one(3), other(3);
            ASSERT_EQ(call(&X, one.data()), AG_OK) << ag_last_error();
            ASSERT_EQ(call(&merged, other.data()), AG_OK);
            ASSERT_TRUE(same_bits(one, other)) << what;
        };
        both([&](auto* m, T* out) { return logistic_hessian_diagonal(m, y.data(), w.data(), nullptr, out); },
             "diagonal");
        for (const ag_smoothness kind : {AG_SMOOTHNESS_COORDINATE, AG_SMOOTHNESS_ANISOTROPIC})
            both([&](auto* m, T* out) { return logistic_smoothness(m, y.data(), nullptr, kind, out); },
                 "smoothness");
        both([&](auto* m, T* out) { return logistic_noise(m, y.data(), w.data(), nullptr, out); }, "noise");
    });
}

// The smoothness constants are what they say: the Hessian at any w is below the anisotropic ones, and its diagonal
// below the coordinates', which it reaches at w = 0.
TYPED_TEST(LogisticPasses, SmoothnessBoundsTheHessian) {
    using T = TypeParam;
    const std::size_t rows = 200, cols = 30;
    const Matrix<T> X = make_matrix<T>(rows, cols, 5, 0.4);
    const std::vector<T> y = random_signs<T>(rows, 6);
    ag_logistic_options o = logistic_options();
    o.fit_intercept = 1;
    o.l2 = 0.01;
    const auto csr = X.as_csr();
    std::vector<T> anisotropic(cols + 1), coordinate(cols + 1);
    ASSERT_EQ(logistic_smoothness(&csr, y.data(), &o, AG_SMOOTHNESS_ANISOTROPIC, anisotropic.data()), AG_OK);
    ASSERT_EQ(logistic_smoothness(&csr, y.data(), &o, AG_SMOOTHNESS_COORDINATE, coordinate.data()), AG_OK);
    const double slack = 1 + 1000 * double(std::numeric_limits<T>::epsilon());
    for (std::size_t trial = 0; trial < 50; ++trial) {
        const std::vector<T> w = normal_values<T>(cols + 1, trial, trial == 0 ? 0 : 0.3),
                             z = normal_values<T>(cols + 1, 1000 + trial);
        std::vector<T> product(cols + 1), diagonal(cols + 1);
        ASSERT_EQ(logistic_hessian_vector(&csr, y.data(), w.data(), z.data(), &o, product.data()), AG_OK);
        ASSERT_EQ(logistic_hessian_diagonal(&csr, y.data(), w.data(), &o, diagonal.data()), AG_OK);
        double form = 0, bound = 0;
        for (std::size_t j = 0; j <= cols; ++j) {
            form += double(z[j]) * double(product[j]);
            bound += double(anisotropic[j]) * double(z[j]) * double(z[j]);
            EXPECT_LE(double(diagonal[j]), slack * double(coordinate[j])) << j;
            EXPECT_LE(double(coordinate[j]), slack * double(anisotropic[j])) << j;
            if (trial == 0) {
                EXPECT_GE(slack * double(diagonal[j]), double(coordinate[j])) << j;
            }
        }
        EXPECT_LE(form, slack * bound);
    }
}

// ---- The loss layer ------------------------------------------------------------------------------------

// How exact they are is measured in tests/accuracy/. Here: in place, without the other outputs, and row by row they are
// the same.
TYPED_TEST(LogisticPasses, RowsFromMarginsAreTheSameHoweverTheyAreAskedFor) {
    using T = TypeParam;
    const double range = sizeof(T) == 4 ? 120 : 800;
    const std::size_t n = cases(20000);
    Random random(21);
    std::vector<T> margin(n), sign(n), probability(n);
    for (std::size_t i = 0; i < n; ++i) {
        margin[i] = static_cast<T>(i % 2 == 0 ? random.uniform(-range, range) : random.uniform(-20, 20));
        sign[i] = random.below(2) == 0 ? T(-1) : T(1);
        probability[i] = static_cast<T>(random.uniform(0, 1));
    }
    for (const bool between : {false, true}) {
        const std::vector<T>& y = between ? probability : sign;
        ag_logistic_options o = logistic_options();
        o.labels = between ? AG_LABELS_PROBABILITY : AG_LABELS_PLUS_MINUS_ONE;
        on_every_isa([&](ag_isa) {
            std::vector<T> residuals(n), curvatures(n), alone(margin);
            double total = 0;
            ASSERT_EQ(Api<T>::from_margins(n, margin.data(), y.data(), &o, &total, residuals.data(),
                                           curvatures.data()),
                      AG_OK);
            ASSERT_EQ(Api<T>::from_margins(n, alone.data(), y.data(), &o, nullptr, alone.data(), nullptr),
                      AG_OK)
                << ag_last_error();
            ASSERT_TRUE(same_bits(alone, residuals));
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) {
                double one = 0;
                T residual = 0, curvature = 0;
                ASSERT_EQ(Api<T>::from_margins(1, &margin[i], &y[i], &o, &one, &residual, &curvature), AG_OK);
                ASSERT_TRUE(same_bits(residual, residuals[i]) && same_bits(curvature, curvatures[i]));
                sum += one;
            }
            EXPECT_NEAR(total, sum / double(n), 1e-12 * total);
        });
    }
}

TYPED_TEST(LogisticPasses, EveryFiniteMarginIsFineAndANanStaysWhereItIs) {
    using T = TypeParam;
    const T huge = std::numeric_limits<T>::max(), infinity = std::numeric_limits<T>::infinity(),
            nan = std::numeric_limits<T>::quiet_NaN();
    const std::vector<T> margins = {0,    -T(0), 17, -37, 89, 104,  -710,     746,       T(1e30),
                                    huge, -huge, 1,  2,   3,  huge, infinity, -infinity, nan};
    const std::size_t finite = 15, n = margins.size();
    on_every_isa([&](ag_isa) {
        for (const T label : {T(0), T(1), T(0.5)}) {
            const std::vector<T> y(n, label);
            ag_logistic_options o = logistic_options();
            o.labels = AG_LABELS_PROBABILITY;
            for (const bool hard : {false, true}) {
                if (hard && label == T(0.5))
                    continue;
                o.labels = hard ? AG_LABELS_ZERO_ONE : AG_LABELS_PROBABILITY;
                std::vector<T> residuals(n), curvatures(n);
                ASSERT_EQ(Api<T>::from_margins(n, margins.data(), y.data(), &o, nullptr, residuals.data(),
                                               curvatures.data()),
                          AG_OK);
                for (std::size_t i = 0; i < n; ++i) {
                    double loss = 0;
                    ASSERT_EQ(Api<T>::from_margins(1, &margins[i], &y[i], &o, &loss, nullptr, nullptr),
                              AG_OK);
                    EXPECT_EQ(std::isnan(residuals[i]), i == n - 1) << margins[i];
                    EXPECT_EQ(std::isnan(curvatures[i]), i == n - 1) << margins[i];
                    EXPECT_EQ(std::isnan(loss), i == n - 1) << margins[i];
                    if (i < finite) {
                        EXPECT_TRUE(std::isfinite(loss)) << margins[i];
                        EXPECT_LE(std::fabs(residuals[i]), 1);
                        EXPECT_TRUE(curvatures[i] >= 0 && curvatures[i] <= T(0.25));
                    }
                }
                // Labels of the two classes, whatever their encoding, give the same bits.
                if (!hard && label != T(0.5)) {
                    std::vector<T> of_class(n);
                    ag_logistic_options classes = o;
                    classes.labels = AG_LABELS_ZERO_ONE;
                    ASSERT_EQ(Api<T>::from_margins(n - 1, margins.data(), y.data(), &classes, nullptr,
                                                   of_class.data(), nullptr),
                              AG_OK);
                    for (std::size_t i = 0; i + 1 < n; ++i)
                        EXPECT_EQ(of_class[i], residuals[i]) << margins[i];
                }
            }
        }
    });
}

// ---- Every ISA and thread count ------------------------------------------------------------------------

TYPED_TEST(LogisticPasses, IsasAndThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    struct Shape {
        Form form;
        std::size_t rows, cols;
        double density;
    };
    for (const Shape& shape :
         {Shape{Form::dense, 4000, 61, 1}, Shape{Form::dense, 9000, 28, 1}, Shape{Form::dense, 405, 700, 1},
          Shape{Form::csr, 9000, 300, 0.06}, Shape{Form::csr64, 9000, 300, 0.06}}) {
        const Form form = shape.form;
        const std::size_t rows = shape.rows, cols = shape.cols;
        SCOPED_TRACE("form " + std::to_string(static_cast<int>(form)) + ", " + std::to_string(cols) +
                     " columns");
        const Matrix<T> X = make_matrix<T>(rows, cols, 8, shape.density);
        const std::vector<T> y = random_signs<T>(rows, 9), w = normal_values<T>(cols + 1, 10, 0.3),
                             u = normal_values<T>(cols + 1, 13);
        const std::vector<T> weights = absolute(normal_values<T>(rows, 11));
        Random random(12);
        std::vector<std::int64_t> indices(rows);
        for (auto& i : indices)
            i = static_cast<std::int64_t>(random.below(rows));
        ag_logistic_options o = logistic_options();
        o.fit_intercept = 1;
        o.sample_weight = weights.data();
        o.l2 = 0.01;
        for (const bool batch : {false, true}) {
            o.row_indices = batch ? indices.data() : nullptr;
            o.row_count = batch ? rows : 0;
            o.label_smoothing = batch ? 0.1 : 0;
            std::vector<std::vector<T>> first;
            on_every_isa_and_thread_count([&] {
                std::vector<std::vector<T>> all(7, std::vector<T>(cols + 1));
                all[5].resize(rows);
                all[6].resize(2 * rows);
                with_form(form, X, [&](auto* view) {
                    EXPECT_EQ(logistic_hessian_vector(view, y.data(), w.data(), u.data(), &o, all[0].data()),
                              AG_OK);
                    EXPECT_EQ(logistic_hessian_diagonal(view, y.data(), w.data(), &o, all[1].data()), AG_OK);
                    EXPECT_EQ(logistic_noise(view, y.data(), w.data(), &o, all[2].data()), AG_OK);
                    for (const ag_smoothness kind : {AG_SMOOTHNESS_COORDINATE, AG_SMOOTHNESS_ANISOTROPIC})
                        EXPECT_EQ(logistic_smoothness(view, y.data(), &o, kind,
                                                      all[3 + static_cast<std::size_t>(kind)].data()),
                                  AG_OK);
                    EXPECT_EQ(logistic_margins(view, w.data(), &o, all[5].data()), AG_OK);
                    return 0;
                });
                double loss = 0;
                EXPECT_EQ(Api<T>::from_margins(rows, all[5].data(), y.data(), &o, &loss, all[6].data(),
                                               all[6].data() + rows),
                          AG_OK);
                all[6].push_back(static_cast<T>(loss));
                if (first.empty())
                    first = all;
                for (std::size_t k = 0; k < all.size(); ++k)
                    ASSERT_TRUE(same_bits(all[k], first[k])) << "result " << k;
            });
        }
    }
}

// Rows, labels, weights and vectors end at inaccessible pages.
TYPED_TEST(LogisticPasses, ReadNothingBeyondTheEnds) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        for (const std::size_t cols : {1, 5, 16, 33})
            for (const std::size_t rows : {3, 19, 260})
                for (const std::size_t gap : gaps) {
                    const Matrix<T> X = make_matrix<T>(rows, cols, cols, 0.7);
                    GuardedArray<T> dense(X.dense, gap), values(X.values, gap),
                        y(random_signs<T>(rows, 1), gap), w(normal_values<T>(cols, 2), gap),
                        u(normal_values<T>(cols, 4), gap), weights(absolute(normal_values<T>(rows, 3)), gap),
                        out(cols, gap), margins(rows, gap), residuals(rows, gap), curvatures(rows, gap);
                    GuardedArray<std::int32_t> columns(X.columns, gap);
                    GuardedArray<std::int64_t> columns64(X.columns64, gap), offsets(X.offsets, gap);
                    const typename Api<T>::Dense dense_view = {rows, cols, X.stride, dense.data()};
                    const typename Api<T>::Csr csr_view = {rows, cols, offsets.data(), columns.data(),
                                                           values.data()};
                    const typename Api<T>::Csr64 csr64_view = {rows, cols, offsets.data(), columns64.data(),
                                                               values.data()};
                    ag_logistic_options o = logistic_options();
                    o.sample_weight = weights.data();
                    const auto call = [&](auto* view) {
                        ASSERT_EQ(logistic_hessian_vector(view, y.data(), w.data(), u.data(), &o, out.data()),
                                  AG_OK);
                        ASSERT_EQ(logistic_hessian_diagonal(view, y.data(), w.data(), &o, out.data()), AG_OK);
                        ASSERT_EQ(logistic_noise(view, y.data(), w.data(), &o, out.data()), AG_OK);
                        ASSERT_EQ(
                            logistic_smoothness(view, y.data(), &o, AG_SMOOTHNESS_ANISOTROPIC, out.data()),
                            AG_OK);
                        ASSERT_EQ(logistic_probabilities(view, w.data(), &o, margins.data()), AG_OK);
                        ASSERT_EQ(logistic_margins(view, w.data(), &o, margins.data()), AG_OK);
                        ASSERT_EQ(Api<T>::from_margins(rows, margins.data(), y.data(), &o, nullptr,
                                                       residuals.data(), curvatures.data()),
                                  AG_OK);
                        ASSERT_TRUE(out.intact() && margins.intact() && residuals.intact() &&
                                    curvatures.intact() && dense.intact() && values.intact() &&
                                    columns.intact() && columns64.intact() && offsets.intact());
                        ASSERT_TRUE(y.intact() && w.intact() && u.intact() && weights.intact());
                    };
                    ASSERT_NO_FATAL_FAILURE(call(&dense_view));
                    ASSERT_NO_FATAL_FAILURE(call(&csr_view));
                    ASSERT_NO_FATAL_FAILURE(call(&csr64_view));
                }
    });
}

// No rows: no data term under SUM.
TYPED_TEST(LogisticPasses, EmptyProblems) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        const std::vector<T> w = {3, 4};
        const typename Api<T>::Dense dense = {0, 2, 2, nullptr};
        const typename Api<T>::Csr csr = {0, 2, nullptr, nullptr, nullptr};
        const T* const none = nullptr;
        T* const no_output = nullptr;
        ag_logistic_options o = logistic_options();
        o.reduction = AG_REDUCTION_SUM;
        o.l2 = 0.5;
        const auto expect = [&](auto* X) {
            std::vector<T> out(2, -1);
            ASSERT_EQ(logistic_hessian_vector(X, none, w.data(), w.data(), &o, out.data()), AG_OK);
            EXPECT_EQ(out, (std::vector<T>{1.5, 2}));
            ASSERT_EQ(logistic_hessian_diagonal(X, none, w.data(), &o, out.data()), AG_OK);
            EXPECT_EQ(out, (std::vector<T>{0.5, 0.5}));
            ASSERT_EQ(logistic_smoothness(X, none, &o, AG_SMOOTHNESS_COORDINATE, out.data()), AG_OK);
            EXPECT_EQ(out, (std::vector<T>{0.5, 0.5}));
            ASSERT_EQ(logistic_noise(X, none, w.data(), &o, out.data()), AG_OK);
            EXPECT_EQ(out, (std::vector<T>{0, 0}));
            EXPECT_EQ(logistic_margins(X, w.data(), &o, no_output), AG_OK);
        };
        expect(&dense);
        expect(&csr);
        double loss = 7;
        EXPECT_EQ(Api<T>::from_margins(0, none, none, &o, &loss, no_output, no_output), AG_OK);
        EXPECT_EQ(loss, 0);
    });
}

} // namespace
