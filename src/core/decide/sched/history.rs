// SPDX-License-Identifier: GPL-2.0

//! Which subflow carries which of the data that is not acknowledged.

use super::view::before;

/// A number of a subflow with this is of a span that another one has repeated.
const REPEATED: u32 = 1 << 31;

/// Spans that are remembered. As many as there are when two subflows of 300 packets in flight
/// take turns with two packets at a time.
const SPANS: usize = 256;

/// What was given to whom, from the oldest byte that is not acknowledged on.
///
/// Neighbouring spans of one subflow are one, unless one of them was repeated by another. When there
/// are too many, nobody is known to carry what comes behind them: it is the oldest that matters,
/// since that is what holds up the rest.
#[derive(Clone, Debug)]
pub struct History {
    /// Where a span begins, by the lower half of its DSN, and the number of its subflow, 0 if that
    /// is not known; with [`REPEATED`] if it is. It ends where the next one begins.
    spans: [(u32, u32); SPANS],
    /// Index of the oldest span.
    first: usize,
    /// Number of spans.
    length: usize,
    /// Where the last span ends.
    end: u64,
    /// The DSN that was acknowledged when it was first told of one.
    begin: Option<u64>,
}

/// Data that a subflow was given in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// DSN of the first byte.
    pub from: u64,
    /// The one behind the last byte.
    pub end: u64,
    /// Number of the subflow; 0 if it is not known.
    pub id: u32,
    /// Another subflow has repeated it.
    pub repeated: bool,
}

impl Span {
    /// Number of bytes.
    pub fn length(&self) -> u64 {
        self.end.wrapping_sub(self.from)
    }
}

impl Default for History {
    fn default() -> Self {
        Self {
            spans: [(0, 0); SPANS],
            first: 0,
            length: 0,
            end: 0,
            begin: None,
        }
    }
}

impl History {
    fn place(&self, n: usize) -> Option<&(u32, u32)> {
        self.spans.get(self.first.wrapping_add(n) % SPANS)
    }

    fn place_mut(&mut self, n: usize) -> Option<&mut (u32, u32)> {
        self.spans.get_mut(self.first.wrapping_add(n) % SPANS)
    }

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
        let &(low, id) = self.place(n)?;
        // All of them are within 2 GiB, far more than there are in any window.
        let back = (self.end as u32).wrapping_sub(low);
        Some((self.end.wrapping_sub(back.into()), id))
    }

    /// The same, as others see it.
    fn get(&self, n: usize) -> Option<Span> {
        let (from, id) = self.span(n)?;
        let end = match self.span(n.wrapping_add(1)) {
            Some((next, _)) => next,
            None => self.end,
        };
        Some(Span {
            from,
            end,
            id: id & !REPEATED,
            repeated: id & REPEATED != 0,
        })
    }

    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "the lower half is what is kept"
    )]
    fn set(&mut self, n: usize, from: u64, id: u32) {
        if let Some(span) = self.place_mut(n) {
            *span = (from as u32, id);
        }
    }

    fn push(&mut self, from: u64, id: u32) {
        if self.length == 0 {
            self.first = 0;
        }
        self.set(self.length, from, id);
        self.length = self.length.saturating_add(1);
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

    /// Bytes that were acknowledged up to a DSN, since this was begun.
    pub fn delivered(&self, una: u64) -> u64 {
        self.begin.map_or(0, |begin| una.wrapping_sub(begin))
    }

    /// Forgets what was acknowledged.
    pub fn acked(&mut self, una: u64) {
        self.begin.get_or_insert(una);
        while self.get(0).is_some_and(|oldest| !before(una, oldest.end)) {
            self.first = self.first.wrapping_add(1) % SPANS;
            self.length = self.length.saturating_sub(1);
        }
    }

    /// Adds that another subflow has repeated the bytes from `from` up to `to`, which one subflow
    /// was given in a row. All of what that was given counts as repeated when there are too many
    /// spans to tell.
    pub fn repeated(&mut self, from: u64, to: u64) {
        let mut spans = (0..self.length).filter_map(|n| Some((n, self.get(n)?)));
        let around = spans.find(|(_, it)| !before(from, it.from) && before(from, it.end));
        let Some((n, span)) = around.filter(|(_, it)| !it.repeated) else {
            return;
        };
        let front = usize::from(from != span.from);
        let back = usize::from(before(to, span.end));
        let more = front.saturating_add(back);
        // The last place is for what is of nobody known.
        if self.length.saturating_add(more) >= SPANS {
            self.set(n, span.from, span.id | REPEATED);
            return;
        }
        // The order of DSNs: what is behind makes room, the last one first.
        for at in (n.saturating_add(1)..self.length).rev() {
            if let Some((place, to)) = self
                .place(at)
                .copied()
                .zip(self.place_mut(at.wrapping_add(more)))
            {
                *to = place;
            }
        }
        self.length = self.length.saturating_add(more);
        let middle = n.saturating_add(front);
        self.set(n, span.from, span.id);
        self.set(middle, from, span.id | REPEATED);
        if back != 0 {
            self.set(middle.saturating_add(1), to, span.id);
        }
    }

    /// The spans from the one of a DSN on, the first one from that on.
    pub fn spans_from(&self, dsn: u64) -> impl Iterator<Item = Span> + Clone + '_ {
        (0..self.length).filter_map(move |n| {
            let mut span = self.get(n)?;
            if before(span.from, dsn) {
                span.from = dsn;
            }
            before(span.from, span.end).then_some(span)
        })
    }

    /// The subflow that was given the byte of a DSN, and the DSN behind the last byte in a row
    /// that it was given; [`None`] if it is not known.
    pub fn holder(&self, dsn: u64) -> Option<(u32, u64)> {
        let span = self.spans_from(dsn).next()?;
        (span.from == dsn && span.id != 0).then_some((span.id, span.end))
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
        assert_eq!((history.delivered(99), history.delivered(150)), (0, 51));
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

    #[test]
    fn what_was_repeated_is_told() {
        let mut history = History::default();
        history.given(1, 0, 100);
        history.given(2, 100, 200);
        history.repeated(20, 50);
        history.repeated(150, 200);
        let told: Vec<_> = history
            .spans_from(0)
            .map(|it| (it.from, it.end, it.id, it.repeated))
            .collect();
        assert_eq!(
            told,
            [
                (0, 20, 1, false),
                (20, 50, 1, true),
                (50, 100, 1, false),
                (100, 150, 2, false),
                (150, 200, 2, true),
            ]
        );
        // What follows was not.
        history.given(2, 200, 300);
        let last = history.spans_from(200).last().expect("it was given");
        assert_eq!((last.from, last.end, last.repeated), (200, 300, false));
        history.acked(30);
        assert_eq!(history.holder(30), Some((1, 50)));
    }

    #[test]
    fn repeats_leave_a_place_for_what_is_of_nobody_known() {
        let mut history = History::default();
        for n in 0..254u64 {
            history.given(if n % 2 == 0 { 1 } else { 2 }, n * 10, n * 10 + 10);
        }
        history.repeated(3, 6);
        history.given(3, 2540, 2550);
        history.given(1, 2550, 2560);
        assert_eq!(history.holder(2540), Some((3, 2550)));
        assert_eq!(history.holder(2550), None);
    }

    proptest! {
        /// However often, and however many spans there are.
        #[test]
        fn what_was_repeated_stays_so(
            start: u64,
            grants in prop::collection::vec((1..4u32, 1..3000u64), 1..300),
            repeats in prop::collection::vec((0..400_000u64, 1..3000u64), 1..20),
        ) {
            let mut history = History::default();
            let mut next = start;
            for (id, bytes) in grants {
                let to = next.wrapping_add(bytes);
                history.given(id, next, to);
                next = to;
            }
            for (at, length) in repeats {
                let from = start.wrapping_add(at % next.wrapping_sub(start));
                let ids = |history: &History| -> Vec<(u64, u32)> {
                    let mut ids = Vec::new();
                    for it in history.spans_from(start) {
                        if ids.last().map(|it: &(u64, u32)| it.1) != Some(it.id) {
                            ids.push((it.from, it.id));
                        }
                    }
                    ids
                };
                let before_it = ids(&history);
                let Some(span) = history.spans_from(from).next() else {
                    continue;
                };
                let to = span.from.wrapping_add(length.min(span.length()));
                let so_far: Vec<_> = history.spans_from(start).filter(|it| it.repeated).collect();
                history.repeated(span.from, to);
                prop_assert!(history.spans_from(span.from).next().expect("it is there").repeated);
                for one in so_far {
                    let now = history.spans_from(one.from).next().expect("it is there");
                    prop_assert!(now.repeated && !before(now.end, one.end));
                }
                // Nobody is named for what another was given, and all is still there.
                prop_assert_eq!(ids(&history), before_it);
                let mut at = start;
                for it in history.spans_from(start) {
                    prop_assert_eq!(it.from, at);
                    at = it.end;
                }
                prop_assert_eq!(at, next);
            }
        }

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
