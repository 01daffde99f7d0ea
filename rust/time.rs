// SPDX-License-Identifier: GPL-2.0

//! Time.
//!
//! C header: [`include/linux/timekeeping.h`](srctree/include/linux/timekeeping.h).

/// Monotonic time in µs since the system was started. Any context.
///
/// `kernel::time::Instant` can only tell differences, and panics when one overflows.
pub fn now_us() -> u64 {
    // SAFETY: It can be called at any time.
    let ns = unsafe { kernel::bindings::ktime_get() };
    u64::try_from(ns).unwrap_or(0) / 1000
}
