# SPDX-License-Identifier: BSD-3-Clause
"""The matrices that logistic and softmax functions take: dense ones with a row stride, and CSR."""

from __future__ import annotations

import ctypes
from typing import Any, Protocol, Union

import numpy as np

from ._arrays import BF16, F32, F64, FLOAT, FLOATS, F16, I32, I64, Array, DType, address, check_array, integer, of_dtype
from ._structs import CsrStruct, DenseStruct

_MOST = 2**63 - 1

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


class Csr:
    """A sparse matrix, compressed by rows, with its arrays checked and the offsets as int64.

    A SciPy matrix may be given wherever a Csr may; but then its int32 offsets are converted in every call, here once.

    row_offsets: int64, or int32, which is copied; rows + 1 numbers. Row i has the entries k with
    row_offsets[i] <= k < row_offsets[i + 1]. columns: int32 or int64, in [0, cols), in any order; duplicates add.
    values: float32 or float64, or None: every entry is 1. shape: (rows, cols). Arrays are referred to, not copied.
    Offsets and columns are checked by each call, not here.

    >>> X = anisograd.Csr(np.array([0, 1, 3]), np.array([0, 0, 1], np.int32), np.array([1.0, 2.0, 3.0]), (2, 2))
    >>> anisograd.logistic_margins(X, np.array([1.0, 10.0]))
    array([ 1., 32.])
    """

    __slots__ = ("row_offsets", "columns", "values", "shape", "form", "element", "dtype", "_struct")

    def __init__(self, row_offsets: Array, columns: Array, values: Array | None, shape: tuple[int, int]) -> None:
        rows, cols = (integer("shape", length, 0, _MOST) for length in shape)
        check_array("row_offsets", row_offsets, {I64: (), I32: ()})
        self.row_offsets = row_offsets.astype(I64, copy=False)
        self.columns = columns
        self.values = values
        self.shape = (rows, cols)
        self.form = of_dtype({I32: "csr", I64: "csr64"}, "columns", columns)
        self.element: DType | None = None if values is None else of_dtype(FLOAT, "values", values)
        self.dtype = self.element
        self._struct = CsrStruct(
            rows, cols, address("row_offsets", self.row_offsets, I64, (rows + 1,)),
            address("columns", columns, columns.dtype, (columns.size,)),
            None if values is None else address("values", values, values.dtype, (columns.size,)))

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

    def reference(self) -> Any:
        """What a call takes for X. The last offset, up to which C reads, may have changed since."""
        if self.row_offsets[-1] > self.columns.size:
            raise ValueError(f"row_offsets: the last is {self.row_offsets[-1]}, with {self.columns.size} columns")
        return ctypes.byref(self._struct)

    def __repr__(self) -> str:
        return f"<Csr of shape {self.shape}, {self.columns.size} entries, {self.element or 'ones'}>"


class Dense:
    """A 2-D array as a call takes it. element: X's type; dtype: that of w, y and the results."""

    __slots__ = ("shape", "form", "element", "dtype", "_struct")

    def __init__(self, array: Array, bf16: bool) -> None:
        self.dtype: DType | None = of_dtype(_ELEMENTS, "X", array, bf16)
        self.element: DType | None = array.dtype
        start, row_stride = strided("X", array, array.dtype)
        self.shape = (array.shape[0], array.shape[1])
        self.form = "dense"
        self._struct = DenseStruct(*array.shape, row_stride, start)

    def reference(self) -> Any:
        return ctypes.byref(self._struct)


Matrix = Union[Array, Csr, CsrLike]


def as_matrix(X: Matrix, bf16: bool = False) -> Dense | Csr:
    """What was given for X."""
    if isinstance(X, np.ndarray):
        return Dense(X, bf16)
    if bf16:
        raise TypeError("bf16: True is for a dense X alone")
    return X if isinstance(X, Csr) else Csr.of(X)


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
