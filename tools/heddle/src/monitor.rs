// SPDX-License-Identifier: GPL-2.0

//! `heddle monitor`.

use std::{
    net::SocketAddr,
    time::{
        SystemTime,
        UNIX_EPOCH, //
    },
};

use serde::Serialize;

use crate::{
    error::Result,
    kernel::{
        Events,
        Incoming, //
    },
    model::{
        Ends,
        Event,
        Managed,
        PathAction, //
    },
    output::{
        Ink,
        Output, //
    },
    units,
};

/// Events that were lost.
#[derive(Serialize)]
struct Lost {
    event: &'static str,
    /// How many; absent if that is not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

/// Shows events as they come, those that are `wanted`, until it is interrupted.
pub fn run(
    events: &mut dyn Events,
    out: &mut Output<'_>,
    timestamps: bool,
    wanted: impl Fn(&Event) -> bool,
) -> Result<()> {
    let mut last = None;
    loop {
        let incoming = events.next()?;
        let time = timestamps.then(now);
        show(out, incoming, &mut last, time.as_deref(), &wanted)?;
        out.to.flush()?;
    }
}

/// Shows what came. `last` is the sequence of the event before.
fn show(
    out: &mut Output<'_>,
    incoming: Incoming,
    last: &mut Option<u64>,
    time: Option<&str>,
    wanted: impl Fn(&Event) -> bool,
) -> Result<()> {
    let event = match incoming {
        Incoming::Overrun => return lost(out, None, time),
        Incoming::Event(event) => event,
    };
    let missing = last.map_or(0, |last: u64| {
        event.sequence.saturating_sub(last.saturating_add(1))
    });
    *last = Some(event.sequence);
    if missing > 0 {
        lost(out, Some(missing), time)?;
    }
    if !wanted(&event) {
        return Ok(());
    }
    if out.json {
        return out.print_json(&event);
    }
    let text = describe(out, &event);
    line(out, time, &text)
}

fn lost(out: &mut Output<'_>, count: Option<u64>, time: Option<&str>) -> Result<()> {
    if out.json {
        return out.print_json(&Lost {
            event: "lost",
            count,
        });
    }
    let text = match count {
        None => "events were lost: they came faster than they could be read".into(),
        Some(1) => "1 event was lost".into(),
        Some(count) => format!("{count} events were lost"),
    };
    let text = out.paint.ink(Ink::Bad, &text);
    line(out, time, &text)
}

fn line(out: &mut Output<'_>, time: Option<&str>, text: &str) -> Result<()> {
    match time {
        Some(time) => out.line(format_args!("[{time}] {text}")),
        None => out.line(format_args!("{text}")),
    }
}

/// Seconds since 1970, as `ip -ts` and `tcpdump -tt` have them.
fn now() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!("{}.{:06}", now.as_secs(), now.subsec_micros())
}

fn ends(ends: &Ends) -> String {
    match (ends.local(), ends.remote()) {
        (Some(local), Some(remote)) => format!(" {local} -> {remote}"),
        _ => String::new(),
    }
}

/// What the path manager has done.
fn managed_text(out: &Output<'_>, managed: &Managed) -> String {
    let ink = match managed.action {
        PathAction::Opened | PathAction::Promoted => Ink::Plain,
        PathAction::Closed | PathAction::Demoted => Ink::Notice,
        PathAction::Refused | PathAction::Unknown => Ink::Bad,
    };
    let action = out.paint.ink(ink, managed.action.name());
    let mut text = format!(" token {} {action}", units::token(managed.token));
    if let Some(subflow) = managed.subflow {
        text += &format!(" subflow {subflow}");
    }
    let local = managed
        .local_addr
        .map_or_else(|| "any".into(), |local| local.to_string());
    if let (Some(remote), Some(port)) = (managed.remote_addr, managed.remote_port) {
        text += &format!(" {local} -> {}", SocketAddr::new(remote, port));
    }
    text += &format!(" for {}", managed.reason.name());
    if let Some(rule) = managed.rule {
        text += &format!(" rule {rule}");
    }
    text
}

fn describe(out: &Output<'_>, event: &Event) -> String {
    let mut text = out.paint.ink(Ink::Heading, &event.event);
    if let Some(connection) = &event.connection {
        text += &format!(" token {}", units::token(connection.token));
        if event.subflow.is_none() {
            text += &ends(&connection.ends);
        }
        if let Some(scheduler) = &connection.scheduler {
            text += &format!(" scheduler {scheduler}");
        }
    }
    if let Some(subflow) = &event.subflow {
        text += " subflow";
        // The kernel numbers them from 1; what has no number yet has 0.
        if subflow.id != 0 {
            text += &format!(" {}", subflow.id);
        }
        text += &ends(&subflow.ends);
        if subflow.backup {
            text += &out.paint.ink(Ink::Notice, " backup");
        }
    }
    if let Some(handover) = &event.handover {
        text += &format!(" listener sk:{:x}", handover.listener);
        if let Some(local) = handover.ends.local() {
            text += &format!(" {local}");
        }
        if let Some(heir) = handover.heir {
            text += &format!(" heir sk:{heir:x}");
        }
        if let Some(failure) = handover.failure {
            text += &out.paint.ink(Ink::Bad, " nobody");
            text += &format!(": {}", failure.describe());
        }
    }
    if let Some(managed) = &event.managed {
        text += &managed_text(out, managed);
    }
    if let Some(generation) = event.generation {
        text += &format!(" generation {generation}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Error,
        model::{
            EventConnection,
            EventSubflow,
            Failure,
            Handover, //
            PathReason,
        },
        testing, //
    };

    struct Script(Vec<Incoming>);

    impl Events for Script {
        fn next(&mut self) -> Result<Incoming> {
            if self.0.is_empty() {
                return Err(Error::Failed("the end".into()));
            }
            Ok(self.0.remove(0))
        }
    }

    fn script() -> Script {
        let ends = Ends {
            local_addr: "10.0.1.1".parse().ok(),
            local_port: Some(443),
            remote_addr: "10.0.1.2".parse().ok(),
            remote_port: Some(51000),
        };
        let event = |sequence, event: &str| Event {
            sequence,
            event: event.into(),
            connection: Some(EventConnection {
                token: 0xbeef,
                ..EventConnection::default()
            }),
            ..Event::default()
        };
        let mut created = event(5, "connection-created");
        created.connection = Some(EventConnection {
            token: 0xbeef,
            ends,
            scheduler: Some("minrtt".into()),
        });
        let mut joined = event(9, "subflow-established");
        joined.subflow = Some(EventSubflow {
            id: 2,
            ends,
            backup: true,
        });
        let config = Event {
            event: "config-changed".into(),
            sequence: 12,
            generation: Some(8),
            ..Event::default()
        };
        let handover = |sequence, heir, failure| {
            Incoming::Event(Event {
                event: "connection-handed-over".into(),
                sequence,
                handover: Some(Box::new(Handover {
                    listener: 0x1f,
                    ends: Ends {
                        local_addr: "10.0.1.1".parse().ok(),
                        local_port: Some(443),
                        ..Ends::default()
                    },
                    heir,
                    failure,
                })),
                ..Event::default()
            })
        };
        let managed = |sequence, action, reason, subflow: Option<u32>| {
            Incoming::Event(Event {
                event: "path-managed".into(),
                sequence,
                managed: Some(Box::new(Managed {
                    token: 0xbeef,
                    action: PathAction::from_number(action),
                    reason: PathReason::from_number(reason),
                    rule: subflow.map(|_| 10),
                    subflow,
                    local_addr: subflow.and_then(|_| "10.0.2.1".parse().ok()),
                    remote_addr: "10.0.2.2".parse().ok(),
                    remote_port: Some(443),
                })),
                ..Event::default()
            })
        };
        Script(vec![
            Incoming::Event(created),
            Incoming::Event(joined),
            Incoming::Overrun,
            Incoming::Event(event(11, "connection-closed")),
            Incoming::Event(config),
            handover(13, Some(0x20), None),
            handover(14, None, Some(Failure::NoMember)),
            managed(15, 0, 4, None),
            managed(16, 3, 9, Some(2)),
            managed(17, 99, 99, None),
        ])
    }

    fn written(json: bool, wanted: fn(&Event) -> bool) -> String {
        let mut text = String::new();
        // The text is written before the script ends.
        let mut script = script();
        let mut last = None;
        while let Ok(incoming) = script.next() {
            text +=
                &testing::run(json, |out| show(out, incoming, &mut last, None, wanted)).unwrap();
        }
        text
    }

    #[test]
    fn gaps_and_overruns_are_told() {
        testing::expect("monitor.txt", &written(false, |_| true));
        testing::expect("monitor.json", &written(true, |_| true));
    }

    #[test]
    fn losses_are_told_whatever_is_wanted() {
        let text = written(false, |event| event.handover.is_some());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.iter().filter(|it| it.contains("lost")).count(), 3);
        let is_handover = |line: &&&str| line.starts_with("connection-handed-over ");
        assert_eq!(lines.iter().filter(is_handover).count(), 2);
        assert_eq!(lines.len(), 5);
    }

    #[test]
    fn it_ends_when_the_socket_fails() {
        let end = testing::run(false, |out| run(&mut script(), out, true, |_| true));
        assert_eq!(end.unwrap_err().to_string(), "the end");
    }
}
