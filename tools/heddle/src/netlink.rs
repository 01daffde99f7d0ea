// SPDX-License-Identifier: GPL-2.0

//! The netlink family of the module.
//!
//! Specification: `Documentation/netlink/specs/heddle.yaml`.
//! [`attributes`] has its numbers, [`decode`] makes plain values of messages,
//! [`encode`] does the reverse, [`socket`] sends and receives, and here is
//! what can be asked.

mod attributes;
mod decode;
mod encode;
mod events;
mod socket;

use neli::consts::nl::NlmF;
use rustix::io::Errno;

use crate::{
    error::{
        Error,
        Result, //
    },
    item::Item,
    kernel::Kernel,
    migration::Migration,
    model::{
        Config,
        Connection,
        Counter,
        Info,
        Knob,
        Scheduler,
        ABI, //
    },
    path::Path,
    rule::Rule,
};

use attributes as set;
use attributes::Cmd;
use encode::{
    attribute,
    List, //
};
use socket::Socket;

pub use events::Subscription;

/// Name of the family.
const FAMILY: &str = "heddle";

/// Name of the multicast group with the events.
const EVENTS: &str = "events";

/// How often a dump is repeated when what it shows changed meanwhile.
const DUMPS: u32 = 3;

/// The module, in the network namespace of the thread that opened it.
pub struct Netlink {
    socket: Socket,
    family: u16,
}

impl Netlink {
    /// Finds the module, and makes sure that it has our ABI.
    pub fn open() -> Result<Self> {
        let mut socket = Socket::open()?;
        let family = socket.family(FAMILY)?;
        let mut this = Self {
            socket,
            family: family.id,
        };
        match this.info()?.abi {
            ABI => Ok(this),
            other => Err(Error::Abi(other)),
        }
    }

    /// A request that is answered with one message or an acknowledgment.
    fn ask<T, R>(
        &mut self,
        cmd: Cmd,
        list: List<T>,
        mut read: impl FnMut(&List<T>) -> Result<R>,
    ) -> Result<Option<R>>
    where
        T: socket::Attr,
    {
        let mut reply = None;
        self.socket.talk(
            self.family,
            cmd,
            NlmF::REQUEST | NlmF::ACK,
            list,
            &mut |list| {
                reply = Some(read(list)?);
                Ok(())
            },
        )?;
        Ok(reply)
    }

    /// As `ask()`, for requests that must be answered with a message.
    fn get<T, R>(
        &mut self,
        cmd: Cmd,
        list: List<T>,
        read: impl FnMut(&List<T>) -> Result<R>,
    ) -> Result<R>
    where
        T: socket::Attr,
    {
        self.ask(cmd, list, read)?
            .ok_or_else(|| Error::Protocol(format!("{} was not answered", socket::name(&cmd))))
    }

    /// A request that is only acknowledged.
    fn order<T: socket::Attr>(&mut self, cmd: Cmd, list: List<T>) -> Result<()> {
        self.ask(cmd, list, |_| Ok(()))?;
        Ok(())
    }

    /// All there is of something.
    fn dump<T, R>(
        &mut self,
        cmd: Cmd,
        mut read: impl FnMut(&List<T>) -> Result<R>,
    ) -> Result<Vec<R>>
    where
        T: socket::Attr,
    {
        for attempt in 1.. {
            let mut all = Vec::new();
            let interrupted = self.socket.talk(
                self.family,
                cmd,
                NlmF::REQUEST | NlmF::DUMP,
                List::new(),
                &mut |list| {
                    all.push(read(list)?);
                    Ok(())
                },
            )?;
            if !interrupted || attempt == DUMPS {
                return Ok(all);
            }
        }
        Ok(Vec::new())
    }
}

/// All of what a module that is too old to have any has none of.
fn if_known<T>(dump: Result<Vec<T>>) -> Result<Vec<T>> {
    match dump {
        Err(Error::Refused(refusal)) if refusal.is(Errno::OPNOTSUPP) => Ok(Vec::new()),
        other => other,
    }
}

/// The priority that a new item was given.
fn priority<T: Item>(item: &T) -> Result<u32> {
    item.priority()
        .ok_or_else(|| Error::Protocol(format!("the new {} has no priority", T::NAME)))
}

impl Kernel for Netlink {
    fn info(&mut self) -> Result<Info> {
        self.get(Cmd::InfoGet, List::new(), decode::info)
    }

    fn connections(&mut self) -> Result<Vec<Connection>> {
        self.dump(Cmd::ConnectionGet, decode::connection)
    }

    fn connection(&mut self, token: u32) -> Result<Connection> {
        let list = encode::list([attribute(set::Connection::Token, token)?]);
        self.get(Cmd::ConnectionGet, list, decode::connection)
    }

    fn set_connection(&mut self, token: u32, scheduler: &str) -> Result<()> {
        let list = encode::list([
            attribute(set::Connection::Token, token)?,
            attribute(set::Connection::Scheduler, scheduler)?,
        ]);
        self.order(Cmd::ConnectionSet, list)
    }

    fn schedulers(&mut self) -> Result<Vec<Scheduler>> {
        self.dump(Cmd::SchedulerGet, decode::scheduler)
    }

    fn knobs(&mut self) -> Result<Vec<Knob>> {
        self.dump(Cmd::KnobGet, decode::knob)
    }

    fn set_knob(&mut self, name: &str, value: &str) -> Result<()> {
        self.order(Cmd::KnobSet, encode::knob(name, value)?)
    }

    fn rules(&mut self) -> Result<Vec<Rule>> {
        self.dump(Cmd::RuleGet, decode::rule)
    }

    fn add_rule(&mut self, rule: &Rule, replace: bool) -> Result<u32> {
        let list = encode::rule(rule, replace)?;
        priority(&self.get(Cmd::RuleAdd, list, decode::rule)?)
    }

    fn delete_rule(&mut self, priority: u32) -> Result<()> {
        let list = encode::list([attribute(set::Rule::Priority, priority)?]);
        self.order(Cmd::RuleDel, list)
    }

    fn flush_rules(&mut self) -> Result<()> {
        self.order(Cmd::RuleFlush, List::<set::Rule>::new())
    }

    fn paths(&mut self) -> Result<Vec<Path>> {
        if_known(self.dump(Cmd::PathGet, decode::path))
    }

    fn add_path(&mut self, path: &Path, replace: bool) -> Result<u32> {
        let list = encode::path(path, replace)?;
        priority(&self.get(Cmd::PathAdd, list, decode::path)?)
    }

    fn delete_path(&mut self, priority: u32) -> Result<()> {
        let list = encode::list([attribute(set::Path::Priority, priority)?]);
        self.order(Cmd::PathDel, list)
    }

    fn flush_paths(&mut self) -> Result<()> {
        self.order(Cmd::PathFlush, List::<set::Path>::new())
    }

    fn reset_paths(&mut self, priority: Option<u32>) -> Result<()> {
        let mut list = Vec::new();
        if let Some(priority) = priority {
            list.push(attribute(set::Path::Priority, priority)?);
        }
        self.order(Cmd::PathReset, encode::list(list))
    }

    fn migrations(&mut self) -> Result<Vec<Migration>> {
        if_known(self.dump(Cmd::MigrationGet, decode::migration))
    }

    fn add_migration(&mut self, migration: &Migration, replace: bool) -> Result<u32> {
        let list = encode::migration(migration, replace)?;
        priority(&self.get(Cmd::MigrationAdd, list, decode::migration)?)
    }

    fn delete_migration(&mut self, priority: u32) -> Result<()> {
        let list = encode::list([attribute(set::Migration::Priority, priority)?]);
        self.order(Cmd::MigrationDel, list)
    }

    fn flush_migrations(&mut self) -> Result<()> {
        self.order(Cmd::MigrationFlush, List::<set::Migration>::new())
    }

    fn counters(&mut self) -> Result<Vec<Counter>> {
        self.dump(Cmd::CounterGet, decode::counter)
    }

    fn reset_counters(&mut self) -> Result<()> {
        self.order(Cmd::CounterReset, List::<set::Counter>::new())
    }

    fn set_config(&mut self, config: &Config, generation: u32) -> Result<u32> {
        let list = encode::config(config, generation)?;
        self.get(Cmd::ConfigSet, list, decode::generation)
    }
}
