# SPDX-License-Identifier: BSD-3-Clause
"""A language model over bytes with GPT-2's architecture (Radford et al. 2019): blocks with the norms before attention and
multilayer perceptron, learned positions, GELU in its tanh form, the head tied to the embedding of the tokens. No dropout:
the loss is a function of the parameters. Its weights are its own, none are GPT-2's."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from instructions import Windows

VOCABULARY = 256


class Shape(NamedTuple):
    """heads: divides width. context: tokens that a prediction may depend on."""

    layers: int
    heads: int
    width: int
    context: int


class Block(torch.nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._heads = shape.heads
        self.attention_norm = torch.nn.LayerNorm(shape.width)
        self.attention_in = torch.nn.Linear(shape.width, 3 * shape.width)
        self.attention_out = torch.nn.Linear(shape.width, shape.width)
        self.perceptron_norm = torch.nn.LayerNorm(shape.width)
        self.perceptron_in = torch.nn.Linear(shape.width, 4 * shape.width)
        self.perceptron_out = torch.nn.Linear(4 * shape.width, shape.width)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        rows, length, width = x.shape
        split = self.attention_in(self.attention_norm(x)).view(rows, length, 3, self._heads, width // self._heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-2, -1) / math.sqrt(width // self._heads) + mask
        mixed = (torch.softmax(scores, dim=-1) @ value).transpose(1, 2).reshape(rows, length, width)
        x = x + self.attention_out(mixed)
        hidden = functional.gelu(self.perceptron_in(self.perceptron_norm(x)), approximate="tanh")
        result: torch.Tensor = x + self.perceptron_out(hidden)
        return result


class LanguageModel(torch.nn.Module):
    """seed: of the parameters at first, normal with GPT-2's standard deviations: 0.02, and 0.02 / sqrt(2 layers) where a
    layer adds to the residual stream."""

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__()
        if shape.width % shape.heads != 0:
            raise ValueError(f"{shape.heads} heads do not divide the width {shape.width}")
        self.tokens = torch.nn.Embedding(VOCABULARY, shape.width)
        self.positions = torch.nn.Embedding(shape.context, shape.width)
        self.blocks = torch.nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = torch.nn.LayerNorm(shape.width)
        mask = torch.full((shape.context, shape.context), -math.inf).triu(1)
        self.register_buffer("mask", mask, persistent=False)
        random = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if parameter.dim() == 2:
                    into_stream = name.endswith("_out.weight")
                    parameter.normal_(0, 0.02 / (math.sqrt(2 * shape.layers) if into_stream else 1), generator=random)
                elif name.endswith(".bias"):
                    parameter.zero_()

    def forward(self, tokens: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
        """The logits of the next token where counted, (number counted, VOCABULARY). tokens, counted: (rows, length), of at
        most the context."""
        length = tokens.shape[1]
        x = self.tokens(tokens) + self.positions.weight[:length]
        mask = self.mask[:length, :length]
        for block in self.blocks:
            x = block(x, mask)
        return functional.linear(self.norm(x[counted]), self.tokens.weight)


def mean_loss(model: LanguageModel, data: Windows, rows: NDArray[np.int64], micro_batch: int, gradient: bool) -> float:
    """The mean cross-entropy, in nats, over all predictions that count in the windows listed. gradient: adds that of the
    mean to the parameters' .grad, from micro-batches of so many windows."""
    total = int(data.counted[rows].sum())
    result = 0.0
    with torch.set_grad_enabled(gradient):
        for first in range(0, len(rows), micro_batch):
            chosen = rows[first:first + micro_batch]
            tokens = torch.from_numpy(data.tokens[chosen].astype(np.int64))
            counted = torch.from_numpy(data.counted[chosen])
            logits = model(tokens[:, :-1], counted)
            loss = functional.cross_entropy(logits, tokens[:, 1:][counted], reduction="sum") / total
            if gradient:
                loss.backward()
            result += float(loss)
    return result
