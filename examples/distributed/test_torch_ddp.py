# SPDX-License-Identifier: BSD-3-Clause
"""torch_ddp.py on two processes: both end with the same parameters, which are those of one process. Argument: the data."""
from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
os.environ["OMP_NUM_THREADS"] = "1"

try:
    import torch
    import torch.distributed
except ImportError:
    print("skipped: PyTorch is not installed")
    sys.exit(SKIPPED)
if not torch.distributed.is_available() or not torch.distributed.is_gloo_available():
    print("skipped: this PyTorch is built without torch.distributed, or without gloo")
    sys.exit(SKIPPED)

import torch_ddp  # noqa: E402

Parameters = dict[str, torch.Tensor]


def parameters_after(*arguments: str) -> list[Parameters]:
    """Those of each process."""
    with tempfile.TemporaryDirectory() as folder:
        torch_ddp.main([sys.argv[1], "--save", folder, *arguments])
        return [torch.load(path) for path in sorted(Path(folder).glob("rank*.pt"))]


def expect_equal(a: Parameters, b: Parameters, what: str) -> None:
    for name in a:
        # Bits, so that -0 and 0 differ.
        if not torch.equal(a[name].view(torch.int64), b[name].view(torch.int64)):
            sys.exit(f"failed: {what}: {name} differs by {float((a[name] - b[name]).abs().max()):.1e}")


def gradient_bound(rows: int) -> Parameters:
    """How far two gradients of the first network over the first `rows` rows may be apart that are added up in different
    orders: sums of n terms err by n u times their absolute sum, and what a layer's error does to the next follows from
    |tanh'| <= 1, |tanh''| <= 1 and the loss's second derivative of at most 1/4. Residuals are at most 1."""
    u = torch.finfo(torch.float64).eps / 2
    network = torch_ddp.make_network()
    X, y = torch_ddp.read_rows(Path(sys.argv[1]))
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))[:rows]
    X = X[order].abs()
    first, second = network[0], network[2]
    with torch.no_grad():
        W, v = first.weight.abs(), second.weight.abs()
        hidden = (torch_ddp.COLUMNS + 8) * u * (X @ W.T + first.bias.abs() + 1)  # the activations' errors
        margin = hidden @ v.T + (W.shape[0] + 4) * u * (v.sum() + second.bias.abs())
        residual = margin / 4 + 8 * u
        back = v * (residual + 2 * hidden + 8 * u)  # of the derivatives by the hidden layer's sums
        adding = (rows + 8) * u
        bounds = [(back + adding * v).T @ X, (back + adding * v).sum(0), (residual + hidden + adding).sum(0, keepdim=True),
                  (residual + adding).sum(0)]
    return {name: 2 * bound / rows for (name, _), bound in zip(network.named_parameters(), bounds)}


def main() -> None:
    two = parameters_after("--processes", "2")
    expect_equal(two[0], two[1], "the processes' parameters")
    one, = parameters_after("--processes", "1", "--shares", "2")
    expect_equal(two[0], one, "two processes, and one that adds up the shares' gradients in the same order")
    free, = parameters_after("--processes", "1", "--shares", "2", "--radius", "1000")
    if all(torch.equal(one[name], free[name]) for name in one):
        sys.exit("failed: the constraint was without effect")

    # One step by a joint batch: v = 0.1 + g^2, and g / sqrt(v) changes by at most |g - g'| 2 / sqrt(0.1).
    batch = 512
    step = ["--epochs", "1", "--batch-size", str(batch), "--radius", "1000"]
    ours, joint = parameters_after("--processes", "2", *step)[0], parameters_after("--processes", "1", *step)[0]
    for name, bound in gradient_bound(batch).items():
        spacing = torch.nextafter(joint[name].abs(), torch.tensor(float("inf"), dtype=torch.float64)) - joint[name].abs()
        difference = (ours[name] - joint[name]).abs()
        allowed = 0.1 * 2 / 0.1 ** 0.5 * bound + 4 * spacing
        print(f"{name}: {float((difference / spacing).max()):.0f} ULP, the bound is {float((allowed / spacing).median()):.0f}")
        if not bool((difference <= allowed).all()):
            sys.exit(f"failed: {name} is {float((difference - allowed).max()):.1e} beyond its bound")


if __name__ == "__main__":
    main()
