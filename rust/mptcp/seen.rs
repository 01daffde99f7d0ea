// SPDX-License-Identifier: GPL-2.0

//! All that a decision is made from, read at once.

use super::{Connection, Subflow};
use crate::bindings;
use core::{marker::PhantomData, mem::MaybeUninit, ptr::NonNull};

/// State of a [`Connection`] at a moment, and of its first [`MAX_SUBFLOWS`](Self::MAX_SUBFLOWS)
/// subflows.
///
/// # Invariants
///
/// The numbers of `seen` are initialised, and as many of its subflows as it says. Those are of a
/// connection that is locked until the end of `'a`.
pub struct Seen<'a> {
    seen: MaybeUninit<bindings::heddle_seen>,
    locked: PhantomData<&'a bindings::mptcp_sock>,
}

/// State of a subflow at that moment.
///
/// The lock of the subflow's own TCP socket is not held: two values need not be of the same
/// moment.
///
/// # Invariants
///
/// `seen` is part of a [`Seen`] of a connection that is locked until the end of `'a`.
#[derive(Clone, Copy)]
pub struct SeenSubflow<'b, 'a> {
    seen: &'b bindings::heddle_seen_subflow,
    locked: PhantomData<&'a bindings::mptcp_sock>,
}

impl Connection<'_> {
    /// Reads all that a decision is made from. A stale subflow that received something since it
    /// was declared stale becomes active by this, as in the kernel's own scheduler.
    ///
    /// It is written to `seen`, since so much would be copied when it is returned.
    #[inline]
    pub fn see<'b>(&'b self, seen: &mut Seen<'b>) {
        // INVARIANT: It is written for a connection that is borrowed for the lifetime.
        // SAFETY: By the type invariants the pointer is valid and the connection locked.
        unsafe { bindings::rust_helper_mptcp_see(self.as_ptr(), seen.seen.as_mut_ptr()) };
    }
}

/// Declares methods that read a field.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        $(
            $(#[$doc])*
            #[inline]
            pub fn $name(&self) -> $type {
                self.seen.$name
            }
        )*
    };
}

impl<'a> Seen<'a> {
    /// Subflows it holds at most.
    pub const MAX_SUBFLOWS: usize = {
        let seen = MaybeUninit::<bindings::heddle_seen>::uninit();
        // SAFETY: Only the type of what is pointed at is used.
        let subflows = unsafe { &raw const (*seen.as_ptr()).subflows };
        length_of(subflows)
    };

    /// Nothing seen yet, of a connection without subflows.
    #[inline]
    pub fn nothing() -> Self {
        let mut seen = MaybeUninit::<bindings::heddle_seen>::uninit();
        let at = seen.as_mut_ptr();
        // SAFETY: There is room for all of it.
        unsafe {
            (&raw mut (*at).una).write(0);
            (&raw mut (*at).next).write(0);
            (&raw mut (*at).send_window).write(0);
            (&raw mut (*at).unsent).write(0);
            (&raw mut (*at).number).write(0);
            (&raw mut (*at).more).write(false);
            (&raw mut (*at).recovery).write(false);
        }
        // INVARIANT: The numbers were just written, and there are no subflows.
        Self {
            seen,
            locked: PhantomData,
        }
    }

    /// DSN of the first byte that is not acknowledged.
    #[inline]
    pub fn una(&self) -> u64 {
        // SAFETY: By the type invariants it is initialised.
        unsafe { (*self.seen.as_ptr()).una }
    }

    /// DSN of the first byte that no subflow was given.
    #[inline]
    pub fn next(&self) -> u64 {
        // SAFETY: By the type invariants it is initialised.
        unsafe { (*self.seen.as_ptr()).next }
    }

    /// Bytes from there to the end of the window that the peer announced.
    #[inline]
    pub fn send_window(&self) -> u64 {
        // SAFETY: By the type invariants it is initialised.
        unsafe { (*self.seen.as_ptr()).send_window }
    }

    /// Bytes that the application wrote and no subflow was given, or that are to be given once
    /// more.
    #[inline]
    pub fn unsent(&self) -> u64 {
        // SAFETY: By the type invariants it is initialised.
        unsafe { (*self.seen.as_ptr()).unsent }
    }

    /// Whether a subflow was lost, and all that is not acknowledged is to be sent again.
    #[inline]
    pub fn recovery(&self) -> bool {
        // SAFETY: By the type invariants it is initialised.
        unsafe { (*self.seen.as_ptr()).recovery }
    }

    /// Whether the application waits for room in the send buffer, to write more.
    #[inline]
    pub fn more(&self) -> bool {
        // SAFETY: By the type invariants it is initialised.
        unsafe { (*self.seen.as_ptr()).more }
    }

    fn entries(&self) -> &[bindings::heddle_seen_subflow] {
        let seen = self.seen.as_ptr();
        // SAFETY: By the type invariants so many are initialised.
        unsafe {
            core::slice::from_raw_parts(
                (&raw const (*seen).subflows).cast(),
                (*seen).number as usize,
            )
        }
    }

    /// The subflows, in the order in which they joined.
    #[inline]
    pub fn subflows(&self) -> impl Iterator<Item = SeenSubflow<'_, 'a>> + Clone {
        // INVARIANT: They are part of this.
        self.entries().iter().map(|seen| SeenSubflow {
            seen,
            locked: PhantomData,
        })
    }

    /// The subflow at a position of that list.
    #[inline]
    pub fn subflow(&self, position: u32) -> Option<Subflow<'a>> {
        // INVARIANT: It is part of this.
        let seen = SeenSubflow {
            seen: self.entries().get(position as usize)?,
            locked: PhantomData,
        };
        seen.subflow()
    }
}

const fn length_of<T, const N: usize>(_: *const [T; N]) -> usize {
    N
}

impl<'a> SeenSubflow<'_, 'a> {
    /// The subflow itself.
    #[inline]
    pub fn subflow(&self) -> Option<Subflow<'a>> {
        let subflow = NonNull::new(self.seen.subflow)?;
        // SAFETY: By the type invariants it is one of a connection that is locked for `'a`.
        Some(unsafe { Subflow::from_raw(subflow) })
    }

    fields! {
        /// Its number within the connection, from 1.
        id: u32,
        /// Whether it can carry data: established, not closing, and not stale.
        active: bool,
        /// Whether it was declared stale, and has received nothing since.
        stale: bool,
        /// Whether one of the ends asked to use it as a backup only.
        backup: bool,
        /// Whether its TCP's retransmission timer fired, and nothing was acknowledged since.
        in_loss: bool,
        /// Whether its TCP is repairing what a retransmission timeout declared lost.
        repairs: bool,
        /// Whether packets of it were lost that were not delivered since.
        lost: bool,
        /// Whether its congestion window grows exponentially.
        slow_start: bool,
        /// Whether its send buffer takes more data.
        memory_free: bool,
        /// Whether nothing of it is queued or waits for an acknowledgment.
        idle: bool,
        /// MPTCP retransmission timeouts in a row in which it made no progress.
        stale_count: u8,
        /// Smoothed round-trip time in µs × 8; 0 before the first sample.
        srtt_x8_us: u32,
        /// Mean deviation of the round-trip time in µs × 4.
        rttvar_x4_us: u32,
        /// Lowest round-trip time of the last minutes in µs; all ones before the first sample.
        min_rtt_us: u32,
        /// Round-trip time of the packet that was acknowledged last, in µs.
        last_rtt_us: u32,
        /// Packets that the path delivered in the time that TCP measured; 0 before it has.
        rate_packets: u32,
        /// That time, in µs.
        rate_interval_us: u32,
        /// Whether less than two packets of its data were acknowledged.
        untried: bool,
        /// Congestion window, in packets.
        cwnd: u32,
        /// Packets sent that have neither been acknowledged nor counted as lost.
        in_flight: u32,
        /// Bytes in its send queue that have not been sent for the first time.
        unsent: u32,
        /// Payload of one packet, in bytes.
        mss: u32,
        /// Since when it has sent no data, in ms.
        quiet_ms: u32,
        /// Pacing rate, in bytes per second; all ones if there is no limit.
        pacing_rate: u64,
    }
}
