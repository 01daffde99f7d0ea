// SPDX-License-Identifier: GPL-2.0

//! The configuration file: any text is a configuration or an error that says where, and what is
//! written of a configuration is read as the same.

use heddle_core::knob::{Id, Kind};
use heddle_tool::{
    config::{
        diff,
        file::{read, write, Source},
    },
    model::{Knob, KnobType},
};

/// Reads a text.
pub fn run(data: &[u8]) {
    // A file that is none of UTF-8 is refused before.
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let knobs: Vec<_> = Id::ALL.into_iter().map(knob).collect();
    let config = match read(&source(text), &knobs) {
        Ok(config) => config,
        Err(error) => {
            let error = error.to_string();
            assert!(error.starts_with("fuzz:"), "{error}");
            return;
        }
    };
    assert_eq!(config.knobs.len(), knobs.len());
    let written = write(&config, &knobs);
    match read(&source(&written), &knobs) {
        Ok(again) => {
            assert_eq!(again, config, "{written}");
            assert!(diff::changes(&config, &again).is_empty());
            assert_eq!(write(&again, &knobs), written);
        }
        Err(error) => panic!("{error} in\n{written}"),
    }
}

fn source(text: &str) -> Source {
    Source {
        name: "fuzz".into(),
        text: text.into(),
    }
}

/// A knob as the module tells of it.
fn knob(id: Id) -> Knob {
    let knob = id.knob();
    let text = |text: &std::ffi::CStr| text.to_str().expect("UTF-8").to_string();
    let (kind, min_value, max_value) = match knob.kind {
        Kind::Number { min, max } => (KnobType::Number, Some(min), Some(max)),
        Kind::Scheduler => (KnobType::Scheduler, None, None),
        Kind::Word(_) => (KnobType::Word, None, None),
        Kind::Policies => (KnobType::List, None, None),
    };
    Knob {
        name: text(knob.name),
        value: text(knob.default),
        default: text(knob.default),
        kind,
        min_value,
        max_value,
        unit: Some(text(knob.unit)),
        help: text(knob.help),
        words: knob.kind.words().map(text).collect(),
    }
}
