# SPDX-License-Identifier: BSD-3-Clause
"""Runs train_mpi on several ranks and compares the results: the same bits, or within a bound that is derived here.

    test_train_mpi.py CASE MPIRUN TRAIN_MPI ANISOGRAD

CASE is one of the functions of CASES. The case a9a needs the file of that name in the folder ANISOGRAD_DATA.
"""
from __future__ import annotations

import math
import os
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SKIPPED = 77
UNIT_ROUNDOFF = 2.0 ** -53
# More than four granules of 16384 weights, so that each of four ranks has a shard.
FEATURES = 70000
ROWS = 400
ENTRIES = 20

MPIRUN, TRAIN_MPI, ANISOGRAD = sys.argv[2:5]
# Ranks that spin while they wait slow each other down where there are more of them than cores.
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_mpi_yield_when_idle": "1", "ANISOGRAD_NUM_THREADS": "1"}


def mpirun_options() -> list[str]:
    """Open MPI's, to start more ranks than there are cores, and as root; others do without being told."""
    version = subprocess.run([MPIRUN, "--version"], env=ENVIRONMENT, capture_output=True, text=True, check=False).stdout
    return ["--oversubscribe", "--allow-run-as-root"] if "Open MPI" in version or "OpenRTE" in version else []


OPTIONS = mpirun_options()


def start(ranks: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MPIRUN, *OPTIONS, "-n", str(ranks), TRAIN_MPI, *arguments], env=ENVIRONMENT,
                          capture_output=True, text=True, check=False, timeout=300)


@dataclass
class Result:
    shape: str  # of the data, and of the shards
    objectives: list[float]
    checksum: str


def train(ranks: int, *arguments: str) -> Result:
    run = start(ranks, *arguments)
    if run.returncode != 0:
        sys.exit(f"{ranks} ranks, {' '.join(arguments)}: status {run.returncode}\n{run.stdout}{run.stderr}")
    shape, *epochs, last = run.stdout.splitlines()
    checksum = re.fullmatch("checksum ([0-9a-f]{16})", last)
    if checksum is None:
        sys.exit(f"no checksum in {run.stdout}")
    return Result(shape, [float(line.split()[3]) for line in epochs], checksum[1])


def expect(condition: bool, message: str) -> None:
    if not condition:
        sys.exit(f"failed: {message}")


# ---- Data --------------------------------------------------------------------------------------------------

Row = dict[int, float]


def make_rows() -> list[Row]:
    """Unit vectors, in which low columns are frequent and the last column occurs."""
    generator = random.Random(1)
    rows = []
    for number in range(ROWS):
        row: Row = {}
        while len(row) < ENTRIES:
            row[int(FEATURES * generator.random() ** 4)] = generator.gauss(0, 1)
        if number == 7:
            row[FEATURES - 1] = 1.5
        norm = math.sqrt(sum(value * value for value in row.values()))
        rows.append({column: row[column] / norm for column in sorted(row)})
    return rows


def write_rows(path: Path, rows: list[Row]) -> None:
    """Labels 1 and 2; of four ranks the first has rows of label 1 alone, from which it could not tell the classes. Comments
    and empty lines are no rows."""
    generator = random.Random(2)
    with path.open("w", encoding="ascii") as file:
        for number, row in enumerate(rows):
            margin = sum(value * math.cos(column) for column, value in row.items()) + generator.gauss(0, 0.2)
            label = 1 if number % 4 == 0 or margin < 0 else 2
            print(label, *(f"{column + 1}:{value!r}" for column, value in row.items()), file=file)
            if number % 100 == 50:
                print("# a comment\n", file=file)


# ---- The same bits -----------------------------------------------------------------------------------------

NO_OPTIONS: list[str] = []


def bits(folder: Path) -> None:
    data = folder / "data"
    write_rows(data, make_rows())
    all_rows = [str(data), "--epochs", "2", "--intercept", "--l2", "1e-3"]
    common = [*all_rows, "--batch-size", "64"]
    sums = set()
    for constraint in (["none"], ["box", "--radius", "0.05"], ["l2-ball", "--radius", "3"],
                       ["l1-ball", "--radius", "20"]):
        results = {}
        for sharded in (NO_OPTIONS, ["--sharded"]):
            for ranks in (1, 2, 4):
                result = train(ranks, *common, "--constraint", *constraint, "--reproducible", *sharded)
                print(f"{' '.join(constraint + sharded)}, {ranks} ranks: {result.objectives[-1]!r} {result.checksum}")
                results[ranks, bool(sharded)] = result
        first = results[1, False]
        for key, result in results.items():
            expect((result.objectives, result.checksum) == (first.objectives, first.checksum),
                   f"{constraint}, ranks and whether sharded {key}: other bits than one rank's")
        sizes = [int(size) for size in results[4, True].shape.rsplit(" ", 2)[1].split(",")]
        expect(len(sizes) == 4 and min(sizes) >= 16384, f"the shards are {sizes}")
        sums.add(first.checksum)
    expect(len(sums) == 4, "a constraint was without effect")

    # In whatever order MPI adds up, and in parts of other sizes, the bits are others: the data tells orders apart.
    expect(len({train(ranks, *common).checksum for ranks in (1, 2, 4)}) > 1, "the data does not tell orders apart")
    ordered = [*common, "--reproducible"]
    expect(train(2, *ordered, "--parts", "4").checksum != train(2, *ordered).checksum,
           "the data does not tell numbers of parts apart")

    # Numbers of ranks that do not divide the parts, all rows in a batch, and f32.
    for arguments in (all_rows, [*common, "--single"]):
        arguments = [*arguments, "--reproducible", "--constraint", "l1-ball", "--radius", "5"]
        first = train(1, *arguments)
        for ranks, sharded in ((3, NO_OPTIONS), (3, ["--sharded"]), (4, ["--sharded"])):
            other = train(ranks, *arguments, *sharded)
            expect((other.objectives, other.checksum) == (first.objectives, first.checksum),
                   f"{' '.join(arguments)}, {ranks} ranks: other bits than one rank's")

    # More ranks than rows.
    few = folder / "few"
    write_rows(few, make_rows()[:3])
    checksums = {train(ranks, str(few), "--epochs", "3", "--reproducible", *sharded).checksum
                 for ranks, sharded in ((1, NO_OPTIONS), (4, NO_OPTIONS), (4, ["--sharded"]))}
    expect(len(checksums) == 1, f"three rows: {checksums}")


# ---- Within a bound ----------------------------------------------------------------------------------------

@dataclass
class Run:
    """A training whose bound is derived: its data's numbers and its options."""
    rows: list[Row]
    features: int
    constraint: str
    radius: float
    epochs: int
    batch_size: int
    learning_rate: float = 1
    epsilon: float = 1
    l2: float = 1e-2

    def arguments(self) -> list[str]:
        return ["--epochs", str(self.epochs), "--batch-size", str(self.batch_size), "--intercept",
                "--learning-rate", str(self.learning_rate), "--epsilon", str(self.epsilon), "--l2", str(self.l2),
                "--constraint", self.constraint, *(["--radius", str(self.radius)] if self.constraint != "none" else [])]

    def bounds(self) -> tuple[float, float]:
        """How far two trainings may be from each other that add up gradients in different orders: the distance of their
        parameters in the Euclidean norm, and that of their objectives.

        Let e be the distance before a step, and q the gradient with its decay. The loss has a Hessian of at most
        largest^2 / 4, where largest is the greatest norm of a row with its 1 for the intercept, so

            |q - q'| <= (largest^2 / 4 + l2) e + gamma,

        gamma being the roundings in both. Since sqrt(v_j) is the norm of (epsilon, q_1j, ..., q_tj), and a norm differs
        by no more than its argument, |lambda - lambda'| <= D, the sum of all steps' |q - q'|, and

            |q / lambda - q' / lambda'| <= (|q - q'| + D) / epsilon.

        Projections onto a convex set in two norms Lambda and Lambda', by their variational inequalities, have

            |p - p'|_Lambda <= |x - x'|_Lambda + |Lambda^(-1/2) (Lambda - Lambda') (x' - p')|,

        where |x' - p'| <= eta |q'| / epsilon, as the point before the step is in the set. Those onto a box do not
        enlarge any difference. What the library's projections may be off follows from anisograd.h: an error of the
        constraint's sum moves p by no more than that (L1), or by kappa times that (L2), kappa = max lambda / epsilon."""
        u, eta, epsilon = UNIT_ROUNDOFF, self.learning_rate, self.epsilon
        count, entries = len(self.rows), max(map(len, self.rows)) + 1
        largest = math.sqrt(max(sum(value * value for value in row.values()) for row in self.rows) + 1)
        largest_l1 = max(sum(abs(value) for value in row.values()) for row in self.rows)
        steps = self.epochs * math.ceil(count / self.batch_size)
        additions = (12 + max(min(self.features, 16384) / 16, self.features / 4096) + self.features / 16384)
        ball = self.constraint in ("l1-ball", "l2-ball")

        weights, greatest = (self.radius if ball else 0.0), largest
        for _ in range(steps):
            greatest = largest + self.l2 * weights
            weights += eta * greatest / epsilon
        move = eta * greatest / epsilon
        metric = math.sqrt(epsilon ** 2 + steps * greatest ** 2)
        gamma = 2 * u * greatest * (self.batch_size + 20 + (entries + 2) * largest * weights / 4)
        rounding = 2 * u * ((steps + 6) * move + weights + move)
        projection = 0.0
        if self.constraint == "l2-ball":
            projection = 2 * u * self.radius * (metric / epsilon * (24 + additions) + 8)
        elif self.constraint == "l1-ball":
            absolute = 2 * self.radius + eta * (largest_l1 + self.l2 * self.radius) / epsilon
            projection = 2 * u * (16 + 4 * additions) * absolute

        distance = drift = 0.0
        for _ in range(steps):
            difference = (largest ** 2 / 4 + self.l2) * distance + gamma
            drift += difference
            distance += eta / epsilon * (difference + drift) + rounding
            if ball:
                in_metric = drift + 2 * (steps + 3) * u * metric
                distance = math.sqrt(metric / epsilon) * distance + in_metric / epsilon * move + projection
        loss = math.log(2) + largest * weights + self.l2 / 2 * weights ** 2
        return distance, greatest * distance + 2 * u * (count + entries + 20) * loss


def trained_by_one_process(data: Path, folder: Path, run: Run) -> tuple[list[float], float]:
    """The command line's parameters, and the objective there by its own formula, in extended precision."""
    model = folder / "model"
    subprocess.run([ANISOGRAD, "train", str(data), "--precision", "f64", "--save", str(model), *run.arguments()],
                   env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=True)
    head, parameters = [], []
    for line in model.read_text(encoding="ascii").splitlines():
        if " " in line:
            head.append(line)
        elif line != "end":
            parameters.append(float(line))
    expect(len(parameters) == run.features + 1, f"a model of {len(parameters)} parameters: {head}")
    labels = next(line.split()[1:] for line in head if line.startswith("labels "))
    losses = []
    rows = iter(run.rows)
    for line in data.read_text(encoding="ascii").splitlines():
        words = line.partition("#")[0].split()
        if words:
            margin = math.fsum(value * parameters[column] for column, value in next(rows).items()) + parameters[-1]
            margin *= -1 if float(words[0]) == float(labels[0]) else 1
            losses.append(math.log1p(math.exp(-margin)) if margin > -30 else -margin)
    penalty = run.l2 / 2 * math.fsum(w * w for w in parameters[:-1])
    return parameters, math.fsum(losses) / len(losses) + penalty


def compare(data: Path, folder: Path, run: Run, rank_counts: tuple[int, ...], modes: tuple[tuple[str, ...], ...]) -> None:
    reference, objective = trained_by_one_process(data, folder, run)
    magnitudes = [abs(w) for w in reference[:-1]]
    size = {"box": max(magnitudes), "l1-ball": math.fsum(magnitudes), "l2-ball": math.hypot(*magnitudes)}.get(run.constraint)
    expect(size is None or abs(size - run.radius) < 1e-9 * run.radius,
           f"{run.constraint}: the size is {size}, so the constraint of {run.radius} does not bind")
    most, most_objective = run.bounds()
    expect(0 < most < 1e-5 * math.hypot(*magnitudes), f"the bound {most} says nothing")
    for mode in modes:
        for ranks in rank_counts:
            output = folder / "weights"
            result = train(ranks, str(data), *run.arguments(), "--weights", str(output), *mode)
            weights = [float(line) for line in output.read_text(encoding="ascii").splitlines()]
            expect(len(weights) == len(reference), f"{len(weights)} weights")
            distance = math.dist(weights, reference)
            difference = abs(result.objectives[-1] - objective)
            print(f"{run.constraint} {' '.join(mode)}, {ranks} ranks: parameters {distance:.1e} of {most:.1e}, "
                  f"objective {difference:.1e} of {most_objective:.1e}")
            expect(distance <= most, "the parameters are too far from one process's")
            expect(difference <= most_objective, "the objective is not one process's")


def tolerance(folder: Path) -> None:
    data = folder / "data"
    rows = make_rows()
    write_rows(data, rows)
    for constraint, radius in (("none", 0), ("box", 0.01), ("l2-ball", 0.1), ("l1-ball", 0.3)):
        run = Run(rows, FEATURES, constraint, radius, epochs=2, batch_size=160)
        compare(data, folder, run, (2, 4), ((), ("--sharded",)))
    compare(data, folder, Run(rows, FEATURES, "l2-ball", 0.1, epochs=2, batch_size=160), (1, 4), (("--reproducible",),))


def a9a(folder: Path) -> None:
    data = Path(os.environ.get("ANISOGRAD_DATA", "")) / "a9a"
    if not data.is_file():
        print(f"skipped: no file {data}; ANISOGRAD_DATA names the folder with the data sets")
        sys.exit(SKIPPED)
    results = {}
    for ranks in (1, 2, 4):
        for sharded in (NO_OPTIONS, ["--sharded"]):
            results[ranks, bool(sharded)] = train(ranks, str(data), "--epochs", "2", "--batch-size", "1024", "--intercept",
                                                  "--constraint", "l2-ball", "--radius", "2", "--reproducible", *sharded)
    expect(len({(result.checksum, *result.objectives) for result in results.values()}) == 1, f"other bits: {results}")
    print(results[4, False])
    rows = []
    for line in data.read_text(encoding="ascii").splitlines():
        words = line.split()
        rows.append({int(column) - 1: float(value) for column, value in (word.split(":") for word in words[1:])})
    run = Run(rows, 123, "l2-ball", 0.2, epochs=3, batch_size=len(rows))
    compare(data, folder, run, (2, 4), ((), ("--sharded",)))


# ---- Errors ------------------------------------------------------------------------------------------------

def errors(folder: Path) -> None:
    """Each ends all ranks, with a message that says where the fault is."""
    data = folder / "data"

    def expect_error(text: str, status: int | None, message: str, *arguments: str) -> None:
        data.write_text(text, encoding="ascii")
        run = start(3, str(data), *arguments)
        print(run.stderr.strip().splitlines()[:2])
        expect(run.returncode != 0 and (status is None or run.returncode == status), f"status {run.returncode}")
        expect(message in run.stdout + run.stderr, f"no {message!r} in {run.stdout + run.stderr!r}")

    good = "1 1:1\n2 2:1\n\n"
    expect_error(good + "1 3:x\n", 1, f"{data}:4: value 'x' is not a number")
    expect_error(good + "1 3:1\n3 1:1\n", 1, f"{data}:5: label '3' does not fit")
    expect_error("", 1, f"{data}: no rows")
    expect_error(good, 1, "index '2' is beyond the 1 features", "--features", "1")
    expect_error(good, None, "must be a power of two", "--reproducible", "--parts", "6")
    expect_error(good, None, "no less than the 3 ranks", "--reproducible", "--parts", "2")
    expect_error(good, None, "--constraint", "--constraint", "sphere")
    expect_error(good, 1, "unwritable", "--weights", str(folder / "unwritable" / "weights"))


CASES = {case.__name__: case for case in (bits, tolerance, a9a, errors)}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        CASES[sys.argv[1]](Path(temporary))
