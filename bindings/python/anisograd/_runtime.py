# SPDX-License-Identifier: BSD-3-Clause
"""Version, instruction set and threads. ISAs are strings, as the environment variable ANISOGRAD_ISA has them."""

from __future__ import annotations

import ctypes

from ._arrays import integer
from ._library import c_function, check, last_error_of_library, version_string_of_library

_status_string = c_function("status_string", "i", ctypes.c_char_p)
_isa_name = c_function("isa_name", "i", ctypes.c_char_p)
_isa_supported = c_function("isa_supported", "i", ctypes.c_int)
_active_isa = c_function("active_isa", "")
_set_isa = c_function("set_isa", "i")
_set_num_threads = c_function("set_num_threads", "i")
_get_num_threads = c_function("get_num_threads", "", ctypes.c_int)

_INT32 = (-(2**31), 2**31 - 1)


def version_string() -> str:
    """The shared library's version at run time, such as "0.1.0"."""
    return str(version_string_of_library().decode())


def status_string(status: int) -> str:
    """The C constant's name of a status.

    >>> anisograd.status_string(anisograd.Status.OVERLAP)
    'AG_ERROR_OVERLAP'
    """
    return str(_status_string(integer("status", status, *_INT32)).decode())


def last_error() -> str:
    """The message of the calling thread's last error in the library; "" before the first. An `Error` has its own."""
    return str(last_error_of_library().decode())


def isa_name(isa: int) -> str:
    """The name of one of the C interface's ISA numbers: "none" for -1, "unknown" for others that it does not know.

    >>> anisograd.isa_name(0)
    'portable'
    """
    return str(_isa_name(integer("isa", isa, *_INT32)).decode())


def _isas() -> dict[str, int]:
    """The numbers of the names that the library knows."""
    numbers = {}
    number = 0
    while (name := isa_name(number)) != "unknown":
        numbers[name] = number
        number += 1
    return numbers


_ISAS = _isas()


def _isa_number(isa: str) -> int:
    if isa not in _ISAS:
        raise ValueError(f"isa: expected {' or '.join(map(repr, _ISAS))}, not {isa!r}")
    return _ISAS[isa]


def isa_supported(isa: str) -> bool:
    """Whether the library contains this ISA, and this CPU and operating system can run it.

    isa: "portable", "avx2", "avx512" or "neon"; ValueError otherwise.

    >>> anisograd.isa_supported("portable")
    True
    """
    return bool(_isa_supported(_isa_number(isa)))


def active_isa() -> str:
    """The ISA that kernels run on: that of `set_isa`, else of the environment variable ANISOGRAD_ISA, else the best.
    "none" where ANISOGRAD_ISA names one that cannot be had; then every kernel raises `Error`."""
    return isa_name(_active_isa())


def set_isa(isa: str) -> None:
    """Chooses the ISA for the whole process, from the next call on. `Error` where it is not supported."""
    check(_set_isa(_isa_number(isa)))


def set_num_threads(n: int) -> None:
    """The most threads that a call may use, for the whole process: 0 ... 65536, where 0 is automatic, that is
    ANISOGRAD_NUM_THREADS if set, else OpenMP's setting. Small problems use one thread whatever is set."""
    check(_set_num_threads(integer("n", n, *_INT32)))


def get_num_threads() -> int:
    """The most threads that a call made now from this thread would use, at least 1."""
    return int(_get_num_threads())
