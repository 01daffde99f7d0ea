// SPDX-License-Identifier: GPL-2.0

//! References to MPTCP connections, and how to find them.
//!
//! C header: [`net/mptcp/protocol.h`](srctree/net/mptcp/protocol.h), file
//! [`net/mptcp/token.c`](srctree/net/mptcp/token.c).

use super::Connection;
use crate::{bindings, net::Net};
use core::{
    ffi::CStr,
    ops::{Deref, DerefMut},
    ptr::NonNull,
};
use kernel::{error::to_result, ffi::c_long, prelude::*};

/// A reference to an MPTCP socket, whose connection may end meanwhile.
///
/// # Invariants
///
/// It owns a reference to a valid `struct mptcp_sock`.
pub struct Socket {
    msk: NonNull<bindings::mptcp_sock>,
}

// SAFETY: References to sockets are counted, and may be dropped anywhere.
unsafe impl Send for Socket {}

/// Where a walk over all connections of a namespace is.
///
/// Those that come and go during the walk may be seen or not, and moved ones more than once.
#[derive(Clone, Copy, Default)]
pub struct Position {
    /// Bucket of the table of tokens.
    pub slot: c_long,
    /// Entry of the bucket.
    pub number: c_long,
}

impl Socket {
    /// The connection that has a token in a namespace.
    pub fn by_token(net: &Net, token: u32) -> Option<Self> {
        // SAFETY: The namespace is valid.
        let msk = unsafe { bindings::mptcp_token_get_sock(net.as_ptr(), token) };
        // INVARIANT: The reference that was returned is given to this.
        Some(Self {
            msk: NonNull::new(msk)?,
        })
    }

    /// The connection at `position`, or the next one behind it; moves `position` behind that.
    pub fn next(net: &Net, position: &mut Position) -> Option<Self> {
        // The kernel takes a bucket as an index.
        if position.slot < 0 {
            return None;
        }
        // SAFETY: The namespace is valid, and so are the references. Buckets beyond the last one
        // end the walk.
        let msk = unsafe {
            bindings::mptcp_token_iter_next(net.as_ptr(), &mut position.slot, &mut position.number)
        };
        // INVARIANT: The reference that was returned is given to this.
        Some(Self {
            msk: NonNull::new(msk)?,
        })
    }

    fn sock(&self) -> *mut kernel::bindings::sock {
        self.msk.as_ptr().cast()
    }

    /// Locks the connection.
    ///
    /// Process context; may sleep.
    pub fn lock(&self) -> Locked<'_> {
        // SAFETY: By the type invariants it is valid.
        unsafe { bindings::rust_helper_lock_sock(self.sock()) };
        Locked {
            // SAFETY: It was just locked, and is until the result is dropped.
            connection: unsafe { Connection::from_raw(self.msk) },
            socket: self,
        }
    }

    /// Gives the connection another scheduler.
    ///
    /// Process context; may sleep, and locks the connection. Fails with `ENOENT` if there is no
    /// such scheduler, with `ENOTCONN` if the connection has ended, and as the scheduler does.
    pub fn set_scheduler(&self, name: &CStr) -> Result {
        // SAFETY: By the type invariants it is valid.
        to_result(unsafe { bindings::mptcp_sock_set_scheduler(self.sock(), name.as_char_ptr()) })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_sock_put(self.sock()) };
    }
}

/// A connection that is locked until this is dropped.
///
/// # Invariants
///
/// The socket lock of `socket` is held, and belongs to this.
#[must_use = "the connection is unlocked when this is dropped"]
pub struct Locked<'a> {
    connection: Connection<'a>,
    socket: &'a Socket,
}

impl<'a> Deref for Locked<'a> {
    type Target = Connection<'a>;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_release_sock(self.socket.sock()) };
    }
}
