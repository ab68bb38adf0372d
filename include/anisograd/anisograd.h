/*
 * anisograd: AdaGrad steps, projections in the AdaGrad metric, and logistic loss on the CPU.
 *
 * This header is the whole C interface and the only ABI. It needs C99 and nothing else.
 *
 * Common rules. They hold for every function unless its own comment says otherwise.
 *
 *   Return value    Every kernel returns an ag_status; AG_OK is 0. On any other value (but
 *                   AG_ERROR_NOT_PROJECTED) no output has been written, and ag_last_error() describes the first
 *                   fault found: the function, the argument, its value, and for an array the position.
 *   Sizes           n = 0 is a success, if the options are valid, and touches nothing; pointers may then be
 *                   NULL. With n > 0 a NULL pointer is AG_ERROR_NULL_POINTER, unless the comment allows it.
 *                   A size whose bytes exceed PTRDIFF_MAX is AG_ERROR_SIZE.
 *   Alignment       Pointers need the alignment of their element type and no more.
 *   Aliasing        An output must not overlap any other array (AG_ERROR_OVERLAP), except that an
 *                   elementwise function may work exactly in place (out == x). Inputs may share memory.
 *   Non-finite data Is not an error: it propagates as the formulas say. NaN in, NaN out, at the same
 *                   positions; payloads and signs of NaNs are unspecified.
 *   Options         Non-finite or out-of-range options are AG_ERROR_INVALID_VALUE. Options are given
 *                   in double and rounded to the element type once, on entry, or used in double where the
 *                   comment says so.
 *   Option structs  Begin with struct_size and are filled by their _init function. A smaller (older)
 *                   struct is accepted and its missing fields take their defaults; 0, a larger size, and
 *                   one that is no multiple of the struct's alignment are AG_ERROR_STRUCT_SIZE. From C
 *                   and C++, _init is a macro that passes the size that the caller was compiled with to the
 *                   _init_sized function, so that a newer library never writes beyond an older caller's
 *                   struct. NULL, and a size that is not one of a struct of this or an older version, do
 *                   nothing.
 *   Reproducibility The result's bits depend on the arguments alone: not on the ISA, the number of
 *                   threads, or the machine.
 *   Floating point  Functions compute in round-to-nearest with subnormals honoured, whatever mode the
 *                   caller's thread is in, and restore that mode. They may raise sticky status flags.
 *   Thread safety   Any function may be called from any thread at any time on different data.
 *   Memory          Only the logistic and softmax functions, the steps of listed coordinates or rows, and
 *                   ag_adagrad_step_list allocate, as their comments say. Where there is no memory they return
 *                   AG_ERROR_OUT_OF_MEMORY. Two others allocate for the library, and end the process where they
 *                   cannot: OpenMP's runtime when it starts threads; and, where the library was loaded by dlopen,
 *                   the C library at a thread's first error, for its message.
 *
 * References.
 *   [LPZ]  Y. Liu, R. Pan, T. Zhang. AdaGrad under Anisotropic Smoothness. ICLR 2025.
 *   [DHS]  J. Duchi, E. Hazan, Y. Singer. Adaptive Subgradient Methods for Online Learning and
 *          Stochastic Optimization. JMLR 12, 2011.
 *   [WWB]  R. Ward, X. Wu, L. Bottou. AdaGrad Stepsizes. ICML 2019.
 *   [CMS]  R. Cominetti, W. Mascarenhas, P. Silva. A Newton's method for the continuous quadratic knapsack
 *          problem. Math. Program. Comput. 6, 2014.
 *   [PB]   N. Parikh, S. Boyd. Proximal Algorithms. Foundations and Trends in Optimization 1, 2014.
 *   [MS]   J. J. More, D. C. Sorensen. Computing a Trust Region Step. SIAM J. Sci. Stat. Comput. 4, 1983.
 */
#ifndef ANISOGRAD_ANISOGRAD_H
#define ANISOGRAD_ANISOGRAD_H

#include <stddef.h>
#include <stdint.h>

#define AG_VERSION_MAJOR 0
#define AG_VERSION_MINOR 1
#define AG_VERSION_PATCH 0

#if defined(_WIN32) || !defined(__GNUC__)
#define AG_API
#else
#define AG_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status ------------------------------------------------------------------------------------ */

typedef int32_t ag_status;
enum {
    AG_OK = 0,
    AG_ERROR_NULL_POINTER = 1,    /* a required pointer is NULL */
    AG_ERROR_INVALID_VALUE = 2,   /* an option or an element is outside its valid range */
    AG_ERROR_INVALID_ENUM = 3,    /* an enumeration has a value this version does not know */
    AG_ERROR_STRUCT_SIZE = 4,     /* struct_size is 0 or larger than this version's struct */
    AG_ERROR_SIZE = 5,            /* a size overflows, or two sizes contradict each other */
    AG_ERROR_OVERLAP = 6,         /* an output overlaps another array */
    AG_ERROR_OUT_OF_RANGE = 7,    /* an index, an offset or a CSR column is out of range */
    AG_ERROR_LABEL = 8,           /* a label is not one of its encoding's values */
    AG_ERROR_UNSUPPORTED_ISA = 9, /* the ISA asked for is unknown, not built in, or not on this CPU */
    AG_ERROR_OUT_OF_MEMORY = 10,  /* a private buffer could not be allocated */
    AG_ERROR_INTERNAL = 11,       /* a fault of the library itself; please report it */
    AG_ERROR_SHARDS = 12,  /* another shard refused its arguments, or the shards' calls do not fit together */
    AG_ERROR_REDUCER = 13, /* a reducer's sum failed before anything was written */
    AG_ERROR_NOT_PROJECTED = 14 /* a reducer's sum failed when a step was made, but not its projection */
};

/* The constant's name, such as "AG_ERROR_OVERLAP". Never NULL; "unknown ag_status" for other values. */
AG_API const char* ag_status_string(ag_status status);

/* The message of the calling thread's last error; "" before the first. Valid until the thread's next
 * call of this library; a success leaves it alone. Never NULL. */
AG_API const char* ag_last_error(void);

/* The library's version at run time, such as "0.1.0". */
AG_API const char* ag_version_string(void);

/* ---- Instruction set --------------------------------------------------------------------------- */

typedef int32_t ag_isa;
enum {
    AG_ISA_NONE = -1,    /* what ag_active_isa() returns when ANISOGRAD_ISA cannot be honoured */
    AG_ISA_PORTABLE = 0, /* any CPU of the processor family */
    AG_ISA_AVX2 = 1,     /* x86-64 with AVX2, FMA, F16C */
    AG_ISA_AVX512 = 2,   /* x86-64 with AVX-512 F, BW, CD, DQ, VL */
    AG_ISA_NEON = 3      /* aarch64 Advanced SIMD */
};

/* The name that ANISOGRAD_ISA takes ("portable", "avx2", "avx512", "neon"); "none" for AG_ISA_NONE and
 * "unknown" for any other value. */
AG_API const char* ag_isa_name(ag_isa isa);

/* 1 if this build contains the ISA and this CPU and operating system can run it; otherwise 0. */
AG_API int ag_isa_supported(ag_isa isa);

/* The ISA that kernels run on: the one given to ag_set_isa, else the one that the environment variable
 * ANISOGRAD_ISA names (read once, at the first use; empty counts as unset), else the best that is supported.
 * Where ANISOGRAD_ISA names an ISA that is unknown or unsupported, the result is AG_ISA_NONE and every kernel
 * returns AG_ERROR_UNSUPPORTED_ISA with a message that lists the usable names. */
AG_API ag_isa ag_active_isa(void);

/* Chooses the ISA for the whole process, from the next call on. AG_ERROR_UNSUPPORTED_ISA, with nothing
 * changed, where it is not supported. */
AG_API ag_status ag_set_isa(ag_isa isa);

/* ---- Threads ----------------------------------------------------------------------------------- */

/* The most threads a call may use, for the whole process. 0: automatic, which is ANISOGRAD_NUM_THREADS
 * if set to a positive number (read once, at the first use), else OpenMP's omp_get_max_threads() at each
 * call. Small problems use one thread whatever is set, and no call uses more than 256, or more than one
 * where OpenMP would not start them (in a parallel region of the caller's). OpenMP's runtime ends the
 * process if the system refuses it a thread, or memory for one. In a library built without OpenMP no call uses
 * more than one.
 * A forked child runs on one thread, since OpenMP's threads do not survive a fork. If the parent had used
 * none, neither by this library nor by its own OpenMP regions, a call of this function in the child, with
 * any n, allows them again; where this library has used some it does not.
 * n < 0 or n > 65536: AG_ERROR_INVALID_VALUE. */
AG_API ag_status ag_set_num_threads(int n);

/* The most threads that a call made now from this thread would use: at least 1, always 1 without OpenMP. */
AG_API int ag_get_num_threads(void);

/* ---- AdaGrad and SGD steps --------------------------------------------------------------------- */

typedef int32_t ag_epsilon_mode;
enum {
    AG_EPSILON_IN_STATE = 0, /* lambda = sqrt(v), with v started at epsilon^2 ([LPZ], the default) */
    AG_EPSILON_OUTSIDE = 1,  /* lambda = sqrt(v) + epsilon (PyTorch, FBGEMM, DeepSpeed) */
    AG_EPSILON_INSIDE = 2    /* lambda = sqrt(v + epsilon) (Keras) */
};

/* How a step computes w's change, (eta * q) / lambda.
 *   STRICT  Every operation correctly rounded: the same bits on every ISA.
 *   FAST    Within 3 ULP of the exact quotient, before it is taken from w; not reproducible between ISAs or
 *           CPUs. v has the same bits, and zeros, subnormals, infinities and NaNs are treated the same.
 *           Faster in cache, on avx512 and (f32) avx2; elsewhere, with l1 or l2, and in functions that do more
 *           than ag_adagrad_step, the same as STRICT. */
typedef int32_t ag_math_mode;
enum { AG_MATH_STRICT = 0, AG_MATH_FAST = 1 };

/* How the functions for numbers of 16 bits round their results to them.
 *   NEAREST     To nearest, ties to even.
 *   STOCHASTIC  Up with the probability of the fraction that is discarded, by random bits that depend on
 *               seed, step and the element's index alone: the same on every ISA and number of threads.
 *               docs/numerics.md has the generator, the bits used, and the ends of the range. */
typedef int32_t ag_rounding;
enum { AG_ROUNDING_NEAREST = 0, AG_ROUNDING_STOCHASTIC = 1 };

typedef struct ag_adagrad_options {
    size_t struct_size;
    double learning_rate;          /* eta >= 0; default 0.01 */
    double epsilon;                /* >= 0; used by AG_EPSILON_OUTSIDE and _INSIDE; default 1e-10 */
    ag_epsilon_mode epsilon_mode;  /* default AG_EPSILON_IN_STATE */
    int32_t maximize;              /* not 0: ascend (the gradient is negated); default 0 */
    double weight_decay;           /* coupled, >= 0: weight_decay * w is added to the gradient; default 0 */
    double decoupled_weight_decay; /* >= 0: w shrinks by 1 - eta * decoupled_weight_decay; default 0 */
    double gradient_scale;         /* any finite number; multiplies the gradient; default 1 */
    double l1, l2;        /* >= 0: the proximal step of l1 |w| + l2 / 2 w^2 after the move; default 0 */
    ag_math_mode math;    /* default AG_MATH_STRICT */
    ag_rounding rounding; /* default AG_ROUNDING_NEAREST; of 16-bit results only */
    uint64_t seed, step;  /* of AG_ROUNDING_STOCHASTIC: any; another step number for each step; default 0 */
} ag_adagrad_options;

/* Fills in the defaults. */
AG_API void ag_adagrad_options_init(ag_adagrad_options* options);
AG_API void ag_adagrad_options_init_sized(ag_adagrad_options* options, size_t struct_size);
#define ag_adagrad_options_init(options) ag_adagrad_options_init_sized((options), sizeof(ag_adagrad_options))

/* Starts the accumulator: v[j] = epsilon^2, rounded to the element type ([LPZ] Algorithm 1, v_{-1}).
 * v: n elements, written. epsilon: finite, >= 0. */
AG_API ag_status ag_adagrad_init_f32(size_t n, float* v, double epsilon);
AG_API ag_status ag_adagrad_init_f64(size_t n, double* v, double epsilon);

/* One AdaGrad step without a constraint ([LPZ] Algorithm 1, option II; [DHS]). For each j, in the
 * element type, each operation rounded once and in this order:
 *
 *     q = s * g                     s = gradient_scale, or -gradient_scale to maximize
 *     q = q + weight_decay * w      where weight_decay is not 0
 *     v = v + q * q
 *     lambda = sqrt(v)              or sqrt(v) + epsilon, or sqrt(v + epsilon)
 *     w = w * (1 - eta * decoupled_weight_decay)     where decoupled_weight_decay is not 0
 *     w = w - (eta * q) / lambda    where lambda = 0 the last term is 0
 *     w = sign(w) * max(|w| - (eta * l1) / lambda, 0)     where l1 is not 0; where lambda = 0 w stays
 *     w = w / (1 + (eta * l2) / lambda)                   where l2 is not 0; where lambda = 0 w stays
 *
 * so that plain C or NumPy gives the same bits. The last two lines are the proximal step of
 * l1 |w| + l2 / 2 w^2 in the norm of Lambda_t ([DHS] section 5.1, "composite mirror descent"; FOBOS).
 * w: n parameters, updated. g: n gradients, read. v: n accumulators >= 0, updated. options: NULL means
 * the defaults. */
AG_API ag_status ag_adagrad_step_f32(size_t n, float* w, const float* g, float* v,
                                     const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_f64(size_t n, double* w, const double* g, double* v,
                                     const ag_adagrad_options* options);

/* Two in one call, which passes over w once less: ag_adagrad_step, then ag_average(n, mean, w, t). The same
 * bits. w, g, v, options as in ag_adagrad_step; mean and t as in ag_average. */
AG_API ag_status ag_adagrad_step_averaged_f32(size_t n, float* w, const float* g, float* v, float* mean,
                                              size_t t, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_averaged_f64(size_t n, double* w, const double* g, double* v, double* mean,
                                              size_t t, const ag_adagrad_options* options);

/* Many tensors in one call: ag_adagrad_step for each i < count, with the arrays w[i], g[i], v[i] of sizes[i]
 * elements. The same bits as the separate calls, with the threads started once for all. Everything is checked
 * before anything is written; messages name the tensor. count = 0 is a success. Private memory: 96 bytes per
 * tensor, for the check of overlaps; AG_ERROR_OUT_OF_MEMORY where there is none. */
AG_API ag_status ag_adagrad_step_list_f32(size_t count, const size_t* sizes, float* const* w,
                                          const float* const* g, float* const* v,
                                          const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_list_f64(size_t count, const size_t* sizes, double* const* w,
                                          const double* const* g, double* const* v,
                                          const ag_adagrad_options* options);

/* One AdaGrad step of listed coordinates of w: the others, and their accumulators, are not touched. Where an
 * index occurs several times its gradients add up first, ((g_1 + g_2) + g_3) ... in the order of the list, each
 * sum rounded; then the coordinate takes the step of ag_adagrad_step once. Weight decay too is for listed
 * coordinates alone, and math is not used (but checked): such steps wait for memory.
 * w: n parameters, updated. v: n accumulators >= 0, updated. indices: nnz numbers in [0, n), in any order
 * (AG_ERROR_OUT_OF_RANGE otherwise). g: nnz gradients, read. options: NULL means the defaults.
 * Private memory: none where the indices increase strictly; else about 4 bytes per index, and 48 for each
 * that is, or may be, repeated; AG_ERROR_OUT_OF_MEMORY where there is none. _i32: the same for int32_t indices. */
AG_API ag_status ag_adagrad_step_sparse_f32(size_t n, float* w, float* v, size_t nnz, const int64_t* indices,
                                            const float* g, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_sparse_f64(size_t n, double* w, double* v, size_t nnz,
                                            const int64_t* indices, const double* g,
                                            const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_sparse_f32_i32(size_t n, float* w, float* v, size_t nnz,
                                                const int32_t* indices, const float* g,
                                                const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_sparse_f64_i32(size_t n, double* w, double* v, size_t nnz,
                                                const int32_t* indices, const double* g,
                                                const ag_adagrad_options* options);

/* The same for listed rows of a table, such as an embedding: one AdaGrad step of each listed row, with one
 * accumulator per element. The gradients of a row that is listed several times add up first, as above.
 * w: rows x cols parameters, row-major without gaps, updated. v: rows x cols accumulators, updated.
 * row_indices: m numbers in [0, rows). g: m x cols gradients, read. Memory as above, per listed row. */
AG_API ag_status ag_adagrad_step_rows_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                          const int64_t* row_indices, const float* g,
                                          const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rows_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                          const int64_t* row_indices, const double* g,
                                          const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rows_f32_i32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                              const int32_t* row_indices, const float* g,
                                              const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rows_f64_i32(size_t rows, size_t cols, double* w, double* v, size_t m,
                                              const int32_t* row_indices, const double* g,
                                              const ag_adagrad_options* options);

/* The same with one accumulator per row ("row-wise AdaGrad"), which takes the mean of the row's squares:
 *
 *     v_r = v_r + (sum_j q_rj^2) / cols     the sum and the division in double, the sum in the canonical
 *                                           order over the row as one block; the result rounded once
 *     lambda_r = sqrt(v_r) or as the epsilon mode says; then w_rj as in ag_adagrad_step, for each j
 *
 * v: rows accumulators >= 0, updated; they start at epsilon^2. All else as in ag_adagrad_step_rows. */
AG_API ag_status ag_adagrad_step_rowwise_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                             const int64_t* row_indices, const float* g,
                                             const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rowwise_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                             const int64_t* row_indices, const double* g,
                                             const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rowwise_f32_i32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                                 const int32_t* row_indices, const float* g,
                                                 const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rowwise_f64_i32(size_t rows, size_t cols, double* w, double* v, size_t m,
                                                 const int32_t* row_indices, const double* g,
                                                 const ag_adagrad_options* options);

/* How pooled rows share a gradient. */
typedef int32_t ag_pooling;
enum {
    AG_POOLING_SUM = 0, /* each row of a bag receives weight * the bag's gradient */
    AG_POOLING_MEAN = 1 /* the same with weight / the number of the bag's rows */
};

/* Bags of listed rows, as a pooled embedding looks them up: bag b holds the list's positions
 * offsets[b] <= k < offsets[b + 1]. offsets: count + 1 numbers that do not decrease, from 0 to the list's
 * length. weights: one per position, or NULL for ones. */
typedef struct ag_bags_f32 {
    size_t count;
    const int64_t* offsets;
    const float* weights;
    ag_pooling pooling;
} ag_bags_f32;
typedef struct ag_bags_f64 {
    size_t count;
    const int64_t* offsets;
    const double* weights;
    ag_pooling pooling;
} ag_bags_f64;

/* ag_adagrad_step_rows and ag_adagrad_step_rowwise by the gradients of bags, without a copy of them per row:
 * the gradient of position k in bag b is weight_k * g_b, rounded once, with weight_k as ag_pooling says
 * (a division, rounded once). bags: required. g: bags->count x cols gradients, read. */
AG_API ag_status ag_adagrad_step_rows_pooled_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                                 const int64_t* row_indices, const ag_bags_f32* bags,
                                                 const float* g, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rows_pooled_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                                 const int64_t* row_indices, const ag_bags_f64* bags,
                                                 const double* g, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rows_pooled_f32_i32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                                     const int32_t* row_indices, const ag_bags_f32* bags,
                                                     const float* g, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rows_pooled_f64_i32(size_t rows, size_t cols, double* w, double* v, size_t m,
                                                     const int32_t* row_indices, const ag_bags_f64* bags,
                                                     const double* g, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rowwise_pooled_f32(size_t rows, size_t cols, float* w, float* v, size_t m,
                                                    const int64_t* row_indices, const ag_bags_f32* bags,
                                                    const float* g, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rowwise_pooled_f64(size_t rows, size_t cols, double* w, double* v, size_t m,
                                                    const int64_t* row_indices, const ag_bags_f64* bags,
                                                    const double* g, const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rowwise_pooled_f32_i32(size_t rows, size_t cols, float* w, float* v,
                                                        size_t m, const int32_t* row_indices,
                                                        const ag_bags_f32* bags, const float* g,
                                                        const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_rowwise_pooled_f64_i32(size_t rows, size_t cols, double* w, double* v,
                                                        size_t m, const int32_t* row_indices,
                                                        const ag_bags_f64* bags, const double* g,
                                                        const ag_adagrad_options* options);

/* Numbers of 16 bits: bfloat16 (8 bits of exponent, 7 of fraction) and IEEE 754 binary16 (5 and 10), as the
 * integers that have their bits. */
typedef uint16_t ag_bf16;
typedef uint16_t ag_f16;

/* One AdaGrad step with parameters and gradients in 16 bits and accumulators in 32: w and g are widened, the
 * step is ag_adagrad_step_f32's (options are rounded to f32, not to 16 bits), and w is rounded as
 * options->rounding says. A value beyond the largest finite number becomes an infinity, as IEEE 754 has it;
 * NaNs stay NaNs. Rounding to nearest, a w stays as it is where the step is less than half its last place;
 * stochastic rounding moves it in the mean. math is not used (but checked).
 * w: n parameters, updated. g: n gradients, read. v: n accumulators >= 0, updated. options: NULL means the
 * defaults. */
AG_API ag_status ag_adagrad_step_bf16(size_t n, ag_bf16* w, const ag_bf16* g, float* v,
                                      const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_f16(size_t n, ag_f16* w, const ag_f16* g, float* v,
                                     const ag_adagrad_options* options);

/* The same with master parameters: w in 32 bits takes the step of ag_adagrad_step_f32 by the widened
 * gradients, bit for bit, and w_copy receives w rounded to 16 bits in the same pass.
 * w: n parameters, updated. w_copy: n numbers, written, or NULL. g, v, options as above. */
AG_API ag_status ag_adagrad_step_master_bf16(size_t n, float* w, ag_bf16* w_copy, const ag_bf16* g, float* v,
                                             const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_step_master_f16(size_t n, float* w, ag_f16* w_copy, const ag_f16* g, float* v,
                                            const ag_adagrad_options* options);

/* Conversions: to 16 bits by rounding to nearest, ties to even; from them exactly. x: n numbers, read. out: n
 * numbers, written; must not overlap x. */
AG_API ag_status ag_bf16_from_f32(size_t n, const float* x, ag_bf16* out);
AG_API ag_status ag_f16_from_f32(size_t n, const float* x, ag_f16* out);
AG_API ag_status ag_f32_from_bf16(size_t n, const ag_bf16* x, float* out);
AG_API ag_status ag_f32_from_f16(size_t n, const ag_f16* x, float* out);

/* The block length of compressed accumulators. */
#define AG_ACCUMULATOR_BLOCK 256

/* One AdaGrad step with a compressed accumulator: 8 bits per element, and a scale for each block of
 * AG_ACCUMULATOR_BLOCK (the last may be shorter), v_j = scale * code value, the block-wise "dynamic" code of
 * Dettmers et al., 8-bit Optimizers via Block-wise Quantization (ICLR 2022); docs/numerics.md has the code.
 * w takes the step of ag_adagrad_step_f32 by the decoded v plus q^2; then that sum is encoded, with the block's
 * largest for scale. Codes hold it within 0.36 % of the scale from 1/10 of the scale on, and within 7 %, 14 %,
 * 22 %, 36 %, 53 %, 70 % of itself in the six decades below; less than 1.6e-7 of the scale becomes 0. So squares
 * below half the distance of two codes are lost. A sum that is not finite makes its
 * block's scale NaN. math is not used (but checked).
 * w: n parameters, updated. g: n gradients, read. v: n codes, updated. scales: one number >= 0 per block,
 * updated. options: NULL means the defaults. */
AG_API ag_status ag_adagrad_step_compressed_f32(size_t n, float* w, const float* g, uint8_t* v, float* scales,
                                                const ag_adagrad_options* options);

/* An accumulator compressed and back. v: n numbers >= 0. codes: n. scales: one per block. The outputs are
 * written, and must not overlap an input. ag_accumulator_decode_f32 multiplies, rounded once. */
AG_API ag_status ag_accumulator_encode_f32(size_t n, const float* v, uint8_t* codes, float* scales);
AG_API ag_status ag_accumulator_decode_f32(size_t n, const uint8_t* codes, const float* scales, float* v);

/* One AdaGrad-Norm step ([WWB]; [LPZ]'s baseline): one accumulator for all coordinates.
 *
 *     q as above;  *v = *v + sum_j q_j^2, in double, in the canonical order of docs/numerics.md;
 *     lambda = sqrt(*v), or as the epsilon mode says, in double, then rounded to the element type;
 *     then w as above, with this lambda for every j.
 *
 * w: n parameters, updated. g: n gradients, read. v: one number >= 0, updated; it starts at epsilon^2
 * or 0. options: NULL means the defaults. */
AG_API ag_status ag_adagrad_norm_step_f32(size_t n, float* w, const float* g, double* v,
                                          const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_norm_step_f64(size_t n, double* w, const double* g, double* v,
                                          const ag_adagrad_options* options);

/* One step of regularised dual averaging with AdaGrad's metric ([DHS] section 5.1, "RDA"):
 *
 *     q and v as above;  G = G + q;
 *     w = -eta * sign(G) * max(|G| - t * l1, 0) / (lambda + eta * t * l2)     0 where the denominator is 0
 *
 * with t * l1 and eta * t * l2 computed in double and rounded to the element type once. w does not depend on
 * its old value, but where weight_decay is not 0; decoupled_weight_decay and math are not used (but checked).
 * w: n parameters, written. g: n gradients, read. v: n accumulators, gradient_sum: n sums G, both updated;
 * they start at epsilon^2 and 0. t = 1, 2, ...: this step's number; 0 is AG_ERROR_INVALID_VALUE. */
AG_API ag_status ag_adagrad_dual_averaging_step_f32(size_t n, float* w, const float* g, float* v,
                                                    float* gradient_sum, size_t t,
                                                    const ag_adagrad_options* options);
AG_API ag_status ag_adagrad_dual_averaging_step_f64(size_t n, double* w, const double* g, double* v,
                                                    double* gradient_sum, size_t t,
                                                    const ag_adagrad_options* options);

/* sum_j x_j^2 in double, in the canonical order; the same bits everywhere. With it, a gradient is clipped by
 * its global norm: gradient_scale = min(1, limit / sqrt(sum over tensors)). For f64 the squares may overflow
 * to Inf or vanish.
 * x: n elements, read. result: one double, written (0 for n = 0). */
AG_API ag_status ag_squared_norm_f32(size_t n, const float* x, double* result);
AG_API ag_status ag_squared_norm_f64(size_t n, const double* x, double* result);

/* The position of the first infinity or NaN in x, or n where there is none, so that a caller can skip a
 * step. x: n elements, read. position: written. */
AG_API ag_status ag_first_non_finite_f32(size_t n, const float* x, size_t* position);
AG_API ag_status ag_first_non_finite_f64(size_t n, const double* x, size_t* position);

/* One SGD step: q as above, then w as above with lambda = 1. The epsilon fields and math are not used (but
 * still checked).
 * w: n parameters, updated. g: n gradients, read. options: NULL means the defaults. */
AG_API ag_status ag_sgd_step_f32(size_t n, float* w, const float* g, const ag_adagrad_options* options);
AG_API ag_status ag_sgd_step_f64(size_t n, double* w, const double* g, const ag_adagrad_options* options);

/* The running average of iterates: mean = mean + (w - mean) / t, with t = 1, 2, ... the number of
 * iterates including this one; t = 1 copies w's value into a zeroed mean ([LPZ] Algorithm 1, output).
 * Each operation is rounded once; t is rounded to the element type.
 * mean: n elements, updated. w: n elements, read. t = 0: AG_ERROR_INVALID_VALUE. */
AG_API ag_status ag_average_f32(size_t n, float* mean, const float* w, size_t t);
AG_API ag_status ag_average_f64(size_t n, double* mean, const double* w, size_t t);

/* ---- Projections ------------------------------------------------------------------------------- */

typedef int32_t ag_set_kind;
enum {
    AG_SET_BOX = 0,              /* lower_j <= p_j <= upper_j */
    AG_SET_NONNEGATIVE = 1,      /* p_j >= 0 */
    AG_SET_LINF_BALL = 2,        /* max_j |p_j - center_j| <= radius */
    AG_SET_L2_BALL = 3,          /* sum_j (p_j - center_j)^2 <= radius^2 */
    AG_SET_L1_BALL = 4,          /* sum_j |p_j - center_j| <= radius */
    AG_SET_WEIGHTED_L1_BALL = 5, /* sum_j normal_j |p_j - center_j| <= radius */
    AG_SET_SIMPLEX = 6,          /* p_j >= 0, sum_j p_j = radius */
    AG_SET_CAPPED_SIMPLEX = 7,   /* 0 <= p_j <= upper_j, sum_j p_j = radius */
    AG_SET_BOX_SECTION = 8,      /* lower_j <= p_j <= upper_j, sum_j normal_j p_j = offset */
    AG_SET_HALFSPACE = 9,        /* sum_j normal_j p_j <= offset */
    AG_SET_HYPERPLANE = 10,      /* sum_j normal_j p_j = offset */
    AG_SET_SLAB = 11,            /* lower_offset <= sum_j normal_j p_j <= offset */
    AG_SET_SECOND_ORDER_CONE =
        12,                   /* sqrt(sum over j > 0 of p_j^2) <= p_0: the first element bounds the rest */
    AG_SET_GROUP_L1_BALL = 13 /* sum over groups of sqrt(sum over j in it of (p_j - center_j)^2) <= radius */
};

/* What a projection found; written where a set asks for it, also for n = 0. */
typedef struct ag_projection_report {
    double multiplier; /* mu of the formulas below; 0 where x was found inside, or the set has none */
    int32_t
        passes; /* over x to find it (and over weights, for ends of the range); without the one that writes */
    int32_t
        inside; /* 1 where x was found inside, or (of sets with a linear constraint) came out with its own bits; else 0 */
} ag_projection_report;

/* Where a vector is spread over processes, threads or machines: which elements this call has, and how to add up
 * over all shards; see ag_shard_granule. */
typedef struct ag_reducer {
    /* Adds count numbers elementwise over all shards and leaves the same sums in values, in every shard, as MPI_Allreduce
     * does with MPI_SUM; 0 on success. It adds in double, in any order, subnormals and infinities included. */
    int (*sum)(void* context, size_t count, double* values);
    void* context; /* given to sum */
    size_t total;  /* elements of the whole vector */
    size_t begin;  /* this call's first element in it */
} ag_reducer;

typedef struct ag_set {
    size_t struct_size;
    ag_set_kind kind;    /* default AG_SET_BOX */
    double radius;       /* balls, simplices: finite, >= 0; default 1 */
    double lower, upper; /* box, box section: where the arrays are NULL; lower <= upper; default -Inf, +Inf */
    const void* lower_bounds; /* the same: n elements of the call's type, or NULL; -Inf allowed, NaN not */
    const void*
        upper_bounds;   /* the same: n elements of the call's type, or NULL; +Inf allowed, NaN not. The capped
                                 simplex has upper and upper_bounds too, and 0 for lower */
    const void* center; /* balls: n elements of the call's type, or NULL for the origin */
    const void*
        normal;    /* n finite elements of the call's type, or NULL for ones; >= 0 in the weighted ball */
    double offset; /* box section, halfspace, hyperplane, slab: finite; default 0 */
    double lower_offset; /* slab: finite, <= offset; default 0 */
    ag_projection_report*
        report;          /* written by each successful projection, so it may not overlap an array or be
                                     shared by calls at the same time; NULL, the default: none */
    size_t group_length; /* group ball: elements of each group, at most of the last; default 0 */
    const int64_t* group_offsets; /* group ball: where listed groups begin and end, or NULL, the default */
    size_t group_count;           /* group ball: the number of listed groups; default 0 */
    const ag_reducer*
        reducer;     /* of a sharded vector (ag_shard_granule); default NULL: x is the whole vector */
    void* workspace; /* private memory, any alignment, not shared by calls at the same time; or NULL, the
                              default, to let the call allocate it */
    size_t workspace_size; /* its bytes, at least what ag_project_workspace says; default 0 */
} ag_set;

/* Fills in the defaults: a box without bounds. */
AG_API void ag_set_init(ag_set* set);
AG_API void ag_set_init_sized(ag_set* set, size_t struct_size);
#define ag_set_init(set) ag_set_init_sized((set), sizeof(ag_set))

/* Projects x onto the set in the norm of diag(lambda), in place:
 *
 *     x <- argmin over p in the set of  sum_j lambda_j (p_j - x_j)^2        ([LPZ] eq. (2))
 *
 * lambda: n weights > 0 and finite (AG_ERROR_INVALID_VALUE otherwise), or NULL for the Euclidean norm, lambda
 * = 1. A point already inside comes back bit for bit; inside is decided by the computed norm or sum. Fields of
 * the set that its kind does not use are not looked at.
 *
 * Box, non-negative orthant, L-infinity ball: separable, so lambda does not matter; each coordinate is
 * compared with its bounds and replaced by the one it passes. Exact. The bounds of a ball are
 * center_j -/+ radius, rounded to the element type. A bound pair with lower > upper, or a NaN bound, is
 * AG_ERROR_INVALID_VALUE. One pass.
 *
 * L2 ball: with y = x - center (rounded to the element type),
 *     Euclidean:  p = center + y * (radius / ||y||)
 *     weighted:   p = center + y * lambda / (lambda + mu), mu >= 0 the root of sum p^2 = radius^2,
 * by a safeguarded Newton iteration on 1/||p|| - 1/radius ([MS]), at most 342 passes over x whatever the
 * data (typically 4 to 8; from 8192 elements on 1 or 2, where the start is a sample's root, and a Taylor series of
 * the squared norm from there has the root within 2^-51 of the radius, f32 2^-28). Sums are in double for both
 * element types, but for that series' terms, and the radius is used in double; so is each element, rounded to its type
 * once; but in f32 p_j - center_j weighted, computed in f32 where lambda_j and mu are not far from 1 (within 2^-60 ...
 * 2^60) and else rounded to it, to which center_j is added.
 * Accuracy, with u = 2^-24 (f32) or 2^-53 (f64), and for a sum's additions k as below:
 *     | ||p - center|| - radius | <= (16 u + k 2^-53) (radius + ||center||),
 *     and each p_j is within 8 u (|p_j - center_j| + |center_j|) of the formula for one common mu,
 * the latter for radius >= 2^-400 ||x - center|| and where weights below 2^-400 of the largest may count as
 * 0 (the limit: they give way first). radius 0 gives the center. A NaN anywhere gives NaN everywhere; an
 * infinite y_j gives NaN at j and the center elsewhere.
 *
 * The other sets have one linear constraint, and their projections are continuous quadratic knapsack problems
 * ([CMS]): with s_j = 1 / lambda_j, a = normal, and one multiplier mu,
 *     L1 ball, weighted:   p_j = center_j + sign(y_j) max(|y_j| - mu a_j s_j, 0),  y = x - center as above
 *     L1 ball:             the same with a = 1
 *     simplex:             p_j = max(x_j - mu s_j, 0)
 *     capped simplex:      p_j = min(max(x_j - mu s_j, 0), upper_j)
 *     box section:         p_j = min(max(x_j - mu a_j s_j, lower_j), upper_j)
 *     halfspace, hyperplane, slab:   p_j = x_j - mu a_j s_j
 * where mu is what makes p fulfil the constraint with equality, or 0 where x fulfils an inequality (a slab: the
 * side that x is beyond). For the last three mu is a quotient of two sums, one pass; the others look for it by
 * tangents and secants of the constraint's sum, two values of mu in each pass, and by halving where that is slow.
 * From 8192 elements on, a sample of x, of 262144 and more a second, larger one, says near what mu the root is, and
 * those elements whose p_j is not linear in mu there are copied in one pass, in which the search ends. At most 180
 * passes whatever the data (typically 2 to 4; of long vectors 1 or 2, of heavy tails up to 5; with bounds on both
 * sides 3 to 20).
 * s_j is rounded to the element type, and lambda_j counts as within 2^-126 ... 2^126 (f64: 2^-960 ... 2^960). mu,
 * the sums, radius and offsets are in double for both types; so is p_j, rounded once, but in L1 balls and
 * simplices where mu is 0 or a normal number of the element type, in which p_j is then computed. Accuracy,
 * with u as above and k about 12 + max(min(n, 16384) / 16, n / 4096) + min(n / 16384, 256), for a sum's additions:
 *     each p_j is within 4 u (|p_j| + |x_j| + |center_j|) of its formula for the reported mu,
 *     | the constraint's sum over p - its right side |
 *         <= (8 u + k 2^-52) sum |a_j| (|p_j| + |x_j| + |center_j|)   over the p_j that are not at a bound
 *            +       k 2^-52  sum |a_j p_j|                           over those that are
 * where a p_j whose formula is within (8 u + k 2^-52) (|x_j| + |center_j|) of a bound counts as not at it
 * (f64: where no a_j^2 s_j, sum, or mu other than 0 leaves 2^-960 ... 2^1000). Bounds hold exactly; radius 0 gives the
 * center, or 0. Equal coordinates with equal weights stay equal. A NaN anywhere gives NaN everywhere. An infinite
 * x_j that a ball or the simplex bounds gives NaN at j and the center, or 0, elsewhere. (All of these where
 * normal_j is not 0; a coordinate with normal_j = 0 is bounded by a box section's bounds alone.)
 * A negative normal of a ball, one that is not finite, one that is 0 everywhere, and bounds between which the sum
 * cannot be as asked (by more than 8 u + k 2^-52 times the sum of all |a_j bound_j|, which counts as rounding) are
 * AG_ERROR_INVALID_VALUE.
 *
 * Second-order cone, with t = p_0 and y the other elements of p:
 *     Euclidean:  t = (x_0 + r) / 2, y_j = x_j t / r, where r is the norm of x without x_0  ([PB] section 6.3.2)
 *     weighted:   lambda_0 (t - x_0) = mu t,  y_j = x_j lambda_j / (lambda_j + mu),  ||y|| = t
 * and 0 where x diag(lambda) is in the polar cone: sqrt(sum over j > 0 of (lambda_j x_j)^2) <= -lambda_0 x_0.
 * (Then mu is +Inf.) The weighted one solves || lambda_j x_j / (lambda_j t + lambda_0 (t - x_0)) || = 1 for t or t
 * - x_0, of which 1/||.|| is concave, by the iteration of the L2 ball: typically 3 to 8 passes, from 8192 elements
 * on 1 where a sample's root and the L2 ball's series, with f32's terms in f32, have mu, at most 165. Each y_j is
 * computed as the L2 ball's. n = 1 is the half line x_0 >= 0. lambda_j counts as within 2^-126 ... 2^126 (f64: 2^-300
 * ... 2^300). Accuracy, with u and k as above:
 *     | ||y|| - t | <= (24 u + k 2^-52) t,
 *     | lambda_0 (t - x_0) - mu t | <= 4 u lambda_0 (t + |x_0|) + 4 u mu t,
 *     and each y_j is within 8 u |y_j| of its formula for the reported mu
 * (but for underflow; f64: where weights and elements other than 0 each span less than 2^250). x is 0 where it is
 * in the polar cone but for a change of x_0 by (16 + k) 2^-52 |x_0|. A t that the type cannot hold is +Inf. A NaN
 * gives NaN everywhere, and so does an infinite x_j, j > 0, with x_0 < +Inf; x_0 = +Inf is inside, and x_0 = -Inf,
 * with all other elements finite, gives 0.
 *
 * Group L1 ball (mixed norm l1/l2). Groups are neighbours: all of group_length >= 1 elements, but for a last one
 * that may have fewer; or, where group_offsets is not NULL, group g is elements group_offsets[g] to
 * group_offsets[g + 1] - 1, of group_count + 1 offsets from 0 to n that do not decrease. With y = x - center as
 * above, y_g the elements of group g, and one mu >= 0,
 *     Euclidean:  p_g = center_g + y_g (rho_g / ||y_g||),  rho_g = max(||y_g|| - mu, 0)
 *     weighted:   p_j = center_j + y_j lambda_j / (lambda_j + mu / rho_g) where rho_g > 0 is the root of
 *                 || lambda_j y_j / (lambda_j rho_g + mu) || = 1 over the group; center_g where ||lambda_j y_j|| <= mu
 * and sum rho_g = radius. As 1/||.|| is concave in (rho_g, mu), each rho_g, and their sum, is a convex function of
 * mu: mu is looked for as by the L1 ball (from some of the groups where their sum has 16 blocks or more, each of
 * 16 groups or more, as from about 262144 elements on; typically once for two values of mu, in the norm of lambda 1
 * to 4 times, else 2 to 7; at most 163), and for each mu each rho_g by the iteration of the L2 ball over the group's
 * elements, without a sample or a series, of groups of 16 elements or fewer by Halley's method, many side by side.
 * Norms are computed anew in each pass; those between the first two values of mu, in the Euclidean norm, are kept
 * where they are few, and end the search without another. Weights' range as for the cone. Threads share the groups; where these have
 * 131072 elements or more on average, the elements of each. Accuracy, with u and k as above and e = 24 u + k
 * 2^-52:
 *     | sum ||p_g - center_g|| - radius | <= 2 e sum (||p_g - center_g|| + ||y_g|| + ||center_g||)
 *                                            + (the number of groups) 2^-52 radius,
 *     and each p_j is within e (|p_j - center_j| + |center_j|) of its formula for the reported mu and a rho_g within
 *     e (rho_g + ||center_g||) of ||p_g - center_g||,
 * where the sum is over the groups that are not at their center, or of which ||lambda_j y_j|| is within e mu of
 * mu. radius 0 gives the center. A NaN gives NaN everywhere; an infinite y_j gives NaN at j and the center
 * elsewhere. group_length 0 without offsets, and offsets that are not as described, are AG_ERROR_INVALID_VALUE and
 * AG_ERROR_OUT_OF_RANGE.
 *
 * x: n elements, updated. set: required. */
AG_API ag_status ag_project_f32(size_t n, float* x, const float* lambda, const ag_set* set);
AG_API ag_status ag_project_f64(size_t n, double* x, const double* lambda, const ag_set* set);

/* The bytes of workspace in which ag_project, ag_project_rows (of rows of n elements) and ag_adagrad_step_projected
 * project onto this set; of a sharded vector, where each shard needs as much, n counts all of it. 0, and
 * set->workspace is not looked at, for n < 131072, and for sets other than L1 balls, weighted or not, simplices,
 * capped or not, box sections and group balls. It depends on n, the type and the set's kind, does not fall with more
 * n, and is at most 10 times 131072 or n / 256 elements, whichever is more (a simplex 4 times, an L1 ball 6 times; a
 * group ball, which works in it in the Euclidean norm alone, 256 times 1024 doubles). Where set->workspace is NULL the call allocates as much before it writes
 * anything: AG_ERROR_OUT_OF_MEMORY if that fails. AG_ERROR_SIZE if set->workspace_size is less.
 * set: required; bytes: written. */
AG_API ag_status ag_project_workspace_f32(size_t n, const ag_set* set, size_t* bytes);
AG_API ag_status ag_project_workspace_f64(size_t n, const ag_set* set, size_t* bytes);

/* Sharded vectors. With set->reducer, ag_project and ag_adagrad_step_projected work on one vector whose shards are
 * in several calls, one call for each shard, made at the same time in processes, threads or machines that the
 * reducer connects. Each call's n, arrays and positions in messages are those of its shard, elements begin ...
 * begin + n - 1 of total; x, and the report, get the bits that one call with the whole vector would give, for any
 * number of shards and any mix of ISAs (but for AG_MATH_FAST).
 *
 * *granule: a shard begins at a multiple of it, and ends at one or at total, so that it consists of whole blocks
 * of the sums' order. It depends on total and, in a group ball, on group_length, whose multiple it is unless it
 * is the whole vector. There are at most 256 granules. Shards do not overlap, and together they are the vector;
 * their order does not matter, and n may be 0. set: required, its reducer is not looked at.
 *
 * All shards give the same total, options and numbers of the set, and all of those with n > 0 the same arrays or
 * NULL (center, normal, bounds, lambda); context, report and the number of threads may differ. Listed groups
 * (group_offsets) are AG_ERROR_INVALID_VALUE with a reducer, and so is a reducer in ag_project_rows.
 *
 * sum is called from the calling thread, outside of parallel regions, as often and with the same counts in all
 * shards: once to begin with, once for a pass over x (up to three times for an L2 ball's or a cone's), for each
 * value of a search in a sample of an L2 ball's, a cone's or a group ball's vector, and, of vectors of 8192 elements
 * or more with a linear constraint, for each 1024 copies of an array and for the second sample, of group balls for the
 * numbers of listed norms, each 1024 of these and the second sample; with at most 1024 numbers. It must return, may call MPI or this library, and must leave the floating-point mode
 * as it is. A sum that fails in one shard must fail in all of them or end them, since the others wait for it.
 * After a failure it is not called again.
 *
 * Errors: bad arguments of one shard are its own error there and AG_ERROR_SHARDS in all others, and calls that do
 * not fit together are AG_ERROR_SHARDS in all; but a set or struct_size from which no sum can be read, an ISA that
 * is not supported, and a crash, leave the others waiting. Nothing is written then, nor after AG_ERROR_REDUCER.
 * After AG_ERROR_NOT_PROJECTED w and v hold the step without its projection, in this shard, and ag_project may be
 * tried again, with lambda from v. In no shard is anything written by the projection before the last sum has
 * succeeded there. */
AG_API ag_status ag_shard_granule(size_t total, const ag_set* set, size_t* granule);

/* Projects each row of a matrix, rows of cols elements that lie row_stride >= cols apart: the same bits as
 * ag_project(cols, row i of x, row i of lambda, set with level i) for each row i, where what can differ from row
 * to row is the level: the radius of a ball or a simplex, the offset of a box section, a halfspace, a hyperplane
 * or a slab. Nothing is written before all rows are checked; what lies between the rows is neither read nor
 * written. Threads share the rows; those of 131072 elements or more, the elements of each.
 * x: rows x cols, updated. lambda: NULL for the Euclidean norm; rows x cols that lie lambda_stride >= cols apart,
 * or with lambda_stride 0 one row for all. radii: rows levels in double, for which the rules of set->radius or
 * set->offset hold and which replace that, not looked at for other sets; NULL: the set's own for all rows.
 * set: required; its arrays have cols elements (group_offsets: see there), for all rows, but set->report, unless
 * NULL, points to `rows` reports. rows x cols that overflow, and strides that are less than cols: AG_ERROR_SIZE.
 * Without rows, whether any point fulfils the set's constraint is not looked at. */
AG_API ag_status ag_project_rows_f32(size_t rows, size_t cols, size_t row_stride, float* x,
                                     const float* lambda, size_t lambda_stride, const double* radii,
                                     const ag_set* set);
AG_API ag_status ag_project_rows_f64(size_t rows, size_t cols, size_t row_stride, double* x,
                                     const double* lambda, size_t lambda_stride, const double* radii,
                                     const ag_set* set);

/* One AdaGrad step followed by the projection onto the set in the norm of this same step's
 * Lambda_t = diag(lambda) ([LPZ] Algorithm 1, option I): ag_adagrad_step followed by ag_project with lambda as the
 * step defines it, in one call and without an array for lambda. The same bits as these two calls of fewer than 8192
 * elements; of more, the search for an L2 ball's multiplier, and for that of a set with a linear constraint, begins with
 * what the step knows of w, so that both results are within ag_project's accuracy, but not equal. A
 * coordinate with lambda_j = 0, which ag_project refuses, takes the limit lambda_j -> 0+: it moves at no
 * cost, so those coordinates together give way first. One with an infinite lambda_j (an accumulator that
 * overflowed) takes the limit lambda_j -> Inf: it moves last. AG_ERROR_NOT_PROJECTED, of sharded vectors alone, is
 * the one error after which w and v are not as they were.
 * w, g, v, options as in ag_adagrad_step; set as in ag_project. */
AG_API ag_status ag_adagrad_step_projected_f32(size_t n, float* w, const float* g, float* v,
                                               const ag_adagrad_options* options, const ag_set* set);
AG_API ag_status ag_adagrad_step_projected_f64(size_t n, double* w, const double* g, double* v,
                                               const ag_adagrad_options* options, const ag_set* set);

/* ---- Elementary functions ---------------------------------------------------------------------- */

/* out[i] = f(x[i]), for n elements; out may be x. Error at most 1 ULP for every input of both types,
 * over the whole range, subnormal results included.
 *
 *   exp       e^x.             exp(-Inf) = 0, exp(+Inf) = +Inf; overflow gives +Inf.
 *   log1p     log(1 + x).      log1p(-1) = -Inf, log1p(x < -1) = NaN, log1p(-0) = -0, log1p(+Inf) = +Inf.
 *   sigmoid   1 / (1 + e^-x).  sigmoid(-Inf) = 0, sigmoid(+Inf) = 1.
 *   softplus  log(1 + e^x).    softplus(-Inf) = 0, softplus(+Inf) = +Inf. */
AG_API ag_status ag_exp_f32(size_t n, const float* x, float* out);
AG_API ag_status ag_exp_f64(size_t n, const double* x, double* out);
AG_API ag_status ag_log1p_f32(size_t n, const float* x, float* out);
AG_API ag_status ag_log1p_f64(size_t n, const double* x, double* out);
AG_API ag_status ag_sigmoid_f32(size_t n, const float* x, float* out);
AG_API ag_status ag_sigmoid_f64(size_t n, const double* x, double* out);
AG_API ag_status ag_softplus_f32(size_t n, const float* x, float* out);
AG_API ag_status ag_softplus_f64(size_t n, const double* x, double* out);

/* ---- Logistic loss and gradient ---------------------------------------------------------------- */

/* A dense matrix, row-major: element (i, j) is values[i * row_stride + j]; row_stride >= cols. values may be
 * NULL where there are no rows or no columns. */
typedef struct ag_dense_f32 {
    size_t rows, cols, row_stride;
    const float* values;
} ag_dense_f32;
typedef struct ag_dense_f64 {
    size_t rows, cols, row_stride;
    const double* values;
} ag_dense_f64;

/* The same with elements of 16 bits: bfloat16, or IEEE 754 binary16. */
typedef struct ag_dense_bf16 {
    size_t rows, cols, row_stride;
    const ag_bf16* values;
} ag_dense_bf16;
typedef struct ag_dense_f16 {
    size_t rows, cols, row_stride;
    const ag_f16* values;
} ag_dense_f16;

/* A sparse matrix, compressed by rows. Row i has the entries k with
 * row_offsets[i] <= k < row_offsets[i + 1]: column columns[k], from 0, value values[k]. row_offsets has
 * rows + 1 elements and need not start at 0; row_offsets[rows] is the end of the stored entries. The
 * columns of a row may be in any order; duplicates add. values == NULL: every stored entry is 1. Without
 * stored entries columns may be NULL, and without rows row_offsets too. */
typedef struct ag_csr_f32 {
    size_t rows, cols;
    const int64_t* row_offsets;
    const int32_t* columns;
    const float* values;
} ag_csr_f32;
typedef struct ag_csr_f64 {
    size_t rows, cols;
    const int64_t* row_offsets;
    const int32_t* columns;
    const double* values;
} ag_csr_f64;

/* The same with 64-bit columns, for more than 2^31 - 1 of them and for callers whose columns are of that type. */
typedef struct ag_csr64_f32 {
    size_t rows, cols;
    const int64_t* row_offsets;
    const int64_t* columns;
    const float* values;
} ag_csr64_f32;
typedef struct ag_csr64_f64 {
    size_t rows, cols;
    const int64_t* row_offsets;
    const int64_t* columns;
    const double* values;
} ag_csr64_f64;

typedef int32_t ag_label_encoding;
enum {
    AG_LABELS_PLUS_MINUS_ONE = 0,
    AG_LABELS_ZERO_ONE = 1,
    AG_LABELS_PROBABILITY = 2 /* any number of [0, 1]: the probability of the positive class */
};

typedef int32_t ag_reduction;
enum { AG_REDUCTION_MEAN = 0, AG_REDUCTION_SUM = 1 };

typedef struct ag_logistic_options {
    size_t struct_size;
    ag_label_encoding labels;  /* default AG_LABELS_PLUS_MINUS_ONE */
    ag_reduction reduction;    /* default AG_REDUCTION_MEAN: divide by the sum of the sample weights */
    int32_t fit_intercept;     /* not 0: w and gradient have cols + 1 elements, the last the intercept */
    double l2;                 /* >= 0: adds (l2 / 2) ||w||^2 once, without the intercept; default 0 */
    const void* sample_weight; /* one weight >= 0 per row of X, in the call's type, or NULL for ones */
    const int64_t*
        row_indices;  /* the mini-batch: row_count rows of X, repeats allowed; NULL: all rows. Indices that
                                   increase by one are checked and read as fast as all rows are */
    size_t row_count; /* looked at only where row_indices is not NULL */
    void* workspace;  /* private memory, any alignment, or NULL to let the call allocate it */
    size_t workspace_size;  /* its bytes, at least what the _workspace function says */
    double positive_weight; /* of the class of y = 1, >= 0; default 1 */
    double negative_weight; /* of the other class, >= 0; default 1 */
    double label_smoothing; /* in [0, 1]: moves targets towards 1/2 by this share; default 0 */
} ag_logistic_options;

/* Fills in the defaults. */
AG_API void ag_logistic_options_init(ag_logistic_options* options);
AG_API void ag_logistic_options_init_sized(ag_logistic_options* options, size_t struct_size);
#define ag_logistic_options_init(options)                                                                    \
    ag_logistic_options_init_sized((options), sizeof(ag_logistic_options))

/* Loss and gradient of logistic regression over the rows i of X, or of the mini-batch:
 *
 *     m_i      = <x_i, w> (+ intercept)
 *     loss     = 1/S sum_i s_i log(1 + exp(-y_i m_i)) + (l2 / 2) ||w||^2
 *     gradient = 1/S sum_i s_i * -y_i / (1 + exp(y_i m_i)) x_i + l2 w
 *
 * with labels y_i in {-1, +1} (or 0/1, read as -1/+1), sample weights s_i, and S the sum of the s_i
 * (AG_REDUCTION_MEAN) or 1 (AG_REDUCTION_SUM). X is read once where a block of its rows fits the cache.
 *
 * Class weights multiply the s_i of the rows of their class, in S too. With label_smoothing = a, or labels that
 * are probabilities, row i has the target t_i = (1 - a) y_i + a / 2 (y_i in [0, 1]) and counts as a positive row
 * of weight t_i and a negative one of weight 1 - t_i: with class weights c+ and c-,
 *
 *     loss     = 1/S sum_i s_i (c+ t_i log(1 + exp(-m_i)) + c- (1 - t_i) log(1 + exp(m_i))) + (l2 / 2) ||w||^2
 *     gradient = 1/S sum_i s_i (c- (1 - t_i) / (1 + exp(-m_i)) - c+ t_i / (1 + exp(m_i))) x_i + l2 w
 *     S        = sum_i s_i (c+ t_i + c- (1 - t_i))     or 1
 *
 * An l1 penalty has no gradient: it is the proximal step's (ag_adagrad_options::l1).
 *
 * y: X->rows labels (only those of the rows visited are looked at). w: cols (+ 1) parameters. options:
 * NULL means the defaults. loss: one double, or NULL. gradient: cols (+ 1) elements, or NULL. Under
 * AG_REDUCTION_MEAN weights that sum to 0, and an empty batch, are AG_ERROR_INVALID_VALUE; under
 * AG_REDUCTION_SUM their data term is 0.
 *
 * Accuracy: margins are sums of rounded products in the element type, in the orders of docs/numerics.md;
 * given its margin, each row's loss and derivative are, before weights, within 4 ULP; with a target between the
 * classes they are sums of two terms and within 8 ULP of the larger term. Losses are summed in double. The
 * gradient is summed in the element type within up to 8 chunks of rows (dense: over groups of 8 rows; CSR:
 * entry by entry), and their sums, the division and l2 w are in double. l2 is used in double. A finite margin
 * gives a finite loss and gradient term.
 *
 * Memory: one private gradient per chunk of rows, at most 8, allocated unless options->workspace is
 * given. AG_ERROR_OUT_OF_MEMORY if that fails; AG_ERROR_SIZE if the workspace is too small.
 * CSR: offsets must not decrease nor pass row_offsets[rows], columns must be in [0, cols)
 * (AG_ERROR_OUT_OF_RANGE); only visited rows are checked. */
AG_API ag_status ag_logistic_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                       const ag_logistic_options* options, double* loss, float* gradient);
AG_API ag_status ag_logistic_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                       const ag_logistic_options* options, double* loss, double* gradient);
AG_API ag_status ag_logistic_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                     const ag_logistic_options* options, double* loss, float* gradient);
AG_API ag_status ag_logistic_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                     const ag_logistic_options* options, double* loss, double* gradient);
AG_API ag_status ag_logistic_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                       const ag_logistic_options* options, double* loss, float* gradient);
AG_API ag_status ag_logistic_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                       const ag_logistic_options* options, double* loss, double* gradient);

/* The same with X in 16 bits, which halves what is read from memory. Loss and gradient have the bits that
 * ag_logistic_dense_f32 gives for the elements of X widened to f32, which is exact; all else, sample weights too,
 * is as there. */
AG_API ag_status ag_logistic_dense_bf16(const ag_dense_bf16* X, const float* y, const float* w,
                                        const ag_logistic_options* options, double* loss, float* gradient);
AG_API ag_status ag_logistic_dense_f16(const ag_dense_f16* X, const float* y, const float* w,
                                       const ag_logistic_options* options, double* loss, float* gradient);

/* The bytes of workspace that a call with these arguments and a gradient needs; 0 without a gradient.
 * They depend on X's shape and the number of rows visited, not on which; more rows never need less.
 * bytes: written. X's data is not looked at (CSR: only row_offsets is). */
AG_API ag_status ag_logistic_dense_workspace_f32(const ag_dense_f32* X, const ag_logistic_options* options,
                                                 size_t* bytes);
AG_API ag_status ag_logistic_dense_workspace_f64(const ag_dense_f64* X, const ag_logistic_options* options,
                                                 size_t* bytes);
AG_API ag_status ag_logistic_dense_workspace_bf16(const ag_dense_bf16* X, const ag_logistic_options* options,
                                                  size_t* bytes);
AG_API ag_status ag_logistic_dense_workspace_f16(const ag_dense_f16* X, const ag_logistic_options* options,
                                                 size_t* bytes);
AG_API ag_status ag_logistic_csr_workspace_f32(const ag_csr_f32* X, const ag_logistic_options* options,
                                               size_t* bytes);
AG_API ag_status ag_logistic_csr_workspace_f64(const ag_csr_f64* X, const ag_logistic_options* options,
                                               size_t* bytes);
AG_API ag_status ag_logistic_csr64_workspace_f32(const ag_csr64_f32* X, const ag_logistic_options* options,
                                                 size_t* bytes);
AG_API ag_status ag_logistic_csr64_workspace_f64(const ag_csr64_f64* X, const ag_logistic_options* options,
                                                 size_t* bytes);

/* ---- Logistic regression: margins, probabilities, second derivatives ----------------------------- */

/* The functions below take X, y, w and options as ag_logistic does, with their checks. Those over a matrix exist
 * for all forms of it in f32 and f64; margins and probabilities for dense matrices of 16 bits too, with the bits
 * of f32 for the elements widened. Fields of the options that a function has no use for are checked as always.
 *
 * margins[i] = <x, w> (+ intercept) of the i-th row visited: every row of X, or row_indices[i]. Margins have the
 * bits that they have inside ag_logistic. margins: as many elements as rows are visited. Nothing is allocated. */
AG_API ag_status ag_logistic_margins_dense_f32(const ag_dense_f32* X, const float* w,
                                               const ag_logistic_options* options, float* margins);
AG_API ag_status ag_logistic_margins_dense_f64(const ag_dense_f64* X, const double* w,
                                               const ag_logistic_options* options, double* margins);
AG_API ag_status ag_logistic_margins_csr_f32(const ag_csr_f32* X, const float* w,
                                             const ag_logistic_options* options, float* margins);
AG_API ag_status ag_logistic_margins_csr_f64(const ag_csr_f64* X, const double* w,
                                             const ag_logistic_options* options, double* margins);
AG_API ag_status ag_logistic_margins_csr64_f32(const ag_csr64_f32* X, const float* w,
                                               const ag_logistic_options* options, float* margins);
AG_API ag_status ag_logistic_margins_csr64_f64(const ag_csr64_f64* X, const double* w,
                                               const ag_logistic_options* options, double* margins);
AG_API ag_status ag_logistic_margins_dense_bf16(const ag_dense_bf16* X, const float* w,
                                                const ag_logistic_options* options, float* margins);
AG_API ag_status ag_logistic_margins_dense_f16(const ag_dense_f16* X, const float* w,
                                               const ag_logistic_options* options, float* margins);

/* The same, then the probability of the positive class, 1 / (1 + exp(-margin)): with the bits of ag_sigmoid, so
 * within 1 ULP for the margin as computed. */
AG_API ag_status ag_logistic_probabilities_dense_f32(const ag_dense_f32* X, const float* w,
                                                     const ag_logistic_options* options,
                                                     float* probabilities);
AG_API ag_status ag_logistic_probabilities_dense_f64(const ag_dense_f64* X, const double* w,
                                                     const ag_logistic_options* options,
                                                     double* probabilities);
AG_API ag_status ag_logistic_probabilities_csr_f32(const ag_csr_f32* X, const float* w,
                                                   const ag_logistic_options* options, float* probabilities);
AG_API ag_status ag_logistic_probabilities_csr_f64(const ag_csr_f64* X, const double* w,
                                                   const ag_logistic_options* options, double* probabilities);
AG_API ag_status ag_logistic_probabilities_csr64_f32(const ag_csr64_f32* X, const float* w,
                                                     const ag_logistic_options* options,
                                                     float* probabilities);
AG_API ag_status ag_logistic_probabilities_csr64_f64(const ag_csr64_f64* X, const double* w,
                                                     const ag_logistic_options* options,
                                                     double* probabilities);
AG_API ag_status ag_logistic_probabilities_dense_bf16(const ag_dense_bf16* X, const float* w,
                                                      const ag_logistic_options* options,
                                                      float* probabilities);
AG_API ag_status ag_logistic_probabilities_dense_f16(const ag_dense_f16* X, const float* w,
                                                     const ag_logistic_options* options,
                                                     float* probabilities);

/* The loss layer alone: from the margins m_i of the rows visited, with w = 0 parameters,
 *
 *     loss         = 1/S sum_i s_i L_i(m_i),  L_i the loss of row i as ag_logistic defines it, class weights included
 *     residuals[i]  = s_i L_i'(m_i)           (not divided by S)
 *     curvatures[i] = s_i L_i''(m_i) = s_i (c+ t_i + c- (1 - t_i)) p_i (1 - p_i)
 *
 * n: the elements of y and sample_weight; margins, residuals and curvatures have n, or options->row_count, whose
 * rows then are row_indices[i]. residuals may be margins; each output may be NULL. fit_intercept, l2 and workspace
 * are not looked at: margins have the intercept. Nothing is allocated.
 *
 * Accuracy: before the factor s_i and class weights, losses and residuals of the two classes are within 4 ULP, of
 * targets between them within 8 ULP of the larger of their two terms; curvatures within 8 ULP. Every finite margin
 * gives finite results, but for targets between the classes, and weights, that take a loss near the largest number
 * beyond it. A NaN margin gives NaN at its position. */
AG_API ag_status ag_logistic_from_margins_f32(size_t n, const float* margins, const float* y,
                                              const ag_logistic_options* options, double* loss,
                                              float* residuals, float* curvatures);
AG_API ag_status ag_logistic_from_margins_f64(size_t n, const double* margins, const double* y,
                                              const ag_logistic_options* options, double* loss,
                                              double* residuals, double* curvatures);

/* product = (1/S X' D X + l2 I) direction, the Hessian at w times a vector: D is the diagonal of the curvatures
 * above, and l2 I leaves the intercept out. X is read once where a block of its rows fits the cache, and not
 * copied. direction, product: cols (+ 1) elements. Orders and memory are those of the gradient, options->workspace
 * and the _workspace functions included. Accuracy: curvatures as above, each rounded to the element type and
 * multiplied by s_i and the row's product with the direction, in this order; sums as the gradient's. */
AG_API ag_status ag_logistic_hessian_vector_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                                      const float* direction,
                                                      const ag_logistic_options* options, float* product);
AG_API ag_status ag_logistic_hessian_vector_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                                      const double* direction,
                                                      const ag_logistic_options* options, double* product);
AG_API ag_status ag_logistic_hessian_vector_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                                    const float* direction,
                                                    const ag_logistic_options* options, float* product);
AG_API ag_status ag_logistic_hessian_vector_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                                    const double* direction,
                                                    const ag_logistic_options* options, double* product);
AG_API ag_status ag_logistic_hessian_vector_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                                      const float* direction,
                                                      const ag_logistic_options* options, float* product);
AG_API ag_status ag_logistic_hessian_vector_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                                      const double* direction,
                                                      const ag_logistic_options* options, double* product);

/* diagonal[j] = 1/S sum_i s_i L_i''(m_i) x_ij^2 + l2, the Hessian's diagonal at w, where l2 leaves the intercept
 * out. diagonal: cols (+ 1) elements. In a CSR row that lists a column twice, x_ij is the sum, here and in the
 * next two functions. Memory of these three: up to 8 vectors of cols elements, for CSR 16 (ag_logistic_noise: 8
 * more), allocated unless options->workspace is given; how many bytes suffice says ag_logistic_columns_workspace,
 * below. AG_ERROR_OUT_OF_MEMORY if the allocation fails; AG_ERROR_SIZE if the workspace is too small. */
AG_API ag_status ag_logistic_hessian_diagonal_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                                        const ag_logistic_options* options, float* diagonal);
AG_API ag_status ag_logistic_hessian_diagonal_dense_f64(const ag_dense_f64* X, const double* y,
                                                        const double* w, const ag_logistic_options* options,
                                                        double* diagonal);
AG_API ag_status ag_logistic_hessian_diagonal_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                                      const ag_logistic_options* options, float* diagonal);
AG_API ag_status ag_logistic_hessian_diagonal_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                                      const ag_logistic_options* options, double* diagonal);
AG_API ag_status ag_logistic_hessian_diagonal_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                                        const ag_logistic_options* options, float* diagonal);
AG_API ag_status ag_logistic_hessian_diagonal_csr64_f64(const ag_csr64_f64* X, const double* y,
                                                        const double* w, const ag_logistic_options* options,
                                                        double* diagonal);

/* Smoothness constants of each coordinate, at every w. With a_i = s_i (c+ t_i + c- (1 - t_i)), and L'' <= 1/4:
 *
 *   COORDINATE   L_j = 1/(4S) sum_i a_i x_ij^2 + l2: the diagonal of X'X / 4n. The least constants for which the
 *                derivative by w_j is L_j-Lipschitz along coordinate j alone, whatever the margins. No constants for which
 *                the next inequality holds at every margin are smaller.
 *   ANISOTROPIC  L_j = 1/(4S) sum_i a_i |x_ij| (|x_i0| + |x_i1| + ...) + l2: constants of the anisotropic smoothness
 *                that [LPZ] assumes, |grad f(v) - grad f(w)|_{1/L} <= |v - w|_L. It holds since by Cauchy-Schwarz
 *                (sum_j x_ij z_j)^2 <= (sum_j |x_ij|) (sum_j |x_ij| z_j^2), so that the Hessian is below diag(L).
 *
 * With an intercept, x has a last column of ones, to which l2 is not added. Under AG_REDUCTION_SUM S is 1.
 * smoothness: cols (+ 1) elements. Accuracy: as a gradient with these terms. */
typedef int32_t ag_smoothness;
enum { AG_SMOOTHNESS_COORDINATE = 0, AG_SMOOTHNESS_ANISOTROPIC = 1 };

AG_API ag_status ag_logistic_smoothness_dense_f32(const ag_dense_f32* X, const float* y,
                                                  const ag_logistic_options* options, ag_smoothness kind,
                                                  float* smoothness);
AG_API ag_status ag_logistic_smoothness_dense_f64(const ag_dense_f64* X, const double* y,
                                                  const ag_logistic_options* options, ag_smoothness kind,
                                                  double* smoothness);
AG_API ag_status ag_logistic_smoothness_csr_f32(const ag_csr_f32* X, const float* y,
                                                const ag_logistic_options* options, ag_smoothness kind,
                                                float* smoothness);
AG_API ag_status ag_logistic_smoothness_csr_f64(const ag_csr_f64* X, const double* y,
                                                const ag_logistic_options* options, ag_smoothness kind,
                                                double* smoothness);
AG_API ag_status ag_logistic_smoothness_csr64_f32(const ag_csr64_f32* X, const float* y,
                                                  const ag_logistic_options* options, ag_smoothness kind,
                                                  float* smoothness);
AG_API ag_status ag_logistic_smoothness_csr64_f64(const ag_csr64_f64* X, const double* y,
                                                  const ag_logistic_options* options, ag_smoothness kind,
                                                  double* smoothness);

/* noise[j] = sigma_j: the standard deviation of the stochastic gradient's component j at w, of one row that is
 * drawn with probability a_i / S (without weights: each row visited with 1/n), a_i as above:
 *
 *     sigma_j^2 = 1/S sum_i a_i (g_ij - g_j)^2,  g_ij = L_i'(m_i) x_ij / (c+ t_i + c- (1 - t_i)),  g_j = 1/S sum_i a_i g_ij
 *
 * This is the bound of [LPZ]'s noise assumption, attained, at this w. The mean of b rows has sigma_j / sqrt(b)
 * where they are drawn with replacement, and without, of n rows of equal weight, sigma_j / sqrt(b) sqrt((n - b) /
 * (n - 1)). l2 adds no noise. Under AG_REDUCTION_SUM everything is S times as large. noise: cols (+ 1) elements.
 *
 * sigma_j^2 is computed as 1/S sum_i a_i g_ij^2 - g_j^2, whose two sums are added up in the element type like a
 * gradient; where they cancel, that is where sigma_j is far below |g_j|, the relative error grows in proportion.
 * */
AG_API ag_status ag_logistic_noise_dense_f32(const ag_dense_f32* X, const float* y, const float* w,
                                             const ag_logistic_options* options, float* noise);
AG_API ag_status ag_logistic_noise_dense_f64(const ag_dense_f64* X, const double* y, const double* w,
                                             const ag_logistic_options* options, double* noise);
AG_API ag_status ag_logistic_noise_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                           const ag_logistic_options* options, float* noise);
AG_API ag_status ag_logistic_noise_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                           const ag_logistic_options* options, double* noise);
AG_API ag_status ag_logistic_noise_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                             const ag_logistic_options* options, float* noise);
AG_API ag_status ag_logistic_noise_csr64_f64(const ag_csr64_f64* X, const double* y, const double* w,
                                             const ag_logistic_options* options, double* noise);

/* The bytes of workspace that suffice for ag_logistic_hessian_diagonal, _smoothness and _noise with these
 * arguments. They depend on X's shape and the number of rows visited, not on which; more rows never need less.
 * bytes: written. X's data is not looked at (CSR: only row_offsets is). */
AG_API ag_status ag_logistic_columns_workspace_dense_f32(const ag_dense_f32* X,
                                                         const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_logistic_columns_workspace_dense_f64(const ag_dense_f64* X,
                                                         const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_logistic_columns_workspace_csr_f32(const ag_csr_f32* X,
                                                       const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_logistic_columns_workspace_csr_f64(const ag_csr_f64* X,
                                                       const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_logistic_columns_workspace_csr64_f32(const ag_csr64_f32* X,
                                                         const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_logistic_columns_workspace_csr64_f64(const ag_csr64_f64* X,
                                                         const ag_logistic_options* options, size_t* bytes);

/* The gradient of a batch of sparse rows at the columns that the batch holds: it costs what these rows cost,
 * whatever the length of w, and is what ag_adagrad_step_sparse takes (columns for its indices, n = cols (+ 1)).
 *
 * columns, values: room for capacity elements; the first *count are written: the columns that occur in a visited
 * row, from the least on, each once, and with an intercept column cols at the end. A capacity that does not
 * suffice is AG_ERROR_SIZE. Every other component of the gradient is 0: therefore options->l2 must be 0
 * (AG_ERROR_INVALID_VALUE); weight decay or l2 are the step's. loss: as in ag_logistic_csr, or NULL.
 *
 * Accuracy: as ag_logistic_csr, whose bits values have where its gradient is summed in one chunk (it then has a
 * workspace of 0 bytes), but for the intercept, here summed row by row in double. Memory: options->workspace, or
 * allocated. The _workspace function says how many bytes, and a capacity that suffices; it reads the offsets and
 * columns of the visited rows, not y. */
AG_API ag_status ag_logistic_sparse_gradient_csr_f32(const ag_csr_f32* X, const float* y, const float* w,
                                                     const ag_logistic_options* options, double* loss,
                                                     size_t capacity, int64_t* columns, float* values,
                                                     size_t* count);
AG_API ag_status ag_logistic_sparse_gradient_csr_f64(const ag_csr_f64* X, const double* y, const double* w,
                                                     const ag_logistic_options* options, double* loss,
                                                     size_t capacity, int64_t* columns, double* values,
                                                     size_t* count);
AG_API ag_status ag_logistic_sparse_gradient_csr64_f32(const ag_csr64_f32* X, const float* y, const float* w,
                                                       const ag_logistic_options* options, double* loss,
                                                       size_t capacity, int64_t* columns, float* values,
                                                       size_t* count);
AG_API ag_status ag_logistic_sparse_gradient_csr64_f64(const ag_csr64_f64* X, const double* y,
                                                       const double* w, const ag_logistic_options* options,
                                                       double* loss, size_t capacity, int64_t* columns,
                                                       double* values, size_t* count);
AG_API ag_status ag_logistic_sparse_gradient_workspace_csr_f32(const ag_csr_f32* X,
                                                               const ag_logistic_options* options,
                                                               size_t* capacity, size_t* bytes);
AG_API ag_status ag_logistic_sparse_gradient_workspace_csr_f64(const ag_csr_f64* X,
                                                               const ag_logistic_options* options,
                                                               size_t* capacity, size_t* bytes);
AG_API ag_status ag_logistic_sparse_gradient_workspace_csr64_f32(const ag_csr64_f32* X,
                                                                 const ag_logistic_options* options,
                                                                 size_t* capacity, size_t* bytes);
AG_API ag_status ag_logistic_sparse_gradient_workspace_csr64_f64(const ag_csr64_f64* X,
                                                                 const ag_logistic_options* options,
                                                                 size_t* capacity, size_t* bytes);

/* ---- Multinomial logistic regression (softmax) -------------------------------------------------- */

/* Loss and gradient of multinomial logistic regression, with classes >= 1 classes:
 *
 *     m_ik       = <x_i, w_k> (+ intercept_k),  p_ik = exp(m_ik) / sum_l exp(m_il)
 *     loss       = -1/S sum_i s_i log p_i,y_i + (l2 / 2) sum_k ||w_k||^2
 *     gradient_k = 1/S sum_i s_i (p_ik - [k = y_i]) x_i + l2 w_k
 *
 * y: X->rows class numbers of 0, ..., classes - 1 (AG_ERROR_LABEL otherwise), those of the rows visited are looked
 * at. w and gradient: classes rows of cols (+ 1) elements each, without gaps. classes: at most 2^24. options as in
 * ag_logistic, S the sum of the s_i or 1; its labels and class weights are not looked at, and label_smoothing must
 * be 0 (AG_ERROR_INVALID_VALUE). loss, gradient: NULL where not wanted.
 *
 * Accuracy: margins as in ag_logistic, and m_ik less the row's largest margin is rounded once more. Given those
 * differences, and K classes: log sum and residuals p_ik - [k = y_i] are within K + 6 ULP. Row blocks, orders and
 * sums of the gradient are ag_logistic's, sums over classes in the order of the classes. Margins of a row that
 * differ by finite numbers give finite results.
 *
 * Memory: the private gradients of up to 8 chunks of rows, and 256 margins for each class and chunk:
 * options->workspace, or allocated. The _workspace function says how many bytes, without a gradient too. */
AG_API ag_status ag_softmax_dense_f32(const ag_dense_f32* X, size_t classes, const int32_t* y, const float* w,
                                      const ag_logistic_options* options, double* loss, float* gradient);
AG_API ag_status ag_softmax_dense_f64(const ag_dense_f64* X, size_t classes, const int32_t* y,
                                      const double* w, const ag_logistic_options* options, double* loss,
                                      double* gradient);
AG_API ag_status ag_softmax_csr_f32(const ag_csr_f32* X, size_t classes, const int32_t* y, const float* w,
                                    const ag_logistic_options* options, double* loss, float* gradient);
AG_API ag_status ag_softmax_csr_f64(const ag_csr_f64* X, size_t classes, const int32_t* y, const double* w,
                                    const ag_logistic_options* options, double* loss, double* gradient);
AG_API ag_status ag_softmax_csr64_f32(const ag_csr64_f32* X, size_t classes, const int32_t* y, const float* w,
                                      const ag_logistic_options* options, double* loss, float* gradient);
AG_API ag_status ag_softmax_csr64_f64(const ag_csr64_f64* X, size_t classes, const int32_t* y,
                                      const double* w, const ag_logistic_options* options, double* loss,
                                      double* gradient);
AG_API ag_status ag_softmax_dense_workspace_f32(const ag_dense_f32* X, size_t classes,
                                                const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_softmax_dense_workspace_f64(const ag_dense_f64* X, size_t classes,
                                                const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_softmax_csr_workspace_f32(const ag_csr_f32* X, size_t classes,
                                              const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_softmax_csr_workspace_f64(const ag_csr_f64* X, size_t classes,
                                              const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_softmax_csr64_workspace_f32(const ag_csr64_f32* X, size_t classes,
                                                const ag_logistic_options* options, size_t* bytes);
AG_API ag_status ag_softmax_csr64_workspace_f64(const ag_csr64_f64* X, size_t classes,
                                                const ag_logistic_options* options, size_t* bytes);

/* ---- Mini-batches ------------------------------------------------------------------------------ */

/* A permutation of 0, ..., n - 1, each as likely as any other, that depends on n, seed and epoch alone: the order
 * in which an epoch visits the rows. Runs of it are mini-batches (ag_logistic_options::row_indices). The random
 * numbers are those of docs/numerics.md. indices: n elements, written. */
AG_API ag_status ag_shuffle_indices(size_t n, uint64_t seed, uint64_t epoch, int64_t* indices);

#ifdef __cplusplus
}
#endif

#endif
