// SPDX-License-Identifier: GPL-2.0

//! A network that is simulated: links that come and go, a peer that announces, refuses and
//! removes what it likes, and a manager that must cope.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use super::{
    cap::Capped,
    health::Demote,
    mesh::{self, Pair},
    remotes::Inbox,
    Action, Facts, Hop, Local, Manager, Mesh, Next, OnPaths, Outcome, Policy, Remote, Subflow,
    View, Wait, ACTIONS,
};
use crate::address::Address;
use std::collections::{HashMap, HashSet};

/// The end of time, in ms: far enough from the largest number for a wait.
const END_MS: u64 = 1 << 62;

/// A local address.
pub fn v4(last: u8) -> Address {
    Address::V4([10, 0, last, 1])
}

/// An address of the peer.
pub fn peer(last: u8) -> Address {
    Address::V4([192, 0, 2, last])
}

/// An endpoint, on an interface of its own.
pub fn endpoint(id: u8, flags: u32) -> Local {
    Local {
        address: Some(v4(id)),
        id,
        flags,
        bound: 0,
        interface: i32::from(id) + 1,
        up: true,
    }
}

/// An address of the peer, with its port and its ID.
pub fn remote(id: u8) -> Remote {
    Remote {
        address: peer(id),
        port: 80,
        id,
    }
}

/// A connection whose peer accepts what it is offered, unless `refuses` says otherwise.
#[derive(Clone, Debug)]
pub struct Net {
    /// What is known of the connection.
    pub facts: Facts,
    /// The endpoints.
    pub endpoints: Vec<Local>,
    /// The subflows.
    pub subflows: Vec<Subflow>,
    /// Most subflows beyond the initial one.
    pub limit: usize,
    /// IDs of addresses whose peer refuses subflows.
    pub refuses: Vec<u8>,
    /// How it ends to open a subflow.
    pub ends: Outcome,
    next_id: u32,
    /// When which pair was opened.
    pub opened: Vec<(u64, Pair)>,
    /// Numbers of subflows that were closed.
    pub closed: Vec<u32>,
    /// What may still be carried, by interface.
    pub allowances: HashMap<i32, u64>,
    /// What is wanted on paths with settings of their own, by interface.
    pub policies: HashMap<i32, Policy>,
    /// Gateways, by interface.
    pub hops: HashMap<i32, Hop>,
}

impl View for Net {
    fn facts(&self) -> Facts {
        let extra = self.subflows.iter().filter(|it| it.opened).count();
        Facts {
            room: u32::try_from(self.limit.saturating_sub(extra)).unwrap(),
            local: Local {
                up: self.is_up(1),
                ..self.facts.local
            },
            ..self.facts
        }
    }

    fn endpoints(&self) -> impl Iterator<Item = Local> {
        self.endpoints.iter().copied()
    }

    fn subflows(&self) -> impl Iterator<Item = Subflow> {
        self.subflows.iter().copied()
    }

    fn allowance(&self, interface: i32, _: Option<&Address>, _: &Address) -> Option<u64> {
        self.allowances.get(&interface).copied()
    }

    fn hop(&self, pair: &Pair) -> Option<Hop> {
        self.hops.get(&pair.local.interface).copied()
    }

    fn policy(&self, of: &Policy, interface: i32, _: Option<&Address>, _: &Address) -> Policy {
        assert!(
            of.paths.any || self.policies.is_empty(),
            "it is not asked for"
        );
        self.policies.get(&interface).copied().unwrap_or(*of)
    }
}

impl Net {
    /// A connection with its initial subflow.
    pub fn new(endpoints: Vec<Local>, limit: usize, accepted_max: u32) -> Self {
        let local = Local {
            flags: 0,
            ..endpoint(0, 0)
        };
        let mut net = Self {
            facts: Facts {
                now_ms: 1000,
                usable: true,
                server: false,
                deny_id0: false,
                v4: true,
                v6: false,
                room: 0,
                accepted_max,
                bytes: 0,
                local,
                remote: remote(0),
            },
            endpoints,
            subflows: Vec::new(),
            limit,
            refuses: Vec::new(),
            ends: Outcome::Done,
            next_id: 1,
            opened: Vec::new(),
            closed: Vec::new(),
            allowances: HashMap::new(),
            policies: HashMap::new(),
            hops: HashMap::new(),
        };
        net.add(v4(0), 0, 1, remote(0), false);
        net
    }

    fn is_up(&self, interface: i32) -> bool {
        self.endpoints
            .iter()
            .find(|it| it.interface == interface)
            .is_none_or(|it| it.up)
    }

    /// Adds a subflow.
    pub fn add(
        &mut self,
        local: Address,
        local_id: u8,
        interface: i32,
        remote: Remote,
        opened: bool,
    ) {
        self.subflows.push(Subflow {
            id: self.next_id,
            local,
            local_id,
            remote,
            interface,
            route: interface,
            hop: self.hops.get(&interface).copied(),
            up: self.is_up(interface),
            connecting: false,
            opened,
            backup: false,
            srtt_us: 10_000,
            sent: 0,
            lost: 0,
            heard_ms: 0,
            bytes: 0,
        });
        self.next_id += 1;
    }

    /// A link comes or goes.
    pub fn set_link(&mut self, interface: i32, up: bool) {
        for it in &mut self.endpoints {
            if it.interface == interface {
                it.up = up;
            }
        }
        for it in &mut self.subflows {
            if it.interface == interface {
                it.up = up;
            }
        }
    }

    fn act(&mut self, action: &Action) -> Outcome {
        match *action {
            Action::Connect { pair, .. } => {
                let extra = self.subflows.iter().filter(|it| it.opened).count();
                assert!(extra < self.limit, "more subflows than there may be");
                assert!(pair.local.up, "from an interface that is down");
                self.opened.push((self.facts.now_ms, pair));
                if self.ends != Outcome::Done || self.refuses.contains(&pair.remote.id) {
                    return self.ends;
                }
                let local = pair.local.address.unwrap_or(v4(0));
                let id = pair.local.address.map_or(0, |_| pair.local.id);
                let interface = pair.local.address.map_or(1, |_| pair.local.interface);
                self.add(local, id, interface, pair.remote, true);
                Outcome::Done
            }
            Action::Close { id, .. } => {
                assert!(!self.closed.contains(&id), "closed twice");
                self.closed.push(id);
                self.subflows.retain(|it| it.id != id);
                assert!(
                    self.subflows.iter().any(|it| it.up),
                    "nothing is left that works"
                );
                Outcome::Done
            }
            Action::Prioritise { id, backup, .. } => {
                for it in &mut self.subflows {
                    if it.id == id {
                        it.backup = backup;
                    }
                }
                assert!(
                    !backup || self.subflows.iter().any(|it| !it.backup),
                    "nothing but backups"
                );
                Outcome::Done
            }
        }
    }

    /// What the worker does. Returns how many actions there were, and what is waited for.
    pub fn run(
        &mut self,
        manager: &mut Manager,
        policy: &Policy,
        inbox: &Inbox,
        links: bool,
    ) -> (usize, Wait) {
        let _ = manager.hear(self, policy, inbox, links);
        for number in 0..ACTIONS {
            match manager.next(self, policy) {
                Next::Rest(wait) => return (number, wait),
                Next::Do(action) => {
                    if let Action::Connect { pair, .. } = &action {
                        assert!(
                            !mesh::is_connected(self, pair),
                            "connected already: {pair:?}"
                        );
                    }
                    let outcome = self.act(&action);
                    manager.done(&action, outcome, self.facts.now_ms);
                }
            }
        }
        panic!("it does not come to an end");
    }

    /// The IDs of the addresses of the subflows.
    pub fn pairs(&self) -> Vec<(u8, u8)> {
        let mut pairs: Vec<_> = self
            .subflows
            .iter()
            .map(|it| (it.local_id, it.remote.id))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    /// From now on this is wanted on the path of an interface, and `policy` elsewhere.
    pub fn want(&mut self, policy: &mut Policy, interface: i32, its: Policy) {
        policy.on_path(&its);
        self.policies.insert(interface, its);
    }

    /// Opens what a mesh has, to the addresses that the peer announced.
    pub fn open(&mut self, of: Mesh, remotes: &[u8]) {
        let mut manager = Manager::default();
        self.run(&mut manager, &mesh(of), &announced(remotes), false);
    }

    /// Has something happen, and the worker run. Checks what [`Net`] does of each action, that the
    /// run has an end, that no more addresses are used than may be, that no pair is opened twice,
    /// and that there is rest once nothing happens any more.
    pub fn happen(&mut self, manager: &mut Manager, policy: &Policy, happening: Happening) {
        let mut inbox = Inbox::default();
        let mut links = false;
        match happening {
            Happening::Link(link, up) => {
                // Somewhere something works: without any link there is nothing to be seen.
                self.set_link(link, up);
                if !self.subflows.iter().any(|it| it.up) {
                    self.set_link(link, true);
                }
                links = true;
            }
            Happening::Announce(ids) => inbox = announced(&ids),
            Happening::Remove(id) => {
                inbox.remove(id);
                if self.subflows.iter().any(|it| it.remote.id != id && it.up) {
                    self.subflows.retain(|it| it.remote.id != id);
                }
            }
            Happening::Lose(which) => {
                let works = self.subflows.iter().filter(|it| it.up).count();
                if which < self.subflows.len() && (works > 1 || !self.subflows[which].up) {
                    self.subflows.remove(which);
                }
            }
            Happening::Refuse(ids) => self.refuses = ids,
            Happening::End(outcome) => self.ends = outcome,
            Happening::Backup(which, backup) => {
                if let Some(it) = self.subflows.get_mut(which) {
                    it.backup = backup;
                }
            }
            Happening::Limit(limit) => self.limit = limit,
            Happening::Bytes(bytes) => self.facts.bytes = self.facts.bytes.saturating_add(bytes),
            Happening::Slow(which, rtt) => {
                if let Some(it) = self.subflows.get_mut(which) {
                    it.srtt_us = rtt;
                }
            }
            Happening::Pass(ms) => {
                self.facts.now_ms = self.facts.now_ms.saturating_add(ms).min(END_MS);
            }
            Happening::Allow(link, left) => {
                self.allowances.insert(link, left);
            }
        }
        self.run(manager, policy, &inbox, links);
        let used: HashSet<_> = self
            .subflows
            .iter()
            .filter(|it| it.opened && it.remote.id != 0)
            .map(|it| it.remote.id)
            .collect();
        let max = self.facts.accepted_max.max(u32::from(self.facts.deny_id0));
        assert!(used.len() <= usize::try_from(max).unwrap());
        // Nothing is left to do a moment later.
        let (again, _) = self.run(manager, policy, &Inbox::default(), false);
        // When there is no room, that is found out anew each time.
        assert!(again <= usize::from(self.ends == Outcome::Full), "no rest");
    }
}

/// What the worker hears of addresses that the peer announces.
pub fn announced(ids: &[u8]) -> Inbox {
    let mut inbox = Inbox::default();
    for &id in ids {
        inbox.add(Remote {
            port: 0,
            ..remote(id)
        });
    }
    inbox
}

/// A policy that says of which pairs there are subflows.
pub fn mesh(mesh: Mesh) -> Policy {
    Policy {
        mesh,
        ndiffports: 4,
        retry_max_ms: 60_000,
        ..Policy::default()
    }
}

/// A policy that says when what was lost is opened again.
pub const RETRY: Policy = Policy {
    mesh: Mesh::Endpoints,
    ndiffports: 2,
    after_bytes: 0,
    after_ms: 0,
    retry_ms: 1000,
    retry_max_ms: 8000,
    remember: false,
    disjoint: false,
    demote: Demote {
        rtt_us: 0,
        loss: 0,
        for_ms: 1000,
    },
    capped: Capped::Ignore,
    paths: OnPaths {
        any: false,
        opens: false,
        wants: false,
        heeds_caps: false,
    },
};

/// Something that happens to a connection.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "a name says it")]
pub enum Happening {
    Link(i32, bool),
    Announce(Vec<u8>),
    Remove(u8),
    Lose(usize),
    Refuse(Vec<u8>),
    End(Outcome),
    Backup(usize, bool),
    Limit(usize),
    Bytes(u64),
    Slow(usize, u32),
    Pass(u64),
    Allow(i32, u64),
}
