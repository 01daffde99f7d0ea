// SPDX-License-Identifier: GPL-2.0

//! Joins the schedulers of `heddle_core` to the kernel's `mptcp_sched_ops`.
//!
//! Each decision is taken from a copy of the connection's state, by a pure function; here is
//! what makes the copy, and applies the answer. The schedulers themselves, and their list, are
//! in [`heddle_core::decide::sched`].

use core::{ffi::CStr, fmt, marker::PhantomData};
use heddle_core::decide::sched as decide;
use heddle_kernel::mptcp::{
    sched::{Grant, Ops, Registration, Scheduler},
    Connection, Subflow,
};
use kernel::{
    prelude::*,
    sync::atomic::{ordering::Relaxed, Atomic},
};

/// A scheduler of `heddle_core` with what the module has once for each.
trait Listed: decide::Scheduler + 'static {
    /// Registers it.
    fn register(module: &'static ThisModule) -> Result<Registration>;

    /// What all its connections did.
    fn totals() -> &'static Totals;
}

/// Writes, for a list of schedulers, all that depends on the list.
macro_rules! join {
    ($($scheduler:path,)*) => {
        $(
            impl Listed for $scheduler {
                fn register(module: &'static ThisModule) -> Result<Registration> {
                    static OPS: Ops<Joined<$scheduler>> = Ops::new();
                    Registration::new(&OPS, module)
                }

                fn totals() -> &'static Totals {
                    static TOTALS: Totals = Totals::new();
                    &TOTALS
                }
            }
        )*

        /// Registers every scheduler. Should one fail, those before it are unregistered.
        fn register_each(
            module: &'static ThisModule,
            registrations: &mut KVec<Registration>,
        ) -> Result {
            $(
                let registration = <$scheduler>::register(module).inspect_err(|err| {
                    pr_err!(
                        "cannot register the scheduler {}: {:?}\n",
                        <$scheduler as decide::Scheduler>::NAME.to_str().unwrap_or("?"),
                        err
                    );
                })?;
                registrations.push(registration, GFP_KERNEL)?;
            )*
            Ok(())
        }

        impl fmt::Debug for Report {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(<$scheduler>::totals().write(<$scheduler as decide::Scheduler>::NAME, f)?;)*
                Ok(())
            }
        }
    };
}

heddle_core::for_each_scheduler!(join);

/// Registers every scheduler; dropping the result unregisters them.
pub(crate) fn register(module: &'static ThisModule) -> Result<KVec<Registration>> {
    let mut registrations = KVec::new();
    register_each(module, &mut registrations)?;
    Ok(registrations)
}

/// What the schedulers did, a line for each: `NAME: COUNTER VALUE ...`.
pub(crate) struct Report;

/// Counters of one scheduler, over all connections that have ended.
struct Totals {
    /// Connections that were given to it.
    opened: Atomic<u64>,
    /// Connections of those that have ended; the other counters are theirs.
    closed: Atomic<u64>,
    /// Times it chose a subflow for new data.
    sends: Atomic<u64>,
    /// Times it chose to wait.
    waits: Atomic<u64>,
    /// Times it named a subflow when the connection's timer asked who would repeat the data at
    /// its head. There need not have been any: `MPTcpExtMPTCPRetrans` counts what was repeated.
    retransmits: Atomic<u64>,
}

impl Totals {
    const fn new() -> Self {
        Self {
            opened: Atomic::new(0),
            closed: Atomic::new(0),
            sends: Atomic::new(0),
            waits: Atomic::new(0),
            retransmits: Atomic::new(0),
        }
    }

    fn add(&self, counts: &Counts) {
        self.sends.add(counts.sends, Relaxed);
        self.waits.add(counts.waits, Relaxed);
        self.retransmits.add(counts.retransmits, Relaxed);
        self.closed.add(1u64, Relaxed);
    }

    fn write(&self, name: &CStr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: opened {} closed {} sends {} waits {} retransmits {}",
            name.to_str().unwrap_or("?"),
            self.opened.load(Relaxed),
            self.closed.load(Relaxed),
            self.sends.load(Relaxed),
            self.waits.load(Relaxed),
            self.retransmits.load(Relaxed),
        )
    }
}

/// Counters of one connection, protected by its lock.
#[derive(Default)]
struct Counts {
    sends: u64,
    waits: u64,
    retransmits: u64,
}

/// What a scheduler keeps for a connection.
struct Data<S: decide::Scheduler> {
    state: S::State,
    counts: Counts,
}

/// The kernel's view of a scheduler of `heddle_core`.
struct Joined<S>(PhantomData<S>);

impl<S: Listed> Scheduler for Joined<S> {
    const NAME: &'static CStr = S::NAME;

    type Data = Data<S>;

    fn init() -> Result<Self::Data> {
        S::totals().opened.add(1u64, Relaxed);
        Ok(Data {
            state: S::State::default(),
            counts: Counts::default(),
        })
    }

    fn get_send<'a>(data: &mut Self::Data, connection: &'a Connection<'_>) -> Option<Grant<'a>> {
        let seen = decide::Connection {
            send_window: connection.send_window(),
        };
        let grant = S::send(
            &mut data.state,
            &seen,
            connection.subflows().map(|subflow| snapshot(&subflow)),
        );
        let Some((grant, subflow)) =
            grant.and_then(|grant| Some((grant, at(connection, grant.subflow)?)))
        else {
            data.counts.waits = data.counts.waits.wrapping_add(1);
            return None;
        };
        data.counts.sends = data.counts.sends.wrapping_add(1);
        Some(Grant {
            subflow,
            burst: grant.burst,
        })
    }

    fn get_retrans<'a>(
        data: &mut Self::Data,
        connection: &'a Connection<'_>,
    ) -> Option<Subflow<'a>> {
        let chosen = S::retransmit(
            &mut data.state,
            connection.subflows().map(|subflow| snapshot(&subflow)),
        )?;
        data.counts.retransmits = data.counts.retransmits.wrapping_add(1);
        at(connection, chosen)
    }

    fn release(data: Self::Data) {
        S::totals().add(&data.counts);
    }
}

/// The subflow at a position of the list that a decision was made from.
fn at<'a>(connection: &'a Connection<'_>, position: u32) -> Option<Subflow<'a>> {
    connection
        .subflows()
        .zip(0..u32::MAX)
        .find_map(|(subflow, i)| (i == position).then_some(subflow))
}

/// What a decision sees of a subflow.
fn snapshot(subflow: &Subflow<'_>) -> decide::Subflow {
    decide::Subflow {
        active: subflow.is_active(),
        backup: subflow.is_backup(),
        in_loss: subflow.is_in_loss(),
        srtt_x8_us: subflow.srtt_x8_us(),
        cwnd: subflow.cwnd(),
        in_flight: subflow.packets_in_flight(),
        unsent: subflow.unsent(),
        mss: subflow.mss(),
        memory_free: subflow.is_memory_free(),
        idle: subflow.is_idle(),
        stale_count: subflow.stale_count(),
    }
}
