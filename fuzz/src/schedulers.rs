// SPDX-License-Identifier: GPL-2.0

//! Schedulers: whatever happens to a connection, whatever is set, each decision keeps the
//! contract.
//!
//! A connection is simulated as the module sees one: what is given is entered in its ledger, with
//! the round-trip times corrected and the subflows probed as there. But subflows come and go, time
//! jumps, and fields become any numbers, since none of them may be trusted.

use crate::{input::Input, settings::Settings};
use heddle_core::{
    decide::sched::{
        contract, roundrobin::RoundRobin, view::before, Connection, Ledger, Outages, Path, Probing,
        Repeat, Scheduler, Subflow, View, Wait, Why, MAX_SUBFLOWS,
    },
    knob::{self, Knobs},
};

/// Asks for copies one after another, at most.
const REPEATS: u32 = 64;

macro_rules! list {
    ($($module:ident $variant:ident: $scheduler:path,)*) => {
        const SCHEDULERS: &[fn(&mut Input<'_>)] = &[$(simulate::<$scheduler>,)*];
    };
}
heddle_core::for_each_scheduler!(list);

/// Has things happen to a connection of one of the schedulers.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    input.pick(SCHEDULERS)(&mut input);
}

fn simulate<S: Scheduler>(input: &mut Input<'_>) {
    let mut simulation = Simulation::<S>::new(input);
    while !input.is_empty() {
        simulation.happen(input);
        simulation.send(input);
    }
}

struct Simulation<S: Scheduler> {
    settings: Settings,
    connection: Connection,
    subflows: Vec<Subflow>,
    /// Number of the subflow that comes next.
    next_id: u32,
    state: S::State,
    ledger: Ledger,
    outages: Outages,
    probing: Probing,
}

impl<S: Scheduler> Simulation<S> {
    fn new(input: &mut Input<'_>) -> Self {
        let settings = Settings::of(input);
        let start = input.any64();
        let mut simulation = Self {
            connection: Connection {
                una: start,
                next: start,
                send_window: 1 << 20,
                unsent: 1 << 20,
                recovery: false,
                more: input.flag(),
                max_burst: settings.small(knob::SCHED_BURST),
                now_us: input.any64(),
            },
            settings,
            subflows: Vec::new(),
            next_id: 1,
            state: S::State::default(),
            ledger: Ledger::default(),
            outages: Outages::default(),
            probing: Probing::default(),
        };
        for _ in 0..input.below(4) {
            simulation.come(input);
        }
        simulation
    }

    fn come(&mut self, input: &mut Input<'_>) {
        let srtt_us = input.number(500_000);
        let subflow = Subflow {
            id: self.next_id,
            active: true,
            srtt_x8_us: srtt_us.saturating_mul(8),
            rttvar_x4_us: srtt_us / 8,
            min_rtt_us: srtt_us / 2,
            untried: input.flag(),
            slow_start: input.flag(),
            cwnd: 10,
            mss: 1400,
            memory_free: true,
            idle: true,
            pacing_rate: input.number64(10_000_000),
            ..Subflow::default()
        };
        if self.subflows.len() < MAX_SUBFLOWS {
            self.subflows.push(subflow);
            self.next_id += 1;
        }
    }

    /// Something happens.
    fn happen(&mut self, input: &mut Input<'_>) {
        match input.below(13) {
            0 => self.come(input),
            1 if !self.subflows.is_empty() => {
                self.subflows.remove(input.place(self.subflows.len()));
            }
            2 => {
                // What the kernel does when a subflow is lost: all is sent again.
                self.connection.recovery = input.flag();
                if self.connection.recovery {
                    let again = self.connection.outstanding();
                    self.connection.next = self.connection.una;
                    self.connection.unsent = self.connection.unsent.saturating_add(again);
                }
            }
            3 => {
                let acked = input.number64(200_000).min(self.connection.outstanding());
                self.connection.una = self.connection.una.wrapping_add(acked);
            }
            4 => self.connection.unsent = input.number64(1 << 20).max(1),
            5 => self.connection.more = input.flag(),
            6 => self.connection.send_window = input.number64(1 << 20),
            7 => self.connection.now_us = self.connection.now_us.wrapping_add(input.any64()),
            8 => self.connection.now_us = self.connection.now_us.wrapping_sub(input.any64()),
            9 => {
                self.repeat(input);
            }
            10 => self.retransmit(),
            11 => {
                let id = input.pick(&knob::Id::ALL);
                self.settings.change(id, input);
                self.connection.max_burst = self.settings.small(knob::SCHED_BURST);
            }
            _ => {
                if !self.subflows.is_empty() {
                    let place = input.place(self.subflows.len());
                    change(&mut self.subflows[place], input);
                }
            }
        }
    }

    /// What a decision is made from, with the books up to date.
    fn look(&mut self) -> Vec<Subflow> {
        let mut subflows = self.subflows.clone();
        self.outages.correct(&mut subflows);
        let Connection { una, next, .. } = self.connection;
        if let Some(sent) = self.ledger.settle(una, next, &subflows) {
            S::sent(&mut self.state, sent.id, sent.bytes);
        }
        subflows
    }

    fn send(&mut self, input: &mut Input<'_>) {
        let subflows = self.look();
        let connection = self.connection;
        let view = View::new(&connection, &subflows, &self.settings);
        let answer = S::send(&mut self.state, &view);
        match answer {
            // The kernel asks for copies when nothing is sent.
            Err(wait) if wait != Wait::NoSubflow && !contract::wakes(&subflows) => {
                let repeats = self.repeat(input) > 0;
                assert!(repeats, "{wait:?}, and nothing will wake it: {subflows:?}");
            }
            _ => contract::check(&answer, &connection, &self.judged(&subflows)),
        }
        match answer {
            Err(wait) => self.ledger.waited(wait),
            Ok(grant) => {
                let place = usize::try_from(grant.subflow).expect("a place");
                self.ledger.granted(subflows[place].id, connection.next);
                let most = u64::from(grant.burst).min(connection.unsent);
                // Now and then less than what was granted comes of it.
                let bytes = if input.rarely(4) { most / 2 } else { most };
                let connection = &mut self.connection;
                connection.next = connection.next.wrapping_add(bytes);
                connection.send_window -= bytes;
                connection.unsent = (connection.unsent - bytes).max(1);
                carry(&mut self.subflows[place], bytes);
            }
        }
    }

    /// Subflows as the contract is about them: an administrator can have congestion windows
    /// count for nothing.
    fn judged(&self, subflows: &[Subflow]) -> Vec<Subflow> {
        let mut judged = subflows.to_vec();
        if S::NAME == RoundRobin::NAME
            && self.settings.value(knob::SCHED_ROUNDROBIN_CWND_LIMITED) == 0
        {
            for subflow in &mut judged {
                subflow.in_flight = 0;
                subflow.unsent = 0;
            }
        }
        judged
    }

    fn retransmit(&mut self) {
        let subflows = self.look();
        let view = View::new(&self.connection, &subflows, &self.settings);
        if let Some(position) = S::retransmit(&mut self.state, &view) {
            let chosen = subflows[usize::try_from(position).expect("a place")];
            assert!(chosen.active, "{chosen:?} is not active");
            self.ledger.retransmitted(chosen.id);
        }
    }

    /// Copies are asked for. Returns how many there were.
    fn repeat(&mut self, input: &mut Input<'_>) -> u32 {
        let now_us = self.connection.now_us;
        for number in 0..REPEATS {
            let subflows = self.look();
            let view = View::new(&self.connection, &subflows, &self.settings);
            let probe = self.probing.wanted(&view, now_us);
            let wanted = probe.or_else(|| {
                S::REPEATS
                    .then(|| S::repeat(&mut self.state, &view, self.ledger.history()))
                    .flatten()
            });
            let Some(repeat) = wanted else {
                return number;
            };
            let place = usize::try_from(repeat.subflow).expect("a place");
            let chosen = subflows[place];
            check_repeat(&repeat, &chosen, &self.connection);
            let bytes = match (repeat.length, input.rarely(4)) {
                (length, false) => length,
                (length, true) => length / 2,
            };
            if bytes > 0 {
                self.ledger.repeated(chosen.id, &repeat, bytes);
                if repeat.why != Why::Probes {
                    S::repeated(&mut self.state, chosen.id, &repeat, bytes);
                }
            }
            let subflow = &mut self.subflows[place];
            carry(subflow, bytes.into());
            subflow.quiet_ms = 0;
        }
        REPEATS
    }
}

/// Checks what holds for all that is repeated.
fn check_repeat(repeat: &Repeat, chosen: &Subflow, connection: &Connection) {
    let is_probe = repeat.why == Why::Probes;
    assert!(
        chosen.active || is_probe && chosen.stale,
        "{chosen:?} cannot repeat"
    );
    if repeat.length == 0 {
        assert!(is_probe, "nothing to repeat");
        return;
    }
    let end = repeat.from.wrapping_add(repeat.length.into());
    assert!(
        !before(repeat.from, connection.una),
        "{repeat:?} is acknowledged"
    );
    // A probe is of the first packet, as long as it may be.
    assert!(
        is_probe || !before(connection.next, end),
        "{repeat:?} was not sent: {connection:?}"
    );
}

/// A subflow is given bytes.
fn carry(subflow: &mut Subflow, bytes: u64) {
    if bytes > 0 {
        let packets = bytes.div_ceil(u64::from(subflow.mss.max(1)));
        let packets = u32::try_from(packets).unwrap_or(u32::MAX);
        subflow.in_flight = subflow.in_flight.saturating_add(packets);
        subflow.idle = false;
    }
}

/// Something happens to a subflow.
fn change(subflow: &mut Subflow, input: &mut Input<'_>) {
    match input.below(22) {
        0 => subflow.in_flight = subflow.cwnd,
        1 => {
            subflow.in_flight = subflow.in_flight.saturating_sub(input.byte().into());
            subflow.idle = subflow.in_flight == 0;
        }
        2 => {
            subflow.in_loss = input.flag();
            subflow.repairs = subflow.in_loss;
        }
        3 => subflow.repairs = input.flag(),
        4 => subflow.lost = input.flag(),
        5 => subflow.backup = input.flag(),
        6 => {
            subflow.stale = input.flag();
            subflow.active = !subflow.stale;
            subflow.stale_count = input.byte();
        }
        7 => subflow.active = input.flag() && !subflow.stale,
        8 => subflow.memory_free = input.flag(),
        9 => subflow.idle = input.flag(),
        10 => subflow.srtt_x8_us = input.number(4_000_000),
        11 => subflow.rttvar_x4_us = input.number(1_000_000),
        12 => subflow.min_rtt_us = input.number(1_000_000),
        13 => subflow.last_rtt_us = input.number(1_000_000),
        14 => {
            subflow.rate_packets = input.number(100);
            subflow.rate_interval_us = input.number(1_000_000);
        }
        15 => subflow.untried = input.flag(),
        16 => subflow.cwnd = input.number(100),
        17 => subflow.unsent = input.number(200_000),
        18 => subflow.mss = input.number(9000),
        19 => subflow.pacing_rate = input.any64(),
        20 => subflow.quiet_ms = input.number(10_000),
        _ => {
            subflow.path = Path {
                weight: input.below(8).into(),
                cost: input.below(3).into(),
                exhausted: input.rarely(4),
            };
        }
    }
}
