// SPDX-License-Identifier: GPL-2.0

//! Knobs: the settings of a network namespace, and their values as text.
//!
//! The list at the end of this file is all there is to a knob: sysctl, netlink and the reference
//! are made from it. To the module a value is a number; only people see text.

use core::ffi::CStr;

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
        out: &'b mut [u8; DIGITS],
    ) -> Option<&'b [u8]> {
        match self.kind {
            Kind::Number { .. } => Some(decimal(value, out)),
            Kind::Scheduler => scheduler(value).map(bytes),
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

knobs! {
    /// The scheduler of a connection of `heddle` that no rule matches.
    SCHED_DEFAULT: Knob {
        name: c"sched.default",
        kind: Kind::Scheduler,
        default: c"minrtt",
        unit: c"",
        help: c"The scheduler that \"heddle\" gives to a connection no rule matches.",
    },
    /// What a decision grants at most, in bytes.
    ///
    /// More of it means fewer decisions, less of it a finer interleaving of the subflows. The
    /// default is [`MAX_BURST`](crate::decide::sched::MAX_BURST).
    SCHED_BURST: Knob {
        name: c"sched.burst",
        kind: Kind::Number { min: 1400, max: 1_048_576 },
        default: c"65428",
        unit: c"bytes",
        help: c"Most bytes a connection sends by one decision of a scheduler.",
    },
    /// Whether data that holds up the connection on a slow subflow is repeated on a fast one.
    SCHED_REINJECT: Knob {
        name: c"sched.reinject",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"1",
        unit: c"",
        help: c"Repeat on a fast subflow what holds up the connection on a slow one (ecf, blest, auto).",
    },
    /// How often a subflow is probed that is in loss, stale or idle.
    SCHED_PROBE_MS: Knob {
        name: c"sched.probe_ms",
        kind: Kind::Number { min: 0, max: 60_000 },
        default: c"1000",
        unit: c"ms",
        help: c"Send a packet so often on a subflow that carries nothing, to learn whether it can; 0 for never.",
    },
    /// Hysteresis β of `ecf`.
    SCHED_ECF_BETA: Knob {
        name: c"sched.ecf.beta",
        kind: Kind::Number { min: 0, max: 1000 },
        default: c"25",
        unit: c"%",
        help: c"Hysteresis of waiting for the fastest subflow.",
    },
    /// Correction λ that `blest` starts with.
    SCHED_BLEST_LAMBDA: Knob {
        name: c"sched.blest.lambda",
        kind: Kind::Number { min: 1, max: 10_000 },
        default: c"1200",
        unit: c"1/1000",
        help: c"Factor of what the fastest subflow is expected to send, at first.",
    },
    /// Lowest λ of `blest`.
    SCHED_BLEST_MIN_LAMBDA: Knob {
        name: c"sched.blest.min_lambda",
        kind: Kind::Number { min: 1, max: 10_000 },
        default: c"1000",
        unit: c"1/1000",
        help: c"Lowest value of that factor.",
    },
    /// Highest λ of `blest`.
    SCHED_BLEST_MAX_LAMBDA: Knob {
        name: c"sched.blest.max_lambda",
        kind: Kind::Number { min: 1, max: 10_000 },
        default: c"1300",
        unit: c"1/1000",
        help: c"Highest value of that factor.",
    },
    /// What `blest` takes off λ after a round trip without blocking.
    SCHED_BLEST_LAMBDA_GOOD: Knob {
        name: c"sched.blest.lambda_good",
        kind: Kind::Number { min: 0, max: 10_000 },
        default: c"10",
        unit: c"1/1000",
        help: c"What is taken off it after a round trip in which the window did not block.",
    },
    /// What `blest` adds to λ after a round trip with blocking.
    SCHED_BLEST_LAMBDA_BAD: Knob {
        name: c"sched.blest.lambda_bad",
        kind: Kind::Number { min: 0, max: 10_000 },
        default: c"40",
        unit: c"1/1000",
        help: c"What is added to it after a round trip in which the window blocked.",
    },
    /// Quota of `roundrobin`.
    SCHED_ROUNDROBIN_NUM_SEGMENTS: Knob {
        name: c"sched.roundrobin.num_segments",
        kind: Kind::Number { min: 1, max: 255 },
        default: c"1",
        unit: c"packets",
        help: c"Packets a subflow sends before it is the next one's turn.",
    },
    /// Whether `roundrobin` heeds congestion windows.
    SCHED_ROUNDROBIN_CWND_LIMITED: Knob {
        name: c"sched.roundrobin.cwnd_limited",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"1",
        unit: c"",
        help: c"Leave out subflows whose congestion window is full.",
    },
    /// Whether `weighted` waits for a path that is behind.
    SCHED_WEIGHTED_STRICT: Knob {
        name: c"sched.weighted.strict",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Keep the ratio by waiting, rather than let other paths take what one has no room for.",
    },
    /// Whether `priority` uses a dearer path only when the cheaper ones are gone.
    SCHED_PRIORITY_STANDBY: Knob {
        name: c"sched.priority.standby",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Use a dearer path only when all cheaper ones are gone, not when they are full.",
    },
    /// How long `priority` lets data wait for the cheaper paths.
    SCHED_PRIORITY_PATIENCE: Knob {
        name: c"sched.priority.patience",
        kind: Kind::Number { min: 0, max: 60_000 },
        default: c"50",
        unit: c"ms",
        help: c"Data that the cheaper paths send within this time is left to them.",
    },
    /// How much `redundant` repeats.
    SCHED_REDUNDANT_BUDGET: Knob {
        name: c"sched.redundant.budget",
        kind: Kind::Number { min: 0, max: 1500 },
        default: c"1500",
        unit: c"%",
        help: c"Most bytes that are repeated, in relation to the new ones; 1500 is on 16 subflows.",
    },
    /// What `redundant` repeats: the first bytes.
    SCHED_REDUNDANT_FIRST: Knob {
        name: c"sched.redundant.first",
        kind: Kind::Number { min: 0, max: 1_048_576 },
        default: c"0",
        unit: c"KiB",
        help: c"Repeat the first bytes of a connection only; with last also 0, repeat all.",
    },
    /// What `redundant` repeats: the last bytes.
    SCHED_REDUNDANT_LAST: Knob {
        name: c"sched.redundant.last",
        kind: Kind::Number { min: 0, max: 1_048_576 },
        default: c"0",
        unit: c"KiB",
        help: c"Repeat the last bytes before a pause only; with first also 0, repeat all.",
    },
    /// How many rules there may be.
    RULES_MAX: Knob {
        name: c"rules_max",
        kind: Kind::Number { min: 0, max: 4096 },
        default: c"1024",
        unit: c"",
        help: c"Most rules that this network namespace may have.",
    },
    /// How many paths there may be.
    PATHS_MAX: Knob {
        name: c"paths_max",
        kind: Kind::Number { min: 0, max: 1024 },
        default: c"64",
        unit: c"",
        help: c"Most paths that this network namespace may have.",
    },
}

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
        let mut out = [0; DIGITS];
        assert_eq!(
            scheduler.format(1, by_number, &mut out),
            Some(&b"roundrobin"[..])
        );
        let mut out = [0; DIGITS];
        assert_eq!(scheduler.format(2, by_number, &mut out), None);
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
            let mut out = [0; DIGITS];
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
            let mut out = [0; DIGITS];
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
                    (Err(refused), kind) => {
                        prop_assert_eq!(refused == Refused::Empty, text.trim_ascii().is_empty());
                        let of_a_number =
                            [Refused::NotDecimal, Refused::TooLow, Refused::TooHigh];
                        prop_assert!(kind != Kind::Scheduler || !of_a_number.contains(&refused));
                        prop_assert!(
                            kind == Kind::Scheduler || refused != Refused::UnknownScheduler
                        );
                    }
                }
            }
        }
    }
}
