// SPDX-License-Identifier: GPL-2.0

//! Request migration: which listener of a `SO_REUSEPORT` group inherits a connection request, or a
//! connection that nobody has accepted yet, when the listener it belongs to is closed.
//!
//! [`choose`] is asked for one of them at a time. The policies of a list are asked in turn: each
//! ranks the members that are left, those with the best rank stay, and the next one decides among
//! them. A policy that fits no member ranks all alike, so that the next one steps in. What is
//! still undecided at the end is decided by the hash of the connection, evenly.
//!
//! One policy that ranks members is one file of this folder, named for it. To add one, write its
//! file and name it in the list at the end of this file.
//!
//! # Work
//!
//! Where the first policy of the list needs no more, a decision looks at one or two members
//! ([`Walk`]). Else, or if those are out of question, it looks at [`LOOKS`] members at the most. A
//! larger group is sampled: one member, at random, of each of so many equal parts of it.

mod list;
pub mod migration;
pub mod park;
mod policy;
mod search;
mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use list::{Invalid, Policies, MAX_POLICIES, TEXT};
pub use policy::{Preference, Rank, Walk};
pub use settings::{Field, Guard, Settings};

use crate::knob::{self, bytes, Knobs};
use core::ffi::CStr;
use search::Search;

/// Members that are looked at for one decision at the most, behind the one or two that the first
/// policy may want to see before all others.
pub const LOOKS: u32 = 64;
const _: () = assert!(LOOKS.is_power_of_two());

/// What a policy can know of a listener.
///
/// It is read without a lock: each value may be stale by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listener {
    /// Connections in its accept queue (`sk_ack_backlog`).
    pub queued: u32,
    /// Handshakes in flight (`reqsk_queue_len()`).
    pub handshakes: u32,
    /// What its accept queue is limited to (`sk_max_ack_backlog`).
    pub limit: u32,
    /// Its place in the order in which listeners joined a group; higher is newer. 0 is unknown:
    /// it joined before the module was loaded.
    pub generation: u64,
    /// The CPU it asked for (`SO_INCOMING_CPU`).
    pub cpu: Option<u32>,
    /// The node of that CPU.
    pub node: Option<u32>,
    /// Its mark (`SO_MARK`).
    pub mark: u32,
    /// Number of the cgroup (v2) it was made in; 0 is unknown.
    pub cgroup: u64,
}

impl Listener {
    /// Whether its accept queue takes no more, as `sk_acceptq_is_full()` has it.
    pub const fn is_full(&self) -> bool {
        self.queued > self.limit
    }

    /// What is in its accept queue, or about to come there.
    pub const fn load(&self) -> u32 {
        self.queued.saturating_add(self.handshakes)
    }
}

/// Where the kernel is when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A listener is being closed, and the connection was in its accept queue. Whatever is chosen
    /// gets it at once: the kernel checks no limit.
    AcceptQueue,
    /// The timer of a request fired, to send the SYN+ACK again.
    Timer,
    /// The last packet of the handshake has come. The kernel has the client send again if the
    /// accept queue is full.
    FinalAck,
}

/// What is to be inherited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Hash of its addresses and ports (`sk_hash`).
    pub hash: u32,
    /// The CPU that its packets come in on, as far as that is known.
    pub cpu: u32,
    /// The node of that CPU.
    pub node: u32,
    /// Two random numbers of 32 bits.
    pub random: u64,
    /// Where the kernel is.
    pub stage: Stage,
}

/// The open members of the group of a listener that is closed, by their position.
///
/// The group may change while it is looked at: a position that was good may be none any more.
pub trait Members {
    /// How many there are; their positions begin at 0.
    fn number(&self) -> u32;

    /// What is known of one. `None` if it is none any more.
    fn get(&self, position: u32) -> Option<Listener>;

    /// The settings of one, which are asked for only if the guard is on.
    fn settings(&self, position: u32) -> Option<Settings>;

    /// The one that joined last, if that is known.
    fn newest(&self) -> Option<u32>;

    /// What is known of the listener that is closed.
    fn closing(&self) -> Listener;

    /// Its settings.
    fn closing_settings(&self) -> Settings;
}

/// What the administrator chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Who decides.
    pub policies: Policies,
    /// What is done about members with other settings.
    pub guard: Guard,
    /// Whether the accept queue of an heir is never filled beyond its limit.
    pub respect_backlog: bool,
}

impl Config {
    /// What the knobs of a network namespace say. A [`migration`](migration::Migration) puts other
    /// policies in their place.
    pub fn of(knobs: &impl Knobs) -> Self {
        Self {
            policies: Policies::from_value(knobs.value(knob::MIGRATE_POLICY))
                .unwrap_or(Policies::OFF),
            guard: Guard::from_value(knobs.value(knob::MIGRATE_SETTINGS_GUARD))
                .unwrap_or(Guard::Off),
            respect_backlog: knobs.value(knob::MIGRATE_RESPECT_BACKLOG) != 0,
        }
    }
}

/// Why nobody inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No member is open.
    NoMember,
    /// The policies say so.
    Refused,
    /// All that were looked at have other settings, which the guard does not let pass.
    Guard,
    /// The accept queues of all that were looked at are full, and no limit may be exceeded.
    Full,
}

/// Who inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What the kernel chooses by itself, if anybody. Neither guard nor backlog are heeded.
    KernelDecides,
    /// A member.
    Member {
        /// Its position.
        position: u32,
        /// The first policy of the list that it fits, and [`Policy::Hash`] if it fits none.
        policy: Policy,
        /// A setting in which it differs, if the guard is to warn of that.
        differs: Option<Field>,
    },
    /// Nobody, and the kernel shall not choose either.
    Nobody(Reason),
}

/// Chooses who inherits.
///
/// The guard ([`Guard::Enforce`]) leaves out members whose settings differ from those of the
/// listener that is closed. With `respect_backlog`, a full member comes behind all that have room,
/// whatever the policies say, and inherits nothing out of an accept queue; a request is better off
/// with a full listener than with none, since its client tries again.
pub fn choose(config: &Config, members: &impl Members, request: &Request) -> Choice {
    match config.policies.first() {
        Policy::Off => return Choice::KernelDecides,
        Policy::Refuse => return Choice::Nobody(Reason::Refused),
        _ => (),
    }
    let mut search = Search::new(config, members, request);
    let Some(found) = search.best() else {
        return Choice::Nobody(search.why_nobody());
    };
    if config.respect_backlog && found.full && request.stage == Stage::AcceptQueue {
        return Choice::Nobody(Reason::Full);
    }
    match config.policies.decider(&found.ranks) {
        Policy::Off => Choice::KernelDecides,
        Policy::Refuse => Choice::Nobody(Reason::Refused),
        policy => Choice::Member {
            position: found.position,
            policy,
            differs: search.warning(found.position),
        },
    }
}

/// Declares the modules of the policies that rank members, and what names a policy.
macro_rules! policies {
    ($($module:ident :: $policy:ident,)*) => {
        $(mod $module;)*

        /// A policy.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Policy {
            /// What the kernel would do by itself.
            Off,
            /// Nobody inherits.
            Refuse,
            $(
                #[doc = concat!("See [`", stringify!($module), "`](mod@", stringify!($module), ").")]
                $policy,
            )*
        }

        impl Policy {
            /// All of them.
            pub const ALL: [Self; [$(stringify!($module)),*].len() + 2] =
                [Self::Off, $(Self::$policy,)* Self::Refuse];

            /// Its name in `net.heddle.migrate.policy`.
            pub const fn name(self) -> &'static CStr {
                match self {
                    Self::Off => c"off",
                    Self::Refuse => c"refuse",
                    $(Self::$policy => $module::$policy::NAME,)*
                }
            }

            /// Whom it chooses, in a sentence for people.
            pub const fn description(self) -> &'static CStr {
                match self {
                    Self::Off => c"What the kernel would do by itself.",
                    Self::Refuse => c"Nobody: the connection is reset.",
                    $(Self::$policy => $module::$policy::DESCRIPTION,)*
                }
            }

            /// Which members have to be looked at if it comes first.
            const fn walk(self) -> Walk {
                match self {
                    Self::Off | Self::Refuse => Walk::All,
                    $(Self::$policy => $module::$policy::WALK,)*
                }
            }

            /// How well it likes a member. `closing` is the listener that is closed.
            fn rank(self, member: &Listener, closing: &Listener, request: &Request) -> Rank {
                match self {
                    Self::Off | Self::Refuse => Rank::unfit(0),
                    $(Self::$policy => $module::$policy::rank(member, closing, request),)*
                }
            }
        }
    };
}

policies! {
    hash::Hash,
    shortest::Shortest,
    newest::Newest,
    same_cpu::SameCpu,
    same_node::SameNode,
    label::Label,
    same_cgroup::SameCgroup,
    other_cgroup::OtherCgroup,
}

impl Policy {
    /// The policy of a name.
    pub fn named(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|policy| bytes(policy.name()) == name)
    }

    /// Its place among [`ALL`](Self::ALL).
    fn number(self) -> u32 {
        let mut number = 0u32;
        for policy in Self::ALL {
            if policy == self {
                break;
            }
            number = number.saturating_add(1);
        }
        number
    }

    /// Whether it leaves nothing to decide for one behind it.
    pub const fn is_last(self) -> bool {
        matches!(self, Self::Off | Self::Refuse | Self::Hash)
    }
}
