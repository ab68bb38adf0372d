# SPDX-License-Identifier: BSD-3-Clause
#
# The comparison of scripts/demo on the data set a9a: for each batch size and iterate, and with each method's best
# step size, both methods reach a low loss, and AdaGrad a lower one than SGD. The numbers are the same on every
# machine, so that no tolerance is needed.
#
# Needs PROGRAM and FOLDER (to write to); EMULATOR may name a command that runs PROGRAM. The environment variable
# ANISOGRAD_DATA names the folder with a9a and a9a.t, by default ../shared/data as seen from the project.
cmake_minimum_required(VERSION 3.22)

set(data "$ENV{ANISOGRAD_DATA}")
if(data STREQUAL "")
    set(data ${CMAKE_CURRENT_LIST_DIR}/../../../../shared/data)
endif()
file(REAL_PATH "${data}" data)
foreach(file IN ITEMS a9a a9a.t)
    if(NOT EXISTS ${data}/${file})
        message(NOTICE "Skipped: ${file} is not in ${data} (ANISOGRAD_DATA names another folder).")
        return()
    endif()
endforeach()

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
# On one thread, which changes no digit and leaves the other cores to the tests that run at the same time.
execute_process(
    COMMAND ${EMULATOR} ${PROGRAM} compare ${data}/a9a --features 123 --test ${data}/a9a.t --epochs 20
        --batch-sizes 64,1024 --csv ${FOLDER}/a9a.csv --threads 1
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
message(NOTICE "${output}")
if(NOT code STREQUAL 0)
    message(FATAL_ERROR "exit code ${code}")
endif()
if(output MATCHES "at the end of the grid")
    message(SEND_ERROR "a grid ends before the best step size: the comparison may be unfair")
endif()
file(READ ${FOLDER}/a9a.csv csv)

# Sets loss, on the training data after the last epoch, with the best step size.
function(read_loss method batch_size iterate)
    set(run "${method},${batch_size},${iterate}")
    if(NOT csv MATCHES "\n${run},[^,\n]+,1,20,([0-9.]+),[0-9.]+,([0-9.]+),")
        message(FATAL_ERROR "${run}: no losses in ${FOLDER}/a9a.csv")
    endif()
    set(training_loss ${CMAKE_MATCH_1})
    set(test_loss ${CMAKE_MATCH_2})
    foreach(name IN ITEMS training_loss test_loss)
        if(NOT ${name} LESS 0.33)
            message(SEND_ERROR "${run}: ${name} ${${name}} is not below 0.33")
        endif()
    endforeach()
    set(loss ${training_loss} PARENT_SCOPE)
endfunction()

foreach(batch_size IN ITEMS 64 1024)
    foreach(iterate IN ITEMS last average)
        read_loss(SGD ${batch_size} ${iterate})
        set(sgd_loss ${loss})
        read_loss(AdaGrad ${batch_size} ${iterate})
        # Equal to the last digit would mean that one method ran under both names.
        if(NOT loss LESS sgd_loss)
            message(SEND_ERROR "${batch_size},${iterate}: AdaGrad's ${loss} is not lower than SGD's ${sgd_loss}")
        endif()
    endforeach()
endforeach()
