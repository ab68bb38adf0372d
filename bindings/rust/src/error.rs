// SPDX-License-Identifier: BSD-3-Clause

use crate::sys;
use std::ffi::CStr;
use std::fmt;

/// What a function refused: the C function's status, and its message, which names the argument.
/// Nothing has been written then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// An `AG_ERROR_…` of [`crate::sys`].
    pub status: i32,
    /// The function, the argument, its value, and for a slice the position.
    pub message: String,
}

/// The result of everything that can be refused.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// For what the C interface cannot see, such as the length of a slice.
    pub(crate) fn size(message: String) -> Error {
        Error { status: sys::AG_ERROR_SIZE as i32, message }
    }
}

pub(crate) fn text(c: *const std::os::raw::c_char) -> String {
    // SAFETY: the library's strings are never null and end with a zero.
    unsafe { CStr::from_ptr(c) }.to_string_lossy().into_owned()
}

pub(crate) fn check(status: sys::ag_status) -> Result<()> {
    if status == sys::AG_OK as i32 {
        return Ok(());
    }
    // SAFETY: no arguments.
    Err(Error { status, message: text(unsafe { sys::ag_last_error() }) })
}

/// That a slice has the length that the C function will take it for.
pub(crate) fn check_length(name: &str, length: usize, expected: usize) -> Result<()> {
    if length == expected {
        return Ok(());
    }
    Err(Error::size(format!("{name} has {length} elements, not {expected}")))
}
