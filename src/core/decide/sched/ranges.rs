// SPDX-License-Identifier: GPL-2.0

//! Ranges of DSNs, a few.

use super::view::before;

/// Ranges that are remembered.
const RANGES: usize = 16;

/// DSNs that something was done with. Ranges that touch are one; when there are too many, the
/// lowest is forgotten.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ranges {
    /// First byte, and the one behind the last; empty if those are the same.
    ranges: [(u64, u64); RANGES],
}

impl Ranges {
    fn some(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.ranges.iter().copied().filter(|(from, to)| from != to)
    }

    /// Adds the bytes from `from` up to `to`, none of which are in it.
    pub fn add(&mut self, from: u64, to: u64) {
        let (mut from, mut to) = (from, to);
        if !before(from, to) {
            return;
        }
        for range in &mut self.ranges {
            if range.0 == range.1 {
                continue;
            }
            if range.1 == from {
                from = range.0;
                *range = (0, 0);
            } else if range.0 == to {
                to = range.1;
                *range = (0, 0);
            }
        }
        let free = self.ranges.iter_mut().reduce(|one, other| {
            match (one.0 == one.1, other.0 == other.1) {
                (false, true) => other,
                (false, false) if before(other.0, one.0) => other,
                _ => one,
            }
        });
        if let Some(free) = free {
            *free = (from, to);
        }
    }

    /// Forgets what is before a DSN.
    pub fn forget(&mut self, dsn: u64) {
        for range in &mut self.ranges {
            if !before(dsn, range.1) {
                *range = (0, 0);
            }
        }
    }

    /// The first bytes from `from` up to `to` that are not in it, if any.
    pub fn gap(&self, from: u64, to: u64) -> Option<(u64, u64)> {
        let mut begin = from;
        // Each range can be passed once.
        for _ in 0..RANGES {
            let around = self
                .some()
                .find(|range| !before(begin, range.0) && before(begin, range.1));
            match around {
                Some(range) => begin = range.1,
                None => break,
            }
        }
        if !before(begin, to) {
            return None;
        }
        let next = self
            .some()
            .map(|range| range.0)
            .filter(|next| before(begin, *next) && before(*next, to))
            .min_by_key(|next| next.wrapping_sub(begin));
        Some((begin, next.unwrap_or(to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_are_what_is_between() {
        let mut ranges = Ranges::default();
        assert_eq!(ranges.gap(10, 20), Some((10, 20)));
        ranges.add(12, 14);
        ranges.add(16, 18);
        assert_eq!(ranges.gap(10, 20), Some((10, 12)));
        assert_eq!(ranges.gap(12, 20), Some((14, 16)));
        assert_eq!(ranges.gap(16, 20), Some((18, 20)));
        assert_eq!(ranges.gap(16, 18), None);
        ranges.add(14, 16);
        assert_eq!(ranges.gap(12, 20), Some((18, 20)));
        assert_eq!(ranges.some().count(), 1);
        ranges.forget(18);
        assert_eq!(ranges.some().count(), 0);
    }

    #[test]
    fn the_lowest_is_forgotten_when_there_are_too_many() {
        let mut ranges = Ranges::default();
        for number in 0..17 {
            ranges.add(number * 10, number * 10 + 5);
        }
        assert_eq!(ranges.gap(0, 200), Some((0, 10)));
        assert_eq!(ranges.gap(10, 200), Some((15, 20)));
        assert_eq!(ranges.gap(160, 200), Some((165, 200)));
    }

    proptest! {
        #[test]
        fn it_knows_what_was_added(first: u64, adds in prop::collection::vec((0..60u64, 1..10u64), 0..12)) {
            let mut ranges = Ranges::default();
            let mut known = [false; 80];
            for (from, length) in adds {
                // As it is used: only what is not in it is added.
                let (begin, end) = (first.wrapping_add(from), first.wrapping_add(from + length));
                if let Some((from, to)) = ranges.gap(begin, end) {
                    ranges.add(from, to);
                    let (from, to) = (from.wrapping_sub(first), to.wrapping_sub(first));
                    known[from as usize..to as usize].fill(true);
                }
            }
            let mut at = first;
            let end = first.wrapping_add(80);
            let mut found = [true; 80];
            while let Some((from, to)) = ranges.gap(at, end) {
                prop_assert!(before(from, to));
                found[from.wrapping_sub(first) as usize..to.wrapping_sub(first) as usize].fill(false);
                at = to;
            }
            prop_assert_eq!(known, found);
        }
    }
}
