// SPDX-License-Identifier: GPL-2.0

//! Subflows for the tests of the schedulers.

use super::{Connection, Subflow};
use proptest::prelude::*;

/// An idle subflow with ten packets of window and this round-trip time.
pub(super) fn subflow(srtt_ms: u32) -> Subflow {
    Subflow {
        active: true,
        backup: false,
        in_loss: false,
        srtt_x8_us: srtt_ms * 1000 * 8,
        cwnd: 10,
        in_flight: 0,
        unsent: 0,
        mss: 1400,
        memory_free: true,
        idle: true,
        stale_count: 0,
    }
}

/// Mostly numbers of the size that occurs, now and then any number at all.
fn number(usual: core::ops::Range<u32>) -> impl Strategy<Value = u32> {
    prop_oneof![9 => usual, 1 => any::<u32>()]
}

prop_compose! {
    fn any_subflow()(
        active in prop::bool::weighted(0.8),
        backup in prop::bool::weighted(0.3),
        in_loss in prop::bool::weighted(0.2),
        memory_free in prop::bool::weighted(0.9),
        idle: bool,
        srtt_x8_us in number(0..8_000_000),
        cwnd in number(0..100),
        in_flight in number(0..100),
        unsent in number(0..200_000),
        mss in number(0..9000),
        stale_count: u8,
    ) -> Subflow {
        Subflow {
            active, backup, in_loss, srtt_x8_us, cwnd, in_flight, unsent, mss, memory_free, idle,
            stale_count,
        }
    }
}

/// Up to eight subflows in any state.
pub(super) fn any_subflows() -> impl Strategy<Value = Vec<Subflow>> {
    prop::collection::vec(any_subflow(), 0..8)
}

/// A connection with any window.
pub(super) fn any_connection() -> impl Strategy<Value = Connection> {
    prop_oneof![0..200_000u64, any::<u64>()].prop_map(|send_window| Connection { send_window })
}
