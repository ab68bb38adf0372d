// SPDX-License-Identifier: BSD-3-Clause
//
// The contract between src/ and an ISA: the complete list of what an ISA supplies, family by family.
// kernels/isa/ fills it in.
// No SIMD type crosses this line, so src/ is compiled without any ISA's flags; and nothing of the public header
// does, so that a change of that one leaves the kernels as they are.
//
// Kernels trust their arguments: src/ has checked sizes, pointers, overlaps and values. A kernel never
// checks, allocates, throws or starts a thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace anisograd {

// ---- Plain arguments -----------------------------------------------------------------------------------

// The values of an ag_epsilon_mode and of an ag_math_mode.
enum class EpsilonMode : std::int32_t { in_state, outside, inside };
enum class Math : std::int32_t { strict, fast };

// lambda = sqrt(v + inside) + outside, of which at most one is not 0; adding 0 changes no bit of a number >= 0.
template <class T>
struct Epsilon {
    T inside = 0, outside = 0;
};

// The numbers that share a scale in an accumulator of 8 bits: AG_ACCUMULATOR_BLOCK.
inline constexpr std::size_t accumulator_block = 256;

// The options of a step, each rounded to T once.
template <class T>
struct StepParameters {
    T learning_rate;
    Epsilon<T> epsilon;
    T gradient_scale; // already negated to maximize
    T weight_decay;
    T shrink;           // 1 - learning_rate * decoupled_weight_decay
    T l1_step, l2_step; // learning_rate * l1, learning_rate * l2
    T least_for_fast;   // the least v for which an epsilon outside is fast, in [least_root_argument, 1]
    EpsilonMode epsilon_mode;
    Math math;
    bool has_decoupled_weight_decay;
};

// What stochastic rounding draws its random bits for: random.hpp.
struct StochasticRounding {
    std::uint64_t seed, step;
    std::uint64_t first_element; // the index of the call's first; a multiple of 64
};

template <class T>
struct DualAveraging {
    T threshold; // t * l1
    T l2_weight; // learning_rate * t * l2
};

// A listed row of a table, and its gradient.
template <class T>
struct RowEntry {
    std::size_t row, gradient; // of w and v, and of g
    T weight;                  // of the gradient, in a weighted list
};

// How far ahead of a listed row's step its memory is asked for, in rows, and so how many entries kernels look at beyond
// those that they step.
inline constexpr std::size_t listed_rows_ahead = 12;

// Equal rows follow one another, in the order in which their gradients add up.
template <class T>
struct RowList {
    const RowEntry<T>* entries;
    std::size_t count;    // to work on
    std::size_t readable; // count, and those after them that tell what will be needed next
    bool weighted;
};

// The bounds of a box-like set; each array may be null, and the scalar then stands for it.
// With a center the bounds are center_j + lower and center_j + upper.
template <class T>
struct Bounds {
    T lower, upper;
    const T* lower_bounds;
    const T* upper_bounds;
    const T* center;
};

// The diagonal of Lambda: an array of weights, or an accumulator from which a step's lambda is computed; neither
// is the Euclidean norm.
template <class T>
struct Metric {
    const T* weights;
    const T* accumulator;
    Epsilon<T> epsilon = {};
    // What the L2 ball's kernels use: scale * weight, 0 where that is below least, and at most `most`.
    double scale = 1; // a power of two
    double least = 0, most = 0x1p1000;
};

// An L2 ball's point of view: y_j = scale * (x_j - center_j).
template <class T>
struct Ball {
    const T* center; // null: the origin
    double scale;    // a power of two
};

// p_j = y_j * lambda_j / (lambda_j + mu): sum p^2, and sum p^2 / (lambda + mu).
struct BallSums {
    double squared_norm;
    double weighted_squared_norm;
};

// sum y^2, or 0 where it is not asked for, and of the same p_j for mu > 0: sum p^2 t^k for k = 0, 1, ..., where
// t_j = mu / (lambda_j + mu). Of doubles the root is wanted to more digits.
template <class T>
inline constexpr std::size_t ball_moment_count = sizeof(T) == 4 ? 5 : 8;
template <class T>
struct BallMoments {
    double squared_norm;
    double moment[ball_moment_count<T>];
};

// An array, or a number in place of each of its elements: stride 0, and data then holds a pack of that number.
template <class T>
struct Operand {
    const T* data;
    std::size_t stride; // 1 or 0
};

// knapsack.hpp: what is added up, and where p may lie.
enum class KnapsackShape {
    magnitudes,          // |x_j - center_j|, at least 0; a_j = 1
    weighted_magnitudes, // the same with normal a
    nonnegative,         // x_j, at least 0; a_j = 1
    bounded              // x_j, within lower_j and upper_j; normal a
};

template <class T>
struct Knapsack {
    KnapsackShape shape;
    Operand<T> center, normal, lower, upper;
    double normal_scale; // what kernels use is normal_scale * normal; a power of two, for f32 1
};

// sum a_j p_j, and -1 times its derivative by the multiplier.
struct KnapsackSums {
    double total, slope;
};

// The least and the largest sum a_j p_j, and the sum of |a_j bound_j| over all finite bounds.
struct KnapsackRange {
    double least, largest, magnitude;
};

// What labels mean. A label that is a target between the classes, t = least + range * label (of 0 ... 1), counts as a
// positive one with weight t and a negative one with weight 1 - t.
template <class T>
struct LogisticTargets {
    T positive_weight, negative_weight; // of the classes
    bool zero_one_labels;
    bool between; // else each label is one of the two
    T least, range;
};

// The rows that one call of a logistic kernel visits: visited rows first .. first + count - 1, where visited
// row i is row row_indices[i] of X, or row i where row_indices is null.
template <class T>
struct LogisticRows {
    std::size_t first, count;
    const std::int64_t* row_indices;
    const T* labels;        // one per row of X
    const T* sample_weight; // one per row of X, or null
    const T* weights;       // the model: cols (+ 1) elements
    std::size_t cols;
    std::size_t block_rows; // rows that stay in cache between margin and gradient; at most 256
    bool in_memory;         // all rows, of which these are a part, are more than stays in a second cache
    LogisticTargets<T> targets;
    bool has_intercept;
    bool check_columns; // CSR: the kernel is to check each row's columns before it follows them
};

template <class T>
struct DenseRows {
    const T* values;
    std::size_t row_stride;
};

template <class T, class Index>
struct CsrRows {
    const std::int64_t* row_offsets;
    const Index* columns;
    const T* values; // null: ones
};

// Sums over the rows of one call, without the division by the sum of the weights.
struct LogisticSums {
    double loss;
    double residual;         // the derivative by the intercept
    bool bad_column = false; // of CSR rows with check_columns, one is not below cols: all else is void
};

// ---- The table -----------------------------------------------------------------------------------------

// adagrad.hpp
template <class T>
struct StepKernels {
    void (*fill)(std::size_t n, T* out, T value);
    void (*adagrad_step)(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>&);
    void (*adagrad_step_clip)(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>&,
                              const Bounds<T>&);
    double (*adagrad_step_squared_norm)(std::size_t n, T* w, const T* g, T* v, const StepParameters<T>&,
                                        const Ball<T>&);
    void (*adagrad_step_average)(std::size_t n, T* w, const T* g, T* v, T* mean, T t,
                                 const StepParameters<T>&);
    void (*dual_averaging_step)(std::size_t n, T* w, const T* g, T* v, T* gradient_sum,
                                const StepParameters<T>&, const DualAveraging<T>&);
    double (*gradient_squared_norm)(std::size_t n, const T* w, const T* g, const StepParameters<T>&);
    void (*step_with_one_lambda)(std::size_t n, T* w, const T* g, T lambda, const StepParameters<T>&);
    void (*average)(std::size_t n, T* mean, const T* w, T t);
};

// sparse_adagrad.hpp
template <class T>
struct RowKernels {
    void (*adagrad_step_rows)(const RowList<T>&, std::size_t cols, T* w, const T* g, T* v,
                              const StepParameters<T>&);
    void (*adagrad_step_narrow_rows)(const RowList<T>&, std::size_t cols, T* w, const T* g, T* v,
                                     const StepParameters<T>&);
    void (*adagrad_step_rowwise)(const RowList<T>&, std::size_t cols, T* w, const T* g, T* v,
                                 const StepParameters<T>&);
};

// projection.hpp
template <class T>
struct ProjectionKernels {
    void (*clip)(std::size_t n, T* x, const Bounds<T>&);
    double (*max_abs)(std::size_t n, const T* x, const T* center);
    double (*squared_norm)(std::size_t n, const T* x, const Ball<T>&);
    BallSums (*ball_sums)(std::size_t n, const T* x, const Ball<T>&, const Metric<T>&, double mu);
    // In T, but for the sums. The metric has no scale; weights out of its range, or NaN, make the moments NaN, and lambda
    // of an accumulator counts as the range's end.
    BallMoments<T> (*ball_moments)(std::size_t n, const T* x, const T* center, const Metric<T>&, T mu,
                                   bool with_norm);
    void (*ball_shrink)(std::size_t n, T* x, const T* center, const Metric<T>&, double mu,
                        double massless_factor);
    void (*ball_scale)(std::size_t n, T* x, const Ball<T>&, double factor);
};

// knapsack.hpp
template <class T>
struct KnapsackKernels {
    void (*sums)(std::size_t n, const T* x, const Knapsack<T>&, const Metric<T>&, const double (&mu)[2],
                 KnapsackSums (&sums)[2]);
    // The sum for the multiplier 0, with the bits that sums has for it in any metric.
    double (*total)(std::size_t n, const T* x, const Knapsack<T>&);
    bool (*project)(std::size_t n, T* x, const Knapsack<T>&, const Metric<T>&, double mu);
    KnapsackRange (*range)(std::size_t n, const Knapsack<T>&);
    std::size_t (*list)(std::size_t n, const T* x, const Knapsack<T>&, const Metric<T>&,
                        const double (&mu)[2], KnapsackSums& sums, std::uint32_t* list, std::size_t capacity);
};

// Some runs of a vector, of one length.
struct ElementRuns {
    const std::size_t* begin;
    std::size_t count, length;
};

// threshold.hpp: of the shapes magnitudes and nonnegative.
template <class T>
struct ThresholdKernels {
    void (*sums)(std::size_t n, const T* x, const Knapsack<T>&, const Metric<T>&, const T (&mu)[2],
                 KnapsackSums (&sums)[2]);
    void (*sums_of_runs)(const ElementRuns&, const T* x, const Knapsack<T>&, const Metric<T>&, T mu,
                         KnapsackSums& sums);
    std::size_t (*list)(std::size_t n, const T* x, const Knapsack<T>&, const Metric<T>&, const T (&mu)[2],
                        KnapsackSums& sums, std::uint32_t* list, std::size_t capacity);
    void (*project)(std::size_t n, T* x, const Knapsack<T>&, const Metric<T>&, T mu);
    bool (*changes)(std::size_t n, const T* x, const Knapsack<T>&, const Metric<T>&, T mu);
};

// set_table.hpp, apart from this file, so that a change of it compiles one family alone
template <class T>
struct SetKernels;

// scan.hpp: the position of the first element that breaks the rule, or n.
template <class T>
struct ScanKernels {
    std::size_t (*first_not_finite)(std::size_t n, const T* x);
    std::size_t (*first_not_positive)(std::size_t n, const T* x);
    std::size_t (*first_not_a_weight)(std::size_t n, const T* x);
    std::size_t (*first_not_a_label)(std::size_t n, const T* x, T negative_label);
    std::size_t (*first_not_a_probability)(std::size_t n, const T* x);
    std::size_t (*first_bad_bounds)(std::size_t n, const Bounds<T>&);
    std::size_t (*first_clipped)(std::size_t n, const T* x, const Bounds<T>&);
    std::size_t (*first_not_an_index_i32)(std::size_t n, const std::int32_t* indices, std::size_t limit);
    std::size_t (*first_not_an_index_i64)(std::size_t n, const std::int64_t* indices, std::size_t limit);
};

// logistic_dense.hpp, logistic_csr.hpp; gradient may be null, else it is overwritten
template <class T>
struct LogisticKernels {
    LogisticSums (*dense)(const DenseRows<T>&, const LogisticRows<T>&, T* gradient);
    LogisticSums (*csr)(const CsrRows<T, std::int32_t>&, const LogisticRows<T>&, T* gradient);
    LogisticSums (*csr64)(const CsrRows<T, std::int64_t>&, const LogisticRows<T>&, T* gradient);
    void (*combine_gradients)(std::size_t n, T* gradient, const T* parts, std::size_t part_count,
                              std::size_t part_stride, double divisor, double l2, const T* w);
};

// row_pass_table.hpp, which not every family needs.
template <class T>
struct RowPassKernels;

// elementary.hpp
template <class T>
struct ElementaryKernels {
    void (*exp)(std::size_t n, const T* x, T* out);
    void (*log1p)(std::size_t n, const T* x, T* out);
    void (*sigmoid)(std::size_t n, const T* x, T* out);
    void (*softplus)(std::size_t n, const T* x, T* out);
};

// short_adagrad.hpp, for numbers of 16 bits. rounding: null rounds to nearest.
struct ShortKernels {
    void (*step)(std::size_t n, std::uint16_t* w, const std::uint16_t* g, float* v,
                 const StepParameters<float>&, const StochasticRounding* rounding);
    void (*step_master)(std::size_t n, float* w, std::uint16_t* copy, const std::uint16_t* g, float* v,
                        const StepParameters<float>&, const StochasticRounding* rounding);
    void (*from_float)(std::size_t n, const float* x, std::uint16_t* out);
    void (*to_float)(std::size_t n, const std::uint16_t* x, float* out);
};

// compressed_adagrad.hpp, for accumulators of 8 bits. Blocks begin at the first element.
struct CompressedKernels {
    void (*step)(std::size_t n, float* w, const float* g, std::uint8_t* codes, float* scales,
                 const StepParameters<float>&);
    void (*encode)(std::size_t n, const float* v, std::uint8_t* codes, float* scales);
    void (*decode)(std::size_t n, const std::uint8_t* codes, const float* scales, float* v);
};

struct NarrowKernels {
    ShortKernels bf16, f16;
    CompressedKernels compressed;
};

// logistic_dense.hpp and row_pass.hpp, for matrices of 16-bit numbers
struct ShortMatrixKernels {
    LogisticSums (*dense)(const DenseRows<std::uint16_t>&, const LogisticRows<float>&, float* gradient);
    void (*margins)(const DenseRows<std::uint16_t>&, const LogisticRows<float>&, float* margins);
};

struct ShortLogisticKernels {
    ShortMatrixKernels bf16, f16;
};

// A family's kernels for both types.
template <template <class> class Family>
struct ForBothTypes {
    Family<float> f32;
    Family<double> f64;
};

// All families for one type.
template <class T>
struct Kernels {
    const StepKernels<T>& step;
    const RowKernels<T>& rows;
    const ProjectionKernels<T>& projection;
    const KnapsackKernels<T>& knapsack;
    const SetKernels<T>& sets;
    const ThresholdKernels<T>& threshold;
    const ScanKernels<T>& scan;
    const LogisticKernels<T>& logistic;
    const RowPassKernels<T>& row_pass;
    const ElementaryKernels<T>& elementary;
};

struct KernelTable {
    std::int32_t isa; // an ag_isa
    Kernels<float> f32;
    Kernels<double> f64;
    const NarrowKernels& narrow;
    const ShortLogisticKernels& short_logistic;
};

} // namespace anisograd
