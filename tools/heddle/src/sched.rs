// SPDX-License-Identifier: GPL-2.0

//! `heddle sched`.

use serde::Serialize;

use crate::{
    error::Result,
    kernel::Kernel,
    knob,
    model::{
        Knob,
        Scheduler, //
    },
    output::Output,
    table::{
        Cell,
        Side,
        Table, //
    },
};

/// What the names of the knobs of the schedulers begin with.
const KNOBS: &str = "sched.";

#[derive(Serialize)]
struct Schedulers<'a> {
    schedulers: &'a [Scheduler],
    knobs: &'a [Knob],
}

/// Shows the schedulers and their knobs.
pub fn show(kernel: &mut dyn Kernel, out: &mut Output<'_>) -> Result<()> {
    let schedulers = kernel.schedulers()?;
    let knobs = knob::below(kernel, KNOBS)?;
    if out.json {
        return out.print_json(&Schedulers {
            schedulers: &schedulers,
            knobs: &knobs,
        });
    }
    let mut table = Table::new(&[
        ("SCHEDULER", Side::Left),
        ("OPENED", Side::Right),
        ("CLOSED", Side::Right),
        ("SENDS", Side::Right),
        ("WAITS", Side::Right),
        ("RETRANSMITS", Side::Right),
        ("WHAT IT DOES", Side::Left),
    ]);
    for scheduler in &schedulers {
        let counts: Vec<Cell> = match &scheduler.counts {
            Some(c) => [c.opened, c.closed, c.sends, c.waits, c.retransmits]
                .map(|count| count.to_string().into())
                .into(),
            None => vec![Cell::from("-"); 5],
        };
        let mut row = vec![Cell::from(scheduler.name.as_str())];
        row.extend(counts);
        row.push(scheduler.description.as_str().into());
        table.row(row);
    }
    table.print(out)?;
    if !knobs.is_empty() {
        out.line(format_args!(""))?;
        knob::print(out, &knobs)?;
    }
    Ok(())
}

/// Sets a knob of the schedulers, which is named without `sched.`.
pub fn set(kernel: &mut dyn Kernel, name: &str, value: &str) -> Result<()> {
    knob::set_below(kernel, KNOBS, name, value)
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
    fn schedulers_and_their_knobs() {
        let mut fake = Fake::sample();
        expect(
            "sched.txt",
            &run(false, |out| show(&mut fake, out)).unwrap(),
        );
        expect(
            "sched.json",
            &run(true, |out| show(&mut fake, out)).unwrap(),
        );
    }

    #[test]
    fn knobs_have_their_short_name() {
        let mut fake = Fake::sample();
        set(&mut fake, "default", "default").unwrap();
        assert_eq!(fake.knobs[1].value, "default");
        set(&mut fake, "sched.burst", "9000").unwrap();
        assert_eq!(fake.knobs[0].value, "9000");
    }
}
