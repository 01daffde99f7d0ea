// SPDX-License-Identifier: GPL-2.0

//! See [`heddle_fuzz::park`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| heddle_fuzz::park::run(data));
