# SPDX-License-Identifier: BSD-3-Clause
"""Texts for a language model over bytes: instructions in Alpaca's format, cut into windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Iterable, Iterator, NamedTuple

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.uint8]

#: After a response, and where a window is longer than its text.
END = b"\0"

_WITH_INPUT = ("Below is an instruction that describes a task, paired with an input that provides further context. "
               "Write a response that appropriately completes the request.\n\n"
               "### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:")
_WITHOUT_INPUT = ("Below is an instruction that describes a task. "
                  "Write a response that appropriately completes the request.\n\n"
                  "### Instruction:\n{instruction}\n\n### Response:")


class Example(NamedTuple):
    instruction: str
    input: str
    output: str

    def prompt(self) -> str:
        return (_WITH_INPUT if self.input else _WITHOUT_INPUT).format(instruction=self.instruction, input=self.input)


def read_instructions(path: Path) -> list[Example]:
    """Alpaca's file, an array of objects with instruction, input and output; or self-instruct's, an object in each line
    with an instruction and instances of input and output."""
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("["):
        return [Example(task["instruction"], task.get("input", ""), task["output"]) for task in json.loads(text)]
    tasks = (json.loads(line) for line in text.splitlines() if line.strip())
    return [Example(task["instruction"], instance["input"], instance["output"])
            for task in tasks for instance in task["instances"]]


class Windows(NamedTuple):
    """tokens: (n, context + 1), of which the first `context` are read and the last `context` predicted. counted:
    (n, context), whether a prediction counts in the loss."""

    tokens: Tokens
    counted: NDArray[np.bool_]


def windows(examples: Iterable[Example], context: int) -> Windows:
    """The examples' bytes in windows that overlap by half, so that what is predicted has half a window before it where the
    text has as much. The response and its end count, as in Alpaca; windows in which nothing counts are left out."""
    pieces = [piece for example in examples for piece in _windows(example, context)]
    if not pieces:
        raise ValueError("no response in the instructions")
    tokens, counted = zip(*pieces)
    return Windows(np.stack(tokens), np.stack(counted))


def _windows(example: Example, context: int) -> Iterator[tuple[Tokens, NDArray[np.bool_]]]:
    prompt = example.prompt().encode()
    text = prompt + example.output.encode() + END
    start = 0
    while start == 0 or start + context // 2 < len(text) - 1:
        piece = text[start:start + context + 1]
        predicted = np.arange(start + 1, start + context + 1)
        counted = (predicted >= len(prompt)) & (predicted < len(text))
        if counted.any():
            yield np.frombuffer(piece.ljust(context + 1, END), np.uint8), counted
        start += context // 2
