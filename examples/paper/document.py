# SPDX-License-Identifier: BSD-3-Clause
"""Puts what a run wrote into the document, between its markers, and copies the figures that the document shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path


def fill(folder: Path, docs: Path) -> None:
    """docs/paper.md: the text between <!-- paper NAME --> and <!-- end of NAME --> becomes that of folder/NAME.md, where
    there is one. docs/paper/: the figures of the folder that the document has links to."""
    path = docs / "paper.md"
    text = path.read_text(encoding="utf-8")

    def block(match: re.Match[str]) -> str:
        source = folder / f"{match[1]}.md"
        if not source.exists():
            print(f"{match[1]}: stays, {folder} has none")
            return match[0]
        return f"<!-- paper {match[1]} -->\n{source.read_text(encoding='utf-8')}<!-- end of {match[1]} -->"

    text = re.sub(r"<!-- paper (\S+) -->\n.*?<!-- end of \1 -->", block, text, flags=re.DOTALL)
    path.write_text(text, encoding="utf-8")
    (docs / "paper").mkdir(exist_ok=True)
    for name in re.findall(r"\(paper/([^)]+\.svg)\)", text):
        if (folder / name).exists():
            shutil.copyfile(folder / name, docs / "paper" / name)
        else:
            print(f"{name}: stays, {folder} has none")
