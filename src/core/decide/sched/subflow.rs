// SPDX-License-Identifier: GPL-2.0

//! What a scheduler sees of one subflow.

/// A subflow at the moment of a decision.
///
/// The kernel reads the fields without holding the subflow's lock: each is a value that the field
/// had, but two of them need not be of the same moment, and none may be trusted to be in range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subflow {
    /// Its number within the connection, from 1; another one never has it.
    pub id: u32,
    /// Established, not closing, and not stale: it can carry data now.
    pub active: bool,
    /// One of the ends asked to use it only when no regular subflow is left (RFC 8684, 3.3.8).
    pub backup: bool,
    /// Its retransmission timer fired, and nothing was acknowledged since.
    pub in_loss: bool,
    /// Its retransmission timer fired, and what was lost is not repaired yet (`TCP_CA_Loss`).
    pub repairs: bool,
    /// Packets of it were lost, by whatever told so, that were not delivered since.
    pub lost: bool,
    /// Smoothed round-trip time in µs × 8, as TCP stores it; 0 before the first sample.
    pub srtt_x8_us: u32,
    /// Mean deviation of the round-trip time in µs × 4, as TCP stores it (`rttvar_us`).
    pub rttvar_x4_us: u32,
    /// Lowest round-trip time of the last minutes in µs (`net.ipv4.tcp_min_rtt_wlen`).
    pub min_rtt_us: u32,
    /// Round-trip time of the packet that was acknowledged last, in µs; 0 before the first one.
    pub last_rtt_us: u32,
    /// Packets that were delivered in the time of TCP's last sample of the delivery rate
    /// (`rate_delivered`); 0 before the first one.
    pub rate_packets: u32,
    /// That time, in µs (`rate_interval_us`).
    pub rate_interval_us: u32,
    /// It was not acknowledged two packets of data yet: nothing but the round-trip time of its
    /// handshake is known.
    pub untried: bool,
    /// Congestion window, in packets.
    pub cwnd: u32,
    /// Packets sent that have neither been acknowledged nor counted as lost.
    pub in_flight: u32,
    /// Bytes in its send queue that have not been sent for the first time.
    pub unsent: u32,
    /// Payload of one packet, in bytes.
    pub mss: u32,
    /// Its congestion window grows exponentially.
    pub slow_start: bool,
    /// What it may send in a second, in bytes, as TCP paces it: somewhat above what it does.
    pub pacing_rate: u64,
    /// Its send buffer takes more data.
    pub memory_free: bool,
    /// Nothing of it is queued or waits for an acknowledgment.
    pub idle: bool,
    /// MPTCP retransmission timeouts in a row in which it made no progress.
    pub stale_count: u8,
    /// There were too many of those (`net.mptcp.stale_loss_cnt`), so it is not
    /// [`active`](Self::active), until it has received something.
    pub stale: bool,
    /// Since when it has sent no data, not even once more, in ms.
    pub quiet_ms: u32,
    /// What the administrator has set for its path.
    pub path: Path,
}

/// What the administrator has set for the path of a subflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its share of the bytes, in relation to those of the others; 0 is for when no other can.
    pub weight: u32,
    /// The lower, the sooner it is used.
    pub cost: u32,
    /// It has carried as much as it may.
    pub exhausted: bool,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            weight: 1,
            cost: 0,
            exhausted: false,
        }
    }
}

impl Subflow {
    /// Round-trip time to compare by: no sample is worse than any sample.
    #[inline]
    pub fn rtt(&self) -> u32 {
        match self.srtt_x8_us {
            0 => u32::MAX,
            srtt => srtt,
        }
    }

    /// Smoothed round-trip time in µs, at least 1; that of a slow path before the first sample.
    #[inline]
    pub fn srtt_us(&self) -> u64 {
        match self.srtt_x8_us >> 3 {
            0 if self.srtt_x8_us == 0 => UNKNOWN_RTT_US,
            0 => 1,
            srtt => u64::from(srtt),
        }
    }

    /// Round-trip time in µs: the smoothed one, or the last sample if that is more.
    #[inline]
    pub fn latest_rtt_us(&self) -> u64 {
        self.srtt_us().max(self.last_rtt_us.into())
    }

    /// Time until what is sent now arrives, in µs: half of the round trip without waiting, and all
    /// of the waiting, since it is the data that waits in queues, hardly its acknowledgments. A
    /// queue that grows is told by the last sample sooner than by the smoothed time. Where nothing
    /// is under way, what was there has got through.
    #[inline]
    pub fn one_way_us(&self) -> u64 {
        if self.taken() == 0 && self.min_rtt_us != 0 {
            return self.back_us();
        }
        self.latest_rtt_us().saturating_sub(self.back_us())
    }

    /// Time that an acknowledgment takes on its way back, in µs: it hardly waits.
    #[inline]
    pub(super) fn back_us(&self) -> u64 {
        u64::from(self.min_rtt_us).min(self.latest_rtt_us()) / 2
    }

    /// Mean deviation of the round-trip time, in µs.
    pub fn rttvar_us(&self) -> u64 {
        u64::from(self.rttvar_x4_us >> 2)
    }

    /// Packets that are queued and wait for room in the congestion window.
    #[inline]
    fn queued(&self) -> u32 {
        // Mostly there are none, and a division takes as long as all the rest.
        if self.unsent == 0 {
            return 0;
        }
        u32::try_from(self.packets(self.unsent.into())).unwrap_or(u32::MAX)
    }

    /// Packets that so many bytes take. Without a packet size, each byte counts as one.
    pub(super) fn packets(&self, bytes: u64) -> u64 {
        // Not div_ceil(), which checks for an overflow that cannot be, and panics.
        let mss = u64::from(self.mss).max(1);
        let whole = bytes.checked_div(mss).unwrap_or(bytes);
        let rest = bytes.checked_rem(mss).unwrap_or(0);
        whole.saturating_add(u64::from(rest != 0))
    }

    /// Packets that the congestion window has room for, with what is queued already in it.
    ///
    /// A subflow with nothing queued and nothing in flight always has room: there is nothing
    /// whose acknowledgment could make some.
    #[inline]
    pub fn cwnd_room(&self) -> u32 {
        match self.taken() {
            0 => self.cwnd.max(1),
            taken => self.cwnd.saturating_sub(taken),
        }
    }

    /// Packets that are in flight or queued.
    #[inline]
    pub fn taken(&self) -> u32 {
        self.in_flight.saturating_add(self.queued())
    }

    /// Whether the congestion window has room for more than what is queued already.
    #[inline]
    pub fn has_cwnd_room(&self) -> bool {
        self.cwnd_room() > 0
    }

    /// Bytes of whole packets that the congestion window has room for.
    #[inline]
    pub(super) fn room(&self) -> u32 {
        self.cwnd_room().saturating_mul(self.mss)
    }

    /// Bytes of a full congestion window, at least 1.
    #[inline]
    pub fn window(&self) -> u64 {
        u64::from(self.cwnd)
            .saturating_mul(u64::from(self.mss))
            .max(1)
    }

    /// Bytes that are in flight or queued.
    #[inline]
    pub fn backlog(&self) -> u64 {
        u64::from(self.in_flight)
            .saturating_mul(u64::from(self.mss))
            .saturating_add(u64::from(self.unsent))
    }

    /// Whether new data can go on it at once.
    #[inline]
    pub fn can_send(&self) -> bool {
        self.active && self.memory_free && self.has_cwnd_room()
    }
}

/// What a round-trip time is taken for before its first sample, as TCP does for its timer
/// (RFC 6298, 2.1), in µs.
const UNKNOWN_RTT_US: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const SUBFLOW: Subflow = Subflow {
        id: 1,
        active: true,
        backup: false,
        in_loss: false,
        repairs: false,
        lost: false,
        srtt_x8_us: 8 * 10_000,
        rttvar_x4_us: 0,
        min_rtt_us: 10_000,
        last_rtt_us: 0,
        rate_packets: 0,
        rate_interval_us: 0,
        untried: false,
        slow_start: false,
        pacing_rate: 0,
        cwnd: 10,
        in_flight: 0,
        unsent: 0,
        mss: 1400,
        memory_free: true,
        idle: true,
        stale_count: 0,
        stale: false,
        quiet_ms: 0,
        path: Path {
            weight: 1,
            cost: 0,
            exhausted: false,
        },
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
        assert_eq!(empty.cwnd_room(), 1);
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
    fn waiting_is_done_on_the_way_there() {
        let waits = Subflow {
            srtt_x8_us: 8 * 30_000,
            in_flight: 1,
            idle: false,
            ..SUBFLOW
        };
        assert_eq!(SUBFLOW.one_way_us(), 5_000);
        assert_eq!(waits.one_way_us(), 25_000);
        let got_through = Subflow {
            in_flight: 0,
            ..waits
        };
        assert_eq!(got_through.one_way_us(), 5_000);
        let odd = Subflow {
            min_rtt_us: u32::MAX,
            ..SUBFLOW
        };
        assert_eq!(odd.one_way_us(), 5_000);
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
