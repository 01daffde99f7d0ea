// SPDX-License-Identifier: GPL-2.0

//! Knobs: the settings of a network namespace, and their values as text.
//!
//! The list in `knob/list.rs` is all there is to a knob: sysctl, netlink and the reference are made
//! from it. To the module a value is a number; only people see text.

use crate::decide::migrate::{self, Policies, Policy};
use core::ffi::CStr;

/// Bytes of the longest value as text.
pub const TEXT: usize = migrate::TEXT;
const _: () = assert!(TEXT >= DIGITS);

/// Digits of the longest number, 18446744073709551615.
pub const DIGITS: usize = 20;

/// What values a knob takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, decimal as text.
    Number {
        /// The lowest it takes.
        min: u64,
        /// The highest it takes.
        max: u64,
    },
    /// A scheduler, by its name as text. The value is its number in the module's list.
    Scheduler,
    /// One of some words. The value is its place among them.
    Word(&'static [&'static CStr]),
    /// A list of migration policies, [as text](Policies::parse). The value is
    /// [that of the list](Policies::value).
    Policies,
}

impl Kind {
    /// The words that it takes, or that a list of it is made of, if there are such.
    pub fn words(&self) -> impl Iterator<Item = &'static CStr> {
        let (words, policies): (&[_], &[_]) = match self {
            Self::Number { .. } | Self::Scheduler => (&[], &[]),
            Self::Word(words) => (words, &[]),
            Self::Policies => (&[], &Policy::ALL),
        };
        let policies = policies.iter().map(|policy: &Policy| policy.name());
        Iterator::chain(words.iter().copied(), policies)
    }
}

/// The values of the knobs of a network namespace.
pub trait Knobs {
    /// The value of one.
    fn value(&self, id: Id) -> u64;

    /// The value of one whose range fits 32 bits.
    fn small(&self, id: Id) -> u32 {
        u32::try_from(self.value(id)).unwrap_or(u32::MAX)
    }
}

/// Why a text is no value of a knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is nothing but white space.
    Empty,
    /// It is to be a number, and has something other than decimal digits: a sign, or a unit.
    NotDecimal,
    /// The number is below the lowest.
    TooLow,
    /// The number is above the highest.
    TooHigh,
    /// No scheduler has this name.
    UnknownScheduler,
    /// It is none of the words.
    UnknownWord,
    /// It is no list of policies.
    Policies(migrate::Invalid),
}

impl Refused {
    /// Why, in words for the person who wrote the text: without a capital letter or a full stop,
    /// as the extended acknowledgment of netlink has it.
    pub const fn reason(&self) -> &'static CStr {
        match self {
            Self::Empty => c"the value is empty",
            Self::NotDecimal => c"the value is not a decimal number",
            Self::TooLow => c"the value is below the lowest",
            Self::TooHigh => c"the value is above the highest",
            Self::UnknownScheduler => c"there is no scheduler of that name",
            Self::UnknownWord => c"the value is none of the words that there are",
            Self::Policies(invalid) => invalid.reason(),
        }
    }
}

/// What is known of a knob. Its value is kept by the module, once for each network namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Its name, the part behind `net.heddle.`, with dots. At most 31 bytes.
    pub name: &'static CStr,
    /// What values it takes.
    pub kind: Kind,
    /// The value in a new namespace, as text.
    pub default: &'static CStr,
    /// Unit of the number; empty if there is none.
    pub unit: &'static CStr,
    /// What it does, in a sentence.
    pub help: &'static CStr,
}

impl Knob {
    /// The value that a text stands for. White space around it does not count, since a line that
    /// is written to sysctl has an end.
    ///
    /// A number is decimal even with zeros at its start. `scheduler` gives the number of the
    /// scheduler of a name, if there is one.
    ///
    /// # Errors
    ///
    /// Why the knob does not take it, as one of [`Refused`].
    pub fn parse(
        &self,
        text: &[u8],
        scheduler: impl Fn(&[u8]) -> Option<u64>,
    ) -> Result<u64, Refused> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(Refused::Empty);
        }
        match self.kind {
            Kind::Number { min, max } => match number(text)? {
                value if value < min => Err(Refused::TooLow),
                value if value > max => Err(Refused::TooHigh),
                value => Ok(value),
            },
            Kind::Scheduler => scheduler(text).ok_or(Refused::UnknownScheduler),
            Kind::Word(words) => place(words, text).ok_or(Refused::UnknownWord),
            Kind::Policies => Policies::parse(text)
                .map(Policies::value)
                .map_err(Refused::Policies),
        }
    }

    /// The value in a new namespace, which is what [`parse`](Self::parse) makes of the default.
    ///
    /// # Errors
    ///
    /// [`Refused::UnknownScheduler`] if `scheduler` does not know the default. All else would be a
    /// mistake in the list, and is tested.
    pub fn default_value(&self, scheduler: impl Fn(&[u8]) -> Option<u64>) -> Result<u64, Refused> {
        self.parse(bytes(self.default), scheduler)
    }

    /// The text of a value, without the end of a line or a NUL. `out` is where it is put if it has
    /// to be made.
    ///
    /// `scheduler` gives the name of the scheduler of a number; without one there is no text.
    pub fn format<'b>(
        &self,
        value: u64,
        scheduler: impl Fn(u64) -> Option<&'static CStr>,
        out: &'b mut [u8; TEXT],
    ) -> Option<&'b [u8]> {
        match self.kind {
            Kind::Number { .. } => Some(decimal(value, out.first_chunk_mut()?)),
            Kind::Scheduler => scheduler(value).map(bytes),
            Kind::Word(words) => Some(bytes(words.get(usize::try_from(value).ok()?)?)),
            Kind::Policies => Some(Policies::from_value(value)?.format(out)),
        }
    }
}

/// The bytes of a text without its NUL.
///
/// Not `CStr::to_bytes()`, which checks for an overflow that cannot be, and panics.
pub const fn bytes(text: &CStr) -> &[u8] {
    match text.to_bytes_with_nul() {
        [bytes @ .., _] => bytes,
        [] => &[],
    }
}

/// The place of a word.
fn place(words: &[&CStr], word: &[u8]) -> Option<u64> {
    let mut place = 0u64;
    for candidate in words {
        if bytes(candidate) == word {
            return Some(place);
        }
        place = place.saturating_add(1);
    }
    None
}

/// The number of a text that is nothing but decimal digits, at least one.
fn number(text: &[u8]) -> Result<u64, Refused> {
    if !text.iter().all(u8::is_ascii_digit) {
        return Err(Refused::NotDecimal);
    }
    text.iter()
        .try_fold(0u64, |number, digit| {
            number
                .checked_mul(10)?
                .checked_add(u64::from(digit.saturating_sub(b'0')))
        })
        .ok_or(Refused::TooHigh)
}

/// The decimal digits of a number, without zeros at their start. They are at the end of `out`.
pub fn decimal(value: u64, out: &mut [u8; DIGITS]) -> &[u8] {
    let mut rest = value;
    let mut unused = DIGITS;
    for digit in out.iter_mut().rev() {
        // The remainder is below 10.
        *digit = u8::try_from(rest % 10).unwrap_or(0).saturating_add(b'0');
        unused = unused.saturating_sub(1);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.get(unused..).unwrap_or_default()
}

/// Makes of the list of knobs all that depends on it.
macro_rules! knobs {
    ($($(#[$doc:meta])* $id:ident: $knob:expr,)*) => {
        /// Number of knobs.
        pub const COUNT: usize = [$(stringify!($id)),*].len();

        /// Every knob, in the order of [`Id::ALL`].
        pub const KNOBS: [Knob; COUNT] = [$($knob),*];

        $($(#[$doc])* pub const $id: Id = Id(Name::$id);)*

        /// Names a knob in the code, as one of the constants of this module.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Id(Name);

        // With the names of the constants, of which a macro cannot make others.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Name {
            $($id,)*
        }

        impl Id {
            /// The knobs, in the order in which they are shown.
            pub const ALL: [Self; COUNT] = [$($id),*];

            /// What is known of the knob.
            pub const fn knob(self) -> &'static Knob {
                match self.0 {
                    $(Name::$id => &$knob,)*
                }
            }

            /// The knob of a name, the part behind `net.heddle.`.
            pub fn named(name: &[u8]) -> Option<Self> {
                Self::ALL
                    .into_iter()
                    .find(|id| bytes(id.knob().name) == name)
            }
        }

        /// Something for each knob, such as its value.
        #[allow(non_snake_case)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct PerKnob<T> {
            $($id: T,)*
        }

        impl<T> PerKnob<T> {
            /// Makes it from what `make` gives for each.
            pub fn from_fn(mut make: impl FnMut(Id) -> T) -> Self {
                Self {
                    $($id: make($id),)*
                }
            }

            /// What there is for a knob.
            pub const fn get(&self, id: Id) -> &T {
                match id.0 {
                    $(Name::$id => &self.$id,)*
                }
            }

            /// What there is for a knob, to be changed.
            pub fn get_mut(&mut self, id: Id) -> &mut T {
                match id.0 {
                    $(Name::$id => &mut self.$id,)*
                }
            }
        }
    };
}

mod list;
pub use list::*;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::{minrtt::MinRtt, Scheduler, MAX_BURST};
    use proptest::prelude::*;

    const ALL_NUMBERS: Knob = Knob {
        kind: Kind::Number {
            min: 0,
            max: u64::MAX,
        },
        ..KNOBS[1]
    };

    const NAMES: [&CStr; 2] = [c"minrtt", c"roundrobin"];

    fn by_name(name: &[u8]) -> Option<u64> {
        (0..)
            .zip(NAMES)
            .find_map(|(i, n)| (n.to_bytes() == name).then_some(i))
    }

    fn by_number(number: u64) -> Option<&'static CStr> {
        NAMES.get(usize::try_from(number).ok()?).copied()
    }

    fn parse(knob: &Knob, text: &str) -> Result<u64, Refused> {
        knob.parse(text.as_bytes(), by_name)
    }

    #[test]
    fn white_space_around_a_value_does_not_count() {
        for text in ["4096", "4096\n", " 4096", "\t4096 \r\n", "004096"] {
            assert_eq!(parse(&ALL_NUMBERS, text), Ok(4096), "{text:?}");
        }
        let scheduler = SCHED_DEFAULT.knob();
        for text in ["roundrobin", "roundrobin\n", "  roundrobin\t"] {
            assert_eq!(parse(scheduler, text), Ok(1), "{text:?}");
        }
    }

    #[test]
    fn an_empty_value_is_refused() {
        for id in Id::ALL {
            for text in ["", " ", "\n", " \t\r\n"] {
                assert_eq!(parse(id.knob(), text), Err(Refused::Empty), "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_not_all_digits_is_refused() {
        for text in [
            "+1",
            "-1",
            "1x",
            "0x10",
            "1 2",
            "1.0",
            "1e3",
            "64k",
            "1_000",
            "1\0",
            "\0",
            "\u{663}",
            "99999999999999999999x",
        ] {
            assert_eq!(
                parse(&ALL_NUMBERS, text),
                Err(Refused::NotDecimal),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_too_high() {
        assert_eq!(parse(&ALL_NUMBERS, "18446744073709551615"), Ok(u64::MAX));
        for text in [
            "18446744073709551616",
            "18446744073709551620",
            "99999999999999999999",
            "184467440737095516150",
        ] {
            assert_eq!(parse(&ALL_NUMBERS, text), Err(Refused::TooHigh), "{text}");
        }
    }

    #[test]
    fn both_ends_of_a_range_are_taken_and_what_is_beside_them_is_not() {
        let burst = SCHED_BURST.knob();
        assert_eq!(parse(burst, "1399"), Err(Refused::TooLow));
        assert_eq!(parse(burst, "1400"), Ok(1400));
        assert_eq!(parse(burst, "1048576"), Ok(1_048_576));
        assert_eq!(parse(burst, "1048577"), Err(Refused::TooHigh));
        let rules = RULES_MAX.knob();
        assert_eq!(parse(rules, "0"), Ok(0));
        assert_eq!(parse(rules, "4096"), Ok(4096));
        assert_eq!(parse(rules, "4097"), Err(Refused::TooHigh));
    }

    #[test]
    fn a_scheduler_that_is_not_there_is_refused() {
        let scheduler = SCHED_DEFAULT.knob();
        for text in ["0", "minrt", "minrtt2", "MinRTT", "min rtt", "minrtt\0"] {
            assert_eq!(
                parse(scheduler, text),
                Err(Refused::UnknownScheduler),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_scheduler_is_shown_by_its_name() {
        let scheduler = SCHED_DEFAULT.knob();
        let mut out = [0; TEXT];
        assert_eq!(
            scheduler.format(1, by_number, &mut out),
            Some(&b"roundrobin"[..])
        );
        let mut out = [0; TEXT];
        assert_eq!(scheduler.format(2, by_number, &mut out), None);
    }

    #[test]
    fn a_word_is_shown_as_it_is_written() {
        let guard = MIGRATE_SETTINGS_GUARD.knob();
        assert!(guard.kind.words().eq([c"off", c"warn", c"enforce"]));
        for (value, word) in (0..).zip(guard.kind.words()) {
            let word = word.to_bytes();
            assert_eq!(guard.parse(word, by_name), Ok(value));
            let mut out = [0; TEXT];
            assert_eq!(guard.format(value, by_number, &mut out), Some(word));
        }
        for text in ["on", "0", "Warn", "off,warn", "off\0"] {
            assert_eq!(parse(guard, text), Err(Refused::UnknownWord), "{text:?}");
        }
        assert_eq!(guard.format(3, by_number, &mut [0; TEXT]), None);
    }

    #[test]
    fn a_list_of_policies_is_shown_as_it_is_written() {
        let policy = MIGRATE_POLICY.knob();
        assert_eq!(policy.kind.words().count(), Policy::ALL.len());
        for text in ["off", "newest,shortest", "label,refuse"] {
            let value = parse(policy, &format!(" {text}\n")).expect("a list");
            let mut out = [0; TEXT];
            let shown = policy.format(value, by_number, &mut out);
            assert_eq!(shown, Some(text.as_bytes()));
        }
        assert_eq!(
            parse(policy, "newest,oldest"),
            Err(Refused::Policies(migrate::Invalid::Unknown))
        );
        assert_eq!(policy.format(u64::MAX, by_number, &mut [0; TEXT]), None);
    }

    #[test]
    fn what_the_knobs_say_of_migration() {
        struct Values(PerKnob<u64>);
        impl Knobs for Values {
            fn value(&self, id: Id) -> u64 {
                *self.0.get(id)
            }
        }
        let mut values = Values(PerKnob::from_fn(|id| {
            id.knob().default_value(by_name).expect("a value")
        }));
        let config = migrate::Config::of(&values);
        assert!(config.policies.is_off() && !config.respect_backlog);
        assert_eq!(config.guard, migrate::Guard::Off);
        for (id, text) in [
            (MIGRATE_POLICY, "newest,shortest"),
            (MIGRATE_SETTINGS_GUARD, "enforce"),
            (MIGRATE_RESPECT_BACKLOG, "1"),
        ] {
            *values.0.get_mut(id) = parse(id.knob(), text).expect("a value");
        }
        let config = migrate::Config::of(&values);
        assert_eq!(config.policies.first(), Policy::Newest);
        assert_eq!(config.guard, migrate::Guard::Enforce);
        assert!(config.respect_backlog);
    }

    #[test]
    fn bytes_are_those_before_the_nul() {
        assert_eq!(bytes(c""), b"");
        assert_eq!(bytes(c"minrtt"), b"minrtt");
    }

    #[test]
    fn decimal_has_one_digit_for_0_and_all_for_the_highest() {
        let mut out = [b'x'; DIGITS];
        assert_eq!(decimal(0, &mut out), b"0");
        assert_eq!(decimal(10, &mut out), b"10");
        assert_eq!(decimal(u64::MAX, &mut out), b"18446744073709551615");
        assert_eq!(out.len(), u64::MAX.to_string().len());
    }

    #[test]
    fn each_reason_is_one_of_its_own() {
        let mut reasons = vec![
            Refused::Empty.reason(),
            Refused::NotDecimal.reason(),
            Refused::TooLow.reason(),
            Refused::TooHigh.reason(),
            Refused::UnknownScheduler.reason(),
            Refused::UnknownWord.reason(),
        ];
        let count = reasons.len();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), count);
    }

    #[test]
    fn the_list_is_in_order() {
        for (knob, id) in KNOBS.iter().zip(Id::ALL) {
            assert_eq!(id.knob(), knob);
            assert_eq!(Id::named(knob.name.to_bytes()), Some(id));
        }
        assert_eq!(Id::named(b"sched"), None);
        assert_eq!(Id::named(b""), None);
    }

    #[test]
    fn each_knob_is_fit_to_be_shown() {
        for knob in KNOBS {
            let name = knob.name.to_str().expect("UTF-8");
            assert!(!name.is_empty() && name.len() <= 31, "{name}");
            assert!(
                name.split('.').all(|part| !part.is_empty()
                    && part.chars().all(|c| c.is_ascii_lowercase() || c == '_')),
                "{name}"
            );
            let help = knob.help.to_str().expect("UTF-8");
            assert!(help.starts_with(char::is_uppercase) && help.ends_with('.'));
            assert!(!help.contains('\n'));
            assert!(knob.default.to_bytes().len() <= 63);
            if knob.kind == Kind::Scheduler {
                assert_eq!(knob.unit, c"");
            }
        }
    }

    #[test]
    fn each_default_is_a_value_and_shown_as_it_is_written() {
        for knob in KNOBS {
            let value = knob.default_value(by_name).expect("a value");
            let mut out = [0; TEXT];
            let shown = knob.format(value, by_number, &mut out);
            assert_eq!(shown, Some(knob.default.to_bytes()));
        }
    }

    #[test]
    fn the_default_scheduler_is_one_there_is() {
        assert_eq!(SCHED_DEFAULT.knob().default, MinRtt::NAME);
    }

    #[test]
    fn a_burst_is_by_default_the_most_a_segment_takes_and_fits_its_field() {
        let burst = SCHED_BURST.knob();
        assert_eq!(burst.default_value(by_name), Ok(u64::from(MAX_BURST)));
        let Kind::Number { min, max } = burst.kind else {
            panic!("a number");
        };
        assert!(min > 0 && u32::try_from(max).is_ok());
    }

    #[test]
    fn each_knob_has_a_value_of_its_own() {
        let mut values = PerKnob::from_fn(|id| id.knob().name);
        for id in Id::ALL {
            assert_eq!(*values.get(id), id.knob().name);
        }
        *values.get_mut(SCHED_BURST) = c"changed";
        assert_eq!(*values.get(SCHED_BURST), c"changed");
        assert_eq!(*values.get(SCHED_DEFAULT), c"sched.default");
        assert_eq!(*values.get(RULES_MAX), c"rules_max");
    }

    /// Numbers of all lengths.
    fn any_number() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64u32).prop_map(|(number, shift)| number >> shift)
    }

    proptest! {
        #[test]
        fn decimal_is_what_the_standard_library_writes(number in any_number()) {
            let mut out = [b'x'; DIGITS];
            let expected = number.to_string();
            prop_assert_eq!(decimal(number, &mut out), expected.as_bytes());
        }

        #[test]
        fn a_number_goes_around(number in any_number()) {
            let mut out = [0; TEXT];
            let text = ALL_NUMBERS.format(number, by_number, &mut out).expect("a text");
            prop_assert_eq!(ALL_NUMBERS.parse(text, by_name), Ok(number));
        }

        #[test]
        fn digits_are_a_number_if_they_fit(text in "[0-9]{1,24}", space in "[ \t\n\r]{0,3}") {
            let expected = match text.parse::<u128>().expect("24 digits") {
                number if number > u128::from(u64::MAX) => Err(Refused::TooHigh),
                number => Ok(u64::try_from(number).expect("64 bits")),
            };
            prop_assert_eq!(parse(&ALL_NUMBERS, &format!("{space}{text}{space}")), expected);
        }

        #[test]
        fn a_number_is_taken_if_it_is_in_the_range(number in any_number(), one: u64, other: u64) {
            let (min, max) = (one.min(other), one.max(other));
            let knob = Knob { kind: Kind::Number { min, max }, ..ALL_NUMBERS };
            let expected = if number < min {
                Err(Refused::TooLow)
            } else if number > max {
                Err(Refused::TooHigh)
            } else {
                Ok(number)
            };
            prop_assert_eq!(parse(&knob, &number.to_string()), expected);
        }

        #[test]
        fn any_bytes_are_a_value_in_the_range_or_refused(
            text in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                "[ 0-9+x-]{0,8}".prop_map(String::into_bytes),
            ],
        ) {
            for id in Id::ALL {
                match (id.knob().parse(&text, by_name), id.knob().kind) {
                    (Ok(value), Kind::Number { min, max }) => {
                        prop_assert!((min..=max).contains(&value));
                        prop_assert!(text.trim_ascii().iter().all(u8::is_ascii_digit));
                    }
                    (Ok(value), Kind::Scheduler) => {
                        let name = by_number(value).map(CStr::to_bytes);
                        prop_assert_eq!(name, Some(text.trim_ascii()));
                    }
                    (Ok(value), Kind::Word(words)) => {
                        let word = words[usize::try_from(value).expect("few")].to_bytes();
                        prop_assert_eq!(word, text.trim_ascii());
                    }
                    (Ok(value), Kind::Policies) => {
                        let list = Policies::parse(&text).expect("a list");
                        prop_assert_eq!(value, list.value());
                    }
                    (Err(Refused::Empty), _) => prop_assert!(text.trim_ascii().is_empty()),
                    (Err(refused), kind) => {
                        let of_a_number =
                            [Refused::NotDecimal, Refused::TooLow, Refused::TooHigh];
                        let is_right = match kind {
                            Kind::Number { .. } => of_a_number.contains(&refused),
                            Kind::Scheduler => refused == Refused::UnknownScheduler,
                            Kind::Word(_) => refused == Refused::UnknownWord,
                            Kind::Policies => matches!(refused, Refused::Policies(_)),
                        };
                        prop_assert!(is_right, "{:?} of {:?}", refused, kind);
                    }
                }
            }
        }
    }
}
