# SPDX-License-Identifier: BSD-3-Clause
"""Solvers of l2-regularized logistic regression, on one clock: of this library's kernels, and others'.

All minimise f(w) = 1/n sum_i log(1 + exp(-y_i <x_i, w>)) + l2 / 2 ||w||^2 without intercept, with l2 = 1 / (n C): what
liblinear and scikit-learn write as ||w||^2 / 2 + C sum_i log(...).
"""

from __future__ import annotations

import ctypes
import math
import time
from typing import Any, NamedTuple, Optional, Protocol, Union

import numpy as np
import scipy.optimize
import scipy.sparse
from numpy.typing import NDArray

import anisograd

from data import Problem, Vector
from methods import EPSILON


class Point(NamedTuple):
    seconds: float
    w: Vector


class Record:
    """The points that a solver passes, and when. The clock stands still while a point is kept. enough: the objective that
    a solver which is run with ever more effort need not go below."""

    def __init__(self, problem: Problem, enough: float) -> None:
        self._problem = problem
        self._enough = enough
        self.points: list[Point] = []
        self.begin_anew()

    def begin_anew(self) -> None:
        """The clock back at 0: before a solver starts, and each time that one which cannot be watched is run with more
        effort."""
        self._seconds = 0.0
        self._resumed = time.perf_counter()

    def keep(self, w: NDArray[Any]) -> None:
        self._seconds += time.perf_counter() - self._resumed
        self.points.append(Point(self._seconds, w.astype(np.float64)))
        self._resumed = time.perf_counter()

    def suffices(self) -> bool:
        """Whether the last point does."""
        return self._problem.loss(self.points[-1].w) <= self._enough


Array = NDArray[Any]
Type = Union[type[np.float32], type[np.float64]]


class Penalized:
    """f in one of the library's types."""

    def __init__(self, problem: Problem, dtype: Type) -> None:
        X = problem.X
        values = None if X.values is None else X.values.astype(dtype)
        self.X = anisograd.Csr(X.row_offsets, X.columns, values, X.shape)
        self.y = problem.y.astype(dtype)
        self.l2 = problem.l2

    def zeros(self) -> Array:
        return np.zeros(self.X.shape[1], self.y.dtype)

    def loss_and_gradient(self, w: Array) -> tuple[float, Array]:
        return anisograd.logistic(self.X, self.y, w, l2=self.l2)

    def hessian_vector(self, w: Array, direction: Array, out: Array) -> Array:
        return anisograd.logistic_hessian_vector(self.X, self.y, w, direction, l2=self.l2, out=out)

    def blocks(self, rows: int) -> list[tuple[anisograd.Csr, Array]]:
        """Runs of so many neighbouring rows and their labels, without copies; the rest is left out."""
        X = self.X
        firsts = range(0, X.shape[0] - rows + 1, rows)
        return [(anisograd.Csr(X.row_offsets[first:first + rows + 1], X.columns, X.values, (rows, X.shape[1])),
                 self.y[first:first + rows]) for first in firsts]


class Input(NamedTuple):
    """A problem as each library takes it. Making it is in nobody's time."""

    problem: Problem
    penalized: dict[Type, Penalized]
    C: float
    matrices: dict[Type, Any]  # scipy.sparse.csr_matrix
    nodes: Any  # liblinear's entries (column from 1, value), each row closed by a column -1
    starts: Any  # the addresses of the rows' first nodes


def prepare(problem: Problem, C: float) -> Input:
    penalized = Problem(problem.name, problem.X, problem.y, 1 / (problem.rows * C))
    X = problem.X
    values = np.ones(X.columns.size) if X.values is None else X.values
    types: tuple[Type, Type] = np.float32, np.float64
    matrices = {dtype: scipy.sparse.csr_matrix((values.astype(dtype), X.columns, X.row_offsets.astype(np.int32)), X.shape)
                for dtype in types}
    node = np.dtype([("index", np.int32), ("value", np.float64)], align=True)
    nodes = np.zeros(X.columns.size + problem.rows, node)
    is_end = np.zeros(nodes.size, bool)
    is_end[X.row_offsets[1:] + np.arange(problem.rows)] = True
    nodes["index"][~is_end] = X.columns + 1
    nodes["value"][~is_end] = values
    nodes["index"][is_end] = -1
    starts = nodes.ctypes.data + (X.row_offsets[:-1] + np.arange(problem.rows)) * node.itemsize
    return Input(penalized, {dtype: Penalized(penalized, dtype) for dtype in types}, C, matrices, nodes, starts)




# ---- With this library ----

class Solver(Protocol):
    """Keeps points that come ever nearer to the optimum."""

    def __call__(self, given: Input, record: Record) -> None:
        ...


class Stochastic(NamedTuple):
    """SGD or AdaGrad, each mini-batch a run of neighbouring rows, which is read faster than rows here and there: of data
    whose rows are in random order. The order of the batches is drawn anew for each pass."""

    adagrad: bool
    batch: int
    step_size: float
    passes: int
    dtype: Type = np.float32

    def __call__(self, given: Input, record: Record) -> None:
        self.train(given.penalized[self.dtype], record)

    def train(self, f: Penalized, record: Record) -> Array:
        """The last w. Each pass keeps some."""
        blocks = f.blocks(min(self.batch, f.X.shape[0]))
        w, g, v = f.zeros(), f.zeros(), f.zeros()
        anisograd.adagrad_init(v, EPSILON)
        every = max(len(blocks) // 4, 1)
        for epoch in range(self.passes):
            for place, block in enumerate(anisograd.shuffle_indices(len(blocks), 0, epoch), 1):
                X, y = blocks[block]
                anisograd.logistic(X, y, w, loss=False, l2=f.l2, out=g)
                if self.adagrad:
                    anisograd.adagrad_step(w, g, v, learning_rate=self.step_size)
                else:
                    anisograd.sgd_step(w, g, learning_rate=self.step_size)
                if place % every == 0:
                    record.keep(w)
        return w


class Newton(NamedTuple):
    """Newton's method, with directions by conjugate gradients that the Hessian's diagonal at the first point preconditions;
    from where some passes of AdaGrad came to, if there is a start."""

    iterations: int
    start: Optional[Stochastic] = None
    dtype: Type = np.float32

    def __call__(self, given: Input, record: Record) -> None:
        f = given.penalized[self.dtype]
        w = f.zeros() if self.start is None else self.start.train(f, record)
        loss, gradient = f.loss_and_gradient(w)
        first = float(np.linalg.norm(gradient))
        inverse = 1 / anisograd.logistic_hessian_diagonal(f.X, f.y, w, l2=f.l2)
        for _ in range(self.iterations):
            size = float(np.linalg.norm(gradient))
            tolerance = min(0.3, math.sqrt(size / first)) * size
            direction = self._direction(f, w, gradient, tolerance, inverse)
            slope, length = float(gradient @ direction), 1.0
            while True:
                new = w + direction
                new_loss, new_gradient = f.loss_and_gradient(new)
                if new_loss <= loss + 1e-4 * length * slope:
                    break
                length /= 2
                direction *= 0.5
                if length < 1e-3:  # rounding alone is left
                    return
            w, loss, gradient = new, new_loss, new_gradient
            record.keep(w)

    @staticmethod
    def _direction(f: Penalized, w: Array, gradient: Array, tolerance: float, inverse: Array) -> Array:
        direction, residual = np.zeros_like(w), -gradient
        scaled = inverse * residual
        search, product = scaled.copy(), np.empty_like(w)
        size = float(residual @ scaled)
        for _ in range(100):
            f.hessian_vector(w, search, product)
            along = size / float(search @ product)
            direction += w.dtype.type(along) * search
            residual -= w.dtype.type(along) * product
            if np.linalg.norm(residual) <= tolerance:
                break
            scaled = inverse * residual
            new_size = float(residual @ scaled)
            search *= w.dtype.type(new_size / size)
            search += scaled
            size = new_size
        return direction


def lbfgs(given: Input, record: Record) -> None:
    """SciPy's L-BFGS with this library's loss and gradient, in double."""
    problem = given.problem
    scipy.optimize.minimize(problem.loss_and_gradient, problem.zeros(), jac=True, method="L-BFGS-B",
                            callback=record.keep, options={"maxiter": 100, "ftol": 0, "gtol": 0})


# ---- Others ----

class _LinearProblem(ctypes.Structure):
    _fields_ = [("l", ctypes.c_int), ("n", ctypes.c_int), ("y", ctypes.c_void_p), ("x", ctypes.c_void_p),
                ("bias", ctypes.c_double)]


class _LinearParameter(ctypes.Structure):
    _fields_ = [("solver_type", ctypes.c_int), ("eps", ctypes.c_double), ("C", ctypes.c_double),
                ("nr_weight", ctypes.c_int), ("weight_label", ctypes.c_void_p), ("weight", ctypes.c_void_p),
                ("p", ctypes.c_double), ("init_sol", ctypes.c_void_p)]


class _LinearModel(ctypes.Structure):
    _fields_ = [("param", _LinearParameter), ("nr_class", ctypes.c_int), ("nr_feature", ctypes.c_int),
                ("w", ctypes.POINTER(ctypes.c_double)), ("label", ctypes.POINTER(ctypes.c_int))]


class Liblinear:
    """liblinear 2.3's `-s NUMBER`, its library called as it is, with ever smaller tolerances. 0: trust-region Newton;
    7: dual coordinate descent."""

    def __init__(self, solver_type: int) -> None:
        self._solver_type = solver_type
        self._library = ctypes.CDLL("liblinear.so.4")
        self._library.train.restype = ctypes.POINTER(_LinearModel)
        self._quiet = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: None)
        self._library.set_print_string_function(self._quiet)

    def __call__(self, given: Input, record: Record) -> None:
        problem = given.problem
        described = _LinearProblem(problem.rows, problem.cols, problem.y.ctypes.data, given.starts.ctypes.data, -1.0)
        for half_decades in range(-2, 11):
            parameter = _LinearParameter(solver_type=self._solver_type, eps=10 ** (-half_decades / 2), C=given.C)
            self._library.srand(1)
            record.begin_anew()
            model = self._library.train(ctypes.byref(described), ctypes.byref(parameter))
            w = np.ctypeslib.as_array(model.contents.w, (problem.cols,))
            record.keep(w if model.contents.label[0] == 1 else -w)
            self._library.free_and_destroy_model(ctypes.byref(model))
            if record.suffices():
                break


class LogisticRegression(NamedTuple):
    """scikit-learn's, with ever more iterations."""

    solver: str
    most: int
    dtype: Type = np.float64

    def __call__(self, given: Input, record: Record) -> None:
        import sklearn.linear_model
        iterations = 1
        while iterations <= self.most:
            model = sklearn.linear_model.LogisticRegression(C=given.C, fit_intercept=False, solver=self.solver, tol=1e-12,
                                                            max_iter=iterations, random_state=0)
            record.begin_anew()
            model.fit(given.matrices[self.dtype], given.problem.y)
            record.keep(model.coef_[0])
            if record.suffices():
                break
            iterations = max(iterations + 1, int(iterations * 1.3))


class SGDClassifier(NamedTuple):
    """scikit-learn's, with its default schedule, one pass after the other."""

    average: bool
    passes: int

    def __call__(self, given: Input, record: Record) -> None:
        import sklearn.linear_model
        model = sklearn.linear_model.SGDClassifier(loss="log_loss", alpha=given.problem.l2, fit_intercept=False,
                                                   average=self.average, random_state=0)
        record.begin_anew()
        for _ in range(self.passes):
            model.partial_fit(given.matrices[np.float64], given.problem.y, classes=[-1, 1])
            record.keep(model.coef_[0])
