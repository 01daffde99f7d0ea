// SPDX-License-Identifier: GPL-2.0

//! The search for an heir: which members are looked at, and which of them is the best.

use super::{
    hash::scale, Config, Field, Guard, Listener, Members, Rank, Reason, Request, Settings, Walk,
    LOOKS, MAX_POLICIES,
};
use core::cmp::Ordering;

/// A member that may inherit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Where it is.
    pub(super) position: u32,
    /// Whether its accept queue is full.
    pub(super) full: bool,
    /// What each policy of the list thinks of it.
    pub(super) ranks: [Rank; MAX_POLICIES],
}

/// A search.
pub(super) struct Search<'a, M> {
    config: &'a Config,
    members: &'a M,
    request: &'a Request,
    number: u32,
    closing: Listener,
    /// Settings of the listener that is closed, if members are compared with them.
    settings: Option<Settings>,
    /// Whether the guard left somebody out.
    guarded: bool,
}

impl<'a, M: Members> Search<'a, M> {
    pub(super) fn new(config: &'a Config, members: &'a M, request: &'a Request) -> Self {
        Self {
            config,
            members,
            request,
            number: members.number(),
            closing: members.closing(),
            settings: (config.guard != Guard::Off).then(|| members.closing_settings()),
            guarded: false,
        }
    }

    /// The best of the members that are looked at, if any of them may inherit.
    pub(super) fn best(&mut self) -> Option<Candidate> {
        let found = match self.config.policies.first().walk() {
            Walk::Probe => return self.probe(),
            Walk::Newest => {
                let newest = self.members.newest();
                newest.and_then(|position| self.look(position))
            }
            Walk::Pair if self.number > LOOKS => self.pair(),
            Walk::Pair | Walk::All => None,
        };
        found
            .filter(|it| self.has_room(it) && it.ranks.first().is_some_and(|rank| rank.fits()))
            .or_else(|| self.sample())
    }

    /// Why there is none.
    pub(super) fn why_nobody(&self) -> Reason {
        if self.guarded {
            Reason::Guard
        } else {
            Reason::NoMember
        }
    }

    /// The setting of an heir that the guard is to warn of.
    pub(super) fn warning(&self, position: u32) -> Option<Field> {
        match self.config.guard {
            Guard::Warn => self.differs(position),
            Guard::Off | Guard::Enforce => None,
        }
    }

    fn differs(&self, position: u32) -> Option<Field> {
        self.members.settings(position)?.differs(&self.settings?)
    }

    /// A member, if there is one and it may inherit.
    fn look(&mut self, position: u32) -> Option<Candidate> {
        let member = self.members.get(position)?;
        if self.config.guard == Guard::Enforce && self.differs(position).is_some() {
            self.guarded = true;
            return None;
        }
        let rank = |policy: super::Policy| policy.rank(&member, &self.closing, self.request);
        Some(Candidate {
            position,
            full: member.is_full(),
            ranks: self.config.policies.rank(rank),
        })
    }

    /// Whether a full accept queue does not speak against it.
    fn has_room(&self, candidate: &Candidate) -> bool {
        !(self.config.respect_backlog && candidate.full)
    }

    /// Which of two is better, which is the lesser.
    fn compare(&self, one: &Candidate, other: &Candidate) -> Ordering {
        let mut order = self.has_room(other).cmp(&self.has_room(one));
        for (one, other) in one.ranks.iter().zip(&other.ranks) {
            order = order.then_with(|| one.cmp(other));
        }
        order
    }

    /// The member at the position that the hash says, or the next one that is there. One without
    /// room is passed over while there are others.
    fn probe(&mut self) -> Option<Candidate> {
        let mut position = scale(self.request.hash, self.number);
        let mut full = None;
        for _ in 0..self.number.min(LOOKS) {
            let found = self.look(position);
            if found.is_some_and(|it| self.has_room(&it)) {
                return found;
            }
            full = full.or(found);
            position = position.wrapping_add(1);
            if position >= self.number {
                position = 0;
            }
        }
        full
    }

    /// The better of two different members that are drawn at random; there are more than one.
    fn pair(&mut self) -> Option<Candidate> {
        let [low, high] = self.random();
        let first = scale(low, self.number);
        let others = self.number.saturating_sub(1);
        // From the one behind the first on, and around.
        let behind = scale(high, others);
        let before_end = others.saturating_sub(first);
        let second = if behind < before_end {
            first.saturating_add(1).saturating_add(behind)
        } else {
            behind.saturating_sub(before_end)
        };
        match (self.look(first), self.look(second)) {
            (Some(one), Some(other)) if self.compare(&other, &one).is_lt() => Some(other),
            (one, other) => one.or(other),
        }
    }

    /// The best of all members, or of a sample if there are many. Among equals the hash decides.
    fn sample(&mut self) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        // A bit for each look that found one as good as the best.
        let mut equals = 0u64;
        for look in 0..self.number.min(LOOKS) {
            let Some(found) = self.look(self.position(look)) else {
                continue;
            };
            let bit = 1u64.wrapping_shl(look);
            match best.map_or(Ordering::Less, |best| self.compare(&found, &best)) {
                Ordering::Less => {
                    best = Some(found);
                    equals = bit;
                }
                Ordering::Equal => equals |= bit,
                Ordering::Greater => (),
            }
        }
        for _ in 0..scale(self.request.hash, equals.count_ones()) {
            // Without the lowest bit.
            equals &= equals.wrapping_sub(1);
        }
        Some(Candidate {
            position: self.position(equals.trailing_zeros()),
            ..best?
        })
    }

    /// The position of a look, below [`LOOKS`]: all, or one of each of as many equal parts. Which
    /// one follows no period, since the members of a group often do.
    fn position(&self, look: u32) -> u32 {
        /// 2^32 divided by the golden ratio: multiples of it spread evenly over all numbers.
        const GOLDEN: u32 = 0x9e37_79b9;

        if self.number <= LOOKS {
            return look;
        }
        let start = |part: u32| {
            let start = u64::from(self.number).wrapping_mul(part.into()) >> LOOKS.ilog2();
            u32::try_from(start).unwrap_or(u32::MAX)
        };
        let from = start(look);
        let size = start(look.saturating_add(1)).saturating_sub(from);
        let [random, _] = self.random();
        let within = scale(random.wrapping_add(look.wrapping_mul(GOLDEN)), size);
        from.saturating_add(within)
    }

    fn random(&self) -> [u32; 2] {
        let half = |bits| u32::try_from(bits & 0xffff_ffff).unwrap_or(0);
        [half(self.request.random), half(self.request.random >> 32)]
    }
}
