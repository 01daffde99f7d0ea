// SPDX-License-Identifier: GPL-2.0

//! Rules: which scheduler a connection is given, and which settings of the path manager, by what
//! is known of it.
//!
//! A [`Rule`] asks [`Conditions`] of a connection, and names a scheduler, or settings, or both. The
//! rules of a network namespace are sorted by ascending priority, and [`first`] is the one that
//! counts, of those that name what is looked for. Every part of a condition is checked when it is
//! made, so a lookup has nothing left to refuse.

use crate::{
    address::{Address, Prefix},
    decide::pm::settings::Settings,
};
use core::ffi::CStr;

/// What is wrong with a part of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// The lowest port of a range is above its highest.
    PortOrder,
    /// The mask of a mark has no bits, so that every connection would have that mark.
    EmptyMask,
    /// A mark has bits set that are not in its mask, so that no connection could have it.
    BitsOutsideMask,
}

impl Invalid {
    /// Why, in words for the person who made the rule: without a capital letter or a full stop, as
    /// the extended acknowledgment of netlink has it.
    pub const fn reason(&self) -> &'static CStr {
        match self {
            Self::PortOrder => c"the lowest port is above the highest",
            Self::EmptyMask => c"the mask of the mark is 0",
            Self::BitsOutsideMask => c"bits of the mark are set outside its mask",
        }
    }
}

/// A range of ports, with both of its ends.
///
/// # Invariants
///
/// The lowest port is not above the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    min: u16,
    max: u16,
}

impl Ports {
    /// The ports from `min` to `max`, in host byte order. One port is a range from it to itself.
    ///
    /// # Errors
    ///
    /// [`Invalid::PortOrder`] if `min` is above `max`.
    pub const fn new(min: u16, max: u16) -> Result<Self, Invalid> {
        if min > max {
            return Err(Invalid::PortOrder);
        }
        Ok(Self { min, max })
    }

    /// The lowest port of the range.
    pub const fn min(&self) -> u16 {
        self.min
    }

    /// The highest port of the range.
    pub const fn max(&self) -> u16 {
        self.max
    }

    /// Whether a port is in the range.
    pub const fn contains(&self, port: u16) -> bool {
        self.min <= port && port <= self.max
    }
}

/// Some bits of the mark of a socket (`SO_MARK`).
///
/// # Invariants
///
/// The mask is not 0, and the value has no bits outside the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    value: u32,
    mask: u32,
}

impl Mark {
    /// The marks whose bits of `mask` are those of `value`. A `mask` of all bits asks for one mark.
    ///
    /// # Errors
    ///
    /// [`Invalid::EmptyMask`] if `mask` is 0, [`Invalid::BitsOutsideMask`] if `value` has other
    /// bits than `mask`.
    pub const fn new(value: u32, mask: u32) -> Result<Self, Invalid> {
        if mask == 0 {
            return Err(Invalid::EmptyMask);
        }
        if value & !mask != 0 {
            return Err(Invalid::BitsOutsideMask);
        }
        Ok(Self { value, mask })
    }

    /// The bits that a mark must have. Those outside the mask are 0.
    pub const fn value(&self) -> u32 {
        self.value
    }

    /// The bits of a mark that count.
    pub const fn mask(&self) -> u32 {
        self.mask
    }

    /// Whether a mark is one of these.
    pub const fn contains(&self, mark: u32) -> bool {
        mark & self.mask == self.value
    }
}

/// What a rule asks of a connection. All of it must hold; a condition that is `None` always does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The network this end is in.
    pub local: Option<Prefix>,
    /// The ports of this end.
    pub local_ports: Option<Ports>,
    /// The network the other end is in.
    pub remote: Option<Prefix>,
    /// The ports of the other end.
    pub remote_ports: Option<Ports>,
    /// The user that owns the socket, as the kernel numbers it.
    pub uid: Option<u32>,
    /// Number of the cgroup (v2) that the socket was made in, or of one above it.
    pub cgroup: Option<u64>,
    /// The mark of the socket.
    pub mark: Option<Mark>,
}

impl Conditions {
    /// Whether all of them hold for a connection.
    pub fn hold(&self, facts: &Facts<'_>) -> bool {
        // The cheapest comes first. That of the cgroups is a walk over them.
        self.uid.is_none_or(|uid| uid == facts.uid)
            && self.mark.is_none_or(|mark| mark.contains(facts.mark))
            && self
                .local_ports
                .is_none_or(|ports| ports.contains(facts.local_port))
            && self
                .remote_ports
                .is_none_or(|ports| ports.contains(facts.remote_port))
            && self
                .local
                .is_none_or(|prefix| prefix.contains(&facts.local))
            && self
                .remote
                .is_none_or(|prefix| prefix.contains(&facts.remote))
            && self
                .cgroup
                .is_none_or(|cgroup| facts.cgroups.contains(&cgroup))
    }
}

/// A scheduler, or settings of the path manager, for the connections for which some conditions
/// hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its place among the rules, and its name: the lowest is looked at first. At most 2147483647.
    pub priority: u32,
    /// What it asks of a connection.
    pub conditions: Conditions,
    /// Number of the scheduler in the module's list.
    pub scheduler: Option<u8>,
    /// What it says of paths.
    pub settings: Settings,
}

impl AsRef<Rule> for Rule {
    fn as_ref(&self) -> &Rule {
        self
    }
}

/// What is known of a connection when a rule is looked up for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Address of this end.
    pub local: Address,
    /// Port of this end, in host byte order.
    pub local_port: u16,
    /// Address of the other end.
    pub remote: Address,
    /// Port of the other end, in host byte order.
    pub remote_port: u16,
    /// The user that owns the socket, as the kernel numbers it.
    pub uid: u32,
    /// Mark of the socket (`SO_MARK`).
    pub mark: u32,
    /// Numbers of the cgroup (v2) that the socket was made in and of all above it, in any order.
    pub cgroups: &'a [u64],
}

/// The first rule that holds for a connection, with its position.
///
/// `rules` are sorted by ascending priority. Each is looked at once at most. What they are kept in
/// may hold more than the rule, such as a counter beside it: `AsRef` says where the rule is.
pub fn first<'r, T>(
    rules: impl IntoIterator<Item = &'r T>,
    facts: &Facts<'_>,
) -> Option<(usize, &'r T)>
where
    T: AsRef<Rule> + 'r,
{
    // A range with an end cannot overflow, so that counting cannot panic.
    (0..usize::MAX)
        .zip(rules)
        .find(|(_, rule)| rule.as_ref().conditions.hold(facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        address::testing::{any_address, any_prefix},
        decide::naive,
        knob,
    };
    use core::cell::Cell;
    use proptest::prelude::*;

    const FACTS: Facts<'static> = Facts {
        local: Address::V4([192, 0, 2, 1]),
        local_port: 443,
        remote: Address::V4([198, 51, 100, 7]),
        remote_port: 50_000,
        uid: 1000,
        mark: 0x0012,
        cgroups: &[300, 20, 1],
    };

    fn v4(address: [u8; 4], bits: u8) -> Option<Prefix> {
        Some(Prefix::new(Address::V4(address), bits).expect("a valid prefix"))
    }

    fn ports(min: u16, max: u16) -> Option<Ports> {
        Some(Ports::new(min, max).expect("a valid range"))
    }

    fn mark(value: u32, mask: u32) -> Option<Mark> {
        Some(Mark::new(value, mask).expect("a valid mark"))
    }

    fn rule(priority: u32, conditions: Conditions) -> Rule {
        Rule {
            priority,
            conditions,
            scheduler: Some(0),
            settings: Settings::default(),
        }
    }

    #[test]
    fn a_rule_without_conditions_holds_for_all() {
        assert!(Conditions::default().hold(&FACTS));
    }

    #[test]
    fn each_condition_holds_and_fails_on_its_own() {
        let none = Conditions::default();
        let holding = [
            Conditions {
                local: v4([192, 0, 2, 0], 24),
                ..none
            },
            Conditions {
                local_ports: ports(443, 443),
                ..none
            },
            Conditions {
                remote: v4([198, 51, 100, 7], 32),
                ..none
            },
            Conditions {
                remote_ports: ports(49_152, 65_535),
                ..none
            },
            Conditions {
                uid: Some(1000),
                ..none
            },
            Conditions {
                cgroup: Some(20),
                ..none
            },
            Conditions {
                mark: mark(0x10, 0xf0),
                ..none
            },
        ];
        let failing = [
            Conditions {
                local: v4([192, 0, 3, 0], 24),
                ..none
            },
            Conditions {
                local_ports: ports(444, 65_535),
                ..none
            },
            Conditions {
                remote: v4([192, 0, 2, 1], 32),
                ..none
            },
            Conditions {
                remote_ports: ports(0, 49_999),
                ..none
            },
            Conditions {
                uid: Some(0),
                ..none
            },
            Conditions {
                cgroup: Some(2),
                ..none
            },
            Conditions {
                mark: mark(0x20, 0xf0),
                ..none
            },
        ];
        for conditions in holding {
            assert!(conditions.hold(&FACTS), "{conditions:?}");
        }
        for conditions in failing {
            assert!(!conditions.hold(&FACTS), "{conditions:?}");
        }
    }

    #[test]
    fn one_condition_that_fails_is_enough() {
        let conditions = Conditions {
            local: v4([192, 0, 2, 0], 24),
            uid: Some(1001),
            ..Conditions::default()
        };
        assert!(!conditions.hold(&FACTS));
    }

    #[test]
    fn a_v4_rule_holds_for_a_v4_connection_of_a_v6_socket() {
        let mut mapped = [0; 16];
        mapped[10..].copy_from_slice(&[0xff, 0xff, 192, 0, 2, 1]);
        let conditions = Conditions {
            local: v4([192, 0, 2, 0], 24),
            ..Conditions::default()
        };
        for local in [
            Address::V6(mapped),
            Address::from_bytes(&mapped).expect("16 bytes"),
        ] {
            assert!(conditions.hold(&Facts { local, ..FACTS }));
        }
    }

    #[test]
    fn a_connection_without_cgroups_is_in_none() {
        let conditions = Conditions {
            cgroup: Some(0),
            ..Conditions::default()
        };
        assert!(!conditions.hold(&Facts {
            cgroups: &[],
            ..FACTS
        }));
    }

    #[test]
    fn port_0_can_be_either_end_of_a_range() {
        let zero = Ports::new(0, 0).expect("a range");
        assert!(zero.contains(0));
        assert!(!zero.contains(1));
        let all = Ports::new(0, 65_535).expect("a range");
        assert!(all.contains(0) && all.contains(65_535));
    }

    #[test]
    fn port_65535_can_be_either_end_of_a_range() {
        let last = Ports::new(65_535, 65_535).expect("a range");
        assert!(last.contains(65_535));
        assert!(!last.contains(65_534) && !last.contains(0));
    }

    #[test]
    fn a_range_of_ports_does_not_run_backwards() {
        assert_eq!(Ports::new(1, 0), Err(Invalid::PortOrder));
        assert_eq!(Ports::new(65_535, 0), Err(Invalid::PortOrder));
    }

    #[test]
    fn a_mask_of_0_is_refused() {
        assert_eq!(Mark::new(0, 0), Err(Invalid::EmptyMask));
        assert_eq!(Mark::new(1, 0), Err(Invalid::EmptyMask));
    }

    #[test]
    fn bits_outside_the_mask_are_refused() {
        assert_eq!(Mark::new(0x10, 0x0f), Err(Invalid::BitsOutsideMask));
        assert_eq!(Mark::new(1, !1), Err(Invalid::BitsOutsideMask));
        assert_eq!(Mark::new(1 << 31, 1), Err(Invalid::BitsOutsideMask));
        assert_eq!(
            Mark::new(u32::MAX, u32::MAX >> 1),
            Err(Invalid::BitsOutsideMask)
        );
    }

    #[test]
    fn a_mask_of_all_bits_asks_for_one_mark() {
        let mark = Mark::new(0, u32::MAX).expect("a mark");
        assert!(mark.contains(0));
        assert!(!mark.contains(1) && !mark.contains(1 << 31));
    }

    #[test]
    fn the_first_rule_that_holds_counts() {
        let other_user = Conditions {
            uid: Some(0),
            ..Conditions::default()
        };
        let rules = [
            rule(10, other_user),
            rule(20, Conditions::default()),
            rule(30, Conditions::default()),
        ];
        assert_eq!(first(&rules, &FACTS), Some((1, &rules[1])));
        assert_eq!(first(&rules[..1], &FACTS), None);
        assert_eq!(first::<Rule>(&[], &FACTS), None);
    }

    #[test]
    fn what_is_looked_for_may_be_in_different_rules() {
        let mut paths = rule(10, Conditions::default());
        paths.scheduler = None;
        paths
            .settings
            .set(&[knob::PM_MESH], knob::PM_MESH, 1)
            .expect("a setting");
        let rules = [paths, rule(20, Conditions::default())];
        let schedulers = rules.iter().filter(|it| it.scheduler.is_some());
        assert_eq!(first(schedulers, &FACTS), Some((0, &rules[1])));
        let settings = rules.iter().filter(|it| !it.settings.is_empty());
        assert_eq!(first(settings, &FACTS), Some((0, &rules[0])));
    }

    #[test]
    fn a_rule_may_have_a_counter_beside_it() {
        struct Counted(Rule, Cell<u64>);
        impl AsRef<Rule> for Counted {
            fn as_ref(&self) -> &Rule {
                &self.0
            }
        }
        let rules = vec![Counted(rule(10, Conditions::default()), Cell::new(0))];
        let (position, counted) = first(&rules, &FACTS).expect("it holds");
        counted.1.set(counted.1.get() + 1);
        assert_eq!((position, rules[0].1.get()), (0, 1));
    }

    #[test]
    fn each_reason_is_one_of_its_own() {
        let mut reasons = vec![
            Invalid::PortOrder.reason(),
            Invalid::EmptyMask.reason(),
            Invalid::BitsOutsideMask.reason(),
        ];
        let count = reasons.len();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), count);
    }

    prop_compose! {
        fn any_ports()(one in 0..8u16, other in prop_oneof![0..8u16, any::<u16>()]) -> Ports {
            Ports::new(one.min(other), one.max(other)).expect("in order")
        }
    }

    prop_compose! {
        fn any_mark()(value: u32, mask in prop_oneof![1..4u32, 1..=u32::MAX]) -> Mark {
            Mark::new(value & mask, mask).expect("within the mask")
        }
    }

    prop_compose! {
        // Of a small world, so that a good part of them holds.
        fn any_conditions()(
            local in prop::option::weighted(0.3, any_prefix()),
            local_ports in prop::option::weighted(0.3, any_ports()),
            remote in prop::option::weighted(0.3, any_prefix()),
            remote_ports in prop::option::weighted(0.3, any_ports()),
            uid in prop::option::weighted(0.3, 0..3u32),
            cgroup in prop::option::weighted(0.3, 0..6u64),
            mark in prop::option::weighted(0.3, any_mark()),
        ) -> Conditions {
            Conditions { local, local_ports, remote, remote_ports, uid, cgroup, mark }
        }
    }

    prop_compose! {
        fn any_facts()(
            local in any_address(),
            local_port in prop_oneof![0..8u16, any::<u16>()],
            remote in any_address(),
            remote_port in prop_oneof![0..8u16, any::<u16>()],
            uid in 0..3u32,
            mark in prop_oneof![0..4u32, any::<u32>()],
        ) -> Facts<'static> {
            Facts { local, local_port, remote, remote_port, uid, mark, cgroups: &[] }
        }
    }

    proptest! {
        #[test]
        fn conditions_hold_when_the_model_says_so(
            conditions in any_conditions(),
            facts in any_facts(),
            cgroups in prop::collection::vec(0..6u64, 0..5),
        ) {
            let facts = Facts { cgroups: &cgroups, ..facts };
            prop_assert_eq!(conditions.hold(&facts), naive::rule(&conditions, &facts));
        }

        #[test]
        fn another_condition_never_makes_a_rule_hold_for_more(
            conditions in any_conditions(),
            facts in any_facts(),
        ) {
            if conditions.hold(&facts) {
                for weaker in [
                    Conditions { local: None, ..conditions },
                    Conditions { local_ports: None, ..conditions },
                    Conditions { remote: None, ..conditions },
                    Conditions { remote_ports: None, ..conditions },
                    Conditions { uid: None, ..conditions },
                    Conditions { cgroup: None, ..conditions },
                    Conditions { mark: None, ..conditions },
                ] {
                    prop_assert!(weaker.hold(&facts));
                }
            }
        }

        #[test]
        fn the_rule_that_is_found_holds_and_none_before_it_does(
            conditions in prop::collection::vec(any_conditions(), 0..20),
            facts in any_facts(),
            cgroups in prop::collection::vec(0..6u64, 0..5),
        ) {
            let facts = Facts { cgroups: &cgroups, ..facts };
            let rules: Vec<Rule> = (0..).zip(conditions).map(|(i, c)| rule(i, c)).collect();
            let holding: Vec<u32> = rules
                .iter()
                .filter(|rule| naive::rule(&rule.conditions, &facts))
                .map(|rule| rule.priority)
                .collect();
            let found = first(&rules, &facts);
            prop_assert_eq!(found.map(|(_, rule)| rule.priority), holding.iter().min().copied());
            if let Some((position, rule)) = found {
                prop_assert_eq!(&rules[position], rule);
            }
        }

        #[test]
        fn a_range_is_made_if_its_ends_are_in_order(min: u16, max: u16, port: u16) {
            match Ports::new(min, max) {
                Ok(ports) => {
                    prop_assert!(min <= max);
                    prop_assert_eq!((ports.min(), ports.max()), (min, max));
                    prop_assert_eq!(ports.contains(port), (min..=max).contains(&port));
                }
                Err(invalid) => {
                    prop_assert!(min > max);
                    prop_assert_eq!(invalid, Invalid::PortOrder);
                }
            }
        }

        #[test]
        fn a_mark_that_is_made_can_be_had(value: u32, mask: u32, rest: u32) {
            if let Ok(mark) = Mark::new(value, mask) {
                prop_assert_eq!((mark.value(), mark.mask()), (value, mask));
                prop_assert!(mark.contains(value | (rest & !mask)));
            } else {
                prop_assert!(mask == 0 || value | mask != mask);
            }
            if let Ok(mark) = Mark::new(value & mask, mask) {
                prop_assert!(mark.contains(value));
                for bit in (0..32).map(|i| 1 << i) {
                    prop_assert_eq!(mark.contains(value ^ bit), mask & bit == 0);
                }
            }
        }
    }
}
