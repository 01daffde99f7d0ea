// SPDX-License-Identifier: GPL-2.0

//! Safe abstractions over the parts of the kernel that the `kernel` crate has none for.
//!
//! The modules mirror the kernel's own names and are written as if they were to become part of
//! `rust/kernel/`. This is the only crate of the module with `unsafe` in it.

pub mod array;
pub mod error;
pub mod mptcp;
pub mod net;
pub mod percpu;
pub mod sync;
pub mod time;
pub mod trace;
pub mod work;

mod bindings;
