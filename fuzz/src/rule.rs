// SPDX-License-Identifier: GPL-2.0

//! Rules: for any of them, and any connection, the first that holds is the one of a model.

use crate::input::Input;
use heddle_core::decide::{
    naive,
    pm::settings::Settings,
    rule::{first, Conditions, Facts, Mark, Rule},
};

/// Looks rules up for some connections.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let input = &mut input;
    let rules: Vec<_> = (0..)
        .zip(input.list(20, conditions))
        .map(|(priority, conditions)| Rule {
            priority,
            conditions,
            scheduler: Some(0),
            settings: Settings::NONE,
        })
        .collect();
    for _ in 0..8 {
        let cgroups = input.list(4, |input| u64::from(input.below(6)));
        let facts = Facts {
            local: input.address(),
            local_port: input.port(),
            remote: input.address(),
            remote_port: input.port(),
            uid: input.below(3).into(),
            mark: mark(input),
            cgroups: &cgroups,
        };
        let expected = rules
            .iter()
            .position(|it| naive::rule(&it.conditions, &facts));
        let found = first(&rules, &facts);
        assert_eq!(found.map(|(place, _)| place), expected, "{facts:?}");
        assert_eq!(found.map(|(_, it)| it), expected.map(|it| &rules[it]));
    }
}

fn mark(input: &mut Input<'_>) -> u32 {
    match input.byte() {
        low @ 0..=127 => u32::from(low % 4),
        _ => input.any32(),
    }
}

fn conditions(input: &mut Input<'_>) -> Conditions {
    let local = input.maybe(Input::prefix).flatten();
    let local_ports = input.maybe(Input::ports).flatten();
    let remote = input.maybe(Input::prefix).flatten();
    let remote_ports = input.maybe(Input::ports).flatten();
    let uid = input.maybe(|input| input.below(3).into());
    let cgroup = input.maybe(|input| input.below(6).into());
    let mark = input.maybe(|input| {
        let (value, mask) = (mark(input), mark(input));
        let made = Mark::new(value, mask);
        assert_eq!(made.is_ok(), mask != 0 && value | mask == mask);
        made.ok()
    });
    Conditions {
        local,
        local_ports,
        remote,
        remote_ports,
        uid,
        cgroup,
        mark: mark.flatten(),
    }
}
