// SPDX-License-Identifier: GPL-2.0

//! `heddle apply`, `heddle export` and `heddle diff`.
//!
//! A file describes the whole configuration of a namespace: what it does not
//! name has its default, and rules, paths and migrations that are not in it are
//! deleted. [`file`] reads and writes it, [`diff`] tells two configurations apart.

pub mod diff;
pub mod file;

use crate::{
    error::{
        Error,
        Result, //
    },
    item::Item,
    kernel::Kernel,
    model::{
        Config,
        Knob, //
    },
    output::Output,
    path::Path,
    units,
};

use file::Source;

/// How often the configuration may change under our hands before we give up.
const ATTEMPTS: u32 = 5;

/// Whether a configuration is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was already.
    Same,
    /// It is now, or would be.
    Different,
}

/// What is configured, and the generation it belongs to.
struct Current {
    knobs: Vec<Knob>,
    config: Config,
    generation: u32,
}

/// Reads the configuration, again if it changed meanwhile.
fn current(kernel: &mut dyn Kernel) -> Result<Current> {
    for _ in 0..ATTEMPTS {
        let info = kernel.info()?;
        let generation = info.generation;
        let knobs = kernel.knobs()?;
        let rules = kernel.rules()?;
        let paths = kernel.paths()?;
        let migrations = kernel.migrations()?;
        if kernel.info()?.generation == generation {
            let left = info.cap_period_left.map(u64::from);
            let config = Config {
                cap_period_end: left.map(|left| units::now().saturating_add(left)),
                knobs: knobs
                    .iter()
                    .map(|k| (k.name.clone(), k.value.clone()))
                    .collect(),
                rules: rules.iter().map(Item::plain).collect(),
                // What was used of them is a part of it.
                paths: paths.iter().map(Path::to_save).collect(),
                migrations: migrations.iter().map(Item::plain).collect(),
            };
            return Ok(Current {
                knobs,
                config,
                generation,
            });
        }
    }
    Err(busy())
}

fn busy() -> Error {
    Error::Failed(
        "somebody else keeps changing the configuration: try again when they have finished".into(),
    )
}

/// Writes the configuration as a file that `apply` takes.
pub fn export(kernel: &mut dyn Kernel, out: &mut Output<'_>) -> Result<()> {
    let current = current(kernel)?;
    if out.json {
        return out.print_json(&file::as_json(&current.config));
    }
    let text = file::write(&current.config, &current.knobs);
    out.to.write_all(text.as_bytes())?;
    Ok(())
}

/// What a file says. What was used in a period that is over does not count.
fn wanted(source: &Source, knobs: &[Knob]) -> Result<Config> {
    let mut config = file::read(source, knobs)?;
    if config.cap_period_end.is_some_and(|end| end <= units::now()) {
        config.cap_period_end = None;
        for path in &mut config.paths {
            path.used = None;
        }
    }
    Ok(config)
}

/// Shows what `apply` would change.
pub fn diff(kernel: &mut dyn Kernel, out: &mut Output<'_>, source: &Source) -> Result<Outcome> {
    let current = current(kernel)?;
    let wanted = wanted(source, &current.knobs)?;
    let changes = diff::changes(&current.config, &wanted);
    diff::print(out, &changes)?;
    Ok(outcome(&changes))
}

fn outcome(changes: &[diff::Change]) -> Outcome {
    if changes.is_empty() {
        Outcome::Same
    } else {
        Outcome::Different
    }
}

/// Makes the configuration that of a file: all of it, or nothing. Shows what
/// has changed.
pub fn apply(kernel: &mut dyn Kernel, out: &mut Output<'_>, source: &Source) -> Result<Outcome> {
    for _ in 0..ATTEMPTS {
        let current = current(kernel)?;
        let wanted = wanted(source, &current.knobs)?;
        let changes = diff::changes(&current.config, &wanted);
        if changes.is_empty() {
            return Ok(Outcome::Same);
        }
        match kernel.set_config(&wanted, current.generation) {
            Ok(_) => {
                diff::print(out, &changes)?;
                return Ok(Outcome::Different);
            }
            // Whatever the error is called: if the generation is another one,
            // that was the reason.
            Err(Error::Refused(refusal)) => {
                if kernel.info()?.generation == current.generation {
                    return Err(refusal.into());
                }
            }
            Err(other) => return Err(other),
        }
    }
    Err(busy())
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

    fn source(text: &str) -> Source {
        Source {
            name: "x.toml".into(),
            text: text.into(),
        }
    }

    const OTHER: &str = "
        [knobs]
        sched.burst = 9000

        [[rule]]
        priority = 10
        to = '10.0.0.0/8'
        port = 443
        scheduler = 'default'

        [[rule]]
        uid = 5
        scheduler = 'minrtt'

        [[path]]
        dev = 'wlan0'
        weight = 3

        [[path]]
        dev = 'wwan0'
        cap = '5G'

        [[migration]]
        port = 443
        policy = 'shortest'

        [[migration]]
        cookie = 17
        policy = 'refuse'
    ";

    fn applied(fake: &mut Fake, text: &str) -> (Result<Outcome>, String) {
        let mut outcome = None;
        let text = run(false, |out| {
            outcome = Some(apply(fake, out, &source(text)));
            Ok(())
        });
        (outcome.unwrap(), text.unwrap())
    }

    #[test]
    fn export_apply_export_is_the_same() {
        let mut fake = Fake::sample();
        let first = run(false, |out| export(&mut fake, out)).unwrap();
        expect("export.toml", &first);
        let (outcome, text) = applied(&mut fake, &first);
        assert_eq!((outcome.unwrap(), text.as_str()), (Outcome::Same, ""));

        let mut fresh = Fake {
            rules: Vec::new(),
            paths: Vec::new(),
            migrations: Vec::new(),
            ..Fake::sample()
        };
        fresh.knobs[2].value = "5000".into();
        let (outcome, _) = applied(&mut fresh, &first);
        assert_eq!(outcome.unwrap(), Outcome::Different);
        let second = run(false, |out| export(&mut fresh, out)).unwrap();
        assert_eq!(first, second);
    }

    #[test]
    fn what_was_used_of_a_cap_is_kept() {
        let mut fake = Fake::sample();
        fake.info.cap_period_left = Some(1000);
        fake.paths[1].used = Some(1_500_000);
        let saved = run(false, |out| export(&mut fake, out)).unwrap();
        // That of the path without a cap is nobody's business.
        assert_eq!(saved.matches("used = ").count(), 1, "{saved}");
        let mut fresh = Fake::sample();
        let (outcome, text) = applied(&mut fresh, &saved);
        assert_eq!(outcome.unwrap(), Outcome::Different);
        assert_eq!(text, "+ path 20 used 1500k\n");
        assert_eq!(fresh.paths[1].used, Some(1_500_000));
        // The same again gives nothing back.
        fresh.paths[1].used = Some(2_000_000);
        assert_eq!(applied(&mut fresh, &saved).0.unwrap(), Outcome::Same);
        let end = saved.lines().next().unwrap();
        let late = saved.replace(end, "cap_period_end = 1000000000");
        let mut fresh = Fake::sample();
        assert_eq!(applied(&mut fresh, &late).0.unwrap(), Outcome::Same);
        let wrong = saved.replace(end, "cap_period_end = 'soon'");
        let error = applied(&mut fresh, &wrong).0.unwrap_err().to_string();
        assert!(error.contains("seconds since 1970"), "{error}");
    }

    #[test]
    fn what_has_changed_is_shown() {
        let mut fake = Fake::sample();
        let (outcome, text) = applied(&mut fake, OTHER);
        assert_eq!(outcome.unwrap(), Outcome::Different);
        expect("apply.txt", &text);
        assert_eq!(
            fake.rules[1].to_string(),
            "priority 20 uid 5 scheduler minrtt"
        );
        assert_eq!(
            fake.paths[1].to_string(),
            "priority 20 dev wwan0 weight 1 cost 0 cap 5G"
        );
        // What the file does not name has its default.
        assert_eq!(fake.knobs[2].value, "3000");
    }

    #[test]
    fn a_diff_changes_nothing() {
        let mut fake = Fake::sample();
        let text = run(false, |out| {
            assert_eq!(
                diff(&mut fake, out, &source(OTHER)).unwrap(),
                Outcome::Different
            );
            Ok(())
        });
        expect("apply.txt", &text.unwrap());
        assert_eq!(fake.info.generation, 7);
    }

    #[test]
    fn others_may_change_it_a_few_times() {
        let mut fake = Fake::sample();
        fake.races = 3;
        assert_eq!(applied(&mut fake, OTHER).0.unwrap(), Outcome::Different);
        let mut fake = Fake::sample();
        fake.races = 100;
        let error = applied(&mut fake, OTHER).0.unwrap_err().to_string();
        assert!(error.contains("somebody else"), "{error}");
    }

    #[test]
    fn what_the_kernel_refuses_is_no_race() {
        let mut fake = Fake::sample();
        fake.refuse = Some(Errno::PERM);
        let error = applied(&mut fake, OTHER).0.unwrap_err().to_string();
        assert!(error.contains("CAP_NET_ADMIN"), "{error}");
    }
}
