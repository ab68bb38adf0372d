# SPDX-License-Identifier: BSD-3-Clause
"""Logistic and softmax regression: losses, gradients, and what else is known of them.

X is a 2-D array of float32 or float64 whose rows may lie apart, as in ``X[::2, :k]``, a SciPy CSR matrix, or a `Csr`.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Literal, Mapping, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from ._arrays import FLOAT, FLOATS, I32, I64, Array, DType, address, check_array, of_dtype, output, unsigned
from ._library import Function, c_functions, check
from ._matrices import MATRICES, SHORT_MATRICES, SPARSE_MATRICES, Csr, CsrLike, Matrix, as_argument
from ._options import LogisticArguments, LogisticOptions, Smoothness, smoothness_number

if TYPE_CHECKING:
    from typing_extensions import Unpack

_ALL = {**MATRICES, **SHORT_MATRICES}
_LOGISTIC = c_functions("logistic_{}_{}", "pppppp", _ALL)
_WORKSPACE = c_functions("logistic_{}_workspace_{}", "ppp", _ALL)
_MARGINS = c_functions("logistic_margins_{}_{}", "pppp", _ALL)
_PROBABILITIES = c_functions("logistic_probabilities_{}_{}", "pppp", _ALL)
_FROM_MARGINS = c_functions("logistic_from_margins_{}", "npppppp", FLOATS)
_HESSIAN_VECTOR = c_functions("logistic_hessian_vector_{}_{}", "pppppp", MATRICES)
_HESSIAN_DIAGONAL = c_functions("logistic_hessian_diagonal_{}_{}", "ppppp", MATRICES)
_SMOOTHNESS = c_functions("logistic_smoothness_{}_{}", "pppip", MATRICES)
_NOISE = c_functions("logistic_noise_{}_{}", "ppppp", MATRICES)
_COLUMNS_WORKSPACE = c_functions("logistic_columns_workspace_{}_{}", "ppp", MATRICES)
_SPARSE_GRADIENT = c_functions("logistic_sparse_gradient_{}_{}", "pppppnppp", SPARSE_MATRICES)
_SPARSE_GRADIENT_WORKSPACE = c_functions("logistic_sparse_gradient_workspace_{}_{}", "pppp", SPARSE_MATRICES)
_SOFTMAX = c_functions("softmax_{}_{}", "pnppppp", MATRICES)
_SOFTMAX_WORKSPACE = c_functions("softmax_{}_workspace_{}", "pnpp", MATRICES)


class _Problem:
    """X and the options of a call, and the types and shapes that follow from them. dtype: the call's, where X has no
    values to tell it."""

    def __init__(self, X: Matrix, options: LogisticOptions, dtype: DType, bf16: bool = False) -> None:
        self._given = X if isinstance(X, (np.ndarray, Csr)) else Csr.of(X)  # whose arrays the argument is of
        self._matrix = as_argument(self._given, bf16)
        self.dtype = self._matrix.dtype or dtype
        self.rows, self.cols = self._matrix.shape
        self.X = self._matrix.reference
        self._arguments = LogisticArguments(options, self.rows, self.dtype)
        self.options = self._arguments.reference
        self.visited = self._arguments.visited
        self.parameters = (self.cols + self._arguments.intercept,)

    def function(self, functions: Mapping[tuple[str, DType], Function]) -> Function:
        key = self._matrix.form, self._matrix.element or self.dtype
        if key not in functions:
            raise TypeError(f"X: this function takes no {key[0]} matrix of {key[1]}")
        return functions[key]

    def labels(self, y: Array) -> int:
        return address("y", y, self.dtype, (self.rows,))

    def vector(self, name: str, array: Array) -> int:
        """The address of an array of parameters."""
        return address(name, array, self.dtype, self.parameters)

    def result(self, out: Array | None, shape: tuple[int, ...] | None = None) -> tuple[Array, int]:
        return output("out", out, self.dtype, self.parameters if shape is None else shape)


class _Loss:
    """A double for the loss, where it is wanted."""

    def __init__(self, wanted: bool) -> None:
        self._number = ctypes.c_double() if wanted else None
        self.reference = None if self._number is None else ctypes.byref(self._number)

    def value(self) -> Any:
        return None if self._number is None else self._number.value


@overload
def logistic(X: Matrix, y: Array, w: Array, *, loss: Literal[True] = ..., gradient: Literal[True] = ...,
             bf16: bool = ..., out: Array | None = ..., **options: Unpack[LogisticOptions]) -> tuple[float, Array]: ...
@overload
def logistic(X: Matrix, y: Array, w: Array, *, loss: Literal[False], gradient: Literal[True] = ..., bf16: bool = ...,
             out: Array | None = ..., **options: Unpack[LogisticOptions]) -> tuple[None, Array]: ...
@overload
def logistic(X: Matrix, y: Array, w: Array, *, loss: Literal[True] = ..., gradient: Literal[False], bf16: bool = ...,
             out: Array | None = ..., **options: Unpack[LogisticOptions]) -> tuple[float, None]: ...
def logistic(X: Matrix, y: Array, w: Array, *, loss: bool = True, gradient: bool = True, bf16: bool = False,
             out: Array | None = None, **options: Unpack[LogisticOptions]) -> tuple[Any, Any]:
    """Loss and gradient of logistic regression over the rows i of X, or of a mini-batch of them::

        m_i      = <x_i, w> (+ intercept)
        loss     = 1/S sum_i s_i log(1 + exp(-y_i m_i)) + (l2 / 2) ||w||^2
        gradient = 1/S sum_i s_i * -y_i / (1 + exp(y_i m_i)) x_i + l2 w

    with sample weights s_i, and S their sum, or 1 with reduction="sum". Returns (loss, gradient).

    X: rows x cols, float32 or float64; dense ones may be of float16 too, or of bfloat16 as the uint16 numbers of its
    bits, with bf16=True: all else then is float32. y: rows labels of w's type (see labels=; `ArgumentError` where one
    is not of its encoding). w: cols (+ 1) parameters. loss=False, gradient=False: None in its place, and not computed.
    out: where the gradient is written, w's shape and type; None: a new array. options: see `LogisticOptions`. Under
    reduction="mean" weights that sum to 0, and an empty batch, are `ArgumentError`.

    >>> X = np.array([[1.0, 0.0], [0.0, 2.0]])
    >>> loss, gradient = anisograd.logistic(X, np.array([1.0, -1.0]), np.zeros(2))
    >>> round(loss, 4), gradient
    (0.6931, array([-0.25,  0.5 ]))
    """
    problem = _Problem(X, options, of_dtype(FLOAT, "w", w), bf16)
    found = _Loss(loss)
    result, result_address = problem.result(out) if gradient else (None, None)
    check(problem.function(_LOGISTIC)(problem.X, problem.labels(y), problem.vector("w", w), problem.options,
                                      found.reference, result_address))
    return found.value(), result


def logistic_workspace(X: Matrix, *, bf16: bool = False, dtype: DTypeLike = None,
                       **options: Unpack[LogisticOptions]) -> int:
    """The bytes of workspace that `logistic` with a gradient, and `logistic_hessian_vector`, need with these arguments.

    dtype: that of the call, which matters where X is a `Csr` without values; None: float64. X's data is not looked at.

    >>> X = np.ones((1000, 3))
    >>> workspace = np.empty(anisograd.logistic_workspace(X), np.uint8)
    >>> loss, gradient = anisograd.logistic(X, np.ones(1000), np.zeros(3), workspace=workspace)
    """
    return _bytes(_WORKSPACE, _Problem(X, options, np.dtype(dtype), bf16))


def _bytes(functions: Mapping[tuple[str, DType], Function], problem: _Problem, *sizes: int) -> int:
    count = ctypes.c_size_t()
    check(problem.function(functions)(problem.X, *sizes, problem.options, ctypes.byref(count)))
    return count.value


def logistic_margins(X: Matrix, w: Array, *, bf16: bool = False, out: Array | None = None,
                     **options: Unpack[LogisticOptions]) -> Array:
    """The margins <x_i, w> (+ intercept) of the rows visited: all of X, or row_indices. The bits that they have inside
    `logistic`.

    X, w, bf16, options: as in logistic. out: written and returned, one element of w's type per row visited; None: a new
    array.

    >>> anisograd.logistic_margins(np.array([[1.0, 2.0]]), np.array([1.0, 0.5, 0.25]), fit_intercept=True)
    array([2.25])
    """
    return _of_rows(_MARGINS, X, w, bf16, out, options)


def logistic_probabilities(X: Matrix, w: Array, *, bf16: bool = False, out: Array | None = None,
                           **options: Unpack[LogisticOptions]) -> Array:
    """The probabilities 1 / (1 + exp(-margin)) of the positive class, within 1 ULP of the margins' as computed. As
    `logistic_margins` otherwise.

    >>> anisograd.logistic_probabilities(np.array([[1.0, 2.0]]), np.zeros(2))
    array([0.5])
    """
    return _of_rows(_PROBABILITIES, X, w, bf16, out, options)


def _of_rows(functions: Mapping[tuple[str, DType], Function], X: Matrix, w: Array, bf16: bool, out: Array | None,
             options: LogisticOptions) -> Array:
    problem = _Problem(X, options, of_dtype(FLOAT, "w", w), bf16)
    out, out_address = problem.result(out, (problem.visited,))
    check(problem.function(functions)(problem.X, problem.vector("w", w), problem.options, out_address))
    return out


class FromMargins(NamedTuple):
    """What `logistic_from_margins` returns; None for what was not asked for."""

    loss: float | None
    residuals: Array | None
    curvatures: Array | None


def logistic_from_margins(margins: Array, y: Array, *, loss: bool = True, residuals: bool = True,
                          curvatures: bool = True, out: tuple[Array | None, Array | None] = (None, None),
                          **options: Unpack[LogisticOptions]) -> FromMargins:
    """The loss layer alone, from the margins m_i of the rows visited::

        loss          = 1/S sum_i s_i L_i(m_i)
        residuals[i]  = s_i L_i'(m_i)           (not divided by S)
        curvatures[i] = s_i L_i''(m_i)

    margins: float32 or float64, one per row visited. y: the labels of all rows, of margins' type. loss, residuals,
    curvatures: False for None in its place. out: where residuals, which may be margins, and curvatures are written,
    arrays of margins' shape and type; None: new ones. options: as in `logistic`; fit_intercept, l2 and workspace are
    not used.

    >>> anisograd.logistic_from_margins(np.zeros(1), np.ones(1)).residuals
    array([-0.5])
    """
    dtype = of_dtype(FLOAT, "margins", margins)
    rows = getattr(y, "size", 0)
    arguments = LogisticArguments(options, rows, dtype)
    shape = (arguments.visited,)
    found = _Loss(loss)
    results: list[Array | None] = [None, None]
    addresses: list[int | None] = [None, None]
    for i, (name, wanted) in enumerate((("residuals", residuals), ("curvatures", curvatures))):
        if wanted:
            results[i], addresses[i] = output(name, out[i], dtype, shape)
    check(_FROM_MARGINS[dtype](rows, address("margins", margins, dtype, shape), address("y", y, dtype, (rows,)),
                               arguments.reference, found.reference, *addresses))
    return FromMargins(found.value(), *results)


def logistic_hessian_vector(X: Matrix, y: Array, w: Array, direction: Array, *, out: Array | None = None,
                            **options: Unpack[LogisticOptions]) -> Array:
    """The Hessian of `logistic`'s loss at w times a vector, (1/S X' D X + l2 I) direction, without copying X.

    X, y, w, options: as in logistic. direction: w's shape and type. out: written and returned, w's shape and type;
    None: a new array.

    >>> X, y, w = np.array([[2.0, 0.0]]), np.ones(1), np.zeros(2)
    >>> anisograd.logistic_hessian_vector(X, y, w, np.array([1.0, 1.0]))
    array([1., 0.])
    """
    problem = _Problem(X, options, of_dtype(FLOAT, "w", w))
    out, out_address = problem.result(out)
    check(problem.function(_HESSIAN_VECTOR)(
        problem.X, problem.labels(y), problem.vector("w", w), problem.vector("direction", direction), problem.options,
        out_address))
    return out


def logistic_hessian_diagonal(X: Matrix, y: Array, w: Array, *, out: Array | None = None,
                              **options: Unpack[LogisticOptions]) -> Array:
    """The diagonal of the Hessian of `logistic`'s loss at w: 1/S sum_i s_i L_i''(m_i) x_ij^2 + l2.

    X, y, w, options: as in logistic. out: written and returned, w's shape and type; None: a new array.

    >>> anisograd.logistic_hessian_diagonal(np.array([[2.0, 0.0]]), np.ones(1), np.zeros(2), l2=0.5)
    array([1.5, 0.5])
    """
    return _of_columns(_HESSIAN_DIAGONAL, X, y, w, out, options)


def logistic_noise(X: Matrix, y: Array, w: Array, *, out: Array | None = None,
                   **options: Unpack[LogisticOptions]) -> Array:
    """The standard deviation sigma_j of each component of the stochastic gradient of one row at w; of the mean of b
    rows, drawn with replacement, it is sigma_j / sqrt(b). l2 adds none.

    X, y, w, options: as in `logistic`. out: written and returned, w's shape and type; None: a new array.

    >>> anisograd.logistic_noise(np.array([[2.0], [2.0]]), np.array([1.0, -1.0]), np.zeros(1))
    array([1.])
    """
    return _of_columns(_NOISE, X, y, w, out, options)


def _of_columns(functions: Mapping[tuple[str, DType], Function], X: Matrix, y: Array, w: Array, out: Array | None,
                options: LogisticOptions) -> Array:
    problem = _Problem(X, options, of_dtype(FLOAT, "w", w))
    out, out_address = problem.result(out)
    check(problem.function(functions)(problem.X, problem.labels(y), problem.vector("w", w), problem.options,
                                      out_address))
    return out


def logistic_smoothness(X: Matrix, y: Array, kind: Smoothness, *, out: Array | None = None,
                        **options: Unpack[LogisticOptions]) -> Array:
    """Smoothness constants L_j of each coordinate, at every w.

    kind: "coordinate": 1/(4S) sum_i a_i x_ij^2 + l2, the least for which the derivative by w_j is L_j-Lipschitz along
    coordinate j alone; "anisotropic": 1/(4S) sum_i a_i |x_ij| sum_k |x_ik| + l2, with which the Hessian is below
    diag(L). a_i: the sample's and its class's weight.

    X, y, options: as in `logistic`. out: written and returned, cols (+ 1) elements of y's type; None: a new array.

    >>> anisograd.logistic_smoothness(np.array([[2.0, 4.0]]), np.ones(1), "anisotropic")
    array([3., 6.])
    """
    problem = _Problem(X, options, of_dtype(FLOAT, "y", y))
    out, out_address = problem.result(out)
    check(problem.function(_SMOOTHNESS)(problem.X, problem.labels(y), problem.options, smoothness_number("kind", kind),
                                        out_address))
    return out


def logistic_columns_workspace(X: Matrix, *, dtype: DTypeLike = None, **options: Unpack[LogisticOptions]) -> int:
    """The bytes of workspace that suffice for `logistic_hessian_diagonal`, `logistic_smoothness` and `logistic_noise`
    with these arguments. dtype as in `logistic_workspace`."""
    return _bytes(_COLUMNS_WORKSPACE, _Problem(X, options, np.dtype(dtype)))


def logistic_sparse_gradient(X: CsrLike | Csr, y: Array, w: Array, *, loss: bool = True,
                             out: tuple[Array, Array] | None = None,
                             **options: Unpack[LogisticOptions]) -> tuple[float | None, Array, Array]:
    """The gradient of a mini-batch of sparse rows at the columns that the batch holds, which costs what these rows
    cost, whatever the length of w. Returns (loss, columns, values), of which `adagrad_step_sparse` takes the last two.

    columns: int64, the columns that occur in a row visited, each once, from the least on, and with fit_intercept column
    cols. Every other component of the gradient is 0; therefore l2 must be 0.

    X: a SciPy CSR matrix or a `Csr`. y, w, options: as in `logistic`. loss=False: None in its place. out: (columns,
    values), int64 and of w's type, of one length, whose first elements are written and of which views are returned; a
    length that does not suffice is `ArgumentError`; None: new ones.

    >>> X = anisograd.Csr(np.array([0, 1, 2]), np.array([3, 1], np.int32), None, (2, 5))
    >>> w, v = np.zeros(5), np.zeros(5)
    >>> batch = np.array([0])
    >>> loss, columns, values = anisograd.logistic_sparse_gradient(X, np.ones(2), w, row_indices=batch)
    >>> columns, values
    (array([3]), array([-0.5]))
    >>> anisograd.adagrad_step_sparse(w, v, columns, values)
    """
    problem = _Problem(X, options, of_dtype(FLOAT, "w", w))
    if out is None:
        capacity = _sparse_gradient_sizes(problem)[0]
        columns, values = np.empty(capacity, I64), np.empty(capacity, problem.dtype)
    else:
        columns, values = out
        check_array("out[0]", columns, {I64: ()}, True)
        capacity = columns.size
    found, count = _Loss(loss), ctypes.c_size_t()
    check(problem.function(_SPARSE_GRADIENT)(
        problem.X, problem.labels(y), problem.vector("w", w), problem.options, found.reference, capacity,
        address("out[0]", columns, I64, (capacity,), True), address("out[1]", values, problem.dtype, (capacity,), True),
        ctypes.byref(count)))
    return found.value(), columns[:count.value], values[:count.value]


def logistic_sparse_gradient_workspace(X: CsrLike | Csr, *, dtype: DTypeLike = None,
                                       **options: Unpack[LogisticOptions]) -> tuple[int, int]:
    """(capacity, bytes): a length of out's arrays, and the bytes of workspace, that suffice for
    `logistic_sparse_gradient` with these arguments. dtype as in `logistic_workspace`."""
    return _sparse_gradient_sizes(_Problem(X, options, np.dtype(dtype)))


def _sparse_gradient_sizes(problem: _Problem) -> tuple[int, int]:
    capacity, count = ctypes.c_size_t(), ctypes.c_size_t()
    check(problem.function(_SPARSE_GRADIENT_WORKSPACE)(problem.X, problem.options, ctypes.byref(capacity),
                                                       ctypes.byref(count)))
    return capacity.value, count.value


@overload
def softmax(X: Matrix, y: Array, w: Array, *, loss: Literal[True] = ..., gradient: Literal[True] = ...,
            out: Array | None = ..., **options: Unpack[LogisticOptions]) -> tuple[float, Array]: ...
@overload
def softmax(X: Matrix, y: Array, w: Array, *, loss: Literal[False], gradient: Literal[True] = ...,
            out: Array | None = ..., **options: Unpack[LogisticOptions]) -> tuple[None, Array]: ...
@overload
def softmax(X: Matrix, y: Array, w: Array, *, loss: Literal[True] = ..., gradient: Literal[False],
            out: Array | None = ..., **options: Unpack[LogisticOptions]) -> tuple[float, None]: ...
def softmax(X: Matrix, y: Array, w: Array, *, loss: bool = True, gradient: bool = True, out: Array | None = None,
            **options: Unpack[LogisticOptions]) -> tuple[Any, Any]:
    """Loss and gradient of multinomial logistic regression::

        m_ik       = <x_i, w_k> (+ intercept_k),  p_ik = exp(m_ik) / sum_l exp(m_il)
        loss       = -1/S sum_i s_i log p_i,y_i + (l2 / 2) sum_k ||w_k||^2
        gradient_k = 1/S sum_i s_i (p_ik - [k = y_i]) x_i + l2 w_k

    Returns (loss, gradient). X: as in `logistic`, of float32 or float64. y: rows class numbers, int32, of 0, ...,
    classes - 1 (`ArgumentError` otherwise). w: classes x cols (+ 1). loss=False, gradient=False: None in its place.
    out: where the gradient is written, w's shape and type; None: a new array. options: see `LogisticOptions`; labels
    and class weights are not used, label_smoothing must be 0.

    >>> loss, gradient = anisograd.softmax(np.array([[2.0]]), np.array([1], np.int32), np.zeros((2, 1)))
    >>> gradient
    array([[ 1.],
           [-1.]])
    """
    problem = _Problem(X, options, of_dtype(FLOAT, "w", w))
    if w.ndim != 2:
        raise ValueError(f"w: expected 2 dimensions, classes x parameters, not {w.ndim}")
    shape = w.shape[:1] + problem.parameters
    found = _Loss(loss)
    result, result_address = problem.result(out, shape) if gradient else (None, None)
    check(problem.function(_SOFTMAX)(problem.X, shape[0], address("y", y, I32, (problem.rows,)),
                                     address("w", w, problem.dtype, shape), problem.options, found.reference,
                                     result_address))
    return found.value(), result


def softmax_workspace(X: Matrix, classes: int, *, dtype: DTypeLike = None, **options: Unpack[LogisticOptions]) -> int:
    """The bytes of workspace that `softmax` needs with these arguments. dtype as in `logistic_workspace`."""
    return _bytes(_SOFTMAX_WORKSPACE, _Problem(X, options, np.dtype(dtype)), unsigned("classes", classes))
