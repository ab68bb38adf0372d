# SPDX-License-Identifier: BSD-3-Clause
#
# For the tests that run the program as a user would. They need PROGRAM, SOURCE (the project's folder) and FOLDER (to
# write to); EMULATOR may name a command that runs PROGRAM.

set(data ${SOURCE}/examples/data/breast_cancer.libsvm)
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

# Runs the program in FOLDER with the arguments given. Sets output and errors; fails on another exit code.
function(run expected_code)
    execute_process(COMMAND ${EMULATOR} ${PROGRAM} ${ARGN}
        WORKING_DIRECTORY ${FOLDER}
        RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
    if(NOT code STREQUAL expected_code)
        message(FATAL_ERROR "${ARGN}: exit code ${code}, expected ${expected_code}\n${output}\n${errors}")
    endif()
    set(output "${output}" PARENT_SCOPE)
    set(errors "${errors}" PARENT_SCOPE)
endfunction()

# Runs the program with --json, and fails unless it prints one JSON object and nothing else. Sets output. With Python,
# a parser of another make reads it too.
function(run_json)
    run(0 ${ARGN} --json)
    if(NOT errors STREQUAL "")
        message(FATAL_ERROR "${ARGN} --json: ${errors}")
    endif()
    string(JSON type ERROR_VARIABLE fault TYPE "${output}")
    if(NOT type STREQUAL "OBJECT")
        message(FATAL_ERROR "${ARGN}: no JSON object, ${fault}:\n${output}")
    endif()
    find_program(python python3)
    if(python)
        file(WRITE ${FOLDER}/output.json "${output}")
        execute_process(COMMAND ${python} -m json.tool ${FOLDER}/output.json
            RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE fault)
        if(NOT code STREQUAL "0")
            message(FATAL_ERROR "${ARGN}: python3 -m json.tool: ${fault}\n${output}")
        endif()
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

# expect_json(OPERATOR EXPECTED MEMBER...): a member of the last output, compared by an operator of if().
function(expect_json operator expected)
    string(JSON value GET "${output}" ${ARGN})
    if(NOT value ${operator} "${expected}")
        message(FATAL_ERROR "${ARGN}: ${value}, expected ${operator} ${expected}\n${output}")
    endif()
endfunction()

function(expect_match text pattern)
    if(NOT text MATCHES "${pattern}")
        message(FATAL_ERROR "expected '${pattern}' in:\n${text}")
    endif()
endfunction()

function(expect_same_files a b)
    file(READ ${FOLDER}/${a} content_a)
    file(READ ${FOLDER}/${b} content_b)
    if(NOT content_a STREQUAL content_b)
        message(FATAL_ERROR "${a} and ${b} differ:\n${content_a}\n${content_b}")
    endif()
endfunction()

function(expect_svg file)
    file(READ ${FOLDER}/${file} svg)
    expect_match("${svg}" "^<svg .*</svg>\n$")
    if(svg MATCHES "nan|inf\"")
        message(FATAL_ERROR "${file} has a number that is not finite:\n${svg}")
    endif()
endfunction()
