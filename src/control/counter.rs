// SPDX-License-Identifier: GPL-2.0

//! Operations `counter-get` and `counter-reset`.

use super::{attr, cmd, dump_list, namespace};
use crate::counters;
use heddle_kernel::net::genl::{Dump, Request};
use kernel::prelude::*;

pub(super) fn dump(dump: &mut Dump<'_>) -> Result {
    let namespace = namespace(dump.net())?;
    dump_list(dump, counters::all(), |dump, (id, counter)| {
        dump.entry(cmd!(HEDDLE_CMD_COUNTER_GET), |to| {
            to.text(attr!(HEDDLE_A_COUNTER_NAME), counter.name)?;
            to.uint(attr!(HEDDLE_A_COUNTER_VALUE), namespace.counters.get(id))?;
            to.text(attr!(HEDDLE_A_COUNTER_HELP), counter.help)
        })
    })
}

pub(super) fn reset(request: &Request<'_>) -> Result {
    namespace(request.net())?.counters.reset();
    Ok(())
}
