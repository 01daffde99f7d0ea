// SPDX-License-Identifier: GPL-2.0

//! What bindgen makes of `bindings.h`. Nothing of it leaves this crate.

#![allow(
    clippy::all,
    dead_code,
    improper_ctypes,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    reason = "generated"
)]

// Types the kernel crate has are its own, so that they are the same everywhere.
use kernel::bindings::{list_head, module, sock};
use kernel::ffi;

// How bindgen spells types of C that are named like those of Rust.
type bool_ = bool;
type u8_ = u8;
type u32_ = u32;
type u64_ = u64;

/// `struct mptcp_sock`, only ever pointed at; the layout is for `helpers.c` to know.
#[repr(C)]
pub struct mptcp_sock {
    opaque: [u8; 0],
}

/// `struct mptcp_subflow_context`, only ever pointed at.
#[repr(C)]
pub struct mptcp_subflow_context {
    opaque: [u8; 0],
}

include!(concat!(env!("HEDDLE_OBJ"), "/rust/bindings_generated.rs"));
