# SPDX-License-Identifier: BSD-3-Clause
#
# The install component tools: the programs, what goes with them, and nothing else. BUILD is the build's folder,
# LIBRARIES the library's; BIN, MAN, SHARE and ZSH are the places.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)

execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --component tools --prefix ${FOLDER}/prefix
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT code STREQUAL "0")
    message(FATAL_ERROR "${output}")
endif()
file(GLOB_RECURSE files RELATIVE ${FOLDER}/prefix ${FOLDER}/prefix/*)
# Where Debian packages can be made, the manual is compressed, and there are a copyright and a changelog.
list(FILTER files EXCLUDE REGEX "^${SHARE}/doc/")
list(TRANSFORM files REPLACE "\\.gz$" "")
set(expected
    ${BIN}/anisograd
    ${BIN}/anisograd-selftest
    ${MAN}/man1/anisograd-selftest.1
    ${MAN}/man1/anisograd.1
    ${SHARE}/bash-completion/completions/anisograd
    ${SHARE}/fish/vendor_completions.d/anisograd.fish
    ${ZSH}/_anisograd)
list(SORT files)
list(SORT expected)
if(NOT files STREQUAL expected)
    message(FATAL_ERROR "installed are\n${files}\nexpected\n${expected}")
endif()

foreach(program IN ITEMS anisograd anisograd-selftest)
    file(READ_ELF ${FOLDER}/prefix/${BIN}/${program} RPATH old_path RUNPATH path)
    if(NOT "${old_path}${path}" STREQUAL "")
        message(FATAL_ERROR "${program} looks for libraries in ${old_path}${path}")
    endif()
endforeach()
if(EMULATOR STREQUAL "")
    set(PROGRAM ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${LIBRARIES} ${FOLDER}/prefix/${BIN}/anisograd)
    run_json(info)
endif()
