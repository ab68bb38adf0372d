# SPDX-License-Identifier: BSD-3-Clause
"""Optimisers of PyTorch, and steps written in NumPy, against the library's, 200 steps each. Argument: the shared
library.

NumPy rounds every operation once, as the library does: its steps must give the same numbers, on every ISA.

PyTorch evaluates the same formulas, but where its CPU kernels are compiled for FMA, the compiler fuses products into
sums: q^2 into v, weight_decay * w into q, and SGD's lr * q into w. Adagrad on sparse gradients first adds up those of
equal rows, in an order of its own, and multiplies by lr after the division. Each step is compared in two ways, with
bounds that step_comparison.Exact derives:
  one step  both start from PyTorch's state;
  drift     both run freely from the start, each with the gradient at its own w.
"""
import itertools
import math
import sys

import step_comparison as compare  # first, as it skips where there is no NumPy
import numpy as np
from step_comparison import IN_STATE, INSIDE, OUTSIDE, STEPS

SHAPES = ((1,), (7,), (16,), (40,))  # a tensor each
TOTAL = sum(map(math.prod, SHAPES))


def split(array, shapes=SHAPES):
    """Views of the tensors in one array of all numbers."""
    ends = itertools.accumulate(map(math.prod, shapes))
    return [array[end - math.prod(shape):end].reshape(shape) for shape, end in zip(shapes, ends)]


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
    """A torch.optim.Optimizer with one parameter for each of the shapes, whose memory NumPy sees."""

    def __init__(self, torch, make, start, shapes=SHAPES):
        self.tensors = [torch.from_numpy(part.copy()) for part in split(start, shapes)]
        self.optimizer = make(self.tensors)
        self.torch = torch

    def step(self, g):
        self.step_tensors([self.torch.from_numpy(part.copy())  # a copy, as weight decay changes it in place
                           for part in split(g)])

    def step_listed(self, lists, gradients):
        # None for an empty list, on which PyTorch 1.13 fails where rows have several numbers.
        self.step_tensors([self.torch.sparse_coo_tensor(rows[np.newaxis], g, tensor.shape) if rows.size > 0 else None
                           for tensor, rows, g in zip(self.tensors, lists, gradients)])

    def step_tensors(self, gradients):
        for tensor, gradient in zip(self.tensors, gradients):
            tensor.grad = gradient
        self.optimizer.step()

    @property
    def w(self):
        return np.concatenate([tensor.numpy().ravel() for tensor in self.tensors])

    @property
    def v(self):
        return np.concatenate([self.optimizer.state[tensor]["sum"].numpy().ravel() for tensor in self.tensors])


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


TABLES = ((16,), (8, 1), (7, 3), (4, 20))
TABLE_TOTAL = sum(map(math.prod, TABLES))


class ListedRows:
    """For each step, rows of each table, and the gradients of a problem there. Some rows are listed often, and several
    times in a step, others seldom, the last one never; one list of four increases strictly; some are empty. Each
    occurrence has factors of its own. They have both signs where the problem's gradient does not depend on w: sums may
    cancel then, but a small accumulator does not make the next steps unstable."""

    def __init__(self, problem, dtype):
        random = np.random.default_rng(3)
        self.problem = problem
        self.lists, self.positions, self.factors = [], [], []
        for step in range(STEPS):
            lists = [self.draw(random, shape[0] - 1) for shape in TABLES]
            if step % 4 == 3:
                lists = [np.unique(rows) for rows in lists]
            # Of each number of the gradients, its place in the array of all tables.
            places = zip(split(np.arange(TABLE_TOTAL), TABLES), lists)
            positions = np.concatenate([numbers[rows].ravel() for numbers, rows in places])
            factors = random.uniform(0.5, 1.5, positions.size)
            if isinstance(problem, compare.RandomGradients):
                factors *= random.choice([-1, 1], positions.size)
            self.lists.append(lists)
            self.positions.append(positions)
            self.factors.append(factors.astype(dtype))

    @staticmethod
    def draw(random, rows):
        return (rows * random.random(random.integers(0, 2 * rows)) ** 2).astype(np.int64)

    def gradients(self, w, step):
        """One for each position."""
        return self.factors[step] * self.problem.gradient(w, step)[self.positions[step]]

    def exact_gradients(self, w, step):
        return compare.Exact.of(self.factors[step]) * self.problem.exact_gradient(w, step)[self.positions[step]]

    def exact_step(self, w, gradients, v, o, step, divide_first):
        """Of the listed rows; the others stay."""
        positions = self.positions[step]
        listed = np.unique(positions)
        next_w, next_v = compare.exact_step(w[listed], gradients.sums(positions, TABLE_TOTAL)[listed], v[listed], o,
                                            divide_first)
        return w.replaced(listed, next_w), v.replaced(listed, next_v)

    def by_table(self, step, gradients):
        shapes = [rows.shape + shape[1:] for rows, shape in zip(self.lists[step], TABLES)]
        return split(gradients, shapes)


class OurListedSteps:
    """The library's side: each step on the next ISA in turn, and then with the other type of index."""

    def __init__(self, library, options, w, v, calls=0):
        self.library, self.options, self.calls = library, options, calls
        self.w, self.v = w.copy(), v.copy()

    def step_listed(self, lists, gradients):
        isas = self.library.isas
        self.library.use(isas[self.calls % len(isas)])
        index = (np.int64, np.int32)[self.calls // len(isas) % 2]
        self.calls += 1
        for w, v, rows, g in zip(split(self.w, TABLES), split(self.v, TABLES), lists, gradients):
            self.library.step_listed(w, v, rows.astype(index), g, self.options)


def compare_listed_rows(library, torch, dtype, settings, problem, listed_rows, drifts):
    """Adagrad on sparse gradients. settings: PyTorch's arguments."""
    accumulator = max(settings.get("initial_accumulator_value", 0.0), problem.least_accumulator)
    settings = dict(settings, initial_accumulator_value=accumulator)
    options = library.options(learning_rate=settings["lr"], epsilon=settings["eps"], epsilon_mode=OUTSIDE,
                              maximize=int(settings.get("maximize", False)))
    w = problem.start.copy()
    for table in split(w, TABLES):
        table[-1] = -0.0  # in the row that is never listed, as adding 0 would change it
    v = np.full(TABLE_TOTAL, accumulator, dtype)
    theirs = TorchSteps(torch, lambda tensors: torch.optim.Adagrad(tensors, foreach=False, **settings), w, TABLES)
    ours = OurListedSteps(library, options, w, v)
    exact = compare.Exact.of
    our_exact_w, our_exact_v = their_exact_w, their_exact_v = exact(w), exact(v)
    one_step, drift, state = drifts
    for step in range(STEPS):
        where = ("Adagrad, sparse", dtype.__name__, settings, problem.name, step)
        lists, positions = listed_rows.lists[step], listed_rows.positions[step]
        listed = np.unique(positions)
        before_w, before_v = theirs.w, theirs.v
        gradients = listed_rows.gradients(before_w, step)
        our_gradients = listed_rows.gradients(ours.w, step)
        from_theirs = OurListedSteps(library, options, before_w, before_v, step)
        our_bound, their_bound = (
            listed_rows.exact_step(exact(before_w), exact(gradients), exact(before_v), options, step, divide_first)
            for divide_first in (False, True))
        our_exact_w, our_exact_v = listed_rows.exact_step(
            our_exact_w, listed_rows.exact_gradients(our_exact_w, step), our_exact_v, options, step, False)
        their_exact_w, their_exact_v = listed_rows.exact_step(
            their_exact_w, listed_rows.exact_gradients(their_exact_w, step), their_exact_v, options, step, True)
        our_before = ours.w.copy(), ours.v.copy()
        ours.step_listed(lists, listed_rows.by_table(step, our_gradients))
        from_theirs.step_listed(lists, listed_rows.by_table(step, gradients))
        theirs.step_listed(lists, listed_rows.by_table(step, gradients))
        for after, before in ((ours, our_before), (from_theirs, (before_w, before_v)), (theirs, (before_w, before_v))):
            for a, b in zip((after.w, after.v), before):
                assert np.delete(a, listed).tobytes() == np.delete(b, listed).tobytes(), (where, "not listed")
        if step == 0:
            # The bound is narrow enough to tell this step from one that takes the list's entries in turn.
            in_turn = OurListedSteps(library, options, before_w, before_v)
            by_table = listed_rows.by_table(step, gradients)
            for entry in range(max(rows.size for rows in lists)):
                in_turn.step_listed([rows[entry:entry + 1] for rows in lists], [g[entry:entry + 1] for g in by_table])
            repeated = np.flatnonzero(np.bincount(positions) > 1)
            for strayed, their, k in ((in_turn.w, theirs.w, 0), (in_turn.v, theirs.v, 1)):
                beyond = np.abs(strayed - their.astype(np.longdouble)) > our_bound[k].error + their_bound[k].error
                assert repeated.size > 0 and beyond[repeated].sum() > repeated.size / 2, where
        for k, (our, their) in enumerate(((from_theirs.w, theirs.w), (from_theirs.v, theirs.v))):
            if listed.size > 0:
                one_step.compare(our[listed], their[listed], our_bound[k][listed], their_bound[k][listed], where)
        drift.compare(ours.w, theirs.w, our_exact_w, their_exact_w, where)
        state.compare(ours.v, theirs.v, our_exact_v, their_exact_v, where)
    ever_listed = np.unique(np.concatenate(listed_rows.positions))
    assert ever_listed.size == TABLE_TOTAL - sum(math.prod(shape[1:]) for shape in TABLES)
    assert (theirs.w[ever_listed] != problem.start[ever_listed]).any()


ADAGRAD = dict(lr=0.01, eps=1e-10)
ADAGRAD_CASES = [ADAGRAD, dict(ADAGRAD, lr=0.03, initial_accumulator_value=0.1), dict(ADAGRAD, weight_decay=0.01),
                 dict(ADAGRAD, eps=1e-3), dict(ADAGRAD, maximize=True),
                 dict(lr=0.02, eps=1e-2, weight_decay=0.1, maximize=True, initial_accumulator_value=0.5)]
# PyTorch refuses weight decay there.
SPARSE_CASES = [ADAGRAD, dict(ADAGRAD, lr=0.03, initial_accumulator_value=0.1), dict(ADAGRAD, eps=1e-3, maximize=True)]
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
        for kind in compare.PROBLEMS:
            problem = kind(TABLE_TOTAL, dtype)
            listed_rows = ListedRows(problem, dtype)
            title = f"Adagrad on sparse gradients, {dtype.__name__}, {problem.name}: "
            drifts = [compare.Drift(title + what) for what in ("one step", "w, drift", "v, drift")]
            for settings in SPARSE_CASES:
                compare_listed_rows(library, torch, dtype, settings, problem, listed_rows, drifts)
            for drift in drifts:
                print(drift)
    return 0


if __name__ == "__main__":
    sys.exit(main())
