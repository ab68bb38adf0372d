// SPDX-License-Identifier: BSD-3-Clause
//
// The logistic loss of rows with two class weights, and sums over rows for each column, straight from the formulas in
// long double, each with a bound on what rounding may do to the kernel's result.
//
// u is half the spacing of T at 1. A margin of k products is within (k + 3) u sum |x w| of the exact one, in whatever
// order it is summed, the intercept included. A row's loss has a slope of at most a + b in the margin, its residual of
// (a + b) / 4, its curvature of (a + b) / 10 (the third derivative of log(1 + e^m) is at most 0.0963). Given the margin,
// losses and residuals are within 8 ULP = 16 u of the larger of their two terms, curvatures 8 ULP. A column's sum has one
// addition per row at most, and a product or two per term.
#pragma once

#include "tests/reference/logistic.hpp"

namespace reference {

inline long double softplus_of(long double x) {
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
inline long double sigmoid_of(long double x) {
    return 1 / (1 + std::exp(-x));
}

// A number and what rounding may add to it.
struct Bounded {
    long double value = 0, error = 0;
};

// A row whose label counts as positive with weight a and as negative with weight b; s is its sample weight.
struct RowWeights {
    long double s = 1, a = 1, b = 0;
};

template <class T>
RowWeights row_weights(T label, T sample_weight, const ag_logistic_options& o) {
    long double target = label;
    if (o.labels == AG_LABELS_PLUS_MINUS_ONE)
        target = (target + 1) / 2;
    const long double smoothing = o.label_smoothing;
    target = (1 - smoothing) * target + smoothing / 2;
    return {sample_weight, o.positive_weight * target, o.negative_weight * (1 - target)};
}

struct RowLoss {
    Bounded margin, loss, residual, curvature, product; // product: with the direction
    long double weight = 0;                             // s (a + b)
};

template <class T>
Bounded dot(const std::vector<std::pair<std::size_t, T>>& row, const std::vector<T>& w, std::size_t cols,
            bool intercept) {
    const long double u = std::numeric_limits<T>::epsilon() / 2;
    long double sum = intercept ? w[cols] : T(0), magnitude = std::fabs(sum);
    for (const auto& [column, value] : row) {
        const long double product = static_cast<long double>(value) * static_cast<long double>(w[column]);
        sum += product;
        magnitude += std::fabs(product);
    }
    return {sum, (static_cast<long double>(row.size()) + 3) * u * magnitude};
}

// The options' numbers are rounded to T, targets computed in it: 4 u of the sum of the two weights.
template <class T>
RowLoss row_loss(Bounded margin, const RowWeights& r) {
    const long double u = std::numeric_limits<T>::epsilon() / 2, tiny = std::numeric_limits<T>::denorm_min();
    const long double m = margin.value, total = r.a + r.b;
    RowLoss row;
    row.margin = margin;
    row.weight = r.s * total;
    const long double loss = softplus_of(-m), opposite = softplus_of(m);
    row.loss.value = r.a * loss + r.b * opposite;
    row.loss.error = total * margin.error + 24 * u * row.loss.value +
                     (r.a != 0 && r.b != 0 ? 4 * u * total * (loss + opposite) : 0) + 4 * tiny;
    row.residual.value = r.b * sigmoid_of(m) - r.a * sigmoid_of(-m);
    row.residual.error = total * margin.error / 4 + 20 * u * (r.b * sigmoid_of(m) + r.a * sigmoid_of(-m)) +
                         (r.a != 0 && r.b != 0 ? 4 * u * total : 0) + 8 * tiny;
    row.curvature.value = total * sigmoid_of(m) * sigmoid_of(-m);
    row.curvature.error = total * margin.error / 10 + 24 * u * row.curvature.value + 8 * tiny;
    return row;
}

// sum_i c_i x_ij over the visited rows for each column; with the intercept, cols + 1 of them. c[k] is that of visited row
// k. power: of x_ij; 0 for |x_ij|.
template <class T>
std::vector<Bounded> column_sums(const Rows<T>& X, const std::vector<std::size_t>& visited,
                                 const std::vector<Bounded>& c, int power) {
    const long double u = std::numeric_limits<T>::epsilon() / 2, tiny = std::numeric_limits<T>::denorm_min();
    const long double additions = static_cast<long double>(visited.size()) + 4;
    std::vector<Bounded> sums(X.cols + 1);
    const auto add = [&](std::size_t column, Bounded coefficient, long double x) {
        const long double factor = power == 0 ? std::fabs(x) : power == 1 ? x : x * x;
        sums[column].value += coefficient.value * factor;
        sums[column].error += std::fabs(factor) * coefficient.error +
                              additions * u * std::fabs(coefficient.value * factor) + tiny;
    };
    for (std::size_t k = 0; k < visited.size(); ++k) {
        for (const auto& [column, value] : X.row[visited[k]])
            add(column, c[k], value);
        add(X.cols, c[k], 1);
    }
    return sums;
}

// Divided, with a penalty added, rounded to T.
template <class T>
Bounded finished(Bounded sum, long double divisor, long double penalty) {
    const long double u = std::numeric_limits<T>::epsilon() / 2;
    const long double value = sum.value / divisor + penalty;
    return {value, sum.error / divisor + 4 * u * (std::fabs(value) + std::fabs(penalty)) +
                       std::numeric_limits<T>::denorm_min()};
}

} // namespace reference
