# SPDX-License-Identifier: BSD-3-Clause
"""The time to come within 1 %, 0.1 % and 0.01 % of the least objective: this library's kernels, liblinear and
scikit-learn, in one process, in turns. Its figures mean something on a machine that does nothing else."""

from __future__ import annotations

import importlib.util
import warnings
from typing import Iterator, NamedTuple

import numpy as np

import anisograd
import figures
from data import Problem
from optimum import penalized_optimum
from output import Cell, Context, Row, blas_threads, markdown_table
from solvers import (Input, Liblinear, LogisticRegression, Newton, Record, SGDClassifier, Solver, Stochastic, lbfgs,
                     prepare)

C = 1.0
SETS = ("a9a", "like-real-sim", "like-rcv1")
TOLERANCES = (1e-2, 1e-3, 1e-4)


class Entry(NamedTuple):
    """A solver of the comparison. Entries of one name are settings of it, of which the best counts."""

    name: str
    setting: str
    solver: Solver
    threads: tuple[int, ...] = (1,)


def entries(quick: bool) -> list[Entry]:
    """The solvers whose packages are here."""
    passes = 3 if quick else 20
    both = (1,) if quick else (1, 2)
    start = Stochastic(True, 1024, 0.5, 2)
    found = [
        *(Entry("anisograd: SGD", f"M = 256, η = {step_size:g}", Stochastic(False, 256, step_size, passes))
          for step_size in (0.3, 10.0, 30.0)),
        Entry("anisograd: AdaGrad", "M = 256, η = 0.3", Stochastic(True, 256, 0.3, passes)),
        Entry("anisograd: AdaGrad, then Newton-CG", "M = 1024, η = 0.5, 2 passes", Newton(12, start), both),
        Entry("anisograd: AdaGrad, then Newton-CG, f64", "the same",
              Newton(12, start._replace(dtype=np.float64), np.float64), both),
        Entry("anisograd: Newton-CG", "", Newton(12), both),
        Entry("anisograd: loss and gradient for SciPy's L-BFGS", "", lbfgs, both)]
    try:
        found += [Entry("liblinear -s 0", "", Liblinear(0)), Entry("liblinear -s 7", "", Liblinear(7))]
    except OSError as missing:
        print(f"without liblinear: {missing}")
    if importlib.util.find_spec("sklearn") is None:
        print("without scikit-learn")
        return found
    iterations = 10 if quick else 100
    return found + [
        Entry("scikit-learn: lbfgs", "", LogisticRegression("lbfgs", iterations), both),
        Entry("scikit-learn: lbfgs, f32", "", LogisticRegression("lbfgs", iterations, np.float32)),
        Entry("scikit-learn: saga", "", LogisticRegression("saga", iterations // 2)),
        Entry("scikit-learn: saga, f32", "", LogisticRegression("saga", iterations // 2, np.float32)),
        Entry("scikit-learn: SGDClassifier", "last iterate", SGDClassifier(False, passes)),
        Entry("scikit-learn: SGDClassifier", "average", SGDClassifier(True, passes))]


def measure(problem: Problem, quick: bool) -> Iterator[dict[str, Cell]]:
    given = prepare(problem, C)
    least = penalized_optimum(given.problem)[1]
    runs = []
    for repetition in range(1 if quick else 5):
        for entry in entries(quick):
            for threads in entry.threads:
                record = Record(given.problem, least * (1 + min(TOLERANCES) / 2))
                _run(entry, threads, given, record)
                runs.append((repetition, entry, threads, record))
    # Another solver may have come lower than the one that sought the optimum.
    losses = [[given.problem.loss(point.w) for point in record.points] for *_, record in runs]
    least = min(least, min(min(values) for values in losses))
    for (repetition, entry, threads, record), values in zip(runs, losses):
        for point, loss in zip(record.points, values):
            yield {"solver": entry.name, "setting": entry.setting, "threads": threads, "repetition": repetition,
                   "seconds": point.seconds, "excess": loss / least - 1}


def _run(entry: Entry, threads: int, given: Input, record: Record) -> None:
    anisograd.set_num_threads(threads)
    try:
        with blas_threads(threads), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that iterations ended, as they were told to
            record.begin_anew()
            entry.solver(given, record)
    finally:
        anisograd.set_num_threads(0)


class Times:
    """The medians over the repetitions of one data set's times to come within each tolerance; infinite where one did
    not."""

    def __init__(self, rows: list[Row]) -> None:
        self.medians: dict[tuple[str, int], list[float]] = {}
        self.curves: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for key in dict.fromkeys((row["solver"], int(row["threads"])) for row in rows):
            mine = [row for row in rows if (row["solver"], int(row["threads"])) == key]
            settings = dict.fromkeys(row["setting"] for row in mine)
            medians = {setting: [_median_time([row for row in mine if row["setting"] == setting], tolerance)
                                 for tolerance in TOLERANCES] for setting in settings}
            self.medians[key] = [min(times) for times in zip(*medians.values())]
            best = min(settings, key=lambda setting: list(reversed(medians[setting])))
            self.curves[key] = [(float(row["seconds"]), float(row["excess"])) for row in mine
                                if row["setting"] == best and row["repetition"] == "0"]


def _median_time(rows: list[Row], tolerance: float) -> float:
    times = []
    for repetition in dict.fromkeys(row["repetition"] for row in rows):
        times.append(min((float(row["seconds"]) for row in rows
                          if row["repetition"] == repetition and float(row["excess"]) <= tolerance), default=np.inf))
    return float(np.median(times))


def _descending(curve: list[tuple[float, float]]) -> list[tuple[float, float, float]]:
    """The best excess so far, to draw."""
    seconds, excess = zip(*sorted(curve))
    return [(x, max(y, 1e-7), 0.0) for x, y in zip(seconds, np.minimum.accumulate(excess))]


def blocks(context: Context) -> dict[str, str]:
    sets = [name for name in SETS if name in context.sets] or list(context.sets)
    times = {}
    for name in sets:
        problem = context.problem(name)
        times[name] = Times(context.table(f"compare-{name}", measure, problem, context.quick))
    keys = list(dict.fromkeys(key for found in times.values() for key in found.medians))
    nothing = [np.inf] * len(TOLERANCES)
    columns = [[found.medians.get(key, nothing)[place] for key in keys]
               for found in times.values() for place in range(len(TOLERANCES))]
    lines = []
    for number, (solver, threads) in enumerate(keys):
        cells = [_cell(column[number], min(column)) for column in columns]
        lines.append([solver, str(threads), *cells])
    header = ["solver", "threads", *(f"{name} {100 * tolerance:g} %" for name in sets for tolerance in TOLERANCES)]
    figures.curves(context.folder / "compare.svg", [
        (name, [(solver, _descending(found.curves[solver, 1])) for solver, threads in keys
                if threads == 1 and (solver, 1) in found.curves and "f32" not in solver and "f64" not in solver])
        for name, found in times.items()], "seconds", "objective / least − 1", "One thread", columns=3)
    return {"compare": markdown_table(header, lines),
            "goal": f"{_goal(times)}\n\n![time to a given accuracy](paper/compare.svg)"}


def _cell(seconds: float, least: float) -> str:
    if not np.isfinite(seconds):
        return "–"
    text = f"{1000 * seconds:.1f}"
    return f"**{text}**" if seconds == least else text


def _goal(times: dict[str, Times]) -> str:
    """Of one thread: the fastest of ours beside the fastest of the others."""
    lines = []
    for name, found in times.items():
        for place, tolerance in enumerate(TOLERANCES):
            ours, theirs = ([(seconds[place], solver) for (solver, threads), seconds in found.medians.items()
                             if threads == 1 and solver.startswith("anisograd") == wanted] for wanted in (True, False))
            if theirs:
                (mine, which), (other, rival) = min(ours), min(theirs)
                lines.append([name, f"{100 * tolerance:g} %", f"{which.split(': ')[1]}, {1000 * mine:.1f}",
                              f"{rival}, {1000 * other:.1f}", f"{other / mine:.2f}" if np.isfinite(mine) else "–"])
    return markdown_table(["set", "within", "the fastest of ours, ms", "the fastest other, ms", "ratio"], lines)
