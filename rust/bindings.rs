// SPDX-License-Identifier: GPL-2.0

//! What bindgen makes of `bindings.h`. Nothing of it leaves this crate, but for the constants of
//! the uapi header.

#![allow(
    clippy::all,
    clippy::undocumented_unsafe_blocks,
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
use kernel::bindings::{
    ctl_table, ctl_table_header, delayed_work, list_head, loff_t, module, notifier_block, seq_file,
    sock, tracepoint, work_func_t,
};
use kernel::ffi;

// How bindgen spells types of C that are named like those of Rust.
type bool_ = bool;
type u8_ = u8;
type u16_ = u16;
type u32_ = u32;
type u64_ = u64;

/// Structures that are only ever pointed at; their layout is for `helpers.c` to know.
macro_rules! opaque {
    ($($name:ident),*) => {
        $(
            #[repr(C)]
            pub struct $name {
                opaque: [u8; 0],
            }
        )*
    };
}

opaque!(
    genl_family,
    genl_info,
    mptcp_addr_info,
    mptcp_pm_addr_entry,
    mptcp_rm_list,
    mptcp_sock,
    mptcp_subflow_context,
    net,
    netlink_callback,
    nla_policy,
    nlattr,
    sk_buff,
    sock_reuseport,
    socket
);

include!(concat!(env!("HEDDLE_OBJ"), "/rust/bindings_generated.rs"));

/// The constants of `include/uapi/linux/heddle.h`.
pub mod uapi {
    use kernel::ffi;

    include!(concat!(env!("HEDDLE_OBJ"), "/rust/uapi_generated.rs"));
}
