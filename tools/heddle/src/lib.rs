// SPDX-License-Identifier: GPL-2.0

//! The command `heddle`: shows and changes what the Heddle kernel module
//! decides.
//!
//! Each verb is a module with functions from a [`kernel::Kernel`] to an
//! [`output::Output`]. [`netlink`] is the kernel that is there; the tests have
//! one of their own.

#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::float_cmp,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        clippy::wildcard_imports,
        reason = "a test may panic"
    )
)]

pub mod cli;
pub mod config;
pub mod conn;
pub mod counters;
pub mod error;
pub mod item;
pub mod kernel;
pub mod knob;
pub mod man;
pub mod metrics;
pub mod migrate;
pub mod migration;
pub mod model;
pub mod monitor;
pub mod netlink;
pub mod output;
pub mod path;
pub mod paths;
pub mod rule;
pub mod run;
pub mod sched;
pub mod status;
pub mod table;
#[cfg(test)]
mod testing;
pub mod top;
pub mod units;
