// SPDX-License-Identifier: GPL-2.0

//! Errors that the `kernel` crate of some of our kernels has no names for.
//!
//! C header: [`include/uapi/asm-generic/errno.h`](srctree/include/uapi/asm-generic/errno.h).

use kernel::{bindings, error::Error};

/// `ESTALE`: what a request was about has changed.
pub fn estale() -> Error {
    Error::from_errno(-(bindings::ESTALE as i32))
}

/// `ENOTCONN`: the socket is not connected.
pub fn enotconn() -> Error {
    Error::from_errno(-(bindings::ENOTCONN as i32))
}

/// `ECONNREFUSED`: nobody is there for a connection.
pub fn econnrefused() -> Error {
    Error::from_errno(-(bindings::ECONNREFUSED as i32))
}

/// `EDQUOT`: there is as much as a limit allows.
pub fn edquot() -> Error {
    Error::from_errno(-(bindings::EDQUOT as i32))
}
