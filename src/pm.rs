// SPDX-License-Identifier: GPL-2.0

//! Joins the path manager of `heddle_core` to the kernel's `mptcp_pm_ops`.
//!
//! Without a policy the in-kernel path manager does all there is to do, and what is here looks on.

use crate::{
    counters::{self, Id},
    namespace::Namespace,
    paths,
    rules::{self, Managed as Rule},
    sched,
};
use core::{ffi::CStr, mem};
use heddle_core::{
    address::Address,
    decide::{
        path,
        pm::{
            cap::{Capped, Meter},
            health::Why,
            mesh::Pair,
            remotes,
            settings::{Over, Settings},
            Action, Closed, Facts, Hop, Local, Manager, Mesh, Next, Outcome, Policy, Remote,
            Subflow, View, Wait, ACTIONS,
        },
    },
    knob,
};
use heddle_kernel::{
    mptcp::{
        pm::{self, Endpoint, Event, Managed, NotOpened, Ops, PathManager, Seen},
        Connection, InterfaceName,
    },
    net::{self, links, Net, PerNet},
    time::now_us,
    work::{Started, Work},
};
use kernel::{prelude::*, sync::Arc};

mod told;

static OPS: Ops<Heddle> = Ops::new();

/// Has workers run in namespaces where something has changed.
static RUNNING: Work = Work::new(run);

/// When a worker that could not finish runs again, in ms.
const LATER_MS: u32 = 1000;
/// Changes of links that come within this time are one, in ms.
const TOGETHER_MS: u32 = 10;

/// The path manager, as long as it is on offer.
pub(crate) struct Registration {
    _manager: pm::Registration,
    _links: links::Registration,
    _work: Started,
}

impl Registration {
    pub(crate) fn new(module: &'static ThisModule) -> Result<Self> {
        let work = Started::new(&RUNNING)?;
        let links = links::Registration::new::<Heddle>()?;
        let manager = pm::Registration::new(&OPS, module)
            .inspect_err(|err| pr_err!("cannot register the path manager: {:?}\n", err))?;
        Ok(Self {
            _manager: manager,
            _links: links,
            _work: work,
        })
    }
}

/// The rule that says something of the paths of a connection, if ours is its path manager.
pub(crate) fn rule(connection: &mut Connection<'_>) -> Option<u32> {
    let state = OPS.state(connection)?;
    state.rule.as_ref().map(|it| it.priority)
}

/// The configuration of a namespace has changed.
pub(crate) fn config_changed(namespace: &Namespace) {
    if namespace.paths_managed.is_used() {
        namespace.paths_managed.want_run();
        RUNNING.within(0);
    }
}

fn run() {
    let now = now_us();
    let mut next: Option<u64> = None;
    net::for_each(|net| {
        let Some(namespace) = Namespace::of(net) else {
            return;
        };
        if !namespace.paths_managed.is_used() {
            return;
        }
        let seconds = namespace.knob(knob::PM_CAP_PERIOD_S);
        let (ended, end) = namespace.paths_managed.period(seconds, now);
        if ended {
            paths::reset(&namespace);
        }
        if let Some(end) = end {
            next = Some(next.map_or(end, |other| other.min(end)));
        }
        if namespace.paths_managed.take_run() || ended {
            let _ = OPS.schedule_all(net);
        }
    });
    if let Some(next) = next {
        let ms = next.saturating_sub(now).div_ceil(1000);
        RUNNING.within(u32::try_from(ms).unwrap_or(u32::MAX));
    }
}

/// The path manager.
struct Heddle;

impl links::Links for Heddle {
    fn changed(net: &Net) {
        let Some(namespace) = Namespace::of(net) else {
            return;
        };
        if namespace.paths_managed.is_used() {
            namespace.paths_managed.change_links();
            namespace.paths_managed.want_run();
            RUNNING.within(TOGETHER_MS);
        }
    }
}

/// What events leave for the worker.
struct Inbox {
    inbox: remotes::Inbox,
    namespace: Arc<Namespace>,
}

/// What the worker keeps.
struct State {
    manager: Manager,
    meter: Meter,
    namespace: Arc<Namespace>,
    links: u32,
    /// Whether there was a policy when it ran last.
    managed: bool,
    /// What is wanted.
    policy: Policy,
    /// What a rule says of that, in the place of the knobs.
    rule: Option<Rule>,
    /// The configuration in which both were looked up.
    policy_of: Option<u32>,
}

impl PathManager for Heddle {
    const NAME: &'static CStr = c"heddle";

    type Inbox = Inbox;
    type State = State;

    fn init(net: &Net) -> Result<(Inbox, State)> {
        let namespace = Namespace::of(net).ok_or(ENODEV)?;
        if namespace.paths_managed.use_it() {
            RUNNING.within(0);
        }
        namespace.counters.count(counters::PM_CONNECTIONS);
        let state = State {
            manager: Manager::default(),
            meter: Meter::default(),
            links: namespace.paths_managed.links(),
            namespace: Arc::clone(&namespace),
            managed: false,
            policy: Policy::default(),
            rule: None,
            policy_of: None,
        };
        let inbox = Inbox {
            inbox: remotes::Inbox::default(),
            namespace,
        };
        Ok((inbox, state))
    }

    fn event(inbox: &mut Inbox, event: Event<'_>) -> bool {
        let counters = &inbox.namespace.counters;
        match event {
            Event::Announced(address) => {
                counters.count(counters::PM_ANNOUNCED);
                if let Some(remote) = remote(&address) {
                    inbox.inbox.add(remote);
                }
            }
            Event::Removed(removed) => {
                for id in removed.ids() {
                    counters.count(counters::PM_REMOVED);
                    inbox.inbox.remove(id);
                }
            }
            Event::Priority => {
                counters.count(counters::PM_PRIORITIES);
                return false;
            }
            Event::Endpoints => inbox.inbox.change_endpoints(),
            Event::Established | Event::SubflowEstablished | Event::SubflowClosed => {}
        }
        // Which rule holds is for the worker to find out.
        inbox.namespace.paths_managed.is_overlaid() || Policy::of(&*inbox.namespace).is_any()
    }

    fn worker(state: &mut State, connection: &mut Managed<'_, Self>) {
        let policy = state.policy(connection);
        connection.hold(policy.opens());
        connection.run_kernels();
        if !policy.is_any() && !mem::replace(&mut state.managed, policy.is_any()) {
            return;
        }
        state.managed = policy.is_any();
        let Ok(mut seen) = connection.to_see() else {
            connection.wake_after_ms(LATER_MS);
            return;
        };
        connection.see(&mut seen);
        state.hear(connection, &policy, &seen);
        for _ in 0..ACTIONS {
            let now_ms = now_ms();
            let view = Looked {
                seen: &seen,
                now_ms,
                namespace: &state.namespace,
                rule: settings(state.rule.as_ref()),
                connection,
                charges_sent: false,
            };
            match state.manager.next(&view, &policy) {
                Next::Do(action) => {
                    let outcome = act(&state.namespace, &policy, connection, &action);
                    state.manager.done(&action, outcome, now_ms);
                    let rule = state.rule.as_ref().map(|it| it.priority);
                    told::tell(
                        &state.namespace,
                        rule,
                        &policy,
                        connection,
                        &seen,
                        &action,
                        outcome,
                    );
                    connection.see(&mut seen);
                }
                Next::Rest(Wait { ms, bytes }) => {
                    connection.wake_at_bytes(bytes);
                    if let Some(ms) = ms {
                        connection.wake_after_ms(ms);
                    }
                    return;
                }
            }
        }
        connection.wake_after_ms(LATER_MS);
    }
}

impl State {
    /// What is wanted of a connection.
    fn policy(&mut self, connection: &Connection<'_>) -> Policy {
        // Read before the rules are, so that no change is missed.
        let generation = Some(self.namespace.generation());
        if self.policy_of != generation {
            self.rule = rules::managed(&self.namespace, connection, self.rule.as_ref());
            let rule = settings(self.rule.as_ref());
            let mut wanted = policy(&self.namespace, &Settings::NONE, rule);
            self.namespace.paths(|paths| {
                for path in paths.iter().filter(|it| !it.item.managed.is_empty()) {
                    wanted.on_path(&policy(&self.namespace, &path.item.managed, rule));
                }
            });
            self.policy = wanted;
            self.policy_of = generation;
        }
        self.policy
    }

    /// Takes over what has happened since it ran last.
    fn hear(&mut self, connection: &mut Managed<'_, Heddle>, policy: &Policy, seen: &Seen) {
        let inbox = connection.inbox(|it| mem::take(&mut it.inbox));
        let links = self.namespace.paths_managed.links();
        let view = Looked {
            seen,
            now_ms: now_ms(),
            namespace: &self.namespace,
            rule: settings(self.rule.as_ref()),
            connection,
            // Our schedulers charge what they send themselves.
            charges_sent: sched::number(knob::bytes(connection.scheduler().text()))
                .is_none_or(|it| it == 0)
                && connection.scheduler().text() != sched::HEDDLE,
        };
        if policy.heeds_caps() {
            self.meter.read(&view, |subflow, bytes| {
                if view.policy_of(policy, subflow).capped != Capped::Ignore {
                    view.charge(subflow, bytes);
                }
            });
        }
        let heard = self
            .manager
            .hear(&view, policy, &inbox, links != self.links);
        self.links = links;
        let count = |id: Id, number: u32| {
            if number > 0 {
                self.namespace.counters.add(id, number.into());
            }
        };
        count(counters::PM_REMEMBERED, heard.remembered);
        count(counters::PM_DROPPED, heard.dropped);
        count(counters::PM_LOST, heard.lost);
    }
}

fn settings(rule: Option<&Rule>) -> &Settings {
    rule.map_or(&Settings::NONE, |it| &it.settings)
}

/// What is wanted: what the path says, else the rule, else the namespace.
fn policy(namespace: &Namespace, path: &Settings, rule: &Settings) -> Policy {
    Policy::of(&Over {
        settings: path,
        below: &Over {
            settings: rule,
            below: namespace,
        },
    })
}

/// Does what was decided.
fn act(
    namespace: &Namespace,
    policy: &Policy,
    connection: &mut Managed<'_, Heddle>,
    action: &Action,
) -> Outcome {
    let count = |id: Id| namespace.counters.count(id);
    match action {
        Action::Connect { pair, again, .. } => {
            let (local, remote) = ends(pair);
            match connection.connect(&local, pair.local.flags, pair.local.bound, &remote) {
                Ok(()) => {
                    count(match policy.mesh {
                        _ if *again => counters::PM_RETRIES,
                        Mesh::Endpoints => counters::PM_ENDPOINTS,
                        Mesh::Fullmesh => counters::PM_FULLMESH,
                        Mesh::Ndiffports => counters::PM_NDIFFPORTS,
                        Mesh::Interface => counters::PM_INTERFACE,
                    });
                    Outcome::Done
                }
                Err(NotOpened::Full) => {
                    count(counters::PM_FULL);
                    Outcome::Full
                }
                Err(NotOpened::Failed) => {
                    count(counters::PM_FAILED);
                    Outcome::Failed
                }
            }
        }
        Action::Close { id, why, withdraw } => {
            if let Some(id) = withdraw {
                connection.withdraw(*id);
            }
            if !connection.close(*id) {
                return Outcome::Failed;
            }
            count(match why {
                Closed::Dead => counters::PM_CLOSED,
                Closed::Capped => counters::PM_CLOSED_CAPPED,
            });
            Outcome::Done
        }
        Action::Prioritise { id, backup, why } => {
            if !connection.set_backup(*id, *backup) {
                return Outcome::Failed;
            }
            count(match why {
                Why::Rtt => counters::PM_DEMOTED_RTT,
                Why::Loss => counters::PM_DEMOTED_LOSS,
                Why::Capped => counters::PM_DEMOTED_CAPPED,
                Why::Better => counters::PM_PROMOTED,
            });
            Outcome::Done
        }
    }
}

fn now_ms() -> u64 {
    now_us().wrapping_div(1000)
}

fn remote(address: &pm::Address) -> Option<Remote> {
    Some(Remote {
        address: Address::from_bytes(address.bytes())?,
        port: address.port(),
        id: address.id(),
    })
}

/// Both ends of a pair.
fn ends(pair: &Pair) -> (pm::Address, pm::Address) {
    let local = pair.local.address.as_ref().map_or(&[][..], Address::bytes);
    let remote = &pair.remote;
    (
        pm::Address::new(local, 0, pair.local.id),
        pm::Address::new(remote.address.bytes(), remote.port, remote.id),
    )
}

/// A gateway, if there is one.
fn hop(interface: i32, address: &pm::Address) -> Option<Hop> {
    Some(Hop::new(interface, Address::from_bytes(address.bytes())?))
}

fn local(endpoint: &Endpoint<'_>) -> Option<Local> {
    let address = endpoint.address();
    Some(Local {
        address: Some(Address::from_bytes(address.bytes())?),
        id: address.id(),
        flags: endpoint.flags(),
        bound: endpoint.bound(),
        interface: endpoint.interface(),
        up: endpoint.is_up(),
    })
}

/// A connection as it was seen.
struct Looked<'a> {
    seen: &'a Seen,
    now_ms: u64,
    namespace: &'a Namespace,
    /// What a rule says.
    rule: &'a Settings,
    connection: &'a Managed<'a, Heddle>,
    /// Whether nobody else charges what is sent to its path.
    charges_sent: bool,
}

impl Looked<'_> {
    /// What is known of the way from a local address, by an interface, to one of the peer, or of
    /// that which the routes lead to.
    fn way(
        &self,
        interface: i32,
        local: Option<&Address>,
        remote: &Address,
    ) -> Option<path::Facts> {
        let (interface, local) = if let Some(local) = local {
            (interface, *local)
        } else {
            let any = pm::Address::new(&[], 0, 0);
            let remote = pm::Address::new(remote.bytes(), 0, 0);
            let way = self.connection.way(&any, 0, &remote)?;
            (way.interface(), Address::from_bytes(way.local().bytes())?)
        };
        let interface = InterfaceName::of(self.connection.net(), interface)
            .and_then(|it| path::Interface::new(knob::bytes(it.text())).ok());
        Some(path::Facts {
            interface,
            local,
            remote: *remote,
        })
    }

    /// The path of that, with what it may still carry, if it has a limit.
    fn path(
        &self,
        interface: i32,
        local: Option<&Address>,
        remote: &Address,
    ) -> Option<(u32, u64)> {
        paths::allowance(self.namespace, &self.way(interface, local, remote)?)
    }

    /// Charges bytes to the path of a subflow. Whoever else uses that learns when it is used up.
    fn charge(&self, subflow: &Subflow, bytes: u64) {
        let remote = &subflow.remote.address;
        let Some((priority, left)) = self.path(subflow.route, Some(&subflow.local), remote) else {
            return;
        };
        let _ = paths::charge(self.namespace, priority, bytes);
        if left > 0 && bytes >= left {
            self.namespace.paths_managed.want_run();
            RUNNING.within(0);
        }
    }
}

/// In place of an address that there is not.
const NOWHERE: Remote = Remote {
    address: Address::V4([0; 4]),
    port: 0,
    id: 0,
};

impl View for Looked<'_> {
    fn facts(&self) -> Facts {
        let seen = self.seen;
        // With what its endpoint says, if it has one.
        let its_endpoint = self.endpoints().find(|it| it.id == 0);
        let first = remote(&seen.remote());
        Facts {
            now_ms: self.now_ms,
            usable: seen.is_usable() && first.is_some(),
            // Nobody listens where a client has connected from.
            deny_id0: seen.denies_id0() || seen.is_server(),
            server: seen.is_server(),
            v4: seen.has_v4(),
            v6: seen.has_v6(),
            room: seen.limit_subflows().saturating_sub(seen.extra_subflows()),
            accepted_max: seen.limit_accepted(),
            bytes: seen.bytes(),
            local: its_endpoint
                .or_else(|| local(&seen.local()))
                .unwrap_or(Local::ANY),
            remote: first.unwrap_or(NOWHERE),
        }
    }

    fn endpoints(&self) -> impl Iterator<Item = Local> {
        self.seen.endpoints().filter_map(|it| local(&it))
    }

    fn subflows(&self) -> impl Iterator<Item = Subflow> {
        self.seen.subflows().filter_map(|it| {
            Some(Subflow {
                id: it.id(),
                local: Address::from_bytes(it.local().bytes())?,
                local_id: it.local().id(),
                remote: remote(&it.remote())?,
                interface: it.interface(),
                route: it.route(),
                hop: hop(it.route(), &it.gateway()),
                up: it.up(),
                connecting: it.connecting(),
                opened: it.opened(),
                backup: it.backup(),
                srtt_us: it.srtt_us(),
                sent: it.sent(),
                lost: it.lost(),
                heard_ms: it.heard_ms(),
                bytes: it.bytes_received().saturating_add(if self.charges_sent {
                    it.bytes_sent()
                } else {
                    0
                }),
            })
        })
    }

    fn allowance(&self, interface: i32, local: Option<&Address>, remote: &Address) -> Option<u64> {
        self.path(interface, local, remote).map(|(_, left)| left)
    }

    fn hop(&self, pair: &Pair) -> Option<Hop> {
        let (local, remote) = ends(pair);
        let way = self.connection.way(&local, pair.local.bound, &remote)?;
        hop(way.interface(), &way.gateway())
    }

    fn policy(
        &self,
        of: &Policy,
        interface: i32,
        local: Option<&Address>,
        remote: &Address,
    ) -> Policy {
        if !of.paths.any {
            return *of;
        }
        let its = self
            .way(interface, local, remote)
            .and_then(|facts| paths::managed(self.namespace, &facts));
        its.map_or(*of, |its| policy(self.namespace, &its, self.rule))
    }
}
