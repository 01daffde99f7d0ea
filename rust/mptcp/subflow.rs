// SPDX-License-Identifier: GPL-2.0

//! A subflow of an MPTCP connection, `struct mptcp_subflow_context`, and its TCP socket.

use crate::bindings;
use core::{marker::PhantomData, ptr::NonNull};
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

    fn tcp_sock(&self) -> *const sock {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_subflow_tcp_sock(self.as_ptr()) }
    }

    /// Whether it can carry data: established, not closing, and not stale.
    ///
    /// A stale subflow that received something since it was declared stale becomes active by
    /// this call, as in the kernel's own scheduler.
    pub fn is_active(&self) -> bool {
        // SAFETY: By the type invariants the pointer is valid and the connection is locked,
        // which is what protects the stale mark.
        unsafe { bindings::mptcp_subflow_active(self.as_ptr()) }
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

    /// Whether its send buffer takes more data.
    pub fn is_memory_free(&self) -> bool {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_sk_stream_memory_free(self.tcp_sock()) }
    }

    /// Whether nothing of it is queued or waits for an acknowledgment.
    pub fn is_idle(&self) -> bool {
        // SAFETY: By the type invariants the socket is a valid TCP socket.
        unsafe { bindings::rust_helper_tcp_rtx_and_write_queues_empty(self.tcp_sock()) }
    }
}
