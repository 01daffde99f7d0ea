// SPDX-License-Identifier: GPL-2.0

//! `heddle counters`.

use std::{
    collections::HashMap,
    time::{
        Duration,
        Instant, //
    },
};

use crate::{
    error::Result,
    kernel::Kernel,
    model::Counter,
    output::{
        Ink,
        Output, //
    },
    table::{
        Cell,
        Side,
        Table, //
    },
};

/// Shows the counters; those that are 0 only if `all` is set.
pub fn show(kernel: &mut dyn Kernel, out: &mut Output<'_>, all: bool) -> Result<()> {
    let mut counters = kernel.counters()?;
    counters.retain(|counter| all || counter.value != 0);
    if out.json {
        return out.print_json(&counters);
    }
    print(out, counters)
}

/// Prints counters as a table.
pub fn print(out: &mut Output<'_>, counters: Vec<Counter>) -> Result<()> {
    let mut table = Table::new(&[
        ("COUNTER", Side::Left),
        ("VALUE", Side::Right),
        ("WHAT IT COUNTS", Side::Left),
    ]);
    for counter in counters {
        table.row(vec![
            counter.name.into(),
            counter.value.to_string().into(),
            Cell::new(Ink::Dim, counter.help),
        ]);
    }
    table.print(out)
}

/// Shows every `interval` by how much the counters grew, until it is
/// interrupted.
pub fn watch(
    kernel: &mut dyn Kernel,
    out: &mut Output<'_>,
    all: bool,
    interval: Duration,
) -> Result<()> {
    let mut before = kernel.counters()?;
    let mut at = Instant::now();
    loop {
        std::thread::sleep(interval);
        let now = kernel.counters()?;
        let seconds = at.elapsed().as_secs_f64();
        at = Instant::now();
        step(out, &before, &now, seconds, all)?;
        before = now;
    }
}

/// One step of `watch()`. A counter that went back was reset.
fn step(
    out: &mut Output<'_>,
    before: &[Counter],
    now: &[Counter],
    seconds: f64,
    all: bool,
) -> Result<()> {
    let old: HashMap<&str, u64> = before.iter().map(|c| (c.name.as_str(), c.value)).collect();
    let grown = |counter: &Counter| {
        let old = old.get(counter.name.as_str()).copied().unwrap_or(0);
        counter.value.checked_sub(old).unwrap_or(counter.value)
    };
    #[allow(clippy::cast_precision_loss, reason = "a rate, for people")]
    let rates: Vec<(&Counter, f64)> = now
        .iter()
        .map(|counter| (counter, grown(counter) as f64 / seconds))
        .filter(|(_, rate)| all || *rate > 0.0)
        .collect();
    if out.json {
        let object: serde_json::Map<_, _> = rates
            .iter()
            .map(|(counter, rate)| (counter.name.clone(), serde_json::Value::from(*rate)))
            .collect();
        return out.print_json(&object);
    }
    let mut table = Table::new(&[
        ("COUNTER", Side::Left),
        ("PER SECOND", Side::Right),
        ("VALUE", Side::Right),
    ]);
    for (counter, rate) in &rates {
        table.row(vec![
            counter.name.as_str().into(),
            format!("{rate:.1}").into(),
            counter.value.to_string().into(),
        ]);
    }
    if rates.is_empty() {
        out.line(format_args!("(no counter has changed)"))?;
    }
    table.print(out)?;
    out.line(format_args!(""))?;
    out.to.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        run,
        Fake, //
    };

    #[test]
    fn those_that_are_zero_are_hidden() {
        let mut fake = Fake::sample();
        let text = run(false, |out| show(&mut fake, out, false)).unwrap();
        assert_eq!(
            text,
            "COUNTER        VALUE  WHAT IT COUNTS\n\
             MinRttSends      900  MinRtt: Times it chose a subflow.\n\
             RuleMatches        3  Connections that a rule matched.\n\
             MigrateNewest     12  Heirs chosen by newest.\n"
        );
        let text = run(false, |out| show(&mut fake, out, true)).unwrap();
        assert!(text.contains("EventsLost"));
    }

    #[test]
    fn rates_are_differences_over_time() {
        let before = Fake::sample().counters;
        let mut now = before.clone();
        now[0].value += 300;
        now[2].value = 1;
        let text = run(false, |out| step(out, &before, &now, 2.0, false)).unwrap();
        assert_eq!(
            text,
            "COUNTER      PER SECOND  VALUE\n\
             MinRttSends       150.0   1200\n\
             RuleMatches         0.5      1\n\n"
        );
        let text = run(true, |out| step(out, &before, &now, 2.0, false)).unwrap();
        assert_eq!(text, "{\"MinRttSends\":150.0,\"RuleMatches\":0.5}\n");
    }
}
