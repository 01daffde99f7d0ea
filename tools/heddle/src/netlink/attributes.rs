// SPDX-License-Identifier: GPL-2.0

//! The numbers of the netlink family, each set as the netlink specification
//! has it. A test compares them with `include/uapi/linux/heddle.h`.

#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    reason = "the specification says what they are; the rest is the derive's"
)]

use neli::{
    consts::genl::{
        Cmd as IsCmd,
        NlAttrType, //
    },
    neli_enum, //
};

/// Declares a set, and for the test the names and numbers in it.
macro_rules! set {
    ($trait:ident, $size:literal, $name:ident { $($entry:ident = $number:literal,)* }) => {
        #[neli_enum(serialized_type = $size)]
        pub enum $name {
            Unspec = 0,
            $($entry = $number,)*
        }
        impl $trait for $name {}

        #[cfg(test)]
        impl $name {
            const ENTRIES: &'static [(&'static str, u32)] =
                &[$((stringify!($entry), $number),)*];
        }
    };
}

set!(IsCmd, "u8", Cmd {
    InfoGet = 1,
    ConnectionGet = 2,
    ConnectionSet = 3,
    SchedulerGet = 4,
    KnobGet = 5,
    KnobSet = 6,
    RuleGet = 7,
    RuleAdd = 8,
    RuleDel = 9,
    RuleFlush = 10,
    CounterGet = 11,
    CounterReset = 12,
    ConfigSet = 13,
    ConnectionCreated = 14,
    ConnectionEstablished = 15,
    ConnectionClosed = 16,
    SubflowEstablished = 17,
    SubflowClosed = 18,
    SubflowPriority = 19,
    SchedulerChanged = 20,
    ConfigChanged = 21,
    PathGet = 22,
    PathAdd = 23,
    PathDel = 24,
    PathFlush = 25,
    PathReset = 26,
    MigrationGet = 27,
    MigrationAdd = 28,
    MigrationDel = 29,
    MigrationFlush = 30,
    ConnectionHandedOver = 31,
    PathManaged = 32,
});

set!(NlAttrType, "u16", Info {
    Abi = 1,
    Version = 2,
    Feature = 3,
    Generation = 4,
    Connections = 5,
    Rules = 6,
    SystemScheduler = 7,
    Paths = 8,
    Migrations = 9,
    CapPeriodLeft = 10,
});

set!(NlAttrType, "u16", Connection {
    Token = 1,
    LocalAddr = 2,
    LocalPort = 3,
    RemoteAddr = 4,
    RemotePort = 5,
    State = 6,
    Scheduler = 7,
    ChosenBy = 8,
    Rule = 9,
    Uid = 10,
    Mark = 11,
    Inode = 12,
    Unsent = 13,
    SendWindow = 14,
    BytesSent = 15,
    BytesReceived = 16,
    BytesAcked = 17,
    BytesRetrans = 18,
    Subflow = 19,
    WaitsNoSubflow = 20,
    WaitsFull = 21,
    WaitsFaster = 22,
    WaitsBlocking = 23,
    WaitsCheaper = 24,
    SettingsRule = 25,
});

set!(NlAttrType, "u16", Subflow {
    Id = 1,
    LocalAddr = 2,
    LocalPort = 3,
    RemoteAddr = 4,
    RemotePort = 5,
    Ifindex = 6,
    State = 7,
    Backup = 8,
    Stale = 9,
    InLoss = 10,
    Srtt = 11,
    Rttvar = 12,
    MinRtt = 13,
    Cwnd = 14,
    InFlight = 15,
    Unsent = 16,
    Mss = 17,
    PacingRate = 18,
    BytesSent = 19,
    BytesReceived = 20,
    BytesAcked = 21,
    BytesRetrans = 22,
    Retrans = 23,
    StaleCount = 24,
    Grants = 25,
    GrantedBytes = 26,
    RedundantBytes = 27,
    ReinjectedBytes = 28,
    RtxChoices = 29,
    Weight = 30,
    Cost = 31,
});

set!(NlAttrType, "u16", Scheduler {
    Name = 1,
    Description = 2,
    Opened = 3,
    Closed = 4,
    Sends = 5,
    Waits = 6,
    Retransmits = 7,
});

set!(NlAttrType, "u16", Knob {
    Name = 1,
    Value = 2,
    Default = 3,
    Type = 4,
    MinValue = 5,
    MaxValue = 6,
    Unit = 7,
    Help = 8,
    Word = 9,
});

set!(NlAttrType, "u16", Rule {
    Priority = 1,
    LocalAddr = 2,
    LocalPrefix = 3,
    LocalPortMin = 4,
    LocalPortMax = 5,
    RemoteAddr = 6,
    RemotePrefix = 7,
    RemotePortMin = 8,
    RemotePortMax = 9,
    Uid = 10,
    Cgroup = 11,
    Mark = 12,
    MarkMask = 13,
    Scheduler = 14,
    Replace = 15,
    Hits = 16,
    Setting = 17,
});

set!(NlAttrType, "u16", Path {
    Priority = 1,
    Interface = 2,
    LocalAddr = 3,
    LocalPrefix = 4,
    RemoteAddr = 5,
    RemotePrefix = 6,
    Weight = 7,
    Cost = 8,
    Cap = 9,
    Replace = 10,
    Used = 11,
    Setting = 12,
});

set!(NlAttrType, "u16", Migration {
    Priority = 1,
    Cookie = 2,
    LocalAddr = 3,
    LocalPrefix = 4,
    LocalPortMin = 5,
    LocalPortMax = 6,
    Policy = 7,
    Replace = 8,
    Hits = 9,
});

set!(NlAttrType, "u16", Handover {
    Listener = 1,
    LocalAddr = 2,
    LocalPort = 3,
    Heir = 4,
    Failure = 5,
});

set!(NlAttrType, "u16", Counter {
    Name = 1,
    Value = 2,
    Help = 3,
});

set!(NlAttrType, "u16", Config {
    Generation = 1,
    Knob = 2,
    Rule = 3,
    Path = 4,
    Migration = 5,
    CapPeriodLeft = 6,
});

set!(NlAttrType, "u16", Event {
    Sequence = 1,
    Connection = 2,
    Subflow = 3,
    Generation = 4,
    Handover = 5,
    Managed = 6,
});

set!(NlAttrType, "u16", Managed {
    Token = 1,
    Action = 2,
    Reason = 3,
    Rule = 4,
    Subflow = 5,
    LocalAddr = 6,
    RemoteAddr = 7,
    RemotePort = 8,
});

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of an enum of the header that begin so, with their numbers,
    /// in our notation.
    fn of_header(prefix: &str) -> Vec<(String, u32)> {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../include/uapi/linux/heddle.h"
        );
        let header = std::fs::read_to_string(path).unwrap();
        let camel = |name: &str| {
            name.split('_')
                .map(|word| word[..1].to_string() + &word[1..].to_lowercase())
                .collect::<String>()
        };
        // The first entry of each of these enums says "= 1".
        header
            .lines()
            .filter_map(|line| line.trim().strip_prefix(prefix))
            .filter(|rest| !rest.starts_with("MAX = "))
            .map(|rest| camel(rest.split([',', ' ']).next().unwrap()))
            .zip(1..)
            .collect()
    }

    #[test]
    fn the_numbers_are_those_of_the_header() {
        for (prefix, entries) in [
            ("HEDDLE_CMD_", Cmd::ENTRIES),
            ("HEDDLE_A_INFO_", Info::ENTRIES),
            ("HEDDLE_A_CONNECTION_", Connection::ENTRIES),
            ("HEDDLE_A_SUBFLOW_", Subflow::ENTRIES),
            ("HEDDLE_A_SCHEDULER_", Scheduler::ENTRIES),
            ("HEDDLE_A_KNOB_", Knob::ENTRIES),
            ("HEDDLE_A_RULE_", Rule::ENTRIES),
            ("HEDDLE_A_PATH_", Path::ENTRIES),
            ("HEDDLE_A_MIGRATION_", Migration::ENTRIES),
            ("HEDDLE_A_HANDOVER_", Handover::ENTRIES),
            ("HEDDLE_A_COUNTER_", Counter::ENTRIES),
            ("HEDDLE_A_CONFIG_", Config::ENTRIES),
            ("HEDDLE_A_EVENT_", Event::ENTRIES),
            ("HEDDLE_A_MANAGED_", Managed::ENTRIES),
        ] {
            let ours: Vec<_> = entries
                .iter()
                .map(|(name, number)| ((*name).to_string(), *number))
                .collect();
            assert_eq!(ours, of_header(prefix), "{prefix}");
        }
    }
}
