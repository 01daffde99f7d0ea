// SPDX-License-Identifier: GPL-2.0

//! Joins the knobs of `heddle_core` to `net.heddle.*` of sysctl.

use crate::{namespace::Namespace, sched};
use core::ffi::CStr;
use heddle_core::knob::{Id, PerKnob, Refused, COUNT, TEXT};
use heddle_kernel::net::{
    sysctl::{Knob, Knobs, VALUE_SIZE},
    Attachments, Net,
};
use kernel::{
    fmt::{self, Write},
    prelude::*,
    str::CString,
    sync::{
        atomic::{ordering::Relaxed, Atomic},
        Arc,
    },
};

/// The values of a namespace's knobs.
pub(crate) struct Values(PerKnob<Atomic<u64>>);

impl Values {
    /// Those of a new namespace.
    pub(crate) fn new() -> Self {
        Self(PerKnob::from_fn(|id| Atomic::new(default(id))))
    }

    pub(crate) fn get(&self, id: Id) -> u64 {
        self.0.get(id).load(Relaxed)
    }

    pub(crate) fn set(&self, id: Id, value: u64) {
        self.0.get(id).store(value, Relaxed);
    }
}

/// The value in a new namespace.
pub(crate) fn default(id: Id) -> u64 {
    // The list is tested: all defaults are values.
    id.knob().default_value(scheduler_number).unwrap_or(0)
}

/// The value that a text stands for.
pub(crate) fn parse(id: Id, text: &[u8]) -> Result<u64, Refused> {
    id.knob().parse(text, scheduler_number)
}

/// The text of a value, with a NUL.
pub(crate) fn format(id: Id, value: u64, to: &mut [u8; VALUE_SIZE]) -> usize {
    let mut made = [0; TEXT];
    let text = id.knob().format(value, scheduler_name, &mut made);
    let mut length = 0;
    if let Some(text) = text {
        for (to, from) in to.iter_mut().zip(text).take(VALUE_SIZE - 1) {
            *to = *from;
            length += 1;
        }
    }
    if let Some(end) = to.get_mut(length) {
        *end = 0;
    }
    length
}

fn scheduler_number(name: &[u8]) -> Option<u64> {
    sched::number(name).map(u64::from)
}

fn scheduler_name(number: u64) -> Option<&'static CStr> {
    sched::name(u8::try_from(number).ok()?)
}

/// Adds the folders of `net.heddle` to a namespace, with a file for each knob: the part of its
/// name behind the last dot. What is before that is the folder.
pub(crate) fn attach(namespace: &Arc<Namespace>, to: &mut Attachments<'_>) -> Result {
    let all = || Id::ALL.into_iter().zip(0..usize::MAX);
    for (id, index) in all() {
        let (folder, _) = split(id);
        // Each folder once, with all that is in it.
        if all().any(|(other, place)| place < index && split(other).0 == folder) {
            continue;
        }
        let mut files = KVec::with_capacity(COUNT, GFP_KERNEL)?;
        for (id, index) in all() {
            if let (its, Some(name)) = split(id) {
                if its == folder {
                    let file = Knob { name, index };
                    files.push_within_capacity(file).map_err(|_| ENOMEM)?;
                }
            }
        }
        let separator = if folder.is_empty() { "" } else { "/" };
        let folder = Folder(folder);
        let folder = CString::try_from_fmt(fmt!("net/heddle{separator}{folder}"))?;
        to.sysctl(&folder, &files, namespace)?;
    }
    Ok(())
}

/// The folder of a knob, as sysctl has it.
struct Folder(&'static str);

impl fmt::Display for Folder {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            let byte = if byte == b'.' { b'/' } else { byte };
            to.write_char(byte.into())?;
        }
        Ok(())
    }
}

/// The folder of a knob, and its name in there.
fn split(id: Id) -> (&'static str, Option<&'static CStr>) {
    let name = id.knob().name.to_bytes_with_nul();
    let dots = || (0..usize::MAX).zip(name).filter(|&(_, &byte)| byte == b'.');
    let (folder, file) = match dots().last() {
        Some((dot, _)) => (name.get(..dot), name.get(dot.saturating_add(1)..)),
        None => (None, Some(name)),
    };
    (
        folder
            .and_then(|folder| core::str::from_utf8(folder).ok())
            .unwrap_or(""),
        file.and_then(|file| CStr::from_bytes_until_nul(file).ok()),
    )
}

impl Knobs for Namespace {
    fn read(&self, index: usize, value: &mut [u8; VALUE_SIZE]) -> usize {
        match Id::ALL.get(index) {
            Some(&id) => format(id, self.knob(id), value),
            None => 0,
        }
    }

    fn write(&self, net: &Net, index: usize, value: &[u8]) -> Result {
        let id = *Id::ALL.get(index).ok_or(EINVAL)?;
        let value = parse(id, value).map_err(|_| EINVAL)?;
        let change = self.change();
        change.set_knob(id, value);
        change.done(net);
        Ok(())
    }
}
