// SPDX-License-Identifier: GPL-2.0

//! Operation `info-get`.

use super::{attr, cmd, namespace};
use crate::counters::{Id, Of};
use heddle_core::knob::PM_CAP_PERIOD_S;
use heddle_kernel::{
    mptcp::sched::Name,
    net::{genl::Request, heddle::uapi},
    time::now_us,
};
use kernel::prelude::*;

/// What was compiled in.
const FEATURES: [&core::ffi::CStr; 6] = [
    c"schedulers",
    c"rules",
    c"events",
    c"counters",
    c"paths",
    c"migrations",
];

pub(super) fn get(request: &Request<'_>) -> Result {
    let net = request.net();
    let namespace = namespace(net)?;
    let mut connections = 0u64;
    for number in 0..crate::sched::SCHEDULERS.len() {
        let number = u8::try_from(number).unwrap_or(0);
        let opened = namespace.counters.ever(Id::of(number, Of::Opened));
        let closed = namespace.counters.ever(Id::of(number, Of::Closed));
        // They are not read at the same moment.
        connections = connections.saturating_add(opened.saturating_sub(closed));
    }
    let rules = namespace.rules(|rules| rules.len());
    let paths = namespace.paths(|paths| paths.len());
    let seconds = namespace.knob(PM_CAP_PERIOD_S);
    let left = namespace.paths_managed.period_left(seconds, now_us());
    let migrations = namespace.migrations(|migrations| migrations.len());

    request.reply(cmd!(HEDDLE_CMD_INFO_GET), 1024, |to| {
        to.u32(attr!(HEDDLE_A_INFO_ABI), uapi::HEDDLE_ABI)?;
        to.text(attr!(HEDDLE_A_INFO_VERSION), crate::VERSION)?;
        for feature in FEATURES {
            to.text(attr!(HEDDLE_A_INFO_FEATURE), feature)?;
        }
        to.u32(attr!(HEDDLE_A_INFO_GENERATION), namespace.generation())?;
        to.uint(attr!(HEDDLE_A_INFO_CONNECTIONS), connections)?;
        to.u32(
            attr!(HEDDLE_A_INFO_RULES),
            u32::try_from(rules).unwrap_or(u32::MAX),
        )?;
        to.text(
            attr!(HEDDLE_A_INFO_SYSTEM_SCHEDULER),
            Name::of_new_sockets(net).text(),
        )?;
        to.u32(
            attr!(HEDDLE_A_INFO_PATHS),
            u32::try_from(paths).unwrap_or(u32::MAX),
        )?;
        to.u32(
            attr!(HEDDLE_A_INFO_MIGRATIONS),
            u32::try_from(migrations).unwrap_or(u32::MAX),
        )?;
        match left {
            Some(left) => to.u32(
                attr!(HEDDLE_A_INFO_CAP_PERIOD_LEFT),
                u32::try_from(left).unwrap_or(u32::MAX),
            ),
            None => Ok(()),
        }
    })
}
