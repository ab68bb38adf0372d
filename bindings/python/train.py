# SPDX-License-Identifier: BSD-3-Clause
"""Logistic regression over an L2 ball by projected AdaGrad, as in examples/train/train.c, with the same digits.

    python3 train.py ../../examples/data/breast_cancer.libsvm
"""

import sys

import numpy as np

import anisograd

COLS, EPOCHS, REPORT_EVERY, BATCH = 30, 20, 5, 64


def read_libsvm(path):
    """Lines of "label column:value ...", columns from 1."""
    labels, row_offsets, columns, values = [], [0], [], []
    with open(path, encoding="ascii") as file:
        for line in file:
            label, *entries = line.split()
            labels.append(float(label))
            for column, value in (entry.split(":") for entry in entries):
                columns.append(int(column) - 1)
                values.append(float(value))
            row_offsets.append(len(columns))
    X = anisograd.Csr(np.array(row_offsets), np.array(columns, np.int32), np.array(values), (len(labels), COLS))
    return X, np.array(labels)


def main():
    X, y = read_libsvm(sys.argv[1])
    rows = y.size
    w, mean, v = np.zeros(COLS + 1), np.zeros(COLS + 1), np.empty(COLS + 1)
    anisograd.adagrad_init(v, 1e-6)
    ball = anisograd.L2Ball(radius=2)
    t = 0
    for epoch in range(EPOCHS):
        order = anisograd.shuffle_indices(rows, 1, epoch)
        for first in range(0, rows, BATCH):
            _, g = anisograd.logistic(X, y, w, loss=False, fit_intercept=True, row_indices=order[first:first + BATCH])
            anisograd.adagrad_step_projected(w, g, v, ball, learning_rate=0.5)
            t += 1
            anisograd.average(mean, w, t)
        if (epoch + 1) % REPORT_EVERY == 0:
            loss, _ = anisograd.logistic(X, y, mean, gradient=False, fit_intercept=True)
            print(f"epoch {epoch + 1} loss {loss:.17f}")


if __name__ == "__main__":
    main()
