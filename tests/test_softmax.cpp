// SPDX-License-Identifier: BSD-3-Clause
#include "tests/reference/logistic_passes.hpp"
#include "tests/support/matrix.hpp"

namespace {

using namespace test;
using reference::Bounded;

template <class T>
class Softmax : public ::testing::Test {};
TYPED_TEST_SUITE(Softmax, Types);

template <class T>
struct Problem {
    std::size_t classes;
    Matrix<T> X;
    std::vector<std::int32_t> y;
    std::vector<T> w, weights;
    std::vector<std::int64_t> indices;
    std::vector<std::size_t> visited;
    ag_logistic_options o = logistic_options();

    Problem(std::size_t rows, std::size_t cols, std::size_t class_count, std::uint64_t seed, bool sparse)
        : classes(class_count) {
        Random random(seed);
        const auto coin = [&] { return random.below(2) == 1; };
        X = make_matrix<T>(rows, cols, random.bits(), sparse ? 0.3 : 1);
        o.reduction = coin() ? AG_REDUCTION_MEAN : AG_REDUCTION_SUM;
        o.fit_intercept = coin();
        o.l2 = coin() ? 0.3 : 0;
        for (std::size_t i = 0; i < rows; ++i)
            y.push_back(static_cast<std::int32_t>(random.below(classes)));
        weights = absolute(normal_values<T>(rows, random.bits()));
        o.sample_weight = coin() ? weights.data() : nullptr;
        w = normal_values<T>(classes * parameters(), random.bits(), 0.5);
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

    std::size_t parameters() const { return X.cols + (o.fit_intercept != 0 ? 1 : 0); }
};

// The loss and the gradient with bounds: a margin's error moves the loss by at most twice itself and a probability by half
// of it; given the margins, K + 6 ULP.
template <class T>
void reference_softmax(const Problem<T>& p, Bounded& loss, std::vector<Bounded>& gradient) {
    const long double u = std::numeric_limits<T>::epsilon() / 2, tiny = std::numeric_limits<T>::denorm_min();
    const bool intercept = p.o.fit_intercept != 0;
    const std::size_t parameters = p.parameters(), K = p.classes;
    std::vector<std::vector<Bounded>> residuals(K);
    long double total_weight = 0;
    loss = {};
    for (const std::size_t i : p.visited) {
        const long double s = p.o.sample_weight != nullptr ? p.weights[i] : T(1);
        total_weight += s;
        std::vector<Bounded> margin;
        long double largest = -1e300L, error = 0, magnitude = 0;
        for (std::size_t k = 0; k < K; ++k) {
            const auto first = p.w.begin() + static_cast<std::ptrdiff_t>(k * parameters);
            margin.push_back(reference::dot(
                p.X.reference.row[i], std::vector<T>(first, first + static_cast<std::ptrdiff_t>(parameters)),
                p.X.cols, intercept));
            largest = std::max(largest, margin.back().value);
            error = std::max(error, margin.back().error);
            magnitude = std::max(magnitude, std::fabs(margin.back().value));
        }
        error += 2 * u * magnitude; // the difference from the largest
        long double sum = 0;
        for (const Bounded& m : margin)
            sum += std::exp(m.value - largest);
        const auto label = static_cast<std::size_t>(p.y[i]);
        const long double row_loss = std::log(sum) + (largest - margin[label].value);
        const long double ulps = 2 * (static_cast<long double>(K) + 8) * u;
        loss.value += s * row_loss;
        loss.error += s * (2 * error + ulps * row_loss + 4 * u + 4 * tiny);
        for (std::size_t k = 0; k < K; ++k) {
            const long double probability = std::exp(margin[k].value - largest) / sum;
            const long double residual = s * (probability - (k == label ? 1 : 0));
            residuals[k].push_back({residual, s * error / 2 + ulps * std::fabs(residual) + 4 * tiny});
        }
    }
    const long double divisor = p.o.reduction == AG_REDUCTION_MEAN ? total_weight : 1;
    long double norm = 0;
    gradient.clear();
    for (std::size_t k = 0; k < K; ++k) {
        const auto sums = reference::column_sums(p.X.reference, p.visited, residuals[k], 1);
        for (std::size_t j = 0; j < parameters; ++j) {
            const long double w = p.w[k * parameters + j];
            norm += j < p.X.cols ? w * w : 0;
            gradient.push_back(reference::finished<T>(sums[j], divisor, j < p.X.cols ? p.o.l2 * w : 0));
        }
    }
    loss.value = loss.value / divisor + p.o.l2 / 2 * norm;
    loss.error =
        loss.error / divisor + (static_cast<long double>(p.visited.size()) + 64) * 0x1p-53L * loss.value;
}

TYPED_TEST(Softmax, MatchesReference) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        std::uint64_t seed = 1;
        for (const Form form : all_forms)
            for (const std::size_t classes : {1, 2, 3, 10})
                for (const std::size_t cols : {1, 5, 17, 64})
                    for (const std::size_t rows : {1, 8, 33, 270}) {
                        const Problem<T> p(rows, cols, classes, ++seed, form != Form::dense);
                        SCOPED_TRACE("rows " + std::to_string(rows) + ", cols " + std::to_string(cols) +
                                     ", classes " + std::to_string(classes) + ", form " +
                                     std::to_string(static_cast<int>(form)));
                        GuardedArray<T> gradient(p.w.size(), 1), w(p.w);
                        std::vector<T> gradient_alone(p.w.size());
                        double loss = 0, loss_alone = 1;
                        with_form(form, p.X, [&](auto* X) {
                            EXPECT_EQ(softmax(X, classes, p.y.data(), w.data(), &p.o, &loss, gradient.data()),
                                      AG_OK)
                                << ag_last_error();
                            EXPECT_EQ(softmax(X, classes, p.y.data(), p.w.data(), &p.o, &loss_alone,
                                              static_cast<T*>(nullptr)),
                                      AG_OK);
                            EXPECT_EQ(softmax(X, classes, p.y.data(), p.w.data(), &p.o, nullptr,
                                              gradient_alone.data()),
                                      AG_OK);
                            return 0;
                        });
                        ASSERT_TRUE(gradient.intact() && w.intact());
                        ASSERT_TRUE(same_bits(loss, loss_alone));
                        ASSERT_TRUE(same_bits(gradient.values(), gradient_alone));
                        Bounded expected_loss;
                        std::vector<Bounded> expected;
                        reference_softmax(p, expected_loss, expected);
                        ASSERT_LE(std::fabs(loss - expected_loss.value), expected_loss.error);
                        for (std::size_t j = 0; j < expected.size(); ++j)
                            ASSERT_LE(std::fabs(gradient[j] - expected[j].value), expected[j].error) << j;
                    }
    });
}

// Two classes are binary logistic regression: p_1 = sigmoid(m_1 - m_0).
TYPED_TEST(Softmax, TwoClassesAreLogisticRegression) {
    using T = TypeParam;
    const Matrix<T> X = make_matrix<T>(300, 20, 5);
    const std::vector<T> signs = random_signs<T>(300, 6), w = normal_values<T>(20, 7);
    std::vector<T> both(40);
    std::copy(w.begin(), w.end(), both.begin() + 20); // class 0: zeros
    std::vector<std::int32_t> y;
    for (const T s : signs)
        y.push_back(s > 0);
    const auto view = X.as_dense();
    double loss = 0, binary_loss = 0;
    std::vector<T> gradient(40), binary(20);
    ASSERT_EQ(softmax(&view, 2, y.data(), both.data(), nullptr, &loss, gradient.data()), AG_OK);
    ASSERT_EQ(Api<T>::logistic_dense(&view, signs.data(), w.data(), nullptr, &binary_loss, binary.data()),
              AG_OK);
    const double u = double(std::numeric_limits<T>::epsilon());
    EXPECT_NEAR(loss, binary_loss, 20 * u * binary_loss);
    for (std::size_t j = 0; j < 20; ++j) {
        EXPECT_NEAR(gradient[20 + j], binary[j], 300 * u);
        EXPECT_NEAR(gradient[j], -binary[j], 300 * u);
    }
}

TYPED_TEST(Softmax, IsasThreadsAndWorkspacesDoNotChangeTheResult) {
    using T = TypeParam;
    const std::size_t classes = 5;
    for (const Form form : all_forms) {
        const std::size_t rows = 3000, cols = form == Form::dense ? 61 : 300;
        const Matrix<T> X = make_matrix<T>(rows, cols, 8, form == Form::dense ? 1 : 0.06);
        Random random(4);
        std::vector<std::int32_t> y;
        for (std::size_t i = 0; i < rows; ++i)
            y.push_back(static_cast<std::int32_t>(random.below(classes)));
        const std::vector<T> w = normal_values<T>(classes * (cols + 1), 10, 0.3);
        ag_logistic_options o = logistic_options();
        o.fit_intercept = 1;
        o.l2 = 0.01;
        with_form(form, X, [&](auto* view) {
            std::size_t bytes = 0;
            EXPECT_EQ(softmax_workspace(view, classes, &o, &bytes), AG_OK) << ag_last_error();
            GuardedArray<unsigned char> memory(bytes);
            double first_loss = 0;
            std::vector<T> first;
            on_every_isa_and_thread_count([&] {
                for (const bool own : {false, true}) {
                    o.workspace = own ? memory.data() : nullptr;
                    o.workspace_size = own ? bytes : 0;
                    double loss = 0;
                    std::vector<T> gradient(w.size());
                    ASSERT_EQ(softmax(view, classes, y.data(), w.data(), &o, &loss, gradient.data()), AG_OK)
                        << ag_last_error();
                    if (first.empty()) {
                        first = gradient;
                        first_loss = loss;
                    }
                    ASSERT_TRUE(same_bits(loss, first_loss));
                    ASSERT_TRUE(same_bits(gradient, first));
                    ASSERT_TRUE(memory.intact());
                }
            });
            o.workspace = memory.data();
            o.workspace_size = 1;
            double loss = 7;
            std::vector<T> gradient(w.size(), 7);
            EXPECT_EQ(softmax(view, classes, y.data(), w.data(), &o, &loss, gradient.data()), AG_ERROR_SIZE);
            EXPECT_EQ(loss, 7);
            EXPECT_EQ(gradient, std::vector<T>(w.size(), 7));
            o.workspace = nullptr;
            return 0;
        });
    }
}

TYPED_TEST(Softmax, ExtremeMarginsAreFineAndANanStaysInItsRow) {
    using T = TypeParam;
    const T huge = std::numeric_limits<T>::max() / 4;
    // One column; three rows of 1, of which the second is scaled to 0 and the third is NaN.
    const std::vector<T> x = {1, 0, std::numeric_limits<T>::quiet_NaN()}, w = {huge, -huge, T(1)};
    const std::vector<std::int32_t> y = {1, 2, 0};
    const typename Api<T>::Dense X = {3, 1, 1, x.data()};
    on_every_isa([&](ag_isa) {
        for (std::int64_t row = 0; row < 3; ++row) {
            ag_logistic_options o = logistic_options();
            o.row_indices = &row;
            o.row_count = 1;
            double loss = 0;
            std::vector<T> gradient(3);
            ASSERT_EQ(softmax(&X, 3, y.data(), w.data(), &o, &loss, gradient.data()), AG_OK);
            EXPECT_EQ(std::isnan(loss), row == 2);
            for (const T g : gradient)
                EXPECT_EQ(std::isnan(g), row == 2);
            if (row == 0) {
                EXPECT_EQ(loss, 2 * double(huge));
                EXPECT_EQ(gradient, (std::vector<T>{1, -1, 0}));
            }
            if (row == 1) {
                EXPECT_NEAR(loss, std::log(3.0), 1e-6);
            }
        }
    });
}

TYPED_TEST(Softmax, RowsThatAreNotVisitedMayHoldAnyClass) {
    using T = TypeParam;
    const std::vector<T> x(12, 1), w(9, 1);
    const typename Api<T>::Dense X = {4, 3, 3, x.data()};
    const std::int64_t first = 0;
    const std::int32_t y[] = {1, 9, 9, 9};
    ag_logistic_options o = logistic_options();
    o.row_indices = &first;
    o.row_count = 1;
    double loss = 0;
    EXPECT_EQ(softmax(&X, 3, y, w.data(), &o, &loss, static_cast<T*>(nullptr)), AG_OK) << ag_last_error();
}

// Also where the margin that is not finite is the largest, and its row's label.
TEST(Softmax, AMarginThatIsNotFiniteGivesNaN) {
    const double infinity = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();
    const double one = 1;
    const ag_dense_f64 X = {1, 1, 1, &one};
    on_every_isa([&](ag_isa) {
        for (const std::vector<double>& w : {std::vector<double>{not_a_number},
                                             {infinity},
                                             {infinity, 0},
                                             {0, infinity},
                                             {not_a_number, 0},
                                             {0, not_a_number},
                                             {-infinity, infinity}})
            for (std::int32_t label = 0; label < static_cast<std::int32_t>(w.size()); ++label) {
                double loss = 0;
                std::vector<double> gradient(w.size());
                ASSERT_EQ(
                    ag_softmax_dense_f64(&X, w.size(), &label, w.data(), nullptr, &loss, gradient.data()),
                    AG_OK);
                const bool wins = w[static_cast<std::size_t>(label)] == infinity;
                EXPECT_TRUE(std::isnan(loss) || (!wins && loss == infinity)) << "label " << label;
                EXPECT_TRUE(std::isnan(gradient[static_cast<std::size_t>(label)])) << "label " << label;
            }
    });
}

} // namespace
