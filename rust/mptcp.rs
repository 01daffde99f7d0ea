// SPDX-License-Identifier: GPL-2.0

//! Multipath TCP.
//!
//! C headers: [`include/net/mptcp.h`](srctree/include/net/mptcp.h),
//! [`net/mptcp/protocol.h`](srctree/net/mptcp/protocol.h).

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
