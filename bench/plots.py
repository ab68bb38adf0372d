#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws what `anisograd_bench --sweep TABLE` has measured, with gnuplot.

    plots.py TABLE FOLDER [--document PAGE]

FOLDER gets a chart of throughput for each family, and the roofline, as SVG without a background, in colours that can be
read on white and on black. PAGE gets the tables between its markers, `<!-- performance NAME -->` and
`<!-- end of NAME -->`."""
from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime
import pathlib
import re
import subprocess

# Of middling lightness: a contrast of at least 3 with white and with black, text of at least 4.5.
TEXT, GRID = "#767676", "#a0a0a0"
LIMIT = "limit"
ISAS = {"avx512": "#2f80d8", "neon": "#2f80d8", "avx2": "#1a9850", "portable": "#c47a00"}
PEERS = {"autovectorized": "#d9485f", "libtorch": "#9a5fd0", "condat": "#9a5fd0", "sleef": "#9a5fd0",
         "libmvec": "#d9485f", "openblas-gemv-pair": "#9a5fd0", "scikit-learn": "#b8559c"}
NAMES = {"autovectorized": "compiler's loop", "condat": "Condat's algorithm", "sleef": "SLEEF",
         "openblas-gemv-pair": "OpenBLAS products"}

CHARTS = {
    "steps": ["adagrad/step/f32", "adagrad/step/f64"],
    "projected-steps": ["projection/step_box/f32", "projection/step_l2_ball/f32", "projection/step_l1_ball/f32"],
    "projections": ["projection/l1_ball_dense/f32", "projection/simplex_dense/f32"],
    "logistic": ["logistic/dense/f32/64-columns", "logistic/dense/f32/1024-columns", "logistic/csr/f32",
                 "logistic/from_margins/f32"],
    "elementary": ["math/softplus/f32", "math/sigmoid/f32"],
}
TITLES = {
    "adagrad/step/f32": "AdaGrad step, f32",
    "adagrad/step/f64": "AdaGrad step, f64",
    "projection/step_box/f32": "Step with a box, f32",
    "projection/step_l2_ball/f32": "Step with an L2 ball, f32",
    "projection/step_l1_ball/f32": "Step with an L1 ball, f32",
    "projection/l1_ball_dense/f32": "L1 ball, half of x left, f32",
    "projection/simplex_dense/f32": "Simplex, half of x left, f32",
    "logistic/dense/f32/64-columns": "Logistic, dense, 64 columns, f32",
    "logistic/dense/f32/1024-columns": "Logistic, dense, 1024 columns, f32",
    "logistic/csr/f32": "Logistic, CSR, f32",
    "logistic/from_margins/f32": "Loss from margins, f32",
    "math/softplus/f32": "Softplus, f32",
    "math/sigmoid/f32": "Sigmoid, f32",
}
# Short names at the roofline's points.
LETTERS = {function: chr(ord("A") + i) for i, function in enumerate(TITLES)}
IN_CACHE = 1 << 16  # elements: 256 KiB an array of f32


@dataclasses.dataclass
class Point:
    elements: int
    bytes: float
    operations: float
    seconds: tuple[float, float, float]  # lower quartile, median, upper quartile

    def gigabytes(self) -> tuple[float, float, float]:
        """Per second: lower quartile, median, upper quartile."""
        low, median, high = (self.bytes / s * 1e-9 for s in reversed(self.seconds))
        return low, median, high

    def gigaflops(self) -> float:
        return self.operations / self.seconds[1] * 1e-9


Lines = dict[tuple[str, int, str], list[Point]]  # by function, threads, series


@dataclasses.dataclass
class Sweep:
    context: dict[str, str]
    lines: Lines
    day: str

    def threads(self) -> list[int]:
        return sorted({threads for _, threads, _ in self.lines})

    def functions(self) -> list[str]:
        return [f for f in TITLES if any(f == function for function, _, _ in self.lines)]

    def series(self, function: str) -> list[str]:
        names = {series for f, _, series in self.lines if f == function}
        order = ["limit", "read-once", *ISAS, *PEERS]
        return sorted(names, key=order.index)

    def points(self, function: str, threads: int, series: str) -> list[Point]:
        return self.lines.get((function, threads, series), [])

    def limit(self, function: str, threads: int) -> list[Point]:
        return self.points(function, threads, "limit") or self.points(function, threads, "read-once")

    def best_isa(self) -> str:
        return self.context["active isa"]

    def at(self, function: str, threads: int, series: str, elements: int) -> Point | None:
        points = self.limit(function, threads) if series == LIMIT else self.points(function, threads, series)
        return next((p for p in points if p.elements == elements), None)

    def largest(self, function: str) -> int:
        return max(p.elements for (f, _, _), points in self.lines.items() if f == function for p in points)

    def memory(self, threads: int) -> float:
        """The memory's ceiling, GB/s: the fastest limit of all on the largest data."""
        return max(points[-1].gigabytes()[1] for f in self.functions() if (points := self.limit(f, threads)))

    def arithmetic(self, threads: int) -> float:
        return self.points("arithmetic/f32", threads, "limit")[0].gigaflops()

    def machine(self) -> str:
        c = self.context
        return (f"{c['cpu']}, {c['processors']} processors, {self.best_isa()}; {c['compiler']}; "
                f"load average {c['load average'].split()[0]}; {self.day}")


def read(path: pathlib.Path) -> Sweep:
    context: dict[str, str] = {}
    lines: Lines = {}
    with path.open(encoding="utf-8") as file:
        rows: list[str] = []
        for line in file:
            if line.startswith("# "):
                key, _, value = line[2:].strip().partition(": ")
                context[key] = value
            else:
                rows.append(line)
    for row in csv.DictReader(rows, delimiter="\t"):
        key_of_line = row["function"], int(row["threads"]), row["series"]
        lines.setdefault(key_of_line, []).append(
            Point(int(row["elements"]), float(row["bytes"]), float(row["operations"]),
                  (float(row["first_quartile"]), float(row["median"]), float(row["third_quartile"]))))
    for points in lines.values():
        points.sort(key=lambda p: p.elements)
    return Sweep(context, lines, datetime.date.fromtimestamp(path.stat().st_mtime).isoformat())


# ---- Charts ------------------------------------------------------------------------------------------------


def name_of(series: str) -> str:
    return "limit" if series == "read-once" else NAMES.get(series, series)


def colour_of(series: str) -> str:
    return {**ISAS, **PEERS}.get(series, TEXT)


def style(series: str) -> str:
    colour = f'linecolor rgb "{colour_of(series)}"'
    if series in ISAS:
        points = {"avx2": 5, "portable": 9}.get(series, 7)
        return f"{colour} linewidth 2 pointtype {points} pointsize 0.45"
    if series in PEERS:
        return f"{colour} dashtype 4 linewidth 1.5 pointtype 6 pointsize 0.45"
    return f"{colour} dashtype 2 linewidth 2 pointtype 0"


def start(path: pathlib.Path, width: int, height: int) -> str:
    return f"""
set terminal svg size {width}, {height} enhanced font "sans-serif,12"
set output "{path}"
set border 3 linecolor rgb "{TEXT}"
set grid noxtics ytics linecolor rgb "{GRID}" linewidth 0.4 dashtype 3
set tics nomirror textcolor rgb "{TEXT}" scale 0.5
set logscale x 2
set logscale y 10
set mytics 1
set key textcolor rgb "{TEXT}" samplen 1.5 spacing 1.1
"""


def coloured(text: str) -> str:
    return f'"{text}" textcolor rgb "{TEXT}"'


def throughput(sweep: Sweep, path: pathlib.Path, functions: list[str]) -> str:
    """A row of panels for each function, a panel for each number of threads."""
    threads = sweep.threads()
    left, right, gap, foot = 0.07, 0.75, 0.05, 30
    head, panel = 12, 215
    height = head + panel * len(functions) + foot
    width_of_panel = (right - left - gap * (len(threads) - 1)) / len(threads)
    out = [start(path, 900, height), 'set multiplot\nset format x "2^{%L}"\nset format y "%g"\n',
           f"set label 1 {coloured(sweep.machine())} at screen 0.5, screen {9 / height:.4f} center "
           'font "sans-serif,10"\n']
    for row, function in enumerate(functions):
        top = 1 - (head + panel * row + 24) / height
        bottom = 1 - (head + panel * (row + 1) - 30) / height
        out.append(f"set tmargin at screen {top:.4f}\nset bmargin at screen {bottom:.4f}\n")
        all_points = [p for (f, _, _), points in sweep.lines.items() if f == function for p in points]
        rates = [p.gigabytes()[1] for p in all_points]
        # On a busy machine single points fall off by orders of magnitude; what is below is cut.
        lowest = max(min(rates), max(rates) / 1000)
        out.append(f"set yrange [{lowest / 1.4:.3g} : {max(rates) * 1.4:.3g}]\n")
        for column, count in enumerate(threads):
            start_of_panel = left + (width_of_panel + gap) * column
            out.append(f"set lmargin at screen {start_of_panel:.4f}\n"
                       f"set rmargin at screen {start_of_panel + width_of_panel:.4f}\n")
            title = f"{TITLES[function]}, {count} thread{'s' if count > 1 else ''}"
            out.append(f"set title {coloured(title)} offset 0, -0.6\n")
            out.append(f"set ylabel {coloured('GB/s')} offset 1.5, 0\n" if column == 0 else "unset ylabel\n")
            out.append(f"set xlabel {coloured('elements' if row + 1 == len(functions) else '')} offset 0, 0.6\n")
            last = column + 1 == len(threads)
            out.append("set key at screen 0.755, graph 1 left top Left reverse font \"sans-serif,11\"\n" if last else "unset key\n")
            sizes = [p.elements for s in sweep.series(function) for p in sweep.points(function, count, s)]
            if not sizes:
                continue
            out.append(f"set xrange [{min(sizes) / 1.3:.6g} : {max(sizes) * 1.3:.6g}]\nset xtics {min(sizes)}, 4\n")
            plots = []
            for i, series in enumerate(sweep.series(function)):
                points = sweep.points(function, count, series)
                if points:
                    out.append(f"$data{i} << END\n")
                    out.extend("{} {:.4g} {:.4g} {:.4g}\n".format(p.elements, p.gigabytes()[1], p.gigabytes()[0],
                                                                  p.gigabytes()[2]) for p in points)
                    out.append("END\n")
                    plots.append(f"$data{i} using 1:3:4 with filledcurves fillstyle transparent solid 0.25 noborder "
                                 f"linecolor rgb \"{colour_of(series)}\" notitle")
                    plots.append(f"$data{i} with linespoints {style(series)} title \"{name_of(series)}\"")
                else:
                    plots.append(f"keyentry with linespoints {style(series)} title \"{name_of(series)} (1 thread)\"")
            out.append("plot " + ", ".join(plots) + "\nunset label 1\n")
    out.append("unset multiplot\n")
    return "".join(out)


def roofline(sweep: Sweep, path: pathlib.Path) -> str:
    """The best ISA's kernels on the largest data, for each number of threads, and in cache on one thread."""
    threads = sweep.threads()
    isa = sweep.best_isa()
    out = [start(path, 900, 480),
           'set format x "%g"\nset format y "%g"\n',
           "set lmargin 8\nset rmargin at screen 0.66\nset bmargin at screen 0.17\n",
           f"set xlabel {coloured('operations / byte')} offset 0, 0.4\nset ylabel {coloured('GFLOP/s')} offset 1, 0\n",
           f"set label 1 {coloured(sweep.machine())} at screen 0.5, screen 0.02 center font \"sans-serif,10\"\n",
           "set key at screen 0.675, graph 0.36 left top Left reverse\n",
           "set xrange [0.09 : 16]\nset samples 200\n"]
    for i, function in enumerate(sweep.functions()):
        out.append(f"set label {i + 10} {coloured(LETTERS[function] + '  ' + TITLES[function])} at screen 0.68, "
                   f"screen {0.955 - 0.036 * i:.3f} left font \"sans-serif,11\"\n")
    plots, rates = [], []
    colours = ["#2f80d8", "#d9485f"]
    for count, colour in zip(threads, colours):
        memory, peak = sweep.memory(count), sweep.arithmetic(count)
        rates.append(peak)
        noun = f"{count} thread{'s' if count > 1 else ''}"
        plots.append(f"(x * {memory:.4g} < {peak:.4g} ? x * {memory:.4g} : {peak:.4g}) with lines linewidth 1.5 "
                     f"dashtype 2 linecolor rgb \"{colour}\" title \"ceilings, {noun}\"")
    kinds = [(count, None, 7, colour) for count, colour in zip(threads, colours)] + [(1, IN_CACHE, 6, "#1a9850")]
    for i, (count, elements, point, colour) in enumerate(kinds):
        out.append(f"$points{i} << END\n")
        for function in sweep.functions():
            p = sweep.at(function, count, isa, elements or sweep.largest(function))
            if p is not None:
                rates.append(p.gigaflops())
                out.append(f"{p.operations / p.bytes:.4g} {p.gigaflops():.4g} {LETTERS[function]}\n")
        out.append("END\n")
        where = "in memory" if elements is None else "in cache"
        plots.append(f"$points{i} using 1:2 with points pointtype {point} pointsize 0.6 linecolor rgb \"{colour}\" "
                     f"title \"{where}, {count} thread{'s' if count > 1 else ''}\"")
        plots.append(f"$points{i} using 1:2:3 with labels offset 0.9, 0.1 textcolor rgb \"{colour}\" "
                     "font \"sans-serif,11\" notitle")
    out.append(f"set yrange [{max(min(rates), max(rates) / 1e4) / 1.6:.3g} : {max(rates) * 1.6:.3g}]\n")
    return "".join(out) + "plot " + ", ".join(plots) + "\n"


# ---- Tables ------------------------------------------------------------------------------------------------


def size_of(elements: int) -> str:
    return f"2<sup>{elements.bit_length() - 1}</sup>"


def headline(sweep: Sweep) -> list[str]:
    isa = sweep.best_isa()
    rows = ["| kernel | elements | threads | GB/s (quartiles) | of the limit | against peers: times as fast |",
            "|---|--:|--:|--:|--:|---|"]
    for function in sweep.functions():
        for elements in (IN_CACHE, sweep.largest(function)):
            for threads in sweep.threads():
                ours = sweep.at(function, threads, isa, elements)
                limit = sweep.at(function, threads, LIMIT, elements)
                if ours is None or limit is None or (threads > 1 and elements == IN_CACHE):
                    continue
                peers = []
                for series in sweep.series(function):
                    peer = sweep.at(function, threads, series, elements) if series in PEERS else None
                    if peer is not None:
                        peers.append(f"{name_of(series)} {peer.seconds[1] / ours.seconds[1]:.2f}")
                low, median, high = ours.gigabytes()
                rows.append(f"| {TITLES[function]} | {size_of(elements)} | {threads} | {median:.1f} ({low:.1f}–{high:.1f}) "
                            f"| {limit.seconds[1] / ours.seconds[1]:.2f} | {'; '.join(peers)} |")
    return [*rows, "", measured(sweep)]


def intensities(sweep: Sweep) -> list[str]:
    isa = sweep.best_isa()
    rows = ["| | kernel | operations per byte | GFLOP/s in memory, by threads | of the ceiling |", "|---|---|--:|--:|--:|"]
    for function in sweep.functions():
        rates, shares = [], []
        p = None
        for threads in sweep.threads():
            p = sweep.at(function, threads, isa, sweep.largest(function))
            if p is not None:
                ceiling = min(sweep.arithmetic(threads), sweep.memory(threads) * p.operations / p.bytes)
                rates.append(f"{p.gigaflops():.2f}")
                shares.append(f"{p.gigaflops() / ceiling:.2f}")
        if p is not None:
            rows.append(f"| {LETTERS[function]} | {TITLES[function]} | {p.operations / p.bytes:.3g} | {', '.join(rates)} "
                        f"| {', '.join(shares)} |")
    ceilings = [f"{threads} thread{'s' if threads > 1 else ''}: {sweep.memory(threads):.1f} GB/s, "
                f"{sweep.arithmetic(threads):.0f} GFLOP/s" for threads in sweep.threads()]
    return [*rows, "", "Ceilings, f32: " + "; ".join(ceilings) + "."]


def measured(sweep: Sweep) -> str:
    c = sweep.context
    return (f"Of {sweep.day}, {c['cpu']}, {c['processors']} processors, {sweep.best_isa()} of {c['runnable isas']}; "
            f"{c['compiler']}, `{c['flags']}`, baselines `{c['baseline flags']}`; commit {c['commit']}; "
            f"{c['repetitions']} repetitions; load average at the start: {c['load average']}, "
            f"at the end, our own threads included: {c['load average at the end'].split()[0]}.")


def fill(page: pathlib.Path, tables: dict[str, list[str]]) -> None:
    text = page.read_text(encoding="utf-8")
    for name, rows in tables.items():
        begin, end = f"<!-- performance {name} -->\n", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, ended, after = rest.partition(end)
        if not found or not ended:
            raise SystemExit(f"plots.py: {page} has no markers for {name}")
        text = before + begin + "\n".join(rows) + "\n" + end + after
    page.write_text(text, encoding="utf-8")


def smaller(svg: str) -> str:
    """Without gnuplot's empty groups and blanks, more than half of a file."""
    group = re.compile(r"<g [^>]*>\s*</g>\s*")
    while group.search(svg):
        svg = group.sub("", svg)
    svg = re.sub(r"<[^>]+>", lambda tag: re.sub(r"(\.\d)\d+\b", r"\1", tag[0]), svg)  # tenths of a pixel
    svg = re.sub(r"rgb\((\d+), ?(\d+), ?(\d+)\)", lambda m: "#{:02x}{:02x}{:02x}".format(*map(int, m.groups())), svg)
    svg = re.sub(r' stroke-linecap="butt" stroke-linejoin="miter"| color="(black|gray)"| class="gridline"', "", svg)
    svg = svg.replace(' font-family="sans-serif"', "").replace("<svg", '<svg font-family="sans-serif"', 1)
    return re.sub(r"\s*\n\s*", "\n", svg)


def draw(commands: str, path: pathlib.Path) -> None:
    subprocess.run(["gnuplot"], check=True, text=True, input=commands)
    path.write_text(smaller(path.read_text(encoding="utf-8")), encoding="utf-8")
    print(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--document", type=pathlib.Path, metavar="PAGE")
    arguments = parser.parse_args()
    sweep = read(arguments.table)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    measured_functions = sweep.functions()
    for chart, functions in CHARTS.items():
        functions = [f for f in functions if f in measured_functions]
        path = arguments.folder / f"{chart}.svg"
        if functions:
            draw(throughput(sweep, path, functions), path)
    path = arguments.folder / "roofline.svg"
    if measured_functions and sweep.points("arithmetic/f32", 1, "limit"):
        draw(roofline(sweep, path), path)
    if arguments.document is not None:
        fill(arguments.document, {"headline": headline(sweep), "roofline": intensities(sweep)})


if __name__ == "__main__":
    main()
