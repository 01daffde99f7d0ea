// SPDX-License-Identifier: GPL-2.0

//! Listeners that go on listening after their program has closed them.
//!
//! C header: [`include/net/sock_reuseport.h`](srctree/include/net/sock_reuseport.h), where
//! `park` of `struct reuseport_ops` is.

use super::{reuseport::Listener, Net};
use crate::bindings;
use core::ptr::NonNull;
use kernel::{
    prelude::*,
    sync::{
        atomic::{ordering, Atomic},
        global_lock, rcu, GlobalGuard,
    },
};

/// A listener that no program has any more. It is open; dropping it closes it, which is for
/// process context, where sleeping is allowed.
///
/// # Invariants
///
/// `sock` was handed over by the kernel to be parked, and belongs to this. It is a listener of
/// TCP or MPTCP.
pub struct Parked {
    sock: NonNull<bindings::socket>,
}

// SAFETY: It may be closed by any thread.
unsafe impl Send for Parked {}

impl Parked {
    /// # Safety
    ///
    /// `sock` must be one that the kernel hands over to be parked.
    pub(super) unsafe fn from_raw(sock: NonNull<bindings::socket>) -> Self {
        // INVARIANT: By the safety requirements.
        Self { sock }
    }

    /// Gives it back to the kernel, which closes it.
    pub(super) fn give_back(self) {
        core::mem::forget(self);
    }

    /// The namespace it is in.
    pub fn net(&self) -> &Net {
        // SAFETY: By the type invariants; a socket that a program made keeps its namespace alive.
        unsafe { Net::from_raw(bindings::rust_helper_sock_net(self.listener())) }
    }

    fn listener(&self) -> *mut kernel::bindings::sock {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_parked_listener(self.sock.as_ptr()) }
    }

    /// Lets `look` see the listener. It must not sleep.
    pub fn look<R>(&self, look: impl FnOnce(&Listener<'_>) -> R) -> Option<R> {
        let _guard = rcu::read_lock();
        // SAFETY: By the type invariants it is a socket, and it is there as long as `self` is.
        unsafe { Listener::from_raw(self.listener()) }.map(|it| look(&it))
    }

    /// Whether its group has a listener that a program has. Any context.
    pub fn has_heir(&self) -> bool {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_reuseport_has_owner(self.listener()) }
    }

    /// Whether a program of its group chooses among the members.
    pub fn has_program(&self) -> bool {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_reuseport_has_program(self.listener()) }
    }

    /// Has its accept queue take no more than so many connections, at least one.
    pub fn limit(&self, connections: u32) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_parked_limit(self.sock.as_ptr(), connections) };
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it belongs to this, and is not used any more.
        unsafe { bindings::sock_release_parked(self.sock.as_ptr()) };
    }
}

/// What is kept about a listener that is parked.
#[derive(Clone, Copy)]
pub struct Ticket {
    /// Until when, in µs of [`now_us`](crate::time::now_us).
    pub until_us: u64,
    /// The connections it may hold.
    pub connections: u32,
    /// The bytes that these may hold.
    pub bytes: u64,
}

/// What is parked in a namespace.
#[derive(Clone, Copy, Default)]
pub struct Held {
    /// Listeners.
    pub listeners: u32,
    /// The connections they may hold.
    pub connections: u64,
    /// The bytes that these may hold.
    pub bytes: u64,
}

/// Most that can be parked in all namespaces together. There is room for them from the beginning:
/// where they are parked, little can be done to get memory.
pub const MAX: usize = 1024;

/// All that are parked.
struct Lot {
    open: bool,
    parked: KVec<(Parked, Ticket)>,
}

global_lock! {
    // SAFETY: Who locks it asks `READY` first, which is true only after it was initialised.
    unsafe(uninit) static LOT: SpinLock<Lot> = Lot { open: false, parked: KVec::new() };
}

static TAKEN: Atomic<bool> = Atomic::new(false);
static READY: Atomic<bool> = Atomic::new(false);

/// How many are parked.
static NUMBER: Atomic<usize> = Atomic::new(0);

/// The lot, if there is one. For process context.
fn lot() -> Option<GlobalGuard<LOT>> {
    READY.load(ordering::Acquire).then(|| LOT.lock())
}

/// Parks a listener, if `ticket` has one for it. That is shown what is parked in its namespace
/// already, and must not sleep.
///
/// Process context; it does not sleep. The listener is given back if it cannot be parked.
pub fn put(
    parked: Parked,
    ticket: impl FnOnce(&Held) -> Option<Ticket>,
) -> core::result::Result<(), Parked> {
    let Some(mut lot) = lot().filter(|lot| lot.open) else {
        return Err(parked);
    };
    let mut held = Held::default();
    for (other, ticket) in &lot.parked {
        if core::ptr::eq(other.net(), parked.net()) {
            held.listeners = held.listeners.saturating_add(1);
            held.connections = held.connections.saturating_add(ticket.connections.into());
            held.bytes = held.bytes.saturating_add(ticket.bytes);
        }
    }
    if lot.parked.len() >= MAX {
        return Err(parked);
    }
    let Some(ticket) = ticket(&held) else {
        return Err(parked);
    };
    parked.limit(ticket.connections);
    let pushed = lot.parked.push_within_capacity((parked, ticket));
    NUMBER.store(lot.parked.len(), ordering::Relaxed);
    pushed.map_err(|full| full.0 .0)
}

/// Whether any listener is parked, in any namespace. Any context; it may be outdated at once.
pub fn any() -> bool {
    NUMBER.load(ordering::Relaxed) != 0
}

/// Takes out the first one that `is_it`. That must not sleep.
///
/// Process context; it does not sleep.
pub fn take(mut is_it: impl FnMut(&Parked, &Ticket) -> bool) -> Option<Parked> {
    let mut lot = lot()?;
    let index = lot
        .parked
        .iter()
        .position(|(parked, ticket)| is_it(parked, ticket))?;
    let (parked, _) = lot.parked.remove(index).ok()?;
    NUMBER.store(lot.parked.len(), ordering::Relaxed);
    Some(parked)
}

/// Until when the first of them may stay, in µs of [`now_us`](crate::time::now_us).
///
/// Process context; it does not sleep.
pub fn first_until_us() -> Option<u64> {
    let lot = lot()?;
    lot.parked.iter().map(|(_, ticket)| ticket.until_us).min()
}

/// Listeners can be parked; dropping it closes all that are.
#[must_use = "all listeners are closed when this is dropped"]
pub struct Registration(());

impl Registration {
    /// Opens the lot. Process context. Fails with `EBUSY` if that was tried before, or with
    /// `ENOMEM`.
    pub fn new() -> Result<Self> {
        if TAKEN.xchg(true, ordering::Acquire) {
            return Err(EBUSY);
        }
        let room = KVec::with_capacity(MAX, GFP_KERNEL)?;
        // SAFETY: `TAKEN` was false, and never is again: this is done once.
        unsafe { LOT.init() };
        {
            let mut lot = LOT.lock();
            lot.parked = room;
            lot.open = true;
        }
        READY.store(true, ordering::Release);
        Ok(Self(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let left = {
            let mut lot = LOT.lock();
            lot.open = false;
            core::mem::replace(&mut lot.parked, KVec::new())
        };
        // This is for where sleeping is allowed, which is where a module is unloaded.
        drop(left);
    }
}
