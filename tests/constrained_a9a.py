#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""AdaGrad's option I on a9a over an l1 ball, with the projection in the norm of Lambda_t and with the Euclidean one.

    constrained_a9a.py LIBRARY [FIGURE.svg]

The optimum comes from another method: accelerated projected gradients in NumPy, with a projection by sorting. How far
a point is from it at most, its duality gap says: f(w) - min f <= <gradient, w> + radius * max |gradient|.
With a figure's name it is drawn, by gnuplot.
"""

import ctypes
import subprocess
import sys

from a9a import COLUMNS, FEATURES, LABELS, OFFSETS, ROWS, adagrad_options, call, logistic, np

RADIUS, STEPS, RATE = 10.0, 800, 0.5
L1_BALL = 4


class Set(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("kind", ctypes.c_int32), ("radius", ctypes.c_double),
                ("lower", ctypes.c_double), ("upper", ctypes.c_double), ("lower_bounds", ctypes.c_void_p),
                ("upper_bounds", ctypes.c_void_p), ("center", ctypes.c_void_p), ("normal", ctypes.c_void_p),
                ("offset", ctypes.c_double), ("lower_offset", ctypes.c_double), ("report", ctypes.c_void_p)]


def matrix():
    x = np.zeros((ROWS, FEATURES))
    x[np.repeat(np.arange(ROWS), np.diff(OFFSETS)), COLUMNS] = 1
    return x * LABELS[:, np.newaxis]


SIGNED_ROWS = matrix()


def loss_and_gradient(w):
    margins = SIGNED_ROWS @ w
    return np.logaddexp(0, -margins).mean(), -SIGNED_ROWS.T @ (1 / (1 + np.exp(margins))) / ROWS


def gap(w, gradient):
    return gradient @ w + RADIUS * np.abs(gradient).max()


def project_by_sorting(x):
    if np.abs(x).sum() <= RADIUS:
        return x
    falling = np.sort(np.abs(x))[::-1]
    thresholds = (np.cumsum(falling) - RADIUS) / np.arange(1, len(x) + 1)
    return np.sign(x) * np.maximum(np.abs(x) - thresholds[np.flatnonzero(falling > thresholds)[-1]], 0)


def optimum():
    """f at a point whose gap is as small as 1e-9."""
    w = ahead = np.zeros(FEATURES)
    step = 4 * ROWS / np.linalg.norm(SIGNED_ROWS, 2) ** 2  # 1 / the gradient's Lipschitz constant
    momentum = 1.0
    for iteration in range(20000):
        _, gradient = loss_and_gradient(ahead)
        new_w = project_by_sorting(ahead - step * gradient)
        if gradient @ (new_w - w) > 0:  # it goes uphill: start again
            momentum = 1.0
        new_momentum = (1 + np.sqrt(1 + 4 * momentum ** 2)) / 2
        ahead = new_w + (momentum - 1) / new_momentum * (new_w - w)
        w, momentum = new_w, new_momentum
        if iteration % 50 == 0:
            loss, gradient = loss_and_gradient(w)
            if gap(w, gradient) <= 1e-9:
                break
    return loss, gap(w, gradient)


def adagrad(in_norm_of_lambda):
    """The loss after each step, and the point at the end."""
    ball = Set(struct_size=ctypes.sizeof(Set), kind=L1_BALL, radius=RADIUS)
    options = adagrad_options()
    options.learning_rate = RATE
    w, v, gradient = np.zeros(FEATURES), np.full(FEATURES, 1e-20), np.zeros(FEATURES)
    losses = []
    for _ in range(STEPS):
        losses.append(logistic(w, None, gradient))
        if in_norm_of_lambda:
            call("ag_adagrad_step_projected_f64", FEATURES, w, gradient, v, ctypes.byref(options), ctypes.byref(ball))
        else:
            call("ag_adagrad_step_f64", FEATURES, w, gradient, v, ctypes.byref(options))
            call("ag_project_f64", FEATURES, w, None, ctypes.byref(ball))
    losses.append(logistic(w, None, gradient))
    return np.array(losses), w


def draw(path, least, curves):
    data = "\n\n\n".join("\n".join(f"{t} {loss - least:.6e}" for t, loss in enumerate(losses) if t > 0)
                         for _, losses in curves)
    plots = ", ".join(f"$data index {i} with lines linewidth 2 title '{name}'" for i, (name, _) in enumerate(curves))
    subprocess.run(["gnuplot"], check=True, text=True, input=f"""
$data << END
{data}
END
set terminal svg size 720, 420 noenhanced font "sans-serif,12"
set output "{path}"
set title "Logistic loss on a9a over the l1 ball of radius {RADIUS:g}, full gradients"
set xlabel "AdaGrad steps"
set ylabel "loss - its least value"
set logscale xy
set format y "1e%L"
set key left bottom
set grid
plot {plots}
""")


least, uncertainty = optimum()
print(f"least loss over the ball {least:.12f}, known to {uncertainty:.1e}")
curves = {}
for name, in_norm_of_lambda in (("projection in the norm of Lambda_t", True), ("Euclidean projection", False)):
    losses, w = adagrad(in_norm_of_lambda)
    curves[name] = losses
    excess = losses - least
    print(f"{name}: above the least by {excess[10]:.2e} after 10 steps, {excess[100]:.2e} after 100, "
          f"{excess[-1]:.2e} after {STEPS}; sum |w| - radius {np.abs(w).sum() - RADIUS:+.1e}, "
          f"{np.count_nonzero(w)} of {FEATURES} parameters not 0")
if len(sys.argv) > 2:
    draw(sys.argv[2], least, list(curves.items()))
ours, euclidean = (losses[-1] - least for losses in curves.values())
faults = []
if uncertainty > 1e-8:
    faults.append("the independent method did not find the optimum")
if not -uncertainty - 1e-12 <= ours <= 1e-4:
    faults.append("option I did not reach the optimum")
if ours > euclidean + uncertainty:
    faults.append("the Euclidean projection did better")
print("\n".join(faults))
sys.exit(1 if faults else 0)
