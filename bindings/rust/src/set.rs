// SPDX-License-Identifier: BSD-3-Clause

use crate::element::Element;
use crate::error::{check_length, Result};
use crate::sys;
use std::mem::MaybeUninit;
use std::ptr;

/// A bound of each coordinate.
#[derive(Clone, Copy, Debug)]
pub enum Bound<'a, T> {
    /// The same for all; infinities are allowed.
    All(f64),
    Each(&'a [T]),
}

/// How a group ball's groups lie.
#[derive(Clone, Copy, Debug)]
pub enum Groups<'a> {
    /// All of so many elements, but for a last one that may have fewer.
    Equal(usize),
    /// Group g is the elements `offsets[g] .. offsets[g + 1]`.
    Listed(&'a [i64]),
}

/// A set to project onto; `center`: None is the origin, `normal`: None is all ones. The problems that these define, with
/// their accuracy, are described at `ag_set_kind` and `ag_project` of `anisograd.h`.
#[derive(Clone, Copy, Debug)]
pub enum Set<'a, T> {
    Box { lower: Bound<'a, T>, upper: Bound<'a, T> },
    Nonnegative,
    LinfBall { radius: f64, center: Option<&'a [T]> },
    L2Ball { radius: f64, center: Option<&'a [T]> },
    L1Ball { radius: f64, center: Option<&'a [T]> },
    WeightedL1Ball { radius: f64, normal: &'a [T], center: Option<&'a [T]> },
    Simplex { sum: f64 },
    CappedSimplex { sum: f64, upper: Bound<'a, T> },
    BoxSection { lower: Bound<'a, T>, upper: Bound<'a, T>, normal: Option<&'a [T]>, offset: f64 },
    Halfspace { normal: Option<&'a [T]>, offset: f64 },
    Hyperplane { normal: Option<&'a [T]>, offset: f64 },
    Slab { normal: Option<&'a [T]>, lower_offset: f64, offset: f64 },
    SecondOrderCone,
    GroupL1Ball { radius: f64, groups: Groups<'a>, center: Option<&'a [T]> },
}

/// What a projection found, as in `ag_projection_report`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    pub multiplier: f64,
    pub passes: i32,
    pub inside: bool,
}

/// The C struct, as long as what it points to lives.
pub(crate) struct CSet<'a> {
    set: sys::ag_set,
    _borrows: std::marker::PhantomData<&'a ()>,
}

impl CSet<'_> {
    /// Runs a call that projects, and gives its report.
    pub(crate) fn reported(mut self, call: impl FnOnce(*const sys::ag_set) -> Result<()>) -> Result<Report> {
        let mut report = sys::ag_projection_report { multiplier: 0.0, passes: 0, inside: 0 };
        self.set.report = &mut report;
        call(&self.set)?;
        Ok(Report { multiplier: report.multiplier, passes: report.passes, inside: report.inside != 0 })
    }
}

impl<'a, T: Element> Set<'a, T> {
    /// For vectors of n elements.
    pub(crate) fn c(&self, n: usize) -> Result<CSet<'a>> {
        let mut set = MaybeUninit::uninit();
        // SAFETY: the function fills in the whole struct, whose size it is told.
        let mut c: sys::ag_set = unsafe {
            sys::ag_set_init_sized(set.as_mut_ptr(), std::mem::size_of::<sys::ag_set>());
            set.assume_init()
        };
        let array = |name, values: Option<&[T]>| match values {
            None => Ok(ptr::null()),
            Some(values) => check_length(name, values.len(), n).map(|()| values.as_ptr().cast()),
        };
        let bound = |name, bound: Bound<T>, number: &mut f64, elements: &mut *const _| {
            match bound {
                Bound::All(value) => *number = value,
                Bound::Each(values) => *elements = array(name, Some(values))?,
            }
            Ok(())
        };
        let kind = match *self {
            Set::Box { lower, upper } => {
                bound("lower", lower, &mut c.lower, &mut c.lower_bounds)?;
                bound("upper", upper, &mut c.upper, &mut c.upper_bounds)?;
                sys::AG_SET_BOX
            }
            Set::Nonnegative => sys::AG_SET_NONNEGATIVE,
            Set::LinfBall { radius, center } => {
                c.radius = radius;
                c.center = array("center", center)?;
                sys::AG_SET_LINF_BALL
            }
            Set::L2Ball { radius, center } => {
                c.radius = radius;
                c.center = array("center", center)?;
                sys::AG_SET_L2_BALL
            }
            Set::L1Ball { radius, center } => {
                c.radius = radius;
                c.center = array("center", center)?;
                sys::AG_SET_L1_BALL
            }
            Set::WeightedL1Ball { radius, normal, center } => {
                c.radius = radius;
                c.normal = array("normal", Some(normal))?;
                c.center = array("center", center)?;
                sys::AG_SET_WEIGHTED_L1_BALL
            }
            Set::Simplex { sum } => {
                c.radius = sum;
                sys::AG_SET_SIMPLEX
            }
            Set::CappedSimplex { sum, upper } => {
                c.radius = sum;
                bound("upper", upper, &mut c.upper, &mut c.upper_bounds)?;
                sys::AG_SET_CAPPED_SIMPLEX
            }
            Set::BoxSection { lower, upper, normal, offset } => {
                bound("lower", lower, &mut c.lower, &mut c.lower_bounds)?;
                bound("upper", upper, &mut c.upper, &mut c.upper_bounds)?;
                c.normal = array("normal", normal)?;
                c.offset = offset;
                sys::AG_SET_BOX_SECTION
            }
            Set::Halfspace { normal, offset } => {
                c.normal = array("normal", normal)?;
                c.offset = offset;
                sys::AG_SET_HALFSPACE
            }
            Set::Hyperplane { normal, offset } => {
                c.normal = array("normal", normal)?;
                c.offset = offset;
                sys::AG_SET_HYPERPLANE
            }
            Set::Slab { normal, lower_offset, offset } => {
                c.normal = array("normal", normal)?;
                c.lower_offset = lower_offset;
                c.offset = offset;
                sys::AG_SET_SLAB
            }
            Set::SecondOrderCone => sys::AG_SET_SECOND_ORDER_CONE,
            Set::GroupL1Ball { radius, groups, center } => {
                c.radius = radius;
                c.center = array("center", center)?;
                match groups {
                    Groups::Equal(length) => c.group_length = length,
                    // No offsets are no list; as one group length they would be another set.
                    Groups::Listed(offsets) => {
                        c.group_offsets = offsets.as_ptr();
                        c.group_count = offsets.len().checked_sub(1).ok_or_else(|| {
                            crate::error::Error::size(
                                "groups has no offsets: it has one more than groups".into(),
                            )
                        })?;
                    }
                }
                sys::AG_SET_GROUP_L1_BALL
            }
        };
        c.kind = kind as i32;
        Ok(CSet { set: c, _borrows: std::marker::PhantomData })
    }
}
