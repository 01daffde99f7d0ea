// SPDX-License-Identifier: GPL-2.0

//! Paths: what a scheduler is told of a subflow beyond what TCP knows, by where its packets go.
//!
//! A [`Path`] asks [`Conditions`] of a subflow and has settings for those for which they hold: a
//! weight, a cost, and a cap, and [some](managed::OF_PATHS) of the path manager. The paths of a
//! network namespace are sorted by ascending priority, and [`first`] is the one that counts. What
//! the settings mean is for each scheduler to say.

use crate::{
    address::{Address, Prefix},
    decide::pm::settings as managed,
};
use core::ffi::CStr;

/// The highest weight.
pub const WEIGHT_MAX: u32 = 1000;
/// The highest cost.
pub const COST_MAX: u32 = 255;
/// The cap of a path that has none.
pub const NO_CAP: u64 = u64::MAX;

/// Bytes of the longest name of an interface.
const NAME: usize = 15;

/// What is wrong with the name of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It is empty, or too long.
    NameLength,
    /// The kernel takes no such name.
    Name,
}

impl Invalid {
    /// Why, in words for the person who wrote it: without a capital letter or a full stop, as the
    /// extended acknowledgment of netlink has it.
    pub const fn reason(&self) -> &'static CStr {
        match self {
            Self::NameLength => c"the name of an interface has 1 to 15 bytes",
            Self::Name => c"no interface can have this name",
        }
    }
}

/// The name of an interface.
///
/// # Invariants
///
/// It has 1 to 15 bytes, none of which is NUL; the rest of the array is NUL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface([u8; NAME + 1]);

impl Interface {
    /// The interface of a name.
    ///
    /// # Errors
    ///
    /// [`Invalid::NameLength`], and [`Invalid::Name`] if it is one that no interface can have.
    pub fn new(name: &[u8]) -> Result<Self, Invalid> {
        if name.is_empty() || name.len() > NAME {
            return Err(Invalid::NameLength);
        }
        // As dev_valid_name() has it, to which the byte 0xa0 is a space, too.
        let is_wrong = |byte: &u8| matches!(*byte, 0 | b'/' | b':' | b' ' | 9..=13 | 0xa0);
        if name.iter().any(is_wrong) || name == b"." || name == b".." {
            return Err(Invalid::Name);
        }
        let mut padded = [0; NAME + 1];
        for (to, from) in padded.iter_mut().zip(name) {
            *to = *from;
        }
        Ok(Self(padded))
    }

    /// Its name.
    pub fn name(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or_default()
    }
}

/// What a path asks of a subflow. All of it must hold; a condition that is `None` always does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The interface its packets leave by.
    pub interface: Option<Interface>,
    /// The network this end is in.
    pub local: Option<Prefix>,
    /// The network the other end is in.
    pub remote: Option<Prefix>,
}

impl Conditions {
    /// Whether all of them hold for a subflow.
    pub fn hold(&self, facts: &Facts) -> bool {
        self.interface
            .is_none_or(|interface| facts.interface == Some(interface))
            && self
                .local
                .is_none_or(|prefix| prefix.contains(&facts.local))
            && self
                .remote
                .is_none_or(|prefix| prefix.contains(&facts.remote))
    }
}

/// Settings for the subflows for which some conditions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its place among the paths, and its name: the lowest is looked at first. At most 2147483647.
    pub priority: u32,
    /// What it asks of a subflow.
    pub conditions: Conditions,
    /// Its share of the bytes, at most [`WEIGHT_MAX`]. 0 is for what no other path takes.
    pub weight: u32,
    /// Its place in the order of costs, at most [`COST_MAX`]: the lowest comes first.
    pub cost: u32,
    /// Bytes after which it is off; [`NO_CAP`] is none.
    pub cap: u64,
    /// Bytes that it has carried before it was set up here, at least.
    pub used: u64,
    /// What it says to the path manager.
    pub managed: managed::Settings,
}

impl Path {
    /// What it says to a scheduler.
    pub const fn settings(&self) -> Settings {
        Settings {
            priority: Some(self.priority),
            weight: self.weight,
            cost: self.cost,
            cap: self.cap,
        }
    }
}

impl AsRef<Path> for Path {
    fn as_ref(&self) -> &Path {
        self
    }
}

/// What a scheduler is told of a subflow's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The path, as which its use is counted; `None` if no path is configured for the subflow.
    pub priority: Option<u32>,
    /// Its share of the bytes, at most [`WEIGHT_MAX`].
    pub weight: u32,
    /// Its place in the order of costs, at most [`COST_MAX`].
    pub cost: u32,
    /// Bytes after which it is off; [`NO_CAP`] is none.
    pub cap: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            priority: None,
            weight: 1,
            cost: 0,
            cap: NO_CAP,
        }
    }
}

impl Settings {
    /// Whether a path that carried so many bytes is off: it has reached its cap.
    pub const fn is_over_cap(&self, used: u64) -> bool {
        self.cap != NO_CAP && used >= self.cap
    }
}

/// What is known of a subflow when its path is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The interface its packets leave by, if that is known.
    pub interface: Option<Interface>,
    /// Address of this end.
    pub local: Address,
    /// Address of the other end.
    pub remote: Address,
}

/// The first path that holds for a subflow.
///
/// `paths` are sorted by ascending priority. Each is looked at once at most. What they are kept in
/// may hold more than the path, such as a counter beside it: `AsRef` says where the path is.
pub fn first<'p, T>(paths: impl IntoIterator<Item = &'p T>, facts: &Facts) -> Option<&'p T>
where
    T: AsRef<Path> + 'p,
{
    paths
        .into_iter()
        .find(|path| path.as_ref().conditions.hold(facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::testing::{any_address, any_prefix};
    use crate::decide::naive;
    use proptest::prelude::*;

    fn interface(name: &str) -> Interface {
        Interface::new(name.as_bytes()).expect("a name")
    }

    fn facts() -> Facts {
        Facts {
            interface: Some(interface("wlan0")),
            local: Address::V4([192, 0, 2, 1]),
            remote: Address::V4([198, 51, 100, 7]),
        }
    }

    fn v4(address: [u8; 4], bits: u8) -> Option<Prefix> {
        Some(Prefix::new(Address::V4(address), bits).expect("a network"))
    }

    fn path(priority: u32, conditions: Conditions) -> Path {
        Path {
            priority,
            conditions,
            weight: 3,
            cost: 4,
            cap: 5,
            used: 0,
            managed: managed::Settings::NONE,
        }
    }

    #[test]
    fn a_name_has_1_to_15_bytes() {
        for length in 0..40 {
            let name = vec![b'x'; length];
            match Interface::new(&name) {
                Ok(made) => {
                    assert!((1..=15).contains(&length));
                    assert_eq!(made.name().to_bytes(), name);
                }
                Err(why) => {
                    assert!(!(1..=15).contains(&length));
                    assert_eq!(why, Invalid::NameLength);
                }
            }
        }
    }

    #[test]
    fn a_name_is_one_that_the_kernel_takes() {
        for name in ["eth0", "wwan0.7", "...", "veth@if3", "a-b_c", "\u{e4}"] {
            assert!(Interface::new(name.as_bytes()).is_ok(), "{name}");
        }
        for name in [
            &b"."[..],
            b"..",
            b"eth0:1",
            b"a/b",
            b"a b",
            b"a\tb",
            b"a\x0bb",
            b"a\n",
            b"a\0",
            b"\0",
            b"a\xa0b",
        ] {
            assert_eq!(Interface::new(name), Err(Invalid::Name), "{name:?}");
        }
    }

    #[test]
    fn names_differ_in_their_last_byte_and_in_their_length() {
        assert_ne!(interface("eth0"), interface("eth1"));
        assert_ne!(interface("eth1"), interface("eth10"));
        assert_eq!(interface("eth1"), interface("eth1"));
    }

    #[test]
    fn each_reason_is_one_of_its_own() {
        assert_ne!(Invalid::NameLength.reason(), Invalid::Name.reason());
    }

    #[test]
    fn a_path_without_conditions_holds_for_all() {
        let none = Conditions::default();
        assert!(none.hold(&facts()));
        assert!(none.hold(&Facts {
            interface: None,
            ..facts()
        }));
    }

    #[test]
    fn each_condition_holds_and_fails_on_its_own() {
        let none = Conditions::default();
        for (holds, conditions) in [
            (
                true,
                Conditions {
                    interface: Some(interface("wlan0")),
                    ..none
                },
            ),
            (
                false,
                Conditions {
                    interface: Some(interface("wlan1")),
                    ..none
                },
            ),
            (
                true,
                Conditions {
                    local: v4([192, 0, 2, 0], 24),
                    ..none
                },
            ),
            (
                false,
                Conditions {
                    local: v4([198, 51, 100, 7], 32),
                    ..none
                },
            ),
            (
                true,
                Conditions {
                    remote: v4([198, 51, 100, 7], 32),
                    ..none
                },
            ),
            (
                false,
                Conditions {
                    remote: v4([192, 0, 2, 0], 24),
                    ..none
                },
            ),
        ] {
            assert_eq!(conditions.hold(&facts()), holds, "{conditions:?}");
        }
    }

    #[test]
    fn a_subflow_whose_interface_is_not_known_has_none() {
        let conditions = Conditions {
            interface: Some(interface("wlan0")),
            ..Conditions::default()
        };
        assert!(!conditions.hold(&Facts {
            interface: None,
            ..facts()
        }));
    }

    #[test]
    fn a_v4_network_holds_a_v4_subflow_of_a_v6_socket() {
        let mut mapped = [0; 16];
        mapped[10..].copy_from_slice(&[0xff, 0xff, 192, 0, 2, 1]);
        let conditions = Conditions {
            local: v4([192, 0, 2, 0], 24),
            ..Conditions::default()
        };
        assert!(conditions.hold(&Facts {
            local: Address::V6(mapped),
            ..facts()
        }));
    }

    #[test]
    fn the_first_path_that_holds_counts() {
        let elsewhere = Conditions {
            interface: Some(interface("lo")),
            ..Conditions::default()
        };
        let paths = [
            path(10, elsewhere),
            path(20, Conditions::default()),
            path(30, Conditions::default()),
        ];
        assert_eq!(first(&paths, &facts()), Some(&paths[1]));
        assert_eq!(first(&paths[..1], &facts()), None);
        assert_eq!(first::<Path>(&[], &facts()), None);
    }

    #[test]
    fn a_subflow_without_a_path_has_the_defaults() {
        let settings = Settings::default();
        assert_eq!(settings.priority, None);
        assert_eq!(
            (settings.weight, settings.cost, settings.cap),
            (1, 0, u64::MAX)
        );
        assert!(!settings.is_over_cap(u64::MAX));
    }

    #[test]
    fn a_path_is_off_from_its_cap_on() {
        let settings = Settings {
            cap: 1000,
            ..Settings::default()
        };
        assert!(!settings.is_over_cap(0));
        assert!(!settings.is_over_cap(999));
        assert!(settings.is_over_cap(1000));
        assert!(settings.is_over_cap(u64::MAX));
    }

    #[test]
    fn the_settings_are_those_of_the_path() {
        let settings = path(7, Conditions::default()).settings();
        assert_eq!(
            settings,
            Settings {
                priority: Some(7),
                weight: 3,
                cost: 4,
                cap: 5,
            }
        );
    }

    fn any_interface() -> impl Strategy<Value = Interface> {
        prop_oneof![Just("a"), Just("ab"), Just("b")].prop_map(interface)
    }

    prop_compose! {
        // Of a small world, so that a good part of them holds.
        fn any_conditions()(
            interface in prop::option::weighted(0.4, any_interface()),
            local in prop::option::weighted(0.3, any_prefix()),
            remote in prop::option::weighted(0.3, any_prefix()),
        ) -> Conditions {
            Conditions { interface, local, remote }
        }
    }

    prop_compose! {
        fn any_facts()(
            interface in prop::option::weighted(0.8, any_interface()),
            local in any_address(),
            remote in any_address(),
        ) -> Facts {
            Facts { interface, local, remote }
        }
    }

    proptest! {
        #[test]
        fn conditions_hold_when_the_model_says_so(
            conditions in any_conditions(),
            facts in any_facts(),
        ) {
            prop_assert_eq!(conditions.hold(&facts), naive::path(&conditions, &facts));
        }

        #[test]
        fn another_condition_never_makes_a_path_hold_for_more(
            conditions in any_conditions(),
            facts in any_facts(),
        ) {
            if conditions.hold(&facts) {
                for weaker in [
                    Conditions { interface: None, ..conditions },
                    Conditions { local: None, ..conditions },
                    Conditions { remote: None, ..conditions },
                ] {
                    prop_assert!(weaker.hold(&facts));
                }
            }
        }

        #[test]
        fn the_path_that_is_found_holds_and_none_before_it_does(
            conditions in prop::collection::vec(any_conditions(), 0..20),
            facts in any_facts(),
        ) {
            let paths: Vec<Path> = (0..).zip(conditions).map(|(i, c)| path(i, c)).collect();
            let lowest = paths
                .iter()
                .filter(|path| naive::path(&path.conditions, &facts))
                .map(|path| path.priority)
                .min();
            prop_assert_eq!(first(&paths, &facts).map(|path| path.priority), lowest);
        }

        #[test]
        fn any_bytes_are_a_name_or_refused(
            name in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..20),
                "[a-z.:/ ]{0,17}".prop_map(String::into_bytes),
            ],
        ) {
            let space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b || *byte == 0xa0;
            let valid = (1..=15).contains(&name.len())
                && !name.iter().any(|byte| space(byte) || b"\0/:".contains(byte))
                && name != b"."
                && name != b"..";
            let made = Interface::new(&name);
            prop_assert_eq!(made.is_ok(), valid);
            if let Ok(made) = made {
                prop_assert_eq!(made.name().to_bytes(), name);
            }
        }

        #[test]
        fn a_cap_is_reached_once_and_for_all(cap: u64, used: u64, more: u64) {
            let settings = Settings { cap, ..Settings::default() };
            let over = settings.is_over_cap(used);
            prop_assert_eq!(over, cap != u64::MAX && used >= cap);
            prop_assert!(!over || settings.is_over_cap(used.saturating_add(more)));
        }
    }
}
