// SPDX-License-Identifier: GPL-2.0

//! What makes one configuration of another.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    error::Result,
    item::Item,
    model::Config,
    output::{
        Ink,
        Output, //
    },
    path::Path,
    units,
};

/// A line that is removed, added, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What is changed: "knob NAME", "rule PRIORITY", and so on.
    pub what: String,
    /// What it is before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The changes from one configuration to another: first knobs, then rules, then
/// paths, then migrations.
pub fn changes(before: &Config, after: &Config) -> Vec<Change> {
    let knobs = compare(
        &before.knobs,
        &after.knobs,
        |name| format!("knob {name}"),
        |name, value| format!("knob {name} {value}"),
    );
    let uses = uses(&before.paths, &after.paths);
    let rules = items(&before.rules, &after.rules);
    let paths = items(&before.paths, &after.paths);
    let migrations = items(&before.migrations, &after.migrations);
    knobs
        .into_iter()
        .chain(rules)
        .chain(paths)
        .chain(uses)
        .chain(migrations)
        .collect()
}

/// What more was used of paths than is known.
fn uses(before: &[Path], after: &[Path]) -> Vec<Change> {
    let used = |paths: &[Path], priority| {
        let path = paths.iter().find(|it| it.priority == priority);
        path.and_then(|it| it.used).unwrap_or(0)
    };
    let say = |priority, used| format!("path {priority} used {}", units::size(used));
    after
        .iter()
        .filter_map(|path| {
            let priority = path.priority?;
            let (was, is) = (used(before, path.priority), path.used?);
            (is > was).then(|| Change {
                what: format!("use of path {priority}"),
                before: (was > 0).then(|| say(priority, was)),
                after: Some(say(priority, is)),
            })
        })
        .collect()
}

fn items<T: Item>(before: &[T], after: &[T]) -> Vec<Change> {
    compare(
        &by_priority(before),
        &by_priority(after),
        |priority| format!("{} {priority}", T::NAME),
        |_, item| format!("{} {item}", T::NAME),
    )
}

fn by_priority<T: Item>(items: &[T]) -> BTreeMap<u32, T> {
    items
        .iter()
        .filter_map(|item| Some((item.priority()?, item.plain())))
        .collect()
}

fn compare<K: Ord, V: PartialEq>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
    what: impl Fn(&K) -> String,
    line: impl Fn(&K, &V) -> String,
) -> Vec<Change> {
    let mut keys: Vec<&K> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| before.get(key) != after.get(key))
        .map(|key| Change {
            what: what(key),
            before: before.get(key).map(|value| line(key, value)),
            after: after.get(key).map(|value| line(key, value)),
        })
        .collect()
}

/// Writes changes as lines with - and +.
pub fn print(out: &mut Output<'_>, changes: &[Change]) -> Result<()> {
    if out.json {
        return out.print_json(&changes);
    }
    for change in changes {
        for (sign, ink, line) in [
            ('-', Ink::Bad, &change.before),
            ('+', Ink::Good, &change.after),
        ] {
            if let Some(line) = line {
                let line = out.paint.ink(ink, &format!("{sign} {line}"));
                out.line(format_args!("{line}"))?;
            }
        }
    }
    Ok(())
}
