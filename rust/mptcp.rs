// SPDX-License-Identifier: GPL-2.0

//! Multipath TCP.
//!
//! C headers: [`include/net/mptcp.h`](srctree/include/net/mptcp.h),
//! [`net/mptcp/protocol.h`](srctree/net/mptcp/protocol.h).

use core::ffi::CStr;
use kernel::ffi::c_char;

mod connection;
mod endpoints;
pub mod event;
pub mod pm;
pub mod sched;
mod seen;
mod socket;
mod subflow;

pub use connection::{Connection, Info, Subflows};
pub use endpoints::Endpoints;
pub use seen::{Seen, SeenSubflow};
pub use socket::{Locked, Position, Socket};
pub use subflow::{InterfaceName, Subflow, TcpInfo};

/// A name as the kernel stores it, in `N` bytes. Fails the build, in a constant, if the kernel
/// could not store it, or nobody could write it to a sysctl.
const fn stored_name<const N: usize>(name: &CStr) -> [c_char; N] {
    let bytes = name.to_bytes();
    let mut stored = [0; N];
    assert!(!bytes.is_empty(), "a name is needed");
    assert!(bytes.len() < N, "the name is too long, with its NUL");
    let mut i = 0;
    while i < bytes.len() {
        assert!(
            bytes[i].is_ascii_graphic(),
            "the name is written to a sysctl"
        );
        stored[i] = bytes[i];
        i += 1;
    }
    stored
}
