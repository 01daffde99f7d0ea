// SPDX-License-Identifier: GPL-2.0

//! `heddle paths`.

use serde::Serialize;

use crate::{
    counters,
    error::Result,
    kernel::Kernel,
    knob,
    model::{
        Counter,
        Knob, //
    },
    output::Output,
};

/// What the names of the knobs of the path manager begin with.
const KNOBS: &str = "pm.";
/// What the names of its counters begin with.
const COUNTERS: &str = "Pm";

#[derive(Serialize)]
struct Paths<'a> {
    knobs: &'a [Knob],
    counters: &'a [Counter],
}

/// Shows the policy of the path manager, and what came of it.
pub fn show(kernel: &mut dyn Kernel, out: &mut Output<'_>) -> Result<()> {
    let knobs = knob::below(kernel, KNOBS)?;
    let mut counters = kernel.counters()?;
    counters.retain(|counter| counter.value != 0 && counter.name.starts_with(COUNTERS));
    if out.json {
        return out.print_json(&Paths {
            knobs: &knobs,
            counters: &counters,
        });
    }
    knob::print(out, &knobs)?;
    if !counters.is_empty() {
        out.line(format_args!(""))?;
        counters::print(out, counters)?;
    }
    Ok(())
}

/// Sets knobs of the path manager, each as `NAME=VALUE`, named without `pm.`, one after the other.
pub fn set(kernel: &mut dyn Kernel, settings: &[(String, String)]) -> Result<()> {
    for (name, value) in settings {
        knob::set_below(kernel, KNOBS, name, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        expect,
        run,
        Fake, //
    };

    /// With a knob and a counter of the path manager, besides others.
    fn sample() -> Fake {
        let mut fake = Fake::sample();
        let mut knob = fake.knobs[4].clone();
        knob.name = "pm.mesh".into();
        knob.value = "fullmesh".into();
        knob.default = "endpoints".into();
        knob.words = ["endpoints", "fullmesh"].map(Into::into).into();
        knob.help = "Which pairs are connected.".into();
        fake.knobs.push(knob);
        let mut counter = fake.counters[0].clone();
        counter.name = "PmFullmesh".into();
        counter.help = "Subflows opened by fullmesh.".into();
        fake.counters.push(counter);
        fake
    }

    #[test]
    fn the_policy_and_what_came_of_it() {
        let mut fake = sample();
        expect(
            "paths.txt",
            &run(false, |out| show(&mut fake, out)).unwrap(),
        );
        expect(
            "paths.json",
            &run(true, |out| show(&mut fake, out)).unwrap(),
        );
    }

    #[test]
    fn knobs_have_their_short_name() {
        let mut fake = sample();
        let value = |fake: &Fake| {
            let knob = fake.knobs.iter().find(|it| it.name == "pm.mesh");
            knob.map(|it| it.value.clone())
        };
        set(&mut fake, &[("mesh".into(), "fullmesh".into())]).unwrap();
        assert_eq!(value(&fake).as_deref(), Some("fullmesh"));
        set(&mut fake, &[("pm.mesh".into(), "endpoints".into())]).unwrap();
        assert_eq!(value(&fake).as_deref(), Some("endpoints"));
        assert!(set(&mut fake, &[("nothing".into(), "1".into())]).is_err());
    }
}
