# SPDX-License-Identifier: BSD-3-Clause
"""The shared library: where it is found, and its functions.

The first of these is taken: the file that the environment variable ANISOGRAD_LIBRARY names; libanisograd.so inside the
package; the system's, by its soname.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any, Callable, Mapping, TypeVar

from ._errors import error_of
from ._version import __version__

Function = Callable[..., int]
Key = TypeVar("Key")

_SERIES = __version__.rpartition(".")[0]


def _open() -> ctypes.CDLL:
    packaged = Path(__file__).with_name("libanisograd.so")
    installed = str(packaged) if packaged.is_file() else f"libanisograd.so.{_SERIES}"
    path = os.environ.get("ANISOGRAD_LIBRARY") or installed
    try:
        library = ctypes.CDLL(path)  # which releases the GIL in each call
        version_string = library.ag_version_string
    except (OSError, AttributeError) as error:
        raise ImportError(f"anisograd: {path} cannot be used: {error}. The environment variable ANISOGRAD_LIBRARY may "
                          "name the shared library.") from error
    version_string.restype = ctypes.c_char_p
    version: str = version_string().decode()
    # Until 1.0 a minor version may change the ABI.
    if version.rpartition(".")[0] != _SERIES:
        raise ImportError(f"anisograd: {path} is version {version}, this package needs {_SERIES}")
    return library


_library = _open()

#: The C functions that the package uses; a test compares them with the header's.
c_interface: dict[str, Any] = {}

_ARGUMENT_TYPES = {"n": ctypes.c_size_t, "p": ctypes.c_void_p, "d": ctypes.c_double, "i": ctypes.c_int32,
                   "u": ctypes.c_uint64}


def c_function(name: str, arguments: str, result: Any = ctypes.c_int32) -> Callable[..., Any]:
    """ag_<name>. arguments: a letter for each: n size_t, p address, d double, i int32_t, u uint64_t."""
    function = c_interface["ag_" + name] = _library["ag_" + name]
    function.argtypes = [_ARGUMENT_TYPES[letter] for letter in arguments]
    function.restype = result
    return function


def c_functions(template: str, arguments: str, variants: Mapping[Key, tuple[str, ...]]) -> dict[Key, Function]:
    """A function in all its variants, each of which fills in the {} of the template with its strings."""
    return {key: c_function(template.format(*suffix), arguments) for key, suffix in variants.items()}


version_string_of_library = c_function("version_string", "", ctypes.c_char_p)
last_error_of_library = c_function("last_error", "", ctypes.c_char_p)


def check(status: int) -> None:
    """Raises the exception for a status other than OK, with the thread's last message."""
    if status:
        raise error_of(status, last_error_of_library().decode())
