# SPDX-License-Identifier: BSD-3-Clause
"""Checks of arguments: arrays become addresses, numbers are in their C type's range.

The library itself checks overlaps, values and the sizes' sum; here is what it cannot see.
"""

from __future__ import annotations

import operator
from ctypes import addressof, c_char, c_double
from typing import Any, Mapping, TypeVar, Union

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
DType = np.dtype[Any]
Entry = TypeVar("Entry")

F32: DType = np.dtype(np.float32)
F64: DType = np.dtype(np.float64)
F16: DType = np.dtype(np.float16)
BF16: DType = np.dtype(np.uint16)  # the numbers of its bits
U8: DType = np.dtype(np.uint8)
I32: DType = np.dtype(np.int32)
I64: DType = np.dtype(np.int64)

# Variants of C functions by the elements' type, and the indices', see c_functions.
ONLY_F32 = {F32: ("f32",)}
FLOATS = {F32: ("f32",), F64: ("f64",)}
SHORTS = {BF16: ("bf16",), F16: ("f16",)}
LISTED = {(F32, I64): ("f32",), (F64, I64): ("f64",), (F32, I32): ("f32_i32",), (F64, I32): ("f64_i32",)}

# Types that are taken, for of_dtype.
FLOAT = {F32: F32, F64: F64}
INDEX = {I64: I64, I32: I32}

Name = Union[str, "tuple[str, int]"]


def address(name: Name, array: Array, dtype: DType, shape: tuple[int, ...], written: bool = False) -> int:
    """The address of a C-contiguous array of this type and shape. name: the argument's, or that of a list and the
    position in it."""
    if type(array) is np.ndarray and array.dtype == dtype and array.shape == shape:
        try:
            # Three times as fast as array.ctypes.data.
            found = addressof(c_char.from_buffer(array))  # type: ignore[arg-type]
            if found % dtype.alignment == 0:
                return found
        except (TypeError, ValueError):
            pass  # read-only, not contiguous, or empty: the first two may be a fault
    return _address(name, array, dtype, shape, written)


def _address(name: Name, array: Array, dtype: DType, shape: tuple[int, ...], written: bool) -> int:
    """The same, for whatever reason to refuse there may be."""
    if not isinstance(name, str):
        name = f"{name[0]}[{name[1]}]"
    check_array(name, array, {dtype: ()}, written)
    if array.shape != shape:
        raise ValueError(f"{name}: expected the shape {shape}, not {array.shape}")
    if not array.flags.c_contiguous:
        raise ValueError(f"{name}: is not C-contiguous, and would have to be copied")
    return int(array.ctypes.data)


def optional_address(name: str, array: Array | None, dtype: DType, shape: tuple[int, ...],
                     written: bool = False) -> int | None:
    """The same, or None where there is no array."""
    return None if array is None else address(name, array, dtype, shape, written)


def check_array(name: str, array: Array, dtypes: Mapping[DType, Any], written: bool = False) -> None:
    """Refuses what is no array of one of these types whose elements C can read."""
    if not isinstance(array, np.ndarray) or isinstance(array, np.ma.MaskedArray):
        raise TypeError(f"{name}: expected a NumPy array, not {type(array).__name__}")
    if array.dtype not in dtypes:
        raise TypeError(f"{name}: expected {' or '.join(map(str, dtypes))}, not {array.dtype}")
    if written and not array.flags.writeable:
        raise ValueError(f"{name}: is read-only")
    if array.ctypes.data % array.dtype.alignment != 0:
        raise ValueError(f"{name}: its elements are not aligned in memory")


def of_dtype(table: Mapping[DType, Entry], name: str, array: Array, bf16: bool = False) -> Entry:
    """The table's entry for the array's type. bf16: whether 16-bit integers are meant, which then is required."""
    if type(array) is np.ndarray:
        entry = table.get(array.dtype)
        if entry is not None and (array.dtype == BF16) == bf16:
            return entry
    check_array(name, array, table)
    if (array.dtype == BF16) != bf16:
        raise TypeError(f"{name}: expected " + (f"uint16 with bf16=True, not {array.dtype}" if bf16 else
                                                "bf16=True, without which uint16 is not taken for bfloat16"))
    return table[array.dtype]


def output(name: str, out: Array | None, dtype: DType, shape: tuple[int, ...]) -> tuple[Array, int]:
    """out, or a new array, and its address."""
    if out is None:
        out = np.empty(shape, dtype)
    return out, address(name, out, dtype, shape, True)


def integer(name: str, value: Any, least: int, most: int) -> int:
    """An integer in a range. ctypes would take it modulo the range."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected an integer, not {type(value).__name__}") from None
    if not least <= number <= most:
        raise ValueError(f"{name}: {number} is not in {least} ... {most}")
    return number


def unsigned(name: str, value: Any) -> int:
    """An integer that a size_t or uint64_t holds."""
    return integer(name, value, 0, 2**64 - 1)


def real(name: str, value: Any) -> float:
    """A number as a double."""
    try:
        return c_double(value).value
    except TypeError:
        raise TypeError(f"{name}: expected a real number, not {type(value).__name__}") from None
