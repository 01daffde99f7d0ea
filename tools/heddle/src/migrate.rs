// SPDX-License-Identifier: GPL-2.0

//! `heddle migrate show`, `set` and `watch`.

use serde::Serialize;

use crate::{
    error::Result,
    item::verb,
    kernel::{
        Events,
        Kernel, //
    },
    knob,
    migration::Migration,
    model::{
        Counter,
        Knob, //
    },
    monitor,
    output::Output,
};

/// What the names of the knobs of migration begin with.
const KNOBS: &str = "migrate.";

/// What the names of its counters begin with.
const COUNTERS: &str = "Migrate";

#[derive(Serialize)]
struct All<'a> {
    knobs: &'a [Knob],
    migrations: &'a [Migration],
    counters: &'a [Counter],
}

/// Shows the knobs, the migrations in the words that `add` takes, and what was
/// counted; the text has counts only with `stats`.
pub fn show(kernel: &mut dyn Kernel, out: &mut Output<'_>, stats: bool) -> Result<()> {
    let knobs = knob::below(kernel, KNOBS)?;
    let mut counters = kernel.counters()?;
    counters.retain(|counter| counter.name.starts_with(COUNTERS));
    if out.json {
        return out.print_json(&All {
            knobs: &knobs,
            migrations: &kernel.migrations()?,
            counters: &counters,
        });
    }
    knob::print(out, &knobs)?;
    if !kernel.migrations()?.is_empty() {
        out.line(format_args!(""))?;
        verb::show::<Migration>(kernel, out, stats)?;
    }
    counters.retain(|counter| counter.value != 0);
    if stats && !counters.is_empty() {
        out.line(format_args!(""))?;
        crate::counters::print(out, counters)?;
    }
    Ok(())
}

/// Sets a knob of migration, which is named without `migrate.`.
pub fn set(kernel: &mut dyn Kernel, name: &str, value: &str) -> Result<()> {
    knob::set_below(kernel, KNOBS, name, value)
}

/// Shows what becomes of connections whose listener is closed, as it happens.
pub fn watch(events: &mut dyn Events, out: &mut Output<'_>, timestamps: bool) -> Result<()> {
    monitor::run(events, out, timestamps, |event| event.handover.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        expect,
        run,
        Fake, //
    };

    #[test]
    fn everything_there_is() {
        let mut fake = Fake::sample();
        let text = run(false, |out| show(&mut fake, out, true)).unwrap();
        expect("migrate.txt", &text);
        let json = run(true, |out| show(&mut fake, out, false)).unwrap();
        expect("migrate.json", &json);
    }

    #[test]
    fn counts_are_shown_if_asked_for() {
        let mut fake = Fake::sample();
        let text = run(false, |out| show(&mut fake, out, false)).unwrap();
        assert!(text.contains("\npriority 10 port 443 policy newest,shortest\n"));
        assert!(!text.contains("hits") && !text.contains("MigrateNewest"));
    }

    #[test]
    fn a_knob_is_set_with_or_without_its_prefix() {
        let mut fake = Fake::sample();
        set(&mut fake, "policy", "shortest").unwrap();
        let value = |fake: &Fake| {
            let knob = fake.knobs.iter().find(|knob| knob.name == "migrate.policy");
            knob.unwrap().value.clone()
        };
        assert_eq!(value(&fake), "shortest");
        set(&mut fake, "migrate.policy", "off").unwrap();
        assert_eq!(value(&fake), "off");
        assert!(set(&mut fake, "sched.default", "x").is_err());
    }
}
