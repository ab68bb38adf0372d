#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Prints a C header with its comments as Doxygen wants them.

A comment in the header is for all declarations up to the next empty line, mostly a function in all its types: these
become a group, under their common name. Text stays as it is laid out, since formulas and lists are."""
import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()


def documentation(comment):
    """The comment's text, verbatim but for its frame of stars."""
    lines = [re.sub(r"^ ?\* ?", "", line) for line in comment[2:-2].strip("\n").split("\n")]
    lines[0] = lines[0].strip()
    body = "\n".join(line.rstrip() for line in lines).strip("\n")
    return f"\\verbatim embed:rst\n{as_rst(body)}\n\\endverbatim\n"


def as_rst(body):
    """Paragraphs, and what is indented as it stands."""
    result, literal = [], False
    for line in body.split("\n"):
        indented = line.startswith("  ")
        if indented and not literal:
            result.append("\n.. code-block:: none\n")
        elif literal and not indented and line:
            result.append("")
        # An empty line within what is indented belongs to it.
        literal = indented or literal and not line
        result.append("    " + line if indented else escape(line))
    return "\n".join(result)


def escape(line):
    return re.sub(r"([\\*`|_])", r"\\\1", line)


# A comment at the left margin, and the declarations after it: a group, named after what they have in common.
def group(match):
    comment, declarations = match.group(1), match.group(2)
    if "SPDX" in comment or not re.search(r"^(AG_API|typedef|enum|#define AG_ACC)", declarations, re.M):
        return match.group(0)
    functions = re.findall(r"^AG_API[^(]*?(\w+)\(", declarations, re.M)
    types = re.findall(r"^(?:\} |typedef \w+ |#define )(\w+)", declarations, re.M)
    # A function in f32 and f64, and for each form of a matrix, is one.
    names = [re.sub(r"(_(dense|csr|csr64))?((_workspace)?)(_f32|_f64)?(_i32)?$", r"\3", name) for name in functions]
    title = ", ".join(dict.fromkeys(names or types))
    return f"/** @name {title}\n{documentation(comment)}*/\n///@{{\n{declarations}///@}}\n"


# The macros of these names pass the size on to the functions; one of the two is enough.
text = re.sub(r"^#define (ag_\w+_init)\((?:[^\\\n]|\\\n)*\n", "", text, flags=re.M)
text = re.sub(r"^(/\*(?:[^*]|\*(?!/))*\*/)\n((?:[^\n]+\n)+)", group, text, flags=re.M)
# A member's comment, after or above it.
text = re.sub(r"(;|,|\d)( *)/\* ((?:[^*]|\*(?!/))*)\*/", lambda m: f"{m.group(1)} /**< {' '.join(m.group(3).split())} */", text)
sys.stdout.write(text)
