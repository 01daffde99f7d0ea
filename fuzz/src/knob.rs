// SPDX-License-Identifier: GPL-2.0

//! The text parsers of all knobs: they take any bytes, and what they accept is in range and, as
//! text again, the same.

use heddle_core::{
    decide::migrate::Policies,
    knob::{Id, Kind, Knob, TEXT},
};
use std::ffi::CStr;

const SCHEDULERS: [&CStr; 3] = [c"default", c"minrtt", c"roundrobin"];

fn by_name(name: &[u8]) -> Option<u64> {
    let place = SCHEDULERS.iter().position(|it| it.to_bytes() == name)?;
    u64::try_from(place).ok()
}

fn by_number(number: u64) -> Option<&'static CStr> {
    SCHEDULERS.get(usize::try_from(number).ok()?).copied()
}

/// Reads a text as the value of each knob, and a number as one that is to be written.
pub fn run(data: &[u8]) {
    let number = data
        .iter()
        .take(8)
        .fold(0, |n, &byte| (n << 8) | u64::from(byte));
    for id in Id::ALL {
        let knob = id.knob();
        match knob.parse(data, by_name) {
            Ok(value) => check(knob, data, value),
            Err(refused) => assert!(!refused.reason().is_empty()),
        }
        let mut out = [0; TEXT];
        if let Some(text) = knob.format(number, by_number, &mut out) {
            match (knob.parse(text, by_name), knob.kind) {
                (Err(_), Kind::Number { min, max }) => assert!(number < min || number > max),
                (read, _) => assert_eq!(read, Ok(number), "{:?}", knob.name),
            }
        }
    }
    if let Some(id) = Id::named(data) {
        assert_eq!(id.knob().name.to_bytes(), data);
    }
}

fn check(knob: &Knob, text: &[u8], value: u64) {
    let text = text.trim_ascii();
    match knob.kind {
        Kind::Number { min, max } => {
            assert!((min..=max).contains(&value), "{value} of {:?}", knob.name);
            let zeros = text.iter().take_while(|it| **it == b'0').count();
            let digits = &text[zeros.min(text.len() - 1)..];
            assert_eq!(digits, value.to_string().as_bytes());
        }
        Kind::Scheduler => assert_eq!(by_number(value).map(CStr::to_bytes), Some(text)),
        Kind::Word(words) => {
            let place = usize::try_from(value).expect("few");
            assert_eq!(words[place].to_bytes(), text);
        }
        Kind::Policies => assert_eq!(Policies::parse(text).map(Policies::value), Ok(value)),
    }
    let mut out = [0; TEXT];
    let text = knob.format(value, by_number, &mut out).expect("a text");
    assert_eq!(knob.parse(text, by_name), Ok(value));
}
