// SPDX-License-Identifier: GPL-2.0

//! The rules of a network namespace, and what is known of a connection when they are looked up.

use crate::{
    namespace::Namespace,
    ordered::{Item, Ordered, Refused},
};
use core::ffi::CStr;
use heddle_core::{
    address::Address,
    decide::rule::{self, Facts, Rule},
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
pub(crate) fn lookup(namespace: &Namespace, connection: &Connection<'_>) -> Option<(u8, u32)> {
    namespace.rules(|rules| {
        if rules.len() == 0 {
            return None;
        }
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
        let (_, entry) = rule::first(rules.iter(), &facts)?;
        entry.add(1);
        Some((entry.item.scheduler, entry.item.priority))
    })
}
