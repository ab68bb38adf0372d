#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The experiments of AdaGrad under Anisotropic Smoothness (Liu, Pan, Zhang; ICLR 2025), with this library.

    run.py OUTPUT_FOLDER                     logistic regression; what the folder has is not run again
    run.py OUTPUT_FOLDER --only NAME ...     some of: methods, constrained, theory, probe, compare
    run.py language-model OUTPUT_FOLDER      the language model, by --preset laptop, desktop or server; needs PyTorch
    ... --document DOCS                      then the folder's tables and figures into DOCS/paper.md and DOCS/paper/

The comparison with other solvers (compare) is timed: of a machine that does nothing else.

The library is the one that ANISOGRAD_LIBRARY names; ANISOGRAD_DATA names the folder with the data sets.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Sequence

if TYPE_CHECKING:
    from output import Context

HERE = Path(__file__).resolve().parent
# The package from this project, unless it is installed.
sys.path.append(str(HERE.parents[1] / "bindings" / "python"))
# Each process has one thread: the sums of a CSV file do not depend on it, the time of two processes does.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ANISOGRAD_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

SETS = ("a4a", "a6a", "a9a", "like-real-sim", "like-rcv1")
EXPERIMENTS = ("methods", "constrained", "theory", "probe", "compare")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke test: the first 1000 rows of a4a, seconds")
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=EXPERIMENTS, help="experiments to run")
    parser.add_argument("--sets", nargs="+", help=f"data sets: {', '.join(SETS)}, or files of the data folder")
    parser.add_argument("--data", type=Path, help="the folder with the data sets, instead of ANISOGRAD_DATA")
    parser.add_argument("--document", type=Path, metavar="DOCS", help="the folder with paper.md, to put the results into")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1), help="at a time (default: 2)")
    language = parser.add_argument_group("of language-model")
    language.add_argument("--preset", default="laptop", help="laptop, desktop, server, or tiny for a smoke test")
    for name in ("layers", "heads", "width", "context", "pretraining-steps", "sequences"):
        language.add_argument(f"--{name}", type=int, metavar="N", help="instead of the preset's")
    language.add_argument("--instructions", type=Path, help="alpaca_data.json, or another file like it or seed_tasks.jsonl")
    language.add_argument("--text", type=Path, help="the text of the pretraining (default: tinyshakespeare.txt)")
    language.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1),
                          help="of the pretraining (default: 2); the runs of the tuning have one each")
    parser.add_argument("words", nargs="+", metavar="[language-model] FOLDER")
    return parser.parse_intermixed_args()


def main() -> int:
    options = arguments()
    is_language_model = options.words[0] == "language-model"
    if len(options.words) != (2 if is_language_model else 1):
        print("run.py: expected one folder; see --help", file=sys.stderr)
        return 2
    folder = Path(options.words[-1])
    if options.document and not (options.document / "paper.md").is_file():
        print(f"run.py: no file {options.document / 'paper.md'}", file=sys.stderr)
        return 2
    if is_language_model:
        # Else OpenMP's threads, which PyTorch has, spin while they wait, and take the time of what runs beside them.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import data
    from output import Context
    folder.mkdir(parents=True, exist_ok=True)
    sets = options.sets or (("a4a",) if options.quick else SETS)
    context = Context(folder, options.data or data.default_folder(), tuple(sets), options.quick, options.processes)
    try:
        if is_language_model:
            from experiments import language
            settings = language.settings_of(options, context.data_folder)
            write_blocks(folder, language.blocks(context, settings, options.threads))
        else:
            context.check_settings("settings", {"sets": context.sets, "quick": context.quick})
            run(context, options.only)
    except data.MissingData as missing:
        print(f"run.py: {missing}", file=sys.stderr)
        return 1
    if options.document:
        import document
        document.fill(folder, options.document)
    context.say("done")
    return 0


def run(context: Context, only: Sequence[str]) -> None:
    from experiments import compare, constrained, methods_compared, smoothness, theory
    modules = {"methods": methods_compared, "constrained": constrained, "theory": theory, "probe": smoothness,
               "compare": compare}
    for name in only:
        write_blocks(context.folder, modules[name].blocks(context))


def write_blocks(folder: Path, blocks: dict[str, str]) -> None:
    for name, text in blocks.items():
        (folder / f"{name}.md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
