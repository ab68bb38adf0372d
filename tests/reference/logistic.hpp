// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic loss and gradient straight from the formulas, in long double, with a bound on what rounding may do
// to the kernel's result.
//
// The bounds, with u = half the spacing of T at 1: a margin of k products is within (k + 2) u sum |x w| of
// the exact one, in whatever order it is summed, and the intercept's addition within one more u. The loss of
// a row moves by at most that much (its slope is at most 1) plus 4 ULP = 8u of its value; its residual (slope
// at most 1/4) likewise; a column's gradient sums at most `rows` products, each term passing through at most
// rows / 8 + 8 + 8 additions, or all of them for CSR.
#pragma once

#include "anisograd/anisograd.h"

#include <cmath>
#include <limits>
#include <vector>

namespace reference {

// Row i as (column, value) pairs.
template <class T>
struct Rows {
    std::size_t cols;
    std::vector<std::vector<std::pair<std::size_t, T>>> row;
};

struct Logistic {
    long double loss = 0, loss_bound = 0;
    std::vector<long double> gradient, gradient_bound; // cols + 1: the last is the intercept's
};

// visited: rows in the order of the visit. sign: -1 or +1 per row of X. weight: per row of X.
template <class T>
Logistic logistic(const Rows<T>& X, const std::vector<std::size_t>& visited, const std::vector<T>& sign,
                  const std::vector<T>& weight, const std::vector<T>& w, bool intercept, bool mean,
                  double l2) {
    const long double u = std::numeric_limits<T>::epsilon() / 2;
    Logistic result;
    result.gradient.assign(X.cols + 1, 0);
    result.gradient_bound.assign(X.cols + 1, 0);
    long double total_weight = 0;
    const long double additions = static_cast<long double>(visited.size()) + 2;
    for (const std::size_t i : visited) {
        const long double s = weight[i], y = sign[i];
        total_weight += s;
        long double margin = intercept ? w[X.cols] : T(0), magnitude = std::fabs(margin);
        for (const auto& [column, value] : X.row[i]) {
            const long double product = static_cast<long double>(value) * static_cast<long double>(w[column]);
            margin += product;
            magnitude += std::fabs(product);
        }
        const long double margin_error = (static_cast<long double>(X.row[i].size()) + 3) * u * magnitude;
        const long double z = y * margin;
        const long double loss = z > 0 ? std::log1p(std::exp(-z)) : -z + std::log1p(std::exp(z));
        const long double residual = -y * s / (1 + std::exp(z));
        result.loss += s * loss;
        result.loss_bound += s * (margin_error + 8 * u * loss + std::numeric_limits<T>::denorm_min());
        const long double residual_error =
            s * margin_error / 4 + 9 * u * std::fabs(residual) + 4 * std::numeric_limits<T>::denorm_min();
        const auto add = [&](std::size_t column, long double value) {
            result.gradient[column] += residual * value;
            result.gradient_bound[column] +=
                std::fabs(value) * residual_error + (additions + 1) * u * std::fabs(residual * value);
        };
        for (const auto& [column, value] : X.row[i])
            add(column, value);
        if (intercept)
            add(X.cols, 1);
    }
    const long double divisor = mean ? total_weight : 1;
    long double norm = 0;
    for (std::size_t j = 0; j < X.cols; ++j)
        norm += static_cast<long double>(w[j]) * static_cast<long double>(w[j]);
    result.loss = result.loss / divisor + l2 / 2 * norm;
    // Sums in double: one rounding per addition.
    result.loss_bound = result.loss_bound / divisor + (additions + 8) * 0x1p-53L * std::fabs(result.loss);
    for (std::size_t j = 0; j <= X.cols; ++j) {
        const long double penalty = j < X.cols ? static_cast<long double>(l2) * w[j] : 0;
        result.gradient[j] = result.gradient[j] / divisor + penalty;
        result.gradient_bound[j] = result.gradient_bound[j] / divisor +
                                   2 * u * std::fabs(result.gradient[j]) + 2 * u * std::fabs(penalty) +
                                   std::numeric_limits<T>::denorm_min();
    }
    return result;
}

} // namespace reference
