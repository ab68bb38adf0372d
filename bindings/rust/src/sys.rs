// SPDX-License-Identifier: BSD-3-Clause
//! The C interface as it is, declared from the installed header, whose comments document it.
#![allow(non_camel_case_types, non_upper_case_globals, missing_docs)]

include!(concat!(env!("OUT_DIR"), "/declarations.rs"));
