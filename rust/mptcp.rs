// SPDX-License-Identifier: GPL-2.0

//! Multipath TCP.
//!
//! C headers: [`include/net/mptcp.h`](srctree/include/net/mptcp.h),
//! [`net/mptcp/protocol.h`](srctree/net/mptcp/protocol.h).

mod connection;
pub mod sched;
mod subflow;

pub use connection::{Connection, Subflows};
pub use subflow::Subflow;
