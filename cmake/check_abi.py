#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares the ABI with its record (docs/abi.md).

    check_abi.py --compiler=... --nm=... --readelf=... --header=... --exports=... --library=... [--record] RECORD

abidw reads types from debug information, which the library has none of. So the header is made a library of empty
functions that has some, with the soname and the version script of the library itself: the compiler of src/ refuses
a definition that differs from the header, and the symbols of the two libraries are compared here. Exits with 77 where
libabigail is missing.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ADVICE = """
The ABI is not the one recorded in {record}. If that was not meant, undo it. If it was:
  1. See in docs/abi.md whether this version may change it like that, and what else has to change with it.
  2. Announce it in CHANGELOG.md, under Unreleased: "ABI: ...", with what callers have to do.
  3. Record it anew: cmake --build <build folder> --target record-abi"""

# The variable whose type has all constants of the header, since a type belongs to the ABI if something exported has it.
CONSTANTS = "ag_constants"

# The version's numbers change with every release.
MACRO = r"^#define (AG_(?!VERSION_)\w+) \d+$"
ENUMERATION = r"\benum \{([^}]*)\}"
FUNCTION = r"\bAG_API\b([^;()]*?)\b(ag_\w+)\s*(\([^;]*\));"


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def empty_functions(header):
    text = re.sub(r"/\*.*?\*/", "", pathlib.Path(header).read_text(encoding="utf-8"), flags=re.S)
    constants = re.findall(MACRO, text, re.M)
    for enumeration in re.findall(ENUMERATION, text):
        constants += re.findall(r"\bAG_\w+", enumeration)
    # A type for each, since abidiff takes constants of one type and value for the same.
    fields = " ".join(f"enum constant_{name} {{ value_of_{name} = {name} }} {name}_;" for name in constants)
    lines = ['#include "anisograd/anisograd.h"', f"const struct constants {{ {fields} }} {CONSTANTS} = {{0}};"]
    # In parentheses, since some names are macros too.
    lines += [f"{result} ({name}){parameters} {{ __builtin_trap(); }}"
              for result, name, parameters in re.findall(FUNCTION, text)]
    return "\n".join(lines) + "\n"


def symbols(nm, library):
    """With their versions; a version by itself is a symbol too."""
    return {name for name in run(nm, "--dynamic", "--defined-only", "--with-symbol-versions", "--format=just-symbols",
                   library).split() if not name.startswith(CONSTANTS)}


def describe(arguments, soname, folder):
    """Writes the header's ABI as XML, without what differs between machines, compilers and processor families."""
    (folder / "functions.c").write_text(empty_functions(arguments.header), encoding="utf-8")
    exports = pathlib.Path(arguments.exports).read_text(encoding="utf-8")
    (folder / "exports.map").write_text(exports.replace("global:", f"global: {CONSTANTS};", 1), encoding="utf-8")
    includes = pathlib.Path(arguments.header).parents[1]
    run(arguments.compiler, "-std=c99", "-O0", "-g", "-w", "-fPIC", "-shared", "-nostdlib", f"-I{includes}",
        "-Wl,--version-script=exports.map", f"-Wl,-soname,{soname}", "functions.c", "-o", "functions.so", cwd=folder)
    run("abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-architecture", "--no-elf-needed",
        "--no-parameter-names", "--no-write-default-sizes", "--drop-private-types", "--headers-dir", includes,
        "--header-file", "functions.c", "--out-file", "described.abi", "functions.so", cwd=folder)
    return folder / "described.abi"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("compiler", "nm", "readelf", "header", "exports", "library"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--record", action="store_true", help="write the record")
    parser.add_argument("record_path", metavar="RECORD")
    arguments = parser.parse_args()
    if shutil.which("abidiff") is None:
        print("skipped: abidiff is not installed (Debian's abigail-tools)")
        return 1 if arguments.record else 77

    soname = re.search(r"\(SONAME\).*\[(.*)\]", run(arguments.readelf, "--dynamic", arguments.library))[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        described = describe(arguments, soname, folder)
        exported = symbols(arguments.nm, arguments.library)
        version = "ANISOGRAD_" + soname.rpartition(".so.")[2]
        if version not in exported:
            print(f"The library is {soname}, but its version script has no {version}")
            return 1
        if differing := exported ^ symbols(arguments.nm, folder / "functions.so"):
            print("The library and its header differ in:", *sorted(differing))
            return 1
        if arguments.record:
            shutil.copyfile(described, arguments.record_path)
            return 0
        found = subprocess.run(["abidiff", "--harmless", "--redundant", "--no-show-locs", arguments.record_path,
                                described], check=False)
    if found.returncode != 0:
        print(ADVICE.format(record=arguments.record_path))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
