// SPDX-License-Identifier: BSD-3-Clause
//
// AdaGrad steps, projections in AdaGrad's metric, and logistic loss, on Float32Array and Float64Array in place: the
// functions of the C interface without prefix and type, in camel case; anisograd.h documents them. Types and lengths are
// checked here, everything else by the library before anything is written; what it refuses is thrown as an
// AnisogradError.
//
// The library is the system's, or the file that the environment variable ANISOGRAD_LIBRARY names.
import koffi from "koffi";

const library = koffi.load(process.env.ANISOGRAD_LIBRARY ?? "libanisograd.so.0.1");

// ---- What anisograd.h declares ----

koffi.alias("ag_status", "int32_t");
koffi.struct("ag_adagrad_options", {
    struct_size: "size_t", learning_rate: "double", epsilon: "double", epsilon_mode: "int32_t",
    maximize: "int32_t", weight_decay: "double", decoupled_weight_decay: "double", gradient_scale: "double",
    l1: "double", l2: "double", math: "int32_t", rounding: "int32_t", seed: "uint64_t", step: "uint64_t",
});
const projectionReport = koffi.struct("ag_projection_report", { multiplier: "double", passes: "int32_t", inside: "int32_t" });
koffi.struct("ag_set", {
    struct_size: "size_t", kind: "int32_t", radius: "double", lower: "double", upper: "double",
    lower_bounds: "const void *", upper_bounds: "const void *", center: "const void *", normal: "const void *",
    offset: "double", lower_offset: "double", report: "void *", group_length: "size_t",
    group_offsets: "const int64_t *", group_count: "size_t", reducer: "const void *", workspace: "void *",
    workspace_size: "size_t",
});
koffi.struct("ag_logistic_options", {
    struct_size: "size_t", labels: "int32_t", reduction: "int32_t", fit_intercept: "int32_t", l2: "double",
    sample_weight: "const void *", row_indices: "const int64_t *", row_count: "size_t", workspace: "void *",
    workspace_size: "size_t", positive_weight: "double", negative_weight: "double", label_smoothing: "double",
});

export const EpsilonMode = Object.freeze({ inState: 0, outside: 1, inside: 2 });
export const MathMode = Object.freeze({ strict: 0, fast: 1 });
export const Labels = Object.freeze({ plusMinusOne: 0, zeroOne: 1, probability: 2 });
export const Reduction = Object.freeze({ mean: 0, sum: 1 });
export const Smoothness = Object.freeze({ coordinate: 0, anisotropic: 1 });
const setKinds = {
    box: 0, nonnegative: 1, linfBall: 2, l2Ball: 3, l1Ball: 4, weightedL1Ball: 5, simplex: 6, cappedSimplex: 7,
    boxSection: 8, halfspace: 9, hyperplane: 10, slab: 11, secondOrderCone: 12, groupL1Ball: 13,
};

const c = (prototype) => library.func(prototype);

function functionsOf(type, T) {
    koffi.struct(`ag_dense_${type}`, { rows: "size_t", cols: "size_t", row_stride: "size_t", values: `const ${T} *` });
    for (const [name, index] of [["csr", "int32_t"], ["csr64", "int64_t"]])
        koffi.struct(`ag_${name}_${type}`, {
            rows: "size_t", cols: "size_t", row_offsets: "const int64_t *", columns: `const ${index} *`,
            values: `const ${T} *`,
        });
    const step = "const ag_adagrad_options *options", logistic = "const ag_logistic_options *options";
    const ofMatrix = (name) => ({
        loss: c(`ag_status ag_logistic_${name}_${type}(const ag_${name}_${type} *X, const ${T} *y, const ${T} *w, ${logistic}, _Out_ double *loss, ${T} *gradient)`),
        margins: c(`ag_status ag_logistic_margins_${name}_${type}(const ag_${name}_${type} *X, const ${T} *w, ${logistic}, ${T} *margins)`),
        probabilities: c(`ag_status ag_logistic_probabilities_${name}_${type}(const ag_${name}_${type} *X, const ${T} *w, ${logistic}, ${T} *probabilities)`),
        hessianVector: c(`ag_status ag_logistic_hessian_vector_${name}_${type}(const ag_${name}_${type} *X, const ${T} *y, const ${T} *w, const ${T} *direction, ${logistic}, ${T} *product)`),
        hessianDiagonal: c(`ag_status ag_logistic_hessian_diagonal_${name}_${type}(const ag_${name}_${type} *X, const ${T} *y, const ${T} *w, ${logistic}, ${T} *diagonal)`),
        smoothness: c(`ag_status ag_logistic_smoothness_${name}_${type}(const ag_${name}_${type} *X, const ${T} *y, ${logistic}, int32_t kind, ${T} *smoothness)`),
        noise: c(`ag_status ag_logistic_noise_${name}_${type}(const ag_${name}_${type} *X, const ${T} *y, const ${T} *w, ${logistic}, ${T} *noise)`),
        softmax: c(`ag_status ag_softmax_${name}_${type}(const ag_${name}_${type} *X, size_t classes, const int32_t *y, const ${T} *w, ${logistic}, _Out_ double *loss, ${T} *gradient)`),
    });
    const elementary = (name) => c(`ag_status ag_${name}_${type}(size_t n, const ${T} *x, ${T} *out)`);
    return {
        init: c(`ag_status ag_adagrad_init_${type}(size_t n, ${T} *v, double epsilon)`),
        step: c(`ag_status ag_adagrad_step_${type}(size_t n, ${T} *w, const ${T} *g, ${T} *v, ${step})`),
        stepAveraged: c(`ag_status ag_adagrad_step_averaged_${type}(size_t n, ${T} *w, const ${T} *g, ${T} *v, ${T} *mean, size_t t, ${step})`),
        stepProjected: c(`ag_status ag_adagrad_step_projected_${type}(size_t n, ${T} *w, const ${T} *g, ${T} *v, ${step}, const ag_set *set)`),
        stepSparse: c(`ag_status ag_adagrad_step_sparse_${type}(size_t n, ${T} *w, ${T} *v, size_t nnz, const int64_t *indices, const ${T} *g, ${step})`),
        stepRows: c(`ag_status ag_adagrad_step_rows_${type}(size_t rows, size_t cols, ${T} *w, ${T} *v, size_t m, const int64_t *row_indices, const ${T} *g, ${step})`),
        stepRowwise: c(`ag_status ag_adagrad_step_rowwise_${type}(size_t rows, size_t cols, ${T} *w, ${T} *v, size_t m, const int64_t *row_indices, const ${T} *g, ${step})`),
        normStep: c(`ag_status ag_adagrad_norm_step_${type}(size_t n, ${T} *w, const ${T} *g, double *v, ${step})`),
        dualAveragingStep: c(`ag_status ag_adagrad_dual_averaging_step_${type}(size_t n, ${T} *w, const ${T} *g, ${T} *v, ${T} *gradient_sum, size_t t, ${step})`),
        sgdStep: c(`ag_status ag_sgd_step_${type}(size_t n, ${T} *w, const ${T} *g, ${step})`),
        average: c(`ag_status ag_average_${type}(size_t n, ${T} *mean, const ${T} *w, size_t t)`),
        squaredNorm: c(`ag_status ag_squared_norm_${type}(size_t n, const ${T} *x, _Out_ double *result)`),
        firstNonFinite: c(`ag_status ag_first_non_finite_${type}(size_t n, const ${T} *x, _Out_ size_t *position)`),
        project: c(`ag_status ag_project_${type}(size_t n, ${T} *x, const ${T} *lambda, const ag_set *set)`),
        exp: elementary("exp"), log1p: elementary("log1p"), sigmoid: elementary("sigmoid"), softplus: elementary("softplus"),
        dense: ofMatrix("dense"), csr: ofMatrix("csr"), csr64: ofMatrix("csr64"),
    };
}

const functions = new Map([[Float32Array, functionsOf("f32", "float")], [Float64Array, functionsOf("f64", "double")]]);

const lastError = c("const char *ag_last_error()");
const statusString = c("const char *ag_status_string(ag_status status)");

function defaultsOf(name) {
    const defaults = {};
    c(`void ${name}_init_sized(_Out_ ${name} *options, size_t struct_size)`)(defaults, koffi.sizeof(name));
    return Object.freeze(defaults);
}
const defaultAdagradOptions = defaultsOf("ag_adagrad_options");
const defaultSet = defaultsOf("ag_set");
const defaultLogisticOptions = defaultsOf("ag_logistic_options");

// ---- Checks ----

/** What the library refused: `status` is the name of the C function's status; nothing has been written. */
export class AnisogradError extends Error {
    constructor(status) {
        super(lastError());
        this.name = "AnisogradError";
        this.status = statusString(status);
    }
}

function check(status) {
    if (status !== 0)
        throw new AnisogradError(status);
}

/** The functions for the element type of an array. */
function functionsFor(name, array) {
    const found = functions.get(array?.constructor);
    if (found === undefined)
        throw new TypeError(`${name} must be a Float32Array or a Float64Array`);
    return found;
}

/** That an array has the type and the length that the C function will take it for. */
function checkArray(name, array, type, length) {
    if (!(array instanceof type))
        throw new TypeError(`${name} must be a ${type.name}`);
    if (length !== undefined && array.length !== length)
        throw new RangeError(`${name} has ${array.length} elements, not ${length}`);
    return array;
}

const optionalArray = (name, array, type, length) => array == null ? null : checkArray(name, array, type, length);

const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A C struct: the defaults, and the caller's fields by their C names in camel case. */
function fields(defaults, options) {
    const struct = { ...defaults };
    for (const [name, value] of Object.entries(options)) {
        const field = snakeCase(name);
        if (!(field in defaults) || field === "struct_size")
            throw new TypeError(`there is no option ${name}`);
        struct[field] = typeof value === "boolean" ? Number(value) : value;
    }
    return struct;
}

const stepOptions = (options) => fields(defaultAdagradOptions, options);

function matrixFunctions(X, type) {
    const f = functions.get(type)[X?.form];
    if (f === undefined)
        throw new TypeError("X must be what dense() or csr() gives");
    checkArray("X.values", X.struct.values ?? new type(0), type);
    return f;
}

/** The C options for X, and how long parameters and rows are. */
function logisticStruct(X, type, { sampleWeight, rowIndices, ...options }) {
    const struct = fields(defaultLogisticOptions, options);
    struct.workspace = null;
    struct.sample_weight = optionalArray("sampleWeight", sampleWeight, type, X.rows);
    struct.row_indices = optionalArray("rowIndices", rowIndices, BigInt64Array);
    struct.row_count = rowIndices?.length ?? 0;
    return { struct, parameters: X.cols + Number(struct.fit_intercept !== 0), visited: rowIndices?.length ?? X.rows };
}

// ---- The library ----

export const version = c("const char *ag_version_string()");
const isaName = c("const char *ag_isa_name(int32_t isa)");
const activeIsaNumber = c("int32_t ag_active_isa()");
const setThreads = c("ag_status ag_set_num_threads(int n)");

/** The instruction set that kernels run on; "none" where ANISOGRAD_ISA cannot be honoured. */
export const activeIsa = () => isaName(activeIsaNumber());
/** The most threads of a call, for the whole process; 0: automatic. */
export const setNumThreads = (count) => check(setThreads(count));
export const getNumThreads = c("int ag_get_num_threads()");

// ---- Steps ----

/** Starts an accumulator at epsilon^2. */
export function adagradInit(v, epsilon) {
    check(functionsFor("v", v).init(v.length, v, epsilon));
}

/** One AdaGrad step (option II of the paper). options: learningRate, epsilon, epsilonMode, maximize, weightDecay,
 *  decoupledWeightDecay, gradientScale, l1, l2, math. */
export function adagradStep(w, g, v, options = {}) {
    const f = functionsFor("w", w), T = w.constructor, n = w.length;
    check(f.step(n, w, checkArray("g", g, T, n), checkArray("v", v, T, n), stepOptions(options)));
}

/** adagradStep, then average, in one pass. */
export function adagradStepAveraged(w, g, v, mean, t, options = {}) {
    const f = functionsFor("w", w), T = w.constructor, n = w.length;
    check(f.stepAveraged(n, w, checkArray("g", g, T, n), checkArray("v", v, T, n), checkArray("mean", mean, T, n), t,
        stepOptions(options)));
}

/** One AdaGrad step, projected onto the set in the norm of the same step's Lambda (option I of the paper). */
export function adagradStepProjected(w, g, v, set, options = {}) {
    const f = functionsFor("w", w), T = w.constructor, n = w.length;
    return reported(set, T, n, (struct) =>
        f.stepProjected(n, w, checkArray("g", g, T, n), checkArray("v", v, T, n), stepOptions(options), struct));
}

/** One AdaGrad step of listed coordinates (a BigInt64Array); gradients of equal ones add up first. */
export function adagradStepSparse(w, v, indices, g, options = {}) {
    const f = functionsFor("w", w), T = w.constructor, n = w.length;
    checkArray("indices", indices, BigInt64Array);
    check(f.stepSparse(n, w, checkArray("v", v, T, n), indices.length, indices, checkArray("g", g, T, indices.length),
        stepOptions(options)));
}

function stepListed(kind, cols, w, v, rowIndices, g, options) {
    const f = functionsFor("w", w), T = w.constructor, rows = w.length / cols;
    if (!Number.isSafeInteger(rows))
        throw new RangeError(`w has ${w.length} elements, not rows of ${cols}`);
    checkArray("rowIndices", rowIndices, BigInt64Array);
    checkArray("v", v, T, kind === "stepRowwise" ? rows : w.length);
    checkArray("g", g, T, rowIndices.length * cols);
    check(f[kind](rows, cols, w, v, rowIndices.length, rowIndices, g, stepOptions(options)));
}

/** One AdaGrad step of listed rows of a table, with one accumulator per element. */
export function adagradStepRows(cols, w, v, rowIndices, g, options = {}) {
    stepListed("stepRows", cols, w, v, rowIndices, g, options);
}

/** The same with one accumulator per row, which takes the mean of the row's squares. */
export function adagradStepRowwise(cols, w, v, rowIndices, g, options = {}) {
    stepListed("stepRowwise", cols, w, v, rowIndices, g, options);
}

/** One AdaGrad-Norm step; v: a Float64Array of one number. */
export function adagradNormStep(w, g, v, options = {}) {
    const f = functionsFor("w", w);
    checkArray("v", v, Float64Array, 1);
    check(f.normStep(w.length, w, checkArray("g", g, w.constructor, w.length), v, stepOptions(options)));
}

/** One step of regularised dual averaging; t = 1, 2, ... is its number. */
export function adagradDualAveragingStep(w, g, v, gradientSum, t, options = {}) {
    const f = functionsFor("w", w), T = w.constructor, n = w.length;
    check(f.dualAveragingStep(n, w, checkArray("g", g, T, n), checkArray("v", v, T, n),
        checkArray("gradientSum", gradientSum, T, n), t, stepOptions(options)));
}

/** One SGD step. */
export function sgdStep(w, g, options = {}) {
    const f = functionsFor("w", w);
    check(f.sgdStep(w.length, w, checkArray("g", g, w.constructor, w.length), stepOptions(options)));
}

/** The running average of iterates: mean + (w - mean) / t, with t = 1, 2, ... */
export function average(mean, w, t) {
    const f = functionsFor("mean", mean);
    check(f.average(mean.length, mean, checkArray("w", w, mean.constructor, mean.length), t));
}

/** The sum of the squares, in double. */
export function squaredNorm(x) {
    const result = [0];
    check(functionsFor("x", x).squaredNorm(x.length, x, result));
    return result[0];
}

/** The position of the first infinity or NaN, or -1. */
export function firstNonFinite(x) {
    const position = [0];
    check(functionsFor("x", x).firstNonFinite(x.length, x, position));
    return position[0] < x.length ? position[0] : -1;
}

// ---- Projections ----

/** Runs a call that projects, and gives its report: { multiplier, passes, inside }. */
function reported({ kind, ...options }, type, n, call) {
    if (!(kind in setKinds))
        throw new TypeError(`there is no set of kind ${kind}; there are ${Object.keys(setKinds).join(", ")}`);
    const struct = fields(defaultSet, options);
    for (const name of ["lower_bounds", "upper_bounds", "center", "normal"])
        struct[name] = optionalArray(name, struct[name], type, n);
    struct.group_offsets = optionalArray("groupOffsets", struct.group_offsets, BigInt64Array);
    struct.group_count = struct.group_offsets === null ? 0 : struct.group_offsets.length - 1;
    if (struct.group_count < 0)
        throw new RangeError("groupOffsets is empty: it has one element more than groups");
    struct.kind = setKinds[kind];
    const report = new ArrayBuffer(koffi.sizeof(projectionReport));
    struct.report = new Uint8Array(report);
    struct.reducer = null;
    struct.workspace = null;
    check(call(struct));
    const view = new DataView(report);
    const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
    return {
        multiplier: view.getFloat64(0, little), passes: view.getInt32(8, little),
        inside: view.getInt32(12, little) !== 0,
    };
}

/** Projects x onto a set, such as { kind: "l2Ball", radius: 1 }, in the norm of diag(lambda), or without lambda in the
 *  Euclidean one. The other fields of a set are lower, upper, lowerBounds, upperBounds, center, normal, offset,
 *  lowerOffset, groupLength, groupOffsets, as its kind needs them. */
export function project(x, set, lambda = null) {
    const f = functionsFor("x", x), T = x.constructor, n = x.length;
    return reported(set, T, n, (struct) => f.project(n, x, optionalArray("lambda", lambda, T, n), struct));
}

// ---- Elementary functions ----

const elementary = (name) => (x, out = new x.constructor(x.length)) => {
    check(functionsFor("x", x)[name](x.length, x, checkArray("out", out, x.constructor, x.length)));
    return out;
};
/** e^x, within 1 ULP, into out, which may be x; without one into a new array. Likewise the next three. */
export const exp = elementary("exp");
/** log(1 + x). */
export const log1p = elementary("log1p");
/** 1 / (1 + e^-x). */
export const sigmoid = elementary("sigmoid");
/** log(1 + e^x). */
export const softplus = elementary("softplus");

// ---- Logistic regression ----

/** A dense row-major matrix. */
export function dense(values, rows, cols, rowStride = cols) {
    functionsFor("values", values);
    if (![rows, cols, rowStride].every((size) => Number.isSafeInteger(size) && size >= 0) || rowStride < cols ||
        rows > 0 && (rows - 1) * rowStride + cols > values.length)
        throw new RangeError(`${rows} rows of ${cols} elements, ${rowStride} apart, do not fit ${values.length} values`);
    return { form: "dense", rows, cols, struct: { rows, cols, row_stride: rowStride, values } };
}

/** A sparse matrix, compressed by rows. rowOffsets: a BigInt64Array of rows + 1 elements. columns: from 0, an
 *  Int32Array or a BigInt64Array. values: null where each entry is 1. */
export function csr(cols, rowOffsets, columns, values = null) {
    checkArray("rowOffsets", rowOffsets, BigInt64Array);
    const form = columns instanceof BigInt64Array ? "csr64" : "csr";
    checkArray("columns", columns, form === "csr64" ? BigInt64Array : Int32Array);
    if (values !== null)
        functionsFor("values", values);
    const entries = Math.min(columns.length, values?.length ?? columns.length);
    const end = rowOffsets.at(-1);
    if (end === undefined || end < 0n || end > BigInt(entries))
        throw new RangeError(`rowOffsets ends with ${end}, but there are ${entries} entries`);
    const rows = rowOffsets.length - 1;
    return { form, rows, cols, struct: { rows, cols, row_offsets: rowOffsets, columns, values } };
}

/** The loss; and its gradient, where there is an array for one. options: labels, reduction, fitIntercept, l2,
 *  sampleWeight, rowIndices (a BigInt64Array), positiveWeight, negativeWeight, labelSmoothing. */
export function logistic(X, y, w, options = {}, gradient = null) {
    functionsFor("w", w);
    const T = w.constructor, f = matrixFunctions(X, T), { struct, parameters } = logisticStruct(X, T, options);
    const loss = [0];
    check(f.loss(X.struct, checkArray("y", y, T, X.rows), checkArray("w", w, T, parameters), struct, loss,
        optionalArray("gradient", gradient, T, parameters)));
    return loss[0];
}

const overRows = (name) => (X, w, options = {}, out = undefined) => {
    functionsFor("w", w);
    const T = w.constructor, f = matrixFunctions(X, T), { struct, parameters, visited } = logisticStruct(X, T, options);
    out ??= new T(visited);
    check(f[name](X.struct, checkArray("w", w, T, parameters), struct, checkArray("out", out, T, visited)));
    return out;
};
/** The margins of the rows visited, into out or a new array. */
export const logisticMargins = overRows("margins");
/** The probabilities of the positive class of the rows visited, likewise. */
export const logisticProbabilities = overRows("probabilities");

/** The Hessian at w times a direction. */
export function logisticHessianVector(X, y, w, direction, options = {}, product = new w.constructor(w.length)) {
    functionsFor("w", w);
    const T = w.constructor, f = matrixFunctions(X, T), { struct, parameters } = logisticStruct(X, T, options);
    check(f.hessianVector(X.struct, checkArray("y", y, T, X.rows), checkArray("w", w, T, parameters),
        checkArray("direction", direction, T, parameters), struct, checkArray("product", product, T, parameters)));
    return product;
}

const overColumns = (name) => (X, y, w, options = {}, out = new w.constructor(w.length)) => {
    functionsFor("w", w);
    const T = w.constructor, f = matrixFunctions(X, T), { struct, parameters } = logisticStruct(X, T, options);
    check(f[name](X.struct, checkArray("y", y, T, X.rows), checkArray("w", w, T, parameters), struct,
        checkArray("out", out, T, parameters)));
    return out;
};
/** The Hessian's diagonal at w. */
export const logisticHessianDiagonal = overColumns("hessianDiagonal");
/** The standard deviations sigma_j of the stochastic gradient at w. */
export const logisticNoise = overColumns("noise");

/** The constants L_j of the logistic loss; kind is one of Smoothness. */
export function logisticSmoothness(X, y, kind, options = {}) {
    functionsFor("y", y);
    const T = y.constructor, f = matrixFunctions(X, T), { struct, parameters } = logisticStruct(X, T, options);
    const out = new T(parameters);
    check(f.smoothness(X.struct, checkArray("y", y, T, X.rows), struct, kind, out));
    return out;
}

/** The multinomial loss of class numbers y (an Int32Array); and its gradient, where there is an array for one. */
export function softmax(X, classes, y, w, options = {}, gradient = null) {
    functionsFor("w", w);
    const T = w.constructor, f = matrixFunctions(X, T), { struct, parameters } = logisticStruct(X, T, options);
    const loss = [0];
    check(f.softmax(X.struct, classes, checkArray("y", y, Int32Array, X.rows),
        checkArray("w", w, T, classes * parameters), struct, loss,
        optionalArray("gradient", gradient, T, classes * parameters)));
    return loss[0];
}

const shuffle = c("ag_status ag_shuffle_indices(size_t n, uint64_t seed, uint64_t epoch, int64_t *indices)");
/** A permutation of 0, ..., n - 1, as a BigInt64Array, that depends on n, seed and epoch alone. */
export function shuffleIndices(n, seed, epoch) {
    const indices = new BigInt64Array(n);
    check(shuffle(n, seed, epoch, indices));
    return indices;
}
