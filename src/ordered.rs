// SPDX-License-Identifier: GPL-2.0

//! Lists that a network namespace has, sorted by priority: its rules, its paths, and its
//! migrations.

use core::ffi::CStr;
use heddle_core::knob;
use kernel::{
    prelude::*,
    sync::{
        atomic::{ordering::Relaxed, Atomic},
        Arc,
    },
};

/// What such a list is made of.
pub(crate) trait Item: Copy + Send + Sync + 'static {
    /// How many there may be.
    const MAX: knob::Id;
    /// Whether one that takes the place of another goes on with what that has counted.
    const INHERITS: bool;

    /// Its place, and its name.
    fn priority(&self) -> u32;

    /// What it has counted at least when it is put in place.
    fn begin(&self) -> u64 {
        0
    }

    /// Why one is refused.
    fn reason(why: &Refused) -> &'static CStr;
}

/// Items, sorted by priority. They are not changed: others are put in their place.
pub(crate) struct Ordered<T> {
    entries: KVVec<Entry<T>>,
}

/// An item with what it has counted. That is not part of the list: it goes on while another list
/// is put in place.
pub(crate) struct Entry<T> {
    pub(crate) item: T,
    count: Arc<Atomic<u64>>,
    /// What it has counted at least, until that is put in place.
    begin: Atomic<u64>,
}

impl<T> Entry<T> {
    /// What it has counted.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// Counts more, and returns what it has counted with that. Any context.
    pub(crate) fn add(&self, more: u64) -> u64 {
        self.count.fetch_add(more, Relaxed).wrapping_add(more)
    }

    /// Begins at 0 again.
    pub(crate) fn reset(&self) {
        self.count.store(0, Relaxed);
    }
}

impl<T: Copy> Entry<T> {
    fn new(item: T) -> Result<Self, Refused> {
        let count = Arc::new(Atomic::new(0), GFP_KERNEL).map_err(|_| Refused::Memory)?;
        let begin = Atomic::new(0);
        Ok(Self { item, count, begin })
    }

    /// Another item that counts where this one does.
    fn with(&self, item: T) -> Self {
        Self {
            item,
            count: Arc::clone(&self.count),
            begin: Atomic::new(0),
        }
    }
}

impl<T> AsRef<T> for Entry<T> {
    fn as_ref(&self) -> &T {
        &self.item
    }
}

/// Why an item cannot be added.
pub(crate) enum Refused {
    /// There is one of this priority.
    Exists,
    /// There is none of this priority.
    Missing,
    /// They do not come by ascending priority.
    Order,
    /// There is no priority left behind the last one.
    NoPriority,
    /// There are as many as there may be.
    TooMany,
    /// There is no memory.
    Memory,
}

impl Refused {
    pub(crate) fn error(&self) -> Error {
        match self {
            Self::Exists => EEXIST,
            Self::Missing => ENOENT,
            Self::Order => EINVAL,
            Self::NoPriority => ERANGE,
            Self::TooMany => ENOSPC,
            Self::Memory => ENOMEM,
        }
    }
}

/// The highest priority.
const LAST: u32 = i32::MAX as u32;
/// Between items that are added without a priority.
const STEP: u32 = 10;

impl<T: Item> Ordered<T> {
    /// One without items.
    pub(crate) fn none() -> Result<Arc<Self>> {
        let entries = KVVec::new();
        Ok(Arc::new(Self { entries }, GFP_KERNEL)?)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn iter(&self) -> core::slice::Iter<'_, Entry<T>> {
        self.entries.iter()
    }

    /// The entry of a priority.
    pub(crate) fn get(&self, priority: u32) -> Option<&Entry<T>> {
        // Not by bisection, which counts in a way that could overflow: there are few.
        self.entries
            .iter()
            .find(|entry| entry.item.priority() == priority)
    }

    /// The priority of an item that goes behind the others.
    pub(crate) fn next_priority(&self) -> Result<u32, Refused> {
        let last = self.entries.last().map_or(0, |last| last.item.priority());
        last.checked_add(STEP)
            .filter(|&it| it <= LAST)
            .ok_or(Refused::NoPriority)
    }

    /// Makes a list of as many entries at most, which come by ascending priority.
    fn make(
        number: usize,
        entries: impl Iterator<Item = Result<Entry<T>, Refused>>,
    ) -> Result<Arc<Self>, Refused> {
        let mut made = KVVec::with_capacity(number, GFP_KERNEL).map_err(|_| Refused::Memory)?;
        for entry in entries {
            made.push_within_capacity(entry?)
                .map_err(|_| Refused::Memory)?;
        }
        Arc::new(Self { entries: made }, GFP_KERNEL).map_err(|_| Refused::Memory)
    }

    /// The entries whose priority is in a range.
    fn range<'a>(
        &'a self,
        is_in: impl Fn(u32) -> bool + 'a,
    ) -> impl Iterator<Item = Result<Entry<T>, Refused>> + 'a {
        self.entries
            .iter()
            .filter(move |entry| is_in(entry.item.priority()))
            .map(|entry| Ok(entry.with(entry.item)))
    }

    /// An entry for an item in the list that comes after this one.
    fn entry(&self, item: T) -> Result<Entry<T>, Refused> {
        let before = T::INHERITS.then(|| self.get(item.priority())).flatten();
        let entry = before.map_or_else(|| Entry::new(item), |before| Ok(before.with(item)))?;
        entry.begin.store(item.begin(), Relaxed);
        Ok(entry)
    }

    /// This has taken the place of others: those that are new have counted what they begin with.
    /// More than that stays, so that nothing is forgotten by saying the same twice.
    pub(crate) fn begin(&self) {
        for entry in &self.entries {
            let begin = entry.begin.xchg(0, Relaxed);
            let mut count = entry.count();
            while count < begin {
                match entry.count.cmpxchg(count, begin, Relaxed) {
                    Ok(_) => break,
                    Err(now) => count = now,
                }
            }
        }
    }

    /// These with another one, which takes the place of the one of its priority if it may
    /// `replace` it.
    pub(crate) fn with(&self, item: T, replace: bool, max: u64) -> Result<Arc<Self>, Refused> {
        let priority = item.priority();
        if self.get(priority).is_some() {
            if !replace {
                return Err(Refused::Exists);
            }
        } else if self.entries.len() as u64 >= max {
            return Err(Refused::TooMany);
        }
        let before = self.range(move |it| it < priority);
        let behind = self.range(move |it| it > priority);
        let entries = Iterator::chain(Iterator::chain(before, Some(self.entry(item))), behind);
        Self::make(self.entries.len().saturating_add(1), entries)
    }

    /// These without the one of a priority.
    pub(crate) fn without(&self, priority: u32) -> Result<Arc<Self>, Refused> {
        if self.get(priority).is_none() {
            return Err(Refused::Missing);
        }
        let others = self.range(move |it| it != priority);
        Self::make(self.entries.len(), others)
    }

    /// Those of a list by ascending priority, in the place of these.
    pub(crate) fn replaced(&self, items: &[T], max: u64) -> Result<Arc<Self>, Refused> {
        if items.len() as u64 > max {
            return Err(Refused::TooMany);
        }
        let mut pairs = items.iter().zip(items.iter().skip(1));
        if pairs.any(|(one, next)| one.priority() >= next.priority()) {
            return Err(Refused::Order);
        }
        Self::make(items.len(), items.iter().map(|&item| self.entry(item)))
    }
}
