// SPDX-License-Identifier: GPL-2.0

//! A network that is simulated: links that come and go, a peer that announces, refuses and
//! removes what it likes, and a manager that must cope.

use super::{health::Demote, remotes::Inbox, *};
use std::collections::HashMap;

pub(super) fn v4(last: u8) -> Address {
    Address::V4([10, 0, last, 1])
}

pub(super) fn peer(last: u8) -> Address {
    Address::V4([192, 0, 2, last])
}

pub(super) fn endpoint(id: u8, flags: u32) -> Local {
    Local {
        address: Some(v4(id)),
        id,
        flags,
        bound: 0,
        interface: i32::from(id) + 1,
        up: true,
    }
}

pub(super) fn remote(id: u8) -> Remote {
    Remote {
        address: peer(id),
        port: 80,
        id,
    }
}

/// A connection whose peer accepts what it is offered, unless `refuses` says otherwise.
#[derive(Clone, Debug)]
pub(super) struct Net {
    pub(super) facts: Facts,
    pub(super) endpoints: Vec<Local>,
    pub(super) subflows: Vec<Subflow>,
    pub(super) limit: usize,
    pub(super) refuses: Vec<u8>,
    pub(super) next_id: u32,
    /// When which pair was opened.
    pub(super) opened: Vec<(u64, Pair)>,
    pub(super) closed: Vec<u32>,
    /// What may still be carried, by interface.
    pub(super) allowances: HashMap<i32, u64>,
    /// What is wanted on paths with settings of their own, by interface.
    pub(super) policies: HashMap<i32, Policy>,
    /// Gateways, by interface.
    pub(super) hops: HashMap<i32, Hop>,
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

    fn hop(&self, pair: &mesh::Pair) -> Option<Hop> {
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
    pub(super) fn new(endpoints: Vec<Local>, limit: usize, accepted_max: u32) -> Self {
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

    pub(super) fn is_up(&self, interface: i32) -> bool {
        self.endpoints
            .iter()
            .find(|it| it.interface == interface)
            .is_none_or(|it| it.up)
    }

    pub(super) fn add(
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

    pub(super) fn set_link(&mut self, interface: i32, up: bool) {
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

    pub(super) fn act(&mut self, action: &Action) -> Outcome {
        match *action {
            Action::Connect { pair, .. } => {
                let extra = self.subflows.iter().filter(|it| it.opened).count();
                assert!(extra < self.limit, "more subflows than there may be");
                assert!(pair.local.up, "from an interface that is down");
                self.opened.push((self.facts.now_ms, pair));
                if self.refuses.contains(&pair.remote.id) {
                    return Outcome::Done;
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
    pub(super) fn run(
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

    pub(super) fn pairs(&self) -> Vec<(u8, u8)> {
        let mut pairs: Vec<_> = self
            .subflows
            .iter()
            .map(|it| (it.local_id, it.remote.id))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    /// From now on this is wanted on the path of an interface, and `policy` elsewhere.
    pub(super) fn want(&mut self, policy: &mut Policy, interface: i32, its: Policy) {
        policy.on_path(&its);
        self.policies.insert(interface, its);
    }

    /// Opens what a mesh has, to the addresses that the peer announced.
    pub(super) fn open(&mut self, of: Mesh, remotes: &[u8]) {
        let mut manager = Manager::default();
        self.run(&mut manager, &mesh(of), &announced(remotes), false);
    }
}

pub(super) fn announced(ids: &[u8]) -> Inbox {
    let mut inbox = Inbox::default();
    for &id in ids {
        inbox.add(Remote {
            port: 0,
            ..remote(id)
        });
    }
    inbox
}

pub(super) fn mesh(mesh: Mesh) -> Policy {
    Policy {
        mesh,
        ndiffports: 4,
        retry_max_ms: 60_000,
        ..Policy::default()
    }
}

pub(super) const RETRY: Policy = Policy {
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
