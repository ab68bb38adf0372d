# SPDX-License-Identifier: BSD-3-Clause
#
# Builds for aarch64 on an x86-64 Debian; tests run under QEMU. Packages: g++-aarch64-linux-gnu, qemu-user-static.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
# Debian puts the header-only xsimd among the x86-64 packages; its headers are in /usr/include.
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
file(GLOB _xsimd /usr/lib/*/cmake/xsimd /usr/share/cmake/xsimd)
if(_xsimd AND NOT DEFINED xsimd_DIR)
    list(GET _xsimd 0 xsimd_DIR)
endif()

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static;-L;/usr/aarch64-linux-gnu)
