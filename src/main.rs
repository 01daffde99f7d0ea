// SPDX-License-Identifier: GPL-2.0

//! Heddle: a kernel module that decides which way network traffic goes.
//!
//! Its parts: `heddle_core` decides and knows no kernel, `heddle_kernel` makes the kernel safe to
//! use, and this crate joins the two. See `Documentation/architecture.md`.

#![forbid(unsafe_code)]

mod sched;

use heddle_kernel::mptcp::sched::Registration;
use kernel::{
    debugfs::{Dir, File},
    prelude::*,
};

module! {
    type: Heddle,
    name: "heddle",
    authors: ["The Heddle developers"],
    description: "MPTCP packet schedulers",
    license: "GPL",
}

/// What is there while the module is loaded, in the order in which it is taken down.
struct Heddle {
    _schedulers: KVec<Registration>,
    _report: Pin<KBox<File<sched::Report>>>,
    _debugfs: Dir,
}

impl kernel::Module for Heddle {
    fn init(module: &'static ThisModule) -> Result<Self> {
        let debugfs = Dir::new(c"heddle");
        let report = KBox::pin_init(
            debugfs.read_only_file(c"schedulers", sched::Report),
            GFP_KERNEL,
        )?;
        // Last, since from here on a connection may hold the module.
        let schedulers = sched::register(module)?;
        pr_info!("loaded\n");

        Ok(Self {
            _schedulers: schedulers,
            _report: report,
            _debugfs: debugfs,
        })
    }
}

impl Drop for Heddle {
    fn drop(&mut self) {
        pr_info!("unloaded\n");
    }
}
