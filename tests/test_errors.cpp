// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls: each gives its status, a message that names the function and the culprit, and leaves every byte as it was.
// The tables are in tests/errors/.
#include "tests/errors/bad_calls.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace {

using namespace test;

const BadCalls& table() {
    static const BadCalls all = [] {
        BadCalls result;
        for (const auto add : {add_vectors, add_short_numbers, add_tensor_lists, add_listed_rows,
                               add_projections, add_matrices, add_margins, add_process_settings})
            add(result);
        return result;
    }();
    return all;
}

// The header's functions that return a status and take arguments.
std::set<std::string> functions_of_the_header() {
    std::ifstream file(ANISOGRAD_HEADER);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::regex declaration("AG_API ag_status (ag_\\w+)\\((?!void\\))");
    std::set<std::string> names;
    for (std::sregex_iterator match(text.begin(), text.end(), declaration), end; match != end; ++match)
        names.insert((*match)[1]);
    return names;
}

TEST(BadCalls, WriteNothingAndSayWhy) {
    on_every_isa([](ag_isa) {
        for (const BadCall& call : table().calls()) {
            const Outcome found = call.make();
            EXPECT_EQ(found.status, call.status)
                << call.function << ", " << call.culprit << ": " << found.message;
            EXPECT_EQ(found.message.rfind(call.function + ": ", 0), 0u)
                << call.function << ": " << found.message;
            EXPECT_NE(found.message.find(call.culprit, call.function.size() + 2), std::string::npos)
                << found.message << " lacks " << call.culprit;
            EXPECT_TRUE(found.untouched) << call.function << ", " << call.culprit;
        }
    });
}

// But for what is bad, their arguments are good.
TEST(BadCalls, SucceedWithGoodArguments) {
    for (const auto& [function, make] : table().good_calls()) {
        const Outcome found = make();
        EXPECT_EQ(found.status, AG_OK) << found.message;
        const bool writes = function != "ag_set_isa" && function != "ag_set_num_threads";
        EXPECT_EQ(found.untouched, !writes) << function;
    }
}

TEST(BadCalls, AreOfAllFunctions) {
    std::set<std::string> called;
    for (const BadCall& call : table().calls())
        called.insert(call.function);
    const std::set<std::string> declared = functions_of_the_header();
    EXPECT_GT(declared.size(), 100u) << "are the declarations in " << ANISOGRAD_HEADER << " read?";
    EXPECT_EQ(called, declared);
    std::printf("%zu bad calls of %zu functions\n", table().calls().size(), called.size());
    EXPECT_GE(table().calls().size(), 300u);
}

template <class T>
class Errors : public ::testing::Test {};
TYPED_TEST_SUITE(Errors, Types);

TYPED_TEST(Errors, NoElementsNeedNoPointers) {
    using T = TypeParam;
    const ag_set box = make_set(AG_SET_BOX), ball = make_set(AG_SET_L2_BALL);
    EXPECT_EQ(Api<T>::adagrad_init(0, nullptr, 0), AG_OK);
    EXPECT_EQ(Api<T>::adagrad_step(0, nullptr, nullptr, nullptr, nullptr), AG_OK);
    EXPECT_EQ(Api<T>::adagrad_step_projected(0, nullptr, nullptr, nullptr, nullptr, &box), AG_OK);
    EXPECT_EQ(Api<T>::adagrad_step_projected(0, nullptr, nullptr, nullptr, nullptr, &ball), AG_OK);
    EXPECT_EQ(Api<T>::sgd_step(0, nullptr, nullptr, nullptr), AG_OK);
    EXPECT_EQ(Api<T>::average(0, nullptr, nullptr, 1), AG_OK);
    EXPECT_EQ(Api<T>::project(0, nullptr, nullptr, &ball), AG_OK);
    EXPECT_EQ(Api<T>::exp(0, nullptr, nullptr), AG_OK);
}

TEST(ShortNumbers, NoElementsNeedNoPointers) {
    EXPECT_EQ(ag_adagrad_step_bf16(0, nullptr, nullptr, nullptr, nullptr), AG_OK);
    EXPECT_EQ(ag_adagrad_step_master_f16(0, nullptr, nullptr, nullptr, nullptr, nullptr), AG_OK);
    EXPECT_EQ(ag_adagrad_step_compressed_f32(0, nullptr, nullptr, nullptr, nullptr, nullptr), AG_OK);
}

// Rows that a batch does not visit may hold anything.
TYPED_TEST(Errors, OnlyVisitedRowsAreChecked) {
    using T = TypeParam;
    const std::vector<T> values(30 * 40, T(1)), w(40);
    std::vector<T> y(30, T(1)), weight(30, T(1));
    std::vector<std::int64_t> offsets;
    std::vector<std::int32_t> columns(90, 7);
    for (std::int64_t i = 0; i <= 30; ++i)
        offsets.push_back(3 * i);
    const std::vector<std::int64_t> indices = {0, 29, 5};
    ag_logistic_options options = logistic_options();
    options.row_indices = indices.data();
    options.row_count = 3;
    options.sample_weight = weight.data();
    y[13] = 5;
    weight[13] = -1;
    columns[40] = -1;
    offsets[20] = 1000;
    const typename Api<T>::Dense dense = {30, 40, 40, values.data()};
    const typename Api<T>::Csr csr = {30, 40, offsets.data(), columns.data(), values.data()};
    std::vector<T> gradient(40);
    EXPECT_EQ(logistic(&dense, y.data(), w.data(), &options, nullptr, gradient.data()), AG_OK)
        << ag_last_error();
    EXPECT_EQ(logistic(&csr, y.data(), w.data(), &options, nullptr, gradient.data()), AG_OK)
        << ag_last_error();
}

TEST(Status, NamesAndMessages) {
    for (ag_status s = AG_OK; s <= AG_ERROR_NOT_PROJECTED; ++s)
        EXPECT_EQ(std::string(ag_status_string(s)).rfind("AG_", 0), 0u);
    EXPECT_STREQ(ag_status_string(-1), "unknown ag_status");
    EXPECT_STREQ(ag_status_string(1000), "unknown ag_status");
    // A success leaves the message alone.
    double x = 0;
    ASSERT_EQ(ag_exp_f64(1, nullptr, &x), AG_ERROR_NULL_POINTER);
    const std::string message = ag_last_error();
    ASSERT_EQ(ag_exp_f64(1, &x, &x), AG_OK);
    EXPECT_EQ(ag_last_error(), message);
}

} // namespace
