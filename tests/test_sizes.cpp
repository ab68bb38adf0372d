// SPDX-License-Identifier: BSD-3-Clause
//
// Sizes that no memory can hold: every function that has several sizes refuses those whose product, sum or bytes
// overflow, before it looks at any array.
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

#include <functional>

namespace {

using namespace test;

struct Refused {
    std::string name;
    std::function<ag_status()> call;
};

// Of two factors: products that overflow size_t (one to 0, one to a small number), and one that does not, but whose
// bytes are more than PTRDIFF_MAX.
template <class T>
std::vector<std::pair<std::size_t, std::size_t>> factors() {
    constexpr std::size_t half = std::size_t(1) << 32, most = PTRDIFF_MAX / sizeof(T);
    return {{half, half},          {half + 1, half},  {half, half + 1},
            {SIZE_MAX / 3 + 1, 3}, {most / 7 + 1, 7}, {7, most / 7 + 1}};
}

// Arrays that may not be touched: no memory is there.
template <class T>
T* nowhere(std::size_t place) {
    return reinterpret_cast<T*>(place * 4096);
}

template <class T>
std::vector<Refused> refused_calls(std::size_t a, std::size_t b) {
    using A = Api<T>;
    std::vector<Refused> all;
    T* const w = nowhere<T>(1);
    T* const v = nowhere<T>(2);
    const T* const g = nowhere<T>(3);
    static const std::int64_t indices[] = {0, 0}, zeros[] = {0, 0};
    static const std::int32_t short_indices[] = {0, 0};
    static const typename A::Bags bags = {1, zeros, nullptr, AG_POOLING_SUM};
    const auto add = [&](const char* name, std::function<ag_status()> call) { all.push_back({name, call}); };

    // Tables of a rows and b columns.
    add("rows", [=] { return A::rows(a, b, w, v, 1, indices, nullptr, g, nullptr); });
    add("rows, i32", [=] { return A::rows(a, b, w, v, 1, short_indices, nullptr, g, nullptr); });
    add("rows pooled", [=] { return A::rows(a, b, w, v, 0, indices, &bags, g, nullptr); });
    add("rows pooled, i32", [=] { return A::rows(a, b, w, v, 0, short_indices, &bags, g, nullptr); });
    add("rowwise", [=] { return A::rowwise(a, b, w, v, 1, indices, nullptr, g, nullptr); });
    add("rowwise, i32", [=] { return A::rowwise(a, b, w, v, 1, short_indices, nullptr, g, nullptr); });
    add("rowwise pooled", [=] { return A::rowwise(a, b, w, v, 0, indices, &bags, g, nullptr); });
    add("rowwise pooled, i32", [=] { return A::rowwise(a, b, w, v, 0, short_indices, &bags, g, nullptr); });
    // One row of b columns, and a gradients of it, or a bags.
    add("gradients of rows", [=] { return A::rows(1, b, w, v, a, indices, nullptr, g, nullptr); });
    add("gradients of rows, row-wise",
        [=] { return A::rowwise(1, b, w, v, a, indices, nullptr, g, nullptr); });

    static const ag_set box = make_set(AG_SET_BOX), ball = make_set(AG_SET_L2_BALL);
    for (const ag_set* set : {&box, &ball}) {
        add("project rows", [=] { return A::project_rows(a, b, b, w, nullptr, 0, nullptr, set); });
        add("project rows, stride",
            [=] { return A::project_rows(a + 1, 1, b, w, nullptr, 0, nullptr, set); });
        add("project rows, lambda", [=] { return A::project_rows(a + 1, 1, 1, w, g, b, nullptr, set); });
    }

    // A dense matrix of a rows and b columns, or of a + 1 rows that are b elements apart.
    const std::size_t rows = a, cols = b;
    for (const typename A::Dense X :
         {typename A::Dense{rows, cols, cols, g}, typename A::Dense{rows + 1, 1, cols, g}}) {
        static double loss;
        const T* const y = nowhere<T>(4);
        add("logistic", [=] { return A::logistic_dense(&X, y, g, nullptr, &loss, w); });
        add("margins", [=] { return logistic_margins(&X, g, nullptr, w); });
        add("probabilities", [=] { return logistic_probabilities(&X, g, nullptr, w); });
        add("hessian vector", [=] { return logistic_hessian_vector(&X, y, g, g, nullptr, w); });
        add("hessian diagonal", [=] { return logistic_hessian_diagonal(&X, y, g, nullptr, w); });
        add("smoothness", [=] { return logistic_smoothness(&X, y, nullptr, AG_SMOOTHNESS_COORDINATE, w); });
        add("noise", [=] { return logistic_noise(&X, y, g, nullptr, w); });
        add("softmax", [=] { return softmax(&X, 3, nowhere<std::int32_t>(4), g, nullptr, &loss, w); });
    }

    // Of a classes with b columns, the gradients.
    const typename A::Dense one_row = {1, b, b, g};
    const typename A::Csr csr = {1, b, zeros, short_indices, nullptr};
    const typename A::Csr64 csr64 = {1, b, zeros, indices, nullptr};
    const std::size_t classes = std::min(a, std::size_t(1) << 24); // more are refused for another reason
    const auto add_softmax = [&](const auto& X) {
        static double loss;
        static std::size_t bytes;
        add("softmax", [=] { return softmax(&X, classes, short_indices, g, nullptr, &loss, w); });
        add("softmax workspace", [=] { return softmax_workspace(&X, classes, nullptr, &bytes); });
    };
    if (b > PTRDIFF_MAX / sizeof(T) / classes) {
        add_softmax(one_row);
        add_softmax(csr);
        add_softmax(csr64);
    }
    return all;
}

// Matrices of 16 bits, with the products above.
std::vector<Refused> refused_calls_of_16_bits(std::size_t a, std::size_t b) {
    const ag_bf16* const x = nowhere<ag_bf16>(1);
    float *const y = nowhere<float>(2), *const w = nowhere<float>(3), *const out = nowhere<float>(4);
    static double loss;
    std::vector<Refused> all;
    for (const bool strided : {false, true}) {
        const ag_dense_bf16 bf16 = {strided ? a + 1 : a, strided ? 1 : b, b, x};
        const ag_dense_f16 f16 = {bf16.rows, bf16.cols, b, x};
        all.push_back({"bf16", [=] { return ag_logistic_dense_bf16(&bf16, y, w, nullptr, &loss, out); }});
        all.push_back({"f16", [=] { return ag_logistic_dense_f16(&f16, y, w, nullptr, &loss, out); }});
        all.push_back(
            {"bf16 margins", [=] { return ag_logistic_margins_dense_bf16(&bf16, w, nullptr, out); }});
        all.push_back({"f16 margins", [=] { return ag_logistic_margins_dense_f16(&f16, w, nullptr, out); }});
        all.push_back({"bf16 probabilities",
                       [=] { return ag_logistic_probabilities_dense_bf16(&bf16, w, nullptr, out); }});
        all.push_back({"f16 probabilities",
                       [=] { return ag_logistic_probabilities_dense_f16(&f16, w, nullptr, out); }});
    }
    return all;
}

template <class T>
class Sizes : public ::testing::Test {};
TYPED_TEST_SUITE(Sizes, Types);

TYPED_TEST(Sizes, ProductsThatOverflowAreRefused) {
    for (const auto& [a, b] : factors<TypeParam>())
        for (const Refused& refused : refused_calls<TypeParam>(a, b)) {
            SCOPED_TRACE(refused.name + " " + std::to_string(a) + " x " + std::to_string(b));
            EXPECT_EQ(refused.call(), AG_ERROR_SIZE) << ag_last_error();
        }
}

TEST(SizesOf16Bits, ProductsThatOverflowAreRefused) {
    for (const auto& [a, b] : factors<std::uint16_t>())
        for (const Refused& refused : refused_calls_of_16_bits(a, b)) {
            SCOPED_TRACE(refused.name + " " + std::to_string(a) + " x " + std::to_string(b));
            EXPECT_EQ(refused.call(), AG_ERROR_SIZE) << ag_last_error();
        }
}

// Tensors each of which memory could hold, but not all.
TYPED_TEST(Sizes, SumsThatOverflowAreRefused) {
    using T = TypeParam;
    constexpr std::size_t most = PTRDIFF_MAX / sizeof(T);
    T* const w[] = {nowhere<T>(1), nowhere<T>(2), nowhere<T>(3), nowhere<T>(4), nowhere<T>(5)};
    for (const std::size_t count : {2, 3, 5}) {
        const std::vector<std::size_t> sizes(count, most / count + 1);
        EXPECT_EQ(Api<T>::adagrad_step_list(count, sizes.data(), w, w, w, nullptr), AG_ERROR_SIZE)
            << ag_last_error();
    }
    const std::vector<std::size_t> sizes(5, most); // together more than size_t holds
    EXPECT_EQ(Api<T>::adagrad_step_list(5, sizes.data(), w, w, w, nullptr), AG_ERROR_SIZE) << ag_last_error();
}

} // namespace
