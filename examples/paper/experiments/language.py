# SPDX-License-Identifier: BSD-3-Clause
"""A small language model, pretrained on a text and tuned on instructions by SGD and by AdaGrad, and the smoothness probe
along the way of the tuning. A run that was broken off goes on from its last checkpoint with the same numbers."""

from __future__ import annotations

import argparse
import math
import os
import time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import numpy as np
import torch

import anisograd.torch
import figures
from data import Indices, MissingData, Vector
from instructions import Windows, read_instructions, windows
from language_model import LanguageModel, Shape, mean_loss
from methods import batches, rows_used
from output import Cell, Context, Row, blas_threads, digits, markdown_table
from probe import Samples, fit, probe

from experiments.smoothness import X_LABEL, Y_LABEL, cloud, quantiles, samples_of_rows, share_explained

METHODS = ("SGD", "AdaGrad")
#: Windows over which the training loss at the end is taken, at most.
EVALUATED = 2048
CHECKPOINT_SECONDS = 20


class Settings(NamedTuple):
    """sequences: windows of a run of the tuning, whose steps are these by the batch size. points, neighbours, probed, and
    coordinates: of the probe, in which f is the loss over the first `probed` windows; coordinates of each kind."""

    layers: int
    heads: int
    width: int
    context: int
    pretraining_steps: int
    pretraining_batch: int
    pretraining_rate: float
    sequences: int
    batch_sizes: tuple[int, ...]
    step_sizes: tuple[float, ...]
    micro_batch: int
    points: int
    neighbours: int
    probed: int
    coordinates: int
    distance: float
    text: str = ""
    instructions: str = ""

    @property
    def shape(self) -> Shape:
        return Shape(self.layers, self.heads, self.width, self.context)


_STEP_SIZES = tuple(float(f"{10 ** (k / 2):.3g}") for k in range(-7, 0))
_LAPTOP = Settings(2, 4, 64, 128, 1000, 32, 3e-3, 6144, (256, 512), _STEP_SIZES, 8, 10, 2, 256, 60, 1e-4)
PRESETS = {
    "tiny": Settings(1, 2, 16, 32, 12, 8, 3e-3, 64, (16, 32), (0.01, 0.316), 8, 3, 2, 16, 5, 1e-4),
    "laptop": _LAPTOP,
    "desktop": _LAPTOP._replace(layers=6, heads=6, width=384, context=256, pretraining_steps=5000,
                                pretraining_batch=64, pretraining_rate=1e-3, sequences=30720),
    "server": _LAPTOP._replace(layers=12, heads=12, width=768, context=1024, pretraining_steps=20000,
                               pretraining_batch=128, pretraining_rate=6e-4, sequences=76800, micro_batch=4),
}
#: What an option of run.py may set instead of the preset.
OPTIONS = ("layers", "heads", "width", "context", "pretraining_steps", "sequences")


def settings_of(options: argparse.Namespace, data_folder: Path) -> Settings:
    if options.preset not in PRESETS:
        raise SystemExit(f"run.py: no preset {options.preset}; there are {', '.join(PRESETS)}")
    given = {name: getattr(options, name) for name in OPTIONS if getattr(options, name) is not None}
    text = options.text or data_folder / "tinyshakespeare.txt"
    instructions = options.instructions or data_folder / "seed_tasks.jsonl"
    for path in (text, instructions):
        if not path.is_file():
            raise MissingData(f"no file {path}; --text and --instructions name others")
    settings = PRESETS[options.preset]._replace(text=str(text.resolve()), instructions=str(instructions.resolve()), **given)
    if settings.sequences < max(settings.batch_sizes):
        raise SystemExit(f"run.py: --sequences must be at least {max(settings.batch_sizes)}, a batch")
    return settings


@lru_cache(maxsize=1)
def _instructions(path: str, context: int) -> Windows:
    return windows(read_instructions(Path(path)), context)


def instructions_of(settings: Settings) -> Windows:
    return _instructions(settings.instructions, settings.context)


def save(state: dict[str, Any], path: Path) -> None:
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


class Pretraining:
    """AdamW over random windows of the first nine tenths of the text; its step size rises for a twentieth of the steps and
    falls to a tenth by a cosine. Each step's windows depend on its number alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.model = LanguageModel(settings.shape, seed=0)
        self.optimizer = torch.optim.AdamW(self.model.parameters())
        self.rows: list[dict[str, Cell]] = []
        self.steps = settings.pretraining_steps
        self.step = 0
        text = np.frombuffer(Path(settings.text).read_bytes(), np.uint8)
        end = len(text) - max(len(text) // 10, 2 * settings.context)
        if end < settings.context + 2:
            raise ValueError(f"{settings.text} is too short")
        self._text = text[:end]
        starts = np.linspace(0, len(text) - end - settings.context - 1, 8 * settings.pretraining_batch).astype(np.int64)
        self._validation = self._windows(text[end:], starts)

    def _windows(self, text: np.ndarray[Any, np.dtype[np.uint8]], starts: Indices) -> Windows:
        tokens = text[starts[:, None] + np.arange(self._settings.context + 1)]
        return Windows(tokens, np.ones((len(starts), self._settings.context), bool))

    def load(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rows, self.step = state["rows"], state["step"]

    def state(self) -> dict[str, Any]:
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "rows": self.rows,
                "step": self.step}

    @property
    def finished(self) -> bool:
        return self.step >= self.steps

    def _rate(self) -> float:
        rise = min(1.0, (self.step + 1) / max(1, self.steps // 20))
        return self._settings.pretraining_rate * rise * (0.55 + 0.45 * math.cos(math.pi * self.step / self.steps))

    def advance(self) -> None:
        settings = self._settings
        random = np.random.Generator(np.random.PCG64([0, self.step]))
        drawn = random.integers(0, len(self._text) - settings.context, settings.pretraining_batch)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        self.optimizer.zero_grad()
        loss = mean_loss(self.model, self._windows(self._text, drawn), np.arange(settings.pretraining_batch),
                         settings.micro_batch, True)
        self.optimizer.step()
        self.step += 1
        if self.step % max(1, self.steps // 20) == 0 or self.finished:
            held_out = mean_loss(self.model, self._validation, np.arange(len(self._validation.tokens)),
                                 settings.micro_batch, False)
            self.rows.append({"step": self.step, "loss": loss, "validation_loss": held_out})


def pretrain(context: Context, threads: int, settings: Settings) -> list[dict[str, Cell]]:
    torch.set_num_threads(threads)
    with blas_threads(threads):
        return _pretrain(context, settings)


def _pretrain(context: Context, settings: Settings) -> list[dict[str, Cell]]:
    run = Pretraining(settings)
    path = context.folder / "language-model" / "pretraining.pt"
    if path.exists():
        run.load(torch.load(path))
    advance_to_end(context, run, path)
    save(run.state(), path)
    return run.rows


class Job(NamedTuple):
    method: str
    batch: int
    step_size: float


class Tuning:
    """One run from the pretrained parameters, with a step size that does not change, by the mean loss of a mini-batch."""

    def __init__(self, settings: Settings, job: Job, pretrained: dict[str, torch.Tensor]) -> None:
        self._settings = settings
        self._job = job
        self._data = instructions_of(settings)
        self.model = LanguageModel(settings.shape, seed=0)
        self.model.load_state_dict(pretrained)
        self._optimizer: torch.optim.Optimizer
        if job.method == "AdaGrad":
            self._optimizer = anisograd.torch.Adagrad(self.model.parameters(), lr=job.step_size)
        else:
            self._optimizer = torch.optim.SGD(self.model.parameters(), lr=job.step_size)
        self._batches = batches(len(self._data.tokens), job.batch, 0)
        self.rows: list[dict[str, Cell]] = []
        self.steps = settings.sequences // job.batch
        self.step = 0

    def load(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.rows, self.step = state["rows"], state["step"]
        for _ in range(self.step):
            next(self._batches)

    def state(self) -> dict[str, Any]:
        return {"model": self.model.state_dict(), "optimizer": self._optimizer.state_dict(), "rows": self.rows,
                "step": self.step, "finished": self.finished}

    @property
    def finished(self) -> bool:
        return len(self.rows) > self.step

    def advance(self) -> None:
        """A step; after the last, or where the loss is no number any more, the training loss at the end instead."""
        all_rows = np.arange(len(self._data.tokens))
        if self.step == self.steps or (self.rows and not math.isfinite(float(self.rows[-1]["loss"]))):
            loss = mean_loss(self.model, self._data, all_rows[:EVALUATED], self._settings.micro_batch, False)
            self._add("", loss)
            return
        chosen = next(self._batches)
        self._optimizer.zero_grad()
        loss = mean_loss(self.model, self._data, all_rows if chosen is None else chosen, self._settings.micro_batch, True)
        self._add(loss, "")
        self._optimizer.step()
        self.step += 1

    def _add(self, loss: Cell, training_loss: Cell) -> None:
        self.rows.append({**self._job._asdict(), "step": self.step, "loss": loss, "training_loss": training_loss})


def advance_to_end(context: Context, run: Pretraining | Tuning, path: Path) -> None:
    """With checkpoints in path."""
    saved = time.monotonic()
    while not run.finished:
        run.advance()
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            save(run.state(), path)
            saved = time.monotonic()
            context.progress(path.stem, run.step, run.steps)


def _pretrained(context: Context) -> dict[str, torch.Tensor]:
    model: dict[str, torch.Tensor] = torch.load(context.folder / "language-model" / "pretraining.pt")["model"]
    return model


def checkpoint(context: Context, job: Job) -> Path:
    return context.folder / "language-model" / f"{job.method}-{job.batch}-{job.step_size:g}.pt"


def tune(context: Context, settings: Settings, job: Job) -> list[dict[str, Cell]]:
    torch.set_num_threads(1)  # the runs are spread over processes
    path = checkpoint(context, job)
    state = torch.load(path) if path.exists() else None
    if state is not None and state["finished"]:
        rows: list[dict[str, Cell]] = state["rows"]
        return rows
    run = Tuning(settings, job, _pretrained(context))
    if state is not None:
        run.load(state)
    advance_to_end(context, run, path)
    # Of what is finished the numbers alone are kept.
    save({"rows": run.rows, "finished": True}, path)
    return run.rows


KINDS = {"embeddings": ("tokens", "positions"), "attention": ("attention_in", "attention_out"),
         "perceptron": ("perceptron_in", "perceptron_out"), "norms": ("norm",)}


def kind_of(name: str) -> str:
    layer = name.split(".")[-2]
    return next(kind for kind, layers in KINDS.items() if layer.endswith(layers))


def coordinates_of(model: LanguageModel, count: int) -> dict[str, Indices]:
    """So many of each kind, drawn from a seed."""
    places: dict[str, list[Indices]] = {kind: [] for kind in KINDS}
    first = 0
    for name, parameter in model.named_parameters():
        places[kind_of(name)].append(np.arange(first, first + parameter.numel()))
        first += parameter.numel()
    random = np.random.Generator(np.random.PCG64(0))
    return {kind: np.sort(random.choice(np.concatenate(found), count, replace=False)) for kind, found in places.items()}


def _vector(tensors: Iterator[torch.Tensor]) -> Vector:
    vector: Vector = torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).double().numpy()
    return vector


def probe_along(context: Context, settings: Settings, job: Job) -> list[dict[str, Cell]]:
    """The run once more, and the probe at points of its way; f and its gradient in float64."""
    torch.set_num_threads(1)
    run = Tuning(settings, job, _pretrained(context))
    kept = {int(step) for step in np.rint(np.linspace(0, run.steps, settings.points))}
    trajectory = []
    while not run.finished:
        if run.step in kept:
            trajectory.append((run.step, _vector(run.model.parameters())))
        run.advance()
    model = LanguageModel(settings.shape, seed=0).double()
    data = instructions_of(settings)
    probed = np.arange(min(settings.probed, len(data.tokens)))

    def gradient(w: Vector) -> Vector:
        torch.nn.utils.vector_to_parameters(torch.from_numpy(w), model.parameters())
        model.zero_grad()
        # Numbers of twice the size: half as many windows take the same memory.
        mean_loss(model, data, probed, max(1, settings.micro_batch // 2), True)
        return _vector(parameter.grad for parameter in model.parameters() if parameter.grad is not None)

    kinds = coordinates_of(model, settings.coordinates)
    names = {int(coordinate): kind for kind, coordinates in kinds.items() for coordinate in coordinates}
    found = probe(gradient, trajectory, distance=settings.distance, neighbours=settings.neighbours,
                  coordinates=np.sort(np.concatenate(list(kinds.values()))), seed=0)
    return [{"method": job.method, "kind": names[int(coordinate)], "iteration": int(iteration),
             "coordinate": int(coordinate), "gradient": float(size), "smoothness": float(smoothness)}
            for iteration, coordinate, size, smoothness in zip(found.iteration, found.coordinate, found.gradient,
                                                               found.smoothness)]


class Results:
    """Of the tuning."""

    def __init__(self, rows: list[Row], settings: Settings) -> None:
        self._settings = settings
        self.final: dict[Job, float] = {}
        self.curves: dict[Job, list[tuple[float, float, float]]] = {}
        for row in rows:
            job = Job(row["method"], int(row["batch"]), float(row["step_size"]))
            if row["training_loss"]:
                loss = float(row["training_loss"])
                self.final[job] = loss if math.isfinite(loss) else math.inf
            else:
                self.curves.setdefault(job, []).append((float(row["step"]), float(row["loss"]), 0.0))

    def best(self, method: str, batch: int) -> Job:
        return min((Job(method, batch, step_size) for step_size in self._settings.step_sizes), key=self.final.__getitem__)

    def cell(self, job: Job) -> str:
        loss = self.final[job]
        text = f"{loss:.3f}" if loss < 1000 else "diverged"
        return f"**{text}**" if job == self.best(job.method, job.batch) else text

    def step_size(self, job: Job) -> str:
        at_end = job.step_size in (self._settings.step_sizes[0], self._settings.step_sizes[-1])
        return f"{job.step_size:g}" + ("*" if at_end else "")


def blocks(context: Context, settings: Settings, threads: int) -> dict[str, str]:
    (context.folder / "language-model").mkdir(exist_ok=True)
    context.check_settings("language-model", settings._asdict())
    begun = time.monotonic()
    pretraining = context.table("language-model-pretraining", context.map, "pretraining",
                                partial(pretrain, context, threads), [settings])
    jobs = [Job(method, batch, step_size) for batch in settings.batch_sizes for step_size in settings.step_sizes
            for method in METHODS]
    rows = context.table("language-model-runs", context.map, "tuning", partial(tune, context, settings), jobs)
    results = Results(rows, settings)
    smallest = settings.batch_sizes[0]
    samples = context.table("language-model-probe", context.map, "probe", partial(probe_along, context, settings),
                            [results.best(method, smallest) for method in METHODS])
    context.say(f"language model: {time.monotonic() - begun:.0f} s in this run")

    _draw(context, settings, results)
    step_sizes = markdown_table(
        ["η", *(f"M = {batch}, {method}" for batch in settings.batch_sizes for method in METHODS)],
        [[f"{step_size:g}", *(results.cell(Job(method, batch, step_size)) for batch in settings.batch_sizes
                              for method in METHODS)] for step_size in settings.step_sizes])
    return {"language-model-setting": _setting(settings, pretraining[-1]),
            "language-model-step-sizes":
                f"{step_sizes}\n\n![training loss against step sizes](paper/language-model-step-sizes.svg)",
            "language-model":
                f"{_seen(settings, results)}\n\n![training loss against steps](paper/language-model.svg)",
            "language-model-probe": (f"{_probe_table(context, samples)}\n\n"
                                     "![smoothness along the tuning](paper/language-model-probe.svg)")}


def _setting(settings: Settings, last: Row) -> str:
    model = LanguageModel(settings.shape, seed=0)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    data = instructions_of(settings)
    return "\n".join([
        f"{settings.layers} layers, {settings.heads} heads, width {settings.width}, context {settings.context} bytes, "
        f"{parameters:,} parameters. Pretrained for {settings.pretraining_steps} steps of {settings.pretraining_batch} "
        f"windows of {Path(settings.text).name}, to a loss of {float(last['validation_loss']):.3f} nats per byte on its "
        f"last tenth, which is not trained on. {len(read_instructions(Path(settings.instructions))):,} instructions of "
        f"{Path(settings.instructions).name} make {len(data.tokens):,} windows; a run of the tuning takes "
        f"{settings.sequences:,} windows, which is " + " and ".join(
            f"{settings.sequences // batch} steps at M = {rows_used(len(data.tokens), batch)}"
            for batch in settings.batch_sizes) + "."])


def _seen(settings: Settings, results: Results) -> str:
    lines = []
    for batch in settings.batch_sizes:
        best = {method: results.best(method, batch) for method in METHODS}
        start = results.curves[best["SGD"]][0][1]
        # The first step before which AdaGrad's mini-batch loss is at most SGD's last.
        goal = results.curves[best["SGD"]][-1][1]
        reached = next((int(step) for step, loss, _ in results.curves[best["AdaGrad"]] if loss <= goal), None)
        lines.append([str(batch), str(settings.sequences // batch), f"{start:.3f}",
                      *(f"{results.final[best[method]]:.3f} ({results.step_size(best[method])})" for method in METHODS),
                      "not" if reached is None else str(reached)])
    return markdown_table(["M", "steps", "first mini-batch", "SGD, at the end (η)", "AdaGrad, at the end (η)",
                           "AdaGrad is at SGD's last mini-batch loss after"], lines)


def _draw(context: Context, settings: Settings, results: Results) -> None:
    figures.curves(context.folder / "language-model.svg", [
        (f"M = {batch}", [(method, results.curves[results.best(method, batch)]) for method in METHODS])
        for batch in settings.batch_sizes], "steps", "loss of the mini-batch, nats per byte",
        "Tuning on instructions, the best step size of each", columns=2, scales=("linear", "linear"))
    start = results.curves[results.best("SGD", settings.batch_sizes[0])][0][1]
    panels = []
    for batch in settings.batch_sizes:
        ends = {method: [(step_size, results.final[Job(method, batch, step_size)], 0.0)
                         for step_size in settings.step_sizes] for method in METHODS}
        visible = {method: [end for end in curve if end[1] <= 1.2 * start] for method, curve in ends.items()}
        panels.append((f"M = {batch}", [(method, curve) for method, curve in visible.items() if curve]))
    figures.curves(context.folder / "language-model-step-sizes.svg", panels, "step size",
                   "training loss at the end, nats per byte", "Losses of at most 1.2 times that at the start", columns=2,
                   scales=("log", "linear"))


def _probe_table(context: Context, rows: list[Row]) -> str:
    lines, shown = [], []
    for method in METHODS:
        of_method = [row for row in rows if row["method"] == method]
        for kind in ("all", *KINDS):
            samples = samples_of_rows([row for row in of_method if kind in ("all", row["kind"])])
            coordinates, constant, slope = fit(samples)
            lines.append([method, kind, quantiles(constant), quantiles(slope),
                          digits(share_explained(samples, coordinates, constant, slope), 2), _correlation(samples)])
            if kind == "all":
                shown.append(cloud(method, samples, constant, slope))
    figures.clouds(context.folder / "language-model-probe.svg", shown, X_LABEL, Y_LABEL, "iteration",
                   "Smoothness of coordinates along the tuning")
    return markdown_table(["method", "coordinates", "L0: 10 %, median, 90 %", "L1", "share explained",
                           "rank correlation"], lines)


def _correlation(samples: Samples) -> str:
    """Of gradients and quotients, over all points and coordinates."""
    ranks = [np.argsort(np.argsort(values)) for values in (samples.gradient, samples.smoothness)]
    return f"{np.corrcoef(ranks[0], ranks[1])[0, 1]:.2f}"
