// SPDX-License-Identifier: GPL-2.0

//! Joins the migration of requests of `heddle_core` to the kernel's groups of listeners.
//!
//! What the kernel asks is answered from a look at its sockets by a pure function,
//! [`heddle_core::decide::migrate::choose`]. There is nothing to keep for a listener: the kernel
//! knows in which order they joined.

use crate::{
    control::event::{handed_over, Handover},
    counters::{self, Id},
    migrations,
    namespace::Namespace,
    park,
};
use heddle_core::{
    address::Address,
    decide::migrate::{
        self as decide, choose, migration::Facts, Choice, Config, Members, Reason, Request,
        Settings, Stage,
    },
};
use heddle_kernel::net::{
    heddle::uapi,
    park::{any as any_parked, Parked},
    reuseport::{self, random, Ending, Group, Heir, Listener, Member, Migration},
    PerNet,
};

/// Decides for all namespaces.
pub(crate) struct Migrate;

impl Migration for Migrate {
    fn keep(closing: &Listener<'_>) -> bool {
        Namespace::of(closing.net())
            .is_some_and(|namespace| !config(&namespace, closing, 0).policies.is_off())
    }

    fn migrate<'a>(
        group: &Group<'a>,
        closed: &Listener<'a>,
        request: &reuseport::Request<'a>,
    ) -> Heir<'a> {
        let Some(namespace) = Namespace::of(closed.net()) else {
            return Heir::Kernels;
        };
        let mut members = Open {
            group,
            closed,
            needs_mptcp: request.is_mptcp(),
            parked: !any_parked(),
        };
        let mut config = config(&namespace, closed, 1);
        let request = about(request);
        let mut choice = choose(&config, &members, &request);
        if choice == Choice::Nobody(Reason::NoMember) && !members.parked {
            // Better one that waits for an heir itself than none, within its bounds.
            members.parked = true;
            config.respect_backlog = true;
            choice = choose(&config, &members, &request);
        }
        match choice {
            Choice::KernelDecides => Heir::Kernels,
            Choice::Nobody(reason) => {
                fails(&namespace, closed, why_nobody(reason));
                Heir::Nobody
            }
            Choice::Member {
                position,
                policy,
                differs,
            } => {
                let Some(heir) = members.member(position) else {
                    // Its place was taken since by one that cannot serve.
                    fails(&namespace, closed, why_nobody(Reason::NoMember));
                    return Heir::Nobody;
                };
                namespace.counters.count(counters::chosen_by(policy));
                if let Some(setting) = differs {
                    namespace.counters.count(counters::MIGRATE_DIFFERENT);
                    closed.warn_of_heir(setting.name());
                }
                Heir::This(heir)
            }
        }
    }

    fn joined(listener: &Listener<'_>) {
        park::joined(listener);
    }

    fn park(parked: Parked) -> core::result::Result<(), Parked> {
        park::park(parked)
    }

    fn migrated(closed: &Listener<'_>, heir: Option<&Listener<'_>>, ending: Ending) {
        let Some(namespace) = Namespace::of(closed.net()) else {
            return;
        };
        match (ending, heir) {
            (Ending::Migrated, Some(heir)) => {
                namespace.counters.count(counters::MIGRATED);
                tell(&namespace, closed, Ok(heir.cookie()));
            }
            _ => {
                if let Some(why) = why_failed(ending) {
                    fails(&namespace, closed, why);
                }
            }
        }
    }
}

/// What the administrator chose for a listener.
pub(crate) fn config(namespace: &Namespace, closing: &Listener<'_>, hits: u64) -> Config {
    let facts = || {
        let ends = closing.endpoints();
        Some(Facts {
            cookie: closing.cookie(),
            local: Address::from_bytes(ends.local())?,
            port: ends.local_port,
        })
    };
    migrations::config(namespace, facts, hits)
}

/// Why a request has no heir: its counter, and its number in events.
type Why = (Id, u32);

fn why_nobody(reason: Reason) -> Why {
    let number = match reason {
        Reason::NoMember => uapi::HEDDLE_MIGRATE_FAILURE_NO_MEMBER,
        Reason::Refused => uapi::HEDDLE_MIGRATE_FAILURE_REFUSED,
        Reason::Guard => uapi::HEDDLE_MIGRATE_FAILURE_GUARD,
        Reason::Full => uapi::HEDDLE_MIGRATE_FAILURE_HEIR_FULL,
    };
    (counters::why_nobody(reason), number)
}

/// [`None`] if [`why_nobody`] had the reason.
fn why_failed(ending: Ending) -> Option<Why> {
    Some(match ending {
        Ending::Migrated | Ending::Refused => return None,
        Ending::NoMember => why_nobody(Reason::NoMember),
        Ending::Overflow => why_nobody(Reason::Full),
        Ending::Forbidden => (
            counters::MIGRATE_FORBIDDEN,
            uapi::HEDDLE_MIGRATE_FAILURE_FORBIDDEN,
        ),
        Ending::Dead => (
            counters::MIGRATE_HEIR_DIED,
            uapi::HEDDLE_MIGRATE_FAILURE_HEIR_DIED,
        ),
        Ending::Closed => (
            counters::MIGRATE_HEIR_CLOSED,
            uapi::HEDDLE_MIGRATE_FAILURE_HEIR_CLOSED,
        ),
        Ending::NoMemory => (
            counters::MIGRATE_CLONE_FAILED,
            uapi::HEDDLE_MIGRATE_FAILURE_CLONE_FAILED,
        ),
        Ending::Expired => (
            counters::MIGRATE_EXPIRED,
            uapi::HEDDLE_MIGRATE_FAILURE_EXPIRED,
        ),
        Ending::Race => (
            counters::MIGRATE_RACE_LOST,
            uapi::HEDDLE_MIGRATE_FAILURE_RACE_LOST,
        ),
    })
}

fn fails(namespace: &Namespace, closed: &Listener<'_>, (counter, number): Why) {
    namespace.counters.count(counter);
    tell(namespace, closed, Err(number));
}

/// Tells those who listen to events.
fn tell(namespace: &Namespace, closed: &Listener<'_>, heir: Result<u64, u32>) {
    handed_over(namespace, closed.net(), || Handover {
        listener: closed.cookie(),
        ends: closed.endpoints(),
        heir,
    });
}

/// What a policy can know of what looks for an heir.
fn about(request: &reuseport::Request<'_>) -> Request {
    let (cpu, node) = request.cpu();
    Request {
        hash: request.hash(),
        cpu,
        node,
        random: random(),
        stage: match request.stage() {
            reuseport::Stage::AcceptQueue => Stage::AcceptQueue,
            reuseport::Stage::Timer => Stage::Timer,
            reuseport::Stage::Packet => Stage::FinalAck,
        },
    }
}

/// The open listeners of a group, as far as they can serve what looks for an heir.
struct Open<'a, 'b> {
    group: &'b Group<'a>,
    closed: &'b Listener<'a>,
    /// A subflow of MPTCP: on a listener of plain TCP, `accept()` would hand it out as if it were
    /// a connection. The other way round there is no harm.
    needs_mptcp: bool,
    /// Whether listeners that their program has closed count. They need not be told apart where
    /// there are none.
    parked: bool,
}

impl<'a> Open<'a, '_> {
    fn member(&self, position: u32) -> Option<Member<'a>> {
        self.group
            .get(position)
            .filter(|member| !self.needs_mptcp || member.is_mptcp())
            .filter(|member| self.parked || !member.is_parked())
    }
}

impl Members for Open<'_, '_> {
    fn number(&self) -> u32 {
        self.group.number()
    }

    fn get(&self, position: u32) -> Option<decide::Listener> {
        let generation = self.group.generation(position)?;
        Some(look(&*self.member(position)?, generation))
    }

    fn settings(&self, position: u32) -> Option<Settings> {
        Some(settings(&*self.member(position)?))
    }

    fn newest(&self) -> Option<u32> {
        Some(self.group.newest())
    }

    fn closing(&self) -> decide::Listener {
        look(self.closed, 0)
    }

    fn closing_settings(&self) -> Settings {
        settings(self.closed)
    }
}

fn look(listener: &Listener<'_>, generation: u32) -> decide::Listener {
    let state = listener.state();
    let cpu = state.cpu();
    decide::Listener {
        queued: state.queued(),
        handshakes: state.handshakes(),
        limit: state.limit(),
        generation: generation.into(),
        cpu: cpu.map(|(cpu, _)| cpu),
        node: cpu.map(|(_, node)| node),
        mark: state.mark(),
        cgroup: state.cgroup(),
    }
}

fn settings(listener: &Listener<'_>) -> Settings {
    let settings = listener.settings();
    Settings {
        save_syn: settings.save_syn(),
        defer_accept: settings.defer_accept(),
        fast_open: settings.fast_open(),
        receive_buffer: settings.receive_buffer(),
        ulp: settings.ulp(),
        congestion: settings.congestion_control(),
        mptcp: settings.mptcp(),
        md5: settings.md5(),
        ao: settings.ao(),
        transparent: settings.transparent(),
        tos: settings.tos(),
        priority: settings.priority(),
        mark: settings.mark(),
        device: settings.interface(),
    }
}
