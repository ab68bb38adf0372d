// SPDX-License-Identifier: BSD-3-Clause

use crate::element::Element;
use crate::error::{check_length, Result};
use crate::sys;
use std::mem::MaybeUninit;

/// Where epsilon enters lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum EpsilonMode {
    /// lambda = sqrt(v), with v started at epsilon^2 (the paper; the default).
    InState = sys::AG_EPSILON_IN_STATE as i32,
    /// lambda = sqrt(v) + epsilon (PyTorch).
    Outside = sys::AG_EPSILON_OUTSIDE as i32,
    /// lambda = sqrt(v + epsilon) (Keras).
    Inside = sys::AG_EPSILON_INSIDE as i32,
}

/// Whether a step's quotient is the correctly rounded one on every machine, or within 3 ULP and faster in cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Math {
    Strict = sys::AG_MATH_STRICT as i32,
    Fast = sys::AG_MATH_FAST as i32,
}

/// The options of a step, as in `ag_adagrad_options`.
///
///     let options = anisograd::StepOptions { learning_rate: 0.1, ..Default::default() };
#[derive(Clone, Copy, Debug)]
pub struct StepOptions {
    pub learning_rate: f64,
    pub epsilon: f64,
    pub epsilon_mode: EpsilonMode,
    pub maximize: bool,
    pub weight_decay: f64,
    pub decoupled_weight_decay: f64,
    pub gradient_scale: f64,
    pub l1: f64,
    pub l2: f64,
    pub math: Math,
}

fn default_step() -> sys::ag_adagrad_options {
    let mut options = MaybeUninit::uninit();
    // SAFETY: the function fills in the whole struct, whose size it is told.
    unsafe {
        sys::ag_adagrad_options_init_sized(
            options.as_mut_ptr(),
            std::mem::size_of::<sys::ag_adagrad_options>(),
        );
        options.assume_init()
    }
}

impl Default for StepOptions {
    fn default() -> Self {
        let c = default_step();
        StepOptions {
            learning_rate: c.learning_rate,
            epsilon: c.epsilon,
            epsilon_mode: EpsilonMode::InState,
            maximize: c.maximize != 0,
            weight_decay: c.weight_decay,
            decoupled_weight_decay: c.decoupled_weight_decay,
            gradient_scale: c.gradient_scale,
            l1: c.l1,
            l2: c.l2,
            math: Math::Strict,
        }
    }
}

impl StepOptions {
    pub(crate) fn c(&self) -> sys::ag_adagrad_options {
        sys::ag_adagrad_options {
            learning_rate: self.learning_rate,
            epsilon: self.epsilon,
            epsilon_mode: self.epsilon_mode as i32,
            maximize: self.maximize as i32,
            weight_decay: self.weight_decay,
            decoupled_weight_decay: self.decoupled_weight_decay,
            gradient_scale: self.gradient_scale,
            l1: self.l1,
            l2: self.l2,
            math: self.math as i32,
            ..default_step()
        }
    }
}

/// What labels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Labels {
    PlusMinusOne = sys::AG_LABELS_PLUS_MINUS_ONE as i32,
    ZeroOne = sys::AG_LABELS_ZERO_ONE as i32,
    /// The probability of the positive class, in [0, 1].
    Probability = sys::AG_LABELS_PROBABILITY as i32,
}

/// Whether sums over rows are divided by the sum of the sample weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Reduction {
    Mean = sys::AG_REDUCTION_MEAN as i32,
    Sum = sys::AG_REDUCTION_SUM as i32,
}

/// The options of logistic regression, as in `ag_logistic_options`.
#[derive(Clone, Copy, Debug)]
pub struct LogisticOptions<'a, T> {
    pub labels: Labels,
    pub reduction: Reduction,
    pub fit_intercept: bool,
    pub l2: f64,
    /// One per row of the matrix; None: ones.
    pub sample_weight: Option<&'a [T]>,
    /// The mini-batch; None: all rows.
    pub row_indices: Option<&'a [i64]>,
    pub positive_weight: f64,
    pub negative_weight: f64,
    pub label_smoothing: f64,
}

fn default_logistic() -> sys::ag_logistic_options {
    let mut options = MaybeUninit::uninit();
    // SAFETY: as in default_step.
    unsafe {
        sys::ag_logistic_options_init_sized(
            options.as_mut_ptr(),
            std::mem::size_of::<sys::ag_logistic_options>(),
        );
        options.assume_init()
    }
}

impl<T> Default for LogisticOptions<'_, T> {
    fn default() -> Self {
        let c = default_logistic();
        LogisticOptions {
            labels: Labels::PlusMinusOne,
            reduction: Reduction::Mean,
            fit_intercept: c.fit_intercept != 0,
            l2: c.l2,
            sample_weight: None,
            row_indices: None,
            positive_weight: c.positive_weight,
            negative_weight: c.negative_weight,
            label_smoothing: c.label_smoothing,
        }
    }
}

impl<T: Element> LogisticOptions<'_, T> {
    /// For a matrix of so many rows.
    pub(crate) fn c(&self, rows: usize) -> Result<sys::ag_logistic_options> {
        let mut c = sys::ag_logistic_options {
            labels: self.labels as i32,
            reduction: self.reduction as i32,
            fit_intercept: self.fit_intercept as i32,
            l2: self.l2,
            positive_weight: self.positive_weight,
            negative_weight: self.negative_weight,
            label_smoothing: self.label_smoothing,
            ..default_logistic()
        };
        if let Some(weights) = self.sample_weight {
            check_length("sample_weight", weights.len(), rows)?;
            c.sample_weight = weights.as_ptr().cast();
        }
        if let Some(indices) = self.row_indices {
            c.row_indices = indices.as_ptr();
            c.row_count = indices.len();
        }
        Ok(c)
    }

    pub(crate) fn visited(&self, rows: usize) -> usize {
        self.row_indices.map_or(rows, <[i64]>::len)
    }

    pub(crate) fn parameters(&self, cols: usize) -> usize {
        cols + self.fit_intercept as usize
    }
}
