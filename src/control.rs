// SPDX-License-Identifier: GPL-2.0

//! The generic netlink family `heddle`: what is done for each of its operations.
//!
//! What they are is said by `Documentation/netlink/specs/heddle.yaml`; the kernel has checked a
//! request against that before it comes here.

mod config;
mod connection;
mod counter;
pub(crate) mod event;
mod info;
mod knob;
mod list;
mod migration;
mod path;
mod rule;
mod scheduler;

use crate::namespace::Namespace;
use heddle_core::decide::{migrate::migration::Migration, path::Path, rule::Rule};
use heddle_kernel::net::{
    genl::{Dump, Request},
    heddle::Handlers,
    Net, PerNet,
};
use kernel::{prelude::*, sync::Arc};

/// What the family calls.
pub(crate) static HANDLERS: Handlers = Handlers {
    info_get: info::get,
    connection_get: connection::get,
    connection_set: connection::set,
    connection_dump: connection::dump,
    scheduler_dump: scheduler::dump,
    knob_get: knob::get,
    knob_set: knob::set,
    knob_dump: knob::dump,
    rule_add: list::add::<Rule>,
    rule_del: list::del::<Rule>,
    rule_flush: list::flush::<Rule>,
    rule_dump: list::dump::<Rule>,
    counter_reset: counter::reset,
    counter_dump: counter::dump,
    config_set: config::set,
    path_add: list::add::<Path>,
    path_del: list::del::<Path>,
    path_flush: list::flush::<Path>,
    path_reset: path::reset,
    path_dump: list::dump::<Path>,
    migration_add: list::add::<Migration>,
    migration_del: list::del::<Migration>,
    migration_flush: list::flush::<Migration>,
    migration_dump: list::dump::<Migration>,
};

/// The namespace of who asks.
fn namespace(net: &Net) -> Result<Arc<Namespace>> {
    // It is not being made or taken down, since there is a socket in it.
    Namespace::of(net).ok_or(ENODEV)
}

/// A number of the uapi header as the type of an attribute.
macro_rules! attr {
    ($name:ident) => {
        heddle_kernel::net::heddle::uapi::$name as u16
    };
}
use attr;

/// A number of the uapi header as the number of an operation.
macro_rules! cmd {
    ($name:ident) => {
        heddle_kernel::net::heddle::uapi::$name as u8
    };
}
use cmd;

/// Dumps the items of a list, from where the dump has got to.
fn dump_list<T>(
    dump: &mut Dump<'_>,
    items: impl Iterator<Item = T>,
    mut entry: impl FnMut(&mut Dump<'_>, T) -> Result,
) -> Result {
    let start = usize::try_from(dump.position()[0]).unwrap_or(0);
    // Not skip(), which counts in a way that could overflow.
    for (place, item) in (0..usize::MAX).zip(items) {
        if place >= start {
            entry(dump, item)?;
            let position = &mut dump.position()[0];
            *position = position.saturating_add(1);
        }
    }
    Ok(())
}

/// Refuses a request that has no attribute to blame.
fn say(request: &Request<'_>, why: &'static core::ffi::CStr, error: Error) -> Error {
    request.say(None, why, error)
}
