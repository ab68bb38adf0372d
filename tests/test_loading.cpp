// SPDX-License-Identifier: BSD-3-Clause
//
// The shared library as plugins have it: loaded and unloaded again and again, twice in one process, and beside a program
// that has functions of the same names.
#include "anisograd/anisograd.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <malloc.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

std::atomic<int> calls_of_the_program{0};

} // namespace

// Such as another version of the library would have, whose structs may be larger. The library must not call them.
extern "C" {
void(ag_adagrad_options_init)(ag_adagrad_options*) {
    ++calls_of_the_program;
}
void(ag_logistic_options_init)(ag_logistic_options*) {
    ++calls_of_the_program;
}
void(ag_set_init)(ag_set*) {
    ++calls_of_the_program;
}
const char* ag_isa_name(ag_isa) {
    ++calls_of_the_program;
    return "the program's";
}
}

namespace {

class Library {
public:
    explicit Library(const std::filesystem::path& path)
        : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr)
            ADD_FAILURE() << dlerror();
    }
    ~Library() {
        if (handle_ != nullptr)
            dlclose(handle_);
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    // get<decltype(ag_exp_f32)>("ag_exp_f32")
    template <class Function>
    Function* get(const char* name) const {
        auto* const function = reinterpret_cast<Function*>(dlsym(handle_, name));
        if (function == nullptr)
            std::abort();
        return function;
    }
    ag_status set_isa(ag_isa isa) const { return get<decltype(ag_set_isa)>("ag_set_isa")(isa); }
    ag_isa isa() const { return get<decltype(ag_active_isa)>("ag_active_isa")(); }
    bool supports(ag_isa isa) const { return get<decltype(ag_isa_supported)>("ag_isa_supported")(isa) != 0; }
    ag_status set_threads(int n) const { return get<decltype(ag_set_num_threads)>("ag_set_num_threads")(n); }
    int threads() const { return get<decltype(ag_get_num_threads)>("ag_get_num_threads")(); }
    std::string last_error() const { return get<decltype(ag_last_error)>("ag_last_error")(); }

    // On threads, with allocations: what a step and a gradient give. Empty where they fail.
    std::vector<float> results() const {
        const std::size_t rows = 3000, cols = 60, n = rows * cols;
        std::vector<float> w(n), g(n), v(n), gradient(cols), y(rows, 1);
        for (std::size_t i = 0; i < n; ++i)
            g[i] = static_cast<float>(i % 97) / 64 - 1;
        for (std::size_t i = 0; i < rows; i += 3)
            y[i] = -1;
        const ag_dense_f32 X = {rows, cols, cols, g.data()};
        const auto step = get<decltype(ag_adagrad_step_f32)>("ag_adagrad_step_f32");
        const auto logistic = get<decltype(ag_logistic_dense_f32)>("ag_logistic_dense_f32");
        double loss = 0;
        if (step(n, w.data(), g.data(), v.data(), nullptr) != AG_OK ||
            logistic(&X, y.data(), w.data(), nullptr, &loss, gradient.data()) != AG_OK)
            return {};
        w.insert(w.end(), v.begin(), v.end());
        w.insert(w.end(), gradient.begin(), gradient.end());
        w.push_back(static_cast<float>(loss));
        return w;
    }
    // Makes an error whose message has this number.
    void fail(int number) const { set_threads(-number); }

private:
    void* handle_;
};

const std::filesystem::path library = ANISOGRAD_LIBRARY;

bool same(const std::vector<float>& a, const std::vector<float>& b) {
    return !a.empty() && a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::size_t lines_of_maps() {
    std::ifstream maps("/proc/self/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);)
        ++count;
    return count;
}

std::size_t threads_of_process() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

struct Footprint {
    std::size_t mappings, threads, heap;
};

Footprint footprint() {
    return {lines_of_maps(), threads_of_process(), mallinfo2().uordblks};
}

// A thread that ends gives its OpenMP threads back, a little later.
Footprint footprint_with_threads(std::size_t threads) {
    for (int i = 0; i < 1000 && threads_of_process() > threads; ++i)
        usleep(10'000);
    return footprint();
}

TEST(Loading, AHundredTimes) {
    std::vector<float> expected;
    Footprint before = {};
    for (int i = 0; i < 100; ++i) {
        {
            const Library anisograd(library);
            ASSERT_EQ(anisograd.set_threads(2), AG_OK);
            if (i == 0)
                expected = anisograd.results();
            ASSERT_TRUE(same(anisograd.results(), expected));
            bool same_in_thread = false;
            std::thread([&] {
                same_in_thread = same(anisograd.results(), expected);
                anisograd.fail(1);
            }).join();
            ASSERT_TRUE(same_in_thread);
        }
        if (i == 9)
            before = footprint_with_threads(2);
    }
    const Footprint after = footprint_with_threads(before.threads);
    EXPECT_EQ(after.threads, before.threads);
    EXPECT_LE(after.mappings, before.mappings + 10);
    EXPECT_LE(after.heap, before.heap + 10'000); // about a hundred bytes each time would be more
}

TEST(Loading, InstallsNoSignalHandler) {
    std::vector<void (*)(int)> handlers[2];
    for (auto& list : handlers) {
        for (int signal = 1; signal < NSIG; ++signal) {
            struct sigaction action = {};
            sigaction(signal, nullptr, &action);
            list.push_back(action.sa_handler);
        }
        const Library anisograd(library);
        ASSERT_FALSE(anisograd.results().empty());
    }
    EXPECT_EQ(handlers[0], handlers[1]);
}

TEST(Loading, CallsItsOwnFunctions) {
    const Library anisograd(library);
    EXPECT_FALSE(anisograd.results().empty());
    EXPECT_NE(anisograd.set_isa(1000), AG_OK);
    EXPECT_NE(anisograd.last_error().find("portable"), std::string::npos) << anisograd.last_error();
    ag_set set;
    std::memset(&set, 0, sizeof set);
    anisograd.get<decltype(ag_set_init_sized)>("ag_set_init_sized")(&set, sizeof set);
    EXPECT_EQ(set.radius, 1);
    EXPECT_EQ(calls_of_the_program, 0);
}

// Each has its own ISA, number of threads and messages; both use the same OpenMP threads.
TEST(Loading, TwoCopiesInOneProcess) {
    const std::filesystem::path copy =
        std::filesystem::path(testing::TempDir()) / ("anisograd_copy_" + std::to_string(getpid()) + ".so");
    std::filesystem::copy_file(library, copy, std::filesystem::copy_options::overwrite_existing);
    const Library first(library), second(copy);
    std::filesystem::remove(copy);
    ASSERT_NE(first.get<decltype(ag_exp_f32)>("ag_exp_f32"), second.get<decltype(ag_exp_f32)>("ag_exp_f32"));
    ASSERT_EQ(first.set_isa(AG_ISA_PORTABLE), AG_OK);
    ASSERT_EQ(first.set_threads(1), AG_OK);
    ASSERT_EQ(second.set_threads(3), AG_OK);
    const std::vector<float> expected = first.results();
    first.fail(1);
    for (const ag_isa isa : {AG_ISA_AVX512, AG_ISA_AVX2, AG_ISA_NEON, AG_ISA_PORTABLE}) {
        if (!second.supports(isa))
            continue;
        ASSERT_EQ(second.set_isa(isa), AG_OK);
        for (int i = 0; i < 5; ++i) {
            second.fail(2);
            EXPECT_TRUE(same(second.results(), expected));
            EXPECT_NE(first.last_error().find("n = -1"), std::string::npos) << first.last_error();
            EXPECT_TRUE(same(first.results(), expected));
            EXPECT_NE(second.last_error().find("n = -2"), std::string::npos) << second.last_error();
        }
        EXPECT_EQ(first.isa(), AG_ISA_PORTABLE);
        EXPECT_EQ(second.isa(), isa);
        EXPECT_EQ(first.threads(), 1);
        EXPECT_EQ(second.threads(), 3);
    }
    bool same_at_once[2] = {};
    std::thread other([&] { same_at_once[1] = same(second.results(), expected); });
    same_at_once[0] = same(first.results(), expected);
    other.join();
    EXPECT_TRUE(same_at_once[0] && same_at_once[1]);
}

} // namespace
