# SPDX-License-Identifier: BSD-3-Clause
#
# Logistic regression over an L2 ball by projected AdaGrad, as in examples/train/train.c, with the same digits.
#
#     R CMD INSTALL .  &&  Rscript inst/examples/train.R ../../examples/data/breast_cancer.libsvm
library(anisograd)

cols <- 30
epochs <- 20
report_every <- 5
batch_rows <- 64

# Lines of "label column:value ...", columns from 1.
read_libsvm <- function(path) {
    words <- strsplit(readLines(path), "[ :]+")
    entries <- lapply(words, function(line) as.double(line[-1]))
    odd <- function(line) line[c(TRUE, FALSE)]
    even <- function(line) line[c(FALSE, TRUE)]
    list(labels = vapply(words, function(line) as.double(line[1]), 0),
         X = csr_matrix(cols, c(0, cumsum(lengths(entries) / 2)), unlist(lapply(entries, odd)) - 1,
                        unlist(lapply(entries, even))))
}

data <- read_libsvm(commandArgs(trailingOnly = TRUE)[1])
rows <- length(data$labels)
ball <- list(kind = "l2_ball", radius = 2)
w <- mean <- numeric(cols + 1)
v <- adagrad_init(cols + 1, 1e-6)
t <- 0
for (epoch in seq_len(epochs)) {
    order <- shuffle_indices(rows, 1, epoch - 1)
    for (batch in split(order, (seq_along(order) - 1) %/% batch_rows)) {
        g <- logistic(data$X, data$labels, w, fit_intercept = TRUE, rows = batch)$gradient
        step <- adagrad_step_projected(w, g, v, ball, learning_rate = 0.5)
        w <- step$w
        v <- step$v
        t <- t + 1
        mean <- average(mean, w, t)
    }
    if (epoch %% report_every == 0)
        cat(sprintf("epoch %d loss %.17f\n", epoch, logistic(data$X, data$labels, mean, fit_intercept = TRUE)$loss))
}
