#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles and runs every C, C++ and Python example of the documentation, against an installed library.

    check_examples.py PREFIX PAGE...

An example is a fenced block of one of these languages: a whole program, which must compile without a warning and end with
status 0."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(c|cpp|python)\n(.*?)^```$", re.M | re.S)


def main():
    prefix, pages = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    library = next(prefix.rglob("libanisograd.so"))
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    link = [f"-I{prefix}/include", f"-L{library.parent}", "-lanisograd", "-lm"]
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": str(library.parent),
        "ANISOGRAD_LIBRARY": str(library),
        "PYTHONPATH": str(pathlib.Path(__file__).resolve().parents[2] / "bindings" / "python"),
    }
    count = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        for page in pages:
            text = pathlib.Path(page).read_text(encoding="utf-8")
            for block in BLOCK.finditer(text):
                language, code = block.groups()
                where = f"{page}:{text.count(chr(10), 0, block.start()) + 1}"
                source = os.path.join(folder, "example." + {"python": "py"}.get(language, language))
                pathlib.Path(source).write_text(code, encoding="utf-8")
                commands = {
                    "c": [["gcc", "-std=c99", *warnings, source, "-o", program, *link], [program]],
                    "cpp": [["g++", "-std=c++20", *warnings, source, "-o", program, *link], [program]],
                    "python": [["/usr/bin/python3", "-W", "error", source]],
                }[language]
                count += 1
                for command in commands:
                    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
                    if result.returncode != 0:
                        print(f"{where}: {' '.join(command)} ended with {result.returncode}\n{result.stdout}{result.stderr}")
                        failed += 1
                        break
                else:
                    print(f"{where}: {' | '.join(result.stdout.split(chr(10))).strip(' |')}")
    print(f"{count} examples, {failed} failed")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
