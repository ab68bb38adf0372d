// SPDX-License-Identifier: BSD-3-Clause
//
// Mini-batches: shuffled indices, and sparse gradients.
#include "tests/reference/logistic_passes.hpp"
#include "tests/reference/short_floats.hpp"
#include "tests/support/matrix.hpp"

#include <map>
#include <numeric>

namespace {

using namespace test;
using reference::Bounded;

// ---- Shuffled indices ----------------------------------------------------------------------------------

// floor(a b / 2^64) for b < 2^32, by halves.
std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
    return ((a >> 32) * b + (((a & 0xffffffff) * b) >> 32)) >> 32;
}

std::vector<std::int64_t> reference_shuffle(std::size_t n, std::uint64_t seed, std::uint64_t epoch) {
    std::vector<std::int64_t> indices(n);
    std::iota(indices.begin(), indices.end(), 0);
    const auto key = reference::threefry(reference::words(epoch), reference::words(seed));
    for (std::size_t i = n; i-- > 1;) {
        const reference::Words bits = reference::threefry(reference::words(i), key);
        const std::uint64_t random = std::uint64_t{bits.high} << 32 | bits.low;
        std::swap(indices[i], indices[high_product(random, i + 1)]);
    }
    return indices;
}

TEST(Shuffle, IsTheDocumentedPermutation) {
    for (const std::size_t n : {0, 1, 2, 3, 10, 1000, 100000})
        for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{5}, ~std::uint64_t{0}})
            for (const std::uint64_t epoch : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40}) {
                GuardedArray<std::int64_t> indices(n, n % 2);
                ASSERT_EQ(ag_shuffle_indices(n, seed, epoch, indices.data()), AG_OK) << ag_last_error();
                ASSERT_TRUE(indices.intact());
                const std::vector<std::int64_t> values = indices.values();
                ASSERT_EQ(values, reference_shuffle(n, seed, epoch)) << n;
                std::vector<std::int64_t> sorted = values, all(n);
                std::sort(sorted.begin(), sorted.end());
                std::iota(all.begin(), all.end(), 0);
                ASSERT_EQ(sorted, all);
            }
    EXPECT_EQ(ag_shuffle_indices(0, 1, 1, nullptr), AG_OK);
}

// Each of 24 permutations in about a 24th of the epochs: chi-square with 23 degrees of freedom exceeds 49.7 in one of
// 1000 sequences, and this sequence is always the same.
TEST(Shuffle, PermutationsAreEquallyLikely) {
    std::map<std::vector<std::int64_t>, int> count;
    const int epochs = 24000;
    for (int epoch = 0; epoch < epochs; ++epoch) {
        std::vector<std::int64_t> indices(4);
        ASSERT_EQ(ag_shuffle_indices(4, 42, static_cast<std::uint64_t>(epoch), indices.data()), AG_OK);
        ++count[indices];
    }
    ASSERT_EQ(count.size(), 24u);
    double chi_square = 0;
    for (const auto& each : count)
        chi_square += (each.second - 1000.0) * (each.second - 1000.0) / 1000;
    EXPECT_LT(chi_square, 49.7);
}

// ---- Sparse gradients ----------------------------------------------------------------------------------

template <class T>
class SparseGradient : public ::testing::Test {};
TYPED_TEST_SUITE(SparseGradient, Types);

template <class T>
struct Result {
    double loss = 0;
    std::vector<std::int64_t> columns;
    std::vector<T> values;
};

template <class T, class View>
Result<T> sparse_gradient(const View& X, const T* y, const T* w, const ag_logistic_options& options) {
    Result<T> result;
    std::size_t capacity = 0, bytes = 0, count = 0;
    EXPECT_EQ(logistic_sparse_gradient_workspace(&X, &options, &capacity, &bytes), AG_OK) << ag_last_error();
    GuardedArray<std::int64_t> columns(capacity, 1);
    GuardedArray<T> values(capacity, 3);
    GuardedArray<unsigned char> workspace(bytes);
    ag_logistic_options own = options;
    own.workspace = workspace.data();
    own.workspace_size = bytes;
    double loss = 0;
    EXPECT_EQ(
        logistic_sparse_gradient(&X, y, w, &own, &loss, capacity, columns.data(), values.data(), &count),
        AG_OK)
        << ag_last_error();
    EXPECT_TRUE(columns.intact() && values.intact() && workspace.intact());
    EXPECT_LE(count, capacity);
    result.columns = columns.values();
    result.values = values.values();
    result.columns.resize(count);
    result.values.resize(count);
    // Without a workspace, and a capacity that just suffices, the same.
    std::vector<std::int64_t> columns_again(count);
    std::vector<T> values_again(count);
    std::size_t count_again = 0;
    EXPECT_EQ(logistic_sparse_gradient(&X, y, w, &options, &result.loss, count, columns_again.data(),
                                       values_again.data(), &count_again),
              AG_OK)
        << ag_last_error();
    EXPECT_EQ(count_again, count);
    EXPECT_EQ(columns_again, result.columns);
    EXPECT_TRUE(same_bits(values_again, result.values));
    EXPECT_TRUE(same_bits(loss, result.loss));
    return result;
}

// Of batches that are summed in one chunk: the bits of the gradient over all columns, which is 0 elsewhere.
TYPED_TEST(SparseGradient, IsTheGradientAtTheColumnsOfTheBatch) {
    using T = TypeParam;
    on_every_isa([](ag_isa) {
        Random random(7);
        for (std::size_t trial = 0; trial < 60; ++trial) {
            const std::size_t rows = 1 + random.below(200),
                              cols = 1 + random.below(trial % 2 == 0 ? 20 : 3000);
            const Matrix<T> X = make_matrix<T>(rows, cols, trial, cols < 30 ? 0.2 : 0.01);
            const std::vector<T> y = random_signs<T>(rows, trial), w = normal_values<T>(cols + 1, trial, 0.3);
            const std::vector<T> weights = absolute(normal_values<T>(rows, trial + 1));
            std::vector<std::int64_t> indices;
            for (std::size_t i = 0; i < 1 + random.below(40); ++i)
                indices.push_back(static_cast<std::int64_t>(random.below(rows)));
            ag_logistic_options o = logistic_options();
            o.fit_intercept = trial % 3 == 0;
            o.sample_weight = trial % 4 < 2 ? weights.data() : nullptr;
            o.reduction = trial % 5 == 0 ? AG_REDUCTION_SUM : AG_REDUCTION_MEAN;
            o.label_smoothing = trial % 7 == 0 ? 0.1 : 0;
            o.row_indices = trial % 6 == 5 ? nullptr : indices.data();
            o.row_count = indices.size();
            auto view = X.as_csr();
            auto view64 = X.as_csr64();
            if (trial % 8 == 3)
                view.values = view64.values = nullptr;
            std::size_t bytes = 1;
            ASSERT_EQ(Api<T>::logistic_csr_workspace(&view, &o, &bytes), AG_OK);
            ASSERT_EQ(bytes, 0u) << "the problem should need one gradient";
            double loss = 0;
            std::vector<T> gradient(cols + 1), expected(cols + 1);
            ASSERT_EQ(Api<T>::logistic_csr(&view, y.data(), w.data(), &o, &loss, expected.data()), AG_OK);
            const Result<T> found = sparse_gradient<T>(view, y.data(), w.data(), o);
            std::int64_t before = -1;
            for (std::size_t k = 0; k < found.columns.size(); ++k) {
                ASSERT_GT(found.columns[k], before);
                before = found.columns[k];
                gradient[static_cast<std::size_t>(before)] = found.values[k];
            }
            if (o.fit_intercept != 0) {
                ASSERT_EQ(before, static_cast<std::int64_t>(cols));
                // Summed in another order, in double.
                ASSERT_NEAR(gradient[cols], expected[cols],
                            1e-14 * double(rows) + double(std::numeric_limits<T>::epsilon()) *
                                                       std::fabs(double(expected[cols])));
                gradient[cols] = expected[cols];
            }
            for (std::size_t j = 0; j < cols; ++j)
                ASSERT_EQ(gradient[j], expected[j]) << "column " << j << ", trial " << trial;
            ASSERT_NEAR(found.loss, loss, 1e-13 * loss);
            const Result<T> found64 = sparse_gradient<T>(view64, y.data(), w.data(), o);
            ASSERT_EQ(found64.columns, found.columns);
            ASSERT_TRUE(same_bits(found64.values, found.values));
        }
    });
}

// The step that it is for: w and v have the bits of the step with the whole gradient.
TYPED_TEST(SparseGradient, FeedsTheSparseStep) {
    using T = TypeParam;
    const std::size_t rows = 100, cols = 500;
    const Matrix<T> X = make_matrix<T>(rows, cols, 3, 0.01);
    const std::vector<T> y = random_signs<T>(rows, 4);
    std::vector<T> w(cols), v(cols, T(1e-6)), dense_w = w, dense_v = v, gradient(cols);
    std::vector<std::int64_t> order(rows);
    ag_logistic_options o = logistic_options();
    const auto view = X.as_csr();
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
        ASSERT_EQ(ag_shuffle_indices(rows, 1, epoch, order.data()), AG_OK);
        for (std::size_t first = 0; first < rows; first += 10) {
            o.row_indices = order.data() + first;
            o.row_count = 10;
            const Result<T> found = sparse_gradient<T>(view, y.data(), w.data(), o);
            ASSERT_LT(found.columns.size(), cols);
            ASSERT_EQ(Api<T>::sparse(cols, w.data(), v.data(), found.columns.size(), found.columns.data(),
                                     found.values.data(), nullptr),
                      AG_OK)
                << ag_last_error();
            double loss = 0;
            ASSERT_EQ(Api<T>::logistic_csr(&view, y.data(), dense_w.data(), &o, &loss, gradient.data()),
                      AG_OK);
            ASSERT_EQ(Api<T>::adagrad_step(cols, dense_w.data(), gradient.data(), dense_v.data(), nullptr),
                      AG_OK);
            for (std::size_t j = 0; j < cols; ++j)
                ASSERT_TRUE(w[j] == dense_w[j] && v[j] == dense_v[j]) << j;
        }
    }
}

// Large batches, on every ISA and number of threads, within the reference's bounds.
TYPED_TEST(SparseGradient, IsasAndThreadsDoNotChangeTheResult) {
    using T = TypeParam;
    const std::size_t rows = 9000, cols = 300;
    const Matrix<T> X = make_matrix<T>(rows, cols, 8, 0.06);
    const std::vector<T> y = random_signs<T>(rows, 9), w = normal_values<T>(cols + 1, 10, 0.3);
    ag_logistic_options o = logistic_options();
    o.fit_intercept = 1;
    const auto view = X.as_csr();
    Result<T> first;
    on_every_isa_and_thread_count([&] {
        const Result<T> found = sparse_gradient<T>(view, y.data(), w.data(), o);
        if (first.columns.empty())
            first = found;
        ASSERT_EQ(found.columns, first.columns);
        ASSERT_TRUE(same_bits(found.values, first.values));
        ASSERT_TRUE(same_bits(found.loss, first.loss));
    });
    std::vector<std::size_t> visited(rows);
    std::iota(visited.begin(), visited.end(), std::size_t{0});
    const auto expected =
        reference::logistic(X.reference, visited, y, std::vector<T>(rows, 1), w, true, true, 0);
    EXPECT_LE(std::fabs(first.loss - expected.loss), expected.loss_bound);
    for (std::size_t k = 0; k < first.columns.size(); ++k) {
        const auto j = static_cast<std::size_t>(first.columns[k]);
        EXPECT_LE(std::fabs(first.values[k] - expected.gradient[j]), expected.gradient_bound[j]) << j;
    }
}

TYPED_TEST(SparseGradient, OfNoRowsAndOfEmptyRows) {
    using T = TypeParam;
    ag_logistic_options o = logistic_options();
    o.reduction = AG_REDUCTION_SUM;
    const std::vector<std::int64_t> offsets = {4, 4, 4};
    const typename Api<T>::Csr none = {0, 3, nullptr, nullptr, nullptr};
    const std::vector<std::int32_t> columns(4);
    const typename Api<T>::Csr empty = {2, 3, offsets.data(), columns.data(), nullptr};
    const std::vector<T> w(4), y(2, 1);
    const T* const no_labels = nullptr;
    EXPECT_TRUE(sparse_gradient<T>(none, no_labels, w.data(), o).columns.empty());
    EXPECT_TRUE(sparse_gradient<T>(empty, y.data(), w.data(), o).columns.empty());
    o.fit_intercept = 1;
    const Result<T> found = sparse_gradient<T>(empty, y.data(), w.data(), o);
    EXPECT_EQ(found.columns, (std::vector<std::int64_t>{3}));
    EXPECT_EQ(found.values, (std::vector<T>{-1}));
    EXPECT_NEAR(found.loss, 2 * std::log(2.0), 1e-6);
}

} // namespace
