# SPDX-License-Identifier: BSD-3-Clause
#
# The list of ISAs, best first: name, processor family (or any), tag struct in kernels/pack.hpp, and the
# compiler flags that its object gets beyond the baseline. src/cpu.cpp must test for exactly what the flags
# grant.
#
#                  name      family    tag        flags
anisograd_add_isa( avx512    x86_64    Avx512     -mavx2 -mfma -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl )
anisograd_add_isa( avx2      x86_64    Avx2       -mavx2 -mfma -mf16c )
anisograd_add_isa( neon      aarch64   Neon       )
anisograd_add_isa( portable  any       Portable   )
