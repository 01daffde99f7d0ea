// SPDX-License-Identifier: GPL-2.0

//! Addresses that the peer has announced.

use super::{number, Facts, Policy, Remote, Seen, View};

/// Most addresses that are kept of a peer.
pub const KEPT: usize = 16;
/// Most addresses that wait for the worker.
pub const WAITING: usize = 8;

/// What has happened to a connection since its worker ran last. The peer decides how much that
/// is; there is no more room for it than this.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    added: [Option<Remote>; WAITING],
    /// A bit for each ID.
    removed: [u64; 4],
    dropped: u32,
    endpoints_changed: bool,
}

impl Inbox {
    /// The peer has announced an address, with port 0 if it is that of the connection.
    pub fn add(&mut self, remote: Remote) {
        // That of the initial subflow is known.
        if remote.id == 0 {
            return;
        }
        let is_known = |it: &&mut Option<Remote>| it.is_some_and(|it| it.id == remote.id);
        let place = match self.added.iter_mut().find(is_known) {
            None => self.added.iter_mut().find(|it| it.is_none()),
            known => known,
        };
        match place {
            Some(place) => *place = Some(remote),
            None => self.dropped = self.dropped.saturating_add(1),
        }
    }

    /// The peer has removed an address.
    pub fn remove(&mut self, id: u8) {
        for place in &mut self.added {
            if place.is_some_and(|it| it.id == id) {
                *place = None;
            }
        }
        if let Some(word) = self.removed.get_mut(usize::from(id >> 6)) {
            *word |= 1 << (id & 63);
        }
    }

    /// The endpoints have changed.
    pub fn change_endpoints(&mut self) {
        self.endpoints_changed = true;
    }

    pub(super) fn endpoints_changed(&self) -> bool {
        self.endpoints_changed
    }

    pub(super) fn dropped(&self) -> u32 {
        self.dropped
    }

    fn is_removed(&self, id: u8) -> bool {
        self.removed
            .get(usize::from(id >> 6))
            .is_some_and(|word| word & (1 << (id & 63)) != 0)
    }
}

/// Addresses of a peer beyond that of the initial subflow.
#[derive(Clone, Debug, Default)]
pub struct Remotes {
    kept: [Option<Remote>; KEPT],
}

impl Remotes {
    /// Takes over what the peer has removed and announced.
    pub(super) fn hear<V: View>(
        &mut self,
        view: &V,
        policy: &Policy,
        inbox: &Inbox,
        seen: &mut Seen,
    ) {
        for place in &mut self.kept {
            if place.is_some_and(|it| inbox.is_removed(it.id)) {
                *place = None;
            }
        }
        let facts = view.facts();
        for mut remote in inbox.added.iter().flatten().copied() {
            if remote.port == 0 {
                remote.port = facts.remote.port;
            }
            let is_it = |it: &Remote| it.id == remote.id;
            if let Some(known) = self.kept.iter_mut().flatten().find(|it| is_it(it)) {
                *known = remote;
                continue;
            }
            // One that cannot be used now is of no use without being remembered.
            let fits = number(self.kept.iter().flatten()) < accepted_max(&facts);
            match self.kept.iter_mut().find(|it| it.is_none()) {
                Some(place) if fits || policy.remember => {
                    *place = Some(remote);
                    if !fits {
                        seen.remembered = seen.remembered.saturating_add(1);
                    }
                }
                _ => seen.dropped = seen.dropped.saturating_add(1),
            }
        }
    }

    /// Those that may be used: the ones that are, and others as long as there are not more than
    /// the limit allows.
    pub(super) fn usable<'a, V: View>(
        &'a self,
        view: &'a V,
        facts: &Facts,
    ) -> impl Iterator<Item = Remote> + use<'a, V> {
        let ids = || {
            view.subflows()
                .filter(|it| it.opened && it.remote.id != 0)
                .map(|it| it.remote.id)
        };
        let is_used = move |id: u8| ids().any(|it| it == id);
        // Each once; also those that are about to be closed, since the peer has removed them.
        let used = (0..usize::MAX)
            .zip(ids())
            .filter(|&(place, id)| !(0..place).zip(ids()).any(|(_, it)| it == id));
        let mut room = accepted_max(facts).saturating_sub(number(used));
        self.kept.iter().flatten().copied().filter(move |it| {
            let used = is_used(it.id);
            let usable = used || room > 0;
            if usable && !used {
                room = room.saturating_sub(1);
            }
            usable
        })
    }

    /// Whether there is one of an ID.
    pub(super) fn has(&self, id: u8) -> bool {
        self.kept.iter().flatten().any(|it| it.id == id)
    }
}

/// How many announced addresses may be used. A peer that takes no more subflows at its first
/// address shall not be left with one: then it is one at least, as in the in-kernel path manager.
fn accepted_max(facts: &Facts) -> u32 {
    if facts.deny_id0 && !facts.server {
        facts.accepted_max.max(1)
    } else {
        facts.accepted_max
    }
}
