# SPDX-License-Identifier: BSD-3-Clause
"""What the tests and the docstrings' examples share. pytest puts this folder on the path."""

import numpy as np
import pytest

import anisograd


@pytest.fixture(autouse=True)
def names_of_examples(doctest_namespace):
    doctest_namespace.update(np=np, anisograd=anisograd)


@pytest.fixture(autouse=True)
def settings_of_the_process():
    isa = anisograd.active_isa()
    yield
    anisograd.set_isa(isa)
    anisograd.set_num_threads(0)
