// SPDX-License-Identifier: BSD-3-Clause
//
// Which C function is whose. The types have the C structs and functions of their own; what follows from these is
// written once, for any Element.

use crate::matrix::{Csr, Dense};
use crate::sys;

type Status = sys::ag_status;
type StepOptions = sys::ag_adagrad_options;
type LogisticOptions = sys::ag_logistic_options;

/// `f32` and `f64`.
pub trait Element: Copy + Default + PartialEq + std::fmt::Debug + sealed::Sealed + 'static {
    #[doc(hidden)]
    type CDense;
    #[doc(hidden)]
    type CCsr;
    #[doc(hidden)]
    const C: Functions<Self>;
    #[doc(hidden)]
    fn c_dense(x: &Dense<Self>) -> Self::CDense;
    #[doc(hidden)]
    fn c_csr(x: &Csr<Self>) -> Self::CCsr;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

type Elementary<T> = unsafe extern "C" fn(usize, *const T, *mut T) -> Status;
type Listed<T> = unsafe extern "C" fn(
    usize,
    usize,
    *mut T,
    *mut T,
    usize,
    *const i64,
    *const T,
    *const StepOptions,
) -> Status;

/// What is there once per form of a matrix.
#[doc(hidden)]
pub struct MatrixFunctions<X, T> {
    pub loss: unsafe extern "C" fn(
        *const X,
        *const T,
        *const T,
        *const LogisticOptions,
        *mut f64,
        *mut T,
    ) -> Status,
    pub margins: unsafe extern "C" fn(*const X, *const T, *const LogisticOptions, *mut T) -> Status,
    pub probabilities: unsafe extern "C" fn(*const X, *const T, *const LogisticOptions, *mut T) -> Status,
    pub hessian_vector: unsafe extern "C" fn(
        *const X,
        *const T,
        *const T,
        *const T,
        *const LogisticOptions,
        *mut T,
    ) -> Status,
    pub hessian_diagonal:
        unsafe extern "C" fn(*const X, *const T, *const T, *const LogisticOptions, *mut T) -> Status,
    pub smoothness: unsafe extern "C" fn(
        *const X,
        *const T,
        *const LogisticOptions,
        sys::ag_smoothness,
        *mut T,
    ) -> Status,
    pub noise: unsafe extern "C" fn(*const X, *const T, *const T, *const LogisticOptions, *mut T) -> Status,
    pub softmax: unsafe extern "C" fn(
        *const X,
        usize,
        *const i32,
        *const T,
        *const LogisticOptions,
        *mut f64,
        *mut T,
    ) -> Status,
}

#[doc(hidden)]
pub struct Functions<T: Element> {
    pub init: unsafe extern "C" fn(usize, *mut T, f64) -> Status,
    pub step: unsafe extern "C" fn(usize, *mut T, *const T, *mut T, *const StepOptions) -> Status,
    pub step_averaged:
        unsafe extern "C" fn(usize, *mut T, *const T, *mut T, *mut T, usize, *const StepOptions) -> Status,
    pub step_projected: unsafe extern "C" fn(
        usize,
        *mut T,
        *const T,
        *mut T,
        *const StepOptions,
        *const sys::ag_set,
    ) -> Status,
    pub step_sparse: unsafe extern "C" fn(
        usize,
        *mut T,
        *mut T,
        usize,
        *const i64,
        *const T,
        *const StepOptions,
    ) -> Status,
    pub step_rows: Listed<T>,
    pub step_rowwise: Listed<T>,
    pub norm_step: unsafe extern "C" fn(usize, *mut T, *const T, *mut f64, *const StepOptions) -> Status,
    pub dual_averaging_step:
        unsafe extern "C" fn(usize, *mut T, *const T, *mut T, *mut T, usize, *const StepOptions) -> Status,
    pub sgd_step: unsafe extern "C" fn(usize, *mut T, *const T, *const StepOptions) -> Status,
    pub average: unsafe extern "C" fn(usize, *mut T, *const T, usize) -> Status,
    pub squared_norm: unsafe extern "C" fn(usize, *const T, *mut f64) -> Status,
    pub first_non_finite: unsafe extern "C" fn(usize, *const T, *mut usize) -> Status,
    pub project: unsafe extern "C" fn(usize, *mut T, *const T, *const sys::ag_set) -> Status,
    pub exp: Elementary<T>,
    pub log1p: Elementary<T>,
    pub sigmoid: Elementary<T>,
    pub softplus: Elementary<T>,
    pub dense: MatrixFunctions<T::CDense, T>,
    pub csr: MatrixFunctions<T::CCsr, T>,
}

impl Element for f32 {
    type CDense = sys::ag_dense_f32;
    type CCsr = sys::ag_csr_f32;
    const C: Functions<f32> = Functions {
        init: sys::ag_adagrad_init_f32,
        step: sys::ag_adagrad_step_f32,
        step_averaged: sys::ag_adagrad_step_averaged_f32,
        step_projected: sys::ag_adagrad_step_projected_f32,
        step_sparse: sys::ag_adagrad_step_sparse_f32,
        step_rows: sys::ag_adagrad_step_rows_f32,
        step_rowwise: sys::ag_adagrad_step_rowwise_f32,
        norm_step: sys::ag_adagrad_norm_step_f32,
        dual_averaging_step: sys::ag_adagrad_dual_averaging_step_f32,
        sgd_step: sys::ag_sgd_step_f32,
        average: sys::ag_average_f32,
        squared_norm: sys::ag_squared_norm_f32,
        first_non_finite: sys::ag_first_non_finite_f32,
        project: sys::ag_project_f32,
        exp: sys::ag_exp_f32,
        log1p: sys::ag_log1p_f32,
        sigmoid: sys::ag_sigmoid_f32,
        softplus: sys::ag_softplus_f32,
        dense: MatrixFunctions {
            loss: sys::ag_logistic_dense_f32,
            margins: sys::ag_logistic_margins_dense_f32,
            probabilities: sys::ag_logistic_probabilities_dense_f32,
            hessian_vector: sys::ag_logistic_hessian_vector_dense_f32,
            hessian_diagonal: sys::ag_logistic_hessian_diagonal_dense_f32,
            smoothness: sys::ag_logistic_smoothness_dense_f32,
            noise: sys::ag_logistic_noise_dense_f32,
            softmax: sys::ag_softmax_dense_f32,
        },
        csr: MatrixFunctions {
            loss: sys::ag_logistic_csr_f32,
            margins: sys::ag_logistic_margins_csr_f32,
            probabilities: sys::ag_logistic_probabilities_csr_f32,
            hessian_vector: sys::ag_logistic_hessian_vector_csr_f32,
            hessian_diagonal: sys::ag_logistic_hessian_diagonal_csr_f32,
            smoothness: sys::ag_logistic_smoothness_csr_f32,
            noise: sys::ag_logistic_noise_csr_f32,
            softmax: sys::ag_softmax_csr_f32,
        },
    };
    fn c_dense(x: &Dense<f32>) -> Self::CDense {
        sys::ag_dense_f32 { rows: x.rows, cols: x.cols, row_stride: x.row_stride, values: x.values.as_ptr() }
    }
    fn c_csr(x: &Csr<f32>) -> Self::CCsr {
        sys::ag_csr_f32 {
            rows: x.rows,
            cols: x.cols,
            row_offsets: x.row_offsets.as_ptr(),
            columns: x.columns.as_ptr(),
            values: x.values.map_or(std::ptr::null(), |values| values.as_ptr()),
        }
    }
}

impl Element for f64 {
    type CDense = sys::ag_dense_f64;
    type CCsr = sys::ag_csr_f64;
    const C: Functions<f64> = Functions {
        init: sys::ag_adagrad_init_f64,
        step: sys::ag_adagrad_step_f64,
        step_averaged: sys::ag_adagrad_step_averaged_f64,
        step_projected: sys::ag_adagrad_step_projected_f64,
        step_sparse: sys::ag_adagrad_step_sparse_f64,
        step_rows: sys::ag_adagrad_step_rows_f64,
        step_rowwise: sys::ag_adagrad_step_rowwise_f64,
        norm_step: sys::ag_adagrad_norm_step_f64,
        dual_averaging_step: sys::ag_adagrad_dual_averaging_step_f64,
        sgd_step: sys::ag_sgd_step_f64,
        average: sys::ag_average_f64,
        squared_norm: sys::ag_squared_norm_f64,
        first_non_finite: sys::ag_first_non_finite_f64,
        project: sys::ag_project_f64,
        exp: sys::ag_exp_f64,
        log1p: sys::ag_log1p_f64,
        sigmoid: sys::ag_sigmoid_f64,
        softplus: sys::ag_softplus_f64,
        dense: MatrixFunctions {
            loss: sys::ag_logistic_dense_f64,
            margins: sys::ag_logistic_margins_dense_f64,
            probabilities: sys::ag_logistic_probabilities_dense_f64,
            hessian_vector: sys::ag_logistic_hessian_vector_dense_f64,
            hessian_diagonal: sys::ag_logistic_hessian_diagonal_dense_f64,
            smoothness: sys::ag_logistic_smoothness_dense_f64,
            noise: sys::ag_logistic_noise_dense_f64,
            softmax: sys::ag_softmax_dense_f64,
        },
        csr: MatrixFunctions {
            loss: sys::ag_logistic_csr_f64,
            margins: sys::ag_logistic_margins_csr_f64,
            probabilities: sys::ag_logistic_probabilities_csr_f64,
            hessian_vector: sys::ag_logistic_hessian_vector_csr_f64,
            hessian_diagonal: sys::ag_logistic_hessian_diagonal_csr_f64,
            smoothness: sys::ag_logistic_smoothness_csr_f64,
            noise: sys::ag_logistic_noise_csr_f64,
            softmax: sys::ag_softmax_csr_f64,
        },
    };
    fn c_dense(x: &Dense<f64>) -> Self::CDense {
        sys::ag_dense_f64 { rows: x.rows, cols: x.cols, row_stride: x.row_stride, values: x.values.as_ptr() }
    }
    fn c_csr(x: &Csr<f64>) -> Self::CCsr {
        sys::ag_csr_f64 {
            rows: x.rows,
            cols: x.cols,
            row_offsets: x.row_offsets.as_ptr(),
            columns: x.columns.as_ptr(),
            values: x.values.map_or(std::ptr::null(), |values| values.as_ptr()),
        }
    }
}
