# SPDX-License-Identifier: BSD-3-Clause
"""Least values, by methods other than those compared, with bounds on what they may be off by."""

from __future__ import annotations

import math
from typing import NamedTuple, Union

import numpy as np
import scipy.optimize

import anisograd

from data import Problem, Vector
from output import Cell, Context


def least_loss(context: Context, name: str) -> float:
    """The least loss that L-BFGS finds without a constraint: an upper bound of inf f, which need not be attained."""
    iterations = 20 if context.quick else 2000
    return float(context.table(f"optimum-{name}", _least_loss, context.problem(name), iterations)[0]["loss"])


def _least_loss(problem: Problem, iterations: int) -> list[dict[str, Cell]]:
    found = scipy.optimize.minimize(problem.loss_and_gradient, problem.zeros(), jac=True, method="L-BFGS-B",
                                    options={"ftol": 0, "gtol": 1e-9, "maxiter": iterations, "maxfun": 2 * iterations,
                                             "maxcor": 20})
    return [{"loss": float(found.fun), "largest_gradient": float(np.abs(found.jac).max())}]


def penalized_optimum(problem: Problem) -> tuple[Vector, float, float]:
    """(w, f(w), the most that f(w) is above the least value) of a problem with l2 > 0, which makes f strongly convex:
    f(w) - min f <= ||gradient||^2 / (2 l2)."""
    w = problem.zeros()
    for _ in range(3):  # Newton's method ends early where the line search sees rounding alone
        def product(at: Vector, direction: Vector) -> Vector:
            return anisograd.logistic_hessian_vector(problem.X, problem.y, at, np.ascontiguousarray(direction),
                                                     l2=problem.l2)
        found = scipy.optimize.minimize(problem.loss_and_gradient, w, jac=True, hessp=product, method="Newton-CG",
                                        options={"xtol": 1e-14, "maxiter": 200})
        w = found.x
    loss, gradient = problem.loss_and_gradient(w)
    return w, loss, float(gradient @ gradient) / (2 * problem.l2)


#: A ball around 0: its kind, and the order of its norm and of the dual norm.
Ball = Union[anisograd.LinfBall, anisograd.L1Ball, anisograd.L2Ball]
ORDERS: dict[type[anisograd.Set], tuple[float, float]] = {
    anisograd.LinfBall: (np.inf, 1), anisograd.L1Ball: (1, np.inf), anisograd.L2Ball: (2, 2)}


def gap(ball: Ball, w: Vector, gradient: Vector) -> float:
    """What f(w) - min f over the ball is at most, where f is convex: the largest <gradient, w - p> of p in the ball."""
    return float(gradient @ w) + ball.radius * float(np.linalg.norm(gradient, ORDERS[type(ball)][1]))


def outside(ball: Ball, w: Vector) -> float:
    """How far w is outside, in its norm relative to the radius; negative inside."""
    return float(np.linalg.norm(w, ORDERS[type(ball)][0])) / ball.radius - 1


class Constrained(NamedTuple):
    w: Vector
    loss: float
    gap: float


def constrained_optimum(problem: Problem, ball: Ball, tolerance: float, iterations: int) -> Constrained:
    """By accelerated projected gradients, restarted where the loss rises, with the step from a line search; until the
    duality gap is below the tolerance, or for so many iterations."""
    w = ahead = problem.zeros()
    momentum, step_size = 1.0, 1.0
    loss, gradient = problem.loss_and_gradient(w)
    best = Constrained(w, loss, gap(ball, w, gradient))
    for _ in range(iterations):
        loss_ahead, gradient_ahead = problem.loss_and_gradient(ahead)
        step_size *= 1.1
        while True:
            new = ahead - step_size * gradient_ahead
            anisograd.project(new, ball)
            change = new - ahead
            new_loss, new_gradient = problem.loss_and_gradient(new)
            rounding = 1e-15 * abs(loss_ahead)
            if new_loss <= loss_ahead + gradient_ahead @ change + change @ change / (2 * step_size) + rounding:
                break
            step_size /= 2
        if new_loss > loss and momentum > 1:
            momentum, ahead = 1.0, w
            continue
        new_momentum = (1 + math.sqrt(1 + 4 * momentum ** 2)) / 2
        ahead = new + (momentum - 1) / new_momentum * (new - w)
        w, loss, momentum = new, new_loss, new_momentum
        found = Constrained(w, new_loss, gap(ball, w, new_gradient))
        if found.loss - found.gap > best.loss - best.gap or found.gap < best.gap:
            best = found
        if best.gap <= tolerance:
            break
    return best
