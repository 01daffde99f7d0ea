// SPDX-License-Identifier: GPL-2.0

//! Fuzz targets: what is done with any bytes, and what must hold of it.
//!
//! Each module is a target, whose `run` panics if something does not hold. `fuzz_targets/` has a
//! program of libFuzzer for each, `tests/corpus.rs` runs all of them by an ordinary `cargo test`
//! over `corpus/` and over inputs that are drawn. Models and checks are those of the property tests
//! of `heddle_core` (its feature `testing`).

#![forbid(unsafe_code)]

pub mod input;
pub mod settings;

/// Hands the names of all targets to a macro.
#[macro_export]
macro_rules! with_targets {
    ($macro:ident) => {
        $macro! {
            address,
            config,
            knob,
            migrate,
            migrate_list,
            migration,
            park,
            path,
            path_manager,
            rule,
            schedulers,
            words,
        }
    };
}

/// Declares the targets, and lists them.
macro_rules! targets {
    ($($name:ident,)*) => {
        $(pub mod $name;)*

        /// All targets, with their names.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::run),)*];
    };
}

with_targets!(targets);
