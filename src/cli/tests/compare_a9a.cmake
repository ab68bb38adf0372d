# SPDX-License-Identifier: BSD-3-Clause
#
# The comparison of scripts/demo on the data set a9a: for each batch size and iterate, and with each method's best
# step size, both methods reach a low loss, and AdaGrad a lower one than SGD. The numbers are the same on every
# machine, so that no tolerance is needed.
#
# The environment variable ANISOGRAD_DATA names the folder with a9a and a9a.t, by default ../shared/data as seen from
# the project.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)

set(data "$ENV{ANISOGRAD_DATA}")
if(data STREQUAL "")
    set(data ${SOURCE}/../shared/data)
endif()
file(REAL_PATH "${data}" data)
foreach(file IN ITEMS a9a a9a.t)
    if(NOT EXISTS ${data}/${file})
        message(NOTICE "Skipped: ${file} is not in ${data} (ANISOGRAD_DATA names another folder).")
        return()
    endif()
endforeach()

# On one thread, which changes no digit and leaves the other cores to the tests that run at the same time.
run(0 compare ${data}/a9a --features 123 --validation ${data}/a9a.t --epochs 20 --batch-sizes 64,1024
    --csv a9a.csv --threads 1)
message(NOTICE "${output}")
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
    set(validation_loss ${CMAKE_MATCH_2})
    foreach(name IN ITEMS training_loss validation_loss)
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
