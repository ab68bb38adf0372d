// SPDX-License-Identifier: BSD-3-Clause
//
// The steps as plain loops, straight from the formulas of anisograd.h. Compiled without contraction, so that
// each operation is rounded once: the kernels must give these very bits.
#pragma once

#include "anisograd/anisograd.h"

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
void adagrad_step(std::vector<T>& w, const std::vector<T>& g, std::vector<T>& v,
                  const ag_adagrad_options& o) {
    const T learning_rate = static_cast<T>(o.learning_rate);
    for (std::size_t j = 0; j < w.size(); ++j) {
        const T q = gradient(g[j], w[j], o);
        v[j] = v[j] + q * q;
        const T l = lambda(v[j], o);
        const T change = l == 0 ? T(0) : (learning_rate * q) / l;
        w[j] = decayed(w[j], o) - change;
    }
}

template <class T>
void sgd_step(std::vector<T>& w, const std::vector<T>& g, const ag_adagrad_options& o) {
    for (std::size_t j = 0; j < w.size(); ++j) {
        const T q = gradient(g[j], w[j], o);
        w[j] = decayed(w[j], o) - static_cast<T>(o.learning_rate) * q;
    }
}

template <class T>
void average(std::vector<T>& mean, const std::vector<T>& w, std::size_t t) {
    for (std::size_t j = 0; j < w.size(); ++j)
        mean[j] = mean[j] + (w[j] - mean[j]) / static_cast<T>(t);
}

} // namespace reference
