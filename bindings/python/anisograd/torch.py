# SPDX-License-Identifier: BSD-3-Clause
"""AdaGrad for PyTorch: `Adagrad`, in place of torch.optim.Adagrad, on tensors in the CPU's memory.

Needs PyTorch >= 1.12, which the rest of the package does not.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Callable, Iterable, Tuple

import numpy as np
import torch

from ._arrays import F32, F64, Array
from ._listed_steps import adagrad_step_rows
from ._options import AdagradOptions
from ._projections import adagrad_step_projected
from ._sets import Set
from ._steps import adagrad_step, step_list

__all__ = ["Adagrad"]

_SHORT = (torch.bfloat16, torch.float16)
_LISTED = {torch.float32: F32, torch.float64: F64}
_Vectors = Tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class Adagrad(torch.optim.Adagrad):
    """torch.optim.Adagrad by anisograd's kernels: the same arguments, parameter groups, state and state dict.

    params, lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize: as in torch.optim.Adagrad. foreach is
    accepted and makes no difference: all dense tensors of a group take their step in one call.

    constraint: a set such as ``anisograd.L2Ball(radius=5)``, or None. Each parameter of the group, as one vector, is
    projected onto it after its step, in the norm of the step's Lambda. Groups may have constraints of their own:
    ``[{"params": ..., "constraint": anisograd.Nonnegative()}, ...]``. Arrays of a set have the parameter's type and
    number of elements. Sparse gradients have no constraint.

    Parameters: float32, float64, their complex types, and bfloat16 and float16, whose accumulators are float32 (in
    PyTorch they have 16 bits too). Sparse gradients, as of an embedding with sparse=True, step the rows that they hold;
    the gradients of a row that occurs several times add up first.

    Results differ from PyTorch's in roundings alone: in one step, an accumulator by at most 1 ULP, a parameter by at
    most 4 ULP of its change and 1 ULP of its value, and with weight decay by what other roundings of that do (PyTorch's
    foreach=True also rounds the learning rate to float32). Unlike PyTorch's they are the same on every CPU and for any
    number of threads.

    >>> model = torch.nn.Linear(3, 1)
    >>> optimizer = anisograd.torch.Adagrad(model.parameters(), lr=0.1, constraint=anisograd.L2Ball(radius=1))
    >>> model(torch.ones(2, 3)).sum().backward()
    >>> optimizer.step()
    >>> bool(model.weight.norm() <= 1.000001)
    True
    """

    def __init__(self, params: Iterable[Any], *arguments: Any, constraint: Set | None = None, **options: Any) -> None:
        super().__init__(params, *arguments, **options)
        self.defaults["constraint"] = constraint
        for group in self.param_groups:
            group.setdefault("constraint", constraint)
            for parameter in group["params"]:
                if parameter.dtype in _SHORT:
                    self.state[parameter]["sum"] = self.state[parameter]["sum"].float()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Loads what state_dict of this class or of torch.optim.Adagrad returned. A group without a constraint in it
        keeps its own."""
        constraints = [group.get("constraint") for group in self.param_groups]
        super().load_state_dict(state_dict)
        for group, constraint in zip(self.param_groups, constraints):
            group.setdefault("constraint", constraint)
        # PyTorch has rounded accumulators to their parameters' type.
        saved = chain.from_iterable(group["params"] for group in state_dict["param_groups"])
        current = chain.from_iterable(group["params"] for group in self.param_groups)
        for key, parameter in zip(saved, current):
            if parameter.dtype in _SHORT and key in state_dict["state"]:
                self.state[parameter]["sum"] = state_dict["state"][key]["sum"].float().clone()

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step of every parameter that has a gradient. closure: as in torch.optim.Optimizer.step."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            self._step_group(group)
        return loss

    def _step_group(self, group: dict[str, Any]) -> None:
        options: AdagradOptions = {"weight_decay": group["weight_decay"], "epsilon": group["eps"],
                                   "epsilon_mode": "outside", "maximize": bool(group.get("maximize"))}
        constraint = group.get("constraint")
        parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
        for parameter in parameters:
            if parameter.device.type != "cpu":
                raise TypeError(f"anisograd.torch.Adagrad: a parameter is on {parameter.device}, not on the CPU")
        steps = [self.state[parameter]["step"] for parameter in parameters]
        if steps:
            torch._foreach_add_(steps, 1)
        # What takes its step in one call: the same type and learning rate.
        batches: dict[tuple[torch.dtype, float], list[_Vectors]] = {}
        copies: list[tuple[torch.Tensor, torch.Tensor]] = []
        for parameter, step in zip(parameters, steps):
            decay = group["lr_decay"]
            rate = group["lr"] / (1 + (float(step) - 1) * decay) if decay != 0 else group["lr"]
            accumulator = self.state[parameter]["sum"]
            if parameter.grad.is_sparse:
                _step_sparse(parameter, accumulator, constraint, _at(rate, options))
                continue
            vectors = _vectors(parameter, accumulator, constraint is not None, copies)
            if constraint is None and vectors[0].dtype in _LISTED:
                batches.setdefault((vectors[0].dtype, rate), []).append(vectors)
                continue
            w, g, v = (_array(tensor.view(-1)) for tensor in vectors)
            if constraint is not None:
                adagrad_step_projected(w, g, v, constraint, **_at(rate, options))
            else:
                adagrad_step(w, g, v, bf16=parameter.dtype == torch.bfloat16, **_at(rate, options))
        for (dtype, rate), batch in batches.items():
            step_list(_LISTED[dtype], [w.numel() for w, _, _ in batch], [w.data_ptr() for w, _, _ in batch],
                      [g.data_ptr() for _, g, _ in batch], [v.data_ptr() for _, _, v in batch],
                      _at(rate, options))
        for tensor, copy in copies:
            tensor.copy_(copy)


def _at(learning_rate: float, options: AdagradOptions) -> AdagradOptions:
    result = options.copy()
    result["learning_rate"] = learning_rate
    return result


def _array(tensor: torch.Tensor) -> Array:
    """The tensor's memory. bfloat16, which NumPy has not, is uint16."""
    if tensor.dtype == torch.bfloat16:
        bits: Array = tensor.view(torch.int16).numpy().view(np.uint16)
        return bits
    array: Array = tensor.numpy()
    return array


def _vectors(parameter: torch.Tensor, accumulator: torch.Tensor, in_order: bool,
             copies: list[tuple[torch.Tensor, torch.Tensor]]) -> _Vectors:
    """w, g, v, contiguous and of equal size: the tensors' memory, in whatever order the parameter lies there unless
    in_order. A tensor that is not dense in memory is copied, and must be copied back: it goes to copies."""
    assert parameter.grad is not None
    w, g, v = parameter.detach(), parameter.grad.detach(), accumulator
    if v.shape != w.shape or v.dtype != (torch.float32 if w.dtype in _SHORT else w.dtype):
        raise TypeError(f"anisograd.torch.Adagrad: an accumulator is {v.dtype} of {tuple(v.shape)}, but its parameter "
                        f"{w.dtype} of {tuple(w.shape)}")
    if w.is_complex():
        w, g, v = torch.view_as_real(w), torch.view_as_real(g), torch.view_as_real(v)
    if not (w.is_contiguous() and g.is_contiguous() and v.is_contiguous()):
        if not in_order:
            order = sorted(range(w.dim()), key=w.stride, reverse=True)
            w, g, v = w.permute(order), g.permute(order), v.permute(order)
        g = g.contiguous()
        dense = w.contiguous(), v.contiguous()
        copies.extend((tensor, copy) for tensor, copy in zip((w, v), dense) if copy is not tensor)
        w, v = dense
    return w, g, v


def _step_sparse(parameter: torch.Tensor, accumulator: torch.Tensor, constraint: Set | None,
                 options: AdagradOptions) -> None:
    """A step of the rows that a sparse gradient holds; a gradient of several sparse dimensions lists rows of as many."""
    if options["weight_decay"] != 0:
        raise RuntimeError("weight_decay option is not compatible with sparse gradients")
    if constraint is not None:
        raise RuntimeError("constraint is not compatible with sparse gradients")
    gradient = parameter.grad
    assert gradient is not None
    if parameter.dtype not in (torch.float32, torch.float64) or not (
            parameter.is_contiguous() and accumulator.is_contiguous()):
        raise TypeError("anisograd.torch.Adagrad: with a sparse gradient a parameter must be contiguous, float32 or float64")
    # Not coalesced: the kernel adds up the gradients of equal rows.
    indices, values = gradient._indices(), gradient._values()
    dimensions = indices.shape[0]
    rows = indices[0]
    for dimension in range(1, dimensions):
        rows = rows * parameter.shape[dimension] + indices[dimension]
    count = int(np.prod(parameter.shape[:dimensions]))
    adagrad_step_rows(_array(parameter.detach().view(count, -1)), _array(accumulator.view(count, -1)),
                      _array(rows.contiguous()), _array(values.contiguous().view(values.shape[0], -1)), **options)
