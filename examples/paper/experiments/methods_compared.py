# SPDX-License-Identifier: BSD-3-Clause
"""SGD, AdaGrad-Norm and AdaGrad on logistic regression without a penalty: batch sizes, step sizes, seeds."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import partial
from typing import NamedTuple

import numpy as np

import figures
from data import Problem
from methods import METHODS, Trainer, rows_used
from optimum import least_loss
from output import Cell, Context, Row, digits, markdown_table


class Settings(NamedTuple):
    batch_sizes: tuple[int, ...]  # 0: all rows
    step_sizes: tuple[float, ...]
    seeds: int
    passes: int
    least_steps: int


FULL = Settings((16, 128, 1024, 0), tuple(float(f"{10 ** (k / 2):.3g}") for k in range(-4, 11)), 3, 10, 100)
QUICK = Settings((64, 0), (0.1, 1.0), 2, 2, 10)


class Job(NamedTuple):
    method: str
    batch: int
    step_size: float
    seed: int


def steps_of(problem: Problem, batch: int, settings: Settings) -> int:
    return max(math.ceil(settings.passes * problem.rows / rows_used(problem.rows, batch)), settings.least_steps)


def report_steps(steps: int, count: int = 12) -> set[int]:
    return {int(step) for step in np.rint(np.geomspace(1, steps, count))}


def train(problem: Problem, settings: Settings, job: Job) -> list[dict[str, Cell]]:
    trainer = Trainer(problem, METHODS[job.method](problem.cols, job.step_size), job.batch, job.seed)
    steps = steps_of(problem, job.batch, settings)
    reported = report_steps(steps)
    rows: list[dict[str, Cell]] = []
    for step in range(1, steps + 1):
        trainer.step()
        if step in reported:
            rows.append({**job._asdict(), "step": step, "loss": problem.loss(trainer.w),
                         "loss_of_mean": problem.loss(trainer.mean)})
    return rows


def jobs_of(problem: Problem, settings: Settings) -> list[Job]:
    # The seed does nothing where each step takes all rows.
    return [Job(method, batch, step_size, seed)
            for method in METHODS for batch in settings.batch_sizes for step_size in settings.step_sizes
            for seed in range(settings.seeds if 0 < batch < problem.rows else 1)]


class Best(NamedTuple):
    """The step size whose mean over the seeds is least, and what it gave. edge: it is an end of the grid."""

    step_size: float
    mean: float
    deviation: float
    edge: bool


class Results:
    """The runs of one data set."""

    def __init__(self, rows: list[Row], settings: Settings) -> None:
        self.curves: dict[tuple[str, int, float], dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            key = row["method"], int(row["batch"]), float(row["step_size"])
            self.curves[key][int(row["step"])].append(row)
        self._settings = settings

    def at(self, method: str, batch: int, step_size: float, column: str) -> list[tuple[int, float, float]]:
        """(step, mean, standard deviation) over the seeds."""
        points = []
        for step, rows in sorted(self.curves[method, batch, step_size].items()):
            values = np.nan_to_num(np.array([float(row[column]) for row in rows]), nan=np.inf)
            finite = np.isfinite(values).all()
            spread = float(values.std(ddof=1)) if values.size > 1 and finite else 0.0
            points.append((step, float(values.mean()), spread))
        return points

    def best(self, method: str, batch: int, column: str) -> Best:
        ends = [(self.at(method, batch, step_size, column)[-1][1:], step_size)
                for step_size in self._settings.step_sizes]
        (mean, deviation), step_size = min(ends)
        return Best(step_size, mean, deviation, step_size in (min(self._settings.step_sizes),
                                                              max(self._settings.step_sizes)))


def _cell(best: Best) -> str:
    if best.mean < 0.01:
        mean, spread = digits(best.mean, 2), digits(best.deviation, 1)
    else:
        mean, spread = f"{best.mean:.5f}", f"{best.deviation:.5f}"
    return f"{mean}{f' ± {spread}' if best.deviation else ''} ({best.step_size:g}{'*' if best.edge else ''})"


def _table(problem: Problem, results: Results, settings: Settings) -> str:
    rows = []
    for batch in settings.batch_sizes:
        for column, name in (("loss_of_mean", "average"), ("loss", "last")):
            best = {method: results.best(method, batch, column) for method in METHODS}
            least = min(found.mean for found in best.values())
            cells = [f"**{_cell(found)}**" if found.mean == least else _cell(found) for found in best.values()]
            rows.append([str(batch or "all"), str(steps_of(problem, batch, settings)), name, *cells])
    return markdown_table(["M", "T", "iterate", *METHODS], rows)


def _wins(all_results: dict[str, Results], settings: Settings) -> str:
    """How often each method's average and last iterate is the best, counted."""
    sentences = []
    for column, name in (("loss_of_mean", "average"), ("loss", "last")):
        wins = {method: 0 for method in METHODS}
        for results in all_results.values():
            for batch in settings.batch_sizes:
                wins[min(METHODS, key=lambda method: results.best(method, batch, column).mean)] += 1
        total = sum(wins.values())
        sentences.append(f"By the {name} iterate, of {total} pairs of data set and batch size "
                         + ", ".join(f"{method} is least in {count}" for method, count in wins.items()) + ".")
    return "\n".join(sentences)


def _sensitivity(all_results: dict[str, Results], settings: Settings) -> str:
    """The step sizes that do for all batch sizes of a data set."""
    rows = []
    for name, results in all_results.items():
        cells = []
        for method in METHODS:
            near = [step_size for step_size in settings.step_sizes if all(
                results.at(method, batch, step_size, "loss_of_mean")[-1][1]
                <= results.best(method, batch, "loss_of_mean").mean + 0.01 for batch in settings.batch_sizes)]
            cells.append(", ".join(f"{step_size:g}" for step_size in near) or "none")
        rows.append([name, *cells])
    return markdown_table(["set", *METHODS], rows)


def blocks(context: Context) -> dict[str, str]:
    settings = QUICK if context.quick else FULL
    found, texts = {}, []
    for name in context.sets:
        problem = context.problem(name)
        rows = context.table(f"methods-{name}", context.map, f"methods {name}", partial(train, problem, settings),
                             jobs_of(problem, settings))
        found[name] = Results(rows, settings)
        optimum = least_loss(context, name)
        least = f"at most {optimum:.2g}" if optimum < 1e-3 else f"{optimum:.5f}"
        texts.append(f"**{name}**: {problem.rows:,} rows, {problem.cols:,} columns, {problem.X.columns.size:,} entries; "
                     f"inf f is {least}\n\n{_table(problem, found[name], settings)}")
        figures.curves(context.folder / f"methods-{name}.svg", [
            (f"{'all rows' if batch == 0 else f'M = {batch}'}", [
                (method, _curve(found[name], method, batch, optimum)) for method in METHODS])
            for batch in settings.batch_sizes], "steps", "f(average) − inf f", name)
    return {"methods": "\n\n".join(texts), "wins": _wins(found, settings),
            "sensitivity": _sensitivity(found, settings)}


def _curve(results: Results, method: str, batch: int, infimum: float) -> list[tuple[int, float, float]]:
    points = results.at(method, batch, results.best(method, batch, "loss_of_mean").step_size, "loss_of_mean")
    return [(step, mean - infimum, deviation) for step, mean, deviation in points]
