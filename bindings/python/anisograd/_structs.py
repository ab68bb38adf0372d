# SPDX-License-Identifier: BSD-3-Clause
"""The structs of anisograd.h, here alone. A test compares each field's place with the C compiler's.

Structs that differ by the type of what they point to have one mirror. Pointers are addresses.
"""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_int32, c_size_t, c_uint64, c_void_p
from typing import TypeVar

from ._library import c_function


class AdagradOptionsStruct(ctypes.Structure):
    c_names = ("ag_adagrad_options",)
    _fields_ = [("struct_size", c_size_t), ("learning_rate", c_double), ("epsilon", c_double),
                ("epsilon_mode", c_int32), ("maximize", c_int32), ("weight_decay", c_double),
                ("decoupled_weight_decay", c_double), ("gradient_scale", c_double), ("l1", c_double), ("l2", c_double),
                ("math", c_int32), ("rounding", c_int32), ("seed", c_uint64), ("step", c_uint64)]


class BagsStruct(ctypes.Structure):
    c_names = ("ag_bags_f32", "ag_bags_f64")
    _fields_ = [("count", c_size_t), ("offsets", c_void_p), ("weights", c_void_p), ("pooling", c_int32)]


class ProjectionReportStruct(ctypes.Structure):
    c_names = ("ag_projection_report",)
    _fields_ = [("multiplier", c_double), ("passes", c_int32), ("inside", c_int32)]


SumFunction = ctypes.CFUNCTYPE(ctypes.c_int, c_void_p, c_size_t, ctypes.POINTER(c_double))


class ReducerStruct(ctypes.Structure):
    c_names = ("ag_reducer",)
    _fields_ = [("sum", SumFunction), ("context", c_void_p), ("total", c_size_t), ("begin", c_size_t)]


class SetStruct(ctypes.Structure):
    c_names = ("ag_set",)
    _fields_ = [("struct_size", c_size_t), ("kind", c_int32), ("radius", c_double), ("lower", c_double),
                ("upper", c_double), ("lower_bounds", c_void_p), ("upper_bounds", c_void_p), ("center", c_void_p),
                ("normal", c_void_p), ("offset", c_double), ("lower_offset", c_double), ("report", c_void_p),
                ("group_length", c_size_t), ("group_offsets", c_void_p), ("group_count", c_size_t),
                ("reducer", c_void_p), ("workspace", c_void_p), ("workspace_size", c_size_t)]


class DenseStruct(ctypes.Structure):
    c_names = ("ag_dense_f32", "ag_dense_f64", "ag_dense_bf16", "ag_dense_f16")
    _fields_ = [("rows", c_size_t), ("cols", c_size_t), ("row_stride", c_size_t), ("values", c_void_p)]


class CsrStruct(ctypes.Structure):
    c_names = ("ag_csr_f32", "ag_csr_f64", "ag_csr64_f32", "ag_csr64_f64")
    _fields_ = [("rows", c_size_t), ("cols", c_size_t), ("row_offsets", c_void_p), ("columns", c_void_p),
                ("values", c_void_p)]


class LogisticOptionsStruct(ctypes.Structure):
    c_names = ("ag_logistic_options",)
    _fields_ = [("struct_size", c_size_t), ("labels", c_int32), ("reduction", c_int32), ("fit_intercept", c_int32),
                ("l2", c_double), ("sample_weight", c_void_p), ("row_indices", c_void_p), ("row_count", c_size_t),
                ("workspace", c_void_p), ("workspace_size", c_size_t), ("positive_weight", c_double),
                ("negative_weight", c_double), ("label_smoothing", c_double)]


ALL = (AdagradOptionsStruct, BagsStruct, ProjectionReportStruct, ReducerStruct, SetStruct, DenseStruct, CsrStruct,
       LogisticOptionsStruct)

Struct = TypeVar("Struct", AdagradOptionsStruct, SetStruct, LogisticOptionsStruct)


def _defaults(name: str, struct: type[Struct]) -> Struct:
    """The library's own defaults."""
    filled = struct()
    c_function(f"{name}_init_sized", "pn", None)(ctypes.byref(filled), ctypes.sizeof(filled))
    if filled.struct_size != ctypes.sizeof(filled):
        raise ImportError(f"anisograd: the shared library does not know this package's ag_{name}; is it older?")
    return filled


# To be copied, never changed.
ADAGRAD_DEFAULTS = _defaults("adagrad_options", AdagradOptionsStruct)
SET_DEFAULTS = _defaults("set", SetStruct)
LOGISTIC_DEFAULTS = _defaults("logistic_options", LogisticOptionsStruct)
