// SPDX-License-Identifier: GPL-2.0

//! The configuration as a TOML file.
//!
//! ```toml
//! [knobs]
//! sched.default = "minrtt"
//!
//! [[rule]]
//! priority = 10
//! to = "10.0.0.0/8"
//! port = 443
//! scheduler = "minrtt"
//! pm.after_kib = 100
//!
//! [[path]]
//! priority = 10
//! dev = "wwan0"
//! cost = 10
//! cap = "5G"
//! used = "1300M"
//!
//! [[migration]]
//! priority = 10
//! port = 443
//! policy = "label,shortest"
//! ```
//!
//! `cap_period_end` before all that is the time, in seconds since 1970, at which
//! paths may carry their cap anew. The keys of a rule are the words of `heddle rule add`, those of a path of
//! `heddle path add`, and those of a migration of `heddle migrate add`.

use std::{
    collections::BTreeMap,
    fmt::Write,
    ops::Range, //
};

use serde::Serialize;
use toml::{
    de::{
        DeTable,
        DeValue, //
    },
    Spanned, //
};

use crate::{
    error::{
        Error,
        Result, //
    },
    item::{
        words,
        Item,
        PRIORITY_MAX,
        PRIORITY_STEP, //
    },
    knob,
    migration::Migration,
    model::{
        Config,
        Knob,
        KnobType, //
    },
    path::Path,
    rule::Rule,
};

/// A text, and the name of the file that it is from.
#[derive(Clone, Debug)]
pub struct Source {
    /// What messages call it.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The key that says when paths may carry their cap anew.
const CAP_PERIOD_END: &str = "cap_period_end";
const PERIOD_END: &str = "cap_period_end is a time in seconds since 1970";

/// Something wrong in a part of the text.
struct Wrong {
    at: Range<usize>,
    what: String,
}

type Checked<T> = std::result::Result<T, Wrong>;

fn wrong<T>(at: Range<usize>, what: impl Into<String>) -> Checked<T> {
    Err(Wrong {
        at,
        what: what.into(),
    })
}

/// Reads a configuration for a module that has these knobs. Knobs that are not
/// named have their default; what has no priority goes behind those before it.
pub fn read(source: &Source, knobs: &[Knob]) -> Result<Config> {
    parse(&source.text, knobs).map_err(|Wrong { at, what }| {
        let before = source.text.get(..at.start).unwrap_or(&source.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Error::Failed(format!("{}:{line}:{column}: {what}", source.name))
    })
}

fn parse(text: &str, knobs: &[Knob]) -> Checked<Config> {
    let table = DeTable::parse(text).map_err(|error| Wrong {
        at: error.span().unwrap_or_default(),
        what: error.message().to_string(),
    })?;
    let mut config = Config {
        knobs: knobs
            .iter()
            .map(|k| (k.name.clone(), k.default.clone()))
            .collect(),
        ..Config::default()
    };
    for (key, value) in table.get_ref() {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("knobs", DeValue::Table(table)) => {
                read_knobs(&mut config.knobs, "", table, knobs)?;
            }
            ("knobs", _) => return wrong(value.span(), "knobs is a table: write [knobs]"),
            (Rule::NAME, DeValue::Array(rules)) => config.rules = read_items(rules)?,
            (Path::NAME, DeValue::Array(paths)) => config.paths = read_items(paths)?,
            (Migration::NAME, DeValue::Array(all)) => config.migrations = read_items(all)?,
            (name @ (Rule::NAME | Path::NAME | Migration::NAME), _) => {
                return wrong(
                    value.span(),
                    format!("{name}s are a list: write [[{name}]] above each"),
                )
            }
            (CAP_PERIOD_END, DeValue::Integer(number)) => {
                let end = number.to_i128().and_then(|end| u64::try_from(end).ok());
                match end {
                    Some(_) => config.cap_period_end = end,
                    None => return wrong(value.span(), PERIOD_END),
                }
            }
            (CAP_PERIOD_END, _) => return wrong(value.span(), PERIOD_END),
            (other, _) => {
                return wrong(
                    key.span(),
                    format!("unknown key \"{other}\": allowed are knobs, rule, path and migration"),
                )
            }
        }
    }
    Ok(config)
}

/// Reads the knobs of a table, whose names begin with `prefix`.
fn read_knobs(
    into: &mut BTreeMap<String, String>,
    prefix: &str,
    table: &DeTable<'_>,
    knobs: &[Knob],
) -> Checked<()> {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        if let DeValue::Table(table) = value.get_ref() {
            let below = format!("{name}.");
            if !knobs.iter().any(|k| k.name.starts_with(&below)) {
                return wrong(key.span(), knob::unknown(&name, knobs));
            }
            read_knobs(into, &below, table, knobs)?;
            continue;
        }
        let Some(knob) = knobs.iter().find(|k| k.name == name) else {
            return wrong(key.span(), knob::unknown(&name, knobs));
        };
        into.insert(name, knob_value(knob, value)?);
    }
    Ok(())
}

fn knob_value(knob: &Knob, value: &Spanned<DeValue<'_>>) -> Checked<String> {
    let takes = || format!("{} takes {}", knob.name, knob::takes(knob));
    let text = match value.get_ref() {
        DeValue::Integer(_) if knob.kind.is_word() => return wrong(value.span(), takes()),
        DeValue::Integer(number) => {
            let number = number.to_i128().filter(|n| {
                let min = knob.min_value.map_or(i128::MIN, i128::from);
                let max = knob.max_value.map_or(i128::MAX, i128::from);
                (min..=max).contains(n)
            });
            match number {
                Some(number) => number.to_string(),
                None => return wrong(value.span(), takes()),
            }
        }
        DeValue::String(_) if knob.kind == KnobType::Number => return wrong(value.span(), takes()),
        DeValue::String(text) if text.is_empty() || text.len() > 63 => {
            return wrong(value.span(), format!("{}, of 1 to 63 characters", takes()))
        }
        DeValue::String(text) => text.to_string(),
        _ => return wrong(value.span(), takes()),
    };
    Ok(text)
}

/// A number as Rust has it.
trait Number {
    fn to_i128(&self) -> Option<i128>;
}

impl Number for toml::de::DeInteger<'_> {
    fn to_i128(&self) -> Option<i128> {
        i128::from_str_radix(&self.as_str().replace('_', ""), self.radix()).ok()
    }
}

fn read_items<T: Item>(items: &[Spanned<DeValue<'_>>]) -> Checked<Vec<T>> {
    let name = T::NAME;
    let mut all: BTreeMap<u32, T> = BTreeMap::new();
    for item in items {
        let DeValue::Table(table) = item.get_ref() else {
            return wrong(
                item.span(),
                format!("a {name} is a table: write [[{name}]] above its keys"),
            );
        };
        let (item, at) = read_item::<T>(table, item.span())?;
        let priority = match item.priority() {
            Some(priority) => priority,
            None => match all.keys().next_back() {
                None => PRIORITY_STEP,
                Some(last) => match last.saturating_add(PRIORITY_STEP) {
                    next if next <= PRIORITY_MAX => next,
                    _ => {
                        return wrong(
                            at,
                            format!(
                                "there is no priority behind that of the {name} before: give it one"
                            ),
                        )
                    }
                },
            },
        };
        if all.insert(priority, item.at(priority)).is_some() {
            return wrong(
                at,
                format!("there is a {name} with priority {priority} already"),
            );
        }
    }
    Ok(all.into_values().collect())
}

/// Reads an item, and says where its priority is, or else the item.
fn read_item<T: Item>(table: &DeTable<'_>, mut at: Range<usize>) -> Checked<(T, Range<usize>)> {
    let mut item = T::default();
    let whole = at.clone();
    read_keys(&mut item, "", table, &mut at)?;
    item.complete().map_err(|word| Wrong {
        at: whole,
        what: format!("this {} needs a key {word}", T::NAME),
    })?;
    Ok((item, at))
}

/// Reads the keys of an item in a table, whose names begin with `prefix`. Says where the priority
/// is, if it is there.
fn read_keys<T: Item>(
    item: &mut T,
    prefix: &str,
    table: &DeTable<'_>,
    at: &mut Range<usize>,
) -> Checked<()> {
    for (key, value) in table {
        let name = &format!("{prefix}{}", key.get_ref());
        if let DeValue::Table(table) = value.get_ref() {
            let below = format!("{name}.");
            if T::keywords().any(|it| it.starts_with(&below)) {
                read_keys(item, &below, table, at)?;
                continue;
            }
        }
        if !T::keywords().any(|it| it == name) && !T::SAVED.contains(&name.as_str()) {
            return wrong(
                key.span(),
                format!(
                    "unknown key \"{name}\": a {} is made of {}",
                    T::NAME,
                    T::made_of()
                ),
            );
        }
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => match number.to_i128() {
                Some(number) => number.to_string(),
                None => number.as_str().into(),
            },
            _ => return wrong(value.span(), format!("{name} is a text or a number")),
        };
        words::set(item, name, &text).map_err(|what| Wrong {
            at: value.span(),
            what: format!("{name}: {what}"),
        })?;
        if name == "priority" {
            *at = value.span();
        }
    }
    Ok(())
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A number as it is, anything else as a text.
fn value(text: &str) -> String {
    match text.parse::<u64>() {
        Ok(number) if number.to_string() == text && i64::try_from(number).is_ok() => text.into(),
        _ => quoted(text),
    }
}

/// A part of a name: bare if TOML allows that.
fn key(name: &str) -> String {
    let bare = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    let parts: Vec<_> = name
        .split('.')
        .map(|part| {
            if bare(part) {
                part.into()
            } else {
                quoted(part)
            }
        })
        .collect();
    parts.join(".")
}

/// Writes a configuration: all that it has, always the same way.
pub fn write(config: &Config, knobs: &[Knob]) -> String {
    let mut text = String::new();
    if let Some(end) = config.cap_period_end {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{CAP_PERIOD_END} = {end}\n");
    }
    text += "[knobs]\n";
    for (name, setting) in &config.knobs {
        let kind = knobs.iter().find(|k| k.name == *name).map(|k| k.kind);
        let setting = match kind {
            Some(KnobType::Number) => value(setting),
            _ => quoted(setting),
        };
        let _ = writeln!(text, "{} = {setting}", key(name));
    }
    write_items(&mut text, &config.rules);
    write_items(&mut text, &config.paths);
    write_items(&mut text, &config.migrations);
    text
}

fn write_items<T: Item>(text: &mut String, items: &[T]) {
    for item in items {
        let _ = writeln!(text, "\n[[{}]]", T::NAME);
        if let Some(priority) = item.priority() {
            let _ = writeln!(text, "priority = {priority}");
        }
        for (name, setting) in item.words().into_iter().chain(item.saved()) {
            let _ = writeln!(text, "{name} = {}", value(&setting));
        }
    }
}

/// The same as JSON.
pub fn as_json(config: &Config) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct File<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        cap_period_end: Option<u64>,
        knobs: &'a BTreeMap<String, String>,
        rule: &'a [Rule],
        path: &'a [Path],
        migration: &'a [Migration],
    }
    File {
        cap_period_end: config.cap_period_end,
        knobs: &config.knobs,
        rule: &config.rules,
        path: &config.paths,
        migration: &config.migrations,
    }
}

#[cfg(test)]
mod tests;
