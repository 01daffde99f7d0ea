// SPDX-License-Identifier: GPL-2.0

//! Path management: which subflows a connection shall have beyond those of the in-kernel path
//! manager, and what is done about it next.
//!
//! A [`Policy`] says what is wanted. [`Manager::next`] compares it with what a connection has, its
//! [`View`], and names one [`Action`] at a time until there is nothing left to do, or something
//! must be waited for: it looks at what is, rather than at what has happened, so that no event can
//! be missed. It is a decision of the worker: what the peer announces meanwhile is put into an
//! [`Inbox`](remotes::Inbox).
//!
//! - [`mesh`]: which pairs of addresses are connected.
//! - [`remotes`]: what the peer has announced.
//! - [`tries`]: what was tried, and when it is tried again.
//! - [`health`]: subflows that are so bad that they become backups.
//! - [`cap`]: paths whose allowance is used up.
//! - [`settings`]: what a rule or a path says, in the place of the knobs.

pub mod cap;
pub mod health;
pub mod mesh;
pub mod remotes;
pub mod settings;
pub mod tries;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

use crate::{
    address::Address,
    knob::{self, Knobs},
};
use cap::Capped;
use core::ffi::CStr;
use health::Health;
use mesh::Pair;
use remotes::{Inbox, Remotes};
use tries::{Key, Retry, Tries};

/// Most actions in a row. There can be no more to do at a time than there are subflows to close
/// and to open.
pub const ACTIONS: usize = 130;

/// Which pairs of addresses are connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mesh {
    /// As the flags of the endpoints say, like the in-kernel path manager.
    #[default]
    Endpoints,
    /// Each local address with each of the peer.
    Fullmesh,
    /// The addresses of the initial subflow, a number of times.
    Ndiffports,
    /// One subflow for each interface.
    Interface,
}

impl Mesh {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [
        Self::Endpoints,
        Self::Fullmesh,
        Self::Ndiffports,
        Self::Interface,
    ];

    /// The name of it, as a value of the knob `pm.mesh`.
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::Endpoints => c"endpoints",
            Self::Fullmesh => c"fullmesh",
            Self::Ndiffports => c"ndiffports",
            Self::Interface => c"interface",
        }
    }
}

/// What is wanted of the paths of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Which pairs of addresses are connected.
    pub mesh: Mesh,
    /// How many subflows [`Mesh::Ndiffports`] has, with the initial one.
    pub ndiffports: u8,
    /// Bytes, in both directions, before which there is no more than one subflow; 0 is none.
    pub after_bytes: u64,
    /// Milliseconds before which there is no more than one subflow; 0 is none. With both,
    /// whichever comes first.
    pub after_ms: u32,
    /// Milliseconds after which a subflow that was lost is opened again, twice as many each time;
    /// 0 is never.
    pub retry_ms: u32,
    /// The longest that this becomes.
    pub retry_max_ms: u32,
    /// Whether addresses that cannot be used yet are kept until they can.
    pub remember: bool,
    /// Whether pairs that share nothing with the subflows there are come first.
    pub disjoint: bool,
    /// When a subflow becomes a backup.
    pub demote: health::Demote,
    /// What becomes of those whose path has carried what it may.
    pub capped: Capped,
    /// What is wanted where a path has settings of its own.
    pub paths: OnPaths,
}

/// What paths want that have settings of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnPaths {
    /// There are some: [`View::policy`] may say something else than the policy itself.
    pub any: bool,
    /// One of them [decides what is opened](Policy::opens).
    opens: bool,
    /// One of them [wants something](Policy::is_any).
    wants: bool,
    /// One of them [heeds caps](Policy::heeds_caps).
    heeds_caps: bool,
}

impl Policy {
    /// What the knobs of a namespace say.
    pub fn of(knobs: &impl Knobs) -> Self {
        let mesh = usize::try_from(knobs.value(knob::PM_MESH)).ok();
        Self {
            mesh: mesh
                .and_then(|it| Mesh::ALL.get(it).copied())
                .unwrap_or_default(),
            ndiffports: u8::try_from(knobs.value(knob::PM_NDIFFPORTS)).unwrap_or(u8::MAX),
            after_bytes: knobs.value(knob::PM_AFTER_KIB).saturating_mul(1024),
            after_ms: knobs.small(knob::PM_AFTER_MS),
            retry_ms: knobs.small(knob::PM_RETRY_MS),
            retry_max_ms: knobs.small(knob::PM_RETRY_MAX_MS),
            remember: knobs.value(knob::PM_REMEMBER) != 0,
            disjoint: knobs.value(knob::PM_DISJOINT) != 0,
            demote: health::Demote {
                rtt_us: knobs.small(knob::PM_DEMOTE_RTT_MS).saturating_mul(1000),
                loss: knobs.small(knob::PM_DEMOTE_LOSS),
                for_ms: knobs.small(knob::PM_DEMOTE_FOR_MS),
            },
            capped: usize::try_from(knobs.value(knob::PM_CAPPED))
                .ok()
                .and_then(|it| Capped::ALL.get(it).copied())
                .unwrap_or_default(),
            paths: OnPaths::default(),
        }
    }

    /// There is a path for which this is wanted.
    pub fn on_path(&mut self, its: &Self) {
        self.paths = OnPaths {
            any: true,
            opens: self.paths.opens || its.opens(),
            wants: self.paths.wants || its.is_any(),
            heeds_caps: self.paths.heeds_caps || its.heeds_caps(),
        };
    }

    /// Whether it decides which subflows are opened, rather than the in-kernel path manager.
    pub const fn opens(&self) -> bool {
        !matches!(self.mesh, Mesh::Endpoints)
            || self.is_gated()
            || self.retries()
            || self.remember
            || self.disjoint
            || matches!(self.capped, Capped::Close)
            || self.paths.opens
    }

    /// Whether it wants anything beyond what the in-kernel path manager does.
    pub const fn is_any(&self) -> bool {
        self.opens() || self.demote.is_any() || self.heeds_caps() || self.paths.wants
    }

    /// Whether anything becomes of subflows whose path has carried what it may.
    pub const fn heeds_caps(&self) -> bool {
        !matches!(self.capped, Capped::Ignore) || self.paths.heeds_caps
    }

    /// When what was lost is opened again.
    pub const fn retry(&self) -> Retry {
        Retry {
            ms: self.retry_ms,
            max_ms: self.retry_max_ms,
        }
    }

    /// Whether lost subflows are opened again.
    pub const fn retries(&self) -> bool {
        self.retry_ms != 0
    }

    const fn is_gated(&self) -> bool {
        self.after_bytes != 0 || self.after_ms != 0
    }
}

/// A local address, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The address; [`None`] is the one that the routes lead to.
    pub address: Option<Address>,
    /// Its ID in this connection, 0 for that of the initial subflow.
    pub id: u8,
    /// Flags of the endpoint, as `MPTCP_PM_ADDR_FLAG_*` has them.
    pub flags: u32,
    /// The interface that the endpoint names, 0 if it names none.
    pub bound: i32,
    /// The interface that has the address, 0 if none has.
    pub interface: i32,
    /// Whether packets can leave by that.
    pub up: bool,
}

/// Announced to the peer.
pub const SIGNAL: u32 = 1 << 0;
/// Subflows are opened from it.
pub const SUBFLOW: u32 = 1 << 1;
/// Its subflows are backups.
pub const BACKUP: u32 = 1 << 2;
/// Subflows are opened from it to all addresses of the peer.
pub const FULLMESH: u32 = 1 << 3;
/// Subflows to announced addresses are opened from it.
pub const LAMINAR: u32 = 1 << 5;

impl Local {
    /// The one that the routes lead to.
    pub const ANY: Self = Self {
        address: None,
        id: 0,
        flags: 0,
        bound: 0,
        interface: 0,
        up: true,
    };

    /// Whether a flag is set.
    pub const fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// An address of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The address.
    pub address: Address,
    /// Its port.
    pub port: u16,
    /// Its ID, 0 for that of the initial subflow.
    pub id: u8,
}

/// A gateway: what packets are handed to on their way to a peer that is not on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The interface, for an address that means another one on each; else 0.
    interface: i32,
    address: Address,
}

impl Hop {
    /// That of an address, by an interface.
    pub const fn new(interface: i32, address: Address) -> Self {
        let is_of_link =
            matches!(address, Address::V6([0xfe, second, ..]) if second & 0xc0 == 0x80);
        Self {
            interface: if is_of_link { interface } else { 0 },
            address,
        }
    }
}

/// A subflow, be it that it is being opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subflow {
    /// Its number within the connection.
    pub id: u32,
    /// Address of this end.
    pub local: Address,
    /// ID of that.
    pub local_id: u8,
    /// The other end.
    pub remote: Remote,
    /// The interface that has the address of this end, 0 if none has any more.
    pub interface: i32,
    /// The interface that its packets leave by, where that is known to be another one.
    pub route: i32,
    /// Whom its packets are handed to, if that is not the peer, and known.
    pub hop: Option<Hop>,
    /// Whether packets can leave by the one that has the address.
    pub up: bool,
    /// Whether its handshake goes on.
    pub connecting: bool,
    /// Whether it was opened by this end.
    pub opened: bool,
    /// Whether this end wants it as a backup.
    pub backup: bool,
    /// Smoothed round-trip time in µs, 0 before the first sample.
    pub srtt_us: u32,
    /// Packets of data that were sent, with those that were sent again.
    pub sent: u32,
    /// Packets that were sent again.
    pub lost: u32,
    /// Milliseconds since the last acknowledgment.
    pub heard_ms: u32,
    /// Bytes it has carried, or was given to, that nobody else charges to its path.
    pub bytes: u64,
}

/// What is known of a connection as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Time, in ms from anywhere.
    pub now_ms: u64,
    /// Whether it can have more subflows.
    pub usable: bool,
    /// Whether the connection was accepted.
    pub server: bool,
    /// Whether there can be no more subflows to the peer's address of the initial one.
    pub deny_id0: bool,
    /// Whether IPv4 can be used.
    pub v4: bool,
    /// Whether IPv6 can be used.
    pub v6: bool,
    /// How many more subflows there may be.
    pub room: u32,
    /// How many announced addresses may be used.
    pub accepted_max: u32,
    /// Bytes sent and received.
    pub bytes: u64,
    /// Address of this end of the initial subflow.
    pub local: Local,
    /// Address of the other end of it.
    pub remote: Remote,
}

/// A connection, as it is now.
pub trait View {
    /// What is known of it as such.
    fn facts(&self) -> Facts;

    /// The endpoints, in the order in which they are used.
    fn endpoints(&self) -> impl Iterator<Item = Local>;

    /// The subflows that are open, or being opened.
    fn subflows(&self) -> impl Iterator<Item = Subflow>;

    /// Bytes that may still be carried from a local address, by an interface, to one of the peer;
    /// [`None`] if there is no limit.
    fn allowance(&self, interface: i32, local: Option<&Address>, remote: &Address) -> Option<u64>;

    /// Whom the packets of a pair would be handed to, if that is not the peer, and known.
    fn hop(&self, pair: &Pair) -> Option<Hop>;

    /// What is wanted from a local address, by an interface, to one of the peer, where `policy` is
    /// wanted elsewhere.
    fn policy(
        &self,
        policy: &Policy,
        interface: i32,
        local: Option<&Address>,
        remote: &Address,
    ) -> Policy;

    /// What is wanted of a subflow.
    fn policy_of(&self, policy: &Policy, subflow: &Subflow) -> Policy {
        let remote = &subflow.remote.address;
        self.policy(policy, subflow.route, Some(&subflow.local), remote)
    }

    /// What is wanted of a pair.
    fn policy_for(&self, policy: &Policy, pair: &Pair) -> Policy {
        let Pair { local, remote, .. } = pair;
        let address = local.address.as_ref();
        self.policy(policy, local.interface, address, &remote.address)
    }
}

/// Why a subflow is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Its link is gone, or it has waited for an answer since before a link came back.
    Dead,
    /// Its path has carried what it may.
    Capped,
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open a subflow.
    Connect {
        /// From where to where.
        pair: Pair,
        /// Whether there was one before.
        again: bool,
        /// When it is tried again, should it be lost.
        retry: Retry,
    },
    /// Close a subflow.
    Close {
        /// Its number.
        id: u32,
        /// Why.
        why: Closed,
        /// ID of its local address, if the peer is to be told that this is gone.
        withdraw: Option<u8>,
    },
    /// Make a subflow a backup, or none any more.
    Prioritise {
        /// Its number.
        id: u32,
        /// Whether it shall be a backup.
        backup: bool,
        /// Why.
        why: health::Why,
    },
}

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// There may be no more subflows.
    Full,
    /// It failed.
    Failed,
}

/// What is to be waited for when there is nothing to do; for whatever else changes, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// For so many milliseconds, at least 1.
    pub ms: Option<u32>,
    /// Until so many bytes are sent and received.
    pub bytes: Option<u64>,
}

impl Wait {
    fn for_ms(&mut self, ms: u64) {
        let ms = u32::try_from(ms).unwrap_or(u32::MAX).max(1);
        self.ms = Some(self.ms.map_or(ms, |other| other.min(ms)));
    }

    fn for_bytes(&mut self, bytes: u64) {
        self.bytes = Some(self.bytes.map_or(bytes, |other| other.min(bytes)));
    }
}

/// How many there are. `Iterator::count()` could overflow.
fn number(of: impl Iterator) -> u32 {
    of.fold(0, |number: u32, _| number.saturating_add(1))
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This is to be done, and [`Manager::done`] be told of it.
    Do(Action),
    /// There is nothing to do now.
    Rest(Wait),
}

/// What a manager has seen that is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Addresses that were kept to be used later.
    pub remembered: u32,
    /// Addresses for which there was no room.
    pub dropped: u32,
    /// Subflows that were lost.
    pub lost: u32,
}

/// What is remembered of a connection whose paths are managed.
#[derive(Clone, Debug, Default)]
pub struct Manager {
    /// When it was seen first.
    start_ms: Option<u64>,
    remotes: Remotes,
    tries: Tries,
    health: Health,
    full: bool,
}

impl Manager {
    /// Takes over what the peer has announced, and what else has happened. Once before
    /// [`next`](Self::next) is asked.
    ///
    /// `links_changed` tells that an interface or an address has come or gone since.
    pub fn hear<V: View>(
        &mut self,
        view: &V,
        policy: &Policy,
        inbox: &Inbox,
        links_changed: bool,
    ) -> Seen {
        let facts = view.facts();
        let mut seen = Seen {
            dropped: inbox.dropped(),
            ..Seen::default()
        };
        self.full = false;
        if self.start_ms.is_none() && facts.usable {
            self.start_ms = Some(facts.now_ms);
        }
        self.remotes.hear(view, policy, inbox, &mut seen);
        self.tries
            .look(view, &self.remotes, inbox.endpoints_changed(), &mut seen);
        if links_changed {
            self.tries.hurry();
        }
        seen
    }

    /// What to do next.
    pub fn next<V: View>(&mut self, view: &V, policy: &Policy) -> Next {
        let facts = view.facts();
        let mut wait = Wait::default();
        if !facts.usable {
            return Next::Rest(wait);
        }
        if policy.opens() {
            let next = self
                .dead(view, policy, &facts)
                .or_else(|| cap::next(view, policy))
                .or_else(|| self.missing(view, policy, &facts, &mut wait));
            if let Some(action) = next {
                return Next::Do(action);
            }
        }
        if let Some(action) = self.health.next(view, policy, &mut wait) {
            return Next::Do(action);
        }
        cap::wait(view, policy, &mut wait);
        Next::Rest(wait)
    }

    /// Learns how an action ended.
    pub fn done(&mut self, action: &Action, outcome: Outcome, now_ms: u64) {
        match action {
            Action::Connect { pair, retry, .. } => match outcome {
                Outcome::Done => self.tries.opened(pair.key(), *retry, now_ms),
                Outcome::Failed => self.tries.failed(pair.key(), *retry, now_ms),
                Outcome::Full => self.full = true,
            },
            Action::Prioritise { id, .. } if outcome != Outcome::Done => self.health.forget(*id),
            Action::Close { .. } | Action::Prioritise { .. } => {}
        }
    }

    /// Whether the connection has been there long enough, or carried enough, to have more than
    /// one subflow.
    fn may_open(&self, policy: &Policy, facts: &Facts, wait: &mut Wait) -> bool {
        if !policy.is_gated() {
            return true;
        }
        let elapsed = facts
            .now_ms
            .saturating_sub(self.start_ms.unwrap_or(facts.now_ms));
        let after_ms = u64::from(policy.after_ms);
        if policy.after_bytes != 0 && facts.bytes >= policy.after_bytes
            || policy.after_ms != 0 && elapsed >= after_ms
        {
            return true;
        }
        if policy.after_bytes != 0 {
            wait.for_bytes(policy.after_bytes);
        }
        if policy.after_ms != 0 {
            wait.for_ms(after_ms.saturating_sub(elapsed));
        }
        false
    }

    /// A subflow that is in the way of one that could work: its link is gone while another
    /// subflow has one, or it has been waiting for an answer since before a link came back.
    fn dead<V: View>(&self, view: &V, policy: &Policy, facts: &Facts) -> Option<Action> {
        let works = |it: &Subflow| it.up && !it.connecting;
        let other_works = view.subflows().any(|it| works(&it));
        let dead = |it: &Subflow| {
            let its = view.policy_of(policy, it);
            its.retries()
                && (!it.up && other_works
                    || it.connecting && it.opened && self.is_stuck(it, &its, facts))
        };
        let subflow = view.subflows().find(dead)?;
        let is_announced = view
            .endpoints()
            .any(|it| it.is(SIGNAL) && it.id == subflow.local_id);
        let is_shared = view
            .subflows()
            .any(|it| it.id != subflow.id && it.local_id == subflow.local_id && it.up);
        Some(Action::Close {
            id: subflow.id,
            why: Closed::Dead,
            withdraw: (!subflow.connecting && !is_announced && !is_shared)
                .then_some(subflow.local_id),
        })
    }

    fn is_stuck(&self, subflow: &Subflow, policy: &Policy, facts: &Facts) -> bool {
        let key = Key::of(subflow);
        self.tries
            .is_hurried(key, facts.now_ms, u64::from(policy.retry_ms))
    }

    /// The subflow that is opened next.
    fn missing<V: View>(
        &self,
        view: &V,
        policy: &Policy,
        facts: &Facts,
        wait: &mut Wait,
    ) -> Option<Action> {
        if facts.room == 0 || self.full {
            return None;
        }
        let mut best: Option<(u32, Pair, bool, Retry)> = None;
        mesh::visit(view, facts, &self.remotes, policy, |pair| {
            let its = view.policy_for(policy, pair);
            let is_over = its.capped == Capped::Close
                && view.allowance(
                    pair.local.interface,
                    pair.local.address.as_ref(),
                    &pair.remote.address,
                ) == Some(0);
            if is_over || mesh::is_connected(view, pair) || !self.tries.has_room_for(pair.key()) {
                return;
            }
            let due = self.tries.due_ms(pair.key(), its.retry());
            if due == tries::Due::Never || !self.may_open(&its, facts, wait) {
                return;
            }
            let again = match due {
                tries::Due::Never => return,
                tries::Due::New => false,
                tries::Due::At(due) if due > facts.now_ms => {
                    wait.for_ms(due.saturating_sub(facts.now_ms));
                    return;
                }
                tries::Due::At(_) => true,
            };
            let shared = if policy.disjoint {
                mesh::shared(view, pair)
            } else {
                0
            };
            if best.is_none_or(|(least, ..)| shared < least) {
                best = Some((shared, *pair, again, its.retry()));
            }
        });
        best.map(|(_, pair, again, retry)| Action::Connect { pair, again, retry })
    }
}
