// SPDX-License-Identifier: GPL-2.0

//! Repeating, on a fast subflow, what is stuck on a slow one and holds up all the rest.
//!
//! The out-of-tree MPTCP did so ("opportunistic retransmission", Raiciu et al., NSDI 2012, 4.2)
//! when the window of the peer was full. Here it is done as well when there is nothing else to
//! send: at the end of a transfer, and whenever the send buffer is what limits it; and before any
//! new data if the window would be full before a copy that goes out now is known to have arrived.

use super::{
    forecast::{first_from, soonest},
    Connection, History, Repeat, Subflow, View, Why, MAX_SUBFLOWS,
};
use crate::knob::{self, Knobs};

/// What should be repeated now, and where, if anything.
///
/// Of what others were given, the subflow on which a copy arrives first takes the end, so much
/// that both are done at the same time: what they are about to deliver themselves is not worth a
/// copy.
pub(super) fn wanted<K: Knobs>(view: &View<'_, K>, history: &History) -> Option<Repeat> {
    if view.knobs.value(knob::SCHED_REINJECT) == 0 {
        return None;
    }
    let connection = view.connection;
    if connection.outstanding() == 0 || connection.recovery {
        return None;
    }
    let takes_new = takes_new(view);
    // New data goes first, as long as the window takes it and goes on to do so.
    if takes_new
        && !view
            .candidates()
            .any(|(_, it)| closes(connection, history, it, connection.una))
    {
        return None;
    }
    // It is the subflow with the queue that needs help.
    let (position, fast) = soonest(view.candidates().filter(|(_, it)| it.can_send()))?;
    let deadline_us = if !takes_new {
        0
    } else if closes(connection, history, fast, connection.una) {
        fast.srtt_us()
    } else {
        return None;
    };
    let theirs = history
        .spans_from(connection.una)
        .filter(|it| it.id != fast.id);
    let place = |id: u32| view.subflows.iter().position(|it| it.id == id);
    // What nobody has repeated, and what each was given behind that which is looked at: what is in
    // front of it may have been acknowledged, by another's copy, and still be in a queue.
    let mut rest = 0u64;
    let mut behind = [0u64; MAX_SUBFLOWS];
    for span in theirs.clone() {
        if !span.repeated {
            rest = rest.saturating_add(span.length());
        }
        if let Some(behind) = place(span.id).and_then(|it| behind.get_mut(it)) {
            *behind = behind.saturating_add(span.length());
        }
    }
    for span in theirs {
        let place = place(span.id);
        let given = place.and_then(|it| behind.get(it)).copied().unwrap_or(0);
        if let Some(behind) = place.and_then(|it| behind.get_mut(it)) {
            *behind = given.saturating_sub(span.length());
        }
        if span.repeated {
            continue;
        }
        let slow = place.and_then(|it| view.subflows.get(it));
        if let (Some(slow), true) = (slow, takes_new) {
            // What is in front of that has arrived by then.
            let in_time = delivered(slow, given, span.length(), deadline_us);
            let late = span.from.wrapping_add(in_time);
            if in_time < span.length() && !closes(connection, history, fast, late) {
                return None;
            }
        }
        let keeps = match slow {
            Some(slow) => keeps(slow, given, span.length(), fast, rest, deadline_us),
            // It is not known who carries it, but none of those that wait for nothing.
            None if fast.idle => 0,
            None => span.length(),
        };
        let late = span.length().saturating_sub(keeps);
        // Instead of so much new data; it has to make up for that.
        let is_worth_it = || {
            let behind = given.saturating_sub(span.length());
            let waits = slow.map_or(0, |it| it.delivery_us(behind));
            fast.delivers(waits.saturating_sub(deadline_us)) >= late
        };
        if late > 0 && (!takes_new || is_worth_it()) {
            let length = u32::try_from(late).unwrap_or(u32::MAX).min(fast.room());
            return (length > 0).then_some(Repeat {
                subflow: position,
                from: span.from.wrapping_add(keeps),
                length,
                why: Why::Blocks,
            });
        }
        rest = rest.saturating_sub(span.length());
    }
    None
}

/// Whether something is to be repeated before new data is sent, for which there is room.
pub(super) fn is_first<K: Knobs>(view: &View<'_, K>, history: &History) -> bool {
    takes_new(view) && wanted(view, history).is_some()
}

/// Whether there is new data, and the window takes a packet of it.
fn takes_new<K: Knobs>(view: &View<'_, K>) -> bool {
    let window = view.connection.send_window;
    view.connection.unsent > 0 && view.candidates().any(|(_, it)| window >= it.mss.into())
}

/// Whether the window would be full before a copy that `fast` sends now is known to have arrived,
/// if that is the byte of this DSN: until then it sends what it has room for, and a window more as
/// that of now is acknowledged.
///
/// The window of a receiver is small at first, and grows to twice what is read in a round trip
/// (Linux, `tcp_rcv_space_adjust()`); so it is not taken for less than twice what was delivered.
fn closes(connection: &Connection, history: &History, fast: &Subflow, dsn: u64) -> bool {
    let sends = fast.window().saturating_add(fast.room().into());
    let there_is = if connection.more {
        u64::MAX
    } else {
        connection.unsent
    };
    let behind = connection.next.wrapping_sub(dsn);
    let grows = history.delivered(connection.una).saturating_mul(2);
    sends.min(there_is).saturating_add(behind) > connection.window().max(grows)
}

/// How many bytes of a span of `length`, in whole packets, `slow` has delivered in so many µs, if
/// from its beginning on it was given `given` bytes.
fn delivered(slow: &Subflow, given: u64, length: u64, us: u64) -> u64 {
    let mss = u64::from(slow.mss).max(1);
    let comes_late = |packet: u64| {
        let end = packet.saturating_add(1).saturating_mul(mss);
        slow.delivery_us(given.saturating_sub(end)) > us
    };
    let packets = first_from(0, slow.packets(length), comes_late);
    packets.saturating_mul(mss).min(length)
}

/// How many bytes of a span of `length`, in whole packets, are left to `slow`: those that it
/// delivers before `fast` could deliver all from there on to the end, or before a deadline; and
/// those that `fast` would have no room for, since it is the end that takes the longest. From the
/// beginning of the span on `slow` was given `given` bytes, and all of the others together `rest`.
/// One that repairs a loss has no say: it is at its timer's mercy.
fn keeps(
    slow: &Subflow,
    given: u64,
    length: u64,
    fast: &Subflow,
    rest: u64,
    deadline_us: u64,
) -> u64 {
    if slow.in_loss || !slow.active {
        return 0;
    }
    let mss = u64::from(slow.mss).max(1);
    let begins = |packet: u64| packet.saturating_mul(mss);
    let room = u64::from(fast.room());
    let comes_late = |packet: u64| {
        let behind = given.saturating_sub(begins(packet.saturating_add(1)));
        let left = rest.saturating_sub(begins(packet));
        left <= room && slow.delivery_us(behind) > fast.arrival_us(left).max(deadline_us)
    };
    begins(first_from(0, slow.packets(length), comes_late)).min(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{
        testing::{any_connection, any_subflows, subflow, Knobbed, OPEN},
        view::before,
        Connection,
    };
    use proptest::prelude::*;

    fn numbered(id: u32, srtt_ms: u32) -> Subflow {
        Subflow {
            id,
            ..subflow(srtt_ms)
        }
    }

    /// Subflow 2 was given the first 3000 bytes, subflow 1 what follows, and all is sent.
    fn head_on_the_second() -> (Connection, History) {
        let mut history = History::default();
        history.given(2, 0, 3000);
        history.given(1, 3000, 9000);
        let connection = Connection {
            next: 9000,
            unsent: 0,
            ..OPEN
        };
        (connection, history)
    }

    fn wanted(connection: &Connection, subflows: &[Subflow], history: &History) -> Option<Repeat> {
        let knobs = Knobbed::default();
        super::wanted(&View::new(connection, subflows, &knobs), history)
    }

    /// Notes that so much of it was repeated.
    fn repeated(history: &mut History, repeat: &Repeat, bytes: u32) {
        history.repeated(repeat.from, repeat.from + u64::from(bytes));
    }

    #[test]
    fn the_end_of_a_transfer_does_not_wait_for_the_slow_subflow() {
        let (connection, mut history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let repeat = wanted(&connection, &subflows, &history).expect("it is stuck");
        assert_eq!((repeat.subflow, repeat.from, repeat.length), (0, 0, 3000));
        repeated(&mut history, &repeat, 3000);
        // What follows is on the fast one anyway.
        assert_eq!(wanted(&connection, &subflows, &history), None);
    }

    #[test]
    fn what_came_short_is_asked_for_once_more() {
        let (connection, mut history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let repeat = wanted(&connection, &subflows, &history).expect("it is stuck");
        repeated(&mut history, &repeat, 1400);
        let repeat = wanted(&connection, &subflows, &history).expect("the rest");
        assert_eq!((repeat.from, repeat.length), (1400, 1600));
    }

    #[test]
    fn new_data_goes_first_as_long_as_the_window_takes_it() {
        let (connection, history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let more = Connection {
            unsent: 5000,
            ..connection
        };
        assert_eq!(wanted(&more, &subflows, &history), None);
        let blocked = Connection {
            send_window: 1000,
            ..more
        };
        assert!(wanted(&blocked, &subflows, &history).is_some());
    }

    #[test]
    fn what_is_stuck_further_down_does_not_wait_its_turn() {
        let (mut connection, mut history) = head_on_the_second();
        history.given(2, 9000, 10_000);
        connection.next = 10_000;
        let subflows = [numbered(1, 20), numbered(2, 300)];
        for (from, length) in [(0, 3000), (9000, 1000)] {
            let repeat = wanted(&connection, &subflows, &history).expect("it is stuck");
            assert_eq!((repeat.from, repeat.length), (from, length));
            repeated(&mut history, &repeat, length);
        }
        assert_eq!(wanted(&connection, &subflows, &history), None);
    }

    /// Ten packets on the way of a path of 1 Mbit/s, which has one more delivered each 12 ms, the
    /// last in 110; and one of 60 ms in slow start, with room for so many.
    fn queue_and_room(room: u32) -> (Connection, History, [Subflow; 2]) {
        let mut history = History::default();
        history.given(2, 0, 14_000);
        let connection = Connection {
            next: 14_000,
            unsent: 0,
            ..OPEN
        };
        let fast = Subflow {
            slow_start: true,
            cwnd: 20,
            in_flight: 20 - room,
            idle: false,
            ..numbered(1, 60)
        };
        let slow = Subflow {
            min_rtt_us: 20_000,
            rate_packets: 5,
            rate_interval_us: 60_000,
            in_flight: 10,
            idle: false,
            ..numbered(2, 80)
        };
        (connection, history, [fast, slow])
    }

    #[test]
    fn what_is_about_to_arrive_is_not_repeated() {
        let (connection, history, subflows) = queue_and_room(10);
        let repeat = wanted(&connection, &subflows, &history);
        // The third arrives in 26 ms, the fourth in 38, and a copy in 30.
        let repeat = repeat.expect("the last ones are late");
        assert_eq!((repeat.from, repeat.length), (3 * 1400, 7 * 1400));
    }

    #[test]
    fn the_end_is_repeated_first() {
        let (connection, mut history, subflows) = queue_and_room(5);
        let repeat = wanted(&connection, &subflows, &history).expect("the end is late");
        assert_eq!((repeat.from, repeat.length), (5 * 1400, 5 * 1400));
        repeated(&mut history, &repeat, repeat.length);
        // With room for more, what is in front of that follows, and nothing twice.
        let (_, _, roomy) = queue_and_room(10);
        let repeat = wanted(&connection, &roomy, &history).expect("two more are late");
        assert_eq!((repeat.from, repeat.length), (3 * 1400, 2 * 1400));
        repeated(&mut history, &repeat, repeat.length);
        assert_eq!(wanted(&connection, &roomy, &history), None);
    }

    #[test]
    fn a_queue_that_has_just_grown_does_not_repeat() {
        // The slow one has room, and a smoothed round trip that is still the shorter one.
        let (connection, history, [fast, slow]) = queue_and_room(10);
        let grows = Subflow {
            srtt_x8_us: 8 * 25_000,
            cwnd: 20,
            ..slow
        };
        let repeat = wanted(&connection, &[fast, grows], &history).expect("the last are late");
        assert_eq!((repeat.subflow, repeat.from), (0, 3 * 1400));
    }

    #[test]
    fn what_will_fill_the_window_is_repeated_a_round_trip_before() {
        // What fast sends until a copy is known to have arrived: ten packets, and a window of 20.
        // The slow one has delivered five packets of ten by then.
        let (connection, history, subflows) = queue_and_room(10);
        let new_data = |send_window| Connection {
            send_window,
            more: true,
            unsent: 1 << 20,
            ..connection
        };
        let window = (30 - 5) * 1400;
        assert_eq!(wanted(&new_data(window), &subflows, &history), None);
        let repeat = wanted(&new_data(window - 1), &subflows, &history).expect("it will be full");
        // Of ten packets, the fifth has arrived in 50 ms, the sixth in 62, and a copy is known
        // after 60.
        assert_eq!((repeat.from, repeat.length), (5 * 1400, 5 * 1400));
        // If ten times as much was read before, the window will grow.
        let mut old = history.clone();
        old.acked(connection.una.wrapping_sub(140_000));
        assert_eq!(wanted(&new_data(window - 1), &subflows, &old), None);
        // Where there is no more than the window takes, it is never full.
        let last = Connection {
            more: false,
            unsent: 1400,
            ..new_data(window - 1)
        };
        assert_eq!(wanted(&last, &subflows, &history), None);
    }

    #[test]
    fn equal_subflows_are_left_alone() {
        let (connection, history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 20)];
        assert_eq!(wanted(&connection, &subflows, &history), None);
    }

    #[test]
    fn one_that_repairs_a_loss_is_not_waited_for() {
        let (connection, history) = head_on_the_second();
        let lost = Subflow {
            in_loss: true,
            ..numbered(2, 20)
        };
        let subflows = [numbered(1, 20), lost];
        assert!(wanted(&connection, &subflows, &history).is_some());
    }

    #[test]
    fn it_is_off_when_the_administrator_says_so() {
        let (connection, history) = head_on_the_second();
        let subflows = [numbered(1, 20), numbered(2, 300)];
        let knobs = Knobbed(vec![(knob::SCHED_REINJECT, 0)]);
        let view = View::new(&connection, &subflows, &knobs);
        assert_eq!(super::wanted(&view, &history), None);
    }

    proptest! {
        #[test]
        fn it_repeats_what_was_sent_on_another_that_can_send(
            connection in any_connection(),
            subflows in any_subflows(),
            spans in prop::collection::vec((0..20u32, 1..100_000u64), 0..70),
        ) {
            let mut history = History::default();
            let mut next = connection.una;
            for (id, bytes) in spans {
                let to = next.wrapping_add(bytes);
                history.given(id, next, to);
                next = to;
            }
            let connection = Connection { next, ..connection };
                if let Some(repeat) = wanted(&connection, &subflows, &history) {
                let chosen = subflows[repeat.subflow as usize];
                prop_assert!(chosen.can_send());
                prop_assert_ne!(history.holder(repeat.from).map(|it| it.0), Some(chosen.id));
                prop_assert!(repeat.length > 0);
                prop_assert!(u64::from(repeat.length) <= connection.outstanding());
                prop_assert!(!before(repeat.from, connection.una));
            }
        }
    }
}
