// SPDX-License-Identifier: GPL-2.0

//! Decisions, a module for each kind.

pub mod migrate;
pub mod path;
pub mod pm;
pub mod rule;
pub mod sched;
