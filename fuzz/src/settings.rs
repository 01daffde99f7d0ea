// SPDX-License-Identifier: GPL-2.0

//! Knobs at any values that they take.

use crate::input::Input;
use heddle_core::{
    decide::migrate::{Policies, Policy},
    knob::{self, Id, Kind, Knobs, PerKnob},
};

/// The value of each knob.
#[derive(Clone, Debug)]
pub struct Settings(PerKnob<u64>);

impl Knobs for Settings {
    fn value(&self, id: Id) -> u64 {
        *self.0.get(id)
    }
}

impl Settings {
    /// The defaults, but for some knobs.
    pub fn of(input: &mut Input<'_>) -> Self {
        let default = |id: Id| id.knob().default_value(|_| Some(0)).expect("a default");
        let mut settings = Self(PerKnob::from_fn(default));
        for _ in 0..input.below(16) {
            let id = input.pick(&Id::ALL);
            settings.change(id, input);
        }
        settings
    }

    /// Sets a knob to any value that it takes.
    pub fn change(&mut self, id: Id, input: &mut Input<'_>) {
        *self.0.get_mut(id) = match id.knob().kind {
            Kind::Number { min, max } => match (input.any64(), (max - min).checked_add(1)) {
                (any, Some(range)) => min + any % range,
                (any, None) => any,
            },
            Kind::Scheduler => input.byte().into(),
            Kind::Word(words) => u64::from(input.byte()) % u64::try_from(words.len()).expect("few"),
            Kind::Policies => policies(input).value(),
        };
    }
}

/// A list of policies.
pub fn policies(input: &mut Input<'_>) -> Policies {
    let names = input.list(4, |input| knob::bytes(input.pick(&Policy::ALL).name()));
    Policies::parse(&names.join(&b','))
        // Without what is twice, or behind the last one, there is a list at any rate.
        .or_else(|_| Policies::parse(names.first().copied().unwrap_or(b"off")))
        .expect("a list")
}
