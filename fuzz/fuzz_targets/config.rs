// SPDX-License-Identifier: GPL-2.0

//! See [`heddle_fuzz::config`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| heddle_fuzz::config::run(data));
