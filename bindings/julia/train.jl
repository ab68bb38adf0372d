# SPDX-License-Identifier: BSD-3-Clause
#
# Untested. Logistic regression over an L2 ball by projected AdaGrad, as in examples/train/train.c.
#
#     julia train.jl ../../examples/data/breast_cancer.libsvm
include("Anisograd.jl")
using .Anisograd, Printf

const cols, epochs, report_every, batch_rows = 30, 20, 5, 64

"Lines of \"label column:value …\", columns from 1."
function read_libsvm(path)
    labels, row_offsets, columns, values = Float64[], Int64[0], Int32[], Float64[]
    for line in eachline(path)
        words = split(line)
        push!(labels, parse(Float64, words[1]))
        for word in words[2:end]
            column, value = split(word, ':')
            push!(columns, parse(Int32, column) - 1)
            push!(values, parse(Float64, value))
        end
        push!(row_offsets, length(columns))
    end
    return labels, Anisograd.Csr{Float64}(cols, row_offsets, columns, values)
end

labels, X = read_libsvm(ARGS[1])
w, mean, g, v = (zeros(cols + 1) for _ in 1:4)
ball = Anisograd.set_of(:l2_ball, radius=2)
adagrad_init!(v, 1e-6)
t = 0
for epoch in 1:epochs
    order = shuffle_indices(length(labels), 1, epoch - 1)
    for rows in Iterators.partition(order, batch_rows)
        logistic(X, labels, w; gradient=g, rows=collect(rows), fit_intercept=true)
        adagrad_step_projected!(w, g, v, ball; learning_rate=0.5)
        global t += 1
        average!(mean, w, t)
    end
    if epoch % report_every == 0
        @printf("epoch %d loss %.17f\n", epoch, logistic(X, labels, mean; fit_intercept=true))
    end
end
