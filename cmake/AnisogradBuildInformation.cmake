# SPDX-License-Identifier: BSD-3-Clause
#
# What the programs say about the build that they come from: ANISOGRAD_COMPILER, ANISOGRAD_FLAGS.

set(ANISOGRAD_COMPILER "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
string(TOUPPER "${CMAKE_BUILD_TYPE}" _build_type)
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${_build_type}}" ANISOGRAD_FLAGS)
