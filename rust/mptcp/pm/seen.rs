// SPDX-License-Identifier: GPL-2.0

//! What a path manager sees of a connection.
//!
//! C file: `rust/mptcp/pm.c`.

use super::Address;
use crate::bindings;
use core::mem::MaybeUninit;
use kernel::prelude::*;

/// An endpoint as it is used by a connection.
#[derive(Clone, Copy)]
pub struct Endpoint<'a>(&'a bindings::heddle_pm_endpoint);

impl Endpoint<'_> {
    /// Its address; the ID is that of this connection.
    pub fn address(&self) -> Address {
        Address::from_raw(&self.0.address)
    }

    /// `MPTCP_PM_ADDR_FLAG_*`.
    pub fn flags(&self) -> u32 {
        self.0.flags
    }

    /// The interface that it names; 0 if it names none.
    pub fn bound(&self) -> i32 {
        self.0.bound
    }

    /// The interface that has the address; 0 if none has.
    pub fn interface(&self) -> i32 {
        self.0.interface
    }

    /// Whether packets can leave by that.
    pub fn is_up(&self) -> bool {
        self.0.up
    }
}

/// A subflow as it was seen.
#[derive(Clone, Copy)]
pub struct Subflow<'a>(&'a bindings::heddle_pm_subflow);

/// Declares methods that read a field.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&self) -> $type {
                self.0.$name
            }
        )*
    };
}

impl Subflow<'_> {
    /// This end, with its ID.
    pub fn local(&self) -> Address {
        Address::from_raw(&self.0.local)
    }

    /// The other end, with its ID.
    pub fn remote(&self) -> Address {
        Address::from_raw(&self.0.remote)
    }

    /// Whom its packets are handed to; without an address if that is the peer, or not known.
    pub fn gateway(&self) -> Address {
        Address::from_raw(&self.0.gateway)
    }

    fields! {
        /// Its number within the connection.
        id: u32,
        /// The interface that has its local address; 0 if none has.
        interface: i32,
        /// The interface that its packets leave by; that of the address if it is not known.
        route: i32,
        /// Whether packets can leave by the interface of its address.
        up: bool,
        /// Whether its handshake goes on.
        connecting: bool,
        /// Whether this end opened it, beyond the initial one.
        opened: bool,
        /// Whether this end wants it to be a backup.
        backup: bool,
        /// Smoothed round-trip time in µs; 0 before the first sample.
        srtt_us: u32,
        /// Packets of data that were sent, with those that were sent again.
        sent: u32,
        /// Packets that were sent again.
        lost: u32,
        /// Milliseconds since the last acknowledgment.
        heard_ms: u32,
        /// Bytes of payload that were sent, with retransmissions, or wait in it to be.
        bytes_sent: u64,
        /// Bytes of payload received.
        bytes_received: u64,
    }
}

/// The way that packets of a subflow would go.
pub struct Way(pub(super) bindings::heddle_pm_way);

impl Way {
    /// The interface that they leave by.
    pub fn interface(&self) -> i32 {
        self.0.interface
    }

    /// The address that they are from.
    pub fn local(&self) -> Address {
        Address::from_raw(&self.0.local)
    }

    /// Whom they are handed to; without an address if that is the peer.
    pub fn gateway(&self) -> Address {
        Address::from_raw(&self.0.gateway)
    }
}

/// All that a path manager looks at, read at once.
///
/// # Invariants
///
/// The numbers of `seen` are initialised, and as many endpoints and subflows as they say; only
/// subflows that are open.
pub struct Seen {
    pub(super) seen: KBox<MaybeUninit<bindings::heddle_pm_seen>>,
}

impl Seen {
    fn get(&self) -> &bindings::heddle_pm_seen {
        // SAFETY: It was zeroed when it was allocated, and zeroes are valid.
        unsafe { self.seen.assume_init_ref() }
    }

    /// The endpoints, in the order in which they are used.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint<'_>> {
        let seen = self.get();
        first(&seen.endpoints, seen.endpoints_number).map(Endpoint)
    }

    /// The subflows that are open, or being opened.
    pub fn subflows(&self) -> impl Iterator<Item = Subflow<'_>> {
        let seen = self.get();
        first(&seen.subflows, seen.subflows_number).map(Subflow)
    }

    /// This end of the initial subflow.
    pub fn local(&self) -> Endpoint<'_> {
        Endpoint(&self.get().local)
    }

    /// The other end of the initial subflow.
    pub fn remote(&self) -> Address {
        Address::from_raw(&self.get().remote)
    }

    /// Whether the connection can have more subflows.
    pub fn is_usable(&self) -> bool {
        self.get().usable
    }

    /// Whether this end has accepted the connection.
    pub fn is_server(&self) -> bool {
        self.get().server
    }

    /// Whether the peer wants no more subflows to its address of the initial one.
    pub fn denies_id0(&self) -> bool {
        self.get().deny_join_id0
    }

    /// Whether IPv4 can be used.
    pub fn has_v4(&self) -> bool {
        self.get().v4
    }

    /// Whether IPv6 can be used.
    pub fn has_v6(&self) -> bool {
        self.get().v6
    }

    /// Bytes sent and received.
    pub fn bytes(&self) -> u64 {
        self.get().bytes
    }

    /// Subflows beyond the initial one.
    pub fn extra_subflows(&self) -> u32 {
        self.get().extra_subflows
    }

    /// How many of these there may be.
    pub fn limit_subflows(&self) -> u32 {
        self.get().limit_subflows
    }

    /// How many announced addresses may be used.
    pub fn limit_accepted(&self) -> u32 {
        self.get().limit_accepted
    }
}

/// The first so many; none if there are not as many.
fn first<T>(all: &[T], number: u32) -> core::slice::Iter<'_, T> {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    all.get(..number).unwrap_or(&[]).iter()
}
