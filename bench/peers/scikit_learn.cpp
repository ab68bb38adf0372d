// SPDX-License-Identifier: BSD-3-Clause
#include "bench/peers/peers.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace bench::peers {

#ifdef BENCH_SCIKIT_LEARN_PYTHON

namespace {

[[noreturn]] void fail() {
    throw std::runtime_error("the process of scikit-learn does not answer");
}

// The file of scikit_learn.py, in memory.
class SharedArrays {
public:
    SharedArrays() : file_(memfd_create("scikit-learn", 0)) {
        if (file_ < 0)
            fail();
    }
    ~SharedArrays() { close(file_); }
    SharedArrays(const SharedArrays&) = delete;
    SharedArrays& operator=(const SharedArrays&) = delete;

    // value(i) of n elements.
    template <class T, class Value>
    void add(std::size_t n, Value value) {
        const std::size_t bytes = (n * sizeof(T) + 63) / 64 * 64;
        if (bytes == 0)
            return;
        std::vector<T> elements(bytes / sizeof(T));
        for (std::size_t i = 0; i < n; ++i)
            elements[i] = static_cast<T>(value(i));
        const char* rest = reinterpret_cast<const char*>(elements.data());
        for (std::size_t left = bytes; left != 0;) {
            const ssize_t written = write(file_, rest, left);
            if (written <= 0)
                fail();
            rest += written;
            left -= static_cast<std::size_t>(written);
        }
    }
    std::string path() const { return "/dev/fd/" + std::to_string(file_); }

private:
    int file_;
};

// scikit_learn.py, which ends with its standard input.
class Process {
public:
    explicit Process(std::vector<std::string> arguments) {
        int to[2], from[2];
        if (pipe(to) != 0 || pipe(from) != 0)
            fail();
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, to[0], 0);
        posix_spawn_file_actions_adddup2(&actions, from[1], 1);
        for (const int end : {to[0], to[1], from[0], from[1]})
            posix_spawn_file_actions_addclose(&actions, end);
        std::vector<char*> argv, environment;
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        // The first of two entries of a name counts.
        std::string openmp = "OMP_NUM_THREADS=1", openblas = "OPENBLAS_NUM_THREADS=1";
        environment = {openmp.data(), openblas.data()};
        for (char** entry = environ; *entry != nullptr; ++entry)
            environment.push_back(*entry);
        environment.push_back(nullptr);
        const int status = posix_spawn(&id_, argv[0], &actions, nullptr, argv.data(), environment.data());
        posix_spawn_file_actions_destroy(&actions);
        close(to[0]);
        close(from[1]);
        questions_ = fdopen(to[1], "w");
        answers_ = fdopen(from[0], "r");
        if (status != 0 || questions_ == nullptr || answers_ == nullptr)
            fail();
    }
    ~Process() {
        std::fclose(questions_);
        std::fclose(answers_);
        waitpid(id_, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    double ask() {
        double answer = 0;
        if (std::fputs("\n", questions_) < 0 || std::fflush(questions_) != 0 ||
            std::fscanf(answers_, "%lf", &answer) != 1)
            fail();
        return answer;
    }

    double processor_seconds() const {
        clockid_t clock;
        timespec time;
        if (clock_getcpuclockid(id_, &clock) != 0 || clock_gettime(clock, &time) != 0)
            fail();
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }

private:
    pid_t id_ = 0;
    std::FILE* questions_ = nullptr;
    std::FILE* answers_ = nullptr;
};

} // namespace

template <class T>
ScikitLearnFunctions scikit_learn(const LogisticProblem<T>& p) {
    const auto kept = std::make_shared<std::unique_ptr<Process>>();
    const auto evaluate = [=] {
        if (*kept == nullptr) {
            SharedArrays arrays;
            const std::size_t entries =
                p.row_offsets != nullptr ? static_cast<std::size_t>(p.row_offsets[p.rows]) : 0;
            if (p.row_offsets != nullptr) {
                arrays.add<std::int32_t>(p.rows + 1, [&](std::size_t i) { return p.row_offsets[i]; });
                arrays.add<std::int32_t>(entries, [&](std::size_t i) { return p.columns[i]; });
            }
            arrays.add<T>(p.row_offsets != nullptr ? entries : p.rows * p.cols,
                          [&](std::size_t i) { return p.values[i]; });
            arrays.add<T>(p.rows, [&](std::size_t i) { return p.labels[i] > 0; });
            arrays.add<T>(p.cols, [&](std::size_t i) { return p.w[i]; });
            *kept = std::make_unique<Process>(
                std::vector<std::string>{BENCH_SCIKIT_LEARN_PYTHON, BENCH_SCIKIT_LEARN_SCRIPT, arrays.path(),
                                         sizeof(T) == sizeof(float) ? "f32" : "f64", std::to_string(p.rows),
                                         std::to_string(p.cols), std::to_string(entries)});
            (*kept)->ask(); // it has opened the file
        }
        return (*kept)->ask();
    };
    return {evaluate, [=] { return *kept != nullptr ? (*kept)->processor_seconds() : 0; }};
}

#else

template <class T>
ScikitLearnFunctions scikit_learn(const LogisticProblem<T>&) {
    return {};
}

#endif

template ScikitLearnFunctions scikit_learn(const LogisticProblem<float>&);
template ScikitLearnFunctions scikit_learn(const LogisticProblem<double>&);

} // namespace bench::peers
