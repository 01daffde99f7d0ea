// SPDX-License-Identifier: GPL-2.0

//! The kernel as the verbs see it, so that they can be tested without one.

use crate::{
    error::Result,
    migration::Migration,
    model::{
        Config,
        Connection,
        Counter,
        Event,
        Info,
        Knob,
        Scheduler, //
    },
    path::Path,
    rule::Rule, //
};

/// What the module can be asked, in the network namespace it is asked from.
pub trait Kernel {
    /// What the module is, and how much there is of everything.
    fn info(&mut self) -> Result<Info>;
    /// All MPTCP connections.
    fn connections(&mut self) -> Result<Vec<Connection>>;
    /// The connection with a token.
    fn connection(&mut self, token: u32) -> Result<Connection>;
    /// Gives a connection to another scheduler.
    fn set_connection(&mut self, token: u32, scheduler: &str) -> Result<()>;
    /// The schedulers that connections can be given.
    fn schedulers(&mut self) -> Result<Vec<Scheduler>>;
    /// All knobs.
    fn knobs(&mut self) -> Result<Vec<Knob>>;
    /// Sets a knob.
    fn set_knob(&mut self, name: &str, value: &str) -> Result<()>;
    /// The rules, by ascending priority.
    fn rules(&mut self) -> Result<Vec<Rule>>;
    /// Adds a rule, or replaces the one with its priority, which is returned.
    fn add_rule(&mut self, rule: &Rule, replace: bool) -> Result<u32>;
    /// Deletes the rule of a priority.
    fn delete_rule(&mut self, priority: u32) -> Result<()>;
    /// Deletes all rules.
    fn flush_rules(&mut self) -> Result<()>;
    /// The paths, by ascending priority.
    fn paths(&mut self) -> Result<Vec<Path>>;
    /// Adds a path, or replaces the one with its priority, which is returned.
    fn add_path(&mut self, path: &Path, replace: bool) -> Result<u32>;
    /// Deletes the path of a priority.
    fn delete_path(&mut self, priority: u32) -> Result<()>;
    /// Deletes all paths.
    fn flush_paths(&mut self) -> Result<()>;
    /// Sets what was charged to the path of a priority to 0, or that of all.
    fn reset_paths(&mut self, priority: Option<u32>) -> Result<()>;
    /// The migrations, by ascending priority.
    fn migrations(&mut self) -> Result<Vec<Migration>>;
    /// Adds a migration, or replaces the one with its priority, which is
    /// returned.
    fn add_migration(&mut self, migration: &Migration, replace: bool) -> Result<u32>;
    /// Deletes the migration of a priority.
    fn delete_migration(&mut self, priority: u32) -> Result<()>;
    /// Deletes all migrations.
    fn flush_migrations(&mut self) -> Result<()>;
    /// The counters of the namespace.
    fn counters(&mut self) -> Result<Vec<Counter>>;
    /// Sets all counters to 0.
    fn reset_counters(&mut self) -> Result<()>;
    /// Replaces the configuration if its generation is still this one, and
    /// returns the new generation.
    fn set_config(&mut self, config: &Config, generation: u32) -> Result<u32>;
}

/// What comes when one waits for events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// An event.
    Event(Event),
    /// The socket's buffer was full, and events were lost.
    Overrun,
}

/// The events of the namespace.
pub trait Events {
    /// Waits for what comes next.
    fn next(&mut self) -> Result<Incoming>;
}
