// SPDX-License-Identifier: GPL-2.0

//! Operations `migration-get`, `migration-add`, `migration-del` and `migration-flush`.

use super::{
    attr, cmd,
    list::{self, Listed},
};
use crate::{migrations::Migrations, namespace::Change, ordered::Entry};
use core::ffi::CStr;
use heddle_core::{
    decide::migrate::{
        migration::{Conditions, Migration},
        Policies, TEXT,
    },
    knob,
};
use heddle_kernel::net::genl::{Attributes, Reader, Writer};
use kernel::{prelude::*, sync::Arc};

impl Listed for Migration {
    const PRIORITY: u16 = attr!(HEDDLE_A_MIGRATION_PRIORITY);
    const REPLACE: u16 = attr!(HEDDLE_A_MIGRATION_REPLACE);
    const ADD: u8 = cmd!(HEDDLE_CMD_MIGRATION_ADD);
    const GET: u8 = cmd!(HEDDLE_CMD_MIGRATION_GET);

    fn read(from: &impl Attributes) -> Result<Self> {
        let policies = from.need(attr!(HEDDLE_A_MIGRATION_POLICY))?.text()?;
        let policies = Policies::parse(knob::bytes(policies))
            .map_err(|err| from.refuse(attr!(HEDDLE_A_MIGRATION_POLICY), err.reason(), EINVAL))?;
        Ok(Self {
            priority: 0,
            conditions: Conditions {
                cookie: match from.get(attr!(HEDDLE_A_MIGRATION_COOKIE)) {
                    Some(cookie) => Some(cookie.number()?),
                    None => None,
                },
                local: list::prefix(
                    from,
                    attr!(HEDDLE_A_MIGRATION_LOCAL_ADDR),
                    attr!(HEDDLE_A_MIGRATION_LOCAL_PREFIX),
                )?,
                ports: list::ports(
                    from,
                    attr!(HEDDLE_A_MIGRATION_LOCAL_PORT_MIN),
                    attr!(HEDDLE_A_MIGRATION_LOCAL_PORT_MAX),
                )?,
            },
            policies,
        })
    }

    fn write(to: &mut Writer<'_>, entry: &Entry<Self>, _: &Reader<'_>) -> Result {
        let migration = &entry.item;
        let conditions = &migration.conditions;
        to.u32(attr!(HEDDLE_A_MIGRATION_PRIORITY), migration.priority)?;
        if let Some(cookie) = conditions.cookie {
            to.u64(attr!(HEDDLE_A_MIGRATION_COOKIE), cookie)?;
        }
        list::write_prefix(
            to,
            conditions.local.as_ref(),
            attr!(HEDDLE_A_MIGRATION_LOCAL_ADDR),
            attr!(HEDDLE_A_MIGRATION_LOCAL_PREFIX),
        )?;
        list::write_ports(
            to,
            conditions.ports.as_ref(),
            attr!(HEDDLE_A_MIGRATION_LOCAL_PORT_MIN),
            attr!(HEDDLE_A_MIGRATION_LOCAL_PORT_MAX),
        )?;
        // With a NUL behind the longest.
        let mut text = [0; TEXT + 1];
        if let Some(text) = text.first_chunk_mut() {
            migration.policies.format(text);
        }
        to.text(
            attr!(HEDDLE_A_MIGRATION_POLICY),
            CStr::from_bytes_until_nul(&text).unwrap_or_default(),
        )?;
        to.uint(attr!(HEDDLE_A_MIGRATION_HITS), entry.count())
    }

    fn at(self, priority: u32) -> Self {
        Self { priority, ..self }
    }

    fn list(change: &Change<'_>) -> Arc<Migrations> {
        change.migrations()
    }

    fn put(change: &Change<'_>, list: Arc<Migrations>) {
        change.set_migrations(list);
    }
}
