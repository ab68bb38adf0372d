# SPDX-License-Identifier: BSD-3-Clause
"""Projections, and steps with them."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from ._arrays import F64, FLOATS, Array, address, of_dtype, optional_address, unsigned
from ._errors import Status
from ._library import c_function, c_functions, check
from ._matrices import strided
from ._options import AdagradOptions, adagrad_options, fill_workspace
from ._sets import Set
from ._structs import ProjectionReportStruct, ReducerStruct, SetStruct, SumFunction

if TYPE_CHECKING:
    from typing_extensions import Unpack

_PROJECT = c_functions("project_{}", "nppp", FLOATS)
_PROJECT_ROWS = c_functions("project_rows_{}", "nnnppnpp", FLOATS)
_WORKSPACE = c_functions("project_workspace_{}", "npp", FLOATS)
_STEP_PROJECTED = c_functions("adagrad_step_projected_{}", "nppppp", FLOATS)
_shard_granule = c_function("shard_granule", "npp")


class ProjectionReport(NamedTuple):
    """What a projection found. multiplier: mu of the formulas in anisograd.h, 0 where x was found inside or the set has
    none. passes: over x to find it. inside: whether x was found inside the set."""

    multiplier: float
    passes: int
    inside: bool


@dataclass(frozen=True)
class Reducer:
    """Where a vector is spread over processes, threads or machines: which elements this call has, and how to add up
    over all shards.

    sum: gets a float64 array, and leaves in it the sums of its elements over all shards, the same in every shard, as
    MPI's Allreduce does. If it raises, the call fails; it must then raise in all shards. total: elements of the whole
    vector. begin: this call's first element in it, a multiple of `shard_granule`.
    """

    sum: Callable[[Array], None]
    total: int
    begin: int


class _SetArgument:
    """A set as a call takes it, with what the call writes."""

    def __init__(self, struct: SetStruct, report: bool, reducer: Reducer | None, workspace: Array | None) -> None:
        self._struct = struct
        self._report = ProjectionReportStruct() if report else None
        self._failure: BaseException | None = None
        if self._report is not None:
            struct.report = ctypes.addressof(self._report)
        if reducer is not None:
            self._reducer = ReducerStruct(SumFunction(self._sum), None, unsigned("total", reducer.total),
                                          unsigned("begin", reducer.begin))
            self._reducer_sum = reducer.sum
            struct.reducer = ctypes.addressof(self._reducer)
        fill_workspace(struct, workspace)
        self.reference = ctypes.byref(struct)

    def _sum(self, context: Any, count: int, values: Any) -> int:
        try:
            self._reducer_sum(np.ctypeslib.as_array(values, (count,)))
            return 0
        except BaseException as failure:
            self._failure = failure
            return 1

    def finish(self, status: int) -> ProjectionReport | None:
        """What the call returns, or raises."""
        failure = self._failure
        if failure is not None and not isinstance(failure, Exception):
            raise failure  # such as KeyboardInterrupt
        if status in (Status.REDUCER, Status.NOT_PROJECTED):
            try:
                check(status)
            except Exception as error:
                raise error from failure
        check(status)
        if self._report is None:
            return None
        return ProjectionReport(self._report.multiplier, self._report.passes, bool(self._report.inside))


def _checked_set(set: Set) -> Set:
    if not isinstance(set, Set):
        raise TypeError(f"set: expected a set such as anisograd.L2Ball, not {type(set).__name__}")
    return set


@overload
def project(x: Array, set: Set, *, lambda_: Array | None = ..., report: Literal[False] = ...,
            reducer: Reducer | None = ..., workspace: Array | None = ...) -> None: ...
@overload
def project(x: Array, set: Set, *, lambda_: Array | None = ..., report: Literal[True],
            reducer: Reducer | None = ..., workspace: Array | None = ...) -> ProjectionReport: ...
def project(x: Array, set: Set, *, lambda_: Array | None = None, report: bool = False,
            reducer: Reducer | None = None, workspace: Array | None = None) -> ProjectionReport | None:
    """Projects x onto the set in the norm of diag(lambda), in place::

        x <- argmin over p in the set of  sum_j lambda_j (p_j - x_j)^2

    x: float32 or float64, any shape (one vector), updated. set: such as ``anisograd.L2Ball(radius=2)``. lambda_:
    weights > 0 and finite, of x's shape and type, or None for the Euclidean norm. report: True returns a
    `ProjectionReport`. reducer: of a vector that is spread over several calls, see `Reducer`. workspace: a uint8 array
    of at least `project_workspace` bytes, which the call uses as its private memory; None: it allocates.

    >>> x = np.array([3.0, 4.0])
    >>> anisograd.project(x, anisograd.L2Ball(radius=1), report=True).inside
    False
    >>> x
    array([0.6, 0.8])
    """
    function = of_dtype(_PROJECT, "x", x)
    dtype, shape = x.dtype, x.shape
    argument = _SetArgument(_checked_set(set)._struct(dtype, shape), report, reducer, workspace)
    return argument.finish(function(x.size, address("x", x, dtype, shape, True),
                                    optional_address("lambda_", lambda_, dtype, shape), argument.reference))


@overload
def adagrad_step_projected(w: Array, g: Array, v: Array, set: Set, *, report: Literal[False] = ...,
                           reducer: Reducer | None = ..., workspace: Array | None = ...,
                           **options: Unpack[AdagradOptions]) -> None: ...
@overload
def adagrad_step_projected(w: Array, g: Array, v: Array, set: Set, *, report: Literal[True],
                           reducer: Reducer | None = ..., workspace: Array | None = ...,
                           **options: Unpack[AdagradOptions]) -> ProjectionReport: ...
def adagrad_step_projected(w: Array, g: Array, v: Array, set: Set, *, report: bool = False,
                           reducer: Reducer | None = None, workspace: Array | None = None,
                           **options: Unpack[AdagradOptions]) -> ProjectionReport | None:
    """`adagrad_step`, then `project` of w with this step's lambda, in one call. The same bits; but where lambda is 0 or
    infinite, which project refuses, the limit is taken.

    w, g, v: one shape and type, float32 or float64; w and v are updated. set, report, reducer, workspace: as in
    project. options: see `AdagradOptions`. `Error` of status NOT_PROJECTED, with a reducer alone, is the one after
    which w and v are not as they were.

    >>> w, v = np.array([1.0, 1.0]), np.zeros(2)
    >>> anisograd.adagrad_step_projected(w, np.array([1.0, -1.0]), v, anisograd.Box(0, 1), learning_rate=0.25)
    >>> w
    array([0.75, 1.  ])
    """
    function = of_dtype(_STEP_PROJECTED, "w", w)
    dtype, shape = w.dtype, w.shape
    argument = _SetArgument(_checked_set(set)._struct(dtype, shape), report, reducer, workspace)
    return argument.finish(function(
        w.size, address("w", w, dtype, shape, True), address("g", g, dtype, shape),
        address("v", v, dtype, shape, True), adagrad_options(options), argument.reference))


@overload
def project_rows(x: Array, set: Set, *, lambda_: Array | None = ..., radii: Array | None = ...,
                 report: Literal[False] = ..., workspace: Array | None = ...) -> None: ...
@overload
def project_rows(x: Array, set: Set, *, lambda_: Array | None = ..., radii: Array | None = ...,
                 report: Literal[True], workspace: Array | None = ...) -> Array: ...
def project_rows(x: Array, set: Set, *, lambda_: Array | None = None, radii: Array | None = None,
                 report: bool = False, workspace: Array | None = None) -> Array | None:
    """Projects each row of a matrix, in place: the same bits as `project` row by row.

    x: rows x cols, float32 or float64, updated; rows may lie apart, as in ``x[::2, :k]``. set: its arrays have cols
    elements, for all rows. lambda_: weights of x's shape and type, whose rows may lie apart too, or of cols elements,
    one row for all, or None for the Euclidean norm. radii: float64, one per row: the radius or total of a ball or a
    simplex, the offset of a box section, a halfspace, a hyperplane or a slab; None: the set's own for all rows. report:
    True returns a structured array of rows elements with the fields of `ProjectionReport`. workspace: as in `project`,
    of a vector of cols elements.

    >>> x = np.array([[3.0, 4.0], [0.0, 1.0]])
    >>> anisograd.project_rows(x, anisograd.L2Ball(), radii=np.array([5.0, 0.5]))
    >>> x
    array([[3. , 4. ],
           [0. , 0.5]])
    """
    function = of_dtype(_PROJECT_ROWS, "x", x)
    dtype = x.dtype
    x_address, row_stride = strided("x", x, dtype, True)
    rows, cols = x.shape
    struct = _checked_set(set)._struct(dtype, (cols,))
    lambda_address, lambda_stride = None, 0
    if lambda_ is not None and getattr(lambda_, "ndim", 0) == 1:
        lambda_address = address("lambda_", lambda_, dtype, (cols,))
    elif lambda_ is not None:
        lambda_address, lambda_stride = strided("lambda_", lambda_, dtype)
        if lambda_.shape != x.shape:
            raise ValueError(f"lambda_: expected the shape {x.shape} or {(cols,)}, not {lambda_.shape}")
    reports = np.zeros(rows if report else 0, ProjectionReportStruct)
    struct.report = reports.ctypes.data if report else None
    fill_workspace(struct, workspace)
    check(function(rows, cols, row_stride, x_address, lambda_address, lambda_stride,
                   optional_address("radii", radii, F64, (rows,)), ctypes.byref(struct)))
    return reports if report else None


def project_workspace(n: int, set: Set, *, dtype: DTypeLike = None) -> int:
    """The bytes of workspace that `project` and `adagrad_step_projected` need for a vector of n elements, and
    `project_rows` for rows of n; of a vector that is spread over several calls, n counts all of it.

    dtype: the vector's; None: float64. The set's arrays are not looked at.

    >>> x, set = np.ones(10**6), anisograd.L1Ball()
    >>> workspace = np.empty(anisograd.project_workspace(x.size, set), np.uint8)
    >>> anisograd.project(x, set, workspace=workspace)
    """
    function = _WORKSPACE.get(np.dtype(dtype))
    if function is None:
        raise TypeError(f"dtype: expected float32 or float64, not {np.dtype(dtype)}")
    count = ctypes.c_size_t()
    check(function(unsigned("n", n), ctypes.byref(_checked_set(set)._groups()), ctypes.byref(count)))
    return count.value


def shard_granule(total: int, set: Set) -> int:
    """The granule of a vector of `total` elements that is spread over several calls (see `Reducer`): a shard begins at
    a multiple of it, and ends at one or at total. At most 256 granules make up the vector.

    >>> anisograd.shard_granule(10**6, anisograd.L2Ball())
    16384
    """
    granule = ctypes.c_size_t()
    check(_shard_granule(unsigned("total", total), ctypes.byref(_checked_set(set)._groups()), ctypes.byref(granule)))
    return granule.value
