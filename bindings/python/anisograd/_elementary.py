# SPDX-License-Identifier: BSD-3-Clause
"""Elementary functions, conversions to and from 16 bits, and permutations."""

from __future__ import annotations

from typing import Mapping

from ._arrays import BF16, F16, F32, FLOATS, I64, Array, DType, address, of_dtype, output, unsigned
from ._library import Function, c_function, c_functions, check

_EXP = c_functions("exp_{}", "npp", FLOATS)
_LOG1P = c_functions("log1p_{}", "npp", FLOATS)
_SIGMOID = c_functions("sigmoid_{}", "npp", FLOATS)
_SOFTPLUS = c_functions("softplus_{}", "npp", FLOATS)
_BF16_FROM_F32 = {F32: c_function("bf16_from_f32", "npp")}
_F16_FROM_F32 = {F32: c_function("f16_from_f32", "npp")}
_F32_FROM_BF16 = {BF16: c_function("f32_from_bf16", "npp")}
_F32_FROM_F16 = {F16: c_function("f32_from_f16", "npp")}
_shuffle_indices = c_function("shuffle_indices", "nuup")


def _elementwise(functions: Mapping[DType, Function], x: Array, out: Array | None,
                 dtype: DType | None = None) -> Array:
    function = of_dtype(functions, "x", x, bf16=BF16 in functions)
    out, out_address = output("out", out, dtype or x.dtype, x.shape)
    check(function(x.size, address("x", x, x.dtype, x.shape), out_address))
    return out


def exp(x: Array, *, out: Array | None = None) -> Array:
    """e^x of each element, within 1 ULP. x: float32 or float64, any shape. out: written and returned, of x's shape and
    type, and may be x; None: a new array.

    >>> anisograd.exp(np.array([0.0, -np.inf]))
    array([1., 0.])
    """
    return _elementwise(_EXP, x, out)


def log1p(x: Array, *, out: Array | None = None) -> Array:
    """log(1 + x) of each element, within 1 ULP. x and out as in `exp`."""
    return _elementwise(_LOG1P, x, out)


def sigmoid(x: Array, *, out: Array | None = None) -> Array:
    """1 / (1 + e^-x) of each element, within 1 ULP. x and out as in `exp`."""
    return _elementwise(_SIGMOID, x, out)


def softplus(x: Array, *, out: Array | None = None) -> Array:
    """log(1 + e^x) of each element, within 1 ULP. x and out as in `exp`."""
    return _elementwise(_SOFTPLUS, x, out)


def bf16_from_f32(x: Array, *, out: Array | None = None) -> Array:
    """float32 numbers rounded to bfloat16, to nearest, ties to even: the uint16 numbers of its bits. out: uint16 of x's
    shape, written and returned; None: a new array.

    >>> anisograd.f32_from_bf16(anisograd.bf16_from_f32(np.array([1.0, 3.14159], np.float32)))
    array([1.      , 3.140625], dtype=float32)
    """
    return _elementwise(_BF16_FROM_F32, x, out, BF16)


def f16_from_f32(x: Array, *, out: Array | None = None) -> Array:
    """float32 numbers rounded to float16, to nearest, ties to even. out as in `bf16_from_f32`, of float16."""
    return _elementwise(_F16_FROM_F32, x, out, F16)


def f32_from_bf16(x: Array, *, out: Array | None = None) -> Array:
    """bfloat16 numbers, the uint16 numbers of their bits, as float32, exactly. out: float32 of x's shape, written and
    returned; None: a new array."""
    return _elementwise(_F32_FROM_BF16, x, out, F32)


def f32_from_f16(x: Array, *, out: Array | None = None) -> Array:
    """float16 numbers as float32, exactly. out as in `f32_from_bf16`."""
    return _elementwise(_F32_FROM_F16, x, out, F32)


def shuffle_indices(n: int, seed: int, epoch: int, *, out: Array | None = None) -> Array:
    """A permutation of 0, ..., n - 1 that depends on n, seed and epoch alone: the order in which an epoch visits the
    rows. Runs of it are mini-batches (row_indices= of the logistic functions).

    seed, epoch: 0 ... 2^64 - 1. out: int64, n elements, written and returned; None: a new array.

    >>> sorted(anisograd.shuffle_indices(4, seed=1, epoch=0).tolist())
    [0, 1, 2, 3]
    """
    out, out_address = output("out", out, I64, (unsigned("n", n),))
    check(_shuffle_indices(out.size, unsigned("seed", seed), unsigned("epoch", epoch), out_address))
    return out
