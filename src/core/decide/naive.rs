// SPDX-License-Identifier: GPL-2.0

//! What the conditions of rules, paths and migrations mean, spelled out in wide numbers: a model
//! for tests.

#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use super::{
    migrate::migration,
    path,
    rule::{self, Ports},
};
use crate::address::{testing::naive_contains, Address, Prefix};

fn address(prefix: Option<Prefix>, address: &Address) -> bool {
    match prefix {
        None => true,
        Some(prefix) => naive_contains(&prefix.address(), prefix.bits(), address),
    }
}

fn port(ports: Option<Ports>, port: u16) -> bool {
    match ports {
        None => true,
        Some(ports) => {
            (u128::from(ports.min())..=u128::from(ports.max())).contains(&u128::from(port))
        }
    }
}

/// Whether the conditions of a rule hold.
pub fn rule(conditions: &rule::Conditions, facts: &rule::Facts<'_>) -> bool {
    let bit = |number: u32, bit: u32| u128::from(number) / 2u128.pow(bit) % 2;
    let mark = match conditions.mark {
        None => true,
        Some(mark) => (0..32)
            .filter(|&i| bit(mark.mask(), i) == 1)
            .all(|i| bit(mark.value(), i) == bit(facts.mark, i)),
    };
    let mut cgroup = conditions.cgroup.is_none();
    for one in facts.cgroups {
        cgroup |= conditions.cgroup == Some(*one);
    }
    address(conditions.local, &facts.local)
        && address(conditions.remote, &facts.remote)
        && port(conditions.local_ports, facts.local_port)
        && port(conditions.remote_ports, facts.remote_port)
        && (conditions.uid.is_none() || conditions.uid == Some(facts.uid))
        && mark
        && cgroup
}

/// Whether the conditions of a path hold.
pub fn path(conditions: &path::Conditions, facts: &path::Facts) -> bool {
    let interface = match (conditions.interface, facts.interface) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wanted), Some(is)) => wanted.name() == is.name(),
    };
    interface
        && address(conditions.local, &facts.local)
        && address(conditions.remote, &facts.remote)
}

/// Whether the conditions of a migration hold.
pub fn migration(conditions: &migration::Conditions, facts: &migration::Facts) -> bool {
    address(conditions.local, &facts.local)
        && port(conditions.ports, facts.port)
        && (conditions.cookie.is_none() || conditions.cookie == Some(facts.cookie))
}
