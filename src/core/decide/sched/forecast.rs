// SPDX-License-Identifier: GPL-2.0

//! When data arrives: at what pace a path delivers what is under way on it.
//!
//! A subflow sends a congestion window in each round trip. Its path may be faster than that: the
//! window then is what limits it, and doubles with each round trip in slow start. Or it is not,
//! and what is in flight waits in a queue. Then the rate at which the path has delivered lately,
//! that TCP measures as well, tells when it will be through, sooner than round-trip times do
//! (`tcp_rate.c` of Linux; draft-cheng-iccrg-delivery-rate-estimation).

use super::Subflow;

/// Round trips without waiting that the queue of a path may last.
const QUEUE_ROUNDS: u64 = 4;

/// Packets that it may have besides, where a round trip takes hardly any.
const QUEUE_PACKETS: u64 = 4;

impl Subflow {
    /// Whether its path limits it, rather than its window, and the rate of that was measured.
    ///
    /// As long as the path could carry more, a burst of slow start waits in it for less than a
    /// round trip without waiting. So a round-trip time of twice the lowest tells, and as soon as
    /// that, what is in flight: that can be twice as much as when the rate was measured. The first
    /// packets of a window that are acknowledged tell of no rate yet.
    pub fn is_queued(&self) -> bool {
        if self.rate_interval_us == 0 || self.rate_packets == 0 {
            return false;
        }
        let min = u64::from(self.min_rtt_us);
        let in_flight = u128::from(self.in_flight);
        let tells = u64::from(self.rate_packets).saturating_mul(4) >= self.in_flight.into();
        let takes = in_flight.saturating_mul(self.rate_interval_us.into());
        let lowest = u128::from(min.saturating_mul(4)).saturating_mul(self.rate_packets.into());
        self.latest_rtt_us() >= min.saturating_mul(2) || (tells && takes > lowest)
    }

    /// Bytes that are delivered in a time in µs, at least 1 both.
    fn pace(&self) -> (u64, u64) {
        let (bytes, us) = if self.is_queued() {
            let bytes = u64::from(self.rate_packets).saturating_mul(self.mss.into());
            (bytes, self.rate_interval_us.into())
        } else if self.slow_start {
            (self.window().saturating_mul(2), self.latest_rtt_us())
        } else {
            (self.window(), self.latest_rtt_us())
        };
        (bytes.max(1), us.max(1))
    }

    /// Time in which the path delivers so many bytes, in µs.
    pub fn drain_us(&self, bytes: u64) -> u64 {
        let (per, us) = self.pace();
        bytes.saturating_mul(us).checked_div(per).unwrap_or(0)
    }

    /// Bytes that the path delivers in so many µs.
    pub fn delivers(&self, us: u64) -> u64 {
        let (bytes, per) = self.pace();
        bytes.saturating_mul(us).checked_div(per).unwrap_or(0)
    }

    /// Packets that may still wait in its queue before another one gains nothing: what is behind
    /// those arrives no sooner than if it is given to it later. It is some round trips, so that
    /// the path never runs dry, and half of the window at the least: the queue may be that of
    /// others, which whoever keeps out of it gets no share of.
    pub fn queue_left(&self) -> u32 {
        if !self.is_queued() {
            return u32::MAX;
        }
        let us = u64::from(self.min_rtt_us).saturating_mul(QUEUE_ROUNDS);
        let enough = self
            .packets(self.delivers(us))
            .saturating_add(QUEUE_PACKETS);
        let enough = u32::try_from(enough).unwrap_or(u32::MAX).max(self.cwnd / 2);
        enough.saturating_sub(self.taken())
    }

    /// Time until the last of so many bytes arrives, in µs, if they are given to it now: they have
    /// all in front of them that it has not delivered.
    pub fn arrival_us(&self, bytes: u64) -> u64 {
        let queued = self.drain_us(self.backlog().saturating_add(bytes));
        // What is in flight includes those whose acknowledgments are on their way.
        self.one_way_us().max(queued.saturating_sub(self.back_us()))
    }

    /// Time until the next packet arrives, in µs, if it is given to it now. A packet has a byte at
    /// the least, as for [`packets`](Self::packets).
    pub fn next_arrival_us(&self) -> u64 {
        self.arrival_us(u64::from(self.mss).max(1))
    }

    /// Time until it has delivered all that it was given but so many bytes, in µs. What was lost is
    /// behind all the rest, and which that is cannot be told from here.
    pub fn delivery_us(&self, behind: u64) -> u64 {
        let last = self.arrival_us(0);
        if self.lost {
            return last;
        }
        last.saturating_sub(self.drain_us(behind))
    }
}

/// The subflow on which a packet arrives first; the first of several. A queue that has just grown
/// does not show in smoothed round-trip times yet.
pub fn soonest<'a>(
    subflows: impl Iterator<Item = (u32, &'a Subflow)>,
) -> Option<(u32, &'a Subflow)> {
    subflows.min_by_key(|(_, it)| it.next_arrival_us())
}

/// The lowest number from `low` on, below `high`, from which on something holds; `high` if there is
/// none. It has to hold from some number on.
pub fn first_from(low: u64, high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (low, high.max(low));
    while low < high {
        let middle = low.saturating_add(high.saturating_sub(low) / 2);
        if holds(middle) {
            high = middle;
        } else {
            low = middle.saturating_add(1);
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::testing::{any_subflows, subflow};
    use proptest::prelude::*;

    /// A path of 1 Mbit/s, or 12 ms for a packet, and 20 ms of round trip without waiting, with
    /// ten packets under way.
    fn queue() -> Subflow {
        Subflow {
            min_rtt_us: 20_000,
            rate_packets: 5,
            rate_interval_us: 60_000,
            in_flight: 10,
            idle: false,
            ..subflow(80)
        }
    }

    #[test]
    fn a_queue_is_delivered_at_the_rate_of_the_path() {
        let packets = |number: u64| number * 1400;
        assert_eq!(queue().drain_us(packets(10)), 120_000);
        // Ten milliseconds of the 120 are acknowledgments on their way back.
        assert_eq!(queue().arrival_us(0), 110_000);
        assert_eq!(queue().arrival_us(packets(3)), 146_000);
        assert_eq!(queue().delivery_us(0), 110_000);
        assert_eq!(queue().delivery_us(packets(8)), 14_000);
        assert_eq!(queue().delivery_us(packets(9)), 2_000);
        assert_eq!(queue().delivery_us(packets(10)), 0);
        let lost = Subflow {
            lost: true,
            ..queue()
        };
        assert_eq!(lost.delivery_us(packets(9)), 110_000);
    }

    #[test]
    fn without_a_queue_it_is_a_window_in_a_round_trip() {
        assert_eq!(subflow(80).drain_us(7000), 40_000);
        // What there is no queue for takes half of a round trip.
        assert_eq!(subflow(80).arrival_us(1400), 40_000);
        let starts = Subflow {
            slow_start: true,
            ..subflow(80)
        };
        assert_eq!(starts.drain_us(7000), 20_000);
        // Ten packets in a round trip of 80 ms, 70 without waiting: a burst waits, no more.
        let burst = Subflow {
            rate_packets: 10,
            rate_interval_us: 80_000,
            min_rtt_us: 70_000,
            in_flight: 20,
            ..starts
        };
        assert!(!burst.is_queued());
        assert!(queue().is_queued());
        // The round trips of what made the queue were not seen yet.
        let grows = Subflow {
            srtt_x8_us: 8 * 20_000,
            ..queue()
        };
        assert!(grows.is_queued());
        let first = Subflow {
            rate_packets: 1,
            rate_interval_us: 80_000,
            ..burst
        };
        assert!(!first.is_queued());
    }

    #[test]
    fn the_first_number_is_found() {
        assert_eq!(first_from(3, 100, |it| it >= 57), 57);
        assert_eq!(first_from(3, 100, |_| true), 3);
        assert_eq!(first_from(3, 100, |_| false), 100);
        assert_eq!(first_from(100, 3, |_| false), 100);
        assert_eq!(first_from(0, u64::MAX, |it| it >= 1 << 63), 1 << 63);
    }

    proptest! {
        #[test]
        fn more_data_never_arrives_sooner(
            subflows in any_subflows(),
            one in 0..100_000_000u64,
            other in 0..100_000_000u64,
        ) {
            let (less, more) = (one.min(other), one.max(other));
            for it in &subflows {
                prop_assert!(it.drain_us(less) <= it.drain_us(more));
                prop_assert!(it.arrival_us(less) <= it.arrival_us(more));
                prop_assert!(it.delivery_us(less) >= it.delivery_us(more));
                prop_assert!(it.delivery_us(less) <= it.arrival_us(0));
                prop_assert!(it.arrival_us(less) >= it.one_way_us());
            }
        }
    }
}
