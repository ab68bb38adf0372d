// SPDX-License-Identifier: BSD-3-Clause
//
// The library inside a process: choice of the ISA, threads, fork, signals, and the caller's floating-point mode.
#include "tests/support/floating_point_mode.hpp"
#include "tests/support/matrix.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <omp.h>
#include <sys/wait.h>
#include <thread>

namespace {

using namespace test;

// Runs body in a child process made by fork; the test passes if it gives true.
template <class Body>
bool in_child(Body body) {
    const pid_t child = fork();
    if (child == 0)
        _exit(body() ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A run of this test binary with other environment variables, which are read only once per process: it runs
// the test named by `filter` alone. Under an emulator, ANISOGRAD_EMULATOR is the command that starts it.
bool rerun(const char* filter, const char* variable, const char* value) {
    char path[4096] = {};
    if (readlink("/proc/self/exe", path, sizeof path - 1) < 0)
        return false;
    return in_child([&] {
        setenv(variable, value, 1);
        setenv("ANISOGRAD_RERUN", "1", 1);
        const std::string option = std::string("--gtest_filter=") + filter;
        execl("/bin/sh", "sh", "-c", "exec $ANISOGRAD_EMULATOR \"$0\" \"$1\"", path, option.c_str(),
              static_cast<char*>(nullptr));
        return false;
    });
}

bool is_rerun() {
    return std::getenv("ANISOGRAD_RERUN") != nullptr;
}

ag_status some_step() {
    std::vector<float> w(100), g(100, 1), v(100);
    return ag_adagrad_step_f32(100, w.data(), g.data(), v.data(), nullptr);
}

// ---- ISA -----------------------------------------------------------------------------------------------

TEST(Isa, PortableIsAlwaysThere) {
    EXPECT_TRUE(ag_isa_supported(AG_ISA_PORTABLE));
    EXPECT_FALSE(ag_isa_supported(AG_ISA_NONE));
    EXPECT_FALSE(ag_isa_supported(1000));
    EXPECT_STREQ(ag_isa_name(AG_ISA_AVX512), "avx512");
    EXPECT_STREQ(ag_isa_name(77), "unknown");
}

TEST(Isa, SetChangesAndRefuses) {
    on_every_isa([](ag_isa isa) { EXPECT_EQ(ag_active_isa(), isa); });
    const ag_isa before = ag_active_isa();
    for (const ag_isa isa : {ag_isa(AG_ISA_NONE), ag_isa(4), ag_isa(1000)}) {
        EXPECT_EQ(ag_set_isa(isa), AG_ERROR_UNSUPPORTED_ISA);
        EXPECT_NE(std::string(ag_last_error()).find("usable here: portable"), std::string::npos)
            << ag_last_error();
    }
    for (const ag_isa isa : all_isas)
        if (!ag_isa_supported(isa)) {
            EXPECT_EQ(ag_set_isa(isa), AG_ERROR_UNSUPPORTED_ISA);
        }
    EXPECT_EQ(ag_active_isa(), before);
}

// What compilers and Linux say about this CPU, against our own detection.
TEST(Isa, DetectionAgreesWithTheCompilers) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    EXPECT_EQ(ag_isa_supported(AG_ISA_AVX2) != 0,
              ANISOGRAD_HAS_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
    EXPECT_EQ(ag_isa_supported(AG_ISA_AVX512) != 0,
              ANISOGRAD_HAS_AVX512 && __builtin_cpu_supports("avx512f") &&
                  __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"));
    EXPECT_FALSE(ag_isa_supported(AG_ISA_NEON));
#elif defined(__aarch64__)
    EXPECT_TRUE(ag_isa_supported(AG_ISA_NEON));
    EXPECT_FALSE(ag_isa_supported(AG_ISA_AVX2));
#endif
}

TEST(Isa, EnvironmentNamesAnIsa) {
    if (is_rerun()) {
        EXPECT_STREQ(ag_isa_name(ag_active_isa()), std::getenv("ANISOGRAD_ISA"));
        EXPECT_EQ(some_step(), AG_OK);
        return;
    }
    for (const ag_isa isa : all_isas)
        if (ag_isa_supported(isa)) {
            EXPECT_TRUE(rerun("Isa.EnvironmentNamesAnIsa", "ANISOGRAD_ISA", ag_isa_name(isa)))
                << ag_isa_name(isa);
        }
}

// Never a silent fallback: each kernel call says what is wrong until ag_set_isa repairs it.
TEST(Isa, EnvironmentThatCannotBeHonouredIsAnError) {
    if (is_rerun()) {
        EXPECT_EQ(ag_active_isa(), AG_ISA_NONE);
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(some_step(), AG_ERROR_UNSUPPORTED_ISA);
            const std::string message = ag_last_error();
            EXPECT_NE(message.find(std::getenv("ANISOGRAD_ISA")), std::string::npos) << message;
            EXPECT_NE(message.find("usable here: portable"), std::string::npos) << message;
        }
        EXPECT_EQ(ag_set_isa(AG_ISA_PORTABLE), AG_OK);
        EXPECT_EQ(some_step(), AG_OK);
        return;
    }
    EXPECT_TRUE(rerun("Isa.EnvironmentThatCannotBeHonouredIsAnError", "ANISOGRAD_ISA", "avx9000"));
    EXPECT_TRUE(rerun("Isa.EnvironmentThatCannotBeHonouredIsAnError", "ANISOGRAD_ISA", "AVX2"));
    for (const ag_isa isa : all_isas)
        if (!ag_isa_supported(isa)) {
            EXPECT_TRUE(
                rerun("Isa.EnvironmentThatCannotBeHonouredIsAnError", "ANISOGRAD_ISA", ag_isa_name(isa)));
        }
}

// ---- Threads -------------------------------------------------------------------------------------------

// The number of threads of a call that may use n, and would where the library uses OpenMP.
constexpr int threads(int n) {
    return ANISOGRAD_HAS_OPENMP ? n : 1;
}

TEST(Threads, CountIsKeptAndChecked) {
    for (const int n : {1, 2, 7}) {
        EXPECT_EQ(ag_set_num_threads(n), AG_OK);
        EXPECT_EQ(ag_get_num_threads(), threads(n));
    }
    EXPECT_EQ(ag_set_num_threads(-1), AG_ERROR_INVALID_VALUE);
    EXPECT_EQ(ag_get_num_threads(), threads(7));
    EXPECT_EQ(ag_set_num_threads(0), AG_OK);
    EXPECT_GE(ag_get_num_threads(), 1);
}

TEST(Threads, EnvironmentGivesTheCount) {
    if (is_rerun()) {
        const std::string text = std::getenv("ANISOGRAD_NUM_THREADS");
        EXPECT_EQ(ag_get_num_threads(), threads(text == "3" ? 3 : omp_get_max_threads()));
        return;
    }
    for (const char* value : {"3", "0", "-2", "many", "3x", ""})
        EXPECT_TRUE(rerun("Threads.EnvironmentGivesTheCount", "ANISOGRAD_NUM_THREADS", value)) << value;
}

// A step large enough for threads; gives a checksum of its result.
std::uint64_t threaded_step() {
    std::vector<float> w = normal_values<float>(threaded_size, 1), g = normal_values<float>(threaded_size, 2),
                       v(threaded_size);
    if (ag_adagrad_step_f32(threaded_size, w.data(), g.data(), v.data(), nullptr) != AG_OK)
        return 0;
    return checksum(w);
}

// In a process of its own, whose threads this library alone starts.
TEST(Threads, CallsStartWhatTheyMayUse) {
    if (has_shadow_memory)
        GTEST_SKIP() << "the sanitizer may start a thread of its own";
    if (!is_rerun()) {
        EXPECT_TRUE(rerun("Threads.CallsStartWhatTheyMayUse", "ANISOGRAD_NUM_THREADS", "2"));
        return;
    }
    const auto count = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
    };
    const auto before = count();
    threaded_step();
    EXPECT_EQ(count() - before, threads(2) - 1);
}

TEST(Threads, AForkedChildOfAThreadedProcessWorks) {
    ASSERT_EQ(ag_set_num_threads(2), AG_OK);
    const std::uint64_t expected = threaded_step();
    EXPECT_TRUE(in_child([&] { return ag_get_num_threads() == 1 && threaded_step() == expected; }));
    EXPECT_EQ(threaded_step(), expected);
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

// Where the program's own regions used threads before the fork, starting some in the child would hang. A
// process of its own, in which this library has used none before.
TEST(Threads, ForkAfterTheCallersOwnRegion) {
    if (!is_rerun()) {
        EXPECT_TRUE(rerun("Threads.ForkAfterTheCallersOwnRegion", "ANISOGRAD_NUM_THREADS", "2"));
        return;
    }
    int started = 0;
#pragma omp parallel num_threads(2) reduction(+ : started)
    started += 1;
    EXPECT_TRUE(in_child([] {
        alarm(60);
        threaded_step();
        return ag_get_num_threads() == 1;
    }));
    EXPECT_EQ(ag_get_num_threads(), threads(2));
    EXPECT_TRUE(
        in_child([] { return ag_set_num_threads(3) == AG_OK && ag_get_num_threads() == threads(3); }));
    // But not where this library has used some.
    threaded_step();
    EXPECT_TRUE(in_child([] { return ag_set_num_threads(3) == AG_OK && ag_get_num_threads() == 1; }));
}

TEST(Threads, CountIsWhatACallWouldUse) {
    ASSERT_EQ(ag_set_num_threads(65536), AG_OK);
    EXPECT_EQ(ag_get_num_threads(), threads(256));
    ASSERT_EQ(ag_set_num_threads(2), AG_OK);
    int inside[2] = {};
#pragma omp parallel num_threads(2)
    inside[omp_get_thread_num()] = ag_get_num_threads();
    EXPECT_EQ(inside[0], 1);
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

TEST(Threads, CallersOwnThreadsAndParallelRegions) {
    ASSERT_EQ(ag_set_num_threads(2), AG_OK);
    const std::uint64_t expected = threaded_step();
    std::uint64_t sums[4] = {};
    std::vector<std::thread> threads;
    for (std::uint64_t& sum : sums)
        threads.emplace_back([&sum] { sum = threaded_step(); });
    for (std::thread& thread : threads)
        thread.join();
    for (const std::uint64_t sum : sums)
        EXPECT_EQ(sum, expected);
    std::uint64_t in_region[3] = {};
#pragma omp parallel for num_threads(3)
    for (int i = 0; i < 3; ++i)
        in_region[i] = threaded_step();
    for (const std::uint64_t sum : in_region)
        EXPECT_EQ(sum, expected);
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

// A checksum of the results of one of the functions, over data of its own for each number. Some are large enough for
// threads, some allocate.
template <class T>
std::uint64_t work(std::size_t number) {
    const std::size_t n = number % 2 == 0 ? 3000 : threaded_size / 2;
    const std::vector<T> g = normal_values<T>(n, number);
    std::vector<T> w = normal_values<T>(n, number + 1), v(n, 1);
    double result = 0;
    ag_status status = AG_OK;
    ag_set set = make_set(AG_SET_L2_BALL);
    set.radius = 20;
    switch (number / 2 % 6) {
    case 0:
        status = Api<T>::adagrad_step_projected(n, w.data(), g.data(), v.data(), nullptr, &set);
        break;
    case 1:
        set.kind = AG_SET_L1_BALL;
        status = Api<T>::project(n, w.data(), v.data(), &set);
        break;
    case 2: {
        const Matrix<T> X = make_matrix<T>(n / 50, 50, number);
        const auto csr = X.as_csr();
        const std::vector<T> y = random_signs<T>(n / 50, number + 2);
        status = Api<T>::logistic_csr(&csr, y.data(), g.data(), nullptr, &result, w.data());
        break;
    }
    case 3: {
        std::vector<std::int64_t> rows;
        for (std::size_t i = 0; i < n / 20; ++i)
            rows.push_back(static_cast<std::int64_t>(i * i % (n / 10)));
        status = Api<T>::template rows<std::int64_t>(n / 10, 10, w.data(), v.data(), rows.size(), rows.data(),
                                                     nullptr, g.data(), nullptr);
        break;
    }
    case 4:
        status = Api<T>::exp(n, g.data(), w.data());
        break;
    default:
        status = Api<T>::squared_norm(n, g.data(), &result);
    }
    return status == AG_OK ? checksum(std::vector<double>{result}, checksum(v, checksum(w))) : 0;
}

constexpr std::size_t pieces_of_work = 24;

std::uint64_t work(std::size_t number) {
    return number % 2 == 0 ? work<float>(number / 2) : work<double>(number / 2);
}

std::vector<std::uint64_t> serial_results() {
    std::vector<std::uint64_t> results;
    ag_set_num_threads(1);
    for (std::size_t number = 0; number < pieces_of_work; ++number)
        results.push_back(work(number));
    ag_set_num_threads(0);
    EXPECT_EQ(std::count(results.begin(), results.end(), 0u), 0);
    return results;
}

// Is refused for its index number `position`; whether the message says so.
bool fail_at(std::size_t position) {
    std::vector<float> w(100), v(100), g(100);
    std::vector<std::int64_t> indices(100);
    indices[position] = -7;
    const std::string expected = "indices[" + std::to_string(position) + "] = -7";
    return ag_adagrad_step_sparse_f32(100, w.data(), v.data(), 100, indices.data(), g.data(), nullptr) ==
               AG_ERROR_OUT_OF_RANGE &&
           std::strstr(ag_last_error(), expected.c_str()) != nullptr;
}

// From the `first` piece of work on, all of them; the number of those whose result or whose error is another one.
std::size_t differences(const std::vector<std::uint64_t>& expected, std::size_t first) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < pieces_of_work; ++i) {
        const std::size_t number = (first + 5 * i) % pieces_of_work; // 5: so that threads meet in all pairs
        count += !fail_at(number);
        const std::string message = ag_last_error();
        count += work(number) != expected[number];
        count += ag_last_error() != message; // a success leaves it alone
    }
    return count;
}

// Threads on different data at the same time, and another that changes the ISA and the number of threads.
TEST(Threads, ManyCallersAtOnceGetTheSerialResults) {
    const std::vector<std::uint64_t> expected = serial_results();
    std::atomic<std::size_t> different{0}, left{8};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            different += differences(expected, 3 * i);
            --left;
        });
    const ag_isa before = ag_active_isa();
    for (int i = 0; left != 0; ++i) {
        const ag_isa isa = all_isas[static_cast<std::size_t>(i) % std::size(all_isas)];
        if (ag_isa_supported(isa))
            ag_set_isa(isa);
        ag_set_num_threads(i % 4);
        std::this_thread::yield();
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(different, 0u);
    ASSERT_EQ(ag_set_isa(before), AG_OK);
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

// Also where regions inside of regions have threads of their own.
TEST(Threads, RegionsOfTheCallerGetTheSerialResults) {
    const std::vector<std::uint64_t> expected = serial_results();
    const int levels = omp_get_max_active_levels();
    for (const int allowed : {1, 2}) {
        omp_set_max_active_levels(allowed);
        ASSERT_EQ(ag_set_num_threads(2), AG_OK);
        std::size_t different = 0;
#pragma omp parallel for num_threads(3) reduction(+ : different)
        for (std::size_t i = 0; i < 3; ++i)
            different += differences(expected, 7 * i);
#pragma omp parallel num_threads(2)
#pragma omp single
        for (std::size_t i = 0; i < 4; ++i) {
#pragma omp task shared(different, expected) firstprivate(i)
            {
                const std::size_t of_task = differences(expected, i);
#pragma omp atomic
                different += of_task;
            }
        }
        EXPECT_EQ(different, 0u);
    }
    omp_set_max_active_levels(levels);
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

// A child that works as its parent does, or is ended by a signal.
bool a_child_works(const std::vector<std::uint64_t>& expected) {
    return in_child([&] {
        alarm(120);
        return ag_get_num_threads() == 1 && differences(expected, 0) == 0;
    });
}

TEST(Threads, ForkWhileOthersAreInsideCalls) {
    if (has_shadow_memory)
        GTEST_SKIP() << "the sanitizer's allocator may be locked in the child";
    const std::vector<std::uint64_t> expected = serial_results();
    ASSERT_EQ(ag_set_num_threads(2), AG_OK);
    std::atomic<bool> stop{false};
    std::atomic<std::size_t> different{0};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 3; ++i)
        threads.emplace_back([&, i] {
            while (!stop)
                different += differences(expected, 5 * i);
        });
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(a_child_works(expected));
    bool from_region = true;
#pragma omp parallel num_threads(2) reduction(&& : from_region)
    from_region = a_child_works(expected);
    EXPECT_TRUE(from_region);
    stop = true;
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(different, 0u);
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

TEST(Threads, EachThreadHasItsOwnMessage) {
    double x = 0;
    ASSERT_EQ(ag_exp_f64(1, nullptr, &x), AG_ERROR_NULL_POINTER);
    std::string other = "not run";
    std::thread([&] { other = ag_last_error(); }).join();
    EXPECT_EQ(other, "");
    EXPECT_NE(std::string(ag_last_error()), "");
}

// ---- Signals -------------------------------------------------------------------------------------------

std::vector<struct sigaction> signal_actions() {
    std::vector<struct sigaction> actions;
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction action = {};
        if (sigaction(signal, nullptr, &action) == 0)
            actions.push_back(action);
    }
    return actions;
}

bool same_signals(const sigset_t& a, const sigset_t& b) {
    for (int signal = 1; signal < NSIG; ++signal)
        if (sigismember(&a, signal) != sigismember(&b, signal))
            return false;
    return true;
}

TEST(Signals, AThreadThatBlocksAllOfThemWorksAndStaysSo) {
    const std::vector<std::uint64_t> expected = serial_results();
    ASSERT_EQ(ag_set_num_threads(3), AG_OK);
    const std::vector<struct sigaction> before = signal_actions();
    std::size_t different = 0;
    bool same_mask = false;
    std::thread([&] {
        sigset_t all, blocked, after;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
        different = differences(expected, 0);
        pthread_sigmask(SIG_SETMASK, nullptr, &after);
        same_mask = same_signals(blocked, after);
    }).join();
    EXPECT_EQ(different, 0u);
    EXPECT_TRUE(same_mask);
    const std::vector<struct sigaction> after = signal_actions();
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(after[i].sa_handler, before[i].sa_handler);
        EXPECT_EQ(after[i].sa_flags, before[i].sa_flags);
    }
    ASSERT_EQ(ag_set_num_threads(0), AG_OK);
}

// ---- Floating-point mode -------------------------------------------------------------------------------

TEST(FloatingPointMode, CallersModeChangesNothingAndStays) {
    const std::size_t n = threaded_size;
    // Subnormals on the way in and out, and quotients that round.
    const std::vector<float> w0 = normal_values<float>(n, 1, 1e-38), g = normal_values<float>(n, 2, 1e-19),
                             x = normal_values<float>(n, 3, 40);
    ag_adagrad_options options = adagrad_options();
    options.learning_rate = 0.1;
    on_every_isa_and_thread_count([&] {
        std::vector<float> w = w0, v(n), e(n);
        ASSERT_EQ(ag_adagrad_step_f32(n, w.data(), g.data(), v.data(), &options), AG_OK);
        ASSERT_EQ(ag_exp_f32(n, x.data(), e.data()), AG_OK);
        for (const auto& [name, mode] : all_modes) {
            std::vector<float> w1 = w0, v1(n), e1(n);
            write_mode(mode);
            const ag_status step = ag_adagrad_step_f32(n, w1.data(), g.data(), v1.data(), &options);
            const ag_status exp = ag_exp_f32(n, x.data(), e1.data());
            const auto after = read_mode();
            write_mode(default_mode);
            ASSERT_EQ(step, AG_OK);
            ASSERT_EQ(exp, AG_OK);
            EXPECT_EQ(after, mode);
            ASSERT_TRUE(same_bits(w1, w));
            ASSERT_TRUE(same_bits(v1, v));
            ASSERT_TRUE(same_bits(e1, e));
        }
    });
}

// Checks that call(out, loss), which writes n numbers and perhaps a loss, gives the bits of the default mode
// in every other one, and leaves the mode alone.
template <class T, class Call>
void expect_same_in_every_mode(std::size_t n, Call call) {
    std::vector<T> expected(n), out(n);
    double expected_loss = 0, loss = 0;
    ASSERT_EQ(call(expected.data(), &expected_loss), AG_OK) << ag_last_error();
    for (const auto& [name, mode] : all_modes) {
        SCOPED_TRACE(name);
        write_mode(mode);
        const ag_status status = call(out.data(), &loss);
        const auto after = read_mode();
        write_mode(default_mode);
        ASSERT_EQ(status, AG_OK) << ag_last_error();
        EXPECT_EQ(after, mode);
        ASSERT_TRUE(same_bits(out, expected));
        ASSERT_TRUE(same_bits(loss, expected_loss));
    }
}

// The search for the root runs between the passes over x.
template <class T>
void expect_ball_in_every_mode() {
    const std::size_t n = 2000;
    const double subnormal = double(std::numeric_limits<T>::min()) / 16;
    for (const double scale : {1.0, subnormal})
        for (const double lambda_scale : {1.0, subnormal}) {
            const std::vector<T> x = normal_values<T>(n, 1, scale),
                                 center = normal_values<T>(n, 2, scale / 4);
            std::vector<T> lambda = normal_values<T>(n, 3);
            for (T& l : lambda)
                l = static_cast<T>(lambda_scale * std::exp(3 * double(l)));
            ag_set set = make_set(AG_SET_L2_BALL);
            set.center = center.data();
            set.radius = 3 * scale;
            for (const bool weighted : {false, true})
                expect_same_in_every_mode<T>(n, [&](T* out, double*) {
                    std::copy(x.begin(), x.end(), out);
                    return Api<T>::project(n, out, weighted ? lambda.data() : nullptr, &set);
                });
        }
}

TEST(FloatingPointMode, BallProjectionIsTheSameInEveryMode) {
    on_every_isa([](ag_isa) {
        expect_ball_in_every_mode<float>();
        expect_ball_in_every_mode<double>();
    });
}

// Sums over blocks of rows, on several threads; and one row whose loss and derivative are subnormal.
template <class T>
void expect_logistic_in_every_mode() {
    const std::size_t rows = 2000, cols = 100;
    const std::vector<T> x = normal_values<T>(rows * cols, 1), w = normal_values<T>(cols + 1, 2, 0.3),
                         weights = absolute(normal_values<T>(rows, 3));
    std::vector<T> y = normal_values<T>(rows, 4);
    for (T& label : y)
        label = label > 0 ? T(1) : T(-1);
    std::vector<std::int64_t> offsets;
    std::vector<std::int32_t> columns;
    for (std::size_t i = 0; i <= rows; ++i)
        offsets.push_back(static_cast<std::int64_t>(i * cols));
    for (std::size_t k = 0; k < rows * cols; ++k)
        columns.push_back(static_cast<std::int32_t>(k % cols));
    const typename Api<T>::Dense dense = {rows, cols, cols, x.data()};
    const typename Api<T>::Csr csr = {rows, cols, offsets.data(), columns.data(), x.data()};
    ag_logistic_options options = logistic_options();
    options.sample_weight = weights.data();
    options.fit_intercept = 1;
    options.l2 = 0.1;
    const T one = 1, margin = sizeof(T) == 4 ? T(95) : T(735);
    const typename Api<T>::Dense row = {1, 1, 1, &one};
    T gradient_of_row = 0;
    ASSERT_EQ(Api<T>::logistic_dense(&row, &one, &margin, nullptr, nullptr, &gradient_of_row), AG_OK);
    ASSERT_EQ(std::fpclassify(gradient_of_row), FP_SUBNORMAL);
    on_every_isa_and_thread_count([&] {
        expect_same_in_every_mode<T>(cols + 1, [&](T* gradient, double* loss) {
            return Api<T>::logistic_dense(&dense, y.data(), w.data(), &options, loss, gradient);
        });
        expect_same_in_every_mode<T>(cols + 1, [&](T* gradient, double* loss) {
            return Api<T>::logistic_csr(&csr, y.data(), w.data(), &options, loss, gradient);
        });
        expect_same_in_every_mode<T>(1, [&](T* gradient, double* loss) {
            return Api<T>::logistic_dense(&row, &one, &margin, nullptr, loss, gradient);
        });
    });
}

TEST(FloatingPointMode, LogisticLossIsTheSameInEveryMode) {
    expect_logistic_in_every_mode<float>();
    expect_logistic_in_every_mode<double>();
}

// The number of entries in a row, 327.68, and what a block's share is divided by it, round: up to another number of
// rows in a block, and so of private gradients, than in the default mode.
TEST(FloatingPointMode, WorkspaceIsTheSameInEveryMode) {
    const std::size_t rows = 825, entries = 270336;
    std::vector<std::int64_t> offsets;
    for (std::size_t i = 0; i <= rows; ++i)
        offsets.push_back(static_cast<std::int64_t>(i * entries / rows));
    const std::int32_t column = 0;
    const ag_csr_f32 X = {rows, 1000, offsets.data(), &column, nullptr};
    std::size_t expected = 0;
    ASSERT_EQ(ag_logistic_csr_workspace_f32(&X, nullptr, &expected), AG_OK);
    for (const auto& [name, mode] : all_modes) {
        std::size_t bytes = 0;
        write_mode(mode);
        const ag_status status = ag_logistic_csr_workspace_f32(&X, nullptr, &bytes);
        const auto after = read_mode();
        write_mode(default_mode);
        ASSERT_EQ(status, AG_OK);
        EXPECT_EQ(after, mode);
        EXPECT_EQ(bytes, expected);
    }
}

} // namespace
