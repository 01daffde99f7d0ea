// SPDX-License-Identifier: GPL-2.0

//! Finding out whether a path that is not used is back, or has become better.
//!
//! TCP sends on a path that is gone when its retransmission timer fires, and doubles that time
//! after each failure: a path that was gone for a minute stays unused for up to another one after
//! it is back (`multipath-tcp/mptcp_net-next` issue 581). And of a subflow that is slower than the
//! others, and hence idle, nobody notices that it has become faster. So both carry a packet every
//! now and then, as long as the connection is alive elsewhere.

use super::{Repeat, Subflow, View, Why};
use crate::knob::{self, Knobs};

/// Parts of the interval in which a probe that is due is sent.
const PARTS: u64 = 8;

/// Most requests in each of them: the kernel asks twice for what it has to delegate.
const REQUESTS: u8 = 32;

/// What is remembered of the probes of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probing {
    /// When the subflows were last looked at afresh, in µs.
    looked_us: u64,
    /// How often that was done: another subflow is the first to be looked at each time, lest one
    /// that cannot even send a probe keeps the others from it.
    rounds: u32,
    /// Requests since.
    requests: u8,
}

impl Probing {
    /// Whether it is time to look at the subflows.
    pub fn is_due<K: Knobs>(&self, now_us: u64, knobs: &K) -> bool {
        let interval = knobs.value(knob::SCHED_PROBE_MS).saturating_mul(1000);
        interval > 0 && (self.requests < REQUESTS || self.is_over(now_us, interval))
    }

    fn is_over(&self, now_us: u64, interval: u64) -> bool {
        now_us.wrapping_sub(self.looked_us) >= interval / PARTS
    }

    /// What should be sent as a probe now, if it is time to look.
    ///
    /// A subflow whose retransmission timer fired repeats what it has, of which it is the oldest
    /// packet; the length is 0 then. An idle one gets a copy of the first packet that is not
    /// acknowledged. It is asked again until there is nothing.
    pub fn wanted<K: Knobs>(&mut self, view: &View<'_, K>, now_us: u64) -> Option<Repeat> {
        let ms = view.knobs.value(knob::SCHED_PROBE_MS);
        if !self.is_due(now_us, view.knobs) {
            return None;
        }
        if self.is_over(now_us, ms.saturating_mul(1000)) {
            self.looked_us = now_us;
            self.rounds = self.rounds.wrapping_add(1);
            self.requests = 0;
        }
        let wanted = self.next(view, ms);
        self.requests = match wanted {
            Some(_) => self.requests.saturating_add(1),
            None => REQUESTS,
        };
        wanted
    }

    fn next<K: Knobs>(&self, view: &View<'_, K>, ms: u64) -> Option<Repeat> {
        let connection = view.connection;
        // What is repeated after the loss of a subflow goes everywhere.
        let copies = connection.outstanding() > 0 && !connection.recovery;
        let cheapest = view.candidates().map(|(_, it)| it.path.cost).min();
        let number = u32::try_from(view.subflows.len()).unwrap_or(u32::MAX);
        let first = self.rounds.checked_rem(number).unwrap_or(0);
        let later = view.positions().filter(|(position, _)| *position >= first);
        let earlier = view.positions().filter(|(position, _)| *position < first);
        Iterator::chain(later, earlier).find_map(|(position, it)| {
            if !is_quiet(it, ms) || it.path.exhausted {
                return None;
            }
            let length = if is_stuck(it) {
                0
            } else if copies && is_spare(it) && Some(it.path.cost) == cheapest {
                it.mss.max(1)
            } else {
                return None;
            };
            Some(Repeat {
                subflow: position,
                from: connection.una,
                length,
                why: Why::Probes,
            })
        })
    }
}

/// Whether a subflow has sent nothing for so long that it is time, but for the part of the
/// interval in which that may be noticed; and for a round trip, lest there are two on their way.
fn is_quiet(subflow: &Subflow, ms: u64) -> bool {
    let quiet_us = u64::from(subflow.quiet_ms).saturating_mul(1000);
    let parts = quiet_us.saturating_mul(PARTS);
    parts
        >= ms
            .saturating_mul(1000)
            .saturating_mul(PARTS.saturating_sub(1))
        && quiet_us > subflow.srtt_us()
}

/// Whether a subflow waits for its retransmission timer, which fired before.
fn is_stuck(subflow: &Subflow) -> bool {
    (subflow.active || subflow.stale) && subflow.in_loss && !subflow.idle
}

/// Whether a subflow could be used, and is not.
fn is_spare(subflow: &Subflow) -> bool {
    subflow.can_send()
        && subflow.idle
        && !subflow.in_loss
        && !subflow.backup
        && subflow.path.weight > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{any_connection, any_subflows, subflow, Knobbed, OPEN},
        Connection,
    };
    use proptest::prelude::*;

    const DATA: Connection = Connection {
        una: 5000,
        next: 9000,
        ..OPEN
    };

    /// One that sends now.
    fn busy() -> Subflow {
        Subflow {
            idle: false,
            in_flight: 3,
            ..subflow(40)
        }
    }

    /// One whose timer fired and that has sent nothing for so long.
    fn stuck(quiet_ms: u32) -> Subflow {
        Subflow {
            in_loss: true,
            idle: false,
            in_flight: 1,
            quiet_ms,
            ..subflow(20)
        }
    }

    fn spare(quiet_ms: u32) -> Subflow {
        Subflow {
            quiet_ms,
            ..subflow(300)
        }
    }

    fn of(interval_ms: u64) -> Knobbed {
        Knobbed(vec![(knob::SCHED_PROBE_MS, interval_ms)])
    }

    fn wanted(
        probing: &mut Probing,
        connection: &Connection,
        subflows: &[Subflow],
        now_ms: u64,
    ) -> Option<(u32, u32)> {
        let knobs = of(1000);
        let view = View::new(connection, subflows, &knobs);
        let repeat = probing.wanted(&view, now_ms * 1000)?;
        assert_eq!((repeat.from, repeat.why), (connection.una, Why::Probes));
        Some((repeat.subflow, repeat.length))
    }

    fn first(connection: &Connection, subflows: &[Subflow]) -> Option<(u32, u32)> {
        wanted(&mut Probing::default(), connection, subflows, 5000)
    }

    #[test]
    fn a_subflow_that_waits_for_its_timer_is_probed() {
        assert_eq!(first(&DATA, &[busy(), stuck(1000)]), Some((1, 0)));
        assert_eq!(first(&DATA, &[busy(), stuck(874)]), None);
        // It has data of its own to repeat.
        let all_acknowledged = Connection {
            una: DATA.next,
            ..DATA
        };
        let subflows = [busy(), stuck(1000)];
        assert_eq!(first(&all_acknowledged, &subflows), Some((1, 0)));
    }

    #[test]
    fn so_is_one_that_was_declared_stale() {
        let stale = Subflow {
            active: false,
            stale: true,
            ..stuck(1000)
        };
        assert_eq!(first(&DATA, &[busy(), stale]), Some((1, 0)));
        let closing = Subflow {
            stale: false,
            ..stale
        };
        assert_eq!(first(&DATA, &[busy(), closing]), None);
    }

    #[test]
    fn an_idle_subflow_gets_a_copy() {
        assert_eq!(first(&DATA, &[busy(), spare(1000)]), Some((1, 1400)));
        assert_eq!(first(&DATA, &[busy(), spare(500)]), None);
        // Of nothing there is none.
        let nothing = Connection {
            una: DATA.next,
            ..DATA
        };
        assert_eq!(first(&nothing, &[busy(), spare(1000)]), None);
    }

    #[test]
    fn what_is_idle_on_purpose_is_left_alone() {
        let backup = Subflow {
            backup: true,
            ..spare(1000)
        };
        let mut dear = spare(1000);
        dear.path.cost = 5;
        let mut without_share = spare(1000);
        without_share.path.weight = 0;
        let mut exhausted = spare(1000);
        exhausted.path.exhausted = true;
        for idle in [backup, dear, without_share, exhausted] {
            assert_eq!(first(&DATA, &[busy(), idle]), None, "{idle:?}");
        }
    }

    #[test]
    fn a_long_round_trip_is_waited_for() {
        let far = Subflow {
            srtt_x8_us: 8 * 1_500_000,
            ..stuck(1000)
        };
        assert_eq!(first(&DATA, &[busy(), far]), None);
    }

    #[test]
    fn it_looks_at_the_subflows_eight_times_in_an_interval() {
        let mut probing = Probing::default();
        assert_eq!(wanted(&mut probing, &DATA, &[busy()], 5000), None);
        let subflows = [busy(), stuck(1000)];
        assert_eq!(wanted(&mut probing, &DATA, &subflows, 5124), None);
        assert_eq!(wanted(&mut probing, &DATA, &subflows, 5125), Some((1, 0)));
    }

    #[test]
    fn one_that_cannot_send_keeps_nobody_from_it() {
        let mut probing = Probing::default();
        let subflows = [stuck(3000), stuck(3000)];
        let mut seen = [0; 2];
        for now in 5000..6000 {
            if let Some((position, _)) = wanted(&mut probing, &DATA, &subflows, now) {
                seen[position as usize] += 1;
            }
        }
        assert!(
            seen.iter().all(|times| (100..=160).contains(times)),
            "{seen:?}"
        );
    }

    #[test]
    fn it_can_be_turned_off() {
        let (knobs, subflows) = (of(0), [busy(), stuck(60_000)]);
        let view = View::new(&DATA, &subflows, &knobs);
        assert!(!Probing::default().is_due(5_000_000, &knobs));
        assert_eq!(Probing::default().wanted(&view, 5_000_000), None);
    }

    proptest! {
        #[test]
        fn it_probes_none_that_is_closing_or_in_use(
            connection in any_connection(),
            subflows in any_subflows(),
            now_us: u64,
            rounds: u32,
        ) {
            let knobs = of(1000);
            let view = View::new(&connection, &subflows, &knobs);
            let mut probing = Probing { rounds, ..Probing::default() };
            if let Some(repeat) = probing.wanted(&view, now_us) {
                let chosen = subflows[repeat.subflow as usize];
                prop_assert!(chosen.active || chosen.stale);
                prop_assert!(chosen.quiet_ms >= 875);
                prop_assert!(chosen.in_loss == (repeat.length == 0));
                prop_assert!(repeat.length <= chosen.mss.max(1));
            }
        }
    }
}
