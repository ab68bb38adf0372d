#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks what the compiler made, where a mistake would crash on some CPUs only, or only cost speed.

    check_objects.py isa NAME OBJECT...    the objects of one ISA, see check_isa
    check_objects.py baseline OBJECT...    objects that run on every CPU of the family, see check_baseline
    check_objects.py library LIBRARY       the shared library, see check_library
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass, field

# What a compiler may call by itself in any build. __stack_chk_fail is hardening; the assembler adds the table.
ALWAYS_ALLOWED = "memcpy|memset|memmove|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_"

LIBRARIES_ALLOWED = r"(libc|libm|libgcc_s|libstdc\+\+|ld-linux[-\w]*)\.so\b.*"
OPENMP = r"libg?omp\.so\b.*"


@dataclass
class IsaRules:
    vector: str  # a full vector register of this ISA
    used: tuple = ()  # each must occur in some instruction: the ISA is really used
    forbidden: str = ""  # what a CPU of this ISA may not have
    undefined: str = "fma|fmaf"  # further symbols that it may call
    baseline: bool = False
    whole_vectors: bool = False  # in Release every kernel computes on full vectors, in loops without calls
    registers_only: bool = False  # enough registers: in Release a hot loop must not use the stack


ISA_RULES = {
    "avx512": IsaRules(
        vector=r"%zmm\d+",
        used=(r"vsqrtp[sd]\s.*%zmm", r"vdivp[sd]\s.*%zmm", r"vfn?m(add|sub)\d+p[sd]\s.*%zmm"),
        undefined="",
        whole_vectors=True,
        registers_only=True,
    ),
    "avx2": IsaRules(
        vector=r"%ymm\d+",
        used=(r"vsqrtp[sd]\s.*%ymm", r"vdivp[sd]\s.*%ymm", r"vfn?m(add|sub)\d+p[sd]\s.*%ymm"),
        forbidden=r"%zmm\d+|%k[0-7]\b|%[xy]mm(1[6-9]|2\d|3[01])\b",
        undefined="",
        whole_vectors=True,
    ),
    "neon": IsaRules(
        vector=r"\b(v\d+\.(4s|2d)|q\d+)\b",
        used=(r"fsqrt\s.*\.4s", r"fdiv\s.*\.2d", r"fml[as]\s.*\.(4s|2d)"),
        undefined="",
        whole_vectors=True,
        registers_only=True,
    ),
    "portable": IsaRules(vector=r"%xmm\d+|\bv\d+\.(4s|2d)", baseline=True),
}


@dataclass
class Instruction:
    address: int
    code: bytes
    text: str

    @property
    def name(self):
        return self.text.split(None, 1)[0]

    def is_return(self):
        return re.match(r"(rep |repz )?retq?\b", self.text) is not None

    def is_unconditional_jump(self):
        return re.match(r"(jmpq?|b|br)\s", self.text) is not None

    def is_call(self):
        return self.name in ("call", "callq", "bl", "blr")

    def is_store(self):
        """x86: the destination comes last."""
        return re.match(r"st\w*\s", self.text) is not None or self.text.split("#")[0].rstrip().endswith(")")

    def branch_target(self):
        """The address that a jump names, or None."""
        return self.named_address(r"j\w+|b|b\.?[a-z]{2}|cbn?z|tbn?z")

    def call_target(self):
        """The same for calls."""
        return self.named_address(r"callq?|bl")

    def named_address(self, names):
        match = re.match(rf"(?:{names})\s.*?\b(?:0x)?([0-9a-f]+) <", self.text)
        return int(match[1], 16) if match else None


@dataclass
class Function:
    name: str
    section: str
    address: int
    instructions: list = field(default_factory=list)

    def transfers(self):
        """Where its calls and jumps lead."""
        targets = {target for i in self.instructions for target in (i.call_target(), i.branch_target())}
        return [(self.section, target) for target in targets if target is not None]

    def innermost_loops(self):
        """The instructions between the target of a backward jump and the jump that lie on a way from one to
        the other, where no such loop is inside. Compilers move unlikely paths out of line, which then jump
        back: from the target of such a jump no way leads to it."""
        code = self.instructions
        index_of = {instruction.address: i for i, instruction in enumerate(code)}
        targets = [index_of.get(instruction.branch_target()) for instruction in code]

        def followers(i):
            if targets[i] is not None:
                yield targets[i]
            if not code[i].is_return() and not code[i].is_unconditional_jump():
                yield i + 1

        loops = {}
        for end, start in enumerate(targets):
            if start is None or start > end:
                continue
            forward, waiting = set(), [start]
            while waiting:
                i = waiting.pop()
                if start <= i <= end and i not in forward:
                    forward.add(i)
                    waiting.extend(followers(i) if i != end else ())
            if end not in forward:
                continue
            # Of these, the ones from which the jump is reached.
            body = {end}
            for i in sorted(forward, reverse=True):
                if any(j in body for j in followers(i)):
                    body.add(i)
            loops[start] = max(body, loops.get(start, set()), key=len)
        for start, body in loops.items():
            if not any(other != start and other in body and loops[other] <= body for other in loops):
                yield [code[i] for i in sorted(body)]

    def stack_access(self):
        """What matches an access to this function's stack. The frame pointer is an ordinary register in
        functions that do not set it."""
        registers = {"%rsp", "sp"}
        for instruction in self.instructions:
            if re.match(r"(movq?\s+%rsp,\s*%rbp|leaq?\s.*\(%rsp\),\s*%rbp)", instruction.text):
                registers.add("%rbp")
            if re.match(r"(mov|add)\s+x29,\s*sp", instruction.text):
                registers.add("x29")
        return r"[(\[](" + "|".join(sorted(registers)) + r")\b"


VECTOR_REGISTER = r"%[xyz]mm\d+|\b[vqds]\d+\b"
ARITHMETIC = (r"v?f?(sqrt|div|mul|add|sub|min|max)|vfn?m(add|sub)\d|fml[as]|vp?cmp|fcm|bsl|v?p?(and|or|xor|blend)"
              r"|vcvtps2ph|fcvtn")


# What rounds, on packed elements. Besides, narrower registers hold single elements and what is widened or narrowed.
PACKED = (r"v?(sqrt|div|mul|add|sub|min|max|fn?m(add|sub)\d+)p[sd]\s|vcvtps2ph\s"
          r"|f(sqrt|div|mul|add|sub|min|max|ml[as])\s+v\d+\.(2s|4s|2d)|fcvtn2?\s+v\d+\.[48]h")

# No hot loop: the last few packs of a sum.
FOR_TAILS = r"\bterms_left<"

# More constants than registers: they may be read from the stack, as they would from memory, but nothing may be
# written there.
MANY_CONSTANTS = (r"\b(compressed_step_blocks|encode_blocks|decode_blocks|short_step_groups|short_master_step_groups"
                  r"|step_rowwise_batch|knapsack_sums|knapsack_project|secular_sums|narrow_block|grouped_block"
                  r"|adagrad_step_clip|shrink_runs)<")

# The elements that they list go through the stack, rarely; the compiler may put that path into the loop.
LISTS = r"\b(threshold_list|knapsack_list)<"

# At most 32 turns: what the loop around them keeps on the stack may be stored in the shortest of them.
SHORT_LOOPS = r"\b(project_short_rows|short_group_roots|ball_moments)<"

# What a loop over blocks, or over groups of rows, calls once for each.
FOR_BLOCKS = (r"\b(random_bits|losses_of_group|add_last_rows|margins_at|(hessian|loss|weight)_coefficients|add_powers"
              r"|(margins|norms)_of_rows|add_rows|step_rowwise_batch|step_block)<")

# What a kernel calls and is no proof that the kernel works on vectors: the above, and what copies a block's labels.
BESIDE_THE_KERNEL = FOR_TAILS + r"|\bgather_rows<"

# The list of an ISA's tables, which is the only object without code.
LIST_OF_TABLES = "12kernel_tableE"

# Where an ISA has no gather, their hot loops load single lanes.
GATHERS = r"\bshort_group_norms<"

# Kernels that only move vectors.
WITHOUT_ARITHMETIC = r"\b(fill|float_from_short)<"


def is_narrow(loop, vector):
    """Whether a loop has packed arithmetic, and all of it on less than whole vectors."""
    packed = [instruction.text for instruction in loop if re.match(PACKED, instruction.text)]
    return bool(packed) and not any(re.search(vector, text) for text in packed)


def is_hot(loop, vector, name):
    """Whether a loop of the function computes on whole vectors. A loop that also loads single lanes (aarch64's
    ld1 {v0.s}[1]) is, but in GATHERS, one over rows, around the tail of a row."""
    lanes = any(re.match(r"ld1\s+\{v\d+\.[sd]\}\[[1-3]\]", instruction.text) for instruction in loop)
    if lanes and not re.search(GATHERS, name):
        return False
    return any(re.search(vector, instruction.text) and re.match(ARITHMETIC, instruction.text) for instruction in loop)


class Checker:
    def __init__(self, arguments):
        self.arguments = arguments
        self.faults = []

    def fault(self, text):
        self.faults.append(text)

    def run(self, *command):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def external_symbols(self, path, *options):
        """The (name, type letter) of the symbols that take part in linking."""
        lines = self.run(self.arguments.nm, "--extern-only", "--format=posix", *options, path).splitlines()
        return [tuple(line.split()[:2]) for line in lines if line and not line.endswith(":")]

    def functions(self, path):
        functions = []
        section = ""
        for line in self.run(self.arguments.objdump, "--disassemble", "--demangle", "--wide", path).splitlines():
            if opening := re.match(r"Disassembly of section (.*):$", line):
                section = opening[1]
            elif header := re.match(r"([0-9a-f]+) <(.*)>:$", line):
                functions.append(Function(header[2], section, int(header[1], 16)))
            elif match := re.match(r"\s*([0-9a-f]+):\s+((?:[0-9a-f]{2} )+|[0-9a-f]{8}\s)\s*(\S.*)", line):
                text = match[3].expandtabs(1).strip()
                functions[-1].instructions.append(
                    Instruction(int(match[1], 16), bytes.fromhex(match[2].replace(" ", "").strip()), text))
        return functions

    def check_isa(self, name, paths):
        """One external symbol each, a table; no unknown undefined symbol; the right instructions; kernels whose hot loops
        work on whole vectors, make no calls, and keep their vectors in registers."""
        rules = ISA_RULES[name]
        everything = []
        for path in paths:
            table = self.check_symbols(path, name, rules)
            functions = self.functions(path)
            everything += [i.text for function in functions for i in function.instructions]
            if table.endswith(LIST_OF_TABLES) and not functions:
                continue
            if rules.baseline:
                self.check_instructions(functions)
            for function in functions:
                for instruction in function.instructions:
                    if rules.forbidden and re.search(rules.forbidden, instruction.text):
                        self.fault_at(function, instruction, f"not an instruction of {name}")
            if self.arguments.hot_loops and rules.whole_vectors:
                for function in functions:
                    self.check_hot_loops(function, rules)
                self.check_kernels(path, table, functions, rules.vector)
        for pattern in rules.used:
            if not any(re.match(pattern, text) for text in everything):
                self.fault(f"no instruction like {pattern}: is {name} really used?")

    def check_kernels(self, path, table, functions, vector):
        """Each function of the table has a loop on whole vectors, in itself or in what it calls."""
        at = {(function.section, function.address): function for function in functions}
        kernels = [at.get(place) for place in self.table_entries(path, table)]
        if not kernels or None in kernels:
            self.fault(f"{path}: found {len(kernels)} kernels in the table, {kernels.count(None)} without code")
        for kernel in filter(None, kernels):
            reached, waiting = {}, [kernel]
            while waiting:
                function = waiting.pop()
                if id(function) not in reached:
                    reached[id(function)] = function
                    waiting.extend(at[place] for place in function.transfers() if place in at)
            loops = [loop for function in reached.values() if not re.search(BESIDE_THE_KERNEL, function.name)
                     for loop in function.innermost_loops()]
            if re.search(WITHOUT_ARITHMETIC, kernel.name):
                found = any(re.search(vector, instruction.text) for loop in loops for instruction in loop)
            else:
                found = any(is_hot(loop, vector, kernel.name) for loop in loops)
            if not found:
                self.fault(f"{kernel.name}: no loop of this kernel works on whole vectors")

    def table_entries(self, path, table):
        """The (section, address) of the functions that the table points to."""
        symbols = {}
        for line in self.run(self.arguments.objdump, "--syms", "--wide", path).splitlines():
            if match := re.match(r"([0-9a-f]+) .{7} (\S+)\t([0-9a-f]+) (?:\.\w+ )?(\S+)$", line):
                symbols[match[4]] = (match[2], int(match[1], 16), int(match[3], 16))
        section, start, size = symbols.get(table, ("", 0, 0))
        entries = []
        current = ""
        for line in self.run(self.arguments.objdump, "--reloc", "--wide", path).splitlines():
            if header := re.match(r"RELOCATION RECORDS FOR \[(.*)\]:$", line):
                current = header[1]
            elif match := re.match(r"([0-9a-f]+) R_\w+\s+(\S+?)(?:\+0x([0-9a-f]+))?$", line):
                if current == section and start <= int(match[1], 16) < start + size:
                    base_section, base, _ = symbols.get(match[2], (match[2], 0, 0))
                    entries.append((base_section, base + int(match[3] or "0", 16)))
        return entries

    def check_symbols(self, path, name, rules):
        """Gives the name of the table."""
        table = rf"_ZN9anisograd{len(name)}{name}\d+\w+E"  # anisograd::NAME::...
        allowed = "|".join(filter(None, [ALWAYS_ALLOWED, rules.undefined, self.arguments.allow]))
        defined = []
        for symbol, kind in self.external_symbols(path):
            if re.fullmatch(allowed, symbol):
                continue
            if kind in "Uwv":
                if not re.fullmatch(table, symbol):
                    self.fault(f"{path}: undefined symbol {symbol} is not in the allow-list")
            else:
                defined.append(symbol)
        if len(defined) != 1 or not re.fullmatch(table, defined[0]):
            self.fault(f"{path}: external symbols {defined}; expected one, a table in the namespace {name}")
        return next(filter(re.compile(table).fullmatch, defined), "")

    def check_hot_loops(self, function, rules):
        stack = function.stack_access()
        may_spill = not rules.registers_only or re.search("|".join((FOR_TAILS, LISTS, SHORT_LOOPS)), function.name)
        writes_only = re.search(MANY_CONSTANTS, function.name)
        for loop in function.innermost_loops():
            hot = is_hot(loop, rules.vector, function.name)
            spills = [i for i in loop if hot and re.search(stack, i.text) and re.search(VECTOR_REGISTER, i.text)
                      and (i.is_store() or not writes_only)]
            # A function that was not inlined takes its vectors through memory.
            handles_vectors = any(re.search(rules.vector, instruction.text) for instruction in loop)
            calls = [i for i in loop if handles_vectors and i.is_call() and not re.search(FOR_BLOCKS, i.text)]
            where = f"in the loop {loop[0].address:x} to {loop[-1].address:x}"
            if spills and not may_spill:
                self.fault_at(function, spills[0], f"{len(spills)} times a vector on the stack {where}")
            if calls:
                self.fault_at(function, calls[0], f"{len(calls)} times a call {where}")
            if is_narrow(loop, rules.vector):
                self.fault_at(function, loop[0], f"arithmetic on less than whole vectors {where}")

    def check_baseline(self, paths):
        """No instruction beyond the processor family's baseline."""
        self.check_instructions([function for path in paths for function in self.functions(path)])

    def check_instructions(self, functions):
        if not functions:
            self.fault("no instruction found: is this disassembled by the target's objdump?")
        for function in functions:
            for instruction in function.instructions:
                if beyond_baseline(instruction):
                    self.fault_at(function, instruction, "not an instruction of the baseline")

    def check_library(self, library):
        """Exports exactly what the header declares; needs only the expected libraries; can be mapped read-only;
        stays loaded."""
        with open(self.arguments.header, encoding="utf-8") as file:
            declared = set(re.findall(r"\bAG_API\b[^;(]*?\b(ag_\w+)\s*\(", file.read()))
        with open(self.arguments.exports, encoding="utf-8") as file:
            listed = set(re.findall(r"\b(ag_\w+);", file.read()))
        exported = {name.split("@")[0] for name, kind in
                    self.external_symbols(library, "--dynamic", "--defined-only") if kind != "A"}
        self.compare("the version script", listed, "the header", declared)
        self.compare("the library", exported, "the header", declared)

        dynamic = self.run(self.arguments.readelf, "--dynamic", "--wide", library)
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
        allowed = "|".join(filter(None, [LIBRARIES_ALLOWED, self.arguments.openmp and OPENMP,
                                         self.arguments.allow_needed]))
        for name in needed:
            if not re.fullmatch(allowed, name):
                self.fault(f"{library}: needs {name}")
        if self.arguments.openmp and not any(re.fullmatch(OPENMP, name) for name in needed):
            self.fault(f"{library}: does not need OpenMP's runtime")
        if re.search(r"\(TEXTREL\)|\bTEXTREL\b", dynamic):
            self.fault(f"{library}: has text relocations")
        if not re.search(r"\(FLAGS_1\).*\bNODELETE\b", dynamic):
            self.fault(f"{library}: is not linked -z nodelete")
        segments = self.run(self.arguments.readelf, "--program-headers", "--wide", library)
        stack = re.search(r"GNU_STACK.*\s([R ][W ][E ])\s", segments)
        if not stack or "E" in stack[1]:
            self.fault(f"{library}: has an executable stack")

    def compare(self, name, names, reference_name, reference):
        for symbol in sorted(reference - names):
            self.fault(f"{symbol} is in {reference_name}, not in {name}")
        for symbol in sorted(names - reference):
            self.fault(f"{symbol} is in {name}, not in {reference_name}")

    def fault_at(self, function, instruction, text):
        self.fault(f"{function.name} at {instruction.address:x}: {text}: {instruction.text}")


# SSE3 and the bit counts, whose encodings look like the baseline's. tzcnt is absent: compilers use it there,
# since an older CPU reads it as bsf, which gives the same for the values that they use it for.
BEYOND_SSE2 = r"(addsub|hadd|hsub)p[sd]|movddup|movs[hl]dup|lddqu|fisttp|popcnt|lzcnt|crc32|movbe"


def beyond_baseline(instruction):
    if re.match(r"[0-9a-z]+\s.*\b[zp]\d+\.[bhsdq]\b", instruction.text):  # SVE
        return True
    if len(instruction.code) == 4 and "%" not in instruction.text and re.search(
            r"\b[xwvqds]\d+\b", instruction.text):
        return False  # aarch64, whose compilers use the baseline here
    code = instruction.code
    while code and code[0] in b"\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3":
        code = code[1:]
    if code[:1] in (b"\xc4", b"\xc5", b"\x62"):  # VEX, EVEX
        return True
    if code and 0x40 <= code[0] <= 0x4F:  # REX
        code = code[1:]
    # The opcode maps of SSSE3 and of everything after it.
    return code[:2] in (b"\x0f\x38", b"\x0f\x3a") or re.match(BEYOND_SSE2, instruction.name) is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--objdump", default="objdump")
    parser.add_argument("--readelf", default="readelf")
    commands = parser.add_subparsers(dest="command", required=True)
    isa = commands.add_parser("isa")
    isa.add_argument("--hot-loops", action="store_true", help="check the hot loops too: nothing is put into the code")
    isa.add_argument("--allow", default="", metavar="REGEX", help="symbols that this build's options add")
    isa.add_argument("name", choices=ISA_RULES)
    isa.add_argument("objects", nargs="+")
    baseline = commands.add_parser("baseline")
    baseline.add_argument("objects", nargs="+")
    library = commands.add_parser("library")
    library.add_argument("--header", required=True)
    library.add_argument("--exports", required=True)
    library.add_argument("--allow-needed", default="", metavar="REGEX")
    library.add_argument("--openmp", action="store_true", help="built with OpenMP")
    library.add_argument("library")
    arguments = parser.parse_args()

    checker = Checker(arguments)
    if arguments.command == "isa":
        checker.check_isa(arguments.name, arguments.objects)
    elif arguments.command == "baseline":
        checker.check_baseline(arguments.objects)
    else:
        checker.check_library(arguments.library)
    for fault in checker.faults:
        print(fault)
    print(f"{len(checker.faults)} faults")
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main())
