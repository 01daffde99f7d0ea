// SPDX-License-Identifier: GPL-2.0

//! Migrations: policies for some listeners, in the place of those of the network namespace.
//!
//! A [`Migration`] asks [`Conditions`] of the listener that is closed. The migrations of a network
//! namespace are sorted by ascending priority, and [`first`] is the one that counts.

use super::Policies;
use crate::{
    address::{Address, Prefix},
    decide::rule::Ports,
};

/// What a migration asks of a listener. All of it must hold; a condition that is `None` always
/// does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Its cookie (`SO_COOKIE`).
    pub cookie: Option<u64>,
    /// The network that the address it is bound to is in. One that is bound to no address of IPv4
    /// is bound to 0.0.0.0, one of IPv6 to ::.
    pub local: Option<Prefix>,
    /// The ports it may be bound to.
    pub ports: Option<Ports>,
}

impl Conditions {
    /// Whether all of them hold for a listener.
    pub fn hold(&self, facts: &Facts) -> bool {
        self.cookie.is_none_or(|cookie| cookie == facts.cookie)
            && self.ports.is_none_or(|ports| ports.contains(facts.port))
            && self
                .local
                .is_none_or(|prefix| prefix.contains(&facts.local))
    }
}

/// Policies for the listeners for which some conditions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its place among the migrations, and its name: the lowest is looked at first. At most
    /// 2147483647.
    pub priority: u32,
    /// What it asks of a listener.
    pub conditions: Conditions,
    /// Who decides for what such a listener leaves behind.
    pub policies: Policies,
}

impl AsRef<Migration> for Migration {
    fn as_ref(&self) -> &Migration {
        self
    }
}

/// What is known of a listener when a migration is looked up for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its cookie (`SO_COOKIE`).
    pub cookie: u64,
    /// The address it is bound to.
    pub local: Address,
    /// The port it is bound to, in host byte order.
    pub port: u16,
}

/// The first migration that holds for a listener.
///
/// `migrations` are sorted by ascending priority. Each is looked at once at most. What they are
/// kept in may hold more than the migration, such as a counter beside it: `AsRef` says where the
/// migration is.
pub fn first<'m, T>(migrations: impl IntoIterator<Item = &'m T>, facts: &Facts) -> Option<&'m T>
where
    T: AsRef<Migration> + 'm,
{
    migrations
        .into_iter()
        .find(|migration| migration.as_ref().conditions.hold(facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::testing::{any_address, any_prefix};
    use crate::decide::{migrate::testing::any_policies, naive};
    use proptest::prelude::*;

    const FACTS: Facts = Facts {
        cookie: 17,
        local: Address::V4([192, 0, 2, 1]),
        port: 443,
    };

    fn v4(address: [u8; 4], bits: u8) -> Option<Prefix> {
        Some(Prefix::new(Address::V4(address), bits).expect("a network"))
    }

    #[test]
    fn each_condition_holds_and_fails_on_its_own() {
        let none = Conditions::default();
        assert!(none.hold(&FACTS));
        for (cookie, holds) in [(17, true), (18, false)] {
            let cookie = Some(cookie);
            assert_eq!(Conditions { cookie, ..none }.hold(&FACTS), holds);
        }
        for (local, holds) in [
            (v4([192, 0, 2, 1], 32), true),
            (v4([192, 0, 2, 0], 24), true),
            (v4([192, 0, 3, 0], 24), false),
        ] {
            assert_eq!(Conditions { local, ..none }.hold(&FACTS), holds);
        }
        for (min, max, holds) in [(443, 443, true), (1, 1023, true), (444, 500, false)] {
            let ports = Some(Ports::new(min, max).expect("a range"));
            assert_eq!(Conditions { ports, ..none }.hold(&FACTS), holds);
        }
    }

    #[test]
    fn a_family_is_all_of_its_addresses() {
        let all = Conditions {
            local: v4([0, 0, 0, 0], 0),
            ..Conditions::default()
        };
        let any = Address::V4([0; 4]);
        assert!(all.hold(&Facts {
            local: any,
            ..FACTS
        }));
        let any = Address::V6([0; 16]);
        assert!(!all.hold(&Facts {
            local: any,
            ..FACTS
        }));
    }

    proptest! {
        #[test]
        fn the_first_one_that_holds_counts(
            which in prop::collection::vec(
                (
                    prop::option::of(0..3u64),
                    prop::option::of(any_prefix()),
                    prop::option::of(440..446u16),
                    any_policies(),
                ),
                0..8,
            ),
            cookie in 0..3u64,
            local in any_address(),
            port in 440..446u16,
        ) {
            let facts = Facts { cookie, local, port };
            let migrations: Vec<_> = (0..)
                .zip(&which)
                .map(|(priority, (cookie, local, port, policies))| Migration {
                    priority,
                    conditions: Conditions {
                        cookie: *cookie,
                        local: *local,
                        ports: port.map(|port| Ports::new(port, port).expect("a range")),
                    },
                    policies: *policies,
                })
                .collect();
            let expected = migrations.iter().position(|it| naive::migration(&it.conditions, &facts));
            let found = first(&migrations, &facts).map(|it| it.priority as usize);
            prop_assert_eq!(found, expected);
        }
    }
}
