# SPDX-License-Identifier: BSD-3-Clause
#
# That each function reaches the C function of its name with its arguments in place. What these compute is tested with
# the library.
library(anisograd)

# As near as is needed to tell that it is the function meant.
close_to <- function(a, b) isTRUE(all.equal(as.vector(a), b, tolerance = 1e-10))
refused <- function(call, pattern) {
    message <- tryCatch({ call; "" }, error = conditionMessage)
    if (!grepl(pattern, message)) stop("refused with '", message, "', not ", pattern)
}

# From a zero accumulator, lambda = |g|: each coordinate moves by the learning rate.
start <- c(1, 2, 3, 4)
g <- c(1, -2, 4, 0.5)
zero <- adagrad_init(4, 0)
step <- adagrad_step(start, g, zero, learning_rate = 0.5)
stopifnot(identical(step$w, c(0.5, 2.5, 2.5, 3.5)), identical(step$v, c(1, 4, 16, 0.25)),
          identical(zero, numeric(4)), identical(adagrad_init(2, 2), c(4, 4)))
outside <- adagrad_step(start, g, zero, learning_rate = 1, epsilon = 1, epsilon_mode = "outside")
stopifnot(identical(outside$w[1:2], c(0.5, 2 + 2 / 3)))
box <- list(kind = "box", lower = 1, upper = c(9, 9, 2, 2))
stopifnot(identical(adagrad_step_projected(start, g, zero, box, learning_rate = 0.5)$w, c(1, 2.5, 2, 2)))
norm <- adagrad_norm_step(start, c(2, -2, 2, -2), 0, learning_rate = 0.5)
stopifnot(identical(norm$w, c(0.75, 2.25, 2.75, 4.25)), identical(norm$v, 16))
stopifnot(identical(sgd_step(start, g, learning_rate = 0.5), c(0.5, 3, 1, 3.75)))
stopifnot(identical(average(c(3, 2, 1, 0), start, 2), c(2, 2, 2, 2)))

ones <- rep(1, 4)
cases <- list(
    list(list(kind = "box", lower = 0, upper = 2), c(-1, 0.5, 3, 2), c(0, 0.5, 2, 2)),
    list(list(kind = "nonnegative"), c(-1, 0.5, 3, 2), c(0, 0.5, 3, 2)),
    list(list(kind = "linf_ball", center = ones), c(-1, 0.5, 3, 2), c(0, 0.5, 2, 2)),
    list(list(kind = "l2_ball", radius = 1), c(2, 2, 2, 2), c(0.5, 0.5, 0.5, 0.5)),
    list(list(kind = "l1_ball", radius = 1, center = ones), c(3, 1, 1, 1), c(2, 1, 1, 1)),
    list(list(kind = "weighted_l1_ball", radius = 1, normal = ones), c(3, 0, 0, 0), c(1, 0, 0, 0)),
    list(list(kind = "simplex", radius = 2), c(2, 2, -1, -1), c(1, 1, 0, 0)),
    list(list(kind = "capped_simplex", radius = 2, upper = 1), c(9, 9, -1, -1), c(1, 1, 0, 0)),
    list(list(kind = "box_section", lower = 0, upper = 2, offset = 2), c(2, 2, -9, -9), c(1, 1, 0, 0)),
    list(list(kind = "halfspace", normal = ones, offset = 4), c(2, 2, 2, 2), ones),
    list(list(kind = "hyperplane", offset = 4), c(2, 2, 2, 2), ones),
    list(list(kind = "slab", lower_offset = 4, offset = 5), c(0, 0, 0, 0), ones),
    list(list(kind = "second_order_cone"), c(0, 2, 0, 0), c(1, 1, 0, 0)),
    list(list(kind = "group_l1_ball", radius = 2, group_length = 2), c(3, 0, 3, 0), c(1, 0, 1, 0)))
for (case in cases)
    for (lambda in list(NULL, ones)) {
        p <- project(case[[2]], case[[1]], lambda)
        stopifnot(close_to(p, case[[3]]), !attr(p, "inside"))
    }
report <- project(c(3, 0), list(kind = "l2_ball"), c(1, 1))
stopifnot(close_to(attr(report, "multiplier"), 2), attr(report, "passes") >= 1)

# Two rows, of which the second has a zero; shares of the loss by the sample weights.
X <- csr_matrix(2, c(0, 2, 3), c(0, 1, 1), c(1, 2, 3))
rows <- rbind(c(1, 2, 1), c(0, 3, 1))
y <- c(1, -1)
w <- c(0.5, -0.25, 0.125)
share <- c(0.25, 0.75)
m <- as.vector(rows %*% w)
p <- 1 / (1 + exp(-m))
residual <- c(p[1] - 1, p[2])
curvature <- p * (1 - p)
penalty <- c(0.5, 0.5, 0)
weights <- c(1, 3)
found <- logistic(X, y, w, fit_intercept = TRUE, l2 = 0.5, sample_weight = weights)
hessian <- t(rows) %*% diag(share * curvature) %*% rows + diag(penalty)
stopifnot(close_to(found$loss, -sum(share * log(c(p[1], 1 - p[2]))) + 0.25 * sum(w[1:2]^2)),
          close_to(found$gradient, as.vector(t(rows) %*% (share * residual)) + penalty * w),
          close_to(logistic_margins(X, w, fit_intercept = TRUE), m),
          close_to(logistic_margins(X, w, fit_intercept = TRUE, rows = c(2, 2)), m[c(2, 2)]),
          close_to(logistic_probabilities(X, w, fit_intercept = TRUE), p),
          close_to(logistic_hessian_diagonal(X, y, w, fit_intercept = TRUE, l2 = 0.5, sample_weight = weights),
                   diag(hessian)),
          close_to(logistic_hessian_vector(X, y, w, c(0, 1, 0), fit_intercept = TRUE, l2 = 0.5,
                                           sample_weight = weights), hessian[, 2]),
          close_to(logistic(X, c(1, 0), w, fit_intercept = TRUE, labels = "zero_one", reduction = "sum")$loss,
                   -sum(log(c(p[1], 1 - p[2])))))
stopifnot(close_to(sigmoid(m), p), close_to(softplus(m), log1p(exp(m))))
stopifnot(identical(sort(shuffle_indices(100, 1, 2)), as.double(1:100)))
stopifnot(grepl("^0\\.1", anisograd_version()), active_isa() %in% c("portable", "avx2", "avx512", "neon"))

refused(adagrad_step(start, g, zero, learning_rate = -1), "learning_rate")
refused(adagrad_step(start, g[1:2], zero), "g has 2 elements, not 4")
refused(adagrad_step(start, g, zero, learning = 1), "no option learning")
refused(project(start, list(kind = "circle")), "should be one of")
refused(project(start, list(kind = "l2_ball", center = 1)), "center has 1 elements")
refused(logistic(csr_matrix(2, c(0, 1), 2, 1), 1, c(0, 0)), "column")
refused(logistic(csr_matrix(2, c(0, 2), 1, 1), 1, c(0, 0)), "offsets end with 2")
refused(logistic(X, y, w, fit_intercept = TRUE, rows = 0), "row_indices")
refused(average(start, start, -1), "t = -1")
