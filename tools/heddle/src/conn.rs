// SPDX-License-Identifier: GPL-2.0

//! `heddle conn`.

use std::net::IpAddr;

use crate::{
    error::{
        Error,
        Result, //
    },
    kernel::Kernel,
    model::{
        state_name,
        Account,
        ChosenBy,
        Connection,
        Subflow,
        ESTABLISHED, //
    },
    output::{
        Ink,
        Output, //
    },
    table::{
        Cell,
        Column,
        Side,
        Table, //
    },
    units,
};

/// What selects connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// The one with a token.
    Token(u32),
    /// Those with a subflow from or to an address.
    Addr(IpAddr),
}

impl std::str::FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if let Ok(addr) = text.parse() {
            return Ok(Self::Addr(addr));
        }
        units::parse_token(text)
            .map(Self::Token)
            .ok_or_else(|| format!("\"{text}\" is neither a token, as in 1a2b3c4d, nor an address"))
    }
}

/// Shows connections with their subflows.
pub fn show(kernel: &mut dyn Kernel, out: &mut Output<'_>, which: Which) -> Result<()> {
    let connections = select(kernel, which)?;
    if out.json {
        return out.print_json(&connections);
    }
    match (which, connections.as_slice()) {
        (Which::Token(_), [connection]) => {
            table(&connections).print(out)?;
            details(out, connection)
        }
        _ => table(&connections).print(out),
    }
}

fn select(kernel: &mut dyn Kernel, which: Which) -> Result<Vec<Connection>> {
    match which {
        Which::All => kernel.connections(),
        Which::Token(token) => match kernel.connection(token) {
            Err(Error::Refused(refusal)) if refusal.is(rustix::io::Errno::NOENT) => Err(
                Error::Failed(format!("there is no connection {}", units::token(token))),
            ),
            other => Ok(vec![other?]),
        },
        Which::Addr(addr) => {
            let mut connections = kernel.connections()?;
            connections.retain(|c| touches(c, addr));
            Ok(connections)
        }
    }
}

fn touches(connection: &Connection, addr: IpAddr) -> bool {
    [connection.local_addr, connection.remote_addr].contains(&addr)
        || connection
            .subflows
            .iter()
            .any(|s| [s.local_addr, s.remote_addr].contains(&addr))
}

const COLUMNS: [Column; 10] = [
    ("TOKEN", Side::Left),
    ("LOCAL", Side::Left),
    ("REMOTE", Side::Left),
    ("SCHEDULER", Side::Left),
    ("SHARE", Side::Right),
    ("SRTT ms", Side::Right),
    ("CWND", Side::Right),
    ("IN FLIGHT", Side::Right),
    ("SENT", Side::Right),
    ("STATE", Side::Left),
];

fn table(connections: &[Connection]) -> Table {
    let mut table = Table::new(&COLUMNS);
    for connection in connections {
        table.row(vec![
            Cell::new(Ink::Heading, units::token(connection.token)),
            connection.local().to_string().into(),
            connection.remote().to_string().into(),
            scheduler(connection).into(),
            "".into(),
            "".into(),
            "".into(),
            "".into(),
            units::bytes(connection.bytes_sent).into(),
            state(connection.state),
        ]);
        for subflow in &connection.subflows {
            table.row(row(connection, subflow));
        }
    }
    table
}

fn row(connection: &Connection, subflow: &Subflow) -> Vec<Cell> {
    vec![
        format!("  {}", subflow.id).into(),
        subflow.local().to_string().into(),
        subflow.remote().to_string().into(),
        "".into(),
        units::percent(connection.share(subflow)).into(),
        subflow.srtt.map_or_else(|| "-".into(), units::ms).into(),
        subflow.cwnd.to_string().into(),
        subflow.in_flight.to_string().into(),
        units::bytes(subflow.bytes_sent).into(),
        flags(subflow),
    ]
}

/// State and flags of a subflow; nothing for one that simply works.
fn flags(subflow: &Subflow) -> Cell {
    let mut words = subflow.flags();
    if subflow.state != ESTABLISHED {
        words.insert(0, state_name(subflow.state));
    }
    let ink = if subflow.stale || subflow.in_loss {
        Ink::Bad
    } else {
        Ink::Notice
    };
    Cell::new(ink, words.join(" "))
}

fn state(state: u8) -> Cell {
    let ink = if state == ESTABLISHED {
        Ink::Plain
    } else {
        Ink::Dim
    };
    Cell::new(ink, state_name(state))
}

/// The scheduler, and who chose it.
pub fn scheduler(connection: &Connection) -> String {
    let by = match (connection.chosen_by, connection.rule) {
        (ChosenBy::Rule, Some(rule)) => format!("rule {rule}"),
        (by, _) => by.name().into(),
    };
    format!("{} ({by})", connection.scheduler)
}

/// What the table has no room for.
fn details(out: &mut Output<'_>, c: &Connection) -> Result<()> {
    out.line(format_args!(
        "uid {} mark {:#x} inode {} unsent {} send window {}",
        c.uid,
        c.mark,
        c.inode,
        units::bytes(c.unsent),
        units::bytes(c.send_window),
    ))?;
    out.line(format_args!(
        "received {} acknowledged {} retransmitted {}",
        units::bytes(c.bytes_received),
        units::bytes(c.bytes_acked),
        units::bytes(c.bytes_retrans),
    ))?;
    if let Some(rule) = c.settings_rule {
        out.line(format_args!("paths as rule {rule} says"))?;
    }
    if let Some(waits) = &c.waits {
        out.line(format_args!(
            "waits: no subflow {}, full {}, faster {}, blocking {}, cheaper {}",
            waits.no_subflow, waits.full, waits.faster, waits.blocking, waits.cheaper,
        ))?;
    }
    for s in &c.subflows {
        let pacing = s.pacing_rate.map_or_else(
            || "no pacing".into(),
            #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
            |rate| format!("pacing {} Mbit/s", units::mbit(rate as f64)),
        );
        out.line(format_args!(
            "subflow {} srtt {} rttvar {} min rtt {} ms, mss {}, {pacing}, unsent {}, received {}, \
             acknowledged {}, retransmitted {} in {} packets, interface {}",
            s.id,
            s.srtt.map_or_else(|| "-".into(), units::ms),
            units::ms(s.rttvar),
            units::ms(s.min_rtt),
            s.mss,
            units::bytes(s.unsent.into()),
            units::bytes(s.bytes_received),
            units::bytes(s.bytes_acked),
            units::bytes(s.bytes_retrans),
            s.retrans,
            s.ifindex,
        ))?;
        if let Some(account) = &s.account {
            out.line(format_args!("subflow {} {}", s.id, given(s, account)))?;
        }
    }
    Ok(())
}

/// What a scheduler gave to a subflow, and what it knew of the path.
fn given(subflow: &Subflow, account: &Account) -> String {
    let path = [("weight", subflow.weight), ("cost", subflow.cost)]
        .into_iter()
        .filter_map(|(what, number)| Some(format!(", {what} {}", number?)))
        .collect::<String>();
    format!(
        "granted {} in {} choices, redundant {}, reinjected {}, chosen after timeouts {}{path}",
        units::bytes(account.granted_bytes),
        account.grants,
        units::bytes(account.redundant_bytes),
        units::bytes(account.reinjected_bytes),
        account.rtx_choices,
    )
}

/// Changes a connection: `scheduler NAME`.
pub fn set(kernel: &mut dyn Kernel, token: u32, words: &[String]) -> Result<()> {
    match words {
        [word, scheduler] if !word.is_empty() && "scheduler".starts_with(word.as_str()) => {
            kernel.set_connection(token, scheduler)
        }
        _ => Err(Error::Usage(
            "a connection can be given a scheduler: heddle conn set TOKEN scheduler NAME".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        expect,
        run,
        Fake, //
    };

    fn shown(json: bool, which: Which) -> Result<String> {
        run(json, |out| show(&mut Fake::sample(), out, which))
    }

    #[test]
    fn all() {
        expect("conn.txt", &shown(false, Which::All).unwrap());
        let json = shown(true, Which::All).unwrap();
        expect("conn.json", &json);
        let back: Vec<Connection> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, Fake::sample().connections);
    }

    #[test]
    fn one_with_its_details() {
        expect(
            "conn-one.txt",
            &shown(false, Which::Token(0x1a2b_3c4d)).unwrap(),
        );
        let error = shown(false, Which::Token(1)).unwrap_err().to_string();
        assert_eq!(error, "there is no connection 00000001");
    }

    #[test]
    fn those_of_an_address() {
        let text = shown(false, Which::Addr("10.0.2.2".parse().unwrap())).unwrap();
        assert!(text.contains("1a2b3c4d") && !text.contains("0000beef"));
        let text = shown(false, Which::Addr("10.0.9.9".parse().unwrap())).unwrap();
        assert_eq!(text, "");
    }

    #[test]
    fn tokens_and_addresses_are_told_apart() {
        assert_eq!("beef".parse(), Ok(Which::Token(0xbeef)));
        assert_eq!("fe80::".parse(), Ok(Which::Addr("fe80::".parse().unwrap())));
        assert!("example.org".parse::<Which>().is_err());
    }

    #[test]
    fn a_connection_is_given_a_scheduler() {
        let mut fake = Fake::sample();
        let words: Vec<_> = ["sched", "default"].map(Into::into).into();
        set(&mut fake, 0xbeef, &words).unwrap();
        assert_eq!(fake.connections[1].scheduler, "default");
        assert_eq!(set(&mut fake, 0xbeef, &[]).unwrap_err().status(), 2);
    }
}
