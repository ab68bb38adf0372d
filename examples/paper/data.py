# SPDX-License-Identifier: BSD-3-Clause
"""Data sets: LIBSVM files, and sparse data made from a seed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import anisograd

Vector = NDArray[np.float64]
Indices = NDArray[np.int64]

#: What a file's own largest index may fall short of.
COLUMNS = {"a4a": 123, "a6a": 123, "a9a": 123, "real-sim": 20958, "rcv1_train.binary": 47236}


class MissingData(Exception):
    """A data set that is neither made here nor in the folder."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Logistic regression without intercept: f(w) = 1/n sum_i log(1 + exp(-y_i <x_i, w>)) + l2 / 2 ||w||^2, with y_i of
    -1 and +1."""

    name: str
    X: anisograd.Csr
    y: Vector
    l2: float = 0.0

    @property
    def rows(self) -> int:
        return self.X.shape[0]

    @property
    def cols(self) -> int:
        return self.X.shape[1]

    def zeros(self) -> Vector:
        return np.zeros(self.cols)

    def loss(self, w: Vector) -> float:
        return anisograd.logistic(self.X, self.y, w, gradient=False, l2=self.l2)[0]

    def loss_and_gradient(self, w: Vector) -> tuple[float, Vector]:
        return anisograd.logistic(self.X, self.y, w, l2=self.l2)

    def first_rows(self, rows: int) -> Problem:
        """The problem of the first rows alone."""
        X = self.X
        end = X.row_offsets[rows]
        values = None if X.values is None else X.values[:end]
        return Problem(self.name, anisograd.Csr(X.row_offsets[:rows + 1], X.columns[:end], values, (rows, self.cols)),
                       self.y[:rows], self.l2)


def read_libsvm(path: Path, cols: int | None = None) -> Problem:
    """Lines of "label column:value ...", columns from 1; empty lines do not count. Labels are +1, and -1 or 0. Values that
    are all 1 are not stored."""
    labels: list[float] = []
    offsets, columns, values = [0], [], []
    with open(path, encoding="ascii") as file:
        for line in file:
            label, *entries = line.split() or [""]
            if not label:
                continue
            if float(label) not in (-1, 0, 1):
                raise ValueError(f"{path}: the label {label}, not +1, -1 or 0")
            labels.append(1.0 if float(label) == 1 else -1.0)
            for entry in entries:
                column, value = entry.split(":")
                columns.append(int(column) - 1)
                values.append(float(value))
            offsets.append(len(columns))
    if cols is None:
        cols = max(columns, default=-1) + 1
    ones = all(value == 1 for value in values)
    X = anisograd.Csr(np.array(offsets), np.array(columns, np.int32), None if ones else np.array(values),
                      (len(labels), cols))
    return Problem(path.name, X, np.array(labels))


@dataclass(frozen=True)
class Shape:
    """What `generate` makes. entries_per_row: the mean, of a log-normal distribution. exponent: column k, from 1, is
    drawn with a probability in proportion to (k + 10)^-exponent. separation: the standard deviation of the true margins."""

    rows: int
    cols: int
    entries_per_row: float
    exponent: float
    separation: float
    seed: int


#: The rows, columns and entries per row of LIBSVM's real-sim and rcv1_train.binary.
SHAPES = {
    "like-real-sim": Shape(72309, 20958, 51.3, 1.1, 12.0, 1),
    "like-rcv1": Shape(20242, 47236, 74.0, 1.1, 12.0, 2),
}


def generate(name: str, shape: Shape) -> Problem:
    """Sparse rows as of a bag of words, made from the seed alone.

    A row has a log-normal number of draws of columns by the power law; what is drawn k times has the value
    (1 + log k) * log(rows / rows with this column), and then rows are scaled to norm 1. Labels follow a logistic model:
    the true parameters are normal in a tenth of the columns and 0 in the others, scaled so that the margins have the
    standard deviation `separation`, and P(y = 1) = 1 / (1 + exp(-margin)). The numbering of the columns is shuffled.
    """
    random = np.random.Generator(np.random.PCG64(shape.seed))
    # Repeated draws of a column make one entry: some 1.11 draws each.
    lengths = np.exp(0.6 * random.standard_normal(shape.rows) - 0.18) * 1.11 * shape.entries_per_row
    lengths = np.clip(np.rint(lengths), 1, shape.cols // 4).astype(np.int64)
    cumulated = np.cumsum((np.arange(shape.cols) + 11.0) ** -shape.exponent)
    draws = np.searchsorted(cumulated / cumulated[-1], random.random(int(lengths.sum())), side="right")
    numbering = np.argsort(random.random(shape.cols), kind="stable")
    cells = np.repeat(np.arange(shape.rows), lengths) * shape.cols + numbering[np.minimum(draws, shape.cols - 1)]
    cells, counts = np.unique(cells, return_counts=True)
    row, column = np.divmod(cells, shape.cols)
    in_rows = np.bincount(column, minlength=shape.cols)
    values = (1 + np.log(counts)) * np.log(shape.rows / in_rows[column])
    values = np.maximum(values, 1e-3)  # a column of every row
    values /= np.sqrt(np.bincount(row, values ** 2, shape.rows))[row]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=shape.rows))])
    X = anisograd.Csr(offsets, column.astype(np.int32), values, (shape.rows, shape.cols))
    true = np.where(random.random(shape.cols) < 0.1, random.standard_normal(shape.cols), 0.0)
    margins = anisograd.logistic_margins(X, true)
    margins *= shape.separation / margins.std()
    y = np.where(random.random(shape.rows) < anisograd.sigmoid(margins), 1.0, -1.0)
    return Problem(name, X, y)


def default_folder() -> Path:
    """The folder that ANISOGRAD_DATA names, else shared/data beside the project."""
    return Path(os.environ.get("ANISOGRAD_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def load(name: str, folder: Path) -> Problem:
    """A data set by its name: one of SHAPES, or a LIBSVM file of the folder."""
    if name in SHAPES:
        return generate(name, SHAPES[name])
    path = folder / name
    if not path.is_file():
        raise MissingData(f"no file {path}; examples/paper/download.py fetches it, ANISOGRAD_DATA names its folder")
    return read_libsvm(path, COLUMNS.get(name))
