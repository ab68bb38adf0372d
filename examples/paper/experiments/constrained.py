# SPDX-License-Identifier: BSD-3-Clause
"""Option I: over a box of half-width D with step size D, and over l1 and l2 balls, with the projection in the norm of
Lambda_t and with the Euclidean one."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import anisograd
import figures
from data import Problem
from methods import Adagrad, EuclideanProjection, Method, ProjectedAdagrad, Sgd, Trainer
from optimum import Ball, constrained_optimum, outside
from output import Cell, Context, digits, markdown_table

from experiments.methods_compared import Best, Results, Settings, report_steps

METHODS = ("AdaGrad, norm of Λ", "AdaGrad, Euclidean", "SGD")
#: Of each data set: the sets, chosen so that their constraints bind.
RADII = {"a": {"box": 1.0, "l1": 10.0, "l2": 2.0}, "like": {"box": 1.0, "l1": 1000.0, "l2": 30.0}}
BALLS: dict[str, type[Ball]] = {"box": anisograd.LinfBall, "l1": anisograd.L1Ball, "l2": anisograd.L2Ball}

FULL = Settings((256, 0), tuple(float(f"{10 ** (k / 2):.3g}") for k in range(-4, 9)), 3, 0, 1000)
QUICK = Settings((64, 0), (0.1, 1.0), 2, 0, 40)


class Job(NamedTuple):
    set: str
    method: str
    batch: int
    step_size: float
    seed: int


def ball_of(name: str, kind: str) -> Ball:
    return BALLS[kind](radius=RADII["like" if name.startswith("like") else "a"][kind])


def method_of(job: Job, cols: int, ball: Ball) -> Method:
    if job.method == METHODS[0]:
        return ProjectedAdagrad(cols, job.step_size, ball)
    method: Method = Sgd(cols, job.step_size)
    if job.method == METHODS[1]:
        method = Adagrad(cols, job.step_size)
    return EuclideanProjection(method, ball)


def train(problem: Problem, settings: Settings, job: Job) -> list[dict[str, Cell]]:
    ball = ball_of(problem.name, job.set)
    trainer = Trainer(problem, method_of(job, problem.cols, ball), job.batch, job.seed)
    reported = report_steps(settings.least_steps)
    rows: list[dict[str, Cell]] = []
    worst = -1.0
    for step in range(1, settings.least_steps + 1):
        trainer.step()
        worst = max(worst, outside(ball, trainer.w))
        if step in reported:
            rows.append({**job._asdict(), "step": step, "loss": problem.loss(trainer.w),
                         "loss_of_mean": problem.loss(trainer.mean), "outside": worst})
    return rows


def jobs_of(problem: Problem, settings: Settings) -> list[Job]:
    # Euclidean and Lambda-norm projections onto a box are the same.
    return [Job(kind, method, batch, step_size, seed) for kind in BALLS for method in METHODS
            if (kind, method) != ("box", METHODS[1]) for batch in settings.batch_sizes
            for step_size in settings.step_sizes for seed in range(settings.seeds if 0 < batch < problem.rows else 1)]


class Least(NamedTuple):
    """The least value in a set, as it was found, and what it may be too high by."""

    loss: float
    gap: float

    def excess(self, loss: float) -> str:
        return digits(loss - self.loss, 2) if loss - self.loss > self.gap else f"< {digits(self.gap, 1)}"

    def excess_of(self, best: Best) -> str:
        spread = f" ± {digits(best.deviation, 1)}" if best.deviation and best.mean - self.loss > self.gap else ""
        return f"{self.excess(best.mean)}{spread} ({best.step_size:g}{'*' if best.edge else ''})"


def names_of(context: Context) -> tuple[str, ...]:
    """One data set of each kind."""
    return tuple(name for name in ("a9a", "like-rcv1") if name in context.sets) or context.sets[:1]


def blocks(context: Context) -> dict[str, str]:
    settings = QUICK if context.quick else FULL
    texts, boxes, worst = [], [], -1.0
    for name in names_of(context):
        problem = context.problem(name)
        rows = context.table(f"constrained-{name}", context.map, f"constrained {name}",
                             partial(train, problem, settings), jobs_of(problem, settings))
        optima = context.table(f"constrained-optimum-{name}", _optima, problem, 200 if context.quick else 10000)
        least = {row["set"]: Least(float(row["loss"]), float(row["gap"])) for row in optima}
        worst = max(worst, max(float(row["outside"]) for row in rows))
        lines, shown = [], []
        for optimum in optima:
            kind = optimum["set"]
            results = Results([row for row in rows if row["set"] == kind], settings)
            for batch in settings.batch_sizes:
                methods = [method for method in METHODS if (method, batch, settings.step_sizes[0]) in results.curves]
                for column, iterate in (("loss_of_mean", "average"), ("loss", "last")):
                    cells = [least[kind].excess_of(results.best(method, batch, column)) if method in methods else "the same"
                             for method in METHODS]
                    lines.append([f"{kind}, {float(optimum['radius']):g}", str(batch or "all"), iterate, *cells])
                shown.append((f"{kind}, M = {batch or 'all'}", [
                    (method, [(step, max(mean - least[kind].loss, least[kind].gap), spread) for step, mean, spread in results.at(
                        method, batch, results.best(method, batch, "loss").step_size, "loss")]) for method in methods]))
            if kind == "box":
                boxes += _box_lines(name, results, settings, float(optimum["radius"]), least[kind])
        gaps = ", ".join(f"{row['set']} {digits(float(row['loss']), 6)} (gap {digits(float(row['gap']), 1)})"
                         for row in optima)
        texts.append(f"**{name}**. Least values, by the other method: {gaps}\n\n"
                     + markdown_table(["W, radius", "M", "iterate", *METHODS], lines))
        figures.curves(context.folder / f"constrained-{name}.svg", shown, "steps", "f(last) − least",
                       f"{name}: over a box, an l1 ball and an l2 ball", columns=2)
    return {"constrained": "\n\n".join(texts),
            "box": markdown_table(["set", "M", "D", "η = D: average", "best η: average", "η = D: last", "best η: last"],
                                  boxes),
            "outside": f"The largest norm of any iterate is 1 {'+' if worst > 0 else '−'} {digits(abs(worst), 1)} radii."}


def _box_lines(name: str, results: Results, settings: Settings, radius: float, least: Least) -> list[list[str]]:
    """The step size that the theorem takes beside the best one."""
    lines = []
    for batch in settings.batch_sizes:
        line = [name, str(batch or "all"), f"{radius:g}"]
        for column in ("loss_of_mean", "loss"):
            mean = results.at(METHODS[0], batch, radius, column)[-1][1]
            line += [least.excess(mean), least.excess_of(results.best(METHODS[0], batch, column))]
        lines.append(line)
    return lines


def _optima(problem: Problem, iterations: int) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for kind in BALLS:
        ball = ball_of(problem.name, kind)
        found = constrained_optimum(problem, ball, 1e-7, iterations)
        rows.append({"set": kind, "radius": ball.radius, "loss": found.loss, "gap": found.gap})
    return rows
