# SPDX-License-Identifier: BSD-3-Clause
"""How smooth a function is, coordinate by coordinate, around the points that an optimizer passes.

At points w of a trajectory and random neighbours w' of each, for coordinates j:

    gradient    |d_j f(w)|
    smoothness  |d_j f(w) - d_j f(w')| / |w_j - w'_j|

All that is asked of f is its gradient, so that any model can be probed: `probe` takes a callable.
Generalized smoothness in the sense of the paper is smoothness_j <= L0_j + L1_j |d_j f(w)|; `fit` finds both constants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Gradient = Callable[[Vector], Vector]


@dataclass(frozen=True, eq=False)
class Samples:
    """One element per point, neighbour and coordinate."""

    iteration: NDArray[np.int64]
    coordinate: NDArray[np.int64]
    gradient: Vector
    smoothness: Vector


def neighbour(w: Vector, distance: float, random: np.random.Generator) -> Vector:
    """A point whose every coordinate lies half to once the distance away, up or down: no quotient is by nearly 0."""
    signs = np.where(random.random(w.size) < 0.5, -1.0, 1.0)
    return np.asarray(w + signs * distance * (0.5 + 0.5 * random.random(w.size)))


def probe(gradient: Gradient, trajectory: Iterable[tuple[int, Vector]], *, distance: float, neighbours: int,
          coordinates: NDArray[np.int64], seed: int) -> Samples:
    """gradient: of f; it must not keep nor change its argument. Called 1 + neighbours times for each point. trajectory:
    (iteration, w). distance: > 0, of each coordinate of a neighbour at most. coordinates: those that are kept."""
    random = np.random.Generator(np.random.PCG64(seed))
    iterations, sizes, quotients = [], [], []
    for iteration, w in trajectory:
        here = np.array(gradient(w)[coordinates])
        for _ in range(neighbours):
            there = neighbour(w, distance, random)
            difference = gradient(there)[coordinates] - here
            quotients.append(np.abs(difference) / np.abs(there - w)[coordinates])
            sizes.append(np.abs(here))
            iterations.append(np.full(coordinates.size, iteration))
    return Samples(np.concatenate(iterations), np.tile(coordinates, len(sizes)), np.concatenate(sizes),
                   np.concatenate(quotients))


def fit(samples: Samples) -> tuple[NDArray[np.int64], Vector, Vector]:
    """(coordinates, L0, L1): least squares of smoothness = L0 + L1 |gradient| for each coordinate, with L0, L1 >= 0.
    Coordinates whose gradient does not vary get L1 = 0."""
    order = np.argsort(samples.coordinate, kind="stable")
    coordinates, starts = np.unique(samples.coordinate[order], return_index=True)
    constant, slope = np.empty(coordinates.size), np.empty(coordinates.size)
    groups = zip(np.split(samples.gradient[order], starts[1:]), np.split(samples.smoothness[order], starts[1:]))
    for place, (x, y) in enumerate(groups):
        constant[place], slope[place] = _line(x, y)
    return coordinates, constant, slope


def _line(x: Vector, y: Vector) -> tuple[float, float]:
    deviations = x - x.mean()
    square = float(deviations @ deviations)
    slope = float(deviations @ y) / square if square > 0 else 0.0
    constant = float(y.mean()) - slope * float(x.mean())
    if slope < 0:
        return float(y.mean()), 0.0
    if constant < 0:
        return 0.0, float(x @ y) / float(x @ x)
    return constant, slope
