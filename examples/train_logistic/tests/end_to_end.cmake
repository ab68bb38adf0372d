# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the program as a user would. Needs PROGRAM, DATA (the breast-cancer file) and FOLDER (to write to);
# EMULATOR may name a command that runs PROGRAM.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

# Runs the program with the arguments given. Sets output and errors; fails on another exit code.
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

# Every method and constraint: the same digits with one and with two threads, and a sane loss. Without
# training the loss is ln 2 = 0.693.
foreach(arguments IN ITEMS
        "--method;adagrad;--learning-rate;0.1"
        "--method;sgd;--learning-rate;0.1"
        "--method;adagrad;--learning-rate;0.1;--constraint;box;--radius;0.5;--average"
        "--method;adagrad;--learning-rate;0.1;--constraint;l2-ball;--radius;2;--intercept"
        "--method;sgd;--learning-rate;0.1;--constraint;l2-ball;--radius;2;--intercept;--precision;f64")
    foreach(threads IN ITEMS 1 2)
        run(0 train ${DATA} --epochs 10 ${arguments} --threads ${threads}
            --csv ${threads}.csv --save ${threads}.model --svg ${threads}.svg)
    endforeach()
    foreach(type IN ITEMS csv model svg)
        expect_same_files(1.${type} 2.${type})
    endforeach()
    expect_match("${output}" "\n +10 +0\\.(0[0-9]|1[0-2])[0-9]* +9[4-9]\\.[0-9]* %\n$")
    string(REGEX MATCH "\n +10 +([0-9.]+) +([0-9.]+ %)\n$" last_line "${output}")
    set(loss ${CMAKE_MATCH_1})
    set(accuracy ${CMAKE_MATCH_2})
    # The saved model is the one whose loss was reported.
    run(0 evaluate --load 1.model ${DATA})
    expect_match("${output}" "loss ${loss}, accuracy ${accuracy}\n$")
endforeach()

# Training goes on from a saved model, in its precision unless told otherwise.
run(0 train ${DATA} --load 1.model --epochs 1 --test ${DATA} --save f64.model)
expect_match("${output}" ", f64, .*\n +1 +0\\.[01][0-9]* .*9[4-9]\\.")
run(0 train ${DATA} --load f64.model --precision f32 --epochs 1 --save f32.model)
expect_match("${output}" ", f32, .*\n +1 +0\\.[01][0-9]* ")
run(0 train ${DATA} --load f32.model --epochs 1)
expect_match("${output}" ", f32, ")
run(0 train ${DATA} --load f32.model --precision f64 --epochs 1)
expect_match("${output}" ", f64, ")

run(0 compare ${DATA} --batch-sizes 16,128 --epochs 3 --csv compare.csv --svg compare.svg)
expect_match("${output}" "AdaGrad +128 +average +[*]? ?[0-9.]+ +0\\.[0-2]")
file(READ ${FOLDER}/compare.csv csv)
expect_match("${csv}" "^method,batch_size,iterate,learning_rate,best,epoch,training_loss,training_accuracy\nSGD,16,last,0\\.01,0,1,0\\.")
file(READ ${FOLDER}/compare.svg svg)
expect_match("${svg}" "^<svg .*</svg>\n$")

run(0 --help)
expect_match("${output}" "compare")

# Faults of usage: exit code 2 and a message.
foreach(arguments IN ITEMS
        ""
        "unknown"
        "train"
        "train;${DATA};--batch-size;0"
        "train;${DATA};--batch-size;-1"
        "train;${DATA};--batch-size;1.5"
        "train;${DATA};--batch-size;99999999999999999999"
        "train;${DATA};--learning-rate;nan"
        "train;${DATA};--learning-rate;inf"
        "train;${DATA};--learning-rate;0"
        "train;${DATA};--epsilon;-1"
        "train;${DATA};--epochs;0"
        "train;${DATA};--method;adam"
        "train;${DATA};--precision;f16"
        "train;${DATA};--radius;1"
        "train;${DATA};--index-base;2"
        "train;${DATA};--threads;-1"
        "train;${DATA};--load;1.model;--features;30"
        "evaluate;${DATA}"
        "compare;${DATA};--batch-sizes;16,x")
    run(2 ${arguments})
    expect_match("${errors}" "[a-z]")
endforeach()

# A weight that only one of the precisions can hold.
file(WRITE ${FOLDER}/two_rows.libsvm "+1 1:1\n-1 2:1\n")
file(WRITE ${FOLDER}/large.model
    "anisograd-logistic-model 1\nprecision f64\nlabels -1 1\nintercept 0\nfeatures 2\n1e300\n0\nend\n")
run(0 train two_rows.libsvm --load large.model --epochs 1)
expect_match("${output}" "\n +1 +0\\.[0-9]+ +100\\.00 %\n$")
run(1 train two_rows.libsvm --load large.model --epochs 1 --precision f32)
expect_match("${errors}" "^train_logistic: large.model:6: weight '1e\\+300' is out of range in single precision")

# Faults of files: exit code 1 and the file's name.
file(WRITE ${FOLDER}/malformed.libsvm "+1 1:0.5\n-1 2:x\n")
run(1 train malformed.libsvm)
expect_match("${errors}" "^train_logistic: malformed.libsvm:2: value 'x' is not a number\n$")
run(1 train missing.libsvm)
expect_match("${errors}" "missing.libsvm: cannot be opened")
run(1 train .)
run(1 evaluate --load malformed.libsvm ${DATA})
expect_match("${errors}" "malformed.libsvm:1: not a model file")
run(1 train ${DATA} --features 29)
expect_match("${errors}" "breast_cancer.libsvm:1: index '30' is beyond the 29 features")
run(1 train ${DATA} --epochs 1 --save missing/model)
expect_match("${errors}" "missing/model: cannot be opened for writing")
run(1 train ${DATA} --method sgd --l2 1 --learning-rate 1e30)
expect_match("${errors}" "diverged")
