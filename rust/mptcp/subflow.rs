// SPDX-License-Identifier: GPL-2.0

//! A subflow of an MPTCP connection, `struct mptcp_subflow_context`, and its TCP socket.

use super::Endpoints;
use crate::{bindings, net::Net};
use core::{ffi::CStr, marker::PhantomData, ptr::NonNull};
use kernel::bindings::sock;

/// A subflow of a [`Connection`](super::Connection) whose lock is held.
///
/// The lock of the subflow's own TCP socket is not held. What is read from that socket may change
/// at any time, and two values read one after the other need not be of the same moment.
///
/// # Invariants
///
/// `self.subflow` points at a valid `struct mptcp_subflow_context` with a valid TCP socket, on
/// the list of a connection that is locked until the end of `'a`.
#[derive(Clone, Copy)]
pub struct Subflow<'a> {
    subflow: NonNull<bindings::mptcp_subflow_context>,
    locked: PhantomData<&'a bindings::mptcp_subflow_context>,
}

impl Subflow<'_> {
    /// Makes a subflow from an entry of a connection's list.
    ///
    /// # Safety
    ///
    /// `subflow` must be on the list of a connection that is locked until the end of the
    /// lifetime of the result.
    pub(super) unsafe fn from_raw(subflow: NonNull<bindings::mptcp_subflow_context>) -> Self {
        // INVARIANT: By the safety requirements; a subflow on the list holds a reference to its
        // TCP socket.
        Self {
            subflow,
            locked: PhantomData,
        }
    }

    pub(super) fn as_ptr(&self) -> *mut bindings::mptcp_subflow_context {
        self.subflow.as_ptr()
    }

    /// Marks it as the choice of the scheduler that is being asked.
    pub(super) fn set_scheduled(&self) {
        // SAFETY: By the type invariants the pointer is valid and the connection is locked.
        unsafe { bindings::mptcp_subflow_set_scheduled(self.as_ptr(), true) };
    }

    pub(super) fn tcp_sock(&self) -> *const sock {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_subflow_tcp_sock(self.as_ptr()) }
    }

    /// Whether one of the ends asked to use it as a backup only.
    pub fn is_backup(&self) -> bool {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_subflow_backup(self.as_ptr()) }
    }

    /// MPTCP retransmission timeouts in a row in which it made no progress.
    pub fn stale_count(&self) -> u8 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_subflow_stale_count(self.as_ptr()) }
    }

    /// Whether its TCP is repairing what a retransmission timeout declared lost (`TCP_CA_Loss`).
    pub fn is_in_loss(&self) -> bool {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        let state = unsafe { bindings::rust_helper_tcp_ca_state(self.tcp_sock()) };
        u32::from(state) == bindings::tcp_ca_state_TCP_CA_Loss
    }

    /// Smoothed round-trip time in µs × 8, as TCP stores it; 0 before the first sample.
    pub fn srtt_x8_us(&self) -> u32 {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_tcp_srtt_us(self.tcp_sock()) }
    }

    /// Congestion window, in packets.
    pub fn cwnd(&self) -> u32 {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_tcp_snd_cwnd(self.tcp_sock()) }
    }

    /// Packets sent that have neither been acknowledged nor counted as lost.
    pub fn packets_in_flight(&self) -> u32 {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_tcp_packets_in_flight(self.tcp_sock()) }
    }

    /// Bytes in its send queue that have not been sent for the first time.
    pub fn unsent(&self) -> u32 {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_tcp_unsent(self.tcp_sock()) }
    }

    /// Payload of one packet, in bytes.
    pub fn mss(&self) -> u32 {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_tcp_mss_cache(self.tcp_sock()) }
    }

    /// Its number within the connection, from 1.
    pub fn id(&self) -> u32 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_subflow_id(self.as_ptr()) }
    }

    /// Whether it was declared stale. Unlike [`see`](super::Connection::see), this changes nothing.
    pub fn is_stale(&self) -> bool {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_subflow_stale(self.as_ptr()) }
    }

    /// Addresses and ports.
    pub fn endpoints(&self) -> Endpoints {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { Endpoints::of(self.tcp_sock()) }
    }

    /// State of its TCP socket.
    pub fn state(&self) -> u8 {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_sock_state(self.tcp_sock()) }
    }

    /// Interface that its socket is bound to; 0 if it is to none.
    pub fn ifindex(&self) -> u32 {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_sock_ifindex(self.tcp_sock()) }
    }

    /// The interface that its packets leave by: that of its route. While it has none, as after a
    /// retransmission timeout, the one that its socket is bound to, or else that its packets come
    /// in by. Any context.
    pub fn interface(&self) -> Option<InterfaceName> {
        let mut interface = bindings::heddle_interface::default();
        // SAFETY: By the type invariants the socket is a valid TCP socket. Its route is read under
        // RCU, so that nobody's lock is needed.
        let known =
            unsafe { bindings::rust_helper_sock_interface(self.tcp_sock(), &mut interface) };
        known.then_some(InterfaceName(interface))
    }

    /// What its TCP has measured and counted.
    pub fn info(&self) -> TcpInfo {
        let mut info = bindings::heddle_tcp_info::default();
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_tcp_info(self.tcp_sock(), &mut info) };
        TcpInfo(info)
    }
}

/// The name of an interface, as it was when it was asked for.
pub struct InterfaceName(bindings::heddle_interface);

impl InterfaceName {
    /// The name of the interface with a number in a namespace. Any context.
    pub fn of(net: &Net, index: i32) -> Option<Self> {
        let mut interface = bindings::heddle_interface::default();
        // SAFETY: The namespace is valid.
        let known =
            unsafe { bindings::rust_helper_interface_name(net.as_ptr(), index, &mut interface) };
        known.then_some(Self(interface))
    }

    /// The name as text.
    pub fn text(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0.name).unwrap_or_default()
    }
}

/// What the TCP of a subflow has measured and counted.
pub struct TcpInfo(bindings::heddle_tcp_info);

impl TcpInfo {
    /// Variation of the round-trip time, in µs.
    pub fn rttvar_us(&self) -> u32 {
        self.0.rttvar_us
    }

    /// Lowest recent round-trip time, in µs.
    pub fn min_rtt_us(&self) -> u32 {
        self.0.min_rtt_us
    }

    /// Pacing rate in bytes per second; [`None`] if there is no limit.
    pub fn pacing_rate(&self) -> Option<u64> {
        (self.0.pacing_rate != u64::MAX).then_some(self.0.pacing_rate)
    }

    /// Bytes of payload sent, with retransmissions.
    pub fn bytes_sent(&self) -> u64 {
        self.0.bytes_sent
    }

    /// Bytes of payload received.
    pub fn bytes_received(&self) -> u64 {
        self.0.bytes_received
    }

    /// Bytes of payload that were acknowledged.
    pub fn bytes_acked(&self) -> u64 {
        self.0.bytes_acked
    }

    /// Bytes of payload that were sent again.
    pub fn bytes_retrans(&self) -> u64 {
        self.0.bytes_retrans
    }

    /// Packets that were sent again.
    pub fn retrans(&self) -> u32 {
        self.0.retrans
    }
}
