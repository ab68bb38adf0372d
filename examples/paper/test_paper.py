#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests of the experiments: the parts against NumPy and known functions, then run.py --quick as a whole.

The folder ANISOGRAD_DATA has the file a4a; skipped, with exit code 77, where it or a package is missing.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SKIPPED = 77
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "bindings" / "python")]

# As run.py has it; the number of BLAS's threads changes last digits.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

for package in ("numpy", "scipy", "matplotlib"):
    if importlib.util.find_spec(package) is None:
        print(f"skipped: no {package}")
        sys.exit(SKIPPED)

import numpy as np  # noqa: E402

import anisograd  # noqa: E402

import data  # noqa: E402
import document  # noqa: E402
import download  # noqa: E402
import instructions  # noqa: E402
import optimum  # noqa: E402
from methods import METHODS, EuclideanProjection, Method, ProjectedAdagrad, Sgd, Trainer, batches  # noqa: E402
from output import Context, digits  # noqa: E402
from probe import fit, probe  # noqa: E402

SMALL = data.Shape(300, 1500, 12.0, 1.1, 4.0, 7)


def dense(problem: data.Problem) -> data.Vector:
    X = problem.X
    rows = np.zeros(X.shape)
    values = 1.0 if X.values is None else X.values
    rows[np.repeat(np.arange(problem.rows), np.diff(X.row_offsets)), X.columns] = values
    return rows


def test_generated_data() -> None:
    problem, again = data.generate("x", SMALL), data.generate("x", SMALL)
    assert problem.X.values is not None and again.X.values is not None
    assert np.array_equal(problem.X.columns, again.X.columns) and np.array_equal(problem.X.values, again.X.values)
    assert np.array_equal(problem.y, again.y) and {-1.0, 1.0} == set(problem.y)
    rows = dense(problem)
    assert np.allclose((rows ** 2).sum(axis=1), 1, rtol=1e-12)
    counts = np.sort((rows != 0).sum(axis=0))[::-1]
    assert counts[0] > 5 * counts[100] > 0, "columns occur by a power law"
    assert 0.7 < (rows != 0).sum() / SMALL.rows / SMALL.entries_per_row < 1.2


def test_reader(folder: Path) -> None:
    path = folder / "set"
    path.write_bytes(b"+1 1:0.5 3:2\r\n-1 2:1\n\n0 3:0\n")
    problem = data.read_libsvm(path)
    assert problem.y.tolist() == [1, -1, -1]
    assert dense(problem).tolist() == [[0.5, 0, 2], [0, 1, 0], [0, 0, 0]]
    assert data.read_libsvm(path, 5).cols == 5
    path.write_bytes(b"1 1:1\n2 2:1\n")
    try:
        data.read_libsvm(path)
        raise AssertionError("labels 1 and 2 were taken")
    except ValueError:
        pass


def test_trainer_against_numpy() -> None:
    """w and the average, of sparse and of dense steps, by the formulas of the paper in NumPy."""
    problem = data.generate("x", SMALL)
    rows, steps, step_size = dense(problem), 25, 0.5
    for batch in (4, 200, 0):
        for name in METHODS:
            trainer = Trainer(problem, METHODS[name](problem.cols, step_size), batch, 3)
            drawn = batches(problem.rows, batch, 3)
            w = np.zeros(problem.cols)
            v, total = np.full(problem.cols, 1e-20), np.zeros(problem.cols)
            for _ in range(steps):
                total += w
                chosen = next(drawn)
                X, y = (rows, problem.y) if chosen is None else (rows[chosen], problem.y[chosen])
                g = X.T @ (-y / (1 + np.exp(y * (X @ w)))) / len(y)
                v += {"SGD": 0 * g, "AdaGrad-Norm": np.full_like(g, g @ g), "AdaGrad": g * g}[name]
                w = w - step_size * g / (1 if name == "SGD" else np.sqrt(v))
                trainer.step()
            assert np.allclose(trainer.w, w, rtol=1e-9, atol=1e-12), (batch, name)
            assert np.allclose(trainer.mean, total / steps, rtol=1e-9, atol=1e-12), (batch, name)


def test_batches() -> None:
    drawn = batches(10, 3, 1)
    passes = []
    for _ in range(2):
        blocks = [next(drawn) for _ in range(3)]
        passes.append(np.concatenate([block for block in blocks if block is not None]))
        assert len(set(passes[-1])) == 9, "no row twice in a pass"
    assert not np.array_equal(passes[0], passes[1])
    assert next(batches(10, 0, 1)) is None and next(batches(10, 10, 1)) is None


def test_constrained_optimum() -> None:
    problem = data.generate("x", SMALL)
    balls: list[tuple[optimum.Ball, float]] = [
        (anisograd.LinfBall(radius=0.5), 1.0), (anisograd.L1Ball(radius=20), 2.0), (anisograd.L2Ball(radius=3), 1.0)]
    for ball, step_size in balls:
        found = optimum.constrained_optimum(problem, ball, 1e-8, 2000)
        assert 0 <= found.gap + 1e-12 and found.gap <= 1e-8, (type(ball).__name__, found.gap)
        assert optimum.outside(ball, found.w) <= 1e-12
        inner: Method = Sgd(problem.cols, step_size)
        methods: list[Method] = [ProjectedAdagrad(problem.cols, step_size, ball), EuclideanProjection(inner, ball)]
        for method in methods:
            trainer = Trainer(problem, method, 0, 0)
            for _ in range(100):
                trainer.step()
                assert optimum.outside(ball, trainer.w) <= 1e-12
            assert found.loss - 1e-8 <= problem.loss(trainer.mean) < problem.loss(problem.zeros())


def test_probe() -> None:
    curvature = np.array([0.5, 2.0, 8.0])
    trajectory = [(step, np.array([1.0, -2.0, 3.0]) / (step + 1)) for step in range(5)]
    samples = probe(lambda w: curvature * w, trajectory, distance=1e-3, neighbours=4, coordinates=np.array([0, 2]),
                    seed=1)
    assert samples.smoothness.size == 5 * 4 * 2
    assert np.allclose(samples.smoothness, curvature[samples.coordinate], rtol=1e-9), "a quadratic's is its curvature"
    _, constant, slope = fit(samples)
    assert np.allclose(constant, curvature[[0, 2]], rtol=1e-6) and np.allclose(slope, 0, atol=1e-6)
    # f = sum exp(w_j): the second derivative is the first, so L0 = 0, L1 = 1.
    samples = probe(np.exp, trajectory, distance=1e-6, neighbours=4, coordinates=np.arange(3), seed=1)
    _, constant, slope = fit(samples)
    assert np.allclose(slope, 1, rtol=1e-3) and np.allclose(constant, 0, atol=1e-3)


def test_download() -> None:
    file = download.File("x", 2, None)
    assert download.fault(b"+1 1:1\n-1 2:1\n", file) is None
    assert download.fault(b"+1 1:1\n", file) is not None
    assert download.fault(b"+1 1:1\n-1 2:1\n", file._replace(sha256="0" * 16)) is not None


def test_digits() -> None:
    assert [digits(number) for number in (0.12345, 1234.5, 1.5e-7, 0.0)] == ["0.123", "1234", "1.5·10^-7", "0"]


def test_document(folder: Path) -> None:
    docs = folder / "docs"
    docs.mkdir()
    (docs / "paper.md").write_text("a\n<!-- paper x -->\nold\n<!-- end of x -->\n<!-- paper y -->\nkept\n<!-- end of y -->\n"
                                   "![f](paper/f.svg)\n", encoding="utf-8")
    (folder / "x.md").write_text("new\n", encoding="utf-8")
    (folder / "f.svg").write_text("<svg/>", encoding="utf-8")
    document.fill(folder, docs)
    text = (docs / "paper.md").read_text(encoding="utf-8")
    assert "<!-- paper x -->\nnew\n<!-- end of x -->" in text and "kept" in text and "old" not in text
    assert (docs / "paper" / "f.svg").read_text(encoding="utf-8") == "<svg/>"


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    """What run.py says."""
    command = [*arguments[:1], str(folder), *arguments[1:]]
    done = subprocess.run([sys.executable, "-B", str(HERE / "run.py"), *command], text=True, stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL)
    assert done.returncode == status, done.stderr
    return done.stderr


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with open(folder / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_quick_run(folder: Path) -> None:
    first, second = folder / "first", folder / "second"
    run(first, "--quick", "--processes", "2")
    run(second, "--quick", "--processes", "1", "--only", "methods", "theory")
    written, again = tables(first), tables(second)
    assert len(written) == 8 and len(again) == 4
    assert all(written[name] == again[name] for name in again), "the same bytes, whatever the number of processes"

    # Full gradients, a small step: AdaGrad's average goes down at each point that was kept.
    curve = [float(row["loss_of_mean"]) for row in rows_of(first, "methods-a4a")
             if (row["method"], row["batch"], row["step_size"]) == ("AdaGrad", "0", "0.1")]
    assert len(curve) > 5 and all(later < earlier for earlier, later in zip(curve, curve[1:])), curve
    box = rows_of(first, "constrained-a4a")
    assert {row["set"] for row in box} == {"box", "l1", "l2"} and all(float(row["outside"]) <= 1e-12 for row in box)
    least = {row["set"]: float(row["loss"]) - float(row["gap"]) for row in rows_of(first, "constrained-optimum-a4a")}
    assert all(float(row["loss"]) >= least[row["set"]] - 1e-12 for row in box)

    # What is there is kept; what is missing is made again, the same.
    times = {path.name: path.stat().st_mtime_ns for path in first.glob("*.csv")}
    (first / "probe-a4a.csv").unlink()
    said = run(first, "--quick", "--only", "theory", "probe")
    assert [line.split()[2] for line in said.splitlines() if line.endswith("begins")] == ["probe-a4a:"], said
    assert tables(first) == written
    assert all((first / name).stat().st_mtime_ns == time for name, time in times.items() if name != "probe-a4a.csv")
    assert "other settings" in run(first, status=1), "a folder has the results of one kind of run"
    assert "no file" in run(folder / "third", "--quick", "--data", str(folder / "nowhere"), status=1)


def test_compared_solvers(folder: Path) -> None:
    """All minimise the same: what converges in the quick run comes to one value."""
    docs = folder / "docs"
    docs.mkdir()
    (docs / "paper.md").write_text("<!-- paper goal -->\n<!-- end of goal -->\n", encoding="utf-8")
    run(folder / "compared", "--quick", "--only", "compare", "--document", str(docs))
    assert "| a4a | 1 % |" in (docs / "paper.md").read_text(encoding="utf-8")
    excess: dict[str, float] = {}
    for row in rows_of(folder / "compared", "compare-a4a"):
        excess[row["solver"]] = min(excess.get(row["solver"], np.inf), float(row["excess"]))
    assert all(value > -1e-9 for value in excess.values())
    exact = [name for name in excess if "Newton" in name or "SciPy" in name]
    assert len(exact) == 4 and all(excess[name] < 1e-5 for name in exact), excess
    # It need not go below half of the least tolerance.
    assert all(value <= 0.5e-4 for name, value in excess.items() if "liblinear" in name), excess
    # SGD takes nine steps in a quick run.
    assert all(value < 0.1 for name, value in excess.items() if "SGD" not in name), excess


def test_instructions(folder: Path) -> None:
    """Both kinds of file, and windows: each byte of a response is predicted, with as much of the text before it as there
    is, up to half a window."""
    task = {"instruction": "Add.", "input": "1 2", "output": "thr\u00e9e"}
    (folder / "alpaca.json").write_text(json.dumps([task, {"instruction": "Say.", "output": "x" * 200}]), encoding="utf-8")
    (folder / "seed.jsonl").write_text(json.dumps(
        {"instruction": "Add.", "instances": [{"input": "1 2", "output": "thr\u00e9e"}, {"input": "", "output": "?"}]}) + "\n",
        encoding="utf-8")
    alpaca = instructions.read_instructions(folder / "alpaca.json")
    seed = instructions.read_instructions(folder / "seed.jsonl")
    assert alpaca[0] == seed[0] and len(alpaca) == len(seed) == 2
    assert "### Input:\n1 2\n\n### Response:" in alpaca[0].prompt() and "Input" not in seed[1].prompt()
    for example in (*alpaca, *seed):
        for context in (8, 32, 1024):
            prompt, response = example.prompt().encode(), example.output.encode() + instructions.END
            text = prompt + response
            found = instructions.windows([example], context)
            assert found.tokens.shape == (len(found.counted), context + 1) and found.counted.any(axis=1).all()
            # Those left out are the first, of the prompt alone.
            starts = range(0, max(len(text) - 1 - context // 2, 1), context // 2)[-len(found.tokens):]
            seen: set[int] = set()
            for start, tokens, counted in zip(starts, found.tokens, found.counted):
                assert tokens.tobytes() == text[start:start + context + 1].ljust(context + 1, instructions.END)
                places = start + 1 + np.flatnonzero(counted)
                assert len(prompt) <= places.min() and places.max() < len(text)
                seen |= {place for place in places.tolist() if place - start >= min(context // 2, place)}
            assert seen == set(range(len(prompt), len(text))), (context, len(seen))


def test_language_model(folder: Path) -> None:
    """The gradient of accumulated micro-batches, causality, and a run that is broken off and goes on."""
    if importlib.util.find_spec("torch") is None:
        print("skipped: no torch")
        return
    import torch
    from experiments import language
    from language_model import LanguageModel, Shape, mean_loss
    torch.set_num_threads(1)
    model = LanguageModel(Shape(2, 2, 8, 16), seed=1).double()
    random = np.random.Generator(np.random.PCG64(0))
    tokens = random.integers(0, 256, (6, 17)).astype(np.uint8)
    pieces = instructions.Windows(tokens, random.random((6, 16)) < 0.5)
    gradients = []
    for micro_batch in (1, 4, 6):
        model.zero_grad()
        loss = mean_loss(model, pieces, np.arange(6), micro_batch, True)
        gradients.append(np.concatenate([parameter.grad.numpy().ravel() for parameter in model.parameters()]))
        assert np.allclose(gradients[0], gradients[-1], rtol=1e-9, atol=1e-14), micro_batch
    assert abs(loss - np.log(256)) < 0.1, "nothing is known at first"
    # Along a direction the loss changes as the gradient says.
    direction = random.standard_normal(gradients[0].size)
    flat = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
    ends = []
    for sign in (1, -1):
        torch.nn.utils.vector_to_parameters(flat + sign * 1e-6 * torch.from_numpy(direction), model.parameters())
        ends.append(mean_loss(model, pieces, np.arange(6), 6, False))
    assert np.isclose((ends[0] - ends[1]) / 2e-6, gradients[0] @ direction, rtol=1e-5)
    changed = torch.from_numpy(tokens[:, :16].astype(np.int64))
    all_counted = torch.ones(6, 16, dtype=torch.bool)
    before = model(changed, all_counted).view(6, 16, -1)
    changed[:, 9] += 1
    changed %= 256
    after = model(changed, all_counted).view(6, 16, -1)
    assert torch.equal(before[:, :9], after[:, :9]), "a prediction depends on what is before it"
    assert bool((before[:, 9:] != after[:, 9:]).any(dim=2).all()), "and on all of it"

    text, tasks = folder / "text", folder / "tasks.json"
    text.write_bytes(bytes(random.integers(97, 123, 4000).astype(np.uint8)))
    tasks.write_text(json.dumps([{"instruction": f"Say {k}.", "input": "", "output": f"{k} " * 9} for k in range(40)]),
                     encoding="utf-8")
    command = ("language-model", "--preset", "tiny", "--threads", "1", "--text", str(text), "--instructions", str(tasks))
    whole, broken = folder / "whole", folder / "broken"
    run(whole, *command)
    written = tables(whole)
    assert len(written) == 3 and len(list(whole.glob("language-model*.svg"))) == 3
    settings = language.settings_of(argparse.Namespace(preset="tiny", text=text, instructions=tasks,
                                                       **dict.fromkeys(language.OPTIONS)), folder)
    finals = {(row["method"], row["batch"], row["step_size"]): float(row["training_loss"])
              for row in rows_of(whole, "language-model-runs") if row["training_loss"]}
    assert len(finals) == 8
    start = float(rows_of(whole, "language-model-runs")[0]["loss"])
    assert finals["SGD", "16", "0.316"] < start - 0.1 and finals["AdaGrad", "16", "0.01"] < start - 0.1, (start, finals)

    # Checkpoints as a run leaves them that is broken off in the middle, of the pretraining and of two runs of the tuning.
    states = broken / "language-model"
    states.mkdir(parents=True)
    pretraining = language.Pretraining(settings)
    for _ in range(5):
        pretraining.advance()
    language.save(pretraining.state(), states / "pretraining.pt")
    pretrained = torch.load(whole / "language-model" / "pretraining.pt")["model"]
    for job in (language.Job("SGD", 16, 0.316), language.Job("AdaGrad", 16, 0.01)):
        tuning = language.Tuning(settings, job, pretrained)
        for _ in range(2):
            tuning.advance()
        language.save(tuning.state(), states / f"{job.method}-{job.batch}-{job.step_size:g}.pt")
    run(broken, *command)
    assert tables(broken) == written, "the same bytes as in one go"
    try:
        language.blocks(Context(broken, folder, ()), settings._replace(layers=2), 1)
        raise AssertionError("other settings were taken")
    except SystemExit as refusal:
        assert "other settings" in str(refusal)


def main() -> int:
    if not (data.default_folder() / "a4a").is_file():
        print(f"skipped: no file {data.default_folder() / 'a4a'}; ANISOGRAD_DATA names the folder with the data sets")
        return SKIPPED
    os.environ["ANISOGRAD_NUM_THREADS"] = "1"
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            with tempfile.TemporaryDirectory() as folder:
                test(*([Path(folder)] if test.__code__.co_argcount else []))
            print(f"{name} passed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
