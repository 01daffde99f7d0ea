// SPDX-License-Identifier: GPL-2.0

//! What Heddle decides, apart from the kernel it decides for.
//!
//! Plain values in, a decision out: nothing here knows a kernel type, allocates, reads a clock or
//! panics, and the compiler refuses `unsafe`. The crate uses Rust's `core` alone and is built
//! twice from these files: by `Kbuild`, linked into the module, and by cargo, for tests, fuzzers
//! and benchmarks on the host.

#![cfg_attr(not(any(test, feature = "testing")), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]

pub mod address;
pub mod decide;
pub mod knob;
