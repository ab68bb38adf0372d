# SPDX-License-Identifier: BSD-3-Clause
"""What the library's status codes are in Python."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The status codes of the C interface, without their prefix ``AG_ERROR_``."""

    OK = 0
    NULL_POINTER = 1
    INVALID_VALUE = 2
    INVALID_ENUM = 3
    STRUCT_SIZE = 4
    SIZE = 5
    OVERLAP = 6
    OUT_OF_RANGE = 7
    LABEL = 8
    UNSUPPORTED_ISA = 9
    OUT_OF_MEMORY = 10
    INTERNAL = 11
    SHARDS = 12
    REDUCER = 13
    NOT_PROJECTED = 14


class Error(Exception):
    """A call that the library refused. Its text is the library's message, ``status`` a `Status`. No output has been
    written, unless the status is ``NOT_PROJECTED``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = Status(status)
        self.message = message

    def __str__(self) -> str:
        return self.message


class ArgumentError(Error, ValueError):
    """An argument's value is at fault."""


class OutOfMemoryError(Error, MemoryError):
    """A private buffer could not be allocated."""


_ARGUMENT_FAULTS = {
    Status.NULL_POINTER, Status.INVALID_VALUE, Status.INVALID_ENUM, Status.STRUCT_SIZE, Status.SIZE, Status.OVERLAP,
    Status.OUT_OF_RANGE, Status.LABEL,
}


def error_of(status: int, message: str) -> Error:
    """The exception for a status other than OK."""
    if status in _ARGUMENT_FAULTS:
        return ArgumentError(status, message)
    if status == Status.OUT_OF_MEMORY:
        return OutOfMemoryError(status, message)
    return Error(status, message)
