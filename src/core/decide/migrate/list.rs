// SPDX-License-Identifier: GPL-2.0

//! Lists of policies: as text, and as the number that a knob has.

use super::{Policy, Rank};
use crate::knob::bytes;
use core::ffi::CStr;

/// Policies of the longest list.
pub const MAX_POLICIES: usize = 4;

/// Bytes of the longest text: of the longest names, and what is between them.
pub const TEXT: usize = 43;

/// Why a text is no list of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// There is no policy of a name.
    Unknown,
    /// There are more than [`MAX_POLICIES`].
    TooMany,
    /// A policy is there twice.
    Twice,
    /// A policy is behind one that leaves it nothing to decide.
    Idle,
}

impl Invalid {
    /// Why, in words for the person who wrote it: without a capital letter or a full stop, as the
    /// extended acknowledgment of netlink has it.
    pub const fn reason(&self) -> &'static CStr {
        match self {
            Self::Unknown => c"there is no policy of that name",
            Self::TooMany => c"a list has 4 policies at the most",
            Self::Twice => c"a policy is in the list twice",
            Self::Idle => c"nothing is left to decide behind off, hash or refuse",
        }
    }
}

/// The policies that decide, in their order.
///
/// # Invariants
///
/// - The first one is there; those that are not there are at the end.
/// - None is there twice, and none is behind one that [is last](Policy::is_last).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policies([Option<Policy>; MAX_POLICIES]);

impl Policies {
    /// The list that leaves everything to the kernel.
    pub const OFF: Self = Self([Some(Policy::Off), None, None, None]);

    /// The list of some policies in their order, at least one.
    fn new(from: impl Iterator<Item = Result<Policy, Invalid>>) -> Result<Self, Invalid> {
        let mut list = [None; MAX_POLICIES];
        let mut places = list.iter_mut();
        let mut seen = 0u32;
        let mut is_over = false;
        for policy in from {
            let policy = policy?;
            let bit = 1u32.wrapping_shl(policy.number());
            if is_over {
                return Err(Invalid::Idle);
            }
            if seen & bit != 0 {
                return Err(Invalid::Twice);
            }
            *places.next().ok_or(Invalid::TooMany)? = Some(policy);
            seen |= bit;
            is_over = policy.is_last();
        }
        if seen == 0 {
            return Err(Invalid::Unknown);
        }
        Ok(Self(list))
    }

    /// The list that a text stands for: names with a comma between each two. White space around a
    /// name does not count.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn parse(text: &[u8]) -> Result<Self, Invalid> {
        let names = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        Self::new(names.map(|name| Policy::named(name).ok_or(Invalid::Unknown)))
    }

    /// The text of the list: names with a comma between each two.
    pub fn format(self, out: &mut [u8; TEXT]) -> &[u8] {
        let mut length = 0usize;
        let mut to = out.iter_mut();
        for policy in self.iter() {
            let comma: &[u8] = if length == 0 { b"" } else { b"," };
            for (from, to) in Iterator::chain(comma.iter(), bytes(policy.name())).zip(&mut to) {
                *to = *from;
                length = length.saturating_add(1);
            }
        }
        out.get(..length).unwrap_or_default()
    }

    /// The number that stands for the list: a byte for each policy, the first one lowest.
    pub fn value(self) -> u64 {
        self.0.iter().rev().flatten().fold(0, |value, policy| {
            (value << 8) | u64::from(policy.number().saturating_add(1))
        })
    }

    /// The list that a number stands for; `None` if it stands for none.
    pub fn from_value(value: u64) -> Option<Self> {
        let mut rest = value;
        let numbers = core::iter::from_fn(|| {
            let number = rest & 0xff;
            rest >>= 8;
            // A 0 is the end, with nothing behind it.
            (number != 0 || rest != 0).then_some(number)
        });
        Self::new(numbers.map(|number| {
            Policy::ALL
                .into_iter()
                .find(|policy| u64::from(policy.number().saturating_add(1)) == number)
                .ok_or(Invalid::Unknown)
        }))
        .ok()
    }

    /// Whether everything is left to the kernel.
    pub fn is_off(self) -> bool {
        self.first() == Policy::Off
    }

    /// The first one.
    pub fn first(self) -> Policy {
        let [first, ..] = self.0;
        // It is there, by the invariants.
        first.unwrap_or(Policy::Off)
    }

    /// All of them, in their order.
    pub fn iter(self) -> impl Iterator<Item = Policy> {
        self.0.into_iter().flatten()
    }

    /// The rank that each gives to a member, made by `rank`; alike where there is no policy.
    pub(super) fn rank(self, rank: impl Fn(Policy) -> Rank) -> [Rank; MAX_POLICIES] {
        self.0
            .map(|policy| policy.map_or_else(Rank::default, &rank))
    }

    /// Who decides for a member of these ranks: the first policy that it fits. Else it is what the
    /// list ends with, and the hash if that is no end.
    pub(super) fn decider(self, ranks: &[Rank; MAX_POLICIES]) -> Policy {
        let mut last = Policy::Hash;
        for (policy, rank) in self.iter().zip(ranks) {
            if rank.fits() {
                return policy;
            }
            last = policy;
        }
        if last.is_last() {
            last
        } else {
            Policy::Hash
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::testing::any_policies;
    use proptest::prelude::*;

    fn text(list: Policies) -> String {
        let mut out = [b'x'; TEXT];
        String::from_utf8(list.format(&mut out).to_vec()).expect("names")
    }

    #[test]
    fn a_list_is_names_with_commas() {
        for name in [
            "off",
            "refuse",
            "newest,shortest",
            "label,same_cgroup,shortest,hash",
        ] {
            let list = Policies::parse(name.as_bytes()).expect("a list");
            assert_eq!(text(list), name);
        }
        let spaced = Policies::parse(b" newest ,\tshortest\n").expect("a list");
        assert_eq!(text(spaced), "newest,shortest");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (text, why) in [
            ("", Invalid::Unknown),
            (",", Invalid::Unknown),
            ("newest,", Invalid::Unknown),
            (",newest", Invalid::Unknown),
            ("newest,,label", Invalid::Unknown),
            ("newest label", Invalid::Unknown),
            ("Newest", Invalid::Unknown),
            ("newest\0", Invalid::Unknown),
            ("newest,newest", Invalid::Twice),
            ("off,hash", Invalid::Idle),
            ("hash,newest", Invalid::Idle),
            ("refuse,refuse", Invalid::Idle),
            ("newest,shortest,label,same_cpu,same_node", Invalid::TooMany),
        ] {
            assert_eq!(Policies::parse(text.as_bytes()), Err(why), "{text:?}");
        }
    }

    #[test]
    fn off_is_off() {
        assert_eq!(Policies::parse(b"off"), Ok(Policies::OFF));
        assert!(Policies::OFF.is_off());
        assert!(!Policies::parse(b"label,off").expect("a list").is_off());
    }

    #[test]
    fn the_longest_text_has_room_and_no_more() {
        let mut names: Vec<_> = Policy::ALL
            .into_iter()
            .filter(|policy| !policy.is_last())
            .map(Policy::name)
            .collect();
        names.sort_by_key(|name| core::cmp::Reverse(name.to_bytes().len()));
        let names: Vec<_> = names[..MAX_POLICIES]
            .iter()
            .map(|name| name.to_str().expect("ASCII"))
            .collect();
        let longest = names.join(",");
        assert_eq!(longest.len(), TEXT);
        let list = Policies::parse(longest.as_bytes()).expect("a list");
        assert_eq!(text(list), longest);
    }

    #[test]
    fn each_reason_is_one_of_its_own() {
        let reasons = [
            Invalid::Unknown,
            Invalid::TooMany,
            Invalid::Twice,
            Invalid::Idle,
        ]
        .map(|why| why.reason());
        for (place, reason) in reasons.iter().enumerate() {
            assert!(!reasons[..place].contains(reason));
        }
    }

    #[test]
    fn each_policy_has_a_name_and_a_number_of_its_own() {
        for policy in Policy::ALL {
            assert_eq!(Policy::named(policy.name().to_bytes()), Some(policy));
            let description = policy.description().to_str().expect("UTF-8");
            assert!(description.starts_with(char::is_uppercase) && description.ends_with('.'));
            let same = |other: &Policy| other.number() == policy.number();
            assert_eq!(Policy::ALL.iter().filter(|other| same(other)).count(), 1);
        }
    }

    proptest! {
        #[test]
        fn a_list_goes_around(list in any_policies()) {
            prop_assert_eq!(Policies::parse(text(list).as_bytes()), Ok(list));
            prop_assert_eq!(Policies::from_value(list.value()), Some(list));
            prop_assert_eq!(list.iter().next(), Some(list.first()));
        }

        #[test]
        fn any_bytes_are_a_list_or_refused(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..60),
                "(newest|off|hash|label|x|,| ){0,9}".prop_map(String::into_bytes),
            ],
        ) {
            if let Ok(list) = Policies::parse(&bytes) {
                let written: Vec<_> = text(list).into_bytes();
                let mut given = bytes;
                given.retain(|byte| !byte.is_ascii_whitespace());
                prop_assert_eq!(written, given);
            }
        }

        #[test]
        fn any_number_is_a_list_or_none(value in prop_oneof![
            any::<u64>(),
            prop::array::uniform5(0..13u8).prop_map(|[a, b, c, d, e]| {
                u64::from_le_bytes([a, b, c, d, e, 0, 0, 0])
            }),
        ]) {
            if let Some(list) = Policies::from_value(value) {
                prop_assert_eq!(list.value(), value);
            }
        }
    }
}
