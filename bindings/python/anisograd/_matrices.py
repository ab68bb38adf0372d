# SPDX-License-Identifier: BSD-3-Clause
"""The matrices that logistic and softmax functions take: dense ones with a row stride, and CSR."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Union

import numpy as np

from ._arrays import BF16, F32, F64, FLOAT, FLOATS, F16, I32, I64, Array, DType, address, check_array, integer, of_dtype
from ._structs import CsrStruct, DenseStruct

_MOST = 2**63 - 1
_CSR_FORMS = {I32: "csr", I64: "csr64"}

#: Variants of C functions by a matrix's form and its elements' type, see c_functions.
MATRICES = {(form, dtype): (form, *suffix) for form in ("dense", "csr", "csr64") for dtype, suffix in FLOATS.items()}
SPARSE_MATRICES = {key: suffix for key, suffix in MATRICES.items() if key[0] != "dense"}
SHORT_MATRICES = {("dense", BF16): ("dense", "bf16"), ("dense", F16): ("dense", "f16")}

_ELEMENTS = {F32: F32, F64: F64, F16: F32, BF16: F32}


class CsrLike(Protocol):
    """A matrix as SciPy's csr_matrix and csr_array are, of which only this is used."""

    indptr: Any
    indices: Any
    data: Any
    shape: Any


@dataclass(frozen=True, eq=False, repr=False)
class Csr:
    """A sparse matrix, compressed by rows, with its arrays checked and the offsets as int64.

    A SciPy matrix may be given wherever a Csr may; but then its int32 offsets are converted in every call, here once.

    row_offsets: int64, or int32, which is copied; rows + 1 numbers. Row i has the entries k with
    row_offsets[i] <= k < row_offsets[i + 1]. columns: int32 or int64, in [0, cols), in any order; duplicates add.
    values: float32 or float64, or None: every entry is 1. shape: (rows, cols). Arrays are referred to, not copied.
    What offsets and columns hold is checked by each call.

    >>> X = anisograd.Csr(np.array([0, 1, 3]), np.array([0, 0, 1], np.int32), np.array([1.0, 2.0, 3.0]), (2, 2))
    >>> anisograd.logistic_margins(X, np.array([1.0, 10.0]))
    array([ 1., 32.])
    """

    row_offsets: Array
    columns: Array
    values: Array | None
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        rows, cols = self.shape
        check_array("row_offsets", self.row_offsets, {I64: (), I32: ()})
        object.__setattr__(self, "row_offsets", self.row_offsets.astype(I64, copy=False))
        object.__setattr__(self, "shape", (integer("shape", rows, 0, _MOST), integer("shape", cols, 0, _MOST)))
        _sparse(self)

    @staticmethod
    def of(matrix: CsrLike) -> Csr:
        """The Csr of a SciPy CSR matrix or array, whose indices and values are not copied."""
        form = getattr(matrix, "format", "csr")
        if form != "csr" or not all(hasattr(matrix, name) for name in ("indptr", "indices", "data", "shape")):
            what = type(matrix).__name__ if form == "csr" else f"a matrix in the format {form!r}"
            raise TypeError(f"X: expected a NumPy array, a Csr or a SciPy CSR matrix, not {what}")
        rows, cols = matrix.shape
        # SciPy's arrays may be longer than the stored entries.
        entries = int(matrix.indptr[-1]) if len(matrix.indptr) else 0
        return Csr(matrix.indptr, matrix.indices[:entries], matrix.data[:entries], (rows, cols))

    def __repr__(self) -> str:
        return f"<Csr of shape {self.shape}, {self.columns.size} entries>"


Matrix = Union[Array, Csr, CsrLike]


class MatrixArgument(NamedTuple):
    """A matrix as a call takes it. element: of its values, or None where there are none; dtype: that of w, y and the
    results. The reference is to X's arrays, which must outlive it."""

    form: str
    element: DType | None
    dtype: DType | None
    shape: tuple[int, int]
    reference: Any


def as_argument(X: Array | Csr, bf16: bool = False) -> MatrixArgument:
    if isinstance(X, np.ndarray):
        dtype = of_dtype(_ELEMENTS, "X", X, bf16)
        start, row_stride = strided("X", X, X.dtype)
        rows, cols = X.shape
        return MatrixArgument("dense", X.dtype, dtype, (rows, cols),
                              ctypes.byref(DenseStruct(rows, cols, row_stride, start)))
    if bf16:
        raise TypeError("bf16: True is for a dense X alone")
    return _sparse(X)


def _sparse(X: Csr) -> MatrixArgument:
    rows, cols = X.shape
    form = of_dtype(_CSR_FORMS, "columns", X.columns)
    entries = X.columns.shape
    element = None if X.values is None else of_dtype(FLOAT, "values", X.values)
    struct = CsrStruct(rows, cols, address("row_offsets", X.row_offsets, I64, (rows + 1,)),
                       address("columns", X.columns, X.columns.dtype, entries),
                       None if X.values is None else address("values", X.values, X.values.dtype, entries))
    if X.row_offsets[-1] > X.columns.size:  # C reads up to there
        raise ValueError(f"row_offsets: the last is {X.row_offsets[-1]}, with {X.columns.size} columns")
    return MatrixArgument(form, element, element, X.shape, ctypes.byref(struct))


def strided(name: str, array: Array, dtype: DType, written: bool = False) -> tuple[int, int]:
    """The address and the row stride, in elements, of a 2-D array with neighbouring columns."""
    check_array(name, array, {dtype: ()}, written)
    if array.ndim != 2:
        raise ValueError(f"{name}: expected 2 dimensions, not {array.ndim}")
    rows, cols = array.shape
    row_bytes, column_bytes = array.strides
    # Strides of dimensions without a second element mean nothing.
    if array.size != 0 and cols > 1 and column_bytes != dtype.itemsize:
        raise ValueError(f"{name}: the elements of a row are not neighbours, and would have to be copied")
    if array.size == 0 or rows == 1:
        return array.ctypes.data, cols
    if row_bytes < cols * dtype.itemsize or row_bytes % dtype.itemsize != 0:
        raise ValueError(f"{name}: its rows overlap or are in reverse, and would have to be copied")
    return array.ctypes.data, row_bytes // dtype.itemsize
