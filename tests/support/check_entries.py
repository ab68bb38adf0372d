#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fails unless object files call every function that the library exports.

    check_entries.py NM EXPORTS OBJECT...
"""
import re
import subprocess
import sys


def main() -> int:
    nm, exports, *objects = sys.argv[1:]
    with open(exports, encoding="utf-8") as file:
        exported = set(re.findall(r"\b(ag_\w+);", file.read()))
    symbols = subprocess.run([nm, "--undefined-only", *objects], check=True, capture_output=True, text=True).stdout
    called = set(re.findall(r"\bU (ag_\w+)$", symbols, re.MULTILINE))
    missing = sorted(exported - called)
    for name in missing:
        print(f"nothing here calls {name}")
    print(f"{len(exported)} functions are exported, {len(exported & called)} of them are called")
    return 1 if missing or not exported else 0


if __name__ == "__main__":
    sys.exit(main())
