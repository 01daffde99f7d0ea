// SPDX-License-Identifier: GPL-2.0

//! Heddle: a kernel module that decides which way network traffic goes.
//!
//! Its parts: `heddle_core` decides and knows no kernel, `heddle_kernel` makes the kernel safe to
//! use, and this crate joins the two. See `Documentation/architecture.md`.

#![forbid(unsafe_code)]

mod control;
mod counters;
mod knobs;
mod migrate;
mod migrations;
mod namespace;
mod ordered;
mod park;
mod paths;
mod pm;
mod rules;
mod sched;

use heddle_kernel::{
    mptcp::{event, sched::Registration},
    net::{self, reuseport},
};
use kernel::prelude::*;
use namespace::Namespace;

module! {
    type: Heddle,
    name: "heddle",
    authors: ["The Heddle developers"],
    description: "MPTCP packet schedulers and path manager, and heirs of listeners that are closed",
    license: "GPL",
}

/// Version of the module.
const VERSION: &core::ffi::CStr = c"0.1.0";

/// What is there while the module is loaded, in the order in which it is taken down.
struct Heddle {
    _parking: park::Registration,
    _migration: reuseport::Registration,
    _paths: pm::Registration,
    _schedulers: KVec<Registration>,
    _events: event::Registration,
    _family: net::heddle::Registration,
    _namespaces: net::Registration<Namespace>,
}

impl kernel::Module for Heddle {
    fn init(module: &'static ThisModule) -> Result<Self> {
        let namespaces = net::Registration::new()?;
        let family = net::heddle::Registration::new(&control::HANDLERS)?;
        let events = event::Registration::new::<control::event::Ear>()?;
        // Last, since from here on a connection may hold the module.
        let schedulers = sched::register(module)?;
        let paths = pm::Registration::new(module)?;
        let parking = park::Registration::new()?;
        let migration = reuseport::Registration::new::<migrate::Migrate>()
            .inspect_err(|err| pr_err!("cannot decide about migration: {:?}\n", err))?;
        pr_info!("loaded\n");

        Ok(Self {
            _parking: parking,
            _migration: migration,
            _paths: paths,
            _schedulers: schedulers,
            _events: events,
            _family: family,
            _namespaces: namespaces,
        })
    }
}

impl Drop for Heddle {
    fn drop(&mut self) {
        pr_info!("unloaded\n");
    }
}
