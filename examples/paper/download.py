#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fetches LIBSVM's data sets into a folder.

    download.py FOLDER [NAME ...]      a4a, a6a, a9a unless named; also real-sim, rcv1_train.binary

What the folder has is not fetched again. A file whose checksum, or number of rows, is not the known one is refused.
"""

from __future__ import annotations

import argparse
import bz2
import hashlib
import urllib.request
from pathlib import Path
from typing import NamedTuple

ADDRESS = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary"


class File(NamedTuple):
    """address: its last part. sha256: the first 16 digits, of the text as it is stored; None where they are not known."""

    address: str
    rows: int
    sha256: str | None


FILES = {
    "a4a": File("a4a", 4781, "694d5abff492bdb8"),
    "a6a": File("a6a", 11220, "6023becedbd392fd"),
    "a9a": File("a9a", 32561, "f5d5ffd8d865ff41"),
    "real-sim": File("real-sim.bz2", 72309, None),
    "rcv1_train.binary": File("rcv1_train.binary.bz2", 20242, None),
}


def fault(text: bytes, file: File) -> str | None:
    """Why this is not the file, if it is not."""
    found = hashlib.sha256(text).hexdigest()[:16]
    if file.sha256 is not None and found != file.sha256:
        return f"its sha256 begins {found}, not {file.sha256}"
    rows = sum(1 for line in text.splitlines() if line.strip())
    return None if rows == file.rows else f"{rows} rows, not {file.rows}"


def fetch(folder: Path, name: str, address: str) -> None:
    file = FILES[name]
    with urllib.request.urlopen(f"{address}/{file.address}") as answer:
        text = answer.read()
    if file.address.endswith(".bz2"):
        text = bz2.decompress(text)
    reason = fault(text, file)
    if reason is not None:
        raise SystemExit(f"{name}: refused, {reason}")
    (folder / name).write_bytes(text)
    print(f"{name}: {file.rows} rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default=ADDRESS, help="another folder of the same files, as an address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FILES))
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in FILES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names or ("a4a", "a6a", "a9a"):
        if (options.folder / name).exists():
            print(f"{name}: is there")
        else:
            fetch(options.folder, name, options.address)


if __name__ == "__main__":
    main()
