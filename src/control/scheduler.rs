// SPDX-License-Identifier: GPL-2.0

//! Operation `scheduler-get`.

use super::{attr, cmd, dump_list, namespace};
use crate::{
    counters::{Id, Of},
    sched,
};
use heddle_kernel::net::genl::Dump;
use kernel::prelude::*;

pub(super) fn dump(dump: &mut Dump<'_>) -> Result {
    let namespace = namespace(dump.net())?;
    let schedulers = (0..u8::MAX).zip(&sched::SCHEDULERS);
    dump_list(dump, schedulers, |dump, (number, about)| {
        dump.entry(cmd!(HEDDLE_CMD_SCHEDULER_GET), |to| {
            let mut count = |attr, of| to.uint(attr, namespace.counters.get(Id::of(number, of)));
            count(attr!(HEDDLE_A_SCHEDULER_OPENED), Of::Opened)?;
            count(attr!(HEDDLE_A_SCHEDULER_CLOSED), Of::Closed)?;
            count(attr!(HEDDLE_A_SCHEDULER_SENDS), Of::Sends)?;
            count(attr!(HEDDLE_A_SCHEDULER_WAITS), Of::Waits)?;
            count(attr!(HEDDLE_A_SCHEDULER_RETRANSMITS), Of::Retransmits)?;
            to.text(attr!(HEDDLE_A_SCHEDULER_NAME), about.name)?;
            to.text(attr!(HEDDLE_A_SCHEDULER_DESCRIPTION), about.description)
        })
    })
}
