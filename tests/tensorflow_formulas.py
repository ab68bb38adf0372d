# SPDX-License-Identifier: BSD-3-Clause
"""TensorFlow's and Keras's AdaGrad formulas, written in NumPy, against the library's steps, 200 steps each. Argument:
the shared library.

From TensorFlow's CPU kernels (tensorflow/core/kernels/training_ops.cc) and Keras (keras/src/optimizers/adagrad.py),
their operations in their order, each rounded once:

    ApplyAdagrad          a += g^2;  var -= (g lr) rsqrt(a)
    ApplyAdagradV2        a += g^2;  var -= (g lr) / (sqrt(a) + epsilon)
    Keras                 a += g^2;  var -= (lr g) / sqrt(a + epsilon)
    ApplyProximalAdagrad  a += g^2;  r = lr rsqrt(a);  p = var - g r;
                          var = sign(p) max(|p| - r l1, 0) / (1 + l2 r), with l1 = 0: p / (1 + l2 r)
    ApplyAdagradDA        G += g;  a += g^2;
                          var = -lr sign(G) max(|G| - t l1, 0) / (l2 (t lr) + sqrt(a))

ApplyAdagradV2 and Keras round as ag_adagrad_step does with AG_EPSILON_OUTSIDE and AG_EPSILON_INSIDE: the same numbers.
The others multiply by a reciprocal square root, or multiply options in another order: within the bounds that
step_comparison.Exact derives, for one step from TensorFlow's state and for both running freely.

Where TensorFlow's definition is another one:
  - Its accumulators start at initial_accumulator_value, 0.1 by default; here they start at epsilon^2 ([LPZ]).
    ApplyAdagrad and ApplyProximalAdagrad have no epsilon: with a = 0 they give NaN where g = 0, ours does not move.
  - Its rsqrt may be the processor's estimate, improved, and then is less accurate than 1 / sqrt, as it is here.
  - Keras's weight_decay is decoupled_weight_decay, rounded as w - (w d) lr instead of w (1 - lr d). Keras before
    version 2.11 used ApplyAdagradV2.
"""
import sys

import step_comparison as compare  # first, as it skips where there is no NumPy
import numpy as np
from step_comparison import IN_STATE, INSIDE, OUTSIDE, STEPS, Exact

SIZE = 64
INITIAL_ACCUMULATOR = 0.1


# The formulas serve arrays and Exact alike; these are the operations that the two spell differently.

def sqrt(x):
    return x.sqrt() if isinstance(x, Exact) else np.sqrt(x)


def rsqrt(x):
    return x.constant(1) / x.sqrt() if isinstance(x, Exact) else x.dtype.type(1) / np.sqrt(x)


def soft_threshold(x, threshold):
    if isinstance(x, Exact):
        return x.soft_threshold(threshold)
    return np.sign(x) * np.maximum(np.abs(x) - threshold, x.dtype.type(0))


class Hyperparameters:
    """Numbers of the arrays' type, as TensorFlow has them."""

    def __init__(self, dtype, lr, epsilon=0.0, l1=0.0, l2=0.0):
        self.lr, self.epsilon, self.l1, self.l2 = map(dtype, (lr, epsilon, l1, l2))
        self.one, self.type = dtype(1), dtype


def apply_adagrad(h, t, g, var, a):
    a = a + g * g
    return var - g * h.lr * rsqrt(a), a


def apply_adagrad_v2(h, t, g, var, a):
    a = a + g * g
    return var - g * h.lr / (sqrt(a) + h.epsilon), a


def keras_adagrad(h, t, g, var, a):
    a = a + g * g
    return var - g * h.lr / sqrt(a + h.epsilon), a


def apply_proximal_adagrad(h, t, g, var, a):
    a = a + g * g
    rate = rsqrt(a) * h.lr
    p = var - g * rate
    if h.l1 > 0:
        p = soft_threshold(p, rate * h.l1)
    return p / (rate * h.l2 + h.one), a


def apply_adagrad_da(h, t, g, var, a, G):
    G, a = G + g, a + g * g
    steps = G.constant(t) if isinstance(G, Exact) else h.type(t)
    numerator = soft_threshold(G, steps * h.l1) if h.l1 > 0 else G
    return -(numerator * h.lr / (sqrt(a) + steps * h.lr * h.l2)), a, G


# ---- The library's formulas, for their bounds ----------------------------------------------------------

def our_step(options, t, g, w, v):
    return compare.exact_step(w, g, v, options)


def our_dual_averaging_step(options, t, g, w, v, G):
    """t l1 and eta t l2 are rounded once, in fewer operations than here."""
    G, v = G + g, v + g * g
    beyond = G.soft_threshold(G.constant(options.l1) * t)
    return -(beyond * options.learning_rate / (v.sqrt() + G.constant(options.learning_rate) * t * options.l2)), v, G


# (formula, its hyperparameters, our epsilon mode, our function, bound of ours or None where the numbers are the same)
CASES = [
    (apply_adagrad, dict(lr=0.02), IN_STATE, "ag_adagrad_step", our_step),
    (apply_adagrad_v2, dict(lr=0.02, epsilon=1e-7), OUTSIDE, "ag_adagrad_step", None),
    (apply_adagrad_v2, dict(lr=0.02, epsilon=1e-2), OUTSIDE, "ag_adagrad_step", None),
    (keras_adagrad, dict(lr=0.02, epsilon=1e-7), INSIDE, "ag_adagrad_step", None),
    (keras_adagrad, dict(lr=0.02, epsilon=1e-2), INSIDE, "ag_adagrad_step", None),
    (apply_proximal_adagrad, dict(lr=0.02, l2=0.1), IN_STATE, "ag_adagrad_step", our_step),
    (apply_proximal_adagrad, dict(lr=0.02, l1=0.05), IN_STATE, "ag_adagrad_step", our_step),
    (apply_proximal_adagrad, dict(lr=0.02, l1=0.05, l2=0.1), IN_STATE, "ag_adagrad_step", our_step),
    (apply_adagrad_da, dict(lr=0.02), IN_STATE, "ag_adagrad_dual_averaging_step", our_dual_averaging_step),
    (apply_adagrad_da, dict(lr=0.02, l1=0.01, l2=0.1), IN_STATE, "ag_adagrad_dual_averaging_step",
     our_dual_averaging_step),
]


def run(library, dtype, problem, case, one_step, drift):
    formula, numbers, mode, name, our_formula = case
    h = Hyperparameters(dtype, **numbers)
    fields = dict(learning_rate=float(h.lr), epsilon=float(h.epsilon), l1=float(h.l1), l2=float(h.l2))
    options = library.options(epsilon_mode=mode, **fields)
    averages = formula is apply_adagrad_da
    start = [problem.start, np.full(SIZE, INITIAL_ACCUMULATOR, dtype)]
    if averages:
        start = [np.zeros(SIZE, dtype), start[1], np.zeros(SIZE, dtype)]

    def our_step_on(arrays, g, t, options):
        # Each step on the next ISA in turn, as their bits are the same.
        library.use(library.isas[t % len(library.isas)])
        library.call(name, arrays[0], g, *arrays[1:], options=options, t=t if averages else None)

    theirs = [array.copy() for array in start]
    ours = [array.copy() for array in start]
    their_exact, our_exact = [Exact.of(array) for array in start], [Exact.of(array) for array in start]
    for step in range(STEPS):
        t, where = step + 1, (formula.__name__, numbers, dtype.__name__, problem.name, step)
        g = problem.gradient(theirs[0], step)
        before = theirs
        theirs = list(formula(h, t, g, *before))
        assert all(array.dtype == dtype for array in theirs), where
        our_step_on(ours, problem.gradient(ours[0], step), t, options)
        if our_formula is None:
            for a, b in zip(ours, theirs):
                assert np.array_equal(a, b), where
            continue
        from_theirs = [array.copy() for array in before]
        our_step_on(from_theirs, g, t, options)
        state = [Exact.of(array) for array in before]
        our_bounds, their_bounds = our_formula(options, t, Exact.of(g), *state), formula(h, t, Exact.of(g), *state)
        our_exact = our_formula(options, t, problem.exact_gradient(our_exact[0], step), *our_exact)
        their_exact = formula(h, t, problem.exact_gradient(their_exact[0], step), *their_exact)
        for i in range(len(start)):
            one_step.compare(from_theirs[i], theirs[i], our_bounds[i], their_bounds[i], where)
            drift.compare(ours[i], theirs[i], our_exact[i], their_exact[i], where)
        if step == 0:
            # The bound is narrow enough to see a learning rate that is wrong by a thousandth.
            strayed = [array.copy() for array in before]
            faster = dict(fields, learning_rate=1.001 * fields["learning_rate"])
            our_step_on(strayed, g, t, library.options(epsilon_mode=mode, **faster))
            far = np.abs(strayed[0] - theirs[0].astype(np.longdouble)) > our_bounds[0].error + their_bounds[0].error
            assert far.sum() > SIZE / 2, (where, far.sum())
    assert (theirs[0] != start[0]).any()


def main():
    library = compare.Library(sys.argv[1])
    for dtype in (np.float32, np.float64):
        for case in CASES:
            formula, numbers, our_formula = case[0], case[1], case[-1]
            title = f"{formula.__name__} {numbers}, {dtype.__name__}: "
            drifts = compare.Drift(title + "one step"), compare.Drift(title + "drift")
            for kind in compare.PROBLEMS:
                # The bound's growth on the quadratic needs the problem's own start, and dual averaging has another.
                if kind is not compare.Quadratic or formula is not apply_adagrad_da:
                    run(library, dtype, kind(SIZE, dtype), case, *drifts)
            print(*(drifts if our_formula else [title + "the same numbers"]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
