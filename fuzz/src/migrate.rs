// SPDX-License-Identifier: GPL-2.0

//! Heirs: whatever listeners there are, and whatever is set, the one that is chosen is one that
//! may be, or there is none.

use crate::{
    input::Input,
    settings::{policies, Settings as Knobbed},
};
use heddle_core::decide::migrate::{
    testing::{check, group},
    Config, Listener, Request, Settings, Stage,
};

/// Chooses heirs for some requests.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let input = &mut input;
    let mut config = Config::of(&Knobbed::of(input));
    if input.flag() {
        config.policies = policies(input);
    }
    // All alike, some of which are something else, so that there are large groups of few bytes.
    let mut group = group(usize::from(input.byte()));
    group.closing = any_listener(input);
    group.closing_settings = any_settings(input);
    group.newest = input.maybe(|input| input.byte().into());
    if !group.members.is_empty() {
        for _ in 0..input.below(32) {
            let place = input.place(group.members.len());
            group.members[place] = input.maybe(any_listener);
            group.settings[place] = any_settings(input);
        }
    }
    for _ in 0..8 {
        let request = Request {
            hash: input.any32(),
            cpu: input.below(3).into(),
            node: input.below(2).into(),
            random: input.any64(),
            stage: input.pick(&[Stage::AcceptQueue, Stage::Timer, Stage::FinalAck]),
        };
        group.forget_looks();
        let _ = check(&config, &group, &request);
    }
}

fn any_listener(input: &mut Input<'_>) -> Listener {
    Listener {
        queued: input.number(300),
        handshakes: input.number(300),
        limit: input.number(300),
        generation: input.number64(4),
        cpu: input.maybe(|input| input.below(3).into()),
        node: input.maybe(|input| input.below(2).into()),
        mark: input.below(3).into(),
        cgroup: input.below(3).into(),
    }
}

fn any_settings(input: &mut Input<'_>) -> Settings {
    let different = input.byte();
    Settings {
        save_syn: u8::from(different & 7 == 7),
        fast_open: different & 14 == 14,
        receive_buffer: (different & 28 == 28).then(|| input.byte().into()),
        congestion: u64::from(different >> 7),
        ..Settings::default()
    }
}
