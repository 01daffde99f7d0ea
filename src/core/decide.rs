// SPDX-License-Identifier: GPL-2.0

//! Decisions, a folder for each kind.

pub mod sched;
