# SPDX-License-Identifier: BSD-3-Clause
#
# Bad arguments and bad files: exit code, message, and no output file.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)

run(0 train ${data} --epochs 1 --intercept --save good.model)

# Faults of usage: exit code 2 and a message.
foreach(arguments IN ITEMS
        ""
        "unknown"
        "--unknown"
        "info;extra"
        "train"
        "train;${data};--batch-size;0"
        "train;${data};--batch-size;-1"
        "train;${data};--batch-size;1.5"
        "train;${data};--batch-size;99999999999999999999"
        "train;${data};--learning-rate;nan"
        "train;${data};--learning-rate;inf"
        "train;${data};--learning-rate;0"
        "train;${data};--epsilon;-1"
        "train;${data};--l1;-1"
        "train;${data};--l2;x"
        "train;${data};--epochs;0"
        "train;${data};--method;adam"
        "train;${data};--method;0"
        "train;${data};--precision;f16"
        "train;${data};--constraint;cube"
        "train;${data};--radius;1"
        "train;${data};--constraint;nonnegative;--radius;1"
        "train;${data};--constraint;l1-ball;--radius;-1"
        "train;${data};--tolerance;1"
        "train;${data};--patience;3"
        "train;${data};--index-base;2"
        "train;${data};--threads;-1"
        "train;${data};--load;good.model;--features;30"
        "train;${data};--load"
        "predict;${data}"
        "predict;--load;good.model"
        "predict;--load;good.model;${data};--as;votes"
        "predict;--load;good.model;${data};--json"
        "evaluate;${data}"
        "evaluate;--load;good.model;${data};--iterate;first"
        "compare;${data};--batch-sizes;16,x"
        "compare;${data};--batch-sizes;"
        "bench;--megabytes;0"
        "bench;--precision;bf16"
        "selftest;--threads;2")
    run(2 ${arguments})
    expect_match("${errors}" "[a-z]")
    expect_match("${output}" "^$")
endforeach()

# Faults of files: exit code 1 and the file's name.
file(WRITE ${FOLDER}/malformed.libsvm "+1 1:0.5\n-1 2:x\n")
run(1 train malformed.libsvm)
expect_match("${errors}" "^anisograd: malformed.libsvm:2: value 'x' is not a number\n$")
file(WRITE ${FOLDER}/empty.libsvm "")
run(1 train empty.libsvm)
expect_match("${errors}" "^anisograd: empty.libsvm: no rows\n$")
run(1 train missing.libsvm)
expect_match("${errors}" "missing.libsvm: cannot be opened")
run(1 train .)
run(1 train ${data} --validation malformed.libsvm)
expect_match("${errors}" "malformed.libsvm:2: ")
foreach(command IN ITEMS evaluate predict)
    run(1 ${command} --load malformed.libsvm ${data})
    expect_match("${errors}" "malformed.libsvm:1: not a model file")
    run(1 ${command} --load good.model ${data} --iterate average)
    expect_match("${errors}" "good.model: the model has no average")
    run(1 ${command} --load good.model malformed.libsvm)
    expect_match("${errors}" "malformed.libsvm:2: value 'x'")
endforeach()
run(1 train ${data} --features 29)
expect_match("${errors}" "breast_cancer.libsvm:1: index '30' is beyond the 29 features")
file(WRITE ${FOLDER}/labels.libsvm "3 1:1\n")
run(1 train labels.libsvm)
expect_match("${errors}" "labels.libsvm:1: label '3' does not fit")

# Output that cannot be written is known before the work is done: neither a table nor another file.
foreach(option IN ITEMS --save --csv --svg)
    run(1 train ${data} ${option} missing/file)
    expect_match("${errors}" "^anisograd: missing/file: cannot be opened for writing\n$")
    expect_match("${output}" "^$")
endforeach()
run(1 predict --load good.model ${data} --output .)
expect_match("${errors}" "is a folder")
if(EXISTS /dev/full)
    run(1 train ${data} --epochs 1 --csv /dev/full)
    expect_match("${errors}" "/dev/full: cannot be written")
endif()

# A run that fails leaves what was there, and nothing beside it.
file(WRITE ${FOLDER}/old.model "old\n")
file(WRITE ${FOLDER}/old.csv "old\n")
run(1 train ${data} --method sgd --l2 1 --learning-rate 1e30 --save old.model --csv old.csv --svg new.svg)
expect_match("${errors}" "diverged")
run(1 predict --load good.model malformed.libsvm --output old.csv)
foreach(file IN ITEMS old.model old.csv)
    file(READ ${FOLDER}/${file} content)
    if(NOT content STREQUAL "old\n")
        message(FATAL_ERROR "${file} was written to:\n${content}")
    endif()
endforeach()
file(GLOB files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
if(NOT files STREQUAL "empty.libsvm;good.model;labels.libsvm;malformed.libsvm;old.csv;old.model")
    message(FATAL_ERROR "files left: ${files}")
endif()
