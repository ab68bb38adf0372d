// SPDX-License-Identifier: BSD-3-Clause

use crate::element::Element;
use crate::error::{Error, Result};

/// A dense matrix, row-major: element (i, j) is `values[i * row_stride + j]`.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a, T> {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_stride: usize,
    pub(crate) values: &'a [T],
}

impl<'a, T: Element> Dense<'a, T> {
    /// Rows without gaps.
    pub fn new(rows: usize, cols: usize, values: &'a [T]) -> Result<Self> {
        Dense::with_stride(rows, cols, cols, values)
    }

    /// Rows that lie `row_stride >= cols` elements apart.
    pub fn with_stride(rows: usize, cols: usize, row_stride: usize, values: &'a [T]) -> Result<Self> {
        let needed = match rows {
            0 => Some(0),
            _ => (rows - 1).checked_mul(row_stride).and_then(|last| last.checked_add(cols)),
        };
        if row_stride < cols || needed.map_or(true, |needed| needed > values.len()) {
            return Err(Error::size(format!(
                "{rows} rows of {cols} elements, {row_stride} apart, do not fit {} values",
                values.len()
            )));
        }
        Ok(Dense { rows, cols, row_stride, values })
    }
}

/// A sparse matrix, compressed by rows: row i has the entries `row_offsets[i] .. row_offsets[i + 1]`, each in a column
/// from 0.
#[derive(Clone, Copy, Debug)]
pub struct Csr<'a, T> {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_offsets: &'a [i64],
    pub(crate) columns: &'a [i32],
    pub(crate) values: Option<&'a [T]>,
}

impl<'a, T: Element> Csr<'a, T> {
    /// `values`: None where each entry is 1. Columns, and offsets but the last, are checked by each call.
    pub fn new(
        cols: usize,
        row_offsets: &'a [i64],
        columns: &'a [i32],
        values: Option<&'a [T]>,
    ) -> Result<Self> {
        let entries = values.map_or(columns.len(), |values| values.len().min(columns.len()));
        match row_offsets.last() {
            None => {
                return Err(Error::size("row_offsets is empty: it has one element more than rows".into()))
            }
            Some(&end) if end < 0 || end as u64 > entries as u64 => {
                return Err(Error::size(format!(
                    "row_offsets ends with {end}, but there are {entries} entries"
                )))
            }
            Some(_) => {}
        }
        Ok(Csr { rows: row_offsets.len() - 1, cols, row_offsets, columns, values })
    }
}

/// A matrix of either form.
#[derive(Clone, Copy, Debug)]
pub enum Matrix<'a, T> {
    Dense(Dense<'a, T>),
    Csr(Csr<'a, T>),
}

impl<'a, T> From<Dense<'a, T>> for Matrix<'a, T> {
    fn from(dense: Dense<'a, T>) -> Self {
        Matrix::Dense(dense)
    }
}

impl<'a, T> From<Csr<'a, T>> for Matrix<'a, T> {
    fn from(csr: Csr<'a, T>) -> Self {
        Matrix::Csr(csr)
    }
}

impl<T> Matrix<'_, T> {
    pub fn rows(&self) -> usize {
        match self {
            Matrix::Dense(x) => x.rows,
            Matrix::Csr(x) => x.rows,
        }
    }
    pub fn cols(&self) -> usize {
        match self {
            Matrix::Dense(x) => x.cols,
            Matrix::Csr(x) => x.cols,
        }
    }
}
