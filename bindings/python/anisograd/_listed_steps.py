# SPDX-License-Identifier: BSD-3-Clause
"""Steps of listed coordinates, and of listed rows of a table."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping

from ._arrays import FLOAT, I64, INDEX, LISTED, Array, DType, address, check_array, of_dtype, optional_address
from ._library import Function, c_functions, check
from ._options import AdagradOptions, Pooling, adagrad_options, pooling_number
from ._structs import BagsStruct

if TYPE_CHECKING:
    from typing_extensions import Unpack

_SPARSE = c_functions("adagrad_step_sparse_{}", "nppnppp", LISTED)
_ROWS = c_functions("adagrad_step_rows_{}", "nnppnppp", LISTED)
_ROWWISE = c_functions("adagrad_step_rowwise_{}", "nnppnppp", LISTED)
_ROWS_POOLED = c_functions("adagrad_step_rows_pooled_{}", "nnppnpppp", LISTED)
_ROWWISE_POOLED = c_functions("adagrad_step_rowwise_pooled_{}", "nnppnpppp", LISTED)


@dataclass(frozen=True, eq=False)
class Bags:
    """Bags of listed rows, as a pooled embedding looks them up: bag b holds the list's positions
    offsets[b] <= k < offsets[b + 1].

    offsets: int64, one more than there are bags, not decreasing, from 0 to the list's length. weights: one per
    position, of the parameters' type, or None for ones. pooling: "sum": each row of a bag receives weight * the bag's
    gradient; "mean": that with weight / the number of the bag's rows.
    """

    offsets: Array
    weights: Array | None = None
    pooling: Pooling = "sum"

    def _struct(self, dtype: DType, positions: int) -> BagsStruct:
        check_array("offsets", self.offsets, {I64: ()})
        if self.offsets.size == 0:
            raise ValueError("offsets: expected at least one element")
        return BagsStruct(self.offsets.size - 1, address("offsets", self.offsets, I64, (self.offsets.size,)),
                          optional_address("weights", self.weights, dtype, (positions,)),
                          pooling_number("pooling", self.pooling))


def adagrad_step_sparse(w: Array, v: Array, indices: Array, g: Array, **options: Unpack[AdagradOptions]) -> None:
    """One AdaGrad step of listed coordinates of w, in place. The others, and their accumulators, are not touched.

    The gradients of an index that occurs several times add up first, in the order of the list; then the coordinate
    takes the step of `adagrad_step` once.

    w: one dimension, float32 or float64, updated. v: accumulators >= 0 of w's shape and type, updated. indices: int64
    or int32 numbers in [0, len(w)), in any order; `ArgumentError` otherwise. g: a gradient for each, of w's type.
    options: see `AdagradOptions`; weight decay too is for listed coordinates alone, math is not used.

    >>> w, v = np.zeros(4), np.zeros(4)
    >>> anisograd.adagrad_step_sparse(w, v, np.array([2, 0]), np.array([1.0, -1.0]), learning_rate=0.5)
    >>> w
    array([ 0.5,  0. , -0.5,  0. ])
    """
    dtype = of_dtype(FLOAT, "w", w)
    index = of_dtype(INDEX, "indices", indices)
    shape, listed = (w.size,), (indices.size,)
    check(_SPARSE[dtype, index](
        w.size, address("w", w, dtype, shape, True), address("v", v, dtype, shape, True), indices.size,
        address("indices", indices, index, listed), address("g", g, dtype, listed), adagrad_options(options)))


def _step_rows(functions: Mapping[tuple[DType, DType], Function], accumulators_per_row: bool, w: Array, v: Array,
               row_indices: Array, bags: Bags | None, g: Array, options: Any) -> None:
    dtype = of_dtype(FLOAT, "w", w)
    index = of_dtype(INDEX, "row_indices", row_indices)
    if w.ndim != 2:
        raise ValueError(f"w: expected 2 dimensions, not {w.ndim}")
    rows, cols = w.shape
    m = row_indices.size
    pooled = () if bags is None else (ctypes.byref(bags._struct(dtype, m)),)
    gradients = m if bags is None else bags.offsets.size - 1
    check(functions[dtype, index](
        rows, cols, address("w", w, dtype, w.shape, True),
        address("v", v, dtype, (rows,) if accumulators_per_row else w.shape, True),
        m, address("row_indices", row_indices, index, (m,)), *pooled, address("g", g, dtype, (gradients, cols)),
        adagrad_options(options)))


def adagrad_step_rows(w: Array, v: Array, row_indices: Array, g: Array, **options: Unpack[AdagradOptions]) -> None:
    """One AdaGrad step of each listed row of a table, such as an embedding, with one accumulator per element.

    The gradients of a row that is listed several times add up first, in the order of the list.

    w: rows x cols, float32 or float64, updated. v: accumulators >= 0 of w's shape and type, updated. row_indices: int64
    or int32 numbers in [0, rows), in any order; `ArgumentError` otherwise. g: a gradient of cols elements for each, a
    2-D array of w's type. options: see `AdagradOptions`; math is not used.

    >>> w, v = np.zeros((3, 2)), np.zeros((3, 2))
    >>> anisograd.adagrad_step_rows(w, v, np.array([1]), np.ones((1, 2)), learning_rate=0.5)
    >>> w[1]
    array([-0.5, -0.5])
    """
    _step_rows(_ROWS, False, w, v, row_indices, None, g, options)


def adagrad_step_rowwise(w: Array, v: Array, row_indices: Array, g: Array, **options: Unpack[AdagradOptions]) -> None:
    """`adagrad_step_rows` with one accumulator per row ("row-wise AdaGrad"), which takes the mean of the row's squares.

    v: one accumulator >= 0 for each row of w, updated; they start at epsilon^2. All else as in adagrad_step_rows.
    """
    _step_rows(_ROWWISE, True, w, v, row_indices, None, g, options)


def adagrad_step_rows_pooled(w: Array, v: Array, row_indices: Array, bags: Bags, g: Array,
                             **options: Unpack[AdagradOptions]) -> None:
    """`adagrad_step_rows` by the gradients of bags, without a copy of them per row: the gradient of position k in bag b
    is weight_k * g_b, rounded once, with weight_k as the bags' pooling says.

    bags: of the positions in row_indices. g: a gradient of cols elements for each bag. All else as in
    adagrad_step_rows.

    >>> w, v = np.zeros((3, 2)), np.zeros((3, 2))
    >>> bags = anisograd.Bags(offsets=np.array([0, 2]))
    >>> anisograd.adagrad_step_rows_pooled(w, v, np.array([0, 2]), bags, np.ones((1, 2)), learning_rate=0.5)
    >>> w[:, 0]
    array([-0.5,  0. , -0.5])
    """
    _step_rows(_ROWS_POOLED, False, w, v, row_indices, bags, g, options)


def adagrad_step_rowwise_pooled(w: Array, v: Array, row_indices: Array, bags: Bags, g: Array,
                                **options: Unpack[AdagradOptions]) -> None:
    """`adagrad_step_rowwise` by the gradients of bags, as in `adagrad_step_rows_pooled`."""
    _step_rows(_ROWWISE_POOLED, True, w, v, row_indices, bags, g, options)
