// SPDX-License-Identifier: GPL-2.0

//! Parking: a listener that its program closes goes on listening until another one of its group
//! is there to inherit, so that a server that is stopped and started again loses nothing.
//!
//! The socket itself goes on, with all that is in its accept queue or on the way there. What that
//! may take is bounded for each network namespace: by listeners, by connections, and by the bytes
//! that these could hold in their receive buffers.

use crate::knob::{self, Knobs};
use core::num::NonZeroU64;

/// Most listeners that may be parked in a network namespace at a time.
pub const MAX_LISTENERS: u32 = 256;

/// A parked listener may hold this part of what is left, or what it holds already: several are
/// closed at a time, and each should have room for those who connect meanwhile.
const PART: u64 = 8;

/// What a network namespace allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// How long a listener may be parked, in ms. 0 is not at all.
    pub ms: u32,
    /// Most connections of all that are parked.
    pub connections: u64,
    /// Most bytes that these may hold.
    pub bytes: u64,
}

impl Bounds {
    /// What the knobs of a network namespace say.
    pub fn of(knobs: &impl Knobs) -> Self {
        Self {
            ms: u32::try_from(knobs.value(knob::MIGRATE_PARK_MS)).unwrap_or(u32::MAX),
            connections: knobs.value(knob::MIGRATE_PARK_CONNECTIONS),
            bytes: knobs
                .value(knob::MIGRATE_PARK_MIB)
                .saturating_mul(1024 * 1024),
        }
    }
}

/// What is parked in a network namespace already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Listeners.
    pub listeners: u32,
    /// Connections that they may hold.
    pub connections: u64,
    /// Bytes that these may hold.
    pub bytes: u64,
}

/// A listener that is to be parked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// What is in its accept queue, or about to come there.
    pub waiting: u32,
    /// What its accept queue is limited to.
    pub limit: u32,
    /// Bytes that a connection of it may hold (`sk_rcvbuf`).
    pub receive_buffer: u32,
}

/// What a parked listener may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Connections.
    pub connections: u32,
    /// Bytes of these.
    pub bytes: u64,
}

/// What a listener may hold while it is parked; [`None`] if there is no room for it.
pub fn share(bounds: &Bounds, held: &Held, closing: &Closing) -> Option<Share> {
    if held.listeners >= MAX_LISTENERS {
        return None;
    }
    let each = NonZeroU64::new(closing.receive_buffer.into()).unwrap_or(NonZeroU64::MIN);
    let left = bounds.connections.saturating_sub(held.connections);
    let room = bounds.bytes.saturating_sub(held.bytes) / each;
    let left = left.min(room);
    let waiting = u64::from(closing.waiting).max(1);
    if waiting > left {
        return None;
    }
    // The kernel lets an accept queue have one more than its limit.
    let most = u64::from(closing.limit.saturating_add(1)).max(waiting);
    // Not clamp(), which panics unless the compiler sees their order.
    let connections = (left / PART).max(waiting).min(most);
    Some(Share {
        connections: u32::try_from(connections).unwrap_or(u32::MAX),
        bytes: connections.saturating_mul(each.get()),
    })
}

/// What becomes of a parked listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Stays,
    /// It is closed, and another one inherits.
    HandsOver,
    /// It is closed, since its time is over.
    Expires,
}

/// What becomes of one that may stay until a time; both times are of the same clock. An heir is a
/// listener of its group that a program has.
pub const fn fate(now: u64, until: u64, has_heir: bool) -> Fate {
    if has_heir {
        Fate::HandsOver
    } else if now >= until {
        Fate::Expires
    } else {
        Fate::Stays
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOUNDS: Bounds = Bounds {
        ms: 200,
        connections: 8000,
        bytes: 1 << 30,
    };

    fn closing(waiting: u32) -> Closing {
        Closing {
            waiting,
            limit: 4096,
            receive_buffer: 131_072,
        }
    }

    #[test]
    fn the_first_one_may_hold_an_eighth() {
        let share = share(&BOUNDS, &Held::default(), &closing(3)).expect("room");
        assert_eq!(share.connections, 1000);
        assert_eq!(share.bytes, 1000 * 131_072);
    }

    #[test]
    fn what_waits_already_may_stay_up_to_the_bound() {
        let held = Held::default();
        assert_eq!(
            share(&BOUNDS, &held, &closing(7000)).map(|it| it.connections),
            Some(7000)
        );
        assert_eq!(share(&BOUNDS, &held, &closing(8001)), None);
    }

    #[test]
    fn bytes_count_as_well() {
        let bounds = Bounds {
            bytes: 10 * 131_072,
            ..BOUNDS
        };
        let held = Held::default();
        assert_eq!(
            share(&bounds, &held, &closing(10)).map(|it| it.connections),
            Some(10)
        );
        assert_eq!(share(&bounds, &held, &closing(11)), None);
    }

    #[test]
    fn no_more_than_the_accept_queue_takes() {
        let few = Closing {
            limit: 9,
            ..closing(0)
        };
        assert_eq!(
            share(&BOUNDS, &Held::default(), &few).map(|it| it.connections),
            Some(10)
        );
    }

    #[test]
    fn bytes_are_those_of_the_connections_at_the_highest_limit() {
        let bounds = Bounds {
            ms: 1,
            connections: u64::MAX,
            bytes: u64::MAX,
        };
        let endless = Closing {
            waiting: 0,
            limit: u32::MAX,
            receive_buffer: 4096,
        };
        let share = share(&bounds, &Held::default(), &endless).expect("room");
        assert_eq!(share.bytes, u64::from(share.connections) * 4096);
    }

    #[test]
    fn listeners_are_bounded() {
        let held = |listeners| Held {
            listeners,
            ..Held::default()
        };
        assert!(share(&BOUNDS, &held(MAX_LISTENERS - 1), &closing(0)).is_some());
        assert_eq!(share(&BOUNDS, &held(MAX_LISTENERS), &closing(0)), None);
    }

    #[test]
    fn an_heir_comes_before_the_end_of_the_time() {
        assert_eq!(fate(10, 11, false), Fate::Stays);
        assert_eq!(fate(11, 11, false), Fate::Expires);
        assert_eq!(fate(12, 11, true), Fate::HandsOver);
        assert_eq!(fate(0, 11, true), Fate::HandsOver);
    }

    proptest! {
        #[test]
        fn bounds_hold_however_many_are_closed(
            bounds in (any::<u32>(), 0..100_000u64, 0..(1u64 << 40)),
            all in prop::collection::vec(
                (0..5000u32, 0..70_000u32, 0..(1u32 << 26)), 0..400
            ),
        ) {
            let bounds = Bounds { ms: bounds.0, connections: bounds.1, bytes: bounds.2 };
            let mut held = Held::default();
            for (waiting, limit, receive_buffer) in all {
                let closing = Closing { waiting, limit, receive_buffer };
                let Some(share) = share(&bounds, &held, &closing) else { continue };
                prop_assert!(share.connections >= waiting.max(1));
                held.listeners += 1;
                held.connections += u64::from(share.connections);
                held.bytes += share.bytes;
                prop_assert!(held.listeners <= MAX_LISTENERS);
                prop_assert!(held.connections <= bounds.connections);
                prop_assert!(held.bytes <= bounds.bytes);
            }
        }

        #[test]
        fn nothing_overflows(
            bounds in (any::<u32>(), any::<u64>(), any::<u64>()),
            held in (any::<u32>(), any::<u64>(), any::<u64>()),
            closing in (any::<u32>(), any::<u32>(), any::<u32>()),
        ) {
            let bounds = Bounds { ms: bounds.0, connections: bounds.1, bytes: bounds.2 };
            let held = Held { listeners: held.0, connections: held.1, bytes: held.2 };
            let closing = Closing {
                waiting: closing.0,
                limit: closing.1,
                receive_buffer: closing.2,
            };
            if let Some(share) = share(&bounds, &held, &closing) {
                prop_assert!(share.connections > 0);
            }
        }
    }
}
