// SPDX-License-Identifier: GPL-2.0

//! The books of a connection: what its scheduler gave to which subflow.

use super::{view::before, History, PerSubflow, Repeat, Subflow, Wait, Why};

/// What a subflow was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Times it was chosen for new data.
    pub grants: u64,
    /// Bytes of new data.
    pub bytes: u64,
    /// Bytes that another one had sent before, to have them twice.
    pub redundant: u64,
    /// Bytes that another one had sent before, since they blocked what was behind them.
    pub reinjected: u64,
    /// Times it was chosen to repeat the head of the connection after a timeout.
    pub retransmits: u64,
}

/// New data that a subflow was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Number of the subflow.
    pub id: u32,
    /// Bytes of new data.
    pub bytes: u64,
}

/// The books of a connection.
///
/// The kernel does not say what comes of a decision. It asks again when a burst is used up, and
/// how far the connection has come by then is what the subflow has sent that was chosen last.
///
/// But it can leave a subflow to send a little later, in softirq, and ask again before that has
/// done so. What it then sends counts for who was chosen meanwhile.
///
/// What came of a decision is entered with the next one, of whatever kind. Until then it is told
/// by [`account`](Self::account), but neither in the history nor charged to a path.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: PerSubflow<Account>,
    history: History,
    /// Times that nothing was sent, by the reason.
    waits: [u64; Wait::ALL.len()],
    /// The subflow that was chosen last, and the DSN from which on what it sent is not entered.
    open: Option<(u32, u64)>,
}

impl Ledger {
    /// Which subflow carries what.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The account of a subflow when the connection has come to DSN `next`; `None` if no decision
    /// has seen it.
    pub fn account(&self, id: u32, next: u64) -> Option<Account> {
        let mut account = self.accounts.get(id).copied()?;
        if let Some(sent) = self.not_entered(next) {
            if sent.id == id {
                account.bytes = account.bytes.wrapping_add(sent.bytes);
            }
        }
        Some(account)
    }

    /// What was sent by the subflow that was chosen last, and is not entered.
    fn not_entered(&self, next: u64) -> Option<Sent> {
        let (id, from) = self.open?;
        before(from, next).then(|| Sent {
            id,
            bytes: next.wrapping_sub(from),
        })
    }

    /// Times that nothing was sent, by the reason.
    pub fn waits(&self) -> impl Iterator<Item = (Wait, u64)> + '_ {
        Wait::ALL.into_iter().zip(self.waits)
    }

    /// Brings the books up to date, before a decision. Returns what came of the last grant since
    /// they were.
    ///
    /// The grant holds until the next one. It may be asked in between what to repeat, or who else
    /// can send, before the subflow has sent what it was given.
    pub fn settle(&mut self, una: u64, next: u64, subflows: &[Subflow]) -> Option<Sent> {
        let sent = self.not_entered(next);
        if let Some(Sent { id, bytes }) = sent {
            self.history.given(id, next.wrapping_sub(bytes), next);
            if let Some(account) = self.accounts.get_mut(id) {
                account.bytes = account.bytes.wrapping_add(bytes);
            }
            self.open = Some((id, next));
        }
        self.history.acked(una);
        self.accounts.follow(subflows);
        sent
    }

    /// Enters that a subflow was chosen for what comes from DSN `next` on.
    pub fn granted(&mut self, id: u32, next: u64) {
        self.open = Some((id, next));
        if let Some(account) = self.accounts.get_mut(id) {
            account.grants = account.grants.wrapping_add(1);
        }
    }

    /// Enters that nothing was sent.
    pub fn waited(&mut self, wait: Wait) {
        for (reason, count) in Wait::ALL.iter().zip(&mut self.waits) {
            if *reason == wait {
                *count = count.wrapping_add(1);
            }
        }
    }

    /// Enters that a subflow was chosen to repeat the head of the connection.
    pub fn retransmitted(&mut self, id: u32) {
        if let Some(account) = self.accounts.get_mut(id) {
            account.retransmits = account.retransmits.wrapping_add(1);
        }
    }

    /// Enters how many bytes a subflow repeated. Probes are not worth an account.
    pub fn repeated(&mut self, id: u32, repeat: &Repeat, bytes: u32) {
        if repeat.why == Why::Blocks {
            let end = repeat.from.wrapping_add(bytes.into());
            self.history.repeated(repeat.from, end);
        }
        if let Some(account) = self.accounts.get_mut(id) {
            let count = match repeat.why {
                Why::Redundant => &mut account.redundant,
                Why::Blocks => &mut account.reinjected,
                Why::Probes => return,
            };
            *count = count.wrapping_add(bytes.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::testing::subflow;

    fn numbered(id: u32) -> Subflow {
        Subflow { id, ..subflow(10) }
    }

    fn account(ledger: &Ledger, id: u32) -> Account {
        ledger.account(id, 0).expect("it is known")
    }

    #[test]
    fn what_came_of_a_grant_is_entered_when_it_is_asked_again() {
        let subflows = [numbered(1), numbered(2)];
        let mut ledger = Ledger::default();
        assert_eq!(ledger.settle(0, 0, &subflows), None);
        ledger.granted(1, 0);
        assert_eq!(
            ledger.settle(0, 5000, &subflows),
            Some(Sent { id: 1, bytes: 5000 })
        );
        ledger.granted(2, 5000);
        assert_eq!(
            ledger.settle(1000, 5100, &subflows),
            Some(Sent { id: 2, bytes: 100 })
        );
        assert_eq!(ledger.settle(1000, 5100, &subflows), None);
        assert_eq!(account(&ledger, 1).bytes, 5000);
        assert_eq!(account(&ledger, 2).bytes, 100);
        assert_eq!(account(&ledger, 2).grants, 1);
        assert_eq!(ledger.history().holder(1000), Some((1, 5000)));
        assert_eq!(ledger.history().holder(5099), Some((2, 5100)));
    }

    #[test]
    fn a_grant_holds_until_the_next_one() {
        let subflows = [numbered(1), numbered(2)];
        let mut ledger = Ledger::default();
        ledger.settle(0, 0, &subflows);
        ledger.granted(1, 0);
        // Asked before it has sent: what to repeat, and whether somebody else can send.
        assert_eq!(ledger.settle(0, 0, &subflows), None);
        ledger.waited(Wait::Full);
        let sent = |bytes| Some(Sent { id: 1, bytes });
        assert_eq!(ledger.settle(0, 3000, &subflows), sent(3000));
        assert_eq!(ledger.settle(0, 5000, &subflows), sent(2000));
        assert_eq!(account(&ledger, 1).bytes, 5000);
        assert_eq!(ledger.history().holder(4999), Some((1, 5000)));
    }

    #[test]
    fn an_account_has_what_is_not_entered() {
        let subflows = [numbered(1), numbered(2)];
        let mut ledger = Ledger::default();
        let start = u64::MAX - 10;
        ledger.settle(start, start, &subflows);
        ledger.granted(1, start);
        let bytes = |ledger: &Ledger, id, next| ledger.account(id, next).map(|it| it.bytes);
        let next = start.wrapping_add(3000);
        assert_eq!(bytes(&ledger, 1, start), Some(0));
        assert_eq!(bytes(&ledger, 1, next), Some(3000));
        assert_eq!(bytes(&ledger, 2, next), Some(0));
        assert_eq!(bytes(&ledger, 3, next), None);
        ledger.settle(start, next, &subflows);
        assert_eq!(bytes(&ledger, 1, next), Some(3000));
    }

    #[test]
    fn waits_are_counted_by_their_reason() {
        let mut ledger = Ledger::default();
        ledger.waited(Wait::Full);
        ledger.waited(Wait::Faster);
        ledger.waited(Wait::Full);
        for (wait, times) in ledger.waits() {
            let expected = match wait {
                Wait::Full => 2,
                Wait::Faster => 1,
                _ => 0,
            };
            assert_eq!(times, expected, "{wait:?}");
        }
    }

    #[test]
    fn repeated_bytes_are_counted_by_what_they_are_for() {
        let mut ledger = Ledger::default();
        ledger.settle(0, 0, &[numbered(1)]);
        let repeat = |why| Repeat {
            subflow: 0,
            from: 0,
            length: 100,
            why,
        };
        ledger.repeated(1, &repeat(Why::Redundant), 10);
        ledger.repeated(1, &repeat(Why::Blocks), 7);
        assert_eq!(account(&ledger, 1).redundant, 10);
        assert_eq!(account(&ledger, 1).reinjected, 7);
        assert_eq!(account(&ledger, 1).bytes, 0);
    }
}
