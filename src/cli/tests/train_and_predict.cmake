# SPDX-License-Identifier: BSD-3-Clause
#
# train, predict, evaluate and compare.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)

# Every method and constraint: the same digits with one and with two threads, and a sane loss. Without
# training the loss is ln 2 = 0.693.
foreach(arguments IN ITEMS
        "--method;adagrad"
        "--method;sgd"
        "--method;adagrad-norm;--learning-rate;3;--intercept"
        "--constraint;box;--radius;0.5;--average"
        "--constraint;l2-ball;--radius;2;--intercept"
        "--constraint;l1-ball;--radius;8;--intercept;--precision;f64"
        "--method;adagrad-norm;--learning-rate;3;--constraint;l1-ball;--radius;8;--intercept;--average"
        "--method;sgd;--constraint;l2-ball;--radius;2;--intercept;--precision;f64"
        "--l1;1e-4;--l2;1e-4;--intercept;--batch-size;32")
    foreach(threads IN ITEMS 1 2)
        run(0 train ${data} --epochs 10 ${arguments} --threads ${threads}
            --csv ${threads}.csv --save ${threads}.model --svg ${threads}.svg)
    endforeach()
    foreach(type IN ITEMS csv model svg)
        expect_same_files(1.${type} 2.${type})
    endforeach()
    expect_match("${output}" "\n +10 +0\\.(0[0-9]|1[0-2])[0-9]* +9[4-9]\\.[0-9]* %\n$")
    string(REGEX MATCH "\n +10 +([0-9.]+) +([0-9.]+ %)\n$" last_line "${output}")
    set(loss ${CMAKE_MATCH_1})
    set(accuracy ${CMAKE_MATCH_2})
    # The saved model is the one whose loss was reported; but that has the penalties.
    run(0 evaluate --load 1.model ${data})
    if(arguments MATCHES "--l1")
        set(loss "0\\.[0-9]+")
    endif()
    expect_match("${output}" "loss ${loss}, accuracy ${accuracy}\n")
endforeach()

# Weights below 0 would do better here, and so they are at 0; on the simplex they add up to its sum.
foreach(constraint IN ITEMS "nonnegative" "simplex;--radius;0.25")
    run(0 train ${data} --epochs 5 --constraint ${constraint} --save constrained.model)
    file(STRINGS ${FOLDER}/constrained.model weights REGEX "^-?[0-9.e-]+$")
    if(weights MATCHES "(^|;)-[0-9]*[1-9]" OR NOT weights MATCHES "(^|;)0(;|$)")
        message(FATAL_ERROR "${constraint}: ${weights}")
    endif()
endforeach()

# Predictions agree with what evaluate counts.
run(0 train ${data} --epochs 5 --intercept --average --save average.model)
foreach(iterate IN ITEMS last average)
    run(0 predict --load average.model ${data} --iterate ${iterate} --output labels.txt)
    expect_match("${output}" "^$")
    run(0 predict --load average.model ${data} --iterate ${iterate} --as margins)
    string(REGEX MATCHALL "[^\n]+" margins "${output}")
    run(0 predict --load average.model ${data} --iterate ${iterate} --as probabilities)
    string(REGEX MATCHALL "[^\n]+" probabilities "${output}")
    file(STRINGS ${FOLDER}/labels.txt predicted)
    file(STRINGS ${data} rows)
    set(right 0)
    foreach(row label margin probability IN ZIP_LISTS rows predicted margins probabilities)
        if(NOT row MATCHES "^[+]?${label} ")
            continue()
        endif()
        math(EXPR right "${right} + 1")
    endforeach()
    foreach(label margin probability IN ZIP_LISTS predicted margins probabilities)
        if((label STREQUAL "1" AND (margin LESS 0 OR probability LESS 0.5)) OR
           (label STREQUAL "-1" AND (margin GREATER 0 OR probability GREATER 0.5)))
            message(FATAL_ERROR "label ${label}, margin ${margin}, probability ${probability}")
        endif()
    endforeach()
    run_json(evaluate --load average.model ${data} --iterate ${iterate})
    set(counted 0)
    foreach(count IN ITEMS true_positives true_negatives)
        string(JSON value GET "${output}" evaluation ${count})
        math(EXPR counted "${counted} + ${value}")
    endforeach()
    list(LENGTH predicted rows_predicted)
    if(NOT counted EQUAL right OR NOT rows_predicted EQUAL 569 OR right LESS 530)
        message(FATAL_ERROR "${iterate}: ${rows_predicted} rows, ${right} right, evaluate counts ${counted}")
    endif()
    expect_json(EQUAL 569 data rows)
    expect_json(STREQUAL ${iterate} iterate)
    string(JSON loss_of_${iterate} GET "${output}" evaluation loss)
endforeach()
if(loss_of_last STREQUAL loss_of_average)
    message(FATAL_ERROR "the last iterate and the average have the same loss, ${loss_of_last}")
endif()
# Without a wish it is the average.
run_json(evaluate --load average.model ${data})
expect_json(STREQUAL ${loss_of_average} evaluation loss)

# Labels as they are in the training file, of rows with any label and with none.
file(WRITE ${FOLDER}/one_two.libsvm "1 1:1\n2 2:1\n")
file(WRITE ${FOLDER}/unlabelled.libsvm "2:1\n? 1:3\n\n7 2:1 1:0.5\n")
run(0 train one_two.libsvm --epochs 3 --save one_two.model)
run(0 predict --load one_two.model unlabelled.libsvm)
expect_match("${output}" "^2\n1\n2\n$")

# JSON of a training run says what the table says.
run(0 train ${data} --epochs 3 --validation ${data})
string(REGEX MATCH "\n +3 +([0-9.]+) +[0-9.]+ % +([0-9.]+) " last_line "${output}")
set(loss ${CMAKE_MATCH_1})
run_json(train ${data} --epochs 3 --validation ${data})
expect_json(MATCHES "^${loss}|^0\\.[0-9]+$" epochs 2 training loss)
expect_json(EQUAL 3 epochs 2 epoch)
expect_json(STREQUAL OFF stopped_early)
expect_json(STREQUAL adagrad training method)
string(JSON training GET "${output}" epochs 2 training)
string(JSON validation GET "${output}" epochs 2 validation)
if(NOT training STREQUAL validation)
    message(FATAL_ERROR "training and validation on the same file differ: ${training} ${validation}")
endif()

# Early stopping: as many epochs as there is patience for after the last that makes progress.
run_json(train ${data} --epochs 200 --tolerance 0.9 --patience 2)
expect_json(STREQUAL ON stopped_early)
string(JSON epochs LENGTH "${output}" epochs)
if(NOT epochs EQUAL 3)
    message(FATAL_ERROR "${epochs} epochs, expected 3: the first, and two without progress")
endif()

# Training goes on from a saved model, in its precision unless told otherwise.
run(0 train ${data} --precision f64 --epochs 5 --save 1.model)
run(0 train ${data} --load 1.model --epochs 1 --validation ${data} --save f64.model)
expect_match("${output}" ", f64, .*\n +1 +0\\.[01][0-9]* .*9[4-9]\\.")
run(0 train ${data} --load f64.model --precision f32 --epochs 1 --save f32.model)
expect_match("${output}" ", f32, .*\n +1 +0\\.[01][0-9]* ")
run(0 train ${data} --load f32.model --epochs 1)
expect_match("${output}" ", f32, ")
run(0 train ${data} --load f32.model --precision f64 --epochs 1)
expect_match("${output}" ", f64, ")

# A weight that only one of the precisions can hold.
file(WRITE ${FOLDER}/two_rows.libsvm "+1 1:1\n-1 2:1\n")
file(WRITE ${FOLDER}/large.model
    "anisograd-logistic-model 2\nprecision f64\nlabels -1 1\nintercept 0\nfeatures 2\naverage 0\n1e300\n0\nend\n")
run(0 train two_rows.libsvm --load large.model --epochs 1)
expect_match("${output}" "\n +1 +0\\.[0-9]+ +100\\.00 %\n$")
run(1 train two_rows.libsvm --load large.model --epochs 1 --precision f32)
expect_match("${errors}" "^anisograd: large.model:7: weight '1e\\+300' is out of range in single precision")

run(0 compare ${data} --batch-sizes 16,128 --epochs 3 --csv compare.csv --svg compare.svg)
expect_match("${output}" "AdaGrad +128 +average +[*]? ?[0-9.]+ +0\\.[0-2]")
file(READ ${FOLDER}/compare.csv csv)
expect_match("${csv}" "^method,batch_size,iterate,learning_rate,best,epoch,training_loss,training_accuracy\nSGD,16,last,0\\.01,0,1,0\\.")
expect_svg(compare.svg)
run_json(compare ${data} --batch-sizes 16 --epochs 3)
expect_json(STREQUAL adagrad series 1 method)
expect_json(LESS 0.3 series 1 last epochs 2 training loss)

# What is no regular file is written to as it is.
run(0 train ${data} --epochs 1 --csv /dev/stdout --json)
expect_match("${output}" "epoch,training_loss,training_accuracy\n1,0\\.")
