// SPDX-License-Identifier: GPL-2.0

//! What is done for a connection when the kernel asks its scheduler.
//!
//! Each decision is taken from a copy of the connection's state, by a pure function; here is what
//! makes the copy, applies the answer, and keeps the books.

use super::{name, Entry, State, KERNELS};
use crate::{
    counters::{self, Id, Of},
    namespace::{max_burst, Namespace},
    paths, rules,
};
use core::{ffi::CStr, marker::PhantomData};
use heddle_core::{
    decide::{
        path::{Settings, NO_CAP},
        sched::{
            self as decide, Ledger, Outages, Path, Penalties, PerSubflow, Probing, Repeat, View,
            Wait,
        },
    },
    knob,
};
use heddle_kernel::{
    array::ArrayVec,
    mptcp::{
        sched::{Choice, Copy, Grant, Scheduler},
        Connection, Seen, SeenSubflow, Subflow,
    },
    net::{Net, PerNet},
    time::now_us,
    trace::{self, Decision},
};
use kernel::{prelude::*, sync::Arc};

/// Who chose the scheduler of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// `net.mptcp.scheduler`, or the program.
    System,
    /// Nobody yet: there was nothing to send.
    Undecided,
    /// The knob `sched.default`.
    Default,
    /// The rule of this priority.
    Rule(u32),
}

/// What is kept for a connection, protected by its lock.
pub(crate) struct Scheduled {
    namespace: Arc<Namespace>,
    chosen: Chosen,
    scheduler: u8,
    state: State,
    ledger: Ledger,
    /// Settings of the subflows' paths.
    paths: PerSubflow<Settings>,
    /// Number of the configuration that they are of.
    paths_of: Option<u32>,
    /// There is a path in that configuration.
    has_paths: bool,
    outages: Outages,
    penalties: Penalties,
    probing: Probing,
    /// What it was last asked to repeat, and by the subflow of which number.
    repeating: Option<(u32, Repeat)>,
}

impl Scheduled {
    fn new(net: &Net, fixed: Option<u8>) -> impl Init<Self, Error> + '_ {
        let first = fixed.unwrap_or(KERNELS);
        try_init!(Self {
            // Without one the namespace is being made or taken down.
            namespace: Namespace::of(net).ok_or(ENODEV)?,
            chosen: match fixed {
                Some(_) => Chosen::System,
                None => Chosen::Undecided,
            },
            scheduler: first,
            state: State::new(first),
            ledger: Ledger::default(),
            paths: PerSubflow::default(),
            paths_of: None,
            has_paths: false,
            outages: Outages::default(),
            penalties: Penalties::default(),
            probing: Probing::default(),
            repeating: None,
        })
        .chain(|new| {
            if new.chosen != Chosen::Undecided {
                new.count(Of::Opened, 1);
            }
            Ok(())
        })
    }

    fn count(&self, what: Of, number: u64) {
        let counter = Id::of(self.scheduler, what);
        self.namespace.counters.add(counter, number);
    }

    fn name(&self) -> &'static CStr {
        name(self.scheduler).unwrap_or(c"?")
    }

    /// Who decides for it, and who chose that.
    pub(crate) fn shown(&self) -> (Chosen, u8) {
        (self.chosen, self.scheduler)
    }

    /// What its scheduler gave to which subflow, up to the last decision; [`None`] if that is the
    /// kernel's own, or not chosen yet.
    pub(crate) fn ledger(&self) -> Option<&Ledger> {
        (!self.state.is_kernels()).then_some(&self.ledger)
    }

    /// What was set for the path of a subflow, as the last decision saw it; [`None`] if none has
    /// seen the subflow.
    pub(crate) fn settings(&self, id: u32) -> Option<&Settings> {
        self.paths.get(id)
    }

    /// Chooses the scheduler, if that was not done.
    fn decide(&mut self, connection: &Connection<'_>) {
        if self.chosen != Chosen::Undecided {
            return;
        }
        let (scheduler, chosen, counter) = match rules::scheduler(&self.namespace, connection) {
            Some((scheduler, priority)) => {
                (scheduler, Chosen::Rule(priority), counters::RULE_MATCHES)
            }
            None => {
                let default = self.namespace.knob(knob::SCHED_DEFAULT);
                (
                    u8::try_from(default).unwrap_or(KERNELS),
                    Chosen::Default,
                    counters::RULE_MISSES,
                )
            }
        };
        self.namespace.counters.count(counter);
        self.chosen = chosen;
        self.scheduler = scheduler;
        self.state = State::new(scheduler);
        self.count(Of::Opened, 1);
    }

    /// Brings the settings of the paths up to date.
    fn find_paths(&mut self, seen: &Seen<'_>) {
        let others = self.paths.keep(seen.subflows().map(|it| it.id()));
        let of = Some(self.namespace.generation());
        if self.paths_of == of && !others {
            return;
        }
        self.paths_of = of;
        self.has_paths = self.namespace.paths(|paths| paths.len()) > 0;
        for seen in seen.subflows() {
            if let (Some(place), Some(subflow)) = (self.paths.get_mut(seen.id()), seen.subflow()) {
                *place = paths::settings(&self.namespace, &subflow);
            }
        }
    }

    /// What the administrator has set for the path of a subflow.
    fn path(&self, id: u32) -> Path {
        if !self.has_paths {
            return Path::default();
        }
        let settings = self.paths.get(id).copied().unwrap_or_default();
        Path {
            weight: settings.weight,
            cost: settings.cost,
            // What is used is looked up only for those with a cap.
            exhausted: match settings.priority {
                Some(priority) if settings.cap != NO_CAP => {
                    settings.is_over_cap(paths::used(&self.namespace, priority))
                }
                _ => false,
            },
        }
    }

    /// Charges bytes to the path of a subflow.
    fn charge(&self, id: u32, bytes: u64) {
        if let Some(priority) = self.paths.get(id).and_then(|it| it.priority) {
            paths::charge(&self.namespace, priority, bytes);
        }
    }

    /// What a decision is made from, with the books up to date.
    ///
    /// The subflows are written where they are to be: so many would be copied, or cleared, with
    /// anything around them that has values of its own.
    fn look<'a>(&mut self, seen: &Seen<'_>, subflows: &'a mut Subflows) -> Situation<'a> {
        self.find_paths(seen);
        subflows.fill(seen.subflows().map(|it| copy(&it, self.path(it.id()))));
        self.outages.correct(subflows.as_mut_slice());
        if self.penalties.any() {
            self.penalties.apply(subflows.as_mut_slice(), now_us());
        }
        let subflows = subflows.as_slice();
        let connection = decide::Connection {
            una: seen.una(),
            next: seen.next(),
            send_window: seen.send_window(),
            unsent: seen.unsent(),
            more: seen.more(),
            recovery: seen.recovery(),
            max_burst: max_burst(&self.namespace),
            now_us: match self.state.has_clock() {
                true => now_us(),
                false => 0,
            },
        };
        let settled = self
            .ledger
            .settle(connection.una, connection.next, subflows);
        if let Some(sent) = settled {
            self.state.sent(sent.id, sent.bytes);
            self.charge(sent.id, sent.bytes);
        }
        Situation {
            connection,
            subflows,
        }
    }

    fn send(&mut self, seen: &Seen<'_>) -> Result<decide::Grant, Wait> {
        let mut subflows = Subflows::new();
        let situation = self.look(seen, &mut subflows);
        let view = situation.view(&self.namespace);
        // What is to be repeated is asked for next. If nothing came of that the last time, it is
        // not waited for again.
        let choice = match self.repeating.is_none()
            && self.state.repeats_first(&view, self.ledger.history())
        {
            true => Err(Wait::Blocking),
            false => self.state.send(&view),
        };
        match choice {
            Ok(grant) => {
                let id = situation.id(grant.subflow);
                self.ledger.granted(id, situation.connection.next);
            }
            Err(wait) => self.ledger.waited(wait),
        }
        choice
    }

    fn retransmit(&mut self, seen: &Seen<'_>) -> Option<u32> {
        let mut subflows = Subflows::new();
        let situation = self.look(seen, &mut subflows);
        let chosen = self.state.retransmit(&situation.view(&self.namespace))?;
        self.ledger.retransmitted(situation.id(chosen));
        Some(chosen)
    }

    /// Whether there may be something to repeat at this time.
    fn may_repeat(&self, now_us: u64) -> bool {
        !self.state.is_kernels()
            && (self.state.repeats() || self.probing.is_due(now_us, &*self.namespace))
    }

    fn repeat(&mut self, seen: &Seen<'_>, now_us: u64) -> Option<Repeat> {
        let mut subflows = Subflows::new();
        let situation = self.look(seen, &mut subflows);
        let view = situation.view(&self.namespace);
        let wanted = match self.probing.wanted(&view, now_us) {
            Some(probe) => probe,
            None => self.state.repeat(&view, self.ledger.history())?,
        };
        let history = self.ledger.history();
        if self.penalties.impose(&view, history, &wanted, now_us) {
            self.count(Of::Penalties, 1);
        }
        self.repeating = Some((situation.id(wanted.subflow), wanted));
        Some(wanted)
    }

    fn repeated(&mut self, bytes: u32) {
        if let Some((id, repeat)) = self.repeating.take() {
            self.ledger.repeated(id, &repeat, bytes);
            self.charge(id, bytes.into());
            let (what, number) = match repeat.why {
                decide::Why::Redundant => (Of::RedundantBytes, bytes),
                decide::Why::Blocks => (Of::ReinjectedBytes, bytes),
                decide::Why::Probes => (Of::Probes, 1),
            };
            self.count(what, number.into());
            if repeat.why != decide::Why::Probes {
                self.state.repeated(id, &repeat, bytes);
            }
        }
    }
}

type Subflows = ArrayVec<decide::Subflow, { Seen::MAX_SUBFLOWS }>;

/// What a decision is made from.
struct Situation<'a> {
    connection: decide::Connection,
    subflows: &'a [decide::Subflow],
}

impl Situation<'_> {
    fn view<'a>(&'a self, namespace: &'a Namespace) -> View<'a, Namespace> {
        View::new(&self.connection, self.subflows, namespace)
    }

    /// The number of the subflow at a position.
    fn id(&self, position: u32) -> u32 {
        let subflow = self.subflows.get(position as usize);
        subflow.map_or(0, |it| it.id)
    }
}

const _: () = assert!(Seen::MAX_SUBFLOWS == decide::MAX_SUBFLOWS);

/// What a decision sees of a subflow.
fn copy(subflow: &SeenSubflow<'_, '_>, path: Path) -> decide::Subflow {
    decide::Subflow {
        id: subflow.id(),
        active: subflow.active(),
        backup: subflow.backup(),
        in_loss: subflow.in_loss(),
        repairs: subflow.repairs(),
        lost: subflow.lost(),
        srtt_x8_us: subflow.srtt_x8_us(),
        rttvar_x4_us: subflow.rttvar_x4_us(),
        min_rtt_us: subflow.min_rtt_us(),
        last_rtt_us: subflow.last_rtt_us(),
        rate_packets: subflow.rate_packets(),
        rate_interval_us: subflow.rate_interval_us(),
        untried: subflow.untried(),
        cwnd: subflow.cwnd(),
        in_flight: subflow.in_flight(),
        unsent: subflow.unsent(),
        mss: subflow.mss(),
        slow_start: subflow.slow_start(),
        pacing_rate: subflow.pacing_rate(),
        memory_free: subflow.memory_free(),
        idle: subflow.idle(),
        stale_count: subflow.stale_count(),
        stale: subflow.stale(),
        quiet_ms: subflow.quiet_ms(),
        path,
    }
}

/// The kernel's view of an entry.
pub(super) struct Joined<E>(PhantomData<E>);

impl<E: Entry> Scheduler for Joined<E> {
    const NAME: &'static CStr = E::NAME;

    type Data = Scheduled;

    fn init(net: &Net) -> impl Init<Self::Data, Error> {
        Scheduled::new(net, E::FIXED)
    }

    fn get_send<'a>(data: &mut Self::Data, connection: &'a Connection<'_>) -> Choice<Grant<'a>> {
        data.decide(connection);
        if data.state.is_kernels() {
            data.count(Of::Sends, 1);
            trace::sched_decision(connection, data.name(), Decision::default);
            return Choice::Kernels;
        }
        let mut seen = Seen::nothing();
        connection.see(&mut seen);
        let choice = data.send(&seen);
        let subflow = match choice {
            Ok(grant) => seen.subflow(grant.subflow),
            Err(_) => None,
        };
        let what = if subflow.is_some() {
            Of::Sends
        } else {
            Of::Waits
        };
        data.count(what, 1);
        trace::sched_decision(connection, data.name(), || Decision {
            wait: choice.err().map(Wait::name),
            subflow: subflow.as_ref().map_or(0, Subflow::id),
            burst: choice.map_or(0, |grant| grant.burst),
            ..Decision::default()
        });
        match (choice, subflow) {
            (Ok(grant), Some(subflow)) => Choice::This(Grant {
                subflow,
                burst: grant.burst,
            }),
            _ => Choice::Nobody,
        }
    }

    fn get_retrans<'a>(
        data: &mut Self::Data,
        connection: &'a Connection<'_>,
    ) -> Choice<Subflow<'a>> {
        let choice = if data.state.is_kernels() {
            Choice::Kernels
        } else {
            let mut seen = Seen::nothing();
            connection.see(&mut seen);
            let chosen = data.retransmit(&seen);
            let subflow = chosen.and_then(|chosen| seen.subflow(chosen));
            subflow.map_or(Choice::Nobody, Choice::This)
        };
        if !matches!(choice, Choice::Nobody) {
            data.count(Of::Retransmits, 1);
        }
        trace::sched_decision(connection, data.name(), || Decision {
            what: c"retransmit",
            wait: matches!(choice, Choice::Nobody).then_some(c"busy"),
            subflow: match &choice {
                Choice::This(subflow) => subflow.id(),
                _ => 0,
            },
            ..Decision::default()
        });
        choice
    }

    fn get_copy<'a>(data: &mut Self::Data, connection: &'a Connection<'_>) -> Option<Copy<'a>> {
        let now_us = now_us();
        if !data.may_repeat(now_us) {
            return None;
        }
        let mut seen = Seen::nothing();
        connection.see(&mut seen);
        let wanted = data.repeat(&seen, now_us)?;
        let subflow = seen.subflow(wanted.subflow)?;
        trace::sched_decision(connection, data.name(), || Decision {
            what: match wanted.why {
                decide::Why::Probes => c"probe",
                _ => c"repeat",
            },
            subflow: subflow.id(),
            burst: wanted.length,
            ..Decision::default()
        });
        Some(Copy {
            subflow,
            from: wanted.from,
            length: wanted.length,
        })
    }

    fn copied(data: &mut Self::Data, bytes: u32) {
        data.repeated(bytes);
    }

    fn release(data: &mut Self::Data) {
        if data.chosen != Chosen::Undecided {
            data.count(Of::Closed, 1);
        }
    }
}
