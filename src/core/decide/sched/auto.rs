// SPDX-License-Identifier: GPL-2.0

//! `auto`: whatever brings the data there soonest.
//!
//! One question decides of each packet that a subflow has room for: would those that are faster,
//! and full, have delivered all that waits to be sent by the time that it arrives? If so, it can
//! only make it later there; if not, it gets it. `ecf` asks that of one subflow in congestion
//! avoidance, and of round trips; this knows several, those whose windows double with each round
//! trip, that a packet takes half of a round trip without waiting and all of the waiting, how long
//! a queue takes to get through its path ([`forecast`](super::forecast)), and that a sender which
//! waits for room in its send buffer has more to come than is there. Besides, what goes on the
//! slower subflow must not fill the window that the faster ones will need until it has arrived and
//! that is known to them, as `blest` puts it; and what got stuck on it all the same is repeated on
//! a faster one. A window that was never found full is taken for somewhat larger, and a slower one
//! gets no queue that gains nothing. A subflow of which nothing but the handshake is known gets two
//! packets, until they are acknowledged, or more if those of the best of the others have to wait
//! anyway.

use super::{
    forecast::{first_from, soonest},
    Connection, Grant, Scheduler, Subflow, View, Wait,
};
use crate::knob::Knobs;
use core::ffi::CStr;

/// See the [module](self).
pub struct Auto;

/// Round trips that are looked ahead at the most; a window has doubled beyond any path by then.
const ROUNDS: u64 = 16;

/// Packets by which a subflow is tried, at the least, as long as there are others that have been.
const TRIAL: u32 = 2;

impl Scheduler for Auto {
    const NAME: &'static CStr = c"auto";

    const DESCRIPTION: &'static CStr =
        c"Uses a slower subflow only if that brings the data there sooner.";

    const REPEATS: bool = true;

    const REINJECTS: bool = true;

    type State = State;

    fn send<K: Knobs>(state: &mut State, view: &View<'_, K>) -> Result<Grant, Wait> {
        let trial = Trial::of(view);
        let is_free = |(at, it): &(u32, &Subflow)| it.can_send() && trial.left(*at, it) > 0;
        let has_place = |(_, it): &(u32, &Subflow)| it.queue_left() > 0;
        // The best of them may have any queue.
        let best = soonest(view.candidates());
        let (position, chosen) = best
            .filter(is_free)
            .or_else(|| soonest(view.candidates().filter(is_free).filter(has_place)))
            .ok_or_else(|| view.no_room())?;
        let mut packets = trial.left(position, chosen);
        if best.is_some_and(|(best, _)| best != position) {
            packets = packets.min(chosen.queue_left());
        }
        let window = state.window(view.connection, chosen);
        let mut grant = view.fill(position, chosen);
        grant.burst = grant.burst.min(packets.saturating_mul(chosen.mss).max(1));
        let others = view
            .candidates()
            .filter(|(at, _)| *at != position)
            .map(|(at, it)| Other {
                subflow: it,
                // What is known of it once its trial is over.
                pause_us: if trial.left(at, it) == 0 {
                    it.srtt_us()
                } else {
                    0
                },
            });
        if others.clone().next().is_some() {
            let packets = useful(view.connection, window, chosen, grant.burst, &others)?;
            grant.burst = grant.burst.min(packets.saturating_mul(chosen.mss).max(1));
        }
        Ok(grant)
    }
}

/// What is remembered of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// The largest window that was found full, in bytes; 0 is none.
    full: u64,
}

impl State {
    /// The window that is counted on, in bytes.
    ///
    /// A receiver that sizes it by what is read in a round trip (Linux, `tcp_rcv_space_adjust()`)
    /// lets it grow with the longest round trip by which something comes: not before a slower
    /// subflow is used. So it is taken for more until that was tried: a quarter, so that no more
    /// than that is lost on a window that does not grow.
    fn window(&mut self, connection: &Connection, chosen: &Subflow) -> u64 {
        let window = connection.window();
        if connection.send_window < chosen.mss.into() {
            self.full = self.full.max(window);
        }
        let more = |bytes: u64| bytes.saturating_add(bytes / 4);
        if window > more(self.full) {
            more(window)
        } else {
            window
        }
    }
}

/// A subflow that could be waited for.
#[derive(Clone, Copy)]
struct Other<'a> {
    subflow: &'a Subflow,
    /// For so long it gets nothing, in µs.
    pause_us: u64,
}

impl Other<'_> {
    /// How much later than what it sends a packet is that arrives in so many µs; [`None`] if it
    /// is no later than the next packet on this.
    fn ahead_us(&self, arrival: u64) -> Option<u64> {
        let next = self.subflow.next_arrival_us().saturating_add(self.pause_us);
        (next < arrival).then(|| {
            arrival
                .saturating_sub(self.subflow.one_way_us())
                .saturating_sub(self.pause_us)
        })
    }
}

/// How far subflows are trusted of which nothing but the handshake is known.
struct Trial {
    /// Packets that each of them may have under way.
    packets: u32,
    /// Position of the one that may fill its window all the same: somebody has to begin.
    leader: Option<u32>,
}

impl Trial {
    /// If the best of those that were tried has a queue, it is as much as that sends in the time
    /// that its own packets wait there: what is given to the new one then is no later, should it
    /// be as slow. If none was tried, one of them leads: that which has most under way, or else
    /// that of the shortest round trip.
    fn of<K: Knobs>(view: &View<'_, K>) -> Self {
        if !view.candidates().any(|(_, it)| it.untried) {
            return Self {
                packets: 0,
                leader: None,
            };
        }
        let tried = view.candidates().filter(|(_, it)| !it.untried);
        let Some((_, best)) = tried.min_by_key(|(_, it)| it.one_way_us()) else {
            let leader = view
                .candidates()
                .min_by_key(|(_, it)| (u32::MAX.wrapping_sub(it.taken()), it.rtt()));
            return Self {
                packets: TRIAL,
                leader: leader.map(|(at, _)| at),
            };
        };
        let mut packets = 0;
        if best.is_queued() {
            let waits = best.latest_rtt_us().saturating_sub(best.min_rtt_us.into());
            let bytes = best.window().saturating_mul(waits);
            let bytes = bytes.checked_div(best.latest_rtt_us()).unwrap_or(0);
            let whole = bytes.checked_div(best.mss.into()).unwrap_or(0);
            packets = u32::try_from(whole).unwrap_or(u32::MAX);
        }
        Self {
            packets: packets.max(TRIAL),
            leader: None,
        }
    }

    /// Packets that a subflow may be given now, as far as this is concerned.
    fn left(&self, position: u32, subflow: &Subflow) -> u32 {
        if !subflow.untried || self.leader == Some(position) {
            return u32::MAX;
        }
        self.packets.saturating_sub(subflow.taken())
    }
}

/// How many packets of `most` bytes should go on `slow`, at least one, if the peer's window is so
/// large.
///
/// # Errors
///
/// Why none should. When a packet arrives there,
///
/// - those that are faster have come to it themselves, and delivered it; or
/// - they have filled what is left of the peer's window, or will have until they know of that.
fn useful<'a>(
    connection: &Connection,
    window: u64,
    slow: &Subflow,
    most: u32,
    others: &(impl Iterator<Item = Other<'a>> + Clone),
) -> Result<u32, Wait> {
    let mss = u64::from(slow.mss).max(1);
    let packets = slow.packets(most.into()).max(1);
    let bytes = |packets: u64| packets.saturating_mul(mss);
    // Those that are faster than the packet, and by how much.
    let ahead = |packet| {
        let arrival = slow.arrival_us(bytes(packet));
        others
            .clone()
            .filter_map(move |it| Some((it.subflow, it.ahead_us(arrival)?)))
    };
    let blocks = |packet: u64| {
        let until_known = ahead(packet).map(|(it, us)| sends(it, us.saturating_add(it.srtt_us())));
        let taken = slow.backlog().saturating_add(bytes(packet));
        sum(until_known) > window.saturating_sub(taken)
    };
    let comes_late = |packet: u64| {
        let meanwhile = sum(ahead(packet).map(|(it, us)| sends(it, us)));
        let before = bytes(packet.saturating_sub(1));
        !connection.more && meanwhile > 0 && meanwhile.saturating_add(before) >= connection.unsent
    };
    if ahead(packets).next().is_none() {
        return Ok(u32::try_from(packets).unwrap_or(u32::MAX));
    }
    if blocks(1) {
        return Err(Wait::Blocking);
    }
    if comes_late(1) {
        return Err(Wait::Faster);
    }
    let first = first_from(2, packets.saturating_add(1), |packet| {
        blocks(packet) || comes_late(packet)
    });
    Ok(u32::try_from(first.saturating_sub(1)).unwrap_or(u32::MAX))
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

/// Bytes that a subflow whose window is full sends within so many µs: what its path delivers, if
/// that is what limits it; or else a window in each round trip, or twice as much as in the one
/// before.
fn sends(subflow: &Subflow, us: u64) -> u64 {
    if subflow.is_queued() {
        return subflow.delivers(us);
    }
    let window = subflow.window();
    let srtt = subflow.srtt_us().max(1);
    let part = |window: u64, us: u64| window.saturating_mul(us).checked_div(srtt).unwrap_or(0);
    if !subflow.slow_start {
        return part(window, us);
    }
    let mut left = us;
    let mut window = window;
    let mut sum = 0u64;
    for _ in 0..ROUNDS {
        if left < srtt {
            break;
        }
        sum = sum.saturating_add(window);
        window = window.saturating_mul(2);
        left = left.saturating_sub(srtt);
    }
    sum.saturating_add(part(window, left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        minrtt::MinRtt,
        testing::{
            any_connection, any_subflows, ask, check_contract, equal_subflows, full, subflow, OPEN,
        },
    };
    use proptest::prelude::*;

    fn choose(connection: &Connection, subflows: &[Subflow]) -> Result<u32, Wait> {
        ask::<Auto>(&mut firm(connection), connection, subflows).map(|it| it.subflow)
    }

    /// The window of this connection was found full.
    fn firm(connection: &Connection) -> State {
        State {
            full: connection.window(),
        }
    }

    fn unsent(bytes: u64) -> Connection {
        Connection {
            unsent: bytes,
            ..OPEN
        }
    }

    /// The window of each of the subflows, in bytes.
    const WINDOW: u64 = 14_000;

    #[test]
    fn a_slow_one_is_left_out_if_the_fast_ones_have_it_there_sooner() {
        // Half of nine windows in the 45 ms by which the fast one is ahead.
        let subflows = [full(10), subflow(100)];
        let half = WINDOW / 2;
        assert_eq!(choose(&unsent(9 * half), &subflows), Err(Wait::Faster));
        assert_eq!(choose(&unsent(9 * half + 1), &subflows), Ok(1));
        // A second one has two windows in its 40 ms.
        let subflows = [full(10), full(20), subflow(100)];
        assert_eq!(choose(&unsent(13 * half), &subflows), Err(Wait::Faster));
        assert_eq!(choose(&unsent(13 * half + 1), &subflows), Ok(2));
    }

    #[test]
    fn a_slow_one_gets_what_the_fast_ones_would_not_have_sent() {
        let subflows = [full(10), subflow(100)];
        let burst = |bytes| {
            ask::<Auto>(&mut State::default(), &unsent(bytes), &subflows)
                .expect("it is used")
                .burst
        };
        assert_eq!(burst(9 * WINDOW / 2 + 1), 1400);
        assert_eq!(burst(9 * WINDOW / 2 + 5000), 5600);
        assert_eq!(burst(1 << 20), 14_000);
    }

    #[test]
    fn a_queue_on_the_slow_path_makes_it_later() {
        // The same round trip, of which 80 ms are waiting: 90 ms there, which is 85 more.
        let waits = Subflow {
            min_rtt_us: 20_000,
            in_flight: 1,
            idle: false,
            ..subflow(100)
        };
        let subflows = [full(10), waits];
        let windows = 17 * WINDOW / 2;
        assert_eq!(choose(&unsent(windows), &subflows), Err(Wait::Faster));
        assert_eq!(choose(&unsent(windows + 1), &subflows), Ok(1));
    }

    #[test]
    fn a_window_that_doubles_sends_more() {
        // 1 + 2 + 4 windows in 30 ms, and half of 8 in 5 more.
        let starting = Subflow {
            slow_start: true,
            ..full(10)
        };
        assert_eq!(sends(&starting, 30_000), 7 * WINDOW);
        assert_eq!(sends(&starting, 35_000), 11 * WINDOW);
        assert_eq!(sends(&full(10), 35_000), 7 * WINDOW / 2);
    }

    #[test]
    fn a_sender_that_has_more_uses_both() {
        let subflows = [full(10), subflow(100)];
        let more = Connection {
            more: true,
            ..unsent(WINDOW)
        };
        assert_eq!(choose(&more, &subflows), Ok(1));
    }

    #[test]
    fn a_small_window_is_left_to_the_fast_one() {
        // It sends five and a half windows until what the slow one sends has arrived, and that
        // is known to it.
        let subflows = [full(10), subflow(100)];
        let window = |bytes| Connection {
            send_window: bytes,
            more: true,
            ..OPEN
        };
        let needed = 11 * WINDOW / 2 + 1400;
        let small = window(needed - 1);
        assert_eq!(choose(&small, &subflows), Err(Wait::Blocking));
        assert_eq!(choose(&window(needed), &subflows), Ok(1));
    }

    #[test]
    fn a_window_that_never_was_full_may_be_larger() {
        let subflows = [full(10), subflow(100)];
        let needed = 11 * WINDOW / 2 + 1400;
        let asked = |state: &mut State, outstanding, window: u64| {
            let connection = Connection {
                next: outstanding,
                send_window: window - outstanding,
                more: true,
                ..OPEN
            };
            ask::<Auto>(state, &connection, &subflows).map(|it| it.subflow)
        };
        let mut state = State::default();
        // By a quarter.
        let smallest = needed * 4 / 5;
        assert_eq!(asked(&mut state, 0, smallest - 1), Err(Wait::Blocking));
        assert_eq!(asked(&mut state, 0, smallest), Ok(1));
        // Less than a packet is left of it: that is what it is, until it has grown as much.
        assert_eq!(
            asked(&mut state, smallest - 1, smallest),
            Err(Wait::Blocking)
        );
        assert_eq!(asked(&mut state, 0, smallest), Err(Wait::Blocking));
        assert_eq!(asked(&mut state, 0, needed), Ok(1));
    }

    #[test]
    fn a_slow_one_gets_no_queue_that_gains_nothing() {
        // A packet takes 40 ms, and the round trip 10 without waiting: one in four of those, and
        // four more, or half of a window of 20.
        let slow = |cwnd, in_flight| Subflow {
            min_rtt_us: 10_000,
            rate_packets: 2,
            rate_interval_us: 80_000,
            cwnd,
            in_flight,
            idle: false,
            ..subflow(200)
        };
        let more = Connection { more: true, ..OPEN };
        let grant = |subflows: &[Subflow]| {
            ask::<Auto>(&mut firm(&more), &more, subflows).map(|it| (it.subflow, it.burst))
        };
        assert_eq!(grant(&[full(10), slow(8, 3)]), Ok((1, 2800)));
        assert_eq!(grant(&[full(10), slow(8, 5)]), Err(Wait::Full));
        assert_eq!(grant(&[full(10), slow(20, 7)]), Ok((1, 4200)));
        assert_eq!(grant(&[full(10), slow(20, 10)]), Err(Wait::Full));
        // A third one is not kept from it, nor is the best of them.
        assert_eq!(
            grant(&[full(10), slow(8, 5), subflow(400)]).map(|it| it.0),
            Ok(2)
        );
        assert_eq!(grant(&[slow(8, 5), subflow(900)]).map(|it| it.0), Ok(0));
    }

    #[test]
    fn a_new_subflow_is_tried_with_two_packets() {
        let new = |in_flight| Subflow {
            untried: true,
            in_flight,
            idle: in_flight == 0,
            ..subflow(10)
        };
        let grant = |subflows: &[Subflow]| {
            ask::<Auto>(&mut State::default(), &OPEN, subflows).map(|it| (it.subflow, it.burst))
        };
        assert_eq!(grant(&[subflow(50), new(0)]), Ok((1, 2800)));
        assert_eq!(grant(&[subflow(50), new(1)]), Ok((1, 1400)));
        assert_eq!(grant(&[subflow(50), new(2)]), Ok((0, 14_000)));
        assert_eq!(grant(&[full(50), new(2)]), Err(Wait::Full));
        // As many more as are sent while those of the other one wait: half of its window, ten
        // packets at a rate of one in 6 ms.
        let waits = Subflow {
            min_rtt_us: 25_000,
            rate_packets: 1,
            rate_interval_us: 6_000,
            ..full(50)
        };
        assert_eq!(grant(&[waits, new(4)]), Ok((1, 1400)));
        assert_eq!(grant(&[waits, new(5)]), Err(Wait::Full));
        // Unless there is no other.
        assert_eq!(grant(&[new(2)]), Ok((0, 8 * 1400)));
    }

    #[test]
    fn a_new_subflow_is_tried_too_if_the_first_has_hardly_begun() {
        // One packet of the first window was acknowledged when the other one joins.
        let first = Subflow {
            untried: true,
            ..full(60)
        };
        let new = |in_flight| Subflow {
            untried: true,
            in_flight,
            idle: in_flight == 0,
            ..subflow(20)
        };
        let grant = |subflows: &[Subflow]| {
            ask::<Auto>(&mut State::default(), &OPEN, subflows).map(|it| (it.subflow, it.burst))
        };
        assert_eq!(grant(&[first, new(0)]), Ok((1, 2800)));
        assert_eq!(grant(&[first, new(2)]), Err(Wait::Full));
        // Where nothing is under way, the one of the shorter round trip leads.
        let idle = Subflow {
            in_flight: 0,
            idle: true,
            ..first
        };
        assert_eq!(grant(&[idle, new(0)]), Ok((1, 14_000)));
    }

    #[test]
    fn one_that_is_tried_is_waited_for_if_the_other_takes_longer_to_tell() {
        // Packets take 40 ms each on the first, and its queue is ten of them. What the second of
        // 60 ms could do is known before, so it may have as many as the first sends meanwhile.
        let first = |in_flight| Subflow {
            min_rtt_us: 20_000,
            rate_packets: 2,
            rate_interval_us: 80_000,
            cwnd: 24,
            in_flight,
            idle: false,
            ..subflow(60)
        };
        let trial = Subflow {
            untried: true,
            ..full(60)
        };
        let more = Connection { more: true, ..OPEN };
        let choice = |first, window| {
            let connection = Connection {
                send_window: window,
                ..more
            };
            choose(&connection, &[first, trial])
        };
        assert_eq!(choice(first(10), 60_000), Err(Wait::Blocking));
        assert_eq!(choice(first(1), 60_000), Ok(0));
    }

    #[test]
    fn a_burst_ends_where_another_one_is_sooner() {
        // Two packets told that one takes 22 ms. The next is there in 35 ms, and sooner than the
        // next on the other, the last packet of whose window waited 12 ms in its burst. A third
        // one would come after 80 ms; the other needs the window until that is known.
        let slow = Subflow {
            min_rtt_us: 20_000,
            last_rtt_us: 45_000,
            rate_packets: 2,
            rate_interval_us: 45_000,
            in_flight: 1,
            idle: false,
            ..subflow(25)
        };
        let fast = Subflow {
            slow_start: true,
            last_rtt_us: 72_000,
            cwnd: 20,
            in_flight: 20,
            idle: false,
            ..subflow(60)
        };
        let connection = Connection {
            send_window: 52_000,
            more: true,
            ..OPEN
        };
        let grant = ask::<Auto>(&mut State::default(), &connection, &[fast, slow]);
        assert_eq!(grant.map(|it| (it.subflow, it.burst)), Ok((1, 2800)));
    }

    #[test]
    fn what_waited_on_an_idle_path_is_over() {
        // The last packets waited for 80 ms, for each other. There is none any more.
        let idle = Subflow {
            min_rtt_us: 20_000,
            ..subflow(100)
        };
        assert_eq!(choose(&unsent(1400), &[full(30), idle]), Ok(1));
    }

    #[test]
    fn without_a_packet_size_it_does_not_wait_for_who_has_room() {
        let none = Subflow {
            mss: 0,
            ..subflow(4)
        };
        let closed = Connection {
            send_window: 0,
            ..OPEN
        };
        assert!(ask::<Auto>(&mut State::default(), &closed, &[none, subflow(10)]).is_ok());
    }

    proptest! {
        #[test]
        fn it_keeps_the_contract(connection in any_connection(), subflows in any_subflows()) {
            check_contract::<Auto>(&mut State::default(), &connection, &subflows);
        }

        #[test]
        fn on_equal_paths_it_is_minrtt(
            connection in any_connection(),
            subflows in equal_subflows(),
        ) {
            prop_assert_eq!(
                ask::<Auto>(&mut State::default(), &connection, &subflows),
                ask::<MinRtt>(&mut Default::default(), &connection, &subflows)
            );
        }

        #[test]
        fn more_time_never_sends_less(
            subflows in any_subflows(),
            one in 0..100_000_000u64,
            other in 0..100_000_000u64,
        ) {
            for subflow in &subflows {
                prop_assert!(
                    sends(subflow, one.min(other)) <= sends(subflow, one.max(other))
                );
            }
        }
    }
}
