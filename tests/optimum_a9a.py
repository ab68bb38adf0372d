#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The optimum of regularized logistic regression on a9a: ours, found by SciPy's optimizers with the library's loss,
gradient and Hessian-vector product, and liblinear's (-s 0). And the constants of the problem's anisotropy, with NumPy's.

    optimum_a9a.py LIBRARY

Both minimise sum_i log(1 + exp(-y_i <x_i, w>)) + ||w||^2 / (2 C).
"""

import ctypes
import sys

from a9a import (COLUMNS, FEATURES, LABELS, OFFSETS, ROWS, SKIPPED, LogisticOptions, X, call, library, np)

try:
    import scipy.optimize
except ImportError:
    print("skipped: SciPy is not installed")
    sys.exit(SKIPPED)

C = 1.0
SUM = 1

class LinearProblem(ctypes.Structure):
    _fields_ = [("l", ctypes.c_int), ("n", ctypes.c_int), ("y", ctypes.c_void_p), ("x", ctypes.c_void_p),
                ("bias", ctypes.c_double)]


class LinearParameter(ctypes.Structure):
    _fields_ = [("solver_type", ctypes.c_int), ("eps", ctypes.c_double), ("C", ctypes.c_double),
                ("nr_weight", ctypes.c_int), ("weight_label", ctypes.c_void_p), ("weight", ctypes.c_void_p),
                ("p", ctypes.c_double), ("init_sol", ctypes.c_void_p)]


class LinearModel(ctypes.Structure):
    _fields_ = [("param", LinearParameter), ("nr_class", ctypes.c_int), ("nr_feature", ctypes.c_int),
                ("w", ctypes.POINTER(ctypes.c_double)), ("label", ctypes.POINTER(ctypes.c_int))]


def liblinear_optimum():
    """None where liblinear 2.3's library is not installed."""
    try:
        liblinear = ctypes.CDLL("liblinear.so.4")
    except OSError:
        return None
    node = np.dtype([("index", np.int32), ("value", np.float64)], align=True)
    nodes = np.zeros(len(COLUMNS) + ROWS, node)
    starts = OFFSETS[:-1] + np.arange(ROWS)
    is_end = np.zeros(len(nodes), bool)
    is_end[OFFSETS[1:] + np.arange(ROWS)] = True
    nodes["index"][~is_end] = COLUMNS + 1
    nodes["value"][~is_end] = 1
    nodes["index"][is_end] = -1
    pointers = nodes.ctypes.data + starts * node.itemsize
    problem = LinearProblem(ROWS, FEATURES, LABELS.ctypes.data, pointers.ctypes.data, -1.0)
    parameter = LinearParameter(solver_type=0, eps=1e-12, C=C)
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: None)
    liblinear.set_print_string_function(quiet)
    liblinear.train.restype = ctypes.POINTER(LinearModel)
    model = liblinear.train(ctypes.byref(problem), ctypes.byref(parameter)).contents
    w = np.ctypeslib.as_array(model.w, (FEATURES,)).copy()
    return w if model.label[0] == 1 else -w


def options(reduction=0, l2=0.0):
    o = LogisticOptions()
    library.ag_logistic_options_init_sized(ctypes.byref(o), ctypes.c_size_t(ctypes.sizeof(o)))
    o.reduction, o.l2 = reduction, l2
    return ctypes.byref(o)


PENALIZED = options(SUM, 1 / C)


def loss_and_gradient(w):
    loss, gradient = np.zeros(1), np.zeros(FEATURES)
    call("ag_logistic_csr_f64", ctypes.byref(X), LABELS, w, PENALIZED, loss, gradient)
    return loss[0], gradient


def hessian_vector(w, direction):
    product = np.zeros(FEATURES)
    call("ag_logistic_hessian_vector_csr_f64", ctypes.byref(X), LABELS, w, np.ascontiguousarray(direction), PENALIZED,
         product)
    return product


def dense_rows():
    x = np.zeros((ROWS, FEATURES))
    x[np.repeat(np.arange(ROWS), np.diff(OFFSETS)), COLUMNS] = 1
    return x


faults = []


def expect(condition, text):
    if not condition:
        faults.append(text)


rows = dense_rows()


def exact_loss(w):
    return np.logaddexp(0, -LABELS * (rows @ w)).sum() + w @ w / (2 * C)


# ---- The optimum ----

start = np.zeros(FEATURES)
newton = scipy.optimize.minimize(loss_and_gradient, start, jac=True, hessp=hessian_vector, method="Newton-CG",
                                 options={"xtol": 1e-13, "maxiter": 200})
lbfgs = scipy.optimize.minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B",
                                options={"ftol": 1e-15, "gtol": 1e-6, "maxiter": 5000, "maxfun": 10000, "maxcor": 30})
theirs = liblinear_optimum()
for name, found in (("Newton-CG", newton), ("L-BFGS", lbfgs)):
    print(f"{name}: {found.fun:.12f}, largest |gradient| {np.abs(loss_and_gradient(found.x)[1]).max():.1e}, "
          f"{found.nfev} losses")
if theirs is None:
    print("liblinear is not installed")
else:
    print(f"liblinear: {exact_loss(theirs):.12f}, largest |gradient| {np.abs(loss_and_gradient(theirs)[1]).max():.1e}")
    for name, found in (("Newton-CG", newton), ("L-BFGS", lbfgs)):
        difference = abs(found.fun / exact_loss(theirs) - 1)
        distance = np.linalg.norm(found.x - theirs) / np.linalg.norm(theirs)
        print(f"{name} and liblinear: objectives differ by {difference:.1e}, parameters by {distance:.1e}, relatively")
        expect(difference <= 1e-8, f"{name}'s optimum is not liblinear's")
    # The objective is 1 / C strongly convex: a point is within C ||gradient|| of the optimum.
    within = C * sum(np.linalg.norm(loss_and_gradient(w)[1]) for w in (newton.x, theirs))
    expect(np.linalg.norm(newton.x - theirs) <= 1.001 * within, "Newton-CG's parameters differ")
expect(abs(exact_loss(newton.x) / newton.fun - 1) <= 1e-12, "the loss at the optimum is not NumPy's")

# ---- Anisotropy: what [LPZ], Theorem 4.1, compares for AdaGrad and SGD ----

MEAN = options()
for name, w in (("w = 0", start), ("the optimum", newton.x)):
    margins = np.zeros(ROWS)
    call("ag_logistic_margins_csr_f64", ctypes.byref(X), w, MEAN, margins)
    expect(np.allclose(margins, rows @ w, rtol=1e-12, atol=1e-12), "margins are not NumPy's")
    residuals = -LABELS / (1 + np.exp(LABELS * (rows @ w)))
    noise, diagonal = np.zeros(FEATURES), np.zeros(FEATURES)
    call("ag_logistic_noise_csr_f64", ctypes.byref(X), LABELS, w, MEAN, noise)
    expect(np.allclose(noise, (residuals[:, np.newaxis] * rows).std(axis=0), rtol=1e-9, atol=1e-9),
           "the noise is not NumPy's")
    call("ag_logistic_hessian_diagonal_csr_f64", ctypes.byref(X), LABELS, w, MEAN, diagonal)
    curvatures = 1 / (2 + 2 * np.cosh(rows @ w))
    expect(np.allclose(diagonal, curvatures @ rows ** 2 / ROWS, rtol=1e-10, atol=1e-15), "the diagonal is not NumPy's")
    one, two = np.abs(noise).sum(), np.linalg.norm(noise)
    print(f"at {name}: ||sigma||_1 = {one:.3f}, sqrt(d) ||sigma||_2 = {np.sqrt(FEATURES) * two:.3f}, "
          f"ratio {np.sqrt(FEATURES) * two / one:.2f}")
for kind, name in ((0, "coordinate"), (1, "anisotropic")):
    smoothness = np.zeros(FEATURES)
    call("ag_logistic_smoothness_csr_f64", ctypes.byref(X), LABELS, MEAN, ctypes.c_int32(kind), smoothness)
    weights = np.abs(rows).sum(axis=1) if kind == 1 else np.ones(ROWS)
    expect(np.allclose(smoothness, weights @ np.abs(rows) / (4 * ROWS), rtol=1e-10), f"{name} smoothness is not NumPy's")
    print(f"{name} smoothness: ||L||_1 = {smoothness.sum():.3f}, d max L_j = {FEATURES * smoothness.max():.3f}, "
          f"ratio {FEATURES * smoothness.max() / smoothness.sum():.2f}")
largest = np.linalg.norm(rows, 2) ** 2 / (4 * ROWS)
print(f"the largest eigenvalue of X'X / 4n: {largest:.3f}, times d: {FEATURES * largest:.3f}")

print("\n".join(faults))
sys.exit(1 if faults else 0)
