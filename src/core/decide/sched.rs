// SPDX-License-Identifier: GPL-2.0

//! Packet schedulers: which subflow carries the next bytes of an MPTCP connection.
//!
//! Linux asks a scheduler at two moments (`net/mptcp/sched.c`): when there is data to send, and
//! when the retransmission timer of the connection fired and the data at its head should go out
//! once more, on another subflow. One [`Scheduler`] is one file of this folder, named for it.
//!
//! To add one, write its file and name it in the list at the end of this file.

use core::ffi::CStr;

mod retransmit;
pub mod subflow;
#[cfg(test)]
mod testing;

pub use subflow::Subflow;

/// The most a subflow is given by one decision, in bytes.
///
/// A segment that is split by the network card holds 64 KiB with its headers: IPv6 with a
/// fragment header and TCP with all of its option space. This is what is left, and what the
/// kernel's own scheduler uses (`MPTCP_SEND_BURST_SIZE`, `net/mptcp/protocol.c`).
pub const MAX_BURST: u32 = (1 << 16) - 20 - 40 - 40 - 8;

/// What a scheduler sees of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Bytes the peer's receive window has room for, at the MPTCP level.
    pub send_window: u64,
}

impl Connection {
    /// Bytes to grant with one decision: what the window takes, up to [`MAX_BURST`].
    ///
    /// 0 while the window is closed. The subflow is chosen all the same then, since the kernel
    /// probes a closed window on the chosen subflow.
    pub fn burst(&self) -> u32 {
        match u32::try_from(self.send_window) {
            Ok(window) => window.min(MAX_BURST),
            Err(_) => MAX_BURST,
        }
    }
}

/// The answer to "who sends next".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Position of the subflow in the list that was given.
    pub subflow: u32,
    /// Bytes it may send before the scheduler is asked again. The kernel asks between the
    /// fragments of its send queue only, hence somewhat more is sent as a rule.
    pub burst: u32,
}

/// A packet scheduler.
///
/// `subflows` are the subflows of the connection in the kernel's order. They are cloned to be
/// looked at more than once.
///
/// # Contract
///
/// - A subflow that is not [active](Subflow::active) is never chosen.
/// - `None` from [`send`](Self::send) sends nothing until the kernel asks again, as it does on
///   every acknowledgment that a subflow receives, on new data from the application, and when the
///   retransmission timer fires. So a scheduler may wait only while some active subflow has
///   unacknowledged data, or there is no active subflow at all.
pub trait Scheduler {
    /// The name in `net.mptcp.scheduler`, 15 bytes at the most.
    const NAME: &'static CStr;

    /// What the scheduler remembers of one connection.
    type State: Default + Send;

    /// Chooses the subflow for new data, or waits.
    fn send(
        state: &mut Self::State,
        connection: &Connection,
        subflows: impl Iterator<Item = Subflow> + Clone,
    ) -> Option<Grant>;

    /// Chooses the subflow, by its position, that repeats the data at the head of the connection.
    ///
    /// `None` leaves it to the subflows that already carry it.
    fn retransmit(
        _state: &mut Self::State,
        subflows: impl Iterator<Item = Subflow> + Clone,
    ) -> Option<u32> {
        retransmit::on_idle(subflows)
    }
}

/// Subflows with their positions.
fn positions(subflows: impl Iterator<Item = Subflow>) -> impl Iterator<Item = (Subflow, u32)> {
    // A range with an end cannot overflow, so that counting cannot panic.
    subflows.zip(0..u32::MAX)
}

/// Declares the modules of the schedulers, and a macro that hands the list to another one.
macro_rules! schedulers {
    ($dollar:tt $($module:ident :: $scheduler:ident,)*) => {
        $(pub mod $module;)*

        /// Expands to `$with! { path::of::Scheduler, ... }`, with every scheduler there is.
        #[macro_export]
        macro_rules! for_each_scheduler {
            ($dollar with:ident) => {
                $dollar with! { $($crate::decide::sched::$module::$scheduler,)* }
            };
        }
    };
}

schedulers! { $
    minrtt::MinRtt,
}
