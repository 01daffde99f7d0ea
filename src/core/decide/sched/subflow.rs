// SPDX-License-Identifier: GPL-2.0

//! What a scheduler sees of one subflow.

/// A subflow at the moment of a decision.
///
/// The kernel reads the fields without holding the subflow's lock: each is a value that the field
/// had, but two of them need not be of the same moment, and none may be trusted to be in range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subflow {
    /// Established, not closing, and not stale: it can carry data now.
    pub active: bool,
    /// One of the ends asked to use it only when no regular subflow is left (RFC 8684, 3.3.8).
    pub backup: bool,
    /// Its retransmission timer fired and what was lost is not repaired yet (`TCP_CA_Loss`).
    pub in_loss: bool,
    /// Smoothed round-trip time in µs × 8, as TCP stores it; 0 before the first sample.
    pub srtt_x8_us: u32,
    /// Congestion window, in packets.
    pub cwnd: u32,
    /// Packets sent that have neither been acknowledged nor counted as lost.
    pub in_flight: u32,
    /// Bytes in its send queue that have not been sent for the first time.
    pub unsent: u32,
    /// Payload of one packet, in bytes.
    pub mss: u32,
    /// Its send buffer takes more data.
    pub memory_free: bool,
    /// Nothing of it is queued or waits for an acknowledgment.
    pub idle: bool,
    /// MPTCP retransmission timeouts in a row in which it made no progress.
    pub stale_count: u8,
}

impl Subflow {
    /// Round-trip time to compare by: no sample is worse than any sample.
    pub fn rtt(&self) -> u32 {
        match self.srtt_x8_us {
            0 => u32::MAX,
            srtt => srtt,
        }
    }

    /// Whether the congestion window has room for more than what is queued already.
    ///
    /// A subflow with nothing queued and nothing in flight always has room: there is nothing
    /// whose acknowledgment could make some.
    pub fn has_cwnd_room(&self) -> bool {
        // Not div_ceil(), which checks for an overflow that cannot be, and panics. Without a
        // packet size, each byte counts as a packet.
        let whole = self.unsent.checked_div(self.mss).unwrap_or(self.unsent);
        let rest = self.unsent.checked_rem(self.mss).unwrap_or(0);
        let queued = whole.saturating_add(u32::from(rest != 0));
        let taken = self.in_flight.saturating_add(queued);
        taken == 0 || taken < self.cwnd
    }

    /// Whether new data can go on it at once.
    pub fn can_send(&self) -> bool {
        self.active && self.memory_free && self.has_cwnd_room()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBFLOW: Subflow = Subflow {
        active: true,
        backup: false,
        in_loss: false,
        srtt_x8_us: 8 * 10_000,
        cwnd: 10,
        in_flight: 0,
        unsent: 0,
        mss: 1400,
        memory_free: true,
        idle: true,
        stale_count: 0,
    };

    #[test]
    fn cwnd_room_ends_with_the_last_packet_of_the_window() {
        let flying = |in_flight| Subflow {
            in_flight,
            ..SUBFLOW
        };
        assert!(flying(9).has_cwnd_room());
        assert!(!flying(10).has_cwnd_room());
        assert!(!flying(11).has_cwnd_room());
    }

    #[test]
    fn queued_bytes_count_as_whole_packets() {
        let queued = |unsent| Subflow {
            in_flight: 8,
            unsent,
            ..SUBFLOW
        };
        assert!(queued(1400).has_cwnd_room());
        assert!(!queued(1401).has_cwnd_room());
    }

    #[test]
    fn an_empty_subflow_has_room_whatever_its_window() {
        let empty = Subflow { cwnd: 0, ..SUBFLOW };
        assert!(empty.has_cwnd_room());
    }

    #[test]
    fn values_out_of_range_do_no_harm() {
        let odd = Subflow {
            in_flight: u32::MAX,
            unsent: u32::MAX,
            mss: 0,
            ..SUBFLOW
        };
        assert!(!odd.has_cwnd_room());
    }

    #[test]
    fn no_sample_is_slower_than_the_slowest_sample() {
        let unknown = Subflow {
            srtt_x8_us: 0,
            ..SUBFLOW
        };
        let slowest = Subflow {
            srtt_x8_us: u32::MAX - 1,
            ..SUBFLOW
        };
        assert!(unknown.rtt() > slowest.rtt());
    }
}
