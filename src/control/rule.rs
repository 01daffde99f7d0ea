// SPDX-License-Identifier: GPL-2.0

//! Operations `rule-get`, `rule-add`, `rule-del` and `rule-flush`.

use super::{
    attr, cmd,
    list::{self, Listed},
};
use crate::{namespace::Change, ordered::Entry, rules::Rules, sched};
use heddle_core::{
    decide::{
        pm::settings,
        rule::{Conditions, Mark, Rule},
    },
    knob,
};
use heddle_kernel::net::genl::{Attribute, Attributes, Reader, Writer};
use kernel::{prelude::*, sync::Arc};

impl Listed for Rule {
    const PRIORITY: u16 = attr!(HEDDLE_A_RULE_PRIORITY);
    const REPLACE: u16 = attr!(HEDDLE_A_RULE_REPLACE);
    const ADD: u8 = cmd!(HEDDLE_CMD_RULE_ADD);
    const GET: u8 = cmd!(HEDDLE_CMD_RULE_GET);

    fn read(from: &impl Attributes) -> Result<Self> {
        let settings =
            list::read_settings(from, attr!(HEDDLE_A_RULE_SETTING), &settings::OF_RULES)?;
        let scheduler = if settings.is_empty() {
            Some(from.need(attr!(HEDDLE_A_RULE_SCHEDULER))?)
        } else {
            from.get(attr!(HEDDLE_A_RULE_SCHEDULER))
        };
        let scheduler = match scheduler {
            Some(name) => Some(read_scheduler(from, name)?),
            None => None,
        };
        let conditions = Conditions {
            local: list::prefix(
                from,
                attr!(HEDDLE_A_RULE_LOCAL_ADDR),
                attr!(HEDDLE_A_RULE_LOCAL_PREFIX),
            )?,
            local_ports: list::ports(
                from,
                attr!(HEDDLE_A_RULE_LOCAL_PORT_MIN),
                attr!(HEDDLE_A_RULE_LOCAL_PORT_MAX),
            )?,
            remote: list::prefix(
                from,
                attr!(HEDDLE_A_RULE_REMOTE_ADDR),
                attr!(HEDDLE_A_RULE_REMOTE_PREFIX),
            )?,
            remote_ports: list::ports(
                from,
                attr!(HEDDLE_A_RULE_REMOTE_PORT_MIN),
                attr!(HEDDLE_A_RULE_REMOTE_PORT_MAX),
            )?,
            uid: read_uid(from)?,
            cgroup: match from.get(attr!(HEDDLE_A_RULE_CGROUP)) {
                Some(cgroup) => Some(cgroup.number()?),
                None => None,
            },
            mark: read_mark(from)?,
        };
        Ok(Self {
            priority: 0,
            conditions,
            scheduler,
            settings,
        })
    }

    fn write(to: &mut Writer<'_>, entry: &Entry<Self>, reader: &Reader<'_>) -> Result {
        let rule = &entry.item;
        let conditions = &rule.conditions;
        to.u32(attr!(HEDDLE_A_RULE_PRIORITY), rule.priority)?;
        list::write_prefix(
            to,
            conditions.local.as_ref(),
            attr!(HEDDLE_A_RULE_LOCAL_ADDR),
            attr!(HEDDLE_A_RULE_LOCAL_PREFIX),
        )?;
        list::write_ports(
            to,
            conditions.local_ports.as_ref(),
            attr!(HEDDLE_A_RULE_LOCAL_PORT_MIN),
            attr!(HEDDLE_A_RULE_LOCAL_PORT_MAX),
        )?;
        list::write_prefix(
            to,
            conditions.remote.as_ref(),
            attr!(HEDDLE_A_RULE_REMOTE_ADDR),
            attr!(HEDDLE_A_RULE_REMOTE_PREFIX),
        )?;
        list::write_ports(
            to,
            conditions.remote_ports.as_ref(),
            attr!(HEDDLE_A_RULE_REMOTE_PORT_MIN),
            attr!(HEDDLE_A_RULE_REMOTE_PORT_MAX),
        )?;
        if let Some(uid) = conditions.uid {
            to.u32(attr!(HEDDLE_A_RULE_UID), reader.uid(uid))?;
        }
        if let Some(cgroup) = conditions.cgroup {
            to.u64(attr!(HEDDLE_A_RULE_CGROUP), cgroup)?;
        }
        if let Some(mark) = &conditions.mark {
            to.u32(attr!(HEDDLE_A_RULE_MARK), mark.value())?;
            to.u32(attr!(HEDDLE_A_RULE_MARK_MASK), mark.mask())?;
        }
        if let Some(scheduler) = rule.scheduler {
            to.text(
                attr!(HEDDLE_A_RULE_SCHEDULER),
                sched::name(scheduler).unwrap_or(c"?"),
            )?;
        }
        list::write_settings(to, attr!(HEDDLE_A_RULE_SETTING), &rule.settings)?;
        to.uint(attr!(HEDDLE_A_RULE_HITS), entry.count())
    }

    fn at(self, priority: u32) -> Self {
        Self { priority, ..self }
    }

    fn list(change: &Change<'_>) -> Arc<Rules> {
        change.rules()
    }

    fn put(change: &Change<'_>, list: Arc<Rules>) {
        change.set_rules(list);
    }
}

fn read_scheduler(from: &impl Attributes, name: Attribute<'_>) -> Result<u8> {
    sched::number(knob::bytes(name.text()?)).ok_or_else(|| {
        from.refuse(
            attr!(HEDDLE_A_RULE_SCHEDULER),
            c"there is no scheduler of that name",
            ENOENT,
        )
    })
}

fn read_uid(from: &impl Attributes) -> Result<Option<u32>> {
    let Some(uid) = from.get(attr!(HEDDLE_A_RULE_UID)) else {
        return Ok(None);
    };
    match from.request().kernel_uid(uid.to()?) {
        Some(uid) => Ok(Some(uid)),
        None => Err(from.refuse(
            attr!(HEDDLE_A_RULE_UID),
            c"the writer's user namespace has no such user",
            EINVAL,
        )),
    }
}

fn read_mark(from: &impl Attributes) -> Result<Option<Mark>> {
    let mask = from.get(attr!(HEDDLE_A_RULE_MARK_MASK));
    match (from.get(attr!(HEDDLE_A_RULE_MARK)), mask) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(from.refuse(
            attr!(HEDDLE_A_RULE_MARK_MASK),
            c"a mask needs the mark it belongs to",
            EINVAL,
        )),
        (Some(mark), mask) => {
            let mask = match mask {
                Some(mask) => mask.to()?,
                None => u32::MAX,
            };
            Mark::new(mark.to()?, mask)
                .map(Some)
                .map_err(|err| from.refuse(attr!(HEDDLE_A_RULE_MARK), err.reason(), EINVAL))
        }
    }
}
