// SPDX-License-Identifier: BSD-3-Clause
//
// The sets that a training's weights can be constrained to.
#pragma once

#include <anisograd/anisograd.hpp>

#include <string_view>

namespace cli {

enum class Constraint { none, box, nonnegative, l1_ball, l2_ball, simplex };

inline constexpr Constraint all_constraints[] = {Constraint::none,        Constraint::box,
                                                 Constraint::nonnegative, Constraint::l1_ball,
                                                 Constraint::l2_ball,     Constraint::simplex};

[[nodiscard]] constexpr bool has_radius(Constraint constraint) {
    return constraint != Constraint::none && constraint != Constraint::nonnegative;
}

// The name that command lines and output have for it.
[[nodiscard]] constexpr std::string_view name_of(Constraint constraint) {
    switch (constraint) {
    case Constraint::none:
        return "none";
    case Constraint::box:
        return "box";
    case Constraint::nonnegative:
        return "nonnegative";
    case Constraint::l1_ball:
        return "l1-ball";
    case Constraint::l2_ball:
        return "l2-ball";
    case Constraint::simplex:
        break;
    }
    return "simplex";
}

// The box is |w_j| <= radius, and the simplex's weights add up to it.
template <class Scalar>
[[nodiscard]] anisograd::Set<Scalar> make_set(Constraint constraint, double radius) {
    using Set = anisograd::Set<Scalar>;
    switch (constraint) {
    case Constraint::none:
        break;
    case Constraint::box:
        return Set::box(-radius, radius);
    case Constraint::nonnegative:
        return Set::nonnegative();
    case Constraint::l1_ball:
        return Set::l1_ball(radius);
    case Constraint::l2_ball:
        return Set::l2_ball(radius);
    case Constraint::simplex:
        return Set::simplex(radius);
    }
    return {};
}

} // namespace cli
