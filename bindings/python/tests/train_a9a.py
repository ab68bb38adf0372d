# SPDX-License-Identifier: BSD-3-Clause
"""Of an installed wheel: runs a README's first block of code, and the first about scikit-learn, which train on the data
set a9a, and compares with the optima that SciPy finds. Argument: the README. ANISOGRAD_DATA names the folder with the
file a9a."""

import importlib
import os
import sys
import textwrap
from pathlib import Path

import numpy as np

import anisograd

SKIPPED = 77


def first_code(readme, heading=None):
    lines = readme.read_text().splitlines()
    if heading is not None:
        del lines[:lines.index(heading)]
    first = next(number for number, line in enumerate(lines) if line.startswith("    "))
    last = next(number for number in range(first, len(lines)) if lines[number] and not lines[number].startswith("    "))
    return textwrap.dedent("\n".join(lines[first:last]))


def main():
    library = Path(anisograd._library._library._name)
    assert library == Path(anisograd.__file__).with_name("libanisograd.so") and sys.prefix in str(library), library
    assert (library.parent / "LICENSE").is_file() and (library.parent / "py.typed").is_file()
    print(f"anisograd {anisograd.version_string()} on {anisograd.active_isa()}")

    examples = first_code(Path(sys.argv[1])), first_code(Path(sys.argv[1]), "## scikit-learn")
    data = Path(os.environ.get("ANISOGRAD_DATA", ""))
    if not (data / "a9a").is_file():
        print(f"skipped: no file {data / 'a9a'}; ANISOGRAD_DATA names the folder with the data sets")
        return SKIPPED
    try:
        from scipy.optimize import minimize
        importlib.import_module("sklearn.datasets")  # the example's
    except ImportError as error:
        print(f"skipped: {error}")
        return SKIPPED

    os.chdir(data)
    for example, options in zip(examples, ({}, {"l2": 1e-4, "fit_intercept": True})):
        names = {}
        exec(example, names)
        X, y = names["X"], names["y"]
        w = names["w"] if "w" in names else np.append(names["model"].coef_, names["model"].intercept_)
        loss = anisograd.logistic(X, y, w, gradient=False, **options)[0]
        optimum = minimize(lambda w: anisograd.logistic(X, y, w, **options), 0 * w, jac=True, method="L-BFGS-B").fun
        print(f"loss {loss:.6f}, at the optimum {optimum:.6f}")
        assert loss < 1.01 * optimum
    return 0


if __name__ == "__main__":
    sys.exit(main())
