// SPDX-License-Identifier: GPL-2.0

//! Packet schedulers: which subflow carries the next bytes of an MPTCP connection.
//!
//! Linux asks a scheduler at two moments (`net/mptcp/sched.c`): when there is data to send, and
//! when the retransmission timer of the connection fired and the data at its head should go out
//! once more, on another subflow. One [`Scheduler`] is one file of this folder, named for it.
//!
//! To add one, write its file and name it in the list at the end of this file.

use crate::knob::Knobs;
use core::ffi::CStr;

#[cfg(any(test, feature = "testing"))]
pub mod contract;
pub mod forecast;
pub mod history;
pub mod ledger;
pub mod outage;
pub mod penalty;
pub mod per_subflow;
pub mod probe;
pub mod rank;
mod reinject;
mod retransmit;
pub mod subflow;
#[cfg(test)]
mod testing;
pub mod view;

pub use history::{History, Span};
pub use ledger::Ledger;
pub use outage::Outages;
pub use penalty::Penalties;
pub use per_subflow::PerSubflow;
pub use probe::Probing;
pub use rank::Rank;
pub use subflow::{Path, Subflow};
pub use view::{Connection, View};

/// The most a subflow is given by one decision, in bytes, unless the administrator chose another
/// number ([`SCHED_BURST`](crate::knob::SCHED_BURST)).
///
/// A segment that is split by the network card holds 64 KiB with its headers: IPv6 with a
/// fragment header and TCP with all of its option space. This is what is left, and what the
/// kernel's own scheduler uses (`MPTCP_SEND_BURST_SIZE`, `net/mptcp/protocol.c`).
pub const MAX_BURST: u32 = (1 << 16) - 20 - 40 - 40 - 8;

/// The most subflows of a connection that a scheduler sees; those behind them carry no new data.
pub const MAX_SUBFLOWS: usize = 16;

/// The answer to "who sends next".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Position of the subflow in the list that was given.
    pub subflow: u32,
    /// Bytes it may send before the scheduler is asked again.
    pub burst: u32,
}

/// Why nothing is sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// No subflow is active.
    NoSubflow,
    /// The congestion windows or send buffers of all that come into question are full.
    Full,
    /// A faster subflow will have done it sooner.
    Faster,
    /// What goes on the slower subflow, or is on it, would block the window for the faster one.
    Blocking,
    /// A cheaper subflow will take it.
    Cheaper,
}

impl Wait {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::NoSubflow,
        Self::Full,
        Self::Faster,
        Self::Blocking,
        Self::Cheaper,
    ];

    /// A word for it.
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::NoSubflow => c"no-subflow",
            Self::Full => c"full",
            Self::Faster => c"faster",
            Self::Blocking => c"blocking",
            Self::Cheaper => c"cheaper",
        }
    }
}

/// Data that a subflow repeats, though another one has sent it and nothing says that it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Position of the subflow in the list that was given.
    pub subflow: u32,
    /// DSN of the first byte.
    pub from: u64,
    /// Number of bytes; 0 to [probe](probe) the subflow by its own oldest packet.
    pub length: u32,
    /// What for.
    pub why: Why,
}

/// What data is repeated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// That it arrives on whichever subflow is first, or at all.
    Redundant,
    /// It holds up all that is behind it, on a slower subflow.
    Blocks,
    /// To learn what has become of the path.
    Probes,
}

/// A packet scheduler.
///
/// # Contract
///
/// - A subflow that is not [active](Subflow::active) is never chosen.
/// - [`Wait`] from [`send`](Self::send) sends nothing until the kernel asks again, as it does on
///   every acknowledgment that a subflow receives and that leaves room in the window of the peer,
///   on new data from the application, and when the retransmission timer fires. So a scheduler may
///   wait only while some active subflow has unacknowledged data, or there is no active subflow at
///   all.
pub trait Scheduler {
    /// The name in `net.mptcp.scheduler`, 15 bytes at the most.
    const NAME: &'static CStr;

    /// What it does, in a sentence for people.
    const DESCRIPTION: &'static CStr;

    /// Whether it wants to know the time.
    const CLOCK: bool = false;

    /// Whether [`repeat`](Self::repeat) is to be asked, after each acknowledgment.
    const REPEATS: bool = false;

    /// Whether it repeats on a fast subflow what is stuck on a slow one.
    /// [`REPEATS`](Self::REPEATS) has to be true then.
    const REINJECTS: bool = false;

    /// What the scheduler remembers of one connection.
    type State: Default + Send;

    /// Chooses the subflow for new data, or waits.
    fn send<K: Knobs>(state: &mut Self::State, view: &View<'_, K>) -> Result<Grant, Wait>;

    /// Learns how many bytes of new data came of the last grant, to subflow number `id`.
    fn sent(_state: &mut Self::State, _id: u32, _bytes: u64) {}

    /// Chooses the subflow, by its position, that repeats the data at the head of the connection
    /// when the retransmission timer fired.
    ///
    /// `None` leaves it to the subflows that already carry it.
    fn retransmit<K: Knobs>(_state: &mut Self::State, view: &View<'_, K>) -> Option<u32> {
        retransmit::on_idle(view.subflows)
    }

    /// Chooses what to repeat before anything says that it is lost. Asked again after each until
    /// there is nothing.
    fn repeat<K: Knobs>(
        _state: &mut Self::State,
        view: &View<'_, K>,
        history: &History,
    ) -> Option<Repeat> {
        if !Self::REINJECTS {
            return None;
        }
        reinject::wanted(view, history)
    }

    /// Whether [`repeat`](Self::repeat) is to be asked before [`send`](Self::send), though there is
    /// new data that the window takes.
    fn repeats_first<K: Knobs>(view: &View<'_, K>, history: &History) -> bool {
        Self::REINJECTS && reinject::is_first(view, history)
    }

    /// Learns how many bytes came of a [`Repeat`], at least 1, to subflow number `id`.
    fn repeated(_state: &mut Self::State, _id: u32, _repeat: &Repeat, _bytes: u32) {}
}

/// Declares the modules of the schedulers, and a macro that hands the list to another one.
macro_rules! schedulers {
    ($dollar:tt $($module:ident :: $scheduler:ident,)*) => {
        $(pub mod $module;)*

        /// Expands to `$with! { module Scheduler: path::of::Scheduler, ... }`, with every
        /// scheduler there is.
        #[macro_export]
        macro_rules! for_each_scheduler {
            ($dollar with:ident) => {
                $dollar with! {
                    $($module $scheduler: $crate::decide::sched::$module::$scheduler,)*
                }
            };
        }
    };
}

schedulers! { $
    minrtt::MinRtt,
    ecf::Ecf,
    blest::Blest,
    roundrobin::RoundRobin,
    weighted::Weighted,
    priority::Priority,
    redundant::Redundant,
    auto::Auto,
}
