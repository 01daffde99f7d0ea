// SPDX-License-Identifier: GPL-2.0

//! The rules of a network namespace, and what is known of a connection when they are looked up.

use crate::{
    namespace::Namespace,
    ordered::{Entry, Item, Ordered, Refused},
};
use core::ffi::CStr;
use heddle_core::{
    address::Address,
    decide::{
        pm::settings::Settings,
        rule::{self, Facts, Rule},
    },
    knob,
};
use heddle_kernel::mptcp::Connection;

/// Rules, each with the number of connections it has matched.
pub(crate) type Rules = Ordered<Rule>;

impl Item for Rule {
    const MAX: knob::Id = knob::RULES_MAX;
    const INHERITS: bool = false;

    fn priority(&self) -> u32 {
        self.priority
    }

    fn reason(why: &Refused) -> &'static CStr {
        match why {
            Refused::Exists => c"there is a rule of this priority: replace takes its place",
            Refused::Missing => c"there is no rule of this priority",
            Refused::Order => c"the rules do not come by ascending priority, each once",
            Refused::NoPriority => c"there is no priority left behind the last rule: give one",
            Refused::TooMany => c"there are as many rules as net.heddle.rules_max allows",
            Refused::Memory => c"no memory for the rules",
        }
    }
}

/// Cgroups that are looked at, from that of the socket upwards.
const DEPTH: usize = 32;

/// The scheduler that the rules of a namespace give to a connection, with the rule's priority.
pub(crate) fn scheduler(namespace: &Namespace, connection: &Connection<'_>) -> Option<(u8, u32)> {
    first(
        namespace,
        connection,
        |rule| rule.scheduler.is_some(),
        |entry| {
            entry.add(1);
            Some((entry.item.scheduler?, entry.item.priority))
        },
    )
}

/// What a rule says of the paths of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Managed {
    /// The rule's priority.
    pub(crate) priority: u32,
    pub(crate) settings: Settings,
}

/// What the rules of a namespace say of the paths of a connection, for which `before` was said
/// when it was looked up last.
pub(crate) fn managed(
    namespace: &Namespace,
    connection: &Connection<'_>,
    before: Option<&Managed>,
) -> Option<Managed> {
    first(
        namespace,
        connection,
        |rule| !rule.settings.is_empty(),
        |entry| {
            let found = Managed {
                priority: entry.item.priority,
                settings: entry.item.settings,
            };
            // A connection counts once: with its scheduler, if the rule has one.
            if entry.item.scheduler.is_none() && before != Some(&found) {
                entry.add(1);
            }
            Some(found)
        },
    )
}

/// What `take` makes of the first rule that holds for a connection, of those that `is_for` lets
/// through.
fn first<R>(
    namespace: &Namespace,
    connection: &Connection<'_>,
    is_for: impl Fn(&Rule) -> bool,
    take: impl FnOnce(&Entry<Rule>) -> Option<R>,
) -> Option<R> {
    namespace.rules(|rules| {
        let mut rules = rules.iter().filter(|it| is_for(&it.item)).peekable();
        // Nothing is looked at without need.
        rules.peek()?;
        let ends = connection.endpoints();
        let mut cgroups = [0; DEPTH];
        let facts = Facts {
            local: Address::from_bytes(ends.local())?,
            local_port: ends.local_port,
            remote: Address::from_bytes(ends.remote())?,
            remote_port: ends.remote_port,
            uid: connection.uid(),
            mark: connection.mark(),
            cgroups: connection.cgroups(&mut cgroups),
        };
        let (_, entry) = rule::first(rules, &facts)?;
        take(entry)
    })
}
