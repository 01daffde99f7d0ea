// SPDX-License-Identifier: GPL-2.0

//! Which subflows come into question at all.

use super::Subflow;

/// How willingly a subflow is used; a better rank shuts out the worse ones, full or not.
///
/// A backup is for when there is no regular subflow (RFC 8684, 3.3.8), and one whose timer fired
/// counts as none: what is given to it sits behind the packets it has to repeat. What its path
/// would cost, once the administrator's cap is reached, is the last thing to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Nothing speaks against it.
    Regular,
    /// One of the ends asked to use it as a backup.
    Backup,
    /// A regular one that repairs what a retransmission timeout declared lost.
    RegularInLoss,
    /// A backup that repairs what a retransmission timeout declared lost.
    BackupInLoss,
    /// Its path has carried as much as it may.
    Exhausted,
}

impl Rank {
    /// The rank of a subflow that is active.
    pub fn of(subflow: &Subflow) -> Self {
        match (subflow.in_loss, subflow.backup) {
            _ if subflow.path.exhausted => Self::Exhausted,
            (false, false) => Self::Regular,
            (false, true) => Self::Backup,
            (true, false) => Self::RegularInLoss,
            (true, true) => Self::BackupInLoss,
        }
    }
}
