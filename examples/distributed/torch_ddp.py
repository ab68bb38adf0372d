# SPDX-License-Identifier: BSD-3-Clause
"""Trains a network on several processes by PyTorch's DistributedDataParallel (gloo) and anisograd.torch.Adagrad.

    ANISOGRAD_LIBRARY=build/release/libanisograd.so PYTHONPATH=bindings/python \\
        python3 examples/distributed/torch_ddp.py examples/data/breast_cancer.libsvm --processes 2

A batch is cut into as many shares as there are processes. DistributedDataParallel averages the processes' gradients, so
that each has that of the whole batch and takes the same step: parameters, accumulators and projections are replicated,
and nothing of the optimizer's state goes over the network. With --shares 2 one process takes both shares one after the
other, and ends with the same bits as two processes.
"""
from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import torch
import torch.distributed
from torch.multiprocessing.spawn import spawn
from torch.nn.parallel import DistributedDataParallel

import anisograd
from anisograd.torch import Adagrad

COLUMNS = 30


def read_rows(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """The file's values, of COLUMNS columns, and labels of 0 and 1, in f64."""
    lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    X = torch.zeros(len(lines), COLUMNS, dtype=torch.float64)
    for row, words in zip(X, lines):
        for word in words[1:]:
            column, value = word.split(":")
            row[int(column) - 1] = float(value)
    return X, torch.tensor([[1.0 if float(words[0]) > 0 else 0.0] for words in lines], dtype=torch.float64)


def make_network() -> torch.nn.Sequential:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(COLUMNS, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)).double()


def train(model: torch.nn.Module, options: argparse.Namespace, own_shares: range) -> None:
    """Steps of batches of which this process takes some shares: share i has the rows i, i + shares, ... of a batch. Only
    whole batches, so that all shares have as many rows and the mean of their means is the batch's."""
    X, y = read_rows(options.data)
    # Each parameter, as a vector, in a ball in the norm of its Lambda.
    optimizer = Adagrad(model.parameters(), lr=0.1, initial_accumulator_value=0.1,
                        constraint=anisograd.L2Ball(radius=options.radius))
    loss_of = torch.nn.BCEWithLogitsLoss()
    for epoch in range(options.epochs):
        order = torch.randperm(len(X), generator=torch.Generator().manual_seed(epoch))
        for begin in range(0, len(X) - options.batch_size + 1, options.batch_size):
            optimizer.zero_grad()
            for share in own_shares:
                rows = order[begin:begin + options.batch_size][share::options.shares]
                (loss_of(model(X[rows]), y[rows]) / len(own_shares)).backward()
            optimizer.step()


def run(rank: int, ranks: int, rendezvous: str, options: argparse.Namespace) -> None:
    """One process: trains, and writes its parameters to the folder of options, if there is one."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=ranks)
    model = DistributedDataParallel(make_network())
    train(model, options, range(rank, options.shares, ranks))
    X, y = read_rows(options.data)
    with torch.no_grad():
        loss = float(torch.nn.BCEWithLogitsLoss()(model(X), y))
    if rank == 0:
        print(f"{ranks} processes, loss {loss:.15f}")
    if options.save is not None:
        torch.save(model.module.state_dict(), options.save / f"rank{rank}.pt")
    torch.distributed.destroy_process_group()


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains a network by DistributedDataParallel.")
    parser.add_argument("data", type=Path, help=f"LIBSVM file of {COLUMNS} columns, without missing values")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--shares", type=int, help="of a batch; by default one for each process")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=64, help="rows over all processes")
    parser.add_argument("--radius", type=float, default=1.5, help="of each parameter's ball")
    parser.add_argument("--save", type=Path, help="folder for each process's parameters")
    options = parser.parse_args(arguments)
    options.shares = options.shares or options.processes
    if options.batch_size % options.shares != 0 or options.shares % options.processes != 0:
        parser.error("batches consist of equal shares, and each process takes as many shares")
    return options


def main(arguments: list[str] | None = None) -> None:
    options = parse(arguments)
    # They meet through a file, and talk over this machine's own interface.
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        rendezvous = os.path.join(folder, "rendezvous")
        if options.processes == 1:
            run(0, 1, rendezvous, options)
        else:
            spawn(run, (options.processes, rendezvous, options), options.processes)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
