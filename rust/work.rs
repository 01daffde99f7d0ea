// SPDX-License-Identifier: GPL-2.0

//! Work that is put off to process context.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h).

use crate::bindings;
use kernel::{
    bindings::{delayed_work, work_struct},
    container_of,
    prelude::*,
    sync::atomic::{ordering, Atomic},
    types::Opaque,
};

/// A function that is run later, in process context, where it may sleep; always a `static`.
///
/// It never runs twice at the same time. `kernel::workqueue` has no work that can be hurried up,
/// nor any that a module can wait for when it goes.
///
/// # Invariants
///
/// - `taken` becomes true before `work` is initialised, and stays so.
/// - `ready` is true only when `work` is initialised.
pub struct Work {
    work: Opaque<delayed_work>,
    taken: Atomic<bool>,
    ready: Atomic<bool>,
    run: fn(),
}

// SAFETY: `work` is written once, by who made `taken` true, before `ready` is true. After that it
// is for the kernel's functions, which may be called from anywhere.
unsafe impl Sync for Work {}

impl Work {
    /// Work that runs `run`, once it is [started](Started).
    pub const fn new(run: fn()) -> Self {
        Self {
            work: Opaque::uninit(),
            taken: Atomic::new(false),
            ready: Atomic::new(false),
            run,
        }
    }

    /// Runs it in so many milliseconds, or sooner if that was asked for before; once more if it
    /// is running. Does nothing unless it is [started](Started).
    ///
    /// Any context.
    pub fn within(&self, ms: u32) {
        if self.ready.load(ordering::Acquire) {
            // SAFETY: By the type invariants it is initialised.
            unsafe { bindings::rust_helper_work_within(self.work.get(), ms) };
        }
    }

    /// # Safety
    ///
    /// For the kernel to call, with the work of a `Work`.
    unsafe extern "C" fn call(work: *mut work_struct) {
        // SAFETY: By the safety requirements it is the first field of a `struct delayed_work`,
        // which is that of a `Work`, and that is a static.
        let this = unsafe {
            let delayed = container_of!(work, delayed_work, work);
            &*container_of!(
                Opaque::cast_from(delayed.cast_const()).cast_mut(),
                Self,
                work
            )
        };
        (this.run)();
    }
}

/// Work that can be run; dropping it waits until it runs no more.
///
/// # Invariants
///
/// `work` is initialised.
#[must_use = "work is stopped when this is dropped"]
pub struct Started {
    work: &'static Work,
}

impl Started {
    /// Lets `work` be run from now on. Process context.
    ///
    /// Fails with `EBUSY` if it was started before: it can be started once.
    pub fn new(work: &'static Work) -> Result<Self> {
        if work.taken.xchg(true, ordering::Acquire) {
            return Err(EBUSY);
        }
        // SAFETY: By the type invariants of `Work` nobody else writes to it, and it is a static.
        unsafe { bindings::rust_helper_work_init(work.work.get(), Some(Work::call)) };
        // INVARIANT: It was just initialised.
        work.ready.store(true, ordering::Release);
        Ok(Self { work })
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // SAFETY: By the type invariants. This is for where sleeping is allowed, which is where
        // a module is unloaded.
        unsafe { bindings::rust_helper_work_disable(self.work.work.get()) };
    }
}
