# SPDX-License-Identifier: BSD-3-Clause
"""How the shared library is found, and what is said where it cannot be."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import anisograd
from anisograd import _library

LIBRARY = _library._library._name
PACKAGE = Path(anisograd.__file__).parent
PRINT = "import anisograd; print(anisograd._library._library._name)"


def run(program, folder, **environment):
    clean = {name: value for name, value in os.environ.items() if name not in ("ANISOGRAD_LIBRARY", "LD_LIBRARY_PATH")}
    return subprocess.run([sys.executable, "-B", "-c", program], env={**clean, **environment}, cwd=folder,
                          capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path):
    """The package without a library, in a folder of its own."""
    shutil.copytree(PACKAGE, tmp_path / "anisograd", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return tmp_path


def test_where_the_library_is_found(copy):
    system = copy / "system"
    system.mkdir()
    shutil.copy(LIBRARY, system / f"libanisograd.so.{_library._SERIES}")
    found = run(PRINT, copy, LD_LIBRARY_PATH=str(system))
    assert found.stdout.strip() == f"libanisograd.so.{_library._SERIES}", found.stderr
    packaged = copy / "anisograd" / "libanisograd.so"
    shutil.copy(LIBRARY, packaged)
    assert run(PRINT, copy, LD_LIBRARY_PATH=str(system)).stdout.strip() == str(packaged)
    assert run(PRINT, copy, ANISOGRAD_LIBRARY=LIBRARY).stdout.strip() == LIBRARY


@pytest.mark.parametrize("path", ["/nowhere/libanisograd.so", "/etc/passwd"])
def test_a_library_that_cannot_be_loaded(copy, path):
    failed = run("import anisograd", copy, ANISOGRAD_LIBRARY=path)
    assert failed.returncode != 0 and f"ImportError: anisograd: {path} cannot be used" in failed.stderr
    assert "ANISOGRAD_LIBRARY" in failed.stderr


def test_a_library_of_another_version(copy):
    (copy / "anisograd" / "_version.py").write_text('__version__ = "0.99.0"\n')
    failed = run("import anisograd", copy, ANISOGRAD_LIBRARY=LIBRARY)
    assert f"is version {anisograd.version_string()}, this package needs 0.99" in failed.stderr


def test_a_library_with_other_structs(copy):
    structs = copy / "anisograd" / "_structs.py"
    structs.write_text(structs.read_text().replace('("seed", c_uint64)', '("seed", c_uint64), ("later", c_uint64)'))
    failed = run("import anisograd", copy, ANISOGRAD_LIBRARY=LIBRARY)
    assert "ImportError: anisograd: the shared library does not know this package's ag_adagrad_options" in failed.stderr
