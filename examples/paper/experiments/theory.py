# SPDX-License-Identifier: BSD-3-Clause
"""The convex case of the theory (Theorem 4.1) against measurement: constants of each data set by the library's kernels,
the bounds of SGD and AdaGrad that follow from them, and what option I and projected SGD reach.

W is the box of half-width R, w* the least point in it, delta = f(w*) - inf f. With the constants written out, which
docs/paper.md derives:

    AdaGrad  f(average) - f(w*) <= 9/2 ||L||_1 D_inf^2 / T + 3 D_inf ||sigma||_1 / sqrt(M T) + delta,  step size D_inf
    SGD      f(average) - f(w*) <= 2 Lmax D_2^2 / T + 2 D_2 ||sigma||_2 / sqrt(M T) + delta,
                 step size min(1 / (2 Lmax), D_2 sqrt(M) / (||sigma||_2 sqrt(T)))

D_inf = R + ||w*||_inf bounds ||w_t - w*||_inf in W; D_2 = ||w_0 - w*||_2. Lmax: the largest eigenvalue of X'X / 4n, the
least constant for which f is smooth in the Euclidean norm.
"""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy.sparse.linalg

import anisograd
import figures
from data import Problem, Vector
from methods import EuclideanProjection, Method, ProjectedAdagrad, Sgd, Trainer, rows_used
from optimum import constrained_optimum, least_loss
from output import Cell, Context, Row, digits, markdown_table

from experiments.methods_compared import Results, Settings

HALF_WIDTHS = {"a": 3.0, "like": 10.0}
FULL = Settings((16, 256, 0), tuple(10.0 ** k for k in range(-2, 5)), 3, 0, 1000)
QUICK = Settings((64, 0), (0.1, 1.0), 2, 0, 40)
METHODS = ("SGD", "AdaGrad")


def half_width(name: str) -> float:
    return HALF_WIDTHS["like" if name.startswith("like") else "a"]


class Constants(NamedTuple):
    columns: int
    half_width: float
    l_1: float  # ||L||_1, anisotropic
    l_max: float
    sigma_1: float
    sigma_2: float
    d_inf: float
    d_2: float
    least: float  # f(w*)
    gap: float  # what f(w*) may be above the least value in W
    delta: float  # f(w*) - inf f

    @staticmethod
    def of(row: Row) -> Constants:
        numbers = {name: float(text) for name, text in row.items()}
        return Constants(int(numbers.pop("columns")), **numbers)

    def adagrad_terms(self, steps: int, batch: int) -> tuple[float, float]:
        return (4.5 * self.l_1 * self.d_inf ** 2 / steps,
                3 * self.d_inf * self.noise(batch) * self.sigma_1 / math.sqrt(batch * steps))

    def sgd_terms(self, steps: int, batch: int) -> tuple[float, float]:
        return (2 * self.l_max * self.d_2 ** 2 / steps,
                2 * self.d_2 * self.noise(batch) * self.sigma_2 / math.sqrt(batch * steps))

    def start_ratios(self) -> tuple[float, float]:
        """SGD's terms over AdaGrad's, without their factors, with the distance of w_0 to w* for both."""
        distance = self.d_inf - self.half_width
        return (self.l_max * self.d_2 ** 2 / (self.l_1 * distance ** 2),
                self.sigma_2 * self.d_2 / (self.sigma_1 * distance))

    def sgd_step_size(self, steps: int, batch: int) -> float:
        noise = self.noise(batch) * self.sigma_2 * math.sqrt(steps)
        largest = 1 / (2 * self.l_max)
        return min(largest, self.d_2 * math.sqrt(batch) / noise) if noise else largest

    @staticmethod
    def noise(batch: int) -> float:
        """1, or 0 for a batch of all rows, which is written as an infinite one."""
        return 0.0 if math.isinf(batch) else 1.0


def largest_eigenvalue(problem: Problem) -> float:
    """Of X'X / 4n, the Hessian at 0."""
    zero = problem.zeros()

    def product(direction: Vector) -> Vector:
        return anisograd.logistic_hessian_vector(problem.X, problem.y, zero, np.ascontiguousarray(direction).ravel())
    operator = scipy.sparse.linalg.LinearOperator((problem.cols, problem.cols), matvec=product, dtype=np.float64)
    start = np.ones(problem.cols)  # else ARPACK draws one
    return float(scipy.sparse.linalg.eigsh(operator, 1, v0=start, return_eigenvectors=False)[0])


def constants(problem: Problem, infimum: float, iterations: int) -> list[dict[str, Cell]]:
    radius = half_width(problem.name)
    optimum = constrained_optimum(problem, anisograd.LinfBall(radius=radius), 1e-9, iterations)
    # The assumption is of all w; the noise is measured at both ends of the way, and the larger taken.
    sigma = np.maximum(anisograd.logistic_noise(problem.X, problem.y, problem.zeros()),
                       anisograd.logistic_noise(problem.X, problem.y, optimum.w))
    return [Constants(
        problem.cols, radius, float(anisograd.logistic_smoothness(problem.X, problem.y, "anisotropic").sum()),
        largest_eigenvalue(problem),
        float(sigma.sum()), float(np.linalg.norm(sigma)), radius + float(np.abs(optimum.w).max()),
        float(np.linalg.norm(optimum.w)), optimum.loss, optimum.gap,
        max(optimum.loss - infimum, 0.0))._asdict()]


class Job(NamedTuple):
    method: str
    batch: int
    step_size: float
    seed: int


def _step_size(job: Job, known: Constants, problem: Problem, steps: int) -> float:
    """The theory's, where the job has 0."""
    if job.step_size:
        return job.step_size
    return known.d_inf if job.method == "AdaGrad" else known.sgd_step_size(steps, noise_batch(problem, job.batch))


def noise_batch(problem: Problem, batch: int) -> int:
    """The batch size as the bounds take it: without noise where it is all rows."""
    return math.inf if rows_used(problem.rows, batch) == problem.rows else batch  # type: ignore[return-value]


def train(problem: Problem, settings: Settings, known: Constants, job: Job) -> list[dict[str, Cell]]:
    box = anisograd.LinfBall(radius=known.half_width)
    step_size = _step_size(job, known, problem, settings.least_steps)
    method: Method = EuclideanProjection(Sgd(problem.cols, step_size), box)
    if job.method == "AdaGrad":
        method = ProjectedAdagrad(problem.cols, step_size, box)
    trainer = Trainer(problem, method, job.batch, job.seed)
    for _ in range(settings.least_steps):
        trainer.step()
    return [{**job._asdict(), "used": step_size, "step": trainer.steps, "loss": problem.loss(trainer.w),
             "loss_of_mean": problem.loss(trainer.mean)}]


def jobs_of(problem: Problem, settings: Settings) -> list[Job]:
    return [Job(method, batch, step_size, seed) for method in METHODS for batch in settings.batch_sizes
            for step_size in (0.0, *settings.step_sizes)
            for seed in range(settings.seeds if 0 < batch < problem.rows else 1)]


def blocks(context: Context) -> dict[str, str]:
    settings = QUICK if context.quick else FULL
    steps = settings.least_steps
    constants_lines, lines, points = [], [], []
    held = True
    for name in context.sets:
        problem = context.problem(name)
        infimum = least_loss(context, name)
        known = Constants.of(context.table(f"theory-constants-{name}", constants, problem, infimum,
                                           200 if context.quick else 3000)[0])
        rows = context.table(f"theory-{name}", context.map, f"theory {name}",
                             partial(train, problem, settings, known), jobs_of(problem, settings))
        results = Results(rows, settings)
        constants_lines.append([name, str(known.columns), f"{known.half_width:g}", *(digits(number) for number in (
            known.l_1, known.l_max, known.columns * known.l_max / known.l_1, known.sigma_1, known.sigma_2,
            math.sqrt(known.columns) * known.sigma_2 / known.sigma_1, known.d_inf, known.d_2, *known.start_ratios(),
            known.delta))])
        for batch in settings.batch_sizes:
            size = noise_batch(problem, batch)
            bounds = {"SGD": sum(known.sgd_terms(steps, size)) + known.delta,
                      "AdaGrad": sum(known.adagrad_terms(steps, size)) + known.delta}
            theirs = {method: results.at(method, batch, 0.0, "loss_of_mean")[-1][1] - known.least for method in METHODS}
            best = {method: results.best(method, batch, "loss_of_mean").mean - known.least for method in METHODS}
            held = held and all(theirs[method] <= bounds[method] for method in METHODS)
            lines.append([name, str(batch or "all"), *(digits(bounds[method], 2) for method in METHODS),
                          digits(bounds["SGD"] / bounds["AdaGrad"], 2), *(digits(theirs[method], 2) for method in METHODS),
                          _ratio(theirs), *(digits(best[method], 2) for method in METHODS), _ratio(best)])
            points.append((f"{name}, {batch or 'all'}", bounds["SGD"] / bounds["AdaGrad"],
                           theirs["SGD"] / theirs["AdaGrad"], best["SGD"] / best["AdaGrad"]))
    figures.ratios(context.folder / "theory.svg", points, "SGD's bound / AdaGrad's",
                   "SGD's excess / AdaGrad's", ("theory's step sizes", "best of the grid"))
    return {
        "constants": markdown_table(["set", "d", "R", "‖L‖₁", "Lmax", "d Lmax / ‖L‖₁", "‖σ‖₁", "‖σ‖₂", "√d ‖σ‖₂ / ‖σ‖₁",
                                     "D∞", "D₂", "Lmax D₂² / ‖L‖₁ ‖w*‖∞²", "‖σ‖₂ D₂ / ‖σ‖₁ ‖w*‖∞", "δ"], constants_lines),
        "theory": markdown_table(["set", "M", "bound SGD", "AdaGrad", "ratio", "SGD, theory's η", "AdaGrad", "ratio",
                                  "SGD, best η", "AdaGrad", "ratio"], lines),
        "held": ("Every measured mean is below its bound." if held else
                 "Not every measured mean is below its bound: the table has the exceptions.")
        + " " + _agreement(points)}


def _ratio(excess: dict[str, float]) -> str:
    return digits(excess["SGD"] / excess["AdaGrad"], 2) if min(excess.values()) > 0 else "n/a"


def _agreement(points: list[tuple[str, float, float, float]]) -> str:
    """Whether the predicted and the seen ratios are on the same side of 1, counted, and their rank correlation."""
    counts = [sum((predicted > 1) == (seen[place] > 1) for _, predicted, *seen in points) for place in (0, 1)]
    ranks = [np.argsort(np.argsort(column)) for column in list(zip(*points))[1:]]
    correlations = [float(np.corrcoef(ranks[0], other)[0, 1]) for other in ranks[1:]]
    return (f"Which method is better is as the bounds say in {counts[0]} of {len(points)} cases with the theory's step "
            f"sizes, and in {counts[1]} with the best of the grid; the rank correlations of the ratios are "
            f"{correlations[0]:.2f} and {correlations[1]:.2f}.")
