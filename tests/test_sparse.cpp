// SPDX-License-Identifier: BSD-3-Clause
//
// Steps of listed coordinates and rows: any order, repeats, bags, both index types.
#include "tests/reference/adagrad.hpp"
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

#include <numeric>

namespace {

using namespace test;

template <class T_, class Index_>
struct Element {
    using T = T_;
    using Index = Index_;
};

template <class E>
class Sparse : public ::testing::Test {};
using Elements = ::testing::Types<Element<float, std::int64_t>, Element<float, std::int32_t>,
                                  Element<double, std::int64_t>, Element<double, std::int32_t>>;
TYPED_TEST_SUITE(Sparse, Elements);

std::vector<ag_adagrad_options> option_cases() {
    std::vector<ag_adagrad_options> all(4, adagrad_options());
    all[1].epsilon_mode = AG_EPSILON_OUTSIDE;
    all[1].weight_decay = 0.125;
    all[1].gradient_scale = 0.3;
    all[1].maximize = 1;
    all[2].epsilon_mode = AG_EPSILON_INSIDE;
    all[2].decoupled_weight_decay = 0.7;
    all[2].l1 = 0.01;
    all[2].l2 = 0.5;
    all[3].math = AG_MATH_FAST; // changes nothing
    return all;
}

enum class Order { increasing, random, descending, equal, mostly_equal };
constexpr Order orders[] = {Order::increasing, Order::random, Order::descending, Order::equal,
                            Order::mostly_equal};

template <class Index>
std::vector<Index> make_list(Order order, std::size_t rows, std::size_t count, std::uint64_t seed) {
    Random random(seed);
    std::vector<Index> list(count);
    for (std::size_t k = 0; k < count; ++k) {
        std::size_t row = random.below(rows);
        if (order == Order::increasing)
            row = k * rows / count;
        else if (order == Order::descending)
            row = rows - 1 - k * rows / count;
        else if (order == Order::equal)
            row = rows / 2;
        else if (order == Order::mostly_equal && random.below(8) != 0)
            row = rows / 3;
        list[k] = static_cast<Index>(row);
    }
    return list;
}

// One of 20 combinations where emulators and valgrind run fewer cases, and there each call another one.
bool is_tried() {
    static std::size_t combination = 0;
    return combination++ % (20 / cases(20)) == 0;
}

// Bags of lengths 0 to 6 that hold the list.
std::vector<std::int64_t> make_offsets(std::size_t listed, std::uint64_t seed) {
    Random random(seed);
    std::vector<std::int64_t> offsets = {0, 0};
    while (static_cast<std::size_t>(offsets.back()) < listed)
        offsets.push_back(std::min<std::int64_t>(
            static_cast<std::int64_t>(listed), offsets.back() + static_cast<std::int64_t>(random.below(7))));
    offsets.push_back(offsets.back());
    return offsets;
}

// One call and its reference, from the same beginning.
template <class T, class Index>
void compare(std::size_t rows, std::size_t cols, const std::vector<Index>& list, bool one_per_row,
             const typename Api<T>::Bags* bags, const ag_adagrad_options& options, std::size_t gap) {
    const std::uint64_t seed = rows + 31 * cols + 1009 * list.size();
    std::vector<T> w = mixed_values<T>(rows * cols, seed),
                   v = absolute(mixed_values<T>(one_per_row ? rows : rows * cols, seed + 1));
    const std::vector<T> g = mixed_values<T>((bags != nullptr ? bags->count : list.size()) * cols, seed + 2);
    GuardedArray<T> w_array(w, gap), g_array(g, 2 * gap), v_array(v, 3 * gap);
    GuardedArray<Index> list_array(list, gap);
    reference::step_rows(rows, cols, w, v, one_per_row, list, bags, g, options);
    ASSERT_EQ((one_per_row ? Api<T>::template rowwise<Index>
                           : Api<T>::template rows<Index>)(rows, cols, w_array.data(), v_array.data(),
                                                           list.size(), list_array.data(), bags,
                                                           g_array.data(), &options),
              AG_OK)
        << ag_last_error();
    ASSERT_TRUE(same_bits(w_array.values(), w));
    ASSERT_TRUE(same_bits(v_array.values(), v));
    ASSERT_TRUE(w_array.intact() && g_array.intact() && v_array.intact() && list_array.intact());
    ASSERT_EQ(list_array.values(), list);
}

TYPED_TEST(Sparse, RowsEqualReference) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    on_every_isa([](ag_isa) {
        for (const std::size_t cols : {1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 100})
            for (const std::size_t count : {0, 1, 2, 40, 77})
                for (const Order order : orders)
                    for (const bool one_per_row : {false, true})
                        for (const ag_adagrad_options& options : option_cases()) {
                            if (!is_tried())
                                continue;
                            SCOPED_TRACE("cols " + std::to_string(cols) + " count " + std::to_string(count) +
                                         " order " + std::to_string(static_cast<int>(order)));
                            const std::size_t rows = 50;
                            const std::vector<Index> list =
                                make_list<Index>(count > rows ? Order::random : order, rows, count, cols);
                            compare<T, Index>(rows, cols, list, one_per_row, nullptr, options, count % 3);
                            if (::testing::Test::HasFatalFailure())
                                return;
                        }
    });
}

TYPED_TEST(Sparse, PooledRowsEqualReference) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    on_every_isa([](ag_isa) {
        for (const std::size_t cols : {1, 5, 16, 24, 64})
            for (const std::size_t count : {0, 1, 30, 400})
                for (const Order order : {Order::increasing, Order::random, Order::mostly_equal})
                    for (const ag_pooling pooling : {AG_POOLING_SUM, AG_POOLING_MEAN})
                        for (const bool weighted : {false, true})
                            for (const bool one_per_row : {false, true}) {
                                if (!is_tried())
                                    continue;
                                SCOPED_TRACE("cols " + std::to_string(cols) + " count " +
                                             std::to_string(count));
                                const std::size_t rows = 500;
                                const auto list = make_list<Index>(order, rows, count, cols);
                                const auto offsets = make_offsets(count, cols + 1);
                                const std::vector<T> weights = normal_values<T>(count, 9);
                                const typename Api<T>::Bags bags = {offsets.size() - 1, offsets.data(),
                                                                    weighted ? weights.data() : nullptr,
                                                                    pooling};
                                compare<T, Index>(rows, cols, list, one_per_row, &bags, option_cases()[1],
                                                  count % 2);
                                if (::testing::Test::HasFatalFailure())
                                    return;
                            }
    });
}

// Not NaN, which an infinite weight times a tail's padding would be.
TYPED_TEST(Sparse, InfiniteWeightsGiveInfiniteSums) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    on_every_isa([](ag_isa) {
        for (std::size_t cols = 2; cols <= 40; ++cols) {
            std::vector<T> w(cols, 1), v(1, 1);
            const std::vector<T> g(cols, 2), weights(1, std::numeric_limits<T>::infinity());
            const std::vector<Index> list(1, 0);
            const std::int64_t offsets[] = {0, 1};
            const typename Api<T>::Bags bags = {1, offsets, weights.data(), AG_POOLING_SUM};
            ASSERT_EQ(Api<T>::template rowwise<Index>(1, cols, w.data(), v.data(), 1, list.data(), &bags,
                                                      g.data(), nullptr),
                      AG_OK);
            ASSERT_EQ(v[0], std::numeric_limits<T>::infinity()) << cols;
        }
    });
}

TYPED_TEST(Sparse, CoordinatesEqualReference) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    on_every_isa([](ag_isa) {
        for (const std::size_t count : {0, 1, 3, 255, 256, 257, 1000})
            for (const Order order : orders)
                for (const ag_adagrad_options& options : option_cases()) {
                    const std::size_t n = 2000;
                    const auto list = make_list<Index>(order, n, count, count);
                    std::vector<T> w = mixed_values<T>(n, 1), v = absolute(mixed_values<T>(n, 2));
                    const std::vector<T> g = mixed_values<T>(count, 3);
                    GuardedArray<T> w_array(w), v_array(v), g_array(g);
                    const typename Api<T>::Bags* no_bags = nullptr;
                    reference::step_rows(n, 1, w, v, false, list, no_bags, g, options);
                    ASSERT_EQ(Api<T>::template sparse<Index>(n, w_array.data(), v_array.data(), count,
                                                             list.data(), g_array.data(), &options),
                              AG_OK);
                    ASSERT_TRUE(same_bits(w_array.values(), w)) << "count " << count;
                    ASSERT_TRUE(same_bits(v_array.values(), v)) << "count " << count;
                }
    });
}

// Every coordinate listed once, whatever the order, is the dense step.
TYPED_TEST(Sparse, AllCoordinatesAreADenseStep) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    on_every_isa([](ag_isa) {
        const std::size_t n = 3000;
        std::vector<Index> list(n);
        std::iota(list.begin(), list.end(), Index(0));
        Random random(5);
        const std::vector<T> w0 = mixed_values<T>(n, 1), v0 = absolute(mixed_values<T>(n, 2)),
                             g = mixed_values<T>(n, 3);
        std::vector<T> expected_w = w0, expected_v = v0;
        ASSERT_EQ(Api<T>::adagrad_step(n, expected_w.data(), g.data(), expected_v.data(), nullptr), AG_OK);
        for (const bool shuffled : {false, true}) {
            if (shuffled)
                for (std::size_t k = n; k > 1; --k)
                    std::swap(list[k - 1], list[random.below(k)]);
            std::vector<T> listed_g(n), w = w0, v = v0;
            for (std::size_t k = 0; k < n; ++k)
                listed_g[k] = g[static_cast<std::size_t>(list[k])];
            ASSERT_EQ(Api<T>::template sparse<Index>(n, w.data(), v.data(), n, list.data(), listed_g.data(),
                                                     nullptr),
                      AG_OK);
            ASSERT_TRUE(same_bits(w, expected_w));
            ASSERT_TRUE(same_bits(v, expected_v));
        }
    });
}

// Long lists: several digits of the sort, blocks that end within a run of equal rows, several threads.
TYPED_TEST(Sparse, ThreadsDoNotChangeTheResult) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    const std::size_t rows = 100000, cols = 6, count = 60000;
    for (const Order order : orders) {
        if (cases(20) < 20 && order != Order::random)
            continue;
        const auto list = make_list<Index>(order, rows, count, 3);
        const std::vector<T> w0 = normal_values<T>(rows * cols, 1), v0(rows * cols, 1),
                             g = normal_values<T>(count * cols, 2);
        const auto offsets = make_offsets(count, 4);
        const typename Api<T>::Bags bags = {offsets.size() - 1, offsets.data(), nullptr, AG_POOLING_MEAN};
        // The reference by a stable order of positions.
        std::vector<std::size_t> by_row(count);
        std::iota(by_row.begin(), by_row.end(), std::size_t{0});
        std::stable_sort(by_row.begin(), by_row.end(),
                         [&](std::size_t a, std::size_t b) { return list[a] < list[b]; });
        std::vector<T> expected_w = w0, expected_v = v0;
        for (std::size_t k = 0; k < count;) {
            const auto row = static_cast<std::size_t>(list[by_row[k]]);
            std::vector<T> sum(cols), row_w(cols), row_v(cols);
            for (std::size_t j = 0; j < cols; ++j) {
                sum[j] = g[by_row[k] * cols + j];
                row_w[j] = w0[row * cols + j];
                row_v[j] = v0[row * cols + j];
            }
            for (++k; k < count && static_cast<std::size_t>(list[by_row[k]]) == row; ++k)
                for (std::size_t j = 0; j < cols; ++j)
                    sum[j] += g[by_row[k] * cols + j];
            reference::adagrad_step(row_w, sum, row_v, adagrad_options());
            for (std::size_t j = 0; j < cols; ++j) {
                expected_w[row * cols + j] = row_w[j];
                expected_v[row * cols + j] = row_v[j];
            }
        }
        std::vector<T> pooled_w, rowwise_w;
        on_every_isa_and_thread_count([&] {
            std::vector<T> w = w0, v = v0;
            ASSERT_EQ(Api<T>::template rows<Index>(rows, cols, w.data(), v.data(), count, list.data(),
                                                   nullptr, g.data(), nullptr),
                      AG_OK);
            ASSERT_TRUE(same_bits(w, expected_w));
            ASSERT_TRUE(same_bits(v, expected_v));
            // Pooled and row-wise: the same as the first time.
            w = w0, v = v0;
            ASSERT_EQ(Api<T>::template rows<Index>(rows, cols, w.data(), v.data(), count, list.data(), &bags,
                                                   g.data(), nullptr),
                      AG_OK);
            if (pooled_w.empty())
                pooled_w = w;
            ASSERT_TRUE(same_bits(w, pooled_w));
            w = w0, v.assign(rows, 1);
            ASSERT_EQ(Api<T>::template rowwise<Index>(rows, cols, w.data(), v.data(), count, list.data(),
                                                      nullptr, g.data(), nullptr),
                      AG_OK);
            if (rowwise_w.empty())
                rowwise_w = w;
            ASSERT_TRUE(same_bits(w, rowwise_w));
        });
    }
}

TYPED_TEST(Sparse, EveryBadIndexIsRefused) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    on_every_isa([](ag_isa) {
        const std::size_t n = 1000;
        std::vector<T> w(n, 1), v(n, 1);
        for (const std::size_t count : {1, 5, 31, 64, 200}) {
            std::vector<Index> list(count);
            std::iota(list.begin(), list.end(), Index(7));
            const std::vector<T> g(count, 1);
            for (std::size_t k = 0; k < count; k += 1 + count / 20)
                for (const Index bad : {Index(-1), static_cast<Index>(n), std::numeric_limits<Index>::min(),
                                        std::numeric_limits<Index>::max()}) {
                    std::vector<Index> spoiled = list;
                    spoiled[k] = bad;
                    GuardedArray<Index> array(spoiled);
                    ASSERT_EQ(Api<T>::template sparse<Index>(n, w.data(), v.data(), count, array.data(),
                                                             g.data(), nullptr),
                              AG_ERROR_OUT_OF_RANGE);
                    ASSERT_NE(std::string(ag_last_error()).find("indices[" + std::to_string(k) + "]"),
                              std::string::npos)
                        << ag_last_error();
                }
        }
        EXPECT_EQ(w, std::vector<T>(n, 1));
        EXPECT_EQ(v, std::vector<T>(n, 1));
    });
}

TYPED_TEST(Sparse, NothingToDoIsASuccess) {
    using T = typename TypeParam::T;
    using Index = typename TypeParam::Index;
    T w[4] = {}, v[4] = {};
    const Index list[] = {3, 1, 3, 0};
    EXPECT_EQ(Api<T>::template rows<Index>(0, 5, nullptr, nullptr, 0, nullptr, nullptr, nullptr, nullptr),
              AG_OK);
    EXPECT_EQ(Api<T>::template rows<Index>(4, 0, nullptr, nullptr, 4, list, nullptr, nullptr, nullptr),
              AG_OK);
    EXPECT_EQ(Api<T>::template sparse<Index>(4, w, v, 0, nullptr, nullptr, nullptr), AG_OK);
}

} // namespace
