// SPDX-License-Identifier: GPL-2.0

//! The paths of a network namespace: what is known of a subflow when they are looked up, and the
//! bytes that are charged to them.
//!
//! All of it is for any context, and neither sleeps nor allocates.

use crate::{
    namespace::Namespace,
    ordered::{Item, Ordered, Refused},
};
use core::ffi::CStr;
use heddle_core::{
    address::Address,
    decide::{
        path::{self, Facts, Interface, Path, Settings},
        pm::settings as managed,
    },
    knob,
};
use heddle_kernel::mptcp::Subflow;

/// Paths, each with the bytes that were charged to it.
pub(crate) type Paths = Ordered<Path>;

impl Item for Path {
    const MAX: knob::Id = knob::PATHS_MAX;
    // What is used up is used up, whatever the path is called to do from now on.
    const INHERITS: bool = true;

    fn priority(&self) -> u32 {
        self.priority
    }

    fn begin(&self) -> u64 {
        self.used
    }

    fn reason(why: &Refused) -> &'static CStr {
        match why {
            Refused::Exists => c"there is a path of this priority: replace takes its place",
            Refused::Missing => c"there is no path of this priority",
            Refused::Order => c"the paths do not come by ascending priority, each once",
            Refused::NoPriority => c"there is no priority left behind the last path: give one",
            Refused::TooMany => c"there are as many paths as net.heddle.paths_max allows",
            Refused::Memory => c"no memory for the paths",
        }
    }
}

/// What the paths of a namespace say of a subflow: the settings of the first that holds for it,
/// else the defaults.
///
/// That may be kept until [`Namespace::generation`] is another one. It does not follow a route
/// that changes meanwhile.
pub(crate) fn settings(namespace: &Namespace, subflow: &Subflow<'_>) -> Settings {
    namespace.paths(|paths| {
        // Most namespaces have none.
        if paths.len() == 0 {
            return Settings::default();
        }
        facts(subflow)
            .and_then(|facts| path::first(paths.iter(), &facts))
            .map_or_else(Settings::default, |entry| entry.item.settings())
    })
}

fn facts(subflow: &Subflow<'_>) -> Option<Facts> {
    let ends = subflow.endpoints();
    Some(Facts {
        interface: subflow
            .interface()
            .and_then(|interface| Interface::new(knob::bytes(interface.text())).ok()),
        local: Address::from_bytes(ends.local())?,
        remote: Address::from_bytes(ends.remote())?,
    })
}

/// Charges bytes to the path of a priority, and returns all that were charged to it; 0 if there is
/// no such path any more.
pub(crate) fn charge(namespace: &Namespace, priority: u32, bytes: u64) -> u64 {
    namespace.paths(|paths| paths.get(priority).map_or(0, |path| path.add(bytes)))
}

/// The bytes that were charged to the path of a priority; 0 if there is no such path any more.
pub(crate) fn used(namespace: &Namespace, priority: u32) -> u64 {
    namespace.paths(|paths| paths.get(priority).map_or(0, |path| path.count()))
}

/// What may still be carried by the path of something that has no subflow yet, or is no subflow of
/// whom the caller has hold; [`None`] if there is no limit. With the priority of the path.
pub(crate) fn allowance(namespace: &Namespace, facts: &Facts) -> Option<(u32, u64)> {
    namespace.paths(|paths| {
        let entry = path::first(paths.iter(), facts)?;
        let Path { priority, cap, .. } = entry.item;
        (cap != path::NO_CAP).then(|| (priority, cap.saturating_sub(entry.count())))
    })
}

/// What is said to the path manager of the same, if anything is.
pub(crate) fn managed(namespace: &Namespace, facts: &Facts) -> Option<managed::Settings> {
    namespace.paths(|paths| {
        let managed = path::first(paths.iter(), facts)?.item.managed;
        (!managed.is_empty()).then_some(managed)
    })
}

/// Lets all paths carry their cap anew.
pub(crate) fn reset(namespace: &Namespace) {
    namespace.paths(|paths| paths.iter().for_each(|path| path.reset()));
}
