// SPDX-License-Identifier: GPL-2.0

//! Which subflow carries which of the data that is not acknowledged.

use super::view::before;

/// Spans that are remembered. As many as there are when two subflows of 300 packets in flight
/// take turns with two packets at a time.
const SPANS: usize = 256;

/// What was given to whom, from the oldest byte that is not acknowledged on.
///
/// Neighbouring spans of one subflow are one. When there are too many, nobody is known to carry
/// what comes behind them: it is the oldest that matters, since that is what holds up the rest.
#[derive(Clone, Debug)]
pub struct History {
    /// Where a span begins, by the lower half of its DSN, and the number of its subflow: 0 if that
    /// is not known. It ends where the next one begins.
    spans: [(u32, u32); SPANS],
    /// Index of the oldest span.
    first: usize,
    /// Number of spans.
    length: usize,
    /// Where the last span ends.
    end: u64,
}

impl Default for History {
    fn default() -> Self {
        Self {
            spans: [(0, 0); SPANS],
            first: 0,
            length: 0,
            end: 0,
        }
    }
}

impl History {
    /// The `n`th span from the oldest one on: where it begins, and its subflow.
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "the lower half is what is wanted"
    )]
    fn span(&self, n: usize) -> Option<(u64, u32)> {
        if n >= self.length {
            return None;
        }
        let &(low, id) = self.spans.get(self.first.wrapping_add(n) % SPANS)?;
        // All of them are within 2 GiB, far more than there are in any window.
        let back = (self.end as u32).wrapping_sub(low);
        Some((self.end.wrapping_sub(back.into()), id))
    }

    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "the lower half is what is kept"
    )]
    fn push(&mut self, from: u64, id: u32) {
        if self.length == 0 {
            self.first = 0;
        }
        let free = self.first.wrapping_add(self.length) % SPANS;
        if let Some(span) = self.spans.get_mut(free) {
            *span = (from as u32, id);
            self.length = self.length.saturating_add(1);
        }
    }

    /// Adds that a subflow was given the bytes from `from` up to `to`. They come in order; bytes
    /// in between that nobody told of are of nobody known.
    pub fn given(&mut self, id: u32, from: u64, to: u64) {
        if !before(from, to) {
            return;
        }
        let fits = self
            .span(0)
            .is_none_or(|(oldest, _)| to.wrapping_sub(oldest) < 1 << 31);
        if self.length > 0 && (before(from, self.end) || !fits) {
            // Something is sent again from further down: what was known is no longer true.
            self.length = 0;
        }
        if self.length == 0 {
            self.end = from;
        }
        if self.length > 0 && before(self.end, from) {
            self.add(0, self.end);
        }
        self.add(id, from);
        self.end = to;
    }

    fn add(&mut self, id: u32, from: u64) {
        let last = self.length.wrapping_sub(1);
        let same = matches!(self.span(last), Some((_, of)) if of == id);
        if same {
            return;
        }
        if self.length < SPANS.saturating_sub(1) {
            self.push(from, id);
        } else if self.length < SPANS && !matches!(self.span(last), Some((_, 0))) {
            self.push(from, 0);
        }
    }

    /// Forgets what was acknowledged.
    pub fn acked(&mut self, una: u64) {
        while self.length > 0 {
            let end = match self.span(1) {
                Some((next, _)) => next,
                None => self.end,
            };
            if before(una, end) {
                return;
            }
            self.first = self.first.wrapping_add(1) % SPANS;
            self.length = self.length.saturating_sub(1);
        }
    }

    /// The spans from the one of a DSN on: where each begins, or that DSN, where it ends, and the
    /// number of its subflow; 0 if that is not known.
    pub fn spans_from(&self, dsn: u64) -> impl Iterator<Item = (u64, u64, u32)> + Clone + '_ {
        (0..self.length).filter_map(move |n| {
            let (from, id) = self.span(n)?;
            let end = match self.span(n.wrapping_add(1)) {
                Some((next, _)) => next,
                None => self.end,
            };
            let from = if before(from, dsn) { dsn } else { from };
            before(from, end).then_some((from, end, id))
        })
    }

    /// The subflow that was given the byte of a DSN, and the DSN behind the last byte in a row
    /// that it was given; [`None`] if it is not known.
    pub fn holder(&self, dsn: u64) -> Option<(u32, u64)> {
        let (from, end, id) = self.spans_from(dsn).next()?;
        (from == dsn && id != 0).then_some((id, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_holder_is_who_was_given_it() {
        let mut history = History::default();
        history.given(1, 100, 200);
        history.given(1, 200, 300);
        history.given(2, 300, 350);
        assert_eq!(history.holder(99), None);
        assert_eq!(history.holder(100), Some((1, 300)));
        assert_eq!(history.holder(299), Some((1, 300)));
        assert_eq!(history.holder(300), Some((2, 350)));
        assert_eq!(history.holder(350), None);
    }

    #[test]
    fn what_is_acknowledged_is_forgotten() {
        let mut history = History::default();
        history.given(1, 0, 100);
        history.given(2, 100, 200);
        history.acked(99);
        assert_eq!(history.holder(99), Some((1, 100)));
        history.acked(100);
        assert_eq!(history.holder(99), None);
        history.acked(200);
        assert_eq!(history.holder(199), None);
    }

    #[test]
    fn dsns_wrap() {
        let mut history = History::default();
        history.given(1, u64::MAX - 9, 10);
        history.given(2, 10, 20);
        assert_eq!(history.holder(3), Some((1, 10)));
        history.acked(5);
        assert_eq!(history.holder(9), Some((1, 10)));
        assert_eq!(history.holder(10), Some((2, 20)));
    }

    #[test]
    fn a_gap_is_of_nobody_known() {
        let mut history = History::default();
        history.given(1, 0, 100);
        history.given(1, 150, 200);
        assert_eq!(history.holder(120), None);
        assert_eq!(history.holder(150), Some((1, 200)));
    }

    #[test]
    fn what_is_sent_again_is_known_anew() {
        let mut history = History::default();
        history.given(1, 0, 100);
        history.given(2, 50, 80);
        assert_eq!(history.holder(20), None);
        assert_eq!(history.holder(60), Some((2, 80)));
    }

    proptest! {
        /// Compared with a list without a bound.
        #[test]
        fn it_never_names_the_wrong_one(
            grants in prop::collection::vec((1..4u32, 1..3000u64, 0..4000u64), 1..200),
            start: u64,
        ) {
            let mut history = History::default();
            let mut all = Vec::new();
            let (mut next, mut una) = (start, start);
            for (id, bytes, acked) in grants {
                let to = next.wrapping_add(bytes);
                history.given(id, next, to);
                all.push((id, next, to));
                next = to;
                let outstanding = next.wrapping_sub(una);
                una = una.wrapping_add(acked.min(outstanding));
                history.acked(una);
                if una == next {
                    prop_assert_eq!(history.holder(una), None);
                    continue;
                }
                let &(of, ..) = all
                    .iter()
                    .find(|(_, from, to)| !before(una, *from) && before(una, *to))
                    .expect("it was given");
                let (holder, end) = history.holder(una).expect("the oldest is known");
                prop_assert_eq!(holder, of);
                prop_assert!(before(una, end) && !before(next, end));
            }
        }
    }
}
