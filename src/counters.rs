// SPDX-License-Identifier: GPL-2.0

//! Counters of a network namespace: `/proc/net/heddle`, and operation `counter-get`.
//!
//! A counter is declared once, at the end of this file.

use crate::{namespace::Namespace, sched};
use core::ffi::CStr;
use heddle_core::decide::migrate::{Policy, Reason};
use heddle_kernel::{
    net::{proc::Show, Net, PerNet},
    percpu,
};
use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::atomic::{ordering::Relaxed, Atomic},
};

/// What is known of a counter.
pub(crate) struct Counter {
    /// Its name: CamelCase, as those of the kernel.
    pub(crate) name: &'static CStr,
    /// What it counts, in a sentence.
    pub(crate) help: &'static CStr,
}

/// The counters of a namespace.
pub(crate) struct Counters {
    counted: percpu::Counters<NUMBER>,
    /// What was counted when the counters were set to 0.
    forgotten: [Atomic<u64>; NUMBER],
}

impl Counters {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            counted: percpu::Counters::new()?,
            forgotten: [const { Atomic::new(0) }; NUMBER],
        })
    }

    /// Counts one. Any context.
    pub(crate) fn count(&self, id: Id) {
        self.add(id, 1);
    }

    /// Counts several. Any context.
    pub(crate) fn add(&self, id: Id, number: u64) {
        self.counted.add(id.0, number);
    }

    /// What was counted since the counters were set to 0.
    pub(crate) fn get(&self, id: Id) -> u64 {
        let forgotten = self.forgotten.get(id.0).map_or(0, |it| it.load(Relaxed));
        self.counted.sum(id.0).wrapping_sub(forgotten)
    }

    /// What was ever counted.
    pub(crate) fn ever(&self, id: Id) -> u64 {
        self.counted.sum(id.0)
    }

    /// Sets all to 0.
    pub(crate) fn reset(&self) {
        for (index, forgotten) in (0..NUMBER).zip(&self.forgotten) {
            forgotten.store(self.counted.sum(index), Relaxed);
        }
    }
}

/// The file `/proc/net/heddle`: two lines, as in `/proc/net/netstat`.
pub(crate) struct File;

impl Show for File {
    const NAME: &'static CStr = c"heddle";

    fn show(net: &Net, file: &SeqFile) {
        seq_print!(file, "Heddle:");
        for (_, counter) in all() {
            seq_print!(file, " {}", counter.name);
        }
        seq_print!(file, "\nHeddle:");
        if let Some(namespace) = Namespace::of(net) {
            for (id, _) in all() {
                seq_print!(file, " {}", namespace.counters.get(id));
            }
        }
        seq_print!(file, "\n");
    }
}

/// Names a counter in the code.
#[derive(Clone, Copy)]
pub(crate) struct Id(usize);

/// All counters, in the order in which they are shown.
pub(crate) fn all() -> impl Iterator<Item = (Id, &'static Counter)> {
    (0..NUMBER).map(Id).zip(Iterator::chain(
        GENERAL.iter(),
        sched::COUNTERS.iter().flatten(),
    ))
}

/// Number of counters.
const NUMBER: usize = GENERAL.len() + sched::COUNTERS.len() * PER_SCHEDULER;

/// Counters for each scheduler.
pub(crate) const PER_SCHEDULER: usize = 9;

/// What is counted for each scheduler.
#[derive(Clone, Copy)]
pub(crate) enum Of {
    Opened,
    Closed,
    Sends,
    Waits,
    Retransmits,
    RedundantBytes,
    ReinjectedBytes,
    Penalties,
    Probes,
}

impl Id {
    /// The counter of a scheduler, by its number.
    pub(crate) const fn of(scheduler: u8, counter: Of) -> Self {
        Self(GENERAL.len() + scheduler as usize * PER_SCHEDULER + counter as usize)
    }
}

/// Declares the counters that are no scheduler's.
macro_rules! general {
    ($($id:ident: $name:literal, $help:literal,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Position {
            $($id,)*
        }

        $(pub(crate) const $id: Id = Id(Position::$id as usize);)*

        const GENERAL: [Counter; [$($name),*].len()] = [
            $(Counter { name: $name, help: $help },)*
        ];
    };
}

general! {
    RULE_MATCHES: c"RuleMatches", c"Connections that were given a scheduler by a rule.",
    RULE_MISSES: c"RuleMisses", c"Connections that no rule matched.",
    SCHEDULER_CHANGES: c"SchedulerChanges", c"Connections that were given another scheduler by connection-set.",
    CONFIG_CHANGES: c"ConfigChanges", c"Changes of knobs, rules, paths and migrations.",
    EVENTS_SENT: c"EventsSent", c"Events that were sent, whether or not each listener was quick enough for them.",
    MIGRATED: c"Migrated", c"Requests that were given to another listener, whoever chose it.",
    MIGRATE_HASH: c"MigrateHash", c"Heirs chosen by hash.",
    MIGRATE_SHORTEST: c"MigrateShortest", c"Heirs chosen by shortest.",
    MIGRATE_NEWEST: c"MigrateNewest", c"Heirs chosen by newest.",
    MIGRATE_SAME_CPU: c"MigrateSameCpu", c"Heirs chosen by same_cpu.",
    MIGRATE_SAME_NODE: c"MigrateSameNode", c"Heirs chosen by same_node.",
    MIGRATE_LABEL: c"MigrateLabel", c"Heirs chosen by label.",
    MIGRATE_SAME_CGROUP: c"MigrateSameCgroup", c"Heirs chosen by same_cgroup.",
    MIGRATE_OTHER_CGROUP: c"MigrateOtherCgroup", c"Heirs chosen by other_cgroup.",
    MIGRATE_DIFFERENT: c"MigrateDifferent", c"Heirs whose settings differ, of which settings_guard warned.",
    MIGRATE_NO_MEMBER: c"MigrateNoMember", c"Requests that found no other listener.",
    MIGRATE_REFUSED: c"MigrateRefused", c"Requests that the policy refuse gave to nobody.",
    MIGRATE_GUARD: c"MigrateGuard", c"Requests that settings_guard gave to nobody.",
    MIGRATE_HEIR_FULL: c"MigrateHeirFull", c"Requests for which there was no room in an accept queue.",
    MIGRATE_FORBIDDEN: c"MigrateForbidden", c"Requests that neither Heddle, nor a program, nor tcp_migrate_req gave to anybody.",
    MIGRATE_HEIR_DIED: c"MigrateHeirDied", c"Requests whose heir was being freed.",
    MIGRATE_HEIR_CLOSED: c"MigrateHeirClosed", c"Requests whose heir was closed meanwhile, and that were given to another one if there was one.",
    MIGRATE_CLONE_FAILED: c"MigrateCloneFailed", c"Requests for whose clone there was no memory.",
    MIGRATE_EXPIRED: c"MigrateExpired", c"Requests that had been answered as often as they may be.",
    MIGRATE_RACE_LOST: c"MigrateRaceLost", c"Requests that another CPU completed meanwhile.",
    PARKED: c"Parked", c"Listeners that went on after their program had closed them.",
    PARK_HANDED_OVER: c"ParkHandedOver", c"Listeners of those that were closed when another one was there to inherit.",
    PARK_EXPIRED: c"ParkExpired", c"Listeners of those that were closed since nobody else listened in time.",
    PARK_REFUSED: c"ParkRefused", c"Listeners that were closed at once, for want of room for them.",
    EVENTS_LOST: c"EventsLost", c"Events that could not be sent, for want of memory.",
    PM_CONNECTIONS: c"PmConnections", c"Connections and listeners that were given the path manager.",
    PM_ENDPOINTS: c"PmEndpoints", c"Subflows opened as the flags of the endpoints say, beside the in-kernel path manager.",
    PM_FULLMESH: c"PmFullmesh", c"Subflows opened by fullmesh.",
    PM_NDIFFPORTS: c"PmNdiffports", c"Subflows opened by ndiffports.",
    PM_INTERFACE: c"PmInterface", c"Subflows opened by interface.",
    PM_RETRIES: c"PmRetries", c"Subflows opened once more by pm.retry_ms.",
    PM_FAILED: c"PmFailed", c"Subflows that could not be opened.",
    PM_FULL: c"PmFull", c"Subflows not opened since there were as many as the limit allows.",
    PM_LOST: c"PmLost", c"Subflows that had been opened and were gone.",
    PM_CLOSED: c"PmClosed", c"Subflows closed since their interface or address was gone.",
    PM_REMEMBERED: c"PmRemembered", c"Announced addresses kept by pm.remember.",
    PM_DROPPED: c"PmDropped", c"Announced addresses for which there was no room.",
    PM_DEMOTED_RTT: c"PmDemotedRtt", c"Subflows made backups for their round-trip time.",
    PM_DEMOTED_LOSS: c"PmDemotedLoss", c"Subflows made backups for their loss.",
    PM_DEMOTED_CAPPED: c"PmDemotedCapped", c"Subflows made backups since their path had carried its cap.",
    PM_CLOSED_CAPPED: c"PmClosedCapped", c"Subflows closed since their path had carried its cap.",
    PM_PROMOTED: c"PmPromoted", c"Subflows that are backups no more.",
    PM_ANNOUNCED: c"PmAnnounced", c"Addresses that peers have announced.",
    PM_REMOVED: c"PmRemoved", c"Addresses that peers have removed.",
    PM_PRIORITIES: c"PmPriorities", c"Changes of priority that peers have asked for.",
}

/// The counter of the heirs that a policy chose.
pub(crate) fn chosen_by(policy: Policy) -> Id {
    match policy {
        Policy::Shortest => MIGRATE_SHORTEST,
        Policy::Newest => MIGRATE_NEWEST,
        Policy::SameCpu => MIGRATE_SAME_CPU,
        Policy::SameNode => MIGRATE_SAME_NODE,
        Policy::Label => MIGRATE_LABEL,
        Policy::SameCgroup => MIGRATE_SAME_CGROUP,
        Policy::OtherCgroup => MIGRATE_OTHER_CGROUP,
        // The other two choose nobody.
        Policy::Hash | Policy::Off | Policy::Refuse => MIGRATE_HASH,
    }
}

/// The counter of a reason why nobody was chosen.
pub(crate) fn why_nobody(reason: Reason) -> Id {
    match reason {
        Reason::NoMember => MIGRATE_NO_MEMBER,
        Reason::Refused => MIGRATE_REFUSED,
        Reason::Guard => MIGRATE_GUARD,
        Reason::Full => MIGRATE_HEIR_FULL,
    }
}

/// Declares the counters of a scheduler.
macro_rules! of_scheduler {
    ($name:expr) => {
        [
            $crate::counters::of_scheduler!($name, "Opened", "Connections that were given to it."),
            $crate::counters::of_scheduler!(
                $name,
                "Closed",
                "Connections of those that have ended, or were given to another one."
            ),
            $crate::counters::of_scheduler!(
                $name,
                "Sends",
                "Times it chose a subflow for new data."
            ),
            $crate::counters::of_scheduler!($name, "Waits", "Times it had nothing sent."),
            $crate::counters::of_scheduler!(
                $name,
                "Retransmits",
                "Times it named a subflow to repeat the data at the head of a connection."
            ),
            $crate::counters::of_scheduler!(
                $name,
                "RedundantBytes",
                "Bytes it had sent on another subflow as well, in case."
            ),
            $crate::counters::of_scheduler!(
                $name,
                "ReinjectedBytes",
                "Bytes it had sent on a faster subflow as well, since they blocked others."
            ),
            $crate::counters::of_scheduler!(
                $name,
                "Penalties",
                "Times it left half of its window to a subflow that held up the others."
            ),
            $crate::counters::of_scheduler!(
                $name,
                "Probes",
                "Packets that were sent to learn whether an unused subflow can carry any."
            ),
        ]
    };
    ($name:expr, $what:literal, $help:literal) => {
        $crate::counters::Counter {
            name: kernel::c_str!(concat!($name, $what)),
            help: kernel::c_str!(concat!($name, ": ", $help)),
        }
    };
}
pub(crate) use of_scheduler;
