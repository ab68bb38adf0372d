/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From R's values to the C interface and back, in double precision. R's values do not change under those who hold them,
 * so what is updated is a copy. R/anisograd.R has made sure of types; lengths are checked here. */
#include <anisograd/anisograd.h>

#include <R.h>
#include <R_ext/Rdynload.h>
#include <Rinternals.h>
#include <string.h>

static void check(ag_status status) {
    if (status != AG_OK)
        Rf_error("%s", ag_last_error());
}

static void check_length(const char* name, SEXP x, R_xlen_t length) {
    if (XLENGTH(x) != length)
        Rf_error("%s has %lld elements, not %lld", name, (long long)XLENGTH(x), (long long)length);
}

/* A whole number that a double holds, as R's numbers are. */
static uint64_t whole(const char* name, double value) {
    if (!(value >= 0 && value <= 0x1p53) || value != (double)(uint64_t)value)
        Rf_error("%s = %g is not a whole number from 0 to 2^53", name, value);
    return (uint64_t)value;
}

/* The value of a name in a list, or R_NilValue. */
static SEXP field(SEXP list, const char* name) {
    SEXP names = Rf_getAttrib(list, R_NamesSymbol);
    for (R_xlen_t i = 0; i < XLENGTH(list); ++i)
        if (strcmp(CHAR(STRING_ELT(names, i)), name) == 0)
            return VECTOR_ELT(list, i);
    return R_NilValue;
}

static double number(SEXP list, const char* name, double otherwise) {
    SEXP value = field(list, name);
    return value == R_NilValue ? otherwise : Rf_asReal(value);
}

static int32_t integer(SEXP list, const char* name, int32_t otherwise) {
    SEXP value = field(list, name);
    return value == R_NilValue ? otherwise : Rf_asInteger(value);
}

/* An array of a length, or NULL. */
static const double* array(SEXP list, const char* name, R_xlen_t length) {
    SEXP value = field(list, name);
    if (value == R_NilValue)
        return NULL;
    check_length(name, value, length);
    return REAL(value);
}

static ag_adagrad_options step_options(SEXP list) {
    ag_adagrad_options options;
    ag_adagrad_options_init(&options);
    options.learning_rate = number(list, "learning_rate", options.learning_rate);
    options.epsilon = number(list, "epsilon", options.epsilon);
    options.epsilon_mode = integer(list, "epsilon_mode", options.epsilon_mode);
    options.maximize = integer(list, "maximize", options.maximize);
    options.weight_decay = number(list, "weight_decay", options.weight_decay);
    options.decoupled_weight_decay = number(list, "decoupled_weight_decay", options.decoupled_weight_decay);
    options.gradient_scale = number(list, "gradient_scale", options.gradient_scale);
    options.l1 = number(list, "l1", options.l1);
    options.l2 = number(list, "l2", options.l2);
    return options;
}

static ag_set set_of(SEXP list, R_xlen_t n) {
    ag_set set;
    ag_set_init(&set);
    set.kind = integer(list, "kind", set.kind);
    set.radius = number(list, "radius", set.radius);
    set.lower_bounds = array(list, "lower", n);
    set.upper_bounds = array(list, "upper", n);
    set.center = array(list, "center", n);
    set.normal = array(list, "normal", n);
    set.offset = number(list, "offset", set.offset);
    set.lower_offset = number(list, "lower_offset", set.lower_offset);
    set.group_length = (size_t)whole("group_length", number(list, "group_length", 0));
    return set;
}

/* list(w = , v = ) after a step of copies. */
static SEXP stepped(SEXP w, SEXP v) {
    SEXP result = PROTECT(Rf_allocVector(VECSXP, 2)), names = PROTECT(Rf_allocVector(STRSXP, 2));
    SET_VECTOR_ELT(result, 0, w);
    SET_VECTOR_ELT(result, 1, v);
    SET_STRING_ELT(names, 0, Rf_mkChar("w"));
    SET_STRING_ELT(names, 1, Rf_mkChar("v"));
    Rf_setAttrib(result, R_NamesSymbol, names);
    UNPROTECT(2);
    return result;
}

static SEXP adagrad_init(SEXP n, SEXP epsilon) {
    SEXP v = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)whole("n", Rf_asReal(n))));
    check(ag_adagrad_init_f64((size_t)XLENGTH(v), REAL(v), Rf_asReal(epsilon)));
    UNPROTECT(1);
    return v;
}

static SEXP adagrad_step(SEXP w, SEXP g, SEXP v, SEXP options) {
    const R_xlen_t n = XLENGTH(w);
    const ag_adagrad_options o = step_options(options);
    check_length("g", g, n);
    check_length("v", v, n);
    w = PROTECT(Rf_duplicate(w));
    v = PROTECT(Rf_duplicate(v));
    check(ag_adagrad_step_f64((size_t)n, REAL(w), REAL(g), REAL(v), &o));
    SEXP result = stepped(w, v);
    UNPROTECT(2);
    return result;
}

static SEXP adagrad_step_projected(SEXP w, SEXP g, SEXP v, SEXP options, SEXP set) {
    const R_xlen_t n = XLENGTH(w);
    const ag_adagrad_options o = step_options(options);
    const ag_set s = set_of(set, n);
    check_length("g", g, n);
    check_length("v", v, n);
    w = PROTECT(Rf_duplicate(w));
    v = PROTECT(Rf_duplicate(v));
    check(ag_adagrad_step_projected_f64((size_t)n, REAL(w), REAL(g), REAL(v), &o, &s));
    SEXP result = stepped(w, v);
    UNPROTECT(2);
    return result;
}

static SEXP adagrad_norm_step(SEXP w, SEXP g, SEXP v, SEXP options) {
    const ag_adagrad_options o = step_options(options);
    check_length("g", g, XLENGTH(w));
    check_length("v", v, 1);
    w = PROTECT(Rf_duplicate(w));
    v = PROTECT(Rf_duplicate(v));
    check(ag_adagrad_norm_step_f64((size_t)XLENGTH(w), REAL(w), REAL(g), REAL(v), &o));
    SEXP result = stepped(w, v);
    UNPROTECT(2);
    return result;
}

static SEXP sgd_step(SEXP w, SEXP g, SEXP options) {
    const ag_adagrad_options o = step_options(options);
    check_length("g", g, XLENGTH(w));
    w = PROTECT(Rf_duplicate(w));
    check(ag_sgd_step_f64((size_t)XLENGTH(w), REAL(w), REAL(g), &o));
    UNPROTECT(1);
    return w;
}

static SEXP average(SEXP mean, SEXP w, SEXP t) {
    check_length("w", w, XLENGTH(mean));
    mean = PROTECT(Rf_duplicate(mean));
    check(ag_average_f64((size_t)XLENGTH(mean), REAL(mean), REAL(w), (size_t)whole("t", Rf_asReal(t))));
    UNPROTECT(1);
    return mean;
}

static SEXP project(SEXP x, SEXP lambda, SEXP set) {
    const R_xlen_t n = XLENGTH(x);
    ag_projection_report report = {0};
    ag_set s = set_of(set, n);
    s.report = &report;
    if (lambda != R_NilValue)
        check_length("lambda", lambda, n);
    x = PROTECT(Rf_duplicate(x));
    check(ag_project_f64((size_t)n, REAL(x), lambda == R_NilValue ? NULL : REAL(lambda), &s));
    Rf_setAttrib(x, Rf_install("multiplier"), Rf_ScalarReal(report.multiplier));
    Rf_setAttrib(x, Rf_install("passes"), Rf_ScalarInteger(report.passes));
    Rf_setAttrib(x, Rf_install("inside"), Rf_ScalarLogical(report.inside));
    UNPROTECT(1);
    return x;
}

static SEXP elementary(SEXP x, ag_status (*function)(size_t, const double*, double*)) {
    SEXP out = PROTECT(Rf_duplicate(x));
    check(function((size_t)XLENGTH(x), REAL(x), REAL(out)));
    UNPROTECT(1);
    return out;
}
static SEXP sigmoid(SEXP x) {
    return elementary(x, ag_sigmoid_f64);
}
static SEXP softplus(SEXP x) {
    return elementary(x, ag_softplus_f64);
}

/* X is what csr_matrix() makes; its offsets and columns count from 0. R's integers have 32 bits, C's offsets 64. */
static ag_csr_f64 csr_of(SEXP X) {
    SEXP offsets = field(X, "offsets"), columns = field(X, "columns"), values = field(X, "values");
    const R_xlen_t rows = XLENGTH(offsets) - 1;
    int64_t* wide = (int64_t*)R_alloc((size_t)rows + 1, sizeof(int64_t));
    for (R_xlen_t i = 0; i <= rows; ++i)
        wide[i] = INTEGER(offsets)[i];
    check_length("values", values, XLENGTH(columns));
    if (wide[rows] > XLENGTH(columns))
        Rf_error("offsets end with %lld, but there are %lld entries", (long long)wide[rows],
                 (long long)XLENGTH(columns));
    const ag_csr_f64 csr = {(size_t)rows, (size_t)whole("cols", number(X, "cols", 0)), wide, INTEGER(columns),
                            REAL(values)};
    return csr;
}

/* Rows count from 1 in R. */
static ag_logistic_options logistic_options(SEXP list, const ag_csr_f64* X) {
    ag_logistic_options options;
    ag_logistic_options_init(&options);
    options.labels = integer(list, "labels", options.labels);
    options.reduction = integer(list, "reduction", options.reduction);
    options.fit_intercept = integer(list, "fit_intercept", options.fit_intercept);
    options.l2 = number(list, "l2", options.l2);
    options.positive_weight = number(list, "positive_weight", options.positive_weight);
    options.negative_weight = number(list, "negative_weight", options.negative_weight);
    options.label_smoothing = number(list, "label_smoothing", options.label_smoothing);
    options.sample_weight = array(list, "sample_weight", (R_xlen_t)X->rows);
    SEXP rows = field(list, "rows");
    if (rows != R_NilValue) {
        int64_t* indices = (int64_t*)R_alloc((size_t)XLENGTH(rows), sizeof(int64_t));
        for (R_xlen_t i = 0; i < XLENGTH(rows); ++i)
            indices[i] = (int64_t)whole("rows", REAL(rows)[i]) - 1;
        options.row_indices = indices;
        options.row_count = (size_t)XLENGTH(rows);
    }
    return options;
}

static R_xlen_t visited(const ag_csr_f64* X, const ag_logistic_options* options) {
    return (R_xlen_t)(options->row_indices != NULL ? options->row_count : X->rows);
}

static void check_parameters(const ag_csr_f64* X, const ag_logistic_options* options, const char* name,
                             SEXP w) {
    check_length(name, w, (R_xlen_t)X->cols + (options->fit_intercept != 0));
}

static SEXP logistic(SEXP X, SEXP y, SEXP w, SEXP options) {
    const ag_csr_f64 csr = csr_of(X);
    const ag_logistic_options o = logistic_options(options, &csr);
    double loss;
    check_length("y", y, (R_xlen_t)csr.rows);
    check_parameters(&csr, &o, "w", w);
    SEXP gradient = PROTECT(Rf_allocVector(REALSXP, XLENGTH(w)));
    check(ag_logistic_csr_f64(&csr, REAL(y), REAL(w), &o, &loss, REAL(gradient)));
    SEXP result = PROTECT(Rf_allocVector(VECSXP, 2)), names = PROTECT(Rf_allocVector(STRSXP, 2));
    SET_VECTOR_ELT(result, 0, Rf_ScalarReal(loss));
    SET_VECTOR_ELT(result, 1, gradient);
    SET_STRING_ELT(names, 0, Rf_mkChar("loss"));
    SET_STRING_ELT(names, 1, Rf_mkChar("gradient"));
    Rf_setAttrib(result, R_NamesSymbol, names);
    UNPROTECT(3);
    return result;
}

static SEXP over_rows(SEXP X, SEXP w, SEXP options,
                      ag_status (*function)(const ag_csr_f64*, const double*, const ag_logistic_options*,
                                            double*)) {
    const ag_csr_f64 csr = csr_of(X);
    const ag_logistic_options o = logistic_options(options, &csr);
    check_parameters(&csr, &o, "w", w);
    SEXP out = PROTECT(Rf_allocVector(REALSXP, visited(&csr, &o)));
    check(function(&csr, REAL(w), &o, REAL(out)));
    UNPROTECT(1);
    return out;
}
static SEXP margins(SEXP X, SEXP w, SEXP options) {
    return over_rows(X, w, options, ag_logistic_margins_csr_f64);
}
static SEXP probabilities(SEXP X, SEXP w, SEXP options) {
    return over_rows(X, w, options, ag_logistic_probabilities_csr_f64);
}

static SEXP hessian_vector(SEXP X, SEXP y, SEXP w, SEXP direction, SEXP options) {
    const ag_csr_f64 csr = csr_of(X);
    const ag_logistic_options o = logistic_options(options, &csr);
    check_length("y", y, (R_xlen_t)csr.rows);
    check_parameters(&csr, &o, "w", w);
    check_parameters(&csr, &o, "direction", direction);
    SEXP product = PROTECT(Rf_allocVector(REALSXP, XLENGTH(w)));
    check(ag_logistic_hessian_vector_csr_f64(&csr, REAL(y), REAL(w), REAL(direction), &o, REAL(product)));
    UNPROTECT(1);
    return product;
}

static SEXP hessian_diagonal(SEXP X, SEXP y, SEXP w, SEXP options) {
    const ag_csr_f64 csr = csr_of(X);
    const ag_logistic_options o = logistic_options(options, &csr);
    check_length("y", y, (R_xlen_t)csr.rows);
    check_parameters(&csr, &o, "w", w);
    SEXP diagonal = PROTECT(Rf_allocVector(REALSXP, XLENGTH(w)));
    check(ag_logistic_hessian_diagonal_csr_f64(&csr, REAL(y), REAL(w), &o, REAL(diagonal)));
    UNPROTECT(1);
    return diagonal;
}

static SEXP shuffle_indices(SEXP count, SEXP seed, SEXP epoch) {
    const size_t n = (size_t)whole("n", Rf_asReal(count));
    int64_t* indices = (int64_t*)R_alloc(n, sizeof(int64_t));
    check(ag_shuffle_indices(n, whole("seed", Rf_asReal(seed)), whole("epoch", Rf_asReal(epoch)), indices));
    SEXP result = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)n));
    for (size_t i = 0; i < n; ++i)
        REAL(result)[i] = (double)(indices[i] + 1);
    UNPROTECT(1);
    return result;
}

static SEXP version(void) {
    return Rf_mkString(ag_version_string());
}
static SEXP isa(void) {
    return Rf_mkString(ag_isa_name(ag_active_isa()));
}

static const R_CallMethodDef methods[] = {{"adagrad_init", (DL_FUNC)&adagrad_init, 2},
                                          {"adagrad_step", (DL_FUNC)&adagrad_step, 4},
                                          {"adagrad_step_projected", (DL_FUNC)&adagrad_step_projected, 5},
                                          {"adagrad_norm_step", (DL_FUNC)&adagrad_norm_step, 4},
                                          {"sgd_step", (DL_FUNC)&sgd_step, 3},
                                          {"average", (DL_FUNC)&average, 3},
                                          {"project", (DL_FUNC)&project, 3},
                                          {"sigmoid", (DL_FUNC)&sigmoid, 1},
                                          {"softplus", (DL_FUNC)&softplus, 1},
                                          {"logistic", (DL_FUNC)&logistic, 4},
                                          {"margins", (DL_FUNC)&margins, 3},
                                          {"probabilities", (DL_FUNC)&probabilities, 3},
                                          {"hessian_vector", (DL_FUNC)&hessian_vector, 5},
                                          {"hessian_diagonal", (DL_FUNC)&hessian_diagonal, 4},
                                          {"shuffle_indices", (DL_FUNC)&shuffle_indices, 3},
                                          {"version", (DL_FUNC)&version, 0},
                                          {"isa", (DL_FUNC)&isa, 0},
                                          {NULL, NULL, 0}};

void R_init_anisograd(DllInfo* info) {
    R_registerRoutines(info, NULL, methods, NULL, NULL);
    R_useDynamicSymbols(info, FALSE);
    R_forceSymbols(info, TRUE);
}
