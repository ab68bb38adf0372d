# SPDX-License-Identifier: BSD-3-Clause
"""What the tests and the docstrings' examples share. pytest puts this folder on the path."""

import numpy as np
import pytest

import anisograd

# Modules for packages that may be missing.
collect_ignore = []
try:
    import torch

    import anisograd.torch
except ImportError:
    torch = None
    collect_ignore.append("anisograd/torch.py")
try:
    import anisograd.sklearn
except ImportError:
    collect_ignore.append("anisograd/sklearn.py")


@pytest.fixture(autouse=True)
def names_of_examples(doctest_namespace):
    doctest_namespace.update(np=np, anisograd=anisograd, torch=torch)


@pytest.fixture(autouse=True)
def settings_of_the_process():
    isa = anisograd.active_isa()
    yield
    anisograd.set_isa(isa)
    anisograd.set_num_threads(0)
