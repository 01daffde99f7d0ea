// SPDX-License-Identifier: GPL-2.0

//! What happens to connections and subflows, `mptcp_event()`.
//!
//! C header: [`include/net/mptcp.h`](srctree/include/net/mptcp.h), file
//! [`net/mptcp/pm_netlink.c`](srctree/net/mptcp/pm_netlink.c).

use super::{sched::Name, Endpoints};
use crate::{bindings, net::Net};
use core::marker::PhantomData;
use kernel::{
    bindings::{notifier_block, sock},
    error::to_result,
    ffi::{c_int, c_ulong, c_void},
    prelude::*,
    types::Opaque,
};

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A connection was opened or accepted. Not for one that fell back in its handshake.
    Created,
    /// A connection may use more subflows.
    Established,
    /// The program, or the kernel in its place, closed a connection. What is left to send still
    /// is; there need not have been a [`Created`](Self::Created).
    Closed,
    /// A subflow joined; not for the first one.
    SubflowEstablished,
    /// A subflow was closed, while its connection goes on.
    SubflowClosed,
    /// A subflow became a backup, or is none any more.
    SubflowPriority,
}

impl Kind {
    fn from_raw(kind: c_ulong) -> Option<Self> {
        Some(match u32::try_from(kind).ok()? {
            bindings::mptcp_event_type_MPTCP_EVENT_CREATED => Self::Created,
            bindings::mptcp_event_type_MPTCP_EVENT_ESTABLISHED => Self::Established,
            bindings::mptcp_event_type_MPTCP_EVENT_CLOSED => Self::Closed,
            bindings::mptcp_event_type_MPTCP_EVENT_SUB_ESTABLISHED => Self::SubflowEstablished,
            bindings::mptcp_event_type_MPTCP_EVENT_SUB_CLOSED => Self::SubflowClosed,
            bindings::mptcp_event_type_MPTCP_EVENT_SUB_PRIORITY => Self::SubflowPriority,
            _ => return None,
        })
    }
}

/// Something that happened to a connection.
///
/// # Invariants
///
/// `info` is valid for all of `'a`, which is an RCU read-side critical section, and so are the
/// sockets that it names. The connection may or may not be locked.
pub struct Event<'a> {
    /// What it was.
    pub kind: Kind,
    info: *const bindings::mptcp_event_info,
    section: PhantomData<&'a bindings::mptcp_event_info>,
}

impl Event<'_> {
    fn sk(&self) -> *mut sock {
        // SAFETY: By the type invariants.
        unsafe { (*self.info).sk }
    }

    fn ssk(&self) -> Option<*const sock> {
        // SAFETY: By the type invariants.
        let ssk = unsafe { (*self.info).ssk };
        (!ssk.is_null()).then_some(ssk)
    }

    /// The namespace of the connection.
    pub fn net(&self) -> &Net {
        // SAFETY: By the type invariants; a socket keeps its namespace alive.
        unsafe { Net::from_raw(bindings::rust_helper_sock_net(self.sk())) }
    }

    /// The token of the connection; 0 if it has none any more.
    pub fn token(&self) -> u32 {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_mptcp_token(self.sk()) }
    }

    /// Addresses and ports of the connection.
    pub fn endpoints(&self) -> Endpoints {
        // SAFETY: By the type invariants.
        unsafe { Endpoints::of(self.sk()) }
    }

    /// The scheduler of the connection.
    pub fn scheduler(&self) -> Name {
        // SAFETY: By the type invariants; the name lives as long as the RCU read-side critical
        // section, as a module waits for those before it goes.
        unsafe { Name::copy(bindings::rust_helper_mptcp_sched_name(self.sk().cast())) }
    }

    /// Number, addresses and ports of the subflow, and whether it is a backup.
    pub fn subflow(&self) -> Option<(u32, Endpoints, bool)> {
        let ssk = self.ssk()?;
        // SAFETY: By the type invariants it is a valid socket of a subflow.
        unsafe {
            let subflow = bindings::rust_helper_mptcp_subflow_of(ssk);
            if subflow.is_null() {
                return None;
            }
            Some((
                bindings::rust_helper_mptcp_subflow_id(subflow),
                Endpoints::of(ssk),
                bindings::rust_helper_mptcp_subflow_backup(subflow),
            ))
        }
    }
}

/// Who wants to know.
pub trait Listener: 'static {
    /// Called for the events of all namespaces.
    ///
    /// Process context or softirq, in an RCU read-side critical section, perhaps with the
    /// connection locked: it must neither sleep nor lock the connection. Events of one connection
    /// may come at the same time.
    fn event(event: &Event<'_>);
}

/// A listener that is told of events until this is dropped.
///
/// # Invariants
///
/// `block` is in the kernel's chain.
#[must_use = "events end when the registration is dropped"]
pub struct Registration {
    block: Pin<KBox<Opaque<notifier_block>>>,
}

// SAFETY: All that can be done with a registration is to drop it, which may be done anywhere
// that sleeping is allowed.
unsafe impl Send for Registration {}
// SAFETY: A shared reference to a registration can do nothing.
unsafe impl Sync for Registration {}

impl Registration {
    /// Tells `T` of events from now on.
    ///
    /// Process context; may sleep.
    pub fn new<T: Listener>() -> Result<Self> {
        // SAFETY: All fields are integers, pointers, and optional functions: zeroes are valid.
        let mut block: notifier_block = unsafe { core::mem::zeroed() };
        block.notifier_call = Some(call::<T>);
        let block = KBox::pin(Opaque::new(block), GFP_KERNEL)?;
        // SAFETY: It stays where it is, and lives until it is taken out.
        to_result(unsafe { bindings::mptcp_register_event_notifier(block.get()) })?;
        // INVARIANT: It was just put there.
        Ok(Self { block })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants. The result only says whether it was. This waits for
        // those that are being told.
        let _ = unsafe { bindings::mptcp_unregister_event_notifier(self.block.get()) };
    }
}

/// # Safety
///
/// For the kernel to call, with what `mptcp_event()` hands on.
unsafe extern "C" fn call<T: Listener>(
    _: *mut notifier_block,
    kind: c_ulong,
    info: *mut c_void,
) -> c_int {
    if let Some(kind) = Kind::from_raw(kind) {
        // INVARIANT: By the safety requirements.
        T::event(&Event {
            kind,
            info: info.cast(),
            section: PhantomData,
        });
    }
    // NOTIFY_DONE: others are told as well.
    0
}
