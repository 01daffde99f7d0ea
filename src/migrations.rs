// SPDX-License-Identifier: GPL-2.0

//! The migrations of a network namespace: the policies of listeners that have some of their own.

use crate::{
    namespace::Namespace,
    ordered::{Item, Ordered, Refused},
};
use core::ffi::CStr;
use heddle_core::{
    decide::migrate::{
        migration::{self, Facts, Migration},
        Config,
    },
    knob,
};

/// Migrations, each with the number of connections and requests it held for.
pub(crate) type Migrations = Ordered<Migration>;

impl Item for Migration {
    const MAX: knob::Id = knob::MIGRATIONS_MAX;
    const INHERITS: bool = false;

    fn priority(&self) -> u32 {
        self.priority
    }

    fn reason(why: &Refused) -> &'static CStr {
        match why {
            Refused::Exists => c"there is a migration of this priority: replace takes its place",
            Refused::Missing => c"there is no migration of this priority",
            Refused::Order => c"the migrations do not come by ascending priority, each once",
            Refused::NoPriority => c"there is no priority left behind the last migration: give one",
            Refused::TooMany => c"there are as many migrations as net.heddle.migrations_max allows",
            Refused::Memory => c"no memory for the migrations",
        }
    }
}

/// What the administrator chose for a listener, of which `facts` tells. That is asked only if
/// there are migrations. A migration that holds counts `hits` more.
///
/// Any context; it neither sleeps nor allocates.
pub(crate) fn config(
    namespace: &Namespace,
    facts: impl FnOnce() -> Option<Facts>,
    hits: u64,
) -> Config {
    let mut config = Config::of(namespace);
    namespace.migrations(|migrations| {
        // Most namespaces have none.
        if migrations.len() == 0 {
            return;
        }
        if let Some(entry) = facts().and_then(|facts| migration::first(migrations.iter(), &facts)) {
            entry.add(hits);
            config.policies = entry.item.policies;
        }
    });
    config
}
