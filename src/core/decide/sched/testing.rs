// SPDX-License-Identifier: GPL-2.0

//! Subflows for the tests of the schedulers.

use super::{
    contract, Connection, Grant, Path, Scheduler, Subflow, View, Wait, MAX_BURST, MAX_SUBFLOWS,
};
use crate::knob::{Id, Knobs};
use proptest::prelude::*;

/// An idle subflow with ten packets of window and this round-trip time.
pub(super) fn subflow(srtt_ms: u32) -> Subflow {
    Subflow {
        id: 1,
        active: true,
        backup: false,
        in_loss: false,
        repairs: false,
        lost: false,
        srtt_x8_us: srtt_ms * 1000 * 8,
        rttvar_x4_us: 0,
        min_rtt_us: srtt_ms * 1000,
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
        path: Path::default(),
    }
}

/// One whose congestion window is full.
pub(super) fn full(srtt_ms: u32) -> Subflow {
    Subflow {
        in_flight: 10,
        idle: false,
        ..subflow(srtt_ms)
    }
}

/// The same one as a backup.
pub(super) fn backup(subflow: Subflow) -> Subflow {
    Subflow {
        backup: true,
        ..subflow
    }
}

/// The same one, repairing a loss.
pub(super) fn in_loss(subflow: Subflow) -> Subflow {
    Subflow {
        in_loss: true,
        repairs: true,
        ..subflow
    }
}

/// A connection with plenty of room, and plenty to send.
pub(super) const OPEN: Connection = Connection {
    una: 0,
    next: 0,
    send_window: 1 << 24,
    unsent: 1 << 20,
    more: false,
    recovery: false,
    max_burst: MAX_BURST,
    now_us: 0,
};

/// Knobs at their defaults, but for some.
#[derive(Clone, Debug, Default)]
pub(super) struct Knobbed(pub(super) Vec<(Id, u64)>);

impl Knobs for Knobbed {
    fn value(&self, id: Id) -> u64 {
        let set = self.0.iter().find(|(of, _)| *of == id);
        set.map_or_else(
            || id.knob().default_value(|_| Some(0)).expect("a value"),
            |(_, value)| *value,
        )
    }
}

/// What a scheduler decides, with the knobs at their defaults.
pub(super) fn ask<S: Scheduler>(
    state: &mut S::State,
    connection: &Connection,
    subflows: &[Subflow],
) -> Result<Grant, Wait> {
    S::send(state, &View::new(connection, subflows, &Knobbed::default()))
}

/// Whom a scheduler chooses afresh, by its position.
pub(super) fn choose<S: Scheduler>(subflows: &[Subflow]) -> Result<u32, Wait> {
    ask::<S>(&mut S::State::default(), &OPEN, subflows).map(|grant| grant.subflow)
}

/// Checks what holds for every decision of every scheduler.
pub(super) fn check_contract<S: Scheduler>(
    state: &mut S::State,
    connection: &Connection,
    subflows: &[Subflow],
) {
    contract::check(&ask::<S>(state, connection, subflows), connection, subflows);
}

/// Mostly numbers of the size that occurs, now and then any number at all.
fn number(usual: core::ops::Range<u32>) -> impl Strategy<Value = u32> {
    prop_oneof![9 => usual, 1 => any::<u32>()]
}

prop_compose! {
    fn any_subflow()(
        active in prop::bool::weighted(0.8),
        backup in prop::bool::weighted(0.3),
        (in_loss, lost) in (prop::bool::weighted(0.2), prop::bool::weighted(0.2)),
        memory_free in prop::bool::weighted(0.9),
        idle: bool,
        srtt_x8_us in number(0..8_000_000),
        rttvar_x4_us in number(0..1_000_000),
        (min_rtt_us, last_rtt_us, untried) in
            (number(0..1_000_000), number(0..1_000_000), any::<bool>()),
        (rate_packets, rate_interval_us) in (number(0..100), number(0..1_000_000)),
        slow_start: bool,
        pacing_rate in prop_oneof![9 => 0..1_000_000_000u64, 1 => any::<u64>()],
        cwnd in number(0..100),
        in_flight in number(0..100),
        unsent in number(0..200_000),
        mss in number(0..9000),
        (stale_count, stale, quiet_ms, weight, cost, exhausted) in (
            any::<u8>(), prop::bool::weighted(0.1), number(0..5000), 0..8u32, 0..3u32,
            prop::bool::weighted(0.1),
        ),
    ) -> Subflow {
        Subflow {
            id: 0, active: active && !stale, backup, in_loss, repairs: in_loss, lost, srtt_x8_us, rttvar_x4_us, min_rtt_us, last_rtt_us,
            rate_packets, rate_interval_us, untried, cwnd,
            in_flight, unsent, mss, slow_start, pacing_rate, memory_free, idle, stale_count, stale,
            quiet_ms,
            path: Path { weight, cost, exhausted },
        }
    }
}

/// As many subflows as there may be, in any state, with numbers of their own.
pub(super) fn any_subflows() -> impl Strategy<Value = Vec<Subflow>> {
    (
        prop::collection::vec(any_subflow(), 0..=MAX_SUBFLOWS),
        1..100u32,
    )
        .prop_map(|(mut subflows, first)| {
            for (id, subflow) in (first..).zip(&mut subflows) {
                subflow.id = id;
            }
            subflows
        })
}

prop_compose! {
    /// Subflows of one round-trip time, some of them full.
    pub(super) fn equal_subflows()(
        room in prop::collection::vec(any::<bool>(), 1..8),
        srtt_ms in 1..1000u32,
    ) -> Vec<Subflow> {
        room.into_iter()
            .map(|room| if room { subflow(srtt_ms) } else { full(srtt_ms) })
            .collect()
    }
}

prop_compose! {
    /// A connection with any window, anything to send, and any limit of a burst.
    pub(super) fn any_connection()(
        una: u64,
        outstanding in prop_oneof![9 => 0..1_000_000u64, 1 => 0..=u64::MAX / 2],
        send_window in prop_oneof![9 => 0..200_000u64, 1 => any::<u64>()],
        unsent in prop_oneof![9 => 1..2_000_000u64, 1 => 1..=u64::MAX],
        more: bool,
        recovery in prop::bool::weighted(0.1),
        max_burst in number(1400..1 << 20),
        now_us in prop_oneof![9 => 0..100_000_000u64, 1 => any::<u64>()],
    ) -> Connection {
        Connection {
            una, next: una.wrapping_add(outstanding), send_window, unsent, more, recovery,
            max_burst: max_burst.max(1), now_us,
        }
    }
}
