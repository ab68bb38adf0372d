#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Changes a copy of the header in one place after another; check_abi.py must find each change of the ABI, and no other.

    check_abi_self_test.py ARGUMENTS OF check_abi.py
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

CHECKER = pathlib.Path(__file__).with_name("check_abi.py")

# What it is, what is replaced by what, and a part of the message or None.
CASES = (
    ("nothing", r"\A", "", None),
    ("a comment", r"/\* Fills in the defaults\. \*/", "/* AG_OK = 1; AG_API int ag_none(void); */", None),
    ("a parameter's name", r"float\* mean,", "float* running_mean,", None),
    ("a version", r"AG_VERSION_PATCH 0", "AG_VERSION_PATCH 1", None),
    ("a constant's value", "AG_EPSILON_INSIDE = 2", "AG_EPSILON_INSIDE = 3", "AG_EPSILON_INSIDE"),
    ("a constant more", "AG_MATH_FAST = 1", "AG_MATH_FAST = 1, AG_MATH_FASTER = 2", "AG_MATH_FASTER"),
    ("a constant less", "AG_REDUCTION_MEAN = 0, ", "", "AG_REDUCTION_MEAN"),
    ("a macro's value", "AG_ACCUMULATOR_BLOCK 256", "AG_ACCUMULATOR_BLOCK 128", "AG_ACCUMULATOR_BLOCK"),
    ("a field more", r"(uint64_t seed, step;)", r"\1 double momentum;", "ag_adagrad_options"),
    ("a field's name", "double radius;", "double bound;", "radius"),
    ("a field's sign", "int32_t maximize;", "uint32_t maximize;", "maximize"),
    ("a field's place", r"double lower, upper;", "double upper, lower;", "ag_set"),
    ("a callback", r"size_t count, double\* values\);", "size_t count, float* values);", "ag_reducer"),
    ("a type's name", "typedef uint16_t ag_bf16;", "typedef int16_t ag_bf16;", "ag_bf16"),
    ("a parameter's type", r"ag_average_f32\(size_t n", "ag_average_f32(int n", "ag_average_f32"),
    ("a const", r"ag_sgd_step_f32\(size_t n, float\* w, const", "ag_sgd_step_f32(size_t n, float* w,", "ag_sgd_step_f32"),
    ("a result", "int ag_get_num_threads", "long ag_get_num_threads", "ag_get_num_threads"),
    ("a function less", r"AG_API ag_isa ag_active_isa\(void\);", "", "ag_active_isa"),
)


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--header", required=True)
    known, others = parser.parse_known_args()
    original = pathlib.Path(known.header).read_text(encoding="utf-8")
    failures = 0
    for name, pattern, replacement, expected in CASES:
        text, count = re.subn(pattern, replacement, original, count=1)
        with tempfile.TemporaryDirectory() as folder:
            header = pathlib.Path(folder) / "anisograd" / "anisograd.h"
            header.parent.mkdir()
            header.write_text(text, encoding="utf-8")
            found = subprocess.run([sys.executable, CHECKER, f"--header={header}", *others], check=False,
                                   stdout=subprocess.PIPE, text=True)
        if found.returncode == 77:
            print(found.stdout)
            return 77
        right = found.returncode == 0 if expected is None else found.returncode == 1 and expected in found.stdout
        if count == 0 or not right:
            print(f"{name}: found {found.stdout or 'nothing'}")
            failures += 1
    print(f"{failures} failures of {len(CASES)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
