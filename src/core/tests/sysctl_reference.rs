// SPDX-License-Identifier: GPL-2.0

//! `Documentation/sysctl.md` is what the list of knobs makes it.
//!
//! `scripts/enter env HEDDLE_UPDATE=1 cargo test sysctl_reference` writes it anew.

use heddle_core::{
    decide::migrate::MAX_POLICIES,
    knob::{Id, Kind},
};
use std::fmt::Write;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Documentation/sysctl.md");

const HEAD: &str = "\
# Sysctl reference

Made from the list in `src/core/knob/list.rs` by `scripts/enter env HEDDLE_UPDATE=1 cargo test sysctl_reference`.

Every network namespace has its own values, and a new one begins with the defaults. Writing needs CAP_NET_ADMIN in the
user namespace that owns the network namespace. A value out of range is refused with EINVAL and changes nothing.
`heddle knob` shows and sets the same, and netlink tells why a value is refused.
";

fn reference() -> String {
    let mut text = String::from(HEAD);
    for id in Id::ALL {
        let knob = id.knob();
        let [name, default, unit, help] = [knob.name, knob.default, knob.unit, knob.help]
            .map(|text| text.to_str().expect("ASCII"));
        let words: Vec<_> = knob
            .kind
            .words()
            .map(|word| format!("`{}`", word.to_str().expect("ASCII")))
            .collect();
        let words = words.join(", ");
        let (kind, takes) = match knob.kind {
            Kind::Number { min, max } => ("INTEGER", format!("Range: {min} to {max}.")),
            Kind::Scheduler => (
                "STRING",
                "One of the names that `heddle sched show` lists.".into(),
            ),
            Kind::Word(_) => ("STRING", format!("One of {words}.")),
            Kind::Policies => (
                "STRING",
                format!(
                    "A list of at most {MAX_POLICIES}, with commas, of {words}; \
                     see [migration](migration.md)."
                ),
            ),
        };
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" ({unit})")
        };
        write!(text, "\nnet.heddle.{name} - {kind}{unit}\n: {help}\n").expect("memory");
        writeln!(text, "  {takes}").expect("memory");
        writeln!(text, "  Default: `{default}`").expect("memory");
    }
    text
}

#[test]
fn sysctl_reference() {
    if std::env::var_os("HEDDLE_UPDATE").is_some() {
        std::fs::write(PATH, reference()).expect("the reference can be written");
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        written == reference(),
        "Documentation/sysctl.md is not what the knobs make it: see this test's file"
    );
}
