// SPDX-License-Identifier: BSD-3-Clause
//
// The one list of what can be measured. Google Benchmark's rows (rows.hpp) and the target rows (targets.hpp)
// both come from it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

// A size of a problem. Vectors have one column.
struct Shape {
    std::string name;
    std::size_t rows = 0, cols = 1;
    bool pays_for_threads = false;
};

// One way to do one piece of work, on data that it shares with the others of its problem.
struct Implementation {
    std::string function;          // such as "adagrad/step/f32"
    std::string variant;           // library_variant, or a baseline's name
    double items, bytes;           // per call; bytes: that must pass between the processor and the memory
    std::function<void()> run;     // empty: a peer that is not installed
    std::function<void()> prepare; // what has to happen before each call, not timed; mostly empty
    bool threaded = true;
    // The first call changes the process, as where it loads a library: to be measured after all others.
    bool lasting = false;
    // The processor time so far of another process that does the work; mostly empty.
    std::function<double()> seconds_elsewhere = {};

    bool is_library() const;
};

inline const std::string library_variant = "library"; // measured once per ISA

// Functions that work on the same arrays.
struct Problem {
    std::vector<Shape> shapes;
    // The data and the implementations. An empty shape gives the names at no cost.
    std::function<std::vector<Implementation>(const Shape&)> make;
};

const std::vector<Problem>& problems();

// n elements of T in an array of this many bytes: L1, L2, L3 or DRAM.
template <class T>
Shape vector_shape(const std::string& name);

// A matrix of so many elements; place is the rest of its name.
Shape dense_shape(std::size_t cols, std::size_t elements, const std::string& place);

// Few columns, where the loss costs as much as the products, and many; in L2 and in DRAM.
template <class T>
std::vector<Shape> dense_shapes();
std::vector<Shape> csr_shapes();

Shape a9a_shape(); // only where a9a_is_there()

inline constexpr std::size_t softmax_classes = 10;

// Tables of which a call steps every fourth row, in random order.
template <class T>
std::vector<Shape> table_shapes();

// The problem that has the function; null if there is none.
const Problem* find_problem(const std::string& function);

// The implementations on data of the given shape, first touched by thread_count() threads. The data of the
// last call is kept, so that rows which follow each other share it.
const std::vector<Implementation>& instance(const Problem& problem, const Shape& shape);

const Implementation* find_implementation(const std::vector<Implementation>& implementations,
                                          const std::string& function, const std::string& variant);

// f32 or f64.
template <class T>
inline const std::string type_name = sizeof(T) == sizeof(float) ? "f32" : "f64";

} // namespace bench
