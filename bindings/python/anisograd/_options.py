# SPDX-License-Identifier: BSD-3-Clause
"""Keyword arguments that become option structs. What is not given has the library's default."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Callable, Literal, Mapping, TypedDict, get_args

import numpy as np

from ._arrays import I64, U8, Array, DType, address, check_array, real, unsigned
from ._structs import ADAGRAD_DEFAULTS, LOGISTIC_DEFAULTS, AdagradOptionsStruct, LogisticOptionsStruct, SetStruct

if TYPE_CHECKING:
    from ctypes import _CArgObject as Reference  # noqa: F401

# Enumerations are strings, the C constants' names without their prefix, in the order of their values from 0.
EpsilonMode = Literal["in_state", "outside", "inside"]
MathMode = Literal["strict", "fast"]
Rounding = Literal["nearest", "stochastic"]
Pooling = Literal["sum", "mean"]
LabelEncoding = Literal["plus_minus_one", "zero_one", "probability"]
Reduction = Literal["mean", "sum"]
Smoothness = Literal["coordinate", "anisotropic"]

Converter = Callable[[str, Any], Any]


def choice(literal: Any) -> Converter:
    """What turns an enumeration's strings into the C constants."""
    numbers = {text: number for number, text in enumerate(get_args(literal))}

    def convert(name: str, value: Any) -> int:
        if not isinstance(value, str):
            raise TypeError(f"{name}: expected a string, not {type(value).__name__}")
        if value not in numbers:
            raise ValueError(f"{name}: expected {' or '.join(map(repr, numbers))}, not {value!r}")
        return numbers[value]

    return convert


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: expected True or False, not {type(value).__name__}")
    return bool(value)


pooling_number = choice(Pooling)
smoothness_number = choice(Smoothness)


class AdagradOptions(TypedDict, total=False):
    """The keyword arguments of steps, and their defaults.

    ==========================  =====================================================================================
    learning_rate = 0.01        eta, >= 0
    epsilon = 1e-10             >= 0; used where epsilon_mode is "outside" or "inside"
    epsilon_mode = "in_state"   lambda is sqrt(v), with v started at epsilon^2; "outside": sqrt(v) + epsilon, as in
                                PyTorch; "inside": sqrt(v + epsilon), as in Keras
    maximize = False            True: ascend
    weight_decay = 0            coupled, >= 0: weight_decay * w is added to the gradient
    decoupled_weight_decay = 0  >= 0: w shrinks by 1 - eta * decoupled_weight_decay
    gradient_scale = 1          any finite number; multiplies the gradient
    l1 = 0, l2 = 0              >= 0: the proximal step of l1 |w| + l2 / 2 w^2 after the move
    math = "strict"             "fast": within 3 ULP, not reproducible between CPUs
    rounding = "nearest"        "stochastic"; of results of 16 bits only
    seed = 0, step = 0          integers of stochastic rounding; another step number for each step
    ==========================  =====================================================================================

    All are finite numbers, used in double or rounded to the arrays' type once.
    """

    learning_rate: float
    epsilon: float
    epsilon_mode: EpsilonMode
    maximize: bool
    weight_decay: float
    decoupled_weight_decay: float
    gradient_scale: float
    l1: float
    l2: float
    math: MathMode
    rounding: Rounding
    seed: int
    step: int


class LogisticOptions(TypedDict, total=False):
    """The keyword arguments of logistic and softmax functions, and their defaults.

    =========================  ======================================================================================
    labels = "plus_minus_one"  y is -1 or +1; "zero_one": 0 or 1; "probability": any number of [0, 1]
    reduction = "mean"         divides by the sum of the sample weights; "sum" does not
    fit_intercept = False      True: w and gradient have one element more (softmax: one column), the last
    l2 = 0                     >= 0: adds l2 / 2 ||w||^2 once, without the intercept
    sample_weight = None       one weight >= 0 per row of X, an array of w's type; None: ones
    row_indices = None         the mini-batch, an int64 array of row numbers, repeats allowed; None: all rows
    workspace = None           a uint8 array of at least as many bytes as the function's workspace function says,
                               which the call uses as its private memory; None: it allocates
    positive_weight = 1        of the class y = 1, >= 0
    negative_weight = 1        of the other class, >= 0
    label_smoothing = 0        in [0, 1]: moves targets towards 1/2 by this share
    =========================  ======================================================================================
    """

    labels: LabelEncoding
    reduction: Reduction
    fit_intercept: bool
    l2: float
    sample_weight: Array | None
    row_indices: Array | None
    workspace: Array | None
    positive_weight: float
    negative_weight: float
    label_smoothing: float


_ADAGRAD: dict[str, Converter] = {
    "learning_rate": real, "epsilon": real, "epsilon_mode": choice(EpsilonMode), "maximize": _flag,
    "weight_decay": real, "decoupled_weight_decay": real, "gradient_scale": real, "l1": real, "l2": real,
    "math": choice(MathMode), "rounding": choice(Rounding), "seed": unsigned, "step": unsigned,
}
_LOGISTIC: dict[str, Converter] = {
    "labels": choice(LabelEncoding), "reduction": choice(Reduction), "fit_intercept": _flag, "l2": real,
    "positive_weight": real, "negative_weight": real, "label_smoothing": real,
}


def _fill(struct: ctypes.Structure, converters: dict[str, Converter], options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        converter = converters.get(name)
        if converter is None:
            raise TypeError(f"unexpected keyword argument {name!r}")
        setattr(struct, name, converter(name, value))


def adagrad_options(options: AdagradOptions) -> Reference | None:
    """What a step takes for its options."""
    if not options:
        return None
    struct = AdagradOptionsStruct.from_buffer_copy(ADAGRAD_DEFAULTS)
    _fill(struct, _ADAGRAD, options)
    return ctypes.byref(struct)


def fill_workspace(struct: LogisticOptionsStruct | SetStruct, workspace: Array | None) -> None:
    if workspace is not None:
        check_array("workspace", workspace, {U8: ()})
        struct.workspace = address("workspace", workspace, U8, (workspace.size,), True)
        struct.workspace_size = workspace.size


class LogisticArguments:
    """The option struct of a call, and what the shapes of its arrays follow from."""

    def __init__(self, options: LogisticOptions, rows: int, dtype: DType) -> None:
        struct = LogisticOptionsStruct.from_buffer_copy(LOGISTIC_DEFAULTS)
        numbers: dict[str, Any] = dict(options)
        self._arrays = [numbers.pop(name, None) for name in ("sample_weight", "row_indices", "workspace")]
        sample_weight, row_indices, workspace = self._arrays
        _fill(struct, _LOGISTIC, numbers)
        self.visited = rows
        if sample_weight is not None:
            struct.sample_weight = address("sample_weight", sample_weight, dtype, (rows,))
        if row_indices is not None:
            check_array("row_indices", row_indices, {I64: ()})
            self.visited = struct.row_count = row_indices.size
            struct.row_indices = address("row_indices", row_indices, I64, (row_indices.size,))
        fill_workspace(struct, workspace)
        self.intercept = 1 if struct.fit_intercept else 0
        self.reference = ctypes.byref(struct)
