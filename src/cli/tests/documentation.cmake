# SPDX-License-Identifier: BSD-3-Clause
#
# The help texts, and that the manual page has each command's options in its section, and no others.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)

# The page's source, without roff's escapes and fonts.
file(READ ${SOURCE}/src/cli/anisograd.1 page)
string(REGEX REPLACE "\\\\f[BIRP]" "" page "${page}")
string(REPLACE "\\" "" page "${page}")

# Sets options, those that the text names.
function(find_options text)
    string(REGEX MATCHALL "--[a-z][a-z0-9-]*" options "${text}")
    list(REMOVE_DUPLICATES options)
    set(options ${options} PARENT_SCOPE)
endfunction()

# Sets options, those of a section of the page.
function(find_options_of_section name)
    string(FIND "${page}" "\n.SS ${name}\n" begin)
    if(begin EQUAL -1)
        message(FATAL_ERROR "the manual page has no section ${name}")
    endif()
    math(EXPR begin "${begin} + 1")
    string(SUBSTRING "${page}" ${begin} -1 section)
    string(FIND "${section}" "\n.S" end)
    string(SUBSTRING "${section}" 0 ${end} section)
    find_options("${section}")
    set(options ${options} PARENT_SCOPE)
endfunction()

run(0 --help)
string(REGEX MATCH "Subcommands:.*" commands "${output}")
string(REGEX MATCHALL "\n  [a-z]+" commands "${commands}")
list(TRANSFORM commands STRIP)
if(NOT commands STREQUAL "info;train;predict;evaluate;compare;bench;selftest")
    message(FATAL_ERROR "the commands are ${commands}")
endif()

find_options_of_section("Training options")
set(training_options ${options})
foreach(command IN LISTS commands)
    find_options_of_section(${command})
    if(command MATCHES "train|compare")
        list(APPEND options ${training_options})
    endif()
    list(APPEND options --help)
    list(REMOVE_DUPLICATES options)
    list(SORT options)
    set(documented ${options})
    run(0 ${command} --help)
    expect_match("${output}" "Examples:\n  (ANISOGRAD_ISA=avx2 )?anisograd ${command}")
    find_options("${output}")
    list(SORT options)
    # An option that the examples have, but not the command, shows here too.
    if(NOT options STREQUAL documented)
        message(SEND_ERROR "${command} --help has\n${options}\nthe manual page\n${documented}")
    endif()
endforeach()
