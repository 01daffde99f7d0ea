// SPDX-License-Identifier: GPL-2.0

//! Sharing data between those who read it often and one who replaces it.

use core::{marker::PhantomData, mem::ManuallyDrop};
use kernel::{
    bindings::synchronize_rcu,
    sync::{
        atomic::{ordering, Atomic},
        rcu, Arc,
    },
};

/// An [`Arc`] that can be replaced by another one while others look at it.
///
/// Looking at it is for any context and never waits. Those who do have no part in ending it: it
/// is dropped by who replaced it, in process context.
///
/// # Invariants
///
/// `self.current` came from [`Arc::into_raw`], and the reference belongs to this. Who replaces it
/// keeps the old one alive for an RCU grace period.
pub struct RcuArc<T: Send + Sync + 'static> {
    current: Atomic<*const T>,
    owned: PhantomData<Arc<T>>,
}

impl<T: Send + Sync + 'static> RcuArc<T> {
    /// Starts with `first`.
    pub fn new(first: Arc<T>) -> Self {
        // INVARIANT: By `into_raw`, which gives the reference away.
        Self {
            current: Atomic::new(Arc::into_raw(first)),
            owned: PhantomData,
        }
    }

    /// Lets `look` see the current one.
    ///
    /// `look` runs in an RCU read-side critical section: it must not sleep.
    pub fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        let _guard = rcu::read_lock();
        // SAFETY: By the type invariants it is alive until the guard is dropped, at the least.
        look(unsafe { &*self.current.load(ordering::Acquire) })
    }

    /// A reference to the current one. Who drops the last one ends it: this is for process
    /// context, if that may sleep.
    pub fn copy(&self) -> Arc<T> {
        let _guard = rcu::read_lock();
        let current = self.current.load(ordering::Acquire);
        // SAFETY: By the type invariants it is alive until the guard is dropped, at the least.
        // The reference that belongs to this is kept from being dropped.
        let current = ManuallyDrop::new(unsafe { Arc::from_raw(current) });
        Arc::clone(&current)
    }

    /// Replaces the current one, and waits until nobody looks at the old one.
    ///
    /// Process context; sleeps for an RCU grace period.
    pub fn replace(&self, new: Arc<T>) {
        let old = self.current.xchg(Arc::into_raw(new), ordering::Full);
        // SAFETY: It may be called wherever sleeping is allowed.
        unsafe { synchronize_rcu() };
        // SAFETY: By the type invariants the reference belonged to this, and nobody reaches it
        // any more.
        drop(unsafe { Arc::from_raw(old) });
    }
}

impl<T: Send + Sync + 'static> Drop for RcuArc<T> {
    fn drop(&mut self) {
        let current = self.current.load(ordering::Relaxed);
        // SAFETY: By the type invariants the reference belongs to this. Nobody else has a
        // reference to this, so that nobody looks at it.
        drop(unsafe { Arc::from_raw(current) });
    }
}
