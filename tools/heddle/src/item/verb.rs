// SPDX-License-Identifier: GPL-2.0

//! `heddle rule`, `heddle path` and `heddle migrate`.

use crate::{
    error::{
        Error,
        Result, //
    },
    item::{
        words,
        Item, //
    },
    kernel::Kernel,
    output::Output,
};

/// What to do with items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Show them, perhaps with what they counted.
    Show(bool),
    /// Add one.
    Add(Vec<String>),
    /// Put one in the place of another.
    Replace(Vec<String>),
    /// Delete one.
    Delete(Vec<String>),
    /// Delete all.
    Flush,
}

impl Verb {
    /// Does it. A mistake in the words is told even if there is no kernel.
    pub fn run<T: Item, K: Kernel>(
        self,
        kernel: impl FnOnce() -> Result<K>,
        out: &mut Output<'_>,
    ) -> Result<()> {
        if let Self::Add(given) | Self::Replace(given) = &self {
            words::parse_complete::<T, _>(given)?;
        }
        let kernel = &mut kernel()?;
        match self {
            Self::Show(counts) => show::<T>(kernel, out, counts),
            Self::Add(given) => add::<T>(kernel, out, &given, false),
            Self::Replace(given) => add::<T>(kernel, out, &given, true),
            Self::Delete(given) => delete::<T>(kernel, &given),
            Self::Flush => T::flush(kernel),
        }
    }
}

/// Shows the items in the words that `add` takes, with `counts` also what each
/// has counted.
pub fn show<T: Item>(kernel: &mut dyn Kernel, out: &mut Output<'_>, counts: bool) -> Result<()> {
    let items = T::all(kernel)?;
    if out.json {
        return out.print_json(&items);
    }
    for item in items {
        match item.counted() {
            Some(counted) if counts => out.line(format_args!("{item} # {counted}"))?,
            _ => out.line(format_args!("{item}"))?,
        }
    }
    Ok(())
}

/// Adds an item, or with `replace` puts it in the place of the one with the
/// same priority. As JSON says what was added, with the priority.
pub fn add<T: Item>(
    kernel: &mut dyn Kernel,
    out: &mut Output<'_>,
    given: &[String],
    replace: bool,
) -> Result<()> {
    let item: T = words::parse_complete(given)?;
    if replace && item.priority().is_none() {
        return Err(Error::Usage(format!(
            "which {} is to be replaced? Begin with \"priority NUMBER\"",
            T::NAME
        )));
    }
    let priority = item.add(kernel, replace)?;
    if out.json {
        return out.print_json(&item.at(priority));
    }
    Ok(())
}

/// Deletes an item, which is given as `NUMBER`, or by words that only one fits.
pub fn delete<T: Item>(kernel: &mut dyn Kernel, given: &[String]) -> Result<()> {
    if let [number] = given {
        return T::delete(kernel, words::priority(number).map_err(Error::Usage)?);
    }
    let name = T::NAME;
    let wanted: T = words::parse(given)?;
    if wanted == T::default() {
        return Err(Error::Usage(format!(
            "which {name} is to be deleted? Write its priority, or the {name}"
        )));
    }
    let items = T::all(kernel)?;
    let mut fitting = items.iter().filter(|item| fits(*item, &wanted));
    match (fitting.next().and_then(Item::priority), fitting.next()) {
        (Some(priority), None) => T::delete(kernel, priority),
        (Some(_), Some(_)) => Err(Error::Failed(format!(
            "more than one {name} fits: name the priority of the one to delete"
        ))),
        _ => Err(Error::Failed(format!("there is no such {name}"))),
    }
}

/// Whether an item has all that is wanted.
fn fits<T: Item>(item: &T, wanted: &T) -> bool {
    let words = item.words();
    wanted.words().iter().all(|word| words.contains(word))
        && (wanted.priority().is_none() || wanted.priority() == item.priority())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        item::testing::given,
        rule::Rule,
        testing::{
            run,
            Fake, //
        },
    };

    fn show(fake: &mut Fake, out: &mut Output<'_>, counts: bool) -> Result<()> {
        super::show::<Rule>(fake, out, counts)
    }

    fn add(fake: &mut Fake, out: &mut Output<'_>, given: &[String], replace: bool) -> Result<()> {
        super::add::<Rule>(fake, out, given, replace)
    }

    fn delete(fake: &mut Fake, given: &[String]) -> Result<()> {
        super::delete::<Rule>(fake, given)
    }

    #[test]
    fn what_is_added_is_shown() {
        let mut fake = Fake::default();
        let text = "priority 20 port 443 scheduler minrtt";
        run(false, |out| add(&mut fake, out, &given(text), false)).unwrap();
        run(false, |out| {
            add(&mut fake, out, &given("scheduler default"), false)
        })
        .unwrap();
        let shown = run(false, |out| show(&mut fake, out, false)).unwrap();
        assert_eq!(shown, format!("{text}\npriority 30 scheduler default\n"));
    }

    #[test]
    fn hits_are_a_comment() {
        let mut fake = Fake::sample();
        let shown = run(false, |out| show(&mut fake, out, true)).unwrap();
        assert_eq!(
            shown.lines().next(),
            Some("priority 10 to 10.0.0.0/8 port 443 scheduler minrtt # hits 3")
        );
    }

    #[test]
    fn json_has_the_same_words() {
        let mut fake = Fake::sample();
        let shown = run(true, |out| show(&mut fake, out, false)).unwrap();
        assert!(shown.starts_with(
            r#"[{"priority":10,"to":"10.0.0.0/8","port":"443","scheduler":"minrtt","hits":3}"#
        ));
    }

    #[test]
    fn a_rule_is_deleted_by_its_priority() {
        let mut fake = Fake::sample();
        delete(&mut fake, &given("10")).unwrap();
        assert_eq!(fake.rules.len(), 1);
        delete(&mut fake, &given("priority 20")).unwrap();
        assert!(fake.rules.is_empty());
    }

    #[test]
    fn a_rule_is_deleted_by_what_it_says() {
        let mut fake = Fake::sample();
        let error = delete(&mut fake, &given("priority 10 port 80")).unwrap_err();
        assert_eq!(error.to_string(), "there is no such rule");
        let error = delete(&mut fake, &given("scheduler minrtt")).unwrap_err();
        assert!(error.to_string().contains("more than one"));
        delete(&mut fake, &given("port 443")).unwrap();
        assert_eq!(fake.rules[0].priority, Some(20));
    }

    #[test]
    fn replacing_needs_a_priority() {
        let mut fake = Fake::sample();
        let error = run(false, |out| {
            add(&mut fake, out, &given("scheduler default"), true)
        });
        assert_eq!(error.unwrap_err().status(), 2);
        let text = given("priority 10 scheduler default");
        run(false, |out| add(&mut fake, out, &text, true)).unwrap();
        assert_eq!(fake.rules[0].scheduler, "default");
    }
}
