# SPDX-License-Identifier: BSD-3-Clause
"""The package against anisograd.h: names, arguments, structs and constants."""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

import anisograd
from anisograd import _library, _options, _sets, _structs

INCLUDE = Path(__file__).resolve().parents[3] / "include"
HEADER = (INCLUDE / "anisograd" / "anisograd.h").read_text()
WITHOUT_COMMENTS = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)
FUNCTIONS = {name: [argument.strip() for argument in arguments.split(",")] for name, arguments in
             re.findall(r"AG_API [^;(]*?\b(ag_\w+)\(([^;]*)\);", WITHOUT_COMMENTS)}
CONSTANTS = set(re.findall(r"\b(AG_[A-Z0-9_]+)\s*=", WITHOUT_COMMENTS))


def initializer_without_size(name):
    """ag_..._init, which C programs call through a macro."""
    return name + "_sized" in FUNCTIONS


def c_type(argument):
    if "*" in argument:
        return ctypes.c_void_p
    word = argument.split()[0]
    return {"size_t": ctypes.c_size_t, "double": ctypes.c_double, "uint64_t": ctypes.c_uint64, "int": ctypes.c_int,
            }.get(word) or (ctypes.c_int32 if word.startswith("ag_") else None)


def test_every_function_is_used_with_the_headers_arguments():
    used = {name: list(function.argtypes) for name, function in _library.c_interface.items()}
    assert used == {name: [c_type(argument) for argument in arguments if argument != "void"]
                    for name, arguments in FUNCTIONS.items() if not initializer_without_size(name)}


def test_every_function_has_its_name_in_python():
    for name in FUNCTIONS:
        if initializer_without_size(name) or name.endswith("_init_sized"):
            continue  # the defaults of keyword arguments
        name = name[len("ag_"):]
        without_types = re.sub(r"_(f32|f64|bf16|f16)(_i32)?$", "", re.sub(r"_(dense|csr64|csr)(?=_)", "", name))
        assert name in anisograd.__all__ or without_types in anisograd.__all__, name


def test_everything_public_is_documented_and_listed():
    public = {name for name in vars(anisograd) if not name.startswith("_")} - {"annotations"}
    modules = {name for name in public if isinstance(getattr(anisograd, name), type(anisograd))}
    assert public - modules == set(anisograd.__all__) - {"__version__"}
    for name in anisograd.__all__:
        assert getattr(anisograd, name).__doc__, name


def test_the_version_is_the_headers():
    numbers = re.findall(r"#define AG_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", HEADER)
    assert anisograd.__version__ == ".".join(numbers) == anisograd.version_string()


ENUMERATIONS = {"EPSILON": _options.EpsilonMode, "MATH": _options.MathMode, "ROUNDING": _options.Rounding,
                "POOLING": _options.Pooling, "LABELS": _options.LabelEncoding, "REDUCTION": _options.Reduction,
                "SMOOTHNESS": _options.Smoothness}


def expected_constants():
    for status in anisograd.Status:
        yield "AG_OK" if status == 0 else f"AG_ERROR_{status.name}", int(status)
    for prefix, literal in ENUMERATIONS.items():
        for number, text in enumerate(get_args(literal)):
            yield f"AG_{prefix}_{text.upper()}", number
    for kind in _sets.KINDS:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__)
        yield f"AG_SET_{words.upper()}", kind._kind
    for name in "portable", "avx2", "avx512", "neon":
        yield f"AG_ISA_{name.upper()}", next(number for number in range(9) if anisograd.isa_name(number) == name)
    yield "AG_ISA_NONE", -1


def test_every_constant_is_known():
    assert {name for name, _ in expected_constants()} == CONSTANTS


def test_structs_and_constants_are_those_of_the_c_compiler(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    expected = [(name, number) for name, number in expected_constants()]
    expected.append(("AG_ACCUMULATOR_BLOCK", anisograd.ACCUMULATOR_BLOCK))
    named = set()
    for struct in _structs.ALL:
        for name in struct.c_names:
            named.add(name)
            expected.append((f"sizeof({name})", ctypes.sizeof(struct)))
            for field, _ in struct._fields_:
                expected.append((f"offsetof({name}, {field})", getattr(struct, field).offset))
                expected.append((f"sizeof((({name}*)0)->{field})", getattr(struct, field).size))
    assert named == set(re.findall(r"\} (ag_\w+);", WITHOUT_COMMENTS))
    prints = "".join(f'    printf("%ld\\n", (long)({expression}));\n' for expression, _ in expected)
    (tmp_path / "layout.c").write_text(
        f"#include <anisograd/anisograd.h>\n#include <stdio.h>\nint main(void) {{\n{prints}    return 0;\n}}\n")
    program = tmp_path / "layout"
    subprocess.run([compiler, f"-I{INCLUDE}", tmp_path / "layout.c", "-o", program], check=True)
    numbers = map(int, subprocess.run([program], check=True, capture_output=True, text=True).stdout.split())
    assert [(expression, number) for (expression, _), number in zip(expected, numbers)] == expected


def test_the_documented_defaults_are_the_librarys():
    for options, defaults in ((anisograd.AdagradOptions, _structs.ADAGRAD_DEFAULTS),
                              (anisograd.LogisticOptions, _structs.LOGISTIC_DEFAULTS)):
        literals = {"epsilon_mode": _options.EpsilonMode, "math": _options.MathMode, "rounding": _options.Rounding,
                    "labels": _options.LabelEncoding, "reduction": _options.Reduction}
        found = dict(re.findall(r"(?:^ +|, )(\w+) = ([^\s,]+)", options.__doc__, re.M))
        assert set(found) == set(options.__annotations__)
        for name, text in found.items():
            default = getattr(defaults, name)
            documented = eval(text)
            if isinstance(documented, str):
                documented = get_args(literals[name]).index(documented)
            assert default == documented, name
