// SPDX-License-Identifier: GPL-2.0

//! Operations `path-get`, `path-add`, `path-del`, `path-flush` and `path-reset`.

use super::{
    attr, cmd,
    list::{self, Listed},
    namespace,
};
use crate::{
    namespace::Change,
    ordered::{Entry, Refused},
    paths::Paths,
};
use heddle_core::{
    decide::{
        path::{Conditions, Interface, Path, Settings, NO_CAP},
        pm::settings as managed,
    },
    knob,
};
use heddle_kernel::net::genl::{Attributes, Reader, Request, Writer};
use kernel::{prelude::*, sync::Arc};

impl Listed for Path {
    const PRIORITY: u16 = attr!(HEDDLE_A_PATH_PRIORITY);
    const REPLACE: u16 = attr!(HEDDLE_A_PATH_REPLACE);
    const ADD: u8 = cmd!(HEDDLE_CMD_PATH_ADD);
    const GET: u8 = cmd!(HEDDLE_CMD_PATH_GET);

    fn read(from: &impl Attributes) -> Result<Self> {
        let number = |attribute, default| match from.get(attribute) {
            Some(number) => number.to(),
            None => Ok(default),
        };
        let default = Settings::default();
        Ok(Self {
            priority: 0,
            conditions: Conditions {
                interface: read_interface(from)?,
                local: list::prefix(
                    from,
                    attr!(HEDDLE_A_PATH_LOCAL_ADDR),
                    attr!(HEDDLE_A_PATH_LOCAL_PREFIX),
                )?,
                remote: list::prefix(
                    from,
                    attr!(HEDDLE_A_PATH_REMOTE_ADDR),
                    attr!(HEDDLE_A_PATH_REMOTE_PREFIX),
                )?,
            },
            weight: number(attr!(HEDDLE_A_PATH_WEIGHT), default.weight)?,
            cost: number(attr!(HEDDLE_A_PATH_COST), default.cost)?,
            cap: match from.get(attr!(HEDDLE_A_PATH_CAP)) {
                None => default.cap,
                Some(cap) => match cap.number()? {
                    0 => NO_CAP,
                    cap => cap,
                },
            },
            used: match from.get(attr!(HEDDLE_A_PATH_USED)) {
                Some(used) => used.number()?,
                None => 0,
            },
            managed: list::read_settings(from, attr!(HEDDLE_A_PATH_SETTING), &managed::OF_PATHS)?,
        })
    }

    fn write(to: &mut Writer<'_>, entry: &Entry<Self>, _: &Reader<'_>) -> Result {
        let path = &entry.item;
        let conditions = &path.conditions;
        to.u32(attr!(HEDDLE_A_PATH_PRIORITY), path.priority)?;
        if let Some(interface) = &conditions.interface {
            to.text(attr!(HEDDLE_A_PATH_INTERFACE), interface.name())?;
        }
        list::write_prefix(
            to,
            conditions.local.as_ref(),
            attr!(HEDDLE_A_PATH_LOCAL_ADDR),
            attr!(HEDDLE_A_PATH_LOCAL_PREFIX),
        )?;
        list::write_prefix(
            to,
            conditions.remote.as_ref(),
            attr!(HEDDLE_A_PATH_REMOTE_ADDR),
            attr!(HEDDLE_A_PATH_REMOTE_PREFIX),
        )?;
        to.u32(attr!(HEDDLE_A_PATH_WEIGHT), path.weight)?;
        to.u32(attr!(HEDDLE_A_PATH_COST), path.cost)?;
        if path.cap != NO_CAP {
            to.uint(attr!(HEDDLE_A_PATH_CAP), path.cap)?;
        }
        list::write_settings(to, attr!(HEDDLE_A_PATH_SETTING), &path.managed)?;
        to.uint(attr!(HEDDLE_A_PATH_USED), entry.count())
    }

    fn at(self, priority: u32) -> Self {
        Self { priority, ..self }
    }

    fn list(change: &Change<'_>) -> Arc<Paths> {
        change.paths()
    }

    fn put(change: &Change<'_>, list: Arc<Paths>) {
        change.set_paths(list);
    }
}

fn read_interface(from: &impl Attributes) -> Result<Option<Interface>> {
    let Some(name) = from.get(attr!(HEDDLE_A_PATH_INTERFACE)) else {
        return Ok(None);
    };
    Interface::new(knob::bytes(name.text()?))
        .map(Some)
        .map_err(|err| from.refuse(attr!(HEDDLE_A_PATH_INTERFACE), err.reason(), EINVAL))
}

/// Forgets what was charged to a path, or without a priority to all. That changes no
/// configuration.
pub(super) fn reset(request: &Request<'_>) -> Result {
    let namespace = namespace(request.net())?;
    let priority = list::priority::<Path>(request)?;
    namespace.paths(|paths| {
        match priority {
            Some(priority) => paths
                .get(priority)
                .ok_or_else(|| list::refuse::<Path>(request, Refused::Missing))?
                .reset(),
            None => paths.iter().for_each(Entry::reset),
        }
        Ok(())
    })
}
