// SPDX-License-Identifier: GPL-2.0

//! What a scheduler sees when it is asked.

use super::{Rank, Subflow};
use crate::knob::Knobs;

/// What a scheduler sees of the connection.
///
/// DSNs are numbers of 64 bits that start anywhere and wrap: they are only ever compared with
/// each other (RFC 8684, 3.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// DSN of the first byte that the peer has not acknowledged.
    pub una: u64,
    /// DSN of the first byte that no subflow was given.
    pub next: u64,
    /// Bytes the peer's receive window has room for, at the MPTCP level.
    pub send_window: u64,
    /// Bytes that the application wrote and no subflow was given, or that are to be given once
    /// more.
    pub unsent: u64,
    /// A subflow was lost, and the kernel sends all again that is not acknowledged, as if it were
    /// new. There is nothing to repeat meanwhile.
    pub recovery: bool,
    /// The application has more to write, and waits for room in the send buffer.
    pub more: bool,
    /// The most to grant with one decision, in bytes; [`MAX_BURST`](super::MAX_BURST) by default.
    /// At least 1: the burst is 0 otherwise, and the kernel asks again for every fragment.
    pub max_burst: u32,
    /// The time, in µs since any moment; 0 for a scheduler without
    /// [`CLOCK`](super::Scheduler::CLOCK).
    pub now_us: u64,
}

impl Connection {
    /// Bytes that were sent and are not acknowledged.
    #[inline]
    pub fn outstanding(&self) -> u64 {
        // In recovery after the loss of a subflow, una can be ahead for a moment.
        match self.next.wrapping_sub(self.una) {
            bytes if bytes <= u64::MAX / 2 => bytes,
            _ => 0,
        }
    }

    /// Bytes of the peer's whole receive window: what is outstanding, and what there is room for.
    #[inline]
    pub fn window(&self) -> u64 {
        self.outstanding().saturating_add(self.send_window)
    }
}

/// Whether DSN `one` comes before `other`.
pub fn before(one: u64, other: u64) -> bool {
    one.wrapping_sub(other) > u64::MAX / 2
}

/// Subflows with their positions.
#[derive(Clone, Debug)]
pub struct Positions<'a> {
    rest: core::slice::Iter<'a, Subflow>,
    next: u32,
}

impl<'a> Positions<'a> {
    /// Those of a list.
    #[inline]
    pub fn of(subflows: &'a [Subflow]) -> Self {
        Self {
            rest: subflows.iter(),
            next: 0,
        }
    }
}

// Not zip(), which checks the sum of its index for an overflow, and panics.
impl<'a> Iterator for Positions<'a> {
    type Item = (u32, &'a Subflow);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let subflow = self.rest.next()?;
        let position = self.next;
        self.next = position.wrapping_add(1);
        Some((position, subflow))
    }
}

/// The connection, its subflows in the kernel's order, and the settings, at the moment of a
/// decision.
#[derive(Debug)]
pub struct View<'a, K> {
    /// The connection.
    pub connection: &'a Connection,
    /// The subflows, at most [`MAX_SUBFLOWS`](super::MAX_SUBFLOWS).
    pub subflows: &'a [Subflow],
    /// Values of the knobs.
    pub knobs: &'a K,
    best: Option<Rank>,
}

impl<'a, K: Knobs> View<'a, K> {
    /// Of these.
    pub fn new(connection: &'a Connection, subflows: &'a [Subflow], knobs: &'a K) -> Self {
        let ranks = subflows.iter().filter(|it| it.active).map(Rank::of);
        Self {
            connection,
            subflows,
            knobs,
            best: ranks.min(),
        }
    }

    /// Subflows with their positions.
    pub fn positions(&self) -> Positions<'a> {
        Positions::of(self.subflows)
    }

    /// The subflows that come into question, full or not: those active ones of the best
    /// [`Rank`] there is.
    pub fn candidates(&self) -> impl Iterator<Item = (u32, &'a Subflow)> + Clone {
        let best = self.best;
        self.positions()
            .filter(move |(_, it)| it.active && Some(Rank::of(it)) == best)
    }

    /// The candidate with the lowest round-trip time of those that `suit`; the first of several.
    pub fn fastest_of(&self, suits: impl Fn(&Subflow) -> bool) -> Option<(u32, &'a Subflow)> {
        self.candidates()
            .filter(|(_, it)| suits(it))
            .min_by_key(|(_, it)| it.rtt())
    }

    /// The candidate with the lowest round-trip time, full or not.
    pub fn fastest(&self) -> Option<(u32, &'a Subflow)> {
        self.fastest_of(|_| true)
    }

    /// The candidate with the lowest round-trip time of those with room.
    pub fn fastest_with_room(&self) -> Option<(u32, &'a Subflow)> {
        self.fastest_of(Subflow::can_send)
    }

    /// The candidate with the lowest round-trip time of those with room.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn chosen(&self) -> Result<(u32, &'a Subflow), super::Wait> {
        self.fastest_with_room().ok_or_else(|| self.no_room())
    }

    /// That one, and the fastest of all, which may be the same.
    ///
    /// # Errors
    ///
    /// Why nobody has room.
    pub fn fastest_two(&self) -> Result<[(u32, &'a Subflow); 2], super::Wait> {
        let chosen = self.chosen()?;
        Ok([chosen, self.fastest().unwrap_or(chosen)])
    }

    /// Why there is no candidate with room.
    pub fn no_room(&self) -> super::Wait {
        match self.best {
            Some(_) => super::Wait::Full,
            None => super::Wait::NoSubflow,
        }
    }

    /// Leave for a subflow to fill its congestion window.
    ///
    /// What is left of a window that is opened by acknowledgments, packet by packet, would make
    /// for tiny bursts, and for as many decisions. So there is always leave for what it sends
    /// within about a millisecond: that is what TCP puts together for the network card
    /// (`tcp_tso_autosize()`). While the window of the peer is closed the burst is 0, but a
    /// subflow is named all the same: the kernel probes the window on it.
    pub fn fill(&self, position: u32, subflow: &Subflow) -> super::Grant {
        let room = subflow.room();
        let per_ms = u32::try_from(subflow.pacing_rate >> 10).unwrap_or(u32::MAX);
        // Whole packets, or the next decision has a small one to send.
        let per_ms = per_ms.saturating_sub(per_ms.checked_rem(subflow.mss).unwrap_or(0));
        super::Grant {
            subflow: position,
            burst: self.burst(room.max(per_ms).max(subflow.mss).max(1)),
        }
    }

    /// A burst, as far as the window of the peer and the administrator have no objection.
    pub fn burst(&self, bytes: u32) -> u32 {
        let limit = bytes.min(self.connection.max_burst);
        match u32::try_from(self.connection.send_window) {
            Ok(window) => window.min(limit),
            Err(_) => limit,
        }
    }
}
