// SPDX-License-Identifier: BSD-3-Clause
//! AdaGrad steps, projections in AdaGrad's metric, and logistic loss: a safe interface to the C library anisograd.
//!
//! Each function is that of the C interface without its prefix and type; `anisograd.h` documents it. Lengths are checked
//! here, everything else there, before anything is written. [`sys`] is the whole C interface, with what has no safe
//! function here: lists of tensors, projections of rows, numbers of 16 bits, compressed accumulators, bags, 64-bit
//! columns, sparse gradients, sharded vectors, workspaces.
//!
//!     let mut w = [1.0f32, 2.0, 3.0];
//!     let mut v = [0.0f32; 3];
//!     anisograd::adagrad_init(&mut v, 1e-3)?;
//!     let ball = anisograd::Set::L2Ball { radius: 2.0, center: None };
//!     let g = [0.5, -1.0, 2.0];
//!     let report = anisograd::adagrad_step_projected(&mut w, &g, &mut v, &Default::default(), &ball)?;
//!     assert!(!report.inside);
//!     # Ok::<(), anisograd::Error>(())

mod element;
mod error;
mod matrix;
mod options;
mod set;
pub mod sys;

pub use element::Element;
pub use error::{Error, Result};
pub use matrix::{Csr, Dense, Matrix};
pub use options::{EpsilonMode, Labels, LogisticOptions, Math, Reduction, StepOptions};
pub use set::{Bound, Groups, Report, Set};

use error::{check, check_length, text};
use std::ptr;

// SAFETY of all calls below: every pointer comes from a slice whose length is what the C function is told, or was
// compared with it; outputs are exclusive borrows; the library keeps no pointer.

// ---- The library ----

/// The library's version, such as "0.1.0".
pub fn version() -> String {
    text(unsafe { sys::ag_version_string() })
}

/// The name of the instruction set that kernels run on; "none" where `ANISOGRAD_ISA` cannot be honoured.
pub fn active_isa() -> String {
    text(unsafe { sys::ag_isa_name(sys::ag_active_isa()) })
}

/// The most threads of a call, for the whole process; 0: automatic.
pub fn set_num_threads(count: i32) -> Result<()> {
    check(unsafe { sys::ag_set_num_threads(count) })
}

/// The most threads that a call made now would use.
pub fn num_threads() -> usize {
    unsafe { sys::ag_get_num_threads() as usize }
}

// ---- Steps ----

/// Starts an accumulator at epsilon^2.
pub fn adagrad_init<T: Element>(v: &mut [T], epsilon: f64) -> Result<()> {
    check(unsafe { (T::C.init)(v.len(), v.as_mut_ptr(), epsilon) })
}

/// One AdaGrad step (option II of the paper).
pub fn adagrad_step<T: Element>(w: &mut [T], g: &[T], v: &mut [T], options: &StepOptions) -> Result<()> {
    check_length("g", g.len(), w.len())?;
    check_length("v", v.len(), w.len())?;
    check(unsafe { (T::C.step)(w.len(), w.as_mut_ptr(), g.as_ptr(), v.as_mut_ptr(), &options.c()) })
}

/// [`adagrad_step`], then [`average`], in one pass.
pub fn adagrad_step_averaged<T: Element>(
    w: &mut [T],
    g: &[T],
    v: &mut [T],
    mean: &mut [T],
    t: usize,
    options: &StepOptions,
) -> Result<()> {
    check_length("g", g.len(), w.len())?;
    check_length("v", v.len(), w.len())?;
    check_length("mean", mean.len(), w.len())?;
    check(unsafe {
        (T::C.step_averaged)(
            w.len(),
            w.as_mut_ptr(),
            g.as_ptr(),
            v.as_mut_ptr(),
            mean.as_mut_ptr(),
            t,
            &options.c(),
        )
    })
}

/// One AdaGrad step, projected onto the set in the norm of the same step's Lambda (option I of the paper).
pub fn adagrad_step_projected<T: Element>(
    w: &mut [T],
    g: &[T],
    v: &mut [T],
    options: &StepOptions,
    set: &Set<T>,
) -> Result<Report> {
    check_length("g", g.len(), w.len())?;
    check_length("v", v.len(), w.len())?;
    set.c(w.len())?.reported(|set| {
        check(unsafe {
            (T::C.step_projected)(w.len(), w.as_mut_ptr(), g.as_ptr(), v.as_mut_ptr(), &options.c(), set)
        })
    })
}

/// One AdaGrad step of listed coordinates; gradients of one that is listed several times add up first.
pub fn adagrad_step_sparse<T: Element>(
    w: &mut [T],
    v: &mut [T],
    indices: &[i64],
    g: &[T],
    options: &StepOptions,
) -> Result<()> {
    check_length("v", v.len(), w.len())?;
    check_length("g", g.len(), indices.len())?;
    check(unsafe {
        (T::C.step_sparse)(
            w.len(),
            w.as_mut_ptr(),
            v.as_mut_ptr(),
            indices.len(),
            indices.as_ptr(),
            g.as_ptr(),
            &options.c(),
        )
    })
}

/// One AdaGrad step of listed rows of a table of `cols` columns, with one accumulator per element.
pub fn adagrad_step_rows<T: Element>(
    cols: usize,
    w: &mut [T],
    v: &mut [T],
    row_indices: &[i64],
    g: &[T],
    options: &StepOptions,
) -> Result<()> {
    check_length("v", v.len(), w.len())?;
    step_listed(T::C.step_rows, cols, w, v, row_indices, g, options)
}

/// The same with one accumulator per row, which takes the mean of the row's squares.
pub fn adagrad_step_rowwise<T: Element>(
    cols: usize,
    w: &mut [T],
    v: &mut [T],
    row_indices: &[i64],
    g: &[T],
    options: &StepOptions,
) -> Result<()> {
    check_length("v", v.len(), rows_of(cols, w.len())?)?;
    step_listed(T::C.step_rowwise, cols, w, v, row_indices, g, options)
}

fn rows_of(cols: usize, elements: usize) -> Result<usize> {
    if cols == 0 || elements % cols != 0 {
        return Err(Error::size(format!("w has {elements} elements, not rows of {cols}")));
    }
    Ok(elements / cols)
}

type Listed<T> = unsafe extern "C" fn(
    usize,
    usize,
    *mut T,
    *mut T,
    usize,
    *const i64,
    *const T,
    *const sys::ag_adagrad_options,
) -> i32;

fn step_listed<T: Element>(
    function: Listed<T>,
    cols: usize,
    w: &mut [T],
    v: &mut [T],
    row_indices: &[i64],
    g: &[T],
    options: &StepOptions,
) -> Result<()> {
    let rows = rows_of(cols, w.len())?;
    check_length("g", g.len(), row_indices.len().saturating_mul(cols))?;
    check(unsafe {
        function(
            rows,
            cols,
            w.as_mut_ptr(),
            v.as_mut_ptr(),
            row_indices.len(),
            row_indices.as_ptr(),
            g.as_ptr(),
            &options.c(),
        )
    })
}

/// One AdaGrad-Norm step: one accumulator for all coordinates.
pub fn adagrad_norm_step<T: Element>(w: &mut [T], g: &[T], v: &mut f64, options: &StepOptions) -> Result<()> {
    check_length("g", g.len(), w.len())?;
    check(unsafe { (T::C.norm_step)(w.len(), w.as_mut_ptr(), g.as_ptr(), v, &options.c()) })
}

/// One step of regularised dual averaging; `t` = 1, 2, … is its number.
pub fn adagrad_dual_averaging_step<T: Element>(
    w: &mut [T],
    g: &[T],
    v: &mut [T],
    gradient_sum: &mut [T],
    t: usize,
    options: &StepOptions,
) -> Result<()> {
    check_length("g", g.len(), w.len())?;
    check_length("v", v.len(), w.len())?;
    check_length("gradient_sum", gradient_sum.len(), w.len())?;
    check(unsafe {
        (T::C.dual_averaging_step)(
            w.len(),
            w.as_mut_ptr(),
            g.as_ptr(),
            v.as_mut_ptr(),
            gradient_sum.as_mut_ptr(),
            t,
            &options.c(),
        )
    })
}

/// One SGD step.
pub fn sgd_step<T: Element>(w: &mut [T], g: &[T], options: &StepOptions) -> Result<()> {
    check_length("g", g.len(), w.len())?;
    check(unsafe { (T::C.sgd_step)(w.len(), w.as_mut_ptr(), g.as_ptr(), &options.c()) })
}

/// The running average of iterates: mean + (w - mean) / t, with `t` = 1, 2, …
pub fn average<T: Element>(mean: &mut [T], w: &[T], t: usize) -> Result<()> {
    check_length("w", w.len(), mean.len())?;
    check(unsafe { (T::C.average)(mean.len(), mean.as_mut_ptr(), w.as_ptr(), t) })
}

/// The sum of the squares, in double.
pub fn squared_norm<T: Element>(x: &[T]) -> Result<f64> {
    let mut result = 0.0;
    check(unsafe { (T::C.squared_norm)(x.len(), x.as_ptr(), &mut result) })?;
    Ok(result)
}

/// The position of the first infinity or NaN.
pub fn first_non_finite<T: Element>(x: &[T]) -> Result<Option<usize>> {
    let mut position = 0;
    check(unsafe { (T::C.first_non_finite)(x.len(), x.as_ptr(), &mut position) })?;
    Ok(if position < x.len() { Some(position) } else { None })
}

// ---- Projections ----

/// Projects x onto the set in the norm of diag(lambda); None: the Euclidean norm.
pub fn project<T: Element>(x: &mut [T], lambda: Option<&[T]>, set: &Set<T>) -> Result<Report> {
    if let Some(lambda) = lambda {
        check_length("lambda", lambda.len(), x.len())?;
    }
    let weights = lambda.map_or(ptr::null(), |lambda| lambda.as_ptr());
    set.c(x.len())?.reported(|set| check(unsafe { (T::C.project)(x.len(), x.as_mut_ptr(), weights, set) }))
}

// ---- Elementary functions ----

fn map<T: Element>(
    function: unsafe extern "C" fn(usize, *const T, *mut T) -> i32,
    x: &[T],
    out: &mut [T],
) -> Result<()> {
    check_length("out", out.len(), x.len())?;
    check(unsafe { function(x.len(), x.as_ptr(), out.as_mut_ptr()) })
}

/// e^x, within 1 ULP.
pub fn exp<T: Element>(x: &[T], out: &mut [T]) -> Result<()> {
    map(T::C.exp, x, out)
}

/// log(1 + x), within 1 ULP.
pub fn log1p<T: Element>(x: &[T], out: &mut [T]) -> Result<()> {
    map(T::C.log1p, x, out)
}

/// 1 / (1 + e^-x), within 1 ULP.
pub fn sigmoid<T: Element>(x: &[T], out: &mut [T]) -> Result<()> {
    map(T::C.sigmoid, x, out)
}

/// log(1 + e^x), within 1 ULP.
pub fn softplus<T: Element>(x: &[T], out: &mut [T]) -> Result<()> {
    map(T::C.softplus, x, out)
}

// ---- Logistic regression ----

/// Calls the function of the matrix's form.
fn with_matrix<T: Element>(
    x: &Matrix<T>,
    dense: impl FnOnce(&element::MatrixFunctions<T::CDense, T>, *const T::CDense) -> i32,
    csr: impl FnOnce(&element::MatrixFunctions<T::CCsr, T>, *const T::CCsr) -> i32,
) -> Result<()> {
    check(match x {
        Matrix::Dense(x) => dense(&T::C.dense, &T::c_dense(x)),
        Matrix::Csr(x) => csr(&T::C.csr, &T::c_csr(x)),
    })
}

/// The loss; and its gradient, where there is room for one.
pub fn logistic<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    y: &[T],
    w: &[T],
    options: &LogisticOptions<T>,
    gradient: Option<&mut [T]>,
) -> Result<f64> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("y", y.len(), x.rows())?;
    check_length("w", w.len(), options.parameters(x.cols()))?;
    let mut loss = 0.0;
    let gradient = match gradient {
        None => ptr::null_mut(),
        Some(gradient) => {
            check_length("gradient", gradient.len(), w.len())?;
            gradient.as_mut_ptr()
        }
    };
    let (y, w, sum) = (y.as_ptr(), w.as_ptr(), &mut loss as *mut f64);
    with_matrix(
        &x,
        |c, x| unsafe { (c.loss)(x, y, w, &o, sum, gradient) },
        |c, x| unsafe { (c.loss)(x, y, w, &o, sum, gradient) },
    )?;
    Ok(loss)
}

/// The margins of the rows visited.
pub fn logistic_margins<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    w: &[T],
    options: &LogisticOptions<T>,
    margins: &mut [T],
) -> Result<()> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("w", w.len(), options.parameters(x.cols()))?;
    check_length("margins", margins.len(), options.visited(x.rows()))?;
    let (w, margins) = (w.as_ptr(), margins.as_mut_ptr());
    with_matrix(
        &x,
        |c, x| unsafe { (c.margins)(x, w, &o, margins) },
        |c, x| unsafe { (c.margins)(x, w, &o, margins) },
    )
}

/// The probabilities of the positive class of the rows visited.
pub fn logistic_probabilities<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    w: &[T],
    options: &LogisticOptions<T>,
    probabilities: &mut [T],
) -> Result<()> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("w", w.len(), options.parameters(x.cols()))?;
    check_length("probabilities", probabilities.len(), options.visited(x.rows()))?;
    let (w, probabilities) = (w.as_ptr(), probabilities.as_mut_ptr());
    with_matrix(
        &x,
        |c, x| unsafe { (c.probabilities)(x, w, &o, probabilities) },
        |c, x| unsafe { (c.probabilities)(x, w, &o, probabilities) },
    )
}

/// The Hessian at w times a direction.
pub fn logistic_hessian_vector<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    y: &[T],
    w: &[T],
    direction: &[T],
    options: &LogisticOptions<T>,
    product: &mut [T],
) -> Result<()> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("y", y.len(), x.rows())?;
    check_length("w", w.len(), options.parameters(x.cols()))?;
    check_length("direction", direction.len(), w.len())?;
    check_length("product", product.len(), w.len())?;
    let (y, w, direction, product) = (y.as_ptr(), w.as_ptr(), direction.as_ptr(), product.as_mut_ptr());
    with_matrix(
        &x,
        |c, x| unsafe { (c.hessian_vector)(x, y, w, direction, &o, product) },
        |c, x| unsafe { (c.hessian_vector)(x, y, w, direction, &o, product) },
    )
}

/// The Hessian's diagonal at w.
pub fn logistic_hessian_diagonal<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    y: &[T],
    w: &[T],
    options: &LogisticOptions<T>,
    diagonal: &mut [T],
) -> Result<()> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("y", y.len(), x.rows())?;
    check_length("w", w.len(), options.parameters(x.cols()))?;
    check_length("diagonal", diagonal.len(), w.len())?;
    let (y, w, diagonal) = (y.as_ptr(), w.as_ptr(), diagonal.as_mut_ptr());
    with_matrix(
        &x,
        |c, x| unsafe { (c.hessian_diagonal)(x, y, w, &o, diagonal) },
        |c, x| unsafe { (c.hessian_diagonal)(x, y, w, &o, diagonal) },
    )
}

/// Which constants [`logistic_smoothness`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Smoothness {
    /// Of each coordinate alone.
    Coordinate = sys::AG_SMOOTHNESS_COORDINATE as i32,
    /// Of the paper's anisotropic smoothness.
    Anisotropic = sys::AG_SMOOTHNESS_ANISOTROPIC as i32,
}

/// The constants L_j of the logistic loss.
pub fn logistic_smoothness<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    y: &[T],
    options: &LogisticOptions<T>,
    kind: Smoothness,
    smoothness: &mut [T],
) -> Result<()> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("y", y.len(), x.rows())?;
    check_length("smoothness", smoothness.len(), options.parameters(x.cols()))?;
    let (y, smoothness) = (y.as_ptr(), smoothness.as_mut_ptr());
    with_matrix(
        &x,
        |c, x| unsafe { (c.smoothness)(x, y, &o, kind as i32, smoothness) },
        |c, x| unsafe { (c.smoothness)(x, y, &o, kind as i32, smoothness) },
    )
}

/// The standard deviations sigma_j of the stochastic gradient at w.
pub fn logistic_noise<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    y: &[T],
    w: &[T],
    options: &LogisticOptions<T>,
    noise: &mut [T],
) -> Result<()> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("y", y.len(), x.rows())?;
    check_length("w", w.len(), options.parameters(x.cols()))?;
    check_length("noise", noise.len(), w.len())?;
    let (y, w, noise) = (y.as_ptr(), w.as_ptr(), noise.as_mut_ptr());
    with_matrix(
        &x,
        |c, x| unsafe { (c.noise)(x, y, w, &o, noise) },
        |c, x| unsafe { (c.noise)(x, y, w, &o, noise) },
    )
}

/// The multinomial loss of class numbers y in 0 .. classes; and its gradient, where there is room for one. w and
/// gradient have a row of parameters for each class.
pub fn softmax<'a, T: Element>(
    x: impl Into<Matrix<'a, T>>,
    classes: usize,
    y: &[i32],
    w: &[T],
    options: &LogisticOptions<T>,
    gradient: Option<&mut [T]>,
) -> Result<f64> {
    let x = x.into();
    let o = options.c(x.rows())?;
    check_length("y", y.len(), x.rows())?;
    check_length("w", w.len(), options.parameters(x.cols()).saturating_mul(classes))?;
    let mut loss = 0.0;
    let gradient = match gradient {
        None => ptr::null_mut(),
        Some(gradient) => {
            check_length("gradient", gradient.len(), w.len())?;
            gradient.as_mut_ptr()
        }
    };
    let (y, w, sum) = (y.as_ptr(), w.as_ptr(), &mut loss as *mut f64);
    with_matrix(
        &x,
        |c, x| unsafe { (c.softmax)(x, classes, y, w, &o, sum, gradient) },
        |c, x| unsafe { (c.softmax)(x, classes, y, w, &o, sum, gradient) },
    )?;
    Ok(loss)
}

/// A permutation of 0, …, n - 1 that depends on n, seed and epoch alone.
pub fn shuffle_indices(n: usize, seed: u64, epoch: u64) -> Result<Vec<i64>> {
    let mut indices = vec![0; n];
    check(unsafe { sys::ag_shuffle_indices(n, seed, epoch, indices.as_mut_ptr()) })?;
    Ok(indices)
}
