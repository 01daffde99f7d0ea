// SPDX-License-Identifier: GPL-2.0

//! See [`heddle_fuzz::words`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| heddle_fuzz::words::run(data));
