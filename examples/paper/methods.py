# SPDX-License-Identifier: BSD-3-Clause
"""SGD, AdaGrad-Norm and AdaGrad (the paper's Algorithm 1), by the library's kernels.

    g_t the gradient of a mini-batch of M rows;  v_t = v_{t-1} + g_t * g_t,  v_{-1} = epsilon^2;  Lambda_t = diag(sqrt v_t)
    w_{t+1} = w_t - eta / Lambda_t g_t                       option II
    w_{t+1} = the same, projected onto W in the norm of Lambda_t    option I
    output: (1/T) sum over t < T of w_t
"""

from __future__ import annotations

from typing import Callable, Iterator, Protocol

import numpy as np

import anisograd

from data import Indices, Problem, Vector

EPSILON = 1e-10


class Method(Protocol):
    """What moves the parameters by a gradient."""

    def step(self, w: Vector, g: Vector) -> None:
        """By the whole gradient."""

    def sparse_step(self, w: Vector, columns: Indices, g: Vector) -> None:
        """By a gradient that is 0 but in the columns listed."""


class Sgd:
    """w_{t+1} = w_t - eta g_t"""

    def __init__(self, cols: int, step_size: float) -> None:
        self._step_size = step_size

    def step(self, w: Vector, g: Vector) -> None:
        anisograd.sgd_step(w, g, learning_rate=self._step_size)

    def sparse_step(self, w: Vector, columns: Indices, g: Vector) -> None:
        listed = w[columns]
        self.step(listed, g)
        w[columns] = listed


class AdagradNorm(Sgd):
    """AdaGrad with one accumulator for all coordinates (Ward, Wu, Bottou, ICML 2019)."""

    def __init__(self, cols: int, step_size: float) -> None:
        super().__init__(cols, step_size)
        self._v = np.array([EPSILON ** 2])

    def step(self, w: Vector, g: Vector) -> None:
        anisograd.adagrad_norm_step(w, g, self._v, learning_rate=self._step_size)


class Adagrad:
    """Option II."""

    def __init__(self, cols: int, step_size: float) -> None:
        self._step_size = step_size
        self._v = np.empty(cols)
        anisograd.adagrad_init(self._v, EPSILON)

    def step(self, w: Vector, g: Vector) -> None:
        anisograd.adagrad_step(w, g, self._v, learning_rate=self._step_size)

    def sparse_step(self, w: Vector, columns: Indices, g: Vector) -> None:
        anisograd.adagrad_step_sparse(w, self._v, columns, g, learning_rate=self._step_size)


class ProjectedAdagrad:
    """Option I, in one call per step."""

    def __init__(self, cols: int, step_size: float, set: anisograd.Set) -> None:
        self._step_size = step_size
        self._set = set
        self._v = np.empty(cols)
        anisograd.adagrad_init(self._v, EPSILON)

    def step(self, w: Vector, g: Vector) -> None:
        anisograd.adagrad_step_projected(w, g, self._v, self._set, learning_rate=self._step_size)

    def sparse_step(self, w: Vector, columns: Indices, g: Vector) -> None:
        whole = np.zeros_like(w)
        whole[columns] = g
        self.step(w, whole)


class EuclideanProjection:
    """Another method's step, and then the Euclidean projection."""

    def __init__(self, method: Method, set: anisograd.Set) -> None:
        self._method = method
        self._set = set

    def step(self, w: Vector, g: Vector) -> None:
        self._method.step(w, g)
        anisograd.project(w, self._set)

    def sparse_step(self, w: Vector, columns: Indices, g: Vector) -> None:
        self._method.sparse_step(w, columns, g)
        anisograd.project(w, self._set)


#: By the names that tables have.
METHODS: dict[str, Callable[[int, float], Method]] = {
    "SGD": Sgd, "AdaGrad-Norm": AdagradNorm, "AdaGrad": Adagrad}


def batches(rows: int, batch: int, seed: int) -> Iterator[Indices | None]:
    """Mini-batches without end: the rows in an order that is drawn anew for each pass, cut into runs of the batch size,
    the rest left out. None, for all rows, where the batch size is 0 or not less than the rows."""
    if batch == 0 or batch >= rows:
        while True:
            yield None
    epoch = 0
    while True:
        order = anisograd.shuffle_indices(rows, seed, epoch)
        for first in range(0, rows - batch + 1, batch):
            yield order[first:first + batch]
        epoch += 1


def rows_used(rows: int, batch: int) -> int:
    return rows if batch == 0 else min(batch, rows)


class Trainer:
    """Steps on mini-batches, and the average (1/T) sum over t < T of w_t.

    Where rows are short and w is long, gradients and steps are of the columns that a batch holds alone. The average then
    comes from u = sum over steps s of s (w_s - w_{s-1}), since w_T - u / T is the average.
    """

    def __init__(self, problem: Problem, method: Method, batch: int, seed: int) -> None:
        self._problem = problem
        self._method = method
        self._batches = batches(problem.rows, batch, seed)
        per_row = problem.X.columns.size / problem.rows
        self._sparse = problem.l2 == 0 and 2 * rows_used(problem.rows, batch) * per_row < problem.cols
        self.w = problem.zeros()
        self.steps = 0
        self._mean_or_u = problem.zeros()
        self._gradient = problem.zeros()
        size = self._largest(batch) if self._sparse else 0
        self._listed = np.empty(size, np.int64), np.empty(size)

    def _largest(self, batch: int) -> int:
        """Columns that a batch has at most."""
        lengths = np.sort(np.diff(self._problem.X.row_offsets))
        return min(int(lengths[-batch:].sum()), self._problem.cols)

    def step(self) -> None:
        problem, w, batch = self._problem, self.w, next(self._batches)
        self.steps += 1
        if self._sparse:
            _, columns, g = anisograd.logistic_sparse_gradient(
                problem.X, problem.y, w, loss=False, out=self._listed, row_indices=batch)
            before = w[columns]
            self._method.sparse_step(w, columns, g)
            self._mean_or_u[columns] += self.steps * (w[columns] - before)
        else:
            anisograd.average(self._mean_or_u, w, self.steps)
            anisograd.logistic(problem.X, problem.y, w, loss=False, out=self._gradient, l2=problem.l2,
                               row_indices=batch)
            self._method.step(w, self._gradient)

    @property
    def mean(self) -> Vector:
        return self.w - self._mean_or_u / self.steps if self._sparse else self._mean_or_u
