// SPDX-License-Identifier: GPL-2.0

//! Subflows that are so bad that they become backups, until they are better.
//!
//! A subflow is bad if its round-trip time or its loss is above a limit. One that is bad for some
//! time in a row becomes a backup, as long as there is another one that is none. While it is a
//! backup nothing is known of it but what little it still carries, so that time is what brings it
//! back: after [`HOLD`] times as long, and twice as long each time that it turns out to be bad
//! again. One that is measured to be good comes back as soon as it has been so for that time.

use super::{
    cap::{self, Capped},
    number, Action, Policy, Subflow, View, Wait,
};

/// Subflows that are watched.
pub const KEPT: usize = 16;
/// So many times as long as a subflow was bad, it is a backup at least.
pub const HOLD: u32 = 8;
/// The most times that this is doubled.
const DOUBLINGS: u8 = 6;
/// A subflow is good again below so many percent of the limits.
const BETTER: u64 = 80;
/// Packets that tell something about loss.
const PACKETS: u32 = 20;
/// Looks during the time for which a subflow must be bad.
const LOOKS: u32 = 4;

/// When a subflow becomes a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demote {
    /// Above this smoothed round-trip time in µs; 0 is none.
    pub rtt_us: u32,
    /// Above so many packets sent again of a thousand; 0 is none.
    pub loss: u32,
    /// When it has been so for this long, in ms.
    pub for_ms: u32,
}

impl Demote {
    /// Whether there is any limit.
    pub const fn is_any(&self) -> bool {
        self.rtt_us != 0 || self.loss != 0
    }
}

/// Why a subflow changes its priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its round-trip time is too high.
    Rtt,
    /// Too many packets are lost.
    Loss,
    /// Its path has carried what it may.
    Capped,
    /// It is good again, has been a backup for long enough, or its path may carry more.
    Better,
}

/// What is known of a subflow.
#[derive(Clone, Copy, Debug)]
struct Patient {
    id: u32,
    /// Since when it is bad without a pause, and why.
    bad: Option<(u64, Why)>,
    /// Since when it is good without a pause.
    good: Option<u64>,
    /// Since when it is a backup by this.
    demoted: Option<u64>,
    /// How often it became one.
    times: u8,
    /// It is a backup since its path has carried what it may.
    capped: bool,
    /// What was counted when loss was looked at last.
    sent: u32,
    lost: u32,
    lossy: bool,
    /// When the subflow was looked at last.
    looked_ms: u64,
}

/// What is known of the subflows of a connection.
#[derive(Clone, Debug, Default)]
pub struct Health {
    kept: [Option<Patient>; KEPT],
    /// What the connection had carried when it was looked at last.
    bytes: u64,
}

impl Health {
    /// Forgets about a subflow.
    pub(super) fn forget(&mut self, id: u32) {
        for place in &mut self.kept {
            if place.is_some_and(|it| it.id == id) {
                *place = None;
            }
        }
    }

    /// What to do about the subflows.
    pub(super) fn next<V: View>(
        &mut self,
        view: &V,
        policy: &Policy,
        wait: &mut Wait,
    ) -> Option<Action> {
        let now_ms = view.facts().now_ms;
        self.enrol(view, now_ms);
        if let Some(action) = self.ration(view, policy) {
            return Some(action);
        }
        // Of a connection that carries nothing, nothing can be learned.
        let bytes = view.facts().bytes;
        let is_idle =
            bytes == self.bytes && self.kept.iter().flatten().all(|it| it.demoted.is_none());
        self.bytes = bytes;
        let in_use = number(view.subflows().filter(|it| !it.backup && !it.connecting));
        for patient in self.kept.iter_mut().flatten() {
            let Some(subflow) = view.subflows().find(|it| it.id == patient.id) else {
                continue;
            };
            let demote = &view.policy_of(policy, &subflow).demote;
            if !demote.is_any() {
                if let Some(action) = patient.discharge() {
                    return Some(action);
                }
                continue;
            }
            if is_idle {
                wait.for_bytes(bytes.saturating_add(1));
            } else {
                wait.for_ms(u64::from(demote.for_ms.wrapping_div(LOOKS)));
            }
            patient.examine(&subflow, demote, now_ms);
            if let Some(action) = patient.treat(&subflow, demote, now_ms, in_use > 1) {
                return Some(action);
            }
        }
        None
    }

    /// Watches the subflows that there are, and no others.
    fn enrol<V: View>(&mut self, view: &V, now_ms: u64) {
        for place in &mut self.kept {
            if place.is_some_and(|it| !view.subflows().any(|other| other.id == it.id)) {
                *place = None;
            }
        }
        for subflow in view.subflows().filter(|it| !it.connecting) {
            if self.kept.iter().flatten().any(|it| it.id == subflow.id) {
                continue;
            }
            if let Some(place) = self.kept.iter_mut().find(|it| it.is_none()) {
                *place = Some(Patient {
                    id: subflow.id,
                    bad: None,
                    good: None,
                    demoted: None,
                    times: 0,
                    capped: false,
                    sent: subflow.sent,
                    lost: subflow.lost,
                    lossy: false,
                    looked_ms: now_ms,
                });
            }
        }
    }

    /// Subflows whose path has carried what it may become backups, and are none when it may again.
    fn ration<V: View>(&mut self, view: &V, policy: &Policy) -> Option<Action> {
        let over = |it: &Subflow| cap::over(view, policy, it);
        let works = |it: &Subflow| it.up && !it.connecting && !it.backup && over(it).is_none();
        let other_works = view.subflows().any(|it| works(&it));
        for patient in self.kept.iter_mut().flatten() {
            let Some(subflow) = view.subflows().find(|it| it.id == patient.id) else {
                continue;
            };
            let over = over(&subflow) == Some(Capped::Demote);
            if over && !patient.capped && !subflow.backup && other_works {
                patient.capped = true;
                return Some(Action::Prioritise {
                    id: patient.id,
                    backup: true,
                    why: Why::Capped,
                });
            }
            if !over && patient.capped {
                patient.capped = false;
                return Some(Action::Prioritise {
                    id: patient.id,
                    backup: false,
                    why: Why::Better,
                });
            }
        }
        None
    }
}

impl Patient {
    /// Without limits nothing is a backup any more that was by this.
    fn discharge(&mut self) -> Option<Action> {
        self.demoted.take().map(|_| Action::Prioritise {
            id: self.id,
            backup: false,
            why: Why::Better,
        })
    }

    /// Looks at how the subflow is.
    fn examine(&mut self, subflow: &Subflow, demote: &Demote, now_ms: u64) {
        // What has not been heard of since tells nothing.
        let silence = now_ms.saturating_sub(self.looked_ms);
        let is_fresh = u64::from(subflow.heard_ms) <= silence.max(1);
        let sent = subflow.sent.wrapping_sub(self.sent);
        if sent >= PACKETS {
            let lost = u64::from(subflow.lost.wrapping_sub(self.lost));
            let limit = limit(demote.loss, self.demoted.is_some());
            self.lossy = demote.loss != 0
                && lost.saturating_mul(1000) > limit.saturating_mul(u64::from(sent));
            self.sent = subflow.sent;
            self.lost = subflow.lost;
        }
        self.looked_ms = now_ms;
        let is_slow = demote.rtt_us != 0
            && u64::from(subflow.srtt_us) > limit(demote.rtt_us, self.demoted.is_some());
        let why = if is_slow {
            Some(Why::Rtt)
        } else if self.lossy {
            Some(Why::Loss)
        } else {
            None
        };
        if !is_fresh {
            return;
        }
        if let Some(why) = why {
            self.good = None;
            self.bad = Some((self.bad.map_or(now_ms, |(since, _)| since), why));
        } else {
            self.bad = None;
            self.good = Some(self.good.unwrap_or(now_ms));
        }
    }

    fn treat(
        &mut self,
        subflow: &Subflow,
        demote: &Demote,
        now_ms: u64,
        may_demote: bool,
    ) -> Option<Action> {
        let for_ms = u64::from(demote.for_ms);
        let has_been = |since: u64, long: u64| now_ms.saturating_sub(since) >= long;
        if let Some(since) = self.demoted {
            let hold = for_ms
                .saturating_mul(u64::from(HOLD))
                .wrapping_shl(u32::from(self.times.saturating_sub(1).min(DOUBLINGS)));
            let is_good = self
                .good
                .is_some_and(|it| it > since && has_been(it, for_ms));
            if !is_good && !has_been(since, hold) {
                return None;
            }
            self.demoted = None;
            self.bad = None;
            self.good = None;
            if is_good {
                self.times = 0;
            }
            return Some(Action::Prioritise {
                id: self.id,
                backup: false,
                why: Why::Better,
            });
        }
        let hold = for_ms.saturating_mul(u64::from(HOLD));
        if self.good.is_some_and(|it| has_been(it, hold)) {
            self.times = 0;
        }
        let (since, why) = self.bad?;
        if subflow.backup || !may_demote || !has_been(since, for_ms) {
            return None;
        }
        self.demoted = Some(now_ms);
        self.bad = None;
        self.good = None;
        self.times = self.times.saturating_add(1);
        Some(Action::Prioritise {
            id: self.id,
            backup: true,
            why,
        })
    }
}

/// The limit for one that is below it, or has been above.
fn limit(of: u32, demoted: bool) -> u64 {
    let of = u64::from(of);
    if demoted {
        of.saturating_mul(BETTER).checked_div(100).unwrap_or(of)
    } else {
        of
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::pm::{
        remotes::Inbox,
        testing::{endpoint, Net},
        Manager, SUBFLOW,
    };

    #[test]
    fn each_path_has_limits_of_its_own() {
        let limits = |ms: u32| Policy {
            demote: Demote {
                rtt_us: ms * 1000,
                loss: 0,
                for_ms: 1000,
            },
            ..Policy::default()
        };
        let mut policy = Policy {
            disjoint: true,
            ..Policy::default()
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 8, 0);
        net.want(&mut policy, 2, limits(50));
        net.want(&mut policy, 3, limits(200));
        assert!(policy.is_any());
        let mut manager = Manager::default();
        net.run(&mut manager, &policy, &Inbox::default(), false);
        for it in &mut net.subflows {
            it.srtt_us = 100_000;
        }
        for _ in 0..10 {
            net.facts.now_ms += 250;
            net.facts.bytes += 1000;
            net.run(&mut manager, &policy, &Inbox::default(), false);
        }
        // That of interface 1 has no limit.
        assert!(net
            .subflows
            .iter()
            .all(|it| it.backup == (it.local_id == 1)));
        // A path that has no limit any more has no backups by this, either.
        net.want(&mut policy, 2, Policy::default());
        net.run(&mut manager, &policy, &Inbox::default(), false);
        assert!(net.subflows.iter().all(|it| !it.backup));
    }
}
