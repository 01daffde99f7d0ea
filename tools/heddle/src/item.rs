// SPDX-License-Identifier: GPL-2.0

//! What rules, paths and migrations have in common: they are lists by priority,
//! and are written in words.
//!
//! `heddle rule add`, `heddle rule show` and the configuration file say the
//! same thing the same way. [`words`] reads it, [`write`] writes it, [`verb`]
//! asks the kernel.

mod condition;
pub mod settings;
pub mod verb;
pub mod words;

use std::fmt;

use heddle_core::knob::Id;
use serde::Serialize;

use crate::{
    error::Result,
    kernel::Kernel, //
};

pub use condition::{
    Mark,
    Ports,
    Prefix, //
};

/// The highest priority there is.
pub const PRIORITY_MAX: u32 = 2_147_483_647;

/// The distance that is left between items without a priority of their own.
pub const PRIORITY_STEP: u32 = 10;

/// A rule, a path, or a migration.
pub trait Item: Clone + Default + PartialEq + Serialize + fmt::Display {
    /// What it is called.
    const NAME: &'static str;

    /// The words that it is made of, each followed by a value, in the order in
    /// which they are written. The first is the priority.
    const KEYWORDS: &'static [&'static str];

    /// The knobs of the path manager that it can have values of its own for,
    /// which are words of it as well.
    const SETTINGS: &'static [Id] = &[];

    /// What a configuration file says besides, about what it counted.
    const SAVED: &'static [&'static str] = &[];

    /// What that is, with its values.
    fn saved(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// All words that it can be made of.
    fn keywords() -> impl Iterator<Item = &'static str> {
        let settings = Self::SETTINGS.iter().map(|id| settings::name(*id));
        Self::KEYWORDS.iter().copied().chain(settings)
    }

    /// The words that it can be made of, for people.
    fn made_of() -> String {
        Self::keywords().collect::<Vec<_>>().join(", ")
    }

    /// Its place and its name. A new one without it goes behind the others.
    fn priority(&self) -> Option<u32>;

    /// The same at another priority.
    #[must_use]
    fn at(mut self, priority: u32) -> Self {
        self.set_priority(priority);
        self
    }

    /// The same as configuration, without what it counted.
    #[must_use]
    fn plain(&self) -> Self;

    /// What it counted, in words.
    fn counted(&self) -> Option<String>;

    /// Its words with their values, but for the priority.
    fn words(&self) -> Vec<(&'static str, String)>;

    /// Sets what one of its words but the priority says.
    fn set(&mut self, keyword: &str, value: &str) -> std::result::Result<(), String>;

    /// Sets the priority.
    fn set_priority(&mut self, priority: u32);

    /// Makes it whole, or says which word it lacks.
    fn complete(&mut self) -> std::result::Result<(), &'static str>;

    /// All that the kernel has, by ascending priority.
    fn all(kernel: &mut dyn Kernel) -> Result<Vec<Self>>;

    /// Adds it, or replaces the one with its priority, which is returned.
    fn add(&self, kernel: &mut dyn Kernel, replace: bool) -> Result<u32>;

    /// Deletes the one of a priority.
    fn delete(kernel: &mut dyn Kernel, priority: u32) -> Result<()>;

    /// Deletes all.
    fn flush(kernel: &mut dyn Kernel) -> Result<()>;
}

/// Writes the words of an item.
pub fn write<T: Item>(item: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut blank = "";
    if let Some(priority) = item.priority() {
        write!(f, "priority {priority}")?;
        blank = " ";
    }
    for (keyword, value) in item.words() {
        write!(f, "{blank}{keyword} {value}")?;
        blank = " ";
    }
    Ok(())
}

/// Refuses a word that no part of it has.
pub(crate) fn unknown<T: Item>() -> std::result::Result<(), String> {
    Err(format!("allowed are {}", T::made_of()))
}

/// A part that there may be, as text.
pub(crate) fn say<T: fmt::Display>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

/// Words with their values, without those that have none.
pub(crate) fn present<const N: usize>(
    words: [(&'static str, Option<String>); N],
) -> Vec<(&'static str, String)> {
    let given = words.into_iter();
    given
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use proptest::prelude::*;
    use std::net::IpAddr;

    pub(crate) fn any_prefix() -> impl Strategy<Value = Prefix> {
        (any::<IpAddr>(), 0u8..=128)
            .prop_map(|(addr, bits)| Prefix::truncated(addr, bits.min(Prefix::longest(addr))))
    }

    pub(crate) fn any_ports() -> impl Strategy<Value = Ports> {
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| Ports {
            min: a.min(b),
            max: a.max(b),
        })
    }

    /// The words of a text.
    pub(crate) fn given(text: &str) -> Vec<String> {
        text.split_whitespace().map(Into::into).collect()
    }
}
