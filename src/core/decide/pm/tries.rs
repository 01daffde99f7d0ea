// SPDX-License-Identifier: GPL-2.0

//! What was tried, and when it is tried again.

use super::{number, remotes::Remotes, Seen, Subflow, View};

/// Most pairs that are remembered.
pub const KEPT: usize = 32;

/// A pair is tried at the longest again after 2^so many times the first wait.
const DOUBLINGS: u8 = 20;

/// What a pair is remembered by: the IDs of its addresses, and which of several it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// ID of the local address, [`None`] for the one that the routes lead to.
    pub local: Option<u8>,
    /// ID of the address of the peer.
    pub remote: u8,
    /// Which of several.
    pub index: u8,
}

impl Key {
    /// That of a subflow, if it was opened from an endpoint.
    pub const fn of(subflow: &Subflow) -> Self {
        Self {
            local: Some(subflow.local_id),
            remote: subflow.remote.id,
            index: 0,
        }
    }

    fn is_for(self, subflow: &Subflow) -> bool {
        self.remote == subflow.remote.id && self.local.is_none_or(|it| it == subflow.local_id)
    }
}

/// When a pair is tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// Milliseconds after which it is tried again, twice as many each time; 0 is never.
    pub ms: u32,
    /// The longest that this becomes.
    pub max_ms: u32,
}

/// What is remembered of a pair.
#[derive(Clone, Copy, Debug)]
struct Try {
    key: Key,
    /// When it was tried last.
    last_ms: u64,
    /// Whether it was there when that was looked at last.
    open: bool,
    /// How often it failed, or was lost, in a row.
    failures: u8,
    /// When it is tried again, as that was when it was tried.
    retry: Retry,
    /// A link has changed since it was tried.
    hurried: bool,
}

/// When a pair may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It was never tried.
    New,
    /// Again, from this time on.
    At(u64),
    /// Not again.
    Never,
}

/// The pairs of a connection that were tried.
#[derive(Clone, Debug, Default)]
pub struct Tries {
    kept: [Option<Try>; KEPT],
}

impl Tries {
    fn get(&self, key: Key) -> Option<&Try> {
        self.kept.iter().flatten().find(|it| it.key == key)
    }

    /// When a pair is due. All pairs wait for at least [`Retry::ms`] after they were tried,
    /// whatever happens.
    pub(super) fn due_ms(&self, key: Key, retry: Retry) -> Due {
        // The initial subflow was not tried by this.
        let is_initial = key.local == Some(0) && key.remote == 0 && key.index == 0;
        match self.get(key) {
            None if is_initial && retry.ms == 0 => Due::Never,
            None => Due::New,
            Some(_) if retry.ms == 0 => Due::Never,
            Some(it) => Due::At(it.last_ms.saturating_add(backoff_ms(it.failures, retry))),
        }
    }

    /// Whether a pair is remembered, or can be: what cannot be remembered would be tried for ever.
    pub(super) fn has_room_for(&self, key: Key) -> bool {
        self.get(key).is_some() || self.kept.iter().any(Option::is_none)
    }

    /// Whether a pair was tried so long ago that it may be again, and a link has changed since.
    pub(super) fn is_hurried(&self, key: Key, now_ms: u64, after_ms: u64) -> bool {
        self.kept
            .iter()
            .flatten()
            .filter(|it| {
                it.key.remote == key.remote
                    && it.key.local.is_none_or(|local| Some(local) == key.local)
            })
            .any(|it| it.hurried && now_ms >= it.last_ms.saturating_add(after_ms))
    }

    fn note(&mut self, key: Key, retry: Retry, now_ms: u64, open: bool) {
        let is_it = |it: &&mut Option<Try>| it.is_some_and(|it| it.key == key);
        let place = match self.kept.iter_mut().find(is_it) {
            None => self.kept.iter_mut().find(|it| it.is_none()),
            known => known,
        };
        let Some(place) = place else {
            return;
        };
        let failures = place.map_or(0, |it| it.failures);
        *place = Some(Try {
            key,
            last_ms: now_ms,
            open,
            failures: failures.saturating_add(u8::from(!open)),
            retry,
            hurried: false,
        });
    }

    /// A pair is being opened.
    pub(super) fn opened(&mut self, key: Key, retry: Retry, now_ms: u64) {
        self.note(key, retry, now_ms, true);
    }

    /// A pair could not be opened.
    pub(super) fn failed(&mut self, key: Key, retry: Retry, now_ms: u64) {
        self.note(key, retry, now_ms, false);
    }

    /// Compares what was opened with what there is, and forgets pairs whose addresses are gone.
    pub(super) fn look<V: View>(
        &mut self,
        view: &V,
        remotes: &Remotes,
        endpoints_changed: bool,
        seen: &mut Seen,
    ) {
        let facts = view.facts();
        for place in &mut self.kept {
            let Some(it) = place else {
                continue;
            };
            let there = number(view.subflows().filter(|other| it.key.is_for(other)));
            let is_open = there > u32::from(it.key.index);
            let has_local = it
                .key
                .local
                .is_none_or(|id| id == 0 || view.endpoints().any(|endpoint| endpoint.id == id));
            let has_remote = it.key.remote == 0 || remotes.has(it.key.remote);
            if !is_open && (endpoints_changed || !has_local || !has_remote) {
                *place = None;
                continue;
            }
            if it.open && !is_open {
                seen.lost = seen.lost.saturating_add(1);
                // One that has lasted begins anew.
                let lived = facts.now_ms.saturating_sub(it.last_ms);
                it.failures = if lived > backoff_ms(it.failures.saturating_add(1), it.retry) {
                    1
                } else {
                    it.failures.saturating_add(1)
                };
            }
            it.open = is_open;
        }
    }

    /// A link has changed: what has failed before need not fail now.
    pub(super) fn hurry(&mut self) {
        for it in self.kept.iter_mut().flatten() {
            it.failures = it.failures.min(1);
            it.hurried = true;
        }
    }
}

/// How long a pair waits after it has failed, or was lost, so often.
pub(super) fn backoff_ms(failures: u8, retry: Retry) -> u64 {
    let doublings = u32::from(failures.saturating_sub(1).min(DOUBLINGS));
    let wait = u64::from(retry.ms).wrapping_shl(doublings);
    wait.min(u64::from(retry.max_ms.max(retry.ms)))
}

#[cfg(test)]
mod tests {
    use crate::decide::pm::{
        remotes::Inbox,
        testing::{endpoint, Net, RETRY},
        Manager, Policy, SUBFLOW,
    };

    #[test]
    fn a_path_is_retried_as_its_own_settings_say() {
        let mut policy = Policy {
            retry_ms: 0,
            ..RETRY
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 8, 0);
        net.want(&mut policy, 2, RETRY);
        assert!(policy.opens() && !policy.retries());
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(net.pairs(), [(0, 0), (1, 0), (2, 0)]);
        net.subflows.retain(|it| it.local_id == 0);
        let (_, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(wait.ms, Some(RETRY.retry_ms));
        net.facts.now_ms += u64::from(RETRY.retry_ms);
        net.run(&mut manager, &policy, &Inbox::default(), false);
        // That of interface 2 is back, the other one is not.
        assert_eq!(net.pairs(), [(0, 0), (1, 0)]);
    }

    #[test]
    fn a_path_may_be_left_out_of_retries() {
        let mut policy = RETRY;
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 8, 0);
        let never = Policy {
            retry_ms: 0,
            ..RETRY
        };
        net.want(&mut policy, 2, never);
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &Inbox::default(), false);
        net.subflows.retain(|it| it.local_id == 0);
        net.run(&mut manager, &policy, &Inbox::default(), false);
        net.facts.now_ms += 60_000;
        let (_, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!((net.pairs(), wait.ms), (vec![(0, 0), (2, 0)], None));
    }

    #[test]
    fn a_path_waits_longer_each_time_as_its_own_settings_say() {
        let mut policy = Policy {
            retry_ms: 0,
            ..RETRY
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 8, 0);
        let its = Policy {
            retry_ms: 100,
            retry_max_ms: 400,
            ..RETRY
        };
        net.want(&mut policy, 2, its);
        let mut manager = Manager::default();
        let mut waits = Vec::new();
        for _ in 0..5 {
            net.run(&mut manager, &policy, &Inbox::default(), false);
            net.subflows.retain(|it| it.local_id == 0);
            let (_, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
            let ms = wait.ms.expect("it waits");
            waits.push(ms);
            net.facts.now_ms += u64::from(ms);
        }
        assert_eq!(waits, [100, 200, 400, 400, 400]);
    }

    #[test]
    fn a_link_that_is_down_matters_where_there_are_retries() {
        let mut policy = Policy {
            retry_ms: 0,
            ..RETRY
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 8, 0);
        net.want(&mut policy, 2, RETRY);
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &Inbox::default(), false);
        net.set_link(2, false);
        net.set_link(3, false);
        net.run(&mut manager, &policy, &Inbox::default(), true);
        assert_eq!(net.pairs(), [(0, 0), (2, 0)]);
    }
}
