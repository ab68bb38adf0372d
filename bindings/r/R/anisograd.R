# SPDX-License-Identifier: BSD-3-Clause
#
# The functions of the C interface without prefix and type, in double precision; anisograd.h documents them. As R has it,
# nothing is changed in place: a step gives the new values. Rows count from 1.

# Named options, all of them known.
options_of <- function(known, given) {
    unknown <- setdiff(names(given), known)
    if (length(given) > 0 && (is.null(names(given)) || length(unknown) > 0))
        stop("there is no option ", paste(unknown, collapse = ", "), "; there are ", paste(known, collapse = ", "))
    given
}

step_options <- function(...) {
    given <- options_of(c("learning_rate", "epsilon", "epsilon_mode", "maximize", "weight_decay",
                          "decoupled_weight_decay", "gradient_scale", "l1", "l2"), list(...))
    if (!is.null(given$epsilon_mode))
        given$epsilon_mode <- match(match.arg(given$epsilon_mode, epsilon_modes), epsilon_modes) - 1L
    given
}
epsilon_modes <- c("in_state", "outside", "inside")

set_kinds <- c("box", "nonnegative", "linf_ball", "l2_ball", "l1_ball", "weighted_l1_ball", "simplex",
               "capped_simplex", "box_section", "halfspace", "hyperplane", "slab", "second_order_cone",
               "group_l1_ball")

# list(kind = "l2_ball", radius = 1), for vectors of n elements. lower and upper may be single numbers.
set_of <- function(set, n) {
    set <- options_of(c("kind", "radius", "lower", "upper", "center", "normal", "offset", "lower_offset",
                        "group_length"), set)
    set$kind <- match(match.arg(set$kind, set_kinds), set_kinds) - 1L
    for (name in c("lower", "upper"))
        if (length(set[[name]]) == 1) set[[name]] <- rep(set[[name]], n)
    for (name in setdiff(names(set), "kind")) set[[name]] <- as.double(set[[name]])
    set
}

adagrad_init <- function(n, epsilon) .Call(C_adagrad_init, n, epsilon)

# Options: learning_rate, epsilon, epsilon_mode ("in_state", "outside", "inside"), maximize, weight_decay,
# decoupled_weight_decay, gradient_scale, l1, l2. The result is list(w, v).
adagrad_step <- function(w, g, v, ...)
    .Call(C_adagrad_step, as.double(w), as.double(g), as.double(v), step_options(...))

adagrad_step_projected <- function(w, g, v, set, ...)
    .Call(C_adagrad_step_projected, as.double(w), as.double(g), as.double(v), step_options(...),
          set_of(set, length(w)))

adagrad_norm_step <- function(w, g, v, ...)
    .Call(C_adagrad_norm_step, as.double(w), as.double(g), as.double(v), step_options(...))

sgd_step <- function(w, g, ...) .Call(C_sgd_step, as.double(w), as.double(g), step_options(...))

average <- function(mean, w, t) .Call(C_average, as.double(mean), as.double(w), t)

# The point nearest to x in the norm of diag(lambda), with the attributes multiplier, passes and inside.
project <- function(x, set, lambda = NULL)
    .Call(C_project, as.double(x), if (is.null(lambda)) NULL else as.double(lambda), set_of(set, length(x)))

sigmoid <- function(x) .Call(C_sigmoid, as.double(x))
softplus <- function(x) .Call(C_softplus, as.double(x))

# A sparse matrix, compressed by rows: offsets (one more than rows) and columns count from 0, as in the slots p and j of
# Matrix's dgRMatrix.
csr_matrix <- function(cols, offsets, columns, values)
    list(cols = as.double(cols), offsets = as.integer(offsets), columns = as.integer(columns),
         values = as.double(values))

labels_of <- c("plus_minus_one", "zero_one", "probability")
reductions <- c("mean", "sum")

logistic_options <- function(...) {
    given <- options_of(c("labels", "reduction", "fit_intercept", "l2", "sample_weight", "rows", "positive_weight",
                          "negative_weight", "label_smoothing"), list(...))
    if (!is.null(given$labels)) given$labels <- match(match.arg(given$labels, labels_of), labels_of) - 1L
    if (!is.null(given$reduction)) given$reduction <- match(match.arg(given$reduction, reductions), reductions) - 1L
    for (name in c("rows", "sample_weight")) if (!is.null(given[[name]])) given[[name]] <- as.double(given[[name]])
    given
}

# Options: labels ("plus_minus_one", "zero_one", "probability"), reduction ("mean", "sum"), fit_intercept, l2,
# sample_weight, rows (the mini-batch), positive_weight, negative_weight, label_smoothing. The result is list(loss,
# gradient).
logistic <- function(X, y, w, ...) .Call(C_logistic, X, as.double(y), as.double(w), logistic_options(...))

logistic_margins <- function(X, w, ...) .Call(C_margins, X, as.double(w), logistic_options(...))
logistic_probabilities <- function(X, w, ...) .Call(C_probabilities, X, as.double(w), logistic_options(...))
logistic_hessian_vector <- function(X, y, w, direction, ...)
    .Call(C_hessian_vector, X, as.double(y), as.double(w), as.double(direction), logistic_options(...))
logistic_hessian_diagonal <- function(X, y, w, ...)
    .Call(C_hessian_diagonal, X, as.double(y), as.double(w), logistic_options(...))

# A permutation of 1, ..., n that depends on n, seed and epoch alone.
shuffle_indices <- function(n, seed, epoch) .Call(C_shuffle_indices, n, seed, epoch)

anisograd_version <- function() .Call(C_version)
active_isa <- function() .Call(C_isa)
