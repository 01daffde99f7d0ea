// SPDX-License-Identifier: GPL-2.0

//! The path manager: whatever happens to a connection, whatever is set, it comes to rest, keeps
//! the limits, and opens no pair twice.

use crate::{input::Input, settings::Settings};
use heddle_core::decide::pm::{
    settings::OF_RULES,
    testing::{endpoint, Happening, Net},
    Manager, Outcome, Policy, BACKUP, FULLMESH, LAMINAR, SIGNAL, SUBFLOW,
};

const FLAGS: [u32; 6] = [
    SUBFLOW,
    SUBFLOW | FULLMESH,
    SIGNAL,
    LAMINAR,
    FULLMESH,
    SUBFLOW | BACKUP,
];

/// Has things happen to a connection.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let input = &mut input;
    let mut settings = Settings::of(&mut Input::new(&[]));
    for _ in 0..input.below(12) {
        let id = input.pick(&OF_RULES);
        settings.change(id, input);
    }
    let flags = input.list(6, |input| input.pick(&FLAGS));
    let endpoints = (1..)
        .zip(flags)
        .map(|(id, flags)| endpoint(id, flags))
        .collect();
    let mut net = Net::new(
        endpoints,
        usize::from(input.below(12)),
        input.below(5).into(),
    );
    net.facts.deny_id0 = input.rarely(4);
    net.facts.server = input.rarely(4);
    let mut policy = Policy::of(&settings);
    let mut manager = Manager::default();
    while !input.is_empty() {
        if input.rarely(16) {
            settings.change(input.pick(&OF_RULES), input);
            policy = Policy::of(&settings);
        }
        net.happen(&mut manager, &policy, happening(input));
    }
}

fn happening(input: &mut Input<'_>) -> Happening {
    let link = |input: &mut Input<'_>| i32::from(input.below(7)) + 1;
    let which = |input: &mut Input<'_>| usize::from(input.below(8));
    match input.below(12) {
        0 => Happening::Link(link(input), input.flag()),
        1 => Happening::Announce(input.list(10, |input| input.below(24) + 1)),
        2 => Happening::Remove(input.below(24) + 1),
        3 => Happening::Lose(which(input)),
        4 => Happening::Refuse(input.list(3, |input| input.below(4))),
        5 => Happening::Bytes(input.number64(1 << 20)),
        6 => Happening::Slow(which(input), input.number(400_000)),
        7 => Happening::Pass(input.number64(5000)),
        8 => Happening::Allow(link(input), input.pick(&[0, 1, 100_000])),
        9 => Happening::End(input.pick(&[Outcome::Done, Outcome::Failed, Outcome::Full])),
        10 => Happening::Backup(which(input), input.flag()),
        _ => Happening::Limit(usize::from(input.below(12))),
    }
}
