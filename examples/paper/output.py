# SPDX-License-Identifier: BSD-3-Clause
"""The folder that a run writes to: CSV files, which a later run keeps and does not compute again, figures and tables."""

from __future__ import annotations

import contextlib
import csv
import json
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Callable, Iterable, Iterator, Mapping, Sequence, TypeVar, Union

import data

Job = TypeVar("Job")
Cell = Union[str, int, float]
#: A line of a CSV file: what it was written with, as text.
Row = Mapping[str, str]


@lru_cache(maxsize=1)
def _loaded(name: str, folder: Path) -> data.Problem:
    return data.load(name, folder)


@dataclass(frozen=True)
class Context:
    """What an experiment is told. folder: the output's. quick: a smoke test's settings, on the first rows of one set."""

    folder: Path
    data_folder: Path
    sets: tuple[str, ...]
    quick: bool = False
    processes: int = 1
    started: float = field(default_factory=time.monotonic)

    def problem(self, name: str) -> data.Problem:
        """A data set, the last one from memory."""
        problem = _loaded(name, self.data_folder)
        return problem.first_rows(min(problem.rows, 1000)) if self.quick else problem

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.started:7.1f} s  {text}", file=sys.stderr, flush=True)

    def progress(self, what: str, done: int, total: int) -> None:
        filled = 20 * done // total
        self.say(f"{what}: {done} of {total} [{'#' * filled}{'.' * (20 - filled)}]")

    def map(self, what: str, function: Callable[[Job], list[dict[str, Cell]]],
            jobs: Sequence[Job]) -> Iterator[dict[str, Cell]]:
        """The rows of all jobs, in the order of the jobs, whatever process did them. What the function uses must be in
        memory before: the processes are forks of this one."""
        with multiprocessing.get_context("fork").Pool(self.processes) as pool:
            said = time.monotonic()
            for done, rows in enumerate(pool.imap(function, jobs), 1):
                yield from rows
                if time.monotonic() - said > 10:
                    said = time.monotonic()
                    self.progress(what, done, len(jobs))

    def table(self, name: str, compute: Callable[..., Iterable[Mapping[str, Cell]]], *arguments: object) -> list[Row]:
        """The rows of NAME.csv, which is written where it is missing, from compute(*arguments): whole, or not at all."""
        path = self.folder / f"{name}.csv"
        if path.exists():
            self.say(f"{name}: kept")
        else:
            self.say(f"{name}: begins")
            rows = list(compute(*arguments))
            with open(path.with_suffix(".part"), "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            os.replace(path.with_suffix(".part"), path)
            self.say(f"{name}: done")
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def check_settings(self, name: str, settings: Mapping[str, object]) -> None:
        """Refuses a folder that was written with other settings; NAME.json has them."""
        path = self.folder / f"{name}.json"
        text = json.dumps(settings, indent=1)
        if not path.exists():
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{path} has other settings: {path.read_text(encoding='utf-8')}\nChoose another folder.")


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def digits(number: float, count: int = 3) -> str:
    """With so many significant digits, without trailing exponents where they are not needed."""
    text = f"{number:.{count}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}·10^{int(exponent)}" if abs(int(exponent)) > 4 else f"{number:.0f}" if number >= 1 else text


def blas_threads(threads: int) -> contextlib.AbstractContextManager[object]:
    """So many, where threadpoolctl is there."""
    try:
        import threadpoolctl
    except ImportError:
        return contextlib.nullcontext()
    limits: contextlib.AbstractContextManager[object] = threadpoolctl.threadpool_limits(threads)
    return limits
