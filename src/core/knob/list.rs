// SPDX-License-Identifier: GPL-2.0

//! Every knob there is.

use super::{bytes, Kind, Knob};
use crate::decide::{
    migrate::Guard,
    pm::{cap::Capped, Mesh},
};
use core::ffi::CStr;

/// What `migrate.settings_guard` takes, in the order of the numbers.
const GUARDS: [&CStr; Guard::ALL.len()] =
    [Guard::Off.name(), Guard::Warn.name(), Guard::Enforce.name()];

/// What `pm.mesh` takes, in the order of the numbers.
const MESHES: [&CStr; Mesh::ALL.len()] = [
    Mesh::Endpoints.name(),
    Mesh::Fullmesh.name(),
    Mesh::Ndiffports.name(),
    Mesh::Interface.name(),
];

/// What `pm.capped` takes, in the order of the numbers.
const CAPPED: [&CStr; Capped::ALL.len()] = [
    Capped::Ignore.name(),
    Capped::Demote.name(),
    Capped::Close.name(),
];

knobs! {
    /// The scheduler of a connection of `heddle` that no rule matches.
    SCHED_DEFAULT: Knob {
        name: c"sched.default",
        kind: Kind::Scheduler,
        default: c"minrtt",
        unit: c"",
        help: c"The scheduler that \"heddle\" gives to a connection no rule matches.",
    },
    /// What a decision grants at most, in bytes.
    ///
    /// More of it means fewer decisions, less of it a finer interleaving of the subflows. The
    /// default is [`MAX_BURST`](crate::decide::sched::MAX_BURST).
    SCHED_BURST: Knob {
        name: c"sched.burst",
        kind: Kind::Number { min: 1400, max: 1_048_576 },
        default: c"65428",
        unit: c"bytes",
        help: c"Most bytes a connection sends by one decision of a scheduler.",
    },
    /// Whether data that holds up the connection on a slow subflow is repeated on a fast one.
    SCHED_REINJECT: Knob {
        name: c"sched.reinject",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"1",
        unit: c"",
        help: c"Repeat on a fast subflow what holds up the connection on a slow one (ecf, blest, auto).",
    },
    /// Whether a subflow is given less for a while on which data holds up the connection.
    SCHED_PENALISE: Knob {
        name: c"sched.penalise",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Leave half of its window to a subflow whose data had to be repeated for want of room in the peer's (ecf, blest, auto).",
    },
    /// How often a subflow is probed that is in loss, stale or idle.
    SCHED_PROBE_MS: Knob {
        name: c"sched.probe_ms",
        kind: Kind::Number { min: 0, max: 60_000 },
        default: c"1000",
        unit: c"ms",
        help: c"Send a packet so often on a subflow that carries nothing, to learn whether it can; 0 for never.",
    },
    /// Hysteresis β of `ecf`.
    SCHED_ECF_BETA: Knob {
        name: c"sched.ecf.beta",
        kind: Kind::Number { min: 0, max: 1000 },
        default: c"25",
        unit: c"%",
        help: c"Hysteresis of waiting for the fastest subflow.",
    },
    /// Correction λ that `blest` starts with.
    SCHED_BLEST_LAMBDA: Knob {
        name: c"sched.blest.lambda",
        kind: Kind::Number { min: 1, max: 10_000 },
        default: c"1200",
        unit: c"1/1000",
        help: c"Factor of what the fastest subflow is expected to send, at first.",
    },
    /// Lowest λ of `blest`.
    SCHED_BLEST_MIN_LAMBDA: Knob {
        name: c"sched.blest.min_lambda",
        kind: Kind::Number { min: 1, max: 10_000 },
        default: c"1000",
        unit: c"1/1000",
        help: c"Lowest value of that factor.",
    },
    /// Highest λ of `blest`.
    SCHED_BLEST_MAX_LAMBDA: Knob {
        name: c"sched.blest.max_lambda",
        kind: Kind::Number { min: 1, max: 10_000 },
        default: c"1300",
        unit: c"1/1000",
        help: c"Highest value of that factor.",
    },
    /// What `blest` takes off λ after a round trip without blocking.
    SCHED_BLEST_LAMBDA_GOOD: Knob {
        name: c"sched.blest.lambda_good",
        kind: Kind::Number { min: 0, max: 10_000 },
        default: c"10",
        unit: c"1/1000",
        help: c"What is taken off it after a round trip in which the window did not block.",
    },
    /// What `blest` adds to λ after a round trip with blocking.
    SCHED_BLEST_LAMBDA_BAD: Knob {
        name: c"sched.blest.lambda_bad",
        kind: Kind::Number { min: 0, max: 10_000 },
        default: c"40",
        unit: c"1/1000",
        help: c"What is added to it after a round trip in which the window blocked.",
    },
    /// Quota of `roundrobin`.
    SCHED_ROUNDROBIN_NUM_SEGMENTS: Knob {
        name: c"sched.roundrobin.num_segments",
        kind: Kind::Number { min: 1, max: 255 },
        default: c"1",
        unit: c"packets",
        help: c"Packets a subflow sends before it is the next one's turn.",
    },
    /// Whether `roundrobin` heeds congestion windows.
    SCHED_ROUNDROBIN_CWND_LIMITED: Knob {
        name: c"sched.roundrobin.cwnd_limited",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"1",
        unit: c"",
        help: c"Leave out subflows whose congestion window is full.",
    },
    /// Whether `weighted` waits for a path that is behind.
    SCHED_WEIGHTED_STRICT: Knob {
        name: c"sched.weighted.strict",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Keep the ratio by waiting, rather than let other paths take what one has no room for.",
    },
    /// Whether `priority` uses a dearer path only when the cheaper ones are gone.
    SCHED_PRIORITY_STANDBY: Knob {
        name: c"sched.priority.standby",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Use a dearer path only when all cheaper ones are gone, not when they are full.",
    },
    /// How long `priority` lets data wait for the cheaper paths.
    SCHED_PRIORITY_PATIENCE: Knob {
        name: c"sched.priority.patience",
        kind: Kind::Number { min: 0, max: 60_000 },
        default: c"50",
        unit: c"ms",
        help: c"Data that the cheaper paths send within this time is left to them.",
    },
    /// How much `redundant` repeats.
    SCHED_REDUNDANT_BUDGET: Knob {
        name: c"sched.redundant.budget",
        kind: Kind::Number { min: 0, max: 1500 },
        default: c"1500",
        unit: c"%",
        help: c"Most bytes that are repeated, in relation to the new ones; 1500 is on 16 subflows.",
    },
    /// What `redundant` repeats: the first bytes.
    SCHED_REDUNDANT_FIRST: Knob {
        name: c"sched.redundant.first",
        kind: Kind::Number { min: 0, max: 1_048_576 },
        default: c"0",
        unit: c"KiB",
        help: c"Repeat the first bytes of a connection only; with last also 0, repeat all.",
    },
    /// What `redundant` repeats: the last bytes.
    SCHED_REDUNDANT_LAST: Knob {
        name: c"sched.redundant.last",
        kind: Kind::Number { min: 0, max: 1_048_576 },
        default: c"0",
        unit: c"KiB",
        help: c"Repeat the last bytes before a pause only; with first also 0, repeat all.",
    },
    /// Which pairs of addresses the path manager connects.
    PM_MESH: Knob {
        name: c"pm.mesh",
        kind: Kind::Word(&MESHES),
        default: c"endpoints",
        unit: c"",
        help: c"Which pairs of addresses the path manager \"heddle\" connects.",
    },
    /// Subflows of `ndiffports`.
    PM_NDIFFPORTS: Knob {
        name: c"pm.ndiffports",
        kind: Kind::Number { min: 1, max: 16 },
        default: c"2",
        unit: c"",
        help: c"Subflows between the first two addresses if pm.mesh is ndiffports, with the initial one.",
    },
    /// Bytes before which there is no more than one subflow.
    PM_AFTER_KIB: Knob {
        name: c"pm.after_kib",
        kind: Kind::Number { min: 0, max: 1_073_741_824 },
        default: c"0",
        unit: c"KiB",
        help: c"Open more subflows only when a connection has carried so much, in both directions; 0 is at once.",
    },
    /// Time before which there is no more than one subflow.
    PM_AFTER_MS: Knob {
        name: c"pm.after_ms",
        kind: Kind::Number { min: 0, max: 86_400_000 },
        default: c"0",
        unit: c"ms",
        help: c"Open more subflows only when a connection has been there for so long; with pm.after_kib, whichever comes first.",
    },
    /// When a lost subflow is opened again.
    PM_RETRY_MS: Knob {
        name: c"pm.retry_ms",
        kind: Kind::Number { min: 0, max: 3_600_000 },
        default: c"0",
        unit: c"ms",
        help: c"Open a subflow that was lost again after so long, twice as long each time; 0 is never.",
    },
    /// The longest wait before a lost subflow is opened again.
    PM_RETRY_MAX_MS: Knob {
        name: c"pm.retry_max_ms",
        kind: Kind::Number { min: 1, max: 86_400_000 },
        default: c"60000",
        unit: c"ms",
        help: c"The longest that this becomes.",
    },
    /// Whether announced addresses wait for their turn.
    PM_REMEMBER: Knob {
        name: c"pm.remember",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Keep an address that the peer announced and that cannot be used yet, until it can.",
    },
    /// Whether pairs that share nothing come first.
    PM_DISJOINT: Knob {
        name: c"pm.disjoint",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Connect pairs first that share neither interface nor gateway nor address of the peer with a subflow.",
    },
    /// Round-trip time above which a subflow becomes a backup.
    PM_DEMOTE_RTT_MS: Knob {
        name: c"pm.demote_rtt_ms",
        kind: Kind::Number { min: 0, max: 60_000 },
        default: c"0",
        unit: c"ms",
        help: c"Make a subflow a backup while its round-trip time is above this; 0 is never.",
    },
    /// Loss above which a subflow becomes a backup.
    PM_DEMOTE_LOSS: Knob {
        name: c"pm.demote_loss",
        kind: Kind::Number { min: 0, max: 1000 },
        default: c"0",
        unit: c"1/1000",
        help: c"Make a subflow a backup while more of its packets than this are sent again; 0 is never.",
    },
    /// How long it must be so.
    PM_DEMOTE_FOR_MS: Knob {
        name: c"pm.demote_for_ms",
        kind: Kind::Number { min: 10, max: 600_000 },
        default: c"1000",
        unit: c"ms",
        help: c"How long it must be so, and how long it must be better before the subflow is used again.",
    },
    /// What becomes of subflows whose path has carried its cap.
    PM_CAPPED: Knob {
        name: c"pm.capped",
        kind: Kind::Word(&CAPPED),
        default: c"ignore",
        unit: c"",
        help: c"What becomes of subflows on a path that has carried its cap: backups (demote), closed, or nothing but what the scheduler does.",
    },
    /// How often what paths have carried begins at 0 again.
    PM_CAP_PERIOD_S: Knob {
        name: c"pm.cap_period_s",
        kind: Kind::Number { min: 0, max: 31_622_400 },
        default: c"0",
        unit: c"s",
        help: c"Paths may carry their cap anew after so long; 0 is never. Counted from when it is set.",
    },
    /// Who inherits the connections of a listener that is closed.
    MIGRATE_POLICY: Knob {
        name: c"migrate.policy",
        kind: Kind::Policies,
        default: c"off",
        unit: c"",
        help: c"Who inherits the connections of a listener that is closed.",
    },
    /// What is done about heirs that have other settings.
    MIGRATE_SETTINGS_GUARD: Knob {
        name: c"migrate.settings_guard",
        kind: Kind::Word(&GUARDS),
        default: c"off",
        unit: c"",
        help: c"Whether heirs with other settings are named in the log (warn), or passed over (enforce).",
    },
    /// Whether the accept queue of an heir is never filled beyond its limit.
    MIGRATE_RESPECT_BACKLOG: Knob {
        name: c"migrate.respect_backlog",
        kind: Kind::Number { min: 0, max: 1 },
        default: c"0",
        unit: c"",
        help: c"Pass over heirs whose accept queue is full, also where the kernel would not look.",
    },
    /// How long a listener goes on after its program has closed it.
    MIGRATE_PARK_MS: Knob {
        name: c"migrate.park_ms",
        kind: Kind::Number { min: 0, max: 60_000 },
        default: c"0",
        unit: c"ms",
        help: c"Most time that a closed listener goes on listening until another one is there to inherit; 0 is none.",
    },
    /// What parked listeners may hold, in connections.
    MIGRATE_PARK_CONNECTIONS: Knob {
        name: c"migrate.park_connections",
        kind: Kind::Number { min: 0, max: 1_048_576 },
        default: c"16384",
        unit: c"",
        help: c"Most connections that such listeners may hold, all together.",
    },
    /// What parked listeners may hold, in memory.
    MIGRATE_PARK_MIB: Knob {
        name: c"migrate.park_mib",
        kind: Kind::Number { min: 0, max: 1_048_576 },
        default: c"2048",
        unit: c"MiB",
        help: c"Most bytes that these connections could receive before they are accepted, all together.",
    },
    /// How many rules there may be.
    RULES_MAX: Knob {
        name: c"rules_max",
        kind: Kind::Number { min: 0, max: 4096 },
        default: c"1024",
        unit: c"",
        help: c"Most rules that this network namespace may have.",
    },
    /// How many paths there may be.
    PATHS_MAX: Knob {
        name: c"paths_max",
        kind: Kind::Number { min: 0, max: 1024 },
        default: c"64",
        unit: c"",
        help: c"Most paths that this network namespace may have.",
    },
    /// How many migrations there may be.
    MIGRATIONS_MAX: Knob {
        name: c"migrations_max",
        kind: Kind::Number { min: 0, max: 1024 },
        default: c"64",
        unit: c"",
        help: c"Most migrations that this network namespace may have.",
    },
}
