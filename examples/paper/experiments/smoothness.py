# SPDX-License-Identifier: BSD-3-Clause
"""The smoothness probe on logistic regression, along trajectories of SGD and AdaGrad."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import anisograd
import figures
from data import Indices, Problem, Vector
from methods import METHODS, Trainer
from output import Cell, Context, Row, digits, markdown_table
from probe import Samples, fit, probe

from experiments.constrained import names_of

X_LABEL, Y_LABEL = "|∂ⱼf(w)|", "|∂ⱼf(w) − ∂ⱼf(w′)| / |wⱼ − w′ⱼ|"

STEP_SIZES = {"a": {"SGD": 1.0, "AdaGrad": 0.316}, "like": {"SGD": 100.0, "AdaGrad": 1.0}}


class Settings(NamedTuple):
    steps: int
    batch: int
    points: int
    neighbours: int
    coordinates: int
    distance: float


FULL = Settings(2000, 256, 25, 3, 120, 1e-3)
QUICK = Settings(30, 64, 4, 2, 10, 1e-3)


def samples_of(problem: Problem, settings: Settings) -> list[dict[str, Cell]]:
    return [row for method in ("SGD", "AdaGrad") for row in _samples(problem, method, settings)]


def _samples(problem: Problem, method: str, settings: Settings) -> list[dict[str, Cell]]:
    step_size = STEP_SIZES["like" if problem.name.startswith("like") else "a"][method]
    trainer = Trainer(problem, METHODS[method](problem.cols, step_size), settings.batch, 0)
    kept = {int(step) for step in np.rint(np.geomspace(1, settings.steps, settings.points))}
    trajectory = [(0, trainer.w.copy())]
    for step in range(1, settings.steps + 1):
        trainer.step()
        if step in kept:
            trajectory.append((step, trainer.w.copy()))
    # Spread over the columns by how often they occur, those without a row left out.
    counts = np.bincount(problem.X.columns, minlength=problem.cols)
    by_count = np.argsort(counts, kind="stable")[np.count_nonzero(counts == 0):]
    places = np.unique(np.rint(np.linspace(0, by_count.size - 1, settings.coordinates)).astype(np.int64))
    found = probe(lambda w: problem.loss_and_gradient(w)[1], trajectory, distance=settings.distance,
                  neighbours=settings.neighbours, coordinates=np.sort(by_count[places]), seed=0)
    return [{"method": method, "iteration": int(iteration), "coordinate": int(coordinate), "gradient": float(gradient),
             "smoothness": float(smoothness)} for iteration, coordinate, gradient, smoothness in zip(
                 found.iteration, found.coordinate, found.gradient, found.smoothness)]


def blocks(context: Context) -> dict[str, str]:
    settings = QUICK if context.quick else FULL
    lines, shown = [], []
    for name in names_of(context):
        problem = context.problem(name)
        rows = context.table(f"probe-{name}", samples_of, problem, settings)
        constants = anisograd.logistic_smoothness(problem.X, problem.y, "coordinate")
        anisotropic = anisograd.logistic_smoothness(problem.X, problem.y, "anisotropic")
        for method in ("SGD", "AdaGrad"):
            samples = samples_of_rows([row for row in rows if row["method"] == method])
            coordinates, constant, slope = fit(samples)
            explained = share_explained(samples, coordinates, constant, slope)
            within = float((samples.smoothness <= anisotropic[samples.coordinate] * 2).mean())
            lines.append([name, method, quantiles(constant), quantiles(slope), digits(explained, 2),
                          quantiles(constant / constants[coordinates]), f"{100 * within:.1f} %"])
            shown.append(cloud(f"{name}, {method}", samples, constant, slope))
    figures.clouds(context.folder / "probe.svg", shown, X_LABEL, Y_LABEL, "iteration",
                   "Smoothness of coordinates along the way")
    return {"probe": markdown_table(
        ["set", "method", "L0: 10 %, median, 90 %", "L1", "share explained", "L0 / Lⱼ", "below 2 Lⱼ anisotropic"], lines)}


def samples_of_rows(rows: list[Row]) -> Samples:
    return Samples(np.array([int(row["iteration"]) for row in rows]), np.array([int(row["coordinate"]) for row in rows]),
                   np.array([float(row["gradient"]) for row in rows]),
                   np.array([float(row["smoothness"]) for row in rows]))


def cloud(name: str, samples: Samples, constant: Vector, slope: Vector) -> tuple[str, Vector, Vector, Indices, Any]:
    """What figures.clouds draws of samples and their fits."""
    visible = (samples.gradient > 0) & (samples.smoothness > 0)
    at = np.geomspace(samples.gradient[visible].min(), samples.gradient[visible].max(), 50)
    return (name, samples.gradient[visible], samples.smoothness[visible], samples.iteration[visible],
            (at, np.median(constant) + np.median(slope) * at))


def share_explained(samples: Samples, coordinates: Indices, constant: Vector, slope: Vector) -> float:
    """The share of the variance of log smoothness, over all coordinates, that the fits explain."""
    place = np.searchsorted(coordinates, samples.coordinate)
    fitted = constant[place] + slope[place] * samples.gradient
    usable = (samples.smoothness > 0) & (fitted > 0)
    logs = np.log(samples.smoothness[usable])
    return float(1 - ((logs - np.log(fitted[usable])) ** 2).mean() / logs.var())


def quantiles(values: Vector) -> str:
    return ", ".join(digits(float(value), 2) for value in np.quantile(values, (0.1, 0.5, 0.9)))
