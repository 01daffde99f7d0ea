// SPDX-License-Identifier: GPL-2.0

//! Per-CPU counters.
//!
//! C header: [`include/linux/percpu.h`](srctree/include/linux/percpu.h).

use crate::bindings;
use core::ptr::NonNull;
use kernel::prelude::*;

/// `N` 64-bit counters, each of which every CPU has its own part of.
///
/// Adding is cheap and takes no lock; it may be done in any context. Reading adds up the parts.
///
/// # Invariants
///
/// `self.parts` is a per-CPU allocation of `N` zero-initialised `u64`, which belongs to this.
pub struct Counters<const N: usize> {
    parts: NonNull<u64>,
}

// SAFETY: It owns a per-CPU allocation, which may be freed on any CPU.
unsafe impl<const N: usize> Send for Counters<N> {}
// SAFETY: All access is by operations that are atomic with regard to the CPU, or that only read.
unsafe impl<const N: usize> Sync for Counters<N> {}

impl<const N: usize> Counters<N> {
    /// Makes counters that are 0.
    ///
    /// Process context; may sleep.
    pub fn new() -> Result<Self> {
        // SAFETY: It takes any number.
        let parts = unsafe { bindings::rust_helper_percpu_u64_alloc(N) };
        // INVARIANT: Such an allocation is zeroed.
        Ok(Self {
            parts: NonNull::new(parts).ok_or(ENOMEM)?,
        })
    }

    /// Adds to a counter; to none, if there is no such counter.
    #[inline]
    pub fn add(&self, index: usize, value: u64) {
        if index < N {
            // SAFETY: By the type invariants there are `N` counters.
            unsafe { bindings::rust_helper_percpu_u64_add(self.parts.as_ptr(), index, value) };
        }
    }

    /// What a counter counted on all CPUs; 0 if there is no such counter.
    pub fn sum(&self, index: usize) -> u64 {
        if index < N {
            // SAFETY: By the type invariants there are `N` counters.
            unsafe { bindings::rust_helper_percpu_u64_sum(self.parts.as_ptr(), index) }
        } else {
            0
        }
    }
}

impl<const N: usize> Drop for Counters<N> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it belongs to this.
        unsafe { bindings::rust_helper_percpu_u64_free(self.parts.as_ptr()) };
    }
}
