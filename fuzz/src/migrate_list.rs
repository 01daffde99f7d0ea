// SPDX-License-Identifier: GPL-2.0

//! Lists of migration policies, as text and as the numbers of knobs: what is read is what is
//! written, and a text is a list exactly if a model says so.

use heddle_core::decide::migrate::{Policies, Policy, MAX_POLICIES, TEXT};

/// Reads a text, and a number.
pub fn run(data: &[u8]) {
    let read = Policies::parse(data);
    assert_eq!(read.is_ok(), is_list(data));
    match read {
        Ok(list) => check(list),
        Err(invalid) => assert!(!invalid.reason().is_empty()),
    }
    // The first policy is the lowest byte.
    let value = data
        .iter()
        .take(8)
        .rev()
        .fold(0, |n, &byte| (n << 8) | u64::from(byte));
    if let Some(list) = Policies::from_value(value) {
        assert_eq!(list.value(), value);
        check(list);
    }
}

fn check(list: Policies) {
    let mut out = [0; TEXT];
    let text = list.format(&mut out);
    assert_eq!(Policies::parse(text), Ok(list));
    assert_eq!(Policies::from_value(list.value()), Some(list));
    assert_eq!(list.iter().next(), Some(list.first()));
    assert_eq!(list.is_off(), text == b"off");
}

fn is_list(text: &[u8]) -> bool {
    let names: Vec<_> = text
        .split(|it| *it == b',')
        .map(<[u8]>::trim_ascii)
        .collect();
    let policies: Vec<_> = names
        .iter()
        .filter_map(|name| Policy::named(name))
        .collect();
    let is_once = |(place, it): (usize, &Policy)| !policies[..place].contains(it);
    policies.len() == names.len()
        && policies.len() <= MAX_POLICIES
        && policies.iter().enumerate().all(is_once)
        && policies.iter().rev().skip(1).all(|it| !it.is_last())
}
