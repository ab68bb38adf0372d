// SPDX-License-Identifier: BSD-3-Clause
//
// anisograd for C++20: std::span in, exceptions out, one name for float and double.
//
// A thin layer over anisograd.h, which says what each function computes and promises. This header adds
// the names, the types and one check: that the lengths of the spans agree. Nothing here allocates,
// except for the message of an exception.
//
//     std::vector<float> w(n), g(n), v(n);
//     anisograd::AdagradOptions options;
//     options.learning_rate = 0.1;
//     anisograd::adagrad_init(v, options.epsilon);
//     anisograd::adagrad_step(w, g, v, options);
//
// Where the C interface has an enumeration (ag_isa, ag_epsilon_mode, ...), its constants are used as
// they are.
#ifndef ANISOGRAD_ANISOGRAD_HPP
#define ANISOGRAD_ANISOGRAD_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <anisograd/anisograd.h>

namespace anisograd {

// ---- Errors ----------------------------------------------------------------------------------------

// Thrown where the C function returns anything but AG_OK, and where spans disagree (AG_ERROR_SIZE).
// No output has been written then, but for AG_ERROR_NOT_PROJECTED. what() is the message of ag_last_error().
class Error : public std::runtime_error {
public:
    Error(ag_status status, const std::string& message) : std::runtime_error(message), status_(status) {}

    [[nodiscard]] ag_status status() const noexcept { return status_; }

private:
    ag_status status_;
};

// The constant's name, such as "AG_ERROR_OVERLAP".
[[nodiscard]] inline std::string_view status_string(ag_status status) noexcept {
    return ag_status_string(status);
}

// The calling thread's last message from the C functions. Every Error carries its own copy. Valid until
// the thread's next call of the library.
[[nodiscard]] inline std::string_view last_error() noexcept {
    return ag_last_error();
}

namespace detail {

inline void check(ag_status status) {
    if (status != AG_OK) {
        throw Error(status, ag_last_error());
    }
}

inline void check_size(const char* function, const char* argument, std::size_t size, std::size_t expected) {
    if (size != expected) {
        throw Error(AG_ERROR_SIZE, std::string(function) + ": " + argument + " has " + std::to_string(size) +
                                       " elements, expected " + std::to_string(expected));
    }
}

inline void check_size_at_least(const char* function, const char* argument, std::size_t size,
                                std::size_t expected) {
    if (size < expected) {
        throw Error(AG_ERROR_SIZE, std::string(function) + ": " + argument + " has " + std::to_string(size) +
                                       " elements, expected at least " + std::to_string(expected));
    }
}

inline void* workspace_address(std::span<std::byte> memory) noexcept {
    // NULL would let the call allocate, and an empty span's data() may be NULL.
    static std::byte no_memory{};
    return memory.empty() ? &no_memory : memory.data();
}

} // namespace detail

// ---- Library, instruction set, threads -------------------------------------------------------------

// The library's version at run time, such as "0.1.0".
[[nodiscard]] inline std::string_view version_string() noexcept {
    return ag_version_string();
}

// The name that the environment variable ANISOGRAD_ISA takes, such as "avx2".
[[nodiscard]] inline std::string_view isa_name(ag_isa isa) noexcept {
    return ag_isa_name(isa);
}

// Whether this build contains the ISA and this computer can run it.
[[nodiscard]] inline bool isa_supported(ag_isa isa) noexcept {
    return ag_isa_supported(isa) != 0;
}

// The ISA that kernels run on; AG_ISA_NONE where ANISOGRAD_ISA asks for one that cannot be had.
[[nodiscard]] inline ag_isa active_isa() noexcept {
    return ag_active_isa();
}

// Chooses the ISA for the whole process.
inline void set_isa(ag_isa isa) {
    detail::check(ag_set_isa(isa));
}

// The most threads a call may use, for the whole process; 0 is automatic.
inline void set_num_threads(int n) {
    detail::check(ag_set_num_threads(n));
}

// The most threads that a call made now from this thread would use, at least 1.
[[nodiscard]] inline int get_num_threads() noexcept {
    return ag_get_num_threads();
}

// ---- AdaGrad and SGD steps -------------------------------------------------------------------------

// The C struct, filled with its defaults.
struct AdagradOptions : ag_adagrad_options {
    AdagradOptions() noexcept : ag_adagrad_options{} { ag_adagrad_options_init(this); }
};

// Starts the accumulator: v[j] = epsilon^2.
inline void adagrad_init(std::span<float> v, double epsilon) {
    detail::check(ag_adagrad_init_f32(v.size(), v.data(), epsilon));
}
inline void adagrad_init(std::span<double> v, double epsilon) {
    detail::check(ag_adagrad_init_f64(v.size(), v.data(), epsilon));
}

// One AdaGrad step without a constraint. w: parameters, updated. g: gradients. v: accumulators, updated.
inline void adagrad_step(std::span<float> w, std::span<const float> g, std::span<float> v,
                         const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step", "g", g.size(), w.size());
    detail::check_size("adagrad_step", "v", v.size(), w.size());
    detail::check(ag_adagrad_step_f32(w.size(), w.data(), g.data(), v.data(), &options));
}
inline void adagrad_step(std::span<double> w, std::span<const double> g, std::span<double> v,
                         const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step", "g", g.size(), w.size());
    detail::check_size("adagrad_step", "v", v.size(), w.size());
    detail::check(ag_adagrad_step_f64(w.size(), w.data(), g.data(), v.data(), &options));
}

// adagrad_step, then average(mean, w, t), in one call.
inline void adagrad_step_averaged(std::span<float> w, std::span<const float> g, std::span<float> v,
                                  std::span<float> mean, std::size_t t,
                                  const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_averaged", "g", g.size(), w.size());
    detail::check_size("adagrad_step_averaged", "v", v.size(), w.size());
    detail::check_size("adagrad_step_averaged", "mean", mean.size(), w.size());
    detail::check(
        ag_adagrad_step_averaged_f32(w.size(), w.data(), g.data(), v.data(), mean.data(), t, &options));
}
inline void adagrad_step_averaged(std::span<double> w, std::span<const double> g, std::span<double> v,
                                  std::span<double> mean, std::size_t t,
                                  const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_averaged", "g", g.size(), w.size());
    detail::check_size("adagrad_step_averaged", "v", v.size(), w.size());
    detail::check_size("adagrad_step_averaged", "mean", mean.size(), w.size());
    detail::check(
        ag_adagrad_step_averaged_f64(w.size(), w.data(), g.data(), v.data(), mean.data(), t, &options));
}

// The steps of many tensors in one call. Spans of pointers, as the C function takes them.
inline void adagrad_step_list(std::span<const std::size_t> sizes, std::span<float* const> w,
                              std::span<const float* const> g, std::span<float* const> v,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_list", "w", w.size(), sizes.size());
    detail::check_size("adagrad_step_list", "g", g.size(), sizes.size());
    detail::check_size("adagrad_step_list", "v", v.size(), sizes.size());
    detail::check(
        ag_adagrad_step_list_f32(sizes.size(), sizes.data(), w.data(), g.data(), v.data(), &options));
}
inline void adagrad_step_list(std::span<const std::size_t> sizes, std::span<double* const> w,
                              std::span<const double* const> g, std::span<double* const> v,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_list", "w", w.size(), sizes.size());
    detail::check_size("adagrad_step_list", "g", g.size(), sizes.size());
    detail::check_size("adagrad_step_list", "v", v.size(), sizes.size());
    detail::check(
        ag_adagrad_step_list_f64(sizes.size(), sizes.data(), w.data(), g.data(), v.data(), &options));
}

// One AdaGrad-Norm step: v is the only accumulator.
inline void adagrad_norm_step(std::span<float> w, std::span<const float> g, double& v,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_norm_step", "g", g.size(), w.size());
    detail::check(ag_adagrad_norm_step_f32(w.size(), w.data(), g.data(), &v, &options));
}
inline void adagrad_norm_step(std::span<double> w, std::span<const double> g, double& v,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_norm_step", "g", g.size(), w.size());
    detail::check(ag_adagrad_norm_step_f64(w.size(), w.data(), g.data(), &v, &options));
}

// One step of regularised dual averaging. t counts from 1.
inline void adagrad_dual_averaging_step(std::span<float> w, std::span<const float> g, std::span<float> v,
                                        std::span<float> gradient_sum, std::size_t t,
                                        const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_dual_averaging_step", "g", g.size(), w.size());
    detail::check_size("adagrad_dual_averaging_step", "v", v.size(), w.size());
    detail::check_size("adagrad_dual_averaging_step", "gradient_sum", gradient_sum.size(), w.size());
    detail::check(ag_adagrad_dual_averaging_step_f32(w.size(), w.data(), g.data(), v.data(),
                                                     gradient_sum.data(), t, &options));
}
inline void adagrad_dual_averaging_step(std::span<double> w, std::span<const double> g, std::span<double> v,
                                        std::span<double> gradient_sum, std::size_t t,
                                        const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_dual_averaging_step", "g", g.size(), w.size());
    detail::check_size("adagrad_dual_averaging_step", "v", v.size(), w.size());
    detail::check_size("adagrad_dual_averaging_step", "gradient_sum", gradient_sum.size(), w.size());
    detail::check(ag_adagrad_dual_averaging_step_f64(w.size(), w.data(), g.data(), v.data(),
                                                     gradient_sum.data(), t, &options));
}

// sum_j x_j^2, in double.
[[nodiscard]] inline double squared_norm(std::span<const float> x) {
    double result = 0;
    detail::check(ag_squared_norm_f32(x.size(), x.data(), &result));
    return result;
}
[[nodiscard]] inline double squared_norm(std::span<const double> x) {
    double result = 0;
    detail::check(ag_squared_norm_f64(x.size(), x.data(), &result));
    return result;
}

// The position of the first infinity or NaN, or x.size().
[[nodiscard]] inline std::size_t first_non_finite(std::span<const float> x) {
    std::size_t position = 0;
    detail::check(ag_first_non_finite_f32(x.size(), x.data(), &position));
    return position;
}
[[nodiscard]] inline std::size_t first_non_finite(std::span<const double> x) {
    std::size_t position = 0;
    detail::check(ag_first_non_finite_f64(x.size(), x.data(), &position));
    return position;
}

// One SGD step. The epsilon fields are not used.
inline void sgd_step(std::span<float> w, std::span<const float> g,
                     const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("sgd_step", "g", g.size(), w.size());
    detail::check(ag_sgd_step_f32(w.size(), w.data(), g.data(), &options));
}
inline void sgd_step(std::span<double> w, std::span<const double> g,
                     const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("sgd_step", "g", g.size(), w.size());
    detail::check(ag_sgd_step_f64(w.size(), w.data(), g.data(), &options));
}

// The running average of iterates: mean = mean + (w - mean) / t. t counts from 1 and includes this one.
inline void average(std::span<float> mean, std::span<const float> w, std::size_t t) {
    detail::check_size("average", "w", w.size(), mean.size());
    detail::check(ag_average_f32(mean.size(), mean.data(), w.data(), t));
}
inline void average(std::span<double> mean, std::span<const double> w, std::size_t t) {
    detail::check_size("average", "w", w.size(), mean.size());
    detail::check(ag_average_f64(mean.size(), mean.data(), w.data(), t));
}

// ---- Steps of listed coordinates and rows ------------------------------------------------------------

// The steps of listed coordinates; indices of either type, in any order, repeats add up first.
inline void adagrad_step_sparse(std::span<float> w, std::span<float> v, std::span<const std::int64_t> indices,
                                std::span<const float> g,
                                const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_sparse", "v", v.size(), w.size());
    detail::check_size("adagrad_step_sparse", "g", g.size(), indices.size());
    detail::check(ag_adagrad_step_sparse_f32(w.size(), w.data(), v.data(), indices.size(), indices.data(),
                                             g.data(), &options));
}
inline void adagrad_step_sparse(std::span<double> w, std::span<double> v,
                                std::span<const std::int64_t> indices, std::span<const double> g,
                                const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_sparse", "v", v.size(), w.size());
    detail::check_size("adagrad_step_sparse", "g", g.size(), indices.size());
    detail::check(ag_adagrad_step_sparse_f64(w.size(), w.data(), v.data(), indices.size(), indices.data(),
                                             g.data(), &options));
}
inline void adagrad_step_sparse(std::span<float> w, std::span<float> v, std::span<const std::int32_t> indices,
                                std::span<const float> g,
                                const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_sparse", "v", v.size(), w.size());
    detail::check_size("adagrad_step_sparse", "g", g.size(), indices.size());
    detail::check(ag_adagrad_step_sparse_f32_i32(w.size(), w.data(), v.data(), indices.size(), indices.data(),
                                                 g.data(), &options));
}
inline void adagrad_step_sparse(std::span<double> w, std::span<double> v,
                                std::span<const std::int32_t> indices, std::span<const double> g,
                                const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_sparse", "v", v.size(), w.size());
    detail::check_size("adagrad_step_sparse", "g", g.size(), indices.size());
    detail::check(ag_adagrad_step_sparse_f64_i32(w.size(), w.data(), v.data(), indices.size(), indices.data(),
                                                 g.data(), &options));
}

namespace detail {

inline std::size_t table_size(const char* function, std::size_t rows, std::size_t cols) {
    if (cols != 0 && rows > static_cast<std::size_t>(-1) / cols) {
        throw Error(AG_ERROR_SIZE, std::string(function) + ": rows times cols overflows");
    }
    return rows * cols;
}

template <class Scalar>
void check_table(const char* function, std::size_t rows, std::size_t cols, std::span<Scalar> w,
                 std::span<Scalar> v, std::size_t accumulators, std::span<const Scalar> g,
                 std::size_t gradients) {
    check_size(function, "w", w.size(), table_size(function, rows, cols));
    check_size(function, "v", v.size(), accumulators);
    check_size(function, "g", g.size(), table_size(function, gradients, cols));
}

} // namespace detail

// The bags of a pooled embedding: the C struct. Arrays are referred to, not copied.
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
using Bags = std::conditional_t<std::same_as<Scalar, float>, ag_bags_f32, ag_bags_f64>;

// Steps of listed rows of a rows x cols table; an accumulator per element (v: rows * cols).
inline void adagrad_step_rows(std::size_t rows, std::size_t cols, std::span<float> w, std::span<float> v,
                              std::span<const std::int64_t> row_indices, std::span<const float> g,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows", rows, cols, w, v, w.size(), g, row_indices.size());
    detail::check(ag_adagrad_step_rows_f32(rows, cols, w.data(), v.data(), row_indices.size(),
                                           row_indices.data(), g.data(), &options));
}
inline void adagrad_step_rows(std::size_t rows, std::size_t cols, std::span<double> w, std::span<double> v,
                              std::span<const std::int64_t> row_indices, std::span<const double> g,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows", rows, cols, w, v, w.size(), g, row_indices.size());
    detail::check(ag_adagrad_step_rows_f64(rows, cols, w.data(), v.data(), row_indices.size(),
                                           row_indices.data(), g.data(), &options));
}
inline void adagrad_step_rows(std::size_t rows, std::size_t cols, std::span<float> w, std::span<float> v,
                              std::span<const std::int32_t> row_indices, std::span<const float> g,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows", rows, cols, w, v, w.size(), g, row_indices.size());
    detail::check(ag_adagrad_step_rows_f32_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                               row_indices.data(), g.data(), &options));
}
inline void adagrad_step_rows(std::size_t rows, std::size_t cols, std::span<double> w, std::span<double> v,
                              std::span<const std::int32_t> row_indices, std::span<const double> g,
                              const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows", rows, cols, w, v, w.size(), g, row_indices.size());
    detail::check(ag_adagrad_step_rows_f64_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                               row_indices.data(), g.data(), &options));
}

// The same by the gradients of bags (g: bags.count * cols).
inline void adagrad_step_rows_pooled(std::size_t rows, std::size_t cols, std::span<float> w,
                                     std::span<float> v, std::span<const std::int64_t> row_indices,
                                     const Bags<float>& bags, std::span<const float> g,
                                     const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows_pooled", rows, cols, w, v, w.size(), g, bags.count);
    detail::check(ag_adagrad_step_rows_pooled_f32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                  row_indices.data(), &bags, g.data(), &options));
}
inline void adagrad_step_rows_pooled(std::size_t rows, std::size_t cols, std::span<double> w,
                                     std::span<double> v, std::span<const std::int64_t> row_indices,
                                     const Bags<double>& bags, std::span<const double> g,
                                     const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows_pooled", rows, cols, w, v, w.size(), g, bags.count);
    detail::check(ag_adagrad_step_rows_pooled_f64(rows, cols, w.data(), v.data(), row_indices.size(),
                                                  row_indices.data(), &bags, g.data(), &options));
}
inline void adagrad_step_rows_pooled(std::size_t rows, std::size_t cols, std::span<float> w,
                                     std::span<float> v, std::span<const std::int32_t> row_indices,
                                     const Bags<float>& bags, std::span<const float> g,
                                     const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows_pooled", rows, cols, w, v, w.size(), g, bags.count);
    detail::check(ag_adagrad_step_rows_pooled_f32_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                      row_indices.data(), &bags, g.data(), &options));
}
inline void adagrad_step_rows_pooled(std::size_t rows, std::size_t cols, std::span<double> w,
                                     std::span<double> v, std::span<const std::int32_t> row_indices,
                                     const Bags<double>& bags, std::span<const double> g,
                                     const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rows_pooled", rows, cols, w, v, w.size(), g, bags.count);
    detail::check(ag_adagrad_step_rows_pooled_f64_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                      row_indices.data(), &bags, g.data(), &options));
}

// The same with an accumulator per row (v: rows).
inline void adagrad_step_rowwise(std::size_t rows, std::size_t cols, std::span<float> w, std::span<float> v,
                                 std::span<const std::int64_t> row_indices, std::span<const float> g,
                                 const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise", rows, cols, w, v, rows, g, row_indices.size());
    detail::check(ag_adagrad_step_rowwise_f32(rows, cols, w.data(), v.data(), row_indices.size(),
                                              row_indices.data(), g.data(), &options));
}
inline void adagrad_step_rowwise(std::size_t rows, std::size_t cols, std::span<double> w, std::span<double> v,
                                 std::span<const std::int64_t> row_indices, std::span<const double> g,
                                 const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise", rows, cols, w, v, rows, g, row_indices.size());
    detail::check(ag_adagrad_step_rowwise_f64(rows, cols, w.data(), v.data(), row_indices.size(),
                                              row_indices.data(), g.data(), &options));
}
inline void adagrad_step_rowwise(std::size_t rows, std::size_t cols, std::span<float> w, std::span<float> v,
                                 std::span<const std::int32_t> row_indices, std::span<const float> g,
                                 const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise", rows, cols, w, v, rows, g, row_indices.size());
    detail::check(ag_adagrad_step_rowwise_f32_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                  row_indices.data(), g.data(), &options));
}
inline void adagrad_step_rowwise(std::size_t rows, std::size_t cols, std::span<double> w, std::span<double> v,
                                 std::span<const std::int32_t> row_indices, std::span<const double> g,
                                 const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise", rows, cols, w, v, rows, g, row_indices.size());
    detail::check(ag_adagrad_step_rowwise_f64_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                  row_indices.data(), g.data(), &options));
}

// The same by the gradients of bags (g: bags.count * cols).
inline void adagrad_step_rowwise_pooled(std::size_t rows, std::size_t cols, std::span<float> w,
                                        std::span<float> v, std::span<const std::int64_t> row_indices,
                                        const Bags<float>& bags, std::span<const float> g,
                                        const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise_pooled", rows, cols, w, v, rows, g, bags.count);
    detail::check(ag_adagrad_step_rowwise_pooled_f32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                     row_indices.data(), &bags, g.data(), &options));
}
inline void adagrad_step_rowwise_pooled(std::size_t rows, std::size_t cols, std::span<double> w,
                                        std::span<double> v, std::span<const std::int64_t> row_indices,
                                        const Bags<double>& bags, std::span<const double> g,
                                        const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise_pooled", rows, cols, w, v, rows, g, bags.count);
    detail::check(ag_adagrad_step_rowwise_pooled_f64(rows, cols, w.data(), v.data(), row_indices.size(),
                                                     row_indices.data(), &bags, g.data(), &options));
}
inline void adagrad_step_rowwise_pooled(std::size_t rows, std::size_t cols, std::span<float> w,
                                        std::span<float> v, std::span<const std::int32_t> row_indices,
                                        const Bags<float>& bags, std::span<const float> g,
                                        const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise_pooled", rows, cols, w, v, rows, g, bags.count);
    detail::check(ag_adagrad_step_rowwise_pooled_f32_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                         row_indices.data(), &bags, g.data(), &options));
}
inline void adagrad_step_rowwise_pooled(std::size_t rows, std::size_t cols, std::span<double> w,
                                        std::span<double> v, std::span<const std::int32_t> row_indices,
                                        const Bags<double>& bags, std::span<const double> g,
                                        const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_table("adagrad_step_rowwise_pooled", rows, cols, w, v, rows, g, bags.count);
    detail::check(ag_adagrad_step_rowwise_pooled_f64_i32(rows, cols, w.data(), v.data(), row_indices.size(),
                                                         row_indices.data(), &bags, g.data(), &options));
}

// ---- 16-bit numbers and compressed accumulators ------------------------------------------------------
//
// bfloat16 and binary16 are both held as std::uint16_t, so that the names tell them apart.

// One step with parameters and gradients in 16 bits.
inline void adagrad_step_bf16(std::span<std::uint16_t> w, std::span<const std::uint16_t> g,
                              std::span<float> v, const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_bf16", "g", g.size(), w.size());
    detail::check_size("adagrad_step_bf16", "v", v.size(), w.size());
    detail::check(ag_adagrad_step_bf16(w.size(), w.data(), g.data(), v.data(), &options));
}

// One step of master parameters by gradients in 16 bits. w_copy receives w in 16 bits, unless it is empty.
inline void adagrad_step_master_bf16(std::span<float> w, std::span<std::uint16_t> w_copy,
                                     std::span<const std::uint16_t> g, std::span<float> v,
                                     const ag_adagrad_options& options = AdagradOptions{}) {
    if (!w_copy.empty()) {
        detail::check_size("adagrad_step_master_bf16", "w_copy", w_copy.size(), w.size());
    }
    detail::check_size("adagrad_step_master_bf16", "g", g.size(), w.size());
    detail::check_size("adagrad_step_master_bf16", "v", v.size(), w.size());
    detail::check(ag_adagrad_step_master_bf16(w.size(), w.data(), w_copy.empty() ? nullptr : w_copy.data(),
                                              g.data(), v.data(), &options));
}

// Conversions, to 16 bits by rounding to nearest.
inline void bf16_from_f32(std::span<const float> x, std::span<std::uint16_t> out) {
    detail::check_size("bf16_from_f32", "out", out.size(), x.size());
    detail::check(ag_bf16_from_f32(x.size(), x.data(), out.data()));
}
inline void f32_from_bf16(std::span<const std::uint16_t> x, std::span<float> out) {
    detail::check_size("f32_from_bf16", "out", out.size(), x.size());
    detail::check(ag_f32_from_bf16(x.size(), x.data(), out.data()));
}

// One step with parameters and gradients in 16 bits.
inline void adagrad_step_f16(std::span<std::uint16_t> w, std::span<const std::uint16_t> g, std::span<float> v,
                             const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_f16", "g", g.size(), w.size());
    detail::check_size("adagrad_step_f16", "v", v.size(), w.size());
    detail::check(ag_adagrad_step_f16(w.size(), w.data(), g.data(), v.data(), &options));
}

// One step of master parameters by gradients in 16 bits. w_copy receives w in 16 bits, unless it is empty.
inline void adagrad_step_master_f16(std::span<float> w, std::span<std::uint16_t> w_copy,
                                    std::span<const std::uint16_t> g, std::span<float> v,
                                    const ag_adagrad_options& options = AdagradOptions{}) {
    if (!w_copy.empty()) {
        detail::check_size("adagrad_step_master_f16", "w_copy", w_copy.size(), w.size());
    }
    detail::check_size("adagrad_step_master_f16", "g", g.size(), w.size());
    detail::check_size("adagrad_step_master_f16", "v", v.size(), w.size());
    detail::check(ag_adagrad_step_master_f16(w.size(), w.data(), w_copy.empty() ? nullptr : w_copy.data(),
                                             g.data(), v.data(), &options));
}

// Conversions, to 16 bits by rounding to nearest.
inline void f16_from_f32(std::span<const float> x, std::span<std::uint16_t> out) {
    detail::check_size("f16_from_f32", "out", out.size(), x.size());
    detail::check(ag_f16_from_f32(x.size(), x.data(), out.data()));
}
inline void f32_from_f16(std::span<const std::uint16_t> x, std::span<float> out) {
    detail::check_size("f32_from_f16", "out", out.size(), x.size());
    detail::check(ag_f32_from_f16(x.size(), x.data(), out.data()));
}

// The number of scales of a compressed accumulator of n elements.
[[nodiscard]] constexpr std::size_t accumulator_blocks(std::size_t n) noexcept {
    return n / AG_ACCUMULATOR_BLOCK + (n % AG_ACCUMULATOR_BLOCK != 0 ? 1 : 0);
}

// One step with an accumulator of 8 bits per element, and a scale per block.
inline void adagrad_step_compressed(std::span<float> w, std::span<const float> g, std::span<std::uint8_t> v,
                                    std::span<float> scales,
                                    const ag_adagrad_options& options = AdagradOptions{}) {
    detail::check_size("adagrad_step_compressed", "g", g.size(), w.size());
    detail::check_size("adagrad_step_compressed", "v", v.size(), w.size());
    detail::check_size("adagrad_step_compressed", "scales", scales.size(), accumulator_blocks(w.size()));
    detail::check(
        ag_adagrad_step_compressed_f32(w.size(), w.data(), g.data(), v.data(), scales.data(), &options));
}

// An accumulator compressed and back.
inline void accumulator_encode(std::span<const float> v, std::span<std::uint8_t> codes,
                               std::span<float> scales) {
    detail::check_size("accumulator_encode", "codes", codes.size(), v.size());
    detail::check_size("accumulator_encode", "scales", scales.size(), accumulator_blocks(v.size()));
    detail::check(ag_accumulator_encode_f32(v.size(), v.data(), codes.data(), scales.data()));
}
inline void accumulator_decode(std::span<const std::uint8_t> codes, std::span<const float> scales,
                               std::span<float> v) {
    detail::check_size("accumulator_decode", "codes", codes.size(), v.size());
    detail::check_size("accumulator_decode", "scales", scales.size(), accumulator_blocks(v.size()));
    detail::check(ag_accumulator_decode_f32(v.size(), codes.data(), scales.data(), v.data()));
}

// ---- Projections -----------------------------------------------------------------------------------

// A convex set for vectors of float or double: the C struct, filled with its defaults (a box without
// bounds). The factories below cover the usual cases; what they do not can be set in the C fields.
// Arrays are referred to, not copied: they must outlive the calls that the set is used in.
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
struct Set : ag_set {
    Set() noexcept : ag_set{} { ag_set_init(this); }

    // lower <= p_j <= upper
    [[nodiscard]] static Set box(double lower_bound, double upper_bound) noexcept {
        Set set;
        set.lower = lower_bound;
        set.upper = upper_bound;
        return set;
    }

    // lower_j <= p_j <= upper_j
    [[nodiscard]] static Set box(std::span<const Scalar> lower, std::span<const Scalar> upper) {
        detail::check_size("Set::box", "upper", upper.size(), lower.size());
        Set set;
        set.lower_bounds = lower.data();
        set.upper_bounds = upper.data();
        set.array_size = lower.size();
        return set;
    }

    // p_j >= 0
    [[nodiscard]] static Set nonnegative() noexcept {
        Set set;
        set.kind = AG_SET_NONNEGATIVE;
        return set;
    }

    // max_j |p_j| <= radius
    [[nodiscard]] static Set linf_ball(double radius) noexcept { return ball(AG_SET_LINF_BALL, radius); }
    // max_j |p_j - center_j| <= radius
    [[nodiscard]] static Set linf_ball(double radius, std::span<const Scalar> center) noexcept {
        return ball(AG_SET_LINF_BALL, radius, center);
    }

    // sum_j p_j^2 <= radius^2
    [[nodiscard]] static Set l2_ball(double radius) noexcept { return ball(AG_SET_L2_BALL, radius); }
    // sum_j (p_j - center_j)^2 <= radius^2
    [[nodiscard]] static Set l2_ball(double radius, std::span<const Scalar> center) noexcept {
        return ball(AG_SET_L2_BALL, radius, center);
    }

    // sum_j |p_j| <= radius
    [[nodiscard]] static Set l1_ball(double radius) noexcept { return ball(AG_SET_L1_BALL, radius); }
    // sum_j |p_j - center_j| <= radius
    [[nodiscard]] static Set l1_ball(double radius, std::span<const Scalar> center) noexcept {
        return ball(AG_SET_L1_BALL, radius, center);
    }
    // sum_j weights_j |p_j| <= radius, weights_j >= 0
    [[nodiscard]] static Set weighted_l1_ball(double radius, std::span<const Scalar> weights) noexcept {
        Set set = linear(AG_SET_WEIGHTED_L1_BALL, weights, 0);
        set.radius = radius;
        return set;
    }
    // sum_j weights_j |p_j - center_j| <= radius
    [[nodiscard]] static Set weighted_l1_ball(double radius, std::span<const Scalar> weights,
                                              std::span<const Scalar> center) {
        detail::check_size("Set::weighted_l1_ball", "center", center.size(), weights.size());
        Set set = weighted_l1_ball(radius, weights);
        set.center = center.data();
        return set;
    }

    // p_j >= 0, sum_j p_j = sum
    [[nodiscard]] static Set simplex(double sum) noexcept { return ball(AG_SET_SIMPLEX, sum); }
    // 0 <= p_j <= cap, sum_j p_j = sum
    [[nodiscard]] static Set capped_simplex(double sum, double cap) noexcept {
        Set set = ball(AG_SET_CAPPED_SIMPLEX, sum);
        set.upper = cap;
        return set;
    }
    // 0 <= p_j <= caps_j, sum_j p_j = sum
    [[nodiscard]] static Set capped_simplex(double sum, std::span<const Scalar> caps) noexcept {
        Set set = ball(AG_SET_CAPPED_SIMPLEX, sum);
        set.upper_bounds = caps.data();
        set.array_size = caps.size();
        return set;
    }
    // lower_bound <= p_j <= upper_bound, sum_j normal_j p_j = offset
    [[nodiscard]] static Set box_section(double lower_bound, double upper_bound,
                                         std::span<const Scalar> normal, double offset) noexcept {
        Set set = linear(AG_SET_BOX_SECTION, normal, offset);
        set.lower = lower_bound;
        set.upper = upper_bound;
        return set;
    }
    // lower_j <= p_j <= upper_j, sum_j normal_j p_j = offset
    [[nodiscard]] static Set box_section(std::span<const Scalar> lower, std::span<const Scalar> upper,
                                         std::span<const Scalar> normal, double offset) {
        detail::check_size("Set::box_section", "lower", lower.size(), normal.size());
        detail::check_size("Set::box_section", "upper", upper.size(), normal.size());
        Set set = linear(AG_SET_BOX_SECTION, normal, offset);
        set.lower_bounds = lower.data();
        set.upper_bounds = upper.data();
        return set;
    }

    // sum_j normal_j p_j <= offset
    [[nodiscard]] static Set halfspace(std::span<const Scalar> normal, double offset) noexcept {
        return linear(AG_SET_HALFSPACE, normal, offset);
    }
    // sum_j normal_j p_j = offset
    [[nodiscard]] static Set hyperplane(std::span<const Scalar> normal, double offset) noexcept {
        return linear(AG_SET_HYPERPLANE, normal, offset);
    }
    // lower_offset <= sum_j normal_j p_j <= offset
    [[nodiscard]] static Set slab(std::span<const Scalar> normal, double lower_offset,
                                  double offset) noexcept {
        Set set = linear(AG_SET_SLAB, normal, offset);
        set.lower_offset = lower_offset;
        return set;
    }

    // sqrt(sum over j > 0 of p_j^2) <= p_0
    [[nodiscard]] static Set second_order_cone() noexcept {
        Set set;
        set.kind = AG_SET_SECOND_ORDER_CONE;
        return set;
    }

    // The sum of the L2 norms of the groups p[0] ... p[length - 1], p[length] ..., each less a center's, <= radius
    [[nodiscard]] static Set group_l1_ball(double radius, std::size_t length) noexcept {
        Set set = ball(AG_SET_GROUP_L1_BALL, radius);
        set.group_length = length;
        return set;
    }
    // The same, where group g is p[offsets[g]] ... p[offsets[g + 1] - 1].
    [[nodiscard]] static Set group_l1_ball(double radius, std::span<const std::int64_t> offsets) {
        detail::check_size_at_least("Set::group_l1_ball", "offsets", offsets.size(), 1);
        Set set = ball(AG_SET_GROUP_L1_BALL, radius);
        set.group_offsets = offsets.data();
        set.group_count = offsets.size() - 1;
        return set;
    }

    // Private memory of at least project_workspace() bytes, so that the call allocates nothing.
    Set& set_workspace(std::span<std::byte> memory) noexcept {
        workspace = detail::workspace_address(memory);
        workspace_size = memory.size();
        return *this;
    }

    // The length of the arrays given to a factory, compared with the vector's at each call.
    std::optional<std::size_t> array_size;

private:
    static Set ball(ag_set_kind kind, double radius) noexcept {
        Set set;
        set.kind = kind;
        set.radius = radius;
        return set;
    }
    static Set ball(ag_set_kind kind, double radius, std::span<const Scalar> center) noexcept {
        Set set = ball(kind, radius);
        set.center = center.data();
        set.array_size = center.size();
        return set;
    }
    static Set linear(ag_set_kind kind, std::span<const Scalar> normal, double offset) noexcept {
        Set set;
        set.kind = kind;
        set.normal = normal.data();
        set.offset = offset;
        set.array_size = normal.size();
        return set;
    }
};

// A sharded vector's reducer (ag_reducer): sum(std::span<double>) adds up over all shards in place, and where it throws it
// has failed. Refers to sum, and a set refers to this by set.reducer: both must outlive the calls.
template <class Sum>
requires std::invocable<Sum&, std::span<double>>
struct Reducer : ag_reducer {
    Reducer(Sum& sum, std::size_t total, std::size_t begin) noexcept
        : ag_reducer{call, const_cast<void*>(static_cast<const void*>(std::addressof(sum))), total, begin} {}

private:
    static int call(void* context, std::size_t count, double* values) noexcept {
        try {
            (*static_cast<Sum*>(context))(std::span<double>(values, count));
            return 0;
        } catch (...) {
            return 1;
        }
    }
};

// Shards begin at multiples of this, of a vector of total elements.
template <class Scalar>
[[nodiscard]] std::size_t shard_granule(std::size_t total, const Set<Scalar>& set) {
    std::size_t granule = 0;
    detail::check(ag_shard_granule(total, &set, &granule));
    return granule;
}

// The bytes of workspace that a projection of n elements, or of rows of n, onto the set needs.
[[nodiscard]] inline std::size_t project_workspace(std::size_t n, const Set<float>& set) {
    std::size_t bytes = 0;
    detail::check(ag_project_workspace_f32(n, &set, &bytes));
    return bytes;
}
[[nodiscard]] inline std::size_t project_workspace(std::size_t n, const Set<double>& set) {
    std::size_t bytes = 0;
    detail::check(ag_project_workspace_f64(n, &set, &bytes));
    return bytes;
}

// Projects x onto the set in the Euclidean norm, in place.
inline void project(std::span<float> x, const Set<float>& set) {
    detail::check_size("project", "an array of set", set.array_size.value_or(x.size()), x.size());
    detail::check(ag_project_f32(x.size(), x.data(), nullptr, &set));
}
inline void project(std::span<double> x, const Set<double>& set) {
    detail::check_size("project", "an array of set", set.array_size.value_or(x.size()), x.size());
    detail::check(ag_project_f64(x.size(), x.data(), nullptr, &set));
}

// Projects x onto the set in the norm of diag(lambda), in place.
inline void project(std::span<float> x, std::span<const float> lambda, const Set<float>& set) {
    detail::check_size("project", "lambda", lambda.size(), x.size());
    detail::check_size("project", "an array of set", set.array_size.value_or(x.size()), x.size());
    detail::check(ag_project_f32(x.size(), x.data(), lambda.data(), &set));
}
inline void project(std::span<double> x, std::span<const double> lambda, const Set<double>& set) {
    detail::check_size("project", "lambda", lambda.size(), x.size());
    detail::check_size("project", "an array of set", set.array_size.value_or(x.size()), x.size());
    detail::check(ag_project_f64(x.size(), x.data(), lambda.data(), &set));
}

namespace detail {

template <class Element>
const Element* data_or_null(std::span<const Element> values) noexcept {
    return values.empty() ? nullptr : values.data();
}

// Rows that lie stride apart; what overflows is left to the C function.
inline void check_rows_of(const char* argument, std::size_t size, std::size_t rows, std::size_t cols,
                          std::size_t stride) {
    if (rows != 0 && cols != 0 && stride >= cols && (rows - 1) <= (SIZE_MAX - cols) / stride)
        check_size_at_least("project_rows", argument, size, (rows - 1) * stride + cols);
}

template <class Options>
void check_row_projection(std::size_t rows, std::size_t cols, const Options& options,
                          std::optional<std::size_t> array_size) {
    if (!options.lambda.empty())
        check_rows_of("lambda", options.lambda.size(), options.lambda_stride == 0 ? 1 : rows, cols,
                      options.lambda_stride == 0 ? cols : options.lambda_stride);
    if (!options.radii.empty())
        check_size("project_rows", "radii", options.radii.size(), rows);
    check_size("project_rows", "an array of set", array_size.value_or(cols), cols);
}

} // namespace detail

// What project_rows takes besides: empty spans are absent.
template <class Scalar>
struct RowProjection {
    std::span<const Scalar> lambda = {}; // rows of weights that lie lambda_stride apart, or one for all
    std::size_t lambda_stride = 0;       // 0: one row for all
    std::span<const double> radii = {};  // a radius, or an offset, for each row, in place of the set's
};

// Projects each row of x, rows of cols elements that lie row_stride apart, onto the set, in place.
inline void project_rows(std::size_t rows, std::size_t cols, std::size_t row_stride, std::span<float> x,
                         const Set<float>& set, const RowProjection<float>& options = {}) {
    detail::check_rows_of("x", x.size(), rows, cols, row_stride);
    detail::check_row_projection(rows, cols, options, set.array_size);
    detail::check(ag_project_rows_f32(rows, cols, row_stride, x.data(), detail::data_or_null(options.lambda),
                                      options.lambda_stride, detail::data_or_null(options.radii), &set));
}
inline void project_rows(std::size_t rows, std::size_t cols, std::size_t row_stride, std::span<double> x,
                         const Set<double>& set, const RowProjection<double>& options = {}) {
    detail::check_rows_of("x", x.size(), rows, cols, row_stride);
    detail::check_row_projection(rows, cols, options, set.array_size);
    detail::check(ag_project_rows_f64(rows, cols, row_stride, x.data(), detail::data_or_null(options.lambda),
                                      options.lambda_stride, detail::data_or_null(options.radii), &set));
}

// One AdaGrad step followed by the projection onto the set in the norm of this same step.
inline void adagrad_step_projected(std::span<float> w, std::span<const float> g, std::span<float> v,
                                   const ag_adagrad_options& options, const Set<float>& set) {
    detail::check_size("adagrad_step_projected", "g", g.size(), w.size());
    detail::check_size("adagrad_step_projected", "v", v.size(), w.size());
    detail::check_size("adagrad_step_projected", "an array of set", set.array_size.value_or(w.size()),
                       w.size());
    detail::check(ag_adagrad_step_projected_f32(w.size(), w.data(), g.data(), v.data(), &options, &set));
}
inline void adagrad_step_projected(std::span<double> w, std::span<const double> g, std::span<double> v,
                                   const ag_adagrad_options& options, const Set<double>& set) {
    detail::check_size("adagrad_step_projected", "g", g.size(), w.size());
    detail::check_size("adagrad_step_projected", "v", v.size(), w.size());
    detail::check_size("adagrad_step_projected", "an array of set", set.array_size.value_or(w.size()),
                       w.size());
    detail::check(ag_adagrad_step_projected_f64(w.size(), w.data(), g.data(), v.data(), &options, &set));
}

// ---- Elementary functions --------------------------------------------------------------------------

// out[i] = e^x[i]. In this and the next three, out may be x.
inline void exp(std::span<const float> x, std::span<float> out) {
    detail::check_size("exp", "out", out.size(), x.size());
    detail::check(ag_exp_f32(x.size(), x.data(), out.data()));
}
inline void exp(std::span<const double> x, std::span<double> out) {
    detail::check_size("exp", "out", out.size(), x.size());
    detail::check(ag_exp_f64(x.size(), x.data(), out.data()));
}

// out[i] = log(1 + x[i])
inline void log1p(std::span<const float> x, std::span<float> out) {
    detail::check_size("log1p", "out", out.size(), x.size());
    detail::check(ag_log1p_f32(x.size(), x.data(), out.data()));
}
inline void log1p(std::span<const double> x, std::span<double> out) {
    detail::check_size("log1p", "out", out.size(), x.size());
    detail::check(ag_log1p_f64(x.size(), x.data(), out.data()));
}

// out[i] = 1 / (1 + e^-x[i])
inline void sigmoid(std::span<const float> x, std::span<float> out) {
    detail::check_size("sigmoid", "out", out.size(), x.size());
    detail::check(ag_sigmoid_f32(x.size(), x.data(), out.data()));
}
inline void sigmoid(std::span<const double> x, std::span<double> out) {
    detail::check_size("sigmoid", "out", out.size(), x.size());
    detail::check(ag_sigmoid_f64(x.size(), x.data(), out.data()));
}

// out[i] = log(1 + e^x[i])
inline void softplus(std::span<const float> x, std::span<float> out) {
    detail::check_size("softplus", "out", out.size(), x.size());
    detail::check(ag_softplus_f32(x.size(), x.data(), out.data()));
}
inline void softplus(std::span<const double> x, std::span<double> out) {
    detail::check_size("softplus", "out", out.size(), x.size());
    detail::check(ag_softplus_f64(x.size(), x.data(), out.data()));
}

// ---- Matrices --------------------------------------------------------------------------------------

// Views of a matrix: the C structs. They refer to the arrays, which must outlive them.
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
using Dense = std::conditional_t<std::is_same_v<Scalar, float>, ag_dense_f32, ag_dense_f64>;
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
using Csr = std::conditional_t<std::is_same_v<Scalar, float>, ag_csr_f32, ag_csr_f64>;
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
using Csr64 = std::conditional_t<std::is_same_v<Scalar, float>, ag_csr64_f32, ag_csr64_f64>;

namespace detail {

// The elements from the first of a row-major matrix to its last.
inline std::size_t dense_extent(std::size_t rows, std::size_t cols, std::size_t row_stride) {
    if (rows == 0 || cols == 0) {
        return 0;
    }
    if (row_stride < cols) {
        throw Error(AG_ERROR_SIZE, "dense: row_stride is " + std::to_string(row_stride) +
                                       ", less than cols " + std::to_string(cols));
    }
    if (rows - 1 > (std::numeric_limits<std::size_t>::max() - cols) / row_stride) {
        throw Error(AG_ERROR_SIZE, "dense: rows * row_stride overflows");
    }
    return (rows - 1) * row_stride + cols;
}

inline std::size_t csr_rows(std::span<const std::int64_t> row_offsets, std::size_t columns_size) {
    check_size_at_least("csr", "row_offsets", row_offsets.size(), 1);
    // A negative offset is for the C function to refuse.
    if (row_offsets.back() > 0) {
        check_size_at_least("csr", "columns", columns_size, static_cast<std::size_t>(row_offsets.back()));
    }
    return row_offsets.size() - 1;
}

} // namespace detail

// A dense row-major matrix; element (i, j) is values[i * row_stride + j].
[[nodiscard]] inline ag_dense_f32 dense(std::span<const float> values, std::size_t rows, std::size_t cols,
                                        std::size_t row_stride) {
    detail::check_size_at_least("dense", "values", values.size(),
                                detail::dense_extent(rows, cols, row_stride));
    return {rows, cols, row_stride, values.data()};
}
[[nodiscard]] inline ag_dense_f64 dense(std::span<const double> values, std::size_t rows, std::size_t cols,
                                        std::size_t row_stride) {
    detail::check_size_at_least("dense", "values", values.size(),
                                detail::dense_extent(rows, cols, row_stride));
    return {rows, cols, row_stride, values.data()};
}

// The same without gaps between the rows.
[[nodiscard]] inline ag_dense_f32 dense(std::span<const float> values, std::size_t rows, std::size_t cols) {
    return dense(values, rows, cols, cols);
}
[[nodiscard]] inline ag_dense_f64 dense(std::span<const double> values, std::size_t rows, std::size_t cols) {
    return dense(values, rows, cols, cols);
}

// With elements of 16 bits.
[[nodiscard]] inline ag_dense_bf16 dense_bf16(std::span<const std::uint16_t> values, std::size_t rows,
                                              std::size_t cols, std::size_t row_stride) {
    detail::check_size_at_least("dense_bf16", "values", values.size(),
                                detail::dense_extent(rows, cols, row_stride));
    return {rows, cols, row_stride, values.data()};
}
[[nodiscard]] inline ag_dense_bf16 dense_bf16(std::span<const std::uint16_t> values, std::size_t rows,
                                              std::size_t cols) {
    return dense_bf16(values, rows, cols, cols);
}
[[nodiscard]] inline ag_dense_f16 dense_f16(std::span<const std::uint16_t> values, std::size_t rows,
                                            std::size_t cols, std::size_t row_stride) {
    detail::check_size_at_least("dense_f16", "values", values.size(),
                                detail::dense_extent(rows, cols, row_stride));
    return {rows, cols, row_stride, values.data()};
}
[[nodiscard]] inline ag_dense_f16 dense_f16(std::span<const std::uint16_t> values, std::size_t rows,
                                            std::size_t cols) {
    return dense_f16(values, rows, cols, cols);
}

// A sparse matrix compressed by rows. row_offsets has one element more than there are rows.
[[nodiscard]] inline ag_csr_f32 csr(std::size_t cols, std::span<const std::int64_t> row_offsets,
                                    std::span<const std::int32_t> columns, std::span<const float> values) {
    const std::size_t rows = detail::csr_rows(row_offsets, columns.size());
    detail::check_size("csr", "values", values.size(), columns.size());
    return {rows, cols, row_offsets.data(), columns.data(), values.data()};
}
[[nodiscard]] inline ag_csr_f64 csr(std::size_t cols, std::span<const std::int64_t> row_offsets,
                                    std::span<const std::int32_t> columns, std::span<const double> values) {
    const std::size_t rows = detail::csr_rows(row_offsets, columns.size());
    detail::check_size("csr", "values", values.size(), columns.size());
    return {rows, cols, row_offsets.data(), columns.data(), values.data()};
}

// The same with 64-bit columns.
[[nodiscard]] inline ag_csr64_f32 csr(std::size_t cols, std::span<const std::int64_t> row_offsets,
                                      std::span<const std::int64_t> columns, std::span<const float> values) {
    const std::size_t rows = detail::csr_rows(row_offsets, columns.size());
    detail::check_size("csr", "values", values.size(), columns.size());
    return {rows, cols, row_offsets.data(), columns.data(), values.data()};
}
[[nodiscard]] inline ag_csr64_f64 csr(std::size_t cols, std::span<const std::int64_t> row_offsets,
                                      std::span<const std::int64_t> columns, std::span<const double> values) {
    const std::size_t rows = detail::csr_rows(row_offsets, columns.size());
    detail::check_size("csr", "values", values.size(), columns.size());
    return {rows, cols, row_offsets.data(), columns.data(), values.data()};
}

// A sparse matrix whose every stored entry is 1: csr_of_ones<float>(cols, row_offsets, columns).
template <class Scalar>
[[nodiscard]] Csr<Scalar> csr_of_ones(std::size_t cols, std::span<const std::int64_t> row_offsets,
                                      std::span<const std::int32_t> columns) {
    const std::size_t rows = detail::csr_rows(row_offsets, columns.size());
    return {rows, cols, row_offsets.data(), columns.data(), nullptr};
}
template <class Scalar>
[[nodiscard]] Csr64<Scalar> csr_of_ones(std::size_t cols, std::span<const std::int64_t> row_offsets,
                                        std::span<const std::int64_t> columns) {
    const std::size_t rows = detail::csr_rows(row_offsets, columns.size());
    return {rows, cols, row_offsets.data(), columns.data(), nullptr};
}

// ---- Logistic loss and gradient --------------------------------------------------------------------

// The C struct, filled with its defaults. The functions below set its arrays from spans, which are
// referred to and must outlive the calls.
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
struct LogisticOptions : ag_logistic_options {
    LogisticOptions() noexcept : ag_logistic_options{} { ag_logistic_options_init(this); }

    // One weight per row of X.
    LogisticOptions& set_sample_weight(std::span<const Scalar> weights) noexcept {
        sample_weight = weights.data();
        sample_weight_size = weights.size();
        return *this;
    }

    // The mini-batch: rows of X, repeats allowed. An empty span is an empty batch, not all rows.
    LogisticOptions& set_row_indices(std::span<const std::int64_t> indices) noexcept {
        // NULL would mean all rows, and an empty span's data() may be NULL.
        static constexpr std::int64_t empty_batch = 0;
        row_indices = indices.empty() ? &empty_batch : indices.data();
        row_count = indices.size();
        return *this;
    }

    // Private memory of at least logistic_workspace() bytes, so that the call allocates nothing.
    LogisticOptions& set_workspace(std::span<std::byte> memory) noexcept {
        workspace = detail::workspace_address(memory);
        workspace_size = memory.size();
        return *this;
    }

    // The length given to set_sample_weight, compared with the rows of X at each call.
    std::optional<std::size_t> sample_weight_size;
};

namespace detail {

template <class Matrix>
struct Logistic;
template <>
struct Logistic<ag_dense_f32> {
    using Scalar = float;
    static constexpr auto evaluate = &ag_logistic_dense_f32;
    static constexpr auto workspace = &ag_logistic_dense_workspace_f32;
    static constexpr auto softmax = &ag_softmax_dense_f32;
    static constexpr auto softmax_workspace = &ag_softmax_dense_workspace_f32;
    static constexpr auto margins = &ag_logistic_margins_dense_f32;
    static constexpr auto probabilities = &ag_logistic_probabilities_dense_f32;
    static constexpr auto hessian_vector = &ag_logistic_hessian_vector_dense_f32;
    static constexpr auto hessian_diagonal = &ag_logistic_hessian_diagonal_dense_f32;
    static constexpr auto smoothness = &ag_logistic_smoothness_dense_f32;
    static constexpr auto noise = &ag_logistic_noise_dense_f32;
    static constexpr auto columns_workspace = &ag_logistic_columns_workspace_dense_f32;
};
template <>
struct Logistic<ag_dense_f64> {
    using Scalar = double;
    static constexpr auto evaluate = &ag_logistic_dense_f64;
    static constexpr auto workspace = &ag_logistic_dense_workspace_f64;
    static constexpr auto softmax = &ag_softmax_dense_f64;
    static constexpr auto softmax_workspace = &ag_softmax_dense_workspace_f64;
    static constexpr auto margins = &ag_logistic_margins_dense_f64;
    static constexpr auto probabilities = &ag_logistic_probabilities_dense_f64;
    static constexpr auto hessian_vector = &ag_logistic_hessian_vector_dense_f64;
    static constexpr auto hessian_diagonal = &ag_logistic_hessian_diagonal_dense_f64;
    static constexpr auto smoothness = &ag_logistic_smoothness_dense_f64;
    static constexpr auto noise = &ag_logistic_noise_dense_f64;
    static constexpr auto columns_workspace = &ag_logistic_columns_workspace_dense_f64;
};
template <>
struct Logistic<ag_dense_bf16> {
    using Scalar = float;
    static constexpr auto evaluate = &ag_logistic_dense_bf16;
    static constexpr auto workspace = &ag_logistic_dense_workspace_bf16;
    static constexpr auto margins = &ag_logistic_margins_dense_bf16;
    static constexpr auto probabilities = &ag_logistic_probabilities_dense_bf16;
};
template <>
struct Logistic<ag_dense_f16> {
    using Scalar = float;
    static constexpr auto evaluate = &ag_logistic_dense_f16;
    static constexpr auto workspace = &ag_logistic_dense_workspace_f16;
    static constexpr auto margins = &ag_logistic_margins_dense_f16;
    static constexpr auto probabilities = &ag_logistic_probabilities_dense_f16;
};
template <>
struct Logistic<ag_csr_f32> {
    using Scalar = float;
    static constexpr auto evaluate = &ag_logistic_csr_f32;
    static constexpr auto workspace = &ag_logistic_csr_workspace_f32;
    static constexpr auto sparse_gradient = &ag_logistic_sparse_gradient_csr_f32;
    static constexpr auto sparse_gradient_workspace = &ag_logistic_sparse_gradient_workspace_csr_f32;
    static constexpr auto softmax = &ag_softmax_csr_f32;
    static constexpr auto softmax_workspace = &ag_softmax_csr_workspace_f32;
    static constexpr auto margins = &ag_logistic_margins_csr_f32;
    static constexpr auto probabilities = &ag_logistic_probabilities_csr_f32;
    static constexpr auto hessian_vector = &ag_logistic_hessian_vector_csr_f32;
    static constexpr auto hessian_diagonal = &ag_logistic_hessian_diagonal_csr_f32;
    static constexpr auto smoothness = &ag_logistic_smoothness_csr_f32;
    static constexpr auto noise = &ag_logistic_noise_csr_f32;
    static constexpr auto columns_workspace = &ag_logistic_columns_workspace_csr_f32;
};
template <>
struct Logistic<ag_csr_f64> {
    using Scalar = double;
    static constexpr auto evaluate = &ag_logistic_csr_f64;
    static constexpr auto workspace = &ag_logistic_csr_workspace_f64;
    static constexpr auto sparse_gradient = &ag_logistic_sparse_gradient_csr_f64;
    static constexpr auto sparse_gradient_workspace = &ag_logistic_sparse_gradient_workspace_csr_f64;
    static constexpr auto softmax = &ag_softmax_csr_f64;
    static constexpr auto softmax_workspace = &ag_softmax_csr_workspace_f64;
    static constexpr auto margins = &ag_logistic_margins_csr_f64;
    static constexpr auto probabilities = &ag_logistic_probabilities_csr_f64;
    static constexpr auto hessian_vector = &ag_logistic_hessian_vector_csr_f64;
    static constexpr auto hessian_diagonal = &ag_logistic_hessian_diagonal_csr_f64;
    static constexpr auto smoothness = &ag_logistic_smoothness_csr_f64;
    static constexpr auto noise = &ag_logistic_noise_csr_f64;
    static constexpr auto columns_workspace = &ag_logistic_columns_workspace_csr_f64;
};
template <>
struct Logistic<ag_csr64_f32> {
    using Scalar = float;
    static constexpr auto evaluate = &ag_logistic_csr64_f32;
    static constexpr auto workspace = &ag_logistic_csr64_workspace_f32;
    static constexpr auto sparse_gradient = &ag_logistic_sparse_gradient_csr64_f32;
    static constexpr auto sparse_gradient_workspace = &ag_logistic_sparse_gradient_workspace_csr64_f32;
    static constexpr auto softmax = &ag_softmax_csr64_f32;
    static constexpr auto softmax_workspace = &ag_softmax_csr64_workspace_f32;
    static constexpr auto margins = &ag_logistic_margins_csr64_f32;
    static constexpr auto probabilities = &ag_logistic_probabilities_csr64_f32;
    static constexpr auto hessian_vector = &ag_logistic_hessian_vector_csr64_f32;
    static constexpr auto hessian_diagonal = &ag_logistic_hessian_diagonal_csr64_f32;
    static constexpr auto smoothness = &ag_logistic_smoothness_csr64_f32;
    static constexpr auto noise = &ag_logistic_noise_csr64_f32;
    static constexpr auto columns_workspace = &ag_logistic_columns_workspace_csr64_f32;
};
template <>
struct Logistic<ag_csr64_f64> {
    using Scalar = double;
    static constexpr auto evaluate = &ag_logistic_csr64_f64;
    static constexpr auto workspace = &ag_logistic_csr64_workspace_f64;
    static constexpr auto sparse_gradient = &ag_logistic_sparse_gradient_csr64_f64;
    static constexpr auto sparse_gradient_workspace = &ag_logistic_sparse_gradient_workspace_csr64_f64;
    static constexpr auto softmax = &ag_softmax_csr64_f64;
    static constexpr auto softmax_workspace = &ag_softmax_csr64_workspace_f64;
    static constexpr auto margins = &ag_logistic_margins_csr64_f64;
    static constexpr auto probabilities = &ag_logistic_probabilities_csr64_f64;
    static constexpr auto hessian_vector = &ag_logistic_hessian_vector_csr64_f64;
    static constexpr auto hessian_diagonal = &ag_logistic_hessian_diagonal_csr64_f64;
    static constexpr auto smoothness = &ag_logistic_smoothness_csr64_f64;
    static constexpr auto noise = &ag_logistic_noise_csr64_f64;
    static constexpr auto columns_workspace = &ag_logistic_columns_workspace_csr64_f64;
};

} // namespace detail

// One of ag_dense, ag_csr and ag_csr64, _f32 or _f64; ag_dense_bf16 and ag_dense_f16 for loss, gradient, margins and
// probabilities.
template <class Matrix>
concept LogisticMatrix = requires {
    typename detail::Logistic<Matrix>::Scalar;
};

template <LogisticMatrix Matrix>
using ScalarOf = typename detail::Logistic<Matrix>::Scalar;

namespace detail {

template <class Matrix>
void check_logistic(const char* function, const Matrix& X, std::size_t y_size, std::size_t w_size,
                    const LogisticOptions<ScalarOf<Matrix>>& options, const char* w_name = "w") {
    check_size(function, "y", y_size, X.rows);
    check_size(function, w_name, w_size, X.cols + (options.fit_intercept != 0 ? 1U : 0U));
    check_size(function, "sample_weight", options.sample_weight_size.value_or(X.rows), X.rows);
}

} // namespace detail

// The loss of logistic regression over the rows of X, or of the mini-batch. y: one label per row of X.
// w: X.cols parameters, and the intercept after them with fit_intercept.
template <LogisticMatrix Matrix>
[[nodiscard]] double logistic_loss(const Matrix& X, std::span<const ScalarOf<Matrix>> y,
                                   std::span<const ScalarOf<Matrix>> w,
                                   const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_loss", X, y.size(), w.size(), options);
    double loss = 0;
    detail::check(detail::Logistic<Matrix>::evaluate(&X, y.data(), w.data(), &options, &loss, nullptr));
    return loss;
}

// Writes the gradient, which has the length of w.
template <LogisticMatrix Matrix>
void logistic_gradient(const Matrix& X, std::span<const ScalarOf<Matrix>> y,
                       std::span<const ScalarOf<Matrix>> w, std::span<ScalarOf<Matrix>> gradient,
                       const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_gradient", X, y.size(), w.size(), options);
    detail::check_size("logistic_gradient", "gradient", gradient.size(), w.size());
    detail::check(
        detail::Logistic<Matrix>::evaluate(&X, y.data(), w.data(), &options, nullptr, gradient.data()));
}

// Writes the gradient and returns the loss, in one pass over X.
template <LogisticMatrix Matrix>
[[nodiscard]] double logistic_loss_and_gradient(const Matrix& X, std::span<const ScalarOf<Matrix>> y,
                                                std::span<const ScalarOf<Matrix>> w,
                                                std::span<ScalarOf<Matrix>> gradient,
                                                const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_loss_and_gradient", X, y.size(), w.size(), options);
    detail::check_size("logistic_loss_and_gradient", "gradient", gradient.size(), w.size());
    double loss = 0;
    detail::check(
        detail::Logistic<Matrix>::evaluate(&X, y.data(), w.data(), &options, &loss, gradient.data()));
    return loss;
}

// The bytes of workspace that a call with these arguments and a gradient needs.
template <LogisticMatrix Matrix>
[[nodiscard]] std::size_t logistic_workspace(const Matrix& X,
                                             const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    std::size_t bytes = 0;
    detail::check(detail::Logistic<Matrix>::workspace(&X, &options, &bytes));
    return bytes;
}

// ---- Logistic regression: margins, probabilities, second derivatives -------------------------------

namespace detail {

template <class Scalar>
std::size_t visited_rows(std::size_t rows, const LogisticOptions<Scalar>& options) {
    return options.row_indices != nullptr ? options.row_count : rows;
}

inline ag_status from_margins(std::size_t n, const float* margins, const float* y,
                              const ag_logistic_options* options, double* loss, float* residuals,
                              float* curvatures) {
    return ag_logistic_from_margins_f32(n, margins, y, options, loss, residuals, curvatures);
}
inline ag_status from_margins(std::size_t n, const double* margins, const double* y,
                              const ag_logistic_options* options, double* loss, double* residuals,
                              double* curvatures) {
    return ag_logistic_from_margins_f64(n, margins, y, options, loss, residuals, curvatures);
}

} // namespace detail

// Writes <x, w> (+ intercept) of each row visited: every row of X, or the mini-batch's.
template <LogisticMatrix Matrix>
void logistic_margins(const Matrix& X, std::span<const ScalarOf<Matrix>> w,
                      std::span<ScalarOf<Matrix>> margins,
                      const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_margins", X, X.rows, w.size(), options);
    detail::check_size("logistic_margins", "margins", margins.size(), detail::visited_rows(X.rows, options));
    detail::check(detail::Logistic<Matrix>::margins(&X, w.data(), &options, margins.data()));
}

// The same, then the probability of the positive class.
template <LogisticMatrix Matrix>
void logistic_probabilities(const Matrix& X, std::span<const ScalarOf<Matrix>> w,
                            std::span<ScalarOf<Matrix>> probabilities,
                            const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_probabilities", X, X.rows, w.size(), options);
    detail::check_size("logistic_probabilities", "probabilities", probabilities.size(),
                       detail::visited_rows(X.rows, options));
    detail::check(detail::Logistic<Matrix>::probabilities(&X, w.data(), &options, probabilities.data()));
}

// The loss of rows whose margins are known, and, where these are not empty, its first and second derivatives by the
// margins, times the rows' sample weights. residuals may be margins.
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
double logistic_from_margins(std::span<const Scalar> margins, std::span<const Scalar> y,
                             std::span<Scalar> residuals, std::span<Scalar> curvatures,
                             const LogisticOptions<Scalar>& options = {}) {
    const std::size_t count = detail::visited_rows(y.size(), options);
    detail::check_size("logistic_from_margins", "margins", margins.size(), count);
    detail::check_size("logistic_from_margins", "sample_weight",
                       options.sample_weight_size.value_or(y.size()), y.size());
    if (!residuals.empty()) {
        detail::check_size("logistic_from_margins", "residuals", residuals.size(), count);
    }
    if (!curvatures.empty()) {
        detail::check_size("logistic_from_margins", "curvatures", curvatures.size(), count);
    }
    double loss = 0;
    detail::check(detail::from_margins(y.size(), margins.data(), y.data(), &options, &loss,
                                       residuals.empty() ? nullptr : residuals.data(),
                                       curvatures.empty() ? nullptr : curvatures.data()));
    return loss;
}

// Writes the Hessian at w times the direction.
template <LogisticMatrix Matrix>
void logistic_hessian_vector(const Matrix& X, std::span<const ScalarOf<Matrix>> y,
                             std::span<const ScalarOf<Matrix>> w, std::span<const ScalarOf<Matrix>> direction,
                             std::span<ScalarOf<Matrix>> product,
                             const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_hessian_vector", X, y.size(), w.size(), options);
    detail::check_size("logistic_hessian_vector", "direction", direction.size(), w.size());
    detail::check_size("logistic_hessian_vector", "product", product.size(), w.size());
    detail::check(detail::Logistic<Matrix>::hessian_vector(&X, y.data(), w.data(), direction.data(), &options,
                                                           product.data()));
}

// Writes the Hessian's diagonal at w.
template <LogisticMatrix Matrix>
void logistic_hessian_diagonal(const Matrix& X, std::span<const ScalarOf<Matrix>> y,
                               std::span<const ScalarOf<Matrix>> w, std::span<ScalarOf<Matrix>> diagonal,
                               const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_hessian_diagonal", X, y.size(), w.size(), options);
    detail::check_size("logistic_hessian_diagonal", "diagonal", diagonal.size(), w.size());
    detail::check(
        detail::Logistic<Matrix>::hessian_diagonal(&X, y.data(), w.data(), &options, diagonal.data()));
}

// Writes the smoothness constant of each coordinate.
template <LogisticMatrix Matrix>
void logistic_smoothness(const Matrix& X, std::span<const ScalarOf<Matrix>> y, ag_smoothness kind,
                         std::span<ScalarOf<Matrix>> smoothness,
                         const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_smoothness", X, y.size(), smoothness.size(), options, "smoothness");
    detail::check(detail::Logistic<Matrix>::smoothness(&X, y.data(), &options, kind, smoothness.data()));
}

// Writes the standard deviation of each component of a row's gradient at w.
template <LogisticMatrix Matrix>
void logistic_noise(const Matrix& X, std::span<const ScalarOf<Matrix>> y, std::span<const ScalarOf<Matrix>> w,
                    std::span<ScalarOf<Matrix>> noise,
                    const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_noise", X, y.size(), w.size(), options);
    detail::check_size("logistic_noise", "noise", noise.size(), w.size());
    detail::check(detail::Logistic<Matrix>::noise(&X, y.data(), w.data(), &options, noise.data()));
}

// The bytes of workspace that suffice for the Hessian's diagonal, smoothness and noise.
template <LogisticMatrix Matrix>
[[nodiscard]] std::size_t logistic_columns_workspace(const Matrix& X,
                                                     const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    std::size_t bytes = 0;
    detail::check(detail::Logistic<Matrix>::columns_workspace(&X, &options, &bytes));
    return bytes;
}

// ---- Multinomial logistic regression (softmax) -----------------------------------------------------

// Writes the gradient, unless it is empty, and returns the loss. y: a class number per row of X. w, gradient: classes
// rows of X.cols parameters, each with its intercept at the end with fit_intercept.
template <LogisticMatrix Matrix>
double softmax_loss_and_gradient(const Matrix& X, std::size_t classes, std::span<const std::int32_t> y,
                                 std::span<const ScalarOf<Matrix>> w, std::span<ScalarOf<Matrix>> gradient,
                                 const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    const std::size_t parameters = X.cols + (options.fit_intercept != 0 ? 1U : 0U);
    const char* const function = "softmax_loss_and_gradient";
    detail::check_size(function, "y", y.size(), X.rows);
    detail::check_size(function, "w", classes == 0 ? 0 : w.size() / classes, classes == 0 ? 0 : parameters);
    detail::check_size(function, "w", w.size(), classes * parameters);
    detail::check_size(function, "sample_weight", options.sample_weight_size.value_or(X.rows), X.rows);
    if (!gradient.empty()) {
        detail::check_size(function, "gradient", gradient.size(), w.size());
    }
    double loss = 0;
    detail::check(detail::Logistic<Matrix>::softmax(&X, classes, y.data(), w.data(), &options, &loss,
                                                    gradient.empty() ? nullptr : gradient.data()));
    return loss;
}

// The bytes of workspace that such a call needs.
template <LogisticMatrix Matrix>
[[nodiscard]] std::size_t softmax_workspace(const Matrix& X, std::size_t classes,
                                            const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    std::size_t bytes = 0;
    detail::check(detail::Logistic<Matrix>::softmax_workspace(&X, classes, &options, &bytes));
    return bytes;
}

// ---- Mini-batches ----------------------------------------------------------------------------------

// What a sparse gradient needs: elements of columns and values, and bytes of workspace.
struct SparseGradientSize {
    std::size_t capacity = 0, workspace = 0;
};
// What a call has found: columns[0 ... count), values[0 ... count).
struct SparseGradient {
    double loss = 0;
    std::size_t count = 0;
};

// X is a CSR matrix.
template <LogisticMatrix Matrix>
requires requires {
    detail::Logistic<Matrix>::sparse_gradient;
}
[[nodiscard]] SparseGradientSize
logistic_sparse_gradient_size(const Matrix& X, const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    SparseGradientSize size;
    detail::check(
        detail::Logistic<Matrix>::sparse_gradient_workspace(&X, &options, &size.capacity, &size.workspace));
    return size;
}

// Writes the gradient at the columns that occur in a visited row.
template <LogisticMatrix Matrix>
requires requires {
    detail::Logistic<Matrix>::sparse_gradient;
}
[[nodiscard]] SparseGradient logistic_sparse_gradient(const Matrix& X, std::span<const ScalarOf<Matrix>> y,
                                                      std::span<const ScalarOf<Matrix>> w,
                                                      std::span<std::int64_t> columns,
                                                      std::span<ScalarOf<Matrix>> values,
                                                      const LogisticOptions<ScalarOf<Matrix>>& options = {}) {
    detail::check_logistic("logistic_sparse_gradient", X, y.size(), w.size(), options);
    detail::check_size("logistic_sparse_gradient", "values", values.size(), columns.size());
    SparseGradient found;
    detail::check(detail::Logistic<Matrix>::sparse_gradient(&X, y.data(), w.data(), &options, &found.loss,
                                                            columns.size(), columns.data(), values.data(),
                                                            &found.count));
    return found;
}

// A permutation of 0, ..., indices.size() - 1 that depends on its length, seed and epoch alone.
inline void shuffle_indices(std::span<std::int64_t> indices, std::uint64_t seed, std::uint64_t epoch) {
    detail::check(ag_shuffle_indices(indices.size(), seed, epoch, indices.data()));
}

} // namespace anisograd

#endif
