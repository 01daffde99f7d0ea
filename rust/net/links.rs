// SPDX-License-Identifier: GPL-2.0

//! Interfaces and their addresses, which come and go.
//!
//! C headers: [`include/linux/netdevice.h`](srctree/include/linux/netdevice.h),
//! [`include/linux/inetdevice.h`](srctree/include/linux/inetdevice.h).

use super::Net;
use crate::bindings;
use kernel::{
    error::to_result,
    prelude::*,
    sync::atomic::{ordering, Atomic},
};

/// Who wants to know.
pub trait Links: 'static {
    /// An interface of a namespace went up or down, found or lost its carrier, or got or lost an
    /// address. Also told once for each interface that is up at the beginning.
    ///
    /// Process context or softirq: it must not sleep.
    fn changed(net: &Net);
}

/// Somebody follows, in this module.
static TAKEN: Atomic<bool> = Atomic::new(false);

/// Follows until this is dropped, which is for process context.
///
/// # Invariants
///
/// The notifiers are registered, and `TAKEN` is true.
#[must_use = "nobody follows any more when the registration is dropped"]
pub struct Registration(());

impl Registration {
    /// Tells `T` from now on.
    ///
    /// Process context; may sleep. Fails with `EBUSY` if somebody is told already.
    pub fn new<T: Links>() -> Result<Self> {
        if TAKEN.xchg(true, ordering::Acquire) {
            return Err(EBUSY);
        }
        // SAFETY: Nobody else follows, as `TAKEN` was false; the function is there as long as the
        // module, which takes it back before it goes.
        let result = to_result(unsafe { bindings::rust_helper_links_follow(Some(changed::<T>)) });
        if result.is_err() {
            TAKEN.store(false, ordering::Release);
        }
        // INVARIANT: They were just registered.
        result.map(|()| Self(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants they are registered.
        unsafe { bindings::rust_helper_links_forget() };
        TAKEN.store(false, ordering::Release);
    }
}

/// # Safety
///
/// For the kernel to call, with a valid namespace.
unsafe extern "C" fn changed<T: Links>(net: *mut bindings::net) {
    // SAFETY: By the safety requirements.
    T::changed(unsafe { Net::from_raw(net) });
}
