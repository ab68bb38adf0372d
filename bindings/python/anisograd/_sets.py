# SPDX-License-Identifier: BSD-3-Clause
"""The sets that projections are onto: one small class for each AG_SET_ kind of the C interface.

Arrays (bounds, center, normal) have the projected array's type and shape, and are referred to, not copied.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, Iterable, Union

import numpy as np

from ._arrays import I64, Array, DType, address, check_array, real, unsigned
from ._structs import SET_DEFAULTS, SetStruct

Bound = Union[float, Array]


@dataclass(frozen=True, eq=False)
class Set:
    """What all sets share. Two sets are equal if they are of one kind and their numbers and arrays are equal."""

    _kind: ClassVar[int]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            np.array_equal(value, getattr(other, name)) for name, value in vars(self).items())

    __hash__ = None  # type: ignore[assignment]  # arrays may change

    def _struct(self, dtype: DType, shape: tuple[int, ...]) -> SetStruct:
        """The C struct for arrays of this type and shape. It refers to this set's arrays."""
        return self._filled(vars(self), dtype, shape)

    def _groups(self) -> SetStruct:
        """The same without what depends on the arrays' type."""
        return self._filled([name for name in vars(self) if name.startswith("group_")], I64, ())

    def _filled(self, names: Iterable[str], dtype: DType, shape: tuple[int, ...]) -> SetStruct:
        struct = SetStruct.from_buffer_copy(SET_DEFAULTS)
        struct.kind = self._kind
        for name in names:
            _SETTERS[name](struct, name, getattr(self, name), dtype, shape)
        return struct


Setter = Callable[[SetStruct, str, Any, DType, "tuple[int, ...]"], None]


def _number(struct: SetStruct, name: str, value: Any, dtype: DType, shape: tuple[int, ...]) -> None:
    setattr(struct, name, real(name, value))


def _total(struct: SetStruct, name: str, value: Any, dtype: DType, shape: tuple[int, ...]) -> None:
    struct.radius = real(name, value)


def _bound(struct: SetStruct, name: str, value: Any, dtype: DType, shape: tuple[int, ...]) -> None:
    if isinstance(value, np.ndarray):
        setattr(struct, name + "_bounds", address(name, value, dtype, shape))
    else:
        setattr(struct, name, real(name, value))


def _array(struct: SetStruct, name: str, value: Any, dtype: DType, shape: tuple[int, ...]) -> None:
    if value is not None:
        setattr(struct, name, address(name, value, dtype, shape))


def _length(struct: SetStruct, name: str, value: Any, dtype: DType, shape: tuple[int, ...]) -> None:
    setattr(struct, name, unsigned(name, value))


def _offsets(struct: SetStruct, name: str, value: Any, dtype: DType, shape: tuple[int, ...]) -> None:
    if value is not None:
        check_array(name, value, {I64: ()})
        if value.size == 0:
            raise ValueError(f"{name}: expected at least one element")
        struct.group_offsets = address(name, value, I64, (value.size,))
        struct.group_count = value.size - 1


_SETTERS: dict[str, Setter] = {
    "radius": _number, "total": _total, "offset": _number, "lower_offset": _number, "lower": _bound, "upper": _bound,
    "center": _array, "normal": _array, "group_length": _length, "group_offsets": _offsets,
}


@dataclass(frozen=True, eq=False)
class Box(Set):
    """lower_j <= p_j <= upper_j. Numbers, infinite ones included, or arrays."""

    lower: Bound = -math.inf
    upper: Bound = math.inf


@dataclass(frozen=True, eq=False)
class Nonnegative(Set):
    """p_j >= 0."""


@dataclass(frozen=True, eq=False)
class _Ball(Set):
    radius: float = 1.0
    center: Array | None = None


@dataclass(frozen=True, eq=False)
class LinfBall(_Ball):
    """max_j |p_j - center_j| <= radius. radius: finite, >= 0. center: an array, or None for the origin."""


@dataclass(frozen=True, eq=False)
class L2Ball(_Ball):
    """sum_j (p_j - center_j)^2 <= radius^2. radius: finite, >= 0. center: an array, or None for the origin."""


@dataclass(frozen=True, eq=False)
class L1Ball(_Ball):
    """sum_j |p_j - center_j| <= radius. radius: finite, >= 0. center: an array, or None for the origin."""


@dataclass(frozen=True, eq=False)
class WeightedL1Ball(_Ball):
    """sum_j normal_j |p_j - center_j| <= radius. radius: finite, >= 0. center: an array, or None for the origin.
    normal: finite elements >= 0, not all 0, or None for ones."""

    normal: Array | None = None


@dataclass(frozen=True, eq=False)
class Simplex(Set):
    """p_j >= 0, sum_j p_j = total. total: finite, >= 0; the C interface calls it the radius."""

    total: float = 1.0


@dataclass(frozen=True, eq=False)
class CappedSimplex(Set):
    """0 <= p_j <= upper_j, sum_j p_j = total. total as in `Simplex`, at most what the bounds allow. upper: a number, or
    an array."""

    total: float = 1.0
    upper: Bound = math.inf


@dataclass(frozen=True, eq=False)
class BoxSection(Set):
    """lower_j <= p_j <= upper_j, sum_j normal_j p_j = offset. lower, upper as in `Box`. normal: finite elements, not
    all 0, or None for ones. offset: finite, and one that the bounds allow."""

    lower: Bound = -math.inf
    upper: Bound = math.inf
    normal: Array | None = None
    offset: float = 0.0


@dataclass(frozen=True, eq=False)
class Halfspace(Set):
    """sum_j normal_j p_j <= offset. normal: finite elements, not all 0, or None for ones. offset: finite."""

    normal: Array | None = None
    offset: float = 0.0


@dataclass(frozen=True, eq=False)
class Hyperplane(Halfspace):
    """sum_j normal_j p_j = offset. As in `Halfspace`."""


@dataclass(frozen=True, eq=False)
class Slab(Set):
    """lower_offset <= sum_j normal_j p_j <= offset. normal as in `Halfspace`, offsets: finite."""

    normal: Array | None = None
    lower_offset: float = 0.0
    offset: float = 0.0


@dataclass(frozen=True, eq=False)
class SecondOrderCone(Set):
    """sqrt(sum over j > 0 of p_j^2) <= p_0: the first element bounds the rest."""


@dataclass(frozen=True, eq=False)
class GroupL1Ball(_Ball):
    """sum over groups of sqrt(sum over j in it of (p_j - center_j)^2) <= radius. radius, center as in `L2Ball`.

    Groups are neighbours: all of group_length >= 1 elements, but for a last one that may have fewer; or group g is
    elements group_offsets[g] to group_offsets[g + 1] - 1, of int64 offsets from 0 to the number of elements.
    """

    group_length: int = 0
    group_offsets: Array | None = None


#: In the order of the C interface's numbers.
KINDS: tuple[type[Set], ...] = (
    Box, Nonnegative, LinfBall, L2Ball, L1Ball, WeightedL1Ball, Simplex, CappedSimplex, BoxSection, Halfspace,
    Hyperplane, Slab, SecondOrderCone, GroupL1Ball)
for _number_of_kind, _kind in enumerate(KINDS):
    _kind._kind = _number_of_kind
