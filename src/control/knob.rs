// SPDX-License-Identifier: GPL-2.0

//! Operations `knob-get` and `knob-set`.

use super::{attr, cmd, dump_list, namespace};
use crate::knobs;
use core::ffi::CStr;
use heddle_core::knob::{self, Id, Kind};
use heddle_kernel::net::{
    genl::{Attributes, Dump, Request, Writer},
    heddle::uapi,
    sysctl::VALUE_SIZE,
};
use kernel::prelude::*;

/// The knob and the value that a set of attributes names.
pub(super) fn read(from: &impl Attributes) -> Result<(Id, u64)> {
    let id = find(from)?;
    let value = from.need(attr!(HEDDLE_A_KNOB_VALUE))?.text()?;
    let value = knobs::parse(id, knob::bytes(value))
        .map_err(|err| from.refuse(attr!(HEDDLE_A_KNOB_VALUE), err.reason(), EINVAL))?;
    Ok((id, value))
}

fn find(from: &impl Attributes) -> Result<Id> {
    let name = from.need(attr!(HEDDLE_A_KNOB_NAME))?.text()?;
    Id::named(knob::bytes(name)).ok_or_else(|| {
        from.refuse(
            attr!(HEDDLE_A_KNOB_NAME),
            c"there is no knob of that name",
            ENOENT,
        )
    })
}

pub(super) fn get(request: &Request<'_>) -> Result {
    let namespace = namespace(request.net())?;
    let id = find(request)?;
    request.reply(cmd!(HEDDLE_CMD_KNOB_GET), 1024, |to| {
        write(to, id, namespace.knob(id))
    })
}

pub(super) fn dump(dump: &mut Dump<'_>) -> Result {
    let namespace = namespace(dump.net())?;
    dump.set_generation(namespace.generation());
    dump_list(dump, Id::ALL.into_iter(), |dump, id| {
        dump.entry(cmd!(HEDDLE_CMD_KNOB_GET), |to| {
            write(to, id, namespace.knob(id))
        })
    })
}

pub(super) fn set(request: &Request<'_>) -> Result {
    let namespace = namespace(request.net())?;
    let (id, value) = read(request)?;
    let change = namespace.change();
    change.set_knob(id, value);
    change.done(request.net());
    Ok(())
}

/// Writes the name of a knob, and a value of it.
pub(super) fn write_value(to: &mut Writer<'_>, id: Id, value: u64) -> Result {
    let mut text = [0; VALUE_SIZE];
    knobs::format(id, value, &mut text);
    to.text(attr!(HEDDLE_A_KNOB_NAME), id.knob().name)?;
    to.text(
        attr!(HEDDLE_A_KNOB_VALUE),
        CStr::from_bytes_until_nul(&text).unwrap_or_default(),
    )
}

fn write(to: &mut Writer<'_>, id: Id, value: u64) -> Result {
    let knob = id.knob();
    write_value(to, id, value)?;
    to.text(attr!(HEDDLE_A_KNOB_DEFAULT), knob.default)?;
    match knob.kind {
        Kind::Number { min, max } => {
            to.u32(attr!(HEDDLE_A_KNOB_TYPE), uapi::HEDDLE_KNOB_TYPE_NUMBER)?;
            to.uint(attr!(HEDDLE_A_KNOB_MIN_VALUE), min)?;
            to.uint(attr!(HEDDLE_A_KNOB_MAX_VALUE), max)?;
        }
        Kind::Scheduler => to.u32(attr!(HEDDLE_A_KNOB_TYPE), uapi::HEDDLE_KNOB_TYPE_SCHEDULER)?,
        Kind::Word(_) => to.u32(attr!(HEDDLE_A_KNOB_TYPE), uapi::HEDDLE_KNOB_TYPE_WORD)?,
        Kind::Policies => to.u32(attr!(HEDDLE_A_KNOB_TYPE), uapi::HEDDLE_KNOB_TYPE_LIST)?,
    }
    for word in knob.kind.words() {
        to.text(attr!(HEDDLE_A_KNOB_WORD), word)?;
    }
    if !knob::bytes(knob.unit).is_empty() {
        to.text(attr!(HEDDLE_A_KNOB_UNIT), knob.unit)?;
    }
    to.text(attr!(HEDDLE_A_KNOB_HELP), knob.help)
}
