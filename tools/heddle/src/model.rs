// SPDX-License-Identifier: GPL-2.0

//! What the module tells, as plain values.
//!
//! Names and units are those of the netlink specification
//! (`Documentation/netlink/specs/heddle.yaml`), and so are those of the JSON
//! output: times are in µs, amounts of data in bytes.

use std::net::{
    IpAddr,
    Ipv4Addr,
    SocketAddr, //
};

use serde::{
    Deserialize,
    Serialize, //
};

/// The ABI of the netlink family that this command was made for.
pub const ABI: u32 = 1;

/// The scheduler that chooses by the rules.
pub const CHOOSER: &str = "heddle";

/// The state of a connection or subflow that carries data.
pub const ESTABLISHED: u8 = 1;

/// The module itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// ABI of the module.
    pub abi: u32,
    /// Version of the module.
    pub version: String,
    /// What was compiled in.
    pub features: Vec<String>,
    /// Number of changes of the configuration.
    pub generation: u32,
    /// MPTCP connections that Heddle schedules.
    pub connections: u64,
    /// Number of rules.
    pub rules: u32,
    /// Seconds until paths may carry their cap anew, if there is such a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_period_left: Option<u32>,
    /// net.mptcp.scheduler.
    pub system_scheduler: String,
    /// Number of paths.
    pub paths: u32,
    /// Number of migrations.
    #[serde(default)]
    pub migrations: u32,
}

/// Who chose the scheduler of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChosenBy {
    /// net.mptcp.scheduler, or the program.
    #[default]
    System,
    /// Nobody yet: there was nothing to send.
    Undecided,
    /// The knob sched.default.
    Default,
    /// A rule.
    Rule,
    /// Nobody: the connection fell back to TCP.
    Fallback,
    /// Something newer than this command.
    Unknown,
}

impl ChosenBy {
    /// The value with a number of the netlink specification.
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::System,
            1 => Self::Undecided,
            2 => Self::Default,
            3 => Self::Rule,
            4 => Self::Fallback,
            _ => Self::Unknown,
        }
    }

    /// Its name in the netlink specification.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Undecided => "undecided",
            Self::Default => "default",
            Self::Rule => "rule",
            Self::Fallback => "fallback",
            Self::Unknown => "unknown",
        }
    }
}

/// An MPTCP connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Connection {
    pub token: u32,
    pub local_addr: IpAddr,
    pub local_port: u16,
    pub remote_addr: IpAddr,
    pub remote_port: u16,
    pub state: u8,
    pub scheduler: String,
    pub chosen_by: ChosenBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<u32>,
    /// Absent if no rule says what the path manager is to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings_rule: Option<u32>,
    pub uid: u32,
    pub mark: u32,
    pub inode: u64,
    pub unsent: u64,
    pub send_window: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub bytes_acked: u64,
    pub bytes_retrans: u64,
    /// Absent if no scheduler of Heddle decides.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Waits>,
    pub subflows: Vec<Subflow>,
}

/// How often nothing was sent, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Waits {
    #[serde(rename = "waits_no_subflow")]
    pub no_subflow: u64,
    #[serde(rename = "waits_full")]
    pub full: u64,
    #[serde(rename = "waits_faster")]
    pub faster: u64,
    #[serde(rename = "waits_blocking")]
    pub blocking: u64,
    #[serde(rename = "waits_cheaper")]
    pub cheaper: u64,
}

/// What a scheduler gave to a subflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Account {
    pub grants: u64,
    pub granted_bytes: u64,
    pub redundant_bytes: u64,
    pub reinjected_bytes: u64,
    pub rtx_choices: u64,
}

/// A subflow of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Subflow {
    pub id: u32,
    pub local_addr: IpAddr,
    pub local_port: u16,
    pub remote_addr: IpAddr,
    pub remote_port: u16,
    pub ifindex: u32,
    pub state: u8,
    pub backup: bool,
    pub stale: bool,
    pub in_loss: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub srtt: Option<u32>,
    pub rttvar: u32,
    pub min_rtt: u32,
    pub cwnd: u32,
    pub in_flight: u32,
    pub unsent: u32,
    pub mss: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pacing_rate: Option<u64>,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub bytes_acked: u64,
    pub bytes_retrans: u64,
    pub retrans: u32,
    pub stale_count: u8,
    /// Absent if no scheduler of Heddle decides.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<u32>,
}

const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Default for Connection {
    fn default() -> Self {
        Self {
            token: 0,
            local_addr: NOWHERE,
            local_port: 0,
            remote_addr: NOWHERE,
            remote_port: 0,
            state: 0,
            scheduler: String::new(),
            chosen_by: ChosenBy::default(),
            rule: None,
            settings_rule: None,
            uid: 0,
            mark: 0,
            inode: 0,
            unsent: 0,
            send_window: 0,
            bytes_sent: 0,
            bytes_received: 0,
            bytes_acked: 0,
            bytes_retrans: 0,
            waits: None,
            subflows: Vec::new(),
        }
    }
}

impl Default for Subflow {
    fn default() -> Self {
        Self {
            id: 0,
            local_addr: NOWHERE,
            local_port: 0,
            remote_addr: NOWHERE,
            remote_port: 0,
            ifindex: 0,
            state: 0,
            backup: false,
            stale: false,
            in_loss: false,
            srtt: None,
            rttvar: 0,
            min_rtt: 0,
            cwnd: 0,
            in_flight: 0,
            unsent: 0,
            mss: 0,
            pacing_rate: None,
            bytes_sent: 0,
            bytes_received: 0,
            bytes_acked: 0,
            bytes_retrans: 0,
            retrans: 0,
            stale_count: 0,
            account: None,
            weight: None,
            cost: None,
        }
    }
}

impl Connection {
    /// Address and port of this end.
    pub fn local(&self) -> SocketAddr {
        SocketAddr::new(self.local_addr, self.local_port)
    }

    /// Address and port of the other end.
    pub fn remote(&self) -> SocketAddr {
        SocketAddr::new(self.remote_addr, self.remote_port)
    }

    /// Bytes that a subflow carried for the busier direction, and the sum of
    /// all subflows: its share. Retransmissions by TCP are not counted.
    pub fn share(&self, subflow: &Subflow) -> Option<f64> {
        let sending = self.bytes_sent >= self.bytes_received;
        let all: u64 = self.subflows.iter().map(|s| s.carried(sending)).sum();
        #[allow(clippy::cast_precision_loss, reason = "a percentage")]
        (all > 0).then(|| subflow.carried(sending) as f64 / all as f64)
    }
}

impl Subflow {
    /// Address and port of this end.
    pub fn local(&self) -> SocketAddr {
        SocketAddr::new(self.local_addr, self.local_port)
    }

    /// Address and port of the other end.
    pub fn remote(&self) -> SocketAddr {
        SocketAddr::new(self.remote_addr, self.remote_port)
    }

    /// Bytes it carried in one direction, without what TCP sent again.
    pub fn carried(&self, sending: bool) -> u64 {
        if sending {
            self.bytes_sent.saturating_sub(self.bytes_retrans)
        } else {
            self.bytes_received
        }
    }

    /// The names of what is true of it, of backup, stale and loss.
    pub fn flags(&self) -> Vec<&'static str> {
        [
            (self.backup, "backup"),
            (self.stale, "stale"),
            (self.in_loss, "loss"),
        ]
        .into_iter()
        .filter_map(|(is, name)| is.then_some(name))
        .collect()
    }
}

/// The name of a state of TCP.
pub fn state_name(state: u8) -> &'static str {
    match state {
        1 => "established",
        2 => "syn-sent",
        3 => "syn-recv",
        4 => "fin-wait-1",
        5 => "fin-wait-2",
        6 => "time-wait",
        7 => "closed",
        8 => "close-wait",
        9 => "last-ack",
        10 => "listen",
        11 => "closing",
        12 => "new-syn-recv",
        _ => "unknown",
    }
}

/// A scheduler that connections can be given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Scheduler {
    pub name: String,
    pub description: String,
    /// What it did; the kernel's own does not count.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub counts: Option<SchedulerCounts>,
}

/// What a scheduler did in this namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct SchedulerCounts {
    pub opened: u64,
    pub closed: u64,
    pub sends: u64,
    pub waits: u64,
    pub retransmits: u64,
}

/// What values a knob takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnobType {
    /// A decimal number from min-value to max-value.
    #[default]
    Number,
    /// The name of a scheduler.
    Scheduler,
    /// One of some words.
    Word,
    /// Some of some words, with commas.
    List,
    /// Something newer than this command, taken for a text.
    Unknown,
}

impl KnobType {
    /// Whether it takes words only, and no number.
    pub fn is_word(self) -> bool {
        matches!(self, Self::Scheduler | Self::Word | Self::List)
    }

    /// The type with a number of the netlink specification.
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Number,
            1 => Self::Scheduler,
            2 => Self::Word,
            3 => Self::List,
            _ => Self::Unknown,
        }
    }
}

/// A setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Knob {
    pub name: String,
    pub value: String,
    pub default: String,
    #[serde(rename = "type")]
    pub kind: KnobType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub help: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

/// A counter of the namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: u64,
    /// What it counts.
    pub help: String,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The name of its operation in the netlink specification.
    pub event: String,
    /// Number of the event in its namespace.
    pub sequence: u64,
    /// The connection it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<EventConnection>,
    /// The subflow it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subflow: Option<EventSubflow>,
    /// The generation of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// What became of a connection whose listener was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handover: Option<Box<Handover>>,
    /// What the path manager has done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed: Option<Box<Managed>>,
}

/// What the path manager has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Managed {
    pub token: u32,
    pub action: PathAction,
    pub reason: PathReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subflow: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_addr: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_addr: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_port: Option<u16>,
}

/// Words of the netlink specification, by their numbers.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[allow(missing_docs, reason = "the netlink specification says what they are")]
        pub enum $name {
            $($variant,)*
            /// Something newer than this command.
            #[default]
            Unknown,
        }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The one with a number.
            pub fn from_number(number: u32) -> Self {
                let place = usize::try_from(number).ok();
                place
                    .and_then(|place| Self::ALL.get(place).copied())
                    .unwrap_or_default()
            }

            /// It in a word.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Unknown => "unknown",
                }
            }
        }
    };
}

numbered! {
    /// What the path manager can do.
    PathAction {
        Opened = "opened",
        Refused = "refused",
        Closed = "closed",
        Demoted = "demoted",
        Promoted = "promoted",
    }
}

numbered! {
    /// Why it does that.
    PathReason {
        Endpoints = "endpoints",
        Fullmesh = "fullmesh",
        Ndiffports = "ndiffports",
        Interface = "interface",
        Retry = "retry",
        Limit = "limit",
        Failed = "failed",
        Dead = "dead",
        Capped = "capped",
        Rtt = "rtt",
        Loss = "loss",
        Better = "better",
    }
}

/// What became of a connection whose listener was closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Handover {
    pub listener: u64,
    #[serde(flatten)]
    pub ends: Ends,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heir: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// Why nobody inherited a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub enum Failure {
    NoMember,
    Refused,
    Guard,
    HeirFull,
    Forbidden,
    HeirDied,
    HeirClosed,
    CloneFailed,
    Expired,
    RaceLost,
    /// Something newer than this command.
    Unknown,
}

impl Failure {
    /// The reason with a number of the netlink specification.
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::NoMember,
            1 => Self::Refused,
            2 => Self::Guard,
            3 => Self::HeirFull,
            4 => Self::Forbidden,
            5 => Self::HeirDied,
            6 => Self::HeirClosed,
            7 => Self::CloneFailed,
            8 => Self::Expired,
            9 => Self::RaceLost,
            _ => Self::Unknown,
        }
    }

    /// The reason in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::NoMember => "no other listener is open",
            Self::Refused => "the policies refuse",
            Self::Guard => "the settings of the others differ",
            Self::HeirFull => "the accept queue of the heir is full",
            Self::Forbidden => "nothing allows it",
            Self::HeirDied => "the heir was about to be freed",
            Self::HeirClosed => "the heir was closed",
            Self::CloneFailed => "no memory",
            Self::Expired => "the client did not answer",
            Self::RaceLost => "another CPU was faster",
            Self::Unknown => "for a reason that is newer than this command",
        }
    }
}

/// A connection in an event. One that has closed has its token only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct EventConnection {
    pub token: u32,
    #[serde(flatten)]
    pub ends: Ends,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<String>,
}

/// A subflow in an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct EventSubflow {
    pub id: u32,
    #[serde(flatten)]
    pub ends: Ends,
    pub backup: bool,
}

/// Both ends of what an event is about, as far as it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the netlink specification says what they are")]
pub struct Ends {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_addr: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_addr: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_port: Option<u16>,
}

impl Ends {
    /// Address and port of this end.
    pub fn local(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.local_addr?, self.local_port?))
    }

    /// Address and port of the other end.
    pub fn remote(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.remote_addr?, self.remote_port?))
    }
}

/// A whole configuration: every knob by name, every rule, path and migration by
/// priority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The knobs, by name.
    pub knobs: std::collections::BTreeMap<String, String>,
    /// When paths may carry their cap anew, in seconds since 1970, if that is known.
    pub cap_period_end: Option<u64>,
    /// The rules, by ascending priority.
    pub rules: Vec<crate::rule::Rule>,
    /// The paths, by ascending priority.
    pub paths: Vec<crate::path::Path>,
    /// The migrations, by ascending priority.
    pub migrations: Vec<crate::migration::Migration>,
}

impl Config {
    /// Seconds until paths may carry their cap anew.
    pub fn cap_period_left(&self) -> Option<u32> {
        let left = self.cap_period_end?.saturating_sub(crate::units::now());
        // The longest period, so that a wrong clock is no mistake in the file.
        Some(u32::try_from(left).unwrap_or(u32::MAX).min(31_622_400))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(sent: u64, received: u64) -> Subflow {
        Subflow {
            bytes_sent: sent,
            bytes_received: received,
            ..Subflow::default()
        }
    }

    #[test]
    fn shares_are_those_of_the_busier_direction() {
        let mut connection = Connection {
            bytes_sent: 400,
            bytes_received: 40,
            subflows: vec![with(100, 40), with(300, 0)],
            ..Connection::default()
        };
        assert_eq!(connection.share(&connection.subflows[0]), Some(0.25));
        connection.bytes_received = 4000;
        assert_eq!(connection.share(&connection.subflows[0]), Some(1.0));
    }

    #[test]
    fn a_connection_that_carried_nothing_has_no_shares() {
        let connection = Connection {
            subflows: vec![with(0, 0)],
            ..Connection::default()
        };
        assert_eq!(connection.share(&connection.subflows[0]), None);
    }

    #[test]
    fn what_tcp_repeats_is_no_share() {
        let mut subflow = with(300, 0);
        subflow.bytes_retrans = 100;
        assert_eq!(subflow.carried(true), 200);
    }
}
