// SPDX-License-Identifier: BSD-3-Clause
//
// The steps as plain loops, straight from the formulas of anisograd.h. Compiled without contraction, so that
// each operation is rounded once: the kernels must give these very bits.
#pragma once

#include "anisograd/anisograd.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace reference {

template <class T>
T gradient(T g, T w, const ag_adagrad_options& o) {
    T q = static_cast<T>(o.gradient_scale) * g;
    if (o.maximize)
        q = -q;
    if (static_cast<T>(o.weight_decay) != 0)
        q = q + static_cast<T>(o.weight_decay) * w;
    return q;
}

template <class T>
T decayed(T w, const ag_adagrad_options& o) {
    if (static_cast<T>(o.decoupled_weight_decay) != 0)
        w = w * (1 - static_cast<T>(o.learning_rate) * static_cast<T>(o.decoupled_weight_decay));
    return w;
}

template <class T>
T lambda(T v, const ag_adagrad_options& o) {
    const T epsilon = static_cast<T>(o.epsilon);
    if (o.epsilon_mode == AG_EPSILON_OUTSIDE)
        return std::sqrt(v) + epsilon;
    if (o.epsilon_mode == AG_EPSILON_INSIDE)
        return std::sqrt(v + epsilon);
    return std::sqrt(v);
}

template <class T>
T soft_threshold(T w, T threshold) {
    const T magnitude = std::fabs(w) - threshold;
    return std::copysign(magnitude <= 0 ? T(0) : magnitude, w);
}

// w after the move by step / l and the proximal step, l = 0 moving nothing.
template <class T>
T moved(T w, T step, T l, const ag_adagrad_options& o) {
    const T rate = static_cast<T>(o.learning_rate), l1 = static_cast<T>(o.l1), l2 = static_cast<T>(o.l2);
    w = w - (l == 0 ? T(0) : step / l);
    if (rate * l1 != 0)
        w = soft_threshold(w, l == 0 ? T(0) : (rate * l1) / l);
    if (rate * l2 != 0)
        w = w / (1 + (l == 0 ? T(0) : (rate * l2) / l));
    return w;
}

template <class T>
void adagrad_step(std::vector<T>& w, const std::vector<T>& g, std::vector<T>& v,
                  const ag_adagrad_options& o) {
    const T learning_rate = static_cast<T>(o.learning_rate);
    for (std::size_t j = 0; j < w.size(); ++j) {
        const T q = gradient(g[j], w[j], o);
        v[j] = v[j] + q * q;
        w[j] = moved(decayed(w[j], o), learning_rate * q, lambda(v[j], o), o);
    }
}

template <class T>
void sgd_step(std::vector<T>& w, const std::vector<T>& g, const ag_adagrad_options& o) {
    for (std::size_t j = 0; j < w.size(); ++j) {
        const T q = gradient(g[j], w[j], o);
        w[j] = moved(decayed(w[j], o), static_cast<T>(o.learning_rate) * q, T(1), o);
    }
}

// The block of a canonical sum.
inline std::size_t canonical_block(std::size_t n) {
    const std::size_t block = std::max<std::size_t>((n + 255) / 256, 16 * 1024);
    return (block + 1023) / 1024 * 1024;
}

// The most additions that a term of a canonical sum goes through.
inline double canonical_additions(std::size_t n) {
    const std::size_t block = canonical_block(n), fold = 4;
    const std::size_t in_a_block = (std::min(n, block) + 15) / 16, of_blocks = (n + block - 1) / block;
    return static_cast<double>(in_a_block + fold + of_blocks);
}

// A sum in double as docs/numerics.md orders it: term i in accumulator i mod 16, folded by halves, in blocks.
inline double canonical_sum(const std::vector<double>& terms) {
    const std::size_t n = terms.size(), block = canonical_block(n);
    double sum = 0;
    for (std::size_t begin = 0; begin < n; begin += block) {
        double accumulator[16] = {};
        for (std::size_t i = begin; i < std::min(n, begin + block); ++i)
            accumulator[(i - begin) % 16] += terms[i];
        for (std::size_t half = 8; half != 0; half /= 2)
            for (std::size_t k = 0; k < half; ++k)
                accumulator[k] += accumulator[k + half];
        sum += accumulator[0];
    }
    return sum;
}

// Steps of listed rows. Position k of the list belongs to row indices[k]; its gradient is row k of g, or in
// bag b row b of g times a weight.
template <class T, class Index, class Bags>
void step_rows(std::size_t rows, std::size_t cols, std::vector<T>& w, std::vector<T>& v, bool one_per_row,
               const std::vector<Index>& indices, const Bags* bags, const std::vector<T>& g,
               const ag_adagrad_options& o) {
    for (std::size_t r = 0; r < rows; ++r) {
        std::vector<T> sum;
        for (std::size_t k = 0; k < indices.size(); ++k) {
            if (static_cast<std::size_t>(indices[k]) != r)
                continue;
            std::vector<T> term(cols);
            if (bags == nullptr) {
                for (std::size_t j = 0; j < cols; ++j)
                    term[j] = g[k * cols + j];
            } else {
                std::size_t b = 0;
                while (static_cast<std::size_t>(bags->offsets[b + 1]) <= k)
                    ++b;
                T weight = bags->weights != nullptr ? bags->weights[k] : T(1);
                if (bags->pooling == AG_POOLING_MEAN)
                    weight = weight / static_cast<T>(bags->offsets[b + 1] - bags->offsets[b]);
                for (std::size_t j = 0; j < cols; ++j)
                    term[j] = weight * g[b * cols + j];
            }
            if (sum.empty())
                sum = term;
            else
                for (std::size_t j = 0; j < cols; ++j)
                    sum[j] = sum[j] + term[j];
        }
        if (sum.empty())
            continue;
        std::vector<T> row(w.begin() + static_cast<std::ptrdiff_t>(r * cols),
                           w.begin() + static_cast<std::ptrdiff_t>((r + 1) * cols));
        std::vector<double> squares(cols);
        for (std::size_t j = 0; j < cols; ++j) {
            const T q = gradient(sum[j], row[j], o);
            squares[j] = static_cast<double>(q) * static_cast<double>(q);
            if (!one_per_row)
                v[r * cols + j] = v[r * cols + j] + q * q;
        }
        if (one_per_row)
            v[r] = v[r] + static_cast<T>(canonical_sum(squares) / static_cast<double>(cols));
        for (std::size_t j = 0; j < cols; ++j)
            w[r * cols + j] =
                moved(decayed(row[j], o), static_cast<T>(o.learning_rate) * gradient(sum[j], row[j], o),
                      lambda(one_per_row ? v[r] : v[r * cols + j], o), o);
    }
}

template <class T>
void adagrad_norm_step(std::vector<T>& w, const std::vector<T>& g, double& v, const ag_adagrad_options& o) {
    std::vector<double> squares(w.size());
    for (std::size_t j = 0; j < w.size(); ++j) {
        const double q = static_cast<double>(gradient(g[j], w[j], o));
        squares[j] = q * q;
    }
    v = v + canonical_sum(squares);
    const double epsilon = static_cast<double>(static_cast<T>(o.epsilon));
    const double l = o.epsilon_mode == AG_EPSILON_INSIDE    ? std::sqrt(v + epsilon)
                     : o.epsilon_mode == AG_EPSILON_OUTSIDE ? std::sqrt(v) + epsilon
                                                            : std::sqrt(v);
    for (std::size_t j = 0; j < w.size(); ++j)
        w[j] = moved(decayed(w[j], o), static_cast<T>(o.learning_rate) * gradient(g[j], w[j], o),
                     static_cast<T>(l), o);
}

template <class T>
void dual_averaging_step(std::vector<T>& w, const std::vector<T>& g, std::vector<T>& v, std::vector<T>& sum,
                         std::size_t t, const ag_adagrad_options& o) {
    const double steps = static_cast<double>(t);
    for (std::size_t j = 0; j < w.size(); ++j) {
        const T q = gradient(g[j], w[j], o);
        v[j] = v[j] + q * q;
        sum[j] = sum[j] + q;
        const T numerator =
            static_cast<T>(o.learning_rate) * soft_threshold(sum[j], static_cast<T>(steps * o.l1));
        const T denominator = lambda(v[j], o) + static_cast<T>(o.learning_rate * steps * o.l2);
        w[j] = -(denominator == 0 ? T(0) : numerator / denominator);
    }
}

template <class T>
void average(std::vector<T>& mean, const std::vector<T>& w, std::size_t t) {
    for (std::size_t j = 0; j < w.size(); ++j)
        mean[j] = mean[j] + (w[j] - mean[j]) / static_cast<T>(t);
}

} // namespace reference
