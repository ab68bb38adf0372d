#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles objects and libraries with known faults; check_objects.py must find each of them.

    check_objects_self_test.py --compiler=... --nm=... --objdump=... --readelf=... --family=x86_64|aarch64
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

CHECKER = pathlib.Path(__file__).with_name("check_objects.py")

# Its functions are those whose names begin with table_ or are one of WITHOUT_ARITHMETIC's, and come before it.
TABLE = """typedef void (*const Kernel)(float *, long);
extern Kernel TABLE[]; Kernel TABLE[] = {{{kernels}}};
"""

FUNCTION = """__attribute__((used, noinline)) static void {name}(float *p, long n) {{
    __asm__ volatile("1:\\n{body}" : "+r"(p), "+r"(n) : : "memory", "cc");
}}
"""


# A function of these instructions; 1 is the label in front of them.
def lines(*instructions, name="kernel"):
    return FUNCTION.format(name=name, body="".join(instruction + "\\n" for instruction in instructions))


def table(isa, functions):
    kernels = re.findall(rf"static void (table_\w+|{FILL})\(", functions)
    return TABLE.replace("TABLE", f"_ZN9anisograd{len(isa)}{isa}5tableE").format(kernels=", ".join(kernels or ["0"]))


# Instructions that make an object look like one of its ISA.
USED = {
    "avx512": ("vsqrtps %%zmm0,%%zmm1", "vdivps %%zmm0,%%zmm1,%%zmm2", "vfmadd231ps %%zmm0,%%zmm1,%%zmm2"),
    "avx2": ("vsqrtps %%ymm0,%%ymm1", "vdivps %%ymm0,%%ymm1,%%ymm2", "vfmadd231ps %%ymm0,%%ymm1,%%ymm2"),
    "neon": ("fsqrt v0.4s,v1.4s", "fdiv v0.2d,v1.2d,v2.2d", "fmla v0.4s,v1.4s,v2.4s"),
    "portable": (),
}

X86_LOOP = ("vmulps (%0),%%zmm1,%%zmm0", "vmovups %%zmm0,(%0)", "add $64,%0", "dec %1", "jne 1b")
ARM_LOOP = ("ldr q0,[%0]", "fmul v0.4s,v0.4s,v1.4s", "str q0,[%0],16", "subs %1,%1,1", "b.ne 1b")

# A loop that is sound in every kernel, one on half a vector, and one on single elements; a copy on whole vectors.
AVX2_LOOP = ("vmulps (%0),%%ymm1,%%ymm0", "vmovups %%ymm0,(%0)", "add $32,%0", "dec %1", "jne 1b")
X86_HALF_LOOP = {"avx512": AVX2_LOOP, "avx2": ("mulps %%xmm1,%%xmm0", "add $16,%0", "dec %1", "jne 1b")}
X86_SCALAR_LOOP = ("mulss %%xmm1,%%xmm0", "add $4,%0", "dec %1", "jne 1b")
X86_COPY = {"avx512": ("vmovups %%zmm0,(%0)", "add $64,%0", "dec %1", "jne 1b"),
            "avx2": ("vmovups %%ymm0,(%0)", "add $32,%0", "dec %1", "jne 1b")}
ARM_HALF_LOOP = ("fmul v0.2s,v0.2s,v1.2s", "add %0,%0,8", "subs %1,%1,1", "b.ne 1b")
ARM_SCALAR_LOOP = ("fmul s0,s0,s1", "add %0,%0,4", "subs %1,%1,1", "b.ne 1b")
ARM_COPY = ("str q0,[%0],16", "subs %1,%1,1", "b.ne 1b")
LOOP = {"avx512": X86_LOOP, "avx2": AVX2_LOOP, "neon": ARM_LOOP, "portable": ()}

MANY_CONSTANTS = "_Z13encode_blocksIiEvv"  # void encode_blocks<int>()
TERMS_LEFT = "_Z10terms_leftIiEvv"  # void terms_left<int>()
GATHER_ROWS = "_Z11gather_rowsIiEvv"  # void gather_rows<int>()
FILL = "_Z4fillIiEvv"  # void fill<int>()

NO_WHOLE_VECTORS = "no loop of this kernel works on whole vectors"


# The same cases for each ISA with whole vectors: (what it is, ISA, source, message or None).
def kernel_cases(isa, half_loop, scalar_loop, copy, call):
    caller = lines(f"{call} callee", name="table_caller")
    return [
        (f"{isa} kernel on half vectors", isa, lines(*half_loop, name="table_kernel"), NO_WHOLE_VECTORS),
        (f"{isa} loop on half vectors", isa, lines(*half_loop), "arithmetic on less than whole vectors in the loop"),
        (f"{isa} kernel on single elements", isa, lines(*scalar_loop, name="table_kernel"), NO_WHOLE_VECTORS),
        (f"{isa} loop on single elements", isa, lines(*scalar_loop), None),
        (f"{isa} kernel without a loop", isa, lines("nop", name="table_kernel"), NO_WHOLE_VECTORS),
        (f"{isa} kernel whose callee has the loop", isa, lines(*LOOP[isa], name="callee") + caller, None),
        (f"{isa} kernel whose callee has none", isa, lines(*scalar_loop, name="callee") + caller, NO_WHOLE_VECTORS),
        *((f"{isa} kernel whose only loop is in {callee}", isa,
           lines(*LOOP[isa], name=callee) + lines(f"{call} {callee}", name="table_caller"), NO_WHOLE_VECTORS)
          for callee in (TERMS_LEFT, GATHER_ROWS)),
        (f"{isa} kernel that copies", isa, lines(*copy, name="table_kernel"), NO_WHOLE_VECTORS),
        (f"{isa} fill", isa, lines(*copy, name=FILL), None),
        (f"{isa} fill of single elements", isa, lines(*scalar_loop, name=FILL), NO_WHOLE_VECTORS),
    ]


# (what it is, ISA, source, part of the expected message or None for a sound object)
X86_OBJECTS = [
    ("sound avx512", "avx512", lines(*X86_LOOP), None),
    ("sound avx2", "avx2", "", None),
    ("sound portable", "portable", "", None),
    ("spill in a hot loop", "avx512", lines("vmovups -64(%%rsp),%%zmm1", *X86_LOOP), "1 times a vector on the stack"),
    ("spill in a loop without a store", "avx512", lines("vmovups -64(%%rsp),%%zmm1", "vcmpps $1,(%0),%%zmm1,%%k1",
                                                       "dec %1", "jne 1b"), "1 times a vector on the stack"),
    ("spill outside the loop", "avx512", lines(*X86_LOOP, "vmovups -64(%%rsp),%%zmm1"), None),
    ("call in a vector loop", "avx512", lines("call memcpy", *X86_LOOP), "1 times a call in the loop"),
    ("spill in terms_left", "avx512", lines("vmovups -64(%%rsp),%%zmm1", *X86_LOOP, name=TERMS_LEFT), None),
    ("spill in a function of a name like it", "avx512",
     lines("vmovups -64(%%rsp),%%zmm1", *X86_LOOP, name="terms_left"), "1 times a vector on the stack"),
    ("constants on the stack", "avx512", lines("vmovups -64(%%rsp),%%zmm1", *X86_LOOP, name=MANY_CONSTANTS), None),
    ("spill beside constants on the stack", "avx512",
     lines("vmovups %%zmm1,-64(%%rsp)", *X86_LOOP, name=MANY_CONSTANTS), "1 times a vector on the stack"),
    ("ymm in portable", "portable", lines("vaddps %%ymm0,%%ymm1,%%ymm2"), "not an instruction of the baseline"),
    ("VEX xmm in portable", "portable", lines("vaddss %%xmm0,%%xmm1,%%xmm2"), "not an instruction of the baseline"),
    ("BMI2 in portable", "portable", lines("shlx %%rax,%%rcx,%%rdx"), "not an instruction of the baseline"),
    ("SSE4.1 in portable", "portable", lines("roundps $0,%%xmm0,%%xmm1"), "not an instruction of the baseline"),
    ("zmm in avx2", "avx2", lines("vaddps %%zmm0,%%zmm1,%%zmm2"), "not an instruction of avx2"),
    ("xmm16 in avx2", "avx2", lines("vaddps %%xmm16,%%xmm1,%%xmm2"), "not an instruction of avx2"),
    ("mask in avx2", "avx2", lines("kmovb %%eax,%%k1"), "not an instruction of avx2"),
    ("spill in avx2, which has too few registers", "avx2", lines("vmovups -64(%%rsp),%%ymm1", *AVX2_LOOP), None),
    ("call in a vector loop of avx2", "avx2", lines("call memcpy", *AVX2_LOOP), "1 times a call in the loop"),
    *(case for isa in ("avx512", "avx2")
      for case in kernel_cases(isa, X86_HALF_LOOP[isa], X86_SCALAR_LOOP, X86_COPY[isa], "call")),
]
ARM_OBJECTS = [
    ("sound neon", "neon", lines(*ARM_LOOP), None),
    ("sound portable", "portable", "", None),
    ("spill in a hot loop", "neon", lines("str q1,[sp,16]", *ARM_LOOP), "1 times a vector on the stack"),
    ("spill outside the loop", "neon", lines(*ARM_LOOP, "str q1,[sp,16]"), None),
    ("call in a vector loop", "neon", lines("bl memcpy", *ARM_LOOP), "1 times a call in the loop"),
    ("spill in terms_left", "neon", lines("str q1,[sp,16]", *ARM_LOOP, name=TERMS_LEFT), None),
    ("constants on the stack", "neon", lines("ldr q1,[sp,16]", *ARM_LOOP, name=MANY_CONSTANTS), None),
    ("spill beside constants on the stack", "neon", lines("str q1,[sp,16]", *ARM_LOOP, name=MANY_CONSTANTS),
     "1 times a vector on the stack"),
    ("spill in a loop around a tail", "neon", lines("str q1,[sp,16]", "ld1 {v1.s}[1],[%0]", *ARM_LOOP), None),
    ("spill in a loop that loads and repeats one element", "neon",
     lines("str q1,[sp,16]", "ld1r {v1.4s},[%0]", *ARM_LOOP), "1 times a vector on the stack"),
    ("SVE in portable", "portable", lines(".arch armv8-a+sve", "fadd z0.s,z1.s,z2.s"), "not an instruction of the"),
    *kernel_cases("neon", ARM_HALF_LOOP, ARM_SCALAR_LOOP, ARM_COPY, "bl"),
]
# With the first ISA of the family.
ANY_OBJECTS = [
    ("weak symbol", "__attribute__((weak)) void extra(void) {}\n", "external symbols"),
    ("second external symbol", "int second = 1;\n", "external symbols"),
    ("undefined symbol", "double sqrt(double); double use(double x);\n"
     "__attribute__((used)) static double (*const root)(double) = sqrt;\n", "undefined symbol sqrt"),
]

HEADER = "#define AG_API\nAG_API int ag_one(int);\n"
EXPORTS = "{ global: ag_one; local: *; };\n"
LIBRARY = "int ag_one(int x); int ag_one(int x) { return x; }\n"
NODELETE = "-Wl,-z,nodelete"

# (what it is, source, link flags, header, version script, message)
LIBRARIES = [
    ("sound library", LIBRARY, [NODELETE], HEADER, EXPORTS, None),
    ("no nodelete", LIBRARY, [], HEADER, EXPORTS, "nodelete"),
    ("executable stack", LIBRARY, [NODELETE, "-Wl,-z,execstack"], HEADER, EXPORTS, "executable stack"),
    ("undeclared export", LIBRARY + "int ag_two = 2;\n", [NODELETE], HEADER,
     "{ global: ag_one; ag_two; local: *; };\n", "ag_two is in the library"),
    ("missing export", LIBRARY, [NODELETE], HEADER + "AG_API void ag_two(void);\n", EXPORTS,
     "ag_two is in the header"),
    ("unexpected library", LIBRARY, [NODELETE, "-Wl,--no-as-needed", "-lresolv"], HEADER, EXPORTS, "needs libresolv"),
    ("text relocation", LIBRARY + "__asm__(\".text\\n.quad ag_one\\n\");\n", [NODELETE, "-Wl,-z,notext"], HEADER,
     EXPORTS, "text relocations"),
]


class SelfTest:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.tools = [f"--{tool}={getattr(arguments, tool)}" for tool in ("nm", "objdump", "readelf")]
        self.failures = 0

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def compile(self, source, output, *flags):
        path = str(self.folder / output)
        subprocess.run([self.arguments.compiler, "-O1", "-fPIC", "-w", *flags, self.write("source.c", source), "-o",
                        path], check=True)
        return path

    def expect(self, name, message, *command):
        result = subprocess.run([sys.executable, str(CHECKER), *self.tools, *command], capture_output=True, text=True)
        if message is None:
            good = result.returncode == 0
        else:
            good = result.returncode == 1 and message in result.stdout
        print(f"{'ok  ' if good else 'FAIL'} {name}")
        if not good:
            self.failures += 1
            print(f"expected {message or 'no fault'}, got:\n{result.stdout}{result.stderr}")

    def run(self):
        objects = {"x86_64": X86_OBJECTS, "aarch64": ARM_OBJECTS}[self.arguments.family]
        first = objects[0][1]
        for name, isa, source, message in objects + [(name, first, *rest) for name, *rest in ANY_OBJECTS]:
            source += lines(*USED[isa], name="uses_isa") + lines(*LOOP[isa], name="table_sound")
            source += table(isa, source)
            self.expect(name, message, "isa", isa, "--hot-loops", self.compile(source, "object.o", "-c"))
        self.expect("another ISA's object", "is neon really used" if first == "neon" else "is avx512 really used",
                    "isa", first, self.compile(table(first, ""), "object.o", "-c"))
        self.expect("no kernel in the table", "found 0 kernels in the table", "isa", first, "--hot-loops",
                    self.compile(lines(*USED[first]) + table(first, ""), "object.o", "-c"))
        for name, source, flags, header, exports, message in LIBRARIES:
            script = self.write("exports.map", exports)
            library = self.compile(source, "library.so", "-shared", f"-Wl,--version-script={script}", *flags)
            self.expect(name, message, "library", "--header", self.write("header.h", header),
                        "--exports", script, library)


def main():
    parser = argparse.ArgumentParser()
    for option in ("compiler", "nm", "objdump", "readelf"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--family", required=True, choices=["x86_64", "aarch64"])
    with tempfile.TemporaryDirectory() as folder:
        test = SelfTest(parser.parse_args(), pathlib.Path(folder))
        test.run()
    print(f"{test.failures} failures")
    return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
