// SPDX-License-Identifier: GPL-2.0

//! Joins the schedulers of `heddle_core` to the kernel's `mptcp_sched_ops`.
//!
//! Here is their list, and what the kernel is offered as a scheduler; [`scheduled`] has what is
//! done for a connection when the kernel asks. The schedulers themselves are in
//! [`heddle_core::decide::sched`].
//!
//! To the kernel each of them is a scheduler of its own, and so is `heddle`, which chooses one of
//! them for a connection when that has something to send for the first time. All keep the same
//! for a connection, [`Scheduled`].

use crate::counters::{self, Counter};
use core::ffi::CStr;
use heddle_core::{
    decide::sched::{self as decide, History, Repeat, View, Wait},
    knob::{self, Knobs},
};
use heddle_kernel::mptcp::{
    sched::{Ops, Registration},
    Connection,
};
use kernel::prelude::*;
use scheduled::Joined;

mod scheduled;

pub(crate) use scheduled::{Chosen, Scheduled};

/// Number of the kernel's own scheduler.
const KERNELS: u8 = Number::Kernels as u8;

/// What is known of a scheduler.
pub(crate) struct About {
    pub(crate) name: &'static CStr,
    pub(crate) description: &'static CStr,
}

/// Writes, for a list of schedulers, all that depends on the list.
macro_rules! join {
    ($($module:ident $variant:ident: $scheduler:path,)*) => {
        /// Numbers of the schedulers, as which rules and knobs keep them.
        #[repr(u8)]
        enum Number {
            Kernels,
            $($variant,)*
        }

        /// The schedulers, in the order of their numbers.
        pub(crate) const SCHEDULERS: [About; NUMBER] = [
            About {
                name: c"default",
                description: c"The kernel's own scheduler.",
            },
            $(About {
                name: <$scheduler as decide::Scheduler>::NAME,
                description: <$scheduler as decide::Scheduler>::DESCRIPTION,
            },)*
        ];

        const NUMBER: usize = [KERNELS, $(Number::$variant as u8,)*].len();

        /// What is counted for each of them.
        pub(crate) const COUNTERS: [[Counter; counters::PER_SCHEDULER]; NUMBER] = [
            counters::of_scheduler!("Default"),
            $(counters::of_scheduler!(stringify!($variant)),)*
        ];

        /// What a scheduler remembers of a connection.
        enum State {
            Kernels,
            $($variant(<$scheduler as decide::Scheduler>::State),)*
        }

        impl State {
            /// The start of a scheduler, by its number.
            fn new(number: u8) -> Self {
                $(
                    if number == Number::$variant as u8 {
                        return Self::$variant(Default::default());
                    }
                )*
                Self::Kernels
            }

            /// Whether it is the kernel's own that decides.
            fn is_kernels(&self) -> bool {
                matches!(self, Self::Kernels)
            }

            /// Whether it wants to know the time.
            fn has_clock(&self) -> bool {
                match self {
                    Self::Kernels => false,
                    $(Self::$variant(_) => <$scheduler as decide::Scheduler>::CLOCK,)*
                }
            }

            /// Whether it may want to repeat data.
            fn repeats(&self) -> bool {
                match self {
                    Self::Kernels => false,
                    $(Self::$variant(_) => <$scheduler as decide::Scheduler>::REPEATS,)*
                }
            }

            fn send<K: Knobs>(&mut self, view: &View<'_, K>) -> Result<decide::Grant, Wait> {
                match self {
                    Self::Kernels => Err(Wait::NoSubflow),
                    $(Self::$variant(state) => {
                        <$scheduler as decide::Scheduler>::send(state, view)
                    })*
                }
            }

            fn sent(&mut self, id: u32, bytes: u64) {
                match self {
                    Self::Kernels => {}
                    $(Self::$variant(state) => {
                        <$scheduler as decide::Scheduler>::sent(state, id, bytes);
                    })*
                }
            }

            fn retransmit<K: Knobs>(&mut self, view: &View<'_, K>) -> Option<u32> {
                match self {
                    Self::Kernels => None,
                    $(Self::$variant(state) => {
                        <$scheduler as decide::Scheduler>::retransmit(state, view)
                    })*
                }
            }

            fn repeat<K: Knobs>(
                &mut self,
                view: &View<'_, K>,
                history: &History,
            ) -> Option<Repeat> {
                match self {
                    Self::Kernels => None,
                    $(Self::$variant(state) => {
                        <$scheduler as decide::Scheduler>::repeat(state, view, history)
                    })*
                }
            }

            fn repeats_first<K: Knobs>(&self, view: &View<'_, K>, history: &History) -> bool {
                match self {
                    Self::Kernels => false,
                    $(Self::$variant(_) => {
                        <$scheduler as decide::Scheduler>::repeats_first(view, history)
                    })*
                }
            }

            fn repeated(&mut self, id: u32, repeat: &Repeat, bytes: u32) {
                match self {
                    Self::Kernels => {}
                    $(Self::$variant(state) => {
                        <$scheduler as decide::Scheduler>::repeated(state, id, repeat, bytes);
                    })*
                }
            }
        }

        $(
            impl Entry for $scheduler {
                const NAME: &'static CStr = <$scheduler as decide::Scheduler>::NAME;
                const FIXED: Option<u8> = Some(Number::$variant as u8);

                fn ops() -> &'static Ops<Joined<Self>> {
                    static OPS: Ops<Joined<$scheduler>> = Ops::new();
                    &OPS
                }
            }
        )*

        /// Registers every scheduler. Should one fail, those before it are unregistered.
        pub(crate) fn register(module: &'static ThisModule) -> Result<KVec<Registration>> {
            let mut registrations = KVec::with_capacity(NUMBER, GFP_KERNEL)?;
            register_one::<Heddle>(module, &mut registrations)?;
            $(register_one::<$scheduler>(module, &mut registrations)?;)*
            Ok(registrations)
        }

        /// What is kept for a connection, [`None`] if its scheduler is none of ours; and the
        /// connection, to look at meanwhile.
        pub(crate) fn of<'a, 'c>(
            connection: &'a mut Connection<'c>,
        ) -> (Option<&'a Scheduled>, &'a Connection<'c>) {
            if Heddle::ops().is_of(connection) {
                return kept_by::<Heddle>(connection);
            }
            $(
                if <$scheduler>::ops().is_of(connection) {
                    return kept_by::<$scheduler>(connection);
                }
            )*
            (None, connection)
        }
    };
}

heddle_core::for_each_scheduler!(join);

/// Name of the scheduler that chooses among the others.
pub(crate) const HEDDLE: &CStr = c"heddle";

/// The number of a scheduler.
pub(crate) fn number(name: &[u8]) -> Option<u8> {
    (0..u8::MAX)
        .zip(&SCHEDULERS)
        .find_map(|(number, about)| (knob::bytes(about.name) == name).then_some(number))
}

/// The name of a scheduler.
pub(crate) fn name(number: u8) -> Option<&'static CStr> {
    SCHEDULERS.get(usize::from(number)).map(|about| about.name)
}

/// Something that the kernel is offered as a scheduler.
trait Entry: Sized + 'static {
    const NAME: &'static CStr;

    /// Number of the scheduler that it stands for, if it is always the same.
    const FIXED: Option<u8>;

    fn ops() -> &'static Ops<Joined<Self>>;
}

/// What an entry keeps for a connection.
fn kept_by<'a, 'c, E: Entry>(
    connection: &'a mut Connection<'c>,
) -> (Option<&'a Scheduled>, &'a Connection<'c>) {
    let (kept, connection) = E::ops().data(connection);
    (kept.map(|it| &*it), connection)
}

/// The scheduler that chooses among the others.
struct Heddle;

impl Entry for Heddle {
    const NAME: &'static CStr = HEDDLE;
    const FIXED: Option<u8> = None;

    fn ops() -> &'static Ops<Joined<Self>> {
        static OPS: Ops<Joined<Heddle>> = Ops::new();
        &OPS
    }
}

fn register_one<E: Entry>(
    module: &'static ThisModule,
    registrations: &mut KVec<Registration>,
) -> Result {
    let registration = Registration::new(E::ops(), module)
        .inspect_err(|err| pr_err!("cannot register the scheduler {}: {:?}\n", E::NAME, err))?;
    registrations
        .push_within_capacity(registration)
        .map_err(|_| ENOMEM)
}
