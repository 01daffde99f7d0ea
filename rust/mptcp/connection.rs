// SPDX-License-Identifier: GPL-2.0

//! An MPTCP connection, `struct mptcp_sock`.

use super::Subflow;
use crate::bindings;
use core::{iter::FusedIterator, marker::PhantomData, ptr::NonNull};

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

    /// Sets how many bytes may be sent before the scheduler is asked again, saturating at
    /// [`i32::MAX`].
    pub(super) fn set_burst(&mut self, bytes: u32) {
        let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
        // SAFETY: By the type invariants the pointer is valid, and the lock that protects the
        // burst is held.
        unsafe { bindings::rust_helper_mptcp_set_snd_burst(self.as_ptr(), bytes) }
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
