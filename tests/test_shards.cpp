// SPDX-License-Identifier: BSD-3-Clause
//
// Sharded vectors: the bits, and the report, of a call with the whole vector, for any number of shards; and errors of
// one shard, of the reducer, and of calls that do not fit together, in every shard.
#include "tests/support/projected.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>

namespace {

using namespace test;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr ag_set_kind last_kind = AG_SET_GROUP_L1_BALL;

// Every kind of set; on emulators some.
std::vector<ag_set_kind> all_kinds() {
    std::vector<ag_set_kind> kinds;
    for (ag_set_kind kind = is_slow() ? 1 : 0; kind <= last_kind; kind += is_slow() ? 4 : 1)
        kinds.push_back(kind);
    return kinds;
}

template <class T>
class Shards : public ::testing::Test {};
TYPED_TEST_SUITE(Shards, Types);

// Adds up over threads, in an order of its own.
class Exchange {
public:
    // The shards add up in this order. The call of this number fails, in all of them.
    explicit Exchange(std::vector<std::size_t> order, std::size_t failing = SIZE_MAX)
        : order_(std::move(order)), failing_(failing), given_(order_.size()) {
        for (std::size_t shard = 0; shard < order_.size(); ++shard)
            members_.push_back({this, shard});
    }

    ag_reducer reducer(std::size_t shard, std::size_t total, std::size_t begin) {
        return {[](void* context, std::size_t count, double* values) {
                    const Member& member = *static_cast<Member*>(context);
                    return member.exchange->sum(member.shard, count, values);
                },
                &members_[shard], total, begin};
    }

    std::size_t calls() const { return calls_; }
    // Whether all shards have always asked for the same count, and none has waited in vain.
    bool in_step() const { return in_step_; }

private:
    struct Member {
        Exchange* exchange;
        std::size_t shard;
    };

    int sum(std::size_t shard, std::size_t count, double* values) {
        std::unique_lock lock(mutex_);
        given_[shard].assign(values, values + count);
        in_step_ = in_step_ && count <= 1024;
        const std::size_t call = calls_;
        if (++arrived_ == order_.size()) {
            result_.assign(count, 0);
            for (const std::size_t other : order_) {
                in_step_ = in_step_ && given_[other].size() == count;
                for (std::size_t i = 0; in_step_ && i < count; ++i)
                    result_[i] += given_[other][i];
            }
            arrived_ = 0;
            ++calls_;
            all_are_here_.notify_all();
        } else if (!all_are_here_.wait_for(lock, std::chrono::minutes(5), [&] { return calls_ != call; })) {
            in_step_ = false;
        }
        if (!in_step_ || call >= failing_)
            return 1;
        std::copy(result_.begin(), result_.end(), values);
        return 0;
    }

    std::vector<std::size_t> order_;
    std::size_t failing_;
    std::vector<std::vector<double>> given_;
    std::vector<Member> members_;
    std::mutex mutex_;
    std::condition_variable all_are_here_;
    std::vector<double> result_;
    std::size_t arrived_ = 0, calls_ = 0;
    bool in_step_ = true;
};

enum class Call { euclidean, weighted, step };
constexpr Call all_calls[] = {Call::euclidean, Call::weighted, Call::step};

// A vector, or a part of one, with all the arrays that its set's kind takes.
template <class T>
struct Problem {
    std::vector<T> x, g, v, lambda, center, normal, lower, upper;
    ag_set set;

    Problem(ag_set_kind kind, std::size_t n, std::uint64_t seed)
        : x(normal_values<T>(n, seed)), g(normal_values<T>(n, seed + 1)), set(make_set(kind)) {
        Random random(seed);
        v = filled<T>(n, [&](std::size_t j) { return j % 97 == 5 ? 0 : random.uniform(0.1, 10); });
        lambda = filled<T>(n, [&](std::size_t) { return random.uniform(0.1, 10); });
        if (seed % 2 == 0)
            center = normal_values<T>(n, seed + 2, 0.3);
        if (seed % 3 != 0 || kind == AG_SET_WEIGHTED_L1_BALL)
            normal = filled<T>(n, [&](std::size_t) { return random.uniform(0.25, 2); });
        if (seed % 2 == 0) {
            lower = filled<T>(n, [&](std::size_t) { return random.uniform(-2, -0.5); });
            upper = filled<T>(n, [&](std::size_t) { return random.uniform(0.5, 2); });
        }
        const double size = static_cast<double>(n);
        set.radius = kind == AG_SET_LINF_BALL        ? 0.7
                     : kind == AG_SET_L2_BALL        ? 0.6 * std::sqrt(size)
                     : kind == AG_SET_GROUP_L1_BALL  ? 0.05 * size
                     : kind == AG_SET_CAPPED_SIMPLEX ? 0.2 * size
                                                     : 0.3 * size;
        set.offset = -0.1 * size;
        set.lower_offset = -0.2 * size;
        set.lower = -1;
        set.upper = 1.5;
        set.group_length = n > 100000 && n < 1000000 ? 50000 : 7;
        refer_to_arrays();
    }

    Problem(const Problem&) = delete;

    // Elements begin ... begin + n - 1 of another.
    Problem(const Problem& whole, std::size_t begin, std::size_t n) : set(whole.set) {
        for (auto array : {&Problem::x, &Problem::g, &Problem::v, &Problem::lambda, &Problem::center,
                           &Problem::normal, &Problem::lower, &Problem::upper})
            if (const std::vector<T>& from = whole.*array; !from.empty())
                (this->*array).assign(from.data() + begin, from.data() + begin + n);
        refer_to_arrays();
    }

    // An empty shard has NULL where the others have arrays.
    void refer_to_arrays() {
        set.center = data_or_null(center);
        set.normal = data_or_null(normal);
        set.lower_bounds = data_or_null(lower);
        set.upper_bounds = data_or_null(upper);
    }

    ag_status run(Call call) {
        ag_adagrad_options options;
        ag_adagrad_options_init(&options);
        options.learning_rate = 0.25;
        if (call == Call::step)
            return Api<T>::adagrad_step_projected(x.size(), x.data(), g.data(), v.data(), &options, &set);
        return Api<T>::project(x.size(), x.data(), call == Call::weighted ? data_or_null(lambda) : nullptr,
                               &set);
    }
};

constexpr ag_projection_report unwritten = {-7.5, -7, -7};

template <class T>
struct Part {
    Problem<T> problem;
    std::size_t begin;
    Call call;
    ag_reducer reducer = {};
    ag_projection_report report = unwritten;
    ag_status status = -1;
    std::string message = {};
};

// The shards of a problem, cut at these multiples of the granule.
template <class T>
std::vector<std::unique_ptr<Part<T>>> cut(const Problem<T>& whole, const std::vector<std::size_t>& cuts,
                                          Call call) {
    const std::size_t total = whole.x.size();
    std::size_t granule = 0;
    EXPECT_EQ(ag_shard_granule(total, &whole.set, &granule), AG_OK) << ag_last_error();
    std::vector<std::unique_ptr<Part<T>>> parts;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const std::size_t begin = std::min(cuts[i] * granule, total),
                          end = std::min(cuts[i + 1] * granule, total);
        parts.push_back(std::unique_ptr<Part<T>>(
            new Part<T>{.problem = {whole, begin, end - begin}, .begin = begin, .call = call}));
    }
    return parts;
}

// So many shards of random lengths, some of which may be empty.
template <class T>
std::vector<std::unique_ptr<Part<T>>> cut_at_random(const Problem<T>& whole, std::size_t shards, Call call,
                                                    Random& random) {
    std::size_t granule = 0;
    EXPECT_EQ(ag_shard_granule(whole.x.size(), &whole.set, &granule), AG_OK) << ag_last_error();
    const std::size_t granules = whole.x.size() / granule + 1;
    std::vector<std::size_t> cuts = {0, granules};
    for (std::size_t i = 1; i < shards; ++i)
        cuts.push_back(random.below(granules + 1));
    std::sort(cuts.begin(), cuts.end());
    return cut(whole, cuts, call);
}

// Each shard in a thread. prepare(shard, part) comes before it.
template <class T>
void run(std::vector<std::unique_ptr<Part<T>>>& parts, std::size_t total, Exchange& exchange,
         const std::function<void(std::size_t, Part<T>&)>& prepare = {}) {
    for (std::size_t shard = 0; shard < parts.size(); ++shard) {
        Part<T>& part = *parts[shard];
        part.reducer = exchange.reducer(shard, total, part.begin);
        part.problem.set.reducer = &part.reducer;
        part.problem.set.report = &part.report;
        if (prepare)
            prepare(shard, part);
    }
    std::vector<std::thread> threads;
    for (auto& part : parts)
        threads.emplace_back([&part = *part] {
            part.status = part.problem.run(part.call);
            part.message = part.status == AG_OK ? "" : ag_last_error();
        });
    for (std::thread& thread : threads)
        thread.join();
    ASSERT_TRUE(exchange.in_step());
}

std::vector<std::size_t> shuffled(std::size_t n, Random& random) {
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = n; i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

template <class T>
void expect_same_bits_in_shards(Problem<T>& whole, std::size_t shards, Call call, Random& random,
                                const Problem<T>& original, const ag_projection_report& report) {
    auto parts = cut_at_random(original, shards, call, random);
    Exchange exchange(shuffled(shards, random));
    run(parts, original.x.size(), exchange);
    for (const auto& part : parts) {
        ASSERT_EQ(part->status, AG_OK) << part->message;
        const std::size_t n = part->problem.x.size();
        ASSERT_TRUE(same_bits(part->problem.x.data(), whole.x.data() + part->begin, n)) << part->begin;
        ASSERT_TRUE(same_bits(part->problem.v.data(), whole.v.data() + part->begin, n)) << part->begin;
        ASSERT_TRUE(same_report(part->report, report))
            << part->report.multiplier << ", " << part->report.passes << ", " << part->report.inside
            << " instead of " << report.multiplier << ", " << report.passes << ", " << report.inside;
    }
}

// In 1, 2, 3 and 4 shards, or as many as given.
template <class T>
void expect_same_bits(const Problem<T>& original, Call call, Random& random,
                      std::initializer_list<std::size_t> numbers = {1, 2, 3, 4}) {
    Problem<T> whole(original, 0, original.x.size());
    ag_projection_report report = unwritten;
    whole.set.report = &report;
    ASSERT_EQ(whole.run(call), AG_OK) << ag_last_error();
    for (const std::size_t shards : numbers) {
        SCOPED_TRACE("kind " + std::to_string(whole.set.kind) + ", n " + std::to_string(whole.x.size()) +
                     ", call " + std::to_string(static_cast<int>(call)) + ", shards " +
                     std::to_string(shards));
        expect_same_bits_in_shards(whole, shards, call, random, original, report);
        if (::testing::Test::HasFatalFailure())
            return;
    }
}

TYPED_TEST(Shards, HaveTheBitsOfTheWholeVector) {
    using T = TypeParam;
    on_every_isa([&](ag_isa isa) {
        Random random(1);
        std::uint64_t seed = static_cast<std::uint64_t>(isa);
        for (ag_set_kind kind = 0; kind <= last_kind; ++kind)
            for (const std::size_t n : {1, 7, 32, 33, 1000, 16384, 16385, 50000})
                for (const Call call : all_calls) {
                    if (++seed % (is_slow() ? 12 : 3) != 0) // another part of them on each ISA
                        continue;
                    expect_same_bits(Problem<T>(kind, n, seed), call, random);
                    if (this->HasFatalFailure())
                        return;
                }
    });
}

// Threads within the shards.
TYPED_TEST(Shards, OfLongVectorsToo) {
    using T = TypeParam;
    if (is_slow())
        GTEST_SKIP() << "too long for an emulator";
    Random random(2);
    std::uint64_t seed = 0;
    for (ag_set_kind kind = 0; kind <= last_kind; ++kind) {
        ASSERT_EQ(ag_set_num_threads(++seed % 6 == 0 ? 2 : 1), AG_OK);
        expect_same_bits(Problem<T>(kind, threaded_size, seed),
                         all_calls[(static_cast<std::size_t>(kind) + sizeof(T) / 4) % 3], random);
        if (this->HasFatalFailure())
            break;
    }
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

// Blocks of more than 16384 elements.
TYPED_TEST(Shards, OfLongBlocksToo) {
    using T = TypeParam;
    if (is_slow())
        GTEST_SKIP() << "too long for an emulator";
    Random random(6);
    for (const ag_set_kind kind :
         {AG_SET_L1_BALL, AG_SET_L2_BALL, AG_SET_SECOND_ORDER_CONE, AG_SET_GROUP_L1_BALL})
        expect_same_bits(Problem<T>(kind, 256 * 16384 + 5, 3), Call::step, random, {3});
}

// Norms of short groups, listed by each shard for all.
TYPED_TEST(Shards, ListNormsOfGroups) {
    using T = TypeParam;
    if (is_slow())
        GTEST_SKIP() << "too long for an emulator";
    Random random(7);
    for (const std::size_t length : {8, 7}) {
        Problem<T> problem(AG_SET_GROUP_L1_BALL, threaded_size, 4);
        problem.set.group_length = length;
        problem.set.radius = 0.1 * static_cast<double>(threaded_size);
        expect_same_bits(problem, Call::euclidean, random);
    }
}

// Few elements above the threshold, so that they are listed; numbers on many scales; what is inside.
TYPED_TEST(Shards, OfUnusualVectorsToo) {
    using T = TypeParam;
    Random random(3);
    for (std::size_t i = 0; i < cases(200); ++i) {
        const auto kind = static_cast<ag_set_kind>(random.below(last_kind + 1));
        const std::size_t n = 1 + random.below(random.below(4) == 0 ? 100000 : 40000);
        Problem<T> problem(kind, n, random.bits() % 1000);
        problem.x = random.below(5) == 0 ? mixed_values<T>(n, i) : any_vector<T>(n, random);
        if (const std::vector<T> weights = any_weights<T>(n, random); !weights.empty())
            problem.v = problem.lambda = weights;
        double size = 0;
        for (const T x : problem.x)
            size += std::isfinite(x) ? std::fabs(static_cast<double>(x)) : 0;
        const double most = static_cast<double>(std::numeric_limits<T>::max()) / 4;
        size = std::min(size * power_of_ten(random, -6, 0.5), most);
        if (kind != AG_SET_CAPPED_SIMPLEX && kind != AG_SET_LINF_BALL)
            problem.set.radius = random.below(8) == 0 ? 0 : size;
        if (kind == AG_SET_HALFSPACE || kind == AG_SET_HYPERPLANE || kind == AG_SET_SLAB) {
            problem.set.offset = random.uniform(-1, 1) * size;
            problem.set.lower_offset = problem.set.offset - size / 10;
        }
        problem.set.group_length = 1 + random.below(random.below(3) == 0 ? 2 * n : 40);
        expect_same_bits(problem, all_calls[i % 3], random);
        if (this->HasFatalFailure())
            return;
    }
}

// A point on a hyperplane stays, and each shard knows that no other's changed.
TYPED_TEST(Shards, KnowWhetherAnyChanged) {
    using T = TypeParam;
    const std::size_t n = 40000;
    for (const bool on_it : {false, true}) {
        Problem<T> problem(AG_SET_HYPERPLANE, n, 6); // without a normal
        problem.set.offset = 0;
        for (std::size_t j = 0; j < n; ++j)
            problem.x[j] = static_cast<T>(j % 2 == 0 ? 1 : -1);
        if (!on_it)
            problem.x[n - 1] = 3;
        auto parts = cut(problem, {0, 1, 2, 3}, Call::euclidean);
        Exchange exchange({2, 0, 1});
        run(parts, n, exchange);
        for (const auto& part : parts) {
            ASSERT_EQ(part->status, AG_OK) << part->message;
            EXPECT_EQ(part->report.inside, on_it ? 1 : 0);
        }
    }
}

// A shard that wants no report takes part in what the others need for theirs.
TYPED_TEST(Shards, NeedNotAllWantAReport) {
    using T = TypeParam;
    Random random(4);
    for (const ag_set_kind kind : all_kinds())
        for (const Call call : all_calls) {
            const Problem<T> original(kind, 40000, 8 + static_cast<std::uint64_t>(kind));
            Problem<T> whole(original, 0, original.x.size());
            ag_projection_report report = unwritten;
            whole.set.report = &report;
            ASSERT_EQ(whole.run(call), AG_OK) << ag_last_error();
            auto parts = cut_at_random(original, 3, call, random);
            Exchange exchange({0, 1, 2});
            run<T>(parts, original.x.size(), exchange, [](std::size_t shard, Part<T>& part) {
                if (shard != 1)
                    part.problem.set.report = nullptr;
            });
            for (std::size_t shard = 0; shard < parts.size(); ++shard) {
                const Part<T>& part = *parts[shard];
                ASSERT_EQ(part.status, AG_OK) << part.message;
                EXPECT_TRUE(
                    same_bits(part.problem.x.data(), whole.x.data() + part.begin, part.problem.x.size()));
                EXPECT_TRUE(same_report(part.report, shard == 1 ? report : unwritten)) << "kind " << kind;
            }
        }
}

// ---- Errors --------------------------------------------------------------------------------------------

// Whether a shard is as it was cut.
template <class T>
void expect_untouched(const Part<T>& part, const Problem<T>& original) {
    const std::size_t n = part.problem.x.size();
    EXPECT_TRUE(same_bits(part.problem.x.data(), original.x.data() + part.begin, n));
    EXPECT_TRUE(same_bits(part.problem.v.data(), original.v.data() + part.begin, n));
    EXPECT_TRUE(same_report(part.report, unwritten));
}

// Every sum that a call makes fails once: nothing is written, or of a step only the step.
TYPED_TEST(Shards, AFailingReducerLeavesNothingHalfWritten) {
    using T = TypeParam;
    Random random(5);
    for (const ag_set_kind kind : all_kinds())
        for (const Call call : all_calls) {
            const std::size_t n = kind % 2 == 0 ? 40000 : 20;
            const Problem<T> original(kind, n, 6 * static_cast<std::uint64_t>(kind) + 2);
            Problem<T> stepped(original, 0, n);
            ag_adagrad_options options;
            ag_adagrad_options_init(&options);
            options.learning_rate = 0.25;
            ASSERT_EQ(Api<T>::adagrad_step(n, stepped.x.data(), stepped.g.data(), stepped.v.data(), &options),
                      AG_OK);
            bool done = false, was_stepped = false;
            for (std::size_t failing = 0; !done; ++failing) {
                SCOPED_TRACE("kind " + std::to_string(kind) + ", failing " + std::to_string(failing));
                auto parts = cut_at_random(original, 2, call, random);
                Exchange exchange({1, 0}, failing);
                run(parts, n, exchange);
                ASSERT_EQ(parts[0]->status, parts[1]->status);
                done = parts[0]->status == AG_OK;
                EXPECT_EQ(exchange.calls(), done ? failing : failing + 1);
                for (const auto& part : parts) {
                    if (part->status == AG_ERROR_REDUCER) {
                        expect_untouched(*part, original);
                        EXPECT_FALSE(was_stepped);
                    } else if (!done) {
                        ASSERT_EQ(part->status, AG_ERROR_NOT_PROJECTED) << part->message;
                        ASSERT_TRUE(call == Call::step);
                        expect_untouched(*part, stepped);
                        was_stepped = true;
                    }
                    EXPECT_EQ(done, part->message.empty());
                }
            }
        }
}

// What one shard gets wrong is its own error there, another one in the others.
TYPED_TEST(Shards, OneThatIsRefusedStopsTheOthers) {
    using T = TypeParam;
    const std::size_t n = 50000;
    for (const ag_set_kind kind : all_kinds())
        for (const Call call : all_calls) {
            const Problem<T> original(kind, n, 8);
            const auto expect = [&](ag_status status, const std::string& culprit, auto spoil) {
                auto parts = cut(original, {0, 1, 2, 4}, call);
                Exchange exchange({0, 1, 2});
                run<T>(parts, n, exchange, [&](std::size_t shard, Part<T>& part) {
                    if (shard == 1)
                        spoil(part);
                });
                for (std::size_t shard = 0; shard < parts.size(); ++shard) {
                    const Part<T>& part = *parts[shard];
                    EXPECT_EQ(part.status, shard == 1 ? status : AG_ERROR_SHARDS) << part.message;
                    EXPECT_NE(part.message.find(shard == 1 ? culprit : "1 of 3 shards refused"),
                              std::string::npos)
                        << part.message;
                    EXPECT_TRUE(same_report(part.report, unwritten));
                    if (shard != 1)
                        expect_untouched(part, original);
                }
            };
            expect(AG_ERROR_INVALID_ENUM, "set->kind", [](Part<T>& p) { p.problem.set.kind = 99; });
            expect(AG_ERROR_SIZE, "total", [](Part<T>& p) { p.reducer.begin = n + 1; });
            expect(AG_ERROR_SIZE, "total", [](Part<T>& p) { p.reducer.begin = n - 1; });
            expect(AG_ERROR_SIZE, "total", [](Part<T>& p) { p.reducer.total = 100; });
            expect(AG_ERROR_SIZE, "total", [](Part<T>& p) { p.reducer.total = SIZE_MAX; });
            expect(AG_ERROR_INVALID_VALUE, "whole blocks", [](Part<T>& p) { p.reducer.begin += 8; });
            expect(AG_ERROR_INVALID_VALUE, "whole blocks", [](Part<T>& p) { p.problem.x.resize(1000); });
            if (call == Call::weighted)
                for (const double bad : {0.0, -1.0, nan, infinity})
                    expect(AG_ERROR_INVALID_VALUE, "lambda[3]",
                           [=](Part<T>& p) { p.problem.lambda[3] = static_cast<T>(bad); });
            expect(AG_ERROR_OVERLAP, "report", [](Part<T>& p) {
                p.problem.set.report = reinterpret_cast<ag_projection_report*>(p.problem.x.data());
            });
            if (kind == AG_SET_L2_BALL || kind == AG_SET_SIMPLEX)
                expect(AG_ERROR_INVALID_VALUE, "radius", [](Part<T>& p) { p.problem.set.radius = -1; });
            if (kind == AG_SET_GROUP_L1_BALL) {
                static constexpr std::int64_t offsets[] = {0};
                expect(AG_ERROR_INVALID_VALUE, "group_offsets",
                       [](Part<T>& p) { p.problem.set.group_offsets = offsets; });
                expect(AG_ERROR_INVALID_VALUE, "group_length",
                       [](Part<T>& p) { p.problem.set.group_length = 0; });
            }
        }
}

// Calls that cannot be of one vector, and what only all shards together can tell.
TYPED_TEST(Shards, CallsThatDoNotFitTogetherAreRefusedByAll) {
    using T = TypeParam;
    const std::size_t n = 65536;
    const auto expect = [&](ag_set_kind kind, ag_status status, const std::string& culprit, auto spoil) {
        for (const Call call : all_calls)
            for (const std::size_t odd : {0, 2, 3}) { // 3: empty
                const Problem<T> original(kind, n, 8);
                auto parts = cut(original, {0, 1, 2, 4, 4}, call);
                Exchange exchange({0, 1, 2, 3});
                run<T>(parts, n, exchange,
                       [&](std::size_t shard, Part<T>& part) { spoil(part, shard == odd); });
                for (const auto& part : parts) {
                    EXPECT_EQ(part->status, status) << kind << ": " << part->message;
                    EXPECT_NE(part->message.find(culprit), std::string::npos) << part->message;
                    expect_untouched(*part, original);
                }
            }
    };
    expect(AG_SET_L1_BALL, AG_ERROR_SHARDS, "differ", [](Part<T>& p, bool odd) {
        if (odd)
            p.problem.set.radius *= 2;
    });
    expect(AG_SET_BOX, AG_ERROR_SHARDS, "differ", [](Part<T>& p, bool odd) {
        if (odd)
            p.problem.set.kind = AG_SET_NONNEGATIVE;
    });
    expect(AG_SET_SLAB, AG_ERROR_SHARDS, "differ", [](Part<T>& p, bool odd) {
        if (odd)
            p.problem.set.lower_offset -= 1;
    });
    expect(AG_SET_L2_BALL, AG_ERROR_SHARDS, "differ", [](Part<T>& p, bool odd) {
        if (odd)
            p.call = p.call == Call::step ? Call::weighted : Call::step;
    });
    expect(AG_SET_L2_BALL, AG_ERROR_SHARDS, "differ", [](Part<T>& p, bool odd) {
        if (odd)
            p.reducer.total += 16384;
    });
    expect(AG_SET_CAPPED_SIMPLEX, AG_ERROR_INVALID_VALUE, "no p within the bounds",
           [](Part<T>& p, bool) { p.problem.set.radius = 1e6; });
    expect(AG_SET_HALFSPACE, AG_ERROR_INVALID_VALUE, "0 everywhere",
           [](Part<T>& p, bool) { std::fill(p.problem.normal.begin(), p.problem.normal.end(), T(0)); });
}

TYPED_TEST(Shards, MustCoverTheVectorOnce) {
    using T = TypeParam;
    const std::size_t n = 65536;
    const Problem<T> original(AG_SET_L2_BALL, n, 8);
    for (const std::size_t second : {0, 2}) { // twice what the first has; not what is between them
        auto parts = cut(original, {0, 1, 2}, Call::weighted);
        Exchange exchange({0, 1});
        run<T>(parts, n, exchange, [&](std::size_t shard, Part<T>& part) {
            if (shard == 1)
                part.reducer.begin = second * 16384;
        });
        for (const auto& part : parts) {
            EXPECT_EQ(part->status, AG_ERROR_SHARDS) << part->message;
            EXPECT_NE(part->message.find(second == 0 ? "from 0 on are in 2" : "from 16384 on are in 0"),
                      std::string::npos)
                << part->message;
            expect_untouched(*part, original);
        }
    }
}

TYPED_TEST(Shards, HaveTheSameArrays) {
    using T = TypeParam;
    const std::size_t n = 50000;
    for (const auto& [kind, array] : {std::pair{AG_SET_L2_BALL, &ag_set::center},
                                      {AG_SET_BOX_SECTION, &ag_set::normal},
                                      {AG_SET_BOX, &ag_set::upper_bounds}}) {
        const Problem<T> original(kind, n, 8);
        auto parts = cut(original, {0, 1, 2, 4}, Call::weighted);
        Exchange exchange({0, 1, 2});
        run<T>(parts, n, exchange, [array = array](std::size_t shard, Part<T>& part) {
            if (shard == 2)
                part.problem.set.*array = nullptr;
        });
        for (const auto& part : parts) {
            EXPECT_EQ(part->status, AG_ERROR_SHARDS) << part->message;
            EXPECT_NE(part->message.find("2 of 3 shards have an array"), std::string::npos) << part->message;
        }
    }
}

TEST(ShardsOfTwoTypes, AreRefused) {
    std::vector<float> x(16384, 3.0f);
    std::vector<double> y(16384, 3.0);
    ag_set set = make_set(AG_SET_L2_BALL), other = set;
    Exchange exchange({0, 1});
    const ag_reducer reducers[] = {exchange.reducer(0, 32768, 0), exchange.reducer(1, 32768, 16384)};
    set.reducer = &reducers[0];
    other.reducer = &reducers[1];
    ag_status status = -1;
    std::thread thread([&] { status = ag_project_f64(y.size(), y.data(), nullptr, &other); });
    EXPECT_EQ(ag_project_f32(x.size(), x.data(), nullptr, &set), AG_ERROR_SHARDS);
    thread.join();
    EXPECT_EQ(status, AG_ERROR_SHARDS);
    EXPECT_EQ(x[0], 3);
    EXPECT_EQ(y[0], 3);
}

TEST(Reducer, IsRefused) {
    std::vector<float> x(10, 3.0f);
    ag_set set = make_set(AG_SET_L2_BALL);
    const ag_reducer without_sum = {nullptr, nullptr, 10, 0};
    set.reducer = &without_sum;
    EXPECT_EQ(ag_project_f32(x.size(), x.data(), nullptr, &set), AG_ERROR_NULL_POINTER);
    EXPECT_NE(std::string(ag_last_error()).find("set->reducer->sum"), std::string::npos);
    Exchange exchange({0});
    const ag_reducer reducer = exchange.reducer(0, 10, 0);
    set.reducer = &reducer;
    EXPECT_EQ(ag_project_rows_f32(2, 5, 5, x.data(), nullptr, 0, nullptr, &set), AG_ERROR_INVALID_VALUE);
    EXPECT_EQ(exchange.calls(), 0u);
    EXPECT_EQ(x, std::vector<float>(10, 3.0f));
    // An older struct has no such field.
    set.struct_size = offsetof(ag_set, reducer);
    EXPECT_EQ(ag_project_f32(x.size(), x.data(), nullptr, &set), AG_OK);
    EXPECT_EQ(exchange.calls(), 0u);
    EXPECT_LT(x[0], 3);
}

TEST(Shards, OfNothing) {
    Exchange exchange({0});
    const ag_reducer reducer = exchange.reducer(0, 0, 0);
    for (ag_set_kind kind = 0; kind <= last_kind; ++kind)
        for (const std::size_t group_length : {std::size_t{3}, SIZE_MAX}) {
            ag_set set = make_set(kind);
            set.group_length = group_length;
            set.reducer = &reducer;
            EXPECT_EQ(ag_project_f32(0, nullptr, nullptr, &set), AG_OK) << kind << ": " << ag_last_error();
        }
}

TEST(ShardGranule, IsAFunctionOfTheShape) {
    const auto granule_of = [](std::size_t total, const ag_set& set) {
        std::size_t granule = 0;
        EXPECT_EQ(ag_shard_granule(total, &set, &granule), AG_OK) << ag_last_error();
        return granule;
    };
    ag_set set = make_set(AG_SET_L1_BALL);
    for (const std::size_t total :
         {std::size_t{0}, std::size_t{1}, std::size_t{300000}, std::size_t{1} << 33, SIZE_MAX / 8}) {
        const std::size_t granule = granule_of(total, set);
        EXPECT_EQ(granule % 1024, 0u);
        EXPECT_LE(total / granule, 256u);
    }
    set.kind = AG_SET_GROUP_L1_BALL;
    for (const std::size_t length : {std::size_t{1}, std::size_t{7}, std::size_t{1000000}, SIZE_MAX}) {
        set.group_length = length;
        const std::size_t granule = granule_of(10000000, set);
        EXPECT_LE(10000000 / granule, 256u);
        EXPECT_TRUE(granule % length == 0 || granule >= 10000000);
        EXPECT_GE(granule_of(0, set), 1u);
    }
    std::size_t granule = 5;
    set.group_length = 0;
    EXPECT_EQ(ag_shard_granule(10, &set, &granule), AG_ERROR_INVALID_VALUE);
    set = make_set(99);
    EXPECT_EQ(ag_shard_granule(10, &set, &granule), AG_ERROR_INVALID_ENUM);
    EXPECT_EQ(ag_shard_granule(10, nullptr, &granule), AG_ERROR_NULL_POINTER);
    EXPECT_EQ(ag_shard_granule(10, &set, nullptr), AG_ERROR_NULL_POINTER);
    set.struct_size = 0;
    EXPECT_EQ(ag_shard_granule(10, &set, &granule), AG_ERROR_STRUCT_SIZE);
    EXPECT_EQ(granule, 5u);
}

} // namespace
