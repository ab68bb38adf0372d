#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes scikit-learn's breast-cancer data in LIBSVM form to standard output.

Each feature is standardised: its mean is subtracted, then it is divided by its standard deviation (with
n in the denominator), both over all rows. Labels: +1 benign, -1 malignant. Indices start at 1. Numbers
have six significant digits. On Debian: apt-get install --no-install-recommends python3-sklearn
"""

import sys

from sklearn.datasets import load_breast_cancer


def main() -> None:
    features, target = load_breast_cancer(return_X_y=True)
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    for row, benign in zip(features, target):
        label = "+1" if benign else "-1"
        entries = (f"{index}:{value:.6g}" for index, value in enumerate(row, start=1))
        sys.stdout.write(" ".join([label, *entries]) + "\n")


if __name__ == "__main__":
    main()
