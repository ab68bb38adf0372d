# SPDX-License-Identifier: BSD-3-Clause
"""Optimisers of PyTorch, and steps written in NumPy, against the library's, 200 steps each. Argument: the shared
library.

NumPy rounds every operation once, as the library does: its steps must give the same numbers, on every ISA.

PyTorch evaluates the same formulas, but where its CPU kernels are compiled for FMA, the compiler fuses products into
sums: q^2 into v, weight_decay * w into q, and SGD's lr * q into w. Each step is compared in two ways, with bounds that
step_comparison.Exact derives:
  one step  both start from PyTorch's state;
  drift     both run freely from the start, each with the gradient at its own w.
"""
import sys

import step_comparison as compare  # first, as it skips where there is no NumPy
import numpy as np
from step_comparison import IN_STATE, INSIDE, OUTSIDE, STEPS

SIZES = (1, 7, 16, 40)  # a tensor each
TOTAL = sum(SIZES)


def split(array):
    return np.split(array, np.cumsum(SIZES)[:-1])


# ---- NumPy ---------------------------------------------------------------------------------------------

class NumpySteps:
    """The formulas of anisograd.h, on arrays of one type."""

    def __init__(self, options, dtype):
        self.o, self.T = options, dtype

    def effective_gradient(self, w, g):
        o, T = self.o, self.T
        q = T(-o.gradient_scale if o.maximize else o.gradient_scale) * g
        return q + T(o.weight_decay) * w if o.weight_decay != 0 else q

    def root(self, v, epsilon):
        mode = self.o.epsilon_mode
        return np.sqrt(v) + epsilon if mode == OUTSIDE else np.sqrt(v + epsilon if mode == INSIDE else v)

    def move(self, w, q, root):
        o, eta, T = self.o, self.T(self.o.learning_rate), self.T
        if o.decoupled_weight_decay != 0:
            w = w * (T(1) - eta * T(o.decoupled_weight_decay))
        moves = root != 0
        # Where the root is 0 nothing moves; any other number then keeps the division quiet.
        root = np.where(moves, root, T(1))
        w = np.where(moves, w - (eta * q) / root, w)
        if o.l1 != 0:
            shrunk = np.copysign(np.maximum(np.abs(w) - (eta * T(o.l1)) / root, T(0)), w)
            w = np.where(moves, shrunk, w)
        if o.l2 != 0:
            w = np.where(moves, w / (T(1) + (eta * T(o.l2)) / root), w)
        return w

    def adagrad(self, w, g, v):
        q = self.effective_gradient(w, g)
        v[:] = v + q * q
        w[:] = self.move(w, q, self.root(v, self.T(self.o.epsilon)))

    def norm(self, w, g, v):
        q = self.effective_gradient(w, g)
        v[0] += canonical_sum(q.astype(np.float64) ** 2)
        w[:] = self.move(w, q, self.T(self.root(v[0], self.o.epsilon)))

    def dual_averaging(self, w, g, v, gradient_sum, t):
        o, T = self.o, self.T
        q = self.effective_gradient(w, g)
        v[:] = v + q * q
        gradient_sum[:] = gradient_sum + q
        beyond = np.maximum(np.abs(gradient_sum) - T(t * o.l1), T(0))
        denominator = self.root(v, T(o.epsilon)) + T(o.learning_rate * t * o.l2)
        quotient = (T(o.learning_rate) * beyond) / np.where(denominator != 0, denominator, T(1))
        w[:] = np.where(denominator != 0, -np.copysign(quotient, gradient_sum), T(0))

    def sgd(self, w, g):
        w[:] = self.move(w, self.effective_gradient(w, g), self.T(1))


def canonical_sum(terms):
    """docs/numerics.md, for up to 16,384 terms: term i to accumulator i mod 16, which fold by halves."""
    assert terms.size <= 16384
    sums = np.cumsum(np.append(terms, np.zeros(-terms.size % 16)).reshape(-1, 16), axis=0)[-1]
    while sums.size > 1:
        sums = sums[:sums.size // 2] + sums[sums.size // 2:]
    return sums[0]


def average(mean, w, t):
    mean[:] = mean + (w - mean) / mean.dtype.type(t)


DECAYS = dict(weight_decay=0.01, decoupled_weight_decay=0.1, gradient_scale=0.25)
OPTION_CASES = [dict(epsilon_mode=mode, **more) for mode in (IN_STATE, OUTSIDE, INSIDE)
                for more in (dict(), dict(epsilon=1e-3), dict(DECAYS), dict(maximize=1, l1=0.02),
                             dict(l2=0.5, epsilon=0), dict(DECAYS, l1=0.01, l2=0.1))]


def compare_with_numpy(library, dtype):
    """Every function; the gradients are those of the quadratic problem at NumPy's w, and random ones."""
    steps = 0
    for fields in OPTION_CASES:
        options = library.options(learning_rate=0.05, **fields)
        reference = NumpySteps(options, dtype)
        for kind in (compare.RandomGradients, compare.Quadratic):
            problem = kind(TOTAL, dtype)
            w = problem.start
            start = dict(adagrad=[w, np.zeros_like(w)], averaged=[w, np.zeros_like(w), np.zeros_like(w)],
                         norm=[w, np.zeros(1)], sgd=[w],
                         dual_averaging=[np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)])
            for function, state in start.items():
                theirs = [array.copy() for array in state]
                ours = [[array.copy() for array in state] for _ in library.isas]
                for step in range(STEPS):
                    g, t = problem.gradient(theirs[0], step), step + 1
                    if function == "averaged":
                        reference.adagrad(theirs[0], g, theirs[1])
                        average(theirs[2], theirs[0], t)
                    elif function == "dual_averaging":
                        reference.dual_averaging(theirs[0], g, *theirs[1:], t)
                    else:
                        getattr(reference, function)(theirs[0], g, *theirs[1:])
                    for isa, (our_w, *our_state) in zip(library.isas, ours):
                        library.use(isa)
                        name = dict(adagrad="ag_adagrad_step", averaged="ag_adagrad_step_averaged",
                                    norm="ag_adagrad_norm_step", sgd="ag_sgd_step",
                                    dual_averaging="ag_adagrad_dual_averaging_step")[function]
                        library.call(name, our_w, g, *our_state, options=options,
                                     t=t if function in ("averaged", "dual_averaging") else None)
                        for a, b in zip((our_w, *our_state), theirs):
                            # Equal, and so of the same bits but for the sign of 0.
                            assert np.array_equal(a, b), (name, library.isa_name(isa), dtype, fields,
                                                          problem.name, step)
                        steps += 1
                assert np.isfinite(theirs[0]).all() and (theirs[0] != state[0]).any(), (function, fields)
    return steps


# ---- PyTorch -------------------------------------------------------------------------------------------

class TorchSteps:
    """A torch.optim.Optimizer with one parameter for each of SIZES, whose memory NumPy sees."""

    def __init__(self, torch, make, start):
        self.tensors = [torch.from_numpy(part.copy()) for part in split(start)]
        self.optimizer = make(self.tensors)
        self.torch = torch

    def step(self, g):
        for tensor, part in zip(self.tensors, split(g)):
            tensor.grad = self.torch.from_numpy(part.copy())  # a copy, as weight decay changes it in place
        self.optimizer.step()

    @property
    def w(self):
        return np.concatenate([tensor.numpy() for tensor in self.tensors])

    @property
    def v(self):
        return np.concatenate([self.optimizer.state[tensor]["sum"].numpy() for tensor in self.tensors])


class OurSteps:
    """The library's side of the same: each step on the next ISA in turn, as their bits are the same; AdaGrad on all
    tensors in one call, or one call for each."""

    def __init__(self, library, options, w, v, as_list):
        self.library, self.options, self.as_list, self.calls = library, options, as_list, 0
        self.w, self.v = w.copy(), v if v is None else v.copy()

    def step(self, g):
        self.library.use(self.library.isas[self.calls % len(self.library.isas)])
        self.calls += 1
        if self.v is None:
            self.library.call("ag_sgd_step", self.w, g, options=self.options)
            return
        # Views into the whole arrays.
        w, v, g = split(self.w), split(self.v), split(g)
        if self.as_list:
            self.library.step_list(w, g, v, self.options)
        else:
            for arrays in zip(w, g, v):
                self.library.call("ag_adagrad_step", *arrays, options=self.options)


def exact_sgd_step(w, g, o):
    q = -g if o.maximize else g
    if o.weight_decay != 0:
        q = q + w * o.weight_decay
    return w - q * o.learning_rate


def compare_with_pytorch(library, torch, dtype, settings, optimizer_name, as_list, problem, drifts):
    """settings: PyTorch's arguments. as_list: many tensors in one call, on both sides."""
    is_adagrad = optimizer_name == "Adagrad"
    accumulator = max(settings.get("initial_accumulator_value", 0.0), problem.least_accumulator)
    if is_adagrad:
        settings = dict(settings, initial_accumulator_value=accumulator)
    fields = dict(learning_rate=settings["lr"], weight_decay=settings.get("weight_decay", 0),
                  maximize=int(settings.get("maximize", False)))
    if is_adagrad:
        fields.update(epsilon=settings["eps"], epsilon_mode=OUTSIDE)
        # PyTorch 1.13 divides the learning rate by a float32 tensor there, which makes it one.
        if as_list:
            fields["learning_rate"] = float(np.float32(fields["learning_rate"]))
    options = library.options(**fields)
    theirs = TorchSteps(torch, lambda tensors: getattr(torch.optim, optimizer_name)(
        tensors, foreach=as_list, **settings), problem.start)
    v = np.full(TOTAL, accumulator, dtype) if is_adagrad else None
    ours = OurSteps(library, options, problem.start, v, as_list)
    exact_w = compare.Exact.of(problem.start)
    exact_v = compare.Exact.of(v) if is_adagrad else None
    one_step, drift, state = drifts
    for step in range(STEPS):
        where = (optimizer_name, dtype.__name__, settings, "list" if as_list else "single", problem.name, step)
        before_w = theirs.w
        g = problem.gradient(before_w, step)
        before_v = theirs.v if is_adagrad else None
        from_theirs = OurSteps(library, options, before_w, before_v, as_list)
        from_theirs.calls = step
        bound_w = compare.Exact.of(before_w)
        exact_g = problem.exact_gradient(exact_w, step)
        if is_adagrad:
            bound_w, bound_v = compare.exact_step(bound_w, compare.Exact.of(g), compare.Exact.of(before_v), options)
            exact_w, exact_v = compare.exact_step(exact_w, exact_g, exact_v, options)
        else:
            bound_w = exact_sgd_step(bound_w, compare.Exact.of(g), options)
            exact_w = exact_sgd_step(exact_w, exact_g, options)
        ours.step(problem.gradient(ours.w, step))
        from_theirs.step(g)
        theirs.step(g)
        if is_adagrad and step == 0 and settings["eps"] >= 1e-3:
            # The bound is narrow enough to tell this step from one with the epsilon elsewhere.
            elsewhere = library.options(**dict(fields, epsilon_mode=INSIDE))
            strayed = OurSteps(library, elsewhere, before_w, before_v, as_list)
            strayed.step(g)
            assert (np.abs(strayed.w - theirs.w.astype(np.longdouble)) > 2 * bound_w.error).sum() > TOTAL / 2
        one_step.compare(from_theirs.w, theirs.w, bound_w, bound_w, where)
        drift.compare(ours.w, theirs.w, exact_w, exact_w, where)
        if is_adagrad:
            one_step.compare(from_theirs.v, theirs.v, bound_v, bound_v, where)
            state.compare(ours.v, theirs.v, exact_v, exact_v, where)
    assert (theirs.w != problem.start).any()


ADAGRAD = dict(lr=0.01, eps=1e-10)
ADAGRAD_CASES = [ADAGRAD, dict(ADAGRAD, lr=0.03, initial_accumulator_value=0.1), dict(ADAGRAD, weight_decay=0.01),
                 dict(ADAGRAD, eps=1e-3), dict(ADAGRAD, maximize=True),
                 dict(lr=0.02, eps=1e-2, weight_decay=0.1, maximize=True, initial_accumulator_value=0.5)]
SGD_CASES = [dict(lr=0.01), dict(lr=0.01, weight_decay=0.1), dict(lr=0.005, weight_decay=0.01, maximize=True)]


def main():
    library = compare.Library(sys.argv[1])
    names = ", ".join(map(library.isa_name, library.isas))
    for dtype in (np.float32, np.float64):
        steps = compare_with_numpy(library, dtype)
        print(f"{dtype.__name__}: {steps} steps on {names} equal NumPy {np.__version__}")
    try:
        import torch
    except ImportError:
        print("skipped: this Python has no PyTorch (Debian: python3-torch)")
        return 77
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}")
    for dtype in (np.float32, np.float64):
        for optimizer, cases in (("Adagrad", ADAGRAD_CASES), ("SGD", SGD_CASES)):
            for kind in compare.PROBLEMS:
                problem = kind(TOTAL, dtype)
                title = f"{optimizer}, {dtype.__name__}, {problem.name}: "
                drifts = [compare.Drift(title + what) for what in ("one step", "w, drift", "v, drift")]
                for settings in cases:
                    for as_list in (False, True):
                        compare_with_pytorch(library, torch, dtype, settings, optimizer, as_list, problem, drifts)
                for drift in drifts:
                    if drift.count > 0:
                        print(drift)
    return 0


if __name__ == "__main__":
    sys.exit(main())
