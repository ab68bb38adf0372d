// SPDX-License-Identifier: BSD-3-Clause
//
// A bad element among many is found wherever it stands, and the first one is named.
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

#include <functional>

namespace {

using namespace test;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

template <class T>
class BadElements : public ::testing::Test {};
TYPED_TEST_SUITE(BadElements, Types);

// Arrays of n elements that are all in order, for the functions that search them for bad ones. The matrices
// have n rows: of one column, and of one stored entry.
template <class T>
struct LongArguments {
    std::size_t n;
    std::vector<T> x, g, v, lambda, low, high, y, weight, model;
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> offsets;
    typename Api<T>::Dense X;
    typename Api<T>::Csr S;
    ag_set set = make_set(AG_SET_BOX);
    ag_logistic_options logistic = logistic_options();

    explicit LongArguments(std::size_t size)
        : n(size), x(n, T(0.5)), g(n, 1), v(n, 1), lambda(n, 1), low(n, -1), high(n, 1), y(n, 1),
          weight(n, 1), model(40, 1), columns(n, 7),
          offsets(n + 1), X{n, 1, 1, x.data()}, S{n, 40, offsets.data(), columns.data(), nullptr} {
        for (std::size_t i = 0; i <= n; ++i)
            offsets[i] = static_cast<std::int64_t>(i);
    }
    LongArguments(const LongArguments&) = delete;
    LongArguments& operator=(const LongArguments&) = delete;

    // Changes an element until repair(). Numbers are double for every type of element.
    template <class Element>
    void spoil(std::vector<Element>& array, std::size_t position, double bad) {
        repairs.push_back([&array, position, good = array[position]] { array[position] = good; });
        array[position] = static_cast<Element>(bad);
    }
    void repair() {
        for (const auto& undo : repairs)
            undo();
        repairs.clear();
        set = make_set(AG_SET_BOX);
        logistic = logistic_options();
    }

private:
    std::vector<std::function<void()>> repairs;
};

template <class T>
struct Scan {
    const char* culprit; // in the message, before the position
    ag_status status;
    ag_status (*call)(LongArguments<T>&);
    std::vector<double> bad;
    void (*spoil)(LongArguments<T>&, std::size_t position, double bad);
};

template <class T>
std::vector<Scan<T>> scans() {
    using A = LongArguments<T>;
    const auto project = [](A& a) { return Api<T>::project(a.n, a.x.data(), a.lambda.data(), &a.set); };
    const auto projected_step = [](A& a) {
        return Api<T>::adagrad_step_projected(a.n, a.x.data(), a.g.data(), a.v.data(), nullptr, &a.set);
    };
    const auto dense = [](A& a) {
        return Api<T>::logistic_dense(&a.X, a.y.data(), a.model.data(), &a.logistic, nullptr, nullptr);
    };
    const auto csr = [](A& a) {
        return Api<T>::logistic_csr(&a.S, a.y.data(), a.model.data(), &a.logistic, nullptr, nullptr);
    };
    const auto lower_bound = [](A& a, std::size_t position, double bad) {
        a.set.lower_bounds = a.low.data();
        a.set.upper = 1;
        a.spoil(a.low, position, bad);
    };
    const auto upper_bound = [](A& a, std::size_t position, double bad) {
        a.set.lower = -1;
        a.set.upper_bounds = a.high.data();
        a.spoil(a.high, position, bad);
    };
    const auto lower_of_both = [](A& a, std::size_t position, double bad) {
        a.set.lower_bounds = a.low.data();
        a.set.upper_bounds = a.high.data();
        a.spoil(a.low, position, bad);
    };
    const auto upper_of_both = [](A& a, std::size_t position, double bad) {
        a.set.lower_bounds = a.low.data();
        a.set.upper_bounds = a.high.data();
        a.spoil(a.high, position, bad);
    };
    const auto linf_center = [](A& a, std::size_t position, double bad) {
        a.set.kind = AG_SET_LINF_BALL;
        a.set.center = a.low.data();
        a.spoil(a.low, position, bad);
    };
    const auto label = [](A& a, std::size_t position, double bad) { a.spoil(a.y, position, bad); };
    const auto zero_one_label = [](A& a, std::size_t position, double bad) {
        a.logistic.labels = AG_LABELS_ZERO_ONE;
        a.spoil(a.y, position, bad);
    };
    const auto probability = [](A& a, std::size_t position, double bad) {
        a.logistic.labels = AG_LABELS_PROBABILITY;
        a.spoil(a.y, position, bad);
    };
    const auto weight = [](A& a, std::size_t position, double bad) {
        a.logistic.sample_weight = a.weight.data();
        a.spoil(a.weight, position, bad);
    };
    return {
        {"lambda[",
         AG_ERROR_INVALID_VALUE,
         project,
         {0, -1, nan, infinity},
         [](A& a, std::size_t position, double bad) { a.spoil(a.lambda, position, bad); }},
        {"set->lower_bounds[", AG_ERROR_INVALID_VALUE, project, {nan, 1.5}, lower_bound},
        {"set->upper_bounds[", AG_ERROR_INVALID_VALUE, project, {nan, -1.5}, upper_bound},
        {"er_bounds[", AG_ERROR_INVALID_VALUE, project, {nan, 1.5}, lower_of_both},
        {"set->upper_bounds[", AG_ERROR_INVALID_VALUE, projected_step, {nan, -1.5}, upper_of_both},
        {"set->center[", AG_ERROR_INVALID_VALUE, project, {nan}, linf_center},
        {"y[", AG_ERROR_LABEL, dense, {0, 2, -0.5, nan, infinity}, label},
        {"y[", AG_ERROR_LABEL, csr, {-1, 2, nan}, zero_one_label},
        {"y[", AG_ERROR_LABEL, dense, {-0.5, 1.5, nan, infinity}, probability},
        {"sample_weight[", AG_ERROR_INVALID_VALUE, dense, {-1, nan, infinity}, weight},
        {"sample_weight[", AG_ERROR_INVALID_VALUE, csr, {-1, nan, infinity}, weight},
        {"X->columns[",
         AG_ERROR_OUT_OF_RANGE,
         csr,
         {-1, 40, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()},
         [](A& a, std::size_t position, double bad) { a.spoil(a.columns, position, bad); }},
        // The message has the offset's neighbour too.
        {"X->row_offsets[",
         AG_ERROR_OUT_OF_RANGE,
         csr,
         {-1, 1e6},
         [](A& a, std::size_t position, double bad) { a.spoil(a.offsets, position, bad); }},
    };
}

// Calls with the arguments as they are, repairs them, and checks that the call named this position.
template <class T>
void expect_found(const Scan<T>& scan, LongArguments<T>& a, std::size_t position) {
    const ag_status status = scan.call(a);
    const std::string message = ag_last_error(),
                      place = std::string("[").append(std::to_string(position)) + "]";
    a.repair();
    ASSERT_EQ(status, scan.status) << scan.culprit << position << ": " << message;
    ASSERT_NE(message.find(scan.culprit), std::string::npos) << message;
    ASSERT_NE(message.find(place), std::string::npos) << "\"" << message << "\" lacks " << place;
}

// Searches look at 4 packs at a time, and at the last elements one by one.
TYPED_TEST(BadElements, AreFoundAtEveryPosition) {
    using T = TypeParam;
    LongArguments<T> a(300);
    on_every_isa([&](ag_isa) {
        for (const Scan<T>& scan : scans<T>())
            for (const double bad : scan.bad)
                for (std::size_t position = 0; position < a.n; ++position) {
                    scan.spoil(a, position, bad);
                    ASSERT_NO_FATAL_FAILURE(expect_found(scan, a, position)) << "bad: " << bad;
                }
    });
}

// Searches are cut into blocks of 16 K elements, which threads share.
TYPED_TEST(BadElements, TheFirstIsReported) {
    using T = TypeParam;
    constexpr std::size_t block = 16 * 1024;
    LongArguments<T> a(threaded_size);
    on_every_isa([&](ag_isa) {
        for (const int threads : {1, 2}) {
            ASSERT_EQ(ag_set_num_threads(threads), AG_OK);
            for (const Scan<T>& scan : scans<T>())
                for (const std::vector<std::size_t>& positions : {std::vector{block - 1},
                                                                  {block},
                                                                  {a.n - 1},
                                                                  {std::size_t(5), block + 1},
                                                                  {block + 5, a.n - 1},
                                                                  {3 * block - 1, 10 * block},
                                                                  {10 * block + 3, 10 * block + 500}}) {
                    for (const std::size_t position : positions)
                        scan.spoil(a, position, scan.bad[0]);
                    ASSERT_NO_FATAL_FAILURE(expect_found(scan, a, positions[0])) << "threads " << threads;
                }
        }
        ASSERT_EQ(ag_set_num_threads(0), AG_OK);
    });
}

// Passes that read weights as they are look at each of them themselves, whatever its element does to the sums.
TYPED_TEST(BadElements, WeightsOfLongProjections) {
    using T = TypeParam;
    constexpr std::size_t n = 20'013; // two blocks, the last ends with a part of a pack
    std::vector<T> x = normal_values<T>(n, 1);
    std::vector<T> lambda = absolute(normal_values<T>(n, 2));
    on_every_isa([&](ag_isa isa) {
        for (const ag_set_kind kind :
             {AG_SET_L1_BALL, AG_SET_SIMPLEX, AG_SET_L2_BALL, AG_SET_SECOND_ORDER_CONE})
            for (const std::size_t position : {std::size_t(0), std::size_t(16'384), n - 14, n - 1})
                for (const double bad : {0.0, -0.0, -1.0, -1e-30, infinity, -infinity, nan})
                    for (const T value : {x[position], T(0), T(1e-30)}) {
                        std::vector<T> point = x, weights = lambda;
                        point[position] = value;
                        weights[position] = static_cast<T>(bad);
                        const std::vector<T> before = point;
                        ag_set set = make_set(kind);
                        set.radius = kind == AG_SET_L2_BALL ? 0.3 * std::sqrt(n) : 0.1 * n;
                        ASSERT_EQ(Api<T>::project(n, point.data(), weights.data(), &set),
                                  AG_ERROR_INVALID_VALUE)
                            << "kind " << kind << ", isa " << isa << ", " << bad << " at " << position;
                        const std::string message = ag_last_error();
                        ASSERT_NE(message.find("lambda[" + std::to_string(position) + "]"), std::string::npos)
                            << message;
                        ASSERT_TRUE(same_bits(point, before));
                    }
    });
}

} // namespace
