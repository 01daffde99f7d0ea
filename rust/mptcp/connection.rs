// SPDX-License-Identifier: GPL-2.0

//! An MPTCP connection, `struct mptcp_sock`.

use super::{sched::Name, Endpoints, Subflow};
use crate::{bindings, net::Net};
use core::{iter::FusedIterator, marker::PhantomData, ptr::NonNull};
use kernel::bindings::sock;

/// An MPTCP connection whose lock is held.
///
/// It stands for the time in which a callback of the kernel has the connection to itself: either
/// the process that owns its socket lock, or a softirq with its data lock while no process does.
/// It is handed to callbacks and cannot be kept: it borrows for `'a` that time.
///
/// # Invariants
///
/// `self.msk` points at a valid `struct mptcp_sock`. Until the end of `'a` nobody else changes
/// what is protected by its lock: its list of subflows and its send state.
pub struct Connection<'a> {
    msk: NonNull<bindings::mptcp_sock>,
    // Not `Send`: the lock belongs to the context that took it.
    locked: PhantomData<(&'a mut bindings::mptcp_sock, *mut ())>,
}

impl<'a> Connection<'a> {
    /// Makes a connection from a pointer that a callback was given.
    ///
    /// # Safety
    ///
    /// `msk` must be valid, and the caller must hold its lock as described at the type for all of
    /// `'a`. There must be no other [`Connection`] for it in that time.
    pub(super) unsafe fn from_raw(msk: NonNull<bindings::mptcp_sock>) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            msk,
            locked: PhantomData,
        }
    }

    pub(super) fn as_ptr(&self) -> *mut bindings::mptcp_sock {
        self.msk.as_ptr()
    }

    /// The subflows, in the order in which they joined. May be empty.
    pub fn subflows(&self) -> Subflows<'_> {
        Subflows {
            connection: self,
            last: None,
            finished: false,
        }
    }

    /// Bytes from what was sent last to the end of the window that the peer announced.
    ///
    /// 0 if the window is closed.
    pub fn send_window(&self) -> u64 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_send_window(self.as_ptr()) }
    }

    /// DSN of the first byte that no subflow was given.
    pub fn next(&self) -> u64 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_snd_nxt(self.as_ptr()) }
    }

    fn sock(&self) -> *mut sock {
        self.as_ptr().cast()
    }

    /// The namespace it belongs to.
    pub fn net(&self) -> &Net {
        // SAFETY: By the type invariants the pointer is valid; a socket keeps its namespace
        // alive.
        unsafe { Net::from_raw(bindings::rust_helper_sock_net(self.sock())) }
    }

    /// The local token (RFC 8684, 3.2); 0 if it has none any more.
    pub fn token(&self) -> u32 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_token(self.sock()) }
    }

    /// Addresses and ports.
    pub fn endpoints(&self) -> Endpoints {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { Endpoints::of(self.sock()) }
    }

    /// State, numbered as TCP's.
    pub fn state(&self) -> u8 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_sock_state(self.sock()) }
    }

    /// The user that owns the socket, as the kernel numbers it.
    pub fn uid(&self) -> u32 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_sock_uid(self.sock()) }
    }

    /// The socket's mark (`SO_MARK`).
    pub fn mark(&self) -> u32 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_sock_mark(self.sock()) }
    }

    /// Inode of the socket; 0 if no process holds it.
    pub fn inode(&self) -> u64 {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_sock_inode(self.sock()) }
    }

    /// Writes the numbers of the socket's cgroup and of those above it to `ids`, nearest first,
    /// and returns those that were written.
    pub fn cgroups<'b>(&self, ids: &'b mut [u64]) -> &'b [u64] {
        // SAFETY: By the type invariants the pointer is valid; there is room for so many.
        let number =
            unsafe { bindings::rust_helper_sock_cgroups(self.sock(), ids.as_mut_ptr(), ids.len()) };
        ids.get(..number).unwrap_or(&[])
    }

    /// Whether it fell back to TCP. Nobody asks its scheduler then.
    pub fn is_fallback(&self) -> bool {
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_mptcp_is_fallback(self.as_ptr()) }
    }

    /// Name of its scheduler.
    pub fn scheduler(&self) -> Name {
        // SAFETY: By the type invariants the pointer is valid and its scheduler does not change;
        // the connection keeps its module.
        unsafe { Name::copy(bindings::rust_helper_mptcp_sched_name(self.as_ptr())) }
    }

    /// What it has sent and received.
    pub fn info(&self) -> Info {
        let mut info = bindings::heddle_mptcp_info::default();
        // SAFETY: By the type invariants the pointer is valid. This takes the data lock, which
        // is not held by who owns the socket.
        unsafe { bindings::rust_helper_mptcp_info(self.as_ptr(), &mut info) };
        Info(info)
    }

    /// Lets the kernel's own scheduler choose the subflow for new data. False if it chose none.
    pub(super) fn default_send(&mut self) -> bool {
        // SAFETY: By the type invariants the pointer is valid, and the connection is locked.
        unsafe { bindings::rust_helper_mptcp_default_send(self.as_ptr()) == 0 }
    }

    /// Lets the kernel's own scheduler choose the subflow that repeats data. False if it chose
    /// none.
    pub(super) fn default_retrans(&mut self) -> bool {
        // SAFETY: By the type invariants the pointer is valid, and the connection is locked.
        unsafe { bindings::rust_helper_mptcp_default_retrans(self.as_ptr()) == 0 }
    }

    /// Sets how many bytes may be sent before the scheduler is asked again, saturating at
    /// [`i32::MAX`].
    pub(super) fn set_burst(&mut self, bytes: u32) {
        let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
        // SAFETY: By the type invariants the pointer is valid, and the lock that protects the
        // burst is held.
        unsafe { bindings::rust_helper_mptcp_set_snd_burst(self.as_ptr(), bytes) }
    }
}

/// What a connection has sent and received, in bytes.
pub struct Info(bindings::heddle_mptcp_info);

impl Info {
    /// Written by the application, and not given to any subflow yet.
    pub fn unsent(&self) -> u64 {
        self.0.unsent
    }

    /// Sent, without retransmissions.
    pub fn bytes_sent(&self) -> u64 {
        self.0.bytes_sent
    }

    /// Received in order.
    pub fn bytes_received(&self) -> u64 {
        self.0.bytes_received
    }

    /// Acknowledged by the peer.
    pub fn bytes_acked(&self) -> u64 {
        self.0.bytes_acked
    }

    /// Sent again at the MPTCP level.
    pub fn bytes_retrans(&self) -> u64 {
        self.0.bytes_retrans
    }
}

/// The subflows of a connection. Made by [`Connection::subflows`].
#[derive(Clone)]
pub struct Subflows<'a> {
    connection: &'a Connection<'a>,
    last: Option<Subflow<'a>>,
    finished: bool,
}

impl<'a> Iterator for Subflows<'a> {
    type Item = Subflow<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let last = self
            .last
            .as_ref()
            .map_or(core::ptr::null_mut(), Subflow::as_ptr);
        // SAFETY: By the type invariants of `Connection` its pointer is valid and its list of
        // subflows does not change as long as it is borrowed; `last` is null or on that list.
        let next =
            unsafe { bindings::rust_helper_mptcp_next_subflow(self.connection.as_ptr(), last) };
        match NonNull::new(next) {
            Some(next) => {
                // SAFETY: It is on the list of the connection, and stays there for `'a`.
                let next = unsafe { Subflow::from_raw(next) };
                self.last = Some(next);
                Some(next)
            }
            None => {
                self.finished = true;
                None
            }
        }
    }
}

impl FusedIterator for Subflows<'_> {}
