// SPDX-License-Identifier: GPL-2.0

//! Joins the parking of listeners of `heddle_core` to the kernel's sockets.

use crate::{counters, migrate::config, namespace::Namespace};
use heddle_core::{
    decide::migrate::{
        park::{fate, share, Bounds, Closing, Fate, Held},
        Policy,
    },
    knob,
};
use heddle_kernel::{
    net::{
        park::{self, Parked, Ticket},
        reuseport::Listener,
        PerNet,
    },
    time::now_us,
    work::{Started, Work},
};
use kernel::prelude::*;

static TENDING: Work = Work::new(tend);

/// Listeners can be parked; dropping it closes those that are.
pub(crate) struct Registration {
    _work: Started,
    _lot: park::Registration,
}

impl Registration {
    pub(crate) fn new() -> Result<Self> {
        let lot = park::Registration::new()?;
        Ok(Self {
            _work: Started::new(&TENDING)?,
            _lot: lot,
        })
    }
}

/// Parks a listener that its program closes, unless another decides about it, or there is no room.
///
/// Whether somebody else listens is looked at only afterwards: of two that are closed at the same
/// time, neither can know that it is not the last one.
pub(crate) fn park(parked: Parked) -> core::result::Result<(), Parked> {
    let Some(namespace) = Namespace::of(parked.net()) else {
        return Err(parked);
    };
    let bounds = Bounds::of(&*namespace);
    if bounds.ms == 0 || parked.has_program() {
        return Err(parked);
    }
    let Some(closing) = parked
        .look(|listener| closing(&namespace, listener))
        .flatten()
    else {
        return Err(parked);
    };
    let result = park::put(parked, |held| {
        let held = Held {
            listeners: held.listeners,
            connections: held.connections,
            bytes: held.bytes,
        };
        let share = share(&bounds, &held, &closing)?;
        Some(Ticket {
            until_us: now_us().saturating_add(u64::from(bounds.ms).saturating_mul(1000)),
            connections: share.connections,
            bytes: share.bytes,
        })
    });
    match result {
        Ok(()) => {
            namespace.counters.count(counters::PARKED);
            TENDING.within(0);
        }
        Err(_) => namespace.counters.count(counters::PARK_REFUSED),
    }
    result
}

/// What is to be parked, if a policy can hand it over later.
fn closing(namespace: &Namespace, listener: &Listener<'_>) -> Option<Closing> {
    let policy = config(namespace, listener, 0).policies.first();
    if matches!(policy, Policy::Off | Policy::Refuse) {
        return None;
    }
    let state = listener.state();
    Some(Closing {
        waiting: state.queued().saturating_add(state.handshakes()),
        limit: state.limit(),
        receive_buffer: state.receive_buffer(),
    })
}

/// Somebody listens: perhaps for what is parked.
pub(crate) fn joined(listener: &Listener<'_>) {
    let parks = |namespace: &Namespace| namespace.knob(knob::MIGRATE_PARK_MS) != 0;
    if park::any() || Namespace::of(listener.net()).is_some_and(|it| parks(&it)) {
        TENDING.within(0);
    }
}

/// Closes what need not be parked any more.
fn tend() {
    loop {
        let now = now_us();
        let mut counter = counters::PARK_HANDED_OVER;
        let found =
            park::take(
                |parked, ticket| match fate(now, ticket.until_us, parked.has_heir()) {
                    Fate::Stays => false,
                    Fate::HandsOver => true,
                    Fate::Expires => {
                        counter = counters::PARK_EXPIRED;
                        true
                    }
                },
            );
        let Some(parked) = found else {
            break;
        };
        if let Some(namespace) = Namespace::of(parked.net()) {
            namespace.counters.count(counter);
        }
        drop(parked);
    }
    if let Some(until) = park::first_until_us() {
        let ms = until.saturating_sub(now_us()).div_ceil(1000);
        TENDING.within(u32::try_from(ms).unwrap_or(u32::MAX));
    }
}
