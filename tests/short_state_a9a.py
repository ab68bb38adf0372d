#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Trains on a9a with the state in 32 bits, compressed, and in 16 bits, and compares the losses.

    short_state_a9a.py LIBRARY

The folder ANISOGRAD_DATA has the file a9a.
"""

import ctypes
import sys

from a9a import FEATURES, ROWS, adagrad_options, call, logistic, np

BATCH, EPOCHS, RATE = 64, 10, 0.1


def train(make):
    """make(options) gives the parameters in 32 bits, as a function, and a step by a gradient in 32 bits."""
    options = adagrad_options()
    options.learning_rate = RATE
    parameters, step = make(options)
    generator = np.random.default_rng(1)
    losses = []
    for _ in range(EPOCHS):
        order = generator.permutation(ROWS).astype(np.int64)
        for begin in range(0, ROWS, BATCH):
            gradient = np.zeros(FEATURES, np.float32)
            logistic(parameters(), order[begin:begin + BATCH], gradient)
            options.step += 1
            step(gradient)
        losses.append(logistic(parameters(), None, None))
    return losses


def full(options):
    w, v = np.zeros(FEATURES, np.float32), np.full(FEATURES, 1e-20, np.float32)
    return lambda: w, lambda g: call("ag_adagrad_step_f32", FEATURES, w, g, v, ctypes.byref(options))


def compressed(options):
    w, codes, scales = np.zeros(FEATURES, np.float32), np.zeros(FEATURES, np.uint8), np.zeros(1, np.float32)
    call("ag_accumulator_encode_f32", FEATURES, np.full(FEATURES, 1e-20, np.float32), codes, scales)
    return lambda: w, lambda g: call("ag_adagrad_step_compressed_f32", FEATURES, w, g, codes, scales,
                                     ctypes.byref(options))


def short(form, rounding):
    def make(options):
        options.rounding = rounding
        w, v = np.zeros(FEATURES, np.uint16), np.full(FEATURES, 1e-20, np.float32)

        def parameters():
            wide = np.zeros(FEATURES, np.float32)
            call(f"ag_f32_from_{form}", FEATURES, w, wide)
            return wide

        def step(g):
            narrow = np.zeros(FEATURES, np.uint16)
            call(f"ag_{form}_from_f32", FEATURES, g, narrow)
            call(f"ag_adagrad_step_{form}", FEATURES, w, narrow, v, ctypes.byref(options))
        return parameters, step
    return make


NEAREST, STOCHASTIC = 0, 1
reference = train(full)
print(f"{'state':28} " + " ".join(f"epoch {e + 1:2}" for e in (0, 4, 9)))
faults = 0
# Allowed: how much larger the loss may be at the end. Rounding bf16 parameters to nearest loses steps below half
# their last place, 2^-9 of them; compressed accumulators lose squares below half the distance of two codes.
for name, make, allowed in (("accumulator in 32 bits", full, 0), ("accumulator in 8 bits", compressed, 2e-3),
                            ("f16, to nearest", short("f16", NEAREST), 2e-3),
                            ("f16, stochastic", short("f16", STOCHASTIC), 2e-3),
                            ("bf16, to nearest", short("bf16", NEAREST), 5e-2),
                            ("bf16, stochastic", short("bf16", STOCHASTIC), 5e-3)):
    losses = train(make)
    excess = losses[-1] - reference[-1]
    verdict = "" if excess <= allowed else f"  more than {allowed} above"
    faults += excess > allowed
    print(f"{name:28} " + " ".join(f"{losses[e]:.6f}" for e in (0, 4, 9)) + f"  {excess:+.1e}{verdict}")
sys.exit(1 if faults else 0)
