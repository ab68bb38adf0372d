# SPDX-License-Identifier: BSD-3-Clause
"""Steps of anisograd.torch.Adagrad beside torch.optim.Adagrad's, alternately, on one thread each.

Prints for each list of tensors the median of the ratios: how many times as fast as PyTorch's single-tensor and foreach
implementations."""

import statistics
import time

import torch

from anisograd import set_num_threads
from anisograd.torch import Adagrad

SHAPES = {
    "a perceptron: 6 tensors, 1,569 elements": [(32, 30), (32,), (16, 32), (16,), (1, 16), (1,)],
    "a transformer: 148 tensors, 11 M": [(256, 256), (256,), (1024, 256), (256, 1024), (1024,)] * 19 + [(256,)] * 53,
    "one tensor, 16 M": [(4096, 4096)],
}


def optimizer(kind, shapes, **options):
    torch.manual_seed(0)
    parameters = [torch.randn(shape).requires_grad_() for shape in shapes]
    for parameter in parameters:
        parameter.grad = torch.randn(parameter.shape)
    return kind(parameters, **options)


def seconds(step):
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


torch.set_num_threads(1)
set_num_threads(1)
for name, shapes in SHAPES.items():
    ours = optimizer(Adagrad, shapes)
    for label, foreach in ("single-tensor", False), ("foreach", True):
        theirs = optimizer(torch.optim.Adagrad, shapes, foreach=foreach)
        ratios = []
        for _ in range(21):
            mine = seconds(ours.step)
            ratios.append(seconds(theirs.step) / mine)
        print(f"{name}, against {label}: {statistics.median(ratios):.2f} times as fast")
