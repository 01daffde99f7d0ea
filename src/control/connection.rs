// SPDX-License-Identifier: GPL-2.0

//! Operations `connection-get` and `connection-set`.

use super::{attr, cmd, event, namespace};
use crate::{
    counters, pm,
    sched::{self, Chosen, Scheduled},
};
use heddle_core::decide::sched::{Wait, MAX_SUBFLOWS};
use heddle_kernel::{
    error::enotconn,
    mptcp::{Connection, Endpoints, Position, Socket, Subflow},
    net::{
        genl::{Attributes, Dump, Reader, Request, Writer},
        heddle::uapi,
    },
};
use kernel::prelude::*;

/// Room for a connection with as many subflows as the kernel allows (the first, and 64 more), each
/// of which takes less than 256 bytes, or 320 with its account. The connection itself takes less
/// than 384.
const SIZE: usize = 20480;
const _: () = assert!(384 + 65 * 256 + MAX_SUBFLOWS * (320 - 256) <= SIZE);

fn find(request: &Request<'_>) -> Result<(Socket, u32)> {
    let token = request.need(attr!(HEDDLE_A_CONNECTION_TOKEN))?.to()?;
    let socket = Socket::by_token(request.net(), token).ok_or_else(|| {
        request.refuse(
            attr!(HEDDLE_A_CONNECTION_TOKEN),
            c"no connection of this network namespace has this token",
            ENOENT,
        )
    })?;
    Ok((socket, token))
}

pub(super) fn get(request: &Request<'_>) -> Result {
    let (socket, _) = find(request)?;
    let reader = request.reader();
    request.reply(cmd!(HEDDLE_CMD_CONNECTION_GET), SIZE, |to| {
        write(to, &mut socket.lock(), &reader)
    })
}

pub(super) fn dump(dump: &mut Dump<'_>) -> Result {
    let net = dump.net();
    let reader = dump.reader();
    let mut position = Position {
        slot: dump.position()[0],
        number: dump.position()[1],
    };
    while let Some(socket) = Socket::next(net, &mut position) {
        let mut connection = socket.lock();
        // It may have ended between being found and being locked.
        if connection.token() == 0 {
            continue;
        }
        let written = dump.entry(cmd!(HEDDLE_CMD_CONNECTION_GET), |to| {
            write(to, &mut connection, &reader)
        });
        if written.is_err() {
            // The next call begins with the one that found no room: the walk goes on behind the
            // entry of the bucket that it is told.
            position.number = position.number.saturating_sub(1);
            *dump.position() = [position.slot, position.number, 0, 0];
            return written;
        }
    }
    // Should the dump be called again, it is at its end again.
    *dump.position() = [position.slot, position.number, 0, 0];
    Ok(())
}

pub(super) fn set(request: &Request<'_>) -> Result {
    let (socket, token) = find(request)?;
    let name = request.need(attr!(HEDDLE_A_CONNECTION_SCHEDULER))?.text()?;
    socket.set_scheduler(name).map_err(|err| {
        let why = if err == ENOENT {
            c"there is no scheduler of that name"
        } else if err == enotconn() {
            c"the connection has ended"
        } else {
            c"the scheduler could not take the connection"
        };
        request.refuse(attr!(HEDDLE_A_CONNECTION_SCHEDULER), why, err)
    })?;
    let namespace = namespace(request.net())?;
    namespace.counters.count(counters::SCHEDULER_CHANGES);
    event::scheduler_changed(&namespace, request.net(), token, &socket);
    Ok(())
}

/// Writes addresses and ports; those of subflows have the same order of attributes.
fn write_ends(
    to: &mut Writer<'_>,
    ends: &Endpoints,
    [local_addr, local_port, remote_addr, remote_port]: [u16; 4],
) -> Result {
    to.bytes(local_addr, ends.local())?;
    to.u16(local_port, ends.local_port)?;
    to.bytes(remote_addr, ends.remote())?;
    to.u16(remote_port, ends.remote_port)
}

/// Writes addresses and ports of a connection.
pub(super) fn write_connection_ends(to: &mut Writer<'_>, ends: &Endpoints) -> Result {
    write_ends(
        to,
        ends,
        [
            attr!(HEDDLE_A_CONNECTION_LOCAL_ADDR),
            attr!(HEDDLE_A_CONNECTION_LOCAL_PORT),
            attr!(HEDDLE_A_CONNECTION_REMOTE_ADDR),
            attr!(HEDDLE_A_CONNECTION_REMOTE_PORT),
        ],
    )
}

/// Writes addresses and ports of a subflow.
pub(super) fn write_subflow_ends(to: &mut Writer<'_>, ends: &Endpoints) -> Result {
    write_ends(
        to,
        ends,
        [
            attr!(HEDDLE_A_SUBFLOW_LOCAL_ADDR),
            attr!(HEDDLE_A_SUBFLOW_LOCAL_PORT),
            attr!(HEDDLE_A_SUBFLOW_REMOTE_ADDR),
            attr!(HEDDLE_A_SUBFLOW_REMOTE_PORT),
        ],
    )
}

fn write(to: &mut Writer<'_>, connection: &mut Connection<'_>, reader: &Reader<'_>) -> Result {
    let settings_rule = pm::rule(connection);
    let (kept, connection) = sched::of(connection);
    let ours = kept.map(Scheduled::shown);
    let (chosen_by, rule) = match ours {
        _ if connection.is_fallback() => (uapi::HEDDLE_CHOSEN_BY_FALLBACK, None),
        None | Some((Chosen::System, _)) => (uapi::HEDDLE_CHOSEN_BY_SYSTEM, None),
        Some((Chosen::Undecided, _)) => (uapi::HEDDLE_CHOSEN_BY_UNDECIDED, None),
        Some((Chosen::Default, _)) => (uapi::HEDDLE_CHOSEN_BY_DEFAULT, None),
        Some((Chosen::Rule(rule), _)) => (uapi::HEDDLE_CHOSEN_BY_RULE, Some(rule)),
    };
    let of_kernel = connection.scheduler();
    let scheduler = match ours {
        Some((Chosen::Undecided, _)) | None => of_kernel.text(),
        Some((_, number)) => sched::name(number).unwrap_or(c"?"),
    };

    to.u32(attr!(HEDDLE_A_CONNECTION_TOKEN), connection.token())?;
    write_connection_ends(to, &connection.endpoints())?;
    to.u8(attr!(HEDDLE_A_CONNECTION_STATE), connection.state())?;
    to.text(attr!(HEDDLE_A_CONNECTION_SCHEDULER), scheduler)?;
    to.u32(attr!(HEDDLE_A_CONNECTION_CHOSEN_BY), chosen_by)?;
    if let Some(rule) = rule {
        to.u32(attr!(HEDDLE_A_CONNECTION_RULE), rule)?;
    }
    to.u32(attr!(HEDDLE_A_CONNECTION_UID), reader.uid(connection.uid()))?;
    to.u32(attr!(HEDDLE_A_CONNECTION_MARK), connection.mark())?;
    to.uint(attr!(HEDDLE_A_CONNECTION_INODE), connection.inode())?;
    let info = connection.info();
    to.uint(attr!(HEDDLE_A_CONNECTION_UNSENT), info.unsent())?;
    to.uint(
        attr!(HEDDLE_A_CONNECTION_SEND_WINDOW),
        connection.send_window(),
    )?;
    to.uint(attr!(HEDDLE_A_CONNECTION_BYTES_SENT), info.bytes_sent())?;
    to.uint(
        attr!(HEDDLE_A_CONNECTION_BYTES_RECEIVED),
        info.bytes_received(),
    )?;
    to.uint(attr!(HEDDLE_A_CONNECTION_BYTES_ACKED), info.bytes_acked())?;
    to.uint(
        attr!(HEDDLE_A_CONNECTION_BYTES_RETRANS),
        info.bytes_retrans(),
    )?;
    let accounts = kept.filter(|_| !connection.is_fallback());
    if let Some(ledger) = accounts.and_then(Scheduled::ledger) {
        for (wait, times) in ledger.waits() {
            let attribute = match wait {
                Wait::NoSubflow => attr!(HEDDLE_A_CONNECTION_WAITS_NO_SUBFLOW),
                Wait::Full => attr!(HEDDLE_A_CONNECTION_WAITS_FULL),
                Wait::Faster => attr!(HEDDLE_A_CONNECTION_WAITS_FASTER),
                Wait::Blocking => attr!(HEDDLE_A_CONNECTION_WAITS_BLOCKING),
                Wait::Cheaper => attr!(HEDDLE_A_CONNECTION_WAITS_CHEAPER),
            };
            to.uint(attribute, times)?;
        }
    }
    if let Some(rule) = settings_rule {
        to.u32(attr!(HEDDLE_A_CONNECTION_SETTINGS_RULE), rule)?;
    }
    for subflow in connection.subflows() {
        to.nest(attr!(HEDDLE_A_CONNECTION_SUBFLOW), |to| {
            write_subflow(to, &subflow)?;
            accounts.map_or(Ok(()), |kept| {
                write_account(to, kept, subflow.id(), connection.next())
            })
        })?;
    }
    Ok(())
}

/// Writes what a subflow was given, if a decision has seen it.
fn write_account(to: &mut Writer<'_>, kept: &Scheduled, id: u32, next: u64) -> Result {
    let Some(account) = kept.ledger().and_then(|it| it.account(id, next)) else {
        return Ok(());
    };
    to.uint(attr!(HEDDLE_A_SUBFLOW_GRANTS), account.grants)?;
    to.uint(attr!(HEDDLE_A_SUBFLOW_GRANTED_BYTES), account.bytes)?;
    to.uint(attr!(HEDDLE_A_SUBFLOW_REDUNDANT_BYTES), account.redundant)?;
    to.uint(attr!(HEDDLE_A_SUBFLOW_REINJECTED_BYTES), account.reinjected)?;
    to.uint(attr!(HEDDLE_A_SUBFLOW_RTX_CHOICES), account.retransmits)?;
    if let Some(settings) = kept.settings(id) {
        to.u32(attr!(HEDDLE_A_SUBFLOW_WEIGHT), settings.weight)?;
        to.u32(attr!(HEDDLE_A_SUBFLOW_COST), settings.cost)?;
    }
    Ok(())
}

fn write_subflow(to: &mut Writer<'_>, subflow: &Subflow<'_>) -> Result {
    to.u32(attr!(HEDDLE_A_SUBFLOW_ID), subflow.id())?;
    write_subflow_ends(to, &subflow.endpoints())?;
    to.u32(attr!(HEDDLE_A_SUBFLOW_IFINDEX), subflow.ifindex())?;
    to.u8(attr!(HEDDLE_A_SUBFLOW_STATE), subflow.state())?;
    to.flag(attr!(HEDDLE_A_SUBFLOW_BACKUP), subflow.is_backup())?;
    to.flag(attr!(HEDDLE_A_SUBFLOW_STALE), subflow.is_stale())?;
    to.flag(attr!(HEDDLE_A_SUBFLOW_IN_LOSS), subflow.is_in_loss())?;
    let info = subflow.info();
    let srtt = subflow.srtt_x8_us() >> 3;
    if srtt > 0 {
        to.u32(attr!(HEDDLE_A_SUBFLOW_SRTT), srtt)?;
        to.u32(attr!(HEDDLE_A_SUBFLOW_RTTVAR), info.rttvar_us())?;
        to.u32(attr!(HEDDLE_A_SUBFLOW_MIN_RTT), info.min_rtt_us())?;
    }
    to.u32(attr!(HEDDLE_A_SUBFLOW_CWND), subflow.cwnd())?;
    to.u32(
        attr!(HEDDLE_A_SUBFLOW_IN_FLIGHT),
        subflow.packets_in_flight(),
    )?;
    to.u32(attr!(HEDDLE_A_SUBFLOW_UNSENT), subflow.unsent())?;
    to.u32(attr!(HEDDLE_A_SUBFLOW_MSS), subflow.mss())?;
    if let Some(rate) = info.pacing_rate() {
        to.uint(attr!(HEDDLE_A_SUBFLOW_PACING_RATE), rate)?;
    }
    to.uint(attr!(HEDDLE_A_SUBFLOW_BYTES_SENT), info.bytes_sent())?;
    to.uint(
        attr!(HEDDLE_A_SUBFLOW_BYTES_RECEIVED),
        info.bytes_received(),
    )?;
    to.uint(attr!(HEDDLE_A_SUBFLOW_BYTES_ACKED), info.bytes_acked())?;
    to.uint(attr!(HEDDLE_A_SUBFLOW_BYTES_RETRANS), info.bytes_retrans())?;
    to.u32(attr!(HEDDLE_A_SUBFLOW_RETRANS), info.retrans())?;
    to.u8(attr!(HEDDLE_A_SUBFLOW_STALE_COUNT), subflow.stale_count())
}
