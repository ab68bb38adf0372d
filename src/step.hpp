// SPDX-License-Identifier: BSD-3-Clause
//
// The options of a step, checked and turned into what kernels take.
#pragma once

#include "src/checks.hpp"

#include <algorithm>

namespace anisograd {

inline ag_adagrad_options complete_options(Checks& checks, const ag_adagrad_options* given) {
    return checks.options("options", given, ag_adagrad_options_init);
}

static_assert(AG_EPSILON_IN_STATE == int(EpsilonMode::in_state) &&
              AG_EPSILON_OUTSIDE == int(EpsilonMode::outside) &&
              AG_EPSILON_INSIDE == int(EpsilonMode::inside));

template <class T>
StepParameters<T> check_step(Checks& checks, const ag_adagrad_options& o) {
    checks.not_negative<T>("options->learning_rate", o.learning_rate);
    checks.not_negative<T>("options->epsilon", o.epsilon);
    checks.one_of("options->epsilon_mode", o.epsilon_mode, AG_EPSILON_IN_STATE, AG_EPSILON_INSIDE);
    checks.not_negative<T>("options->weight_decay", o.weight_decay);
    checks.not_negative<T>("options->decoupled_weight_decay", o.decoupled_weight_decay);
    checks.finite<T>("options->gradient_scale", o.gradient_scale);
    checks.not_negative<T>("options->l1", o.l1);
    checks.not_negative<T>("options->l2", o.l2);
    checks.one_of("options->math", o.math, AG_MATH_STRICT, AG_MATH_FAST);
    checks.one_of("options->rounding", o.rounding, AG_ROUNDING_NEAREST, AG_ROUNDING_STOCHASTIC);
    if (checks.failed())
        return {};
    const T learning_rate = static_cast<T>(o.learning_rate);
    const T scale = static_cast<T>(o.gradient_scale);
    const T decoupled = static_cast<T>(o.decoupled_weight_decay);
    // FAST with epsilon outside needs a small epsilon / sqrt(v); kernels/adagrad.hpp.
    constexpr bool is_f32 = sizeof(T) == sizeof(float);
    const double outside = o.epsilon_mode == AG_EPSILON_OUTSIDE ? o.epsilon : 0;
    const double inside = o.epsilon_mode == AG_EPSILON_INSIDE ? o.epsilon : 0;
    const double least =
        std::max(outside * outside * (is_f32 ? 0x1p26 : 0x1p36), is_f32 ? 0x1p-80 : 0x1p-800);
    const bool fast = o.math == AG_MATH_FAST && least <= 1;
    return {.learning_rate = learning_rate,
            .epsilon = {static_cast<T>(inside), static_cast<T>(outside)},
            .gradient_scale = o.maximize != 0 ? -scale : scale,
            .weight_decay = static_cast<T>(o.weight_decay),
            .shrink = T(1) - learning_rate * decoupled,
            .l1_step = learning_rate * static_cast<T>(o.l1),
            .l2_step = learning_rate * static_cast<T>(o.l2),
            .least_for_fast = static_cast<T>(std::min(least, 1.0)),
            .epsilon_mode = static_cast<EpsilonMode>(o.epsilon_mode),
            .math = fast ? Math::fast : Math::strict,
            .has_decoupled_weight_decay = decoupled != 0};
}

template <class T>
StepParameters<T> check_step(Checks& checks, const ag_adagrad_options* given) {
    return check_step<T>(checks, complete_options(checks, given));
}

} // namespace anisograd
