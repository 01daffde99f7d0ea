// SPDX-License-Identifier: GPL-2.0

//! Events, for those who listen to the family's multicast group.

use super::{attr, cmd, connection};
use crate::{
    counters::{CONFIG_CHANGES, EVENTS_LOST, EVENTS_SENT},
    namespace::Namespace,
};
use heddle_kernel::{
    mptcp::{
        event::{self, Kind, Listener},
        Endpoints, Socket,
    },
    net::{
        genl::{Context, Event, Writer},
        Net, PerNet,
    },
};
use kernel::prelude::*;

/// Hears of the kernel's events.
pub(crate) struct Ear;

impl Listener for Ear {
    fn event(event: &event::Event<'_>) {
        let net = event.net();
        if !Event::is_wanted(net) {
            return;
        }
        let Some(namespace) = Namespace::of(net) else {
            return;
        };
        let command = match event.kind {
            Kind::Created => cmd!(HEDDLE_CMD_CONNECTION_CREATED),
            Kind::Established => cmd!(HEDDLE_CMD_CONNECTION_ESTABLISHED),
            Kind::Closed => cmd!(HEDDLE_CMD_CONNECTION_CLOSED),
            Kind::SubflowEstablished => cmd!(HEDDLE_CMD_SUBFLOW_ESTABLISHED),
            Kind::SubflowClosed => cmd!(HEDDLE_CMD_SUBFLOW_CLOSED),
            Kind::SubflowPriority => cmd!(HEDDLE_CMD_SUBFLOW_PRIORITY),
        };
        send(&namespace, net, command, Context::Atomic, |to| {
            to.nest(attr!(HEDDLE_A_EVENT_CONNECTION), |to| {
                to.u32(attr!(HEDDLE_A_CONNECTION_TOKEN), event.token())?;
                if event.kind == Kind::Closed {
                    return Ok(());
                }
                connection::write_connection_ends(to, &event.endpoints())?;
                to.text(
                    attr!(HEDDLE_A_CONNECTION_SCHEDULER),
                    event.scheduler().text(),
                )
            })?;
            let is_subflow = matches!(
                event.kind,
                Kind::SubflowEstablished | Kind::SubflowClosed | Kind::SubflowPriority
            );
            match event.subflow() {
                Some((id, ends, backup)) if is_subflow => {
                    to.nest(attr!(HEDDLE_A_EVENT_SUBFLOW), |to| {
                        // One that is just joining a server has none yet.
                        if id != 0 {
                            to.u32(attr!(HEDDLE_A_SUBFLOW_ID), id)?;
                        }
                        connection::write_subflow_ends(to, &ends)?;
                        to.flag(attr!(HEDDLE_A_SUBFLOW_BACKUP), backup)
                    })
                }
                _ => Ok(()),
            }
        });
    }
}

/// A connection was given to another scheduler.
pub(super) fn scheduler_changed(namespace: &Namespace, net: &Net, token: u32, socket: &Socket) {
    if !Event::is_wanted(net) {
        return;
    }
    let command = cmd!(HEDDLE_CMD_SCHEDULER_CHANGED);
    send(namespace, net, command, Context::Process, |to| {
        to.nest(attr!(HEDDLE_A_EVENT_CONNECTION), |to| {
            let connection = socket.lock();
            to.u32(attr!(HEDDLE_A_CONNECTION_TOKEN), token)?;
            connection::write_connection_ends(to, &connection.endpoints())?;
            to.text(
                attr!(HEDDLE_A_CONNECTION_SCHEDULER),
                connection.scheduler().text(),
            )
        })
    });
}

/// Knobs, rules, paths or migrations have changed.
pub(crate) fn config_changed(namespace: &Namespace, net: &Net, generation: u32) {
    namespace.counters.count(CONFIG_CHANGES);
    if !Event::is_wanted(net) {
        return;
    }
    let command = cmd!(HEDDLE_CMD_CONFIG_CHANGED);
    send(namespace, net, command, Context::Process, |to| {
        to.u32(attr!(HEDDLE_A_EVENT_GENERATION), generation)
    });
}

/// What became of a connection, or of a request for one, whose listener was closed. Any context.
pub(crate) struct Handover {
    /// Cookie of the listener.
    pub(crate) listener: u64,
    /// Where it listened.
    pub(crate) ends: Endpoints,
    /// Cookie of the listener that has it now, or why none has (`HEDDLE_MIGRATE_FAILURE_*`).
    pub(crate) heir: Result<u64, u32>,
}

/// A connection whose listener was closed was given to another one, or to none. `handover` is
/// asked for if anybody listens. Any context.
pub(crate) fn handed_over(namespace: &Namespace, net: &Net, handover: impl FnOnce() -> Handover) {
    if !Event::is_wanted(net) {
        return;
    }
    let Handover {
        listener,
        ends,
        heir,
    } = handover();
    let command = cmd!(HEDDLE_CMD_CONNECTION_HANDED_OVER);
    send(namespace, net, command, Context::Atomic, |to| {
        to.nest(attr!(HEDDLE_A_EVENT_HANDOVER), |to| {
            to.u64(attr!(HEDDLE_A_HANDOVER_LISTENER), listener)?;
            to.bytes(attr!(HEDDLE_A_HANDOVER_LOCAL_ADDR), ends.local())?;
            to.u16(attr!(HEDDLE_A_HANDOVER_LOCAL_PORT), ends.local_port)?;
            match heir {
                Ok(heir) => to.u64(attr!(HEDDLE_A_HANDOVER_HEIR), heir),
                Err(why) => to.u32(attr!(HEDDLE_A_HANDOVER_FAILURE), why),
            }
        })
    });
}

/// What the path manager has done to a connection.
pub(crate) struct PathManaged<'a> {
    /// The connection.
    pub(crate) token: u32,
    /// What it was (`HEDDLE_PATH_ACTION_*`).
    pub(crate) action: u32,
    /// Why (`HEDDLE_PATH_REASON_*`).
    pub(crate) reason: u32,
    /// The rule that has settings for the connection.
    pub(crate) rule: Option<u32>,
    /// Number of the subflow, if there is one.
    pub(crate) subflow: Option<u32>,
    /// Address of this end, without bytes if the routes decide.
    pub(crate) local: &'a [u8],
    /// The other end, an address and a port.
    pub(crate) remote: (&'a [u8], u16),
}

/// The path manager has done something. Process context; may sleep.
pub(crate) fn path_managed(namespace: &Namespace, net: &Net, what: &PathManaged<'_>) {
    let command = cmd!(HEDDLE_CMD_PATH_MANAGED);
    send(namespace, net, command, Context::Process, |to| {
        to.nest(attr!(HEDDLE_A_EVENT_MANAGED), |to| {
            to.u32(attr!(HEDDLE_A_MANAGED_TOKEN), what.token)?;
            to.u32(attr!(HEDDLE_A_MANAGED_ACTION), what.action)?;
            to.u32(attr!(HEDDLE_A_MANAGED_REASON), what.reason)?;
            if let Some(rule) = what.rule {
                to.u32(attr!(HEDDLE_A_MANAGED_RULE), rule)?;
            }
            if let Some(subflow) = what.subflow {
                to.u32(attr!(HEDDLE_A_MANAGED_SUBFLOW), subflow)?;
            }
            if !what.local.is_empty() {
                to.bytes(attr!(HEDDLE_A_MANAGED_LOCAL_ADDR), what.local)?;
            }
            let (address, port) = what.remote;
            to.bytes(attr!(HEDDLE_A_MANAGED_REMOTE_ADDR), address)?;
            to.u16(attr!(HEDDLE_A_MANAGED_REMOTE_PORT), port)
        })
    });
}

/// Whether anybody listens in a namespace. Any context.
pub(crate) fn is_wanted(net: &Net) -> bool {
    Event::is_wanted(net)
}

fn send(
    namespace: &Namespace,
    net: &Net,
    command: u8,
    context: Context,
    write: impl FnOnce(&mut Writer<'_>) -> Result,
) {
    // Also for one that cannot be sent: that is how listeners learn of it.
    let sequence = namespace.next_sequence();
    let sent = Event::new(command, context, |to| {
        to.uint(attr!(HEDDLE_A_EVENT_SEQUENCE), sequence)?;
        write(to)
    })
    .and_then(|event| event.send(net));
    namespace.counters.count(match sent {
        Ok(()) => EVENTS_SENT,
        Err(_) => EVENTS_LOST,
    });
}
