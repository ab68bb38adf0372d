# SPDX-License-Identifier: BSD-3-Clause
#
# Builds kernels/isa/ once per ISA of cmake/isa.cmake that this processor family has. Sets
# ANISOGRAD_ISA_OBJECTS (object library targets) and ANISOGRAD_TABLE_LIST (a generated source: the list of
# tables that src/dispatch.cpp chooses from).

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    set(ANISOGRAD_FAMILY x86_64)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    set(ANISOGRAD_FAMILY aarch64)
else()
    set(ANISOGRAD_FAMILY other)
endif()

find_package(xsimd REQUIRED)
# Not the target itself: Debian's asks for a library xtl that has nothing to link.
get_target_property(ANISOGRAD_XSIMD_INCLUDE xsimd INTERFACE_INCLUDE_DIRECTORIES)
if(CMAKE_CROSSCOMPILING)
    # xsimd alone, not the build machine's /usr/include, where the packages put it.
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/generated/include)
    file(CREATE_LINK ${ANISOGRAD_XSIMD_INCLUDE}/xsimd ${PROJECT_BINARY_DIR}/generated/include/xsimd SYMBOLIC)
    set(ANISOGRAD_XSIMD_INCLUDE ${PROJECT_BINARY_DIR}/generated/include)
endif()

# For the kernels no check at each use of a reference: compilation would take minutes. And not clang's check of calls
# by pointer, which adds type descriptions that the linker merges across ISAs. A library, so that its options come
# after those of anisograd_sanitizers, which would switch these checks on again.
add_library(anisograd_fewer_sanitizers INTERFACE)
if(ANISOGRAD_SANITIZE MATCHES "undefined")
    target_compile_options(anisograd_fewer_sanitizers
                           INTERFACE -fno-sanitize=null,alignment,object-size,pointer-overflow
                                     $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
endif()

# What code that includes kernels/ is compiled with, besides its ISA's flags. -O3 in every build type: at -O0 inline
# functions become symbols that the linker merges across ISAs, and at -O2 g++ 12 keeps packs of four registers in
# memory. -fno-math-errno and -fno-trapping-math change no result; they let sqrt and select be single instructions.
add_library(anisograd_kernel_options INTERFACE)
target_compile_options(anisograd_kernel_options INTERFACE -O3 -fno-math-errno -fno-trapping-math -fno-lto)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Intrinsics that leave lanes undefined on purpose warn (GCC bug 105593).
    target_compile_options(anisograd_kernel_options INTERFACE -Wno-uninitialized -Wno-maybe-uninitialized)
    # Take structs of packs apart up to this size, so that they stay in registers.
    target_compile_options(anisograd_kernel_options
                           INTERFACE "SHELL:--param sra-max-scalarization-size-Ospeed=2048")
    if(ANISOGRAD_FAMILY STREQUAL "aarch64")
        # Before register allocation it moves loads up until NEON's registers run out.
        target_compile_options(anisograd_kernel_options INTERFACE -fno-schedule-insns)
    endif()
endif()
target_include_directories(anisograd_kernel_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_include_directories(anisograd_kernel_options SYSTEM INTERFACE ${ANISOGRAD_XSIMD_INCLUDE})
# The later options win.
target_link_libraries(anisograd_kernel_options INTERFACE anisograd_library_options anisograd_warnings
                                                         anisograd_sanitizers anisograd_fewer_sanitizers)

# The files of kernels/isa/. Several, so that a change of one family compiles that alone.
set(ANISOGRAD_FAMILIES elementary knapsacks logistic narrow projections row_passes rows scans sets short_logistic
                       steps table thresholds)

set(ANISOGRAD_ISA_OBJECTS "")
set(_tables "")
set(_declarations "")

function(anisograd_add_isa name family tag)
    if(NOT family STREQUAL "any" AND NOT family STREQUAL ANISOGRAD_FAMILY)
        return()
    endif()
    if(ANISOGRAD_ISAS AND NOT name IN_LIST ANISOGRAD_ISAS)
        return()
    endif()
    string(TOUPPER ${name} upper)
    set(target anisograd_isa_${name})
    list(TRANSFORM ANISOGRAD_FAMILIES PREPEND ${PROJECT_SOURCE_DIR}/kernels/isa/ OUTPUT_VARIABLE sources)
    list(TRANSFORM sources APPEND .cpp)
    add_library(${target} OBJECT ${sources})
    target_compile_definitions(${target} PRIVATE ANISOGRAD_ISA=${name} ANISOGRAD_ISA_TAG=${tag}
                                                 ANISOGRAD_ISA_ID=AG_ISA_${upper} NDEBUG)
    target_compile_options(${target} PRIVATE ${ARGN})
    target_link_libraries(${target} PRIVATE anisograd_kernel_options)
    # For tests of the kernels themselves.
    set(ANISOGRAD_FLAGS_${name} ${ARGN} PARENT_SCOPE)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                                               INTERPROCEDURAL_OPTIMIZATION OFF
                                               UNITY_BUILD OFF) # each names its table `kernels`
    set(ANISOGRAD_ISA_OBJECTS ${ANISOGRAD_ISA_OBJECTS} ${target} PARENT_SCOPE)
    set(_declarations "${_declarations}namespace ${name} {\nextern const KernelTable kernel_table;\n}\n" PARENT_SCOPE)
    set(_tables "${_tables}    &${name}::kernel_table,\n" PARENT_SCOPE)
endfunction()

include(${PROJECT_SOURCE_DIR}/cmake/isa.cmake)

set(ANISOGRAD_TABLE_LIST ${PROJECT_BINARY_DIR}/generated/table_list.cpp)
file(CONFIGURE OUTPUT ${ANISOGRAD_TABLE_LIST} CONTENT
"// Generated from cmake/isa.cmake.
#include \"src/dispatch.hpp\"

namespace anisograd {

${_declarations}
const KernelTable* const kernel_tables[] = {
${_tables}};
const int kernel_table_count = sizeof kernel_tables / sizeof *kernel_tables;

} // namespace anisograd
")
