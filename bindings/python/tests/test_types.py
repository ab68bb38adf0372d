# SPDX-License-Identifier: BSD-3-Clause
"""The annotations: mypy finds the package consistent, and tells a caller's faults."""

from pathlib import Path

import pytest

api = pytest.importorskip("mypy.api")
FOLDER = Path(__file__).resolve().parents[1]


def test_types(monkeypatch, tmp_path):
    monkeypatch.chdir(FOLDER)
    caller = tmp_path / "caller.py"
    caller.write_text("""\
import anisograd
import numpy as np
x = np.zeros(2)
anisograd.adagrad_step(x, x, x, learning_rate=0.1, epsilon_mode="outside")
anisograd.adagrad_step(x, x, x, learning_rat=0.1)
anisograd.adagrad_step(x, x, x, epsilon_mode="beside")
anisograd.project(x, anisograd.L2Ball(1, x))
anisograd.project(x, x)
reveal_type(anisograd.project(x, anisograd.Box(), report=True))
reveal_type(anisograd.logistic(x, x, x, gradient=False)[1])
""")
    expected = {5: 'Unexpected keyword argument "learning_rat"', 6: 'incompatible type "Literal[\'beside\']"',
                8: "No overload variant", 9: "ProjectionReport", 10: "None"}
    output, errors, _ = api.run(["--cache-dir=/dev/null", "anisograd", str(caller)])
    reported = {}
    for line in output.splitlines()[:-1]:
        if line.startswith(str(caller)):
            number, message = line[len(str(caller)) + 1:].split(":", 1)
            reported.setdefault(int(number), message)
        else:
            assert ": error: " not in line, line
    assert reported.keys() == expected.keys(), output + errors
    for number, message in expected.items():
        assert message in reported[number], output
