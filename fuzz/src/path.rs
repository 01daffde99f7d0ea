// SPDX-License-Identifier: GPL-2.0

//! Paths: names of interfaces are those that the kernel takes, and the first path that holds is
//! the one of a model.

use crate::input::Input;
use heddle_core::decide::{
    naive,
    path::{first, Conditions, Facts, Interface, Path, COST_MAX, NO_CAP, WEIGHT_MAX},
    pm::settings::Settings,
};

/// Looks paths up for some subflows.
pub fn run(data: &[u8]) {
    name(data);
    let mut input = Input::new(data);
    let input = &mut input;
    let paths: Vec<_> = (0..)
        .zip(input.list(20, conditions))
        .map(|(priority, conditions)| Path {
            priority,
            conditions,
            weight: WEIGHT_MAX,
            cost: COST_MAX,
            cap: NO_CAP,
            used: 0,
            managed: Settings::NONE,
        })
        .collect();
    for _ in 0..8 {
        let facts = Facts {
            interface: input.maybe(interface).flatten(),
            local: input.address(),
            remote: input.address(),
        };
        let expected = paths.iter().find(|it| naive::path(&it.conditions, &facts));
        assert_eq!(first(&paths, &facts), expected, "{facts:?}");
    }
}

fn name(name: &[u8]) {
    let is_space = |byte: &u8| matches!(byte, b'\t'..=b'\r' | b' ' | 0xa0);
    let is_name = (1..=15).contains(&name.len())
        && name != b"."
        && name != b".."
        && !name.iter().any(|it| is_space(it) || b"\0/:".contains(it));
    let made = Interface::new(name);
    assert_eq!(made.is_ok(), is_name);
    if let Ok(made) = made {
        assert_eq!(made.name().to_bytes(), name);
    }
}

fn interface(input: &mut Input<'_>) -> Option<Interface> {
    match input.byte() {
        0..=63 => Interface::new(b"a").ok(),
        64..=127 => Interface::new(b"ab").ok(),
        length => Interface::new(input.bytes(usize::from(length % 18))).ok(),
    }
}

fn conditions(input: &mut Input<'_>) -> Conditions {
    Conditions {
        interface: input.maybe(interface).flatten(),
        local: input.maybe(Input::prefix).flatten(),
        remote: input.maybe(Input::prefix).flatten(),
    }
}
