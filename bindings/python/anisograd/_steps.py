# SPDX-License-Identifier: BSD-3-Clause
"""Steps of whole arrays, and what goes with them."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Iterable

import numpy as np

from ._arrays import F32, F64, FLOATS, ONLY_F32, SHORTS, U8, Array, DType, address, of_dtype, optional_address, output, real
from ._arrays import unsigned
from ._library import c_functions, check
from ._options import AdagradOptions, adagrad_options

if TYPE_CHECKING:
    from typing_extensions import Unpack

#: The block length of compressed accumulators.
ACCUMULATOR_BLOCK = 256

_INIT = c_functions("adagrad_init_{}", "npd", FLOATS)
_STEP = c_functions("adagrad_step_{}", "npppp", {**FLOATS, **SHORTS})
_AVERAGED = c_functions("adagrad_step_averaged_{}", "nppppnp", FLOATS)
_LIST = c_functions("adagrad_step_list_{}", "nppppp", FLOATS)
_MASTER = c_functions("adagrad_step_master_{}", "nppppp", SHORTS)
_COMPRESSED = c_functions("adagrad_step_compressed_{}", "nppppp", ONLY_F32)
_ENCODE = c_functions("accumulator_encode_{}", "nppp", ONLY_F32)
_DECODE = c_functions("accumulator_decode_{}", "nppp", ONLY_F32)
_NORM = c_functions("adagrad_norm_step_{}", "npppp", FLOATS)
_DUAL_AVERAGING = c_functions("adagrad_dual_averaging_step_{}", "nppppnp", FLOATS)
_SGD = c_functions("sgd_step_{}", "nppp", FLOATS)
_AVERAGE = c_functions("average_{}", "nppn", FLOATS)
_SQUARED_NORM = c_functions("squared_norm_{}", "npp", FLOATS)
_FIRST_NON_FINITE = c_functions("first_non_finite_{}", "npp", FLOATS)


def adagrad_init(v: Array, epsilon: float) -> None:
    """Starts an accumulator: v[j] = epsilon^2, rounded to v's type.

    v: float32 or float64, any shape, written. epsilon: finite, >= 0.

    >>> v = np.empty(2)
    >>> anisograd.adagrad_init(v, 0.5)
    >>> v
    array([0.25, 0.25])
    """
    function = of_dtype(_INIT, "v", v)
    check(function(v.size, address("v", v, v.dtype, v.shape, True), real("epsilon", epsilon)))


def adagrad_step(w: Array, g: Array, v: Array, *, bf16: bool = False, **options: Unpack[AdagradOptions]) -> None:
    """One AdaGrad step without a constraint, in place.

    For each element, each operation rounded once, in w's type::

        q = s * g                     s = gradient_scale, or -gradient_scale to maximize
        q = q + weight_decay * w      where weight_decay is not 0
        v = v + q * q
        lambda = sqrt(v)              or sqrt(v) + epsilon, or sqrt(v + epsilon)
        w = w * (1 - learning_rate * decoupled_weight_decay)   where decoupled_weight_decay is not 0
        w = w - (learning_rate * q) / lambda                   where lambda = 0 the last term is 0
        w = sign(w) * max(|w| - (learning_rate * l1) / lambda, 0)     where l1 is not 0 and lambda is not
        w = w / (1 + (learning_rate * l2) / lambda)                   where l2 is not 0 and lambda is not

    w: parameters, any shape, float32 or float64, updated; or float16, or bfloat16 as the uint16 numbers of its bits,
    with bf16=True. g: gradients of w's shape and type. v: accumulators >= 0 of w's shape and type, of float32 where w
    has 16 bits, updated. options: see `AdagradOptions`.

    >>> w, g, v = np.array([1.0, 2.0]), np.array([3.0, -4.0]), np.zeros(2)
    >>> anisograd.adagrad_step(w, g, v, learning_rate=0.5)
    >>> w
    array([0.5, 2.5])
    """
    function = of_dtype(_STEP, "w", w, bf16)
    dtype, shape = w.dtype, w.shape
    check(function(w.size, address("w", w, dtype, shape, True), address("g", g, dtype, shape),
                   address("v", v, F32 if dtype.itemsize == 2 else dtype, shape, True), adagrad_options(options)))


def adagrad_step_averaged(w: Array, g: Array, v: Array, mean: Array, t: int,
                          **options: Unpack[AdagradOptions]) -> None:
    """`adagrad_step`, then ``average(mean, w, t)``, in one call, which passes over w once less. The same bits.

    w, g, v, mean: one shape and type, float32 or float64; w, v and mean are updated. t: 1, 2, ...
    """
    function = of_dtype(_AVERAGED, "w", w)
    dtype, shape = w.dtype, w.shape
    check(function(w.size, address("w", w, dtype, shape, True), address("g", g, dtype, shape),
                   address("v", v, dtype, shape, True), address("mean", mean, dtype, shape, True), unsigned("t", t),
                   adagrad_options(options)))


def adagrad_step_list(w: Iterable[Array], g: Iterable[Array], v: Iterable[Array],
                      **options: Unpack[AdagradOptions]) -> None:
    """`adagrad_step` of many arrays in one call, with the threads started once for all. The same bits.

    w, g, v: iterables of equal length, of arrays as adagrad_step takes them: all float32, or all float64. Everything
    is checked before anything is written.

    >>> w, g, v = [np.ones(2), np.ones((2, 2))], [np.ones(2), np.ones((2, 2))], [np.zeros(2), np.zeros((2, 2))]
    >>> anisograd.adagrad_step_list(w, g, v, learning_rate=0.5)
    >>> w[0]
    array([0.5, 0.5])
    """
    w, g, v = list(w), list(g), list(v)
    count = len(w)
    for name, arrays in ("g", g), ("v", v):
        if len(arrays) != count:
            raise ValueError(f"{name}: expected {count} arrays, as w has, not {len(arrays)}")
    if count == 0:
        return
    of_dtype(_LIST, "w[0]", w[0])
    dtype = w[0].dtype
    for i, array in enumerate(w):
        if not isinstance(array, np.ndarray):
            raise TypeError(f"w[{i}]: expected a NumPy array, not {type(array).__name__}")
    step_list(dtype, [array.size for array in w],
              [address(("w", i), array, dtype, array.shape, True) for i, array in enumerate(w)],
              [address(("g", i), array, dtype, w[i].shape) for i, array in enumerate(g)],
              [address(("v", i), array, dtype, w[i].shape, True) for i, array in enumerate(v)], options)


def step_list(dtype: DType, sizes: list[int], w: list[int], g: list[int], v: list[int], options: AdagradOptions) -> None:
    """adagrad_step_list of arrays of this type, by their sizes and addresses."""
    count = len(sizes)
    pointers = ctypes.c_void_p * count
    check(_LIST[dtype](count, (ctypes.c_size_t * count)(*sizes), pointers(*w), pointers(*g), pointers(*v),
                       adagrad_options(options)))


def adagrad_step_master(w: Array, w_copy: Array | None, g: Array, v: Array, *, bf16: bool = False,
                        **options: Unpack[AdagradOptions]) -> None:
    """One AdaGrad step of master parameters in float32 by gradients of 16 bits; w_copy receives the new w in 16 bits.

    w: float32, any shape, updated. w_copy: w's shape and g's type, written, or None. g: gradients of w's shape,
    float16, or with bf16=True uint16. v: float32 accumulators >= 0 of w's shape, updated. options: see
    `AdagradOptions`.
    """
    function = of_dtype(_MASTER, "g", g, bf16)
    short, shape = g.dtype, g.shape
    check(function(g.size, address("w", w, F32, shape, True),
                   optional_address("w_copy", w_copy, short, shape, True), address("g", g, short, shape),
                   address("v", v, F32, shape, True), adagrad_options(options)))


def _blocks(n: int) -> tuple[int]:
    return (-(-n // ACCUMULATOR_BLOCK),)


def adagrad_step_compressed(w: Array, g: Array, v: Array, scales: Array, **options: Unpack[AdagradOptions]) -> None:
    """One AdaGrad step with a compressed accumulator: 8 bits per element, and a scale for each ACCUMULATOR_BLOCK.

    w: float32 parameters, any shape, updated. g: gradients of w's shape and type. v: uint8 codes of w's shape, updated.
    scales: float32, one number >= 0 per block of 256 elements, updated. `accumulator_encode` starts both. options: see
    `AdagradOptions`.
    """
    function = of_dtype(_COMPRESSED, "w", w)
    shape = w.shape
    check(function(w.size, address("w", w, F32, shape, True), address("g", g, F32, shape),
                   address("v", v, U8, shape, True), address("scales", scales, F32, _blocks(w.size), True),
                   adagrad_options(options)))


def accumulator_encode(v: Array, *, out: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
    """Compresses an accumulator: returns (codes, scales), as `adagrad_step_compressed` takes them.

    v: float32 numbers >= 0, any shape. out: uint8 codes of v's shape, and float32 scales, one per ACCUMULATOR_BLOCK, to
    be written; None: new ones.

    >>> codes, scales = anisograd.accumulator_encode(np.array([0, 0.5], np.float32))
    >>> anisograd.accumulator_decode(codes, scales)
    array([0. , 0.5], dtype=float32)
    """
    function = of_dtype(_ENCODE, "v", v)
    codes, scales = out or (None, None)
    codes, codes_address = output("codes", codes, U8, v.shape)
    scales, scales_address = output("scales", scales, F32, _blocks(v.size))
    check(function(v.size, address("v", v, F32, v.shape), codes_address, scales_address))
    return codes, scales


def accumulator_decode(codes: Array, scales: Array, *, out: Array | None = None) -> Array:
    """A compressed accumulator as float32 numbers. codes, scales: as `accumulator_encode` returns them. out: float32 of
    codes' shape, to be written; None: a new array."""
    of_dtype({U8: ()}, "codes", codes)
    out, out_address = output("out", out, F32, codes.shape)
    check(_DECODE[F32](codes.size, address("codes", codes, U8, codes.shape),
                       address("scales", scales, F32, _blocks(codes.size)), out_address))
    return out


def adagrad_norm_step(w: Array, g: Array, v: Array, **options: Unpack[AdagradOptions]) -> None:
    """One AdaGrad-Norm step: `adagrad_step` with one accumulator for all elements, which takes the sum of the squares.

    w: float32 or float64, any shape, updated. g: gradients of w's shape and type. v: a float64 array of one element
    >= 0, updated; it starts at epsilon^2 or 0. options: see `AdagradOptions`.

    >>> w, v = np.zeros(2), np.zeros(1)
    >>> anisograd.adagrad_norm_step(w, np.array([3.0, 4.0]), v, learning_rate=1)
    >>> w, v
    (array([-0.6, -0.8]), array([25.]))
    """
    function = of_dtype(_NORM, "w", w)
    dtype, shape = w.dtype, w.shape
    check(function(w.size, address("w", w, dtype, shape, True), address("g", g, dtype, shape),
                   address("v", v, F64, (1,), True), adagrad_options(options)))


def adagrad_dual_averaging_step(w: Array, g: Array, v: Array, gradient_sum: Array, t: int,
                                **options: Unpack[AdagradOptions]) -> None:
    """One step of regularised dual averaging in AdaGrad's metric. With q, v and lambda as in `adagrad_step`::

        G = G + q
        w = -learning_rate * sign(G) * max(|G| - t * l1, 0) / (lambda + learning_rate * t * l2)

    and 0 where the denominator is 0. decoupled_weight_decay and math are not used.

    w, g, v, gradient_sum (G, from 0): one shape and type, float32 or float64; w is written, v and gradient_sum are
    updated. t: this step's number, 1, 2, ... options: see `AdagradOptions`.
    """
    function = of_dtype(_DUAL_AVERAGING, "w", w)
    dtype, shape = w.dtype, w.shape
    check(function(w.size, address("w", w, dtype, shape, True), address("g", g, dtype, shape),
                   address("v", v, dtype, shape, True), address("gradient_sum", gradient_sum, dtype, shape, True),
                   unsigned("t", t), adagrad_options(options)))


def sgd_step(w: Array, g: Array, **options: Unpack[AdagradOptions]) -> None:
    """One SGD step: `adagrad_step` with lambda = 1. The epsilons and math are not used.

    w: float32 or float64, any shape, updated. g: gradients of w's shape and type. options: see `AdagradOptions`.
    """
    function = of_dtype(_SGD, "w", w)
    check(function(w.size, address("w", w, w.dtype, w.shape, True), address("g", g, w.dtype, w.shape),
                   adagrad_options(options)))


def average(mean: Array, w: Array, t: int) -> None:
    """The running average of iterates: mean = mean + (w - mean) / t, in place.

    mean: float32 or float64, any shape, updated; it starts at 0. w: mean's shape and type. t: the number of iterates
    including this one, 1, 2, ...

    >>> mean = np.zeros(1)
    >>> for t, w in enumerate([2.0, 4.0], start=1):
    ...     anisograd.average(mean, np.array([w]), t)
    >>> mean
    array([3.])
    """
    function = of_dtype(_AVERAGE, "mean", mean)
    check(function(mean.size, address("mean", mean, mean.dtype, mean.shape, True),
                   address("w", w, mean.dtype, mean.shape), unsigned("t", t)))


def squared_norm(x: Array) -> float:
    """The sum of the squares, in double, the same bits everywhere. x: float32 or float64, any shape.

    To clip by the global norm: ``gradient_scale=min(1, limit / sqrt(squared_norm(g)))``.

    >>> anisograd.squared_norm(np.array([3.0, 4.0]))
    25.0
    """
    result = ctypes.c_double()
    check(of_dtype(_SQUARED_NORM, "x", x)(x.size, address("x", x, x.dtype, x.shape), ctypes.byref(result)))
    return result.value


def first_non_finite(x: Array) -> int | None:
    """The position of the first infinity or NaN in the flattened x, or None where there is none (the C function gives
    x's size then). x: float32 or float64, any shape.

    >>> anisograd.first_non_finite(np.array([1.0, np.inf, np.nan]))
    1
    """
    position = ctypes.c_size_t()
    check(of_dtype(_FIRST_NON_FINITE, "x", x)(x.size, address("x", x, x.dtype, x.shape), ctypes.byref(position)))
    return None if position.value == x.size else position.value
