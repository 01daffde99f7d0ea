// SPDX-License-Identifier: GPL-2.0

//! `heddle knob`.

use crate::{
    error::{
        Error,
        Result, //
    },
    kernel::Kernel,
    model::{
        Knob,
        KnobType, //
    },
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

/// Shows all knobs, or those that have a name or are below it.
pub fn show(kernel: &mut dyn Kernel, out: &mut Output<'_>, name: Option<&str>) -> Result<()> {
    let all = kernel.knobs()?;
    let some: Vec<Knob> = match name {
        None => all,
        Some(name) => {
            let below = format!("{name}.");
            let some: Vec<_> = all
                .iter()
                .filter(|k| k.name == name || k.name.starts_with(&below))
                .cloned()
                .collect();
            if some.is_empty() {
                return Err(Error::Failed(unknown(name, &all)));
            }
            some
        }
    };
    print(out, &some)
}

/// Prints knobs as a table.
pub fn print(out: &mut Output<'_>, knobs: &[Knob]) -> Result<()> {
    if out.json {
        return out.print_json(&knobs);
    }
    let mut table = Table::new(&[
        ("KNOB", Side::Left),
        ("VALUE", Side::Left),
        ("DEFAULT", Side::Left),
        ("TAKES", Side::Left),
        ("WHAT IT DOES", Side::Left),
    ]);
    for knob in knobs {
        let ink = if knob.value == knob.default {
            Ink::Plain
        } else {
            Ink::Notice
        };
        table.row(vec![
            knob.name.as_str().into(),
            Cell::new(ink, knob.value.as_str()),
            Cell::new(Ink::Dim, knob.default.as_str()),
            takes_in_short(knob).into(),
            knob.help.as_str().into(),
        ]);
    }
    table.print(out)
}

/// What values a knob takes, in the space of a table.
fn takes_in_short(knob: &Knob) -> String {
    match knob.kind {
        KnobType::List => "a list, with commas".into(),
        _ => takes(knob),
    }
}

/// What values a knob takes, for people.
pub fn takes(knob: &Knob) -> String {
    let range = match (knob.kind, knob.min_value, knob.max_value) {
        (KnobType::Scheduler, ..) => "a scheduler".to_string(),
        (KnobType::Word, ..) => knob.words.join(", "),
        (KnobType::List, ..) => format!("a list, with commas, of {}", knob.words.join(", ")),
        (KnobType::Number, Some(min), Some(max)) => format!("{min} to {max}"),
        (KnobType::Number, Some(min), None) => format!("{min} or more"),
        (KnobType::Number, None, Some(max)) => format!("0 to {max}"),
        (KnobType::Number, None, None) => "a number".into(),
        (KnobType::Unknown, ..) => "a text".into(),
    };
    match &knob.unit {
        Some(unit) if !unit.is_empty() => format!("{range} {unit}"),
        _ => range,
    }
}

/// Says that there is no such knob, and which ones there are.
pub fn unknown(name: &str, all: &[Knob]) -> String {
    let names: Vec<_> = all.iter().map(|k| k.name.as_str()).collect();
    format!(
        "{name}: there is no knob of that name; there are {}",
        names.join(", ")
    )
}

/// The knobs whose names begin so.
pub fn below(kernel: &mut dyn Kernel, prefix: &str) -> Result<Vec<Knob>> {
    let mut knobs = kernel.knobs()?;
    knobs.retain(|knob| knob.name.starts_with(prefix));
    Ok(knobs)
}

/// Sets a knob whose name begins so; it may be named without that.
pub fn set_below(kernel: &mut dyn Kernel, prefix: &str, name: &str, value: &str) -> Result<()> {
    let name = name.strip_prefix(prefix).unwrap_or(name);
    set(kernel, &format!("{prefix}{name}"), value)
}

/// Sets a knob. What the kernel refuses is explained with what the knob takes.
pub fn set(kernel: &mut dyn Kernel, name: &str, value: &str) -> Result<()> {
    match kernel.set_knob(name, value) {
        Err(Error::Refused(mut refusal)) if !refusal.is(rustix::io::Errno::PERM) => {
            let knobs = kernel.knobs()?;
            match knobs.iter().find(|k| k.name == name) {
                None => Err(Error::Failed(unknown(name, &knobs))),
                Some(knob) => {
                    refusal.what = format!("{name} takes {}, not {value}", takes(knob));
                    Err(refusal.into())
                }
            }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        expect,
        run,
        Fake, //
    };
    use rustix::io::Errno;

    #[test]
    fn all_or_some() {
        let mut fake = Fake::sample();
        let text = run(false, |out| show(&mut fake, out, None)).unwrap();
        expect("knob.txt", &text);
        let text = run(false, |out| show(&mut fake, out, Some("sched"))).unwrap();
        assert_eq!(text.lines().count(), 3);
        let error = run(false, |out| show(&mut fake, out, Some("sch"))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sch: there is no knob of that name; there are sched.burst, sched.default, \
             net.limit, migrate.policy, migrate.settings_guard"
        );
    }

    #[test]
    fn json_has_every_attribute() {
        let mut fake = Fake::sample();
        let text = run(true, |out| show(&mut fake, out, Some("net.limit"))).unwrap();
        assert_eq!(
            text.trim(),
            r#"[{"name":"net.limit","value":"2000","default":"3000","type":"number","min_value":1448,"max_value":1048576,"unit":"bytes","help":"What net.limit does."}]"#
        );
    }

    #[test]
    fn what_is_refused_is_explained() {
        let mut fake = Fake::sample();
        set(&mut fake, "sched.burst", "20000").unwrap();
        assert_eq!(fake.knobs[0].value, "20000");
        assert!(set(&mut fake, "sched.x", "1")
            .unwrap_err()
            .to_string()
            .contains("sched.x: there is no knob of that name"));
        fake.refuse = Some(Errno::RANGE);
        let error = set(&mut fake, "sched.burst", "1").unwrap_err().to_string();
        assert!(error.starts_with("sched.burst takes 1448 to 1048576 bytes, not 1: "));
        let error = set(&mut fake, "migrate.settings_guard", "on").unwrap_err();
        let takes = "migrate.settings_guard takes off, warn, enforce, not on: ";
        assert!(error.to_string().starts_with(takes));
        let error = set(&mut fake, "migrate.policy", "on").unwrap_err();
        let takes = "migrate.policy takes a list, with commas, of off, hash, newest, not on: ";
        assert!(error.to_string().starts_with(takes));
        fake.refuse = Some(Errno::PERM);
        let error = set(&mut fake, "sched.burst", "1").unwrap_err().to_string();
        assert!(error.contains("CAP_NET_ADMIN"));
    }
}
