// SPDX-License-Identifier: GPL-2.0

//! Decisions, a module for each kind.

pub mod migrate;
#[cfg(any(test, feature = "testing"))]
pub mod naive;
pub mod path;
pub mod pm;
pub mod rule;
pub mod sched;
